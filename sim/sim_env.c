/* SPDX-License-Identifier: MIT */
/*
 * The simulator's answers to sched/env.h: clock, timers, interrupts between CPUs, the switch,
 * locks that know their owner, memory, log. Called by the scheduler's files only.
 */
#include <stdlib.h>

#include "sim.h"

bool sim_irqs_off;
unsigned long sim_cpu_offset;
int sim_cpu;
struct task_struct *sim_current;

volatile unsigned long jiffies;
unsigned int nr_cpu_ids = 1;
cpumask_t __cpu_possible_mask, __cpu_present_mask, __cpu_online_mask, __cpu_active_mask;
unsigned long __per_cpu_offset[NR_CPUS];
struct task_struct init_task;
struct boot_info boot_info;
DEFINE_PER_CPU(int, __preempt_count);

u64 sched_clock(void)
{
	return sim_now;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "panic at %llu ns on CPU %d: ", (unsigned long long)sim_now, sim_cpu);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void warn_slowpath(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "warning at %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	sim_broken = "a warning";
}

bool sim_quiet;

int printk(const char *fmt, ...)
{
	va_list ap;
	int n;

	if (fmt[0] == KERN_SOH[0]) {
		if (sim_quiet && fmt[1] >= KERN_NOTICE[1])
			return 0;
		fmt += 2;
	}
	va_start(ap, fmt);
	n = vfprintf(stderr, fmt, ap);
	va_end(ap);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!size)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n < (int)size ? n : (int)size - 1;
}

void arch_cpu_relax(void)
{
	panic("a spin loop in a world of one thread never ends");
}

/* Timers: an event that finds its timer armed for this very time runs it. */
void hrtimer_init(struct hrtimer *t, clockid_t clock, enum hrtimer_mode mode)
{
	memset(t, 0, sizeof(*t));
}

static void run_hrtimer(void *arg, u64 expires)
{
	struct hrtimer *t = arg;

	if (!t->state || (u64)t->expires != expires)
		return;
	t->state = 0;
	if (t->function(t) == HRTIMER_RESTART)
		hrtimer_start(t, t->expires, HRTIMER_MODE_ABS);
}

void hrtimer_start_range_ns(struct hrtimer *t, ktime_t when, u64 slack, enum hrtimer_mode mode)
{
	t->expires = when + (mode & HRTIMER_MODE_REL ? (ktime_t)sim_now : 0);
	t->state = 1;
	sim_post(max((u64)t->expires, sim_now), sim_cpu, run_hrtimer, t, t->expires);
}

int hrtimer_try_to_cancel(struct hrtimer *t)
{
	int armed = t->state;

	t->state = 0;
	return armed;
}

/* Callbacks are events of their own: none is ever under way. */
int hrtimer_cancel(struct hrtimer *t)
{
	return hrtimer_try_to_cancel(t);
}

bool hrtimer_is_queued(const struct hrtimer *t)
{
	return t->state;
}

u64 hrtimer_forward_now(struct hrtimer *t, ktime_t interval)
{
	u64 n = 0;

	while (t->expires <= (ktime_t)sim_now) {
		t->expires += interval;
		n++;
	}
	return n;
}

ktime_t hrtimer_get_remaining(const struct hrtimer *t)
{
	return t->expires - (ktime_t)sim_now;
}

/* Pokes. */
static void take_ipi(void *arg, u64 tag)
{
	scheduler_ipi();
}

void arch_send_reschedule(int cpu)
{
	sim_post(sim_now + sim_config.ipi_ns, cpu, take_ipi, NULL, 0);
}

struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next)
{
	sim_current = next;
	sim_task_switched(prev, next);
	return prev;
}

/* Softirqs: raised inside an event, run at its end. */
static void (*sched_softirq)(void);
static DEFINE_PER_CPU(bool, softirq_pending);

void open_softirq(int nr, void (*action)(void))
{
	sched_softirq = action;
}

void raise_softirq_irqoff(int nr)
{
	this_cpu_write(softirq_pending, true);
}

void sim_run_softirqs(void)
{
	if (!this_cpu_read(softirq_pending))
		return;
	this_cpu_write(softirq_pending, false);
	sched_softirq();
}

/* RCU: nobody reads while another writes. */
void rcu_note_context_switch(void)
{
}

void (*sim_after_rcu)(void);

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	func(head);
	if (sim_after_rcu)
		sim_after_rcu();
}

void synchronize_rcu(void)
{
}

void cpus_read_lock(void)
{
}

void cpus_read_unlock(void)
{
}

void complete(struct completion *c)
{
	c->done++;
}

/* Instead of sleeping: every migration thread that has work gets its CPU and does it. */
void wait_for_completion(struct completion *c)
{
	unsigned int cpu;
	int self = sim_cpu;

	while (!c->done) {
		bool worked = false;

		for_each_online_cpu (cpu) {
			if (!cpu_stopper_has_work(cpu))
				continue;
			worked = true;
			sim_switch_cpu(cpu);
			sim_run_stopper();
		}
		if (!worked)
			panic("waits for what nobody will do");
	}
	sim_switch_cpu(self);
}

void (*sim_before_mutex)(void);

void mutex_lock_nested(struct mutex *lock, int subclass)
{
	void (*before)(void) = sim_before_mutex;

	sim_before_mutex = NULL;
	if (before)
		before();
	if (lock->owner)
		panic("a mutex is taken twice");
	lock->owner = current;
}

void mutex_unlock(struct mutex *lock)
{
	lock->owner = NULL;
}

#ifdef JIFFY_CHECKED
/* One thread: a lock that is held when it is wanted is a deadlock for sure. */
static struct lockdep_map *held[32];
static int nr_held;

