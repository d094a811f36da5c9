/* SPDX-License-Identifier: MIT */
/* clone(2), clone3(2): which flags go together, which values are refused, and by which errno. */
#include "harness.h"

#include <linux/sched.h>

#define CLONE_ALL_THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

static char stack[65536] __attribute__((aligned(64)));
static int parent_tid, child_tid, pidfd;

static unsigned long own_tls(void)
{
	unsigned long v;

	asm("mov %%fs:0, %0" : "=r"(v));
	return v;
}

/* The child, which may share our memory and have no stack of its own, ends in the next breath. */
#define CLONE_AND_EXIT(nr, a1, a2, a3, a4, a5)                                                 \
	({                                                                                     \
		register long r10_ asm("r10") = (long)(a4);                                    \
		register long r8_ asm("r8") = (long)(a5);                                      \
		long ret_;                                                                     \
                                                                                               \
		asm volatile("syscall\n\t"                                                     \
			     "test %%rax, %%rax\n\t"                                           \
			     "jnz 1f\n\t"                                                      \
			     "mov $7, %%edi\n\t"                                               \
			     "mov $60, %%eax\n\t"                                              \
			     "syscall\n"                                                       \
			     "1:"                                                              \
			     : "=a"(ret_)                                                      \
			     : "a"((long)(nr)), "D"(a1), "S"(a2), "d"(a3), "r"(r10_), "r"(r8_) \
			     : "rcx", "r11", "memory");                                        \
		ret_;                                                                          \
	})

/* clone(2): 0 when there was a child, which is gone again; else -errno. */
static long try_clone(uint64_t flags)
{
	long ret = CLONE_AND_EXIT(SYS_clone, flags, stack + sizeof(stack) - 128, &parent_tid,
				  &child_tid, own_tls());

	if (ret < 0)
		return ret;
	if (flags & CLONE_PIDFD)
		close(parent_tid);
	while ((flags & CLONE_THREAD) && !syscall(SYS_tgkill, getpid(), ret, 0))
		sched_yield();
	if (!(flags & (CLONE_THREAD | CLONE_PARENT)))
		CHECK_EQ(waitpid(ret, NULL, __WALL), ret);
	return 0;
}

static long try_clone3(struct clone_args *a, size_t size)
{
	long ret = CLONE_AND_EXIT(SYS_clone3, a, size, 0, 0, 0);

	if (ret < 0)
		return ret;
	if (a->flags & CLONE_PIDFD)
		close(pidfd);
	while ((a->flags & CLONE_THREAD) && !syscall(SYS_tgkill, getpid(), ret, 0))
		sched_yield();
	if (!(a->flags & (CLONE_THREAD | CLONE_PARENT)))
		CHECK_EQ(waitpid(ret, NULL, __WALL), ret);
	return 0;
}

static long try_flags3(uint64_t flags, int exit_signal)
{
	struct clone_args a = {
	    .flags = flags,
	    .exit_signal = exit_signal,
	    .stack = (uintptr_t)stack,
	    .stack_size = sizeof(stack) - 128,
	    .tls = own_tls(),
	    .pidfd = (uintptr_t)&pidfd,
	    .parent_tid = (uintptr_t)&parent_tid,
	    .child_tid = (uintptr_t)&child_tid,
	    .cgroup = INT_MAX,
	};

	return try_clone3(&a, sizeof(a));
}

#define BOTH(x, y) (((f) & ((x) | (y))) == ((x) | (y)))

/* clone(2), ERRORS. */
static bool illegal(uint64_t f)
{
	return BOTH(CLONE_FS, CLONE_NEWNS) || BOTH(CLONE_FS, CLONE_NEWUSER) ||
	       ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND)) ||
	       ((f & CLONE_SIGHAND) && !(f & CLONE_VM)) || BOTH(CLONE_THREAD, CLONE_NEWUSER) ||
	       BOTH(CLONE_THREAD, CLONE_NEWPID) || BOTH(CLONE_PIDFD, CLONE_DETACHED) ||
	       BOTH(CLONE_NEWIPC, CLONE_SYSVSEM);
}

