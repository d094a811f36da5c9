/* SPDX-License-Identifier: MIT */
/*
 * sched=cfs: entities in the order of their virtual run time, the least one runs. rq->lock.
 *
 * Every entity's vruntime advances by the time it ran, divided by its weight (nice 0 counts as
 * 1), so equal vruntimes mean that each got its share. Within sched_latency_ns every runnable
 * entity should have run once; with more of them than fit, each gets sched_min_granularity_ns.
 */
#include "internal.h"

u64 sysctl_sched_latency = 6000000;
u64 sysctl_sched_min_granularity = 750000;
u64 sysctl_sched_wakeup_granularity = 1000000;
unsigned int sysctl_sched_child_runs_first;
unsigned int sched_nr_latency = 8; /* latency / min granularity */

static bool vruntime_less(struct rb_node *a, const struct rb_node *b)
{
	return entity_before(rb_entry(a, struct sched_entity, run_node),
			     rb_entry(b, struct sched_entity, run_node));
}

static struct sched_entity *first_entity(struct cfs_rq *cfs_rq)
{
	return rb_entry_safe(rb_first_cached(&cfs_rq->tasks_timeline), struct sched_entity,
			     run_node);
}

static void cfs_tree_add(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	rb_add_cached(&se->run_node, &cfs_rq->tasks_timeline, vruntime_less);
}

static void cfs_tree_del(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	rb_erase_cached(&se->run_node, &cfs_rq->tasks_timeline);
}

/* The least vruntime of all here, which never runs back: the origin for those that come. */
static void cfs_update_min(struct cfs_rq *cfs_rq)
{
	struct sched_entity *curr = cfs_rq->curr, *left = first_entity(cfs_rq);
	u64 v = cfs_rq->min_vruntime;

	if (curr && curr->on_rq)
		v = left ? min_vruntime(curr->vruntime, left->vruntime) : curr->vruntime;
	else if (left)
		v = left->vruntime;
	else
		return;
	if (sched_mutant(MIN_VRUNTIME_STALE))
		return;
	WRITE_ONCE(cfs_rq->min_vruntime, max_vruntime(cfs_rq->min_vruntime, v));
}

static void cfs_advance(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	cfs_update_min(cfs_rq);
}

static u64 sched_period(unsigned int nr)
{
	return nr > sched_nr_latency ? nr * sysctl_sched_min_granularity : sysctl_sched_latency;
}

/* se's part of the period, in ns of real time: its share at each level of the group tree. */
static u64 sched_slice(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	u64 slice = sched_period(cfs_rq->nr_running + !se->on_rq);

	for_each_sched_entity (se) {
		struct load_weight *load = &cfs_rq_of(se)->load, with_se;

		if (unlikely(!se->on_rq)) {
			with_se = cfs_rq_of(se)->load;
			update_load_add(&with_se, se->load.weight);
			load = &with_se;
		}
		slice = __calc_delta(slice, se->load.weight, load);
	}
	return slice;
}

static u64 sched_vslice(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	return calc_delta_fair(sched_slice(cfs_rq, se), se);
}

/* One that is new starts a slice late, or a parent could fork itself ahead of others. */
static noinline void place_new(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	struct sched_entity *curr = cfs_rq->curr;
	u64 v = cfs_rq->min_vruntime;

	if (sched_feat(START_DEBIT))
		v += sched_vslice(cfs_rq, se);
	se->vruntime = curr ? max_vruntime(curr->vruntime, v) : v;
	if (sysctl_sched_child_runs_first && curr && entity_before(curr, se)) {
		swap(curr->vruntime, se->vruntime);
		resched_curr(rq_of(cfs_rq));
	}
}

/*
 * One that slept comes back at most half a latency ahead of the origin: enough to run soon, not so
 * much that a long sleep buys a long monopoly; and never at an earlier vruntime than it left with.
 */
static void cfs_place(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	u64 v = cfs_rq->min_vruntime, credit = sysctl_sched_latency;

	if (flags & ENQUEUE_INITIAL) {
		place_new(cfs_rq, se);
		return;
	}
	if (!(flags & ENQUEUE_WAKEUP))
		return;
	if (se_is_idle(se))
		credit = sysctl_sched_min_granularity;
	else if (sched_feat(GENTLE_FAIR_SLEEPERS))
		credit /= 2;
	if (!sched_mutant(SLEEPER_UNBOUNDED))
		se->vruntime = max_vruntime(se->vruntime, v - credit);
}

static bool cfs_leave(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	return false;
}

