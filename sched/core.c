/* SPDX-License-Identifier: MIT */
/*
 * The heart: queueing, picking, switching, the tick, preemption. Owns runqueues; policy is the
 * classes' business. Contexts and locks are named at each function; rules in internal.h.
 */
#include "internal.h"
#include "monitor.h"

DEFINE_PER_CPU_ALIGNED(struct rq, runqueues);
enum preempt_choice preempt_choice = PREEMPT_FULL;
bool preempt_voluntary;

bool need_resched(void)
{
	return test_tsk_need_resched(current);
}

/*
 * Asks rq's CPU to look for a better task. A CPU that idles in a loop over its own flag needs no
 * interrupt: setting the flag and reading "polling" is one atomic operation, and the idle loop
 * clears "polling" before it looks at the flag for the last time, so one side sees the other.
 */
void resched_curr(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	unsigned long *flags = &task_thread_info(curr)->flags;

	lockdep_assert_held(&rq->lock);
	if (READ_ONCE(*flags) & _TIF_NEED_RESCHED)
		return;
	trace_sched_need_resched(curr, rq->cpu);
	if (rq->cpu == smp_processor_id()) {
		set_bit(TIF_NEED_RESCHED, flags);
		return;
	}
	if (!(__atomic_fetch_or(flags, _TIF_NEED_RESCHED, __ATOMIC_SEQ_CST) &
	      BIT(TIF_POLLING_NRFLAG)) &&
	    !sched_mutant(RESCHED_IPI_LOST))
		arch_send_reschedule(rq->cpu);
}

void resched_cpu(int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&rq->lock, flags);
	if (cpu_online(cpu) || cpu == smp_processor_id())
		resched_curr(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
}

struct rq *__task_rq_lock(struct task_struct *p)
{
	lockdep_assert_held(&p->pi_lock);
	for (;;) {
		struct rq *rq = task_rq(p);

		rq_lock(rq);
		if (likely(rq == task_rq(p) && !task_on_rq_migrating(p)))
			return rq;
		rq_unlock(rq);
		while (unlikely(task_on_rq_migrating(p)))
			cpu_relax();
	}
}

struct rq *task_rq_lock(struct task_struct *p, unsigned long *flags)
{
	for (;;) {
		struct rq *rq;

		raw_spin_lock_irqsave(&p->pi_lock, *flags);
		rq = task_rq(p);
		rq_lock(rq);
		/*
		 * p moved between the look and the lock? Its new CPU was written before
		 * on_rq said that the move was over, under the lock of the new queue.
		 */
		if (likely(rq == task_rq(p) && !task_on_rq_migrating(p)))
			return rq;
		rq_unlock(rq);
		raw_spin_unlock_irqrestore(&p->pi_lock, *flags);
		while (unlikely(task_on_rq_migrating(p)))
			cpu_relax();
	}
}

void task_rq_unlock(struct rq *rq, struct task_struct *p, unsigned long *flags)
{
	rq_unlock(rq);
	raw_spin_unlock_irqrestore(&p->pi_lock, *flags);
}

struct rq *lock_this_rq_irq(void)
{
	struct rq *rq;

	local_irq_disable();
	rq = this_rq();
	rq_lock(rq);
	return rq;
}

void double_rq_lock(struct rq *a, struct rq *b)
{
	lockdep_assert_irqs_disabled();
	if (a == b) {
		rq_lock(a);
		return;
	}
	if (a > b)
		swap(a, b);
	rq_lock(a);
	raw_spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
}

void double_rq_unlock(struct rq *a, struct rq *b)
{
	rq_unlock(a);
	if (a != b)
		rq_unlock(b);
}

bool double_lock_balance(struct rq *this_rq, struct rq *busiest)
{
	lockdep_assert_held(&this_rq->lock);
	if (this_rq < busiest) {
		raw_spin_lock_nested(&busiest->lock, SINGLE_DEPTH_NESTING);
		return false;
	}
	rq_unlock(this_rq);
	double_rq_lock(this_rq, busiest);
	return true;
}

/* A queue's lock, which stays locked, changes hands: the validator is told so. */
static inline void lock_handed_over(struct rq *rq, bool to_next)
{
#ifdef JIFFY_CHECKED
	if (to_next)
		lock_release(&rq->lock.dep_map, (unsigned long)__builtin_return_address(0));
	else
		lock_acquire(&rq->lock.dep_map, 0, true, false, false,
			     (unsigned long)__builtin_return_address(0));
#endif
}

