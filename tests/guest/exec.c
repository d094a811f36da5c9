/* SPDX-License-Identifier: MIT */
/* execve(2) and kin: arguments, what survives an exec and what does not. Kinds of files: binfmt.c. */
#include "exec.h"

#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/personality.h>

/* Run this program in a role in a child; returns its exit status. */
static int run_role(const char *role, const char *arg)
{
	pid_t pid;

	CHILD(pid) {
		execl(self_path(), "guest", "--role", role, arg, (char *)NULL);
		FAIL("execl: %s", strerror(errno));
	}
	return wait_exit(pid);
}

static int auxv_role(void)
{
	if (getauxval(AT_PAGESZ) != 4096 || getauxval(AT_UID) != getuid() ||
	    getauxval(AT_EUID) != geteuid() || getauxval(AT_GID) != getgid() ||
	    getauxval(AT_EGID) != getegid() || getauxval(AT_SECURE) || !getauxval(AT_PHDR) ||
	    getauxval(AT_PHENT) != sizeof(Elf64_Phdr) || !getauxval(AT_PHNUM) ||
	    !getauxval(AT_ENTRY) || !getauxval(AT_RANDOM) || !getauxval(AT_EXECFN) ||
	    getauxval(AT_CLKTCK) != 100)
		return 1;
	return strcmp((char *)getauxval(AT_EXECFN), self_path()) ? 2 : 0;
}

static int signals_role(void)
{
	struct sigaction usr1, usr2;
	sigset_t set;

	sigaction(SIGUSR1, NULL, &usr1);
	sigaction(SIGUSR2, NULL, &usr2);
	sigprocmask(SIG_BLOCK, NULL, &set);
	if (usr1.sa_handler != SIG_DFL)
		return 1;
	if (usr2.sa_handler != SIG_IGN)
		return 2;
	if (!sigismember(&set, SIGHUP))
		return 3;
	return signal_pending(SIGHUP) ? 0 : 4;
}

