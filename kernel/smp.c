/* SPDX-License-Identifier: MIT */
/*
 * Function calls to other CPUs, and bringing the other CPUs up.
 *
 * A call is an entry on the target's lock-free list: pushed by compare-and-exchange, all taken
 * at once by the target's handler. Only the push that finds the list empty sends an interrupt,
 * for a list that is not empty has one on its way.
 */
#include <arch/boot.h>
#include <arch/irq.h>
#include <arch/time.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

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

/* How long a CPU may take from its first instruction to the idle loop. */
#define BRINGUP_TIMEOUT_NS (5 * NSEC_PER_SEC)

static int max_cpus = NR_CPUS;

static int set_maxcpus(char *value)
{
	return kstrtoint(value, 0, &max_cpus);
}
early_param("maxcpus=", set_maxcpus);

void __init smp_init(void)
{
	u64 give_up;
	int cpu, started = 1;
	cpumask_t expected;

	cpumask_clear(&expected);
	arch_smp_prepare();
	for_each_present_cpu (cpu) {
		struct task_struct *idle;

		if (cpu_online(cpu) || started >= max_cpus)
			continue;
		idle = fork_idle(cpu);
		if (IS_ERR(idle) || arch_cpu_up(cpu, idle)) {
			pr_err("CPU %d cannot be started", cpu);
			continue;
		}
		__cpumask_set_cpu(cpu, &expected);
		started++;
	}
	/* All start at the same time; the slowest decides. */
	give_up = arch_clock_ns() + BRINGUP_TIMEOUT_NS;
	while (!cpumask_subset(&expected, cpu_online_mask)) {
		if (arch_clock_ns() > give_up) {
			pr_err("some CPUs did not come up");
			break;
		}
		cpu_relax();
	}
	pr_info("smp: %u CPUs online", num_online_cpus());
}

void secondary_start_kernel(void)
{
	int cpu = smp_processor_id();

	time_init_secondary();
	cpumask_set_cpu(cpu, &__cpu_active_mask);
	cpumask_set_cpu(cpu, &__cpu_online_mask);
	local_irq_enable();
	cpu_startup_entry();
}
