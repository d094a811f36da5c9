/* SPDX-License-Identifier: MIT */
/*
 * From asleep to queued: try_to_wake_up() and the choice of a CPU; and from forked to queued.
 * Any context unless said. The protocol's timeline is in internal.h.
 */
#include "internal.h"

/* Which queues p belongs to on cpu, and that it is there. [pi_lock or rq->lock of the old CPU] */
void __set_task_cpu(struct task_struct *p, unsigned int cpu)
{
	struct task_group *tg = p->sched_task_group;

	p->se.cfs_rq = tg->cfs_rq[cpu];
	p->se.parent = tg->se[cpu];
	p->se.depth = p->se.parent ? p->se.parent->depth + 1 : 0;
	p->rt.rt_rq = &cpu_rq(cpu)->rt;
	/*
	 * task_rq_lock() may take the new queue's lock as soon as this store is seen: all of the
	 * above must be seen by then.
	 */
	smp_store_release(&p->cpu, cpu);
	p->wake_cpu = cpu;
}

void set_task_cpu(struct task_struct *p, unsigned int new_cpu)
{
	ASSERT(cpu_possible(new_cpu));
	if (task_cpu(p) == new_cpu)
		return;
	trace_sched_migrate_task(p, new_cpu);
	if (p->sched_class->migrate_task_rq)
		p->sched_class->migrate_task_rq(p, new_cpu);
	p->se.nr_migrations++;
	if (p->rseq)
		sched_env_rseq_migrated(p);
	__set_task_cpu(p, new_cpu);
}

/*
 * None of what p asked for is there (its CPUs went down): a near one that is allowed, and when
 * there is none the affinity is widened to all CPUs, for a task must run somewhere.
 */
int select_fallback_rq(int cpu, struct task_struct *p)
{
	int node = sched_env_topology(cpu)->node;
	unsigned int dest;

	for_each_cpu_and (dest, cpu_online_mask, p->cpus_ptr)
		if (sched_env_topology(dest)->node == node && is_cpu_allowed(p, dest))
			return dest;
	for_each_cpu_and (dest, cpu_online_mask, p->cpus_ptr)
		if (is_cpu_allowed(p, dest))
			return dest;
	if (!(p->flags & PF_KTHREAD))
		pr_notice("process %d (%s) no longer affine to cpu%d\n", p->pid, p->comm, cpu);
	cpumask_copy(&p->cpus_mask, cpu_possible_mask);
	p->nr_cpus_allowed = cpumask_weight(&p->cpus_mask);
	dest = cpumask_any_and(cpu_active_mask, &p->cpus_mask);
	return dest < nr_cpu_ids ? dest : cpumask_any(cpu_online_mask);
}

int select_task_rq(struct task_struct *p, int cpu, int flags)
{
	bool choice = p->nr_cpus_allowed > 1 && !p->migration_disabled, fallback = false;
	int prev_cpu = cpu;

	lockdep_assert_held(&p->pi_lock);
	if (choice && p->sched_class->select_task_rq)
		cpu = p->sched_class->select_task_rq(p, cpu, flags);
	if (unlikely(!is_cpu_allowed(p, cpu))) {
		/* Where it was is not where it is bound to. */
		if (!choice && !p->migration_disabled)
			cpu = cpumask_any(p->cpus_ptr);
		fallback = !is_cpu_allowed(p, cpu);
		if (fallback)
			cpu = select_fallback_rq(task_cpu(p), p);
	}
	trace_sched_select_cpu(p, prev_cpu, cpu, flags, fallback);
	return cpu;
}

int select_task_rq_idle(struct task_struct *p, int cpu, int flags)
{
	unsigned int c;

	if (idle_cpu(cpu) && is_cpu_allowed(p, cpu))
		return cpu;
	for_each_cpu_wrap (c, p->cpus_ptr, cpu)
		if (cpu_active(c) && idle_cpu(c))
			return c;
	return cpu;
}

/* p, on rq, is awake now: does it take the CPU? [rq->lock] */
static void ttwu_do_wakeup(struct rq *rq, struct task_struct *p, int wake_flags)
{
	check_preempt_curr(rq, p, wake_flags);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	trace_sched_wakeup(p);
	if (p->sched_class->task_woken)
		p->sched_class->task_woken(rq, p);
}

