/* SPDX-License-Identifier: MIT */
/* wait4(2), waitpid(2), waitid(2): selectors, options, siginfo, rusage, who is woken. */
#include "harness.h"

#include <sched.h>
#include <pthread.h>
#include <sys/time.h>

static pid_t exiting(int status)
{
	pid_t pid;

	CHILD(pid) {
		_exit(status);
	}
	return pid;
}

CASE(no_children)
{
	CHECK_ERR(wait(NULL), ECHILD);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
	CHECK_ERR(waitpid(1, NULL, 0), ECHILD);
	CHECK_ERR(waitpid(0, NULL, 0), ECHILD);
	CHECK_ERR(waitid(P_ALL, 0, NULL, WEXITED), ECHILD);
}

CASE(exit_statuses)
{
	static const int v[] = {0, 1, 42, 127, 128, 255};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		int status;
		pid_t pid = exiting(v[i]);

		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, v[i] << 8);
	}
}

CASE(exit_status_is_eight_bits)
{
	CHECK_EQ(wait_exit(exiting(256 + 7)), 7);
	CHECK_EQ(wait_exit(exiting(-1)), 255);
}

CASE(killed_status)
{
	const int sigs[] = {SIGTERM, SIGKILL, SIGHUP, SIGUSR1, SIGPIPE, SIGALRM, SIGRTMAX};

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		pid_t pid = waiting_child();
		int status;

		OK(kill(pid, sigs[i]));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, sigs[i]);
	}
}

CASE(nohang_on_running_child)
{
	pid_t pid = waiting_child();
	int status = 99;

	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(status, 99);
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(twice_is_echild)
{
	pid_t pid = exiting(0);

	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
}

CASE(grandchild_is_not_waitable)
{
	pid_t *grandchild = shared(PAGE), pid;

	CHILD(pid) {
		*grandchild = waiting_child();
		CHECK(*grandchild > 0);
		pause();
	}
	EVENTUALLY(*(volatile pid_t *)grandchild);
	CHECK_ERR(waitpid(*grandchild, NULL, WNOHANG), ECHILD);
	OK(kill(*grandchild, SIGKILL));
	OK(kill(pid, SIGKILL));
	wait_status(pid);
}

CASE(zombie_until_waited)
{
	pid_t pid = exiting(0);

	await_state(pid, "Z");
	OK(kill(pid, 0));
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(kill(pid, 0), ESRCH);
}

CASE(any_child)
{
	pid_t a = exiting(1), b = exiting(2), got1, got2;
	int s1, s2;

	got1 = waitpid(-1, &s1, 0);
	got2 = waitpid(-1, &s2, 0);
	CHECK((got1 == a && got2 == b) || (got1 == b && got2 == a));
	CHECK_EQ(s1 + s2, 3 << 8);
	CHECK_ERR(waitpid(-1, NULL, 0), ECHILD);
}

CASE(by_process_group)
{
	pid_t a = waiting_child(), b = waiting_child();

	OK(setpgid(a, a));
	OK(kill(a, SIGKILL));
	OK(kill(b, SIGTERM));
	CHECK_EQ(waitpid(-a, NULL, 0), a);
	CHECK_ERR(waitpid(-a, NULL, 0), ECHILD);
	CHECK_EQ(waitpid(0, NULL, 0), b);
}

CASE(waitid_by_group)
{
	pid_t a = waiting_child();
	siginfo_t si;

	OK(setpgid(a, a));
	OK(kill(a, SIGKILL));
	OK(waitid(P_PGID, a, &si, WEXITED));
	CHECK_EQ(si.si_pid, a);
	CHECK_EQ(si.si_code, CLD_KILLED);
}

CASE(stopped_and_continued)
{
	pid_t pid = waiting_child();
	int status;

	OK(kill(pid, SIGSTOP));
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	OK(kill(pid, SIGCONT));
	CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	CHECK_EQ(status, 0xffff);
	CHECK_EQ(waitpid(pid, &status, WCONTINUED | WNOHANG), 0);
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(stop_is_unseen_without_wuntraced)
{
	pid_t pid = waiting_child();

	OK(kill(pid, SIGSTOP));
	await_state(pid, "T");
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG | WUNTRACED), pid);
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(waitid_exited_siginfo)
{
	pid_t pid = exiting(42);
	siginfo_t si;

	memset(&si, 0xff, sizeof(si));
	OK(waitid(P_PID, pid, &si, WEXITED));
	CHECK_EQ(si.si_signo, SIGCHLD);
	CHECK_EQ(si.si_errno, 0);
	CHECK_EQ(si.si_code, CLD_EXITED);
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_uid, getuid());
	CHECK_EQ(si.si_status, 42);
}

