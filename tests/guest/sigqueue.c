/* SPDX-License-Identifier: MIT */
/* Real-time signals: queueing, values, order, limits; sigwait and its kin. */
#include "harness.h"

#include <pthread.h>

static volatile sig_atomic_t hits;
static volatile int values[4096], sent_code, sent_pid;

static void keep(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)ctx;
	values[hits % 4096] = si->si_value.sival_int;
	sent_code = si->si_code;
	sent_pid = si->si_pid;
	hits++;
}

static sigset_t one(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

static void send(int sig, int value)
{
	OK(sigqueue(getpid(), sig, (union sigval){.sival_int = value}));
}

CASE(carries_value)
{
	on_siginfo(SIGRTMIN, keep, 0);
	send(SIGRTMIN, 1234);
	CHECK_EQ(values[0], 1234);
	CHECK_EQ(sent_code, SI_QUEUE);
	CHECK_EQ(sent_pid, getpid());
}

CASE(carries_pointer)
{
	sigset_t set = one(SIGRTMIN);
	siginfo_t si;

	block_signal(SIGRTMIN);
	OK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_ptr = (void *)0x123456789abcUL}));
	CHECK_EQ(sigwaitinfo(&set, &si), SIGRTMIN);
	CHECK_EQ((long)si.si_value.sival_ptr, 0x123456789abcL);
}

CASE(realtime_signals_queue_in_order)
{
	block_signal(SIGRTMIN);
	on_siginfo(SIGRTMIN, keep, 0);
	for (int i = 0; i < 100; i++)
		send(SIGRTMIN, i);
	unblock_signal(SIGRTMIN);
	CHECK_EQ(hits, 100);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(values[i], i);
}

CASE(standard_signal_keeps_first_value)
{
	block_signal(SIGUSR1);
	on_siginfo(SIGUSR1, keep, 0);
	send(SIGUSR1, 1);
	send(SIGUSR1, 2);
	unblock_signal(SIGUSR1);
	CHECK_EQ(hits, 1);
	CHECK_EQ(values[0], 1);
}

CASE(pending_limit_is_enforced)
{
	setrlimit(RLIMIT_SIGPENDING, &(struct rlimit){0, 0});
	block_signal(SIGRTMIN);
	CHECK_ERR(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1}), EAGAIN);
	/* kill() never fails for that: the signal is delivered without its information. */
	OK(kill(getpid(), SIGRTMIN));
	CHECK(signal_pending(SIGRTMIN));
}

CASE(sigqueue_errors)
{
	union sigval v = {0};

	CHECK_ERR(sigqueue(getpid(), 65, v), EINVAL);
	CHECK_ERR(sigqueue(0x7ffffff0, SIGRTMIN, v), ESRCH);
	OK(sigqueue(getpid(), 0, v));
}

CASE(rt_sigqueueinfo_may_not_forge_kernel_codes)
{
	siginfo_t si = {.si_signo = SIGUSR1, .si_code = SI_USER};
	pid_t pid;

	CHILD(pid) {
		for (;;)
			pause();
	}
	CHECK_ERR(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &si), EPERM);
	si.si_code = SI_TKILL;
	CHECK_ERR(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &si), EPERM);
	si.si_code = 5;
	CHECK_ERR(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &si), EPERM);
	si.si_code = SI_QUEUE;
	OK(syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &si));
	CHECK_EQ(wait_killed(pid), SIGUSR1);
}

CASE(tgsigqueueinfo_reaches_thread)
{
	siginfo_t si = {.si_signo = SIGRTMIN, .si_code = SI_QUEUE};

	si.si_value.sival_int = 5;
	on_siginfo(SIGRTMIN, keep, 0);
	OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN, &si));
	CHECK_EQ(values[0], 5);
	CHECK_ERR(syscall(SYS_rt_tgsigqueueinfo, getpid(), -1, SIGRTMIN, &si), EINVAL);
}

CASE(sigtimedwait_times_out)
{
	sigset_t set = one(SIGUSR1);
	struct timespec ts = {.tv_nsec = 2000000};
	int64_t start;

	block_signal(SIGUSR1);
	start = now_ns();
	CHECK_ERR(sigtimedwait(&set, NULL, &ts), EAGAIN);
	CHECK(now_ns() - start >= 2000000);
}

