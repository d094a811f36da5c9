/* SPDX-License-Identifier: MIT */
/*
 * The idle class: one task a CPU, never queued, picked when there is nothing else. rq->lock.
 */
#include "internal.h"

static void enqueue_task_idle(struct rq *rq, struct task_struct *p, int flags)
{
}

static bool dequeue_task_idle(struct rq *rq, struct task_struct *p, int flags)
{
	panic("the idle task of CPU %d sleeps", rq->cpu);
}

static void check_preempt_curr_idle(struct rq *rq, struct task_struct *p, int flags)
{
	resched_curr(rq);
}

static struct task_struct *pick_task_idle(struct rq *rq)
{
	rq->sched_goidle++;
	return rq->idle;
}

static void put_prev_task_idle(struct rq *rq, struct task_struct *p)
{
}

static void set_next_task_idle(struct rq *rq, struct task_struct *p, bool first)
{
	p->se.exec_start = rq_clock_task(rq);
	if (sched_smt_present)
		update_idle_core(rq);
}

static bool balance_idle(struct rq *rq, struct task_struct *prev)
{
	return true;
}

static void task_tick_idle(struct rq *rq, struct task_struct *curr)
{
}

static void update_curr_idle(struct rq *rq)
{
}

struct sched_class idle_sched_class = {
    .name = "idle",
    .enqueue_task = enqueue_task_idle,
    .dequeue_task = dequeue_task_idle,
    .check_preempt_curr = check_preempt_curr_idle,
    .pick_task = pick_task_idle,
    .put_prev_task = put_prev_task_idle,
    .set_next_task = set_next_task_idle,
    .balance = balance_idle,
    .task_tick = task_tick_idle,
    .update_curr = update_curr_idle,
};
