/* SPDX-License-Identifier: MIT */
/*
 * Every allocation made to fail: /proc/thread-self/fail-nth lets the n-th one of the writer fail.
 * Each operation is run with n = 1, 2, ... until none was hit. It must then succeed; with a hit it
 * must succeed too or say that memory or a slot ran short; and nothing may leak, which the
 * harness's counts show. A kernel without the file is not asked.
 */
#include "harness.h"

#include <grp.h>
#include <pthread.h>

#define MAX_N 2000

static int nth_fd, nth;

static void open_nth(void)
{
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (nth_fd < 0)
		SKIP("no fail-nth");
}

static void set_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	CHECK_EQ(pwrite(nth_fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

/* Did the failure strike? What is left of the count is taken back. */
static bool struck(void)
{
	char text[16] = "";
	ssize_t n = pread(nth_fd, text, sizeof(text) - 1, 0);

	/* The look itself may be what it struck. */
	if (n < 0) {
		CHECK_EQ(errno, ENOMEM);
		set_nth(0);
		return false;
	}
	set_nth(0);
	return atoi(text) == 0;
}

static bool shortage(int err)
{
	/* EFAULT: the call wrote to our memory, and the page that took was not to be had. */
	return err == ENOMEM || err == EAGAIN || err == ENOSPC || err == ENFILE || err == EMFILE ||
	       err == ENOBUFS || err == EFAULT;
}

/* op: 0, or the error it ended with; it undoes what it did. */
static void each_nth(int (*op)(void))
{
	bool hit = true;
	int err;

	open_nth();
	for (nth = 1; hit; nth++) {
		CHECK(nth < MAX_N);
		set_nth(nth);
		err = op();
		hit = struck();
		if (!hit)
			CHECK_EQ(err, 0);
		else if (err && !shortage(err))
			FAIL("failing allocation %d: error %d (%s)", nth, err, strerror(err));
	}
}

static int reap(pid_t pid)
{
	if (pid < 0)
		return errno;
	if (!pid)
		_exit(0);
	return wait_exit(pid);
}

static int op_fork(void)
{
	return reap(syscall(SYS_fork));
}

CASE_OPT(fork_fails, .timeout = 60)
{
	each_nth(op_fork);
}

static int op_clone(void)
{
	return reap(
	    syscall(SYS_clone, SIGCHLD | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM, 0, 0, 0, 0));
}

CASE_OPT(clone_fails, .timeout = 60)
{
	each_nth(op_clone);
}

static int op_clone3_pidfd(void)
{
	int pidfd = -1;
	uint64_t args[8] = {CLONE_PIDFD, (uintptr_t)&pidfd, [4] = SIGCHLD};
	pid_t pid = syscall(SYS_clone3, args, sizeof(args));
	int err = reap(pid);

	if (pid > 0)
		OK(close(pidfd));
	return err;
}

CASE_OPT(clone3_with_pidfd_fails, .timeout = 60)
{
	each_nth(op_clone3_pidfd);
}

static int op_namespaces(void)
{
	return reap(syscall(SYS_clone,
			    SIGCHLD | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS |
				CLONE_NEWUSER,
			    0, 0, 0, 0));
}

CASE_OPT(new_namespaces_fail, .timeout = 60, .root = true)
{
	each_nth(op_namespaces);
}

/* unshare(2) changes its caller: each attempt has a process of its own, which tells the result. */
static int op_unshare(void)
{
	int status;
	pid_t pid;

	set_nth(0);
	CHILD(pid) {
		int err = 0;

		close(nth_fd);
		open_nth();
		set_nth(nth);
		if (unshare(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_FILES |
			    CLONE_FS))
			err = errno;
		_exit(err | (struck() ? 128 : 0));
	}
	status = wait_exit(pid);
	/* Hand what happened there on to our own count. */
	set_nth(status & 128 ? 0 : MAX_N);
	return status & 127;
}

CASE_OPT(unshare_fails, .timeout = 60, .root = true)
{
	each_nth(op_unshare);
}

static void *thread_body(void *arg)
{
	return arg;
}

static int op_thread(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, thread_body, NULL);

	if (!err)
		CHECK_EQ(pthread_join(t, NULL), 0);
	return err;
}

/* The library keeps stacks: the counts settle only after some. */
CASE_OPT(thread_creation_fails, .timeout = 60)
{
	each_nth(op_thread);
}

static int op_signal(void)
{
	union sigval v = {.sival_int = 7};
	struct timespec none = {0, 0};
	siginfo_t info;
	sigset_t set;
	int err = sigqueue(getpid(), SIGRTMIN, v) ? errno : 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (!err)
		CHECK_EQ(sigtimedwait(&set, &info, &none), SIGRTMIN);
	return err;
}

CASE(queued_signals_fail)
{
	block_signal(SIGRTMIN);
	each_nth(op_signal);
}

static int op_timer(void)
{
	timer_t id;

	/* Straight to the kernel: the library's own memory is not the question. */
	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id))
		return errno;
	OK(syscall(SYS_timer_delete, *(int *)&id));
	return 0;
}

