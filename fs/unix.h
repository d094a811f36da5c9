/* SPDX-License-Identifier: MIT */
/*
 * Unix domain sockets, inside: the socket, its messages, what travels beside the bytes. For
 * fs/unix_*.c only; task context throughout. unix(7) and socket(7) say what a user sees.
 *
 * Serialization rules
 *	iolock		(mutex) of the reader: one takes messages off at a time, so that a stream
 *			stays in order; sleeps and copies under it, never waits for a peer under it
 *	bindlock	(mutex) giving a socket its name; before every lock of the VFS
 *	unix_gc_lock	how often a socket is in flight (inflight, gc_*), the list of those
 *	lock		queue, accept_q, oob, state, shutdown, peer, socket, ucreds
 *	bucket locks	the table of all sockets (node, bucket)
 * Order: bindlock, iolock; unix_gc_lock, lock (two of them: by address, or a listener before an
 * end that waits in its accept_q), wait queue. Bucket locks nest outside lock.
 *
 * What needs no lock: the peer of a connected stream or packet socket is set once and is let go
 * by the socket's own release only, when no call is inside. addr is set once. The sender's
 * account wmem is atomic and counts one for the socket itself: as long as a message of its is
 * on some queue, the structure stays, so that the message finds the account to give back to.
 */
#ifndef FS_UNIX_H
#define FS_UNIX_H

#include <jiffy/atomic.h>
#include <jiffy/cred.h>
#include <jiffy/ktime.h>
#include <jiffy/list.h>
#include <jiffy/mutex.h>
#include <jiffy/pid.h>
#include <jiffy/nsproxy.h>
#include <jiffy/refcount.h>
#include <jiffy/socket.h>
#include <jiffy/spinlock.h>
#include <uapi/un.h>

#include "socket_calls.h"
#include "socket_opt.h"

/* What a socket that receives or sends is, seen from connect(2). */
enum unix_state { UNIX_CLOSE, UNIX_LISTEN, UNIX_ESTABLISHED };

/* unix_sock.shutdown: the same bits as 1 + SHUT_*. */
#define RCV_SHUTDOWN  1
#define SEND_SHUTDOWN 2
#define SHUTDOWN_MASK 3

struct unix_address {
	refcount_t refcnt;
	int len;       /* with the family */
	bool abstract; /* in the abstract name space: sun_path[0] is 0 */
	u32 hash;      /* of the name, for abstract ones */
	struct sockaddr_un name;
	char end; /* sun_path may have no NUL */
};

/* Who a socket was when it was connected, or when it began to listen: SO_PEERCRED. */
struct unix_ids {
	struct pid *pid;	 /* thread group */
	const struct cred *cred; /* NULL: nobody */
};

struct unix_sock {
	/* fixed */
	short type;
	struct net *net; /* where its abstract name is known; referenced */
	refcount_t refcnt;
	struct mutex iolock, bindlock;
	struct rcu_head rcu;

	/* set once */
	struct unix_address *addr; /* smp_load_acquire() without lock */
	struct path path;	   /* of a name in the file system */

	spinlock_t lock;
	struct list_head queue;	      /* struct unix_msg, oldest first */
	unsigned int qlen;	      /* of them */
	struct list_head accept_q;    /* ends of connections that nobody has accepted yet */
	struct list_head accept_node; /* on a listener's accept_q */
	unsigned int accept_len, backlog;
	struct unix_msg *oob; /* the urgent byte, on queue too */
	enum unix_state state;
	unsigned int shutdown;
	bool dead;
	struct unix_sock *peer; /* with a reference */
	struct socket *socket;	/* NULL: not accepted yet, or released; RCU to read */
	struct unix_ids own, other;

	/* atomic */
	atomic_t wmem; /* bytes sent and not yet received, plus one for the socket */
	int err;       /* xchg() takes it: SO_ERROR */

	struct sock_opts opts;

