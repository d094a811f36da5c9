/* SPDX-License-Identifier: MIT */
/*
 * Taking signals: what is next, what its action is, and dying of it. Current's own side; the
 * sending side is signal_send.c, stops are in jobctl.c. signal(7).
 */
#include <arch/task.h>
#include <jiffy/binfmts.h>
#include <jiffy/cgroup.h>
#include <jiffy/posix_timers.h>
#include <jiffy/ptrace.h>

#include "internal.h"

int print_fatal_signals;

/* The lowest deliverable one; faults first, so that their context is still that of the fault. */
int next_signal(struct sigpending *pending, u64 mask)
{
	u64 x = pending->signal & ~mask;

	if (!x)
		return 0;
	if (x & SYNCHRONOUS_MASK)
		x &= SYNCHRONOUS_MASK;
	return __builtin_ctzll(x) + 1;
}

/* Takes the first entry of sig off the list; the bit goes with the last. */
void collect_signal(int sig, struct sigpending *list, kernel_siginfo_t *info, bool *resched_timer)
{
	struct sigqueue *q, *first = NULL;
	bool more = false;

	list_for_each_entry (q, &list->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		sigdelset(&list->signal, sig);
	if (first) {
		list_del_init(&first->list);
		*info = first->info;
		*resched_timer = (first->flags & SIGQUEUE_PREALLOC) && info->si_code == SI_TIMER &&
				 info->si_sys_private;
		sigqueue_give(first);
		return;
	}
	/* Sent without an entry: SIGKILL, or there was no memory for one. */
	clear_siginfo(info);
	info->si_signo = sig;
	info->si_code = SI_USER;
}

static int dequeue_from(struct sigpending *pending, u64 mask, kernel_siginfo_t *info,
			bool *resched_timer)
{
	int sig = next_signal(pending, mask);

	if (sig)
		collect_signal(sig, pending, info, resched_timer);
	return sig;
}

/* An interval timer of real time is armed again when its signal is taken, not when it is sent. */
static void restart_real_itimer(struct signal_struct *sig)
{
	if (sig->it_real_incr && !hrtimer_is_queued(&sig->real_timer)) {
		hrtimer_forward_now(&sig->real_timer, sig->it_real_incr);
		hrtimer_start(&sig->real_timer, sig->real_timer.expires, HRTIMER_MODE_ABS);
	}
}

int dequeue_signal(struct task_struct *t, sigset_t *mask, kernel_siginfo_t *info,
		   enum pid_type *type)
{
	bool resched_timer = false;
	int sig;

	lockdep_assert_held(&t->sighand->siglock);
	*type = PIDTYPE_PID;
	sig = dequeue_from(&t->pending, *mask, info, &resched_timer);
	if (!sig) {
		*type = PIDTYPE_TGID;
		sig = dequeue_from(&t->signal->shared_pending, *mask, info, &resched_timer);
		if (unlikely(sig == SIGALRM))
			restart_real_itimer(t->signal);
	}
	recalc_sigpending();
	if (!sig)
		return 0;
	/* The default action of a stop signal is carried out in steps: see do_signal_stop(). */
	if (unlikely(sig_kernel_stop(sig)))
		t->jobctl |= JOBCTL_STOP_DEQUEUED;
	if (resched_timer) {
		spin_unlock(&t->sighand->siglock);
		posixtimer_rearm(info);
		spin_lock(&t->sighand->siglock);
		info->si_sys_private = 0;
	}
	return sig;
}

/* A fault's signal, if one is the next of the thread's own. */
static int dequeue_synchronous_signal(kernel_siginfo_t *info)
{
	struct sigpending *pending = &current->pending;
	u64 ready = pending->signal & ~current->blocked & SYNCHRONOUS_MASK;
	struct sigqueue *q;
	bool resched;

	if (!ready)
		return 0;
	list_for_each_entry (q, &pending->list, list) {
		if (q->info.si_code > SI_USER && (sigmask(q->info.si_signo) & ready)) {
			int sig = q->info.si_signo;

			collect_signal(sig, pending, info, &resched);
			recalc_sigpending();
			return sig;
		}
	}
	return 0;
}

/* The tracer sees the signal first, and may change or swallow it. siglock is dropped meanwhile. */
static int ptrace_signal(int signr, kernel_siginfo_t *info, enum pid_type type)
{
	/* Whatever the tracer says, a stop is then one that it has approved of. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	signr = ptrace_stop(signr, CLD_TRAPPED, 0, info);
	if (!signr)
		return 0;
	if (signr != info->si_signo) {
		clear_siginfo(info);
		info->si_signo = signr;
		info->si_code = SI_USER;
		rcu_read_lock();
		info->si_pid = task_pid_vnr(current->parent);
		info->si_uid = from_kuid_munged(current_user_ns(), task_uid(current->parent));
		rcu_read_unlock();
	}
	/* Blocked by now: it goes back to its queue. */
	if (sigismember(&current->blocked, signr) || fatal_signal_pending(current)) {
		send_signal_locked(signr, info, current, type);
		signr = 0;
	}
	return signr;
}

static void print_fatal_signal(int signr)
{
	pr_info("%s[%d]: potentially unexpected fatal signal %d.\n", current->comm,
		task_pid_nr(current), signr);
	arch_show_regs(task_pt_regs(current));
}

/* The process dies of signr. */
static __noreturn void die_of_signal(int signr, kernel_siginfo_t *info)
{
	current->flags |= PF_SIGNALED;
	if (sig_kernel_coredump(signr)) {
		if (print_fatal_signals)
			print_fatal_signal(signr);
		do_coredump(info);
	}
	do_group_exit(signr);
}

enum default_action {
	ACTION_IGNORE,
	ACTION_STOPPED, /* done, and siglock was dropped: SIGCONT may have left news to tell */
	ACTION_DIE,
};

/* Carries out the default action of signr, but for a death. siglock held; see ACTION_STOPPED. */
static enum default_action do_default_action(int signr)
{
	struct sighand_struct *sighand = current->sighand;

	if (sig_kernel_ignore(signr))
		return ACTION_IGNORE;
	if (unlikely(current->signal->flags & SIGNAL_UNKILLABLE) && !sig_kernel_only(signr))
		return ACTION_IGNORE;
	if (!sig_kernel_stop(signr))
		return ACTION_DIE;
	/* The stops that a terminal sends do not stop a group that no shell could continue. */
	if (signr != SIGSTOP) {
		spin_unlock_irq(&sighand->siglock);
		if (is_current_pgrp_orphaned())
			return ACTION_STOPPED;
		spin_lock_irq(&sighand->siglock);
	}
	return do_signal_stop(signr) ? ACTION_STOPPED : ACTION_IGNORE;
}

/* The process ends, or another thread's exec ends this one. siglock is held, and dropped. */
static __noreturn void die_with_group(struct ksignal *ksig)
{
	clear_siginfo(&ksig->info);
	ksig->info.si_signo = SIGKILL;
	sigdelset(&current->pending.signal, SIGKILL);
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
	cgroup_leave_frozen(true);
	die_of_signal(SIGKILL, &ksig->info);
}

/* What makes current stand still before it takes a signal. True: it did, siglock was dropped. */
static bool stopped_or_frozen(struct sighand_struct *sighand)
{
	lockdep_assert_held(&sighand->siglock);
	if (unlikely(current->jobctl & JOBCTL_STOP_PENDING) && do_signal_stop(0))
		return true;
	if (unlikely(current->jobctl & JOBCTL_TRAP_MASK)) {
		do_jobctl_trap();
		spin_unlock_irq(&sighand->siglock);
		return true;
	}
	if (unlikely(current->jobctl & JOBCTL_TRAP_FREEZE)) {
		do_freezer_trap();
		return true;
	}
	if (unlikely(cgroup_task_frozen(current))) {
		spin_unlock_irq(&sighand->siglock);
		cgroup_leave_frozen(false);
		return true;
	}
	return false;
}

/*
 * Takes signals until one has a handler (true, *ksig filled) or none is left (false). Stops and
 * deaths happen in here. Task context, on the way to user space.
 */
bool get_signal(struct ksignal *ksig)
{
	struct sighand_struct *sighand = current->sighand;
	struct signal_struct *signal = current->signal;
	enum default_action action;
	enum pid_type type;
	int signr;

	clear_thread_flag(TIF_NOTIFY_SIGNAL);
	if (unlikely(READ_ONCE(current->task_works)))
		task_work_run();
	if (!signal_pending(current))
		return false;
relock:
	spin_lock_irq(&sighand->siglock);
	if (unlikely(signal->flags & SIGNAL_CLD_MASK) && notify_cont(sighand))
		goto relock;
	for (;;) {
		struct k_sigaction *ka;

		type = PIDTYPE_PID;
		if ((signal->flags & SIGNAL_GROUP_EXIT) || signal->group_exec_task)
			die_with_group(ksig);
		if (stopped_or_frozen(sighand))
			goto relock;
		signr = dequeue_synchronous_signal(&ksig->info);
		if (!signr)
			signr = dequeue_signal(current, &current->blocked, &ksig->info, &type);
		if (!signr)
			break;
		if (unlikely(current->ptrace) && signr != SIGKILL) {
			signr = ptrace_signal(signr, &ksig->info, type);
			if (!signr)
				continue;
		}
		ka = &sighand->action[signr - 1];
		if (ka->sa.sa_handler == SIG_IGN)
			continue;
		if (ka->sa.sa_handler != SIG_DFL) {
			ksig->ka = *ka;
			if (ka->sa.sa_flags & SA_RESETHAND)
				ka->sa.sa_handler = SIG_DFL;
			break;
		}
		action = do_default_action(signr);
		if (action == ACTION_STOPPED)
			goto relock;
		if (action == ACTION_IGNORE)
			continue;
		spin_unlock_irq(&sighand->siglock);
		die_of_signal(signr, &ksig->info);
	}
	spin_unlock_irq(&sighand->siglock);
	ksig->sig = signr;
	return signr > 0;
}

/* The frame stands (or could not be written): the handler's own mask applies from now on. */
void signal_setup_done(int failed, struct ksignal *ksig, bool stepping)
{
	sigset_t blocked;

	if (failed) {
		force_sigsegv(ksig->sig);
		return;
	}
	clear_thread_flag(TIF_RESTORE_SIGMASK);
	blocked = current->blocked | ksig->ka.sa.sa_mask;
	if (!(ksig->ka.sa.sa_flags & SA_NODEFER))
		sigaddset(&blocked, ksig->sig);
	set_current_blocked(&blocked);
	if (current->sas_ss_flags & SS_AUTODISARM) {
		current->sas_ss_sp = current->sas_ss_size = 0;
		current->sas_ss_flags = SS_DISABLE;
	}
	if (stepping)
		ptrace_notify(SIGTRAP, 0);
}

/* Signals that the group has and only current was about to take are offered to the others. */
static void retarget_shared_pending(struct task_struct *t, u64 which)
{
	u64 retarget = t->signal->shared_pending.signal & which;
	struct task_struct *other;

	if (!retarget)
		return;
	for_each_thread (t, other) {
		if (other == t || (other->flags & PF_EXITING) || !(retarget & ~other->blocked))
			continue;
		retarget &= other->blocked;
		if (!signal_pending(other))
			signal_wake_up(other, false);
		if (!retarget)
			break;
	}
}

void change_blocked(const sigset_t *set)
{
	struct task_struct *t = current;

	lockdep_assert_held(&t->sighand->siglock);
	if (signal_pending(t) && t->signal->nr_threads > 1)
		retarget_shared_pending(t, *set & ~t->blocked);
	t->blocked = *set;
	recalc_sigpending();
}

void __set_current_blocked(const sigset_t *set)
{
	struct task_struct *t = current;

	if (t->blocked == *set)
		return;
	spin_lock_irq(&t->sighand->siglock);
	change_blocked(set);
	spin_unlock_irq(&t->sighand->siglock);
}

void set_current_blocked(sigset_t *set)
{
	*set &= ~SIG_KERNEL_ONLY_MASK;
	__set_current_blocked(set);
}

int sigprocmask(int how, sigset_t *set, sigset_t *oldset)
{
	sigset_t new = current->blocked;

	if (oldset)
		*oldset = new;
	switch (how) {
	case SIG_BLOCK:
		new |= *set;
		break;
	case SIG_UNBLOCK:
		new &= ~*set;
		break;
	case SIG_SETMASK:
		new = *set;
		break;
	default:
		return -EINVAL;
	}
	__set_current_blocked(&new);
	return 0;
}

sigset_t *sigmask_to_save(void)
{
	return test_thread_flag(TIF_RESTORE_SIGMASK) ? &current->saved_sigmask : &current->blocked;
}

void restore_saved_sigmask(void)
{
	if (test_and_clear_thread_flag(TIF_RESTORE_SIGMASK))
		__set_current_blocked(&current->saved_sigmask);
}

void restore_saved_sigmask_unless(bool interrupted)
{
	if (!interrupted)
		restore_saved_sigmask();
}

/*
 * current begins to die: signals meant for the group that it was to take go to others, and a
 * group stop that waits for everybody no longer waits for it.
 */
void exit_signals(struct task_struct *t)
{
	bool group_stop = false;

	spin_lock_irq(&t->sighand->siglock);
	t->flags |= PF_EXITING;
	if (signal_pending(t) && t->signal->nr_threads > 1)
		retarget_shared_pending(t, ~t->blocked);
	if ((t->jobctl & JOBCTL_STOP_PENDING) && task_participate_group_stop(t))
		group_stop = true;
	spin_unlock_irq(&t->sighand->siglock);
	if (unlikely(group_stop)) {
		read_lock(&tasklist_lock);
		do_notify_parent_cldstop(t, false, CLD_STOPPED);
		read_unlock(&tasklist_lock);
	}
}

/* exec: handlers are code that is no more. Ignored signals stay ignored. */
void flush_signal_handlers(struct task_struct *t, bool force_default)
{
	int i;

	for (i = 0; i < _NSIG; i++) {
		struct sigaction *sa = &t->sighand->action[i].sa;

		if (force_default || sa->sa_handler != SIG_IGN)
			sa->sa_handler = SIG_DFL;
		sa->sa_flags = 0;
		sa->sa_restorer = NULL;
		sigemptyset(&sa->sa_mask);
	}
}

/* exec: expirations of timers that exec deleted. */
void flush_itimer_signals(void)
{
	struct task_struct *t = current;
	struct sigpending *sets[2] = {&t->pending, &t->signal->shared_pending};
	unsigned long flags;
	int i;

	spin_lock_irqsave(&t->sighand->siglock, flags);
	for (i = 0; i < 2; i++) {
		struct sigqueue *q, *n;
		u64 retain = sets[i]->signal, present = 0;

		list_for_each_entry_safe (q, n, &sets[i]->list, list) {
			if (q->info.si_code != SI_TIMER) {
				present |= sigmask(q->info.si_signo);
				continue;
			}
			sigdelset(&retain, q->info.si_signo);
			list_del_init(&q->list);
			sigqueue_give(q);
		}
		sets[i]->signal = retain | present;
	}
	spin_unlock_irqrestore(&t->sighand->siglock, flags);
}

bool unhandled_signal(struct task_struct *t, int sig)
{
	sighandler_t handler = t->sighand->action[sig - 1].sa.sa_handler;

	if (is_global_init(t))
		return true;
	if (handler != SIG_IGN && handler != SIG_DFL)
		return false;
	return !t->ptrace;
}

bool is_ignored(int sig)
{
	return sigismember(&current->blocked, sig) ||
	       current->sighand->action[sig - 1].sa.sa_handler == SIG_IGN;
}

void kernel_sigaction(int sig, sighandler_t action)
{
	spin_lock_irq(&current->sighand->siglock);
	current->sighand->action[sig - 1].sa.sa_handler = action;
	if (action == SIG_IGN) {
		flush_sigqueue_mask(sigmask(sig), &current->signal->shared_pending);
		flush_sigqueue_mask(sigmask(sig), &current->pending);
		recalc_sigpending();
	}
	spin_unlock_irq(&current->sighand->siglock);
}
