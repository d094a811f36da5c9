/* SPDX-License-Identifier: MIT */
/* Clocks and timers: clock_*, nanosleep, setitimer, alarm, POSIX timers, timerfd. */
#include "harness.h"

#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>

static volatile sig_atomic_t hits;
static volatile int last_value, last_code, last_overrun;

static void count(int sig)
{
	(void)sig;
	hits++;
}

static void keep(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)ctx;
	last_value = si->si_value.sival_int;
	last_code = si->si_code;
	last_overrun = si->si_overrun;
	hits++;
}

static const clockid_t clocks[] = {
    CLOCK_REALTIME,	    CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,      CLOCK_REALTIME_COARSE,
    CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,  CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};

CASE(every_clock_runs_forward)
{
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		struct timespec last, ts;

		OK(clock_gettime(clocks[i], &last));
		for (int k = 0; k < 1000; k++) {
			OK(clock_gettime(clocks[i], &ts));
			CHECK(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
			CHECK(ts.tv_sec > last.tv_sec ||
			      (ts.tv_sec == last.tv_sec && ts.tv_nsec >= last.tv_nsec));
			last = ts;
		}
	}
}

CASE(system_call_and_vdso_agree)
{
	struct timespec a, b, c;

	OK(clock_gettime(CLOCK_MONOTONIC, &a));
	OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &b));
	OK(clock_gettime(CLOCK_MONOTONIC, &c));
	int64_t x = a.tv_sec * 1000000000LL + a.tv_nsec, y = b.tv_sec * 1000000000LL + b.tv_nsec,
		z = c.tv_sec * 1000000000LL + c.tv_nsec;

	CHECK(x <= y && y <= z);
}

CASE(gettimeofday_and_time_agree)
{
	struct timespec ts;
	struct timeval tv;
	time_t t;

	OK(gettimeofday(&tv, NULL));
	OK(clock_gettime(CLOCK_REALTIME, &ts));
	t = time(NULL);
	CHECK(ts.tv_sec - tv.tv_sec <= 2 && ts.tv_sec >= tv.tv_sec);
	CHECK(t >= tv.tv_sec - 1 && t - tv.tv_sec <= 3);
	CHECK(syscall(SYS_time, NULL) >= tv.tv_sec);
}

CASE(getres)
{
	struct timespec ts;

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		OK(clock_getres(clocks[i], &ts));
		CHECK(ts.tv_sec == 0 && ts.tv_nsec > 0);
	}
	OK(clock_getres(CLOCK_MONOTONIC, &ts));
	CHECK_EQ(ts.tv_nsec, 1);
	CHECK_ERR(clock_getres(77, &ts), EINVAL);
	CHECK_ERR(clock_gettime(77, &ts), EINVAL);
}

CASE(cpu_clock_of_process)
{
	clockid_t id;
	struct timespec ts;
	pid_t pid;

	CHECK_EQ(clock_getcpuclockid(0, &id), 0);
	OK(clock_gettime(id, &ts));
	CHILD(pid) {
		for (;;)
			;
	}
	CHECK_EQ(clock_getcpuclockid(pid, &id), 0);
	EVENTUALLY(clock_gettime(id, &ts) == 0 && ts.tv_nsec > 5000000);
	kill(pid, SIGKILL);
	wait_status(pid);
	CHECK_ERR(clock_gettime(id, &ts), EINVAL);
}

CASE_ROOT(settime_errors)
{
	struct timespec ts = {.tv_nsec = -1};

	CHECK_ERR(clock_settime(CLOCK_REALTIME, &ts), EINVAL);
	CHECK_ERR(clock_settime(CLOCK_MONOTONIC, &(struct timespec){1, 0}), EINVAL);
	OK(setuid(1000));
	CHECK_ERR(clock_settime(CLOCK_REALTIME, &(struct timespec){1, 0}), EPERM);
}

CASE(nanosleep_is_never_early)
{
	for (int i = 0; i < 5; i++) {
		struct timespec ts = {.tv_nsec = 1000000 + i * 300000};
		int64_t start = now_ns();

		OK(nanosleep(&ts, NULL));
		CHECK(now_ns() - start >= ts.tv_nsec);
	}
}

