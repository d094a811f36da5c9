/* SPDX-License-Identifier: MIT */
/*
 * What the kernel answers on NETLINK_ROUTE sockets, rtnetlink(7): the one link, its addresses, the
 * routes they imply; and what it tells their groups when that changes. A link may be switched on
 * and off; nothing else can be changed. Task context, no locks.
 */
#include "../netlink.h"
#include "inet.h"
#include <jiffy/mm.h>
#include <jiffy/slab.h>
#include <uapi/if.h>
#include <uapi/rtnetlink.h>

#define MAX_ANSWER (64 * PAGE_SIZE) /* to all the requests of one message */

/* One request, and where its answers go. */
struct request {
	struct net *net;
	u32 portid;
	const struct nlmsghdr *hdr;
	const char *body; /* behind the header: */
	size_t len;	  /* so many bytes */
	struct netlink_buf *out;
	size_t start; /* of the message in the making */
	bool dumped;  /* the answer has an end of its own */
	int err;      /* -ENOMEM, -ENOBUFS: the answers are not complete */
};

/* ---- messages ---- */

/* size bytes more, zeroed; NULL when memory has run out. */
static void *grow(struct request *rq, size_t size)
{
	struct netlink_buf *b = rq->out;
	size_t want = b->len + size;
	char *data;

	if (rq->err)
		return NULL;
	if (want > MAX_ANSWER) {
		rq->err = -ENOBUFS;
		return NULL;
	}
	if (want > b->size) {
		want = max(want, b->size + PAGE_SIZE);
		data = kvmalloc(want, GFP_KERNEL);
		if (!data) {
			rq->err = -ENOMEM;
			return NULL;
		}
		if (b->len)
			memcpy(data, b->data, b->len);
		kvfree(b->data);
		b->data = data;
		b->size = want;
	}
	data = b->data + b->len;
	memset(data, 0, size);
	b->len += size;
	return data;
}

/* Begins a message: where its fixed part of size bytes is, NULL as grow(). */
static void *begin(struct request *rq, u16 type, u16 flags, size_t size)
{
	struct nlmsghdr *h;

	rq->start = rq->out->len;
	h = grow(rq, sizeof(*h) + NLMSG_ALIGN(size));
	if (!h)
		return NULL;
	h->nlmsg_type = type;
	h->nlmsg_flags = flags;
	h->nlmsg_seq = rq->hdr->nlmsg_seq;
	h->nlmsg_pid = rq->portid;
	return h + 1;
}

static void end(struct request *rq)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(rq->out->data + rq->start);

	if (!rq->err)
		h->nlmsg_len = rq->out->len - rq->start;
}

static void put_attr(struct request *rq, u16 type, const void *data, size_t len)
{
	struct rtattr *a = grow(rq, sizeof(*a) + NLMSG_ALIGN(len));

	if (!a)
		return;
	a->rta_len = sizeof(*a) + len;
	a->rta_type = type;
	memcpy(a + 1, data, len);
}

static void put_u32(struct request *rq, u16 type, u32 v)
{
	put_attr(rq, type, &v, sizeof(v));
}

static void put_string(struct request *rq, u16 type, const char *s)
{
	put_attr(rq, type, s, strlen(s) + 1);
}

/* The request's attribute at *at, counted from its body, which moves behind it; NULL: no more. */
static const struct rtattr *next_attr(const struct request *rq, size_t *at)
{
	const struct rtattr *a = (const struct rtattr *)(rq->body + *at);

	if (*at + sizeof(*a) > rq->len || a->rta_len < sizeof(*a) || a->rta_len > rq->len - *at)
		return NULL;
	*at += NLMSG_ALIGN(a->rta_len);
	return a;
}

/* The one of that type, behind the fixed part of size bytes; NULL: none. */
static const struct rtattr *find_attr(const struct request *rq, size_t size, u16 type)
{
	size_t at = NLMSG_ALIGN(size);
	const struct rtattr *a;

	while ((a = next_attr(rq, &at)))
		if (a->rta_type == type)
			return a;
	return NULL;
}

/* ---- the link ---- */

