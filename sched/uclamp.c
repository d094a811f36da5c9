/* SPDX-License-Identifier: MIT */
/*
 * Utilisation clamps: how small or big a task is to be taken for, whatever load tracking says
 * (sched_setattr(2), SCHED_FLAG_UTIL_CLAMP). Requests of tasks are bounded by their group's and
 * by the system's; a run queue takes the highest of its tasks' for each of the two, so that a
 * boosted task is not held down by its neighbours. They steer which CPU of an asymmetric machine
 * a task goes to, and how fast a CPU should run.
 *
 * Each run queue counts its tasks in buckets of about a fifth of the scale, and a bucket knows
 * the highest value that was in it since it was last empty: leaving takes constant time.
 *
 * Nothing is counted before the first request; tasks that are queued at that moment are counted
 * when they are queued next. Locks: rq->lock for queues; uclamp_mutex for groups and requests.
 */
#include "internal.h"

#define UCLAMP_USER  (1u << 16) /* in uclamp_req: somebody asked */
#define UCLAMP_VALUE (UCLAMP_USER - 1)
#define BUCKET_OF(value) \
	min((value)*UCLAMP_BUCKETS / (unsigned int)SCHED_CAPACITY_SCALE, UCLAMP_BUCKETS - 1u)

bool uclamp_used;
/* What tasks may ask for at most, and what a real-time task gets that asks for nothing. */
unsigned int sysctl_sched_util_clamp[UCLAMP_CNT] = {SCHED_CAPACITY_SCALE, SCHED_CAPACITY_SCALE};
unsigned int sysctl_sched_util_clamp_min_rt_default = SCHED_CAPACITY_SCALE;
static DEFINE_MUTEX(uclamp_mutex);

static unsigned int none(enum uclamp_id id)
{
	return id == UCLAMP_MIN ? 0 : SCHED_CAPACITY_SCALE;
}

void uclamp_reset(struct task_struct *p)
{
	p->uclamp_req[UCLAMP_MIN] = none(UCLAMP_MIN);
	p->uclamp_req[UCLAMP_MAX] = none(UCLAMP_MAX);
}

unsigned int uclamp_requested(const struct task_struct *p, enum uclamp_id id)
{
	return p->uclamp_req[id] & UCLAMP_VALUE;
}

unsigned int uclamp_eff_value(const struct task_struct *p, enum uclamp_id id)
{
	const struct task_group *tg = p->sched_task_group;
	unsigned int value = uclamp_requested(p, id);

	if (id == UCLAMP_MIN && rt_task(p) && !(p->uclamp_req[id] & UCLAMP_USER))
		value = READ_ONCE(sysctl_sched_util_clamp_min_rt_default);
	if (tg != &root_task_group)
		value = clamp(value, READ_ONCE(tg->uclamp[UCLAMP_MIN]),
			      READ_ONCE(tg->uclamp[UCLAMP_MAX]));
	return min(value, READ_ONCE(sysctl_sched_util_clamp[id]));
}

int uclamp_validate(struct task_struct *p, const struct sched_attr *attr)
{
	unsigned int lo = uclamp_requested(p, UCLAMP_MIN), hi = uclamp_requested(p, UCLAMP_MAX);

	/* All ones takes a request back. */
	if (attr->sched_flags & SCHED_FLAG_UTIL_CLAMP_MIN)
		lo = attr->sched_util_min == ~0u ? none(UCLAMP_MIN) : attr->sched_util_min;
	if (attr->sched_flags & SCHED_FLAG_UTIL_CLAMP_MAX)
		hi = attr->sched_util_max == ~0u ? none(UCLAMP_MAX) : attr->sched_util_max;
	return lo > hi || hi > SCHED_CAPACITY_SCALE ? -EINVAL : 0;
}

static void request(struct task_struct *p, enum uclamp_id id, u32 value)
{
	p->uclamp_req[id] = value == ~0u ? none(id) : value | UCLAMP_USER;
	WRITE_ONCE(uclamp_used, true);
}

void uclamp_set(struct rq *rq, struct task_struct *p, const struct sched_attr *attr)
{
	lockdep_assert_held(&rq->lock);
	if (!(attr->sched_flags & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX)))
		return;
	if (attr->sched_flags & SCHED_FLAG_UTIL_CLAMP_MIN)
		request(p, UCLAMP_MIN, attr->sched_util_min);
	if (attr->sched_flags & SCHED_FLAG_UTIL_CLAMP_MAX)
		request(p, UCLAMP_MAX, attr->sched_util_max);
	uclamp_update(rq, p);
}

/* The highest of the buckets that have tasks; with none, what does not clamp. */
static void aggregate(struct rq *rq, enum uclamp_id id)
{
	int i;

	for (i = UCLAMP_BUCKETS - 1; i >= 0; i--)
		if (rq->uclamp[id].bucket[i].tasks)
			break;
	WRITE_ONCE(rq->uclamp[id].value, i >= 0 ? rq->uclamp[id].bucket[i].value : none(id));
}

void uclamp_rq_inc(struct rq *rq, struct task_struct *p)
{
	enum uclamp_id id;

	if (p->uclamp_active || p->sched_class == &stop_sched_class ||
	    p->sched_class == &dl_sched_class)
		return;
	p->uclamp_active = true;
	rq->nr_uclamp++;
	for (id = UCLAMP_MIN; id < UCLAMP_CNT; id++) {
		unsigned int value = uclamp_eff_value(p, id);
		struct uclamp_bucket *b = &rq->uclamp[id].bucket[BUCKET_OF(value)];

		p->uclamp[id] = value;
		b->value = b->tasks++ ? max(b->value, value) : value;
		aggregate(rq, id);
	}
}

