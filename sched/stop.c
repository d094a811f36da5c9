/* SPDX-License-Identifier: MIT */
/*
 * The stop class: one migration thread a CPU that runs before everything else, and the queue of
 * work for it. The class's functions under rq->lock.
 */
#include "internal.h"

struct cpu_stop_done {
	atomic_t nr_todo;
	int ret;
	struct completion completion;
};

struct cpu_stopper {
	raw_spinlock_t lock;
	struct task_struct *thread;
	bool enabled;
	struct list_head works; /* of struct cpu_stop_work; lock */
};
static DEFINE_PER_CPU(struct cpu_stopper, cpu_stopper);

void cpu_stopper_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu (cpu) {
		struct cpu_stopper *s = &per_cpu(cpu_stopper, cpu);

		raw_spin_lock_init(&s->lock);
		INIT_LIST_HEAD(&s->works);
	}
}

/* stop, a kernel thread bound to cpu, is its migration thread from now on. [task] */
void sched_set_stop_task(int cpu, struct task_struct *stop)
{
	struct cpu_stopper *s = &per_cpu(cpu_stopper, cpu);
	unsigned long flags;
	struct rq *rq;

	/* Programs see a FIFO task of the highest priority; the class is what makes it more. */
	sched_set_fifo(stop);
	rq = task_rq_lock(stop, &flags);
	ASSERT(!task_on_rq_queued(stop) && !stop->on_cpu);
	stop->prio = stop->normal_prio = 0;
	stop->rt_priority = MAX_RT_PRIO - 1;
	stop->sched_class = &stop_sched_class;
	task_rq_unlock(rq, stop, &flags);
	cpu_rq(cpu)->stop = stop;
	raw_spin_lock_irqsave(&s->lock, flags);
	s->thread = stop;
	raw_spin_unlock_irqrestore(&s->lock, flags);
}

bool cpu_stopper_exists(unsigned int cpu)
{
	return per_cpu(cpu_stopper, cpu).thread;
}

void cpu_stopper_enable(unsigned int cpu, bool on)
{
	struct cpu_stopper *s = &per_cpu(cpu_stopper, cpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&s->lock, flags);
	s->enabled = on;
	raw_spin_unlock_irqrestore(&s->lock, flags);
}

bool cpu_stopper_has_work(unsigned int cpu)
{
	struct cpu_stopper *s = &per_cpu(cpu_stopper, cpu);

	return !list_empty(&s->works);
}

void cpu_stopper_run(unsigned int cpu)
{
	struct cpu_stopper *s = &per_cpu(cpu_stopper, cpu);

	for (;;) {
		struct cpu_stop_work *work;
		struct cpu_stop_done *done;
		cpu_stop_fn_t fn;
		void *arg;
		int ret;

		raw_spin_lock_irq(&s->lock);
		work = list_first_entry_or_null(&s->works, struct cpu_stop_work, list);
		if (!work) {
			raw_spin_unlock_irq(&s->lock);
			return;
		}
		list_del_init(&work->list);
		/* From the unlock on, work may be queued again by its owner. */
		fn = work->fn;
		arg = work->arg;
		done = work->done;
		raw_spin_unlock_irq(&s->lock);
		preempt_disable();
		ret = fn(arg);
		preempt_enable();
		if (!done)
			continue;
		if (ret)
			done->ret = ret;
		if (atomic_dec_and_test(&done->nr_todo))
			complete(&done->completion);
	}
}

static bool queue_stop_work(unsigned int cpu, struct cpu_stop_work *work)
{
	struct cpu_stopper *s = &per_cpu(cpu_stopper, cpu);
	struct task_struct *thread = NULL;
	unsigned long flags;

	/* The wake-up is after the unlock: pi_lock and rq->lock are taken outside this lock. */
	preempt_disable();
	raw_spin_lock_irqsave(&s->lock, flags);
	if (s->enabled) {
		list_add_tail(&work->list, &s->works);
		thread = s->thread;
	}
	raw_spin_unlock_irqrestore(&s->lock, flags);
	if (thread)
		wake_up_process(thread);
	preempt_enable();
	return thread != NULL;
}

int stop_one_cpu(unsigned int cpu, cpu_stop_fn_t fn, void *arg)
{
	struct cpu_stop_done done = {.nr_todo = ATOMIC_INIT(1)};
	struct cpu_stop_work work = {.fn = fn, .arg = arg, .done = &done};

	init_completion(&done.completion);
	INIT_LIST_HEAD(&work.list);
	if (!queue_stop_work(cpu, &work))
		return -ENOENT;
	wait_for_completion(&done.completion);
	return done.ret;
}

