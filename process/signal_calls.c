/* SPDX-License-Identifier: MIT */
/*
 * The system calls about signals: sigaction(2), sigprocmask(2), kill(2), tgkill(2), sigqueue(3),
 * sigwaitinfo(2), sigsuspend(2), sigaltstack(2), pause(2), pidfd_send_signal(2). Task context.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/mutation.h>
#include <jiffy/proc_fs.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <uapi/fcntl.h>

#include "internal.h"

int copy_siginfo_to_user(siginfo_t __user *to, const struct kernel_siginfo *from)
{
	if (copy_to_user(to, from, sizeof(*from)))
		return -EFAULT;
	return clear_user((char __user *)to + sizeof(*from), sizeof(*to) - sizeof(*from)) ? -EFAULT
											  : 0;
}

int copy_siginfo_from_user(struct kernel_siginfo *to, const siginfo_t __user *from)
{
	char rest[sizeof(siginfo_t) - sizeof(*to)];
	size_t i;

	if (copy_from_user(to, from, sizeof(*to)))
		return -EFAULT;
	if (copy_from_user(rest, (const char __user *)from + sizeof(*to), sizeof(rest)))
		return -EFAULT;
	/* What we would lose has to be nothing. */
	for (i = 0; i < sizeof(rest); i++)
		if (rest[i])
			return -E2BIG;
	return 0;
}

