/* SPDX-License-Identifier: MIT */
/* Limits, pinning, shared memory and sleeping tasks for the rows that need them. */
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* A kernel with a lower ceiling shows itself when the row asks for more than it gives. */
	if (write(fd, text, strlen(text)) < 0)
		lseek(fd, 0, SEEK_SET);
	close(fd);
}

/*
 * Let one user have as many tasks, files and queued signals as the largest row needs; and make
 * both kernels schedule alike: upstream groups tasks by session unless told not to, Debian's
 * kernel only when told to, and a level of groups more is on the way of every switch.
 */
void raise_limits(void)
{
	static const int limits[] = {RLIMIT_NPROC, RLIMIT_SIGPENDING};
	const struct rlimit files = {65536, 65536};
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	write_file("/proc/sys/kernel/pid_max", "4194304");
	write_file("/proc/sys/kernel/threads-max", "400000");
	write_file("/proc/sys/vm/max_map_count", "1000000");
	write_file("/proc/sys/vm/overcommit_memory", "1");
	/* Real-time load may fill the machine: its throttling is no part of a latency. */
	write_file("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	write_file("/proc/sys/kernel/sched_autogroup_enabled", "0");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		setrlimit(limits[i], &all);
	setrlimit(RLIMIT_NOFILE, &files);
}

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	check(sched_setaffinity(0, sizeof(set), &set));
}

int nr_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

void *shared_page(void)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(p);
	memset(p, 0, PAGE);
	return p;
}

/* Return @size bytes of anonymous memory, each 4 KiB page of it touched and of its own. */
void *touched(size_t size)
{
	char *p;

	if (!size)
		return NULL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(p);
	madvise(p, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < size; i += PAGE)
		*(volatile char *)(p + i) = 1;
	return p;
}

/* The number that @param starts with. */
long number(const char *param)
{
	return strtol(param, NULL, 10);
}

/*
 * Clone a task that waits on @word until it is no longer 0 and exits. It never
 * touches its stack, so all of them share the caller's: a sleeper costs what the
 * kernel spends on it and nothing else.
 */
static pid_t clone_sleeper(unsigned long flags, int *word)
{
	register long rax asm("rax") = SYS_clone;
	register long rdi asm("rdi") = flags;
	register long rsi asm("rsi") = 0;
	register long rdx asm("rdx") = 0;
	register long r10 asm("r10") = 0;
	register long r8 asm("r8") = 0;
	register long r12 asm("r12") = (long)word;

	asm volatile(
	    "syscall\n\t"
	    "test %%eax, %%eax\n\t"
	    "jnz 1f\n"
	    "2:\tmov %[futex], %%eax\n\t"
	    "mov %%r12, %%rdi\n\t"
	    "mov %[wait], %%esi\n\t"
	    "xor %%edx, %%edx\n\t"
	    "xor %%r10d, %%r10d\n\t"
	    "syscall\n\t"
	    "cmpl $0, (%%r12)\n\t"
	    "je 2b\n\t"
	    "mov %[exit], %%eax\n\t"
	    "xor %%edi, %%edi\n\t"
	    "syscall\n"
	    "1:"
	    : "+r"(rax), "+r"(rdi), "+r"(rsi), "+r"(rdx), "+r"(r10)
	    : "r"(r8),
	      "r"(r12), [futex] "i"(SYS_futex), [wait] "i"(FUTEX_WAIT), [exit] "i"(SYS_exit)
	    : "rcx", "r11", "memory", "cc");
	return rax;
}

/* Start @n sleepers on @word with the flags of clone(2); return the last one's pid. */
pid_t sleepers_start(unsigned long flags, unsigned int n, int *word)
{
	pid_t pid = 0;

	while (n--) {
		pid = clone_sleeper(flags, word);
		if (pid < 0)
			check_error(-pid);
	}
	return pid;
}

/* End and bury every sleeper on @word that is a child of the caller, and every other child. */
void sleepers_end(int *word)
{
	*(volatile int *)word = 1;
	futex_wake(word, 1 << 30);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
	*(volatile int *)word = 0;
}

/* Wait for the child @pid, or for any when it is -1; it must have ended well. */
void reap(pid_t pid)
{
	int status;

	check(waitpid(pid, &status, 0));
	if (status)
		fail("the child ended badly");
}

void futex_wait(int *word, int value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

void futex_wake(int *word, int n)
{
	syscall(SYS_futex, word, FUTEX_WAKE, n, NULL, NULL, 0);
}

const char *self_path(void)
{
	static char path[256];
	ssize_t n;

	if (!path[0]) {
		n = check(readlink("/proc/self/exe", path, sizeof(path) - 1));
		path[n] = '\0';
	}
	return path;
}
