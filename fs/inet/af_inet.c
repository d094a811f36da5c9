/* SPDX-License-Identifier: MIT */
/*
 * Internet sockets: the life of one, what they all have, what the two families register. Rules:
 * fs/inet/inet.h. Task context.
 */
#include "inet.h"
#include <jiffy/init.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>

static struct kmem_cache *inet_cachep;

/* Least, first and greatest size of a stream's buffers: tcp(7). The first is what a new one has. */
int sysctl_tcp_wmem[3] = {4096, 16384, 4194304}, sysctl_tcp_rmem[3] = {4096, 131072, 6291456};

struct inet_sock *inet_alloc(int protocol, short family, struct net *net)
{
	struct inet_sock *sk = kmem_cache_zalloc(inet_cachep, GFP_KERNEL);

	if (!sk)
		return NULL;
	sk->type = protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	sk->protocol = protocol;
	sk->family = family;
	sk->net = get_net(net);
	sk->uid = current_euid();
	refcount_set(&sk->refcnt, 1);
	mutex_init(&sk->iolock);
	spin_lock_init(&sk->lock);
	INIT_LIST_HEAD(&sk->port_node);
	INIT_LIST_HEAD(&sk->listen_node);
	INIT_LIST_HEAD(&sk->queue);
	INIT_LIST_HEAD(&sk->accept_q);
	INIT_LIST_HEAD(&sk->syn_q);
	INIT_LIST_HEAD(&sk->accept_node);
	init_waitqueue_head(&sk->rd_wait);
	init_waitqueue_head(&sk->wr_wait);
	sk->state = TCP_CLOSE;
	sk->local.addr = sk->remote.addr = addr_any(family);
	sock_opts_init(&sk->opts);
	if (protocol == IPPROTO_TCP) {
		sk->opts.sndbuf = READ_ONCE(sysctl_tcp_wmem[1]);
		sk->opts.rcvbuf = READ_ONCE(sysctl_tcp_rmem[1]);
	}
	inet_opts_init(sk);
	return sk;
}

void inet_put(struct inet_sock *sk)
{
	if (!refcount_dec_and_test(&sk->refcnt))
		return;
	put_net(sk->net);
	kmem_cache_free(inet_cachep, sk);
}

void inet_lock_two(struct inet_sock *a, struct inet_sock *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, 1);
}

void inet_unlock_two(struct inet_sock *a, struct inet_sock *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

struct inet_sock *inet_get_peer(struct inet_sock *sk)
{
	struct inet_sock *peer;

	spin_lock(&sk->lock);
	peer = sk->peer;
	if (peer)
		inet_get(peer);
	spin_unlock(&sk->lock);
	return peer;
}

int inet_take_error(struct inet_sock *sk)
{
	return likely(!READ_ONCE(sk->err)) ? 0 : -xchg(&sk->err, 0);
}

void inet_wake_readers(struct inet_sock *sk, __poll_t events)
{
	sock_wake_readers(&sk->rd_wait, &sk->socket, events);
}

void inet_wake_writers(struct inet_sock *sk)
{
	sock_wake_writers(&sk->wr_wait, &sk->socket);
}

void inet_wake_state(struct inet_sock *sk)
{
	sock_wake_all(&sk->rd_wait);
	sock_wake_all(&sk->wr_wait);
	sock_sigio(&sk->socket, POLL_IN);
}

void inet_purge(struct list_head *queue)
{
	struct inet_msg *m, *next;

	list_for_each_entry_safe (m, next, queue, node)
		kvfree(m);
	INIT_LIST_HEAD(queue);
}

void inet_put_stamp(const struct inet_sock *sk, struct msghdr *msg, ktime_t stamp)
{
	struct timespec64 ts;
	s64 tv[2]; /* struct timeval */

	if (!stamp || !sock_opt_flag(&sk->opts, SOPT_TIMESTAMP))
		return;
	ts = ns_to_timespec64(stamp);
	tv[0] = ts.tv_sec;
	tv[1] = ts.tv_nsec / NSEC_PER_USEC;
	put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP, sizeof(tv), tv);
}

