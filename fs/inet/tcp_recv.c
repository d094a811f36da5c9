/* SPDX-License-Identifier: MIT */
/*
 * Receiving on a TCP connection. Positions in the stream are 32-bit numbers that wrap; the urgent
 * byte is a position too: reading stops before it, and leaves it out unless SO_OOBINLINE is set.
 * tcp(7). Rules: fs/inet/inet.h. Task context.
 */
#include "inet.h"
#include <jiffy/slab.h>

/* One receive as it goes on; iolock keeps what it points to. */
struct tcp_read {
	struct inet_sock *sk;
	struct msghdr *msg;
	size_t left, copied;
	int flags;
	u32 start, seq;	     /* of the first and next byte; but for a peek, seq is copied_seq */
	struct inet_msg *at; /* a peek's message, */
	u32 off;	     /* and its next byte there */
	ktime_t stamp;	     /* of the last message that was read from */
};

/* A position that is not behind another; they are less than half the numbers apart. */
static bool seq_after(u32 a, u32 b)
{
	return (s32)(a - b) > 0;
}

/* An urgent byte is ahead, or next. */
static bool urgent_ahead(const struct inet_sock *sk, u32 seq)
{
	return sk->urg != URG_NONE && !seq_after(seq, sk->urg_seq);
}

int tcp_inq(struct inet_sock *sk)
{
	int n;

	spin_lock(&sk->lock);
	if (urgent_ahead(sk, sk->copied_seq) && !sock_opt_flag(&sk->opts, SOPT_OOBINLINE))
		n = sk->urg_seq - sk->copied_seq;
	else
		n = sk->queued;
	spin_unlock(&sk->lock);
	return min(n, READ_ONCE(sk->opts.rcvbuf));
}

/* As many bytes as SO_RCVLOWAT asks for, but for an urgent one that is next and not in line. */
bool tcp_readable(struct inet_sock *sk)
{
	u32 lowat = min(READ_ONCE(sk->opts.rcvlowat), READ_ONCE(sk->opts.rcvbuf));
	bool ready;

	spin_lock(&sk->lock);
	if (sk->urg != URG_NONE && sk->urg_seq == sk->copied_seq &&
	    !sock_opt_flag(&sk->opts, SOPT_OOBINLINE))
		lowat++;
	ready = sk->queued >= lowat;
	spin_unlock(&sk->lock);
	return ready;
}

/*
 * size bytes more were read. True when the sender is to be told: there is a third of the whole to
 * send into again, or all that is left has come through the receiver's window.
 */
static bool consume(struct inet_sock *sk, struct inet_msg *m, u32 size, struct inet_msg **done)
{
	u32 before = sk->queued, after = before - size, limit, window;

	lockdep_assert_held(&sk->lock);
	m->off += size;
	if (m->off == m->len) {
		list_del(&m->node);
		*done = m;
	}
	WRITE_ONCE(sk->queued, after);
	sk->copied_seq += size;
	if (sk->urg != URG_NONE && seq_after(sk->copied_seq, sk->urg_seq))
		WRITE_ONCE(sk->urg, URG_NONE);
	if (!sk->peer)
		return false;
	limit = tcp_limit(sk->peer, sk);
	window = READ_ONCE(sk->opts.rcvbuf);
	return (before > limit - limit / 3 && after <= limit - limit / 3) ||
	       (before > window && after <= window);
}

/* The next message to read from, at *off. NULL: none. */
static struct inet_msg *next_message(struct tcp_read *rd, u32 *off)
{
	struct inet_sock *sk = rd->sk;
	struct inet_msg *m = rd->at;

	lockdep_assert_held(&sk->lock);
	if (!m || !(rd->flags & MSG_PEEK)) {
		m = list_first_entry_or_null(&sk->queue, struct inet_msg, node);
		*off = m ? m->off : 0;
		return m;
	}
	*off = rd->off;
	if (rd->off == m->len) {
		if (list_is_last(&m->node, &sk->queue))
			return NULL;
		m = list_next_entry(m, node);
		*off = m->off;
	}
	return m;
}

/* size bytes at m's off were read, or passed. */
static void advance(struct tcp_read *rd, struct inet_msg *m, u32 off, u32 size)
{
	struct inet_sock *sk = rd->sk, *peer = NULL;
	struct inet_msg *done = NULL;

	rd->seq += size;
	if (rd->flags & MSG_PEEK) {
		rd->at = m;
		rd->off = off + size;
		return;
	}
	spin_lock(&sk->lock);
	if (consume(sk, m, size, &done))
		peer = inet_get(sk->peer);
	spin_unlock(&sk->lock);
	kvfree(done);
	if (peer) {
		inet_wake_writers(peer);
		inet_put(peer);
	}
}

enum step { STEP_ON, STEP_STOP, STEP_EMPTY, STEP_FAULT };

/* Reads from one message, up to an urgent byte. iolock held. */
static enum step step(struct tcp_read *rd)
{
	struct inet_sock *sk = rd->sk;
	struct inet_msg *m;
	u32 off, size, ahead;
	bool skip = false;

