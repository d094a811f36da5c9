/* SPDX-License-Identifier: MIT */
/*
 * epoll_wait(2) and its kin: the scan of what may be ready, and waiting for it. Also the poll of
 * an epoll descriptor itself, which is such a scan. Rules in eventpoll.h. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/file.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/syscalls.h>

#include "eventpoll.h"

#define EP_MAX_EVENTS (INT32_MAX / (int)sizeof(struct epoll_event))

static bool ep_events_available(struct eventpoll *ep)
{
	return !list_empty(&ep->ready) || READ_ONCE(ep->ovflist) != EP_UNACTIVE;
}

/* Takes the ready list; ep->mtx is held from here to ep_done_scan(). */
static void ep_start_scan(struct eventpoll *ep, struct list_head *txlist)
{
	lockdep_assert_held(&ep->mtx);
	spin_lock_irq(&ep->lock);
	list_splice_init(&ep->ready, txlist);
	WRITE_ONCE(ep->ovflist, NULL);
	spin_unlock_irq(&ep->lock);
}

static void ep_done_scan(struct eventpoll *ep, struct list_head *txlist)
{
	struct epitem *it, *next;

	spin_lock_irq(&ep->lock);
	for (it = ep->ovflist; it; it = next) {
		next = it->next;
		it->next = EP_UNACTIVE;
		/* The overflow list is a stack: adding at the front restores the order of events.
		 */
		if (list_empty(&it->ready))
			list_add(&it->ready, &ep->ready);
	}
	WRITE_ONCE(ep->ovflist, EP_UNACTIVE);
	list_splice(txlist, &ep->ready);
	if (!list_empty(&ep->ready) && waitqueue_active(&ep->wq))
		wake_up(&ep->wq);
	spin_unlock_irq(&ep->lock);
}

/* Is anything ready? Items found not to be leave the list. */
static __poll_t ep_poll_nested(struct file *file, poll_table *pt, int depth)
{
	struct eventpoll *ep = file->private_data;
	struct epitem *it, *next;
	LIST_HEAD(txlist);
	poll_table ask;
	__poll_t res = 0;

	poll_wait(file, &ep->poll_wait, pt);
	init_poll_funcptr(&ask, NULL);
	mutex_lock_nested(&ep->mtx, depth);
	ep_start_scan(ep, &txlist);
	list_for_each_entry_safe (it, next, &txlist, ready) {
		if (ep_item_poll(it, &ask, depth + 1)) {
			res = EPOLLIN | EPOLLRDNORM;
			break;
		}
		spin_lock_irq(&ep->lock);
		list_del_init(&it->ready);
		spin_unlock_irq(&ep->lock);
	}
	ep_done_scan(ep, &txlist);
	mutex_unlock(&ep->mtx);
	return res;
}

__poll_t ep_item_poll(const struct epitem *it, poll_table *pt, int depth)
{
	__poll_t res;

	pt->_key = it->event.events;
	res =
	    is_file_epoll(it->file) ? ep_poll_nested(it->file, pt, depth) : vfs_poll(it->file, pt);
	return res & it->event.events;
}

__poll_t ep_eventpoll_poll(struct file *file, poll_table *pt)
{
	return ep_poll_nested(file, pt, 0);
}

/* Copies what is ready; how many, or -EFAULT when not even one could be stored. */
static int ep_send_events(struct eventpoll *ep, struct epoll_event __user *events, int max)
{
	struct epitem *it, *next;
	LIST_HEAD(txlist);
	poll_table pt;
	int n = 0;

	init_poll_funcptr(&pt, NULL);
	mutex_lock(&ep->mtx);
	ep_start_scan(ep, &txlist);
	list_for_each_entry_safe (it, next, &txlist, ready) {
		struct epoll_event ev;

		if (n >= max)
			break;
		list_del_init(&it->ready);
		ev.events = ep_item_poll(it, &pt, 1);
		ev.data = it->event.data;
		if (!ev.events)
			continue;
		if (copy_to_user(&events[n], &ev, sizeof(ev))) {
			list_add(&it->ready, &txlist);
			if (!n)
				n = -EFAULT;
			break;
		}
		n++;
		if (it->event.events & EPOLLONESHOT) {
			it->event.events &= EP_PRIVATE_BITS;
		} else if (!(it->event.events & EPOLLET)) {
			/* Level: reported again until its file says that it is not ready. */
			spin_lock_irq(&ep->lock);
			list_add_tail(&it->ready, &ep->ready);
			spin_unlock_irq(&ep->lock);
		}
	}
	ep_done_scan(ep, &txlist);
	mutex_unlock(&ep->mtx);
	return n;
}

