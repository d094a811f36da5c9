/* SPDX-License-Identifier: MIT */
/* ptrace(2): attaching, stops, registers and memory, steps, system calls, events. */
#include "harness.h"

#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#define TRACE(req, pid, addr, data) \
	OK(ptrace((enum __ptrace_request)(req), pid, (void *)(long)(addr), (void *)(long)(data)))

static pid_t traced_fork(void)
{
	pid_t pid = xfork();

	if (!pid) {
		TRACE(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
	}
	return pid;
}

/* A block run by a traced child after it has stopped itself by SIGSTOP. */
#define TRACEE(pid) for ((pid) = traced_fork(); (pid) == 0; _exit(0))

static int stop_of(pid_t pid)
{
	int status = wait_status(pid);

	if (!WIFSTOPPED(status))
		FAIL("status is %#x, expected a stop", status);
	return status >> 8;
}

static void expect_stop(pid_t pid, int sig)
{
	CHECK_EQ(stop_of(pid), sig);
}

static void let_go(pid_t pid)
{
	TRACE(PTRACE_DETACH, pid, 0, 0);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	for (;;) {
		int status = wait_status(pid);

		if (WIFSIGNALED(status) || WIFEXITED(status))
			return;
	}
}

CASE(traceme_stops_on_signal)
{
	pid_t pid;

	TRACEE(pid) {
		_exit(5);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 5);
}

CASE(traceme_twice_fails)
{
	pid_t pid;

	CHILD(pid) {
		TRACE(PTRACE_TRACEME, 0, 0, 0);
		CHECK_ERR(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(signal_can_be_suppressed_or_changed)
{
	pid_t pid;

	TRACEE(pid) {
		raise(SIGTERM);
		raise(SIGTERM);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTERM);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTERM);
	TRACE(PTRACE_CONT, pid, 0, SIGUSR1);
	CHECK_EQ(wait_killed(pid), SIGUSR1);
}

CASE(sigkill_needs_no_tracer)
{
	pid_t pid;

	TRACEE(pid) {
		_exit(0);
	}
	expect_stop(pid, SIGSTOP);
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(peek_and_poke)
{
	static long word = 0x1122334455667788;
	pid_t pid;

	TRACEE(pid) {
		_exit(word == 42 ? 0 : 1);
	}
	expect_stop(pid, SIGSTOP);
	errno = 0;
	CHECK_EQ(ptrace(PTRACE_PEEKDATA, pid, &word, 0), 0x1122334455667788);
	TRACE(PTRACE_POKEDATA, pid, &word, 42);
	CHECK_ERR(ptrace(PTRACE_PEEKDATA, pid, 8, 0), EIO);
	CHECK_ERR(ptrace(PTRACE_POKEDATA, pid, 8, 0), EIO);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(word, 0x1122334455667788);
}

CASE(poke_of_read_only_text_copies)
{
	pid_t pid;
	long *text = (long *)((long)peek_and_poke & ~7L), before = *text;

	TRACEE(pid) {
		_exit(*text == 99 ? 0 : 1);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_POKETEXT, pid, text, 99);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(*text, before);
}

CASE(getregs_and_setregs)
{
	struct user_regs_struct regs;
	pid_t pid;

	CHILD(pid) {
		TRACE(PTRACE_TRACEME, 0, 0, 0);
		long r;

		asm volatile("mov $0x1234567, %%r12\n\tint3\n\tmov %%r12, %0"
			     : "=r"(r)
			     :
			     : "r12", "memory");
		_exit(r == 0x7654 ? 0 : 1);
	}
	expect_stop(pid, SIGTRAP);
	TRACE(PTRACE_GETREGS, pid, 0, &regs);
	CHECK_EQ(regs.r12, 0x1234567);
	CHECK_EQ(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, r12), 0),
		 0x1234567);
	regs.r12 = 0x7654;
	TRACE(PTRACE_SETREGS, pid, 0, &regs);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(regset_of_general_registers)
{
	struct user_regs_struct regs;
	struct iovec iov = {&regs, sizeof(regs)};
	pid_t pid;

	TRACEE(pid) {
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_GETREGSET, pid, 1, &iov);
	CHECK_EQ(iov.iov_len, sizeof(regs));
	CHECK(regs.rip && regs.rsp);
	CHECK_EQ(regs.orig_rax, SYS_tgkill);
	CHECK_EQ(regs.rax, 0);
	end(pid);
}

CASE(fpregs)
{
	struct user_fpregs_struct fp;
	pid_t pid;

	CHILD(pid) {
		TRACE(PTRACE_TRACEME, 0, 0, 0);
		unsigned long v = 0xabcdef;

		asm volatile("movq %0, %%xmm5\n\tint3\n\tmovq %%xmm5, %0" : "+r"(v)::"xmm5");
		_exit(v == 0x55 ? 0 : 1);
	}
	expect_stop(pid, SIGTRAP);
	TRACE(PTRACE_GETFPREGS, pid, 0, &fp);
	CHECK_EQ(fp.xmm_space[5 * 4], 0xabcdef);
	fp.xmm_space[5 * 4] = 0x55;
	TRACE(PTRACE_SETFPREGS, pid, 0, &fp);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(single_step)
{
	struct user_regs_struct a, b;
	siginfo_t si;
	pid_t pid;

	CHILD(pid) {
		TRACE(PTRACE_TRACEME, 0, 0, 0);
		asm volatile("int3\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop");
		_exit(3);
	}
	expect_stop(pid, SIGTRAP);
	TRACE(PTRACE_GETREGS, pid, 0, &a);
	for (int i = 1; i < 6; i++) {
		TRACE(PTRACE_SINGLESTEP, pid, 0, 0);
		expect_stop(pid, SIGTRAP);
		TRACE(PTRACE_GETREGS, pid, 0, &b);
		CHECK_EQ(b.rip - a.rip, i);
		CHECK_EQ(b.eflags & 0x100, 0);
	}
	TRACE(PTRACE_GETSIGINFO, pid, 0, &si);
	CHECK_EQ(si.si_signo, SIGTRAP);
	CHECK_EQ(si.si_code, TRAP_TRACE);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 3);
}

CASE(syscall_stops)
{
	struct user_regs_struct regs;
	pid_t pid;

	TRACEE(pid) {
		_exit(syscall(SYS_getppid) == 777 ? 0 : 1);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	do {
		TRACE(PTRACE_SYSCALL, pid, 0, 0);
		expect_stop(pid, SIGTRAP | 0x80);
		TRACE(PTRACE_GETREGS, pid, 0, &regs);
	} while (regs.orig_rax != SYS_getppid);
	CHECK_EQ((long)regs.rax, -ENOSYS);
	TRACE(PTRACE_SYSCALL, pid, 0, 0);
	expect_stop(pid, SIGTRAP | 0x80);
	TRACE(PTRACE_GETREGS, pid, 0, &regs);
	CHECK_EQ(regs.rax, getpid());
	regs.rax = 777;
	TRACE(PTRACE_SETREGS, pid, 0, &regs);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(syscall_can_be_replaced)
{
	struct user_regs_struct regs;
	pid_t pid;

	TRACEE(pid) {
		_exit(syscall(SYS_getppid) == getpid() ? 0 : 1);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	do {
		TRACE(PTRACE_SYSCALL, pid, 0, 0);
		expect_stop(pid, SIGTRAP | 0x80);
		TRACE(PTRACE_GETREGS, pid, 0, &regs);
	} while (regs.orig_rax != SYS_getppid);
	regs.orig_rax = SYS_getpid;
	TRACE(PTRACE_SETREGS, pid, 0, &regs);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(exec_gives_sigtrap)
{
	pid_t pid;

	CHILD(pid) {
		TRACE(PTRACE_TRACEME, 0, 0, 0);
		execl(self_path(), "guest", "-l", (char *)NULL);
	}
	expect_stop(pid, SIGTRAP);
	end(pid);
}

CASE(event_exec)
{
	unsigned long old;
	pid_t pid;

	TRACEE(pid) {
		execl(self_path(), "guest", "-l", (char *)NULL);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_EXEC << 8);
	TRACE(PTRACE_GETEVENTMSG, pid, 0, &old);
	CHECK_EQ(old, pid);
	end(pid);
}

static void *exec_in_a_thread(void *arg)
{
	execl(self_path(), "guest", "-l", (char *)NULL);
	return arg;
}

/* The thread comes back under the leader's id; the message has the one that it had. */
CASE(event_exec_of_a_thread)
{
	unsigned long tid, old;
	int status;
	pid_t pid;

	TRACEE(pid) {
		pthread_t t;

		pthread_create(&t, NULL, exec_in_a_thread, NULL);
		for (;;)
			pause();
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0,
	      PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_CLONE << 8);
	TRACE(PTRACE_GETEVENTMSG, pid, 0, &tid);
	CHECK_EQ(waitpid(tid, &status, __WALL), tid);
	CHECK(WIFSTOPPED(status));
	TRACE(PTRACE_CONT, pid, 0, 0);
	TRACE(PTRACE_CONT, tid, 0, 0);
	CHECK_EQ(waitpid(-1, &status, __WALL), pid);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_EXEC << 8);
	TRACE(PTRACE_GETEVENTMSG, pid, 0, &old);
	CHECK_EQ(old, tid);
	CHECK_ERR(waitpid(tid, NULL, __WALL), ECHILD);
	end(pid);
}

CASE(event_fork_attaches_child)
{
	unsigned long child;
	pid_t pid;

	TRACEE(pid) {
		pid_t grandchild = fork();

		if (!grandchild)
			_exit(7);
		_exit(wait_exit(grandchild));
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_FORK << 8);
	TRACE(PTRACE_GETEVENTMSG, pid, 0, &child);
	expect_stop(child, SIGSTOP);
	TRACE(PTRACE_CONT, child, 0, 0);
	CHECK_EQ(wait_exit(child), 7);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGCHLD);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 7);
}

CASE(event_exit)
{
	unsigned long status;
	pid_t pid;

	TRACEE(pid) {
		_exit(9);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	TRACE(PTRACE_GETEVENTMSG, pid, 0, &status);
	CHECK_EQ(status, 9 << 8);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 9);
}

CASE(event_vfork_and_done)
{
	unsigned long child;
	pid_t pid;

	TRACEE(pid) {
		pid_t grandchild = vfork();

		if (!grandchild)
			_exit(0);
		_exit(6);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_VFORK << 8);
	TRACE(PTRACE_GETEVENTMSG, pid, 0, &child);
	expect_stop(child, SIGSTOP);
	TRACE(PTRACE_CONT, pid, 0, 0);
	TRACE(PTRACE_CONT, child, 0, 0);
	CHECK_EQ(wait_exit(child), 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8);
	TRACE(PTRACE_CONT, pid, 0, 0);
	int status = wait_status(pid);

	if (WIFSTOPPED(status)) {
		TRACE(PTRACE_CONT, pid, 0, 0);
		status = wait_status(pid);
	}
	CHECK_EQ(WEXITSTATUS(status), 6);
}

CASE(attach_and_detach)
{
	pid_t pid = waiting_child();

	TRACE(PTRACE_ATTACH, pid, 0, 0);
	expect_stop(pid, SIGSTOP);
	CHECK_EQ(proc_state(pid), 't');
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	CHECK_EQ(proc_field(path, "TracerPid"), getpid());
	let_go(pid);
	await_state(pid, "S");
	CHECK_EQ(proc_field(path, "TracerPid"), 0);
	end(pid);
}

/* A child that has stopped, as its parent has seen. */
static pid_t stopped_child(void)
{
	pid_t pid = waiting_child();
	int status;

	OK(kill(pid, SIGSTOP));
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	return pid;
}

static void *wait_for_it(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	CHECK_EQ(wait_killed(pid), SIGKILL);
	return NULL;
}

/* What stands still goes over into a trap, before the call returns. */
CASE(attach_to_stopped)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = stopped_child(), other = stopped_child();
		pthread_t thread;

		CHECK_EQ(pthread_create(&thread, NULL, wait_for_it, &other), 0);
		TRACE(PTRACE_ATTACH, pid, 0, 0);
		CHECK_EQ(proc_state(pid), 't');
		expect_stop(pid, SIGSTOP);
		let_go(pid);
		end(pid);
		OK(kill(other, SIGKILL));
		CHECK_EQ(pthread_join(thread, NULL), 0);
	}
}

CASE(seize_stopped)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = stopped_child();

		TRACE(PTRACE_SEIZE, pid, 0, 0);
		CHECK_EQ(proc_state(pid), 't');
		expect_stop(pid, SIGSTOP | PTRACE_EVENT_STOP << 8);
		OK(kill(pid, SIGCONT));
		TRACE(PTRACE_CONT, pid, 0, 0);
		expect_stop(pid, SIGTRAP | PTRACE_EVENT_STOP << 8);
		TRACE(PTRACE_CONT, pid, 0, 0);
		expect_stop(pid, SIGCONT);
		end(pid);
	}
}

