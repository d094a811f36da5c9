/* SPDX-License-Identifier: MIT */
/*
 * Balancing of fair tasks between CPUs: by the tick (in a softirq), by a CPU about to idle, and
 * by one idle CPU for all whose tick is stopped (nohz.c). A CPU pulls: it looks for the busiest group of
 * a domain, its busiest queue, and takes tasks from there until the imbalance is gone.
 */
#include "internal.h"

enum group_type { HAS_SPARE, FULLY_BUSY, IMBALANCED, OVERLOADED };
enum migrate_by { BY_LOAD, BY_TASKS };

struct lb_env {
	struct sched_domain *sd;
	int dst_cpu, src_cpu;
	int other_dst; /* of dst_cpu's group, where a task may go that may not to dst_cpu; -1 */
	struct rq *dst_rq, *src_rq;
	enum idle_type idle;
	enum migrate_by by;
	long imbalance; /* load, or a number of tasks */
	unsigned int loop_max;
	bool all_pinned, some_pinned;
	cpumask_t *cpus; /* that may be taken from */
	struct list_head tasks;
};

struct group_stats {
	unsigned long load, avg_load, capacity;
	unsigned int nr_running, h_nr_running, idle_cpus, weight;
	enum group_type type;
};

struct lb_stats {
	struct sched_group *busiest, *local;
	unsigned long total_load, total_capacity, avg_load;
	struct group_stats busiest_stat, local_stat;
	bool overload;
};

unsigned long cpu_load(struct rq *rq)
{
	if (load_choice == LOAD_PELT_4_0)
		return READ_ONCE(rq->cfs.runnable_load_avg);
	return READ_ONCE(rq->cfs.avg.load_avg);
}

unsigned long capacity_of(int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->cpu_capacity);
}

static enum group_type group_type_of(struct sched_group *sg, const struct group_stats *s)
{
	if (s->nr_running > s->weight)
		return OVERLOADED;
	if (sg->below && READ_ONCE(sg->below->stuck))
		return IMBALANCED;
	return s->idle_cpus ? HAS_SPARE : FULLY_BUSY;
}

static void update_group_stats(struct lb_env *env, struct sched_group *sg, struct group_stats *s,
			       bool *overload)
{
	unsigned int cpu;

	memset(s, 0, sizeof(*s));
	for_each_cpu_and (cpu, &sg->span, env->cpus) {
		struct rq *rq = cpu_rq(cpu);
		unsigned int nr = READ_ONCE(rq->nr_running);

		s->load += cpu_load(rq);
		s->nr_running += nr;
		s->h_nr_running += READ_ONCE(rq->cfs.h_nr_running);
		s->idle_cpus += !nr && idle_cpu(cpu);
		s->capacity += capacity_of(cpu);
		s->weight++;
		if (nr > 1)
			*overload = true;
	}
	s->avg_load = s->capacity ? s->load * SCHED_CAPACITY_SCALE / s->capacity : 0;
	s->type = group_type_of(sg, s);
}

/* The worse off of two groups: by kind, then by what that kind is measured in. */
static bool busier(const struct group_stats *a, const struct group_stats *b)
{
	if (sched_mutant(BALANCE_FROM_IDLEST))
		return a->nr_running < b->nr_running;
	if (a->type != b->type)
		return a->type > b->type;
	if (a->type == HAS_SPARE && a->idle_cpus != b->idle_cpus)
		return a->idle_cpus < b->idle_cpus;
	if (a->type == HAS_SPARE)
		return a->nr_running > b->nr_running;
	return a->avg_load > b->avg_load;
}

static void update_domain_stats(struct lb_env *env, struct lb_stats *sds)
{
	struct sched_group *sg = env->sd->groups;

	memset(sds, 0, sizeof(*sds));
	do {
		struct group_stats s;

		update_group_stats(env, sg, &s, &sds->overload);
		sds->total_load += s.load;
		sds->total_capacity += s.capacity;
		if (cpumask_test_cpu(env->dst_cpu, &sg->span)) {
			sds->local = sg;
			sds->local_stat = s;
		} else if (s.h_nr_running && (!sds->busiest || busier(&s, &sds->busiest_stat))) {
			sds->busiest = sg;
			sds->busiest_stat = s;
		}
	} while (sg = sg->next, sg != env->sd->groups);
	sds->avg_load =
	    sds->total_capacity ? sds->total_load * SCHED_CAPACITY_SCALE / sds->total_capacity : 0;
	/*
	 * Nothing above the top domain could know of an overload elsewhere. Queues that affinity has
	 * ruled out in this search are no longer looked at, but overloaded all the same.
	 */
	if (!env->sd->parent && !env->some_pinned && env->dst_rq->rd->overload != sds->overload)
		WRITE_ONCE(env->dst_rq->rd->overload, sds->overload);
}

