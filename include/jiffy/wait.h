/* SPDX-License-Identifier: MIT */
/*
 * Wait queues: a task puts an entry on the queue, sets its state, looks at the condition once
 * more and only then sleeps; the waker makes the condition true and then wakes the queue. The
 * order "queue, state, look" against "true, wake" is what loses no wake-up:
 *
 *	sleeper				waker
 *	add entry, state = asleep	condition = true
 *	full barrier			full barrier (the queue's lock)
 *	condition? then no sleep	entry there? then state = running
 *
 * Any context may wake; waiting needs task context. kernel/wait.c.
 */
#ifndef JIFFY_WAIT_H
#define JIFFY_WAIT_H

#include <jiffy/list.h>
#include <jiffy/spinlock.h>

struct task_struct;
struct wait_queue_entry;
/* Wakes what the entry stands for; the answer counts against nr of exclusive waiters. */
typedef int (*wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int mode, int sync,
				 void *key);

#define WQ_FLAG_EXCLUSIVE 0x01
#define WQ_FLAG_WOKEN	  0x02

struct wait_queue_entry {
	unsigned int flags;
	void *private; /* the task, for default_wake_function */
	wait_queue_func_t func;
	struct list_head entry;
};
typedef struct wait_queue_entry wait_queue_entry_t;

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head; /* under lock */
} wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(nm)                                                          \
	{ .lock = __SPIN_LOCK_UNLOCKED(nm.lock), .head = LIST_HEAD_INIT(nm.head) }
#define DECLARE_WAIT_QUEUE_HEAD(nm) wait_queue_head_t nm = __WAIT_QUEUE_HEAD_INITIALIZER(nm)
#define init_waitqueue_head(wq)                                                                    \
	do {                                                                                       \
		spin_lock_init(&(wq)->lock);                                                       \
		INIT_LIST_HEAD(&(wq)->head);                                                       \
	} while (0)

int default_wake_function(struct wait_queue_entry *e, unsigned int mode, int sync, void *key);
/* Wakes and takes the entry off the queue when that woke the task. */
int autoremove_wake_function(struct wait_queue_entry *e, unsigned int mode, int sync, void *key);

#define DEFINE_WAIT_FUNC(nm, function)                                                             \
	struct wait_queue_entry nm = { .private = current, .func = function,                       \
				       .entry = LIST_HEAD_INIT(nm.entry) }
#define DEFINE_WAIT(nm)		 DEFINE_WAIT_FUNC(nm, autoremove_wake_function)
#define DECLARE_WAITQUEUE(nm, t)                                                                   \
	struct wait_queue_entry nm = { .private = t, .func = default_wake_function,                \
				       .entry = LIST_HEAD_INIT(nm.entry) }

static inline void init_waitqueue_func_entry(struct wait_queue_entry *e, wait_queue_func_t func)
{
	e->flags = 0;
	e->private = NULL;
	e->func = func;
	INIT_LIST_HEAD(&e->entry);
}

/* True when somebody may wait; the caller orders it (or uses wq_has_sleeper()). */
static inline bool waitqueue_active(wait_queue_head_t *wq)
{
	return !list_empty(&wq->head);
}

/* The same after a full barrier: what the caller made true before is seen by a new sleeper. */
static inline bool wq_has_sleeper(wait_queue_head_t *wq)
{
	smp_mb();
	return waitqueue_active(wq);
}

void add_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *e);
void add_wait_queue_exclusive(wait_queue_head_t *wq, struct wait_queue_entry *e);
void remove_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *e);
void prepare_to_wait(wait_queue_head_t *wq, struct wait_queue_entry *e, int state);
void prepare_to_wait_exclusive(wait_queue_head_t *wq, struct wait_queue_entry *e, int state);
/* -ERESTARTSYS, with the entry off the queue, when the state lets a pending signal interrupt. */
long prepare_to_wait_event(wait_queue_head_t *wq, struct wait_queue_entry *e, int state);
void finish_wait(wait_queue_head_t *wq, struct wait_queue_entry *e);

/* Wakes all non-exclusive entries and nr exclusive ones (0: all) whose state is in mode. */
void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr, void *key);
void __wake_up_locked(wait_queue_head_t *wq, unsigned int mode, int nr, void *key);
void __wake_up_sync_key(wait_queue_head_t *wq, unsigned int mode, void *key);

#define wake_up(wq)			 __wake_up(wq, TASK_NORMAL, 1, NULL)
#define wake_up_nr(wq, nr)		 __wake_up(wq, TASK_NORMAL, nr, NULL)
#define wake_up_all(wq)			 __wake_up(wq, TASK_NORMAL, 0, NULL)
#define wake_up_interruptible(wq)	 __wake_up(wq, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_all(wq)	 __wake_up(wq, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(wq)	 __wake_up_sync_key(wq, TASK_INTERRUPTIBLE, NULL)
/* Poll wake-ups carry the events, so that a poller may sleep on. */
#define poll_to_key(m)			 ((void *)(unsigned long)(m))
#define key_to_poll(k)			 ((u32)(unsigned long)(k))
#define wake_up_poll(wq, m)		 __wake_up(wq, TASK_NORMAL, 1, poll_to_key(m))
#define wake_up_interruptible_poll(wq, m) __wake_up(wq, TASK_INTERRUPTIBLE, 1, poll_to_key(m))
#define wake_up_interruptible_sync_poll(wq, m)                                                     \
	__wake_up_sync_key(wq, TASK_INTERRUPTIBLE, poll_to_key(m))

