/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks: ticket locks, so waiters get in the order in which they came (but see spin_unfair);
 * readers-writer locks that prefer nobody. Taking one turns preemption off until it is given back.
 * A lock that an interrupt handler takes is always taken with interrupts off (_irq, _irqsave); one
 * that only softirqs take, with _bh. kernel/spinlock.c has the slow paths.
 */
#ifndef JIFFY_SPINLOCK_H
#define JIFFY_SPINLOCK_H

#include <jiffy/atomic.h>
#include <jiffy/lockdep.h>
#include <jiffy/preempt.h>

typedef struct spinlock {
	union {
		u32 value;
		struct {
			u16 owner; /* the ticket that holds the lock */
			u16 next;  /* the ticket for the next to come */
		};
	};
#ifdef JIFFY_CHECKED
	int cpu; /* holder's CPU + 1, 0 when free */
	struct lockdep_map dep_map;
#endif
} spinlock_t;
typedef spinlock_t raw_spinlock_t;

typedef struct {
	atomic_t count; /* readers inside, or -1 for a writer */
#ifdef JIFFY_CHECKED
	struct lockdep_map dep_map;
#endif
} rwlock_t;

#define __SPIN_LOCK_UNLOCKED(nm) { .value = 0, __DEP_MAP_INIT(nm) }
#define DEFINE_SPINLOCK(nm)	 spinlock_t nm = __SPIN_LOCK_UNLOCKED(nm)
#define __RW_LOCK_UNLOCKED(nm)	 { .count = ATOMIC_INIT(0), __DEP_MAP_INIT(nm) }
#define DEFINE_RWLOCK(nm)	 rwlock_t nm = __RW_LOCK_UNLOCKED(nm)

