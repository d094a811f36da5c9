/* SPDX-License-Identifier: MIT */
/*
 * Making a task: copy_process(), one helper a step, and do_fork() around it. The system calls
 * that end here are in clone.c. Task context. fork(2), clone(2).
 *
 * Until link_task() nobody else can find the child, so its fields need no locks; a step that
 * fails undoes those before it in reverse order.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/cgroup.h>
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/fs_struct.h>
#include <jiffy/futex.h>
#include <jiffy/init.h>
#include <jiffy/ipc.h>
#include <jiffy/kthread.h>
#include <jiffy/mm.h>
#include <jiffy/mutation.h>
#include <jiffy/nsproxy.h>
#include <jiffy/posix_timers.h>
#include <jiffy/ptrace.h>
#include <jiffy/resource.h>
#include <jiffy/seccomp.h>
#include <jiffy/string.h>
#include <jiffy/tty.h>
#include <uapi/fcntl.h>
#include <uapi/prctl.h>

#include "task.h"

int nr_threads;		   /* tasklist_lock */
static int nr_leaders;	   /* tasklist_lock */
unsigned long total_forks; /* tasklist_lock */

int nr_processes(void)
{
	return READ_ONCE(nr_leaders);
}

void count_leader_gone(void)
{
	nr_leaders--;
}

/* Every combination that clone(2) names as EINVAL. */
static int check_clone_flags(const struct kernel_clone_args *args)
{
	u64 flags = args->flags;

	if ((flags & CLONE_NEWNS) && (flags & CLONE_FS))
		return -EINVAL;
	if ((flags & CLONE_NEWUSER) && (flags & CLONE_FS))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	/* A sibling of a namespace's init would be a child of someone outside it. */
	if ((flags & CLONE_PARENT) && (current->signal->flags & SIGNAL_UNKILLABLE))
		return -EINVAL;
	if ((flags & CLONE_THREAD) &&
	    ((flags & (CLONE_NEWUSER | CLONE_NEWPID)) ||
	     task_active_pid_ns(current) != current->nsproxy->pid_ns_for_children))
		return -EINVAL;
	if ((flags & (CLONE_THREAD | CLONE_VM)) &&
	    current->nsproxy->time_ns != current->nsproxy->time_ns_for_children)
		return -EINVAL;
	if ((flags & CLONE_PIDFD) && (flags & CLONE_DETACHED))
		return -EINVAL;
	return 0;
}

/* RLIMIT_NPROC and threads-max. The child is counted for its user already. */
static int check_limits(struct task_struct *p)
{
	const struct cred *cred = p->real_cred;

	if (atomic_read(&cred->user->processes) > task_rlimit(p, RLIMIT_NPROC) &&
	    !mutant(NPROC_IGNORED) && cred->user != &root_user && !capable(CAP_SYS_RESOURCE) &&
	    !capable(CAP_SYS_ADMIN))
		return -EAGAIN;
	current->flags &= ~PF_NPROC_EXCEEDED;
	return READ_ONCE(nr_threads) >= max_threads ? -EAGAIN : 0;
}

