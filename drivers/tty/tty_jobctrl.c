/* SPDX-License-Identifier: MIT */
/*
 * Terminals and job control: whose controlling terminal one is, which process group is in the
 * foreground, and what happens to those in the background (credentials(7), termios(3),
 * ioctl_tty(2)). Task context. Locks: <jiffy/tty.h>.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/pid.h>
#include <jiffy/signal.h>
#include "n_tty.h"
#include "tty.h"

static struct pid *tty_get_pgrp(struct tty_struct *tty)
{
	unsigned long flags;
	struct pid *pgrp;

	spin_lock_irqsave(&tty->ctrl.lock, flags);
	pgrp = get_pid(tty->ctrl.pgrp);
	spin_unlock_irqrestore(&tty->ctrl.lock, flags);
	return pgrp;
}

struct pid *tty_get_session(struct tty_struct *tty)
{
	unsigned long flags;
	struct pid *session;

	spin_lock_irqsave(&tty->ctrl.lock, flags);
	session = get_pid(tty->ctrl.session);
	spin_unlock_irqrestore(&tty->ctrl.lock, flags);
	return session;
}

/*
 * A process in the background touches its terminal. Ignoring or blocking the signal lets it
 * write (SIGTTOU) but not read (SIGTTIN); nobody could continue an orphaned group, so that one
 * gets an error and is not stopped.
 */
int __tty_check_change(struct tty_struct *tty, int sig)
{
	struct pid *pgrp, *tty_pgrp;
	int ret = 0;

	if (READ_ONCE(current->signal->tty) != tty)
		return 0;
	tty_pgrp = tty_get_pgrp(tty);
	rcu_read_lock();
	pgrp = get_pid(task_pgrp(current));
	rcu_read_unlock();
	if (tty_pgrp && pgrp != tty_pgrp) {
		if (is_ignored(sig))
			ret = sig == SIGTTIN ? -EIO : 0;
		else if (is_current_pgrp_orphaned())
			ret = -EIO;
		else {
			kill_pgrp(pgrp, sig, 1);
			set_thread_flag(TIF_SIGPENDING);
			ret = -ERESTARTSYS;
		}
	}
	put_pid(pgrp);
	put_pid(tty_pgrp);
	return ret;
}

int tty_check_change(struct tty_struct *tty)
{
	return __tty_check_change(tty, SIGTTOU);
}

void proc_clear_tty(struct task_struct *p)
{
	struct tty_struct *tty;
	unsigned long flags;

	spin_lock_irqsave(&p->sighand->siglock, flags);
	tty = p->signal->tty;
	p->signal->tty = NULL;
	spin_unlock_irqrestore(&p->sighand->siglock, flags);
	tty_kref_put(tty);
}

void tty_inherit(struct signal_struct *child, struct signal_struct *parent)
{
	child->tty = tty_kref_get(parent->tty);
	child->tty_old_pgrp = get_pid(parent->tty_old_pgrp);
}

struct tty_struct *get_current_tty(void)
{
	struct tty_struct *tty;
	unsigned long flags;

	spin_lock_irqsave(&current->sighand->siglock, flags);
	tty = tty_kref_get(current->signal->tty);
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	return tty;
}

/* A task's tty reference, taken from it; the caller puts it, siglock being a spinlock. */
static struct tty_struct *take_tty(struct task_struct *p)
{
	struct tty_struct *tty;

	spin_lock_irq(&p->sighand->siglock);
	tty = p->signal->tty;
	p->signal->tty = NULL;
	spin_unlock_irq(&p->sighand->siglock);
	return tty;
}

/*
 * tasklist_lock held: the puts cannot free, as the caller has a reference to the terminal or
 * the terminal is still in its table.
 */
void session_clear_tty(struct pid *session)
{
	struct task_struct *p;

	do_each_pid_task(session, PIDTYPE_SID, p)
	{
		struct tty_struct *tty = take_tty(p);

		if (tty)
			WARN_ON(refcount_dec_and_test(&tty->kref));
	}
	while_each_pid_task(session, PIDTYPE_SID, p);
}

void tty_clear_session(struct tty_struct *tty)
{
	struct pid *session = tty_get_session(tty);

	read_lock(&tasklist_lock);
	session_clear_tty(session);
	read_unlock(&tasklist_lock);
	put_pid(session);
}

