/* SPDX-License-Identifier: MIT */
/*
 * CPUs that come and go by /sys/devices/system/cpu/cpuN/online: where tasks go, what stays of
 * affinities and timers, what is refused, and a storm of it under load.
 *
 * The CPUs of a machine that others work on are left alone: elsewhere than in jiffy the cases that
 * unplug run only with GUEST_HOTPLUG=1 in the environment.
 */
#include "harness.h"
#include "schedcall.h"

#include <linux/futex.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/timerfd.h>

#define SYS_CPU "/sys/devices/system/cpu/"

extern char **environ;

static int write_cpu(int cpu, const char *file, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), SYS_CPU "cpu%d/%s", cpu, file);
	return poke(path, text);
}

static int set_online(int cpu, bool on)
{
	return write_cpu(cpu, "online", on ? "1" : "0");
}

/* A list like "0-2,5" as a set. */
static void read_list(const char *path, cpu_set_t *set)
{
	char text[1024], *at = text;

	CPU_ZERO(set);
	OK(slurp(path, text, sizeof(text)));
	while (*at && *at != '\n') {
		long a = strtol(at, &at, 10), b = a;

		if (*at == '-')
			b = strtol(at + 1, &at, 10);
		for (; a <= b; a++)
			CPU_SET(a, set);
		at += *at == ',';
	}
}

static bool is_online(int cpu)
{
	cpu_set_t set;

	read_list(SYS_CPU "online", &set);
	return CPU_ISSET(cpu, &set);
}

