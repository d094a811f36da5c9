/* SPDX-License-Identifier: MIT */
/*
 * Messages of the kernel's to netlink sockets: room is taken while waiting is allowed, the message
 * is sent when the event comes, from any context that may take a spinlock. fs/netlink_msg.c.
 */
#ifndef JIFFY_NETLINK_H
#define JIFFY_NETLINK_H

#include <jiffy/types.h>

struct file;
struct netlink_msg;

/*
 * A message of len bytes for the netlink socket behind file, counted on its receive buffer and
 * holding a reference on it. Waits for room unless the descriptor is non-blocking. ERR_PTR:
 * -ENOTSOCK, -EINVAL (no netlink socket), -EAGAIN, -ENOMEM, -EINTR. Task context.
 */
struct netlink_msg *netlink_reserve(struct file *file, size_t len);
/* The message's bytes, to be filled before it is sent. */
char *netlink_data(struct netlink_msg *m);
/* Queues the message; it is the socket's, or freed when that was closed. */
void netlink_send_reserved(struct netlink_msg *m);
/* Gives the message up unsent. */
void netlink_drop_reserved(struct netlink_msg *m);

#endif
