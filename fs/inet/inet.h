/* SPDX-License-Identifier: MIT */
/*
 * Internet sockets, inside: TCP and UDP over IPv4 and IPv6 between the sockets of one machine,
 * whose only interface is lo. There is no wire and there are no packets: a send puts its bytes on
 * the receiver's queue. For fs/inet/ only; task context throughout. ip(7), ipv6(7), tcp(7), udp(7)
 * say what a user sees; docs/net.md, what follows from the missing wire.
 *
 * An address is kept as an IPv6 one, of IPv4 the mapped form (::ffff:a.b.c.d), so that a socket of
 * either family is matched against either by one rule.
 *
 * Serialization rules
 *	iolock		(mutex) of the reader: one takes bytes off the queue at a time; of whoever
 *			names, connects or disconnects the socket (and so of struct socket's
 *			state), lets waiters in at a listener, or sends parts of a datagram.
 *			Sleeps and copies under it, never waits for a peer under it
 *	bucket locks	the table of ports: who has which (port, socks, listeners), and with it a
 *			listener's life: whoever finds it under the lock may lock it
 *	lock		everything below it in struct inet_sock, and the socket's state
 * Order: iolock, bucket lock (one at a time), lock (two of them: by address; or a listener before
 * what nobody else can lock yet), wait queue.
 *
 * What needs no lock: err is taken by xchg(). READ_ONCE() of one word of those under lock, by
 * whoever looks again under it or has gone to sleep on the queue that its change wakes.
 *
 * A sender's room is one number. The first opts.rcvbuf bytes of a stream's queue stand for what the
 * receiver's window has let through, up to opts.sndbuf of the sender's more for what its send
 * buffer still holds: SIOCINQ and SIOCOUTQ tell the two apart, and a full one is when both are.
 */
#ifndef FS_INET_H
#define FS_INET_H

#include <jiffy/byteorder.h>
#include <jiffy/cred.h>
#include <jiffy/ktime.h>
#include <jiffy/list.h>
#include <jiffy/mutex.h>
#include <jiffy/nsproxy.h>
#include <jiffy/refcount.h>
#include <jiffy/socket.h>
#include <jiffy/spinlock.h>
#include <uapi/in.h>
#include <uapi/tcp.h>

#include "../socket_calls.h"
#include "../socket_opt.h"

/* inet_sock.shutdown: the same bits as 1 + SHUT_*. */
#define RCV_SHUTDOWN  1
#define SEND_SHUTDOWN 2
#define SHUTDOWN_MASK 3

#define INET_TTL 64 /* of a packet, unless a program wants another */

#define LOOPBACK_IFINDEX 1
#define LOOPBACK_MTU	 65536
#define LOOPBACK_MSS	 65483 /* what a segment carries there beside its headers */

/* One end of a connection. Words in network order, the port in the machine's. */
struct inet_end {
	struct in6_addr addr;
	u16 port;
};

/* inet_sock.flags: options that are on or off. */
enum inet_flag {
	INET_V6ONLY,
	INET_PKTINFO,
	INET_RECVTTL,
	INET_RECVTOS,
	INET_RECVERR,
	INET_FREEBIND,
	INET_TRANSPARENT,
	INET_MC_LOOP,
	INET_BIND_NO_PORT,
	INET6_PKTINFO,
	INET6_RECVHOPLIMIT,
	INET6_RECVTCLASS,
	INET6_RECVERR,
	INET6_MC_LOOP,
	TCPF_NODELAY,
	TCPF_CORK,
	TCPF_QUICKACK,
	TCPF_INQ,
	TCPF_FASTOPEN_CONNECT,
	INET_BOUND_TO_LO, /* SO_BINDTODEVICE */
	UDPF_CORK,
	UDPF_NO_CHECK6_TX,
	UDPF_NO_CHECK6_RX,
};

/* Options of the levels below SOL_SOCKET: one word each, so read without a lock. */
struct inet_opts {
	unsigned long flags; /* BIT(enum inet_flag), atomic bit operations */
	int tos, ttl, min_ttl, mtu_discover, mc_ttl;
	int tclass, hops, mc_hops, mtu_discover6;
	int maxseg, keepidle, keepintvl, keepcnt, syncnt, linger2, defer_accept, window_clamp;
	int user_timeout, notsent_lowat, fastopen, send_cscov, recv_cscov;
	bool reno; /* what TCP_CONGESTION names, if not cubic: either has nothing to do here */
};

