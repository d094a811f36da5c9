/* SPDX-License-Identifier: MIT */
/*
 * PELT, per-entity load tracking (load=pelt, the form of Linux 4.4 and later): how much an
 * entity has been runnable and running lately. rq->lock, but for remove_entity_load_avg().
 *
 * Time is cut into periods of 1,024 us (1,024 units of 1,024 ns). A unit spent runnable in the
 * period n periods ago counts y^n, and y^32 = 1/2: half is forgotten in 32.8 ms. The sum of an
 * entity that is always runnable is
 *
 *	1024 * (1 + y + y^2 + ...) = 1024 / (1 - y) = 47,788, or 47,742 = LOAD_AVG_MAX when each
 *	term is rounded down as this arithmetic does.
 *
 * When time moves on from d1 units before a period's end, over p - 1 whole periods, to d3 units
 * into the last, the old sum s becomes
 *
 *	s * y^p + d1 * y^p + 1024 * (y + ... + y^(p-1)) + d3
 *
 * and the middle sum is what the series has up to p less what it has from p on:
 * LOAD_AVG_MAX - LOAD_AVG_MAX * y^p - 1024.
 *
 * A unit spent running counts by what the CPU could do in it: its capacity (1,024 for the fastest of
 * the machine) times the part of its highest frequency that it ran at. So the same work, which takes
 * twice the time at half the frequency, is the same utilisation, and a task that always runs there
 * uses half. Time spent runnable, and load with it, is not scaled: it is what the task asks of the
 * CPU's time, and a slow CPU that seemed to have less to do would be given more.
 *
 * Real-time and deadline tasks come before all fair ones, whatever weight those have; so only the time
 * that each of the two classes runs is tracked, as one entity a CPU that is never queued without
 * running. What they use together is taken off the CPU's capacity for fair tasks
 * (update_cpu_capacity()). Time that interrupts take is not measured, and so is not taken off.
 *
 * The averages divide the sums by the largest they could be at this moment, which is
 * LOAD_AVG_MAX - 1024 + (units into the current period): the current period is not full yet.
 */
#include "internal.h"
#include "pelt_tables.h"

/* y^n as so many halvings and a factor of 2^-32. Beyond 63 halvings nothing is left of 64 bits. */
struct decay {
	unsigned int halvings;
	u32 factor;
};

static __always_inline struct decay decay_of(u64 n)
{
	if (unlikely(n > 32 * 63))
		return (struct decay){0, 0};
	return (struct decay){n / 32, runnable_avg_yN_inv[n % 32]};
}

static __always_inline u64 decay64(u64 val, struct decay d)
{
	return (u64)(((unsigned __int128)(val >> d.halvings) * d.factor) >> 32);
}

/* Most values have no more bits, and the product then has no more than a register. */
static __always_inline u32 decay32(u32 val, struct decay d)
{
	return ((u64)val >> d.halvings) * d.factor >> 32;
}

static u32 pelt_divider(const struct sched_avg *sa)
{
	return LOAD_AVG_MAX - 1024 + sa->period_contrib;
}

static void compute_avg(struct sched_avg *sa, unsigned long weight)
{
	u32 divider = pelt_divider(sa);

	sa->load_avg = weight * sa->load_sum / divider;
	sa->runnable_avg = sa->runnable_sum / divider;
	WRITE_ONCE(sa->util_avg, sa->util_sum / divider);
}

/*
 * So many periods end, 32 of them or not; d3 units have passed since the last one's end. use_only: of
 * a class's average, of which nothing but the use is kept.
 */
static __always_inline void decay_and_add(struct sched_avg *sa, u64 periods, bool halving, u32 d3,
					  unsigned long load, unsigned long runnable,
					  unsigned long running, bool use_only)
{
	struct decay d =
	    halving ? decay_of(periods) : (struct decay){0, runnable_avg_yN_inv[periods]};
	u32 d1 = 1024 - sa->period_contrib, contrib;

	contrib = decay32(d1, d) + (LOAD_AVG_MAX - decay32(LOAD_AVG_MAX, d) - 1024) + d3;
	sa->period_contrib = d3;
	if (sched_mutant(PELT_NO_DECAY))
		d = decay_of(0);
	if (sched_mutant(PELT_DECAY_TWICE))
		d = decay_of(2 * periods);
	sa->util_sum = decay32(sa->util_sum, d) + running * contrib;
	if (use_only)
		return;
	sa->load_sum = decay64(sa->load_sum, d) + load * contrib;
	sa->runnable_sum =
	    decay64(sa->runnable_sum, d) + ((u64)(runnable * contrib) << SCHED_CAPACITY_SHIFT);
}

