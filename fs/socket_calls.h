/* SPDX-License-Identifier: MIT */
/*
 * What the files of socket(2)'s family share. fs/socket*.c only; task context.
 */
#ifndef FS_SOCKET_CALLS_H
#define FS_SOCKET_CALLS_H

#include <jiffy/file.h>
#include <jiffy/socket.h>

#define SOCK_TYPES 11 /* types from here on do not exist at all: EINVAL */

/* A socket of a family: 0, -EAFNOSUPPORT, -EINVAL, -ENFILE, the family's. socket(2). */
int sock_create(int family, int type, int protocol, struct socket **res);
/* The socket's file, which owns it from now on; on failure it is released. flags: O_NONBLOCK. */
struct file *sock_alloc_file(struct socket *sock, int flags);

/* The socket behind a descriptor for one call (fdput() ends it): -EBADF, -ENOTSOCK. */
static inline int sockfd_lookup(int fd, struct fd *f, struct socket **sock)
{
	*f = fdget(fd);
	if (!f->file)
		return -EBADF;
	*sock = sock_from_file(f->file);
	if (*sock)
		return 0;
	fdput(*f);
	return -ENOTSOCK;
}

/* A program's address in: -EINVAL for a length no address has, -EFAULT. */
int move_addr_to_kernel(const void __user *uaddr, int len, struct sockaddr_storage *addr);
/* And out: cut to the room given, its true length told. -EINVAL, -EFAULT. */
int move_addr_to_user(const struct sockaddr_storage *addr, int len, void __user *uaddr,
		      int __user *ulen);

#endif
