/* SPDX-License-Identifier: MIT */
/*
 * socket(2) and its family: families, types, options, flags, messages.
 */
#ifndef UAPI_SOCKET_H
#define UAPI_SOCKET_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>
#include <uapi/fcntl.h>

#define AF_UNSPEC  0
#define AF_UNIX	   1
#define AF_LOCAL   1
#define AF_INET	   2
#define AF_INET6   10
#define AF_NETLINK 16
#define AF_MAX	   46

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_SEQPACKET 5
#define SOCK_TYPE_MASK 0xf
#define SOCK_CLOEXEC   O_CLOEXEC
#define SOCK_NONBLOCK  O_NONBLOCK

#define SHUT_RD	  0
#define SHUT_WR	  1
#define SHUT_RDWR 2

#define SOL_SOCKET 1

#define SO_DEBUG       1
#define SO_REUSEADDR   2
#define SO_TYPE	       3
#define SO_ERROR       4
#define SO_DONTROUTE   5
#define SO_BROADCAST   6
#define SO_SNDBUF      7
#define SO_RCVBUF      8
#define SO_KEEPALIVE   9
#define SO_OOBINLINE   10
#define SO_PRIORITY    12
#define SO_LINGER      13
#define SO_REUSEPORT   15
#define SO_PASSCRED    16
#define SO_PEERCRED    17
#define SO_RCVLOWAT    18
#define SO_SNDLOWAT    19
#define SO_RCVTIMEO    20
#define SO_SNDTIMEO    21
#define SO_BINDTODEVICE 25
#define SO_PEERNAME    28
#define SO_TIMESTAMP   29
#define SO_ACCEPTCONN  30
#define SO_PEERSEC     31
#define SO_SNDBUFFORCE 32
#define SO_RCVBUFFORCE 33
#define SO_PASSSEC     34
#define SO_PROTOCOL    38
#define SO_DOMAIN      39
#define SO_PEEK_OFF    42
#define SO_PEERGROUPS  59

#define SOMAXCONN 4096

#define MSG_OOB		 0x0001
#define MSG_PEEK	 0x0002
#define MSG_DONTROUTE	 0x0004
#define MSG_CTRUNC	 0x0008
#define MSG_TRUNC	 0x0020
#define MSG_DONTWAIT	 0x0040
#define MSG_EOR		 0x0080
#define MSG_WAITALL	 0x0100
#define MSG_ERRQUEUE	 0x2000
#define MSG_NOSIGNAL	 0x4000
#define MSG_MORE	 0x8000
#define MSG_WAITFORONE	 0x10000
#define MSG_FASTOPEN	 0x20000000 /* the call connects, too */
#define MSG_CMSG_CLOEXEC 0x40000000

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS 2
#define SCM_MAX_FD	253

struct ucred {
	u32 pid;
	u32 uid;
	u32 gid;
};

struct sockaddr {
	u16 sa_family;
	char sa_data[14];
};

struct sockaddr_storage {
	u16 ss_family;
	char __data[126];
};

struct linger {
	int l_onoff;
	int l_linger;
};

struct user_msghdr {
	void __user *msg_name;
	int msg_namelen;
	struct iovec __user *msg_iov;
	size_t msg_iovlen;
	void __user *msg_control;
	size_t msg_controllen;
	unsigned int msg_flags;
};

struct mmsghdr {
	struct user_msghdr msg_hdr;
	unsigned int msg_len;
};

struct cmsghdr {
	size_t cmsg_len; /* with this header */
	int cmsg_level;
	int cmsg_type;
};
#define CMSG_ALIGN(n) (((n) + sizeof(long) - 1) & ~(sizeof(long) - 1))
#define CMSG_LEN(n)   (sizeof(struct cmsghdr) + (n))
#define CMSG_SPACE(n) (sizeof(struct cmsghdr) + CMSG_ALIGN(n))

#endif
