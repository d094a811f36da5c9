/* SPDX-License-Identifier: MIT */
/*
 * Policies and priorities: nice, sched_setscheduler(2) and its kin, priority inheritance. A
 * change takes the task off its queue, alters it, and puts it back, under pi_lock and rq->lock;
 * only a fair task that gets another weight stays where it is.
 */
#include "internal.h"

/*
 * round(1024 * 1.25^-nice) for nice -20..19: one step of nice is 25 % of weight, so of two tasks
 * a step apart one gets 55 % and the other 45 % of the CPU. Below each, floor(2^32 / weight), so
 * that dividing by a weight is a multiplication.
 */
const int sched_prio_to_weight[NICE_WIDTH] = {
    88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921, 9537, 7629, 6104, 4883,
    3906,  3125,  2500,	 2000,	1600,  1280,  1024,  819,   655,   524,	  419,	336,  268,  215,
    172,   137,	  110,	 88,	70,    56,    45,    36,    29,	   23,	  18,	15,
};

const u32 sched_prio_to_wmult[NICE_WIDTH] = {
    48356,    60446,	75558,	  94446,     118058,	147573,	   184467,    230589,
    288233,   360285,	450347,	  562979,    703631,	879575,	   1099582,   1374389,
    1717986,  2147483,	2684354,  3355443,   4194304,	5244160,   6557201,   8196502,
    10250518, 12782640, 16025997, 19976592,  24970740,	31350126,  39045157,  48806446,
    61356675, 76695844, 95443717, 119304647, 148102320, 186737708, 238609294, 286331153,
};

/* The class that runs tasks of this priority, under the policy chosen at boot. */
const struct sched_class *class_of_prio(int prio)
{
	if (dl_prio(prio))
		return &dl_sched_class;
	if (sched_choice == SCHED_GOODNESS)
		return &goodness_sched_class;
	if (sched_choice == SCHED_O1)
		return &o1_sched_class;
	return rt_prio(prio) ? &rt_sched_class : &fair_sched_class;
}

/* p's weight by its nice value; with update_load, as one of a fair queue's weights. [rq->lock] */
void set_load_weight(struct task_struct *p, bool update_load)
{
	int i = p->static_prio - MAX_RT_PRIO;
	unsigned long weight;

	if (sched_mutant(WEIGHT_ENTRY_WRONG) && i > 20)
		i--;
	if (sched_mutant(RENICE_KEEPS_WEIGHT) && update_load)
		return;

	weight = scale_load(task_has_idle_policy(p) ? WEIGHT_IDLEPRIO : sched_prio_to_weight[i]);
	if (update_load && p->sched_class->reweight_task)
		p->sched_class->reweight_task(task_rq(p), p, weight);
	p->se.load.weight = weight;
	p->se.load.inv_weight = task_has_idle_policy(p) ? 0 : sched_prio_to_wmult[i];
}

static int prio_of(int policy, int rt_prio, int static_prio)
{
	if (dl_policy(policy))
		return MAX_DL_PRIO - 1;
	if (rt_policy(policy))
		return MAX_RT_PRIO - 1 - rt_prio;
	return static_prio;
}

/* Its own priority, and with a boost that lifts it above the normal ones, the boosted one. */
int effective_prio(struct task_struct *p)
{
	p->normal_prio = prio_of(p->policy, p->rt_priority, p->static_prio);
	return rt_prio(p->prio) ? p->prio : p->normal_prio;
}

/* Off the queue while something about p changes, and on again after. */
struct change {
	bool queued, running;
	int oldprio;
	const struct sched_class *oldclass;
};

static struct change begin_change(struct rq *rq, struct task_struct *p, int flags)
{
	struct change c = {
	    .running = task_current(rq, p), .oldprio = p->prio, .oldclass = p->sched_class};

	finish_delayed(rq, p);
	c.queued = task_on_rq_queued(p);
	if (c.queued)
		dequeue_task(rq, p, flags);
	if (c.running)
		put_prev_task(rq, p);
	return c;
}

static void end_change(struct rq *rq, struct task_struct *p, struct change c, int flags)
{
	bool changed = c.oldclass != p->sched_class;

	if (changed && c.oldclass->switched_from)
		c.oldclass->switched_from(rq, p);
	if (changed && p->sched_class->switching_to)
		p->sched_class->switching_to(rq, p);
	if (c.queued)
		enqueue_task(rq, p, flags);
	if (c.running)
		set_next_task(rq, p);
	if (changed && p->sched_class->switched_to)
		p->sched_class->switched_to(rq, p);
	else if (!changed && p->sched_class->prio_changed &&
		 (c.oldprio != p->prio || dl_prio(p->prio)))
		p->sched_class->prio_changed(rq, p, c.oldprio);
	/* One that runs in a lower class than before may have something better behind it. */
	if (changed && c.running && p->sched_class->rank > c.oldclass->rank)
		resched_curr(rq);
	check_rq(rq, "change");
	run_balance_callback(rq);
}

