/* SPDX-License-Identifier: MIT */
/*
 * Checked builds: is a run queue whole? Called after each change of one, under its lock. A
 * broken rule panics with its name. sched_check=0 at boot leaves the check out.
 */
#include "internal.h"

#ifdef JIFFY_CHECKED

bool sched_check = true;

void check_rq(struct rq *rq, const char *where)
{
	const struct sched_class *class;
	const char *rule = "";
	int i;

	if (!sched_check)
		return;
	lockdep_assert_held(&rq->lock);
	if (rq->nr_running < rq->cfs.h_nr_running + rq->rt.rt_nr_running + rq->dl.dl_nr_running)
		panic("run queue of CPU %d, after %s: broken rule: nr_running counts every class",
		      rq->cpu, where);
	if (rq->curr->cpu != (u32)rq->cpu)
		panic("run queue of CPU %d, after %s: broken rule: the current task is on this CPU",
		      rq->cpu, where);
	if (!check_uclamp(rq))
		panic("run queue of CPU %d, after %s: broken rule: clamp buckets count the tasks",
		      rq->cpu, where);
	for_each_class (i, class)
		if (class->check && !class->check(rq, &rule))
			panic("run queue of CPU %d, class %s, after %s: broken rule: %s", rq->cpu,
			      class->name, where, rule);
}

#endif
