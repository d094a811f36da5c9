/* SPDX-License-Identifier: MIT */
/*
 * What freq.c makes of two readings of APERF and MPERF: arithmetic without a machine, which the
 * unit tests call as well. Nobody else includes it.
 */
#ifndef ASM_FREQ_H
#define ASM_FREQ_H

#include <jiffy/types.h>

#define FULL_SPEED 1024UL

struct freq_reading {
	u64 aperf, mperf;
	unsigned long scale; /* by the last two readings; 0: there was none */
};

/*
 * The share of the highest frequency, of FULL_SPEED, at which the CPU ran between *last and these
 * counters; *last becomes them. rated, highest: MHz, not 0. The first reading says FULL_SPEED.
 * Readings that say nothing leave the share as it was: MPERF stands while the CPU sleeps, and
 * either is behind its last value once it has wrapped or somebody has set it back.
 */
unsigned long freq_scale_of(struct freq_reading *last, u64 aperf, u64 mperf, u64 rated,
			    u64 highest);

#endif