/*
 * The rarer half of update_load_sum(): the present period ends, or the clock ran back. True: the
 * averages are new.
 */
static __always_inline bool end_period(u64 now, struct sched_avg *sa, unsigned long weight,
				       unsigned long load, unsigned long runnable,
				       unsigned long running, bool use_only)
{
	u64 delta = now - sa->last_update_time, filled, periods;

	if (unlikely((s64)delta < 0)) {
		sa->last_update_time = max(now, LOAD_TIME_BEGIN);
		return false;
	}
	delta >>= 10;
	sa->last_update_time += delta << 10;
	filled = sa->period_contrib + delta;
	periods = filled / 1024;
	/* Mostly there is nothing to halve, which is known to be so in the first copy. */
	if (likely(periods < 32))
		decay_and_add(sa, periods, false, filled % 1024, load, runnable, running, use_only);
	else
		decay_and_add(sa, periods, true, filled % 1024, load, runnable, running, use_only);
	if (use_only)
		WRITE_ONCE(sa->util_avg, sa->util_sum / pelt_divider(sa));
	else
		compute_avg(sa, weight);
	return true;
}

static noinline bool period_ends(u64 now, struct sched_avg *sa, unsigned long weight,
				 unsigned long load, unsigned long runnable, unsigned long running)
{
	return end_period(now, sa, weight, load, runnable, running, false);
}

/* The same of one that slept: nothing is added. */
static noinline bool period_ends_asleep(u64 now, struct sched_avg *sa, unsigned long weight)
{
	return end_period(now, sa, weight, 0, 0, 0, false);
}

/* Has a unit passed since sa was brought up to date? A clock that ran back counts as one. */
static __always_inline bool load_sum_due(u64 now, const struct sched_avg *sa)
{
	return now - sa->last_update_time >= 1024;
}

/*
 * load, runnable: how much counted since the last update; running: what the CPU's time counts when
 * the entity had it (rq->util_scale), else 0; weight: what the sum of load is multiplied with for
 * the average. Whoever runs is runnable: a dequeued current one counts as neither. True when the
 * averages are new. A switch comes through here several times and mostly finds that no unit, or no
 * period, has ended: that much is inline.
 */
static __always_inline bool update_load_sum(u64 now, struct sched_avg *sa, unsigned long weight,
					    unsigned long load, unsigned long runnable,
					    unsigned long running)
{
	u64 units = (now - sa->last_update_time) >> 10, filled = sa->period_contrib + units;

	if (unlikely(filled >= 1024))
		return __builtin_constant_p(load) && !load
			   ? period_ends_asleep(now, sa, weight)
			   : period_ends(now, sa, weight, load, runnable, running);
	sa->last_update_time += units << 10;
	sa->period_contrib = filled;
	sa->load_sum += load * units;
	sa->runnable_sum += runnable * units << SCHED_CAPACITY_SHIFT;
	sa->util_sum += running * units;
	return false;
}

static unsigned long se_weight(const struct sched_entity *se)
{
	return scale_load_down(se->load.weight);
}

static unsigned long se_runnable(const struct sched_entity *se)
{
	return entity_is_task(se) ? se->on_rq : se->runnable_weight;
}

static __always_inline void update_se(u64 now, struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	struct sched_avg *sa = &se->avg;

	if (!load_sum_due(now, sa))
		return;
	if (se->on_rq)
		update_load_sum(now, sa, se_weight(se), 1, se_runnable(se),
				cfs_rq->curr == se ? rq_of(cfs_rq)->util_scale : 0);
	else
		update_load_sum(now, sa, se_weight(se), 0, 0, 0);
}

