/* SPDX-License-Identifier: MIT */
/*
 * Properties of the scheduler over seeded workloads. Each seed is a machine of its own in a
 * child process, so a panic of one is a failure of that one. The run queues are checked after
 * every change by the checked build itself; here is what only a whole run can show.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

#define MAX_PROGRAMS SELFTEST_PROGRAMS
static struct sim_program programs[MAX_PROGRAMS];

int selftest_failure(const char *what)
{
	fprintf(stderr, "  broken: %s\n", what);
	return 1;
}

void selftest_hog(struct sim_program *p, int i)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "hog%d", i);
	p->count = 1;
	p->first_cpu = p->last_cpu = -1;
	p->ops[0] = (struct sim_op){OP_RUN, 50000000, 0};
	p->nr_ops = 1;
}

static s64 random_time(s64 low, s64 high)
{
	return low + sim_random_below(high - low);
}

static void random_policy(struct sim_program *p)
{
	switch (sim_random_below(12)) {
	case 0:
		p->policy = SCHED_FIFO;
		p->rt_priority = 1 + sim_random_below(50);
		break;
	case 1:
		p->policy = SCHED_RR;
		p->rt_priority = 1 + sim_random_below(50);
		break;
	case 2:
		p->policy = SCHED_BATCH;
		break;
	case 3:
		p->policy = SCHED_IDLE;
		break;
	case 4:
		p->policy = SCHED_DEADLINE;
		p->dl_period = p->dl_deadline = random_time(5000000, 40000000);
		p->dl_runtime = p->dl_period / (10 + sim_random_below(20));
		p->dl_flags = sim_random_below(2) ? SCHED_FLAG_RECLAIM : 0;
		p->count = 1;
		break;
	}
}

static void add_op(struct sim_program *p, enum sim_op_kind kind, s64 a)
{
	p->ops[p->nr_ops++] = (struct sim_op){kind, a, 0};
}

/* What p does between two computations, mostly to sleep. */
static void random_op(struct sim_program *p, int tasks_below, int cpus)
{
	switch (sim_random_below(8)) {
	case 0:
		add_op(p, OP_YIELD, 0);
		break;
	case 1:
		add_op(p, OP_WAKE, sim_random_below(tasks_below));
		break;
	case 2:
		if (p->policy == SCHED_NORMAL)
			add_op(p, OP_NICE, (s64)sim_random_below(21) - 10);
		break;
	case 4:
		if (p->policy != SCHED_DEADLINE) {
			int first = sim_random_below(cpus);

			p->ops[p->nr_ops++] =
			    (struct sim_op){OP_CPUS, first, first + sim_random_below(cpus - first)};
		}
		break;
	case 3:
		add_op(p, OP_BOOST, sim_random_below(tasks_below));
		add_op(p, OP_RUN, 100000);
		add_op(p, OP_BOOST, -1);
		break;
	default:
		add_op(p, OP_SLEEP, random_time(1000, 20000000));
	}
}

static void random_program(struct sim_program *p, int i, int tasks_below, int cpus)
{
	int n = 1 + sim_random_below(4), k;

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "p%d", i);
	p->count = 1 + sim_random_below(3);
	p->first_cpu = p->last_cpu = -1;
	/* Not the whole range: the lightest of many would rightly wait for seconds. */
	p->nice = (int)sim_random_below(21) - 10;
	p->start = sim_random_below(20000000);
	random_policy(p);
	if (p->policy != SCHED_DEADLINE && !sim_random_below(5)) {
		p->first_cpu = sim_random_below(cpus);
		p->last_cpu = p->first_cpu + sim_random_below(cpus - p->first_cpu);
	}
	for (k = 0; k < n; k++) {
		p->ops[p->nr_ops++] = (struct sim_op){OP_RUN, random_time(1000, 8000000),
						      sim_random_below(2) ? 1000000 : 0};
		random_op(p, tasks_below, cpus);
	}
	add_op(p, OP_SLEEP, random_time(1000, 10000000));
}

/* CPUs go and come back while the others work. */
static void plugging_program(struct sim_program *p, int cpus)
{
	int k;

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "plug");
	p->count = 1;
	p->first_cpu = p->last_cpu = -1;
	for (k = 0; k < 6; k++) {
		p->ops[p->nr_ops++] = (struct sim_op){OP_SLEEP, random_time(1000000, 30000000), 0};
		p->ops[p->nr_ops++] = (struct sim_op){OP_PLUG, sim_random_below(cpus), 0};
	}
}

