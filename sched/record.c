/* SPDX-License-Identifier: MIT */
/*
 * Records a run for the simulator to replay; the form is in record.h. Owns the classes' tables
 * of operations while a record is made: each entry is exchanged for one that calls the class's
 * own and writes what went in and what came out.
 *
 * Serialization: record_lock, a leaf below rq->lock and pi_lock, is held over each operation and
 * gives all of them one order. An operation that a class calls from inside another is part of
 * that one and is not written. Operations that give up the run queue's lock (balance, pushes,
 * pulls) are no part of a record: what they move shows as the calls that move it.
 */
#include "internal.h"
#include "record.h"

static DEFINE_SPINLOCK(record_lock);
static struct sched_class own[NR_CLASSES_MAX]; /* the classes' operations, by rank */
static u8 *buffer;
static size_t length, limit;
static bool recording;
static int owner = -1; /* CPU inside an operation */
static u32 next_id = 1;
static u64 clocks[NR_CPUS], tunables[RECORD_TUNABLES];
static unsigned long last_jiffies;
bool (*sched_record_look)(struct task_struct *p, bool can);

static void put(u64 v)
{
	while (v >= 0x80) {
		buffer[length++] = v | 0x80;
		v >>= 7;
	}
	buffer[length++] = v;
}

static void put_signed(s64 v)
{
	put(v < 0 ? ~((u64)v << 1) : (u64)v << 1);
}

/* The longest that one operation may write: its records' numbers are at most 10 bytes each. */
#define MAX_WRITE 512

static void put_task(struct task_struct *p)
{
	int idle = is_idle_task(p) ? task_cpu(p) + 1 : 0;

	p->record_id = next_id++;
	p->record_sum = 0;
	put(REC_TASK);
	put(p->record_id);
	put(p->pid);
	put(idle);
}

/* What the core decides about a task, when it differs from what was written last. */
static void put_attr(struct task_struct *p)
{
	u64 v[] = {p->sched_class->rank,
		   p->policy,
		   p->static_prio,
		   p->normal_prio,
		   p->prio,
		   p->rt_priority,
		   p->nr_cpus_allowed,
		   (unsigned long)sched_env_task_mm(p) >> 4,
		   p->se.custom_slice ? p->se.slice : 0};
	u32 sum = 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v); i++)
		sum = (sum ^ (u32)v[i] ^ (u32)(v[i] >> 32)) * 0x9e3779b1u + 1;
	if (sum == p->record_sum)
		return;
	p->record_sum = sum;
	put(REC_ATTR);
	put(p->record_id);
	for (i = 0; i < ARRAY_SIZE(v); i++)
		put(v[i]);
}

static void put_surroundings(void)
{
	u64 now[RECORD_TUNABLES];
	int i;

	if (jiffies != last_jiffies) {
		put(REC_JIFFIES);
		put_signed(jiffies - last_jiffies);
		last_jiffies = jiffies;
	}
	record_get_tunables(now);
	if (memcmp(now, tunables, sizeof(now))) {
		memcpy(tunables, now, sizeof(now));
		put(REC_TUNABLES);
		for (i = 0; i < RECORD_TUNABLES; i++)
			put(now[i]);
	}
}

/* p, by the number it has from here on, and what is to be known of it. */
static void put_about(struct task_struct *p)
{
	if (!p->record_id)
		put_task(p);
	put_attr(p);
}

/* Ends the record when not even one operation more is sure to fit. */
static bool room_left(void)
{
	if (length + MAX_WRITE > limit)
		recording = false;
	return recording;
}

struct call {
	bool outer; /* not from inside another */
	enum record_op op;
	struct rq *rq;
	struct task_struct *p;
	u64 begin;
	u32 state;
};

static u32 must_go(const struct rq *rq)
{
	return test_tsk_need_resched(rq->curr) ? 1 : 0;
}

static struct call call_begins(enum record_op op, struct rq *rq, struct task_struct *p)
{
	struct call c = {.op = op, .rq = rq, .p = p};

	if (READ_ONCE(owner) == (int)smp_processor_id())
		return c;
	raw_spin_lock(&record_lock);
	WRITE_ONCE(owner, smp_processor_id());
	c.outer = true;
	c.begin = READ_ONCE(rq->clock);
	c.state = (p ? p->on_rq & REC_ON_RQ : 0) | (must_go(rq) ? REC_RESCHED : 0);
	if (!room_left())
		return c;
	put_surroundings();
	if (p)
		put_about(p);
	return c;
}