struct inet_msg *inet_msg_alloc(u32 len, u32 room)
{
	size_t size = sizeof(struct inet_msg) + max(len, room);
	struct inet_msg *m =
	    size <= PAGE_SIZE ? kmalloc(size, GFP_KERNEL) : kvmalloc(size, GFP_KERNEL);

	if (!m)
		return NULL;
	m->off = 0;
	m->len = len;
	m->room = max(len, room);
	m->truesize = size;
	return m;
}

static int tcp_release(struct socket *sock)
{
	struct inet_sock *sk = inet_sk(sock);

	if (!sk)
		return 0;
	sock->sk = NULL;
	tcp_close(sk);
	return 0;
}

static int udp_release(struct socket *sock)
{
	struct inet_sock *sk = inet_sk(sock);

	if (!sk)
		return 0;
	sock->sk = NULL;
	udp_close(sk);
	return 0;
}

#define TCP_OPS(af)                                                                              \
	{                                                                                        \
		.family = af, .release = tcp_release, .bind = inet_bind, .connect = tcp_connect, \
		.accept = tcp_accept, .getname = inet_getname, .poll = tcp_poll,                 \
		.ioctl = tcp_ioctl, .listen = tcp_listen, .shutdown = tcp_shutdown,              \
		.setsockopt = inet_setsockopt, .getsockopt = inet_getsockopt,                    \
		.sendmsg = tcp_sendmsg, .recvmsg = tcp_recvmsg,                                  \
	}
#define UDP_OPS(af)                                                                              \
	{                                                                                        \
		.family = af, .release = udp_release, .bind = inet_bind, .connect = udp_connect, \
		.getname = inet_getname, .poll = udp_poll, .ioctl = udp_ioctl,                   \
		.shutdown = udp_shutdown, .setsockopt = inet_setsockopt,                         \
		.getsockopt = inet_getsockopt, .sendmsg = udp_sendmsg, .recvmsg = udp_recvmsg,   \
	}

static const struct proto_ops tcp_ops = TCP_OPS(AF_INET), tcp6_ops = TCP_OPS(AF_INET6);
static const struct proto_ops udp_ops = UDP_OPS(AF_INET), udp6_ops = UDP_OPS(AF_INET6);

static int inet_create(struct socket *sock, int protocol, bool kern)
{
	bool v6 = sock->family == AF_INET6;
	struct inet_sock *sk;

	if (protocol < 0 || protocol > 255)
		return -EINVAL;
	switch (sock->type) {
	case SOCK_STREAM:
		if (protocol && protocol != IPPROTO_TCP)
			return -EPROTONOSUPPORT;
		sock->ops = v6 ? &tcp6_ops : &tcp_ops;
		sock->protocol = IPPROTO_TCP;
		break;
	case SOCK_DGRAM:
		if (protocol && protocol != IPPROTO_UDP && protocol != IPPROTO_UDPLITE)
			return -EPROTONOSUPPORT;
		sock->ops = v6 ? &udp6_ops : &udp_ops;
		sock->protocol = protocol ?: IPPROTO_UDP;
		break;
	case SOCK_RAW: /* there are no packets to be made by hand */
		return capable(CAP_NET_RAW) ? -EPROTONOSUPPORT : -EPERM;
	default:
		return -ESOCKTNOSUPPORT;
	}
	sk = inet_alloc(sock->protocol, sock->family, current->nsproxy->net_ns);
	if (!sk)
		return -ENOBUFS;
	sk->socket = sock;
	sock->sk = sk;
	return 0;
}

static const struct net_proto_family inet_family = {.family = AF_INET, .create = inet_create};
static const struct net_proto_family inet6_family = {.family = AF_INET6, .create = inet_create};

static int inet_init(void)
{
	int err;

	inet_cachep = KMEM_CACHE(inet_sock, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	err = sock_register(&inet_family);
	return err ?: sock_register(&inet6_family);
}
fs_initcall(inet_init);
