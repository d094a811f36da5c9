/* SPDX-License-Identifier: MIT */
/*
 * Netlink sockets: the life of one, ports and groups, what the family registers. netlink(7). Rules:
 * netlink.h. Task context.
 */
#include "netlink.h"
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>

struct list_head netlink_socks = LIST_HEAD_INIT(netlink_socks);
DEFINE_SPINLOCK(netlink_lock);

void netlink_put(struct netlink_sock *nl)
{
	if (refcount_dec_and_test(&nl->refcnt)) {
		put_net(nl->net);
		kfree(nl);
	}
}

bool netlink_may_send(const struct netlink_sock *nl)
{
	return nl->protocol == NETLINK_USERSOCK || ns_capable(nl->net->user_ns, CAP_NET_ADMIN);
}

bool netlink_may_hear(const struct netlink_sock *nl)
{
	return nl->protocol == NETLINK_ROUTE || ns_capable(nl->net->user_ns, CAP_NET_ADMIN);
}

/* By another socket, where nl could be. */
static bool port_taken(const struct netlink_sock *nl, u32 portid)
{
	struct netlink_sock *other;

	lockdep_assert_held(&netlink_lock);
	list_for_each_entry (other, &netlink_socks, node)
		if (other->bound && netlink_reaches(nl, other) && other->portid == portid)
			return true;
	return false;
}

/* The process's id for its first socket, as libraries expect; for others what no pid is. */
static void autobind_locked(struct netlink_sock *nl)
{
	u32 portid = task_tgid_vnr(current);

	lockdep_assert_held(&netlink_lock);
	if (nl->bound)
		return;
	if (port_taken(nl, portid))
		for (portid = -4097; port_taken(nl, portid); portid--)
			;
	nl->portid = portid;
	nl->bound = true;
}

void netlink_autobind(struct netlink_sock *nl)
{
	spin_lock(&netlink_lock);
	autobind_locked(nl);
	spin_unlock(&netlink_lock);
}

static int check_address(const struct sockaddr_nl *addr, int len)
{
	return len < (int)sizeof(*addr) || addr->nl_family != AF_NETLINK ? -EINVAL : 0;
}

static int netlink_bind(struct socket *sock, struct sockaddr_storage *storage, int len)
{
	const struct sockaddr_nl *addr = (const struct sockaddr_nl *)storage;
	struct netlink_sock *nl = netlink_sk(sock);
	int err = check_address(addr, len);

	if (err)
		return err;
	if (addr->nl_groups && !netlink_may_hear(nl))
		return -EPERM;
	spin_lock(&netlink_lock);
	if (nl->bound) {
		err = addr->nl_pid != nl->portid ? -EINVAL : 0;
	} else if (!addr->nl_pid) {
		autobind_locked(nl);
	} else if (port_taken(nl, addr->nl_pid)) {
		err = -EADDRINUSE;
	} else {
		nl->portid = addr->nl_pid;
		nl->bound = true;
	}
	if (!err)
		nl->groups = addr->nl_groups;
	spin_unlock(&netlink_lock);
	return err;
}

static int netlink_connect(struct socket *sock, struct sockaddr_storage *storage, int len,
			   int flags)
{
	const struct sockaddr_nl *addr = (const struct sockaddr_nl *)storage;
	struct netlink_sock *nl = netlink_sk(sock);
	bool connect;
	int err;

	if (len < (int)sizeof(addr->nl_family))
		return -EINVAL;
	connect = addr->nl_family != AF_UNSPEC;
	if (connect) {
		err = check_address(addr, len);
		if (err)
			return err;
		if ((addr->nl_groups || addr->nl_pid) && !netlink_may_send(nl))
			return -EPERM;
	}
	spin_lock(&netlink_lock);
	if (connect)
		autobind_locked(nl);
	nl->connected = connect;
	nl->dst_portid = connect ? addr->nl_pid : 0;
	nl->dst_groups = connect ? netlink_one_group(addr) : 0;
	spin_unlock(&netlink_lock);
	return 0;
}

static int netlink_getname(struct socket *sock, struct sockaddr_storage *storage, int peer)
{
	struct sockaddr_nl *addr = (struct sockaddr_nl *)storage;
	struct netlink_sock *nl = netlink_sk(sock);

	*addr = (struct sockaddr_nl){.nl_family = AF_NETLINK};
	spin_lock(&netlink_lock);
	addr->nl_pid = peer ? nl->dst_portid : nl->portid;
	addr->nl_groups = peer ? nl->dst_groups : nl->groups;
	spin_unlock(&netlink_lock);
	return sizeof(*addr);
}

static __poll_t netlink_poll(struct file *file, struct socket *sock, poll_table *pt)
{
	struct netlink_sock *nl = netlink_sk(sock);
	__poll_t mask = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

	poll_wait(file, &nl->wait, pt);
	smp_mb(); /* on the queue before the look */
	if (READ_ONCE(nl->err))
		mask |= EPOLLERR;
	if (!list_empty(&nl->queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int netlink_shutdown(struct socket *sock, int how)
{
	return -EOPNOTSUPP;
}

static int netlink_release(struct socket *sock)
{
	struct netlink_sock *nl = netlink_sk(sock);
	struct netlink_msg *m, *next;
	LIST_HEAD(queue);

	if (!nl)
		return 0;
	sock->sk = NULL;
	spin_lock(&netlink_lock);
	list_del(&nl->node);
	spin_unlock(&netlink_lock);
	spin_lock(&nl->lock);
	nl->dead = true;
	list_splice_init(&nl->queue, &queue);
	spin_unlock(&nl->lock);
	wake_up_interruptible(&nl->senders);
	list_for_each_entry_safe (m, next, &queue, node)
		netlink_free_msg(m);
	netlink_put(nl);
	return 0;
}

static const struct proto_ops netlink_ops = {
    .family = AF_NETLINK,
    .release = netlink_release,
    .bind = netlink_bind,
    .connect = netlink_connect,
    .getname = netlink_getname,
    .poll = netlink_poll,
    .shutdown = netlink_shutdown,
    .setsockopt = netlink_setsockopt,
    .getsockopt = netlink_getsockopt,
    .sendmsg = netlink_sendmsg,
    .recvmsg = netlink_recvmsg,
};

static int netlink_create(struct socket *sock, int protocol, bool kern)
{
	static u64 last_serial;
	struct netlink_sock *nl;

	if (sock->type != SOCK_RAW && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != NETLINK_ROUTE && protocol != NETLINK_USERSOCK)
		return -EPROTONOSUPPORT;
	nl = kzalloc(sizeof(*nl), GFP_KERNEL);
	if (!nl)
		return -ENOMEM;
	refcount_set(&nl->refcnt, 1);
	nl->protocol = protocol;
	nl->net = get_net(current->nsproxy->net_ns);
	mutex_init(&nl->iolock);
	spin_lock_init(&nl->lock);
	INIT_LIST_HEAD(&nl->queue);
	init_waitqueue_head(&nl->wait);
	init_waitqueue_head(&nl->senders);
	sock_opts_init(&nl->opts);
	sock->ops = &netlink_ops;
	sock->sk = nl;
	spin_lock(&netlink_lock);
	nl->serial = ++last_serial;
	list_add_tail(&nl->node, &netlink_socks);
	spin_unlock(&netlink_lock);
	return 0;
}

static const struct net_proto_family netlink_family = {
    .family = AF_NETLINK,
    .create = netlink_create,
};

static int netlink_init(void)
{
	return sock_register(&netlink_family);
}
fs_initcall(netlink_init);
