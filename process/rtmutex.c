/* SPDX-License-Identifier: MIT */
/*
 * Priority inheritance: see rtmutex.h. Task context.
 */
#include <jiffy/mutation.h>
#include <jiffy/sched.h>

#include "internal.h"
#include "rtmutex.h"

#define MAX_CHAIN 1024 /* longer is taken for a deadlock */

static struct rt_mutex_waiter *top_waiter(struct rt_mutex *lock)
{
	return rb_entry_safe(rb_first_cached(&lock->waiters), struct rt_mutex_waiter, tree);
}

static struct rt_mutex_waiter *top_pi_waiter(struct task_struct *t)
{
	return rb_entry_safe(rb_first_cached(&t->pi_waiters), struct rt_mutex_waiter, pi_tree);
}

static bool less_urgent_last(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct rt_mutex_waiter, tree)->prio <
	       rb_entry(b, struct rt_mutex_waiter, tree)->prio;
}

static bool pi_less_urgent_last(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct rt_mutex_waiter, pi_tree)->pi_prio <
	       rb_entry(b, struct rt_mutex_waiter, pi_tree)->pi_prio;
}

static void enqueue_pi(struct task_struct *owner, struct rt_mutex_waiter *w)
{
	lockdep_assert_held(&owner->pi_lock);
	w->pi_prio = w->prio;
	rb_add_cached(&w->pi_tree, &owner->pi_waiters, pi_less_urgent_last);
}

static void dequeue_pi(struct task_struct *owner, struct rt_mutex_waiter *w)
{
	lockdep_assert_held(&owner->pi_lock);
	if (RB_EMPTY_NODE(&w->pi_tree))
		return;
	rb_erase_cached(&w->pi_tree, &owner->pi_waiters);
	RB_CLEAR_NODE(&w->pi_tree);
}

/* The owner runs as its most urgent waiter would. pi_lock. */
static void adjust_prio(struct task_struct *t)
{
	struct rt_mutex_waiter *w = top_pi_waiter(t);

	lockdep_assert_held(&t->pi_lock);
	if (w ? !mutant(PI_BOOST_MISSING) : !mutant(PI_BOOST_KEPT))
		rt_mutex_setprio(t, w ? w->task : NULL);
}

/* The lock's first waiter changed from old to what it is now: the owner's view follows. */
static void update_owner(struct rt_mutex *lock, struct rt_mutex_waiter *old)
{
	struct task_struct *owner = lock->owner;
	struct rt_mutex_waiter *new = top_waiter(lock);

	lockdep_assert_held(&lock->wait_lock);
	if (!owner)
		return;
	spin_lock(&owner->pi_lock);
	if (old)
		dequeue_pi(owner, old);
	if (new)
		enqueue_pi(owner, new);
	adjust_prio(owner);
	spin_unlock(&owner->pi_lock);
}

/*
 * task's priority changed, and task waits for a lock: its place there, the owner's priority, what
 * the owner waits for in its turn... until nothing changes.
 */
static void adjust_chain(struct task_struct *task)
{
	struct task_struct *owner;
	int depth;

	get_task_struct(task);
	for (depth = 0; depth < MAX_CHAIN; depth++) {
		struct rt_mutex_waiter *w, *old;
		struct rt_mutex *lock;

		spin_lock_irq(&task->pi_lock);
		w = task->pi_blocked_on;
		if (!w || w->prio == task->prio) {
			spin_unlock_irq(&task->pi_lock);
			break;
		}
		lock = w->lock;
		if (!spin_trylock(&lock->wait_lock)) {
			spin_unlock_irq(&task->pi_lock);
			cpu_relax();
			continue;
		}
		old = top_waiter(lock);
		rb_erase_cached(&w->tree, &lock->waiters);
		w->prio = task->prio;
		rb_add_cached(&w->tree, &lock->waiters, less_urgent_last);
		spin_unlock(&task->pi_lock);
		update_owner(lock, old);
		owner = lock->owner;
		if (owner)
			get_task_struct(owner);
		spin_unlock_irq(&lock->wait_lock);
		put_task_struct(task);
		task = owner;
		if (!task)
			return;
	}
	put_task_struct(task);
}

/* The scheduler changed t's own priority. */
void rt_mutex_adjust_pi(struct task_struct *t)
{
	if (READ_ONCE(t->pi_blocked_on))
		adjust_chain(t);
}

/* Does the chain of owners that begins with lock lead back to task? */
static bool would_deadlock(struct rt_mutex *lock, struct task_struct *task)
{
	struct task_struct *owner, *next;
	struct rt_mutex_waiter *w;
	int depth;

	spin_lock_irq(&lock->wait_lock);
	owner = lock->owner;
	if (owner)
		get_task_struct(owner);
	spin_unlock_irq(&lock->wait_lock);
	for (depth = 0; owner && depth < MAX_CHAIN; depth++) {
		if (owner == task)
			break;
		next = NULL;
		spin_lock_irq(&owner->pi_lock);
		w = owner->pi_blocked_on;
		/* The lock stays as long as its waiter does; its owner, a hint, is checked again.
		 */
		if (w) {
			if (!spin_trylock(&w->lock->wait_lock)) {
				spin_unlock_irq(&owner->pi_lock);
				cpu_relax();
				continue;
			}
			next = w->lock->owner;
			if (next)
				get_task_struct(next);
			spin_unlock(&w->lock->wait_lock);
		}
		spin_unlock_irq(&owner->pi_lock);
		put_task_struct(owner);
		owner = next;
	}
	if (owner)
		put_task_struct(owner);
	return owner != NULL;
}

