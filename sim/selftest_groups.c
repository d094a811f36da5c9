/* SPDX-License-Identifier: MIT */
/*
 * Properties of groups over seeded workloads: limits held, shares by weight through the tree, the
 * same with sessions. Called by selftest.c, each in a process of its own.
 */
#include "selftest.h"

static struct sim_program programs[SELFTEST_PROGRAMS];
static int nr_programs;

static void add_hogs(int group, int count, int nice)
{
	struct sim_program *p = &programs[nr_programs++];

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "hog%d", nr_programs);
	p->count = count;
	p->first_cpu = p->last_cpu = -1;
	p->group = group;
	p->nice = nice;
	p->ops[0] = (struct sim_op){OP_RUN, 50000000, 0};
	p->nr_ops = 1;
}

/* Some work, some sleep. */
static void add_sleepers(int group, int count)
{
	struct sim_program *p = &programs[nr_programs];

	add_hogs(group, count, 0);
	p->ops[0] = (struct sim_op){OP_RUN, 100000 + sim_random_below(5000000), 1000000};
	p->ops[1] = (struct sim_op){OP_SLEEP, 1000 + sim_random_below(8000000), 1000000};
	p->nr_ops = 2;
}

static int add_group(int parent)
{
	struct sim_group *g = &sim_groups[++sim_nr_groups];

	memset(g, 0, sizeof(*g));
	snprintf(g->name, sizeof(g->name), "g%d", sim_nr_groups);
	g->parent = parent;
	return sim_nr_groups;
}

static bool is_below(int group, int top)
{
	while (group > top)
		group = sim_groups[group].parent;
	return group == top;
}

/* ns that the tasks of the group and below it have run. */
static u64 group_ran(int group)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < sim_nr_tasks(); i++)
		if (is_below(sim_task(i)->program->group, group))
			sum += task_sched_runtime(&sim_task(i)->task);
	return sum;
}

static bool start(unsigned int cpus)
{
	struct sim_config c = {
	    .cpus = cpus, .threads_per_core = 1, .cores_per_llc = 4, .llcs_per_node = 1};

	sim_boot(&c);
	sim_make_groups();
	sim_add_workload(programs, nr_programs);
	return true;
}

bool selftest_random_groups(struct sim_program *p, int n)
{
	int i, groups = sim_random_below(2) * (1 + sim_random_below(6));
	bool limits = false;

	for (i = 0; i < groups; i++) {
		struct sim_group *g = &sim_groups[add_group(sim_random_below(i + 1))];

		g->shares = sim_random_below(2) ? 2 + sim_random_below(4000) : 0;
		g->idle = !sim_random_below(8);
		if (sim_random_below(3))
			continue;
		limits = true;
		g->bandwidth.period_us = 1000 + sim_random_below(100000);
		g->bandwidth.quota_us = 1000 + sim_random_below(100000);
		g->bandwidth.burst_us = sim_random_below(2) ? g->bandwidth.quota_us / 2 : 0;
	}
	for (i = 0; i < n; i++) {
		p[i].group = sim_random_below(groups + 1);
		p[i].session = sim_random_below(2) * sim_random_below(3);
	}
	/* An idle group, or one among many others, may rightly wait for long. */
	return limits || groups;
}

/* Two runs apart in time, a group that always wants more gets exactly what its quota is worth. */
static int check_limit(int group, u64 before, u64 ns, unsigned int cpus)
{
	const struct sched_bandwidth *bw = &sim_groups[group].bandwidth;
	s64 due = ns / bw->period_us * bw->quota_us, got = group_ran(group) - before;
	/* What one queue may have on credit or in debt at either end, and a period's place. */
	s64 edge = cpus * (TICK_NSEC + 5000000) + bw->quota_us * 1000;

	if (got <= due + due / 100 + edge && got >= due - due / 100 - edge)
		return 0;
	fprintf(stderr, "  %s on %u CPUs: %lld us, due %lld us\n", sim_groups[group].name, cpus,
		(long long)got / 1000, (long long)due / 1000);
	return selftest_failure("a group's limit");
}

