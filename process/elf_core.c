/* SPDX-License-Identifier: MIT */
/*
 * ELF core files: one PT_NOTE with the state of process and threads, one PT_LOAD for each mapping.
 * core(5), elf(5); the layout of the notes is that of the System V ABI's <sys/procfs.h>.
 * Called by do_coredump() while all other threads stand still.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/binfmts.h>
#include <jiffy/cputime.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/mm.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/elf.h>

#include "coredump.h"
#include "internal.h"

#define ELF_NGREG  27 /* struct user_regs_struct of x86-64, in words */
#define FPREGS_MAX 512

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

/* All notes, laid out in one buffer that grows. */
struct note_buf {
	char *data;
	size_t len, room;
	bool failed;
};

static void *note_reserve(struct note_buf *b, size_t n)
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

/* One note named "CORE": header, name and contents, each padded to 4. */
static void add_note(struct note_buf *b, u32 type, const void *desc, size_t size)
{
	size_t total = sizeof(Elf64_Nhdr) + 8 + ALIGN(size, 4);
	char *p = note_reserve(b, total);

	if (!p)
		return;
	*(Elf64_Nhdr *)p = (Elf64_Nhdr){5, size, type};
	memcpy(p + sizeof(Elf64_Nhdr), "CORE", 5);
	memcpy(p + sizeof(Elf64_Nhdr) + 8, desc, size);
}

static struct __kernel_timeval ns_to_tv(u64 ns)
{
	return (struct __kernel_timeval){ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC};
}

static void add_thread(struct note_buf *b, struct task_struct *t, int signr)
{
	struct elf_prstatus st = {.pr_cursig = signr};
	u8 fp[FPREGS_MAX];
	u64 utime, stime;
	size_t n;

	st.pr_info.si_signo = signr;
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
	n = arch_core_fpregs(t, fp, sizeof(fp));
	st.pr_fpvalid = n != 0;
	add_note(b, NT_PRSTATUS, &st, sizeof(st));
	if (n)
		add_note(b, NT_PRFPREG, fp, min(n, sizeof(fp)));
}

static void add_psinfo(struct note_buf *b)
{
	struct elf_prpsinfo ps;
	struct mm_struct *mm = current->mm;
	size_t len = min(mm->arg_end - mm->arg_start, sizeof(ps.pr_psargs) - 1), i;

	memset(&ps, 0, sizeof(ps));
	if (copy_from_user(ps.pr_psargs, (void __user *)mm->arg_start, len))
		memset(ps.pr_psargs, 0, sizeof(ps.pr_psargs));
	for (i = 0; i < len; i++)
		if (!ps.pr_psargs[i])
			ps.pr_psargs[i] = ' ';
	ps.pr_sname = 'R';
	ps.pr_nice = task_nice(current);
	ps.pr_flag = current->flags;
	ps.pr_uid = from_kuid_munged(current_user_ns(), current_uid());
	ps.pr_gid = from_kgid_munged(current_user_ns(), current_gid());
	ps.pr_pid = task_tgid_vnr(current);
	ps.pr_ppid = task_ppid_nr_ns(current, task_active_pid_ns(current));
	ps.pr_pgrp = task_pgrp_vnr(current);
	ps.pr_sid = task_session_vnr(current);
	memcpy(ps.pr_fname, current->comm, sizeof(ps.pr_fname));
	add_note(b, NT_PRPSINFO, &ps, sizeof(ps));
}

static void add_auxv(struct note_buf *b)
{
	unsigned long *auxv = current->mm->saved_auxv;
	int n = 0;

	while (n < AT_VECTOR_SIZE - 2 && auxv[n] != AT_NULL)
		n += 2;
	add_note(b, NT_AUXV, auxv, (n + 2) * sizeof(*auxv));
}

