/* SPDX-License-Identifier: MIT */
/*
 * sched=o1: the O(1) scheduler in the manner of Linux 2.6.0 to 2.6.22. It stands for rt and fair.
 * rq->lock unless said.
 *
 * Two arrays of 140 lists a CPU, each with a bitmap: the first set bit is whom to run. A task that
 * has used its time slice goes to the expired array with a new one; when the active array is empty
 * the two change roles, and a new round begins. A task that sleeps much earns up to 5 steps of
 * priority, one that never does loses as much, and interactive ones (by that measure) are put back
 * into the active array, as long as the round is young.
 *
 * The measure is sleep_avg, from 0 to a second, a tenth of which is a step of bonus. Time asleep
 * adds to it 10 - bonus times as much, running takes off what it took divided by the bonus: it
 * comes soon and goes slowly, and a burst does not make an editor a compiler. A sleep that is
 * longer than what would make it interactive (interactive_sleep()) brings nine tenths at once, so
 * that a daemon that wakes once a day does not count as the most interactive of all. Waiting for a
 * disk is no sign of a user: sleep that no signal ends lifts no further than to the edge. Time
 * that a woken task waits for the CPU is credited like sleep, since it would have slept again: all
 * of it when an interrupt woke it, 30 % when a task did, whose own work may be what it waits for.
 * A child begins with 95 % of its parent's and half of its slice, gives what is left of that back
 * if it ends first, and takes a quarter of the difference from a parent that counts as more
 * interactive than it was. A batch task earns nothing.
 *
 * That nobody waits for ever. A round is overdue when it is older than STARVATION_LIMIT for each
 * task of the queue. From then on tasks that wake, fork or end a slice join the expired array, so
 * the active one is left by its tasks and entered by none: it is empty when each has used what it
 * had left of one slice. With n tasks, S the sum of their slices and L = n * STARVATION_LIMIT no
 * round lasts longer than L + S. A task that waits in the active array is run before the round
 * ends, one that waits in the other in the next round at the latest: nobody waits longer than
 * 2 * (L + S), in which real-time tasks, which stay in the active array whenever they wake, do not
 * count. For that to hold
 *   - a change of nice value leaves a waiting task in the array where it is, and its slice as long
 *     as it is: neither is a turn lost by it nor one won;
 *   - a task that another CPU gets takes its array and its round's age along;
 *   - a busy CPU pulls nothing from an overdue queue nor into one: a task that nearly has its turn
 *     keeps it. An idle CPU may pull any task, for it runs that at once.
 *
 * The 2.6 kernels looked at a round's age only where a slice ended, counted it from the first
 * slice that did, and let all who woke join the active array: that drains too, as ticks find tasks
 * in it, but only after each of those has used up its slice, and not at all where tasks bring new
 * slices along from other CPUs. Where the active array empties by itself within the limit, as it
 * does but for tasks that sleep and still want more than the CPU, nothing differs.
 */
#include "internal.h"

#define DEF_TIMESLICE	      (100 * HZ / 1000) /* ticks */
#define MIN_TIMESLICE	      max(5 * HZ / 1000, 1)
#define MAX_BONUS	      10
#define MAX_SLEEP_AVG	      (DEF_TIMESLICE * MAX_BONUS)
#define NS_MAX_SLEEP_AVG      jiffies_to_nsecs(MAX_SLEEP_AVG)
#define INTERACTIVE_DELTA     2
#define STARVATION_LIMIT_NS   NS_MAX_SLEEP_AVG
#define CHILD_PENALTY	      95 /* percent of the parent's bonus */
#define EXIT_WEIGHT	      3	 /* parts of the parent's own to one of the child's */
#define ON_RUNQUEUE_WEIGHT    30 /* percent of a wait that is credited, when a task woke it */
#define TIMESLICE_GRANULARITY max(10 * HZ / 1000, 1)
#define BUSY_REBALANCE_TICKS  (HZ / 5)