#define CHANGE_FLAGS (DEQUEUE_SAVE | DEQUEUE_MOVE | DEQUEUE_NOCLOCK)

/*
 * Of a fair task that stays one only the weight, and a policy that makes no difference to its
 * queue, change: it stays where it is queued. Idle tasks are counted apart, so one that becomes
 * idle, or is it no longer, leaves and comes back.
 */
static bool stays_queued(const struct task_struct *p, int policy, int newprio)
{
	return p->sched_class == &fair_sched_class && class_of_prio(newprio) == &fair_sched_class &&
	       (policy == SCHED_IDLE) == task_has_idle_policy(p);
}

/* p, which stayed, has its new parameters; and this priority from now on. */
static void change_in_place(struct rq *rq, struct task_struct *p, int newprio)
{
	int oldprio = p->prio;

	p->prio = newprio;
	if (oldprio != newprio)
		fair_sched_class.prio_changed(rq, p, oldprio);
	check_rq(rq, "change in place");
}

void set_user_nice(struct task_struct *p, long nice)
{
	unsigned long flags;
	struct change c;
	struct rq *rq;

	if (nice < MIN_NICE || nice > MAX_NICE || task_nice(p) == nice)
		return;
	rq = task_rq_lock(p, &flags);
	update_rq_clock(rq);
	/* No effect now, but when the task becomes an ordinary one again. */
	if (dl_policy(p->policy) || rt_policy(p->policy)) {
		p->static_prio = NICE_TO_PRIO(nice);
		task_rq_unlock(rq, p, &flags);
		return;
	}
	if (stays_queued(p, p->policy, p->prio)) {
		p->static_prio = NICE_TO_PRIO(nice);
		set_load_weight(p, true);
		change_in_place(rq, p, effective_prio(p));
	} else {
		c = begin_change(rq, p, CHANGE_FLAGS);
		p->static_prio = NICE_TO_PRIO(nice);
		set_load_weight(p, true);
		p->prio = effective_prio(p);
		end_change(rq, p, c, CHANGE_FLAGS);
	}
	task_rq_unlock(rq, p, &flags);
}

int task_nice(const struct task_struct *p)
{
	return PRIO_TO_NICE(p->static_prio);
}

/* As /proc/PID/stat shows it: 0 for nice 0 less 20 ... negative for real-time. */
int task_prio(const struct task_struct *p)
{
	return p->prio - MAX_RT_PRIO;
}

/* RLIMIT_NICE 1..40 stands for nice 19..-20 (getrlimit(2)). */
bool can_nice(const struct task_struct *p, int nice)
{
	return 20 - nice <= (long)min(sched_env_rlimit_nice(p), 40UL) || sched_env_capable_nice();
}

/*
 * p holds a lock that pi_task waits for, or no longer does (NULL): it runs at the better of its
 * own priority and pi_task's, in the class that goes with it.
 */
void rt_mutex_setprio(struct task_struct *p, struct task_struct *pi_task)
{
	int prio = p->normal_prio, flags = CHANGE_FLAGS;
	struct change c;
	struct rq *rq;

	lockdep_assert_held(&p->pi_lock);
	if (pi_task)
		prio = min(prio, pi_task->prio);
	if (p->pi_top_task == pi_task && prio == p->prio && !dl_prio(prio))
		return;
	rq = __task_rq_lock(p);
	update_rq_clock(rq);
	p->pi_top_task = pi_task;
	/* The idle task takes no locks that sleep. */
	if (prio == p->prio && !dl_prio(prio)) {
		rq_unlock(rq);
		return;
	}
	trace_sched_pi_setprio(p, pi_task, prio);
	c = begin_change(rq, p, CHANGE_FLAGS);
	/* Behind those of its new priority that wait, but for a boost, which goes ahead. */
	if (prio < c.oldprio)
		flags |= ENQUEUE_HEAD;
	if (dl_prio(prio)) {
		p->dl.pi_se = pi_task && dl_prio(pi_task->prio) ? pi_task->dl.pi_se : &p->dl;
		if (!dl_prio(p->normal_prio))
			flags |= ENQUEUE_REPLENISH;
	} else {
		p->dl.pi_se = &p->dl;
	}
	p->sched_class = (struct sched_class *)class_of_prio(prio);
	p->prio = prio;
	end_change(rq, p, c, flags);
	rq_unlock(rq);
}

