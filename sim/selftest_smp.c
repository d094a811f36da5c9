/* SPDX-License-Identifier: MIT */
/*
 * Properties of machines with hardware threads and several caches: tasks do not stay crowded beside
 * idle cores, and one that wakes prefers a core to a thread of one. Called by selftest.c, each in
 * a process of its own.
 */
#include "selftest.h"

static struct sim_program programs[SELFTEST_PROGRAMS];

/* Begins on one CPU and, after a millisecond, may go anywhere. */
static void begins_on(struct sim_program *p, int number, unsigned int cpu, unsigned int cpus)
{
	snprintf(p->name, sizeof(p->name), "task%d", number);
	p->count = 1;
	p->first_cpu = p->last_cpu = cpu;
	p->ops[0] = (struct sim_op){OP_RUN, 1000000, 0};
	p->ops[1] = (struct sim_op){OP_CPUS, 0, cpus - 1};
	p->nr_ops = 2;
}

static unsigned int busy_of(unsigned int first, unsigned int n)
{
	unsigned int busy = 0;

	for (; n--; first++)
		busy += cpu_rq(first)->nr_running != 0;
	return busy;
}

/*
 * As many tasks as there are cores begin on neighbouring CPUs: on half of the cores where these have
 * two threads, under half of the caches. Nobody waits anywhere, and those that idle have no tick:
 * still each core has one of them soon, or each cache its part.
 */
static int test_crowd(void)
{
	unsigned int threads = 1 + sim_random_below(2), cores = 2 + sim_random_below(2),
		     least = ~0u, caches = 3 - threads + sim_random_below(2), most = 0,
		     n = cores * caches, i;
	struct sim_config c = {.cpus = threads * n,
			       .threads_per_core = threads,
			       .cores_per_llc = cores,
			       .llcs_per_node = caches};
	unsigned int tasks = threads == 2 ? n : n / 2;

	if (!fair_class_in_use())
		return 0;
	for (i = 0; i < tasks; i++) {
		begins_on(&programs[i], i, i, c.cpus);
		programs[i].ops[2] = (struct sim_op){OP_RUN, 4000000000LL, 0};
		programs[i].nr_ops = 3;
	}
	sim_boot(&c);
	sim_add_workload(programs, tasks);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < n; i++)
		if (busy_of(i * threads, threads) > 1)
			return selftest_failure("tasks share a core beside one that idles");
	for (i = 0; i < caches; i++) {
		unsigned int busy = busy_of(i * cores * threads, cores * threads);

		least = min(least, busy);
		most = max(most, busy);
	}
	if (most > least + 1) {
		fprintf(stderr, "  %u to %u busy CPUs a cache\n", least, most);
		return selftest_failure("tasks crowd under a cache beside one that idles");
	}
	return 0;
}

/*
 * Every core but one has a task on its first thread, and one of them on its second too, where the
 * sleeper has been: when it wakes it finds idle threads everywhere, and takes the idle core.
 */
static int test_idle_core(void)
{
	unsigned int cores = 3 + sim_random_below(4), idle = 1 + sim_random_below(cores - 1), i,
		     n = 0;
	struct sim_config c = {
	    .cpus = 2 * cores, .threads_per_core = 2, .cores_per_llc = cores, .llcs_per_node = 1};
	struct sim_program *sleeper;

	if (!fair_class_in_use())
		return 0;
	for (i = 0; i <= cores; i++) {
		if (i == idle)
			continue;
		selftest_hog(&programs[n], n);
		programs[n].first_cpu = programs[n].last_cpu = i < cores ? 2 * i : 1;
		n++;
	}
	sleeper = &programs[n];
	begins_on(sleeper, n, 1, c.cpus);
	sleeper->ops[2] = (struct sim_op){OP_SLEEP, 3000000, 0};
	sleeper->ops[3] = (struct sim_op){OP_RUN, 300000000, 0};
	sleeper->nr_ops = 4;
	sim_boot(&c);
	sim_add_workload(programs, n + 1);
	if (!sim_run_until(100000000))
		return selftest_failure(sim_broken);
	i = task_cpu(&sim_task(n)->task);
	if (i / 2 != idle) {
		fprintf(stderr, "  of %u cores, number %u idle, CPU %u\n", cores, idle, i);
		return selftest_failure("a task that wakes takes a thread of a busy core");
	}
	return 0;
}

/*
 * Affinity makes balancing hard, and is no excuse for a CPU to idle: as many tasks as they may use
 * CPUs, of two caches, begin on one of them; and others wait for good on CPUs they are bound to.
 */
static int test_pinned(void)
{
	unsigned int cores = 2 + sim_random_below(4), first = sim_random_below(cores),
		     last = cores + sim_random_below(cores), n = last - first + 1, i, cpu, tasks;
	unsigned int begin = first + sim_random_below(n), bound = sim_random_below(3);
	struct sim_config c = {
	    .cpus = 2 * cores, .threads_per_core = 1, .cores_per_llc = cores, .llcs_per_node = 2};

	for (i = 0; i < n; i++) {
		begins_on(&programs[i], i, begin, c.cpus);
		programs[i].ops[1] = (struct sim_op){OP_CPUS, first, last};
		programs[i].ops[2] = (struct sim_op){OP_RUN, 9000000000LL, 0};
		programs[i].nr_ops = 3;
	}
	/* As urgent as all others together: these keep away from that CPU, or share it. */
	for (tasks = n; tasks < n + bound; tasks++) {
		selftest_hog(&programs[tasks], tasks);
		programs[tasks].count = 2;
		programs[tasks].first_cpu = programs[tasks].last_cpu =
		    sim_random_below(2) ? first : last;
	}
	sim_boot(&c);
	sim_add_workload(programs, tasks);
	if (!sim_run_until(4000000000LL))
		return selftest_failure(sim_broken);
	for (cpu = first; cpu <= last; cpu++) {
		if (cpu_rq(cpu)->nr_running)
			continue;
		fprintf(stderr, "  of CPUs %u to %u of %u, %u idles\n", first, last, c.cpus, cpu);
		return selftest_failure("a CPU idles that waiting tasks may use");
	}
	return 0;
}

/*
 * The tasks of one cache are bound to its first CPU, so many that no other cache looks as badly off;
 * each CPU of the other one has a task bound to it. One more waits there that may run here.
 */
static int test_hidden(void)
{
	unsigned int cores = 2 + sim_random_below(3), i;
	struct sim_config c = {
	    .cpus = 2 * cores, .threads_per_core = 1, .cores_per_llc = cores, .llcs_per_node = 2};
	struct sim_program *last = &programs[cores + 1];

	for (i = 0; i <= cores; i++) {
		selftest_hog(&programs[i], i);
		programs[i].first_cpu = programs[i].last_cpu = cores + i - 1;
	}
	programs[0].count = 2 * cores;
	programs[0].first_cpu = programs[0].last_cpu = 0;
	begins_on(last, i, cores, c.cpus);
	last->ops[1] = (struct sim_op){OP_CPUS, 1, cores};
	last->ops[2] = (struct sim_op){OP_RUN, 9000000000LL, 0};
	last->nr_ops = 3;
	sim_boot(&c);
	sim_add_workload(programs, cores + 2);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	if (cpu_rq(cores)->nr_running != 1)
		return selftest_failure("a task waits whose CPU's cache looks better off");
	return 0;
}

const struct selftest selftest_smp[] = {
    {"hidden", test_hidden, false},
    {"pinned", test_pinned, false},
    {"crowd", test_crowd, false},
    {"idle_core", test_idle_core, false},
    {NULL, NULL, false},
};
