/* SPDX-License-Identifier: MIT */
/*
 * stat(2), statx(2), readlink(2), statfs(2). Task context.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

void generic_fillattr(struct inode *inode, struct kstat *stat)
{
	stat->dev = inode->i_sb->s_dev;
	stat->ino = inode->i_ino;
	stat->mode = inode->i_mode;
	stat->nlink = inode->i_nlink;
	stat->uid = inode->i_uid;
	stat->gid = inode->i_gid;
	stat->rdev = inode->i_rdev;
	stat->size = i_size_read(inode);
	stat->atime = inode->i_atime;
	stat->mtime = inode->i_mtime;
	stat->ctime = inode->i_ctime;
	stat->btime = inode->i_btime;
	stat->blksize = 1U << inode->i_blkbits;
	stat->blocks = inode->i_blocks;
}

int vfs_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	stat->result_mask = STATX_BASIC_STATS;
	stat->attributes = 0;
	stat->attributes_mask = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_MOUNT_ROOT;
	stat->mnt_id = real_mount(path->mnt)->mnt_id;
	stat->result_mask |= STATX_MNT_ID;
	if (inode->i_flags & S_IMMUTABLE)
		stat->attributes |= STATX_ATTR_IMMUTABLE;
	if (inode->i_flags & S_APPEND)
		stat->attributes |= STATX_ATTR_APPEND;
	if (path->mnt->mnt_root == path->dentry)
		stat->attributes |= STATX_ATTR_MOUNT_ROOT;
	if (inode->i_op->getattr)
		return inode->i_op->getattr(path, stat, mask, flags);
	generic_fillattr(inode, stat);
	return 0;
}

static int vfs_statx(int dfd, const char __user *filename, int flags, struct kstat *stat, u32 mask)
{
	unsigned int lookup;
	struct path path;
	int error = at_lookup_flags(
	    flags, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE,
	    &lookup);

	if (error)
		return error;
	error = user_path_at(dfd, filename, lookup, &path);
	if (error)
		return error;
	error = vfs_getattr(&path, stat, mask, flags);
	path_put(&path);
	return error;
}

static int vfs_fstat(int fd, struct kstat *stat)
{
	struct fd f = fdget_raw(fd);
	int error;

	if (!f.file)
		return -EBADF;
	error = vfs_getattr(&f.file->f_path, stat, STATX_BASIC_STATS, 0);
	fdput(f);
	return error;
}

static int cp_new_stat(const struct kstat *stat, struct stat __user *statbuf)
{
	struct user_namespace *ns = current_user_ns();
	struct stat tmp = {
	    .st_dev = stat->dev,
	    .st_ino = stat->ino,
	    .st_nlink = stat->nlink,
	    .st_mode = stat->mode,
	    .st_uid = from_kuid_munged(ns, stat->uid),
	    .st_gid = from_kgid_munged(ns, stat->gid),
	    .st_rdev = stat->rdev,
	    .st_size = stat->size,
	    .st_blksize = stat->blksize,
	    .st_blocks = stat->blocks,
	    .st_atime_sec = stat->atime.tv_sec,
	    .st_atime_nsec = stat->atime.tv_nsec,
	    .st_mtime_sec = stat->mtime.tv_sec,
	    .st_mtime_nsec = stat->mtime.tv_nsec,
	    .st_ctime_sec = stat->ctime.tv_sec,
	    .st_ctime_nsec = stat->ctime.tv_nsec,
	};

	return copy_to_user(statbuf, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

static long do_newfstatat(int dfd, const char __user *filename, struct stat __user *statbuf,
			  int flags)
{
	struct kstat stat;
	int error = vfs_statx(dfd, filename, flags, &stat, STATX_BASIC_STATS);

	return error ? error : cp_new_stat(&stat, statbuf);
}

SYSCALL_DEFINE2(stat, const char __user *, filename, struct stat __user *, statbuf)
{
	return do_newfstatat(AT_FDCWD, filename, statbuf, 0);
}

SYSCALL_DEFINE2(lstat, const char __user *, filename, struct stat __user *, statbuf)
{
	return do_newfstatat(AT_FDCWD, filename, statbuf, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, filename, struct stat __user *, statbuf,
		int, flag)
{
	char first;

	/* What a C library's fstat() calls: an empty name and a descriptor. */
	if (flag == AT_EMPTY_PATH && dfd >= 0 && !get_user(first, filename) && !first) {
		struct kstat stat;
		int error = vfs_fstat(dfd, &stat);

		return error ? error : cp_new_stat(&stat, statbuf);
	}
	return do_newfstatat(dfd, filename, statbuf, flag);
}

SYSCALL_DEFINE2(fstat, unsigned int, fd, struct stat __user *, statbuf)
{
	struct kstat stat;
	int error = vfs_fstat(fd, &stat);

	return error ? error : cp_new_stat(&stat, statbuf);
}

static struct statx_timestamp statx_time(const struct timespec64 *ts)
{
	return (struct statx_timestamp){.tv_sec = ts->tv_sec, .tv_nsec = ts->tv_nsec};
}

