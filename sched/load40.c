/* SPDX-License-Identifier: MIT */
/*
 * load=pelt-4.0: load tracking in the form of Linux 3.8 to 4.2. rq->lock, but for load40_remove().
 *
 * Each entity has two sums over the same geometric series as in load.c: of the time it was
 * runnable, and of all time. Their quotient times its weight is its contribution. A queue has the
 * sum of its runnable entities' contributions, and apart from it that of its blocked ones, which
 * decays as a whole: so a blocked entity's own sums need no upkeep, and when it wakes it decays
 * once by the periods it slept.
 *
 * A sum is kept below LOAD_AVG_MAX, and both shrink with time, so the quotient follows what the
 * entity did lately. `decay_counter` counts the queue's periods; a blocked entity remembers where
 * it stood when it left.
 */
#include "internal.h"
#include "pelt_tables.h"

#define LOAD_AVG_PERIOD 32
#define LOAD_AVG_MAX_N	345 /* periods after which the series is at its limit */

static u64 decay(u64 val, u64 n)
{
	if (unlikely(n > LOAD_AVG_PERIOD * 63))
		return 0;
	val >>= n / LOAD_AVG_PERIOD;
	return (u64)(((unsigned __int128)val * runnable_avg_yN_inv[n % LOAD_AVG_PERIOD]) >> 32);
}

/* 1024 * (y + ... + y^n): by the table up to one half-life, beyond it half-life by half-life. */
static u32 __compute_runnable_contrib(u64 n)
{
	u32 contrib = 0;

	if (n <= LOAD_AVG_PERIOD)
		return runnable_avg_yN_sum[n];
	if (n >= LOAD_AVG_MAX_N)
		return LOAD_AVG_MAX;
	do {
		contrib = contrib / 2 + runnable_avg_yN_sum[LOAD_AVG_PERIOD];
		n -= LOAD_AVG_PERIOD;
	} while (n > LOAD_AVG_PERIOD);
	return decay(contrib, n) + runnable_avg_yN_sum[n];
}

/* Time moves on to now; true when the end of a period was passed. */
static bool __update_entity_runnable_avg(u64 now, struct sched_avg *sa, bool runnable)
{
	u64 delta = now - sa->last_runnable_update, periods;
	u32 into, contrib;
	bool passed = false;

	if ((s64)delta < 0) {
		sa->last_runnable_update = now;
		return false;
	}
	delta >>= 10;
	if (!delta)
		return false;
	sa->last_runnable_update += delta << 10;
	/* How much of the current period is in the sums: that much both have in common with time.
	 */
	into = sa->runnable_avg_period % 1024;
	if (delta + into >= 1024) {
		passed = true;
		into = 1024 - into;
		if (runnable)
			sa->runnable_avg_sum += into;
		sa->runnable_avg_period += into;
		delta -= into;
		periods = delta / 1024;
		delta %= 1024;
		sa->runnable_avg_sum = decay(sa->runnable_avg_sum, periods + 1);
		sa->runnable_avg_period = decay(sa->runnable_avg_period, periods + 1);
		contrib = __compute_runnable_contrib(periods);
		if (runnable)
			sa->runnable_avg_sum += contrib;
		sa->runnable_avg_period += contrib;
	}
	if (runnable)
		sa->runnable_avg_sum += delta;
	sa->runnable_avg_period += delta;
	return passed;
}

/* The new contribution; how much it changed. */
static long __update_entity_load_avg_contrib(struct sched_entity *se)
{
	long old = se->avg.load_avg_contrib;

	se->avg.load_avg_contrib = (u64)se->avg.runnable_avg_sum *
				   scale_load_down(se->load.weight) /
				   (se->avg.runnable_avg_period + 1);
	return (long)se->avg.load_avg_contrib - old;
}

static void sub_positive(unsigned long *v, unsigned long d)
{
	*v = *v > d ? *v - d : 0;
}

