/* SPDX-License-Identifier: MIT */
/*
 * splice(2), tee(2), vmsplice(2), sendfile(2), copy_file_range(2). Between pipes whole pages
 * change hands; between a pipe and a file, data goes through the pipe's pages by the file's
 * ->read_iter and ->write_iter. The pipe's mutex is held meanwhile: it comes before every lock of
 * a file.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/fsnotify.h>
#include <jiffy/mm.h>
#include <jiffy/pipe_fs.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#define SPLICE_FLAGS (SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)
#define COPY_CHUNK   (8 * PAGE_SIZE)

static struct pipe_buffer *slot(struct pipe_inode_info *pipe, unsigned int n)
{
	return &pipe->bufs[n & (pipe->ring_size - 1)];
}

/* mutex held. 1: there is room, 0 never, or an errno. */
static int wait_for_space(struct pipe_inode_info *pipe, bool nonblock)
{
	for (;;) {
		int err;

		if (unlikely(!pipe->readers)) {
			send_sig(SIGPIPE, current, 0);
			return -EPIPE;
		}
		if (!pipe_full(pipe->head, pipe->tail, pipe->ring_size))
			return 1;
		if (nonblock)
			return -EAGAIN;
		err = pipe_wait_writable(pipe);
		if (err)
			return err;
	}
}

/* mutex held. 1: something to read, 0: nothing will come any more, or an errno. */
static int wait_for_data(struct pipe_inode_info *pipe, bool nonblock)
{
	for (;;) {
		int err;

		if (!pipe_empty(pipe->head, pipe->tail))
			return 1;
		if (!pipe->writers)
			return 0;
		if (nonblock)
			return -EAGAIN;
		err = pipe_wait_readable(pipe);
		if (err)
			return err;
	}
}

/* Reads from a file into a page of the kernel's. */
static ssize_t read_into(struct file *in, void *mem, size_t len, loff_t *ppos)
{
	struct kvec vec = {.iov_base = mem, .iov_len = len};
	struct iov_iter iter;

	if (!in->f_op->read_iter)
		return -EINVAL;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	return vfs_iter_read(in, &iter, ppos, 0);
}

/* And writes: len bytes in n pieces. */
static ssize_t write_from(struct file *out, const struct kvec *vec, unsigned int n, size_t len,
			  loff_t *ppos)
{
	struct iov_iter iter;

	if (!out->f_op->write_iter)
		return -EINVAL;
	iov_iter_kvec(&iter, ITER_SOURCE, vec, n, len);
	return vfs_iter_write(out, &iter, ppos, 0);
}

/*
 * mutex held and room for a page. It is one read, for as much as there is room: the file of a device
 * or a socket gives what it has, and would wait when it is asked a second time.
 */
static ssize_t fill_from_file(struct file *in, loff_t *ppos, struct pipe_inode_info *pipe,
			      size_t len)
{
	struct page *pages[PIPE_DEF_BUFFERS];
	struct kvec vec[PIPE_DEF_BUFFERS];
	unsigned int room = pipe->ring_size - (pipe->head - pipe->tail), n, i;
	unsigned int wanted =
	    min_t(size_t, DIV_ROUND_UP(len, PAGE_SIZE), min_t(size_t, room, PIPE_DEF_BUFFERS));
	struct iov_iter iter;
	ssize_t ret, left;

	if (!in->f_op->read_iter)
		return -EINVAL;
	for (n = 0; n < wanted && (pages[n] = pipe_get_page(pipe)); n++)
		vec[n] = (struct kvec){page_address(pages[n]), PAGE_SIZE};
	if (!n)
		return len ? -ENOMEM : 0;
	iov_iter_kvec(&iter, ITER_DEST, vec, n, min(len, n * PAGE_SIZE));
	ret = vfs_iter_read(in, &iter, ppos, 0);
	for (i = 0, left = ret; i < n; i++, left -= PAGE_SIZE) {
		if (left > 0)
			pipe_push(pipe, pages[i], 0, min_t(size_t, left, PAGE_SIZE), 0);
		else
			put_page(pages[i]);
	}
	return ret;
}