void init_o1_rq(struct o1_rq *o1)
{
	int a, i;

	for (a = 0; a < 2; a++) {
		for (i = 0; i < MAX_PRIO; i++)
			INIT_LIST_HEAD(&o1->arrays[a].queue[i]);
		__set_bit(MAX_PRIO, o1->arrays[a].bitmap);
	}
	o1->active = &o1->arrays[0];
	o1->expired = &o1->arrays[1];
	o1->best_expired_prio = MAX_PRIO;
}

/* Ticks: 800 ms at nice -20, 100 ms at 0, 5 ms at 19. */
static unsigned int task_timeslice(const struct task_struct *p)
{
	int base = p->static_prio < NICE_TO_PRIO(0) ? 4 * DEF_TIMESLICE : DEF_TIMESLICE;

	return max(base * (MAX_PRIO - p->static_prio) / (NICE_WIDTH / 2), MIN_TIMESLICE);
}

static int current_bonus(const struct task_struct *p)
{
	return p->o1.sleep_avg * MAX_BONUS / NS_MAX_SLEEP_AVG;
}

static int dynamic_prio(const struct task_struct *p)
{
	if (rt_task(p))
		return p->prio;
	return clamp(p->static_prio - (current_bonus(p) - MAX_BONUS / 2), MAX_RT_PRIO,
		     MAX_PRIO - 1);
}

/*
 * The bonus, less half of all, from which on a task counts as interactive: 2 at nice 0, 6 at 19,
 * where no bonus is enough, -3 at -20, where nearly any is.
 */
static int interactive_delta(const struct task_struct *p)
{
	return (task_nice(p) + NICE_WIDTH / 2) * MAX_BONUS / NICE_WIDTH - MAX_BONUS / 2 +
	       INTERACTIVE_DELTA;
}

/* A nice task must earn more bonus to count as interactive than one that is not nice. */
static bool task_interactive(const struct task_struct *p)
{
	return p->prio <= p->static_prio - interactive_delta(p);
}

/* ns: a sleep_avg of more is well beyond the edge of interactive; 799 ms at nice 0. */
static u64 interactive_sleep(const struct task_struct *p)
{
	return jiffies_to_nsecs(DEF_TIMESLICE * (MAX_BONUS / 2 + interactive_delta(p) + 1) - 1);
}

/* The round has lasted for long enough: whoever is not in the active array yet is for the next. */
static bool round_overdue(struct rq *rq)
{
	lockdep_assert_held(&rq->lock);
	if (sched_mutant(O1_ROUND_NEVER_OVERDUE))
		return false;
	return (s64)(rq_clock(rq) - rq->o1.round_began) >=
	       (s64)(STARVATION_LIMIT_NS * rq->o1.nr_running);
}

static void array_add(struct o1_prio_array *array, struct task_struct *p, bool head)
{
	if (head)
		list_add(&p->o1.run_list, &array->queue[p->prio]);
	else
		list_add_tail(&p->o1.run_list, &array->queue[p->prio]);
	__set_bit(p->prio, array->bitmap);
	array->nr_active++;
	p->o1.array = array;
}

static void array_del(struct task_struct *p)
{
	struct o1_prio_array *array = p->o1.array;

	array->nr_active--;
	list_del_init(&p->o1.run_list);
	if (list_empty(&array->queue[p->prio]))
		__clear_bit(p->prio, array->bitmap);
	p->o1.array = NULL;
}

static void join_expired(struct o1_rq *o1, struct task_struct *p)
{
	array_add(o1->expired, p, false);
	o1->best_expired_prio = min(o1->best_expired_prio, p->static_prio);
}

/* ns of sleep, or of what counts as such. */
static void credit_sleep(struct task_struct *p, u64 ns, bool uninterruptible)
{
	u64 edge = interactive_sleep(p);

	if (p->policy == SCHED_BATCH)
		return;
	if (ns > edge && !uninterruptible) {
		p->o1.sleep_avg =
		    max(p->o1.sleep_avg,
			(unsigned long)(NS_MAX_SLEEP_AVG - jiffies_to_nsecs(DEF_TIMESLICE)));
		return;
	}
	ns = min(ns, NS_MAX_SLEEP_AVG) * max(MAX_BONUS - current_bonus(p), 1);
	if (uninterruptible)
		ns = p->o1.sleep_avg < edge ? min(ns, edge - p->o1.sleep_avg) : 0;
	p->o1.sleep_avg = min(p->o1.sleep_avg + ns, NS_MAX_SLEEP_AVG);
}

