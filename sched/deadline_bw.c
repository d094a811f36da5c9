/* SPDX-License-Identifier: MIT */
/*
 * Bandwidth of deadline tasks: their parameters, admission to a root domain, and each CPU's sums
 * by which a task may reclaim what others leave. rq->lock unless said; a root domain's sum is
 * under its dl_bw.lock.
 *
 * Reclaiming (GRUB: Lipari and Baruah, 2000; per CPU as in Abeni, Lelli, Scordino and Palopoli,
 * 2014): a task with SCHED_FLAG_RECLAIM may also use what others were promised and do not use.
 * this_bw is the bandwidth of the tasks that belong to a CPU, running_bw of those that are
 * active: queued, or asleep but still within the time that the bandwidth they used up to now
 * covers, which ends at the 0-lag time
 *
 *	deadline - runtime * dl_period / dl_runtime
 *
 * when the inactive timer takes them out. A reclaiming task's runtime is charged by
 * delta * U / Umax with U = Umax - Uinactive - Uextra, but at least its own bandwidth, where
 * Uinactive = this_bw - running_bw and Uextra is what admission has left of the CPU's part.
 */
#include "deadline.h"

#define BW_SHIFT 20
#define BW_UNIT	 (1 << BW_SHIFT)
#define DL_FLAGS (SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN)

static u64 to_ratio(u64 period, u64 runtime)
{
	return period ? (u64)(((unsigned __int128)runtime << BW_SHIFT) / period) : 0;
}

u64 dl_global_bw(void)
{
	if (sysctl_sched_rt_runtime_us < 0)
		return DL_BW_INF;
	return to_ratio(sysctl_sched_rt_period_us, sysctl_sched_rt_runtime_us);
}

/* May `total` be promised where each of `cpus` CPUs stands for bw? */
static bool dl_bw_fits(u64 bw, unsigned int cpus, u64 total)
{
	return bw == DL_BW_INF || total <= bw * cpus;
}

/* dl_se's bandwidth is among those of rq's CPU; it is an active one there. Each counts once. */
static void attach_bw(struct rq *rq, struct sched_dl_entity *dl_se)
{
	if (dl_se->dl_attached)
		return;
	dl_se->dl_attached = 1;
	rq->dl.this_bw += dl_se->dl_bw;
}

static void add_running_bw(struct rq *rq, struct sched_dl_entity *dl_se)
{
	attach_bw(rq, dl_se);
	if (dl_se->dl_active)
		return;
	dl_se->dl_active = 1;
	rq->dl.running_bw += dl_se->dl_bw;
}

static void sub_running_bw(struct rq *rq, struct sched_dl_entity *dl_se)
{
	if (!dl_se->dl_active)
		return;
	dl_se->dl_active = 0;
	rq->dl.running_bw -= dl_se->dl_bw;
}

/* No longer waiting for its 0-lag time. A callback that runs now finds that, and does nothing. */
static void cancel_inactive_timer(struct sched_dl_entity *dl_se)
{
	if (!dl_se->dl_non_contending)
		return;
	dl_se->dl_non_contending = 0;
	if (hrtimer_try_to_cancel(&dl_se->inactive_timer) == 1)
		put_task_struct(dl_task_of(dl_se));
}

/* dl_se goes elsewhere, ends, or gets another bandwidth. */
void detach_bw(struct rq *rq, struct sched_dl_entity *dl_se)
{
	lockdep_assert_held(&rq->lock);
	cancel_inactive_timer(dl_se);
	sub_running_bw(rq, dl_se);
	if (!dl_se->dl_attached)
		return;
	dl_se->dl_attached = 0;
	rq->dl.this_bw -= dl_se->dl_bw;
}

/* dl_se wants the CPU. */
void task_contending(struct rq *rq, struct sched_dl_entity *dl_se)
{
	cancel_inactive_timer(dl_se);
	add_running_bw(rq, dl_se);
}

