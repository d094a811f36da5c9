/* SPDX-License-Identifier: MIT */
/*
 * Sockets as files: sockfs, whose inode is the socket, and the file operations that lead to the
 * family's own. The calls of socket(2)'s family are in socket_calls.c and socket_msg.c. Task
 * context; no lock here: a socket's family guards it.
 */
#include "mount.h"
#include "socket_calls.h"
#include <arch/uaccess.h>
#include <jiffy/init.h>
#include <jiffy/nsproxy.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <uapi/ioctl.h>

static struct vfsmount *sock_mnt;
static struct kmem_cache *sock_inode_cachep;
static const struct net_proto_family *families[AF_MAX]; /* written by initcalls only */

/* The inode of a socket with the socket in it. */
struct socket_alloc {
	struct socket socket;
	struct inode inode;
};

static struct inode *sock_inode(struct socket *sock)
{
	return &container_of(sock, struct socket_alloc, socket)->inode;
}

static struct socket *inode_socket(struct inode *inode)
{
	return &container_of(inode, struct socket_alloc, inode)->socket;
}

int sock_register(const struct net_proto_family *family)
{
	if (family->family < 0 || family->family >= AF_MAX)
		return -ENOBUFS;
	if (families[family->family])
		return -EEXIST;
	families[family->family] = family;
	return 0;
}

static struct inode *sock_alloc_inode(struct super_block *sb)
{
	struct socket_alloc *ei = kmem_cache_alloc(sock_inode_cachep, GFP_KERNEL);

	if (!ei)
		return NULL;
	ei->socket = (struct socket){.state = SS_UNCONNECTED};
	init_waitqueue_head(&ei->socket.wait);
	return &ei->inode;
}

static void sock_free_inode(struct inode *inode)
{
	kmem_cache_free(sock_inode_cachep, container_of(inode, struct socket_alloc, inode));
}

static const struct super_operations sockfs_ops = {
    .alloc_inode = sock_alloc_inode,
    .free_inode = sock_free_inode,
    .statfs = simple_statfs,
};

static char *sockfs_dname(struct dentry *dentry, char *buf, int buflen)
{
	return dynamic_dname(buf, buflen, "socket:[%llu]",
			     (unsigned long long)d_inode(dentry)->i_ino);
}

static const struct dentry_operations sockfs_dentry_operations = {
    .d_dname = sockfs_dname,
};

static struct dentry *sockfs_mount(struct file_system_type *type, int flags, const char *dev_name,
				   void *data)
{
	return mount_pseudo(type, &sockfs_ops, &sockfs_dentry_operations, SOCKFS_MAGIC);
}

static struct file_system_type sock_fs_type = {
    .name = "sockfs",
    .mount = sockfs_mount,
    .kill_sb = kill_anon_super,
};

struct socket *sock_alloc(void)
{
	struct inode *inode = new_inode_pseudo(sock_mnt->mnt_sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = S_IFSOCK | S_IRWXUGO;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	return inode_socket(inode);
}

static void sock_close_family(struct socket *sock)
{
	if (sock->ops && sock->ops->release)
		sock->ops->release(sock);
	sock->ops = NULL;
}

void sock_release(struct socket *sock)
{
	sock_close_family(sock);
	if (!sock->file)
		iput(sock_inode(sock));
}

int sock_create(int family, int type, int protocol, struct socket **res)
{
	struct socket *sock;
	int err;

	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_TYPES)
		return -EINVAL;
	if (!families[family])
		return -EAFNOSUPPORT;
	sock = sock_alloc();
	if (!sock)
		return -ENFILE;
	sock->type = type;
	sock->family = family;
	sock->protocol = protocol;
	err = families[family]->create(sock, protocol, false);
	if (err) {
		sock->ops = NULL;
		sock_release(sock);
		return err;
	}
	*res = sock;
	return 0;
}

static ssize_t sock_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct socket *sock = file->private_data;
	struct msghdr msg = {.msg_iter = *to};
	int flags = 0;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if ((file->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT))
		flags = MSG_DONTWAIT;
	ret = sock->ops->recvmsg(sock, &msg, iov_iter_count(to), flags);
	*to = msg.msg_iter;
	return ret;
}

static ssize_t sock_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct socket *sock = file->private_data;
	struct msghdr msg = {.msg_iter = *from};
	ssize_t ret;

	if ((file->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT))
		msg.msg_flags = MSG_DONTWAIT;
	if (sock->type == SOCK_SEQPACKET)
		msg.msg_flags |= MSG_EOR;
	ret = sock->ops->sendmsg(sock, &msg, iov_iter_count(from));
	*from = msg.msg_iter;
	return ret;
}

