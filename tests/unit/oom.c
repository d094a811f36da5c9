/* SPDX-License-Identifier: MIT */
/* unit: mm/oom_kill.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -fno-sanitize=object-size -D__sigset_t_defined -include bits/types/__sigset_t.h */
/*
 * Whom the OOM killer takes, whom it waits for and for how long, with made-up processes whose ends
 * are stopped at the moments that take no time on a machine: the memory let go of and not yet free,
 * the last reference behind a grace period.
 */
#include <jiffy/mm.h>
#include <jiffy/mutex.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/sysctl.h>
#include <stdlib.h>
#include <string.h>

#include "mm/internal.h"

#include <setjmp.h>
#include <cmocka.h>

/* ---- what oom_kill.c asks of the kernel ---- */

int __preempt_count;
unsigned long sim_cpu_offset;
struct task_struct init_task, *sim_current;
volatile unsigned long jiffies = 1000;
const int sysctl_zero, sysctl_two = 2;
DEFINE_PER_CPU(unsigned long[NR_VM_EVENT_ITEMS], vm_events);

static bool locked, somebody_holds_the_lock;
static struct task_struct *killed;
static int kills;
static jmp_buf panicked;

bool mutex_trylock(struct mutex *lock)
{
	if (locked || somebody_holds_the_lock)
		return false;
	return locked = true;
}

void mutex_unlock(struct mutex *lock)
{
	assert_true(locked);
	locked = false;
}

int send_sig(int sig, struct task_struct *t, int priv)
{
	assert_int_equal(sig, SIGKILL);
	killed = t;
	kills++;
	return 0;
}

bool fatal_signal_pending(struct task_struct *t)
{
	return killed == t;
}

unsigned long totalram_pages(void)
{
	return 10000;
}

void put_task_struct(struct task_struct *t)
{
	assert_false(refcount_dec_and_test(&t->usage));
}

int printk(const char *fmt, ...)
{
	return 0;
}

void panic(const char *fmt, ...)
{
	locked = false;
	longjmp(panicked, 1);
}

void warn_slowpath(const char *file, int line, const char *fmt, ...)
{
	abort();
}

bool need_resched(void)
{
	return false;
}

void preempt_schedule(void)
{
}

void __spin_lock_slow(spinlock_t *lock)
{
	abort(); /* a lock was left locked */
}

int proc_dointvec(const struct ctl_table *t, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	return 0;
}

int proc_dointvec_minmax(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
			 loff_t *ppos)
{
	return 0;
}

int register_sysctl(const char *path, const struct ctl_table *table)
{
	return 0;
}

/* ---- made-up processes ---- */

struct process {
	struct task_struct task;
	struct thread_info info;
	struct signal_struct signal;
	struct mm_struct mm;
};

static struct process *init, *large, *small, *asking;

static struct process *make(int pid, unsigned long pages, int adj)
{
	struct process *p = calloc(1, sizeof(*p));

	refcount_set(&p->task.usage, 1);
	p->task.stack = &p->info;
	p->task.signal = &p->signal;
	p->task.mm = &p->mm;
	p->task.pid = p->task.tgid = pid;
	p->task.group_leader = &p->task;
	p->signal.oom_score_adj = adj;
	atomic_long_set(&p->mm.rss_stat[0], pages);
	INIT_LIST_HEAD(&p->signal.thread_head);
	list_add_tail(&p->task.thread_node, &p->signal.thread_head);
	list_add_tail(&p->task.tasks, &init_task.tasks);
	return p;
}

static void forget(struct process *p)
{
	list_del(&p->task.tasks);
	free(p);
}

/* init, somebody who asks for memory and may not be killed, and two to choose from. */
static int set_up(void **state)
{
	INIT_LIST_HEAD(&init_task.tasks);
	init = make(1, 5000, 0);
	asking = make(2, 10, -1000);
	large = make(3, 3000, 0);
	small = make(4, 500, 0);
	sim_current = &asking->task;
	killed = NULL;
	kills = 0;
	locked = somebody_holds_the_lock = false;
	jiffies += 100 * HZ; /* nothing of what was before matters any more */
	return 0;
}

static int tear_down(void **state)
{
	forget(init);
	forget(asking);
	forget(large);
	forget(small);
	return 0;
}

static bool flagged(const struct process *p)
{
	return test_bit(TIF_MEMDIE, &p->info.flags);
}