/* How much to move, and in what measure, when the local group has idle CPUs. */
static void imbalance_with_spare(struct lb_env *env, struct lb_stats *sds)
{
	struct group_stats *local = &sds->local_stat, *busiest = &sds->busiest_stat;

	env->by = BY_TASKS;
	if (busiest->weight == 1 || (env->sd->flags & SD_PREFER_SIBLING) ||
	    (env->sd->child && (env->sd->child->flags & SD_PREFER_SIBLING)))
		env->imbalance = ((long)busiest->nr_running - (long)local->nr_running) / 2;
	else
		env->imbalance = ((long)local->idle_cpus - (long)busiest->idle_cpus) / 2;
	/* Someone waits there while this CPU idles: one task is always right. */
	if (env->imbalance < 1 && busiest->type == OVERLOADED && env->idle != NOT_IDLE)
		env->imbalance = 1;
}

/* Both are full: half of the distance in load, and not past the domain's average. */
static void imbalance_by_load(struct lb_env *env, struct lb_stats *sds)
{
	struct group_stats *local = &sds->local_stat, *busiest = &sds->busiest_stat;
	unsigned long from, to;

	env->by = BY_LOAD;
	env->imbalance = 0;
	if (local->avg_load >= busiest->avg_load || local->avg_load >= sds->avg_load)
		return;
	if (100 * busiest->avg_load <= env->sd->imbalance_pct * local->avg_load)
		return;
	from = (busiest->avg_load - sds->avg_load) * busiest->capacity;
	to = (sds->avg_load - local->avg_load) * local->capacity;
	env->imbalance = min(from, to) / SCHED_CAPACITY_SCALE;
}

static struct sched_group *find_busiest_group(struct lb_env *env)
{
	struct group_stats *busiest;
	struct lb_stats sds;

	update_domain_stats(env, &sds);
	busiest = &sds.busiest_stat;
	if (!sds.busiest || !sds.local || busiest->h_nr_running < 1)
		return NULL;
	if (busiest->type == IMBALANCED) {
		env->by = BY_TASKS;
		env->imbalance = 1;
		return sds.busiest;
	}
	if (sds.local_stat.type > busiest->type)
		return NULL;
	/* Fewer tasks than CPUs on both sides: spread them, when that is wanted here. */
	if (sds.local_stat.type == HAS_SPARE) {
		if (busiest->type != OVERLOADED &&
		    (env->idle == NOT_IDLE ||
		     busiest->nr_running <= sds.local_stat.nr_running + 1 || busiest->weight == 1))
			return NULL;
		imbalance_with_spare(env, &sds);
	} else if (busiest->type == OVERLOADED) {
		imbalance_by_load(env, &sds);
	} else {
		return NULL;
	}
	return env->imbalance > 0 ? sds.busiest : NULL;
}

static struct rq *find_busiest_queue(struct lb_env *env, struct sched_group *group)
{
	unsigned long busiest_load = 0, busiest_capacity = 1;
	unsigned int busiest_nr = 0, cpu;
	struct rq *busiest = NULL;

	for_each_cpu_and (cpu, &group->span, env->cpus) {
		struct rq *rq = cpu_rq(cpu);
		unsigned int nr = READ_ONCE(rq->cfs.h_nr_running);
		unsigned long load = cpu_load(rq), capacity = capacity_of(cpu);

		if (!nr)
			continue;
		if (env->by == BY_TASKS) {
			if (nr > busiest_nr) {
				busiest_nr = nr;
				busiest = rq;
			}
			continue;
		}
		/* One task that is more than all that should move helps nobody. */
		if (nr == 1 && load > (unsigned long)env->imbalance)
			continue;
		if (load * busiest_capacity > busiest_load * capacity || !busiest) {
			busiest_load = load;
			busiest_capacity = capacity;
			busiest = rq;
		}
	}
	return busiest;
}

