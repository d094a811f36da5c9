/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: wait4(2), waitid(2). Task context.
 *
 * A waiter queues itself on its process's wait_chldexit and looks through the children and
 * tracees of its threads under tasklist_lock (read). Who reaps a zombie is decided by one
 * compare-and-exchange on exit_state, since several readers may find it at once.
 */
#include <arch/uaccess.h>
#include <jiffy/cputime.h>
#include <jiffy/file.h>
#include <jiffy/mutation.h>
#include <jiffy/ptrace.h>
#include <jiffy/resource.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <jiffy/trace_sched.h>
#include <uapi/wait.h>

#include "internal.h"

struct waitid_info {
	pid_t pid;
	uid_t uid;
	int status, cause;
};

struct wait_opts {
	enum pid_type wo_type;
	int wo_flags;
	struct pid *wo_pid;
	struct waitid_info *wo_info; /* waitid(2) */
	int wo_stat;
	struct rusage *wo_rusage;
	wait_queue_entry_t child_wait;
	int notask_error; /* what to answer when no child is ready */
};

static bool eligible_pid(struct wait_opts *wo, struct task_struct *p)
{
	return wo->wo_type == PIDTYPE_MAX || task_pid_type(p, wo->wo_type) == wo->wo_pid;
}

/* "clone" children, whose exit signal is not SIGCHLD, are waited for on request only. */
static bool eligible_child(struct wait_opts *wo, bool ptrace, struct task_struct *p)
{
	if (!eligible_pid(wo, p))
		return false;
	if (ptrace || (wo->wo_flags & __WALL))
		return true;
	return (p->exit_signal != SIGCHLD) == !!(wo->wo_flags & __WCLONE);
}

static void fill_info(struct waitid_info *info, pid_t pid, uid_t uid, int status, int cause)
{
	*info = (struct waitid_info){.pid = pid, .uid = uid, .status = status, .cause = cause};
}

static int exit_cause(int status, int *value)
{
	if ((status & 0x7f) == 0) {
		*value = status >> 8;
		return CLD_EXITED;
	}
	*value = status & 0x7f;
	return status & 0x80 ? CLD_DUMPED : CLD_KILLED;
}

/*
 * What the child and its own dead children used becomes the parent's children's use. The zombie
 * may still be on its way off a CPU, its run time growing: what is added here is what the waiter
 * is told as well (ru, unless NULL), from one look at the clock.
 */
static void collect_child_times(struct task_struct *p, struct rusage *ru)
{
	struct signal_struct *sig = p->signal, *psig = current->signal;
	unsigned long maxrss;
	u64 utime, stime;

	thread_group_cputime_adjusted(p, &utime, &stime);
	if (ru)
		rusage_set_times(ru, utime + sig->cutime, stime + sig->cstime);
	spin_lock_irq(&current->sighand->siglock);
	write_seqlock(&psig->stats_lock);
	psig->cutime += utime + sig->cutime;
	psig->cstime += stime + sig->cstime;
	psig->cgtime += p->gtime + sig->gtime + sig->cgtime;
	psig->cmin_flt += p->min_flt + sig->min_flt + sig->cmin_flt;
	psig->cmaj_flt += p->maj_flt + sig->maj_flt + sig->cmaj_flt;
	psig->cnvcsw += p->nvcsw + sig->nvcsw + sig->cnvcsw;
	psig->cnivcsw += p->nivcsw + sig->nivcsw + sig->cnivcsw;
	maxrss = max(sig->maxrss, sig->cmaxrss);
	psig->cmaxrss = max(psig->cmaxrss, maxrss);
	write_sequnlock(&psig->stats_lock);
	spin_unlock_irq(&current->sighand->siglock);
}

/* A look that leaves the zombie there. tasklist_lock is dropped. */
static int peek_zombie(struct wait_opts *wo, struct task_struct *p, pid_t pid, uid_t uid)
{
	int status, cause;

	if (!mutant(TASK_REF_MISSED))
		get_task_struct(p);
	read_unlock(&tasklist_lock);
	status = p->signal->flags & SIGNAL_GROUP_EXIT ? p->signal->group_exit_code : p->exit_code;
	if (wo->wo_rusage)
		getrusage(p, RUSAGE_BOTH, wo->wo_rusage);
	put_task_struct(p);
	if (wo->wo_info) {
		cause = exit_cause(status, &status);
		fill_info(wo->wo_info, pid, uid, status, cause);
	}
	return pid;
}

/*
 * p is a zombie: 0 when somebody else has it, else its pid, with tasklist_lock dropped. A tracer
 * that is not the parent gives the zombie back to the parent.
 */