static ssize_t file_to_pipe(struct file *in, loff_t *ppos, struct pipe_inode_info *pipe, size_t len,
			    unsigned int flags)
{
	ssize_t ret;

	mutex_lock(&pipe->mutex);
	ret = wait_for_space(pipe, flags & SPLICE_F_NONBLOCK);
	if (ret > 0)
		ret = fill_from_file(in, ppos, pipe, len);
	mutex_unlock(&pipe->mutex);
	if (ret > 0)
		pipe_wake_readers(pipe);
	return ret;
}

/* The first up to len bytes in the pipe, and where they are: *n entries of vec at most. */
static size_t gather(struct pipe_inode_info *pipe, size_t len, struct kvec *vec, unsigned int *n)
{
	unsigned int room = *n;
	size_t total = 0;

	for (*n = 0; *n < room && total < len && pipe->tail + *n != pipe->head; ++*n) {
		struct pipe_buffer *buf = slot(pipe, pipe->tail + *n);
		size_t part = min_t(size_t, len - total, buf->len);

		vec[*n] = (struct kvec){(char *)page_address(buf->page) + buf->offset, part};
		total += part;
	}
	return total;
}

static void consume(struct pipe_inode_info *pipe, size_t len)
{
	while (len) {
		struct pipe_buffer *buf = slot(pipe, pipe->tail);
		size_t part = min_t(size_t, len, buf->len);

		buf->offset += part;
		buf->len -= part;
		len -= part;
		if (!buf->len)
			pipe_release_tail(pipe);
	}
}

/* What is there goes in one write, for a socket may make one message of it. */
static ssize_t drain_to_file(struct pipe_inode_info *pipe, struct file *out, loff_t *ppos,
			     size_t len)
{
	struct kvec vec[PIPE_DEF_BUFFERS];
	ssize_t ret = 0;

	while (len && !pipe_empty(pipe->head, pipe->tail)) {
		unsigned int used = ARRAY_SIZE(vec);
		size_t want = gather(pipe, len, vec, &used);
		ssize_t n = write_from(out, vec, used, want, ppos);

		if (n <= 0)
			return ret ? ret : n;
		consume(pipe, n);
		ret += n;
		len -= n;
		if (n < (ssize_t)want)
			break;
	}
	return ret;
}

static ssize_t pipe_to_file(struct pipe_inode_info *pipe, struct file *out, loff_t *ppos,
			    size_t len, unsigned int flags)
{
	ssize_t ret;

	mutex_lock(&pipe->mutex);
	ret = wait_for_data(pipe, flags & SPLICE_F_NONBLOCK);
	if (ret > 0)
		ret = drain_to_file(pipe, out, ppos, len);
	mutex_unlock(&pipe->mutex);
	if (ret > 0)
		pipe_wake_writers(pipe);
	return ret;
}

/* Waits on each pipe in turn, holding only that one, until both are ready (not for long, perhaps:
 * the caller looks again under both locks). */
static int ready_both(struct pipe_inode_info *in, struct pipe_inode_info *out, bool nonblock)
{
	int ret;

	mutex_lock(&in->mutex);
	ret = wait_for_data(in, nonblock);
	mutex_unlock(&in->mutex);
	if (ret <= 0)
		return ret;
	mutex_lock(&out->mutex);
	ret = wait_for_space(out, nonblock);
	mutex_unlock(&out->mutex);
	return ret;
}

/* Both mutexes held. Moves pages over, or (tee) shares them and leaves them where they are. */
static ssize_t move_buffers(struct pipe_inode_info *in, struct pipe_inode_info *out, size_t len,
			    bool tee)
{
	unsigned int i = in->tail;
	ssize_t ret = 0;

	while (len && i != in->head && !pipe_full(out->head, out->tail, out->ring_size)) {
		struct pipe_buffer *buf = slot(in, i);
		unsigned int n = min_t(size_t, len, buf->len);
		unsigned int flags = buf->flags & ~PIPE_BUF_FLAG_CAN_MERGE;

		if (!tee && n == buf->len) {
			pipe_push(out, buf->page, buf->offset, n, flags);
			buf->page = NULL;
			WRITE_ONCE(in->tail, in->tail + 1);
		} else {
			get_page(buf->page);
			pipe_push(out, buf->page, buf->offset, n, flags | PIPE_BUF_FLAG_SHARED);
			if (!tee) {
				buf->offset += n;
				buf->len -= n;
			}
		}
		ret += n;
		len -= n;
		i++;
	}
	return ret;
}

