/* SPDX-License-Identifier: MIT */
/* Between cpu_timers.c, itimer.c and posix_timers.c. */
#ifndef PROCESS_CPU_TIMERS_H
#define PROCESS_CPU_TIMERS_H

#include <jiffy/posix_timers.h>

struct k_itimer;

/* ITIMER_PROF, ITIMER_VIRTUAL: ns. set: the new values go in, the old ones come out. */
void get_cpu_itimer(unsigned int clock, u64 *value, u64 *interval);
void set_cpu_itimer(unsigned int clock, u64 *value, u64 *interval);

/* timer_create(2) on a CPU-time clock. The timer's own lock is held but for create. */
int cpu_timer_create(struct k_itimer *timer);
int cpu_timer_set(struct k_itimer *timer, u64 expires, bool absolute);
u64 cpu_timer_remaining(struct k_itimer *timer);
void cpu_timer_del(struct k_itimer *timer);
void cpu_timer_rearm(struct k_itimer *timer);

#endif
