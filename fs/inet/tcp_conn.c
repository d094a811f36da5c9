/* SPDX-License-Identifier: MIT */
/*
 * How TCP connections come about: listen(2), connect(2), accept(2). A connection exists in full as
 * soon as connect() found room in the listener's backlog: the listener's end (an inet_sock without
 * a struct socket, the embryo) waits on accept_q and may be written to meanwhile. Without room the
 * connecting socket waits on syn_q, as for an answer to its SYN, until accept() makes some.
 * Rules: fs/inet/inet.h. Task context.
 */
#include "inet.h"

/*
 * sk and child, which nobody knows yet, become the ends of a connection that waits to be accepted.
 * The bucket of the listener's port and both locks are held.
 */
static void establish(struct inet_sock *sk, struct inet_sock *listener, struct inet_sock *child)
{
	lockdep_assert_held(&sk->lock);
	lockdep_assert_held(&listener->lock);
	child->family = listener->family;
	child->uid = listener->uid;
	child->opts = listener->opts;
	child->inet = listener->inet;
	child->local = sk->remote;
	child->remote = sk->local;
	child->state = TCP_ESTABLISHED;
	child->peer = inet_get(sk);
	WRITE_ONCE(sk->peer, inet_get(child));
	inet_share_port(child, listener);
	WRITE_ONCE(sk->state, TCP_ESTABLISHED);
	list_add_tail(&child->accept_node, &listener->accept_q);
	WRITE_ONCE(listener->accept_len, listener->accept_len + 1);
}

static void wake_both(struct inet_sock *sk, struct inet_sock *listener)
{
	inet_wake_writers(sk);
	inet_wake_readers(listener, EPOLLIN | EPOLLRDNORM);
}

static bool has_room(const struct inet_sock *listener)
{
	return READ_ONCE(listener->accept_len) <= READ_ONCE(listener->backlog);
}

/* What an answer with RST to the SYN is. */
static void refuse(struct inet_sock *sk)
{
	lockdep_assert_held(&sk->lock);
	WRITE_ONCE(sk->err, ECONNREFUSED);
	WRITE_ONCE(sk->shutdown, SHUTDOWN_MASK);
	WRITE_ONCE(sk->state, TCP_CLOSE);
}

/*
 * Nobody listens where sk connects to. If that is where it comes from, its SYN meets one that is
 * under way, its own: both sides open, and sk is either end. RFC 9293, 3.5.
 */
static void knock_at_none(struct inet_sock *sk)
{
	spin_lock(&sk->lock);
	if (end_equal(&sk->remote, &sk->local)) {
		WRITE_ONCE(sk->peer, inet_get(sk));
		WRITE_ONCE(sk->state, TCP_ESTABLISHED);
	} else {
		refuse(sk);
	}
	spin_unlock(&sk->lock);
	inet_wake_state(sk);
}

/* Knocks at the listener, if there is one. embryo is its end, if a connection comes of it. */
static void knock(struct inet_sock *sk, struct inet_sock *embryo)
{
	struct inet_sock *listener;
	bool accepted = false;
	spinlock_t *bucket;

	listener = inet_find_listener(sk->net, &sk->remote, &sk->local, &bucket);
	if (!listener) {
		knock_at_none(sk);
		inet_put(embryo);
		return;
	}
	inet_lock_two(sk, listener);
	accepted = has_room(listener);
	inet_get(listener);
	if (accepted) {
		establish(sk, listener, embryo);
	} else {
		sk->embryo = embryo;
		sk->listener = inet_get(listener);
		list_add_tail(&sk->accept_node, &listener->syn_q);
	}
	inet_unlock_two(sk, listener);
	spin_unlock(bucket);
	if (accepted)
		wake_both(sk, listener);
	inet_put(listener);
}

/* The attempt that sk makes at a listener's room ends: its embryo, or NULL if it had ended. */
static struct inet_sock *take_off_syn_q(struct inet_sock *sk, struct inet_sock *listener)
{
	struct inet_sock *embryo = NULL;

	lockdep_assert_held(&sk->lock);
	lockdep_assert_held(&listener->lock);
	if (sk->listener == listener) {
		list_del_init(&sk->accept_node);
		sk->listener = NULL;
		swap(embryo, sk->embryo);
	}
	return embryo;
}

