/* SPDX-License-Identifier: MIT */
/*
 * Budgets of groups of real-time tasks: on each CPU the FIFO and RR tasks of a group, and of the
 * groups below it, together run `runtime` in each `period`; then they wait for the next one. What
 * was run beyond is owed. A group without a budget of its own is bound by those above it and, as
 * all are, by sched_rt_runtime_us. A task that was boosted runs on: another one waits for it.
 *
 * A task whose group has used up its budget stays queued but leaves the lists by priority for
 * rt_rq.parked when its turn comes, or when it wakes, and is not counted as running there
 * (sched/rt.c); so other CPUs see it neither as load nor as something to pull.
 *
 * Budgets are under rq->lock of their CPU; limits change under rt_group_mutex, and each CPU sees a
 * new one under its rq->lock. A group's array of budgets is made with its first limit and stays.
 * Admission follows Liu and Layland (1973): the parts of the groups below one are together no more
 * than its own, those of all no more than what the system's two limits leave, which are therefore
 * set here.
 */
#include "internal.h"

#define RATIO_SHIFT   20
#define MAX_PERIOD_US (4 * USEC_PER_SEC)

struct rt_budget {
	struct rq *rq;
	struct task_group *tg;
	u64 time, period_start; /* ns run, but for what ended periods forgave; ns */
	bool throttled;
	struct hrtimer timer; /* queued while throttled */
};

static DEFINE_MUTEX(rt_group_mutex);
static bool rt_groups_used; /* some group has had a limit */

static struct rt_budget *budget_of(struct task_group *tg, int cpu)
{
	struct rt_budget **budget = smp_load_acquire(&tg->rt_bandwidth.budget);

	return budget ? budget[cpu] : NULL;
}

static bool is_limited(const struct task_group *tg)
{
	return READ_ONCE(tg->rt_bandwidth.runtime) != RT_RUNTIME_INF;
}

void init_rt_bandwidth(struct rt_bandwidth *b)
{
	b->runtime = RT_RUNTIME_INF;
	b->period = NSEC_PER_SEC;
}

bool rt_group_throttled(struct task_struct *p, int cpu)
{
	struct task_group *tg;

	if (likely(!READ_ONCE(rt_groups_used)) || p->prio < p->normal_prio)
		return false;
	for (tg = p->sched_task_group; tg; tg = tg->parent) {
		struct rt_budget *b = budget_of(tg, cpu);

		if (b && b->throttled)
			return true;
	}
	return false;
}

static void replenish(struct rt_budget *b, u64 now)
{
	const struct rt_bandwidth *bw = &b->tg->rt_bandwidth;
	u64 n = (now - b->period_start) / bw->period;

	if (!n)
		return;
	b->period_start += n * bw->period;
	b->time -= min(b->time, n * bw->runtime);
	if (b->throttled && b->time < bw->runtime) {
		b->throttled = false;
		rt_release_parked(b->rq);
	}
}

/* [hardirq] */
static enum hrtimer_restart period_end(struct hrtimer *timer)
{
	struct rt_budget *b = container_of(timer, struct rt_budget, timer);
	enum hrtimer_restart again = HRTIMER_NORESTART;

	rq_lock(b->rq);
	update_rq_clock(b->rq);
	if (b->throttled)
		replenish(b, rq_clock_task(b->rq));
	if (b->throttled) {
		hrtimer_forward_now(timer, b->tg->rt_bandwidth.period);
		again = HRTIMER_RESTART;
	}
	rq_unlock(b->rq);
	return again;
}

static void charge(struct rt_budget *b, u64 now, u64 delta)
{
	const struct rt_bandwidth *bw = &b->tg->rt_bandwidth;

	replenish(b, now);
	b->time += delta;
	if (b->throttled || b->time <= bw->runtime || bw->runtime == bw->period ||
	    sched_mutant(RT_GROUP_NEVER_THROTTLED))
		return;
	b->throttled = true;
	hrtimer_start(&b->timer, b->period_start + bw->period - now, HRTIMER_MODE_REL_PINNED);
}

