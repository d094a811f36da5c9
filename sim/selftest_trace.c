/* SPDX-License-Identifier: MIT */
/*
 * The monitors must fire: each rule is broken once, by a sequence of events that a scheduler
 * with that fault would make, in a child process that has to end by the monitor's panic.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sched/monitor.h"
#include "selftest.h"

static struct task_struct *sleeper(void)
{
	struct task_struct *p = sim_new_task("victim");

	trace_sched_wakeup_new(p);
	return p;
}

static void run(struct task_struct *p)
{
	trace_sched_entry(false);
	trace_sched_switch(false, this_rq()->idle, p, TASK_RUNNING);
	trace_sched_exit(true);
	sim_current = p;
}

static void leave(struct task_struct *p, unsigned int state)
{
	trace_sched_entry(false);
	trace_sched_switch(false, p, this_rq()->idle, state);
	trace_sched_exit(true);
	sim_current = this_rq()->idle;
}

static void switch_outside(void)
{
	trace_sched_switch(false, this_rq()->idle, sleeper(), TASK_RUNNING);
}

static void nested_schedule(void)
{
	trace_sched_entry(false);
	trace_sched_entry(false);
}

static void atomic_schedule(void)
{
	preempt_count_set(2 * PREEMPT_OFFSET);
	trace_sched_entry(false);
}

static void preempted_untold(void)
{
	trace_sched_entry(true);
}

/* Told once, preempted twice. */
static void told_once(void)
{
	trace_sched_need_resched(current, smp_processor_id());
	trace_sched_entry(true);
	trace_sched_exit(false);
	trace_sched_entry(true);
}

/* The balancer moves nothing, and two tasks stay on the CPU that was once the only one of theirs.
 */
static void idles_beside_work(void)
{
	static const struct sim_program hogs = {.name = "hog",
						.ops = {{OP_CPUS, 0, 0},
							{OP_RUN, 1000000, 0},
							{OP_CPUS, 0, 1},
							{OP_RUN, 30000000000, 0}},
						.nr_ops = 4,
						.count = 2,
						.first_cpu = -1,
						.last_cpu = -1};

	sched_mutation = SCHED_MUTANT_BALANCE_NEVER;
	preempt_count_set(0);
	sim_add_workload(&hogs, 1);
	sim_run_until(20000000000);
}

static void sleeps_without_state(void)
{
	struct task_struct *p = sleeper();

	run(p);
	leave(p, TASK_INTERRUPTIBLE);
}

static void runs_asleep(void)
{
	struct task_struct *p = sleeper();

	run(p);
	trace_sched_set_state(TASK_INTERRUPTIBLE);
	leave(p, TASK_INTERRUPTIBLE);
	run(p);
}

static void wakeup_without_waking(void)
{
	struct task_struct *p = sleeper();

	run(p);
	trace_sched_set_state(TASK_INTERRUPTIBLE);
	leave(p, TASK_INTERRUPTIBLE);
	trace_sched_wakeup(p);
}

static void runs_half_woken(void)
{
	struct task_struct *p = sleeper();

	run(p);
	trace_sched_set_state(TASK_INTERRUPTIBLE);
	leave(p, TASK_INTERRUPTIBLE);
	trace_sched_waking(p);
	run(p);
}

/* The same steps in the right order: no monitor may fire. */
static void all_well(void)
{
	struct task_struct *p = sleeper();

	run(p);
	trace_sched_set_state(TASK_INTERRUPTIBLE);
	leave(p, TASK_INTERRUPTIBLE);
	trace_sched_waking(p);
	trace_sched_wakeup(p);
	run(p);
	leave(p, TASK_RUNNING);
	run(p);
	trace_sched_need_resched(p, smp_processor_id());
	trace_sched_entry(true);
	trace_sched_exit(false);
}

static const struct {
	const char *name;
	void (*events)(void);
	bool fair_only;
} sequences[] = {{"all_well", all_well, false},
		 {"switch_outside", switch_outside, false},
		 {"nested_schedule", nested_schedule, false},
		 {"atomic_schedule", atomic_schedule, false},
		 {"preempted_untold", preempted_untold, false},
		 {"told_once", told_once, false},
		 {"idles_beside_work", idles_beside_work, true},
		 {"sleeps_without_state", sleeps_without_state, false},
		 {"runs_asleep", runs_asleep, false},
		 {"wakeup_without_waking", wakeup_without_waking, false},
		 {"runs_half_woken", runs_half_woken, false}};

static int status_of(void (*events)(void))
{
	struct sim_config c = {
	    .cpus = 2, .threads_per_core = 1, .cores_per_llc = 2, .llcs_per_node = 1};
	pid_t child = fork();
	int status;

	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		sim_boot(&c);
		preempt_count_set(PREEMPT_OFFSET);
		events();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return status;
}

int selftest_monitors(void)
{
	unsigned int i;

	for (i = 0; JIFFY_CHECKS && i < ARRAY_SIZE(sequences); i++) {
		int status;

		if (sequences[i].fair_only && !fair_class_in_use())
			continue;
		status = status_of(sequences[i].events);
		if (i ? WIFSIGNALED(status) : status == 0)
			continue;
		fprintf(stderr, "  %s: the monitors %s\n", sequences[i].name,
			i ? "do not see it" : "fire without a reason");
		return 1;
	}
	return 0;
}
