/* SPDX-License-Identifier: MIT */
/*
 * What sched_setattr(2) sets, deadline tasks and slices among it, and what root may change of the
 * scheduler: limits, tunables, flags.
 */
#include "harness.h"

#include "schedcall.h"

static long set_policy(int policy, int priority)
{
	struct sched_param sp = {.sched_priority = priority};

	return sched_setscheduler(0, policy, &sp);
}

CASE(getattr_of_self)
{
	struct attr a;

	OK(setpriority(PRIO_PROCESS, 0, 4));
	OK(get_attr(0, &a));
	CHECK(a.size >= 48);
	CHECK_EQ(a.policy, SCHED_OTHER);
	CHECK_EQ(a.nice, 4);
	CHECK_EQ(a.priority, 0);
	CHECK_ERR(syscall(SYS_sched_getattr, 0, &a, 47, 0), EINVAL);
	CHECK_ERR(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 1), EINVAL);
	CHECK_ERR(syscall(SYS_sched_getattr, 0x7ffffff0, &a, sizeof(a), 0), ESRCH);
}

CASE(setattr_nice_and_batch)
{
	struct attr a = {.size = 48, .policy = SCHED_BATCH, .nice = 9};

	OK(set_attr(0, &a));
	CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 9);
}

CASE(setattr_errors)
{
	struct attr a = {.size = 48, .policy = 77};

	CHECK_ERR(set_attr(0, &a), EINVAL);
	a = (struct attr){.size = 48, .flags = 1ULL << 40};
	CHECK_ERR(set_attr(0, &a), EINVAL);
	a = (struct attr){.size = 10000};
	CHECK_ERR(set_attr(0, &a), E2BIG);
	CHECK(a.size != 10000);
	a = (struct attr){.size = 20};
	CHECK_ERR(set_attr(0, &a), E2BIG);
	a = (struct attr){.size = 48, .policy = SCHED_FIFO};
	CHECK_ERR(set_attr(0, &a), EINVAL);
}

/* A deadline task must be allowed on all CPUs (sched(7)): refused for that, nothing has changed. */
CASE_ROOT(refused_policy_leaves_clamps)
{
	struct attr clamps = {.size = 56, .flags = 0x60, .util_min = 100, .util_max = 900}, b;
	struct attr a = {.size = 56,
			 .policy = 6,
			 .flags = 0x60,
			 .runtime = 1000000,
			 .deadline = 10000000,
			 .period = 10000000,
			 .util_min = 300,
			 .util_max = 500};
	cpu_set_t one;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP("one CPU");
	NEED(set_attr(0, &clamps));
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	CHECK_ERR(set_attr(0, &a), EPERM);
	OK(get_attr(0, &b));
	CHECK_EQ(b.policy, SCHED_OTHER);
	CHECK_EQ(b.util_min, 100);
	CHECK_EQ(b.util_max, 900);
}

CASE_ROOT(deadline_parameters)
{
	struct attr a = {.size = 48,
			 .policy = 6,
			 .runtime = 1000000,
			 .deadline = 10000000,
			 .period = 10000000},
		    b;

	NEED(set_attr(0, &a));
	OK(get_attr(0, &b));
	CHECK_EQ(b.policy, 6);
	CHECK_EQ(b.runtime, 1000000);
	CHECK_EQ(b.deadline, 10000000);
	CHECK_EQ(sched_getscheduler(0), 6);
	CHECK_ERR(fork(), EAGAIN); /* without reset-on-fork a deadline task may not fork */
	OK(set_policy(SCHED_OTHER, 0));
	a.runtime = 20000000;
	CHECK_ERR(set_attr(0, &a), EINVAL);
	a.runtime = 1;
	CHECK_ERR(set_attr(0, &a), EINVAL);
}

#define RT_RUNTIME "/proc/sys/kernel/sched_rt_runtime_us"
#define RT_PERIOD  "/proc/sys/kernel/sched_rt_period_us"

