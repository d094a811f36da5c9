/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer semaphores. All is in one word, so that an uncontended reader costs one atomic
 * addition each way:
 *
 *	bit 0	a writer is inside
 *	bit 1	somebody waits: newcomers queue behind
 *	bit 2	the first of those has been overtaken: it is next
 *	8..	how many readers are inside, counting those that just came and may have to go back
 *
 * A free semaphore is not kept for a writer that is still asleep: its way back to a CPU would be
 * part of everybody's wait, and with sections shorter than a switch all would wait in step for
 * ever after (a convoy). So the first writer in line is woken and tries. Newcomers overtake it
 * until it runs; then it sets bit 2 and enters behind the one that is inside. Readers are let in
 * by whoever leaves, and set bit 2 in the same way. So nobody starves.
 *
 * Serialization rules: wait_lock guards wait_list, bit 1 and bit 2. Whoever makes a change that
 * may let a waiter in, with bit 1 set, takes wait_lock and calls grant().
 */
#include <jiffy/mutex.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>

#define WRITER	1L
#define WAITERS 2L
#define HANDOFF 4L
#define INSIDE	(~(WAITERS | HANDOFF))
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
	struct task_struct *task; /* NULL once a reader was let in */
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

static bool first_in_line(struct rw_semaphore *sem, struct rwsem_waiter *w)
{
	return sem->wait_list.next == &w->list;
}

/* Calls the first waiter when it is a writer; lets in the first readers up to a writer. */
static void grant(struct rw_semaphore *sem)
{
	lockdep_assert_held(&sem->wait_lock);
	while (!list_empty(&sem->wait_list)) {
		struct rwsem_waiter *w =
		    list_first_entry(&sem->wait_list, struct rwsem_waiter, list);

		if (w->writer) {
			if (!(atomic_long_read(&sem->count) & INSIDE))
				wake_up_process(w->task);
			return;
		}
		if (atomic64_fetch_add(READER, &sem->count) & WRITER) {
			atomic_long_sub(READER, &sem->count);
			/* Who came between may leave without seeing bit 2, but not without bit 1. */
			atomic64_fetch_or(HANDOFF, &sem->count);
			return;
		}
		atomic64_fetch_andnot(HANDOFF, &sem->count);
		wake_granted(w);
	}
	atomic64_fetch_andnot(WAITERS, &sem->count);
}

/* wait_lock held: w, who has to wait no more, leaves the line, and the next one is looked after. */
static void leave_line(struct rw_semaphore *sem, struct rwsem_waiter *w)
{
	if (first_in_line(sem, w))
		atomic64_fetch_andnot(HANDOFF, &sem->count);
	list_del(&w->list);
	grant(sem);
}

