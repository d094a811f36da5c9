/* SPDX-License-Identifier: MIT */
/*
 * Sending on a TCP connection: bytes are appended to the peer's queue, as many as tcp_limit() lets
 * wait there. What follows closely is put into the same message, so that the memory a queue takes
 * is in proportion to its bytes. Rules: fs/inet/inet.h. Task context.
 */
#include "inet.h"
#include <jiffy/mm.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>

/* Four pages with the header: large enough to amortise, small enough to allocate. */
#define CHUNK (4 * PAGE_SIZE - sizeof(struct inet_msg))
/* Room of a message that starts a queue, and of one that joins it: a stream may be under way. */
#define ROOM_FIRST (512 - (u32)sizeof(struct inet_msg))
#define ROOM_NEXT  ((u32)(PAGE_SIZE - sizeof(struct inet_msg)))

u32 tcp_limit(const struct inet_sock *from, const struct inet_sock *to)
{
	return (u32)READ_ONCE(from->opts.sndbuf) + (u32)READ_ONCE(to->opts.rcvbuf);
}

/* Bytes that from may still send. */
static u32 room_at(const struct inet_sock *from, const struct inet_sock *to)
{
	u32 limit = tcp_limit(from, to), queued = READ_ONCE(to->queued);

	return queued < limit ? limit - queued : 0;
}

bool tcp_writable(struct inet_sock *sk)
{
	struct inet_sock *peer = inet_get_peer(sk);
	bool ok = true;

	if (peer) {
		ok = room_at(sk, peer) >= tcp_limit(sk, peer) / 3;
		inet_put(peer);
	}
	return ok;
}

int tcp_outq(struct inet_sock *sk)
{
	struct inet_sock *peer = inet_get_peer(sk);
	u32 window, queued;

	if (!peer)
		return 0;
	window = READ_ONCE(peer->opts.rcvbuf);
	queued = READ_ONCE(peer->queued);
	inet_put(peer);
	return queued > window ? queued - window : 0;
}

/* Bytes are taken from a connected socket only; one that is being connected is waited for. */
static int wait_connected(struct inet_sock *sk, long *timeo)
{
	int state = READ_ONCE(sk->state), err;

	while (state == TCP_SYN_SENT) {
		if (!*timeo)
			return -EAGAIN;
		err = sock_wait(&sk->wr_wait, READ_ONCE(sk->state) != TCP_SYN_SENT, 0, timeo);
		if (err)
			return err;
		state = READ_ONCE(sk->state);
	}
	return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT ? 0 : -EPIPE;
}

/* sk's stream to peer has ended: by shutdown(2), a reset, or because sk left its connection. */
static bool cannot_send(const struct inet_sock *sk, const struct inet_sock *peer)
{
	return READ_ONCE(sk->err) || (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN) ||
	       READ_ONCE(sk->peer) != peer;
}

/*
 * What cannot_send() saw may be over: under peer->lock, which whoever ends the connection holds.
 * -ECONNRESET: peer has left it, or has ended its stream and reads no more; -EPIPE: sk has left it
 * or ended its stream.
 */
static int may_append(const struct inet_sock *sk, const struct inet_sock *peer)
{
	lockdep_assert_held(&peer->lock);
	if (peer->peer != sk)
		return -ECONNRESET;
	if (peer->fin_in || peer->state == TCP_CLOSE)
		return -EPIPE;
	return peer->state == TCP_FIN_WAIT2 && (peer->shutdown & RCV_SHUTDOWN) ? -ECONNRESET : 0;
}

/* Puts m's bytes at the end of to's queue: true when m itself is there now. */
static bool append(struct inet_sock *to, struct inet_msg *m)
{
	struct inet_msg *tail;

	lockdep_assert_held(&to->lock);
	to->rcv_nxt += m->len;
	WRITE_ONCE(to->queued, to->queued + m->len);
	if (!list_empty(&to->queue)) {
		tail = list_last_entry(&to->queue, struct inet_msg, node);
		if (m->len <= tail->room - tail->len) {
			memcpy(tail->data + tail->len, m->data, m->len);
			tail->len += m->len;
			tail->stamp = m->stamp;
			return false;
		}
	}
	list_add_tail(&m->node, &to->queue);
	return true;
}

