/* SPDX-License-Identifier: MIT */
/*
 * Work that a task does for others on its way to user space or to its end: a stack of callbacks
 * that anyone may push to without a lock and that the task alone takes, all at once.
 */
#include <jiffy/sched.h>

#include "internal.h"

static struct callback_head work_exited; /* the list of a task that takes no more */

/* 0, or -ESRCH when t is past its last chance to run it. Any context; t cannot go away. */
int task_work_add(struct task_struct *t, struct callback_head *work, bool notify)
{
	struct callback_head *head = READ_ONCE(t->task_works);

	do {
		if (unlikely(head == &work_exited))
			return -ESRCH;
		work->next = head;
	} while (!try_cmpxchg(&t->task_works, &head, work));
	if (notify) {
		set_tsk_thread_flag(t, TIF_NOTIFY_RESUME);
		kick_process(t);
	}
	return 0;
}

/* Callbacks may push more: ends when there are none. First pushed, first run. */
static void run_all(struct task_struct *t, struct callback_head *empty)
{
	for (;;) {
		struct callback_head *work = READ_ONCE(t->task_works), *ordered = NULL, *next;

		do {
			if (work == &work_exited)
				return;
		} while (!try_cmpxchg(&t->task_works, &work, work ? NULL : empty));
		if (!work)
			return;
		for (; work; work = next) {
			next = work->next;
			work->next = ordered;
			ordered = work;
		}
		for (; ordered; ordered = next) {
			next = ordered->next;
			ordered->func(ordered);
			cond_resched();
		}
	}
}

void task_work_run(void)
{
	if (current->task_works)
		run_all(current, NULL);
}

void exit_task_work(struct task_struct *t)
{
	run_all(t, &work_exited);
}