static __poll_t sock_poll(struct file *file, poll_table *pt)
{
	struct socket *sock = file->private_data;

	return sock->ops->poll(file, sock, pt);
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct socket *sock = file->private_data;
	int __user *argp = (int __user *)arg;
	int pid, err;

	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
		if (get_user(pid, argp))
			return -EFAULT;
		return f_setown(file, pid, 1);
	case FIOGETOWN:
	case SIOCGPGRP:
		return put_user((int)f_getown(file), argp);
	}
	err = sock->ops->ioctl ? sock->ops->ioctl(sock, cmd, arg) : -ENOIOCTLCMD;
	return err == -ENOIOCTLCMD ? netdev_ioctl(current->nsproxy->net_ns, cmd, arg) : err;
}

static int sock_fasync(int fd, struct file *file, int on)
{
	struct socket *sock = file->private_data;
	int ret = fasync_helper(fd, file, on, &sock->fasync_list);

	return ret < 0 ? ret : 0;
}

/* The socket may be released meanwhile: its memory stays under RCU. */
void sock_sigio(struct socket *const *slot, int band)
{
	struct socket *sock;

	rcu_read_lock();
	sock = READ_ONCE(*slot);
	if (sock && READ_ONCE(sock->fasync_list))
		kill_fasync(&sock->fasync_list, SIGIO, band);
	rcu_read_unlock();
}

void sock_wake_readers(wait_queue_head_t *wq, struct socket *const *slot, __poll_t events)
{
	if (wq_has_sleeper(wq))
		wake_up_interruptible_sync_poll(wq, events);
	sock_sigio(slot, POLL_IN);
}

void sock_wake_writers(wait_queue_head_t *wq, struct socket *const *slot)
{
	if (wq_has_sleeper(wq))
		wake_up_interruptible_sync_poll(wq, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	sock_sigio(slot, POLL_OUT);
}

void sock_wake_all(wait_queue_head_t *wq)
{
	__wake_up(wq, TASK_NORMAL, 0,
		  poll_to_key(EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLOUT |
			      EPOLLWRNORM));
}

static int sock_flush(struct file *file, fl_owner_t id)
{
	struct socket *sock = file->private_data;

	if (sock->ops && sock->ops->flush)
		sock->ops->flush(sock);
	return 0;
}

static int sock_close(struct inode *inode, struct file *file)
{
	sock_close_family(inode_socket(inode));
	return 0;
}

static int sock_no_open(struct inode *inode, struct file *file)
{
	return -ENXIO;
}

static void sock_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct socket *sock = file->private_data;

	if (sock->ops->show_fdinfo)
		sock->ops->show_fdinfo(m, sock);
}

static const struct file_operations socket_file_ops = {
    .llseek = no_llseek,
    .read_iter = sock_read_iter,
    .write_iter = sock_write_iter,
    .poll = sock_poll,
    .unlocked_ioctl = sock_ioctl,
    .fasync = sock_fasync,
    .open = sock_no_open, /* through /proc/PID/fd: a socket has no name to open it by */
    .flush = sock_flush,
    .release = sock_close,
    .show_fdinfo = sock_show_fdinfo,
};

struct file *sock_alloc_file(struct socket *sock, int flags)
{
	struct inode *inode = sock_inode(sock);
	struct file *file;

	inode->i_fop = &socket_file_ops;
	file =
	    alloc_file_pseudo(inode, sock_mnt, "", O_RDWR | (flags & O_NONBLOCK), &socket_file_ops);
	if (IS_ERR(file)) {
		sock_release(sock);
		return file;
	}
	file->private_data = sock;
	sock->file = file;
	stream_open(inode, file);
	return file;
}

struct socket *sock_from_file(struct file *file)
{
	return file->f_op == &socket_file_ops ? file->private_data : NULL;
}

static void sock_inode_ctor(void *obj)
{
	inode_init_once(&((struct socket_alloc *)obj)->inode);
}

static int sock_init(void)
{
	sock_inode_cachep = kmem_cache_create(
	    "sock_inode_cache", sizeof(struct socket_alloc), 0,
	    SLAB_HWCACHE_ALIGN | SLAB_RECLAIM_ACCOUNT | SLAB_PANIC, sock_inode_ctor);
	sock_mnt = kern_mount(&sock_fs_type);
	if (IS_ERR(sock_mnt))
		panic("sockfs: cannot mount: %ld", PTR_ERR(sock_mnt));
	return 0;
}
core_initcall(sock_init);
