/* SPDX-License-Identifier: MIT */
/* Making, running and burying processes and threads. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/*
 * How many burials a sample times: enough that the clock's grain does not show, and as many beside
 * 5,000 as beside one, since what the kernel puts off (RCU frees the dead after some ticks) would
 * fall into a longer sample and not into a shorter one.
 */
#define BURIED_A_SAMPLE 200

extern char **environ;

/* Processes that sleep: how many, the last one's pid, and where the choice of one has come to. */
struct crowd {
	unsigned int size, random;
	pid_t last;
};

static uint64_t op_getppid(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		syscall(SYS_getppid);
	return clock_stop(start);
}

static void run_null(const char *param)
{
	measure(op_getppid, NULL);
}

static uint64_t op_vdso(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		now();
	return clock_stop(start);
}

static void run_vdso(const char *param)
{
	measure(op_vdso, NULL);
}

static uint64_t op_fork(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	pid_t pid;

	while (n--) {
		pid = check(fork());
		if (!pid)
			_exit(0);
		reap(pid);
	}
	return clock_stop(start);
}

/*
 * From the call in the parent to the child's first instruction in user space, on the CPU that was
 * chosen for it. @arg: where the child leaves the time, in memory that both see.
 */
static uint64_t op_fork_place(void *arg, unsigned int n)
{
	volatile uint64_t *late = arg;
	uint64_t sum = 0, start;
	pid_t pid;

	while (n--) {
		start = clock_start();
		pid = check(fork());
		if (!pid) {
			*late = clock_stop(start);
			_exit(0);
		}
		reap(pid);
		sum += *late;
	}
	return sum;
}

static void run_fork_place(const char *param)
{
	if (number(param) == 1)
		pin(0);
	measure(op_fork_place, shared_page());
}

static void run_fork(const char *param)
{
	touched(number(param) << 20);
	measure(op_fork, NULL);
}

/* A program to execute, and how. */
struct program {
	char *argv[3];
	int how;
};

enum { BY_FORK, BY_VFORK, BY_SPAWN };

static pid_t start_program(struct program *p)
{
	pid_t pid;

	if (p->how == BY_SPAWN) {
		check_error(posix_spawn(&pid, p->argv[0], NULL, NULL, p->argv, environ));
		return pid;
	}
	pid = check(p->how == BY_FORK ? fork() : vfork());
	if (!pid) {
		execve(p->argv[0], p->argv, environ);
		_exit(127);
	}
	return pid;
}

static uint64_t op_exec(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		reap(start_program(arg));
	return clock_stop(start);
}

static void measure_exec(const char *param, int how)
{
	struct program p = {.how = how};

	if (!strcmp(param, "static")) {
		p.argv[0] = (char *)self_path();
		p.argv[1] = BENCH_STATIC_ARG;
	} else {
		p.argv[0] = BENCH_DYNAMIC_PATH;
		check(access(p.argv[0], X_OK));
	}
	measure(op_exec, &p);
}

static void run_fork_exec(const char *param)
{
	measure_exec(param, BY_FORK);
}

static void run_vfork_exec(const char *param)
{
	measure_exec(param, BY_VFORK);
}

static void run_spawn(const char *param)
{
	measure_exec(param, BY_SPAWN);
}

static void *thread_nothing(void *arg)
{
	return arg;
}

static uint64_t op_thread(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	pthread_t thread;

	while (n--) {
		check_error(pthread_create(&thread, NULL, thread_nothing, NULL));
		pthread_join(thread, NULL);
	}
	return clock_stop(start);
}

static void run_thread(const char *param)
{
	measure(op_thread, NULL);
}