static void init_alternate_stack(u64 clone_flags, struct task_struct *p)
{
	/* Two tasks on one memory cannot have one alternate stack; vfork's child borrows it. */
	if ((clone_flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM) {
		p->sas_ss_sp = p->sas_ss_size = 0;
		p->sas_ss_flags = SS_DISABLE;
	}
}

/* What a child does not inherit, or inherits empty. */
static void init_task_fields(struct task_struct *p, const struct kernel_clone_args *args)
{
	p->flags &= ~(PF_SUPERPRIV | PF_IDLE | PF_NO_SETAFFINITY | PF_DUMPCORE | PF_SIGNALED |
		      PF_MEMALLOC | PF_NPROC_EXCEEDED);
	p->flags |= PF_FORKNOEXEC;
	if (args->kthread || args->idle)
		p->flags |= PF_KTHREAD;
	else
		p->flags &= ~PF_KTHREAD;
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	INIT_LIST_HEAD(&p->ptraced);
	INIT_LIST_HEAD(&p->ptrace_entry);
	cgroup_fork(p);
	p->ptrace = 0;
	p->vfork_done = NULL;
	p->exit_state = p->exit_code = 0;
	p->did_exec = false;
	p->in_execve = false;
	p->pdeath_signal = 0;
	p->jobctl = 0;
	p->thread_pid = NULL;
	memset(p->pid_links, 0, sizeof(p->pid_links));
	spin_lock_init(&p->alloc_lock);
	init_sigpending(&p->pending);
	if (mutant(PENDING_INHERITED))
		p->pending.signal = current->pending.signal;
	p->last_siginfo = NULL;
	p->ptrace_message = 0;
	p->ptracer_cred = NULL;
	p->task_works = NULL;
	p->journal_info = NULL;
	p->fail_nth = 0;
	p->seccomp_mode = 0;
	user_dispatch_off(p);
	p->seccomp_filter = NULL;
	p->pagefault_disabled = 0;
	p->restart_block.fn = do_no_restart_syscall;
	p->default_timer_slack_ns = current->timer_slack_ns;
	/* Children of kernel threads are not pinned, traced, or counted by their maker's past. */
	p->utime = p->stime = p->gtime = 0;
	prev_cputime_init(&p->prev_cputime);
	p->nvcsw = p->nivcsw = 0;
	p->min_flt = p->maj_flt = 0;
	p->rchar = p->wchar = p->syscr = p->syscw = 0;
	p->last_switch_count = p->last_switch_time = 0;
	p->set_child_tid = args->flags & CLONE_CHILD_SETTID ? args->child_tid : NULL;
	p->clear_child_tid = args->flags & CLONE_CHILD_CLEARTID ? args->child_tid : NULL;
	posix_cputimers_init(p);
	futex_init_task(p);
	init_alternate_stack(args->flags, p);
	rseq_fork(p, args->flags);
#ifdef JIFFY_CHECKED
	p->lockdep_depth = 0;
#endif
}

static int copy_files(u64 clone_flags, struct task_struct *p)
{
	struct files_struct *old = current->files;
	int error = 0;

	if (!old)
		return 0;
	if ((clone_flags & CLONE_FILES) || mutant(FILES_SHARED)) {
		atomic_inc(&old->count);
		return 0;
	}
	p->files = dup_fd(old, &error);
	return p->files ? 0 : error;
}

static int copy_fs(u64 clone_flags, struct task_struct *p)
{
	struct fs_struct *fs = current->fs;

	if (!(clone_flags & CLONE_FS) && !mutant(FS_SHARED)) {
		p->fs = copy_fs_struct(fs);
		return p->fs ? 0 : -ENOMEM;
	}
	spin_lock(&fs->lock);
	/* A set-user-ID exec under way counts the sharers: nobody may join now. */
	if (fs->in_exec) {
		spin_unlock(&fs->lock);
		return -EAGAIN;
	}
	fs->users++;
	spin_unlock(&fs->lock);
	return 0;
}

static void uncopy_sighand(struct task_struct *p)
{
	__cleanup_sighand(p->sighand);
}

static int copy_sighand(u64 clone_flags, struct task_struct *p)
{
	struct sighand_struct *sig;

	if ((clone_flags & CLONE_SIGHAND) || mutant(SIGHAND_SHARED)) {
		refcount_inc(&current->sighand->count);
		return 0;
	}
	sig = alloc_sighand_struct();
	if (!sig)
		return -ENOMEM;
	RCU_INIT_POINTER(p->sighand, sig);
	spin_lock_irq(&current->sighand->siglock);
	memcpy(sig->action, current->sighand->action, sizeof(sig->action));
	spin_unlock_irq(&current->sighand->siglock);
	if (clone_flags & CLONE_CLEAR_SIGHAND)
		flush_signal_handlers(p, false);
	return 0;
}

static void init_signal_timers(struct signal_struct *sig)
{
	int i;

	INIT_HLIST_HEAD(&sig->posix_timers);
	hrtimer_init(&sig->real_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	sig->real_timer.function = it_real_fn;
	for (i = 0; i < CPUCLOCK_MAX; i++) {
		sig->posix_cputimers.nextevt[i] = ~0ULL;
		INIT_LIST_HEAD(&sig->posix_cputimers.cpu_timers[i]);
	}
	if (sig->rlim[RLIMIT_CPU].rlim_cur != RLIM_INFINITY) {
		sig->posix_cputimers.nextevt[CPUCLOCK_PROF] =
		    sig->rlim[RLIMIT_CPU].rlim_cur * NSEC_PER_SEC;
		sig->posix_cputimers.timers_active = 1;
	}
}

static int copy_signal(u64 clone_flags, struct task_struct *p)
{
	struct signal_struct *sig, *old = current->signal;

	if (clone_flags & CLONE_THREAD)
		return 0;
	sig = alloc_signal_struct();
	p->signal = sig;
	if (!sig)
		return -ENOMEM;
	sig->nr_threads = 1;
	atomic_set(&sig->live, 1);
	refcount_set(&sig->sigcnt, 1);
	/* The child's only thread, without locks: nobody can walk this list yet. */
	sig->thread_head = (struct list_head)LIST_HEAD_INIT(p->thread_node);
	p->thread_node = (struct list_head)LIST_HEAD_INIT(sig->thread_head);
	init_waitqueue_head(&sig->wait_chldexit);
	sig->curr_target = p;
	init_sigpending(&sig->shared_pending);
	seqlock_init(&sig->stats_lock);
	prev_cputime_init(&sig->prev_cputime);
	task_lock(current->group_leader);
	memcpy(sig->rlim, old->rlim, sizeof(sig->rlim));
	task_unlock(current->group_leader);
	init_signal_timers(sig);
	sig->oom_score_adj = old->oom_score_adj;
	sig->oom_score_adj_min = old->oom_score_adj_min;
	mutex_init(&sig->cred_guard_mutex);
	init_rwsem(&sig->exec_update_lock);
	return 0;
}

static void uncopy_signal(struct task_struct *p)
{
	if (p->signal != current->signal)
		free_signal_struct(p->signal);
}

static int copy_mm(u64 clone_flags, struct task_struct *p)
{
	struct mm_struct *mm, *old = current->mm;

	p->mm = p->active_mm = NULL;
	if (!old) /* a kernel thread makes a kernel thread */
		return 0;
	if (clone_flags & CLONE_VM) {
		mmget(old);
		mm = old;
	} else {
		mm = dup_mm(p, old);
		if (!mm)
			return -ENOMEM;
	}
	p->mm = p->active_mm = mm;
	return 0;
}

static void uncopy_mm(struct task_struct *p)
{
	if (p->mm)
		mmput(p->mm);
}

/*
 * What a child has a copy of, or shares: in this order, and undone from the last one back. Each
 * undoes what it did to a child that nobody has seen.
 */
static const struct {
	int (*copy)(u64 clone_flags, struct task_struct *p);
	void (*undo)(struct task_struct *p);
} shares[] = {
    {copy_semundo, exit_sem},
    {copy_files, exit_files},
    {copy_fs, exit_fs},
    {copy_sighand, uncopy_sighand},
    {copy_signal, uncopy_signal},
    {copy_mm, uncopy_mm},
    {copy_namespaces, exit_task_namespaces},
    {copy_io, exit_io_context},
};

/* Undoes the first n of them. */
static void drop_shares(struct task_struct *p, size_t n)
{
	while (n--)
		shares[n].undo(p);
}

static int copy_or_share(u64 clone_flags, struct task_struct *p)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		ret = shares[i].copy(clone_flags, p);
		if (ret) {
			drop_shares(p, i);
			return ret;
		}
	}
	return 0;
}

