/* SPDX-License-Identifier: MIT */
/*
 * The real-time class: SCHED_FIFO and SCHED_RR on 100 lists, the highest priority runs
 * (sched(7)). A CPU with more than one pushes the surplus to CPUs that run less, one that runs
 * out pulls. Real-time tasks together get sched_rt_runtime_us of each sched_rt_period_us, so
 * that one that never sleeps leaves room for a shell; budgets of groups: sched/rt_group.c.
 * rq->lock unless said.
 */
#include "internal.h"

int sysctl_sched_rt_period_us = 1000000;
int sysctl_sched_rt_runtime_us = 950000;
int sysctl_sched_rr_timeslice_ms = 100;
int sched_rr_timeslice = RR_TIMESLICE;

void init_rt_rq(struct rt_rq *rt_rq)
{
	int i;

	for (i = 0; i < MAX_RT_PRIO; i++)
		INIT_LIST_HEAD(&rt_rq->active.queue[i]);
	__set_bit(MAX_RT_PRIO, rt_rq->active.bitmap);
	rt_rq->highest_prio = MAX_RT_PRIO;
	rt_rq->next_prio = MAX_RT_PRIO;
	INIT_LIST_HEAD(&rt_rq->pushable_tasks);
	INIT_LIST_HEAD(&rt_rq->parked);
}

static void push_rt_tasks(struct rq *rq);

static struct rq *rq_of_rt(struct rt_rq *rt_rq)
{
	return container_of(rt_rq, struct rq, rt);
}

static bool on_rt_rq(const struct task_struct *p)
{
	return p->rt.on_rq;
}

static u64 rt_period(void)
{
	return (u64)sysctl_sched_rt_period_us * NSEC_PER_USEC;
}

/* Periods that are over forgive what ran in them; when nothing is owed any more, unthrottle. */
static void replenish(struct rt_rq *rt_rq, u64 now)
{
	u64 runtime = (u64)sysctl_sched_rt_runtime_us * NSEC_PER_USEC, n;

	if (now - rt_rq->rt_period_start < rt_period())
		return;
	n = (now - rt_rq->rt_period_start) / rt_period();
	rt_rq->rt_period_start += n * rt_period();
	rt_rq->rt_time -= min(rt_rq->rt_time, n * runtime);
	if (rt_rq->rt_throttled && rt_rq->rt_time < runtime) {
		rt_rq->rt_throttled = false;
		if (rt_rq->rt_nr_running)
			resched_curr(rq_of_rt(rt_rq));
	}
}

/* [hardirq] */
static enum hrtimer_restart rt_period_end(struct hrtimer *timer)
{
	struct rt_rq *rt_rq = container_of(timer, struct rt_rq, period_timer);
	struct rq *rq = rq_of_rt(rt_rq);
	bool again;

	rq_lock(rq);
	update_rq_clock(rq);
	replenish(rt_rq, rq_clock_task(rq));
	again = rt_rq->rt_throttled;
	rq_unlock(rq);
	if (!again)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, rt_period());
	return HRTIMER_RESTART;
}