CASE(waitid_killed_siginfo)
{
	pid_t pid = waiting_child();
	siginfo_t si;

	OK(kill(pid, SIGTERM));
	OK(waitid(P_PID, pid, &si, WEXITED));
	CHECK_EQ(si.si_code, CLD_KILLED);
	CHECK_EQ(si.si_status, SIGTERM);
}

CASE(waitid_stop_continue_siginfo)
{
	pid_t pid = waiting_child();
	siginfo_t si;

	OK(kill(pid, SIGSTOP));
	OK(waitid(P_PID, pid, &si, WSTOPPED));
	CHECK_EQ(si.si_code, CLD_STOPPED);
	CHECK_EQ(si.si_status, SIGSTOP);
	OK(kill(pid, SIGCONT));
	OK(waitid(P_PID, pid, &si, WCONTINUED));
	CHECK_EQ(si.si_code, CLD_CONTINUED);
	CHECK_EQ(si.si_status, SIGCONT);
	OK(kill(pid, SIGKILL));
	wait_status(pid);
}

CASE(wnowait_leaves_zombie)
{
	pid_t pid = exiting(3);
	siginfo_t si;

	OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	CHECK_EQ(si.si_status, 3);
	OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	CHECK_EQ(wait_exit(pid), 3);
}

CASE(wnowait_leaves_stop)
{
	pid_t pid = waiting_child();
	siginfo_t si;

	OK(kill(pid, SIGSTOP));
	OK(waitid(P_PID, pid, &si, WSTOPPED | WNOWAIT));
	OK(waitid(P_PID, pid, &si, WSTOPPED | WNOHANG));
	CHECK_EQ(si.si_pid, pid);
	si.si_pid = -1;
	OK(waitid(P_PID, pid, &si, WSTOPPED | WNOHANG));
	CHECK_EQ(si.si_pid, 0);
	OK(kill(pid, SIGKILL));
	wait_status(pid);
}

CASE(waitid_nohang_clears_siginfo)
{
	pid_t pid = waiting_child();
	siginfo_t si;

	memset(&si, 0xff, sizeof(si));
	OK(waitid(P_PID, pid, &si, WEXITED | WNOHANG));
	CHECK_EQ(si.si_pid, 0);
	CHECK_EQ(si.si_signo, 0);
	OK(kill(pid, SIGKILL));
	wait_status(pid);
}

/* Who asks for stops only has no dead child; one that somebody has taken is no child either. */
CASE(zombie_is_no_child_without_wexited)
{
	pid_t pid = exiting(3), live;
	siginfo_t si;

	await_state(pid, "Z");
	CHECK_ERR(waitid(P_PID, pid, &si, WSTOPPED | WNOHANG), ECHILD);
	CHECK_ERR(waitid(P_ALL, 0, &si, WSTOPPED | WCONTINUED), ECHILD);
	live = waiting_child();
	OK(waitid(P_ALL, 0, &si, WSTOPPED | WNOHANG));
	CHECK_EQ(si.si_pid, 0);
	OK(waitid(P_ALL, 0, &si, WEXITED));
	CHECK_EQ(si.si_pid, pid);
	OK(kill(live, SIGKILL));
	CHECK_EQ(wait_killed(live), SIGKILL);
}

CASE(waitid_clears_the_record_when_it_fails)
{
	static const struct {
		int type, id, options, error;
	} calls[] = {{P_ALL, 0, 0, EINVAL},	     {P_ALL, 0, WEXITED | 0x100, EINVAL},
		     {77, 0, WEXITED, EINVAL},	     {P_PID, 0, WEXITED, EINVAL},
		     {P_PGID, -1, WEXITED, EINVAL},  {P_PIDFD, -1, WEXITED, EINVAL},
		     {P_PIDFD, 999, WEXITED, EBADF}, {P_ALL, 0, WEXITED, ECHILD}};
	siginfo_t si;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(&si, 0xff, sizeof(si));
		CHECK_ERR(waitid(calls[i].type, calls[i].id, &si, calls[i].options),
			  calls[i].error);
		CHECK_EQ(si.si_signo, 0);
		CHECK_EQ(si.si_code, 0);
		CHECK_EQ(si.si_pid, 0);
		CHECK_EQ(si.si_status, 0);
	}
}

CASE(waitid_needs_an_event)
{
	CHECK_ERR(waitid(P_ALL, 0, NULL, 0), EINVAL);
	CHECK_ERR(waitid(P_ALL, 0, NULL, WNOHANG), EINVAL);
	CHECK_ERR(waitid(P_ALL, 0, NULL, WEXITED | 0x100), EINVAL);
	CHECK_ERR(waitid(77, 0, NULL, WEXITED), EINVAL);
	CHECK_ERR(waitid(P_PID, 0, NULL, WEXITED), EINVAL);
}

