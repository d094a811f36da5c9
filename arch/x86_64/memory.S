/* SPDX-License-Identifier: MIT */
/*
 * memcpy, memmove and memset. Up to 32 bytes: pieces that overlap in the middle, all loaded
 * before any is stored, so that no length needs a loop and the areas may overlap. Beyond: eight
 * bytes a step by one string instruction, and the last eight once more for the rest.
 * No state, any context.
 */
	.text

/* void *memmove(void *to, const void *from, size_t n) */
	.globl memmove
	.type memmove, @function
memmove:
	movq %rdi, %rcx
	subq %rsi, %rcx
	cmpq %rdx, %rcx			/* to in (from, from + n), unsigned: backwards */
	jae memcpy
	cmpq $32, %rdx
	jbe memcpy
	movq %rdi, %rax
	movq (%rsi), %r8		/* the first eight, stored last */
1:	movq -8(%rsi, %rdx), %rcx
	movq %rcx, -8(%rdi, %rdx)
	subq $8, %rdx
	cmpq $8, %rdx
	ja 1b
	movq %r8, (%rdi)
	ret

/* void *memcpy(void *to, const void *from, size_t n) */
	.globl memcpy
	.type memcpy, @function
memcpy:
	movq %rdi, %rax
	cmpq $32, %rdx
	ja 4f
	cmpq $16, %rdx
	jae 3f
	cmpq $8, %rdx
	jae 2f
	cmpq $4, %rdx
	jae 1f
	testq %rdx, %rdx
	jz 5f
	movzbl (%rsi), %ecx		/* 1 to 3: first, middle, last */
	movzbl -1(%rsi, %rdx), %r8d
	movq %rdx, %r9
	shrq $1, %r9
	movzbl (%rsi, %r9), %r10d
	movb %cl, (%rdi)
	movb %r10b, (%rdi, %r9)
	movb %r8b, -1(%rdi, %rdx)
5:	ret
1:	movl (%rsi), %ecx
	movl -4(%rsi, %rdx), %r8d
	movl %ecx, (%rdi)
	movl %r8d, -4(%rdi, %rdx)
	ret
2:	movq (%rsi), %rcx
	movq -8(%rsi, %rdx), %r8
	movq %rcx, (%rdi)
	movq %r8, -8(%rdi, %rdx)
	ret
3:	movq (%rsi), %rcx
	movq 8(%rsi), %r8
	movq -16(%rsi, %rdx), %r9
	movq -8(%rsi, %rdx), %r10
	movq %rcx, (%rdi)
	movq %r8, 8(%rdi)
	movq %r9, -16(%rdi, %rdx)
	movq %r10, -8(%rdi, %rdx)
	ret
4:	movq -8(%rsi, %rdx), %r8
	leaq -8(%rdi, %rdx), %r9
	movq %rdx, %rcx
	shrq $3, %rcx
	rep movsq
	movq %r8, (%r9)
	ret

/* void *memset(void *to, int c, size_t n) */
	.globl memset
	.type memset, @function
memset:
	movq %rdi, %r9
	movzbl %sil, %eax
	movabsq $0x0101010101010101, %rcx
	imulq %rcx, %rax
	cmpq $32, %rdx
	ja 4f
	cmpq $16, %rdx
	jae 3f
	cmpq $8, %rdx
	jae 2f
	cmpq $4, %rdx
	jae 1f
	testq %rdx, %rdx
	jz 5f
	movb %al, (%rdi)
	movb %al, -1(%rdi, %rdx)
	shrq $1, %rdx
	movb %al, (%rdi, %rdx)
5:	movq %r9, %rax
	ret
1:	movl %eax, (%rdi)
	movl %eax, -4(%rdi, %rdx)
	jmp 5b
2:	movq %rax, (%rdi)
	movq %rax, -8(%rdi, %rdx)
	jmp 5b
3:	movq %rax, (%rdi)
	movq %rax, 8(%rdi)
	movq %rax, -16(%rdi, %rdx)
	movq %rax, -8(%rdi, %rdx)
	jmp 5b
4:	movq %rax, -8(%rdi, %rdx)
	movq %rdx, %rcx
	shrq $3, %rcx
	rep stosq
	jmp 5b

	.section .note.GNU-stack, "", @progbits
