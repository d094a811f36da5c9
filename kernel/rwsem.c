/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer semaphores. All is in one word, so that an uncontended reader costs one atomic
 * addition each way:
 *
 *	bit 0	a writer is inside
 *	bit 1	somebody waits: newcomers queue behind
 *	8..	how many readers are inside, counting those that just came and may have to go back
 *
 * Serialization rules: wait_lock guards wait_list and bit 1. Whoever makes a change that may let
 * a waiter in, with bit 1 set, takes wait_lock and calls grant().
 */
#include <jiffy/mutex.h>
#include <jiffy/sched.h>

#define WRITER	1L
#define WAITERS 2L
#define READER	256L
#define CALLER	((unsigned long)__builtin_return_address(0))

#ifdef JIFFY_CHECKED
#define rwsem_acquire(s, sub, try, rd) lock_acquire(&(s)->dep_map, sub, try, rd, true, CALLER)
#define rwsem_release(s)	       lock_release(&(s)->dep_map, CALLER)
#else
#define rwsem_acquire(s, sub, try, rd) \
	do {                           \
	} while (0)
#define rwsem_release(s) \
	do {             \
	} while (0)
#endif

struct rwsem_waiter {
	struct list_head list;
	struct task_struct *task; /* NULL once the lock was granted */
	bool writer;
};

void __init_rwsem(struct rw_semaphore *sem)
{
	atomic_long_set(&sem->count, 0);
	spin_lock_init(&sem->wait_lock);
	INIT_LIST_HEAD(&sem->wait_list);
	sem->owner = NULL;
}

/* After the store the waiter may return and its stack frame be gone: keep the task by itself. */
static void wake_granted(struct rwsem_waiter *w)
{
	struct task_struct *t = w->task;

	list_del(&w->list);
	get_task_struct(t);
	smp_store_release(&w->task, NULL);
	wake_up_process(t);
	put_task_struct(t);
}

/* Lets in the first waiter when it may come, and all readers right behind a first reader. */
static void grant(struct rw_semaphore *sem)
{
	lockdep_assert_held(&sem->wait_lock);
	while (!list_empty(&sem->wait_list)) {
		struct rwsem_waiter *w =
		    list_first_entry(&sem->wait_list, struct rwsem_waiter, list);
		s64 c = atomic_long_read(&sem->count);

		if (w->writer) {
			if ((c & ~WAITERS) != 0)
				return;
			if (!atomic64_try_cmpxchg(&sem->count, &c, c | WRITER))
				continue;
			sem->owner = w->task;
			wake_granted(w);
			break;
		}
		if (atomic64_fetch_add(READER, &sem->count) & WRITER) {
			atomic_long_sub(READER, &sem->count);
			return;
		}
		wake_granted(w);
	}
	if (list_empty(&sem->wait_list))
		atomic64_fetch_andnot(WAITERS, &sem->count);
}