/* A port that somebody has. In the table as long as it has owners; bucket lock. */
struct inet_port {
	struct hlist_node node;
	struct net *net; /* an owner holds it */
	u16 num;
	unsigned int bound;	    /* owners that bind(2) gave it to, and their children */
	struct list_head socks;	    /* all owners: inet_sock.port_node */
	struct list_head listeners; /* of them, those that listen */
};

struct inet_sock {
	/* fixed */
	short type, family;
	int protocol;	 /* IPPROTO_TCP, _UDP, _UDPLITE */
	struct net *net; /* referenced */
	refcount_t refcnt;
	struct mutex iolock;
	kuid_t uid; /* whose it is: SO_REUSEPORT is for one user's */

	struct sock_opts opts;
	struct inet_opts inet;

	struct udp_cork *cork; /* iolock: a datagram of which there is more to come, or NULL */

	/* bucket lock of its port */
	struct inet_port *port;
	struct list_head port_node, listen_node;
	bool port_exclusive; /* not one that connect(2) chose, which others may be connected from */

	spinlock_t lock;
	/* lock */
	enum tcp_state state; /* of UDP: TCP_CLOSE, connected: TCP_ESTABLISHED */
	unsigned int shutdown;
	bool fin_in;	 /* the peer has ended its stream */
	bool addr_bound; /* local.addr was asked for by bind(2) */
	bool port_bound; /* so was local.port */
	struct inet_end local, remote;
	struct socket *socket;	 /* NULL: not accepted yet, or released; RCU to read */
	struct inet_sock *peer;	 /* the other end, referenced, even when it has left */
	struct list_head queue;	 /* struct inet_msg, oldest first */
	u32 queued;		 /* bytes in it; of datagrams with their headers */
	u32 rcv_nxt, copied_seq; /* position of the next byte to come, and to be read */
	u32 urg_seq;		 /* of the urgent byte */
	enum { URG_NONE, URG_VALID, URG_READ } urg;
	char urg_byte;
	u64 drops; /* datagrams for which there was no room */
	/* a listener's */
	struct list_head accept_q;    /* ends of connections that nobody has accepted yet */
	struct list_head syn_q;	      /* sockets that wait for room in accept_q */
	struct list_head accept_node; /* on one of those */
	unsigned int accept_len, backlog;
	struct inet_sock *listener; /* whose syn_q we are on, referenced */
	struct inet_sock *embryo;   /* meanwhile: what will be the other end */

	int err;		   /* xchg() takes it: SO_ERROR */
	wait_queue_head_t rd_wait; /* for data, connections, the end of any */
	wait_queue_head_t wr_wait; /* for room at the peer, for being connected */
};

/* Bytes, or a datagram, on a queue. One allocation: the bytes follow. */
struct inet_msg {
	struct list_head node;
	u32 off, len, room; /* bytes read, there, and that there is memory for */
	u32 truesize;	    /* what a datagram counts */
	ktime_t stamp;	    /* CLOCK_REALTIME at sending; of bytes 0 unless the reader wants it */
	/* datagrams */
	struct inet_end from;
	struct in6_addr to;
	int ttl, tos;
	char data[];
};

static inline struct inet_sock *inet_sk(const struct socket *sock)
{
	return sock->sk;
}

static inline struct inet_sock *inet_get(struct inet_sock *sk)
{
	refcount_inc(&sk->refcnt);
	return sk;
}

static inline bool inet_flag(const struct inet_sock *sk, enum inet_flag flag)
{
	return test_bit(flag, &sk->inet.flags);
}

/* ---- addr.c: addresses ---- */

static inline bool addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return a->s6_addr32[0] == b->s6_addr32[0] && a->s6_addr32[1] == b->s6_addr32[1] &&
	       a->s6_addr32[2] == b->s6_addr32[2] && a->s6_addr32[3] == b->s6_addr32[3];
}

