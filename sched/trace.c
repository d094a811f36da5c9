/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's tracepoints: what each entry holds and how it reads. The declarations, with
 * what each means, are in <jiffy/trace_sched.h>; the kernel and the simulator link this file.
 * Context: that of the traced code, which is any; nothing here takes a lock.
 */
#include "internal.h"
#include "monitor.h"

/* States are numbered as Linux numbers them in its traces. */
#define SHOWN_PREEMPTED 0x100

struct shown_flag {
	long bit;
	const char *name;
};

static const char *shown_flag(long value, const struct shown_flag *f, unsigned int n)
{
	for (; n--; f++)
		if (value & f->bit)
			return f->name;
	return "";
}

/* Of several flags the first: a task is in one state. The name is what readers of formats know. */
#define __print_flags(value, delimiter, ...)                        \
	shown_flag(value, (const struct shown_flag[]){__VA_ARGS__}, \
		   sizeof((const struct shown_flag[]){__VA_ARGS__}) / sizeof(struct shown_flag))
#define __print_symbolic(value, ...)                                 \
	symbol_name(value, (const struct shown_flag[]){__VA_ARGS__}, \
		    sizeof((const struct shown_flag[]){__VA_ARGS__}) / sizeof(struct shown_flag))

static const char *symbol_name(long value, const struct shown_flag *f, unsigned int n)
{
	for (; n--; f++)
		if (value == f->bit)
			return f->name;
	return "?";
}

static long shown_state(struct task_struct *p, bool preempted, unsigned int state)
{
	if (preempted)
		return SHOWN_PREEMPTED;
	if (state & TASK_DEAD)
		return READ_ONCE(p->exit_state) & EXIT_ZOMBIE ? 0x20 : 0x10;
	if ((state & TASK_IDLE) == TASK_IDLE)
		return 0x80;
	return state & 0x4f;
}

/* Is this event one for the monitors? */
#define MONITORED(nm) (READ_ONCE(trace_event_##nm.on) & TRACE_TO_MONITOR)

#define TABLE(nm, fields) \
	static const struct trace_field fields_##nm[] = {fields(__TRACE_ROW, __TRACE_ROW_ARRAY)}

#define TRACE_ENTRY struct trace_sched_switch
TABLE(sched_switch, FIELDS_sched_switch);
DEFINE_TRACE(sched, sched_switch,
	     "prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s%s ==> next_comm=%s next_pid=%d "
	     "next_prio=%d",
	     REC->prev_comm, REC->prev_pid, REC->prev_prio,
	     (REC->prev_state & 0xff)
		 ? __print_flags(REC->prev_state & 0xff, "|", {0x01, "S"}, {0x02, "D"}, {0x04, "T"},
				 {0x08, "t"}, {0x10, "X"}, {0x20, "Z"}, {0x40, "P"}, {0x80, "I"})
		 : "R",
	     REC->prev_state & 0x100 ? "+" : "", REC->next_comm, REC->next_pid, REC->next_prio);
void __trace_sched_switch(bool preempted, struct task_struct *prev, struct task_struct *next,
			  unsigned int state)
{
	TRACE_ENTRY e = {.prev_pid = prev->pid,
			 .prev_prio = prev->prio,
			 .prev_state = shown_state(prev, preempted, state),
			 .next_pid = next->pid,
			 .next_prio = next->prio};

	if (MONITORED(sched_switch)) {
		monitor_cpu(smp_processor_id(), M_SWITCH);
		monitor_task(prev, !preempted && state ? M_OUT_SLEEP : M_OUT_READY);
		monitor_task(next, M_IN);
	}
	memcpy(e.prev_comm, prev->comm, TRACE_COMM);
	memcpy(e.next_comm, next->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_switch, &e, sizeof(e));
}
#undef TRACE_ENTRY

