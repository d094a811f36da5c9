/* SPDX-License-Identifier: MIT */
/*
 * PI futexes: the word holds the owner's thread id; who finds it taken asks the kernel, which
 * keeps the waiters in an rt_mutex and lends the owner their priority. FUTEX_LOCK_PI(2const) and
 * its kin, futex(2). Lock order: bucket, pi_mutex.wait_lock, pi_lock of a task.
 */
#include <arch/uaccess.h>
#include <jiffy/gfp.h>
#include <jiffy/ktime.h>
#include <jiffy/slab.h>

#include "futex.h"
#include "internal.h"

void get_pi_state(struct futex_pi_state *state)
{
	refcount_inc(&state->refcount);
}

/* owner's list of states that it has to hand over when it dies. */
static void set_pi_owner(struct futex_pi_state *state, struct task_struct *owner)
{
	lockdep_assert_held(&state->pi_mutex.wait_lock);
	if (state->owner) {
		spin_lock(&state->owner->pi_lock);
		list_del_init(&state->list);
		spin_unlock(&state->owner->pi_lock);
	}
	state->owner = owner;
	if (owner) {
		spin_lock(&owner->pi_lock);
		list_add(&state->list, &owner->pi_state_list);
		spin_unlock(&owner->pi_lock);
	}
}

void put_pi_state(struct futex_pi_state *state)
{
	if (!refcount_dec_and_test(&state->refcount))
		return;
	/* No waiter refers to it any more; the owner unlocks in user space from now on. */
	spin_lock_irq(&state->pi_mutex.wait_lock);
	set_pi_owner(state, NULL);
	state->pi_mutex.owner = NULL;
	spin_unlock_irq(&state->pi_mutex.wait_lock);
	kfree(state);
}

static int cmpxchg_value(u32 *curval, u32 __user *uaddr, u32 uval, u32 newval)
{
	int ret;

	pagefault_disable();
	ret = arch_futex_cmpxchg(curval, uaddr, uval, newval);
	pagefault_enable();
	return ret;
}

static struct futex_q *first_waiter(struct futex_bucket *hb, const struct futex_key *key)
{
	struct futex_q *q;

	list_for_each_entry (q, &hb->chain, list)
		if (match_futex(&q->key, key))
			return q;
	return NULL;
}

/* A state for the owner that the word names. 0 with a reference, or why there is none. */
static int attach_to_owner(u32 uval, const struct futex_key *key, struct futex_pi_state *fresh,
			   struct futex_pi_state **ret_state)
{
	struct task_struct *p = find_get_task_by_vpid(uval & FUTEX_TID_MASK);
	int ret = 0;

	if (!p)
		return -ESRCH;
	if (unlikely(p->flags & PF_KTHREAD)) {
		put_task_struct(p);
		return -EPERM;
	}
	rt_mutex_init_owned(&fresh->pi_mutex, p);
	fresh->key = *key;
	refcount_set(&fresh->refcount, 1);
	INIT_LIST_HEAD(&fresh->list);
	spin_lock_irq(&p->pi_lock);
	if (unlikely(p->futex_state == FUTEX_STATE_DEAD)) {
		ret = -ESRCH;
	} else if (unlikely(p->futex_state == FUTEX_STATE_EXITING)) {
		ret = -EBUSY; /* it is giving up its locks just now */
	} else {
		fresh->owner = p;
		list_add(&fresh->list, &p->pi_state_list);
		*ret_state = fresh;
	}
	spin_unlock_irq(&p->pi_lock);
	put_task_struct(p);
	return ret;
}

/*
 * Takes the lock for task when it is free: 1. Else sets the waiters' bit and finds or makes the
 * state: 0. fresh: memory for one, used up when *ret_state == fresh. Bucket locked.
 */
static int lock_pi_atomic(u32 __user *uaddr, struct futex_bucket *hb, const struct futex_key *key,
			  struct futex_pi_state *fresh, struct futex_pi_state **ret_state,
			  struct task_struct *task, bool set_waiters)
{
	u32 uval, newval, curval, vpid = task_pid_vnr(task);
	struct futex_q *top;
	int ret;

