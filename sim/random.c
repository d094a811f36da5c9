/* SPDX-License-Identifier: MIT */
/*
 * The one source of chance of a simulation: xorshift64* (Vigna, 2016), seeded.
 */
#include "sim.h"

static u64 state = 1;

void sim_seed(u64 seed)
{
	/* Neighbouring seeds begin far apart; 0 would stay 0. */
	state = seed * 0x9e3779b97f4a7c15ULL + 0x1234567;
	if (!state)
		state = 1;
	sim_random();
}

u64 sim_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

/* Uniform below limit, which must not be 0. */
u64 sim_random_below(u64 limit)
{
	return (u64)(((unsigned __int128)sim_random() * limit) >> 64);
}
