/* SPDX-License-Identifier: MIT */
/*
 * Sockets in flight. A socket that is sent over a socket is held by the message, and messages
 * are held by the socket they are queued at: once the last descriptor is closed, a cycle of
 * these would hold itself for ever.
 *
 * A socket may be garbage only if each reference to its file is one of a message (its inflight
 * count equals the file's count): a candidate. From each candidate's inflight count those
 * messages are taken away that are queued at candidates. Who has some left is held by a message
 * at a live socket, or by one that is just being sent or received: it is alive, and so is
 * everything its queue leads to. The messages that carry what remains are freed, which cuts
 * every cycle.
 *
 * Why the counts may be read one after the other: to send or receive on a candidate one needs
 * its file open, a reference that no message is, so a candidate's queue changes only by what
 * was in transit before; that counts as held from outside. Each change of an inflight count
 * waits for unix_gc_lock, which the collector holds from the first count to the last.
 */
#include "unix.h"
#include <jiffy/kthread.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>

static DEFINE_SPINLOCK(unix_gc_lock);
static LIST_HEAD(gc_inflight_list);	/* sockets with inflight > 0; unix_gc_lock */
static unsigned long unix_tot_inflight; /* messages that carry a socket; unix_gc_lock */

static struct unix_sock *file_unix_sock(struct file *file)
{
	struct socket *sock = sock_from_file(file);

	return sock && sock->ops && sock->ops->family == AF_UNIX ? unix_sk(sock) : NULL;
}

