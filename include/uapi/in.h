/* SPDX-License-Identifier: MIT */
/*
 * Internet addresses, protocols and socket options as programs see them: ip(7), ipv6(7), udp(7).
 * Words of addresses and ports are in network order.
 */
#ifndef UAPI_IN_H
#define UAPI_IN_H

#include <jiffy/types.h>

#define IPPROTO_IP	0
#define IPPROTO_ICMP	1
#define IPPROTO_TCP	6
#define IPPROTO_UDP	17
#define IPPROTO_UDPLITE 136
#define IPPROTO_IPV6	41

#define SOL_IP	    0
#define SOL_TCP	    6
#define SOL_UDP	    17
#define SOL_UDPLITE 136
#define SOL_IPV6    41

struct in_addr {
	u32 s_addr;
};

struct sockaddr_in {
	u16 sin_family;
	u16 sin_port;
	struct in_addr sin_addr;
	char sin_zero[8];
};

struct in6_addr {
	union {
		u8 s6_addr8[16];
		u32 s6_addr32[4];
	};
};

struct sockaddr_in6 {
	u16 sin6_family;
	u16 sin6_port;
	u32 sin6_flowinfo;
	struct in6_addr sin6_addr;
	u32 sin6_scope_id;
};
#define SIN6_LEN_MIN 24 /* without the scope: RFC 2133 */

/* Addresses in host order. */
#define INADDR_LOOPBACK	 0x7f000001u
#define INADDR_LOOP_NET	 0x7f000000u
#define INADDR_LOOP_MASK 0xff000000u
#define INADDR_LOOP_BCST 0x7fffffffu
#define INADDR_BROADCAST 0xffffffffu

#define IP_TOS			1
#define IP_TTL			2
#define IP_HDRINCL		3
#define IP_OPTIONS		4
#define IP_RECVOPTS		6
#define IP_RETOPTS		7
#define IP_PKTINFO		8
#define IP_MTU_DISCOVER		10
#define IP_RECVERR		11
#define IP_RECVTTL		12
#define IP_RECVTOS		13
#define IP_MTU			14
#define IP_FREEBIND		15
#define IP_TRANSPARENT		19
#define IP_RECVORIGDSTADDR	20
#define IP_MINTTL		21
#define IP_BIND_ADDRESS_NO_PORT 24
#define IP_MULTICAST_IF		32
#define IP_MULTICAST_TTL	33
#define IP_MULTICAST_LOOP	34

#define IPV6_UNICAST_HOPS   16
#define IPV6_MULTICAST_IF   17
#define IPV6_MULTICAST_HOPS 18
#define IPV6_MULTICAST_LOOP 19
#define IPV6_MTU_DISCOVER   23
#define IPV6_MTU	    24
#define IPV6_RECVERR	    25
#define IPV6_V6ONLY	    26
#define IPV6_RECVPKTINFO    49
#define IPV6_PKTINFO	    50
#define IPV6_RECVHOPLIMIT   51
#define IPV6_HOPLIMIT	    52
#define IPV6_RECVTCLASS	    66
#define IPV6_TCLASS	    67

struct in_pktinfo {
	int ipi_ifindex;
	struct in_addr ipi_spec_dst;
	struct in_addr ipi_addr;
};

struct in6_pktinfo {
	struct in6_addr ipi6_addr;
	int ipi6_ifindex;
};

#define UDP_CORK	   1
#define UDPLITE_SEND_CSCOV 10
#define UDPLITE_RECV_CSCOV 11
#define UDP_NO_CHECK6_TX   101
#define UDP_NO_CHECK6_RX   102

#endif
