/* SPDX-License-Identifier: MIT */
/*
 * The lock between forks, of which there are many at once, and migrations between cgroups, which
 * are rare. A reader counts itself on its own CPU, so forks share no cache line; a writer turns
 * that short cut off, waits until every CPU has seen it off, and then until the sum is zero.
 *
 *	reader				writer
 *	preemption off			writer = true
 *	writer? no: count up		grace period: no CPU is between these two lines of a reader
 *	preemption on			until the sum of the counts is 0
 *
 * A reader may sleep and end on another CPU: single counts may be negative, the sum is right. It
 * only shrinks while the writer looks, so a sum of zero read piece by piece is one.
 * Task context.
 */
#include <jiffy/percpu.h>
#include <jiffy/rwsem.h>

#include "internal.h"

static DEFINE_PER_CPU(long, readers);
static DECLARE_RWSEM(gate); /* writers among themselves; readers that came late wait here */
static bool writer;
static DECLARE_WAIT_QUEUE_HEAD(drained);

void cgroup_threadgroup_read_lock(void)
{
	preempt_disable();
	if (likely(!READ_ONCE(writer))) {
		this_cpu_inc(readers);
		preempt_enable();
		return;
	}
	preempt_enable();
	down_read(&gate);
	this_cpu_inc(readers);
	up_read(&gate);
}

void cgroup_threadgroup_read_unlock(void)
{
	this_cpu_dec(readers);
	smp_mb(); /* pairs with the writer's wait: it sees the count, or we see that it waits */
	if (unlikely(READ_ONCE(writer)))
		wake_up(&drained);
}

static bool no_readers(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu (cpu)
		sum += READ_ONCE(per_cpu(readers, cpu));
	return !sum;
}

void cgroup_threadgroup_write_lock(void)
{
	lockdep_assert_held(&cgroup_mutex);
	down_write(&gate);
	WRITE_ONCE(writer, true);
	synchronize_rcu();
	wait_event(drained, no_readers());
}

void cgroup_threadgroup_write_unlock(void)
{
	WRITE_ONCE(writer, false);
	up_write(&gate);
}
