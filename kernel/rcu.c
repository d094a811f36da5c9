/* SPDX-License-Identifier: MIT */
/*
 * Grace periods. A grace period has a number; when it starts, the CPUs that could hold a reader
 * are put in a mask, and each takes itself out at its first quiescent state after that: a task
 * switch, a tick that interrupted user mode or the idle loop. An idle CPU (its `dynticks` even)
 * holds no reader and is taken out by whoever looks. When the mask is empty the period is over.
 *
 * Why a callback queued before period n starts is safe after period n ends: a reader that could
 * have seen the old pointer began before the callback was queued, so before n started, and its
 * CPU cannot have been in a quiescent state of n before that reader ended.
 *
 * Callbacks whose period is over are called in a softirq, one after another. There can be
 * thousands, so a task does not wait for all of them: neither one that waits for the CPU, for
 * which the rest is left to the next tick (and not to ksoftirqd, which the task might find before
 * it in the queue), unless that has been so for long: memory that does not come back is worse. Nor
 * one that the tick has interrupted: a tick calls BATCH of them or, if that is more, a sixteenth of
 * those that the CPU has. With A new ones a tick as many are called a tick when 16 * A are there:
 * what sixteen ticks bring is as much as ever waits its turn. An idle CPU has nothing better to do,
 * and where somebody sleeps until callbacks have run, or memory runs short, all are called.
 *
 * Serialization rules: gp.lock (interrupts off) guards gp; rcu_data is its CPU's own, with
 * interrupts off, and `done' and `called' its softirq's own; dynticks is read by others. nr_waiters
 * and hurry_until are hints: an old value costs a tick.
 */
#include <jiffy/cpuhotplug.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/rcu_private.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>

#define PATIENCE   (HZ / 10) /* jiffies until waiting tasks do not matter any more */
#define BATCH	   16UL	     /* callbacks that a running task puts up with at a time */
#define PART_SHIFT 4	     /* ... or so much of all that wait on its CPU: 1/16 */

struct cblist {
	struct rcu_head *head, **tail;
};

struct rcu_data {
	struct cblist next;	  /* not yet given to a grace period */
	struct cblist wait;	  /* for the end of period wait_gp */
	struct cblist done;	  /* their period is over: to be called */
	unsigned long done_since; /* jiffies, when the first of a filled `done' came */
	unsigned long queued;	  /* how many callbacks have ever come to the three lists */
	unsigned long called;	  /* how many of them were called */
	unsigned long wait_gp;
	unsigned long seen_gp; /* the period for which `quiet` counts */
	bool quiet;	       /* a quiescent state since this CPU saw seen_gp start */
	atomic_t dynticks;     /* odd: may hold readers */
	bool from_idle;	       /* the outermost interrupt came out of the idle loop */
};

static DEFINE_PER_CPU(struct rcu_data, rcu_data) = {.dynticks = ATOMIC_INIT(1)};

static struct {
	spinlock_t lock;
	unsigned long current_gp;   /* the latest that was started */
	unsigned long completed_gp; /* the latest that is over */
	unsigned long wanted_gp;    /* up to which somebody waits */
	cpumask_t pending;	    /* CPUs not yet quiet in current_gp */
	cpumask_t online;	    /* CPUs that may hold readers: from before online to after it */
} gp = {.lock = __SPIN_LOCK_UNLOCKED(gp.lock)};

static atomic_t nr_waiters;	  /* who sleep until callbacks have run */
static unsigned long hurry_until; /* jiffies: memory is short until then */

static void cblist_init(struct cblist *l)
{
	l->head = NULL;
	l->tail = &l->head;
}

static void cblist_append(struct cblist *l, struct rcu_head *first, struct rcu_head **tail)
{
	*l->tail = first;
	l->tail = tail;
}

#ifdef JIFFY_CHECKED

void rcu_read_lock(void)
{
	preempt_disable();
	ASSERT(atomic_read(&this_cpu_ptr(&rcu_data)->dynticks) & 1);
}