CASE(nanosleep_errors)
{
	CHECK_ERR(nanosleep(&(struct timespec){.tv_nsec = 1000000000}, NULL), EINVAL);
	CHECK_ERR(nanosleep(&(struct timespec){.tv_nsec = -1}, NULL), EINVAL);
	CHECK_ERR(nanosleep(&(struct timespec){.tv_sec = -1}, NULL), EINVAL);
	OK(nanosleep(&(struct timespec){0}, NULL));
}

CASE(clock_nanosleep_absolute)
{
	struct timespec ts;
	int64_t until = now_ns() + 2000000;

	ts = (struct timespec){until / 1000000000, until % 1000000000};
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK(now_ns() >= until);
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL), EINVAL);
	CHECK_EQ(clock_nanosleep(77, 0, &ts, NULL), EINVAL);
}

CASE(itimer_real_fires_and_repeats)
{
	struct itimerval it = {{0, 2000}, {0, 2000}};

	on_signal(SIGALRM, count, SA_RESTART);
	OK(setitimer(ITIMER_REAL, &it, NULL));
	EVENTUALLY(hits >= 3);
	OK(setitimer(ITIMER_REAL, &(struct itimerval){0}, &it));
	CHECK_EQ(it.it_interval.tv_usec, 2000);
	CHECK(it.it_value.tv_usec <= 2000);
}

static void burn_until_hit(void)
{
	int64_t until = now_ms() + 8000;

	while (!hits && now_ms() < until)
		;
	CHECK(hits);
}

CASE(itimer_virtual_counts_user_time)
{
	on_signal(SIGVTALRM, count, 0);
	OK(setitimer(ITIMER_VIRTUAL, &(struct itimerval){{0, 0}, {0, 5000}}, NULL));
	burn_until_hit();
}

CASE(itimer_prof_counts_all_time)
{
	on_signal(SIGPROF, count, 0);
	OK(setitimer(ITIMER_PROF, &(struct itimerval){{0, 0}, {0, 5000}}, NULL));
	burn_until_hit();
}

CASE(itimer_errors)
{
	struct itimerval it = {{0, 0}, {0, 1000000}};

	CHECK_ERR(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
	CHECK_ERR(setitimer(7, &(struct itimerval){0}, NULL), EINVAL);
	CHECK_ERR(getitimer(7, &it), EINVAL);
}

CASE(alarm_replaces_and_returns)
{
	CHECK_EQ(alarm(100), 0);
	unsigned left = alarm(50);

	CHECK(left >= 90 && left <= 100);
	left = alarm(0);
	CHECK(left >= 40 && left <= 50);
	CHECK_EQ(alarm(0), 0);
}

CASE(alarm_kills_by_default)
{
	pid_t pid;

	CHILD(pid) {
		setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000}}, NULL);
		for (;;)
			pause();
	}
	CHECK_EQ(wait_killed(pid), SIGALRM);
}

static timer_t make_timer(clockid_t clock, int sig, int value)
{
	struct sigevent ev = {
	    .sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig, .sigev_value.sival_int = value};
	timer_t t;

	OK(timer_create(clock, &ev, &t));
	return t;
}

static const struct itimerspec one_ms = {.it_value.tv_nsec = 1000000};

CASE(posix_timer_signals_with_value)
{
	timer_t t;

	on_siginfo(SIGRTMIN, keep, 0);
	t = make_timer(CLOCK_MONOTONIC, SIGRTMIN, 555);
	OK(timer_settime(t, 0, &one_ms, NULL));
	EVENTUALLY(hits);
	CHECK_EQ(last_value, 555);
	CHECK_EQ(last_code, SI_TIMER);
	OK(timer_delete(t));
}

CASE(posix_timer_default_event)
{
	timer_t t;

	on_signal(SIGALRM, count, 0);
	OK(timer_create(CLOCK_REALTIME, NULL, &t));
	OK(timer_settime(t, 0, &one_ms, NULL));
	EVENTUALLY(hits);
}