CASE(waitpid_bad_option)
{
	CHECK_ERR(waitpid(-1, NULL, 0x100), EINVAL);
	CHECK_ERR(waitpid(-1, NULL, WNOWAIT), EINVAL);
}

CASE(waitpid_int_min)
{
	CHECK_ERR(waitpid(INT_MIN, NULL, 0), ESRCH);
}

static void nothing(int sig)
{
	(void)sig;
}

CASE(interrupted_by_signal)
{
	pid_t pid = waiting_child(), me = getpid(), killer;

	on_signal(SIGUSR1, nothing, 0);
	CHILD(killer) {
		await_state(me, "S");
		for (;;) {
			kill(me, SIGUSR1);
			nap();
		}
	}
	CHECK_ERR(waitpid(pid, NULL, 0), EINTR);
	signal(SIGUSR1, SIG_IGN);
	kill(killer, SIGKILL);
	kill(pid, SIGKILL);
	wait_status(killer);
	wait_status(pid);
}

CASE(restarted_with_sa_restart)
{
	pid_t me = getpid(), pid;

	on_signal(SIGUSR1, nothing, SA_RESTART);
	CHILD(pid) {
		await_state(me, "S");
		kill(me, SIGUSR1);
		nap();
		_exit(4);
	}
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 4);
}

CASE(sigchld_is_sent)
{
	sigset_t set;
	siginfo_t si;
	pid_t pid;

	block_signal(SIGCHLD);
	pid = exiting(6);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	CHECK_EQ(sigwaitinfo(&set, &si), SIGCHLD);
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_code, CLD_EXITED);
	CHECK_EQ(si.si_status, 6);
	CHECK_EQ(si.si_uid, getuid());
	CHECK_EQ(wait_exit(pid), 6);
}

CASE(sigchld_on_stop)
{
	sigset_t set;
	siginfo_t si;
	pid_t pid = waiting_child();

	block_signal(SIGCHLD);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	OK(kill(pid, SIGSTOP));
	CHECK_EQ(sigwaitinfo(&set, &si), SIGCHLD);
	CHECK_EQ(si.si_code, CLD_STOPPED);
	CHECK_EQ(si.si_status, SIGSTOP);
	OK(kill(pid, SIGKILL));
	wait_status(pid);
}

CASE(nocldstop_suppresses_sigchld)
{
	pid_t pid = waiting_child();

	on_signal(SIGCHLD, nothing, SA_NOCLDSTOP);
	block_signal(SIGCHLD);
	OK(kill(pid, SIGSTOP));
	CHECK_EQ(waitpid(pid, NULL, WUNTRACED), pid);
	CHECK(!signal_pending(SIGCHLD));
	OK(kill(pid, SIGKILL));
	wait_status(pid);
	CHECK(signal_pending(SIGCHLD));
}

CASE(ignored_sigchld_reaps)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = exiting(0);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
	EVENTUALLY(kill(pid, 0) == -1 && errno == ESRCH);
}

CASE(nocldwait_reaps_and_signals)
{
	pid_t pid;

	on_signal(SIGCHLD, nothing, SA_NOCLDWAIT);
	block_signal(SIGCHLD);
	pid = exiting(0);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
	CHECK(signal_pending(SIGCHLD));
}

CASE(ignored_sigchld_waits_for_the_last)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	exiting(0);
	exiting(0);
	pid = exiting(0);
	CHECK_ERR(wait(NULL), ECHILD);
	/* No child is left to wait for from its death on; its number goes a moment later. */
	while (!kill(pid, 0))
		sched_yield();
	CHECK_EQ(errno, ESRCH);
}

CASE(rusage_of_child)
{
	struct rusage ru, all;
	pid_t pid;
	int status;

	CHILD(pid) {
		char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (int i = 0; i < 64; i++)
			p[i * PAGE] = 1;
		for (;;) {
			struct rusage me;

			getrusage(RUSAGE_SELF, &me);
			if (me.ru_utime.tv_usec + me.ru_stime.tv_usec + me.ru_utime.tv_sec > 20000)
				break;
		}
	}
	CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
	CHECK(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec + 1000000 * ru.ru_utime.tv_sec >= 15000);
	CHECK(ru.ru_minflt >= 16);
	CHECK(ru.ru_maxrss > 0);
	OK(getrusage(RUSAGE_CHILDREN, &all));
	CHECK_EQ(all.ru_minflt, ru.ru_minflt);
	CHECK_EQ(all.ru_utime.tv_usec, ru.ru_utime.tv_usec);
}

