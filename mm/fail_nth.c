/* SPDX-License-Identifier: MIT */
/*
 * Where injected failures struck: the return addresses on the stack of each allocation that
 * /proc/PID/fail-nth made fail, so that a test can tell which call sites are yet to be seen
 * failing. Checked kernels only. Task context; no lock, an address is stored once by one word's
 * exchange and never taken away.
 */
#include "internal.h"
#include <arch/task.h>

#define MAX_DEPTH 24   /* frames from an allocation up to the system call's entry */
#define NR_SITES  4096 /* a power of two; far more than there are call sites on such paths */

static unsigned long sites[NR_SITES];

static void note_address(unsigned long ip)
{
	unsigned int i = (ip * 0x9e3779b97f4a7c15UL) >> 32;

	for (int probes = 0; probes < NR_SITES; probes++, i++) {
		unsigned long *slot = &sites[i % NR_SITES], old = cmpxchg(slot, 0UL, ip);

		if (!old || old == ip)
			return;
	}
}

void note_failed_allocation(void)
{
	unsigned long chain[MAX_DEPTH];
	int depth = arch_stack_trace(current, chain, MAX_DEPTH);

	while (depth > 0)
		note_address(chain[--depth]);
}

unsigned long next_failed_allocation(unsigned int *pos)
{
	while (*pos < NR_SITES) {
		unsigned long ip = READ_ONCE(sites[(*pos)++]);

		if (ip)
			return ip;
	}
	return 0;
}