CASE(posix_timer_counts_down_and_disarms)
{
	struct sigevent ev = {.sigev_notify = SIGEV_NONE};
	struct itimerspec its = {.it_value.tv_sec = 100};
	timer_t t;

	OK(timer_create(CLOCK_MONOTONIC, &ev, &t));
	OK(timer_settime(t, 0, &its, NULL));
	OK(timer_gettime(t, &its));
	CHECK(its.it_value.tv_sec >= 90 && its.it_value.tv_sec <= 100);
	OK(timer_delete(t));
	t = make_timer(CLOCK_MONOTONIC, SIGUSR1, 0);
	OK(timer_settime(t, 0, &(struct itimerspec){.it_value.tv_sec = 100}, NULL));
	OK(timer_settime(t, 0, &(struct itimerspec){0}, &its));
	CHECK(its.it_value.tv_sec >= 90);
	OK(timer_gettime(t, &its));
	CHECK_EQ(its.it_value.tv_sec + its.it_value.tv_nsec, 0);
}

CASE(posix_timer_getoverrun)
{
	struct itimerspec its = {{0, 1000000}, {0, 1000000}};
	sigset_t set;
	timer_t t = make_timer(CLOCK_MONOTONIC, SIGRTMIN, 1);
	int64_t start = now_ms();

	block_signal(SIGRTMIN);
	OK(timer_settime(t, 0, &its, NULL));
	while (now_ms() - start < 12)
		nap();
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK_EQ(sigwaitinfo(&set, NULL), SIGRTMIN);
	CHECK(timer_getoverrun(t) >= 5);
}

CASE(posix_timer_absolute_in_the_past_fires_at_once)
{
	struct itimerspec its = {.it_value.tv_nsec = 1};
	timer_t t;

	on_signal(SIGUSR1, count, 0);
	t = make_timer(CLOCK_MONOTONIC, SIGUSR1, 0);
	OK(timer_settime(t, TIMER_ABSTIME, &its, NULL));
	EVENTUALLY(hits);
}

CASE(posix_timer_on_cpu_clock)
{
	timer_t t;

	on_signal(SIGUSR1, count, 0);
	t = make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGUSR1, 0);
	OK(timer_settime(t, 0, &(struct itimerspec){.it_value.tv_nsec = 5000000}, NULL));
	burn_until_hit();
}

CASE(posix_timer_to_thread)
{
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
	timer_t t;

	ev._sigev_un._tid = gettid();
	on_signal(SIGUSR1, count, 0);
	OK(timer_create(CLOCK_MONOTONIC, &ev, &t));
	OK(timer_settime(t, 0, &one_ms, NULL));
	EVENTUALLY(hits);
}

CASE(posix_timer_errors)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65};
	struct itimerspec its = {.it_value.tv_nsec = 1000000000};
	timer_t t;

	CHECK_ERR(timer_create(CLOCK_MONOTONIC, &ev, &t), EINVAL);
	CHECK_ERR(timer_create(77, NULL, &t), EINVAL);
	t = make_timer(CLOCK_MONOTONIC, SIGUSR1, 0);
	CHECK_ERR(timer_settime(t, 0, &its, NULL), EINVAL);
	OK(timer_delete(t));
	CHECK_ERR(syscall(SYS_timer_delete, 12345), EINVAL);
	CHECK_ERR(syscall(SYS_timer_gettime, 12345, &its), EINVAL);
	CHECK_ERR(syscall(SYS_timer_getoverrun, 12345), EINVAL);
}

