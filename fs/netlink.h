/* SPDX-License-Identifier: MIT */
/*
 * Netlink sockets, inside: for fs/netlink*.c and fs/inet/. What there is of the family: messages
 * between programs, to a port or to groups, the kernel's own notices (mq_notify(3)) and its answers
 * and notices about lo (rtnetlink(7)). To another protocol's port 0 a message is refused as
 * netlink(7) has it where the protocol's module is missing.
 *
 * Serialization rules
 *	iolock		(mutex) of the reader: only who has it takes messages off the queue
 *	netlink_lock	the list of all sockets, oldest first, their ports (portid, bound), groups, dst_*
 *	lock		a socket's queue, rmem, dead
 * Order: iolock, netlink_lock, lock, wait queue. The spinlocks are taken with other spinlocks held
 * (a message queue's), never with interrupts off, and nothing sleeps inside.
 */
#ifndef FS_NETLINK_H
#define FS_NETLINK_H

#include <jiffy/cred.h>
#include <jiffy/list.h>
#include <jiffy/mutex.h>
#include <jiffy/netlink.h>
#include <jiffy/nsproxy.h>
#include <jiffy/pid.h>
#include <jiffy/refcount.h>
#include <jiffy/socket.h>
#include <jiffy/spinlock.h>
#include <uapi/netlink.h>

#include "socket_calls.h"
#include "socket_opt.h"

struct netlink_sock {
	refcount_t refcnt; /* the descriptor's one, and one of each message in the making */
	int protocol;	   /* fixed */
	struct net *net;   /* fixed, referenced: only who has the same one reaches it */
	u64 serial;	   /* fixed: how many sockets were made before, and one */
	struct list_head node;
	/* netlink_lock */
	bool bound;
	u32 portid, groups;
	bool connected;
	u32 dst_portid, dst_groups;

	spinlock_t lock;
	/* lock */
	struct list_head queue;
	size_t rmem; /* bytes of messages queued or reserved */
	bool dead;

	struct mutex iolock;
	wait_queue_head_t wait;	   /* readers, and pollers */
	wait_queue_head_t senders; /* for room in the queue */
	int err;		   /* ENOBUFS when a message was lost; xchg() takes it */
	struct sock_opts opts;
};

struct netlink_msg {
	struct list_head node;
	struct netlink_sock *to;
	u32 portid, groups; /* of the sender; the groups it went to */
	struct pid *pid;    /* NULL: the kernel */
	kuid_t uid;
	kgid_t gid;
	size_t len;
	char data[];
};

static inline struct netlink_sock *netlink_sk(const struct socket *sock)
{
	return sock->sk;
}

/* Of the groups of an address the lowest alone: a message goes to one. */
static inline u32 netlink_one_group(const struct sockaddr_nl *addr)
{
	return addr->nl_groups & -addr->nl_groups;
}

/* Whether `to` hears of what is sent on nl's network and protocol. Both are fixed. */
static inline bool netlink_reaches(const struct netlink_sock *nl, const struct netlink_sock *to)
{
	return to->net == nl->net && to->protocol == nl->protocol;
}

/* netlink.c */
extern struct list_head netlink_socks;
extern spinlock_t netlink_lock;
void netlink_put(struct netlink_sock *nl);
/* A port of its own for a socket that has none. */
void netlink_autobind(struct netlink_sock *nl);
/* Whether current may send to ports and groups of this protocol. */
bool netlink_may_send(const struct netlink_sock *nl);
/* Whether current may make nl a member of groups. */
bool netlink_may_hear(const struct netlink_sock *nl);

/* netlink_msg.c */
ssize_t netlink_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t netlink_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
void netlink_free_msg(struct netlink_msg *m);

/*
 * The kernel tells the members of a group (one bit) of NETLINK_ROUTE in net the len bytes; NULL:
 * that they missed something.
 */
void netlink_notify(struct net *net, u32 group, const char *data, size_t len);

/* Messages in the making: data is kvfree()d by whoever has the buffer. */
struct netlink_buf {
	char *data;
	size_t len, size; /* bytes used, there */
};
/*
 * inet/rtnetlink.c: what the kernel answers to the len bytes of request from the socket at portid
 * of net; none when nothing was asked. 0 or -ENOMEM, -ENOBUFS.
 */
int rtnetlink_answer(struct net *net, u32 portid, const char *request, size_t len,
		     struct netlink_buf *answer);
/* And what it tells unasked: lo was switched on or off. */
void rtnetlink_switched(struct net *net, bool up);

/* netlink_opt.c */
int netlink_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len);
int netlink_getsockopt(struct socket *sock, int level, int name, void __user *val,
		       int __user *ulen);

#endif