	lockdep_assert_held(&hb->lock);
	if (get_futex_value_locked(&uval, uaddr))
		return -EFAULT;
	if ((uval & FUTEX_TID_MASK) == vpid)
		return -EDEADLK;
	top = first_waiter(hb, key);
	if (top) {
		if (!top->pi_state)
			return -EINVAL;
		/* Its last waiters are leaving: it will be gone when we look again. */
		if (!READ_ONCE(top->pi_state->owner))
			return -EAGAIN;
		get_pi_state(top->pi_state);
		*ret_state = top->pi_state;
		return 0;
	}
	if (!(uval & FUTEX_TID_MASK)) {
		newval = (uval & FUTEX_OWNER_DIED) | vpid | (set_waiters ? FUTEX_WAITERS : 0);
		ret = cmpxchg_value(&curval, uaddr, uval, newval);
		if (ret)
			return ret;
		return curval == uval ? 1 : -EAGAIN;
	}
	ret = cmpxchg_value(&curval, uaddr, uval, uval | FUTEX_WAITERS);
	if (ret)
		return ret;
	if (curval != uval)
		return -EAGAIN;
	ret = attach_to_owner(uval, key, fresh, ret_state);
	/* No such task: it may have exited after it wrote the word, which then has changed. */
	if (ret == -ESRCH && !get_futex_value_locked(&curval, uaddr) &&
	    curval != (uval | FUTEX_WAITERS))
		ret = -EAGAIN;
	return ret;
}

/*
 * Got the lock from one who died: the word still names the dead, and tells from now on that what
 * the lock guards may be in any state. q's bucket is not locked.
 */
static int fixup_owner_word(u32 __user *uaddr, bool owner_died)
{
	u32 uval, curval, newval, vpid = task_pid_vnr(current);
	int ret;

	if (get_user(uval, uaddr))
		return -EFAULT;
	while ((uval & FUTEX_TID_MASK) != vpid) {
		newval = (uval & FUTEX_OWNER_DIED) | FUTEX_WAITERS | vpid;
		if (owner_died)
			newval |= FUTEX_OWNER_DIED;
		ret = cmpxchg_value(&curval, uaddr, uval, newval);
		if (ret) {
			ret = fault_in_user_writeable(uaddr);
			if (ret)
				return ret;
			continue;
		}
		if (curval == uval)
			break;
		uval = curval;
	}
	return 0;
}