void rt_group_charge(struct rq *rq, struct task_struct *p, u64 delta)
{
	struct task_group *tg;

	lockdep_assert_held(&rq->lock);
	if (likely(!READ_ONCE(rt_groups_used)))
		return;
	for (tg = p->sched_task_group; tg; tg = tg->parent) {
		struct rt_budget *b = budget_of(tg, rq->cpu);

		/* Another CPU's first limit may show before its budgets do: they bind together. */
		if (b && is_limited(tg))
			charge(b, rq_clock_task(rq), delta);
	}
	/* Just now, or before: it has lost a boost, or come from another class, since. */
	if (rt_group_throttled(p, rq->cpu))
		resched_curr(rq);
}

bool rt_group_may_run(struct task_group *tg)
{
	for (; tg; tg = tg->parent)
		if (!READ_ONCE(tg->rt_bandwidth.runtime))
			return false;
	return true;
}

bool sched_group_can_attach(struct task_group *tg, struct task_struct *p)
{
	return !rt_policy(p->policy) || rt_group_may_run(tg);
}

/*
 * tg's part of a CPU as it is, or as it would be with the new values for `changed`. The root has
 * what the whole class has.
 */
struct rt_change {
	struct task_group *changed;
	u64 runtime, period;
};

static u64 us_to_runtime(s64 us)
{
	return us < 0 ? RT_RUNTIME_INF : (u64)us * NSEC_PER_USEC;
}

static bool limited_by(struct task_group *tg, const struct rt_change *c)
{
	return tg == c->changed ? c->runtime != RT_RUNTIME_INF : is_limited(tg);
}

static u64 part_of(struct task_group *tg, const struct rt_change *c)
{
	u64 runtime = tg->rt_bandwidth.runtime, period = tg->rt_bandwidth.period;

	if (tg == c->changed) {
		runtime = c->runtime;
		period = c->period;
	} else if (!tg->parent) {
		runtime = us_to_runtime(sysctl_sched_rt_runtime_us);
		period = (u64)sysctl_sched_rt_period_us * NSEC_PER_USEC;
	}
	return runtime == RT_RUNTIME_INF ? 1 << RATIO_SHIFT : (runtime << RATIO_SHIFT) / period;
}

/* The next one above tg whose part bounds it: one with a limit, or the root. */
static struct task_group *bound_of(struct task_group *tg, const struct rt_change *c)
{
	for (tg = tg->parent; tg->parent && !limited_by(tg, c); tg = tg->parent)
		;
	return tg;
}

/* Do the parts of those that top bounds fit into its own? */
static bool fits_below(struct task_group *top, const struct rt_change *c)
{
	struct task_group *tg;
	u64 sum = 0;

	rcu_read_lock();
	for_each_group_below (tg, top)
		if (tg != top && limited_by(tg, c) && bound_of(tg, c) == top)
			sum += part_of(tg, c);
	rcu_read_unlock();
	return sum <= part_of(top, c);
}

static bool is_schedulable(const struct rt_change *c)
{
	if (!fits_below(bound_of(c->changed, c), c))
		return false;
	return c->runtime == RT_RUNTIME_INF || fits_below(c->changed, c);
}

static int alloc_budgets(struct task_group *tg)
{
	struct rt_budget **budget = sched_env_alloc(nr_cpu_ids * sizeof(*budget), false);
	unsigned int cpu;

	if (!budget)
		return -ENOMEM;
	for_each_possible_cpu (cpu) {
		struct rt_budget *b = sched_env_alloc(sizeof(*b), false);

		if (!b)
			goto no_memory;
		b->rq = cpu_rq(cpu);
		b->tg = tg;
		hrtimer_init(&b->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
		b->timer.function = period_end;
		budget[cpu] = b;
	}
	smp_store_release(&tg->rt_bandwidth.budget, budget);
	return 0;
no_memory:
	for_each_possible_cpu (cpu)
		sched_env_free(budget[cpu]);
	sched_env_free(budget);
	return -ENOMEM;
}

struct rt_search {
	struct task_group *tg;
	bool found;
};

static void look_for_rt(struct task_struct *p, void *arg)
{
	struct rt_search *s = arg;
	struct task_group *tg;

	for (tg = p->sched_task_group; tg && rt_policy(p->policy); tg = tg->parent)
		s->found |= tg == s->tg;
}

/* On every CPU: nothing was run and nothing is owed, by the new limit. */
static void begin_anew(struct task_group *tg, const struct rt_change *c)
{
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);
		struct rt_budget *b = budget_of(tg, cpu);
		unsigned long flags;

		raw_spin_lock_irqsave(&rq->lock, flags);
		update_rq_clock(rq);
		WRITE_ONCE(tg->rt_bandwidth.runtime, c->runtime);
		WRITE_ONCE(tg->rt_bandwidth.period, c->period);
		if (b) {
			b->time = 0;
			b->period_start = rq_clock_task(rq);
			b->throttled = false;
			rt_release_parked(rq);
		}
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}