static int wait_task_zombie(struct wait_opts *wo, struct task_struct *p)
{
	pid_t pid = task_pid_vnr(p);
	uid_t uid = from_kuid_munged(current_user_ns(), task_uid(p));
	int state = EXIT_ZOMBIE, next, status, value;

	if (!(wo->wo_flags & WEXITED))
		return 0;
	if ((wo->wo_flags & WNOWAIT) && !mutant(WNOWAIT_REAPS))
		return peek_zombie(wo, p, pid, uid);
	next = ptrace_reparented(p) && thread_group_leader(p) ? EXIT_TRACE : EXIT_DEAD;
	if (!try_cmpxchg(&p->exit_state, &state, next))
		return 0;
	read_unlock(&tasklist_lock);
	if (wo->wo_rusage)
		getrusage(p, RUSAGE_BOTH, wo->wo_rusage);
	if (next == EXIT_DEAD && thread_group_leader(p) && !mutant(CHILD_TIMES_LOST))
		collect_child_times(p, wo->wo_rusage);
	status = p->signal->flags & SIGNAL_GROUP_EXIT ? p->signal->group_exit_code : p->exit_code;
	wo->wo_stat = status;
	if (wo->wo_info) {
		int cause = exit_cause(status, &value);

		fill_info(wo->wo_info, pid, uid, value, cause);
	}
	if (next == EXIT_TRACE) {
		write_lock_irq(&tasklist_lock);
		ptrace_unlink(p);
		next = EXIT_ZOMBIE;
		if (do_notify_parent(p, p->exit_signal))
			next = EXIT_DEAD;
		p->exit_state = next;
		write_unlock_irq(&tasklist_lock);
	}
	if (next == EXIT_DEAD && !mutant(ZOMBIE_LEAKED))
		release_task(p);
	return pid;
}

/* Where the stop's signal number is kept; NULL when p is not stopped in that way. siglock. */
static int *task_stopped_code(struct task_struct *p, bool ptrace)
{
	if (ptrace) {
		if ((p->jobctl & JOBCTL_TRACED) && !(p->jobctl & JOBCTL_LISTENING))
			return &p->exit_code;
	} else if (p->signal->flags & SIGNAL_STOP_STOPPED) {
		return &p->signal->group_exit_code;
	}
	return NULL;
}

static int wait_task_stopped(struct wait_opts *wo, bool ptrace, struct task_struct *p)
{
	int *code, exit_code = 0, why;
	pid_t pid;
	uid_t uid = 0;

	if (!ptrace && !(wo->wo_flags & WUNTRACED))
		return 0;
	if (!task_stopped_code(p, ptrace))
		return 0;
	spin_lock_irq(&p->sighand->siglock);
	code = task_stopped_code(p, ptrace);
	if (code && *code) {
		exit_code = *code;
		if (!(wo->wo_flags & WNOWAIT) && !mutant(STOP_TOLD_TWICE))
			*code = 0;
		uid = from_kuid_munged(current_user_ns(), task_uid(p));
	}
	spin_unlock_irq(&p->sighand->siglock);
	if (!exit_code)
		return 0;
	get_task_struct(p);
	pid = task_pid_vnr(p);
	why = ptrace ? CLD_TRAPPED : CLD_STOPPED;
	read_unlock(&tasklist_lock);
	if (wo->wo_rusage)
		getrusage(p, RUSAGE_BOTH, wo->wo_rusage);
	put_task_struct(p);
	wo->wo_stat = (exit_code << 8) | 0x7f;
	if (wo->wo_info)
		fill_info(wo->wo_info, pid, uid, exit_code, why);
	return pid;
}

static int wait_task_continued(struct wait_opts *wo, struct task_struct *p)
{
	pid_t pid;
	uid_t uid;

	if (!(wo->wo_flags & WCONTINUED) || !(p->signal->flags & SIGNAL_STOP_CONTINUED))
		return 0;
	spin_lock_irq(&p->sighand->siglock);
	if (!(p->signal->flags & SIGNAL_STOP_CONTINUED)) {
		spin_unlock_irq(&p->sighand->siglock);
		return 0;
	}
	if (!(wo->wo_flags & WNOWAIT))
		p->signal->flags &= ~SIGNAL_STOP_CONTINUED;
	uid = from_kuid_munged(current_user_ns(), task_uid(p));
	spin_unlock_irq(&p->sighand->siglock);
	pid = task_pid_vnr(p);
	get_task_struct(p);
	read_unlock(&tasklist_lock);
	if (wo->wo_rusage)
		getrusage(p, RUSAGE_BOTH, wo->wo_rusage);
	put_task_struct(p);
	wo->wo_stat = 0xffff;
	if (wo->wo_info)
		fill_info(wo->wo_info, pid, uid, SIGCONT, CLD_CONTINUED);
	return pid;
}