/* dl_se sleeps: what it has used so far counts until its 0-lag time. */
void task_non_contending(struct rq *rq, struct task_struct *p)
{
	struct sched_dl_entity *dl_se = &p->dl;
	s64 wait;

	if (!dl_se->dl_runtime || dl_se->dl_non_contending)
		return;
	wait = dl_se->deadline - rq_clock(rq);
	if (dl_se->runtime > 0)
		wait -= mul_u64_u64_div_u64(dl_se->runtime, dl_se->dl_period, dl_se->dl_runtime);
	if (wait <= 0) {
		sub_running_bw(rq, dl_se);
		return;
	}
	dl_se->dl_non_contending = 1;
	/* The timer's reference; one whose callback is about to run still has its own. */
	get_task_struct(p);
	hrtimer_start(&dl_se->inactive_timer, wait, HRTIMER_MODE_REL_PINNED);
}

/* [hardirq] The 0-lag time. */
static enum hrtimer_restart inactive_task_timer(struct hrtimer *timer)
{
	struct sched_dl_entity *dl_se = container_of(timer, struct sched_dl_entity, inactive_timer);
	struct task_struct *p = dl_task_of(dl_se);
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	if (dl_se->dl_non_contending) {
		dl_se->dl_non_contending = 0;
		sub_running_bw(rq, dl_se);
	}
	task_rq_unlock(rq, p, &flags);
	put_task_struct(p);
	return HRTIMER_NORESTART;
}

void init_inactive_timer(struct sched_dl_entity *dl_se)
{
	hrtimer_init(&dl_se->inactive_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	dl_se->inactive_timer.function = inactive_task_timer;
}

/* What delta ns cost a task that reclaims. */
u64 grub_reclaim(struct rq *rq, struct sched_dl_entity *dl_se, u64 delta)
{
	u64 max = min(READ_ONCE(rq->rd->dl_bw.bw), (u64)BW_UNIT);
	u64 inactive = rq->dl.this_bw - rq->dl.running_bw, extra, part;
	unsigned int cpus = cpumask_weight(&rq->rd->span);

	part = READ_ONCE(rq->rd->dl_bw.total_bw) / max(cpus, 1u);
	extra = max > part ? max - part : 0;
	if (!max)
		return delta;
	if (inactive + extra + dl_se->dl_bw > max)
		return mul_u64_u64_div_u64(delta, dl_se->dl_bw, max);
	return mul_u64_u64_div_u64(delta, max - inactive - extra, max);
}

void __setparam_dl(struct task_struct *p, const struct sched_attr *attr)
{
	struct sched_dl_entity *dl_se = &p->dl;

	dl_se->dl_runtime = attr->sched_runtime;
	dl_se->dl_deadline = attr->sched_deadline;
	dl_se->dl_period = attr->sched_period ? attr->sched_period : attr->sched_deadline;
	dl_se->flags = attr->sched_flags & DL_FLAGS;
	dl_se->dl_bw = to_ratio(dl_se->dl_period, dl_se->dl_runtime);
	dl_se->dl_density = to_ratio(dl_se->dl_deadline, dl_se->dl_runtime);
	attach_bw(task_rq(p), dl_se);
}

void __getparam_dl(struct task_struct *p, struct sched_attr *attr)
{
	attr->sched_priority = p->rt_priority;
	attr->sched_runtime = p->dl.dl_runtime;
	attr->sched_deadline = p->dl.dl_deadline;
	attr->sched_period = p->dl.dl_period;
	attr->sched_flags |= p->dl.flags;
}

bool dl_param_changed(struct task_struct *p, const struct sched_attr *attr)
{
	u64 period = attr->sched_period ? attr->sched_period : attr->sched_deadline;

	return p->dl.dl_runtime != attr->sched_runtime ||
	       p->dl.dl_deadline != attr->sched_deadline || p->dl.dl_period != period ||
	       p->dl.flags != (attr->sched_flags & DL_FLAGS);
}

/*
 * runtime <= deadline <= period, at least 1,024 ns of runtime (finer than the clock of old
 * machines is no promise), periods from 100 us to 4 s, and no sign bits, for times are compared
 * by their difference.
 */
bool __checkparam_dl(const struct sched_attr *attr)
{
	u64 period = attr->sched_period ? attr->sched_period : attr->sched_deadline;

	if (!attr->sched_deadline || attr->sched_runtime < 1024)
		return false;
	if ((attr->sched_deadline | attr->sched_period) >> 63)
		return false;
	if (period < attr->sched_deadline || attr->sched_deadline < attr->sched_runtime)
		return false;
	return period >= 100 * NSEC_PER_USEC && period <= (u64)(1 << 22) * NSEC_PER_USEC;
}

/* How many CPUs stand behind the promises. [dl_bw.lock] */
static unsigned int dl_bw_cpus(struct root_domain *rd)
{
	unsigned int cpu, cpus = 0;

	for_each_cpu_and (cpu, &rd->span, cpu_active_mask)
		cpus++;
	return min(cpus, rd->dl_bw.most_cpus);
}

/*
 * cpu is not active from here on, unless it is the last one that is, or what was promised needs
 * it: then false. [task]
 */
bool dl_bw_give_up_cpu(struct root_domain *rd, unsigned int cpu)
{
	struct dl_bandwidth *b = &rd->dl_bw;
	unsigned long flags;
	unsigned int left;
	bool ok;

	raw_spin_lock_irqsave(&b->lock, flags);
	left = dl_bw_cpus(rd) - 1;
	ok = cpumask_weight(cpu_active_mask) > 1 && dl_bw_fits(b->bw, left, b->total_bw);
	if (ok)
		cpumask_clear_cpu(cpu, &__cpu_active_mask);
	raw_spin_unlock_irqrestore(&b->lock, flags);
	return ok;
}

struct root_domain *dl_root_of(struct task_struct *p)
{
	unsigned int cpu = task_cpu(p), other;

	/* A sleeper that may not come back to where it was. */
	if (!cpumask_test_cpu(cpu, p->cpus_ptr)) {
		other = cpumask_first_and(p->cpus_ptr, cpu_active_mask);
		if (other < nr_cpu_ids)
			cpu = other;
	}
	return cpu_rq(cpu)->rd;
}

bool dl_affinity_ok(struct task_struct *p, const cpumask_t *cpus)
{
	const struct root_domain *rd = dl_root_of(p);

	/* Global EDF keeps its promises where each task may use every CPU. */
	return rd->dl_bw.bw == DL_BW_INF || (rd->dl_bw.bw && cpumask_subset(&rd->span, cpus));
}

/* rd counts bw more as promised; it may be negative. [any] */
static void change_promised(struct root_domain *rd, s64 bw)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&rd->dl_bw.lock, flags);
	rd->dl_bw.total_bw += bw;
	raw_spin_unlock_irqrestore(&rd->dl_bw.lock, flags);
}

