/* SPDX-License-Identifier: MIT */
/*
 * Contract 2 of 8: interrupts on this CPU, interrupts sent to others, device interrupts.
 *
 * <asm/irq.h> defines inline:
 *
 *   void arch_local_irq_disable(void), arch_local_irq_enable(void)
 *   unsigned long arch_local_irq_save(void), void arch_local_irq_restore(unsigned long flags)
 *   unsigned long arch_local_save_flags(void), bool arch_irqs_disabled(void)
 *	Compiler barriers, all of them; no memory barrier towards other CPUs.
 *
 *   void arch_cpu_relax(void)
 *	In every spin loop: lets a sibling thread, or an emulator's other CPUs, run.
 *	Compiler barrier.
 *
 *   void arch_safe_halt(void)
 *	Interrupts off on entry. Turns them on and halts with no gap between: an interrupt that is
 *	already pending ends the halt. Returns with interrupts on.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include <jiffy/compiler.h>
#include <jiffy/cpumask.h>
#include <jiffy/types.h>

#include <asm/irq.h>

/*
 * Interrupts to other CPUs. The sender's earlier stores are visible to the receiver's handler
 * (the write that sends is ordered behind them). May be called with interrupts off, from NMI
 * context only arch_send_nmi(). The handlers run inside irq_enter()/irq_exit():
 * scheduler_ipi(), generic_smp_call_function_interrupt().
 */
void arch_send_reschedule(int cpu);
void arch_send_call_function(const cpumask_t *mask);
void arch_send_nmi(const cpumask_t *mask); /* handler: nmi_handler() of kernel/ */
/*
 * A timer beside arch_timer_program()'s, whose interrupt is an NMI on the boot CPU: nmi_handler()
 * runs some 50 ms after the last call of arch_nmi_timer_arm(), once. Initialised in task context:
 * -ENODEV or -EINVAL where the machine has none; arming: boot CPU, any context.
 */
int arch_nmi_timer_init(void);
void arch_nmi_timer_arm(void);
/* Stops every other CPU for good, by NMI where it must; panic and power-off. Any context. */
void arch_stop_other_cpus(void);

/*
 * Device interrupts by global number (an ISA line's number means what the firmware's overrides
 * say). Masked at boot. flags: IRQF_LEVEL, IRQF_ACTIVE_LOW; irq_set_type before unmask.
 * Task context. -EINVAL when there is no such line.
 */
int arch_irq_setup(unsigned int irq, unsigned int flags);
void arch_irq_unmask(unsigned int irq);
void arch_irq_mask(unsigned int irq);

/*
 * What interrupted CPUs beside device lines: a line a kind with a count for each CPU that is on
 * line, as proc_interrupts(5) has it; and the sum of all kinds and CPUs. Task context.
 */
struct seq_file;
void arch_irq_show(struct seq_file *m);
u64 arch_irq_sum(void);

/* The registers that the innermost hardware interrupt of this CPU found; NULL outside one. */
struct pt_regs;
struct pt_regs *arch_irq_regs(void);

/* Runs __do_softirq() on the interrupt stack when interrupts have their own. irqs off. */
void arch_do_softirq_own_stack(void (*fn)(void));

/*
 * arch/ promises: each interrupt, trap and system call from user mode ends through
 * exit_to_user_mode_work() while the work flags are set; each interrupt of kernel code ends
 * through preempt_schedule_irq() when preempt_count is 0 and need_resched() is true.
 */
#endif
