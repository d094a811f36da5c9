/* SPDX-License-Identifier: MIT */
/*
 * Time: clocks, the tick's count, the timer wheel and high-resolution timers. Room time/.
 */
#ifndef JIFFY_KTIME_H
#define JIFFY_KTIME_H

#include <jiffy/kernel.h>
#include <jiffy/list.h>
#include <jiffy/rbtree.h>
#include <jiffy/types.h>
#include <uapi/time.h>

typedef s64 ktime_t; /* nanoseconds */
#define KTIME_MAX INT64_MAX

#define HZ 250
#define TICK_NSEC (NSEC_PER_SEC / HZ)
extern volatile unsigned long jiffies; /* ticks since boot, on whichever CPU keeps them */
extern u64 jiffies_64;
#define time_after(a, b)     ((long)((b) - (a)) < 0)
#define time_before(a, b)    time_after(b, a)
#define time_after_eq(a, b)  ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
#ifndef LONG_MAX
#define LONG_MAX 0x7fffffffffffffffL
#endif

static inline unsigned long msecs_to_jiffies(unsigned long ms)
{
	return DIV_ROUND_UP(ms * HZ, MSEC_PER_SEC);
}

static inline unsigned long jiffies_to_msecs(unsigned long j)
{
	return j * (MSEC_PER_SEC / HZ);
}

static inline u64 jiffies_to_nsecs(unsigned long j)
{
	return j * TICK_NSEC;
}

/* Rounded up, so that one never wakes early. */
static inline unsigned long nsecs_to_jiffies(u64 ns)
{
	return DIV_ROUND_UP(ns, TICK_NSEC);
}

/* Nanoseconds: since boot without sleep (monotonic), since 1970, TAI. Any context, NMI too. */
ktime_t ktime_get(void);
ktime_t ktime_get_real(void);
ktime_t ktime_get_boottime(void);
ktime_t ktime_get_coarse(void);
ktime_t ktime_get_coarse_real(void);
/* This CPU's clock for the scheduler: fast, monotonic on one CPU. Preemption off to compare. */
u64 sched_clock(void);
void ktime_get_ts64(struct timespec64 *ts);
void ktime_get_real_ts64(struct timespec64 *ts);
time_t ktime_get_real_seconds(void);
int do_settimeofday64(const struct timespec64 *ts);
struct timespec64 current_time_ts(void); /* file times: real time, at the tick's grain */

static inline struct timespec64 ns_to_timespec64(s64 ns)
{
	struct timespec64 ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	if (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += NSEC_PER_SEC;
	}
	return ts;
}

static inline bool timespec64_valid(const struct timespec64 *ts)
{
	return ts->tv_sec >= 0 && (unsigned long)ts->tv_nsec < NSEC_PER_SEC;
}

/* Saturates at KTIME_MAX. */
static inline ktime_t timespec64_to_ktime(struct timespec64 ts)
{
	if (ts.tv_sec >= KTIME_MAX / NSEC_PER_SEC)
		return KTIME_MAX;
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static inline ktime_t ktime_add_safe(ktime_t a, ktime_t b)
{
	ktime_t r;

	return __builtin_add_overflow(a, b, &r) ? KTIME_MAX : r;
}

/* The timer wheel: for time-outs, which mostly are cancelled. Callback in softirq context. */
struct timer_list {
	struct hlist_node entry;
	unsigned long expires; /* jiffies */
	void (*function)(struct timer_list *timer);
	u32 flags; /* CPU and wheel slot */
};
#define from_timer(var, timer, field) container_of(timer, __typeof__(*var), field)
void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *), unsigned int flags);
void add_timer(struct timer_list *t);
int mod_timer(struct timer_list *t, unsigned long expires); /* 1 when it was pending */
int del_timer(struct timer_list *t);			    /* any context; 1 when pending */
int del_timer_sync(struct timer_list *t);		    /* also waits for a running callback */
bool timer_pending(const struct timer_list *t);

/* High-resolution timers: callback in hard interrupt context, on the CPU that armed it. */
enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };
enum hrtimer_mode { HRTIMER_MODE_ABS = 0, HRTIMER_MODE_REL = 1, HRTIMER_MODE_PINNED = 2,
		    HRTIMER_MODE_ABS_PINNED = 2, HRTIMER_MODE_REL_PINNED = 3 };
struct hrtimer_clock_base;
struct hrtimer {
	struct rb_node node;
	ktime_t expires;      /* when it is due, in its clock's time */
	ktime_t softexpires;  /* the earliest it may run: expires minus the slack */
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	struct hrtimer_clock_base *base;
	u8 state;
};
void hrtimer_init(struct hrtimer *t, clockid_t clock, enum hrtimer_mode mode);
void hrtimer_start_range_ns(struct hrtimer *t, ktime_t when, u64 slack, enum hrtimer_mode mode);
static inline void hrtimer_start(struct hrtimer *t, ktime_t when, enum hrtimer_mode mode)
{
	hrtimer_start_range_ns(t, when, 0, mode);
}
/* t, whose callback has begun and will not restart it, is out of the callback's hands. No lock. */
bool hrtimer_callback_returned(const struct hrtimer *t);
int hrtimer_cancel(struct hrtimer *t);	      /* waits for a running callback; 1 when armed */
int hrtimer_try_to_cancel(struct hrtimer *t); /* -1 when its callback is running */
bool hrtimer_active(const struct hrtimer *t);
bool hrtimer_is_queued(const struct hrtimer *t);
/* Moves expires past now by whole intervals; how many. From the callback, or not armed. */
u64 hrtimer_forward(struct hrtimer *t, ktime_t now, ktime_t interval);
u64 hrtimer_forward_now(struct hrtimer *t, ktime_t interval);
ktime_t hrtimer_get_remaining(const struct hrtimer *t);
ktime_t hrtimer_cb_get_time(const struct hrtimer *t); /* now, on its clock */

/* Sleep in the state that the caller set. The jiffies (ns) left, or 0 / -EINTR as named. */
long schedule_timeout(long timeout_jiffies);
long schedule_timeout_interruptible(long timeout_jiffies);
long schedule_timeout_uninterruptible(long timeout_jiffies);
long schedule_timeout_killable(long timeout_jiffies);
/* 0 when the time came, -EINTR when woken before. expires NULL: never comes. */
int schedule_hrtimeout_range(ktime_t *expires, u64 slack, enum hrtimer_mode mode);
int schedule_hrtimeout_range_clock(ktime_t *expires, u64 slack, enum hrtimer_mode mode,
				   clockid_t clock);
void msleep(unsigned int ms);
void udelay(unsigned long us); /* spins */
/* Ends at `expires` or earlier by at most the task's timer slack. */
u64 current_timer_slack(void);

void time_init(void);		  /* boot CPU: clock source, wheel, hrtimers */
void time_init_secondary(void);	  /* each other CPU */
void tick_handle_event(void);	  /* arch/: the CPU's timer interrupt, inside irq_enter() */
void tick_nohz_idle_enter(void);  /* idle loop, interrupts off */
void tick_nohz_idle_exit(u64 idled_ns);
void timekeeping_update_vdso(void);

#endif
