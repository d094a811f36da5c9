/* SPDX-License-Identifier: MIT */
/* The cpuset controller of control groups (cpuset(7)): CPUs of tasks, partitions, plugging. */
#include "cgroup.h"
#include "schedcall.h"

/* A cgroup with the controller, on a machine with so many CPUs. */
static void begin_with_cpus(int least)
{
	if (cpu_count() < least)
		SKIP("fewer than %d CPUs", least);
	begin();
	need_controller("cpuset");
}

CASE_ROOT(cpuset_binds_tasks)
{
	cpu_set_t set;
	pid_t pid;

	begin_with_cpus(2);
	pid = waiting_child();
	OK(put(own, "cpuset.cpus", "1"));
	CHECK_STR(text_of(own, "cpuset.cpus.effective"), "1");
	OK(put_pid(own, "cgroup.procs", pid));
	OK(sched_getaffinity(pid, sizeof(set), &set));
	CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(1, &set));
	OK(put(own, "cpuset.cpus", "0-1"));
	OK(sched_getaffinity(pid, sizeof(set), &set));
	CHECK_EQ(CPU_COUNT(&set), 2);
	/* What a task chose stays within its cpuset, and is remembered. */
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	OK(sched_setaffinity(pid, sizeof(set), &set));
	OK(put(own, "cpuset.cpus", "1"));
	OK(sched_getaffinity(pid, sizeof(set), &set));
	CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(1, &set));
	OK(put(own, "cpuset.cpus", "0-1"));
	OK(sched_getaffinity(pid, sizeof(set), &set));
	CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(0, &set));
	CHECK_ERR(put(own, "cpuset.cpus", "x"), EINVAL);
	reap(pid);
	end();
}

/* A task that moves to and fro between cgroups has what it chose last, at once and for good. */
CASE_ROOT(choice_and_move_at_once)
{
	bool *done = shared(sizeof(*done));
	cpu_set_t set, now;
	pid_t pid;
	int i;

	begin_with_cpus(2);
	CHILD(pid) {
		for (i = 0; i < 1000; i++) {
			CPU_ZERO(&set);
			CPU_SET(i & 1, &set);
			OK(sched_setaffinity(0, sizeof(set), &set));
			OK(sched_getaffinity(0, sizeof(now), &now));
			CHECK(CPU_EQUAL(&set, &now));
		}
		__atomic_store_n(done, true, __ATOMIC_SEQ_CST);
		pause();
	}
	for (i = 0; !__atomic_load_n(done, __ATOMIC_SEQ_CST) && !waitpid(pid, NULL, WNOHANG); i++)
		OK(put_pid(i & 1 ? base : own, "cgroup.procs", pid));
	reap(pid);
	end();
}

CASE_ROOT(cpuset_partition_takes_cpus_away)
{
	cpu_set_t set;
	pid_t pid;

	begin_with_cpus(2);
	CHECK_STR(text_of(own, "cpuset.cpus.partition"), "member");
	OK(put(own, "cpuset.cpus.partition", "root"));
	CHECK(!strncmp(text_of(own, "cpuset.cpus.partition"), "root invalid (", 14));
	OK(put(own, "cpuset.cpus", "1"));
	OK(put(own, "cpuset.cpus.partition", "member"));
	OK(put(own, "cpuset.cpus.partition", "root"));
	CHECK_STR(text_of(own, "cpuset.cpus.partition"), "root");
	OK(sched_getaffinity(0, sizeof(set), &set));
	CHECK(!CPU_ISSET(1, &set));
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	OK(sched_getaffinity(pid, sizeof(set), &set));
	CHECK(CPU_COUNT(&set) == 1 && CPU_ISSET(1, &set));
	OK(put(own, "cpuset.cpus.partition", "isolated"));
	CHECK_STR(text_of(own, "cpuset.cpus.partition"), "isolated");
	CHECK_STR(text_of(base, "cpuset.cpus.isolated"), "1");
	/* Without the controller there is no partition. */
	OK(put(base, "cgroup.subtree_control", "-cpuset"));
	CHECK_STR(text_of(base, "cpuset.cpus.isolated"), "");
	OK(sched_getaffinity(pid, sizeof(set), &set));
	CHECK(CPU_ISSET(0, &set));
	OK(put(base, "cgroup.subtree_control", "+cpuset"));
	CHECK_STR(text_of(own, "cpuset.cpus.partition"), "member");
	OK(sched_getaffinity(0, sizeof(set), &set));
	CHECK(CPU_ISSET(1, &set));
	reap(pid);
	end();
}