	wait_queue_head_t rd_wait;   /* for messages, connections */
	wait_queue_head_t wr_wait;   /* for wmem to fall */
	wait_queue_head_t peer_wait; /* others, for room in our queue or backlog */
	/* On a full peer's peer_wait while somebody polls us; peer's queue lock. */
	wait_queue_entry_t peer_wake;
	struct unix_sock *peer_wake_on; /* whose queue that is; lock */

	struct hlist_node node; /* bucket lock */
	unsigned int bucket;

	/* unix_gc_lock */
	struct list_head gc_node;
	long inflight; /* messages that carry this socket */
	long gc_count; /* of them, those whose carrier may be garbage too */
	bool gc_candidate;
};

/* Descriptors on their way. */
struct scm_fp_list {
	int count, max;
	bool inflight; /* counted */
	struct user_struct *user;
	struct file *fp[];
};

/* What goes beside the bytes. */
struct scm_cookie {
	struct scm_fp_list *fp;
	struct pid *pid; /* NULL and INVALID_UID: no ids were sent */
	kuid_t uid;
	kgid_t gid;
};

/* One allocation each: the bytes follow. */
struct unix_msg {
	struct list_head node;
	struct unix_sock *from; /* whose wmem it counts on */
	unsigned int len, off;	/* off: bytes that were read */
	unsigned int truesize;	/* what it counts */
	struct scm_cookie scm;
	char data[];
};

static inline struct unix_sock *unix_sk(struct socket *sock)
{
	return sock->sk;
}

static inline bool unix_connection_based(const struct unix_sock *u)
{
	return u->type != SOCK_DGRAM;
}

/* There is room for poll(2)'s idea of it: a quarter is used at most. */
static inline bool unix_writable(const struct unix_sock *u)
{
	return ((unsigned long)atomic_read(&u->wmem) << 2) <=
	       (unsigned int)READ_ONCE(u->opts.sndbuf);
}

static inline struct unix_sock *unix_get(struct unix_sock *u)
{
	refcount_inc(&u->refcnt);
	return u;
}

/* unix_sock.c: life and death, options of all kinds in unix_opt.c. */
struct unix_sock *unix_alloc(short type, struct net *net); /* one reference; NULL */
void unix_put(struct unix_sock *u);
/* The end of a socket that no call uses any more; embryo: nobody ever accepted it. */
void unix_release_sock(struct unix_sock *u, bool embryo);
void unix_free_rcu(struct rcu_head *head);
void unix_lock_two(struct unix_sock *a, struct unix_sock *b); /* either may be NULL or equal */
void unix_unlock_two(struct unix_sock *a, struct unix_sock *b);
void unix_ids_set_current(struct unix_ids *ids);
void unix_ids_copy(struct unix_ids *to, const struct unix_ids *from);
void unix_ids_put(struct unix_ids *ids);
/* The error that waits, taken: 0 or a negative errno. */
int unix_take_error(struct unix_sock *u);
void unix_wake_readers(struct unix_sock *u, __poll_t events); /* and SIGIO */
void unix_wake_state(struct unix_sock *u);		      /* everybody: something ended */
void unix_wake_writers(struct unix_sock *u);
/* u gets its name (and u->path, set before, its place); bindlock held. -EADDRINUSE: abstract. */
int unix_set_name(struct unix_sock *u, struct unix_address *addr);
/* Referenced, or NULL. One of u's type, in its network namespace. */
struct unix_sock *unix_find_abstract(const struct unix_sock *u, const struct unix_address *addr);
struct unix_sock *unix_find_inode(const struct inode *inode);

/* unix_name.c */
int unix_bind(struct socket *sock, struct sockaddr_storage *addr, int len);
int unix_autobind(struct unix_sock *u); /* 0 when it has a name */
int unix_getname(struct socket *sock, struct sockaddr_storage *addr, int peer);
int unix_copy_addr(struct unix_sock *u, struct sockaddr_storage *addr); /* its length */
int unix_validate_addr(const struct sockaddr_storage *addr, int len);
/*
 * The socket that u, which is of the same type, means by a name; referenced. ERR_PTR(-ECONNREFUSED,
 * -EPROTOTYPE, a path's error).
 */
