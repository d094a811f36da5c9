/* SPDX-License-Identifier: MIT */
/*
 * Unix domain sockets: the life of one, the table of all, and what the family registers. Rules:
 * fs/unix.h. Task context.
 *
 * The table has three parts of buckets: sockets without a name by address, abstract names by
 * their hash and the socket's type, names in the file system by inode.
 */
#include "unix.h"
#include <jiffy/bitops.h>
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/signal.h>

#define PART_BITS 8
#define PART	  (1u << PART_BITS)

static struct unix_bucket {
	spinlock_t lock;
	struct hlist_head head; /* lock */
} unix_table[3 * PART];

static struct kmem_cache *unix_cachep;

static unsigned int hash_pointer(const void *p)
{
	return ((unsigned long)p * 0x9e3779b97f4a7c15UL) >> (64 - PART_BITS);
}

static unsigned int bucket_of(const struct unix_sock *u, const struct unix_address *addr)
{
	if (!addr)
		return hash_pointer(u);
	if (addr->abstract)
		return PART + ((addr->hash ^ u->type) & (PART - 1));
	return 2 * PART + hash_pointer(d_inode(u->path.dentry));
}

/* One in u's network namespace, of u's type, that has this abstract name. */
static struct unix_sock *bucket_find(struct unix_bucket *b, const struct unix_sock *u,
				     const struct unix_address *addr)
{
	struct unix_sock *other;

	lockdep_assert_held(&b->lock);
	hlist_for_each_entry (other, &b->head, node)
		if (other->net == u->net && other->type == u->type && other->addr &&
		    other->addr->len == addr->len &&
		    !memcmp(&other->addr->name, &addr->name, addr->len))
			return other;
	return NULL;
}

/* Both buckets at once, the lower first: nobody sees the socket in neither. */
int unix_set_name(struct unix_sock *u, struct unix_address *addr)
{
	unsigned int old = u->bucket, new = bucket_of(u, addr);
	struct unix_bucket *lo = &unix_table[min(old, new)], *hi = &unix_table[max(old, new)];
	int err = 0;

	lockdep_assert_held(&u->bindlock);
	spin_lock(&lo->lock);
	if (lo != hi)
		spin_lock_nested(&hi->lock, 1);
	if (addr->abstract && bucket_find(&unix_table[new], u, addr)) {
		err = -EADDRINUSE;
	} else {
		smp_store_release(&u->addr, addr);
		hlist_del(&u->node);
		hlist_add_head(&u->node, &unix_table[new].head);
		u->bucket = new;
	}
	if (lo != hi)
		spin_unlock(&hi->lock);
	spin_unlock(&lo->lock);
	return err;
}

static void unix_unhash(struct unix_sock *u)
{
	struct unix_bucket *b = &unix_table[u->bucket];

	spin_lock(&b->lock);
	hlist_del_init(&u->node);
	spin_unlock(&b->lock);
}

struct unix_sock *unix_find_abstract(const struct unix_sock *u, const struct unix_address *addr)
{
	struct unix_bucket *b = &unix_table[bucket_of(u, addr)];
	struct unix_sock *found;

	spin_lock(&b->lock);
	found = bucket_find(b, u, addr);
	if (found)
		unix_get(found);
	spin_unlock(&b->lock);
	return found;
}

struct unix_sock *unix_find_inode(const struct inode *inode)
{
	struct unix_bucket *b = &unix_table[2 * PART + hash_pointer(inode)];
	struct unix_sock *u, *found = NULL;

	spin_lock(&b->lock);
	hlist_for_each_entry (u, &b->head, node) {
		if (u->path.dentry && d_inode(u->path.dentry) == inode) {
			found = unix_get(u);
			break;
		}
	}
	spin_unlock(&b->lock);
	return found;
}

struct unix_sock *unix_alloc(short type, struct net *net)
{
	struct unix_sock *u = kmem_cache_zalloc(unix_cachep, GFP_KERNEL);
	struct unix_bucket *b;

