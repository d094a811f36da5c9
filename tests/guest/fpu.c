/* SPDX-License-Identifier: MIT */
/* x87, SSE and AVX state: kept across preemption, calls, signals and forks; clean at exec. */
#include "harness.h"

#include <cpuid.h>
#include <fenv.h>
#include <pthread.h>

static bool have_avx(void)
{
	return __builtin_cpu_supports("avx");
}

struct ymm_trial {
	uint64_t in[16][4];
	uint64_t out[16][4];
	void (*wait)(void);
};

/* clang-format off */
#define LOAD(n)	 "vmovdqu " #n "*32(%0), %%ymm" #n "\n\t"
#define STORE(n) "vmovdqu %%ymm" #n ", 512+" #n "*32(%0)\n\t"
/* clang-format on */

/* Fill all sixteen ymm registers from a seed, wait as told, and compare: true when they kept. */
__attribute__((target("avx"))) static bool avx_round(uint64_t seed, void (*wait)(void))
{
	struct ymm_trial t = {.wait = wait};

	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 4; k++)
			t.in[i][k] = (seed + i * 4 + k) * 0x9e3779b97f4a7c15;
	asm volatile(LOAD(0) LOAD(1) LOAD(2) LOAD(3) LOAD(4) LOAD(5) LOAD(6) LOAD(7) LOAD(8) LOAD(9)
			 LOAD(10) LOAD(11) LOAD(12) LOAD(13) LOAD(14)
			     LOAD(15) "call *1024(%0)\n\t" STORE(0) STORE(1) STORE(2) STORE(3)
				 STORE(4) STORE(5) STORE(6) STORE(7) STORE(8) STORE(9) STORE(10)
				     STORE(11) STORE(12) STORE(13) STORE(14) STORE(15) "vzeroupper"
		     :
		     : "b"(&t)
		     : "memory", "cc", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
		       "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
		       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	return !memcmp(t.in, t.out, sizeof(t.in));
}

/* The ways to wait keep to system calls: no libc code that could use the registers itself. */
__attribute__((naked)) static void yield_raw(void)
{
	asm("mov $24, %eax\n\tsyscall\n\tret");
}

__attribute__((naked)) static void spin_raw(void)
{
	asm("mov $3000, %ecx\n\t1: pause\n\tdec %ecx\n\tjnz 1b\n\tret");
}

__attribute__((naked)) static void fault_raw(void)
{
	asm("movl $1, fpu_fault_target(%rip)\n\tret");
}

char fpu_fault_target[4096] __attribute__((aligned(4096), section(".data")));

static void *keep_avx(void *arg)
{
	for (long i = 0; i < scale(40); i++)
		if (!avx_round((long)arg * 1000 + i, i & 1 ? yield_raw : spin_raw))
			return (void *)1;
	return NULL;
}

CASE_OPT(avx_in_64_threads, .timeout = 60)
{
	pthread_t t[64];
	void *ret;

	if (!have_avx())
		SKIP("no AVX");
	for (long i = 0; i < 64; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, keep_avx, (void *)i), 0);
	for (int i = 0; i < 64; i++) {
		pthread_join(t[i], &ret);
		CHECK(!ret);
	}
}