CASE(posix_timers_are_not_inherited_and_die_with_exit)
{
	timer_t t = make_timer(CLOCK_MONOTONIC, SIGUSR1, 0);
	struct itimerspec its;
	pid_t pid;

	CHILD(pid) {
		CHECK_ERR(timer_gettime(t, &its), EINVAL);
		for (int i = 0; i < 20; i++)
			timer_settime(make_timer(CLOCK_REALTIME, SIGUSR1, 0), 0,
				      &(struct itimerspec){.it_value.tv_sec = 100}, NULL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(timerfd_reads_expirations)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	struct itimerspec its = {{0, 1000000}, {0, 1000000}};
	uint64_t n;

	OK(timerfd_settime(fd, 0, &its, NULL));
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK(n >= 1);
	OK(timerfd_gettime(fd, &its));
	CHECK_EQ(its.it_interval.tv_nsec, 1000000);
}

CASE(timerfd_nonblocking_and_poll)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t n;

	CHECK_ERR(read(fd, &n, 8), EAGAIN);
	CHECK_EQ(poll(&p, 1, 0), 0);
	OK(timerfd_settime(fd, 0, &one_ms, NULL));
	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_EQ(read(fd, &n, 8), 8);
	CHECK_EQ(n, 1);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
}

CASE(timerfd_errors)
{
	int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
	uint64_t n;

	CHECK_ERR(timerfd_create(77, 0), EINVAL);
	CHECK_ERR(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	CHECK_ERR(timerfd_settime(fd, 99, &one_ms, NULL), EINVAL);
	CHECK_ERR(timerfd_settime(0, 0, &one_ms, NULL), EINVAL);
	CHECK_ERR(read(fd, &n, 4), EINVAL);
	CHECK_ERR(timerfd_settime(800, 0, &one_ms, NULL), EBADF);
}

CASE(times_and_clock)
{
	struct tms t;
	clock_t a = times(&t), b = times(NULL);

	CHECK(b >= a);
	CHECK(t.tms_cutime == 0);
	CHECK_EQ(sysconf(_SC_CLK_TCK), 100);
}

CASE(timer_slack)
{
	OK(prctl(PR_SET_TIMERSLACK, 12345));
	CHECK_EQ(prctl(PR_GET_TIMERSLACK), 12345);
	OK(prctl(PR_SET_TIMERSLACK, 0));
	CHECK_EQ(prctl(PR_GET_TIMERSLACK), 50000);
}

CASE(many_sleepers_all_wake)
{
	pid_t pid[40];

	for (int i = 0; i < 40; i++) {
		CHILD(pid[i]) {
			struct timespec ts = {.tv_nsec = (i * 7919 % 40) * 100000};

			OK(nanosleep(&ts, NULL));
		}
	}
	for (int i = 0; i < 40; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

/* Relative or absolute, by whichever clock: what passes on that clock is what was asked for. */
CASE(sleeps_last_on_every_clock)
{
	static const clockid_t slept_by[] = {CLOCK_REALTIME,	   CLOCK_MONOTONIC,
					     CLOCK_BOOTTIME,	   CLOCK_REALTIME_ALARM,
					     CLOCK_BOOTTIME_ALARM, CLOCK_TAI};
	const long length = 20 * 1000 * 1000;
	struct timespec from, to, ts;

	for (size_t i = 0; i < ARRAY_SIZE(slept_by); i++) {
		ts = (struct timespec){0, length};
		OK(clock_gettime(CLOCK_MONOTONIC, &from));
		/* An alarm clock needs a device that wakes the machine, and the right to use it. */
		if (syscall(SYS_clock_nanosleep, slept_by[i], 0, &ts, NULL)) {
			CHECK(slept_by[i] == CLOCK_REALTIME_ALARM ||
			      slept_by[i] == CLOCK_BOOTTIME_ALARM);
			continue;
		}
		OK(clock_gettime(CLOCK_MONOTONIC, &to));
		CHECK((to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec >=
		      length);
		OK(clock_gettime(slept_by[i], &ts));
		ts.tv_sec += (ts.tv_nsec + length) / 1000000000L;
		ts.tv_nsec = (ts.tv_nsec + length) % 1000000000L;
		OK(syscall(SYS_clock_nanosleep, slept_by[i], TIMER_ABSTIME, &ts, NULL));
		OK(clock_gettime(slept_by[i], &to));
		CHECK(to.tv_sec > ts.tv_sec ||
		      (to.tv_sec == ts.tv_sec && to.tv_nsec >= ts.tv_nsec));
	}
}
