/* SPDX-License-Identifier: MIT */
/* Signals: sending, handlers and their flags, masks, alternate stacks, restart and EINTR. */
#include "harness.h"

#include <pthread.h>
#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/ucontext.h>

static volatile sig_atomic_t hits, last_signal, order[16];
static volatile siginfo_t info;

static void count(int sig)
{
	if (hits < 16)
		order[hits] = sig;
	hits++;
	last_signal = sig;
}

static void keep_info(int sig, siginfo_t *si, void *ctx)
{
	(void)ctx;
	count(sig);
	memcpy((void *)&info, si, sizeof(info));
}

CASE(handler_runs)
{
	on_signal(SIGUSR1, count, 0);
	OK(kill(getpid(), SIGUSR1));
	CHECK_EQ(hits, 1);
	CHECK_EQ(last_signal, SIGUSR1);
}

CASE(every_catchable_signal)
{
	int expected = 0;

	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP || (sig >= 32 && sig < SIGRTMIN))
			continue;
		on_signal(sig, count, 0);
		OK(raise(sig));
		CHECK_EQ(hits, ++expected);
		CHECK_EQ(last_signal, sig);
	}
}

CASE(kill_and_stop_cannot_be_caught)
{
	struct sigaction sa = {.sa_handler = count};

	CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	sa.sa_handler = SIG_IGN;
	CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(0, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(65, &sa, NULL), EINVAL);
	OK(sigaction(SIGKILL, NULL, &sa));
	CHECK(sa.sa_handler == SIG_DFL);
}

CASE(ignored_is_discarded)
{
	signal(SIGUSR2, SIG_IGN);
	raise(SIGUSR2);
	signal(SIGUSR2, count);
	CHECK_EQ(hits, 0);
}

CASE(ignored_while_blocked_stays_pending)
{
	/* It may get a handler before it is unblocked, so it is kept until then. */
	signal(SIGUSR1, SIG_IGN);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	CHECK(signal_pending(SIGUSR1));
	signal(SIGUSR1, count);
	unblock_signal(SIGUSR1);
	CHECK_EQ(hits, 1);
}

CASE(setting_ignore_flushes_pending)
{
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	CHECK(signal_pending(SIGUSR1));
	signal(SIGUSR1, SIG_IGN);
	CHECK(!signal_pending(SIGUSR1));
}

CASE(blocked_is_delivered_at_unblock)
{
	on_signal(SIGUSR1, count, 0);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	CHECK_EQ(hits, 0);
	unblock_signal(SIGUSR1);
	CHECK_EQ(hits, 1);
}

CASE(standard_signals_do_not_queue)
{
	on_signal(SIGUSR1, count, 0);
	block_signal(SIGUSR1);
	for (int i = 0; i < 5; i++)
		raise(SIGUSR1);
	unblock_signal(SIGUSR1);
	CHECK_EQ(hits, 1);
}

static volatile sig_atomic_t nested_mask_ok;

static void check_mask(int sig)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	nested_mask_ok = sigismember(&set, sig) && sigismember(&set, SIGUSR2);
	count(sig);
}

CASE(own_signal_and_sa_mask_block_in_handler)
{
	struct sigaction sa = {.sa_handler = check_mask};
	sigset_t set;

	sigaddset(&sa.sa_mask, SIGUSR2);
	OK(sigaction(SIGUSR1, &sa, NULL));
	raise(SIGUSR1);
	CHECK(nested_mask_ok);
	OK(sigprocmask(SIG_BLOCK, NULL, &set));
	CHECK(!sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2));
}

static volatile sig_atomic_t depth, max_depth;

static void recurse(int sig)
{
	depth++;
	if (depth > max_depth)
		max_depth = depth;
	if (depth < 5)
		raise(sig);
	depth--;
}

CASE(nodefer_nests)
{
	on_signal(SIGUSR1, recurse, SA_NODEFER);
	raise(SIGUSR1);
	CHECK_EQ(max_depth, 5);
}