static void check_flags(uint64_t f, int exit_signal)
{
	long want = illegal(f) ? -EINVAL : 0, got;

	if (!(f >> 32) && !(f & CSIGNAL)) {
		if (BOTH(CLONE_PIDFD, CLONE_PARENT_SETTID))
			want = -EINVAL; /* one pointer for two */
		got = try_clone(f | exit_signal);
		if (got != want)
			FAIL("clone(%#llx, signal %d) is %ld, expected %ld", (long long)f,
			     exit_signal, got, want);
	}
	want = illegal(f) || (f & CLONE_DETACHED) || BOTH(CLONE_SIGHAND, CLONE_CLEAR_SIGHAND) ||
		       ((f & (CLONE_THREAD | CLONE_PARENT)) && exit_signal)
		   ? -EINVAL
	       : f & CLONE_INTO_CGROUP ? -EBADF
				       : 0;
	got = try_flags3(f, exit_signal);
	if (got != want)
		FAIL("clone3(%#llx, signal %d) is %ld, expected %ld", (long long)f, exit_signal,
		     got, want);
}

static const uint64_t all_flags[] = {
    CLONE_VM,	    CLONE_FS,		CLONE_FILES,	     CLONE_SIGHAND,	   CLONE_PIDFD,
    CLONE_PTRACE,   CLONE_VFORK,	CLONE_PARENT,	     CLONE_THREAD,	   CLONE_NEWNS,
    CLONE_SYSVSEM,  CLONE_SETTLS,	CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID, CLONE_DETACHED,
    CLONE_UNTRACED, CLONE_CHILD_SETTID, CLONE_NEWCGROUP,     CLONE_NEWUTS,	   CLONE_NEWIPC,
    CLONE_NEWPID,   CLONE_IO,		CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP,	   CLONE_NEWUSER,
};

/* Children that CLONE_PARENT makes are the harness's unless somebody stands between. */
static void with_parent(void (*fn)(void))
{
	pid_t pid;

	CHILD(pid) {
		pid_t inner;

		CHILD(inner) {
			fn();
		}
		CHECK_EQ(wait_exit(inner), 0);
		while (waitpid(-1, NULL, __WALL) > 0)
			;
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static void each_pair(void)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(all_flags); i++)
		for (j = i; j < ARRAY_SIZE(all_flags); j++)
			check_flags(all_flags[i] | all_flags[j], j & 1 ? SIGCHLD : 0);
}

CASE_OPT(every_pair, .root = true, .timeout = 60)
{
	NEED(syscall(SYS_unshare, CLONE_NEWUTS));
	with_parent(each_pair);
}

/* With what makes a thread, each further flag once more. */
static void each_with_thread(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_flags); i++)
		check_flags(CLONE_ALL_THREAD | all_flags[i], 0);
}

CASE_OPT(every_flag_with_thread, .root = true, .timeout = 60)
{
	NEED(syscall(SYS_unshare, CLONE_NEWUTS));
	with_parent(each_with_thread);
}

CASE(two_uses_of_one_pointer)
{
	struct clone_args a = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
			       .exit_signal = SIGCHLD,
			       .pidfd = (uintptr_t)&pidfd,
			       .parent_tid = (uintptr_t)&pidfd};

	CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	a.parent_tid = (uintptr_t)&parent_tid;
	CHECK_EQ(try_clone3(&a, sizeof(a)), 0);
}

