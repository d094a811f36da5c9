/* SPDX-License-Identifier: MIT */
/* The loopback interface: netdevice(7), rtnetlink(7), /proc/net, /sys/class/net. */
#include "inet.h"

#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/mount.h>

/* In a network namespace of its own lo is the only interface, here as there. */
static void own_net(void)
{
	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
}

CASE(requests)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	struct ifconf conf = {0};
	struct ifreq list[4];
	int fd;

	own_net();
	fd = OK(socket(AF_INET, SOCK_DGRAM, 0));
	OK(ioctl(fd, SIOCGIFFLAGS, &ifr));
	CHECK_EQ(ifr.ifr_flags, IFF_LOOPBACK);
	CHECK_ERR(ioctl(fd, SIOCGIFADDR, &ifr), EADDRNOTAVAIL);
	lo_up();
	OK(ioctl(fd, SIOCGIFFLAGS, &ifr));
	CHECK_EQ(ifr.ifr_flags, IFF_LOOPBACK | IFF_UP | IFF_RUNNING);
	OK(ioctl(fd, SIOCGIFADDR, &ifr));
	CHECK_EQ(ntohl(((struct sockaddr_in *)&ifr.ifr_addr)->sin_addr.s_addr), INADDR_LOOPBACK);
	OK(ioctl(fd, SIOCGIFNETMASK, &ifr));
	CHECK_EQ(ntohl(((struct sockaddr_in *)&ifr.ifr_addr)->sin_addr.s_addr), 0xff000000);
	OK(ioctl(fd, SIOCGIFMTU, &ifr));
	CHECK_EQ(ifr.ifr_mtu, 65536);
	OK(ioctl(fd, SIOCGIFINDEX, &ifr));
	CHECK_EQ(ifr.ifr_ifindex, 1);
	OK(ioctl(fd, SIOCGIFHWADDR, &ifr));
	CHECK_EQ(ifr.ifr_hwaddr.sa_family, 772);
	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_ifindex = 1;
	OK(ioctl(fd, SIOCGIFNAME, &ifr));
	CHECK_STR(ifr.ifr_name, "lo");
	strcpy(ifr.ifr_name, "eth9");
	CHECK_ERR(ioctl(fd, SIOCGIFFLAGS, &ifr), ENODEV);
	OK(ioctl(fd, SIOCGIFCONF, &conf));
	CHECK_EQ(conf.ifc_len, sizeof(ifr));
	conf.ifc_len = sizeof(list);
	conf.ifc_req = list;
	OK(ioctl(fd, SIOCGIFCONF, &conf));
	CHECK_EQ(conf.ifc_len, sizeof(ifr));
	CHECK_STR(list[0].ifr_name, "lo");
	CHECK_EQ(if_nametoindex("lo"), 1);
}

CASE(the_librarys_list)
{
	struct ifaddrs *list, *i;
	int v4 = 0, v6 = 0, packet = 0;

	own_net();
	lo_up();
	OK(getifaddrs(&list));
	for (i = list; i; i = i->ifa_next) {
		CHECK_STR(i->ifa_name, "lo");
		CHECK(i->ifa_flags & IFF_UP);
		if (i->ifa_addr->sa_family == AF_INET) {
			struct sockaddr_in *in = (struct sockaddr_in *)i->ifa_addr;

			CHECK_EQ(ntohl(in->sin_addr.s_addr), INADDR_LOOPBACK);
			in = (struct sockaddr_in *)i->ifa_netmask;
			CHECK_EQ(ntohl(in->sin_addr.s_addr), 0xff000000);
			v4++;
		} else if (i->ifa_addr->sa_family == AF_INET6) {
			v6++;
		} else if (i->ifa_addr->sa_family == AF_PACKET) {
			packet++;
		}
	}
	freeifaddrs(list);
	CHECK_EQ(v4, 1);
	CHECK_EQ(v6, 1);
	CHECK_EQ(packet, 1);
}

struct question {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct rtmsg route;
	};
	char attrs[64];
};