static void credit_wakeup(struct task_struct *p, u64 now, int flags)
{
	bool uninterruptible = flags & ENQUEUE_UNINTERRUPTIBLE;

	if (p->o1.timestamp && (s64)(now - p->o1.timestamp) > 0)
		credit_sleep(p, now - p->o1.timestamp, uninterruptible);
	p->o1.timestamp = now;
	p->o1.wait_credit = uninterruptible ? 0 : in_interrupt() ? 100 : ON_RUNQUEUE_WEIGHT;
}

/* It was woken and has the CPU now, at a better priority perhaps. */
static void credit_wait(struct task_struct *p, u64 now)
{
	struct o1_prio_array *array = p->o1.array;
	s64 waited = now - p->o1.timestamp;

	if (waited > 0 && !sched_mutant(O1_WAIT_NOT_CREDITED))
		credit_sleep(p, (u64)waited * p->o1.wait_credit / 100, false);
	p->o1.wait_credit = 0;
	/* A child that ended may have cost more: that counts from the next time it is queued. */
	if (dynamic_prio(p) >= p->prio)
		return;
	array_del(p);
	p->prio = dynamic_prio(p);
	array_add(array, p, false);
}

/*
 * The CPUs where more than one task is queued, and some where that was so since they last had none
 * or a tick: a CPU that looks for work looks only there, and a CPU whose tasks come and go between
 * one and two does not write what all the others read. Each bit is its CPU's rq->lock's.
 */
static cpumask_t crowded_cpus;

static void set_crowded(struct rq *rq, bool crowded)
{
	lockdep_assert_held(&rq->lock);
	rq->o1.crowded = crowded;
	if (crowded)
		cpumask_set_cpu(rq->cpu, &crowded_cpus);
	else
		cpumask_clear_cpu(rq->cpu, &crowded_cpus);
}

/* The first task of an empty queue begins a round; one that moved here is as old as its round. */
static void note_round(struct rq *rq, struct task_struct *p, int flags)
{
	struct o1_rq *o1 = &rq->o1;

	if (!o1->nr_running)
		o1->round_began = rq_clock(rq);
	else if (flags & ENQUEUE_MIGRATED && (s64)(p->o1.round_began - o1->round_began) < 0)
		o1->round_began = p->o1.round_began;
}

/*
 * One that comes back at once has in this round what it had; one that gave the last tick of its
 * slice to a child, and slept before a tick found it, has come to the end of it, and so has a child
 * for which nothing was left. What it gets now is of its own, and not for its parent when it ends.
 */
static bool has_had_turn(struct rq *rq, struct task_struct *p, int flags)
{
	bool spent = false;

	if (flags & (ENQUEUE_WAKEUP | ENQUEUE_INITIAL) && !p->o1.time_slice) {
		p->o1.time_slice = task_timeslice(p);
		p->o1.first_time_slice = 0;
		spent = !task_interactive(p);
	}
	if (rt_task(p))
		return false;
	if (flags & ENQUEUE_RESTORE)
		return p->o1.expired;
	return spent || round_overdue(rq) || (flags & ENQUEUE_MIGRATED && p->o1.expired);
}

static void enqueue_task_o1(struct rq *rq, struct task_struct *p, int flags)
{
	struct o1_rq *o1 = &rq->o1;
	bool had_turn;

	if (flags & ENQUEUE_WAKEUP)
		p->rt.timeout = 0;
	if ((flags & ENQUEUE_WAKEUP) && !(flags & ENQUEUE_INITIAL) && !rt_task(p))
		credit_wakeup(p, rq_clock(rq), flags);
	p->prio = dynamic_prio(p);
	had_turn = has_had_turn(rq, p, flags);
	note_round(rq, p, flags);
	if (had_turn)
		join_expired(o1, p);
	else
		array_add(o1->active, p, flags & ENQUEUE_HEAD);
	if (++o1->nr_running > 1 && !o1->crowded)
		set_crowded(rq, true);
	rq->rt_queued += rt_task(p);
	add_nr_running(rq, 1);
	/* Off the queue for a moment, it has another priority than it was picked for. */
	if (task_current(rq, p) && (int)find_first_bit(o1->active->bitmap, MAX_PRIO) < p->prio)
		resched_curr(rq);
}

