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

/*
 * Those a program may change beside IFF_UP: DEBUG, NOTRAILERS, NOARP, PROMISC, ALLMULTI, MULTICAST,
 * PORTSEL, AUTOMEDIA, DYNAMIC.
 */
#define IFF_OTHERS (0x4 | 0x20 | 0x80 | 0x100 | 0x200 | 0x1000 | 0x2000 | 0x4000 | 0x8000)

#define IF_OPER_UNKNOWN 0
#define IF_OPER_DOWN	2

#define ARPHRD_LOOPBACK 772
#define LOOPBACK_TXQLEN 1000

struct ifreq {
	char ifr_name[IFNAMSIZ];
	union {
		char ifr_map[24]; /* of the bus; first, so that initializers clear the whole */
		struct sockaddr ifr_addr;
		short ifr_flags;
		int ifr_ifindex;
		int ifr_mtu;
	};
};

struct ifconf {
	int ifc_len; /* bytes */
	void __user *ifc_buf;
};

#define SIOCGIFNAME	   0x8910
#define SIOCGIFCONF	   0x8912
#define SIOCGIFFLAGS	   0x8913
#define SIOCSIFFLAGS	   0x8914
#define SIOCGIFADDR	   0x8915
#define SIOCSIFADDR	   0x8916
#define SIOCGIFDSTADDR	   0x8917
#define SIOCSIFDSTADDR	   0x8918
#define SIOCGIFBRDADDR	   0x8919
#define SIOCSIFBRDADDR	   0x891a
#define SIOCGIFNETMASK	   0x891b
#define SIOCSIFNETMASK	   0x891c
#define SIOCGIFMETRIC	   0x891d
#define SIOCSIFMETRIC	   0x891e
#define SIOCGIFMTU	   0x8921
#define SIOCSIFMTU	   0x8922
#define SIOCSIFNAME	   0x8923
#define SIOCSIFHWADDR	   0x8924
#define SIOCGIFHWADDR	   0x8927
#define SIOCADDMULTI	   0x8931
#define SIOCDELMULTI	   0x8932
#define SIOCGIFINDEX	   0x8933
#define SIOCDIFADDR	   0x8936
#define SIOCSIFHWBROADCAST 0x8937
#define SIOCGIFTXQLEN	   0x8942
#define SIOCSIFTXQLEN	   0x8943
#define SIOCGIFMAP	   0x8970
#define SIOCSIFMAP	   0x8971

#endif