/*
 * How much later in virtual time is curr than se: -1 not at all, 0 less than se may take the
 * CPU for, 1 more. The granularity is in se's own virtual time, so a light one preempts less.
 */
static int wakeup_preempt_entity(struct sched_entity *curr, struct sched_entity *se)
{
	s64 vdiff = curr->vruntime - se->vruntime;

	if (vdiff <= 0)
		return -1;
	return vdiff > (s64)calc_delta_fair(sysctl_sched_wakeup_granularity, se);
}

/* There is a hint, or the first one asked to be passed over: as far as fairness lets them. */
static noinline struct sched_entity *pick_by_hint(struct cfs_rq *cfs_rq, struct sched_entity *curr,
						  struct sched_entity *left)
{
	struct sched_entity *se = left, *second;

	if (cfs_rq->skip == se) {
		if (se == curr) {
			second = first_entity(cfs_rq);
		} else {
			second =
			    rb_entry_safe(rb_next(&se->run_node), struct sched_entity, run_node);
			if (!second || (curr && entity_before(curr, second)))
				second = curr;
		}
		if (second && wakeup_preempt_entity(second, left) < 1)
			se = second;
	}
	if (cfs_rq->next && wakeup_preempt_entity(cfs_rq->next, left) < 1)
		se = cfs_rq->next;
	else if (cfs_rq->last && wakeup_preempt_entity(cfs_rq->last, left) < 1)
		se = cfs_rq->last;
	return se;
}

/* Leftmost, but for hints that cost no fairness worth speaking of. */
static struct sched_entity *cfs_pick(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	struct sched_entity *left = first_entity(cfs_rq);

	if (!left || (curr && entity_before(curr, left)))
		left = curr;
	if (sched_mutant(LEFTMOST_WRONG) && rb_last(&cfs_rq->tasks_timeline.rb_root))
		return rb_entry(rb_last(&cfs_rq->tasks_timeline.rb_root), struct sched_entity,
				run_node);
	if (likely(cfs_rq->skip != left && !cfs_rq->next && !cfs_rq->last))
		return left;
	return pick_by_hint(cfs_rq, curr, left);
}

/* Has the running one had its slice, or fallen behind the leftmost by as much? */
static void cfs_tick(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	u64 ran = curr->sum_exec_runtime - curr->prev_sum_exec_runtime, ideal;
	struct sched_entity *left;

	if (cfs_rq->nr_running < 2 || sched_mutant(TICK_NEVER_PREEMPTS))
		return;
	ideal = sched_slice(cfs_rq, curr);
	if (ran > ideal) {
		resched_curr(rq_of(cfs_rq));
		/* Or a hint would give it the CPU right back. */
		clear_buddies(cfs_rq, curr);
		return;
	}
	if (ran < sysctl_sched_min_granularity)
		return;
	left = first_entity(cfs_rq);
	if (left && (s64)(curr->vruntime - left->vruntime) > (s64)ideal)
		resched_curr(rq_of(cfs_rq));
}

static bool cfs_preempts(struct cfs_rq *cfs_rq, struct sched_entity *curr, struct sched_entity *se)
{
	return wakeup_preempt_entity(curr, se) == 1;
}

static void cfs_yield(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	cfs_rq->skip = curr;
}

/* Its distance from the origin goes along. Both origins are read whole; neither runs back. */
static void cfs_migrate(struct sched_entity *se, struct cfs_rq *from, struct cfs_rq *to)
{
	if (!sched_mutant(MIGRATION_KEEPS_VRUNTIME))
		se->vruntime += READ_ONCE(to->min_vruntime) - READ_ONCE(from->min_vruntime);
}

static bool cfs_check(struct cfs_rq *cfs_rq, const char **rule)
{
	struct rb_node *n = rb_first(&cfs_rq->tasks_timeline.rb_root), *next;

	*rule = "the cached leftmost is the leftmost";
	if (n != rb_first_cached(&cfs_rq->tasks_timeline))
		return false;
	*rule = "vruntimes rise along the tree";
	for (; n && (next = rb_next(n)); n = next)
		if (vruntime_less(next, n))
			return false;
	return true;
}

const struct fair_policy cfs_policy = {
    .name = "cfs",
    .tree_add = cfs_tree_add,
    .tree_del = cfs_tree_del,
    .place = cfs_place,
    .leave = cfs_leave,
    .pick = cfs_pick,
    .advance = cfs_advance,
    .tick = cfs_tick,
    .preempts = cfs_preempts,
    .yield = cfs_yield,
    .migrate = cfs_migrate,
    .update_min = cfs_update_min,
    .slice = sched_slice,
    .check = cfs_check,
};
