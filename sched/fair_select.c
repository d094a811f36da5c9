/* SPDX-License-Identifier: MIT */
/*
 * Which CPU a fair task goes to when it is woken, forked or execs. pi_lock held, no rq->lock:
 * what is read of run queues is a hint. Waking: between the CPU where it ran and the waker's,
 * then an idle one that shares its cache. Fork and exec: down the domains to the idlest.
 */
#include "internal.h"

/*
 * A waker of many different tasks (a server) is told from one that talks to a partner by how
 * often the task that it wakes changes. Halved each second.
 */
static void record_wakee(struct task_struct *p)
{
	struct task_struct *waker = current;

	if (time_after(jiffies, waker->wakee_flip_decay_ts + HZ)) {
		waker->wakee_flips >>= 1;
		waker->wakee_flip_decay_ts = jiffies;
	}
	if (waker->last_wakee != p) {
		waker->last_wakee = p;
		waker->wakee_flips++;
	}
}

/* Waker and wakee have more partners than one cache domain has CPUs: pulling would crowd it. */
static bool wake_wide(struct task_struct *p)
{
	unsigned int master = current->wakee_flips, slave = p->wakee_flips;
	unsigned int factor = per_cpu(sd_llc_size, smp_processor_id());

	if (master < slave)
		swap(master, slave);
	return slave >= factor && master >= slave * factor;
}

static bool available_idle(int cpu)
{
	return idle_cpu(cpu);
}

/* The waker's CPU when its load, with p there, is less than prev's without; else prev. */
static int wake_affine(struct sched_domain *sd, struct task_struct *p, int this_cpu, int prev,
		       bool sync)
{
	s64 this_load, prev_load;
	unsigned long load;

	if (sched_feat(WA_IDLE)) {
		/* An interrupt on an idle CPU woke p: the device's data may be warm here. */
		if (available_idle(this_cpu) && cpus_share_cache(this_cpu, prev))
			return available_idle(prev) ? prev : this_cpu;
		if (sync && READ_ONCE(cpu_rq(this_cpu)->nr_running) == 1)
			return this_cpu;
		if (available_idle(prev))
			return prev;
	}
	if (!sched_feat(WA_WEIGHT))
		return prev;
	this_load = cpu_load(cpu_rq(this_cpu));
	if (sync) {
		load = task_h_load(current);
		if ((s64)load > this_load)
			return this_cpu;
		this_load -= load;
	}
	load = task_h_load(p);
	this_load = (this_load + (s64)load) * (s64)capacity_of(prev) * 100;
	/* A move must be worth it: half of what the domain tolerates as imbalance. */
	prev_load = ((s64)cpu_load(cpu_rq(prev)) - (s64)load) * (s64)capacity_of(this_cpu) *
		    (100 + (sd->imbalance_pct - 100) / 2);
	return this_load < prev_load + (sync ? 1 : 0) ? this_cpu : prev;
}

/* An idle CPU of target's cache domain. How many are looked at follows how long target idles. */
static int select_idle_cpu(struct task_struct *p, int target)
{
	struct sched_domain *sd = rcu_dereference(per_cpu(sd_llc, target));
	unsigned int cpu;
	int nr = INT32_MAX;

	if (!sd)
		return -1;
	if (sd->span_weight > 16) {
		u64 avg = READ_ONCE(cpu_rq(smp_processor_id())->avg_idle);

		nr = max_t(u64, 4, min_t(u64, sd->span_weight, avg / 16384));
	}
	for_each_cpu_wrap (cpu, &sd->span, target) {
		if (!cpumask_test_cpu(cpu, p->cpus_ptr) || !cpu_active(cpu))
			continue;
		if (available_idle(cpu))
			return cpu;
		if (!--nr)
			break;
	}
	return -1;
}