void tcp_leave_syn_q(struct inet_sock *sk)
{
	struct inet_sock *listener, *embryo;

	spin_lock(&sk->lock);
	listener = sk->listener;
	if (listener)
		inet_get(listener);
	spin_unlock(&sk->lock);
	if (!listener)
		return;
	inet_lock_two(sk, listener);
	embryo = take_off_syn_q(sk, listener);
	inet_unlock_two(sk, listener);
	if (embryo) {
		inet_put(listener); /* sk's own */
		inet_put(embryo);
	}
	inet_put(listener);
}

/* The first that waits for the listener, referenced; NULL: nobody, or there is no room. */
static struct inet_sock *first_waiter(struct inet_sock *listener, bool any)
{
	struct inet_sock *sk = NULL;

	spin_lock(&listener->lock);
	if (any || has_room(listener))
		sk = list_first_entry_or_null(&listener->syn_q, struct inet_sock, accept_node);
	if (sk)
		inet_get(sk);
	spin_unlock(&listener->lock);
	return sk;
}

/*
 * Who waits gets the room that there is now. iolock of the listener held: it goes on listening at
 * its port.
 */
static void admit_waiters(struct inet_sock *listener)
{
	struct inet_sock *sk, *embryo;
	spinlock_t *bucket;

	lockdep_assert_held(&listener->iolock);
	while ((sk = first_waiter(listener, false))) {
		bucket = inet_lock_bucket(listener);
		inet_lock_two(sk, listener);
		/* It may have left, or somebody who came just now may have taken the room. */
		embryo = has_room(listener) ? take_off_syn_q(sk, listener) : NULL;
		if (embryo)
			establish(sk, listener, embryo);
		inet_unlock_two(sk, listener);
		spin_unlock(bucket);
		if (embryo) {
			wake_both(sk, listener);
			inet_put(listener); /* sk's */
		}
		inet_put(sk);
	}
}

int tcp_listen(struct socket *sock, int backlog)
{
	struct inet_sock *sk = inet_sk(sock);
	int err = 0;

	mutex_lock(&sk->iolock);
	if (sock->state != SS_UNCONNECTED || (sk->state != TCP_CLOSE && sk->state != TCP_LISTEN)) {
		err = -EINVAL;
		goto out;
	}
	if (!sk->port)
		err = inet_get_port(sk, 0, NULL, NULL);
	if (!err && sk->state != TCP_LISTEN)
		err = inet_listen_port(sk);
	if (err)
		goto out;
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->backlog,
		   min((unsigned int)backlog, (unsigned int)READ_ONCE(sysctl_somaxconn)));
	WRITE_ONCE(sk->state, TCP_LISTEN);
	WRITE_ONCE(sk->shutdown, 0);
	spin_unlock(&sk->lock);
	admit_waiters(sk); /* the backlog may have grown */
out:
	mutex_unlock(&sk->iolock);
	return err;
}

void tcp_refuse_waiters(struct inet_sock *listener)
{
	struct inet_sock *sk, *embryo;

	while ((sk = first_waiter(listener, true))) {
		inet_lock_two(sk, listener);
		embryo = take_off_syn_q(sk, listener);
		if (embryo)
			refuse(sk);
		inet_unlock_two(sk, listener);
		if (embryo) {
			inet_wake_state(sk);
			inet_put(embryo);
			inet_put(listener); /* sk's */
		}
		inet_put(sk);
	}
}

/* connect(2) of a socket that has no connection and makes none. iolock held. */
static int start(struct inet_sock *sk, const struct sockaddr_storage *addr, int len)
{
	struct inet_sock *embryo;
	struct inet_end dest;
	struct in6_addr src;
	int err = inet_dest(sk, addr, len, &dest);

	lockdep_assert_held(&sk->iolock);
	if (!err)
		err = inet_route(sk, &dest, &src);
	if (err)
		return err;
	embryo = inet_alloc(IPPROTO_TCP, sk->family, sk->net);
	if (!embryo)
		return -ENOBUFS;
	err = sk->port ? inet_set_remote(sk, &dest, &src) : inet_get_port(sk, 0, &dest, &src);
	if (err) {
		inet_put(embryo);
		return err;
	}
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->err, 0);
	WRITE_ONCE(sk->shutdown, 0);
	WRITE_ONCE(sk->state, TCP_SYN_SENT);
	spin_unlock(&sk->lock);
	knock(sk, embryo);
	return 0;
}

