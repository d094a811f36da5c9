/* SPDX-License-Identifier: MIT */
/* Process identity: pids, pidfds, pid namespaces, namespace files. */
#include "harness.h"

#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>

static int pidfd_of(pid_t pid)
{
	return NEED(syscall(SYS_pidfd_open, pid, 0));
}

CASE(pid_equals_tid_of_leader)
{
	CHECK_EQ(getpid(), gettid());
}

CASE(pids_are_not_reused_at_once)
{
	pid_t last = 0;

	for (int i = 0; i < 50; i++) {
		pid_t pid;

		CHILD(pid) {
		}
		wait_status(pid);
		CHECK(pid != last);
		last = pid;
	}
}

/* A child that ends at once, buried: its number. */
static pid_t short_lived(void)
{
	pid_t pid;

	CHILD(pid) {
	}
	CHECK_EQ(wait_exit(pid), 0);
	return pid;
}

/*
 * In a namespace of its own, whose numbers nobody else takes: they go up to pid_max, begin again
 * at 300, and never is one given out that is in use or that came free within the round.
 */
CASE_ROOT(pids_wrap_and_skip_those_in_use)
{
	pid_t ns = NEED(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0)), keeper;
	char text[32];
	int max;

	if (ns) {
		CHECK_EQ(wait_exit(ns), 0);
		return;
	}
	CHECK(slurp("/proc/sys/kernel/pid_max", text, sizeof(text)) > 0);
	max = atoi(text);
	CHECK_EQ(short_lived(), 2);
	CHECK_EQ(short_lived(), 3);
	NEED(spew("/proc/sys/kernel/ns_last_pid", "300"));
	CHILD(keeper) {
		for (;;)
			pause();
	}
	CHECK_EQ(keeper, 301);
	snprintf(text, sizeof(text), "%d", max - 3);
	OK(spew("/proc/sys/kernel/ns_last_pid", text));
	CHECK_EQ(short_lived(), max - 2);
	CHECK_EQ(short_lived(), max - 1);
	/* Of the first round's: 300 has never been taken, 301 is in use, 2 and 3 stay behind. */
	CHECK_EQ(short_lived(), 300);
	CHECK_EQ(short_lived(), 302);
	CHECK_EQ(short_lived(), 303);
	CHECK(slurp("/proc/sys/kernel/ns_last_pid", text, sizeof(text)) > 0);
	CHECK_EQ(atoi(text), 303);
	kill(keeper, SIGKILL);
	CHECK_EQ(wait_killed(keeper), SIGKILL);
	CHECK_EQ(short_lived(), 304);
	_exit(0);
}

