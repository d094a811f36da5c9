/* SPDX-License-Identifier: MIT */
/*
 * The files of the cpu controller of control groups (cgroups(7)): limits, budgets, clamps, and the
 * time that is counted. Whether the promises are kept to the percent: cgshare.c.
 */
#include "cgroup.h"

CASE_ROOT(cpu_limits_are_kept_and_checked)
{
	begin();
	need_controller("cpu");
	need_file(own, "cpu.max");
	CHECK_STR(text_of(own, "cpu.max"), "max 100000");
	/* A burst waits for the limit that it will go with. */
	OK(put(own, "cpu.max.burst", "20000"));
	CHECK_STR(text_of(own, "cpu.max.burst"), "20000");
	CHECK_ERR(put(own, "cpu.max", "10000"), EINVAL);
	OK(put(own, "cpu.max", "50000"));
	CHECK_STR(text_of(own, "cpu.max"), "50000 100000");
	CHECK_STR(text_of(own, "cpu.max.burst"), "20000");
	OK(put(own, "cpu.max", "max 50000"));
	CHECK_STR(text_of(own, "cpu.max"), "max 50000");
	CHECK_STR(text_of(own, "cpu.max.burst"), "20000");
	CHECK_ERR(put(own, "cpu.max", "18446744073709551615"), EINVAL);
	CHECK_ERR(put(own, "cpu.max", "50000 999"), EINVAL);
	end();
}

CASE_ROOT(cpu_time_is_counted)
{
	struct timespec ts;
	long long usage, cpu;
	pid_t pid;

	begin();
	CHILD(pid) {
		int64_t from;

		/* What it used before it came is not the cgroup's. */
		OK(put(own, "cgroup.procs", "0"));
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
		from = ts.tv_sec * 1000000000LL + ts.tv_nsec;
		do
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
		while (ts.tv_sec * 1000000000LL + ts.tv_nsec - from < 100000000);
	}
	CHECK_EQ(wait_exit(pid), 0);
	usage = stat_of(own, "cpu.stat", "usage_usec");
	cpu = stat_of(own, "cpu.stat", "user_usec") + stat_of(own, "cpu.stat", "system_usec");
	CHECK(usage >= 90000);
	CHECK(usage - cpu < 3 && cpu - usage < 3);
	end();
}

/*
 * The init of a pid namespace that ends waits until nobody is left in it, here a zombie, and does
 * so when its cgroup counts it no more. The cgroup is removed; then the last steps are made, on a
 * CPU where the cgroup had never anything to run.
 */
static void leave_behind_the_cgroup(int cpu)
{
	pid_t init, zombie;
	struct gate g;

	gate_init(&g);
	OK(mkdir(own, 0755));
	NEED(unshare(CLONE_NEWPID));
	CHILD(init) {
		bind_to(0, 0);
		OK(put(own, "cgroup.procs", "0"));
		gate_open(&g);
		pause();
	}
	gate_wait(&g);
	zombie = waiting_child();
	OK(kill(init, SIGKILL));
	await_state(zombie, "Z");
	EVENTUALLY(rmdir(own) == 0);
	bind_to(init, cpu);
	CHECK_EQ(wait_killed(zombie), SIGKILL);
	CHECK_EQ(wait_killed(init), SIGKILL);
}

CASE_OPT(removed_before_the_last_switch, .timeout = 60, .root = true)
{
	int cpus = cpu_count();

	begin();
	need_controller("cpu");
	OK(rmdir(own));
	for (int i = 0; i < 4; i++) {
		int cpu = cpus > 1 ? 1 + i % (cpus - 1) : 0;
		int64_t end;
		pid_t pid;

		CHILD(pid)
			leave_behind_the_cgroup(cpu);
		CHECK_EQ(wait_exit(pid), 0);
		/* Work for that CPU, so that it balances. */
		bind_to(0, cpu);
		for (end = now_ms() + 60; now_ms() < end;)
			;
	}
}

static pid_t fifo_hog(int cpu)
{
	struct sched_param one = {.sched_priority = 1};
	pid_t pid;

	CHILD(pid) {
		bind_to(0, cpu);
		OK(sched_setscheduler(0, SCHED_FIFO, &one));
		for (;;)
			;
	}
	return pid;
}

