/* SPDX-License-Identifier: MIT */
/*
 * Pressure: for how long some tasks, or all, wait for a CPU, or for what they lack. A part of
 * sched/internal.h, which includes it. Owner: sched/psi.c. rq->lock, but for psi_tick().
 */
#ifndef SCHED_PSI_H
#define SCHED_PSI_H

#include "env.h"

struct rq;

/* Of one CPU, of the machine or of a group. */
struct psi_cpu {
	u64 since;		/* ns: counted up to here */
	u64 time[NR_PSI], busy; /* ns, since somebody took them */
	unsigned int on;	/* BIT(span) of those under way; BIT(NR_PSI): busy */
	int nr, running;	/* of a group: tasks here, and of those the current one */
};
void psi_tick(void); /* [tick] */
void __psi_change(struct rq *rq);
void psi_enqueue(struct rq *rq, struct task_struct *p);
void psi_dequeue(struct rq *rq, struct task_struct *p);
void psi_switch(struct rq *rq, struct task_struct *prev, struct task_struct *next);

/* rq's number of tasks passed 0, 1 or 2, or somebody there began or ceased to wait for I/O. */
static inline void psi_change(struct rq *rq)
{
	if (unlikely(psi_counting))
		__psi_change(rq);
}

#endif
