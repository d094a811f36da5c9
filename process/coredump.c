/* SPDX-License-Identifier: MIT */
/*
 * Core dumps: stopping all threads, naming and opening the file, letting the binary format write
 * it. core(5). Current, dying of a signal; interrupts on, no locks.
 *
 * Every thread of the process is killed but waits, in coredump_task_exit(), with its registers
 * and memory as they were, until the dump is done.
 */
#include <jiffy/binfmts.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/nsproxy.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>

#include "coredump.h"
#include "internal.h"

#define CORENAME_MAX 128
static char core_pattern[CORENAME_MAX] = "core";
static int core_uses_pid;

/* Kills the other threads and counts those that have an mm to wait with. siglock. */
static int zap_process(struct task_struct *start, int exit_code)
{
	struct task_struct *t;
	int nr = 0;

	start->signal->flags = SIGNAL_GROUP_EXIT;
	start->signal->group_exit_code = exit_code;
	start->signal->group_stop_count = 0;
	for_each_thread (start, t) {
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		if (t == current || (t->flags & PF_POSTCOREDUMP))
			continue;
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
		nr++;
	}
	return nr;
}

/* 0 when all others stand still, or -EAGAIN when the process is ending anyway, -EINTR: killed. */
static int coredump_wait(int exit_code, struct core_state *core)
{
	struct signal_struct *sig = current->signal;
	struct core_thread *p;
	int others, ret = -EAGAIN;

	init_waitqueue_head(&core->startup);
	core->dumper.task = current;
	core->dumper.next = NULL;
	spin_lock_irq(&current->sighand->siglock);
	if (!(sig->flags & SIGNAL_GROUP_EXIT) && !sig->group_exec_task) {
		sig->core_state = core;
		others = zap_process(current, exit_code);
		atomic_set(&core->nr_threads, others);
		ret = 0;
		clear_thread_flag(TIF_SIGPENDING);
	}
	spin_unlock_irq(&current->sighand->siglock);
	if (ret)
		return ret;
	wait_event(core->startup, !atomic_read(&core->nr_threads));
	/* Registers of the others are in memory once they are off their CPUs. */
	for (p = core->dumper.next; p; p = p->next)
		if (p->task)
			wait_task_inactive(p->task, 0);
	return 0;
}

static void coredump_finish(struct core_state *core, bool dumped)
{
	struct core_thread *cur, *next;
	struct task_struct *t;

	spin_lock_irq(&current->sighand->siglock);
	if (dumped)
		current->signal->group_exit_code |= 0x80;
	next = core->dumper.next;
	current->signal->core_state = NULL;
	spin_unlock_irq(&current->sighand->siglock);
	while ((cur = next)) {
		next = cur->next;
		t = cur->task;
		/* cur is on t's stack, which goes on as soon as it sees NULL. */
		get_task_struct(t);
		smp_store_release(&cur->task, NULL);
		wake_up_process(t);
		put_task_struct(t);
	}
}

bool dump_emit(struct coredump_params *cprm, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n;

		if (cprm->written + (loff_t)len > (loff_t)cprm->limit ||
		    fatal_signal_pending(current))
			return false;
		n = kernel_write(cprm->file, p, len, &cprm->pos);
		if (n <= 0)
			return false;
		cprm->written += n;
		p += n;
		len -= n;
	}
	return true;
}

/* A hole where the file can have one: the size is set at the end. */
bool dump_skip(struct coredump_params *cprm, size_t len)
{
	static const char zeros[512];

	if (cprm->written + (loff_t)len > (loff_t)cprm->limit)
		return false;
	if (cprm->file->f_mode & FMODE_LSEEK) {
		cprm->pos += len;
		cprm->written += len;
		return true;
	}
	for (; len; len -= min(len, sizeof(zeros)))
		if (!dump_emit(cprm, zeros, min(len, sizeof(zeros))))
			return false;
	return true;
}

bool dump_align(struct coredump_params *cprm, size_t align)
{
	size_t over = cprm->pos & (align - 1);

	return !over || dump_skip(cprm, align - over);
}

/* A slash in a name that a program chose must not make a path. */
static void add_name(char *buf, size_t size, const char *name)
{
	size_t len = strlen(buf);

	for (; *name && len + 1 < size; name++)
		buf[len++] = *name == '/' ? '!' : *name;
	buf[len] = '\0';
}

static void add_number(char *buf, size_t size, long value)
{
	size_t len = strlen(buf);

	scnprintf(buf + len, size - len, "%ld", value);
}

