/* SPDX-License-Identifier: MIT */
/*
 * Properties of the classes over seeded workloads: deadlines kept and promises not exceeded,
 * real-time order over all CPUs, turns, throttling, how long a fair task waits, load averages,
 * balancing. Called by selftest.c, each in a process of its own.
 */
#include "selftest.h"

static struct sim_program programs[SELFTEST_PROGRAMS];
static int nr_programs;
static struct sim_config machine = {
    .cpus = 1, .threads_per_core = 1, .cores_per_llc = 4, .llcs_per_node = 1, .ipi_ns = 1000};

/* A program that repeats its operations; what is not said: nice 0, all CPUs, from the start. */
static struct sim_program *add(const char *name, int count)
{
	struct sim_program *p = &programs[nr_programs++];

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->count = count;
	p->first_cpu = p->last_cpu = -1;
	return p;
}

static void does(struct sim_program *p, enum sim_op_kind kind, s64 a, s64 b)
{
	p->ops[p->nr_ops++] = (struct sim_op){kind, a, b};
}

static struct sim_program *add_hog(const char *name, int count)
{
	struct sim_program *p = add(name, count);

	does(p, OP_RUN, 20000000, 0);
	return p;
}

static u64 between(u64 low, u64 high)
{
	return low + sim_random_below(high - low + 1);
}

static void start(unsigned int cpus)
{
	machine.cpus = cpus;
	sim_boot(&machine);
	sim_add_workload(programs, nr_programs);
}

static u64 ran(int number)
{
	return task_sched_runtime(&sim_task(number)->task);
}

/* A task of the deadline class that works for `work` of its runtime in each period. */
static struct sim_program *add_deadline(u64 runtime, u64 period, u64 work)
{
	struct sim_program *p = add("deadline", 1);

	p->policy = SCHED_DEADLINE;
	p->dl_runtime = runtime;
	p->dl_deadline = p->dl_period = period;
	does(p, OP_RUN, work, 0);
	does(p, OP_PERIOD, period, period);
	return p;
}

/*
 * Deadline tasks, admitted, that need no more than they asked for. On one CPU none misses. On m
 * CPUs earliest-deadline-first lets one be late by no more than
 * ((m - 1) * Cmax - Cmin) / (m - sum of the m - 1 largest utilisations) + Cmax (Devi and Anderson,
 * 2005). Fair tasks that never sleep are beside them.
 */
static int test_deadlines(void)
{
	unsigned int m = sim_random_below(2) ? 1 : between(2, 4);
	u64 longest = 0, shortest = ~0ULL, bound = 20000;
	double left = 0.93 * m, largest = 0;
	int i, n = 0;

	while (n < 10 && left > 0.05) {
		u64 period = between(4000, 60000) * 1000;
		double share = (double)between(5, 60) / 100;
		u64 runtime;

		share = share < left ? share : left;
		left -= share;
		runtime = (u64)((double)period * share);
		add_deadline(runtime, period, runtime - runtime / 50);
		longest = max(longest, runtime);
		shortest = min(shortest, runtime);
		largest = share > largest ? share : largest;
		n++;
	}
	add_hog("fair", 2 * m);
	if (m > 1)
		bound += (u64)((double)((m - 1) * longest - shortest) / (m - (m - 1) * largest)) +
			 longest;
	start(m);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < sim_nr_tasks(); i++) {
		struct sim_task *t = sim_task(i);

		if (t->program->policy == SCHED_DEADLINE && !dl_policy(t->task.policy))
			return selftest_failure("a deadline task that fits is refused");
		if (t->max_late > bound) {
			fprintf(stderr, "  %u CPUs, %d tasks: late by %llu us, bound %llu us\n", m,
				n, (unsigned long long)t->max_late / 1000,
				(unsigned long long)bound / 1000);
			return selftest_failure("a deadline is missed");
		}
	}
	return 0;
}