/* A task that was woken is on a queue, and a CPU that has tasks does not sleep on. */
static const char *check_nothing_lost(u64 *asleep_since)
{
	unsigned int cpu;
	int i;

	for (i = 0; i < sim_nr_tasks(); i++) {
		struct sim_task *t = sim_task(i);
		unsigned int state = t->task.__state;

		if (!t->exited && !t->task.on_rq && (state == TASK_RUNNING || state == TASK_WAKING))
			return "a task was woken and is on no queue";
		if (t->task.on_rq && !cpumask_test_cpu(task_cpu(&t->task), t->task.cpus_ptr))
			return "a task is queued on a CPU that it may not use";
	}
	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);

		if (!cpu_active(cpu) && rq->nr_running)
			return "a task is on a CPU that has gone";
		if (rq->curr != rq->idle || !rq->nr_running || rq->rt.rt_throttled)
			asleep_since[cpu] = sim_now;
		else if (sim_now - asleep_since[cpu] > 20000000)
			return "a CPU sleeps through a request to reschedule";
	}
	return NULL;
}

u64 selftest_waits(struct sim_task *t)
{
	u64 waits = task_on_rq_queued(&t->task) && !t->task.on_cpu && !t->task.se.sched_delayed
			? sim_now - t->runnable_since
			: 0;

	return max(t->max_delay, waits);
}

/*
 * Of cfs, eevdf and goodness it is known that a round of turns, with one that was missed, takes
 * less than this. o1 exchanges its arrays when as many seconds have passed as there are tasks, and
 * then what is left of their slices, at the latest; a task may have to wait for that twice
 * (sched/o1.c says why). A slice of o1 ends at a tick.
 */
u64 selftest_longest_wait(int nice)
{
	u64 n = sim_nr_tasks(), slice = (20 - nice) * (nice < 0 ? 20000000ULL : 5000000ULL);

	if (sched_choice == SCHED_O1)
		return 2 * n * (1000000000 + slice + TICK_NSEC);
	return 30000000000ULL;
}

/* Has waited for longer than ns, or waits; with a small part of a full CPU a second is not long. */
static bool somebody_starves(u64 ns)
{
	int i;

	for (i = 0; i < sim_nr_tasks(); i++) {
		struct sim_task *t = sim_task(i);

		if (t->task.prio >= MAX_RT_PRIO && t->task.policy != SCHED_IDLE &&
		    selftest_waits(t) > ns)
			return true;
	}
	return false;
}

static int test_random(void)
{
	static const unsigned int sizes[] = {1, 2, 3, 4, 8, 16};
	struct sim_config c = {.threads_per_core = 1 + sim_random_below(2),
			       .cores_per_llc = 1 + sim_random_below(4),
			       .llcs_per_node = 1 + sim_random_below(2),
			       .ipi_ns = 1000};
	int i, n = 1 + sim_random_below(MAX_PROGRAMS - 1);
	bool real_time = false, limits;
	u64 ns, asleep[16] = {0};

	c.cpus = sizes[sim_random_below(ARRAY_SIZE(sizes))];
	for (i = 0; i < n; i++)
		random_program(&programs[i], i, n, c.cpus);
	limits = selftest_random_groups(programs, n);
	if (c.cpus > 1 && !sim_random_below(3))
		plugging_program(&programs[n++], c.cpus);
	/* Real-time tasks may take 95 % of a CPU, boosted ones too: then others wait, rightly. */
	for (i = 0; i < n; i++)
		real_time |= rt_policy(programs[i].policy) || dl_policy(programs[i].policy);
	sim_boot(&c);
	sim_make_groups();
	sim_add_workload(programs, n);
	for (ns = 1000000; ns <= 1000000000; ns += 1000000) {
		const char *why;

		if (!sim_run_until(ns))
			return selftest_failure(sim_broken);
		why = selftest_work_conserved(1000000);
		if (!why)
			why = check_nothing_lost(asleep);
		if (why)
			return selftest_failure(why);
	}
	/* Who has waited for all the time is given as much again as his part may need. */
	if (!real_time && !limits && somebody_starves(900000000)) {
		ns = selftest_longest_wait(-10);
		if (!sim_run_until(1000000000 + ns))
			return selftest_failure(sim_broken);
		if (somebody_starves(ns))
			return selftest_failure("a task that may run never does");
	}
	return 0;
}

/* The checker itself: each kind of damage to a queue must be seen. */
static void damage(struct rq *rq, int kind)
{
	struct cfs_rq *q = &rq->cfs;

	switch (kind) {
	case 0:
		q->load.weight += 1024;
		break;
	case 1:
		q->nr_running++;
		break;
	case 2:
		q->min_vruntime -= 1000000;
		break;
	case 3:
		rq->rt.rt_nr_running++;
		break;
	case 4:
		__set_bit(7, rq->rt.active.bitmap);
		break;
	case 5:
		rq->nr_running = 0;
		break;
	case 6:
		q->tasks_timeline.rb_leftmost = rb_last(&q->tasks_timeline.rb_root);
		break;
	}
}

#define NR_DAMAGES 7

