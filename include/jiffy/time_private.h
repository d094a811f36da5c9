/* SPDX-License-Identifier: MIT */
/*
 * What the files of time/ share.
 */
#ifndef JIFFY_TIME_PRIVATE_H
#define JIFFY_TIME_PRIVATE_H

#include <jiffy/ktime.h>

ktime_t ktime_real_offset(void);  /* ns from monotonic to real */
ktime_t ktime_get_clocktai(void);
s64 get_tai_offset(void);
void set_tai_offset(s64 seconds);
void set_time_zone(int minuteswest, int dsttime);
void get_time_zone(int *minuteswest, int *dsttime);
bool update_jiffies(void);

void hrtimers_init(void);
void hrtimers_cpu_dying(void);  /* this CPU, interrupts off: no alarm any more */
void hrtimer_interrupt(void);	  /* runs what is due on this CPU and arms the next */
void clock_was_set(void);	  /* real time jumped: every CPU looks at its timers again */

void timers_init(void);
void run_local_timers(void);	  /* tick: raise TIMER_SOFTIRQ when the wheel has something due */
/* When this CPU's wheel next has work, in jiffies; false: never. Interrupts off. */
bool timers_next_expiry(unsigned long *when);

void tick_init(void);
/* An interrupt ended this CPU's idle halt: jiffies may be old. Interrupts off. */
void tick_irq_enter(void);

#endif
