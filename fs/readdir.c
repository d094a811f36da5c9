/* SPDX-License-Identifier: MIT */
/*
 * getdents64(2) and getdents(2). Task context.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/syscalls.h>
#include <jiffy/fsnotify.h>
#include <uapi/dirent.h>

int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file_inode(file);
	int res;

	if (!file->f_op->iterate_shared)
		return -ENOTDIR;
	inode_lock_shared(inode);
	res = -ENOENT;
	if (!IS_DEADDIR(inode)) {
		ctx->pos = file->f_pos;
		res = file->f_op->iterate_shared(file, ctx);
		file->f_pos = ctx->pos;
		fsnotify_access(file);
		file_accessed(file);
	}
	inode_unlock_shared(inode);
	return res;
}

struct getdents_ctx {
	struct dir_context ctx;
	char __user *buf;
	s64 __user *last_off; /* d_off of the record before: known only now */
	int count, error;
	bool old_format;
};

/* Fills the record at g->buf, whose d_off comes with the next one or at the end. */
static int put_dirent(struct getdents_ctx *g, const char *name, int namelen, u64 ino,
		      unsigned int type, int reclen)
{
	struct linux_dirent64 __user *d64 = (void __user *)g->buf;
	struct linux_dirent __user *d = (void __user *)g->buf;
	char __user *to = g->old_format ? d->d_name : d64->d_name;

	if (g->old_format) {
		if (put_user((unsigned long)ino, &d->d_ino) ||
		    put_user((u16)reclen, &d->d_reclen) ||
		    put_user((char)type, g->buf + reclen - 1))
			return -EFAULT;
	} else if (put_user(ino, &d64->d_ino) || put_user((u16)reclen, &d64->d_reclen) ||
		   put_user((u8)type, &d64->d_type)) {
		return -EFAULT;
	}
	if (copy_to_user(to, name, namelen) || put_user((char)0, to + namelen))
		return -EFAULT;
	return 0;
}

static bool fill_dirent(struct dir_context *ctx, const char *name, int namelen, loff_t pos, u64 ino,
			unsigned int type)
{
	struct getdents_ctx *g = container_of(ctx, struct getdents_ctx, ctx);
	size_t head = g->old_format ? offsetof(struct linux_dirent, d_name) + 1
				    : offsetof(struct linux_dirent64, d_name);
	int reclen = ALIGN(head + namelen + 1, sizeof(u64));

	g->error = -EINVAL; /* when not even one fits */
	if (reclen > g->count)
		return false;
	if (g->last_off && signal_pending(current)) {
		g->error = -EINTR;
		return false;
	}
	if ((g->last_off && put_user((s64)pos, g->last_off)) ||
	    put_dirent(g, name, namelen, ino, type, reclen)) {
		g->error = -EFAULT;
		return false;
	}
	g->last_off = (s64 __user *)(g->buf + sizeof(u64)); /* second word in both formats */
	g->buf += reclen;
	g->count -= reclen;
	g->error = 0;
	return true;
}

static long do_getdents(unsigned int fd, char __user *buf, unsigned int count, bool old_format)
{
	struct getdents_ctx g = {.ctx.actor = fill_dirent,
				 .buf = buf,
				 .count = min_t(unsigned int, count, 0x7fffffff),
				 .old_format = old_format};
	struct fd f = fdget_pos(fd);
	long error;

	if (!f.file)
		return -EBADF;
	error = iterate_dir(f.file, &g.ctx);
	if (error >= 0)
		error = g.error;
	if (g.last_off) {
		if (put_user((s64)g.ctx.pos, g.last_off))
			error = -EFAULT;
		else
			error = g.buf - buf;
	}
	fdput_pos(f);
	return error;
}

SYSCALL_DEFINE3(getdents64, unsigned int, fd, struct linux_dirent64 __user *, dirent, unsigned int,
		count)
{
	return do_getdents(fd, (char __user *)dirent, count, false);
}

SYSCALL_DEFINE3(getdents, unsigned int, fd, struct linux_dirent __user *, dirent, unsigned int,
		count)
{
	return do_getdents(fd, (char __user *)dirent, count, true);
}
