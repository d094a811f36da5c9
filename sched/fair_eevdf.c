/* SPDX-License-Identifier: MIT */
/*
 * sched=eevdf: earliest eligible virtual deadline first (Stoica and Abdel-Wahab, 1995). rq->lock.
 *
 * An entity's lag is the service that it should have got less the service that it got. With
 * virtual times v_i and weights w_i the point where all lags are zero is the weighted mean
 *
 *	V = sum(w_i * v_i) / sum(w_i)
 *
 * and lag_i = w_i * (V - v_i). Who has no negative lag is eligible; of those the one with the
 * earliest virtual deadline v_i + slice / w_i runs. Sums are kept relative to min_vruntime, so
 * that they stay small: key_i = v_i - v0, avg_vruntime = sum(w_i * key_i), avg_load = sum(w_i).
 * The current entity is not in the tree and is added where it counts.
 *
 * The tree is in the order of deadlines, and each node knows the least vruntime below it, so
 * that a subtree without an eligible entity is skipped.
 */
#include "internal.h"

u64 sysctl_sched_base_slice = 750000;

static unsigned long avg_weight(const struct sched_entity *se)
{
	return scale_load_down(se->load.weight);
}

static s64 entity_key(const struct cfs_rq *cfs_rq, const struct sched_entity *se)
{
	return (s64)(se->vruntime - cfs_rq->min_vruntime);
}

static void avg_add(struct cfs_rq *cfs_rq, const struct sched_entity *se)
{
	cfs_rq->avg_vruntime += entity_key(cfs_rq, se) * (s64)avg_weight(se);
	cfs_rq->avg_load += avg_weight(se);
}

static void avg_sub(struct cfs_rq *cfs_rq, const struct sched_entity *se)
{
	cfs_rq->avg_vruntime -= entity_key(cfs_rq, se) * (s64)avg_weight(se);
	cfs_rq->avg_load -= avg_weight(se);
}

/* Sum and weight with the current one. */
static s64 avg_all(struct cfs_rq *cfs_rq, s64 *load)
{
	struct sched_entity *curr = cfs_rq->curr;
	s64 avg = cfs_rq->avg_vruntime;

	*load = cfs_rq->avg_load;
	if (curr && curr->on_rq) {
		avg += entity_key(cfs_rq, curr) * (s64)avg_weight(curr);
		*load += avg_weight(curr);
	}
	return avg;
}

/* V. Rounded down on both sides of zero, so that whoever stands at V is eligible. */
static u64 avg_vruntime(struct cfs_rq *cfs_rq)
{
	s64 load, avg = avg_all(cfs_rq, &load);

	if (load) {
		if (avg < 0)
			avg -= load - 1;
		avg /= load;
	}
	return cfs_rq->min_vruntime + avg;
}

/* V >= v without a division: sum(w * key) >= key * sum(w). */
static bool vruntime_eligible(struct cfs_rq *cfs_rq, u64 vruntime)
{
	s64 load, avg = avg_all(cfs_rq, &load);

	if (sched_mutant(ELIGIBILITY_IGNORED))
		return true;
	return avg >= (s64)(vruntime - cfs_rq->min_vruntime) * load;
}

static bool deadline_before(const struct sched_entity *a, const struct sched_entity *b)
{
	return (s64)(a->deadline - b->deadline) < 0;
}

static bool deadline_less(struct rb_node *a, const struct rb_node *b)
{
	return deadline_before(rb_entry(a, struct sched_entity, run_node),
			       rb_entry(b, struct sched_entity, run_node));
}

#define node_se(n) rb_entry(n, struct sched_entity, run_node)

/* The least vruntime of se and below; with exit, true when it was that already. */
static bool min_vruntime_update(struct sched_entity *se, bool exit)
{
	struct rb_node *l = se->run_node.rb_left, *r = se->run_node.rb_right;
	u64 v = se->vruntime;

	if (l)
		v = min_vruntime(v, node_se(l)->min_vruntime);
	if (r)
		v = min_vruntime(v, node_se(r)->min_vruntime);
	if (exit && v == se->min_vruntime)
		return true;
	se->min_vruntime = v;
	return false;
}

