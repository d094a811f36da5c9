/* SPDX-License-Identifier: MIT */
/*
 * CPU bandwidth of groups: the fair tasks of a group together run at most quota in each period
 * (cpu.max; the idea: Turner, Rao and Rao, "CPU bandwidth control for CFS", OLS 2010).
 *
 * The group has a pool that a timer refills each period. A CPU takes slices of 5 ms from it and
 * runs its queue on credit: time is charged where it is measured, at ticks and switches, so a
 * queue may overrun; what it owes is taken from what it gets next, and over many periods the
 * group gets its quota exactly. A queue that finds the pool empty is throttled: its entity leaves
 * the parent's queue with all tasks below, which stay where they are, runnable. What an idle
 * queue has left over goes back to the pool, but for 1 ms that spares the next wake-up the way.
 *
 *	pool empty?		-> pick_task_fair(): throttle_cfs_rq()
 *	period timer		-> refill, distribute_cfs_runtime() to the throttled queues
 *	queue runs empty	-> return_cfs_rq_runtime(), slack timer: distribute
 *
 * Unused quota is kept up to `burst` for later periods. While a queue is throttled, it or one
 * above it, its load tracking clock stands still: the tasks are not to blame for not running.
 *
 * Under o1 and goodness groups have no run queues, so limits are kept and bind nobody.
 *
 * Locks: rq->lock guards a cfs_rq's part, cfs_b->lock, a leaf inside it, the pool and the list of
 * throttled queues. bandwidth_mutex, outside all, lets one at a time change a group's limits.
 */
#include "internal.h"

#define KEEP_RUNTIME   (1 * NSEC_PER_MSEC) /* an idle queue keeps so much */
#define SLACK_DELAY    (5 * NSEC_PER_MSEC) /* returned runtime is collected for so long */
#define MIN_TO_PERIOD  (2 * NSEC_PER_MSEC) /* a refill that is so near is worth waiting for */
#define MIN_PERIOD_US  1000ULL
#define MAX_PERIOD_US  1000000ULL
#define MAX_RUNTIME_US (1ULL << 44) /* in ns still far from the sign bit */
#define DEFAULT_PERIOD (100 * NSEC_PER_MSEC)

unsigned int sysctl_sched_cfs_bandwidth_slice_us = 5000;

static u64 bandwidth_slice(void)
{
	return (u64)sysctl_sched_cfs_bandwidth_slice_us * NSEC_PER_USEC;
}

/*
 * Checked builds keep books, so that no time is lost or made: what came into the pool is in it, or
 * queues took it; what a queue took it has used, or has still (less than nothing is what it owes).
 * Every entry names who gives and who gets:
 *
 *	refill			check_refilled +	runtime +
 *	a queue takes		runtime -		check_taken (both) +, runtime_remaining +
 *	a queue gives back	the same, negative
 *	a queue is charged	runtime_remaining -	check_used +
 *
 * Where a limit changes, or a CPU goes, a queue's remainder is set by force, and as much has been
 * refilled and taken, or the reverse.
 */
#ifdef JIFFY_CHECKED
static void book_refill(struct cfs_bandwidth *cfs_b, s64 ns)
{
	lockdep_assert_held(&cfs_b->lock);
	cfs_b->check_refilled += ns;
}

static bool pool_agrees(const struct cfs_bandwidth *cfs_b)
{
	return (s64)cfs_b->runtime == cfs_b->check_refilled - cfs_b->check_taken;
}

/* Where the pool and its books have both changed. */
static void check_pool(const struct cfs_bandwidth *cfs_b)
{
	lockdep_assert_held(&cfs_b->lock);
	BUG_ON(!pool_agrees(cfs_b));
}

static void book_taken(struct cfs_rq *cfs_rq, s64 ns)
{
	lockdep_assert_held(&rq_of(cfs_rq)->lock);
	cfs_rq->tg->cfs_bandwidth.check_taken += ns;
	cfs_rq->check_taken += ns;
}

static void book_used(struct cfs_rq *cfs_rq, s64 ns)
{
	cfs_rq->check_used += ns;
}

bool check_queue_bandwidth(const struct cfs_rq *cfs_rq)
{
	return cfs_rq->runtime_remaining == cfs_rq->check_taken - cfs_rq->check_used;
}

