/* SPDX-License-Identifier: MIT */
/*
 * What a kernel costs before its first instruction: a kernel that only tells, on the
 * first serial port, how far the time-stamp counter (0 at the machine's reset) had
 * come when the loader entered it, and switches the machine off.
 *
 * Entered by the PVH protocol: 32-bit, flat segments, no paging, no stack.
 */
#define COM1	 0x3f8
#define EXIT	 0xf4
#define PVH_NOTE 18 /* the note type that gives the physical address of a 32-bit entry */
#define DIGITS	 8

	.section .note, "a", @note
	.align	4
	.long	4, 4, PVH_NOTE
	.asciz	"Xen"
	.long	_start

	.section .text
	.code32
	.globl	_start
_start:
	rdtsc
	mov	%eax, %ebx
	mov	$prefix, %esi
	mov	$COM1, %edx
1:	lodsb
	test	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
	/* The firmware takes well below 2^32 ticks: eight hexadecimal digits, the highest first. */
2:	mov	$DIGITS, %ecx
3:	rol	$4, %ebx
	mov	%ebx, %eax
	and	$0xf, %eax
	mov	digits(%eax), %al
	outb	%al, %dx
	dec	%ecx
	jnz	3b
	mov	$'\n', %al
	outb	%al, %dx
	xor	%eax, %eax
	outl	%eax, $EXIT
4:	hlt
	jmp	4b

prefix:
	.asciz	"ticks 0x"
digits:
	.ascii	"0123456789abcdef"
