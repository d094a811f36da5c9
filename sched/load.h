/* SPDX-License-Identifier: MIT */
/*
 * Load tracking, in two forms. A part of sched/internal.h, which includes it behind the run queue.
 * Owners: sched/load.c, sched/load40.c. rq->lock unless said.
 */
#ifndef SCHED_LOAD_H
#define SCHED_LOAD_H

#include "env.h"

struct rq;
struct cfs_rq;

#define UPDATE_TG    0x1
#define DO_ATTACH    0x4  /* se is about to be queued here */
#define DO_DETACH    0x8  /* se leaves for another queue */
#define LOAD_DEQUEUE 0x10 /* se leaves the tree ... */
#define LOAD_SLEEP   0x20 /* ... to sleep */

/* ns: a queue's load is never older, for an entity's time of 0 says that no queue counts it. */
#define LOAD_TIME_BEGIN 1ULL
#define LOAD_AVG_MAX	47742 /* what the series of 1,024 a period comes to: sched/load.c */

void update_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags);
/* next, queued, takes the CPU over from prev, which stays queued; NULL: from one that went to sleep. */
void switch_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *prev, struct sched_entity *next);
void attach_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se);
void detach_entity_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se);
/* se, up to date, had the weight old (scaled) and has another one now. */
void reweight_load_avg(struct cfs_rq *cfs_rq, struct sched_entity *se, unsigned long old);
void remove_entity_load_avg(struct sched_entity *se);
bool update_cfs_rq_load_avg(u64 now, struct cfs_rq *cfs_rq);
void init_entity_runnable_average(struct sched_entity *se);
void post_init_entity_util_avg(struct task_struct *p);
/* [tick, this CPU, its load up to date] Running counts by the frequency it has from here on. */
void update_util_scale(struct rq *rq);
/*
 * A real-time (deadline) task has had the CPU since rq->rt_since (dl_since), which is set when it gets
 * it, up to now; or none did lately. Told when it gives it away, and at its ticks. [the clock updated]
 */
void update_rt_load_avg(struct rq *rq, bool running);
void update_dl_load_avg(struct rq *rq, bool running);
/*
 * rq->cpu_capacity: what those leave of the CPU's capacity to fair tasks, 1 at least. [tick; or for a
 * CPU that idles, by the balancer; the clock updated]
 */
void update_cpu_capacity(struct rq *rq);
/* The same for load=pelt-4.0: sched/load40.c. */
void load40_update(struct cfs_rq *cfs_rq, struct sched_entity *se, int flags);
void load40_reweight(struct cfs_rq *cfs_rq, struct sched_entity *se);
void load40_remove(struct sched_entity *se);
void load40_update_blocked(struct cfs_rq *cfs_rq);
unsigned long task_h_load(struct task_struct *p);

#endif