/* Is attr what sched_setattr(2) allows? */
static int check_params(const struct sched_attr *attr, int policy)
{
	if (!valid_policy(policy))
		return -EINVAL;
	if (attr->sched_flags & ~(u64)SCHED_FLAG_ALL)
		return -EINVAL;
	if (attr->sched_priority > MAX_RT_PRIO - 1)
		return -EINVAL;
	if (dl_policy(policy) && !__checkparam_dl(attr))
		return -EINVAL;
	if (rt_policy(policy) != (attr->sched_priority != 0))
		return -EINVAL;
	return 0;
}

/* May current ask this of p? sched(7), "Privileges and resource limits". */
static int check_permission(struct task_struct *p, const struct sched_attr *attr, int policy,
			    bool reset)
{
	if (fair_policy(policy) && attr->sched_nice < task_nice(p) &&
	    20 - attr->sched_nice > (long)min(sched_env_rlimit_nice(p), 40UL))
		goto need_cap;
	if (rt_policy(policy)) {
		unsigned long limit = sched_env_rlimit_rtprio(p);

		if (policy != (int)p->policy && !limit)
			goto need_cap;
		if (attr->sched_priority > p->rt_priority && attr->sched_priority > limit)
			goto need_cap;
	}
	if (dl_policy(policy))
		goto need_cap;
	/* Leaving SCHED_IDLE is a kind of lowering nice. */
	if (task_has_idle_policy(p) && policy != SCHED_IDLE &&
	    20 - task_nice(p) > (long)min(sched_env_rlimit_nice(p), 40UL))
		goto need_cap;
	if (!sched_env_same_owner(p))
		goto need_cap;
	if (p->sched_reset_on_fork && !reset)
		goto need_cap;
	return 0;
need_cap:
	return sched_env_capable_nice() ? 0 : -EPERM;
}

/*
 * How much a fair task asks for at a time: sched_runtime, which may be anything there (0: no wish), and
 * which eevdf goes by. A slice shorter than 100 us would be all switches; one longer than 100 ms
 * would make others wait for it.
 */
static u64 wanted_slice(const struct sched_attr *attr)
{
	if (sched_choice != SCHED_EEVDF || !attr->sched_runtime)
		return 0;
	return clamp(attr->sched_runtime, 100 * (u64)NSEC_PER_USEC, 100 * (u64)NSEC_PER_MSEC);
}

static u64 own_slice(const struct task_struct *p)
{
	return p->se.custom_slice ? p->se.slice : 0;
}

/* Policy and parameters into p, off its queue or one that stays. [pi_lock, rq->lock] */
static void set_params(struct task_struct *p, const struct sched_attr *attr, int policy)
{
	p->policy = policy;
	if (dl_policy(policy)) {
		__setparam_dl(p, attr);
	} else if (fair_policy(policy)) {
		p->static_prio = NICE_TO_PRIO(attr->sched_nice);
		p->se.slice = wanted_slice(attr);
		p->se.custom_slice = p->se.slice != 0;
	}
	p->rt_priority = rt_policy(policy) ? attr->sched_priority : 0;
	p->normal_prio = prio_of(policy, p->rt_priority, p->static_prio);
	set_load_weight(p, true);
}

/* The change itself, allowed and admitted. pi: a priority that p is lent stays. */
static void change_params(struct rq *rq, struct task_struct *p, const struct sched_attr *attr,
			  int policy, bool pi)
{
	int prio = prio_of(policy, attr->sched_priority, NICE_TO_PRIO(attr->sched_nice));
	int flags = CHANGE_FLAGS;
	struct change c;

	if (pi && p->pi_top_task)
		prio = min(prio, p->pi_top_task->prio);
	if (stays_queued(p, policy, prio)) {
		set_params(p, attr, policy);
		change_in_place(rq, p, prio);
		return;
	}
	c = begin_change(rq, p, flags);
	set_params(p, attr, policy);
	p->prio = prio;
	p->sched_class = (struct sched_class *)class_of_prio(prio);
	/* To the tail when it lowers itself, to the head when it is raised (sched(7)). */
	if (c.oldprio < p->prio)
		flags |= ENQUEUE_HEAD;
	end_change(rq, p, c, flags);
}