/* Asks, and reads one message of the answer: its bytes. */
static ssize_t ask(int fd, struct question *q, char *buf, size_t size)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK}, from;
	socklen_t len = sizeof(from);
	ssize_t n;

	CHECK_EQ(sendto(fd, q, q->h.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)), q->h.nlmsg_len);
	n = OK(recvfrom(fd, buf, size, 0, (void *)&from, &len));
	CHECK_EQ(from.nl_pid, 0);
	CHECK_EQ(((struct nlmsghdr *)buf)->nlmsg_seq, q->h.nlmsg_seq);
	return n;
}

/* The error number in an answer that is one. */
static int verdict(int fd, struct question *q)
{
	char buf[4096];
	struct nlmsghdr *h = (struct nlmsghdr *)buf;

	ask(fd, q, buf, sizeof(buf));
	CHECK_EQ(h->nlmsg_type, NLMSG_ERROR);
	return -((struct nlmsgerr *)NLMSG_DATA(h))->error;
}

static void add_attr(struct question *q, int type, const void *data, int len)
{
	struct rtattr *a = (struct rtattr *)((char *)q + NLMSG_ALIGN(q->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	q->h.nlmsg_len = NLMSG_ALIGN(q->h.nlmsg_len) + a->rta_len;
}

/* What a message about a link says of its state. */
static int operstate(struct nlmsghdr *h)
{
	struct ifinfomsg *link = NLMSG_DATA(h);
	int len = IFLA_PAYLOAD(h);

	for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == IFLA_OPERSTATE)
			return *(unsigned char *)RTA_DATA(a);
	FAIL("no state");
}

/* A question about lo. */
static struct question of_lo(int type, int flags)
{
	return (struct question){
	    .h = {NLMSG_LENGTH(sizeof(struct ifinfomsg)), type, NLM_F_REQUEST | flags, 11, 0},
	    .link = {.ifi_index = 1},
	};
}

CASE(links_by_netlink)
{
	struct question q = {.h = {NLMSG_LENGTH(sizeof(q.link)), RTM_GETLINK, NLM_F_REQUEST, 7, 0}};
	char buf[16384] __attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	struct ifinfomsg *link = NLMSG_DATA(h);
	int fd;

	own_net();
	fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	add_attr(&q, IFLA_IFNAME, "lo", 3);
	ask(fd, &q, buf, sizeof(buf));
	CHECK_EQ(h->nlmsg_type, RTM_NEWLINK);
	CHECK_EQ(link->ifi_index, 1);
	CHECK(!(link->ifi_flags & IFF_UP));
	CHECK_EQ(operstate(h), 2 /* down */);
	/* On, and asked for the verdict. */
	q.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.link));
	q.h.nlmsg_type = RTM_NEWLINK;
	q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	q.link = (struct ifinfomsg){.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	CHECK_EQ(verdict(fd, &q), 0);
	q.h.nlmsg_type = RTM_GETLINK;
	q.h.nlmsg_flags = NLM_F_REQUEST;
	ask(fd, &q, buf, sizeof(buf));
	CHECK(link->ifi_flags & IFF_UP);
	CHECK_EQ(operstate(h), 0 /* unknown */);
	q.link.ifi_index = 77;
	CHECK_EQ(verdict(fd, &q), ENODEV);
	q.h.nlmsg_type = 110;
	CHECK_EQ(verdict(fd, &q), EOPNOTSUPP);
}

