/* SPDX-License-Identifier: MIT */
/*
 * Job control: stopping and continuing whole processes, telling their parents, orphaned process
 * groups; and setpgid(2), setsid(2) and their kin. credentials(7), termios(3), signal(7).
 *
 * A group stop begins when one thread carries out a stop signal: it marks every thread
 * (JOBCTL_STOP_PENDING) and counts them; each that comes by get_signal() stops and counts itself
 * off, and the last one makes the process SIGNAL_STOP_STOPPED and tells the parent. SIGCONT
 * undoes all that at the moment it is sent, whatever becomes of the signal itself.
 */
#include <jiffy/cgroup.h>
#include <jiffy/cputime.h>
#include <jiffy/mutation.h>
#include <jiffy/ptrace.h>
#include <jiffy/resource.h>
#include <jiffy/sched_group.h>
#include <jiffy/syscalls.h>
#include <jiffy/tty.h>

#include "internal.h"

void task_clear_jobctl_pending(struct task_struct *t, unsigned long mask)
{
	if (mask & JOBCTL_STOP_PENDING)
		mask |= JOBCTL_STOP_CONSUME | JOBCTL_STOP_DEQUEUED;
	t->jobctl &= ~mask;
	/* A tracer that waits for the trap must not wait for ever. */
	if (!(t->jobctl & JOBCTL_PENDING_MASK))
		task_clear_jobctl_trapping(t);
}

/*
 * The bit is set only while the tracer is between its link to t and its own end, and the end goes
 * through our siglock: so t->parent, read without tasklist_lock, is not freed under us.
 */
void task_clear_jobctl_trapping(struct task_struct *t)
{
	lockdep_assert_held(&t->sighand->siglock);
	if (likely(!(t->jobctl & JOBCTL_TRAPPING)))
		return;
	t->jobctl &= ~JOBCTL_TRAPPING;
	smp_mb();
	__wake_up(&t->parent->signal->wait_chldexit, TASK_NORMAL, 0, t);
}

bool task_set_jobctl_pending(struct task_struct *t, unsigned long mask)
{
	if (unlikely(fatal_signal_pending(t) || (t->flags & PF_EXITING)))
		return false;
	if (mask & JOBCTL_STOP_SIGMASK)
		t->jobctl &= ~JOBCTL_STOP_SIGMASK;
	t->jobctl |= mask;
	return true;
}

/* t has stopped, or dies: true when it was the last one, and the parent is to be told. siglock. */
bool task_participate_group_stop(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	bool consume = t->jobctl & JOBCTL_STOP_CONSUME;

	task_clear_jobctl_pending(t, JOBCTL_STOP_PENDING);
	if (!consume)
		return false;
	if (sig->group_stop_count > 0)
		sig->group_stop_count--;
	if (!sig->group_stop_count && !(sig->flags & SIGNAL_STOP_STOPPED)) {
		sig->flags = (sig->flags & ~SIGNAL_STOP_MASK) | SIGNAL_STOP_STOPPED;
		return true;
	}
	return false;
}

/* A thread made while its group stops, stops as well. siglock. */
void task_join_group_stop(struct task_struct *t)
{
	unsigned long mask = current->jobctl & JOBCTL_STOP_SIGMASK;
	struct signal_struct *sig = current->signal;

	if (sig->group_stop_count) {
		sig->group_stop_count++;
		mask |= JOBCTL_STOP_CONSUME;
	} else if (!(sig->flags & SIGNAL_STOP_STOPPED)) {
		return;
	}
	if (task_set_jobctl_pending(t, mask | JOBCTL_STOP_PENDING))
		set_tsk_thread_flag(t, TIF_SIGPENDING);
}

/* A stop signal takes pending SIGCONTs away; threads stop only when it is delivered. */
static void prepare_stop(struct task_struct *t)
{
	struct task_struct *p;

	flush_sigqueue_mask(sigmask(SIGCONT), &t->signal->shared_pending);
	for_each_thread (t, p)
		flush_sigqueue_mask(sigmask(SIGCONT), &p->pending);
}