/* What the caller's namespaces forbid, whatever the flags. */
CASE_ROOT(flags_that_namespaces_forbid)
{
	pid_t pid;

	CHILD(pid) {
		NEED(unshare(CLONE_NEWPID));
		CHECK_EQ(try_clone(CLONE_ALL_THREAD), -EINVAL);
		CHILD(pid) {
			/* Its namespace's init has no parent that a sibling could share. */
			CHECK_EQ(getpid(), 1);
			CHECK_EQ(try_clone(CLONE_PARENT | SIGCHLD), -EINVAL);
			CHECK_EQ(try_clone(SIGCHLD), 0);
		}
		CHECK_EQ(wait_exit(pid), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(old_call_takes_any_exit_signal)
{
	for (int sig = 65; sig < 256; sig += 19)
		CHECK_EQ(try_clone(sig), 0);
	block_signal(SIGRTMAX);
	CHECK_EQ(try_clone(SIGRTMAX), 0);
	CHECK(signal_pending(SIGRTMAX));
}

CASE(clone3_exit_signals)
{
	static const uint64_t bad[] = {65, 128, 255, 256, 1ULL << 32, (1ULL << 32) | SIGCHLD, -1};
	struct clone_args a = {.exit_signal = SIGRTMAX};

	block_signal(SIGRTMAX);
	CHECK_EQ(try_clone3(&a, sizeof(a)), 0);
	CHECK(signal_pending(SIGRTMAX));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		a.exit_signal = bad[i];
		CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	}
}

/* Its end is where memory ends: what is not part of the structure must not be read. */
CASE(clone3_sizes)
{
	char *page =
	    OK(mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct clone_args *a;

	OK(mprotect(page + 2 * PAGE, PAGE, PROT_NONE));
	for (size_t size = 0; size <= 2 * sizeof(*a); size++) {
		memset(page, 0, 2 * PAGE);
		a = (struct clone_args *)(page + 2 * PAGE - size);
		if (size >= CLONE_ARGS_SIZE_VER0)
			a->exit_signal = SIGCHLD;
		CHECK_EQ(try_clone3(a, size), size < CLONE_ARGS_SIZE_VER0 ? -EINVAL : 0);
	}
	memset(page, 0, 2 * PAGE);
	a = (struct clone_args *)page;
	a->exit_signal = SIGCHLD;
	CHECK_EQ(try_clone3(a, PAGE), 0);
	CHECK_EQ(try_clone3(a, PAGE + 1), -E2BIG);
	page[PAGE - 1] = 1;
	CHECK_EQ(try_clone3(a, PAGE - 1), 0);
	CHECK_EQ(try_clone3(a, PAGE), -E2BIG);
	a = (struct clone_args *)(page + 2 * PAGE - 100);
	a->exit_signal = SIGCHLD;
	CHECK_EQ(try_clone3(a, 200), -EFAULT);
	CHECK_EQ(try_clone3(NULL, sizeof(*a)), -EFAULT);
}

CASE(clone3_stacks)
{
	static const uint64_t bad[][2] = {
	    {4096, 0}, {0, 4096}, {0xffff888000000000, 4096}, {0x7fffffffe000, 0x2000}, {4096, -1}};
	struct clone_args a = {.exit_signal = SIGCHLD};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		a.stack = bad[i][0];
		a.stack_size = bad[i][1];
		CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	}
	/* The last byte of user space is one of it. */
	a.stack = 0x7fffffffe000;
	a.stack_size = 0xfff;
	CHECK_EQ(try_clone3(&a, sizeof(a)), 0);
}

CASE_ROOT(clone3_set_tids)
{
	pid_t tid[40] = {0};
	struct clone_args a = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)tid};
	static const pid_t bad[] = {0, -1, INT_MIN, 4194304, INT_MAX};

	a.set_tid_size = 1;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tid[0] = bad[i];
		CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	}
	tid[0] = 1;
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EEXIST);
	/* One number for each level there is, at most 32, and at least one. */
	a.set_tid_size = 33;
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	a.set_tid_size = 0;
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	a.set_tid_size = 1;
	a.set_tid = 0;
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	/* The numbers are fetched before the flags are looked at. */
	a.set_tid = 16;
	a.flags = 1ULL << 40;
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EFAULT);
}

CASE_ROOT(clone3_set_tid_needs_privilege)
{
	pid_t tid = 31234;
	struct clone_args a = {
	    .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&tid, .set_tid_size = 1};

	OK(setuid(1234));
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EPERM);
}

CASE_ROOT(clone3_set_tid_of_a_new_namespace)
{
	pid_t tid[2] = {2, 0};
	struct clone_args a = {.flags = CLONE_NEWPID,
			       .exit_signal = SIGCHLD,
			       .set_tid = (uintptr_t)tid,
			       .set_tid_size = 1};
	pid_t pid;

	/* It begins with number 1. */
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
	tid[0] = 1;
	CHECK_EQ(try_clone3(&a, sizeof(a)), 0);
	/* A number that was free a moment ago, for the level above. */
	CHILD(pid) {
	}
	CHECK_EQ(wait_exit(pid), 0);
	tid[1] = pid;
	a.set_tid_size = 2;
	pid = syscall(SYS_clone3, &a, sizeof(a));
	if (!pid)
		_exit(getpid() == 1 ? 0 : 1);
	if (pid < 0 && errno == EEXIST)
		SKIP("the number was taken by another process");
	CHECK_EQ(pid, tid[1]);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(clone3_into_cgroup_needs_its_size)
{
	struct clone_args a = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};

	a.cgroup = OK(open("/", O_RDONLY | O_DIRECTORY));
	CHECK_EQ(try_clone3(&a, CLONE_ARGS_SIZE_VER2), -EBADF); /* no directory of a cgroup */
	CHECK_EQ(try_clone3(&a, CLONE_ARGS_SIZE_VER1), -EINVAL);
	a.cgroup = (uint64_t)INT_MAX + 1;
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EINVAL);
}

