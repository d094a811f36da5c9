/* SPDX-License-Identifier: MIT */
/*
 * Datagrams and packets between unix domain sockets: one send, one message, one receive. The
 * receiver's queue is short, unless the two are each other's peers: then the sender's buffer is
 * the only limit. Rules: fs/unix.h. Task context.
 */
#include "unix.h"
#include <jiffy/signal.h>

bool unix_recvq_full(const struct unix_sock *u)
{
	return READ_ONCE(u->qlen) > READ_ONCE(u->backlog);
}

void unix_dgram_disconnected(struct unix_sock *u, struct unix_sock *other)
{
	struct unix_msg *m, *next;
	bool tell = false;
	LIST_HEAD(queue);

	mutex_lock(&u->iolock); /* nobody reads what goes */
	spin_lock(&u->lock);
	list_splice_init(&u->queue, &queue);
	WRITE_ONCE(u->qlen, 0);
	spin_unlock(&u->lock);
	mutex_unlock(&u->iolock);
	list_for_each_entry_safe (m, next, &queue, node)
		unix_msg_free(m);
	__wake_up(&u->peer_wait, TASK_NORMAL, 0, poll_to_key(EPOLLOUT | EPOLLWRNORM));
	spin_lock(&other->lock);
	if (!other->dead && other->peer == u) {
		WRITE_ONCE(other->err, ECONNRESET);
		tell = true;
	}
	spin_unlock(&other->lock);
	if (tell)
		unix_wake_state(other);
}

/* Where a message without an address goes: the peer, referenced, or NULL. */
static struct unix_sock *get_peer(struct unix_sock *u)
{
	struct unix_sock *peer;

	spin_lock(&u->lock);
	peer = u->peer;
	if (peer)
		unix_get(peer);
	spin_unlock(&u->lock);
	return peer;
}

/* The peer is gone: u has none any more. */
static void forget_peer(struct unix_sock *u, struct unix_sock *other)
{
	bool was = false;

	spin_lock(&u->lock);
	if (u->peer == other) {
		unix_peer_wake_disconnect(u, other);
		WRITE_ONCE(u->peer, NULL);
		was = true;
	}
	spin_unlock(&u->lock);
	if (was) {
		unix_wake_writers(u);
		unix_dgram_disconnected(u, other);
		unix_put(other);
	}
}

/* Locks other and says whether it takes a message of u now: 0 or the reason, then unlocked. */
static int lock_receiver(struct unix_sock *u, struct unix_sock *other)
{
	int err = 0;

	spin_lock(&other->lock);
	if (other->dead)
		err = unix_connection_based(u) ? -EPIPE : -ECONNREFUSED;
	else if (other->peer && other->peer != u)
		err = -EPERM;
	else if (other->shutdown & RCV_SHUTDOWN)
		err = -EPIPE;
	else if (other != u && other->peer != u && unix_recvq_full(other))
		err = -EAGAIN;
	if (err)
		spin_unlock(&other->lock);
	return err;
}

/* Hands m to other, waiting for room in its queue. 0, and m is other's, or an errno. */
static int deliver(struct unix_sock *u, struct unix_sock *other, struct unix_msg *m, long timeo)
{
	int err;

	while ((err = lock_receiver(u, other)) == -EAGAIN && timeo) {
		err = sock_wait(&other->peer_wait,
				READ_ONCE(other->dead) || READ_ONCE(other->shutdown) ||
				    !unix_recvq_full(other),
				1, &timeo);
		if (err)
			return err;
	}
	if (err)
		return err;
	unix_msg_queue(other, m);
	spin_unlock(&other->lock);
	unix_wake_readers(other, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/* A message of all of msg, its descriptors and ids in it. ERR_PTR. */
static struct unix_msg *build(struct unix_sock *u, struct msghdr *msg, size_t len,
			      struct scm_cookie *scm)
{
	struct unix_msg *m;
	int err;

	if (len > (size_t)READ_ONCE(u->opts.sndbuf) - 32)
		return ERR_PTR(-EMSGSIZE);
	m = unix_msg_alloc(u, len, msg->msg_flags & MSG_DONTWAIT);
	if (IS_ERR(m))
		return m;
	err = copy_from_iter_full(m->data, len, &msg->msg_iter) ? 0 : -EFAULT;
	if (!err)
		err = unix_msg_attach(m, scm);
	if (!err)
		return m;
	unix_msg_free(m);
	return ERR_PTR(err);
}

/* Who a message goes to, referenced. ERR_PTR. */
static struct unix_sock *find_receiver(struct unix_sock *u, const struct msghdr *msg)
{
	if (msg->msg_namelen)
		return unix_find_other(u, msg->msg_name, msg->msg_namelen);
	return get_peer(u) ?: ERR_PTR(-ENOTCONN);
}

static int send_built(struct unix_sock *u, struct msghdr *msg, struct unix_msg *m)
{
	long timeo = msg->msg_flags & MSG_DONTWAIT ? 0 : READ_ONCE(u->opts.sndtimeo);
	struct unix_sock *other;
	int err;

	do {
		other = find_receiver(u, msg);
		if (IS_ERR(other))
			return PTR_ERR(other);
		unix_msg_add_ids(m, u, other);
		err = deliver(u, other, m, timeo);
		if (err == -ECONNREFUSED && !msg->msg_namelen)
			forget_peer(u, other);
		unix_put(other);
		/* A name whose socket died while we looked may have a new one, or none. */
	} while (err == -ECONNREFUSED && msg->msg_namelen);
	return err;
}

ssize_t unix_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct scm_cookie scm = {.uid = INVALID_UID, .gid = INVALID_GID};
	struct unix_sock *u = unix_sk(sock);
	struct unix_msg *m;
	int err = 0;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->msg_namelen)
		err = unix_validate_addr(msg->msg_name, msg->msg_namelen);
	else if (!READ_ONCE(u->peer))
		err = -ENOTCONN;
	if (!err && sock_opt_flag(&u->opts, SOPT_PASSCRED))
		err = unix_autobind(u);
	if (!err && msg->msg_controllen)
		err = scm_send(msg, &scm);
	if (err)
		return err;
	m = build(u, msg, len, &scm);
	scm_destroy(&scm);
	if (IS_ERR(m))
		return PTR_ERR(m);
	err = send_built(u, msg, m);
	if (err) {
		unix_msg_free(m);
		return err;
	}
	return len;
}