/* SIGCONT takes pending stops away and wakes all threads at once. */
static void prepare_cont(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	struct task_struct *p;
	unsigned int why = 0;

	flush_sigqueue_mask(SIG_KERNEL_STOP_MASK, &sig->shared_pending);
	for_each_thread (t, p) {
		flush_sigqueue_mask(SIG_KERNEL_STOP_MASK, &p->pending);
		task_clear_jobctl_pending(p, JOBCTL_STOP_PENDING);
		if (likely(!(p->ptrace & PT_SEIZED))) {
			p->jobctl &= ~JOBCTL_STOPPED;
			if (!mutant(CONT_DOES_NOT_WAKE))
				wake_up_state(p, __TASK_STOPPED);
		} else {
			ptrace_trap_notify(p);
		}
	}
	/* The parent hears of the stop that was (or was about to be), then of the continuing. */
	if (sig->flags & SIGNAL_STOP_STOPPED)
		why = SIGNAL_CLD_CONTINUED;
	else if (sig->group_stop_count)
		why = SIGNAL_CLD_STOPPED;
	if (why) {
		/* Told by the first thread that passes get_signal(): no parent's lock is ours now.
		 */
		sig->flags = (sig->flags & ~SIGNAL_STOP_MASK) | why | SIGNAL_STOP_CONTINUED;
		sig->group_stop_count = 0;
		sig->group_exit_code = 0;
	}
}

/* What sending has for effect at once, and whether the signal is to be queued. siglock. */
bool prepare_signal(int sig, struct task_struct *t, bool force)
{
	struct signal_struct *signal = t->signal;

	if (signal->flags & SIGNAL_GROUP_EXIT) {
		if (signal->core_state)
			return sig == SIGKILL;
		return false;
	}
	if (sig_kernel_stop(sig) && !mutant(STOP_KEEPS_CONT))
		prepare_stop(t);
	else if (sig == SIGCONT)
		prepare_cont(t);
	return !sig_ignored(t, sig, force);
}

/* Marks every other thread for a group stop with this signal, and counts them with current. */
static void begin_group_stop(int signr)
{
	struct signal_struct *sig = current->signal;
	unsigned long mask = signr | JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
	struct task_struct *t;

	if (!(sig->flags & SIGNAL_STOP_STOPPED))
		sig->group_exit_code = signr;
	sig->group_stop_count = 0;
	if (task_set_jobctl_pending(current, mask))
		sig->group_stop_count++;
	for_each_thread (current, t) {
		if (t == current || (t->jobctl & JOBCTL_STOPPED) || mutant(GROUP_STOP_LOST) ||
		    !task_set_jobctl_pending(t, mask))
			continue;
		sig->group_stop_count++;
		if (likely(!(t->ptrace & PT_SEIZED)))
			signal_wake_up(t, false);
		else
			ptrace_trap_notify(t);
	}
}

/*
 * signr != 0: carries out that stop signal; 0: takes part in a stop under way. siglock is held;
 * true: it was dropped, we were stopped and are back. False: still held, there was no stop.
 */
bool do_signal_stop(int signr)
{
	struct signal_struct *sig = current->signal;
	bool notify;

	lockdep_assert_held(&current->sighand->siglock);
	if (!(current->jobctl & JOBCTL_STOP_PENDING)) {
		/* SIGCONT or SIGKILL came between the dequeueing and now. */
		if (!(current->jobctl & JOBCTL_STOP_DEQUEUED) || (sig->flags & SIGNAL_GROUP_EXIT) ||
		    sig->group_exec_task)
			return false;
		begin_group_stop(signr);
		if (!(current->jobctl & JOBCTL_STOP_PENDING))
			return false;
	}
	if (unlikely(current->ptrace)) {
		/* A tracee stops in a trap, so that its tracer may resume it alone. */
		task_set_jobctl_pending(current, JOBCTL_TRAP_STOP);
		return false;
	}
	notify = task_participate_group_stop(current);
	current->jobctl |= JOBCTL_STOPPED;
	__set_current_state(TASK_STOPPED);
	spin_unlock_irq(&current->sighand->siglock);
	if (notify) {
		read_lock(&tasklist_lock);
		do_notify_parent_cldstop(current, false, CLD_STOPPED);
		read_unlock(&tasklist_lock);
	}
	cgroup_enter_frozen();
	schedule();
	return true;
}

