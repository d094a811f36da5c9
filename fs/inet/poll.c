/* SPDX-License-Identifier: MIT */
/*
 * What an internet socket is ready for: poll(2), and ioctl(2)'s counts. Rules: fs/inet/inet.h. Task
 * context.
 */
#include "inet.h"
#include <arch/uaccess.h>
#include <uapi/ioctl.h>

static __poll_t wait_both(struct file *file, struct inet_sock *sk, poll_table *pt)
{
	__poll_t mask = 0;

	poll_wait(file, &sk->rd_wait, pt);
	poll_wait(file, &sk->wr_wait, pt);
	smp_mb(); /* on the queues before the look */
	if (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (READ_ONCE(sk->shutdown) == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (READ_ONCE(sk->err))
		mask |= EPOLLERR;
	return mask;
}

__poll_t tcp_poll(struct file *file, struct socket *sock, poll_table *pt)
{
	struct inet_sock *sk = inet_sk(sock);
	__poll_t mask = wait_both(file, sk, pt);
	enum tcp_state state = READ_ONCE(sk->state);

	if (state == TCP_LISTEN)
		return list_empty(&sk->accept_q) ? 0 : EPOLLIN | EPOLLRDNORM;
	if (state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (state == TCP_SYN_SENT)
		return mask;
	if (tcp_readable(sk))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(sk->urg) == URG_VALID)
		mask |= EPOLLPRI;
	/* What cannot be sent any more does not block. */
	if ((READ_ONCE(sk->shutdown) & SEND_SHUTDOWN) || tcp_writable(sk))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

__poll_t udp_poll(struct file *file, struct socket *sock, poll_table *pt)
{
	struct inet_sock *sk = inet_sk(sock);
	__poll_t mask = wait_both(file, sk, pt);

	if (!list_empty(&sk->queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	/* A datagram is delivered or dropped: there always is room. */
	return mask | EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
}

static int at_mark(struct inet_sock *sk)
{
	int answer;

	spin_lock(&sk->lock);
	answer = sk->urg != URG_NONE && sk->urg_seq == sk->copied_seq;
	spin_unlock(&sk->lock);
	return answer;
}

int tcp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct inet_sock *sk = inet_sk(sock);
	bool listens = READ_ONCE(sk->state) == TCP_LISTEN;
	int n;

	switch (cmd) {
	case SIOCINQ:
		n = listens ? -EINVAL : tcp_inq(sk);
		break;
	case SIOCOUTQ:
		n = listens ? -EINVAL : tcp_outq(sk);
		break;
	case SIOCATMARK:
		n = at_mark(sk);
		break;
	default:
		return netdev_ioctl(sk->net, cmd, arg);
	}
	return n < 0 ? n : put_user(n, (int __user *)arg);
}

int udp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_msg *m;
	int n = 0;

	switch (cmd) {
	case SIOCINQ: /* the next datagram's bytes */
		spin_lock(&sk->lock);
		m = list_first_entry_or_null(&sk->queue, struct inet_msg, node);
		if (m)
			n = m->len;
		spin_unlock(&sk->lock);
		break;
	case SIOCOUTQ:
		break;
	default:
		return netdev_ioctl(sk->net, cmd, arg);
	}
	return put_user(n, (int __user *)arg);
}
