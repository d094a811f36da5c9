/* SPDX-License-Identifier: MIT */
/* clone(2) and clone3(2): every flag's sharing, illegal combinations, tids written and cleared. */
#include "harness.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/ptrace.h>
#include <sys/sem.h>

static char stack[65536] __attribute__((aligned(16)));
static char *const stack_top = stack + sizeof(stack);

static int run_clone(int (*fn)(void *), int flags, void *arg)
{
	return OK(clone(fn, stack_top, flags, arg));
}

static long raw_clone3(struct clone_args *args, size_t size)
{
	return syscall(SYS_clone3, args, size);
}

static long raw_clone(unsigned long flags)
{
	return syscall(SYS_clone, flags, 0, 0, 0, 0);
}

static volatile int cell;

static int set_cell(void *arg)
{
	cell = (long)arg;
	return 3;
}

CASE(vm_shares_memory)
{
	pid_t pid = run_clone(set_cell, CLONE_VM | SIGCHLD, (void *)7);

	CHECK_EQ(wait_exit(pid), 3);
	CHECK_EQ(cell, 7);
}

CASE(without_vm_memory_is_copied)
{
	pid_t pid = run_clone(set_cell, SIGCHLD, (void *)7);

	CHECK_EQ(wait_exit(pid), 3);
	CHECK_EQ(cell, 0);
}

static int close_it(void *arg)
{
	return close((long)arg);
}

CASE(files_shares_descriptors)
{
	long fd = OK(open("/dev/null", O_RDONLY));
	pid_t pid = run_clone(close_it, CLONE_FILES | SIGCHLD, (void *)fd);

	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(fcntl(fd, F_GETFD), EBADF);
}

CASE(without_files_descriptors_are_copied)
{
	long fd = OK(open("/dev/null", O_RDONLY));
	pid_t pid = run_clone(close_it, SIGCHLD, (void *)fd);

	CHECK_EQ(wait_exit(pid), 0);
	OK(fcntl(fd, F_GETFD));
}

static int go_to_root(void *arg)
{
	(void)arg;
	umask(012);
	return chdir("/");
}

CASE(fs_shares_directory_and_umask)
{
	char buf[100];
	pid_t pid = run_clone(go_to_root, CLONE_FS | SIGCHLD, NULL);

	CHECK_EQ(wait_exit(pid), 0);
	CHECK(getcwd(buf, sizeof(buf)));
	CHECK_STR(buf, "/");
	CHECK_EQ(umask(0), 012);
}

static int ignore_usr1(void *arg)
{
	(void)arg;
	signal(SIGUSR1, SIG_IGN);
	return 0;
}

CASE(sighand_shares_actions)
{
	struct sigaction sa;
	pid_t pid = run_clone(ignore_usr1, CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);

	CHECK_EQ(wait_exit(pid), 0);
	OK(sigaction(SIGUSR1, NULL, &sa));
	CHECK(sa.sa_handler == SIG_IGN);
}

CASE(without_sighand_actions_are_copied)
{
	struct sigaction sa;
	pid_t pid = run_clone(ignore_usr1, CLONE_VM | SIGCHLD, NULL);

	CHECK_EQ(wait_exit(pid), 0);
	OK(sigaction(SIGUSR1, NULL, &sa));
	CHECK(sa.sa_handler == SIG_DFL);
}

CASE(sighand_without_vm_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_SIGHAND | SIGCHLD), EINVAL);
}

CASE(thread_without_sighand_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_THREAD | CLONE_VM | SIGCHLD), EINVAL);
}

CASE(fs_with_newns_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_FS | CLONE_NEWNS | SIGCHLD), EINVAL);
}

CASE(fs_with_newuser_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_FS | CLONE_NEWUSER | SIGCHLD), EINVAL);
}

CASE(thread_with_newpid_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWPID), EINVAL);
}

CASE(pidfd_with_parent_settid_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD), EINVAL);
}

CASE(sysvsem_with_newipc_is_invalid)
{
	CHECK_ERR(raw_clone(CLONE_SYSVSEM | CLONE_NEWIPC | SIGCHLD), EINVAL);
}

static void ignored_handler(int sig)
{
	(void)sig;
}

static int exit_zero(void *arg)
{
	(void)arg;
	return 0;
}

CASE(parent_makes_a_sibling)
{
	int *got = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		*got = run_clone(exit_zero, CLONE_PARENT | SIGCHLD, NULL);
		CHECK_ERR(waitpid(*got, NULL, 0), ECHILD);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(wait_exit(*got), 0);
}

static int read_shared_tid(void *arg)
{
	return *(int *)arg == getpid() ? 0 : 1;
}

