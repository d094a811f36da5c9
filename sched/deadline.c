/* SPDX-License-Identifier: MIT */
/*
 * The deadline class: SCHED_DEADLINE, earliest deadline first with a constant bandwidth server a
 * task (sched(7)). A task gets dl_runtime in each dl_period, to be used by dl_deadline after the
 * period's start; when it is used up the task is throttled until the next period, so it cannot
 * take what others were promised. Admission: the bandwidths of a root domain's tasks together
 * stay below 95 % of its CPUs. rq->lock unless said.
 *
 * The rule of the server at a wake-up (Abeni and Buttazzo, 1998): the old deadline and what is
 * left of the runtime stay good as long as runtime / (deadline - now) is not more than
 * dl_runtime / dl_deadline; else the task would get more than its bandwidth, and a new deadline
 * with full runtime begins now.
 * Bandwidth, promised, active and reclaimed: sched/deadline_bw.c.
 */
#include "deadline.h"

static enum hrtimer_restart dl_task_timer(struct hrtimer *timer);
static void push_dl_tasks(struct rq *rq);
static void pull_dl_task(struct rq *rq);

/* Whose parameters count: those of the waiter for whom p runs, or p's own. */
static struct sched_dl_entity *pi_of(struct sched_dl_entity *dl_se)
{
	return dl_se->pi_se;
}

static bool is_boosted(struct sched_dl_entity *dl_se)
{
	return pi_of(dl_se) != dl_se;
}

static bool on_dl_rq(struct sched_dl_entity *dl_se)
{
	return !RB_EMPTY_NODE(&dl_se->rb_node);
}

void init_dl_rq(struct dl_rq *dl_rq)
{
	dl_rq->root = RB_ROOT_CACHED;
	dl_rq->pushable_dl_tasks_root = RB_ROOT_CACHED;
}

