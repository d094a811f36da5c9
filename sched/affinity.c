/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs a task may use, and moving it when it is on another. Task context; a running task
 * is moved by the migration thread of its CPU, for only there is it sure not to be running.
 */
#include "internal.h"

/* p, which may have to wait on rq, could do better on another CPU. [rq->lock, which may be dropped] */
static void look_elsewhere(struct rq *rq, struct task_struct *p)
{
	if (p->sched_class->task_woken)
		p->sched_class->task_woken(rq, p);
}

void move_task(struct rq *from, struct task_struct *p, struct rq *to)
{
	lockdep_assert_held(&from->lock);
	lockdep_assert_held(&to->lock);
	update_rq_clock(from);
	deactivate_task(from, p, DEQUEUE_NOCLOCK);
	set_task_cpu(p, to->cpu);
	update_rq_clock(to);
	activate_task(to, p, ENQUEUE_NOCLOCK);
}

/*
 * p, queued on rq and not running, goes to new_cpu, whose locked rq is returned. From there it may have
 * been sent on.
 */
struct rq *move_queued_task(struct rq *rq, struct task_struct *p, int new_cpu)
{
	lockdep_assert_held(&rq->lock);
	deactivate_task(rq, p, DEQUEUE_NOCLOCK);
	set_task_cpu(p, new_cpu);
	check_rq(rq, "move from");
	rq_unlock(rq);

	rq = cpu_rq(new_cpu);
	rq_lock(rq);
	update_rq_clock(rq);
	activate_task(rq, p, ENQUEUE_NOCLOCK);
	check_preempt_curr(rq, p, 0);
	look_elsewhere(rq, p);
	check_rq(rq, "move to");
	return rq;
}

struct migration_arg {
	struct task_struct *task;
	int dest_cpu; /* -1: anywhere that its affinity allows */
};

/* [migration thread of the CPU that the task was on] */
static int migration_cpu_stop(void *data)
{
	struct migration_arg *arg = data;
	struct task_struct *p = arg->task;
	struct rq *rq = this_rq();
	int dest = arg->dest_cpu;

	local_irq_disable();
	raw_spin_lock(&p->pi_lock);
	rq_lock(rq);
	/* It may have moved or gone to sleep meanwhile; then its wake-up finds it a place. */
	if (task_rq(p) == rq) {
		update_rq_clock(rq);
		finish_delayed(rq, p);
		if (dest < 0)
			dest = cpumask_any_and(cpu_active_mask, p->cpus_ptr);
		if (dest >= nr_cpu_ids || !is_cpu_allowed(p, dest)) {
			dest = -1;
		} else if (task_on_rq_queued(p)) {
			rq = move_queued_task(rq, p, dest);
		} else {
			p->wake_cpu = dest;
		}
	}
	rq_unlock(rq);
	raw_spin_unlock(&p->pi_lock);
	local_irq_enable();
	return 0;
}

void set_cpus_allowed_common(struct task_struct *p, const cpumask_t *mask)
{
	cpumask_copy(&p->cpus_mask, mask);
	p->nr_cpus_allowed = cpumask_weight(mask);
}

/* The class keeps lists by what may move: off them, changed, and on again. */
static void do_set_cpus_allowed(struct rq *rq, struct task_struct *p, const cpumask_t *mask)
{
	bool queued, running = task_current(rq, p);

	finish_delayed(rq, p);
	queued = task_on_rq_queued(p);
	if (queued)
		dequeue_task(rq, p, DEQUEUE_SAVE | DEQUEUE_NOCLOCK);
	if (running)
		put_prev_task(rq, p);
	if (p->sched_class->set_cpus_allowed)
		p->sched_class->set_cpus_allowed(p, mask);
	else
		set_cpus_allowed_common(p, mask);
	dl_bw_follow(p, dl_root_of(p));
	if (queued)
		enqueue_task(rq, p, ENQUEUE_RESTORE | ENQUEUE_NOCLOCK);
	if (running)
		set_next_task(rq, p);
}

/*
 * After a change of p's mask, until it is on a CPU of it. Locks as task_rq_lock(), dropped here;
 * the caller keeps p alive.
 */
static void leave_forbidden_cpu(struct rq *rq, struct task_struct *p, unsigned long *flags)
{
	for (;;) {
		struct migration_arg arg = {p, -1};
		int cpu = task_cpu(p), dest;

		if (is_cpu_allowed(p, cpu) || p->migration_disabled ||
		    (!task_on_rq_queued(p) && !p->on_cpu))
			break;
		if (!p->on_cpu) {
			dest = cpumask_any_and(cpu_active_mask, p->cpus_ptr);
			if (dest < nr_cpu_ids)
				rq = move_queued_task(rq, p, dest);
			break;
		}
		/* A thread that is bound to a CPU on its way up or down. */
		if (!cpumask_intersects(cpu_active_mask, p->cpus_ptr))
			break;
		task_rq_unlock(rq, p, flags);
		stop_one_cpu(cpu, migration_cpu_stop, &arg);
		rq = task_rq_lock(p, flags);
		update_rq_clock(rq);
	}
	task_rq_unlock(rq, p, flags);
}

