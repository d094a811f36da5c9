/* SPDX-License-Identifier: MIT */
/*
 * Making, naming, connecting and ending sockets: socket(2), socketpair(2), bind(2), listen(2),
 * accept(2), connect(2), getsockname(2), getpeername(2), getsockopt(2), shutdown(2). Task
 * context, no locks: the family has them.
 */
#include "socket_calls.h"
#include <arch/uaccess.h>
#include <jiffy/syscalls.h>

int move_addr_to_kernel(const void __user *uaddr, int len, struct sockaddr_storage *addr)
{
	if (len < 0 || len > (int)sizeof(*addr))
		return -EINVAL;
	if (len && copy_from_user(addr, uaddr, len))
		return -EFAULT;
	return 0;
}

int move_addr_to_user(const struct sockaddr_storage *addr, int len, void __user *uaddr,
		      int __user *ulen)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (room > len)
		room = len;
	if (room && copy_to_user(uaddr, addr, room))
		return -EFAULT;
	return put_user(len, ulen);
}

/* A descriptor for a socket, which is released when there is none. */
static int sock_map_fd(struct socket *sock, int flags)
{
	int fd = get_unused_fd_flags(flags & O_CLOEXEC);
	struct file *file;

	if (fd < 0) {
		sock_release(sock);
		return fd;
	}
	file = sock_alloc_file(sock, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	int flags = type & ~SOCK_TYPE_MASK, err;
	struct socket *sock;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = sock_create(family, type & SOCK_TYPE_MASK, protocol, &sock);
	return err ? err : sock_map_fd(sock, flags);
}

/* Two connected sockets as files: files[] with a reference each, or nothing left behind. */
static int sock_pair_files(int family, int type, int protocol, int flags, struct file *files[2])
{
	struct socket *a, *b;
	int err = sock_create(family, type, protocol, &a);

	if (err)
		return err;
	err = sock_create(family, type, protocol, &b);
	if (err) {
		sock_release(a);
		return err;
	}
	err = a->ops->socketpair ? a->ops->socketpair(a, b) : -EOPNOTSUPP;
	if (err) {
		sock_release(b);
		sock_release(a);
		return err;
	}
	files[0] = sock_alloc_file(a, flags);
	if (IS_ERR(files[0])) {
		sock_release(b);
		return PTR_ERR(files[0]);
	}
	files[1] = sock_alloc_file(b, flags);
	if (IS_ERR(files[1])) {
		__fput_sync(files[0]);
		return PTR_ERR(files[1]);
	}
	return 0;
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol, int __user *, usockvec)
{
	int flags = type & ~SOCK_TYPE_MASK, fd[2], err;
	struct file *files[2] = {NULL};

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	fd[0] = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = err = get_unused_fd_flags(flags & O_CLOEXEC);
	if (err < 0)
		goto put_first;
	err = copy_to_user(usockvec, fd, sizeof(fd)) ? -EFAULT : 0;
	if (!err)
		err = sock_pair_files(family, type & SOCK_TYPE_MASK, protocol, flags, files);
	if (err)
		goto put_both;
	fd_install(fd[0], files[0]);
	fd_install(fd[1], files[1]);
	return 0;
put_both:
	put_unused_fd(fd[1]);
put_first:
	put_unused_fd(fd[0]);
	return err;
}

SYSCALL_DEFINE3(bind, int, fd, const void __user *, uaddr, int, len)
{
	struct sockaddr_storage addr;
	struct socket *sock;
	struct fd f;
	int err = sockfd_lookup(fd, &f, &sock);

	if (err)
		return err;
	err = move_addr_to_kernel(uaddr, len, &addr);
	if (!err)
		err = sock->ops->bind(sock, &addr, len);
	fdput(f);
	return err;
}

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct socket *sock;
	struct fd f;
	int err = sockfd_lookup(fd, &f, &sock);

	if (err)
		return err;
	err = sock->ops->listen ? sock->ops->listen(sock, backlog) : -EOPNOTSUPP;
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(connect, int, fd, const void __user *, uaddr, int, len)
{
	struct sockaddr_storage addr;
	struct socket *sock;
	struct fd f;
	int err = sockfd_lookup(fd, &f, &sock);

	if (err)
		return err;
	err = move_addr_to_kernel(uaddr, len, &addr);
	if (!err)
		err = sock->ops->connect(sock, &addr, len, f.file->f_flags);
	fdput(f);
	return err;
}

/* The file of the next connection. ERR_PTR. */
static struct file *do_accept(struct file *listener, struct socket *sock, int flags,
			      void __user *uaddr, int __user *ulen)
{
	struct sockaddr_storage addr;
	struct socket *newsock;
	struct file *file;
	int err;

	if (!sock->ops->accept)
		return ERR_PTR(-EOPNOTSUPP);
	newsock = sock_alloc();
	if (!newsock)
		return ERR_PTR(-ENFILE);
	newsock->type = sock->type;
	newsock->family = sock->family;
	newsock->protocol = sock->protocol;
	newsock->ops = sock->ops;
	file = sock_alloc_file(newsock, flags);
	if (IS_ERR(file))
		return file;
	err = sock->ops->accept(sock, newsock, listener->f_flags);
	if (!err && uaddr) {
		int len = newsock->ops->getname(newsock, &addr, 2);

		err = len < 0 ? -ECONNABORTED : move_addr_to_user(&addr, len, uaddr, ulen);
	}
	if (!err)
		return file;
	__fput_sync(file);
	return ERR_PTR(err);
}

static int ksys_accept4(int fd, void __user *uaddr, int __user *ulen, int flags)
{
	struct socket *sock;
	struct file *file;
	struct fd f;
	int newfd, err;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = sockfd_lookup(fd, &f, &sock);
	if (err)
		return err;
	newfd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (newfd < 0)
		goto out;
	file = do_accept(f.file, sock, flags, uaddr, ulen);
	if (IS_ERR(file)) {
		put_unused_fd(newfd);
		newfd = PTR_ERR(file);
	} else {
		fd_install(newfd, file);
	}
out:
	fdput(f);
	return newfd;
}

SYSCALL_DEFINE4(accept4, int, fd, void __user *, uaddr, int __user *, ulen, int, flags)
{
	return ksys_accept4(fd, uaddr, ulen, flags);
}

SYSCALL_DEFINE3(accept, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return ksys_accept4(fd, uaddr, ulen, 0);
}

static int ksys_getname(int fd, void __user *uaddr, int __user *ulen, int peer)
{
	struct sockaddr_storage addr;
	struct socket *sock;
	struct fd f;
	int err = sockfd_lookup(fd, &f, &sock);

	if (err)
		return err;
	err = sock->ops->getname(sock, &addr, peer);
	if (err >= 0)
		err = move_addr_to_user(&addr, err, uaddr, ulen);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(getsockname, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return ksys_getname(fd, uaddr, ulen, 0);
}

SYSCALL_DEFINE3(getpeername, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return ksys_getname(fd, uaddr, ulen, 1);
}

SYSCALL_DEFINE5(setsockopt, int, fd, int, level, int, name, const void __user *, val, int, len)
{
	struct socket *sock;
	struct fd f;
	int err;

	if (len < 0)
		return -EINVAL;
	err = sockfd_lookup(fd, &f, &sock);
	if (err)
		return err;
	err = sock->ops->setsockopt(sock, level, name, val, len);
	fdput(f);
	return err;
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, name, void __user *, val, int __user *, len)
{
	struct socket *sock;
	struct fd f;
	int err = sockfd_lookup(fd, &f, &sock);

	if (err)
		return err;
	err = sock->ops->getsockopt(sock, level, name, val, len);
	fdput(f);
	return err;
}

SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	struct socket *sock;
	struct fd f;
	int err = sockfd_lookup(fd, &f, &sock);

	if (err)
		return err;
	err = sock->ops->shutdown(sock, how);
	fdput(f);
	return err;
}
