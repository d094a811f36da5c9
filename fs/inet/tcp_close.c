/* SPDX-License-Identifier: MIT */
/*
 * How TCP connections end: shutdown(2), close(2), connect(2) to AF_UNSPEC. Nothing is under way
 * between the ends, so what the field calls FIN and RST arrives at once: of its states those that
 * wait for an answer (FIN_WAIT1, CLOSING, LAST_ACK) and TIME_WAIT, which waits for stragglers, are
 * never seen. Rules: fs/inet/inet.h. Task context.
 */
#include "inet.h"

/* sk learns that the connection was broken off. */
static void got_reset(struct inet_sock *sk)
{
	lockdep_assert_held(&sk->lock);
	if (sk->state == TCP_CLOSE)
		return;
	WRITE_ONCE(sk->err, sk->state == TCP_CLOSE_WAIT ? EPIPE : ECONNRESET);
	WRITE_ONCE(sk->shutdown, SHUTDOWN_MASK);
	WRITE_ONCE(sk->state, TCP_CLOSE);
}

/* sk learns that its peer sends no more. */
static void got_fin(struct inet_sock *sk)
{
	lockdep_assert_held(&sk->lock);
	sk->fin_in = true;
	WRITE_ONCE(sk->shutdown, sk->shutdown | RCV_SHUTDOWN);
	if (sk->state == TCP_ESTABLISHED)
		WRITE_ONCE(sk->state, TCP_CLOSE_WAIT);
	else if (sk->state == TCP_FIN_WAIT2)
		WRITE_ONCE(sk->state, TCP_CLOSE);
}

void tcp_bytes_refused(struct inet_sock *sk, struct inet_sock *peer)
{
	inet_lock_two(sk, peer);
	if (sk->peer == peer)
		got_reset(sk);
	if (peer->peer == sk)
		got_reset(peer);
	inet_unlock_two(sk, peer);
	inet_wake_state(sk);
	inet_wake_state(peer);
}

/* Whether sk's end of its connection still stands, so that breaking it off tells the other. */
static bool stands(const struct inet_sock *sk)
{
	return sk->state == TCP_ESTABLISHED || sk->state == TCP_CLOSE_WAIT ||
	       sk->state == TCP_FIN_WAIT2;
}

/*
 * sk leaves its connection, if it has one: with RST or by FIN, unless that was sent before. Its
 * queue is moved to *queue.
 */
static void leave_peer(struct inet_sock *sk, bool reset, struct list_head *queue)
{
	struct inet_sock *peer = inet_get_peer(sk);

	if (peer)
		inet_lock_two(sk, peer);
	else
		spin_lock(&sk->lock);
	if (peer && stands(sk)) {
		if (reset || sk->queued)
			got_reset(peer);
		else if (sk->state != TCP_FIN_WAIT2)
			got_fin(peer);
	}
	list_splice_init(&sk->queue, queue);
	WRITE_ONCE(sk->queued, 0);
	WRITE_ONCE(sk->copied_seq, sk->rcv_nxt);
	sk->urg = URG_NONE;
	sk->fin_in = false;
	WRITE_ONCE(sk->peer, NULL);
	WRITE_ONCE(sk->state, TCP_CLOSE);
	if (!peer) {
		spin_unlock(&sk->lock);
		return;
	}
	inet_unlock_two(sk, peer);
	inet_wake_state(peer);
	inet_put(peer); /* ours of this moment, and the connection's */
	inet_put(peer);
}

/* Nobody will use this end: a connection that was never accepted, or a socket being closed. */
static void destroy(struct inet_sock *sk, bool reset)
{
	LIST_HEAD(queue);

	tcp_leave_syn_q(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->socket, NULL);
	spin_unlock(&sk->lock);
	leave_peer(sk, reset, &queue);
	inet_purge(&queue);
	inet_put_port(sk);
	inet_put(sk);
}