/* Tasks that want more than they asked for do not get it, however they go about it. */
static int test_promises(void)
{
	unsigned int m = between(1, 3);
	struct sim_program *p;
	u64 admitted = 0;
	int i;

	/* One that never stops, one that stops for a moment before its runtime is used up. */
	p = add_deadline(2000000, 10000000, 1000000000);
	p = add_deadline(3000000, 10000000, 2700000);
	p->ops[1] = (struct sim_op){OP_SLEEP, 50000, 0};
	for (i = 0; i < 8; i++)
		add_deadline(4000000, 10000000, 1000000);
	add_hog("fair", m);
	start(m);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < sim_nr_tasks(); i++)
		if (dl_policy(sim_task(i)->task.policy))
			admitted += sim_task(i)->task.dl.dl_bw;
	if (admitted > ((1ULL << 20) * 95 / 100) * m)
		return selftest_failure("more deadline tasks are admitted than fit");
	/* A tick may pass before an overrun is seen; it is paid back. */
	if (dl_policy(sim_task(0)->task.policy) && ran(0) > 2000000000ULL * 22 / 100)
		return selftest_failure("a deadline task gets more than its runtime");
	if (dl_policy(sim_task(1)->task.policy) && ran(1) > 2000000000ULL * 32 / 100)
		return selftest_failure("short sleeps buy a deadline task more than its runtime");
	return 0;
}

/* p waits although a CPU that it may use runs something less urgent. */
static bool wrongly_waits(struct task_struct *p)
{
	unsigned int cpu;

	if (!task_on_rq_queued(p) || p->on_cpu || !rt_task(p) ||
	    cpu_rq(task_cpu(p))->rt.rt_throttled)
		return false;
	for_each_cpu (cpu, p->cpus_ptr)
		if (cpu_curr(cpu)->prio > p->prio && !cpu_rq(cpu)->rt.rt_throttled)
			return true;
	return false;
}

/* Over all CPUs, the most urgent real-time tasks run: nobody waits wrongly for long. */
static int test_real_time(void)
{
	unsigned int m = between(1, 6);
	u64 since[64] = {0}, ns;
	int i;

	for (i = 0; i < 10; i++) {
		struct sim_program *p = add("rt", 1);
		u64 period = between(2000, 30000) * 1000;

		p->policy = sim_random_below(2) ? SCHED_FIFO : SCHED_RR;
		p->rt_priority = between(1, 90);
		does(p, OP_RUN, period / 100 * between(5, 9 * m), 0);
		does(p, OP_SLEEP, period / 2, period / 2);
	}
	add_hog("fair", m);
	start(m);
	for (ns = 500000; ns < 1000000000; ns += 500000) {
		if (!sim_run_until(ns))
			return selftest_failure(sim_broken);
		for (i = 0; i < sim_nr_tasks(); i++) {
			if (!wrongly_waits(&sim_task(i)->task))
				since[i] = ns;
			else if (ns - since[i] > 4000000)
				return selftest_failure("a CPU runs less than a real-time task "
							"that waits");
		}
	}
	return 0;
}

/*
 * A real-time task and then a deadline task are woken on one CPU, by another one, before that CPU
 * switches: the first waits there behind the second, and others run fair tasks. It does not wait.
 */
static int test_behind(void)
{
	unsigned int m = between(2, 4);
	struct sim_program *p;

	p = add("rt", 1);
	p->policy = SCHED_FIFO;
	p->rt_priority = between(1, 90);
	does(p, OP_WAIT, 0, 0);
	does(p, OP_RUN, 1000000, 0);
	add_deadline(20000000, 100000000, 15000000)->ops[1].kind = OP_WAIT;
	p = add("waker", 1);
	p->first_cpu = p->last_cpu = 1;
	does(p, OP_RUN, 50000000, 10000000);
	does(p, OP_WAKE, 0, 0);
	does(p, OP_WAKE, 1, 0);
	p = add_hog("hog", 1);
	p->first_cpu = p->last_cpu = 0;
	start(m);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	if (dl_policy(sim_task(1)->task.policy) && selftest_waits(sim_task(0)) > 1000000)
		return selftest_failure("a real-time task waits behind a deadline task");
	return 0;
}

/*
 * Both CPUs run a real-time task, or one a deadline task; another one of less priority waits. Then one
 * of the two becomes fair, and goes on. The one that waits runs in its place.
 */
