/* SPDX-License-Identifier: MIT */
/* UDP over the loopback: datagrams, connected sockets, refusals, what goes beside the bytes. */
#include "inet.h"

#include <netinet/udp.h>

static int udp_bound(struct sockaddr_in *a)
{
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	*a = bind_any(fd);
	return fd;
}

static int udp_to(const struct sockaddr_in *a)
{
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	OK(connect(fd, (const struct sockaddr *)a, sizeof(*a)));
	return fd;
}

CASE(datagrams_keep_boundaries)
{
	struct sockaddr_in a, from;
	socklen_t len = sizeof(from);
	int r = udp_bound(&a), w = OK(socket(AF_INET, SOCK_DGRAM, 0)), n;
	char buf[16];

	CHECK_EQ(sendto(w, "first", 5, 0, (void *)&a, sizeof(a)), 5);
	CHECK_EQ(sendto(w, "two", 3, 0, (void *)&a, sizeof(a)), 3);
	CHECK_EQ(sendto(w, "", 0, 0, (void *)&a, sizeof(a)), 0);
	OK(ioctl(r, FIONREAD, &n));
	CHECK_EQ(n, 5);
	CHECK_EQ(recvfrom(r, buf, 16, MSG_PEEK, (void *)&from, &len), 5);
	CHECK_EQ(len, sizeof(from));
	CHECK_EQ(from.sin_port, name_of(w, getsockname).sin_port); /* chosen by the send */
	CHECK_EQ(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
	CHECK_EQ(ntohl(name_of(w, getsockname).sin_addr.s_addr), 0);
	CHECK_EQ(recv(r, buf, 16, 0), 5);
	CHECK_EQ(recv(r, buf, 2, MSG_TRUNC), 3);
	CHECK_EQ(recv(r, buf, 16, 0), 0);
	CHECK_ERR(recv(r, buf, 16, MSG_DONTWAIT), EAGAIN);
	/* And back. */
	CHECK_EQ(sendto(r, "re", 2, 0, (void *)&from, sizeof(from)), 2);
	CHECK_EQ(recv(w, buf, 16, 0), 2);
}

CASE(destinations_are_checked)
{
	struct sockaddr_in a, b;
	int r = udp_bound(&a), w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	static char big[65536];

	CHECK_ERR(send(w, "x", 1, 0), EDESTADDRREQ);
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&a, 8), EINVAL);
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&a, 0), EINVAL);
	b = a;
	b.sin_port = 0;
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&b, sizeof(b)), EINVAL);
	b = a;
	b.sin_family = AF_UNIX;
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&b, sizeof(b)), EAFNOSUPPORT);
	b.sin_family = AF_UNSPEC; /* no other than the socket's */
	CHECK_EQ(sendto(w, "x", 1, 0, (void *)&b, sizeof(b)), 1);
	CHECK_ERR(sendto(w, "x", 1, MSG_OOB, (void *)&a, sizeof(a)), EOPNOTSUPP);
	CHECK_ERR(sendto(w, big, 65508, 0, (void *)&a, sizeof(a)), EMSGSIZE);
	CHECK_EQ(sendto(w, big, 65507, 0, (void *)&a, sizeof(a)), 65507);
	CHECK_EQ(recv(r, big, sizeof(big), MSG_OOB), 1); /* which says nothing to a datagram */
	CHECK_EQ(recv(r, big, sizeof(big), 0), 65507);
	CHECK_ERR(getpeername(w, (void *)&b, &(socklen_t){sizeof(b)}), ENOTCONN);
	CHECK_ERR(listen(w, 1), EOPNOTSUPP);
	CHECK_ERR(accept(w, NULL, NULL), EOPNOTSUPP);
	CHECK_ERR(shutdown(w, SHUT_RD), ENOTCONN);
	CHECK_ERR(sendto(w, no_access_page(), 1, 0, (void *)&a, sizeof(a)), EFAULT);
}

