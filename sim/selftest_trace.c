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

/*
 * Two tasks of a policy are on the CPU that was once the only one of theirs, or on which they were
 * forked, and the mistake keeps both there.
 */
static void idles_beside(int policy, enum sched_mutation mistake)
{
	static struct sim_program hogs = {.name = "hog",
					  .ops = {{OP_CPUS, 0, 0},
						  {OP_RUN, 1000000, 0},
						  {OP_CPUS, 0, 1},
						  {OP_RUN, 30000000000, 0}},
					  .nr_ops = 4,
					  .count = 2,
					  .first_cpu = -1,
					  .last_cpu = -1};

	hogs.policy = policy;
	hogs.rt_priority = rt_policy(policy);
	if (dl_policy(policy)) {
		hogs.dl_runtime = 40000000;
		hogs.dl_deadline = hogs.dl_period = 100000000;
		hogs.ops[0] = hogs.ops[3];
		hogs.nr_ops = 1;
	}
	sched_mutation = mistake;
	preempt_count_set(0);
	sim_add_workload(&hogs, 1);
	sim_run_until(20000000000);
}

static void idles_beside_work(void)
{
	idles_beside(SCHED_NORMAL, fair_class_in_use() ? SCHED_MUTANT_BALANCE_NEVER
						       : SCHED_MUTANT_IDLE_PULLS_NOTHING);
}

static void idles_beside_rt(void)
{
	/* goodness and o1 have no class for those. */
	if (fair_class_in_use())
		idles_beside(SCHED_FIFO, SCHED_MUTANT_RT_PUSH_MISSING);
	else
		idles_beside_work();
}

static void idles_beside_deadline(void)
{
	idles_beside(SCHED_DEADLINE, SCHED_MUTANT_DL_PUSH_MISSING);
}

static void idles_beside_nothing(void)
{
	idles_beside(SCHED_NORMAL, SCHED_MUTANT_NONE);
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
	bool well; /* no monitor may fire */
} sequences[] = {{"all_well", all_well, true},
		 {"idles_beside_nothing", idles_beside_nothing, true},
		 {"switch_outside", switch_outside, false},
		 {"nested_schedule", nested_schedule, false},
		 {"atomic_schedule", atomic_schedule, false},
		 {"preempted_untold", preempted_untold, false},
		 {"told_once", told_once, false},
		 {"idles_beside_work", idles_beside_work, false},
		 {"idles_beside_rt", idles_beside_rt, false},
		 {"idles_beside_deadline", idles_beside_deadline, false},
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

		status = status_of(sequences[i].events);
		if (sequences[i].well ? status == 0 : WIFSIGNALED(status))
			continue;
		fprintf(stderr, "  %s: the monitors %s\n", sequences[i].name,
			sequences[i].well ? "fire without a reason" : "do not see it");
		return 1;
	}
	return 0;
}
