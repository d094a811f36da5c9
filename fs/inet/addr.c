/* SPDX-License-Identifier: MIT */
/*
 * Internet addresses: what programs give and get, which are ours, where a destination leads.
 * Local are 127.0.0.0/8 and ::1, while lo is up; every other address is beyond reach. Rules:
 * fs/inet/inet.h. Task context.
 */
#include "inet.h"

static enum addr_kind v4_kind(const struct net *net, u32 a)
{
	if (!a)
		return ADDR_ANY;
	if ((a & INADDR_LOOP_MASK) == INADDR_LOOP_NET) {
		if (!READ_ONCE(net->lo_up))
			return ADDR_FOREIGN;
		return a == INADDR_LOOP_BCST ? ADDR_BROADCAST : ADDR_LOCAL;
	}
	if (a >> 28 == 0xe)
		return ADDR_MULTICAST;
	return a == INADDR_BROADCAST ? ADDR_BROADCAST : ADDR_FOREIGN;
}

/* ::1, byte by byte for either order of them. */
static const struct in6_addr v6_loopback = {.s6_addr8 = {[15] = 1}};

enum addr_kind addr_kind(const struct net *net, const struct in6_addr *a)
{
	if (addr_is_v4(a))
		return v4_kind(net, ntohl(a->s6_addr32[3]));
	if (addr_is_any(a))
		return ADDR_ANY;
	if (ntohl(a->s6_addr32[0]) >> 24 == 0xff)
		return ADDR_MULTICAST;
	return addr_equal(a, &v6_loopback) && READ_ONCE(net->lo_up) ? ADDR_LOCAL : ADDR_FOREIGN;
}

int inet_dest(const struct inet_sock *sk, const struct sockaddr_storage *addr, int len,
	      struct inet_end *dest)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	bool v4 = sk->family == AF_INET;

	/* Datagrams leave an IPv6 socket for addresses in the form of IPv4 too. */
	if (!v4 && sk->type == SOCK_DGRAM && len >= (int)sizeof(*in) && addr->ss_family == AF_INET)
		v4 = true;
	if (len < (v4 ? (int)sizeof(*in) : SIN6_LEN_MIN))
		return -EINVAL;
	if (addr->ss_family != (v4 ? AF_INET : AF_INET6))
		return -EAFNOSUPPORT;
	dest->addr = v4 ? addr_from_v4(in->sin_addr.s_addr) : in6->sin6_addr;
	dest->port = ntohs(v4 ? in->sin_port : in6->sin6_port);
	return inet_flag(sk, INET_V6ONLY) && addr_is_v4(&dest->addr) ? -ENETUNREACH : 0;
}

bool inet_may_send_from(const struct inet_sock *sk, const struct in6_addr *a)
{
	return addr_kind(sk->net, a) == ADDR_LOCAL || inet_flag(sk, INET_TRANSPARENT);
}

/* Whether what sk is bound to says nothing of where it sends from. */
static bool any_source(const struct net *net, const struct in6_addr *local)
{
	enum addr_kind kind = addr_kind(net, local);

	return kind == ADDR_ANY || kind == ADDR_BROADCAST || kind == ADDR_MULTICAST;
}

int inet_route(struct inet_sock *sk, struct inet_end *dest, struct in6_addr *src)
{
	struct in6_addr local, lo4 = addr_from_v4(htonl(INADDR_LOOPBACK));
	enum addr_kind kind;

	spin_lock(&sk->lock);
	local = sk->local.addr;
	spin_unlock(&sk->lock);
	if (addr_is_any(&dest->addr))
		dest->addr = addr_is_v4(&dest->addr) || (addr_is_v4(&local) && !addr_is_any(&local))
				 ? lo4
				 : v6_loopback;
	kind = addr_kind(sk->net, &dest->addr);
	if (kind == ADDR_BROADCAST && sk->type == SOCK_DGRAM &&
	    ntohl(dest->addr.s6_addr32[3]) != INADDR_BROADCAST) {
		if (!sock_opt_flag(&sk->opts, SOPT_BROADCAST))
			return -EACCES;
	} else if (kind != ADDR_LOCAL) {
		/* To ::1 a way exists while lo is down, but no address to come from. */
		return addr_equal(&dest->addr, &v6_loopback) ? -EADDRNOTAVAIL : -ENETUNREACH;
	}
	if (any_source(sk->net, &local))
		*src = addr_is_v4(&dest->addr) ? lo4 : v6_loopback;
	else if (addr_is_v4(&local) != addr_is_v4(&dest->addr) || !inet_may_send_from(sk, &local))
		return -ENETUNREACH;
	else
		*src = local;
	return 0;
}

