/* SPDX-License-Identifier: MIT */
/* Options of internet sockets: what each takes, what it keeps of that, which sockets have it. */
#include "inet.h"

#define UDPLITE_SEND_CSCOV 10
#define TCP_INQ		   36

enum kind { TCP4, UDP4, TCP6, UDP6, KINDS };

static int socket_of(enum kind kind)
{
	return OK(socket(kind < TCP6 ? AF_INET : AF_INET6, kind & 1 ? SOCK_DGRAM : SOCK_STREAM, 0));
}

static const struct {
	enum kind kind;
	int level, name;
	int set, err; /* 0: it can be set, */
	int get;      /* and this is what one gets then */
} expected[] = {
    /* A byte, of which a stream does not own the lowest bits. */
    {UDP4, SOL_IP, IP_TOS, 300, 0, 44},
    {UDP4, SOL_IP, IP_TOS, -1, 0, 255},
    {UDP4, SOL_IP, IP_TOS, 7, 0, 7},
    {TCP4, SOL_IP, IP_TOS, 7, 0, 4},
    {UDP6, SOL_IPV6, IPV6_TCLASS, 7, 0, 7},
    {TCP6, SOL_IPV6, IPV6_TCLASS, 7, 0, 4},
    {UDP6, SOL_IPV6, IPV6_TCLASS, -1, 0, 0},
    {UDP6, SOL_IPV6, IPV6_TCLASS, 256, EINVAL, 0},
    {UDP4, SOL_IP, IP_TTL, 0, EINVAL, 0},
    {UDP4, SOL_IP, IP_TTL, -1, 0, 64},
    {UDP6, SOL_IPV6, IPV6_UNICAST_HOPS, 0, 0, 0},
    /* Groups are for datagrams. */
    {UDP4, SOL_IP, IP_MULTICAST_TTL, 0, 0, 0},
    {UDP4, SOL_IP, IP_MULTICAST_TTL, -1, 0, 1},
    {UDP4, SOL_IP, IP_MULTICAST_TTL, 256, EINVAL, 0},
    {TCP4, SOL_IP, IP_MULTICAST_TTL, 1, EINVAL, 0},
    {TCP6, SOL_IPV6, IPV6_MULTICAST_HOPS, 1, ENOPROTOOPT, 0},
    {UDP6, SOL_IPV6, IPV6_MULTICAST_HOPS, -1, 0, 1},
    /* Most take anything for on; some do not. */
    {UDP4, SOL_IP, IP_MULTICAST_LOOP, 5, 0, 1},
    {UDP6, SOL_IPV6, IPV6_MULTICAST_LOOP, 5, EINVAL, 0},
    {TCP4, SOL_TCP, TCP_NODELAY, -3, 0, 1},
    {TCP4, SOL_TCP, TCP_INQ, 2, EINVAL, 0},
    {TCP4, SOL_TCP, TCP_FASTOPEN_CONNECT, 2, EINVAL, 0},
    /* Some numbers are brought into bounds, others refused. */
    {TCP4, SOL_TCP, TCP_LINGER2, -5, 0, -1},
    {TCP4, SOL_TCP, TCP_LINGER2, 100, 0, 100},
    {TCP4, SOL_TCP, TCP_LINGER2, 1000, 0, 120},
    {TCP4, SOL_TCP, TCP_WINDOW_CLAMP, 5, 0, 1152},
    {TCP4, SOL_TCP, TCP_WINDOW_CLAMP, 40000, 0, 40000},
    {TCP4, SOL_TCP, TCP_DEFER_ACCEPT, -5, 0, 0},
    {TCP4, SOL_TCP, 25 /* TCP_NOTSENT_LOWAT */, -1, 0, -1},
    {TCP4, SOL_TCP, TCP_FASTOPEN, -1, EINVAL, 0},
    {TCP4, SOL_TCP, TCP_SYNCNT, 0, EINVAL, 0},
    {TCP4, SOL_TCP, TCP_SYNCNT, 128, EINVAL, 0},
    {TCP4, SOL_TCP, TCP_USER_TIMEOUT, -1, EINVAL, 0},
    {TCP4, SOL_TCP, TCP_MAXSEG, 20, EINVAL, 0},
    /* Levels of others. */
    {UDP4, SOL_TCP, TCP_NODELAY, 1, ENOPROTOOPT, 0},
    {UDP4, SOL_IPV6, IPV6_TCLASS, 1, ENOPROTOOPT, 0},
    {UDP6, SOL_IP, IP_TTL, 9, 0, 9},
    {UDP4, SOL_IP, 199, 1, ENOPROTOOPT, 0},
    {UDP4, 99, 1, 1, ENOPROTOOPT, 0},
};

