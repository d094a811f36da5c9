/* SPDX-License-Identifier: MIT */
/*
 * The system calls that read and set clocks and that sleep: clock_gettime(2), clock_nanosleep(2),
 * nanosleep(2), gettimeofday(2), time(2), adjtimex(2). CPU-time clocks are process/'s.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/err.h>
#include <jiffy/posix_timers.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <jiffy/time_private.h>
#include <uapi/timex.h>

static bool is_cpu_clock(clockid_t clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

static int put_timespec(const struct timespec64 *ts, struct __kernel_timespec __user *to)
{
	struct __kernel_timespec k = {ts->tv_sec, ts->tv_nsec};

	return copy_to_user(to, &k, sizeof(k)) ? -EFAULT : 0;
}

static int fetch_timespec(struct timespec64 *ts, const struct __kernel_timespec __user *from)
{
	struct __kernel_timespec k;

	if (copy_from_user(&k, from, sizeof(k)))
		return -EFAULT;
	*ts = (struct timespec64){k.tv_sec, k.tv_nsec};
	return 0;
}

/* 0 or -EINVAL for a clock that does not exist. */
static int clock_get(clockid_t clock, struct timespec64 *ts)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
		*ts = ns_to_timespec64(ktime_get_real());
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ts = ns_to_timespec64(ktime_get());
		return 0;
	case CLOCK_REALTIME_COARSE:
		*ts = ns_to_timespec64(ktime_get_coarse_real());
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ts = ns_to_timespec64(ktime_get_coarse());
		return 0;
	case CLOCK_TAI:
		*ts = ns_to_timespec64(ktime_get_clocktai());
		return 0;
	default:
		return is_cpu_clock(clock) ? posix_cpu_clock_get(clock, ts) : -EINVAL;
	}
}

SYSCALL_DEFINE2(clock_gettime, clockid_t, clock, struct __kernel_timespec __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(clock, &ts);

	return err ? err : put_timespec(&ts, tp);
}

SYSCALL_DEFINE2(clock_settime, clockid_t, clock, const struct __kernel_timespec __user *, tp)
{
	struct timespec64 ts;
	int err;

	if (clock != CLOCK_REALTIME && clock >= 0)
		return -EINVAL;
	if (fetch_timespec(&ts, tp))
		return -EFAULT;
	if (clock < 0) {
		/* A process's or a thread's: it is there, but nobody may set it. */
		err = posix_cpu_clock_getres(clock, &ts);
		return err ? err : -EPERM;
	}
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	return do_settimeofday64(&ts);
}

SYSCALL_DEFINE2(clock_getres, clockid_t, clock, struct __kernel_timespec __user *, tp)
{
	struct timespec64 ts = {0, 1};
	int err = clock_get(clock, &ts);

	if (err)
		return err;
	ts = (struct timespec64){0, 1};
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		ts.tv_nsec = TICK_NSEC;
	else if (is_cpu_clock(clock))
		err = posix_cpu_clock_getres(clock, &ts);
	return err || !tp ? err : put_timespec(&ts, tp);
}

/* What is left of a sleep goes to rmtp. -EFAULT or the code that makes the call go on. */
static long sleep_interrupted(ktime_t left, struct __kernel_timespec __user *rmtp)
{
	if (rmtp) {
		struct timespec64 ts = ns_to_timespec64(max(left, (ktime_t)0));

		if (put_timespec(&ts, rmtp))
			return -EFAULT;
	}
	return -ERESTART_RESTARTBLOCK;
}

static long nanosleep_restart(struct restart_block *rb)
{
	ktime_t expires = rb->nanosleep.expires;
	clockid_t clock = rb->nanosleep.clockid;

	__set_current_state(TASK_INTERRUPTIBLE);
	if (!schedule_hrtimeout_range_clock(&expires, current_timer_slack(), HRTIMER_MODE_ABS,
					    clock))
		return 0;
	if (!signal_pending(current))
		return nanosleep_restart(rb);
	return sleep_interrupted(expires - ktime_get(), rb->nanosleep.rmtp);
}

/*
 * A relative sleep is made absolute first: a signal whose handler returns then shortens
 * nothing, and sleeps that are interrupted again and again end when the first would have. It is
 * the monotonic clock's time, whichever clock was named: no setting of another one moves the end.
 */
static long sleep_relative(ktime_t length, struct __kernel_timespec __user *rmtp)
{
	struct restart_block *rb = &current->restart_block;
	ktime_t expires = ktime_add_safe(ktime_get(), length);

	rb->nanosleep.clockid = CLOCK_MONOTONIC;
	rb->nanosleep.rmtp = rmtp;
	rb->nanosleep.expires = expires;
	rb->fn = nanosleep_restart;
	return nanosleep_restart(rb);
}

