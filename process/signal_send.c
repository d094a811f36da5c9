/* SPDX-License-Identifier: MIT */
/*
 * Sending signals: queueing one, choosing the thread that takes it, and the permission to send.
 * Contract and rules in <jiffy/signal.h>. signal(7), kill(2). Any context unless said.
 */
#include <jiffy/cgroup.h>
#include <jiffy/gfp.h>
#include <jiffy/mutation.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>

#include "task.h"

static struct kmem_cache *sigqueue_cachep;

void signals_init(void)
{
	sigqueue_cachep = KMEM_CACHE(sigqueue, SLAB_PANIC);
}

/*
 * A queue entry counted for t's user; must: past the limit too (the kernel's own signals and
 * those below SIGRTMIN, whose loss a program cannot see coming).
 */
struct sigqueue *sigqueue_take(struct task_struct *t, int sig, bool must)
{
	struct user_struct *user;
	struct sigqueue *q;
	int pending;

	rcu_read_lock();
	user = get_uid(__task_cred(t)->user);
	rcu_read_unlock();
	pending = atomic_inc_return(&user->sigpending);
	if (must || pending <= task_rlimit(t, RLIMIT_SIGPENDING) || mutant(SIGPENDING_IGNORED)) {
		q = kmem_cache_alloc(sigqueue_cachep, GFP_ATOMIC);
		if (q) {
			INIT_LIST_HEAD(&q->list);
			q->flags = 0;
			q->user = user;
			return q;
		}
	}
	atomic_dec(&user->sigpending);
	free_uid(user);
	return NULL;
}

void sigqueue_give(struct sigqueue *q)
{
	if (q->flags & SIGQUEUE_PREALLOC)
		return;
	atomic_dec(&q->user->sigpending);
	free_uid(q->user);
	kmem_cache_free(sigqueue_cachep, q);
}

void flush_sigqueue(struct sigpending *queue)
{
	struct sigqueue *q, *n;

	queue->signal = 0;
	list_for_each_entry_safe (q, n, &queue->list, list) {
		list_del_init(&q->list);
		if (!mutant(SIGQUEUE_LEAKED))
			sigqueue_give(q);
	}
}

void flush_sigqueue_mask(u64 mask, struct sigpending *queue)
{
	struct sigqueue *q, *n;

	if (!(queue->signal & mask))
		return;
	queue->signal &= ~mask;
	list_for_each_entry_safe (q, n, &queue->list, list) {
		if (mask & sigmask(q->info.si_signo)) {
			list_del_init(&q->list);
			sigqueue_give(q);
		}
	}
}

void flush_signals(struct task_struct *t)
{
	unsigned long flags;

	spin_lock_irqsave(&t->sighand->siglock, flags);
	clear_tsk_thread_flag(t, TIF_SIGPENDING);
	flush_sigqueue(&t->pending);
	flush_sigqueue(&t->signal->shared_pending);
	spin_unlock_irqrestore(&t->sighand->siglock, flags);
}

struct sighand_struct *lock_task_sighand(struct task_struct *t, unsigned long *flags)
{
	struct sighand_struct *sighand;

	rcu_read_lock();
	for (;;) {
		sighand = rcu_dereference(t->sighand);
		if (!sighand)
			break;
		spin_lock_irqsave(&sighand->siglock, *flags);
		/* Reaped, or exec gave it another one, while we waited? */
		if (likely(sighand == READ_ONCE(t->sighand)))
			break;
		spin_unlock_irqrestore(&sighand->siglock, *flags);
	}
	rcu_read_unlock();
	return sighand;
}

#define SIG_KTHREAD_KERNEL ((sighandler_t)2) /* allow_signal() of a kernel thread */

bool sig_task_ignored(struct task_struct *t, int sig, bool force)
{
	sighandler_t handler = t->sighand->action[sig - 1].sa.sa_handler;

	if (unlikely(is_global_init(t) && sig_kernel_only(sig)))
		return true;
	if (unlikely(t->signal->flags & SIGNAL_UNKILLABLE) && handler == SIG_DFL &&
	    !(force && sig_kernel_only(sig)))
		return true;
	if (unlikely(t->flags & PF_KTHREAD) && handler == SIG_KTHREAD_KERNEL && !force)
		return true;
	return handler == SIG_IGN || (handler == SIG_DFL && sig_kernel_ignore(sig));
}