ssize_t unix_seqpacket_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct unix_sock *u = unix_sk(sock);
	int err = unix_take_error(u);

	if (err)
		return err;
	if (READ_ONCE(u->state) != UNIX_ESTABLISHED)
		return -ENOTCONN;
	msg->msg_namelen = 0; /* a connection goes where it goes */
	return unix_dgram_sendmsg(sock, msg, len);
}

/* iolock held but for sleeps: the oldest message, off the queue unless it is a peek. ERR_PTR. */
static struct unix_msg *next_dgram(struct unix_sock *u, int flags)
{
	long timeo = flags & MSG_DONTWAIT ? 0 : READ_ONCE(u->opts.rcvtimeo);
	struct unix_msg *m;
	int err;

	lockdep_assert_held(&u->iolock);
	for (;;) {
		spin_lock(&u->lock);
		m = list_first_entry_or_null(&u->queue, struct unix_msg, node);
		if (m && !(flags & MSG_PEEK))
			unix_msg_unqueue(u, m);
		err = m ? 0 : unix_take_error(u);
		spin_unlock(&u->lock);
		if (m)
			return m;
		if (err)
			return ERR_PTR(err);
		if ((READ_ONCE(u->shutdown) & RCV_SHUTDOWN) && (timeo || unix_connection_based(u)))
			return NULL;
		if (!timeo)
			return ERR_PTR(-EAGAIN);
		mutex_unlock(&u->iolock);
		err = sock_wait(&u->rd_wait,
				!list_empty(&u->queue) || READ_ONCE(u->err) ||
				    (READ_ONCE(u->shutdown) & RCV_SHUTDOWN),
				1, &timeo);
		mutex_lock(&u->iolock);
		if (err)
			return ERR_PTR(err);
	}
}

static void put_timestamp(struct msghdr *msg)
{
	struct timespec64 ts;
	s64 tv[2]; /* struct timeval: seconds, microseconds */

	ktime_get_real_ts64(&ts);
	tv[0] = ts.tv_sec;
	tv[1] = ts.tv_nsec / NSEC_PER_USEC;
	put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP, sizeof(tv), tv);
}

/* The message's ids and descriptors, for the reader to have. */
static void take_scm(struct unix_msg *m, struct scm_cookie *scm, bool peek)
{
	scm->uid = m->scm.uid;
	scm->gid = m->scm.gid;
	if (peek) {
		scm->pid = get_pid(m->scm.pid);
		scm->fp = m->scm.fp ? scm_fp_dup(m->scm.fp) : NULL;
		return;
	}
	scm->pid = m->scm.pid;
	scm->fp = m->scm.fp;
	m->scm.pid = NULL;
	m->scm.fp = NULL;
	if (scm->fp)
		unix_notinflight(scm->fp);
}

ssize_t unix_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct unix_sock *u = unix_sk(sock);
	struct scm_cookie scm = {0};
	bool peek = flags & MSG_PEEK;
	struct unix_msg *m;
	ssize_t ret;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	mutex_lock(&u->iolock);
	m = next_dgram(u, flags);
	if (IS_ERR_OR_NULL(m)) {
		mutex_unlock(&u->iolock);
		return PTR_ERR(m);
	}
	if (!peek && wq_has_sleeper(&u->peer_wait))
		wake_up_interruptible_sync_poll(&u->peer_wait, EPOLLOUT | EPOLLWRNORM);
	if (msg->msg_name && smp_load_acquire(&m->from->addr))
		msg->msg_namelen = unix_copy_addr(m->from, msg->msg_name);
	if (len < m->len)
		msg->msg_flags |= MSG_TRUNC;
	len = min(len, (size_t)m->len);
	ret = copy_to_iter_full(m->data, len, &msg->msg_iter) ? (ssize_t)len : -EFAULT;
	if (ret >= 0) {
		if (flags & MSG_TRUNC)
			ret = m->len;
		take_scm(m, &scm, peek);
	}
	mutex_unlock(&u->iolock);
	if (!peek)
		unix_msg_free(m);
	if (ret >= 0) {
		if (sock_opt_flag(&u->opts, SOPT_TIMESTAMP))
			put_timestamp(msg);
		scm_recv(u, msg, &scm, flags);
	}
	return ret;
}

ssize_t unix_seqpacket_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	if (READ_ONCE(unix_sk(sock)->state) != UNIX_ESTABLISHED)
		return -ENOTCONN;
	return unix_dgram_recvmsg(sock, msg, len, flags);
}
