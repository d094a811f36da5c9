/* SPDX-License-Identifier: MIT */
/*
 * Options of netlink sockets: group membership at SOL_NETLINK (netlink(7)) here, those at
 * SOL_SOCKET in socket_opt.c. Task context.
 */
#include "netlink.h"
#include <arch/uaccess.h>
#include <jiffy/cred.h>

static int set_membership(struct netlink_sock *nl, u32 group, bool member)
{
	if (!netlink_may_hear(nl))
		return -EPERM;
	if (!group || group > 32)
		return -EINVAL;
	spin_lock(&netlink_lock);
	if (member)
		nl->groups |= 1u << (group - 1);
	else
		nl->groups &= ~(1u << (group - 1));
	spin_unlock(&netlink_lock);
	return 0;
}

int netlink_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len)
{
	struct netlink_sock *nl = netlink_sk(sock);
	int v;

	if (level == SOL_SOCKET)
		return sock_set_option(&nl->opts, name, val, len);
	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len < (int)sizeof(v))
		return -EINVAL;
	if (get_user(v, (const int __user *)val))
		return -EFAULT;
	if (name != NETLINK_ADD_MEMBERSHIP && name != NETLINK_DROP_MEMBERSHIP)
		return -ENOPROTOOPT;
	return set_membership(nl, v, name == NETLINK_ADD_MEMBERSHIP);
}

int netlink_getsockopt(struct socket *sock, int level, int name, void __user *val, int __user *ulen)
{
	struct netlink_sock *nl = netlink_sk(sock);
	int len, v;

	if (level != SOL_SOCKET)
		return -ENOPROTOOPT;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (name) {
	case SO_ERROR:
		v = xchg(&nl->err, 0);
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	case SO_ACCEPTCONN:
		v = 0;
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	}
	return sock_get_option(&nl->opts, sock, name, val, len, ulen);
}