/* A tree of groups at random, limits and weights at random: no limit is passed. */
int selftest_bandwidth(void)
{
	unsigned int cpus = 1 + sim_random_below(8);
	int i, limited, n = 1 + sim_random_below(5);
	u64 before;

	if (!fair_class_in_use())
		return 0;
	limited = add_group(0);
	/* Beside five others of at most 2,100 its weight alone would give it more than half. */
	sim_groups[limited].shares = 16384;
	sim_groups[limited].bandwidth.period_us = 10000 + sim_random_below(190000);
	sim_groups[limited].bandwidth.quota_us =
	    sim_groups[limited].bandwidth.period_us * (10 + sim_random_below(60 * cpus)) / 100;
	/* Enough below it to want all of it, in groups of its own or not. */
	add_hogs(sim_random_below(2) ? limited : add_group(limited), cpus + 1, 0);
	for (i = 0; i < n; i++) {
		int g = add_group(sim_random_below(sim_nr_groups + 1));

		sim_groups[g].shares = 100 + sim_random_below(2000);
		sim_groups[g].idle = !sim_random_below(6);
		if (sim_random_below(2)) {
			sim_groups[g].bandwidth.period_us = 5000 + sim_random_below(100000);
			sim_groups[g].bandwidth.quota_us = 1000 + sim_random_below(100000);
			sim_groups[g].bandwidth.burst_us =
			    sim_random_below(sim_groups[g].bandwidth.quota_us);
		}
		add_sleepers(g, 1 + sim_random_below(4));
	}
	start(cpus);
	if (!sim_run_until(500000000))
		return selftest_failure(sim_broken);
	before = group_ran(limited);
	if (!sim_run_until(4500000000))
		return selftest_failure(sim_broken);
	for (i = 1; i <= sim_nr_groups; i++) {
		const struct sched_bandwidth *bw = &sim_groups[i].bandwidth;
		u64 most;

		if (!bw->period_us)
			continue;
		most = (4500000 / bw->period_us + 2) * bw->quota_us * 1000 + cpus * 2 * TICK_NSEC +
		       bw->burst_us * 1000;
		if (group_ran(i) > most) {
			fprintf(stderr, "  %s ran %llu us, limit %llu us\n", sim_groups[i].name,
				(unsigned long long)group_ran(i) / 1000,
				(unsigned long long)most / 1000);
			return selftest_failure("a group's limit");
		}
	}
	/* No more than half of a CPU: then nobody else's weight keeps it from its quota. */
	if (sim_groups[limited].bandwidth.quota_us * 2 > sim_groups[limited].bandwidth.period_us)
		return 0;
	return check_limit(limited, before, 4000000000, cpus);
}

/*
 * Hogs in a tree of groups of random weights get what the weights say, level by level, over a
 * second.
 *
 * Of group g's weight S_g a CPU has the part l / L that it has of the group's load, and divides its
 * time by those parts. When each of n CPUs has the same number of the group's equal hogs, that is
 * S_g / n on each, and all CPUs divide alike: within 1 % of the machine. So half of the time the hogs
 * are bound to their CPUs, the same number to each. Otherwise there are as many as would make it, but
 * where they run is left to the scheduler, which balances a queue's load to 17 % and does not know of
 * groups: within 5 %.
 */
static void add_group_hogs(int group, unsigned int cpus, bool bound)
{
	int each = 1 + sim_random_below(2);
	unsigned int cpu;

	if (!bound) {
		add_hogs(group, cpus * each, 0);
		return;
	}
	for (cpu = 0; cpu < cpus; cpu++) {
		add_hogs(group, each, 0);
		programs[nr_programs - 1].first_cpu = programs[nr_programs - 1].last_cpu = cpu;
	}
}

int selftest_group_shares(void)
{
	/* Four leaves at most, and a program for each and a CPU: as many as there is room for. */
	bool bound = sim_random_below(2);
	unsigned int cpus = 1 + sim_random_below(bound ? 4 : 8);
	u64 before[SIM_MAX_GROUPS + 1], total = 0, due[SIM_MAX_GROUPS + 1];
	int i, n = 2 + sim_random_below(4), bad = 0;

	if (!fair_class_in_use())
		return 0;
	for (i = 1; i <= n; i++) {
		/* Hogs only in leaves: in the tree of the first three, number 3 is below number 2.
		 */
		int g = add_group(i == 3 ? 2 : 0);

		sim_groups[g].shares = 512 + sim_random_below(3072);
		if (g != 2 || n < 3)
			add_group_hogs(g, cpus, bound);
	}
	start(cpus);
	if (!sim_run_until(1000000000))
		return selftest_failure(sim_broken);
	for (i = 1; i <= n; i++)
		before[i] = group_ran(i);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	total = (u64)cpus * 1000000000;
	due[0] = total;
	for (i = 1; i <= n; i++) {
		unsigned long all = 0;
		s64 off;
		int k;

		for (k = 1; k <= n; k++)
			all +=
			    sim_groups[k].parent == sim_groups[i].parent ? sim_groups[k].shares : 0;
		due[i] = due[sim_groups[i].parent] * sim_groups[i].shares / all;
		off = group_ran(i) - before[i] - due[i];
		if (off < 0)
			off = -off;
		if (off <= (s64)total / (bound || cpus == 1 ? 100 : 20))
			continue;
		fprintf(stderr, "  %s of %d on %u CPUs: %lld us off %llu us\n", sim_groups[i].name,
			n, cpus, (long long)off / 1000, (unsigned long long)due[i] / 1000);
		bad = 1;
	}
	return bad ? selftest_failure("shares of groups") : 0;
}

