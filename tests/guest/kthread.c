/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads, of which a program sees little: Linux's own names and parents, and what the
 * checked kernel has to say of them after it has put some through their life.
 */
#include "harness.h"

static void need_kthreadd(void)
{
	char comm[32];

	if (slurp("/proc/2/comm", comm, sizeof(comm)) < 0 || strcmp(comm, "kthreadd\n"))
		SKIP("kthreadd is not to be seen from this pid namespace");
}

CASE(kthreadd_is_pid_two)
{
	char buf[64];

	need_kthreadd();
	CHECK_EQ(stat_field(2, 4), 0);
	CHECK_EQ(slurp("/proc/2/cmdline", buf, sizeof(buf)), 0);
	CHECK_EQ(slurp("/proc/2/maps", buf, sizeof(buf)), 0);
	CHECK_EQ(stat_field(2, 23), 0); /* no memory */
}

CASE_ROOT(signals_do_not_reach_them)
{
	need_kthreadd();
	OK(kill(2, SIGKILL));
	OK(kill(2, SIGSTOP));
	CHECK(strchr("SI", proc_state(2)));
	OK(kill(2, 0));
}

CASE_ROOT(they_are_on_their_cpus)
{
	cpu_set_t set;
	char comm[64], path[64];
	int found = 0;

	need_kthreadd();
	for (pid_t pid = 3; pid < 400; pid++) {
		unsigned int cpu;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		if (slurp(path, comm, sizeof(comm)) < 0 || sscanf(comm, "ksoftirqd/%u", &cpu) != 1)
			continue;
		CHECK_EQ(stat_field(pid, 4), 2);
		OK(sched_getaffinity(pid, sizeof(set), &set));
		CHECK_EQ(CPU_COUNT(&set), 1);
		CHECK(CPU_ISSET(cpu, &set));
		CHECK_ERR(sched_setaffinity(pid, sizeof(set), &set), EINVAL);
		found++;
	}
	CHECK_EQ(found, sysconf(_SC_NPROCESSORS_ONLN));
}

CASE_OPT(create_park_stop_wait, .root = true, .timeout = 60)
{
	char buf[2048], *line;
	int n = 0;

	if (slurp("/proc/jiffy/kthreads", buf, sizeof(buf)) < 0)
		SKIP("no checked jiffy");
	for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n"), n++)
		if (strcmp(strchr(line, ':'), ": ok"))
			FAIL("%s", line);
	CHECK_EQ(n, 9);
}
