/* SPDX-License-Identifier: MIT */
/*
 * Softirqs: work that an interrupt leaves for right after it, with interrupts on; tasklets on
 * top of them; entering and leaving interrupts.
 *
 * They run when the outermost interrupt ends, when local_bh_enable() finds some waiting, and in
 * ksoftirqd when they come faster than they can be done: after MAX_ROUNDS rounds or 2 ms the
 * rest is the thread's, which competes with other tasks for the CPU.
 *
 * Serialization rules: `pending` is its CPU's own, changed with interrupts off.
 */
#include <arch/irq.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/kthread.h>
#include <jiffy/rcu_private.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/time_private.h>

#define MAX_ROUNDS 10
#define MAX_NS	   (2 * NSEC_PER_MSEC)

static void (*actions[NR_SOFTIRQS])(void);
static DEFINE_PER_CPU(u32, pending);
static DEFINE_PER_CPU(struct task_struct *, ksoftirqd);
static DEFINE_PER_CPU(u32[NR_SOFTIRQS], softirq_counts);

void open_softirq(int nr, void (*action)(void))
{
	actions[nr] = action;
}

static void wake_ksoftirqd(void)
{
	struct task_struct *t = this_cpu_read(ksoftirqd);

	if (t)
		wake_up_process(t);
}

void raise_softirq_irqoff(int nr)
{
	this_cpu_write(pending, this_cpu_read(pending) | 1u << nr);
	/* In an interrupt, or with softirqs off, the end of that runs it; else the thread must. */
	if (!in_interrupt())
		wake_ksoftirqd();
}

void raise_softirq(int nr)
{
	unsigned long flags;

	local_irq_save(flags);
	raise_softirq_irqoff(nr);
	local_irq_restore(flags);
}

/* Interrupts off on entry and return. */
static void __do_softirq(void)
{
	u64 end = 0;
	int rounds = MAX_ROUNDS;
	u32 todo;

	preempt_count_add(SOFTIRQ_OFFSET);
	while ((todo = this_cpu_read(pending))) {
		this_cpu_write(pending, 0);
		local_irq_enable();
		for (; todo; todo &= todo - 1) {
			int nr = __ffs(todo);

			(*this_cpu_ptr(&softirq_counts))[nr]++;
			actions[nr]();
		}
		local_irq_disable();
		if (!this_cpu_read(pending))
			break;
		/* The clock is read only when a second round is due. */
		if (!end)
			end = sched_clock() + MAX_NS;
		if (!--rounds || need_resched() || sched_clock() > end) {
			wake_ksoftirqd();
			break;
		}
	}
	preempt_count_sub(SOFTIRQ_OFFSET);
}

void local_bh_disable(void)
{
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
	barrier();
}

void local_bh_enable(void)
{
	ASSERT(!in_hardirq() && !irqs_disabled());
	/* Preemption stays off by one until the softirqs have run on this CPU. */
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET - PREEMPT_OFFSET);
	if (unlikely(this_cpu_read(pending)) && !in_interrupt()) {
		local_irq_disable();
		if (this_cpu_read(pending))
			arch_do_softirq_own_stack(__do_softirq);
		local_irq_enable();
	}
	preempt_enable();
}

void irq_enter(void)
{
	rcu_irq_enter();
	preempt_count_add(HARDIRQ_OFFSET);
	if (is_idle_task(current))
		tick_irq_enter();
}

void irq_exit(void)
{
	preempt_count_sub(HARDIRQ_OFFSET);
	if (unlikely(this_cpu_read(pending)) && !in_interrupt())
		arch_do_softirq_own_stack(__do_softirq);
	rcu_irq_exit();
}

void nmi_enter(void)
{
	preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
}

void nmi_exit(void)
{
	preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
}

static int ksoftirqd_thread(void *unused)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		set_current_state(TASK_INTERRUPTIBLE);
		if (!this_cpu_read(pending) && !kthread_should_park()) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		preempt_disable();
		local_irq_disable();
		if (this_cpu_read(pending))
			arch_do_softirq_own_stack(__do_softirq);
		local_irq_enable();
		preempt_enable();
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