static inline bool end_equal(const struct inet_end *a, const struct inet_end *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

/* An IPv4 address in its mapped form. */
static inline bool addr_is_v4(const struct in6_addr *a)
{
	return !a->s6_addr32[0] && !a->s6_addr32[1] && a->s6_addr32[2] == htonl(0xffff);
}

static inline bool addr_is_any(const struct in6_addr *a)
{
	return !a->s6_addr32[3] &&
	       (addr_is_v4(a) || (!a->s6_addr32[0] && !a->s6_addr32[1] && !a->s6_addr32[2]));
}

/* v4 in network order. */
static inline struct in6_addr addr_from_v4(u32 v4)
{
	return (struct in6_addr){.s6_addr32 = {0, 0, htonl(0xffff), v4}};
}

/* What stands for every address of a family. */
static inline struct in6_addr addr_any(int family)
{
	return family == AF_INET ? addr_from_v4(0) : (struct in6_addr){0};
}

enum addr_kind { ADDR_ANY, ADDR_LOCAL, ADDR_BROADCAST, ADDR_MULTICAST, ADDR_FOREIGN };
/* What an address is in net: local ones are those of lo, while that is up. */
enum addr_kind addr_kind(const struct net *net, const struct in6_addr *a);
/*
 * The destination that sk means by a program's address. -EINVAL: too short; -EAFNOSUPPORT: of
 * another family; -ENETUNREACH: IPv4 for an IPv6-only socket.
 */
int inet_dest(const struct inet_sock *sk, const struct sockaddr_storage *addr, int len,
	      struct inet_end *dest);
/* Whether a is one that sk may send from: our own, or any with IP_TRANSPARENT. */
bool inet_may_send_from(const struct inet_sock *sk, const struct in6_addr *a);
/*
 * Whether dest can be reached: an unspecified address becomes lo's own, *src the address that sk
 * sends from unless it has one. -ENETUNREACH (also from where it may not send), -EADDRNOTAVAIL,
 * -EACCES (broadcast without SO_BROADCAST).
 */
int inet_route(struct inet_sock *sk, struct inet_end *dest, struct in6_addr *src);
/* An end as a program of sk's family sees it: its length. */
int inet_put_end(const struct inet_sock *sk, const struct inet_end *end,
		 struct sockaddr_storage *addr);
int inet_bind(struct socket *sock, struct sockaddr_storage *addr, int len);
int inet_getname(struct socket *sock, struct sockaddr_storage *addr, int peer);

/* ---- port.c: the table of ports ---- */

/* ip_local_port_range: what port 0 chooses from; the lowest port that needs no privilege. */
extern int sysctl_port_range[2], sysctl_unprivileged_port;
/*
 * Gives sk, which has none, the port num; 0 chooses one. For a stream's connect(2) dest and src are
 * not NULL and become its ends: then a port may be chosen from which others are connected to
 * elsewhere. iolock held. -EADDRINUSE; -EADDRNOTAVAIL: connect, and none is left; -ENOMEM.
 */
int inet_get_port(struct inet_sock *sk, u16 num, const struct inet_end *dest,
		  const struct in6_addr *src);
/* A port for a socket that may have one already. -EAGAIN, -ENOMEM. No locks held; iolock held. */
int inet_autobind(struct inet_sock *sk);
int inet_autobind_locked(struct inet_sock *sk);
void inet_put_port(struct inet_sock *sk);
/* Whether others may have the port that sk stands at: no locks, for a look. */
bool inet_port_is_free(const struct inet_sock *sk);
/* sk begins to listen on the port it has: -EADDRINUSE when another one does. And ends to. */
int inet_listen_port(struct inet_sock *sk);
void inet_unlisten_port(struct inet_sock *sk);
/*
 * sk, which has a port, sends from src to dest from now on; to nobody when its port is 0.
 * -EADDRNOTAVAIL: another stream goes there. iolock held.
 */
int inet_set_remote(struct inet_sock *sk, const struct inet_end *dest, const struct in6_addr *src);
/*
 * The listener for a connection to dest in net, with its bucket locked, whose lock is stored; NULL
 * and nothing is locked. src tells which of several that share the port.
 */
struct inet_sock *inet_find_listener(struct net *net, const struct inet_end *dest,
				     const struct inet_end *src, spinlock_t **bucket);
/* child, which nobody knows yet, becomes one more owner of the listener's port. Bucket locked. */
void inet_share_port(struct inet_sock *child, struct inet_sock *listener);
/* Locks the bucket of the port that sk has and keeps: iolock held, or nobody else can use sk. */
spinlock_t *inet_lock_bucket(const struct inet_sock *sk);
/* Who gets a datagram of from's, from src to dest: referenced, or NULL. */
struct inet_sock *inet_find_receiver(const struct inet_sock *from, const struct inet_end *dest,
				     const struct inet_end *src);
/* Of those who get one that was sent to all, the n'th (from 0): referenced, or NULL. */
struct inet_sock *inet_nth_receiver(const struct inet_sock *from, const struct inet_end *dest,
				    const struct inet_end *src, unsigned int n);
/* Calls show for each socket of the protocol that has a port in net. Under bucket locks. */
void inet_for_each(struct net *net, int protocol, void (*show)(struct inet_sock *sk, void *arg),
		   void *arg);

/* ---- af_inet.c: life and death ---- */

extern int sysctl_tcp_wmem[3], sysctl_tcp_rmem[3];			   /* bytes */
struct inet_sock *inet_alloc(int protocol, short family, struct net *net); /* one reference; NULL */
void inet_put(struct inet_sock *sk);
void inet_lock_two(struct inet_sock *a, struct inet_sock *b); /* they may be equal */
void inet_unlock_two(struct inet_sock *a, struct inet_sock *b);
struct inet_sock *inet_get_peer(struct inet_sock *sk); /* referenced, or NULL */
/* The error that waits, taken: 0 or a negative errno. */
int inet_take_error(struct inet_sock *sk);
void inet_wake_readers(struct inet_sock *sk, __poll_t events); /* and SIGIO */
void inet_wake_writers(struct inet_sock *sk);
void inet_wake_state(struct inet_sock *sk); /* everybody: something ended, or began */
void inet_purge(struct list_head *queue);
/* SO_TIMESTAMP: the stamp goes beside what was read, if sk wants one and there is one. */
void inet_put_stamp(const struct inet_sock *sk, struct msghdr *msg, ktime_t stamp);
/* A message with room for len bytes, in a larger one when more are likely to come. NULL. */
struct inet_msg *inet_msg_alloc(u32 len, u32 room);

/* ---- tcp_conn.c ---- */

int tcp_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags);
int tcp_listen(struct socket *sock, int backlog);
int tcp_accept(struct socket *sock, struct socket *newsock, int flags);
/* sk waits for no listener any more. No locks. */
void tcp_leave_syn_q(struct inet_sock *sk);
/* Whoever waits for room at a socket that listens no more is refused. No locks. */
void tcp_refuse_waiters(struct inet_sock *listener);

