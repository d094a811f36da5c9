/* SPDX-License-Identifier: MIT */
/*
 * Groups of fair tasks: on each CPU a group has a run queue of its own and an entity that
 * stands for it in the parent's queue. The group's shares are divided among its entities by
 * where its load is. task_group_lock guards the tree of groups; a group's entities and queues are
 * under the rq->lock of their CPU.
 */
#include "internal.h"

#define MIN_SHARES 2UL
#define MAX_SHARES (1UL << 18)

DEFINE_SPINLOCK(task_group_lock);

static void free_group(struct rcu_head *head)
{
	struct task_group *tg = container_of(head, struct task_group, rcu);
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		if (tg->cfs_rq)
			sched_env_free(tg->cfs_rq[cpu]);
		if (tg->se)
			sched_env_free(tg->se[cpu]);
	}
	sched_env_free(tg->cfs_rq);
	sched_env_free(tg->se);
	free_rt_bandwidth(tg);
	sched_env_free(tg);
}

static bool alloc_on_cpu(struct task_group *tg, struct task_group *parent, unsigned int cpu)
{
	struct cfs_rq *cfs_rq = sched_env_alloc(sizeof(*cfs_rq), false);
	struct sched_entity *se = sched_env_alloc(sizeof(*se), false);

	tg->cfs_rq[cpu] = cfs_rq;
	tg->se[cpu] = se;
	if (!cfs_rq || !se)
		return false;
	init_cfs_rq(cfs_rq);
	cfs_rq->rq = cpu_rq(cpu);
	cfs_rq->tg = tg;
	se->my_q = cfs_rq;
	se->cfs_rq = parent->cfs_rq[cpu];
	se->parent = parent->se[cpu];
	se->depth = se->parent ? se->parent->depth + 1 : 0;
	se->load.weight = NICE_0_LOAD;
	RB_CLEAR_NODE(&se->run_node);
	INIT_LIST_HEAD(&se->group_node);
	init_entity_runnable_average(se);
	return true;
}

struct task_group *sched_create_group(struct task_group *parent)
{
	struct task_group *tg = sched_env_alloc(sizeof(*tg), false);
	unsigned int cpu;

	if (!tg)
		return ERR_PTR(-ENOMEM);
	tg->shares = NICE_0_LOAD;
	tg->parent = parent;
	init_cfs_bandwidth(&tg->cfs_bandwidth);
	init_rt_bandwidth(&tg->rt_bandwidth);
	init_group_uclamp(tg);
	INIT_LIST_HEAD(&tg->children);
	INIT_LIST_HEAD(&tg->siblings);
	tg->cfs_rq = sched_env_alloc(nr_cpu_ids * sizeof(*tg->cfs_rq), false);
	tg->se = sched_env_alloc(nr_cpu_ids * sizeof(*tg->se), false);
	if (!tg->cfs_rq || !tg->se)
		goto no_memory;
	for_each_possible_cpu (cpu)
		if (!alloc_on_cpu(tg, parent, cpu))
			goto no_memory;
	return tg;
no_memory:
	free_group(&tg->rcu);
	return ERR_PTR(-ENOMEM);
}

void sched_online_group(struct task_group *tg)
{
	unsigned long flags;

	spin_lock_irqsave(&task_group_lock, flags);
	list_add_tail_rcu(&tg->siblings, &tg->parent->children);
	spin_unlock_irqrestore(&task_group_lock, flags);
	uclamp_online_group(tg);
	sync_throttle(tg);
}

static void list_del_leaf_cfs_rq(struct cfs_rq *cfs_rq)
{
	if (!cfs_rq->on_list)
		return;
	cfs_rq->on_list = 0;
	list_del_init(&cfs_rq->leaf_cfs_rq_list);
}

/* No list of a CPU leads to tg any more, and its part of no sum matters. */
static void unlink_queues(struct task_group *tg)
{
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);
		unsigned long flags;

		raw_spin_lock_irqsave(&rq->lock, flags);
		list_del_leaf_cfs_rq(tg->cfs_rq[cpu]);
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}

void sched_offline_group(struct task_group *tg)
{
	destroy_cfs_bandwidth(tg);
	stop_rt_bandwidth(tg);
}

void sched_destroy_group(struct task_group *tg)
{
	unsigned long flags;

	unlink_queues(tg);
	spin_lock_irqsave(&task_group_lock, flags);
	list_del_rcu(&tg->siblings);
	spin_unlock_irqrestore(&task_group_lock, flags);
	call_rcu(&tg->rcu, free_group);
}

