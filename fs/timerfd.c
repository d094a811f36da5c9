/* SPDX-License-Identifier: MIT */
/*
 * timerfd_create(2): a timer as a file; reading gives how often it expired.
 *
 * Serialization rules: wqh.lock (interrupts off) guards all of the context but `timer`, which
 * has its own lock; the callback takes wqh.lock, so the timer is cancelled outside it.
 */
#include <arch/uaccess.h>
#include <jiffy/anon_inodes.h>
#include <jiffy/cred.h>
#include <jiffy/err.h>
#include <jiffy/file.h>
#include <jiffy/poll.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <jiffy/time_private.h>
#include <uapi/eventfd.h>

struct timerfd_ctx {
	wait_queue_head_t wqh;
	struct hrtimer timer;
	struct mutex settime; /* one timerfd_settime(2) at a time */
	ktime_t interval;
	ktime_t offset; /* of real time when it was set, for TFD_TIMER_CANCEL_ON_SET */
	u64 ticks;
	clockid_t clockid;
	int settime_flags;
	bool expired;
};

static enum hrtimer_restart timerfd_expire(struct hrtimer *timer)
{
	struct timerfd_ctx *ctx = container_of(timer, struct timerfd_ctx, timer);
	unsigned long flags;

	spin_lock_irqsave(&ctx->wqh.lock, flags);
	ctx->expired = true;
	ctx->ticks++;
	__wake_up_locked(&ctx->wqh, TASK_NORMAL, 1, poll_to_key(EPOLLIN));
	spin_unlock_irqrestore(&ctx->wqh.lock, flags);
	/* An interval goes on when its expirations are read: an unread timer costs nothing. */
	return HRTIMER_NORESTART;
}

static bool cancel_on_set(const struct timerfd_ctx *ctx)
{
	const int both = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	return (ctx->clockid == CLOCK_REALTIME || ctx->clockid == CLOCK_REALTIME_ALARM) &&
	       (ctx->settime_flags & both) == both;
}

/* The clock was set since: once told, the new offset is what counts. */
static bool was_cancelled(struct timerfd_ctx *ctx)
{
	ktime_t now = ktime_real_offset();

	if (!cancel_on_set(ctx) || ctx->offset == now)
		return false;
	ctx->offset = now;
	return true;
}

static int timerfd_release(struct inode *inode, struct file *file)
{
	struct timerfd_ctx *ctx = file->private_data;

	hrtimer_cancel(&ctx->timer);
	kfree(ctx);
	return 0;
}

static __poll_t timerfd_poll(struct file *file, poll_table *pt)
{
	struct timerfd_ctx *ctx = file->private_data;

	poll_wait(file, &ctx->wqh, pt);
	return READ_ONCE(ctx->ticks) ? EPOLLIN : 0;
}

static ssize_t timerfd_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct timerfd_ctx *ctx = file->private_data;
	int err = 0;
	u64 ticks = 0;

	if (len < sizeof(ticks))
		return -EINVAL;
	if (file->f_flags & O_NONBLOCK) {
		if (!READ_ONCE(ctx->ticks))
			err = -EAGAIN;
	} else {
		err = wait_event_interruptible(ctx->wqh, READ_ONCE(ctx->ticks));
	}
	spin_lock_irq(&ctx->wqh.lock);
	if (was_cancelled(ctx)) {
		ctx->ticks = 0;
		ctx->expired = false;
		err = -ECANCELED;
	}
	if (!err && ctx->ticks) {
		ticks = ctx->ticks;
		if (ctx->expired && ctx->interval) {
			ticks += hrtimer_forward_now(&ctx->timer, ctx->interval) - 1;
			hrtimer_start(&ctx->timer, ctx->timer.expires, HRTIMER_MODE_ABS);
		}
		ctx->expired = false;
		ctx->ticks = 0;
	}
	spin_unlock_irq(&ctx->wqh.lock);
	if (err)
		return err;
	if (!ticks)
		return -EAGAIN;
	return copy_to_user(buf, &ticks, sizeof(ticks)) ? -EFAULT : (ssize_t)sizeof(ticks);
}

static long timerfd_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct timerfd_ctx *ctx = file->private_data;
	u64 ticks;

	if (cmd != TFD_IOC_SET_TICKS)
		return -ENOTTY;
	if (copy_from_user(&ticks, (void __user *)arg, sizeof(ticks)))
		return -EFAULT;
	if (!ticks)
		return -EINVAL;
	spin_lock_irq(&ctx->wqh.lock);
	ctx->ticks = ticks;
	__wake_up_locked(&ctx->wqh, TASK_NORMAL, 1, poll_to_key(EPOLLIN));
	spin_unlock_irq(&ctx->wqh.lock);
	return 0;
}

static void timerfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct timerfd_ctx *ctx = file->private_data;

	seq_printf(m, "clockid: %d\nticks: %llu\nsettime flags: 0%o\n", ctx->clockid,
		   (unsigned long long)READ_ONCE(ctx->ticks), ctx->settime_flags);
}

static const struct file_operations timerfd_fops = {
    .read = timerfd_read,
    .poll = timerfd_poll,
    .release = timerfd_release,
    .unlocked_ioctl = timerfd_ioctl,
    .llseek = noop_llseek,
    .show_fdinfo = timerfd_show_fdinfo,
};

