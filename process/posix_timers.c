/* SPDX-License-Identifier: MIT */
/*
 * timer_create(2), timer_settime(2), timer_getoverrun(2), timer_delete(2). A periodic timer is
 * armed again when its signal is taken, so that a program that is slow gets a count of what it
 * missed and not a queue of signals.
 *
 * Serialization rules: it_lock guards a timer; it is found by its number under RCU and then
 * checked. The process's list of timers is under siglock. it_lock comes before siglock.
 */
#include <arch/uaccess.h>
#include <jiffy/gfp.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#include "cpu_timers.h"
#include "internal.h"
#include "posix_timers.h"

void posix_timer_put(struct k_itimer *timer)
{
	if (refcount_dec_and_test(&timer->count)) {
		put_pid(timer->pid);
		if (is_cpu_clock(timer->clock))
			put_pid(timer->it.cpu.pid);
		kfree_rcu(timer, rcu);
	}
}

/* Finds a live timer of current's process and locks it. */
static struct k_itimer *lock_timer(int id, unsigned long *flags)
{
	struct xarray *ids = READ_ONCE(current->signal->posix_timers_ids);
	struct k_itimer *timer;

	if (!ids || id < 0)
		return NULL;
	rcu_read_lock();
	timer = xa_load(ids, id);
	if (timer) {
		spin_lock_irqsave(&timer->it_lock, *flags);
		if (timer->it_signal != current->signal) {
			spin_unlock_irqrestore(&timer->it_lock, *flags);
			timer = NULL;
		}
	}
	rcu_read_unlock();
	return timer;
}

static void unlock_timer(struct k_itimer *timer, unsigned long flags)
{
	spin_unlock_irqrestore(&timer->it_lock, flags);
}

/* The timer is due: its signal goes out (unless it is out already, which counts as overrun). */
void posix_timer_event(struct k_itimer *timer)
{
	lockdep_assert_held(&timer->it_lock);
	if (timer->sigev_notify == SIGEV_NONE)
		return;
	timer->requeue_pending = timer->interval != 0;
	timer->sigq->info.si_sys_private = timer->requeue_pending;
	send_sigqueue(timer->sigq, timer->pid,
		      timer->sigev_notify & SIGEV_THREAD_ID ? PIDTYPE_PID : PIDTYPE_TGID);
}

static enum hrtimer_restart posix_timer_fn(struct hrtimer *hrt)
{
	struct k_itimer *timer = container_of(hrt, struct k_itimer, it.timer);
	unsigned long flags;

	spin_lock_irqsave(&timer->it_lock, flags);
	posix_timer_event(timer);
	spin_unlock_irqrestore(&timer->it_lock, flags);
	return HRTIMER_NORESTART;
}

static void real_rearm(struct k_itimer *timer)
{
	timer->overrun += hrtimer_forward_now(&timer->it.timer, timer->interval);
	hrtimer_start(&timer->it.timer, timer->it.timer.expires, HRTIMER_MODE_ABS);
}

void posixtimer_rearm(struct kernel_siginfo *info)
{
	unsigned long flags;
	struct k_itimer *timer = lock_timer(info->si_tid, &flags);

	if (!timer)
		return;
	if (timer->interval && timer->requeue_pending) {
		if (is_cpu_clock(timer->clock))
			cpu_timer_rearm(timer);
		else
			real_rearm(timer);
		timer->requeue_pending = false;
		timer->overrun_last = timer->overrun - 1;
		timer->overrun = 0;
		info->si_overrun = clamp_t(s64, timer->overrun_last, 0, INT32_MAX);
	}
	unlock_timer(timer, flags);
}

/* Who is told: the thread that SIGEV_THREAD_ID names, or the process. A reference, or NULL. */
static struct pid *notification_target(const struct sigevent *ev)
{
	struct task_struct *t;
	struct pid *pid = NULL;

	rcu_read_lock();
	switch (ev->sigev_notify) {
	case SIGEV_SIGNAL | SIGEV_THREAD_ID:
		t = find_task_by_vpid(ev->sigev_notify_thread_id);
		if (t && same_thread_group(t, current))
			pid = task_pid(t);
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
	case SIGEV_NONE:
		pid = task_tgid(current);
		break;
	}
	if (pid && ev->sigev_notify != SIGEV_NONE &&
	    (ev->sigev_signo <= 0 || ev->sigev_signo > _NSIG))
		pid = NULL;
	get_pid(pid);
	rcu_read_unlock();
	return pid;
}

static struct xarray *timer_ids(void)
{
	struct signal_struct *sig = current->signal;
	struct xarray *ids = READ_ONCE(sig->posix_timers_ids), *new;

	if (ids)
		return ids;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	xa_init(new);
	ids = cmpxchg(&sig->posix_timers_ids, NULL, new);
	if (!ids)
		return new;
	kfree(new);
	return ids;
}

