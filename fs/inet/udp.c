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

/* sk sends to dest and hears from there alone. iolock held. */
static int join(struct inet_sock *sk, struct inet_end *dest)
{
	struct in6_addr src;
	int err;

	lockdep_assert_held(&sk->iolock);
	err = inet_autobind_locked(sk) ?: inet_route(sk, dest, &src);
	if (err)
		return err;
	inet_set_remote(sk, dest, &src); /* which refuses streams only */
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->state, TCP_ESTABLISHED);
	spin_unlock(&sk->lock);
	return 0;
}

/* To nobody any more; what bind(2) did not give it is given up. iolock held. */
static void part(struct inet_sock *sk)
{
	struct inet_end nobody = {.addr = addr_any(sk->family)};

	lockdep_assert_held(&sk->iolock);
	if (sk->port)
		inet_set_remote(sk, &nobody, sk->addr_bound ? &sk->local.addr : &nobody.addr);
	if (!sk->port_bound)
		inet_put_port(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->state, TCP_CLOSE);
	if (!sk->port)
		sk->local.port = 0;
	spin_unlock(&sk->lock);
}

int udp_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_end dest;
	bool joins;
	int err = 0;

	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	joins = addr->ss_family != AF_UNSPEC;
	if (joins)
		err = inet_dest(sk, addr, len, &dest);
	if (err)
		return err == -ENETUNREACH && addr->ss_family == AF_INET ? -EAFNOSUPPORT : err;
	mutex_lock(&sk->iolock);
	if (joins)
		err = join(sk, &dest);
	else
		part(sk);
	if (!err)
		sock->state = joins ? SS_CONNECTED : SS_UNCONNECTED;
	mutex_unlock(&sk->iolock);
	return err;
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

/* ---- sending ---- */

/* A datagram's way, as its sender wants it. */
struct udp_way {
	struct inet_end dest, from;
	int ttl, tos;
};

/* Of pktinfo's, 0 means any. */
static int check_interface(int index)
{
	return index && index != LOOPBACK_IFINDEX ? -ENODEV : 0;
}

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
		return check_interface(info->ipi_ifindex);
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

/* And IPv6's. Of those only the source matters to a datagram that goes by IPv4. */
static int v6_cmsg(struct udp_way *way, const struct cmsghdr *c, const void *data, size_t len)
{
	const struct in6_pktinfo *info = data;
	bool v4 = addr_is_v4(&way->dest.addr);
	const int *v = data;

	if (c->cmsg_type == IPV6_PKTINFO) {
		if (len < sizeof(*info) || (v4 && !addr_is_v4(&info->ipi6_addr)))
			return -EINVAL;
		if (!addr_is_any(&info->ipi6_addr))
			way->from.addr = info->ipi6_addr;
		return check_interface(info->ipi6_ifindex);
	}
	if (v4)
		return 0;
	if (len != sizeof(*v) || *v < -1 || *v > 255)
		return -EINVAL;
	if (c->cmsg_type == IPV6_HOPLIMIT)
		way->ttl = *v < 0 ? way->ttl : *v;
	else if (c->cmsg_type == IPV6_TCLASS)
		way->tos = max(*v, 0);
	else
		return -EINVAL;
	return 0;
}

/* Levels that a datagram has nothing to do with are passed over. */
static int one_cmsg(struct inet_sock *sk, struct udp_way *way, const struct cmsghdr *c, size_t len)
{
	switch (c->cmsg_level) {
	case SOL_IP:
		return addr_is_v4(&way->dest.addr) ? v4_cmsg(way, c, c + 1, len) : 0;
	case SOL_IPV6:
		return sk->family == AF_INET6 ? v6_cmsg(way, c, c + 1, len) : 0;
	case SOL_SOCKET: /* what UNIX sockets take is no mistake */
		return c->cmsg_type == SCM_RIGHTS || c->cmsg_type == SCM_CREDENTIALS ? 0 : -EINVAL;
	case SOL_UDP:
		return -EINVAL;
	}
	return 0;
}

/* The control messages beside a datagram. */
static int read_cmsgs(struct inet_sock *sk, const struct msghdr *msg, struct udp_way *way)
{
	bool v4 = addr_is_v4(&way->dest.addr);
	size_t left = msg->msg_controllen;
	const char *at = msg->msg_control_kern;
	int err = 0;

	while (!err && left >= sizeof(struct cmsghdr)) {
		const struct cmsghdr *c = (const struct cmsghdr *)at;
		size_t whole;

		if (c->cmsg_len < sizeof(*c) || c->cmsg_len > left)
			return -EINVAL;
		err = one_cmsg(sk, way, c, c->cmsg_len - sizeof(*c));
		whole = CMSG_ALIGN(c->cmsg_len);
		at += whole;
		left -= min(left, whole);
	}
	if (err)
		return err;
	if (addr_is_v4(&way->from.addr) != v4)
		return -EINVAL;
	return inet_may_send_from(sk, &way->from.addr) ? 0 : v4 ? -ENETUNREACH : -EINVAL;
}