/* Leave @n zombies; the last one is dead, too, when this returns. */
static void make_zombies(unsigned int n)
{
	volatile pid_t pid = 0;
	siginfo_t info;

	for (volatile unsigned int i = 0; i < n; i++) {
		pid = check(vfork());
		if (!pid)
			_exit(0);
	}
	check(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
}

/* What burying one costs while there are @zombies of them at the start. */
static double bury(unsigned int zombies, unsigned int rounds)
{
	unsigned int timed = zombies < BURIED_A_SAMPLE ? zombies : BURIED_A_SAMPLE;
	uint64_t ns = 0, start;

	for (unsigned int r = 0; r < rounds; r++) {
		make_zombies(zombies);
		start = clock_start();
		for (unsigned int i = 0; i < timed; i++)
			check(wait4(-1, NULL, 0, NULL));
		ns += clock_stop(start);
		for (unsigned int i = timed; i < zombies; i++)
			check(wait4(-1, NULL, 0, NULL));
	}
	return (double)ns / rounds / timed;
}

static void run_wait_zombies(const char *param)
{
	unsigned int zombies = number(param), rounds = 1 + BURIED_A_SAMPLE / zombies;
	double sample[5];

	bury(zombies, 1);
	for (size_t i = 0; i < ARRAY_SIZE(sample); i++)
		sample[i] = bury(zombies, rounds);
	emit_ops(sample, ARRAY_SIZE(sample), (uint64_t)(rounds * ARRAY_SIZE(sample) + 1) * zombies);
}

static uint64_t op_wait_nohang(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		if (wait4(-1, NULL, WNOHANG, NULL))
			fail("a sleeper ended");
	return clock_stop(start);
}

/* wait4(WNOHANG) when all children live: nothing is found. */
static void run_wait_living(const char *param)
{
	int *word = shared_page();

	sleepers_start(CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, number(param), word);
	measure(op_wait_nohang, NULL);
	sleepers_end(word);
}

/*
 * An operation beside N other processes. They belong to a child, so that the
 * process that measures is as small as in the row without them.
 */
static void measure_beside_sleepers(bench_op op, struct crowd *crowd)
{
	int *word = shared_page(), *ready = word + 16, *last = word + 32;
	pid_t owner = check(fork());

	if (!owner) {
		*last = sleepers_start(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD,
				       crowd->size, word);
		/* All of them run ahead of us or wait already: each is asleep within a turn. */
		usleep(100 * 1000);
		*ready = 1;
		futex_wake(ready, 1);
		futex_wait(word, 0);
		sleepers_end(word);
		_exit(0);
	}
	while (!*(volatile int *)ready)
		futex_wait(ready, 0);
	crowd->last = *last;
	measure(op, crowd);
	*word = 1;
	futex_wake(word, 1 << 30);
	reap(owner);
}

static void run_fork_sleepers(const char *param)
{
	struct crowd crowd = {.size = number(param)};

	measure_beside_sleepers(op_fork, &crowd);
}

/* The crowd's numbers are next to each other, for nobody else forks meanwhile. */
static uint64_t op_kill(void *arg, unsigned int n)
{
	struct crowd *crowd = arg;
	uint64_t start = clock_start();

	while (n--) {
		crowd->random = crowd->random * 1103515245 + 12345;
		check(kill(crowd->last - (crowd->random >> 8) % crowd->size, 0));
	}
	return clock_stop(start);
}

static void run_kill_sleepers(const char *param)
{
	struct crowd crowd = {.size = number(param)};

	measure_beside_sleepers(op_kill, &crowd);
}

const struct bench_row process_rows[] = {
    {"getppid", PARAMS("-"), run_null},
    {"clock_gettime", PARAMS("vdso"), run_vdso},
    {"fork", PARAMS("0MiB", "1MiB", "4MiB", "16MiB", "64MiB"), run_fork},
    {"fork_place", PARAMS("1cpu", "2cpu"), run_fork_place},
    {"vfork_exec", PARAMS("static", "dynamic"), run_vfork_exec},
    {"fork_exec", PARAMS("static", "dynamic"), run_fork_exec},
    {"posix_spawn", PARAMS("static", "dynamic"), run_spawn},
    {"thread", PARAMS("-"), run_thread},
    {"wait4_zombies", PARAMS("1", "10", "100", "1000", "5000"), run_wait_zombies},
    {"wait4_living", PARAMS("1", "10", "100", "1000", "5000"), run_wait_living},
    {"fork_sleepers", PARAMS("10", "100", "1000", "10000", "100000"), run_fork_sleepers},
    {"kill_sleepers", PARAMS("10", "100", "1000", "10000", "100000"), run_kill_sleepers},
    {NULL, NULL, NULL},
};
