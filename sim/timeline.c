/* SPDX-License-Identifier: MIT */
/*
 * What the pictures are drawn from: each task's runs and waits, with the reasons that the scheduler
 * gave. It listens to the trace events that everybody may listen to, and asks the scheduler
 * nothing, so a run that is drawn is the run that is not. One thread, no locks.
 */
#include <stdlib.h>

#include "timeline.h"

#define PREEMPTED 0x100	  /* of sched_switch's prev_state, whose other bits are states of sleep */
#define UNDER_WAY (~0ULL) /* a run's end */

static struct timeline line;
static size_t under_way[NR_CPUS];		   /* the CPU's run, plus one; 0: it idles */
static struct trace_sched_pick last_pick[NR_CPUS]; /* for the switch that follows */

/* By pid, plus one: the place in line.tasks. */
static size_t *index_of_pid;
static int max_pid;

/* Room for an element behind the n that array has; it doubles whenever n is a power of two. */
static void *room(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	array = realloc(array, (n ? 2 * n : 1) * size);
	BUG_ON(!array);
	return array;
}

static struct timeline_task *line_task(int pid, const char *comm)
{
	struct timeline_task *t;

	if (pid >= max_pid) {
		int more = max(2 * max_pid, pid + 1);

		index_of_pid = realloc(index_of_pid, more * sizeof(*index_of_pid));
		BUG_ON(!index_of_pid);
		memset(index_of_pid + max_pid, 0, (more - max_pid) * sizeof(*index_of_pid));
		max_pid = more;
	}
	if (!index_of_pid[pid]) {
		line.tasks = room(line.tasks, line.nr_tasks, sizeof(*line.tasks));
		t = &line.tasks[line.nr_tasks];
		*t = (struct timeline_task){.pid = pid};
		memcpy(t->comm, comm, sizeof(t->comm));
		index_of_pid[pid] = ++line.nr_tasks;
	}
	return &line.tasks[index_of_pid[pid] - 1];
}

size_t timeline_task_index(int pid)
{
	return index_of_pid[pid] - 1;
}

static void wants(struct timeline_task *t)
{
	if (!t->wants)
		t->since = sim_now;
	t->wants = true;
}

static void end_wait(struct timeline_task *t)
{
	if (t->wants && t->since < sim_now) {
		line.waits = room(line.waits, line.nr_waits, sizeof(*line.waits));
		line.waits[line.nr_waits++] = (struct timeline_wait){t->since, sim_now, t->pid};
	}
	t->wants = false;
}

static void begin_run(struct timeline_task *t)
{
	line.runs = room(line.runs, line.nr_runs, sizeof(*line.runs));
	line.runs[line.nr_runs++] = (struct timeline_run){.begin = sim_now,
							  .end = UNDER_WAY,
							  .cpu = sim_cpu,
							  .pid = t->pid,
							  .picked = last_pick[sim_cpu],
							  .at = t->at};
	t->at.pid = 0;
	under_way[sim_cpu] = line.nr_runs;
}

static void switched(const struct trace_sched_switch *e)
{
	if (under_way[sim_cpu]) {
		struct timeline_run *r = &line.runs[under_way[sim_cpu] - 1];

		r->end = sim_now;
		r->state = e->prev_state;
		under_way[sim_cpu] = 0;
	}
	if (e->prev_pid && !(e->prev_state & ~PREEMPTED))
		wants(line_task(e->prev_pid, e->prev_comm));
	if (e->next_pid) {
		struct timeline_task *t = line_task(e->next_pid, e->next_comm);

		end_wait(t);
		begin_run(t);
	}
}

void timeline_event(const struct trace_event *ev, const void *entry)
{
	if (ev == &trace_event_sched_switch) {
		switched(entry);
	} else if (ev == &trace_event_sched_pick) {
		last_pick[sim_cpu] = *(const struct trace_sched_pick *)entry;
	} else if (ev == &trace_event_sched_select_cpu) {
		const struct trace_sched_select_cpu *e = entry;

		line_task(e->pid, e->comm)->at = *e;
	} else {
		const struct trace_sched_wakeup *e = entry;

		wants(line_task(e->pid, e->comm));
	}
}

void timeline_start(void)
{
	trace_event_sched_switch.on |= TRACE_TO_TIMELINE;
	trace_event_sched_pick.on |= TRACE_TO_TIMELINE;
	trace_event_sched_select_cpu.on |= TRACE_TO_TIMELINE;
	trace_event_sched_wakeup.on |= TRACE_TO_TIMELINE;
	trace_event_sched_wakeup_new.on |= TRACE_TO_TIMELINE;
}

const struct timeline *timeline_end(void)
{
	size_t i;

	for (i = 0; i < line.nr_runs; i++)
		if (line.runs[i].end == UNDER_WAY)
			line.runs[i].end = sim_now;
	for (i = 0; i < line.nr_tasks; i++)
		end_wait(&line.tasks[i]);
	line.end = sim_now;
	return &line;
}
