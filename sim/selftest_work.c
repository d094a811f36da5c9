/* SPDX-License-Identifier: MIT */
/*
 * Work conservation: within the balancer's own period no CPU idles while a task waits elsewhere that it
 * may run. Looked at in random workloads, and in one that has to be spread over all levels of a
 * machine. Called by selftest.c.
 */
#include "../sched/monitor.h"
#include "selftest.h"

#define MOST_CPUS 128

/* What waits on a CPU, by class: since when one and the same CPU idles that could run some of it. */
static struct crowd {
	u64 since;    /* ns */
	u64 switches; /* of the one that idles, then */
	int idle;     /* that one, plus one; 0: none */
	int now;      /* the same, of the look under way */
} crowds[MOST_CPUS][NR_CLASSES_MAX];

/* It idles, and p would not wait there for its group's quota. */
static bool may_run_on(struct task_struct *p, int cpu)
{
	return idle_cpu(cpu) && is_cpu_allowed(p, cpu) &&
	       !p->sched_task_group->cfs_rq[cpu]->throttle_count;
}

/* A CPU that idles and could run p, which waits; plus one: `again' when that will do. 0: none. */
static int idles_for(struct task_struct *p, int again)
{
	unsigned int cpu;

	if (!task_on_rq_queued(p) || p->on_cpu || p->se.sched_delayed ||
	    p->se.cfs_rq->throttle_count || p->rt.parked || p->dl.dl_throttled ||
	    task_rq(p)->rt.rt_throttled)
		return 0;
	if (again && may_run_on(p, again - 1))
		return again;
	for_each_cpu_and (cpu, cpu_active_mask, p->cpus_ptr)
		if (may_run_on(p, cpu) && !cpu_rq(cpu)->rt.rt_throttled)
			return cpu + 1;
	return 0;
}

/*
 * How long it may be, ns: sched/monitor_idle.c says how many ticks of the busy CPU. The first of them
 * comes within a tick, and the last one's message takes its time.
 */
static u64 may_take(const struct sched_class *class, int idle)
{
	unsigned int looks, ticks = 2;

	if (class == &fair_sched_class)
		ticks = idle_patience(cpu_rq(idle), &looks);
	return (ticks + 1) * TICK_NSEC + sim_config.ipi_ns;
}

/* One look at c, which is over: has it been so for too long? */
static bool too_long(struct crowd *c, const struct sched_class *class, u64 apart)
{
	int now = c->now;

	c->now = 0;
	if (!now || now != c->idle || c->switches != cpu_rq(now - 1)->nr_switches) {
		c->idle = now;
		c->since = sim_now;
		c->switches = now ? cpu_rq(now - 1)->nr_switches : 0;
		return false;
	}
	return sim_now - c->since > may_take(class, now - 1) + 2 * apart;
}

const char *selftest_work_conserved(u64 apart)
{
	const struct sched_class *class;
	unsigned int cpu;
	int i;

	for (i = 0; i < sim_nr_tasks(); i++) {
		struct task_struct *p = &sim_task(i)->task;
		struct crowd *c = &crowds[task_cpu(p)][p->sched_class->rank];

		if (c->now != c->idle || !c->now)
			c->now = idles_for(p, c->idle) ?: c->now;
	}
	for_each_possible_cpu (cpu) {
		for_each_class (i, class) {
			struct crowd *c = &crowds[cpu][i];

			if (!too_long(c, class, apart))
				continue;
			fprintf(stderr, "  %s: CPU %d idles for %llu us beside CPU %u\n",
				class->name, c->idle - 1,
				(unsigned long long)(sim_now - c->since) / 1000, cpu);
			return "a CPU idles while a task waits elsewhere";
		}
	}
	return NULL;
}

/*
 * Two or three tasks on each CPU of one cache, all bound to it; others are busy for some of that time.
 * Then all but a few of the first may go anywhere.
 */
static int crowd_programs(struct sim_program *programs, int crowd, int cpus)
{
	struct sim_program *p;
	int i;

	for (i = 0; i < crowd; i++) {
		p = &programs[i];
		selftest_hog(p, i);
		p->count = 2 + sim_random_below(2);
		p->first_cpu = p->last_cpu = i;
		p->start = 1000000;
		p->ops[0].a = 100000000 + sim_random_below(100000000);
		if (!sim_random_below(4))
			continue;
		p->ops[p->nr_ops++] = (struct sim_op){OP_CPUS, 0, cpus - 1};
		p->ops[p->nr_ops++] = (struct sim_op){OP_RUN, 2000000000, 0};
	}
	p = &programs[i];
	selftest_hog(p, i);
	p->count = cpus - crowd;
	p->first_cpu = crowd;
	p->last_cpu = cpus - 1;
	p->start = 1000000;
	p->ops[0] = (struct sim_op){OP_RUN, 100000000, 200000000};
	p->ops[p->nr_ops++] = (struct sim_op){OP_EXIT, 0, 0};
	return i + 1;
}

/* A machine of several nodes, with threads, caches and several of these in a node or without. */
static int test_conserved(void)
{
	static struct sim_program programs[SELFTEST_PROGRAMS];
	struct sim_config c = {.threads_per_core = 1 + sim_random_below(2),
			       .cores_per_llc = 2 + sim_random_below(3),
			       .llcs_per_node = 1 + sim_random_below(3),
			       .ipi_ns = 1000};
	unsigned int crowd = c.threads_per_core * c.cores_per_llc;
	u64 ns;

	c.cpus = crowd * c.llcs_per_node * (2 + sim_random_below(2));
	sim_boot(&c);
	sim_add_workload(programs, crowd_programs(programs, crowd, c.cpus));
	for (ns = 1000000; ns <= 1500000000; ns += 1000000) {
		const char *why;

		if (!sim_run_until(ns))
			return selftest_failure(sim_broken);
		why = selftest_work_conserved(1000000);
		if (why)
			return selftest_failure(why);
	}
	return 0;
}

const struct selftest selftest_work[] = {
    {"conserved", test_conserved, false},
    {NULL, NULL, false},
};