/* Whoever sk is connected to: 0 or -EDESTADDRREQ. */
static int connected_dest(struct inet_sock *sk, struct inet_end *dest)
{
	bool connected;

	spin_lock(&sk->lock);
	*dest = sk->remote;
	connected = sk->state == TCP_ESTABLISHED;
	spin_unlock(&sk->lock);
	return connected ? 0 : -EDESTADDRREQ;
}

/* Whom a message is for. No family is to an IPv4 socket its own, to an IPv6 one no address. */
static int find_dest(struct inet_sock *sk, const struct msghdr *msg, struct inet_end *dest)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)msg->msg_name;
	bool v4 = sk->family == AF_INET;
	int err = 0;

	if (!in)
		return connected_dest(sk, dest);
	if (msg->msg_namelen < (int)(v4 ? sizeof(*in) : sizeof(in->sin_family)))
		return -EINVAL;
	if (in->sin_family != AF_UNSPEC)
		err = inet_dest(sk, msg->msg_name, msg->msg_namelen, dest);
	else if (v4)
		*dest = (struct inet_end){addr_from_v4(in->sin_addr.s_addr), ntohs(in->sin_port)};
	else
		return connected_dest(sk, dest);
	if (err == -EAFNOSUPPORT && !v4)
		err = -EINVAL;
	return err ?: dest->port ? 0 : -EINVAL;
}

