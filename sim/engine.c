/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine: the queue of events, CPUs, tasks and what they do. See sim.h.
 */
#include <stdlib.h>

#include "../sched/monitor.h"
#include "../sched/record.h"
#include "sim.h"

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

struct sim_cpu_state {
	bool irqs_off, idle;
	u64 tick_due;		 /* 0: no tick is armed */
	u64 done_due;		 /* when the current computation ends; 0: not armed */
	unsigned long frequency; /* of its highest, which is 1,024 */
};
static struct sim_cpu_state *cpus;
static struct sim_task **tasks;
static int nr_tasks, tasks_size;
static int next_pid = 1;
static const struct sim_program *programs;
static int nr_programs;

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
	cpus[sim_cpu].irqs_off = sim_irqs_off;
	sim_cpu = cpu;
	sim_cpu_offset = __per_cpu_offset[cpu];
	sim_irqs_off = cpus[cpu].irqs_off;
	sim_current = cpu_rq(cpu)->curr;
}

/* The idle task keeps preemption off; all others start from 0. */
static void set_base_preempt(void)
{
	preempt_count_set(is_idle_task(current) ? PREEMPT_OFFSET : 0);
}

static void do_schedule(bool preempt)
{
	set_base_preempt();
	if (is_idle_task(current)) {
		schedule_idle();
	} else if (preempt) {
		arch_local_irq_disable();
		preempt_schedule_irq();
		arch_local_irq_enable();
	} else {
		schedule();
	}
	set_base_preempt();
}

/* The span that t has run since run_since, when this is a fast CPU. */
static void count_fast(struct sim_task *t)
{
	if (this_rq()->cpu_capacity_orig == SCHED_CAPACITY_SCALE)
		t->fast_ns += sim_now - t->run_since;
}

/* What t, which has this CPU, has done since run_since at the CPU's frequency. */
static void count_work(struct sim_task *t)
{
	u64 done = (sim_now - t->run_since) * cpus[sim_cpu].frequency >> SCHED_CAPACITY_SHIFT;

	count_fast(t);
	t->remaining -= min(t->remaining, done);
	t->run_since = sim_now;
	cpus[sim_cpu].done_due = 0;
}

unsigned long sim_frequency(int cpu)
{
	return cpus[cpu].frequency;
}

/*
 * With a governor: as the scheduler wants it, at each tick; no CPU has less than an eighth of its
 * highest frequency. The hint is a part of the fastest CPU, the frequency one of this CPU's own.
 */
unsigned long sim_next_frequency(void)
{
	struct sim_cpu_state *c = &cpus[sim_cpu];
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
	cpus[sim_cpu].done_due = 0;
}

/* Making tasks. */
static void init_sim_task(struct sim_task *t, const char *name)
{
	struct task_struct *p = &t->task;

	p->stack = &t->info;
	t->info.task = p;
	t->info.magic = STACK_END_MAGIC;
	refcount_set(&p->usage, 1);
	p->pid = p->tgid = next_pid++;
	snprintf(p->comm, sizeof(p->comm), "%s", name);
	p->exit_signal = 17;
	p->group_leader = p;
}

static struct sim_task *new_task(const char *name)
{
	struct sim_task *t = calloc(1, sizeof(*t));

	BUG_ON(!t);
	/* As fork does: a copy of current, then what is its own. */
	t->task = *current;
	t->task.flags &= ~(PF_KTHREAD | PF_IDLE);
	init_sim_task(t, name);
	return t;
}

/* The workload's tasks by pid; kernel threads, which come first, are not among them. */
static struct sim_task **by_pid;
static int by_pid_size;

struct sim_task *sim_task_of_pid(int pid)
{
	return pid < by_pid_size ? by_pid[pid] : NULL;
}

static void set_task_of_pid(struct sim_task *t)
{
	int size = by_pid_size ? by_pid_size : 64;

	while (size <= t->task.pid)
		size *= 2;
	if (size > by_pid_size) {
		by_pid = realloc(by_pid, size * sizeof(*by_pid));
		BUG_ON(!by_pid);
		memset(by_pid + by_pid_size, 0, (size - by_pid_size) * sizeof(*by_pid));
		by_pid_size = size;
	}
	by_pid[t->task.pid] = t;
}

struct task_struct *sim_new_task(const char *name)
{
	struct task_struct *running = current;
	struct sim_task *t;