/* Up to where connect(2) waits: -EINPROGRESS and -EALREADY are for whoever does not. */
static int begin(struct socket *sock, struct sockaddr_storage *addr, int len)
{
	struct inet_sock *sk = inet_sk(sock);
	int err;

	if (addr->ss_family == AF_UNSPEC) {
		tcp_disconnect(sk);
		sock->state = SS_UNCONNECTED;
		return 0;
	}
	if (sock->state == SS_CONNECTED)
		return -EISCONN;
	if (sock->state == SS_CONNECTING)
		return -EALREADY;
	if (sk->state != TCP_CLOSE)
		return -EISCONN;
	err = start(sk, addr, len);
	if (err)
		return err;
	sock->state = SS_CONNECTING;
	return -EINPROGRESS;
}

/* An attempt is over: how it ended. Another thread may have been told before. */
static int conclude(struct socket *sock)
{
	struct inet_sock *sk = inet_sk(sock);
	int err = 0;

	mutex_lock(&sk->iolock);
	if (sock->state != SS_CONNECTING) {
		if (sock->state == SS_UNCONNECTED)
			err = inet_take_error(sk) ?: -ECONNABORTED;
	} else if (READ_ONCE(sk->state) == TCP_SYN_SENT) {
		err = -EALREADY; /* it has begun the next one, too */
	} else if (READ_ONCE(sk->state) != TCP_CLOSE) {
		sock->state = SS_CONNECTED;
	} else {
		err = inet_take_error(sk) ?: -ECONNABORTED;
		sock->state = SS_UNCONNECTED;
		tcp_disconnect(sk);
	}
	mutex_unlock(&sk->iolock);
	return err;
}

int tcp_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags)
{
	struct inet_sock *sk = inet_sk(sock);
	long timeo = flags & O_NONBLOCK ? 0 : READ_ONCE(sk->opts.sndtimeo);
	int err, wait;

	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	mutex_lock(&sk->iolock);
	err = begin(sock, addr, len);
	mutex_unlock(&sk->iolock);
	/* Though it is decided by now, a program that does not wait is told by the next call. */
	if (err == -EINPROGRESS && !timeo)
		return err;
	if (err != -EINPROGRESS && err != -EALREADY)
		return err;
	if (READ_ONCE(sk->state) == TCP_SYN_SENT) {
		if (!timeo)
			return err;
		wait = sock_wait(&sk->wr_wait, READ_ONCE(sk->state) != TCP_SYN_SENT, 0, &timeo);
		if (wait)
			return wait;
		if (READ_ONCE(sk->state) == TCP_SYN_SENT)
			return err;
	}
	return conclude(sock);
}

int tcp_accept(struct socket *sock, struct socket *newsock, int flags)
{
	struct inet_sock *sk = inet_sk(sock), *end;
	long timeo = flags & O_NONBLOCK ? 0 : READ_ONCE(sk->opts.rcvtimeo);
	bool waited_for;
	int err;

	for (;;) {
		spin_lock(&sk->lock);
		end = list_first_entry_or_null(&sk->accept_q, struct inet_sock, accept_node);
		if (end)
			break;
		err = sk->state != TCP_LISTEN ? -EINVAL : timeo ? 0 : -EAGAIN;
		spin_unlock(&sk->lock);
		if (!err)
			err = sock_wait(&sk->rd_wait,
					!list_empty(&sk->accept_q) ||
					    READ_ONCE(sk->state) != TCP_LISTEN,
					1, &timeo);
		if (err)
			return err;
	}
	list_del_init(&end->accept_node);
	WRITE_ONCE(sk->accept_len, sk->accept_len - 1);
	waited_for = !list_empty(&sk->syn_q);
	spin_lock_nested(&end->lock, 1);
	WRITE_ONCE(end->socket, newsock);
	newsock->sk = end;
	newsock->state = SS_CONNECTED;
	spin_unlock(&end->lock);
	spin_unlock(&sk->lock);
	if (waited_for) {
		mutex_lock(&sk->iolock);
		if (READ_ONCE(sk->state) == TCP_LISTEN)
			admit_waiters(sk);
		mutex_unlock(&sk->iolock);
	}
	return 0;
}