/* Group, death signal and time of birth; before the child can be found. */
static void choose_relations(struct task_struct *p, const struct kernel_clone_args *args)
{
	p->pid = pid_nr(p->thread_pid);
	if (args->flags & CLONE_THREAD) {
		p->group_leader = current->group_leader;
		p->tgid = current->tgid;
		p->exit_signal = -1;
	} else {
		p->group_leader = p;
		p->tgid = p->pid;
		p->exit_signal = args->flags & CLONE_PARENT ? current->group_leader->exit_signal
							    : args->exit_signal;
	}
	p->start_time = ktime_get();
	p->start_boottime = ktime_get_boottime();
}

/* The first process of a pid namespace is its init: orphans come to it. */
static void become_child_reaper(struct task_struct *p)
{
	struct pid *pid = p->thread_pid;

	ns_of_pid(pid)->child_reaper = p;
	if (!mutant(PIDNS_INIT_KILLABLE))
		p->signal->flags |= SIGNAL_UNKILLABLE;
}

static void link_leader(struct task_struct *p)
{
	struct signal_struct *sig = p->signal, *parent = current->signal;

	lockdep_assert_held(&tasklist_lock);
	sig->pids[PIDTYPE_TGID] = p->thread_pid;
	sig->pids[PIDTYPE_PGID] = task_pgrp(current);
	sig->pids[PIDTYPE_SID] = task_session(current);
	if (is_child_reaper(p->thread_pid))
		become_child_reaper(p);
	tty_inherit(sig, parent);
	sig->has_child_subreaper = p->real_parent->signal->has_child_subreaper ||
				   p->real_parent->signal->is_child_subreaper;
	list_add_tail(&p->sibling, &p->real_parent->children);
	list_add_tail_rcu(&p->tasks, &init_task.tasks);
	attach_pid(p, PIDTYPE_TGID);
	attach_pid(p, PIDTYPE_PGID);
	attach_pid(p, PIDTYPE_SID);
	nr_leaders++;
}