void lock_acquire(struct lockdep_map *map, int subclass, bool trylock, bool read, bool sleeps,
		  unsigned long ip)
{
	if (nr_held == ARRAY_SIZE(held))
		panic("too many locks are held");
	held[nr_held++] = map;
}

void lock_release(struct lockdep_map *map, unsigned long ip)
{
	int i;

	for (i = nr_held - 1; i >= 0; i--)
		if (held[i] == map)
			break;
	if (i < 0)
		panic("%s is given back and was not held", map->name);
	memmove(held + i, held + i + 1, (nr_held - i - 1) * sizeof(held[0]));
	nr_held--;
}

bool lock_is_held(const struct lockdep_map *map)
{
	int i;

	for (i = 0; i < nr_held; i++)
		if (held[i] == map)
			return true;
	return false;
}

/* A simulated CPU idles only between events: whoever reads is watched. */
void rcu_read_lock(void)
{
	preempt_disable();
}

void __might_sleep(const char *file, int line)
{
	if (nr_held)
		panic("%s:%d: sleeps with %s held", file, line, held[nr_held - 1]->name);
}

/*
 * Two run queues are taken lower address first, and a run queue is never held when a pi_lock is
 * wanted. Names are the expressions that initialised the locks.
 */
static void check_order(spinlock_t *lock)
{
	bool pi = !strcmp(lock->dep_map.name, "&p->pi_lock");
	bool rq = !strcmp(lock->dep_map.name, "&rq->lock");
	int i;

	for (i = 0; i < nr_held; i++) {
		bool held_rq = !strcmp(held[i]->name, "&rq->lock");

		if (held_rq && pi)
			panic("pi_lock is wanted with a run queue held");
		if (held_rq && rq && held[i] > &lock->dep_map)
			panic("run queues are taken in the wrong order");
	}
}

void spin_lock_nested(spinlock_t *lock, int subclass)
{
	preempt_disable();
	if (spin_is_locked(lock))
		panic("deadlock: %s is held", lock->dep_map.name);
	check_order(lock);
	arch_neutral_spin_lock(lock);
	lock_acquire(&lock->dep_map, subclass, false, false, false, 0);
}

bool spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (arch_neutral_spin_trylock(lock)) {
		lock_acquire(&lock->dep_map, 0, true, false, false, 0);
		return true;
	}
	preempt_enable();
	return false;
}

void __spin_release(spinlock_t *lock)
{
	lock_release(&lock->dep_map, 0);
	arch_neutral_spin_unlock(lock);
}
#endif

void __spin_lock_slow(spinlock_t *lock)
{
	panic("deadlock: a lock is held in a world of one thread");
}

bool fatal_signal_pending(struct task_struct *t)
{
	return false;
}

void put_task_struct(struct task_struct *t)
{
	BUG_ON(refcount_dec_and_test(&t->usage));
}

struct mm_struct *sched_env_switch_mm(struct task_struct *prev, struct task_struct *next)
{
	return NULL;
}

void sched_env_idle_mm(struct task_struct *idle)
{
}

void sched_env_mmdrop(struct mm_struct *mm)
{
}

void sched_env_first_run(struct task_struct *t)
{
}

/* Simulated tasks have no user mode that could be in the middle of a sequence. */
void sched_env_rseq_switched_out(struct task_struct *p)
{
	BUG_ON(p->rseq);
}

void sched_env_rseq_migrated(struct task_struct *p)
{
	BUG_ON(p->rseq);
}

void sched_env_task_dead(struct task_struct *p)
{
	sim_task_of(p)->exited = true;
}

void *sched_env_alloc(size_t size, bool atomic)
{
	return calloc(1, size);
}

void sched_env_free(void *p)
{
	free(p);
}

/* The machine is regular: threads in cores in caches in packages, a package a memory node. */
const struct cpu_topology *sched_env_topology(int cpu)
{
	static struct cpu_topology *all;
	const struct sim_config *c = &sim_config;
	unsigned int i;

	if (!all) {
		all = calloc(nr_cpu_ids, sizeof(*all));
		BUG_ON(!all);
		for (i = 0; i < nr_cpu_ids; i++) {
			all[i].core_id = i / c->threads_per_core;
			all[i].llc_id = all[i].core_id / c->cores_per_llc;
			all[i].package_id = all[i].node = all[i].llc_id / c->llcs_per_node;
		}
	}
	return &all[cpu];
}

int sched_env_node_distance(int a, int b)
{
	return a == b ? 10 : 20;
}

unsigned long sched_env_cpu_capacity(int cpu)
{
	return sim_config.capacity ? sim_config.capacity[cpu] : SCHED_CAPACITY_SCALE;
}

unsigned long sched_env_freq_scale(void)
{
	return sim_next_frequency();
}

/* Tasks of one program share an address space. */
const void *sched_env_task_mm(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD ? NULL : container_of(p, const struct sim_task, task)->program;
}

unsigned long sched_env_rlimit_nice(const struct task_struct *p)
{
	return 40;
}

unsigned long sched_env_rlimit_rtprio(const struct task_struct *p)
{
	return MAX_RT_PRIO - 1;
}

bool sched_env_capable_nice(void)
{
	return true;
}

bool sched_env_same_owner(struct task_struct *p)
{
	return true;
}

void sched_env_dl_overrun(struct task_struct *p)
{
	sim_task_of(p)->overruns++;
}

void sched_env_rt_watchdog(struct task_struct *p, unsigned long ticks)
{
}

/* Simulated tasks are boosted by their programs, not by locks. */
void sched_env_prio_changed(struct task_struct *p)
{
	BUG_ON(p->pi_blocked_on);
}

/* A simulated process has one thread. */
void sched_env_for_each_thread(struct task_struct *p, void (*fn)(struct task_struct *t, void *arg),
			       void *arg)
{
	fn(p, arg);
}