static clockid_t pi_clock(unsigned int flags)
{
	return flags & FLAGS_CLOCKRT ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

/* Did the owner before us die with the lock? Told once, to the one who has it now. */
static bool take_owner_died(struct futex_pi_state *state)
{
	bool died;

	spin_lock_irq(&state->pi_mutex.wait_lock);
	died = state->owner_died;
	state->owner_died = false;
	spin_unlock_irq(&state->pi_mutex.wait_lock);
	return died;
}

void futex_try_again(int why)
{
	if (why == -EBUSY)
		schedule_timeout_uninterruptible(1);
	else
		cond_resched();
}

/* Waits for q's pi_state, on which waiter is queued, and takes q off its bucket. */
static int finish_pi_wait(struct futex_q *q, struct rt_mutex_waiter *waiter, u32 __user *uaddr,
			  const ktime_t *until, unsigned int flags)
{
	struct futex_pi_state *state = q->pi_state;
	int ret = rt_mutex_wait(waiter, until, pi_clock(flags));

	if (ret && !rt_mutex_stop_waiting(&state->pi_mutex, waiter))
		ret = 0; /* it came in the last moment */
	futex_unqueue(q);
	if (!ret)
		ret = fixup_owner_word(uaddr, take_owner_died(state));
	put_pi_state(state);
	return ret;
}

/*
 * One attempt: 0 queued on q->pi_state with the bucket unlocked, LOCK_OWNED, LOCK_TAKEN where
 * trylock would have to wait, else an errno, of which -EAGAIN and -EBUSY ask for the next attempt.
 */
#define LOCK_OWNED 1
#define LOCK_TAKEN 2

static int try_lock_pi(u32 __user *uaddr, unsigned int flags, struct futex_q *q,
		       struct rt_mutex_waiter *waiter, bool trylock, struct futex_pi_state **fresh)
{
	struct futex_bucket *hb;
	int ret = get_futex_key(uaddr, flags & FLAGS_SHARED, &q->key, true);

	if (ret)
		return ret;
	hb = futex_q_lock(q);
	ret = lock_pi_atomic(uaddr, hb, &q->key, *fresh, &q->pi_state, current, false);
	if (ret) {
		futex_q_unlock(hb);
		return ret;
	}
	if (q->pi_state == *fresh)
		*fresh = NULL;
	if (trylock) {
		futex_q_unlock(hb);
		put_pi_state(q->pi_state);
		return LOCK_TAKEN;
	}
	futex_queue(q, hb);
	rt_mutex_init_waiter(waiter);
	ret = rt_mutex_start_waiting(&q->pi_state->pi_mutex, waiter, current);
	if (ret) {
		__futex_unqueue(q);
		spin_unlock(&hb->lock);
		put_pi_state(q->pi_state);
		return ret;
	}
	spin_unlock(&hb->lock);
	return 0;
}

long futex_lock_pi(u32 __user *uaddr, unsigned int flags, const ktime_t *until, bool trylock)
{
	struct futex_pi_state *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	struct rt_mutex_waiter waiter;
	struct futex_q q;
	int ret;

	if (!fresh)
		return -ENOMEM;
	for (;;) {
		q = (struct futex_q){.bitset = FUTEX_BITSET_MATCH_ANY};
		ret = try_lock_pi(uaddr, flags, &q, &waiter, trylock, &fresh);
		if (ret == -EFAULT) {
			ret = fault_in_user_writeable(uaddr);
			if (ret)
				break;
		} else if (ret != -EAGAIN && ret != -EBUSY) {
			break;
		}
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		futex_try_again(ret);
	}
	if (!ret)
		ret = finish_pi_wait(&q, &waiter, uaddr, until, flags);
	kfree(fresh);
	if (ret == LOCK_OWNED)
		return 0;
	if (ret == LOCK_TAKEN)
		return -EWOULDBLOCK;
	return ret == -EINTR ? -ERESTARTNOINTR : ret;
}

/* The word, the state and the rt_mutex go to the next owner together. Bucket locked. */
static int hand_over_pi(u32 __user *uaddr, u32 uval, struct futex_pi_state *state)
{
	struct task_struct *new;
	u32 curval, newval;
	int ret;

	spin_lock_irq(&state->pi_mutex.wait_lock);
	new = rt_mutex_next_owner(&state->pi_mutex);
	newval = new ? FUTEX_WAITERS | task_pid_vnr(new) : 0;
	ret = cmpxchg_value(&curval, uaddr, uval, newval);
	if (!ret && curval != uval)
		ret = (FUTEX_TID_MASK & curval) == uval ? -EAGAIN : -EINVAL;
	if (!ret) {
		set_pi_owner(state, new);
		rt_mutex_hand_over(&state->pi_mutex);
	}
	spin_unlock_irq(&state->pi_mutex.wait_lock);
	return ret;
}

static int try_unlock_pi(u32 __user *uaddr, unsigned int flags)
{
	u32 uval, curval, vpid = task_pid_vnr(current);
	struct futex_bucket *hb;
	struct futex_key key;
	struct futex_q *top;
	int ret;

	if (get_user(uval, uaddr))
		return -EFAULT;
	if ((uval & FUTEX_TID_MASK) != vpid)
		return -EPERM;
	ret = get_futex_key(uaddr, flags & FLAGS_SHARED, &key, true);
	if (ret)
		return ret;
	hb = futex_hash(&key);
	spin_lock(&hb->lock);
	top = first_waiter(hb, &key);
	if (top) {
		if (!top->pi_state || top->pi_state->owner != current)
			ret = -EINVAL;
		else
			ret = hand_over_pi(uaddr, uval, top->pi_state);
	} else {
		ret = cmpxchg_value(&curval, uaddr, uval, 0);
		if (!ret && curval != uval)
			ret = -EAGAIN;
	}
	spin_unlock(&hb->lock);
	if (ret == -EFAULT) {
		ret = fault_in_user_writeable(uaddr);
		return ret ? ret : -EAGAIN;
	}
	return ret;
}

long futex_unlock_pi(u32 __user *uaddr, unsigned int flags)
{
	int ret;

	while ((ret = try_unlock_pi(uaddr, flags)) == -EAGAIN)
		cond_resched();
	return ret;
}

/* t dies with PI locks: each goes to its first waiter, who will mend the word. */
void exit_pi_state_list(struct task_struct *t)
{
	struct futex_pi_state *state;
	struct futex_bucket *hb;
	struct futex_key key;

	for (;;) {
		spin_lock_irq(&t->pi_lock);
		state = list_first_entry_or_null(&t->pi_state_list, struct futex_pi_state, list);
		/* One whose last reference is going takes itself off the list. */
		if (state && !refcount_inc_not_zero(&state->refcount)) {
			spin_unlock_irq(&t->pi_lock);
			cpu_relax();
			continue;
		}
		if (state)
			key = state->key;
		spin_unlock_irq(&t->pi_lock);
		if (!state)
			return;
		hb = futex_hash(&key);
		spin_lock(&hb->lock);
		spin_lock_irq(&state->pi_mutex.wait_lock);
		if (state->owner == t) {
			state->owner_died = true;
			set_pi_owner(state, rt_mutex_next_owner(&state->pi_mutex));
			rt_mutex_hand_over(&state->pi_mutex);
		}
		spin_unlock_irq(&state->pi_mutex.wait_lock);
		spin_unlock(&hb->lock);
		put_pi_state(state);
	}
}

/* The waiter owns the second futex without having waited for it. Both buckets locked. */
static void requeue_pi_wake(struct futex_q *q, struct futex_bucket *hb2,
			    const struct futex_key *key2)
{
	struct task_struct *t = q->task;

	get_task_struct(t);
	__futex_unqueue(q);
	q->key = *key2;
	q->rt_waiter = NULL;
	q->requeue_state = Q_REQUEUE_PI_LOCKED;
	smp_store_release(&q->lock_ptr, NULL);
	wake_up_state(t, TASK_NORMAL);
	put_task_struct(t);
}

int futex_requeue_pi_first(u32 __user *uaddr2, struct futex_bucket *hb1, struct futex_bucket *hb2,
			   const struct futex_key *key1, const struct futex_key *key2,
			   struct futex_pi_state **state, bool set_waiters, int *woken)
{
	struct futex_pi_state *fresh;
	struct futex_q *top = first_waiter(hb1, key1);
	u32 uval;
	int ret;

	if (!top)
		return 0;
	if (!top->requeue_pi_key || !match_futex(top->requeue_pi_key, key2))
		return -EINVAL;
	fresh = kzalloc(sizeof(*fresh), GFP_ATOMIC);
	if (!fresh)
		return -ENOMEM;
	ret = lock_pi_atomic(uaddr2, hb2, key2, fresh, state, top->task, set_waiters);
	if (ret == 1) {
		requeue_pi_wake(top, hb2, key2);
		*woken = 1;
		ret = 0;
		/* The others queue behind it, when there are any and they are wanted. */
		if (set_waiters && first_waiter(hb1, key1)) {
			ret = get_futex_value_locked(&uval, uaddr2);
			if (!ret)
				ret = attach_to_owner(uval, key2, fresh, state);
		}
	}
	if (*state != fresh)
		kfree(fresh);
	return ret;
}

int futex_requeue_pi_one(struct futex_q *q, struct futex_bucket *hb1, struct futex_bucket *hb2,
			 const struct futex_key *key2, struct futex_pi_state *state)
{
	int ret;

	get_pi_state(state);
	ret = rt_mutex_start_waiting(&state->pi_mutex, q->rt_waiter, q->task);
	if (ret) {
		/* It would wait for itself: it learns so when it wakes. */
		put_pi_state(state);
		return ret;
	}
	q->pi_state = state;
	q->requeue_state = Q_REQUEUE_PI_DONE;
	futex_requeue_to(q, hb1, hb2, key2);
	return 0;
}

long futex_wait_requeue_pi(u32 __user *uaddr, unsigned int flags, u32 val, const ktime_t *until,
			   u32 bitset, u32 __user *uaddr2)
{
	struct rt_mutex_waiter waiter;
	struct futex_key key2;
	struct futex_q q = {.bitset = bitset, .rt_waiter = &waiter, .requeue_pi_key = &key2};
	bool was_queued;
	int ret;

	if (uaddr == uaddr2 || !bitset)
		return -EINVAL;
	rt_mutex_init_waiter(&waiter);
	ret = get_futex_key(uaddr2, flags & FLAGS_SHARED, &key2, true);
	if (!ret)
		ret = futex_wait_setup(uaddr, flags, val, &q);
	if (ret)
		return ret;
	if (match_futex(&q.key, &key2)) {
		__set_current_state(TASK_RUNNING);
		futex_unqueue(&q);
		return -EINVAL;
	}
	futex_wait_sleep(&q, until, pi_clock(flags));
	was_queued = futex_leave_first(&q);
	if (!was_queued && q.requeue_state == Q_REQUEUE_PI_LOCKED)
		return 0;
	if (!was_queued) {
		ret = finish_pi_wait(&q, &waiter, uaddr2, until, flags);
		/* The condition was signalled, so the wait must not begin anew. */
		return ret == -EINTR ? -EWOULDBLOCK : ret;
	}
	if (until && (pi_clock(flags) == CLOCK_REALTIME ? ktime_get_real() : ktime_get()) >= *until)
		return -ETIMEDOUT;
	return signal_pending(current) ? -ERESTARTNOINTR : -EWOULDBLOCK;
}
