/* SPDX-License-Identifier: MIT */
/*
 * Locks whose owner inherits the priority of those who wait for it (Sha, Rajkumar and Lehoczky,
 * "Priority Inheritance Protocols", 1990). They stand behind PI futexes. An unlock hands the
 * lock to the first waiter at once, so a lock with waiters always has an owner and nobody can
 * take it in between.
 *
 * Serialization rules: lock->wait_lock guards waiters and owner; task->pi_lock guards pi_waiters
 * (the first waiter of each lock that the task owns) and pi_blocked_on. wait_lock comes before
 * pi_lock, both with interrupts off. A walk along the chain of owners holds one of each at a time
 * and, where it must go from pi_lock to wait_lock, tries and begins that step again.
 */
#ifndef PROCESS_RTMUTEX_H
#define PROCESS_RTMUTEX_H

#include <jiffy/ktime.h>
#include <jiffy/rbtree.h>
#include <jiffy/spinlock.h>

struct task_struct;

struct rt_mutex {
	spinlock_t wait_lock;
	struct rb_root_cached waiters;
	struct task_struct *owner;
};

struct rt_mutex_waiter {
	struct rb_node tree;	/* lock->waiters; wait_lock */
	struct rb_node pi_tree; /* owner's pi_waiters; its pi_lock */
	struct task_struct *task;
	struct rt_mutex *lock;
	int prio;      /* in tree; wait_lock */
	int pi_prio;   /* in pi_tree */
	bool acquired; /* the lock is the task's; wait_lock, read without it by the task */
};

void rt_mutex_init_owned(struct rt_mutex *lock, struct task_struct *owner);
void rt_mutex_init_waiter(struct rt_mutex_waiter *waiter);
/* wait_lock held. True: nobody owned it, task does now. */
bool rt_mutex_try_take(struct rt_mutex *lock, struct task_struct *task);
/*
 * Queues waiter for task, which need not be current but must not run on its own meanwhile; 0, or
 * -EDEADLK when task would wait for itself. wait_lock not held.
 */
int rt_mutex_start_waiting(struct rt_mutex *lock, struct rt_mutex_waiter *waiter,
			   struct task_struct *task);
/* Sleeps until waiter->acquired: 0, -ETIMEDOUT or -EINTR. until: absolute, NULL for ever. */
int rt_mutex_wait(struct rt_mutex_waiter *waiter, const ktime_t *until, clockid_t clock);
/* Gives up waiting; false when the lock had been acquired already. */
bool rt_mutex_stop_waiting(struct rt_mutex *lock, struct rt_mutex_waiter *waiter);
struct task_struct *rt_mutex_next_owner(struct rt_mutex *lock); /* wait_lock; NULL: no waiter */
/* The owner gives the lock to its next owner, or to nobody; wait_lock held. */
void rt_mutex_hand_over(struct rt_mutex *lock);

#endif