bool check_bandwidth(const struct task_group *tg)
{
	const struct cfs_bandwidth *cfs_b = &tg->cfs_bandwidth;
	unsigned int cpu;
	s64 taken = 0;

	for_each_possible_cpu (cpu) {
		if (!check_queue_bandwidth(tg->cfs_rq[cpu]))
			return false;
		taken += tg->cfs_rq[cpu]->check_taken;
	}
	return taken == cfs_b->check_taken && pool_agrees(cfs_b);
}
#else
static void book_refill(struct cfs_bandwidth *cfs_b, s64 ns)
{
}

static void check_pool(const struct cfs_bandwidth *cfs_b)
{
}

static void book_taken(struct cfs_rq *cfs_rq, s64 ns)
{
}

static void book_used(struct cfs_rq *cfs_rq, s64 ns)
{
}
#endif

/* [cfs_b->lock] */
static void set_pool(struct cfs_bandwidth *cfs_b, u64 ns)
{
	s64 more = ns - cfs_b->runtime;

	cfs_b->runtime = ns;
	book_refill(cfs_b, more);
	check_pool(cfs_b);
}

/* [rq->lock] What the queue has is ns, whatever it had. */
static void set_remaining(struct cfs_rq *cfs_rq, s64 ns)
{
	struct cfs_bandwidth *cfs_b = &cfs_rq->tg->cfs_bandwidth;
	s64 more = ns - cfs_rq->runtime_remaining;

	raw_spin_lock(&cfs_b->lock);
	cfs_rq->runtime_remaining = ns;
	book_taken(cfs_rq, more);
	book_refill(cfs_b, more);
	check_pool(cfs_b);
	raw_spin_unlock(&cfs_b->lock);
}

/* [cfs_b->lock] */
static void start_period(struct cfs_bandwidth *cfs_b)
{
	if (cfs_b->timer_active)
		return;
	cfs_b->timer_active = true;
	cfs_b->idle = false;
	hrtimer_start(&cfs_b->period_timer, cfs_b->period, HRTIMER_MODE_REL_PINNED);
}

/* A new period's quota; of what the last one left, as much as the burst lets be kept. */
static void refill(struct cfs_bandwidth *cfs_b)
{
	s64 over;

	if (cfs_b->quota == SCHED_QUOTA_INF)
		return;
	/* Used since the last refill, beyond the quota: out of what was saved before. */
	over = (s64)(cfs_b->runtime_snap - cfs_b->runtime) - (s64)cfs_b->quota;
	if (cfs_b->burst && over > 0) {
		cfs_b->nr_burst++;
		cfs_b->burst_time += over;
	}
	if (sched_mutant(QUOTA_REFILLED_TWICE))
		set_pool(cfs_b, cfs_b->runtime + 2 * cfs_b->quota);
	else
		set_pool(cfs_b, min(cfs_b->runtime + cfs_b->quota, cfs_b->quota + cfs_b->burst));
	cfs_b->runtime_snap = cfs_b->runtime;
}

/* Fills cfs_rq's credit up to target ns. True: it has some. [both locks] */
static bool take_runtime(struct cfs_rq *cfs_rq, u64 target)
{
	struct cfs_bandwidth *cfs_b = &cfs_rq->tg->cfs_bandwidth;
	u64 amount = target - cfs_rq->runtime_remaining;

	lockdep_assert_held(&cfs_b->lock);
	if (cfs_b->quota != SCHED_QUOTA_INF) {
		start_period(cfs_b);
		amount = min(amount, cfs_b->runtime);
		cfs_b->runtime -= amount;
		if (amount)
			cfs_b->idle = false;
	} else {
		/* No limit any more: out of nothing. */
		book_refill(cfs_b, amount);
	}
	book_taken(cfs_rq, amount);
	check_pool(cfs_b);
	cfs_rq->runtime_remaining += amount;
	return cfs_rq->runtime_remaining > 0;
}

void account_cfs_rq_runtime(struct cfs_rq *cfs_rq, u64 delta)
{
	struct cfs_bandwidth *cfs_b = &cfs_rq->tg->cfs_bandwidth;
	bool some;

	cfs_rq->runtime_remaining -= delta;
	book_used(cfs_rq, delta);
	if (likely(cfs_rq->runtime_remaining > 0) || cfs_rq->throttled)
		return;
	raw_spin_lock(&cfs_b->lock);
	some = take_runtime(cfs_rq, bandwidth_slice());
	raw_spin_unlock(&cfs_b->lock);
	/* The pick that follows throttles it. */
	if (!some && cfs_rq->curr)
		resched_curr(rq_of(cfs_rq));
}