static ssize_t pipe_to_pipe(struct pipe_inode_info *in, struct pipe_inode_info *out, size_t len,
			    unsigned int flags, bool tee)
{
	ssize_t ret;

	do {
		ret = ready_both(in, out, flags & SPLICE_F_NONBLOCK);
		if (ret <= 0)
			return ret;
		pipe_double_lock(in, out);
		ret = move_buffers(in, out, len, tee);
		mutex_unlock(&in->mutex);
		mutex_unlock(&out->mutex);
	} while (!ret);
	pipe_wake_readers(out);
	if (!tee)
		pipe_wake_writers(in);
	return ret;
}

static bool nonblocking(struct file *f, unsigned int *flags)
{
	if (f->f_flags & O_NONBLOCK)
		*flags |= SPLICE_F_NONBLOCK;
	return *flags & SPLICE_F_NONBLOCK;
}

static ssize_t do_splice(struct file *in, loff_t *off_in, struct file *out, loff_t *off_out,
			 size_t len, unsigned int flags)
{
	struct pipe_inode_info *ipipe = get_pipe_info(in), *opipe = get_pipe_info(out);
	loff_t offset, *where;
	struct file *file = ipipe ? out : in;
	ssize_t ret;

	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if ((ipipe && off_in) || (opipe && off_out))
		return -ESPIPE;
	if (ipipe && opipe) {
		if (ipipe == opipe)
			return -EINVAL;
		nonblocking(in, &flags);
		nonblocking(out, &flags);
		return pipe_to_pipe(ipipe, opipe, len, flags, false);
	}
	if (!ipipe && !opipe)
		return -EINVAL;
	where = ipipe ? off_out : off_in;
	if (where) {
		if (!(file->f_mode & (ipipe ? FMODE_PWRITE : FMODE_PREAD)))
			return -EINVAL;
		offset = *where;
	} else {
		offset = file->f_pos;
	}
	if (ipipe && (out->f_flags & O_APPEND))
		return -EINVAL;
	ret = rw_verify_area(ipipe ? WRITE : READ, file, &offset, len);
	if (ret < 0)
		return ret;
	nonblocking(ipipe ? in : out, &flags);
	if (ipipe)
		ret = pipe_to_file(ipipe, out, &offset, len, flags);
	else
		ret = file_to_pipe(in, &offset, opipe, len, flags);
	if (where)
		*where = offset;
	else if (!(file->f_mode & FMODE_STREAM))
		file->f_pos = offset;
	return ret;
}

SYSCALL_DEFINE6(splice, int, fd_in, loff_t __user *, off_in, int, fd_out, loff_t __user *, off_out,
		size_t, len, unsigned int, flags)
{
	loff_t in_pos, out_pos;
	struct fd in, out;
	ssize_t ret = -EBADF;

	if (!len)
		return 0;
	if (flags & ~SPLICE_FLAGS)
		return -EINVAL;
	if ((off_in && copy_from_user(&in_pos, off_in, sizeof(in_pos))) ||
	    (off_out && copy_from_user(&out_pos, off_out, sizeof(out_pos))))
		return -EFAULT;
	in = fdget(fd_in);
	out = fdget(fd_out);
	if (in.file && out.file)
		ret = do_splice(in.file, off_in ? &in_pos : NULL, out.file,
				off_out ? &out_pos : NULL, min_t(size_t, len, MAX_RW_COUNT), flags);
	fdput(out);
	fdput(in);
	if (ret >= 0 && ((off_in && copy_to_user(off_in, &in_pos, sizeof(in_pos))) ||
			 (off_out && copy_to_user(off_out, &out_pos, sizeof(out_pos)))))
		ret = -EFAULT;
	return ret;
}

SYSCALL_DEFINE4(tee, int, fdin, int, fdout, size_t, len, unsigned int, flags)
{
	struct pipe_inode_info *ipipe, *opipe;
	struct fd in, out;
	ssize_t ret = -EBADF;

	if (flags & ~SPLICE_FLAGS)
		return -EINVAL;
	if (!len)
		return 0;
	in = fdget(fdin);
	out = fdget(fdout);
	if (in.file && out.file && (in.file->f_mode & FMODE_READ) &&
	    (out.file->f_mode & FMODE_WRITE)) {
		ipipe = get_pipe_info(in.file);
		opipe = get_pipe_info(out.file);
		ret = -EINVAL;
		if (ipipe && opipe && ipipe != opipe) {
			nonblocking(in.file, &flags);
			nonblocking(out.file, &flags);
			ret = pipe_to_pipe(ipipe, opipe, len, flags, true);
		}
	}
	fdput(out);
	fdput(in);
	return ret;
}

