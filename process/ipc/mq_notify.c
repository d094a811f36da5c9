/* SPDX-License-Identifier: MIT */
/*
 * mq_notify(2): one process may be told, once, that a message came into an empty queue. Task
 * context; the queue's lock is held where a function says so, and siglock is taken inside it.
 */
#include <arch/uaccess.h>
#include <jiffy/netlink.h>
#include <jiffy/poll.h>
#include <jiffy/signal.h>
#include <jiffy/syscalls.h>

#include "mqueue.h"

/* The cookie's last byte tells the C library's thread what happened. */
#define NOTIFY_WOKENUP 1
#define NOTIFY_REMOVED 2

static void forget_owner(struct mqueue_inode_info *info)
{
	put_pid(info->notify_owner);
	put_user_ns(info->notify_user_ns);
	info->notify_owner = NULL;
	info->notify_user_ns = NULL;
}

/* SIGEV_THREAD's notice; none for the other kinds. */
static void send_cookie(struct mqueue_inode_info *info, char what)
{
	if (!info->notify_cookie)
		return;
	netlink_data(info->notify_cookie)[NOTIFY_COOKIE_LEN - 1] = what;
	netlink_send_reserved(info->notify_cookie);
	info->notify_cookie = NULL;
}

void mq_remove_notification(struct mqueue_inode_info *info)
{
	lockdep_assert_held(&info->lock);
	send_cookie(info, NOTIFY_REMOVED);
	forget_owner(info);
}

/* The sender need not be allowed to signal the owner: that asked for it. */
static void send_notice(struct mqueue_inode_info *info)
{
	struct kernel_siginfo si;
	struct task_struct *owner;

	clear_siginfo(&si);
	si.si_signo = info->notify.sigev_signo;
	si.si_code = SI_MESGQ;
	si.si_value = info->notify.sigev_value;
	rcu_read_lock();
	si.si_pid = task_tgid_nr_ns(current, ns_of_pid(info->notify_owner));
	si.si_uid = from_kuid_munged(info->notify_user_ns, current_uid());
	owner = pid_task(info->notify_owner, PIDTYPE_TGID);
	if (owner)
		do_send_sig_info(si.si_signo, &si, owner, PIDTYPE_TGID);
	rcu_read_unlock();
}

void mq_do_notify(struct mqueue_inode_info *info)
{
	lockdep_assert_held(&info->lock);
	if (info->notify_owner && info->curmsgs == 1) {
		/* Signal 0 is allowed, and sends nothing. */
		if (info->notify.sigev_notify == SIGEV_SIGNAL && info->notify.sigev_signo)
			send_notice(info);
		send_cookie(info, NOTIFY_WOKENUP);
		forget_owner(info);
	}
	wake_up(&info->wait_q);
}

/*
 * SIGEV_THREAD is the C library's: a thread of its reads a netlink socket, sigev_signo, and knows
 * by the cookie at sigev_value whose function to call. Nothing may fail or wait once a message
 * comes, so the notice is made here. ERR_PTR.
 */
static struct netlink_msg *prepare_cookie(const struct sigevent *event)
{
	char cookie[NOTIFY_COOKIE_LEN];
	struct netlink_msg *m;
	struct fd f;

	if (copy_from_user(cookie, event->sigev_value.sival_ptr, sizeof(cookie)))
		return ERR_PTR(-EFAULT);
	f = fdget(event->sigev_signo);
	if (!f.file)
		return ERR_PTR(-EBADF);
	m = netlink_reserve(f.file, sizeof(cookie));
	fdput(f);
	if (!IS_ERR(m))
		memcpy(netlink_data(m), cookie, sizeof(cookie));
	return m;
}

/* 0 or errno; *cookie: the notice of SIGEV_THREAD, NULL for the others. */
static int check_event(const struct sigevent *event, struct netlink_msg **cookie)
{
	switch (event->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
		return valid_signal(event->sigev_signo) ? 0 : -EINVAL;
	case SIGEV_THREAD:
		*cookie = prepare_cookie(event);
		return PTR_ERR_OR_ZERO(*cookie);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE2(mq_notify, int, mqdes, const struct sigevent __user *, u_event)
{
	struct netlink_msg *cookie = NULL;
	struct mqueue_inode_info *info;
	struct sigevent event;
	struct inode *inode;
	struct fd f;
	int err = 0;

	if (u_event) {
		if (copy_from_user(&event, u_event, sizeof(event)))
			return -EFAULT;
		err = check_event(&event, &cookie);
		if (err)
			return err;
	}
	err = mq_fdget(mqdes, 0, &f);
	if (err)
		goto out;
	inode = file_inode(f.file);
	info = MQUEUE_I(inode);
	spin_lock(&info->lock);
	if (!u_event) {
		if (info->notify_owner == task_tgid(current))
			mq_remove_notification(info);
	} else if (info->notify_owner) {
		err = -EBUSY;
	} else {
		info->notify = event;
		swap(info->notify_cookie, cookie);
		info->notify_owner = get_pid(task_tgid(current));
		info->notify_user_ns = get_user_ns(current_user_ns());
	}
	if (!err)
		inode->i_atime = inode->i_ctime = current_time(inode);
	spin_unlock(&info->lock);
	fdput(f);
out:
	if (cookie)
		netlink_drop_reserved(cookie);
	return err;
}