/* to NULL: for ever; else an absolute monotonic time, 0: only look. */
static int ep_poll(struct eventpoll *ep, struct epoll_event __user *events, int max, ktime_t *to)
{
	bool timed_out = to && *to == 0;
	u64 slack = current_timer_slack();

	for (;;) {
		DEFINE_WAIT(wait);
		bool ready;
		int n;

		if (ep_events_available(ep)) {
			n = ep_send_events(ep, events, max);
			if (n)
				return n;
		}
		if (timed_out)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		/* Under the lock: who makes an item ready sees us wait, or we see the item. */
		spin_lock_irq(&ep->lock);
		ready = ep_events_available(ep);
		if (!ready)
			prepare_to_wait_exclusive(&ep->wq, &wait, TASK_INTERRUPTIBLE);
		spin_unlock_irq(&ep->lock);
		if (ready)
			continue;
		if (!signal_pending(current))
			timed_out = !schedule_hrtimeout_range(to, slack, HRTIMER_MODE_ABS);
		finish_wait(&ep->wq, &wait);
	}
}

static int do_epoll_wait(int epfd, struct epoll_event __user *events, int max, ktime_t *to)
{
	struct fd f;
	int n;

	if (max <= 0 || max > EP_MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(events, max * sizeof(struct epoll_event)))
		return -EFAULT;
	f = fdget(epfd);
	if (!f.file)
		return -EBADF;
	n = is_file_epoll(f.file) ? ep_poll(f.file->private_data, events, max, to) : -EINVAL;
	fdput(f);
	return n;
}

/* Milliseconds as epoll_wait(2) takes them into *to; NULL for "for ever". */
static ktime_t *timeout_ms(int ms, ktime_t *to)
{
	if (ms < 0)
		return NULL;
	*to = ms ? ktime_get() + ms * NSEC_PER_MSEC : 0;
	return to;
}

SYSCALL_DEFINE4(epoll_wait, int, epfd, struct epoll_event __user *, events, int, maxevents, int,
		timeout)
{
	ktime_t to;

	return do_epoll_wait(epfd, events, maxevents, timeout_ms(timeout, &to));
}

static int epoll_pwait_mask(int epfd, struct epoll_event __user *events, int max, ktime_t *to,
			    const sigset_t __user *mask, size_t size)
{
	int n = set_user_sigmask(mask, size);

	if (n)
		return n;
	n = do_epoll_wait(epfd, events, max, to);
	restore_saved_sigmask_unless(n == -EINTR);
	return n;
}

SYSCALL_DEFINE6(epoll_pwait, int, epfd, struct epoll_event __user *, events, int, maxevents, int,
		timeout, const sigset_t __user *, mask, size_t, size)
{
	ktime_t to;

	return epoll_pwait_mask(epfd, events, maxevents, timeout_ms(timeout, &to), mask, size);
}

SYSCALL_DEFINE6(epoll_pwait2, int, epfd, struct epoll_event __user *, events, int, maxevents,
		const struct __kernel_timespec __user *, timeout, const sigset_t __user *, mask,
		size_t, size)
{
	struct __kernel_timespec k;
	struct timespec64 ts;
	ktime_t to, *top = NULL;

	if (timeout) {
		if (copy_from_user(&k, timeout, sizeof(k)))
			return -EFAULT;
		ts = (struct timespec64){k.tv_sec, k.tv_nsec};
		if (!timespec64_valid(&ts))
			return -EINVAL;
		to = timespec64_to_ktime(ts);
		if (to)
			to = ktime_add_safe(ktime_get(), to);
		top = &to;
	}
	return epoll_pwait_mask(epfd, events, maxevents, top, mask, size);
}
