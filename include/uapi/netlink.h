/* SPDX-License-Identifier: MIT */
/*
 * Netlink sockets as programs see them: netlink(7).
 */
#ifndef UAPI_NETLINK_H
#define UAPI_NETLINK_H

#include <jiffy/types.h>

#define NETLINK_ROUTE	 0
#define NETLINK_USERSOCK 2 /* between programs */
#define MAX_LINKS	 32

struct sockaddr_nl {
	u16 nl_family;
	u16 nl_pad;
	u32 nl_pid;    /* the port; 0: the kernel */
	u32 nl_groups; /* a bit for each of the first 32 groups */
};

#define SOL_NETLINK		270
#define NETLINK_ADD_MEMBERSHIP	1
#define NETLINK_DROP_MEMBERSHIP 2

#endif