	sim_current = cpu_rq(0)->idle;
	t = new_task(name);
	BUG_ON(sched_fork(0, &t->task));
	__set_task_cpu(&t->task, 0);
	sim_current = running;
	return &t->task;
}

static void set_policy(struct task_struct *p, const struct sim_program *prog)
{
	struct sched_attr attr = {.size = sizeof(attr),
				  .sched_policy = prog->policy,
				  .sched_nice = prog->nice,
				  .sched_flags = prog->dl_flags,
				  .sched_priority = prog->rt_priority,
				  .sched_runtime = prog->dl_runtime,
				  .sched_deadline = prog->dl_deadline,
				  .sched_period = prog->dl_period};

	if (prog->slice)
		attr.sched_runtime = prog->slice;
	if (prog->util_max) {
		attr.sched_flags |= SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX;
		attr.sched_util_min = prog->util_min;
		attr.sched_util_max = prog->util_max;
	}
	if (sched_setattr(p, &attr, false))
		fprintf(stderr, "%s: the scheduler refuses its policy\n", prog->name);
}

static void set_cpus(struct task_struct *p, int first, int last)
{
	cpumask_t mask;
	int cpu;

	cpumask_clear(&mask);
	for (cpu = first; cpu <= last && cpu < (int)nr_cpu_ids; cpu++)
		cpumask_set_cpu(cpu, &mask);
	if (set_user_cpus(p, &mask, cpu_possible_mask))
		fprintf(stderr, "%s: the scheduler refuses its CPUs\n", p->comm);
}

struct sim_group sim_groups[SIM_MAX_GROUPS + 1] = {{.tg = &root_task_group}};
int sim_nr_groups;

void sim_make_groups(void)
{
	int i;

	for (i = 1; i <= sim_nr_groups; i++) {
		struct sim_group *g = &sim_groups[i];

		BUG_ON(g->parent >= i);
		g->tg = sched_create_group(sim_groups[g->parent].tg);
		BUG_ON(IS_ERR(g->tg));
		sched_online_group(g->tg);
		if (g->shares)
			BUG_ON(sched_group_set_shares(g->tg, g->shares));
		if (g->idle)
			BUG_ON(sched_group_set_idle(g->tg, true));
		if (g->bandwidth.period_us && tg_set_cfs_bandwidth(g->tg, &g->bandwidth))
			fprintf(stderr, "%s: the scheduler refuses its limit\n", g->name);
		if (g->rt_period_us && sched_group_set_rt(g->tg, g->rt_runtime_us, g->rt_period_us))
			fprintf(stderr, "%s: the scheduler refuses its budget\n", g->name);
	}
}

/* The first task of a session makes its autogroup; the others get it like forked ones. */
static void join_groups(struct task_struct *p, const struct sim_program *prog)
{
	static struct task_struct *leaders[SIM_MAX_GROUPS];

	sched_move_task(p, sim_groups[prog->group].tg);
	if (!prog->session)
		return;
	if (!leaders[prog->session]) {
		leaders[prog->session] = p;
		sched_autogroup_create_attach(p);
	} else {
		struct task_struct *running = sim_current;

		sim_current = leaders[prog->session];
		sched_autogroup_follow(p);
		sim_current = running;
	}
}

/* A task of the program begins, forked by parent, who is on this CPU (its idle task: by nobody). */
static void start_task(const struct sim_program *prog, struct task_struct *parent)
{
	struct task_struct *p, *running = current;
	struct sim_task *t;

	sim_current = parent;
	t = new_task(prog->name);
	p = &t->task;

	t->program = prog;
	t->number = nr_tasks;
	if (nr_tasks == tasks_size) {
		tasks_size = tasks_size ? 2 * tasks_size : 64;
		tasks = realloc(tasks, tasks_size * sizeof(*tasks));
		BUG_ON(!tasks);
	}
	tasks[nr_tasks++] = t;
	set_task_of_pid(t);
	BUG_ON(sched_fork(0, p));
	sched_cgroup_fork(p);
	sched_post_fork(p);
	sim_current = running;
	if (prog->first_cpu >= 0)
		set_cpus(p, prog->first_cpu, prog->last_cpu);
	set_policy(p, prog);
	join_groups(p, prog);
	t->started = true;
	t->runnable_since = t->release = sim_now;
	wake_up_new_task(p);
}

static void begin_program(void *arg, u64 tag)
{
	start_task(arg, this_rq()->idle);
}