void init_dl_task_timer(struct sched_dl_entity *dl_se)
{
	hrtimer_init(&dl_se->dl_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	dl_se->dl_timer.function = dl_task_timer;
	init_inactive_timer(dl_se);
}

void __dl_clear_params(struct task_struct *p)
{
	struct sched_dl_entity *dl_se = &p->dl;

	dl_se->dl_runtime = dl_se->dl_deadline = dl_se->dl_period = 0;
	dl_se->dl_bw = dl_se->dl_density = 0;
	dl_se->runtime = 0;
	dl_se->deadline = 0;
	dl_se->flags = 0;
	dl_se->dl_throttled = dl_se->dl_yielded = 0;
	dl_se->dl_non_contending = dl_se->dl_overrun = 0;
	dl_se->dl_attached = dl_se->dl_active = 0;
	dl_se->pi_se = dl_se;
}

static bool dl_less(struct rb_node *a, const struct rb_node *b)
{
	if (sched_mutant(DL_LATEST_FIRST))
		return dl_time_before(rb_entry(b, struct sched_dl_entity, rb_node)->deadline,
				      rb_entry(a, struct sched_dl_entity, rb_node)->deadline);
	return dl_time_before(rb_entry(a, struct sched_dl_entity, rb_node)->deadline,
			      rb_entry(b, struct sched_dl_entity, rb_node)->deadline);
}

static bool pushable_less(struct rb_node *a, const struct rb_node *b)
{
	return dl_time_before(rb_entry(a, struct task_struct, pushable_dl_tasks)->dl.deadline,
			      rb_entry(b, struct task_struct, pushable_dl_tasks)->dl.deadline);
}

static void update_dl_overload(struct rq *rq)
{
	struct dl_rq *dl = &rq->dl;
	bool over = dl->dl_nr_running > 1 && rb_first_cached(&dl->pushable_dl_tasks_root);

	if (over == dl->overloaded || !rq->online)
		return;
	dl->overloaded = over;
	if (over) {
		cpumask_set_cpu(rq->cpu, &rq->rd->dlo_mask);
		smp_wmb();
		atomic_inc(&rq->rd->dlo_count);
	} else {
		atomic_dec(&rq->rd->dlo_count);
		cpumask_clear_cpu(rq->cpu, &rq->rd->dlo_mask);
	}
}

static void dequeue_pushable(struct rq *rq, struct task_struct *p)
{
	if (!RB_EMPTY_NODE(&p->pushable_dl_tasks)) {
		rb_erase_cached(&p->pushable_dl_tasks, &rq->dl.pushable_dl_tasks_root);
		RB_CLEAR_NODE(&p->pushable_dl_tasks);
	}
	update_dl_overload(rq);
}

static void enqueue_pushable(struct rq *rq, struct task_struct *p)
{
	if (RB_EMPTY_NODE(&p->pushable_dl_tasks))
		rb_add_cached(&p->pushable_dl_tasks, &rq->dl.pushable_dl_tasks_root, pushable_less);
	update_dl_overload(rq);
}

static bool may_be_pushed(struct rq *rq, struct task_struct *p)
{
	return p->nr_cpus_allowed > 1 && !p->migration_disabled && !task_current(rq, p);
}

static void note_earliest(struct rq *rq)
{
	struct rb_node *left = rb_first_cached(&rq->dl.root);

	WRITE_ONCE(rq->dl.earliest_deadline,
		   left ? rb_entry(left, struct sched_dl_entity, rb_node)->deadline : 0);
}

static void insert_dl_entity(struct rq *rq, struct sched_dl_entity *dl_se)
{
	rb_add_cached(&dl_se->rb_node, &rq->dl.root, dl_less);
	if (!rq->dl.dl_nr_running++)
		rt_note_deadline(rq);
	add_nr_running(rq, 1);
	note_earliest(rq);
}

static void remove_dl_entity(struct rq *rq, struct sched_dl_entity *dl_se)
{
	if (!on_dl_rq(dl_se))
		return;
	rb_erase_cached(&dl_se->rb_node, &rq->dl.root);
	RB_CLEAR_NODE(&dl_se->rb_node);
	if (!--rq->dl.dl_nr_running)
		rt_note_deadline(rq);
	sub_nr_running(rq, 1);
	note_earliest(rq);
}

/* From now: a whole deadline and a whole runtime. */
static void new_instance(struct rq *rq, struct sched_dl_entity *dl_se)
{
	dl_se->deadline = rq_clock(rq) + pi_of(dl_se)->dl_deadline;
	dl_se->runtime = pi_of(dl_se)->dl_runtime;
}

/* The next period, or as many as pay back an overrun; one that lags behind the clock starts anew.
 */
static void replenish_dl_entity(struct rq *rq, struct sched_dl_entity *dl_se)
{
	struct sched_dl_entity *pi = pi_of(dl_se);

	if (!pi->dl_runtime) {
		/* The booster is gone, and this was never a deadline task: nothing to grant. */
		dl_se->dl_throttled = dl_se->dl_yielded = 0;
		return;
	}
	if (!dl_se->deadline)
		new_instance(rq, dl_se);
	if (dl_se->dl_yielded && dl_se->runtime > 0)
		dl_se->runtime = 0;
	while (dl_se->runtime <= 0) {
		if (!sched_mutant(DL_NOT_POSTPONED))
			dl_se->deadline += pi->dl_period;
		dl_se->runtime += pi->dl_runtime;
	}
	if (dl_time_before(dl_se->deadline, rq_clock(rq)))
		new_instance(rq, dl_se);
	dl_se->dl_yielded = dl_se->dl_throttled = 0;
}

/* Would runtime until the deadline be more than the bandwidth? Compared by cross products. */
static bool dl_entity_overflow(struct sched_dl_entity *dl_se, u64 now)
{
	struct sched_dl_entity *pi = pi_of(dl_se);

	return (unsigned __int128)pi->dl_deadline * (u64)max(dl_se->runtime, (s64)0) >
	       (unsigned __int128)(dl_se->deadline - now) * pi->dl_runtime;
}

static void wakeup_dl_entity(struct rq *rq, struct sched_dl_entity *dl_se)
{
	u64 now = rq_clock(rq);

	if (sched_mutant(DL_WAKEUP_KEEPS_DEADLINE) && dl_se->deadline)
		dl_se->runtime = pi_of(dl_se)->dl_runtime;
	else if (dl_time_before(dl_se->deadline, now) || dl_entity_overflow(dl_se, now))
		new_instance(rq, dl_se);
}

/* Until the next period begins. False: it has begun already. */
static bool start_dl_timer(struct rq *rq, struct task_struct *p)
{
	struct sched_dl_entity *dl_se = &p->dl;
	s64 wait = dl_se->deadline - dl_se->dl_deadline + dl_se->dl_period - rq_clock(rq);

	if (wait <= 0)
		return false;
	/* The timer's reference; a timer that was pending has one already. */
	if (!hrtimer_is_queued(&dl_se->dl_timer) && !sched_mutant(DL_TIMER_LOST)) {
		get_task_struct(p);
		hrtimer_start(&dl_se->dl_timer, wait, HRTIMER_MODE_REL_PINNED);
	}
	return true;
}

static void enqueue_task_dl(struct rq *rq, struct task_struct *p, int flags)
{
	struct sched_dl_entity *dl_se = &p->dl;

	task_contending(rq, dl_se);
	if (is_boosted(dl_se) && dl_se->dl_throttled) {
		/* Who holds a lock that a deadline task wants is not kept waiting. */
		dl_se->dl_throttled = 0;
		flags |= ENQUEUE_REPLENISH;
	}
	/* It woke before its next period: the timer will queue it. */
	if (dl_se->dl_throttled && !(flags & ENQUEUE_REPLENISH)) {
		if (start_dl_timer(rq, p))
			return;
		flags |= ENQUEUE_REPLENISH;
	}
	if (flags & ENQUEUE_REPLENISH)
		replenish_dl_entity(rq, dl_se);
	else if (flags & ENQUEUE_WAKEUP)
		wakeup_dl_entity(rq, dl_se);
	else if ((flags & ENQUEUE_RESTORE) && dl_time_before(dl_se->deadline, rq_clock(rq)))
		new_instance(rq, dl_se);
	if (on_dl_rq(dl_se))
		return;
	insert_dl_entity(rq, dl_se);
	if (may_be_pushed(rq, p))
		enqueue_pushable(rq, p);
	else
		update_dl_overload(rq);
}

static void throttle_if_spent(struct rq *rq, struct task_struct *p)
{
	struct sched_dl_entity *dl_se = &p->dl;

	if ((dl_se->runtime > 0 && !dl_se->dl_yielded) || sched_mutant(DL_NEVER_THROTTLED))
		return;
	if (dl_se->runtime <= 0 && (dl_se->flags & SCHED_FLAG_DL_OVERRUN))
		dl_se->dl_overrun = 1;
	dl_se->dl_throttled = 1;
	remove_dl_entity(rq, dl_se);
	dequeue_pushable(rq, p);
	if (is_boosted(dl_se) || !start_dl_timer(rq, p)) {
		replenish_dl_entity(rq, dl_se);
		insert_dl_entity(rq, dl_se);
		update_dl_overload(rq);
	}
	if (rb_first_cached(&rq->dl.root) != &dl_se->rb_node)
		resched_curr(rq);
}

static void update_curr_dl(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	u64 delta = update_curr_common(rq);

	if (!delta && !curr->dl.dl_yielded)
		return;
	if (!on_dl_rq(&curr->dl))
		return;
	curr->dl.runtime -=
	    curr->dl.flags & SCHED_FLAG_RECLAIM ? grub_reclaim(rq, &curr->dl, delta) : delta;
	throttle_if_spent(rq, curr);
}

static bool dequeue_task_dl(struct rq *rq, struct task_struct *p, int flags)
{
	if (task_current(rq, p))
		update_curr_dl(rq);
	remove_dl_entity(rq, &p->dl);
	dequeue_pushable(rq, p);
	if (!(flags & DEQUEUE_SLEEP) || READ_ONCE(p->__state) == TASK_DEAD)
		detach_bw(rq, &p->dl);
	else
		task_non_contending(rq, p);
	return true;
}

/*
 * A sleeper that is woken on another CPU takes its bandwidth along; one that moves queued did so
 * when it was dequeued. [pi_lock; no rq->lock unless queued]
 */
static void migrate_task_rq_dl(struct task_struct *p, int new_cpu)
{
	struct rq *rq = task_rq(p);

	dl_bw_follow(p, cpu_rq(new_cpu)->rd);
	if (READ_ONCE(p->__state) != TASK_WAKING)
		return;
	rq_lock(rq);
	detach_bw(rq, &p->dl);
	rq_unlock(rq);
}

/* [hardirq] A throttled task's next period begins. */
static enum hrtimer_restart dl_task_timer(struct hrtimer *timer)
{
	struct sched_dl_entity *dl_se = container_of(timer, struct sched_dl_entity, dl_timer);
	struct task_struct *p = dl_task_of(dl_se);
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	if (p->sched_class != &dl_sched_class || !dl_se->dl_throttled)
		goto unlock;
	update_rq_clock(rq);
	if (!task_on_rq_queued(p)) {
		/* It sleeps; its wake-up finds it replenished. */
		replenish_dl_entity(rq, dl_se);
		goto unlock;
	}
	enqueue_task_dl(rq, p, ENQUEUE_REPLENISH);
	if (!task_current(rq, p))
		check_preempt_curr(rq, p, 0);
	else
		resched_curr(rq);
	if (rq->dl.overloaded)
		push_dl_tasks(rq);
unlock:
	task_rq_unlock(rq, p, &flags);
	put_task_struct(p);
	return HRTIMER_NORESTART;
}

/* sched_yield(2) of a deadline task: done for this period. */
static void yield_task_dl(struct rq *rq)
{
	rq->curr->dl.dl_yielded = 1;
	update_curr_dl(rq);
}

static void check_preempt_curr_dl(struct rq *rq, struct task_struct *p, int flags)
{
	if (dl_time_before(p->dl.deadline, rq->curr->dl.deadline))
		resched_curr(rq);
}

static struct task_struct *pick_task_dl(struct rq *rq)
{
	struct rb_node *left = rb_first_cached(&rq->dl.root);
	struct task_struct *p;

	if (!left)
		return NULL;
	p = dl_task_of(rb_entry(left, struct sched_dl_entity, rb_node));
	return p;
}

static void put_prev_task_dl(struct rq *rq, struct task_struct *p)
{
	update_curr_dl(rq);
	update_dl_load_avg(rq, true);
	if (on_dl_rq(&p->dl) && p->nr_cpus_allowed > 1 && !p->migration_disabled)
		enqueue_pushable(rq, p);
}

/* Other deadline tasks, and real-time ones that the current task keeps from running. */
static void push_waiting(struct rq *rq)
{
	push_dl_tasks(rq);
	class_of_prio(0)->push_tasks(rq);
}

static void set_next_task_dl(struct rq *rq, struct task_struct *p, bool first)
{
	p->se.exec_start = rq_clock_task(rq);
	rq->dl_since = rq_clock_task(rq);
	dequeue_pushable(rq, p);
	if (first && (rq->dl.overloaded || rq->rt.overloaded || rq->rt_queued))
		rq->balance_callback = push_waiting;
}

/* The CPU that runs no deadline task, or the latest one, when that is later than p's; -1: none. */
static int find_later_cpu(struct task_struct *p)
{
	int best = -1, cpu_of_p = task_cpu(p);
	u64 latest = p->dl.deadline;
	unsigned int cpu;

	for_each_cpu_wrap (cpu, p->cpus_ptr, cpu_of_p) {
		u64 d;

		if (!cpu_active(cpu))
			continue;
		d = READ_ONCE(cpu_rq(cpu)->dl.earliest_deadline);
		if (!d)
			return cpu;
		if (dl_time_before(latest, d)) {
			latest = d;
			best = cpu;
		}
	}
	return best;
}

/* [pi_lock] */
static int select_task_rq_dl(struct task_struct *p, int cpu, int flags)
{
	u64 there;
	int target;

	if (!(flags & WF_TTWU))
		return cpu;
	there = READ_ONCE(cpu_rq(cpu)->dl.earliest_deadline);
	if (there && dl_time_before(there, p->dl.deadline)) {
		target = find_later_cpu(p);
		if (target >= 0)
			cpu = target;
	}
	return cpu;
}

static bool runs_later(struct rq *rq, struct task_struct *p)
{
	return !rq->dl.dl_nr_running || dl_time_before(p->dl.deadline, rq->dl.earliest_deadline);
}

/* False: nothing (more) to push. */
static bool push_dl_task(struct rq *rq)
{
	struct rb_node *first = rb_first_cached(&rq->dl.pushable_dl_tasks_root);
	struct task_struct *p;
	struct rq *later;
	bool pushed = false;
	int cpu;

	if (!rq->dl.overloaded || !first || sched_mutant(DL_PUSH_MISSING))
		return false;
	p = rb_entry(first, struct task_struct, pushable_dl_tasks);
	if (dl_prio(rq->curr->prio) && dl_time_before(p->dl.deadline, rq->curr->dl.deadline)) {
		resched_curr(rq);
		return false;
	}
	cpu = find_later_cpu(p);
	if (cpu < 0 || cpu == rq->cpu)
		return false;
	get_task_struct(p);
	later = cpu_rq(cpu);
	double_lock_balance(rq, later);
	/* The lock may have been dropped: still here, still waiting, still allowed? */
	if (task_rq(p) == rq && !RB_EMPTY_NODE(&p->pushable_dl_tasks) && !p->on_cpu &&
	    is_cpu_allowed(p, cpu) && runs_later(later, p)) {
		move_task(rq, p, later);
		resched_curr(later);
		pushed = true;
	}
	double_unlock_balance(rq, later);
	put_task_struct(p);
	return pushed;
}

static void push_dl_tasks(struct rq *rq)
{
	while (push_dl_task(rq))
		;
}

static void pull_dl_task(struct rq *this_rq)
{
	bool resched = false;
	unsigned int cpu;

	if (!atomic_read(&this_rq->rd->dlo_count))
		return;
	smp_rmb();
	for_each_cpu (cpu, &this_rq->rd->dlo_mask) {
		struct rq *src = cpu_rq(cpu);
		struct rb_node *n;

		if (src == this_rq)
			continue;
		double_lock_balance(this_rq, src);
		for (n = rb_first_cached(&src->dl.pushable_dl_tasks_root); n; n = rb_next(n)) {
			struct task_struct *p = rb_entry(n, struct task_struct, pushable_dl_tasks);

			if (!is_cpu_allowed(p, this_rq->cpu) || p->on_cpu ||
			    !runs_later(this_rq, p))
				continue;
			/* One that beats what runs there is about to run there. */
			if (dl_prio(src->curr->prio) &&
			    dl_time_before(p->dl.deadline, src->curr->dl.deadline))
				continue;
			move_task(src, p, this_rq);
			resched = true;
			break;
		}
		double_unlock_balance(this_rq, src);
	}
	if (resched)
		resched_curr(this_rq);
}

static bool balance_dl(struct rq *rq, struct task_struct *prev)
{
	if (!on_dl_rq(&prev->dl) && rq->online)
		pull_dl_task(rq);
	return rq->dl.dl_nr_running || (rq->stop && task_on_rq_queued(rq->stop));
}

static void task_woken_dl(struct rq *rq, struct task_struct *p)
{
	if (!task_current(rq, p) && !test_tsk_need_resched(rq->curr) && p->nr_cpus_allowed > 1 &&
	    dl_prio(rq->curr->prio))
		push_dl_tasks(rq);
}

static void task_tick_dl(struct rq *rq, struct task_struct *p)
{
	update_curr_dl(rq);
	update_dl_load_avg(rq, true);
}

/* Other deadline tasks, and real-time ones, that should run here now that a deadline task does not. */
static void pull_waiting(struct rq *rq)
{
	const struct sched_class *rt = class_of_prio(0);

	pull_dl_task(rq);
	if (rt->pull_tasks)
		rt->pull_tasks(rq);
}

/* The bandwidth was promised to a task that is no more. [preemption off] */
static void task_dead_dl(struct task_struct *p)
{
	if (!dl_policy(p->policy))
		return;
	withdraw_bw(p);
	if (hrtimer_try_to_cancel(&p->dl.dl_timer) == 1)
		put_task_struct(p);
}

static void switched_from_dl(struct rq *rq, struct task_struct *p)
{
	/* A callback that runs now finds another class and only drops its reference. */
	if (hrtimer_try_to_cancel(&p->dl.dl_timer) == 1)
		put_task_struct(p);
	p->dl.dl_throttled = 0;
	detach_bw(rq, &p->dl);
	if (!dl_policy(p->policy))
		__dl_clear_params(p);
	if (!rq->dl.dl_nr_running)
		rq->balance_callback = pull_waiting;
}

static void switching_to_dl(struct rq *rq, struct task_struct *p)
{
	p->dl.dl_throttled = p->dl.dl_yielded = 0;
	new_instance(rq, &p->dl);
}

static void switched_to_dl(struct rq *rq, struct task_struct *p)
{
	if (!task_on_rq_queued(p))
		return;
	if (task_current(rq, p)) {
		resched_curr(rq);
		return;
	}
	if (p->nr_cpus_allowed > 1 && rq->dl.overloaded)
		rq->balance_callback = push_dl_tasks;
	check_preempt_curr(rq, p, 0);
}

static void prio_changed_dl(struct rq *rq, struct task_struct *p, int oldprio)
{
	if (!task_on_rq_queued(p))
		return;
	if (rq->dl.overloaded)
		rq->balance_callback = pull_dl_task;
	resched_curr(rq);
}

static void rq_online_dl(struct rq *rq)
{
	update_dl_overload(rq);
}

static void rq_offline_dl(struct rq *rq)
{
	if (!rq->dl.overloaded)
		return;
	rq->dl.overloaded = false;
	atomic_dec(&rq->rd->dlo_count);
	cpumask_clear_cpu(rq->cpu, &rq->rd->dlo_mask);
}

static bool check_dl(struct rq *rq, const char **rule)
{
	struct rb_node *n = rb_first(&rq->dl.root.rb_root), *next;
	unsigned int nr = 0;
	u64 bw = 0;

	*rule = "the cached leftmost is the leftmost";
	if (n != rb_first_cached(&rq->dl.root))
		return false;
	for (; n; n = next, nr++) {
		struct sched_dl_entity *dl_se = rb_entry(n, struct sched_dl_entity, rb_node);

		next = rb_next(n);
		bw += dl_se->dl_bw;
		*rule = "a queued deadline task's bandwidth is active";
		if (dl_se->dl_bw && !dl_se->dl_active)
			return false;
		*rule = "deadlines rise along the tree";
		if (next && dl_less(next, n))
			return false;
	}
	*rule = "queued bandwidth <= running_bw <= this_bw";
	if (bw > rq->dl.running_bw || rq->dl.running_bw > rq->dl.this_bw)
		return false;
	*rule = "dl_nr_running counts the tasks in the tree";
	return nr == rq->dl.dl_nr_running;
}

static void any_waiting_dl(struct rq *rq, bool (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct rb_node *n;

	for (n = rb_first_cached(&rq->dl.root); n; n = rb_next(n)) {
		struct task_struct *p = dl_task_of(rb_entry(n, struct sched_dl_entity, rb_node));

		if (!task_current(rq, p) && fn(p, arg))
			return;
	}
}

struct sched_class dl_sched_class = {
    .name = "deadline",
    .enqueue_task = enqueue_task_dl,
    .dequeue_task = dequeue_task_dl,
    .yield_task = yield_task_dl,
    .check_preempt_curr = check_preempt_curr_dl,
    .pick_task = pick_task_dl,
    .put_prev_task = put_prev_task_dl,
    .set_next_task = set_next_task_dl,
    .balance = balance_dl,
    .select_task_rq = select_task_rq_dl,
    .migrate_task_rq = migrate_task_rq_dl,
    .task_woken = task_woken_dl,
    .rq_online = rq_online_dl,
    .rq_offline = rq_offline_dl,
    .task_tick = task_tick_dl,
    .task_dead = task_dead_dl,
    .switched_from = switched_from_dl,
    .switching_to = switching_to_dl,
    .switched_to = switched_to_dl,
    .prio_changed = prio_changed_dl,
    .update_curr = update_curr_dl,
    .check = check_dl,
    .any_waiting = any_waiting_dl,
};