SYSCALL_DEFINE2(timerfd_create, int, clockid, int, flags)
{
	struct timerfd_ctx *ctx;
	int fd;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (clockid != CLOCK_MONOTONIC && clockid != CLOCK_REALTIME && clockid != CLOCK_BOOTTIME &&
	    clockid != CLOCK_REALTIME_ALARM && clockid != CLOCK_BOOTTIME_ALARM)
		return -EINVAL;
	if ((clockid == CLOCK_REALTIME_ALARM || clockid == CLOCK_BOOTTIME_ALARM) &&
	    !capable(CAP_WAKE_ALARM))
		return -EPERM;
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	init_waitqueue_head(&ctx->wqh);
	mutex_init(&ctx->settime);
	ctx->clockid = clockid;
	hrtimer_init(&ctx->timer, clockid, HRTIMER_MODE_ABS);
	ctx->timer.function = timerfd_expire;
	fd = anon_inode_getfd("[timerfd]", &timerfd_fops, ctx,
			      O_RDWR | (flags & (TFD_CLOEXEC | TFD_NONBLOCK)));
	if (fd < 0)
		kfree(ctx);
	return fd;
}

/* What timerfd_gettime(2) tells: the time to the next expiration and the interval. */
static void timerfd_state(struct timerfd_ctx *ctx, struct __kernel_itimerspec *its)
{
	struct timespec64 value, interval = ns_to_timespec64(ctx->interval);
	ktime_t left;

	if (ctx->expired && ctx->interval) {
		ctx->expired = false;
		ctx->ticks += hrtimer_forward_now(&ctx->timer, ctx->interval) - 1;
		hrtimer_start(&ctx->timer, ctx->timer.expires, HRTIMER_MODE_ABS);
	}
	left = hrtimer_is_queued(&ctx->timer) ? max(hrtimer_get_remaining(&ctx->timer), (ktime_t)1)
					      : 0;
	value = ns_to_timespec64(left);
	its->it_value = (struct __kernel_timespec){value.tv_sec, value.tv_nsec};
	its->it_interval = (struct __kernel_timespec){interval.tv_sec, interval.tv_nsec};
}

static void timerfd_arm(struct timerfd_ctx *ctx, int flags, const struct __kernel_itimerspec *its)
{
	struct timespec64 value = {its->it_value.tv_sec, its->it_value.tv_nsec};
	struct timespec64 interval = {its->it_interval.tv_sec, its->it_interval.tv_nsec};
	ktime_t when = timespec64_to_ktime(value);
	bool absolute = flags & TFD_TIMER_ABSTIME;

	ctx->settime_flags = flags;
	ctx->offset = ktime_real_offset();
	ctx->expired = false;
	ctx->ticks = 0;
	ctx->interval = timespec64_to_ktime(interval);
	hrtimer_init(&ctx->timer, ctx->clockid, absolute ? HRTIMER_MODE_ABS : HRTIMER_MODE_REL);
	ctx->timer.function = timerfd_expire;
	if (when)
		hrtimer_start(&ctx->timer, when, absolute ? HRTIMER_MODE_ABS : HRTIMER_MODE_REL);
}

static struct fd timerfd_fget(int ufd, int *err)
{
	struct fd f = fdget(ufd);

	*err = 0;
	if (!f.file) {
		*err = -EBADF;
	} else if (f.file->f_op != &timerfd_fops) {
		fdput(f);
		*err = -EINVAL;
	}
	return f;
}

static bool itimerspec_valid(const struct __kernel_itimerspec *its)
{
	struct timespec64 value = {its->it_value.tv_sec, its->it_value.tv_nsec};
	struct timespec64 interval = {its->it_interval.tv_sec, its->it_interval.tv_nsec};

	return timespec64_valid(&value) && timespec64_valid(&interval);
}

SYSCALL_DEFINE4(timerfd_settime, int, ufd, int, flags, const struct __kernel_itimerspec __user *,
		new_value, struct __kernel_itimerspec __user *, old_value)
{
	struct __kernel_itimerspec its, old;
	struct timerfd_ctx *ctx;
	struct fd f;
	int err;

	if (copy_from_user(&its, new_value, sizeof(its)))
		return -EFAULT;
	if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) || !itimerspec_valid(&its))
		return -EINVAL;
	f = timerfd_fget(ufd, &err);
	if (err)
		return err;
	ctx = f.file->private_data;
	mutex_lock(&ctx->settime);
	hrtimer_cancel(&ctx->timer);
	spin_lock_irq(&ctx->wqh.lock);
	/* Cancelled above: what was left is told by its expiry, the timer being off the queue. */
	timerfd_state(ctx, &old);
	if (!ctx->expired && ctx->timer.expires && !old.it_value.tv_sec && !old.it_value.tv_nsec) {
		ktime_t left = ctx->timer.expires - hrtimer_cb_get_time(&ctx->timer);
		struct timespec64 ts = ns_to_timespec64(max(left, (ktime_t)0));

		old.it_value = (struct __kernel_timespec){ts.tv_sec, ts.tv_nsec};
	}
	spin_unlock_irq(&ctx->wqh.lock);
	hrtimer_cancel(&ctx->timer);
	spin_lock_irq(&ctx->wqh.lock);
	timerfd_arm(ctx, flags, &its);
	err = was_cancelled(ctx) ? -ECANCELED : 0;
	spin_unlock_irq(&ctx->wqh.lock);
	mutex_unlock(&ctx->settime);
	fdput(f);
	if (!err && old_value && copy_to_user(old_value, &old, sizeof(old)))
		return -EFAULT;
	return err;
}

SYSCALL_DEFINE2(timerfd_gettime, int, ufd, struct __kernel_itimerspec __user *, value)
{
	struct __kernel_itimerspec its;
	struct timerfd_ctx *ctx;
	struct fd f;
	int err;

	f = timerfd_fget(ufd, &err);
	if (err)
		return err;
	ctx = f.file->private_data;
	spin_lock_irq(&ctx->wqh.lock);
	timerfd_state(ctx, &its);
	spin_unlock_irq(&ctx->wqh.lock);
	fdput(f);
	return copy_to_user(value, &its, sizeof(its)) ? -EFAULT : 0;
}
