/* SPDX-License-Identifier: MIT */
/* IPv6 over the loopback, and sockets of it that serve IPv4 too. */
#include "inet.h"

static const struct in6_addr v6_any, v6_lo = IN6ADDR_LOOPBACK_INIT;

static struct sockaddr_in6 in6_of(struct in6_addr addr, int port)
{
	return (struct sockaddr_in6){
	    .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = addr};
}

/* ::ffff:a.b.c.d */
static struct in6_addr mapped(uint32_t v4)
{
	struct in6_addr a = {0};

	a.s6_addr[10] = a.s6_addr[11] = 0xff;
	v4 = htonl(v4);
	memcpy(a.s6_addr + 12, &v4, 4);
	return a;
}

static struct sockaddr_in6 name6(int fd, int (*by)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);

	OK(by(fd, (struct sockaddr *)&a, &len));
	CHECK_EQ(len, sizeof(a));
	CHECK_EQ(a.sin6_family, AF_INET6);
	return a;
}

/* A socket bound to some port of addr, whose name is stored. */
static int bound6(int type, struct in6_addr addr, struct sockaddr_in6 *a)
{
	int fd = OK(socket(AF_INET6, type, 0));

	*a = in6_of(addr, 0);
	OK(bind(fd, (struct sockaddr *)a, sizeof(*a)));
	*a = name6(fd, getsockname);
	return fd;
}

static bool same(struct in6_addr a, struct in6_addr b)
{
	return !memcmp(&a, &b, sizeof(a));
}

CASE(stream_over_v6)
{
	struct sockaddr_in6 a, peer;
	int l = bound6(SOCK_STREAM, v6_lo, &a), c = OK(socket(AF_INET6, SOCK_STREAM, 0)), fd;
	socklen_t len = sizeof(peer);
	char buf[8];

	OK(listen(l, 1));
	OK(connect(c, (void *)&a, sizeof(a)));
	fd = OK(accept(l, (void *)&peer, &len));
	CHECK_EQ(len, sizeof(peer));
	CHECK(same(peer.sin6_addr, v6_lo));
	CHECK_EQ(peer.sin6_port, name6(c, getsockname).sin6_port);
	CHECK_EQ(write(fd, "six", 3), 3);
	CHECK_EQ(read(c, buf, 8), 3);
	CHECK_EQ(int_opt(fd, SOL_SOCKET, SO_DOMAIN), AF_INET6);
}

CASE(v4_reaches_a_v6_listener)
{
	struct sockaddr_in6 a, peer;
	struct sockaddr_in v4;
	int l = bound6(SOCK_STREAM, v6_any, &a), c = OK(socket(AF_INET, SOCK_STREAM, 0)), fd;
	socklen_t len = sizeof(peer);

	OK(listen(l, 4));
	v4 = inet_addr_of(INADDR_LOOPBACK, ntohs(a.sin6_port));
	OK(connect(c, (void *)&v4, sizeof(v4)));
	fd = OK(accept(l, (void *)&peer, &len));
	CHECK(same(peer.sin6_addr, mapped(INADDR_LOOPBACK)));
	CHECK(same(name6(fd, getsockname).sin6_addr, mapped(INADDR_LOOPBACK)));
	/* And by the mapped address from a socket of IPv6. */
	c = OK(socket(AF_INET6, SOCK_STREAM, 0));
	a = in6_of(mapped(INADDR_LOOPBACK), ntohs(v4.sin_port));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK(same(name6(c, getsockname).sin6_addr, mapped(INADDR_LOOPBACK)));
	OK(accept(l, NULL, NULL));
	c = OK(socket(AF_INET6, SOCK_STREAM, 0));
	a.sin6_addr = v6_any;
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK(same(name6(c, getpeername).sin6_addr, v6_lo));
	CHECK_ERR(connect(OK(socket(AF_INET6, SOCK_STREAM, 0)), (void *)&v4, sizeof(v4)), EINVAL);
}