static void put_link(struct request *rq, u16 flags)
{
	static const u8 no_address[6];
	struct ifinfomsg *ifi = begin(rq, RTM_NEWLINK, flags, sizeof(*ifi));
	u32 stats[LINK_STATS] = {0};
	u64 stats64[LINK_STATS] = {0};
	u8 state = IF_OPER_UNKNOWN, mode = 0;

	if (!ifi)
		return;
	ifi->ifi_type = ARPHRD_LOOPBACK;
	ifi->ifi_index = LOOPBACK_IFINDEX;
	ifi->ifi_flags = loopback_flags(rq->net);
	if (ifi->ifi_flags & IFF_UP)
		ifi->ifi_flags |= IFF_LOWER_UP;
	else
		state = IF_OPER_DOWN;
	put_string(rq, IFLA_IFNAME, "lo");
	put_u32(rq, IFLA_TXQLEN, LOOPBACK_TXQLEN);
	put_attr(rq, IFLA_OPERSTATE, &state, sizeof(state));
	put_attr(rq, IFLA_LINKMODE, &mode, sizeof(mode));
	put_u32(rq, IFLA_MTU, LOOPBACK_MTU);
	put_u32(rq, IFLA_GROUP, 0);
	put_string(rq, IFLA_QDISC, "noqueue");
	put_attr(rq, IFLA_ADDRESS, no_address, sizeof(no_address));
	put_attr(rq, IFLA_BROADCAST, no_address, sizeof(no_address));
	put_attr(rq, IFLA_STATS64, stats64, sizeof(stats64));
	put_attr(rq, IFLA_STATS, stats, sizeof(stats));
	end(rq);
}

/* Of an attribute with a name. */
static bool names_lo(const struct rtattr *a)
{
	const char *name = (const char *)(a + 1);
	size_t len = a->rta_len - sizeof(*a);

	return len >= 2 && !memcmp(name, "lo", 2) && (len == 2 || !name[2]);
}

/* Whether the request means lo, by number or by name: 0, -EINVAL, -ENODEV. */
static int means_lo(const struct request *rq)
{
	const struct ifinfomsg *ifi = (const struct ifinfomsg *)rq->body;
	const struct rtattr *name;

	if (rq->len < sizeof(*ifi))
		return -EINVAL;
	if (ifi->ifi_index)
		return ifi->ifi_index == LOOPBACK_IFINDEX ? 0 : -ENODEV;
	name = find_attr(rq, sizeof(*ifi), IFLA_IFNAME);
	if (!name)
		return rq->hdr->nlmsg_type == RTM_NEWLINK ? -ENODEV : -EINVAL;
	return names_lo(name) ? 0 : -ENODEV;
}

static int get_link(struct request *rq)
{
	int err = means_lo(rq);

	if (!err)
		put_link(rq, 0);
	return err;
}

/* Whether there is more to be changed than flags: the only attribute that is none is lo's name. */
static bool changes_more(const struct request *rq)
{
	size_t at = NLMSG_ALIGN(sizeof(struct ifinfomsg));
	const struct rtattr *a;

	while ((a = next_attr(rq, &at)))
		if (a->rta_type != IFLA_IFNAME || !names_lo(a))
			return true;
	return false;
}

static int set_link(struct request *rq)
{
	const struct ifinfomsg *ifi = (const struct ifinfomsg *)rq->body;
	u16 how = rq->hdr->nlmsg_type == RTM_NEWLINK ? rq->hdr->nlmsg_flags : 0;
	int err = means_lo(rq);
	u32 flags;

	if (err == -ENODEV && (how & NLM_F_CREATE))
		return -EOPNOTSUPP; /* no other one can be made */
	if (err)
		return err;
	if (how & NLM_F_EXCL)
		return -EEXIST;
	if ((how & NLM_F_REPLACE) || changes_more(rq))
		return -EOPNOTSUPP;
	if (!ifi->ifi_flags && !ifi->ifi_change)
		return 0;
	/* Which flags change; a program that says nothing of that means all. */
	flags = ifi->ifi_flags;
	if (ifi->ifi_change)
		flags = (flags & ifi->ifi_change) | (loopback_flags(rq->net) & ~ifi->ifi_change);
	return loopback_set_flags(rq->net, flags);
}

/* ---- its addresses ---- */

static void put_addr(struct request *rq, u16 type, u16 flags, u8 family)
{
	struct ifa_cacheinfo for_ever = {~0u, ~0u, 0, 0};
	struct ifaddrmsg *ifa = begin(rq, type, flags, sizeof(*ifa));
	u8 v6[16] = {[15] = 1};

	if (!ifa)
		return;
	*ifa = (struct ifaddrmsg){family, family == AF_INET ? 8 : 128, IFA_F_PERMANENT,
				  RT_SCOPE_HOST, LOOPBACK_IFINDEX};
	if (family == AF_INET) {
		put_u32(rq, IFA_ADDRESS, htonl(INADDR_LOOPBACK));
		put_u32(rq, IFA_LOCAL, htonl(INADDR_LOOPBACK));
		put_string(rq, IFA_LABEL, "lo");
	} else {
		put_attr(rq, IFA_ADDRESS, v6, sizeof(v6));
	}
	put_attr(rq, IFA_CACHEINFO, &for_ever, sizeof(for_ever));
	put_u32(rq, IFA_FLAGS, IFA_F_PERMANENT);
	end(rq);
}

