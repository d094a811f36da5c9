/* SPDX-License-Identifier: MIT */
/*
 * Files without a name in any tree (epoll, eventfd, pidfd…) that share one inode; they show as
 * "anon_inode:name". fs/anon_inodes.c, task context.
 */
#ifndef JIFFY_ANON_INODES_H
#define JIFFY_ANON_INODES_H

struct file;
struct file_operations;

/* flags: O_CLOEXEC, O_NONBLOCK, O_RDWR. priv becomes private_data. ERR_PTR(-ENFILE, -ENOMEM). */
struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags);
/* The same installed: a descriptor, or a negative errno (priv stays the caller's). */
int anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv, int flags);

#endif
