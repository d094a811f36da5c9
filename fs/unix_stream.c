/* SPDX-License-Identifier: MIT */
/*
 * Streams between unix domain sockets. A send makes messages of a few pages at most and queues
 * them at the peer; a receive takes bytes from the oldest. The urgent byte (MSG_OOB) is a
 * message of its own in the stream, at which reading stops. Rules: fs/unix.h. Task context.
 */
#include "unix.h"
#include <jiffy/mm.h>
#include <jiffy/signal.h>

/* Four pages with the header: large enough to amortise, small enough to allocate. */
#define CHUNK (4 * PAGE_SIZE - sizeof(struct unix_msg))

/* Queues one message of the next size bytes at other. 0 or a negative errno; nothing is left. */
static int send_chunk(struct unix_sock *u, struct unix_sock *other, struct msghdr *msg, size_t size,
		      struct scm_cookie *scm, bool oob)
{
	struct unix_msg *m = unix_msg_alloc(u, size, msg->msg_flags & MSG_DONTWAIT);
	int err;

	if (IS_ERR(m))
		return PTR_ERR(m);
	err = copy_from_iter_full(m->data, size, &msg->msg_iter) ? 0 : -EFAULT;
	if (!err && unlikely(scm->fp || scm->pid))
		err = unix_msg_attach(m, scm);
	if (err)
		goto free;
	unix_msg_add_ids(m, u, other);
	spin_lock(&other->lock);
	if (unlikely(other->dead || (other->shutdown & RCV_SHUTDOWN))) {
		spin_unlock(&other->lock);
		err = -EPIPE;
		goto free;
	}
	unix_msg_queue(other, m);
	if (oob)
		WRITE_ONCE(other->oob, m); /* an older one is ordinary data from now on */
	spin_unlock(&other->lock);
	unix_wake_readers(other, oob ? EPOLLIN | EPOLLRDNORM | EPOLLPRI : EPOLLIN | EPOLLRDNORM);
	return 0;
free:
	unix_msg_free(m);
	return err;
}

/* SIGURG to the owner of the socket that an urgent byte came to. */
static void send_urg(struct unix_sock *u)
{
	struct socket *sock;
	struct file *file;

	spin_lock(&u->lock);
	sock = u->socket;
	file = sock ? sock->file : NULL;
	if (file)
		send_sigurg(&file->f_owner);
	spin_unlock(&u->lock);
}

static int check_send(struct unix_sock *u, const struct msghdr *msg, size_t len)
{
	if ((msg->msg_flags & MSG_OOB) && !len)
		return -EOPNOTSUPP;
	if (msg->msg_namelen)
		return READ_ONCE(u->state) == UNIX_ESTABLISHED ? -EISCONN : -EOPNOTSUPP;
	if (!READ_ONCE(u->peer))
		return -ENOTCONN;
	return READ_ONCE(u->shutdown) & SEND_SHUTDOWN ? -EPIPE : 0;
}

