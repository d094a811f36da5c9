/* SPDX-License-Identifier: MIT */
/*
 * Load averages over 1, 5 and 15 minutes (/proc/loadavg, getloadavg(3)): every 5 seconds
 *
 *	load = load * e + active * (1 - e),   e = exp(-5 s / minutes)
 *
 * with 11 bits of fraction. Active tasks are the runnable and the uninterruptibly sleeping ones.
 * Each CPU adds the change of its count to one sum at its tick; a CPU whose tick is stopped does
 * so as it goes idle, and nothing changes until it leaves.
 */
#include "internal.h"

#define FIXED_1	  (1UL << FSHIFT)
#define LOAD_FREQ (5 * HZ + 1)
/* 2048 * exp(-5/60), exp(-5/300), exp(-5/900) */
static const unsigned long exp_n[3] = {1884, 2014, 2037};

unsigned long avenrun[3];
static atomic_long_t calc_load_tasks;
static unsigned long calc_load_update = LOAD_FREQ; /* jiffies */

long calc_load_fold_active(struct rq *rq, long adjust)
{
	long active = (long)rq->nr_running - adjust + rq->nr_uninterruptible, delta;

	delta = active - rq->calc_load_active;
	rq->calc_load_active = active;
	return delta;
}

/* [tick, rq->lock] */
void calc_global_load_tick(struct rq *rq)
{
	long delta;

	if (time_before(jiffies, rq->calc_load_update))
		return;
	delta = calc_load_fold_active(rq, 0);
	if (delta)
		atomic_long_add(delta, &calc_load_tasks);
	rq->calc_load_update += LOAD_FREQ;
	/* After a long idle time: no burst of updates. */
	if (time_before(rq->calc_load_update, jiffies))
		rq->calc_load_update = jiffies + LOAD_FREQ;
}

/* This CPU goes idle, its tick may stop: what it counts is counted now. [irqs off] */
void calc_load_nohz_start(void)
{
	struct rq *rq = this_rq();
	long delta;

	/* Without the lock: what changes at this moment could as well change after it. */
	if (READ_ONCE(rq->nr_running) + READ_ONCE(rq->nr_uninterruptible) == rq->calc_load_active)
		return;
	rq_lock(rq);
	delta = calc_load_fold_active(rq, 0);
	rq_unlock(rq);
	if (delta)
		atomic_long_add(delta, &calc_load_tasks);
}

static unsigned long calc_load(unsigned long load, unsigned long e, unsigned long active)
{
	unsigned long new = load *e + active *(FIXED_1 - e);

	/* Rounded up on the way up, or a constant load would never be reached. */
	if (active >= load)
		new += FIXED_1 - 1;
	return new / FIXED_1;
}

/* e^n by squaring: n intervals at once, for ticks that did not come. */
static unsigned long fixed_power(unsigned long x, unsigned int n)
{
	unsigned long result = FIXED_1;

	for (; n; n >>= 1) {
		if (n & 1)
			result = (result * x + FIXED_1 / 2) >> FSHIFT;
		x = (x * x + FIXED_1 / 2) >> FSHIFT;
	}
	return result;
}

/* [tick of the CPU that keeps time] */
void calc_global_load(void)
{
	unsigned long update = READ_ONCE(calc_load_update);
	unsigned int n, i;
	long active;

	/* A moment later than the CPUs' own, so that all of them have folded. */
	if (time_before(jiffies, update + 10))
		return;
	n = 1 + (jiffies - update - 10) / LOAD_FREQ;
	active = atomic_long_read(&calc_load_tasks);
	active = active > 0 ? active * FIXED_1 : 0;
	for (i = 0; i < 3; i++)
		avenrun[i] = calc_load(avenrun[i], fixed_power(exp_n[i], n), active);
	WRITE_ONCE(calc_load_update, update + (unsigned long)n * LOAD_FREQ);
}