CASE(bad_pointers_of_flags)
{
	struct clone_args a = {.flags = CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = 16};
	int fd = OK(dup(0));

	/* No descriptor is left behind. */
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EFAULT);
	close(fd);
	CHECK_EQ(dup(0), fd);
	/* Whoever names a bad place for a number does not get it, and that is all. */
	a = (struct clone_args){
	    .flags = CLONE_PARENT_SETTID, .exit_signal = SIGCHLD, .parent_tid = 16};
	CHECK_EQ(try_clone3(&a, sizeof(a)), 0);
	a = (struct clone_args){
	    .flags = CLONE_CHILD_SETTID, .exit_signal = SIGCHLD, .child_tid = 16};
	CHECK_EQ(try_clone3(&a, sizeof(a)), 0);
	a = (struct clone_args){.flags = CLONE_SETTLS, .exit_signal = SIGCHLD, .tls = 1UL << 63};
	CHECK_EQ(try_clone3(&a, sizeof(a)), -EPERM);
}

static volatile int go;

static int end_when_told(void *unused)
{
	(void)unused;
	while (!go)
		syscall(SYS_sched_yield);
	syscall(SYS_exit, 0);
	return 0;
}

/* Linux 6.9: the descriptor stands for the thread, whose end it tells, whoever else lives. */
CASE(pidfd_of_a_thread)
{
	struct pollfd p = {.events = POLLIN};
	char path[64];
	int fd = -1;
	long tid;

	tid = clone(end_when_told, stack + sizeof(stack),
		    CLONE_ALL_THREAD | CLONE_PIDFD | CLONE_FILES | CLONE_FS, NULL, &fd);
	if (tid < 0 && errno == EINVAL)
		SKIP("no pidfd for threads before Linux 6.9");
	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(fd, F_GETFL) & PIDFD_THREAD, PIDFD_THREAD);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	CHECK_EQ(proc_field(path, "Pid"), tid);
	p.fd = fd;
	CHECK_EQ(poll(&p, 1, 0), 0);
	OK(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	go = 1;
	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK(p.revents & POLLIN);
	/* Nobody waits for a thread: it is reaped by itself, and then the line is dead. */
	EVENTUALLY(poll(&p, 1, 0) == 1 && (p.revents & POLLHUP));
	CHECK_ERR(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), ESRCH);
}

CASE(pidfd_opened_of_a_thread)
{
	static char other[16384] __attribute__((aligned(16)));
	struct pollfd p = {.events = POLLIN};
	long tid = OK(clone(end_when_told, other + sizeof(other),
			    CLONE_ALL_THREAD | CLONE_FILES | CLONE_FS, NULL));

	p.fd = syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	if (p.fd < 0 && errno == EINVAL)
		SKIP("no pidfd for threads before Linux 6.9");
	CHECK(p.fd >= 0);
	CHECK_EQ(syscall(SYS_pidfd_open, tid, 0), -1);
	CHECK_EQ(poll(&p, 1, 0), 0);
	go = 1;
	CHECK_EQ(poll(&p, 1, -1), 1);
	EVENTUALLY(kill(tid, 0) < 0);
	CHECK_ERR(syscall(SYS_pidfd_open, tid, PIDFD_THREAD), ESRCH);
}

CASE(pidfd_hangs_up_when_reaped)
{
	pid_t pid;

	CHILD(pid) {
	}
	struct pollfd p = {.fd = NEED(syscall(SYS_pidfd_open, pid, 0)), .events = POLLIN};

	CHECK_EQ(poll(&p, 1, -1), 1);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	if (p.revents == POLLIN)
		SKIP("no POLLHUP from a pidfd before Linux 6.13");
	CHECK_EQ(p.revents, POLLIN | POLLHUP);
}

/* setuid(2) counts those who are the user's already, and exec is where it is paid for. */
CASE_ROOT(exec_answers_for_nproc)
{
	char *const argv[] = {"/no/such", NULL};
	struct gate g;
	pid_t pid;

	for (int there = 0; there < 3; there++)
		for (int limit = 0; limit < 4; limit++) {
			pid_t others[3];

			gate_init(&g);
			for (int i = 0; i < there; i++) {
				CHILD(others[i]) {
					OK(setuid(54399));
					gate_open(&g);
					for (;;)
						pause();
				}
				gate_wait(&g);
			}
			CHILD(pid) {
				OK(setrlimit(RLIMIT_NPROC, &(struct rlimit){limit, limit}));
				OK(setuid(54399));
				/* The parent's clean child: not it made the user too many. */
				CHECK_ERR(execv(argv[0], argv), there > limit ? EAGAIN : ENOENT);
			}
			CHECK_EQ(wait_exit(pid), 0);
			for (int i = 0; i < there; i++) {
				kill(others[i], SIGKILL);
				wait_status(others[i]);
			}
		}
}
