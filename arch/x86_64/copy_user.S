/* SPDX-License-Identifier: MIT */
/*
 * Block copies from, to and within user memory. Each returns in rax how many bytes were not done;
 * the callers in usercopy.c have checked the range. A string instruction that faults leaves in
 * rcx how much is left, exact to its unit; bytes before the faulting one of a partly readable
 * word are then moved one by one, so that the count is exact.
 */
	.text

.macro SITE insn
661:	\insn
	.pushsection .smap_sites, "a"
	.long 661b - .
	.popsection
.endm

.macro EX from, to
	.pushsection __ex_table, "a"
	.balign 4
	.long \from - ., \to - .
	.popsection
.endm

/* unsigned long __copy_user(void *to, const void *from, unsigned long n): either is user's. */
	.globl __copy_user
__copy_user:
	SITE stac
	movq %rdx, %rcx
	shrq $3, %rcx
	andl $7, %edx
1:	rep movsq
	movl %edx, %ecx
2:	rep movsb
3:	movq %rcx, %rax
	SITE clac
	ret
4:	leaq (%rdx, %rcx, 8), %rcx
	jmp 2b
	EX 1b, 4b
	EX 2b, 3b

/* unsigned long __clear_user(void *to, unsigned long n) */
	.globl __clear_user
__clear_user:
	SITE stac
	xorl %eax, %eax
	movq %rsi, %rcx
	shrq $3, %rcx
	andl $7, %esi
1:	rep stosq
	movl %esi, %ecx
2:	rep stosb
3:	movq %rcx, %rax
	SITE clac
	ret
4:	leaq (%rsi, %rcx, 8), %rcx
	jmp 2b
	EX 1b, 4b
	EX 2b, 3b

	.section .note.GNU-stack, "", @progbits
