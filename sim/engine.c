/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine: the queue of events, the CPUs, what is checked after each event. See sim.h.
 * Its tasks are in sim/tasks.c, what they do in sim/ops.c.
 */
#include <stdlib.h>

#include "../sched/monitor.h"
#include "../sched/record.h"
#include "engine.h"

struct sim_config sim_config = {
    .cpus = 1, .threads_per_core = 1, .cores_per_llc = 8, .llcs_per_node = 1, .ipi_ns = 1000};
u64 sim_now, sim_events;
const char *sim_broken;

struct event {
	u64 when, order, tag;
	void (*fn)(void *arg, u64 tag);
	void *arg;
	int cpu;
};

/* A binary heap by (when, order). */
static struct event *heap;
static size_t heap_len, heap_size;
static u64 next_order;

struct sim_cpu_state *sim_cpus;

static bool earlier(const struct event *a, const struct event *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

void sim_post(u64 when, int cpu, void (*fn)(void *arg, u64 tag), void *arg, u64 tag)
{
	size_t i, up;
	struct event e = {when, next_order++, tag, fn, arg, cpu};

	if (heap_len == heap_size) {
		heap_size = heap_size ? 2 * heap_size : 1024;
		heap = realloc(heap, heap_size * sizeof(*heap));
		BUG_ON(!heap);
	}
	for (i = heap_len++; i; i = up) {
		up = (i - 1) / 2;
		if (!earlier(&e, &heap[up]))
			break;
		heap[i] = heap[up];
	}
	heap[i] = e;
}

static struct event pop(void)
{
	struct event top = heap[0], last = heap[--heap_len];
	size_t i, down;

	for (i = 0; (down = 2 * i + 1) < heap_len; i = down) {
		if (down + 1 < heap_len && earlier(&heap[down + 1], &heap[down]))
			down++;
		if (!earlier(&heap[down], &last))
			break;
		heap[i] = heap[down];
	}
	heap[i] = last;
	return top;
}

void sim_switch_cpu(int cpu)
{
	sim_cpus[sim_cpu].irqs_off = sim_irqs_off;
	sim_cpu = cpu;
	sim_cpu_offset = __per_cpu_offset[cpu];
	sim_irqs_off = sim_cpus[cpu].irqs_off;
	sim_current = cpu_rq(cpu)->curr;
}

/* The idle task keeps preemption off; all others start from 0. */
void sim_set_base_preempt(void)
{
	preempt_count_set(is_idle_task(current) ? PREEMPT_OFFSET : 0);
}

void sim_schedule(bool preempt)
{
	sim_set_base_preempt();
	if (is_idle_task(current)) {
		schedule_idle();
	} else if (preempt) {
		arch_local_irq_disable();
		preempt_schedule_irq();
		arch_local_irq_enable();
	} else {
		schedule();
	}
	sim_set_base_preempt();
}

/* The span that t has run since run_since, when this is a fast CPU. */
void sim_count_fast(struct sim_task *t)
{
	if (this_rq()->cpu_capacity_orig == SCHED_CAPACITY_SCALE)
		t->fast_ns += sim_now - t->run_since;
}

/* What t, which has this CPU, has done since run_since at the CPU's frequency. */
static void count_work(struct sim_task *t)
{
	u64 done = (sim_now - t->run_since) * sim_cpus[sim_cpu].frequency >> SCHED_CAPACITY_SHIFT;

	sim_count_fast(t);
	t->remaining -= min(t->remaining, done);
	t->run_since = sim_now;
	sim_cpus[sim_cpu].done_due = 0;
}

unsigned long sim_frequency(int cpu)
{
	return sim_cpus[cpu].frequency;
}

/*
 * With a governor: as the scheduler wants it, at each tick; no CPU has less than an eighth of its
 * highest frequency. The hint is a part of the fastest CPU, the frequency one of this CPU's own.
 */
unsigned long sim_next_frequency(void)
{
	struct sim_cpu_state *c = &sim_cpus[sim_cpu];
	unsigned long wanted;

	if (!sim_config.governor)
		return c->frequency;
	wanted =
	    sched_frequency_hint(this_rq()) * SCHED_CAPACITY_SCALE / this_rq()->cpu_capacity_orig;
	if (!(current->flags & PF_KTHREAD))
		count_work(sim_task_of(current));
	c->frequency = clamp(wanted, SCHED_CAPACITY_SCALE / 8, SCHED_CAPACITY_SCALE);
	return c->frequency;
}

void sim_task_switched(struct task_struct *prev, struct task_struct *next)
{
	struct sim_task *p = sim_task_of(prev), *n = sim_task_of(next);

	if (!(prev->flags & PF_KTHREAD)) {
		count_work(p);
		if (task_on_rq_queued(prev))
			p->runnable_since = sim_now;
	}
	if (!(next->flags & PF_KTHREAD)) {
		n->run_since = sim_now;
		n->max_delay = max(n->max_delay, sim_now - n->runnable_since);
	}
	sim_cpus[sim_cpu].done_due = 0;
}

void sim_run_stopper(void)
{
	struct task_struct *stop = this_rq()->stop;

	if (current != stop) {
		preempt_count_set(PREEMPT_OFFSET);
		resched_cpu(sim_cpu);
		sim_schedule(true);
	}
	BUG_ON(current != stop);
	cpu_stopper_run(sim_cpu);
	set_current_state(TASK_INTERRUPTIBLE);
	sim_schedule(false);
}

static void computation_done(void *arg, u64 due)
{
	struct sim_task *t;

	if (sim_cpus[sim_cpu].done_due != due)
		return;
	sim_cpus[sim_cpu].done_due = 0;
	t = sim_task_of(current);
	t->remaining = 0;
	t->done++;
}

static void tick(void *arg, u64 due)
{
	if (sim_cpus[sim_cpu].tick_due != due)
		return;
	sim_cpus[sim_cpu].tick_due = 0;
	scheduler_tick();
}

static void arm_tick(void)
{
	struct sim_cpu_state *c = &sim_cpus[sim_cpu];
	/* Spread over the period, as the kernel does. */
	u64 phase = TICK_NSEC / (2 * nr_cpu_ids) * sim_cpu;

	if (c->tick_due)
		return;
	c->tick_due = ((sim_now - phase + TICK_NSEC) / TICK_NSEC) * TICK_NSEC + phase;
	if (c->tick_due <= sim_now)
		c->tick_due += TICK_NSEC;
	sim_post(c->tick_due, sim_cpu, tick, NULL, c->tick_due);
}

static void enter_idle(void)
{
	struct sim_cpu_state *c = &sim_cpus[sim_cpu];

	if (c->idle)
		return;
	c->idle = true;
	c->tick_due = 0;
	arch_local_irq_disable();
	calc_load_nohz_start();
	nohz_balance_enter_idle(sim_cpu);
	arch_local_irq_enable();
}

static void leave_idle(void)
{
	if (!sim_cpus[sim_cpu].idle)
		return;
	sim_cpus[sim_cpu].idle = false;
}

/* True when the current task computes: there is nothing to do before its end. */
static bool computing(struct sim_task *t)
{
	struct sim_cpu_state *c = &sim_cpus[sim_cpu];

	if (!t->remaining)
		return false;
	if (!c->done_due) {
		c->done_due =
		    t->run_since + DIV_ROUND_UP(t->remaining << SCHED_CAPACITY_SHIFT, c->frequency);
		sim_post(c->done_due, sim_cpu, computation_done, NULL, c->done_due);
	}
	return true;
}

void sim_settle(int cpu)
{
	int steps;

	sim_switch_cpu(cpu);
	for (steps = 0; steps < 100000; steps++) {
		if (need_resched()) {
			sim_schedule(true);
		} else if (current == this_rq()->stop) {
			sim_run_stopper();
		} else if (is_idle_task(current)) {
			enter_idle();
			return;
		} else {
			leave_idle();
			arm_tick();
			if (computing(sim_task_of(current)))
				return;
			sim_do_op(sim_task_of(current));
		}
	}
	sim_broken = "a task does no computing and never sleeps";
}

/*
 * Nobody waits on rq whom its class should have preferred to the current task: unless that has been
 * told to go. What eevdf and cfs promise is not so simple, see selftest_fair.c; nor is it goodness,
 * but for real-time tasks.
 */
static const char *check_order(struct rq *rq)
{
	const struct task_struct *curr = rq->curr;
	const struct sched_class *class = curr->sched_class;
	int i;

	if (test_tsk_need_resched(rq->curr))
		return NULL;
	if (class == &rt_sched_class && rq->rt.highest_prio < curr->prio)
		return "a real-time task waits for one that is less urgent";
	if (class == &rt_sched_class &&
	    (rq->rt.rt_throttled || rt_group_throttled(rq->curr, rq->cpu)))
		return "a real-time task runs although its time is used up";
	if (class == &dl_sched_class && rq->dl.dl_nr_running &&
	    (s64)(rq->dl.earliest_deadline - curr->dl.deadline) < 0)
		return "a deadline task waits for one with a later deadline";
	if (class == &o1_sched_class &&
	    (int)find_first_bit(rq->o1.active->bitmap, MAX_PRIO) < curr->prio)
		return "a task of the active array waits for one of a lower priority";
	for (i = 0; JIFFY_CHECKS && class == &goodness_sched_class && i < sim_nr_tasks(); i++) {
		const struct task_struct *p = &sim_task(i)->task;

		if (task_cpu(p) == (unsigned int)rq->cpu && p->good.on_rq &&
		    p->prio < min(curr->prio, MAX_RT_PRIO))
			return "a real-time task waits for one that is less urgent";
	}
	return NULL;
}

/* After each event: the whole run queue of the CPU that it touched, and what it did there. */
static void check_cpu(int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	const struct sched_class *class = rq->curr->sched_class;
	const char *why = check_order(rq);
	int i;

	if (JIFFY_CHECKS) {
		arch_local_irq_disable();
		rq_lock(rq);
		check_rq(rq, "an event");
		rq_unlock(rq);
		arch_local_irq_enable();
	}
	if (why)
		sim_broken = why;
	for (i = 1; JIFFY_CHECKS && i <= sim_nr_groups; i++)
		if (sim_groups[i].bandwidth.period_us && !check_bandwidth(sim_groups[i].tg))
			sim_broken = "quota is lost, or comes from nowhere";
	if (!cpumask_test_cpu(cpu, rq->curr->cpus_ptr))
		sim_broken = "a task runs on a CPU that it may not use";
	if (class->rank > rt_sched_class.rank && rq->rt.rt_nr_running && !rq->rt.rt_throttled)
		sim_broken = "a fair task runs while a real-time task waits on the same CPU";
	if (class == &idle_sched_class && rq->nr_running && !rq->rt.rt_throttled &&
	    !test_tsk_need_resched(rq->curr))
		sim_broken = "a CPU idles beside its own runnable task";
}

bool sim_run_until(u64 ns)
{
	while (heap_len && heap[0].when <= ns && !sim_broken) {
		struct event e = pop();

		sim_now = e.when;
		jiffies = sim_now / TICK_NSEC;
		sim_events++;
		sim_switch_cpu(e.cpu);
		/* An interrupt: no preemption inside. */
		preempt_count_set(preempt_count() + HARDIRQ_OFFSET);
		arch_local_irq_disable();
		e.fn(e.arg, e.tag);
		arch_local_irq_enable();
		preempt_count_set(preempt_count() - HARDIRQ_OFFSET + PREEMPT_OFFSET);
		sim_run_softirqs();
		sim_set_base_preempt();
		sim_settle(e.cpu);
		check_cpu(e.cpu);
	}
	if (!sim_broken)
		sim_now = ns;
	return !sim_broken;
}

static void setup_percpu(void)
{
	extern char __start_percpu_data[], __stop_percpu_data[];
	size_t size = ALIGN((size_t)(__stop_percpu_data - __start_percpu_data), 64);
	char *area = aligned_alloc(64, size * nr_cpu_ids);
	unsigned int cpu;

	BUG_ON(!area);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		memcpy(area + cpu * size, __start_percpu_data, size);
		__per_cpu_offset[cpu] =
		    (unsigned long)(area + cpu * size) - (unsigned long)__start_percpu_data;
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
	}
	cpumask_copy(&__cpu_present_mask, &__cpu_possible_mask);
	cpumask_copy(&__cpu_online_mask, &__cpu_possible_mask);
	cpumask_copy(&__cpu_active_mask, &__cpu_possible_mask);
}

