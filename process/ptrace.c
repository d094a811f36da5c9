/* SPDX-License-Identifier: MIT */
/*
 * Tracing: attaching, detaching, stops and events. The requests on a stopped tracee are in
 * ptrace_requests.c. ptrace(2). Rules in <jiffy/ptrace.h>.
 */
#include <arch/task.h>
#include <jiffy/cgroup.h>
#include <jiffy/mm.h>
#include <jiffy/mutation.h>
#include <jiffy/ptrace.h>
#include <jiffy/seccomp.h>

#include "internal.h"
#include "ptrace.h"

bool ptrace_reparented(struct task_struct *child)
{
	return !same_thread_group(child->real_parent, child->parent);
}

bool ptrace_event_enabled(struct task_struct *task, int event)
{
	return task->ptrace & PT_EVENT_FLAG(event);
}

/* ptrace(2), "Ptrace access mode checking". RCU is taken inside. */
static int may_access(struct task_struct *task, unsigned int mode)
{
	const struct cred *cred = current_cred(), *tcred;
	struct mm_struct *mm;
	kuid_t uid;
	kgid_t gid;
	int ret = 0;

	if (same_thread_group(task, current) || mutant(PTRACE_UNCHECKED))
		return 0;
	uid = mode & PTRACE_MODE_FSCREDS ? cred->fsuid : cred->uid;
	gid = mode & PTRACE_MODE_FSCREDS ? cred->fsgid : cred->gid;
	rcu_read_lock();
	tcred = __task_cred(task);
	if (!(uid_eq(uid, tcred->euid) && uid_eq(uid, tcred->suid) && uid_eq(uid, tcred->uid) &&
	      gid_eq(gid, tcred->egid) && gid_eq(gid, tcred->sgid) && gid_eq(gid, tcred->gid)) &&
	    !ns_capable_noaudit(tcred->user_ns, CAP_SYS_PTRACE))
		ret = -EPERM;
	if (!ret && !cap_issubset(tcred->cap_permitted, cred->cap_permitted) &&
	    !ns_capable_noaudit(tcred->user_ns, CAP_SYS_PTRACE))
		ret = -EPERM;
	rcu_read_unlock();
	if (ret)
		return ret;
	/* Pairs with commit_creds(): credentials first, then dumpable. */
	smp_rmb();
	mm = task->mm;
	if (mm && (READ_ONCE(mm->flags) & MMF_DUMPABLE_MASK) != SUID_DUMP_USER &&
	    !ns_capable_noaudit(mm->user_ns ? mm->user_ns : &init_user_ns, CAP_SYS_PTRACE))
		return -EPERM;
	return 0;
}

bool ptrace_may_access(struct task_struct *task, unsigned int mode)
{
	bool ok;

	task_lock(task);
	ok = !may_access(task, mode);
	task_unlock(task);
	return ok;
}

void __ptrace_link(struct task_struct *child, struct task_struct *tracer, const struct cred *cred)
{
	list_add(&child->ptrace_entry, &tracer->ptraced);
	child->parent = tracer;
	child->ptracer_cred = get_cred(cred);
}

/* A child of a traced task is traced from the start, and its first stop is its tracer's. */
void ptrace_init_task(struct task_struct *child, bool ptrace)
{
	INIT_LIST_HEAD(&child->ptrace_entry);
	child->jobctl = 0;
	child->ptrace = 0;
	child->parent = child->real_parent;
	if (likely(!ptrace || !current->ptrace))
		return;
	child->ptrace = current->ptrace;
	__ptrace_link(child, current->parent, current->ptracer_cred);
	if (child->ptrace & PT_SEIZED)
		task_set_jobctl_pending(child, JOBCTL_TRAP_STOP);
	else
		sigaddset(&child->pending.signal, SIGSTOP);
	set_tsk_thread_flag(child, TIF_SIGPENDING);
}

/*
 * The child is on its own again: what stopped it for its tracer becomes, or gives way to, the
 * state of its group. tasklist_lock for writing.
 */