/* It ran so recently that its cache is warm. */
static bool task_hot(struct task_struct *p, struct lb_env *env)
{
	s64 delta;

	if (p->sched_class != &fair_sched_class || task_has_idle_policy(p))
		return false;
	/* Threads of one core share all caches. */
	if (env->sd->flags & SD_SHARE_CPUCAPACITY)
		return false;
	if (sched_feat(CACHE_HOT_BUDDY) && env->dst_rq->nr_running &&
	    (&p->se == cfs_rq_of(&p->se)->next || &p->se == cfs_rq_of(&p->se)->last))
		return true;
	if (sysctl_sched_migration_cost == -1u)
		return true;
	delta = rq_clock_task(env->src_rq) - p->se.exec_start;
	return delta < (s64)sysctl_sched_migration_cost;
}

/*
 * p may not run on dst_cpu, but that one acts for its group: is there another one in it for p? An
 * idle one, if dst_cpu idles; -1: none. A newly idle CPU acts for itself.
 */
static int other_dst(struct task_struct *p, struct lb_env *env)
{
	unsigned int cpu;

	if (env->idle == NEWLY_IDLE || sched_mutant(BALANCE_FOR_ONE))
		return -1;
	for_each_cpu_and (cpu, &env->sd->groups->span, env->cpus)
		if (is_cpu_allowed(p, cpu) && (env->idle == NOT_IDLE || idle_cpu(cpu)))
			return cpu;
	return -1;
}

static bool can_migrate_task(struct task_struct *p, struct lb_env *env)
{
	lockdep_assert_held(&env->src_rq->lock);
	/* It could not run there, or does not wait for this CPU. */
	if (throttled_hierarchy(cfs_rq_of(&p->se)) ||
	    throttled_hierarchy(p->sched_task_group->cfs_rq[env->dst_cpu]))
		return false;
	if (!is_cpu_allowed(p, env->dst_cpu) && !sched_mutant(BALANCE_IGNORES_CPUS)) {
		env->some_pinned = true;
		if (env->other_dst < 0)
			env->other_dst = other_dst(p, env);
		return false;
	}
	env->all_pinned = false;
	if (p->on_cpu || task_current(env->src_rq, p) || p->se.sched_delayed)
		return false;
	if (!task_hot(p, env))
		return true;
	/* After failures enough, warm or not. */
	if (env->sd->nr_balance_failed <= env->sd->cache_nice_tries)
		return false;
	env->sd->lb_hot_gained[env->idle]++;
	return true;
}

/* Takes tasks off src_rq, coldest first, onto env->tasks; how many. [src_rq->lock] */
static int detach_tasks(struct lb_env *env)
{
	struct list_head *tasks = &env->src_rq->cfs_tasks;
	unsigned int loops = 0;
	int detached = 0;

	while (!list_empty(tasks) && env->imbalance > 0 && loops++ < env->loop_max) {
		struct task_struct *p = list_last_entry(tasks, struct task_struct, se.group_node);
		unsigned long load;

		/* An idle CPU wants work; it must not make another one idle for it. */
		if (env->idle != NOT_IDLE && env->src_rq->nr_running <= 1)
			break;
		if (!can_migrate_task(p, env))
			goto next;
		if (env->by == BY_LOAD) {
			load = max(task_h_load(p), 1UL);
			if ((load >> min(env->sd->nr_balance_failed, 16u)) / 2 >
			    (unsigned long)env->imbalance)
				goto next;
			env->imbalance -= load;
		} else {
			env->imbalance--;
		}
		deactivate_task(env->src_rq, p, DEQUEUE_NOCLOCK);
		set_task_cpu(p, env->dst_cpu);
		list_add(&p->se.group_node, &env->tasks);
		detached++;
		/* With the queue waiting and preemption off, one task is what a newly idle CPU
		 * needs. */
		if (env->idle == NEWLY_IDLE)
			break;
		continue;
	next:
		list_move(&p->se.group_node, tasks);
	}
	return detached;
}