/* Connections that nobody accepted are broken off, whoever waits for room is refused. */
static void stop_listening(struct inet_sock *sk)
{
	struct inet_sock *end, *next;
	LIST_HEAD(accept_q);

	inet_unlisten_port(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->state, TCP_CLOSE);
	list_splice_init(&sk->accept_q, &accept_q);
	WRITE_ONCE(sk->accept_len, 0);
	spin_unlock(&sk->lock);
	tcp_refuse_waiters(sk);
	inet_wake_state(sk);
	list_for_each_entry_safe (end, next, &accept_q, accept_node) {
		list_del_init(&end->accept_node);
		destroy(end, true);
	}
}

/*
 * SO_LINGER: until the receiver has room for all that was sent, a signal, or the time is over. It
 * is close(2) that waits, not the end of a process, and not for a connection that is broken off.
 */
static void linger(struct inet_sock *sk)
{
	long timeo = (long)READ_ONCE(sk->opts.linger) * HZ;

	if (timeo > 0 && !READ_ONCE(sk->queued) && !(current->flags & (PF_EXITING | PF_KTHREAD)))
		sock_wait(&sk->wr_wait, !tcp_outq(sk) || READ_ONCE(sk->err), 0, &timeo);
}

void tcp_close(struct inet_sock *sk)
{
	bool lingers = sock_opt_flag(&sk->opts, SOPT_LINGER);

	if (READ_ONCE(sk->state) == TCP_LISTEN)
		stop_listening(sk);
	else if (lingers)
		linger(sk);
	destroy(sk, lingers && !READ_ONCE(sk->opts.linger));
}

void tcp_disconnect(struct inet_sock *sk)
{
	struct inet_end nobody = {.addr = addr_any(sk->family)};
	LIST_HEAD(queue);
	bool broken;

	lockdep_assert_held(&sk->iolock);
	if (READ_ONCE(sk->state) == TCP_LISTEN)
		stop_listening(sk);
	tcp_leave_syn_q(sk);
	broken = READ_ONCE(sk->state) == TCP_SYN_SENT || stands(sk);
	leave_peer(sk, true, &queue);
	inet_purge(&queue);
	if (sk->port)
		inet_set_remote(sk, &nobody, sk->addr_bound ? &sk->local.addr : &nobody.addr);
	if (!sk->port_bound)
		inet_put_port(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, 0);
	WRITE_ONCE(sk->err, broken ? ECONNRESET : 0);
	if (!sk->port_bound)
		sk->local.port = 0;
	spin_unlock(&sk->lock);
	inet_wake_state(sk);
}

/* shutdown(2) of a connection's end. Both locks held, if there is a peer. */
static void shut(struct inet_sock *sk, struct inet_sock *peer, unsigned int mode)
{
	bool fin = (mode & SEND_SHUTDOWN) && !(sk->shutdown & SEND_SHUTDOWN);

	lockdep_assert_held(&sk->lock);
	WRITE_ONCE(sk->shutdown, sk->shutdown | mode);
	if (!fin || !stands(sk))
		return;
	WRITE_ONCE(sk->state, sk->state == TCP_CLOSE_WAIT ? TCP_CLOSE : TCP_FIN_WAIT2);
	if (peer)
		got_fin(peer);
}

int tcp_shutdown(struct socket *sock, int how)
{
	struct inet_sock *sk = inet_sk(sock), *peer;
	unsigned int mode = how + 1;
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	mutex_lock(&sk->iolock);
	if (sk->state == TCP_SYN_SENT || (sk->state == TCP_LISTEN && (mode & RCV_SHUTDOWN))) {
		tcp_disconnect(sk);
		sock->state = SS_UNCONNECTED;
	} else if (sk->state != TCP_LISTEN) {
		if (sock->state == SS_CONNECTING && sk->state != TCP_CLOSE)
			sock->state = SS_CONNECTED;
		peer = inet_get_peer(sk);
		inet_lock_two(sk, peer ?: sk);
		if (sk->state == TCP_CLOSE)
			err = -ENOTCONN;
		shut(sk, peer, mode);
		inet_unlock_two(sk, peer ?: sk);
		inet_wake_state(sk);
		if (peer) {
			inet_wake_state(peer);
			inet_put(peer);
		}
	}
	mutex_unlock(&sk->iolock);
	return err;
}
