/* SPDX-License-Identifier: MIT */
/*
 * Where CPU time goes: per CPU for /proc/stat, per task and per process for times(2),
 * getrusage(2) and the CPU-time clocks. All values are nanoseconds. The tick samples what a CPU
 * does; the sums of a task are scaled so that user + system is what it really ran.
 * sched/cputime.c.
 */
#ifndef JIFFY_CPUTIME_H
#define JIFFY_CPUTIME_H

#include <jiffy/percpu.h>
#include <jiffy/types.h>

struct prev_cputime;
struct task_struct;

/* In the order of the columns of /proc/stat (proc(5)). */
enum cpu_usage_stat {
	CPUTIME_USER,
	CPUTIME_NICE,
	CPUTIME_SYSTEM,
	CPUTIME_IDLE,
	CPUTIME_IOWAIT,
	CPUTIME_IRQ,
	CPUTIME_SOFTIRQ,
	CPUTIME_STEAL,
	CPUTIME_GUEST,
	CPUTIME_GUEST_NICE,
	NR_STATS,
};

/* Written by its own CPU only, with interrupts off; others read single words. */
struct kernel_cpustat {
	u64 cpustat[NR_STATS];
};
DECLARE_PER_CPU(struct kernel_cpustat, kernel_cpustat);
#define kcpustat_cpu(cpu) per_cpu(kernel_cpustat, cpu)

struct task_cputime {
	u64 utime, stime, sum_exec_runtime;
};

/*
 * [hardirq, from the tick] The span of one tick belongs to p, in user mode when user is true.
 * The idle task's goes to idle, or to iowait when a task of this CPU waits for a device.
 */
void account_process_tick(struct task_struct *p, bool user);
/* [irqs off] ticks that were left out while this CPU idled. */
void account_idle_ticks(unsigned long ticks);

/* [any] Sampled sums of one task (its running span too), and of its whole thread group. */
void task_cputime(struct task_struct *p, u64 *utime, u64 *stime);
void thread_group_cputime(struct task_struct *p, struct task_cputime *times);
/* [any] The same, scaled to the exact run time; neither value ever runs backwards. */
void task_cputime_adjusted(struct task_struct *p, u64 *utime, u64 *stime);
void thread_group_cputime_adjusted(struct task_struct *p, u64 *utime, u64 *stime);

/*
 * runtime split as utime : stime, all ns, so that neither part is ever less than what prev says
 * was answered before. [any]
 */
void cputime_adjust(struct prev_cputime *prev, u64 runtime, u64 utime, u64 stime, u64 *ut, u64 *st);

/* [any] ns that cpu has idled: with no task waiting for a device, and with one. */
u64 get_cpu_idle_time(int cpu);
u64 get_cpu_iowait_time(int cpu);

#endif
