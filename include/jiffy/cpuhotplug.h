/* SPDX-License-Identifier: MIT */
/*
 * CPUs that come and go. Each CPU is in one state of a ladder; bringing it up climbs step by
 * step and calls each step's startup, taking it down descends and calls the teardowns. A step
 * that fails makes the CPU go back to where it came from. kernel/cpu.c.
 */
#ifndef JIFFY_CPUHOTPLUG_H
#define JIFFY_CPUHOTPLUG_H

#include <jiffy/types.h>

/*
 * In the order of bringing up. Up to CPUHP_BRINGUP_CPU the CPU does not run: those teardowns put
 * away what a dead CPU left. The numbers are what cpuN/hotplug/state shows.
 */
enum cpuhp_state {
	CPUHP_OFFLINE,
	CPUHP_IDLE_TASK,   /* it has an idle task */
	CPUHP_MEMORY,	   /* free pages, objects, tables and stacks that it kept */
	CPUHP_TIMERS,	   /* timers of both kinds */
	CPUHP_RCU,	   /* callbacks */
	CPUHP_SOFTIRQ,	   /* tasklets */
	CPUHP_STOPPER,	   /* it has a migration thread */
	CPUHP_BRINGUP_CPU, /* it runs its idle loop; the migration thread takes work */
	CPUHP_AP_KSOFTIRQD,
	CPUHP_AP_ACTIVE, /* the scheduler gives it tasks */
	CPUHP_ONLINE,
	NR_CPUHP_STATES = CPUHP_ONLINE + 1,
};

/*
 * No CPU comes or goes inside. Readers may nest in nobody's write section; sleeping lock, task
 * context, taken outside all other locks of this kernel's core (slab_mutex, sched_domains_mutex).
 */
void cpus_read_lock(void);
void cpus_read_unlock(void);

/*
 * [task] 0; -EINVAL: no such CPU; -EBUSY: the boot CPU, the last one that takes tasks, or
 * deadline tasks need its bandwidth; -EIO: it does not start; -ENOMEM; -EAGAIN: a task cannot leave
 * it; or what a step that was told to fail returned.
 */
int cpu_up(unsigned int cpu);
int cpu_down(unsigned int cpu);
/* The state cpu is in, and the name of a state; NULL: there is no such state. */
enum cpuhp_state cpuhp_state_of(unsigned int cpu);
const char *cpuhp_state_name(int state);
/*
 * The next time cpu passes `state` in either direction, that step fails with -EAGAIN; 0: none.
 * -EINVAL: a state at which nothing is done. What is set, 0: nothing.
 */
int cpuhp_set_fail(unsigned int cpu, int state);
int cpuhp_get_fail(unsigned int cpu);

/* [idle task of a CPU that is not online any more, irqs off] its last words, and the halt. */
__attribute__((noreturn)) void cpuhp_idle_dead(void);

/*
 * What the steps do in other rooms. _dead: the CPU runs no more; its per-CPU data are the
 * caller's until it comes back. Task context.
 */
void mm_cpu_dead(unsigned int cpu);
void hrtimers_cpu_dead(unsigned int cpu);
void timers_cpu_dead(unsigned int cpu);
void rcu_cpu_dead(unsigned int cpu);
void softirq_cpu_dead(unsigned int cpu);
int ksoftirqd_cpu_online(unsigned int cpu); /* -ENOMEM, -EINTR */
void ksoftirqd_cpu_offline(unsigned int cpu);
/* [that CPU, irqs off] RCU waits for it from now on; will not wait for it any more. */
void rcu_cpu_starting(void);
void rcu_cpu_dying(void);
/* [that CPU's idle task, irqs off] no tick and no alarm any more. */
void tick_cpu_dying(void);

#endif
