/* SPDX-License-Identifier: MIT */
/*
 * Sending and receiving: send(2), recv(2), sendmmsg(2), recvmmsg(2) and their forms; control
 * messages to the program (cmsg(3)). Task context, no locks here.
 */
#include "socket_calls.h"
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#define OPTMEM_MAX 20480 /* bytes of control data that one message may bring */

int put_cmsg(struct msghdr *msg, int level, int type, int len, const void *data)
{
	struct cmsghdr cm = {CMSG_LEN(len), level, type};
	char __user *at = msg->msg_control;
	size_t used;

	if (!at || msg->msg_controllen < sizeof(cm)) {
		msg->msg_flags |= MSG_CTRUNC;
		return 0;
	}
	if (msg->msg_controllen < cm.cmsg_len) {
		msg->msg_flags |= MSG_CTRUNC;
		cm.cmsg_len = msg->msg_controllen;
	}
	if (copy_to_user(at, &cm, sizeof(cm)) ||
	    copy_to_user(at + sizeof(cm), data, cm.cmsg_len - sizeof(cm)))
		return -EFAULT;
	used = min(CMSG_SPACE((size_t)len), msg->msg_controllen);
	msg->msg_control = at + used;
	msg->msg_controllen -= used;
	return 0;
}

static ssize_t ksys_sendto(int fd, void __user *buf, size_t len, unsigned int flags,
			   const void __user *uaddr, int addrlen)
{
	struct sockaddr_storage addr;
	struct msghdr msg = {0};
	struct socket *sock;
	struct fd f;
	ssize_t ret = import_single_range(ITER_SOURCE, buf, len, &msg.msg_iter);

	if (ret)
		return ret;
	ret = sockfd_lookup(fd, &f, &sock);
	if (ret)
		return ret;
	if (uaddr) {
		ret = move_addr_to_kernel(uaddr, addrlen, &addr);
		msg.msg_name = &addr;
		msg.msg_namelen = addrlen;
	}
	if (!ret) {
		msg.msg_flags = flags & ~MSG_CMSG_CLOEXEC;
		if (f.file->f_flags & O_NONBLOCK)
			msg.msg_flags |= MSG_DONTWAIT;
		ret = sock->ops->sendmsg(sock, &msg, iov_iter_count(&msg.msg_iter));
	}
	fdput(f);
	return ret;
}

SYSCALL_DEFINE6(sendto, int, fd, void __user *, buf, size_t, len, unsigned int, flags,
		const void __user *, uaddr, int, addrlen)
{
	return ksys_sendto(fd, buf, len, flags, uaddr, addrlen);
}

