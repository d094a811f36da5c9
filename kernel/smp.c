/* SPDX-License-Identifier: MIT */
/*
 * Function calls to other CPUs.
 *
 * A call is an entry on the target's lock-free list: pushed by compare-and-exchange, all taken
 * at once by the target's handler. Only the push that finds the list empty sends an interrupt,
 * for a list that is not empty has one on its way.
 */
#include <arch/irq.h>
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/smp.h>

unsigned int nr_cpu_ids = 1;
cpumask_t __cpu_possible_mask, __cpu_present_mask, __cpu_online_mask, __cpu_active_mask;

static DEFINE_PER_CPU(struct call_single_data *, call_queue);
/* What a CPU sends to each other one from _many(); in use while its pending is set. */
static DEFINE_PER_CPU(struct call_single_data[NR_CPUS], call_slots);

/* True when the target needs an interrupt. */
static bool push(int cpu, struct call_single_data *csd)
{
	struct call_single_data **head = per_cpu_ptr(&call_queue, cpu);
	struct call_single_data *old = READ_ONCE(*head);

	do
		csd->next = old;
	while (!try_cmpxchg(head, &old, csd));
	return !old;
}

static void wait_csd(struct call_single_data *csd)
{
	while (smp_load_acquire(&csd->pending))
		cpu_relax();
}

void generic_smp_call_function_interrupt(void)
{
	struct call_single_data *list = xchg(this_cpu_ptr(&call_queue), NULL), *fifo = NULL;

	while (list) {
		struct call_single_data *next = list->next;

		list->next = fifo;
		fifo = list;
		list = next;
	}
	while (fifo) {
		struct call_single_data *next = fifo->next;

		fifo->func(fifo->info);
		/* From here on the sender may use the entry again. */
		smp_store_release(&fifo->pending, 0);
		fifo = next;
	}
}

void smp_call_function_many(const cpumask_t *mask, smp_call_func_t func, void *info, bool wait)
{
	struct call_single_data *slots;
	cpumask_t kick;
	int cpu, me;

	ASSERT(!irqs_disabled() || system_state == SYSTEM_PANIC);
	preempt_disable();
	me = smp_processor_id();
	slots = *this_cpu_ptr(&call_slots);
	cpumask_clear(&kick);
	for_each_cpu_and (cpu, mask, cpu_online_mask) {
		if (cpu == me)
			continue;
		wait_csd(&slots[cpu]);
		slots[cpu] = (struct call_single_data){.func = func, .info = info, .pending = 1};
		if (push(cpu, &slots[cpu]))
			__cpumask_set_cpu(cpu, &kick);
	}
	if (!cpumask_empty(&kick))
		arch_send_call_function(&kick);
	if (wait)
		for_each_cpu_and (cpu, mask, cpu_online_mask)
			if (cpu != me)
				wait_csd(&slots[cpu]);
	preempt_enable();
}

void on_each_cpu_mask(const cpumask_t *mask, smp_call_func_t func, void *info, bool wait)
{
	preempt_disable();
	if (cpumask_test_cpu(smp_processor_id(), mask)) {
		unsigned long flags;

		local_irq_save(flags);
		func(info);
		local_irq_restore(flags);
	}
	smp_call_function_many(mask, func, info, wait);
	preempt_enable();
}

void on_each_cpu(smp_call_func_t func, void *info, bool wait)
{
	on_each_cpu_mask(cpu_online_mask, func, info, wait);
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, bool wait)
{
	cpumask_t one;

	if (cpu >= (int)nr_cpu_ids || !cpu_online(cpu))
		return -ENXIO;
	cpumask_clear(&one);
	__cpumask_set_cpu(cpu, &one);
	on_each_cpu_mask(&one, func, info, wait);
	return 0;
}

int smp_call_function_single_async(int cpu, struct call_single_data *csd)
{
	cpumask_t one;

	if (xchg(&csd->pending, 1))
		return -EBUSY;
	if (push(cpu, csd)) {
		cpumask_clear(&one);
		__cpumask_set_cpu(cpu, &one);
		arch_send_call_function(&one);
	}
	return 0;
}