void sched_release_group(struct task_group *tg)
{
	sched_offline_group(tg);
	sched_destroy_group(tg);
}

struct task_group *next_group(struct task_group *pos, struct task_group *top)
{
	struct list_head *next = READ_ONCE(pos->children.next);

	if (next != &pos->children)
		return list_entry(next, struct task_group, siblings);
	for (; pos != top; pos = pos->parent) {
		next = READ_ONCE(pos->siblings.next);
		if (next != &pos->parent->children)
			return list_entry(next, struct task_group, siblings);
	}
	return NULL;
}

/* A new one has neither load nor a place in virtual time that would have to move along. */
static void change_group(struct task_struct *p, struct task_group *tg)
{
	bool moves = p->sched_class == &fair_sched_class && READ_ONCE(p->__state) != TASK_NEW;

	/* Its load and its distance in virtual time go along as in a change of class. */
	if (moves)
		fair_sched_class.switched_from(task_rq(p), p);
	p->sched_task_group = tg;
	__set_task_cpu(p, task_cpu(p));
	if (moves)
		fair_sched_class.switching_to(task_rq(p), p);
}

void sched_update_group(struct rq *rq, struct task_struct *p)
{
	struct task_group *tg = autogroup_task_group(p, p->cgroup_task_group);
	bool queued, running;

	lockdep_assert_held(&p->pi_lock);
	lockdep_assert_held(&rq->lock);
	if (p->sched_task_group == tg)
		return;
	update_rq_clock(rq);
	finish_delayed(rq, p);
	running = task_current(rq, p);
	queued = task_on_rq_queued(p);
	if (queued)
		dequeue_task(rq, p, DEQUEUE_SAVE | DEQUEUE_MOVE | DEQUEUE_NOCLOCK);
	if (running)
		put_prev_task(rq, p);
	change_group(p, tg);
	if (queued)
		enqueue_task(rq, p, ENQUEUE_RESTORE | ENQUEUE_MOVE | ENQUEUE_NOCLOCK);
	if (running) {
		set_next_task(rq, p);
		resched_curr(rq);
	}
	check_rq(rq, "group move");
}

void sched_move_task(struct task_struct *p, struct task_group *tg)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	p->cgroup_task_group = tg;
	sched_update_group(rq, p);
	task_rq_unlock(rq, p, &flags);
}

/* What a queue weighs: its load now or its average, whichever is more, so that a burst counts. */
static long queue_load(struct cfs_rq *cfs_rq)
{
	unsigned long avg = load_choice == LOAD_PELT_4_0
				? cfs_rq->runnable_load_avg + cfs_rq->blocked_load_avg
				: cfs_rq->avg.load_avg;

	return max(scale_load_down(cfs_rq->load.weight), avg);
}

/*
 * What cfs_rq contributes to its group's sum is folded in when it has changed by 1/64, so that
 * the sum's cache line is not fought over; all of it when the queue's load has gone to nothing,
 * or the group would go on thinking that it has a part there.
 */
static void fold_tg_load(struct cfs_rq *cfs_rq, long load)
{
	long delta = load - cfs_rq->tg_load_avg_contrib;

	if ((delta < 0 ? -delta : delta) > (long)cfs_rq->tg_load_avg_contrib / 64) {
		atomic_long_add(delta, &cfs_rq->tg->load_avg);
		cfs_rq->tg_load_avg_contrib = load;
	}
}

/*
 * The entity's part of its group's shares: shares * (load here) / (load everywhere). What others
 * contribute is read from the group's sum.
 */
static unsigned long calc_group_shares(struct cfs_rq *cfs_rq)
{
	struct task_group *tg = cfs_rq->tg;
	long load = queue_load(cfs_rq), whole, shares;

	whole = atomic_long_read(&tg->load_avg) - cfs_rq->tg_load_avg_contrib + load;
	shares = (sched_mutant(GROUP_WEIGHT_IGNORED) ? NICE_0_LOAD : tg->shares) * load;
	if (whole > 0)
		shares /= whole;
	return clamp((unsigned long)shares, scale_load(MIN_SHARES), tg->shares);
}

/* se's weight after its queue's load changed; a task's own weight is its nice value's. */
void update_cfs_group(struct sched_entity *se)
{
	struct cfs_rq *cfs_rq = group_cfs_rq(se);
	unsigned long shares;

	if (likely(!cfs_rq))
		return;
	se->runnable_weight = cfs_rq->h_nr_running;
	fold_tg_load(cfs_rq, queue_load(cfs_rq));
	if (!cfs_rq->nr_running)
		return;
	shares = calc_group_shares(cfs_rq);
	if (se->load.weight != shares)
		reweight_entity(cfs_rq_of(se), se, shares);
}

