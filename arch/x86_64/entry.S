/* SPDX-License-Identifier: MIT */
/*
 * Every way into the kernel and out of it: system calls, exceptions, interrupts, the first step
 * of a new task, the switch between two tasks.
 *
 * Which GS: in the kernel GS.base is the CPU's per-CPU offset; entry from user mode swaps it in,
 * the way back swaps it out. Between those swaps and the mode change only #DB, NMI, #MC and #DF
 * can happen; they have stacks of their own (IST) and, coming from kernel code, look up the
 * right base by the CPU's number instead of trusting what they find. The one instruction of the
 * kernel that may fault with the user's GS is the iretq at irq_return_iret; error_entry knows it.
 *
 * Which stack: the task's, from its top, for everything that comes from user mode (an IST entry
 * moves over), so that struct pt_regs there always is the user's.
 */
#include <asm/segment.h>

#define TI_FLAGS (THREAD_INFO_FLAGS - CPU_STACK_SIZE + PT_SIZE) /* off %rsp == pt_regs */
/* _TIF_WORK_MASK | _TIF_NEED_FPU_LOAD, _TIF_SYSCALL_WORK | _TIF_SINGLESTEP; traps.c asserts. */
#define TIF_EXIT_WORK	 0x487
#define TIF_SYSCALL_WORK 0x1870
#define NR_SYSCALLS	 512

.macro PUSH_REGS
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	xorl %ebp, %ebp			/* the call chain ends here */
.endm

.macro POP_REGS
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
.endm

/* User mode may have left AC set, and so may a user access that faulted or was interrupted. */
.macro SMAP_CLAC
661:	clac
	.pushsection .smap_sites, "a"
	.long 661b - .
	.popsection
.endm

	.section .entry.text, "ax"
	.code64

/*
 * syscall: user rip in rcx, rflags in r11; nothing is on any stack. MSR_SYSCALL_MASK has turned
 * interrupts, TF, DF and AC off.
 */
	.globl entry_SYSCALL_64
entry_SYSCALL_64:
	swapgs
	movq %rsp, %gs:cpu_tss + X86_TSS_SCRATCH(%rip)
	movq %gs:cpu_tss + X86_TSS_SP0(%rip), %rsp
	pushq $__USER_DS
	pushq %gs:cpu_tss + X86_TSS_SCRATCH(%rip)
	pushq %r11
	pushq $__USER_CS
	pushq %rcx
	pushq %rax
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq $-38			/* -ENOSYS, until there is an answer */
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	xorl %ebp, %ebp
	sti
	movq %rsp, %rdi
	testl $TIF_SYSCALL_WORK, TI_FLAGS(%rsp)
	jnz 3f
	movl %eax, %eax
	cmpl $NR_SYSCALLS, %eax
	jae 2f
	call *sys_call_table(, %rax, 8)
1:	movq %rax, PT_AX(%rsp)
	cli

/* The way back: by sysret where iretq would do the same. Interrupts off. */
syscall_return:
#ifdef JIFFY_CHECKED
	movq %rsp, %rdi
	call exit_to_user
#else
	testl $TIF_EXIT_WORK, TI_FLAGS(%rsp)
	jnz 4f
#endif
5:	movq PT_CX(%rsp), %rcx
	movq PT_IP(%rsp), %rax
	cmpq %rax, %rcx
	jne return_to_user
	movq PT_R11(%rsp), %r11
	cmpq %r11, PT_FLAGS(%rsp)
	jne return_to_user
	/* A non-canonical rip would fault in sysret, in kernel mode with the user's stack. */
	shrq $47, %rcx
	jnz return_to_user
	testl $0x10100, %r11d		/* RF and TF: sysret would lose the one, trap on the other */
	jnz return_to_user
	cmpq $__USER_CS, PT_CS(%rsp)
	jne return_to_user
	cmpq $__USER_DS, PT_SS(%rsp)
	jne return_to_user
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	movq PT_SP - PT_ORIG_AX(%rsp), %rsp
	swapgs
	sysretq

2:	movl %eax, %edi			/* no such call */
	call sys_ni_syscall
	jmp 1b
3:	call syscall_traced
	cli
	jmp syscall_return
#ifndef JIFFY_CHECKED
4:	movq %rsp, %rdi
	call exit_to_user
	jmp 5b
#endif

/*
 * A new task's first step; arch_switch_to() "returns" here. rax: the task before it on this CPU.
 * rbx, r12: what a kernel thread runs, and with what; rbx 0 for a copy of a user task.
 */
	.globl ret_from_fork
ret_from_fork:
	xorl %ebp, %ebp
	movq %rax, %rdi
	call schedule_tail
	testq %rbx, %rbx
	jnz 1f
2:	movq %rsp, %rdi
	call ret_from_fork_to_user
	cli
	jmp syscall_return
1:	movq %r12, %rdi
	call *%rbx
	movq $0, PT_AX(%rsp)		/* it has become a program: by its new registers */
	jmp 2b

/*
 * struct task_struct *__switch_stack(unsigned long *save_sp, unsigned long next_sp,
 *				      struct task_struct *prev, struct task_struct *next)
 * current changes in the instruction after the stack; nothing but an NMI comes between.
 */
	.globl __switch_stack
__switch_stack:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	movq %rcx, %gs:current_task(%rip)
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	movq %rdx, %rax
	ret

