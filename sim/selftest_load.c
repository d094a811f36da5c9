/* SPDX-License-Identifier: MIT */
/*
 * Load tracking against its formula: the tables to the last digit, the sums and averages of both
 * forms beside a model in floating point, and what frequencies make of utilisation; domains that
 * are rebuilt by two at once. Called by selftest.c, each in a process of its own.
 */
#include "selftest.h"

#include "../sched/pelt_tables.h"

/* y, of which 32 factors are 1/2, to the precision of the type. */
static long double half_life_root(void)
{
	long double low = 0.9L, high = 1;
	int i, k;

	for (i = 0; i < 80; i++) {
		long double y = (low + high) / 2, p = y;

		for (k = 0; k < 5; k++)
			p *= p;
		if (p < 0.5L)
			low = y;
		else
			high = y;
	}
	return low;
}

static long double y_to(u64 n)
{
	static long double root;
	long double p = 1, y;

	if (root == 0)
		root = half_life_root();
	for (y = root; n; n >>= 1, y *= y)
		if (n & 1)
			p *= y;
	return p;
}

/* floor(2^32 * y^n); each term of 1,024 y^n rounded down as it is added; where that ends. */
static const char *tables_differ(void)
{
	u32 n, sum = 0, next;

	for (n = 0; n < 32; n++)
		if (runnable_avg_yN_inv[n] != (n ? (u32)(y_to(n) * 4294967296.0L) : ~0u))
			return "a power of y";
	for (n = 0; n <= 32; n++) {
		if (n)
			sum = (u32)((sum + 1024) * y_to(1));
		if (runnable_avg_yN_sum[n] != sum)
			return "a sum of powers of y";
	}
	for (sum = 0; (next = (u32)(sum * y_to(1)) + 1024) != sum; sum = next)
		;
	return sum == LOAD_AVG_MAX ? NULL : "the sum that the series ends at";
}

/*
 * One sum of a series: what it should be, and how far integers may have strayed from it. A step
 * that passes p periods multiplies the old sum by y^p: the table has that to 32 bits, and a fraction
 * is lost at the shift and another one at the product, so less than 2 in all. What the step adds is
 * made of two such products, of which one is subtracted: off by less than 2 units either way. What
 * was off before decays with the sum.
 */
struct series {
	long double sum, off;
};

static void series_step(struct series *s, long double decay, long double contrib, long double unit)
{
	s->off = s->off * decay;
	if (decay < 1)
		s->off += 2 + s->sum / 4294967296.0L + 2 * unit;
	s->sum = s->sum * decay + contrib * unit;
}

static bool series_is(const struct series *s, u64 sum)
{
	return (long double)sum <= s->sum + s->off && (long double)sum >= s->sum - s->off;
}

/* One entity's or queue's three sums; in: units into the present period; last: ns, whole units. */
struct model {
	struct series load, runnable, util;
	u64 last, in;
};

static void model_begin(struct model *m, const struct sched_avg *sa)
{
	m->load = (struct series){sa->load_sum, 0};
	m->runnable = (struct series){sa->runnable_sum, 0};
	m->util = (struct series){sa->util_sum, 0};
	m->last = sa->last_update_time;
	m->in = sa->period_contrib;
}

/* True: a period ended, so the averages are new. */
static bool model_step(struct model *m, u64 now, u64 load, u64 runnable, u64 running)
{
	u64 units = (now - m->last) >> 10, periods = (m->in + units) / 1024;
	long double contrib = units, decay = y_to(periods);

	m->last += units << 10;
	if (!load)
		runnable = running = 0;
	if (periods)
		contrib = (1024 - m->in) * decay + (LOAD_AVG_MAX - LOAD_AVG_MAX * decay - 1024) +
			  (m->in + units) % 1024;
	series_step(&m->load, decay, contrib, load);
	series_step(&m->runnable, decay, contrib, runnable * 1024);
	series_step(&m->util, decay, contrib, running);
	m->in = (m->in + units) % 1024;
	return periods;
}