static void add_rt_hogs(int group, unsigned int cpus, bool pinned)
{
	unsigned int cpu;

	for (cpu = 0; cpu < cpus; cpu++) {
		struct sim_program *p = &programs[nr_programs];

		add_hogs(group, 1, 0);
		p->policy = sim_random_below(2) ? SCHED_FIFO : SCHED_RR;
		p->rt_priority = 1 + sim_random_below(50);
		if (pinned)
			p->first_cpu = p->last_cpu = cpu;
	}
}

/* Before anything runs: what admission refuses. */
static bool admission_holds(int group, int below)
{
	struct task_group *tg = sim_groups[group].tg, *child = sim_groups[below].tg;
	u64 period = sim_groups[group].rt_period_us, runtime = sim_groups[group].rt_runtime_us;

	return sched_group_set_rt(tg, 990000, 1000000) == -EINVAL &&
	       sched_group_set_rt(tg, period + 1, period) == -EINVAL &&
	       sched_group_set_rt(tg, -2, period) == -EINVAL &&
	       sched_group_set_rt(tg, runtime, 0) == -EINVAL &&
	       sched_group_set_rt(child, runtime + runtime / 50 + 2, period) == -EINVAL;
}

/*
 * Real-time hogs on every CPU in a group with a budget, some of them in a group below it with a
 * smaller one, beside fair hogs: over seconds no group has more than its budget of each CPU. Bound
 * to their CPUs the hogs of both together get all of it, and the fair ones what is left. With
 * goodness and o1, whose real-time tasks know no groups, there is nothing to hold.
 */
int selftest_rt_groups(void)
{
	unsigned int cpus = 1 + sim_random_below(4), percent = 10 + sim_random_below(60);
	bool pinned = sim_random_below(2);
	int top = add_group(0), below = add_group(top), i;
	u64 before[3], fair, due[3];

	if (!fair_class_in_use())
		return 0;
	sim_groups[top].rt_period_us = 20000 + sim_random_below(200000);
	sim_groups[top].rt_runtime_us = sim_groups[top].rt_period_us * percent / 100;
	sim_groups[below].rt_period_us = 20000 + sim_random_below(200000);
	sim_groups[below].rt_runtime_us = sim_groups[below].rt_period_us * percent / 200;
	add_hogs(0, cpus, 0);
	add_rt_hogs(top, cpus, pinned);
	add_rt_hogs(below, cpus, pinned);
	start(cpus);
	if (!admission_holds(top, below))
		return selftest_failure("admission of real-time groups");
	if (!sim_run_until(500000000))
		return selftest_failure(sim_broken);
	for (i = top; i <= below; i++)
		before[i] = group_ran(i);
	fair = task_sched_runtime(&sim_task(0)->task);
	if (!sim_run_until(4500000000))
		return selftest_failure(sim_broken);
	for (i = top; i <= below; i++) {
		/* A tick late, and a period's place at either end. */
		s64 edge = cpus * 2 * (TICK_NSEC + sim_groups[i].rt_runtime_us * 1000);
		s64 off;

		due[i] = 4000000000ULL / sim_groups[i].rt_period_us * sim_groups[i].rt_runtime_us;
		off = group_ran(i) - before[i] - cpus * due[i];
		if (off <= edge && (off >= -edge || !pinned || i == below))
			continue;
		fprintf(stderr, "  %s on %u CPUs: %lld us off %llu us\n", sim_groups[i].name, cpus,
			(long long)off / 1000, (unsigned long long)(cpus * due[i] / 1000));
		return selftest_failure("a real-time group's budget");
	}
	if (task_sched_runtime(&sim_task(0)->task) - fair < 4000000000 / 100 * (95 - percent) / 2)
		return selftest_failure("a real-time group's budget leaves the rest to others");
	return 0;
}

static void make_deadline(struct sim_program *p, u64 percent, u64 period, u64 flags)
{
	p->policy = SCHED_DEADLINE;
	p->dl_period = p->dl_deadline = period;
	p->dl_runtime = period * percent / 100;
	p->dl_flags = flags;
}

/*
 * A deadline task that never sleeps, on one CPU: by its bandwidth alone; with reclaiming, also
 * what nobody has reserved and what an inactive one has, as far as its part of the active
 * bandwidth goes; and ordinary tasks keep their 5 %. Overruns are told to those that ask, and the
 * promises to others hold.
 */
