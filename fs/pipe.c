/* SPDX-License-Identifier: MIT */
/*
 * Pipes and FIFOs (pipe(7), fifo(7)). Structure and rules: <jiffy/pipe_fs.h>.
 *
 * Readers and writers wait exclusively, so a wake-up wakes one of each; whoever leaves the pipe
 * readable (writable) wakes the next. A write wakes the readers only if it found the pipe empty,
 * a read the writers only if it found it full: those that wait cannot have begun otherwise.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/pipe_fs.h>
#include <jiffy/poll.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <uapi/ioctl.h>

unsigned int pipe_max_size = 1048576;
static unsigned long pipe_user_pages_soft = 16384; /* pages a user may have before pipes shrink */

static struct vfsmount *pipe_mnt;
static struct kmem_cache *pipe_cachep;

static struct pipe_buffer *pipe_buf(struct pipe_inode_info *pipe, unsigned int n)
{
	return &pipe->bufs[n & (pipe->ring_size - 1)];
}

static bool pipe_readable(struct pipe_inode_info *pipe)
{
	return !pipe_empty(READ_ONCE(pipe->head), READ_ONCE(pipe->tail)) ||
	       !READ_ONCE(pipe->writers);
}

static bool pipe_writable(struct pipe_inode_info *pipe)
{
	return !pipe_full(READ_ONCE(pipe->head), READ_ONCE(pipe->tail),
			  READ_ONCE(pipe->ring_size)) ||
	       !READ_ONCE(pipe->readers);
}

int pipe_wait_readable(struct pipe_inode_info *pipe)
{
	int err;

	mutex_unlock(&pipe->mutex);
	err = wait_event_interruptible_exclusive(pipe->rd_wait, pipe_readable(pipe));
	mutex_lock(&pipe->mutex);
	return err;
}

int pipe_wait_writable(struct pipe_inode_info *pipe)
{
	int err;

	mutex_unlock(&pipe->mutex);
	err = wait_event_interruptible_exclusive(pipe->wr_wait, pipe_writable(pipe));
	mutex_lock(&pipe->mutex);
	return err;
}

void pipe_wake_readers(struct pipe_inode_info *pipe)
{
	wake_up_interruptible_sync_poll(&pipe->rd_wait, EPOLLIN | EPOLLRDNORM);
	kill_fasync(&pipe->fasync_readers, SIGIO, POLL_IN);
}

void pipe_wake_writers(struct pipe_inode_info *pipe)
{
	wake_up_interruptible_sync_poll(&pipe->wr_wait, EPOLLOUT | EPOLLWRNORM);
	kill_fasync(&pipe->fasync_writers, SIGIO, POLL_OUT);
}

static void release_page(struct pipe_inode_info *pipe, struct page *page)
{
	if (!pipe->tmp_page && page_count(page) == 1)
		pipe->tmp_page = page;
	else
		put_page(page);
}

void pipe_release_tail(struct pipe_inode_info *pipe)
{
	struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail);

	release_page(pipe, buf->page);
	buf->page = NULL;
	WRITE_ONCE(pipe->tail, pipe->tail + 1);
}

void pipe_push(struct pipe_inode_info *pipe, struct page *page, unsigned int offset,
	       unsigned int len, unsigned int flags)
{
	*pipe_buf(pipe, pipe->head) =
	    (struct pipe_buffer){.page = page, .offset = offset, .len = len, .flags = flags};
	WRITE_ONCE(pipe->head, pipe->head + 1);
}

struct page *pipe_get_page(struct pipe_inode_info *pipe)
{
	struct page *page = pipe->tmp_page;

	if (likely(page)) {
		pipe->tmp_page = NULL;
		return page;
	}
	return alloc_page(GFP_KERNEL);
}

/* mutex held. Takes what is there, up to what is wanted: bytes or -EFAULT. */
static ssize_t read_buffers(struct pipe_inode_info *pipe, struct iov_iter *to)
{
	ssize_t ret = 0;

	while (!pipe_empty(pipe->head, pipe->tail) && iov_iter_count(to)) {
		struct pipe_buffer *buf = pipe_buf(pipe, pipe->tail);
		size_t chars = min_t(size_t, buf->len, iov_iter_count(to));
		size_t n = copy_page_to_iter(buf->page, buf->offset, chars, to);

		buf->offset += n;
		buf->len -= n;
		ret += n;
		if (unlikely(n < chars))
			return ret ? ret : -EFAULT;
		if (buf->flags & PIPE_BUF_FLAG_PACKET) {
			pipe_release_tail(pipe); /* the rest of a packet is lost */
			break;
		}
		if (!buf->len)
			pipe_release_tail(pipe);
	}
	return ret;
}