/* A deadline task of so many percent; 0 or -1. */
static long make_deadline(pid_t pid, int percent)
{
	struct attr a = {.size = 48,
			 .policy = 6,
			 .runtime = percent * 1000000,
			 .deadline = 100000000,
			 .period = 100000000};

	return set_attr(pid, &a);
}

/* A task that sleeps and wakes, and so is where it was told to be soon. */
static pid_t restless(void)
{
	pid_t pid;

	CHILD(pid) {
		for (;;)
			nap();
	}
	return pid;
}

/* The CPU where it ran last (proc(5)). */
static int cpu_of(pid_t pid)
{
	return stat_field(pid, 39);
}

/* What is promised of one partition is no other one's, and goes along with the tasks. */
CASE_ROOT(partition_admits_deadline_tasks_by_itself)
{
	struct sched_param none = {0};
	pid_t in, more, out;
	cpu_set_t set;

	begin_with_cpus(2);
	OK(put(own, "cpuset.cpus", "1"));
	in = restless();
	more = restless();
	out = restless();
	OK(put_pid(own, "cgroup.procs", in));
	OK(put_pid(own, "cgroup.procs", more));
	EVENTUALLY(cpu_of(in) == 1 && cpu_of(more) == 1);
	/* A part of the CPUs that tasks move between is not enough. */
	CHECK_ERR(make_deadline(in, 60), EPERM);
	OK(put(own, "cpuset.cpus.partition", "root"));
	OK(make_deadline(in, 60));
	CHECK_ERR(make_deadline(more, 60), EBUSY);
	OK(make_deadline(more, 30));
	CHECK_ERR(make_deadline(more, 40), EBUSY);
	/* There is room outside, but one from there would be too much here. */
	OK(make_deadline(out, 60));
	CHECK_ERR(put_pid(own, "cgroup.procs", out), EBUSY);
	OK(make_deadline(out, 4));
	OK(put_pid(own, "cgroup.procs", out));
	CHECK_ERR(make_deadline(out, 6), EBUSY);
	OK(make_deadline(more, 10));
	OK(make_deadline(out, 20));
	/* Bound to the partition's one CPU it may be, to another one not. */
	CPU_ZERO(&set);
	CPU_SET(1, &set);
	OK(sched_setaffinity(out, sizeof(set), &set));
	/* The partition ends, or its CPU becomes one of no partition's: the promises stay. */
	OK(put(own, "cpuset.cpus.partition", "isolated"));
	CHECK_ERR(make_deadline(more, 20), EBUSY);
	OK(put(own, "cpuset.cpus.partition", "member"));
	OK(put_pid(base, "cgroup.procs", more));
	OK(make_deadline(more, 90));
	CHECK_EQ(sched_getscheduler(in), 6);
	OK(sched_setscheduler(in, SCHED_OTHER, &none));
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_ERR(sched_setaffinity(more, sizeof(set), &set), EBUSY);
	reap(in);
	reap(more);
	reap(out);
	end();
}