#define spin_lock_init(l)                                                                          \
	do {                                                                                       \
		static struct lock_class_key __key __maybe_unused;                                 \
		*(l) = (spinlock_t){ .value = 0 };                                                 \
		lockdep_init_map(&(l)->dep_map, #l, &__key);                                       \
	} while (0)
#define rwlock_init(l)                                                                             \
	do {                                                                                       \
		static struct lock_class_key __key __maybe_unused;                                 \
		*(l) = (rwlock_t){ .count = ATOMIC_INIT(0) };                                      \
		lockdep_init_map(&(l)->dep_map, #l, &__key);                                       \
	} while (0)

/*
 * Waiters draw no tickets: whoever is there when the lock is free has it. For CPUs that are not
 * always there: a hypervisor that has fewer processors than the machine has CPUs stops one in the
 * middle of its wait, and in a queue all behind it wait for its next turn, some milliseconds later,
 * each time the lock changes hands. Boot parameter spinlocks=ticket|unfair; without it,
 * arch_setup() asks for the latter where a hypervisor runs the machine.
 */
extern bool spin_unfair;

/* What arch_neutral_spin_lock() does when the lock is not free. Spins with cpu_relax(). */
void __spin_lock_slow(spinlock_t *lock);

static __always_inline bool arch_neutral_spin_trylock(spinlock_t *lock)
{
	u32 old = READ_ONCE(lock->value);

	return (u16)old == (u16)(old >> 16) &&
	       __atomic_compare_exchange_n(&lock->value, &old, old + (1u << 16), false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Nobody is overtaken: where a ticket is out, the lock is not free. */
static __always_inline void arch_neutral_spin_lock(spinlock_t *lock)
{
	if (unlikely(!arch_neutral_spin_trylock(lock)))
		__spin_lock_slow(lock);
}

static __always_inline void arch_neutral_spin_unlock(spinlock_t *lock)
{
	/* Nobody else writes it: one store, but what was done under the lock is seen before it. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	lock->owner++;
}

static inline bool spin_is_locked(spinlock_t *lock)
{
	u32 v = READ_ONCE(lock->value);

	return (u16)v != (u16)(v >> 16);
}

static inline bool spin_is_contended(spinlock_t *lock)
{
	u32 v = READ_ONCE(lock->value);

	return (u16)((v >> 16) - v) > 1;
}

#ifdef JIFFY_CHECKED
/* The same with the validator told, and the holder known. kernel/spinlock.c. */
void spin_lock_nested(spinlock_t *lock, int subclass);
bool spin_trylock(spinlock_t *lock);
void __spin_release(spinlock_t *lock);
void read_lock(rwlock_t *lock);
void write_lock(rwlock_t *lock);
void __read_release(rwlock_t *lock);
void __write_release(rwlock_t *lock);
#define spin_lock(l) spin_lock_nested(l, 0)
#else
static __always_inline void spin_lock(spinlock_t *lock)
{
	preempt_disable();
	arch_neutral_spin_lock(lock);
}

static __always_inline bool spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (arch_neutral_spin_trylock(lock))
		return true;
	preempt_enable();
	return false;
}

static __always_inline void __spin_release(spinlock_t *lock)
{
	arch_neutral_spin_unlock(lock);
}
#define spin_lock_nested(l, sub) spin_lock(l)
void read_lock(rwlock_t *lock);
void write_lock(rwlock_t *lock);

static __always_inline void __read_release(rwlock_t *lock)
{
	__atomic_fetch_sub(&lock->count.counter, 1, __ATOMIC_RELEASE);
}

static __always_inline void __write_release(rwlock_t *lock)
{
	__atomic_store_n(&lock->count.counter, 0, __ATOMIC_RELEASE);
}
#endif

static __always_inline void spin_unlock(spinlock_t *lock)
{
	__spin_release(lock);
	preempt_enable();
}

static __always_inline void read_unlock(rwlock_t *lock)
{
	__read_release(lock);
	preempt_enable();
}

static __always_inline void write_unlock(rwlock_t *lock)
{
	__write_release(lock);
	preempt_enable();
}

/* Softirqs off and on; enabling runs those that wait. kernel/softirq.c (room irq). */
void local_bh_disable(void);
void local_bh_enable(void);

#define spin_lock_irq(l)                                                                           \
	do {                                                                                       \
		local_irq_disable();                                                               \
		spin_lock(l);                                                                      \
	} while (0)
#define spin_lock_irqsave(l, flags)                                                                \
	do {                                                                                       \
		local_irq_save(flags);                                                             \
		spin_lock(l);                                                                      \
	} while (0)
#define spin_lock_bh(l)                                                                            \
	do {                                                                                       \
		local_bh_disable();                                                                \
		spin_lock(l);                                                                      \
	} while (0)
/* Interrupts come back before preemption does, so that the pending switch may happen here. */
#define spin_unlock_irq(l)                                                                         \
	do {                                                                                       \
		__spin_release(l);                                                                 \
		local_irq_enable();                                                                \
		preempt_enable();                                                                  \
	} while (0)
#define spin_unlock_irqrestore(l, flags)                                                           \
	do {                                                                                       \
		__spin_release(l);                                                                 \
		local_irq_restore(flags);                                                          \
		preempt_enable();                                                                  \
	} while (0)
#define spin_unlock_bh(l)                                                                          \
	do {                                                                                       \
		spin_unlock(l);                                                                    \
		local_bh_enable();                                                                 \
	} while (0)
#define read_lock_irqsave(l, f)	      do { local_irq_save(f); read_lock(l); } while (0)
#define read_unlock_irqrestore(l, f)                                                               \
	do { __read_release(l); local_irq_restore(f); preempt_enable(); } while (0)
#define write_lock_irqsave(l, f)      do { local_irq_save(f); write_lock(l); } while (0)
#define write_unlock_irqrestore(l, f)                                                              \
	do { __write_release(l); local_irq_restore(f); preempt_enable(); } while (0)
#define write_lock_irq(l)	      do { local_irq_disable(); write_lock(l); } while (0)
#define write_unlock_irq(l)                                                                        \
	do { __write_release(l); local_irq_enable(); preempt_enable(); } while (0)

#define raw_spin_lock		    spin_lock
#define raw_spin_lock_nested	    spin_lock_nested
#define raw_spin_trylock	    spin_trylock
#define raw_spin_unlock		    spin_unlock
#define raw_spin_lock_irq	    spin_lock_irq
#define raw_spin_unlock_irq	    spin_unlock_irq
#define raw_spin_lock_irqsave	    spin_lock_irqsave
#define raw_spin_unlock_irqrestore  spin_unlock_irqrestore
#define raw_spin_lock_init	    spin_lock_init

#endif