static ssize_t pipe_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *filp = iocb->ki_filp;
	struct pipe_inode_info *pipe = filp->private_data;
	bool was_full = false, wake_next;
	ssize_t ret = 0;

	if (unlikely(!iov_iter_count(to)))
		return 0;
	mutex_lock(&pipe->mutex);
	for (;;) {
		if (!pipe_empty(pipe->head, pipe->tail)) {
			was_full = pipe_full(pipe->head, pipe->tail, pipe->ring_size);
			ret = read_buffers(pipe, to);
			break;
		}
		if (!pipe->writers)
			break;
		if ((filp->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT)) {
			ret = -EAGAIN;
			break;
		}
		ret = pipe_wait_readable(pipe);
		if (ret)
			break;
	}
	was_full = was_full && !pipe_full(pipe->head, pipe->tail, pipe->ring_size);
	wake_next = !pipe_empty(pipe->head, pipe->tail) || !pipe->writers;
	mutex_unlock(&pipe->mutex);
	if (was_full)
		pipe_wake_writers(pipe);
	if (wake_next && waitqueue_active(&pipe->rd_wait))
		wake_up_interruptible_sync_poll(&pipe->rd_wait, EPOLLIN | EPOLLRDNORM);
	if (ret > 0)
		file_accessed(filp);
	return ret;
}

/* Appends a small write to the page written last, when all of it fits: keeps it in one piece. */
static ssize_t merge_write(struct pipe_inode_info *pipe, struct iov_iter *from, size_t chars)
{
	struct pipe_buffer *buf = pipe_buf(pipe, pipe->head - 1);
	size_t offset = buf->offset + buf->len, n;

	if (!(buf->flags & PIPE_BUF_FLAG_CAN_MERGE) || offset + chars > PAGE_SIZE)
		return 0;
	n = copy_page_from_iter(buf->page, offset, chars, from);
	if (unlikely(n < chars)) {
		iov_iter_revert(from, n);
		return -EFAULT;
	}
	buf->len += n;
	return n;
}

/* mutex held, ring not full: one page more. */
static ssize_t write_page(struct pipe_inode_info *pipe, struct iov_iter *from, bool packet)
{
	struct page *page = pipe_get_page(pipe);
	size_t n;

	if (unlikely(!page))
		return -ENOMEM;
	n = copy_page_from_iter(page, 0, PAGE_SIZE, from);
	if (unlikely(n < PAGE_SIZE && iov_iter_count(from))) {
		release_page(pipe, page);
		return -EFAULT;
	}
	pipe_push(pipe, page, 0, n, packet ? PIPE_BUF_FLAG_PACKET : PIPE_BUF_FLAG_CAN_MERGE);
	return n;
}

/* mutex held throughout but for sleeps. Bytes, or the error before the first of them. */
static ssize_t write_loop(struct pipe_inode_info *pipe, struct file *filp, struct iov_iter *from,
			  bool nowait, bool *was_empty)
{
	bool packet = filp->f_flags & O_DIRECT;
	ssize_t ret = 0;

	while (iov_iter_count(from)) {
		ssize_t n;

		if (!pipe->readers) {
			send_sig(SIGPIPE, current, 0);
			return ret ? ret : -EPIPE;
		}
		if (!pipe_full(pipe->head, pipe->tail, pipe->ring_size)) {
			n = write_page(pipe, from, packet);
			if (n < 0)
				return ret ? ret : n;
			ret += n;
			continue;
		}
		if (nowait)
			return ret ? ret : -EAGAIN;
		/* Full, and somebody may sleep who has not heard yet of what is in it. */
		if (*was_empty)
			pipe_wake_readers(pipe);
		n = pipe_wait_writable(pipe);
		if (n)
			return ret ? ret : n;
		*was_empty = pipe_empty(pipe->head, pipe->tail);
	}
	return ret;
}

