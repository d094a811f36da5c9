/* SPDX-License-Identifier: MIT */
/*
 * The form of a recorded run, which sched/record.c writes and sim/replay.c reads.
 *
 * A run is all that the scheduling classes were told and asked, in one order: each call of a
 * class's operation that moves a task, picks one, charges one or lets one take the CPU from
 * another, with the run queue's clock and the caller's CPU; what the core decided about a task
 * (class, priority, policy, weight) before the first call that it matters for; and, to be
 * compared, what came of it: the task that was picked, and whether the current task has to go.
 *
 * Calls are written under one lock that is held while the operation runs: what an operation
 * reads of other queues then is what it reads in the replay. Which CPU a task is sent to is not
 * decided in these operations: it shows as the move that follows, and is given to the replay.
 *
 * The file is a header and records. A record is a byte of enum record_op and numbers, each in
 * groups of seven bits, lowest first, with the eighth bit set in all bytes but the last; signed
 * ones are doubled, and inverted when negative, first.
 */
#ifndef SCHED_RECORD_H
#define SCHED_RECORD_H

#include "internal.h"

#define RECORD_MAGIC	0x3463657279666669ULL /* "iffyrec4" */
#define RECORD_TUNABLES 8

struct record_header {
	u64 magic;
	u32 cpus, sched, load, hz;
	u64 tunables[RECORD_TUNABLES];
};

enum record_op {
	REC_END,      /* no more */
	REC_TASK,     /* id, pid, CPU + 1 whose idle task it is or 0: a task is met first */
	REC_ATTR,     /* id, class rank, policy, static_prio, normal_prio, prio, rt_priority,
			 nr_cpus_allowed, mm, slice of its own: as they are from here on */
	REC_JIFFIES,  /* signed difference */
	REC_TUNABLES, /* their values */
	REC_LOOK,     /* id: the call that follows passes by this task, as not to be had at that
			 moment; 0: it ends an epoch and looks again */
	/* rq's CPU, caller's CPU, id, flags, begin, end, result, times */
	REC_FIRST_CALL,
	REC_ENQUEUE = REC_FIRST_CALL,
	REC_DEQUEUE,
	REC_YIELD,
	REC_CHECK_PREEMPT,
	REC_PICK, /* flags: the class's rank; id 0; result: who, 0: nobody */
	REC_PUT_PREV,
	REC_SET_NEXT,
	REC_TICK,
	REC_FORK,    /* result: the parent */
	REC_MIGRATE, /* flags: the new CPU */
	REC_SWITCHED_FROM,
	REC_SWITCHING_TO,
	REC_SWITCHED_TO,
	REC_PRIO_CHANGED, /* flags: the old priority */
	REC_UPDATE_CURR,
	REC_REWEIGHT, /* a task of the fair class; the weight follows from what it is now */
	REC_EXIT,     /* id: the parent; result: its child, which ends */
	REC_SWITCH,   /* id: who takes over from the one that runs, of the same class */
	REC_FIND,     /* flags: the class's rank; id 0; result: who, 0: nobody */
	REC_NR,
};
/*
 * begin and end: the queue's clock before the call, less that of the record before of the same
 * queue, and after it, less begin. result: bits 0..1 the task's on_rq and 2 whether the current
 * one had to go, before; 3 whether it has to after; and above them what the call returned. times:
 * record_times() after it, by which a replay that goes another way is found where it begins and
 * not where another task is picked for it.
 */
#define REC_ON_RQ	 0x3
#define REC_RESCHED	 0x4
#define REC_RESCHED_NOW	 0x8
#define REC_RESULT_SHIFT 4

/* Of an enqueue's flags: an interrupt does it, which o1 takes for the sign of a device's waiter. */
#define REC_BY_INTERRUPT 0x10000

/*
 * Of a check for preemption: the address space of the one that runs, elsewhere and with no lock
 * that the caller has, was exchanged meanwhile. Which of the two was seen is not known.
 */
#define REC_MM_CHANGED 0x10000

/* The values by which operations may differ from run to run. */
static inline void record_get_tunables(u64 *t)
{
	t[0] = sysctl_sched_latency;
	t[1] = sysctl_sched_min_granularity;
	t[2] = sysctl_sched_wakeup_granularity;
	t[3] = sysctl_sched_base_slice;
	t[4] = (u64)sched_nr_latency << 32 | sysctl_sched_child_runs_first;
	t[5] = sysctl_sched_features;
	t[6] = (u64)(u32)sysctl_sched_rt_period_us << 32 | (u32)sysctl_sched_rt_runtime_us;
	t[7] = sched_rr_timeslice;
}

static inline void record_set_tunables(const u64 *t)
{
	sysctl_sched_latency = t[0];
	sysctl_sched_min_granularity = t[1];
	sysctl_sched_wakeup_granularity = t[2];
	sysctl_sched_base_slice = t[3];
	sched_nr_latency = t[4] >> 32;
	sysctl_sched_child_runs_first = (u32)t[4];
	sysctl_sched_features = t[5];
	sysctl_sched_rt_period_us = (s32)(t[6] >> 32);
	sysctl_sched_rt_runtime_us = (s32)t[6];
	sched_rr_timeslice = t[7];
}

/* 14 bits of what the queue's virtual time and the task's times are: one of 16,384 errors is missed. */
static inline u32 record_times(const struct rq *rq, const struct task_struct *p)
{
	u64 sum = rq->cfs.min_vruntime;

	if (p && !is_idle_task(p))
		sum = (sum * 31 + p->se.vruntime) * 31 + p->se.sum_exec_runtime;
	return (sum * 0x9e3779b97f4a7c15ULL) >> 50;
}

/*
 * A look at all that wait anywhere meets what other CPUs do at that moment without a lock of its own:
 * p, which waits elsewhere, can be had or not. While a record is made this is told the answer, and
 * in a replay it gives the one that there was. p NULL: the look ends an epoch and begins again. NULL
 * while neither is under way. [in find_task or pick_task]
 */
extern bool (*sched_record_look)(struct task_struct *p, bool can);

/*
 * Begins a record into buf (size bytes). Boot, one CPU, before the second task is made. The
 * classes' operations are exchanged for ones that write, so that a run without a record pays
 * nothing. The record ends when buf is full or by sched_record_stop(), which returns its length.
 */
void sched_record_start(void *buf, size_t size);
size_t sched_record_stop(void);

#endif