CASE(connected_sockets_have_one_peer)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	struct sockaddr_in a, b;
	int r = udp_bound(&a), w = udp_to(&a), other = udp_bound(&b);
	char buf[8];

	CHECK_EQ(name_of(w, getpeername).sin_port, a.sin_port);
	CHECK_EQ(ntohl(name_of(w, getsockname).sin_addr.s_addr), INADDR_LOOPBACK);
	CHECK_EQ(write(w, "a", 1), 1);
	CHECK_EQ(recv(r, buf, 8, 0), 1);
	b = name_of(w, getsockname);
	CHECK_EQ(sendto(other, "no", 2, 0, (void *)&b, sizeof(b)), 2);
	CHECK_ERR(recv(w, buf, 8, MSG_DONTWAIT), EAGAIN); /* of a stranger */
	CHECK_EQ(sendto(r, "yes", 3, 0, (void *)&b, sizeof(b)), 3);
	CHECK_EQ(recv(w, buf, 8, 0), 3);
	OK(connect(w, &none, sizeof(none)));
	CHECK_ERR(send(w, "x", 1, 0), EDESTADDRREQ);
}

CASE(nobody_has_the_port)
{
	struct sockaddr_in a, b;
	int r = udp_bound(&a), w, v;
	struct pollfd p;
	char buf[8];

	w = udp_to(&a);
	OK(close(r));
	CHECK_EQ(send(w, "x", 1, 0), 1);
	p = (struct pollfd){w, POLLIN, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLERR);
	CHECK_ERR(recv(w, buf, 8, 0), ECONNREFUSED);
	CHECK_ERR(recv(w, buf, 8, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(send(w, "x", 1, 0), 1);
	EVENTUALLY(poll(&p, 1, 0) == 1);
	CHECK_ERR(send(w, "y", 1, 0), ECONNREFUSED);
	CHECK_EQ(send(w, "z", 1, 0), 1);
	EVENTUALLY(poll(&p, 1, 0) == 1);
	v = int_opt(w, SOL_SOCKET, SO_ERROR);
	CHECK_EQ(v, ECONNREFUSED);
	/* Of its peer's port alone. */
	r = udp_bound(&b);
	OK(connect(w, (void *)&b, sizeof(b)));
	CHECK_EQ(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	CHECK_EQ(poll(&p, 1, 0), 0);
	/* Whoever is not connected is not told. */
	r = OK(socket(AF_INET, SOCK_DGRAM, 0));
	CHECK_EQ(sendto(r, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	CHECK_EQ(sendto(r, "x", 1, 0, (void *)&a, sizeof(a)), 1);
}

CASE(a_full_buffer_drops)
{
	struct sockaddr_in a;
	int r = udp_bound(&a), w = udp_to(&a), i, n = 0;
	static char buf[1000];

	set_opt(r, SOL_SOCKET, SO_RCVBUF, 8192);
	for (i = 0; i < 200; i++)
		CHECK_EQ(send(w, buf, sizeof(buf), 0), (long)sizeof(buf));
	while (recv(r, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	CHECK(n > 0 && n < 100);
	CHECK_EQ(send(w, buf, 10, 0), 10);
	CHECK_EQ(recv(r, buf, sizeof(buf), 0), 10);
}

CASE(ports_are_shared_by_agreement)
{
	struct sockaddr_in a;
	int r = udp_bound(&a), o = OK(socket(AF_INET, SOCK_DGRAM, 0)), p;

	CHECK_ERR(bind(o, (void *)&a, sizeof(a)), EADDRINUSE);
	OK(close(r));
	OK(bind(o, (void *)&a, sizeof(a)));
	p = OK(socket(AF_INET, SOCK_DGRAM, 0));
	set_opt(p, SOL_SOCKET, SO_REUSEADDR, 1);
	CHECK_ERR(bind(p, (void *)&a, sizeof(a)), EADDRINUSE);
	set_opt(o, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(p, (void *)&a, sizeof(a)));
	/* Streams have ports of their own. */
	p = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(bind(p, (void *)&a, sizeof(a)));
}

CASE(what_goes_beside_the_bytes)
{
	char buf[8], control[256] __attribute__((aligned(8)));
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control};
	struct sockaddr_in a, any = inet_addr_of(INADDR_ANY, 0);
	int r = OK(socket(AF_INET, SOCK_DGRAM, 0)), w;
	struct in_pktinfo *info;

	OK(bind(r, (void *)&any, sizeof(any)));
	a = name_of(r, getsockname);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 6);
	set_opt(r, SOL_IP, IP_PKTINFO, 1);
	set_opt(r, SOL_IP, IP_RECVTTL, 1);
	set_opt(r, SOL_IP, IP_RECVTOS, 1);
	set_opt(r, SOL_SOCKET, SO_TIMESTAMP, 1);
	w = udp_to(&a);
	set_opt(w, SOL_IP, IP_TTL, 33);
	set_opt(w, SOL_IP, IP_TOS, 0x10);
	CHECK_EQ(send(w, "0123456789", 10, 0), 10);
	m.msg_controllen = sizeof(control);
	CHECK_EQ(recvmsg(r, &m, 0), 8);
	CHECK_EQ(m.msg_flags, MSG_TRUNC);
	info = cmsg_of(&m, SOL_IP, IP_PKTINFO);
	CHECK(info);
	CHECK_EQ(ntohl(info->ipi_addr.s_addr), INADDR_LOOPBACK + 6);
	CHECK_EQ(info->ipi_ifindex, 1);
	CHECK_EQ(*(int *)cmsg_of(&m, SOL_IP, IP_TTL), 33);
	CHECK_EQ(*(unsigned char *)cmsg_of(&m, SOL_IP, IP_TOS), 0x10);
	CHECK(labs(((struct timeval *)cmsg_of(&m, SOL_SOCKET, SO_TIMESTAMP))->tv_sec - time(NULL)) <
	      100);
}

/* Receives at r: whose it was, in host order. */
static uint32_t source_of(int r)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char buf[8];

	OK(recvfrom(r, buf, 8, 0, (void *)&from, &len));
	return ntohl(from.sin_addr.s_addr);
}

CASE(the_source_can_be_chosen)
{
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + 8)};
	struct sockaddr_in a;
	int r = udp_bound(&a), w = OK(socket(AF_INET, SOCK_DGRAM, 0));

	CHECK_EQ(send_with(w, &a, sizeof(a), SOL_IP, IP_PKTINFO, &info, sizeof(info)), 2);
	CHECK_EQ(source_of(r), INADDR_LOOPBACK + 8);
	info = (struct in_pktinfo){.ipi_ifindex = 1};
	CHECK_EQ(send_with(w, &a, sizeof(a), SOL_IP, IP_PKTINFO, &info, sizeof(info)), 2);
	CHECK_EQ(source_of(r), INADDR_LOOPBACK);
}

CASE(control_messages_are_checked)
{
	struct in_pktinfo info = {.ipi_ifindex = 9999};
	struct sockaddr_in a;
	int r = udp_bound(&a), w = OK(socket(AF_INET, SOCK_DGRAM, 0)), n = 300;
	socklen_t len = sizeof(a);

	CHECK_ERR(send_with(w, &a, len, SOL_IP, IP_PKTINFO, &info, sizeof(info)), ENODEV);
	CHECK_ERR(send_with(w, &a, len, SOL_IP, IP_PKTINFO, &info, 8), EINVAL);
	CHECK_ERR(send_with(w, &a, len, SOL_IP, 99, &n, sizeof(n)), EINVAL);
	CHECK_ERR(send_with(w, &a, len, SOL_IP, IP_TTL, &n, sizeof(n)), EINVAL);
	CHECK_ERR(send_with(w, &a, len, SOL_IP, IP_TOS, &n, sizeof(n)), EINVAL);
	CHECK_ERR(send_with(w, &a, len, SOL_SOCKET, 99, &n, sizeof(n)), EINVAL);
	CHECK_ERR(send_with(w, &a, len, IPPROTO_UDP, 99, &n, sizeof(n)), EINVAL);
	/* What other protocols take is passed over. */
	CHECK_EQ(send_with(w, &a, len, SOL_SOCKET, SCM_RIGHTS, &r, sizeof(r)), 2);
	CHECK_EQ(send_with(w, &a, len, SOL_TCP, 99, &n, sizeof(n)), 2);
	CHECK_EQ(send_with(w, &a, len, SOL_IPV6, 99, &n, sizeof(n)), 2);
}

CASE(sources_that_are_not_ours)
{
	struct sockaddr_in a, foreign = inet_addr_of(0x0a010203, 0);
	struct sockaddr_in group = inet_addr_of(0xe0000001, 0), all = inet_addr_of(0x7fffffff, 0);
	struct in_pktinfo info = {.ipi_spec_dst = foreign.sin_addr};
	int r, w;

	/* With no way out but lo. */
	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
	lo_up();
	r = udp_bound(&a);
	w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	CHECK_ERR(send_with(w, &a, sizeof(a), SOL_IP, IP_PKTINFO, &info, sizeof(info)),
		  ENETUNREACH);
	w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	set_opt(w, SOL_IP, IP_FREEBIND, 1);
	OK(bind(w, (void *)&foreign, sizeof(foreign)));
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), ENETUNREACH);
	CHECK_ERR(connect(w, (void *)&a, sizeof(a)), ENETUNREACH);
	/* Addresses to receive at, not to send from. */
	w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	OK(bind(w, (void *)&group, sizeof(group)));
	CHECK_EQ(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	CHECK_EQ(source_of(r), INADDR_LOOPBACK);
	w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	OK(bind(w, (void *)&all, sizeof(all)));
	CHECK_EQ(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	CHECK_EQ(source_of(r), INADDR_LOOPBACK);
}

CASE(one_of_several_sends)
{
	struct sockaddr_in a, b;
	int r = udp_bound(&a), other = udp_bound(&b), w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	static char big[40000];
	char buf[16];

	CHECK_EQ(sendto(w, "ab", 2, MSG_MORE, (void *)&a, sizeof(a)), 2);
	CHECK_ERR(recv(r, buf, 16, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(sendto(w, "", 0, MSG_MORE, NULL, 0), 0);
	/* It goes where its first part went. */
	CHECK_EQ(sendto(w, "cde", 3, 0, (void *)&b, sizeof(b)), 3);
	CHECK_EQ(recv(r, buf, 16, 0), 5);
	CHECK(!memcmp(buf, "abcde", 5));
	CHECK_ERR(recv(other, buf, 16, MSG_DONTWAIT), EAGAIN);
	set_opt(w, IPPROTO_UDP, UDP_CORK, 1);
	CHECK_EQ(int_opt(w, IPPROTO_UDP, UDP_CORK), 1);
	OK(connect(w, (void *)&a, sizeof(a)));
	CHECK_EQ(write(w, "fgh", 3), 3);
	CHECK_EQ(write(w, "i", 1), 1);
	CHECK_ERR(recv(r, buf, 16, MSG_DONTWAIT), EAGAIN);
	set_opt(w, IPPROTO_UDP, UDP_CORK, 0);
	CHECK_EQ(recv(r, buf, 16, 0), 4);
	CHECK(!memcmp(buf, "fghi", 4));
	/* What is too long, or not ours, is lost as a whole. */
	CHECK_EQ(send(w, big, sizeof(big), MSG_MORE), (long)sizeof(big));
	CHECK_ERR(send(w, big, sizeof(big), 0), EMSGSIZE);
	CHECK_EQ(send(w, big, 9, MSG_MORE), 9);
	CHECK_ERR(send(w, no_access_page(), 1, 0), EFAULT);
	CHECK_EQ(send(w, "j", 1, 0), 1);
	CHECK_EQ(recv(r, buf, 16, 0), 1);
	CHECK_EQ(buf[0], 'j');
	/* And what was never whole. */
	CHECK_EQ(send(w, "kl", 2, MSG_MORE), 2);
	OK(close(w));
	CHECK_ERR(recv(r, buf, 16, MSG_DONTWAIT), EAGAIN);
}

CASE(many_in_one_call)
{
	struct sockaddr_in a;
	int r = udp_bound(&a), w = udp_to(&a), i;
	struct mmsghdr out[4] = {0}, in[8] = {0};
	struct iovec ov[4], iv[8];
	char buf[8][8];

	for (i = 0; i < 4; i++) {
		ov[i] = (struct iovec){"abcd", i + 1};
		out[i].msg_hdr = (struct msghdr){.msg_iov = &ov[i], .msg_iovlen = 1};
	}
	for (i = 0; i < 8; i++) {
		iv[i] = (struct iovec){buf[i], 8};
		in[i].msg_hdr = (struct msghdr){.msg_iov = &iv[i], .msg_iovlen = 1};
	}
	CHECK_EQ(sendmmsg(w, out, 4, 0), 4);
	CHECK_EQ(recvmmsg(r, in, 8, MSG_WAITFORONE, NULL), 4);
	for (i = 0; i < 4; i++)
		CHECK_EQ(in[i].msg_len, i + 1);
}

CASE(lite)
{
	int r = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE), w;
	struct sockaddr_in a;
	char buf[8];

	if (r < 0 && errno == EPROTONOSUPPORT)
		SKIP("a kernel without UDP-Lite");
	OK(r);
	a = bind_any(r);
	w = OK(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
	OK(bind(w, (void *)&a, sizeof(a))); /* the protocols have ports of their own */
	CHECK_EQ(int_opt(r, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDPLITE);
	w = OK(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE));
	set_opt(w, IPPROTO_UDPLITE, 10 /* UDPLITE_SEND_CSCOV */, 3);
	CHECK_EQ(int_opt(w, IPPROTO_UDPLITE, 10), 8);
	CHECK_EQ(sendto(w, "lite", 4, 0, (void *)&a, sizeof(a)), 4);
	CHECK_EQ(recv(r, buf, 8, 0), 4);
}

CASE(shut_down)
{
	struct sockaddr_in a;
	int r = udp_bound(&a), w = udp_to(&a);
	struct pollfd p = {w, POLLIN | POLLRDHUP, 0};
	char buf[8];

	OK(shutdown(w, SHUT_RD));
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLIN | POLLRDHUP);
	CHECK_EQ(recv(w, buf, 8, 0), 0);
	OK(shutdown(w, SHUT_WR));
	CHECK_ERR(send(w, "x", 1, 0), EPIPE);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLIN | POLLRDHUP | POLLHUP);
	OK(close(r));
}

CASE(broadcast_asks_for_an_option)
{
	char buf[8], control[256] __attribute__((aligned(8)));
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct sockaddr_in a, any = inet_addr_of(INADDR_ANY, 0);
	struct in_pktinfo *info;
	int r, w;

	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
	lo_up();
	r = OK(socket(AF_INET, SOCK_DGRAM, 0));
	w = OK(socket(AF_INET, SOCK_DGRAM, 0));
	OK(bind(r, (void *)&any, sizeof(any)));
	a = name_of(r, getsockname);
	a.sin_addr.s_addr = htonl(0x7fffffff);
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), EACCES);
	set_opt(w, SOL_SOCKET, SO_BROADCAST, 1);
	set_opt(r, SOL_IP, IP_PKTINFO, 1);
	CHECK_EQ(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), 1);
	CHECK_EQ(recvmsg(r, &m, 0), 1);
	info = cmsg_of(&m, SOL_IP, IP_PKTINFO);
	CHECK(info);
	CHECK_EQ(ntohl(info->ipi_addr.s_addr), 0x7fffffff);
	CHECK_EQ(ntohl(info->ipi_spec_dst.s_addr), INADDR_LOOPBACK); /* to answer from */
	a.sin_addr.s_addr = htonl(INADDR_BROADCAST);
	CHECK_ERR(sendto(w, "x", 1, 0, (void *)&a, sizeof(a)), ENETUNREACH);
}