static long number_in(const char *file)
{
	FILE *f = fopen(file, "r");
	long n;

	CHECK(f);
	CHECK_EQ(fscanf(f, "%ld", &n), 1);
	fclose(f);
	return n;
}

CASE_ROOT(deadline_admission_control)
{
	struct attr a = {
	    .size = 48, .policy = 6, .runtime = 9900000, .deadline = 10000000, .period = 10000000};
	int refused = 0;
	pid_t pid;

	if (number_in(RT_RUNTIME) < 0)
		SKIP("this machine admits everything");
	for (int i = 0; i < 70 && !refused; i++) {
		struct gate g;

		gate_init(&g);
		CHILD(pid) {
			a.flags = 1;
			if (set_attr(0, &a) == 0) {
				gate_open(&g);
				for (;;)
					pause();
			}
			_exit(errno == EBUSY ? 1 : 2);
		}
		for (;;) {
			int status;

			if (gate_is_open(&g))
				break;
			if (waitpid(pid, &status, WNOHANG) == pid) {
				if (WEXITSTATUS(status) != 1)
					SKIP("no deadline scheduling here");
				refused = 1;
				break;
			}
			nap();
		}
		close(g.fd[0]);
		close(g.fd[1]);
	}
	CHECK(refused);
}

/* sched(7): the two limits of the real-time class make sense, and keep what was promised. */
CASE_ROOT(rt_limits_keep_promises)
{
	struct attr half = {.size = 48,
			    .policy = 6,
			    .runtime = 50000000,
			    .deadline = 100000000,
			    .period = 100000000};
	long runtime = number_in(RT_RUNTIME);

	if (runtime != 950000 || number_in(RT_PERIOD) != 1000000)
		SKIP("this machine has limits of its own");
	if (poke(RT_RUNTIME, "950000") < 0)
		SKIP("the limits may not be written here: %s", strerror(errno));
	CHECK_ERR(poke(RT_PERIOD, "0"), EINVAL);
	CHECK_ERR(poke(RT_PERIOD, "900000"), EINVAL);
	CHECK_ERR(poke(RT_RUNTIME, "-2"), EINVAL);
	CHECK_ERR(poke(RT_RUNTIME, "1000001"), EINVAL);
	CHECK_ERR(poke(RT_RUNTIME, "much"), EINVAL);
	OK(set_attr(0, &half));
	/* Half a CPU is more than a thousandth of each. */
	CHECK_ERR(poke(RT_RUNTIME, "1000"), EBUSY);
	CHECK_ERR(poke(RT_PERIOD, "1000000000"), EBUSY);
	CHECK_EQ(number_in(RT_RUNTIME), 950000);
	CHECK_EQ(number_in(RT_PERIOD), 1000000);
	OK(poke(RT_RUNTIME, "900000"));
	/* Without a limit a whole CPU may be promised; with a small one most of it may not. */
	OK(poke(RT_RUNTIME, "-1"));
	half.runtime = 100000000;
	OK(set_attr(0, &half));
	OK(set_policy(SCHED_OTHER, 0));
	/* What the task had may count until its period ends. */
	EVENTUALLY(poke(RT_RUNTIME, "1000") == 0);
	half.runtime = 90000000;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 900)
		CHECK_ERR(set_attr(0, &half), EBUSY);
	OK(poke(RT_RUNTIME, "950000"));
	CHECK_EQ(number_in(RT_RUNTIME), runtime);
}