void rt_mutex_init_owned(struct rt_mutex *lock, struct task_struct *owner)
{
	spin_lock_init(&lock->wait_lock);
	lock->waiters = RB_ROOT_CACHED;
	lock->owner = owner;
}

void rt_mutex_init_waiter(struct rt_mutex_waiter *w)
{
	RB_CLEAR_NODE(&w->tree);
	RB_CLEAR_NODE(&w->pi_tree);
	w->task = NULL;
	w->lock = NULL;
	w->acquired = false;
}

bool rt_mutex_try_take(struct rt_mutex *lock, struct task_struct *task)
{
	lockdep_assert_held(&lock->wait_lock);
	if (lock->owner)
		return false;
	lock->owner = task;
	return true;
}

int rt_mutex_start_waiting(struct rt_mutex *lock, struct rt_mutex_waiter *w,
			   struct task_struct *task)
{
	struct rt_mutex_waiter *old;
	struct task_struct *owner;

	if (would_deadlock(lock, task))
		return -EDEADLK;
	spin_lock_irq(&lock->wait_lock);
	w->task = task;
	w->lock = lock;
	if (rt_mutex_try_take(lock, task)) {
		w->acquired = true;
		spin_unlock_irq(&lock->wait_lock);
		return 0;
	}
	spin_lock(&task->pi_lock);
	w->prio = task->prio;
	old = top_waiter(lock);
	rb_add_cached(&w->tree, &lock->waiters, less_urgent_last);
	task->pi_blocked_on = w;
	spin_unlock(&task->pi_lock);
	if (top_waiter(lock) == w)
		update_owner(lock, old);
	owner = lock->owner;
	get_task_struct(owner);
	spin_unlock_irq(&lock->wait_lock);
	/* The owner may be waiting itself, and is more urgent now. */
	rt_mutex_adjust_pi(owner);
	put_task_struct(owner);
	return 0;
}

int rt_mutex_wait(struct rt_mutex_waiter *w, const ktime_t *until, clockid_t clock)
{
	int ret = 0;

	for (;;) {
		ktime_t t = until ? *until : 0;

		set_current_state(TASK_INTERRUPTIBLE);
		if (smp_load_acquire(&w->acquired)) {
			ret = 0;
			break;
		}
		if (ret)
			break;
		if (signal_pending(current)) {
			ret = -EINTR;
		} else if (!until) {
			schedule();
		} else if (!schedule_hrtimeout_range_clock(&t, 0, HRTIMER_MODE_ABS, clock)) {
			ret = -ETIMEDOUT;
		}
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

bool rt_mutex_stop_waiting(struct rt_mutex *lock, struct rt_mutex_waiter *w)
{
	struct rt_mutex_waiter *old;
	struct task_struct *owner;

	spin_lock_irq(&lock->wait_lock);
	if (w->acquired) {
		spin_unlock_irq(&lock->wait_lock);
		return false;
	}
	old = top_waiter(lock);
	spin_lock(&w->task->pi_lock);
	rb_erase_cached(&w->tree, &lock->waiters);
	RB_CLEAR_NODE(&w->tree);
	w->task->pi_blocked_on = NULL;
	spin_unlock(&w->task->pi_lock);
	if (old == w)
		update_owner(lock, old);
	owner = lock->owner;
	if (owner)
		get_task_struct(owner);
	spin_unlock_irq(&lock->wait_lock);
	if (owner) {
		rt_mutex_adjust_pi(owner);
		put_task_struct(owner);
	}
	return true;
}

struct task_struct *rt_mutex_next_owner(struct rt_mutex *lock)
{
	struct rt_mutex_waiter *w = top_waiter(lock);

	lockdep_assert_held(&lock->wait_lock);
	return w ? w->task : NULL;
}

void rt_mutex_hand_over(struct rt_mutex *lock)
{
	struct rt_mutex_waiter *w = top_waiter(lock), *next;
	struct task_struct *old = lock->owner, *new;

	lockdep_assert_held(&lock->wait_lock);
	lock->owner = NULL;
	if (old && w) {
		spin_lock(&old->pi_lock);
		dequeue_pi(old, w);
		adjust_prio(old);
		spin_unlock(&old->pi_lock);
	}
	if (!w)
		return;
	new = w->task;
	get_task_struct(new);
	rb_erase_cached(&w->tree, &lock->waiters);
	RB_CLEAR_NODE(&w->tree);
	lock->owner = new;
	next = top_waiter(lock);
	spin_lock(&new->pi_lock);
	new->pi_blocked_on = NULL;
	if (next)
		enqueue_pi(new, next);
	adjust_prio(new);
	spin_unlock(&new->pi_lock);
	/* w is on new's stack: not to be touched after this store. */
	smp_store_release(&w->acquired, true);
	wake_up_state(new, TASK_NORMAL);
	put_task_struct(new);
}
