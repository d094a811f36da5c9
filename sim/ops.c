/* SPDX-License-Identifier: MIT */
/*
 * What simulated tasks do: each operation of sim.h is carried out by the task that has the CPU. Called
 * by the engine, with interrupts on and nothing held.
 */
#include "engine.h"

/* The task of that number, unless it is t itself or has ended: NULL. */
static struct sim_task *other_task(const struct sim_task *t, s64 number)
{
	struct sim_task *other;

	if (number < 0 || number >= sim_nr_tasks())
		return NULL;
	other = sim_task(number);
	return other == t || other->exited ? NULL : other;
}

static void wake_sim_task(struct sim_task *t)
{
	if (!t)
		return;
	if (!t->waiting) {
		t->wakeups++;
		return;
	}
	t->waiting = false;
	wake_up_process(&t->task);
}

static void sleep_over(void *arg, u64 tag)
{
	wake_up_process(arg);
}

static void block(struct sim_task *t)
{
	set_current_state(TASK_INTERRUPTIBLE);
	sim_schedule(false);
}

/* donor NULL: for nobody, from now on. */
static void boost(struct task_struct *p, struct sim_task *donor)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	rt_mutex_setprio(p, donor ? &donor->task : NULL);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

static u64 op_time(const struct sim_op *op)
{
	return op->a + (op->b ? sim_random_below(op->b) : 0);
}

static void exit_task(struct sim_task *t)
{
	sched_exit(&t->task);
	t->task.exit_state = EXIT_ZOMBIE;
	raw_spin_lock_irq(&t->task.pi_lock);
	__set_current_state(TASK_DEAD);
	raw_spin_unlock_irq(&t->task.pi_lock);
	sim_schedule(false);
}

/* As the kernel's hot-plug ladder, without what is not the scheduler's. */
static void plug(unsigned int cpu)
{
	int tries;

	if (!cpu || cpu >= nr_cpu_ids)
		return;
	if (!cpu_online(cpu)) {
		cpumask_set_cpu(cpu, &__cpu_online_mask);
		sim_cpus[cpu].idle = false;
		sched_cpu_activate(cpu);
		return;
	}
	if (sched_cpu_deactivate(cpu))
		return;
	for (tries = 0; sched_cpu_drain(cpu); tries++)
		if (tries == 100)
			panic("CPU %u keeps tasks that should leave it", cpu);
	cpumask_clear_cpu(cpu, &__cpu_online_mask);
}

static void run(struct sim_task *t, const struct sim_op *op)
{
	t->remaining = op_time(op);
	sim_count_fast(t);
	t->run_since = sim_now;
	sim_cpus[sim_cpu].done_due = 0;
}

static void sleep_until(struct sim_task *t, u64 when)
{
	sim_post(when, sim_cpu, sleep_over, &t->task, 0);
	block(t);
}

static void next_period(struct sim_task *t, const struct sim_op *op)
{
	if (op->b && sim_now > t->release + op->b)
		t->max_late = max(t->max_late, sim_now - t->release - op->b);
	t->release += op->a;
	if (t->release > sim_now)
		sleep_until(t, t->release);
}

static void wait_for_wakeup(struct sim_task *t)
{
	if (t->wakeups) {
		t->wakeups--;
		return;
	}
	t->waiting = true;
	block(t);
}

void sim_do_op(struct sim_task *t)
{
	const struct sim_op *op = &t->program->ops[t->pc];
	struct sched_param param = {.sched_priority = op->b};

	t->pc = (t->pc + 1) % t->program->nr_ops;
	preempt_count_set(PREEMPT_OFFSET);
	switch (op->kind) {
	case OP_RUN:
		run(t, op);
		break;
	case OP_SLEEP:
		sleep_until(t, sim_now + op_time(op));
		break;
	case OP_PERIOD:
		next_period(t, op);
		break;
	case OP_WAIT:
		wait_for_wakeup(t);
		break;
	case OP_WAKE:
		wake_sim_task(other_task(t, op->a));
		break;
	case OP_YIELD:
		preempt_count_set(0);
		sched_yield_current();
		break;
	case OP_FORK:
		/* A deadline task may not fork: its promise cannot be shared. */
		sim_start_task(sim_program(op->a),
			       dl_policy(t->task.policy) ? this_rq()->idle : &t->task);
		break;
	case OP_NICE:
		set_user_nice(&t->task, op->a);
		break;
	case OP_POLICY:
		sched_setscheduler_nocheck(&t->task, op->a, &param);
		break;
	case OP_CPUS:
		sim_set_cpus(&t->task, op->a, op->b);
		break;
	case OP_BOOST:
		boost(&t->task, other_task(t, op->a));
		break;
	case OP_PLUG:
		plug(op->a);
		break;
	case OP_EXIT:
		exit_task(t);
		break;
	}
	sim_set_base_preempt();
}