/* Nonzero: done, tasklist_lock dropped. Zero: not this one; notask_error says what it might be. */
static int wait_consider_task(struct wait_opts *wo, bool ptrace, struct task_struct *p)
{
	int exit_state = READ_ONCE(p->exit_state), ret;

	if (unlikely(exit_state == EXIT_DEAD))
		return 0;
	if (!eligible_child(wo, ptrace, p))
		return 0;
	if (unlikely(exit_state == EXIT_TRACE)) {
		/* Its tracer is reaping it and may give it back to us. */
		if (!ptrace)
			wo->notask_error = 0;
		return 0;
	}
	/* Most children live and nobody asked for what else they may have to tell. */
	if (likely(!exit_state && !ptrace && !p->ptrace &&
		   !(wo->wo_flags & (WUNTRACED | WCONTINUED)))) {
		wo->notask_error = 0;
		return 0;
	}
	/* A traced child's stops and death are its tracer's, unless that is us as well. */
	if (!ptrace && p->ptrace && !ptrace_reparented(p))
		ptrace = true;
	if (exit_state == EXIT_ZOMBIE) {
		bool delayed = thread_group_leader(p) && !thread_group_empty(p) &&
			       !mutant(LEADER_REAPED_EARLY);

		/* One that nobody asks for, or that another has, is no child to wait for. */
		if (!delayed && (ptrace || !p->ptrace))
			return wait_task_zombie(wo, p);
		/* A leader whose threads live on can still stop and continue as a group. */
		if (!ptrace || (wo->wo_flags & (WCONTINUED | WEXITED)))
			wo->notask_error = 0;
	} else {
		wo->notask_error = 0;
	}
	ret = wait_task_stopped(wo, ptrace, p);
	return ret ? ret : wait_task_continued(wo, p);
}

static int do_wait_thread(struct wait_opts *wo, struct task_struct *t)
{
	struct task_struct *p;
	int ret;

	list_for_each_entry (p, &t->children, sibling) {
		ret = wait_consider_task(wo, false, p);
		if (ret)
			return ret;
	}
	list_for_each_entry (p, &t->ptraced, ptrace_entry) {
		ret = wait_consider_task(wo, true, p);
		if (ret)
			return ret;
	}
	return 0;
}

static bool is_effectively_child(struct wait_opts *wo, bool ptrace, struct task_struct *target)
{
	struct task_struct *parent = ptrace ? target->parent : target->real_parent;

	return current == parent ||
	       (!(wo->wo_flags & __WNOTHREAD) && same_thread_group(current, parent));
}

/* One pid: no need to walk the children, however many there are. */
static int do_wait_pid(struct wait_opts *wo)
{
	struct task_struct *target;
	bool ptrace;
	int ret;

	ptrace = false;
	target = pid_task(wo->wo_pid, PIDTYPE_TGID);
	if (target && is_effectively_child(wo, ptrace, target)) {
		ret = wait_consider_task(wo, ptrace, target);
		if (ret)
			return ret;
	}
	ptrace = true;
	target = pid_task(wo->wo_pid, PIDTYPE_PID);
	if (target && target->ptrace && is_effectively_child(wo, ptrace, target))
		return wait_consider_task(wo, ptrace, target);
	return 0;
}

static int child_wait_callback(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct wait_opts *wo = container_of(wait, struct wait_opts, child_wait);
	struct task_struct *p = key;

	if (!eligible_pid(wo, p))
		return 0;
	if ((wo->wo_flags & __WNOTHREAD) && wait->private != p->parent)
		return 0;
	return default_wake_function(wait, mode, sync, key);
}

void __wake_up_parent(struct task_struct *p, struct task_struct *parent)
{
	if (!mutant(PARENT_NOT_WOKEN))
		__wake_up_sync_key(&parent->signal->wait_chldexit, TASK_INTERRUPTIBLE, p);
}

/* One look at everything: the pid of one that is ready, 0, or -ECHILD. */
static int wait_scan(struct wait_opts *wo)
{
	struct task_struct *t;
	int ret;

	wo->notask_error = -ECHILD;
	if (wo->wo_type < PIDTYPE_MAX &&
	    (!wo->wo_pid || hlist_empty(&wo->wo_pid->tasks[wo->wo_type])))
		return -ECHILD;
	read_lock(&tasklist_lock);
	if (wo->wo_type == PIDTYPE_PID) {
		ret = do_wait_pid(wo);
		if (ret)
			return ret;
	} else {
		for_each_thread (current, t) {
			if ((wo->wo_flags & __WNOTHREAD) && t != current)
				continue;
			ret = do_wait_thread(wo, t);
			if (ret)
				return ret;
		}
	}
	read_unlock(&tasklist_lock);
	return wo->notask_error;
}