#endif

static bool cpu_is_idle(int cpu)
{
	return !(atomic_read_acquire(&per_cpu(rcu_data, cpu).dynticks) & 1);
}

/*
 * The full barrier pairs with the one in rcu_idle_exit(): either we see the CPU out of idle and
 * wait for it, or it sees every store made before the period started.
 */
static void drop_idle_cpus(void)
{
	int cpu;

	lockdep_assert_held(&gp.lock);
	smp_mb();
	for_each_cpu (cpu, &gp.pending)
		if (cpu_is_idle(cpu))
			cpumask_clear_cpu(cpu, &gp.pending);
}

static void start_if_wanted(void)
{
	lockdep_assert_held(&gp.lock);
	while (gp.completed_gp == gp.current_gp && gp.wanted_gp > gp.completed_gp) {
		gp.current_gp++;
		cpumask_copy(&gp.pending, &gp.online);
		drop_idle_cpus();
		if (!cpumask_empty(&gp.pending))
			return;
		WRITE_ONCE(gp.completed_gp, gp.current_gp);
	}
}

/* This CPU's part in the running period, and the look for CPUs that went idle. irqs off. */
static void report_quiet(struct rcu_data *rd)
{
	int cpu = smp_processor_id();

	spin_lock(&gp.lock);
	if (gp.completed_gp != gp.current_gp) {
		if (rd->seen_gp == gp.current_gp && rd->quiet)
			cpumask_clear_cpu(cpu, &gp.pending);
		drop_idle_cpus();
		if (cpumask_empty(&gp.pending)) {
			WRITE_ONCE(gp.completed_gp, gp.current_gp);
			start_if_wanted();
		}
	}
	if (rd->seen_gp != gp.current_gp) {
		rd->seen_gp = gp.current_gp;
		rd->quiet = false;
	}
	spin_unlock(&gp.lock);
}

static void want_gp(unsigned long nr)
{
	spin_lock(&gp.lock);
	if (nr > gp.wanted_gp)
		gp.wanted_gp = nr;
	start_if_wanted();
	spin_unlock(&gp.lock);
}

/* Hands the new callbacks to the first period that starts after now. irqs off. */
static void advance(struct rcu_data *rd)
{
	if (rd->wait.head || !rd->next.head)
		return;
	rd->wait = rd->next;
	cblist_init(&rd->next);
	spin_lock(&gp.lock);
	rd->wait_gp = gp.current_gp + 1;
	spin_unlock(&gp.lock);
	want_gp(rd->wait_gp);
}

static void run_callback(struct rcu_head *cb)
{
	/* A small number in place of a function: kfree() of what the head is inside. */
	if ((unsigned long)cb->func < 4096)
		kfree((char *)cb - (unsigned long)cb->func);
	else
		cb->func(cb);
}

/* How many callbacks this CPU may call beside a task that runs, or that waits for long already. */
static unsigned long batch_size(const struct rcu_data *rd)
{
	if (atomic_read(&nr_waiters) || time_before(jiffies, READ_ONCE(hurry_until)))
		return ~0UL;
	return max(BATCH, (READ_ONCE(rd->queued) - rd->called) >> PART_SHIFT);
}

static void run_done(struct rcu_data *rd)
{
	bool patient = time_before(jiffies, rd->done_since + PATIENCE);
	unsigned long batch = batch_size(rd), n;
	struct rcu_head *cb;

	for (n = 0; (cb = rd->done.head); n++) {
		if (need_resched() ? patient || n >= batch : n >= batch && !is_idle_task(current))
			break;
		rd->done.head = cb->next;
		if (!rd->done.head)
			cblist_init(&rd->done);
		rd->called++;
		run_callback(cb);
	}
}

