/* SPDX-License-Identifier: MIT */
/*
 * Soft lock-up: each look of a tick found the CPU in kernel mode and asked for a reschedule, and
 * for `thresh` seconds the CPU did not come through the scheduler: something holds preemption off.
 *
 * Hard lock-up: a CPU that is not idle has counted no tick. Its neighbour, the next CPU on line,
 * looks every thresh/2 seconds, an idle one too; it sends an NMI, whose handler reports where the
 * CPU was. One CPU alone has no neighbour: its tick keeps a timer from running out whose interrupt
 * is an NMI, and the handler, once it runs, waits for the tick `thresh` seconds at most.
 *
 * Hung task: khungtaskd finds a task in D state that has not been switched in for six times that.
 *
 * Limits by `watchdog_thresh=` seconds (0: all off).
 *
 * Serialization rules: a CPU's struct watch is written by itself with interrupts off, or by its
 * NMI handler (the fields named so); `beats`, `idle` and `asked` are read by its neighbour too.
 */
#include <arch/irq.h>
#include <arch/task.h>
#include <arch/time.h>
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include <jiffy/watchdog.h>

#define MAX_THRESH 3600

static unsigned int thresh = 20;

static int set_thresh(char *value)
{
	unsigned int seconds;
	int err = kstrtouint(value, 0, &seconds);

	if (!err && seconds > MAX_THRESH)
		err = -ERANGE;
	if (!err)
		thresh = seconds;
	return err;
}
__setup("watchdog_thresh=", set_thresh);

#define SOFT_TICKS 64 /* a soft look every so many */
#define ARM_TICKS  8  /* 32 ms, well below what arch_nmi_timer_arm() gives */

struct watch {
	u64 stuck_since;      /* ns; 0: not stuck */
	unsigned int passes;  /* through the scheduler, when last looked at */
	unsigned long beats;  /* ticks, and ends of idleness */
	bool idle;	      /* tick stopped */
	int other;	      /* the neighbour (-1: not looked at any yet), ... */
	unsigned long seen;   /* ... its beats when last looked at, ... */
	unsigned long look;   /* ... and when to look again, in jiffies */
	bool asked;	      /* the neighbour has sent an NMI */
	u64 silent_since;     /* ns; the NMI handler's */
	unsigned long silent; /* beats by then; the NMI handler's */
};

static DEFINE_PER_CPU(struct watch, watch) = {.other = -1};
static bool have_nmi_timer;

void touch_softlockup_watchdog(void)
{
	this_cpu_write(watch.stuck_since, 0);
}

void watchdog_idle(bool idle)
{
	struct watch *w = this_cpu_ptr(&watch);

	/* Between two looks of the neighbour's the CPU may have slept: that is a beat, too. */
	WRITE_ONCE(w->beats, w->beats + 1);
	WRITE_ONCE(w->idle, idle);
	w->stuck_since = 0;
}

bool watchdog_next_look(unsigned long *when)
{
	if (!thresh || num_online_cpus() == 1)
		return false;
	*when = this_cpu_read(watch.look);
	return true;
}

static void check_soft(struct watch *w, struct pt_regs *regs, u64 now)
{
	unsigned int passes = sched_passes();

	if (w->idle || w->passes != passes || (regs && user_mode(regs))) {
		w->passes = passes;
		w->stuck_since = 0;
		return;
	}
	if (!w->stuck_since) {
		w->stuck_since = now;
		trace_sched_need_resched(current, smp_processor_id());
		set_tsk_need_resched(current); /* it goes through the scheduler if it can */
	} else if (now - w->stuck_since > thresh * NSEC_PER_SEC) {
		if (regs)
			arch_show_regs(regs);
		panic("soft lock-up: CPU %d has not switched for %u s, in task %s (pid %d)",
		      smp_processor_id(), thresh, current->comm, current->pid);
	}
}

static void check_neighbour(struct watch *w)
{
	int other = cpumask_next(smp_processor_id(), cpu_online_mask);
	unsigned long beats;
	struct watch *o;
	cpumask_t one;

	if (other >= (int)nr_cpu_ids)
		other = cpumask_first(cpu_online_mask);
	if (other == smp_processor_id())
		return;
	o = per_cpu_ptr(&watch, other);
	beats = READ_ONCE(o->beats);
	if (READ_ONCE(o->idle) || beats != w->seen || other != w->other) {
		w->seen = beats;
		w->other = other;
		return;
	}
	if (xchg(&o->asked, true))
		panic("hard lock-up: CPU %d does not even take an NMI", other);
	pr_emerg("hard lock-up: CPU %d takes no interrupts", other);
	cpumask_clear(&one);
	__cpumask_set_cpu(other, &one);
	arch_send_nmi(&one);
}

void watchdog_tick(struct pt_regs *regs)
{
	struct watch *w = this_cpu_ptr(&watch);

	WRITE_ONCE(w->beats, w->beats + 1);
	if (!thresh)
		return;
	if (w->beats % SOFT_TICKS == 0)
		check_soft(w, regs, ktime_get());
	if (time_after_eq(jiffies, w->look)) {
		w->look = jiffies + max(thresh * HZ / 2, 1U);
		check_neighbour(w);
	}
	if (w->beats % ARM_TICKS == 0 && have_nmi_timer && num_online_cpus() == 1)
		arch_nmi_timer_arm();
}

static __noreturn void hard_lockup(struct pt_regs *regs)
{
	arch_show_regs(regs);
	panic("hard lock-up: CPU %d, in task %s (pid %d)", smp_processor_id(), current->comm,
	      current->pid);
}

/* The timer that the tick keeps from running out has run out: goes on while there is no tick. */
static void check_silence(struct watch *w, struct pt_regs *regs)
{
	u64 now = arch_clock_ns();

	if (w->idle || num_online_cpus() > 1)
		return;
	if (w->silent != w->beats) {
		w->silent = w->beats;
		w->silent_since = now;
	} else if (now - w->silent_since > thresh * NSEC_PER_SEC) {
		hard_lockup(regs);
	}
	arch_nmi_timer_arm();
}

void nmi_handler(struct pt_regs *regs)
{
	struct watch *w = this_cpu_ptr(&watch);

	if (xchg(&w->asked, false))
		hard_lockup(regs);
	if (have_nmi_timer && thresh)
		check_silence(w, regs);
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
	if (!thresh)
		return 0;
	have_nmi_timer = !arch_nmi_timer_init();
	kthread_run(khungtaskd, NULL, "khungtaskd");
	return 0;
}
late_initcall(watchdog_init);
