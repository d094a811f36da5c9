/* SPDX-License-Identifier: MIT */
/*
 * Numbers that both assembler and C need: selectors, interrupt vectors, offsets. Private to
 * arch/x86_64.
 *
 * The order of the descriptors is the one that syscall and sysret demand (Intel SDM volume 3,
 * 5.8.8): kernel code, kernel data; user code 32 (absent: there is no 32-bit mode here), user
 * data, user code 64. The values that programs can see (0x33, 0x2b) are Linux's.
 */
#ifndef ASM_SEGMENT_H
#define ASM_SEGMENT_H

#define __KERNEL_CS   0x10
#define __KERNEL_DS   0x18
#define __USER32_CS   0x23
#define __USER_DS     0x2b
#define __USER_CS     0x33
#define GDT_ENTRY_TSS 8
#define TSS_SELECTOR  (GDT_ENTRY_TSS * 8)
/* Its limit is the CPU's number (bits 0-11) and node (12-19), for LSL. */
#define GDT_ENTRY_CPUNODE 15
#define __CPUNODE_SEG	  (GDT_ENTRY_CPUNODE * 8 + 3)
#define GDT_ENTRIES	  16

/* Interrupt stacks of the task-state segment, by the numbers of the interrupt gates. */
#define IST_DF	1
#define IST_NMI 2
#define IST_DB	3
#define IST_MCE 4

#define X86_TRAP_DE  0
#define X86_TRAP_DB  1
#define X86_TRAP_NMI 2
#define X86_TRAP_BP  3
#define X86_TRAP_OF  4
#define X86_TRAP_BR  5
#define X86_TRAP_UD  6
#define X86_TRAP_NM  7
#define X86_TRAP_DF  8
#define X86_TRAP_TS  10
#define X86_TRAP_NP  11
#define X86_TRAP_SS  12
#define X86_TRAP_GP  13
#define X86_TRAP_PF  14
#define X86_TRAP_MF  16
#define X86_TRAP_AC  17
#define X86_TRAP_MC  18
#define X86_TRAP_XF  19
#define X86_TRAP_CP  21

/* 0x20-0x2f: the old interrupt controller, kept masked. Above: I/O APIC lines, line by line. */
#define ISA_PIC_VECTOR	     0x20
#define FIRST_DEVICE_VECTOR  0x30
#define LAST_DEVICE_VECTOR   0xdf
#define LOCAL_TIMER_VECTOR   0xec
#define CALL_FUNCTION_VECTOR 0xfb
#define RESCHEDULE_VECTOR    0xfd
#define ERROR_APIC_VECTOR    0xfe
#define SPURIOUS_APIC_VECTOR 0xff

/* Offsets into struct pt_regs; traps.c asserts them. */
#define PT_R15	   0
#define PT_BP	   32
#define PT_BX	   40
#define PT_R11	   48
#define PT_AX	   80
#define PT_CX	   88
#define PT_DI	   112
#define PT_ORIG_AX 120
#define PT_IP	   128
#define PT_CS	   136
#define PT_FLAGS   144
#define PT_SP	   152
#define PT_SS	   160
#define PT_SIZE	   168

#define X86_TSS_SP0	4
#define X86_TSS_SCRATCH 12 /* sp1, which nobody else uses: the user's stack pointer in passing */

#define MSR_EFER_NR	0xc0000080
#define MSR_GS_BASE_NR	0xc0000101
#define TRAMPOLINE_BASE 0x8000

#define CPU_STACK_SIZE	  16384
#define THREAD_INFO_FLAGS 8 /* offset in struct thread_info */

#endif