static void attach_task(struct rq *rq, struct task_struct *p)
{
	activate_task(rq, p, ENQUEUE_NOCLOCK);
	check_preempt_curr(rq, p, 0);
}

static void attach_tasks(struct lb_env *env)
{
	struct task_struct *p;

	rq_lock(env->dst_rq);
	update_rq_clock(env->dst_rq);
	while (!list_empty(&env->tasks)) {
		p = list_first_entry(&env->tasks, struct task_struct, se.group_node);
		list_del_init(&p->se.group_node);
		attach_task(env->dst_rq, p);
	}
	check_rq(env->dst_rq, "attach");
	rq_unlock(env->dst_rq);
}

/*
 * One CPU of the local group does the work for all: the first idle one, or the first one. A
 * newly idle CPU acts for itself.
 */
static bool should_we_balance(struct lb_env *env)
{
	struct sched_group *sg = env->sd->groups;
	unsigned int cpu;

	if (!cpumask_test_cpu(env->dst_cpu, env->cpus))
		return false;
	if (env->idle == NEWLY_IDLE)
		return true;
	for_each_cpu_and (cpu, &sg->span, env->cpus)
		if (idle_cpu(cpu))
			return cpu == env->dst_cpu;
	return cpumask_first_and(&sg->span, env->cpus) == env->dst_cpu;
}

/* [migration thread of the busiest CPU] one task of it goes to push_cpu. */
static int active_load_balance_cpu_stop(void *data)
{
	struct rq *busiest = data, *target = cpu_rq(busiest->push_cpu);
	struct task_struct *p, *moved = NULL;
	struct sched_domain *sd;

	local_irq_disable();
	rq_lock(busiest);
	if (!busiest->active_balance || busiest->cpu != smp_processor_id() ||
	    busiest->nr_running <= 1 || !cpu_active(target->cpu))
		goto out;
	rcu_read_lock();
	for_each_domain (target->cpu, sd)
		if (cpumask_test_cpu(busiest->cpu, &sd->span))
			break;
	if (sd) {
		sd->alb_count++;
		update_rq_clock(busiest);
		list_for_each_entry_reverse (p, &busiest->cfs_tasks, se.group_node) {
			if (p->on_cpu || p->se.sched_delayed || !is_cpu_allowed(p, target->cpu) ||
			    throttled_hierarchy(cfs_rq_of(&p->se)))
				continue;
			deactivate_task(busiest, p, DEQUEUE_NOCLOCK);
			set_task_cpu(p, target->cpu);
			moved = p;
			sd->alb_pushed++;
			sd->nr_balance_failed = 0;
			break;
		}
		sd->alb_failed += !moved;
	}
	rcu_read_unlock();
out:
	busiest->active_balance = false;
	rq_unlock(busiest);
	if (moved) {
		rq_lock(target);
		update_rq_clock(target);
		attach_task(target, moved);
		rq_unlock(target);
	}
	local_irq_enable();
	return 0;
}

/* Nothing could be taken: is what runs there worth being pushed off its CPU? */
static void try_active_balance(struct lb_env *env)
{
	struct rq *busiest = env->src_rq;
	unsigned long flags;
	bool start = false;
	int to;

	if (env->sd->nr_balance_failed <= env->sd->cache_nice_tries + 2)
		return;
	/* Beside as many others it would be no better off. */
	if (env->idle == NOT_IDLE &&
	    READ_ONCE(busiest->nr_running) <= READ_ONCE(env->dst_rq->nr_running))
		return;
	raw_spin_lock_irqsave(&busiest->lock, flags);
	to = is_cpu_allowed(busiest->curr, env->dst_cpu) ? env->dst_cpu
							 : other_dst(busiest->curr, env);
	if (!busiest->active_balance && busiest->cfs.h_nr_running && to >= 0) {
		busiest->active_balance = true;
		busiest->push_cpu = to;
		start = true;
	}
	raw_spin_unlock_irqrestore(&busiest->lock, flags);
	if (start && !stop_one_cpu_nowait(busiest->cpu, active_load_balance_cpu_stop, busiest,
					  &busiest->active_balance_work))
		busiest->active_balance = false;
	env->sd->nr_balance_failed = env->sd->cache_nice_tries + 1;
}