/* The time that rq spent idle until now, averaged: is it worth looking for work elsewhere? */
static void update_avg_idle(struct rq *rq)
{
	u64 limit = 2 * rq->max_idle_balance_cost;
	s64 delta;

	if (!rq->idle_stamp)
		return;
	delta = rq_clock(rq) - rq->idle_stamp;
	rq->avg_idle += ((s64)(delta - rq->avg_idle)) / 8;
	if (rq->avg_idle > limit)
		rq->avg_idle = limit;
	rq->idle_stamp = 0;
}

/* [interrupts off] */
static void count_wake_remote(int cpu)
{
	struct sched_domain *sd;

	for_each_domain (smp_processor_id(), sd) {
		if (cpumask_test_cpu(cpu, &sd->span)) {
			sd->ttwu_wake_remote++;
			break;
		}
	}
}

static void ttwu_queue(struct task_struct *p, int cpu, int wake_flags)
{
	int flags = ENQUEUE_WAKEUP | ENQUEUE_NOCLOCK;
	struct rq *rq = cpu_rq(cpu);

	rq_lock(rq);
	update_rq_clock(rq);
	if (p->sched_contributes_to_load) {
		rq->nr_uninterruptible--;
		flags |= ENQUEUE_UNINTERRUPTIBLE;
	}
	rq->ttwu_count++;
	if (cpu == smp_processor_id())
		rq->ttwu_local++;
	else
		count_wake_remote(cpu);
	activate_task(rq, p, flags);
	ttwu_do_wakeup(rq, p, wake_flags);
	update_avg_idle(rq);
	check_rq(rq, "wake-up");
	rq_unlock(rq);
}

/*
 * p may still be on its queue: it set its state but has not got to schedule(), or was preempted
 * on the way. Then the state is all there is to change. False when it really sleeps.
 */
static bool ttwu_runnable(struct task_struct *p, int wake_flags)
{
	struct rq *rq = __task_rq_lock(p);
	bool queued = task_on_rq_queued(p);

	if (queued) {
		update_rq_clock(rq);
		if (p->se.sched_delayed)
			enqueue_task(rq, p, ENQUEUE_NOCLOCK | ENQUEUE_DELAYED);
		/* One that runs needs no preemption check: it has the CPU. */
		if (!p->on_cpu)
			check_preempt_curr(rq, p, wake_flags);
		WRITE_ONCE(p->__state, TASK_RUNNING);
		trace_sched_wakeup(p);
		if (p->sched_class->task_woken)
			p->sched_class->task_woken(rq, p);
	}
	rq_unlock(rq);
	return queued;
}

/* A sleeper of rq has what it waited for; rq's CPU may idle and would not notice. */
static void iowait_ends(struct rq *rq)
{
	rq_lock(rq);
	update_rq_clock(rq);
	atomic_dec(&rq->nr_iowait);
	psi_change(rq);
	rq_unlock(rq);
}

/* Under p->pi_lock, p asleep in a state that the waker meant: it goes to a queue. */
static void wake_sleeper(struct task_struct *p, int wake_flags)
{
	int cpu;

	/*
	 * on_rq is read after the state: a task that is about to sleep for the second time was
	 * queued when it set its state, and must not look unqueued by an old value.
	 */
	smp_rmb();
	if (READ_ONCE(p->on_rq) && ttwu_runnable(p, wake_flags))
		return;
	WRITE_ONCE(p->__state, TASK_WAKING);
	/* Until the switch away from p is done, its registers are not where a switch looks. */
	while (smp_load_acquire(&p->on_cpu))
		cpu_relax();
	cpu = select_task_rq(p, p->wake_cpu, wake_flags | WF_TTWU);
	if (p->in_iowait)
		iowait_ends(task_rq(p));
	if (task_cpu(p) != cpu) {
		set_task_cpu(p, cpu);
		if (sched_mutant(WAKE_UP_LOST))
			return;
	}
	ttwu_queue(p, cpu, wake_flags);
}

