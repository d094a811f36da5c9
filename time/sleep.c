/* SPDX-License-Identifier: MIT */
/*
 * Sleeping for a time: by the wheel for time-outs in jiffies, by a high-resolution timer for
 * everything exact. The caller has set its state; a wake-up of any other kind ends the sleep too.
 */
#include <arch/time.h>
#include <jiffy/err.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>

struct process_timer {
	struct timer_list timer;
	struct task_struct *task;
};

static void process_timeout(struct timer_list *t)
{
	wake_up_process(container_of(t, struct process_timer, timer)->task);
}

long schedule_timeout(long timeout)
{
	struct process_timer pt = {.task = current};
	unsigned long expire;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	if (timeout < 0) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	expire = jiffies + timeout;
	timer_setup(&pt.timer, process_timeout, 0);
	mod_timer(&pt.timer, expire);
	schedule();
	del_timer_sync(&pt.timer);
	timeout = expire - jiffies;
	return timeout < 0 ? 0 : timeout;
}

long schedule_timeout_interruptible(long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_uninterruptible(long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_killable(long timeout)
{
	__set_current_state(TASK_KILLABLE);
	return schedule_timeout(timeout);
}

void msleep(unsigned int ms)
{
	long left = msecs_to_jiffies(ms) + 1;

	while (left)
		left = schedule_timeout_uninterruptible(left);
}

void udelay(unsigned long us)
{
	arch_udelay(us);
}

struct hrtimer_sleeper {
	struct hrtimer timer;
	struct task_struct *task; /* NULL once the time has come */
};

static enum hrtimer_restart hrtimer_wakeup(struct hrtimer *timer)
{
	struct hrtimer_sleeper *s = container_of(timer, struct hrtimer_sleeper, timer);
	struct task_struct *t = s->task;

	/* Who sees this knows the timer to be running, until this function has returned. */
	smp_store_release(&s->task, NULL);
	if (t)
		wake_up_process(t);
	return HRTIMER_NORESTART;
}

int schedule_hrtimeout_range_clock(ktime_t *expires, u64 slack, enum hrtimer_mode mode,
				   clockid_t clock)
{
	struct hrtimer_sleeper s = {.task = current};

	/* A time of zero is a look at the condition, not a sleep. */
	if (expires && *expires == 0 && (mode & HRTIMER_MODE_REL)) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	if (!expires || *expires == KTIME_MAX) {
		schedule();
		return -EINTR;
	}
	hrtimer_init(&s.timer, clock, mode);
	s.timer.function = hrtimer_wakeup;
	hrtimer_start_range_ns(&s.timer, *expires, slack, mode);
	if (s.task)
		schedule();
	/* Woken by it, there is no timer to look for; only its callback may not have returned. */
	if (smp_load_acquire(&s.task) || !hrtimer_callback_returned(&s.timer))
		hrtimer_cancel(&s.timer);
	__set_current_state(TASK_RUNNING);
	return s.task ? -EINTR : 0;
}

int schedule_hrtimeout_range(ktime_t *expires, u64 slack, enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range_clock(expires, slack, mode, CLOCK_MONOTONIC);
}

u64 current_timer_slack(void)
{
	return rt_task(current) ? 0 : current->timer_slack_ns;
}
