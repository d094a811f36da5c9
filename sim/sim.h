/* SPDX-License-Identifier: MIT */
/*
 * The simulator: the scheduler's own source files, driven by a queue of events. One simulated
 * CPU at a time is worked on; code takes no simulated time, computing, sleeping and ticks do.
 * One thread, no locks. Time is integer nanoseconds; events at one time happen in the order in
 * which they were queued; the one source of chance is a seeded generator: a run is the same on
 * every machine.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "../sched/internal.h"

/* What a simulated task does next. */
enum sim_op_kind {
	OP_RUN,	  /* compute for a ns (plus up to b at random) of a CPU at full frequency */
	OP_SLEEP, /* sleep for a ns (plus up to b at random) */
	OP_WAIT,  /* until somebody wakes it; a wake-up that came before counts */
	OP_WAKE,  /* wake task number a of the workload */
	OP_YIELD,
	OP_PERIOD, /* sleep until the next multiple of a since its start; b: due so long after */
	OP_FORK,   /* a copy of task number a begins */
	OP_NICE,   /* nice a */
	OP_POLICY, /* policy a with priority b */
	OP_CPUS,   /* affinity: CPUs a to b */
	OP_BOOST,  /* run on behalf of task a; -1: no longer */
	OP_PLUG,   /* CPU a goes, or comes back; CPU 0 stays */
	OP_EXIT,
};

struct sim_op {
	enum sim_op_kind kind;
	s64 a, b;
};

#define SIM_MAX_OPS 32
struct sim_program {
	char name[TASK_COMM_LEN];
	struct sim_op ops[SIM_MAX_OPS];
	int nr_ops;
	int count; /* how many such tasks */
	int nice, policy, rt_priority;
	u64 dl_runtime, dl_deadline, dl_period; /* ns, for SCHED_DEADLINE */
	u64 dl_flags;				/* SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN */
	int first_cpu, last_cpu;		/* affinity; -1: all */
	int group;				/* 1 is the first of the workload's; 0: the root */
	u32 util_min, util_max;			/* clamps; util_max 0: none asked for */
	u64 slice;				/* ns that it asks for at a time; 0: no wish */
	int session;				/* 0: none; tasks of one share an autogroup */
	u64 start;				/* ns */
};

/* A group of tasks, below another of a smaller number or the root. */
struct sim_group {
	char name[TASK_COMM_LEN];
	int parent;			  /* 0: the root group */
	unsigned long shares;		  /* 0: 1,024 */
	struct sched_bandwidth bandwidth; /* period_us 0: no limit */
	u64 rt_runtime_us, rt_period_us;  /* rt_period_us 0: no budget */
	bool idle;
	struct task_group *tg;
};
#define SIM_MAX_GROUPS 64
extern struct sim_group sim_groups[SIM_MAX_GROUPS + 1]; /* [0] is the root */
extern int sim_nr_groups;

struct sim_task {
	struct task_struct task;
	struct thread_info info;
	const struct sim_program *program;
	int pc, number; /* next operation; number in the workload */
	u64 remaining;	/* ns at full frequency of the computation under way */
	u64 run_since;	/* when it got the CPU */
	int wakeups;	/* that came while it did not wait */
	bool waiting, exited, started;
	u64 runnable_since, max_delay; /* ns from runnable to running */
	u64 done;		       /* computations finished */
	u64 release, max_late;	       /* ns: this period's beginning; past a period's due time */
	u64 fast_ns;		       /* ran on a CPU of full capacity */
	unsigned int overruns;	       /* of its deadline runtime, where it wants to hear of them */
};

static inline struct sim_task *sim_task_of(struct task_struct *p)
{
	return container_of(p, struct sim_task, task);
}

struct sim_config {
	unsigned int cpus;
	unsigned int threads_per_core, cores_per_llc, llcs_per_node; /* shape of the machine */
	const unsigned long *capacity;				     /* by CPU, NULL: 1024 each */
	const unsigned long *frequency; /* of its own highest, by CPU; NULL: 1024 each */
	bool governor;			/* frequencies follow sched_frequency_hint() instead */
	u64 ipi_ns;			/* from poke to interrupt */
	bool trace;			/* each event to standard output */
	void *record;			/* room for a record of the run (sched/record.h), or NULL */
	size_t record_size;
};

extern struct sim_config sim_config;
extern u64 sim_now;	       /* ns */
extern u64 sim_events;	       /* worked on so far */
extern u64 sim_trace_hash;     /* of all trace events: equal for equal runs */
extern bool sim_quiet;	       /* refusals and notices are not told: a self-test provokes them */
extern const char *sim_broken; /* what a check found, NULL: nothing */
/* Called once, before the next mutex is taken: what another task does while this one waits. */
extern void (*sim_before_mutex)(void);
/* Called after each RCU callback, each of which has a grace period of its own: what readers do then. */
extern void (*sim_after_rcu)(void);

/* sim/engine.c. A machine with no tasks; the policy is chosen before (sched_choose()). */
void sim_boot(const struct sim_config *config);
/* Tasks of the programs, to begin at their start times. The programs must stay. */
void sim_add_workload(const struct sim_program *programs, int n);
/* The groups of sim_groups[1] to [sim_nr_groups], before tasks are in them. After sim_boot(). */
void sim_make_groups(void);
/* Until the simulated time, or until a check fails (false). */
bool sim_run_until(u64 ns);
int sim_nr_tasks(void);
struct sim_task *sim_task(int number);
struct sim_task *sim_task_of_pid(int pid); /* NULL: none of the workload */

/* Events: fn(arg) at a time, as an interrupt of cpu. */
void sim_post(u64 when, int cpu, void (*fn)(void *arg, u64 tag), void *arg, u64 tag);
void sim_switch_cpu(int cpu);
/* [tick] This CPU's frequency from now on, of 1,024. */
unsigned long sim_next_frequency(void);
unsigned long sim_frequency(int cpu);
/* Carries out what cpu must do now: switches, its migration thread's work, operations. */
void sim_settle(int cpu);
void sim_run_stopper(void); /* this CPU: its migration thread runs and does its work */
void sim_run_softirqs(void);
void sim_task_switched(struct task_struct *prev, struct task_struct *next);

/* sim/sim_trace.c. verbose: every event to standard output. Before sched_init(). */
void sim_trace_init(bool verbose);

/* A task that nobody runs: for a replay, which does with it what the record says. */
struct task_struct *sim_new_task(const char *name);
/* sim/replay.c: the exit status: 0, 1 when the runs differ, 2 when there is no good record. */
int sim_replay(const char *file);

/* sim/random.c: xorshift, seeded. */
void sim_seed(u64 seed);
u64 sim_random(void);
u64 sim_random_below(u64 limit);

/* sim/workload.c: 0, or -1 with a message on standard error. */
int sim_parse_workload(const char *file, struct sim_program *programs, int max);
/* sim/selftest.c: the exit status: 0, 1 when a property was broken, 2 when none was asked for. */
struct selftest_plan {
	unsigned int first, seeds; /* seeds first to first + seeds - 1 */
	const char *only;	   /* the name of a property; NULL: all */
	const char *policy;	   /* by which; NULL: all four */
	bool verbose, measure;
};
int sim_selftest(const struct selftest_plan *plan);

int sim_main(int argc, char **argv);

#endif
