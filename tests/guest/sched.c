/* SPDX-License-Identifier: MIT */
/* Scheduler calls: policies, priorities, affinity, attributes, inheritance through PI mutexes. */
#include "harness.h"

#include <pthread.h>

#include "schedcall.h"

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

/* Under o1 a priority follows what the task did lately, by up to 5 steps. */
static bool is_priority(long priority, long expected)
{
	char line[4096];
	long bonus;

	slurp("/proc/cmdline", line, sizeof(line));
	bonus = strstr(line, "sched=o1") ? 5 : 0;
	return labs(priority - expected) <= bonus;
}

CASE(priority_in_proc_stat)
{
	OK(setpriority(PRIO_PROCESS, 0, 5));
	CHECK(is_priority(stat_field(getpid(), 18), 25));
	CHECK_EQ(stat_field(getpid(), 19), 5);
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
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	return stat_field_in(path, 18);
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
	CHECK(is_priority(priority_of(owner_tid), 20));
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

/* Two CPUs that this process may use: false where there are not that many. */
static bool two_cpus(cpu_set_t *one, cpu_set_t *other)
{
	cpu_set_t all;
	int cpu, found = 0;

	CPU_ZERO(one);
	CPU_ZERO(other);
	OK(sched_getaffinity(0, sizeof(all), &all));
	for (cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, found++ ? other : one);
	return found == 2;
}

/* A task that slept on a CPU, where a more urgent one runs now, comes back where a fair one runs. */
CASE_ROOT(real_time_does_not_wait_beside_fair)
{
	cpu_set_t one, other, both;
	struct shared {
		volatile unsigned long spun;
		volatile bool urgent, back;
	} *s = shared(PAGE);
	pid_t fair, urgent, sleeper;

	need_rt(SCHED_FIFO, 1);
	OK(set_policy(SCHED_OTHER, 0));
	if (!two_cpus(&one, &other))
		SKIP("one CPU");
	CPU_OR(&both, &one, &other);
	CHILD(fair) {
		OK(sched_setaffinity(0, sizeof(other), &other));
		for (;;)
			s->spun++;
	}
	EVENTUALLY(s->spun);
	CHILD(sleeper) {
		OK(sched_setaffinity(0, sizeof(one), &one));
		OK(set_policy(SCHED_FIFO, 10));
		OK(sched_setaffinity(0, sizeof(both), &both));
		while (!s->urgent)
			usleep(100000);
		s->back = true;
	}
	await_state(sleeper, "S");
	CHILD(urgent) {
		int64_t end;

		OK(sched_setaffinity(0, sizeof(one), &one));
		OK(set_policy(SCHED_FIFO, 20));
		s->urgent = true;
		for (end = now_ms() + 5000; !s->back && now_ms() < end;)
			;
		CHECK(s->back);
	}
	CHECK_EQ(wait_exit(sleeper), 0);
	CHECK_EQ(wait_exit(urgent), 0);
	kill(fair, SIGKILL);
	wait_status(fair);
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

/* What who is not root may do to whom (sched(7), setpriority(2), sched_setaffinity(2)). */
CASE_ROOT(user_without_privilege)
{
	struct attr deadline = {.size = 48,
				.policy = 6,
				.runtime = 1000000,
				.deadline = 100000000,
				.period = 100000000};
	struct sched_param none = {0}, one = {.sched_priority = 1};
	pid_t roots = getpid(), own, pid;
	struct attr a;
	cpu_set_t set;

	OK(setrlimit(RLIMIT_NICE, &(struct rlimit){0, 0}));
	OK(setrlimit(RLIMIT_RTPRIO, &(struct rlimit){0, 0}));
	OK(sched_getaffinity(0, sizeof(set), &set));
	CHILD(pid) {
		OK(setuid(1000));
		CHILD(own) {
			for (;;)
				pause();
		}
		/* Its own tasks: down, not up. */
		OK(setpriority(PRIO_PROCESS, own, 5));
		CHECK_ERR(setpriority(PRIO_PROCESS, own, 4), EACCES);
		OK(sched_setscheduler(own, SCHED_BATCH, &none));
		CHECK_ERR(sched_setscheduler(own, SCHED_FIFO, &one), EPERM);
		CHECK_ERR(sched_setscheduler(own, SCHED_RR, &one), EPERM);
		CHECK_ERR(set_attr(own, &deadline), EPERM);
		a = (struct attr){.size = 48, .nice = 4};
		CHECK_ERR(set_attr(own, &a), EPERM);
		OK(sched_setaffinity(own, sizeof(set), &set));
		/* Out of SCHED_IDLE is up. */
		OK(sched_setscheduler(own, SCHED_IDLE, &none));
		CHECK_ERR(sched_setscheduler(own, SCHED_OTHER, &none), EPERM);
		OK(sched_setscheduler(own, SCHED_IDLE | SCHED_RESET_ON_FORK, &none));
		CHECK_ERR(sched_setscheduler(own, SCHED_IDLE, &none), EPERM);
		/* Somebody else's: to look at, no more. */
		CHECK_ERR(setpriority(PRIO_PROCESS, roots, 10), EPERM);
		CHECK_ERR(sched_setscheduler(roots, SCHED_BATCH, &none), EPERM);
		CHECK_ERR(sched_setparam(roots, &none), EPERM);
		CHECK_ERR(sched_setaffinity(roots, sizeof(set), &set), EPERM);
		a = (struct attr){.size = 48, .nice = 10};
		CHECK_ERR(set_attr(roots, &a), EPERM);
		CHECK_EQ(sched_getscheduler(roots), SCHED_OTHER);
		OK(sched_getparam(roots, &one));
		OK(get_attr(roots, &a));
		OK(sched_getaffinity(roots, sizeof(set), &set));
		OK(sched_rr_get_interval(roots, &(struct timespec){0}));
		kill(own, SIGKILL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

/* RLIMIT_NICE of 15 is nice 5: a task of that nice value may leave SCHED_IDLE. */
CASE_ROOT(nice_limit_lets_out_of_idle)
{
	struct sched_param none = {0};

	NEED(setrlimit(RLIMIT_NICE, &(struct rlimit){15, 15}));
	OK(setuid(1000));
	OK(setpriority(PRIO_PROCESS, 0, 5));
	OK(sched_setscheduler(0, SCHED_IDLE, &none));
	OK(sched_setscheduler(0, SCHED_OTHER, &none));
	CHECK_ERR(setpriority(PRIO_PROCESS, 0, 4), EACCES);
}
