/* SPDX-License-Identifier: MIT */
/*
 * What the portable rooms ask of the kernel, answered for unit tests: memory from malloc(),
 * which fails at the n-th call when a test says so, callbacks of RCU run at once, panics abort.
 */
#include "shim.h"

#include <jiffy/percpu.h>
#include <jiffy/rcupdate.h>
#include <jiffy/slab.h>
#include <stdio.h>
#include <stdlib.h>

long shim_fail_at;
long shim_allocations;
long shim_live;

int __preempt_count;
bool sim_irqs_off;
unsigned long sim_cpu_offset;
unsigned int nr_cpu_ids = 1;

bool need_resched(void)
{
	return false;
}

void preempt_schedule(void)
{
}

void __spin_lock_slow(spinlock_t *lock)
{
	panic("a lock was left locked");
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *p;

	shim_allocations++;
	if (shim_fail_at && shim_allocations == shim_fail_at)
		return NULL;
	p = gfp & __GFP_ZERO ? calloc(1, size) : malloc(size);
	shim_live += p != NULL;
	return p;
}

void kfree(const void *p)
{
	shim_live -= p != NULL;
	free((void *)p);
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	func(head);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

void warn_slowpath(const char *file, int line, const char *fmt, ...)
{
	panic("%s:%d: %s", file, line, fmt);
}