	spin_lock(&sk->lock);
	if (rd->copied && urgent_ahead(sk, rd->seq) && sk->urg_seq == rd->seq) {
		spin_unlock(&sk->lock);
		return STEP_STOP;
	}
	m = next_message(rd, &off);
	size = m ? min((size_t)(m->len - off), rd->left) : 0;
	if (m && urgent_ahead(sk, rd->seq)) {
		ahead = sk->urg_seq - rd->seq;
		if (ahead && ahead < size)
			size = ahead;
		skip = !ahead && !sock_opt_flag(&sk->opts, SOPT_OOBINLINE);
	}
	spin_unlock(&sk->lock);
	if (!m)
		return STEP_EMPTY;
	if (skip) {
		advance(rd, m, off, 1);
		return STEP_ON;
	}
	if (!(rd->flags & MSG_TRUNC) && !copy_to_iter_full(m->data + off, size, &rd->msg->msg_iter))
		return STEP_FAULT;
	rd->stamp = m->stamp;
	advance(rd, m, off, size);
	rd->copied += size;
	rd->left -= size;
	return STEP_ON;
}

/*
 * Nothing was left to read: 0 to look again, which may mean to wait, 1 to end, or a negative errno.
 * Bytes that came since go before the end that came after them, hence the lock.
 */
static int empty_verdict(struct tcp_read *rd, size_t target, long timeo)
{
	struct inet_sock *sk = rd->sk;
	int verdict = 0, err;

	spin_lock(&sk->lock);
	if (rd->copied >= target)
		verdict = 1;
	else if (sk->rcv_nxt != rd->seq)
		verdict = 0;
	else if (rd->copied)
		verdict = READ_ONCE(sk->err) || (sk->shutdown & RCV_SHUTDOWN) ||
			  sk->state == TCP_CLOSE || !timeo;
	else if (sk->fin_in)
		verdict = 1;
	else if ((err = inet_take_error(sk)))
		verdict = err;
	else if (sk->shutdown & RCV_SHUTDOWN)
		verdict = 1;
	else if (sk->state == TCP_CLOSE)
		verdict = -ENOTCONN;
	else if (!timeo)
		verdict = -EAGAIN;
	spin_unlock(&sk->lock);
	return verdict;
}

/* Others may have read while iolock was free: false when what was peeked at is gone. */
static bool resume(struct tcp_read *rd)
{
	u32 now = READ_ONCE(rd->sk->copied_seq);

	if ((rd->flags & MSG_PEEK) && rd->copied)
		return now == rd->start;
	rd->start = rd->seq = now;
	rd->at = NULL; /* it may have passed an urgent byte only */
	return true;
}

static bool news(struct tcp_read *rd)
{
	struct inet_sock *sk = rd->sk;

	return READ_ONCE(sk->rcv_nxt) != rd->seq || READ_ONCE(sk->err) ||
	       (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN) || READ_ONCE(sk->state) == TCP_CLOSE;
}

/* iolock held, but for sleeps. 0 or the errno for when nothing was read. */
static int read_stream(struct tcp_read *rd, size_t target, long timeo)
{
	struct inet_sock *sk = rd->sk;
	int verdict;

	do { /* once for no bytes, too: the errors are the same */
		switch (step(rd)) {
		case STEP_ON:
			continue;
		case STEP_STOP:
			return 0;
		case STEP_FAULT:
			return -EFAULT;
		case STEP_EMPTY:
			break;
		}
		verdict = empty_verdict(rd, target, timeo);
		if (verdict)
			return verdict < 0 ? verdict : 0;
		mutex_unlock(&sk->iolock);
		verdict = sock_wait(&sk->rd_wait, news(rd), 0, &timeo);
		mutex_lock(&sk->iolock);
		if (verdict || !resume(rd))
			return verdict;
	} while (rd->left);
	return 0;
}

static ssize_t recv_urgent(struct inet_sock *sk, struct msghdr *msg, int flags)
{
	bool inline_set = sock_opt_flag(&sk->opts, SOPT_OOBINLINE);
	char byte;

	spin_lock(&sk->lock);
	if (inline_set || sk->urg != URG_VALID) {
		spin_unlock(&sk->lock);
		return -EINVAL;
	}
	byte = sk->urg_byte;
	if (!(flags & MSG_PEEK))
		WRITE_ONCE(sk->urg, URG_READ);
	spin_unlock(&sk->lock);
	msg->msg_flags |= MSG_OOB;
	if (!iov_iter_count(&msg->msg_iter)) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	return copy_to_iter_full(&byte, 1, &msg->msg_iter) ? 1 : -EFAULT;
}

/* TCP_INQ: what is left to read goes beside the bytes. */
static void put_inq(struct inet_sock *sk, struct msghdr *msg)
{
	int left = tcp_inq(sk);

	put_cmsg(msg, SOL_TCP, TCP_INQ, sizeof(left), &left);
}

ssize_t tcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct inet_sock *sk = inet_sk(sock);
	struct tcp_read rd = {.sk = sk, .msg = msg, .left = len, .flags = flags};
	size_t target;
	int err;

	if (flags & MSG_ERRQUEUE)
		return -EAGAIN; /* no error here comes with a packet */
	if (READ_ONCE(sk->state) == TCP_LISTEN)
		return -ENOTCONN;
	if (unlikely(flags & MSG_OOB))
		return recv_urgent(sk, msg, flags);
	target = flags & MSG_WAITALL ? len : min((size_t)READ_ONCE(sk->opts.rcvlowat), len);
	mutex_lock(&sk->iolock);
	rd.start = rd.seq = READ_ONCE(sk->copied_seq);
	err =
	    read_stream(&rd, target ?: 1, flags & MSG_DONTWAIT ? 0 : READ_ONCE(sk->opts.rcvtimeo));
	mutex_unlock(&sk->iolock);
	if (!rd.copied)
		return err;
	inet_put_stamp(sk, msg, rd.stamp);
	if (inet_flag(sk, TCPF_INQ))
		put_inq(sk, msg);
	return rd.copied;
}
