/* SPDX-License-Identifier: MIT */
/* The scheduler: yielding, changing a task's parameters, wake-up latency. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define STACK_SIZE	(16UL << 10)
#define YIELDS		20000
#define POLICY_YIELDS	2000
#define MAX_YIELDERS	10000
#define LATENCY_SAMPLES 400
/*
 * Ten microseconds more than a millisecond, so that the samples fall everywhere between two ticks
 * of 4 ms, whatever the moment of the first. A divisor of the tick's period would have a quarter of
 * them meet the tick or none, by chance.
 */
#define LATENCY_PERIOD (NSEC_PER_MSEC + 10007)
#define LOAD_TASKS     4
#define SCHED_DEADLINE 6

/* The structure of sched_setattr(2), which glibc 2.36 does not declare. */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

struct yielders {
	unsigned long count, first, last;
	uint64_t start, ns;
	int go, finished;
};

/*
 * All yielders share one CPU and count their yields together from @go on. The one
 * that draws @first starts the clock and the one that draws @last stops it.
 */
static void *yielder(void *arg)
{
	struct yielders *y = arg;
	unsigned long mine;

	while (!__atomic_load_n(&y->go, __ATOMIC_ACQUIRE))
		futex_wait(&y->go, 0);
	while (!__atomic_load_n(&y->finished, __ATOMIC_RELAXED)) {
		mine = __atomic_fetch_add(&y->count, 1, __ATOMIC_RELAXED);
		if (mine == y->first) {
			y->start = clock_start();
		} else if (mine == y->last) {
			y->ns = clock_stop(y->start);
			__atomic_store_n(&y->finished, 1, __ATOMIC_RELAXED);
		}
		sched_yield();
	}
	return NULL;
}

/* By the time that turn @first is drawn every task has had one, and the starter sleeps. */
static void yield_among(unsigned long n, unsigned long first, unsigned long count)
{
	static pthread_t thread[MAX_YIELDERS];
	struct yielders y = {.first = first, .last = first + count};
	pthread_attr_t attr;
	double ns;

	pin(0);
	check_error(pthread_attr_init(&attr));
	check_error(pthread_attr_setstacksize(&attr, STACK_SIZE));
	for (unsigned long i = 0; i < n; i++)
		check_error(pthread_create(&thread[i], &attr, yielder, &y));
	__atomic_store_n(&y.go, 1, __ATOMIC_RELEASE);
	futex_wake(&y.go, MAX_YIELDERS);
	for (unsigned long i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	ns = (double)y.ns / count;
	emit(NULL, "ns", ns, ns, ns, count);
}

static void run_yield(const char *param)
{
	unsigned long n = number(param);

	yield_among(n, 4 * n, YIELDS);
}

/* Fewer turns: one of these policies looks at every task at each. */
static void run_schedule(const char *param)
{
	unsigned long n = number(param);

	yield_among(n, 2 * n, POLICY_YIELDS);
}

static uint64_t op_setpriority(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		setpriority(PRIO_PROCESS, 0, n & 1);
	return clock_stop(start);
}

static void run_setpriority(const char *param)
{
	measure(op_setpriority, NULL);
}

static int set_attr(const struct attr *attr)
{
	return syscall(SYS_sched_setattr, 0, attr, 0);
}

static uint64_t op_setattr(void *arg, unsigned int n)
{
	struct attr *pair = arg;
	uint64_t start = clock_start();

	while (n--)
		check(set_attr(&pair[n & 1]));
	return clock_stop(start);
}

static void run_setattr(const char *param)
{
	struct attr pair[2] = {{.size = sizeof(struct attr), .policy = SCHED_OTHER},
			       {.size = sizeof(struct attr), .policy = SCHED_OTHER, .nice = 1}};

	if (!strcmp(param, "other-fifo"))
		pair[1] =
		    (struct attr){.size = sizeof(struct attr), .policy = SCHED_FIFO, .priority = 1};
	measure(op_setattr, pair);
}

static void set_class(const char *param)
{
	struct attr attr = {.size = sizeof(attr)};

	if (!strncmp(param, "fifo", 4) || !strncmp(param, "rr", 2)) {
		attr.policy = *param == 'f' ? SCHED_FIFO : SCHED_RR;
		attr.priority = 50;
	} else if (!strncmp(param, "deadline", 8)) {
		attr.policy = SCHED_DEADLINE;
		attr.runtime = LATENCY_PERIOD / 4;
		attr.deadline = attr.period = LATENCY_PERIOD;
	} else if (!strncmp(param, "nice", 4)) {
		attr.nice = -10;
	}
	check(set_attr(&attr));
}

/* Sleep to fixed points in time; each sample is how late the task ran. */
static void sample_latency(double *sample, size_t n)
{
	struct timespec at;
	uint64_t start = clock_start(), due = start + LATENCY_PERIOD;

	for (size_t i = 0; i < n; i++, due += LATENCY_PERIOD) {
		at.tv_sec = due / NSEC_PER_SEC;
		at.tv_nsec = due % NSEC_PER_SEC;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
		sample[i] = now() - due;
		/* One that missed its next point as well begins anew from where it is. */
		if (sample[i] >= LATENCY_PERIOD)
			due = now();
	}
	clock_stop(start);
}

static void run_latency(const char *param)
{
	static double sample[LATENCY_SAMPLES];
	static const struct {
		const char *name;
		double q;
	} wanted[] = {{"p50", 0.5}, {"p99", 0.99}, {"max", 1}};
	int loaded = strstr(param, "loaded") != NULL;
	pid_t load[LOAD_TASKS];

	pin(0);
	prctl(PR_SET_TIMERSLACK, 1);
	for (int i = 0; loaded && i < LOAD_TASKS; i++) {
		load[i] = check(fork());
		while (!load[i])
			;
	}
	set_class(param);
	sample_latency(sample, LATENCY_SAMPLES);
	for (int i = 0; loaded && i < LOAD_TASKS; i++) {
		kill(load[i], SIGKILL);
		waitpid(load[i], NULL, 0);
	}
	sort_samples(sample, LATENCY_SAMPLES);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		emit(wanted[i].name, "ns", quantile(sample, LATENCY_SAMPLES, wanted[i].q),
		     sample[0], sample[LATENCY_SAMPLES - 1], LATENCY_SAMPLES);
}

const struct bench_row sched_rows[] = {
    {"yield", PARAMS("2", "64", "1024", "10000"), run_yield},
    {"schedule_cfs", PARAMS("1", "10", "100", "1000", "10000"), run_schedule},
    {"schedule_eevdf", PARAMS("1", "10", "100", "1000", "10000"), run_schedule},
    {"schedule_goodness", PARAMS("1", "10", "100", "1000", "10000"), run_schedule},
    {"schedule_o1", PARAMS("1", "10", "100", "1000", "10000"), run_schedule},
    {"setpriority", PARAMS("-"), run_setpriority},
    {"sched_setattr", PARAMS("other-nice", "other-fifo"), run_setattr},
    {"wakeup",
     PARAMS("other-idle", "fifo-idle", "rr-idle", "deadline-idle", "other-loaded", "nice-loaded",
	    "fifo-loaded", "rr-loaded", "deadline-loaded"),
     run_latency},
    {NULL, NULL, NULL},
};
