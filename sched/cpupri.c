/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs of a root domain run what priority: for each class of priority (0: nothing real-time,
 * then RT priorities from the least to the highest, then deadline) a count and a set of CPUs, so a
 * CPU for a task to push is found without looking at run queues. cpupri_set() under the CPU's
 * rq->lock; cpupri_find() any context, and its answer is a hint: the caller locks and looks.
 */
#include "internal.h"

static int convert_prio(int prio)
{
	return prio >= MAX_RT_PRIO ? 0 : MAX_RT_PRIO - max(prio, -1);
}

/* The CPUs that p may use and that run the least, when that is less than p; 0: there are none. */
int cpupri_find(struct root_domain *rd, struct task_struct *p, cpumask_t *lowest)
{
	int pri, task_pri = convert_prio(p->prio);

	for (pri = 0; pri < task_pri; pri++) {
		if (!atomic_read(&rd->pri_count[pri]))
			continue;
		smp_rmb();
		if (!cpumask_and(lowest, p->cpus_ptr, &rd->pri_mask[pri]))
			continue;
		if (cpumask_and(lowest, lowest, cpu_active_mask))
			return 1;
	}
	return 0;
}

/* The new class first: a CPU that is in two of them is looked at twice, one in none never. */
void cpupri_set(struct root_domain *rd, int cpu, int prio)
{
	int old, new = convert_prio(prio);

	if (!rd->cpu_to_pri)
		return;
	old = rd->cpu_to_pri[cpu];
	if (old == new)
		return;
	cpumask_set_cpu(cpu, &rd->pri_mask[new]);
	smp_mb__before_atomic();
	atomic_inc(&rd->pri_count[new]);
	if (old >= 0) {
		atomic_dec(&rd->pri_count[old]);
		smp_mb__after_atomic();
		cpumask_clear_cpu(cpu, &rd->pri_mask[old]);
	}
	rd->cpu_to_pri[cpu] = new;
}

void cpupri_remove(struct root_domain *rd, int cpu)
{
	int old = rd->cpu_to_pri[cpu];

	lockdep_assert_held(&cpu_rq(cpu)->lock);
	if (old < 0)
		return;
	atomic_dec(&rd->pri_count[old]);
	smp_mb__after_atomic();
	cpumask_clear_cpu(cpu, &rd->pri_mask[old]);
	rd->cpu_to_pri[cpu] = -1;
}
