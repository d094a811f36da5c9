/* SPDX-License-Identifier: MIT */
/*
 * read(2), write(2), their positioned and vectored forms, lseek(2), fsync(2) and their kernel
 * twins. Task context; f_pos under f_pos_lock where it is shared (fdget_pos()).
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/fsnotify.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

loff_t vfs_setpos(struct file *file, loff_t offset, loff_t maxsize)
{
	if (offset < 0 || offset > maxsize)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence, loff_t maxsize,
				loff_t eof)
{
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_END:
		offset += eof;
		break;
	case SEEK_CUR:
		if (offset == 0)
			return file->f_pos;
		offset += file->f_pos;
		break;
	case SEEK_DATA: /* all of it is data, and the end is a hole */
		if ((unsigned long long)offset >= (unsigned long long)eof)
			return -ENXIO;
		break;
	case SEEK_HOLE:
		if ((unsigned long long)offset >= (unsigned long long)eof)
			return -ENXIO;
		offset = eof;
		break;
	default:
		return -EINVAL;
	}
	return vfs_setpos(file, offset, maxsize);
}

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	return generic_file_llseek_size(file, offset, whence, inode->i_sb->s_maxbytes,
					i_size_read(inode));
}

loff_t default_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence, OFFSET_MAX,
					i_size_read(file_inode(file)));
}

loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size)
{
	if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
		return -EINVAL;
	return generic_file_llseek_size(file, offset, whence, size, size);
}

loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}

loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	if (!(file->f_mode & FMODE_LSEEK) || !file->f_op->llseek)
		return -ESPIPE;
	return file->f_op->llseek(file, offset, whence);
}

SYSCALL_DEFINE3(lseek, unsigned int, fd, off_t, offset, unsigned int, whence)
{
	struct fd f = fdget_pos(fd);
	loff_t retval = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (whence <= SEEK_MAX)
		retval = vfs_llseek(f.file, offset, whence);
	fdput_pos(f);
	return retval;
}

int rw_verify_area(int read_write, struct file *file, const loff_t *ppos, size_t count)
{
	if (unlikely((ssize_t)count < 0))
		return -EINVAL;
	if (ppos) {
		loff_t pos = *ppos;

		if (unlikely(pos < 0))
			return -EINVAL;
		if (unlikely(count > (size_t)(OFFSET_MAX - pos)))
			return -EOVERFLOW;
	}
	return 0;
}

static int iocb_flags(const struct file *file)
{
	int res = 0;

	if (file->f_flags & O_APPEND)
		res |= IOCB_APPEND;
	if (file->f_flags & O_DIRECT)
		res |= IOCB_DIRECT;
	if (file->f_flags & O_DSYNC)
		res |= IOCB_DSYNC;
	if (file->f_flags & __O_SYNC)
		res |= IOCB_SYNC;
	return res;
}

/* Runs ->read_iter or ->write_iter at *ppos (NULL: a stream). */
static ssize_t call_iter(struct file *file, struct iov_iter *iter, loff_t *ppos, int extra)
{
	struct kiocb kiocb = {
	    .ki_filp = file, .ki_pos = ppos ? *ppos : 0, .ki_flags = iocb_flags(file) | extra};
	ssize_t ret;

	if (iter->data_source)
		ret = file->f_op->write_iter(&kiocb, iter);
	else
		ret = file->f_op->read_iter(&kiocb, iter);
	if (ppos)
		*ppos = kiocb.ki_pos;
	return ret;
}

static void account_read(struct file *file, ssize_t ret)
{
	if (ret > 0) {
		fsnotify_access(file);
		current->rchar += ret;
	}
	current->syscr++;
}

static void account_write(struct file *file, ssize_t ret)
{
	if (ret > 0) {
		fsnotify_modify(file);
		current->wchar += ret;
	}
	current->syscw++;
}

ssize_t vfs_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	ssize_t ret;

	if (unlikely(!(file->f_mode & FMODE_READ)))
		return -EBADF;
	if (unlikely(!(file->f_mode & FMODE_CAN_READ)))
		return -EINVAL;
	if (unlikely(!access_ok(buf, count)))
		return -EFAULT;
	ret = rw_verify_area(READ, file, pos, count);
	if (unlikely(ret))
		return ret;
	count = min(count, MAX_RW_COUNT);
	if (file->f_op->read) {
		ret = file->f_op->read(file, buf, count, pos);
	} else {
		struct iov_iter iter;

		iov_iter_ubuf(&iter, ITER_DEST, buf, count);
		ret = call_iter(file, &iter, pos, 0);
	}
	account_read(file, ret);
	return ret;
}