/* Linux maps the program's pages into the pipe; a copy differs only in what it costs. */
static ssize_t vmsplice_to_pipe(struct pipe_inode_info *pipe, struct iov_iter *iter,
				unsigned int flags)
{
	ssize_t ret = 0, err = 0;

	mutex_lock(&pipe->mutex);
	while (iov_iter_count(iter)) {
		struct page *page;
		size_t n;

		err = wait_for_space(pipe, flags & SPLICE_F_NONBLOCK);
		if (err <= 0)
			break;
		err = -ENOMEM;
		page = pipe_get_page(pipe);
		if (!page)
			break;
		n = copy_page_from_iter(page, 0, PAGE_SIZE, iter);
		err = -EFAULT;
		if (!n) {
			put_page(page);
			break;
		}
		pipe_push(pipe, page, 0, n, 0);
		ret += n;
		if (pipe_full(pipe->head, pipe->tail, pipe->ring_size))
			pipe_wake_readers(pipe);
	}
	mutex_unlock(&pipe->mutex);
	if (ret)
		pipe_wake_readers(pipe);
	return ret ? ret : err;
}

static ssize_t vmsplice_to_user(struct file *file, struct iov_iter *iter, unsigned int flags)
{
	return vfs_iter_read(file, iter, NULL, flags & SPLICE_F_NONBLOCK ? RWF_NOWAIT : 0);
}

SYSCALL_DEFINE4(vmsplice, int, fd, const struct iovec __user *, uiov, unsigned long, nr_segs,
		unsigned int, flags)
{
	struct iovec iovstack[UIO_FASTIOV], *iov = iovstack;
	struct pipe_inode_info *pipe;
	struct iov_iter iter;
	struct fd f;
	ssize_t ret;
	int dir;

	if (flags & ~SPLICE_FLAGS)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	pipe = get_pipe_info(f.file);
	ret = -EBADF;
	if (!pipe)
		goto out;
	dir = f.file->f_mode & FMODE_WRITE ? ITER_SOURCE : ITER_DEST;
	nonblocking(f.file, &flags);
	ret = import_iovec(dir, uiov, nr_segs, ARRAY_SIZE(iovstack), &iov, &iter);
	if (ret <= 0)
		goto out;
	if (dir == ITER_SOURCE)
		ret = vmsplice_to_pipe(pipe, &iter, flags);
	else
		ret = vmsplice_to_user(f.file, &iter, flags);
	kfree(iov);
out:
	fdput(f);
	return ret;
}

/* Both positions move by what was written; what was read beyond that is read again later. */
static ssize_t copy_data(struct file *in, loff_t *ppos, struct file *out, loff_t *opos, size_t len)
{
	size_t chunk = min_t(size_t, len, COPY_CHUNK);
	void *buf = kvmalloc(chunk, GFP_KERNEL);
	ssize_t ret = 0, n = 0;

	if (!buf)
		return -ENOMEM;
	while (len) {
		loff_t pos = *ppos;
		ssize_t got, done = 0;

		got = read_into(in, buf, min(len, chunk), &pos);
		n = got;
		while (n > 0 && done < got) {
			struct kvec rest = {(char *)buf + done, got - done};

			n = write_from(out, &rest, 1, rest.iov_len, opos);
			if (n > 0)
				done += n;
		}
		*ppos += done;
		ret += done;
		len -= done;
		if (n <= 0 || done < got)
			break;
		if (signal_pending(current)) {
			n = -EINTR;
			break;
		}
		cond_resched();
	}
	kvfree(buf);
	return ret ? ret : n;
}

