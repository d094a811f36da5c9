/* SPDX-License-Identifier: MIT */
/*
 * The tick: a high-resolution timer of each CPU, HZ times a second, that drives jiffies, the
 * scheduler, the timer wheel, RCU and the watchdogs. An idle CPU moves it to the next moment at
 * which there is work; jiffies are brought up to the clock on the way out.
 *
 * Serialization rules: a CPU's tick_sched is its own, with interrupts off.
 */
#include <arch/irq.h>
#include <arch/task.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/cputime.h>
#include <jiffy/percpu.h>
#include <jiffy/posix_timers.h>
#include <jiffy/rcu_private.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/time_private.h>
#include <jiffy/watchdog.h>

struct tick_sched {
	struct hrtimer timer;
	bool stopped;
	bool ticked;  /* the last one found this CPU idle, and it still is */
	u64 idle_avg; /* ns that it idled at a time, lately */
};

static DEFINE_PER_CPU(struct tick_sched, tick_sched);
static unsigned long next_load_update;
/* Load is sampled every five seconds and a tick, so that it beats with nothing. */
#define LOAD_FREQ (5 * HZ + 1)

static void update_global_load(void)
{
	unsigned long due = READ_ONCE(next_load_update);

	if (time_before(jiffies, due))
		return;
	if (try_cmpxchg(&next_load_update, &due, jiffies + LOAD_FREQ))
		calc_global_load();
}

/* When the wheel of this CPU, idle with its tick stopped, must be looked at again. */
static bool next_idle_tick(ktime_t *when)
{
	unsigned long next, look;
	bool timers, watches;

	if (rcu_needs_cpu()) {
		*when = (ktime_get() / TICK_NSEC + 1) * TICK_NSEC;
		return true;
	}
	timers = timers_next_expiry(&next);
	watches = watchdog_next_look(&look);
	if (!timers && !watches)
		return false;
	if (!timers || (watches && time_after(next, look)))
		next = look;
	/* What is due already is run by the softirq that this tick has raised: look right after. */
	next = time_after(next, jiffies) ? next : jiffies + 1;
	*when = ktime_get_coarse() + (long)(next - jiffies) * TICK_NSEC;
	return true;
}

static enum hrtimer_restart idle_tick_next(struct hrtimer *timer)
{
	ktime_t when;

	if (!next_idle_tick(&when))
		return HRTIMER_NORESTART;
	timer->expires = timer->softexpires = when;
	return HRTIMER_RESTART;
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	struct pt_regs *regs = arch_irq_regs();
	bool user = regs && user_mode(regs);

	if (update_jiffies()) {
		timekeeping_update_vdso();
		update_global_load();
		printk_tick();
	}
	account_process_tick(current, user);
	run_posix_cpu_timers(current);
	run_local_timers();
	rcu_check_callbacks(user);
	scheduler_tick();
	watchdog_tick(regs);
	this_cpu_write(tick_sched.ticked, is_idle_task(current));
	if (this_cpu_read(tick_sched.stopped))
		return idle_tick_next(timer);
	hrtimer_forward_now(timer, TICK_NSEC);
	return HRTIMER_RESTART;
}

void tick_handle_event(void)
{
	hrtimer_interrupt();
}

void tick_init(void)
{
	struct tick_sched *ts = this_cpu_ptr(&tick_sched);
	/* The CPUs' ticks are spread over the period, so that they do not meet at the same locks.
	 */
	ktime_t first = (ktime_get() / TICK_NSEC + 1) * TICK_NSEC +
			TICK_NSEC / (2 * nr_cpu_ids) * smp_processor_id();

	if (!next_load_update)
		next_load_update = jiffies + LOAD_FREQ;
	ts->stopped = false;
	watchdog_idle(false);
	hrtimer_init(&ts->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED);
	ts->timer.function = tick;
	hrtimer_start(&ts->timer, first, HRTIMER_MODE_ABS_PINNED);
}

void tick_cpu_dying(void)
{
	struct tick_sched *ts = this_cpu_ptr(&tick_sched);

	hrtimer_cancel(&ts->timer);
	ts->stopped = true;
	watchdog_idle(true);
	hrtimers_cpu_dying();
}

/*
 * Moving the tick away and back takes longer than many a wait for another CPU's answer. So a CPU
 * that has idled less than a tick at a time keeps it; when it comes, that was a wrong guess, and
 * then it is stopped.
 *
 * Called before each halt: an interrupt taken while idle may have armed an earlier timer.
 */
void tick_nohz_idle_enter(void)
{
	struct tick_sched *ts = this_cpu_ptr(&tick_sched);
	ktime_t when;

	if (need_resched() || (!ts->stopped && rcu_needs_cpu()))
		return;
	if (!ts->stopped) {
		if (!ts->ticked && ts->idle_avg < TICK_NSEC)
			return;
		ts->stopped = true;
		watchdog_idle(true);
	}
	if (!next_idle_tick(&when))
		hrtimer_cancel(&ts->timer);
	else if (!hrtimer_is_queued(&ts->timer) || ts->timer.expires != when)
		hrtimer_start(&ts->timer, when, HRTIMER_MODE_ABS_PINNED);
}

void tick_irq_enter(void)
{
	if (this_cpu_read(tick_sched.stopped) && update_jiffies())
		timekeeping_update_vdso();
}

void tick_nohz_idle_exit(u64 idled)
{
	struct tick_sched *ts = this_cpu_ptr(&tick_sched);

	ts->ticked = false;
	/* Three quarters of what was and one of what is; one long sleep is not remembered long. */
	ts->idle_avg += ((s64)(min_t(u64, idled, 4 * TICK_NSEC) - ts->idle_avg)) / 4;
	if (!ts->stopped)
		return;
	ts->stopped = false;
	watchdog_idle(false);
	if (update_jiffies())
		timekeeping_update_vdso();
	hrtimer_start(&ts->timer, (ktime_get() / TICK_NSEC + 1) * TICK_NSEC,
		      HRTIMER_MODE_ABS_PINNED);
}