ssize_t vfs_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	ssize_t ret;

	if (unlikely(!(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	if (unlikely(!(file->f_mode & FMODE_CAN_WRITE)))
		return -EINVAL;
	if (unlikely(!access_ok(buf, count)))
		return -EFAULT;
	ret = rw_verify_area(WRITE, file, pos, count);
	if (unlikely(ret))
		return ret;
	count = min(count, MAX_RW_COUNT);
	if (file->f_op->write) {
		ret = file->f_op->write(file, buf, count, pos);
	} else {
		struct iov_iter iter;

		iov_iter_ubuf(&iter, ITER_SOURCE, (void __user *)buf, count);
		ret = call_iter(file, &iter, pos, 0);
	}
	account_write(file, ret);
	return ret;
}

ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos)
{
	struct kvec iov = {.iov_base = buf, .iov_len = min(count, MAX_RW_COUNT)};
	struct iov_iter iter;
	int ret;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!file->f_op->read_iter)
		return -EINVAL;
	ret = rw_verify_area(READ, file, pos, count);
	if (ret)
		return ret;
	iov_iter_kvec(&iter, ITER_DEST, &iov, 1, iov.iov_len);
	return call_iter(file, &iter, pos, 0);
}

ssize_t kernel_write(struct file *file, const void *buf, size_t count, loff_t *pos)
{
	struct kvec iov = {.iov_base = (void *)buf, .iov_len = min(count, MAX_RW_COUNT)};
	struct iov_iter iter;
	int ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write_iter)
		return -EINVAL;
	ret = rw_verify_area(WRITE, file, pos, count);
	if (ret)
		return ret;
	iov_iter_kvec(&iter, ITER_SOURCE, &iov, 1, iov.iov_len);
	return call_iter(file, &iter, pos, 0);
}

static loff_t *file_ppos(struct file *file)
{
	return file->f_mode & FMODE_STREAM ? NULL : &file->f_pos;
}

SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)
{
	struct fd f = fdget_pos(fd);
	ssize_t ret = -EBADF;

	if (likely(f.file)) {
		ret = vfs_read(f.file, buf, count, file_ppos(f.file));
		fdput_pos(f);
	}
	return ret;
}

SYSCALL_DEFINE3(write, unsigned int, fd, const char __user *, buf, size_t, count)
{
	struct fd f = fdget_pos(fd);
	ssize_t ret = -EBADF;

	if (likely(f.file)) {
		ret = vfs_write(f.file, buf, count, file_ppos(f.file));
		fdput_pos(f);
	}
	return ret;
}

SYSCALL_DEFINE4(pread64, unsigned int, fd, char __user *, buf, size_t, count, loff_t, pos)
{
	struct fd f;
	ssize_t ret = -EBADF;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (f.file) {
		ret = -ESPIPE;
		if (f.file->f_mode & FMODE_PREAD)
			ret = vfs_read(f.file, buf, count, &pos);
		fdput(f);
	}
	return ret;
}

SYSCALL_DEFINE4(pwrite64, unsigned int, fd, const char __user *, buf, size_t, count, loff_t, pos)
{
	struct fd f;
	ssize_t ret = -EBADF;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (f.file) {
		ret = -ESPIPE;
		if (f.file->f_mode & FMODE_PWRITE)
			ret = vfs_write(f.file, buf, count, &pos);
		fdput(f);
	}
	return ret;
}

/* For files that have only ->read and ->write: segment by segment. */
static ssize_t loop_segments(struct file *file, struct iov_iter *iter, loff_t *ppos)
{
	ssize_t ret = 0;

	if (!iter_is_user(iter))
		return -EINVAL;
	while (iov_iter_count(iter)) {
		void __user *base = iter->iter_type == ITER_UBUF
					? (char __user *)iter->ubuf + iter->iov_offset
					: (char __user *)iter->iov->iov_base + iter->iov_offset;
		size_t len = iter->iter_type == ITER_UBUF
				 ? iter->count
				 : min(iter->count, iter->iov->iov_len - iter->iov_offset);
		ssize_t nr;

		if (!len) {
			iter->iov++;
			iter->nr_segs--;
			iter->iov_offset = 0;
			continue;
		}
		nr = iter->data_source ? file->f_op->write(file, base, len, ppos)
				       : file->f_op->read(file, base, len, ppos);
		if (nr < 0)
			return ret ? ret : nr;
		ret += nr;
		iov_iter_advance(iter, nr);
		if (nr != (ssize_t)len)
			break;
	}
	return ret;
}