/* What tasks do. */
static void wake_sim_task(struct sim_task *t)
{
	if (!t->waiting) {
		t->wakeups++;
		return;
	}
	t->waiting = false;
	wake_up_process(&t->task);
}

static void sleep_over(void *arg, u64 tag)
{
	wake_up_process(arg);
}

static void block(struct sim_task *t)
{
	set_current_state(TASK_INTERRUPTIBLE);
	do_schedule(false);
}

static void boost(struct task_struct *p, struct task_struct *donor)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	rt_mutex_setprio(p, donor);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

static u64 op_time(const struct sim_op *op)
{
	return op->a + (op->b ? sim_random_below(op->b) : 0);
}

static void exit_task(struct sim_task *t)
{
	sched_exit(&t->task);
	t->task.exit_state = EXIT_ZOMBIE;
	raw_spin_lock_irq(&t->task.pi_lock);
	__set_current_state(TASK_DEAD);
	raw_spin_unlock_irq(&t->task.pi_lock);
	do_schedule(false);
}

/* As the kernel's hot-plug ladder, without what is not the scheduler's. */
static void plug(unsigned int cpu)
{
	int tries;

	if (!cpu || cpu >= nr_cpu_ids)
		return;
	if (!cpu_online(cpu)) {
		cpumask_set_cpu(cpu, &__cpu_online_mask);
		cpus[cpu].idle = false;
		sched_cpu_activate(cpu);
		return;
	}
	if (sched_cpu_deactivate(cpu))
		return;
	for (tries = 0; sched_cpu_drain(cpu); tries++)
		if (tries == 100)
			panic("CPU %u keeps tasks that should leave it", cpu);
	cpumask_clear_cpu(cpu, &__cpu_online_mask);
}

/*
 * One operation of the current task t. It may lose the CPU in it, so nothing is done with t
 * afterwards. Preemption is off as in an interrupt, so that a wake-up inside does not switch
 * half-way; the switch comes when this is over.
 */
static void do_op(struct sim_task *t)
{
	const struct sim_op *op = &t->program->ops[t->pc];

	t->pc = (t->pc + 1) % t->program->nr_ops;
	preempt_count_set(PREEMPT_OFFSET);
	switch (op->kind) {
	case OP_RUN:
		t->remaining = op_time(op);
		count_fast(t);
		t->run_since = sim_now;
		cpus[sim_cpu].done_due = 0;
		break;
	case OP_SLEEP:
		sim_post(sim_now + op_time(op), sim_cpu, sleep_over, &t->task, 0);
		block(t);
		break;
	case OP_PERIOD:
		if (op->b && sim_now > t->release + op->b)
			t->max_late = max(t->max_late, sim_now - t->release - op->b);
		t->release += op->a;
		if (t->release > sim_now) {
			sim_post(t->release, sim_cpu, sleep_over, &t->task, 0);
			block(t);
		}
		break;
	case OP_WAIT:
		if (t->wakeups) {
			t->wakeups--;
		} else {
			t->waiting = true;
			block(t);
		}
		break;
	case OP_WAKE:
		if (op->a < nr_tasks && tasks[op->a] != t && !tasks[op->a]->exited)
			wake_sim_task(tasks[op->a]);
		break;
	case OP_YIELD:
		preempt_count_set(0);
		sched_yield_current();
		break;
	case OP_FORK:
		/* A deadline task may not fork: its promise cannot be shared. */
		start_task(&programs[op->a % nr_programs],
			   dl_policy(t->task.policy) ? this_rq()->idle : &t->task);
		break;
	case OP_NICE:
		set_user_nice(&t->task, op->a);
		break;
	case OP_POLICY: {
		struct sched_param param = {.sched_priority = op->b};

		sched_setscheduler_nocheck(&t->task, op->a, &param);
		break;
	}
	case OP_CPUS:
		set_cpus(&t->task, op->a, op->b);
		break;
	case OP_BOOST:
		boost(&t->task,
		      op->a >= 0 && op->a < nr_tasks && tasks[op->a] != t && !tasks[op->a]->exited
			  ? &tasks[op->a]->task
			  : NULL);
		break;
	case OP_PLUG:
		plug(op->a);
		break;
	case OP_EXIT:
		exit_task(t);
		break;
	}
	set_base_preempt();
}

void sim_run_stopper(void)
{
	struct task_struct *stop = this_rq()->stop;

	if (current != stop) {
		preempt_count_set(PREEMPT_OFFSET);
		resched_cpu(sim_cpu);
		do_schedule(true);
	}
	BUG_ON(current != stop);
	cpu_stopper_run(sim_cpu);
	set_current_state(TASK_INTERRUPTIBLE);
	do_schedule(false);
}