static void link_thread(struct task_struct *p)
{
	lockdep_assert_held(&tasklist_lock);
	current->signal->nr_threads++;
	atomic_inc(&current->signal->live);
	refcount_inc(&current->signal->sigcnt);
	task_join_group_stop(p);
	list_add_tail_rcu(&p->thread_node, &p->signal->thread_head);
}

/*
 * The child becomes part of the tree. A signal to our group that came before this moment must
 * reach the child too, which is not in the group yet: we go back, handle it and fork again.
 */
static int link_task(struct task_struct *p, const struct kernel_clone_args *args)
{
	int ret = 0;

	write_lock_irq(&tasklist_lock);
	if (args->flags & (CLONE_PARENT | CLONE_THREAD))
		p->real_parent = current->real_parent;
	else
		p->real_parent = current;
	spin_lock(&current->sighand->siglock);
	if (!args->kthread) {
		recalc_sigpending();
		if (fatal_signal_pending(current))
			ret = -EINTR;
		else if (!(args->flags & CLONE_THREAD) && signal_pending(current))
			ret = -ERESTARTNOINTR;
	}
	if (!ret && unlikely(READ_ONCE(ns_of_pid(p->thread_pid)->closed)))
		ret = -ENOMEM;
	if (!ret) {
		seccomp_fork(p);
		ptrace_init_task(p, (args->flags & CLONE_PTRACE) || args->traced);
		if (args->flags & CLONE_THREAD)
			link_thread(p);
		else
			link_leader(p);
		attach_pid(p, PIDTYPE_PID);
		nr_threads++;
		total_forks++;
	}
	spin_unlock(&current->sighand->siglock);
	write_unlock_irq(&tasklist_lock);
	return ret;
}

/* A child's pidfd until it is installed, which is when the fork cannot fail any more. */
struct reserved_pidfd {
	int fd;
	struct file *file; /* NULL: none is wanted */
};

static int reserve_pidfd(const struct kernel_clone_args *args, struct pid *pid,
			 struct reserved_pidfd *res)
{
	if (!(args->flags & CLONE_PIDFD))
		return 0;
	res->fd = pidfd_prepare(pid, args->flags & CLONE_THREAD ? PIDFD_THREAD : 0, &res->file);
	if (res->fd < 0)
		return res->fd;
	if (put_user(res->fd, args->pidfd)) {
		put_unused_fd(res->fd);
		fput(res->file);
		return -EFAULT;
	}
	return 0;
}