/* wait_lock held on entry, released at return. 0 once let in, -EINTR. */
static int wait_to_read(struct rw_semaphore *sem, unsigned int state)
{
	struct rwsem_waiter w = {.task = current};
	int err = 0;

	list_add_tail(&w.list, &sem->wait_list);
	atomic64_fetch_or(WAITERS, &sem->count);
	grant(sem);
	while (w.task) {
		set_current_state(state);
		if (!smp_load_acquire(&w.task))
			break;
		if (signal_pending_state(state, current)) {
			leave_line(sem, &w);
			err = -EINTR;
			break;
		}
		spin_unlock_irq(&sem->wait_lock);
		schedule();
		spin_lock_irq(&sem->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock_irq(&sem->wait_lock);
	return err;
}

/* A newcomer, past those that wait but not past one that has waited too long. */
static bool overtake(struct rw_semaphore *sem)
{
	s64 c = atomic_long_read(&sem->count);

	do {
		if (c & ~WAITERS)
			return false;
	} while (!atomic64_try_cmpxchg(&sem->count, &c, c | WRITER));
	sem->owner = current;
	return true;
}

/*
 * While the writer inside runs on another CPU it will soon be done, and two switches cost more
 * than waiting. The caller is in an RCU section, which keeps the writer's task_struct readable.
 *
 * A writer has no name for a moment after it came in and before it leaves. One that was preempted
 * there, perhaps by the caller itself, which may be of a real-time class, does not get on while the
 * caller spins: without a name only so many looks are worth it.
 */
#define NAMELESS_LOOKS 64

static bool worth_spinning(struct rw_semaphore *sem, unsigned int *nameless)
{
	struct task_struct *t = READ_ONCE(sem->owner);

	if (atomic_long_read(&sem->count) >= READER || need_resched())
		return false;
	*nameless = t ? 0 : *nameless + 1;
	return t ? READ_ONCE(t->on_cpu) : *nameless < NAMELESS_LOOKS;
}

/* True when the semaphore was got meanwhile. */
static bool spin_as_newcomer(struct rw_semaphore *sem)
{
	unsigned int nameless = 0;
	bool got;

	rcu_read_lock();
	while (!(got = overtake(sem))) {
		if ((atomic_long_read(&sem->count) & HANDOFF) || !worth_spinning(sem, &nameless))
			break;
		cpu_relax();
	}
	rcu_read_unlock();
	return got;
}

/* By the first in line, with bit 2 set. True when nobody is inside. */
static bool spin_as_next(struct rw_semaphore *sem)
{
	unsigned int nameless = 0;
	bool empty;

	rcu_read_lock();
	while (!(empty = !(atomic_long_read(&sem->count) & INSIDE)) &&
	       worth_spinning(sem, &nameless))
		cpu_relax();
	rcu_read_unlock();
	return empty;
}

/* wait_lock held, w first in line: inside, if nobody else is. */
static bool enter_as_first(struct rw_semaphore *sem, struct rwsem_waiter *w)
{
	long others = list_is_last(&w->list, &sem->wait_list) ? 0 : WAITERS;
	s64 c = atomic_long_read(&sem->count);

	do {
		if (c & INSIDE)
			return false;
	} while (!atomic64_try_cmpxchg(&sem->count, &c, WRITER | others));
	sem->owner = current;
	list_del(&w->list);
	return true;
}

static int write_slow(struct rw_semaphore *sem, unsigned int state)
{
	struct rwsem_waiter w = {.task = current, .writer = true};
	bool woken = false, next;
	int err = 0;

	if (spin_as_newcomer(sem))
		return 0;
	spin_lock_irq(&sem->wait_lock);
	list_add_tail(&w.list, &sem->wait_list);
	atomic64_fetch_or(WAITERS, &sem->count);
	for (;;) {
		set_current_state(state);
		if (first_in_line(sem, &w) && enter_as_first(sem, &w))
			break;
		if (signal_pending_state(state, current)) {
			leave_line(sem, &w);
			err = -EINTR;
			break;
		}
		next = woken && first_in_line(sem, &w);
		if (next)
			atomic64_fetch_or(HANDOFF, &sem->count);
		spin_unlock_irq(&sem->wait_lock);
		if (!next || !spin_as_next(sem))
			schedule();
		woken = true;
		spin_lock_irq(&sem->wait_lock);
	}
	__set_current_state(TASK_RUNNING);
	spin_unlock_irq(&sem->wait_lock);
	return err;
}

static int read_slow(struct rw_semaphore *sem, unsigned int state)
{
	spin_lock_irq(&sem->wait_lock);
	/* Back out; a writer that our count kept out is looked after by grant(). */
	if (!(atomic64_sub_return(READER, &sem->count) & WRITER) && list_empty(&sem->wait_list)) {
		if (!(atomic64_fetch_add(READER, &sem->count) & WRITER)) {
			spin_unlock_irq(&sem->wait_lock);
			return 0;
		}
		atomic_long_sub(READER, &sem->count);
	}
	return wait_to_read(sem, state);
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
	return (atomic_long_read(&sem->count) & INSIDE) != 0;
}
