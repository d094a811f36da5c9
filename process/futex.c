/* SPDX-License-Identifier: MIT */
/*
 * Futexes: the hash of waiters, FUTEX_WAIT and FUTEX_WAKE, WAKE_OP, the system calls. Requeueing
 * is in futex_requeue.c, priority inheritance in futex_pi.c, robust lists in futex_robust.c.
 * Rules in futex.h.
 */
#include <arch/uaccess.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/mutation.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#include "futex.h"
#include "internal.h"

static struct futex_bucket *futex_table;
static unsigned int futex_bits;

static int __init futex_init(void)
{
	unsigned long n = roundup_pow_of_two(64 * num_possible_cpus()), i;

	futex_table = kvmalloc(n * sizeof(*futex_table), GFP_KERNEL);
	if (!futex_table)
		panic("No memory for the futex hash");
	futex_bits = ilog2(n);
	for (i = 0; i < n; i++) {
		atomic_set(&futex_table[i].waiters, 0);
		spin_lock_init(&futex_table[i].lock);
		INIT_LIST_HEAD(&futex_table[i].chain);
	}
	return 0;
}
core_initcall(futex_init);

struct futex_bucket *futex_hash(const struct futex_key *key)
{
	/* Two multiplications by odd constants mix pointer and offset into the upper bits. */
	u64 h = ((u64)key->ptr ^ (key->word * 0x9e3779b97f4a7c15ULL)) * 0xd6e8feb86659fd93ULL;

	return &futex_table[h >> (64 - futex_bits)];
}

/*
 * A word in private memory is known by its address. One in a shared mapping is known by file and
 * offset, so that all who map it meet; that needs a look at the VMA, and no page.
 */
int get_futex_key(u32 __user *uaddr, bool shared, struct futex_key *key, bool write)
{
	unsigned long addr = (unsigned long)uaddr;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int ret = 0;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	*key = (struct futex_key){.ptr = mm, .word = addr};
	if (!shared)
		return 0;
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (!vma || !(vma->vm_flags & (write ? VM_WRITE : VM_READ))) {
		ret = -EFAULT;
	} else if ((vma->vm_flags & VM_SHARED) && vma->vm_file) {
		key->ptr = file_inode(vma->vm_file);
		key->word = addr - vma->vm_start + (vma->vm_pgoff << PAGE_SHIFT);
		key->shared = true;
	}
	mmap_read_unlock(mm);
	return ret;
}

int get_futex_value_locked(u32 *val, u32 __user *uaddr)
{
	int ret;

	pagefault_disable();
	ret = get_user(*val, uaddr);
	pagefault_enable();
	return ret;
}

int fault_in_user_writeable(u32 __user *uaddr)
{
	struct mm_struct *mm = current->mm;
	int ret;

	mmap_read_lock(mm);
	ret = fixup_user_fault(mm, (unsigned long)uaddr, FAULT_FLAG_WRITE);
	mmap_read_unlock(mm);
	return ret < 0 ? ret : 0;
}

struct futex_bucket *futex_q_lock(struct futex_q *q)
{
	struct futex_bucket *hb = futex_hash(&q->key);

	/* A full barrier, with the waker's: see the timeline in futex.h. */
	atomic_inc_return(&hb->waiters);
	q->lock_ptr = &hb->lock;
	spin_lock(&hb->lock);
	return hb;
}

void futex_q_unlock(struct futex_bucket *hb)
{
	spin_unlock(&hb->lock);
	atomic_dec(&hb->waiters);
}

/* Ordinary waiters go to the end at once; real-time ones before those of lesser priority. */
static void chain_insert(struct futex_q *q, struct futex_bucket *hb)
{
	struct list_head *pos = hb->chain.prev;

	while (pos != &hb->chain && list_entry(pos, struct futex_q, list)->prio > q->prio)
		pos = pos->prev;
	list_add(&q->list, pos);
}