static int move_from(struct lb_env *env)
{
	unsigned long flags;
	int moved;

	env->loop_max = min(sysctl_sched_nr_migrate, READ_ONCE(env->src_rq->nr_running));
	env->all_pinned = true;
	local_irq_save(flags);
	rq_lock(env->src_rq);
	update_rq_clock(env->src_rq);
	moved = detach_tasks(env);
	check_rq(env->src_rq, "detach");
	rq_unlock(env->src_rq);
	if (moved)
		attach_tasks(env);
	local_irq_restore(flags);
	return moved;
}

/* From env->src_rq to dst_rq, or, what may not go there, to another one of its group; how many. */
static int move_to_group(struct lb_env *env)
{
	struct rq *dst_rq = env->dst_rq;
	int moved = 0;

	env->src_cpu = env->src_rq->cpu;
	env->all_pinned = false;
	env->other_dst = -1;
	if (env->src_rq->nr_running <= 1)
		return 0;
	moved = move_from(env);
	if (env->other_dst < 0 || env->imbalance <= 0)
		return moved;
	env->dst_cpu = env->other_dst;
	env->dst_rq = cpu_rq(env->dst_cpu);
	moved += move_from(env);
	env->dst_rq = dst_rq;
	env->dst_cpu = dst_rq->cpu;
	return moved;
}

/*
 * Sums over groups hide tasks: a group that is full of those bound to one of its CPUs looks worse
 * off than the one whose task an idle CPU of it could run. So an idle CPU for which the widest
 * domain looks balanced asks each queue where somebody waits. How many came; -1: none, but one that
 * runs, or has just run, on src_rq's CPU could: after more such failures it will.
 */
static int last_resort(struct lb_env *env)
{
	struct rq *src = NULL;
	unsigned int cpu;
	int moved;

	if (env->idle != IDLE || env->sd->parent || !READ_ONCE(env->dst_rq->rd->overload) ||
	    sched_mutant(NO_LAST_RESORT))
		return 0;
	cpumask_and(env->cpus, &env->sd->span, cpu_active_mask);
	env->by = BY_TASKS;
	for_each_cpu_wrap (cpu, env->cpus, env->dst_cpu) {
		struct rq *rq = cpu_rq(cpu);

		if (READ_ONCE(rq->nr_running) < 2 || !READ_ONCE(rq->cfs.h_nr_running))
			continue;
		env->src_rq = rq;
		env->imbalance = 1;
		moved = move_to_group(env);
		if (moved)
			return moved;
		if (!env->all_pinned)
			src = rq;
	}
	env->src_rq = src;
	return src ? -1 : 0;
}

/* How many tasks came to dst_rq's group. No rq->lock held. *again false: a sibling does this one. */
static int load_balance(int cpu, struct rq *rq, struct sched_domain *sd, enum idle_type idle,
			bool *again)
{
	struct sched_group *group;
	cpumask_t cpus;
	int moved = 0;
	struct lb_env env = {.sd = sd,
			     .dst_cpu = cpu,
			     .dst_rq = rq,
			     .idle = idle,
			     .cpus = &cpus,
			     .tasks = LIST_HEAD_INIT(env.tasks)};

	if (sched_mutant(BALANCE_NEVER) ||
	    (sched_mutant(BALANCE_SKIPS_LEVEL) && sd->child && !sd->parent))
		return 0;
	cpumask_and(&cpus, &sd->span, cpu_active_mask);
	sd->lb_count[idle]++;
	for (;;) {
		if (!should_we_balance(&env)) {
			*again = false;
			return 0;
		}
		group = find_busiest_group(&env);
		env.src_rq = group ? find_busiest_queue(&env, group) : NULL;
		if (!env.src_rq || env.src_rq == rq) {
			sd->lb_nobusyg[idle] += !group;
			sd->lb_nobusyq[idle] += group && !env.src_rq;
			sd->lb_balanced[idle]++;
			if (!env.some_pinned && READ_ONCE(sd->ring->stuck))
				WRITE_ONCE(sd->ring->stuck, false);
			moved = last_resort(&env);
			if (moved)
				break;
			sd->nr_balance_failed = 0;
			goto slower;
		}
		sd->lb_imbalance[idle] += env.imbalance;
		moved = move_to_group(&env);
		/* Affinity stood in the way: let wider domains see it. */
		WRITE_ONCE(sd->ring->stuck, env.some_pinned && env.imbalance > 0 && !moved);
		if (moved || !env.all_pinned)
			break;
		/* All of them must stay there: another queue, then, of this group or the next. */
		cpumask_clear_cpu(env.src_cpu, &cpus);
	}
	if (moved > 0) {
		sd->nr_balance_failed = 0;
		sd->lb_gained[idle] += moved;
		sd->balance_interval = sd->min_interval;
		return moved;
	}
	sd->lb_failed[idle]++;
	/* A newly idle CPU's failures say little, and come often. */
	if (idle != NEWLY_IDLE)
		sd->nr_balance_failed++;
	try_active_balance(&env);
	return 0;
slower:
	if (sd->balance_interval < sd->max_interval)
		sd->balance_interval *= 2;
	return 0;
}

