/* SPDX-License-Identifier: MIT */
/* seccomp(2): strict mode, filters and each of their actions, threads, fork and exec, errors. */
#include "harness.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/ptrace.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The call nr gets the action, all others the next instruction. */
#define ON(nr, action) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), BPF_STMT(BPF_RET | BPF_K, (action))
#define ELSE(action) BPF_STMT(BPF_RET | BPF_K, (action))

static int seccomp(unsigned int op, unsigned int flags, void *args)
{
	return syscall(SYS_seccomp, op, flags, args);
}

static int load_filter(struct sock_filter *f, unsigned short n, unsigned int flags)
{
	struct sock_fprog prog = {n, f};

	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog);
}

#define INSTALL(flags, ...)                              \
	({                                               \
		struct sock_filter f_[] = {__VA_ARGS__}; \
		load_filter(f_, ARRAY_SIZE(f_), flags);  \
	})

CASE(strict_mode_allows_four_calls)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
		write(g.fd[1], "x", 1);
		syscall(SYS_exit, 7);
	}
	CHECK_EQ(wait_exit(pid), 7);
	gate_wait(&g);
	CHILD(pid) {
		OK(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
		syscall(SYS_getpid);
	}
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(errno_action)
{
	pid_t me = getpid();

	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 123),
		   ON(SYS_getpgrp, SECCOMP_RET_ERRNO | 5000), ON(SYS_sync, SECCOMP_RET_ERRNO),
		   ELSE(SECCOMP_RET_ALLOW)));
	CHECK_ERR(syscall(SYS_getppid), 123);
	CHECK_ERR(syscall(SYS_getpgrp), 4095);
	CHECK_EQ(syscall(SYS_sync), 0);
	CHECK_EQ(syscall(SYS_getpid), me);
	CHECK_EQ(proc_field("/proc/self/status", "Seccomp"), 2);
	CHECK_EQ(proc_field("/proc/self/status", "Seccomp_filters"), 1);
	CHECK_EQ(prctl(PR_GET_SECCOMP), 2);
}

CASE(arguments_and_architecture)
{
	OK(INSTALL(0, LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		   ELSE(SECCOMP_RET_KILL_PROCESS), LOAD(nr),
		   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup, 1, 0), ELSE(SECCOMP_RET_ALLOW),
		   LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 100, 0, 1),
		   ELSE(SECCOMP_RET_ERRNO | EXDEV), ELSE(SECCOMP_RET_ALLOW)));
	CHECK_ERR(dup(100), EXDEV);
	CHECK_ERR(dup(99), EBADF);
	OK(close(OK(dup(0))));
}

static volatile siginfo_t seen;
static volatile long seen_ax;

static void note_sigsys(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	memcpy((void *)&seen, si, sizeof(*si));
	seen_ax = uc->uc_mcontext.gregs[REG_RAX];
	uc->uc_mcontext.gregs[REG_RAX] = 4711;
}

CASE(trap_action)
{
	on_siginfo(SIGSYS, note_sigsys, 0);
	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_TRAP | 77), ELSE(SECCOMP_RET_ALLOW)));
	CHECK_EQ(syscall(SYS_getppid), 4711);
	CHECK_EQ(seen.si_signo, SIGSYS);
	CHECK_EQ(seen.si_code, 1); /* SYS_SECCOMP */
	CHECK_EQ(seen.si_errno, 77);
	CHECK_EQ(seen.si_syscall, SYS_getppid);
	CHECK_EQ(seen.si_arch, AUDIT_ARCH_X86_64);
	CHECK(seen.si_call_addr != NULL);
	CHECK_EQ(seen_ax, SYS_getppid);
}

static void *forbidden_call(void *arg)
{
	syscall(SYS_getppid);
	return arg;
}

CASE(kill_process_action)
{
	pid_t pid;

	CHILD(pid) {
		pthread_t t;

		signal(SIGSYS, SIG_IGN);
		OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_KILL_PROCESS),
			   ELSE(SECCOMP_RET_ALLOW)));
		pthread_create(&t, NULL, forbidden_call, NULL);
		pthread_join(t, NULL);
	}
	CHECK_EQ(wait_killed(pid), SIGSYS);
}

