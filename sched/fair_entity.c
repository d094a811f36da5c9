/* SPDX-License-Identifier: MIT */
/*
 * Entities on fair run queues: fixed-point shares, charging, queueing, counts. What decides the
 * order is behind struct fair_policy. rq->lock everywhere.
 */
#include "internal.h"

const struct fair_policy *fair = &cfs_policy;

void init_cfs_rq(struct cfs_rq *cfs_rq)
{
	cfs_rq->tasks_timeline = RB_ROOT_CACHED;
	/* Just below the wrap: an arithmetic that forgets it fails early. */
	cfs_rq->min_vruntime = (u64) - (1LL << 20);
	cfs_rq->avg.last_update_time = LOAD_TIME_BEGIN;
	raw_spin_lock_init(&cfs_rq->removed.lock);
	INIT_LIST_HEAD(&cfs_rq->leaf_cfs_rq_list);
	INIT_LIST_HEAD(&cfs_rq->throttled_list);
	atomic64_set(&cfs_rq->decay_counter, 1);
}

void update_load_add(struct load_weight *lw, unsigned long inc)
{
	lw->weight += inc;
	lw->inv_weight = 0;
}

void update_load_sub(struct load_weight *lw, unsigned long dec)
{
	lw->weight -= dec;
	lw->inv_weight = 0;
}

/*
 * delta * weight / lw->weight, by multiplying with the inverse 2^32 / w: for a task's own weight
 * it comes from a table, for a queue's sum it is computed once and kept until the sum changes.
 *
 * Widths: weight (10 bits of scale dropped) times the inverse is below 2^50 for any weight a
 * group may have, and the product with delta is taken at 128 bits, so nothing is lost that the
 * inverse had. A weight that has no 32-bit inverse (1) divides by the largest one there is.
 */
u64 __calc_delta(u64 delta, unsigned long weight, struct load_weight *lw)
{
	u64 fact = scale_load_down(weight);

	if (unlikely(!lw->inv_weight)) {
		unsigned long w = scale_load_down(lw->weight);

		if (w >= 1UL << 32)
			lw->inv_weight = 1;
		else
			lw->inv_weight = w > 1 ? (1UL << 32) / w : ~0u;
	}
	return (u64)(((unsigned __int128)delta * (fact * lw->inv_weight)) >> 32);
}

/* Virtual time for delta of real time: the same for nice 0, slower for heavier entities. */
u64 calc_delta_fair(u64 delta, struct sched_entity *se)
{
	if (likely(se->load.weight == NICE_0_LOAD))
		return delta;
	return __calc_delta(delta, NICE_0_LOAD, &se->load);
}

static __always_inline void charge_task(struct task_struct *curr, u64 now, s64 delta)
{
	curr->se.exec_start = now;
	curr->se.sum_exec_runtime += delta;
	if (unlikely((u64)delta > curr->stats.exec_max))
		curr->stats.exec_max = delta;
	trace_sched_stat_runtime(curr, delta);
}

u64 update_curr_common(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	u64 now = rq_clock_task(rq);
	s64 delta = now - curr->se.exec_start;

	if (unlikely(delta <= 0))
		return 0;
	charge_task(curr, now, delta);
	return delta;
}

void charge_curr(struct cfs_rq *cfs_rq, struct sched_entity *curr, s64 delta)
{
	u64 now = curr->exec_start + delta;

	if (entity_is_task(curr)) {
		charge_task(rq_of(cfs_rq)->curr, now, delta);
	} else {
		curr->exec_start = now;
		curr->sum_exec_runtime += delta;
	}
	if (sched_mutant(VRUNTIME_BACKWARDS))
		curr->vruntime -= calc_delta_fair(delta, curr);
	else if (sched_mutant(VRUNTIME_UNWEIGHTED))
		curr->vruntime += delta;
	else if (!sched_mutant(VRUNTIME_NOT_CHARGED))
		curr->vruntime += calc_delta_fair(delta, curr);
	fair->advance(cfs_rq, curr);
	if (unlikely(cfs_rq->runtime_enabled))
		account_cfs_rq_runtime(cfs_rq, delta);
}

static void account_entity_enqueue(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	update_load_add(&cfs_rq->load, se->load.weight);
	if (entity_is_task(se))
		list_add(&se->group_node, &rq_of(cfs_rq)->cfs_tasks);
	cfs_rq->nr_running++;
}

static void account_entity_dequeue(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	if (!sched_mutant(WEIGHT_SUM_STALE))
		update_load_sub(&cfs_rq->load, se->load.weight);
	if (entity_is_task(se))
		list_del_init(&se->group_node);
	cfs_rq->nr_running--;
}