static unsigned long sd_interval(struct sched_domain *sd, bool busy)
{
	unsigned long ms = sd->balance_interval;

	if (busy)
		ms *= sd->busy_factor;
	/* A busy CPU that is due at the same jiffy as an idle one lets it go first. */
	return clamp(msecs_to_jiffies(ms) - busy, 1UL, HZ * num_online_cpus() / 10 + 1);
}

/*
 * What a search of sd took, ns: the longest counts, up to what a migration costs, for more is the
 * hypervisor's doing, and is forgotten by a hundredth a second. True when it was.
 */
static bool update_newidle_cost(struct sched_domain *sd, u64 cost)
{
	if (cost > sd->max_newidle_lb_cost) {
		sd->max_newidle_lb_cost = min_t(u64, cost, sysctl_sched_migration_cost);
		sd->last_decay_max_lb_cost = jiffies;
	} else if (time_after(jiffies, sd->last_decay_max_lb_cost + HZ)) {
		sd->max_newidle_lb_cost = sd->max_newidle_lb_cost * 253 / 256;
		sd->last_decay_max_lb_cost = jiffies;
		return true;
	}
	return false;
}

/* Machine-wide searches of many CPUs at the same time would find, and crowd, the same queue. */
static bool balancing;

static int balance_domain(struct rq *rq, struct sched_domain *sd, enum idle_type idle, bool *again)
{
	bool alone = sd->flags & SD_SERIALIZE;
	int moved;

	if (alone && xchg(&balancing, true))
		return 0;
	moved = load_balance(rq->cpu, rq, sd, idle, again);
	sd->last_balance = jiffies;
	if (alone)
		smp_store_release(&balancing, false);
	return moved;
}

