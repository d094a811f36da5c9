/* SPDX-License-Identifier: MIT */
/*
 * Where a handler returns to when its program brought no restorer of its own. The two
 * instructions are those by which debuggers recognise a signal frame.
 */
#include <uapi/unistd.h>

	.text
	.balign 16
	nop			/* an unwinder looks at the byte before a return address */
	.globl vdso_rt_sigreturn
	.hidden vdso_rt_sigreturn
vdso_rt_sigreturn:
	movq $__NR_rt_sigreturn, %rax
	syscall

	.section .note.GNU-stack, "", @progbits