static bool average_is(const struct series *s, const struct model *m, u64 times, u64 avg)
{
	long double divider = LOAD_AVG_MAX - 1024 + m->in;
	long double due = s->sum * times / divider, off = s->off * times / divider + 1;

	return avg <= due + off && avg >= due - off;
}

static bool model_is(const struct model *m, const struct sched_avg *sa, u64 weight, bool fresh)
{
	if (!series_is(&m->load, sa->load_sum) || !series_is(&m->runnable, sa->runnable_sum) ||
	    !series_is(&m->util, sa->util_sum) || m->in != sa->period_contrib)
		return false;
	return !fresh || (average_is(&m->load, m, weight, sa->load_avg) &&
			  average_is(&m->runnable, m, 1, sa->runnable_avg) &&
			  average_is(&m->util, m, 1, sa->util_avg));
}

/* Mostly less than a period, sometimes minutes. */
static u64 random_gap(void)
{
	return sim_random_below(1ULL << (10 + sim_random_below(28)));
}

/* An entity of its own on CPU 0's queue, which no task is on. */
static struct sched_entity entity;

static void become(struct rq *rq, unsigned long weight)
{
	entity.on_rq = sim_random_below(4) != 0;
	rq->cfs.curr = sim_random_below(2) ? &entity : NULL;
	rq->cfs.h_nr_running = sim_random_below(100);
	rq->cfs.load.weight = sim_random_below(3) ? scale_load(sim_random_below(1000000)) : 0;
	rq->util_scale = 1 + sim_random_below(SCHED_CAPACITY_SCALE);
	entity.load.weight = scale_load(weight);
}

static int test_pelt(void)
{
	unsigned long weight = sched_prio_to_weight[sim_random_below(NICE_WIDTH)];
	const char *table = tables_differ();
	struct sim_config c = {
	    .cpus = 1, .threads_per_core = 1, .cores_per_llc = 1, .llcs_per_node = 1};
	struct model own, queue;
	struct rq *rq;
	int i;

	if (table) {
		fprintf(stderr, "  %s\n", table);
		return selftest_failure("the tables of load tracking");
	}
	if (!fair_class_in_use())
		return 0;
	load_choice = LOAD_PELT;
	sim_boot(&c);
	rq = cpu_rq(0);
	rq_lock(rq);
	rq->clock_task = 1 + sim_random_below(1000000000);
	entity.cfs_rq = &rq->cfs;
	become(rq, weight);
	init_entity_runnable_average(&entity);
	update_load_avg(&rq->cfs, &entity, DO_ATTACH);
	model_begin(&own, &entity.avg);
	model_begin(&queue, &rq->cfs.avg);
	for (i = 0; i < 2000; i++) {
		u64 now = rq->clock_task += random_gap();
		u64 running = rq->cfs.curr ? rq->util_scale : 0;
		bool fresh[2] = {model_step(&own, now, entity.on_rq, entity.on_rq, running),
				 model_step(&queue, now, scale_load_down(rq->cfs.load.weight),
					    rq->cfs.h_nr_running, running)};

		update_load_avg(&rq->cfs, &entity, 0);
		if (!model_is(&own, &entity.avg, weight, fresh[0]) ||
		    !model_is(&queue, &rq->cfs.avg, 1, fresh[1]))
			break;
		become(rq, weight);
	}
	rq_unlock(rq);
	return i == 2000 ? 0 : selftest_failure("load tracking is not its formula");
}

/* The form of old: the sums of runnable time and of all time, and 1,024 (y + ... + y^n). */
static void model40_step(struct series *s, u64 periods, u64 first, u64 rest, bool counts)
{
	long double y = y_to(1), decay = y_to(periods + 1);
	long double between = 1024 * (y - decay) / (1 - y);

	/* Beyond its last term the series is taken for the whole sum. */
	if (periods >= 345)
		between = LOAD_AVG_MAX;
	s->sum += counts ? first : 0;
	/* The table drops a fraction a term, which decay: together less than 1 / (1 - y). */
	s->off = s->off * decay + 2 + s->sum / 4294967296.0L + (counts ? 1 / (1 - y) + 2 : 0);
	s->sum = s->sum * decay + (counts ? between + rest : 0);
}