CASE(what_is_kept)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		int fd = socket_of(expected[i].kind), v = expected[i].set, got;
		int level = expected[i].level, name = expected[i].name;

		errno = 0;
		setsockopt(fd, level, name, &v, sizeof(v));
		if (errno != expected[i].err)
			FAIL("option %d of level %d set to %d: errno %d, not %d", name, level, v,
			     errno, expected[i].err);
		got = expected[i].err ? 0 : int_opt(fd, level, name);
		if (got != expected[i].get)
			FAIL("option %d of level %d set to %d: %d, not %d", name, level, v, got,
			     expected[i].get);
		OK(close(fd));
	}
}

CASE(coverage_of_lite)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);

	if (fd < 0 && errno == EPROTONOSUPPORT)
		SKIP("a kernel without UDP-Lite");
	OK(fd);
	set_opt(fd, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, -1);
	CHECK_EQ(int_opt(fd, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV), 8);
	set_opt(fd, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, 70000);
	CHECK_EQ(int_opt(fd, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV), 65535);
	set_opt(fd, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, 0);
	CHECK_EQ(int_opt(fd, IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV), 0);
}

/* The levels of IP take a byte and give one; all others want an int. */
CASE(lengths)
{
	int fd = socket_of(UDP6);
	unsigned char v[8];
	socklen_t len;

	for (len = 1; len <= 3; len++) {
		socklen_t got = len;

		memset(v, 0xee, sizeof(v));
		v[0] = 33 + len;
		OK(setsockopt(fd, SOL_IP, IP_TTL, v, len));
		CHECK_EQ(int_opt(fd, SOL_IP, IP_TTL), 33 + (int)len);
		OK(getsockopt(fd, SOL_IP, IP_TTL, v, &got));
		CHECK_EQ(got, 1);
		CHECK_EQ(v[0], 33 + len);
		CHECK_EQ(v[1], 0xee);
	}
	CHECK_ERR(setsockopt(fd, SOL_IP, IP_TTL, v, 0), EINVAL);
	CHECK_ERR(setsockopt(fd, SOL_IPV6, IPV6_TCLASS, v, 3), EINVAL);
	len = 2;
	set_opt(fd, SOL_IPV6, IPV6_UNICAST_HOPS, 7);
	OK(getsockopt(fd, SOL_IPV6, IPV6_UNICAST_HOPS, v, &len));
	CHECK_EQ(len, 2);
	CHECK_EQ(v[0] | v[1] << 8, 7);
	len = 0;
	OK(getsockopt(fd, SOL_IP, IP_TTL, v, &len));
	CHECK_EQ(len, 0);
	len = -1;
	CHECK_ERR(getsockopt(fd, SOL_IP, IP_TTL, v, &len), EINVAL);
	CHECK_ERR(setsockopt(fd, SOL_IP, IP_TTL, v, -1), EINVAL);
	CHECK_ERR(setsockopt(fd, SOL_IP, IP_TTL, no_access_page(), 4), EFAULT);
	len = 4;
	CHECK_ERR(getsockopt(fd, SOL_IP, IP_TTL, no_access_page(), &len), EFAULT);
}