static ssize_t pipe_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *filp = iocb->ki_filp;
	struct pipe_inode_info *pipe = filp->private_data;
	bool nowait = (filp->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT);
	size_t total = iov_iter_count(from), chars = total & (PAGE_SIZE - 1);
	bool was_empty, wake_next;
	ssize_t ret = 0, n;

	if (unlikely(!total))
		return 0;
	mutex_lock(&pipe->mutex);
	if (!pipe->readers) {
		mutex_unlock(&pipe->mutex);
		send_sig(SIGPIPE, current, 0);
		return -EPIPE;
	}
	was_empty = pipe_empty(pipe->head, pipe->tail);
	if (chars && !was_empty && !(filp->f_flags & O_DIRECT)) {
		ret = merge_write(pipe, from, chars);
		if (ret < 0)
			goto out;
	}
	n = write_loop(pipe, filp, from, nowait, &was_empty);
	if (n >= 0)
		ret += n;
	else if (!ret)
		ret = n;
out:
	wake_next = !pipe_full(pipe->head, pipe->tail, pipe->ring_size);
	mutex_unlock(&pipe->mutex);
	if (was_empty || pipe->poll_usage)
		pipe_wake_readers(pipe);
	if (wake_next && waitqueue_active(&pipe->wr_wait))
		wake_up_interruptible_sync_poll(&pipe->wr_wait, EPOLLOUT | EPOLLWRNORM);
	if (ret > 0 && pipe_mnt != filp->f_path.mnt)
		file_update_time(filp);
	return ret;
}

static long pipe_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *pipe = filp->private_data;
	unsigned int i;
	int count = 0;

	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	mutex_lock(&pipe->mutex);
	for (i = pipe->tail; i != pipe->head; i++)
		count += pipe_buf(pipe, i)->len;
	mutex_unlock(&pipe->mutex);
	return put_user(count, (int __user *)arg);
}

static __poll_t pipe_poll(struct file *filp, poll_table *wait)
{
	struct pipe_inode_info *pipe = filp->private_data;
	unsigned int head, tail;
	__poll_t mask = 0;

	WRITE_ONCE(pipe->poll_usage, true);
	if (filp->f_mode & FMODE_READ)
		poll_wait(filp, &pipe->rd_wait, wait);
	if (filp->f_mode & FMODE_WRITE)
		poll_wait(filp, &pipe->wr_wait, wait);
	smp_mb(); /* on the queue before the look */
	head = READ_ONCE(pipe->head);
	tail = READ_ONCE(pipe->tail);
	if (filp->f_mode & FMODE_READ) {
		if (!pipe_empty(head, tail))
			mask |= EPOLLIN | EPOLLRDNORM;
		/* A FIFO that no writer has opened yet is not hung up. */
		if (!pipe->writers && filp->f_version != pipe->w_counter)
			mask |= EPOLLHUP;
	}
	if (filp->f_mode & FMODE_WRITE) {
		if (!pipe_full(head, tail, pipe->ring_size))
			mask |= EPOLLOUT | EPOLLWRNORM;
		if (!pipe->readers)
			mask |= EPOLLERR;
	}
	return mask;
}

static void put_pipe_info(struct inode *inode, struct pipe_inode_info *pipe)
{
	bool last;

	spin_lock(&inode->i_lock);
	last = --pipe->files == 0;
	if (last)
		inode->i_pipe = NULL;
	spin_unlock(&inode->i_lock);
	if (last)
		free_pipe_info(pipe);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = file->private_data;

	mutex_lock(&pipe->mutex);
	if (file->f_mode & FMODE_READ)
		pipe->readers--;
	if (file->f_mode & FMODE_WRITE)
		pipe->writers--;
	/* The other end, if it is still there, sees end of file or EPIPE. */
	if (!pipe->readers != !pipe->writers) {
		wake_up_interruptible_all(&pipe->rd_wait);
		wake_up_interruptible_all(&pipe->wr_wait);
		kill_fasync(&pipe->fasync_readers, SIGIO, POLL_IN);
		kill_fasync(&pipe->fasync_writers, SIGIO, POLL_OUT);
	}
	mutex_unlock(&pipe->mutex);
	put_pipe_info(inode, pipe);
	return 0;
}

