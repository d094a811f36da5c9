/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's tracepoints and the entries they leave. The names and fields are those of
 * Linux's sched events, so that tools for them understand ours; sched_pick, sched_select_cpu and
 * the last group are our own. trace/sched_events.c; contexts in <jiffy/tracepoint.h>.
 */
#ifndef JIFFY_TRACE_SCHED_H
#define JIFFY_TRACE_SCHED_H

#include <jiffy/tracepoint.h>

struct task_struct;
struct rq;

#define TRACE_COMM 16 /* bytes of a task's name */

/* prev leaves the CPU to next; state: prev's, as it went in; preempted: it did not ask to. */
DECLARE_TRACE(sched_switch,
	      (bool preempted, struct task_struct *prev, struct task_struct *next,
	       unsigned int state),
	      (preempted, prev, next, state))
/* p is about to be woken [on the waker's CPU]; is awake; a new task is. */
DECLARE_TRACE(sched_waking, (struct task_struct * p), (p))
DECLARE_TRACE(sched_wakeup, (struct task_struct * p), (p))
DECLARE_TRACE(sched_wakeup_new, (struct task_struct * p), (p))
/* p, not running, is about to belong to dest_cpu. */
DECLARE_TRACE(sched_migrate_task, (struct task_struct * p, int dest_cpu), (p, dest_cpu))
DECLARE_TRACE(sched_process_fork, (struct task_struct * parent, struct task_struct *child),
	      (parent, child))
/* p runs a new program; old_pid: the thread's id before it became the leader. */
DECLARE_TRACE(sched_process_exec, (struct task_struct * p, int old_pid, const char *filename),
	      (p, old_pid, filename))
DECLARE_TRACE(sched_process_exit, (struct task_struct * p), (p))
/* current begins to wait for a child; pid 0: for any. */
DECLARE_TRACE(sched_process_wait, (int pid), (pid))
DECLARE_TRACE(sched_process_free, (struct task_struct * p), (p))
/* How long p waited for a CPU, slept, was blocked, was blocked for I/O, ran; ns. */
DECLARE_TRACE(sched_stat_wait, (struct task_struct * p, u64 delay), (p, delay))
DECLARE_TRACE(sched_stat_sleep, (struct task_struct * p, u64 delay), (p, delay))
DECLARE_TRACE(sched_stat_blocked, (struct task_struct * p, u64 delay), (p, delay))
DECLARE_TRACE(sched_stat_iowait, (struct task_struct * p, u64 delay), (p, delay))
DECLARE_TRACE(sched_stat_runtime, (struct task_struct * p, u64 runtime), (p, runtime))
/* p gets the priority newprio, lent by donor (NULL: a loan ends). */
DECLARE_TRACE(sched_pi_setprio, (struct task_struct * p, struct task_struct *donor, int newprio),
	      (p, donor, newprio))

/*
 * Why p was picked on rq: its class; for fair its vruntime, lag (the queue's virtual time less
 * the task's own, ns of virtual time, positive: it is owed) and virtual deadline; for deadline
 * the absolute deadline; for the others the priority, or what is left of the time slice.
 * [rq->lock]
 */
DECLARE_TRACE(sched_pick, (struct rq * rq, struct task_struct *p), (rq, p))
/*
 * p goes to cpu; prev_cpu: where it was; fallback: what its class chose is not there. The entry
 * says why, as the outcome shows it. [pi_lock]
 */
enum sched_select_why {
	SELECT_STAY,	 /* it stays where it was */
	SELECT_PINNED,	 /* no other is allowed */
	SELECT_AFFINE,	 /* near its waker */
	SELECT_IDLE,	 /* one that idles, near where it was */
	SELECT_BALANCE,	 /* the least loaded (fork, exec) */
	SELECT_FALLBACK, /* what it asked for is not there */
};
DECLARE_TRACE(sched_select_cpu,
	      (struct task_struct * p, int prev_cpu, int cpu, int flags, bool fallback),
	      (p, prev_cpu, cpu, flags, fallback))

/* For the monitors: a CPU enters and leaves __schedule(); rq's current one shall be preempted. */
DECLARE_TRACE(sched_entry, (bool preempted), (preempted))
DECLARE_TRACE(sched_exit, (bool switched), (switched))
DECLARE_TRACE(sched_need_resched, (struct task_struct * p, int cpu), (p, cpu))
/* current sets its own state. */
DECLARE_TRACE(sched_set_state, (unsigned int state), (state))

