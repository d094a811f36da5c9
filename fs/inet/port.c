/* SPDX-License-Identifier: MIT */
/*
 * The table of ports: who has which, who listens, who a datagram is for. A port is there as long as
 * a socket owns it. Rules: fs/inet/inet.h. Task context.
 *
 * Whether two sockets may have one port is ip(7)'s and socket(7)'s matter: not if their addresses
 * overlap, unless both have SO_REUSEADDR and neither listens, or both have SO_REUSEPORT and one
 * user.
 */
#include "inet.h"
#include <jiffy/init.h>
#include <jiffy/random.h>
#include <jiffy/slab.h>

#define BUCKET_BITS 8

static struct port_bucket {
	spinlock_t lock;
	struct hlist_head ports; /* struct inet_port; lock */
} tables[3][1 << BUCKET_BITS];

int sysctl_port_range[2] = {32768, 60999};
int sysctl_unprivileged_port = 1024;

/* Each protocol has ports of its own. */
static int table_of(int protocol)
{
	return protocol == IPPROTO_TCP ? 0 : protocol == IPPROTO_UDP ? 1 : 2;
}

static struct port_bucket *bucket_of(int protocol, const struct net *net, u16 num)
{
	unsigned long h = ((unsigned long)net ^ num) * 0x9e3779b97f4a7c15UL;

	return &tables[table_of(protocol)][h >> (64 - BUCKET_BITS)];
}

static struct inet_port *find_port(struct port_bucket *b, const struct net *net, u16 num)
{
	struct inet_port *port;

	lockdep_assert_held(&b->lock);
	hlist_for_each_entry (port, &b->ports, node)
		if (port->num == num && port->net == net)
			return port;
	return NULL;
}

/* Whether sk, by its address, takes what is sent to a; an unspecified one takes its family's. */
static bool takes(const struct inet_sock *sk, const struct in6_addr *a)
{
	const struct in6_addr *own = &sk->local.addr;

	if (!addr_is_any(own))
		return addr_equal(own, a);
	if (addr_is_v4(own))
		return addr_is_v4(a);
	return !addr_is_v4(a) || !inet_flag(sk, INET_V6ONLY);
}

static bool overlap(const struct inet_sock *a, const struct inet_sock *b)
{
	return takes(a, &b->local.addr) || takes(b, &a->local.addr);
}

static bool both(const struct inet_sock *a, const struct inet_sock *b, enum sock_opt_flag flag)
{
	return sock_opt_flag(&a->opts, flag) && sock_opt_flag(&b->opts, flag);
}

/*
 * A stream whose connection is over, or came to nothing, has no port any more, unless bind(2) gave
 * it one by its number. It stands in the table until it is closed or used anew: an end comes about
 * under locks that go after the table's.
 */
bool inet_port_is_free(const struct inet_sock *sk)
{
	return sk->type == SOCK_STREAM && READ_ONCE(sk->state) == TCP_CLOSE &&
	       READ_ONCE(sk->remote.port) && !READ_ONCE(sk->port_bound);
}

/* Bucket lock held. Addresses of the port's owners change under it. */
static bool port_conflict(const struct inet_sock *sk, const struct inet_port *port)
{
	struct inet_sock *other;

	list_for_each_entry (other, &port->socks, port_node) {
		if (other == sk || !overlap(sk, other) || inet_port_is_free(other))
			continue;
		if (both(sk, other, SOPT_REUSEPORT) && uid_eq(sk->uid, other->uid))
			continue;
		if (both(sk, other, SOPT_REUSEADDR) && list_empty(&other->listen_node))
			continue;
		return true;
	}
	return false;
}

/* Whether a stream of the port goes from src to dest already. Bucket lock held. */
static bool connected_to(const struct inet_sock *sk, const struct inet_port *port,
			 const struct inet_end *dest, const struct in6_addr *src)
{
	struct inet_sock *other;

	list_for_each_entry (other, &port->socks, port_node)
		if (other != sk && end_equal(&other->remote, dest) &&
		    addr_equal(&other->local.addr, src))
			return true;
	return false;
}

static void set_ends(struct inet_sock *sk, const struct inet_end *dest, const struct in6_addr *src)
{
	spin_lock(&sk->lock);
	sk->remote = *dest;
	sk->local.addr = *src;
	spin_unlock(&sk->lock);
}

static void add_owner(struct inet_sock *sk, struct inet_port *port, bool exclusive)
{
	sk->port = port;
	sk->port_exclusive = exclusive;
	port->bound += exclusive;
	list_add_tail(&sk->port_node, &port->socks);
	spin_lock(&sk->lock);
	sk->local.port = port->num;
	spin_unlock(&sk->lock);
}

/*
 * sk gets the port num, if it may: then *new, if it was needed for that, is NULL. shared: with
 * others that agree (bind(2) to a given number), not only when nobody has it.
 */