CASE(parent_and_child_settid)
{
	static int ptid, ctid;
	pid_t pid =
	    OK(clone(read_shared_tid, stack_top, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD,
		     &ctid, &ptid, NULL, &ctid));

	CHECK_EQ(ptid, pid);
	CHECK_EQ(ctid, 0); /* written in the child's copy of memory only */
	CHECK_EQ(wait_exit(pid), 0);
}

/* Ends when the parent waits, so that only a wake-up can tell it. */
static int exit_when_awaited(void *unused)
{
	(void)unused;
	await_state(getppid(), "S");
	return 0;
}

CASE(child_cleartid_clears_and_wakes)
{
	static int ctid = 77;
	pid_t pid = OK(clone(exit_when_awaited, stack_top,
			     CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &ctid));
	int v;

	while ((v = __atomic_load_n(&ctid, __ATOMIC_ACQUIRE)))
		syscall(SYS_futex, &ctid, FUTEX_WAIT, v, NULL, NULL, 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(exit_signal_is_delivered)
{
	block_signal(SIGUSR2);
	pid_t pid = run_clone(exit_zero, SIGUSR2, NULL);
	sigset_t set;
	siginfo_t si;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK_EQ(sigwaitinfo(&set, &si), SIGUSR2);
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_code, CLD_EXITED);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
	CHECK_EQ(waitpid(pid, NULL, __WCLONE), pid);
}

CASE(no_exit_signal)
{
	pid_t pid = run_clone(exit_zero, 0, NULL);

	CHECK_ERR(waitpid(-1, NULL, 0), ECHILD);
	CHECK_EQ(waitpid(pid, NULL, __WALL), pid);
}

CASE(vfork_flag_waits)
{
	pid_t pid = run_clone(set_cell, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)5);

	CHECK_EQ(cell, 5);
	CHECK_EQ(wait_exit(pid), 3);
}

CASE(clone3_as_fork)
{
	struct clone_args a = {.exit_signal = SIGCHLD};
	pid_t pid = NEED(raw_clone3(&a, sizeof(a)));

	if (!pid)
		_exit(8);
	CHECK_EQ(wait_exit(pid), 8);
}

