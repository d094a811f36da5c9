/* SPDX-License-Identifier: MIT */
/*
 * Options of unix domain sockets at SOL_SOCKET (socket(7), unix(7)), and the limits under
 * /proc/sys/net. Task context; an option is one word, read by whoever uses it.
 */
#include "unix.h"
#include <arch/uaccess.h>
#include <jiffy/bitops.h>
#include <jiffy/init.h>
#include <jiffy/slab.h>
#include <jiffy/sysctl.h>

int sysctl_max_dgram_qlen = 10; /* messages that a datagram socket's queue takes from strangers */
int sysctl_somaxconn = SOMAXCONN;
int sysctl_wmem_default = 212992, sysctl_wmem_max = 212992; /* bytes */
int sysctl_rmem_default = 212992, sysctl_rmem_max = 212992;

#define SNDBUF_MIN 4608
#define RCVBUF_MIN 2304

/* Options that are on or off and their bit; -1: none. */
static int flag_of(int name)
{
	switch (name) {
	case SO_PASSCRED:
		return UNIX_PASSCRED;
	case SO_PASSSEC:
		return UNIX_PASSSEC;
	case SO_TIMESTAMP:
		return UNIX_TIMESTAMP;
	case SO_OOBINLINE:
		return UNIX_OOBINLINE;
	case SO_KEEPALIVE:
		return UNIX_KEEPALIVE;
	case SO_REUSEADDR:
		return UNIX_REUSEADDR;
	case SO_REUSEPORT:
		return UNIX_REUSEPORT;
	case SO_BROADCAST:
		return UNIX_BROADCAST;
	case SO_DONTROUTE:
		return UNIX_DONTROUTE;
	case SO_DEBUG:
		return UNIX_DEBUG;
	}
	return -1;
}