CASE(v6only_listener)
{
	struct sockaddr_in6 a = in6_of(v6_any, 0);
	struct sockaddr_in v4;
	int l = OK(socket(AF_INET6, SOCK_STREAM, 0)), c = OK(socket(AF_INET, SOCK_STREAM, 0)), o;

	CHECK_EQ(int_opt(l, SOL_IPV6, IPV6_V6ONLY), 0);
	set_opt(l, SOL_IPV6, IPV6_V6ONLY, 1);
	OK(bind(l, (void *)&a, sizeof(a)));
	OK(listen(l, 1));
	CHECK_ERR(setsockopt(l, SOL_IPV6, IPV6_V6ONLY, &(int){0}, 4), EINVAL);
	v4 = inet_addr_of(INADDR_LOOPBACK, ntohs(name6(l, getsockname).sin6_port));
	CHECK_ERR(connect(c, (void *)&v4, sizeof(v4)), ECONNREFUSED);
	/* So an IPv4 socket may have the port. */
	o = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(bind(o, (void *)&v4, sizeof(v4)));
	a = in6_of(mapped(INADDR_LOOPBACK), 5);
	c = OK(socket(AF_INET6, SOCK_STREAM, 0));
	set_opt(c, SOL_IPV6, IPV6_V6ONLY, 1);
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ENETUNREACH);
	CHECK_ERR(bind(c, (void *)&a, sizeof(a)), EINVAL);
}

CASE(both_families_share_ports)
{
	struct sockaddr_in6 a;
	struct sockaddr_in v4;
	int o = OK(socket(AF_INET, SOCK_STREAM, 0));

	bound6(SOCK_STREAM, v6_any, &a);
	v4 = inet_addr_of(INADDR_ANY, ntohs(a.sin6_port));
	CHECK_ERR(bind(o, (void *)&v4, sizeof(v4)), EADDRINUSE);
	bound6(SOCK_STREAM, v6_lo, &a);
	v4 = inet_addr_of(INADDR_ANY, ntohs(a.sin6_port));
	OK(bind(o, (void *)&v4, sizeof(v4)));
}

CASE(addresses_are_checked)
{
	struct sockaddr_in6 a = in6_of(v6_lo, 0);
	int fd = OK(socket(AF_INET6, SOCK_STREAM, 0));

	CHECK_ERR(bind(fd, (void *)&a, 20), EINVAL);
	a.sin6_family = AF_INET;
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EAFNOSUPPORT);
	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
	fd = OK(socket(AF_INET6, SOCK_STREAM, 0));
	a = in6_of(v6_lo, 0);
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EADDRNOTAVAIL);
	a.sin6_port = htons(9);
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), EADDRNOTAVAIL);
	lo_up();
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), ECONNREFUSED);
	OK(inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr));
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), ENETUNREACH);
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EADDRNOTAVAIL);
}