static int test_drops(void)
{
	struct sim_program *p;
	u64 until = between(20000, 90000) * 1000;
	bool deadline = sim_random_below(2);

	p = add("drops", 1);
	if (deadline) { /* bound it would not be admitted: it stays where it begins, on CPU 0 */
		p->policy = SCHED_DEADLINE;
		p->dl_runtime = 100000000;
		p->dl_deadline = p->dl_period = 120000000;
	} else {
		p->policy = sim_random_below(2) ? SCHED_FIFO : SCHED_RR;
		p->rt_priority = between(20, 60);
		p->first_cpu = p->last_cpu = 1;
	}
	does(p, OP_RUN, until, 0);
	does(p, OP_POLICY, SCHED_NORMAL, 0);
	does(p, OP_RUN, 1000000000, 0);
	p = add("waits", 1); /* where the third one comes, and not where it is to run */
	p->policy = SCHED_FIFO;
	p->rt_priority = 10;
	p->first_cpu = p->last_cpu = deadline;
	does(p, OP_RUN, 1000000, 0);
	does(p, OP_CPUS, 0, 1);
	does(p, OP_RUN, 1000000000, 0);
	p = add_hog("top", 1);
	p->policy = SCHED_FIFO;
	p->rt_priority = 50;
	p->first_cpu = p->last_cpu = deadline;
	p->start = 5000000;
	start(2);
	if (!sim_run_until(until + 2000000))
		return selftest_failure(sim_broken);
	if (!sim_task(1)->task.on_cpu || !sim_task(2)->task.on_cpu)
		return selftest_failure("a task that is not real-time any more keeps its CPU");
	return 0;
}

/* Real-time tasks of one priority take turns; together they leave 5 % to the others. */
static int test_turns(void)
{
	int i, n = between(2, 4);
	u64 least = ~0ULL, most = 0, fair = 0;

	for (i = 0; i < n; i++) {
		struct sim_program *p = add_hog("rr", 1);

		p->policy = SCHED_RR;
		p->rt_priority = 7;
	}
	add_hog("fair", 1);
	start(1);
	if (!sim_run_until(4000000000ULL))
		return selftest_failure(sim_broken);
	for (i = 0; i < n; i++) {
		least = min(least, ran(i));
		most = max(most, ran(i));
	}
	fair = ran(n);
	if (most - least > 250000000)
		return selftest_failure("tasks of one real-time priority do not take turns");
	/* Where nothing throttles them, they leave nothing. */
	if (!fair_class_in_use() && fair > 20000000)
		return selftest_failure("a task runs although a real-time task wants to");
	if (fair_class_in_use() && (fair < 190000000 || fair > 215000000))
		return selftest_failure("real-time tasks do not leave what is left to others");
	return 0;
}

/*
 * How long one that wants to run waits for it: hogs, one that sleeps long and then works long,
 * one that comes late, one that yields, and one that moves between queues of very different age.
 * Tasks of equal weight; a round of theirs is a latency (or a quantum, where turns are taken by
 * those) each.
 */