static void update_curr_o1(struct rq *rq)
{
	update_curr_common(rq);
}

static bool dequeue_task_o1(struct rq *rq, struct task_struct *p, int flags)
{
	if (task_current(rq, p))
		update_curr_o1(rq);
	p->o1.expired = p->o1.array == rq->o1.expired;
	p->o1.round_began = rq->o1.round_began;
	array_del(p);
	if (!--rq->o1.nr_running && rq->o1.crowded)
		set_crowded(rq, false);
	if (unlikely(rt_task(p)))
		rt_task_left(rq);
	sub_nr_running(rq, 1);
	return true;
}

static void expire(struct rq *rq, struct task_struct *p)
{
	array_del(p);
	p->prio = dynamic_prio(p);
	join_expired(&rq->o1, p);
}

static void yield_task_o1(struct rq *rq)
{
	struct task_struct *p = rq->curr;

	if (rt_task(p))
		list_move_tail(&p->o1.run_list, &p->o1.array->queue[p->prio]);
	else
		expire(rq, p);
}

/* However good, one of the next round has to wait for this one's end. */
static void check_preempt_curr_o1(struct rq *rq, struct task_struct *p, int flags)
{
	if (p->o1.array == rq->o1.active && p->prio < rq->curr->prio)
		resched_curr(rq);
}

static struct task_struct *pick_task_o1(struct rq *rq)
{
	struct o1_rq *o1 = &rq->o1;
	struct task_struct *p;
	int i;

	if (!o1->nr_running)
		return NULL;
	if (!o1->active->nr_active && sched_mutant(ARRAYS_NOT_SWAPPED))
		return NULL;
	if (!o1->active->nr_active) {
		swap(o1->active, o1->expired);
		o1->round_began = rq_clock(rq);
		o1->best_expired_prio = MAX_PRIO;
	}
	i = sched_mutant(O1_PRIORITY_IGNORED) ? find_last_bit(o1->active->bitmap, MAX_PRIO)
					      : find_first_bit(o1->active->bitmap, MAX_PRIO);
	p = list_first_entry(&o1->active->queue[i], struct task_struct, o1.run_list);
	return p;
}

/* Running costs bonus, less to those that have much: a burst of an editor does not ruin it. */
static void put_prev_task_o1(struct rq *rq, struct task_struct *p)
{
	u64 now = rq_clock(rq), ran = now - p->o1.timestamp;

	update_curr_o1(rq);
	if ((s64)ran > 0) {
		ran = min(ran, NS_MAX_SLEEP_AVG) / max(current_bonus(p), 1);
		p->o1.sleep_avg -= min(p->o1.sleep_avg, ran);
	}
	p->o1.timestamp = now;
	p->o1.wait_credit = 0;
}

static void set_next_task_o1(struct rq *rq, struct task_struct *p, bool first)
{
	if (first && p->o1.wait_credit && !rt_task(p))
		credit_wait(p, rq_clock(rq));
	p->se.exec_start = rq_clock_task(rq);
	p->o1.timestamp = rq_clock(rq);
	if (unlikely(rq->rt_queued) && first && rq->rt_queued > rt_task(p))
		rq->balance_callback = push_tasks_o1;
}

/* It waits, and is not about to run. */
static void task_woken_o1(struct rq *rq, struct task_struct *p)
{
	if (rt_task(p) && !task_current(rq, p) && !test_tsk_need_resched(rq->curr))
		push_tasks_o1(rq);
}

/*
 * One that waits on src and may run on cpu: the expired ones are the coldest. Real-time tasks are where
 * they should be, unless nothing is run there (idle).
 */