static int rwf_to_iocb(unsigned int flags)
{
	int res = 0;

	if (flags & RWF_HIPRI)
		res |= IOCB_HIPRI;
	if (flags & RWF_DSYNC)
		res |= IOCB_DSYNC;
	if (flags & RWF_SYNC)
		res |= IOCB_SYNC | IOCB_DSYNC;
	if (flags & RWF_NOWAIT)
		res |= IOCB_NOWAIT;
	if (flags & RWF_APPEND)
		res |= IOCB_APPEND;
	return res;
}

static ssize_t do_iter(struct file *file, struct iov_iter *iter, loff_t *pos, unsigned int flags)
{
	bool write = iter->data_source;
	ssize_t ret;

	if (!(file->f_mode & (write ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	if (!(file->f_mode & (write ? FMODE_CAN_WRITE : FMODE_CAN_READ)))
		return -EINVAL;
	if (flags & ~RWF_SUPPORTED)
		return -EOPNOTSUPP;
	if (!iov_iter_count(iter))
		return 0;
	ret = rw_verify_area(write ? WRITE : READ, file, pos, iov_iter_count(iter));
	if (ret < 0)
		return ret;
	if (write ? !!file->f_op->write_iter : !!file->f_op->read_iter)
		ret = call_iter(file, iter, pos, rwf_to_iocb(flags));
	else if (flags & ~RWF_HIPRI)
		ret = -EOPNOTSUPP;
	else
		ret = loop_segments(file, iter, pos);
	if (write)
		account_write(file, ret);
	else
		account_read(file, ret);
	return ret;
}

ssize_t vfs_iter_read(struct file *file, struct iov_iter *iter, loff_t *pos, int flags)
{
	return do_iter(file, iter, pos, flags);
}

ssize_t vfs_iter_write(struct file *file, struct iov_iter *iter, loff_t *pos, int flags)
{
	return do_iter(file, iter, pos, flags);
}

static ssize_t vec_io(int direction, struct file *file, const struct iovec __user *vec,
		      unsigned long vlen, loff_t *pos, unsigned int flags)
{
	struct iovec iovstack[UIO_FASTIOV], *iov = iovstack;
	struct iov_iter iter;
	ssize_t ret = import_iovec(direction, vec, vlen, ARRAY_SIZE(iovstack), &iov, &iter);

	if (ret >= 0) {
		ret = do_iter(file, &iter, pos, flags);
		kfree(iov);
	}
	return ret;
}

static ssize_t do_vec(int direction, unsigned long fd, const struct iovec __user *vec,
		      unsigned long vlen, unsigned int flags)
{
	struct fd f = fdget_pos(fd);
	ssize_t ret = -EBADF;

	if (f.file) {
		ret = vec_io(direction, f.file, vec, vlen, file_ppos(f.file), flags);
		fdput_pos(f);
	}
	return ret;
}

static ssize_t do_pvec(int direction, unsigned long fd, const struct iovec __user *vec,
		       unsigned long vlen, loff_t pos, unsigned int flags)
{
	ssize_t ret = -EBADF;
	struct fd f;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (f.file) {
		ret = -ESPIPE;
		if (f.file->f_mode & (direction == ITER_SOURCE ? FMODE_PWRITE : FMODE_PREAD))
			ret = vec_io(direction, f.file, vec, vlen, &pos, flags);
		fdput(f);
	}
	return ret;
}

SYSCALL_DEFINE3(readv, unsigned long, fd, const struct iovec __user *, vec, unsigned long, vlen)
{
	return do_vec(ITER_DEST, fd, vec, vlen, 0);
}

SYSCALL_DEFINE3(writev, unsigned long, fd, const struct iovec __user *, vec, unsigned long, vlen)
{
	return do_vec(ITER_SOURCE, fd, vec, vlen, 0);
}

/* The position comes in two halves, of which the low one holds it all on 64 bits. */
SYSCALL_DEFINE5(preadv, unsigned long, fd, const struct iovec __user *, vec, unsigned long, vlen,
		unsigned long, pos_l, unsigned long, pos_h)
{
	return do_pvec(ITER_DEST, fd, vec, vlen, pos_l, 0);
}

SYSCALL_DEFINE5(pwritev, unsigned long, fd, const struct iovec __user *, vec, unsigned long, vlen,
		unsigned long, pos_l, unsigned long, pos_h)
{
	return do_pvec(ITER_SOURCE, fd, vec, vlen, pos_l, 0);
}

SYSCALL_DEFINE6(preadv2, unsigned long, fd, const struct iovec __user *, vec, unsigned long, vlen,
		unsigned long, pos_l, unsigned long, pos_h, int, flags)
{
	if ((loff_t)pos_l == -1)
		return do_vec(ITER_DEST, fd, vec, vlen, flags);
	return do_pvec(ITER_DEST, fd, vec, vlen, pos_l, flags);
}

SYSCALL_DEFINE6(pwritev2, unsigned long, fd, const struct iovec __user *, vec, unsigned long, vlen,
		unsigned long, pos_l, unsigned long, pos_h, int, flags)
{
	if ((loff_t)pos_l == -1)
		return do_vec(ITER_SOURCE, fd, vec, vlen, flags);
	return do_pvec(ITER_SOURCE, fd, vec, vlen, pos_l, flags);
}

ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	unsigned long limit = rlimit(RLIMIT_FSIZE);

	if (!iov_iter_count(from))
		return 0;
	if (iocb->ki_flags & IOCB_APPEND)
		iocb->ki_pos = i_size_read(inode);
	if (limit != RLIM_INFINITY) {
		if ((unsigned long)iocb->ki_pos >= limit) {
			send_sig(SIGXFSZ, current, 0);
			return -EFBIG;
		}
		iov_iter_truncate(from, limit - iocb->ki_pos);
	}
	if (iocb->ki_pos >= inode->i_sb->s_maxbytes)
		return -EFBIG;
	iov_iter_truncate(from, inode->i_sb->s_maxbytes - iocb->ki_pos);
	return iov_iter_count(from);
}

int noop_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return 0;
}

int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync)
{
	if (!file->f_op->fsync)
		return -EINVAL;
	return file->f_op->fsync(file, start, end, datasync);
}