static int test_waiting(void)
{
	u64 turn = fair_class_in_use() ? 14000000 : 230000000, bound;
	struct sim_program *p;
	int i, n = between(2, 5);

	p = add_hog("old", n);
	p->first_cpu = p->last_cpu = 0;
	p = add_hog("other", 1);
	p->first_cpu = p->last_cpu = 1;
	p = add("yielder", 1);
	p->first_cpu = p->last_cpu = 0;
	does(p, OP_RUN, 3000000, 0);
	does(p, OP_YIELD, 0, 0);
	p = add("sleeper", 1);
	p->first_cpu = p->last_cpu = 0;
	does(p, OP_RUN, 1000000, 0);
	does(p, OP_SLEEP, 900000000, 0);
	does(p, OP_RUN, 400000000, 0);
	p = add_hog("late", 1);
	p->first_cpu = p->last_cpu = 0;
	p->start = 1300000000;
	p = add("mover", 1);
	p->first_cpu = p->last_cpu = 1;
	for (i = 0; i < 6; i++) {
		does(p, OP_CPUS, i % 2, i % 2);
		does(p, OP_RUN, between(20, 120) * 1000000, 0);
		does(p, OP_SLEEP, 1000000, 0);
	}
	if (sched_choice == SCHED_O1) {
		/* Interactive by then, it would have the CPU before the others for as long as it works. */
		does(p, OP_EXIT, 0, 0);
		/* It comes later in a round, but it comes. */
		p = add_hog("nice", 1);
		p->nice = 3;
		p->first_cpu = p->last_cpu = 0;
	}
	start(2);
	if (!sim_run_until(3000000000ULL))
		return selftest_failure(sim_broken);
	bound = (n + 5) * turn;
	/* The sleeper, interactive when it comes, is put back for all that it works; so is the mover. */
	if (sched_choice == SCHED_O1)
		bound += 400000000 + 3 * 120000000;
	for (i = 0; i < sim_nr_tasks(); i++) {
		struct sim_task *t = sim_task(i);
		u64 waits = selftest_waits(t);

		if (waits > bound) {
			fprintf(stderr, "  %s waits %llu ms, bound %llu ms\n", t->task.comm,
				(unsigned long long)waits / 1000000,
				(unsigned long long)bound / 1000000);
			return selftest_failure("a task waits for longer than its policy allows");
		}
	}
	return 0;
}

/*
 * Tasks that sleep now and then keep the bonus of interactive ones, and together they want more
 * than the CPU: one that never sleeps gets it all the same, and before the bound is over. With
 * eevdf who sleeps takes his lag along, and comes back where others make up the mean: nothing that
 * does not grow with their number of sleeps follows from its rules, so the two seconds are only many
 * times what it takes.
 */
static int test_interactive(void)
{
	int i, sleepers = between(2, 6), hogs = between(1, 2);
	struct sim_program *p;
	u64 bound;

	for (i = 0; i < sleepers; i++) {
		u64 run = between(1500, 4500) * 1000;

		p = add("sleeper", 1);
		p->start = 20000000 * i;
		does(p, OP_RUN, run, run / 8);
		/* Each alone wants three quarters of the CPU or more. */
		does(p, OP_SLEEP, run / 8, run / 4);
	}
	p = add_hog("hog", hogs);
	p->start = 500000000;
	start(1);
	if (!sim_run_until(p->start + 1))
		return selftest_failure(sim_broken);
	bound = sched_choice == SCHED_O1    ? selftest_longest_wait(0)
		: sched_choice == SCHED_CFS ? selftest_cfs_wait(sim_nr_tasks())
					    : 2000000000;
	if (!sim_run_until(p->start + max(bound + bound / 2, (u64)3000000000)))
		return selftest_failure(sim_broken);
	for (i = 0; i < sim_nr_tasks(); i++) {
		u64 waits = selftest_waits(sim_task(i));

		if (waits > bound) {
			fprintf(stderr, "  %s waits %llu ms, bound %llu ms\n",
				sim_task(i)->task.comm, (unsigned long long)waits / 1000000,
				(unsigned long long)bound / 1000000);
			return selftest_failure("a task that never sleeps never runs");
		}
	}
	return 0;
}

/*
 * o1: a shell whose children end soon keeps its slice of 25 ticks but for those that it ran, up to
 * half of it being with a child; and of two tasks that run for long and sleep for a moment, one
 * that is held up by a real-time task when it was woken counts as interactive after a time.
 */