/* How much of the fastest CPU p uses; the old form of tracking knows only when it wants one. */
static unsigned long task_util(struct task_struct *p)
{
	const struct sched_avg *sa = &p->se.avg;

	if (load_choice == LOAD_PELT_4_0)
		return (u64)sa->runnable_avg_sum * SCHED_CAPACITY_SCALE /
		       (sa->runnable_avg_period + 1);
	return READ_ONCE(sa->util_avg);
}

/*
 * Does p, as its clamps let it appear, fit into what cpu has for fair tasks with a fifth to spare? One
 * whose maximum the CPU can give fits, however much it would use; one whose minimum it cannot give
 * does not. All fit into a CPU that nobody else uses when none is faster.
 */
bool task_fits_cpu(struct task_struct *p, int cpu)
{
	unsigned long cap = cpu_rq(cpu)->cpu_capacity_orig, left = capacity_of(cpu);
	unsigned long util = task_util(p);
	unsigned long lo = uclamp_eff_value(p, UCLAMP_MIN), hi = uclamp_eff_value(p, UCLAMP_MAX);

	if (lo > cap)
		return false;
	if (hi <= cap && hi < SCHED_CAPACITY_SCALE)
		return true;
	return max(util, lo) * 5 < left * 4 || left == SCHED_CAPACITY_SCALE;
}

/*
 * On a machine with CPUs of several capacities: an idle one that p fits, prev first and then the
 * smallest, for the big ones are for those that need them; else the biggest idle one. -1: none.
 */
static int select_idle_capacity(struct task_struct *p, int prev)
{
	unsigned long best_cap = 0, cap;
	bool best_fits = false;
	unsigned int cpu;
	int best = -1;

	if (available_idle(prev) && is_cpu_allowed(p, prev) && task_fits_cpu(p, prev))
		return prev;
	for_each_cpu_and (cpu, cpu_active_mask, p->cpus_ptr) {
		bool fits = task_fits_cpu(p, cpu);

		cap = capacity_of(cpu);
		if (!available_idle(cpu) || fits < best_fits ||
		    (fits == best_fits && best >= 0 && (fits ? cap >= best_cap : cap <= best_cap)))
			continue;
		best = cpu;
		best_cap = cap;
		best_fits = fits;
	}
	return best;
}

/* [rq->lock] The core of rq's CPU idles as a whole: a task that wakes need not share one. */
void update_idle_core(struct rq *rq)
{
	struct sched_domain *llc;
	const cpumask_t *threads;
	unsigned int cpu;

	rcu_read_lock();
	llc = rcu_dereference(per_cpu(sd_llc, rq->cpu));
	threads = cpu_smt_mask(rq->cpu);
	if (!llc || !threads || READ_ONCE(llc->ring->shared.has_idle_cores))
		goto out;
	for_each_cpu (cpu, threads)
		if ((int)cpu != rq->cpu && !available_idle(cpu))
			goto out;
	WRITE_ONCE(llc->ring->shared.has_idle_cores, true);
out:
	rcu_read_unlock();
}

/* A thread that p may use among these, all of which idle; -1: there is none, or one is busy. */
static int idle_core(struct task_struct *p, const cpumask_t *threads, bool *idle)
{
	unsigned int cpu;
	int found = -1;

	for_each_cpu (cpu, threads) {
		if (!available_idle(cpu))
			return -1;
		if (found < 0 && is_cpu_allowed(p, cpu))
			found = cpu;
	}
	*idle = true;
	return found;
}

static bool idle_and_allowed(struct task_struct *p, int cpu)
{
	return available_idle(cpu) && is_cpu_allowed(p, cpu);
}

/*
 * Two threads of a core take turns at most of it. So a task that wakes prefers a core that idles
 * as a whole; where there was none lately, the idle other thread of prev's, whose cache is warm.
 * -1: neither.
 */
