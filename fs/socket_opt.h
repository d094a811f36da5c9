/* SPDX-License-Identifier: MIT */
/*
 * The options at SOL_SOCKET that mean the same in every family (socket(7)): kept here, acted upon
 * by the family whose socket embeds them. For fs/socket_opt.c and the families. Any context reads,
 * without a lock: each option is one word, the flags are changed by atomic bit operations.
 */
#ifndef FS_SOCKET_OPT_H
#define FS_SOCKET_OPT_H

#include <jiffy/bitops.h>
#include <jiffy/socket.h>

/* Bits of sock_opts.flags: options that are on or off. */
enum sock_opt_flag {
	SOPT_PASSCRED,
	SOPT_PASSSEC,
	SOPT_TIMESTAMP,
	SOPT_OOBINLINE,
	SOPT_KEEPALIVE,
	SOPT_REUSEADDR,
	SOPT_REUSEPORT,
	SOPT_BROADCAST,
	SOPT_DONTROUTE,
	SOPT_DEBUG,
	SOPT_LINGER,
};

struct sock_opts {
	unsigned long flags;
	int sndbuf, rcvbuf;	 /* bytes, never below a minimum of some thousand */
	int rcvlowat;		 /* bytes */
	int priority;		 /* for whoever queues packets */
	int linger;		 /* seconds */
	long rcvtimeo, sndtimeo; /* jiffies, MAX_SCHEDULE_TIMEOUT: for ever */
};

/* Limits of buffers in bytes, and of a listener's backlog: /proc/sys/net/core. */
extern int sysctl_wmem_default, sysctl_wmem_max, sysctl_rmem_default, sysctl_rmem_max;
extern int sysctl_somaxconn;

/* What a new socket has. */
void sock_opts_init(struct sock_opts *o);

static inline bool sock_opt_flag(const struct sock_opts *o, enum sock_opt_flag flag)
{
	return test_bit(flag, &o->flags);
}

/*
 * Sets one from a program's len bytes at val. -EINVAL: too few bytes for it; -EFAULT; -EDOM: no
 * time; -EPERM, -EACCES: for CAP_NET_ADMIN only; -ENOPROTOOPT: none of these, or one to be read
 * only. Task context.
 */
int sock_set_option(struct sock_opts *o, int name, const void __user *val, int len);
/*
 * Gives one to a program that has room for len >= 0 bytes at val, and how many it is at ulen. sock
 * says what it is by SO_TYPE, SO_DOMAIN and SO_PROTOCOL. -EFAULT, -ENOPROTOOPT. Task context.
 */
int sock_get_option(const struct sock_opts *o, const struct socket *sock, int name,
		    void __user *val, int len, int __user *ulen);
/* The same for data of the family's own: size bytes of it, or the len that there is room for. */
int sock_put_option(const void *data, int size, void __user *val, int len, int __user *ulen);

#endif