static bool clock_has_timers(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return true;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return capable(CAP_WAKE_ALARM);
	default:
		return is_cpu_clock(clock);
	}
}

static int init_clock(struct k_itimer *timer)
{
	clockid_t clock = timer->clock;

	if (is_cpu_clock(clock))
		return cpu_timer_create(timer);
	if (clock == CLOCK_REALTIME_ALARM)
		clock = CLOCK_REALTIME;
	if (clock == CLOCK_BOOTTIME_ALARM)
		clock = CLOCK_BOOTTIME;
	hrtimer_init(&timer->it.timer, clock, HRTIMER_MODE_ABS);
	timer->it.timer.function = posix_timer_fn;
	return 0;
}

static int create_timer(clockid_t clock, struct sigevent *ev, bool default_event)
{
	struct k_itimer *timer;
	struct xarray *ids = timer_ids();
	int ret = -EAGAIN;
	u32 id;

	if (!ids)
		return -EAGAIN;
	timer = kzalloc(sizeof(*timer), GFP_KERNEL);
	if (!timer)
		return -EAGAIN;
	refcount_set(&timer->count, 1);
	spin_lock_init(&timer->it_lock);
	timer->clock = clock;
	timer->sigq = sigqueue_alloc();
	if (!timer->sigq)
		goto out_timer;
	if (xa_alloc_cyclic(ids, &id, timer, XA_LIMIT(0, INT32_MAX), GFP_KERNEL))
		goto out_sigq;
	timer->id = id;
	if (default_event) {
		ev->sigev_notify = SIGEV_SIGNAL;
		ev->sigev_signo = SIGALRM;
		ev->sigev_value.sival_ptr = NULL;
		ev->sigev_value.sival_int = timer->id;
	}
	ret = -EINVAL;
	timer->pid = notification_target(ev);
	if (!timer->pid)
		goto out_id;
	timer->sigev_notify = ev->sigev_notify;
	clear_siginfo(&timer->sigq->info);
	timer->sigq->info.si_signo = ev->sigev_signo;
	timer->sigq->info.si_code = SI_TIMER;
	timer->sigq->info.si_tid = timer->id;
	timer->sigq->info._sifields.timer.sigval = ev->sigev_value;
	ret = init_clock(timer);
	if (ret)
		goto out_id;
	spin_lock_irq(&current->sighand->siglock);
	hlist_add_head(&timer->list, &current->signal->posix_timers);
	spin_unlock_irq(&current->sighand->siglock);
	smp_store_release(&timer->it_signal, current->signal);
	return timer->id;
out_id:
	xa_erase(ids, timer->id);
out_sigq:
	sigqueue_free(timer->sigq);
out_timer:
	posix_timer_put(timer);
	return ret;
}

/* No more events; waits for a callback that runs. The lock is dropped and taken while waiting. */
static void disarm(struct k_itimer *timer, unsigned long *flags)
{
	if (is_cpu_clock(timer->clock)) {
		cpu_timer_del(timer);
		return;
	}
	while (hrtimer_try_to_cancel(&timer->it.timer) < 0) {
		spin_unlock_irqrestore(&timer->it_lock, *flags);
		cpu_relax();
		spin_lock_irqsave(&timer->it_lock, *flags);
	}
	timer->it.timer.expires = 0; /* what a timer without signals has for "not armed" */
}

/* it_lock held, and dropped. */
static void delete_locked(struct k_itimer *timer, unsigned long flags)
{
	timer->interval = 0;
	disarm(timer, &flags);
	spin_lock(&current->sighand->siglock);
	hlist_del_init(&timer->list);
	spin_unlock(&current->sighand->siglock);
	timer->it_signal = NULL;
	unlock_timer(timer, flags);
	xa_erase(current->signal->posix_timers_ids, timer->id);
	sigqueue_free(timer->sigq);
	posix_timer_put(timer);
}

/* exec and the end of the process: the caller is the only thread left that could touch them. */
void exit_itimers(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	struct k_itimer *timer;
	struct xarray *ids;
	unsigned long flags;

	ASSERT(t == current);
	while (!hlist_empty(&sig->posix_timers)) {
		timer = hlist_entry(sig->posix_timers.first, struct k_itimer, list);
		spin_lock_irqsave(&timer->it_lock, flags);
		delete_locked(timer, flags);
	}
	ids = xchg(&sig->posix_timers_ids, NULL);
	if (ids) {
		ASSERT(xa_empty(ids));
		kfree(ids);
	}
}