bool sig_ignored(struct task_struct *t, int sig, bool force)
{
	/* A blocked one may find a handler by the time it is unblocked. */
	if (((t->blocked | t->real_blocked) >> (sig - 1)) & 1)
		return false;
	/* A tracer hears of ignored signals too. */
	if (t->ptrace && sig != SIGKILL)
		return false;
	return sig_task_ignored(t, sig, force);
}

static u64 deliverable(const struct task_struct *t)
{
	return (t->pending.signal | t->signal->shared_pending.signal) & ~t->blocked;
}

bool recalc_sigpending_tsk(struct task_struct *t)
{
	if ((t->jobctl & (JOBCTL_PENDING_MASK | JOBCTL_TRAP_FREEZE)) || deliverable(t) ||
	    cgroup_task_frozen(t)) {
		set_tsk_thread_flag(t, TIF_SIGPENDING);
		return true;
	}
	/* Never cleared here: only the task itself knows that nothing else set the flag. */
	return false;
}

void recalc_sigpending(void)
{
	if (!recalc_sigpending_tsk(current) && test_thread_flag(TIF_SIGPENDING))
		clear_thread_flag(TIF_SIGPENDING);
}

void recalc_sigpending_and_wake(struct task_struct *t)
{
	if (recalc_sigpending_tsk(t))
		signal_wake_up(t, false);
}

void signal_wake_up_state(struct task_struct *t, unsigned int state)
{
	lockdep_assert_held(&t->sighand->siglock);
	set_tsk_thread_flag(t, TIF_SIGPENDING);
	/* One that runs in user mode must come into the kernel to see the flag. */
	if (!wake_up_state(t, state | TASK_INTERRUPTIBLE))
		kick_process(t);
}

void signal_wake_up(struct task_struct *t, bool fatal)
{
	unsigned int state = 0;

	if (fatal && !(t->jobctl & JOBCTL_PTRACE_FROZEN)) {
		t->jobctl &= ~(JOBCTL_STOPPED | JOBCTL_TRACED);
		state = TASK_WAKEKILL | __TASK_TRACED | __TASK_STOPPED;
	}
	signal_wake_up_state(t, state);
}

bool fatal_signal_pending(struct task_struct *t)
{
	return signal_pending(t) && (t->pending.signal & sigmask(SIGKILL));
}