/* One look of an allocation that failed; false: the machine is given up. */
static bool look(void)
{
	if (setjmp(panicked))
		return false;
	assert_true(out_of_memory(GFP_KERNEL, 0));
	assert_false(locked);
	return true;
}

/* A look each tick for so long. */
static bool look_for(unsigned long ticks)
{
	for (unsigned long i = 0; i < ticks; i++, jiffies++)
		if (!look())
			return false;
	return true;
}

/* The steps of an end: it lets go of its memory, that is free, and the task is dead. */
static void let_go(struct process *p)
{
	p->task.flags |= PF_EXITING;
	p->task.mm = NULL;
}

static void memory_is_free(struct process *p)
{
	clear_bit(TIF_MEMDIE, &p->info.flags);
}

static void die(struct process *p)
{
	p->task.exit_state = EXIT_ZOMBIE;
}

static void largest_goes(void **state)
{
	assert_true(look());
	assert_ptr_equal(killed, &large->task);
	assert_true(flagged(large));
	assert_false(flagged(small));
	assert_true(test_bit(MMF_OOM_VICTIM, &large->mm.flags));
}

static void score_decides(void **state)
{
	small->signal.oom_score_adj = 300;
	assert_true(look());
	assert_ptr_equal(killed, &small->task);
}

/* One victim at a time, until its memory has come: also when it has no mm any more itself. */
static void one_victim_is_waited_for(void **state)
{
	assert_true(look());
	assert_true(look_for(HZ));
	assert_int_equal(kills, 1);
	let_go(large);
	assert_true(look_for(HZ));
	assert_int_equal(kills, 1);
	memory_is_free(large);
	die(large);
	/* What came was not enough. */
	assert_true(look());
	assert_int_equal(kills, 2);
	assert_ptr_equal(killed, &small->task);
}

/* Nobody is left to be killed, but memory is on its way: of one that exits, then of its end. */
static void memory_on_its_way_is_waited_for(void **state)
{
	large->signal.oom_score_adj = -1000;
	let_go(small);
	assert_true(look_for(3 * HZ));
	assert_int_equal(kills, 0);
	die(small);
	assert_true(look_for(HZ / 4));
	assert_int_equal(kills, 0);
	assert_false(look_for(10 * HZ));
	assert_int_equal(kills, 0);
}

static void nothing_to_wait_for_ends_the_machine(void **state)
{
	large->signal.oom_score_adj = small->signal.oom_score_adj = -1000;
	assert_true(look());
	assert_false(look_for(10 * HZ));
	assert_int_equal(kills, 0);
}

/* One that does not end is given up after some seconds, and not chosen again. */
static void victim_that_stands_still(void **state)
{
	assert_true(look_for(2 * HZ));
	assert_int_equal(kills, 1);
	assert_true(look_for(8 * HZ));
	assert_int_equal(kills, 2);
	assert_ptr_equal(killed, &small->task);
	assert_false(flagged(large));
	let_go(small);
	memory_is_free(small);
	die(small);
	assert_false(look_for(30 * HZ));
	assert_int_equal(kills, 2);
}

static void who_dies_gets_the_reserves(void **state)
{
	sim_current = &small->task;
	small->task.flags |= PF_EXITING;
	assert_true(look());
	assert_true(flagged(small));
	assert_int_equal(kills, 0);
}

/* Someone else is about it: nobody waits for the lock, nor kills without it. */
static void one_at_a_time(void **state)
{
	somebody_holds_the_lock = true;
	assert_true(out_of_memory(GFP_KERNEL, 0));
	assert_int_equal(kills, 0);
}

/* Whoever was looked at is held no longer, however the look ended. */
static void every_reference_is_given_back(void **state)
{
	for (int i = 0; i < 5; i++) {
		look();
		assert_int_equal(refcount_read(&large->task.usage), 1);
		assert_int_equal(refcount_read(&small->task.usage), 1);
		if (i == 2)
			let_go(large);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(largest_goes),
	    TEST(score_decides),
	    TEST(one_victim_is_waited_for),
	    TEST(memory_on_its_way_is_waited_for),
	    TEST(nothing_to_wait_for_ends_the_machine),
	    TEST(victim_that_stands_still),
	    TEST(who_dies_gets_the_reserves),
	    TEST(one_at_a_time),
	    TEST(every_reference_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
