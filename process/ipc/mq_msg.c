/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues as files: mq_timedsend(2), mq_timedreceive(2), poll(2), read(2),
 * mq_getsetattr(2). A message is handed straight to a task that waits for one, and a waiting
 * sender's goes into the queue as soon as there is room. Task context. Locks: util.h.
 */
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/poll.h>
#include <jiffy/sched.h>
#include <jiffy/syscalls.h>

#include "mqueue.h"

/* A task that waits to send msg, or to receive it: on its stack, in waiters[] until done. */
struct mq_waiter {
	struct list_head list;
	struct task_struct *task;
	struct mq_msg *msg;
	bool done;
};

int mq_fdget(int mqdes, fmode_t mode, struct fd *f)
{
	*f = fdget(mqdes);
	if (!f->file)
		return -EBADF;
	if (f->file->f_op == &mqueue_file_operations && (!mode || (f->file->f_mode & mode)))
		return 0;
	fdput(*f);
	return -EBADF;
}

/* ---- the tree of messages ---- */

static bool msg_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct mq_msg, node)->priority >
	       rb_entry(b, struct mq_msg, node)->priority;
}

/* Behind those of its own priority. */
static void mq_insert(struct mqueue_inode_info *info, struct mq_msg *msg)
{
	lockdep_assert_held(&info->lock);
	rb_add_cached(&msg->node, &info->messages, msg_before);
	info->curmsgs++;
	info->qsize += msg->size;
}

static struct mq_msg *mq_take_first(struct mqueue_inode_info *info)
{
	struct mq_msg *msg = rb_entry(rb_first_cached(&info->messages), struct mq_msg, node);

	lockdep_assert_held(&info->lock);
	rb_erase_cached(&msg->node, &info->messages);
	info->curmsgs--;
	info->qsize -= msg->size;
	return msg;
}

void mq_free_messages(struct mqueue_inode_info *info)
{
	while (rb_first_cached(&info->messages)) {
		struct rb_node *node = rb_first_cached(&info->messages);

		rb_erase_cached(node, &info->messages);
		kvfree(rb_entry(node, struct mq_msg, node));
	}
}

/* ---- waiting ---- */

static void mq_add_waiter(struct mqueue_inode_info *info, enum mq_side side, struct mq_waiter *w)
{
	struct list_head *pos;

	/* Before the first that is less urgent: a smaller prio is a higher priority. */
	list_for_each (pos, &info->waiters[side])
		if (list_entry(pos, struct mq_waiter, list)->task->prio > w->task->prio)
			break;
	list_add_tail(&w->list, pos);
}

/* Until done, or -ERESTARTSYS, -ETIMEDOUT. expires: CLOCK_REALTIME. Locked before and after. */
static int mq_wait(struct mqueue_inode_info *info, enum mq_side side, struct mq_waiter *w,
		   ktime_t *expires)
{
	int err = 0;

	lockdep_assert_held(&info->lock);
	mq_add_waiter(info, side, w);
	while (!w->done && !err) {
		int timed_out;

		__set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&info->lock);
		timed_out =
		    !schedule_hrtimeout_range_clock(expires, 0, HRTIMER_MODE_ABS, CLOCK_REALTIME);
		spin_lock(&info->lock);
		if (w->done)
			break;
		if (signal_pending(current))
			err = -ERESTARTSYS;
		else if (timed_out)
			err = -ETIMEDOUT;
	}
	if (err)
		list_del(&w->list);
	return err;
}

static struct mq_waiter *mq_first_waiter(struct mqueue_inode_info *info, enum mq_side side)
{
	return list_first_entry_or_null(&info->waiters[side], struct mq_waiter, list);
}

static void mq_finish(struct mq_waiter *w, struct wake_batch *wakes)
{
	list_del(&w->list);
	w->done = true;
	wake_batch_add(wakes, w->task);
}