static struct task_struct *find_movable(struct rq *src, int cpu, bool idle)
{
	struct o1_prio_array *arrays[2] = {src->o1.expired, src->o1.active};
	int a, i;

	for (a = 0; a < 2; a++) {
		for_each_set_bit (i, arrays[a]->bitmap, MAX_PRIO) {
			struct task_struct *p;

			list_for_each_entry_reverse (p, &arrays[a]->queue[i], o1.run_list)
				if (!p->on_cpu && (idle || !rt_task(p)) && is_cpu_allowed(p, cpu))
					return p;
		}
	}
	return NULL;
}

/*
 * Not what is about to be run where it is, to where it would wait. Where a real-time task has the
 * CPU nothing is about to be run.
 */
static bool may_pull(struct rq *rq, struct rq *src)
{
	if (src->o1.nr_running <= rq->o1.nr_running + 1)
		return false;
	return !rq->o1.nr_running ||
	       (!round_overdue(rq) && (!round_overdue(src) || rt_task(src->curr)));
}

/* The longest queue of the CPUs in left that is longer than ours by more than one; NULL: none. */
static struct rq *longest_queue(struct rq *rq, const cpumask_t *left)
{
	unsigned int cpu, most = rq->nr_running + 1;
	struct rq *src = NULL;

	for_each_cpu (cpu, left) {
		unsigned int nr = READ_ONCE(cpu_rq(cpu)->o1.nr_running);

		if (nr > most && cpu_active(cpu) && cpu != rq->cpu &&
		    balances_with(rq, cpu_rq(cpu))) {
			most = nr;
			src = cpu_rq(cpu);
		}
	}
	return src;
}

/* [both queues] */
static bool pull_from(struct rq *rq, struct rq *src)
{
	struct task_struct *p;

	update_rq_clock(src);
	p = may_pull(rq, src) ? find_movable(src, rq->cpu, !rq->nr_running) : NULL;
	if (!p)
		return false;
	move_task(src, p, rq);
	if (!sched_mutant(O1_PULL_TELLS_NOBODY))
		check_preempt_curr(rq, p, 0);
	return true;
}

/*
 * Pulls from the longest queue, and where all that wait there may not come, from the next longest.
 * May drop the lock.
 */
static bool pull_task_o1(struct rq *rq)
{
	cpumask_t left;
	struct rq *src;
	bool pulled = false;

	cpumask_copy(&left, &crowded_cpus);
	while (!pulled && (src = longest_queue(rq, &left))) {
		__cpumask_clear_cpu(src->cpu, &left);
		double_lock_balance(rq, src);
		pulled = pull_from(rq, src);
		double_unlock_balance(rq, src);
		if (sched_mutant(O1_PULLS_FROM_ONE))
			break;
	}
	return pulled;
}

/*
 * For one that idles all the time, and was told that tasks wait: where a deadline task runs, a single
 * one does, and that CPU is not crowded. Whoever comes first. May drop the lock.
 */
static void pull_single_o1(struct rq *rq)
{
	struct task_struct *p = NULL;
	unsigned int cpu;

	for_each_cpu_wrap (cpu, cpu_active_mask, rq->cpu + 1) {
		struct rq *src = cpu_rq(cpu);

		if (READ_ONCE(src->nr_running) < 2 || READ_ONCE(src->o1.nr_running) != 1 ||
		    src == rq || !balances_with(rq, src))
			continue;
		double_lock_balance(rq, src);
		if (!rq->nr_running)
			p = find_movable(src, rq->cpu, true);
		if (p)
			move_task(src, p, rq);
		double_unlock_balance(rq, src);
		if (rq->nr_running)
			return;
	}
}

static bool balance_o1(struct rq *rq, struct task_struct *prev)
{
	if (unlikely(rt_task(prev)) && runs_less_urgent(rq, prev))
		pull_rt_tasks_o1(rq);
	if (!rq->o1.nr_running && cpu_active(rq->cpu) && READ_ONCE(rq->sd)) {
		if (!pull_task_o1(rq) && prev == rq->idle && !rq->nr_running)
			pull_single_o1(rq);
	}
	return rq->nr_running != 0;
}

