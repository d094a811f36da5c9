/* SPDX-License-Identifier: MIT */
/*
 * membarrier(2): makes every running thread of a process (or of all) pass a full memory barrier,
 * so that their fast paths need none. CPUs that may run the process are those in its mm's mask.
 */
#include <jiffy/futex.h>
#include <jiffy/mm.h>
#include <jiffy/syscalls.h>

#include "internal.h"

/* mm->membarrier_state: which kinds the process registered for. */
#define STATE_PRIVATE	BIT(0)
#define STATE_GLOBAL	BIT(1)
#define STATE_SYNC_CORE BIT(2)
#define STATE_RSEQ	BIT(3)

#define MEMBARRIER_ALL                                                                            \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |                                \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |            \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |                                    \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)

/* The interrupt itself, and the return from it, is what a core needs to refetch its code. */
static void ipi_mb(void *info)
{
	smp_mb();
}

static void ipi_rseq(void *info)
{
	rseq_preempt(current);
}

static int private_expedited(unsigned int flags, int cpu, int state, smp_call_func_t fn)
{
	struct mm_struct *mm = current->mm;
	cpumask_t mask;

	if (!(atomic_read(&mm->membarrier_state) & state))
		return -EPERM;
	smp_mb(); /* what the caller did before is seen by the others' code after their barrier */
	if (flags & MEMBARRIER_CMD_FLAG_CPU) {
		if (cpu < 0 || cpu >= nr_cpu_ids || !cpu_online(cpu))
			return 0;
		if (cpumask_test_cpu(cpu, &mm->cpu_bitmap))
			smp_call_function_single(cpu, fn, NULL, true);
	} else {
		cpumask_copy(&mask, &mm->cpu_bitmap);
		preempt_disable();
		smp_call_function_many(&mask, fn, NULL, true);
		preempt_enable();
		if (fn == ipi_rseq)
			rseq_preempt(current);
	}
	smp_mb();
	return 0;
}

static int register_state(int state)
{
	atomic_fetch_or(state, &current->mm->membarrier_state);
	/* A thread that already runs may have loaded the old state at its switch. */
	if (atomic_read(&current->mm->mm_users) > 1)
		synchronize_rcu();
	return 0;
}

void membarrier_exec_mmap(struct mm_struct *mm)
{
	atomic_set(&mm->membarrier_state, 0);
}

SYSCALL_DEFINE3(membarrier, int, cmd, unsigned int, flags, int, cpu)
{
	if (cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) {
		if (flags & ~(unsigned int)MEMBARRIER_CMD_FLAG_CPU)
			return -EINVAL;
	} else if (flags) {
		return -EINVAL;
	}
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return MEMBARRIER_ALL;
	case MEMBARRIER_CMD_GLOBAL:
		if (num_online_cpus() > 1)
			synchronize_rcu();
		return 0;
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		on_each_cpu(ipi_mb, NULL, true);
		return 0;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		return register_state(STATE_GLOBAL);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return private_expedited(0, -1, STATE_PRIVATE, ipi_mb);
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		return register_state(STATE_PRIVATE);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return private_expedited(0, -1, STATE_SYNC_CORE, ipi_mb);
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
		return register_state(STATE_SYNC_CORE | STATE_PRIVATE);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return private_expedited(flags, cpu, STATE_RSEQ, ipi_rseq);
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return register_state(STATE_RSEQ | STATE_PRIVATE);
	default:
		return -EINVAL;
	}
}
