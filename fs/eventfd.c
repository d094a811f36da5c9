/* SPDX-License-Identifier: MIT */
/*
 * eventfd(2): a 64-bit counter as a file. Reading takes the whole count (or one, for a
 * semaphore), writing adds; each blocks while it cannot.
 *
 * Serialization rules: wqh.lock (interrupts off) guards count.
 */
#include <arch/uaccess.h>
#include <jiffy/anon_inodes.h>
#include <jiffy/err.h>
#include <jiffy/eventfd.h>
#include <jiffy/file.h>
#include <jiffy/poll.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <uapi/eventfd.h>

#define COUNT_MAX                                                                      \
	(~0ULL - 1) /* ~0 is a count that overflowed, which only the kernel's adds can \
		     */

struct eventfd_ctx {
	refcount_t ref;
	wait_queue_head_t wqh;
	u64 count;
	unsigned int flags;
};

u64 eventfd_signal(struct eventfd_ctx *ctx, u64 n)
{
	unsigned long flags;

	spin_lock_irqsave(&ctx->wqh.lock, flags);
	n = min(n, ~0ULL - ctx->count);
	ctx->count += n;
	__wake_up_locked(&ctx->wqh, TASK_NORMAL, 1, poll_to_key(EPOLLIN));
	spin_unlock_irqrestore(&ctx->wqh.lock, flags);
	return n;
}

void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
	if (refcount_dec_and_test(&ctx->ref))
		kfree(ctx);
}

static int eventfd_release(struct inode *inode, struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	wake_up_poll(&ctx->wqh, EPOLLHUP);
	eventfd_ctx_put(ctx);
	return 0;
}

static __poll_t eventfd_poll(struct file *file, poll_table *pt)
{
	struct eventfd_ctx *ctx = file->private_data;
	__poll_t events = 0;
	u64 count;

	/* poll_wait() takes the queue's lock, so a write after it finds our entry. */
	poll_wait(file, &ctx->wqh, pt);
	count = READ_ONCE(ctx->count);
	if (count > 0)
		events |= EPOLLIN;
	if (count == ~0ULL)
		events |= EPOLLERR;
	if (COUNT_MAX > count)
		events |= EPOLLOUT;
	return events;
}

/* Sleeps, wqh.lock dropped, until the condition that `ready` tells holds. 0 or -ERESTARTSYS. */
static int eventfd_wait(struct eventfd_ctx *ctx, bool (*ready)(struct eventfd_ctx *, u64), u64 arg)
{
	DECLARE_WAITQUEUE(wait, current);
	int err = 0;

	list_add_tail(&wait.entry, &ctx->wqh.head);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (ready(ctx, arg))
			break;
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		spin_unlock_irq(&ctx->wqh.lock);
		schedule();
		spin_lock_irq(&ctx->wqh.lock);
	}
	list_del(&wait.entry);
	__set_current_state(TASK_RUNNING);
	return err;
}

static bool readable(struct eventfd_ctx *ctx, u64 unused)
{
	return ctx->count > 0;
}

static bool writable(struct eventfd_ctx *ctx, u64 n)
{
	return COUNT_MAX - min(ctx->count, COUNT_MAX) >= n;
}

static ssize_t eventfd_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct eventfd_ctx *ctx = file->private_data;
	int err = 0;
	u64 n = 0;

	if (len < sizeof(n))
		return -EINVAL;
	spin_lock_irq(&ctx->wqh.lock);
	if (!ctx->count)
		err = file->f_flags & O_NONBLOCK ? -EAGAIN : eventfd_wait(ctx, readable, 0);
	if (!err) {
		n = ctx->flags & EFD_SEMAPHORE ? 1 : ctx->count;
		ctx->count -= n;
		__wake_up_locked(&ctx->wqh, TASK_NORMAL, 1, poll_to_key(EPOLLOUT));
	}
	spin_unlock_irq(&ctx->wqh.lock);
	if (err)
		return err;
	return copy_to_user(buf, &n, sizeof(n)) ? -EFAULT : (ssize_t)sizeof(n);
}

static ssize_t eventfd_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct eventfd_ctx *ctx = file->private_data;
	int err = 0;
	u64 n;

	if (len < sizeof(n))
		return -EINVAL;
	if (copy_from_user(&n, buf, sizeof(n)))
		return -EFAULT;
	if (n == ~0ULL)
		return -EINVAL;
	spin_lock_irq(&ctx->wqh.lock);
	if (!writable(ctx, n))
		err = file->f_flags & O_NONBLOCK ? -EAGAIN : eventfd_wait(ctx, writable, n);
	if (!err) {
		ctx->count += n;
		__wake_up_locked(&ctx->wqh, TASK_NORMAL, 1, poll_to_key(EPOLLIN));
	}
	spin_unlock_irq(&ctx->wqh.lock);
	return err ? err : (ssize_t)sizeof(n);
}

static void eventfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	seq_printf(m, "eventfd-count: %16llx\n", (unsigned long long)READ_ONCE(ctx->count));
}

static const struct file_operations eventfd_fops = {
    .read = eventfd_read,
    .write = eventfd_write,
    .poll = eventfd_poll,
    .release = eventfd_release,
    .llseek = noop_llseek,
    .show_fdinfo = eventfd_show_fdinfo,
};

struct eventfd_ctx *eventfd_ctx_fileget(struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	if (file->f_op != &eventfd_fops)
		return ERR_PTR(-EINVAL);
	refcount_inc(&ctx->ref);
	return ctx;
}

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct fd f = fdget(fd);
	struct eventfd_ctx *ctx;

	if (!f.file)
		return ERR_PTR(-EBADF);
	ctx = eventfd_ctx_fileget(f.file);
	fdput(f);
	return ctx;
}

static int do_eventfd(unsigned int count, int flags)
{
	struct eventfd_ctx *ctx;
	int fd;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	refcount_set(&ctx->ref, 1);
	init_waitqueue_head(&ctx->wqh);
	ctx->count = count;
	ctx->flags = flags;
	fd = anon_inode_getfd("[eventfd]", &eventfd_fops, ctx,
			      O_RDWR | (flags & (EFD_CLOEXEC | EFD_NONBLOCK)));
	if (fd < 0)
		eventfd_ctx_put(ctx);
	return fd;
}

SYSCALL_DEFINE2(eventfd2, unsigned int, count, int, flags)
{
	return do_eventfd(count, flags);
}

SYSCALL_DEFINE1(eventfd, unsigned int, count)
{
	return do_eventfd(count, 0);
}
