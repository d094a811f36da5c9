/* SPDX-License-Identifier: MIT */
/*
 * The simulator's answer to contract 2 of 8: a flag for each simulated CPU. Nothing interrupts
 * it; the flag is kept so that assertions about it mean something. sim/sim_env.c.
 */
#ifndef ASM_SIM_IRQ_H
#define ASM_SIM_IRQ_H

#include <stdbool.h>

extern bool sim_irqs_off;

static inline void arch_local_irq_disable(void)
{
	sim_irqs_off = true;
}

static inline void arch_local_irq_enable(void)
{
	sim_irqs_off = false;
}

static inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = sim_irqs_off;

	sim_irqs_off = true;
	return flags;
}

static inline void arch_local_irq_restore(unsigned long flags)
{
	sim_irqs_off = flags;
}

static inline unsigned long arch_local_save_flags(void)
{
	return sim_irqs_off;
}

static inline bool arch_irqs_disabled(void)
{
	return sim_irqs_off;
}

/* All CPUs live in one thread: whoever spins would wait for good. */
void arch_cpu_relax(void);
void arch_safe_halt(void);

#endif