/* this_rq's may have been the inner one of the two: alone it is an outer one again, for the next. */
void double_unlock_balance(struct rq *this_rq, struct rq *busiest)
{
	lockdep_assert_held(&this_rq->lock);
	rq_unlock(busiest);
	lock_handed_over(this_rq, true);
	lock_handed_over(this_rq, false);
}

static void sched_info_queued(struct rq *rq, struct task_struct *p)
{
	if (!p->sched_info.last_queued)
		p->sched_info.last_queued = rq_clock(rq);
}

static void sched_info_dequeued(struct rq *rq, struct task_struct *p)
{
	if (!p->sched_info.last_queued)
		return;
	p->sched_info.run_delay += rq_clock(rq) - p->sched_info.last_queued;
	rq->rq_sched_info.run_delay += rq_clock(rq) - p->sched_info.last_queued;
	p->sched_info.last_queued = 0;
}

static void sched_info_switch(struct rq *rq, struct task_struct *prev, struct task_struct *next)
{
	const struct task_struct *idle = rq->idle;
	u64 now = rq_clock(rq);

	if (prev != idle) {
		rq->rq_cpu_time += now - prev->sched_info.last_arrival;
		if (task_on_rq_queued(prev))
			prev->sched_info.last_queued = now;
	}
	if (next != idle) {
		if (next->sched_info.last_queued) {
			u64 delay = now - next->sched_info.last_queued;

			next->sched_info.last_queued = 0;
			next->sched_info.run_delay += delay;
			rq->rq_sched_info.run_delay += delay;
			trace_sched_stat_wait(next, delay);
		}
		next->sched_info.last_arrival = now;
		next->sched_info.pcount++;
		rq->rq_sched_info.pcount++;
	}
}

static __always_inline void do_enqueue_task(struct rq *rq, struct task_struct *p, int flags)
{
	if (!(flags & ENQUEUE_NOCLOCK))
		update_rq_clock(rq);
	if (!(flags & ENQUEUE_RESTORE))
		sched_info_queued(rq, p);
	if (unlikely(uclamp_used))
		uclamp_rq_inc(rq, p);
	if (unlikely(p->psi_group))
		psi_enqueue(rq, p);
	p->sched_class->enqueue_task(rq, p, flags);
}

void enqueue_task(struct rq *rq, struct task_struct *p, int flags)
{
	do_enqueue_task(rq, p, flags);
}

bool dequeue_task(struct rq *rq, struct task_struct *p, int flags)
{
	if (!(flags & DEQUEUE_NOCLOCK))
		update_rq_clock(rq);
	if (!(flags & DEQUEUE_SAVE))
		sched_info_dequeued(rq, p);
	if (unlikely(p->uclamp_active))
		uclamp_rq_dec(rq, p);
	if (unlikely(p->psi_queued))
		psi_dequeue(rq, p);
	return p->sched_class->dequeue_task(rq, p, flags);
}

/* p sleeps from now on: in which way is told when it wakes. */
static void sleep_begins(struct rq *rq, struct task_struct *p, unsigned int state)
{
	if (state & TASK_INTERRUPTIBLE)
		p->stats.sleep_start = rq_clock(rq);
	else if (state & TASK_UNINTERRUPTIBLE)
		p->stats.block_start = rq_clock(rq);
}

/* The clocks of two CPUs may differ a little: no sleep takes less than nothing. */
static void sleep_ends(struct rq *rq, struct task_struct *p)
{
	struct sched_statistics *st = &p->stats;
	u64 start = st->sleep_start ? st->sleep_start : st->block_start;
	s64 slept = rq_clock(rq) - start;

	if (!start)
		return;
	slept = max(slept, (s64)0);
	st->sum_sleep_runtime += slept;
	if (st->sleep_start) {
		st->sleep_max = max(st->sleep_max, (u64)slept);
		trace_sched_stat_sleep(p, slept);
	} else {
		st->block_max = max(st->block_max, (u64)slept);
		st->sum_block_runtime += slept;
		if (p->in_iowait)
			trace_sched_stat_iowait(p, slept);
		trace_sched_stat_blocked(p, slept);
	}
	st->sleep_start = st->block_start = 0;
}

void activate_task(struct rq *rq, struct task_struct *p, int flags)
{
	if (task_on_rq_migrating(p))
		flags |= ENQUEUE_MIGRATED;
	do_enqueue_task(rq, p, flags);
	if (flags & ENQUEUE_WAKEUP)
		sleep_ends(rq, p);
	WRITE_ONCE(p->on_rq, TASK_ON_RQ_QUEUED);
}

