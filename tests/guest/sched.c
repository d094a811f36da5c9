/* SPDX-License-Identifier: MIT */
/* Scheduler calls: policies, priorities, affinity, attributes, inheritance through PI mutexes. */
#include "harness.h"

#include <pthread.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static long set_attr(pid_t pid, struct attr *a)
{
	return syscall(SYS_sched_setattr, pid, a, 0);
}

static long get_attr(pid_t pid, struct attr *a)
{
	return syscall(SYS_sched_getattr, pid, a, sizeof(*a), 0);
}

static long set_policy(int policy, int priority)
{
	struct sched_param sp = {.sched_priority = priority};

	return sched_setscheduler(0, policy, &sp);
}

/* Some hosts give the group of the tests no real-time budget; there is nothing to see then. */
static void need_rt(int policy, int priority)
{
	if (set_policy(policy, priority) && errno == EPERM)
		SKIP("no real-time scheduling here");
	CHECK_EQ(sched_getscheduler(0), policy);
}

CASE(default_policy)
{
	struct sched_param sp = {.sched_priority = 99};

	CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
	OK(sched_getparam(0, &sp));
	CHECK_EQ(sp.sched_priority, 0);
}

CASE(priority_ranges)
{
	CHECK_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	CHECK_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	CHECK_EQ(sched_get_priority_min(SCHED_RR), 1);
	CHECK_EQ(sched_get_priority_max(SCHED_RR), 99);
	CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	CHECK_EQ(sched_get_priority_min(SCHED_BATCH), 0);
	CHECK_EQ(sched_get_priority_max(SCHED_IDLE), 0);
	CHECK_EQ(sched_get_priority_max(6), 0);
	CHECK_ERR(sched_get_priority_max(77), EINVAL);
	CHECK_ERR(sched_get_priority_min(-1), EINVAL);
}

CASE(batch_and_idle)
{
	OK(set_policy(SCHED_BATCH, 0));
	CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
	OK(set_policy(SCHED_IDLE, 0));
	CHECK_EQ(sched_getscheduler(0), SCHED_IDLE);
	OK(set_policy(SCHED_OTHER, 0));
	CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
}

CASE(setscheduler_errors)
{
	CHECK_ERR(set_policy(77, 0), EINVAL);
	CHECK_ERR(set_policy(-1, 0), EINVAL);
	CHECK_ERR(set_policy(SCHED_OTHER, 1), EINVAL);
	CHECK_ERR(set_policy(SCHED_FIFO, 0), EINVAL);
	CHECK_ERR(set_policy(SCHED_FIFO, 100), EINVAL);
	CHECK_ERR(sched_setscheduler(0x7ffffff0, SCHED_OTHER, &(struct sched_param){0}), ESRCH);
	CHECK_ERR(sched_setscheduler(-1, SCHED_OTHER, &(struct sched_param){0}), EINVAL);
	CHECK_ERR(sched_getscheduler(0x7ffffff0), ESRCH);
	CHECK_ERR(sched_getscheduler(-1), EINVAL);
	CHECK_ERR(sched_setscheduler(0, SCHED_OTHER, NULL), EINVAL);
	CHECK_ERR(sched_getparam(0, NULL), EINVAL);
}

CASE_ROOT(fifo_and_rr)
{
	struct sched_param sp;

	need_rt(SCHED_FIFO, 10);
	OK(sched_getparam(0, &sp));
	CHECK_EQ(sp.sched_priority, 10);
	sp.sched_priority = 20;
	OK(sched_setparam(0, &sp));
	OK(sched_getparam(0, &sp));
	CHECK_EQ(sp.sched_priority, 20);
	OK(set_policy(SCHED_RR, 5));
	CHECK_EQ(sched_getscheduler(0), SCHED_RR);
	OK(set_policy(SCHED_OTHER, 0));
}