CASE_ROOT(last_pid_is_set_by_the_privileged)
{
	pid_t pid;

	if (access("/proc/sys/kernel/ns_last_pid", F_OK))
		SKIP("no ns_last_pid");
	CHILD(pid) {
		OK(setuid(1000));
		CHECK_ERR(spew("/proc/sys/kernel/ns_last_pid", "1000"), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(init_is_pid_one)
{
	CHECK(kill(1, 0) == 0 || errno == EPERM);
	CHECK_EQ(getpgid(1) >= 0, 1);
}

CASE(pidfd_open_of_self)
{
	int fd = pidfd_of(getpid());

	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

CASE(pidfd_open_errors)
{
	CHECK_ERR(syscall(SYS_pidfd_open, 0, 0), EINVAL);
	CHECK_ERR(syscall(SYS_pidfd_open, -1, 0), EINVAL);
	CHECK_ERR(syscall(SYS_pidfd_open, getpid(), 1), EINVAL);
	CHECK_ERR(syscall(SYS_pidfd_open, 0x7ffffff0, 0), ESRCH);
}

CASE(pidfd_polls_at_exit)
{
	pid_t pid = waiting_child();
	struct pollfd p = {.fd = pidfd_of(pid), .events = POLLIN};

	CHECK_EQ(poll(&p, 1, 0), 0);
	OK(kill(pid, SIGKILL));
	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK(p.revents & POLLIN);
	wait_status(pid);
	CHECK_EQ(poll(&p, 1, 0), 1);
}

CASE(pidfd_send_signal)
{
	pid_t pid = waiting_child();
	int fd = pidfd_of(pid);

	OK(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	CHECK_ERR(syscall(SYS_pidfd_send_signal, fd, 65, NULL, 0), EINVAL);
	OK(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	CHECK_EQ(wait_killed(pid), SIGTERM);
	CHECK_ERR(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), ESRCH);
	CHECK_ERR(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0), EBADF);
}

/* A directory /proc/PID will do as well, another of /proc will not. */
CASE(pidfd_send_signal_by_directory)
{
	pid_t pid = waiting_child();
	char path[64];
	int fd, other;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = OK(open(path, O_RDONLY | O_DIRECTORY));
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	other = OK(open(path, O_RDONLY | O_DIRECTORY));
	OK(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	CHECK_ERR(syscall(SYS_pidfd_send_signal, other, 0, NULL, 0), EBADF);
	CHECK_ERR(syscall(SYS_waitid, P_PIDFD, fd, NULL, WEXITED | WNOHANG, NULL), EBADF);
	OK(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	CHECK_EQ(wait_killed(pid), SIGTERM);
	CHECK_ERR(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), ESRCH);
}

CASE(pidfd_getfd_copies)
{
	int fd[2], copy;
	pid_t pid;
	struct gate g;

	gate_init(&g);
	OK(pipe(fd));
	CHILD(pid) {
		CHECK_EQ(write(fd[1], "m", 1), 1);
		for (;;)
			pause();
	}
	copy = NEED(syscall(SYS_pidfd_getfd, pidfd_of(pid), fd[0], 0));
	CHECK(copy != fd[0]);
	CHECK_EQ(fcntl(copy, F_GETFD), FD_CLOEXEC);
	char c = 0;

	CHECK_EQ(read(copy, &c, 1), 1);
	CHECK_EQ(c, 'm');
	CHECK_ERR(syscall(SYS_pidfd_getfd, pidfd_of(pid), 800, 0), EBADF);
	CHECK_ERR(syscall(SYS_pidfd_getfd, pidfd_of(pid), fd[0], 1), EINVAL);
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE(pidfd_fdinfo_shows_pid)
{
	char path[64];
	pid_t pid = waiting_child();

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd_of(pid));
	CHECK_EQ(proc_field(path, "Pid"), pid);
	kill(pid, SIGKILL);
	wait_status(pid);
	CHECK_EQ(proc_field(path, "Pid"), -1);
}

static pid_t clone_with(unsigned long flags)
{
	return NEED(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
}

CASE_ROOT(namespace_init_is_pid_one)
{
	volatile pid_t *seen = shared(PAGE);
	pid_t pid = clone_with(CLONE_NEWPID);

	if (!pid) {
		seen[0] = syscall(SYS_getpid);
		seen[1] = getppid();
		pid_t child = fork();

		if (!child)
			_exit(syscall(SYS_getpid) == 2 && getppid() == 1 ? 0 : 1);
		seen[2] = child;
		int status;

		waitpid(child, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(seen[0], 1);
	CHECK_EQ(seen[1], 0);
	CHECK_EQ(seen[2], 2);
}

/* The last field of loadavg is of the reader's namespace, whichever the mounted /proc shows. */
CASE_ROOT(loadavg_ends_with_the_newest_pid)
{
	pid_t pid = clone_with(CLONE_NEWPID), child;
	char text[128];

	if (!pid) {
		for (int newest = 1; newest < 4; newest++) {
			CHECK(slurp("/proc/loadavg", text, sizeof(text)) > 0);
			CHECK_EQ(atoi(strrchr(text, ' ')), newest);
			CHILD(child)
				;
			CHECK_EQ(wait_exit(child), 0);
		}
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(namespace_dies_with_its_init)
{
	int fd[2];
	char c;
	pid_t pid;

	OK(pipe(fd));
	pid = clone_with(CLONE_NEWPID);
	if (!pid) {
		for (int i = 0; i < 3; i++)
			if (fork() == 0)
				for (;;)
					pause();
		_exit(5);
	}
	close(fd[1]);
	CHECK_EQ(wait_exit(pid), 5);
	CHECK_EQ(read(fd[0], &c, 1), 0);
}

CASE_ROOT(namespace_init_ignores_signals_from_inside)
{
	pid_t pid = clone_with(CLONE_NEWPID);

	if (!pid) {
		kill(1, SIGTERM);
		kill(1, SIGKILL);
		raise(SIGINT);
		_exit(3);
	}
	CHECK_EQ(wait_exit(pid), 3);
	pid = clone_with(CLONE_NEWPID);
	if (!pid)
		for (;;)
			pause();
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

/* Who sends from outside has no number in the receiver's namespace, and perhaps no user id. */
CASE_ROOT(signals_from_outside_have_no_sender)
{
	static const struct {
		unsigned long flags;
		uid_t uid;
	} kind[] = {{CLONE_NEWPID, 0}, {CLONE_NEWPID | CLONE_NEWUSER, 65534}};
	union sigval value = {.sival_int = 5};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	block_signal(SIGUSR1);
	block_signal(SIGUSR2);
	for (size_t i = 0; i < ARRAY_SIZE(kind); i++) {
		pid_t pid = clone_with(kind[i].flags);

		if (!pid) {
			siginfo_t info;

			for (int k = 0; k < 2; k++) {
				int sig = OK(sigwaitinfo(&set, &info));

				CHECK_EQ(info.si_pid, 0);
				CHECK_EQ(info.si_uid, kind[i].uid);
				CHECK_EQ(info.si_code, sig == SIGUSR1 ? SI_USER : SI_QUEUE);
			}
			/* And one's own. */
			OK(kill(syscall(SYS_getpid), SIGUSR1));
			OK(sigwaitinfo(&set, &info));
			CHECK_EQ(info.si_pid, 1);
			CHECK_EQ(info.si_uid, kind[i].uid);
			_exit(0);
		}
		OK(kill(pid, SIGUSR1));
		OK(sigqueue(pid, SIGUSR2, value));
		CHECK_EQ(wait_exit(pid), 0);
	}
}

CASE_ROOT(namespace_for_children_is_shown_with_its_first)
{
	char link[64];
	pid_t pid, child;

	CHILD(pid) {
		OK(unshare(CLONE_NEWPID));
		CHECK_ERR(readlink("/proc/self/ns/pid_for_children", link, sizeof(link)), ENOENT);
		CHILD(child) {
			for (;;)
				pause();
		}
		CHECK(readlink("/proc/self/ns/pid_for_children", link, sizeof(link)) > 0);
		OK(kill(child, SIGKILL));
		wait_status(child);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(namespace_orphans_go_to_its_init)
{
	pid_t pid = clone_with(CLONE_NEWPID);

	if (!pid) {
		pid_t a = fork();

		if (!a) {
			if (!fork())
				_exit(9);
			_exit(0);
		}
		int status, sum = 0;

		for (int i = 0; i < 2; i++)
			if (wait(&status) > 0)
				sum += WEXITSTATUS(status);
		_exit(sum);
	}
	CHECK_EQ(wait_exit(pid), 9);
}

CASE_ROOT(namespace_cannot_see_outside)
{
	pid_t outer = getpid(), pid = clone_with(CLONE_NEWPID);

	if (!pid)
		_exit(kill(outer == 1 ? 2 : outer, 0) == -1 && errno == ESRCH ? 0 : 1);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(namespace_kill_all_stays_inside)
{
	pid_t outside = waiting_child(), pid = clone_with(CLONE_NEWPID);

	if (!pid) {
		pid_t a = fork();

		if (!a)
			for (;;)
				pause();
		kill(-1, SIGTERM);
		int status;

		waitpid(a, &status, 0);
		_exit(WTERMSIG(status));
	}
	CHECK_EQ(wait_exit(pid), SIGTERM);
	CHECK_EQ(waitpid(outside, NULL, WNOHANG), 0);
	kill(outside, SIGKILL);
	wait_status(outside);
}

static int nest(int levels)
{
	pid_t pid;
	int status;

	if (!levels)
		return 0;
	pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return levels;
	if (!pid)
		_exit(nest(levels - 1));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

CASE_ROOT(namespaces_nest)
{
	CHECK_EQ(nest(8), 0);
}

/* How many pid namespaces lie around the caller's own: it has a number in each. */
static int pid_level(void)
{
	char text[8192], *p;
	int level = -1;

	CHECK(slurp("/proc/self/status", text, sizeof(text)) > 0);
	p = strstr(text, "NSpid:");
	CHECK(p);
	for (p = strtok(p + 6, "\n"), p = strtok(p, "\t "); p; p = strtok(NULL, "\t "))
		level++;
	return level;
}

/* Down to where there is no further; there, the level and the error are noted. */
static void nest_to_the_end(int level, volatile int *end)
{
	pid_t pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		nest_to_the_end(level + 1, end);
		_exit(0);
	}
	if (pid > 0) {
		CHECK_EQ(wait_exit(pid), 0);
		return;
	}
	end[1] = errno;
	end[0] = level;
}

CASE_ROOT(namespaces_nest_32_deep_and_no_deeper)
{
	volatile int *end = shared(PAGE);

	nest_to_the_end(pid_level(), end);
	CHECK_EQ(end[0], 32);
	CHECK_EQ(end[1], ENOSPC);
}

CASE_ROOT(unshare_newpid_is_for_children)
{
	pid_t pid;

	CHILD(pid) {
		pid_t me = getpid(), child;
		int status;

		NEED(unshare(CLONE_NEWPID));
		CHECK_EQ(syscall(SYS_getpid), me);
		child = fork();
		if (!child)
			_exit(syscall(SYS_getpid));
		CHECK_EQ(waitpid(child, &status, 0), child);
		CHECK_EQ(WEXITSTATUS(status), 1);
		/* Its init is gone: the namespace makes no more processes. */
		CHECK_ERR(fork(), ENOMEM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(setns_by_file)
{
	pid_t target = clone_with(CLONE_NEWUTS), pid;
	char path[64], name[65];
	struct gate g;

	gate_init(&g);
	if (!target) {
		sethostname("inside", 6);
		for (;;)
			pause();
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", target);
	CHILD(pid) {
		int fd = OK(open(path, O_RDONLY));

		CHECK_ERR(setns(fd, CLONE_NEWPID), EINVAL);
		OK(setns(fd, CLONE_NEWUTS));
		EVENTUALLY(gethostname(name, sizeof(name)) == 0 && !strcmp(name, "inside"));
	}
	CHECK_EQ(wait_exit(pid), 0);
	kill(target, SIGKILL);
	wait_status(target);
}

CASE(ns_links_name_type_and_inode)
{
	static const char *const kinds[] = {"pid", "uts", "ipc", "mnt", "user"};
	char path[64], link[64], expect[64];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct stat st;
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		n = OK(readlink(path, link, sizeof(link) - 1));
		link[n] = 0;
		OK(stat(path, &st));
		snprintf(expect, sizeof(expect), "%s:[%lu]", kinds[i], (long)st.st_ino);
		CHECK_STR(link, expect);
	}
}

CASE_ROOT(proc_of_namespace_shows_its_pids)
{
	pid_t pid = clone_with(CLONE_NEWPID | CLONE_NEWNS);

	if (!pid) {
		char buf[64];
		ssize_t n;

		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
			_exit(1);
		mkdir("proc", 0755);
		if (mount("proc", "proc", "proc", 0, NULL))
			_exit(2);
		n = readlink("proc/self", buf, sizeof(buf) - 1);
		if (n != 1 || buf[0] != '1')
			_exit(3);
		_exit(access("proc/2", F_OK) ? 0 : 4);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(status_lists_pids_of_each_level)
{
	pid_t pid = clone_with(CLONE_NEWPID);
	char path[64], buf[8192], *p;
	int outer, inner;

	if (!pid)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	CHECK(slurp(path, buf, sizeof(buf)) > 0);
	p = strstr(buf, "NSpid:");
	CHECK(p);
	CHECK_EQ(sscanf(p, "NSpid: %d %d", &outer, &inner), 2);
	CHECK_EQ(outer, pid);
	CHECK_EQ(inner, 1);
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE_ROOT(ipc_namespace_hides_objects)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	struct shmid_ds ds;
	pid_t pid;

	if (id < 0)
		SKIP("no shared memory: %s", strerror(errno));
	pid = clone_with(CLONE_NEWIPC);
	if (!pid)
		_exit(shmctl(id, IPC_STAT, &ds) == -1 && errno == EINVAL ? 0 : 1);
	CHECK_EQ(wait_exit(pid), 0);
	OK(shmctl(id, IPC_RMID, NULL));
}
