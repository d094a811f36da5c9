/* SPDX-License-Identifier: MIT */
/*
 * The lock validator of checked builds. Locks that are initialised at one place of the source
 * are one class. It keeps the graph "held A while taking B" of classes and panics, with both
 * chains, when an edge would close a circle, when a class that an interrupt takes is taken with
 * interrupts on, when a task sleeps with a spinlock, or leaves the kernel or exits with any lock.
 * In plain builds everything here is nothing. kernel/lockdep.c.
 */
#ifndef JIFFY_LOCKDEP_H
#define JIFFY_LOCKDEP_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

struct lock_class_key {
	u16 id; /* 0: not seen yet; given at the first acquisition */
};

#ifdef JIFFY_CHECKED

struct lockdep_map {
	struct lock_class_key *key;
	const char *name;
};
#define MAX_LOCK_DEPTH 32
struct held_lock {
	struct lockdep_map *map;
	unsigned long ip;
	u8 subclass;
	bool read, irqs_off, sleeps;
};

#define __DEP_MAP_INIT(lockname)                                                                   \
	.dep_map = { .key = &(struct lock_class_key){ 0 }, .name = #lockname },
#define lockdep_init_map(map, nm, k)                                                               \
	do {                                                                                       \
		(map)->key = (k);                                                                  \
		(map)->name = (nm);                                                                \
	} while (0)

/*
 * subclass tells apart locks of one class that are held together in a fixed order (two run
 * queues, parent and child directory); sleeps: the lock may block its taker.
 */
void lock_acquire(struct lockdep_map *map, int subclass, bool trylock, bool read, bool sleeps,
		  unsigned long ip);
void lock_release(struct lockdep_map *map, unsigned long ip);
bool lock_is_held(const struct lockdep_map *map);
/* Panics unless the current task holds no lock; where says which moment this is. */
void lockdep_check_no_locks(const char *where);
void lockdep_task_exit(void);
/* Panics when sleeping is forbidden here: preemption or interrupts off, or a spinlock held. */
void __might_sleep(const char *file, int line);
/*
 * Ends the validation: whoever reports a fatal error calls it before the first line, because the
 * console's locks must not come back to a graph whose lock the failing code may hold.
 */
void debug_locks_off(void);
struct seq_file;
/* /proc/lockdep_stats: how large the graph is, and how often its lock was taken. */
void lockdep_show_stats(struct seq_file *m);
struct task_struct;
/* The locks a task holds, to the log. */
void lockdep_print_held(struct task_struct *task);

#define lockdep_assert_held(l)	   ASSERT(lock_is_held(&(l)->dep_map))
#define lockdep_assert_not_held(l) ASSERT(!lock_is_held(&(l)->dep_map))
#define might_sleep_check()	   __might_sleep(__FILE__, __LINE__)

#else

#define __DEP_MAP_INIT(lockname)
#define lockdep_init_map(map, nm, k)	do { } while (0)
#define lockdep_check_no_locks(where)	do { } while (0)
#define lockdep_task_exit()		do { } while (0)
#define lockdep_print_held(t)		do { } while (0)
#define debug_locks_off()		do { } while (0)
#define lockdep_assert_held(l)		do { (void)(l); } while (0)
#define lockdep_assert_not_held(l)	do { (void)(l); } while (0)
#define might_sleep_check()		do { } while (0)

#endif

/*
 * The caller may sleep here. With preempt=voluntary it also gives the CPU to a task that should
 * have it: where one may sleep anyway, nothing depends on staying.
 */
extern bool preempt_voluntary;
bool cond_resched(void);
#define might_sleep()                                                                              \
	do {                                                                                       \
		might_sleep_check();                                                               \
		if (unlikely(preempt_voluntary))                                                   \
			cond_resched();                                                            \
	} while (0)

#define lockdep_assert_irqs_disabled() ASSERT(irqs_disabled())
#define lockdep_assert_preemption_disabled() ASSERT(preempt_count() != 0 || irqs_disabled())
#define SINGLE_DEPTH_NESTING 1

#endif
