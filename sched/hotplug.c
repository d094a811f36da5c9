/* SPDX-License-Identifier: MIT */
/*
 * CPUs that come and go, as the scheduler sees it. Called by the hot-plug ladder alone
 * (<jiffy/cpuhotplug.h>), one CPU at a time, in the contexts named in <jiffy/sched.h>.
 *
 * Why a CPU stays empty once it was drained: every choice of a CPU for a task looks at the active
 * mask with preemption off and queues the task before it is on again, so when all CPUs have been
 * seen with preemption on since the mask changed (synchronize_rcu()), nobody is left who saw the
 * CPU active. What may still come there by itself are its own kernel threads and tasks that are
 * pinned (migrate_disable()); the former are parked, the latter counted.
 */
#include "internal.h"

void set_rq_online(struct rq *rq)
{
	const struct sched_class *class;
	int i;

	lockdep_assert_held(&rq->lock);
	if (rq->online)
		return;
	cpumask_set_cpu(rq->cpu, &rq->rd->online);
	rq->online = true;
	for_each_class (i, class)
		if (class->rq_online)
			class->rq_online(rq);
}

void set_rq_offline(struct rq *rq)
{
	const struct sched_class *class;
	int i;

	lockdep_assert_held(&rq->lock);
	if (!rq->online)
		return;
	for_each_class (i, class)
		if (class->rq_offline)
			class->rq_offline(rq);
	cpumask_clear_cpu(rq->cpu, &rq->rd->online);
	rq->online = false;
}

/* Run queues begin online; those of CPUs that were not started are not. */
void sched_hotplug_init(void)
{
	unsigned long flags;
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);

		if (cpu_active(cpu))
			continue;
		raw_spin_lock_irqsave(&rq->lock, flags);
		set_rq_offline(rq);
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}

int sched_stopper_create(unsigned int cpu)
{
	return cpu_stopper_exists(cpu) ? 0 : sched_env_start_stopper(cpu);
}

void sched_stopper_online(unsigned int cpu)
{
	cpu_stopper_enable(cpu, true);
	/* A new one begins its loop; it sleeps interruptibly from then on, which is no load. */
	wake_up_state(cpu_rq(cpu)->stop, TASK_UNINTERRUPTIBLE);
}

int sched_cpu_activate(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&rq->lock, flags);
	update_rq_clock(rq);
	rq->next_balance = jiffies;
	set_rq_online(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	cpumask_set_cpu(cpu, &__cpu_active_mask);
	sched_init_granularity();
	rebuild_sched_domains();
	/* It idled as one that nobody may send work to: it looks again. */
	resched_cpu(cpu);
	return 0;
}

int sched_cpu_deactivate(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	if (!dl_bw_give_up_cpu(rq->rd, cpu))
		return -EBUSY;
	synchronize_rcu();
	nohz_balance_exit_idle(cpu);
	raw_spin_lock_irqsave(&rq->lock, flags);
	update_rq_clock(rq);
	set_rq_offline(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	sched_init_granularity();
	rebuild_sched_domains();
	return 0;
}

/* [the migration thread, so no other task runs on this CPU] p leaves, if it is here. */
static void push_task(struct task_struct *p, void *unused)
{
	int cpu = smp_processor_id();
	unsigned long flags;
	struct rq *rq;

	if (task_cpu(p) != cpu || kthread_is_per_cpu(p))
		return;
	rq = task_rq_lock(p, &flags);
	if (rq->cpu == cpu && !p->migration_disabled) {
		update_rq_clock(rq);
		finish_delayed(rq, p);
		if (task_on_rq_queued(p))
			rq = move_queued_task(rq, p, select_fallback_rq(cpu, p));
	}
	task_rq_unlock(rq, p, &flags);
}

static int push_tasks(void *unused)
{
	struct rq *rq = this_rq();

	sched_env_for_each_task(push_task, NULL);
	/* This thread is one. A task that is in no list any more is about to end by itself. */
	return READ_ONCE(rq->nr_running) > 1 || rq->nr_pinned ? -EAGAIN : 0;
}

int sched_cpu_drain(unsigned int cpu)
{
	return stop_one_cpu(cpu, push_tasks, NULL);
}

int sched_cpu_dying(void)
{
	struct rq *rq = this_rq();

	if (rq->nr_running > 1 || rq->nr_pinned)
		return -EAGAIN;
	cpu_stopper_enable(rq->cpu, false);
	return 0;
}
