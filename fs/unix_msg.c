/* SPDX-License-Identifier: MIT */
/*
 * Messages on their way between unix domain sockets: memory and the sender's account of it.
 * Task context; queues under the receiver's lock (fs/unix.h).
 */
#include "unix.h"
#include <jiffy/slab.h>

/* Until there is room in u's send buffer. */
static int wait_for_room(struct unix_sock *u, bool nowait)
{
	long timeo = nowait ? 0 : READ_ONCE(u->opts.sndtimeo);

	for (;;) {
		int err = unix_take_error(u);

		if (err)
			return err;
		if (READ_ONCE(u->shutdown) & SEND_SHUTDOWN)
			return -EPIPE;
		if (atomic_read(&u->wmem) <= READ_ONCE(u->opts.sndbuf))
			return 0;
		if (!timeo)
			return -EAGAIN;
		err = sock_wait(&u->wr_wait,
				atomic_read(&u->wmem) <= READ_ONCE(u->opts.sndbuf) ||
				    READ_ONCE(u->err) || (READ_ONCE(u->shutdown) & SEND_SHUTDOWN),
				1, &timeo);
		/* One is woken at a time: whoever is done with waiting passes it on. */
		if (unix_writable(u))
			unix_wake_writers(u);
		if (err)
			return err;
	}
}

struct unix_msg *unix_msg_alloc(struct unix_sock *u, size_t len, bool nowait)
{
	size_t size = sizeof(struct unix_msg) + len;
	struct unix_msg *m;
	int err = wait_for_room(u, nowait);

	if (unlikely(err))
		return ERR_PTR(err);
	m = size <= PAGE_SIZE ? kmalloc(size, GFP_KERNEL) : kvmalloc(size, GFP_KERNEL);
	if (unlikely(!m))
		return ERR_PTR(-ENOBUFS);
	m->from = u;
	m->len = len;
	m->off = 0;
	m->truesize = size;
	m->scm = (struct scm_cookie){.uid = INVALID_UID, .gid = INVALID_GID};
	atomic_add(size, &u->wmem);
	return m;
}

/*
 * The bytes go back to the sender's account. Once they have, the sender may go at any time, so
 * the wake-up happens under RCU, after which alone its memory can be freed.
 */
static void uncharge(struct unix_sock *from, unsigned int truesize)
{
	rcu_read_lock();
	if (unlikely(!atomic_sub_return(truesize, &from->wmem)))
		call_rcu(&from->rcu, unix_free_rcu);
	else if (unix_writable(from) && !READ_ONCE(from->dead))
		unix_wake_writers(from);
	rcu_read_unlock();
}

void unix_msg_free(struct unix_msg *m)
{
	struct unix_sock *from = m->from;
	unsigned int truesize = m->truesize;

	if (unlikely(m->scm.fp)) {
		unix_notinflight(m->scm.fp);
		scm_fp_free(m->scm.fp);
	}
	put_pid(m->scm.pid);
	kvfree(m);
	uncharge(from, truesize);
}

int unix_msg_attach(struct unix_msg *m, struct scm_cookie *scm)
{
	if (scm->pid) {
		put_pid(m->scm.pid);
		m->scm.pid = get_pid(scm->pid);
		m->scm.uid = scm->uid;
		m->scm.gid = scm->gid;
	}
	if (scm->fp) {
		int err = unix_inflight(scm->fp);

		if (err)
			return err;
		m->scm.fp = scm->fp;
		scm->fp = NULL;
	}
	return 0;
}

void unix_msg_add_ids(struct unix_msg *m, struct unix_sock *from, struct unix_sock *to)
{
	if (likely(!sock_opt_flag(&from->opts, SOPT_PASSCRED) &&
		   !sock_opt_flag(&to->opts, SOPT_PASSCRED) && READ_ONCE(to->socket)))
		return;
	if (m->scm.pid)
		return;
	m->scm.pid = get_pid(task_tgid(current));
	m->scm.uid = current_uid();
	m->scm.gid = current_gid();
}

void unix_msg_queue(struct unix_sock *u, struct unix_msg *m)
{
	lockdep_assert_held(&u->lock);
	list_add_tail(&m->node, &u->queue);
	WRITE_ONCE(u->qlen, u->qlen + 1);
}

void unix_msg_unqueue(struct unix_sock *u, struct unix_msg *m)
{
	lockdep_assert_held(&u->lock);
	list_del(&m->node);
	WRITE_ONCE(u->qlen, u->qlen - 1);
	if (unlikely(u->oob == m))
		u->oob = NULL;
}