/* wait_lock held on entry, released at return. 0 once granted, -EINTR. */
static int wait_for_grant(struct rw_semaphore *sem, bool writer, unsigned int state)
{
	struct rwsem_waiter w = {.task = current, .writer = writer};

	list_add_tail(&w.list, &sem->wait_list);
	atomic64_fetch_or(WAITERS, &sem->count);
	grant(sem);
	while (w.task) {
		set_current_state(state);
		if (!smp_load_acquire(&w.task))
			break;
		if (signal_pending_state(state, current)) {
			list_del(&w.list);
			if (list_empty(&sem->wait_list))
				atomic64_fetch_andnot(WAITERS, &sem->count);
			grant(sem);
			spin_unlock_irq(&sem->wait_lock);
			__set_current_state(TASK_RUNNING);
			return -EINTR;
		}
		spin_unlock_irq(&sem->wait_lock);
		schedule();
		spin_lock_irq(&sem->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock_irq(&sem->wait_lock);
	return 0;
}

static int read_slow(struct rw_semaphore *sem, unsigned int state)
{
	spin_lock_irq(&sem->wait_lock);
	/* Back out; the writer that we may have kept out by our count is looked after by grant().
	 */
	if (!(atomic64_sub_return(READER, &sem->count) & WRITER) && list_empty(&sem->wait_list)) {
		if (!(atomic64_fetch_add(READER, &sem->count) & WRITER)) {
			spin_unlock_irq(&sem->wait_lock);
			return 0;
		}
		atomic_long_sub(READER, &sem->count);
	}
	return wait_for_grant(sem, false, state);
}

static int write_slow(struct rw_semaphore *sem, unsigned int state)
{
	spin_lock_irq(&sem->wait_lock);
	return wait_for_grant(sem, true, state);
}

static __always_inline bool read_fast(struct rw_semaphore *sem)
{
	return !(__atomic_fetch_add(&sem->count.counter, READER, __ATOMIC_ACQUIRE) &
		 (WRITER | WAITERS));
}

static __always_inline bool write_fast(struct rw_semaphore *sem)
{
	s64 free = 0;

	if (!__atomic_compare_exchange_n(&sem->count.counter, &free, WRITER, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	sem->owner = current;
	return true;
}

void down_read(struct rw_semaphore *sem)
{
	might_sleep();
	rwsem_acquire(sem, 0, false, true);
	if (!read_fast(sem))
		read_slow(sem, TASK_UNINTERRUPTIBLE);
}

int down_read_killable(struct rw_semaphore *sem)
{
	int err = 0;

	might_sleep();
	rwsem_acquire(sem, 0, false, true);
	if (!read_fast(sem))
		err = read_slow(sem, TASK_KILLABLE);
	if (err)
		rwsem_release(sem);
	return err;
}

bool down_read_trylock(struct rw_semaphore *sem)
{
	s64 c = atomic_long_read(&sem->count);

	do {
		if (c & (WRITER | WAITERS))
			return false;
	} while (!atomic64_try_cmpxchg(&sem->count, &c, c + READER));
	rwsem_acquire(sem, 0, true, true);
	return true;
}

void down_write_nested(struct rw_semaphore *sem, int subclass)
{
	might_sleep();
	rwsem_acquire(sem, subclass, false, false);
	if (!write_fast(sem))
		write_slow(sem, TASK_UNINTERRUPTIBLE);
}

int down_write_killable(struct rw_semaphore *sem)
{
	int err = 0;

	might_sleep();
	rwsem_acquire(sem, 0, false, false);
	if (!write_fast(sem))
		err = write_slow(sem, TASK_KILLABLE);
	if (err)
		rwsem_release(sem);
	return err;
}

bool down_write_trylock(struct rw_semaphore *sem)
{
	if (!write_fast(sem))
		return false;
	rwsem_acquire(sem, 0, true, false);
	return true;
}

static void grant_locked(struct rw_semaphore *sem)
{
	unsigned long flags;

	spin_lock_irqsave(&sem->wait_lock, flags);
	grant(sem);
	spin_unlock_irqrestore(&sem->wait_lock, flags);
}

void up_read(struct rw_semaphore *sem)
{
	s64 c;

	rwsem_release(sem);
	c = __atomic_sub_fetch(&sem->count.counter, READER, __ATOMIC_RELEASE);
	if (unlikely((c & WAITERS) && c < READER))
		grant_locked(sem);
}

void up_write(struct rw_semaphore *sem)
{
	rwsem_release(sem);
	sem->owner = NULL;
	if (unlikely(__atomic_sub_fetch(&sem->count.counter, WRITER, __ATOMIC_RELEASE) & WAITERS))
		grant_locked(sem);
}

void downgrade_write(struct rw_semaphore *sem)
{
	sem->owner = NULL;
#ifdef JIFFY_CHECKED
	lock_release(&sem->dep_map, CALLER);
	lock_acquire(&sem->dep_map, 0, true, true, true, CALLER);
#endif
	if (__atomic_add_fetch(&sem->count.counter, READER - WRITER, __ATOMIC_RELEASE) & WAITERS)
		grant_locked(sem);
}

bool rwsem_is_locked(struct rw_semaphore *sem)
{
	return (atomic_long_read(&sem->count) & ~WAITERS) != 0;
}