static bool damage_is_seen(int kind)
{
	struct sim_config c = {
	    .cpus = 1, .threads_per_core = 1, .cores_per_llc = 1, .llcs_per_node = 1};
	pid_t child = fork();
	int i, status;

	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		for (i = 0; i < 4; i++)
			selftest_hog(&programs[i], i);
		sim_boot(&c);
		sim_add_workload(programs, 4);
		sim_run_until(100000000);
		rq_lock(cpu_rq(0));
		damage(cpu_rq(0), kind);
		check_rq(cpu_rq(0), "damage");
		rq_unlock(cpu_rq(0));
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

static int test_checker(void)
{
	int kind;

	if (!JIFFY_CHECKS || !fair_class_in_use())
		return 0;
	for (kind = 0; kind < NR_DAMAGES; kind++) {
		if (!damage_is_seen(kind)) {
			fprintf(stderr, "  damage %d is not seen\n", kind);
			return selftest_failure("the checker");
		}
	}
	return 0;
}

static const struct selftest general[] = {{"shares", selftest_shares, false},
					  {"lag", selftest_lag, false},
					  {"naps", selftest_naps, false},
					  {"random", test_random, false},
					  {"bandwidth", selftest_bandwidth, false},
					  {"group_shares", selftest_group_shares, false},
					  {"rt_groups", selftest_rt_groups, false},
					  {"reclaim", selftest_reclaim, false},
					  {"clamps", selftest_clamps, false},
					  {"checker", test_checker, true},
					  {"monitors", selftest_monitors, true},
					  {"replay", selftest_replay, false},
					  {NULL, NULL, false}};
static const struct selftest *const tables[] = {general, selftest_classes, selftest_load,
						selftest_smp, selftest_work};
static char policies[][9] = {"cfs", "eevdf", "goodness", "o1"};

/* Events that all runs worked on, together: shared with the children that run. */
static u64 *events;

static bool run_one(int policy, const struct selftest *test, unsigned int seed)
{
	static char loads[][9] = {"pelt", "pelt-4.0"};
	int failed;
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (!child) {
		alarm(60);
		sim_quiet = true;
		sim_seed(seed);
		sched_choose(policies[policy]);
		load_choose(loads[seed % 2]);
		fclose(stdin);
		failed = test->fn();
		*events += sim_events;
		_exit(failed);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		perror("fork");
		return false;
	}
	return !status;
}

/* The properties that the plan asks for; fn is called for each, until it says true. */
static bool for_each_property(const struct selftest_plan *plan,
			      bool (*fn)(const struct selftest_plan *plan, int policy,
					 const struct selftest *t),
			      int policy)
{
	const struct selftest *t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (t = tables[i]; t->name; t++)
			if ((!plan->only || !strcmp(plan->only, t->name)) && fn(plan, policy, t))
				return true;
	return false;
}

/* The scheduler is broken on purpose: does this seed of any property show it? */
static bool shows_mutation(const struct selftest_plan *plan, int unused, const struct selftest *t)
{
	int policy;

	for (policy = 0; policy < 4; policy++) {
		if (run_one(policy, t, plan->first))
			continue;
		printf("%s is shown by %s %s seed %u\n", sched_mutation_name(sched_mutation),
		       policies[policy], t->name, plan->first);
		return true;
	}
	return false;
}

static int find_mutation(const struct selftest_plan *plan)
{
	struct selftest_plan one = *plan;
	unsigned int i;

	for (i = 0; i < plan->seeds; i++, one.first++)
		if (for_each_property(&one, shows_mutation, 0))
			return 1;
	return 0;
}

static bool any_tried, any_broken;

/* Goes on with the next property in any case. */
static bool try_seeds(const struct selftest_plan *plan, int policy, const struct selftest *t)
{
	unsigned int s, end = plan->first + (t->once ? 1 : plan->seeds), bad = 0;

	any_tried = true;
	for (s = plan->first; s < end; s++) {
		if (plan->verbose)
			fprintf(stderr, "%s %s seed %u\n", policies[policy], t->name, s);
		if (run_one(policy, t, s))
			continue;
		printf("not ok sim_%s_%s: seed %u\n", policies[policy], t->name, s);
		bad++;
	}
	if (!bad)
		printf("ok sim_%s_%s\n", policies[policy], t->name);
	any_broken |= bad != 0;
	return false;
}

/* Events and the processor time of all that ran, up to here. */
static void report_events(int policy)
{
	struct rusage usage;
	double seconds;

	getrusage(RUSAGE_CHILDREN, &usage);
	seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("%s: %llu events up to here in %.1f s of processor time, %.0f a second\n",
	       policies[policy], (unsigned long long)*events, seconds, (double)*events / seconds);
}

int sim_selftest(const struct selftest_plan *plan)
{
	int policy;

	events =
	    mmap(NULL, sizeof(*events), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (events == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	if (sched_mutation)
		return find_mutation(plan);
	for (policy = 0; policy < 4; policy++) {
		if (plan->policy && strcmp(plan->policy, policies[policy]))
			continue;
		for_each_property(plan, try_seeds, policy);
		if (plan->measure)
			report_events(policy);
	}
	if (!any_tried)
		fprintf(stderr, "%s: there is no such property\n", plan->only);
	return any_tried ? any_broken : 2;
}
