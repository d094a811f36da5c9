/* SPDX-License-Identifier: MIT */
/* kill(2): default actions, groups, permission; and stopping and continuing by signal. */
#include "harness.h"

#include <pthread.h>

static volatile sig_atomic_t hits;

static void count(int sig)
{
	(void)sig;
	hits++;
}

CASE(kill_and_stop_cannot_be_blocked)
{
	sigset_t set;

	sigfillset(&set);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	OK(sigprocmask(SIG_BLOCK, NULL, &set));
	CHECK(!sigismember(&set, SIGKILL));
	CHECK(!sigismember(&set, SIGSTOP));
	CHECK(sigismember(&set, SIGTERM));
}

CASE(default_action_ends)
{
	static const int sigs[] = {SIGHUP,  SIGINT,  SIGKILL, SIGUSR1,	 SIGUSR2,
				   SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGVTALRM,
				   SIGPROF, SIGIO,   SIGPWR,  40,	 64};

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		pid_t pid;

		CHILD(pid) {
			raise(sigs[i]);
		}
		CHECK_EQ(wait_killed(pid), sigs[i]);
	}
}

CASE(default_action_dumps)
{
	static const int sigs[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
				   SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		pid_t pid;

		CHILD(pid) {
			raise(sigs[i]);
		}
		CHECK_EQ(wait_killed(pid), sigs[i]);
	}
}

CASE(default_action_ignores)
{
	static const int sigs[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH};

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		OK(raise(sigs[i]));
}

CASE(default_action_stops)
{
	static const int sigs[] = {SIGSTOP};
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		int status;

		CHILD(pid) {
			raise(sigs[i]);
			_exit(1);
		}
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK_EQ(WSTOPSIG(status), sigs[i]);
		OK(kill(pid, SIGCONT));
		CHECK_EQ(wait_exit(pid), 1);
	}
}

CASE(kill_errors)
{
	CHECK_ERR(kill(getpid(), 65), EINVAL);
	CHECK_ERR(kill(getpid(), -1), EINVAL);
	CHECK_ERR(kill(0x7ffffff0, 0), ESRCH);
	CHECK_ERR(kill(INT_MIN, SIGTERM), ESRCH);
	CHECK_ERR(kill(-0x7ffffff0, 0), ESRCH);
	CHECK_ERR(syscall(SYS_tgkill, 0, 1, 0), EINVAL);
	CHECK_ERR(syscall(SYS_tgkill, getpid(), 0x7ffffff0, 0), ESRCH);
	CHECK_ERR(syscall(SYS_tkill, -1, 0), EINVAL);
}

CASE(kill_zero_only_checks)
{
	OK(kill(getpid(), 0));
	OK(kill(0, 0));
	OK(kill(-getpgrp(), 0));
}

CASE(kill_of_group)
{
	pid_t a, b;
	struct gate g;

	gate_init(&g);
	CHILD(a) {
		setpgid(0, 0);
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	CHILD(b) {
		setpgid(0, a);
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	OK(kill(-a, SIGTERM));
	CHECK_EQ(wait_killed(a), SIGTERM);
	CHECK_EQ(wait_killed(b), SIGTERM);
}

CASE_ROOT(kill_needs_permission)
{
	pid_t target, pid;

	CHILD(target) {
		for (;;)
			pause();
	}
	CHILD(pid) {
		OK(setuid(12345));
		CHECK_ERR(kill(target, SIGTERM), EPERM);
		CHECK_ERR(kill(target, 0), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(kill(target, SIGKILL));
	wait_status(target);
}

CASE_ROOT(same_user_may_kill)
{
	struct gate g;
	pid_t target, pid;

	gate_init(&g);
	CHILD(target) {
		OK(setuid(12345));
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	CHILD(pid) {
		OK(setuid(12345));
		OK(kill(target, SIGTERM));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(wait_killed(target), SIGTERM);
}

CASE_ROOT(sigcont_within_session_needs_no_permission)
{
	pid_t target, pid;

	CHILD(target) {
		for (;;)
			pause();
	}
	CHILD(pid) {
		OK(setuid(12345));
		OK(kill(target, SIGCONT));
		OK(setsid());
		CHECK_ERR(kill(target, SIGCONT), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(kill(target, SIGKILL));
	wait_status(target);
}

CASE(stop_and_continue_do_not_disturb_read)
{
	int fd[2], status;
	pid_t pid;

	OK(pipe(fd));
	CHILD(pid) {
		char c = 0;

		CHECK_EQ(read(fd[0], &c, 1), 1);
		CHECK_EQ(c, 'q');
	}
	await_state(pid, "S");
	OK(kill(pid, SIGSTOP));
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK_EQ(write(fd[1], "q", 1), 1);
	CHECK_EQ(proc_state(pid), 'T');
	OK(kill(pid, SIGCONT));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(stopped_process_takes_signals_at_continue)
{
	pid_t pid;

	CHILD(pid) {
		for (;;)
			pause();
	}
	OK(kill(pid, SIGSTOP));
	await_state(pid, "T");
	OK(kill(pid, SIGTERM));
	CHECK_EQ(proc_state(pid), 'T');
	OK(kill(pid, SIGCONT));
	CHECK_EQ(wait_killed(pid), SIGTERM);
}

CASE(sigkill_ends_a_stopped_process)
{
	pid_t pid;

	CHILD(pid) {
		raise(SIGSTOP);
	}
	await_state(pid, "T");
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(sigcont_handler_runs)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		on_signal(SIGCONT, count, 0);
		raise(SIGSTOP);
		CHECK_EQ(hits, 1);
	}
	await_state(pid, "T");
	OK(kill(pid, SIGCONT));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(sigcont_discards_pending_stops)
{
	block_signal(SIGTSTP);
	raise(SIGTSTP);
	CHECK(signal_pending(SIGTSTP));
	raise(SIGCONT);
	CHECK(!signal_pending(SIGTSTP));
}

CASE(stop_discards_pending_sigcont)
{
	pid_t pid;

	CHILD(pid) {
		block_signal(SIGCONT);
		block_signal(SIGTSTP);
		raise(SIGCONT);
		CHECK(signal_pending(SIGCONT));
		raise(SIGTSTP);
		CHECK(!signal_pending(SIGCONT));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

struct counter {
	volatile pid_t tid;
	volatile unsigned long n;
};

__attribute__((noreturn)) static void *count_on(void *arg)
{
	struct counter *c = arg;

	c->tid = gettid();
	for (;;)
		c->n++;
}

CASE(stop_reaches_every_thread)
{
	struct counter *c = shared(3 * sizeof(*c));
	pid_t pid;
	int status;

	CHILD(pid) {
		pthread_t t;

		CHECK_EQ(pthread_create(&t, NULL, count_on, &c[0]), 0);
		CHECK_EQ(pthread_create(&t, NULL, count_on, &c[1]), 0);
		count_on(&c[2]);
	}
	EVENTUALLY(c[0].n && c[1].n && c[2].n);
	OK(kill(pid, SIGSTOP));
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	/* The parent is told when the last one has stopped. */
	for (int i = 0; i < 3; i++) {
		unsigned long frozen = c[i].n;

		CHECK_EQ(proc_state(c[i].tid), 'T');
		nap();
		CHECK_EQ(c[i].n, frozen);
	}
	OK(kill(pid, SIGCONT));
	for (int i = 0; i < 3; i++) {
		unsigned long frozen = c[i].n;

		EVENTUALLY(c[i].n != frozen);
	}
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}