/* Where msg, of a socket with a port, goes and comes from. */
static int find_way(struct inet_sock *sk, const struct msghdr *msg, struct udp_way *way)
{
	int err = find_dest(sk, msg, &way->dest) ?: inet_route(sk, &way->dest, &way->from.addr);
	bool v4;

	if (err)
		return err;
	way->from.port = READ_ONCE(sk->local.port);
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
	if (to->socket && to->queued <= (u32)READ_ONCE(to->opts.rcvbuf)) {
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

/* A datagram for that way, without a byte yet, for room of them. NULL. */
static struct inet_msg *begin(const struct udp_way *way, size_t room)
{
	struct inet_msg *m = inet_msg_alloc(0, room);

	if (!m)
		return NULL;
	m->from = way->from;
	m->to = way->dest.addr;
	m->ttl = way->ttl;
	m->tos = way->tos;
	return m;
}

/* To each that hears of what is sent to all: a copy. */
static void send_to_all(struct inet_sock *sk, const struct udp_way *way, const struct inet_msg *m)
{
	struct inet_sock *to;
	struct inet_msg *copy;
	unsigned int n;

	for (n = 0; (to = inet_nth_receiver(sk, &way->dest, &way->from, n)); n++) {
		copy = begin(way, m->len);
		if (copy) {
			memcpy(copy->data, m->data, m->len);
			copy->len = m->len;
			copy->stamp = m->stamp;
			deliver(to, copy);
		}
		inet_put(to);
	}
}

/* Whether sk hears that nobody has dest: connected, of its peer; else if it asked for errors. */
static bool hears_of(struct inet_sock *sk, const struct inet_end *dest)
{
	bool hears;

	spin_lock(&sk->lock);
	if (sk->state == TCP_ESTABLISHED)
		hears = end_equal(&sk->remote, dest);
	else
		hears = inet_flag(sk, INET_RECVERR) || inet_flag(sk, INET6_RECVERR);
	spin_unlock(&sk->lock);
	return hears;
}

static void send_to_one(struct inet_sock *sk, const struct udp_way *way, struct inet_msg *m)
{
	struct inet_sock *to = inet_find_receiver(sk, &way->dest, &way->from);

	if (to) {
		deliver(to, m);
		inet_put(to);
		return;
	}
	kvfree(m);
	if (hears_of(sk, &way->dest)) {
		WRITE_ONCE(sk->err, ECONNREFUSED);
		inet_wake_state(sk);
	}
}

/* m, which is whole, goes its way. */
static void push(struct inet_sock *sk, const struct udp_way *way, struct inet_msg *m)
{
	m->stamp = ktime_get_real();
	if (addr_kind(sk->net, &way->dest.addr) == ADDR_BROADCAST) {
		send_to_all(sk, way, m);
		kvfree(m);
	} else {
		send_to_one(sk, way, m);
	}
}

/* The next len bytes of msg become m's, which may be another one then. -ENOBUFS, -EFAULT. */
static int append(struct inet_msg **m, const struct udp_way *way, struct msghdr *msg, size_t len)
{
	struct inet_msg *old = *m, *new = old;

	if (!old || old->len + len > old->room) {
		new = begin(way, old ? 2 * (old->len + len) : len);
		if (!new)
			return -ENOBUFS;
		if (old) {
			memcpy(new->data, old->data, old->len);
			new->len = old->len;
			kvfree(old);
		}
		*m = new;
	}
	if (!copy_from_iter_full(new->data + new->len, len, &msg->msg_iter))
		return -EFAULT;
	new->len += len;
	return 0;
}

static size_t longest(const struct udp_way *way)
{
	return addr_is_v4(&way->dest.addr) ? UDP_MAX_V4 : UDP_MAX_V6;
}

/* Whether len bytes more can be sent: -EMSGSIZE, the error that waits, -EPIPE. */
static int may_send(struct inet_sock *sk, const struct udp_way *way, size_t have, size_t len)
{
	int err = have + len > longest(way) ? -EMSGSIZE : inet_take_error(sk);

	return err ?: READ_ONCE(sk->shutdown) & SEND_SHUTDOWN ? -EPIPE : 0;
}

/* ---- datagrams of several sends: UDP_CORK, MSG_MORE ---- */

/* The datagram in the making, sk->cork, and its way. */
struct udp_cork {
	struct udp_way way;
	struct inet_msg *m;
};

static void drop_cork(struct inet_sock *sk)
{
	struct udp_cork *cork = sk->cork;

	if (!cork)
		return;
	WRITE_ONCE(sk->cork, NULL);
	kvfree(cork->m);
	kfree(cork);
}

static void push_cork(struct inet_sock *sk)
{
	struct udp_cork *cork = sk->cork;

	lockdep_assert_held(&sk->iolock);
	if (!cork)
		return;
	push(sk, &cork->way, cork->m);
	cork->m = NULL;
	drop_cork(sk);
}

/* The first part tells the way, later ones' addresses and control messages are not looked at. */
static struct udp_cork *get_cork(struct inet_sock *sk, const struct msghdr *msg)
{
	struct udp_cork *cork = sk->cork;
	int err;

	lockdep_assert_held(&sk->iolock);
	if (cork)
		return cork;
	cork = kzalloc(sizeof(*cork), GFP_KERNEL);
	if (!cork)
		return ERR_PTR(-ENOBUFS);
	err = inet_autobind_locked(sk) ?: find_way(sk, msg, &cork->way);
	if (err) {
		kfree(cork);
		return ERR_PTR(err);
	}
	WRITE_ONCE(sk->cork, cork);
	return cork;
}

/* A part that cannot be added takes those before it along. */
static ssize_t send_part(struct inet_sock *sk, struct msghdr *msg, size_t len)
{
	struct udp_cork *cork;
	int err;

	mutex_lock(&sk->iolock);
	cork = get_cork(sk, msg);
	err = PTR_ERR_OR_ZERO(cork);
	if (!err) {
		err = may_send(sk, &cork->way, cork->m ? cork->m->len : 0, len);
		err = err ?: append(&cork->m, &cork->way, msg, len);
		if (err)
			drop_cork(sk);
		else if (!(msg->msg_flags & MSG_MORE) && !inet_flag(sk, UDPF_CORK))
			push_cork(sk);
	}
	mutex_unlock(&sk->iolock);
	return err ?: (ssize_t)len;
}

void udp_uncork(struct inet_sock *sk)
{
	mutex_lock(&sk->iolock);
	push_cork(sk);
	mutex_unlock(&sk->iolock);
}

ssize_t udp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_msg *m = NULL;
	struct udp_way way;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if ((msg->msg_flags & MSG_MORE) || inet_flag(sk, UDPF_CORK) || READ_ONCE(sk->cork))
		return send_part(sk, msg, len);
	err = inet_autobind(sk) ?: find_way(sk, msg, &way) ?: may_send(sk, &way, 0, len);
	if (err)
		return err;
	err = append(&m, &way, msg, len);
	if (err)
		kvfree(m);
	else
		push(sk, &way, m);
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

	if (addr_kind(sk->net, &m->to) == ADDR_BROADCAST) /* an answer comes from another address */
		info.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK);
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
	if (msg->msg_name)
		msg->msg_namelen = inet_put_end(sk, &m->from, msg->msg_name);
	inet_put_stamp(sk, msg, m->stamp);
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

void udp_close(struct inet_sock *sk)
{
	LIST_HEAD(queue);

	drop_cork(sk); /* what was never whole was never sent */
	inet_put_port(sk);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->socket, NULL);
	list_splice_init(&sk->queue, &queue);
	spin_unlock(&sk->lock);
	inet_purge(&queue);
	inet_put(sk);
}
