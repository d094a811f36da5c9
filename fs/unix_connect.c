/* SPDX-License-Identifier: MIT */
/*
 * Connections of unix domain sockets: listen(2), connect(2), accept(2), socketpair(2),
 * shutdown(2). A connection exists in full as soon as connect() found room in the listener's
 * backlog: the listener's end (an unix_sock without a struct socket) waits on accept_q, and may
 * be written to meanwhile. Rules: fs/unix.h. Task context.
 */
#include "unix.h"

int unix_listen(struct socket *sock, int backlog)
{
	struct unix_sock *u = unix_sk(sock);
	unsigned int old;
	int err = 0;

	if (!unix_connection_based(u))
		return -EOPNOTSUPP;
	if (!smp_load_acquire(&u->addr))
		return -EINVAL;
	spin_lock(&u->lock);
	if (u->state == UNIX_ESTABLISHED) {
		err = -EINVAL;
	} else {
		old = u->backlog;
		WRITE_ONCE(u->backlog,
			   min((unsigned int)backlog, (unsigned int)READ_ONCE(sysctl_somaxconn)));
		if (u->state != UNIX_LISTEN)
			old = u->backlog;
		WRITE_ONCE(u->state, UNIX_LISTEN);
		unix_ids_set_current(&u->own);
		if (u->backlog > old)
			__wake_up(&u->peer_wait, TASK_NORMAL, 0, NULL);
	}
	spin_unlock(&u->lock);
	return err;
}

/* Both ends' locks held: a and b become each other's peers. */
static void join(struct unix_sock *a, struct unix_sock *b)
{
	WRITE_ONCE(a->peer, unix_get(b));
	WRITE_ONCE(b->peer, unix_get(a));
	if (unix_connection_based(a)) {
		WRITE_ONCE(a->state, UNIX_ESTABLISHED);
		WRITE_ONCE(b->state, UNIX_ESTABLISHED);
	}
}

int unix_socketpair(struct socket *a, struct socket *b)
{
	struct unix_sock *ua = unix_sk(a), *ub = unix_sk(b);

	unix_lock_two(ua, ub);
	join(ua, ub);
	unix_ids_set_current(&ua->own);
	unix_ids_copy(&ua->other, &ua->own);
	unix_ids_copy(&ub->other, &ua->own);
	unix_unlock_two(ua, ub);
	a->state = b->state = SS_CONNECTED;
	return 0;
}

/* Where a connection goes, locked together with us and with room; else an errno. */
static struct unix_sock *lock_listener(struct unix_sock *u, struct sockaddr_storage *addr, int len,
				       long timeo)
{
	struct unix_sock *other;
	int err;

	for (;;) {
		other = unix_find_other(u, addr, len);
		if (IS_ERR(other))
			return other;
		unix_lock_two(u, other);
		if (!other->dead) {
			if (other->state != UNIX_LISTEN || (other->shutdown & RCV_SHUTDOWN))
				err = -ECONNREFUSED;
			else if (other->accept_len > other->backlog)
				err = -EAGAIN;
			else
				return other;
			if (err != -EAGAIN || !timeo) {
				unix_unlock_two(u, other);
				unix_put(other);
				return ERR_PTR(err);
			}
			unix_unlock_two(u, other);
			err = sock_wait(&other->peer_wait,
					READ_ONCE(other->dead) || READ_ONCE(other->shutdown) ||
					    READ_ONCE(other->accept_len) <= other->backlog,
					1, &timeo);
			unix_put(other);
			if (err)
				return ERR_PTR(err);
			continue;
		}
		/* Its name may be somebody else's by now. */
		unix_unlock_two(u, other);
		unix_put(other);
	}
}

int unix_stream_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags)
{
	struct unix_sock *u = unix_sk(sock), *other, *end;
	int err = unix_validate_addr(addr, len);

	if (err)
		return err;
	if (sock_opt_flag(&u->opts, SOPT_PASSCRED)) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	end = unix_alloc(u->type, u->net);
	if (!end)
		return -ENOMEM;
	other = lock_listener(u, addr, len, flags & O_NONBLOCK ? 0 : READ_ONCE(u->opts.sndtimeo));
	if (IS_ERR(other)) {
		unix_release_sock(end, true);
		return PTR_ERR(other);
	}
	if (u->state != UNIX_CLOSE) {
		err = u->state == UNIX_ESTABLISHED ? -EISCONN : -EINVAL;
		unix_unlock_two(u, other);
		unix_release_sock(end, true);
		unix_put(other);
		return err;
	}
	refcount_inc(&other->addr->refcnt);
	end->addr = other->addr;
	end->opts.flags = READ_ONCE(other->opts.flags) & BIT(SOPT_PASSCRED);
	unix_ids_set_current(&end->other);
	unix_ids_copy(&u->other, &other->own);
	join(u, end);
	list_add_tail(&end->accept_node, &other->accept_q);
	WRITE_ONCE(other->accept_len, other->accept_len + 1);
	unix_unlock_two(u, other);
	sock->state = SS_CONNECTED;
	unix_wake_readers(other, EPOLLIN | EPOLLRDNORM);
	unix_put(other);
	return 0;
}

