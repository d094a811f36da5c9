/* SPDX-License-Identifier: MIT */
/* Every allocation made to fail (failnth.h) that the network makes. */
#include "failnth.h"
#include "inet.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static int inet_talk(int l, int c, struct sockaddr_in *a, socklen_t len)
{
	char byte;
	int fd = -1;

	if (bind(l, (void *)a, len) || getsockname(l, (void *)a, &len) || listen(l, 1) ||
	    connect(c, (void *)a, len) || write(c, "x", 1) != 1)
		return errno;
	fd = accept(l, NULL, NULL);
	if (fd < 0 || read(fd, &byte, 1) != 1)
		return errno;
	return close(fd) ? errno : 0;
}

static int op_inet(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int l = socket(AF_INET, SOCK_STREAM, 0), c, err;

	if (l < 0)
		return errno;
	c = socket(AF_INET, SOCK_STREAM, 0);
	err = c < 0 ? errno : inet_talk(l, c, &a, sizeof(a));
	close(l);
	if (c >= 0)
		close(c);
	return err;
}

CASE_OPT(connection_fails, .timeout = 60)
{
	each_nth(op_inet);
}

/* One socket to itself, by a source that it names. */
static int udp_talk(int fd)
{
	struct sockaddr_in a = inet_addr_of(INADDR_LOOPBACK, 0);
	struct in_pktinfo info = {.ipi_spec_dst = a.sin_addr};
	socklen_t len = sizeof(a);
	char buf[8];

	if (bind(fd, (void *)&a, len) || getsockname(fd, (void *)&a, &len) ||
	    send_with(fd, &a, len, SOL_IP, IP_PKTINFO, &info, sizeof(info)) != 2 ||
	    recv(fd, buf, sizeof(buf), MSG_DONTWAIT) != 2 || connect(fd, (void *)&a, len) ||
	    send(fd, "x", 1, MSG_MORE) != 1 || send(fd, "yz", 2, 0) != 2 ||
	    recv(fd, buf, sizeof(buf), MSG_DONTWAIT) != 3)
		return errno;
	return 0;
}

static int op_udp(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	if (fd < 0)
		return errno;
	err = udp_talk(fd);
	close(fd);
	return err;
}

CASE_OPT(datagrams_fail, .timeout = 60)
{
	each_nth(op_udp);
}

/* Two hear of it; a copy that could not be made is a datagram lost. */
static int op_broadcast(void)
{
	struct sockaddr_in a = inet_addr_of(INADDR_ANY, 7777);
	int fds[2], err = 0, on = 1, i;
	char byte;

	for (i = 0; i < 2; i++) {
		fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (fds[i] < 0 || setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		    setsockopt(fds[i], SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
		    bind(fds[i], (void *)&a, sizeof(a)))
			err = err ?: errno;
	}
	a.sin_addr.s_addr = htonl(0x7fffffff);
	if (!err && sendto(fds[0], "x", 1, 0, (void *)&a, sizeof(a)) != 1)
		err = errno;
	for (i = 0; i < 2; i++) {
		if (!err && recv(fds[i], &byte, 1, MSG_DONTWAIT) != 1)
			err = errno;
		close(fds[i]);
	}
	return err;
}

CASE_OPT(broadcast_fails, .timeout = 60)
{
	each_nth(op_broadcast);
}

/* A dump and a verdict: what does not arrive is told instead. */
static int op_rtnetlink(void)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg link;
	} q[2] = {
	    {{sizeof(q[0]), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}},
	    {{sizeof(q[0]), RTM_GETLINK, NLM_F_REQUEST, 2, 0}, {.ifi_index = 9999}},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), err = 0, i;
	static char buf[16384];

	if (fd < 0)
		return errno;
	if (send(fd, q, sizeof(q), 0) != sizeof(q))
		err = errno;
	for (i = 0; i < 2; i++)
		if (!err && recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0)
			err = errno;
	close(fd);
	return err;
}

CASE_OPT(rtnetlink_fails, .timeout = 60)
{
	each_nth(op_rtnetlink);
}

static int listening;

/* A notice that could not be made is told as one that was lost. */
static int op_switch(void)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	static char buf[8192];
	int i, err = 0, fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return errno;
	for (i = 0; i < 2; i++) {
		ifr.ifr_flags = i ? 0 : IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &ifr) ||
		    recv(listening, buf, sizeof(buf), MSG_DONTWAIT) < 0)
			err = err ?: errno;
	}
	close(fd);
	return err;
}

CASE_OPT(notices_fail, .timeout = 60, .root = true)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

	OK(unshare(CLONE_NEWNET));
	listening = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	OK(bind(listening, (void *)&addr, sizeof(addr)));
	each_nth(op_switch);
}