/* Load tracking of the queues of tg and below stands still on rq, or goes on. */
static void freeze_hierarchy(struct task_group *tg, struct rq *rq, bool freeze)
{
	struct task_group *pos;

	for_each_group_below (pos, tg) {
		struct cfs_rq *cfs_rq = pos->cfs_rq[rq->cpu];

		if (freeze && !cfs_rq->throttle_count++) {
			cfs_rq->throttled_clock_pelt = rq_clock_task(rq);
			if (cfs_rq->nr_running)
				cfs_rq->throttled_clock_self = rq_clock(rq);
		} else if (!freeze && !--cfs_rq->throttle_count) {
			cfs_rq->throttled_clock_pelt_time +=
			    rq_clock_task(rq) - cfs_rq->throttled_clock_pelt;
			if (cfs_rq->throttled_clock_self) {
				cfs_rq->throttled_self_time +=
				    rq_clock(rq) - cfs_rq->throttled_clock_self;
				cfs_rq->throttled_clock_self = 0;
			}
		}
	}
}

/* The entity of cfs_rq leaves, and with it all tasks below are out of every count above. */
static void dequeue_throttled(struct cfs_rq *cfs_rq)
{
	struct rq *rq = rq_of(cfs_rq);
	struct sched_entity *se = cfs_rq->tg->se[rq->cpu];
	int nr = cfs_rq->h_nr_running, idle = cfs_rq->idle ? -nr : -(int)cfs_rq->idle_h_nr_running;

	for_each_sched_entity (se) {
		struct cfs_rq *above = cfs_rq_of(se);

		/* An ancestor is throttled, and this part of the tree uncounted, already. */
		if (!se->on_rq)
			return;
		dequeue_entity(above, se, DEQUEUE_SLEEP | DEQUEUE_SPECIAL);
		count_tasks(above, -nr, &idle);
		if (above->load.weight) {
			se = se->parent;
			break;
		}
	}
	for_each_sched_entity (se) {
		if (!se->on_rq)
			return;
		update_load_avg(cfs_rq_of(se), se, 0);
		update_cfs_group(se);
		count_tasks(cfs_rq_of(se), -nr, &idle);
	}
	sub_nr_running(rq, nr);
}

static void enqueue_unthrottled(struct cfs_rq *cfs_rq)
{
	struct rq *rq = rq_of(cfs_rq);
	struct sched_entity *se = cfs_rq->tg->se[rq->cpu];
	int nr = cfs_rq->h_nr_running, idle = cfs_rq->idle ? nr : (int)cfs_rq->idle_h_nr_running;

	for_each_sched_entity (se) {
		struct cfs_rq *above = cfs_rq_of(se);

		if (se->on_rq) {
			update_load_avg(above, se, UPDATE_TG);
			update_cfs_group(se);
		} else {
			enqueue_entity(above, se, ENQUEUE_WAKEUP);
		}
		count_tasks(above, nr, &idle);
		if (above->throttled)
			return;
	}
	add_nr_running(rq, nr);
}

bool throttle_cfs_rq(struct cfs_rq *cfs_rq)
{
	struct cfs_bandwidth *cfs_b = &cfs_rq->tg->cfs_bandwidth;
	struct rq *rq = rq_of(cfs_rq);
	bool some;

	lockdep_assert_held(&rq->lock);
	raw_spin_lock(&cfs_b->lock);
	/* Under the lock of the list: a refill comes before this look or sees us on the list. */
	some = take_runtime(cfs_rq, bandwidth_slice());
	if (!some && !sched_mutant(QUOTA_NEVER_THROTTLES))
		list_add_tail(&cfs_rq->throttled_list, &cfs_b->throttled_cfs_rq);
	raw_spin_unlock(&cfs_b->lock);
	if (some || sched_mutant(QUOTA_NEVER_THROTTLES))
		return false;
	freeze_hierarchy(cfs_rq->tg, rq, true);
	dequeue_throttled(cfs_rq);
	cfs_rq->throttled = true;
	cfs_rq->throttled_clock = rq_clock(rq);
	return true;
}