struct unix_sock *unix_find_other(const struct unix_sock *u, const struct sockaddr_storage *addr,
				  int len);
void unix_address_put(struct unix_address *addr);

/* unix_connect.c */
int unix_listen(struct socket *sock, int backlog);
int unix_stream_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags);
int unix_dgram_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags);
int unix_socketpair(struct socket *a, struct socket *b);
int unix_accept(struct socket *sock, struct socket *newsock, int flags);
int unix_shutdown(struct socket *sock, int how);

/* unix_msg.c: messages. */
/*
 * A message with room for len bytes, charged to u: waits for room unless nowait.
 * ERR_PTR(-EAGAIN, -ENOBUFS, -EPIPE, -ERESTARTSYS…). scm's ids are added when either side asked.
 */
struct unix_msg *unix_msg_alloc(struct unix_sock *u, size_t len, bool nowait);
void unix_msg_free(struct unix_msg *m);
/* Moves scm (or its descriptors alone) into m, counted as in flight: 0 or -ETOOMANYREFS. */
int unix_msg_attach(struct unix_msg *m, struct scm_cookie *scm);
/* Before the message is queued at `to`: the sender's ids, if either end wants them. */
void unix_msg_add_ids(struct unix_msg *m, struct unix_sock *from, struct unix_sock *to);
/* A message that was read leaves queue; other->lock held. */
void unix_msg_queue(struct unix_sock *u, struct unix_msg *m);	/* u->lock held */
void unix_msg_unqueue(struct unix_sock *u, struct unix_msg *m); /* u->lock held */

/* unix_scm.c: control messages. */
int scm_send(struct msghdr *msg, struct scm_cookie *scm); /* parses msg_control_kern */
void scm_destroy(struct scm_cookie *scm);
/* To the receiver's control buffer; consumes scm. */
void scm_recv(struct unix_sock *u, struct msghdr *msg, struct scm_cookie *scm, int flags);
/* References to a queued message's descriptors, for MSG_PEEK: NULL without memory or if none. */
struct scm_fp_list *scm_fp_dup(struct scm_fp_list *fpl);
void scm_fp_free(struct scm_fp_list *fpl);

/* unix_gc.c */
int unix_inflight(struct scm_fp_list *fpl); /* -ETOOMANYREFS */
void unix_notinflight(struct scm_fp_list *fpl);
/* A peek duplicates descriptors: not while the collector decides. */
void unix_gc_barrier(void);
void unix_gc(void);
/* A descriptor of a socket that is in flight is being closed: it may have been the last. */
void unix_flush(struct socket *sock);

/* unix_stream.c, unix_dgram.c */
ssize_t unix_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t unix_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
ssize_t unix_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t unix_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
ssize_t unix_seqpacket_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t unix_seqpacket_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
/* A datagram socket lets its peer go: what came from it is dropped, it learns ECONNRESET. */
void unix_dgram_disconnected(struct unix_sock *u, struct unix_sock *other);
bool unix_recvq_full(const struct unix_sock *u);

/* unix_poll.c */
__poll_t unix_poll(struct file *file, struct socket *sock, poll_table *pt);
__poll_t unix_dgram_poll(struct file *file, struct socket *sock, poll_table *pt);
int unix_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int unix_peer_wake_relay(wait_queue_entry_t *e, unsigned int mode, int sync, void *key);
/* Takes the relay off other's queue, if it is there; u->lock held. */
void unix_peer_wake_disconnect(struct unix_sock *u, struct unix_sock *other);

/* unix_opt.c */
extern int sysctl_max_dgram_qlen;
int unix_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len);
int unix_getsockopt(struct socket *sock, int level, int name, void __user *val, int __user *len);

#endif