CASE(kill_thread_action)
{
	pid_t pid;

	CHILD(pid) {
		pthread_t t;

		OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_KILL_THREAD),
			   ELSE(SECCOMP_RET_ALLOW)));
		pthread_create(&t, NULL, forbidden_call, NULL);
		EVENTUALLY(proc_field("/proc/self/status", "Threads") == 1);
		_exit(5);
	}
	CHECK_EQ(wait_exit(pid), 5);
	CHILD(pid) {
		OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_KILL_THREAD),
			   ELSE(SECCOMP_RET_ALLOW)));
		syscall(SYS_getppid);
	}
	CHECK_EQ(wait_killed(pid), SIGSYS);
}

CASE(the_strictest_filter_wins)
{
	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 1), ELSE(SECCOMP_RET_ALLOW)));
	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ALLOW),
		   ON(SYS_getpgrp, SECCOMP_RET_ERRNO | 2), ELSE(SECCOMP_RET_ALLOW)));
	CHECK_ERR(syscall(SYS_getppid), 1);
	CHECK_ERR(syscall(SYS_getpgrp), 2);
	/* Of equals the newest. */
	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 3), ELSE(SECCOMP_RET_ALLOW)));
	CHECK_ERR(syscall(SYS_getppid), 3);
	CHECK_EQ(proc_field("/proc/self/status", "Seccomp_filters"), 3);
}

int role_main(const char *role, int argc, char **argv)
{
	(void)role, (void)argc, (void)argv;
	return syscall(SYS_getppid) == -1 && errno == 2222 ? 0 : 1;
}

CASE(children_and_programs_keep_it)
{
	pid_t pid;

	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 2222),
		   ELSE(SECCOMP_RET_ALLOW)));
	CHILD(pid) {
		CHECK_ERR(syscall(SYS_getppid), 2222);
		execl(self_path(), self_path(), "--role", "child", NULL);
		_exit(99);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(trace_action_without_a_tracer)
{
	OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_TRACE | 1), ELSE(SECCOMP_RET_ALLOW)));
	CHECK_ERR(syscall(SYS_getppid), ENOSYS);
}

CASE(trace_action_asks_the_tracer)
{
	struct __ptrace_syscall_info info;
	unsigned long data = 0;
	int status;
	pid_t pid;

	CHILD(pid) {
		OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		OK(INSTALL(0, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_TRACE | 55),
			   ELSE(SECCOMP_RET_ALLOW)));
		CHECK_EQ(syscall(SYS_getppid), getppid());
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP));
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
		OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &data));
		CHECK_EQ(data, 55);
		CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) >= 84);
		CHECK_EQ(info.op, PTRACE_SYSCALL_INFO_SECCOMP);
		CHECK_EQ(info.seccomp.nr, SYS_getppid);
		CHECK_EQ(info.seccomp.ret_data, 55);
		OK(ptrace(PTRACE_CONT, pid, 0, 0));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static volatile int stage;

static void *call_later(void *arg)
{
	(void)arg;
	while (!stage)
		nap();
	errno = 0;
	syscall(SYS_getppid);
	return (void *)(long)errno;
}

CASE(tsync_reaches_all_threads)
{
	pthread_t t[3];
	void *err;

	for (int i = 0; i < 3; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, call_later, NULL), 0);
	OK(INSTALL(SECCOMP_FILTER_FLAG_TSYNC, LOAD(nr), ON(SYS_getppid, SECCOMP_RET_ERRNO | 44),
		   ELSE(SECCOMP_RET_ALLOW)));
	stage = 1;
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(pthread_join(t[i], &err), 0);
		CHECK_EQ((long)err, 44);
	}
}

static volatile pid_t strayed_tid;

static void *install_own(void *arg)
{
	OK(INSTALL(0, ELSE(SECCOMP_RET_ALLOW)));
	strayed_tid = gettid();
	while (!stage)
		nap();
	return arg;
}