ssize_t do_splice_direct(struct file *in, loff_t *ppos, struct file *out, loff_t *opos, size_t len,
			 unsigned int flags)
{
	umode_t mode = file_inode(in)->i_mode;

	if (!(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if ((out->f_flags & O_APPEND) || (!S_ISREG(mode) && !S_ISBLK(mode)))
		return -EINVAL;
	return copy_data(in, ppos, out, opos, len);
}

static ssize_t do_sendfile(int out_fd, int in_fd, loff_t *ppos, size_t count)
{
	struct fd in = fdget(in_fd), out = fdget(out_fd);
	loff_t pos, out_pos;
	ssize_t retval = -EBADF;
	bool stream;

	if (!in.file || !out.file || !(in.file->f_mode & FMODE_READ) ||
	    !(out.file->f_mode & FMODE_WRITE))
		goto out;
	retval = -ESPIPE;
	if (ppos && !(in.file->f_mode & FMODE_PREAD))
		goto out;
	pos = ppos ? *ppos : in.file->f_pos;
	retval = rw_verify_area(READ, in.file, &pos, count);
	if (retval)
		goto out;
	count = min_t(size_t, count, MAX_RW_COUNT);
	stream = out.file->f_mode & FMODE_STREAM;
	out_pos = out.file->f_pos;
	retval = do_splice_direct(in.file, &pos, out.file, stream ? NULL : &out_pos, count, 0);
	if (retval > 0) {
		if (!stream)
			out.file->f_pos = out_pos;
		if (ppos)
			*ppos = pos;
		else
			in.file->f_pos = pos;
	}
out:
	fdput(out);
	fdput(in);
	return retval;
}

SYSCALL_DEFINE4(sendfile, int, out_fd, int, in_fd, loff_t __user *, offset, size_t, count)
{
	loff_t pos;
	ssize_t ret;

	if (!offset)
		return do_sendfile(out_fd, in_fd, NULL, count);
	if (copy_from_user(&pos, offset, sizeof(pos)))
		return -EFAULT;
	ret = do_sendfile(out_fd, in_fd, &pos, count);
	return put_user(pos, offset) ? -EFAULT : ret;
}

static int copy_range_check(struct file *in, loff_t pos_in, struct file *out, loff_t pos_out,
			    size_t *len)
{
	struct inode *inode_in = file_inode(in), *inode_out = file_inode(out);
	loff_t size = i_size_read(inode_in);

	if (S_ISDIR(inode_in->i_mode) || S_ISDIR(inode_out->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode_in->i_mode) || !S_ISREG(inode_out->i_mode))
		return -EINVAL;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE) || (out->f_flags & O_APPEND))
		return -EBADF;
	if (inode_in->i_sb->s_type != inode_out->i_sb->s_type)
		return -EXDEV;
	if (pos_in < 0 || pos_out < 0)
		return -EINVAL;
	if (pos_in + (loff_t)*len < pos_in || pos_out + (loff_t)*len < pos_out)
		return -EOVERFLOW;
	*len = pos_in >= size ? 0 : min_t(size_t, *len, size - pos_in);
	if (inode_in == inode_out && pos_out + (loff_t)*len > pos_in &&
	    pos_out < pos_in + (loff_t)*len)
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE6(copy_file_range, int, fd_in, loff_t __user *, off_in, int, fd_out, loff_t __user *,
		off_out, size_t, len, unsigned int, flags)
{
	struct fd in = fdget(fd_in), out = fdget(fd_out);
	loff_t pos_in, pos_out;
	ssize_t ret = -EBADF;

	if (!in.file || !out.file)
		goto out;
	ret = -EINVAL;
	if (flags)
		goto out;
	pos_in = in.file->f_pos;
	pos_out = out.file->f_pos;
	ret = -EFAULT;
	if ((off_in && copy_from_user(&pos_in, off_in, sizeof(pos_in))) ||
	    (off_out && copy_from_user(&pos_out, off_out, sizeof(pos_out))))
		goto out;
	len = min_t(size_t, len, MAX_RW_COUNT);
	ret = copy_range_check(in.file, pos_in, out.file, pos_out, &len);
	if (ret || !len)
		goto out;
	ret = copy_data(in.file, &pos_in, out.file, &pos_out, len);
	if (ret <= 0)
		goto out;
	if (off_in ? copy_to_user(off_in, &pos_in, sizeof(pos_in)) : (in.file->f_pos = pos_in, 0))
		ret = -EFAULT;
	if (off_out ? copy_to_user(off_out, &pos_out, sizeof(pos_out))
		    : (out.file->f_pos = pos_out, 0))
		ret = -EFAULT;
out:
	fdput(out);
	fdput(in);
	return ret;
}