/* What deadline tasks of a partition were promised keeps its CPUs: it may not shrink below that. */
CASE_ROOT(partition_keeps_what_it_promised)
{
	pid_t a, b;

	if (cpu_count() < 4)
		SKIP("fewer than four CPUs");
	begin();
	need_controller("cpuset");
	OK(put(own, "cpuset.cpus", "1-2"));
	a = restless();
	b = restless();
	OK(put_pid(own, "cgroup.procs", a));
	OK(put_pid(own, "cgroup.procs", b));
	EVENTUALLY(cpu_of(a) != 0 && cpu_of(a) != 3 && cpu_of(b) != 0 && cpu_of(b) != 3);
	OK(put(own, "cpuset.cpus.partition", "root"));
	CHECK_STR(text_of(own, "cpuset.cpus.partition"), "root");
	OK(make_deadline(a, 60));
	OK(make_deadline(b, 60));
	CHECK_ERR(put(own, "cpuset.cpus", "1"), EBUSY);
	CHECK_STR(text_of(own, "cpuset.cpus"), "1-2");
	CHECK_STR(text_of(own, "cpuset.cpus.effective"), "1-2");
	/* As many CPUs, or more, are no less. */
	OK(put(own, "cpuset.cpus", "1-3"));
	OK(put(own, "cpuset.cpus", "1-2"));
	/* Tasks that live there need some CPU, whatever they are. */
	CHECK_ERR(put(own, "cpuset.cpus", "\n"), ENOSPC);
	/* A promise of less than one CPU leaves with one. */
	OK(make_deadline(b, 30));
	OK(put(own, "cpuset.cpus", "1"));
	CHECK_STR(text_of(own, "cpuset.cpus.effective"), "1");
	CHECK_ERR(make_deadline(b, 60), EBUSY);
	reap(a);
	reap(b);
	end();
}

/* The last CPU goes, or comes back: as its files say, for a write that is not refused. */
static void plug(int cpu, const char *online)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "/sys/devices/system/cpu/cpu%d", cpu);
	OK(put(dir, "online", online));
}

static bool runs_only_on(pid_t pid, int cpu)
{
	cpu_set_t set;

	OK(sched_getaffinity(pid, sizeof(set), &set));
	return CPU_COUNT(&set) == 1 && CPU_ISSET(cpu, &set);
}

static bool may_run_on(pid_t pid, int cpu)
{
	cpu_set_t set;

	OK(sched_getaffinity(pid, sizeof(set), &set));
	return CPU_ISSET(cpu, &set);
}

/* The same of a CPU that is to go: there are enough of them elsewhere, but not in the partition. */
CASE_ROOT(partition_keeps_its_cpus)
{
	const char *const last = "/sys/devices/system/cpu/cpu3";
	pid_t a, b;

	if (access("/proc/jiffy", F_OK) && !getenv("GUEST_HOTPLUG"))
		SKIP("this machine's CPUs are left alone");
	if (cpu_count() != 4)
		SKIP("not four CPUs");
	begin();
	need_controller("cpuset");
	OK(put(own, "cpuset.cpus", "2-3"));
	a = restless();
	b = restless();
	OK(put_pid(own, "cgroup.procs", a));
	OK(put_pid(own, "cgroup.procs", b));
	EVENTUALLY(cpu_of(a) >= 2 && cpu_of(b) >= 2);
	OK(put(own, "cpuset.cpus.partition", "root"));
	OK(make_deadline(a, 60));
	OK(make_deadline(b, 60));
	CHECK_ERR(put(last, "online", "0"), EBUSY);
	CHECK_STR(text_of(own, "cpuset.cpus.effective"), "2-3");
	OK(make_deadline(b, 30));
	OK(put(last, "online", "0"));
	EVENTUALLY(!strcmp(text_of(own, "cpuset.cpus.effective"), "2"));
	CHECK_ERR(make_deadline(b, 60), EBUSY);
	OK(put(last, "online", "1"));
	EVENTUALLY(!strcmp(text_of(own, "cpuset.cpus.effective"), "2-3"));
	OK(make_deadline(b, 60));
	reap(a);
	reap(b);
	end();
}