CASE(a_sleeping_reader_is_woken)
{
	struct sockaddr_in a;
	int r = udp_bound(&a), w = udp_to(&a), i;
	pid_t pid;
	char buf[8];

	CHILD(pid) {
		for (i = 0; i < 100; i++)
			CHECK_EQ(recv(r, buf, 8, 0), 1);
	}
	for (i = 0; i < 100; i++) {
		CHECK_EQ(send(w, "x", 1, 0), 1);
		if (i % 16 == 0)
			nap();
	}
	CHECK_EQ(wait_exit(pid), 0);
}

enum { STORM_SOCKETS = 4, STORM_PROCESSES = 4 };

/* Whatever a socket can be asked for, in any order. r decides. */
static void storm_step(int fd, unsigned int r, const struct sockaddr_in *ports)
{
	static const int options[][2] = {
	    {SOL_SOCKET, SO_BROADCAST}, {SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_REUSEPORT},
	    {SOL_IP, IP_PKTINFO},	{SOL_IP, IP_RECVERR},	    {SOL_IPV6, IPV6_V6ONLY},
	    {IPPROTO_UDP, UDP_CORK},	{SOL_SOCKET, SO_TIMESTAMP},
	};
	const int *opt = options[r / 16 % ARRAY_SIZE(options)];
	struct sockaddr_in to = ports[r / 16 % STORM_SOCKETS], any = {.sin_family = AF_INET};
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK + r / 64 % 4)};
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};
	size_t len = r / 256 % 3000, i;
	unsigned char buf[3000];
	ssize_t n;

	memset(buf, 0x5a, sizeof(buf));
	switch (r % 16) {
	case 0:
		connect(fd, (void *)&to, sizeof(to));
		break;
	case 1:
		connect(fd, &(struct sockaddr){AF_UNSPEC}, sizeof(struct sockaddr));
		break;
	case 2:
		any.sin_port = r & 1024 ? to.sin_port : 0;
		bind(fd, (void *)&any, sizeof(any));
		break;
	case 3:
		setsockopt(fd, opt[0], opt[1], &(int){r / 1024 % 2}, sizeof(int));
		break;
	case 4:
		send_with(fd, &to, sizeof(to), SOL_IP, IP_PKTINFO, &info, sizeof(info));
		break;
	case 5:
		to.sin_addr.s_addr = htonl(0x7fffffff);
		sendto(fd, buf, len, MSG_DONTWAIT, (void *)&to, sizeof(to));
		break;
	case 6:
		poll(&p, 1, 0);
		break;
	case 7:
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &n, &(socklen_t){sizeof(int)});
		break;
	case 8:
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){r / 64 % 9000}, sizeof(int));
		break;
	case 9:
	case 10:
	case 11:
		sendto(fd, buf, len, r & 4096 ? MSG_MORE : 0, r & 8192 ? (void *)&to : NULL,
		       r & 8192 ? sizeof(to) : 0);
		break;
	default:
		n = recv(fd, buf, sizeof(buf), r & 64 ? MSG_DONTWAIT : r & 128 ? MSG_PEEK : 0);
		for (i = 0; n > 0 && i < (size_t)n; i++)
			CHECK(buf[i] == 0x5a || buf[i] == 'h' || buf[i] == 'i');
	}
}

/* Several processes, the same sockets. Nothing is expected but that all of it ends. */
CASE_OPT(everything_at_once, .timeout = 60)
{
	struct timeval brief = {0, 2000};
	struct sockaddr_in ports[STORM_SOCKETS];
	int fds[STORM_SOCKETS], i, k;
	pid_t pids[STORM_PROCESSES];
	char table[4096];

	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
	lo_up();
	for (i = 0; i < STORM_SOCKETS; i++) {
		fds[i] = OK(socket(i & 1 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0));
		OK(setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief)));
		ports[i] = inet_addr_of(INADDR_LOOPBACK + i, 40000 + i);
	}
	for (i = 0; i < STORM_PROCESSES; i++) {
		CHILD(pids[i]) {
			unsigned int r = i + 1;

			for (k = 0; k < scale(2000); k++) {
				r = r * 1103515245 + 12345;
				storm_step(fds[r >> 8 & (STORM_SOCKETS - 1)], r >> 10, ports);
				if (k % 256 == 0)
					slurp("/proc/net/udp", table, sizeof(table));
			}
		}
	}
	for (i = 0; i < STORM_PROCESSES; i++)
		CHECK_EQ(wait_exit(pids[i]), 0);
}