/* NT_FILE: count, page size, then start, end, offset of each mapped file, then their names. */
static void add_files(struct note_buf *b)
{
	struct vm_area_struct *vma;
	struct note_buf names = {NULL};
	u64 *head, count = 0, i = 0;
	char *path = kmalloc(PATH_MAX, GFP_KERNEL), *name, *to;

	if (!path)
		return;
	for_each_vma (current->mm, vma)
		count += vma->vm_file != NULL;
	head = kvmalloc_array(2 + 3 * count, sizeof(u64), GFP_KERNEL);
	if (!head)
		goto out;
	head[0] = count;
	head[1] = 1; /* offsets below are in bytes */
	for_each_vma (current->mm, vma) {
		if (!vma->vm_file)
			continue;
		name = d_path(&vma->vm_file->f_path, path, PATH_MAX);
		if (IS_ERR(name))
			name = "?";
		to = note_reserve(&names, strlen(name) + 1);
		if (to)
			memcpy(to, name, strlen(name));
		head[2 + 3 * i] = vma->vm_start;
		head[3 + 3 * i] = vma->vm_end;
		head[4 + 3 * i] = (u64)vma->vm_pgoff << PAGE_SHIFT;
		i++;
	}
	if (count && !names.failed) {
		size_t hlen = (2 + 3 * count) * sizeof(u64);
		char *all = kvmalloc(hlen + names.len, GFP_KERNEL);

		if (all) {
			memcpy(all, head, hlen);
			memcpy(all + hlen, names.data, names.len);
			add_note(b, NT_FILE, all, hlen + names.len);
			kvfree(all);
		}
	}
	kvfree(head);
out:
	kvfree(names.data);
	kfree(path);
}

static void gather_notes(struct note_buf *b, const struct kernel_siginfo *info)
{
	struct core_thread *ct;
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	memcpy(&si, info, sizeof(*info));
	/* Debuggers take the first thread for the one that died of the signal. */
	add_thread(b, current, info->si_signo);
	add_psinfo(b);
	add_note(b, NT_SIGINFO, &si, sizeof(si));
	add_auxv(b);
	add_files(b);
	for (ct = current->signal->core_state->dumper.next; ct; ct = ct->next)
		if (ct->task)
			add_thread(b, ct->task, info->si_signo);
}

static bool filter_has(unsigned long mm_flags, int bit)
{
	return mm_flags & BIT(bit);
}

/* Private pages of a file mapping that were written are anonymous by now. */
static bool has_anonymous_pages(struct vm_area_struct *vma)
{
	struct mem_size_stats mss;

	if (!vma->vm_file)
		return true;
	memset(&mss, 0, sizeof(mss));
	smap_gather_stats(vma, &mss);
	return mss.anonymous != 0;
}

/* core(5), "Controlling which mappings are written": bytes of the VMA that go into the file. */
static unsigned long vma_dump_size(struct vm_area_struct *vma, unsigned long mm_flags)
{
	unsigned long size = vma->vm_end - vma->vm_start;

	if (vma_special_name(vma) && !strcmp(vma_special_name(vma), "[vdso]"))
		return size;
	if (vma->vm_flags & (VM_DONTDUMP | VM_IO))
		return 0;
	if (vma->vm_flags & VM_SHARED) {
		bool unlinked = vma->vm_file && file_inode(vma->vm_file)->i_nlink == 0;

		return filter_has(mm_flags,
				  unlinked ? MMF_DUMP_ANON_SHARED : MMF_DUMP_MAPPED_SHARED)
			   ? size
			   : 0;
	}
	if (filter_has(mm_flags, MMF_DUMP_ANON_PRIVATE) && has_anonymous_pages(vma))
		return size;
	if (!vma->vm_file)
		return 0;
	if (filter_has(mm_flags, MMF_DUMP_MAPPED_PRIVATE))
		return size;
	/* The first page of a program names it: enough for a debugger to find the file. */
	if (filter_has(mm_flags, MMF_DUMP_ELF_HEADERS) && !vma->vm_pgoff &&
	    (vma->vm_flags & VM_READ))
		return PAGE_SIZE;
	return 0;
}