/* More in flight than one may have open: only a privileged sender. getrlimit(2), unix(7). */
static bool too_many_unix_fds(const struct user_struct *user)
{
	return (unsigned long)atomic_long_read(&user->unix_inflight) > rlimit(RLIMIT_NOFILE) &&
	       !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

int unix_inflight(struct scm_fp_list *fpl)
{
	int i;

	if (too_many_unix_fds(fpl->user))
		return -ETOOMANYREFS;
	for (i = 0; i < fpl->count; i++) {
		struct unix_sock *u = file_unix_sock(fpl->fp[i]);

		if (!u)
			continue;
		spin_lock(&unix_gc_lock);
		if (!u->inflight++)
			list_add_tail(&u->gc_node, &gc_inflight_list);
		WRITE_ONCE(unix_tot_inflight, unix_tot_inflight + 1);
		spin_unlock(&unix_gc_lock);
	}
	atomic_long_add(fpl->count, &fpl->user->unix_inflight);
	fpl->inflight = true;
	return 0;
}

void unix_notinflight(struct scm_fp_list *fpl)
{
	int i;

	if (!fpl->inflight)
		return;
	for (i = 0; i < fpl->count; i++) {
		struct unix_sock *u = file_unix_sock(fpl->fp[i]);

		if (!u)
			continue;
		spin_lock(&unix_gc_lock);
		if (!--u->inflight)
			list_del_init(&u->gc_node);
		WRITE_ONCE(unix_tot_inflight, unix_tot_inflight - 1);
		spin_unlock(&unix_gc_lock);
	}
	atomic_long_sub(fpl->count, &fpl->user->unix_inflight);
	fpl->inflight = false;
}

void unix_gc_barrier(void)
{
	spin_lock(&unix_gc_lock);
	spin_unlock(&unix_gc_lock);
}

/* What is done with each candidate that a queue holds. */
typedef void (*child_fn)(struct unix_sock *child, struct list_head *arg);

static void count_down(struct unix_sock *child, struct list_head *unused)
{
	child->gc_count--;
}

/* Reached from a live socket: alive, and its own queue is to be looked at. */
static void revive(struct unix_sock *child, struct list_head *live)
{
	child->gc_candidate = false;
	list_move_tail(&child->gc_node, live);
}

static void scan_message(struct unix_msg *m, child_fn fn, struct list_head *arg)
{
	int i;

	if (!m->scm.fp)
		return;
	for (i = 0; i < m->scm.fp->count; i++) {
		struct unix_sock *child = file_unix_sock(m->scm.fp->fp[i]);

		if (child && child->gc_candidate)
			fn(child, arg);
	}
}

/* The queue of u and, of a listener, those of the connections that wait. */
static void scan_children(struct unix_sock *u, child_fn fn, struct list_head *arg)
{
	struct unix_sock *end;
	struct unix_msg *m;

	spin_lock(&u->lock);
	list_for_each_entry (m, &u->queue, node)
		scan_message(m, fn, arg);
	list_for_each_entry (end, &u->accept_q, accept_node) {
		spin_lock_nested(&end->lock, 1);
		list_for_each_entry (m, &end->queue, node)
			scan_message(m, fn, arg);
		spin_unlock(&end->lock);
	}
	spin_unlock(&u->lock);
}

static void take_carriers(struct unix_sock *u, struct list_head *hitlist)
{
	struct unix_msg *m, *next;

	lockdep_assert_held(&u->lock);
	list_for_each_entry_safe (m, next, &u->queue, node) {
		if (m->scm.fp) {
			unix_msg_unqueue(u, m);
			list_add_tail(&m->node, hitlist);
		}
	}
}

static void take_garbage(struct unix_sock *u, struct list_head *hitlist)
{
	struct unix_sock *end;

	spin_lock(&u->lock);
	take_carriers(u, hitlist);
	list_for_each_entry (end, &u->accept_q, accept_node) {
		spin_lock_nested(&end->lock, 1);
		take_carriers(end, hitlist);
		spin_unlock(&end->lock);
	}
	spin_unlock(&u->lock);
}

static void find_candidates(struct list_head *candidates)
{
	struct unix_sock *u, *next;

	list_for_each_entry_safe (u, next, &gc_inflight_list, gc_node) {
		struct socket *sock = READ_ONCE(u->socket);

		if (!sock || atomic64_read(&sock->file->f_count) != u->inflight)
			continue;
		u->gc_candidate = true;
		u->gc_count = u->inflight;
		list_move_tail(&u->gc_node, candidates);
	}
}

void unix_gc(void)
{
	LIST_HEAD(candidates);
	LIST_HEAD(live);
	LIST_HEAD(hitlist);
	struct unix_sock *u, *next;
	struct unix_msg *m, *next_msg;

	if (!READ_ONCE(unix_tot_inflight))
		return;
	spin_lock(&unix_gc_lock);
	find_candidates(&candidates);
	list_for_each_entry (u, &candidates, gc_node)
		scan_children(u, count_down, NULL);
	list_for_each_entry_safe (u, next, &candidates, gc_node)
		if (u->gc_count > 0)
			revive(u, &live);
	/* The list grows at its end while it is walked. */
	list_for_each_entry (u, &live, gc_node)
		scan_children(u, revive, &live);
	list_for_each_entry (u, &candidates, gc_node) {
		u->gc_candidate = false;
		take_garbage(u, &hitlist);
	}
	list_splice(&candidates, &gc_inflight_list);
	list_splice(&live, &gc_inflight_list);
	spin_unlock(&unix_gc_lock);
	list_for_each_entry_safe (m, next_msg, &hitlist, node)
		unix_msg_free(m);
}

static void unix_gc_work_fn(struct work_struct *unused)
{
	unix_gc();
}
static DECLARE_WORK(unix_gc_work, unix_gc_work_fn);

static void unix_gc_task_work(struct callback_head *work)
{
	kfree(work);
	unix_gc();
}

/*
 * A socket whose last descriptor goes while a message carries it is not released, so nobody
 * would look for a cycle. At this point the descriptor's reference still counts: the collector
 * runs when the task leaves the kernel, by when it does not.
 */
void unix_flush(struct socket *sock)
{
	struct unix_sock *u = unix_sk(sock);
	struct callback_head *work;

	if (likely(!u || !READ_ONCE(u->inflight)))
		return;
	work = kmalloc(sizeof(*work), GFP_KERNEL);
	if (work) {
		work->func = unix_gc_task_work;
		if (!task_work_add(current, work, true))
			return;
	}
	kfree(work);
	schedule_work(&unix_gc_work);
}
