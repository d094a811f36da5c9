/* SPDX-License-Identifier: MIT */
/*
 * trace_pipe, where each record is given to one reader, who waits for it; and what it has in
 * common with its binary form (raw.c): to open, to wait, to poll. Task context. A reader takes its
 * own lock, then trace_lock, and waits with neither.
 */
#include "trace.h"
#include <jiffy/poll.h>
#include <jiffy/proc_fs.h>
#include <jiffy/slab.h>
#include <jiffy/uio.h>

struct trace_reader *trace_reader_open(struct inode *inode, struct file *file, size_t size)
{
	struct trace_reader *r = kvzalloc(size, GFP_KERNEL);

	if (!r)
		return NULL;
	mutex_init(&r->lock);
	r->it.cpu = trace_cpu_of(pde_data(inode));
	r->it.consume = true;
	mutex_lock(&trace_lock);
	trace_iter_rewind(&r->it);
	trace_pipe_opened();
	mutex_unlock(&trace_lock);
	file->private_data = r;
	stream_open(inode, file); /* a reader that waits holds no lock of the position either */
	return r;
}

int trace_reader_release(struct inode *inode, struct file *file)
{
	mutex_lock(&trace_lock);
	trace_pipe_closed();
	mutex_unlock(&trace_lock);
	kvfree(file->private_data);
	return 0;
}

/* Switched off: what there was has been read, and that is the end. */
static bool at_end(const struct trace_reader *r)
{
	return !trace_is_on() && READ_ONCE(r->was_read);
}

/*
 * Until there is something in r->data. The lock is held, but not where it waits: one that must
 * not, or that was interrupted, is not to stand behind one that does. 1; 0: the end; -EAGAIN,
 * -EINTR.
 */
static int wait_for_data(struct trace_reader *r, bool nonblock)
{
	int err;

	lockdep_assert_held(&r->lock);
	while (r->from == r->count && !r->fill(r)) {
		if (nonblock)
			return -EAGAIN;
		if (at_end(r))
			return 0;
		mutex_unlock(&r->lock);
		err = wait_event_interruptible(
		    trace_wait, !trace_iter_empty(&r->it) ||
				    READ_ONCE(r->from) != READ_ONCE(r->count) || at_end(r));
		mutex_lock(&r->lock);
		/* Tools end a reader by a signal whose handler restarts calls: not this one. */
		if (err)
			return -EINTR;
	}
	return 1;
}

/* Copies what is in hand; what a reader's memory would not take stays. */
static ssize_t give(struct trace_reader *r, struct iov_iter *to)
{
	size_t n = copy_to_iter(r->data + r->from, r->count - r->from, to);

	if (n) {
		WRITE_ONCE(r->from, r->from + n);
		WRITE_ONCE(r->was_read, true);
	}
	return n;
}

ssize_t trace_reader_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct trace_reader *r = iocb->ki_filp->private_data;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	mutex_lock(&r->lock);
	ret = wait_for_data(r, (iocb->ki_filp->f_flags & O_NONBLOCK) ||
				   (iocb->ki_flags & IOCB_NOWAIT));
	if (ret > 0) {
		ret = give(r, to);
		if (!ret)
			ret = -EFAULT;
		/* More pages, each whole, for who has room for them. */
		while (ret > 0 && r->from == r->count && iov_iter_count(to) >= PAGE_SIZE &&
		       r->fill(r)) {
			ssize_t more = give(r, to);

			if (!more)
				break;
			ret += more;
		}
	}
	mutex_unlock(&r->lock);
	return ret;
}

__poll_t trace_reader_poll(struct file *file, struct poll_table_struct *pt)
{
	struct trace_reader *r = file->private_data;

	poll_wait(file, &trace_wait, pt);
	return READ_ONCE(r->from) != READ_ONCE(r->count) || READ_ONCE(r->pending) ||
		       !trace_iter_empty(&r->it)
		   ? EPOLLIN | EPOLLRDNORM
		   : 0;
}

/* ---- trace_pipe ---- */

struct text_reader {
	struct trace_reader r;
	char text[PAGE_SIZE];
};

/* Lines, as many as there are and fit. */
static bool fill_text(struct trace_reader *r)
{
	size_t count = 0;

	lockdep_assert_held(&r->lock);
	mutex_lock(&trace_lock);
	while (count + TRACE_LINE_MAX <= PAGE_SIZE && trace_iter_next(&r->it))
		count += trace_iter_print(&r->it, r->data + count, PAGE_SIZE - count);
	mutex_unlock(&trace_lock);
	WRITE_ONCE(r->from, 0);
	WRITE_ONCE(r->count, count);
	return count;
}

static int pipe_open(struct inode *inode, struct file *file)
{
	struct trace_reader *r = trace_reader_open(inode, file, sizeof(struct text_reader));

	if (!r)
		return -ENOMEM;
	r->data = container_of(r, struct text_reader, r)->text;
	r->fill = fill_text;
	return 0;
}

const struct file_operations trace_pipe_fops = {
    .open = pipe_open,
    .read_iter = trace_reader_read,
    .poll = trace_reader_poll,
    .llseek = no_llseek,
    .release = trace_reader_release,
};
