/* SPDX-License-Identifier: MIT */
/*
 * Mutexes. The owner word holds the owning task, with bit 0 set while somebody waits; a free
 * lock nobody waits for is NULL, so both taking and giving back are one compare-and-exchange.
 *
 * Serialization rules: wait_lock guards wait_list and the setting of bit 0. While bit 0 is set
 * the lock is given to the first waiter only, so nobody starves; a newcomer queues.
 */
#include <jiffy/mutex.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>

#define WAITERS 1UL
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
	return (struct task_struct *)(owner & ~WAITERS);
}

static __always_inline bool take_free(struct mutex *lock)
{
	struct task_struct *none = NULL;

	return __atomic_compare_exchange_n(&lock->owner, &none, current, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/*
 * While the owner runs on another CPU it will soon be done, and two switches cost more than
 * waiting. RCU keeps its task_struct readable. True when the lock was got meanwhile.
 */
static bool spin_on_owner(struct mutex *lock)
{
	bool got = false;

	rcu_read_lock();
	for (;;) {
		unsigned long owner = (unsigned long)READ_ONCE(lock->owner);
		struct task_struct *t = owner_task(owner);

		if (owner & WAITERS)
			break;
		if (!t) {
			got = take_free(lock);
			if (got)
				break;
			continue;
		}
		if (!READ_ONCE(t->on_cpu) || need_resched())
			break;
		cpu_relax();
	}
	rcu_read_unlock();
	return got;
}

/* Under wait_lock: the lock, if nobody owns it. `more`: others go on waiting. */
static bool take_as_waiter(struct mutex *lock, bool more)
{
	unsigned long old = (unsigned long)READ_ONCE(lock->owner);
	unsigned long new;

	do {
		if (owner_task(old))
			new = old | WAITERS;
		else
			new = (unsigned long)current | (more ? WAITERS : 0);
	} while (!__atomic_compare_exchange_n((unsigned long *)&lock->owner, &old, new, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return !owner_task(old);
}

static int lock_slow(struct mutex *lock, unsigned int state)
{
	struct mutex_waiter w = {.task = current};
	int err = 0;

	if (spin_on_owner(lock))
		return 0;
	spin_lock_irq(&lock->wait_lock);
	list_add_tail(&w.list, &lock->wait_list);
	for (;;) {
		bool first = lock->wait_list.next == &w.list;

		set_current_state(state);
		/* Not first: make sure the flag stands, so that the owner looks for waiters. */
		if (first && take_as_waiter(lock, !list_is_last(&w.list, &lock->wait_list)))
			break;
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		spin_unlock_irq(&lock->wait_lock);
		schedule();
		spin_lock_irq(&lock->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	list_del(&w.list);
	if (err) {
		if (list_empty(&lock->wait_list))
			__atomic_fetch_and((unsigned long *)&lock->owner, ~WAITERS,
					   __ATOMIC_RELAXED);
		else /* a wake-up meant for us goes on */
			wake_up_process(
			    list_first_entry(&lock->wait_list, struct mutex_waiter, list)->task);
	}
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
	if (list_empty(&lock->wait_list)) {
		__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELEASE);
	} else {
		__atomic_store_n((unsigned long *)&lock->owner, WAITERS, __ATOMIC_RELEASE);
		wake_up_process(
		    list_first_entry(&lock->wait_list, struct mutex_waiter, list)->task);
	}
	spin_unlock_irqrestore(&lock->wait_lock, flags);
}

bool mutex_is_locked(struct mutex *lock)
{
	return owner_task((unsigned long)READ_ONCE(lock->owner)) != NULL;
}