static bool wants_signal(int sig, struct task_struct *t)
{
	if (sigismember(&t->blocked, sig) || (t->flags & PF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (READ_ONCE(t->__state) & (__TASK_STOPPED | __TASK_TRACED))
		return false;
	return task_curr(t) || !signal_pending(t);
}

/* The signal will end the whole group: begin at once, so that no thread runs on meanwhile. */
static bool is_group_fatal(int sig, struct task_struct *p, struct task_struct *t)
{
	/* t waits for it in sigtimedwait(2) and has it unblocked only to be woken. */
	if (sig != SIGKILL && ((t->real_blocked >> (sig - 1)) & 1))
		return false;
	if (sig_kernel_ignore(sig) || sig_kernel_stop(sig))
		return false;
	if (p->sighand->action[sig - 1].sa.sa_handler != SIG_DFL)
		return false;
	if ((p->signal->flags & SIGNAL_UNKILLABLE) && sig != SIGKILL)
		return false;
	return !(p->signal->flags & SIGNAL_GROUP_EXIT) && !p->signal->core_state &&
	       (sig == SIGKILL || !p->ptrace) && !sig_kernel_coredump(sig);
}

static void begin_group_exit(int sig, struct task_struct *p)
{
	struct task_struct *t;

	p->signal->flags = SIGNAL_GROUP_EXIT;
	p->signal->group_exit_code = sig;
	p->signal->group_stop_count = 0;
	for_each_thread (p, t) {
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
	}
}

/* Finds a thread for the queued signal and wakes it; p is tried first. */
static void complete_signal(int sig, struct task_struct *p, enum pid_type type)
{
	struct signal_struct *signal = p->signal;
	struct task_struct *t;

	if (wants_signal(sig, p)) {
		t = p;
	} else if (type == PIDTYPE_PID || signal->nr_threads <= 1) {
		return; /* it will look when it unblocks the signal or gets that far */
	} else {
		t = signal->curr_target;
		while (!wants_signal(sig, t)) {
			t = next_thread(t);
			if (t == signal->curr_target)
				return;
		}
		signal->curr_target = t;
	}
	if (is_group_fatal(sig, p, t))
		begin_group_exit(sig, p);
	else
		signal_wake_up(t, sig == SIGKILL);
}

void fill_siginfo_user(kernel_siginfo_t *info, int sig, int code)
{
	clear_siginfo(info);
	info->si_signo = sig;
	info->si_code = code;
	info->si_pid = task_tgid_vnr(current);
	info->si_uid = from_kuid_munged(current_user_ns(), current_uid());
}

/*
 * The sender's ids, where they are what the sender's namespaces call it, as the receiver's do: one
 * from outside the receiver's pid namespace has no number there, and send_forced() said so. SIGCHLD
 * is made for its receiver.
 */
static void translate_sender(struct kernel_siginfo *info, struct task_struct *t, bool outside)
{
	struct user_namespace *ns;

	if (info->si_code != SI_USER && info->si_code != SI_QUEUE && info->si_code != SI_TKILL &&
	    info->si_code != SI_MESGQ)
		return;
	if (outside)
		info->si_pid = 0;
	rcu_read_lock();
	ns = task_cred_xxx(t, user_ns);
	if (ns != current_user_ns())
		info->si_uid = from_kuid_munged(ns, make_kuid(current_user_ns(), info->si_uid));
	rcu_read_unlock();
}

static void fill_queue_info(struct sigqueue *q, int sig, struct kernel_siginfo *info,
			    struct task_struct *t, bool force)
{
	if (!is_si_special(info)) {
		q->info = *info;
		translate_sender(&q->info, t, force);
		return;
	}
	clear_siginfo(&q->info);
	q->info.si_signo = sig;
	if (info == SEND_SIG_PRIV) {
		q->info.si_code = SI_KERNEL;
		return;
	}
	q->info.si_code = SI_USER;
	q->info.si_pid = task_tgid_nr_ns(current, task_active_pid_ns(t));
	rcu_read_lock();
	q->info.si_uid = from_kuid_munged(task_cred_xxx(t, user_ns), current_uid());
	rcu_read_unlock();
}

static int queue_signal(int sig, struct kernel_siginfo *info, struct task_struct *t,
			enum pid_type type, bool force)
{
	struct sigpending *pending;
	struct sigqueue *q;
	bool must;

	lockdep_assert_held(&t->sighand->siglock);
	if (!prepare_signal(sig, t, force))
		return 0;
	pending = type != PIDTYPE_PID ? &t->signal->shared_pending : &t->pending;
	/* A standard signal waits once, however often it is sent. */
	if (sig < SIGRTMIN && sigismember(&pending->signal, sig) && !mutant(SIGNAL_QUEUED_TWICE))
		return 0;
	/* SIGKILL carries nothing that anyone will read, and kernel threads read nothing. */
	if (sig != SIGKILL && !(t->flags & PF_KTHREAD)) {
		must = sig < SIGRTMIN && (is_si_special(info) || info->si_code >= 0);
		q = sigqueue_take(t, sig, must);
		if (q) {
			fill_queue_info(q, sig, info, t, force);
			list_add_tail(&q->list, &pending->list);
		} else if (!is_si_special(info) && sig >= SIGRTMIN && info->si_code != SI_USER) {
			return -EAGAIN; /* sigqueue(3) says so; the others lose only the siginfo */
		}
	}
	if (waitqueue_active(&t->sighand->signalfd_wqh))
		wake_up(&t->sighand->signalfd_wqh);
	sigaddset(&pending->signal, sig);
	complete_signal(sig, t, type);
	return 0;
}

static bool has_si_pid_and_uid(const struct kernel_siginfo *info)
{
	switch (info->si_code) {
	case SI_USER:
	case SI_QUEUE:
	case SI_TKILL:
	case SI_MESGQ:
		return true;
	default:
		return info->si_signo == SIGCHLD && info->si_code > 0 && info->si_code <= NSIGCHLD;
	}
}

/* From the kernel, or from a namespace above: an init without a handler obeys SIGKILL, SIGSTOP. */
static bool send_forced(struct kernel_siginfo *info, struct task_struct *t)
{
	if (info == SEND_SIG_PRIV)
		return true;
	if (info == SEND_SIG_NOINFO)
		return !task_pid_nr_ns(current, task_active_pid_ns(t));
	if (info->si_code == SI_KERNEL)
		return true;
	return has_si_pid_and_uid(info) && !task_pid_nr_ns(current, task_active_pid_ns(t));
}

int send_signal_locked(int sig, struct kernel_siginfo *info, struct task_struct *t,
		       enum pid_type type)
{
	return queue_signal(sig, info, t, type, send_forced(info, t));
}

int do_send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *t,
		     enum pid_type type)
{
	unsigned long flags;
	int ret = -ESRCH;

	if (lock_task_sighand(t, &flags)) {
		ret = send_signal_locked(sig, info, t, type);
		unlock_task_sighand(t, &flags);
	}
	return ret;
}

int send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *t)
{
	return valid_signal(sig) ? do_send_sig_info(sig, info, t, PIDTYPE_PID) : -EINVAL;
}

