/* SPDX-License-Identifier: MIT */
/* unit: irq/softirq.c lib/bitmap.c lib/string.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -fno-sanitize=object-size */
/*
 * Softirqs and tasklets on two made-up CPUs, with the moments in hand that a machine has by
 * chance: what is pending on a CPU when it dies, and when the rest is left to ksoftirqd.
 */
#include <jiffy/cpuhotplug.h>
#include <jiffy/interrupt.h>
#include <jiffy/kthread.h>
#include <jiffy/rcu_private.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/time_private.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

/* ---- what softirq.c asks of the kernel ---- */

#define CPUS 2

DEFINE_PER_CPU(int, __preempt_count);
int sim_cpu;
bool sim_irqs_off;
unsigned long sim_cpu_offset, __per_cpu_offset[NR_CPUS];
unsigned int nr_cpu_ids = CPUS;
struct task_struct *sim_current;
cpumask_t __cpu_online_mask, __cpu_possible_mask;

static u64 now;
static bool wants_cpu;	      /* somebody waits for this CPU */
static int woken[CPUS];	      /* how often its ksoftirqd was */
static int (*thread)(void *); /* ksoftirqd */
static int thread_goes_on;    /* how often it is asked whether to stop before it shall */
static struct task_struct *threads[CPUS];

bool need_resched(void)
{
	return wants_cpu;
}

u64 sched_clock(void)
{
	return now;
}

void arch_do_softirq_own_stack(void (*fn)(void))
{
	assert_true(sim_irqs_off);
	fn();
	assert_true(sim_irqs_off);
}

struct task_struct *kthread_create_on_cpu(int (*fn)(void *), void *data, int cpu, const char *name,
					  ...)
{
	thread = fn;
	return threads[cpu];
}

int wake_up_process(struct task_struct *t)
{
	for (int cpu = 0; cpu < CPUS; cpu++)
		woken[cpu] += t == threads[cpu];
	return 1;
}

bool kthread_should_stop(void)
{
	return thread_goes_on-- == 0;
}

bool kthread_should_park(void)
{
	return false;
}

/* Nothing waits, parks or is interrupted here. */
void preempt_schedule(void)
{
}

void schedule(void)
{
}

bool cond_resched(void)
{
	return false;
}

long schedule_timeout_uninterruptible(long ticks)
{
	return 0;
}

void arch_cpu_relax(void)
{
	abort();
}

void kthread_parkme(void)
{
}

int kthread_park(struct task_struct *t)
{
	return 0;
}

void kthread_unpark(struct task_struct *t)
{
}

void rcu_irq_enter(void)
{
}

void rcu_irq_exit(void)
{
}

void tick_irq_enter(void)
{
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
}

/* ---- */

extern char __start_percpu_data[], __stop_percpu_data[];

static void be_on(int cpu)
{
	sim_cpu = cpu;
	sim_cpu_offset = __per_cpu_offset[cpu];
	sim_current = threads[cpu];
}

/* Two CPUs with nothing to do, and we are on CPU 0. */
static int set_up(void **state)
{
	static char *copies[CPUS];
	static bool begun;
	size_t size = __stop_percpu_data - __start_percpu_data;

	for (int cpu = 0; cpu < CPUS; cpu++) {
		if (!begun) {
			copies[cpu] = calloc(1, size);
			threads[cpu] = calloc(1, sizeof(struct task_struct));
		}
		memset(copies[cpu], 0, size);
		__per_cpu_offset[cpu] = copies[cpu] - __start_percpu_data;
		cpumask_set_cpu(cpu, &__cpu_online_mask);
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
	}
	begun = true;
	be_on(0);
	now = 0;
	wants_cpu = false;
	softirq_init();
	for (int cpu = 0; cpu < CPUS; cpu++)
		assert_int_equal(ksoftirqd_cpu_online(cpu), 0);
	memset(woken, 0, sizeof(woken));
	return 0;
}

static void let_softirqs_run(void)
{
	local_bh_disable();
	local_bh_enable();
}

static int runs[4], ran_on[4];

static void count_run(unsigned long i)
{
	assert_int_equal(softirq_count(), SOFTIRQ_OFFSET);
	runs[i]++;
	ran_on[i] = sim_cpu;
}

static struct tasklet_struct tasklets[4];

static void make_tasklets(void)
{
	memset(runs, 0, sizeof(runs));
	for (int i = 0; i < 4; i++)
		tasklet_init(&tasklets[i], count_run, i);
}

static void check_ran_once(int n)
{
	let_softirqs_run();
	for (int i = 0; i < n; i++) {
		assert_int_equal(runs[i], 1);
		assert_int_equal(ran_on[i], 0);
		assert_int_equal(tasklets[i].state, 0);
	}
}

