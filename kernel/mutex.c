/* SPDX-License-Identifier: MIT */
/*
 * Mutexes. The owner word holds the owning task, with bit 0 set while somebody waits; a free
 * lock nobody waits for is NULL, so both taking and giving back are one compare-and-exchange.
 *
 * A free lock is not kept for a waiter that is still asleep (kernel/rwsem.c says why). The first
 * one is woken; newcomers may overtake it until it runs. If one has, it sets bit 1: from then on
 * it is next, and so nobody starves.
 *
 * Serialization rules: wait_lock guards wait_list and the setting of both bits.
 */
#include <jiffy/mutex.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>

#define WAITERS 1UL
#define NEXT	2UL
#define CALLER	((unsigned long)__builtin_return_address(0))

#ifdef JIFFY_CHECKED
#define mutex_acquire(l, sub, try) lock_acquire(&(l)->dep_map, sub, try, false, true, CALLER)
#define mutex_release(l)	   lock_release(&(l)->dep_map, CALLER)
#else
#define mutex_acquire(l, sub, try) \
	do {                       \
	} while (0)
#define mutex_release(l) \
	do {             \
	} while (0)
#endif

struct mutex_waiter {
	struct list_head list;
	struct task_struct *task;
};

void __mutex_init(struct mutex *lock)
{
	lock->owner = NULL;
	spin_lock_init(&lock->wait_lock);
	INIT_LIST_HEAD(&lock->wait_list);
}

static struct task_struct *owner_task(unsigned long owner)
{
	return (struct task_struct *)(owner & ~(WAITERS | NEXT));
}

static __always_inline bool take_free(struct mutex *lock)
{
	struct task_struct *none = NULL;

	return __atomic_compare_exchange_n(&lock->owner, &none, current, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/* By a newcomer: past those that wait, but not past one that has been overtaken. */
static bool overtake(struct mutex *lock)
{
	unsigned long old = (unsigned long)READ_ONCE(lock->owner);

	do {
		if (owner_task(old) || (old & NEXT))
			return false;
	} while (!__atomic_compare_exchange_n((unsigned long *)&lock->owner, &old,
					      (unsigned long)current | old, false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return true;
}

/*
 * While the owner runs on another CPU it will soon be done, and two switches cost more than
 * waiting. The caller is in an RCU section, which keeps the owner's task_struct readable.
 */
static bool worth_spinning(unsigned long owner)
{
	struct task_struct *t = owner_task(owner);

	return (!t || READ_ONCE(t->on_cpu)) && !need_resched();
}

/* True when the lock was got meanwhile. */
static bool spin_as_newcomer(struct mutex *lock)
{
	bool got;

	rcu_read_lock();
	while (!(got = overtake(lock))) {
		unsigned long owner = (unsigned long)READ_ONCE(lock->owner);

		if ((owner & NEXT) || !worth_spinning(owner))
			break;
		cpu_relax();
	}
	rcu_read_unlock();
	return got;
}

/* By the first waiter, with bit 1 set. True when nobody owns the lock. */
static bool spin_as_next(struct mutex *lock)
{
	unsigned long owner;

	rcu_read_lock();
	while (owner_task(owner = (unsigned long)READ_ONCE(lock->owner)) && worth_spinning(owner))
		cpu_relax();
	rcu_read_unlock();
	return !owner_task(owner);
}

/* The first waiter, under wait_lock: the lock, if nobody owns it; else `bits` are set. */
static bool take_as_first(struct mutex *lock, bool more, unsigned long bits)
{
	unsigned long old = (unsigned long)READ_ONCE(lock->owner);
	unsigned long new;

	do {
		if (owner_task(old))
			new = old | bits;
		else
			new = (unsigned long)current | (more ? WAITERS : 0);
	} while (!__atomic_compare_exchange_n((unsigned long *)&lock->owner, &old, new, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return !owner_task(old);
}

/*
 * w, under wait_lock, waits no more. The one behind it need not be called: w has just seen the lock
 * owned by somebody, whose word has bit 0 and who therefore calls the first in line.
 */
static void give_up(struct mutex *lock, struct mutex_waiter *w)
{
	unsigned long bits = lock->wait_list.next == &w->list ? NEXT : 0;

	list_del(&w->list);
	if (list_empty(&lock->wait_list))
		bits |= WAITERS;
	__atomic_fetch_and((unsigned long *)&lock->owner, ~bits, __ATOMIC_RELAXED);
}

static int lock_slow(struct mutex *lock, unsigned int state)
{
	struct mutex_waiter w = {.task = current};
	unsigned long bits = WAITERS;
	int err = 0;

	if (spin_as_newcomer(lock))
		return 0;
	spin_lock_irq(&lock->wait_lock);
	list_add_tail(&w.list, &lock->wait_list);
	for (;;) {
		bool first = lock->wait_list.next == &w.list;

		set_current_state(state);
		if (first && take_as_first(lock, !list_is_last(&w.list, &lock->wait_list), bits)) {
			list_del(&w.list);
			break;
		}
		if (signal_pending_state(state, current)) {
			give_up(lock, &w);
			err = -EINTR;
			break;
		}
		spin_unlock_irq(&lock->wait_lock);
		if (!first || !(bits & NEXT) || !spin_as_next(lock))
			schedule();
		bits = WAITERS | NEXT;
		spin_lock_irq(&lock->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock_irq(&lock->wait_lock);
	return err;
}

void mutex_lock_nested(struct mutex *lock, int subclass)
{
	might_sleep();
	mutex_acquire(lock, subclass, false);
	if (!take_free(lock))
		lock_slow(lock, TASK_UNINTERRUPTIBLE);
}

static int lock_signals(struct mutex *lock, unsigned int state)
{
	int err = 0;

	might_sleep();
	mutex_acquire(lock, 0, false);
	if (!take_free(lock))
		err = lock_slow(lock, state);
	if (err)
		mutex_release(lock);
	return err;
}

int mutex_lock_interruptible(struct mutex *lock)
{
	return lock_signals(lock, TASK_INTERRUPTIBLE);
}

int mutex_lock_killable(struct mutex *lock)
{
	return lock_signals(lock, TASK_KILLABLE);
}

bool mutex_trylock(struct mutex *lock)
{
	if (!take_free(lock))
		return false;
	mutex_acquire(lock, 0, true);
	return true;
}

void mutex_unlock(struct mutex *lock)
{
	struct task_struct *me = current;
	unsigned long flags;

	ASSERT(owner_task((unsigned long)lock->owner) == me);
	mutex_release(lock);
	if (__atomic_compare_exchange_n(&lock->owner, &me, NULL, false, __ATOMIC_RELEASE,
					__ATOMIC_RELAXED))
		return;
	spin_lock_irqsave(&lock->wait_lock, flags);
	__atomic_fetch_and((unsigned long *)&lock->owner, WAITERS | NEXT, __ATOMIC_RELEASE);
	if (!list_empty(&lock->wait_list))
		wake_up_process(
		    list_first_entry(&lock->wait_list, struct mutex_waiter, list)->task);
	spin_unlock_irqrestore(&lock->wait_lock, flags);
}

bool mutex_is_locked(struct mutex *lock)
{
	return owner_task((unsigned long)READ_ONCE(lock->owner)) != NULL;
}