int send_sig(int sig, struct task_struct *t, int priv)
{
	return send_sig_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, t);
}

/* kill(2): the same user, or CAP_KILL. Effective and real against real and saved. */
static bool kill_ok_by_cred(const struct cred *cred, struct task_struct *t)
{
	const struct cred *tcred = __task_cred(t);

	return uid_eq(cred->euid, tcred->suid) || uid_eq(cred->euid, tcred->uid) ||
	       uid_eq(cred->uid, tcred->suid) || uid_eq(cred->uid, tcred->uid) ||
	       cred_ns_capable(cred, tcred->user_ns, CAP_KILL);
}

/* RCU held. A signal that the kernel itself sends needs no permission. */
static int check_kill_permission(int sig, struct kernel_siginfo *info, struct task_struct *t)
{
	if (!valid_signal(sig))
		return -EINVAL;
	if (info == SEND_SIG_PRIV || (info != SEND_SIG_NOINFO && info->si_code > 0))
		return 0;
	if (same_thread_group(current, t) || kill_ok_by_cred(current_cred(), t) ||
	    mutant(KILL_UNCHECKED))
		return 0;
	/* A shell may always continue what belongs to its session. */
	if (sig == SIGCONT && task_session(t) == task_session(current))
		return 0;
	return -EPERM;
}

int group_send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *t,
			enum pid_type type)
{
	int ret;

	rcu_read_lock();
	ret = check_kill_permission(sig, info, t);
	rcu_read_unlock();
	if (!ret && sig)
		ret = do_send_sig_info(sig, info, t, type);
	return ret;
}

/* 0 when at least one member got it; else what the last one said, or -ESRCH. */
int kill_pgrp_info(int sig, struct kernel_siginfo *info, struct pid *pgrp)
{
	struct task_struct *p;
	bool success = false;
	int ret = -ESRCH;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p)
	{
		int err = group_send_sig_info(sig, info, p, PIDTYPE_PGID);

		success |= !err;
		ret = err;
	}
	while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return success ? 0 : ret;
}

int kill_pgrp(struct pid *pgrp, int sig, int priv)
{
	int ret;

	read_lock(&tasklist_lock);
	ret = kill_pgrp_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, pgrp);
	read_unlock(&tasklist_lock);
	return ret;
}

int kill_pid_info_type(int sig, struct kernel_siginfo *info, struct pid *pid, enum pid_type type)
{
	struct task_struct *p;
	int ret;

	for (;;) {
		rcu_read_lock();
		p = pid_task(pid, PIDTYPE_PID);
		ret = p ? group_send_sig_info(sig, info, p, type) : -ESRCH;
		rcu_read_unlock();
		/* The leader went away, but exec may have given its pid to another thread. */
		if (likely(!p || ret != -ESRCH))
			return ret;
	}
}

int kill_pid_info(int sig, struct kernel_siginfo *info, struct pid *pid)
{
	return kill_pid_info_type(sig, info, pid, PIDTYPE_TGID);
}

int kill_pid(struct pid *pid, int sig, int priv)
{
	return kill_pid_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, pid);
}

int kill_pid_info_as_cred(int sig, struct kernel_siginfo *info, struct pid *pid,
			  const struct cred *cred)
{
	struct task_struct *p;
	int ret = -ESRCH;

	if (!valid_signal(sig))
		return -EINVAL;
	rcu_read_lock();
	p = pid_task(pid, PIDTYPE_PID);
	if (p) {
		ret = kill_ok_by_cred(cred, p) ? 0 : -EPERM;
		if (!ret && sig)
			ret = do_send_sig_info(sig, info, p, PIDTYPE_TGID);
	}
	rcu_read_unlock();
	return ret;
}

enum sig_handler { HANDLER_CURRENT, HANDLER_SIG_DFL, HANDLER_EXIT };

/*
 * A signal that t cannot be spared, since it cannot go on: what blocks or ignores it is undone,
 * and then its default action ends even an init.
 */