int try_to_wake_up(struct task_struct *p, unsigned int state, int wake_flags)
{
	unsigned long flags;
	int success = 0;

	preempt_disable();
	if (p == current) {
		/* On its way into schedule(), woken by its own interrupt or by itself. */
		if (READ_ONCE(p->__state) & state) {
			trace_sched_waking(p);
			WRITE_ONCE(p->__state, TASK_RUNNING);
			trace_sched_wakeup(p);
			success = 1;
		}
		preempt_enable();
		return success;
	}
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	/* The caller made a condition true; p's state must not be read before that is seen. */
	smp_mb();
	if (READ_ONCE(p->__state) & state) {
		success = 1;
		trace_sched_waking(p);
		wake_sleeper(p, wake_flags);
	}
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	preempt_enable();
	return success;
}

int wake_up_process(struct task_struct *p)
{
	return try_to_wake_up(p, TASK_NORMAL, 0);
}

int wake_up_state(struct task_struct *p, unsigned int state)
{
	return try_to_wake_up(p, state, 0);
}

/* A byte copy of the parent becomes a task that never ran. */
static void clear_sched_state(struct task_struct *p)
{
	u64 slice = p->se.custom_slice ? p->se.slice : 0;

	memset(&p->se, 0, sizeof(p->se));
	/* What the parent asked for at a time its child asks for, too. */
	p->se.slice = slice;
	p->se.custom_slice = slice != 0;
	memset(&p->rt, 0, sizeof(p->rt));
	memset(&p->good, 0, sizeof(p->good));
	memset(&p->stats, 0, sizeof(p->stats));
	memset(&p->sched_info, 0, sizeof(p->sched_info));
	INIT_LIST_HEAD(&p->se.group_node);
	INIT_LIST_HEAD(&p->rt.run_list);
	INIT_LIST_HEAD(&p->good.run_list);
	INIT_LIST_HEAD(&p->pushable_tasks_node);
	RB_CLEAR_NODE(&p->pushable_dl_tasks);
	RB_CLEAR_NODE(&p->se.run_node);
	RB_CLEAR_NODE(&p->dl.rb_node);
	init_dl_task_timer(&p->dl);
	__dl_clear_params(p);
	p->dl.dl_rd = NULL;
	p->on_rq = p->on_cpu = 0;
	p->uclamp_active = p->psi_queued = false;
	p->record_id = 0;
	memset(p->monitor, 0, sizeof(p->monitor));
	p->in_iowait = false;
	p->migration_disabled = 0;
	p->wakee_flips = 0;
	p->last_wakee = NULL;
	p->utime = p->stime = p->gtime = 0;
	prev_cputime_init(&p->prev_cputime);
	p->nvcsw = p->nivcsw = 0;
	raw_spin_lock_init(&p->pi_lock);
	p->pi_waiters = RB_ROOT_CACHED;
	p->pi_top_task = NULL;
	p->pi_blocked_on = NULL;
}

/*
 * Where p may run: where current may, and what current asked for, as both are at one moment: others
 * may change them meanwhile. Threads of the boot CPU's idle task are ordinary ones: they run
 * anywhere. 0 or -ENOMEM.
 */
static int inherit_affinity(struct task_struct *p)
{
	cpumask_t *asked = NULL;
	unsigned long flags;

	p->cpus_ptr = &p->cpus_mask;
	p->user_cpus_ptr = NULL;
	raw_spin_lock_irqsave(&current->pi_lock, flags);
	/* Asked for once, it stays: a task has such a mask until it ends. */
	if (current->user_cpus_ptr) {
		raw_spin_unlock_irqrestore(&current->pi_lock, flags);
		asked = sched_env_alloc(sizeof(*asked), false);
		if (!asked)
			return -ENOMEM;
		raw_spin_lock_irqsave(&current->pi_lock, flags);
		cpumask_copy(asked, current->user_cpus_ptr);
	}
	cpumask_copy(&p->cpus_mask, &current->cpus_mask);
	raw_spin_unlock_irqrestore(&current->pi_lock, flags);
	p->user_cpus_ptr = asked;
	if (is_idle_task(current)) {
		cpumask_copy(&p->cpus_mask, cpu_possible_mask);
		p->flags &= ~(PF_IDLE | PF_NO_SETAFFINITY);
	}
	p->nr_cpus_allowed = cpumask_weight(&p->cpus_mask);
	return 0;
}