int ksoftirqd_cpu_online(unsigned int cpu)
{
	struct task_struct *t = per_cpu(ksoftirqd, cpu);

	if (t) {
		kthread_unpark(t);
		return 0;
	}
	t = kthread_create_on_cpu(ksoftirqd_thread, NULL, cpu, "ksoftirqd/%d", (int)cpu);
	if (IS_ERR(t))
		return PTR_ERR(t);
	per_cpu(ksoftirqd, cpu) = t;
	wake_up_process(t);
	return 0;
}

/* What is raised from here on runs at the ends of interrupts, or is left for softirq_cpu_dead(). */
void ksoftirqd_cpu_offline(unsigned int cpu)
{
	kthread_park(per_cpu(ksoftirqd, cpu));
}

static int __init ksoftirqd_init(void)
{
	int cpu, err;

	for_each_online_cpu (cpu) {
		err = ksoftirqd_cpu_online(cpu);
		if (err)
			return err;
	}
	return 0;
}
core_initcall(ksoftirqd_init);

enum { TASKLET_SCHEDULED = 1, TASKLET_RUNNING = 2 };
static DEFINE_PER_CPU(struct tasklet_struct *, tasklets);

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data)
{
	*t = (struct tasklet_struct){.func = func, .data = data};
}

void tasklet_schedule(struct tasklet_struct *t)
{
	unsigned long flags;

	if (__atomic_fetch_or(&t->state, TASKLET_SCHEDULED, __ATOMIC_SEQ_CST) & TASKLET_SCHEDULED)
		return;
	local_irq_save(flags);
	t->next = this_cpu_read(tasklets);
	this_cpu_write(tasklets, t);
	raise_softirq_irqoff(TASKLET_SOFTIRQ);
	local_irq_restore(flags);
}

static void tasklet_action(void)
{
	struct tasklet_struct *list;

	local_irq_disable();
	list = this_cpu_read(tasklets);
	this_cpu_write(tasklets, NULL);
	local_irq_enable();
	while (list) {
		struct tasklet_struct *t = list;

		list = t->next;
		/* It may run on one CPU at a time: while another has it, it waits its turn here. */
		while (__atomic_fetch_or(&t->state, TASKLET_RUNNING, __ATOMIC_ACQUIRE) &
		       TASKLET_RUNNING)
			cpu_relax();
		__atomic_fetch_and(&t->state, ~(unsigned long)TASKLET_SCHEDULED, __ATOMIC_SEQ_CST);
		t->func(t->data);
		__atomic_fetch_and(&t->state, ~(unsigned long)TASKLET_RUNNING, __ATOMIC_RELEASE);
	}
}

/*
 * What was raised there and not run: tasklets go on here. The timers', RCU's and the balancer's
 * work is found by its own step or is nobody's any more.
 */
void softirq_cpu_dead(unsigned int cpu)
{
	struct tasklet_struct *list = per_cpu(tasklets, cpu), **tail = &list;
	unsigned long flags;

	while (*tail)
		tail = &(*tail)->next;
	local_irq_save(flags);
	*tail = this_cpu_read(tasklets);
	this_cpu_write(tasklets, list);
	if (list)
		raise_softirq_irqoff(TASKLET_SOFTIRQ);
	local_irq_restore(flags);
	per_cpu(tasklets, cpu) = NULL;
	per_cpu(pending, cpu) = 0;
}

void tasklet_kill(struct tasklet_struct *t)
{
	while (READ_ONCE(t->state))
		schedule_timeout_uninterruptible(1);
}

void __init softirq_init(void)
{
	open_softirq(TASKLET_SOFTIRQ, tasklet_action);
}

u64 kstat_softirq_sum(int nr)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu (cpu)
		sum += per_cpu(softirq_counts, cpu)[nr];
	return sum;
}

void softirq_show(struct seq_file *m)
{
	static const char *const names[NR_SOFTIRQS] = {"HI",	"TIMER",   "NET", "TASKLET",
						       "SCHED", "HRTIMER", "RCU"};
	int cpu;

	seq_printf(m, "          ");
	for_each_online_cpu (cpu)
		seq_printf(m, "      CPU%-3d", cpu);
	seq_printf(m, "\n");
	for (int nr = 0; nr < NR_SOFTIRQS; nr++) {
		seq_printf(m, "%9s:", names[nr]);
		for_each_online_cpu (cpu)
			seq_printf(m, " %10u", per_cpu(softirq_counts, cpu)[nr]);
		seq_printf(m, "\n");
	}
}
