/* SPDX-License-Identifier: MIT */
/*
 * ioctl(2): what every file answers, then the file's own. Task context.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/syscalls.h>
#include <uapi/ioctl.h>

long vfs_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long error = -ENOTTY;

	if (filp->f_op->unlocked_ioctl) {
		error = filp->f_op->unlocked_ioctl(filp, cmd, arg);
		if (error == -ENOIOCTLCMD)
			error = -ENOTTY;
	}
	return error;
}

static int ioctl_fionbio(struct file *filp, int __user *argp)
{
	int on;

	if (get_user(on, argp))
		return -EFAULT;
	spin_lock(&filp->f_lock);
	if (on)
		filp->f_flags |= O_NONBLOCK;
	else
		filp->f_flags &= ~O_NONBLOCK;
	spin_unlock(&filp->f_lock);
	return 0;
}

static int ioctl_fioasync(unsigned int fd, struct file *filp, int __user *argp)
{
	unsigned int flag;
	int on, error = 0;

	if (get_user(on, argp))
		return -EFAULT;
	flag = on ? FASYNC : 0;
	if ((flag ^ filp->f_flags) & FASYNC) {
		error = -ENOTTY;
		if (filp->f_op->fasync)
			error = filp->f_op->fasync(fd, filp, on);
	}
	return error < 0 ? error : 0;
}

static long file_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(filp);

	switch (cmd) {
	case FIONREAD:
		if (S_ISREG(inode->i_mode))
			return put_user((int)(i_size_read(inode) - filp->f_pos), (int __user *)arg);
		break;
	case FIOQSIZE:
		if (S_ISDIR(inode->i_mode) || S_ISREG(inode->i_mode) || S_ISLNK(inode->i_mode))
			return put_user((s64)i_size_read(inode), (s64 __user *)arg);
		return -ENOTTY;
	case FIGETBSZ:
		return put_user((int)inode->i_sb->s_blocksize, (int __user *)arg);
	}
	return vfs_ioctl(filp, cmd, arg);
}

SYSCALL_DEFINE3(ioctl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct fd f = fdget(fd);
	long error = 0;

	if (!f.file)
		return -EBADF;
	switch (cmd) {
	case FIOCLEX:
		set_close_on_exec(fd, true);
		break;
	case FIONCLEX:
		set_close_on_exec(fd, false);
		break;
	case FIONBIO:
		error = ioctl_fionbio(f.file, (int __user *)arg);
		break;
	case FIOASYNC:
		error = ioctl_fioasync(fd, f.file, (int __user *)arg);
		break;
	default:
		error = file_ioctl(f.file, cmd, arg);
	}
	fdput(f);
	return error;
}
