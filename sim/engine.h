/* SPDX-License-Identifier: MIT */
/*
 * What the files of the simulated machine share: sim/engine.c (events and CPUs), sim/tasks.c and
 * sim/ops.c (tasks and what they do). Private to these three; others see sim.h.
 */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include "sim.h"

struct sim_cpu_state {
	bool irqs_off, idle;
	u64 tick_due;		 /* 0: no tick is armed */
	u64 done_due;		 /* when the current computation ends; 0: not armed */
	unsigned long frequency; /* of its highest, which is 1,024 */
};
extern struct sim_cpu_state *sim_cpus;

/* sim/engine.c. The current task calls schedule(), or loses its CPU. */
void sim_schedule(bool preempt);
/* Preemption is as it is outside of everything: off for the idle task, on for all others. */
void sim_set_base_preempt(void);
/* The span that t has run since run_since counts as fast when this is a fast CPU. */
void sim_count_fast(struct sim_task *t);

/* sim/tasks.c. What fork makes of current: a copy with a name, a pid and a stack of its own. */
struct sim_task *sim_copy_task(const char *name, int pid);
void sim_init_task(struct sim_task *t, const char *name, int pid);
void sim_set_cpus(struct task_struct *p, int first, int last); /* affinity */
/* A task of the program begins, forked by parent, who is on this CPU (its idle task: by nobody). */
void sim_start_task(const struct sim_program *prog, struct task_struct *parent);
const struct sim_program *sim_program(s64 number); /* modulo how many there are */

/*
 * sim/ops.c. One operation of the current task t. It may lose the CPU in it, so nothing is done
 * with t afterwards. Preemption is off as in an interrupt, so that a wake-up inside does not switch
 * half-way; the switch comes when this is over.
 */
void sim_do_op(struct sim_task *t);

#endif