int selftest_reclaim(void)
{
	static const u64 reserved = 30, own = 20;
	bool reclaim = sim_random_below(2), active = sim_random_below(2);
	u64 period = 10000000 + sim_random_below(50000000), due;
	u64 flags = SCHED_FLAG_DL_OVERRUN | (reclaim ? SCHED_FLAG_RECLAIM : 0);
	s64 off;

	add_hogs(0, 1, 0);
	add_hogs(0, 1, 0);
	make_deadline(&programs[1], own, period, flags);
	add_hogs(0, 1, 0);
	make_deadline(&programs[2], reserved, 40000000, 0);
	if (!active) {
		/* Reserved, but for a moment at the start it sleeps on. */
		programs[2].ops[0] = (struct sim_op){OP_RUN, 1000000, 0};
		programs[2].ops[1] = (struct sim_op){OP_SLEEP, 100000000000, 0};
		programs[2].nr_ops = 2;
	}
	start(1);
	if (!sim_run_until(4000000000))
		return selftest_failure(sim_broken);
	/* With another active one the two divide what there is, and the other takes its own only.
	 */
	due = 4000000000ULL / 100 * own;
	if (reclaim)
		due = 4000000000ULL / 100 * 95 * own / (active ? own + reserved : own);
	off = task_sched_runtime(&sim_task(1)->task) - due;
	if (off < 0)
		off = -off;
	if (off > 4000000000 / 50 + (s64)period) {
		fprintf(stderr, "  reclaim %d, other active %d: %lld us off %llu us\n", reclaim,
			active, (long long)off / 1000, (unsigned long long)due / 1000);
		return selftest_failure("reclaiming");
	}
	if (active && task_sched_runtime(&sim_task(2)->task) < 4000000000ULL / 100 * (reserved - 1))
		return selftest_failure("a reserved bandwidth was taken away");
	if (fair_class_in_use() && task_sched_runtime(&sim_task(0)->task) < 4000000000ULL / 100 * 3)
		return selftest_failure("reclaiming left nothing for ordinary tasks");
	return sim_task(1)->overruns ? 0 : selftest_failure("no overrun was told");
}

/*
 * Two slow CPUs and two fast ones. A light task whose minimum is high runs on the fast ones, one
 * whose group's maximum is low does not, a hog that nobody clamps leaves the slow ones, and the
 * frequency hint is inside the clamps of what is queued.
 */
int selftest_clamps(void)
{
	static const unsigned long capacity[] = {400, 400, 1024, 1024};
	struct sim_config c = {.cpus = 4,
			       .threads_per_core = 1,
			       .cores_per_llc = 4,
			       .llcs_per_node = 1,
			       .capacity = capacity};
	int i, g = add_group(0);
	u64 ran;

	if (!fair_class_in_use())
		return 0;
	for (i = 0; i < 3; i++) {
		add_sleepers(i == 1 ? g : 0, 1);
		programs[i].ops[0] = (struct sim_op){OP_RUN, 1000000 + sim_random_below(500000), 0};
		programs[i].ops[1] = (struct sim_op){OP_SLEEP, 9000000, 1000000};
		/* At time 0 load tracking takes a task for one that has not begun. */
		programs[i].start = 1000000;
	}
	programs[0].util_min = 700;
	programs[0].util_max = 1024;
	programs[2].ops[0].a = 50000000;
	programs[2].nr_ops = 1;
	sim_boot(&c);
	sim_make_groups();
	if (sched_group_set_uclamp(sim_groups[g].tg, UCLAMP_MAX, 200) ||
	    sched_group_uclamp_effective(sim_groups[g].tg, UCLAMP_MAX) != 200 ||
	    sched_group_set_uclamp(sim_groups[g].tg, UCLAMP_MAX, 2000) != -ERANGE)
		return selftest_failure("clamps of groups");
	sim_add_workload(programs, 3);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < 3; i++) {
		struct sim_task *t = sim_task(i);

		ran = task_sched_runtime(&t->task);
		if (i == 2 && t->task.on_cpu)
			t->fast_ns += cpu_rq(task_cpu(&t->task))->cpu_capacity_orig == 1024
					  ? sim_now - t->run_since
					  : 0;
		if (i == 1 ? t->fast_ns * 10 > ran : t->fast_ns * 10 < ran * 9) {
			fprintf(stderr, "  task %d: %llu of %llu us on fast CPUs\n", i,
				(unsigned long long)t->fast_ns / 1000,
				(unsigned long long)ran / 1000);
			return selftest_failure("placement by clamps");
		}
	}
	for (i = 0; i < 4; i++) {
		struct rq *rq = cpu_rq(i);
		unsigned long hint = sched_frequency_hint(rq);

		if (hint < rq->uclamp[UCLAMP_MIN].value ||
		    hint > max(rq->uclamp[UCLAMP_MAX].value, rq->uclamp[UCLAMP_MIN].value))
			return selftest_failure("a frequency outside the clamps");
	}
	return 0;
}
