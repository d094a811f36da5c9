/* SPDX-License-Identifier: MIT */
/* rseq(2) and the membarrier(2) commands. The C library's own registration is taken back first. */
#include "harness.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/rseq.h>
#include <sys/time.h>

#define SIG RSEQ_SIG

static struct rseq area __attribute__((aligned(32)));
static volatile int aborted;

static long do_rseq(void *r, unsigned int len, int flags, unsigned int sig)
{
	return syscall(SYS_rseq, r, len, flags, sig);
}

/* Our own structure in place of the library's. */
static void own_area(void)
{
	struct rseq *lib = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		OK(do_rseq(lib, 32, RSEQ_FLAG_UNREGISTER, SIG));
	memset(&area, 0, sizeof(area));
	area.cpu_id = RSEQ_CPU_ID_UNINITIALIZED;
	NEED(do_rseq(&area, 32, 0, SIG));
}

CASE(cpu_follows_affinity)
{
	cpu_set_t all, one;

	own_area();
	CHECK(area.cpu_id == area.cpu_id_start);
	OK(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		CHECK_EQ(*(volatile uint32_t *)&area.cpu_id, cpu);
		CHECK_EQ(*(volatile uint32_t *)&area.cpu_id_start, cpu);
		CHECK_EQ(sched_getcpu(), cpu);
	}
}

CASE(registration_rules)
{
	static char other[64] __attribute__((aligned(32)));

	own_area();
	CHECK_ERR(do_rseq(&area, 32, 0, SIG), EBUSY);
	CHECK_ERR(do_rseq(&area, 32, 0, SIG + 1), EPERM);
	CHECK_ERR(do_rseq(other, 32, 0, SIG), EINVAL);
	CHECK_ERR(do_rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG + 1), EPERM);
	CHECK_ERR(do_rseq(other, 32, RSEQ_FLAG_UNREGISTER, SIG), EINVAL);
	CHECK_ERR(do_rseq(&area, 64, RSEQ_FLAG_UNREGISTER, SIG), EINVAL);
	CHECK_ERR(do_rseq(&area, 32, RSEQ_FLAG_UNREGISTER | 2, SIG), EINVAL);
	OK(do_rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG));
	CHECK_EQ((int)area.cpu_id, RSEQ_CPU_ID_UNINITIALIZED);
	CHECK_ERR(do_rseq(&area, 32, RSEQ_FLAG_UNREGISTER, SIG), EINVAL);
	CHECK_ERR(do_rseq(other + 8, 32, 0, SIG), EINVAL);
	CHECK_ERR(do_rseq(other, 16, 0, SIG), EINVAL);
	CHECK_ERR(do_rseq(other, 32, 2, SIG), EINVAL);
	CHECK_ERR(do_rseq((void *)(1UL << 47), 32, 0, SIG), EFAULT);
	OK(do_rseq(other, 32, 0, 1));
}

/* Spins in a sequence until something aborts it; the signature is the argument. */
#define SPIN_IN_SEQUENCE(sig_text)                                                              \
	__asm__ volatile goto(".pushsection .data, \"aw\"\n\t.balign 32\n"                      \
			      "3:\t.long 0, 0\n\t.quad 1f, 2f - 1f, 4f\n\t.popsection\n"        \
			      "leaq 3b(%%rip), %%rax\n\tmovq %%rax, %0\n"                       \
			      "1:\tpause\n\tjmp 1b\n2:\n"                                       \
			      ".pushsection .text.unlikely, \"ax\"\n\t.byte 0x0f, 0xb9, 0x3d\n" \
			      "\t.long " sig_text "\n4:\tjmp %l[aborted_here]\n\t.popsection\n" \
			      :                                                                 \
			      : "m"(area.rseq_cs)                                               \
			      : "rax", "memory", "cc"                                           \
			      : aborted_here)

static bool spin_until_abort(void)
{
	SPIN_IN_SEQUENCE("0x53053053");
	return false;
aborted_here:
	aborted++;
	return true;
}

static void nothing(int sig __attribute__((unused)))
{
}

static void pin(void)
{
	bind_to(0, OK(sched_getcpu()));
}

CASE(signal_aborts)
{
	struct itimerval t = {.it_value = {0, 20000}};

	own_area();
	on_signal(SIGALRM, nothing, 0);
	OK(setitimer(ITIMER_REAL, &t, NULL));
	CHECK(spin_until_abort());
	CHECK_EQ(area.rseq_cs, 0);
}