int vfs_fsync(struct file *file, int datasync)
{
	return vfs_fsync_range(file, 0, OFFSET_MAX, datasync);
}

static int do_fsync(unsigned int fd, int datasync)
{
	struct fd f = fdget(fd);
	int ret = -EBADF;

	if (f.file) {
		ret = vfs_fsync(f.file, datasync);
		fdput(f);
	}
	return ret;
}

SYSCALL_DEFINE1(fsync, unsigned int, fd)
{
	return do_fsync(fd, 0);
}

SYSCALL_DEFINE1(fdatasync, unsigned int, fd)
{
	return do_fsync(fd, 1);
}

SYSCALL_DEFINE4(sync_file_range, int, fd, loff_t, offset, loff_t, nbytes, unsigned int, flags)
{
	const unsigned int valid =
	    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	struct fd f;
	umode_t mode;

	if ((flags & ~valid) || offset < 0 || offset + nbytes < offset)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	mode = file_inode(f.file)->i_mode;
	fdput(f);
	/* All of ours live in memory: what is written is where it will be. */
	return S_ISREG(mode) || S_ISBLK(mode) || S_ISDIR(mode) || S_ISLNK(mode) ? 0 : -ESPIPE;
}

SYSCALL_DEFINE4(fadvise64, int, fd, loff_t, offset, loff_t, len, int, advice)
{
	struct fd f = fdget(fd);
	int ret = 0;

	if (!f.file)
		return -EBADF;
	if (S_ISFIFO(file_inode(f.file)->i_mode))
		ret = -ESPIPE;
	else if (len < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		ret = -EINVAL;
	fdput(f);
	return ret;
}

SYSCALL_DEFINE3(readahead, int, fd, loff_t, offset, size_t, count)
{
	struct fd f = fdget(fd);
	int ret = -EBADF;

	if (!f.file)
		return -EBADF;
	if (f.file->f_mode & FMODE_READ)
		ret = S_ISREG(file_inode(f.file)->i_mode) ? 0 : -EINVAL;
	fdput(f);
	return ret;
}
