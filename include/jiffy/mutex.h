/* SPDX-License-Identifier: MIT */
/*
 * Sleeping locks. A mutex belongs to the task that took it; a rw_semaphore lets many readers or
 * one writer in, first come first served, so neither starves. Task context, preemption on; the
 * _interruptible and _killable forms return -EINTR when a (fatal) signal comes first.
 * kernel/mutex.c, kernel/rwsem.c.
 */
#ifndef JIFFY_MUTEX_H
#define JIFFY_MUTEX_H

#include <jiffy/list.h>
#include <jiffy/spinlock.h>

struct task_struct;

struct mutex {
	struct task_struct *owner; /* NULL: free; two bits: kernel/mutex.c */
	spinlock_t wait_lock;
	struct list_head wait_list; /* under wait_lock */
#ifdef JIFFY_CHECKED
	struct lockdep_map dep_map;
#endif
};

#define __MUTEX_INITIALIZER(nm)                                                                    \
	{ .owner = NULL, .wait_lock = __SPIN_LOCK_UNLOCKED(nm.wait_lock),                          \
	  .wait_list = LIST_HEAD_INIT(nm.wait_list), __DEP_MAP_INIT(nm) }
#define DEFINE_MUTEX(nm) struct mutex nm = __MUTEX_INITIALIZER(nm)

void __mutex_init(struct mutex *lock);
#define mutex_init(l)                                                                              \
	do {                                                                                       \
		static struct lock_class_key __key __maybe_unused;                                 \
		__mutex_init(l);                                                                   \
		lockdep_init_map(&(l)->dep_map, #l, &__key);                                       \
	} while (0)
void mutex_lock_nested(struct mutex *lock, int subclass);
#define mutex_lock(l) mutex_lock_nested(l, 0)
int __must_check mutex_lock_interruptible(struct mutex *lock);
int __must_check mutex_lock_killable(struct mutex *lock);
bool mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);

struct rw_semaphore {
	atomic_long_t count; /* readers inside * 256, and bits: kernel/rwsem.c */
	spinlock_t wait_lock;
	struct list_head wait_list; /* under wait_lock */
	struct task_struct *owner;  /* the writer, or NULL */
#ifdef JIFFY_CHECKED
	struct lockdep_map dep_map;
#endif
};

#define __RWSEM_INITIALIZER(nm)                                                                    \
	{ .count = ATOMIC_LONG_INIT(0), .wait_lock = __SPIN_LOCK_UNLOCKED(nm.wait_lock),           \
	  .wait_list = LIST_HEAD_INIT(nm.wait_list), __DEP_MAP_INIT(nm) }
#define DECLARE_RWSEM(nm) struct rw_semaphore nm = __RWSEM_INITIALIZER(nm)

void __init_rwsem(struct rw_semaphore *sem);
#define init_rwsem(s)                                                                              \
	do {                                                                                       \
		static struct lock_class_key __key __maybe_unused;                                 \
		__init_rwsem(s);                                                                   \
		lockdep_init_map(&(s)->dep_map, #s, &__key);                                       \
	} while (0)
void down_read(struct rw_semaphore *sem);
int __must_check down_read_killable(struct rw_semaphore *sem);
bool down_read_trylock(struct rw_semaphore *sem);
void down_write_nested(struct rw_semaphore *sem, int subclass);
#define down_write(s) down_write_nested(s, 0)
int __must_check down_write_killable(struct rw_semaphore *sem);
bool down_write_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);
bool rwsem_is_locked(struct rw_semaphore *sem);

#endif