/* The SIGCONT that came before PTRACE_LISTEN, in the trap, is told after it. */
CASE(listen_tells_what_came_before)
{
	pid_t pid = stopped_child();

	TRACE(PTRACE_SEIZE, pid, 0, 0);
	OK(kill(pid, SIGCONT));
	expect_stop(pid, SIGSTOP | PTRACE_EVENT_STOP << 8);
	TRACE(PTRACE_LISTEN, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_STOP << 8);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGCONT);
	TRACE(PTRACE_CONT, pid, 0, 0);
	end(pid);
}

CASE(detach_with_signal)
{
	pid_t pid = waiting_child();

	TRACE(PTRACE_ATTACH, pid, 0, 0);
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_DETACH, pid, 0, SIGTERM);
	CHECK_EQ(wait_killed(pid), SIGTERM);
}

CASE(attach_errors)
{
	pid_t pid = waiting_child();

	CHECK_ERR(ptrace(PTRACE_ATTACH, 0x7ffffff0, 0, 0), ESRCH);
	CHECK_ERR(ptrace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	CHECK_ERR(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);
	TRACE(PTRACE_ATTACH, pid, 0, 0);
	expect_stop(pid, SIGSTOP);
	CHECK_ERR(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
	CHECK_ERR(ptrace(PTRACE_CONT, pid, 0, 1000), EIO);
	CHECK_ERR(ptrace(PTRACE_SETOPTIONS, pid, 0, 1 << 30), EINVAL);
	CHECK_ERR(ptrace(9999, pid, 0, 0), EIO);
	end(pid);
}

CASE_ROOT(attach_needs_permission)
{
	pid_t pid = waiting_child(), other;

	CHILD(other) {
		OK(setuid(1000));
		CHECK_ERR(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
		CHECK_ERR(ptrace(PTRACE_SEIZE, pid, 0, 0), EPERM);
	}
	CHECK_EQ(wait_exit(other), 0);
	end(pid);
}

CASE(seize_and_interrupt)
{
	pid_t pid = waiting_child();

	TRACE(PTRACE_SEIZE, pid, 0, 0);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	TRACE(PTRACE_INTERRUPT, pid, 0, 0);
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_STOP << 8);
	TRACE(PTRACE_CONT, pid, 0, 0);
	await_state(pid, "S");
	end(pid);
}

CASE(listen_keeps_group_stop)
{
	pid_t pid = waiting_child();

	TRACE(PTRACE_SEIZE, pid, 0, 0);
	OK(kill(pid, SIGSTOP));
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_CONT, pid, 0, SIGSTOP);
	expect_stop(pid, SIGSTOP | PTRACE_EVENT_STOP << 8);
	TRACE(PTRACE_LISTEN, pid, 0, 0);
	OK(kill(pid, SIGCONT));
	expect_stop(pid, SIGTRAP | PTRACE_EVENT_STOP << 8);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGCONT);
	end(pid);
}

