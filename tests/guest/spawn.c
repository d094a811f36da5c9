/* SPDX-License-Identifier: MIT */
/* posix_spawn(3), system(3), popen(3): the calls by which most programs start others. */
#include "harness.h"

#include <spawn.h>

extern char **environ;

int role_main(const char *role, int argc, char **argv)
{
	char buf[256];
	sigset_t set;

	if (!strcmp(role, "exit"))
		return argc ? atoi(argv[0]) : 0;
	if (!strcmp(role, "fd"))
		return fcntl(atoi(argv[0]), F_GETFD) >= 0;
	if (!strcmp(role, "pgrp"))
		return getpgrp() == getpid();
	if (!strcmp(role, "sid"))
		return getsid(0) == getpid();
	if (!strcmp(role, "mask"))
		return sigprocmask(SIG_BLOCK, NULL, &set) || sigismember(&set, SIGUSR1);
	if (!strcmp(role, "ignored")) {
		struct sigaction sa;

		sigaction(SIGUSR1, NULL, &sa);
		return sa.sa_handler == SIG_IGN;
	}
	if (!strcmp(role, "cat")) {
		ssize_t n = read(0, buf, sizeof(buf));

		return n > 0 && write(1, buf, n) == n ? 0 : 1;
	}
	if (!strcmp(role, "cwd"))
		return getcwd(buf, sizeof(buf)) && !strcmp(buf, "/") ? 0 : 1;
	if (!strcmp(role, "policy"))
		return sched_getscheduler(0);
	return 200;
}

static int spawn(posix_spawn_file_actions_t *fa, posix_spawnattr_t *attr, char *role, char *arg)
{
	char *argv[] = {"guest", "--role", role, arg, NULL};
	pid_t pid;
	int err = posix_spawn(&pid, self_path(), fa, attr, argv, environ);

	if (err)
		FAIL("posix_spawn: %s", strerror(err));
	return wait_exit(pid);
}

CASE(plain)
{
	CHECK_EQ(spawn(NULL, NULL, "exit", "33"), 33);
}

CASE(missing_program_is_reported)
{
	char *argv[] = {"x", NULL};
	pid_t pid;

	CHECK_EQ(posix_spawn(&pid, "/no/such/program", NULL, NULL, argv, environ), ENOENT);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

CASE(spawnp_searches_path)
{
	char *argv[] = {"prog", "--role", "exit", "5", NULL};
	pid_t pid;

	OK(mkdir("bin", 0755));
	OK(symlink(self_path(), "bin/prog"));
	setenv("PATH", "/nowhere:bin", 1);
	CHECK_EQ(posix_spawnp(&pid, "prog", NULL, NULL, argv, environ), 0);
	CHECK_EQ(wait_exit(pid), 5);
}

CASE(file_actions)
{
	posix_spawn_file_actions_t fa;
	char buf[16] = "";
	int fd;

	OK(spew("in", "content"));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "in", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 40, "out", O_WRONLY | O_CREAT, 0600);
	posix_spawn_file_actions_adddup2(&fa, 40, 1);
	posix_spawn_file_actions_addclose(&fa, 40);
	CHECK_EQ(spawn(&fa, NULL, "cat", NULL), 0);
	fd = OK(open("out", O_RDONLY));
	CHECK_EQ(read(fd, buf, sizeof(buf)), 7);
	CHECK_STR(buf, "content");
}

CASE(closed_in_child)
{
	posix_spawn_file_actions_t fa;
	int fd = OK(open("/dev/null", O_RDONLY));
	char arg[16];

	snprintf(arg, sizeof(arg), "%d", fd);
	CHECK_EQ(spawn(NULL, NULL, "fd", arg), 1);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addclose(&fa, fd);
	CHECK_EQ(spawn(&fa, NULL, "fd", arg), 0);
	OK(fcntl(fd, F_GETFD));
}

CASE(change_directory)
{
	posix_spawn_file_actions_t fa;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addchdir_np(&fa, "/");
	CHECK_EQ(spawn(&fa, NULL, "cwd", NULL), 0);
}

static int with_flags(short flags, char *role)
{
	posix_spawnattr_t a;
	sigset_t set;

	sigemptyset(&set);
	posix_spawnattr_init(&a);
	posix_spawnattr_setflags(&a, flags);
	posix_spawnattr_setpgroup(&a, 0);
	if (flags & POSIX_SPAWN_SETSIGDEF)
		sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigdefault(&a, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&a, &set);
	return spawn(NULL, &a, role, NULL);
}

CASE(process_group)
{
	CHECK_EQ(with_flags(0, "pgrp"), 0);
	CHECK_EQ(with_flags(POSIX_SPAWN_SETPGROUP, "pgrp"), 1);
}

CASE(session)
{
	CHECK_EQ(with_flags(0, "sid"), 0);
	CHECK_EQ(with_flags(POSIX_SPAWN_SETSID, "sid"), 1);
}

CASE(signal_mask)
{
	block_signal(SIGUSR1);
	CHECK_EQ(with_flags(0, "mask"), 1);
	CHECK_EQ(with_flags(POSIX_SPAWN_SETSIGMASK, "mask"), 0);
}

CASE(signal_defaults)
{
	signal(SIGUSR1, SIG_IGN);
	CHECK_EQ(with_flags(0, "ignored"), 1);
	CHECK_EQ(with_flags(POSIX_SPAWN_SETSIGDEF, "ignored"), 0);
}

CASE(scheduler)
{
	posix_spawnattr_t a;
	struct sched_param sp = {0};

	posix_spawnattr_init(&a);
	posix_spawnattr_setflags(&a, POSIX_SPAWN_SETSCHEDULER);
	posix_spawnattr_setschedpolicy(&a, SCHED_OTHER);
	posix_spawnattr_setschedparam(&a, &sp);
	OK(sched_setscheduler(0, SCHED_BATCH, &sp));
	CHECK_EQ(spawn(NULL, NULL, "policy", NULL), SCHED_BATCH);
	CHECK_EQ(spawn(NULL, &a, "policy", NULL), SCHED_OTHER);
}

CASE(fifty_spawns)
{
	for (int i = 0; i < 50; i++)
		CHECK_EQ(spawn(NULL, NULL, "exit", "1"), 1);
}

CASE(system_runs_shell)
{
	if (access("/bin/sh", X_OK))
		SKIP("no shell");
	CHECK_EQ(system(NULL) != 0, 1);
	CHECK_EQ(system("exit 7") >> 8, 7);
	CHECK_EQ(system("kill -TERM $$"), SIGTERM);
}

CASE(popen_reads_and_writes)
{
	char buf[32] = "";
	FILE *f;

	if (access("/bin/sh", X_OK))
		SKIP("no shell");
	f = popen("echo one; exit 3", "r");
	CHECK(fgets(buf, sizeof(buf), f));
	CHECK_STR(buf, "one\n");
	CHECK_EQ(pclose(f) >> 8, 3);
	f = popen("read x; test \"$x\" = two", "w");
	fputs("two\n", f);
	CHECK_EQ(pclose(f), 0);
}