void futex_queue(struct futex_q *q, struct futex_bucket *hb)
{
	lockdep_assert_held(&hb->lock);
	q->prio = min(current->normal_prio, MAX_RT_PRIO);
	q->task = current;
	chain_insert(q, hb);
}

void __futex_unqueue(struct futex_q *q)
{
	struct futex_bucket *hb = container_of(q->lock_ptr, struct futex_bucket, lock);

	lockdep_assert_held(q->lock_ptr);
	list_del_init(&q->list);
	atomic_dec(&hb->waiters);
}

void futex_wake_mark(struct futex_q *q)
{
	struct task_struct *t = q->task;

	get_task_struct(t);
	__futex_unqueue(q);
	/* From this store on q, which is on the waiter's stack, may be gone. */
	smp_store_release(&q->lock_ptr, NULL);
	wake_up_state(t, TASK_NORMAL);
	put_task_struct(t);
}

bool futex_unqueue(struct futex_q *q)
{
	spinlock_t *lock;

	while ((lock = READ_ONCE(q->lock_ptr))) {
		spin_lock(lock);
		/* Requeued between the read and the lock? Then follow. */
		if (lock == q->lock_ptr) {
			__futex_unqueue(q);
			spin_unlock(lock);
			return true;
		}
		spin_unlock(lock);
	}
	return false;
}

bool futex_leave_first(struct futex_q *q)
{
	spinlock_t *lock;
	bool first;

	while ((lock = READ_ONCE(q->lock_ptr))) {
		spin_lock(lock);
		if (lock == q->lock_ptr) {
			first = q->requeue_state == Q_REQUEUE_PI_NONE;
			if (first)
				__futex_unqueue(q);
			spin_unlock(lock);
			return first;
		}
		spin_unlock(lock);
	}
	return false;
}

void futex_requeue_to(struct futex_q *q, struct futex_bucket *from, struct futex_bucket *to,
		      const struct futex_key *key)
{
	if (from != to) {
		list_del(&q->list);
		atomic_dec(&from->waiters);
		atomic_inc(&to->waiters);
		chain_insert(q, to);
		q->lock_ptr = &to->lock;
	}
	if (!mutant(FUTEX_REQUEUE_LOSES))
		q->key = *key;
}

void double_lock_hb(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, SINGLE_DEPTH_NESTING);
}