int unix_accept(struct socket *sock, struct socket *newsock, int flags)
{
	struct unix_sock *u = unix_sk(sock), *end;
	long timeo = flags & O_NONBLOCK ? 0 : READ_ONCE(u->opts.rcvtimeo);
	int err;

	for (;;) {
		spin_lock(&u->lock);
		end = list_first_entry_or_null(&u->accept_q, struct unix_sock, accept_node);
		if (end)
			break;
		if (u->state != UNIX_LISTEN || (u->shutdown & RCV_SHUTDOWN))
			err = -EINVAL;
		else
			err = timeo ? 0 : -EAGAIN;
		spin_unlock(&u->lock);
		if (!err)
			err = sock_wait(&u->rd_wait,
					!list_empty(&u->accept_q) ||
					    (READ_ONCE(u->shutdown) & RCV_SHUTDOWN),
					1, &timeo);
		if (err)
			return err;
	}
	list_del_init(&end->accept_node);
	WRITE_ONCE(u->accept_len, u->accept_len - 1);
	spin_lock_nested(&end->lock, 1);
	WRITE_ONCE(end->socket, newsock);
	newsock->sk = end;
	newsock->state = SS_CONNECTED;
	spin_unlock(&end->lock);
	spin_unlock(&u->lock);
	if (wq_has_sleeper(&u->peer_wait))
		wake_up_interruptible(&u->peer_wait);
	return 0;
}

/* Who u's datagrams go to from now on: other, whose reference it takes, or nobody. */
static int set_dgram_peer(struct unix_sock *u, struct unix_sock *other)
{
	struct unix_sock *old;

	if (other)
		unix_lock_two(u, other);
	else
		spin_lock(&u->lock);
	if (other && (other->dead || (other->peer && other->peer != u))) {
		int err = other->dead ? -ECONNREFUSED : -EPERM;

		unix_unlock_two(u, other);
		unix_put(other);
		return err;
	}
	old = u->peer;
	if (old)
		unix_peer_wake_disconnect(u, old);
	WRITE_ONCE(u->peer, other);
	if (other) {
		unix_ids_copy(&u->other, &other->own);
		unix_unlock_two(u, other);
	} else {
		spin_unlock(&u->lock);
	}
	if (old) {
		if (old != other)
			unix_dgram_disconnected(u, old);
		unix_put(old);
	}
	unix_wake_writers(u);
	return 0;
}

int unix_dgram_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags)
{
	struct unix_sock *u = unix_sk(sock), *other = NULL;
	int err;

	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	if (addr->ss_family != AF_UNSPEC) {
		err = unix_validate_addr(addr, len);
		if (!err && sock_opt_flag(&u->opts, SOPT_PASSCRED))
			err = unix_autobind(u);
		if (err)
			return err;
		other = unix_find_other(u, addr, len);
		if (IS_ERR(other))
			return PTR_ERR(other);
	}
	err = set_dgram_peer(u, other);
	if (!err)
		sock->state = other ? SS_CONNECTED : SS_UNCONNECTED;
	return err;
}

int unix_shutdown(struct socket *sock, int how)
{
	struct unix_sock *u = unix_sk(sock), *other;
	unsigned int mode, peer_mode;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	mode = how + 1;
	spin_lock(&u->lock);
	WRITE_ONCE(u->shutdown, u->shutdown | mode);
	other = u->peer;
	if (other)
		unix_get(other);
	spin_unlock(&u->lock);
	unix_wake_state(u);
	if (!other)
		return 0;
	if (unix_connection_based(u)) {
		/* What one end does not send any more the other need not wait for. */
		peer_mode = (mode & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0) |
			    (mode & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0);
		spin_lock(&other->lock);
		WRITE_ONCE(other->shutdown, other->shutdown | peer_mode);
		spin_unlock(&other->lock);
		unix_wake_state(other);
	}
	unix_put(other);
	return 0;
}