int sched_group_set_rt(struct task_group *tg, s64 runtime_us, u64 period_us)
{
	struct rt_change c = {.changed = tg,
			      .runtime = us_to_runtime(runtime_us),
			      .period = period_us * NSEC_PER_USEC};
	struct rt_search search = {.tg = tg};
	int err = -EINVAL;

	if (tg == &root_task_group || runtime_us < -1 || !period_us || period_us > MAX_PERIOD_US ||
	    (runtime_us > 0 && (u64)runtime_us > period_us))
		return -EINVAL;
	mutex_lock(&rt_group_mutex);
	if (!is_schedulable(&c))
		goto out;
	err = -EBUSY;
	if (!runtime_us)
		sched_env_for_each_task(look_for_rt, &search);
	if (search.found)
		goto out;
	err = 0;
	if (c.runtime != RT_RUNTIME_INF && !tg->rt_bandwidth.budget)
		err = alloc_budgets(tg);
	if (err)
		goto out;
	WRITE_ONCE(rt_groups_used, true);
	begin_anew(tg, &c);
out:
	mutex_unlock(&rt_group_mutex);
	return err;
}

void rt_limits_lock(void)
{
	mutex_lock(&rt_group_mutex);
}

void rt_limits_unlock(void)
{
	mutex_unlock(&rt_group_mutex);
}

int sched_rt_set_global(const int *period_us, const int *runtime_us)
{
	struct rt_change c = {.changed = &root_task_group};
	int period, runtime, err = -EINVAL;

	mutex_lock(&rt_group_mutex);
	period = period_us ? *period_us : sysctl_sched_rt_period_us;
	runtime = runtime_us ? *runtime_us : sysctl_sched_rt_runtime_us;
	if (period <= 0 || runtime < -1 || runtime > period)
		goto out;
	c.period = (u64)period * NSEC_PER_USEC;
	c.runtime = us_to_runtime(runtime);
	if (!fits_below(&root_task_group, &c))
		goto out;
	err = dl_set_global_bw(runtime < 0 ? DL_BW_INF : part_of(&root_task_group, &c));
	if (err)
		goto out;
	WRITE_ONCE(sysctl_sched_rt_period_us, period);
	WRITE_ONCE(sysctl_sched_rt_runtime_us, runtime);
out:
	mutex_unlock(&rt_group_mutex);
	return err;
}

void sched_group_get_rt(struct task_group *tg, s64 *runtime_us, u64 *period_us)
{
	*runtime_us = is_limited(tg) ? (s64)(tg->rt_bandwidth.runtime / NSEC_PER_USEC) : -1;
	*period_us = tg->rt_bandwidth.period / NSEC_PER_USEC;
}

void stop_rt_bandwidth(struct task_group *tg)
{
	static const struct rt_change none = {.runtime = RT_RUNTIME_INF, .period = NSEC_PER_SEC};
	unsigned int cpu;

	if (!tg->rt_bandwidth.budget)
		return;
	/* Who is about to end may still run in it, and starts no timer from here on. */
	begin_anew(tg, &none);
	for_each_possible_cpu (cpu)
		hrtimer_cancel(&tg->rt_bandwidth.budget[cpu]->timer);
}

void free_rt_bandwidth(struct task_group *tg)
{
	unsigned int cpu;

	if (!tg->rt_bandwidth.budget)
		return;
	for_each_possible_cpu (cpu)
		sched_env_free(tg->rt_bandwidth.budget[cpu]);
	sched_env_free(tg->rt_bandwidth.budget);
}
