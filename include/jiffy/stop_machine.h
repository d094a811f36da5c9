/* SPDX-License-Identifier: MIT */
/*
 * Work for the migration thread of a CPU, which runs before everything else there
 * (the stop class). sched/stop.c.
 */
#ifndef JIFFY_STOP_MACHINE_H
#define JIFFY_STOP_MACHINE_H

#include <jiffy/list.h>

struct cpu_stop_done;

typedef int (*cpu_stop_fn_t)(void *arg);
struct cpu_stop_work {
	struct list_head list; /* under the stopper's lock; empty when not queued */
	cpu_stop_fn_t fn;
	void *arg;
	struct cpu_stop_done *done; /* NULL: nobody waits */
};

/*
 * fn(arg) runs on cpu in its migration thread: task context, preemption off, no sleeping.
 * [task] waits; returns what fn returned, -ENOENT when cpu is not online.
 */
int stop_one_cpu(unsigned int cpu, cpu_stop_fn_t fn, void *arg);
/* [any] does not wait; work stays the caller's until fn has begun. False: cpu is not online. */
bool stop_one_cpu_nowait(unsigned int cpu, cpu_stop_fn_t fn, void *arg, struct cpu_stop_work *work);
/*
 * [task] fn(arg) runs on one CPU while every other online CPU spins with interrupts off; what
 * fn returned.
 */
int stop_machine(cpu_stop_fn_t fn, void *arg);
/* The same, fn running on this CPU. The caller keeps CPUs from coming and going. */
int stop_machine_on(unsigned int cpu, cpu_stop_fn_t fn, void *arg);

#endif