void double_unlock_hb(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

void futex_wait_sleep(struct futex_q *q, const ktime_t *until, clockid_t clock)
{
	ktime_t t;

	/* The state was set before q was visible to wakers: a wake-up since then made us run. */
	if (READ_ONCE(q->lock_ptr) && !signal_pending(current)) {
		if (until) {
			t = *until;
			schedule_hrtimeout_range_clock(&t, current_timer_slack(), HRTIMER_MODE_ABS,
						       clock);
		} else {
			schedule();
		}
	}
	__set_current_state(TASK_RUNNING);
}

static clockid_t wait_clock(unsigned int flags)
{
	return flags & FLAGS_CLOCKRT ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

static ktime_t clock_now(clockid_t clock)
{
	return clock == CLOCK_REALTIME ? ktime_get_real() : ktime_get();
}

/* Queues current on the futex when its value still is val. 0, -EAGAIN, -EFAULT, -EINVAL. */
int futex_wait_setup(u32 __user *uaddr, unsigned int flags, u32 val, struct futex_q *q)
{
	struct futex_bucket *hb;
	u32 uval;
	int ret;

	for (;;) {
		ret = get_futex_key(uaddr, flags & FLAGS_SHARED, &q->key, false);
		if (ret)
			return ret;
		hb = futex_q_lock(q);
		ret = get_futex_value_locked(&uval, uaddr);
		if (likely(!ret))
			break;
		futex_q_unlock(hb);
		if (get_user(uval, uaddr))
			return -EFAULT;
	}
	if (uval != val && !mutant(FUTEX_VALUE_UNCHECKED)) {
		futex_q_unlock(hb);
		return -EAGAIN;
	}
	set_current_state(TASK_INTERRUPTIBLE);
	futex_queue(q, hb);
	spin_unlock(&hb->lock);
	return 0;
}

static long futex_wait_restart(struct restart_block *rb)
{
	ktime_t until = rb->futex.time;

	rb->fn = do_no_restart_syscall;
	return futex_wait(rb->futex.uaddr, rb->futex.flags, rb->futex.val, &until,
			  rb->futex.bitset);
}

long futex_wait(u32 __user *uaddr, unsigned int flags, u32 val, const ktime_t *until, u32 bitset)
{
	struct futex_q q = {.bitset = bitset};
	struct restart_block *rb;
	int ret;

	if (!bitset)
		return -EINVAL;
	for (;;) {
		ret = futex_wait_setup(uaddr, flags, val, &q);
		if (ret)
			return ret;
		futex_wait_sleep(&q, until, wait_clock(flags));
		if (!futex_unqueue(&q))
			return 0;
		if (until && clock_now(wait_clock(flags)) >= *until)
			return -ETIMEDOUT;
		if (signal_pending(current))
			break;
		/* Woken by nobody in particular: wait again. */
	}
	if (!until)
		return -ERESTARTSYS;
	rb = &current->restart_block;
	rb->fn = futex_wait_restart;
	rb->futex.uaddr = uaddr;
	rb->futex.val = val;
	rb->futex.time = *until;
	rb->futex.bitset = bitset;
	rb->futex.flags = flags;
	return -ERESTART_RESTARTBLOCK;
}

/* Wakes up to nr waiters of key in hb, which is locked. How many, or -EINVAL for a PI futex. */
static int wake_matching(struct futex_bucket *hb, const struct futex_key *key, int nr, u32 bitset)
{
	struct futex_q *q, *n;
	int woken = 0;

	list_for_each_entry_safe (q, n, &hb->chain, list) {
		if (!match_futex(&q->key, key))
			continue;
		if (q->pi_state || q->rt_waiter)
			return -EINVAL;
		if (!(q->bitset & bitset) && !mutant(FUTEX_BITSET_IGNORED))
			continue;
		futex_wake_mark(q);
		if (++woken >= nr)
			break;
	}
	return woken;
}

long futex_wake(u32 __user *uaddr, unsigned int flags, int nr, u32 bitset)
{
	struct futex_bucket *hb;
	struct futex_key key;
	int ret;

	if (!bitset)
		return -EINVAL;
	ret = get_futex_key(uaddr, flags & FLAGS_SHARED, &key, false);
	if (ret)
		return ret;
	hb = futex_hash(&key);
	smp_mb(); /* with futex_q_lock() */
	if (!atomic_read(&hb->waiters) || mutant(FUTEX_WAKE_LOST))
		return 0;
	spin_lock(&hb->lock);
	ret = wake_matching(hb, &key, nr, bitset);
	spin_unlock(&hb->lock);
	return ret;
}

/* What FUTEX_WAKE_OP's number says: op 4 bits, comparison 4 bits, two arguments of 12 bits. */
static int futex_atomic_op(int encoded, u32 __user *uaddr, bool *condition)
{
	unsigned int op = (encoded >> 28) & 7, cmp = (encoded >> 24) & 15;
	int oparg = (int)((u32)encoded << 8) >> 20, cmparg = (int)((u32)encoded << 20) >> 20;
	int old, ret;

	if (encoded & (FUTEX_OP_OPARG_SHIFT << 28)) {
		if (oparg < 0 || oparg > 31)
			oparg &= 31;
		oparg = 1 << oparg;
	}
	pagefault_disable();
	ret = arch_futex_atomic_op(op, oparg, &old, uaddr);
	pagefault_enable();
	if (ret)
		return ret;
	switch (cmp) {
	case FUTEX_OP_CMP_EQ:
		*condition = old == cmparg;
		break;
	case FUTEX_OP_CMP_NE:
		*condition = old != cmparg;
		break;
	case FUTEX_OP_CMP_LT:
		*condition = old < cmparg;
		break;
	case FUTEX_OP_CMP_GE:
		*condition = old >= cmparg;
		break;
	case FUTEX_OP_CMP_LE:
		*condition = old <= cmparg;
		break;
	case FUTEX_OP_CMP_GT:
		*condition = old > cmparg;
		break;
	default:
		return -ENOSYS;
	}
	return 0;
}

long futex_wake_op(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2, int nr1, int nr2,
		   int op)
{
	struct futex_bucket *hb1, *hb2;
	struct futex_key key1, key2;
	bool condition = false;
	int ret, n;

	for (;;) {
		ret = get_futex_key(uaddr1, flags & FLAGS_SHARED, &key1, false);
		if (!ret)
			ret = get_futex_key(uaddr2, flags & FLAGS_SHARED, &key2, true);
		if (ret)
			return ret;
		hb1 = futex_hash(&key1);
		hb2 = futex_hash(&key2);
		double_lock_hb(hb1, hb2);
		ret = futex_atomic_op(op, uaddr2, &condition);
		if (likely(ret != -EFAULT))
			break;
		double_unlock_hb(hb1, hb2);
		ret = fault_in_user_writeable(uaddr2);
		if (ret)
			return ret;
	}
	if (!ret)
		ret = wake_matching(hb1, &key1, nr1, FUTEX_BITSET_MATCH_ANY);
	if (ret >= 0 && condition) {
		n = wake_matching(hb2, &key2, nr2, FUTEX_BITSET_MATCH_ANY);
		ret = n < 0 ? n : ret + n;
	}
	double_unlock_hb(hb1, hb2);
	return ret;
}

long do_futex(u32 __user *uaddr, int op, u32 val, ktime_t *timeout, u32 __user *uaddr2, u32 val2,
	      u32 val3)
{
	int cmd = op & FUTEX_CMD_MASK;
	unsigned int flags = op & FUTEX_PRIVATE_FLAG ? 0 : FLAGS_SHARED;

	if (op & FUTEX_CLOCK_REALTIME) {
		flags |= FLAGS_CLOCKRT;
		if (cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT_REQUEUE_PI &&
		    cmd != FUTEX_LOCK_PI2)
			return -ENOSYS;
	}
	switch (cmd) {
	case FUTEX_WAIT:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAIT_BITSET:
		return futex_wait(uaddr, flags, val, timeout, val3);
	case FUTEX_WAKE:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, flags, val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, flags, uaddr2, val, val2, NULL, false);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, flags, uaddr2, val, val2, &val3, false);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, flags, uaddr2, val, val2, val3);
	case FUTEX_LOCK_PI:
		flags |= FLAGS_CLOCKRT;
		fallthrough;
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(uaddr, flags, timeout, false);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(uaddr, flags);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(uaddr, flags, NULL, true);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(uaddr, flags, val, timeout, FUTEX_BITSET_MATCH_ANY,
					     uaddr2);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_requeue(uaddr, flags, uaddr2, val, val2, &val3, true);
	default:
		return -ENOSYS;
	}
}