#define ___wait_event(wq, condition, state, exclusive, ret, cmd)                                   \
	({                                                                                         \
		__label__ __out;                                                                   \
		DEFINE_WAIT(__we);                                                                 \
		long __ret = (ret);                                                                \
                                                                                                   \
		if (exclusive)                                                                     \
			__we.flags = WQ_FLAG_EXCLUSIVE;                                            \
		for (;;) {                                                                         \
			long __intr = prepare_to_wait_event(wq, &__we, state);                     \
                                                                                                   \
			if (condition)                                                             \
				break;                                                             \
			if (__intr) {                                                              \
				__ret = __intr;                                                    \
				goto __out;                                                        \
			}                                                                          \
			cmd;                                                                       \
			/* Off the queue by the waker, it need not queue again to look. */         \
			if (list_empty(&__we.entry) && (condition))                                \
				break;                                                             \
		}                                                                                  \
		finish_wait(wq, &__we);                                                            \
	__out:                                                                                     \
		__ret;                                                                             \
	})

/* wq is a wait_queue_head_t itself, not a pointer, as in the literature. */
#define wait_event(wq, condition)                                                                  \
	do {                                                                                       \
		might_sleep();                                                                     \
		if (!(condition))                                                                  \
			(void)___wait_event(&(wq), condition, TASK_UNINTERRUPTIBLE, 0, 0,          \
					    schedule());                                           \
	} while (0)
#define wait_event_interruptible(wq, condition)                                                    \
	({                                                                                         \
		long __r = 0;                                                                      \
		might_sleep();                                                                     \
		if (!(condition))                                                                  \
			__r = ___wait_event(&(wq), condition, TASK_INTERRUPTIBLE, 0, 0,            \
					    schedule());                                           \
		(int)__r;                                                                          \
	})
#define wait_event_interruptible_exclusive(wq, condition)                                          \
	({                                                                                         \
		long __r = 0;                                                                      \
		might_sleep();                                                                     \
		if (!(condition))                                                                  \
			__r = ___wait_event(&(wq), condition, TASK_INTERRUPTIBLE, 1, 0,            \
					    schedule());                                           \
		(int)__r;                                                                          \
	})
#define wait_event_killable(wq, condition)                                                         \
	({                                                                                         \
		long __r = 0;                                                                      \
		might_sleep();                                                                     \
		if (!(condition))                                                                  \
			__r = ___wait_event(&(wq), condition, TASK_KILLABLE, 0, 0, schedule());    \
		(int)__r;                                                                          \
	})
/* timeout in jiffies. 0: it ran out with the condition false; else the jiffies left, at least 1. */
#define ___wait_timeout(wq, condition, timeout, state)                                             \
	({                                                                                         \
		long __left = (timeout), __w;                                                      \
		might_sleep();                                                                     \
		__w = (condition) ? 0                                                              \
				  : ___wait_event(&(wq), (condition) || __left == 0, state, 0, 0,  \
						  __left = schedule_timeout(__left));              \
		__w < 0 ? __w : (condition) && __left == 0 ? 1 : __left;                           \
	})
#define wait_event_timeout(wq, condition, timeout)                                                 \
	___wait_timeout(wq, condition, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_timeout(wq, condition, timeout)                                   \
	___wait_timeout(wq, condition, timeout, TASK_INTERRUPTIBLE)
#define wait_event_killable_timeout(wq, condition, timeout)                                        \
	___wait_timeout(wq, condition, timeout, TASK_KILLABLE)

struct completion {
	unsigned int done; /* under wait.lock */
	wait_queue_head_t wait;
};
#define COMPLETION_INITIALIZER(nm) { 0, __WAIT_QUEUE_HEAD_INITIALIZER(nm.wait) }
#define DECLARE_COMPLETION(nm)	   struct completion nm = COMPLETION_INITIALIZER(nm)
#define DECLARE_COMPLETION_ONSTACK(nm)                                                             \
	struct completion nm;                                                                      \
	init_completion(&nm)
#define init_completion(c)                                                                         \
	do {                                                                                       \
		(c)->done = 0;                                                                     \
		init_waitqueue_head(&(c)->wait);                                                   \
	} while (0)
static inline void reinit_completion(struct completion *c)
{
	c->done = 0;
}
/* complete() lets one waiter through, complete_all() every one for good. Any context. */
void complete(struct completion *c);
void complete_all(struct completion *c);
void wait_for_completion(struct completion *c);
int wait_for_completion_interruptible(struct completion *c);
int wait_for_completion_killable(struct completion *c);
/* Jiffies left, 0 when the time ran out. */
unsigned long wait_for_completion_timeout(struct completion *c, unsigned long timeout);
bool try_wait_for_completion(struct completion *c);
bool completion_done(struct completion *c);

#endif