CASE(tsync_fails_for_a_thread_with_filters_of_its_own)
{
	pthread_t t;

	stage = 0;
	CHECK_EQ(pthread_create(&t, NULL, install_own, NULL), 0);
	while (!strayed_tid)
		nap();
	CHECK_EQ(INSTALL(SECCOMP_FILTER_FLAG_TSYNC, ELSE(SECCOMP_RET_ALLOW)), strayed_tid);
	CHECK_ERR(INSTALL(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
			  ELSE(SECCOMP_RET_ALLOW)),
		  ESRCH);
	CHECK_EQ(proc_field("/proc/thread-self/status", "Seccomp"), 0);
	stage = 1;
	pthread_join(t, NULL);
}

CASE_ROOT(needs_no_new_privs_or_a_capability)
{
	struct sock_filter f[] = {ELSE(SECCOMP_RET_ALLOW)};
	struct sock_fprog prog = {1, f};
	pid_t pid;

	CHILD(pid) {
		OK(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog));
		OK(setuid(1000));
		CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog), EACCES);
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		OK(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(errors)
{
	static struct sock_filter many[BPF_MAXINSNS + 1];
	struct sock_fprog prog = {0, many};
	unsigned int action = SECCOMP_RET_ERRNO;

	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK_ERR(seccomp(99, 0, NULL), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_STRICT, 0, &prog), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL), EFAULT);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 1u << 31, &prog), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog), EINVAL);
	prog.len = BPF_MAXINSNS + 1;
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog), EINVAL);
	prog = (struct sock_fprog){1, no_access_page()};
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog), EFAULT);
	OK(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action));
	action = 0x12340000;
	CHECK_ERR(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP);
	CHECK_ERR(prctl(PR_SET_SECCOMP, 3), EINVAL);
}

/* Programs that could run astray: each is refused as a whole. */
CASE(bad_programs)
{
#define REFUSED(...) CHECK_ERR(INSTALL(0, __VA_ARGS__), EINVAL)
	REFUSED(LOAD(nr));						/* no end */
	REFUSED(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), ELSE(0));		/* past the end */
	REFUSED(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), ELSE(0)); /* the same */
	REFUSED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ELSE(0));	/* behind the data */
	REFUSED(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ELSE(0));	/* not aligned */
	REFUSED(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), ELSE(0));	/* half words */
	REFUSED(BPF_STMT(BPF_LD | BPF_MEM, 3), ELSE(0));		/* never written */
	REFUSED(BPF_STMT(BPF_ST, 16), ELSE(0));
	REFUSED(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ELSE(0));
	REFUSED(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), ELSE(0));
	REFUSED(BPF_STMT(0xffff, 0), ELSE(0));
	/* One of two ways to the load has not written it. */
	REFUSED(LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0), BPF_STMT(BPF_ST, 2),
		BPF_STMT(BPF_LD | BPF_MEM, 2), BPF_STMT(BPF_RET | BPF_A, 0));
}

/* Each kind of instruction at work: the result comes out as an errno. */
CASE(arithmetic)
{
	OK(INSTALL(0, LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
		   ELSE(SECCOMP_RET_ALLOW), BPF_STMT(BPF_LD | BPF_IMM, 7),
		   BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 6), /* 42 */
		   BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LDX | BPF_MEM, 3),
		   BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), /* 84 */
		   BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2), /* 21 */
		   BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3), /* 168 */
		   BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), /* 4 */
		   BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
		   BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 0x9c), /* 0x60 */
		   BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 3),     /* 0x63 */
		   BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), /* 64 */
		   BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),				   /* 163 */
		   BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		   BPF_STMT(BPF_RET | BPF_A, 0)));
	CHECK_ERR(syscall(SYS_getppid), 163);
}

CASE(division_by_zero_in_x_kills)
{
	pid_t pid;

	CHILD(pid) {
		OK(INSTALL(0, LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
			   ELSE(SECCOMP_RET_ALLOW), BPF_STMT(BPF_LDX | BPF_IMM, 0),
			   BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), ELSE(SECCOMP_RET_ALLOW)));
		syscall(SYS_getppid);
	}
	CHECK_EQ(wait_killed(pid), SIGSYS);
}