/* ---- the routes they imply ---- */

/* To an IPv4 network, or ::1 where family says so. */
static void put_route(struct request *rq, u8 family, u16 flags, const struct rtmsg *kind, u32 v4)
{
	struct rtmsg *rt = begin(rq, RTM_NEWROUTE, flags, sizeof(*rt));
	u8 v6[16] = {[15] = 1};

	if (!rt)
		return;
	*rt = *kind;
	rt->rtm_family = family;
	rt->rtm_protocol = RTPROT_KERNEL;
	put_u32(rq, RTA_TABLE, kind->rtm_table);
	if (family == AF_INET)
		put_u32(rq, RTA_DST, htonl(v4));
	else
		put_attr(rq, RTA_DST, v6, sizeof(v6));
	if (family == AF_INET)
		put_u32(rq, RTA_PREFSRC, htonl(INADDR_LOOPBACK));
	else
		put_u32(rq, RTA_PRIORITY, kind->rtm_table == RT_TABLE_MAIN ? 256 : 0);
	put_u32(rq, RTA_OIF, LOOPBACK_IFINDEX);
	end(rq);
}

static const struct rtmsg local_net = {.rtm_dst_len = 8,
				       .rtm_table = RT_TABLE_LOCAL,
				       .rtm_scope = RT_SCOPE_HOST,
				       .rtm_type = RTN_LOCAL};
static const struct rtmsg local_host = {.rtm_dst_len = 32,
					.rtm_table = RT_TABLE_LOCAL,
					.rtm_scope = RT_SCOPE_HOST,
					.rtm_type = RTN_LOCAL};
static const struct rtmsg local_broadcast = {.rtm_dst_len = 32,
					     .rtm_table = RT_TABLE_LOCAL,
					     .rtm_scope = RT_SCOPE_LINK,
					     .rtm_type = RTN_BROADCAST};
static const struct rtmsg local_v6 = {
    .rtm_dst_len = 128, .rtm_table = RT_TABLE_LOCAL, .rtm_type = RTN_LOCAL};
static const struct rtmsg main_v6 = {
    .rtm_dst_len = 128, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST};

static void put_routes(struct request *rq, u8 family)
{
	if (family == AF_INET) {
		put_route(rq, family, NLM_F_MULTI, &local_net, INADDR_LOOP_NET);
		put_route(rq, family, NLM_F_MULTI, &local_host, INADDR_LOOPBACK);
		put_route(rq, family, NLM_F_MULTI, &local_broadcast, INADDR_LOOP_BCST);
	} else {
		put_route(rq, family, NLM_F_MULTI, &main_v6, 0);
		put_route(rq, family, NLM_F_MULTI, &local_v6, 0);
	}
}

/* The way to one destination. */
static int get_route(struct request *rq)
{
	const struct rtmsg *rt = (const struct rtmsg *)rq->body;
	bool v4 = rq->len >= sizeof(*rt) && rt->rtm_family == AF_INET;
	size_t size = v4 ? sizeof(u32) : sizeof(struct in6_addr);
	const struct rtattr *dst;
	struct in6_addr addr;
	struct rtmsg kind;

	if (rq->len < sizeof(*rt) || (!v4 && rt->rtm_family != AF_INET6))
		return -EINVAL;
	dst = find_attr(rq, sizeof(*rt), RTA_DST);
	if (!dst || dst->rta_len != sizeof(*dst) + size)
		return -EINVAL;
	if (v4)
		addr = addr_from_v4(*(const u32 *)(dst + 1) ?: htonl(INADDR_LOOPBACK));
	else
		memcpy(&addr, dst + 1, size);
	if (addr_is_v4(&addr) != v4)
		return -ENETUNREACH;
	kind = v4 ? local_host : local_v6;
	if (addr_kind(rq->net, &addr) == ADDR_BROADCAST &&
	    ntohl(addr.s6_addr32[3]) == INADDR_LOOP_BCST)
		kind = local_broadcast;
	else if (addr_kind(rq->net, &addr) != ADDR_LOCAL)
		return -ENETUNREACH;
	kind.rtm_flags = RTM_F_CLONED;
	put_route(rq, rt->rtm_family, 0, &kind, ntohl(addr.s6_addr32[3]));
	return 0;
}

