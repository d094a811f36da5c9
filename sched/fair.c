/* SPDX-License-Identifier: MIT */
/*
 * The fair class: a task's way through the entities of its groups. The order inside a queue is
 * fair_cfs.c's or fair_eevdf.c's; placement on CPUs fair_select.c's; balancing balance.c's.
 * rq->lock unless said.
 */
#include "internal.h"

unsigned int sysctl_sched_migration_cost = 500000; /* ns */
unsigned int sysctl_sched_nr_migrate = 32;
unsigned int sysctl_sched_tunable_scaling = SCALING_LOG;
#define __FEAT_BIT(name, on) ((on) ? 1u << __FEAT_##name : 0) |
unsigned int sysctl_sched_features = SCHED_FEATURES(__FEAT_BIT) 0;

/*
 * With more CPUs a task waits less for one, so latencies may be longer and switches rarer: the
 * tunables are multiplied by 1 + log2 of the CPUs, up to those of 8.
 */
void sched_init_granularity(void)
{
	static unsigned int factor = 1;
	unsigned int cpus = min_t(unsigned int, cpumask_weight(cpu_active_mask), 8), f = 1;

	if (sysctl_sched_tunable_scaling == SCALING_LOG)
		f = 1 + (cpus ? ilog2(cpus) : 0);
	else if (sysctl_sched_tunable_scaling == SCALING_LINEAR)
		f = max(cpus, 1u);
	sysctl_sched_latency = sysctl_sched_latency / factor * f;
	sysctl_sched_min_granularity = sysctl_sched_min_granularity / factor * f;
	sysctl_sched_wakeup_granularity = sysctl_sched_wakeup_granularity / factor * f;
	sysctl_sched_base_slice = sysctl_sched_base_slice / factor * f;
	factor = f;
	fair = sched_choice == SCHED_EEVDF ? &eevdf_policy : &cfs_policy;
}

static void enqueue_task_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct sched_entity *se = &p->se;
	int idle = task_has_idle_policy(p);

	if (flags & ENQUEUE_DELAYED) {
		update_curr(cfs_rq_of(se));
		fair->place(cfs_rq_of(se), se, flags);
		return;
	}
	for_each_sched_entity (se) {
		if (se->on_rq)
			break;
		enqueue_entity(cfs_rq_of(se), se, flags);
		count_tasks(cfs_rq_of(se), 1, &idle);
		if (cfs_rq_of(se)->throttled)
			return;
		/* A group that was empty comes like a sleeper, whatever its task did. */
		flags = ENQUEUE_WAKEUP;
	}
	for_each_sched_entity (se) {
		update_load_avg(cfs_rq_of(se), se, UPDATE_TG);
		update_cfs_group(se);
		count_tasks(cfs_rq_of(se), 1, &idle);
		if (cfs_rq_of(se)->throttled)
			return;
	}
	add_nr_running(rq, 1);
}

static bool dequeue_task_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct sched_entity *se = &p->se;
	int idle = -task_has_idle_policy(p);

	for_each_sched_entity (se) {
		struct cfs_rq *cfs_rq = cfs_rq_of(se);

		if (!dequeue_entity(cfs_rq, se, flags)) {
			if (se == &p->se)
				return false;
			break;
		}
		count_tasks(cfs_rq, -1, &idle);
		if (cfs_rq->throttled)
			return true;
		if (cfs_rq->load.weight) {
			se = se->parent;
			break;
		}
		flags |= DEQUEUE_SLEEP;
	}
	for_each_sched_entity (se) {
		update_load_avg(cfs_rq_of(se), se, UPDATE_TG);
		update_cfs_group(se);
		count_tasks(cfs_rq_of(se), -1, &idle);
		if (cfs_rq_of(se)->throttled)
			return true;
	}
	if (!sched_mutant(NR_RUNNING_KEPT))
		sub_nr_running(rq, 1);
	return true;
}

static void yield_task_fair(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	struct cfs_rq *cfs_rq = cfs_rq_of(&curr->se);

	if (rq->nr_running == 1)
		return;
	clear_buddies(cfs_rq, &curr->se);
	if (curr->policy != SCHED_BATCH)
		update_curr(cfs_rq);
	fair->yield(cfs_rq, &curr->se);
}