static bool params_same(struct task_struct *p, const struct sched_attr *attr, int policy)
{
	if (policy != (int)p->policy)
		return false;
	if (fair_policy(policy))
		return attr->sched_nice == task_nice(p) && wanted_slice(attr) == own_slice(p);
	if (rt_policy(policy))
		return attr->sched_priority == p->rt_priority;
	return !dl_param_changed(p, attr);
}

/*
 * sched_setscheduler(2) and its kin. user: permissions count. pi: boosts stay. attr's policy -1
 * keeps the policy. 0, -EINVAL, -EPERM, -EBUSY (deadline admission).
 */
int __sched_setscheduler(struct task_struct *p, const struct sched_attr *attr, bool user, bool pi)
{
	bool reset = attr->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	int policy = attr->sched_policy, err;
	unsigned long flags;
	struct rq *rq;

	might_sleep();
	if (policy < 0) {
		reset = p->sched_reset_on_fork;
		policy = p->policy;
	}
	err = check_params(attr, policy);
	if (!err && user)
		err = check_permission(p, attr, policy, reset);
	if (err)
		return err;
	rq = task_rq_lock(p, &flags);
	update_rq_clock(rq);
	err = -EINVAL;
	if (p == rq->stop)
		goto unlock;
	err = uclamp_validate(p, attr);
	if (err)
		goto unlock;
	if (params_same(p, attr, policy)) {
		p->sched_reset_on_fork = reset;
		uclamp_set(rq, p, attr);
		goto unlock;
	}
	err = -EPERM;
	if (rt_policy(policy) && user && !rt_group_may_run(p->sched_task_group))
		goto unlock;
	/* A deadline task may need any CPU of its root domain. */
	if (dl_policy(policy) && user && !dl_affinity_ok(p, p->cpus_ptr))
		goto unlock;
	err = -EBUSY;
	if ((dl_policy(policy) || dl_policy(p->policy)) && sched_dl_overflow(p, policy, attr))
		goto unlock;
	err = 0;
	p->sched_reset_on_fork = reset;
	uclamp_set(rq, p, attr);
	change_params(rq, p, attr, policy, pi);
unlock:
	task_rq_unlock(rq, p, &flags);
	/* Whoever holds what p waits for runs at p's new priority. */
	if (pi && !err)
		sched_env_prio_changed(p);
	return err;
}

static struct sched_attr attr_of(struct task_struct *p, int policy, const struct sched_param *param)
{
	struct sched_attr attr = {.size = sizeof(attr),
				  .sched_policy = policy,
				  .sched_priority = param->sched_priority,
				  .sched_nice = task_nice(p),
				  .sched_runtime = own_slice(p)};

	if (policy >= 0 && (policy & SCHED_RESET_ON_FORK)) {
		attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
		attr.sched_policy = policy & ~SCHED_RESET_ON_FORK;
	}
	return attr;
}

int sched_setscheduler(struct task_struct *p, int policy, const struct sched_param *param)
{
	struct sched_attr attr = attr_of(p, policy, param);

	return __sched_setscheduler(p, &attr, true, true);
}

int sched_setscheduler_nocheck(struct task_struct *p, int policy, const struct sched_param *param)
{
	struct sched_attr attr = attr_of(p, policy, param);

	return __sched_setscheduler(p, &attr, false, true);
}

int sched_setattr(struct task_struct *p, const struct sched_attr *attr, bool check)
{
	return __sched_setscheduler(p, attr, check, true);
}

void sched_set_fifo(struct task_struct *p)
{
	struct sched_param param = {.sched_priority = MAX_RT_PRIO / 2};

	WARN_ON(sched_setscheduler_nocheck(p, SCHED_FIFO, &param));
}

void sched_set_normal(struct task_struct *p, int nice)
{
	struct sched_attr attr = {.sched_policy = SCHED_NORMAL, .sched_nice = nice};

	WARN_ON(__sched_setscheduler(p, &attr, false, true));
}

void sched_getattr_of(struct task_struct *p, struct sched_attr *attr)
{
	attr->sched_policy = p->policy;
	if (p->sched_reset_on_fork)
		attr->sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	if (dl_policy(p->policy)) {
		__getparam_dl(p, attr);
	} else if (rt_policy(p->policy)) {
		attr->sched_priority = p->rt_priority;
	} else {
		attr->sched_nice = task_nice(p);
		attr->sched_runtime = own_slice(p);
	}
	attr->sched_util_min = uclamp_requested(p, UCLAMP_MIN);
	attr->sched_util_max = uclamp_requested(p, UCLAMP_MAX);
}