CASE(exitkill_takes_tracee_along)
{
	volatile pid_t *tracee = shared(PAGE);
	int fd[2];
	char c;
	pid_t tracer;

	OK(pipe(fd));
	CHILD(tracer) {
		pid_t pid = waiting_child();

		*tracee = pid;
		TRACE(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL);
	}
	close(fd[1]);
	CHECK_EQ(wait_exit(tracer), 0);
	CHECK_EQ(read(fd[0], &c, 1), 0);
}

CASE(tracer_exit_lets_tracee_run)
{
	int fd[2];
	char c;
	pid_t pid, tracer;

	OK(pipe(fd));
	CHILD(pid) {
		while (read(fd[0], &c, 1) == 1)
			if (c == 'e')
				_exit(0);
	}
	CHILD(tracer) {
		TRACE(PTRACE_ATTACH, pid, 0, 0);
		expect_stop(pid, SIGSTOP);
	}
	CHECK_EQ(wait_exit(tracer), 0);
	CHECK_EQ(write(fd[1], "e", 1), 1);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(siginfo_get_and_set)
{
	siginfo_t si;
	pid_t pid;

	TRACEE(pid) {
		sigset_t set;

		block_signal(SIGUSR2);
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		_exit(0);
	}
	expect_stop(pid, SIGSTOP);
	TRACE(PTRACE_GETSIGINFO, pid, 0, &si);
	CHECK_EQ(si.si_signo, SIGSTOP);
	CHECK_EQ(si.si_pid, pid);
	si.si_value.sival_int = 7;
	TRACE(PTRACE_SETSIGINFO, pid, 0, &si);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(process_vm_readv_and_writev)
{
	static char text[32] = "hello there";
	char got[32] = "";
	pid_t pid;
	struct gate g;

	gate_init(&g);
	CHILD(pid) {
		strcpy(text, "from child");
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	struct iovec local = {got, 32}, remote = {text, 32}, bad = {(void *)8, 32};

	CHECK_EQ(NEED(process_vm_readv(pid, &local, 1, &remote, 1, 0)), 32);
	CHECK_STR(got, "from child");
	strcpy(got, "written");
	CHECK_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), 32);
	memset(got, 0, sizeof(got));
	CHECK_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), 32);
	CHECK_STR(got, "written");
	CHECK_ERR(process_vm_readv(pid, &local, 1, &bad, 1, 0), EFAULT);
	CHECK_ERR(process_vm_readv(0x7ffffff0, &local, 1, &remote, 1, 0), ESRCH);
	CHECK_ERR(process_vm_readv(pid, &local, 1, &remote, 1, 1), EINVAL);
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE(proc_mem_reads_and_writes)
{
	static long word = 5;
	char path[64];
	long v = 0;
	pid_t pid = waiting_child();

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = NEED(open(path, O_RDWR));

	CHECK_EQ(pread(fd, &v, 8, (long)&word), 8);
	CHECK_EQ(v, 5);
	v = 6;
	CHECK_EQ(pwrite(fd, &v, 8, (long)&word), 8);
	CHECK_EQ(pread(fd, &v, 8, (long)&word), 8);
	CHECK_EQ(v, 6);
	CHECK_EQ(word, 5);
	CHECK_ERR(pread(fd, &v, 8, 8), EIO);
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE(hardware_watchpoint)
{
	static volatile long word;
	siginfo_t si;
	pid_t pid;

	TRACEE(pid) {
		word = 1;
		_exit(0);
	}
	expect_stop(pid, SIGSTOP);
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), &word))
		SKIP("no debug registers");
	TRACE(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0xd0001);
	TRACE(PTRACE_CONT, pid, 0, 0);
	expect_stop(pid, SIGTRAP);
	TRACE(PTRACE_GETSIGINFO, pid, 0, &si);
	CHECK_EQ(si.si_code, TRAP_HWBKPT);
	CHECK_EQ(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[6]), 0) & 1, 1);
	TRACE(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(wait_exit(pid), 0);
}