static void call_ends(struct call *c, u32 flags, struct task_struct *result)
{
	struct rq *rq = c->rq;
	/* Read once: the lock of the queue that a task leaves is not held. */
	u64 end = READ_ONCE(rq->clock);

	if (!c->outer)
		return;
	if (recording) {
		if (result && !result->record_id)
			put_task(result);
		put(c->op);
		put(rq->cpu);
		put(smp_processor_id());
		put(c->p ? c->p->record_id : 0);
		put(flags);
		put_signed(c->begin - clocks[rq->cpu]);
		put(end - c->begin);
		put(c->state | (must_go(rq) ? REC_RESCHED_NOW : 0) |
		    (u64)(result ? result->record_id : 0) << REC_RESULT_SHIFT);
		put(record_times(rq, c->p));
		clocks[rq->cpu] = end;
	}
	WRITE_ONCE(owner, -1);
	raw_spin_unlock(&record_lock);
}

/*
 * The one that runs on rq is looked at too, in a call about another: its address space, which is
 * returned as it was before that is written, may be new.
 */
static const void *about_current(struct rq *rq)
{
	const void *mm = sched_env_task_mm(rq->curr);

	if (recording)
		put_about(rq->curr);
	return mm;
}

static bool rec_look(struct task_struct *p, bool can)
{
	if (!can && room_left()) {
		if (p && !p->record_id)
			put_task(p);
		put(REC_LOOK);
		put(p ? p->record_id : 0);
	}
	return can;
}

static void rec_enqueue(struct rq *rq, struct task_struct *p, int flags)
{
	struct call c = call_begins(REC_ENQUEUE, rq, p);

	own[p->sched_class->rank].enqueue_task(rq, p, flags);
	call_ends(&c, flags | (in_interrupt() ? REC_BY_INTERRUPT : 0), NULL);
}

static bool rec_dequeue(struct rq *rq, struct task_struct *p, int flags)
{
	struct call c = call_begins(REC_DEQUEUE, rq, p);
	bool gone = own[p->sched_class->rank].dequeue_task(rq, p, flags);

	call_ends(&c, flags, gone ? p : NULL);
	return gone;
}

static void rec_yield(struct rq *rq)
{
	struct call c = call_begins(REC_YIELD, rq, rq->curr);

	own[rq->curr->sched_class->rank].yield_task(rq);
	call_ends(&c, 0, NULL);
}

static void rec_check_preempt(struct rq *rq, struct task_struct *p, int flags)
{
	struct call c = call_begins(REC_CHECK_PREEMPT, rq, p);
	const void *mm = about_current(rq);

	own[p->sched_class->rank].check_preempt_curr(rq, p, flags);
	call_ends(&c, flags | (sched_env_task_mm(rq->curr) != mm ? REC_MM_CHANGED : 0), NULL);
}

static void rec_put_prev(struct rq *rq, struct task_struct *p)
{
	struct call c = call_begins(REC_PUT_PREV, rq, p);

	own[p->sched_class->rank].put_prev_task(rq, p);
	call_ends(&c, 0, NULL);
}

static void rec_set_next(struct rq *rq, struct task_struct *p, bool first)
{
	struct call c = call_begins(REC_SET_NEXT, rq, p);

	own[p->sched_class->rank].set_next_task(rq, p, first);
	call_ends(&c, first, NULL);
}

static void rec_switch(struct rq *rq, struct task_struct *prev, struct task_struct *next)
{
	struct call c = call_begins(REC_SWITCH, rq, next);

	own[next->sched_class->rank].switch_task(rq, prev, next);
	call_ends(&c, 0, NULL);
}

static void rec_tick(struct rq *rq, struct task_struct *p)
{
	struct call c = call_begins(REC_TICK, rq, p);

	own[p->sched_class->rank].task_tick(rq, p);
	call_ends(&c, 0, NULL);
}

/* [p's pi_lock, no rq->lock] Only this CPU's queue's number and clock are looked at. */
static void rec_fork(struct task_struct *p)
{
	struct call c = call_begins(REC_FORK, this_rq(), p);

	own[p->sched_class->rank].task_fork(p);
	call_ends(&c, 0, current);
}

static void rec_exit(struct rq *rq, struct task_struct *parent, struct task_struct *p)
{
	struct call c = call_begins(REC_EXIT, rq, parent);

	own[parent->sched_class->rank].task_exit(rq, parent, p);
	call_ends(&c, 0, p);
}

/* Every class gets this one, for the move itself is to be written. */
static void rec_migrate(struct task_struct *p, int new_cpu)
{
	struct call c = call_begins(REC_MIGRATE, task_rq(p), p);

	if (own[p->sched_class->rank].migrate_task_rq)
		own[p->sched_class->rank].migrate_task_rq(p, new_cpu);
	call_ends(&c, new_cpu, NULL);
}

static void rec_prio_changed(struct rq *rq, struct task_struct *p, int oldprio)
{
	struct call c = call_begins(REC_PRIO_CHANGED, rq, p);

	own[p->sched_class->rank].prio_changed(rq, p, oldprio);
	call_ends(&c, oldprio, NULL);
}

