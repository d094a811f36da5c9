/* SPDX-License-Identifier: MIT */
/*
 * FUTEX_REQUEUE, FUTEX_CMP_REQUEUE and FUTEX_CMP_REQUEUE_PI: waiters of one futex are woken or
 * made waiters of another, so that a broadcast does not wake a herd that only one can feed.
 */
#include <arch/uaccess.h>

#include "futex.h"
#include "internal.h"

/* Both keys, and the value compared under both locks. 0: locked. */
static int requeue_lock(u32 __user *uaddr1, u32 __user *uaddr2, unsigned int flags,
			const u32 *cmpval, bool pi, struct futex_key *key1, struct futex_key *key2,
			struct futex_bucket **hb1, struct futex_bucket **hb2)
{
	u32 val;
	int ret;

	for (;;) {
		ret = get_futex_key(uaddr1, flags & FLAGS_SHARED, key1, false);
		if (!ret)
			ret = get_futex_key(uaddr2, flags & FLAGS_SHARED, key2, pi);
		if (ret)
			return ret;
		if (pi && match_futex(key1, key2))
			return -EINVAL;
		*hb1 = futex_hash(key1);
		*hb2 = futex_hash(key2);
		/* Whoever comes to wait on the second must not be missed while we move. */
		atomic_inc(&(*hb2)->waiters);
		double_lock_hb(*hb1, *hb2);
		if (!cmpval)
			return 0;
		ret = get_futex_value_locked(&val, uaddr1);
		if (!ret && val == *cmpval)
			return 0;
		double_unlock_hb(*hb1, *hb2);
		atomic_dec(&(*hb2)->waiters);
		if (!ret)
			return -EAGAIN;
		if (get_user(val, uaddr1))
			return -EFAULT;
	}
}

/* Walks the waiters of key1. How many were woken or moved, or an errno. */
static int requeue_waiters(struct futex_bucket *hb1, struct futex_bucket *hb2,
			   const struct futex_key *key1, const struct futex_key *key2, int nr_wake,
			   int nr_requeue, struct futex_pi_state *pi_state, int count)
{
	struct futex_q *q, *n;
	int ret;

	list_for_each_entry_safe (q, n, &hb1->chain, list) {
		if (count - nr_wake >= nr_requeue)
			break;
		if (!match_futex(&q->key, key1))
			continue;
		/* A waiter for a lock and one for a condition cannot be treated alike. */
		if ((pi_state && !q->rt_waiter) || (!pi_state && q->rt_waiter) || q->pi_state)
			return -EINVAL;
		if (!pi_state) {
			if (++count <= nr_wake)
				futex_wake_mark(q);
			else
				futex_requeue_to(q, hb1, hb2, key2);
			continue;
		}
		if (!q->requeue_pi_key || !match_futex(q->requeue_pi_key, key2))
			return -EINVAL;
		ret = futex_requeue_pi_one(q, hb1, hb2, key2, pi_state);
		if (ret < 0)
			return ret;
		count++;
	}
	return count;
}

long futex_requeue(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2, int nr_wake,
		   int nr_requeue, const u32 *cmpval, bool requeue_pi)
{
	struct futex_pi_state *pi_state;
	struct futex_bucket *hb1, *hb2;
	struct futex_key key1, key2;
	int ret, count;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
	/* Exactly one can own the lock afterwards. */
	if (requeue_pi && (uaddr1 == uaddr2 || nr_wake != 1))
		return -EINVAL;
	for (;;) {
		pi_state = NULL;
		count = 0;
		ret = requeue_lock(uaddr1, uaddr2, flags, cmpval, requeue_pi, &key1, &key2, &hb1,
				   &hb2);
		if (ret)
			return ret;
		if (requeue_pi)
			ret = futex_requeue_pi_first(uaddr2, hb1, hb2, &key1, &key2, &pi_state,
						     nr_requeue != 0, &count);
		if (!ret && (!requeue_pi || pi_state))
			ret = requeue_waiters(hb1, hb2, &key1, &key2, nr_wake, nr_requeue, pi_state,
					      count);
		else if (!ret)
			ret = count;
		if (pi_state)
			put_pi_state(pi_state);
		double_unlock_hb(hb1, hb2);
		atomic_dec(&hb2->waiters);
		if (ret == -EFAULT) {
			ret = fault_in_user_writeable(uaddr2);
			if (ret)
				return ret;
			continue;
		}
		if (ret != -EAGAIN && ret != -EBUSY)
			return ret;
		futex_try_again(ret);
	}
}