/*
 * A group's queue that has no tasks left still has load that decays. Such queues are on a list of
 * their CPU, from the first task on until nothing is left, and the balancer ages them, or their
 * groups' sums would go on counting what was there once.
 */
void list_add_leaf_cfs_rq(struct cfs_rq *cfs_rq)
{
	cfs_rq->on_list = 1;
	list_add(&cfs_rq->leaf_cfs_rq_list, &rq_of(cfs_rq)->leaf_cfs_rq_list);
}

static void age_queue(struct cfs_rq *cfs_rq)
{
	if (load_choice == LOAD_PELT_4_0)
		load40_update_blocked(cfs_rq);
	else
		update_cfs_rq_load_avg(cfs_rq_clock_pelt(cfs_rq), cfs_rq);
}

void update_blocked_averages(struct rq *rq)
{
	struct cfs_rq *pos, *next;

	lockdep_assert_held(&rq->lock);
	list_for_each_entry_safe (pos, next, &rq->leaf_cfs_rq_list, leaf_cfs_rq_list) {
		struct sched_entity *se = pos->tg->se[rq->cpu];

		age_queue(pos);
		fold_tg_load(pos, queue_load(pos));
		if (!se->on_rq && load_choice == LOAD_PELT)
			update_load_avg(cfs_rq_of(se), se, 0);
		if (!pos->nr_running && !queue_load(pos))
			list_del_leaf_cfs_rq(pos);
	}
	age_queue(&rq->cfs);
}

/* Of tg's entities and those above, after its shares changed. */
static void reweight_group(struct task_group *tg)
{
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);
		struct sched_entity *se = tg->se[cpu];
		unsigned long flags;

		raw_spin_lock_irqsave(&rq->lock, flags);
		update_rq_clock(rq);
		for_each_sched_entity (se) {
			update_load_avg(cfs_rq_of(se), se, UPDATE_TG);
			update_cfs_group(se);
		}
		check_rq(rq, "shares");
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}

bool sched_has_groups(void)
{
	return fair_class_in_use();
}

static DEFINE_MUTEX(shares_mutex);

int sched_group_set_shares(struct task_group *tg, unsigned long shares)
{
	int err = -EINVAL;

	mutex_lock(&shares_mutex);
	if (tg != &root_task_group && !tg->idle) {
		WRITE_ONCE(tg->shares, scale_load(clamp(shares, MIN_SHARES, MAX_SHARES)));
		reweight_group(tg);
		err = 0;
	}
	mutex_unlock(&shares_mutex);
	return err;
}

unsigned long sched_group_shares(const struct task_group *tg)
{
	return READ_ONCE(tg->shares) >> SCHED_FIXEDPOINT_SHIFT;
}

/*
 * Tasks of tg on rq count as idle ones, or no longer, in tg's parents up to one that is idle
 * itself and counts all of its own so.
 */
static void count_idle(struct task_group *tg, struct rq *rq, bool idle)
{
	struct cfs_rq *cfs_rq = tg->cfs_rq[rq->cpu];
	struct sched_entity *se = tg->se[rq->cpu];
	int delta = cfs_rq->h_nr_running - cfs_rq->idle_h_nr_running;

	for_each_sched_entity (se) {
		struct cfs_rq *above = cfs_rq_of(se);

		if (!se->on_rq)
			break;
		above->idle_h_nr_running += idle ? delta : -delta;
		if (above->idle)
			break;
	}
}

int sched_group_set_idle(struct task_group *tg, bool idle)
{
	unsigned int cpu;

	if (tg == &root_task_group)
		return -EINVAL;
	mutex_lock(&shares_mutex);
	if (tg->idle != idle) {
		for_each_possible_cpu (cpu) {
			struct rq *rq = cpu_rq(cpu);
			unsigned long flags;

			raw_spin_lock_irqsave(&rq->lock, flags);
			count_idle(tg, rq, idle);
			tg->cfs_rq[cpu]->idle = idle;
			raw_spin_unlock_irqrestore(&rq->lock, flags);
		}
		tg->idle = idle;
		WRITE_ONCE(tg->shares, scale_load(idle ? WEIGHT_IDLEPRIO : 1024));
		reweight_group(tg);
	}
	mutex_unlock(&shares_mutex);
	return 0;
}

bool sched_group_idle(const struct task_group *tg)
{
	return READ_ONCE(tg->idle);
}