/* The entries. A and F are given by who wants types or tables. */
#define FIELDS_sched_switch(F, A)                                                       \
	A(char, prev_comm, 16)                                                          \
	F(pid_t, prev_pid)                                                              \
	F(int, prev_prio) F(long, prev_state) A(char, next_comm, 16) F(pid_t, next_pid) \
	    F(int, next_prio)
#define FIELDS_sched_wakeup(F, A) A(char, comm, 16) F(pid_t, pid) F(int, prio) F(int, target_cpu)
#define FIELDS_sched_migrate_task(F, A) \
	A(char, comm, 16) F(pid_t, pid) F(int, prio) F(int, orig_cpu) F(int, dest_cpu)
#define FIELDS_sched_process_fork(F, A) \
	A(char, parent_comm, 16)        \
	F(pid_t, parent_pid) A(char, child_comm, 16) F(pid_t, child_pid)
#define FIELDS_sched_process_exec(F, A) A(char, filename, 128) F(pid_t, pid) F(pid_t, old_pid)
#define FIELDS_sched_process(F, A)	A(char, comm, 16) F(pid_t, pid) F(int, prio)
#define FIELDS_sched_stat(F, A)		A(char, comm, 16) F(pid_t, pid) F(u64, delay)
#define FIELDS_sched_stat_runtime(F, A) \
	A(char, comm, 16) F(pid_t, pid) F(u64, runtime) F(u64, vruntime)
#define FIELDS_sched_pi_setprio(F, A) \
	A(char, comm, 16) F(pid_t, pid) F(int, oldprio) F(int, newprio)
#define FIELDS_sched_pick(F, A) \
	A(char, comm, 16)       \
	F(pid_t, pid) A(char, class, 12) F(int, prio) F(u64, vruntime) F(s64, lag) F(u64, deadline)
#define FIELDS_sched_select_cpu(F, A) \
	A(char, comm, 16)             \
	F(pid_t, pid) F(int, prev_cpu) F(int, cpu) F(int, flags) F(int, why)
#define FIELDS_sched_entry(F, A)	F(int, preempted) F(int, preempt_count)
#define FIELDS_sched_exit(F, A)		F(int, switched)
#define FIELDS_sched_need_resched(F, A) A(char, comm, 16) F(pid_t, pid) F(int, cpu)
#define FIELDS_sched_set_state(F, A)	F(pid_t, pid) F(int, state)

#define __TRACE_STRUCT(nm, fields)                           \
	struct trace_##nm {                                  \
		fields(__TRACE_MEMBER, __TRACE_MEMBER_ARRAY) \
	}
__TRACE_STRUCT(sched_switch, FIELDS_sched_switch);
__TRACE_STRUCT(sched_waking, FIELDS_sched_wakeup);
__TRACE_STRUCT(sched_wakeup, FIELDS_sched_wakeup);
__TRACE_STRUCT(sched_wakeup_new, FIELDS_sched_wakeup);
__TRACE_STRUCT(sched_migrate_task, FIELDS_sched_migrate_task);
__TRACE_STRUCT(sched_process_fork, FIELDS_sched_process_fork);
__TRACE_STRUCT(sched_process_exec, FIELDS_sched_process_exec);
__TRACE_STRUCT(sched_process_exit, FIELDS_sched_process);
__TRACE_STRUCT(sched_process_wait, FIELDS_sched_process);
__TRACE_STRUCT(sched_process_free, FIELDS_sched_process);
__TRACE_STRUCT(sched_stat_wait, FIELDS_sched_stat);
__TRACE_STRUCT(sched_stat_sleep, FIELDS_sched_stat);
__TRACE_STRUCT(sched_stat_blocked, FIELDS_sched_stat);
__TRACE_STRUCT(sched_stat_iowait, FIELDS_sched_stat);
__TRACE_STRUCT(sched_stat_runtime, FIELDS_sched_stat_runtime);
__TRACE_STRUCT(sched_pi_setprio, FIELDS_sched_pi_setprio);
__TRACE_STRUCT(sched_pick, FIELDS_sched_pick);
__TRACE_STRUCT(sched_select_cpu, FIELDS_sched_select_cpu);
__TRACE_STRUCT(sched_entry, FIELDS_sched_entry);
__TRACE_STRUCT(sched_exit, FIELDS_sched_exit);
__TRACE_STRUCT(sched_need_resched, FIELDS_sched_need_resched);
__TRACE_STRUCT(sched_set_state, FIELDS_sched_set_state);

#endif