/* A buddy hint of a queue whose entity goes, up the tree as far as it was set. */
void clear_buddies(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	if (cfs_rq->next == se)
		cfs_rq->next = NULL;
	if (cfs_rq->last == se)
		cfs_rq->last = NULL;
	if (cfs_rq->skip == se)
		cfs_rq->skip = NULL;
}

void enqueue_entity(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	update_curr(cfs_rq);
	update_load_avg(cfs_rq, se, UPDATE_TG | DO_ATTACH);
	if (!entity_is_task(se))
		update_cfs_group(se);
	fair->place(cfs_rq, se, flags);
	account_entity_enqueue(cfs_rq, se);
	if (cfs_rq->curr != se)
		fair->tree_add(cfs_rq, se);
	se->on_rq = 1;
	/* Beside others it can only be the new least one, and the origin never runs back. */
	if (cfs_rq->nr_running == 1)
		fair->update_min(cfs_rq);
	if (unlikely(!cfs_rq->on_list) && &rq_of(cfs_rq)->cfs != cfs_rq)
		list_add_leaf_cfs_rq(cfs_rq);
	if (unlikely(cfs_rq->throttle_count) && !cfs_rq->throttled_clock_self)
		cfs_rq->throttled_clock_self = rq_clock(rq_of(cfs_rq));
}

bool dequeue_entity(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	int action = UPDATE_TG | LOAD_DEQUEUE;

	update_curr(cfs_rq);
	clear_buddies(cfs_rq, se);
	if (fair->leave(cfs_rq, se, flags)) {
		update_load_avg(cfs_rq, se, 0);
		return false;
	}
	if (flags & DEQUEUE_SLEEP)
		action |= LOAD_SLEEP;
	if (entity_is_task(se) && task_on_rq_migrating(task_of(se)))
		action |= DO_DETACH;
	update_load_avg(cfs_rq, se, action);
	if (cfs_rq->curr != se)
		fair->tree_del(cfs_rq, se);
	se->on_rq = 0;
	account_entity_dequeue(cfs_rq, se);
	update_cfs_group(se);
	fair->update_min(cfs_rq);
	if (unlikely(cfs_rq->runtime_enabled))
		return_cfs_rq_runtime(cfs_rq);
	return true;
}

static void becomes_current(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	se->exec_start = rq_clock_task(rq_of(cfs_rq));
	cfs_rq->curr = se;
	se->prev_sum_exec_runtime = se->sum_exec_runtime;
}

/* se gets the CPU: it leaves the tree, whose keys must not change while they are in it. */
void set_next_entity(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	clear_buddies(cfs_rq, se);
	if (se->on_rq) {
		fair->tree_del(cfs_rq, se);
		update_load_avg(cfs_rq, se, UPDATE_TG);
	}
	becomes_current(cfs_rq, se);
}

void put_prev_entity(struct cfs_rq *cfs_rq, struct sched_entity *prev)
{
	if (prev->on_rq) {
		update_curr(cfs_rq);
		fair->tree_add(cfs_rq, prev);
		update_load_avg(cfs_rq, prev, 0);
	}
	cfs_rq->curr = NULL;
}

/* The tree loses the one before it gets the other: of two tasks that take turns it holds none. */
void switch_entity(struct cfs_rq *cfs_rq, struct sched_entity *prev, struct sched_entity *next)
{
	/* As long as next is still where the origin of virtual time can see it. */
	if (prev->on_rq)
		update_curr(cfs_rq);
	clear_buddies(cfs_rq, next);
	fair->tree_del(cfs_rq, next);
	if (prev->on_rq)
		fair->tree_add(cfs_rq, prev);
	switch_load_avg(cfs_rq, prev->on_rq ? prev : NULL, next);
	becomes_current(cfs_rq, next);
}

/*
 * Another weight for se, which may be queued and running. It stays where it is: a place in cfs's
 * order does not depend on the weight, and what does in eevdf's is that policy's to change. Load
 * tracking keeps the time that it was runnable apart from the weight.
 */
void reweight_entity(struct cfs_rq *cfs_rq, struct sched_entity *se, unsigned long weight)
{
	unsigned long old = se->load.weight;

	/* What it ran, or slept, until now counts by the weight that it had. */
	if (se->on_rq)
		update_curr(cfs_rq);
	if (se->on_rq || se->avg.last_update_time)
		update_load_avg(cfs_rq, se, 0);
	if (se->on_rq) {
		update_load_sub(&cfs_rq->load, old);
		update_load_add(&cfs_rq->load, weight);
	}
	if (fair->reweight) {
		fair->reweight(cfs_rq, se, weight);
	} else {
		se->load.weight = weight;
		se->load.inv_weight = 0;
	}
	reweight_load_avg(cfs_rq, se, old);
	if (se->on_rq)
		fair->update_min(cfs_rq);
}
