/* SPDX-License-Identifier: MIT */
/* Two tasks that wake each other: pipes, futexes, signals; and Debian's hackbench. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* "1cpu": both on the first CPU; "2cpu": one on each of the first two. */
static pid_t fork_partner(const char *param)
{
	int cpus = number(param);
	pid_t pid;

	pin(0);
	pid = check(fork());
	if (!pid)
		pin(cpus - 1);
	return pid;
}

/* The partner answers for ever; it goes when the row is over. */
static void end_partner(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

struct pipes {
	int to[2], from[2];
};

static uint64_t op_pipe(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	struct pipes *p = arg;
	char c = 0;

	while (n--)
		if (write(p->to[1], &c, 1) != 1 || read(p->from[0], &c, 1) != 1)
			fail("pipe");
	return clock_stop(start);
}

static void run_pipe(const char *param)
{
	struct pipes p;
	pid_t pid;
	char c;

	check(pipe(p.to));
	check(pipe(p.from));
	pid = fork_partner(param);
	while (!pid)
		if (read(p.to[0], &c, 1) != 1 || write(p.from[1], &c, 1) != 1)
			_exit(1);
	measure(op_pipe, &p);
	end_partner(pid);
}

static void turn(int *mine, int *theirs)
{
	*(volatile int *)theirs = 1;
	futex_wake(theirs, 1);
	while (!*(volatile int *)mine)
		futex_wait(mine, 0);
	*(volatile int *)mine = 0;
}

static uint64_t op_futex(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	int *word = arg;

	while (n--)
		turn(word, word + 16);
	return clock_stop(start);
}

static void run_futex(const char *param)
{
	int *word = shared_page();
	pid_t pid = fork_partner(param);

	if (!pid) {
		while (!*(volatile int *)(word + 16))
			futex_wait(word + 16, 0);
		word[16] = 0;
		for (;;)
			turn(word + 16, word);
	}
	measure(op_futex, word);
	end_partner(pid);
}

static void on_signal(int sig)
{
}

static uint64_t op_signal_self(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	pid_t self = getpid();

	while (n--)
		kill(self, SIGUSR1);
	return clock_stop(start);
}

static void run_signal_self(const char *param)
{
	signal(SIGUSR1, on_signal);
	measure(op_signal_self, NULL);
}

struct signal_pair {
	pid_t partner;
	sigset_t set;
};

static uint64_t op_signal(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	struct signal_pair *s = arg;
	int sig;

	while (n--) {
		kill(s->partner, SIGUSR1);
		sigwait(&s->set, &sig);
	}
	return clock_stop(start);
}

static void run_signal(const char *param)
{
	pid_t self = getpid();
	struct signal_pair s;
	int sig;

	sigemptyset(&s.set);
	sigaddset(&s.set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s.set, NULL);
	s.partner = fork_partner(param);
	while (!s.partner) {
		sigwait(&s.set, &sig);
		kill(self, SIGUSR1);
	}
	measure(op_signal, &s);
	end_partner(s.partner);
}

/* Run hackbench and return the seconds that it reports itself, or a negative number. */
static double hackbench(char *const argv[])
{
	char text[1024], *at;
	size_t have = 0;
	double seconds = -1;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	check(pipe(out));
	pid = check(fork());
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	while (have < sizeof(text) - 1 &&
	       (n = read(out[0], text + have, sizeof(text) - 1 - have)) > 0)
		have += n;
	text[have] = '\0';
	close(out[0]);
	check(waitpid(pid, &status, 0));
	at = strstr(text, "Time: ");
	if (!status && at)
		seconds = strtod(at + 6, NULL);
	return seconds;
}

static void run_hackbench(const char *param)
{
	char *argv[] = {BENCH_HACKBENCH_PATH,
			"-g",
			"2",
			"-f",
			"10",
			"-l",
			"200",
			"-s",
			"100",
			strstr(param, "threads") ? "-T" : "-P",
			strstr(param, "pipes") ? "-p" : NULL,
			NULL};
	double sample[3];

	for (size_t i = 0; i < ARRAY_SIZE(sample); i++) {
		sample[i] = hackbench(argv) * NSEC_PER_SEC;
		if (sample[i] < 0)
			fail("hackbench");
	}
	emit_samples(NULL, "ns", sample, ARRAY_SIZE(sample));
}

const struct bench_row ipc_rows[] = {
    {"pipe_pingpong", PARAMS("1cpu", "2cpu"), run_pipe},
    {"futex_pingpong", PARAMS("1cpu", "2cpu"), run_futex},
    {"signal_self", PARAMS("-"), run_signal_self},
    {"signal_pingpong", PARAMS("1cpu", "2cpu"), run_signal},
    {"hackbench",
     PARAMS("processes-pipes", "processes-sockets", "threads-pipes", "threads-sockets"),
     run_hackbench},
    {NULL, NULL, NULL},
};
