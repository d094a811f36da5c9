/* SPDX-License-Identifier: MIT */
/*
 * UDP, and UDP-Lite, whose checksums differ: a datagram is put on the queue of whoever has its
 * destination, or dropped when that is full, as udp(7) allows. The message that nobody has it comes
 * back at once (ECONNREFUSED). Rules: fs/inet/inet.h. Task context.
 */
#include "inet.h"
#include <jiffy/slab.h>

#define UDP_HEADERS (20 + 8)
#define UDP_MAX_V4  (65535 - UDP_HEADERS) /* bytes of data: RFC 768, RFC 791 */
#define UDP_MAX_V6  (65535 - 8)		  /* RFC 8200: the header is not counted */

int udp_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_end dest = {.addr = addr_any(sk->family)};
	struct in6_addr src = dest.addr;
	bool connects;
	int err;

	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	connects = addr->ss_family != AF_UNSPEC;
	err = connects ? inet_autobind(sk) : 0;
	if (!err && connects)
		err = inet_dest(sk, addr, len, &dest) ?: inet_route(sk, &dest, &src);
	if (err)
		return err;
	mutex_lock(&sk->iolock);
	if (!connects && sk->addr_bound)
		src = sk->local.addr;
	if (sk->port)
		inet_set_remote(sk, &dest, &src);
	if (!connects && !sk->port_bound)
		inet_put_port(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->state, connects ? TCP_ESTABLISHED : TCP_CLOSE);
	if (!sk->port)
		sk->local.port = 0;
	spin_unlock(&sk->lock);
	sock->state = connects ? SS_CONNECTED : SS_UNCONNECTED;
	mutex_unlock(&sk->iolock);
	return 0;
}

int udp_shutdown(struct socket *sock, int how)
{
	struct inet_sock *sk = inet_sk(sock);
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	spin_lock(&sk->lock);
	if (sk->state == TCP_CLOSE)
		err = -ENOTCONN; /* whoever waits hears of it all the same */
	WRITE_ONCE(sk->shutdown, sk->shutdown | (how + 1));
	spin_unlock(&sk->lock);
	inet_wake_state(sk);
	return err;
}

void udp_close(struct inet_sock *sk)
{
	LIST_HEAD(queue);

	inet_put_port(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->dead, true);
	WRITE_ONCE(sk->socket, NULL);
	list_splice_init(&sk->queue, &queue);
	spin_unlock(&sk->lock);
	inet_purge(&queue);
	inet_put(sk);
}

/* ---- sending ---- */

/* A datagram's way, as its sender wants it. */
struct udp_way {
	struct inet_end dest, from;
	int ttl, tos;
};