/* p leaves rq to be queued elsewhere; until then nobody can lock "its" queue. */
void deactivate_task(struct rq *rq, struct task_struct *p, int flags)
{
	WRITE_ONCE(p->on_rq, TASK_ON_RQ_MIGRATING);
	dequeue_task(rq, p, flags);
}

void __block_task(struct rq *rq, struct task_struct *p)
{
	if (p->sched_contributes_to_load)
		rq->nr_uninterruptible++;
	if (p->in_iowait) {
		atomic_inc(&rq->nr_iowait);
		psi_change(rq);
	}
	/* The release orders all of that before a waker's look at on_rq. */
	smp_store_release(&p->on_rq, 0);
}

void finish_delayed(struct rq *rq, struct task_struct *p)
{
	if (p->se.sched_delayed) {
		dequeue_task(rq, p, DEQUEUE_SLEEP | DEQUEUE_DELAYED | DEQUEUE_NOCLOCK);
		__block_task(rq, p);
	}
}

void check_preempt_curr(struct rq *rq, struct task_struct *p, int flags)
{
	const struct sched_class *class = rq->curr->sched_class;

	if (p->sched_class == class)
		class->check_preempt_curr(rq, p, flags);
	else if (p->sched_class->rank < class->rank && !sched_mutant(PREEMPTION_MISSING))
		resched_curr(rq);
	/*
	 * The switch comes next: its moment is the wake-up's. Where the kernel is not preempted, or
	 * on another CPU, it may be long until then.
	 */
	if (preempt_choice == PREEMPT_FULL && test_tsk_need_resched(rq->curr) &&
	    rq->cpu == smp_processor_id())
		rq->clock_fresh = true;
}

/*
 * The second half of a switch, on next's stack: prev was running here. Gives up rq->lock, turns
 * interrupts on. Returns this CPU's rq: next may have been asleep since another one.
 */
static struct rq *finish_task_switch(struct task_struct *prev)
{
	struct rq *rq = this_rq();
	struct mm_struct *mm = rq->prev_mm;
	unsigned int prev_state = READ_ONCE(prev->__state);

	rq->prev_mm = NULL;
	/*
	 * prev's registers are saved: from here another CPU may run it, and, when it is dead,
	 * only the reference dropped below keeps it. Its state was read before, for the same
	 * reason: it may be running, and asleep again, when we look later.
	 */
	smp_store_release(&prev->on_cpu, 0);
	lock_handed_over(rq, false);
	trace_sched_exit(true);
	run_balance_callback(rq);
	raw_spin_unlock_irq(&rq->lock);
	if (unlikely(mm))
		sched_env_mmdrop(mm);
	if (unlikely(prev_state == TASK_DEAD)) {
		ASSERT(!prev->on_rq);
		if (prev->sched_class->task_dead)
			prev->sched_class->task_dead(prev);
		sched_env_task_dead(prev);
	}
	return rq;
}

/* A new task's first code, called by arch/ with what arch_switch_to() returned. */
void schedule_tail(struct task_struct *prev)
{
	finish_task_switch(prev);
	preempt_enable();
	sched_env_first_run(current);
}

static __always_inline struct rq *context_switch(struct rq *rq, struct task_struct *prev,
						 struct task_struct *next)
{
	sched_info_switch(rq, prev, next);
	if (unlikely(prev->psi_group != next->psi_group))
		psi_switch(rq, prev, next);
	WRITE_ONCE(next->on_cpu, 1);
	rq->prev_mm = sched_env_switch_mm(prev, next);
	lock_handed_over(rq, true);
	prev = arch_switch_to(prev, next);
	barrier();
	return finish_task_switch(prev);
}

/*
 * The best runnable task becomes the current one in its class's books. A class above the one
 * that prev leaves cannot have got work without rescheduling, but it may be able to fetch some;
 * so classes are asked to balance from prev's downwards until one has something.
 */
static struct task_struct *pick_next_task(struct rq *rq, struct task_struct *prev)
{
	const struct sched_class *class;
	struct task_struct *next = NULL;
	int i;

