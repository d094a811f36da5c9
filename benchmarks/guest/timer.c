/* SPDX-License-Identifier: MIT */
/* Timers: arming one beside many, and how late a sleep ends. */
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define FAR_SECONDS    100000
#define NANOSLEEPS     50
#define SPREAD_SECONDS 10000

/* glibc's timer_t wraps what the kernel numbers; the calls are made bare. */
static int create_timer(void)
{
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	int id;

	check(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, &id));
	return id;
}

static void arm_timer(int id, time_t seconds)
{
	struct itimerspec when = {.it_value.tv_sec = seconds};

	check(syscall(SYS_timer_settime, id, 0, &when, NULL));
}

/* Arm one timer anew, before, among and behind the others by turns, and disarm it. */
static uint64_t op_timer(void *arg, unsigned int n)
{
	static const time_t where[] = {1000, FAR_SECONDS + SPREAD_SECONDS / 2, 2 * FAR_SECONDS};
	uint64_t start = clock_start();
	int id = *(int *)arg;

	while (n--) {
		arm_timer(id, where[n % ARRAY_SIZE(where)]);
		arm_timer(id, 0);
	}
	return clock_stop(start);
}

static void run_timer(const char *param)
{
	long armed = number(param);
	int id = create_timer();

	/* A multiplicative walk over the range: the order of arming is not that of expiry. */
	for (long i = 0; i < armed; i++)
		arm_timer(create_timer(), FAR_SECONDS + i * 7919 % SPREAD_SECONDS);
	measure(op_timer, &id);
}

static void run_nanosleep(const char *param)
{
	struct timespec ts = {.tv_nsec = number(param) * 1000};
	double sample[NANOSLEEPS];
	uint64_t start;

	for (size_t i = 0; i < NANOSLEEPS; i++) {
		start = clock_start();
		nanosleep(&ts, NULL);
		sample[i] = clock_stop(start) - ts.tv_nsec;
	}
	emit_samples(NULL, "ns", sample, NANOSLEEPS);
}

const struct bench_row timer_rows[] = {
    {"timer_settime", PARAMS("10", "100", "1000", "10000", "100000"), run_timer},
    {"nanosleep_late", PARAMS("100us", "1000us"), run_nanosleep},
    {NULL, NULL, NULL},
};