static void expand_specifier(char *buf, size_t size, char c, int signr, bool *pid_used)
{
	char comm[TASK_COMM_LEN];

	switch (c) {
	case '%':
		add_name(buf, size, "%");
		break;
	case 'p':
		*pid_used = true;
		add_number(buf, size, task_tgid_vnr(current));
		break;
	case 'P':
		add_number(buf, size, task_tgid_nr(current));
		break;
	case 'i':
		add_number(buf, size, task_pid_vnr(current));
		break;
	case 'I':
		add_number(buf, size, task_pid_nr(current));
		break;
	case 'u':
		add_number(buf, size, from_kuid(&init_user_ns, current_uid()));
		break;
	case 'g':
		add_number(buf, size, from_kgid(&init_user_ns, current_gid()));
		break;
	case 'd':
		add_number(buf, size, get_dumpable(current->mm));
		break;
	case 's':
		add_number(buf, size, signr);
		break;
	case 't':
		add_number(buf, size, ktime_get_real_seconds());
		break;
	case 'c':
		add_number(buf, size, rlimit(RLIMIT_CORE));
		break;
	case 'h':
		down_read(&uts_sem);
		add_name(buf, size, utsname()->nodename);
		up_read(&uts_sem);
		break;
	case 'e':
	case 'f':
		add_name(buf, size, get_task_comm(comm, current));
		break;
	}
}

/* core(5), "Naming of core dump files". False: the name does not fit. */
static bool format_corename(char *buf, size_t size, int signr)
{
	const char *pat = core_pattern;
	bool pid_used = false;

	buf[0] = '\0';
	for (; *pat; pat++) {
		size_t len = strlen(buf);

		if (len + 1 >= size)
			return false;
		if (*pat == '%' && pat[1]) {
			expand_specifier(buf, size, *++pat, signr, &pid_used);
		} else if (*pat != '%') {
			buf[len] = *pat;
			buf[len + 1] = '\0';
		}
	}
	if (!pid_used && core_uses_pid) {
		size_t len = strlen(buf);

		scnprintf(buf + len, size - len, ".%d", task_tgid_vnr(current));
	}
	return buf[0] != '\0';
}

/* A new regular file, ours alone; an old core is replaced, a link is not followed. */
static struct file *open_corefile(const char *name, bool private)
{
	struct file *file;

	/* A program that changed its user must not write where its caller chose. */
	if (private && name[0] != '/')
		return ERR_PTR(-EPERM);
	if (private)
		do_unlink_kern(name);
	file = filp_open(name, O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE | (private ? O_EXCL : 0),
			 0600);
	if (IS_ERR(file))
		return file;
	if (S_ISREG(file_inode(file)->i_mode) && file_inode(file)->i_nlink == 1 &&
	    uid_eq(file_inode(file)->i_uid, current_fsuid()) &&
	    !do_truncate(file->f_path.dentry, 0, 0, file))
		return file;
	filp_close(file, NULL);
	return ERR_PTR(-EPERM);
}

/* All threads stand still: writes the file. True: there is one. */
static bool write_core(const struct kernel_siginfo *info)
{
	struct linux_binfmt *fmt = current->mm->binfmt;
	struct coredump_params cprm = {
	    .siginfo = info,
	    .limit = rlimit(RLIMIT_CORE),
	    .mm_flags = READ_ONCE(current->mm->flags),
	};
	bool private = get_dumpable(current->mm) == SUID_DUMP_ROOT, dumped = false;
	char *name;

	if (!fmt || !fmt->core_dump || cprm.limit < fmt->min_coredump)
		return false;
	name = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!name)
		return false;
	if (format_corename(name, PATH_MAX, info->si_signo) && name[0] != '|') {
		cprm.file = open_corefile(name, private);
		if (!IS_ERR(cprm.file)) {
			dumped = fmt->core_dump(&cprm);
			do_truncate(cprm.file->f_path.dentry, cprm.pos, 0, cprm.file);
			filp_close(cprm.file, NULL);
		}
	}
	kfree(name);
	return dumped;
}

void do_coredump(const struct kernel_siginfo *info)
{
	struct core_state core;
	const struct cred *old;
	struct cred *cred;
	bool dumped;

	if (!current->mm || !get_dumpable(current->mm) || rlimit(RLIMIT_CORE) == 0)
		return;
	cred = prepare_creds();
	if (!cred)
		return;
	if (get_dumpable(current->mm) == SUID_DUMP_ROOT)
		cred->fsuid = GLOBAL_ROOT_UID;
	if (!coredump_wait(info->si_signo, &core)) {
		old = override_creds(cred);
		current->flags |= PF_DUMPCORE;
		dumped = write_core(info);
		coredump_finish(&core, dumped);
		revert_creds(old);
	}
	put_cred(cred);
}

static const struct ctl_table core_table[] = {
    {.procname = "core_pattern",
     .data = core_pattern,
     .maxlen = CORENAME_MAX,
     .mode = 0644,
     .proc_handler = proc_dostring},
    {.procname = "core_uses_pid",
     .data = &core_uses_pid,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {NULL},
};

static int __init coredump_sysctl_init(void)
{
	return register_sysctl("kernel", core_table);
}
device_initcall(coredump_sysctl_init);