	if (likely(rq->nr_running == rq->cfs.h_nr_running && rq->nr_running &&
		   prev->sched_class->rank >= fair_sched_class.rank)) {
		next = fair_sched_class.pick_task(rq);
	}
	if (!next) {
		for (i = prev->sched_class->rank; (class = sched_classes[i]); i++)
			if (class->balance && class->balance(rq, prev))
				break;
	}
	for (i = 0; !next; i++)
		next = sched_classes[i]->pick_task(rq);
	trace_sched_pick(rq, next);
	if (next == prev)
		return next;
	if (likely(next->sched_class == prev->sched_class && next->sched_class->switch_task)) {
		next->sched_class->switch_task(rq, prev, next);
	} else {
		put_prev_task(rq, prev);
		next->sched_class->set_next_task(rq, next, true);
	}
	return next;
}

/* Does prev really go to sleep? A signal that its state lets through keeps it here. */
static bool try_to_block_task(struct rq *rq, struct task_struct *prev, unsigned int state)
{
	int flags = DEQUEUE_SLEEP | DEQUEUE_NOCLOCK;

	if (signal_pending_state(state, prev)) {
		WRITE_ONCE(prev->__state, TASK_RUNNING);
		return false;
	}
	prev->sched_contributes_to_load =
	    (state & TASK_UNINTERRUPTIBLE) && !(state & (TASK_NOLOAD | TASK_FROZEN));
	sleep_begins(rq, prev, state);
	/* One that is gone for good can pay for nothing: it is freed soon. */
	if (state == TASK_DEAD && !sched_mutant(DEAD_STAY_QUEUED))
		flags |= DEQUEUE_SPECIAL;
	if (dequeue_task(rq, prev, flags))
		__block_task(rq, prev);
	return true;
}

/*
 * Gives the CPU of rq, ours, to the best task. Preemption off, the queue locked and its clock
 * fresh; gives up the lock and turns interrupts on. preempted: prev did not ask, and stays runnable
 * whatever its state says: it may be between setting it and looking at its condition.
 */
static void schedule_locked(struct rq *rq, bool preempted)
{
	struct task_struct *prev = rq->curr, *next;
	unsigned int prev_state;
	bool voluntary;

	lockdep_assert_held(&rq->lock);
	prev_state = READ_ONCE(prev->__state);
	voluntary = !preempted && prev_state;
	/* A signal keeps it awake: for those who watch it wants the CPU as before. */
	if (voluntary && !try_to_block_task(rq, prev, prev_state))
		prev_state = TASK_RUNNING;
	next = pick_next_task(rq, prev);
	clear_tsk_thread_flag(prev, TIF_NEED_RESCHED);
	rq->clock_fresh = false;
	check_rq(rq, "schedule");
	if (likely(prev != next)) {
		rq->nr_switches++;
		if (voluntary)
			prev->nvcsw++;
		else
			prev->nivcsw++;
		if (prev->rseq)
			sched_env_rseq_switched_out(prev);
		WRITE_ONCE(rq->curr, next);
		trace_sched_switch(preempted, prev, next, prev_state);
		context_switch(rq, prev, next);
	} else {
		rq->nr_unswitched++;
		trace_sched_exit(false);
		run_balance_callback(rq);
		raw_spin_unlock_irq(&rq->lock);
	}
}

/* The same with nothing held yet. */
static void __schedule(bool preempted)
{
	struct rq *rq;

	local_irq_disable();
	trace_sched_entry(preempted);
	rcu_note_context_switch();
	rq = this_rq();
	rq_lock(rq);
	/* Orders the sleeper's "state = asleep" against the look at it by signal senders. */
	smp_mb();
	if (!rq->clock_fresh)
		update_rq_clock(rq);
	schedule_locked(rq, preempted);
}

void schedule(void)
{
	/* The state may be set already: this is no place for a switch of its own. */
	might_sleep_check();
	do {
		preempt_disable();
		__schedule(false);
		preempt_enable_no_resched();
	} while (need_resched());
}

void schedule_preempt_disabled(void)
{
	preempt_enable_no_resched();
	schedule();
	preempt_disable();
}

/* The idle task's own: it is always runnable, and its preemption stays off. */
void schedule_idle(void)
{
	do {
		__schedule(false);
	} while (need_resched());
}

static void preempt_schedule_common(void)
{
	do {
		preempt_disable();
		/* An interrupt since the caller's look may have done it; from here none does. */
		if (need_resched())
			__schedule(true);
		preempt_enable_no_resched();
	} while (need_resched());
}

void preempt_schedule(void)
{
	if (preemptible() && preempt_choice == PREEMPT_FULL)
		preempt_schedule_common();
}