/* [rq->lock, the clock updated] */
static void unthrottle_cfs_rq(struct cfs_rq *cfs_rq)
{
	struct cfs_bandwidth *cfs_b = &cfs_rq->tg->cfs_bandwidth;
	struct rq *rq = rq_of(cfs_rq);

	lockdep_assert_held(&rq->lock);
	cfs_rq->throttled = false;
	raw_spin_lock(&cfs_b->lock);
	cfs_b->throttled_time += rq_clock(rq) - cfs_rq->throttled_clock;
	list_del_init(&cfs_rq->throttled_list);
	raw_spin_unlock(&cfs_b->lock);
	freeze_hierarchy(cfs_rq->tg, rq, false);
	if (cfs_rq->load.weight && !sched_mutant(UNTHROTTLED_NOT_QUEUED))
		enqueue_unthrottled(cfs_rq);
	if (rq->curr == rq->idle && rq->cfs.nr_running)
		resched_curr(rq);
	check_rq(rq, "unthrottle");
}

/* cfs_rq, just taken off the list, gets what it owes and a little more, if the pool has it. */
static void grant(struct cfs_bandwidth *cfs_b, struct cfs_rq *cfs_rq)
{
	struct rq *rq = rq_of(cfs_rq);

	rq_lock(rq);
	if (cfs_rq->throttled) {
		bool some;

		update_rq_clock(rq);
		raw_spin_lock(&cfs_b->lock);
		some = take_runtime(cfs_rq, 1);
		/* Unless it was throttled a second time meanwhile, and is on the list again. */
		if (!some && list_empty(&cfs_rq->throttled_list))
			list_add(&cfs_rq->throttled_list, &cfs_b->throttled_cfs_rq);
		raw_spin_unlock(&cfs_b->lock);
		if (some)
			unthrottle_cfs_rq(cfs_rq);
	}
	rq_unlock(rq);
}

/*
 * The pool goes to the queues that wait for it, the longest waiting first, each what it owes: it
 * takes a slice when it runs. A queue is off the list while its grant is under way, so none is
 * served twice; one that gets too little ends the round, for the pool is empty. cfs_b is kept by
 * the caller's context (a timer that the group's end waits for), cfs_rq by RCU. [irqs off]
 */
static void distribute_cfs_runtime(struct cfs_bandwidth *cfs_b)
{
	lockdep_assert_irqs_disabled();
	for (;;) {
		struct cfs_rq *cfs_rq;

		raw_spin_lock(&cfs_b->lock);
		cfs_rq = list_first_entry_or_null(&cfs_b->throttled_cfs_rq, struct cfs_rq,
						  throttled_list);
		if (!cfs_b->runtime || !cfs_rq) {
			raw_spin_unlock(&cfs_b->lock);
			return;
		}
		list_del_init(&cfs_rq->throttled_list);
		raw_spin_unlock(&cfs_b->lock);
		grant(cfs_b, cfs_rq);
	}
}

/* [hardirq] A period ends; a whole one without use ends the timer too. */
static enum hrtimer_restart period_end(struct hrtimer *timer)
{
	struct cfs_bandwidth *cfs_b = container_of(timer, struct cfs_bandwidth, period_timer);
	bool throttled;
	u64 periods;

	raw_spin_lock(&cfs_b->lock);
	periods = hrtimer_forward_now(timer, cfs_b->period);
	throttled = !list_empty(&cfs_b->throttled_cfs_rq);
	if (cfs_b->quota == SCHED_QUOTA_INF || (cfs_b->idle && !throttled)) {
		cfs_b->timer_active = false;
		raw_spin_unlock(&cfs_b->lock);
		return HRTIMER_NORESTART;
	}
	cfs_b->nr_periods += periods;
	cfs_b->nr_throttled += throttled ? periods : 0;
	/* Periods that passed together are worth one quota and what the burst keeps. */
	refill(cfs_b);
	cfs_b->idle = !throttled;
	raw_spin_unlock(&cfs_b->lock);
	if (throttled)
		distribute_cfs_runtime(cfs_b);
	return HRTIMER_RESTART;
}

/* [hardirq] */
static enum hrtimer_restart slack_end(struct hrtimer *timer)
{
	struct cfs_bandwidth *cfs_b = container_of(timer, struct cfs_bandwidth, slack_timer);
	bool some;

	raw_spin_lock(&cfs_b->lock);
	cfs_b->slack_started = false;
	some = cfs_b->quota != SCHED_QUOTA_INF && cfs_b->runtime > bandwidth_slice();
	raw_spin_unlock(&cfs_b->lock);
	if (some)
		distribute_cfs_runtime(cfs_b);
	return HRTIMER_NORESTART;
}