static int test_pelt40(void)
{
	struct sim_config c = {
	    .cpus = 1, .threads_per_core = 1, .cores_per_llc = 1, .llcs_per_node = 1};
	struct series sum, all;
	struct sched_avg *sa = &entity.avg;
	unsigned long contrib;
	struct rq *rq;
	int i;

	if (!fair_class_in_use())
		return 0;
	load_choice = LOAD_PELT_4_0;
	sim_boot(&c);
	rq = cpu_rq(0);
	rq_lock(rq);
	entity.cfs_rq = &rq->cfs;
	become(rq, 1024);
	init_entity_runnable_average(&entity);
	sum = all = (struct series){1024, 0};
	for (i = 0; i < 2000; i++) {
		u64 units, in = sa->runnable_avg_period % 1024;

		rq->clock_task += random_gap();
		units = (rq->clock_task - sa->last_runnable_update) >> 10;
		if (in + units < 1024) {
			sum.sum += entity.on_rq ? units : 0;
			all.sum += units;
		} else {
			u64 rest = units - (1024 - in);

			model40_step(&sum, rest / 1024, 1024 - in, rest % 1024, entity.on_rq);
			model40_step(&all, rest / 1024, 1024 - in, rest % 1024, true);
		}
		update_load_avg(&rq->cfs, &entity, 0);
		contrib = (u64)sa->runnable_avg_sum * 1024 / (sa->runnable_avg_period + 1);
		if (!series_is(&sum, sa->runnable_avg_sum) ||
		    !series_is(&all, sa->runnable_avg_period) ||
		    (in + units >= 1024 && sa->load_avg_contrib != contrib))
			break;
		become(rq, 1024);
	}
	rq_unlock(rq);
	return i == 2000 ? 0 : selftest_failure("load tracking of old is not its formula");
}

/* The mean of a task's utilisation over a second, after a second, and of its CPU's frequency. */
struct observed {
	u64 util, frequency;
};

static bool observe(struct observed *o, int n)
{
	u64 ns, samples = 0;
	int i;

	for (ns = 1000000000; ns < 2000000000; ns += 1300000, samples++) {
		if (!sim_run_until(ns))
			return false;
		for (i = 0; i < n; i++) {
			o[i].util += sim_task(i)->task.se.avg.util_avg;
			o[i].frequency += sim_frequency(i);
		}
	}
	for (i = 0; i < n; i++) {
		o[i].util /= samples;
		o[i].frequency /= samples;
	}
	return true;
}

static bool near(u64 value, u64 due, u64 percent)
{
	return value * 100 <= due * (100 + percent) && value * 100 >= due * (100 - percent);
}

/*
 * Task 0 always runs on CPU 0: its utilisation is the CPU's frequency. Task 1 does the same work in
 * each period on CPU 1, as fast as that is: its utilisation is the work, in full-frequency time,
 * of the period. So is task 2's, whose CPU's frequency is fixed at 1,024, or follows the hint as
 * the others' do: then the hog's goes to the top, and the others' to a quarter more than they use.
 *
 * A period is short beside the half-life of 32 ms, so means over a second are the values that the
 * formula converges to; a tenth is what the governor's steps, and its ticks late, are allowed. The
 * governor looks at ticks, which a CPU that sleeps has none of: a period that divides one tick or
 * two of them would have all ticks fall into sleep for seconds, so those of 1 and 4/3 and 8/5 and
 * 2 ms are kept away from.
 */
