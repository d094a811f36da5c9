/* SPDX-License-Identifier: MIT */
/*
 * Properties of fair scheduling on one CPU over seeded workloads: shares, and how far from its
 * share a task may be at any moment. Called by selftest.c, each in a process of its own.
 */
#include "selftest.h"

static struct sim_program programs[SELFTEST_PROGRAMS];
static const struct sim_config one_cpu = {
    .cpus = 1, .threads_per_core = 1, .cores_per_llc = 1, .llcs_per_node = 1};

/* On one CPU, tasks that never sleep get the CPU by weight: within 1 % of it over a second. */
int selftest_shares(void)
{
	u64 before[SELFTEST_PROGRAMS], total = 0, weights = 0, begun = 500000000;
	int i, n = 2 + sim_random_below(5), bad = 0, nice[SELFTEST_PROGRAMS];

	for (i = 0; i < n; i++) {
		selftest_hog(&programs[i], i);
		nice[i] = (int)sim_random_below(11) - 5;
		weights += sched_prio_to_weight[nice[i] + 20];
		/* By its parent, or by itself: soon, for until then it has another weight. */
		if (i % 2) {
			programs[i].ops[1] = (struct sim_op){OP_NICE, nice[i], 0};
			programs[i].ops[2] = programs[i].ops[0];
			programs[i].ops[0].a = 1000000;
			programs[i].nr_ops = 3;
		} else {
			programs[i].nice = nice[i];
		}
	}
	sim_boot(&one_cpu);
	sim_add_workload(programs, n);
	/* A slice of o1's is as long at the best nice value here, and the others wait for its end. */
	if (sched_choice == SCHED_O1)
		begun *= n;
	if (!sim_run_until(begun))
		return selftest_failure(sim_broken);
	for (i = 0; i < n; i++) {
		if (task_nice(&sim_task(i)->task) != nice[i])
			return selftest_failure("a task has not begun in time");
		before[i] = sim_task(i)->task.se.sum_exec_runtime;
	}
	if (!sim_run_until(begun + 1000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < n; i++)
		total += sim_task(i)->task.se.sum_exec_runtime - before[i];
	if (total < 999000000 - TICK_NSEC || total > 1000000000 + TICK_NSEC)
		return selftest_failure("the CPU's second is not accounted for");
	for (i = 0; i < n && fair_class_in_use(); i++) {
		s64 got = sim_task(i)->task.se.sum_exec_runtime - before[i];
		s64 due = total * sched_prio_to_weight[nice[i] + 20] / weights;
		s64 off = got > due ? got - due : due - got;

		if (off > (s64)total / 100) {
			fprintf(stderr, "  nice %d of %d tasks: %lld us, due %lld us\n", nice[i], n,
				(long long)got / 1000, (long long)due / 1000);
			bad = 1;
		}
	}
	return bad ? selftest_failure("shares by weight") : 0;
}

/*
 * Lag: what a task should have got of the CPU, by weight, less what it got, in ns.
 *
 * With weights w, W their sum and s = w / W, virtual times v (they advance by 1 / w) and V, the
 * mean of v by weight, lag is w * (V - v), and the sum of all lags is 0. While a task runs its lag
 * falls by 1 - s a second, while another one does it rises by s. A bound for lag at any time bounds
 * what a window of any length gives: within `high + low` of the share.
 *
 * The tick, T, ends turns, and only it where nobody sleeps: a turn that should take x takes up to
 * x + T. With q the longest turn of each task:
 *
 * cfs. The least v runs, so at the end of its turn, and ever after until it runs again, a task is
 * no more than q / w ahead of the least v, which only grows. So
 *	V - v <= sum over the others of (w' / W) * (q' / w')	lag <= s * (sum of the others' q)
 *	v - V <= (1 - s) * q / w				lag >= -(1 - s) * q
 *
 * eevdf (Stoica and Abdel-Wahab, 1995, whose theorem has -r and max(r, quantum) where turns end by
 * themselves; here with the tick's part). Who is picked has lag >= 0 and runs to the first tick
 * at which its request, r at most, is served: q = r + T and again
 *							lag >= -(1 - s) * q
 * For the other side let k's request have the virtual deadline d, and wait. Take the last turn
 * before now of somebody, j, with a later deadline than d; it began at the virtual time V0. All that
 * runs since then has deadlines up to d, and had v >= V0 when that turn began: who was eligible
 * then, with such a deadline, would have been picked instead of j. So what can have been served
 * since then is at most the sum of w * (d - V0), and a tick for each one's last overrun; after that
 * it is k's turn to have been served. In that time, and j's turn, V moves from V0 by what was
 * served over W: V <= d + (q of j) / W + (n - 1) * T / W. k's own v is d - r / w at least, so
 *	lag <= r + s * (max q + (n - 1) * T)
 * Where there is no such j the time begins with all lags 0, which is the same without j's turn.
 */
struct lag_bound {
	double low, high; /* lag from -low to high, ns */
};

static double weight_of(int i)
{
	return (double)scale_load_down(sim_task(i)->task.se.load.weight);
}

/* n tasks that never sleep are all there is; w their weights together. */
static struct lag_bound bound_of(int i, int n, double w)
{
	double s = weight_of(i) / w, turns = 0, longest = 0, turn, own = 0, request = 0;
	int k;

	for (k = 0; k < n; k++) {
		struct sched_entity *se = &sim_task(k)->task.se;
		double slice = (double)fair->slice(&cpu_rq(0)->cfs, se);

		turn = slice + TICK_NSEC;
		turns += turn;
		longest = max(longest, turn);
		if (k == i) {
			own = turn;
			request = slice;
		}
	}
	if (sched_choice == SCHED_CFS)
		return (struct lag_bound){(1 - s) * own, s * (turns - own)};
	return (struct lag_bound){(1 - s) * own, request + s * (longest + (n - 1) * TICK_NSEC)};
}

/* ns that task i has run, and its virtual time, this moment included. Changes nothing. */
static u64 ran_by_now(int i, u64 *vruntime)
{
	struct sched_entity *se = &sim_task(i)->task.se;
	u64 open = sim_task(i)->task.on_cpu ? sim_now - se->exec_start : 0;

	*vruntime = se->vruntime + calc_delta_fair(open, se);
	return se->sum_exec_runtime + open;
}

/* The scheduler's own books at this moment: each lag within its bound. */
static bool lags_hold(int n, double w, const struct lag_bound *bound)
{
	u64 v[SELFTEST_PROGRAMS];
	double mean = 0, lag;
	int i;

	for (i = 0; i < n; i++) {
		ran_by_now(i, &v[i]);
		mean += weight_of(i) / w * (double)(s64)(v[i] - v[0]);
	}
	for (i = 0; i < n; i++) {
		lag = (mean - (double)(s64)(v[i] - v[0])) * weight_of(i) / 1024;
		if (lag >= -bound[i].low - 1000 && lag <= bound[i].high + 1000)
			continue;
		fprintf(stderr,
			"  task %d of %d, weight %.0f of %.0f, at %llu us: lag %.0f us, "
			"bound %.0f to %.0f us\n",
			i, n, weight_of(i), w, (unsigned long long)sim_now / 1000, lag / 1000,
			-bound[i].low / 1000, bound[i].high / 1000);
		return false;
	}
	return true;
}

/* Tasks that never sleep, of several weights and with slices of several lengths. */
int selftest_lag(void)
{
	int i, n = 2 + sim_random_below(7);
	double w = 0, off, least[SELFTEST_PROGRAMS] = {0}, most[SELFTEST_PROGRAMS] = {0};
	struct lag_bound bound[SELFTEST_PROGRAMS];
	u64 from[SELFTEST_PROGRAMS], ns, v;

	if (!fair_class_in_use())
		return 0;
	for (i = 0; i < n; i++) {
		selftest_hog(&programs[i], i);
		programs[i].nice = (int)sim_random_below(17) - 8;
		programs[i].start = sim_random_below(100000000);
		/* Of eevdf's requests; cfs has no use for it. */
		programs[i].dl_runtime =
		    sim_random_below(2) ? 100000 + sim_random_below(20000000) : 0;
	}
	sysctl_sched_base_slice = 200000 + sim_random_below(6000000);
	sim_boot(&one_cpu);
	sim_add_workload(programs, n);
	/* The lightest one has had a turn since the last one came. */
	if (!sim_run_until(3000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < n; i++) {
		from[i] = ran_by_now(i, &v);
		w += weight_of(i);
	}
	for (i = 0; i < n; i++)
		bound[i] = bound_of(i, n, w);
	for (ns = 500000; ns <= 1000000000; ns += 500000) {
		if (!sim_run_until(3000000000 + ns))
			return selftest_failure(sim_broken);
		if (!lags_hold(n, w, bound))
			return selftest_failure("lag");
		/* And without believing any of them: what it got against the clock. */
		for (i = 0; i < n; i++) {
			off = weight_of(i) / w * (double)ns - (double)(ran_by_now(i, &v) - from[i]);
			least[i] = min(least[i], off);
			most[i] = max(most[i], off);
			if (most[i] - least[i] <= bound[i].low + bound[i].high + 1000)
				continue;
			fprintf(stderr, "  task %d of %d: lag moved by %.0f us, bound %.0f us\n", i,
				n, (most[i] - least[i]) / 1000,
				(bound[i].low + bound[i].high) / 1000);
			return selftest_failure("lag by the clock");
		}
	}
	return 0;
}

/*
 * With L the latency, g the wake-up granularity, T the tick. A turn takes q = L/2 + T at most, for two
 * share L and the tick ends it. Who is picked is within g of the least v (hints may do as much), so
 * one that begins to wait is g + q ahead of that at most: v <= m + g + q, m the origin then, which
 * never runs back. One that is new begins no further ahead, for what it is placed after has run.
 *
 * Somebody else is picked as long as his own v is no more than g ahead of the one who waits, so it
 * ends at m + 2 * (g + q) at most. It was m - L/2 at least, which is a sleeper's credit, and sleeping
 * again does not bring it back. So each of the others runs 2 * (g + q) + L/2 meanwhile, however often
 * he sleeps.
 */
u64 selftest_cfs_wait(int n)
{
	u64 latency = sysctl_sched_latency, q = latency / 2 + TICK_NSEC;

	return (n - 1) * (2 * (sysctl_sched_wakeup_granularity + q) + latency / 2);
}

/* What a sleeper takes along: eevdf's lag, two slices or a tick of its own time either way. */
static bool kept_lag_is_bounded(int i)
{
	struct sched_entity *se = &sim_task(i)->task.se;
	u64 slice = fair->slice(&cpu_rq(0)->cfs, se);
	s64 limit = calc_delta_fair(max(2 * slice, (u64)TICK_NSEC), se);

	return sim_task(i)->task.on_rq || (se->vlag >= -limit && se->vlag <= limit);
}

/*
 * Short sleeps are no way to more of the CPU: who naps often, before a tick or after it, has no more
 * of a second than his share, within the lag that a task may have at either end of it. He may have
 * less, for what he misses while he sleeps he does not get later: eevdf forgives him what he owed
 * meanwhile, but credits nothing; with cfs the origin goes on with those who run.
 */
int selftest_naps(void)
{
	int i, n = 2 + sim_random_below(5);
	u64 nap = 20000 + sim_random_below(200000), v, from, ns;
	struct lag_bound bound;
	double w = 0, more;

	if (!fair_class_in_use())
		return 0;
	for (i = 0; i < n; i++) {
		selftest_hog(&programs[i], i);
		programs[i].nice = (int)sim_random_below(11) - 5;
	}
	programs[0].ops[0] = (struct sim_op){OP_RUN, 500000 + sim_random_below(9000000), 0};
	programs[0].ops[1] = (struct sim_op){OP_SLEEP, nap, 0};
	programs[0].nr_ops = 2;
	sim_boot(&one_cpu);
	sim_add_workload(programs, n);
	if (!sim_run_until(1000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < n; i++)
		w += weight_of(i);
	bound = bound_of(0, n, w);
	from = ran_by_now(0, &v);
	for (ns = 1000000; ns <= 1000000000; ns += 1000000) {
		if (!sim_run_until(1000000000 + ns))
			return selftest_failure(sim_broken);
		if (!kept_lag_is_bounded(0))
			return selftest_failure("a sleeper takes along more lag than it may");
	}
	more = (double)(ran_by_now(0, &v) - from) - weight_of(0) / w * 1e9;
	if (more <= bound.low + bound.high + 1000)
		return 0;
	fprintf(stderr,
		"  with naps of %llu us, weight %.0f of %.0f: %.0f us more, bound %.0f us\n",
		(unsigned long long)nap / 1000, weight_of(0), w, more / 1000,
		(bound.low + bound.high) / 1000);
	return selftest_failure("short sleeps buy more than a share");
}
