/* SPDX-License-Identifier: MIT */
/*
 * epoll(7), between its two files: eventpoll.c knows what is watched, epoll_wait.c tells what is
 * ready. An eventpoll holds items, one for each (file, descriptor) it watches. Each item has
 * an entry on every wait queue that the file's poll() named; a wake-up there puts the item on
 * the ready list and wakes who waits in epoll_wait(2). That call asks each ready item's file
 * again what it is ready for, so a stale wake-up costs a question and never reports an event.
 *
 * Serialization rules, outermost first:
 *
 *	epmutex		links between files and items while a file or an eventpoll goes away, and
 *			the shape of nested eventpolls while one is added to another
 *	ep->mtx		the items of ep, and one scan of the ready list at a time
 *	file->f_lock	file->f_ep, the items that watch the file; RCU to read
 *	ep->lock	(interrupts off; taken inside the watched queues' locks) ready list, overflow
 *			list, item->next, and becoming a waiter on ep->wq
 *
 * A scan takes the ready list for itself under ep->lock; items that become ready meanwhile go on
 * the overflow list, so that the scan can sleep (a file's poll(), the copy to the program).
 *
 * ep->lock and poll_wait's lock are of no lock class: a nested eventpoll takes those of the outer
 * one inside its own, which is sound because ep_loop_check() keeps the nesting free of circles.
 */
#ifndef FS_EVENTPOLL_H
#define FS_EVENTPOLL_H

#include <jiffy/fs.h>
#include <jiffy/mutex.h>
#include <jiffy/poll.h>
#include <jiffy/rbtree.h>
#include <jiffy/rcupdate.h>
#include <jiffy/wait.h>

#define EP_PRIVATE_BITS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

/* In item->next: not on the overflow list. In ep->ovflist: no scan is going on. */
#define EP_UNACTIVE ((struct epitem *)-1L)

struct eppoll_entry {
	struct eppoll_entry *next;
	struct epitem *item;
	struct wait_queue_entry wait;
	wait_queue_head_t *whead; /* NULL once POLLFREE came */
};

struct epitem {
	struct rb_node rbn; /* ep->mtx */
	struct file *file;
	int fd;
	struct eventpoll *ep;
	struct epoll_event event;    /* ep->mtx to write */
	struct eppoll_entry *pwq;    /* ep->mtx */
	struct hlist_node file_link; /* file->f_lock; RCU */
	struct list_head ready;	     /* ep->lock */
	struct epitem *next;	     /* ep->lock */
	struct rcu_head rcu;
};

struct eventpoll {
	struct mutex mtx;
	struct rb_root_cached items;
	struct file *file;
	struct user_struct *user;
	spinlock_t lock;
	struct list_head ready;
	struct epitem *ovflist;
	wait_queue_head_t wq;	     /* epoll_wait(2) */
	wait_queue_head_t poll_wait; /* poll of the epoll descriptor */
};

bool is_file_epoll(const struct file *file);

/* epoll_wait.c; ep->mtx is held for the item's own eventpoll, which is at that depth of nesting. */
__poll_t ep_item_poll(const struct epitem *it, poll_table *pt, int depth);
__poll_t ep_eventpoll_poll(struct file *file, poll_table *pt);

#endif