/* What se contributes is computed anew; of a queued one the queue's sum follows. */
static void update_contrib(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	long delta = __update_entity_load_avg_contrib(se);

	if (!se->on_rq)
		return;
	if (delta < 0)
		sub_positive(&cfs_rq->runnable_load_avg, -delta);
	else
		cfs_rq->runnable_load_avg += delta;
}

static void update_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	if (__update_entity_runnable_avg(cfs_rq_clock_pelt(cfs_rq), &se->avg, se->on_rq))
		update_contrib(cfs_rq, se);
}

/* A blocked one's contribution is in the blocked sum as it was; its new weight counts on waking. */
void load40_reweight(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	if (se->on_rq)
		update_contrib(cfs_rq, se);
}

/* The blocked load decays by the periods that passed, and what wakers took along leaves it. */
void load40_update_blocked(struct cfs_rq *cfs_rq)
{
	u64 now = cfs_rq_clock_pelt(cfs_rq) >> 20, passed = now - cfs_rq->last_decay;
	long removed;

	if (atomic_long_read(&cfs_rq->removed_load)) {
		removed = xchg(&cfs_rq->removed_load.counter, 0);
		sub_positive(&cfs_rq->blocked_load_avg, removed);
	}
	if (!passed)
		return;
	cfs_rq->blocked_load_avg = decay(cfs_rq->blocked_load_avg, passed);
	atomic64_add(passed, &cfs_rq->decay_counter);
	cfs_rq->last_decay = now;
}

/* se slept on cfs_rq: its contribution decays by the periods that the queue has counted since. */
static void synchronize_entity_decay(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	s64 decays = atomic64_read(&cfs_rq->decay_counter) - se->avg.decay_count;

	if (se->avg.decay_count && decays > 0)
		se->avg.load_avg_contrib = decay(se->avg.load_avg_contrib, decays);
	se->avg.decay_count = 0;
}

static void enqueue_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	u64 now = cfs_rq_clock_pelt(cfs_rq);

	load40_update_blocked(cfs_rq);
	if (se->avg.decay_count > 0) {
		/* It slept here: out of the blocked load, as much as it has become. */
		synchronize_entity_decay(cfs_rq, se);
		sub_positive(&cfs_rq->blocked_load_avg, se->avg.load_avg_contrib);
	} else if (!se->avg.last_runnable_update) {
		se->avg.last_runnable_update = now;
	}
	/* Asleep, it was not runnable: the sums learn it now, before it counts as queued. */
	__update_entity_runnable_avg(now, &se->avg, false);
	__update_entity_load_avg_contrib(se);
	cfs_rq->runnable_load_avg += se->avg.load_avg_contrib;
}

static void dequeue_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se, bool sleep)
{
	update_entity_load_avg(cfs_rq, se);
	load40_update_blocked(cfs_rq);
	sub_positive(&cfs_rq->runnable_load_avg, se->avg.load_avg_contrib);
	se->avg.decay_count = 0;
	if (sleep) {
		cfs_rq->blocked_load_avg += se->avg.load_avg_contrib;
		se->avg.decay_count = atomic64_read(&cfs_rq->decay_counter);
	}
}

void load40_update(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	if ((flags & DO_ATTACH) && !se->on_rq) {
		enqueue_entity_load_avg(cfs_rq, se);
	} else if (flags & LOAD_DEQUEUE) {
		dequeue_entity_load_avg(cfs_rq, se, flags & LOAD_SLEEP);
	} else {
		update_entity_load_avg(cfs_rq, se);
		load40_update_blocked(cfs_rq);
	}
}

/* se, blocked on another CPU's queue, is woken elsewhere. [pi_lock, no rq->lock] */
void load40_remove(struct sched_entity *se)
{
	struct cfs_rq *cfs_rq = cfs_rq_of(se);

	if (!se->avg.decay_count)
		return;
	synchronize_entity_decay(cfs_rq, se);
	atomic_long_add(se->avg.load_avg_contrib, &cfs_rq->removed_load);
}
