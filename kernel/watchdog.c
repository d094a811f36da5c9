/* SPDX-License-Identifier: MIT */
/*
 * Soft lock-up: need_resched stood each time that a tick looked for soft_limit, in kernel mode, and
 * no switch came: something holds preemption off. The flag alone does not say so: where many tasks
 * share a CPU, each tick finds a request that it or a timer beside it made a moment ago. Hard
 * lock-up: a CPU whose tick runs has not counted one for hard_limit; its neighbour sees that and
 * sends an NMI, and the handler reports where the CPU was. (One CPU alone has no neighbour: there
 * only the soft check works.) Hung task: khungtaskd finds a task in D state that has not been
 * switched in for hung_limit.
 *
 * Limits by `watchdog_thresh=` seconds (0: all off); the hung task limit is six times that.
 */
#include <arch/irq.h>
#include <arch/task.h>
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include <jiffy/watchdog.h>

static unsigned int thresh = 20;

static int set_thresh(char *value)
{
	return kstrtouint(value, 0, &thresh);
}
__setup("watchdog_thresh=", set_thresh);

struct watch {
	u64 stuck_since;     /* ns; 0: not stuck */
	pid_t pid;	     /* whom stuck_since is about */
	u64 switches;	     /* how often that task had left a CPU by then */
	unsigned long ticks; /* counted by its own tick */
	bool idle;	     /* tick stopped */
	unsigned long seen;  /* the neighbour's count when last looked at */
	u64 seen_at;
	bool asked; /* an NMI is on its way to the neighbour */
};

static DEFINE_PER_CPU(struct watch, watch);

void touch_softlockup_watchdog(void)
{
	this_cpu_write(watch.stuck_since, 0);
}

void watchdog_idle(int idle)
{
	this_cpu_write(watch.idle, (bool)idle);
	this_cpu_write(watch.stuck_since, 0);
}

static void check_soft(struct watch *w, struct pt_regs *regs, u64 now)
{
	u64 switches = current->nvcsw + current->nivcsw;

	if (!need_resched() || (regs && user_mode(regs))) {
		w->stuck_since = 0;
		return;
	}
	if (!w->stuck_since || w->pid != current->pid || w->switches != switches) {
		w->stuck_since = now;
		w->pid = current->pid;
		w->switches = switches;
	} else if (now - w->stuck_since > thresh * NSEC_PER_SEC) {
		if (regs)
			arch_show_regs(regs);
		panic("soft lock-up: CPU %d has not switched for %u s, in task %s (pid %d)",
		      smp_processor_id(), thresh, current->comm, current->pid);
	}
}

static void check_neighbour(struct watch *w, u64 now)
{
	int other = cpumask_next(smp_processor_id(), cpu_online_mask);
	struct watch *o;

	if (other >= (int)nr_cpu_ids)
		other = cpumask_first(cpu_online_mask);
	if (other == smp_processor_id())
		return;
	o = per_cpu_ptr(&watch, other);
	if (READ_ONCE(o->idle) || READ_ONCE(o->ticks) != w->seen) {
		w->seen = READ_ONCE(o->ticks);
		w->seen_at = now;
		return;
	}
	if (now - w->seen_at > thresh * NSEC_PER_SEC / 2 && !xchg(&o->asked, true)) {
		cpumask_t one;

		pr_emerg("hard lock-up: CPU %d takes no interrupts", other);
		cpumask_clear(&one);
		__cpumask_set_cpu(other, &one);
		arch_send_nmi(&one);
	}
}

void watchdog_tick(struct pt_regs *regs)
{
	struct watch *w = this_cpu_ptr(&watch);
	u64 now;

	w->ticks++;
	if (!thresh || w->ticks % 64)
		return;
	now = ktime_get();
	check_soft(w, regs, now);
	check_neighbour(w, now);
}

void nmi_handler(struct pt_regs *regs)
{
	struct watch *w = this_cpu_ptr(&watch);

	if (!xchg(&w->asked, false))
		return;
	arch_show_regs(regs);
	panic("hard lock-up: CPU %d, in task %s (pid %d)", smp_processor_id(), current->comm,
	      current->pid);
}

static void check_hung(struct task_struct *t, u64 now)
{
	unsigned long switches = t->nvcsw + t->nivcsw;
	unsigned int state = READ_ONCE(t->__state);

	if (!(state & TASK_UNINTERRUPTIBLE) || (state & (TASK_WAKEKILL | TASK_NOLOAD)) || !switches)
		return;
	if (switches != t->last_switch_count) {
		t->last_switch_count = switches;
		t->last_switch_time = now;
		return;
	}
	if (now - t->last_switch_time < 6 * thresh * NSEC_PER_SEC)
		return;
	pr_err("hung task: %s (pid %d) has been in state D for %llu s", t->comm, t->pid,
	       (unsigned long long)((now - t->last_switch_time) / NSEC_PER_SEC));
	sched_show_task(t);
	lockdep_print_held(t);
	t->last_switch_time = now;
}

static int khungtaskd(void *unused)
{
	struct task_struct *p, *t;

	while (!kthread_should_stop()) {
		u64 now = ktime_get();

		rcu_read_lock();
		for_each_process_thread (p, t)
			check_hung(t, now);
		rcu_read_unlock();
		schedule_timeout_interruptible(thresh * HZ);
	}
	return 0;
}

static int __init watchdog_init(void)
{
	if (thresh)
		kthread_run(khungtaskd, NULL, "khungtaskd");
	return 0;
}
late_initcall(watchdog_init);