static int test_frequency(void)
{
	unsigned long frequency[] = {128 + sim_random_below(897), 512 + sim_random_below(513),
				     1024};
	struct sim_config c = {.cpus = 3,
			       .threads_per_core = 1,
			       .cores_per_llc = 4,
			       .llcs_per_node = 1,
			       .governor = sim_random_below(2),
			       .frequency = frequency};
	static struct sim_program programs[3];
	u64 period = 1650000 + sim_random_below(300000), work = period / 100 * 40;
	struct observed o[3] = {0};
	int i;

	if (!fair_class_in_use())
		return 0;
	load_choice = LOAD_PELT;
	for (i = 0; i < 3; i++) {
		struct sim_program *p = &programs[i];

		snprintf(p->name, sizeof(p->name), "task%d", i);
		p->count = 1;
		p->first_cpu = p->last_cpu = i;
		p->ops[0] = (struct sim_op){OP_RUN, i ? work : 50000000, 0};
		p->ops[1] = (struct sim_op){OP_PERIOD, period, 0};
		p->nr_ops = i ? 2 : 1;
	}
	sim_boot(&c);
	sim_add_workload(programs, 3);
	if (!observe(o, 3))
		return selftest_failure(sim_broken);
	if (c.governor) {
		frequency[0] = 1024;
		frequency[1] = frequency[2] = 1024 * 40 / 100 * 5 / 4;
	}
	for (i = 0; i < 3; i++) {
		u64 due = i ? 1024 * 40 / 100 : frequency[0];

		if (near(o[i].util, due, c.governor ? 10 : 3) &&
		    near(o[i].frequency, frequency[i], 10))
			continue;
		fprintf(stderr,
			"  task %d, governor %d: utilisation %llu, due %llu; frequency %llu\n", i,
			c.governor, (unsigned long long)o[i].util, (unsigned long long)due,
			(unsigned long long)o[i].frequency);
		return selftest_failure("utilisation by frequency");
	}
	/* What it used of the CPU's time is the more, the slower that runs. */
	if (!near(task_sched_runtime(&sim_task(1)->task),
		  sim_now / 100 * 40 * 1024 / o[1].frequency, c.governor ? 15 : 3))
		return selftest_failure("a slow CPU does not take longer");
	return 0;
}

/* A hog on that CPU; -1: on any. */
static struct sim_program *pressed(struct sim_program *p, const char *name, int cpu)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->count = 1;
	p->first_cpu = p->last_cpu = cpu;
	p->ops[0] = (struct sim_op){OP_RUN, 50000000, 0};
	p->nr_ops = 1;
	return p;
}

#define SHORT_TASKS 8

/*
 * Real-time bursts on CPU 0, hogs that begin when those have begun, and where each CPU has a hog of its
 * own, short tasks here and there. How many programs that is. The bursts lie between the ticks of both
 * CPUs.
 */
static int press(struct sim_program *programs, u64 percent, int hogs)
{
	struct sim_program *p = pressed(&programs[0], "burst", 0);
	int i, n = 1;

	p->ops[0].a = TICK_NSEC / 100 * percent;
	p->ops[1] = (struct sim_op){OP_PERIOD, TICK_NSEC, 0};
	p->nr_ops = 2;
	p->policy = SCHED_FIFO;
	p->rt_priority = 10;
	p->start = TICK_NSEC / 4 + 100000;
	for (i = 0; i < hogs; i++)
		pressed(&programs[n++], "hog", hogs == 2 ? i : -1)->start = 2 * TICK_NSEC;
	for (i = 0; hogs == 2 && i < SHORT_TASKS; i++) {
		p = pressed(&programs[n++], "short", -1);
		p->start = 600000000 + i * 100000000 + sim_random_below(50000000);
		p->ops[0].a = 100000;
		p->ops[1].kind = OP_WAIT;
		p->nr_ops = 2;
	}
	return n;
}

/* What hogs 1 to n have had since the last call; what the least of them has, ns. */
static u64 least_of(int n)
{
	static u64 before[SELFTEST_PROGRAMS];
	u64 least = ~0ULL;
	int i;

	for (i = 1; i <= n; i++) {
		u64 ran = task_sched_runtime(&sim_task(i)->task);

		least = min(least, ran - before[i]);
		before[i] = ran;
	}
	return least;
}

/*
 * A real-time task takes 45 to 60 % of CPU 0, at times when nobody sees it but load tracking; the
 * CPU's capacity for others must be what is left. One hog belongs on CPU 1 for good. Of three, one
 * belongs on CPU 0, where it has what is left, and two share CPU 1: with less than 42 % taken, they
 * would be further apart than the domain tolerates. And where each CPU has a hog of its own, short tasks
 * begin on CPU 1, though CPU 0 forks them and has no more tasks than the other one.
 */