void dl_bw_follow(struct task_struct *p, struct root_domain *rd)
{
	struct root_domain *old = p->dl.dl_rd;

	if (likely(!old || old == rd))
		return;
	change_promised(old, -(s64)p->dl.dl_bw);
	change_promised(rd, p->dl.dl_bw);
	refcount_inc(&rd->refcount);
	p->dl.dl_rd = rd;
	put_rootdomain(old);
}

/* p has, or has no longer, a part in what rd counts. */
static void hold_root(struct task_struct *p, struct root_domain *rd)
{
	struct root_domain *old = p->dl.dl_rd;

	if (old == rd)
		return;
	if (rd)
		refcount_inc(&rd->refcount);
	p->dl.dl_rd = rd;
	if (old)
		put_rootdomain(old);
}

/* Admission of p's new parameters, or its leave. True: there is no room. */
int sched_dl_overflow(struct task_struct *p, int policy, const struct sched_attr *attr)
{
	struct root_domain *rd = dl_root_of(p);
	struct dl_bandwidth *b = &rd->dl_bw;
	u64 period = attr->sched_period ? attr->sched_period : attr->sched_deadline;
	u64 new_bw = dl_policy(policy) ? to_ratio(period, attr->sched_runtime) : 0;
	u64 old_bw = dl_policy(p->policy) ? p->dl.dl_bw : 0;
	int err = 0;

	dl_bw_follow(p, rd);
	raw_spin_lock(&b->lock);
	if (new_bw > old_bw && !sched_mutant(DL_ADMITS_ALL) &&
	    !dl_bw_fits(b->bw, dl_bw_cpus(rd), b->total_bw - old_bw + new_bw))
		err = -1;
	else
		b->total_bw = b->total_bw - old_bw + new_bw;
	raw_spin_unlock(&b->lock);
	if (err)
		return err;
	hold_root(p, dl_policy(policy) ? rd : NULL);
	/* The old bandwidth leaves the CPU's sums; the new one comes with the parameters. */
	detach_bw(task_rq(p), &p->dl);
	return 0;
}

