/* SPDX-License-Identifier: MIT */
/*
 * membarrier(2): makes the running threads of a process (or of all that asked for it) pass a full
 * memory barrier, so that their fast paths need none. Task context.
 *
 * Serialization rules: mm->membarrier_state only gains bits until exec clears it. Each CPU keeps
 * a copy of the state of the mm it runs, written by the switch to that mm (interrupts off) and
 * by registration's interrupt. Who is not running needs no barrier from us, because a switch has
 * one, between the stores that make the task visible here and its first user instruction:
 *
 *	membarrier()				switch to a thread of the mm
 *	barrier					cpu's state, bit in mm_cpumask
 *	cpu's state, mm_cpumask: not there	barrier
 *						user code: sees what we did before
 *
 * and likewise with the two sides exchanged for a thread that leaves its CPU.
 */
#include <arch/task.h>
#include <jiffy/futex.h>
#include <jiffy/mm.h>
#include <jiffy/syscalls.h>

#include "internal.h"

DEFINE_PER_CPU(int, membarrier_cpu_state);

/* mm->membarrier_state holds the bits of the commands that registered. */
#define MEMBARRIER_REGISTRATIONS                                                                \
	(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |                                  \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)

#define MEMBARRIER_ALL                                                                   \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |                       \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_GET_REGISTRATIONS |      \
	 MEMBARRIER_REGISTRATIONS)

static void ipi_mb(void *info)
{
	smp_mb();
}

/* A core may have fetched instructions that the caller has since replaced. */
static void ipi_sync_core(void *info)
{
	arch_sync_core();
}

/* The way back to user space aborts the sequence that the interrupt fell into. */
static void ipi_rseq(void *info)
{
	smp_mb();
	rseq_preempt(current);
}

static void ipi_sync_state(void *info)
{
	struct mm_struct *mm = info;

	if (current->mm == mm)
		this_cpu_write(membarrier_cpu_state, atomic_read(&mm->membarrier_state));
}

static int membarrier_global(void)
{
	if (num_online_cpus() > 1)
		synchronize_rcu();
	return 0;
}

static int membarrier_global_expedited(void)
{
	cpumask_t mask;
	int cpu;

	smp_mb(); /* what the caller did is seen by the others behind their barrier */
	cpumask_clear(&mask);
	for_each_online_cpu (cpu)
		if (READ_ONCE(per_cpu(membarrier_cpu_state, cpu)) &
		    MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED)
			__cpumask_set_cpu(cpu, &mask);
	preempt_disable();
	smp_call_function_many(&mask, ipi_mb, NULL, true);
	preempt_enable();
	smp_mb(); /* what they did before is seen by the caller */
	return 0;
}

/* cpu below 0: all that run the process. */
static int membarrier_private(int registration, smp_call_func_t fn, int cpu)
{
	struct mm_struct *mm = current->mm;
	cpumask_t mask;

	if (!(atomic_read(&mm->membarrier_state) & registration))
		return -EPERM;
	/* The core that the caller runs on must refetch too, however few there are. */
	if (fn != ipi_sync_core && (atomic_read(&mm->mm_users) == 1 || num_online_cpus() == 1))
		return 0;
	smp_mb();
	if (cpu >= 0) {
		if (cpu < nr_cpu_ids && cpumask_test_cpu(cpu, mm_cpumask(mm)))
			smp_call_function_single(cpu, fn, NULL, true);
	} else {
		/* The mask may lose CPUs meanwhile, but gains none that have no barrier. */
		cpumask_copy(&mask, mm_cpumask(mm));
		preempt_disable();
		smp_call_function_many(&mask, fn, NULL, true);
		fn(NULL);
		preempt_enable();
	}
	smp_mb();
	return 0;
}

/*
 * After the grace period every switch to the mm that could have copied the old state is over and
 * shows in the mask, so the interrupt reaches all whose copy may be old.
 */
static int membarrier_register(int registration)
{
	struct mm_struct *mm = current->mm;
	int old = atomic_fetch_or(registration, &mm->membarrier_state);
	cpumask_t mask;

	if (old & registration)
		return 0;
	if (atomic_read(&mm->mm_users) > 1 && num_online_cpus() > 1) {
		synchronize_rcu();
		cpumask_copy(&mask, mm_cpumask(mm));
		on_each_cpu_mask(&mask, ipi_sync_state, mm, true);
		return 0;
	}
	preempt_disable();
	ipi_sync_state(mm);
	preempt_enable();
	return 0;
}

void membarrier_exec_mmap(struct mm_struct *mm)
{
	lockdep_assert_irqs_disabled();
	atomic_set(&mm->membarrier_state, 0);
	this_cpu_write(membarrier_cpu_state, 0);
}

SYSCALL_DEFINE3(membarrier, int, cmd, unsigned int, flags, int, cpu)
{
	bool one_cpu = flags == MEMBARRIER_CMD_FLAG_CPU;

	if (flags && !(one_cpu && cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ))
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return MEMBARRIER_ALL;
	case MEMBARRIER_CMD_GLOBAL:
		return membarrier_global();
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		return membarrier_global_expedited();
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return membarrier_private(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, ipi_mb, -1);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return membarrier_private(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
					  ipi_sync_core, -1);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return membarrier_private(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, ipi_rseq,
					  one_cpu ? cpu : -1);
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return membarrier_register(cmd);
	case MEMBARRIER_CMD_GET_REGISTRATIONS:
		return atomic_read(&current->mm->membarrier_state) & MEMBARRIER_REGISTRATIONS;
	default:
		return -EINVAL;
	}
}