static int force_sig_info_to_task(struct kernel_siginfo *info, struct task_struct *t,
				  enum sig_handler handler)
{
	int sig = info->si_signo, ret;
	struct k_sigaction *action;
	unsigned long flags;
	bool blocked, ignored;

	spin_lock_irqsave(&t->sighand->siglock, flags);
	action = &t->sighand->action[sig - 1];
	ignored = action->sa.sa_handler == SIG_IGN;
	blocked = sigismember(&t->blocked, sig);
	if (blocked || ignored || handler != HANDLER_CURRENT) {
		action->sa.sa_handler = SIG_DFL;
		if (blocked)
			sigdelset(&t->blocked, sig);
	}
	if (action->sa.sa_handler == SIG_DFL && (!t->ptrace || handler == HANDLER_EXIT))
		t->signal->flags &= ~SIGNAL_UNKILLABLE;
	ret = send_signal_locked(sig, info, t, PIDTYPE_PID);
	/* It was pending before, so nobody woke the task for it. */
	if (!signal_pending(t))
		signal_wake_up(t, false);
	spin_unlock_irqrestore(&t->sighand->siglock, flags);
	return ret;
}

int force_sig_info(struct kernel_siginfo *info)
{
	return force_sig_info_to_task(info, current, HANDLER_CURRENT);
}

static void fill_fault(struct kernel_siginfo *info, int sig, int code, void __user *addr)
{
	clear_siginfo(info);
	info->si_signo = sig;
	info->si_code = code;
	info->si_addr = addr;
}

int force_sig_fault_to_task(int sig, int code, void __user *addr, struct task_struct *t)
{
	struct kernel_siginfo info;

	fill_fault(&info, sig, code, addr);
	return force_sig_info_to_task(&info, t, HANDLER_CURRENT);
}

int force_sig_fault(int sig, int code, void __user *addr)
{
	return force_sig_fault_to_task(sig, code, addr, current);
}

int send_sig_fault(int sig, int code, void __user *addr, struct task_struct *t)
{
	struct kernel_siginfo info;

	fill_fault(&info, sig, code, addr);
	return send_sig_info(sig, &info, t);
}

static void force_kernel_sig(int sig, enum sig_handler handler)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = sig;
	info.si_code = SI_KERNEL;
	force_sig_info_to_task(&info, current, handler);
}

void force_sig(int sig)
{
	force_kernel_sig(sig, HANDLER_CURRENT);
}

void force_fatal_sig(int sig)
{
	force_kernel_sig(sig, HANDLER_SIG_DFL);
}

void force_sigsegv(int sig)
{
	/* The frame of SIGSEGV's own handler could not be written: no handler can help. */
	if (sig == SIGSEGV)
		force_fatal_sig(SIGSEGV);
	else
		force_sig(SIGSEGV);
}

struct sigqueue *sigqueue_alloc(void)
{
	struct sigqueue *q = sigqueue_take(current, 0, false);

	if (q)
		q->flags = SIGQUEUE_PREALLOC;
	return q;
}

/* When it is queued now, whoever takes it off the queue frees it. */
void sigqueue_free(struct sigqueue *q)
{
	spinlock_t *lock = &current->sighand->siglock;
	unsigned long flags;
	bool queued;

	spin_lock_irqsave(lock, flags);
	q->flags &= ~SIGQUEUE_PREALLOC;
	queued = !list_empty(&q->list);
	spin_unlock_irqrestore(lock, flags);
	if (!queued)
		sigqueue_give(q);
}

int send_sigqueue(struct sigqueue *q, struct pid *pid, enum pid_type type)
{
	int sig = q->info.si_signo, ret = -1;
	struct sigpending *pending;
	struct task_struct *t;
	unsigned long flags;

	rcu_read_lock();
	t = pid_task(pid, type);
	if (!t || !lock_task_sighand(t, &flags))
		goto out;
	ret = 1;
	if (!prepare_signal(sig, t, false))
		goto unlock;
	ret = 0;
	if (!list_empty(&q->list)) {
		q->info.si_overrun++;
		goto unlock;
	}
	q->info.si_overrun = 0;
	if (waitqueue_active(&t->sighand->signalfd_wqh))
		wake_up(&t->sighand->signalfd_wqh);
	pending = type != PIDTYPE_PID ? &t->signal->shared_pending : &t->pending;
	list_add_tail(&q->list, &pending->list);
	sigaddset(&pending->signal, sig);
	complete_signal(sig, t, type);
unlock:
	unlock_task_sighand(t, &flags);
out:
	rcu_read_unlock();
	return ret;
}