static void rcu_softirq(void)
{
	struct rcu_data *rd;
	unsigned long flags;

	local_irq_save(flags);
	rd = this_cpu_ptr(&rcu_data);
	report_quiet(rd);
	if (rd->wait.head && READ_ONCE(gp.completed_gp) >= rd->wait_gp) {
		if (!rd->done.head)
			rd->done_since = jiffies;
		cblist_append(&rd->done, rd->wait.head, rd->wait.tail);
		cblist_init(&rd->wait);
	}
	advance(rd);
	local_irq_restore(flags);
	run_done(rd);
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	struct rcu_data *rd;
	unsigned long flags;

	head->func = func;
	head->next = NULL;
	local_irq_save(flags);
	rd = this_cpu_ptr(&rcu_data);
	cblist_append(&rd->next, head, &head->next);
	rd->queued++;
	local_irq_restore(flags);
}

void kfree_rcu_call(struct rcu_head *head, size_t offset)
{
	call_rcu(head, (void (*)(struct rcu_head *))offset);
}

/* No clock and no shared line: this runs at every task switch. */
void rcu_note_context_switch(void)
{
	this_cpu_write(rcu_data.quiet, true);
}

bool rcu_needs_cpu(void)
{
	struct rcu_data *rd = this_cpu_ptr(&rcu_data);

	return rd->next.head || rd->wait.head || rd->done.head;
}

void rcu_check_callbacks(bool user)
{
	struct rcu_data *rd = this_cpu_ptr(&rcu_data);

	/* from_idle was in a quiescent state when the tick came, unless interrupts nest in it. */
	if (user || (rd->from_idle && hardirq_count() == HARDIRQ_OFFSET && !softirq_count()))
		rd->quiet = true;
	if (rcu_needs_cpu() || READ_ONCE(gp.current_gp) != READ_ONCE(gp.completed_gp))
		raise_softirq_irqoff(RCU_SOFTIRQ);
}

void rcu_idle_enter(void)
{
	atomic_inc_return(&this_cpu_ptr(&rcu_data)->dynticks);
}

void rcu_idle_exit(void)
{
	atomic_inc_return(&this_cpu_ptr(&rcu_data)->dynticks);
}

void rcu_irq_enter(void)
{
	struct rcu_data *rd = this_cpu_ptr(&rcu_data);

	if (!(atomic_read(&rd->dynticks) & 1)) {
		atomic_inc_return(&rd->dynticks);
		rd->from_idle = true;
	}
}

void rcu_irq_exit(void)
{
	struct rcu_data *rd = this_cpu_ptr(&rcu_data);

	/* One that came while the softirqs of another ran, or nests in it, is not the last. */
	if (rd->from_idle && !in_interrupt()) {
		rd->from_idle = false;
		atomic_inc_return(&rd->dynticks);
	}
}

static void kick(void *unused)
{
	raise_softirq_irqoff(RCU_SOFTIRQ);
}

static int switch_tasks(void *unused)
{
	return 0;
}

/*
 * Sleeps until callbacks have run, and hurries. A round makes each CPU look at the state of grace
 * periods and then switch tasks; it takes three to start a period, to note a quiet state in it and
 * to end it, where the tick alone would take as many ticks.
 */
static void wait_expedited(struct completion *done)
{
	bool running = system_state == SYSTEM_RUNNING;
	int cpu;

	atomic_inc(&nr_waiters);
	for (int round = 0; running && round < 4 && !completion_done(done); round++) {
		on_each_cpu(kick, NULL, true);
		for_each_online_cpu (cpu)
			stop_one_cpu(cpu, switch_tasks, NULL);
	}
	wait_for_completion(done);
	atomic_dec(&nr_waiters);
}

void rcu_hurry(void)
{
	unsigned long until = jiffies + PATIENCE;

	/* Many may call at once, and once a tick is enough. */
	if (READ_ONCE(hurry_until) != until)
		WRITE_ONCE(hurry_until, until);
}

/*
 * A period that has started does not wait for a CPU that comes later: what was unlinked before
 * the period is unlinked for it, by gp.lock.
 */