static bool claim(struct inet_sock *sk, u16 num, bool shared, const struct inet_end *dest,
		  const struct in6_addr *src, struct inet_port **new)
{
	struct port_bucket *b = bucket_of(sk->protocol, sk->net, num);
	struct inet_port *port;
	bool ok = true;

	spin_lock(&b->lock);
	port = find_port(b, sk->net, num);
	if (!port) {
		port = *new;
		*new = NULL;
		port->num = num;
		hlist_add_head(&port->node, &b->ports);
	} else if (dest) {
		ok = !port->bound && !connected_to(sk, port, dest, src);
	} else {
		ok = shared && !port_conflict(sk, port);
	}
	if (ok) {
		add_owner(sk, port, !dest);
		if (dest)
			set_ends(sk, dest, src);
	}
	spin_unlock(&b->lock);
	return ok;
}

static bool claim_any(struct inet_sock *sk, const struct inet_end *dest, const struct in6_addr *src,
		      struct inet_port **new)
{
	unsigned int low = READ_ONCE(sysctl_port_range[0]), high = READ_ONCE(sysctl_port_range[1]);
	unsigned int n = high >= low ? high - low + 1 : 1, start = get_random_below(n), i, num;

	for (i = 0; i < n; i++) {
		num = low + (start + i) % n;
		/* A socket is connected to itself only by who bound it there. */
		if (dest && num == dest->port && addr_equal(&dest->addr, src))
			continue;
		if (claim(sk, num, false, dest, src, new))
			return true;
	}
	return false;
}

int inet_get_port(struct inet_sock *sk, u16 num, const struct inet_end *dest,
		  const struct in6_addr *src)
{
	struct inet_port *new = kzalloc(sizeof(*new), GFP_KERNEL);
	bool ok;

	lockdep_assert_held(&sk->iolock);
	if (!new)
		return -ENOMEM;
	new->net = sk->net;
	INIT_LIST_HEAD(&new->socks);
	INIT_LIST_HEAD(&new->listeners);
	ok = num ? claim(sk, num, true, dest, src, &new) : claim_any(sk, dest, src, &new);
	kfree(new);
	return ok ? 0 : dest ? -EADDRNOTAVAIL : -EADDRINUSE;
}

int inet_autobind_locked(struct inet_sock *sk)
{
	int err = 0;

	lockdep_assert_held(&sk->iolock);
	if (!sk->port)
		err = inet_get_port(sk, 0, NULL, NULL);
	return err == -EADDRINUSE ? -EAGAIN : err;
}

int inet_autobind(struct inet_sock *sk)
{
	int err;

	if (READ_ONCE(sk->port))
		return 0;
	mutex_lock(&sk->iolock);
	err = inet_autobind_locked(sk);
	mutex_unlock(&sk->iolock);
	return err;
}

spinlock_t *inet_lock_bucket(const struct inet_sock *sk)
{
	struct port_bucket *b = bucket_of(sk->protocol, sk->net, sk->port->num);

	spin_lock(&b->lock);
	return &b->lock;
}

void inet_put_port(struct inet_sock *sk)
{
	struct inet_port *port = sk->port;
	spinlock_t *bucket;

	if (!port)
		return;
	bucket = inet_lock_bucket(sk);
	list_del_init(&sk->port_node);
	list_del_init(&sk->listen_node);
	port->bound -= sk->port_exclusive;
	WRITE_ONCE(sk->port, NULL);
	if (list_empty(&port->socks))
		hlist_del(&port->node);
	else
		port = NULL;
	spin_unlock(bucket);
	kfree(port);
}

int inet_listen_port(struct inet_sock *sk)
{
	spinlock_t *bucket = inet_lock_bucket(sk);
	int err = 0;

	lockdep_assert_held(&sk->iolock);
	if (port_conflict(sk, sk->port))
		err = -EADDRINUSE;
	else
		list_add_tail(&sk->listen_node, &sk->port->listeners);
	spin_unlock(bucket);
	return err;
}

void inet_unlisten_port(struct inet_sock *sk)
{
	spinlock_t *bucket = inet_lock_bucket(sk);

	list_del_init(&sk->listen_node);
	spin_unlock(bucket);
}

int inet_set_remote(struct inet_sock *sk, const struct inet_end *dest, const struct in6_addr *src)
{
	spinlock_t *bucket = inet_lock_bucket(sk);
	int err = 0;

	lockdep_assert_held(&sk->iolock);
	if (sk->type == SOCK_STREAM && dest->port && connected_to(sk, sk->port, dest, src))
		err = -EADDRNOTAVAIL;
	else
		set_ends(sk, dest, src);
	spin_unlock(bucket);
	return err;
}

/* How well sk's own address fits one that it takes: the more exactly, the better. */
static int fit(const struct inet_sock *sk, const struct in6_addr *a)
{
	if (!takes(sk, a))
		return -1;
	return addr_is_any(&sk->local.addr) ? addr_is_v4(&sk->local.addr) == addr_is_v4(a) : 2;
}