static long sleep_until(ktime_t when, clockid_t clock)
{
	do {
		__set_current_state(TASK_INTERRUPTIBLE);
		if (!schedule_hrtimeout_range_clock(&when, current_timer_slack(), HRTIMER_MODE_ABS,
						    clock))
			return 0;
	} while (!signal_pending(current));
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE2(nanosleep, const struct __kernel_timespec __user *, rqtp,
		struct __kernel_timespec __user *, rmtp)
{
	struct timespec64 ts;

	if (fetch_timespec(&ts, rqtp))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	return sleep_relative(timespec64_to_ktime(ts), rmtp);
}

SYSCALL_DEFINE4(clock_nanosleep, clockid_t, clock, int, flags,
		const struct __kernel_timespec __user *, rqtp, struct __kernel_timespec __user *,
		rmtp)
{
	struct timespec64 ts, now;
	int err;

	if (clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE ||
	    clock == CLOCK_MONOTONIC_COARSE)
		return -EOPNOTSUPP;
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return -EINVAL;
	if (!is_cpu_clock(clock)) {
		err = clock_get(clock, &now);
		if (err)
			return err;
	}
	if (fetch_timespec(&ts, rqtp))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	if (flags & TIMER_ABSTIME)
		rmtp = NULL;
	if (is_cpu_clock(clock))
		return posix_cpu_nsleep(clock, flags, &ts, (struct timespec64 __user *)rmtp);
	if (flags & TIMER_ABSTIME)
		return sleep_until(timespec64_to_ktime(ts), clock);
	return sleep_relative(timespec64_to_ktime(ts), rmtp);
}

SYSCALL_DEFINE2(gettimeofday, struct __kernel_timeval __user *, tv, struct timezone __user *, tz)
{
	if (tv) {
		struct timespec64 ts = ns_to_timespec64(ktime_get_real());
		struct __kernel_timeval k = {ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC};

		if (copy_to_user(tv, &k, sizeof(k)))
			return -EFAULT;
	}
	if (tz) {
		struct timezone k;

		get_time_zone(&k.tz_minuteswest, &k.tz_dsttime);
		if (copy_to_user(tz, &k, sizeof(k)))
			return -EFAULT;
	}
	return 0;
}

SYSCALL_DEFINE2(settimeofday, const struct __kernel_timeval __user *, tv,
		const struct timezone __user *, tz)
{
	struct __kernel_timeval k = {0, 0};
	struct timezone zone;

	if (tv && copy_from_user(&k, tv, sizeof(k)))
		return -EFAULT;
	if (tz && copy_from_user(&zone, tz, sizeof(zone)))
		return -EFAULT;
	if (tv && (k.tv_usec < 0 || k.tv_usec >= USEC_PER_SEC))
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (tz) {
		if (zone.tz_minuteswest > 15 * 60 || zone.tz_minuteswest < -15 * 60)
			return -EINVAL;
		set_time_zone(zone.tz_minuteswest, zone.tz_dsttime);
	}
	if (tv) {
		struct timespec64 ts = {k.tv_sec, k.tv_usec * NSEC_PER_USEC};

		return do_settimeofday64(&ts);
	}
	return 0;
}

SYSCALL_DEFINE1(time, s64 __user *, tloc)
{
	s64 now = ktime_get_real_seconds();

	if (tloc && put_user(now, tloc))
		return -EFAULT;
	return now;
}

/*
 * The clock is the counter at its measured rate and is not disciplined, so adjtimex() reports
 * the state of such a clock (TIME_ERROR, not synchronised) and steps it when asked to.
 */
static long do_adjtimex(struct timex *t)
{
	struct timespec64 now;

	if (t->modes && !capable(CAP_SYS_TIME))
		return -EPERM;
	if ((t->modes & ADJ_TICK) && (t->tick < 900000 / 100 || t->tick > 1100000 / 100))
		return -EINVAL;
	if (t->modes & ADJ_SETOFFSET) {
		long ns = (t->modes & ADJ_NANO) ? t->time.tv_usec : t->time.tv_usec * NSEC_PER_USEC;
		int err;

		if (t->time.tv_usec < 0 || ns >= NSEC_PER_SEC)
			return -EINVAL;
		now = ns_to_timespec64(ktime_get_real() + t->time.tv_sec * NSEC_PER_SEC + ns);
		err = do_settimeofday64(&now);
		if (err)
			return err;
	}
	if (t->modes & ADJ_TAI)
		set_tai_offset(t->constant);
	now = ns_to_timespec64(ktime_get_real());
	t->offset = 0;
	t->freq = 0;
	t->maxerror = 16000000;
	t->esterror = 16000000;
	t->status = STA_UNSYNC | STA_NANO;
	t->constant = 2;
	t->precision = 1;
	t->tolerance = 32768000;
	t->time.tv_sec = now.tv_sec;
	t->time.tv_usec = now.tv_nsec;
	t->tick = USEC_PER_SEC / 100;
	t->tai = get_tai_offset();
	return TIME_ERROR;
}

static long adjtimex_user(struct timex __user *up)
{
	struct timex t;
	long ret;

	if (copy_from_user(&t, up, sizeof(t)))
		return -EFAULT;
	ret = do_adjtimex(&t);
	if (ret >= 0 && copy_to_user(up, &t, sizeof(t)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE1(adjtimex, struct timex __user *, up)
{
	return adjtimex_user(up);
}

SYSCALL_DEFINE2(clock_adjtime, clockid_t, clock, struct timex __user *, up)
{
	return clock == CLOCK_REALTIME ? adjtimex_user(up) : -EOPNOTSUPP;
}