/* Another spinner on the same CPU takes it away sooner or later. */
CASE(preemption_aborts)
{
	pid_t pid;

	own_area();
	pin();
	CHILD(pid) {
		for (;;)
			;
	}
	CHECK(spin_until_abort());
	CHECK(spin_until_abort());
	OK(kill(pid, SIGKILL));
	wait_killed(pid);
}

/* What stops for its tracer gives up its CPU as well, though it was not preempted. */
CASE(ptrace_stop_aborts)
{
	int status, ready[2];
	pid_t pid;
	char c;

	OK(pipe(ready));
	CHILD(pid) {
		own_area();
		OK(write(ready[1], "", 1));
		CHECK(spin_until_abort());
	}
	OK(read(ready[0], &c, 1));
	OK(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
	/* It may be stopped before it comes to its sequence, and be gone when it is to be again. */
	for (;;) {
		usleep(20000);
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
		OK(waitpid(pid, &status, 0));
		if (!WIFSTOPPED(status))
			break;
		OK(ptrace(PTRACE_CONT, pid, NULL, NULL));
	}
	CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
}

CASE(wrong_signature_kills)
{
	pid_t pid;

	own_area();
	CHILD(pid) {
		struct itimerval t = {.it_value = {0, 20000}};

		on_signal(SIGALRM, nothing, 0);
		OK(setitimer(ITIMER_REAL, &t, NULL));
		SPIN_IN_SEQUENCE("0x12345678");
	aborted_here:
		_exit(1);
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

CASE(bad_descriptor_kills)
{
	pid_t pid, other;

	own_area();
	pin();
	CHILD(other) {
		for (;;)
			;
	}
	CHILD(pid) {
		area.rseq_cs = 8; /* nothing is mapped there */
		for (int64_t until = now_ms() + 5000; now_ms() < until;)
			;
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
	OK(kill(other, SIGKILL));
	wait_killed(other);
}

CASE(fork_keeps_it_threads_do_not)
{
	pid_t pid;

	own_area();
	CHILD(pid) {
		CHECK_ERR(do_rseq(&area, 32, 0, SIG), EBUSY);
		CHECK_EQ(*(volatile uint32_t *)&area.cpu_id,
			 *(volatile uint32_t *)&area.cpu_id_start);
		CHECK(*(volatile uint32_t *)&area.cpu_id < CPU_SETSIZE);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static long membarrier(int cmd, unsigned int flags, int cpu)
{
	return syscall(SYS_membarrier, cmd, flags, cpu);
}

CASE(membarrier_needs_registration)
{
	static const int cmd[][2] = {
	    {MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED},
	    {MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
	     MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE},
	    {MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ},
	};
	long all = NEED(membarrier(MEMBARRIER_CMD_QUERY, 0, 0));

	for (unsigned int i = 0; i < ARRAY_SIZE(cmd); i++) {
		if (!(all & cmd[i][0]))
			continue;
		CHECK_ERR(membarrier(cmd[i][0], 0, 0), EPERM);
		OK(membarrier(cmd[i][1], 0, 0));
		OK(membarrier(cmd[i][1], 0, 0));
		OK(membarrier(cmd[i][0], 0, 0));
		CHECK_ERR(membarrier(cmd[i][0], 2, 0), EINVAL);
	}
	OK(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
	OK(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
	OK(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
	CHECK_ERR(membarrier(MEMBARRIER_CMD_GLOBAL, 1, 0), EINVAL);
	CHECK_ERR(membarrier(MEMBARRIER_CMD_QUERY, 1, 0), EINVAL);
}

static void *spinner(void *arg)
{
	struct rseq *lib = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		OK(do_rseq(lib, 32, RSEQ_FLAG_UNREGISTER, SIG));
	area.cpu_id = RSEQ_CPU_ID_UNINITIALIZED;
	OK(do_rseq(&area, 32, 0, SIG));
	*(volatile int *)arg = 1;
	CHECK(spin_until_abort());
	return NULL;
}

CASE(membarrier_aborts_sequences)
{
	volatile int started = 0;
	pthread_t t;

	if (!(NEED(membarrier(MEMBARRIER_CMD_QUERY, 0, 0)) & MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ))
		SKIP("no membarrier for rseq");
	if (cpu_count() < 2)
		SKIP("one CPU");
	OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0));
	CHECK_EQ(pthread_create(&t, NULL, spinner, (void *)&started), 0);
	EVENTUALLY(started && *(volatile uint64_t *)&area.rseq_cs);
	do {
		OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0));
		nap();
	} while (!aborted);
	CHECK_EQ(pthread_join(t, NULL), 0);
}