/* A time on CLOCK_REALTIME: 0, -EFAULT or -EINVAL. */
static int mq_get_timeout(const struct __kernel_timespec __user *u_timeout, ktime_t *expires)
{
	struct timespec64 ts;

	if (copy_from_user(&ts, u_timeout, sizeof(ts)))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	*expires = timespec64_to_ktime(ts);
	return 0;
}

/* ---- sending ---- */

/* On success the message is the queue's, or a receiver's. */
static int mq_send(struct file *file, struct mq_msg *msg, ktime_t *expires)
{
	struct inode *inode = file_inode(file);
	struct mqueue_inode_info *info = MQUEUE_I(inode);
	struct wake_batch wakes = {.nr = 0};
	struct mq_waiter *receiver, self = {.task = current, .msg = msg};
	int err = 0;

	spin_lock(&info->lock);
	if (info->curmsgs == info->maxmsg) {
		err = file->f_flags & O_NONBLOCK ? -EAGAIN : mq_wait(info, MQ_SEND, &self, expires);
	} else {
		receiver = mq_first_waiter(info, MQ_RECV);
		if (receiver) {
			receiver->msg = msg;
			mq_finish(receiver, &wakes);
		} else {
			mq_insert(info, msg);
			mq_do_notify(info);
		}
		inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	}
	spin_unlock(&info->lock);
	wake_batch_flush(&wakes);
	return err;
}

SYSCALL_DEFINE5(mq_timedsend, int, mqdes, const char __user *, u_msg, size_t, msg_len, unsigned int,
		msg_prio, const struct __kernel_timespec __user *, u_timeout)
{
	struct mq_msg *msg = NULL;
	ktime_t expires;
	struct fd f;
	int err;

	if (u_timeout) {
		err = mq_get_timeout(u_timeout, &expires);
		if (err)
			return err;
	}
	if (msg_prio >= MQ_PRIO_MAX)
		return -EINVAL;
	err = mq_fdget(mqdes, FMODE_WRITE, &f);
	if (err)
		return err;
	err = -EMSGSIZE;
	if (msg_len > (size_t)MQUEUE_I(file_inode(f.file))->msgsize)
		goto out;
	err = -ENOMEM;
	msg = kvmalloc(sizeof(*msg) + msg_len, GFP_KERNEL);
	if (!msg)
		goto out;
	msg->priority = msg_prio;
	msg->size = msg_len;
	err = copy_from_user(msg->text, u_msg, msg_len) ? -EFAULT : 0;
	if (!err)
		err = mq_send(f.file, msg, u_timeout ? &expires : NULL);
out:
	if (err)
		kvfree(msg);
	fdput(f);
	return err;
}

/* ---- receiving ---- */

/* The most urgent message, or ERR_PTR. The room it leaves goes to a waiting sender. */
static struct mq_msg *mq_receive(struct file *file, ktime_t *expires)
{
	struct inode *inode = file_inode(file);
	struct mqueue_inode_info *info = MQUEUE_I(inode);
	struct wake_batch wakes = {.nr = 0};
	struct mq_waiter *sender, self = {.task = current};
	struct mq_msg *msg;
	int err;

	spin_lock(&info->lock);
	if (info->curmsgs) {
		msg = mq_take_first(info);
		inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
		sender = mq_first_waiter(info, MQ_SEND);
		if (sender) {
			mq_insert(info, sender->msg);
			mq_finish(sender, &wakes);
		} else {
			wake_up_interruptible(&info->wait_q);
		}
	} else if (file->f_flags & O_NONBLOCK) {
		msg = ERR_PTR(-EAGAIN);
	} else {
		err = mq_wait(info, MQ_RECV, &self, expires);
		msg = err ? ERR_PTR(err) : self.msg;
	}
	spin_unlock(&info->lock);
	wake_batch_flush(&wakes);
	return msg;
}