	if (!u)
		return NULL;
	u->type = type;
	u->net = get_net(net);
	refcount_set(&u->refcnt, 1);
	mutex_init(&u->iolock);
	mutex_init(&u->bindlock);
	spin_lock_init(&u->lock);
	INIT_LIST_HEAD(&u->queue);
	INIT_LIST_HEAD(&u->accept_q);
	INIT_LIST_HEAD(&u->accept_node);
	INIT_LIST_HEAD(&u->gc_node);
	u->backlog = sysctl_max_dgram_qlen;
	atomic_set(&u->wmem, 1);
	sock_opts_init(&u->opts);
	init_waitqueue_head(&u->rd_wait);
	init_waitqueue_head(&u->wr_wait);
	init_waitqueue_head(&u->peer_wait);
	init_waitqueue_func_entry(&u->peer_wake, unix_peer_wake_relay);
	u->bucket = bucket_of(u, NULL);
	b = &unix_table[u->bucket];
	spin_lock(&b->lock);
	hlist_add_head(&u->node, &b->head);
	spin_unlock(&b->lock);
	return u;
}

void unix_free_rcu(struct rcu_head *head)
{
	struct unix_sock *u = container_of(head, struct unix_sock, rcu);

	unix_ids_put(&u->own);
	unix_ids_put(&u->other);
	unix_address_put(u->addr);
	put_net(u->net);
	kmem_cache_free(unix_cachep, u);
}

void unix_put(struct unix_sock *u)
{
	/* Messages of its on other queues may still count on wmem: the last one frees it then. */
	if (refcount_dec_and_test(&u->refcnt) && !atomic_sub_return(1, &u->wmem))
		call_rcu(&u->rcu, unix_free_rcu);
}

void unix_lock_two(struct unix_sock *a, struct unix_sock *b)
{
	if (a > b)
		swap(a, b);
	if (a && a != b)
		spin_lock(&a->lock);
	spin_lock_nested(&b->lock, a && a != b);
}

void unix_unlock_two(struct unix_sock *a, struct unix_sock *b)
{
	if (a && a != b)
		spin_unlock(&a->lock);
	if (b)
		spin_unlock(&b->lock);
}

void unix_ids_set_current(struct unix_ids *ids)
{
	unix_ids_put(ids);
	ids->pid = get_pid(task_tgid(current));
	ids->cred = get_current_cred();
}

void unix_ids_copy(struct unix_ids *to, const struct unix_ids *from)
{
	unix_ids_put(to);
	to->pid = get_pid(from->pid);
	to->cred = from->cred ? get_cred(from->cred) : NULL;
}

void unix_ids_put(struct unix_ids *ids)
{
	put_pid(ids->pid);
	if (ids->cred)
		put_cred(ids->cred);
	*ids = (struct unix_ids){0};
}

int unix_take_error(struct unix_sock *u)
{
	return likely(!READ_ONCE(u->err)) ? 0 : -xchg(&u->err, 0);
}

void unix_wake_readers(struct unix_sock *u, __poll_t events)
{
	sock_wake_readers(&u->rd_wait, &u->socket, events);
}

void unix_wake_writers(struct unix_sock *u)
{
	sock_wake_writers(&u->wr_wait, &u->socket);
}

void unix_wake_state(struct unix_sock *u)
{
	sock_wake_all(&u->rd_wait);
	sock_wake_all(&u->wr_wait);
	sock_wake_all(&u->peer_wait);
	sock_sigio(&u->socket, POLL_IN);
}

/* The other end of a connection learns of the end of this one. */
static void tell_peer(struct unix_sock *u, struct unix_sock *peer, bool lost)
{
	if (unix_connection_based(u)) {
		spin_lock(&peer->lock);
		WRITE_ONCE(peer->shutdown, SHUTDOWN_MASK);
		if (lost)
			WRITE_ONCE(peer->err, ECONNRESET);
		spin_unlock(&peer->lock);
		unix_wake_state(peer);
	}
	unix_put(peer);
}

