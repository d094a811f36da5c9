/* SPDX-License-Identifier: MIT */
/*
 * Robust futexes: a task that dies with locks held leaves a list of them in its own memory, which
 * the kernel walks on its way out: each gets FUTEX_OWNER_DIED and its first waiter is woken.
 * set_robust_list(2), get_robust_list(2). The list is the program's and may hold anything.
 */
#include <arch/uaccess.h>
#include <jiffy/mm.h>
#include <jiffy/mutation.h>
#include <jiffy/ptrace.h>
#include <jiffy/syscalls.h>

#include "futex.h"
#include "internal.h"

void futex_init_task(struct task_struct *t)
{
	t->robust_list = NULL;
	INIT_LIST_HEAD(&t->pi_state_list);
	t->pi_state_cache = NULL;
	t->futex_state = FUTEX_STATE_OK;
	spin_lock_init(&t->pi_lock);
	t->pi_waiters = RB_ROOT_CACHED;
	t->pi_top_task = NULL;
	t->pi_blocked_on = NULL;
}

SYSCALL_DEFINE2(set_robust_list, struct robust_list_head __user *, head, size_t, len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

SYSCALL_DEFINE3(get_robust_list, int, pid, struct robust_list_head __user *__user *, head_ptr,
		size_t __user *, len_ptr)
{
	struct robust_list_head __user *head;
	struct task_struct *t;
	int ret = 0;

	rcu_read_lock();
	t = pid ? find_task_by_vpid(pid) : current;
	if (t)
		get_task_struct(t);
	rcu_read_unlock();
	if (!t)
		return -ESRCH;
	if (!ptrace_may_access(t, PTRACE_MODE_READ_REALCREDS))
		ret = -EPERM;
	head = t->robust_list;
	put_task_struct(t);
	if (ret)
		return ret;
	if (put_user(sizeof(*head), len_ptr))
		return -EFAULT;
	return put_user(head, head_ptr);
}

/* The word of one dead owner's lock. Nonzero ends the walk. */
static int handle_futex_death(u32 __user *uaddr, bool pi, bool pending_op)
{
	u32 uval, newval, curval;
	int ret;

	if ((unsigned long)uaddr % sizeof(u32))
		return -1;
	if (get_user(uval, uaddr))
		return -1;
	for (;;) {
		/*
		 * Died between the unlock and the wake-up: the word is free, but a waiter
		 * sleeps that nobody else will wake.
		 */
		if (pending_op && !pi && !(uval & FUTEX_TID_MASK)) {
			futex_wake(uaddr, FLAGS_SHARED, 1, FUTEX_BITSET_MATCH_ANY);
			return 0;
		}
		if ((uval & FUTEX_TID_MASK) != (u32)task_pid_vnr(current))
			return 0;
		newval = (uval & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		pagefault_disable();
		ret = arch_futex_cmpxchg(&curval, uaddr, uval, newval);
		pagefault_enable();
		if (ret) {
			if (fault_in_user_writeable(uaddr))
				return -1;
			continue;
		}
		if (curval == uval)
			break;
		uval = curval;
	}
	/* The kernel itself hands PI locks over. */
	if (!pi && (uval & FUTEX_WAITERS) && !mutant(ROBUST_WAITER_ASLEEP))
		futex_wake(uaddr, FLAGS_SHARED, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

/* A list pointer's lowest bit says that the lock is a PI one. */
static int fetch_entry(struct robust_list __user **entry, struct robust_list __user *__user *from,
		       bool *pi)
{
	unsigned long value;

	if (get_user(value, (unsigned long __user *)from))
		return -EFAULT;
	*entry = (struct robust_list __user *)(value & ~1UL);
	*pi = value & 1;
	return 0;
}

static void exit_robust_list(struct task_struct *t)
{
	struct robust_list_head __user *head = t->robust_list;
	struct robust_list __user *entry, *next, *pending;
	unsigned int limit = ROBUST_LIST_LIMIT;
	bool pi, next_pi, pending_pi;
	long offset;
	int ret;

	if (fetch_entry(&entry, &head->list.next, &pi) || get_user(offset, &head->futex_offset) ||
	    fetch_entry(&pending, &head->list_op_pending, &pending_pi))
		return;
	while (entry != &head->list) {
		/* Read on before the word changes: a waker may free the entry. */
		ret = fetch_entry(&next, &entry->next, &next_pi);
		/* The one under way may be on the list already: it is dealt with at the end. */
		if (entry != pending &&
		    handle_futex_death((u32 __user *)((char __user *)entry + offset), pi, false))
			return;
		if (ret || !--limit)
			return;
		entry = next;
		pi = next_pi;
		cond_resched();
	}
	if (pending)
		handle_futex_death((u32 __user *)((char __user *)pending + offset), pending_pi,
				   true);
}

static void set_futex_state(struct task_struct *t, unsigned int state)
{
	spin_lock_irq(&t->pi_lock);
	t->futex_state = state;
	spin_unlock_irq(&t->pi_lock);
}

static void futex_cleanup(struct task_struct *t)
{
	if (unlikely(t->robust_list) && !mutant(ROBUST_LIST_IGNORED)) {
		exit_robust_list(t);
		t->robust_list = NULL;
	}
	if (unlikely(!list_empty(&t->pi_state_list)))
		exit_pi_state_list(t);
}

/*
 * EXITING makes those who would wait for a lock of ours try again, until we are DEAD and the word
 * says so: a waiter can neither be missed nor attach to one who will never unlock.
 */
void futex_exit_release(struct task_struct *t)
{
	set_futex_state(t, FUTEX_STATE_EXITING);
	futex_cleanup(t);
	set_futex_state(t, FUTEX_STATE_DEAD);
}

void futex_exec_release(struct task_struct *t)
{
	set_futex_state(t, FUTEX_STATE_EXITING);
	futex_cleanup(t);
	set_futex_state(t, FUTEX_STATE_OK);
}