void __ptrace_unlink(struct task_struct *child)
{
	const struct cred *old = child->ptracer_cred;

	lockdep_assert_held(&tasklist_lock);
	child->parent = child->real_parent;
	list_del_init(&child->ptrace_entry);
	child->ptracer_cred = NULL;
	put_cred(old);
	clear_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
	clear_tsk_thread_flag(child, TIF_SYSCALL_EMU);
	spin_lock(&child->sighand->siglock);
	child->ptrace = 0;
	task_clear_jobctl_pending(child, JOBCTL_TRAP_MASK);
	/* Its group is stopped or stops: the child joins it. */
	if (!(child->flags & PF_EXITING) &&
	    ((child->signal->flags & SIGNAL_STOP_STOPPED) || child->signal->group_stop_count)) {
		child->jobctl |= JOBCTL_STOP_PENDING;
		if (!(child->jobctl & JOBCTL_STOP_SIGMASK))
			child->jobctl |= SIGSTOP;
	}
	/* Out of the trap, into whatever comes next. */
	child->jobctl &= ~JOBCTL_PTRACE_FROZEN;
	if ((child->jobctl & JOBCTL_STOP_PENDING) || (child->jobctl & JOBCTL_TRACED)) {
		child->jobctl &= ~JOBCTL_TRACED;
		signal_wake_up_state(child, __TASK_TRACED);
	}
	spin_unlock(&child->sighand->siglock);
}

static bool ignoring_children(struct sighand_struct *sighand)
{
	bool ret;

	spin_lock(&sighand->siglock);
	ret = sighand->action[SIGCHLD - 1].sa.sa_handler == SIG_IGN ||
	      (sighand->action[SIGCHLD - 1].sa.sa_flags & SA_NOCLDWAIT);
	spin_unlock(&sighand->siglock);
	return ret;
}

/* Lets go of p; true when p is a zombie that the caller has to release. tasklist_lock. */
bool __ptrace_detach(struct task_struct *tracer, struct task_struct *p)
{
	bool dead = false;

	__ptrace_unlink(p);
	if (p->exit_state != EXIT_ZOMBIE)
		return false;
	if (thread_group_leader(p)) {
		if (thread_group_empty(p)) {
			if (!same_thread_group(p->real_parent, tracer)) {
				dead = do_notify_parent(p, p->exit_signal);
			} else if (ignoring_children(tracer->sighand)) {
				__wake_up_parent(p, tracer);
				dead = true;
			}
		}
	} else {
		dead = true;
	}
	if (dead)
		p->exit_state = EXIT_DEAD;
	return dead;
}

/* The tracer dies: its tracees go on, or go with it (PTRACE_O_EXITKILL). */
void exit_ptrace(struct task_struct *tracer, struct list_head *dead)
{
	struct task_struct *p, *n;

	list_for_each_entry_safe (p, n, &tracer->ptraced, ptrace_entry) {
		if (unlikely(p->ptrace & PT_EXITKILL))
			send_sig_info(SIGKILL, SEND_SIG_PRIV, p);
		if (__ptrace_detach(tracer, p))
			list_add(&p->ptrace_entry, dead);
	}
}

/*
 * Current stops for its tracer. siglock is held; it is dropped while stopped and held again on
 * return. The tracer may change what is returned: the signal to go on with.
 *
 * Order: the state is set before the tracer is told, so that a tracer woken by us finds us
 * stopped; TRACED in jobctl says to others that the state is a trap's.
 */