static int copy_sigset(sigset_t *set, const sigset_t __user *uset, size_t size)
{
	if (size != sizeof(*set))
		return -EINVAL;
	return copy_from_user(set, uset, sizeof(*set)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(rt_sigprocmask, int, how, const sigset_t __user *, nset, sigset_t __user *, oset,
		size_t, sigsetsize)
{
	sigset_t old = current->blocked, new;
	int ret;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (nset) {
		if (copy_from_user(&new, nset, sizeof(new)))
			return -EFAULT;
		if (!mutant(SIGKILL_BLOCKED))
			new &= ~SIG_KERNEL_ONLY_MASK;
		ret = sigprocmask(how, &new, NULL);
		if (ret)
			return ret;
	}
	if (oset && copy_to_user(oset, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

int set_user_sigmask(const sigset_t __user *umask, size_t sigsetsize)
{
	sigset_t mask;
	int ret;

	if (!umask)
		return 0;
	ret = copy_sigset(&mask, umask, sigsetsize);
	if (ret)
		return ret;
	set_thread_flag(TIF_RESTORE_SIGMASK);
	current->saved_sigmask = current->blocked;
	set_current_blocked(&mask);
	return 0;
}

SYSCALL_DEFINE2(rt_sigpending, sigset_t __user *, uset, size_t, sigsetsize)
{
	sigset_t set;

	if (sigsetsize > sizeof(set))
		return -EINVAL;
	spin_lock_irq(&current->sighand->siglock);
	set = (current->pending.signal | current->signal->shared_pending.signal) & current->blocked;
	spin_unlock_irq(&current->sighand->siglock);
	return copy_to_user(uset, &set, sigsetsize) ? -EFAULT : 0;
}

/* sigaction(2): an action that ignores the signal throws away those that wait. */
static void discard_if_ignored(struct task_struct *t, int sig)
{
	struct task_struct *p;

	if (!sig_task_ignored(t, sig, false))
		return;
	flush_sigqueue_mask(sigmask(sig), &t->signal->shared_pending);
	for_each_thread (t, p)
		flush_sigqueue_mask(sigmask(sig), &p->pending);
}

static int do_sigaction(int sig, struct sigaction *act, struct sigaction *oact)
{
	struct task_struct *t = current;
	struct sigaction *sa;

	if (!valid_signal(sig) || sig < 1 || (act && sig_kernel_only(sig)))
		return -EINVAL;
	sa = &t->sighand->action[sig - 1].sa;
	spin_lock_irq(&t->sighand->siglock);
	if (oact)
		*oact = *sa;
	if (act) {
		act->sa_flags &= UAPI_SA_FLAGS;
		act->sa_mask &= ~SIG_KERNEL_ONLY_MASK;
		*sa = *act;
		discard_if_ignored(t, sig);
	}
	spin_unlock_irq(&t->sighand->siglock);
	return 0;
}

SYSCALL_DEFINE4(rt_sigaction, int, sig, const struct sigaction __user *, act,
		struct sigaction __user *, oact, size_t, sigsetsize)
{
	struct sigaction new, old;
	int ret;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	ret = do_sigaction(sig, act ? &new : NULL, oact ? &old : NULL);
	if (ret)
		return ret;
	return oact && copy_to_user(oact, &old, sizeof(old)) ? -EFAULT : 0;
}

/* kill(2) with pid 0, -1 or below: groups, or everybody we may signal but init and ourselves. */
static int kill_everybody(int sig, struct kernel_siginfo *info)
{
	struct task_struct *p;
	int ret = 0, count = 0;

	for_each_process (p) {
		if (task_pid_vnr(p) > 1 && !same_thread_group(p, current)) {
			int err = group_send_sig_info(sig, info, p, PIDTYPE_MAX);

			count++;
			if (err != -EPERM)
				ret = err;
		}
	}
	return count ? ret : -ESRCH;
}

static int kill_something_info(int sig, struct kernel_siginfo *info, pid_t pid)
{
	struct pid *target;
	int ret;

	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid > 0) {
		rcu_read_lock();
		ret = kill_pid_info(sig, info, find_vpid(pid));
		rcu_read_unlock();
		return ret;
	}
	read_lock(&tasklist_lock);
	if (pid == -1) {
		ret = kill_everybody(sig, info);
	} else {
		target = pid ? find_vpid(-pid) : task_pgrp(current);
		ret = kill_pgrp_info(sig, info, target);
	}
	read_unlock(&tasklist_lock);
	return ret;
}

SYSCALL_DEFINE2(kill, pid_t, pid, int, sig)
{
	kernel_siginfo_t info;

	fill_siginfo_user(&info, sig, SI_USER);
	return kill_something_info(sig, &info, pid);
}

/* To one thread; tgid, when it is not 0, is the process that it must belong to. */
static int do_send_specific(pid_t tgid, pid_t pid, int sig, struct kernel_siginfo *info)
{
	struct task_struct *p;
	int ret = -ESRCH;

	rcu_read_lock();
	p = find_task_by_vpid(pid);
	if (p && (tgid <= 0 || task_tgid_vnr(p) == tgid)) {
		ret = group_send_sig_info(sig, info, p, PIDTYPE_PID);
		/* A thread that died between the look-up and now has got it, so to speak. */
		if (ret == -ESRCH)
			ret = 0;
	}
	rcu_read_unlock();
	return ret;
}

SYSCALL_DEFINE3(tgkill, pid_t, tgid, pid_t, pid, int, sig)
{
	kernel_siginfo_t info;

	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	fill_siginfo_user(&info, sig, SI_TKILL);
	return do_send_specific(tgid, pid, sig, &info);
}

SYSCALL_DEFINE2(tkill, pid_t, pid, int, sig)
{
	kernel_siginfo_t info;

	if (pid <= 0)
		return -EINVAL;
	fill_siginfo_user(&info, sig, SI_TKILL);
	return do_send_specific(0, pid, sig, &info);
}

/* Nobody may pretend to be kill(2) or the kernel towards another process. */
static bool forged_code(const struct kernel_siginfo *info, pid_t tgid)
{
	return (info->si_code >= 0 || info->si_code == SI_TKILL) && tgid != task_tgid_vnr(current);
}

SYSCALL_DEFINE3(rt_sigqueueinfo, pid_t, pid, int, sig, siginfo_t __user *, uinfo)
{
	kernel_siginfo_t info;
	int ret = copy_siginfo_from_user(&info, uinfo);

	if (ret)
		return ret;
	info.si_signo = sig;
	if (forged_code(&info, pid))
		return -EPERM;
	rcu_read_lock();
	ret = kill_pid_info(sig, &info, find_vpid(pid));
	rcu_read_unlock();
	return ret;
}

SYSCALL_DEFINE4(rt_tgsigqueueinfo, pid_t, tgid, pid_t, pid, int, sig, siginfo_t __user *, uinfo)
{
	kernel_siginfo_t info;
	int ret = copy_siginfo_from_user(&info, uinfo);

	if (ret)
		return ret;
	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	info.si_signo = sig;
	if (forged_code(&info, tgid))
		return -EPERM;
	return do_send_specific(tgid, pid, sig, &info);
}

SYSCALL_DEFINE4(pidfd_send_signal, int, pidfd, int, sig, siginfo_t __user *, uinfo, unsigned int,
		flags)
{
	struct fd f;
	kernel_siginfo_t info;
	struct pid *pid;
	bool thread;
	int ret;

	if (flags)
		return -EINVAL;
	f = fdget(pidfd);
	if (!f.file)
		return -EBADF;
	pid = pidfd_pid(f.file);
	thread = !IS_ERR(pid) && (f.file->f_flags & PIDFD_THREAD);
	/* A directory /proc/PID, opened, names a process as well (killall(1) has nothing else). */
	if (IS_ERR(pid))
		pid = tgid_pidfd_to_pid(f.file);
	if (IS_ERR(pid)) {
		ret = PTR_ERR(pid);
		goto out;
	}
	/* The receiver must see our number: not from outside its namespace's ancestors. */
	ret = -EINVAL;
	if (!pid_nr_ns(pid, task_active_pid_ns(current)))
		goto out;
	if (uinfo) {
		ret = copy_siginfo_from_user(&info, uinfo);
		if (ret)
			goto out;
		ret = -EINVAL;
		if (info.si_signo != sig)
			goto out;
		ret = -EPERM;
		if (task_pid(current) != pid && (info.si_code >= 0 || info.si_code == SI_TKILL))
			goto out;
	} else {
		fill_siginfo_user(&info, sig, thread ? SI_TKILL : SI_USER);
	}
	ret = kill_pid_info_type(sig, &info, pid, thread ? PIDTYPE_PID : PIDTYPE_TGID);
out:
	fdput(f);
	return ret;
}

/* Sleeps until one of `which` comes or the time is over. The signal, or -EAGAIN, -EINTR. */
static int do_sigtimedwait(const sigset_t *which, kernel_siginfo_t *info,
			   const struct timespec64 *ts)
{
	sigset_t mask = ~(*which & ~SIG_KERNEL_ONLY_MASK);
	struct task_struct *t = current;
	ktime_t timeout = 0;
	enum pid_type type;
	int sig, ret = 0;

	if (ts) {
		if (!timespec64_valid(ts))
			return -EINVAL;
		timeout = timespec64_to_ktime(*ts);
	}
	spin_lock_irq(&t->sighand->siglock);
	sig = dequeue_signal(t, &mask, info, &type);
	if (!sig && (!ts || timeout)) {
		/* Unblocked while we sleep, so that they wake us; real_blocked keeps them alive. */
		t->real_blocked = t->blocked;
		t->blocked &= mask;
		recalc_sigpending();
		spin_unlock_irq(&t->sighand->siglock);
		__set_current_state(TASK_INTERRUPTIBLE);
		ret = schedule_hrtimeout_range(ts ? &timeout : NULL, current_timer_slack(),
					       HRTIMER_MODE_REL);
		spin_lock_irq(&t->sighand->siglock);
		sig = dequeue_signal(t, &mask, info, &type);
		/* Only now: two may have been meant for us, and another thread gets the second. */
		change_blocked(&t->real_blocked);
		t->real_blocked = 0;
	}
	spin_unlock_irq(&t->sighand->siglock);
	if (sig)
		return sig;
	return ret ? -EINTR : -EAGAIN;
}

SYSCALL_DEFINE4(rt_sigtimedwait, const sigset_t __user *, uthese, siginfo_t __user *, uinfo,
		const struct __kernel_timespec __user *, uts, size_t, sigsetsize)
{
	struct timespec64 ts;
	kernel_siginfo_t info;
	sigset_t these;
	int ret = copy_sigset(&these, uthese, sigsetsize);

	if (ret)
		return ret;
	if (uts && copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	ret = do_sigtimedwait(&these, &info, uts ? &ts : NULL);
	if (ret > 0 && uinfo && copy_siginfo_to_user(uinfo, &info))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE2(rt_sigsuspend, const sigset_t __user *, unewset, size_t, sigsetsize)
{
	sigset_t newset;
	int ret = copy_sigset(&newset, unewset, sigsetsize);

	if (ret)
		return ret;
	current->saved_sigmask = current->blocked;
	set_current_blocked(&newset);
	while (!signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!signal_pending(current))
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	set_thread_flag(TIF_RESTORE_SIGMASK);
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE0(pause)
{
	while (!signal_pending(current)) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!signal_pending(current))
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

int on_sig_stack(unsigned long sp)
{
	/* One that disarms itself is free again as soon as its handler runs. */
	if (current->sas_ss_flags & SS_AUTODISARM)
		return 0;
	return sp > current->sas_ss_sp && sp - current->sas_ss_sp <= current->sas_ss_size;
}

int sas_ss_flags(unsigned long sp)
{
	if (!current->sas_ss_size)
		return SS_DISABLE;
	return on_sig_stack(sp) ? SS_ONSTACK : 0;
}

int do_sigaltstack(const stack_t *ss, stack_t *oss, unsigned long sp, size_t min_size)
{
	struct task_struct *t = current;
	int mode;

	if (oss) {
		memset(oss, 0, sizeof(*oss));
		oss->ss_sp = (void __user *)t->sas_ss_sp;
		oss->ss_size = t->sas_ss_size;
		oss->ss_flags = sas_ss_flags(sp) | (t->sas_ss_flags & SS_FLAG_BITS);
	}
	if (!ss)
		return 0;
	if (on_sig_stack(sp))
		return -EPERM;
	mode = ss->ss_flags & ~SS_FLAG_BITS;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		t->sas_ss_sp = t->sas_ss_size = 0;
	} else {
		if (ss->ss_size < min_size)
			return -ENOMEM;
		t->sas_ss_sp = (unsigned long)ss->ss_sp;
		t->sas_ss_size = ss->ss_size;
	}
	t->sas_ss_flags = ss->ss_flags;
	return 0;
}

SYSCALL_DEFINE2(sigaltstack, const stack_t __user *, uss, stack_t __user *, uoss)
{
	unsigned long sp = user_stack_pointer(task_pt_regs(current));
	stack_t new, old;
	int ret;

	if (uss && copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	ret = do_sigaltstack(uss ? &new : NULL, uoss ? &old : NULL, sp, MINSIGSTKSZ);
	if (!ret && uoss && copy_to_user(uoss, &old, sizeof(old)))
		ret = -EFAULT;
	return ret;
}

int restore_altstack(const stack_t __user *uss)
{
	stack_t new;

	if (copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	/* The handler may have been given nonsense to restore: that is its own loss. */
	do_sigaltstack(&new, NULL, user_stack_pointer(task_pt_regs(current)), MINSIGSTKSZ);
	return 0;
}

int save_altstack(stack_t __user *uss, unsigned long sp)
{
	stack_t ss = {
	    .ss_sp = (void __user *)current->sas_ss_sp,
	    .ss_flags = current->sas_ss_flags,
	    .ss_size = current->sas_ss_size,
	};

	return copy_to_user(uss, &ss, sizeof(ss)) ? -EFAULT : 0;
}
