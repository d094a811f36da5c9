/* SPDX-License-Identifier: MIT */
/*
 * How often a CPU was interrupted by something that is no device's line. Each CPU counts its own,
 * in the handler; anybody may read (proc_interrupts(5)).
 */
#ifndef ASM_IRQ_STAT_H
#define ASM_IRQ_STAT_H

#include <jiffy/percpu.h>
#include <jiffy/types.h>

enum irq_stat {
	IRQ_STAT_NMI,
	IRQ_STAT_TIMER,
	IRQ_STAT_SPURIOUS,
	IRQ_STAT_RESCHEDULE,
	IRQ_STAT_CALL,
	IRQ_STAT_TLB, /* calls that were flushes; one interrupt may bring several */
	IRQ_STAT_ERROR,
	NR_IRQ_STATS,
};

struct irq_stats {
	u32 count[NR_IRQ_STATS];
};
DECLARE_PER_CPU(struct irq_stats, irq_stats);

static inline void irq_stat_inc(enum irq_stat kind)
{
	this_cpu_inc(irq_stats.count[kind]);
}

#endif