/* What was configured is kept while a CPU is away, and is in effect again when it is back. */
CASE_ROOT(cpuset_follows_a_cpu_that_goes)
{
	int last = cpu_count() - 1;
	char number[16], all[16];
	cpu_set_t one;
	pid_t pid;

	if (access("/proc/jiffy", F_OK) && !getenv("GUEST_HOTPLUG"))
		SKIP("this machine's CPUs are left alone");
	if (!last)
		SKIP("one CPU");
	begin();
	need_controller("cpuset");
	snprintf(number, sizeof(number), "%d", last);
	snprintf(all, sizeof(all), "0-%d", last);
	OK(put(own, "cpuset.cpus", number));
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	CHECK(runs_only_on(pid, last));
	plug(last, "0");
	EVENTUALLY(
	    !strcmp(text_of(own, "cpuset.cpus.effective"), text_of(base, "cpuset.cpus.effective")));
	EVENTUALLY(may_run_on(pid, 0) && !may_run_on(pid, last));
	CHECK_STR(text_of(own, "cpuset.cpus"), number);
	plug(last, "1");
	EVENTUALLY(!strcmp(text_of(own, "cpuset.cpus.effective"), number));
	EVENTUALLY(runs_only_on(pid, last));
	/* A partition that lost its only CPU is none until it has it again. */
	OK(put(own, "cpuset.cpus.partition", "root"));
	CHECK_STR(text_of(own, "cpuset.cpus.partition"), "root");
	plug(last, "0");
	EVENTUALLY(!strncmp(text_of(own, "cpuset.cpus.partition"), "root invalid (", 14));
	EVENTUALLY(may_run_on(pid, 0));
	plug(last, "1");
	EVENTUALLY(!strcmp(text_of(own, "cpuset.cpus.partition"), "root"));
	EVENTUALLY(runs_only_on(pid, last));
	CHECK(!may_run_on(getpid(), last));
	/* So is what the task asked for within a set of more. */
	OK(put(own, "cpuset.cpus.partition", "member"));
	OK(put(own, "cpuset.cpus", all));
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	OK(sched_setaffinity(pid, sizeof(one), &one));
	plug(last, "0");
	EVENTUALLY(may_run_on(pid, 0));
	plug(last, "1");
	EVENTUALLY(runs_only_on(pid, last));
	reap(pid);
	end();
}

#define SPAN_OF_0 "/sys/kernel/debug/sched/domains/cpu0/domain0/span"
#define SPAN_OF_1 "/sys/kernel/debug/sched/domains/cpu1/domain0/span"

static void read_domains_for_ever(void)
{
	static char buf[65536];

	for (;; nap()) {
		OK(slurp("/proc/schedstat", buf, sizeof(buf)));
		OK(slurp(SPAN_OF_0, buf, sizeof(buf)));
		OK(slurp(SPAN_OF_1, buf, sizeof(buf)));
	}
}

static void cut_for_ever(void)
{
	for (;; nap()) {
		OK(put(own, "cpuset.cpus.partition", "root"));
		OK(put(own, "cpuset.cpus.partition", "member"));
	}
}

/* The machine is cut up and put together while CPUs come and go and others look at its domains. */
CASE_OPT(cut_up_while_cpus_come_and_go, .root = true, .timeout = 60)
{
	char zero[128], one[128], after[128];
	int last = cpu_count() - 1;
	pid_t readers[2], cutter;

	if (access("/proc/jiffy", F_OK) && !getenv("GUEST_HOTPLUG"))
		SKIP("this machine's CPUs are left alone");
	if (last < 2)
		SKIP("fewer than three CPUs");
	begin();
	need_controller("cpuset");
	OK(put(own, "cpuset.cpus", "1"));
	OK(slurp(SPAN_OF_0, zero, sizeof(zero)));
	OK(slurp(SPAN_OF_1, one, sizeof(one)));
	for (int i = 0; i < 2; i++)
		CHILD(readers[i])
			read_domains_for_ever();
	CHILD(cutter)
		cut_for_ever();
	for (long i = 0; i < scale(8); i++) {
		plug(last, "0");
		plug(last, "1");
	}
	reap(cutter);
	for (int i = 0; i < 2; i++)
		reap(readers[i]);
	OK(put(own, "cpuset.cpus.partition", "member"));
	OK(slurp(SPAN_OF_0, after, sizeof(after)));
	CHECK_STR(after, zero);
	OK(slurp(SPAN_OF_1, after, sizeof(after)));
	CHECK_STR(after, one);
	end();
}