static int pipe_fasync(int fd, struct file *filp, int on)
{
	struct pipe_inode_info *pipe = filp->private_data;
	int retval = 0;

	mutex_lock(&pipe->mutex);
	if (filp->f_mode & FMODE_READ)
		retval = fasync_helper(fd, filp, on, &pipe->fasync_readers);
	if (retval >= 0 && (filp->f_mode & FMODE_WRITE)) {
		retval = fasync_helper(fd, filp, on, &pipe->fasync_writers);
		if (retval < 0 && (filp->f_mode & FMODE_READ))
			fasync_helper(-1, filp, 0, &pipe->fasync_readers);
	}
	mutex_unlock(&pipe->mutex);
	return retval;
}

static bool may_exceed(void)
{
	return capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN);
}

struct pipe_inode_info *alloc_pipe_info(void)
{
	struct pipe_inode_info *pipe = kmem_cache_zalloc(pipe_cachep, GFP_KERNEL);
	unsigned int slots = PIPE_DEF_BUFFERS;

	if (!pipe)
		return NULL;
	pipe->user = get_uid(current_user());
	if (atomic_long_add_return(slots, &pipe->user->pipe_bufs) > (long)pipe_user_pages_soft &&
	    !may_exceed()) {
		atomic_long_sub(slots - 2, &pipe->user->pipe_bufs);
		slots = 2;
	}
	mutex_init(&pipe->mutex);
	init_waitqueue_head(&pipe->rd_wait);
	init_waitqueue_head(&pipe->wr_wait);
	pipe->r_counter = pipe->w_counter = 1;
	pipe->ring_size = slots;
	pipe->nr_accounted = slots;
	pipe->bufs = pipe->inline_bufs;
	return pipe;
}

void free_pipe_info(struct pipe_inode_info *pipe)
{
	for (; pipe->tail != pipe->head; pipe->tail++)
		put_page(pipe_buf(pipe, pipe->tail)->page);
	if (pipe->tmp_page)
		put_page(pipe->tmp_page);
	if (pipe->bufs != pipe->inline_bufs)
		kvfree(pipe->bufs);
	atomic_long_sub(pipe->nr_accounted, &pipe->user->pipe_bufs);
	free_uid(pipe->user);
	kmem_cache_free(pipe_cachep, pipe);
}

static char *pipefs_dname(struct dentry *dentry, char *buf, int buflen)
{
	return dynamic_dname(buf, buflen, "pipe:[%llu]",
			     (unsigned long long)d_inode(dentry)->i_ino);
}

static const struct dentry_operations pipefs_dentry_operations = {
    .d_dname = pipefs_dname,
};

static struct inode *get_pipe_inode(void)
{
	struct inode *inode = new_inode_pseudo(pipe_mnt->mnt_sb);
	struct pipe_inode_info *pipe;

	if (!inode)
		return NULL;
	pipe = alloc_pipe_info();
	if (!pipe) {
		iput(inode);
		return NULL;
	}
	inode->i_ino = get_next_ino();
	inode->i_pipe = pipe;
	pipe->files = 2;
	pipe->readers = pipe->writers = 1;
	inode->i_fop = &pipefifo_fops;
	inode->i_mode = S_IFIFO | S_IRUSR | S_IWUSR;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	return inode;
}

int create_pipe_files(struct file **res, int flags)
{
	struct inode *inode = get_pipe_inode();
	struct file *f;

	if (!inode)
		return -ENFILE;
	f = alloc_file_pseudo(inode, pipe_mnt, "", O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)),
			      &pipefifo_fops);
	if (IS_ERR(f)) {
		free_pipe_info(inode->i_pipe);
		iput(inode);
		return PTR_ERR(f);
	}
	f->private_data = inode->i_pipe;
	stream_open(inode, f);
	res[0] = alloc_file_clone(f, O_RDONLY | (flags & O_NONBLOCK), &pipefifo_fops);
	if (IS_ERR(res[0])) {
		inode->i_pipe->files = 1;
		inode->i_pipe->readers = 0;
		__fput_sync(f);
		return PTR_ERR(res[0]);
	}
	res[0]->private_data = inode->i_pipe;
	stream_open(inode, res[0]);
	res[1] = f;
	return 0;
}

