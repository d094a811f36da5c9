/* SPDX-License-Identifier: MIT */
/*
 * Priority inheritance over several locks and tasks (PI futexes, futex(2)): chains, what changes in
 * them while they stand, cycles, and lending by deadline tasks.
 */
#include "harness.h"

#include <linux/futex.h>

#include "schedcall.h"

static uint32_t *locks; /* shared by all tasks of a case */

static long lock_pi(int i)
{
	return syscall(SYS_futex, &locks[i], FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

static long unlock_pi(int i)
{
	return syscall(SYS_futex, &locks[i], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

/* Field 18 (proc(5)): 20 + nice, -1 - N with real-time priority N, or -101. */
static long priority_of(pid_t pid)
{
	return stat_field(pid, 18);
}

/* Nobody lends to pid: its priority is an ordinary one (which o1 lets follow what it did lately). */
static bool on_its_own(pid_t pid)
{
	return priority_of(pid) >= 0;
}

/* A task that has lock `own` (-1: none) and waits for lock `want`; it gives back what it got. */
static pid_t waiter(int own, int want, struct attr *a)
{
	struct gate ready;
	pid_t pid;

	gate_init(&ready);
	CHILD(pid) {
		if (a)
			NEED(set_attr(0, a));
		if (own >= 0)
			OK(lock_pi(own));
		gate_open(&ready);
		OK(lock_pi(want));
		OK(unlock_pi(want));
		if (own >= 0)
			OK(unlock_pi(own));
	}
	gate_wait(&ready);
	await_state(pid, "S");
	return pid;
}

static void begin(void)
{
	struct attr a = {.size = 48, .policy = SCHED_FIFO, .priority = 1};
	struct attr other = {.size = 48};

	locks = shared(4096);
	NEED(set_attr(0, &a));
	OK(set_attr(0, &other));
}

CASE_ROOT(chain_lends_to_its_end)
{
	struct attr high = {.size = 48, .policy = SCHED_FIFO, .priority = 50};
	struct sched_param higher = {.sched_priority = 60}, lower = {.sched_priority = 5};
	pid_t middle, top;

	begin();
	OK(lock_pi(0));
	middle = waiter(1, 0, NULL);
	CHECK(on_its_own(getpid()));
	top = waiter(-1, 1, &high);
	EVENTUALLY(priority_of(middle) == -51 && priority_of(getpid()) == -51);
	/* What the waiter at the far end becomes is seen all along, up and down. */
	OK(sched_setscheduler(top, SCHED_FIFO, &higher));
	CHECK_EQ(priority_of(middle), -61);
	CHECK_EQ(priority_of(getpid()), -61);
	OK(sched_setscheduler(top, SCHED_RR, &lower));
	CHECK_EQ(priority_of(getpid()), -6);
	OK(unlock_pi(0));
	CHECK(on_its_own(getpid()));
	CHECK_EQ(wait_exit(middle), 0);
	CHECK_EQ(wait_exit(top), 0);
}

/* Of several waiters the best one counts; when it gives up, the next one does. */
CASE_ROOT(best_waiter_counts)
{
	struct attr high = {.size = 48, .policy = SCHED_FIFO, .priority = 40};
	struct attr low = {.size = 48, .policy = SCHED_FIFO, .priority = 30};
	struct sched_param mine = {.sched_priority = 35};
	pid_t a, b;

	begin();
	OK(lock_pi(0));
	a = waiter(-1, 0, &low);
	b = waiter(-1, 0, &high);
	EVENTUALLY(priority_of(getpid()) == -41);
	/* What is lent stays what it is; the owner's own priority shows when it is the better one. */
	OK(sched_setscheduler(0, SCHED_FIFO, &mine));
	CHECK_EQ(priority_of(getpid()), -41);
	OK(kill(b, SIGKILL));
	CHECK_EQ(wait_killed(b), SIGKILL);
	CHECK_EQ(priority_of(getpid()), -36);
	mine.sched_priority = 0;
	OK(sched_setscheduler(0, SCHED_OTHER, &mine));
	CHECK_EQ(priority_of(getpid()), -31);
	OK(unlock_pi(0));
	CHECK(on_its_own(getpid()));
	CHECK_EQ(wait_exit(a), 0);
}

CASE_ROOT(cycle_of_two_is_refused)
{
	pid_t pid;

	begin();
	OK(lock_pi(1));
	pid = waiter(0, 1, NULL);
	CHECK_ERR(lock_pi(0), EDEADLK);
	OK(unlock_pi(1));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(cycle_of_many_is_refused)
{
	enum { TASKS = 8 };
	pid_t pid[TASKS];
	int i;

	begin();
	OK(lock_pi(TASKS));
	/* Task i has lock i and waits for lock i + 1, which the one before it has. */
	for (i = TASKS - 1; i >= 0; i--)
		pid[i] = waiter(i, i + 1, NULL);
	CHECK_ERR(lock_pi(0), EDEADLK);
	OK(unlock_pi(TASKS));
	for (i = 0; i < TASKS; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE_ROOT(deadline_task_lends_its_class)
{
	struct attr deadline = {.size = 48,
				.policy = 6,
				.runtime = 10000000,
				.deadline = 100000000,
				.period = 100000000};
	pid_t pid;

	begin();
	OK(lock_pi(0));
	pid = waiter(-1, 0, &deadline);
	EVENTUALLY(priority_of(getpid()) == -101);
	CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
	OK(unlock_pi(0));
	CHECK(on_its_own(getpid()));
	CHECK_EQ(wait_exit(pid), 0);
}
