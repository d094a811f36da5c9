/* SPDX-License-Identifier: MIT */
/*
 * The notes of an ELF core file: what the process and each of its threads were when it died. The
 * layout is that of the System V ABI's <sys/procfs.h>, with the notes that core(5) and gdb know.
 * Current, with the other threads standing still in coredump_task_exit(); may sleep.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/cputime.h>
#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/mm.h>
#include <jiffy/pid.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/elf.h>

#include "coredump.h"

#define ELF_NGREG     27    /* struct user_regs_struct of x86-64, in words */
#define FPREGS_SIZE   512   /* what NT_PRFPREG holds: the FXSAVE image */
#define XSTATE_MAX    16384 /* no processor's XSAVE image is larger */
#define FILE_NOTE_MAX (4UL << 20)

struct elf_prstatus {
	struct {
		int si_signo, si_code, si_errno;
	} pr_info;
	short pr_cursig;
	u64 pr_sigpend, pr_sighold;
	pid_t pr_pid, pr_ppid, pr_pgrp, pr_sid;
	struct __kernel_timeval pr_utime, pr_stime, pr_cutime, pr_cstime;
	u64 pr_reg[ELF_NGREG];
	int pr_fpvalid;
};

struct elf_prpsinfo {
	char pr_state, pr_sname, pr_zomb, pr_nice;
	u64 pr_flag;
	u32 pr_uid, pr_gid;
	pid_t pr_pid, pr_ppid, pr_pgrp, pr_sid;
	char pr_fname[16];
	char pr_psargs[80];
};

_Static_assert(sizeof(struct elf_prstatus) == 336, "prstatus of x86-64");
_Static_assert(sizeof(struct elf_prpsinfo) == 136, "prpsinfo of x86-64");

/* n zeroed bytes at the end of the buffer, NULL (and b->failed) without memory. */
static char *note_reserve(struct note_buf *b, size_t n)
{
	size_t room = max(b->room, (size_t)8192);
	char *data;

	if (b->failed)
		return NULL;
	while (b->len + n > room)
		room *= 2;
	if (room > b->room) {
		data = kvmalloc(room, GFP_KERNEL);
		if (!data) {
			b->failed = true;
			return NULL;
		}
		if (b->len)
			memcpy(data, b->data, b->len);
		kvfree(b->data);
		b->data = data;
		b->room = room;
	}
	b->len += n;
	return memset(b->data + b->len - n, 0, n);
}

/* One note: header, name and contents, each padded to 4. */
static void add_note(struct note_buf *b, const char *name, u32 type, const void *desc, size_t size)
{
	size_t namesz = strlen(name) + 1, at = sizeof(Elf64_Nhdr) + ALIGN(namesz, 4);
	char *p = note_reserve(b, at + ALIGN(size, 4));

	if (!p)
		return;
	*(Elf64_Nhdr *)p = (Elf64_Nhdr){namesz, size, type};
	memcpy(p + sizeof(Elf64_Nhdr), name, namesz);
	memcpy(p + at, desc, size);
}

static struct __kernel_timeval ns_to_tv(u64 ns)
{
	return (struct __kernel_timeval){ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC};
}

static void add_prstatus(struct note_buf *b, struct task_struct *t, int signr, bool fpvalid)
{
	struct elf_prstatus st;
	u64 utime, stime;

	memset(&st, 0, sizeof(st));
	st.pr_info.si_signo = st.pr_cursig = signr;
	st.pr_sigpend = t->pending.signal;
	st.pr_sighold = t->blocked;
	rcu_read_lock();
	st.pr_ppid = task_pid_vnr(rcu_dereference(t->real_parent));
	rcu_read_unlock();
	st.pr_pid = task_pid_vnr(t);
	st.pr_pgrp = task_pgrp_vnr(t);
	st.pr_sid = task_session_vnr(t);
	/* The leader's note has the whole process's times. */
	if (thread_group_leader(t))
		thread_group_cputime_adjusted(t, &utime, &stime);
	else
		task_cputime_adjusted(t, &utime, &stime);
	st.pr_utime = ns_to_tv(utime);
	st.pr_stime = ns_to_tv(stime);
	st.pr_cutime = ns_to_tv(t->signal->cutime);
	st.pr_cstime = ns_to_tv(t->signal->cstime);
	arch_core_regs(t, st.pr_reg, sizeof(st.pr_reg));
	st.pr_fpvalid = fpvalid;
	add_note(b, "CORE", NT_PRSTATUS, &st, sizeof(st));
}