/* The kernel takes twice what was asked for, and tells so: room for its own structures. */
static int buffer_size(int asked, int max, int min)
{
	u32 size = min((u32)asked, (u32)(sysctl_int_max / 2));

	if (max >= 0)
		size = min(size, (u32)max);
	return max((int)size * 2, min);
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

static int set_linger(struct unix_sock *u, const void __user *val, int len)
{
	struct linger l;

	if (len < (int)sizeof(l))
		return -EINVAL;
	if (copy_from_user(&l, val, sizeof(l)))
		return -EFAULT;
	spin_lock(&u->lock);
	u->linger = l;
	spin_unlock(&u->lock);
	return 0;
}

static int set_buffer(struct unix_sock *u, int name, int v)
{
	if ((name == SO_SNDBUFFORCE || name == SO_RCVBUFFORCE)) {
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		v = max(v, 0);
	}
	switch (name) {
	case SO_SNDBUF:
		WRITE_ONCE(u->sndbuf, buffer_size(v, sysctl_wmem_max, SNDBUF_MIN));
		break;
	case SO_SNDBUFFORCE:
		WRITE_ONCE(u->sndbuf, buffer_size(v, -1, SNDBUF_MIN));
		break;
	case SO_RCVBUF:
		WRITE_ONCE(u->rcvbuf, buffer_size(v, sysctl_rmem_max, RCVBUF_MIN));
		return 0;
	default:
		WRITE_ONCE(u->rcvbuf, buffer_size(v, -1, RCVBUF_MIN));
		return 0;
	}
	unix_wake_writers(u);
	return 0;
}

static int set_flag(struct unix_sock *u, int name, int v)
{
	int bit = flag_of(name);

	if (bit < 0)
		return -ENOPROTOOPT;
	if (bit == UNIX_DEBUG && v && !capable(CAP_NET_ADMIN))
		return -EACCES;
	if (v)
		set_bit(bit, &u->flags);
	else
		clear_bit(bit, &u->flags);
	return 0;
}

int unix_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len)
{
	struct unix_sock *u = unix_sk(sock);
	int v;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (len < (int)sizeof(v))
		return -EINVAL;
	if (get_user(v, (const int __user *)val))
		return -EFAULT;
	switch (name) {
	case SO_LINGER:
		return set_linger(u, val, len);
	case SO_RCVTIMEO:
		return set_timeout(&u->rcvtimeo, val, len);
	case SO_SNDTIMEO:
		return set_timeout(&u->sndtimeo, val, len);
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		return set_buffer(u, name, v);
	case SO_RCVLOWAT:
		WRITE_ONCE(u->rcvlowat, v < 0 ? sysctl_int_max : v ?: 1);
		return 0;
	case SO_PRIORITY:
		if ((v < 0 || v > 6) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(u->priority, v);
		return 0;
	case SO_TYPE:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	case SO_ERROR:
		return -ENOPROTOOPT; /* to be read only */
	}
	return set_flag(u, name, v);
}

/* What an option that is one number says: 0, or -ENOPROTOOPT. */
static int get_number(struct unix_sock *u, int name, int *v)
{
	int bit = flag_of(name);

	switch (name) {
	case SO_TYPE:
		*v = u->type;
		return 0;
	case SO_DOMAIN:
		*v = AF_UNIX;
		return 0;
	case SO_PROTOCOL:
		*v = 0;
		return 0;
	case SO_ERROR:
		*v = -unix_take_error(u);
		return 0;
	case SO_ACCEPTCONN:
		*v = READ_ONCE(u->state) == UNIX_LISTEN;
		return 0;
	case SO_SNDBUF:
		*v = READ_ONCE(u->sndbuf);
		return 0;
	case SO_RCVBUF:
		*v = READ_ONCE(u->rcvbuf);
		return 0;
	case SO_RCVLOWAT:
		*v = READ_ONCE(u->rcvlowat);
		return 0;
	case SO_SNDLOWAT:
		*v = 1;
		return 0;
	case SO_PRIORITY:
		*v = READ_ONCE(u->priority);
		return 0;
	}
	if (bit < 0)
		return -ENOPROTOOPT;
	*v = test_bit(bit, &u->flags);
	return 0;
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

static int get_peercred(struct unix_sock *u, void __user *val, int len, int __user *ulen)
{
	struct ucred c = {.pid = 0, .uid = -1, .gid = -1};

	spin_lock(&u->lock);
	c.pid = u->other.pid ? pid_vnr(u->other.pid) : 0;
	if (u->other.cred) {
		c.uid = from_kuid_munged(current_user_ns(), u->other.cred->euid);
		c.gid = from_kgid_munged(current_user_ns(), u->other.cred->egid);
	}
	spin_unlock(&u->lock);
	return put_option(&c, sizeof(c), val, len, ulen);
}

/* The peer's supplementary groups: -ENODATA when there is none, -ERANGE with the size needed. */
static int get_peergroups(struct unix_sock *u, void __user *val, int len, int __user *ulen)
{
	const struct group_info *groups;
	const struct cred *cred;
	int need, err = 0, i;

	spin_lock(&u->lock);
	cred = u->other.cred ? get_cred(u->other.cred) : NULL;
	spin_unlock(&u->lock);
	if (!cred)
		return -ENODATA;
	groups = cred->group_info;
	need = groups->ngroups * (int)sizeof(gid_t);
	if (len < need) {
		err = put_user(need, ulen) ? -EFAULT : -ERANGE;
	} else {
		for (i = 0; i < groups->ngroups && !err; i++)
			err = put_user(from_kgid_munged(current_user_ns(), groups->gid[i]),
				       (gid_t __user *)val + i);
		if (!err)
			err = put_user(need, ulen);
	}
	put_cred(cred);
	return err;
}

static int get_peername(struct unix_sock *u, void __user *val, int len, int __user *ulen)
{
	struct sockaddr_storage addr;
	int n;

	spin_lock(&u->lock);
	n = u->peer ? unix_copy_addr(u->peer, &addr) : -ENOTCONN;
	spin_unlock(&u->lock);
	if (n < 0)
		return n;
	return n < len ? -EINVAL : put_option(&addr, n, val, len, ulen);
}

int unix_getsockopt(struct socket *sock, int level, int name, void __user *val, int __user *ulen)
{
	struct unix_sock *u = unix_sk(sock);
	struct linger l;
	int len, v, err;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (name) {
	case SO_PEERCRED:
		return get_peercred(u, val, len, ulen);
	case SO_PEERGROUPS:
		return get_peergroups(u, val, len, ulen);
	case SO_PEERNAME:
		return get_peername(u, val, len, ulen);
	case SO_RCVTIMEO:
		return get_timeout(READ_ONCE(u->rcvtimeo), val, len, ulen);
	case SO_SNDTIMEO:
		return get_timeout(READ_ONCE(u->sndtimeo), val, len, ulen);
	case SO_LINGER:
		spin_lock(&u->lock);
		l = u->linger;
		spin_unlock(&u->lock);
		return put_option(&l, sizeof(l), val, len, ulen);
	}
	err = get_number(u, name, &v);
	return err ? err : put_option(&v, sizeof(v), val, len, ulen);
}

static const int buf_min = SNDBUF_MIN;
#define LIMIT(nm, var, low)                                                          \
	{                                                                            \
		.procname = nm, .data = &(var), .maxlen = sizeof(int), .mode = 0644, \
		.proc_handler = proc_dointvec_minmax, .extra1 = (void *)(low),       \
		.extra2 = SYSCTL_INT_MAX,                                            \
	}

static const struct ctl_table core_table[] = {
    LIMIT("wmem_default", sysctl_wmem_default, &buf_min),
    LIMIT("wmem_max", sysctl_wmem_max, &buf_min),
    LIMIT("rmem_default", sysctl_rmem_default, &buf_min),
    LIMIT("rmem_max", sysctl_rmem_max, &buf_min),
    LIMIT("somaxconn", sysctl_somaxconn, &sysctl_zero),
    {0},
};

static const struct ctl_table unix_table[] = {
    LIMIT("max_dgram_qlen", sysctl_max_dgram_qlen, &sysctl_zero),
    {0},
};

static int unix_sysctl_init(void)
{
	int err = register_sysctl("net/core", core_table);

	return err ? err : register_sysctl("net/unix", unix_table);
}
device_initcall(unix_sysctl_init);
