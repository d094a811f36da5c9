/* SPDX-License-Identifier: MIT */
/*
 * What the cpu controller promises: shares by weight, limits by cpu.max. Measured by the CPU clocks
 * of the tasks, so that a loaded machine changes nothing; on one CPU, where the shares are exact.
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
 * thousandths, over at least two seconds of CPU time; as many more as it takes until what the
 * machine takes away from its virtual CPU, which counts for whoever runs, is evened out.
 */
static long share(const char *wa, int na, const char *wb, int nb, long want)
{
	static const char *const dir[2] = {ROOT "/share-a", ROOT "/share-b"};
	const char *weight[2] = {wa, wb};
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
		usleep(100000);
		sum[0] = -from[0];
		sum[1] = -from[1];
		for (i = 0; i < na + nb; i++)
			sum[i >= na] += used_ns(pid[i]);
	} while (sum[0] + sum[1] < 2000000000 ||
		 (sum[0] + sum[1] < 40000000000 && !near(sum, want)));
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