/*
 * Of several that fit equally well and share by SO_REUSEPORT, the one that src's port falls to:
 * the n'th that was met replaces the choice when the number drawn for it is 0 of n.
 */
static bool falls_to(unsigned int n, const struct inet_end *src)
{
	u32 h = (src->port + n * 0x9e3779b9u) * 0x85ebca6bu;

	return (h ^ h >> 16) % n == 0;
}

struct inet_sock *inet_find_listener(struct net *net, const struct inet_end *dest,
				     const struct inet_end *src, spinlock_t **bucket)
{
	struct port_bucket *b = bucket_of(IPPROTO_TCP, net, dest->port);
	struct inet_sock *sk, *best = NULL;
	struct inet_port *port;
	int score = -1, n = 0;

	spin_lock(&b->lock);
	port = find_port(b, net, dest->port);
	if (port) {
		list_for_each_entry (sk, &port->listeners, listen_node) {
			int f = fit(sk, &dest->addr);

			if (f < 0 || f < score)
				continue;
			n = f > score ? 1 : n + 1;
			if (falls_to(n, src))
				best = sk;
			score = f;
		}
	}
	if (best)
		*bucket = &b->lock;
	else
		spin_unlock(&b->lock);
	return best;
}

void inet_share_port(struct inet_sock *child, struct inet_sock *listener)
{
	lockdep_assert_held(&bucket_of(IPPROTO_TCP, listener->net, listener->port->num)->lock);
	child->port = listener->port;
	child->port_exclusive = true;
	child->port->bound++;
	list_add_tail(&child->port_node, &child->port->socks);
}

/* The same for datagrams: a socket with another end takes from there alone, and rather. -1: no. */
static int dgram_fit(const struct inet_sock *sk, const struct inet_end *dest,
		     const struct inet_end *src)
{
	int f = fit(sk, &dest->addr);

	if (f < 0 || !sk->remote.port)
		return f;
	return end_equal(&sk->remote, src) ? f + 4 : -1;
}

struct inet_sock *inet_find_receiver(const struct inet_sock *from, const struct inet_end *dest,
				     const struct inet_end *src)
{
	struct port_bucket *b = bucket_of(from->protocol, from->net, dest->port);
	struct inet_sock *sk, *best = NULL;
	struct inet_port *port;
	int score = -1, n = 0;

	spin_lock(&b->lock);
	port = find_port(b, from->net, dest->port);
	if (port) {
		list_for_each_entry (sk, &port->socks, port_node) {
			int f = dgram_fit(sk, dest, src);

			if (f < 0 || f < score)
				continue;
			/* Without SO_REUSEPORT the one that was bound last has it all. */
			n = f > score ? 1 : n + 1;
			if (!sock_opt_flag(&sk->opts, SOPT_REUSEPORT) || falls_to(n, src))
				best = sk;
			score = f;
		}
	}
	if (best)
		inet_get(best);
	spin_unlock(&b->lock);
	return best;
}

struct inet_sock *inet_nth_receiver(const struct inet_sock *from, const struct inet_end *dest,
				    const struct inet_end *src, unsigned int n)
{
	struct port_bucket *b = bucket_of(from->protocol, from->net, dest->port);
	struct inet_sock *sk, *found = NULL;
	struct inet_port *port;

	spin_lock(&b->lock);
	port = find_port(b, from->net, dest->port);
	if (port) {
		list_for_each_entry (sk, &port->socks, port_node) {
			if (dgram_fit(sk, dest, src) < 0 || n--)
				continue;
			found = inet_get(sk);
			break;
		}
	}
	spin_unlock(&b->lock);
	return found;
}

void inet_for_each(struct net *net, int protocol, void (*show)(struct inet_sock *sk, void *arg),
		   void *arg)
{
	struct port_bucket *b = tables[table_of(protocol)];
	struct inet_port *port;
	struct inet_sock *sk;
	unsigned int i;

	for (i = 0; i < 1 << BUCKET_BITS; i++, b++) {
		spin_lock(&b->lock);
		hlist_for_each_entry (port, &b->ports, node)
			if (port->net == net)
				list_for_each_entry (sk, &port->socks, port_node)
					show(sk, arg);
		spin_unlock(&b->lock);
	}
}

bool inet_may_bind(const struct net *net, u16 port)
{
	return !port || port >= READ_ONCE(sysctl_unprivileged_port) ||
	       ns_capable(net->user_ns, CAP_NET_BIND_SERVICE);
}

static int port_init(void)
{
	unsigned int i;

	for (i = 0; i < 1 << BUCKET_BITS; i++) {
		spin_lock_init(&tables[0][i].lock);
		spin_lock_init(&tables[1][i].lock);
		spin_lock_init(&tables[2][i].lock);
	}
	return 0;
}
subsys_initcall(port_init);
