/* SPDX-License-Identifier: MIT */
/*
 * The options at SOL_SOCKET that mean the same in every family (socket(7)), and the limits under
 * /proc/sys/net/core. Task context; no lock, as socket_opt.h has it.
 */
#include "socket_opt.h"
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/sched.h>
#include <jiffy/sysctl.h>

int sysctl_somaxconn = SOMAXCONN;
int sysctl_wmem_default = 212992, sysctl_wmem_max = 212992;
int sysctl_rmem_default = 212992, sysctl_rmem_max = 212992;

#define SNDBUF_MIN 4608
#define RCVBUF_MIN 2304

void sock_opts_init(struct sock_opts *o)
{
	*o = (struct sock_opts){
	    .sndbuf = READ_ONCE(sysctl_wmem_default),
	    .rcvbuf = READ_ONCE(sysctl_rmem_default),
	    .rcvlowat = 1,
	    .rcvtimeo = MAX_SCHEDULE_TIMEOUT,
	    .sndtimeo = MAX_SCHEDULE_TIMEOUT,
	};
}

/* Options that are on or off and their bit; -1: none. */
static int flag_of(int name)
{
	switch (name) {
	case SO_PASSCRED:
		return SOPT_PASSCRED;
	case SO_PASSSEC:
		return SOPT_PASSSEC;
	case SO_TIMESTAMP:
		return SOPT_TIMESTAMP;
	case SO_OOBINLINE:
		return SOPT_OOBINLINE;
	case SO_KEEPALIVE:
		return SOPT_KEEPALIVE;
	case SO_REUSEADDR:
		return SOPT_REUSEADDR;
	case SO_REUSEPORT:
		return SOPT_REUSEPORT;
	case SO_BROADCAST:
		return SOPT_BROADCAST;
	case SO_DONTROUTE:
		return SOPT_DONTROUTE;
	case SO_DEBUG:
		return SOPT_DEBUG;
	}
	return -1;
}

/* ---- setting ---- */

static void assign_flag(struct sock_opts *o, int bit, bool on)
{
	if (on)
		set_bit(bit, &o->flags);
	else
		clear_bit(bit, &o->flags);
}

static int set_flag(struct sock_opts *o, int name, int v)
{
	int bit = flag_of(name);

	if (bit < 0)
		return -ENOPROTOOPT;
	if (bit == SOPT_DEBUG && v && !capable(CAP_NET_ADMIN))
		return -EACCES;
	assign_flag(o, bit, v);
	return 0;
}

/* The kernel takes twice what was asked for, and tells so: room for its own structures. */
static int buffer_size(int asked, int max, int min)
{
	u32 size = min((u32)asked, (u32)(sysctl_int_max / 2));

	if (max >= 0)
		size = min(size, (u32)max);
	return max((int)size * 2, min);
}

static int set_buffer(struct sock_opts *o, int name, int v)
{
	if ((name == SO_SNDBUFFORCE || name == SO_RCVBUFFORCE)) {
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		v = max(v, 0);
	}
	switch (name) {
	case SO_SNDBUF:
		WRITE_ONCE(o->sndbuf, buffer_size(v, READ_ONCE(sysctl_wmem_max), SNDBUF_MIN));
		break;
	case SO_SNDBUFFORCE:
		WRITE_ONCE(o->sndbuf, buffer_size(v, -1, SNDBUF_MIN));
		break;
	case SO_RCVBUF:
		WRITE_ONCE(o->rcvbuf, buffer_size(v, READ_ONCE(sysctl_rmem_max), RCVBUF_MIN));
		break;
	default:
		WRITE_ONCE(o->rcvbuf, buffer_size(v, -1, RCVBUF_MIN));
	}
	return 0;
}

static int set_timeout(long *timeo, const void __user *val, int len)
{
	s64 tv[2]; /* struct timeval: seconds, microseconds */

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

/* Switched off, the time is left as it was. */
static int set_linger(struct sock_opts *o, const void __user *val, int len)
{
	struct linger l;

	if (len < (int)sizeof(l))
		return -EINVAL;
	if (copy_from_user(&l, val, sizeof(l)))
		return -EFAULT;
	if (l.l_onoff)
		WRITE_ONCE(o->linger, l.l_linger);
	assign_flag(o, SOPT_LINGER, l.l_onoff);
	return 0;
}

int sock_set_option(struct sock_opts *o, int name, const void __user *val, int len)
{
	int v;

	if (len < (int)sizeof(v))
		return -EINVAL;
	if (get_user(v, (const int __user *)val))
		return -EFAULT;
	switch (name) {
	case SO_LINGER:
		return set_linger(o, val, len);
	case SO_RCVTIMEO:
		return set_timeout(&o->rcvtimeo, val, len);
	case SO_SNDTIMEO:
		return set_timeout(&o->sndtimeo, val, len);
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		return set_buffer(o, name, v);
	case SO_RCVLOWAT:
		WRITE_ONCE(o->rcvlowat, v < 0 ? sysctl_int_max : v ?: 1);
		return 0;
	case SO_PRIORITY:
		if ((v < 0 || v > 6) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(o->priority, v);
		return 0;
	}
	return set_flag(o, name, v);
}

/* ---- getting ---- */

int sock_put_option(const void *data, int size, void __user *val, int len, int __user *ulen)
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
	return sock_put_option(tv, sizeof(tv), val, len, ulen);
}

/* What an option that is one number says: 0, or -ENOPROTOOPT. */
static int get_number(const struct sock_opts *o, const struct socket *sock, int name, int *v)
{
	int bit = flag_of(name);

	switch (name) {
	case SO_TYPE:
		*v = sock->type;
		return 0;
	case SO_DOMAIN:
		*v = sock->family;
		return 0;
	case SO_PROTOCOL:
		*v = sock->protocol;
		return 0;
	case SO_SNDBUF:
		*v = READ_ONCE(o->sndbuf);
		return 0;
	case SO_RCVBUF:
		*v = READ_ONCE(o->rcvbuf);
		return 0;
	case SO_RCVLOWAT:
		*v = READ_ONCE(o->rcvlowat);
		return 0;
	case SO_SNDLOWAT:
		*v = 1;
		return 0;
	case SO_PRIORITY:
		*v = READ_ONCE(o->priority);
		return 0;
	}
	if (bit < 0)
		return -ENOPROTOOPT;
	*v = sock_opt_flag(o, bit);
	return 0;
}

int sock_get_option(const struct sock_opts *o, const struct socket *sock, int name,
		    void __user *val, int len, int __user *ulen)
{
	struct linger l;
	int v, err;

	switch (name) {
	case SO_RCVTIMEO:
		return get_timeout(READ_ONCE(o->rcvtimeo), val, len, ulen);
	case SO_SNDTIMEO:
		return get_timeout(READ_ONCE(o->sndtimeo), val, len, ulen);
	case SO_LINGER:
		l.l_onoff = sock_opt_flag(o, SOPT_LINGER);
		l.l_linger = READ_ONCE(o->linger);
		return sock_put_option(&l, sizeof(l), val, len, ulen);
	}
	err = get_number(o, sock, name, &v);
	return err ? err : sock_put_option(&v, sizeof(v), val, len, ulen);
}

/* ---- limits ---- */

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

static int socket_sysctl_init(void)
{
	return register_sysctl("net/core", core_table);
}
device_initcall(socket_sysctl_init);
