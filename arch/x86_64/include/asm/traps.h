/* SPDX-License-Identifier: MIT */
/*
 * The C functions that entry.S calls. Private to arch/x86_64. All are entered with interrupts
 * off unless traps.c says otherwise.
 */
#ifndef ASM_TRAPS_H
#define ASM_TRAPS_H

#include <jiffy/types.h>

struct pt_regs;

void exit_to_user(struct pt_regs *regs);
void exit_to_kernel(struct pt_regs *regs);
void syscall_traced(struct pt_regs *regs);
void ret_from_fork_to_user(struct pt_regs *regs);
struct pt_regs *fixup_bad_iret(struct pt_regs *bad);
void handle_interrupt(struct pt_regs *regs);
void do_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long addr);
void exc_page_fault(struct pt_regs *regs, unsigned long error_code);
void exc_divide_error(struct pt_regs *regs, long error_code);
void exc_int3(struct pt_regs *regs, long error_code);
void exc_overflow(struct pt_regs *regs, long error_code);
void exc_bounds(struct pt_regs *regs, long error_code);
void exc_invalid_op(struct pt_regs *regs, long error_code);
void exc_device_not_available(struct pt_regs *regs, long error_code);
void exc_invalid_tss(struct pt_regs *regs, long error_code);
void exc_segment_not_present(struct pt_regs *regs, long error_code);
void exc_stack_segment(struct pt_regs *regs, long error_code);
void exc_general_protection(struct pt_regs *regs, long error_code);
void exc_alignment_check(struct pt_regs *regs, long error_code);
void exc_control_protection(struct pt_regs *regs, long error_code);
void exc_reserved(struct pt_regs *regs, long error_code);
void exc_coprocessor_error(struct pt_regs *regs, long error_code);
void exc_simd_error(struct pt_regs *regs, long error_code);
void exc_debug(struct pt_regs *regs, long error_code);
void exc_nmi(struct pt_regs *regs, long error_code);
void exc_double_fault(struct pt_regs *regs, long error_code);
void exc_machine_check(struct pt_regs *regs, long error_code);

#endif