/* The two ancestors that are queued side by side: only there can vruntimes be compared. */
static void find_matching_se(struct sched_entity **a, struct sched_entity **b)
{
	while ((*a)->depth > (*b)->depth)
		*a = (*a)->parent;
	while ((*b)->depth > (*a)->depth)
		*b = (*b)->parent;
	while (cfs_rq_of(*a) != cfs_rq_of(*b)) {
		*a = (*a)->parent;
		*b = (*b)->parent;
	}
}

/* Among a few, each has its turn within a latency anyway. */
static bool enough_for_buddies(const struct task_struct *curr)
{
	return cfs_rq_of(&curr->se)->nr_running >= sched_nr_latency;
}

static void check_preempt_wakeup(struct rq *rq, struct task_struct *p, int wake_flags)
{
	struct task_struct *curr = rq->curr;
	struct sched_entity *se = &curr->se, *pse = &p->se;

	/* Nor does one whose group has used up its quota. */
	if (se == pse || throttled_hierarchy(cfs_rq_of(pse)))
		return;
	if (sched_feat(NEXT_BUDDY) && enough_for_buddies(curr) && !(wake_flags & WF_FORK))
		cfs_rq_of(pse)->next = pse;
	if (test_tsk_need_resched(curr))
		return;
	if (unlikely(task_has_idle_policy(curr)) && !task_has_idle_policy(p)) {
		resched_curr(rq);
		return;
	}
	/* Batch and idle tasks preempt nobody: the tick does for them. */
	if (unlikely(p->policy != SCHED_NORMAL) || !sched_feat(WAKEUP_PREEMPTION))
		return;
	if (cfs_rq_of(se) != cfs_rq_of(pse)) {
		find_matching_se(&se, &pse);
		/* Of two groups an idle one gives way at once, and takes the CPU from nobody. */
		if (unlikely(se_is_idle(se) != se_is_idle(pse))) {
			if (se_is_idle(se))
				resched_curr(rq);
			return;
		}
	}
	update_curr(cfs_rq_of(se));
	if (!fair->preempts(cfs_rq_of(se), se, pse))
		return;
	resched_curr(rq);
	/* curr's cache is warm: next time it is preferred, if fairness lets it. */
	if (sched_feat(LAST_BUDDY) && enough_for_buddies(curr) && curr->se.on_rq)
		cfs_rq_of(&curr->se)->last = &curr->se;
}

static struct task_struct *pick_task_fair(struct rq *rq)
{
	struct cfs_rq *cfs_rq = &rq->cfs;
	struct sched_entity *se;

again:
	if (!cfs_rq->nr_running)
		return NULL;
	do {
		struct sched_entity *curr = cfs_rq->curr;

		if (curr) {
			if (curr->on_rq)
				update_curr(cfs_rq);
			else
				curr = NULL;
		}
		if (unlikely(cfs_rq->runtime_enabled) && cfs_rq->runtime_remaining <= 0 &&
		    throttle_cfs_rq(cfs_rq)) {
			cfs_rq = &rq->cfs;
			goto again;
		}
		se = fair->pick(cfs_rq, curr);
		if (unlikely(se->sched_delayed)) {
			/* Its turn came: it has nothing to pay any more, and sleeps for good. */
			finish_delayed(rq, task_of(se));
			cfs_rq = &rq->cfs;
			goto again;
		}
		/* The running one goes on: a new slice begins. */
		if (se == curr)
			se->prev_sum_exec_runtime = se->sum_exec_runtime;
		cfs_rq = group_cfs_rq(se);
	} while (cfs_rq);
	return task_of(se);
}

static void put_prev_task_fair(struct rq *rq, struct task_struct *p)
{
	struct sched_entity *se = &p->se;

	for_each_sched_entity (se)
		put_prev_entity(cfs_rq_of(se), se);
}

static void set_next_task_fair(struct rq *rq, struct task_struct *p, bool first)
{
	struct sched_entity *se = &p->se;

	/* The balancer takes from the tail: those that ran longest ago are coldest. */
	if (task_on_rq_queued(p))
		list_move(&se->group_node, &rq->cfs_tasks);
	for_each_sched_entity (se)
		set_next_entity(cfs_rq_of(se), se);
}

/*
 * Groups that prev and next are both in go on running: below their nearest common queue prev's
 * entities go back into the trees, next's come out, and above it nothing changes.
 */