static int last_cpu(void)
{
	cpu_set_t set;
	int last = 0;

	read_list(SYS_CPU "present", &set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			last = cpu;
	return last;
}

/* The CPU to play with, online; the case is skipped where there is none. */
static int spare_cpu(void)
{
	int cpu = last_cpu();

	if (access("/proc/jiffy", F_OK) && !getenv("GUEST_HOTPLUG"))
		SKIP("this machine's CPUs are left alone");
	if (!cpu)
		SKIP("one CPU");
	if (!is_online(cpu) && set_online(cpu, true))
		SKIP("no CPU can be plugged here");
	return cpu;
}

static void only(int cpu, cpu_set_t *set)
{
	CPU_ZERO(set);
	CPU_SET(cpu, set);
}

CASE(masks_agree)
{
	cpu_set_t possible, present, online, offline, mix;

	read_list(SYS_CPU "possible", &possible);
	read_list(SYS_CPU "present", &present);
	read_list(SYS_CPU "online", &online);
	read_list(SYS_CPU "offline", &offline);
	CHECK(CPU_ISSET(0, &online));
	CPU_AND(&mix, &online, &offline);
	CHECK_EQ(CPU_COUNT(&mix), 0);
	CPU_OR(&mix, &online, &possible);
	CHECK(CPU_EQUAL(&mix, &possible));
	CPU_OR(&mix, &present, &possible);
	CHECK(CPU_EQUAL(&mix, &possible));
	CHECK_EQ(sysconf(_SC_NPROCESSORS_ONLN), CPU_COUNT(&online));
}

CASE_ROOT(goes_and_comes_back)
{
	int cpu = spare_cpu();
	cpu_set_t all, now, one;

	OK(sched_getaffinity(0, sizeof(all), &all));
	for (int round = 0; round < 5; round++) {
		OK(set_online(cpu, false));
		OK(set_online(cpu, false)); /* it is already */
		CHECK(!is_online(cpu));
		OK(sched_getaffinity(0, sizeof(now), &now));
		CHECK(!CPU_ISSET(cpu, &now));
		only(cpu, &one);
		CHECK_ERR(sched_setaffinity(0, sizeof(one), &one), EINVAL);
		OK(set_online(cpu, true));
		CHECK(is_online(cpu));
		OK(sched_getaffinity(0, sizeof(now), &now));
		CHECK(CPU_EQUAL(&all, &now));
		OK(sched_setaffinity(0, sizeof(one), &one));
		CHECK_EQ(sched_getcpu(), cpu);
		OK(sched_setaffinity(0, sizeof(all), &all));
	}
	CHECK_ERR(write_cpu(cpu, "online", "maybe"), EINVAL);
	CHECK(is_online(cpu));
}

CASE_ROOT(bound_task_gets_another_cpu)
{
	volatile int *where = shared(PAGE);
	int cpu = spare_cpu();
	cpu_set_t one, now;
	pid_t spins, sleeps;
	struct gate g;

	only(cpu, &one);
	gate_init(&g);
	CHILD(spins) {
		OK(sched_setaffinity(0, sizeof(one), &one));
		for (;;)
			where[0] = sched_getcpu() + 1;
	}
	CHILD(sleeps) {
		OK(sched_setaffinity(0, sizeof(one), &one));
		where[1] = sched_getcpu() + 1;
		gate_wait(&g);
		where[2] = sched_getcpu() + 1;
		pause();
	}
	EVENTUALLY(where[0] == cpu + 1 && where[1] == cpu + 1);
	await_state(sleeps, "S");
	OK(set_online(cpu, false));
	EVENTUALLY(where[0] && where[0] != cpu + 1);
	gate_open(&g);
	EVENTUALLY(where[2] && where[2] != cpu + 1);
	OK(sched_getaffinity(spins, sizeof(now), &now));
	CHECK(CPU_COUNT(&now) >= 1 && !CPU_ISSET(cpu, &now));
	OK(set_online(cpu, true));
	kill(spins, SIGKILL);
	kill(sleeps, SIGKILL);
	wait_status(spins);
	wait_status(sleeps);
}

/* Timers that were armed on the CPU fire without it. */
CASE_ROOT(timers_outlive_their_cpu)
{
	struct itimerspec soon = {.it_value = {0, 300000000}};
	struct timespec nap = {0, 300000000};
	int cpu = spare_cpu();
	cpu_set_t one, all;
	pid_t pid[3];
	struct gate g;

	OK(sched_getaffinity(0, sizeof(all), &all));
	only(cpu, &one);
	gate_init(&g);
	for (int i = 0; i < 3; i++) {
		CHILD(pid[i]) {
			uint64_t n;
			int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
			struct pollfd none = {.fd = -1};

			OK(sched_setaffinity(0, sizeof(one), &one));
			OK(sched_setaffinity(0, sizeof(all), &all));
			gate_open(&g);
			if (i == 0)
				OK(nanosleep(&nap, NULL));
			else if (i == 1)
				CHECK_EQ(poll(&none, 1, 300), 0);
			else {
				OK(timerfd_settime(fd, 0, &soon, NULL));
				CHECK_EQ(read(fd, &n, 8), 8);
			}
		}
	}
	for (int i = 0; i < 3; i++)
		gate_wait(&g);
	OK(set_online(cpu, false));
	for (int i = 0; i < 3; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
	OK(set_online(cpu, true));
}

/* Promises to deadline tasks are kept: the CPU stays as long as they need it. */
CASE_ROOT(deadline_tasks_keep_the_cpu)
{
	int cpu = spare_cpu(), n = sysconf(_SC_NPROCESSORS_ONLN);
	pid_t pid[CPU_SETSIZE];
	struct gate g;

	gate_init(&g);
	for (int i = 0; i < n; i++) {
		CHILD(pid[i]) {
			struct attr a = {.size = 48,
					 .policy = 6,
					 .runtime = 9000000,
					 .deadline = 10000000,
					 .period = 10000000};

			OK(set_attr(0, &a));
			gate_open(&g);
			pause();
		}
	}
	for (int i = 0; i < n; i++)
		gate_wait(&g);
	CHECK_ERR(set_online(cpu, false), EBUSY);
	CHECK(is_online(cpu));
	for (int i = 0; i < n; i++) {
		kill(pid[i], SIGKILL);
		wait_status(pid[i]);
	}
	EVENTUALLY(set_online(cpu, false) == 0);
	OK(set_online(cpu, true));
}

static void run_as(int policy, int priority)
{
	struct sched_param p = {.sched_priority = priority};

	OK(sched_setscheduler(0, policy, &p));
}

/* Tasks of every class that run there go on elsewhere. */
CASE_OPT(every_class_moves, .root = true, .timeout = 60)
{
	static const int policies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_RR, SCHED_FIFO};
	struct {
		volatile unsigned long turns;
		volatile int cpu;
	} *s = shared(PAGE);
	int cpu = spare_cpu();
	cpu_set_t one, all;
	pid_t pid[ARRAY_SIZE(policies)];

	OK(sched_getaffinity(0, sizeof(all), &all));
	only(cpu, &one);
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++) {
		CHILD(pid[i]) {
			OK(sched_setaffinity(0, sizeof(one), &one));
			run_as(policies[i], i >= 3 ? 1 + i : 0);
			for (;;) {
				/* Real-time tasks leave room for the case itself. */
				if (i >= 3)
					usleep(2000);
				s[i].cpu = sched_getcpu();
				s[i].turns++;
			}
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++)
		EVENTUALLY(s[i].turns);
	OK(set_online(cpu, false));
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++) {
		unsigned long turns = s[i].turns;

		EVENTUALLY(s[i].turns > turns + 1 && s[i].cpu != cpu);
		/* Or the one that runs when all others sleep would have to wait for long. */
		kill(pid[i], SIGKILL);
		wait_status(pid[i]);
	}
	OK(set_online(cpu, true));
}