static void tick_normal(struct rq *rq, struct task_struct *p)
{
	struct o1_rq *o1 = &rq->o1;

	if (p->o1.time_slice > 1) {
		p->o1.time_slice--;
		/* Interactive ones of one priority take turns within a slice. */
		if (task_interactive(p) && p->o1.array == o1->active &&
		    p->o1.time_slice >= TIMESLICE_GRANULARITY &&
		    !((task_timeslice(p) - p->o1.time_slice) % TIMESLICE_GRANULARITY)) {
			list_move_tail(&p->o1.run_list, &o1->active->queue[p->prio]);
			resched_curr(rq);
		}
		return;
	}
	p->o1.time_slice = task_timeslice(p);
	p->o1.first_time_slice = 0;
	resched_curr(rq);
	if ((!task_interactive(p) || round_overdue(rq) || p->static_prio > o1->best_expired_prio) &&
	    !sched_mutant(EXPIRED_STAYS_ACTIVE)) {
		expire(rq, p);
	} else {
		array_del(p);
		p->prio = dynamic_prio(p);
		array_add(o1->active, p, false);
	}
}

static void task_tick_o1(struct rq *rq, struct task_struct *p)
{
	update_curr_o1(rq);
	/* A running slice counts like put_prev's: bonus is spent while it runs. */
	put_prev_task_o1(rq, p);
	if (!rt_task(p)) {
		tick_normal(rq, p);
	} else {
		p->rt.timeout++;
		if (p->policy == SCHED_RR && p->o1.time_slice-- <= 1) {
			p->o1.time_slice = task_timeslice(p);
			list_move_tail(&p->o1.run_list, &p->o1.array->queue[p->prio]);
			resched_curr(rq);
		}
	}
	if (rq->o1.crowded && rq->o1.nr_running < 2)
		set_crowded(rq, false);
}

/* [softirq] Not in the tick itself, which keeps rq's lock from its beginning to its end. */
void o1_rebalance(struct rq *rq)
{
	raw_spin_lock_irq(&rq->lock);
	if (cpu_active(rq->cpu) && rq->sd && time_after_eq(jiffies, rq->next_balance)) {
		rq->next_balance = jiffies + BUSY_REBALANCE_TICKS;
		update_rq_clock(rq);
		pull_task_o1(rq);
	}
	raw_spin_unlock_irq(&rq->lock);
}

/*
 * Parent and child share what is left of the slice, so that forking gains no time; who gives its
 * last tick away has none. A parent of another class has none to share. [pi_lock]
 */
static void task_fork_o1(struct task_struct *p)
{
	struct task_struct *parent = current;
	unsigned int slice = READ_ONCE(parent->o1.time_slice);

	memset(&p->o1, 0, sizeof(p->o1));
	INIT_LIST_HEAD(&p->o1.run_list);
	if (parent->sched_class == &o1_sched_class) {
		/* The tick does not come between, but a child may end on another CPU. */
		while (!try_cmpxchg(&parent->o1.time_slice, &slice, slice / 2))
			;
		p->o1.time_slice = (slice + 1) / 2;
		p->o1.first_time_slice = 1;
	} else {
		p->o1.time_slice = task_timeslice(p);
	}
	p->o1.sleep_avg = parent->o1.sleep_avg * CHILD_PENALTY / 100;
}

/* What p did not use goes back; of a parent whose children compute it shows less that it sleeps. */
static void task_exit_o1(struct rq *rq, struct task_struct *parent, struct task_struct *p)
{
	unsigned int slice = READ_ONCE(parent->o1.time_slice), back, most = task_timeslice(parent);

	lockdep_assert_held(&rq->lock);
	if (p->o1.first_time_slice && !sched_mutant(O1_CHILD_KEEPS_SLICE)) {
		do
			back = slice < most ? min(p->o1.time_slice, most - slice) : 0;
		while (!try_cmpxchg(&parent->o1.time_slice, &slice, slice + back));
	}
	if (p->o1.sleep_avg < parent->o1.sleep_avg)
		parent->o1.sleep_avg =
		    (parent->o1.sleep_avg * EXIT_WEIGHT + p->o1.sleep_avg) / (EXIT_WEIGHT + 1);
}