static void raise_once(int sig)
{
	count(sig);
	if (hits == 1)
		raise(sig);
	depth = hits;
}

CASE(without_nodefer_does_not_nest)
{
	on_signal(SIGUSR1, raise_once, 0);
	raise(SIGUSR1);
	CHECK_EQ(hits, 2);
}

CASE(resethand_is_one_shot)
{
	struct sigaction sa;

	on_signal(SIGUSR1, count, SA_RESETHAND);
	raise(SIGUSR1);
	OK(sigaction(SIGUSR1, NULL, &sa));
	CHECK(sa.sa_handler == SIG_DFL);
	CHECK_EQ(hits, 1);
}

CASE(sigaction_returns_old)
{
	struct sigaction sa = {.sa_handler = count, .sa_flags = SA_RESTART | SA_NOCLDSTOP}, old;

	sigaddset(&sa.sa_mask, SIGINT);
	OK(sigaction(SIGTERM, &sa, &old));
	CHECK(old.sa_handler == SIG_DFL);
	OK(sigaction(SIGTERM, NULL, &old));
	CHECK(old.sa_handler == count);
	CHECK_EQ(old.sa_flags & (SA_RESTART | SA_NOCLDSTOP | SA_NODEFER),
		 SA_RESTART | SA_NOCLDSTOP);
	CHECK(sigismember(&old.sa_mask, SIGINT) && !sigismember(&old.sa_mask, SIGHUP));
}

CASE(siginfo_of_kill)
{
	on_siginfo(SIGUSR1, keep_info, 0);
	OK(kill(getpid(), SIGUSR1));
	CHECK_EQ(info.si_signo, SIGUSR1);
	CHECK_EQ(info.si_code, SI_USER);
	CHECK_EQ(info.si_pid, getpid());
	CHECK_EQ(info.si_uid, getuid());
}