static void sub_positive(unsigned long *v, unsigned long d)
{
	WRITE_ONCE(*v, *v > d ? *v - d : 0);
}

/* What wakers on other CPUs took along with their tasks is subtracted. */
static noinline void subtract_removed(struct cfs_rq *cfs_rq)
{
	struct sched_avg *sa = &cfs_rq->avg;
	unsigned long load, util, runnable;
	u32 divider = pelt_divider(sa);

	raw_spin_lock(&cfs_rq->removed.lock);
	load = cfs_rq->removed.load_avg;
	util = cfs_rq->removed.util_avg;
	runnable = cfs_rq->removed.runnable_avg;
	cfs_rq->removed.load_avg = cfs_rq->removed.util_avg = 0;
	cfs_rq->removed.runnable_avg = cfs_rq->removed.nr = 0;
	raw_spin_unlock(&cfs_rq->removed.lock);
	sub_positive(&sa->load_avg, load);
	sub_positive(&sa->util_avg, util);
	sub_positive(&sa->runnable_avg, runnable);
	sa->load_sum = (u64)sa->load_avg * divider;
	sa->util_sum = sa->util_avg * divider;
	sa->runnable_sum = (u64)sa->runnable_avg * divider;
}

static __always_inline bool update_queue(u64 now, struct cfs_rq *cfs_rq)
{
	struct sched_avg *sa = &cfs_rq->avg;
	unsigned long weight;
	bool decayed = false;

	if (unlikely(READ_ONCE(cfs_rq->removed.nr))) {
		subtract_removed(cfs_rq);
		decayed = true;
	}
	if (!load_sum_due(now, sa))
		return decayed;
	weight = scale_load_down(cfs_rq->load.weight);
	if (update_load_sum(now, sa, 1, weight, weight ? cfs_rq->h_nr_running : 0,
			    weight && cfs_rq->curr ? rq_of(cfs_rq)->util_scale : 0))
		decayed = true;
	return decayed;
}

/* The queue's own time moves on. True: its averages are new. */
bool update_cfs_rq_load_avg(u64 now, struct cfs_rq *cfs_rq)
{
	return update_queue(now, cfs_rq);
}

/* se's averages become part of the queue's, at the queue's moment. */
void attach_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	struct sched_avg *qa = &cfs_rq->avg, *sa = &se->avg;
	u32 divider = pelt_divider(qa);

	if (load_choice == LOAD_PELT_4_0)
		return;
	/* The same period as the queue's, so that both decay in step from here. */
	sa->last_update_time = qa->last_update_time;
	sa->period_contrib = qa->period_contrib;
	sa->util_sum = sa->util_avg * divider;
	sa->runnable_sum = (u64)sa->runnable_avg * divider;
	sa->load_sum = (u64)sa->load_avg * divider / se_weight(se);
	qa->load_avg += sa->load_avg;
	qa->load_sum += se_weight(se) * sa->load_sum;
	qa->util_avg += sa->util_avg;
	qa->util_sum += sa->util_sum;
	qa->runnable_avg += sa->runnable_avg;
	qa->runnable_sum += sa->runnable_sum;
}

void detach_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se)
{
	struct sched_avg *qa = &cfs_rq->avg, *sa = &se->avg;
	u32 divider = pelt_divider(qa);

	if (load_choice == LOAD_PELT_4_0)
		return;
	sub_positive(&qa->load_avg, sa->load_avg);
	sub_positive(&qa->util_avg, sa->util_avg);
	sub_positive(&qa->runnable_avg, sa->runnable_avg);
	/* Sums follow from averages, or rounding would part the two for good. */
	qa->load_sum = (u64)qa->load_avg * divider;
	qa->util_sum = qa->util_avg * divider;
	qa->runnable_sum = (u64)qa->runnable_avg * divider;
}