static void switching_to_o1(struct rq *rq, struct task_struct *p)
{
	p->o1.timestamp = rq_clock(rq);
}

static void switched_to_o1(struct rq *rq, struct task_struct *p)
{
	if (!task_on_rq_queued(p) || task_current(rq, p))
		return;
	check_preempt_curr(rq, p, 0);
	if (rt_task(p))
		rq->balance_callback = push_tasks_o1;
}

static void prio_changed_o1(struct rq *rq, struct task_struct *p, int oldprio)
{
	if (!task_on_rq_queued(p))
		return;
	if (!task_current(rq, p)) {
		check_preempt_curr(rq, p, 0);
		if (rt_task(p))
			rq->balance_callback = push_tasks_o1;
	} else if (p->prio > oldprio) {
		resched_curr(rq);
		if (rt_prio(oldprio))
			rq->balance_callback = pull_rt_tasks_o1;
	}
}

static u64 get_rr_interval_o1(struct rq *rq, struct task_struct *p)
{
	return p->policy == SCHED_FIFO ? 0 : jiffies_to_nsecs(task_timeslice(p));
}

static bool check_o1(struct rq *rq, const char **rule)
{
	unsigned int a, i, nr, all = 0, rt = 0;

	for (a = 0; a < 2; a++) {
		struct o1_prio_array *array = &rq->o1.arrays[a];

		*rule = "a bit of the priority map is set when its list has a task";
		if (!lists_agree(array->queue, array->bitmap, MAX_PRIO))
			return false;
		nr = 0;
		for_each_set_bit (i, array->bitmap, MAX_PRIO) {
			struct task_struct *p;

			*rule = "a task is on the list of its priority, in its array";
			list_for_each_entry (p, &array->queue[i], o1.run_list) {
				if (p->prio != (int)i || p->o1.array != array)
					return false;
				nr++;
				rt += rt_task(p);
			}
		}
		*rule = "nr_active counts the tasks of the array";
		if (nr != array->nr_active)
			return false;
		all += nr;
	}
	*rule = "a CPU with more than one task is known to be crowded";
	if (rq->o1.crowded != cpumask_test_cpu(rq->cpu, &crowded_cpus) ||
	    (rq->o1.nr_running > 1 && !rq->o1.crowded))
		return false;
	*rule = "rt_queued counts the real-time tasks";
	if (rt != rq->rt_queued)
		return false;
	*rule = "nr_running counts the tasks of both arrays";
	return all == rq->o1.nr_running;
}

static void any_waiting_o1(struct rq *rq, bool (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct task_struct *p;
	unsigned int a, i;

	for (a = 0; a < 2; a++)
		for_each_set_bit (i, rq->o1.arrays[a].bitmap, MAX_PRIO)
			list_for_each_entry (p, &rq->o1.arrays[a].queue[i], o1.run_list)
				if (!task_current(rq, p) && fn(p, arg))
					return;
}

struct sched_class o1_sched_class = {
    .name = "o1",
    .enqueue_task = enqueue_task_o1,
    .dequeue_task = dequeue_task_o1,
    .yield_task = yield_task_o1,
    .check_preempt_curr = check_preempt_curr_o1,
    .pick_task = pick_task_o1,
    .put_prev_task = put_prev_task_o1,
    .set_next_task = set_next_task_o1,
    .balance = balance_o1,
    .select_task_rq = select_task_rq_idle,
    .task_woken = task_woken_o1,
    .push_tasks = push_tasks_o1,
    .pull_tasks = pull_rt_tasks_o1,
    .task_tick = task_tick_o1,
    .task_fork = task_fork_o1,
    .task_exit = task_exit_o1,
    .switching_to = switching_to_o1,
    .switched_to = switched_to_o1,
    .prio_changed = prio_changed_o1,
    .get_rr_interval = get_rr_interval_o1,
    .update_curr = update_curr_o1,
    .check = check_o1,
    .any_waiting = any_waiting_o1,
};