void unix_release_sock(struct unix_sock *u, bool embryo)
{
	struct unix_msg *m, *next_msg;
	struct unix_sock *peer, *e, *next_end;
	struct path path;
	LIST_HEAD(queue);
	LIST_HEAD(accept_q);
	bool lost;

	unix_unhash(u);
	spin_lock(&u->lock);
	WRITE_ONCE(u->socket, NULL);
	WRITE_ONCE(u->shutdown, SHUTDOWN_MASK);
	WRITE_ONCE(u->state, UNIX_CLOSE);
	WRITE_ONCE(u->dead, true);
	path = u->path;
	u->path = (struct path){0};
	peer = u->peer;
	WRITE_ONCE(u->peer, NULL);
	if (peer)
		unix_peer_wake_disconnect(u, peer);
	list_splice_init(&u->queue, &queue);
	list_splice_init(&u->accept_q, &accept_q);
	u->qlen = u->accept_len = 0;
	lost = embryo || !list_empty(&queue);
	u->oob = NULL;
	spin_unlock(&u->lock);
	unix_wake_state(u);
	if (peer)
		tell_peer(u, peer, lost);
	list_for_each_entry_safe (m, next_msg, &queue, node)
		unix_msg_free(m);
	list_for_each_entry_safe (e, next_end, &accept_q, accept_node) {
		list_del_init(&e->accept_node);
		unix_release_sock(e, true);
	}
	if (path.dentry)
		path_put(&path);
	unix_put(u);
}

static int unix_release(struct socket *sock)
{
	struct unix_sock *u = unix_sk(sock);

	if (!u)
		return 0;
	sock->sk = NULL;
	unix_release_sock(u, false);
	unix_gc();
	return 0;
}

static void unix_show_fdinfo(struct seq_file *m, struct socket *sock)
{
	struct unix_sock *u = unix_sk(sock);
	struct unix_msg *msg;
	unsigned int fds = 0;

	spin_lock(&u->lock);
	list_for_each_entry (msg, &u->queue, node)
		if (msg->scm.fp)
			fds += msg->scm.fp->count;
	spin_unlock(&u->lock);
	seq_printf(m, "scm_fds: %u\n", fds);
}

/* Field by field what proc(5) names, the state as a socket's own (SS_*) number. */
static void unix_show_one(struct seq_file *m, struct unix_sock *u)
{
	struct socket *sock;
	int state;

	spin_lock(&u->lock);
	sock = u->socket;
	if (u->state == UNIX_ESTABLISHED || (u->type == SOCK_DGRAM && u->peer))
		state = sock ? 3 : 2;
	else
		state = sock ? 1 : 4;
	seq_printf(m, "%p: %08X %08X %08X %04X %02X %5lu", sock_shown_as(m, u),
		   refcount_read(&u->refcnt), 0, u->state == UNIX_LISTEN ? 0x10000 : 0, u->type,
		   state, sock && sock->file ? file_inode(sock->file)->i_ino : 0UL);
	spin_unlock(&u->lock);
	if (u->addr) {
		int n = u->addr->len - (int)offsetof(struct sockaddr_un, sun_path), i = 0;

		seq_putc(m, ' ');
		if (u->addr->abstract) {
			seq_putc(m, '@');
			i++;
		} else {
			n--;
		}
		for (; i < n; i++)
			seq_putc(m, u->addr->name.sun_path[i] ?: '@');
	}
	seq_putc(m, '\n');
}