static void rec_reweight(struct rq *rq, struct task_struct *p, unsigned long weight)
{
	struct call c = call_begins(REC_REWEIGHT, rq, p);

	own[p->sched_class->rank].reweight_task(rq, p, weight);
	call_ends(&c, 0, NULL);
}

static void rec_update_curr(struct rq *rq)
{
	struct call c = call_begins(REC_UPDATE_CURR, rq, rq->curr);

	own[rq->curr->sched_class->rank].update_curr(rq);
	call_ends(&c, 0, NULL);
}

/* The best of rq's own, or of all that wait anywhere. */
static struct task_struct *looked_for(enum record_op op, struct rq *rq, int rank)
{
	struct call c = call_begins(op, rq, NULL);
	struct task_struct *p;

	about_current(rq);
	p = op == REC_FIND ? own[rank].find_task(rq) : own[rank].pick_task(rq);
	call_ends(&c, rank, p);
	return p;
}

/* Operations that their arguments do not say the class of: one a rank. */
#define FOR_EACH_RANK(F) F(0) F(1) F(2) F(3) F(4)
#define CHANGE_OF_CLASS(rank, name, op)                                       \
	static void rec_##name##_##rank(struct rq *rq, struct task_struct *p) \
	{                                                                     \
		struct call c = call_begins(op, rq, p);                       \
                                                                              \
		own[rank].name(rq, p);                                        \
		call_ends(&c, rank, NULL);                                    \
	}
#define RANKED(rank)                                              \
	static struct task_struct *rec_pick_##rank(struct rq *rq) \
	{                                                         \
		return looked_for(REC_PICK, rq, rank);            \
	}                                                         \
	static struct task_struct *rec_find_##rank(struct rq *rq) \
	{                                                         \
		return looked_for(REC_FIND, rq, rank);            \
	}                                                         \
	CHANGE_OF_CLASS(rank, switched_from, REC_SWITCHED_FROM)   \
	CHANGE_OF_CLASS(rank, switching_to, REC_SWITCHING_TO)     \
	CHANGE_OF_CLASS(rank, switched_to, REC_SWITCHED_TO)
FOR_EACH_RANK(RANKED)
#define RANK_ROW(rank)                              \
	{.pick_task = rec_pick_##rank,              \
	 .find_task = rec_find_##rank,              \
	 .switched_from = rec_switched_from_##rank, \
	 .switching_to = rec_switching_to_##rank,   \
	 .switched_to = rec_switched_to_##rank},
static const struct sched_class ranked[NR_CLASSES_MAX] = {FOR_EACH_RANK(RANK_ROW)};

/* The class's operation is exchanged where it has one. */
#define EXCHANGE(class, member, with)             \
	do {                                      \
		if ((class)->member)              \
			(class)->member = (with); \
	} while (0)

static void exchange(struct sched_class *class)
{
	const struct sched_class *r = &ranked[class->rank];

	own[class->rank] = *class;
	EXCHANGE(class, enqueue_task, rec_enqueue);
	EXCHANGE(class, dequeue_task, rec_dequeue);
	EXCHANGE(class, yield_task, rec_yield);
	EXCHANGE(class, check_preempt_curr, rec_check_preempt);
	EXCHANGE(class, pick_task, r->pick_task);
	EXCHANGE(class, find_task, r->find_task);
	EXCHANGE(class, put_prev_task, rec_put_prev);
	EXCHANGE(class, set_next_task, rec_set_next);
	EXCHANGE(class, switch_task, rec_switch);
	EXCHANGE(class, task_tick, rec_tick);
	EXCHANGE(class, task_fork, rec_fork);
	EXCHANGE(class, task_exit, rec_exit);
	EXCHANGE(class, prio_changed, rec_prio_changed);
	EXCHANGE(class, reweight_task, rec_reweight);
	EXCHANGE(class, update_curr, rec_update_curr);
	EXCHANGE(class, switched_from, r->switched_from);
	EXCHANGE(class, switching_to, r->switching_to);
	EXCHANGE(class, switched_to, r->switched_to);
	class->migrate_task_rq = rec_migrate;
}

void sched_record_start(void *buf, size_t size)
{
	struct record_header *h = buf;
	struct sched_class *class;
	int i;

	buffer = buf;
	limit = size;
	length = sizeof(*h);
	record_get_tunables(tunables);
	*h = (struct record_header){RECORD_MAGIC, nr_cpu_ids, sched_choice, load_choice, HZ, {0}};
	memcpy(h->tunables, tunables, sizeof(tunables));
	recording = true;
	sched_record_look = rec_look;
	for_each_class (i, class)
		exchange(class);
}

size_t sched_record_stop(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&record_lock, flags);
	recording = false;
	raw_spin_unlock_irqrestore(&record_lock, flags);
	return length;
}
