/* SPDX-License-Identifier: MIT */
/*
 * memfd_create(2): files of shared memory without a name, with seals (fcntl(2)) that promise what
 * will never again happen to them.
 */
#include "shmem.h"
#include <arch/uaccess.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#define ALL_SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)
#define MFD_NAME_PREFIX "memfd:"

static long add_seals(struct file *file, unsigned int seals)
{
	struct inode *inode = file_inode(file);
	struct shmem_inode_info *info = SHMEM_I(inode);
	long error = 0;

	if (!(file->f_mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~(unsigned int)ALL_SEALS)
		return -EINVAL;
	inode_lock(inode);
	if (info->seals & F_SEAL_SEAL)
		error = -EPERM;
	/* Nobody may have it mapped for writing, and nobody can from now on. */
	else if ((seals & F_SEAL_WRITE) && !(info->seals & F_SEAL_WRITE))
		error = mapping_deny_writable(inode->i_mapping);
	if (!error)
		info->seals |= seals;
	inode_unlock(inode);
	return error;
}

long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!shmem_file(file))
		return -EINVAL;
	if (cmd == F_GET_SEALS)
		return SHMEM_I(file_inode(file))->seals;
	if (arg > 0xffffffffUL)
		return -EINVAL;
	return add_seals(file, arg);
}

SYSCALL_DEFINE2(memfd_create, const char __user *, uname, unsigned int, flags)
{
	char name[NAME_MAX + 1] = MFD_NAME_PREFIX;
	const long prefix = sizeof(MFD_NAME_PREFIX) - 1;
	struct file *file;
	long len;
	int fd;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	len = strncpy_from_user(name + prefix, uname, NAME_MAX - prefix + 1);
	if (len < 0)
		return len;
	if (len > NAME_MAX - prefix)
		return -EINVAL;
	fd = get_unused_fd_flags(flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
	if (fd < 0)
		return fd;
	file = shmem_file_setup(name, 0, 0);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	file->f_flags |= O_LARGEFILE;
	if (flags & MFD_ALLOW_SEALING)
		SHMEM_I(file_inode(file))->seals &= ~F_SEAL_SEAL;
	fd_install(fd, file);
	return fd;
}
