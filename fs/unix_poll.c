/* SPDX-License-Identifier: MIT */
/*
 * What a unix domain socket is ready for: poll(2), and ioctl(2)'s counts. Task context but for
 * the relay, which runs under a wait queue's lock.
 *
 * A datagram socket is writable when its peer has room too. The peer may go while somebody
 * polls, so the poller waits on our queue only, and an entry of ours waits on the peer's and
 * passes its wake-up on; it leaves when the peer does (unix_peer_wake_disconnect()).
 */
#include "unix.h"
#include <arch/uaccess.h>
#include <uapi/ioctl.h>

int unix_peer_wake_relay(wait_queue_entry_t *e, unsigned int mode, int sync, void *key)
{
	struct unix_sock *u = container_of(e, struct unix_sock, peer_wake);

	list_del_init(&e->entry);
	WRITE_ONCE(u->peer_wake_on, NULL);
	__wake_up(&u->wr_wait, TASK_NORMAL, 1, poll_to_key(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND));
	return 0;
}

static void peer_wake_connect(struct unix_sock *u, struct unix_sock *other)
{
	unsigned long flags;

	lockdep_assert_held(&u->lock);
	spin_lock_irqsave(&other->peer_wait.lock, flags);
	if (!u->peer_wake_on) {
		u->peer_wake_on = other;
		list_add_tail(&u->peer_wake.entry, &other->peer_wait.head);
	}
	spin_unlock_irqrestore(&other->peer_wait.lock, flags);
}

void unix_peer_wake_disconnect(struct unix_sock *u, struct unix_sock *other)
{
	unsigned long flags;

	lockdep_assert_held(&u->lock);
	spin_lock_irqsave(&other->peer_wait.lock, flags);
	if (u->peer_wake_on == other) {
		list_del_init(&u->peer_wake.entry);
		u->peer_wake_on = NULL;
	}
	spin_unlock_irqrestore(&other->peer_wait.lock, flags);
}

static __poll_t poll_common(struct file *file, struct unix_sock *u, poll_table *pt)
{
	unsigned int shutdown;
	__poll_t mask = 0;

	poll_wait(file, &u->rd_wait, pt);
	poll_wait(file, &u->wr_wait, pt);
	smp_mb(); /* on the queues before the look */
	shutdown = READ_ONCE(u->shutdown);
	if (READ_ONCE(u->err))
		mask |= EPOLLERR;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (!list_empty(&u->queue) || !list_empty(&u->accept_q))
		mask |= EPOLLIN | EPOLLRDNORM;
	/* Nobody there yet, nor to come: unconnected is hung up. */
	if (unix_connection_based(u) && READ_ONCE(u->state) == UNIX_CLOSE)
		mask |= EPOLLHUP;
	return mask;
}

__poll_t unix_poll(struct file *file, struct socket *sock, poll_table *pt)
{
	struct unix_sock *u = unix_sk(sock);
	__poll_t mask = poll_common(file, u, pt);

	if (READ_ONCE(u->oob))
		mask |= EPOLLPRI;
	/* After one end shut down, a write does not block: it fails. */
	if (unix_writable(u))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return mask;
}

/* The peer's queue has no room for us: then its next reader will tell, through the relay. */
static bool peer_is_full(struct unix_sock *u)
{
	struct unix_sock *other;
	bool full = false;

	spin_lock(&u->lock);
	other = u->peer;
	if (other && READ_ONCE(other->peer) != u && unix_recvq_full(other)) {
		peer_wake_connect(u, other);
		smp_mb();
		full = unix_recvq_full(other) && !READ_ONCE(other->dead);
		if (!full)
			unix_peer_wake_disconnect(u, other);
	}
	spin_unlock(&u->lock);
	return full;
}

__poll_t unix_dgram_poll(struct file *file, struct socket *sock, poll_table *pt)
{
	struct unix_sock *u = unix_sk(sock);
	__poll_t mask = poll_common(file, u, pt);

	if (!(poll_requested_events(pt) & (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)))
		return mask;
	if (unix_writable(u) && !peer_is_full(u))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return mask;
}

/* Bytes to read: all of a stream, the next message of the others. unix(7), SIOCINQ. */
static int inq(struct unix_sock *u)
{
	struct unix_msg *m;
	int n = 0;

	spin_lock(&u->lock);
	if (u->state == UNIX_LISTEN)
		n = -EINVAL;
	else
		list_for_each_entry (m, &u->queue, node) {
			n += m->len - READ_ONCE(m->off);
			if (u->type == SOCK_DGRAM)
				break;
		}
	spin_unlock(&u->lock);
	return n;
}

static int at_mark(struct unix_sock *u)
{
	int answer;

	spin_lock(&u->lock);
	answer = u->oob && u->queue.next == &u->oob->node;
	spin_unlock(&u->lock);
	return answer;
}

int unix_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct unix_sock *u = unix_sk(sock);
	int n;

	switch (cmd) {
	case SIOCINQ:
		n = inq(u);
		break;
	case SIOCOUTQ:
		n = READ_ONCE(u->state) == UNIX_LISTEN ? -EINVAL : atomic_read(&u->wmem) - 1;
		break;
	case SIOCATMARK:
		if (u->type != SOCK_STREAM)
			return -ENOIOCTLCMD;
		n = at_mark(u);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return n < 0 ? n : put_user(n, (int __user *)arg);
}