enum affinity_by { BY_KERNEL, BY_USER, BY_CPUSET };

/*
 * BY_USER: *asked becomes what p has asked for, and is what it had before; BY_CPUSET: mask is a bound,
 * within which p keeps what it asked for, if a CPU is left of that. Both at one moment with the change
 * itself: of two that come at the same time the later one knows of the other.
 */
static int __set_cpus_allowed_ptr(struct task_struct *p, const cpumask_t *mask, enum affinity_by by,
				  cpumask_t **asked)
{
	const cpumask_t *valid = cpu_active_mask;
	unsigned long flags;
	cpumask_t within;
	struct rq *rq;
	int err = 0;

	get_task_struct(p);
	rq = task_rq_lock(p, &flags);
	update_rq_clock(rq);
	if (by == BY_CPUSET && p->user_cpus_ptr) {
		cpumask_and(&within, mask, p->user_cpus_ptr);
		if (cpumask_intersects(&within, cpu_active_mask))
			mask = &within;
	}
	/* A thread is bound to a CPU that comes up before that takes other tasks, or runs at all. */
	if (p->flags & PF_KTHREAD)
		valid = by == BY_USER ? cpu_online_mask : cpu_possible_mask;
	if (by == BY_USER && (p->flags & PF_NO_SETAFFINITY))
		err = -EINVAL;
	else if (!cpumask_intersects(valid, mask))
		err = -EINVAL;
	if (!err && asked)
		swap(p->user_cpus_ptr, *asked);
	if (err || cpumask_equal(&p->cpus_mask, mask)) {
		task_rq_unlock(rq, p, &flags);
	} else {
		do_set_cpus_allowed(rq, p, mask);
		if (task_on_rq_queued(p) && !p->on_cpu && is_cpu_allowed(p, rq->cpu))
			look_elsewhere(rq, p);
		leave_forbidden_cpu(rq, p, &flags);
	}
	put_task_struct(p);
	return err;
}

int set_cpus_allowed_ptr(struct task_struct *p, const cpumask_t *mask)
{
	return __set_cpus_allowed_ptr(p, mask, BY_KERNEL, NULL);
}

/* A deadline task was admitted to all CPUs of its root domain (sched(7)). */
static bool user_cpus_ok(struct task_struct *p, const cpumask_t *cpus)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);
	bool ok = !dl_policy(p->policy) || dl_affinity_ok(p, cpus);

	task_rq_unlock(rq, p, &flags);
	return ok;
}

int set_user_cpus(struct task_struct *p, const cpumask_t *mask, const cpumask_t *within)
{
	cpumask_t *asked = sched_env_alloc(sizeof(*asked), false);
	cpumask_t allowed;
	int err = -EBUSY;

	if (!asked)
		return -ENOMEM;
	cpumask_copy(asked, mask);
	cpumask_and(&allowed, mask, within);
	if (user_cpus_ok(p, &allowed))
		err = __set_cpus_allowed_ptr(p, &allowed, BY_USER, &asked);
	sched_env_free(asked);
	return err;
}

int set_cpuset_cpus(struct task_struct *p, const cpumask_t *allowed)
{
	return __set_cpus_allowed_ptr(p, allowed, BY_CPUSET, NULL);
}

void sched_exec(void)
{
	struct task_struct *p = current;
	struct migration_arg arg = {p, -1};
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	arg.dest_cpu = task_cpu(p);
	if (p->nr_cpus_allowed > 1 && p->sched_class->select_task_rq)
		arg.dest_cpu = p->sched_class->select_task_rq(p, task_cpu(p), WF_EXEC);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	if (arg.dest_cpu != smp_processor_id() && cpu_active(arg.dest_cpu))
		stop_one_cpu(task_cpu(p), migration_cpu_stop, &arg);
}

/*
 * Between these current stays on its CPU, though it may be preempted and sleep. Nests. A change
 * of affinity meanwhile takes effect at the last enable.
 */
void migrate_disable(void)
{
	preempt_disable();
	if (!current->migration_disabled++)
		this_rq()->nr_pinned++;
	preempt_enable();
}

void migrate_enable(void)
{
	struct task_struct *p = current;
	unsigned long flags;
	struct rq *rq;

	if (p->migration_disabled > 1) {
		p->migration_disabled--;
		return;
	}
	rq = task_rq_lock(p, &flags);
	p->migration_disabled = 0;
	rq->nr_pinned--;
	update_rq_clock(rq);
	leave_forbidden_cpu(rq, p, &flags);
}
