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
#include "harness.h"
#include <sys/vfs.h>

#define CGROUP2_SUPER_MAGIC 0x63677270
#define ROOT		    "/sys/fs/cgroup"

static void put(const char *dir, const char *file, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = OK(open(path, O_WRONLY | O_CLOEXEC));
	if (write(fd, text, strlen(text)) < 0)
		FAIL("%s to %s: %s", text, path, strerror(errno));
	close(fd);
}

static void need_cpu_controller(void)
{
	struct statfs st;
	char text[256];

	if (statfs(ROOT, &st) || st.f_type != CGROUP2_SUPER_MAGIC)
		SKIP("cgroup2 is not mounted on " ROOT);
	CHECK(slurp(ROOT "/cgroup.controllers", text, sizeof(text)) >= 0);
	if (!strstr(text, "cpu"))
		SKIP("no controller cpu in this machine's cgroup2 hierarchy");
	put(ROOT, "cgroup.subtree_control", "+cpu");
}

static void to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	OK(sched_setaffinity(0, sizeof(set), &set));
}

/* A task of that cgroup that computes for ever, on CPU 0. */
static pid_t hog(const char *dir)
{
	pid_t pid;

	CHILD(pid) {
		put(dir, "cgroup.procs", "0");
		to_cpu(0);
		for (;;)
			;
	}
	return pid;
}

static int64_t used_ns(pid_t pid)
{
	struct timespec ts;
	clockid_t clock = (~(clockid_t)pid << 3) | 2;

	OK(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_EQ(wait_killed(pid), SIGKILL);
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
static long share(const char *wa, int na, const char *wb, int nb, long want)
{
	static const char *const dir[2] = {ROOT "/share-a", ROOT "/share-b"};
	const char *weight[2] = {wa, wb};
	bool exact = getenv("GUEST_EXACT_TIME");
	int64_t from[2] = {0, 0}, sum[2];
	pid_t pid[8];
	int i;

	for (i = 0; i < 2; i++) {
		OK(mkdir(dir[i], 0755));
		put(dir[i], "cpu.weight", weight[i]);
	}
	for (i = 0; i < na + nb; i++)
		pid[i] = hog(dir[i >= na]);
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
		stop(pid[i]);
	OK(rmdir(dir[0]));
	OK(rmdir(dir[1]));
	return sum[0] * 1000 / (sum[0] + sum[1]);
}

static void check_share(long got, long want)
{
	if (got < want - 10 || got > want + 10)
		FAIL("%ld of 1000, expected %ld within 10", got, want);
}

CASE_OPT(weights_share_a_cpu, .root = true, .timeout = 100)
{
	need_cpu_controller();
	check_share(share("100", 1, "300", 1, 250), 250);
}

CASE_OPT(weight_is_of_the_group_not_of_its_tasks, .root = true, .timeout = 100)
{
	need_cpu_controller();
	check_share(share("200", 1, "100", 3, 667), 667);
}

/* A quarter of each period, over forty of them, for a group that always wants more. */
CASE_OPT(max_limits_a_group, .root = true, .timeout = 100)
{
	int64_t from, to, begin, end;
	long got;
	pid_t pid;

	if (!getenv("GUEST_EXACT_TIME"))
		SKIP("a limit is exact where the machine's clock is");
	need_cpu_controller();
	OK(mkdir(ROOT "/limit", 0755));
	put(ROOT "/limit", "cpu.max", "10000 40000");
	pid = hog(ROOT "/limit");
	usleep(400000);
	begin = now_ns();
	from = used_ns(pid);
	usleep(1600000);
	end = now_ns();
	to = used_ns(pid);
	got = (to - from) * 1000 / (end - begin);
	stop(pid);
	OK(rmdir(ROOT "/limit"));
	if (got < 240 || got > 260)
		FAIL("%ld of 1000, expected 250 within 10", got);
}

/* The same of a real-time group's budget. */
CASE_OPT(budget_limits_a_real_time_group, .root = true, .timeout = 100)
{
	struct sched_param one = {.sched_priority = 1};
	int64_t from, to, begin, end;
	long got;
	pid_t pid;

	if (!getenv("GUEST_EXACT_TIME"))
		SKIP("a budget is exact where the machine's clock is");
	need_cpu_controller();
	OK(mkdir(ROOT "/budget", 0755));
	put(ROOT "/budget", "cpu.rt_runtime_us", "10000");
	put(ROOT "/budget", "cpu.rt_period_us", "40000");
	pid = hog(ROOT "/budget");
	usleep(100000);
	OK(sched_setscheduler(pid, SCHED_FIFO, &one));
	usleep(400000);
	begin = now_ns();
	from = used_ns(pid);
	usleep(1600000);
	end = now_ns();
	to = used_ns(pid);
	got = (to - from) * 1000 / (end - begin);
	stop(pid);
	OK(rmdir(ROOT "/budget"));
	if (got < 240 || got > 260)
		FAIL("%ld of 1000, expected 250 within 10", got);
}
