/* SPDX-License-Identifier: MIT */
/*
 * sched=goodness: the O(n) scheduler in the manner of Linux 2.4. It stands for rt and fair.
 *
 * One global queue. Each pick looks at every task that waits and takes the one of the highest
 * goodness: 1000 + rt_priority for real-time tasks; for others the ticks left of the quantum
 * (counter) + 20 - nice, with a bonus for the CPU it ran on last and for the address space that
 * is loaded; nothing at all when the counter is used up. When every counter of those that wait is
 * 0, and that of who looks as well, an epoch ends: all tasks of the system, asleep too, get
 * counter / 2 + their quantum, which is why sleepers come back with up to two quanta.
 *
 * That end of an epoch is only a number here, and each task catches up when it is looked at:
 * the result is the same and nobody walks over all tasks with a lock held.
 *
 * The queue has an order, which decides among equals. Each task's place in it is a number, given
 * when it comes or is sent to the end, and the list is that of those that wait, in any order: a CPU
 * that picks does not pass by what the others run.
 *
 * Locks: goodness_lock guards the queue, the epoch and the counters; inside rq->lock. A task on
 * the queue also belongs to one CPU's rq, as for every class; a CPU that picks one of another
 * moves it over first, with both rq->locks.
 */
#include "internal.h"
#include "record.h"

#define LAST_CPU_BONUS 15
#define SAME_MM_BONUS  1
#define RT_GOODNESS    1000

static DEFINE_SPINLOCK(goodness_lock);
static LIST_HEAD(goodness_waiting); /* on the queue, and not what its CPU runs */
static s64 first_place, last_place; /* of the queue */
static unsigned long goodness_epoch;

/* Ticks: 11 (44 ms) at nice 0, 21 at -20, 1 at 19. */
static long quantum(const struct task_struct *p)
{
	return (20 - task_nice(p)) / 2 + 1;
}

/* The epochs that ended since it was last looked at. Halving, it reaches its limit soon. */
static void catch_up(struct task_struct *p)
{
	unsigned long missed = goodness_epoch - p->good.epoch;

	lockdep_assert_held(&goodness_lock);
	p->good.epoch = goodness_epoch;
	if (sched_mutant(EPOCH_SKIPS_SLEEPERS) && missed > 1)
		return;
	for (missed = min(missed, 8UL); missed; missed--)
		p->good.counter = p->good.counter / 2 + quantum(p);
}

static long goodness(struct task_struct *p, int cpu, const void *mm)
{
	const void *p_mm = sched_env_task_mm(p);
	long weight;

	if (rt_task(p))
		return RT_GOODNESS + MAX_RT_PRIO - 1 - p->prio;
	catch_up(p);
	if (!p->good.counter)
		return 0;
	weight = p->good.counter + 20 - task_nice(p);
	if (p->good.last_cpu == cpu)
		weight += LAST_CPU_BONUS;
	if (p_mm == mm || !p_mm)
		weight += SAME_MM_BONUS;
	return weight;
}

/* The best so far of those that rq's CPU may run. */
struct choice {
	struct task_struct *best;
	long g;
};

/*
 * Earlier in the queue wins among equals; but one that runs here need not give way to them, unless
 * it is a real-time task, whose turn the order of the queue says. One that yielded is no choice
 * beside one that did not.
 */
static __always_inline void consider(struct rq *rq, struct choice *c, struct task_struct *p,
				     const void *mm)
{
	const struct task_struct *best = c->best;
	long g = p->good.yielded ? -1 : goodness(p, rq->cpu, mm);

	if (g < c->g)
		return;
	if (g == c->g && best) {
		if (task_current(rq, best) && !rt_task(best) && g >= 0)
			return;
		if (p->good.place > best->good.place &&
		    !(task_current(rq, p) && !rt_task(p) && g >= 0))
			return;
	}
	*c = (struct choice){p, g};
}

/*
 * May p, which waits on another CPU, come to rq's? Not before that one is done with it, which comes
 * to pass with no lock that is held here: a replay cannot know, and has to be told.
 */
static __always_inline bool can_fetch(const struct rq *rq, struct task_struct *p, bool recorded)
{
	bool can =
	    !READ_ONCE(p->on_cpu) && is_cpu_allowed(p, rq->cpu) && balances_with(rq, task_rq(p));

	return recorded ? sched_record_look(p, can) : can;
}