int inet_put_end(const struct inet_sock *sk, const struct inet_end *end,
		 struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	if (sk->family == AF_INET) {
		*in = (struct sockaddr_in){
		    .sin_family = AF_INET,
		    .sin_port = htons(end->port),
		    .sin_addr = {end->addr.s6_addr32[3]},
		};
		return sizeof(*in);
	}
	*in6 = (struct sockaddr_in6){
	    .sin6_family = AF_INET6,
	    .sin6_port = htons(end->port),
	    .sin6_addr = end->addr,
	};
	return sizeof(*in6);
}

/* The address that a program wants for its own, looked at as bind(2) does. */
static int bind_addr(const struct inet_sock *sk, const struct sockaddr_storage *addr, int len,
		     struct inet_end *end)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	enum addr_kind kind;
	int err;

	if (sk->family == AF_INET && len >= (int)sizeof(*in) && addr->ss_family == AF_UNSPEC &&
	    !in->sin_addr.s_addr) {
		*end = (struct inet_end){addr_any(AF_INET), ntohs(in->sin_port)};
		return 0;
	}
	err = inet_dest(sk, addr, len, end);
	if (err == -ENETUNREACH)
		return -EINVAL;
	if (err)
		return err;
	if (addr->ss_family != sk->family)
		return -EAFNOSUPPORT;
	kind = addr_kind(sk->net, &end->addr);
	if (kind == ADDR_MULTICAST && sk->family == AF_INET6 && sk->type == SOCK_STREAM)
		return -EINVAL;
	if (kind == ADDR_FOREIGN && !inet_flag(sk, INET_FREEBIND) &&
	    !inet_flag(sk, INET_TRANSPARENT))
		return -EADDRNOTAVAIL;
	return 0;
}

/* sk has end for its own from now on, unless it cannot have the port. */
static int take_end(struct inet_sock *sk, const struct inet_end *end)
{
	const struct inet_end nobody = {.addr = addr_any(sk->family)};
	int err;

	lockdep_assert_held(&sk->iolock);
	if (sk->port && inet_port_is_free(sk)) {
		inet_set_remote(sk, &nobody, &nobody.addr);
		inet_put_port(sk);
	}
	if (sk->port || READ_ONCE(sk->state) != TCP_CLOSE)
		return -EINVAL;
	spin_lock(&sk->lock);
	sk->local = (struct inet_end){.addr = end->addr};
	spin_unlock(&sk->lock);
	if (!end->port && inet_flag(sk, INET_BIND_NO_PORT))
		err = 0; /* connect(2) will choose one */
	else
		err = inet_get_port(sk, end->port, NULL, NULL);
	spin_lock(&sk->lock);
	if (err) {
		sk->local.addr = addr_any(sk->family);
	} else {
		sk->addr_bound = !addr_is_any(&end->addr);
		sk->port_bound = end->port;
	}
	spin_unlock(&sk->lock);
	return err;
}

int inet_bind(struct socket *sock, struct sockaddr_storage *addr, int len)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_end end;
	int err = bind_addr(sk, addr, len, &end);

	if (err)
		return err;
	if (!inet_may_bind(sk->net, end.port))
		return -EACCES;
	mutex_lock(&sk->iolock);
	err = take_end(sk, &end);
	mutex_unlock(&sk->iolock);
	return err;
}

int inet_getname(struct socket *sock, struct sockaddr_storage *addr, int peer)
{
	struct inet_sock *sk = inet_sk(sock);
	struct inet_end end;
	int err = 0;

	spin_lock(&sk->lock);
	end = peer ? sk->remote : sk->local;
	if (peer &&
	    (!end.port || (peer == 1 && (sk->state == TCP_CLOSE || sk->state == TCP_SYN_SENT))))
		err = -ENOTCONN;
	spin_unlock(&sk->lock);
	return err ?: inet_put_end(sk, &end, addr);
}
