/* SPDX-License-Identifier: MIT */
/*
 * What becomes of trace events in the simulator: the hash that tells equal runs, the time each
 * task became runnable, and, when asked for, lines of text as the kernel's trace file has them.
 */
#include "timeline.h"

u64 sim_trace_hash;

static void hash(u64 v)
{
	int i;

	/* FNV-1a, 64 bits. */
	for (i = 0; i < 8; i++, v >>= 8)
		sim_trace_hash = (sim_trace_hash ^ (v & 0xff)) * 0x100000001b3ULL;
}

static void hash_event(const struct trace_event *ev, int a, int b, long c)
{
	hash(sim_now);
	hash(sim_cpu);
	hash((u64)ev->id << 32 | (u32)a);
	hash(b);
	hash(c);
}

/* Wherever it goes, it must be allowed to, and somebody must be there. */
static void check_move(int pid, int cpu)
{
	const struct sim_task *t = sim_task_of_pid(pid);

	if (!cpu_online(cpu))
		sim_broken = "a task goes to a CPU that has gone";
	if (t && !cpumask_test_cpu(cpu, t->task.cpus_ptr))
		sim_broken = "a task goes to a CPU that it may not use";
}

/* The events that every run follows: where tasks run, and from when they want to. */
static void account(const struct trace_event *ev, const void *entry)
{
	if (ev == &trace_event_sched_switch) {
		const struct trace_sched_switch *e = entry;

		hash_event(ev, e->prev_pid, e->next_pid, e->prev_state);
	} else if (ev == &trace_event_sched_migrate_task) {
		const struct trace_sched_migrate_task *e = entry;

		hash_event(ev, e->pid, e->orig_cpu, e->dest_cpu);
		check_move(e->pid, e->dest_cpu);
	} else {
		const struct trace_sched_wakeup *e = entry;
		struct sim_task *t = sim_task_of_pid(e->pid);

		hash_event(ev, e->pid, e->prio, e->target_cpu);
		check_move(e->pid, e->target_cpu);
		if (t)
			t->runnable_since = sim_now;
	}
}

static void print(const struct trace_event *ev, const void *entry)
{
	struct trace_where w = {.ns = sim_now,
				.cpu = sim_cpu,
				.pid = current->pid,
				.comm = current->pid ? current->comm : "<idle>",
				.preempt = preempt_count() & 0xf};
	char text[512];
	int len;

	w.flags = (irqs_disabled() ? TRACE_IRQS_OFF : 0) | (in_hardirq() ? TRACE_HARDIRQ : 0) |
		  (in_serving_softirq() ? TRACE_SOFTIRQ : 0) |
		  (need_resched() ? TRACE_NEED_RESCHED : 0);
	len = trace_print_where(text, sizeof(text), &w, false);
	len += scnprintf(text + len, sizeof(text) - len, "%s: ", ev->name);
	ev->print(text + len, sizeof(text) - len, entry);
	puts(text);
}

void trace_emit(struct trace_event *ev, const void *entry, size_t size)
{
	if (ev->on & TRACE_TO_HOOK)
		account(ev, entry);
	if (ev->on & TRACE_TO_TIMELINE)
		timeline_event(ev, entry);
	if (ev->on & TRACE_TO_BUFFER)
		print(ev, entry);
}

void sim_trace_init(bool verbose)
{
	struct trace_event *const *pp;

	trace_number_events();
	sim_trace_hash = 0xcbf29ce484222325ULL;
	trace_event_sched_switch.on = trace_event_sched_migrate_task.on =
	    trace_event_sched_wakeup.on = trace_event_sched_wakeup_new.on = TRACE_TO_HOOK;
	if (verbose)
		for_each_trace_event (pp)
			(*pp)->on |= TRACE_TO_BUFFER;
}