/*
 * All that rq's CPU could run have used up their counters; is there one that has not, and waits
 * elsewhere? The 2.4 kernels did not ask, and ended the epoch. That gave what runs on that one's CPU a
 * new counter each time before the old one was used up, which with the bonus for the last CPU is more
 * than anybody has who never ran there: beside CPUs with a task each to themselves one that was bound
 * could wait for ever. So no epoch ends before it; the tasks that are preferred to it use up what they
 * have, at most two quanta each, and then it has its turn. While real-time tasks keep it from that,
 * the tasks of other CPUs go on without counters, a tick each in turn.
 */
static bool somebody_has_time_left(struct rq *rq)
{
	struct task_struct *p;

	lockdep_assert_held(&goodness_lock);
	if (sched_mutant(EPOCH_ENDS_ANYHOW))
		return false;
	list_for_each_entry (p, &goodness_waiting, good.run_list) {
		if (rt_task(p) || task_cpu(p) == (unsigned int)rq->cpu)
			continue;
		catch_up(p);
		if (p->good.counter)
			return true;
	}
	return false;
}

/* Of those without a counter, while an epoch lasts on: in turn, a tick each. best: if none waits. */
static struct task_struct *next_without_counter(struct rq *rq, struct task_struct *best)
{
	struct task_struct *p;

	lockdep_assert_held(&goodness_lock);
	list_for_each_entry_reverse (p, &goodness_waiting, good.run_list)
		if (task_cpu(p) == (unsigned int)rq->cpu)
			return p;
	return best;
}

static __always_inline struct task_struct *look(struct rq *rq, bool all, bool recorded)
{
	struct task_struct *p, *curr = rq->curr;
	const void *mm = sched_env_task_mm(curr);
	struct choice c;

	lockdep_assert_held(&goodness_lock);
again:
	c = (struct choice){NULL, -1};
	if (curr->sched_class == &goodness_sched_class && curr->good.on_rq)
		consider(rq, &c, curr, mm);
	list_for_each_entry (p, &goodness_waiting, good.run_list) {
		if (task_cpu(p) != (unsigned int)rq->cpu && (!all || !can_fetch(rq, p, recorded)))
			continue;
		consider(rq, &c, p, mm);
	}
	if (c.best && !c.g) {
		if (unlikely(somebody_has_time_left(rq)))
			return next_without_counter(rq, c.best);
		goodness_epoch++;
		if (recorded)
			sched_record_look(NULL, false);
		goto again;
	}
	return c.best;
}

static noinline struct task_struct *recorded_look(struct rq *rq, bool all)
{
	return look(rq, all, true);
}

/* Best for rq's CPU, of its own tasks or (all) of those too that wait elsewhere. */
static struct task_struct *best_task(struct rq *rq, bool all)
{
	/* Apart, for a call of the unknown would cost each step of the other one registers. */
	return unlikely(sched_record_look) ? recorded_look(rq, all) : look(rq, all, false);
}

static void enqueue_task_goodness(struct rq *rq, struct task_struct *p, int flags)
{
	if (flags & ENQUEUE_WAKEUP)
		p->rt.timeout = 0;
	spin_lock(&goodness_lock);
	p->good.place = rt_task(p) && !(flags & ENQUEUE_HEAD) ? ++last_place : --first_place;
	p->good.on_rq = 1;
	if (!task_current(rq, p))
		list_add(&p->good.run_list, &goodness_waiting);
	catch_up(p);
	spin_unlock(&goodness_lock);
	rq->rt_queued += rt_task(p);
	add_nr_running(rq, 1);
}

static void update_curr_goodness(struct rq *rq)
{
	update_curr_common(rq);
}

static bool dequeue_task_goodness(struct rq *rq, struct task_struct *p, int flags)
{
	if (task_current(rq, p))
		update_curr_goodness(rq);
	spin_lock(&goodness_lock);
	list_del_init(&p->good.run_list);
	p->good.on_rq = 0;
	catch_up(p);
	spin_unlock(&goodness_lock);
	if (unlikely(rt_task(p)))
		rt_task_left(rq);
	sub_nr_running(rq, 1);
	return true;
}