static int test_credits(void)
{
	u64 ns, best = 0, run = between(2000, 2200) * 1000;
	struct sim_program *p;

	if (sched_choice != SCHED_O1)
		return 0;
	machine.cpus = 2;
	p = add("shell", 1);
	p->first_cpu = p->last_cpu = 0;
	does(p, OP_RUN, 200000, 100000);
	does(p, OP_FORK, 1, 0);
	does(p, OP_SLEEP, 4000000, 1000000);
	p = add("child", 1);
	p->first_cpu = p->last_cpu = 0;
	does(p, OP_RUN, 100000, 0);
	does(p, OP_EXIT, 0, 0);
	p = add("held up", 1);
	p->first_cpu = p->last_cpu = 1;
	does(p, OP_RUN, run, 0);
	does(p, OP_SLEEP, run / 20, 0);
	p = add("rt", 1);
	p->policy = SCHED_FIFO;
	p->rt_priority = 1;
	p->first_cpu = p->last_cpu = 1;
	does(p, OP_RUN, 20000000, 0);
	does(p, OP_SLEEP, 2500000, 500000);
	start(2);
	for (ns = 10000000; ns < 10000000000ULL; ns += 10000000) {
		if (!sim_run_until(ns))
			return selftest_failure(sim_broken);
		/*
		 * Its cycle is longer than a tick by 0.2 to 1.3 ms and it runs for 0.3 of that:
		 * of the 25 ticks of 100 ms fewer than half find it running, and half of what is
		 * left may be with a child. Of what children keep nothing is left after 5 forks.
		 */
		if (ns <= 100000000 && sim_task(0)->task.o1.time_slice < 5)
			return selftest_failure("forks use up their parent's slice");
		best = max(best, (u64)sim_task(2)->task.o1.sleep_avg);
	}
	if (best < 500000000)
		return selftest_failure("waiting for the CPU is not credited");
	return 0;
}

/*
 * o1: two shells keep the CPU busy with children that end soon, and each comes to the end of its slice:
 * the last tick of it makes no new slices for children, and none comes back from them. So they take
 * turns with each other and with a hog: 95 ms each, 90 ms the hog.
 */
static int test_shells(void)
{
	static const int whose[] = {0, 1, 3};
	struct sim_program *p;
	unsigned int i;

	if (sched_choice != SCHED_O1)
		return 0;
	p = add("shell", 2);
	p->policy = SCHED_BATCH;
	p->nice = 1;
	does(p, OP_RUN, 2400000, 300000);
	does(p, OP_FORK, 1, 0);
	does(p, OP_FORK, 1, 0);
	does(p, OP_SLEEP, 300000, 0);
	p = add("child", 1);
	p->policy = SCHED_BATCH;
	p->nice = 1;
	does(p, OP_RUN, 80000, 0);
	does(p, OP_EXIT, 0, 0);
	add_hog("hog", 1)->nice = 2;
	start(1);
	if (!sim_run_until(3000000000ULL))
		return selftest_failure(sim_broken);
	for (i = 0; i < ARRAY_SIZE(whose); i++)
		if (selftest_waits(sim_task(whose[i])) > 400000000)
			return selftest_failure("a task waits while its neighbours fork");
	return 0;
}

/*
 * The most tasks are bound to CPU 0; fewer begin on the last CPU, and may use all but that one. Each of
 * the others gets one, though those on CPU 0 wait in the longest queue: the one that o1 and goodness,
 * which balance without domains, look at first, and the busiest by load, which is what cfs and eevdf
 * go by.
 */
static int test_bound(void)
{
	unsigned int m = between(3, 6), i;
	struct sim_program *p;

	p = add_hog("bound", m + 1);
	p->first_cpu = p->last_cpu = 0;
	p = add("free", m - 1);
	p->first_cpu = p->last_cpu = m - 1;
	does(p, OP_RUN, 2000000, 0);
	does(p, OP_CPUS, 1, m - 1);
	does(p, OP_RUN, 4000000000LL, 0);
	start(m);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	for (i = 1; i < m; i++)
		if (idle_cpu(i))
			return selftest_failure("a CPU idles because the longest queue is bound");
	return 0;
}

/*
 * A hog on each CPU, and then on one of them a task that has never run there and may run nowhere else:
 * it is not to wait for as long as the others have CPUs to themselves, though their quanta are shorter.
 */
