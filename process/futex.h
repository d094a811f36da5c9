/* SPDX-License-Identifier: MIT */
/*
 * Futexes inside: keys, hash buckets, waiters. futex(2), futex(7).
 *
 * Serialization rules: bucket->lock guards the bucket's list and the queueing of every futex_q
 * on it; a waiter that was requeued follows its lock_ptr, which changes only under the lock it
 * names, and becomes NULL when it was woken. Two buckets are locked in the order of their
 * addresses. The order "count the waiter, read the word" against "write the word, look at the
 * count" loses no wake-up:
 *
 *	waiter				waker
 *	waiters++			*uaddr = new (in user space)
 *	full barrier			full barrier
 *	*uaddr == val? then sleep	waiters == 0? then nobody to wake
 */
#ifndef PROCESS_FUTEX_H
#define PROCESS_FUTEX_H

#include <jiffy/futex.h>
#include <jiffy/list.h>
#include <jiffy/spinlock.h>

#include "rtmutex.h"

/* What a futex is: a word of an mm, or of a file that may be mapped anywhere. */
struct futex_key {
	const void *ptr; /* mm_struct or inode */
	unsigned long word;
	bool shared;
};

struct futex_bucket {
	atomic_t waiters;
	spinlock_t lock;
	struct list_head chain; /* real-time waiters first, by priority; others in order */
} ____cacheline_aligned_in_smp;

/* A PI futex while it is contended: the kernel's half of the lock. pi_mutex.wait_lock: owner. */
struct futex_pi_state {
	struct list_head list; /* owner's pi_state_list; its pi_lock */
	struct rt_mutex pi_mutex;
	struct task_struct *owner; /* pi_mutex.wait_lock */
	bool owner_died;	   /* the one before it, and nobody was told; pi_mutex.wait_lock */
	refcount_t refcount;
	struct futex_key key;
};

enum { Q_REQUEUE_PI_NONE, Q_REQUEUE_PI_IGNORE, Q_REQUEUE_PI_DONE, Q_REQUEUE_PI_LOCKED };

struct futex_q {
	struct list_head list;
	int prio;
	struct task_struct *task;
	spinlock_t *lock_ptr;
	struct futex_key key;
	u32 bitset;
	struct futex_pi_state *pi_state;
	struct rt_mutex_waiter *rt_waiter; /* FUTEX_WAIT_REQUEUE_PI */
	struct futex_key *requeue_pi_key;  /* the only place it may be requeued to */
	int requeue_state;		   /* bucket's lock */
};

/* task_struct.futex_state; pi_lock */
enum { FUTEX_STATE_OK, FUTEX_STATE_EXITING, FUTEX_STATE_DEAD };

#define FLAGS_SHARED  1
#define FLAGS_CLOCKRT 2

int get_futex_key(u32 __user *uaddr, bool shared, struct futex_key *key, bool write);
static inline bool match_futex(const struct futex_key *a, const struct futex_key *b)
{
	return a->word == b->word && a->ptr == b->ptr && a->shared == b->shared;
}
struct futex_bucket *futex_hash(const struct futex_key *key);

/* Counts the waiter to come and locks the bucket of q->key. */
struct futex_bucket *futex_q_lock(struct futex_q *q);
void futex_q_unlock(struct futex_bucket *hb);
void futex_queue(struct futex_q *q, struct futex_bucket *hb); /* hb locked; stays locked */
void __futex_unqueue(struct futex_q *q);		      /* q's bucket locked */
/* False when it had been woken. */
bool futex_unqueue(struct futex_q *q);
void futex_wake_mark(struct futex_q *q); /* bucket locked: off the list, and awake */
/*
 * For a FUTEX_WAIT_REQUEUE_PI waiter that woke: true when it still was on its first futex (it is
 * off now), false when it had been made a waiter or the owner of the second one.
 */
bool futex_leave_first(struct futex_q *q);
/* Queues current, asleep in state, when *uaddr is val: 0, -EAGAIN, -EFAULT, -EINVAL. */
int futex_wait_setup(u32 __user *uaddr, unsigned int flags, u32 val, struct futex_q *q);
void futex_requeue_to(struct futex_q *q, struct futex_bucket *from, struct futex_bucket *to,
		      const struct futex_key *key);
void double_lock_hb(struct futex_bucket *a, struct futex_bucket *b);
void double_unlock_hb(struct futex_bucket *a, struct futex_bucket *b);
/* Without sleeping: -EFAULT when the page is not there. */
int get_futex_value_locked(u32 *val, u32 __user *uaddr);
int fault_in_user_writeable(u32 __user *uaddr);
/* Sleeps until woken, timed out or signalled. until NULL: for ever; else absolute. hb's lock free.
 */
void futex_wait_sleep(struct futex_q *q, const ktime_t *until, clockid_t clock);

long futex_wait(u32 __user *uaddr, unsigned int flags, u32 val, const ktime_t *until, u32 bitset);
long futex_wake(u32 __user *uaddr, unsigned int flags, int nr, u32 bitset);
long futex_wake_op(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2, int nr1, int nr2,
		   int op);
long futex_requeue(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2, int nr_wake,
		   int nr_requeue, const u32 *cmpval, bool requeue_pi);
long futex_lock_pi(u32 __user *uaddr, unsigned int flags, const ktime_t *until, bool trylock);
long futex_unlock_pi(u32 __user *uaddr, unsigned int flags);
long futex_wait_requeue_pi(u32 __user *uaddr, unsigned int flags, u32 val, const ktime_t *until,
			   u32 bitset, u32 __user *uaddr2);
void exit_pi_state_list(struct task_struct *t);
void put_pi_state(struct futex_pi_state *state);
void get_pi_state(struct futex_pi_state *state);

/*
 * Before the next attempt at a PI futex. -EBUSY: the owner is just dying and will say what becomes
 * of the lock; it may be less urgent than the caller and need this CPU for it, so the caller
 * sleeps for a tick.
 */
void futex_try_again(int why);

/* FUTEX_CMP_REQUEUE_PI's parts; both buckets locked. futex_pi.c */
int futex_requeue_pi_first(u32 __user *uaddr2, struct futex_bucket *hb1, struct futex_bucket *hb2,
			   const struct futex_key *key1, const struct futex_key *key2,
			   struct futex_pi_state **state, bool set_waiters, int *woken);
int futex_requeue_pi_one(struct futex_q *q, struct futex_bucket *hb1, struct futex_bucket *hb2,
			 const struct futex_key *key2, struct futex_pi_state *state);

#endif