CASE(how_a_link_is_asked_for)
{
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	char buf[16384] __attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	struct question q;

	/* Half of what a dump is asked for by is enough. */
	q = of_lo(RTM_GETLINK, NLM_F_ROOT);
	ask(fd, &q, buf, sizeof(buf));
	CHECK_EQ(h->nlmsg_type, RTM_NEWLINK);
	CHECK_EQ(h->nlmsg_flags, NLM_F_MULTI);
	OK(close(fd));
	own_net();
	fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	/* The same bits mean something else where nothing is asked for. */
	q = of_lo(RTM_SETLINK, NLM_F_ACK | NLM_F_REPLACE | NLM_F_EXCL);
	CHECK_EQ(verdict(fd, &q), 0);
	q = of_lo(RTM_NEWLINK, NLM_F_ACK | NLM_F_EXCL);
	CHECK_EQ(verdict(fd, &q), EEXIST);
	q = of_lo(RTM_NEWLINK, NLM_F_ACK | NLM_F_REPLACE);
	CHECK_EQ(verdict(fd, &q), EOPNOTSUPP);
	q = of_lo(RTM_NEWLINK, NLM_F_ACK);
	q.link.ifi_index = 0;
	CHECK_EQ(verdict(fd, &q), ENODEV);
	q.h.nlmsg_type = RTM_GETLINK;
	CHECK_EQ(verdict(fd, &q), EINVAL);
	/* Without a family it is not looked at. */
	q = of_lo(RTM_GETLINK, NLM_F_DUMP);
	q.h.nlmsg_len = NLMSG_LENGTH(0);
	CHECK_EQ(send(fd, &q, q.h.nlmsg_len, 0), q.h.nlmsg_len);
	CHECK_ERR(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}

CASE(answers_come_one_by_one)
{
	struct question q = of_lo(RTM_GETLINK, NLM_F_ACK);
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), len = q.h.nlmsg_len;
	static const int types[] = {RTM_NEWLINK, NLMSG_ERROR, RTM_NEWLINK, NLMSG_ERROR};
	char both[128], buf[16384] __attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	ssize_t n;

	memcpy(both, &q, len);
	memcpy(both + len, &q, len);
	CHECK_EQ(send(fd, both, 2 * len, 0), 2 * len);
	for (int i = 0; i < 4; i++) {
		n = OK(recv(fd, buf, sizeof(buf), 0));
		CHECK_EQ(h->nlmsg_type, types[i]);
		CHECK_EQ(h->nlmsg_len, n);
		if (h->nlmsg_type == NLMSG_ERROR)
			CHECK_EQ(h->nlmsg_flags, NLM_F_CAPPED);
	}
	CHECK_ERR(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}

CASE(what_is_said_to_be_changed_is)
{
	struct question q = of_lo(RTM_NEWLINK, NLM_F_ACK);
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd, s, err, mtu = 1500;

	own_net();
	fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	s = OK(socket(AF_INET, SOCK_DGRAM, 0));
	add_attr(&q, IFLA_MTU, &mtu, sizeof(mtu));
	err = verdict(fd, &q);
	OK(ioctl(s, SIOCGIFMTU, &ifr));
	CHECK_EQ(ifr.ifr_mtu, err ? 65536 : 1500);
	CHECK(!err || err == EOPNOTSUPP);
	q = of_lo(RTM_NEWLINK, NLM_F_ACK);
	q.link.ifi_flags = q.link.ifi_change = IFF_PROMISC;
	err = verdict(fd, &q);
	OK(ioctl(s, SIOCGIFFLAGS, &ifr));
	CHECK_EQ(ifr.ifr_flags & IFF_PROMISC, err ? 0 : IFF_PROMISC);
	CHECK(!err || err == EOPNOTSUPP);
}

/* Whoever polls hears at once of an answer that there was no room for. */
CASE(lost_answers_are_told)
{
	struct question q = of_lo(RTM_GETLINK, 0);
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), i;
	struct pollfd p = {fd, 0, 0};
	static char buf[16384];
	pid_t pid;

	set_opt(fd, SOL_SOCKET, SO_RCVBUF, 8192);
	CHILD(pid) {
		CHECK_EQ(poll(&p, 1, -1), 1);
		CHECK_EQ(p.revents, POLLERR);
	}
	await_state(pid, "S");
	for (i = 0; i < 100; i++)
		CHECK_EQ(send(fd, &q, q.h.nlmsg_len, 0), q.h.nlmsg_len);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(recv(fd, buf, sizeof(buf), 0), ENOBUFS);
	CHECK(recv(fd, buf, sizeof(buf), 0) > 0);
}