/* ---- tcp_close.c ---- */

int tcp_shutdown(struct socket *sock, int how);
/* The end of a socket that no call uses any more; its own reference is given up. */
void tcp_close(struct inet_sock *sk);
/* connect(2) to AF_UNSPEC: as if new, but for what bind(2) gave it. iolock held. */
void tcp_disconnect(struct inet_sock *sk);
/*
 * sk sent to peer, where nobody will read it, for peer has left the connection or does not read any
 * more: the connection is broken off. RFC 1122, 4.2.2.13. No locks.
 */
void tcp_bytes_refused(struct inet_sock *sk, struct inet_sock *peer);

/* ---- tcp_send.c, tcp_recv.c ---- */

ssize_t tcp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t tcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
/* Bytes that may wait unread between two ends, and those that may still be sent. */
u32 tcp_limit(const struct inet_sock *from, const struct inet_sock *to);
bool tcp_writable(struct inet_sock *sk);
bool tcp_readable(struct inet_sock *sk);
/* Bytes to read, up to an urgent one; bytes that do not fit the receiver's buffer. */
int tcp_inq(struct inet_sock *sk);
int tcp_outq(struct inet_sock *sk);

/* ---- udp.c ---- */

int udp_connect(struct socket *sock, struct sockaddr_storage *addr, int len, int flags);
int udp_shutdown(struct socket *sock, int how);
void udp_close(struct inet_sock *sk);
ssize_t udp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
void udp_uncork(struct inet_sock *sk); /* what UDP_CORK held back goes */
ssize_t udp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);

/* ---- poll.c ---- */

__poll_t tcp_poll(struct file *file, struct socket *sock, poll_table *pt);
__poll_t udp_poll(struct file *file, struct socket *sock, poll_table *pt);
int tcp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int udp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

/* ---- opt.c, tcp_opt.c, ifreq.c ---- */

void inet_opts_init(struct inet_sock *sk);
int inet_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len);
int inet_getsockopt(struct socket *sock, int level, int name, void __user *val, int __user *ulen);
/* Those of TCP that are no number: -ENOPROTOOPT for all others. */
int tcp_set_option(struct inet_sock *sk, int name, const void __user *val, int len);
int tcp_get_option(struct inet_sock *sk, int name, void __user *val, int len, int __user *ulen);
unsigned int loopback_flags(const struct net *net); /* IFF_* */
/*
 * lo shall have these IFF_*: it is switched on or off, which connections that there are outlive.
 * -EPERM; -EOPNOTSUPP: any other that programs may change on other interfaces.
 */
int loopback_set_flags(struct net *net, unsigned int flags);

/* May current use a port below the first that everybody may? */
bool inet_may_bind(const struct net *net, u16 port);

#endif