int tty_signal_session_leader(struct tty_struct *tty, bool exit_session)
{
	struct pid *tty_pgrp = NULL, *session = tty_get_session(tty);
	struct task_struct *p;
	int refs = 0;

	read_lock(&tasklist_lock);
	do_each_pid_task(session, PIDTYPE_SID, p)
	{
		spin_lock_irq(&p->sighand->siglock);
		if (p->signal->tty == tty) {
			p->signal->tty = NULL;
			refs++;
		}
		if (p->signal->leader) {
			send_signal_locked(SIGHUP, SEND_SIG_PRIV, p, PIDTYPE_TGID);
			send_signal_locked(SIGCONT, SEND_SIG_PRIV, p, PIDTYPE_TGID);
			put_pid(p->signal->tty_old_pgrp);
			spin_lock(&tty->ctrl.lock);
			tty_pgrp = get_pid(tty->ctrl.pgrp);
			p->signal->tty_old_pgrp = get_pid(tty->ctrl.pgrp);
			spin_unlock(&tty->ctrl.lock);
		}
		spin_unlock_irq(&p->sighand->siglock);
	}
	while_each_pid_task(session, PIDTYPE_SID, p);
	read_unlock(&tasklist_lock);
	if (tty_pgrp && exit_session)
		kill_pgrp(tty_pgrp, SIGHUP, 1);
	put_pid(tty_pgrp);
	put_pid(session);
	return refs;
}

/* The session's foreground group is told that its leader goes or gives the terminal up. */
static void signal_foreground(struct tty_struct *tty, bool on_exit)
{
	struct pid *pgrp = tty_get_pgrp(tty);

	if (!pgrp)
		return;
	kill_pgrp(pgrp, SIGHUP, on_exit);
	if (!on_exit)
		kill_pgrp(pgrp, SIGCONT, on_exit);
	put_pid(pgrp);
}

static struct pid *take_old_pgrp(void)
{
	struct pid *old;

	spin_lock_irq(&current->sighand->siglock);
	old = current->signal->tty_old_pgrp;
	current->signal->tty_old_pgrp = NULL;
	spin_unlock_irq(&current->sighand->siglock);
	return old;
}

/* The terminal went before the leader did: the group that was in front then hears of it now. */
static void signal_old_foreground(void)
{
	struct pid *old = take_old_pgrp();

	if (!old)
		return;
	kill_pgrp(old, SIGHUP, 1);
	kill_pgrp(old, SIGCONT, 1);
	put_pid(old);
}

void disassociate_ctty(int on_exit)
{
	struct tty_struct *tty;

	if (!current->signal->leader)
		return;
	tty = get_current_tty();
	if (!tty) {
		if (on_exit)
			signal_old_foreground();
		return;
	}
	if (on_exit && tty->driver->type != TTY_DRIVER_TYPE_PTY)
		tty_vhangup_session(tty);
	else
		signal_foreground(tty, on_exit);

	put_pid(take_old_pgrp());
	if (READ_ONCE(current->signal->tty) == tty) {
		struct pid *session, *pgrp;

		spin_lock_irq(&tty->ctrl.lock);
		session = tty->ctrl.session;
		pgrp = tty->ctrl.pgrp;
		tty->ctrl.session = tty->ctrl.pgrp = NULL;
		spin_unlock_irq(&tty->ctrl.lock);
		put_pid(session);
		put_pid(pgrp);
	}
	/* Our reference outlives those of the session. */
	read_lock(&tasklist_lock);
	session_clear_tty(task_session(current));
	read_unlock(&tasklist_lock);
	tty_kref_put(tty);
}

void no_tty(void)
{
	disassociate_ctty(0);
	proc_clear_tty(current);
}

/* The terminal becomes current's, a session leader's, with its own group in front. */
static void __proc_set_tty(struct tty_struct *tty)
{
	struct pid *session, *pgrp, *old_session, *old_pgrp;
	struct tty_struct *old_tty;
	unsigned long flags;

	rcu_read_lock();
	session = get_pid(task_session(current));
	pgrp = get_pid(task_pgrp(current));
	rcu_read_unlock();
	spin_lock_irqsave(&current->sighand->siglock, flags);
	spin_lock(&tty->ctrl.lock);
	old_session = tty->ctrl.session;
	old_pgrp = tty->ctrl.pgrp;
	tty->ctrl.session = session;
	tty->ctrl.pgrp = pgrp;
	spin_unlock(&tty->ctrl.lock);
	old_tty = current->signal->tty;
	current->signal->tty = tty_kref_get(tty);
	put_pid(current->signal->tty_old_pgrp);
	current->signal->tty_old_pgrp = NULL;
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	put_pid(old_session);
	put_pid(old_pgrp);
	tty_kref_put(old_tty);
}

void tty_open_proc_set_tty(struct file *file, struct tty_struct *tty)
{
	/* A master's own terminal is nobody's; and who could not read must not be able to steal. */
	if (tty->driver->type == TTY_DRIVER_TYPE_PTY && tty->driver->subtype == PTY_TYPE_MASTER)
		return;
	if (!(file->f_mode & FMODE_READ))
		return;
	mutex_lock(&tty_mutex);
	if (current->signal->leader && !current->signal->tty && !tty->ctrl.session)
		__proc_set_tty(tty);
	mutex_unlock(&tty_mutex);
}