/* void call_on_stack(void *top, void (*fn)(void *), void *arg): the frame pointer links both. */
	.globl call_on_stack
call_on_stack:
	pushq %rbp
	movq %rsp, %rbp
	movq %rdi, %rsp
	movq %rdx, %rdi
	call *%rsi
	movq %rbp, %rsp
	popq %rbp
	ret

/*
 * Exceptions on the task's (or interrupted) stack. On entry: error code, rip, cs, rflags, rsp,
 * ss on the stack; \handler(regs, error_code) is called with interrupts off.
 */
.macro idtentry name, handler, has_error=0
	.globl entry_\name
entry_\name:
	.if \has_error == 0
	pushq $-1
	.endif
	cld
	testb $3, 16(%rsp)
	jz 1f
	swapgs
	SMAP_CLAC
	PUSH_REGS
	jmp 2f
1:	SMAP_CLAC
	PUSH_REGS
	leaq irq_return_iret(%rip), %rax
	cmpq %rax, PT_IP(%rsp)
	je 3f
2:	movq %rsp, %rdi
	movq PT_ORIG_AX(%rsp), %rsi
	movq $-1, PT_ORIG_AX(%rsp)
	call \handler
	jmp error_return
3:	swapgs				/* the iretq to user mode faulted */
	movq %rsp, %rdi
	call fixup_bad_iret
	movq %rax, %rsp
	jmp 2b
.endm

idtentry divide_error, exc_divide_error
idtentry int3, exc_int3
idtentry overflow, exc_overflow
idtentry bounds, exc_bounds
idtentry invalid_op, exc_invalid_op
idtentry device_not_available, exc_device_not_available
idtentry invalid_tss, exc_invalid_tss, 1
idtentry segment_not_present, exc_segment_not_present, 1
idtentry stack_segment, exc_stack_segment, 1
idtentry general_protection, exc_general_protection, 1
idtentry page_fault, exc_page_fault, 1
idtentry coprocessor_error, exc_coprocessor_error
idtentry alignment_check, exc_alignment_check, 1
idtentry simd_error, exc_simd_error
idtentry control_protection, exc_control_protection, 1
idtentry reserved, exc_reserved

/* Exceptions with a stack of their own. */
.macro idtentry_ist name, handler, has_error=0, return=error_return
	.globl entry_\name
entry_\name:
	.if \has_error == 0
	pushq $-1
	.endif
	cld
	SMAP_CLAC
	testb $3, 16(%rsp)
	jz 1f
	swapgs				/* from user mode: go on from the top of the task's stack */
	pushq %rdi
	movq %rsp, %rdi
	movq %gs:cpu_tss + X86_TSS_SP0(%rip), %rsp
	pushq 48(%rdi)
	pushq 40(%rdi)
	pushq 32(%rdi)
	pushq 24(%rdi)
	pushq 16(%rdi)
	pushq 8(%rdi)
	movq (%rdi), %rdi
	PUSH_REGS
	movq %rsp, %rdi
	movq PT_ORIG_AX(%rsp), %rsi
	movq $-1, PT_ORIG_AX(%rsp)
	call \handler
	jmp \return
1:	PUSH_REGS
	call paranoid_gs
	movq %rsp, %rdi
	movq PT_ORIG_AX(%rsp), %rsi
	movq $-1, PT_ORIG_AX(%rsp)
	call \handler
	movl $MSR_GS_BASE_NR, %ecx
	movl %r14d, %eax
	movq %r14, %rdx
	shrq $32, %rdx
	wrmsr
	POP_REGS
	addq $8, %rsp
	iretq
.endm

idtentry_ist debug, exc_debug
idtentry_ist nmi, exc_nmi, 0, return_to_user
idtentry_ist double_fault, exc_double_fault, 1
idtentry_ist machine_check, exc_machine_check

/* Kernel code was interrupted anywhere: the old GS.base to r14, this CPU's own takes its place. */
paranoid_gs:
	movl $MSR_GS_BASE_NR, %ecx
	rdmsr
	movl %eax, %r14d
	shlq $32, %rdx
	orq %rdx, %r14
	movl $__CPUNODE_SEG, %eax
	lsl %eax, %eax
	andl $0xfff, %eax
	movq __per_cpu_offset(, %rax, 8), %rax
	movq %rax, %rdx
	shrq $32, %rdx
	wrmsr
	ret

/* Interrupts: one stub a vector, 16 bytes each, from 0x20. */
	.balign 16
	.globl irq_entries_start
irq_entries_start:
vector = 0x20
	.rept 256 - 0x20
	.balign 16
	pushq $(~vector)
	jmp common_interrupt
vector = vector + 1
	.endr

common_interrupt:
	cld
	testb $3, 16(%rsp)
	jz 1f
	swapgs
1:	SMAP_CLAC
	PUSH_REGS
	movq %rsp, %rdi
	call handle_interrupt

error_return:
	cli
	testb $3, PT_CS(%rsp)
	jz 2f
#ifdef JIFFY_CHECKED
	movq %rsp, %rdi
	call exit_to_user
#else
	testl $TIF_EXIT_WORK, TI_FLAGS(%rsp)
	jz return_to_user
	movq %rsp, %rdi
	call exit_to_user
#endif
return_to_user:
	POP_REGS
	addq $8, %rsp
	swapgs
irq_return_iret:
	iretq
2:	movq %rsp, %rdi
	call exit_to_kernel
	POP_REGS
	addq $8, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