/* ---- requests ---- */

/* All there is of a kind. Of others, like neighbours and rules, there is nothing. */
static int dump(struct request *rq)
{
	u8 family = *rq->body, families[] = {AF_INET, AF_INET6};
	u16 type = rq->hdr->nlmsg_type;
	bool up = READ_ONCE(rq->net->lo_up);
	unsigned int i;

	rq->dumped = true;
	if (type == RTM_GETLINK)
		put_link(rq, NLM_F_MULTI);
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (!up || (family && family != families[i]))
			continue;
		if (type == RTM_GETADDR)
			put_addr(rq, RTM_NEWADDR, NLM_F_MULTI, families[i]);
		else if (type == RTM_GETROUTE)
			put_routes(rq, families[i]);
	}
	if (begin(rq, NLMSG_DONE, NLM_F_MULTI, sizeof(int)))
		end(rq);
	return 0;
}

/* 0 or the error to be told. */
static int serve(struct request *rq)
{
	u16 type = rq->hdr->nlmsg_type;
	bool gets = (type - RTM_NEWLINK) % 4 == RTM_KIND_GET;

	if (type > RTM_MAX)
		return -EOPNOTSUPP;
	if (!rq->len) /* of no family: Linux passes it over */
		return 0;
	if (!gets && !ns_capable(rq->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (gets && (rq->hdr->nlmsg_flags & NLM_F_DUMP))
		return dump(rq);
	switch (type) {
	case RTM_GETLINK:
		return get_link(rq);
	case RTM_GETROUTE:
		return get_route(rq);
	case RTM_NEWLINK:
	case RTM_SETLINK:
		return set_link(rq);
	}
	return -EOPNOTSUPP;
}

/* How the request went: an error with the whole of it, success with its header. */
static void put_verdict(struct request *rq, int err)
{
	size_t body = err ? rq->len : 0;
	u16 flags = err ? 0 : NLM_F_CAPPED;
	struct nlmsgerr *e = begin(rq, NLMSG_ERROR, flags, sizeof(*e) + body);

	if (!e)
		return;
	e->error = err;
	memcpy(&e->msg, rq->hdr, sizeof(e->msg));
	if (body)
		memcpy(e + 1, rq->body, body);
	end(rq);
}

int rtnetlink_answer(struct net *net, u32 portid, const char *request, size_t len,
		     struct netlink_buf *answer)
{
	struct request rq = {.net = net, .portid = portid, .out = answer};
	size_t at = 0;
	int err;

	while (!rq.err && at + sizeof(struct nlmsghdr) <= len) {
		rq.hdr = (const struct nlmsghdr *)(request + at);
		if (rq.hdr->nlmsg_len < sizeof(*rq.hdr) || rq.hdr->nlmsg_len > len - at)
			break;
		rq.body = (const char *)(rq.hdr + 1);
		rq.len = rq.hdr->nlmsg_len - sizeof(*rq.hdr);
		at += NLMSG_ALIGN(rq.hdr->nlmsg_len);
		rq.dumped = false;
		err = 0;
		if ((rq.hdr->nlmsg_flags & NLM_F_REQUEST) && rq.hdr->nlmsg_type >= NLMSG_MIN_TYPE)
			err = serve(&rq);
		if (err || ((rq.hdr->nlmsg_flags & NLM_F_ACK) && !rq.dumped))
			put_verdict(&rq, err);
	}
	return rq.err;
}

/* ---- notices ---- */

/* The one message made is for the group; the next one begins where it did. */
static void notify(struct request *rq, u32 group)
{
	netlink_notify(rq->net, group, rq->err ? NULL : rq->out->data, rq->out->len);
	rq->out->len = 0;
	rq->err = 0;
}

void rtnetlink_switched(struct net *net, bool up)
{
	static const struct nlmsghdr unasked;
	struct netlink_buf buf = {0};
	struct request rq = {.net = net, .hdr = &unasked, .out = &buf};
	u16 type = up ? RTM_NEWADDR : RTM_DELADDR;

	put_link(&rq, 0);
	notify(&rq, RTMGRP_LINK);
	put_addr(&rq, type, 0, AF_INET);
	notify(&rq, RTMGRP_IPV4_IFADDR);
	put_addr(&rq, type, 0, AF_INET6);
	notify(&rq, RTMGRP_IPV6_IFADDR);
	kvfree(buf.data);
}
