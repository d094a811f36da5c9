/* SPDX-License-Identifier: MIT */
/*
 * The program that stands in for init (rdinit=) when start-up is measured. Its first
 * act is to read the time-stamp counter, which starts at 0 when the machine does;
 * then it notes the free memory, writes both to a file and becomes the real init.
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/sysinfo.h>

#include "../../tools/guest/syscalls.h"

static char *put_decimal(char *end, unsigned long n)
{
	do
		*--end = '0' + n % 10;
	while (n /= 10);
	return end;
}

__attribute__((noreturn, used)) void first(unsigned long ticks, long *stack)
{
	struct sysinfo info;
	char text[64], *end = text + sizeof(text), *p = end;
	char **argv = (char **)(stack + 1), **envp = argv + *stack + 1;
	long fd;

	SYS1(sysinfo, &info);
	*--p = '\n';
	p = put_decimal(p, info.freeram * info.mem_unit);
	*--p = ' ';
	p = put_decimal(p, ticks);
	fd = SYS3(open, "/bench-boot", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	SYS3(write, fd, p, end - p);
	SYS1(close, fd);
	SYS3(execve, "/init", argv, envp);
	SYS1(exit_group, 1);
	__builtin_unreachable();
}

asm(".globl _start\n"
    "_start:\n\t"
    "rdtsc\n\t"
    "shl $32, %rdx\n\t"
    "lea (%rdx,%rax), %rdi\n\t"
    "mov %rsp, %rsi\n\t"
    "and $-16, %rsp\n\t"
    "call first\n");