/*
 * current's cgroup is frozen: it sleeps until that ends, or a signal comes; then get_signal() sees
 * whether it is one that ends the process. siglock is held, and dropped.
 */
void do_freezer_trap(void)
{
	lockdep_assert_held(&current->sighand->siglock);
	__set_current_state(TASK_INTERRUPTIBLE);
	clear_thread_flag(TIF_SIGPENDING);
	spin_unlock_irq(&current->sighand->siglock);
	cgroup_enter_frozen();
	schedule();
}

/* A traced thread takes its group stop, or tells its tracer of another one's SIGCONT. siglock. */
void do_jobctl_trap(void)
{
	struct signal_struct *sig = current->signal;
	int signr = current->jobctl & JOBCTL_STOP_SIGMASK;

	if (current->ptrace & PT_SEIZED) {
		kernel_siginfo_t info;

		if (!sig->group_stop_count && !(sig->flags & SIGNAL_STOP_STOPPED))
			signr = SIGTRAP;
		clear_siginfo(&info);
		info.si_signo = signr;
		info.si_code = signr | PTRACE_EVENT_STOP << 8;
		info.si_pid = task_pid_vnr(current);
		info.si_uid = from_kuid_munged(current_user_ns(), current_uid());
		ptrace_stop(signr | PTRACE_EVENT_STOP << 8, CLD_STOPPED, 0, &info);
	} else {
		ptrace_stop(signr, CLD_STOPPED, 0, NULL);
	}
	current->exit_code = 0;
}

/* A seized tracee's tracer learns that its job control state changed. siglock. */
void ptrace_trap_notify(struct task_struct *t)
{
	task_set_jobctl_pending(t, JOBCTL_TRAP_NOTIFY);
	if (t->jobctl & JOBCTL_LISTENING) {
		t->jobctl &= ~(JOBCTL_TRACED | JOBCTL_LISTENING);
		wake_up_state(t, __TASK_TRACED);
	}
	signal_wake_up(t, false);
}

/* Tells the parent what prepare_cont() noted. siglock is held, and dropped: true. */
bool notify_cont(struct sighand_struct *sighand)
{
	struct signal_struct *sig = current->signal;
	int why = sig->flags & SIGNAL_CLD_CONTINUED ? CLD_CONTINUED : CLD_STOPPED;

	sig->flags &= ~SIGNAL_CLD_MASK;
	spin_unlock_irq(&sighand->siglock);
	read_lock(&tasklist_lock);
	do_notify_parent_cldstop(current, false, why);
	if (ptrace_reparented(current->group_leader))
		do_notify_parent_cldstop(current->group_leader, true, why);
	read_unlock(&tasklist_lock);
	return true;
}

static void fill_sigchld(kernel_siginfo_t *info, struct task_struct *t, struct task_struct *parent)
{
	u64 utime, stime;

	clear_siginfo(info);
	info->si_signo = SIGCHLD;
	rcu_read_lock();
	info->si_pid = task_pid_nr_ns(t, task_active_pid_ns(parent));
	info->si_uid = from_kuid_munged(task_cred_xxx(parent, user_ns), task_uid(t));
	rcu_read_unlock();
	task_cputime(t, &utime, &stime);
	info->si_utime = utime / (NSEC_PER_SEC / USER_HZ);
	info->si_stime = stime / (NSEC_PER_SEC / USER_HZ);
}

/* SIGCHLD (unless SA_NOCLDSTOP) and a wake-up for a stop or a continuing. tasklist_lock. */
void do_notify_parent_cldstop(struct task_struct *t, bool for_ptracer, int why)
{
	struct sighand_struct *sighand;
	struct task_struct *parent;
	kernel_siginfo_t info;
	unsigned long flags;

	if (for_ptracer) {
		parent = t->parent;
	} else {
		t = t->group_leader;
		parent = t->real_parent;
	}
	fill_sigchld(&info, t, parent);
	info.si_code = why;
	switch (why) {
	case CLD_CONTINUED:
		info.si_status = SIGCONT;
		break;
	case CLD_STOPPED:
		info.si_status = t->signal->group_exit_code & 0x7f;
		break;
	default:
		info.si_status = t->exit_code & 0x7f;
	}
	sighand = parent->sighand;
	spin_lock_irqsave(&sighand->siglock, flags);
	if (sighand->action[SIGCHLD - 1].sa.sa_handler != SIG_IGN &&
	    !(sighand->action[SIGCHLD - 1].sa.sa_flags & SA_NOCLDSTOP))
		send_signal_locked(SIGCHLD, &info, parent, PIDTYPE_TGID);
	/* wait4(2) hears of it whatever SIGCHLD is set to. */
	__wake_up_parent(t, parent);
	spin_unlock_irqrestore(&sighand->siglock, flags);
}