/* Children end in the midst of their run: what they took is told and added to the last ns. */
CASE_OPT(rusage_of_children_adds_up, .timeout = 30)
{
	struct rusage ru, all, before;

	OK(getrusage(RUSAGE_CHILDREN, &before));
	for (int i = 0; i < 300; i++) {
		long us, one;
		pid_t pid;

		CHILD(pid) {
			for (volatile int n = 0; n < i * 100; n++)
				;
		}
		CHECK_EQ(wait4(pid, NULL, 0, &ru), pid);
		OK(getrusage(RUSAGE_CHILDREN, &all));
		us = (all.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000L +
		     all.ru_utime.tv_usec - before.ru_utime.tv_usec;
		one = ru.ru_utime.tv_sec * 1000000L + ru.ru_utime.tv_usec;
		/* Each is rounded down to a microsecond. */
		CHECK(us >= one && us <= one + 1);
		us = (all.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000L +
		     all.ru_stime.tv_usec - before.ru_stime.tv_usec;
		one = ru.ru_stime.tv_sec * 1000000L + ru.ru_stime.tv_usec;
		CHECK(us >= one && us <= one + 1);
		before = all;
	}
}

CASE(raw_waitid_rusage)
{
	struct rusage ru;
	siginfo_t si;
	pid_t pid = exiting(0);

	memset(&ru, 0xff, sizeof(ru));
	OK(syscall(SYS_waitid, P_PID, pid, &si, WEXITED, &ru));
	CHECK(ru.ru_utime.tv_sec == 0 && ru.ru_maxrss >= 0);
}

static void *exit_late(void *arg)
{
	gate_wait(arg);
	return NULL;
}

static void *wait_in_thread(void *arg)
{
	int status;

	CHECK_EQ(waitpid(*(pid_t *)arg, &status, 0), *(pid_t *)arg);
	return (void *)(long)WEXITSTATUS(status);
}

CASE(another_thread_may_wait)
{
	pid_t pid;
	struct gate g;
	pthread_t t;
	void *ret;

	gate_init(&g);
	CHILD(pid) {
		gate_wait(&g);
		_exit(11);
	}
	CHECK_EQ(pthread_create(&t, NULL, wait_in_thread, &pid), 0);
	gate_open(&g);
	CHECK_EQ(pthread_join(t, &ret), 0);
	CHECK_EQ((long)ret, 11);
}

static void *not_mine(void *arg)
{
	CHECK_ERR(waitpid(*(pid_t *)arg, NULL, __WNOTHREAD), ECHILD);
	return NULL;
}

CASE(wnothread_sees_own_children_only)
{
	pid_t pid = exiting(0);
	pthread_t t;

	CHECK_EQ(pthread_create(&t, NULL, not_mine, &pid), 0);
	pthread_join(t, NULL);
	CHECK_EQ(waitpid(pid, NULL, __WNOTHREAD), pid);
}

CASE(group_exits_when_last_thread_ends)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		pthread_t t;

		pthread_create(&t, NULL, exit_late, &g);
		syscall(SYS_exit, 9);
	}
	await_state(pid, "Z");
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	gate_open(&g);
	wait_status(pid);
}

CASE(pidfd_selector)
{
	pid_t pid = exiting(5);
	int fd = NEED(syscall(SYS_pidfd_open, pid, 0));
	siginfo_t si;

	OK(waitid(P_PIDFD, fd, &si, WEXITED));
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_status, 5);
	CHECK_ERR(waitid(P_PIDFD, fd, &si, WEXITED), ECHILD);
	CHECK_ERR(waitid(P_PIDFD, 0, &si, WEXITED), EBADF);
}

CASE(pidfd_nonblock_is_eagain)
{
	pid_t pid = waiting_child();
	int fd = NEED(syscall(SYS_pidfd_open, pid, O_NONBLOCK));
	siginfo_t si;

	CHECK_ERR(waitid(P_PIDFD, fd, &si, WEXITED), EAGAIN);
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE(wait_order_of_two_waiters)
{
	enum { N = 4 };
	pid_t pid[N];
	pthread_t t[N];
	struct gate g;
	void *ret;

	gate_init(&g);
	for (int i = 0; i < N; i++) {
		CHILD(pid[i]) {
			gate_wait(&g);
			_exit(i);
		}
	}
	for (int i = 0; i < N; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, wait_in_thread, &pid[i]), 0);
	for (int i = 0; i < N; i++)
		gate_open(&g);
	for (int i = 0; i < N; i++) {
		CHECK_EQ(pthread_join(t[i], &ret), 0);
		CHECK_EQ((long)ret, i);
	}
}