static int unix_proc_show(struct seq_file *m, void *v)
{
	struct unix_sock *u;
	unsigned int i;

	seq_puts(m, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	for (i = 0; i < ARRAY_SIZE(unix_table); i++) {
		spin_lock(&unix_table[i].lock);
		hlist_for_each_entry (u, &unix_table[i].head, node)
			if (u->net == current->nsproxy->net_ns)
				unix_show_one(m, u);
		spin_unlock(&unix_table[i].lock);
	}
	return 0;
}

static const struct proto_ops unix_stream_ops = {
    .family = AF_UNIX,
    .release = unix_release,
    .flush = unix_flush,
    .bind = unix_bind,
    .connect = unix_stream_connect,
    .socketpair = unix_socketpair,
    .accept = unix_accept,
    .getname = unix_getname,
    .poll = unix_poll,
    .ioctl = unix_ioctl,
    .listen = unix_listen,
    .shutdown = unix_shutdown,
    .setsockopt = unix_setsockopt,
    .getsockopt = unix_getsockopt,
    .sendmsg = unix_stream_sendmsg,
    .recvmsg = unix_stream_recvmsg,
    .show_fdinfo = unix_show_fdinfo,
};

static const struct proto_ops unix_dgram_ops = {
    .family = AF_UNIX,
    .release = unix_release,
    .flush = unix_flush,
    .bind = unix_bind,
    .connect = unix_dgram_connect,
    .socketpair = unix_socketpair,
    .getname = unix_getname,
    .poll = unix_dgram_poll,
    .ioctl = unix_ioctl,
    .shutdown = unix_shutdown,
    .setsockopt = unix_setsockopt,
    .getsockopt = unix_getsockopt,
    .sendmsg = unix_dgram_sendmsg,
    .recvmsg = unix_dgram_recvmsg,
    .show_fdinfo = unix_show_fdinfo,
};

static const struct proto_ops unix_seqpacket_ops = {
    .family = AF_UNIX,
    .release = unix_release,
    .flush = unix_flush,
    .bind = unix_bind,
    .connect = unix_stream_connect,
    .socketpair = unix_socketpair,
    .accept = unix_accept,
    .getname = unix_getname,
    .poll = unix_dgram_poll,
    .ioctl = unix_ioctl,
    .listen = unix_listen,
    .shutdown = unix_shutdown,
    .setsockopt = unix_setsockopt,
    .getsockopt = unix_getsockopt,
    .sendmsg = unix_seqpacket_sendmsg,
    .recvmsg = unix_seqpacket_recvmsg,
    .show_fdinfo = unix_show_fdinfo,
};

static int unix_create(struct socket *sock, int protocol, bool kern)
{
	struct unix_sock *u;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	sock->protocol = 0; /* by either name */
	switch (sock->type) {
	case SOCK_STREAM:
		sock->ops = &unix_stream_ops;
		break;
	case SOCK_RAW: /* datagrams by an old name: unix(7) */
		sock->type = SOCK_DGRAM;
		sock->ops = &unix_dgram_ops;
		break;
	case SOCK_DGRAM:
		sock->ops = &unix_dgram_ops;
		break;
	case SOCK_SEQPACKET:
		sock->ops = &unix_seqpacket_ops;
		break;
	default:
		return -ESOCKTNOSUPPORT;
	}
	u = unix_alloc(sock->type, current->nsproxy->net_ns);
	if (!u)
		return -ENOMEM;
	u->socket = sock;
	sock->sk = u;
	return 0;
}

static const struct net_proto_family unix_family = {
    .family = AF_UNIX,
    .create = unix_create,
};

static int unix_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unix_table); i++)
		spin_lock_init(&unix_table[i].lock);
	unix_cachep = KMEM_CACHE(unix_sock, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	return sock_register(&unix_family);
}
fs_initcall(unix_init);

static int unix_proc_init(void)
{
	struct proc_dir_entry *net = proc_mkdir("net", NULL);

	return net && proc_create_single("unix", 0, net, unix_proc_show) ? 0 : -ENOMEM;
}
device_initcall(unix_proc_init);
