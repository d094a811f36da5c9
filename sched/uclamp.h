/* SPDX-License-Identifier: MIT */
/*
 * Clamps: what bounds the utilisation that tasks appear to have. A part of sched/internal.h, which
 * includes it. Owner: sched/uclamp.c. rq->lock unless said.
 */
#ifndef SCHED_UCLAMP_H
#define SCHED_UCLAMP_H

#include "env.h"

struct rq;
struct task_group;

/* Those of the tasks on a run queue. */
#define UCLAMP_BUCKETS 5
struct uclamp_rq {
	unsigned int value; /* the highest of all */
	struct uclamp_bucket {
		unsigned int value, tasks;
	} bucket[UCLAMP_BUCKETS];
};

extern bool uclamp_used; /* somebody has asked for a clamp */
extern unsigned int sysctl_sched_util_clamp[UCLAMP_CNT], sysctl_sched_util_clamp_min_rt_default;
void uclamp_reset(struct task_struct *p); /* as if p had asked for nothing */
void init_group_uclamp(struct task_group *tg);
void uclamp_online_group(struct task_group *tg); /* [task] tg is among its parent's children */
unsigned int uclamp_requested(const struct task_struct *p, enum uclamp_id id); /* [any] */
unsigned int uclamp_eff_value(const struct task_struct *p, enum uclamp_id id); /* [any] */
int uclamp_validate(struct task_struct *p, const struct sched_attr *attr);     /* 0, -EINVAL */
void uclamp_set(struct rq *rq, struct task_struct *p, const struct sched_attr *attr);
void uclamp_rq_inc(struct rq *rq, struct task_struct *p); /* p comes, unless it is counted */
void uclamp_rq_dec(struct rq *rq, struct task_struct *p); /* p, counted, goes */
void uclamp_update(struct rq *rq, struct task_struct *p); /* p's clamps may have changed */
/* util as rq's clamps, with p there when it is not NULL, let it appear. [any] */
unsigned long uclamp_rq_util_with(struct rq *rq, unsigned long util, struct task_struct *p);
unsigned long sched_frequency_hint(struct rq *rq); /* [any] 0 to 1,024 */
bool check_uclamp(struct rq *rq);

#endif