SYSCALL_DEFINE5(mq_timedreceive, int, mqdes, char __user *, u_msg, size_t, msg_len,
		unsigned int __user *, u_prio, const struct __kernel_timespec __user *, u_timeout)
{
	struct mq_msg *msg;
	ktime_t expires;
	struct fd f;
	long ret;

	if (u_timeout) {
		ret = mq_get_timeout(u_timeout, &expires);
		if (ret)
			return ret;
	}
	ret = mq_fdget(mqdes, FMODE_READ, &f);
	if (ret)
		return ret;
	ret = -EMSGSIZE;
	if (msg_len < (size_t)MQUEUE_I(file_inode(f.file))->msgsize)
		goto out;
	msg = mq_receive(f.file, u_timeout ? &expires : NULL);
	ret = PTR_ERR_OR_ZERO(msg);
	if (ret)
		goto out;
	ret = msg->size;
	if ((u_prio && put_user(msg->priority, u_prio)) ||
	    copy_to_user(u_msg, msg->text, msg->size))
		ret = -EFAULT;
	kvfree(msg);
out:
	fdput(f);
	return ret;
}

SYSCALL_DEFINE3(mq_getsetattr, int, mqdes, const struct mq_attr __user *, u_new,
		struct mq_attr __user *, u_old)
{
	struct mq_attr new, old = {};
	struct mqueue_inode_info *info;
	struct inode *inode;
	struct fd f;
	int err;

	if (u_new) {
		if (copy_from_user(&new, u_new, sizeof(new)))
			return -EFAULT;
		if (new.mq_flags & ~O_NONBLOCK)
			return -EINVAL;
	}
	err = mq_fdget(mqdes, 0, &f);
	if (err)
		return err;
	inode = file_inode(f.file);
	info = MQUEUE_I(inode);
	spin_lock(&info->lock);
	old.mq_maxmsg = info->maxmsg;
	old.mq_msgsize = info->msgsize;
	old.mq_curmsgs = info->curmsgs;
	old.mq_flags = f.file->f_flags & O_NONBLOCK;
	if (u_new) {
		spin_lock(&f.file->f_lock);
		f.file->f_flags = (f.file->f_flags & ~O_NONBLOCK) | new.mq_flags;
		spin_unlock(&f.file->f_lock);
		inode->i_atime = inode->i_ctime = current_time(inode);
	}
	spin_unlock(&info->lock);
	fdput(f);
	return u_old && copy_to_user(u_old, &old, sizeof(old)) ? -EFAULT : 0;
}

/* ---- the queue as a file ---- */

/* What mq_overview(7) shows: NOTIFY_PID is 0 when nobody wants notice. */
static ssize_t mqueue_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct inode *inode = file_inode(file);
	struct mqueue_inode_info *info = MQUEUE_I(inode);
	bool by_signal;
	char line[96];
	int n;

	spin_lock(&info->lock);
	by_signal = info->notify_owner && info->notify.sigev_notify == SIGEV_SIGNAL;
	n = scnprintf(line, sizeof(line), "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		      info->qsize, info->notify_owner ? info->notify.sigev_notify : 0,
		      by_signal ? info->notify.sigev_signo : 0, pid_vnr(info->notify_owner));
	inode->i_atime = inode->i_ctime = current_time(inode);
	spin_unlock(&info->lock);
	return simple_read_from_buffer(buf, len, pos, line, n);
}

static __poll_t mqueue_poll(struct file *file, struct poll_table_struct *pt)
{
	struct mqueue_inode_info *info = MQUEUE_I(file_inode(file));
	__poll_t mask = 0;

	poll_wait(file, &info->wait_q, pt);
	spin_lock(&info->lock);
	if (info->curmsgs)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (info->curmsgs < info->maxmsg)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&info->lock);
	return mask;
}

/* A process that closes the queue (or execs) gives its notice up. */
static int mqueue_flush(struct file *file, fl_owner_t id)
{
	struct mqueue_inode_info *info = MQUEUE_I(file_inode(file));

	spin_lock(&info->lock);
	if (task_tgid(current) == info->notify_owner)
		mq_remove_notification(info);
	spin_unlock(&info->lock);
	return 0;
}

const struct file_operations mqueue_file_operations = {
    .flush = mqueue_flush,
    .poll = mqueue_poll,
    .read = mqueue_read,
    .llseek = default_llseek,
};