void rebalance_domains(struct rq *rq, enum idle_type idle)
{
	unsigned long far = jiffies + 60 * HZ, next = far, flags;
	struct sched_domain *sd;
	bool again = true, decayed = false;
	u64 cost = 0;

	raw_spin_lock_irqsave(&rq->lock, flags);
	update_rq_clock(rq);
	update_blocked_averages(rq);
	update_cpu_capacity(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	rcu_read_lock();
	for_each_domain (rq->cpu, sd) {
		unsigned long interval = sd_interval(sd, idle == NOT_IDLE);

		decayed |= update_newidle_cost(sd, 0);
		cost += sd->max_newidle_lb_cost;
		if (!again)
			continue;
		if (time_after_eq(jiffies, sd->last_balance + interval)) {
			if (balance_domain(rq, sd, idle, &again))
				idle = idle_cpu(rq->cpu) ? IDLE : NOT_IDLE;
			interval = sd_interval(sd, idle == NOT_IDLE);
		}
		if (time_after(next, sd->last_balance + interval))
			next = sd->last_balance + interval;
	}
	rcu_read_unlock();
	if (decayed)
		rq->max_idle_balance_cost = max_t(u64, cost, sysctl_sched_migration_cost);
	/* A CPU that has no domain now may have one soon. */
	if (next != far)
		rq->next_balance = next;
	if (idle == IDLE)
		WRITE_ONCE(rq->nr_idle_passes, rq->nr_idle_passes + 1);
}

/* One that sleeps since real-time tasks left it has had no tick to see so. */
static unsigned long capacity_of_idle(struct rq *rq)
{
	if (capacity_of(rq->cpu) != rq->cpu_capacity_orig) {
		rq_lock(rq);
		update_rq_clock(rq);
		update_cpu_capacity(rq);
		rq_unlock(rq);
	}
	return capacity_of(rq->cpu);
}

/*
 * A task that this CPU is too slow for, or of which real-time and deadline tasks leave too little for
 * it, goes to an idle CPU where it has more, though it runs: such a CPU need never be seen with two
 * tasks at a tick. How much those leave changes all the time; a CPU that is no faster by itself must
 * be better by what the domain tolerates. [tick]
 */
static void push_misfit(struct rq *rq)
{
	struct task_struct *p = rq->curr;
	unsigned long most = capacity_of(rq->cpu), cap;
	struct sched_domain *widest = rq->sd;
	unsigned int cpu, best = nr_cpu_ids;

	if (p->sched_class != &fair_sched_class || p->nr_cpus_allowed == 1 ||
	    task_fits_cpu(p, rq->cpu))
		return;
	while (widest->parent)
		widest = widest->parent;
	for_each_cpu_and (cpu, &widest->span, p->cpus_ptr) {
		if (!cpu_active(cpu) || !idle_cpu(cpu))
			continue;
		cap = capacity_of_idle(cpu_rq(cpu));
		if (cpu_rq(cpu)->cpu_capacity_orig <= rq->cpu_capacity_orig)
			cap = cap * 100 / rq->sd->imbalance_pct;
		if (cap <= most)
			continue;
		most = cap;
		best = cpu;
	}
	if (best == nr_cpu_ids)
		return;
	rq_lock(rq);
	if (rq->active_balance) {
		rq_unlock(rq);
		return;
	}
	rq->active_balance = true;
	rq->push_cpu = best;
	rq_unlock(rq);
	if (!stop_one_cpu_nowait(rq->cpu, active_load_balance_cpu_stop, rq,
				 &rq->active_balance_work))
		rq->active_balance = false;
}

/* [tick] */
void trigger_load_balance(struct rq *rq)
{
	if (!rq->sd)
		return;
	if (unlikely(sched_asym_capacity || rq->cpu_capacity != rq->cpu_capacity_orig) &&
	    fair_class_in_use())
		push_misfit(rq);
	if (time_after_eq(jiffies, rq->next_balance) &&
	    (fair_class_in_use() || (sched_choice == SCHED_O1 && rq->curr != rq->idle)))
		raise_softirq_irqoff(SCHED_SOFTIRQ);
	nohz_balancer_kick(rq);
}

/*
 * this_rq is about to idle: is there a task to pull? rq->lock held, dropped and retaken. How
 * many came, by us or by others while the lock was free.
 */
int newidle_balance(struct rq *this_rq)
{
	struct sched_domain *sd;
	u64 start, now, spent = 0;
	bool again = true;
	int pulled = 0;

	this_rq->idle_stamp = rq_clock(this_rq);
	/* A pull costs about a migration: not for an idle time that will be shorter. */
	if (!cpu_active(this_rq->cpu) || !READ_ONCE(this_rq->sd) ||
	    !READ_ONCE(this_rq->rd->overload) || this_rq->avg_idle < sysctl_sched_migration_cost)
		return 0;
	rq_unlock(this_rq);
	start = sched_clock();
	rcu_read_lock();
	for_each_domain (this_rq->cpu, sd) {
		if (this_rq->avg_idle < spent + sd->max_newidle_lb_cost)
			break;
		if (!(sd->flags & SD_BALANCE_NEWIDLE))
			continue;
		pulled = load_balance(this_rq->cpu, this_rq, sd, NEWLY_IDLE, &again);
		now = sched_clock();
		update_newidle_cost(sd, now - start);
		spent += now - start;
		start = now;
		if (pulled || READ_ONCE(this_rq->nr_running) || !again)
			break;
	}
	rcu_read_unlock();
	rq_lock(this_rq);
	update_rq_clock(this_rq);
	this_rq->max_idle_balance_cost = max(this_rq->max_idle_balance_cost, spent);
	if (this_rq->nr_running)
		pulled = max(pulled, 1);
	if (pulled)
		this_rq->idle_stamp = 0;
	return pulled;
}