/* A step that fails, on the way down or up: the CPU is again where it came from, and works. */
CASE_ROOT(failing_steps_are_undone)
{
	char states[8192], *line, *rest = states, text[16];
	int cpu = spare_cpu(), failed = 0;
	cpu_set_t one, all;

	if (slurp(SYS_CPU "hotplug/states", states, sizeof(states)) < 0)
		SKIP("no list of hot-plug states");
	OK(sched_getaffinity(0, sizeof(all), &all));
	while ((line = strsep(&rest, "\n")) && *line) {
		snprintf(text, sizeof(text), "%d", atoi(line));
		if (!atoi(line) || write_cpu(cpu, "hotplug/fail", text)) {
			/* Not every state can be made to fail. */
			continue;
		}
		CHECK_ERR(set_online(cpu, false), EAGAIN);
		CHECK(is_online(cpu));
		only(cpu, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		CHECK_EQ(sched_getcpu(), cpu);
		usleep(2000);
		OK(sched_setaffinity(0, sizeof(all), &all));
		OK(set_online(cpu, false));
		OK(write_cpu(cpu, "hotplug/fail", text));
		CHECK_ERR(set_online(cpu, true), EAGAIN);
		CHECK(!is_online(cpu));
		OK(set_online(cpu, true));
		failed++;
	}
	CHECK(failed >= 5);
}

/* ---- the storm ---- */

enum { FORK, EXEC, PIPE, FUTEX, TIMER, MOVE, FIFO, SPIN, NR_LOADS };
static const char *const load_names[NR_LOADS] = {"fork",  "exec", "pipe", "futex",
						 "timer", "move", "fifo", "spin"};

struct storm {
	volatile unsigned long count[NR_LOADS];
	uint32_t futex;
};
static struct storm *storm;

static void turn_done(int load)
{
	storm->count[load]++;
}

static void load_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(7);
	CHECK(pid > 0);
	CHECK_EQ(wait_exit(pid), 7);
}

int role_main(const char *role, int argc, char **argv)
{
	(void)argv;
	return argc == 0 && !strcmp(role, "nothing") ? 5 : 1;
}

static void load_exec(void)
{
	char *argv[] = {(char *)self_path(), "--role", "nothing", NULL};
	pid_t pid;

	CHECK_EQ(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
	CHECK_EQ(wait_exit(pid), 5);
}

static void pipe_forever(void)
{
	int there[2], back[2];
	char c = 'x';

	OK(pipe(there));
	OK(pipe(back));
	if (!xfork())
		for (;;)
			if (read(there[0], &c, 1) != 1 || write(back[1], &c, 1) != 1)
				_exit(1);
	for (;; turn_done(PIPE))
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			FAIL("the pipe broke");
}

static long futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/* Two processes hand a number to each other: even is ours, odd is theirs. */
static void futex_forever(void)
{
	uint32_t mine = xfork() ? 0 : 1;

	for (uint32_t now;; turn_done(FUTEX)) {
		while ((now = __atomic_load_n(&storm->futex, __ATOMIC_SEQ_CST)) % 2 != mine)
			futex(&storm->futex, FUTEX_WAIT, now);
		__atomic_store_n(&storm->futex, now + 1, __ATOMIC_SEQ_CST);
		futex(&storm->futex, FUTEX_WAKE, 1);
	}
}

static void load_move(unsigned *seed)
{
	cpu_set_t one;

	only(rand_r(seed) % (last_cpu() + 1), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		CHECK_EQ(errno, EINVAL); /* it is away just now */
}

static void carry_load(int load)
{
	unsigned seed = load;

	if (load == PIPE)
		pipe_forever();
	if (load == FUTEX)
		futex_forever();
	if (load == FIFO)
		run_as(SCHED_FIFO, 5);
	for (;; turn_done(load)) {
		if (load == FORK)
			load_fork();
		else if (load == EXEC)
			load_exec();
		else if (load == MOVE)
			load_move(&seed);
		else if (load == TIMER || load == FIFO)
			usleep(1000);
	}
}

/* Nobody rests, and each load goes on when the storm is over; a slow machine has time for that. */
CASE_OPT(storm_of_plugs, .root = true, .timeout = 120)
{
	int cpu = spare_cpu(), last = last_cpu(), plugs = 0;
	pid_t pid[NR_LOADS];
	unsigned seed = 42;

	storm = shared(PAGE);
	for (int i = 0; i < NR_LOADS; i++)
		CHILD(pid[i])
			carry_load(i);
	for (int64_t end = now_ms() + 5000; now_ms() < end || plugs < 6; plugs++) {
		cpu = 1 + rand_r(&seed) % last;
		OK(set_online(cpu, !is_online(cpu)));
		if (rand_r(&seed) % 2)
			nap();
	}
	for (cpu = 1; cpu <= last; cpu++)
		OK(set_online(cpu, true));
	for (int i = 0; i < NR_LOADS; i++) {
		unsigned long before = storm->count[i];
		int64_t until = now_ms() + 60000;

		while (storm->count[i] < before + 3) {
			if (now_ms() > until)
				FAIL("%s is stuck at %lu, in state %c", load_names[i],
				     storm->count[i], proc_state(pid[i]));
			nap();
		}
		CHECK_EQ(waitpid(pid[i], NULL, WNOHANG), 0);
	}
	for (int i = 0; i < NR_LOADS; i++)
		kill(pid[i], SIGKILL);
	for (int i = 0; i < NR_LOADS; i++)
		wait_status(pid[i]);
}
