/* SPDX-License-Identifier: MIT */
/*
 * A recorded run is done again without a difference, whatever other CPUs do while one looks for its
 * next task. In the simulator they do nothing meanwhile, as it is one thread; so here some of it is
 * done for them. One process records, another one replays. Called by selftest.c.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sched/record.h"
#include "selftest.h"

#define ROOM (8UL << 20)

static struct sim_program programs[SELFTEST_PROGRAMS];
static const struct sched_class *own; /* goodness as it is */

static void nothing(void *arg, u64 tag)
{
}

/*
 * After the look for somebody to fetch, and before the pick that ends it: another CPU's tick. Of the
 * CPUs behind rq's only, for that one's lock is held.
 */
static bool balance_in_company(struct rq *rq, struct task_struct *prev)
{
	static bool within;
	bool some = own->balance(rq, prev);
	int cpu = rq->cpu, other = sim_random_below(nr_cpu_ids);
	unsigned int count = preempt_count();

	if (within || other <= cpu || test_tsk_need_resched(cpu_curr(other)))
		return some;
	within = true;
	sim_switch_cpu(other);
	arch_local_irq_disable();
	preempt_count_set(PREEMPT_OFFSET + HARDIRQ_OFFSET);
	scheduler_tick();
	arch_local_irq_enable();
	sim_switch_cpu(cpu);
	preempt_count_set(count);
	/* What the tick asked for is seen to at the end of an event. */
	sim_post(sim_now, other, nothing, NULL, 0);
	within = false;
	return some;
}

/* One that waits has but just been switched out, and its CPU is not yet done with it. */
static struct task_struct *find_in_company(struct rq *rq)
{
	struct task_struct *p, *found;
	bool waits;

	if (!sim_nr_tasks())
		return own->find_task(rq);
	p = &sim_task(sim_random_below(sim_nr_tasks()))->task;
	waits = task_on_rq_queued(p) && !p->on_cpu;
	p->on_cpu |= waits;
	found = own->find_task(rq);
	if (waits)
		p->on_cpu = 0;
	return found;
}

static void in_company(void)
{
	static struct sched_class goodness;

	goodness = goodness_sched_class;
	own = &goodness;
	goodness_sched_class.balance = balance_in_company;
	goodness_sched_class.find_task = find_in_company;
}

static s64 between(s64 low, s64 high)
{
	return low + sim_random_below(high - low + 1);
}

/* Hogs, some of whose quanta are a tick and end epochs soon; sleepers, yielders, one in real time. */
static int make_programs(int cpus)
{
	int i, n = between(3, SELFTEST_PROGRAMS);

	for (i = 0; i < n; i++) {
		struct sim_program *p = &programs[i];

		selftest_hog(p, i);
		p->count = between(1, 2);
		p->nice = sim_random_below(2) ? 19 : between(-5, 10);
		p->start = sim_random_below(50000000);
		if (sim_random_below(4) == 0)
			p->first_cpu = p->last_cpu = sim_random_below(cpus);
		p->ops[0] = (struct sim_op){OP_RUN, between(20000, 9000000), 1000000};
		switch (sim_random_below(4)) {
		case 0:
			p->ops[1] = (struct sim_op){OP_SLEEP, between(10000, 9000000), 0};
			break;
		case 1:
			p->ops[1] = (struct sim_op){OP_YIELD, 0, 0};
			break;
		case 2:
			p->ops[1] = (struct sim_op){OP_NICE, between(-5, 19), 0};
			break;
		default:
			continue;
		}
		p->nr_ops = 2;
	}
	programs[0].policy = SCHED_FIFO;
	programs[0].count = programs[0].rt_priority = 1;
	programs[0].nice = 0;
	programs[0].ops[0] = (struct sim_op){OP_RUN, 200000, 0};
	programs[0].ops[1] = (struct sim_op){OP_SLEEP, 4000000, 4000000};
	programs[0].nr_ops = 2;
	return n;
}

/* [a child] The record goes to fd; 0 when the run and the record are whole. */
static int record(int fd)
{
	struct sim_config c = {.cpus = between(1, 4),
			       .threads_per_core = 1,
			       .cores_per_llc = 4,
			       .llcs_per_node = 1,
			       .ipi_ns = 1000,
			       .record = malloc(ROOM),
			       .record_size = ROOM};
	ssize_t length;

	BUG_ON(!c.record);
	if (sched_choice == SCHED_GOODNESS)
		in_company();
	sim_boot(&c);
	sim_add_workload(programs, make_programs(c.cpus));
	if (!sim_run_until(500000000))
		return selftest_failure(sim_broken);
	length = sched_record_stop();
	return write(fd, c.record, length) != length;
}

int selftest_replay(void)
{
	int status, fd = memfd_create("record", 0);
	char name[32];
	pid_t child;

	BUG_ON(fd < 0);
	child = fork();
	if (!child)
		_exit(record(fd));
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		return selftest_failure("a run that is recorded");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	/* The line for the user who asks for a replay. */
	if (!freopen("/dev/null", "w", stdout))
		return 1;
	return sim_replay(name) ? selftest_failure("a recorded run goes another way") : 0;
}