/* The last byte that came is urgent; an older one is ordinary data from now on. */
static void mark_urgent(struct inet_sock *to, char byte)
{
	struct file *file;

	lockdep_assert_held(&to->lock);
	to->urg_seq = to->rcv_nxt - 1;
	to->urg_byte = byte;
	WRITE_ONCE(to->urg, URG_VALID);
	file = to->socket ? to->socket->file : NULL;
	if (file)
		send_sigurg(&file->f_owner);
}

/* Sends the next size bytes, the last of them urgent. 0 or a negative errno. */
static int send_chunk(struct inet_sock *sk, struct inet_sock *peer, struct msghdr *msg, u32 size,
		      bool oob)
{
	struct inet_msg *m = inet_msg_alloc(size, READ_ONCE(peer->queued) ? ROOM_NEXT : ROOM_FIRST);
	bool kept = false;
	int err;

	if (!m)
		return -ENOBUFS;
	if (!copy_from_iter_full(m->data, size, &msg->msg_iter)) {
		kvfree(m);
		return -EFAULT;
	}
	m->stamp = sock_opt_flag(&peer->opts, SOPT_TIMESTAMP) ? ktime_get_real() : 0;
	spin_lock(&peer->lock);
	err = may_append(sk, peer);
	if (!err) {
		char last = m->data[size - 1];

		kept = append(peer, m);
		if (oob)
			mark_urgent(peer, last);
	}
	spin_unlock(&peer->lock);
	if (!kept)
		kvfree(m);
	if (!err) {
		inet_wake_readers(peer, EPOLLIN | EPOLLRDNORM | (oob ? EPOLLPRI : 0));
	} else if (err == -ECONNRESET) {
		tcp_bytes_refused(sk, peer);
		err = 0; /* the next send hears of it */
	}
	return err;
}

/* Sends some of the next len bytes: how many, 0 to try again, or a negative errno. */
static ssize_t send_some(struct inet_sock *sk, struct inet_sock *peer, struct msghdr *msg,
			 size_t len, long *timeo)
{
	size_t size;
	u32 room;
	int err;

	if (cannot_send(sk, peer))
		return -EPIPE;
	room = room_at(sk, peer);
	if (!room)
		return *timeo ? sock_wait(&sk->wr_wait, room_at(sk, peer) || cannot_send(sk, peer),
					  0, timeo)
			      : -EAGAIN;
	size = min(len, min((size_t)room, (size_t)CHUNK));
	err = send_chunk(sk, peer, msg, size, (msg->msg_flags & MSG_OOB) && size == len);
	return err ?: (ssize_t)size;
}

/* MSG_FASTOPEN: the call connects too. */
static int connect_first(struct socket *sock, const struct msghdr *msg)
{
	struct sockaddr_storage *to = msg->msg_name;

	if (msg->msg_namelen >= (int)sizeof(to->ss_family) && to->ss_family == AF_UNSPEC)
		return -EOPNOTSUPP;
	return tcp_connect(sock, to, msg->msg_namelen,
			   msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0);
}

ssize_t tcp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct inet_sock *sk = inet_sk(sock), *peer;
	long timeo = msg->msg_flags & MSG_DONTWAIT ? 0 : READ_ONCE(sk->opts.sndtimeo);
	size_t sent = 0;
	ssize_t n = 0;

	if (unlikely(msg->msg_flags & MSG_FASTOPEN))
		n = connect_first(sock, msg);
	if (n)
		return n;
	n = wait_connected(sk, &timeo);
	peer = n ? NULL : inet_get_peer(sk);
	if (!n && !peer)
		n = -EPIPE;
	while (n >= 0 && sent < len) {
		n = send_some(sk, peer, msg, len - sent, &timeo);
		if (n > 0)
			sent += n;
	}
	if (peer)
		inet_put(peer);
	if (sent || n >= 0)
		return sent;
	if (n == -EPIPE)
		n = inet_take_error(sk) ?: -EPIPE;
	if (n == -EPIPE && !(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return n;
}
