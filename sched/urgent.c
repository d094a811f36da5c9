/* SPDX-License-Identifier: MIT */
/*
 * Real-time tasks under sched=goodness and sched=o1, whose class stands for rt: those that wait on
 * one CPU are not to do so while another one runs something less urgent. goodness, whose CPUs look
 * at all that wait, only asks here where. o1 has a queue a CPU, and moves them:
 *
 * A real-time task begins to wait when it is woken, when another one, or a deadline task, gets its
 * CPU, and when its priority changes. Then its CPU pushes: it goes to the CPU that runs the least
 * urgent of those that it may use. When there is none it is left, and its CPU is in left_waiting.
 * There it can become wrong only by what another CPU runs becoming less urgent, which is when a
 * real-time or deadline task leaves that one: it then pulls from those in left_waiting.
 *
 * The two may come at the same moment, and neither has the other's lock. So who pushes first sets its
 * mark and then looks at the others' queues; who pulls has first taken off its queue what leaves and
 * then looks at the marks: one of them sees the other. What a CPU runs is told by its queues therefore,
 * as far as they tell it: its current task may be on the way out.
 *
 * The 2.6 kernels came to this after o1's days: there it waited until balancing, which counts tasks,
 * happened to move it.
 *
 * rq->lock, interrupts off; what is read of other CPUs without theirs is looked at again with it.
 */
#include "internal.h"

/*
 * o1: where a push left a real-time task, and some that it has left since. Each bit is its CPU's
 * rq->lock's; read without.
 */
static cpumask_t left_waiting;

/* o1: the most urgent real-time task that is queued, the current one too; MAX_RT_PRIO: there is none. */
static int queued_prio(const struct rq *rq)
{
	return find_first_bit(rq->o1.active->bitmap, MAX_RT_PRIO);
}

/*
 * curr's priority; that of the least urgent real-time task and one more when it is about to leave the
 * CPU to something that is not known: one that is on no queue any more, or a deadline task where none
 * is queued.
 */
static int curr_prio(const struct rq *rq)
{
	const struct task_struct *curr = READ_ONCE(rq->curr);
	int prio = READ_ONCE(curr->prio);

	if (curr == rq->idle)
		return MAX_PRIO;
	return rt_prio(prio) && (!task_on_rq_queued(curr) || dl_prio(prio)) ? MAX_RT_PRIO : prio;
}

/* What rq's CPU runs, or is about to. */
static int cpu_prio(const struct rq *rq)
{
	int queued = queued_prio(rq);

	if (READ_ONCE(rq->dl.dl_nr_running))
		return MAX_DL_PRIO - 1;
	return min(curr_prio(rq), queued < MAX_RT_PRIO ? queued : MAX_PRIO);
}

int cpu_to_preempt(struct task_struct *p)
{
	int cpu, worst = p->prio, found = -1;

	for_each_cpu_and (cpu, p->cpus_ptr, cpu_active_mask) {
		struct rq *rq = cpu_rq(cpu);
		int prio;

		if (cpu != (int)task_cpu(p) && !balances_with(rq, task_rq(p)))
			continue;
		prio = cpu_prio(rq);
		if (prio > worst && is_cpu_allowed(p, cpu)) {
			worst = prio;
			found = cpu;
		}
	}
	return found;
}

static bool rt_task_waits(const struct rq *rq)
{
	return rq->rt_queued > (unsigned int)(rt_task(rq->curr) && task_on_rq_queued(rq->curr) &&
					      rq->curr->sched_class == &o1_sched_class);
}

static void note_left(struct rq *rq)
{
	bool left = rt_task_waits(rq);

	lockdep_assert_held(&rq->lock);
	if (left == rq->o1.rt_left)
		return;
	rq->o1.rt_left = left;
	if (left)
		cpumask_set_cpu(rq->cpu, &left_waiting);
	else
		cpumask_clear_cpu(rq->cpu, &left_waiting);
}

/* The most urgent one that waits here and should run elsewhere, and where. */
static struct task_struct *find_to_push(struct rq *rq, int *cpu)
{
	const struct o1_prio_array *active = rq->o1.active;
	struct task_struct *p;
	int i;

	for_each_set_bit (i, active->bitmap, MAX_RT_PRIO) {
		list_for_each_entry (p, &active->queue[i], o1.run_list) {
			if (p->on_cpu || p->nr_cpus_allowed == 1)
				continue;
			*cpu = cpu_to_preempt(p);
			/* Where it is: then it is about to run. */
			if (*cpu >= 0 && *cpu != rq->cpu)
				return p;
			/* None for one that may use all, none for those after it. */
			if (*cpu < 0 && cpumask_subset(cpu_active_mask, p->cpus_ptr))
				return NULL;
		}
	}
	return NULL;
}

/* May drop rq's lock. False: not any more. */
static bool push_task(struct rq *rq, struct task_struct *p, struct rq *to)
{
	bool pushed = false;

	get_task_struct(p);
	if ((!double_lock_balance(rq, to) ||
	     (task_rq(p) == rq && task_on_rq_queued(p) && !p->on_cpu && rt_task(p) &&
	      p->sched_class == &o1_sched_class)) &&
	    is_cpu_allowed(p, to->cpu) && balances_with(rq, to) && cpu_prio(to) > p->prio) {
		move_task(rq, p, to);
		check_preempt_curr(to, p, 0);
		pushed = true;
	}
	double_unlock_balance(rq, to);
	put_task_struct(p);
	return pushed;
}

#define PUSH_TRIES 3

void push_tasks_o1(struct rq *rq)
{
	struct task_struct *p;
	int cpu, tries = 0;

	lockdep_assert_held(&rq->lock);
	if (sched_mutant(O1_PUSH_MISSING))
		return;
	note_left(rq);
	smp_mb(); /* pairs with that of pull_rt_tasks_o1() */
	while (tries < PUSH_TRIES && (p = find_to_push(rq, &cpu)))
		tries += !push_task(rq, p, cpu_rq(cpu));
	note_left(rq);
}

static struct task_struct *find_to_pull(struct rq *src, int cpu)
{
	const struct o1_prio_array *active = src->o1.active;
	struct task_struct *p;
	int i;

	for_each_set_bit (i, active->bitmap, MAX_RT_PRIO)
		list_for_each_entry (p, &active->queue[i], o1.run_list)
			if (!p->on_cpu && is_cpu_allowed(p, cpu))
				return p;
	return NULL;
}

void pull_rt_tasks_o1(struct rq *rq)
{
	unsigned int cpu;

	lockdep_assert_held(&rq->lock);
	if (!cpu_active(rq->cpu) || sched_mutant(O1_PULLS_NOTHING_URGENT))
		return;
	smp_mb(); /* what left is off the queue: pairs with that of push_tasks_o1() */
	for_each_cpu (cpu, &left_waiting) {
		struct rq *src = cpu_rq(cpu);
		struct task_struct *p;

		if (src == rq || !balances_with(rq, src))
			continue;
		double_lock_balance(rq, src);
		p = find_to_pull(src, rq->cpu);
		/* One that beats what runs there is about to run there. */
		if (p && p->prio < queued_prio(rq) && p->prio >= src->curr->prio)
			move_task(src, p, rq);
		note_left(src);
		double_unlock_balance(rq, src);
	}
}

bool runs_less_urgent(const struct rq *rq, const struct task_struct *prev)
{
	return prev->prio < queued_prio(rq);
}

void rt_task_left(struct rq *rq)
{
	if (!--rq->rt_queued)
		note_left(rq);
}