static bool cmd_has_timeout(int cmd)
{
	return cmd == FUTEX_WAIT || cmd == FUTEX_LOCK_PI || cmd == FUTEX_LOCK_PI2 ||
	       cmd == FUTEX_WAIT_BITSET || cmd == FUTEX_WAIT_REQUEUE_PI;
}

SYSCALL_DEFINE6(futex, u32 __user *, uaddr, int, op, u32, val,
		const struct __kernel_timespec __user *, utime, u32 __user *, uaddr2, u32, val3)
{
	int cmd = op & FUTEX_CMD_MASK;
	struct timespec64 ts;
	ktime_t t, *tp = NULL;

	if (utime && cmd_has_timeout(cmd)) {
		if (copy_from_user(&ts, utime, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		t = timespec64_to_ktime(ts);
		/* FUTEX_WAIT alone counts from now. */
		if (cmd == FUTEX_WAIT)
			t = ktime_add_safe(ktime_get(), t);
		tp = &t;
	}
	return do_futex(uaddr, op, val, tp, uaddr2, (u32)(unsigned long)utime, val3);
}

/* One of several words that futex_waitv(2) waits for. */
struct waitv_entry {
	struct futex_waitv w;
	struct futex_q q;
};

static int waitv_fetch(struct waitv_entry *v, unsigned int nr,
		       const struct futex_waitv __user *uwaiters)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct futex_waitv *w = &v[i].w;

		if (copy_from_user(w, uwaiters + i, sizeof(*w)))
			return -EFAULT;
		if ((w->flags & ~(FUTEX_32 | FUTEX_PRIVATE_FLAG)) || w->__reserved)
			return -EINVAL;
		if (!(w->flags & FUTEX_32))
			return -EINVAL;
		v[i].q = (struct futex_q){.bitset = FUTEX_BITSET_MATCH_ANY};
	}
	return 0;
}