/* t is dead: true when its parent does not want to know and it may be reaped at once. */
bool do_notify_parent(struct task_struct *t, int sig)
{
	struct task_struct *parent = t->parent;
	struct sighand_struct *sighand = parent->sighand;
	kernel_siginfo_t info;
	unsigned long flags;
	bool autoreap = false;

	/* Those that poll a pidfd of the process. */
	if (thread_group_leader(t) && thread_group_empty(t) && !mutant(PIDFD_POLL_ASLEEP))
		wake_up_all(&t->thread_pid->wait_pidfd);
	fill_sigchld(&info, t, parent);
	info.si_signo = sig;
	info.si_status = t->exit_code & 0x7f;
	if (t->exit_code & 0x80) {
		info.si_code = CLD_DUMPED;
	} else if (t->exit_code & 0x7f) {
		info.si_code = CLD_KILLED;
	} else {
		info.si_code = CLD_EXITED;
		info.si_status = t->exit_code >> 8;
	}
	spin_lock_irqsave(&sighand->siglock, flags);
	if (!t->ptrace && sig == SIGCHLD) {
		struct sigaction *sa = &sighand->action[SIGCHLD - 1].sa;

		/* wait(2), POSIX: no zombie; SA_NOCLDWAIT sends the signal all the same. */
		autoreap = (sa->sa_handler == SIG_IGN || (sa->sa_flags & SA_NOCLDWAIT)) &&
			   !mutant(AUTOREAP_MISSED);
		if (sa->sa_handler == SIG_IGN)
			sig = 0;
	}
	if (sig > 0 && valid_signal(sig) && !mutant(EXIT_SIGNAL_LOST))
		send_signal_locked(sig, &info, parent, PIDTYPE_TGID);
	__wake_up_parent(t, parent);
	spin_unlock_irqrestore(&sighand->siglock, flags);
	return autoreap;
}

/* Every thread but p is told to die; how many. siglock. */
int zap_other_threads(struct task_struct *p)
{
	struct task_struct *t;
	int count = 0;

	lockdep_assert_held(&p->sighand->siglock);
	p->signal->group_stop_count = 0;
	for_each_thread (p, t) {
		if (t == p)
			continue;
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		count++;
		if (t->exit_state)
			continue;
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
	}
	return count;
}

/*
 * A process group is orphaned when no member has a parent in another group of the same session:
 * nobody could continue it once it stops. tasklist_lock.
 */
bool will_become_orphaned_pgrp(struct pid *pgrp, struct task_struct *ignored)
{
	struct task_struct *p;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p)
	{
		if (p == ignored || (p->exit_state && thread_group_empty(p)) ||
		    is_global_init(p->real_parent))
			continue;
		if (task_pgrp(p->real_parent) != pgrp &&
		    task_session(p->real_parent) == task_session(p))
			return false;
	}
	while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return true;
}

bool is_current_pgrp_orphaned(void)
{
	bool ret;

	read_lock(&tasklist_lock);
	ret = will_become_orphaned_pgrp(task_pgrp(current), NULL);
	read_unlock(&tasklist_lock);
	return ret;
}

bool has_stopped_jobs(struct pid *pgrp)
{
	struct task_struct *p;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p)
	{
		if (p->signal->flags & SIGNAL_STOP_STOPPED)
			return true;
	}
	while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return false;
}

/*
 * t leaves its parent (parent given: that one dies and t is its child) or dies (NULL). When that
 * orphans a group with stopped members, they get SIGHUP and SIGCONT (POSIX, _exit()).
 */
