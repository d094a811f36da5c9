/* SPDX-License-Identifier: MIT */
/*
 * System calls for a program without a C library: the x86-64 convention of
 * syscall(2), results as the kernel gives them (negative errno).
 */
#ifndef GUEST_SYSCALLS_H
#define GUEST_SYSCALLS_H

#include <asm/unistd.h>

static inline long syscall4(long nr, long a, long b, long c, long d)
{
	register long r10 asm("r10") = d;
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
		     : "rcx", "r11", "memory");
	return ret;
}

static inline long syscall5(long nr, long a, long b, long c, long d, long e)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
		     : "rcx", "r11", "memory");
	return ret;
}

#define SYS0(name)	       syscall4(__NR_##name, 0, 0, 0, 0)
#define SYS1(name, a)	       syscall4(__NR_##name, (long)(a), 0, 0, 0)
#define SYS2(name, a, b)       syscall4(__NR_##name, (long)(a), (long)(b), 0, 0)
#define SYS3(name, a, b, c)    syscall4(__NR_##name, (long)(a), (long)(b), (long)(c), 0)
#define SYS4(name, a, b, c, d) syscall4(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d))
#define SYS5(name, a, b, c, d, e) \
	syscall5(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

#endif