int ptrace_stop(int exit_code, int why, unsigned long message, kernel_siginfo_t *info)
{
	struct sighand_struct *sighand = current->sighand;
	bool gstop_done = false;

	lockdep_assert_held(&sighand->siglock);
	/* A killed task does not stop, but for its last event. */
	if (fatal_signal_pending(current) || !current->ptrace)
		return exit_code;
	set_current_state(TASK_TRACED);
	current->jobctl |= JOBCTL_TRACED;
	current->ptrace_message = message;
	current->last_siginfo = info;
	current->exit_code = exit_code;
	if (why == CLD_STOPPED && (current->jobctl & JOBCTL_STOP_PENDING))
		gstop_done = task_participate_group_stop(current);
	task_clear_jobctl_pending(current, JOBCTL_TRAP_STOP);
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP)
		task_clear_jobctl_pending(current, JOBCTL_TRAP_NOTIFY);
	task_clear_jobctl_trapping(current);
	spin_unlock_irq(&sighand->siglock);
	read_lock(&tasklist_lock);
	if (current->ptrace)
		do_notify_parent_cldstop(current, true, why);
	if (gstop_done && (!current->ptrace || ptrace_reparented(current)))
		do_notify_parent_cldstop(current, false, why);
	read_unlock(&tasklist_lock);
	cgroup_enter_frozen();
	schedule();
	cgroup_leave_frozen(true);
	spin_lock_irq(&sighand->siglock);
	exit_code = current->exit_code;
	current->last_siginfo = NULL;
	current->ptrace_message = 0;
	current->exit_code = 0;
	current->jobctl &= ~(JOBCTL_LISTENING | JOBCTL_PTRACE_FROZEN | JOBCTL_TRACED);
	recalc_sigpending_tsk(current);
	return exit_code;
}

static int ptrace_do_notify(int signr, int exit_code, int why, unsigned long message)
{
	kernel_siginfo_t info;

	clear_siginfo(&info);
	info.si_signo = signr;
	info.si_code = exit_code;
	info.si_pid = task_pid_vnr(current);
	info.si_uid = from_kuid_munged(current_user_ns(), current_uid());
	return ptrace_stop(exit_code, why, message, &info);
}

int ptrace_notify(int exit_code, unsigned long message)
{
	int signr;

	if (unlikely(READ_ONCE(current->task_works)))
		task_work_run();
	spin_lock_irq(&current->sighand->siglock);
	signr = ptrace_do_notify(SIGTRAP, exit_code, CLD_TRAPPED, message);
	spin_unlock_irq(&current->sighand->siglock);
	return signr;
}

void ptrace_event(int event, unsigned long message)
{
	if (unlikely(ptrace_event_enabled(current, event)))
		ptrace_notify((event << 8) | SIGTRAP, message);
	else if (event == PTRACE_EVENT_EXEC &&
		 (current->ptrace & (PT_PTRACED | PT_SEIZED)) == PT_PTRACED)
		send_sig(SIGTRAP, current, 0); /* the old way to say that exec is done */
}

/* One system call stop; what the tracer injects is delivered as a signal. */
static void report_syscall(unsigned long message)
{
	int code = SIGTRAP | (current->ptrace & PT_TRACESYSGOOD ? 0x80 : 0), signr;

	if (!current->ptrace)
		return;
	signr = ptrace_notify(code, message);
	if (signr)
		send_sig(signr, current, 1);
}

long syscall_trace_enter(struct pt_regs *regs)
{
	bool emulate = test_thread_flag(TIF_SYSCALL_EMU);

	/* A call that is the program's own business is nobody else's. */
	if (test_thread_flag(TIF_SYSCALL_USER_DISPATCH) && dispatch_to_user(regs))
		return -1;
	if (emulate || test_thread_flag(TIF_SYSCALL_TRACE)) {
		report_syscall(PTRACE_EVENTMSG_SYSCALL_ENTRY);
		/* The tracer runs the call itself, or killed us meanwhile. */
		if (emulate || fatal_signal_pending(current))
			return -1;
	}
	if (test_thread_flag(TIF_SECCOMP) && !secure_computing(regs))
		return -1;
	return syscall_get_nr(current, regs);
}

void syscall_trace_exit(struct pt_regs *regs)
{
	/* What was never made has no end either. */
	if (current->syscall_dispatch.on_dispatch) {
		current->syscall_dispatch.on_dispatch = false;
		return;
	}
	if (test_thread_flag(TIF_SYSCALL_TRACE) || test_thread_flag(TIF_SINGLESTEP))
		report_syscall(PTRACE_EVENTMSG_SYSCALL_EXIT);
}

int ptrace_traceme(void)
{
	int ret = -EPERM;

	write_lock_irq(&tasklist_lock);
	if (!current->ptrace && !(current->real_parent->flags & PF_EXITING)) {
		current->ptrace = PT_PTRACED;
		__ptrace_link(current, current->real_parent, __task_cred(current->real_parent));
		ret = 0;
	}
	write_unlock_irq(&tasklist_lock);
	return ret;
}

