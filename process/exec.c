/* SPDX-License-Identifier: MIT */
/*
 * Running another program: execve(2), execveat(2), and the same from inside the kernel. The
 * formats are in binfmt_*.c; the stack is built in exec_args.c, credentials in exec_creds.c.
 * Task context.
 */
#include <arch/pgtable.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/fs_struct.h>
#include <jiffy/futex.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/mount.h>
#include <jiffy/mutation.h>
#include <jiffy/posix_timers.h>
#include <jiffy/ptrace.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <jiffy/sysctl.h>
#include <jiffy/trace_sched.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>

#include "exec.h"
#include "task.h"

int suid_dumpable; /* /proc/sys/fs/suid_dumpable */

static LIST_HEAD(formats); /* binfmt_lock */
static DEFINE_RWLOCK(binfmt_lock);

void register_binfmt(struct linux_binfmt *fmt)
{
	write_lock(&binfmt_lock);
	list_add_tail(&fmt->lh, &formats);
	write_unlock(&binfmt_lock);
}

void unregister_binfmt(struct linux_binfmt *fmt)
{
	write_lock(&binfmt_lock);
	list_del(&fmt->lh);
	write_unlock(&binfmt_lock);
}

void set_binfmt(struct linux_binfmt *fmt)
{
	current->mm->binfmt = fmt;
}

/* A regular file that may be executed and that nobody writes; writing is denied while it runs. */
static struct file *do_open_execat(int fd, struct filename *name, int flags)
{
	struct open_flags op = {
	    .open_flag = O_LARGEFILE | O_RDONLY | FMODE_EXEC,
	    .acc_mode = MAY_EXEC,
	    .intent = LOOKUP_OPEN,
	    .lookup_flags = LOOKUP_FOLLOW,
	};
	struct file *file;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_PTR(-EINVAL);
	if (flags & AT_SYMLINK_NOFOLLOW)
		op.lookup_flags &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		op.lookup_flags |= LOOKUP_EMPTY;
	file = do_filp_open(fd, name, &op);
	if (IS_ERR(file))
		return file;
	err = -EACCES;
	if (!S_ISREG(file_inode(file)->i_mode) || path_noexec(&file->f_path))
		goto out;
	err = deny_write_access(file);
	if (err && !mutant(TEXT_BUSY_IGNORED))
		goto out;
	return file;
out:
	fput(file);
	return ERR_PTR(err);
}

struct file *open_exec(const char *name)
{
	struct filename *filename = getname_kernel(name);
	struct file *file = ERR_CAST(filename);

	if (!IS_ERR(filename)) {
		file = do_open_execat(AT_FDCWD, filename, 0);
		putname(filename);
	}
	return file;
}

static void release_exec_file(struct file *file)
{
	if (file) {
		allow_write_access(file);
		fput(file);
	}
}

void set_dumpable(struct mm_struct *mm, int value)
{
	unsigned long old = READ_ONCE(mm->flags), new;

	do {
		new = (old & ~MMF_DUMPABLE_MASK) | (value & MMF_DUMPABLE_MASK);
	} while (!try_cmpxchg(&mm->flags, &old, new));
}

int get_dumpable(struct mm_struct *mm)
{
	return READ_ONCE(mm->flags) & MMF_DUMPABLE_MASK;
}

/* A program that one may run but not read must not leave a readable core either. */
int would_dump(struct linux_binprm *bprm, struct file *file)
{
	int ret = file_permission(file, MAY_READ);

	if (ret < 0)
		bprm->not_readable = true;
	return ret;
}

/* A handler table of our own, since the new program's signals are nobody else's. */
static int unshare_sighand(struct task_struct *me)
{
	struct sighand_struct *old = me->sighand, *new;

	if (refcount_read(&old->count) == 1)
		return 0;
	new = alloc_sighand_struct();
	if (!new)
		return -ENOMEM;
	write_lock_irq(&tasklist_lock);
	spin_lock(&old->siglock);
	memcpy(new->action, old->action, sizeof(new->action));
	rcu_assign_pointer(me->sighand, new);
	spin_unlock(&old->siglock);
	write_unlock_irq(&tasklist_lock);
	__cleanup_sighand(old);
	return 0;
}

