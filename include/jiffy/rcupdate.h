/* SPDX-License-Identifier: MIT */
/*
 * Read-copy-update. A reader marks its section by turning preemption off; a CPU that has
 * switched tasks, idled or been in user space since a moment holds no reader from before that
 * moment. When every CPU has, a grace period is over, and what was unlinked before it began may
 * be freed. kernel/rcu.c.
 */
#ifndef JIFFY_RCUPDATE_H
#define JIFFY_RCUPDATE_H

#include <jiffy/atomic.h>
#include <jiffy/bug.h>
#include <jiffy/preempt.h>

/*
 * Any context but the idle loop between rcu_idle_enter() and rcu_idle_exit(), where nobody waits
 * for a reader; an interrupt, its softirqs and what nests in them are watched there too. No
 * sleeping inside.
 */
#ifdef JIFFY_CHECKED
void rcu_read_lock(void);
#else
#define rcu_read_lock() preempt_disable()
#endif
#define rcu_read_unlock()    preempt_enable()
#define rcu_read_lock_held() (preempt_count() != 0 || irqs_disabled())

/*
 * A reader's look at a pointer; in checked builds it is asked whether it is one. _check: or is c true,
 * by which the caller keeps what p points to in place?
 */
#define rcu_dereference_check(p, c)                  \
	({                                           \
		ASSERT((c) || rcu_read_lock_held()); \
		smp_load_acquire(&(p));              \
	})
#define rcu_dereference(p)		rcu_dereference_check(p, false)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

/* func(head) runs after a grace period, in softirq context. Any context. */
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
/* kfree(ptr) after a grace period; field is the rcu_head inside *ptr. */
#define kfree_rcu(ptr, field) kfree_rcu_call(&(ptr)->field, offsetof(__typeof__(*(ptr)), field))
void kfree_rcu_call(struct rcu_head *head, size_t offset);
/* Waits for a grace period. Task context. */
void synchronize_rcu(void);
/* Waits until every callback queued so far has run. Task context. */
void rcu_barrier(void);
/*
 * Memory is short: for the next tenth of a second callbacks whose period is over are called without
 * regard for running tasks. Any context.
 */
void rcu_hurry(void);

void rcu_init(void);
/* Told by the scheduler at each switch, by the tick when it found user mode or idle. */
void rcu_note_context_switch(void);
void rcu_check_callbacks(bool user);
/* Between these the CPU holds no reader and is not waited for: idle with the tick stopped. */
void rcu_idle_enter(void);
void rcu_idle_exit(void);

#endif
