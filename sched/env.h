/* SPDX-License-Identifier: MIT */
/*
 * Contract 2: all that the scheduler asks of the world. sched/ includes no other room's
 * headers; what it needs and the field has a name for it uses by that name, and this file says
 * which names those are. The kernel answers in kernel/sched/env.c and in the rooms named here,
 * the simulator in sim/sim_env.c.
 *
 * By their usual names:
 *   clock    sched_clock(): ns, never back on one CPU. jiffies, HZ: the coarse clock of intervals.
 *   timers   hrtimer_init(), hrtimer_start(), hrtimer_cancel(), hrtimer_forward(): callback in
 *	      hard interrupt context, on the CPU that armed it.
 *   poke     arch_send_reschedule(cpu): cpu enters the kernel soon and calls scheduler_ipi().
 *   this CPU smp_processor_id(), current, this_cpu_*(), per_cpu(), and
 *	      arch_switch_to(prev, next): next runs where prev ran.
 *   locks    spinlock_t and its calls; in the simulator they know their owner and their order.
 *   deferral raise_softirq(SCHED_SOFTIRQ): run_rebalance_domains() soon, on this CPU.
 *	      call_rcu(): func when no reader of before is left.
 *	      synchronize_rcu(): until then. cpus_read_lock(): no CPU comes or goes.
 *   tasks    put_task_struct(), fatal_signal_pending(), thread_group_cputime().
 *   waiting  struct completion, struct mutex. The simulator runs what is waited for instead of sleeping.
 *   trace    trace_sched_*() of <jiffy/trace_sched.h>: one untaken branch while nobody listens;
 *	      what is done with an entry is trace_emit()'s business.
 *   log      printk() and its kin, panic(), WARN().
 */
#ifndef SCHED_ENV_H
#define SCHED_ENV_H

#include <arch/boot.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/cpumask.h>
#include <jiffy/cputime.h>
#include <jiffy/interrupt.h>
#include <jiffy/kernel.h>
#include <jiffy/ktime.h>
#include <jiffy/mutex.h>
#include <jiffy/psi.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/sched_group.h>
#include <jiffy/smp.h>
#include <jiffy/stop_machine.h>
#include <jiffy/string.h>
#include <jiffy/trace_sched.h>
#include <jiffy/wait.h>

/*
 * Address spaces at a switch from prev to next; interrupts off, run queue locked. A kernel
 * thread goes on with prev's active_mm. Returns an mm whose borrowed reference ends here and
 * which is to be given to sched_env_mmdrop() after the switch, or NULL.
 */
struct mm_struct *sched_env_switch_mm(struct task_struct *prev, struct task_struct *next);
/* idle, which is on a CPU without having been switched to, borrows the kernel's own mm. */
void sched_env_idle_mm(struct task_struct *idle);
/* [preemption off, no rq lock] */
void sched_env_mmdrop(struct mm_struct *mm);
/* A new task's first steps, on its own stack, preemption on: writes its tid for CLONE_CHILD_SETTID.
 */
void sched_env_first_run(struct task_struct *t);
/*
 * p, which has a restartable sequence area (rseq(2)), loses its CPU, or gets another CPU: before
 * it is in user mode again it may have to hear of it. [rq lock or pi_lock]
 */
void sched_env_rseq_switched_out(struct task_struct *p);
void sched_env_rseq_migrated(struct task_struct *p);
/* p has left its CPU for the last time: its stack and its last own reference go. [preempt off] */
void sched_env_task_dead(struct task_struct *p);

/* Zeroed memory, NULL when there is none; atomic: the caller may not sleep. */
void *sched_env_alloc(size_t size, bool atomic);
void sched_env_free(void *p);

/* Makes the migration thread of cpu, which need not be online; it sleeps. 0, -ENOMEM, -EINTR.
 * [task] */
int sched_env_start_stopper(unsigned int cpu);
/* fn(p, arg) for every task that can be found, idle tasks left out; under RCU. */
void sched_env_for_each_task(void (*fn)(struct task_struct *p, void *arg), void *arg);

/* Where cpu sits (never NULL), and how far two memory nodes are (10: the same one). */
const struct cpu_topology *sched_env_topology(int cpu);
int sched_env_node_distance(int a, int b);
/* How fast cpu is next to the fastest one, which is 1024. */
unsigned long sched_env_cpu_capacity(int cpu);
/*
 * How fast this CPU runs from now on, of the 1,024 of its own highest frequency. [tick, rq lock]
 */
unsigned long sched_env_freq_scale(void);
/* The address space by which the goodness policy knows relatives; NULL for kernel threads. */
const void *sched_env_task_mm(const struct task_struct *p);

/* Resource limits, rights: RLIMIT_NICE and RLIMIT_RTPRIO of p; CAP_SYS_NICE of current. */
unsigned long sched_env_rlimit_nice(const struct task_struct *p);
unsigned long sched_env_rlimit_rtprio(const struct task_struct *p);
bool sched_env_capable_nice(void);
/* Is current's effective user the owner of p? */
bool sched_env_same_owner(struct task_struct *p);
/* The real-time task p has run for `ticks` ticks without sleeping: RLIMIT_RTTIME. [tick, no rq
 * lock] */
void sched_env_rt_watchdog(struct task_struct *p, unsigned long ticks);
/* The deadline task p, which asked for it, has used more than its runtime. [tick, no rq lock] */
void sched_env_dl_overrun(struct task_struct *p);
/* What was last reported as the times of p's process. */
struct prev_cputime *sched_env_group_prev_cputime(struct task_struct *p);
/* p's own priority was set: owners of locks that it waits for must inherit it. [no locks] */
void sched_env_prio_changed(struct task_struct *p);
/* fn(t, arg) for every thread t of p's process. [task] */
void sched_env_for_each_thread(struct task_struct *p, void (*fn)(struct task_struct *t, void *arg),
			       void *arg);

#endif