void uclamp_rq_dec(struct rq *rq, struct task_struct *p)
{
	enum uclamp_id id;

	p->uclamp_active = false;
	rq->nr_uclamp--;
	for (id = UCLAMP_MIN; id < UCLAMP_CNT; id++) {
		rq->uclamp[id].bucket[BUCKET_OF(p->uclamp[id])].tasks--;
		aggregate(rq, id);
	}
}

void uclamp_update(struct rq *rq, struct task_struct *p)
{
	if (!p->uclamp_active)
		return;
	uclamp_rq_dec(rq, p);
	uclamp_rq_inc(rq, p);
}

unsigned long uclamp_rq_util_with(struct rq *rq, unsigned long util, struct task_struct *p)
{
	unsigned long lo = READ_ONCE(rq->uclamp[UCLAMP_MIN].value);
	unsigned long hi = READ_ONCE(rq->uclamp[UCLAMP_MAX].value);

	if (!READ_ONCE(uclamp_used))
		return util;
	if (p) {
		/* An idle queue's "does not clamp" must not lift p's own maximum. */
		if (!READ_ONCE(rq->nr_running))
			hi = 0;
		lo = max(lo, (unsigned long)uclamp_eff_value(p, UCLAMP_MIN));
		hi = max(hi, (unsigned long)uclamp_eff_value(p, UCLAMP_MAX));
	}
	/* Maxima give way to minima: who was promised speed gets it. */
	return lo >= hi ? lo : clamp(util, lo, hi);
}

/*
 * How fast rq's CPU should run, of 1,024: a quarter more than its tasks use, so that growth has room
 * before it is measured; real-time and deadline tasks that nobody clamps want all while they wait
 * or run.
 */
unsigned long sched_frequency_hint(struct rq *rq)
{
	unsigned long util = READ_ONCE(rq->cfs.avg.util_avg) + READ_ONCE(rq->avg_rt.util_avg) +
			     READ_ONCE(rq->avg_dl.util_avg);

	if (rq->dl.dl_nr_running || (rq->rt.rt_nr_running && !uclamp_used))
		return SCHED_CAPACITY_SCALE;
	util = min(util + util / 4, SCHED_CAPACITY_SCALE);
	return uclamp_rq_util_with(rq, util, NULL);
}

bool check_uclamp(struct rq *rq)
{
	enum uclamp_id id;
	int i;

	for (id = UCLAMP_MIN; id < UCLAMP_CNT; id++) {
		unsigned int tasks = 0;

		for (i = 0; i < UCLAMP_BUCKETS; i++) {
			tasks += rq->uclamp[id].bucket[i].tasks;
			if (rq->uclamp[id].bucket[i].tasks > 1u << 30)
				return false;
		}
		if (tasks != rq->nr_uclamp)
			return false;
	}
	return true;
}

/* A group has at most what its parent has. [uclamp_mutex] */
static void update_effective(struct task_group *top)
{
	struct task_group *tg;
	enum uclamp_id id;

	rcu_read_lock();
	for_each_group_below (tg, top) {
		for (id = UCLAMP_MIN; id < UCLAMP_CNT; id++)
			WRITE_ONCE(tg->uclamp[id], min(tg->uclamp_req[id], tg->parent->uclamp[id]));
		/* A minimum above the maximum would promise what the group may not have. */
		WRITE_ONCE(tg->uclamp[UCLAMP_MIN],
			   min(tg->uclamp[UCLAMP_MIN], tg->uclamp[UCLAMP_MAX]));
	}
	rcu_read_unlock();
}

void init_group_uclamp(struct task_group *tg)
{
	enum uclamp_id id;

	for (id = UCLAMP_MIN; id < UCLAMP_CNT; id++) {
		tg->uclamp_req[id] = none(id);
		tg->uclamp[id] = tg->parent ? none(id) : (unsigned int)SCHED_CAPACITY_SCALE;
	}
}

void uclamp_online_group(struct task_group *tg)
{
	mutex_lock(&uclamp_mutex);
	update_effective(tg);
	mutex_unlock(&uclamp_mutex);
}

int sched_group_set_uclamp(struct task_group *tg, enum uclamp_id id, unsigned int value)
{
	if (tg == &root_task_group)
		return -EINVAL;
	if (value > SCHED_CAPACITY_SCALE)
		return -ERANGE;
	mutex_lock(&uclamp_mutex);
	tg->uclamp_req[id] = value;
	WRITE_ONCE(uclamp_used, true);
	update_effective(tg);
	mutex_unlock(&uclamp_mutex);
	/* Tasks that run on are counted anew when they are queued next, or changed. */
	return 0;
}

unsigned int sched_group_uclamp(const struct task_group *tg, enum uclamp_id id)
{
	return tg == &root_task_group ? none(id) : READ_ONCE(tg->uclamp_req[id]);
}

unsigned int sched_group_uclamp_effective(const struct task_group *tg, enum uclamp_id id)
{
	return tg == &root_task_group ? none(id) : READ_ONCE(tg->uclamp[id]);
}
