/* SPDX-License-Identifier: MIT */
/*
 * Options of netlink sockets: socket(7) at SOL_SOCKET, group membership at SOL_NETLINK
 * (netlink(7)). Task context; an option is one word, read by whoever uses it.
 */
#include "netlink.h"
#include "unix.h"
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/sched.h>

#define BUF_MIN 2304

static int set_membership(struct netlink_sock *nl, u32 group, bool member)
{
	if (nl->protocol != NETLINK_ROUTE && !capable(CAP_NET_ADMIN))
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

static int set_timeout(long *timeo, const void __user *val, int len)
{
	s64 tv[2];

	if (len < (int)sizeof(tv))
		return -EINVAL;
	if (copy_from_user(tv, val, sizeof(tv)))
		return -EFAULT;
	if (tv[1] < 0 || tv[1] >= 1000000)
		return -EDOM;
	if (tv[0] < 0)
		WRITE_ONCE(*timeo, 0);
	else if ((!tv[0] && !tv[1]) || tv[0] >= MAX_SCHEDULE_TIMEOUT / HZ - 1)
		WRITE_ONCE(*timeo, MAX_SCHEDULE_TIMEOUT);
	else
		WRITE_ONCE(*timeo, tv[0] * HZ + DIV_ROUND_UP(tv[1], 1000000 / HZ));
	return 0;
}

/* Twice what was asked for, at most twice the limit: socket(7). */
static int buffer_size(int asked, int max)
{
	return max_t(int, (int)min_t(u32, asked, max) * 2, BUF_MIN);
}

int netlink_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len)
{
	struct netlink_sock *nl = netlink_sk(sock);
	int v;

	if (level != SOL_SOCKET && level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len < (int)sizeof(v))
		return -EINVAL;
	if (get_user(v, (const int __user *)val))
		return -EFAULT;
	if (level == SOL_NETLINK)
		return name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP
			   ? set_membership(nl, v, name == NETLINK_ADD_MEMBERSHIP)
			   : -ENOPROTOOPT;
	switch (name) {
	case SO_RCVTIMEO:
		return set_timeout(&nl->rcvtimeo, val, len);
	case SO_SNDTIMEO:
		return set_timeout(&nl->sndtimeo, val, len);
	case SO_RCVBUF:
		WRITE_ONCE(nl->rcvbuf, buffer_size(v, sysctl_rmem_max));
		return 0;
	case SO_SNDBUF:
		WRITE_ONCE(nl->sndbuf, buffer_size(v, sysctl_wmem_max));
		return 0;
	case SO_PASSCRED:
		WRITE_ONCE(nl->passcred, v);
		return 0;
	}
	return -ENOPROTOOPT;
}

static int put_option(const void *data, int size, void __user *val, int len, int __user *ulen)
{
	len = min(len, size);
	if (copy_to_user(val, data, len))
		return -EFAULT;
	return put_user(len, ulen);
}

static int get_timeout(long timeo, void __user *val, int len, int __user *ulen)
{
	s64 tv[2] = {0};

	if (timeo != MAX_SCHEDULE_TIMEOUT) {
		tv[0] = timeo / HZ;
		tv[1] = timeo % HZ * (1000000 / HZ);
	}
	return put_option(tv, sizeof(tv), val, len, ulen);
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
	case SO_RCVTIMEO:
		return get_timeout(READ_ONCE(nl->rcvtimeo), val, len, ulen);
	case SO_SNDTIMEO:
		return get_timeout(READ_ONCE(nl->sndtimeo), val, len, ulen);
	case SO_TYPE:
		v = nl->type;
		break;
	case SO_DOMAIN:
		v = AF_NETLINK;
		break;
	case SO_PROTOCOL:
		v = nl->protocol;
		break;
	case SO_ERROR:
		v = xchg(&nl->err, 0);
		break;
	case SO_ACCEPTCONN:
		v = 0;
		break;
	case SO_RCVBUF:
		v = READ_ONCE(nl->rcvbuf);
		break;
	case SO_SNDBUF:
		v = READ_ONCE(nl->sndbuf);
		break;
	case SO_PASSCRED:
		v = READ_ONCE(nl->passcred);
		break;
	default:
		return -ENOPROTOOPT;
	}
	return put_option(&v, sizeof(v), val, len, ulen);
}