static void reset_on_fork(struct task_struct *p)
{
	if (rt_policy(p->policy) || dl_policy(p->policy)) {
		p->policy = SCHED_NORMAL;
		p->static_prio = DEFAULT_PRIO;
		p->rt_priority = 0;
	} else if (PRIO_TO_NICE(p->static_prio) < 0) {
		p->static_prio = DEFAULT_PRIO;
	}
	p->prio = p->normal_prio = p->static_prio;
	p->se.custom_slice = 0;
	uclamp_reset(p);
	p->sched_reset_on_fork = false;
}

int sched_fork(unsigned long clone_flags, struct task_struct *p)
{
	int err;

	clear_sched_state(p);
	/* No signal or event can wake it or put it on a queue before wake_up_new_task(). */
	p->__state = TASK_NEW;
	p->autogroup = NULL;
	err = inherit_affinity(p);
	if (err)
		return err;
	sched_autogroup_inherit(p);
	/* A boost of the parent is the parent's alone. */
	p->prio = current->normal_prio;
	if (p->sched_reset_on_fork)
		reset_on_fork(p);
	set_load_weight(p, false);
	if (dl_prio(p->prio)) {
		sched_cancel_fork(p);
		return -EAGAIN;
	}
	p->sched_class = (struct sched_class *)class_of_prio(p->prio);
	init_entity_runnable_average(&p->se);
	return 0;
}

void sched_cancel_fork(struct task_struct *p)
{
	sched_task_free(p);
}

void sched_task_free(struct task_struct *p)
{
	sched_env_free(p->user_cpus_ptr);
	p->user_cpus_ptr = NULL;
	sched_autogroup_put(p);
}

void sched_cgroup_fork(struct task_struct *p)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	/* The copy may be older than current's last move to another group; from here on none comes. */
	p->cgroup_task_group = current->cgroup_task_group;
	p->sched_task_group = autogroup_task_group(p, p->cgroup_task_group);
	__set_task_cpu(p, smp_processor_id());
	if (p->sched_class->task_fork)
		p->sched_class->task_fork(p);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

void sched_post_fork(struct task_struct *p)
{
	/* A sibling thread may have begun a session while p was not yet among the threads. */
	if (unlikely(READ_ONCE(p->autogroup) != READ_ONCE(current->autogroup)))
		sched_autogroup_follow(p);
	trace_sched_process_fork(current, p);
}

/*
 * A thread's parent is its process's, which need not have forked it. The parent's class stays while its
 * locks are held; p's may change at any time, by others that do not know yet that it ends.
 */
static void tell_parent_class(struct task_struct *p)
{
	const struct sched_class *class;
	struct task_struct *parent;
	unsigned long flags;
	struct rq *rq;

	rcu_read_lock();
	parent = rcu_dereference(p->real_parent);
	rq = task_rq_lock(parent, &flags);
	class = parent->sched_class;
	if (class->task_exit && READ_ONCE(p->sched_class) == class)
		class->task_exit(rq, parent, p);
	task_rq_unlock(rq, parent, &flags);
	rcu_read_unlock();
}

void sched_exit(struct task_struct *p)
{
	trace_sched_process_exit(p);
	if (p->pid == p->tgid && READ_ONCE(p->sched_class)->task_exit)
		tell_parent_class(p);
}

void wake_up_new_task(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	p->recent_used_cpu = task_cpu(p);
	/* It has no load and no vruntime anywhere yet: no class needs to hear of the move. */
	__set_task_cpu(p, select_task_rq(p, task_cpu(p), WF_FORK));
	/* A forked process has its parent's memory, which names the parent's CPU. */
	if (p->rseq)
		sched_env_rseq_migrated(p);
	rq = __task_rq_lock(p);
	update_rq_clock(rq);
	post_init_entity_util_avg(p);
	activate_task(rq, p, ENQUEUE_NOCLOCK | ENQUEUE_INITIAL);
	trace_sched_wakeup_new(p);
	check_preempt_curr(rq, p, WF_FORK);
	if (p->sched_class->task_woken)
		p->sched_class->task_woken(rq, p);
	check_rq(rq, "fork");
	task_rq_unlock(rq, p, &flags);
}
