/* SPDX-License-Identifier: MIT */
/*
 * Monitors: small automata over trace events, each of which stands for a rule that the
 * scheduler's users rely on. An event for which a state has no way out breaks the rule, and
 * panics with its name. They run in checked builds, in the kernel (unless sched_monitor=0) and
 * in the simulator alike.
 *
 * Context and locks: that of the events. A CPU's automata change under its run queue's lock, or
 * on that CPU with interrupts off. A task's state machine is stepped by wakers and by the CPU
 * that it leaves at the same time, so each step is one compare and exchange.
 *
 * Task automaton "wake", events of a task that another one wakes:
 *
 *	p, on its way to sleep			CPU 1 wakes p
 *	state = asleep
 *						waking: RUNS -> RUNS_WAKING
 *	switched out: RUNS_WAKING -> WAKING
 *						wakeup: WAKING -> READY
 *
 * Task automaton "state_first" is stepped by the task's own acts alone. One that is preempted
 * after it set its state keeps that state, and goes to sleep by its next schedule().
 */
#include "internal.h"
#include "monitor.h"

#define BAD	   0xff
#define TO(s)	   ((s) + 1) /* in the tables 0 is: this event changes nothing */
#define MAX_STATES 8

struct automaton {
	const char *name, *rule;
	u8 next[MAX_STATES][NR_MONITOR_EVENTS];
};

enum { OUTSIDE, INSIDE };
enum { UNTOLD, TOLD };
static const struct automaton cpu_automata[] = {
    {"through_scheduler",
     "a task is switched out only inside schedule(), which does not nest",
     {[OUTSIDE] = {[M_ENTRY] = TO(INSIDE),
		   [M_ENTRY_PREEMPT] = TO(INSIDE),
		   [M_SWITCH] = BAD,
		   [M_EXIT] = BAD},
      [INSIDE] = {[M_ENTRY] = BAD, [M_ENTRY_PREEMPT] = BAD, [M_EXIT] = TO(OUTSIDE)}}},
    {"preemption_on",
     "nobody who has preemption off calls schedule()",
     {[0] = {[M_ENTRY_ATOMIC] = BAD}}},
    {"told_first",
     "nobody is preempted who was not told to go (need_resched)",
     {[UNTOLD] = {[M_NEED_RESCHED] = TO(TOLD), [M_ENTRY_PREEMPT] = BAD},
      [TOLD] = {[M_EXIT] = TO(UNTOLD)}}},
};

enum { SLEEPS, WAKING, READY, READY_WAKING, RUNS, RUNS_WAKING };
enum { NO_STATE, STATE_SET };
static const struct automaton task_automata[] = {
    [MONITOR_WAKE] =
	{"wake",
	 "a sleeper runs only after a wake-up, and is awake only after somebody began to wake it",
	 {[SLEEPS] = {[M_WAKING] = TO(WAKING),
		      [M_WAKEUP] = BAD,
		      [M_WAKEUP_NEW] = TO(READY),
		      [M_IN] = BAD,
		      [M_OUT_SLEEP] = BAD,
		      [M_OUT_READY] = BAD},
	  [WAKING] = {[M_WAKEUP] = TO(READY), [M_IN] = BAD, [M_WAKING] = BAD},
	  [READY] = {[M_WAKING] = TO(READY_WAKING),
		     [M_WAKEUP] = BAD,
		     [M_WAKEUP_NEW] = BAD,
		     [M_IN] = TO(RUNS)},
	  [READY_WAKING] = {[M_WAKEUP] = TO(READY), [M_IN] = TO(RUNS_WAKING)},
	  [RUNS] = {[M_WAKING] = TO(RUNS_WAKING),
		    [M_WAKEUP] = BAD,
		    [M_OUT_SLEEP] = TO(SLEEPS),
		    [M_OUT_READY] = TO(READY),
		    [M_IN] = BAD},
	  [RUNS_WAKING] = {[M_WAKEUP] = TO(RUNS),
			   [M_OUT_SLEEP] = TO(WAKING),
			   [M_OUT_READY] = TO(READY_WAKING)}}},
    [MONITOR_STATE] =
	{"state_first",
	 "who goes to sleep has set the state in which it does",
	 {[NO_STATE] = {[M_SET_STATE] = TO(STATE_SET), [M_OUT_SLEEP] = BAD},
	  [STATE_SET] = {[M_SET_RUNNING] = TO(NO_STATE), [M_OUT_SLEEP] = TO(NO_STATE)}}},
};

static DEFINE_PER_CPU(u8, cpu_states[ARRAY_SIZE(cpu_automata)]);
bool sched_monitor = JIFFY_CHECKS;

static void step(const struct automaton *a, u8 *state, enum monitor_event ev,
		 const struct task_struct *p, int cpu)
{
	u8 from = __atomic_load_n(state, __ATOMIC_RELAXED), to;

	do {
		to = a->next[from][ev];
		if (!to)
			return;
		if (unlikely(to == BAD)) {
			sched_monitor_off();
			panic(
			    "monitor %s: broken rule: %s (CPU %d, task %s:%d, state %d, event %d)",
			    a->name, a->rule, cpu, p ? p->comm : "-", p ? p->pid : -1, from, ev);
		}
	} while (!__atomic_compare_exchange_n(state, &from, to - 1, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
}

void monitor_cpu(int cpu, enum monitor_event ev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cpu_automata); i++)
		step(&cpu_automata[i], &per_cpu(cpu_states, cpu)[i], ev, NULL, cpu);
}

void monitor_task(struct task_struct *p, enum monitor_event ev)
{
	unsigned int i;

	/* Idle tasks neither sleep nor wake. */
	if (p->flags & PF_IDLE)
		return;
	for (i = 0; i < NR_TASK_MONITORS; i++)
		step(&task_automata[i], &p->monitor[i], ev, p, task_cpu(p));
}

static struct trace_event *const watched[] = {
    &trace_event_sched_entry,	  &trace_event_sched_exit,	   &trace_event_sched_switch,
    &trace_event_sched_waking,	  &trace_event_sched_wakeup,	   &trace_event_sched_wakeup_new,
    &trace_event_sched_set_state, &trace_event_sched_need_resched,
};

void sched_monitor_init(void)
{
	unsigned int i;

	for (i = 0; sched_monitor && i < ARRAY_SIZE(watched); i++)
		watched[i]->on |= TRACE_TO_MONITOR;
}

void sched_monitor_off(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watched); i++)
		__atomic_fetch_and(&watched[i]->on, ~TRACE_TO_MONITOR, __ATOMIC_RELAXED);
}