static int test_pressure(void)
{
	static struct sim_program programs[3 + SHORT_TASKS];
	struct sim_config c = {
	    .cpus = 2, .threads_per_core = 1, .cores_per_llc = 4, .llcs_per_node = 1};
	u64 percent = 45 + sim_random_below(16), least;
	u64 due = min((100 - percent) * 20, 1000ULL); /* ms in 2 s */
	int hogs = 1 + sim_random_below(3), i, away = 0;

	if (!fair_class_in_use())
		return 0;
	sim_boot(&c);
	sim_add_workload(programs, press(programs, percent, hogs));
	if (!sim_run_until(500000000))
		return selftest_failure(sim_broken);
	if (!near(cpu_rq(0)->cpu_capacity, 1024 * (100 - percent) / 100, 20) ||
	    cpu_rq(1)->cpu_capacity != SCHED_CAPACITY_SCALE)
		return selftest_failure("the capacity that real-time tasks leave");
	least_of(hogs);
	if (!sim_run_until(2500000000))
		return selftest_failure(sim_broken);
	least = least_of(hogs) / 1000000;
	if (least * 100 < (hogs == 1 ? 2000 : due) * 95)
		return selftest_failure("a task stays where real-time tasks take half");
	for (i = 0; hogs == 2 && i < SHORT_TASKS; i++)
		away += task_cpu(&sim_task(3 + i)->task) == 1;
	if (hogs == 2 && away < SHORT_TASKS - 1)
		return selftest_failure("tasks begin where real-time tasks take half");
	return 0;
}

#define LATE_CPU 3

/* What CPU LATE_CPU does meanwhile: it comes up, and takes the mutex first. */
static void late_cpu_comes(void)
{
	cpumask_set_cpu(LATE_CPU, &__cpu_active_mask);
	rebuild_sched_domains();
}

/* Two rebuild the domains at once: the second one has the CPUs of then, not those of its start. */
static int test_domains(void)
{
	struct sim_config c = {.cpus = LATE_CPU + 1,
			       .threads_per_core = 1,
			       .cores_per_llc = LATE_CPU + 1,
			       .llcs_per_node = 1};
	unsigned int cpu;

	sim_boot(&c);
	cpumask_clear_cpu(LATE_CPU, &__cpu_active_mask);
	rebuild_sched_domains();
	if (cpu_rq(LATE_CPU)->sd || cpu_rq(0)->sd->span_weight != LATE_CPU)
		return selftest_failure("a CPU that is away has a domain");
	sim_before_mutex = late_cpu_comes;
	rebuild_sched_domains();
	if (sim_before_mutex)
		return selftest_failure("the domains are rebuilt without their mutex");
	for (cpu = 0; cpu <= LATE_CPU; cpu++)
		if (!cpu_rq(cpu)->sd || cpu_rq(cpu)->sd->span_weight != LATE_CPU + 1)
			return selftest_failure("a CPU that came up is in no domain");
	return 0;
}

/* All that the CPUs' balancers look at, whose domains they have at this moment. */
static unsigned int groups_seen;

static void look_at_domains(void)
{
	struct sched_domain *sd;
	struct sched_group *sg;
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		for_each_domain (cpu, sd) {
			sg = sd->groups;
			do
				groups_seen += !sg->below || !READ_ONCE(sg->below->stuck);
			while (sg = sg->next, sg != sd->groups);
		}
	}
}

/*
 * The domains of one CPU after the other are exchanged, and a grace period may pass in between: those
 * that still have their old ones find them whole.
 */
static int test_exchange(void)
{
	struct sim_config c = {
	    .cpus = 16, .threads_per_core = 2, .cores_per_llc = 2, .llcs_per_node = 2};

	sim_boot(&c);
	sim_after_rcu = look_at_domains;
	rebuild_sched_domains();
	sim_after_rcu = NULL;
	return groups_seen ? 0 : selftest_failure("no domain was exchanged");
}

const struct selftest selftest_load[] = {
    {"pelt", test_pelt, false},
    {"pelt40", test_pelt40, false},
    {"frequency", test_frequency, false},
    {"pressure", test_pressure, false},
    {"domains", test_domains, true},
    {"exchange", test_exchange, true},
    {NULL, NULL, false},
};