void kill_orphaned_pgrp(struct task_struct *t, struct task_struct *parent)
{
	struct pid *pgrp = task_pgrp(t);
	struct task_struct *ignored = t;

	lockdep_assert_held(&tasklist_lock);
	if (!parent)
		parent = t->real_parent;
	else
		ignored = NULL;
	if (!mutant(ORPHANED_PGRP_LEFT) && task_pgrp(parent) != pgrp &&
	    task_session(parent) == task_session(t) && will_become_orphaned_pgrp(pgrp, ignored) &&
	    has_stopped_jobs(pgrp)) {
		kill_pgrp_info(SIGHUP, SEND_SIG_PRIV, pgrp);
		kill_pgrp_info(SIGCONT, SEND_SIG_PRIV, pgrp);
	}
}

/* Makes pid the session and group of current's process. tasklist_lock for writing. */
void set_special_pids(struct pid *pid)
{
	struct task_struct *leader = current->group_leader;

	if (task_session(leader) != pid)
		change_pid(leader, PIDTYPE_SID, pid);
	if (task_pgrp(leader) != pid)
		change_pid(leader, PIDTYPE_PGID, pid);
}

/* Whether setpgid(2) may move p, and if so where to. tasklist_lock. */
static int setpgid_target(struct task_struct *p, pid_t pid, pid_t pgid, struct pid **pgrp)
{
	struct task_struct *leader = current->group_leader, *g;

	if (!thread_group_leader(p))
		return -EINVAL;
	if (same_thread_group(p->real_parent, leader)) {
		if (task_session(p) != task_session(leader))
			return -EPERM;
		if (!(p->flags & PF_FORKNOEXEC))
			return -EACCES;
	} else if (p != leader) {
		return -ESRCH;
	}
	if (p->signal->leader)
		return -EPERM;
	*pgrp = task_pid(p);
	if (pgid != pid) {
		*pgrp = find_vpid(pgid);
		g = pid_task(*pgrp, PIDTYPE_PGID);
		if (!g || task_session(g) != task_session(leader))
			return -EPERM;
	}
	return 0;
}

SYSCALL_DEFINE2(setpgid, pid_t, pid, pid_t, pgid)
{
	struct task_struct *p;
	struct pid *pgrp;
	int ret = -ESRCH;

	if (!pid)
		pid = task_tgid_vnr(current);
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	rcu_read_lock();
	write_lock_irq(&tasklist_lock);
	p = find_task_by_vpid(pid);
	if (p)
		ret = setpgid_target(p, pid, pgid, &pgrp);
	if (!ret && task_pgrp(p) != pgrp)
		change_pid(p, PIDTYPE_PGID, pgrp);
	write_unlock_irq(&tasklist_lock);
	rcu_read_unlock();
	return ret;
}

static long get_id_of(pid_t pid, enum pid_type type)
{
	struct task_struct *p;
	long ret = -ESRCH;

	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (p)
		ret = __task_pid_nr_ns(p, type, NULL);
	rcu_read_unlock();
	return ret;
}

SYSCALL_DEFINE1(getpgid, pid_t, pid)
{
	return get_id_of(pid, PIDTYPE_PGID);
}

SYSCALL_DEFINE0(getpgrp)
{
	return get_id_of(0, PIDTYPE_PGID);
}

SYSCALL_DEFINE1(getsid, pid_t, pid)
{
	return get_id_of(pid, PIDTYPE_SID);
}

SYSCALL_DEFINE0(setsid)
{
	struct task_struct *leader = current->group_leader;
	struct pid *sid = task_pid(leader);
	pid_t session = pid_vnr(sid);
	int ret = -EPERM;

	write_lock_irq(&tasklist_lock);
	/* Not when a group with our number exists: it would span two sessions. */
	if (!leader->signal->leader && !pid_has_task(sid, PIDTYPE_PGID)) {
		leader->signal->leader = true;
		set_special_pids(sid);
		proc_clear_tty(leader);
		ret = session;
	}
	write_unlock_irq(&tasklist_lock);
	if (ret > 0)
		sched_autogroup_create_attach(leader);
	return ret;
}