/* Its time as runnable is what it was; its load, and by as much the queue's, follows the weight. */
void reweight_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se, unsigned long old)
{
	struct sched_avg *qa = &cfs_rq->avg, *sa = &se->avg;

	if (load_choice == LOAD_PELT_4_0) {
		load40_reweight(cfs_rq, se);
		return;
	}
	/* Part of no queue yet: its average is all it has. */
	if (!sa->last_update_time) {
		sa->load_avg = sa->load_avg * se_weight(se) / scale_load_down(old);
		return;
	}
	sub_positive(&qa->load_avg, sa->load_avg);
	sa->load_avg = se_weight(se) * sa->load_sum / pelt_divider(sa);
	qa->load_avg += sa->load_avg;
	qa->load_sum = (u64)qa->load_avg * pelt_divider(qa);
}

void update_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags)
{
	u64 now = cfs_rq_clock_pelt(cfs_rq);

	if (load_choice == LOAD_PELT_4_0) {
		load40_update(cfs_rq, se, flags);
		return;
	}
	if (se->avg.last_update_time)
		update_se(now, cfs_rq, se);
	update_queue(now, cfs_rq);
	if (!se->avg.last_update_time && (flags & DO_ATTACH))
		attach_entity_load_avg(cfs_rq, se);
	else if (flags & DO_DETACH)
		detach_entity_load_avg(cfs_rq, se);
}

/* One entity's part of update_load_avg(): it was runnable all the time, and ran, or did not. */
static __always_inline void update_runnable(u64 now, struct sched_entity *se, unsigned long running)
{
	struct sched_avg *sa = &se->avg;

	if (load_sum_due(now, sa))
		update_load_sum(now, sa, se_weight(se), 1, se_runnable(se), running);
}

/*
 * The queue's own sums are left as they are: before and after the switch as many of its entities
 * are runnable, weigh as much together, and one of them runs. They move on when that changes, and
 * at each tick.
 */
void switch_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *prev, struct sched_entity *next)
{
	u64 now = cfs_rq_clock_pelt(cfs_rq);

	if (load_choice == LOAD_PELT_4_0) {
		if (prev)
			load40_update(cfs_rq, prev, 0);
		load40_update(cfs_rq, next, UPDATE_TG);
		return;
	}
	if (prev)
		update_runnable(now, prev, rq_of(cfs_rq)->util_scale);
	update_runnable(now, next, 0);
}

/*
 * A sleeper is woken on another CPU: what it left in the load of the old queue goes there on
 * record. No rq->lock: the old queue's moment is read without it, and a little late is no harm.
 */
void remove_entity_load_avg(struct sched_entity *se)
{
	struct cfs_rq *cfs_rq = cfs_rq_of(se);
	unsigned long flags;

	if (load_choice == LOAD_PELT_4_0) {
		load40_remove(se);
		return;
	}
	if (!se->avg.last_update_time)
		return;
	update_load_sum(READ_ONCE(cfs_rq->avg.last_update_time), &se->avg, se_weight(se), 0, 0, 0);
	raw_spin_lock_irqsave(&cfs_rq->removed.lock, flags);
	cfs_rq->removed.nr++;
	cfs_rq->removed.load_avg += se->avg.load_avg;
	cfs_rq->removed.util_avg += se->avg.util_avg;
	cfs_rq->removed.runnable_avg += se->avg.runnable_avg;
	raw_spin_unlock_irqrestore(&cfs_rq->removed.lock, flags);
}

/* A new task counts as always runnable until it shows otherwise, or balancing would miss it. */
void init_entity_runnable_average(struct sched_entity *se)
{
	memset(&se->avg, 0, sizeof(se->avg));
	if (entity_is_task(se))
		se->avg.load_avg = se_weight(se);
	se->avg.runnable_avg_sum = se->avg.runnable_avg_period = 1024;
}

/*
 * And as using its share of what its CPU has left, by the use that the queue's present load
 * makes of it, but at most half of what is left: a burst of forks must not look like a full CPU.
 */
