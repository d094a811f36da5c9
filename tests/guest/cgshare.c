/* SPDX-License-Identifier: MIT */
/*
 * What the cpu controller promises: shares by weight, limits by cpu.max. Measured by the CPU clocks
 * of the tasks, so that a loaded machine changes little; on one CPU, where the shares are exact.
 *
 * What the host takes away from a virtual CPU counts for whoever runs there. So a share is measured
 * for as long as it takes until that is evened out; with GUEST_EXACT_TIME in the environment, on a
 * machine whose clock counts its own instructions, one second after the start of all tasks is
 * measured, and no more. tests/boot/shares.t.
 */
#include "cgroup.h"

/* A task of that cgroup that computes for ever, on those CPUs; NULL: on CPU 0. */
static pid_t hog_on(const char *dir, const cpu_set_t *cpus)
{
	pid_t pid;

	CHILD(pid) {
		OK(put(dir, "cgroup.procs", "0"));
		if (cpus)
			OK(sched_setaffinity(0, sizeof(*cpus), cpus));
		else
			bind_to(0, 0);
		for (;;)
			;
	}
	return pid;
}

static pid_t hog(const char *dir)
{
	return hog_on(dir, NULL);
}

static int64_t used_ns(pid_t pid)
{
	struct timespec ts;
	clockid_t clock = (~(clockid_t)pid << 3) | 2;

	OK(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static bool near(const int64_t *sum, long want)
{
	long got = sum[0] * 1000 / (sum[0] + sum[1]);

	return got >= want - 10 && got <= want + 10;
}

/*
 * Two cgroups of weights wa and wb, with na and nb tasks: what the first has of both, in
 * thousandths.
 */
static long share_of(const char *wa, int na, const char *wb, int nb, long want,
		     const cpu_set_t *cpus)
{
	const char *weight[2] = {wa, wb};
	char dir[2][400];
	bool exact = getenv("GUEST_EXACT_TIME");
	int64_t from[2] = {0, 0}, sum[2];
	pid_t pid[32];
	int i;

	begin();
	need_controller("cpu");
	need_file(own, "cpu.weight");
	OK(put(own, "cgroup.subtree_control", "+cpu"));
	for (i = 0; i < 2; i++) {
		snprintf(dir[i], sizeof(dir[i]), "%s/%c", own, "ab"[i]);
		OK(mkdir(dir[i], 0755));
		OK(put(dir[i], "cpu.weight", weight[i]));
	}
	for (i = 0; i < na + nb; i++)
		pid[i] = hog_on(dir[i >= na], cpus);
	for (i = 0; i < na + nb; i++)
		while (used_ns(pid[i]) < 50000000)
			usleep(50000);
	for (i = 0; i < na + nb; i++)
		from[i >= na] += used_ns(pid[i]);
	do {
		usleep(exact ? 1000000 : 100000);
		sum[0] = -from[0];
		sum[1] = -from[1];
		for (i = 0; i < na + nb; i++)
			sum[i >= na] += used_ns(pid[i]);
	} while (!exact && (sum[0] + sum[1] < 2000000000 ||
			    (sum[0] + sum[1] < 40000000000 && !near(sum, want))));
	for (i = 0; i < na + nb; i++)
		reap(pid[i]);
	OK(rmdir(dir[0]));
	OK(rmdir(dir[1]));
	end();
	return sum[0] * 1000 / (sum[0] + sum[1]);
}

static long share(const char *wa, int na, const char *wb, int nb, long want)
{
	return share_of(wa, na, wb, nb, want, NULL);
}

static void check_share(long got, long want)
{
	if (got < want - 10 || got > want + 10)
		FAIL("%ld of 1000, expected %ld within 10", got, want);
}

CASE_OPT(weights_share_a_cpu, .root = true, .timeout = 100)
{
	check_share(share("100", 1, "300", 1, 250), 250);
}

CASE_OPT(weight_is_of_the_group_not_of_its_tasks, .root = true, .timeout = 100)
{
	check_share(share("200", 1, "100", 3, 667), 667);
}

/* The same of all CPUs: each group has a hog for every one of them, which may go anywhere. */
CASE_OPT(weights_share_the_machine, .root = true, .timeout = 100)
{
	cpu_set_t all;

	OK(sched_getaffinity(0, sizeof(all), &all));
	if (CPU_COUNT(&all) > 16)
		SKIP("more CPUs than there should be tasks");
	check_share(share_of("100", CPU_COUNT(&all), "300", CPU_COUNT(&all), 250, &all), 250);
}

/* A quarter of each period of 40 ms, over forty of them, for a task that always wants more. */
static void check_quarter(pid_t pid)
{
	int64_t from, to, start, end;

	usleep(400000);
	start = now_ns();
	from = used_ns(pid);
	usleep(1600000);
	end = now_ns();
	to = used_ns(pid);
	reap(pid);
	check_share((to - from) * 1000 / (end - start), 250);
}

CASE_OPT(max_limits_a_group, .root = true, .timeout = 100)
{
	if (!getenv("GUEST_EXACT_TIME"))
		SKIP("a limit is exact where the machine's clock is");
	begin();
	need_controller("cpu");
	need_file(own, "cpu.max");
	OK(put(own, "cpu.max", "10000 40000"));
	check_quarter(hog(own));
	end();
}

/* The same of a real-time group's budget. */
CASE_OPT(budget_limits_a_real_time_group, .root = true, .timeout = 100)
{
	struct sched_param one = {.sched_priority = 1};
	pid_t pid;

	if (!getenv("GUEST_EXACT_TIME"))
		SKIP("a budget is exact where the machine's clock is");
	begin();
	need_controller("cpu");
	need_file(own, "cpu.rt_runtime_us");
	OK(put(own, "cpu.rt_runtime_us", "10000"));
	OK(put(own, "cpu.rt_period_us", "40000"));
	pid = hog(own);
	usleep(100000);
	OK(sched_setscheduler(pid, SCHED_FIFO, &one));
	check_quarter(pid);
	end();
}