CASE(siginfo_of_tgkill)
{
	on_siginfo(SIGUSR1, keep_info, 0);
	OK(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
	CHECK_EQ(info.si_code, SI_TKILL);
	CHECK_EQ(info.si_pid, getpid());
}

CASE(siginfo_of_child)
{
	pid_t pid;

	on_siginfo(SIGCHLD, keep_info, 0);
	CHILD(pid) {
		_exit(19);
	}
	EVENTUALLY(hits);
	CHECK_EQ(info.si_code, CLD_EXITED);
	CHECK_EQ(info.si_pid, pid);
	CHECK_EQ(info.si_status, 19);
}

static char *volatile handler_sp;

static void note_stack(int sig)
{
	handler_sp = __builtin_frame_address(0);
	count(sig);
}

CASE(altstack_is_used)
{
	char *mem = malloc(65536);
	stack_t ss = {.ss_sp = mem, .ss_size = 65536}, old;

	OK(sigaltstack(&ss, &old));
	CHECK(old.ss_flags & SS_DISABLE);
	on_signal(SIGUSR1, note_stack, SA_ONSTACK);
	on_signal(SIGUSR2, note_stack, 0);
	raise(SIGUSR1);
	CHECK(handler_sp > mem && handler_sp < mem + 65536);
	raise(SIGUSR2);
	CHECK(!(handler_sp > mem && handler_sp < mem + 65536));
}

static void query_onstack(int sig)
{
	stack_t ss;

	(void)sig;
	sigaltstack(NULL, &ss);
	nested_mask_ok = ss.ss_flags & SS_ONSTACK;
	errno = 0;
	depth = sigaltstack(&ss, NULL) == -1 ? errno : 0;
}

CASE(altstack_in_use_cannot_change)
{
	stack_t ss = {.ss_sp = malloc(65536), .ss_size = 65536};

	OK(sigaltstack(&ss, NULL));
	on_signal(SIGUSR1, query_onstack, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(nested_mask_ok);
	CHECK_EQ(depth, EPERM);
}

CASE(altstack_errors)
{
	stack_t ss = {.ss_sp = malloc(65536), .ss_size = 1024};

	CHECK_ERR(sigaltstack(&ss, NULL), ENOMEM);
	ss.ss_size = 65536;
	ss.ss_flags = 12345;
	CHECK_ERR(sigaltstack(&ss, NULL), EINVAL);
	ss.ss_flags = SS_DISABLE;
	OK(sigaltstack(&ss, NULL));
}

/* As large as AT_MINSIGSTKSZ says, at each alignment: the frame fits. */
CASE(altstack_of_the_least_size)
{
	long least = getauxval(AT_MINSIGSTKSZ);

	CHECK(least >= 512 + 64);
	CHECK_EQ(sysconf(_SC_MINSIGSTKSZ), least);
	if (least < MINSIGSTKSZ)
		least = MINSIGSTKSZ;
	for (int shift = 0; shift < 64; shift += 8) {
		/* What the handler itself needs lies below the stack. */
		char *mem = (char *)malloc(65536) + 16384 + shift;
		stack_t ss = {.ss_sp = mem, .ss_size = least};

		OK(sigaltstack(&ss, NULL));
		on_signal(SIGUSR1, note_stack, SA_ONSTACK);
		handler_sp = NULL;
		raise(SIGUSR1);
		CHECK(handler_sp > mem - 256 && handler_sp < mem + least);
	}
}

static sigjmp_buf env;

static void jump_out(int sig)
{
	siglongjmp(env, sig);
}

CASE(segv_on_exhausted_stack_with_altstack)
{
	static char mem[65536];
	stack_t ss = {.ss_sp = mem, .ss_size = sizeof(mem)};

	setrlimit(RLIMIT_STACK, &(struct rlimit){1 << 20, RLIM_INFINITY});
	OK(sigaltstack(&ss, NULL));
	on_signal(SIGSEGV, jump_out, SA_ONSTACK);
	int sig = sigsetjmp(env, 1);

	if (!sig) {
		volatile char *sp = (char *)&ss;

		for (;;) {
			sp -= 1024;
			*sp = 1;
		}
	}
	CHECK_EQ(sig, SIGSEGV);
}

CASE(siglongjmp_restores_mask)
{
	sigset_t set;

	on_signal(SIGUSR1, jump_out, 0);
	if (!sigsetjmp(env, 1))
		raise(SIGUSR1);
	OK(sigprocmask(SIG_BLOCK, NULL, &set));
	CHECK(!sigismember(&set, SIGUSR1));
}

CASE(registers_survive_handler)
{
	long out;

	on_signal(SIGUSR1, count, 0);
	asm volatile("mov %[sig], %%esi\n\t"
		     "mov %[pid], %%edi\n\t"
		     "mov $62, %%eax\n\t"
		     "mov $0x1111, %%r8\n\tmov $0x2222, %%r9\n\tmov $0x3333, %%r10\n\t"
		     "mov $0x4444, %%r12\n\tmov $0x5555, %%rbx\n\t"
		     "syscall\n\t"
		     "add %%r8, %%rax\n\tadd %%r9, %%rax\n\tadd %%r10, %%rax\n\t"
		     "add %%r12, %%rax\n\tadd %%rbx, %%rax\n\t"
		     : "=a"(out)
		     : [sig] "i"(SIGUSR1), [pid] "r"(getpid())
		     : "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "rbx", "rcx", "memory");
	CHECK_EQ(hits, 1);
	CHECK_EQ(out, 0xffff);
}

static void skip_instruction(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	count(sig);
	memcpy((void *)&info, si, sizeof(info));
	uc->uc_mcontext.gregs[REG_RIP] += 2;
	uc->uc_mcontext.gregs[REG_RAX] = 0x77;
}

CASE(handler_may_change_registers)
{
	long rax;

	on_siginfo(SIGILL, skip_instruction, 0);
	asm volatile("ud2" : "=a"(rax)::"memory");
	CHECK_EQ(rax, 0x77);
	CHECK_EQ(info.si_code, ILL_ILLOPN);
}

CASE(sigreturn_restores_flags)
{
	unsigned long flags;

	on_signal(SIGUSR1, count, 0);
	asm volatile("std\n\tmov %1, %%edi\n\tmov %2, %%esi\n\tmov $62, %%eax\n\tsyscall\n\t"
		     "pushf\n\tpop %0\n\tcld"
		     : "=r"(flags)
		     : "r"(getpid()), "i"(SIGUSR1)
		     : "rax", "rdi", "rsi", "rcx", "r11", "memory");
	CHECK_EQ(hits, 1);
	CHECK(flags & 0x400);
}

CASE(pause_returns_eintr)
{
	pid_t me = getpid(), pid;

	on_signal(SIGUSR1, count, SA_RESTART);
	CHILD(pid) {
		await_state(me, "S");
		kill(me, SIGUSR1);
	}
	CHECK_ERR(pause(), EINTR);
	wait_status(pid);
}

CASE(sigsuspend_swaps_mask)
{
	sigset_t none, set;

	on_signal(SIGUSR1, count, 0);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&none);
	CHECK_ERR(sigsuspend(&none), EINTR);
	CHECK_EQ(hits, 1);
	OK(sigprocmask(SIG_BLOCK, NULL, &set));
	CHECK(sigismember(&set, SIGUSR1));
}

static void interrupt_me_when_asleep(int sig)
{
	pid_t me = getpid(), pid;

	CHILD(pid) {
		await_state(me, "S");
		kill(me, sig);
	}
}

CASE(read_of_pipe_is_interrupted)
{
	int fd[2];
	char c;

	OK(pipe(fd));
	on_signal(SIGUSR1, count, 0);
	interrupt_me_when_asleep(SIGUSR1);
	CHECK_ERR(read(fd[0], &c, 1), EINTR);
	CHECK_EQ(hits, 1);
}

static int restart_fd;

static void write_one(int sig)
{
	count(sig);
	write(restart_fd, "z", 1);
}

CASE(read_of_pipe_is_restarted)
{
	int fd[2];
	char c = 0;

	OK(pipe(fd));
	restart_fd = fd[1];
	on_signal(SIGUSR1, write_one, SA_RESTART);
	interrupt_me_when_asleep(SIGUSR1);
	CHECK_EQ(read(fd[0], &c, 1), 1);
	CHECK_EQ(c, 'z');
}

CASE(nanosleep_reports_remaining)
{
	struct timespec ts = {.tv_sec = 100}, rem = {0};

	on_signal(SIGUSR1, count, SA_RESTART);
	interrupt_me_when_asleep(SIGUSR1);
	CHECK_ERR(nanosleep(&ts, &rem), EINTR);
	CHECK(rem.tv_sec >= 80 && rem.tv_sec <= 100);
}

CASE(poll_is_never_restarted)
{
	on_signal(SIGUSR1, count, SA_RESTART);
	interrupt_me_when_asleep(SIGUSR1);
	CHECK_ERR(poll(NULL, 0, 100000), EINTR);
}

CASE(ignored_signal_does_not_interrupt)
{
	int fd[2];
	char c = 0;
	pid_t me = getpid(), pid;

	OK(pipe(fd));
	signal(SIGUSR1, SIG_IGN);
	CHILD(pid) {
		await_state(me, "S");
		kill(me, SIGUSR1);
		await_state(me, "S");
		write(fd[1], "y", 1);
	}
	CHECK_EQ(read(fd[0], &c, 1), 1);
	wait_status(pid);
}

static void *wait_for_hit(void *arg)
{
	(void)arg;
	EVENTUALLY(hits);
	return (void *)(long)gettid();
}

static volatile pid_t handled_by;

static void note_thread(int sig)
{
	handled_by = gettid();
	count(sig);
}

CASE(thread_directed_signal)
{
	pthread_t t;
	void *tid;

	on_signal(SIGUSR1, note_thread, 0);
	pthread_create(&t, NULL, wait_for_hit, NULL);
	CHECK_EQ(pthread_kill(t, SIGUSR1), 0);
	pthread_join(t, &tid);
	CHECK_EQ(handled_by, (long)tid);
}

CASE(process_directed_goes_to_a_thread_that_takes_it)
{
	pthread_t t;
	void *tid;

	on_signal(SIGUSR1, note_thread, 0);
	pthread_create(&t, NULL, wait_for_hit, NULL);
	block_signal(SIGUSR1);
	OK(kill(getpid(), SIGUSR1));
	pthread_join(t, &tid);
	CHECK_EQ(handled_by, (long)tid);
}

static void *block_and_report(void *arg)
{
	(void)arg;
	block_signal(SIGUSR1);
	pthread_kill(pthread_self(), SIGUSR1);
	return (void *)(long)signal_pending(SIGUSR1);
}

CASE(masks_and_pending_are_per_thread)
{
	pthread_t t;
	void *ret;

	pthread_create(&t, NULL, block_and_report, NULL);
	pthread_join(t, &ret);
	CHECK_EQ((long)ret, 1);
	CHECK(!signal_pending(SIGUSR1));
}

CASE(handler_stack_is_aligned)
{
	on_signal(SIGUSR1, note_stack, 0);
	/* The ABI's alignment at a call makes the saved frame pointer lie on 16 bytes. */
	for (int i = 0; i < 4; i++) {
		raise(SIGUSR1);
		CHECK_EQ((long)handler_sp % 16, 0);
	}
	CHECK_EQ(hits, 4);
}

CASE(lowest_number_first)
{
	sigset_t set;

	sigemptyset(&set);
	for (int sig = SIGRTMIN; sig < SIGRTMIN + 5; sig++) {
		on_signal(sig, count, 0);
		sigaddset(&set, sig);
	}
	struct sigaction sa = {.sa_handler = count, .sa_mask = set};

	for (int sig = SIGRTMIN; sig < SIGRTMIN + 5; sig++)
		OK(sigaction(sig, &sa, NULL));
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	for (int sig = SIGRTMIN + 4; sig >= SIGRTMIN; sig--)
		raise(sig);
	OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
	CHECK_EQ(hits, 5);
	/* All frames are pushed before the first handler runs unless sa_mask holds them back. */
	for (int i = 0; i < 5; i++)
		CHECK_EQ(order[i], SIGRTMIN + i);
}

CASE(sigprocmask_bad_how)
{
	sigset_t set;

	sigemptyset(&set);
	CHECK_ERR(sigprocmask(77, &set, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 4), EINVAL);
	CHECK_ERR(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
}

CASE(unreadable_frame_kills)
{
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	CHILD(pid) {
		on_signal(SIGUSR1, count, 0);
		asm volatile("mov %0, %%edi\n\tmov %1, %%esi\n\tmov $62, %%eax\n\t"
			     "mov $0x1000, %%rsp\n\tsyscall\n\t1: jmp 1b"
			     :
			     : "r"(getpid()), "i"(SIGUSR1)
			     : "rdi", "rsi", "rax", "rcx", "r11");
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

CASE(storm_from_two_senders)
{
	pid_t me = getpid(), a, b;

	on_signal(SIGUSR1, count, SA_RESTART);
	on_signal(SIGUSR2, count, SA_RESTART);
	CHILD(a) {
		for (int i = 0; i < 2000; i++)
			kill(me, SIGUSR1);
	}
	CHILD(b) {
		for (int i = 0; i < 2000; i++)
			kill(me, SIGUSR2);
	}
	CHECK_EQ(wait_exit(a), 0);
	CHECK_EQ(wait_exit(b), 0);
	CHECK(hits >= 2);
}