static void yield_task_goodness(struct rq *rq)
{
	struct task_struct *p = rq->curr;

	spin_lock(&goodness_lock);
	if (rt_task(p))
		p->good.place = ++last_place;
	else
		p->good.yielded = true;
	spin_unlock(&goodness_lock);
}

static void check_preempt_curr_goodness(struct rq *rq, struct task_struct *p, int flags)
{
	const void *mm = sched_env_task_mm(rq->curr);
	bool better;

	spin_lock(&goodness_lock);
	better = goodness(p, rq->cpu, mm) > goodness(rq->curr, rq->cpu, mm);
	spin_unlock(&goodness_lock);
	if (better)
		resched_curr(rq);
}

static struct task_struct *pick_task_goodness(struct rq *rq)
{
	struct task_struct *p;

	spin_lock(&goodness_lock);
	p = best_task(rq, false);
	if (p) {
		p->good.yielded = false;
		list_del_init(&p->good.run_list);
	}
	spin_unlock(&goodness_lock);
	return p;
}

/*
 * A real-time task that waits on one CPU must not do so while another one runs something less
 * urgent. The most urgent of those that could run elsewhere is seen to; the CPU that fetches it
 * comes here for the next. [rq->lock, which may be dropped meanwhile]
 */
static void preempt_for_waiting(struct rq *rq)
{
	struct task_struct *p, *best = NULL;
	int cpu = -1;

	lockdep_assert_held(&rq->lock);
	spin_lock(&goodness_lock);
	list_for_each_entry (p, &goodness_waiting, good.run_list) {
		int target;

		if (!rt_task(p) || p->on_cpu ||
		    (best && (p->prio > best->prio ||
			      (p->prio == best->prio && p->good.place > best->good.place))))
			continue;
		target = cpu_to_preempt(p);
		if (target >= 0) {
			best = p;
			cpu = target;
		}
	}
	spin_unlock(&goodness_lock);
	if (cpu < 0)
		return;
	if (cpu != rq->cpu) {
		double_lock_balance(rq, cpu_rq(cpu));
		resched_curr(cpu_rq(cpu));
		/* One that idles picks what it has, and fetches when it is told to. */
		if (!cpu_rq(cpu)->nr_running)
			nohz_kick(cpu);
		double_unlock_balance(rq, cpu_rq(cpu));
	} else {
		resched_curr(rq);
	}
}

static void task_woken_goodness(struct rq *rq, struct task_struct *p)
{
	if (rt_task(p) && !task_current(rq, p) && !sched_mutant(GOODNESS_WAITS_FOR_OWN_CPU))
		preempt_for_waiting(rq);
}

static void put_prev_task_goodness(struct rq *rq, struct task_struct *p)
{
	update_curr_goodness(rq);
	if (!p->good.on_rq)
		return;
	spin_lock(&goodness_lock);
	list_add(&p->good.run_list, &goodness_waiting);
	/* It gave way once. Another CPU may be looking at it. */
	if (!sched_mutant(YIELD_FOR_EVER))
		p->good.yielded = false;
	spin_unlock(&goodness_lock);
}

static void set_next_task_goodness(struct rq *rq, struct task_struct *p, bool first)
{
	p->se.exec_start = rq_clock_task(rq);
	p->good.last_cpu = rq->cpu;
	/* It came before one that waits now, or left one behind where it was. */
	if (first && rt_task(p) && !sched_mutant(GOODNESS_WAITS_FOR_OWN_CPU))
		rq->balance_callback = preempt_for_waiting;
}

/* It may end an epoch, as a pick may: so it is an operation, which a record has. */
static struct task_struct *find_task_goodness(struct rq *rq)
{
	struct task_struct *p;

	spin_lock(&goodness_lock);
	p = best_task(rq, true);
	if (p)
		get_task_struct(p);
	spin_unlock(&goodness_lock);
	return p;
}

/* The best one may wait on another CPU's account: fetch it. May drop rq->lock. */
static bool balance_goodness(struct rq *rq, struct task_struct *prev)
{
	struct task_struct *p;
	struct rq *src;

	/* An isolated CPU fetches nothing. */
	if (!cpu_active(rq->cpu) || !READ_ONCE(rq->sd))
		return rq->nr_running != 0;
	p = goodness_sched_class.find_task(rq);
	if (!p)
		return rq->nr_running != 0;
	src = task_rq(p);
	if (src != rq) {
		double_lock_balance(rq, src);
		/* The lock may have been dropped: still there, still waiting? */
		if (task_rq(p) == src && p->good.on_rq && !p->on_cpu && task_on_rq_queued(p) &&
		    is_cpu_allowed(p, rq->cpu))
			move_task(src, p, rq);
		double_unlock_balance(rq, src);
	}
	put_task_struct(p);
	return rq->nr_running != 0;
}