static void switch_task_fair(struct rq *rq, struct task_struct *prev, struct task_struct *next)
{
	struct sched_entity *pse = &prev->se, *se = &next->se;

	list_move(&se->group_node, &rq->cfs_tasks);
	if (likely(cfs_rq_of(se) == cfs_rq_of(pse))) {
		switch_entity(cfs_rq_of(se), pse, se);
		return;
	}
	do {
		int depth = se->depth;

		if (depth >= pse->depth) {
			set_next_entity(cfs_rq_of(se), se);
			se = se->parent;
		}
		if (depth <= pse->depth) {
			put_prev_entity(cfs_rq_of(pse), pse);
			pse = pse->parent;
		}
	} while (cfs_rq_of(se) != cfs_rq_of(pse));
	switch_entity(cfs_rq_of(se), pse, se);
}

static bool balance_fair(struct rq *rq, struct task_struct *prev)
{
	if (rq->cfs.nr_running)
		return true;
	return newidle_balance(rq) != 0;
}

static void task_tick_fair(struct rq *rq, struct task_struct *curr)
{
	struct sched_entity *se = &curr->se;

	for_each_sched_entity (se) {
		struct cfs_rq *cfs_rq = cfs_rq_of(se);

		update_curr(cfs_rq);
		update_load_avg(cfs_rq, se, UPDATE_TG);
		update_cfs_group(se);
		fair->tick(cfs_rq, se);
	}
}

static void migrate_task_rq_fair(struct task_struct *p, int new_cpu)
{
	struct sched_entity *se = &p->se;

	fair->migrate(se, cfs_rq_of(se), p->sched_task_group->cfs_rq[new_cpu]);
	/* A sleeper's load is still counted where it slept; one that moves queued took it along. */
	if (!task_on_rq_migrating(p))
		remove_entity_load_avg(se);
	se->avg.last_update_time = 0;
	se->exec_start = 0;
}

/* p, off the queue, leaves the class, or joins it: vruntime is kept as a distance meanwhile. */
static void switched_from_fair(struct rq *rq, struct task_struct *p)
{
	struct sched_entity *se = &p->se;

	update_load_avg(cfs_rq_of(se), se, 0);
	if (se->avg.last_update_time)
		detach_entity_load_avg(cfs_rq_of(se), se);
	se->avg.last_update_time = 0;
	se->vruntime -= cfs_rq_of(se)->min_vruntime;
}

static void switching_to_fair(struct rq *rq, struct task_struct *p)
{
	struct sched_entity *se = &p->se;

	se->depth = se->parent ? se->parent->depth + 1 : 0;
	se->vruntime += cfs_rq_of(se)->min_vruntime;
	update_load_avg(cfs_rq_of(se), se, 0);
	attach_entity_load_avg(cfs_rq_of(se), se);
}

static void switched_to_fair(struct rq *rq, struct task_struct *p)
{
	if (!task_on_rq_queued(p))
		return;
	if (task_current(rq, p))
		resched_curr(rq);
	else
		check_preempt_curr(rq, p, 0);
}

/* A queued task's groups have another load with it, and each another part of its shares. */
static void reweight_task_fair(struct rq *rq, struct task_struct *p, unsigned long weight)
{
	struct sched_entity *se = &p->se;

	reweight_entity(cfs_rq_of(se), se, weight);
	if (!se->on_rq)
		return;
	for (se = se->parent; se; se = se->parent) {
		update_load_avg(cfs_rq_of(se), se, UPDATE_TG);
		update_cfs_group(se);
	}
}

static void prio_changed_fair(struct rq *rq, struct task_struct *p, int oldprio)
{
	if (!task_on_rq_queued(p) || rq->cfs.nr_running == 1)
		return;
	if (!task_current(rq, p))
		check_preempt_curr(rq, p, 0);
	else if (p->prio > oldprio)
		resched_curr(rq);
}

static u64 get_rr_interval_fair(struct rq *rq, struct task_struct *p)
{
	return rq->cfs.load.weight ? fair->slice(cfs_rq_of(&p->se), &p->se) : 0;
}

static void update_curr_fair(struct rq *rq)
{
	update_curr(cfs_rq_of(&rq->curr->se));
}

static void rq_online_fair(struct rq *rq)
{
	cfs_bandwidth_online(rq, true);
}

static void rq_offline_fair(struct rq *rq)
{
	cfs_bandwidth_online(rq, false);
}