void sim_boot(const struct sim_config *config)
{
	static struct sim_task boot_task;
	unsigned int cpu;

	sim_config = *config;
	monitor_patience = 1;
	nr_cpu_ids = config->cpus;
	sim_cpus = calloc(nr_cpu_ids, sizeof(*sim_cpus));
	BUG_ON(!sim_cpus);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sim_cpus[cpu].frequency =
		    config->frequency ? config->frequency[cpu] : SCHED_CAPACITY_SCALE;
	setup_percpu();
	sim_cpu_offset = __per_cpu_offset[0];
	sim_trace_init(config->trace);
	boot_task.task.prio = boot_task.task.static_prio = boot_task.task.normal_prio =
	    DEFAULT_PRIO;
	sim_init_task(&boot_task, "swapper/0", 0);
	sim_current = &boot_task.task;
	arch_local_irq_disable();
	sched_init();
	if (config->record)
		sched_record_start(config->record, config->record_size);
	for (cpu = 1; cpu < nr_cpu_ids; cpu++) {
		struct sim_task *t = sim_copy_task("swapper", 0);

		BUG_ON(sched_fork(0, &t->task));
		sched_cgroup_fork(&t->task);
		init_idle(&t->task, cpu);
	}
	arch_local_irq_enable();
	sched_init_smp();
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sim_settle(cpu);
}