CASE(sigtimedwait_zero_polls)
{
	sigset_t set = one(SIGUSR1);
	struct timespec ts = {0};

	block_signal(SIGUSR1);
	CHECK_ERR(sigtimedwait(&set, NULL, &ts), EAGAIN);
	raise(SIGUSR1);
	CHECK_EQ(sigtimedwait(&set, NULL, &ts), SIGUSR1);
	CHECK(!signal_pending(SIGUSR1));
}

CASE(sigtimedwait_bad_time)
{
	sigset_t set = one(SIGUSR1);
	struct timespec ts = {.tv_nsec = 1000000000};

	CHECK_ERR(sigtimedwait(&set, NULL, &ts), EINVAL);
}

static void nothing(int sig)
{
	(void)sig;
}

CASE(sigwaitinfo_is_interrupted_by_others)
{
	sigset_t set = one(SIGUSR1);
	pid_t me = getpid(), pid;

	on_signal(SIGUSR2, nothing, SA_RESTART);
	block_signal(SIGUSR1);
	CHILD(pid) {
		await_state(me, "S");
		kill(me, SIGUSR2);
	}
	CHECK_ERR(sigwaitinfo(&set, NULL), EINTR);
	wait_status(pid);
}

CASE(sigwaitinfo_takes_lowest)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGRTMIN + 2);
	sigaddset(&set, SIGUSR1);
	send(SIGRTMIN + 2, 0);
	send(SIGRTMIN + 1, 0);
	raise(SIGUSR1);
	CHECK_EQ(sigwaitinfo(&set, NULL), SIGUSR1);
	CHECK_EQ(sigwaitinfo(&set, NULL), SIGRTMIN + 1);
	CHECK_EQ(sigwaitinfo(&set, NULL), SIGRTMIN + 2);
}

CASE(sigwait_leaves_handler_alone)
{
	sigset_t set = one(SIGUSR1);
	int sig;

	on_siginfo(SIGUSR1, keep, 0);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	CHECK_EQ(sigwait(&set, &sig), 0);
	CHECK_EQ(sig, SIGUSR1);
	unblock_signal(SIGUSR1);
	CHECK_EQ(hits, 0);
}

CASE(sigpending_is_the_union)
{
	sigset_t set;

	block_signal(SIGUSR1);
	block_signal(SIGUSR2);
	kill(getpid(), SIGUSR1);
	pthread_kill(pthread_self(), SIGUSR2);
	OK(sigpending(&set));
	CHECK(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2));
	CHECK(!sigismember(&set, SIGHUP));
}

static void *wait_for_rt(void *arg)
{
	sigset_t set = one(SIGRTMIN);
	siginfo_t si;
	long sum = 0;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		/* A waiter whose signal another took first may be told EINTR. */
		while (sigwaitinfo(&set, &si) != SIGRTMIN)
			CHECK(errno == EINTR);
		sum += si.si_value.sival_int;
	}
	return (void *)sum;
}

CASE(waiting_threads_share_the_queue)
{
	pthread_t t[4];
	long sum = 0;
	void *ret;

	block_signal(SIGRTMIN);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, wait_for_rt, NULL);
	for (int i = 0; i < 200; i++)
		send(SIGRTMIN, i);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &ret);
		sum += (long)ret;
	}
	CHECK_EQ(sum, 199 * 200 / 2);
}

CASE(exit_with_queue_full_frees_it)
{
	pid_t pid;

	CHILD(pid) {
		block_signal(SIGRTMIN);
		for (int i = 0; i < 300; i++)
			send(SIGRTMIN, i);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(sigqueue_to_child_from_parent)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		sigset_t set = one(SIGRTMAX);
		siginfo_t si;

		block_signal(SIGRTMAX);
		gate_open(&g);
		CHECK_EQ(sigwaitinfo(&set, &si), SIGRTMAX);
		CHECK_EQ(si.si_pid, getppid());
		_exit(si.si_value.sival_int);
	}
	gate_wait(&g);
	OK(sigqueue(pid, SIGRTMAX, (union sigval){.sival_int = 66}));
	CHECK_EQ(wait_exit(pid), 66);
}