/* What se adds to its queue's counts of tasks. */
static unsigned int tasks_of(const struct sched_entity *se, unsigned int *idle)
{
	const struct cfs_rq *q = group_cfs_rq(se);

	if (!q) {
		*idle += se_is_idle(se);
		return 1;
	}
	*idle += q->idle ? q->h_nr_running : q->idle_h_nr_running;
	return q->h_nr_running;
}

/* One queue, and through its entities those below. A throttled one is not found this way. */
static bool check_cfs_rq(struct cfs_rq *cfs_rq, const char **rule)
{
	struct sched_entity *se = cfs_rq->curr && cfs_rq->curr->on_rq ? cfs_rq->curr : NULL;
	struct rb_node *n = rb_first(&cfs_rq->tasks_timeline.rb_root);
	unsigned int nr = 0, h_nr = 0, idle = 0;
	unsigned long weight = 0;

	for (; se || n; nr++, se = NULL) {
		if (!se) {
			se = rb_entry(n, struct sched_entity, run_node);
			n = rb_next(n);
			*rule = "an entity in the tree is not the current one";
			if (se == cfs_rq->curr)
				return false;
		}
		*rule = "an entity in the tree, or the current one, is queued, and on this queue";
		if (!se->on_rq || se->cfs_rq != cfs_rq)
			return false;
		weight += se->load.weight;
		h_nr += tasks_of(se, &idle);
		if (entity_is_task(se))
			continue;
		*rule = "a group that is queued is not throttled and has tasks";
		if (group_cfs_rq(se)->throttled || !group_cfs_rq(se)->nr_running)
			return false;
		if (!check_cfs_rq(group_cfs_rq(se), rule))
			return false;
	}
	*rule = "load.weight is the sum of the weights";
	if (weight != cfs_rq->load.weight)
		return false;
	*rule = "nr_running counts the entities";
	if (nr != cfs_rq->nr_running)
		return false;
	*rule = "h_nr_running counts the tasks here and below";
	if (h_nr != cfs_rq->h_nr_running)
		return false;
	*rule = "idle_h_nr_running counts the idle ones of them";
	if (idle != cfs_rq->idle_h_nr_running)
		return false;
	*rule = "what a queue took of its group's quota is used, or is left";
	if (!check_queue_bandwidth(cfs_rq))
		return false;
	*rule = "a throttle count without a throttled queue above";
	if (cfs_rq->throttle_count)
		return false;
	return fair->check(cfs_rq, rule);
}

static bool check_fair(struct rq *rq, const char **rule)
{
	struct cfs_rq *cfs_rq = &rq->cfs;

	*rule = "min_vruntime never runs back";
	if ((s64)(cfs_rq->min_vruntime - rq->check_min_vruntime) < 0 && rq->check_min_vruntime)
		return false;
	rq->check_min_vruntime = cfs_rq->min_vruntime;
	return check_cfs_rq(cfs_rq, rule);
}

static void any_waiting_fair(struct rq *rq, bool (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct task_struct *p;

	list_for_each_entry (p, &rq->cfs_tasks, se.group_node)
		if (!task_current(rq, p) && !p->se.sched_delayed &&
		    !throttled_hierarchy(cfs_rq_of(&p->se)) && fn(p, arg))
			return;
}

struct sched_class fair_sched_class = {
    .name = "fair",
    .enqueue_task = enqueue_task_fair,
    .dequeue_task = dequeue_task_fair,
    .yield_task = yield_task_fair,
    .check_preempt_curr = check_preempt_wakeup,
    .pick_task = pick_task_fair,
    .put_prev_task = put_prev_task_fair,
    .set_next_task = set_next_task_fair,
    .switch_task = switch_task_fair,
    .balance = balance_fair,
    .select_task_rq = select_task_rq_fair,
    .migrate_task_rq = migrate_task_rq_fair,
    .rq_online = rq_online_fair,
    .rq_offline = rq_offline_fair,
    .task_tick = task_tick_fair,
    .switched_from = switched_from_fair,
    .switching_to = switching_to_fair,
    .switched_to = switched_to_fair,
    .prio_changed = prio_changed_fair,
    .get_rr_interval = get_rr_interval_fair,
    .reweight_task = reweight_task_fair,
    .update_curr = update_curr_fair,
    .check = check_fair,
    .any_waiting = any_waiting_fair,
};