static int do_pipe2(int __user *fildes, int flags)
{
	struct file *files[2];
	int fd[2] = {-1, -1}, error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	error = create_pipe_files(files, flags);
	if (error)
		return error;
	fd[0] = error = get_unused_fd_flags(flags);
	if (error >= 0)
		fd[1] = error = get_unused_fd_flags(flags);
	if (error >= 0)
		error = copy_to_user(fildes, fd, sizeof(fd)) ? -EFAULT : 0;
	if (error) {
		if (fd[0] >= 0)
			put_unused_fd(fd[0]);
		if (fd[1] >= 0)
			put_unused_fd(fd[1]);
		__fput_sync(files[0]);
		__fput_sync(files[1]);
		return error;
	}
	fd_install(fd[0], files[0]);
	fd_install(fd[1], files[1]);
	return 0;
}

SYSCALL_DEFINE2(pipe2, int __user *, fildes, int, flags)
{
	return do_pipe2(fildes, flags);
}

SYSCALL_DEFINE1(pipe, int __user *, fildes)
{
	return do_pipe2(fildes, 0);
}

/* Until the other end has been opened at least once more. mutex held, dropped while asleep. */
static int wait_for_partner(struct pipe_inode_info *pipe, unsigned int *cnt)
{
	unsigned int cur = *cnt;
	int err;

	mutex_unlock(&pipe->mutex);
	err = wait_event_interruptible(pipe->rd_wait, READ_ONCE(*cnt) != cur);
	mutex_lock(&pipe->mutex);
	return cur == *cnt ? (err ? err : -ERESTARTSYS) : 0;
}

static void wake_up_partner(struct pipe_inode_info *pipe)
{
	wake_up_interruptible_all(&pipe->rd_wait);
}

/* The pipe of a FIFO's inode, one file more on it. */
static struct pipe_inode_info *get_fifo_pipe(struct inode *inode)
{
	struct pipe_inode_info *pipe, *new = NULL;

	for (;;) {
		spin_lock(&inode->i_lock);
		pipe = inode->i_pipe;
		if (!pipe && new) {
			inode->i_pipe = pipe = new;
			new = NULL;
		}
		if (pipe)
			pipe->files++;
		spin_unlock(&inode->i_lock);
		if (pipe)
			break;
		new = alloc_pipe_info();
		if (!new)
			return NULL;
	}
	if (new)
		free_pipe_info(new);
	return pipe;
}

/*
 * Who opens a FIFO waits for the other side (fifo(7)); who opens a pipe of pipe(2) once more, through
 * /proc/PID/fd, does not (@meets): it has had both sides from the start, and one that is gone will
 * not come back.
 */
static int open_reader(struct pipe_inode_info *pipe, struct file *filp, bool meets)
{
	pipe->r_counter++;
	if (pipe->readers++ == 0)
		wake_up_partner(pipe);
	if (pipe->writers || !meets)
		return 0;
	if (filp->f_flags & O_NONBLOCK) {
		filp->f_version = pipe->w_counter; /* not hung up: nobody has been there */
		return 0;
	}
	return wait_for_partner(pipe, &pipe->w_counter);
}

static int open_writer(struct pipe_inode_info *pipe, struct file *filp, bool meets)
{
	if (meets && (filp->f_flags & O_NONBLOCK) && !pipe->readers)
		return -ENXIO;
	pipe->w_counter++;
	if (!pipe->writers++)
		wake_up_partner(pipe);
	return pipe->readers || !meets ? 0 : wait_for_partner(pipe, &pipe->r_counter);
}

static int fifo_open(struct inode *inode, struct file *filp)
{
	struct pipe_inode_info *pipe = get_fifo_pipe(inode);
	bool meets = inode->i_sb->s_magic != PIPEFS_MAGIC;
	int ret = 0;

	if (!pipe)
		return -ENOMEM;
	stream_open(inode, filp);
	filp->f_version = 0;
	filp->private_data = pipe;
	mutex_lock(&pipe->mutex);
	switch (filp->f_mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		ret = open_reader(pipe, filp, meets);
		if (ret && !--pipe->readers)
			wake_up_interruptible_all(&pipe->wr_wait);
		break;
	case FMODE_WRITE:
		ret = open_writer(pipe, filp, meets);
		if (ret && ret != -ENXIO && !--pipe->writers)
			wake_up_interruptible_all(&pipe->rd_wait);
		break;
	default:
		/* Linux: opening both ways never waits (fifo(7)). */
		pipe->readers++;
		pipe->writers++;
		pipe->r_counter++;
		pipe->w_counter++;
		if (pipe->readers == 1 || pipe->writers == 1)
			wake_up_partner(pipe);
	}
	mutex_unlock(&pipe->mutex);
	if (ret)
		put_pipe_info(inode, pipe);
	return ret;
}