CASE(timers_fail)
{
	each_nth(op_timer);
}

static int op_pidfd(void)
{
	int fd = syscall(SYS_pidfd_open, getpid(), 0);

	return fd < 0 ? errno : OK(close(fd));
}

CASE(pidfd_open_fails)
{
	each_nth(op_pidfd);
}

static int op_groups(void)
{
	gid_t gid[3] = {1, 2, 3};

	return setgroups(3, gid) ? errno : 0;
}

CASE_ROOT(setgroups_fails)
{
	each_nth(op_groups);
}

/*
 * exec: before the point of no return it says what ran short, behind it the process is killed. The
 * new program finds what is left of the count.
 */
static void exec_each(const char *path, char *const argv[])
{
	int *err = shared(sizeof(*err)), status;
	char *const env[] = {NULL};
	pid_t pid;

	open_nth();
	for (int n = 1;; n++) {
		CHECK(n < MAX_N);
		*err = 0;
		CHILD(pid) {
			close(nth_fd);
			open_nth();
			set_nth(n);
			execve(path, argv, env);
			*err = errno;
		}
		status = wait_status(pid);
		/* E2BIG: there was no page for the arguments, whatever the reason, as in Linux. */
		if (*err && !shortage(*err) && *err != E2BIG)
			FAIL("failing allocation %d: error %d (%s)", n, *err, strerror(*err));
		/* It struck the new program: in its own code, or in the library's start. */
		if (WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 127))
			return;
		if (WIFEXITED(status))
			CHECK_EQ(WEXITSTATUS(status), 0);
		else
			CHECK(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGKILL ||
			      WTERMSIG(status) == SIGBUS);
	}
}

int role_main(const char *role, int argc __attribute__((unused)),
	      char **argv __attribute__((unused)))
{
	char text[16] = "";
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);

	if (strcmp(role, "left"))
		return 9;
	/* A failure that is still to come strikes in here: it was not exec's. */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return 3;
	return atoi(text) ? 3 : 0;
}

CASE_OPT(exec_fails, .timeout = 120)
{
	char *const argv[] = {"failnth", "--role", "left", NULL};

	exec_each(self_path(), argv);
}

CASE_OPT(exec_of_a_script_fails, .timeout = 120)
{
	char *const argv[] = {"left", NULL};
	char line[PATH_MAX + 32];

	/* The interpreter gets: its name, "--role", the script's name. */
	snprintf(line, sizeof(line), "#!%s --role\n", self_path());
	OK(spew("left", line));
	OK(chmod("left", 0755));
	exec_each("left", argv);
}

CASE_OPT(exit_does_not_need_memory, .timeout = 60)
{
	open_nth();
	for (int n = 1; n < 40; n++) {
		pid_t pid;

		CHILD(pid) {
			close(nth_fd);
			open_nth();
			set_nth(n);
			_exit(5);
		}
		CHECK_EQ(wait_exit(pid), 5);
	}
}