static int member_of(unsigned int group)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = group};
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));

	OK(bind(fd, (void *)&addr, sizeof(addr)));
	return fd;
}

/* The next notice is of that type and says of lo: whether it is up, or its address's family. */
static void hears(int fd, unsigned int group, int type, int of_lo)
{
	char buf[8192] __attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);

	OK(recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &len));
	CHECK_EQ(from.nl_pid, 0);
	CHECK_EQ(from.nl_groups, group);
	CHECK_EQ(h->nlmsg_type, type);
	CHECK_EQ(h->nlmsg_seq, 0);
	if (type == RTM_NEWLINK)
		CHECK_EQ(((struct ifinfomsg *)NLMSG_DATA(h))->ifi_flags & IFF_UP, of_lo);
	else
		CHECK_EQ(((struct ifaddrmsg *)NLMSG_DATA(h))->ifa_family, of_lo);
}

CASE(groups_hear_of_changes)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	int link, v4, v6, s;

	own_net();
	link = member_of(RTMGRP_LINK);
	v4 = member_of(RTMGRP_IPV4_IFADDR);
	v6 = member_of(RTMGRP_IPV6_IFADDR);
	s = OK(socket(AF_INET, SOCK_DGRAM, 0));
	lo_up();
	hears(link, RTMGRP_LINK, RTM_NEWLINK, IFF_UP);
	hears(v4, RTMGRP_IPV4_IFADDR, RTM_NEWADDR, AF_INET);
	hears(v6, RTMGRP_IPV6_IFADDR, RTM_NEWADDR, AF_INET6);
	lo_up(); /* which changes nothing */
	OK(ioctl(s, SIOCSIFFLAGS, &ifr));
	hears(link, RTMGRP_LINK, RTM_NEWLINK, 0);
	hears(v6, RTMGRP_IPV6_IFADDR, RTM_DELADDR, AF_INET6);
}

CASE(routes_by_netlink)
{
	struct question q = {
	    .h = {NLMSG_LENGTH(sizeof(q.route)), RTM_GETROUTE, NLM_F_REQUEST, 8, 0},
	    .route = {.rtm_family = AF_INET, .rtm_dst_len = 32},
	};
	char buf[16384] __attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	struct rtmsg *rt = NLMSG_DATA(h);
	uint32_t addr = htonl(INADDR_LOOPBACK + 1);
	struct in6_addr v6;
	int fd;

	own_net();
	lo_up();
	fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	add_attr(&q, RTA_DST, &addr, 4);
	ask(fd, &q, buf, sizeof(buf));
	CHECK_EQ(h->nlmsg_type, RTM_NEWROUTE);
	CHECK_EQ(rt->rtm_type, RTN_LOCAL);
	q.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.route));
	addr = htonl(0x7fffffff);
	add_attr(&q, RTA_DST, &addr, 4);
	ask(fd, &q, buf, sizeof(buf));
	CHECK_EQ(h->nlmsg_type, RTM_NEWROUTE);
	CHECK_EQ(rt->rtm_type, RTN_BROADCAST);
	q.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.route));
	addr = htonl(0x0a000001);
	add_attr(&q, RTA_DST, &addr, 4);
	CHECK_EQ(verdict(fd, &q), ENETUNREACH);
	q.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.route));
	q.route = (struct rtmsg){.rtm_family = AF_INET6, .rtm_dst_len = 128};
	OK(inet_pton(AF_INET6, "::ffff:127.0.0.1", &v6));
	add_attr(&q, RTA_DST, &v6, sizeof(v6));
	CHECK_EQ(verdict(fd, &q), ENETUNREACH);
}

CASE_ROOT(switching_needs_a_capability)
{
	struct question q = {
	    .h = {NLMSG_LENGTH(sizeof(q.link)), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 9, 0},
	    .link = {.ifi_index = 1, .ifi_change = IFF_UP},
	};
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	int s = OK(socket(AF_INET, SOCK_STREAM, 0));

	OK(setresuid(1000, 1000, 1000));
	CHECK_ERR(ioctl(s, SIOCSIFFLAGS, &ifr), EPERM);
	CHECK_EQ(verdict(fd, &q), EPERM);
}

