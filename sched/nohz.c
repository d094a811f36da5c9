/* SPDX-License-Identifier: MIT */
/*
 * Balancing for CPUs whose tick is stopped, which cannot see that they should pull: one that ticks
 * and has a task that would be better off elsewhere pokes one of them, and that one balances for
 * all. Owns who idles so, and how many CPUs of a cache domain do not.
 *
 * A CPU joins when it idles and leaves at its next tick with something to run, not before: of one
 * that idles a thousand times a second the two masks and counters, which all CPUs share, hear
 * nothing. So they are hints, and who reads them asks idle_cpu() as well.
 */
#include "internal.h"

static cpumask_t nohz_idle_cpus;
static atomic_t nohz_nr_cpus;
/* jiffies: when the first of the idle CPUs is due; when one may be poked for a task that waits */
static unsigned long nohz_next_balance, nohz_next_kick;

/* The cache domain of rq's CPU has one busy CPU less; on is for a domain that begins so, too. */
void nohz_count_idle(struct sched_domain *llc)
{
	if (llc && !xchg(&llc->nohz_idle, true))
		atomic_dec(&llc->ring->shared.nr_busy_cpus);
}

static void count_busy(struct sched_domain *llc)
{
	if (llc && xchg(&llc->nohz_idle, false))
		atomic_inc(&llc->ring->shared.nr_busy_cpus);
}

void nohz_balance_enter_idle(int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	if (READ_ONCE(rq->nohz_tick_stopped) || !cpu_active(cpu))
		return;
	WRITE_ONCE(rq->nohz_tick_stopped, true);
	/* When it should look was said to a CPU that was busy. */
	rq->next_balance = jiffies;
	cpumask_set_cpu(cpu, &nohz_idle_cpus);
	atomic_inc(&nohz_nr_cpus);
	nohz_count_idle(rcu_dereference(per_cpu(sd_llc, cpu)));
}

void nohz_balance_exit_idle(int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	if (!READ_ONCE(rq->nohz_tick_stopped) || !xchg(&rq->nohz_tick_stopped, false))
		return;
	cpumask_clear_cpu(cpu, &nohz_idle_cpus);
	atomic_dec(&nohz_nr_cpus);
	rcu_read_lock();
	count_busy(rcu_dereference(per_cpu(sd_llc, cpu)));
	rcu_read_unlock();
}

/*
 * rq's CPU runs one task, and nobody waits there. Would the task be better off elsewhere, or its
 * neighbours without it? On a core whose other thread is busy while a whole core idles; and where
 * several CPUs of a cache are busy and there are other caches, for a balancer to compare them.
 */
static bool crowded(struct rq *rq)
{
	struct sched_domain *llc;
	const cpumask_t *threads;
	bool yes = false;
	unsigned int cpu;

	rcu_read_lock();
	llc = rcu_dereference(per_cpu(sd_llc, rq->cpu));
	if (llc && rq->cfs.h_nr_running) {
		struct sched_domain_shared *shared = &llc->ring->shared;

		yes = llc->parent && atomic_read(&shared->nr_busy_cpus) > 1;
		threads = cpu_smt_mask(rq->cpu);
		if (threads && READ_ONCE(shared->has_idle_cores))
			for_each_cpu (cpu, threads)
				yes |= (int)cpu != rq->cpu && !idle_cpu(cpu);
	}
	rcu_read_unlock();
	return yes;
}

void nohz_kick(int cpu)
{
	WRITE_ONCE(cpu_rq(cpu)->nohz_kick, true);
	arch_send_reschedule(cpu);
}

void nohz_balancer_kick(struct rq *rq)
{
	unsigned int cpu;

	if (rq->curr == rq->idle)
		return;
	nohz_balance_exit_idle(rq->cpu);
	if (!atomic_read(&nohz_nr_cpus))
		return;
	if (rq->nr_running >= 2) {
		if (time_before(jiffies, READ_ONCE(nohz_next_kick)))
			return;
	} else if (!fair_class_in_use() || time_before(jiffies, READ_ONCE(nohz_next_balance)) ||
		   sched_mutant(CROWDED_STAY) || !crowded(rq)) {
		return;
	}
	WRITE_ONCE(nohz_next_kick, jiffies + 1);
	WRITE_ONCE(nohz_next_balance, jiffies + 1);
	for_each_cpu_and (cpu, &nohz_idle_cpus, cpu_active_mask) {
		if (!idle_cpu(cpu))
			continue;
		nohz_kick(cpu);
		/* It balances for all; with goodness and o1 each fetches for itself. */
		if (fair_class_in_use())
			return;
	}
}

static void nohz_idle_balance(struct rq *this_rq)
{
	unsigned long next = this_rq->next_balance;
	unsigned int cpu;

	for_each_cpu_wrap (cpu, &nohz_idle_cpus, this_rq->cpu + 1) {
		struct rq *rq = cpu_rq(cpu);

		/* Work came here: it cannot wait for the others to be served. */
		if (need_resched())
			break;
		if (rq == this_rq || !idle_cpu(cpu))
			continue;
		if (time_after_eq(jiffies, rq->next_balance))
			rebalance_domains(rq, IDLE);
		if (time_before(rq->next_balance, next))
			next = rq->next_balance;
	}
	if (time_after(next, READ_ONCE(nohz_next_balance)))
		WRITE_ONCE(nohz_next_balance, next);
}

/*
 * goodness and o1 fetch work when a task of theirs leaves the CPU; one that idles has no such
 * occasion. It gets one when another CPU has more tasks than it runs (told). When it does not idle any
 * more, what it began to run may be less urgent than what it was told of. [softirq]
 */
static void pull_while_idle(struct rq *rq, bool told)
{
	const struct sched_class *class =
	    sched_choice == SCHED_O1 ? &o1_sched_class : &goodness_sched_class;

	raw_spin_lock_irq(&rq->lock);
	update_rq_clock(rq);
	if (rq->curr == rq->idle ? !sched_mutant(IDLE_PULLS_NOTHING) && class->balance(rq, rq->idle)
				 : told && class == &goodness_sched_class)
		resched_curr(rq);
	WRITE_ONCE(rq->nr_idle_passes, rq->nr_idle_passes + 1);
	raw_spin_unlock_irq(&rq->lock);
}

/* [hardirq, the reschedule interrupt] */
void scheduler_ipi(void)
{
	if (unlikely(READ_ONCE(this_rq()->nohz_kick)))
		raise_softirq_irqoff(SCHED_SOFTIRQ);
}

/* [softirq] */
void run_rebalance_domains(void)
{
	struct rq *rq = this_rq();
	bool idle = idle_cpu(rq->cpu);

	if (!fair_class_in_use()) {
		pull_while_idle(rq, xchg(&rq->nohz_kick, false));
		if (sched_choice == SCHED_O1 && !idle)
			o1_rebalance(rq);
		return;
	}
	rebalance_domains(rq, idle ? IDLE : NOT_IDLE);
	if (READ_ONCE(rq->nohz_kick)) {
		WRITE_ONCE(rq->nohz_kick, false);
		if (idle)
			nohz_idle_balance(rq);
	}
}