static bool write_headers(struct coredump_params *cprm, const struct note_buf *notes, int segs,
			  loff_t *data_start)
{
	struct vm_area_struct *vma;
	Elf64_Ehdr eh = {
	    .e_type = ET_CORE,
	    .e_machine = EM_X86_64,
	    .e_version = EV_CURRENT,
	    .e_phoff = sizeof(Elf64_Ehdr),
	    .e_ehsize = sizeof(Elf64_Ehdr),
	    .e_phentsize = sizeof(Elf64_Phdr),
	    .e_phnum = min(segs + 1, PN_XNUM),
	};
	Elf64_Phdr ph = {.p_type = PT_NOTE, .p_filesz = notes->len, .p_align = 4};
	loff_t offset = sizeof(eh) + (loff_t)(segs + 1) * sizeof(ph);

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = EV_CURRENT;
	if (!dump_emit(cprm, &eh, sizeof(eh)))
		return false;
	ph.p_offset = offset;
	if (!dump_emit(cprm, &ph, sizeof(ph)))
		return false;
	offset = ALIGN(offset + (loff_t)notes->len, (loff_t)PAGE_SIZE);
	*data_start = offset;
	for_each_vma (current->mm, vma) {
		ph = (Elf64_Phdr){
		    .p_type = PT_LOAD,
		    .p_flags = (vma->vm_flags & VM_READ ? PF_R : 0) |
			       (vma->vm_flags & VM_WRITE ? PF_W : 0) |
			       (vma->vm_flags & VM_EXEC ? PF_X : 0),
		    .p_offset = offset,
		    .p_vaddr = vma->vm_start,
		    .p_filesz = vma_dump_size(vma, cprm->mm_flags),
		    .p_memsz = vma->vm_end - vma->vm_start,
		    .p_align = PAGE_SIZE,
		};
		offset += ph.p_filesz;
		if (!dump_emit(cprm, &ph, sizeof(ph)))
			return false;
	}
	return true;
}

/* Pages that were never touched become holes, which read as the zeros they would be. */
static bool write_vma(struct coredump_params *cprm, struct vm_area_struct *vma)
{
	unsigned long addr, end = vma->vm_start + vma_dump_size(vma, cprm->mm_flags);
	struct page *page;
	bool ok;

	for (addr = vma->vm_start; addr < end; addr += PAGE_SIZE) {
		page = NULL;
		if (get_user_pages_remote(current->mm, addr, 1, FOLL_FORCE, &page, NULL) == 1 &&
		    page && page != zero_page) {
			ok = dump_emit(cprm, page_address(page), PAGE_SIZE);
			put_page(page);
		} else {
			ok = dump_skip(cprm, PAGE_SIZE);
		}
		if (!ok)
			return false;
		cond_resched();
	}
	return true;
}

int elf_core_dump(struct coredump_params *cprm)
{
	struct mm_struct *mm = current->mm;
	struct note_buf notes = {NULL};
	struct vm_area_struct *vma;
	loff_t data_start;
	int segs = 0, ret = 0;

	/* Nobody else runs on this mm, so the VMAs stay; the lock keeps /proc's readers honest. */
	mmap_read_lock(mm);
	for_each_vma (mm, vma)
		segs++;
	gather_notes(&notes, cprm->siginfo);
	if (notes.failed)
		goto out;
	if (!write_headers(cprm, &notes, segs, &data_start) ||
	    !dump_emit(cprm, notes.data, notes.len) || !dump_align(cprm, PAGE_SIZE))
		goto out;
	ASSERT(cprm->pos == data_start);
	ret = 1;
	for_each_vma (mm, vma)
		if (!write_vma(cprm, vma))
			break;
out:
	mmap_read_unlock(mm);
	kvfree(notes.data);
	return ret;
}