static void computation_done(void *arg, u64 due)
{
	struct sim_task *t;

	if (cpus[sim_cpu].done_due != due)
		return;
	cpus[sim_cpu].done_due = 0;
	t = sim_task_of(current);
	t->remaining = 0;
	t->done++;
}

static void tick(void *arg, u64 due)
{
	if (cpus[sim_cpu].tick_due != due)
		return;
	cpus[sim_cpu].tick_due = 0;
	scheduler_tick();
}

static void arm_tick(void)
{
	struct sim_cpu_state *c = &cpus[sim_cpu];
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
	struct sim_cpu_state *c = &cpus[sim_cpu];

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
	if (!cpus[sim_cpu].idle)
		return;
	cpus[sim_cpu].idle = false;
	nohz_balance_exit_idle(sim_cpu);
}

/* True when the current task computes: there is nothing to do before its end. */
static bool computing(struct sim_task *t)
{
	struct sim_cpu_state *c = &cpus[sim_cpu];

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
			do_schedule(true);
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
			do_op(sim_task_of(current));
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
	for (i = 0; JIFFY_CHECKS && class == &goodness_sched_class && i < nr_tasks; i++) {
		const struct task_struct *p = &tasks[i]->task;

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
		set_base_preempt();
		sim_settle(e.cpu);
		check_cpu(e.cpu);
	}
	if (!sim_broken)
		sim_now = ns;
	return !sim_broken;
}

int sim_nr_tasks(void)
{
	return nr_tasks;
}

struct sim_task *sim_task(int number)
{
	return tasks[number];
}

static struct sim_task *kernel_task(const char *name, int cpu)
{
	struct sim_task *t = new_task(name);

	t->task.flags |= PF_KTHREAD;
	BUG_ON(sched_fork(0, &t->task));
	t->task.flags |= PF_KTHREAD;
	sched_cgroup_fork(&t->task);
	__set_task_cpu(&t->task, cpu);
	return t;
}

int sched_env_start_stopper(unsigned int cpu)
{
	struct sim_task *t = kernel_task("migration", cpu);

	cpumask_clear(&t->task.cpus_mask);
	cpumask_set_cpu(cpu, &t->task.cpus_mask);
	t->task.flags |= PF_NO_SETAFFINITY;
	t->task.nr_cpus_allowed = 1;
	t->task.__state = TASK_INTERRUPTIBLE;
	sched_set_stop_task(cpu, &t->task);
	return 0;
}

void sched_env_for_each_task(void (*fn)(struct task_struct *p, void *arg), void *arg)
{
	int i;

	for (i = 0; i < nr_tasks; i++)
		if (!tasks[i]->exited)
			fn(&tasks[i]->task, arg);
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
	nr_cpu_ids = config->cpus;
	cpus = calloc(nr_cpu_ids, sizeof(*cpus));
	BUG_ON(!cpus);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		cpus[cpu].frequency =
		    config->frequency ? config->frequency[cpu] : SCHED_CAPACITY_SCALE;
	setup_percpu();
	sim_cpu_offset = __per_cpu_offset[0];
	sim_trace_init(config->trace);
	boot_task.task.prio = boot_task.task.static_prio = boot_task.task.normal_prio =
	    DEFAULT_PRIO;
	boot_task.task.pid = 0;
	next_pid = 0;
	init_sim_task(&boot_task, "swapper/0");
	sim_current = &boot_task.task;
	arch_local_irq_disable();
	sched_init();
	if (config->record)
		sched_record_start(config->record, config->record_size);
	for (cpu = 1; cpu < nr_cpu_ids; cpu++) {
		struct sim_task *t = new_task("swapper");

		BUG_ON(sched_fork(0, &t->task));
		sched_cgroup_fork(&t->task);
		init_idle(&t->task, cpu);
		next_pid--;
		t->task.pid = 0;
	}
	arch_local_irq_enable();
	sched_init_smp();
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sim_settle(cpu);
}

void sim_add_workload(const struct sim_program *progs, int n)
{
	int i, k;

	programs = progs;
	nr_programs = n;
	for (i = 0; i < n; i++)
		for (k = 0; k < progs[i].count; k++)
			sim_post(sim_now + progs[i].start, 0, begin_program, (void *)&progs[i], 0);
}
