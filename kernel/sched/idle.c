/* SPDX-License-Identifier: MIT */
/*
 * The idle loop: each CPU's idle task, for good, interrupts on and preemption off outside the
 * halt. Kernel only: the simulator's idle CPUs just have no event.
 */
#include <arch/pgtable.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/mm.h>

#include "../../sched/internal.h"

/* The time since then was idle; how much that is. [irqs off] */
static u64 account_idle_since(u64 since)
{
	u64 now = sched_clock();
	struct kernel_cpustat *st = this_cpu_ptr(&kernel_cpustat);
	int kind = atomic_read(&this_rq()->nr_iowait) ? CPUTIME_IOWAIT : CPUTIME_IDLE;

	if (now > since)
		WRITE_ONCE(st->cpustat[kind], st->cpustat[kind] + (now - since));
	return now > since ? now - since : 0;
}

/*
 * The mm that this idle task borrowed belongs to nobody any more: an idle CPU would keep a dead
 * process's tables for as long as it idles. And a CPU that goes keeps none. [preemption off]
 */
static void leave_unused_mm(int cpu)
{
	struct mm_struct *mm = current->active_mm;

	if (likely(mm == &init_mm || (atomic_read(&mm->mm_users) && cpu_online(cpu))))
		return;
	mmgrab(&init_mm);
	local_irq_disable();
	switch_mm_irqs_off(mm, &init_mm, current);
	current->active_mm = &init_mm;
	local_irq_enable();
	mmdrop(mm);
}

/* Halts once; for how many ns. Interrupts off on entry, on at return. */
static u64 idle_once(void)
{
	u64 since, idled;

	/*
	 * From here a waker sends an interrupt; one that saw the polling flag before has set
	 * TIF_NEED_RESCHED before this look, for both flags are in one atomic word.
	 */
	clear_thread_flag(TIF_POLLING_NRFLAG);
	smp_mb__after_atomic();
	if (need_resched()) {
		local_irq_enable();
		return 0;
	}
	since = sched_clock();
	tick_nohz_idle_enter();
	rcu_idle_enter();
	arch_cpu_idle();
	rcu_idle_exit();
	local_irq_disable();
	idled = account_idle_since(since);
	local_irq_enable();
	return idled;
}

static void do_idle(void)
{
	int cpu = smp_processor_id();
	u64 idled = 0;

	set_thread_flag(TIF_POLLING_NRFLAG);
	local_irq_disable();
	calc_load_nohz_start();
	nohz_balance_enter_idle(cpu);
	local_irq_enable();
	while (!need_resched()) {
		leave_unused_mm(cpu);
		local_irq_disable();
		if (unlikely(!cpu_online(cpu)))
			cpuhp_idle_dead();
		idled += idle_once();
		set_thread_flag(TIF_POLLING_NRFLAG);
	}
	clear_thread_flag(TIF_POLLING_NRFLAG);
	local_irq_disable();
	tick_nohz_idle_exit(idled);
	local_irq_enable();
	schedule_idle();
}

__noreturn void cpu_startup_entry(void)
{
	ASSERT(preempt_count() == PREEMPT_OFFSET);
	for (;;)
		do_idle();
}