/* One control message that IPv4's programs send: -EINVAL for any other. */
static int v4_cmsg(struct udp_way *way, const struct cmsghdr *c, const void *data, size_t len)
{
	const struct in_pktinfo *info = data;
	const int *v = data;

	switch (c->cmsg_type) {
	case IP_PKTINFO:
		if (len != sizeof(*info))
			return -EINVAL;
		if (info->ipi_spec_dst.s_addr)
			way->from.addr = addr_from_v4(info->ipi_spec_dst.s_addr);
		return 0;
	case IP_TTL:
		if (len != sizeof(*v) || *v < 1 || *v > 255)
			return -EINVAL;
		way->ttl = *v;
		return 0;
	case IP_TOS:
		if (len == 1)
			way->tos = *(const u8 *)data;
		else if (len == sizeof(*v) && *v >= 0 && *v <= 255)
			way->tos = *v;
		else
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

static int v6_cmsg(struct udp_way *way, const struct cmsghdr *c, const void *data, size_t len)
{
	const struct in6_pktinfo *info = data;
	const int *v = data;

	if (c->cmsg_type == IPV6_PKTINFO) {
		if (len < sizeof(*info))
			return -EINVAL;
		if (!addr_is_any(&info->ipi6_addr))
			way->from.addr = info->ipi6_addr;
		return 0;
	}
	if (len != sizeof(*v) || *v < -1 || *v > 255)
		return -EINVAL;
	if (c->cmsg_type == IPV6_HOPLIMIT)
		way->ttl = *v < 0 ? INET_TTL : *v;
	else if (c->cmsg_type == IPV6_TCLASS)
		way->tos = max(*v, 0);
	else
		return -EINVAL;
	return 0;
}

/* The control messages beside a datagram. */
static int read_cmsgs(struct inet_sock *sk, const struct msghdr *msg, struct udp_way *way)
{
	size_t left = msg->msg_controllen;
	const char *at = msg->msg_control_kern;
	int err = 0;

	while (!err && left >= sizeof(struct cmsghdr)) {
		const struct cmsghdr *c = (const struct cmsghdr *)at;
		size_t len = c->cmsg_len - sizeof(*c), whole = CMSG_ALIGN(c->cmsg_len);

		if (c->cmsg_len < sizeof(*c) || c->cmsg_len > left)
			return -EINVAL;
		if (c->cmsg_level == SOL_IP && addr_is_v4(&way->dest.addr))
			err = v4_cmsg(way, c, c + 1, len);
		else if (c->cmsg_level == SOL_IPV6 && sk->family == AF_INET6)
			err = v6_cmsg(way, c, c + 1, len);
		at += whole;
		left -= min(left, whole);
	}
	if (!err && addr_kind(sk->net, &way->from.addr) != ADDR_LOCAL)
		err = -EINVAL;
	return err;
}

/* Where msg goes and comes from. */
static int find_way(struct inet_sock *sk, const struct msghdr *msg, struct udp_way *way)
{
	bool v4;
	int err;

	spin_lock(&sk->lock);
	way->dest = sk->remote;
	err = sk->state == TCP_ESTABLISHED || msg->msg_namelen ? 0 : -EDESTADDRREQ;
	spin_unlock(&sk->lock);
	if (msg->msg_namelen) {
		err = inet_dest(sk, msg->msg_name, msg->msg_namelen, &way->dest);
		if (!err && !way->dest.port)
			err = -EINVAL;
	}
	if (!err)
		err = inet_autobind(sk);
	if (!err)
		err = inet_route(sk, &way->dest, &way->from.addr);
	if (err)
		return err;
	way->from.port = sk->local.port;
	v4 = addr_is_v4(&way->dest.addr);
	way->ttl = READ_ONCE(*(v4 ? &sk->inet.ttl : &sk->inet.hops));
	way->tos = READ_ONCE(*(v4 ? &sk->inet.tos : &sk->inet.tclass));
	return msg->msg_controllen ? read_cmsgs(sk, msg, way) : 0;
}

/* m is to's from now on, or dropped. */
static void deliver(struct inet_sock *to, struct inet_msg *m)
{
	bool kept = false;

	spin_lock(&to->lock);
	if (!to->dead && to->queued <= (u32)READ_ONCE(to->opts.rcvbuf)) {
		list_add_tail(&m->node, &to->queue);
		WRITE_ONCE(to->queued, to->queued + m->truesize);
		kept = true;
	} else {
		to->drops++;
	}
	spin_unlock(&to->lock);
	if (kept)
		inet_wake_readers(to, EPOLLIN | EPOLLRDNORM);
	else
		kvfree(m);
}

/* A datagram with the next len bytes of msg. ERR_PTR. */
static struct inet_msg *build(const struct udp_way *way, struct msghdr *msg, size_t len)
{
	struct inet_msg *m = inet_msg_alloc(len, len);
	struct timespec64 now;

	if (!m)
		return ERR_PTR(-ENOBUFS);
	if (!copy_from_iter_full(m->data, len, &msg->msg_iter)) {
		kvfree(m);
		return ERR_PTR(-EFAULT);
	}
	ktime_get_real_ts64(&now);
	m->stamp = timespec64_to_ktime(now);
	m->from = way->from;
	m->to = way->dest.addr;
	m->ttl = way->ttl;
	m->tos = way->tos;
	return m;
}

/* To each that hears of what is sent to all: a copy. */
static int send_to_all(struct inet_sock *sk, const struct udp_way *way, const struct inet_msg *m)
{
	struct inet_sock *to;
	struct inet_msg *copy;
	unsigned int n;

	for (n = 0; (to = inet_nth_receiver(sk, &way->dest, &way->from, n)); n++) {
		copy = inet_msg_alloc(m->len, m->len);
		if (copy) {
			memcpy(copy, m, sizeof(*m) + m->len);
			deliver(to, copy);
		}
		inet_put(to);
	}
	return 0;
}

static int send_to_one(struct inet_sock *sk, const struct udp_way *way, struct inet_msg *m)
{
	struct inet_sock *to = inet_find_receiver(sk, &way->dest, &way->from);
	bool hears;

	if (to) {
		deliver(to, m);
		inet_put(to);
		return 0;
	}
	kvfree(m);
	hears = READ_ONCE(sk->state) == TCP_ESTABLISHED || inet_flag(sk, INET_RECVERR) ||
		inet_flag(sk, INET6_RECVERR);
	if (hears) {
		WRITE_ONCE(sk->err, ECONNREFUSED);
		inet_wake_state(sk);
	}
	return 0;
}

ssize_t udp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct inet_sock *sk = inet_sk(sock);
	struct udp_way way;
	struct inet_msg *m;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = find_way(sk, msg, &way);
	if (err)
		return err;
	if (len > (addr_is_v4(&way.dest.addr) ? UDP_MAX_V4 : UDP_MAX_V6))
		return -EMSGSIZE;
	err = inet_take_error(sk);
	if (!err && (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN))
		err = -EPIPE;
	if (err)
		return err;
	m = build(&way, msg, len);
	if (IS_ERR(m))
		return PTR_ERR(m);
	if (addr_kind(sk->net, &way.dest.addr) == ADDR_BROADCAST) {
		err = send_to_all(sk, &way, m);
		kvfree(m);
	} else {
		err = send_to_one(sk, &way, m);
	}
	return err ?: (ssize_t)len;
}

/* ---- receiving ---- */

/* iolock held but for sleeps: the oldest datagram, off the queue unless it is a peek. ERR_PTR. */
static struct inet_msg *next_dgram(struct inet_sock *sk, int flags)
{
	long timeo = flags & MSG_DONTWAIT ? 0 : READ_ONCE(sk->opts.rcvtimeo);
	struct inet_msg *m;
	int err;

	lockdep_assert_held(&sk->iolock);
	for (;;) {
		err = inet_take_error(sk);
		if (err)
			return ERR_PTR(err);
		spin_lock(&sk->lock);
		m = list_first_entry_or_null(&sk->queue, struct inet_msg, node);
		if (m && !(flags & MSG_PEEK)) {
			list_del(&m->node);
			WRITE_ONCE(sk->queued, sk->queued - m->truesize);
		}
		spin_unlock(&sk->lock);
		if (m)
			return m;
		if (!timeo)
			return ERR_PTR(-EAGAIN);
		if (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN)
			return NULL;
		mutex_unlock(&sk->iolock);
		err = sock_wait(&sk->rd_wait,
				!list_empty(&sk->queue) || READ_ONCE(sk->err) ||
				    (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN),
				1, &timeo);
		mutex_lock(&sk->iolock);
		if (err)
			return ERR_PTR(err);
	}
}

static void put_v4(struct inet_sock *sk, struct msghdr *msg, const struct inet_msg *m)
{
	struct in_pktinfo info = {LOOPBACK_IFINDEX, {m->to.s6_addr32[3]}, {m->to.s6_addr32[3]}};
	u8 tos = m->tos;

	if (inet_flag(sk, INET_PKTINFO))
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	if (inet_flag(sk, INET_RECVTTL))
		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(m->ttl), &m->ttl);
	if (inet_flag(sk, INET_RECVTOS))
		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
}