/* eevdf (Linux 6.12): an ordinary task asks for so much at a time, from 100 us to 100 ms. */
CASE(slice_of_an_ordinary_task)
{
	struct attr a = {.size = 48, .runtime = 5000000}, b;
	pid_t pid;

	OK(set_attr(0, &a));
	OK(get_attr(0, &b));
	if (b.runtime != a.runtime)
		SKIP("slices are not asked for here");
	a.runtime = 1;
	OK(set_attr(0, &a));
	OK(get_attr(0, &b));
	CHECK_EQ(b.runtime, 100000);
	a.runtime = 3000000000;
	OK(set_attr(0, &a));
	OK(get_attr(0, &b));
	CHECK_EQ(b.runtime, 100000000);
	/* Another nice value, or policy of the class, does not change it; a child has the same. */
	OK(setpriority(PRIO_PROCESS, 0, 3));
	OK(set_policy(SCHED_BATCH, 0));
	CHILD(pid) {
		OK(get_attr(0, &b));
		CHECK_EQ(b.runtime, 100000000);
		CHECK_EQ(b.nice, 3);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

#define KERNEL	 "/proc/sys/kernel/"
#define FEATURES "/sys/kernel/debug/sched/features"

static bool file_has(const char *file, const char *what)
{
	char text[1000];
	int fd = OK(open(file, O_RDONLY));
	ssize_t n = OK(read(fd, text, sizeof(text) - 1));

	close(fd);
	text[n] = 0;
	return strstr(text, what);
}

CASE_ROOT(tunables_follow_the_cpus)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), log = 1;

	if (access(KERNEL "sched_tunable_scaling", F_OK))
		SKIP("no tunables in /proc/sys, as since Linux 5.13");
	if (cpus > 8)
		cpus = 8;
	while (1 << log <= cpus)
		log++;
	CHECK_EQ(number_in(KERNEL "sched_tunable_scaling"), 1);
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000 * log);
	OK(poke(KERNEL "sched_tunable_scaling", "0"));
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000);
	CHECK_EQ(number_in(KERNEL "sched_min_granularity_ns"), 750000);
	OK(poke(KERNEL "sched_tunable_scaling", "2"));
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000 * cpus);
	CHECK_EQ(number_in(KERNEL "sched_wakeup_granularity_ns"), 1000000 * cpus);
	CHECK_ERR(poke(KERNEL "sched_tunable_scaling", "3"), EINVAL);
	OK(poke(KERNEL "sched_tunable_scaling", "1"));
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000 * log);
}

CASE_ROOT(feature_flags_change)
{
	if (access(FEATURES, F_OK))
		SKIP("no debugfs here");
	if (poke(FEATURES, "NO_WAKEUP_PREEMPTION") < 0)
		SKIP("the flags may not be changed here: %s", strerror(errno));
	CHECK(file_has(FEATURES, " NO_WAKEUP_PREEMPTION"));
	CHECK_ERR(poke(FEATURES, "NO_SUCH_FLAG"), EINVAL);
	OK(poke(FEATURES, "WAKEUP_PREEMPTION\n"));
	CHECK(file_has(FEATURES, " WAKEUP_PREEMPTION"));
	if (!access(KERNEL "sched_features", F_OK)) {
		CHECK_ERR(poke(KERNEL "sched_features", "NO_WA_IDLE NONE"), EINVAL);
		OK(poke(KERNEL "sched_features", "NO_WA_IDLE NO_WA_WEIGHT WA_IDLE"));
		CHECK(file_has(FEATURES, " WA_IDLE NO_WA_WEIGHT"));
		OK(poke(FEATURES, "WA_WEIGHT"));
		CHECK(file_has(KERNEL "sched_features", " WA_IDLE WA_WEIGHT"));
	}
}

CASE_ROOT(domains_are_shown)
{
#define DOMAIN "/sys/kernel/debug/sched/domains/cpu0/domain0/"
	if (access("/sys/kernel/debug/sched/domains", F_OK))
		SKIP("no debugfs here");
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1) {
		CHECK_ERR(access(DOMAIN, F_OK), ENOENT);
		return;
	}
	CHECK(number_in(DOMAIN "imbalance_pct") > 100);
	CHECK(number_in(DOMAIN "min_interval") > 0);
	CHECK(number_in(DOMAIN "max_interval") >= number_in(DOMAIN "min_interval"));
	CHECK(number_in(DOMAIN "busy_factor") > 0);
	CHECK(file_has(DOMAIN "flags", "SD_BALANCE_NEWIDLE SD_BALANCE_EXEC SD_BALANCE_FORK"));
	CHECK(file_has(DOMAIN "name", "\n"));
}
