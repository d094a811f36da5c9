/* SPDX-License-Identifier: MIT */
/* What the tests of internet sockets share: addresses, pairs of sockets, options. */
#ifndef GUEST_INET_H
#define GUEST_INET_H

#include "harness.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* An address and a port, both in host order. */
static inline struct sockaddr_in inet_addr_of(uint32_t addr, int port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(addr)}};
}

/* fd's own name, or its peer's: by getsockname or getpeername. */
static inline struct sockaddr_in name_of(int fd, int (*by)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	OK(by(fd, (struct sockaddr *)&a, &len));
	CHECK_EQ(len, sizeof(a));
	CHECK_EQ(a.sin_family, AF_INET);
	return a;
}

/* Binds fd to some port of 127.0.0.1: its name. */
static inline struct sockaddr_in bind_any(int fd)
{
	struct sockaddr_in a = inet_addr_of(INADDR_LOOPBACK, 0);

	OK(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	return name_of(fd, getsockname);
}

static inline int tcp_bound(struct sockaddr_in *a)
{
	int fd = OK(socket(AF_INET, SOCK_STREAM, 0));

	*a = bind_any(fd);
	return fd;
}

/* Both ends of a connection: who connected, who accepted. */
static inline void tcp_pair(int s[2])
{
	struct sockaddr_in a;
	int l = tcp_bound(&a);

	OK(listen(l, 1));
	s[0] = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(s[0], (struct sockaddr *)&a, sizeof(a)));
	s[1] = OK(accept(l, NULL, NULL));
	OK(close(l));
}

/* As much as goes in without waiting. */
static inline long tcp_fill(int fd)
{
	static char block[16384];
	long total = 0, n;

	while ((n = send(fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		total += n;
	CHECK_EQ(errno, EAGAIN);
	return total;
}

static inline int int_opt(int fd, int level, int name)
{
	int v = 0;
	socklen_t len = sizeof(v);

	OK(getsockopt(fd, level, name, &v, &len));
	CHECK_EQ(len, sizeof(v));
	return v;
}

static inline void set_opt(int fd, int level, int name, int v)
{
	OK(setsockopt(fd, level, name, &v, sizeof(v)));
}

/* Sends two bytes with one control message beside them. */
static inline ssize_t send_with(int fd, const void *to, socklen_t tolen, int level, int type,
				const void *data, size_t len)
{
	char control[CMSG_SPACE(64)] __attribute__((aligned(8))) = "";
	struct iovec iov = {"hi", 2};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = CMSG_SPACE(len),
			   .msg_name = (void *)to,
			   .msg_namelen = tolen};

	*(struct cmsghdr *)control = (struct cmsghdr){CMSG_LEN(len), level, type};
	memcpy(control + CMSG_LEN(0), data, len);
	return sendmsg(fd, &m, 0);
}

/* The control message of that level and type in what was received; NULL: none. */
static inline void *cmsg_of(struct msghdr *m, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}

static inline int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len));
	return info.tcpi_state;
}

/* Switches the interface of a new network namespace on. */
static inline void lo_up(void)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	OK(ioctl(fd, SIOCGIFFLAGS, &ifr));
	ifr.ifr_flags |= IFF_UP;
	OK(ioctl(fd, SIOCSIFFLAGS, &ifr));
	OK(close(fd));
}

#endif
