/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces as programs ask about them: netdevice(7).
 */
#ifndef UAPI_IF_H
#define UAPI_IF_H

#include <uapi/socket.h>

#define IFNAMSIZ 16

#define IFF_UP	     0x1
#define IFF_LOOPBACK 0x8
#define IFF_RUNNING  0x40
#define IFF_LOWER_UP 0x10000

#define ARPHRD_LOOPBACK 772
#define LOOPBACK_TXQLEN 1000

struct ifreq {
	char ifr_name[IFNAMSIZ];
	union {
		struct sockaddr ifr_addr;
		short ifr_flags;
		int ifr_ifindex;
		int ifr_mtu;
		char ifr_pad[24];
	};
};

struct ifconf {
	int ifc_len; /* bytes */
	void __user *ifc_buf;
};

#define SIOCGIFNAME    0x8910
#define SIOCGIFCONF    0x8912
#define SIOCGIFFLAGS   0x8913
#define SIOCSIFFLAGS   0x8914
#define SIOCGIFADDR    0x8915
#define SIOCGIFDSTADDR 0x8917
#define SIOCGIFBRDADDR 0x8919
#define SIOCGIFNETMASK 0x891b
#define SIOCGIFMETRIC  0x891d
#define SIOCGIFMTU     0x8921
#define SIOCGIFHWADDR  0x8927
#define SIOCGIFINDEX   0x8933
#define SIOCGIFTXQLEN  0x8942

#endif
