/* SPDX-License-Identifier: MIT */
/*
 * What the two files of the deadline class share: sched/deadline.c, the queue, and
 * sched/deadline_bw.c, the sums of bandwidth. rq->lock unless said.
 */
#ifndef SCHED_DEADLINE_H
#define SCHED_DEADLINE_H

#include "internal.h"

static inline struct task_struct *dl_task_of(struct sched_dl_entity *dl_se)
{
	return container_of(dl_se, struct task_struct, dl);
}

void init_inactive_timer(struct sched_dl_entity *dl_se); /* [any] */
/* dl_se wants the CPU: its bandwidth is active on rq. */
void task_contending(struct rq *rq, struct sched_dl_entity *dl_se);
/* p sleeps; its bandwidth stays active until its 0-lag time. */
void task_non_contending(struct rq *rq, struct task_struct *p);
/* dl_se's bandwidth leaves the sums of rq's CPU. */
void detach_bw(struct rq *rq, struct sched_dl_entity *dl_se);
/* What running for delta ns costs a task that reclaims, in ns. */
u64 grub_reclaim(struct rq *rq, struct sched_dl_entity *dl_se, u64 delta);
/* p, about to be no more, gives back what it was promised. [no dl_bw.lock] */
void withdraw_bw(struct task_struct *p);

#endif
