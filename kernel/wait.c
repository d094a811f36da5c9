/* SPDX-License-Identifier: MIT */
/*
 * Wait queues and completions. The queue's lock is taken with interrupts off, because handlers
 * wake. See <jiffy/wait.h> for why no wake-up is lost.
 */
#include <jiffy/mutation.h>
#include <jiffy/sched.h>
#include <jiffy/wait.h>

int default_wake_function(struct wait_queue_entry *e, unsigned int mode, int sync, void *key)
{
	return try_to_wake_up(e->private, mode, sync);
}

int autoremove_wake_function(struct wait_queue_entry *e, unsigned int mode, int sync, void *key)
{
	int woken = default_wake_function(e, mode, sync, key);

	if (woken)
		list_del_init(&e->entry);
	return woken;
}

void add_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	e->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	list_add(&e->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* Exclusive entries stand behind the others, so that a wake-up reaches all of those first. */
void add_wait_queue_exclusive(wait_queue_head_t *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	e->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	list_add_tail(&e->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(wait_queue_head_t *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&e->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

static void queue_entry(wait_queue_head_t *wq, struct wait_queue_entry *e)
{
	if (!list_empty(&e->entry))
		return;
	if (e->flags & WQ_FLAG_EXCLUSIVE)
		list_add_tail(&e->entry, &wq->head);
	else
		list_add(&e->entry, &wq->head);
}

void prepare_to_wait(wait_queue_head_t *wq, struct wait_queue_entry *e, int state)
{
	unsigned long flags;

	e->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	queue_entry(wq, e);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void prepare_to_wait_exclusive(wait_queue_head_t *wq, struct wait_queue_entry *e, int state)
{
	unsigned long flags;

	e->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	queue_entry(wq, e);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

long prepare_to_wait_event(wait_queue_head_t *wq, struct wait_queue_entry *e, int state)
{
	unsigned long flags;
	long ret = 0;

	spin_lock_irqsave(&wq->lock, flags);
	if (signal_pending_state(state, current)) {
		/*
		 * Off the queue before the caller looks at the condition for the last time: an
		 * exclusive wake-up after this goes to another waiter, one before made it true.
		 */
		list_del_init(&e->entry);
		ret = -ERESTARTSYS;
	} else {
		queue_entry(wq, e);
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return ret;
}

void finish_wait(wait_queue_head_t *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	/*
	 * Without the lock: only a waker, under it, takes the entry off, and list_del_init() makes
	 * it point at itself last. Both links must do so, or the waker is still at work on it.
	 */
	if (READ_ONCE(e->entry.next) != &e->entry || READ_ONCE(e->entry.prev) != &e->entry) {
		spin_lock_irqsave(&wq->lock, flags);
		list_del_init(&e->entry);
		spin_unlock_irqrestore(&wq->lock, flags);
	}
}

static void wake_up_common(wait_queue_head_t *wq, unsigned int mode, int nr, int sync, void *key)
{
	struct wait_queue_entry *e, *next;

	lockdep_assert_held(&wq->lock);
	list_for_each_entry_safe (e, next, &wq->head, entry) {
		unsigned int flags = e->flags;
		int woken = e->func(e, mode, sync, key);

		if (woken < 0)
			break;
		if (woken && (flags & WQ_FLAG_EXCLUSIVE) && !--nr)
			break;
	}
}

void __wake_up(wait_queue_head_t *wq, unsigned int mode, int nr, void *key)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	if (!mutant(WAKE_UP_LOST))
		wake_up_common(wq, mode, nr, 0, key);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void __wake_up_locked(wait_queue_head_t *wq, unsigned int mode, int nr, void *key)
{
	wake_up_common(wq, mode, nr, 0, key);
}

void __wake_up_sync_key(wait_queue_head_t *wq, unsigned int mode, void *key)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	wake_up_common(wq, mode, 1, WF_SYNC, key);
	spin_unlock_irqrestore(&wq->lock, flags);
}

#define DONE_FOR_GOOD (~0u)

void complete(struct completion *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	if (c->done != DONE_FOR_GOOD)
		c->done++;
	if (!mutant(COMPLETION_LOST))
		wake_up_common(&c->wait, TASK_NORMAL | TASK_WAKEKILL, 1, 0, NULL);
	spin_unlock_irqrestore(&c->wait.lock, flags);
}

void complete_all(struct completion *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	c->done = DONE_FOR_GOOD;
	wake_up_common(&c->wait, TASK_NORMAL | TASK_WAKEKILL, 0, 0, NULL);
	spin_unlock_irqrestore(&c->wait.lock, flags);
}

/*
 * Everything under the completion's own lock: the waiter may free the completion as soon as it
 * returns, and it cannot return before complete() has let the lock go.
 */
static long wait_common(struct completion *c, long timeout, int state)
{
	DECLARE_WAITQUEUE(e, current);

	might_sleep();
	spin_lock_irq(&c->wait.lock);
	if (!c->done) {
		e.flags = WQ_FLAG_EXCLUSIVE;
		list_add_tail(&e.entry, &c->wait.head);
		do {
			if (signal_pending_state(state, current)) {
				timeout = -ERESTARTSYS;
				break;
			}
			__set_current_state(state);
			spin_unlock_irq(&c->wait.lock);
			timeout = schedule_timeout(timeout);
			spin_lock_irq(&c->wait.lock);
		} while (!c->done && timeout);
		list_del(&e.entry);
		__set_current_state(TASK_RUNNING);
	}
	if (c->done && timeout >= 0) {
		if (c->done != DONE_FOR_GOOD)
			c->done--;
		timeout = timeout ? timeout : 1;
	}
	spin_unlock_irq(&c->wait.lock);
	return timeout;
}

void wait_for_completion(struct completion *c)
{
	wait_common(c, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

int wait_for_completion_interruptible(struct completion *c)
{
	long left = wait_common(c, MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE);

	return left < 0 ? left : 0;
}

int wait_for_completion_killable(struct completion *c)
{
	long left = wait_common(c, MAX_SCHEDULE_TIMEOUT, TASK_KILLABLE);

	return left < 0 ? left : 0;
}

unsigned long wait_for_completion_timeout(struct completion *c, unsigned long timeout)
{
	return wait_common(c, timeout, TASK_UNINTERRUPTIBLE);
}

bool try_wait_for_completion(struct completion *c)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&c->wait.lock, flags);
	done = c->done;
	if (done && c->done != DONE_FOR_GOOD)
		c->done--;
	spin_unlock_irqrestore(&c->wait.lock, flags);
	return done;
}

bool completion_done(struct completion *c)
{
	return READ_ONCE(c->done);
}