int role_main(const char *role, int argc, char **argv)
{
	const char *arg = argc ? argv[0] : "";

	if (!strcmp(role, "exit"))
		return atoi(arg);
	if (!strcmp(role, "argc"))
		return argc;
	if (!strcmp(role, "pid"))
		return getpid() == atoi(arg) && gettid() == getpid() ? 0 : 1;
	if (!strcmp(role, "env"))
		return getenv("GUEST_ENV") && !strcmp(getenv("GUEST_ENV"), arg) ? 0 : 1;
	if (!strcmp(role, "fd"))
		return fcntl(atoi(arg), F_GETFD) >= 0;
	if (!strcmp(role, "auxv"))
		return auxv_role();
	if (!strcmp(role, "signals"))
		return signals_role();
	if (!strcmp(role, "comm")) {
		char name[17] = "";

		prctl(PR_GET_NAME, name);
		return strcmp(name, arg) ? 1 : 0;
	}
	if (!strcmp(role, "threads"))
		return proc_field("/proc/self/status", "Threads");
	if (!strcmp(role, "nice"))
		return getpriority(PRIO_PROCESS, 0);
	if (!strcmp(role, "umask"))
		return umask(0);
	if (!strcmp(role, "dumpable"))
		return prctl(PR_GET_DUMPABLE);
	if (!strcmp(role, "pdeathsig")) {
		int sig = 0;

		prctl(PR_GET_PDEATHSIG, &sig);
		return sig;
	}
	if (!strcmp(role, "alarm"))
		return alarm(0);
	if (!strcmp(role, "secure"))
		return getauxval(AT_SECURE);
	if (!strcmp(role, "euid"))
		return geteuid() == (uid_t)atoi(arg) ? 0 : 1;
	if (!strcmp(role, "gids")) {
		gid_t r, e, saved, want = atoi(arg);

		OK(getresgid(&r, &e, &saved));
		return r != 2000 || e != want || saved != want;
	}
	if (!strcmp(role, "address")) {
		int fd = atoi(arg);
		unsigned long v[2] = {
		    (unsigned long)__builtin_frame_address(0),
		    (unsigned long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};

		return write(fd, v, sizeof(v)) == sizeof(v) ? 0 : 1;
	}
	return 200;
}

CASE(keeps_pid)
{
	pid_t pid;

	CHILD(pid) {
		char arg[16];

		snprintf(arg, sizeof(arg), "%d", getpid());
		execl(self_path(), "guest", "--role", "pid", arg, (char *)NULL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(passes_exit_status)
{
	CHECK_EQ(run_role("exit", "37"), 37);
}

CASE(passes_environment)
{
	char *env[] = {"GUEST_ENV=the value", NULL};
	pid_t pid;

	CHILD(pid) {
		execle(self_path(), "guest", "--role", "env", "the value", (char *)NULL, env);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(passes_many_arguments)
{
	char *argv[204] = {"guest", "--role", "argc"};

	for (int i = 0; i < 200; i++)
		argv[3 + i] = "x";
	CHECK_EQ(status_of(self_path(), argv), 200);
}

CASE(passes_empty_argument)
{
	char *argv[] = {"guest", "--role", "argc", "", "", NULL};

	CHECK_EQ(status_of(self_path(), argv), 2);
}

CASE(passes_long_argument)
{
	size_t n = 100000;
	char *big = malloc(n + 1);
	char *argv[] = {"guest", "--role", "argc", big, NULL};

	memset(big, 'a', n);
	big[n] = 0;
	CHECK_EQ(status_of(self_path(), argv), 1);
}

CASE(argument_of_128k_is_e2big)
{
	size_t n = 32 * PAGE;
	char *big = malloc(n + 1);
	char *argv[] = {"guest", "--role", "argc", big, NULL};

	memset(big, 'a', n);
	big[n] = 0;
	CHECK_ERR(execve(self_path(), argv, no_env), E2BIG);
	big[n - 1] = 0;
	CHECK_EQ(status_of(self_path(), argv), 1);
}

CASE(arguments_beyond_stack_limit_are_e2big)
{
	enum { N = 100 };
	char *argv[N + 4] = {"guest", "--role", "argc"};
	char *big = malloc(100000);

	memset(big, 'a', 99999);
	big[99999] = 0;
	for (int i = 0; i < N; i++)
		argv[3 + i] = big;
	CHECK_ERR(execve(self_path(), argv, no_env), E2BIG);
}

/* Each key once, in front of AT_NULL; /proc shows what the stack has. */
CASE(auxiliary_vector_is_whole)
{
	static const unsigned long keys[] = {
	    AT_SYSINFO_EHDR, AT_MINSIGSTKSZ, AT_HWCAP,	AT_PAGESZ, AT_CLKTCK, AT_PHDR,	  AT_PHENT,
	    AT_PHNUM,	     AT_BASE,	     AT_FLAGS,	AT_ENTRY,  AT_UID,    AT_EUID,	  AT_GID,
	    AT_EGID,	     AT_SECURE,	     AT_RANDOM, AT_HWCAP2, AT_EXECFN, AT_PLATFORM};
	unsigned long shown[128];
	const Elf64_auxv_t *aux;
	char **env = environ;
	int fd = OK(open("/proc/self/auxv", O_RDONLY));
	ssize_t n = OK(read(fd, shown, sizeof(shown)));

	while (*env++)
		;
	aux = (const Elf64_auxv_t *)env;
	CHECK(!memcmp(aux, shown, n));
	CHECK_EQ(aux[n / sizeof(*aux) - 1].a_type, AT_NULL);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		int times = 0;

		for (size_t j = 0; aux[j].a_type != AT_NULL; j++)
			times += aux[j].a_type == keys[i];
		if (times != 1)
			FAIL("key %lu is there %d times", keys[i], times);
	}
	CHECK_STR((char *)getauxval(AT_PLATFORM), "x86_64");
	CHECK(getauxval(AT_MINSIGSTKSZ) >= 1024);
	CHECK_EQ(getauxval(AT_FLAGS), 0);
}

CASE(auxiliary_vector)
{
	CHECK_EQ(run_role("auxv", NULL), 0);
}

CASE(cloexec_closes)
{
	int fd = OK(open("/dev/null", O_RDONLY | O_CLOEXEC)), keep = OK(dup(fd));
	char arg[16];

	snprintf(arg, sizeof(arg), "%d", fd);
	CHECK_EQ(run_role("fd", arg), 0);
	snprintf(arg, sizeof(arg), "%d", keep);
	CHECK_EQ(run_role("fd", arg), 1);
}

CASE(signal_state_across_exec)
{
	on_signal(SIGUSR1, _exit, 0);
	signal(SIGUSR2, SIG_IGN);
	block_signal(SIGHUP);
	pid_t pid;

	CHILD(pid) {
		raise(SIGHUP);
		execl(self_path(), "guest", "--role", "signals", (char *)NULL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(alarm_survives)
{
	pid_t pid;
	int left;

	CHILD(pid) {
		alarm(50);
		execl(self_path(), "guest", "--role", "alarm", (char *)NULL);
	}
	left = wait_exit(pid);
	CHECK(left > 30 && left <= 50);
}

CASE(nice_and_umask_survive)
{
	OK(setpriority(PRIO_PROCESS, 0, 3));
	umask(027);
	CHECK_EQ(run_role("nice", NULL), 3);
	CHECK_EQ(run_role("umask", NULL), 027);
}

CASE(comm_is_the_base_name)
{
	char *argv[] = {"argv-zero", "--role", "comm", "exec-named-so-l", NULL};

	OK(symlink(self_path(), "exec-named-so-long"));
	CHECK_EQ(status_of("./exec-named-so-long", argv), 0);
}

CASE(pdeathsig_survives_plain_exec)
{
	OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	pid_t pid;

	CHILD(pid) {
		OK(prctl(PR_SET_PDEATHSIG, SIGUSR2));
		execl(self_path(), "guest", "--role", "pdeathsig", (char *)NULL);
	}
	CHECK_EQ(wait_exit(pid), SIGUSR2);
}

CASE(dumpable_is_set_again)
{
	OK(prctl(PR_SET_DUMPABLE, 0));
	CHECK_EQ(run_role("dumpable", NULL), 1);
}

static void *sleep_for_ever(void *arg)
{
	gate_open(arg);
	for (;;)
		pause();
	return NULL;
}

CASE(other_threads_die)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		pthread_t t;

		for (int i = 0; i < 5; i++)
			CHECK_EQ(pthread_create(&t, NULL, sleep_for_ever, &g), 0);
		for (int i = 0; i < 5; i++)
			gate_wait(&g);
		execl(self_path(), "guest", "--role", "threads", (char *)NULL);
	}
	CHECK_EQ(wait_exit(pid), 1);
}

static void *exec_pid_role(void *arg)
{
	execl(self_path(), "guest", "--role", "pid", (char *)arg, (char *)NULL);
	return NULL;
}

CASE(from_thread_takes_leader_pid)
{
	pid_t pid;

	CHILD(pid) {
		char arg[16];
		pthread_t t;

		snprintf(arg, sizeof(arg), "%d", getpid());
		CHECK_EQ(pthread_create(&t, NULL, exec_pid_role, arg), 0);
		for (;;)
			pause();
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(from_thread_after_leader_exit)
{
	pid_t pid;

	CHILD(pid) {
		static char arg[16];
		pthread_t t;

		snprintf(arg, sizeof(arg), "%d", getpid());
		CHECK_EQ(pthread_create(&t, NULL, exec_pid_role, arg), 0);
		syscall(SYS_exit, 1);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(vfork_parent_resumes_at_exec)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl(self_path(), "guest", "--role", "exit", "12", (char *)NULL);
		_exit(1);
	}
	CHECK_EQ(wait_exit(pid), 12);
}

CASE(fexecve_runs_descriptor)
{
	int fd = OK(open(self_path(), O_RDONLY | O_CLOEXEC));
	char *argv[] = {"guest", "--role", "exit", "21", NULL};
	pid_t pid;

	CHILD(pid) {
		fexecve(fd, argv, no_env);
	}
	CHECK_EQ(wait_exit(pid), 21);
}

CASE(execveat_relative_to_directory)
{
	int dir = OK(open(".", O_PATH | O_DIRECTORY));
	char *argv[] = {"guest", "--role", "exit", "22", NULL};
	pid_t pid;

	OK(symlink(self_path(), "link"));
	CHECK_ERR(syscall(SYS_execveat, dir, "link", argv, no_env, AT_SYMLINK_NOFOLLOW), ELOOP);
	CHECK_ERR(syscall(SYS_execveat, dir, "", argv, no_env, 0), ENOENT);
	CHECK_ERR(syscall(SYS_execveat, 99, "x", argv, no_env, 0), EBADF);
	CHECK_ERR(syscall(SYS_execveat, dir, "link", argv, no_env, 1 << 30), EINVAL);
	CHILD(pid) {
		OK(chdir("/"));
		syscall(SYS_execveat, dir, "link", argv, no_env, 0);
	}
	CHECK_EQ(wait_exit(pid), 22);
}

/* This program as "prog", still open for writing. */
static int copy_self(void)
{
	char buf[65536];
	ssize_t n;
	int in = OK(open(self_path(), O_RDONLY)), out = OK(open("prog", O_WRONLY | O_CREAT, 0700));

	while ((n = read(in, buf, sizeof(buf))) > 0)
		CHECK_EQ(write(out, buf, n), n);
	OK(close(in));
	return out;
}

CASE(running_program_cannot_be_written)
{
	char full[PAGE] = "";
	int out = copy_self(), fd[2];
	pid_t pid;

	CHECK_ERR(execl("./prog", "guest", "--role", "exit", "1", (char *)NULL), ETXTBSY);
	OK(close(out));
	OK(pipe(fd));
	CHILD(pid) {
		/* The role blocks in a write to a full pipe for as long as the test looks. */
		char arg[16];

		OK(fcntl(fd[1], F_SETPIPE_SZ, PAGE));
		CHECK_EQ(write(fd[1], full, PAGE), PAGE);
		snprintf(arg, sizeof(arg), "%d", fd[1]);
		execl("./prog", "guest", "--role", "address", arg, (char *)NULL);
	}
	char exe[64], target[PATH_MAX] = "";

	snprintf(exe, sizeof(exe), "/proc/%d/exe", pid);
	EVENTUALLY(readlink(exe, target, sizeof(target) - 1) > 0 && strstr(target, "/prog"));
	CHECK_ERR(open("prog", O_WRONLY), ETXTBSY);
	OK(unlink("prog"));
	kill(pid, SIGKILL);
	wait_status(pid);
}

static void addresses(unsigned long v[2])
{
	int fd[2];
	char arg[16];

	OK(pipe(fd));
	snprintf(arg, sizeof(arg), "%d", fd[1]);
	CHECK_EQ(run_role("address", arg), 0);
	CHECK_EQ(read(fd[0], v, 16), 16);
	close(fd[0]);
	close(fd[1]);
}

CASE(addresses_are_random)
{
	unsigned long a[2], b[2];
	char buf[16];

	if (slurp("/proc/sys/kernel/randomize_va_space", buf, sizeof(buf)) < 0 || *buf == '0')
		SKIP("randomisation is off");
	addresses(a);
	addresses(b);
	CHECK(a[0] != b[0]);
	CHECK(a[1] != b[1]);
}

CASE(addresses_repeat_under_personality)
{
	unsigned long a[2], b[2];

	OK(personality(ADDR_NO_RANDOMIZE));
	addresses(a);
	addresses(b);
	CHECK_EQ(a[0], b[0]);
	CHECK_EQ(a[1], b[1]);
}

/* 0: nothing is random; 2: all of it, the heap as well. */
CASE_ROOT(addresses_repeat_by_sysctl)
{
	static const char sysctl[] = "/proc/sys/kernel/randomize_va_space";
	unsigned long a[2], b[2], c[2];
	char old[16];

	CHECK(slurp(sysctl, old, sizeof(old)) > 0);
	if (spew(sysctl, "0"))
		SKIP("randomize_va_space: %s", strerror(errno));
	addresses(a);
	addresses(b);
	OK(spew(sysctl, "2"));
	addresses(c);
	OK(spew(sysctl, old));
	CHECK_EQ(a[0], b[0]);
	CHECK_EQ(a[1], b[1]);
	CHECK(a[0] != c[0]);
	CHECK(a[1] != c[1]);
}

/* This program as "prog", owned by user 1001 and group 1002. */
static void give_away(mode_t mode)
{
	int out = copy_self();

	OK(fchown(out, 1001, 1002));
	OK(fchmod(out, mode));
	OK(close(out));
}

/* "prog" in a role, run by user and group 2000, with no_new_privs or without: its exit status. */
static int run_copy(const char *role, const char *arg, bool no_new_privs)
{
	pid_t pid;

	CHILD(pid) {
		OK(setgid(2000));
		OK(setuid(2000));
		if (no_new_privs)
			OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		execl("./prog", "guest", "--role", role, arg, (char *)NULL);
		_exit(99);
	}
	return wait_exit(pid);
}

CASE_ROOT(setuid_program)
{
	give_away(06755);
	CHECK_EQ(run_copy("euid", "1001", false), 0);
	CHECK_EQ(run_copy("gids", "1002", false), 0);
	CHECK_EQ(run_copy("secure", "-", false), 1);
	CHECK_EQ(run_copy("euid", "2000", true), 0);
	CHECK_EQ(run_copy("gids", "2000", true), 0);
	CHECK_EQ(run_copy("secure", "-", true), 0);
}

CASE_ROOT(setgid_program)
{
	give_away(02755);
	CHECK_EQ(run_copy("gids", "1002", false), 0);
	CHECK_EQ(run_copy("euid", "2000", false), 0);
	CHECK_EQ(run_copy("secure", "-", false), 1);
	CHECK_EQ(run_copy("gids", "2000", true), 0);
	/* Without the group's right to execute the bit is another's: a mark for locks, once. */
	OK(chmod("prog", 02745));
	CHECK_EQ(run_copy("gids", "2000", false), 0);
	CHECK_EQ(run_copy("secure", "-", false), 0);
}

CASE(failed_exec_changes_nothing)
{
	static volatile int v = 5; /* in memory, not folded into the comparison */

	v = 6;
	make_script("f", "no program");
	on_signal(SIGUSR1, _exit, 0);
	CHECK_ERR(execl("./f", "x", (char *)NULL), ENOEXEC);
	struct sigaction sa;

	OK(sigaction(SIGUSR1, NULL, &sa));
	CHECK(sa.sa_handler == _exit);
	CHECK_EQ(v, 6);
}