SYSCALL_DEFINE5(statx, int, dfd, const char __user *, filename, unsigned int, flags, unsigned int,
		mask, struct statx __user *, buffer)
{
	struct user_namespace *ns = current_user_ns();
	struct kstat stat = {.btime = {0, 0}};
	struct statx tmp;
	int error;

	if ((mask & STATX__RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	error = vfs_statx(dfd, filename, flags, &stat, mask);
	if (error)
		return error;
	memset(&tmp, 0, sizeof(tmp));
	tmp.stx_mask = stat.result_mask;
	if (stat.btime.tv_sec)
		tmp.stx_mask |= STATX_BTIME;
	tmp.stx_blksize = stat.blksize;
	tmp.stx_attributes = stat.attributes & stat.attributes_mask;
	tmp.stx_attributes_mask = stat.attributes_mask;
	tmp.stx_nlink = stat.nlink;
	tmp.stx_uid = from_kuid_munged(ns, stat.uid);
	tmp.stx_gid = from_kgid_munged(ns, stat.gid);
	tmp.stx_mode = stat.mode;
	tmp.stx_ino = stat.ino;
	tmp.stx_size = stat.size;
	tmp.stx_blocks = stat.blocks;
	tmp.stx_atime = statx_time(&stat.atime);
	tmp.stx_btime = statx_time(&stat.btime);
	tmp.stx_ctime = statx_time(&stat.ctime);
	tmp.stx_mtime = statx_time(&stat.mtime);
	tmp.stx_rdev_major = MAJOR(stat.rdev);
	tmp.stx_rdev_minor = MINOR(stat.rdev);
	tmp.stx_dev_major = MAJOR(stat.dev);
	tmp.stx_dev_minor = MINOR(stat.dev);
	tmp.stx_mnt_id = stat.mnt_id;
	return copy_to_user(buffer, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

int vfs_readlink(struct dentry *dentry, char __user *buf, int len)
{
	struct inode *inode = d_inode(dentry);
	struct delayed_call done = {NULL, NULL};
	const char *link;
	int res;

	if (inode->i_op->readlink)
		return inode->i_op->readlink(dentry, buf, len);
	link = inode->i_op->get_link(dentry, inode, &done);
	if (IS_ERR(link))
		return PTR_ERR(link);
	res = min_t(size_t, strlen(link), len);
	if (copy_to_user(buf, link, res))
		res = -EFAULT;
	do_delayed_call(&done);
	return res;
}

static long do_readlinkat(int dfd, const char __user *pathname, char __user *buf, int bufsiz)
{
	struct filename *name;
	struct inode *inode;
	struct path path;
	int error;
	bool empty;

	if (bufsiz <= 0)
		return -EINVAL;
	name = getname_flags(pathname, LOOKUP_EMPTY);
	if (IS_ERR(name))
		return PTR_ERR(name);
	empty = !name->name[0];
	error = filename_lookup(dfd, name, LOOKUP_EMPTY, &path, NULL);
	putname(name);
	if (error)
		return error;
	inode = d_inode(path.dentry);
	/* readlinkat(fd, "") on what is no link: the name was the fault, says Linux. */
	error = empty ? -ENOENT : -EINVAL;
	if (S_ISLNK(inode->i_mode) && (inode->i_op->get_link || inode->i_op->readlink)) {
		touch_atime(&path);
		error = vfs_readlink(path.dentry, buf, bufsiz);
	}
	path_put(&path);
	return error;
}

SYSCALL_DEFINE4(readlinkat, int, dfd, const char __user *, pathname, char __user *, buf, int,
		bufsiz)
{
	return do_readlinkat(dfd, pathname, buf, bufsiz);
}

SYSCALL_DEFINE3(readlink, const char __user *, path, char __user *, buf, int, bufsiz)
{
	return do_readlinkat(AT_FDCWD, path, buf, bufsiz);
}

static s64 statfs_flags(const struct path *path)
{
	static const struct {
		unsigned int mnt, st;
	} map[] = {
	    {MNT_READONLY, ST_RDONLY},	 {MNT_NOSUID, ST_NOSUID},
	    {MNT_NODEV, ST_NODEV},	 {MNT_NOEXEC, ST_NOEXEC},
	    {MNT_NOATIME, ST_NOATIME},	 {MNT_NODIRATIME, ST_NODIRATIME},
	    {MNT_RELATIME, ST_RELATIME}, {MNT_NOSYMFOLLOW, ST_NOSYMFOLLOW},
	};
	s64 flags = ST_VALID;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (path->mnt->mnt_flags & map[i].mnt)
			flags |= map[i].st;
	if (path->mnt->mnt_sb->s_flags & SB_RDONLY)
		flags |= ST_RDONLY;
	if (path->mnt->mnt_sb->s_flags & SB_SYNCHRONOUS)
		flags |= ST_SYNCHRONOUS;
	return flags;
}

int vfs_statfs(const struct path *path, struct statfs *buf)
{
	struct super_block *sb = path->dentry->d_sb;
	int error;

	memset(buf, 0, sizeof(*buf));
	if (!sb->s_op->statfs)
		return -ENOSYS;
	error = sb->s_op->statfs(path->dentry, buf);
	if (error)
		return error;
	if (!buf->f_frsize)
		buf->f_frsize = buf->f_bsize;
	buf->f_fsid[0] = sb->s_dev;
	buf->f_flags = statfs_flags(path);
	return 0;
}

SYSCALL_DEFINE2(statfs, const char __user *, pathname, struct statfs __user *, buf)
{
	struct statfs st;
	struct path path;
	int error = user_path_at(AT_FDCWD, pathname, LOOKUP_FOLLOW, &path);

	if (error)
		return error;
	error = vfs_statfs(&path, &st);
	path_put(&path);
	if (!error && copy_to_user(buf, &st, sizeof(st)))
		error = -EFAULT;
	return error;
}

SYSCALL_DEFINE2(fstatfs, unsigned int, fd, struct statfs __user *, buf)
{
	struct fd f = fdget_raw(fd);
	struct statfs st;
	int error;

	if (!f.file)
		return -EBADF;
	error = vfs_statfs(&f.file->f_path, &st);
	fdput(f);
	if (!error && copy_to_user(buf, &st, sizeof(st)))
		error = -EFAULT;
	return error;
}