/* The files of cgroups v1 with real-time groups; what is refused, and that the budget is one. */
CASE_ROOT(real_time_tasks_have_a_budget)
{
	struct sched_param one = {.sched_priority = 1}, none = {0};
	struct timespec from, to;
	clockid_t clock;
	char child[400];
	pid_t pid;

	begin();
	need_controller("cpu");
	need_file(own, "cpu.rt_runtime_us");
	CHECK_STR(text_of(own, "cpu.rt_runtime_us"), "-1");
	CHECK_STR(text_of(own, "cpu.rt_period_us"), "1000000");
	CHECK_ERR(put(own, "cpu.rt_runtime_us", "1000001"), EINVAL);
	CHECK_ERR(put(own, "cpu.rt_runtime_us", "-2"), EINVAL);
	CHECK_ERR(put(own, "cpu.rt_period_us", "0"), EINVAL);
	/* All groups together have what sched_rt_runtime_us leaves them. */
	CHECK_ERR(put(own, "cpu.rt_runtime_us", "980000"), EINVAL);
	OK(put(own, "cpu.rt_runtime_us", "100000"));
	CHECK_ERR(put(own, "cpu.rt_period_us", "50000"), EINVAL);
	/* And that cannot become less than what they were given, whichever of the two changes. */
	CHECK_STR(text_of("/proc/sys/kernel", "sched_rt_runtime_us"), "950000");
	CHECK_ERR(put("/proc/sys/kernel", "sched_rt_runtime_us", "99999"), EINVAL);
	CHECK_ERR(put("/proc/sys/kernel", "sched_rt_period_us", "10000000"), EINVAL);
	CHECK_STR(text_of("/proc/sys/kernel", "sched_rt_runtime_us"), "950000");
	CHECK_STR(text_of("/proc/sys/kernel", "sched_rt_period_us"), "1000000");
	OK(put("/proc/sys/kernel", "sched_rt_runtime_us", "100000"));
	OK(put("/proc/sys/kernel", "sched_rt_runtime_us", "950000"));
	/* A group below has no more than this one. */
	snprintf(child, sizeof(child), "%s/child", own);
	OK(put(own, "cgroup.subtree_control", "+cpu"));
	OK(mkdir(child, 0755));
	CHECK_ERR(put(child, "cpu.rt_runtime_us", "100001"), EINVAL);
	OK(put(child, "cpu.rt_runtime_us", "100000"));
	OK(rmdir(child));
	OK(put(own, "cgroup.subtree_control", "-cpu"));
	/* With nothing there can be no such task, neither come nor become. */
	OK(put(own, "cpu.rt_runtime_us", "0"));
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	CHECK_ERR(sched_setscheduler(pid, SCHED_FIFO, &one), EPERM);
	OK(put_pid(base, "cgroup.procs", pid));
	OK(sched_setscheduler(pid, SCHED_FIFO, &one));
	CHECK_ERR(put_pid(own, "cgroup.procs", pid), EINVAL);
	OK(put(own, "cpu.rt_runtime_us", "100000"));
	OK(put_pid(own, "cgroup.procs", pid));
	CHECK_ERR(put(own, "cpu.rt_runtime_us", "0"), EBUSY);
	OK(sched_setscheduler(pid, SCHED_OTHER, &none));
	reap(pid);
	/* One that computes for ever uses up its budget, goes on in the next period, and ends. */
	OK(put(own, "cpu.rt_runtime_us", "10000"));
	OK(put(own, "cpu.rt_period_us", "40000"));
	pid = fifo_hog(cpu_count() - 1);
	OK(put_pid(own, "cgroup.procs", pid));
	OK(clock_getcpuclockid(pid, &clock));
	OK(clock_gettime(clock, &from));
	do
		OK(clock_gettime(clock, &to));
	while ((to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec < 50000000);
	reap(pid);
	end();
}

CASE_ROOT(cpu_clamps_are_percentages)
{
	begin();
	need_controller("cpu");
	if (access(at(own, "cpu.uclamp.min"), F_OK))
		SKIP("no clamps of groups here");
	CHECK_STR(text_of(own, "cpu.uclamp.min"), "0.00");
	CHECK_STR(text_of(own, "cpu.uclamp.max"), "max");
	OK(put(own, "cpu.uclamp.min", "12.5"));
	CHECK_STR(text_of(own, "cpu.uclamp.min"), "12.50");
	OK(put(own, "cpu.uclamp.max", "33.33"));
	CHECK_STR(text_of(own, "cpu.uclamp.max"), "33.33");
	OK(put(own, "cpu.uclamp.max", "100"));
	CHECK_STR(text_of(own, "cpu.uclamp.max"), "max");
	OK(put(own, "cpu.uclamp.min", "max"));
	CHECK_STR(text_of(own, "cpu.uclamp.min"), "max");
	OK(put(own, "cpu.uclamp.min", "0"));
	CHECK_ERR(put(own, "cpu.uclamp.min", "100.01"), ERANGE);
	CHECK_ERR(put(own, "cpu.uclamp.max", "101"), ERANGE);
	CHECK_ERR(put(own, "cpu.uclamp.max", "much"), EINVAL);
	CHECK_ERR(put(own, "cpu.uclamp.max", "1.x"), EINVAL);
	CHECK_STR(text_of(own, "cpu.uclamp.min"), "0.00");
	CHECK_ERR(open(at(base, "cpu.uclamp.min"), O_RDONLY), ENOENT);
	end();
}
