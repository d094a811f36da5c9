/* SPDX-License-Identifier: MIT */
/*
 * Netlink's message header (netlink(7)) and the messages about links, addresses and routes
 * (rtnetlink(7)).
 */
#ifndef UAPI_RTNETLINK_H
#define UAPI_RTNETLINK_H

#include <jiffy/types.h>

struct nlmsghdr {
	u32 nlmsg_len; /* with this header */
	u16 nlmsg_type;
	u16 nlmsg_flags;
	u32 nlmsg_seq;
	u32 nlmsg_pid;
};
#define NLMSG_ALIGN(n) (((n) + 3u) & ~3u)

#define NLM_F_REQUEST 0x1
#define NLM_F_MULTI   0x2
#define NLM_F_ACK     0x4
#define NLM_F_DUMP    0x300 /* to get: all there is */
#define NLM_F_REPLACE 0x100 /* to make something new */
#define NLM_F_EXCL    0x200
#define NLM_F_CREATE  0x400
#define NLM_F_CAPPED  0x100 /* of a verdict: the request is not repeated in it */

#define NLMSG_ERROR    2
#define NLMSG_DONE     3
#define NLMSG_MIN_TYPE 16

struct nlmsgerr {
	int error;
	struct nlmsghdr msg;
};

/* Messages come in fours: NEW, DEL, GET, SET. */
#define RTM_NEWLINK  16
#define RTM_GETLINK  18
#define RTM_SETLINK  19
#define RTM_NEWADDR  20
#define RTM_DELADDR  21
#define RTM_GETADDR  22
#define RTM_NEWROUTE 24
#define RTM_GETROUTE 26
#define RTM_KIND_GET 2 /* of the four, by type - 16 mod 4 */
#define RTM_MAX	     123

/* Groups, as bits of sockaddr_nl.nl_groups. */
#define RTMGRP_LINK	   0x1
#define RTMGRP_IPV4_IFADDR 0x10
#define RTMGRP_IPV6_IFADDR 0x100

struct rtattr {
	u16 rta_len; /* with this header */
	u16 rta_type;
};

struct ifinfomsg {
	u8 ifi_family;
	u8 ifi_pad;
	u16 ifi_type;
	int ifi_index;
	u32 ifi_flags;
	u32 ifi_change;
};
#define IFLA_ADDRESS   1
#define IFLA_BROADCAST 2
#define IFLA_IFNAME    3
#define IFLA_MTU       4
#define IFLA_QDISC     6
#define IFLA_STATS     7
#define IFLA_TXQLEN    13
#define IFLA_OPERSTATE 16
#define IFLA_LINKMODE  17
#define IFLA_STATS64   23
#define IFLA_GROUP     27
#define LINK_STATS     24 /* numbers in IFLA_STATS, and in its form of 64 bits */

struct ifaddrmsg {
	u8 ifa_family;
	u8 ifa_prefixlen;
	u8 ifa_flags;
	u8 ifa_scope;
	u32 ifa_index;
};
#define IFA_ADDRESS	1
#define IFA_LOCAL	2
#define IFA_LABEL	3
#define IFA_CACHEINFO	6
#define IFA_FLAGS	8
#define IFA_F_PERMANENT 0x80

struct ifa_cacheinfo {
	u32 ifa_prefered; /* seconds; all ones: for ever */
	u32 ifa_valid;
	u32 cstamp;
	u32 tstamp;
};

struct rtmsg {
	u8 rtm_family;
	u8 rtm_dst_len;
	u8 rtm_src_len;
	u8 rtm_tos;
	u8 rtm_table;
	u8 rtm_protocol;
	u8 rtm_scope;
	u8 rtm_type;
	u32 rtm_flags;
};
#define RTA_DST	     1
#define RTA_OIF	     4
#define RTA_PRIORITY 6
#define RTA_PREFSRC  7
#define RTA_TABLE    15

#define RT_TABLE_MAIN	  254
#define RT_TABLE_LOCAL	  255
#define RTPROT_KERNEL	  2
#define RT_SCOPE_UNIVERSE 0
#define RT_SCOPE_LINK	  253
#define RT_SCOPE_HOST	  254
#define RTN_UNICAST	  1
#define RTN_LOCAL	  2
#define RTN_BROADCAST	  3
#define RTM_F_CLONED	  0x200 /* the answer about one destination, not an entry */

#endif