bool stop_one_cpu_nowait(unsigned int cpu, cpu_stop_fn_t fn, void *arg, struct cpu_stop_work *work)
{
	work->fn = fn;
	work->arg = arg;
	work->done = NULL;
	return queue_stop_work(cpu, work);
}

/*
 * All migration threads meet, turn interrupts off, and one of them runs fn while the others
 * spin. They go from step to step together: the last to acknowledge a step begins the next.
 */
enum stop_state { STOP_PREPARE, STOP_DISABLE_IRQ, STOP_RUN, STOP_EXIT };
struct stop_machine_data {
	cpu_stop_fn_t fn;
	void *arg;
	unsigned int cpu, nr; /* who runs fn; how many take part */
	int state;
	atomic_t acks;
};

static int stop_machine_step(void *arg)
{
	struct stop_machine_data *d = arg;
	int seen = -1, ret = 0;

	while (seen != STOP_EXIT) {
		int state = smp_load_acquire(&d->state);

		if (state == seen) {
			cpu_relax();
			continue;
		}
		seen = state;
		if (state == STOP_DISABLE_IRQ)
			local_irq_disable();
		else if (state == STOP_RUN && smp_processor_id() == d->cpu)
			ret = d->fn(d->arg);
		if (state != STOP_EXIT && atomic_dec_and_test(&d->acks)) {
			atomic_set(&d->acks, d->nr);
			smp_store_release(&d->state, state + 1);
		}
	}
	local_irq_enable();
	return ret;
}

/*
 * Two such rounds must not wait for each other in different orders on different CPUs: the mutex
 * lets one be queued at a time.
 */
static DEFINE_MUTEX(stop_machine_mutex);
static DEFINE_PER_CPU(struct cpu_stop_work, stop_machine_work);

int stop_machine_on(unsigned int where, cpu_stop_fn_t fn, void *arg)
{
	struct stop_machine_data d = {.fn = fn, .arg = arg, .cpu = where};
	struct cpu_stop_done done = {0};
	unsigned int cpu, queued = 0;

	init_completion(&done.completion);
	mutex_lock(&stop_machine_mutex);
	d.nr = num_online_cpus();
	atomic_set(&d.acks, d.nr);
	atomic_set(&done.nr_todo, d.nr);
	/* This CPU's migration thread must not begin to wait before the last one has its work. */
	preempt_disable();
	for_each_online_cpu (cpu) {
		struct cpu_stop_work *w = &per_cpu(stop_machine_work, cpu);

		*w = (struct cpu_stop_work){.fn = stop_machine_step, .arg = &d, .done = &done};
		INIT_LIST_HEAD(&w->list);
		queued += queue_stop_work(cpu, w);
	}
	BUG_ON(queued != d.nr);
	preempt_enable();
	wait_for_completion(&done.completion);
	mutex_unlock(&stop_machine_mutex);
	return done.ret;
}

int stop_machine(cpu_stop_fn_t fn, void *arg)
{
	int ret;

	cpus_read_lock();
	ret = stop_machine_on(cpumask_first(cpu_online_mask), fn, arg);
	cpus_read_unlock();
	return ret;
}

static void enqueue_task_stop(struct rq *rq, struct task_struct *p, int flags)
{
	add_nr_running(rq, 1);
}

static bool dequeue_task_stop(struct rq *rq, struct task_struct *p, int flags)
{
	sub_nr_running(rq, 1);
	return true;
}

static void check_preempt_curr_stop(struct rq *rq, struct task_struct *p, int flags)
{
}

static struct task_struct *pick_task_stop(struct rq *rq)
{
	return rq->stop && task_on_rq_queued(rq->stop) ? rq->stop : NULL;
}

static void update_curr_stop(struct rq *rq)
{
	update_curr_common(rq);
}

static void put_prev_task_stop(struct rq *rq, struct task_struct *p)
{
	update_curr_common(rq);
}

static void set_next_task_stop(struct rq *rq, struct task_struct *p, bool first)
{
	p->se.exec_start = rq_clock_task(rq);
}

static bool balance_stop(struct rq *rq, struct task_struct *prev)
{
	return rq->stop && task_on_rq_queued(rq->stop);
}

static void task_tick_stop(struct rq *rq, struct task_struct *curr)
{
	update_curr_common(rq);
}

struct sched_class stop_sched_class = {
    .name = "stop",
    .enqueue_task = enqueue_task_stop,
    .dequeue_task = dequeue_task_stop,
    .check_preempt_curr = check_preempt_curr_stop,
    .pick_task = pick_task_stop,
    .put_prev_task = put_prev_task_stop,
    .set_next_task = set_next_task_stop,
    .balance = balance_stop,
    .task_tick = task_tick_stop,
    .update_curr = update_curr_stop,
};
