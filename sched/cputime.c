/* SPDX-License-Identifier: MIT */
/*
 * CPU time by kind. The tick samples: the whole tick goes to what it interrupted. That is right
 * on average and wrong for those that run in step with the tick; so times that programs see are
 * the exact run time, which the scheduler measures, split in the sampled proportion.
 */
#include "internal.h"

DEFINE_PER_CPU(struct kernel_cpustat, kernel_cpustat);

static void add_cpustat(enum cpu_usage_stat kind, u64 delta)
{
	struct kernel_cpustat *st = this_cpu_ptr(&kernel_cpustat);

	WRITE_ONCE(st->cpustat[kind], st->cpustat[kind] + delta);
}

/*
 * In hard interrupt context by the tick's own interrupt: what was interrupted shows in the count
 * less that. Idle time is measured by the idle loop itself, for its ticks do not come.
 */
void account_process_tick(struct task_struct *p, bool user)
{
	if (user) {
		WRITE_ONCE(p->utime, p->utime + TICK_NSEC);
		add_cpustat(task_nice(p) > 0 ? CPUTIME_NICE : CPUTIME_USER, TICK_NSEC);
		return;
	}
	if (hardirq_count() > HARDIRQ_OFFSET) {
		add_cpustat(CPUTIME_IRQ, TICK_NSEC);
	} else if (in_serving_softirq()) {
		add_cpustat(CPUTIME_SOFTIRQ, TICK_NSEC);
	} else if (!is_idle_task(p)) {
		add_cpustat(CPUTIME_SYSTEM, TICK_NSEC);
	} else {
		return;
	}
	if (is_idle_task(p))
		return;
	WRITE_ONCE(p->stime, p->stime + TICK_NSEC);
}

void account_idle_ticks(unsigned long ticks)
{
	add_cpustat(atomic_read(&this_rq()->nr_iowait) ? CPUTIME_IOWAIT : CPUTIME_IDLE,
		    jiffies_to_nsecs(ticks));
}

u64 get_cpu_idle_time(int cpu)
{
	return READ_ONCE(kcpustat_cpu(cpu).cpustat[CPUTIME_IDLE]);
}

u64 get_cpu_iowait_time(int cpu)
{
	return READ_ONCE(kcpustat_cpu(cpu).cpustat[CPUTIME_IOWAIT]);
}

void task_cputime(struct task_struct *p, u64 *utime, u64 *stime)
{
	*utime = READ_ONCE(p->utime);
	*stime = READ_ONCE(p->stime);
}

/*
 * runtime split as utime : stime, each at least what was reported before and both together
 * runtime. When one would shrink it stays, and the other gets the rest; when runtime itself is
 * behind what was reported (it is read before the last charge), nothing changes.
 */
void cputime_adjust(struct prev_cputime *prev, u64 runtime, u64 utime, u64 stime, u64 *ut, u64 *st)
{
	unsigned long flags;

	spin_lock_irqsave(&prev->lock, flags);
	if (prev->utime + prev->stime < runtime) {
		if (!stime)
			utime = runtime;
		else if (!utime)
			stime = runtime;
		else
			stime = mul_u64_u64_div_u64(stime, runtime, stime + utime);
		stime = max(stime, prev->stime);
		stime = min(stime, runtime);
		utime = runtime - stime;
		if (utime < prev->utime) {
			utime = prev->utime;
			stime = runtime - utime;
		}
		prev->utime = utime;
		prev->stime = stime;
	}
	*ut = prev->utime;
	*st = prev->stime;
	spin_unlock_irqrestore(&prev->lock, flags);
}

void task_cputime_adjusted(struct task_struct *p, u64 *utime, u64 *stime)
{
	u64 ut, st, runtime = task_sched_runtime(p);

	task_cputime(p, &ut, &st);
	cputime_adjust(&p->prev_cputime, runtime, ut, st, utime, stime);
}

void thread_group_cputime_adjusted(struct task_struct *p, u64 *utime, u64 *stime)
{
	struct task_cputime t;

	thread_group_cputime(p, &t);
	cputime_adjust(sched_env_group_prev_cputime(p), t.sum_exec_runtime, t.utime, t.stime, utime,
		       stime);
}