static void task_tick_goodness(struct rq *rq, struct task_struct *p)
{
	update_curr_goodness(rq);
	if (rt_task(p))
		p->rt.timeout++;
	if (p->policy == SCHED_FIFO)
		return;
	spin_lock(&goodness_lock);
	catch_up(p);
	if (p->good.counter > 0 && !sched_mutant(COUNTER_NOT_SPENT))
		p->good.counter--;
	if (!p->good.counter) {
		if (p->policy == SCHED_RR) {
			p->good.counter = quantum(p);
			p->good.place = ++last_place;
		}
		resched_curr(rq);
	}
	spin_unlock(&goodness_lock);
}

/* Parent and child share what is left. [pi_lock] */
static void task_fork_goodness(struct task_struct *p)
{
	struct task_struct *parent = current;
	unsigned long flags;

	spin_lock_irqsave(&goodness_lock, flags);
	catch_up(parent);
	p->good.epoch = goodness_epoch;
	p->good.counter = (parent->good.counter + 1) / 2;
	p->good.last_cpu = task_cpu(p);
	parent->good.counter /= 2;
	spin_unlock_irqrestore(&goodness_lock, flags);
}

/* p, which waits, could do better here, or elsewhere. */
static void look_for_waiting(struct rq *rq, struct task_struct *p)
{
	check_preempt_curr(rq, p, 0);
	if (rt_task(p))
		rq->balance_callback = preempt_for_waiting;
}

static void switched_to_goodness(struct rq *rq, struct task_struct *p)
{
	if (task_on_rq_queued(p) && !task_current(rq, p))
		look_for_waiting(rq, p);
}

static void prio_changed_goodness(struct rq *rq, struct task_struct *p, int oldprio)
{
	if (!task_on_rq_queued(p))
		return;
	if (task_current(rq, p))
		resched_curr(rq);
	else
		look_for_waiting(rq, p);
}

static u64 get_rr_interval_goodness(struct rq *rq, struct task_struct *p)
{
	return p->policy == SCHED_FIFO ? 0 : jiffies_to_nsecs(quantum(p));
}

static bool check_goodness(struct rq *rq, const char **rule)
{
	struct task_struct *p;
	bool ok = true;

	spin_lock(&goodness_lock);
	*rule = "a task that waits says so and has a counter that is not negative";
	list_for_each_entry (p, &goodness_waiting, good.run_list)
		ok &= p->good.on_rq && p->good.counter >= 0;
	spin_unlock(&goodness_lock);
	return ok;
}

static void any_waiting_goodness(struct rq *rq, bool (*fn)(struct task_struct *p, void *arg),
				 void *arg)
{
	struct task_struct *p;

	spin_lock(&goodness_lock);
	list_for_each_entry (p, &goodness_waiting, good.run_list)
		if (task_cpu(p) == (unsigned int)rq->cpu && !task_current(rq, p) && fn(p, arg))
			break;
	spin_unlock(&goodness_lock);
}

struct sched_class goodness_sched_class = {
    .name = "goodness",
    .enqueue_task = enqueue_task_goodness,
    .dequeue_task = dequeue_task_goodness,
    .yield_task = yield_task_goodness,
    .check_preempt_curr = check_preempt_curr_goodness,
    .pick_task = pick_task_goodness,
    .put_prev_task = put_prev_task_goodness,
    .set_next_task = set_next_task_goodness,
    .balance = balance_goodness,
    .find_task = find_task_goodness,
    .select_task_rq = select_task_rq_idle,
    .task_woken = task_woken_goodness,
    .push_tasks = preempt_for_waiting,
    .task_tick = task_tick_goodness,
    .task_fork = task_fork_goodness,
    .switched_to = switched_to_goodness,
    .prio_changed = prio_changed_goodness,
    .get_rr_interval = get_rr_interval_goodness,
    .update_curr = update_curr_goodness,
    .check = check_goodness,
    .any_waiting = any_waiting_goodness,
};