CASE(avx_in_processes)
{
	pid_t pid[8];

	if (!have_avx())
		SKIP("no AVX");
	for (long i = 0; i < 8; i++) {
		CHILD(pid[i]) {
			CHECK(!keep_avx((void *)i));
		}
	}
	for (int i = 0; i < 8; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE(avx_across_page_fault)
{
	pid_t pid;

	if (!have_avx())
		SKIP("no AVX");
	fpu_fault_target[0] = 0;
	CHILD(pid) {
		CHECK(avx_round(5, fault_raw)); /* a copy-on-write fault inside */
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static volatile sig_atomic_t hits;

__attribute__((target("avx"))) static void clobber(int sig)
{
	(void)sig;
	asm volatile("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n\tvmovaps %%ymm0, %%ymm1\n\t"
		     "vmovaps %%ymm0, %%ymm7\n\tvmovaps %%ymm0, %%ymm15" ::
			 : "xmm0", "xmm1", "xmm7", "xmm15");
	hits++;
}

__attribute__((naked)) static void signal_self_raw(void)
{
	asm("mov $39, %eax\n\tsyscall\n\tmov %eax, %edi\n\tmov $10, %esi\n\t"
	    "mov $62, %eax\n\tsyscall\n\tret");
}

CASE(avx_across_signal_handler)
{
	if (!have_avx())
		SKIP("no AVX");
	on_signal(SIGUSR1, clobber, 0);
	CHECK(avx_round(9, signal_self_raw));
	CHECK_EQ(hits, 1);
}

__attribute__((naked)) static int fork_raw(void)
{
	asm("mov $57, %eax\n\tsyscall\n\tret");
}

CASE(child_has_parents_registers)
{
	uint64_t v = 0x1122334455667788, got;
	long pid;

	asm volatile("movq %2, %%xmm9\n\tcall *%3\n\tmovq %%xmm9, %1"
		     : "=a"(pid), "=r"(got)
		     : "r"(v), "r"(fork_raw)
		     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm9", "memory");
	if (!(int)pid)
		_exit(got == v ? 0 : 1);
	CHECK_EQ(got, v);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(mxcsr_is_per_thread_and_kept)
{
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		CHILD(pid[i]) {
			unsigned set = i ? 0x7f80 : 0x1f80, got;

			asm volatile("ldmxcsr %0" ::"m"(set));
			for (int k = 0; k < 500; k++) {
				sched_yield();
				asm volatile("stmxcsr %0" : "=m"(got));
				CHECK_EQ(got & 0xffc0, set);
			}
		}
	}
	for (int i = 0; i < 2; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE(x87_control_word_and_stack_are_kept)
{
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		CHILD(pid[i]) {
			unsigned short cw = i ? 0x27f : 0x37f, got;
			double d = 1.5 + i, back;

			asm volatile("fninit\n\tfldcw %0\n\tfldl %1" ::"m"(cw), "m"(d));
			for (int k = 0; k < 500; k++)
				yield_raw();
			asm volatile("fnstcw %0\n\tfstpl %1" : "=m"(got), "=m"(back));
			CHECK_EQ(got, cw);
			CHECK(back == d);
		}
	}
	for (int i = 0; i < 2; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

static volatile unsigned handler_mxcsr;

static void read_mxcsr(int sig)
{
	unsigned v;

	(void)sig;
	asm volatile("stmxcsr %0" : "=m"(v));
	handler_mxcsr = v;
	v = 0x1f80;
	asm volatile("ldmxcsr %0" ::"m"(v));
}

CASE(mxcsr_across_handler)
{
	unsigned v = 0x5f80;

	on_signal(SIGUSR1, read_mxcsr, 0);
	asm volatile("ldmxcsr %0" ::"m"(v));
	raise(SIGUSR1);
	asm volatile("stmxcsr %0" : "=m"(v));
	CHECK_EQ(v & 0xffc0, 0x5f80);
}

int role_main(const char *role, int argc, char **argv)
{
	unsigned v;
	unsigned short cw;

	(void)role;
	(void)argc;
	(void)argv;
	asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(v), "=m"(cw));
	return (v & 0xffc0) == 0x1f80 && cw == 0x37f ? 0 : 1;
}

CASE(exec_starts_clean)
{
	pid_t pid;

	CHILD(pid) {
		unsigned v = 0x7f80;
		unsigned short cw = 0x27f;

		asm volatile("ldmxcsr %0\n\tfldcw %1" ::"m"(v), "m"(cw));
		execl(self_path(), "guest", "--role", "state", (char *)NULL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static void *sum_series(void *arg)
{
	double s = 0;

	for (int i = 1; i < 20000; i++)
		s += 1.0 / ((double)i * i + (long)arg);
	return (void *)(long)(s * 1e12);
}

CASE(floating_sums_agree_between_threads)
{
	pthread_t t[16];
	void *ret, *want = sum_series((void *)3);

	for (int i = 0; i < 16; i++)
		pthread_create(&t[i], NULL, sum_series, (void *)3);
	for (int i = 0; i < 16; i++) {
		pthread_join(t[i], &ret);
		CHECK(ret == want);
	}
}