ssize_t unix_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct scm_cookie scm = {.uid = INVALID_UID, .gid = INVALID_GID};
	struct unix_sock *u = unix_sk(sock), *other = READ_ONCE(u->peer);
	bool oob = msg->msg_flags & MSG_OOB;
	size_t sent = 0, plain = len - (oob && len);
	int err = 0;

	if (unlikely(msg->msg_controllen)) {
		err = scm_send(msg, &scm);
		if (err)
			return err;
	}
	err = check_send(u, msg, len);
	while (!err && sent < plain) {
		size_t size = min(plain - sent, (size_t)READ_ONCE(u->opts.sndbuf) / 2);

		size = min(size, (size_t)CHUNK);
		err = send_chunk(u, other, msg, size, &scm, false);
		if (!err)
			sent += size;
	}
	if (!err && oob) {
		err = send_chunk(u, other, msg, 1, &scm, true);
		if (!err) {
			sent++;
			send_urg(other);
		}
	}
	scm_destroy(&scm);
	if (sent)
		return sent;
	if (err == -EPIPE && !(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return err;
}

/* One receive as it goes on. */
struct stream_read {
	struct unix_sock *u;
	struct msghdr *msg;
	size_t left, copied;
	int flags;
	struct scm_cookie scm;	 /* of what was read */
	bool started;		 /* its ids are known */
	struct unix_msg *peeked; /* MSG_PEEK: the last one seen; iolock keeps it */
};

static bool stream_readable(struct unix_sock *u, bool peek)
{
	struct list_head *last = READ_ONCE(u->queue.prev);
	struct unix_msg *oob = READ_ONCE(u->oob);

	if (last == &u->queue)
		return false;
	/* A peek sees nothing of an urgent byte that is not in line. */
	return !(peek && oob && last == &oob->node && !sock_opt_flag(&u->opts, SOPT_OOBINLINE));
}

/*
 * u->lock held: the next message to read from, NULL when there is none or reading stops here.
 * *drop: an urgent byte that nobody asked for and that the stream now passes.
 */
static struct unix_msg *next_message(struct stream_read *rd, struct unix_msg **drop, bool *stop)
{
	struct unix_sock *u = rd->u;
	struct list_head *at = rd->peeked ? rd->peeked->node.next : u->queue.next;
	struct unix_msg *m;

	lockdep_assert_held(&u->lock);
	for (; at != &u->queue; at = at->next) {
		m = list_entry(at, struct unix_msg, node);
		if (likely(m != u->oob))
			return m;
		if (rd->copied) {
			*stop = true;
			return NULL;
		}
		if (sock_opt_flag(&u->opts, SOPT_OOBINLINE))
			return m;
		if (!(rd->flags & MSG_PEEK)) {
			unix_msg_unqueue(u, m);
			*drop = m;
			return NULL;
		}
	}
	return NULL;
}

/* With SO_PASSCRED bytes of different senders do not mix in one receive. */
static bool same_sender(struct stream_read *rd, const struct unix_msg *m)
{
	if (rd->started)
		return !sock_opt_flag(&rd->u->opts, SOPT_PASSCRED) ||
		       (rd->scm.pid == m->scm.pid && rd->scm.uid == m->scm.uid &&
			rd->scm.gid == m->scm.gid);
	rd->started = true;
	if (m->scm.pid) {
		rd->scm.pid = get_pid(m->scm.pid);
		rd->scm.uid = m->scm.uid;
		rd->scm.gid = m->scm.gid;
	}
	if (rd->msg->msg_name && smp_load_acquire(&m->from->addr))
		rd->msg->msg_namelen = unix_copy_addr(m->from, rd->msg->msg_name);
	return true;
}

/* u->lock held on entry, released on return. True when the receive may go on. */
static bool peek_message(struct stream_read *rd, struct unix_msg *m)
{
	size_t chunk = min((size_t)(m->len - m->off), rd->left);

	spin_unlock(&rd->u->lock);
	rd->peeked = m;
	if (!copy_to_iter_full(m->data + m->off, chunk, &rd->msg->msg_iter))
		return false;
	rd->copied += chunk;
	rd->left -= chunk;
	if (m->scm.fp)
		rd->scm.fp = scm_fp_dup(m->scm.fp);
	return !m->scm.fp;
}

/* The descriptors of a message whose first bytes were read go to the reader with them. */
static void take_fds(struct stream_read *rd, struct unix_msg *m)
{
	spin_lock(&rd->u->lock); /* the collector looks at queued messages */
	rd->scm.fp = m->scm.fp;
	m->scm.fp = NULL;
	spin_unlock(&rd->u->lock);
	unix_notinflight(rd->scm.fp);
}

/* The same as peek_message(), and what was read is gone. */
static bool consume_message(struct stream_read *rd, struct unix_msg *m)
{
	struct unix_sock *u = rd->u;
	size_t rest = m->len - m->off, chunk = min(rest, rd->left);
	bool whole = chunk == rest;

	if (whole)
		unix_msg_unqueue(u, m);
	spin_unlock(&u->lock);
	if (unlikely(!copy_to_iter_full(m->data + m->off, chunk, &rd->msg->msg_iter))) {
		if (whole) {
			spin_lock(&u->lock);
			list_add(&m->node, &u->queue);
			WRITE_ONCE(u->qlen, u->qlen + 1);
			spin_unlock(&u->lock);
		}
		return false;
	}
	rd->copied += chunk;
	rd->left -= chunk;
	if (unlikely(m->scm.fp))
		take_fds(rd, m);
	if (!whole) {
		WRITE_ONCE(m->off, m->off + chunk);
		return false;
	}
	unix_msg_free(m);
	return !rd->scm.fp;
}

/* Nothing to read (any more): 0 to wait, 1 to end, or a negative errno. u->lock held. */
static int empty_verdict(struct stream_read *rd, size_t target, long timeo)
{
	struct unix_sock *u = rd->u;
	int err;

	if (rd->copied >= target || (rd->copied && (rd->flags & MSG_PEEK)))
		return 1;
	err = unix_take_error(u);
	if (err || (u->shutdown & RCV_SHUTDOWN))
		return err ?: 1;
	return timeo ? 0 : -EAGAIN;
}

/* iolock held, but for sleeps. 0 or the errno for when nothing was read. */
static int stream_read(struct stream_read *rd, size_t target, long timeo)
{
	struct unix_sock *u = rd->u;
	struct unix_msg *m, *drop;
	bool stop = false, more;
	int verdict;

	do {
		drop = NULL;
		spin_lock(&u->lock);
		m = next_message(rd, &drop, &stop);
		if (likely(m)) {
			if (!same_sender(rd, m)) {
				spin_unlock(&u->lock);
				return 0;
			}
			more = rd->flags & MSG_PEEK ? peek_message(rd, m) : consume_message(rd, m);
			if (!more)
				return rd->copied ? 0 : -EFAULT;
			continue;
		}
		verdict = stop ? 1 : drop ? 0 : empty_verdict(rd, target, timeo);
		spin_unlock(&u->lock);
		if (verdict)
			return verdict < 0 ? verdict : 0;
		if (drop) {
			unix_msg_free(drop);
			continue;
		}
		mutex_unlock(&u->iolock);
		verdict = sock_wait(&u->rd_wait,
				    stream_readable(u, rd->flags & MSG_PEEK) || READ_ONCE(u->err) ||
					(READ_ONCE(u->shutdown) & RCV_SHUTDOWN),
				    0, &timeo);
		mutex_lock(&u->iolock);
		if (verdict)
			return verdict;
	} while (rd->left);
	return 0;
}

static ssize_t recv_urgent(struct unix_sock *u, struct msghdr *msg, int flags)
{
	struct unix_msg *m;
	char byte;

	mutex_lock(&u->iolock);
	spin_lock(&u->lock);
	m = u->oob;
	if (!m || sock_opt_flag(&u->opts, SOPT_OOBINLINE)) {
		spin_unlock(&u->lock);
		mutex_unlock(&u->iolock);
		return -EINVAL;
	}
	byte = m->data[0];
	if (flags & MSG_PEEK)
		m = NULL;
	else
		unix_msg_unqueue(u, m);
	spin_unlock(&u->lock);
	mutex_unlock(&u->iolock);
	if (m)
		unix_msg_free(m);
	if (iov_iter_count(&msg->msg_iter) && !copy_to_iter_full(&byte, 1, &msg->msg_iter))
		return -EFAULT;
	msg->msg_flags |= MSG_OOB;
	return 1;
}

ssize_t unix_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct unix_sock *u = unix_sk(sock);
	struct stream_read rd = {
	    .u = u,
	    .msg = msg,
	    .left = len,
	    .flags = flags,
	    .scm = {.uid = INVALID_UID, .gid = INVALID_GID},
	};
	size_t target;
	int err;

	if (unlikely(READ_ONCE(u->state) != UNIX_ESTABLISHED))
		return -EINVAL;
	if (unlikely(flags & MSG_OOB))
		return recv_urgent(u, msg, flags);
	target = flags & MSG_WAITALL ? len : min((size_t)READ_ONCE(u->opts.rcvlowat), len);
	mutex_lock(&u->iolock);
	err = stream_read(&rd, target ?: 1, flags & MSG_DONTWAIT ? 0 : READ_ONCE(u->opts.rcvtimeo));
	mutex_unlock(&u->iolock);
	if (rd.started)
		scm_recv(u, msg, &rd.scm, flags);
	return rd.copied ? (ssize_t)rd.copied : err;
}
