/* SPDX-License-Identifier: MIT */
/*
 * Sockets: what socket(2) and its family call, family by family. fs/socket.c, task context.
 */
#ifndef JIFFY_SOCKET_H
#define JIFFY_SOCKET_H

#include <jiffy/fs.h>
#include <jiffy/poll.h>
#include <jiffy/uio.h>
#include <uapi/socket.h>

enum socket_state { SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED };

struct proto_ops;

struct socket {
	enum socket_state state;
	short type; /* SOCK_* */
	short family;
	int protocol;
	struct file *file; /* NULL until it has one */
	const struct proto_ops *ops;
	struct fasync_struct *fasync_list;
	wait_queue_head_t wait;
	void *sk; /* the family's own part */
};

/* A message on its way: addresses and control data already checked and, for send, copied. */
struct msghdr {
	struct sockaddr_storage *msg_name; /* recv: where the sender's address goes, or NULL */
	int msg_namelen;
	struct iov_iter msg_iter;
	void __user *msg_control; /* recv: next free byte */
	void *msg_control_kern;	  /* send: the copy */
	size_t msg_controllen;
	unsigned int msg_flags;
};

struct proto_ops {
	int family;
	int (*release)(struct socket *sock);
	void (*flush)(struct socket *sock); /* one descriptor is being closed; may be NULL */
	int (*bind)(struct socket *sock, struct sockaddr_storage *addr, int len);
	int (*connect)(struct socket *sock, struct sockaddr_storage *addr, int len, int flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*accept)(struct socket *sock, struct socket *newsock, int flags);
	/* peer: 0 own, 1 the other end's, 2 the same of a connection that may have ended. */
	int (*getname)(struct socket *sock, struct sockaddr_storage *addr, int peer);
	__poll_t (*poll)(struct file *file, struct socket *sock, poll_table *pt);
	int (*ioctl)(struct socket *sock, unsigned int cmd, unsigned long arg);
	int (*listen)(struct socket *sock, int backlog);
	int (*shutdown)(struct socket *sock, int how);
	int (*setsockopt)(struct socket *sock, int level, int name, const void __user *val,
			  int len);
	int (*getsockopt)(struct socket *sock, int level, int name, void __user *val,
			  int __user *len);
	ssize_t (*sendmsg)(struct socket *sock, struct msghdr *msg, size_t len);
	ssize_t (*recvmsg)(struct socket *sock, struct msghdr *msg, size_t len, int flags);
	void (*show_fdinfo)(struct seq_file *m, struct socket *sock);
};

struct net_proto_family {
	int family;
	/* Fills sock->ops and sock->sk for its type; -ESOCKTNOSUPPORT, -EPROTONOSUPPORT. */
	int (*create)(struct socket *sock, int protocol, bool kern);
};
int sock_register(const struct net_proto_family *family);

struct socket *sock_alloc(void);
void sock_release(struct socket *sock);
struct socket *sock_from_file(struct file *file); /* NULL: not a socket */
/* Appends one control message to what recvmsg(2) returns; sets MSG_CTRUNC when it is cut. */
int put_cmsg(struct msghdr *msg, int level, int type, int len, const void *data);

#endif