/* The child's number in each namespace that sees it, and a descriptor that stands for it. */
static int take_pid(struct task_struct *p, const struct kernel_clone_args *args,
		    struct reserved_pidfd *res)
{
	struct pid *pid =
	    alloc_pid(p->nsproxy->pid_ns_for_children, args->set_tid, args->set_tid_size);
	int ret;

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	ret = reserve_pidfd(args, pid, res);
	if (ret) {
		free_pid(pid);
		return ret;
	}
	p->thread_pid = pid;
	return 0;
}

static void give_pid_back(struct task_struct *p, struct reserved_pidfd *res)
{
	if (res->file) {
		fput(res->file);
		put_unused_fd(res->fd);
	}
	free_pid(p->thread_pid);
}

static void uncopy_creds(struct task_struct *p)
{
	atomic_dec(&p->cred->user->processes);
	exit_creds(p);
}

/* What sched_fork() gave p is gone, or never was: the copy's pointers are its parent's then. */
static void discard_task(struct task_struct *p)
{
	WRITE_ONCE(p->__state, TASK_DEAD);
	free_task(p);
}

static int copy_registers(struct task_struct *p, const struct kernel_clone_args *args)
{
	return copy_thread(p, args->flags, args->stack + args->stack_size, args->fn, args->fn_arg,
			   args->tls);
}

/* What cannot fail any more, once the child is there for all to see. */
static void finish_fork(struct task_struct *p, u64 flags, const struct reserved_pidfd *res)
{
	if (res->file)
		fd_install(res->fd, res->file);
	sched_post_fork(p);
	cgroup_post_fork(p, flags);
}

/* A CPU's idle task has the number that no other task can have, and no relations. */
static struct task_struct *become_idle(struct task_struct *p)
{
	p->thread_pid = &init_struct_pid;
	p->pid = p->tgid = 0;
	p->group_leader = p;
	return p;
}

struct task_struct *copy_process(struct kernel_clone_args *args, int node)
{
	struct reserved_pidfd pidfd = {.file = NULL};
	u64 flags = args->flags;
	struct task_struct *p;
	int ret = check_clone_flags(args);

	if (ret)
		return ERR_PTR(ret);
	p = dup_task_struct(current, node);
	if (!p)
		return ERR_PTR(-ENOMEM);
	ret = copy_creds(p, flags);
	if (ret)
		goto bad_task;
	ret = check_limits(p);
	if (ret)
		goto bad_creds;
	init_task_fields(p, args);
	ret = sched_fork(flags, p);
	if (ret)
		goto bad_creds;
	ret = copy_or_share(flags, p);
	if (ret)
		goto bad_sched;
	ret = copy_registers(p, args);
	if (ret)
		goto bad_shares;
	if (args->idle)
		return become_idle(p);
	ret = take_pid(p, args, &pidfd);
	if (ret)
		goto bad_thread;
	choose_relations(p, args);
	ret = cgroup_can_fork(p, flags, args->cgroup);
	if (ret)
		goto bad_pid;
	sched_cgroup_fork(p);
	ret = link_task(p, args);
	if (ret)
		goto bad_cgroup;
	finish_fork(p, flags, &pidfd);
	return p;

bad_cgroup:
	cgroup_cancel_fork(p, flags);
bad_pid:
	give_pid_back(p, &pidfd);
bad_thread:
	exit_thread(p);
bad_shares:
	drop_shares(p, ARRAY_SIZE(shares));
bad_sched:
	sched_cancel_fork(p);
bad_creds:
	uncopy_creds(p);
bad_task:
	discard_task(p);
	return ERR_PTR(ret);
}

/* Tells a vfork parent that its memory is its own again. */
static void complete_vfork_done(struct task_struct *t)
{
	struct completion *vfork;

	task_lock(t);
	vfork = t->vfork_done;
	if (likely(vfork)) {
		t->vfork_done = NULL;
		complete(vfork);
	}
	task_unlock(t);
}