/* [cfs_b->lock] Not when the next refill is near anyway. */
static void start_slack(struct cfs_bandwidth *cfs_b)
{
	if (cfs_b->slack_started ||
	    (u64)hrtimer_get_remaining(&cfs_b->period_timer) < SLACK_DELAY + MIN_TO_PERIOD)
		return;
	cfs_b->slack_started = true;
	hrtimer_start(&cfs_b->slack_timer, SLACK_DELAY, HRTIMER_MODE_REL_PINNED);
}

void return_cfs_rq_runtime(struct cfs_rq *cfs_rq)
{
	struct cfs_bandwidth *cfs_b = &cfs_rq->tg->cfs_bandwidth;
	s64 spare = cfs_rq->runtime_remaining - (s64)KEEP_RUNTIME;

	if (cfs_rq->nr_running || spare <= 0)
		return;
	raw_spin_lock(&cfs_b->lock);
	book_taken(cfs_rq, -spare);
	if (cfs_b->quota == SCHED_QUOTA_INF) {
		book_refill(cfs_b, -spare);
	} else {
		if (!sched_mutant(QUOTA_RETURN_LOST))
			cfs_b->runtime += spare;
		check_pool(cfs_b);
		if (cfs_b->runtime > bandwidth_slice() && !list_empty(&cfs_b->throttled_cfs_rq))
			start_slack(cfs_b);
	}
	raw_spin_unlock(&cfs_b->lock);
	if (!sched_mutant(QUOTA_RETURN_KEPT))
		cfs_rq->runtime_remaining -= spare;
}

void init_cfs_bandwidth(struct cfs_bandwidth *cfs_b)
{
	raw_spin_lock_init(&cfs_b->lock);
	cfs_b->quota = SCHED_QUOTA_INF;
	cfs_b->period = DEFAULT_PERIOD;
	INIT_LIST_HEAD(&cfs_b->throttled_cfs_rq);
	hrtimer_init(&cfs_b->period_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	cfs_b->period_timer.function = period_end;
	hrtimer_init(&cfs_b->slack_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	cfs_b->slack_timer.function = slack_end;
}

/*
 * A group that comes below a throttled one is in it. tg is in the tree already: a throttling that
 * begins before rq->lock is taken here has counted it, and this count, the parent's, says so too.
 */
void sync_throttle(struct task_group *tg)
{
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);
		struct cfs_rq *cfs_rq = tg->cfs_rq[cpu];
		unsigned long flags;

		raw_spin_lock_irqsave(&rq->lock, flags);
		cfs_rq->throttle_count = tg->parent->cfs_rq[cpu]->throttle_count;
		if (cfs_rq->throttle_count) {
			update_rq_clock(rq);
			cfs_rq->throttled_clock_pelt = rq_clock_task(rq);
		}
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}

/* Every queue of tg starts anew: with no credit where there is a limit. */
static void restart_queues(struct task_group *tg, bool limited)
{
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct cfs_rq *cfs_rq = tg->cfs_rq[cpu];
		struct rq *rq = cpu_rq(cpu);
		unsigned long flags;

		raw_spin_lock_irqsave(&rq->lock, flags);
		update_rq_clock(rq);
		cfs_rq->runtime_enabled = limited && rq->online;
		set_remaining(cfs_rq, 0);
		if (cfs_rq->throttled)
			unthrottle_cfs_rq(cfs_rq);
		raw_spin_unlock_irqrestore(&rq->lock, flags);
	}
}

static DEFINE_MUTEX(bandwidth_mutex);

