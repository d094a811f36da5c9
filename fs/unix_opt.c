/* SPDX-License-Identifier: MIT */
/*
 * Options of unix domain sockets at SOL_SOCKET (socket(7), unix(7)): those of the peer here, the
 * rest in socket_opt.c; and the limit under /proc/sys/net/unix. Task context.
 */
#include "unix.h"
#include <arch/uaccess.h>
#include <jiffy/init.h>
#include <jiffy/sysctl.h>

int sysctl_max_dgram_qlen = 10; /* messages that a datagram socket's queue takes from strangers */

int unix_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len)
{
	struct unix_sock *u = unix_sk(sock);
	int err;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	err = sock_set_option(&u->opts, name, val, len);
	if (!err && (name == SO_SNDBUF || name == SO_SNDBUFFORCE))
		unix_wake_writers(u); /* there may be room now */
	return err;
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
	return sock_put_option(&c, sizeof(c), val, len, ulen);
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
	return n < len ? -EINVAL : sock_put_option(&addr, n, val, len, ulen);
}

int unix_getsockopt(struct socket *sock, int level, int name, void __user *val, int __user *ulen)
{
	struct unix_sock *u = unix_sk(sock);
	int len, v;

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
	case SO_ERROR:
		v = -unix_take_error(u);
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	case SO_ACCEPTCONN:
		v = READ_ONCE(u->state) == UNIX_LISTEN;
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	}
	return sock_get_option(&u->opts, sock, name, val, len, ulen);
}

static const struct ctl_table unix_table[] = {
    {
	.procname = "max_dgram_qlen",
	.data = &sysctl_max_dgram_qlen,
	.maxlen = sizeof(int),
	.mode = 0644,
	.proc_handler = proc_dointvec_minmax,
	.extra1 = (void *)&sysctl_zero,
	.extra2 = SYSCTL_INT_MAX,
    },
    {0},
};

static int unix_sysctl_init(void)
{
	return register_sysctl("net/unix", unix_table);
}
device_initcall(unix_sysctl_init);