static long do_wait(struct wait_opts *wo)
{
	long ret;

	trace_sched_process_wait(wo->wo_pid ? pid_nr(wo->wo_pid) : 0);
	/* Often the child is a zombie already, and then no queue is needed. */
	ret = wait_scan(wo);
	if (ret || (wo->wo_flags & WNOHANG))
		return ret;
	init_waitqueue_func_entry(&wo->child_wait, child_wait_callback);
	wo->child_wait.private = current;
	add_wait_queue(&current->signal->wait_chldexit, &wo->child_wait);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		ret = wait_scan(wo);
		if (ret)
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&current->signal->wait_chldexit, &wo->child_wait);
	return ret;
}

/* The selector of waitid(2) and wait4(2) made into a pid and a type. */
static int select_pid(struct wait_opts *wo, int which, pid_t upid, int options)
{
	unsigned int f_flags = 0;

	switch (which) {
	case P_ALL:
		wo->wo_type = PIDTYPE_MAX;
		return 0;
	case P_PID:
		if (upid <= 0)
			return -EINVAL;
		wo->wo_type = PIDTYPE_PID;
		wo->wo_pid = find_get_pid(upid);
		return 0;
	case P_PGID:
		if (upid < 0)
			return -EINVAL;
		wo->wo_type = PIDTYPE_PGID;
		wo->wo_pid = upid ? find_get_pid(upid) : get_task_pid(current, PIDTYPE_PGID);
		return 0;
	case P_PIDFD:
		if (upid < 0)
			return -EINVAL;
		wo->wo_type = PIDTYPE_PID;
		wo->wo_pid = pidfd_get_pid(upid, &f_flags);
		if (IS_ERR(wo->wo_pid))
			return PTR_ERR(wo->wo_pid);
		if (f_flags & 04000 /* O_NONBLOCK */) {
			wo->wo_flags |= WNOHANG;
			return 1;
		}
		return 0;
	default:
		return -EINVAL;
	}
}

/* The pid of a child that has something to tell, 0 or an errno. */
static long kernel_waitid(int which, pid_t upid, struct waitid_info *info, int options,
			  struct rusage *ru)
{
	struct wait_opts wo = {.wo_flags = options, .wo_info = info, .wo_rusage = ru};
	int nonblock;
	long ret;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	nonblock = select_pid(&wo, which, upid, options);
	if (nonblock < 0)
		return nonblock;
	ret = do_wait(&wo);
	if (!ret && nonblock && !(options & WNOHANG))
		ret = -EAGAIN;
	put_pid(wo.wo_pid);
	return ret;
}

SYSCALL_DEFINE5(waitid, int, which, pid_t, upid, siginfo_t __user *, infop, int, options,
		struct rusage __user *, ru)
{
	struct waitid_info info = {.status = 0};
	struct rusage r;
	siginfo_t si;
	long ret = kernel_waitid(which, upid, &info, options, ru ? &r : NULL);

	memset(&si, 0, sizeof(si));
	if (ret > 0) {
		si.si_signo = SIGCHLD;
		ret = 0;
		if (ru && copy_to_user(ru, &r, sizeof(r)))
			return -EFAULT;
	}
	/* The record is written, cleared, whatever the call fails with: so Linux does. */
	if (!infop)
		return ret;
	si.si_code = info.cause;
	si.si_pid = info.pid;
	si.si_uid = info.uid;
	si.si_status = info.status;
	return copy_to_user(infop, &si, offsetof(siginfo_t, si_utime)) ? -EFAULT : ret;
}

long kernel_wait4(pid_t upid, int *stat, int options, struct rusage *ru)
{
	struct wait_opts wo = {.wo_rusage = ru};
	long ret;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	/* Its negation, the group's number, does not exist. */
	if (upid == INT32_MIN)
		return -ESRCH;
	wo.wo_flags = options | WEXITED;
	if (upid == -1) {
		wo.wo_type = PIDTYPE_MAX;
	} else if (upid <= 0) {
		wo.wo_type = PIDTYPE_PGID;
		wo.wo_pid = upid ? find_get_pid(-upid) : get_task_pid(current, PIDTYPE_PGID);
	} else {
		wo.wo_type = PIDTYPE_PID;
		wo.wo_pid = find_get_pid(upid);
	}
	ret = do_wait(&wo);
	put_pid(wo.wo_pid);
	if (ret > 0 && stat)
		*stat = wo.wo_stat;
	return ret;
}

SYSCALL_DEFINE4(wait4, pid_t, upid, int __user *, stat_addr, int, options, struct rusage __user *,
		ru)
{
	struct rusage r;
	int stat = 0;
	long ret = kernel_wait4(upid, &stat, options, ru ? &r : NULL);

	if (ret <= 0)
		return ret;
	if (stat_addr && put_user(stat, stat_addr))
		return -EFAULT;
	if (ru && copy_to_user(ru, &r, sizeof(r)))
		return -EFAULT;
	return ret;
}