static int check_attach_allowed(struct task_struct *task, bool seize)
{
	int ret;

	if (unlikely(task->flags & PF_KTHREAD) || same_thread_group(task, current))
		return -EPERM;
	task_lock(task);
	ret = may_access(task, PTRACE_MODE_ATTACH_REALCREDS);
	task_unlock(task);
	return ret;
}

int ptrace_attach(struct task_struct *task, bool seize, unsigned long addr, unsigned long options)
{
	unsigned int flags = PT_PTRACED;
	int ret;

	if (seize) {
		if (addr || (options & ~(unsigned long)PTRACE_O_MASK))
			return -EIO;
		flags |= PT_SEIZED | (options << PT_OPT_FLAG_SHIFT);
	}
	/* An exec of the task, half done, would have credentials of both programs. */
	if (mutex_lock_interruptible(&task->signal->cred_guard_mutex))
		return -ERESTARTNOINTR;
	ret = check_attach_allowed(task, seize);
	if (ret)
		goto out;
	write_lock_irq(&tasklist_lock);
	ret = -EPERM;
	if (task->exit_state || task->ptrace)
		goto unlock;
	task->ptrace = flags;
	__ptrace_link(task, current, current_cred());
	if (!seize)
		send_sig_info(SIGSTOP, SEND_SIG_PRIV, task);
	spin_lock(&task->sighand->siglock);
	/* Already stopped with its group: it moves from that stop into a trap, unseen by others. */
	if ((task->jobctl & JOBCTL_STOPPED) &&
	    task_set_jobctl_pending(task, JOBCTL_TRAP_STOP | JOBCTL_TRAPPING)) {
		task->jobctl &= ~JOBCTL_STOPPED;
		signal_wake_up_state(task, __TASK_STOPPED);
	}
	spin_unlock(&task->sighand->siglock);
	ret = 0;
unlock:
	write_unlock_irq(&tasklist_lock);
out:
	mutex_unlock(&task->signal->cred_guard_mutex);
	/* A killed tracer does not come back to find the task half-way: its end lets go of it. */
	if (!ret)
		wait_event_killable(current->signal->wait_chldexit,
				    !(READ_ONCE(task->jobctl) & JOBCTL_TRAPPING));
	return ret;
}

/* Child stays in its stop while current looks into it. siglock inside. */
static bool ptrace_freeze_traced(struct task_struct *task)
{
	bool ret = false;

	spin_lock_irq(&task->sighand->siglock);
	if ((task->jobctl & JOBCTL_TRACED) && !(task->jobctl & JOBCTL_LISTENING) &&
	    !fatal_signal_pending(task)) {
		task->jobctl |= JOBCTL_PTRACE_FROZEN;
		ret = true;
	}
	spin_unlock_irq(&task->sighand->siglock);
	return ret;
}

void ptrace_unfreeze_traced(struct task_struct *task)
{
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return;
	task->jobctl &= ~JOBCTL_PTRACE_FROZEN;
	if (fatal_signal_pending(task)) {
		task->jobctl &= ~JOBCTL_TRACED;
		wake_up_state(task, __TASK_TRACED);
	}
	unlock_task_sighand(task, &flags);
}

int ptrace_check_attach(struct task_struct *child, bool ignore_state)
{
	int ret = -ESRCH;

	read_lock(&tasklist_lock);
	if (child->ptrace && child->parent == current) {
		if (ignore_state || ptrace_freeze_traced(child))
			ret = 0;
	}
	read_unlock(&tasklist_lock);
	/* It has said that it stops; its registers are in memory once it is off its CPU. */
	if (!ret && !ignore_state && !wait_task_inactive(child, TASK_TRACED))
		ret = -ESRCH;
	return ret;
}

int ptrace_detach(struct task_struct *child, unsigned int data)
{
	bool dead;

	if (!valid_signal(data))
		return -EIO;
	user_disable_single_step(child);
	write_lock_irq(&tasklist_lock);
	child->exit_code = data;
	dead = __ptrace_detach(current, child);
	write_unlock_irq(&tasklist_lock);
	if (dead)
		release_task(child);
	return 0;
}