/* TIOCSCTTY. arg 1: take it from the session that has it. */
static int tiocsctty(struct tty_struct *tty, struct file *file, int arg)
{
	struct pid *session;
	int ret = -EPERM;

	mutex_lock(&tty_mutex);
	rcu_read_lock();
	session = task_session(current);
	rcu_read_unlock();
	if (current->signal->leader && session == tty->ctrl.session) {
		ret = 0;
		goto out;
	}
	if (!current->signal->leader || current->signal->tty)
		goto out;
	if (tty->ctrl.session) {
		if (arg != 1 || !capable(CAP_SYS_ADMIN))
			goto out;
		tty_clear_session(tty);
	}
	if (!(file->f_mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		goto out;
	__proc_set_tty(tty);
	ret = 0;
out:
	mutex_unlock(&tty_mutex);
	return ret;
}

static int tiocgpgrp(struct tty_struct *tty, struct tty_struct *real_tty, pid_t __user *p)
{
	struct pid *pgrp;
	int ret;

	if (tty == real_tty && current->signal->tty != real_tty)
		return -ENOTTY;
	pgrp = tty_get_pgrp(real_tty);
	ret = put_user(pid_vnr(pgrp), p);
	put_pid(pgrp);
	return ret;
}

/* Is the group one of our session's? 0, -ESRCH, -EPERM. Under RCU. */
static int may_be_foreground(struct pid *pgrp)
{
	struct task_struct *p;

	if (!pgrp)
		return -ESRCH;
	p = pid_task(pgrp, PIDTYPE_PGID);
	if (!p || task_session(p) != task_session(current))
		return -EPERM;
	return 0;
}

static int tiocspgrp(struct tty_struct *tty, struct tty_struct *real_tty, pid_t __user *p)
{
	struct pid *pgrp;
	pid_t nr;
	int ret = tty_check_change(real_tty);

	if (ret == -EIO)
		return -ENOTTY;
	if (ret)
		return ret;
	if (get_user(nr, p))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	rcu_read_lock();
	ret = -ENOTTY;
	if (!current->signal->tty || (tty == real_tty && current->signal->tty != real_tty) ||
	    real_tty->ctrl.session != task_session(current)) {
		rcu_read_unlock();
		return -ENOTTY;
	}
	pgrp = find_vpid(nr);
	ret = may_be_foreground(pgrp);
	if (!ret) {
		spin_lock_irq(&real_tty->ctrl.lock);
		swap(real_tty->ctrl.pgrp, pgrp);
		get_pid(real_tty->ctrl.pgrp);
		spin_unlock_irq(&real_tty->ctrl.lock);
		put_pid(pgrp);
	}
	rcu_read_unlock();
	return ret;
}

static int tiocgsid(struct tty_struct *tty, struct tty_struct *real_tty, pid_t __user *p)
{
	unsigned long flags;
	pid_t sid = 0;

	if (tty == real_tty && current->signal->tty != real_tty)
		return -ENOTTY;
	spin_lock_irqsave(&real_tty->ctrl.lock, flags);
	if (real_tty->ctrl.session)
		sid = pid_vnr(real_tty->ctrl.session);
	spin_unlock_irqrestore(&real_tty->ctrl.lock, flags);
	return sid ? put_user(sid, p) : -ENOTTY;
}

long tty_jobctrl_ioctl(struct tty_struct *tty, struct tty_struct *real_tty, struct file *file,
		       unsigned int cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case TIOCNOTTY:
		if (current->signal->tty != tty)
			return -ENOTTY;
		no_tty();
		return 0;
	case TIOCSCTTY:
		return tiocsctty(real_tty, file, arg);
	case TIOCGPGRP:
		return tiocgpgrp(tty, real_tty, p);
	case TIOCSPGRP:
		return tiocspgrp(tty, real_tty, p);
	case TIOCGSID:
		return tiocgsid(tty, real_tty, p);
	default:
		return -ENOIOCTLCMD;
	}
}

dev_t task_tty_nr(struct task_struct *p, struct pid **pgrp)
{
	struct tty_struct *tty;
	unsigned long flags;
	dev_t dev = 0;

	*pgrp = NULL;
	if (!lock_task_sighand(p, &flags))
		return 0;
	tty = p->signal->tty;
	if (tty) {
		dev = tty_devnum(tty);
		spin_lock(&tty->ctrl.lock);
		*pgrp = get_pid(tty->ctrl.pgrp);
		spin_unlock(&tty->ctrl.lock);
	}
	unlock_task_sighand(p, &flags);
	return dev;
}