RB_DECLARE_CALLBACKS(min_vruntime_cb, struct sched_entity, run_node, min_vruntime,
		     min_vruntime_update)

static void eevdf_tree_add(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	struct rb_node **link = &cfs_rq->tasks_timeline.rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	avg_add(cfs_rq, se);
	se->min_vruntime = se->vruntime;
	while (*link) {
		parent = *link;
		if (deadline_less(&se->run_node, parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&se->run_node, parent, link);
	min_vruntime_cb.propagate(parent, NULL);
	rb_insert_augmented_cached(&se->run_node, &cfs_rq->tasks_timeline, leftmost,
				   &min_vruntime_cb);
}

static void eevdf_tree_del(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	rb_erase_augmented_cached(&se->run_node, &cfs_rq->tasks_timeline, &min_vruntime_cb);
	avg_sub(cfs_rq, se);
}

/* The origin follows the least vruntime, never back; keys shrink by as much. */
static void eevdf_update_min(struct cfs_rq *cfs_rq)
{
	struct rb_node *root = cfs_rq->tasks_timeline.rb_root.rb_node;
	struct sched_entity *curr = cfs_rq->curr;
	u64 v;
	s64 delta;

	if (curr && curr->on_rq)
		v = root ? min_vruntime(curr->vruntime, node_se(root)->min_vruntime)
			 : curr->vruntime;
	else if (root)
		v = node_se(root)->min_vruntime;
	else
		return;
	delta = v - cfs_rq->min_vruntime;
	if (delta <= 0)
		return;
	if (!sched_mutant(AVG_VRUNTIME_STALE))
		cfs_rq->avg_vruntime -= (s64)cfs_rq->avg_load * delta;
	WRITE_ONCE(cfs_rq->min_vruntime, v);
}

static u64 eevdf_slice(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	return se->custom_slice ? se->slice : sysctl_sched_base_slice;
}

/* The request is served: the next one, a slice further on, and others may have an earlier one. */
static void eevdf_advance(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	if ((s64)(curr->vruntime - curr->deadline) >= 0 && !sched_mutant(DEADLINE_NOT_MOVED)) {
		curr->deadline = curr->vruntime + calc_delta_fair(eevdf_slice(cfs_rq, curr), curr);
		if (cfs_rq->nr_running > 1)
			resched_curr(rq_of(cfs_rq));
	}
	eevdf_update_min(cfs_rq);
}

/* Lag as it is now, bounded as theory bounds it: a slice (here two, or a tick) either way. */
static s64 entity_lag(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	u64 bound = max(2 * eevdf_slice(cfs_rq, se), (u64)TICK_NSEC);
	s64 limit = calc_delta_fair(bound, se), lag = avg_vruntime(cfs_rq) - se->vruntime;

	return clamp(lag, -limit, limit);
}

/*
 * se comes with the lag it left with. Its arrival moves V: with W the weight here and w its own,
 * placed at V - l it would find lag l * W / (W + w) afterwards; so it is placed with
 * l * (W + w) / W.
 */
static void place_with_lag(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	struct sched_entity *curr = cfs_rq->curr;
	s64 weight = avg_weight(se), load, avg, lag = 0;
	u64 v = avg_vruntime(cfs_rq);

	if (sched_feat(PLACE_LAG) && cfs_rq->nr_running && se->vlag) {
		load = cfs_rq->avg_load;
		if (curr && curr->on_rq)
			load += avg_weight(curr);
		lag = se->vlag * (load + weight);
		lag /= max(load, (s64)1);
	}
	se->vruntime = sched_mutant(LAG_WRONG_SIDE) ? v + lag : v - lag;
	if (!JIFFY_CHECKS || !lag)
		return;
	/* From the sums, not from the formula above. Two divisions round. */
	avg = avg_all(cfs_rq, &load) + entity_key(cfs_rq, se) * weight;
	lag = avg / (load + weight) - entity_key(cfs_rq, se);
	ASSERT(lag - se->vlag <= 2 && se->vlag - lag <= 2);
}

static void eevdf_place(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	u64 vslice = calc_delta_fair(eevdf_slice(cfs_rq, se), se);

	if (flags & ENQUEUE_DELAYED) {
		/* Woken while it still paid: what it has paid by now is forgiven to zero. */
		se->sched_delayed = 0;
		if (sched_feat(DELAY_ZERO) && cfs_rq->curr != se) {
			s64 now = entity_lag(cfs_rq, se);

			if (now > 0) {
				eevdf_tree_del(cfs_rq, se);
				se->vruntime = avg_vruntime(cfs_rq);
				se->deadline = se->vruntime + vslice;
				eevdf_tree_add(cfs_rq, se);
				eevdf_update_min(cfs_rq);
			}
		}
		return;
	}
	place_with_lag(cfs_rq, se);
	if (se->rel_deadline) {
		se->deadline += se->vruntime;
		se->rel_deadline = 0;
		return;
	}
	/* A new task's first request is half as long: it need not wait a whole round. */
	if (sched_feat(PLACE_DEADLINE_INITIAL) && (flags & ENQUEUE_INITIAL))
		vslice /= 2;
	se->deadline = se->vruntime + vslice;
}

static bool eevdf_leave(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	bool sleep = flags & DEQUEUE_SLEEP;

	if (flags & DEQUEUE_DELAYED) {
		se->sched_delayed = 0;
		/* It stayed until it owed nothing; more than that it gets no credit for. */
		se->vlag = min(entity_lag(cfs_rq, se), (s64)0);
		return false;
	}
	se->vlag = sched_mutant(LAG_FORGOTTEN) ? 0 : entity_lag(cfs_rq, se);
	if (se->sched_delayed) {
		/* A delayed one is moved or changed: its sleep is real now. */
		se->sched_delayed = 0;
		se->vlag = min(se->vlag, (s64)0);
	}
	if (sleep && sched_feat(DELAY_DEQUEUE) && entity_is_task(se) && se->vlag < 0 &&
	    !(flags & DEQUEUE_SPECIAL) && cfs_rq->nr_running > 1) {
		se->sched_delayed = 1;
		return true;
	}
	if (!sleep) {
		se->deadline -= se->vruntime;
		se->rel_deadline = 1;
	}
	return false;
}

static struct sched_entity *eevdf_pick(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	struct rb_node *node = cfs_rq->tasks_timeline.rb_root.rb_node;
	struct sched_entity *best = NULL;

	if (cfs_rq->nr_running == 1)
		return curr ? curr : node_se(rb_first_cached(&cfs_rq->tasks_timeline));
	if (curr && !vruntime_eligible(cfs_rq, curr->vruntime))
		curr = NULL;
	/* vlag holds the deadline with which the running one was picked: until then it goes on. */
	if (sched_feat(RUN_TO_PARITY) && curr && curr->vlag == (s64)curr->deadline)
		return curr;
	while (node) {
		struct rb_node *left = node->rb_left;

		/* Anyone eligible on the left has an earlier deadline. */
		if (left && vruntime_eligible(cfs_rq, node_se(left)->min_vruntime)) {
			node = left;
			continue;
		}
		if (vruntime_eligible(cfs_rq, node_se(node)->vruntime)) {
			best = node_se(node);
			break;
		}
		node = node->rb_right;
	}
	if (!best || (curr && deadline_before(curr, best)))
		best = curr;
	/* V lies among the vruntimes, so somebody is at or before it. */
	BUG_ON(!best);
	if (best != cfs_rq->curr)
		best->vlag = best->deadline;
	return best;
}

static void eevdf_tick(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	/* eevdf_advance() asks for the switch when the request is served. */
}

static bool eevdf_preempts(struct cfs_rq *cfs_rq, struct sched_entity *curr,
			   struct sched_entity *se)
{
	struct sched_entity *c = curr->on_rq ? curr : NULL;

	if (se->sched_delayed || !vruntime_eligible(cfs_rq, se->vruntime))
		return false;
	if (!c || !vruntime_eligible(cfs_rq, c->vruntime))
		return true;
	if (sched_feat(RUN_TO_PARITY) && c->vlag == (s64)c->deadline)
		return false;
	return deadline_before(se, c);
}

static void eevdf_yield(struct cfs_rq *cfs_rq, struct sched_entity *curr)
{
	curr->deadline += calc_delta_fair(eevdf_slice(cfs_rq, curr), curr);
}

/*
 * The service owed, w * (V - v), and the rest of the request, w * (d - v), stay; so with another
 * weight w' the distances from V are the old ones times w / w', and V does not move: with W the
 * other weights' sum, (W + w) * V - w * v + w' * (V - (V - v) * w / w') is (W + w') * V.
 * A sleeper keeps its lag, and one that was taken off for a change its deadline, as distances.
 */
static void eevdf_reweight(struct cfs_rq *cfs_rq, struct sched_entity *se, unsigned long weight)
{
	s64 from = avg_weight(se), to = scale_load_down(weight);
	bool in_tree = se->on_rq && cfs_rq->curr != se;
	/* The mark of one that was picked is the deadline itself, see eevdf_pick(). */
	bool picked = se->on_rq && se->vlag == (s64)se->deadline;
	u64 v;

	if (se->on_rq) {
		v = avg_vruntime(cfs_rq);
		if (in_tree)
			eevdf_tree_del(cfs_rq, se);
		se->vruntime = v - (s64)(v - se->vruntime) * from / to;
		se->deadline = v + (s64)(se->deadline - v) * from / to;
		if (picked)
			se->vlag = se->deadline;
	} else {
		se->vlag = se->vlag * from / to;
		if (se->rel_deadline)
			se->deadline = (s64)se->deadline * from / to;
	}
	se->load.weight = weight;
	se->load.inv_weight = 0;
	if (in_tree)
		eevdf_tree_add(cfs_rq, se);
}

/* Lag is all that goes along, and it is relative. */
static void eevdf_migrate(struct sched_entity *se, struct cfs_rq *from, struct cfs_rq *to)
{
	se->vruntime += READ_ONCE(to->min_vruntime) - READ_ONCE(from->min_vruntime);
}

static bool eevdf_check(struct cfs_rq *cfs_rq, const char **rule)
{
	struct rb_node *n = rb_first(&cfs_rq->tasks_timeline.rb_root), *next;
	s64 avg = 0;
	u64 load = 0;

	*rule = "the cached leftmost is the leftmost";
	if (n != rb_first_cached(&cfs_rq->tasks_timeline))
		return false;
	for (; n; n = next) {
		struct sched_entity *se = node_se(n);
		u64 was = se->min_vruntime;

		next = rb_next(n);
		*rule = "deadlines rise along the tree";
		if (next && deadline_less(next, n))
			return false;
		*rule = "a node knows the least vruntime below it";
		min_vruntime_update(se, false);
		if (se->min_vruntime != was)
			return false;
		avg += entity_key(cfs_rq, se) * (s64)avg_weight(se);
		load += avg_weight(se);
	}
	*rule = "avg_vruntime and avg_load are the sums over the tree";
	return avg == cfs_rq->avg_vruntime && load == cfs_rq->avg_load;
}

const struct fair_policy eevdf_policy = {
    .name = "eevdf",
    .tree_add = eevdf_tree_add,
    .tree_del = eevdf_tree_del,
    .place = eevdf_place,
    .leave = eevdf_leave,
    .pick = eevdf_pick,
    .advance = eevdf_advance,
    .tick = eevdf_tick,
    .preempts = eevdf_preempts,
    .yield = eevdf_yield,
    .reweight = eevdf_reweight,
    .migrate = eevdf_migrate,
    .update_min = eevdf_update_min,
    .slice = eevdf_slice,
    .check = eevdf_check,
};
