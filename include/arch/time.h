/* SPDX-License-Identifier: MIT */
/*
 * Contract 6 of 8: the machine's clock and its per-CPU alarm.
 */
#ifndef ARCH_TIME_H
#define ARCH_TIME_H

#include <jiffy/types.h>

/* Finds the counter's rate against a reference and the alarm's. Boot CPU, interrupts off. */
void arch_time_init(void);
void arch_time_init_secondary(void);

/*
 * The clock source: a counter that never stops or steps back as seen from any one CPU, and, once
 * checked, from all. ns = (cycles * mult) >> shift. Any context.
 */
struct arch_clock {
	u64 freq_hz;
	u32 mult, shift;
	bool usable_in_user_mode; /* the vDSO may read it */
};
extern struct arch_clock arch_clock;
u64 arch_clock_read(void);
/* Nanoseconds since boot, straight from the counter with no locks. */
u64 arch_clock_ns(void);
/* What arch_clock_ns() said when arch_clock_read() said cycles. */
u64 arch_clock_cycles_to_ns(u64 cycles);

/*
 * One shot: this CPU's timer interrupt (tick_handle_event()) comes delta nanoseconds from now,
 * replacing what was set; too short is as soon as possible, too long is cut. Interrupts off.
 */
void arch_timer_program(u64 delta_ns);
void arch_timer_stop(void);

/* Wall clock at boot in seconds since 1970, from the battery clock; 0 when there is none. */
s64 arch_read_persistent_clock(void);
/* Spins for at least that long. Any context. */
void arch_udelay(unsigned long us);
/*
 * How fast this CPU has run since it was last asked, of the 1,024 of its highest frequency; sleep
 * does not count. 1,024 where the machine does not tell. Interrupts off.
 */
unsigned long arch_freq_scale(void);
/* 64 bits of what entropy the CPU offers; false when it has none. */
bool arch_get_random(u64 *v);

#endif