void preempt_schedule_irq(void)
{
	ASSERT(irqs_disabled() && !preempt_count());
	if (preempt_choice != PREEMPT_FULL)
		return;
	do {
		preempt_disable();
		local_irq_enable();
		__schedule(true);
		local_irq_disable();
		preempt_enable_no_resched();
	} while (need_resched());
}

bool cond_resched(void)
{
	if (likely(!need_resched()) || !preemptible())
		return false;
	preempt_schedule_common();
	return true;
}

/* The last schedule() of a task, which nothing may wake any more: it never returns. */
__noreturn void do_task_dead(void)
{
	current->flags |= PF_NOFREEZE;
	/* A preempted task keeps its place in the queue; one that is seen as dead must not. */
	preempt_disable();
	/*
	 * A waker that found the old state may still be between that look and setting it to
	 * running; it holds pi_lock all the while. After this, TASK_DEAD stays.
	 */
	raw_spin_lock_irq(&current->pi_lock);
	__set_current_state(TASK_DEAD);
	raw_spin_unlock_irq(&current->pi_lock);
	__schedule(false);
	panic("a dead task was given the CPU");
}

int io_schedule_prepare(void)
{
	int was = current->in_iowait;

	current->in_iowait = true;
	return was;
}

void io_schedule_finish(int token)
{
	current->in_iowait = token;
}

void io_schedule(void)
{
	int token = io_schedule_prepare();

	schedule();
	io_schedule_finish(token);
}

/* One turn of the lock for both: the queue as the class left it is the one that is picked from. */
void sched_yield_current(void)
{
	struct rq *rq;

	might_sleep();
	preempt_disable();
	trace_sched_entry(false);
	rq = lock_this_rq_irq();
	rcu_note_context_switch();
	rq->yld_count++;
	update_rq_clock(rq);
	if (current->sched_class->yield_task)
		current->sched_class->yield_task(rq);
	schedule_locked(rq, false);
	preempt_enable_no_resched();
	if (need_resched())
		schedule();
}

void scheduler_tick(void)
{
	struct rq *rq = this_rq();
	struct task_struct *curr;

	rq_lock(rq);
	curr = rq->curr;
	update_rq_clock(rq);
	curr->sched_class->task_tick(rq, curr);
	update_cpu_capacity(rq);
	update_util_scale(rq);
	calc_global_load_tick(rq);
	psi_change(rq);
	if (JIFFY_CHECKS)
		monitor_idleness(rq);
	check_rq(rq, "tick");
	rq_unlock(rq);
	/* It may send a signal, whose locks are taken outside rq->lock. */
	if (rt_task(curr))
		sched_env_rt_watchdog(curr, curr->rt.timeout);
	if (unlikely(curr->dl.dl_overrun)) {
		curr->dl.dl_overrun = 0;
		sched_env_dl_overrun(curr);
	}
	trigger_load_balance(rq);
	psi_tick();
}

bool task_curr(const struct task_struct *p)
{
	return cpu_curr(task_cpu(p)) == p;
}

bool idle_cpu(int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->curr) == rq->idle && !READ_ONCE(rq->nr_running);
}

struct task_struct *idle_task(int cpu)
{
	return cpu_rq(cpu)->idle;
}

unsigned long nr_running(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu (cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_running);
	return sum;
}

unsigned long nr_iowait(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu (cpu)
		sum += atomic_read(&cpu_rq(cpu)->nr_iowait);
	return sum;
}

unsigned long long nr_context_switches(void)
{
	unsigned long long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu (cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_switches);
	return sum;
}

/* An interrupt makes t's CPU leave user mode, where it sees what changed. */
void kick_process(struct task_struct *t)
{
	int cpu;

	preempt_disable();
	cpu = task_cpu(t);
	if (cpu != smp_processor_id() && task_curr(t))
		arch_send_reschedule(cpu);
	preempt_enable();
}

u64 task_sched_runtime(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;
	u64 ns;

	/* Not on a CPU: its sum stands still, and a 64-bit word is read whole. */
	if (!READ_ONCE(p->on_cpu) || !READ_ONCE(p->on_rq))
		return READ_ONCE(p->se.sum_exec_runtime);
	rq = task_rq_lock(p, &flags);
	if (task_current(rq, p) && task_on_rq_queued(p)) {
		update_rq_clock(rq);
		p->sched_class->update_curr(rq);
	}
	ns = p->se.sum_exec_runtime;
	task_rq_unlock(rq, p, &flags);
	return ns;
}
