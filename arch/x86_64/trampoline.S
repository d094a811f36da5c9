/* SPDX-License-Identifier: MIT */
/*
 * Where a secondary CPU begins: real mode, at the page that the start-up IPI names. The code is
 * copied to TRAMPOLINE_BASE; it goes straight through protected into long mode and jumps to
 * secondary_startup_64 in the image. It writes nothing, so many CPUs may run it at once.
 */
#include <asm/segment.h>

#define KERNEL_MAP	0xffffffff80000000
#define pa(sym)		((sym) - KERNEL_MAP)
#define low(sym)	(TRAMPOLINE_BASE + (sym) - trampoline_start)

	.section .rodata
	.balign 16
	.globl trampoline_start, trampoline_end
	.code16
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl tr_gdt_ptr - trampoline_start
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $0x08, $low(tr_32)

	.code32
tr_32:
	movl $0x18, %eax
	movl %eax, %ds
	movl %eax, %ss
	movl %cr4, %eax
	orl $0xa0, %eax
	movl %eax, %cr4
	movl $pa(trampoline_pgd), %eax
	movl %eax, %cr3
	movl low(tr_efer), %eax
	movl $MSR_EFER_NR, %ecx
	xorl %edx, %edx
	wrmsr
	movl $0x80010033, %eax
	movl %eax, %cr0
	ljmpl $__KERNEL_CS, $low(tr_64)

	.code64
tr_64:
	movq $secondary_startup_64, %rax
	jmp *%rax

	.balign 8
tr_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff	/* code, 32-bit */
	.quad 0x00af9b000000ffff	/* code, 64-bit */
	.quad 0x00cf93000000ffff	/* data */
tr_gdt_ptr:
	.word . - tr_gdt - 1
	.long low(tr_gdt)
	.balign 4
	.globl tr_efer
tr_efer:				/* as on the boot CPU; filled in before the copy starts */
	.long 0
trampoline_end:

	.section .note.GNU-stack, "", @progbits
