/* SPDX-License-Identifier: MIT */
/*
 * The waiting parts of spinlocks and readers-writer locks, and the checked forms.
 */
#include <jiffy/errno.h>
#include <jiffy/init.h>
#include <jiffy/smp.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>

bool spin_unfair;

static int set_spinlocks(char *value)
{
	if (!strcmp(value, "unfair"))
		spin_unfair = true;
	else if (!strcmp(value, "ticket"))
		spin_unfair = false;
	else
		return -EINVAL;
	return 0;
}
early_param("spinlocks=", set_spinlocks);

static void wait_in_line(spinlock_t *lock)
{
	u16 ticket = __atomic_fetch_add(&lock->value, 1u << 16, __ATOMIC_RELAXED) >> 16;

	while (READ_ONCE(lock->owner) != ticket)
		arch_cpu_relax();
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

void __spin_lock_slow(spinlock_t *lock)
{
	if (!spin_unfair) {
		wait_in_line(lock);
		return;
	}
	/* The look before the attempt keeps the line shared among those who wait. */
	while (!arch_neutral_spin_trylock(lock))
		while (spin_is_locked(lock))
			arch_cpu_relax();
}

static void read_lock_spin(rwlock_t *lock)
{
	for (;;) {
		int c = atomic_read(&lock->count);

		if (c >= 0 && __atomic_compare_exchange_n(&lock->count.counter, &c, c + 1, false,
							  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		arch_cpu_relax();
	}
}

static void write_lock_spin(rwlock_t *lock)
{
	for (;;) {
		int c = 0;

		if (!atomic_read(&lock->count) &&
		    __atomic_compare_exchange_n(&lock->count.counter, &c, -1, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		arch_cpu_relax();
	}
}

#ifdef JIFFY_CHECKED

#define CALLER ((unsigned long)__builtin_return_address(0))

void spin_lock_nested(spinlock_t *lock, int subclass)
{
	preempt_disable();
	if (lock->cpu == smp_processor_id() + 1 && spin_is_locked(lock))
		panic("spinlock %s taken again by the CPU that holds it",
		      lock->dep_map.name ? lock->dep_map.name : "?");
	lock_acquire(&lock->dep_map, subclass, false, false, false, CALLER);
	arch_neutral_spin_lock(lock);
	lock->cpu = smp_processor_id() + 1;
}

bool spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (!arch_neutral_spin_trylock(lock)) {
		preempt_enable();
		return false;
	}
	lock->cpu = smp_processor_id() + 1;
	lock_acquire(&lock->dep_map, 0, true, false, false, CALLER);
	return true;
}

void __spin_release(spinlock_t *lock)
{
	if (lock->cpu != smp_processor_id() + 1)
		panic("spinlock %s released by CPU %d, held by CPU %d",
		      lock->dep_map.name ? lock->dep_map.name : "?", smp_processor_id(),
		      lock->cpu - 1);
	lock->cpu = 0;
	lock_release(&lock->dep_map, CALLER);
	arch_neutral_spin_unlock(lock);
}

void read_lock(rwlock_t *lock)
{
	preempt_disable();
	lock_acquire(&lock->dep_map, 0, false, true, false, CALLER);
	read_lock_spin(lock);
}

void write_lock(rwlock_t *lock)
{
	preempt_disable();
	lock_acquire(&lock->dep_map, 0, false, false, false, CALLER);
	write_lock_spin(lock);
}

void __read_release(rwlock_t *lock)
{
	lock_release(&lock->dep_map, CALLER);
	__atomic_fetch_sub(&lock->count.counter, 1, __ATOMIC_RELEASE);
}

void __write_release(rwlock_t *lock)
{
	lock_release(&lock->dep_map, CALLER);
	__atomic_store_n(&lock->count.counter, 0, __ATOMIC_RELEASE);
}

#else

void read_lock(rwlock_t *lock)
{
	preempt_disable();
	read_lock_spin(lock);
}

void write_lock(rwlock_t *lock)
{
	preempt_disable();
	write_lock_spin(lock);
}

#endif