/* Whether a line of the file has both texts. */
static bool line_with(const char *path, const char *a, const char *b)
{
	char line[512];
	bool found = false;
	FILE *f = fopen(path, "r");

	CHECK(f);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, a) && strstr(line, b);
	fclose(f);
	return found;
}

CASE(tables_of_proc)
{
	struct sockaddr_in a;
	char text[64];
	int s[2], l = tcp_bound(&a), u = OK(socket(AF_INET, SOCK_DGRAM, 0));

	OK(listen(l, 1));
	snprintf(text, sizeof(text), "0100007F:%04X 00000000:0000 0A", ntohs(a.sin_port));
	CHECK(line_with("/proc/net/tcp", text, "00000000:00000000"));
	tcp_pair(s);
	snprintf(text, sizeof(text), "0100007F:%04X 0100007F:%04X 01",
		 ntohs(name_of(s[1], getsockname).sin_port),
		 ntohs(name_of(s[1], getpeername).sin_port));
	CHECK_EQ(write(s[0], "12345", 5), 5);
	CHECK(line_with("/proc/net/tcp", text, ":00000005"));
	a = bind_any(u);
	snprintf(text, sizeof(text), "0100007F:%04X 00000000:0000 07", ntohs(a.sin_port));
	CHECK(line_with("/proc/net/udp", text, ""));
	CHECK(
	    line_with("/proc/net/if_inet6", "00000000000000000000000000000001 01 80 10 80", "lo"));
	CHECK(line_with("/proc/net/dev", "lo:", ""));
	CHECK(line_with("/proc/net/route", "Iface", "Gateway"));
	CHECK(line_with("/sys/class/net/lo/mtu", "65536", ""));
}

CASE(tcp_table_has_connections_and_listeners)
{
	struct sockaddr_in a;
	char text[64];
	int s[2], n;

	OK(tcp_bound(&a));
	snprintf(text, sizeof(text), "0100007F:%04X", ntohs(a.sin_port));
	CHECK(!line_with("/proc/net/tcp", text, ""));
	tcp_pair(s);
	snprintf(text, sizeof(text), "0100007F:%04X 0100007F:%04X",
		 ntohs(name_of(s[0], getsockname).sin_port),
		 ntohs(name_of(s[0], getpeername).sin_port));
	CHECK(line_with("/proc/net/tcp", text, " 01 00000000:"));
	tcp_fill(s[0]);
	OK(ioctl(s[0], TIOCOUTQ, &n));
	CHECK(n > 0);
	CHECK(!line_with("/proc/net/tcp", text, " 01 00000000:")); /* bytes wait to be received */
	OK(close(s[1]));
	EVENTUALLY(tcp_state(s[0]) == TCP_CLOSE);
	CHECK(!line_with("/proc/net/tcp", text, ""));
}

/* The fields of the first line with that text, from the n'th (from 0) on. */
static void fields_of(const char *path, const char *text, int n, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	char *at = NULL;

	CHECK(f);
	while (!at && fgets(buf, size, f))
		at = strstr(buf, text) ? buf : NULL;
	fclose(f);
	CHECK(at);
	for (at += strspn(at, " "); n--; at += strspn(at, " "))
		at += strcspn(at, " \n");
	memmove(buf, at, strlen(at) + 1);
}

/* Where in the kernel a socket is does not concern everybody. */
CASE(tables_tell_no_addresses)
{
	struct sockaddr_in a;
	char line[512], port[16];

	if (!geteuid())
		OK(setresuid(1000, 1000, 1000));
	a = bind_any(OK(socket(AF_INET, SOCK_DGRAM, 0)));
	snprintf(port, sizeof(port), "0100007F:%04X", ntohs(a.sin_port));
	fields_of("/proc/net/udp", port, 11, line, sizeof(line));
	CHECK(strtoull(line, NULL, 16) < 0xffff000000000000);
	OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	fields_of("/proc/net/unix", ": 00000", 0, line, sizeof(line));
	CHECK(strtoull(line, NULL, 16) < 0xffff000000000000);
}