static void add_fpregs(struct note_buf *b, const void *image, size_t n)
{
	if (!n)
		return;
	add_note(b, "CORE", NT_PRFPREG, image, min(n, (size_t)FPREGS_SIZE));
	if (n > FPREGS_SIZE)
		add_note(b, "LINUX", NT_X86_XSTATE, image, n);
}

static void add_psinfo(struct note_buf *b)
{
	struct mm_struct *mm = current->mm;
	struct elf_prpsinfo ps;
	size_t len, i;

	memset(&ps, 0, sizeof(ps));
	len = min(mm->arg_end - mm->arg_start, sizeof(ps.pr_psargs) - 1);
	if (copy_from_user(ps.pr_psargs, (void __user *)mm->arg_start, len))
		memset(ps.pr_psargs, 0, sizeof(ps.pr_psargs));
	for (i = 0; i < len; i++)
		if (!ps.pr_psargs[i])
			ps.pr_psargs[i] = ' ';
	ps.pr_sname = 'R';
	ps.pr_nice = task_nice(current);
	ps.pr_flag = current->flags;
	/* The real credentials: the dump itself may act with others. */
	rcu_read_lock();
	ps.pr_uid = from_kuid_munged(current_user_ns(), __task_cred(current)->uid);
	ps.pr_gid = from_kgid_munged(current_user_ns(), __task_cred(current)->gid);
	ps.pr_ppid = task_pid_vnr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	ps.pr_pid = task_pid_vnr(current);
	ps.pr_pgrp = task_pgrp_vnr(current);
	ps.pr_sid = task_session_vnr(current);
	get_task_comm(ps.pr_fname, current);
	add_note(b, "CORE", NT_PRPSINFO, &ps, sizeof(ps));
}

static void add_siginfo(struct note_buf *b, const struct kernel_siginfo *info)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	memcpy(&si, info, sizeof(*info));
	add_note(b, "CORE", NT_SIGINFO, &si, sizeof(si));
}

static void add_auxv(struct note_buf *b)
{
	const unsigned long *auxv = current->mm->saved_auxv;
	int n = 0;

	while (n < AT_VECTOR_SIZE - 2 && auxv[n] != AT_NULL)
		n += 2;
	add_note(b, "CORE", NT_AUXV, auxv, (n + 2) * sizeof(*auxv));
}

/*
 * NT_FILE: how many, the unit of offsets, then start, end and offset of each mapped file, then
 * their names, each with its NUL. One too large for any reader is left out.
 */
static void add_files(struct note_buf *b, const struct coredump_params *cprm)
{
	const struct core_vma *v, *last = cprm->vma + cprm->vma_count;
	char *room = kmalloc(PATH_MAX, GFP_KERNEL), *name, *to;
	struct note_buf desc = {NULL};
	u64 count = 0, *word;

	for (v = cprm->vma; v < last; v++)
		count += v->file != NULL;
	word = (u64 *)note_reserve(&desc, (2 + 3 * count) * sizeof(u64));
	if (!room || !word || !count)
		goto out;
	*word++ = count;
	*word++ = PAGE_SIZE;
	for (v = cprm->vma; v < last; v++) {
		if (!v->file)
			continue;
		*word++ = v->start;
		*word++ = v->end;
		*word++ = v->pgoff;
	}
	for (v = cprm->vma; v < last; v++) {
		if (!v->file)
			continue;
		name = d_path(&v->file->f_path, room, PATH_MAX);
		if (IS_ERR(name))
			name = "";
		to = note_reserve(&desc, strlen(name) + 1);
		if (!to)
			goto out;
		strcpy(to, name);
	}
	if (desc.len <= FILE_NOTE_MAX)
		add_note(b, "CORE", NT_FILE, desc.data, desc.len);
out:
	kvfree(desc.data);
	kfree(room);
}

/* Debuggers take the first thread for the one that died, and process notes to follow it. */
void gather_notes(struct note_buf *b, const struct coredump_params *cprm)
{
	int signr = cprm->siginfo->si_signo;
	void *image = kvmalloc(XSTATE_MAX, GFP_KERNEL);
	struct core_thread *ct;
	size_t n;

	if (!image) {
		b->failed = true;
		return;
	}
	n = arch_core_fpregs(current, image, XSTATE_MAX);
	add_prstatus(b, current, signr, n != 0);
	add_psinfo(b);
	add_siginfo(b, cprm->siginfo);
	add_auxv(b);
	add_files(b, cprm);
	add_fpregs(b, image, n);
	for (ct = current->signal->core_state->dumper.next; ct; ct = ct->next) {
		n = arch_core_fpregs(ct->task, image, XSTATE_MAX);
		add_prstatus(b, ct->task, signr, n != 0);
		add_fpregs(b, image, n);
	}
	kvfree(image);
}
