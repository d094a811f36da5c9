/* SPDX-License-Identifier: MIT */
/*
 * From the loader to start_kernel(). The PVH boot protocol (Xen's "x86/HVM direct boot ABI")
 * enters at pvh_start: 32-bit protected mode, paging off, flat segments, interrupts off,
 * physical address of struct hvm_start_info in %ebx. Here the first page tables are made, long
 * mode is switched on, and everything goes on at the image's high addresses.
 *
 * The boot mapping: physical 0-4 GiB at 0 (dropped later) and at PAGE_OFFSET, physical 0-1 GiB
 * at __START_KERNEL_map, all by the same 2 MiB entries. paging_init() replaces it.
 */
#include <asm/segment.h>

#define KERNEL_MAP	0xffffffff80000000
#define pa(sym)		((sym) - KERNEL_MAP)
#define PTE_TABLE	0x23		/* present, writable, accessed */
#define PTE_2M		0xe3		/* the same, dirty, and a leaf */
#define PGD_DIRECT	273		/* of PAGE_OFFSET */
#define PGD_IMAGE	511
#define PMD_FIXMAP	506

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.quad pa(pvh_start)

	.section .head.text, "ax"
	.code32
	.globl pvh_start
pvh_start:
	cld
	cli
	movl %ebx, pa(pvh_start_info)
	movl $0x80000001, %eax
	cpuid
	testl $(1 << 29), %edx		/* long mode */
	jz no_long_mode
	andl $(1 << 20), %edx		/* no-execute: EFER bit 11 */
	shrl $9, %edx
	movl %edx, pa(boot_efer_nx)

	movl $pa(boot_pmd), %edi
	movl $PTE_2M, %eax
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	decl %ecx
	jnz 1b

	movl $(pa(boot_pmd) + PTE_TABLE), %eax
	movl %eax, pa(boot_pud)
	movl %eax, pa(kernel_pud) + 510 * 8
	addl $4096, %eax
	movl %eax, pa(boot_pud) + 8
	addl $4096, %eax
	movl %eax, pa(boot_pud) + 16
	addl $4096, %eax
	movl %eax, pa(boot_pud) + 24
	movl $(pa(fixmap_pmd) + PTE_TABLE), pa(kernel_pud) + 511 * 8
	movl $(pa(fixmap_pte) + PTE_TABLE), pa(fixmap_pmd) + PMD_FIXMAP * 8
	movl $(pa(boot_pud) + PTE_TABLE), pa(init_pg_dir)
	movl $(pa(boot_pud) + PTE_TABLE), pa(init_pg_dir) + PGD_DIRECT * 8
	movl $(pa(kernel_pud) + PTE_TABLE), pa(init_pg_dir) + PGD_IMAGE * 8
	movl $(pa(boot_pud) + PTE_TABLE), pa(trampoline_pgd)
	movl $(pa(kernel_pud) + PTE_TABLE), pa(trampoline_pgd) + PGD_IMAGE * 8

	movl %cr4, %eax
	orl $0xa0, %eax			/* PAE, PGE */
	movl %eax, %cr4
	movl $pa(init_pg_dir), %eax
	movl %eax, %cr3
	movl $MSR_EFER_NR, %ecx
	rdmsr
	orl $0x101, %eax		/* LME, SCE */
	orl pa(boot_efer_nx), %eax
	wrmsr
	lgdt pa(boot_gdt_ptr)
	movl $0x80010033, %eax		/* PG, WP, NE, ET, MP, PE */
	movl %eax, %cr0
	ljmp $__KERNEL_CS, $pa(start64)

no_long_mode:
	hlt
	jmp no_long_mode

	.code64
start64:
	movabsq $1f, %rax
	jmp *%rax
1:	lgdt boot_gdt_ptr_high(%rip)
	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs			/* GS.base 0: the image's own per-CPU data */
	movl $__KERNEL_DS, %eax
	movl %eax, %ss
	leaq init_thread_union + CPU_STACK_SIZE - PT_SIZE(%rip), %rsp
	xorl %ebp, %ebp
	call start_kernel
2:	hlt
	jmp 2b

/*
 * A secondary CPU in long mode, on trampoline_pgd. It finds out which CPU it is by its APIC
 * number, so that any number of them may be on their way at once without sharing a word.
 */
	.globl secondary_startup_64
secondary_startup_64:
	lgdt boot_gdt_ptr_high(%rip)
	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl $__KERNEL_DS, %eax
	movl %eax, %ss
	xorl %eax, %eax
	cpuid
	cmpl $0xb, %eax
	jb 1f
	movl $0xb, %eax
	xorl %ecx, %ecx
	cpuid
	testl %ebx, %ebx		/* 0: the leaf is not there after all */
	jz 1f
	movl %edx, %r8d			/* the 32-bit x2APIC number */
	jmp 2f
1:	movl $1, %eax
	cpuid
	shrl $24, %ebx
	movl %ebx, %r8d
2:	xorl %edi, %edi
	movl nr_cpu_ids(%rip), %ecx
3:	cmpl %r8d, cpu_to_apicid(, %rdi, 4)
	je 4f
	incl %edi
	cmpl %ecx, %edi
	jb 3b
5:	cli				/* not one of ours */
	hlt
	jmp 5b
4:	movq __per_cpu_offset(, %rdi, 8), %rax
	movq %rax, %rdx
	shrq $32, %rdx
	movl $MSR_GS_BASE_NR, %ecx
	wrmsr
	movq secondary_stack(, %rdi, 8), %rsp
	movq $pa(init_pg_dir), %rax
	movq %rax, %cr3
	xorl %ebp, %ebp
	call secondary_startup
	jmp 5b

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0, 0
	.quad 0x00af9b000000ffff	/* code, 64-bit */
	.quad 0x00cf93000000ffff	/* data */
boot_gdt_end:
	.balign 8
	.word 0, 0, 0
boot_gdt_ptr:
	.word boot_gdt_end - boot_gdt - 1
	.long pa(boot_gdt)
	.balign 8
	.word 0, 0, 0
boot_gdt_ptr_high:
	.word boot_gdt_end - boot_gdt - 1
	.quad boot_gdt

	.section .data
	.globl pvh_start_info
	.balign 4
pvh_start_info:
	.long 0
boot_efer_nx:
	.long 0

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl init_pg_dir, trampoline_pgd, fixmap_pmd, fixmap_pte, kernel_pud
init_pg_dir:
	.skip 4096
trampoline_pgd:
	.skip 4096
kernel_pud:
	.skip 4096
fixmap_pmd:
	.skip 4096
fixmap_pte:
	.skip 4096
boot_pud:
	.skip 4096
boot_pmd:
	.skip 4 * 4096

	.section .note.GNU-stack, "", @progbits
