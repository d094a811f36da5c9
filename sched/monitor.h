/* SPDX-License-Identifier: MIT */
/*
 * What the tracepoints tell the monitors; see monitor.c. Private to sched/ and the simulator.
 */
#ifndef SCHED_MONITOR_H
#define SCHED_MONITOR_H

#include "internal.h"

enum monitor_event {
	/* of a CPU */
	M_ENTRY,	 /* schedule() begins, the current task wants it */
	M_ENTRY_PREEMPT, /* it begins, and nobody asked the current task */
	M_ENTRY_ATOMIC,	 /* either, with more than schedule()'s own preempt_disable() */
	M_SWITCH,
	M_EXIT,
	M_NEED_RESCHED, /* its current task is told to go */
	/* of a task */
	M_WAKING,
	M_WAKEUP,
	M_WAKEUP_NEW,
	M_IN,	     /* it gets a CPU */
	M_OUT_SLEEP, /* it leaves its CPU to sleep, or for good */
	M_OUT_READY, /* it leaves its CPU and wants it again */
	M_SET_STATE, /* sets its own state to sleep */
	M_SET_RUNNING,
	NR_MONITOR_EVENTS,
};
enum { MONITOR_WAKE, MONITOR_STATE, NR_TASK_MONITORS };

extern bool sched_monitor; /* boot: whether sched_monitor_init() switches them on */
void sched_monitor_init(void);
void sched_monitor_off(void); /* any context, for good */
void monitor_cpu(int cpu, enum monitor_event ev);
/* sched/monitor_idle.c: how many times as long as is right a CPU may idle; 1 at least. Before boot. */
extern unsigned int monitor_patience;
/* [each tick, rq->lock] */
void monitor_idleness(struct rq *rq);
/*
 * After how many ticks at most a fair task that idle's CPU may run does not wait while that idles;
 * *looks: how often its balancer has looked by then. [any]
 */
unsigned int idle_patience(const struct rq *idle, unsigned int *looks);
void monitor_task(struct task_struct *p, enum monitor_event ev);

#endif
