/* SPDX-License-Identifier: MIT */
/*
 * What the files of socket(2)'s family share with the families of sockets. Task context.
 */
#ifndef FS_SOCKET_CALLS_H
#define FS_SOCKET_CALLS_H

#include <jiffy/cred.h>
#include <jiffy/file.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/socket.h>
#include <jiffy/wait.h>

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

/*
 * Whoever waits at a family's socket is woken, and whoever asked for SIGIO is sent it. *slot is where
 * that keeps its struct socket: NULL when it was released. No locks.
 */
void sock_sigio(struct socket *const *slot, int band);
void sock_wake_readers(wait_queue_head_t *wq, struct socket *const *slot, __poll_t events);
void sock_wake_writers(wait_queue_head_t *wq, struct socket *const *slot);
/* Everybody on wq, whatever for: something began, or ended. */
void sock_wake_all(wait_queue_head_t *wq);

struct net;
/*
 * inet/ifreq.c: a request about interfaces, netdevice(7), that any socket takes, for those of net.
 * -ENOIOCTLCMD: cmd is none; -ENODEV, -EADDRNOTAVAIL, -EPERM, -EOPNOTSUPP, -EFAULT.
 */
int netdev_ioctl(struct net *net, unsigned int cmd, unsigned long arg);

/* What a table names a socket by: its address, if who opened the table may know the kernel's. */
static inline const void *sock_shown_as(const struct seq_file *m, const void *sk)
{
	return file_ns_capable(m->file, &init_user_ns, CAP_SYSLOG) ? sk : NULL;
}

/* What an interrupted wait answers: with a time limit it cannot be restarted. signal(7). */
static inline int sock_intr_errno(long timeo)
{
	return timeo == MAX_SCHEDULE_TIMEOUT ? -ERESTARTSYS : -EINTR;
}

/* Waits until condition, a signal or the end of *timeo (jiffies). 0 or -ERESTARTSYS, -EINTR. */
#define sock_wait(wq, condition, exclusive, timeo)                                         \
	({                                                                                 \
		long *__t = (timeo), __left = *__t;                                        \
		long __w = ___wait_event(wq, (condition) || !__left, TASK_INTERRUPTIBLE,   \
					 exclusive, 0, __left = schedule_timeout(__left)); \
                                                                                           \
		__w = __w ? sock_intr_errno(*__t) : 0;                                     \
		*__t = __left;                                                             \
		(int)__w;                                                                  \
	})

#endif