/* CPU 1 dies with tasklets on its list; CPU 0, which clears up, may have some of its own. */
static void tasklets_of_a_dead_cpu(void **state)
{
	for (int dead = 0; dead <= 2; dead++)
		for (int own = 0; own <= 2; own++) {
			make_tasklets();
			be_on(1);
			for (int i = 0; i < dead; i++)
				tasklet_schedule(&tasklets[i]);
			be_on(0);
			for (int i = dead; i < dead + own; i++)
				tasklet_schedule(&tasklets[i]);
			softirq_cpu_dead(1);
			check_ran_once(dead + own);
			/* It comes back with nothing to do, and what it is given it does. */
			be_on(1);
			memset(runs, 0, sizeof(runs));
			let_softirqs_run();
			assert_int_equal(runs[0] + runs[1] + runs[2] + runs[3], 0);
			tasklet_schedule(&tasklets[3]);
			let_softirqs_run();
			assert_int_equal(runs[0] + runs[1] + runs[2] + runs[3], 1);
			assert_int_equal(runs[3], 1);
			be_on(0);
		}
}

static void scheduled_twice_runs_once(void **state)
{
	make_tasklets();
	tasklet_schedule(&tasklets[0]);
	be_on(1);
	tasklet_schedule(&tasklets[0]);
	let_softirqs_run();
	assert_int_equal(runs[0], 0);
	be_on(0);
	check_ran_once(1);
	tasklet_schedule(&tasklets[0]);
	let_softirqs_run();
	assert_int_equal(runs[0], 2);
}

/* Raised by a task, not in an interrupt: nothing but the thread is sure to come by. */
static void thread_is_woken_for_tasks(void **state)
{
	make_tasklets();
	tasklet_schedule(&tasklets[0]);
	assert_int_equal(woken[0], 1);
	let_softirqs_run();
	local_bh_disable();
	tasklet_schedule(&tasklets[1]);
	assert_int_equal(woken[0], 1);
	assert_int_equal(runs[1], 0);
	local_bh_enable();
	assert_int_equal(runs[1], 1);
	assert_int_equal(woken[0], 1);
	be_on(1);
	tasklet_schedule(&tasklets[2]);
	assert_int_equal(woken[1], 1);
	thread_goes_on = 1;
	assert_int_equal(thread(NULL), 0);
	assert_int_equal(runs[2], 1);
}

static int flood, rounds; /* how many are still to come; have been */
static u64 round_ns;
static int wanted_in;

static void go_on(unsigned long i)
{
	rounds++;
	now += round_ns;
	wants_cpu = rounds == wanted_in;
	if (--flood)
		tasklet_schedule(&tasklets[i]);
}

/* A flood of so many, begun by a task. How many rounds are made before it goes on. */
static int rounds_at_once(int n, u64 ns, int wanted)
{
	set_up(NULL);
	flood = n;
	rounds = 0;
	round_ns = ns;
	wanted_in = wanted;
	tasklet_init(&tasklets[0], go_on, 0);
	local_bh_disable();
	tasklet_schedule(&tasklets[0]);
	assert_int_equal(woken[0], 0);
	local_bh_enable();
	return rounds;
}

static void thread_takes_the_flood(void **state)
{
	/* Some rounds, then it is the thread's: by number, by time, or as somebody wants the CPU. */
	assert_in_range(rounds_at_once(1000, 0, 0), 2, 20);
	assert_int_equal(woken[0], 1);
	assert_in_range(rounds_at_once(1000, NSEC_PER_MSEC, 0), 2, 5);
	assert_int_equal(woken[0], 1);
	assert_int_equal(rounds_at_once(1000, 0, 3), 3);
	assert_int_equal(woken[0], 1);
	/* The thread goes on, with rests between, to the end. */
	thread_goes_on = 1;
	assert_int_equal(thread(NULL), 0);
	assert_in_range(rounds, 5, 30);
	thread_goes_on = 1000;
	assert_int_equal(thread(NULL), 0);
	assert_int_equal(rounds, 1000);
	assert_int_equal(flood, 0);
	assert_false(sim_irqs_off);
	assert_int_equal(preempt_count(), 0);
	/* What ends soon needs no thread. */
	assert_int_equal(rounds_at_once(5, 0, 0), 5);
	assert_int_equal(woken[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(tasklets_of_a_dead_cpu, set_up),
	    cmocka_unit_test_setup(scheduled_twice_runs_once, set_up),
	    cmocka_unit_test_setup(thread_is_woken_for_tasks, set_up),
	    cmocka_unit_test_setup(thread_takes_the_flood, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
