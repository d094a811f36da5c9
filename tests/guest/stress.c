/* SPDX-License-Identifier: MIT */
/* Small storms, scaled by -n: fork trees, exits in every manner, pipes, threads, signals, memory.
 */
#include "harness.h"

#include <pthread.h>

static uint32_t rng_state;

static uint32_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 17;
	rng_state ^= rng_state << 5;
	return rng_state;
}

/* A tree of processes of random shape; returns how many it was, by exit statuses. */
static int tree(int depth)
{
	int n = 1, kids = depth ? rng() % 3 : 0;
	pid_t pid[3];

	for (int i = 0; i < kids; i++) {
		uint32_t seed = rng();

		CHILD(pid[i]) {
			rng_state = seed | 1;
			_exit(tree(depth - 1));
		}
	}
	for (int i = 0; i < kids; i++)
		n += wait_exit(pid[i]);
	return n;
}

CASE_OPT(random_fork_trees, .timeout = 60)
{
	for (long i = 0; i < scale(10); i++) {
		rng_state = 7919 * (i + 1);
		CHECK(tree(5) >= 1);
	}
}

CASE_OPT(fork_exit_wait, .timeout = 60)
{
	for (long i = 0; i < scale(300); i++) {
		pid_t pid;

		CHILD(pid) {
		}
		CHECK_EQ(wait_exit(pid), 0);
	}
}

CASE_OPT(four_forkers, .timeout = 60)
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		CHILD(pid[i]) {
			for (long k = 0; k < scale(80); k++) {
				pid_t child;

				CHILD(child) {
					_exit(k & 63);
				}
				CHECK_EQ(wait_exit(child), k & 63);
			}
		}
	}
	for (int i = 0; i < 4; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE_OPT(ends_of_every_manner, .timeout = 60)
{
	for (long i = 0; i < scale(60); i++) {
		int status, manner = i % 5;
		pid_t pid;

		CHILD(pid) {
			if (manner == 0)
				_exit(1);
			if (manner == 1)
				raise(SIGKILL);
			if (manner == 2)
				syscall(SYS_exit, 1);
			if (manner == 3)
				execl("/proc/self/exe", "guest", "-l", (char *)NULL);
			for (;;)
				pause();
		}
		if (manner == 4 || manner == 3)
			kill(pid, SIGTERM);
		status = wait_status(pid);
		CHECK(WIFEXITED(status) || WIFSIGNALED(status));
	}
}

CASE_OPT(kill_during_fork, .timeout = 60)
{
	for (long i = 0; i < scale(30); i++) {
		pid_t pid;

		CHILD(pid) {
			OK(setpgid(0, 0));
			for (;;)
				if (fork() == 0)
					_exit(0);
				else
					waitpid(-1, NULL, WNOHANG);
		}
		EVENTUALLY(getpgid(pid) == pid);
		for (uint32_t k = 0; k < (uint32_t)(i * 7919) % 3000; k++)
			asm volatile("pause");
		kill(-pid, SIGKILL);
		CHECK_EQ(wait_killed(pid), SIGKILL);
	}
}

CASE_OPT(pipe_storm, .timeout = 60)
{
	enum { PAIRS = 4 };
	pid_t pid[PAIRS * 2];
	int p[2];

	for (int i = 0; i < PAIRS; i++) {
		OK(pipe(p));
		CHILD(pid[i * 2]) {
			char buf[777];

			close(p[0]);
			memset(buf, i, sizeof(buf));
			for (long k = 0; k < scale(100); k++)
				CHECK_EQ(write(p[1], buf, sizeof(buf)), sizeof(buf));
		}
		CHILD(pid[i * 2 + 1]) {
			char buf[500];
			long total = 0;
			ssize_t n;

			close(p[1]);
			while ((n = read(p[0], buf, sizeof(buf))) > 0) {
				for (ssize_t k = 0; k < n; k++)
					CHECK_EQ(buf[k], i);
				total += n;
			}
			CHECK_EQ(total, scale(100) * 777);
		}
		close(p[0]);
		close(p[1]);
	}
	for (int i = 0; i < PAIRS * 2; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

static void *churn(void *arg)
{
	for (int i = 0; i < 20; i++) {
		char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (int k = 0; k < 16; k++)
			p[k * PAGE] = k;
		mprotect(p, 8 * PAGE, PROT_READ);
		munmap(p, 16 * PAGE);
	}
	return arg;
}

CASE_OPT(threads_churn_memory, .timeout = 60)
{
	for (long i = 0; i < scale(5); i++) {
		pthread_t t[6];

		for (int k = 0; k < 6; k++)
			CHECK_EQ(pthread_create(&t[k], NULL, churn, NULL), 0);
		for (int k = 0; k < 6; k++)
			pthread_join(t[k], NULL);
	}
}

static void *fork_once(void *arg)
{
	pid_t pid;

	(void)arg;
	CHILD(pid) {
	}
	return (void *)(long)wait_exit(pid);
}

CASE_OPT(threads_fork_at_once, .timeout = 60)
{
	for (long i = 0; i < scale(8); i++) {
		pthread_t t[6];
		void *ret;

		for (int k = 0; k < 6; k++)
			CHECK_EQ(pthread_create(&t[k], NULL, fork_once, NULL), 0);
		for (int k = 0; k < 6; k++) {
			pthread_join(t[k], &ret);
			CHECK(!ret);
		}
	}
}

static volatile sig_atomic_t hits;

static void count(int sig)
{
	(void)sig;
	hits++;
}

CASE_OPT(signals_to_forking_process, .timeout = 60)
{
	pid_t me = getpid(), pid;

	on_signal(SIGUSR1, count, SA_RESTART);
	CHILD(pid) {
		for (;;)
			kill(me, SIGUSR1);
	}
	for (long i = 0; i < scale(50); i++) {
		pid_t child;

		CHILD(child) {
		}
		CHECK_EQ(wait_exit(child), 0);
	}
	kill(pid, SIGKILL);
	wait_status(pid);
	CHECK(hits > 0);
}

CASE_OPT(stop_and_continue_at_random, .timeout = 60)
{
	volatile unsigned long *n = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		for (;;)
			++*n;
	}
	for (long i = 0; i < scale(30); i++) {
		int status;

		OK(kill(pid, SIGSTOP));
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		unsigned long frozen = *n;

		sched_yield();
		CHECK_EQ(*n, frozen);
		OK(kill(pid, SIGCONT));
		CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	}
	kill(pid, SIGKILL);
	wait_status(pid);
}
