/* SPDX-License-Identifier: MIT */
/*
 * Interval timers of a process: getitimer(2), setitimer(2), alarm(2). Real time runs on an
 * hrtimer; the two that count CPU time are looked at by cpu_timers.c. siglock guards them.
 */
#include <arch/uaccess.h>
#include <jiffy/cputime.h>
#include <jiffy/posix_timers.h>
#include <jiffy/signal.h>
#include <jiffy/syscalls.h>

#include "cpu_timers.h"
#include "internal.h"

struct itimer_value {
	u64 value, interval; /* ns; value 0: not armed */
};

/* The timer's end, in hard interrupt context. It is armed again when SIGALRM is taken. */
enum hrtimer_restart it_real_fn(struct hrtimer *timer)
{
	struct signal_struct *sig = container_of(timer, struct signal_struct, real_timer);

	rcu_read_lock();
	kill_pid_info(SIGALRM, SEND_SIG_PRIV, sig->pids[PIDTYPE_TGID]);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

void exit_real_itimer(struct signal_struct *sig)
{
	hrtimer_cancel(&sig->real_timer);
}

static u64 real_remaining(struct hrtimer *t)
{
	ktime_t left;

	if (!hrtimer_active(t))
		return 0;
	left = hrtimer_get_remaining(t);
	/* About to fire: not yet over, and 0 would say so. */
	return left > 0 ? left : NSEC_PER_USEC;
}

static void get_real(struct itimer_value *v)
{
	struct signal_struct *sig = current->signal;

	spin_lock_irq(&current->sighand->siglock);
	v->value = real_remaining(&sig->real_timer);
	v->interval = sig->it_real_incr;
	spin_unlock_irq(&current->sighand->siglock);
}

static void set_real(const struct itimer_value *v, struct itimer_value *old)
{
	struct signal_struct *sig = current->signal;
	spinlock_t *lock = &current->sighand->siglock;

	for (;;) {
		spin_lock_irq(lock);
		old->value = real_remaining(&sig->real_timer);
		old->interval = sig->it_real_incr;
		/* Its callback needs our siglock: wait for it without. */
		if (hrtimer_try_to_cancel(&sig->real_timer) >= 0)
			break;
		spin_unlock_irq(lock);
		cpu_relax();
	}
	sig->it_real_incr = v->value ? v->interval : 0;
	if (v->value)
		hrtimer_start(&sig->real_timer, v->value, HRTIMER_MODE_REL);
	spin_unlock_irq(lock);
}

static int get_itimer(int which, struct itimer_value *v)
{
	switch (which) {
	case ITIMER_REAL:
		get_real(v);
		return 0;
	case ITIMER_VIRTUAL:
	case ITIMER_PROF:
		get_cpu_itimer(which == ITIMER_PROF ? CPUCLOCK_PROF : CPUCLOCK_VIRT, &v->value,
			       &v->interval);
		return 0;
	default:
		return -EINVAL;
	}
}

static int set_itimer(int which, const struct itimer_value *v, struct itimer_value *old)
{
	switch (which) {
	case ITIMER_REAL:
		set_real(v, old);
		return 0;
	case ITIMER_VIRTUAL:
	case ITIMER_PROF:
		old->value = v->value;
		old->interval = v->interval;
		set_cpu_itimer(which == ITIMER_PROF ? CPUCLOCK_PROF : CPUCLOCK_VIRT, &old->value,
			       &old->interval);
		return 0;
	default:
		return -EINVAL;
	}
}

static struct __kernel_timeval to_timeval(u64 ns)
{
	return (struct __kernel_timeval){ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC};
}

static int put_itimerval(struct __kernel_itimerval __user *to, const struct itimer_value *v)
{
	struct __kernel_itimerval tv = {to_timeval(v->interval), to_timeval(v->value)};

	return copy_to_user(to, &tv, sizeof(tv)) ? -EFAULT : 0;
}

static bool timeval_ok(const struct __kernel_timeval *tv)
{
	return tv->tv_sec >= 0 && (u64)tv->tv_usec < USEC_PER_SEC;
}

static u64 to_ns(const struct __kernel_timeval *tv)
{
	if (tv->tv_sec >= KTIME_MAX / NSEC_PER_SEC)
		return KTIME_MAX;
	return tv->tv_sec * NSEC_PER_SEC + tv->tv_usec * NSEC_PER_USEC;
}

SYSCALL_DEFINE2(getitimer, int, which, struct __kernel_itimerval __user *, value)
{
	struct itimer_value v;
	int ret = get_itimer(which, &v);

	return ret ? ret : put_itimerval(value, &v);
}

SYSCALL_DEFINE3(setitimer, int, which, struct __kernel_itimerval __user *, value,
		struct __kernel_itimerval __user *, ovalue)
{
	struct __kernel_itimerval tv = {{0, 0}, {0, 0}};
	struct itimer_value v, old;
	int ret;

	/* A missing new value disarms, as ever it did. */
	if (value && copy_from_user(&tv, value, sizeof(tv)))
		return -EFAULT;
	if (!timeval_ok(&tv.it_value) || !timeval_ok(&tv.it_interval))
		return -EINVAL;
	v.value = to_ns(&tv.it_value);
	v.interval = to_ns(&tv.it_interval);
	ret = set_itimer(which, &v, &old);
	if (ret)
		return ret;
	return ovalue ? put_itimerval(ovalue, &old) : 0;
}

SYSCALL_DEFINE1(alarm, unsigned int, seconds)
{
	struct itimer_value v = {(u64)seconds * NSEC_PER_SEC, 0}, old;
	u64 left;

	set_real(&v, &old);
	left = old.value / NSEC_PER_SEC;
	/* Rounded, but one that is armed never shows as 0. */
	if ((!left && old.value) || old.value % NSEC_PER_SEC >= NSEC_PER_SEC / 2)
		left++;
	return left;
}