SYSCALL_DEFINE3(timer_create, clockid_t, clock, struct sigevent __user *, uev, int __user *, uid)
{
	struct sigevent ev;
	unsigned long flags;
	struct k_itimer *timer;
	int id;

	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	if (!clock_has_timers(clock))
		return -EINVAL;
	id = create_timer(clock, &ev, !uev);
	if (id < 0)
		return id;
	if (put_user(id, uid)) {
		timer = lock_timer(id, &flags);
		if (timer)
			delete_locked(timer, flags);
		return -EFAULT;
	}
	return 0;
}

SYSCALL_DEFINE1(timer_delete, int, id)
{
	unsigned long flags;
	struct k_itimer *timer = lock_timer(id, &flags);

	if (!timer)
		return -EINVAL;
	delete_locked(timer, flags);
	return 0;
}

/* What timer_gettime(2) answers. it_lock. */
static void read_timer(struct k_itimer *timer, struct __kernel_itimerspec *its)
{
	bool quiet = timer->sigev_notify == SIGEV_NONE;
	struct timespec64 ts;
	s64 left;

	if (is_cpu_clock(timer->clock)) {
		left = cpu_timer_remaining(timer);
	} else {
		struct hrtimer *t = &timer->it.timer;

		/* One that waits for its signal to be taken, or sends none, goes on by itself. */
		if (timer->interval && (timer->requeue_pending || quiet))
			timer->overrun += hrtimer_forward_now(t, timer->interval);
		left = 0;
		if (hrtimer_active(t) || timer->interval || quiet)
			left = hrtimer_get_remaining(t);
		if (left <= 0)
			left = hrtimer_active(t) && !quiet ? 1 : 0;
	}
	ts = ns_to_timespec64(left);
	its->it_value = (struct __kernel_timespec){ts.tv_sec, ts.tv_nsec};
	ts = ns_to_timespec64(timer->interval);
	its->it_interval = (struct __kernel_timespec){ts.tv_sec, ts.tv_nsec};
}

static int arm_timer(struct k_itimer *timer, u64 value, bool absolute)
{
	if (is_cpu_clock(timer->clock))
		return cpu_timer_set(timer, value, absolute);
	if (!value)
		return 0;
	/* Without a signal nothing happens at the end: the expiry alone is kept. */
	if (timer->sigev_notify == SIGEV_NONE) {
		if (!absolute)
			value = ktime_add_safe(hrtimer_cb_get_time(&timer->it.timer), value);
		timer->it.timer.expires = value;
		return 0;
	}
	hrtimer_start(&timer->it.timer, value, absolute ? HRTIMER_MODE_ABS : HRTIMER_MODE_REL);
	return 0;
}

SYSCALL_DEFINE2(timer_gettime, int, id, struct __kernel_itimerspec __user *, uits)
{
	struct __kernel_itimerspec its;
	unsigned long flags;
	struct k_itimer *timer = lock_timer(id, &flags);

	if (!timer)
		return -EINVAL;
	read_timer(timer, &its);
	unlock_timer(timer, flags);
	return copy_to_user(uits, &its, sizeof(its)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(timer_getoverrun, int, id)
{
	unsigned long flags;
	struct k_itimer *timer = lock_timer(id, &flags);
	int overrun;

	if (!timer)
		return -EINVAL;
	overrun = clamp_t(s64, timer->overrun_last, 0, INT32_MAX);
	unlock_timer(timer, flags);
	return overrun;
}

SYSCALL_DEFINE4(timer_settime, int, id, int, tflags, const struct __kernel_itimerspec __user *,
		unew, struct __kernel_itimerspec __user *, uold)
{
	struct __kernel_itimerspec new, old;
	struct timespec64 value, interval;
	struct k_itimer *timer;
	unsigned long flags;
	int ret;

	if (!unew)
		return -EINVAL;
	if (copy_from_user(&new, unew, sizeof(new)))
		return -EFAULT;
	value = (struct timespec64){new.it_value.tv_sec, new.it_value.tv_nsec};
	interval = (struct timespec64){new.it_interval.tv_sec, new.it_interval.tv_nsec};
	if (!timespec64_valid(&value) || !timespec64_valid(&interval))
		return -EINVAL;
	timer = lock_timer(id, &flags);
	if (!timer)
		return -EINVAL;
	if (uold)
		read_timer(timer, &old);
	disarm(timer, &flags);
	/* Somebody may have deleted it while the lock was dropped. */
	ret = -EINVAL;
	if (timer->it_signal) {
		timer->requeue_pending = false;
		timer->overrun = timer->overrun_last = 0;
		timer->interval = value.tv_sec || value.tv_nsec ? timespec64_to_ktime(interval) : 0;
		ret = arm_timer(timer, timespec64_to_ktime(value), tflags & TIMER_ABSTIME);
	}
	unlock_timer(timer, flags);
	if (!ret && uold && copy_to_user(uold, &old, sizeof(old)))
		ret = -EFAULT;
	return ret;
}