const struct file_operations pipefifo_fops = {
    .open = fifo_open,
    .read_iter = pipe_read,
    .write_iter = pipe_write,
    .poll = pipe_poll,
    .unlocked_ioctl = pipe_ioctl,
    .release = pipe_release,
    .fasync = pipe_fasync,
};

struct pipe_inode_info *get_pipe_info(struct file *file)
{
	return file->f_op == &pipefifo_fops ? file->private_data : NULL;
}

void pipe_double_lock(struct pipe_inode_info *a, struct pipe_inode_info *b)
{
	if (a > b)
		swap(a, b);
	mutex_lock(&a->mutex);
	mutex_lock_nested(&b->mutex, 1);
}

/* mutex held. A ring of nr_slots, the contents moved over: -EBUSY when they do not fit. */
static int resize_ring(struct pipe_inode_info *pipe, unsigned int nr_slots)
{
	unsigned int n = pipe_occupancy(pipe->head, pipe->tail), i;
	struct pipe_buffer *bufs;

	if (n > nr_slots)
		return -EBUSY;
	bufs = kvmalloc_array(nr_slots, sizeof(*bufs), GFP_KERNEL);
	if (!bufs)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		bufs[i] = *pipe_buf(pipe, pipe->tail + i);
	if (pipe->bufs != pipe->inline_bufs)
		kvfree(pipe->bufs);
	pipe->bufs = bufs;
	pipe->ring_size = nr_slots;
	pipe->tail = 0;
	pipe->head = n;
	return 0;
}

static long pipe_set_size(struct pipe_inode_info *pipe, unsigned long arg)
{
	unsigned long size = roundup_pow_of_two(max(arg, PAGE_SIZE));
	unsigned int nr_slots;
	long err;

	if (!arg || size > 0x80000000UL)
		return -EINVAL;
	nr_slots = size >> PAGE_SHIFT;
	if (nr_slots > pipe->nr_accounted) {
		if (size > pipe_max_size && !capable(CAP_SYS_RESOURCE))
			return -EPERM;
		if (atomic_long_read(&pipe->user->pipe_bufs) + nr_slots - pipe->nr_accounted >
			(long)pipe_user_pages_soft &&
		    !may_exceed())
			return -EPERM;
	}
	err = resize_ring(pipe, nr_slots);
	if (err)
		return err;
	atomic_long_add((long)nr_slots - pipe->nr_accounted, &pipe->user->pipe_bufs);
	pipe->nr_accounted = nr_slots;
	wake_up_interruptible(&pipe->wr_wait);
	return size;
}

long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *pipe = get_pipe_info(file);
	long ret;

	if (!pipe)
		return -EBADF;
	mutex_lock(&pipe->mutex);
	if (cmd == F_SETPIPE_SZ)
		ret = pipe_set_size(pipe, arg);
	else
		ret = (long)pipe->ring_size << PAGE_SHIFT;
	mutex_unlock(&pipe->mutex);
	return ret;
}

static struct dentry *pipefs_mount(struct file_system_type *type, int flags, const char *dev_name,
				   void *data)
{
	return mount_pseudo(type, NULL, &pipefs_dentry_operations, PIPEFS_MAGIC);
}

static struct file_system_type pipe_fs_type = {
    .name = "pipefs",
    .mount = pipefs_mount,
    .kill_sb = kill_anon_super,
};

static int init_pipe_fs(void)
{
	int err = register_filesystem(&pipe_fs_type);

	pipe_cachep = KMEM_CACHE(pipe_inode_info, SLAB_PANIC);
	pipe_mnt = kern_mount(&pipe_fs_type);
	if (IS_ERR(pipe_mnt))
		panic("pipefs: cannot mount: %ld", PTR_ERR(pipe_mnt));
	return err;
}
core_initcall(init_pipe_fs);