CASE(datagrams_of_both_kinds)
{
	char buf[8], control[256] __attribute__((aligned(8)));
	struct iovec iov = {buf, sizeof(buf)};
	struct sockaddr_in6 a, from;
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control),
			   .msg_name = &from,
			   .msg_namelen = sizeof(from)};
	struct sockaddr_in v4;
	int r = bound6(SOCK_DGRAM, v6_any, &a), w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	struct cmsghdr *c;

	set_opt(r, SOL_IPV6, IPV6_RECVPKTINFO, 1);
	v4 = inet_addr_of(INADDR_LOOPBACK, ntohs(a.sin6_port));
	CHECK_EQ(sendto(w, "four", 4, 0, (void *)&v4, sizeof(v4)), 4);
	CHECK_EQ(recvmsg(r, &m, 0), 4);
	CHECK_EQ(m.msg_namelen, sizeof(from));
	CHECK(same(from.sin6_addr, mapped(INADDR_LOOPBACK)));
	c = CMSG_FIRSTHDR(&m);
	CHECK(c && c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_PKTINFO);
	CHECK(same(((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr, mapped(INADDR_LOOPBACK)));
	/* Back to where it came from. */
	CHECK_EQ(sendto(r, "back", 4, 0, (void *)&from, sizeof(from)), 4);
	CHECK_EQ(recv(w, buf, 8, 0), 4);
	w = OK(socket(AF_INET6, SOCK_DGRAM, 0));
	a.sin6_addr = v6_lo;
	OK(connect(w, (void *)&a, sizeof(a)));
	CHECK_EQ(send(w, "six", 3, 0), 3);
	m.msg_controllen = sizeof(control);
	CHECK_EQ(recvmsg(r, &m, 0), 3);
	CHECK(same(from.sin6_addr, v6_lo));
	OK(close(r));
	CHECK_EQ(send(w, "x", 1, 0), 1);
	EVENTUALLY(int_opt(w, SOL_SOCKET, SO_ERROR) == ECONNREFUSED);
}

CASE(datagrams_keep_to_one_family)
{
	struct in6_pktinfo info = {.ipi6_addr = v6_lo};
	struct sockaddr_in6 a, m, u;
	struct sockaddr_in v4;
	int r = bound6(SOCK_DGRAM, v6_any, &a), w = OK(socket(AF_INET6, SOCK_DGRAM, 0)), n = 7;
	socklen_t len = sizeof(a);
	char buf[8];

	a.sin6_addr = v6_lo;
	m = in6_of(mapped(INADDR_LOOPBACK), ntohs(a.sin6_port));
	v4 = inet_addr_of(INADDR_LOOPBACK, ntohs(a.sin6_port));
	CHECK_ERR(send_with(w, &m, len, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info)), EINVAL);
	info.ipi6_addr = mapped(INADDR_LOOPBACK + 5);
	CHECK_ERR(send_with(w, &a, len, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info)), EINVAL);
	CHECK_EQ(send_with(w, &m, len, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info)), 2);
	CHECK_EQ(recvfrom(r, buf, 8, 0, (void *)&u, &len), 2);
	CHECK(same(u.sin6_addr, mapped(INADDR_LOOPBACK + 5)));
	info = (struct in6_pktinfo){.ipi6_ifindex = 9999};
	CHECK_ERR(send_with(w, &a, len, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info)), ENODEV);
	CHECK_EQ(send_with(w, &m, len, SOL_IPV6, IPV6_HOPLIMIT, &n, sizeof(n)), 2);
	CHECK_EQ(send_with(w, &a, len, SOL_IP, IP_TTL, &n, sizeof(n)), 2);
	CHECK_ERR(send_with(w, &a, len, SOL_IPV6, 99, &n, sizeof(n)), EINVAL);
	/* Of no family is no address; any other family is none for a datagram, but for IPv4's. */
	u = a;
	u.sin6_family = AF_UNSPEC;
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&u, len), EDESTADDRREQ);
	u.sin6_family = AF_UNIX;
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&u, len), EINVAL);
	CHECK_EQ(sendto(w, "x", 1, 0, (void *)&v4, sizeof(v4)), 1);
	w = OK(socket(AF_INET6, SOCK_DGRAM, 0));
	set_opt(w, SOL_IPV6, IPV6_V6ONLY, 1);
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&v4, sizeof(v4)), ENETUNREACH);
	CHECK_ERR(connect(w, (void *)&v4, sizeof(v4)), EAFNOSUPPORT);
	CHECK_ERR(connect(w, (void *)&m, len), ENETUNREACH);
}

CASE(hop_limit_of_one_datagram)
{
	char buf[8], control[256] __attribute__((aligned(8)));
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
	static const int asked[] = {7, -1}, got[] = {7, 9};
	struct sockaddr_in6 a;
	int r = bound6(SOCK_DGRAM, v6_lo, &a), w = OK(socket(AF_INET6, SOCK_DGRAM, 0)), *hops;

	set_opt(w, SOL_IPV6, IPV6_UNICAST_HOPS, 9);
	set_opt(r, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(send_with(w, &a, sizeof(a), SOL_IPV6, IPV6_HOPLIMIT, &asked[i], 4), 2);
		m.msg_controllen = sizeof(control);
		CHECK_EQ(recvmsg(r, &m, 0), 2);
		hops = cmsg_of(&m, SOL_IPV6, IPV6_HOPLIMIT);
		CHECK(hops);
		CHECK_EQ(*hops, got[i]);
	}
}

CASE(options)
{
	int fd = OK(socket(AF_INET6, SOCK_DGRAM, 0));

	CHECK_EQ(int_opt(fd, SOL_IPV6, IPV6_UNICAST_HOPS), 64);
	set_opt(fd, SOL_IPV6, IPV6_UNICAST_HOPS, 3);
	CHECK_EQ(int_opt(fd, SOL_IPV6, IPV6_UNICAST_HOPS), 3);
	set_opt(fd, SOL_IPV6, IPV6_UNICAST_HOPS, -1);
	CHECK_EQ(int_opt(fd, SOL_IPV6, IPV6_UNICAST_HOPS), 64);
	CHECK_ERR(setsockopt(fd, SOL_IPV6, IPV6_UNICAST_HOPS, &(int){300}, 4), EINVAL);
	set_opt(fd, SOL_IPV6, IPV6_TCLASS, 7);
	CHECK_EQ(int_opt(fd, SOL_IPV6, IPV6_TCLASS), 7);
	set_opt(fd, SOL_IP, IP_TTL, 9);
	CHECK_EQ(int_opt(fd, SOL_IP, IP_TTL), 9);
	CHECK_ERR(setsockopt(fd, SOL_IPV6, IPV6_TCLASS, &(char){7}, 1), EINVAL);
}