void post_init_entity_util_avg(struct task_struct *p)
{
	struct sched_entity *se = &p->se;
	struct cfs_rq *cfs_rq = cfs_rq_of(se);
	struct sched_avg *sa = &se->avg;
	long left = ((long)rq_of(cfs_rq)->cpu_capacity_orig - (long)cfs_rq->avg.util_avg) / 2;

	if (p->sched_class != &fair_sched_class || left <= 0)
		return;
	if (cfs_rq->avg.util_avg) {
		sa->util_avg = cfs_rq->avg.util_avg * se_weight(se) / (cfs_rq->avg.load_avg + 1);
		if (sa->util_avg > (unsigned long)left)
			sa->util_avg = left;
	} else {
		sa->util_avg = left;
	}
	sa->runnable_avg = sa->util_avg;
}

void update_util_scale(struct rq *rq)
{
	unsigned long freq = sched_env_freq_scale();

	lockdep_assert_held(&rq->lock);
	if (sched_mutant(FREQUENCY_IGNORED))
		freq = SCHED_CAPACITY_SCALE;
	rq->util_scale = rq->cpu_capacity_orig * freq >> SCHED_CAPACITY_SHIFT;
}

static void set_cpu_capacity(struct rq *rq)
{
	unsigned long used = rq->avg_rt.util_avg + rq->avg_dl.util_avg;

	if (sched_mutant(PRESSURE_IGNORED))
		used = 0;
	/* Never nothing: it is divided by. */
	WRITE_ONCE(rq->cpu_capacity,
		   used < rq->cpu_capacity_orig ? rq->cpu_capacity_orig - used : 1);
}

/* Of a class's average, whose other sums stay zero: at least a unit has passed. */
static noinline bool use_passes(u64 now, struct sched_avg *sa, unsigned long running)
{
	u64 units = (now - sa->last_update_time) >> 10, filled = sa->period_contrib + units;

	if (filled >= 1024)
		return end_period(now, sa, 0, 0, 0, running, true);
	sa->last_update_time += units << 10;
	sa->period_contrib = filled;
	sa->util_sum += running * units;
	return false;
}

/* One class's use of rq's CPU up to then: since the last time one of its tasks ran, or none did. */
static __always_inline bool update_class_avg(struct rq *rq, struct sched_avg *sa, u64 then,
					     bool ran)
{
	return (s64)(then - sa->last_update_time) >= 1024 &&
	       use_passes(then, sa, ran ? rq->util_scale : 0);
}

/*
 * One of its tasks got the CPU at `since` and has it up to now, unless it gave it away before. What
 * passed until then is looked at no sooner than what it runs: it is not to wait for that.
 */
static void update_class_load(struct rq *rq, struct sched_avg *sa, u64 since, bool running)
{
	bool changed = false;

	lockdep_assert_held(&rq->lock);
	if (running)
		changed = update_class_avg(rq, sa, since, false);
	changed |= update_class_avg(rq, sa, rq_clock_task(rq), running);
	if (changed)
		set_cpu_capacity(rq);
}

void update_rt_load_avg(struct rq *rq, bool running)
{
	update_class_load(rq, &rq->avg_rt, rq->rt_since, running);
}

void update_dl_load_avg(struct rq *rq, bool running)
{
	update_class_load(rq, &rq->avg_dl, rq->dl_since, running);
}

void update_cpu_capacity(struct rq *rq)
{
	/* Mostly there is neither class, and has not been for long. */
	if (likely(rq->cpu_capacity == rq->cpu_capacity_orig))
		return;
	update_rt_load_avg(rq, rq->curr->sched_class == &rt_sched_class);
	update_dl_load_avg(rq, rq->curr->sched_class == &dl_sched_class);
}

/* p's load as its CPU feels it: its part of each group's, times the group's own. */
unsigned long task_h_load(struct task_struct *p)
{
	struct sched_entity *se = &p->se;
	bool old_form = load_choice == LOAD_PELT_4_0;
	unsigned long load = old_form ? se->avg.load_avg_contrib : se->avg.load_avg;

	for (se = se->parent; se; se = se->parent) {
		struct cfs_rq *q = group_cfs_rq(se);
		unsigned long whole = old_form ? q->runnable_load_avg : q->avg.load_avg;
		unsigned long part = old_form ? se->avg.load_avg_contrib : se->avg.load_avg;

		load = load * part / (whole + 1);
	}
	return load;
}