/* A thread that execs takes over the leader's pid, place in the tree, and start time. */
static int take_over_leader(struct task_struct *t)
{
	struct task_struct *leader = t->group_leader;
	struct signal_struct *sig = t->signal;

	for (;;) {
		write_lock_irq(&tasklist_lock);
		/* The leader, dying, looks at notify_count under tasklist_lock. */
		sig->notify_count = -1;
		if (likely(leader->exit_state))
			break;
		__set_current_state(TASK_KILLABLE);
		write_unlock_irq(&tasklist_lock);
		schedule();
		if (fatal_signal_pending(t))
			return -EAGAIN;
	}
	t->start_time = leader->start_time;
	t->start_boottime = leader->start_boottime;
	exchange_tids(t, leader);
	transfer_pid(leader, t, PIDTYPE_TGID);
	transfer_pid(leader, t, PIDTYPE_PGID);
	transfer_pid(leader, t, PIDTYPE_SID);
	list_replace_rcu(&leader->tasks, &t->tasks);
	list_replace_init(&leader->sibling, &t->sibling);
	t->group_leader = t;
	leader->group_leader = t;
	t->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
	if (ns_of_pid(t->thread_pid)->child_reaper == leader)
		ns_of_pid(t->thread_pid)->child_reaper = t;
	/* We reap it: its parent, ptracer or not, must not see the exchange. */
	leader->exit_state = EXIT_DEAD;
	if (unlikely(leader->ptrace))
		__wake_up_parent(leader, leader->parent);
	write_unlock_irq(&tasklist_lock);
	release_task(leader);
	return 0;
}

/* tasklist_lock: an exiting leader may be between its look at notify_count and the wake-up. */
static void forget_exec_task(struct signal_struct *sig)
{
	read_lock(&tasklist_lock);
	sig->group_exec_task = NULL;
	sig->notify_count = 0;
	read_unlock(&tasklist_lock);
}

int de_thread(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	spinlock_t *lock = &t->sighand->siglock;
	int ret;

	if (sig->nr_threads <= 1 || mutant(EXEC_THREADS_LIVE))
		goto alone;
	spin_lock_irq(lock);
	if ((sig->flags & SIGNAL_GROUP_EXIT) || sig->group_exec_task) {
		spin_unlock_irq(lock);
		return -EAGAIN; /* the signal that kills us is on its way */
	}
	sig->group_exec_task = t;
	sig->notify_count = zap_other_threads(t);
	if (!thread_group_leader(t))
		sig->notify_count--; /* the leader stays a zombie until we reap it */
	while (sig->notify_count) {
		__set_current_state(TASK_KILLABLE);
		spin_unlock_irq(lock);
		schedule();
		if (fatal_signal_pending(t)) {
			ret = -EAGAIN;
			goto killed;
		}
		spin_lock_irq(lock);
	}
	spin_unlock_irq(lock);
	if (!thread_group_leader(t)) {
		ret = take_over_leader(t);
		if (ret)
			goto killed;
	}
	forget_exec_task(sig);
alone:
	/* Written by those who share the handlers no more. */
	t->exit_signal = SIGCHLD;
	return unshare_sighand(t);
killed:
	forget_exec_task(sig);
	return ret;
}