static int test_newcomer(void)
{
	unsigned int m = between(2, 5), i, at = between(1, m - 1);
	struct sim_program *p;

	for (i = 0; i < m; i++) {
		p = add_hog("hog", 1);
		p->nice = i == at ? 0 : 10;
		p->first_cpu = p->last_cpu = i;
	}
	p = add("newcomer", 1);
	p->first_cpu = p->last_cpu = 0;
	p->start = between(100, 400) * 1000000;
	does(p, OP_RUN, 1000000, 0);
	does(p, OP_CPUS, at, at);
	does(p, OP_RUN, 4000000000LL, 0);
	start(m);
	if (!sim_run_until(4000000000ULL))
		return selftest_failure(sim_broken);
	if (selftest_waits(sim_task(m)) > 1500000000)
		return selftest_failure("a task that is new on its CPU has no turn");
	return 0;
}

/*
 * Parents whose children live for a moment, beside hogs: whoever has exited leaves nothing behind, and
 * the rest goes on. The kernel frees what the checks of this run see off the queues.
 */
static int test_exits(void)
{
	unsigned int m = between(1, 4);
	struct sim_program *p;
	int i;

	add_hog("hog", between(1, m));
	p = add("parent", between(1, 2 * m));
	does(p, OP_RUN, 100000, 400000);
	does(p, OP_FORK, 2, 0);
	does(p, OP_SLEEP, 3000000, 4000000);
	p = add("child", 1);
	p->nice = (int)between(0, 10) - 5;
	does(p, OP_RUN, 100000, 3000000);
	does(p, OP_SLEEP, 100000, 2000000);
	does(p, OP_RUN, 10000, 3000000);
	does(p, OP_EXIT, 0, 0);
	start(m);
	if (!sim_run_until(500000000))
		return selftest_failure(sim_broken);
	for (i = 0; i < sim_nr_tasks(); i++)
		if (sim_task(i)->exited && sim_task(i)->task.on_rq)
			return selftest_failure("a task that has exited is on a queue");
	return 0;
}

/*
 * What waits on an isolated CPU stays there, though it may run on others and these begin to idle again
 * and again: nothing balances between them (isolcpus=).
 */
static int test_isolated(void)
{
	unsigned int m = between(3, 6), alone = between(1, m - 1);
	struct sim_program *p = add("napper", 1);

	p->first_cpu = p->last_cpu = 0;
	does(p, OP_RUN, 1000000, 0);
	does(p, OP_SLEEP, 5000000, 0);
	p = add("alone", between(2, 4));
	p->first_cpu = p->last_cpu = alone;
	does(p, OP_RUN, 2000000, 0);
	does(p, OP_CPUS, 0, m - 1);
	does(p, OP_RUN, 4000000000LL, 0);
	cpumask_set_cpu(alone, &sched_isolated_mask);
	start(m);
	if (!sim_run_until(1000000000))
		return selftest_failure(sim_broken);
	if (cpu_rq(alone)->nr_running != (unsigned int)p->count)
		return selftest_failure("a task is taken from an isolated CPU");
	return 0;
}

/*
 * eevdf: two hogs of one weight, of which one asks for much at a time. It has the CPU for about that
 * long (a slice's end is seen at a tick), so the other one waits as long, but gets as much in all.
 */
static int test_slices(void)
{
	u64 slice = between(20, 60) * 1000000, wait;
	struct sim_program *p;

	if (sched_choice != SCHED_EEVDF)
		return 0;
	p = add("long", 1);
	does(p, OP_RUN, 4000000000LL, 0);
	p->slice = slice;
	p = add("short", 1);
	does(p, OP_RUN, 4000000000LL, 0);
	p->slice = 2000000;
	start(1);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	wait = sim_task(1)->max_delay;
	if (wait + TICK_NSEC < slice || wait > slice + 2 * TICK_NSEC) {
		fprintf(stderr, "  %llu us of slice, %llu us of waiting\n",
			(unsigned long long)slice / 1000, (unsigned long long)wait / 1000);
		return selftest_failure("a slice that was asked for");
	}
	if (ran(0) + 2 * slice < ran(1) || ran(1) + 2 * slice < ran(0))
		return selftest_failure("a longer slice is a greater share");
	return 0;
}