static int wait_for_vfork_done(struct task_struct *child, struct completion *vfork)
{
	int killed;

	/* A frozen child must not keep its parent's cgroup from freezing. */
	cgroup_enter_frozen();
	killed = mutant(VFORK_PARENT_EARLY) ? -EINTR : wait_for_completion_killable(vfork);
	cgroup_leave_frozen(false);
	if (killed) {
		task_lock(child);
		child->vfork_done = NULL; /* the completion is on our stack */
		task_unlock(child);
	}
	put_task_struct(child);
	return killed;
}

/* set_tid_address(2): a join in user space waits for the word to become 0. */
static void clear_tid_word(struct task_struct *t, struct mm_struct *mm)
{
	if (!t->clear_child_tid)
		return;
	if (atomic_read(&mm->mm_users) > 1) {
		/* A bad address is the program's own business: the thread dies all the same. */
		if (!put_user(0, t->clear_child_tid) && !mutant(CLEARTID_NOT_WOKEN))
			do_futex((u32 __user *)t->clear_child_tid, FUTEX_WAKE, 1, NULL, NULL, 0, 0);
	}
	t->clear_child_tid = NULL;
}

static void mm_release(struct task_struct *t, struct mm_struct *mm)
{
	clear_tid_word(t, mm);
	if (t->vfork_done && !mutant(VFORK_PARENT_FORGOTTEN))
		complete_vfork_done(t);
}

void exit_mm_release(struct task_struct *t, struct mm_struct *mm)
{
	futex_exit_release(t);
	mm_release(t, mm);
}

void exec_mm_release(struct task_struct *t, struct mm_struct *mm)
{
	futex_exec_release(t);
	mm_release(t, mm);
}

/* Which event a tracer wants to hear of, 0 for none. */
static int fork_event(const struct kernel_clone_args *args)
{
	int event;

	if (args->flags & CLONE_UNTRACED)
		return 0;
	if (args->flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if (args->exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	else
		event = PTRACE_EVENT_FORK;
	return ptrace_event_enabled(current, event) ? event : 0;
}

pid_t do_fork(struct kernel_clone_args *args)
{
	struct completion vfork;
	struct task_struct *p;
	struct pid *pid;
	int event = fork_event(args);
	pid_t nr;

	/* clone(2) has one place for both; clone3's caller may have named one place twice. */
	if ((args->flags & CLONE_PIDFD) && (args->flags & CLONE_PARENT_SETTID) &&
	    args->pidfd == args->parent_tid)
		return -EINVAL;
	args->traced = event != 0;
	p = copy_process(args, -1);
	if (IS_ERR(p))
		return PTR_ERR(p);
	/* Once it runs, the child may be gone at any time: hold what is needed afterwards. */
	pid = get_pid(p->thread_pid);
	nr = pid_vnr(pid);
	if (args->flags & CLONE_PARENT_SETTID)
		put_user(nr, args->parent_tid);
	if (args->flags & CLONE_VFORK) {
		p->vfork_done = &vfork;
		init_completion(&vfork);
		get_task_struct(p);
	}
	wake_up_new_task(p);
	if (unlikely(event))
		ptrace_event(event, pid_nr_ns(pid, task_active_pid_ns(current->parent)));
	if (args->flags & CLONE_VFORK) {
		if (!wait_for_vfork_done(p, &vfork))
			ptrace_event(PTRACE_EVENT_VFORK_DONE,
				     pid_nr_ns(pid, task_active_pid_ns(current->parent)));
	}
	if (!mutant(PID_REF_LEAKED))
		put_pid(pid);
	return nr;
}

pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
	    .flags = (flags | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL,
	    .exit_signal = flags & CSIGNAL,
	    .fn = fn,
	    .fn_arg = arg,
	    .kthread = true,
	};

	return do_fork(&args);
}

/* A CPU's idle task: it has no pid, is in no list, and is started by arch/, not by a wake-up. */
struct task_struct *fork_idle(int cpu)
{
	struct kernel_clone_args args = {.flags = CLONE_VM, .idle = true};
	struct task_struct *idle = copy_process(&args, -1);

	if (!IS_ERR(idle))
		init_idle(idle, cpu);
	return idle;
}