static void account_rt_time(struct rq *rq, u64 delta)
{
	struct rt_rq *rt_rq = &rq->rt;
	u64 now = rq_clock_task(rq), runtime = (u64)sysctl_sched_rt_runtime_us * NSEC_PER_USEC;

	if (sysctl_sched_rt_runtime_us < 0 || sched_mutant(RT_NEVER_THROTTLED))
		return;
	replenish(rt_rq, now);
	rt_rq->rt_time += delta;
	if (rt_rq->rt_throttled || rt_rq->rt_time <= runtime || runtime >= rt_period())
		return;
	rt_rq->rt_throttled = true;
	if (!rt_rq->period_timer.function) {
		hrtimer_init(&rt_rq->period_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
		rt_rq->period_timer.function = rt_period_end;
	}
	hrtimer_start(&rt_rq->period_timer, rt_rq->rt_period_start + rt_period() - now,
		      HRTIMER_MODE_REL_PINNED);
	resched_curr(rq);
}

static void update_curr_rt(struct rq *rq)
{
	u64 delta = update_curr_common(rq);

	if (!delta)
		return;
	account_rt_time(rq, delta);
	rt_group_charge(rq, rq->curr, delta);
}

/* The highest of those queued, or MAX_RT_PRIO, whose bit is always set. */
static int first_prio(const struct rt_prio_array *a)
{
	BUILD_BUG_ON(BITS_TO_LONGS(MAX_RT_PRIO + 1) != 2);

	return a->bitmap[0] ? __ffs(a->bitmap[0]) : BITS_PER_LONG + __ffs(a->bitmap[1]);
}

/* For others to see: what rq's CPU runs, or is about to. */
static void show_prio(struct rq *rq)
{
	if (rq->online)
		cpupri_set(rq->rd, rq->cpu,
			   rq->dl.dl_nr_running ? MAX_DL_PRIO - 1 : rq->rt.highest_prio);
}

static void set_highest_prio(struct rq *rq, int prio)
{
	WRITE_ONCE(rq->rt.highest_prio, prio);
	show_prio(rq);
}

/* One of several waits, or a single one behind a deadline task. */
static void update_rt_overload(struct rq *rq)
{
	struct rt_rq *rt_rq = &rq->rt;
	bool over = (rt_rq->rt_nr_running > 1 || rq->dl.dl_nr_running) &&
		    !list_empty(&rt_rq->pushable_tasks);
	struct task_struct *first;

	first = list_first_entry_or_null(&rt_rq->pushable_tasks, struct task_struct,
					 pushable_tasks_node);
	WRITE_ONCE(rt_rq->next_prio, first ? first->prio : MAX_RT_PRIO);
	if (over == rt_rq->overloaded || !rq->online)
		return;
	rt_rq->overloaded = over;
	if (over) {
		cpumask_set_cpu(rq->cpu, &rq->rd->rto_mask);
		/* The mask before the count: a puller that sees the count finds the CPU. */
		smp_wmb();
		atomic_inc(&rq->rd->rto_count);
	} else {
		atomic_dec(&rq->rd->rto_count);
		cpumask_clear_cpu(rq->cpu, &rq->rd->rto_mask);
	}
}

void rt_note_deadline(struct rq *rq)
{
	lockdep_assert_held(&rq->lock);
	show_prio(rq);
	update_rt_overload(rq);
}

/* Without any that may be pushed there is no overload, whoever comes or goes. */
static void dequeue_pushable(struct rq *rq, struct task_struct *p)
{
	if (list_empty(&rq->rt.pushable_tasks))
		return;
	list_del_init(&p->pushable_tasks_node);
	update_rt_overload(rq);
}

static void enqueue_pushable(struct rq *rq, struct task_struct *p)
{
	struct list_head *at;

	list_del_init(&p->pushable_tasks_node);
	list_for_each (at, &rq->rt.pushable_tasks)
		if (list_entry(at, struct task_struct, pushable_tasks_node)->prio > p->prio)
			break;
	list_add_tail(&p->pushable_tasks_node, at);
	update_rt_overload(rq);
}

static bool may_be_pushed(struct rq *rq, struct task_struct *p)
{
	return p->nr_cpus_allowed > 1 && !p->migration_disabled && !task_current(rq, p);
}

/* p, which is on no list, goes to that of its priority and counts. */
static void list_add_rt(struct rq *rq, struct task_struct *p, bool head)
{
	struct rt_rq *rt_rq = &rq->rt;
	struct list_head *queue = &rt_rq->active.queue[p->prio];

	if (head)
		list_add(&p->rt.run_list, queue);
	else
		list_add_tail(&p->rt.run_list, queue);
	__set_bit(p->prio, rt_rq->active.bitmap);
	rt_rq->rt_nr_running++;
	rt_rq->rr_nr_running += p->policy == SCHED_RR;
	add_nr_running(rq, 1);
	if (p->prio < rt_rq->highest_prio)
		set_highest_prio(rq, p->prio);
	if (may_be_pushed(rq, p))
		enqueue_pushable(rq, p);
	else if (!list_empty(&rt_rq->pushable_tasks))
		update_rt_overload(rq);
}

static void list_del_rt(struct rq *rq, struct task_struct *p)
{
	struct rt_rq *rt_rq = &rq->rt;
	int prio;

	list_del_init(&p->rt.run_list);
	if (list_empty(&rt_rq->active.queue[p->prio]) && !sched_mutant(RT_BIT_STALE))
		__clear_bit(p->prio, rt_rq->active.bitmap);
	rt_rq->rt_nr_running--;
	rt_rq->rr_nr_running -= p->policy == SCHED_RR;
	sub_nr_running(rq, 1);
	prio = first_prio(&rt_rq->active);
	if (prio != rt_rq->highest_prio)
		set_highest_prio(rq, prio);
	dequeue_pushable(rq, p);
}

static void park(struct rq *rq, struct task_struct *p)
{
	p->rt.parked = true;
	list_add_tail(&p->rt.run_list, &rq->rt.parked);
}

void rt_release_parked(struct rq *rq)
{
	struct task_struct *p, *next;

	lockdep_assert_held(&rq->lock);
	list_for_each_entry_safe (p, next, &rq->rt.parked, rt.run_list) {
		if (rt_group_throttled(p, rq->cpu))
			continue;
		list_del_init(&p->rt.run_list);
		p->rt.parked = false;
		list_add_rt(rq, p, false);
		if (p->prio < rq->curr->prio)
			resched_curr(rq);
	}
}

static void enqueue_task_rt(struct rq *rq, struct task_struct *p, int flags)
{
	if (flags & ENQUEUE_WAKEUP)
		p->rt.timeout = 0;
	p->rt.on_rq = 1;
	/* The current one stays where a pick finds it. */
	if (!task_current(rq, p) && rt_group_throttled(p, rq->cpu))
		park(rq, p);
	else
		list_add_rt(rq, p, flags & ENQUEUE_HEAD);
}

static bool dequeue_task_rt(struct rq *rq, struct task_struct *p, int flags)
{
	if (task_current(rq, p))
		update_curr_rt(rq);
	p->rt.on_rq = 0;
	if (p->rt.parked) {
		p->rt.parked = false;
		list_del_init(&p->rt.run_list);
	} else {
		list_del_rt(rq, p);
	}
	return true;
}

static void yield_task_rt(struct rq *rq)
{
	struct task_struct *p = rq->curr;

	list_move_tail(&p->rt.run_list, &rq->rt.active.queue[p->prio]);
}

static void check_preempt_curr_rt(struct rq *rq, struct task_struct *p, int flags)
{
	if (p->rt.parked)
		return;
	if (p->prio < rq->curr->prio) {
		resched_curr(rq);
		return;
	}
	/*
	 * Equals do not preempt each other. But when the woken one can run nowhere else and the
	 * running one can, the latter makes room: both then run.
	 */
	if (p->prio == rq->curr->prio && !test_tsk_need_resched(rq->curr) &&
	    p->nr_cpus_allowed == 1 && rq->curr->nr_cpus_allowed > 1) {
		cpumask_t lowest;

		if (!cpupri_find(rq->rd, rq->curr, &lowest))
			return;
		list_move(&p->rt.run_list, &rq->rt.active.queue[p->prio]);
		resched_curr(rq);
	}
}

static struct task_struct *pick_task_rt(struct rq *rq)
{
	struct rt_rq *rt_rq = &rq->rt;
	struct task_struct *p;

	/*
	 * What the current one ran may use up a budget. Charged after the pick, when it gives way, it
	 * would throttle the picked one without a reschedule: the request would be the current one's,
	 * who has just followed one.
	 */
	if (rq->curr->sched_class == &rt_sched_class && !sched_mutant(RT_CHARGED_LATE))
		update_curr_rt(rq);
	while (rt_rq->rt_nr_running && !rt_rq->rt_throttled) {
		p = list_first_entry(&rt_rq->active.queue[rt_rq->highest_prio], struct task_struct,
				     rt.run_list);
		if (!rt_group_throttled(p, rq->cpu))
			return p;
		list_del_rt(rq, p);
		park(rq, p);
	}
	return NULL;
}

static void put_prev_task_rt(struct rq *rq, struct task_struct *p)
{
	update_curr_rt(rq);
	update_rt_load_avg(rq, true);
	if (on_rt_rq(p) && !p->rt.parked && p->nr_cpus_allowed > 1 && !p->migration_disabled)
		enqueue_pushable(rq, p);
}

static void set_next_task_rt(struct rq *rq, struct task_struct *p, bool first)
{
	p->se.exec_start = rq_clock_task(rq);
	rq->rt_since = rq_clock_task(rq);
	dequeue_pushable(rq, p);
	if (first && rq->rt.overloaded)
		rq->balance_callback = push_rt_tasks;
}

/* A CPU that runs less urgent things than p, which waits elsewhere, and nothing of deadline tasks. */
static bool runs_less(const struct rq *rq, const struct task_struct *p)
{
	return rq->rt.highest_prio > p->prio && !rq->dl.dl_nr_running;
}

static int find_lowest_cpu(struct task_struct *p, int this_cpu)
{
	int cpu = task_cpu(p);
	cpumask_t lowest;
	struct sched_domain *sd;

	if (p->nr_cpus_allowed == 1 || !cpupri_find(task_rq(p)->rd, p, &lowest))
		return -1;
	if (sched_mutant(RT_PUSH_WRONG_CPU))
		return cpumask_any(p->cpus_ptr);
	/* Where its cache is, else here, else near. */
	if (cpumask_test_cpu(cpu, &lowest))
		return cpu;
	if (cpumask_test_cpu(this_cpu, &lowest))
		return this_cpu;
	rcu_read_lock();
	for_each_domain (cpu, sd) {
		unsigned int best = cpumask_any_and(&lowest, &sd->span);

		if (best < nr_cpu_ids) {
			rcu_read_unlock();
			return best;
		}
	}
	rcu_read_unlock();
	return cpumask_any(&lowest);
}

/* [pi_lock] Stay, unless what runs there is as good and a CPU that runs less is known. */
static int select_task_rq_rt(struct task_struct *p, int cpu, int flags)
{
	struct task_struct *curr;
	int target;

	if (!(flags & (WF_TTWU | WF_FORK)))
		return cpu;
	rcu_read_lock();
	curr = READ_ONCE(cpu_rq(cpu)->curr);
	if ((curr && rt_task(curr) && (curr->nr_cpus_allowed < 2 || curr->prio <= p->prio)) ||
	    !cpumask_test_cpu(cpu, p->cpus_ptr)) {
		target = find_lowest_cpu(p, smp_processor_id());
		if (target >= 0 && p->prio < READ_ONCE(cpu_rq(target)->rt.highest_prio))
			cpu = target;
	}
	rcu_read_unlock();
	return cpu;
}

/* A CPU that runs less than p, its rq locked beside rq; NULL when there is none any more. */
static struct rq *find_lock_lowest_rq(struct task_struct *p, struct rq *rq)
{
	int tries, cpu;

	for (tries = 0; tries < 3; tries++) {
		struct rq *lowest;

		cpu = find_lowest_cpu(p, rq->cpu);
		if (cpu < 0 || cpu == rq->cpu)
			return NULL;
		lowest = cpu_rq(cpu);
		if (!runs_less(lowest, p))
			return NULL;
		if (double_lock_balance(rq, lowest) &&
		    (task_rq(p) != rq || !cpumask_test_cpu(cpu, p->cpus_ptr) || p->on_cpu ||
		     !rt_task(p) || p->migration_disabled || !task_on_rq_queued(p) ||
		     list_empty(&p->pushable_tasks_node))) {
			double_unlock_balance(rq, lowest);
			return NULL;
		}
		if (runs_less(lowest, p))
			return lowest;
		double_unlock_balance(rq, lowest);
	}
	return NULL;
}

#define PUSH_LOOKS 16

/*
 * The most urgent task for which there is a CPU. When there is none for one that may use all of them,
 * there is none for those after it.
 */
static struct task_struct *find_to_push(struct rq *rq)
{
	unsigned int looks = 0;
	struct task_struct *p;
	int cpu;

	list_for_each_entry (p, &rq->rt.pushable_tasks, pushable_tasks_node) {
		cpu = find_lowest_cpu(p, rq->cpu);
		if (cpu >= 0 && cpu != rq->cpu)
			return p;
		if (++looks == PUSH_LOOKS || cpumask_subset(&rq->rd->online, p->cpus_ptr))
			break;
	}
	return NULL;
}

/* False: nothing (more) to push from here. */
static bool push_rt_task(struct rq *rq)
{
	struct task_struct *p;
	struct rq *lowest;

	if (!rq->rt.overloaded || sched_mutant(RT_PUSH_MISSING))
		return false;
	p = list_first_entry(&rq->rt.pushable_tasks, struct task_struct, pushable_tasks_node);
	if (p->prio < rq->curr->prio) {
		/* It should rather run here. */
		resched_curr(rq);
		return false;
	}
	p = find_to_push(rq);
	if (!p)
		return false;
	get_task_struct(p);
	lowest = find_lock_lowest_rq(p, rq);
	if (lowest) {
		move_task(rq, p, lowest);
		resched_curr(lowest);
		double_unlock_balance(rq, lowest);
	}
	put_task_struct(p);
	return lowest != NULL;
}

static void push_rt_tasks(struct rq *rq)
{
	while (push_rt_task(rq))
		;
}

/* The best task that waits on src and may run on cpu. */
static struct task_struct *pick_pushable(struct rq *src, int cpu)
{
	struct task_struct *p;

	list_for_each_entry (p, &src->rt.pushable_tasks, pushable_tasks_node)
		if (!task_current(src, p) && !p->on_cpu && is_cpu_allowed(p, cpu))
			return p;
	return NULL;
}

/* Fetches what would run here before anything that is here. May drop this_rq's lock. */
static void pull_rt_task(struct rq *this_rq)
{
	bool resched = false;
	unsigned int cpu;

	if (!atomic_read(&this_rq->rd->rto_count) || sched_mutant(RT_PULL_MISSING))
		return;
	smp_rmb();
	for_each_cpu (cpu, &this_rq->rd->rto_mask) {
		struct rq *src = cpu_rq(cpu);
		struct task_struct *p;

		if (src == this_rq || READ_ONCE(src->rt.next_prio) >= this_rq->rt.highest_prio)
			continue;
		double_lock_balance(this_rq, src);
		p = pick_pushable(src, this_rq->cpu);
		/* One that beats what runs there is about to run there. */
		if (p && p->prio < this_rq->rt.highest_prio && p->prio >= src->curr->prio) {
			move_task(src, p, this_rq);
			resched = true;
		}
		double_unlock_balance(this_rq, src);
	}
	if (resched)
		resched_curr(this_rq);
}

static bool balance_rt(struct rq *rq, struct task_struct *prev)
{
	if (!on_rt_rq(prev) && rq->online && rq->rt.highest_prio > prev->prio)
		pull_rt_task(rq);
	return rq->dl.dl_nr_running || (rq->stop && task_on_rq_queued(rq->stop)) ||
	       (rq->rt.rt_nr_running && !rq->rt.rt_throttled);
}

static void task_woken_rt(struct rq *rq, struct task_struct *p)
{
	struct task_struct *curr = rq->curr;

	if (!task_current(rq, p) && !test_tsk_need_resched(curr) && p->nr_cpus_allowed > 1 &&
	    rt_task(curr) && (curr->nr_cpus_allowed < 2 || curr->prio <= p->prio))
		push_rt_tasks(rq);
}

static void rq_online_rt(struct rq *rq)
{
	show_prio(rq);
	update_rt_overload(rq);
}

static void rq_offline_rt(struct rq *rq)
{
	if (rq->rt.overloaded) {
		rq->rt.overloaded = false;
		atomic_dec(&rq->rd->rto_count);
		cpumask_clear_cpu(rq->cpu, &rq->rd->rto_mask);
	}
	cpupri_set(rq->rd, rq->cpu, MAX_RT_PRIO);
	/* Its tasks are to be moved, not to wait here for the next period. */
	rq->rt.rt_throttled = false;
}

static void task_tick_rt(struct rq *rq, struct task_struct *p)
{
	update_curr_rt(rq);
	update_rt_load_avg(rq, true);
	p->rt.timeout++;
	if (p->policy != SCHED_RR || p->rt.time_slice > 1) {
		p->rt.time_slice -= p->policy == SCHED_RR;
		return;
	}
	p->rt.time_slice = sched_rr_timeslice;
	/* Alone on its list it goes on. */
	if (!list_is_singular(&rq->rt.active.queue[p->prio]) && !sched_mutant(RR_NEVER_ROTATES)) {
		list_move_tail(&p->rt.run_list, &rq->rt.active.queue[p->prio]);
		resched_curr(rq);
	}
}

static void switched_from_rt(struct rq *rq, struct task_struct *p)
{
	if (!rq->rt.rt_nr_running)
		rq->balance_callback = pull_rt_task;
}

static void switching_to_rt(struct rq *rq, struct task_struct *p)
{
	p->rt.time_slice = sched_rr_timeslice;
	p->rt.timeout = 0;
}

/* p, current, has come to the class, or to this priority: is it allowed to go on? */
static void stop_if_used_up(struct rq *rq, struct task_struct *p)
{
	if (rq->rt.rt_throttled || rt_group_throttled(p, rq->cpu))
		resched_curr(rq);
}

static void switched_to_rt(struct rq *rq, struct task_struct *p)
{
	if (!task_on_rq_queued(p) || p->rt.parked)
		return;
	if (task_current(rq, p)) {
		stop_if_used_up(rq, p);
		return;
	}
	if (p->nr_cpus_allowed > 1 && rq->rt.overloaded)
		rq->balance_callback = push_rt_tasks;
	if (p->prio < rq->curr->prio)
		resched_curr(rq);
}

static void prio_changed_rt(struct rq *rq, struct task_struct *p, int oldprio)
{
	if (!task_on_rq_queued(p) || p->rt.parked)
		return;
	if (!task_current(rq, p)) {
		if (p->prio < rq->curr->prio)
			resched_curr(rq);
		return;
	}
	if (oldprio < p->prio)
		rq->balance_callback = pull_rt_task;
	if (p->prio > rq->rt.highest_prio)
		resched_curr(rq);
	stop_if_used_up(rq, p);
}

static u64 get_rr_interval_rt(struct rq *rq, struct task_struct *p)
{
	return p->policy == SCHED_RR ? jiffies_to_nsecs(sched_rr_timeslice) : 0;
}

static bool check_rt(struct rq *rq, const char **rule)
{
	unsigned int nr = 0;
	int i;

	*rule = "a bit of the priority map is set when its list has a task";
	if (!lists_agree(rq->rt.active.queue, rq->rt.active.bitmap, MAX_RT_PRIO))
		return false;
	for_each_set_bit (i, rq->rt.active.bitmap, MAX_RT_PRIO) {
		struct task_struct *p;

		*rule = "a task is on the list of its priority";
		list_for_each_entry (p, &rq->rt.active.queue[i], rt.run_list) {
			if (p->prio != i)
				return false;
			nr++;
		}
	}
	*rule = "rt_nr_running counts the tasks on the lists";
	return nr == rq->rt.rt_nr_running;
}

static void any_waiting_rt(struct rq *rq, bool (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct task_struct *p;
	int i;

	if (rq->rt.rt_throttled)
		return;
	for_each_set_bit (i, rq->rt.active.bitmap, MAX_RT_PRIO)
		list_for_each_entry (p, &rq->rt.active.queue[i], rt.run_list)
			if (!task_current(rq, p) && fn(p, arg))
				return;
}

struct sched_class rt_sched_class = {
    .name = "rt",
    .enqueue_task = enqueue_task_rt,
    .dequeue_task = dequeue_task_rt,
    .yield_task = yield_task_rt,
    .check_preempt_curr = check_preempt_curr_rt,
    .pick_task = pick_task_rt,
    .put_prev_task = put_prev_task_rt,
    .set_next_task = set_next_task_rt,
    .balance = balance_rt,
    .select_task_rq = select_task_rq_rt,
    .task_woken = task_woken_rt,
    .push_tasks = push_rt_tasks,
    .pull_tasks = pull_rt_task,
    .rq_online = rq_online_rt,
    .rq_offline = rq_offline_rt,
    .task_tick = task_tick_rt,
    .switched_from = switched_from_rt,
    .switching_to = switching_to_rt,
    .switched_to = switched_to_rt,
    .prio_changed = prio_changed_rt,
    .get_rr_interval = get_rr_interval_rt,
    .update_curr = update_curr_rt,
    .check = check_rt,
    .any_waiting = any_waiting_rt,
};