static int select_idle_core(struct task_struct *p, int prev, int target)
{
	struct sched_domain *llc = rcu_dereference(per_cpu(sd_llc, target));
	const cpumask_t *threads = cpu_smt_mask(prev);
	bool idle = false;
	unsigned int cpu;
	int found;

	if (!llc)
		return -1;
	if (!READ_ONCE(llc->ring->shared.has_idle_cores)) {
		if (threads && cpumask_test_cpu(prev, &llc->span))
			for_each_cpu (cpu, threads)
				if (idle_and_allowed(p, cpu))
					return cpu;
		return -1;
	}
	for_each_cpu_wrap (cpu, &llc->span, target) {
		threads = cpu_smt_mask(cpu);
		/* The other thread is off line: this one is a core. */
		if (!threads && idle_and_allowed(p, cpu))
			return cpu;
		if (!threads || cpumask_first(threads) != cpu)
			continue;
		found = idle_core(p, threads, &idle);
		if (found >= 0)
			return found;
	}
	if (!idle)
		WRITE_ONCE(llc->ring->shared.has_idle_cores, false);
	return -1;
}

static int select_idle_sibling(struct task_struct *p, int prev, int target)
{
	int recent = p->recent_used_cpu, cpu;

	if (available_idle(target) && cpumask_test_cpu(target, p->cpus_ptr))
		return target;
	if (prev != target && cpus_share_cache(prev, target) && available_idle(prev) &&
	    cpumask_test_cpu(prev, p->cpus_ptr))
		return prev;
	p->recent_used_cpu = prev;
	if (recent != prev && recent != target && cpus_share_cache(recent, target) &&
	    available_idle(recent) && is_cpu_allowed(p, recent))
		return recent;
	cpu = sched_smt_present && !sched_mutant(IDLE_CORES_IGNORED)
		  ? select_idle_core(p, prev, target)
		  : -1;
	if (cpu < 0)
		cpu = select_idle_cpu(p, target);
	return cpu >= 0 ? cpu : target;
}

/* Idlest of a group: the one that idles (least time ago: its cache sleeps lightest), else least
 * load. */
static int find_idlest_cpu_of(const cpumask_t *span, struct task_struct *p, int this_cpu)
{
	unsigned long load, min_load = ~0UL;
	int least = -1, idlest = -1;
	u64 latest = 0;
	unsigned int cpu;

	for_each_cpu_and (cpu, span, p->cpus_ptr) {
		struct rq *rq = cpu_rq(cpu);

		if (!cpu_active(cpu))
			continue;
		if (available_idle(cpu)) {
			if (idlest < 0 || cpu == this_cpu || rq->idle_stamp > latest) {
				latest = rq->idle_stamp;
				idlest = cpu;
			}
			continue;
		}
		load = cpu_load(rq) + scale_load(READ_ONCE(rq->nr_running)) / 1024;
		load = load * SCHED_CAPACITY_SCALE / capacity_of(cpu);
		if (load < min_load || (load == min_load && cpu == this_cpu)) {
			min_load = load;
			least = cpu;
		}
	}
	return idlest >= 0 ? idlest : least;
}

struct group_idleness {
	unsigned int idle, weight, nr_running;
	unsigned long load, capacity;
};

static void sum_group(struct sched_group *sg, struct task_struct *p, struct group_idleness *g)
{
	unsigned int cpu;

	memset(g, 0, sizeof(*g));
	for_each_cpu_and (cpu, &sg->span, p->cpus_ptr) {
		g->idle += available_idle(cpu);
		g->nr_running += READ_ONCE(cpu_rq(cpu)->nr_running);
		g->load += cpu_load(cpu_rq(cpu));
		g->capacity += capacity_of(cpu);
		g->weight++;
	}
}

/* Is a idler than b? More idle CPUs, then fewer tasks a CPU, then less load for what it can do. */
static bool idler(const struct group_idleness *a, const struct group_idleness *b)
{
	if (a->idle * b->weight != b->idle * a->weight)
		return a->idle * b->weight > b->idle * a->weight;
	if (a->nr_running * b->weight != b->nr_running * a->weight)
		return a->nr_running * b->weight < b->nr_running * a->weight;
	return a->load * b->capacity * 100 < b->load * a->capacity * 87;
}

