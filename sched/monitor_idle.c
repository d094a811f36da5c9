/* SPDX-License-Identifier: MIT */
/*
 * The monitor of idleness: no CPU idles while another queue holds a waiting task that it may run. Not
 * an automaton (sched/monitor.c has those): each tick of a CPU looks at what waits on its queue,
 * class by class, and for an idle CPU that may run it. While it is one and the same CPU that idles
 * all the time, its ticks are counted; too many break the rule. How many are right is derived below.
 *
 * Context: the tick, rq->lock held. Other CPUs are looked at without their locks: what is seen at one
 * tick may be over, what is seen at many in a row is not.
 *
 * A task that waits on CPU Y may run on CPU X, which idles. After how many ticks of Y at most does X
 * have it, or another one?
 *
 * Real-time and deadline tasks: none. A task that begins to wait is pushed before Y's lock is given
 * up, and X asked for what waits elsewhere before it began to idle. X need only be seen to have been
 * told (need_resched), and how soon it comes is not the scheduler's doing.
 *
 * goodness and o1: a CPU that idles pulls when it begins to, and then when it is told to, by the tick
 * of a CPU that has two tasks: Y's next, or the one after when X began to idle in between and another
 * CPU has told all that idled in this jiffy. What X pulls need not be the task, but then X is busy.
 *
 * Fair tasks: Y's tick has one idle CPU balance for all, once a jiffy. On behalf of X each of its
 * domains is looked at when it is due, which is after its interval, at most max_interval, and at the
 * next pass: I + 1 ticks with I the interval in ticks. What may go wrong at a look at the domain that
 * has X and Y in different groups:
 *
 *	- All that waits there ran a moment ago and its caches are warm. That counts as a failure, and
 *	  when more than cache_nice_tries looks have failed warm ones are taken: tries + 2 looks.
 *	- Affinity hides the task from the sums of the groups, which look balanced. A narrower domain
 *	  that could move nothing for affinity says so to the wider ones; and where the widest finds no
 *	  imbalance it asks each queue (last_resort()). Both take looks that are counted already.
 *	- X is not the first idle CPU of its group, which does the looking. It looks by the same rules.
 *
 * So the sum over X's domains of (tries + 2) * (I + 1) ticks is the longest, plus two for the telling
 * as above. Nothing is promised of a CPU that idles for a moment again and again: each time it looks
 * for itself, unless its idle times are shorter than what a migration costs.
 */
#include "internal.h"
#include "monitor.h"

enum waiting { WAITS_DL, WAITS_RT, WAITS_FAIR, WAITS_OLD, NR_WAITING };

/* What one CPU's ticks have seen of the tasks of a class that wait there. */
struct idle_watch {
	int cpu; /* the one that idles, plus one; 0: none */
	unsigned int ticks, passes;
	u64 switches;
};
static DEFINE_PER_CPU(struct idle_watch[NR_WAITING], idle_watch);

#define TASKS_LOOKED 16

/*
 * A CPU may be a thread of an emulator's and stand still while others tick: so the balancer must have
 * come by as well, and the kernel has more patience than the simulator, whose CPUs do not stand still.
 * After ten seconds without the balancer nobody woke it.
 */
unsigned int monitor_patience = 4;
#define LOST_TICKS (10 * HZ)

/* The interval of sd in ticks, when it is longest. */
static unsigned int longest_interval(const struct sched_domain *sd)
{
	return clamp(msecs_to_jiffies(sd->max_interval), 1UL, HZ * num_online_cpus() / 10 + 1);
}

unsigned int idle_patience(const struct rq *idle, unsigned int *looks)
{
	struct sched_domain *sd;
	unsigned int ticks = 2;

	*looks = 0;
	rcu_read_lock();
	for_each_domain (idle->cpu, sd) {
		*looks += sd->cache_nice_tries + 2;
		ticks += (sd->cache_nice_tries + 2) * (longest_interval(sd) + 1);
	}
	rcu_read_unlock();
	return ticks;
}

struct search {
	struct rq *rq;
	int cpu, again; /* found; to be found again, if it will do: -1: none */
	unsigned int looked;
	struct task_struct *p; /* for whom */
};