static void put_v6(struct inet_sock *sk, struct msghdr *msg, const struct inet_msg *m)
{
	struct in6_pktinfo info = {m->to, LOOPBACK_IFINDEX};

	if (inet_flag(sk, INET6_PKTINFO))
		put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info), &info);
	if (addr_is_v4(&m->to))
		return;
	if (inet_flag(sk, INET6_RECVHOPLIMIT))
		put_cmsg(msg, SOL_IPV6, IPV6_HOPLIMIT, sizeof(m->ttl), &m->ttl);
	if (inet_flag(sk, INET6_RECVTCLASS))
		put_cmsg(msg, SOL_IPV6, IPV6_TCLASS, sizeof(m->tos), &m->tos);
}

/* What goes beside the bytes: socket(7), ip(7), ipv6(7). */
static void put_ancillary(struct inet_sock *sk, struct msghdr *msg, const struct inet_msg *m)
{
	struct timespec64 ts = ns_to_timespec64(m->stamp);
	s64 tv[2] = {ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC};

	if (msg->msg_name)
		msg->msg_namelen = inet_put_end(sk, &m->from, msg->msg_name);
	if (sock_opt_flag(&sk->opts, SOPT_TIMESTAMP))
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP, sizeof(tv), tv);
	if (addr_is_v4(&m->to))
		put_v4(sk, msg, m);
	if (sk->family == AF_INET6)
		put_v6(sk, msg, m);
}

ssize_t udp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_msg *m;
	ssize_t ret;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return -EAGAIN; /* errors are told by SO_ERROR alone */
	mutex_lock(&sk->iolock);
	m = next_dgram(sk, flags);
	if (IS_ERR_OR_NULL(m)) {
		mutex_unlock(&sk->iolock);
		return PTR_ERR(m);
	}
	if (len < m->len)
		msg->msg_flags |= MSG_TRUNC;
	len = min(len, (size_t)m->len);
	ret = copy_to_iter_full(m->data, len, &msg->msg_iter) ? (ssize_t)len : -EFAULT;
	if (ret >= 0) {
		put_ancillary(sk, msg, m);
		if (flags & MSG_TRUNC)
			ret = m->len;
	}
	if (!(flags & MSG_PEEK))
		kvfree(m);
	mutex_unlock(&sk->iolock);
	return ret;
}