/* Averages of what is known: a task that always runs, and one that runs half of its time. */
static int test_load(void)
{
	u64 period = between(4, 16) * 1000000, sum = 0, ns;
	unsigned long util, n = 0;
	struct sim_program *p;

	if (!fair_class_in_use())
		return 0;
	load_choice = LOAD_PELT;
	/* Not at 0, which as a time of the last update means that there was none. */
	p = add_hog("hog", 1);
	p->start = 1000000;
	p->first_cpu = p->last_cpu = 0;
	p = add("half", 1);
	p->start = 1000000;
	p->first_cpu = p->last_cpu = 1;
	does(p, OP_RUN, period / 2, 0);
	does(p, OP_PERIOD, period, 0);
	start(2);
	for (ns = 600000000; ns < 1600000000; ns += 1300000) {
		if (!sim_run_until(ns))
			return selftest_failure(sim_broken);
		util = sim_task(0)->task.se.avg.util_avg;
		if (util < 970 || util > 1024) {
			fprintf(stderr, "  utilisation %lu\n", util);
			return selftest_failure("a task that always runs is not fully used");
		}
		sum += sim_task(1)->task.se.avg.util_avg;
		n++;
	}
	if (sum / n < 430 || sum / n > 600)
		return selftest_failure("a task that runs half of its time is not half used");
	return 0;
}

/* All tasks begin on one CPU and may then go anywhere: soon every CPU has its part of them. */
static int test_spread(void)
{
	unsigned int m = between(2, 8), cpu, least = ~0u, most = 0;
	struct sim_program *p = add("hog", 2 * m);

	does(p, OP_RUN, 2000000, 0);
	does(p, OP_CPUS, 0, m - 1);
	does(p, OP_RUN, 4000000000LL, 0);
	p->first_cpu = p->last_cpu = 0;
	machine.cores_per_llc = between(1, 4);
	start(m);
	if (!sim_run_until(2000000000))
		return selftest_failure(sim_broken);
	for_each_online_cpu (cpu) {
		least = min(least, cpu_rq(cpu)->nr_running);
		most = max(most, cpu_rq(cpu)->nr_running);
	}
	/* With goodness one that waits is counted where it ran last, and waits for all. */
	if (!least || (most > 4 && sched_choice != SCHED_GOODNESS)) {
		fprintf(stderr, "  %u CPUs: %u to %u tasks\n", m, least, most);
		return selftest_failure("tasks that may run anywhere are not spread");
	}
	return 0;
}

/* goodness: who slept through epochs has more to spend, up to twice a quantum. */
static int test_epochs(void)
{
	struct sim_program *p;
	u64 ns;

	if (sched_choice != SCHED_GOODNESS)
		return 0;
	add_hog("hog", between(2, 3));
	p = add("sleeper", 1);
	does(p, OP_RUN, 1000000, 0);
	does(p, OP_SLEEP, 1500000000, 0);
	does(p, OP_RUN, 400000000, 0);
	start(1);
	/* Its first run may have waited for the others' first turns. */
	for (ns = 1400000000; ns < 2000000000; ns += 1000000) {
		if (!sim_run_until(ns))
			return selftest_failure(sim_broken);
		if (sim_task(sim_nr_tasks() - 1)->task.on_rq)
			break;
	}
	/* 11 ticks are a quantum at nice 0; halved and added to for ever they come to 22. */
	if (sim_task(sim_nr_tasks() - 1)->task.good.counter < 18)
		return selftest_failure("a task that slept through epochs gained nothing");
	return 0;
}

const struct selftest selftest_classes[] = {
    {"deadlines", test_deadlines, false},
    {"promises", test_promises, false},
    {"real_time", test_real_time, false},
    {"behind", test_behind, false},
    {"drops", test_drops, false},
    {"turns", test_turns, false},
    {"waiting", test_waiting, false},
    {"interactive", test_interactive, false},
    {"credits", test_credits, false},
    {"shells", test_shells, false},
    {"load", test_load, false},
    {"spread", test_spread, false},
    {"bound", test_bound, false},
    {"isolated", test_isolated, false},
    {"epochs", test_epochs, false},
    {"slices", test_slices, false},
    {"exits", test_exits, false},
    {"newcomer", test_newcomer, false},
    {NULL, NULL, false},
};