/* Takes them all off; the highest index that had been woken, or -1. */
static int waitv_unqueue(struct waitv_entry *v, int nr)
{
	int i, woken = -1;

	for (i = 0; i < nr; i++)
		if (!futex_unqueue(&v[i].q))
			woken = i;
	return woken;
}

/* Queues on all. 0; 1 with *woken when one was woken meanwhile; an errno. */
static int waitv_setup(struct waitv_entry *v, int nr, int *woken)
{
	int i, ret;

	for (i = 0; i < nr; i++) {
		unsigned int flags = v[i].w.flags & FUTEX_PRIVATE_FLAG ? 0 : FLAGS_SHARED;

		ret = futex_wait_setup((u32 __user *)v[i].w.uaddr, flags, v[i].w.val, &v[i].q);
		if (ret) {
			__set_current_state(TASK_RUNNING);
			*woken = waitv_unqueue(v, i);
			return *woken >= 0 ? 1 : ret;
		}
	}
	return 0;
}

static bool waitv_any_woken(struct waitv_entry *v, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!READ_ONCE(v[i].q.lock_ptr))
			return true;
	return false;
}

static int waitv_wait(struct waitv_entry *v, int nr, const ktime_t *until, clockid_t clock)
{
	int ret, woken;

	for (;;) {
		ret = waitv_setup(v, nr, &woken);
		if (ret)
			return ret > 0 ? woken : ret;
		set_current_state(TASK_INTERRUPTIBLE);
		if (!waitv_any_woken(v, nr))
			futex_wait_sleep(&v[0].q, until, clock);
		__set_current_state(TASK_RUNNING);
		woken = waitv_unqueue(v, nr);
		if (woken >= 0)
			return woken;
		if (until && clock_now(clock) >= *until)
			return -ETIMEDOUT;
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
}

SYSCALL_DEFINE5(futex_waitv, struct futex_waitv __user *, waiters, unsigned int, nr, unsigned int,
		flags, struct __kernel_timespec __user *, timeout, clockid_t, clock)
{
	struct waitv_entry *v;
	struct timespec64 ts;
	ktime_t t;
	int ret;

	if (flags || !nr || nr > FUTEX_WAITV_MAX || !waiters)
		return -EINVAL;
	if (timeout) {
		if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
			return -EINVAL;
		if (copy_from_user(&ts, timeout, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		t = timespec64_to_ktime(ts);
	}
	v = kcalloc(nr, sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	ret = waitv_fetch(v, nr, waiters);
	if (!ret)
		ret = waitv_wait(v, nr, timeout ? &t : NULL, clock);
	kfree(v);
	return ret;
}