void rcu_cpu_starting(void)
{
	struct rcu_data *rd = this_cpu_ptr(&rcu_data);

	if (!(atomic_read(&rd->dynticks) & 1))
		atomic_inc_return(&rd->dynticks);
	rd->quiet = false;
	spin_lock(&gp.lock);
	cpumask_set_cpu(smp_processor_id(), &gp.online);
	spin_unlock(&gp.lock);
}

void rcu_cpu_dying(void)
{
	spin_lock(&gp.lock);
	cpumask_clear_cpu(smp_processor_id(), &gp.online);
	spin_unlock(&gp.lock);
	/* Idle, for good: the next to look takes it out of the running period. */
	rcu_idle_enter();
}

/*
 * The dead CPU's callbacks become new ones of this CPU: they wait longer than they need. The full
 * barriers of call_rcu()'s users are theirs; the CPU's death came after all of them.
 */
void rcu_cpu_dead(unsigned int cpu)
{
	struct rcu_data *dead = per_cpu_ptr(&rcu_data, cpu), *rd;
	unsigned long flags;

	local_irq_save(flags);
	rd = this_cpu_ptr(&rcu_data);
	if (dead->done.head)
		cblist_append(&rd->next, dead->done.head, dead->done.tail);
	if (dead->wait.head)
		cblist_append(&rd->next, dead->wait.head, dead->wait.tail);
	if (dead->next.head)
		cblist_append(&rd->next, dead->next.head, dead->next.tail);
	rd->queued += dead->queued - dead->called;
	dead->called = dead->queued;
	cblist_init(&dead->done);
	cblist_init(&dead->wait);
	cblist_init(&dead->next);
	local_irq_restore(flags);
}

struct sync_waiter {
	struct rcu_head rcu;
	struct completion done;
};

static void wake_sync(struct rcu_head *head)
{
	complete(&container_of(head, struct sync_waiter, rcu)->done);
}

void synchronize_rcu(void)
{
	struct sync_waiter w;

	/* Until the scheduler runs there is one CPU and one task, which is not in a reader. */
	if (system_state == SYSTEM_BOOTING)
		return;
	might_sleep();
	init_completion(&w.done);
	call_rcu(&w.rcu, wake_sync);
	wait_expedited(&w.done);
}

struct barrier_state {
	struct rcu_head heads[NR_CPUS];
	atomic_t left;
	struct completion done;
};

static struct barrier_state *barrier_state; /* under barrier_mutex */
static DEFINE_MUTEX(barrier_mutex);

static void barrier_callback(struct rcu_head *head)
{
	if (atomic_dec_and_test(&barrier_state->left))
		complete(&barrier_state->done);
}

static void barrier_queue(void *unused)
{
	atomic_inc(&barrier_state->left);
	call_rcu(&barrier_state->heads[smp_processor_id()], barrier_callback);
}

void rcu_barrier(void)
{
	struct barrier_state *b = kzalloc(sizeof(*b), GFP_KERNEL | __GFP_NOFAIL);

	init_completion(&b->done);
	atomic_set(&b->left, 1);
	/* Between a CPU's end and the adoption of its callbacks they would be missed. */
	cpus_read_lock();
	mutex_lock(&barrier_mutex);
	barrier_state = b;
	on_each_cpu(barrier_queue, NULL, true);
	if (!atomic_dec_and_test(&b->left))
		wait_expedited(&b->done);
	mutex_unlock(&barrier_mutex);
	cpus_read_unlock();
	/* complete() may still hold the completion's lock on another CPU. */
	spin_lock_irq(&b->done.wait.lock);
	spin_unlock_irq(&b->done.wait.lock);
	kfree(b);
}

void rcu_init(void)
{
	int cpu;

	for_each_possible_cpu (cpu) {
		struct rcu_data *rd = per_cpu_ptr(&rcu_data, cpu);

		cblist_init(&rd->next);
		cblist_init(&rd->wait);
		cblist_init(&rd->done);
	}
	cpumask_set_cpu(0, &gp.online);
	open_softirq(RCU_SOFTIRQ, rcu_softirq);
}
