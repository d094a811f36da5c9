/* SPDX-License-Identifier: MIT */
/* Who ran where, when and why, as a picture: see timeline.c. */
#ifndef SIM_TIMELINE_H
#define SIM_TIMELINE_H

#include "sim.h"

/* One task on one CPU, from its switch in to its switch out. */
struct timeline_run {
	u64 begin, end; /* ns */
	int cpu, pid;
	long state;			  /* in which the switch that ended it left the task */
	struct trace_sched_pick picked;	  /* why the task */
	struct trace_sched_select_cpu at; /* why the CPU; pid 0: not chosen anew for this run */
};

/* A time in which a task could have run and did not. */
struct timeline_wait {
	u64 begin, end; /* ns */
	int pid;
};

/* A task that had a run or a wait. */
struct timeline_task {
	int pid;
	char comm[TASK_COMM_LEN];
	bool wants;			  /* is runnable since `since`, and does not run */
	u64 since;			  /* ns */
	struct trace_sched_select_cpu at; /* the last choice of a CPU, which no run has had yet */
};

struct timeline {
	struct timeline_run *runs; /* by begin */
	size_t nr_runs;
	struct timeline_wait *waits;
	size_t nr_waits;
	struct timeline_task *tasks; /* in the order of their first event */
	size_t nr_tasks;
	u64 end; /* ns */
};

/* Begin to listen. After sim_trace_init(). */
void timeline_start(void);
/* An event that timeline_start() asked for. */
void timeline_event(const struct trace_event *ev, const void *entry);
/* What was heard, up to sim_now; it stays the room's. */
const struct timeline *timeline_end(void);
/* The place of a task in tasks[]; the task has had an event. */
size_t timeline_task_index(int pid);

/* For a terminal: `columns` wide, a line a CPU and a line a task, to standard output. */
void timeline_print(const struct timeline *t, unsigned int columns);
/* For a browser. 0, or -errno of writing the file. */
int timeline_page(const struct timeline *t, const char *file);

#endif