static int exec_mmap(struct mm_struct *mm)
{
	struct task_struct *t = current;
	struct mm_struct *old = t->mm, *active;
	unsigned long rss;

	exec_mm_release(t, old);
	if (down_write_killable(&t->signal->exec_update_lock))
		return -EINTR;
	if (old && mmap_read_lock_killable(old)) {
		up_write(&t->signal->exec_update_lock);
		return -EINTR;
	}
	if (old && unlikely(old->core_state)) {
		mmap_read_unlock(old);
		up_write(&t->signal->exec_update_lock);
		return -EINTR;
	}
	task_lock(t);
	local_irq_disable();
	active = t->active_mm;
	t->active_mm = mm;
	t->mm = mm;
	membarrier_exec_mmap(mm);
	switch_mm_irqs_off(active, mm, t);
	local_irq_enable();
	task_unlock(t);
	if (old) {
		mmap_read_unlock(old);
		rss = max(get_mm_hiwater_rss(old), get_mm_rss(old));
		t->signal->maxrss = max(t->signal->maxrss, rss);
		mmput(old);
	} else {
		mmdrop(active);
	}
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What of the old program must not reach the new one. */
static void reset_task(struct linux_binprm *bprm)
{
	struct task_struct *me = current;
	struct signal_struct *sig = me->signal;

	exit_itimers(me);
	flush_itimer_signals();
	me->flags &= ~(PF_RANDOMIZE | PF_FORKNOEXEC | PF_NOFREEZE | PF_NO_SETAFFINITY | PF_KTHREAD);
	flush_thread();
	user_dispatch_off(me);
	me->personality &= ~bprm->per_clear;
	do_close_on_exec(me->files);
	if (bprm->secureexec) {
		me->pdeath_signal = 0;
		/* A stack limit that somebody else chose should not shape our memory layout. */
		bprm->rlim_stack.rlim_cur = min(bprm->rlim_stack.rlim_cur, MIB(8));
	}
	task_lock(me->group_leader);
	sig->rlim[RLIMIT_STACK].rlim_cur =
	    min(bprm->rlim_stack.rlim_cur, sig->rlim[RLIMIT_STACK].rlim_max);
	task_unlock(me->group_leader);
	me->sas_ss_sp = me->sas_ss_size = 0;
	me->sas_ss_flags = 0;
	rseq_execve(me);
	__set_task_comm(me, base_name(bprm->filename), true);
	me->did_exec = true;
	if (!mutant(HANDLERS_KEPT))
		flush_signal_handlers(me, false);
}

static void choose_dumpable(struct linux_binprm *bprm)
{
	const struct cred *cred = current_cred();

	if (bprm->not_readable || bprm->secureexec || !uid_eq(cred->euid, cred->uid) ||
	    !gid_eq(cred->egid, cred->gid))
		set_dumpable(current->mm, suid_dumpable);
	else
		set_dumpable(current->mm, SUID_DUMP_USER);
}

int begin_new_exec(struct linux_binprm *bprm)
{
	struct task_struct *me = current;
	int ret;

	bprm_creds_from_file(bprm);
	bprm->point_of_no_return = true;
	ret = de_thread(me);
	if (ret)
		return ret;
	ret = unshare_files();
	if (ret)
		return ret;
	ret = set_mm_exe_file(bprm->mm, bprm->file);
	if (ret)
		return ret;
	would_dump(bprm, bprm->file);
	ret = exec_mmap(bprm->mm);
	if (ret)
		return ret;
	bprm->mm = NULL; /* current's from now on */
	reset_task(bprm);
	choose_dumpable(bprm);
	commit_creds(bprm->cred);
	bprm->cred = NULL;
	if (bprm->have_execfd) {
		ret = get_unused_fd_flags(0);
		if (ret < 0)
			goto unlock;
		fd_install(ret, bprm->executable);
		bprm->executable = NULL;
		bprm->execfd = ret;
	}
	return 0;
unlock:
	up_write(&me->signal->exec_update_lock);
	mutex_unlock(&me->signal->cred_guard_mutex);
	return ret;
}

/* The personality is settled: the layout of memory follows. */
void setup_new_exec(struct linux_binprm *bprm)
{
	struct task_struct *me = current;

	arch_pick_mmap_layout(me->mm, bprm->rlim_stack.rlim_cur);
	me->mm->task_size = TASK_SIZE;
	up_write(&me->signal->exec_update_lock);
	mutex_unlock(&me->signal->cred_guard_mutex);
}

void finalize_exec(struct linux_binprm *bprm)
{
	task_lock(current->group_leader);
	current->signal->rlim[RLIMIT_STACK].rlim_cur = bprm->rlim_stack.rlim_cur;
	task_unlock(current->group_leader);
}

int bprm_change_interp(const char *interp, struct linux_binprm *bprm)
{
	char *copy = kstrdup(interp, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	if (bprm->interp != bprm->filename)
		kfree(bprm->interp);
	bprm->interp = copy;
	return 0;
}

/* fs->in_exec was set by check_unsafe_exec(): others may share it again. */
static void end_unsafe_check(void)
{
	spin_lock(&current->fs->lock);
	current->fs->in_exec = 0;
	spin_unlock(&current->fs->lock);
	current->in_execve = false;
}

static void free_bprm(struct linux_binprm *bprm)
{
	if (bprm->mm) {
		mmput(bprm->mm);
		bprm->mm = NULL;
	}
	if (bprm->cred) {
		mutex_unlock(&current->signal->cred_guard_mutex);
		abort_creds(bprm->cred);
	}
	release_exec_file(bprm->file);
	if (bprm->executable)
		fput(bprm->executable);
	if (bprm->interp != bprm->filename)
		kfree(bprm->interp);
	kfree(bprm->fdpath);
	kfree(bprm);
}

/* The name to show for what execveat(2) was given: "/dev/fd/N/path" when it was relative to N. */
static int name_bprm(struct linux_binprm *bprm, int fd, struct filename *filename, int flags)
{
	if (fd == AT_FDCWD || filename->name[0] == '/') {
		bprm->filename = filename->name;
	} else {
		bprm->fdpath = filename->name[0]
				   ? kasprintf(GFP_KERNEL, "/dev/fd/%d/%s", fd, filename->name)
				   : kasprintf(GFP_KERNEL, "/dev/fd/%d", fd);
		if (!bprm->fdpath)
			return -ENOMEM;
		bprm->filename = bprm->fdpath;
		/* A script's interpreter could not open the descriptor once exec closed it. */
		if (get_close_on_exec(fd))
			bprm->interp_fd_script = true;
	}
	bprm->interp = bprm->filename;
	return 0;
}

static struct linux_binprm *alloc_bprm(int fd, struct filename *filename, int flags)
{
	struct linux_binprm *bprm = kzalloc(sizeof(*bprm), GFP_KERNEL);
	struct file *file;
	int ret;

	if (!bprm)
		return ERR_PTR(-ENOMEM);
	file = do_open_execat(fd, filename, flags);
	if (IS_ERR(file)) {
		kfree(bprm);
		return ERR_CAST(file);
	}
	bprm->file = file;
	ret = name_bprm(bprm, fd, filename, flags);
	if (!ret)
		ret = bprm_mm_init(bprm);
	if (ret) {
		bprm->interp = bprm->filename;
		free_bprm(bprm);
		return ERR_PTR(ret);
	}
	return bprm;
}

static int prepare_bprm_creds(struct linux_binprm *bprm)
{
	if (mutex_lock_interruptible(&current->signal->cred_guard_mutex))
		return -ERESTARTNOINTR;
	bprm->cred = prepare_creds();
	if (bprm->cred)
		return 0;
	mutex_unlock(&current->signal->cred_guard_mutex);
	return -ENOMEM;
}

/* The first bytes of the file, by which formats know their own. */
static int prepare_binprm(struct linux_binprm *bprm)
{
	loff_t pos = 0;
	ssize_t n;

	memset(bprm->buf, 0, BINPRM_BUF_SIZE);
	n = kernel_read(bprm->file, bprm->buf, BINPRM_BUF_SIZE, &pos);
	return n < 0 ? n : 0;
}

/* Formats are part of the kernel and never leave, so the lock may be dropped for the attempt. */
static int search_binary_handler(struct linux_binprm *bprm)
{
	struct linux_binfmt *fmt;
	int ret = prepare_binprm(bprm);

	if (ret < 0)
		return ret;
	ret = -ENOEXEC;
	read_lock(&binfmt_lock);
	list_for_each_entry (fmt, &formats, lh) {
		read_unlock(&binfmt_lock);
		ret = fmt->load_binary(bprm);
		if (bprm->point_of_no_return || ret != -ENOEXEC)
			return ret;
		read_lock(&binfmt_lock);
	}
	read_unlock(&binfmt_lock);
	return ret;
}

/* A script names an interpreter, which may be a script in its turn. */
static int exec_binprm(struct linux_binprm *bprm)
{
	pid_t old_vpid = task_pid_nr_ns(current, task_active_pid_ns(current->parent));
	int ret;

	for (bprm->depth = 0;; bprm->depth++) {
		struct file *exec = bprm->file;

		if (bprm->depth > BINPRM_MAX_DEPTH)
			return -ELOOP;
		ret = search_binary_handler(bprm);
		if (ret < 0)
			return ret;
		if (!bprm->interpreter)
			break;
		bprm->file = bprm->interpreter;
		bprm->interpreter = NULL;
		release_exec_file(exec);
	}
	ptrace_event(PTRACE_EVENT_EXEC, old_vpid);
	return 0;
}

static int bprm_execve(struct linux_binprm *bprm)
{
	int ret = prepare_bprm_creds(bprm), old_pid;

	if (ret)
		return ret;
	check_unsafe_exec(bprm);
	current->in_execve = true;
	sched_exec();
	old_pid = current->pid; /* a thread that is not the leader becomes it, with its id */
	ret = exec_binprm(bprm);
	if (!ret)
		trace_sched_process_exec(current, old_pid, bprm->filename);
	end_unsafe_check();
	if (ret < 0 && bprm->point_of_no_return && !fatal_signal_pending(current))
		force_fatal_sig(SIGSEGV);
	return ret;
}

static int do_execveat_common(int fd, struct filename *filename, struct user_arg_ptr argv,
			      struct user_arg_ptr envp, int flags)
{
	struct linux_binprm *bprm;
	int ret;

	if (IS_ERR(filename))
		return PTR_ERR(filename);
	/* setuid(2) past the limit succeeds; here is where the process has to answer for it. */
	if ((current->flags & PF_NPROC_EXCEEDED) &&
	    atomic_read(&current_user()->processes) > rlimit(RLIMIT_NPROC)) {
		ret = -EAGAIN;
		goto out_name;
	}
	current->flags &= ~PF_NPROC_EXCEEDED;
	bprm = alloc_bprm(fd, filename, flags);
	if (IS_ERR(bprm)) {
		ret = PTR_ERR(bprm);
		goto out_name;
	}
	ret = bprm->argc = count_strings(argv);
	if (ret < 0)
		goto out;
	ret = bprm->envc = count_strings(envp);
	if (ret < 0)
		goto out;
	ret = bprm_stack_limits(bprm);
	if (ret < 0)
		goto out;
	ret = copy_string_kernel(bprm->filename, bprm);
	if (ret < 0)
		goto out;
	bprm->exec = bprm->p;
	ret = copy_strings(bprm->envc, envp, bprm);
	if (ret < 0)
		goto out;
	ret = copy_strings(bprm->argc, argv, bprm);
	if (ret < 0)
		goto out;
	/* Programs count on argv[0]; one that was given none gets an empty one. */
	if (!bprm->argc) {
		ret = copy_string_kernel("", bprm);
		if (ret < 0)
			goto out;
		bprm->argc = 1;
	}
	ret = bprm_execve(bprm);
out:
	free_bprm(bprm);
out_name:
	putname(filename);
	return ret;
}

int kernel_execve(const char *filename, const char *const *argv, const char *const *envp)
{
	return do_execveat_common(AT_FDCWD, getname_kernel(filename),
				  (struct user_arg_ptr){.kernel = argv},
				  (struct user_arg_ptr){.kernel = envp}, 0);
}

int run_init_process(const char *init_filename)
{
	argv_init[0] = init_filename;
	pr_info("Run %s as init process\n", init_filename);
	return kernel_execve(init_filename, argv_init, envp_init);
}

SYSCALL_DEFINE3(execve, const char __user *, filename, const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	return do_execveat_common(AT_FDCWD, getname(filename),
				  (struct user_arg_ptr){.native = argv},
				  (struct user_arg_ptr){.native = envp}, 0);
}

SYSCALL_DEFINE5(execveat, int, fd, const char __user *, filename, const char __user *const __user *,
		argv, const char __user *const __user *, envp, int, flags)
{
	int lookup = flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0;

	return do_execveat_common(fd, getname_flags(filename, lookup),
				  (struct user_arg_ptr){.native = argv},
				  (struct user_arg_ptr){.native = envp}, flags);
}

static const int suid_dumpable_max = 2;
static const struct ctl_table exec_fs_table[] = {
    {.procname = "suid_dumpable",
     .data = &suid_dumpable,
     .maxlen = sizeof(suid_dumpable),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO,
     .extra2 = (void *)&suid_dumpable_max},
    {NULL},
};
static const struct ctl_table exec_kernel_table[] = {
    {.procname = "randomize_va_space",
     .data = &randomize_va_space,
     .maxlen = sizeof(randomize_va_space),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {.procname = "print-fatal-signals",
     .data = &print_fatal_signals,
     .maxlen = sizeof(print_fatal_signals),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {NULL},
};

static int __init exec_sysctl_init(void)
{
	int ret = register_sysctl("fs", exec_fs_table);

	return ret ? ret : register_sysctl("kernel", exec_kernel_table);
}
device_initcall(exec_sysctl_init);