int sched_dl_can_move(struct task_struct *p, const cpumask_t *cpus)
{
	unsigned int cpu = cpumask_first_and(cpus, cpu_active_mask);
	struct dl_bandwidth *b;
	unsigned long flags;
	struct rq *rq;
	int err = 0;

	rq = task_rq_lock(p, &flags);
	if (dl_policy(p->policy) && cpu < nr_cpu_ids && cpu_rq(cpu)->rd != p->dl.dl_rd) {
		b = &cpu_rq(cpu)->rd->dl_bw;
		raw_spin_lock(&b->lock);
		if (!dl_bw_fits(b->bw, dl_bw_cpus(cpu_rq(cpu)->rd), b->total_bw + p->dl.dl_bw))
			err = -EBUSY;
		raw_spin_unlock(&b->lock);
	}
	task_rq_unlock(rq, p, &flags);
	return err;
}

/* [any] rd promises no more than so many CPUs hold, from now on. False: it has done so. */
static bool limit_cpus(struct root_domain *rd, unsigned int cpus)
{
	struct dl_bandwidth *b = &rd->dl_bw;
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&b->lock, flags);
	ok = dl_bw_fits(b->bw, cpus, b->total_bw);
	if (ok)
		b->most_cpus = cpus;
	raw_spin_unlock_irqrestore(&b->lock, flags);
	return ok;
}

void dl_bw_shrunk(const cpumask_t *cpus)
{
	unsigned long flags;
	unsigned int cpu;

	rcu_read_lock();
	for_each_cpu (cpu, cpus) {
		struct dl_bandwidth *b = &cpu_rq(cpu)->rd->dl_bw;

		raw_spin_lock_irqsave(&b->lock, flags);
		b->most_cpus = NR_CPUS;
		raw_spin_unlock_irqrestore(&b->lock, flags);
	}
	rcu_read_unlock();
}

int sched_dl_shrink(const cpumask_t *from, const cpumask_t *to, bool apart)
{
	unsigned int cpu, left = 0;
	int err = 0;

	for_each_cpu_and (cpu, to, cpu_active_mask)
		left++;
	rcu_read_lock();
	for_each_cpu (cpu, from) {
		if (apart)
			left = cpumask_test_cpu(cpu, to) && cpu_active(cpu);
		if (!limit_cpus(cpu_rq(cpu)->rd, left)) {
			err = -EBUSY;
			break;
		}
	}
	rcu_read_unlock();
	if (err)
		dl_bw_shrunk(from);
	return err;
}

/* The bandwidth was promised to a task that is no more. */
void withdraw_bw(struct task_struct *p)
{
	if (!p->dl.dl_rd)
		return;
	change_promised(p->dl.dl_rd, -(s64)p->dl.dl_bw);
	hold_root(p, NULL);
}

/* [any] rd's part of each CPU becomes bw, unless more than that is promised: then false. */
static bool set_root_bw(struct root_domain *rd, u64 bw, bool force)
{
	struct dl_bandwidth *b = &rd->dl_bw;
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&b->lock, flags);
	ok = force || dl_bw_fits(bw, dl_bw_cpus(rd), b->total_bw);
	if (ok)
		WRITE_ONCE(b->bw, bw);
	raw_spin_unlock_irqrestore(&b->lock, flags);
	return ok;
}

/*
 * A root domain that has the new part admits by it from that moment on, so nothing that came in
 * between can be too much when the last one has agreed. When one does not, those that did get the
 * old part back.
 */
int dl_set_global_bw(u64 bw)
{
	u64 old = dl_global_bw();
	unsigned int cpu, undone;
	int err = 0;

	rcu_read_lock();
	for_each_possible_cpu (cpu) {
		if (set_root_bw(cpu_rq(cpu)->rd, bw, false))
			continue;
		for_each_possible_cpu (undone)
			set_root_bw(cpu_rq(undone)->rd, old, true);
		err = -EBUSY;
		break;
	}
	rcu_read_unlock();
	return err;
}
