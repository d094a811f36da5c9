/* SPDX-License-Identifier: MIT */
/*
 * preempt_count: one word a CPU that says why this CPU may not be given to another task now.
 *
 *   bits  0..7   preempt   depth of preempt_disable(), spinlocks included
 *   bits  8..15  softirq   bit 8: running softirqs; above it, 2 for each local_bh_disable()
 *   bits 16..19  hardirq   depth of interrupt handlers
 *   bits 20..23  NMI       depth of non-maskable interrupts
 *
 * The word is per CPU and not per task: schedule() is always entered with the same count, so
 * the task that comes back finds the count it left. A zero count and interrupts on is the only
 * state in which the kernel may be preempted.
 */
#ifndef JIFFY_PREEMPT_H
#define JIFFY_PREEMPT_H

#include <arch/irq.h>
#include <jiffy/percpu.h>

#define PREEMPT_BITS  8
#define SOFTIRQ_SHIFT 8
#define HARDIRQ_SHIFT 16
#define NMI_SHIFT     20

#define PREEMPT_OFFSET	       1
#define SOFTIRQ_OFFSET	       (1 << SOFTIRQ_SHIFT)
#define HARDIRQ_OFFSET	       (1 << HARDIRQ_SHIFT)
#define NMI_OFFSET	       (1 << NMI_SHIFT)
#define SOFTIRQ_DISABLE_OFFSET (2 * SOFTIRQ_OFFSET)
#define PREEMPT_MASK	       0x000000ff
#define SOFTIRQ_MASK	       0x0000ff00
#define HARDIRQ_MASK	       0x000f0000
#define NMI_MASK	       0x00f00000

DECLARE_PER_CPU(int, __preempt_count);

#define preempt_count()	       this_cpu_read(__preempt_count)
#define preempt_count_add(n)   this_cpu_add(__preempt_count, n)
#define preempt_count_sub(n)   this_cpu_add(__preempt_count, -(n))
#define preempt_count_set(n)   this_cpu_write(__preempt_count, n)

#define hardirq_count()	       (preempt_count() & HARDIRQ_MASK)
#define softirq_count()	       (preempt_count() & SOFTIRQ_MASK)
#define in_hardirq()	       (hardirq_count() != 0)
#define in_irq()	       in_hardirq()
#define in_softirq()	       (softirq_count() != 0)
#define in_serving_softirq()   ((preempt_count() & SOFTIRQ_OFFSET) != 0)
#define in_nmi()	       ((preempt_count() & NMI_MASK) != 0)
#define in_interrupt()	       ((preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK)) != 0)
#define in_task()	       (!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic()	       (preempt_count() != 0)
#define preemptible()	       (preempt_count() == 0 && !irqs_disabled())

#define preempt_disable()                                                                          \
	do {                                                                                       \
		preempt_count_add(1);                                                              \
		barrier();                                                                         \
	} while (0)
#define preempt_enable_no_resched()                                                                \
	do {                                                                                       \
		barrier();                                                                         \
		preempt_count_sub(1);                                                              \
	} while (0)
/* The count may have been all that kept a waiting task off this CPU: look. */
#define preempt_enable()                                                                           \
	do {                                                                                       \
		barrier();                                                                         \
		if (unlikely(this_cpu_dec_and_test(__preempt_count) && need_resched()))            \
			preempt_schedule();                                                        \
	} while (0)

bool need_resched(void);
/* Gives the CPU away when that is allowed here; returns at once when it is not. sched/. */
void preempt_schedule(void);
/* The same at the end of an interrupt taken in kernel mode; called and returns with irqs off. */
void preempt_schedule_irq(void);

#define local_irq_disable() arch_local_irq_disable()
#define local_irq_enable()  arch_local_irq_enable()
#define local_irq_save(flags)                                                                      \
	do {                                                                                       \
		(flags) = arch_local_irq_save();                                                   \
	} while (0)
#define local_irq_restore(flags) arch_local_irq_restore(flags)
#define local_save_flags(flags)                                                                    \
	do {                                                                                       \
		(flags) = arch_local_save_flags();                                                 \
	} while (0)
#define irqs_disabled() arch_irqs_disabled()

#endif
