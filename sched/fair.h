/* SPDX-License-Identifier: MIT */
/*
 * The fair class: what its two policies, cfs and eevdf, decide, and what they have in common. A part
 * of sched/internal.h, which includes it behind the run queue. Owners: sched/fair*.c. rq->lock unless
 * said.
 */
#ifndef SCHED_FAIR_H
#define SCHED_FAIR_H

#include "env.h"

/*
 * nr tasks more or less below cfs_rq. *idle: how many of them are of idle policy, or of an idle
 * group; going up the tree, those of an idle group all count as idle from its parent on.
 */
static inline void count_tasks(struct cfs_rq *cfs_rq, int nr, int *idle)
{
	cfs_rq->h_nr_running += nr;
	cfs_rq->idle_h_nr_running += *idle;
	if (unlikely(cfs_rq->idle))
		*idle = nr;
}

/*
 * What cfs and eevdf do differently with the entities of one cfs_rq; everything else of the fair
 * class is common. rq->lock.
 */
struct fair_policy {
	const char *name;
	void (*tree_add)(struct cfs_rq *cfs_rq, struct sched_entity *se);
	void (*tree_del)(struct cfs_rq *cfs_rq, struct sched_entity *se);
	/* se comes, not counted yet: where in virtual time? ENQUEUE_* say why it comes. */
	void (*place)(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags);
	/* se goes, still counted. True: it must stay, asleep, until its lag is used up. */
	bool (*leave)(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags);
	/* Who should run: one of the tree or the current one; NULL when there is neither. */
	struct sched_entity *(*pick)(struct cfs_rq *cfs_rq, struct sched_entity *curr);
	/* The current one's vruntime moved on. */
	void (*advance)(struct cfs_rq *cfs_rq, struct sched_entity *curr);
	void (*tick)(struct cfs_rq *cfs_rq, struct sched_entity *curr);
	bool (*preempts)(struct cfs_rq *cfs_rq, struct sched_entity *curr, struct sched_entity *se);
	void (*yield)(struct cfs_rq *cfs_rq, struct sched_entity *curr);
	/*
	 * se gets this weight, where it is: what is owed to it, or by it, stays. NULL: its place in
	 * virtual time does not depend on its weight.
	 */
	void (*reweight)(struct cfs_rq *cfs_rq, struct sched_entity *se, unsigned long weight);
	/* se, not queued, belongs to another queue from now on. */
	void (*migrate)(struct sched_entity *se, struct cfs_rq *from, struct cfs_rq *to);
	void (*update_min)(struct cfs_rq *cfs_rq);
	u64 (*slice)(struct cfs_rq *cfs_rq, struct sched_entity *se); /* ns of real time */
	bool (*check)(struct cfs_rq *cfs_rq, const char **rule);
};
extern const struct fair_policy cfs_policy, eevdf_policy;
extern const struct fair_policy *fair;

/* sched/fair_entity.c */
void init_cfs_rq(struct cfs_rq *cfs_rq);
u64 __calc_delta(u64 delta, unsigned long weight, struct load_weight *lw);
u64 calc_delta_fair(u64 delta, struct sched_entity *se);
void update_load_add(struct load_weight *lw, unsigned long inc);
void update_load_sub(struct load_weight *lw, unsigned long dec);
/* curr, current on cfs_rq, ran for delta ns more. Called by update_curr() alone. */
void charge_curr(struct cfs_rq *cfs_rq, struct sched_entity *curr, s64 delta);
/* A switch asks several times at one moment; only the first finds time to charge. */
static inline void update_curr(struct cfs_rq *cfs_rq)
{
	struct sched_entity *curr = cfs_rq->curr;
	s64 delta;

	if (!curr)
		return;
	delta = rq_clock_task(rq_of(cfs_rq)) - curr->exec_start;
	if (delta > 0)
		charge_curr(cfs_rq, curr, delta);
}
void enqueue_entity(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags);
bool dequeue_entity(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags);
void set_next_entity(struct cfs_rq *cfs_rq, struct sched_entity *se);
void put_prev_entity(struct cfs_rq *cfs_rq, struct sched_entity *prev);
/* Both at once: prev, current on cfs_rq, gives way to next, which is queued there. */
void switch_entity(struct cfs_rq *cfs_rq, struct sched_entity *prev, struct sched_entity *next);
void reweight_entity(struct cfs_rq *cfs_rq, struct sched_entity *se, unsigned long weight);
void clear_buddies(struct cfs_rq *cfs_rq, struct sched_entity *se);
void update_cfs_group(struct sched_entity *se);
/* Charges p, current on rq, for the time since it was last charged; ns. For every class. */
u64 update_curr_common(struct rq *rq);
/* Earlier in virtual time, though the numbers wrap. */
static inline bool entity_before(const struct sched_entity *a, const struct sched_entity *b)
{
	return (s64)(a->vruntime - b->vruntime) < 0;
}

static inline u64 max_vruntime(u64 a, u64 b)
{
	return (s64)(b - a) > 0 ? b : a;
}

static inline u64 min_vruntime(u64 a, u64 b)
{
	return (s64)(b - a) < 0 ? b : a;
}

/* sched/fair.c, sched/fair_select.c */
int select_task_rq_fair(struct task_struct *p, int prev_cpu, int flags);
bool task_fits_cpu(struct task_struct *p, int cpu);
extern bool sched_asym_capacity; /* not all CPUs are equally fast */
void sched_init_granularity(void);
extern u64 sysctl_sched_latency, sysctl_sched_min_granularity, sysctl_sched_wakeup_granularity,
    sysctl_sched_base_slice;
extern unsigned int sysctl_sched_child_runs_first, sysctl_sched_migration_cost,
    sysctl_sched_nr_migrate, sched_nr_latency;
/* By how much the tunables grow with the CPUs. */
enum { SCALING_NONE, SCALING_LOG, SCALING_LINEAR };
extern unsigned int sysctl_sched_tunable_scaling;

/* Feature flags, writable at run time. */
#define SCHED_FEATURES(F)                                                                  \
	F(GENTLE_FAIR_SLEEPERS, true) /* half a latency of credit, not a whole one */      \
	F(START_DEBIT, true)	      /* a new task pays a slice ahead */                  \
	F(NEXT_BUDDY, false)	      /* prefer the one that was woken last */             \
	F(LAST_BUDDY, true)	      /* prefer the one that was preempted by a wake-up */ \
	F(CACHE_HOT_BUDDY, true)                                                           \
	F(WAKEUP_PREEMPTION, true)                                                         \
	F(PLACE_LAG, true) /* eevdf: lag survives sleep */                                 \
	F(PLACE_DEADLINE_INITIAL, true)                                                    \
	F(RUN_TO_PARITY, true) /* eevdf: the picked one gets its slice */                  \
	F(DELAY_DEQUEUE, true) /* eevdf: sleepers with negative lag stay to pay */         \
	F(DELAY_ZERO, true)                                                                \
	F(WA_IDLE, true)                                                                   \
	F(WA_WEIGHT, true)
#define __FEAT_ENUM(name, on) __FEAT_##name,
enum { SCHED_FEATURES(__FEAT_ENUM) NR_SCHED_FEATURES };
#define sched_feat(name) (sysctl_sched_features & (1u << __FEAT_##name))

#endif
