/* SPDX-License-Identifier: MIT */
/*
 * Asking other CPUs to do something. kernel/smp.c, above the IPIs of <arch/irq.h>.
 */
#ifndef JIFFY_SMP_H
#define JIFFY_SMP_H

#include <jiffy/cpumask.h>
#include <jiffy/percpu.h>

typedef void (*smp_call_func_t)(void *info);

#define smp_processor_id()     arch_smp_processor_id()
#define raw_smp_processor_id() arch_smp_processor_id()
#define cpu_relax()	       arch_cpu_relax()

/*
 * Runs func(info) on the CPUs of the mask that are online, in interrupt context there; func
 * must not sleep. With wait, returns when all are done. _many leaves this CPU out, on_each_cpu
 * does not. Interrupts on, task or softirq context, preemption is turned off inside.
 */
void smp_call_function_many(const cpumask_t *mask, smp_call_func_t func, void *info, bool wait);
void on_each_cpu(smp_call_func_t func, void *info, bool wait);
void on_each_cpu_mask(const cpumask_t *mask, smp_call_func_t func, void *info, bool wait);
/* 0, or -ENXIO when cpu is not online. */
int smp_call_function_single(int cpu, smp_call_func_t func, void *info, bool wait);
/* From any context: one that the caller owns until it has run. */
struct call_single_data {
	struct call_single_data *next;
	smp_call_func_t func;
	void *info;
	u32 pending;
};
int smp_call_function_single_async(int cpu, struct call_single_data *csd);

/* The IPI handlers of kernel/smp.c; arch/ calls them with interrupts off, inside irq_enter(). */
void generic_smp_call_function_interrupt(void);
void scheduler_ipi(void);

/* Boot: makes every present CPU's idle thread and brings it up; returns when all are online. */
void smp_init(void);
/* Asked once by CPU `cpu`, which has just begun: is it wanted, still? Else it halts. */
bool secondary_may_start(int cpu);
/* A secondary CPU's first portable code, on its idle thread, interrupts off. */
__noreturn void secondary_start_kernel(void);

#endif