CASE_ROOT(range_of_ports)
{
	static const char range[] = "/proc/sys/net/ipv4/ip_local_port_range";
	static const char first[] = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
	char was[64], start[64];
	int port;

	own_net();
	lo_up();
	CHECK(slurp(range, was, sizeof(was)) > 0);
	CHECK(slurp(first, start, sizeof(start)) > 0);
	CHECK_ERR(poke(range, "2000 1999"), EINVAL);
	CHECK_ERR(poke(range, "0 2000"), EINVAL);
	CHECK_ERR(poke(range, "2000 65536"), EINVAL);
	CHECK_ERR(poke(range, "1000 2000"), EINVAL); /* which not everybody may have */
	CHECK_ERR(poke(first, "40000"), EINVAL);
	OK(poke(range, "40000 40000"));
	OK(poke(first, "40000"));
	port = ntohs(bind_any(OK(socket(AF_INET, SOCK_DGRAM, 0))).sin_port);
	OK(poke(first, start));
	OK(poke(range, was));
	CHECK_EQ(port, 40000);
}

/* Requests of any length, with attributes of any: some are refused, and it goes on. */
CASE_ROOT(damaged_requests)
{
	static const int types[] = {RTM_GETLINK, RTM_SETLINK, RTM_GETADDR, RTM_GETROUTE};
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), len, whole;
	uint32_t addr = htonl(INADDR_LOOPBACK);
	char buf[16384] __attribute__((aligned(8)));
	struct question q;
	unsigned int i;

	OK(setresuid(1000, 1000, 1000)); /* so that nothing is changed */
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (len = 0; len < 64; len++) {
			q = of_lo(types[i], len & 1 ? NLM_F_ACK : 0);
			q.route.rtm_family = AF_INET;
			add_attr(&q, RTA_DST, &addr, 4);
			whole = q.h.nlmsg_len;
			((struct rtattr *)((char *)&q + whole - 8))->rta_len = len;
			CHECK_EQ(send(fd, &q, whole, 0), whole);
			q.h.nlmsg_len = len;
			CHECK_EQ(send(fd, &q, whole, 0), whole);
			if (len)
				CHECK_EQ(send(fd, &q, len, 0), len);
			while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
				;
		}
	}
	q = of_lo(RTM_GETLINK, 0);
	ask(fd, &q, buf, sizeof(buf));
	CHECK_EQ(((struct nlmsghdr *)buf)->nlmsg_type, RTM_NEWLINK);
}

CASE(counts_of_sockets)
{
	char line[128];
	int fd;

	own_net();
	lo_up();
	bind_any(OK(socket(AF_INET, SOCK_DGRAM, 0)));
	bind_any(OK(socket(AF_INET, SOCK_DGRAM, 0)));
	fields_of("/proc/net/sockstat", "UDP:", 2, line, sizeof(line));
	CHECK_EQ(atoi(line), 2);
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
	if (fd < 0 && errno == EPROTONOSUPPORT)
		SKIP("a kernel without UDP-Lite");
	bind_any(OK(fd));
	fields_of("/proc/net/sockstat", "UDPLITE:", 2, line, sizeof(line));
	CHECK_EQ(atoi(line), 1);
}

CASE_ROOT(state_in_sysfs)
{
	OK(unshare(CLONE_NEWNET | CLONE_NEWNS));
	OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	OK(mkdir("sys", 0700));
	OK(mount("sysfs", "sys", "sysfs", 0, NULL));
	CHECK(line_with("sys/class/net/lo/operstate", "down", ""));
	lo_up();
	CHECK(line_with("sys/class/net/lo/operstate", "unknown", ""));
	CHECK(line_with("sys/class/net/lo/carrier", "1", ""));
	OK(umount("sys"));
}