/* May cpu, which idles and was not told yet, run p, which waits on rq? */
static bool idles_for(struct rq *rq, struct task_struct *p, int cpu)
{
	struct rq *idle = cpu_rq(cpu);

	if (!idle_cpu(cpu) || test_tsk_need_resched(idle->idle) || !READ_ONCE(idle->sd) ||
	    READ_ONCE(idle->rd) != rq->rd || !is_cpu_allowed(p, cpu))
		return false;
	if (p->sched_class == &rt_sched_class)
		return idle->online && !idle->rt.rt_throttled && !rt_group_throttled(p, cpu);
	/* Where its group has used up its quota it would wait as well. */
	if (p->sched_class == &fair_sched_class &&
	    throttled_hierarchy(p->sched_task_group->cfs_rq[cpu]))
		return false;
	return idle->online;
}

static bool find_idle(struct task_struct *p, void *arg)
{
	struct search *s = arg;
	unsigned int cpu;

	if (p->on_cpu || p->migration_disabled)
		return false;
	/* It, or one that is better, is about to run here. */
	if (p->prio < MAX_RT_PRIO && test_tsk_need_resched(s->rq->curr))
		return false;
	s->p = p;
	if (s->again >= 0 && idles_for(s->rq, p, s->again)) {
		s->cpu = s->again;
		return true;
	}
	for_each_cpu_and (cpu, p->cpus_ptr, cpu_active_mask) {
		if (!idles_for(s->rq, p, cpu))
			continue;
		s->cpu = cpu;
		return true;
	}
	return ++s->looked == TASKS_LOOKED;
}

/* Is it too long that w's CPU idles? What should be over at once is given two ticks to be so. */
static bool too_long(const struct idle_watch *w, enum waiting kind, unsigned int passes)
{
	unsigned int ticks = 2, looks = 1;

	if (kind == WAITS_FAIR)
		ticks = idle_patience(cpu_rq(w->cpu - 1), &looks);
	if (kind == WAITS_DL || kind == WAITS_RT)
		looks = 0;
	return (w->ticks > monitor_patience * ticks && passes >= looks) || w->ticks > LOST_TICKS;
}

static void watch(struct rq *rq, const struct sched_class *class, enum waiting kind)
{
	struct idle_watch *w = &(*this_cpu_ptr(&idle_watch))[kind];
	struct search s = {.rq = rq, .cpu = -1, .again = w->cpu - 1};
	unsigned int passes;
	struct rq *idle;

	class->any_waiting(rq, find_idle, &s);
	if (s.cpu < 0) {
		w->cpu = 0;
		return;
	}
	idle = cpu_rq(s.cpu);
	passes = READ_ONCE(idle->nr_idle_passes);
	if (w->cpu != s.cpu + 1 || w->switches != READ_ONCE(idle->nr_switches)) {
		*w = (struct idle_watch){s.cpu + 1, 0, passes, READ_ONCE(idle->nr_switches)};
		return;
	}
	w->ticks++;
	passes -= w->passes;
	if (too_long(w, kind, passes)) {
		sched_monitor_off();
		panic("monitor idleness: CPU %d idles while task %s:%d (%s) waits on CPU %d for "
		      "%u ticks and %u passes of the balancer",
		      s.cpu, s.p->comm, s.p->pid, class->name, rq->cpu, w->ticks, passes);
	}
}

void monitor_idleness(struct rq *rq)
{
	const struct sched_class *class;
	int i;

	lockdep_assert_held(&rq->lock);
	if (!(READ_ONCE(trace_event_sched_switch.on) & TRACE_TO_MONITOR))
		return;
	/* Nobody waits here, or all are about to be moved off: what was seen before is over. */
	if (!rq->sd || !cpu_active(rq->cpu) || rq->nr_running < 2) {
		memset(this_cpu_ptr(&idle_watch), 0, sizeof(idle_watch));
		return;
	}
	for_each_class (i, class)
		if (class->any_waiting)
			watch(rq, class,
			      class == &dl_sched_class	   ? WAITS_DL
			      : class == &rt_sched_class   ? WAITS_RT
			      : class == &fair_sched_class ? WAITS_FAIR
							   : WAITS_OLD);
}