CASE_ROOT(policy_is_inherited)
{
	pid_t pid;

	need_rt(SCHED_RR, 7);
	CHILD(pid) {
		struct sched_param sp;

		CHECK_EQ(sched_getscheduler(0), SCHED_RR);
		OK(sched_getparam(0, &sp));
		CHECK_EQ(sp.sched_priority, 7);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(reset_on_fork)
{
	pid_t pid;

	need_rt(SCHED_FIFO, 7);
	OK(set_policy(SCHED_FIFO | SCHED_RESET_ON_FORK, 7));
	CHECK_EQ(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	CHILD(pid) {
		CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(reset_on_fork_of_nice)
{
	pid_t pid;

	OK(setpriority(PRIO_PROCESS, 0, -5));
	OK(set_policy(SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
	CHILD(pid) {
		CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
		CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(unprivileged_user_may_not_clear_reset_on_fork)
{
	OK(set_policy(SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
	OK(setuid(1000));
	CHECK_ERR(set_policy(SCHED_OTHER, 0), EPERM);
}

CASE(nice_values)
{
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
	CHECK_EQ(nice(3), 3);
	CHECK_EQ(nice(4), 7);
	CHECK_EQ(nice(100), 19);
	CHECK_EQ(getpriority(PRIO_PROCESS, getpid()), 19);
	CHECK_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 1);
}

CASE_ROOT(nice_clamps_below)
{
	OK(setpriority(PRIO_PROCESS, 0, -100));
	errno = 0;
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), -20);
}

CASE(setpriority_errors)
{
	CHECK_ERR(setpriority(9, 0, 0), EINVAL);
	CHECK_ERR(setpriority(PRIO_PROCESS, 0x7ffffff0, 0), ESRCH);
	CHECK_ERR(getpriority(9, 0), EINVAL);
	CHECK_ERR(getpriority(PRIO_PROCESS, 0x7ffffff0), ESRCH);
}

CASE(setpriority_of_group)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		gate_wait(&g);
		CHECK_EQ(getpriority(PRIO_PROCESS, 0), 6);
	}
	OK(setpriority(PRIO_PGRP, 0, 6));
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 6);
	CHECK_EQ(getpriority(PRIO_PGRP, getpgrp()), 6);
	gate_open(&g);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(setpriority_of_user)
{
	pid_t pid;

	CHILD(pid) {
		OK(setuid(54322));
		OK(setpriority(PRIO_USER, 0, 8));
		CHECK_EQ(getpriority(PRIO_PROCESS, 0), 8);
		CHECK_EQ(getpriority(PRIO_USER, 54322), 8);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
}

CASE(priority_in_proc_stat)
{
	char buf[512], *p;
	long priority, niceness;

	OK(setpriority(PRIO_PROCESS, 0, 5));
	CHECK(slurp("/proc/self/stat", buf, sizeof(buf)) > 0);
	p = strrchr(buf, ')') + 2;
	for (int i = 3; i < 18; i++)
		p = strchr(p, ' ') + 1;
	CHECK_EQ(sscanf(p, "%ld %ld", &priority, &niceness), 2);
	CHECK_EQ(priority, 25);
	CHECK_EQ(niceness, 5);
}

CASE(yield)
{
	for (int i = 0; i < 100; i++)
		OK(sched_yield());
}

CASE_ROOT(rr_interval)
{
	struct timespec ts = {-1, -1};

	OK(sched_rr_get_interval(0, &ts));
	CHECK(ts.tv_sec >= 0 && ts.tv_nsec >= 0);
	need_rt(SCHED_RR, 1);
	OK(sched_rr_get_interval(0, &ts));
	CHECK(ts.tv_nsec >= 1000000);
	OK(set_policy(SCHED_FIFO, 1));
	OK(sched_rr_get_interval(0, &ts));
	CHECK_EQ(ts.tv_sec + ts.tv_nsec, 0);
	CHECK_ERR(sched_rr_get_interval(-1, &ts), EINVAL);
	CHECK_ERR(sched_rr_get_interval(0x7ffffff0, &ts), ESRCH);
}

CASE(affinity_get)
{
	cpu_set_t set;

	CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(set), &set) >= 8);
	CHECK(CPU_COUNT(&set) >= 1);
	CHECK_ERR(syscall(SYS_sched_getaffinity, 0, 1, &set), EINVAL);
	CHECK_ERR(sched_getaffinity(0x7ffffff0, sizeof(set), &set), ESRCH);
}

CASE(affinity_moves_at_once)
{
	cpu_set_t all, one;

	OK(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		CHECK_EQ(sched_getcpu(), cpu);
		CHECK_EQ(cpu_count(), 1);
		OK(sched_setaffinity(0, sizeof(all), &all));
	}
}

CASE(affinity_of_running_child_moves_it)
{
	cpu_set_t all, one;
	volatile int *cpu = shared(PAGE);
	pid_t pid;

	OK(sched_getaffinity(0, sizeof(all), &all));
	if (CPU_COUNT(&all) < 2)
		SKIP("one CPU");
	CHILD(pid) {
		for (;;)
			*cpu = sched_getcpu() + 1;
	}
	for (int i = 0, n = 0; n < 4 && i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		n++;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		OK(sched_setaffinity(pid, sizeof(one), &one));
		EVENTUALLY(*cpu == i + 1);
	}
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE(affinity_is_inherited)
{
	cpu_set_t one;
	pid_t pid;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	CHILD(pid) {
		CHECK_EQ(cpu_count(), 1);
		CHECK_EQ(sched_getcpu(), cpu);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(affinity_without_usable_cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CHECK_ERR(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	CPU_SET(1000, &set);
	CHECK_ERR(sched_setaffinity(0, sizeof(set), &set), EINVAL);
}

CASE(getcpu_call)
{
	unsigned cpu = -1, node = -1;

	OK(syscall(SYS_getcpu, &cpu, &node, NULL));
	CHECK(cpu < CPU_SETSIZE && node < 1024);
	OK(syscall(SYS_getcpu, NULL, NULL, NULL));
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

static long put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC), err;
	long n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	err = errno;
	close(fd);
	errno = err;
	return n;
}

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
	if (put(RT_RUNTIME, "950000") < 0)
		SKIP("the limits may not be written here: %s", strerror(errno));
	CHECK_ERR(put(RT_PERIOD, "0"), EINVAL);
	CHECK_ERR(put(RT_PERIOD, "900000"), EINVAL);
	CHECK_ERR(put(RT_RUNTIME, "-2"), EINVAL);
	CHECK_ERR(put(RT_RUNTIME, "1000001"), EINVAL);
	CHECK_ERR(put(RT_RUNTIME, "much"), EINVAL);
	OK(set_attr(0, &half));
	/* Half a CPU is more than a thousandth of each. */
	CHECK_ERR(put(RT_RUNTIME, "1000"), EBUSY);
	CHECK_ERR(put(RT_PERIOD, "1000000000"), EBUSY);
	CHECK_EQ(number_in(RT_RUNTIME), 950000);
	CHECK_EQ(number_in(RT_PERIOD), 1000000);
	OK(put(RT_RUNTIME, "900000"));
	/* Without a limit a whole CPU may be promised; with a small one most of it may not. */
	OK(put(RT_RUNTIME, "-1"));
	half.runtime = 100000000;
	OK(set_attr(0, &half));
	OK(set_policy(SCHED_OTHER, 0));
	OK(put(RT_RUNTIME, "1000"));
	half.runtime = 90000000;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 900)
		CHECK_ERR(set_attr(0, &half), EBUSY);
	OK(put(RT_RUNTIME, "950000"));
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
	OK(put(KERNEL "sched_tunable_scaling", "0"));
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000);
	CHECK_EQ(number_in(KERNEL "sched_min_granularity_ns"), 750000);
	OK(put(KERNEL "sched_tunable_scaling", "2"));
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000 * cpus);
	CHECK_EQ(number_in(KERNEL "sched_wakeup_granularity_ns"), 1000000 * cpus);
	CHECK_ERR(put(KERNEL "sched_tunable_scaling", "3"), EINVAL);
	OK(put(KERNEL "sched_tunable_scaling", "1"));
	CHECK_EQ(number_in(KERNEL "sched_latency_ns"), 6000000 * log);
}

CASE_ROOT(feature_flags_change)
{
	if (access(FEATURES, F_OK))
		SKIP("no debugfs here");
	if (put(FEATURES, "NO_WAKEUP_PREEMPTION") < 0)
		SKIP("the flags may not be changed here: %s", strerror(errno));
	CHECK(file_has(FEATURES, " NO_WAKEUP_PREEMPTION"));
	CHECK_ERR(put(FEATURES, "NO_SUCH_FLAG"), EINVAL);
	OK(put(FEATURES, "WAKEUP_PREEMPTION\n"));
	CHECK(file_has(FEATURES, " WAKEUP_PREEMPTION"));
	if (!access(KERNEL "sched_features", F_OK)) {
		CHECK_ERR(put(KERNEL "sched_features", "NO_WA_IDLE NONE"), EINVAL);
		OK(put(KERNEL "sched_features", "NO_WA_IDLE NO_WA_WEIGHT WA_IDLE"));
		CHECK(file_has(FEATURES, " WA_IDLE NO_WA_WEIGHT"));
		OK(put(FEATURES, "WA_WEIGHT"));
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

CASE_ROOT(fifo_preempts_normal_at_wakeup)
{
	cpu_set_t one;
	volatile int *order = shared(PAGE);
	struct gate g;
	pid_t pid;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	gate_init(&g);
	CHILD(pid) {
		if (set_policy(SCHED_FIFO, 10))
			_exit(77);
		gate_wait(&g);
		order[0] = 1;
	}
	int status;

	for (;;) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			SKIP("no real-time scheduling here");
		if (proc_state(pid) == 'S' && sched_getscheduler(pid) == SCHED_FIFO)
			break;
		nap();
	}
	/* On one CPU the woken FIFO task runs before the waker's write returns. */
	gate_open(&g);
	CHECK_EQ(order[0], 1);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(fifo_order_at_equal_priority)
{
	cpu_set_t one;
	volatile int *log = shared(PAGE);
	pid_t pid[3];

	need_rt(SCHED_FIFO, 20);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	for (int i = 0; i < 3; i++) {
		CHILD(pid[i]) {
			log[1 + log[0]++] = i;
		}
	}
	CHECK_EQ(log[0], 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(log[1 + i], i);
}

static pthread_mutex_t pi_mutex;
static volatile pid_t owner_tid;
static struct gate owner_may_go;

static void *own_and_wait(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&pi_mutex);
	owner_tid = gettid();
	gate_wait(&owner_may_go);
	pthread_mutex_unlock(&pi_mutex);
	return NULL;
}

static void *contend(void *arg)
{
	struct sched_param sp = {.sched_priority = 30};

	(void)arg;
	OK(sched_setscheduler(0, SCHED_FIFO, &sp));
	pthread_mutex_lock(&pi_mutex);
	pthread_mutex_unlock(&pi_mutex);
	return NULL;
}

static long priority_of(pid_t tid)
{
	char path[64], buf[512], *p;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (slurp(path, buf, sizeof(buf)) <= 0)
		return 1000;
	p = strrchr(buf, ')') + 2;
	for (int i = 3; i < 18; i++)
		p = strchr(p, ' ') + 1;
	return strtol(p, NULL, 10);
}

CASE_ROOT(pi_mutex_boosts_owner)
{
	pthread_mutexattr_t a;
	pthread_t owner, rt;

	need_rt(SCHED_FIFO, 1);
	OK(set_policy(SCHED_OTHER, 0));
	gate_init(&owner_may_go);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&pi_mutex, &a);
	pthread_create(&owner, NULL, own_and_wait, NULL);
	EVENTUALLY(owner_tid);
	CHECK_EQ(priority_of(owner_tid), 20);
	pthread_create(&rt, NULL, contend, NULL);
	EVENTUALLY(priority_of(owner_tid) == -31);
	gate_open(&owner_may_go);
	pthread_join(rt, NULL);
	pthread_join(owner, NULL);
}

CASE_ROOT(idle_policy_does_not_block_fork_or_exit)
{
	pid_t pid;

	OK(set_policy(SCHED_IDLE, 0));
	CHILD(pid) {
		CHECK_EQ(sched_getscheduler(0), SCHED_IDLE);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(context_switches_are_counted)
{
	long long before = proc_field("/proc/self/status", "voluntary_ctxt_switches");
	struct rusage ru;

	/* A nap that ends before its CPU got as far as to leave it, as on a busy host, is none. */
	for (int i = 0; i < 100; i++) {
		nap();
		if (proc_field("/proc/self/status", "voluntary_ctxt_switches") >= before + 3)
			break;
	}
	CHECK(proc_field("/proc/self/status", "voluntary_ctxt_switches") >= before + 3);
	OK(getrusage(RUSAGE_SELF, &ru));
	CHECK(ru.ru_nvcsw >= before + 3);
}

CASE(equal_spinners_on_one_cpu_share)
{
	cpu_set_t one;
	volatile unsigned long *n = shared(PAGE);
	pid_t pid[2];

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	for (int i = 0; i < 2; i++) {
		CHILD(pid[i]) {
			for (;;)
				n[i * 8]++;
		}
	}
	EVENTUALLY(n[0] > 1000 && n[8] > 1000);
	for (int i = 0; i < 2; i++) {
		kill(pid[i], SIGKILL);
		wait_status(pid[i]);
	}
}

/* A zombie takes a priority as well as any, by itself and in its group. */
CASE(ioprio_of_a_zombie)
{
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(setpgid(0, 0), 0);
	}
	await_state(pid, "Z");
	OK(syscall(SYS_ioprio_set, 1, pid, 2 << 13 | 5));
	OK(syscall(SYS_ioprio_set, 2, pid, 2 << 13 | 5));
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(syscall(SYS_ioprio_set, 1, pid, 2 << 13 | 5), ESRCH);
}

CASE(ioprio)
{
	CHECK(syscall(SYS_ioprio_get, 1, 0) >= 0);
	OK(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5));
	CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 5);
	CHECK_ERR(syscall(SYS_ioprio_set, 1, 0, 7 << 13), EINVAL);
	CHECK_ERR(syscall(SYS_ioprio_get, 9, 0), EINVAL);
}

/* sched(7): a session's number and nice value; who may lower it is who may lower a nice value. */
CASE_ROOT(autogroup_of_a_session)
{
	unsigned long number, other;
	char text[64];
	pid_t pid;
	int nice;

	if (access("/proc/self/autogroup", F_OK))
		SKIP("no autogroups here");
	CHILD(pid) {
		CHECK(setsid() > 0);
		OK(slurp("/proc/self/autogroup", text, sizeof(text)));
		CHECK_EQ(sscanf(text, "/autogroup-%lu nice %d", &number, &nice), 2);
		CHECK_EQ(nice, 0);
		int fd = OK(open("/proc/self/autogroup", O_RDWR));

		CHECK_EQ(write(fd, "7", 1), 1);
		OK(slurp("/proc/self/autogroup", text, sizeof(text)));
		CHECK_EQ(sscanf(text, "/autogroup-%lu nice %d", &other, &nice), 2);
		CHECK_EQ(other, number);
		CHECK_EQ(nice, 7);
		CHECK_ERR(write(fd, "20", 2), EINVAL);
		CHECK_ERR(write(fd, "-21", 3), EINVAL);
		CHECK_ERR(write(fd, "x", 1), EINVAL);
		CHECK_EQ(write(fd, "-3", 2), 2);
		/* Without privilege none may lower it, and not all may raise it at once. */
		OK(setuid(65534));
		CHECK_ERR(write(fd, "-4", 2), EPERM);
		OK(slurp("/proc/self/autogroup", text, sizeof(text)));
		CHECK_EQ(sscanf(text, "/autogroup-%lu nice %d", &other, &nice), 2);
		CHECK_EQ(nice, -3);
		/* Another session is another group. */
		pid_t next = xfork();

		if (!next) {
			CHECK(setsid() > 0);
			OK(slurp("/proc/self/autogroup", text, sizeof(text)));
			CHECK_EQ(sscanf(text, "/autogroup-%lu nice %d", &other, &nice), 2);
			CHECK(other != number);
			CHECK_EQ(nice, 0);
			_exit(0);
		}
		CHECK_EQ(wait_exit(next), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}