SYSCALL_DEFINE6(recvfrom, int, fd, void __user *, buf, size_t, len, unsigned int, flags,
		void __user *, uaddr, int __user *, ulen)
{
	struct sockaddr_storage addr;
	struct msghdr msg = {.msg_name = uaddr ? &addr : NULL};
	struct socket *sock;
	struct fd f;
	ssize_t ret = import_single_range(ITER_DEST, buf, len, &msg.msg_iter);

	if (ret)
		return ret;
	ret = sockfd_lookup(fd, &f, &sock);
	if (ret)
		return ret;
	if (f.file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	ret = sock->ops->recvmsg(sock, &msg, iov_iter_count(&msg.msg_iter), flags);
	if (ret >= 0 && uaddr) {
		int err = move_addr_to_user(&addr, msg.msg_namelen, uaddr, ulen);

		if (err)
			ret = err;
	}
	fdput(f);
	return ret;
}

/* One message's header from the program, its segments in *iov (kfree() it). */
static int copy_msghdr(const struct user_msghdr __user *umsg, int direction,
		       struct user_msghdr *hdr, struct msghdr *msg, struct iovec **iov)
{
	ssize_t n;

	if (copy_from_user(hdr, umsg, sizeof(*hdr)))
		return -EFAULT;
	if (!hdr->msg_name)
		hdr->msg_namelen = 0;
	if (hdr->msg_namelen < 0)
		return -EINVAL;
	if (hdr->msg_namelen > (int)sizeof(struct sockaddr_storage))
		hdr->msg_namelen = sizeof(struct sockaddr_storage);
	if (hdr->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	n = import_iovec(direction, hdr->msg_iov, hdr->msg_iovlen, UIO_FASTIOV, iov,
			 &msg->msg_iter);
	return n < 0 ? n : 0;
}

static ssize_t sendmsg_one(struct file *file, struct socket *sock,
			   const struct user_msghdr __user *umsg, unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct sockaddr_storage addr;
	struct msghdr msg = {0};
	struct user_msghdr hdr;
	ssize_t ret = copy_msghdr(umsg, ITER_SOURCE, &hdr, &msg, &iov);

	if (ret)
		return ret;
	if (hdr.msg_name && hdr.msg_namelen) {
		ret = move_addr_to_kernel(hdr.msg_name, hdr.msg_namelen, &addr);
		if (ret)
			goto out;
		msg.msg_name = &addr;
		msg.msg_namelen = hdr.msg_namelen;
	}
	if (hdr.msg_controllen) {
		ret = -ENOBUFS;
		if (hdr.msg_controllen > OPTMEM_MAX)
			goto out;
		msg.msg_control_kern = memdup_user(hdr.msg_control, hdr.msg_controllen);
		if (IS_ERR(msg.msg_control_kern)) {
			ret = PTR_ERR(msg.msg_control_kern);
			msg.msg_control_kern = NULL;
			goto out;
		}
		msg.msg_controllen = hdr.msg_controllen;
	}
	msg.msg_flags = flags & ~MSG_CMSG_CLOEXEC;
	if (file->f_flags & O_NONBLOCK)
		msg.msg_flags |= MSG_DONTWAIT;
	ret = sock->ops->sendmsg(sock, &msg, iov_iter_count(&msg.msg_iter));
out:
	kfree(msg.msg_control_kern);
	kfree(iov);
	return ret;
}

SYSCALL_DEFINE3(sendmsg, int, fd, const struct user_msghdr __user *, umsg, unsigned int, flags)
{
	struct socket *sock;
	struct fd f;
	ssize_t ret = sockfd_lookup(fd, &f, &sock);

	if (ret)
		return ret;
	ret = sendmsg_one(f.file, sock, umsg, flags);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE4(sendmmsg, int, fd, struct mmsghdr __user *, mmsg, unsigned int, vlen, unsigned int,
		flags)
{
	struct socket *sock;
	unsigned int i;
	struct fd f;
	ssize_t ret = sockfd_lookup(fd, &f, &sock);

	if (ret)
		return ret;
	vlen = min(vlen, (unsigned int)UIO_MAXIOV);
	for (i = 0; i < vlen; i++) {
		ret = sendmsg_one(f.file, sock, &mmsg[i].msg_hdr, flags);
		if (ret < 0)
			break;
		if (put_user((unsigned int)ret, &mmsg[i].msg_len)) {
			ret = -EFAULT;
			break;
		}
		if (signal_pending(current)) {
			i++;
			break;
		}
	}
	fdput(f);
	return i ? i : ret < 0 ? ret : 0;
}

/* What the program reads back beside the bytes. */
static int recvmsg_result(const struct user_msghdr *hdr, struct user_msghdr __user *umsg,
			  const struct sockaddr_storage *addr, const struct msghdr *msg)
{
	size_t control = (char __user *)msg->msg_control - (char __user *)hdr->msg_control;

	if (hdr->msg_name) {
		int room = min(hdr->msg_namelen, msg->msg_namelen);

		if (room && copy_to_user(hdr->msg_name, addr, room))
			return -EFAULT;
		if (put_user(msg->msg_namelen, &umsg->msg_namelen))
			return -EFAULT;
	}
	if (put_user(msg->msg_flags, &umsg->msg_flags) || put_user(control, &umsg->msg_controllen))
		return -EFAULT;
	return 0;
}

static ssize_t recvmsg_one(struct file *file, struct socket *sock, struct user_msghdr __user *umsg,
			   unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct sockaddr_storage addr;
	struct msghdr msg = {0};
	struct user_msghdr hdr;
	ssize_t ret = copy_msghdr(umsg, ITER_DEST, &hdr, &msg, &iov);

	if (ret)
		return ret;
	msg.msg_name = hdr.msg_name ? &addr : NULL;
	msg.msg_control = hdr.msg_control;
	msg.msg_controllen = hdr.msg_control ? hdr.msg_controllen : 0;
	msg.msg_flags = flags & MSG_CMSG_CLOEXEC;
	if (file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	ret = sock->ops->recvmsg(sock, &msg, iov_iter_count(&msg.msg_iter), flags);
	if (ret >= 0) {
		int err = recvmsg_result(&hdr, umsg, &addr, &msg);

		if (err)
			ret = err;
	}
	kfree(iov);
	return ret;
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, umsg, unsigned int, flags)
{
	struct socket *sock;
	struct fd f;
	ssize_t ret = sockfd_lookup(fd, &f, &sock);

	if (ret)
		return ret;
	ret = recvmsg_one(f.file, sock, umsg, flags);
	fdput(f);
	return ret;
}

/* The time limit is looked at after each message only: recvmmsg(2), BUGS. */
static int recvmmsg_loop(struct file *file, struct socket *sock, struct mmsghdr __user *mmsg,
			 unsigned int vlen, unsigned int flags, ktime_t deadline)
{
	ssize_t ret = 0;
	unsigned int i;

	for (i = 0; i < vlen; i++) {
		ret = recvmsg_one(file, sock, &mmsg[i].msg_hdr, flags & ~MSG_WAITFORONE);
		if (ret < 0)
			break;
		if (put_user((unsigned int)ret, &mmsg[i].msg_len)) {
			ret = -EFAULT;
			break;
		}
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if ((deadline && ktime_get() >= deadline) || signal_pending(current)) {
			i++;
			break;
		}
	}
	return i ? (int)i : ret < 0 ? (int)ret : 0;
}

SYSCALL_DEFINE5(recvmmsg, int, fd, struct mmsghdr __user *, mmsg, unsigned int, vlen, unsigned int,
		flags, struct timespec64 __user *, utimeout)
{
	struct timespec64 ts = {0};
	ktime_t deadline = 0;
	struct socket *sock;
	struct fd f;
	int ret;

	if (utimeout) {
		if (copy_from_user(&ts, utimeout, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		deadline = ktime_add_safe(ktime_get(), timespec64_to_ktime(ts));
	}
	ret = sockfd_lookup(fd, &f, &sock);
	if (ret)
		return ret;
	vlen = min(vlen, (unsigned int)UIO_MAXIOV);
	ret = recvmmsg_loop(f.file, sock, mmsg, vlen, flags, deadline);
	fdput(f);
	if (ret > 0 && utimeout) {
		s64 left = max((s64)(deadline - ktime_get()), (s64)0);

		ts = ns_to_timespec64(left);
		if (copy_to_user(utimeout, &ts, sizeof(ts)))
			return -EFAULT;
	}
	return ret;
}