CASE(clone3_pidfd)
{
	int pidfd = -1;
	struct clone_args a = {
	    .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
	pid_t pid = NEED(raw_clone3(&a, sizeof(a)));
	siginfo_t si;

	if (!pid)
		_exit(8);
	CHECK(pidfd >= 0);
	CHECK_EQ(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	OK(waitid(P_PIDFD, pidfd, &si, WEXITED));
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_status, 8);
}

CASE(clone3_parent_tid_and_child_tid)
{
	int *ptid = shared(PAGE), *ctid = ptid + 1;
	struct clone_args a = {.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
			       .parent_tid = (uintptr_t)ptid,
			       .child_tid = (uintptr_t)ctid,
			       .exit_signal = SIGCHLD};
	pid_t pid = NEED(raw_clone3(&a, sizeof(a)));

	if (!pid)
		_exit(*ptid == getpid() && *ctid == getpid() ? 0 : 1);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(*ptid, pid);
}

CASE(clone3_clear_sighand)
{
	struct clone_args a = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
	struct sigaction sa;
	pid_t pid;

	on_signal(SIGUSR1, ignored_handler, 0);
	signal(SIGUSR2, SIG_IGN);
	pid = NEED(raw_clone3(&a, sizeof(a)));
	if (!pid) {
		OK(sigaction(SIGUSR1, NULL, &sa));
		CHECK(sa.sa_handler == SIG_DFL);
		OK(sigaction(SIGUSR2, NULL, &sa));
		CHECK(sa.sa_handler == SIG_IGN);
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(clone3_clear_sighand_with_sighand_is_invalid)
{
	struct clone_args a = {.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM,
			       .exit_signal = SIGCHLD};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE(clone3_thread_with_exit_signal_is_invalid)
{
	struct clone_args a = {.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
			       .exit_signal = SIGCHLD};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE(clone3_signal_in_flags_is_invalid)
{
	struct clone_args a = {.flags = SIGCHLD};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE(clone3_exit_signal_out_of_range)
{
	struct clone_args a = {.exit_signal = 65};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE(clone3_stack_without_size_is_invalid)
{
	struct clone_args a = {.stack = (uintptr_t)stack, .exit_signal = SIGCHLD};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){.stack_size = 4096, .exit_signal = SIGCHLD};
	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE(clone3_size_too_small)
{
	struct clone_args a = {.exit_signal = SIGCHLD};

	CHECK_ERR(raw_clone3(&a, 8), EINVAL);
}

CASE(clone3_size_with_unknown_tail)
{
	struct {
		struct clone_args a;
		uint64_t more;
	} b = {.a.exit_signal = SIGCHLD, .more = 1};

	CHECK_ERR(raw_clone3(&b.a, sizeof(b)), E2BIG);
	CHECK_ERR(raw_clone3(&b.a, 8192), E2BIG);
}

CASE(clone3_size_with_zero_tail)
{
	struct {
		struct clone_args a;
		uint64_t more;
	} b = {.a.exit_signal = SIGCHLD};
	pid_t pid = OK(raw_clone3(&b.a, sizeof(b)));

	if (!pid)
		_exit(0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(clone3_unknown_flag_is_invalid)
{
	struct clone_args a = {.flags = 1ULL << 40, .exit_signal = SIGCHLD};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE_ROOT(clone3_set_tid)
{
	pid_t want, first;

	CHILD(first) {
	}
	CHECK_EQ(wait_exit(first), 0);
	want = first;
	struct clone_args a = {
	    .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&want, .set_tid_size = 1};
	pid_t pid = raw_clone3(&a, sizeof(a));

	if (!pid)
		_exit(0);
	if (pid < 0 && errno == EEXIST)
		SKIP("the number was taken by another process");
	CHECK_EQ(pid, want);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(clone3_set_tid_in_use)
{
	pid_t want = getpid();
	struct clone_args a = {
	    .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&want, .set_tid_size = 1};

	CHECK_ERR(raw_clone3(&a, sizeof(a)), EEXIST);
	want = -1;
	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
	a.set_tid_size = 33;
	CHECK_ERR(raw_clone3(&a, sizeof(a)), EINVAL);
}

CASE(clone_pidfd_in_parent_tid)
{
	int pidfd = -1, status;
	pid_t pid = OK(clone(exit_zero, stack_top, CLONE_PIDFD | SIGCHLD, NULL, &pidfd));
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	CHECK(pidfd >= 0);
	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

static int check_tls(void *arg)
{
	unsigned long v;

	asm volatile("mov %%fs:0, %0" : "=r"(v));
	*(unsigned long *)arg = v;
	syscall(SYS_exit, 0);
	return 0;
}

CASE(settls_sets_fs)
{
	static unsigned long tls[64] = {0x1234567}, seen;
	pid_t pid =
	    OK(clone(check_tls, stack_top, CLONE_VM | CLONE_SETTLS | SIGCHLD, &seen, NULL, tls));

	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(seen, 0x1234567);
}

static int thread_ids(void *arg)
{
	int *v = arg;

	v[0] = syscall(SYS_getpid);
	v[1] = syscall(SYS_gettid);
	v[2] = syscall(SYS_getppid);
	syscall(SYS_exit, 0);
	return 0;
}

#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

CASE(thread_shares_tgid_and_parent)
{
	static int v[3], ctid = 1;
	int tid = OK(clone(thread_ids, stack_top, THREAD_FLAGS | CLONE_CHILD_CLEARTID, v, NULL,
			   NULL, &ctid));

	EVENTUALLY(!__atomic_load_n(&ctid, __ATOMIC_ACQUIRE));
	CHECK_EQ(v[0], getpid());
	CHECK_EQ(v[1], tid);
	CHECK_EQ(v[2], getppid());
	CHECK_ERR(waitpid(tid, NULL, __WALL), ECHILD);
}

CASE_ROOT(newuts_hides_hostname)
{
	char before[65], after[65];
	pid_t pid;

	OK(gethostname(before, sizeof(before)));
	pid = NEED(raw_clone(CLONE_NEWUTS | SIGCHLD));
	if (!pid) {
		OK(sethostname("other-host", 10));
		OK(gethostname(after, sizeof(after)));
		CHECK_STR(after, "other-host");
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(gethostname(after, sizeof(after)));
	CHECK_STR(after, before);
}

CASE(newuts_needs_privilege)
{
	if (geteuid())
		SKIP("needs root to drop privileges");
	OK(setuid(1234));
	CHECK_ERR(raw_clone(CLONE_NEWUTS | SIGCHLD), EPERM);
	CHECK_ERR(raw_clone(CLONE_NEWPID | SIGCHLD), EPERM);
	CHECK_ERR(raw_clone(CLONE_NEWNS | SIGCHLD), EPERM);
	CHECK_ERR(raw_clone(CLONE_NEWIPC | SIGCHLD), EPERM);
}

CASE(unshare_files)
{
	volatile int *step = shared(PAGE);
	long fd = OK(open("/dev/null", O_RDONLY));
	pid_t pid = raw_clone(CLONE_FILES | SIGCHLD);

	CHECK(pid >= 0);
	if (!pid) {
		OK(unshare(CLONE_FILES));
		OK(close(fd));
		step[0] = 1;
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(fcntl(fd, F_GETFD));
}

CASE(unshare_fs)
{
	char buf[100];
	pid_t pid = raw_clone(CLONE_FS | SIGCHLD);

	if (!pid) {
		OK(unshare(CLONE_FS));
		OK(chdir("/"));
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(getcwd(buf, sizeof(buf)));
	CHECK(strcmp(buf, "/"));
}

CASE(unshare_unknown_flag)
{
	CHECK_ERR(unshare(CLONE_PIDFD), EINVAL);
	CHECK_ERR(unshare(SIGCHLD), EINVAL);
}

/* In the namespace it is born into, a task's own cgroup is the root. */
CASE_ROOT(newcgroup)
{
	char ours[64] = "", buf[4096], *line, *theirs = shared(PAGE);
	pid_t pid = NEED(raw_clone(CLONE_NEWCGROUP | SIGCHLD));

	if (!pid) {
		CHECK(readlink("/proc/self/ns/cgroup", theirs, 63) > 0);
		CHECK(slurp("/proc/self/cgroup", buf, sizeof(buf)) > 0);
		for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n"))
			CHECK_STR(strrchr(line, ':'), ":/");
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(readlink("/proc/self/ns/cgroup", ours, sizeof(ours) - 1) > 0);
	CHECK(strcmp(ours, theirs));
	CHECK(!strncmp(theirs, "cgroup:[", 8));
}

static int sem_down(void *arg)
{
	struct sembuf op = {.sem_op = -1, .sem_flg = SEM_UNDO};

	return semop(*(int *)arg, &op, 1) ? 1 : 0;
}

/* What is to be undone is one list for both, and its time comes with the last of them. */
CASE(sysvsem_shares_what_is_to_be_undone)
{
	int id = NEED(semget(IPC_PRIVATE, 1, 0600));
	pid_t pid, inner;

	OK(semctl(id, 0, SETVAL, 5));
	CHILD(pid) {
		inner = run_clone(sem_down, CLONE_SYSVSEM | SIGCHLD, &id);
		CHECK_EQ(wait_exit(inner), 0);
		CHECK_EQ(semctl(id, 0, GETVAL), 4);
		inner = run_clone(sem_down, SIGCHLD, &id);
		CHECK_EQ(wait_exit(inner), 0);
		CHECK_EQ(semctl(id, 0, GETVAL), 4);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(semctl(id, 0, GETVAL), 5);
	OK(semctl(id, 0, IPC_RMID));
}

/* A tracee, stopped, that goes on to clone with these flags when it is let. */
static pid_t tracee_that_clones(unsigned long flags, volatile pid_t *made)
{
	int status;
	pid_t pid;

	CHILD(pid) {
		OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		pid_t child = raw_clone(flags);

		if (!child)
			_exit(33);
		*made = child;
		CHECK_EQ(wait_exit(child), 33);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	return pid;
}

/* The child has the tracer of the one that made it, and begins with a stop for it. */
CASE(ptrace_flag_hands_the_child_to_the_tracer)
{
	pid_t *made = shared(PAGE), pid, child;
	int status;

	pid = tracee_that_clones(CLONE_PTRACE | SIGCHLD, made);
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	child = waitpid(-1, &status, __WALL);
	CHECK(child > 0 && child != pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	OK(ptrace(PTRACE_CONT, child, 0, 0));
	/* It ends for its tracer first, for its parent then. */
	CHECK_EQ(waitpid(child, &status, __WALL), child);
	CHECK_EQ(status, 33 << 8);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFSTOPPED(status)) { /* of SIGCHLD */
		CHECK_EQ(WSTOPSIG(status), SIGCHLD);
		OK(ptrace(PTRACE_CONT, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
	}
	CHECK_EQ(status, 0);
	CHECK_EQ(*made, child);
}

/* Whatever the tracer would like: no event, and the child is not its own. */
CASE(untraced_flag_keeps_the_tracer_off)
{
	pid_t *made = shared(PAGE), pid;
	int status;

	pid = tracee_that_clones(CLONE_UNTRACED | SIGCHLD, made);
	OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK));
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(status >> 8, SIGCHLD);
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_ERR(waitpid(*made, NULL, __WALL), ECHILD);
}

/* clone3 alone can say it; the child lives in the new namespace from its first moment. */
CASE_ROOT(clone3_newtime)
{
	struct clone_args a = {.flags = 0x80 /* CLONE_NEWTIME */, .exit_signal = SIGCHLD};
	char ours[64] = "", *theirs = shared(PAGE);
	pid_t pid = NEED(raw_clone3(&a, sizeof(a)));

	if (!pid) {
		CHECK(readlink("/proc/self/ns/time", theirs, 63) > 0);
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(readlink("/proc/self/ns/time", ours, sizeof(ours) - 1) > 0);
	CHECK(strcmp(ours, theirs));
	CHECK(!strncmp(theirs, "time:[", 6));
}