int tg_set_cfs_bandwidth(struct task_group *tg, const struct sched_bandwidth *bw)
{
	struct cfs_bandwidth *cfs_b = &tg->cfs_bandwidth;
	bool limited = bw->quota_us != SCHED_QUOTA_INF;

	if (tg == &root_task_group || bw->period_us < MIN_PERIOD_US ||
	    bw->period_us > MAX_PERIOD_US || bw->burst_us > MAX_RUNTIME_US)
		return -EINVAL;
	if (limited &&
	    (bw->quota_us < MIN_PERIOD_US || bw->quota_us > MAX_RUNTIME_US ||
	     bw->burst_us > bw->quota_us || bw->burst_us + bw->quota_us > MAX_RUNTIME_US))
		return -EINVAL;
	mutex_lock(&bandwidth_mutex);
	raw_spin_lock_irq(&cfs_b->lock);
	cfs_b->period = bw->period_us * NSEC_PER_USEC;
	cfs_b->quota = limited ? bw->quota_us * NSEC_PER_USEC : SCHED_QUOTA_INF;
	/* Kept, though it means nothing, for the next limit. */
	cfs_b->burst = bw->burst_us * NSEC_PER_USEC;
	set_pool(cfs_b, limited ? cfs_b->quota : 0);
	cfs_b->runtime_snap = cfs_b->runtime;
	/* A period under way has the old length; the new limit's first one begins now. */
	if (cfs_b->timer_active)
		hrtimer_start(&cfs_b->period_timer, cfs_b->period, HRTIMER_MODE_REL_PINNED);
	raw_spin_unlock_irq(&cfs_b->lock);
	restart_queues(tg, limited);
	mutex_unlock(&bandwidth_mutex);
	return 0;
}

void tg_get_cfs_bandwidth(struct task_group *tg, struct sched_bandwidth *bw)
{
	struct cfs_bandwidth *cfs_b = &tg->cfs_bandwidth;

	raw_spin_lock_irq(&cfs_b->lock);
	bw->period_us = cfs_b->period / NSEC_PER_USEC;
	bw->burst_us = cfs_b->burst / NSEC_PER_USEC;
	bw->quota_us =
	    cfs_b->quota == SCHED_QUOTA_INF ? SCHED_QUOTA_INF : cfs_b->quota / NSEC_PER_USEC;
	raw_spin_unlock_irq(&cfs_b->lock);
}

void tg_get_cfs_stat(struct task_group *tg, struct sched_bandwidth_stat *st)
{
	struct cfs_bandwidth *cfs_b = &tg->cfs_bandwidth;
	u64 local = 0;
	unsigned int cpu;

	raw_spin_lock_irq(&cfs_b->lock);
	st->nr_periods = cfs_b->nr_periods;
	st->nr_throttled = cfs_b->nr_throttled;
	st->throttled_usec = cfs_b->throttled_time / NSEC_PER_USEC;
	st->nr_bursts = cfs_b->nr_burst;
	st->burst_usec = cfs_b->burst_time / NSEC_PER_USEC;
	raw_spin_unlock_irq(&cfs_b->lock);
	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);
		struct cfs_rq *cfs_rq = tg->cfs_rq[cpu];

		raw_spin_lock_irq(&rq->lock);
		update_rq_clock(rq);
		local += cfs_rq->throttled_self_time;
		if (cfs_rq->throttled_clock_self)
			local += rq_clock(rq) - cfs_rq->throttled_clock_self;
		raw_spin_unlock_irq(&rq->lock);
	}
	st->local_throttled_usec = local / NSEC_PER_USEC;
}

/*
 * tg gets no new tasks; those that exit may still run in it. A limited one is left by its owner in
 * task context; one that never had a limit (an autogroup's) has no timer and may go from anywhere.
 */
void destroy_cfs_bandwidth(struct task_group *tg)
{
	static const struct sched_bandwidth none = {SCHED_QUOTA_INF, 100000, 0};

	if (tg->cfs_bandwidth.quota != SCHED_QUOTA_INF)
		tg_set_cfs_bandwidth(tg, &none);
	hrtimer_cancel(&tg->cfs_bandwidth.period_timer);
	hrtimer_cancel(&tg->cfs_bandwidth.slack_timer);
}

/*
 * rq's CPU goes down or comes up: down, its queues are unbound, so that no task is left behind
 * on a CPU that nobody will refill. [rq->lock, the clock updated]
 */
void cfs_bandwidth_online(struct rq *rq, bool online)
{
	struct task_group *tg;

	lockdep_assert_held(&rq->lock);
	for_each_group_below (tg, &root_task_group) {
		struct cfs_rq *cfs_rq = tg->cfs_rq[rq->cpu];

		if (online) {
			cfs_rq->runtime_enabled = tg->cfs_bandwidth.quota != SCHED_QUOTA_INF;
			continue;
		}
		if (!cfs_rq->runtime_enabled)
			continue;
		cfs_rq->runtime_enabled = false;
		set_remaining(cfs_rq, 1);
		if (cfs_rq->throttled)
			unthrottle_cfs_rq(cfs_rq);
	}
}