/* The three wake-ups have one form. */
#define WAKEUP(nm, monitor_event)                                                                  \
	TABLE(nm, FIELDS_sched_wakeup);                                                            \
	DEFINE_TRACE(sched, nm, "comm=%s pid=%d prio=%d target_cpu=%03d", REC->comm, REC->pid,     \
		     REC->prio, REC->target_cpu);                                                  \
	void __trace_##nm(struct task_struct *p)                                                   \
	{                                                                                          \
		struct trace_##nm e = {.pid = p->pid, .prio = p->prio, .target_cpu = task_cpu(p)}; \
                                                                                                   \
		/* Who wakes itself does not sleep, and holds no lock against a waker. */          \
		if (MONITORED(nm) && p != current)                                                 \
			monitor_task(p, monitor_event);                                            \
		memcpy(e.comm, p->comm, TRACE_COMM);                                               \
		trace_emit(&trace_event_##nm, &e, sizeof(e));                                      \
	}
#define TRACE_ENTRY struct trace_sched_wakeup
WAKEUP(sched_waking, M_WAKING)
WAKEUP(sched_wakeup, M_WAKEUP)
WAKEUP(sched_wakeup_new, M_WAKEUP_NEW)
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_migrate_task
TABLE(sched_migrate_task, FIELDS_sched_migrate_task);
DEFINE_TRACE(sched, sched_migrate_task, "comm=%s pid=%d prio=%d orig_cpu=%d dest_cpu=%d", REC->comm,
	     REC->pid, REC->prio, REC->orig_cpu, REC->dest_cpu);
void __trace_sched_migrate_task(struct task_struct *p, int dest_cpu)
{
	TRACE_ENTRY e = {
	    .pid = p->pid, .prio = p->prio, .orig_cpu = task_cpu(p), .dest_cpu = dest_cpu};

	memcpy(e.comm, p->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_migrate_task, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_process_fork
TABLE(sched_process_fork, FIELDS_sched_process_fork);
DEFINE_TRACE(sched, sched_process_fork, "comm=%s pid=%d child_comm=%s child_pid=%d",
	     REC->parent_comm, REC->parent_pid, REC->child_comm, REC->child_pid);
void __trace_sched_process_fork(struct task_struct *parent, struct task_struct *child)
{
	TRACE_ENTRY e = {.parent_pid = parent->pid, .child_pid = child->pid};

	memcpy(e.parent_comm, parent->comm, TRACE_COMM);
	memcpy(e.child_comm, child->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_process_fork, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_process_exec
TABLE(sched_process_exec, FIELDS_sched_process_exec);
DEFINE_TRACE(sched, sched_process_exec, "filename=%s pid=%d old_pid=%d", REC->filename, REC->pid,
	     REC->old_pid);
void __trace_sched_process_exec(struct task_struct *p, int old_pid, const char *filename)
{
	TRACE_ENTRY e = {.pid = p->pid, .old_pid = old_pid};

	strscpy(e.filename, filename, sizeof(e.filename));
	trace_emit(&trace_event_sched_process_exec, &e, sizeof(e));
}
#undef TRACE_ENTRY

static void fill_process(struct trace_sched_process_exit *e, const struct task_struct *p)
{
	memcpy(e->comm, p->comm, TRACE_COMM);
	e->pid = p->pid;
	e->prio = p->prio;
}

#define TRACE_ENTRY struct trace_sched_process_exit
TABLE(sched_process_exit, FIELDS_sched_process);
DEFINE_TRACE(sched, sched_process_exit, "comm=%s pid=%d prio=%d", REC->comm, REC->pid, REC->prio);
void __trace_sched_process_exit(struct task_struct *p)
{
	TRACE_ENTRY e;

	fill_process(&e, p);
	trace_emit(&trace_event_sched_process_exit, &e, sizeof(e));
}
TABLE(sched_process_free, FIELDS_sched_process);
DEFINE_TRACE(sched, sched_process_free, "comm=%s pid=%d prio=%d", REC->comm, REC->pid, REC->prio);
void __trace_sched_process_free(struct task_struct *p)
{
	TRACE_ENTRY e;

	fill_process(&e, p);
	trace_emit(&trace_event_sched_process_free, &e, sizeof(e));
}
TABLE(sched_process_wait, FIELDS_sched_process);
DEFINE_TRACE(sched, sched_process_wait, "comm=%s pid=%d prio=%d", REC->comm, REC->pid, REC->prio);
void __trace_sched_process_wait(int pid)
{
	TRACE_ENTRY e;

	fill_process(&e, current);
	e.pid = pid;
	trace_emit(&trace_event_sched_process_wait, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define STAT(nm)                                                                       \
	TABLE(nm, FIELDS_sched_stat);                                                  \
	DEFINE_TRACE(sched, nm, "comm=%s pid=%d delay=%llu [ns]", REC->comm, REC->pid, \
		     (unsigned long long)REC->delay);                                  \
	void __trace_##nm(struct task_struct *p, u64 delay)                            \
	{                                                                              \
		struct trace_##nm e = {.pid = p->pid, .delay = delay};                 \
                                                                                       \
		memcpy(e.comm, p->comm, TRACE_COMM);                                   \
		trace_emit(&trace_event_##nm, &e, sizeof(e));                          \
	}
#define TRACE_ENTRY struct trace_sched_stat_wait
STAT(sched_stat_wait)
STAT(sched_stat_sleep)
STAT(sched_stat_blocked)
STAT(sched_stat_iowait)
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_stat_runtime
TABLE(sched_stat_runtime, FIELDS_sched_stat_runtime);
DEFINE_TRACE(sched, sched_stat_runtime, "comm=%s pid=%d runtime=%llu [ns] vruntime=%llu [ns]",
	     REC->comm, REC->pid, (unsigned long long)REC->runtime,
	     (unsigned long long)REC->vruntime);
void __trace_sched_stat_runtime(struct task_struct *p, u64 runtime)
{
	TRACE_ENTRY e = {.pid = p->pid, .runtime = runtime, .vruntime = p->se.vruntime};

	memcpy(e.comm, p->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_stat_runtime, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_pi_setprio
TABLE(sched_pi_setprio, FIELDS_sched_pi_setprio);
DEFINE_TRACE(sched, sched_pi_setprio, "comm=%s pid=%d oldprio=%d newprio=%d", REC->comm, REC->pid,
	     REC->oldprio, REC->newprio);
void __trace_sched_pi_setprio(struct task_struct *p, struct task_struct *donor, int newprio)
{
	TRACE_ENTRY e = {.pid = p->pid, .oldprio = p->prio, .newprio = newprio};

	memcpy(e.comm, p->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_pi_setprio, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_pick
TABLE(sched_pick, FIELDS_sched_pick);
DEFINE_TRACE(sched, sched_pick,
	     "comm=%s pid=%d class=%s prio=%d vruntime=%llu lag=%lld deadline=%llu", REC->comm,
	     REC->pid, REC->class, REC->prio, (unsigned long long)REC->vruntime,
	     (long long)REC->lag, (unsigned long long)REC->deadline);
void __trace_sched_pick(struct rq *rq, struct task_struct *p)
{
	TRACE_ENTRY e = {.pid = p->pid, .prio = p->prio};

	memcpy(e.comm, p->comm, TRACE_COMM);
	strscpy(e.class, p->sched_class->name, sizeof(e.class));
	if (p->sched_class == &fair_sched_class) {
		struct cfs_rq *q = cfs_rq_of(&p->se);
		/* cfs keeps no average: its queue's virtual time is min_vruntime. */
		u64 v = q->min_vruntime + (q->avg_load ? q->avg_vruntime / (s64)q->avg_load : 0);

		e.vruntime = p->se.vruntime;
		e.lag = v - p->se.vruntime;
		e.deadline = fair == &eevdf_policy ? p->se.deadline : 0;
	} else if (p->sched_class == &dl_sched_class) {
		e.deadline = p->dl.deadline;
	}
	trace_emit(&trace_event_sched_pick, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_select_cpu
TABLE(sched_select_cpu, FIELDS_sched_select_cpu);
DEFINE_TRACE(sched, sched_select_cpu, "comm=%s pid=%d prev_cpu=%d cpu=%d for=%s why=%s", REC->comm,
	     REC->pid, REC->prev_cpu, REC->cpu,
	     __print_symbolic(REC->flags, {WF_TTWU, "wakeup"}, {WF_FORK, "fork"},
			      {WF_EXEC, "exec"}),
	     __print_symbolic(REC->why, {SELECT_STAY, "stay"}, {SELECT_PINNED, "pinned"},
			      {SELECT_AFFINE, "affine"}, {SELECT_IDLE, "idle"},
			      {SELECT_BALANCE, "balance"}, {SELECT_FALLBACK, "fallback"}));

static enum sched_select_why why_selected(struct task_struct *p, int prev_cpu, int cpu, int flags)
{
	if (p->nr_cpus_allowed == 1 || p->migration_disabled)
		return SELECT_PINNED;
	if (cpu == prev_cpu)
		return SELECT_STAY;
	if (flags & (WF_FORK | WF_EXEC))
		return SELECT_BALANCE;
	if (cpu == (int)smp_processor_id())
		return SELECT_AFFINE;
	return idle_cpu(cpu) ? SELECT_IDLE : SELECT_BALANCE;
}

void __trace_sched_select_cpu(struct task_struct *p, int prev_cpu, int cpu, int flags,
			      bool fallback)
{
	TRACE_ENTRY e = {.pid = p->pid,
			 .prev_cpu = prev_cpu,
			 .cpu = cpu,
			 .flags = flags & (WF_TTWU | WF_FORK | WF_EXEC),
			 .why = fallback ? SELECT_FALLBACK : why_selected(p, prev_cpu, cpu, flags)};

	memcpy(e.comm, p->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_select_cpu, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_entry
TABLE(sched_entry, FIELDS_sched_entry);
DEFINE_TRACE(sched, sched_entry, "preempted=%d preempt_count=%d", REC->preempted,
	     REC->preempt_count);
void __trace_sched_entry(bool preempted)
{
	TRACE_ENTRY e = {.preempted = preempted, .preempt_count = preempt_count()};

	if (MONITORED(sched_entry)) {
		monitor_cpu(smp_processor_id(), preempted ? M_ENTRY_PREEMPT : M_ENTRY);
		if (e.preempt_count != PREEMPT_OFFSET)
			monitor_cpu(smp_processor_id(), M_ENTRY_ATOMIC);
	}
	trace_emit(&trace_event_sched_entry, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_exit
TABLE(sched_exit, FIELDS_sched_exit);
DEFINE_TRACE(sched, sched_exit, "switched=%d", REC->switched);
void __trace_sched_exit(bool switched)
{
	TRACE_ENTRY e = {.switched = switched};

	if (MONITORED(sched_exit))
		monitor_cpu(smp_processor_id(), M_EXIT);
	trace_emit(&trace_event_sched_exit, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_need_resched
TABLE(sched_need_resched, FIELDS_sched_need_resched);
DEFINE_TRACE(sched, sched_need_resched, "comm=%s pid=%d cpu=%d", REC->comm, REC->pid, REC->cpu);
void __trace_sched_need_resched(struct task_struct *p, int cpu)
{
	TRACE_ENTRY e = {.pid = p->pid, .cpu = cpu};

	if (MONITORED(sched_need_resched))
		monitor_cpu(cpu, M_NEED_RESCHED);
	memcpy(e.comm, p->comm, TRACE_COMM);
	trace_emit(&trace_event_sched_need_resched, &e, sizeof(e));
}
#undef TRACE_ENTRY

#define TRACE_ENTRY struct trace_sched_set_state
TABLE(sched_set_state, FIELDS_sched_set_state);
DEFINE_TRACE(sched, sched_set_state, "pid=%d state=%#x", REC->pid, REC->state);
void __trace_sched_set_state(unsigned int state)
{
	TRACE_ENTRY e = {.pid = current->pid, .state = state};

	if (MONITORED(sched_set_state))
		monitor_task(current, state ? M_SET_STATE : M_SET_RUNNING);
	trace_emit(&trace_event_sched_set_state, &e, sizeof(e));
}
#undef TRACE_ENTRY