/* NULL: the group of this CPU is as good as any. */
static struct sched_group *find_idlest_group(struct sched_domain *sd, struct task_struct *p,
					     int this_cpu)
{
	struct sched_group *sg = sd->groups, *best = NULL, *local = NULL;
	struct group_idleness g, best_g, local_g;

	do {
		if (!cpumask_intersects(&sg->span, p->cpus_ptr))
			continue;
		sum_group(sg, p, &g);
		if (cpumask_test_cpu(this_cpu, &sg->span)) {
			local = sg;
			local_g = g;
		} else if (!best || idler(&g, &best_g)) {
			best = sg;
			best_g = g;
		}
	} while (sg = sg->next, sg != sd->groups);
	if (!best || (local && !idler(&best_g, &local_g)))
		return NULL;
	return best;
}

static int find_idlest_cpu(struct sched_domain *sd, struct task_struct *p, int cpu, int sd_flag)
{
	int new_cpu = cpu;

	while (sd) {
		struct sched_domain *child = sd->child;
		struct sched_group *group = NULL;
		int found;

		if (sd->flags & sd_flag)
			group = find_idlest_group(sd, p, new_cpu);
		if (group) {
			found = find_idlest_cpu_of(&group->span, p, new_cpu);
			if (found < 0)
				return new_cpu;
			if (found != new_cpu) {
				unsigned int weight = sd->span_weight;
				struct sched_domain *tmp;

				/* Go on in the domains of the CPU found, below this one. */
				new_cpu = found;
				child = NULL;
				for_each_domain (new_cpu, tmp) {
					if (tmp->span_weight >= weight)
						break;
					child = tmp;
				}
			}
		} else if (!child) {
			found = find_idlest_cpu_of(&sd->span, p, new_cpu);
			return found < 0 ? new_cpu : found;
		}
		sd = child;
	}
	return new_cpu;
}

int select_task_rq_fair(struct task_struct *p, int prev_cpu, int flags)
{
	bool sync = (flags & WF_SYNC) && !(current->flags & PF_EXITING), affine = false;
	int cpu = smp_processor_id(), new_cpu = prev_cpu, sd_flag = 0;
	struct sched_domain *tmp, *sd = NULL;

	if (unlikely(sched_asym_capacity)) {
		int fit = select_idle_capacity(p, prev_cpu);

		if (fit >= 0)
			return fit;
	}
	if (flags & WF_TTWU) {
		record_wakee(p);
		affine = !wake_wide(p) && cpumask_test_cpu(cpu, p->cpus_ptr);
		sd_flag = SD_BALANCE_WAKE;
	} else if (flags & WF_FORK) {
		sd_flag = SD_BALANCE_FORK;
	} else if (flags & WF_EXEC) {
		sd_flag = SD_BALANCE_EXEC;
	}
	rcu_read_lock();
	for_each_domain (cpu, tmp) {
		if (affine && (tmp->flags & SD_WAKE_AFFINE) &&
		    cpumask_test_cpu(prev_cpu, &tmp->span)) {
			if (cpu != prev_cpu)
				new_cpu = wake_affine(tmp, p, cpu, prev_cpu, sync);
			tmp->ttwu_move_affine += new_cpu == cpu && cpu != prev_cpu;
			sd = NULL;
			break;
		}
		if (tmp->flags & sd_flag)
			sd = tmp;
		else if (!affine)
			break;
	}
	if (sd)
		new_cpu = find_idlest_cpu(sd, p, cpu, sd_flag);
	else if (flags & WF_TTWU)
		new_cpu = select_idle_sibling(p, prev_cpu, new_cpu);
	rcu_read_unlock();
	return new_cpu;
}
