/* SPDX-License-Identifier: MIT */
/*
 * fcntl(2), and the asynchronous notice (SIGIO) that it sets up. fasync_lock guards the lists'
 * links; a walk over one needs RCU alone. kill_fasync() works in any context.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/pid.h>
#include <jiffy/pipe_fs.h>
#include <jiffy/poll.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_NDELAY | O_DIRECT | O_NOATIME)

static DEFINE_SPINLOCK(fasync_lock);

static int setfl(int fd, struct file *filp, unsigned int arg)
{
	struct inode *inode = file_inode(filp);
	int error = 0;

	if (((arg ^ filp->f_flags) & O_APPEND) && IS_APPEND(inode))
		return -EPERM;
	if ((arg & O_NOATIME) && !(filp->f_flags & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	if (filp->f_op->setfl) {
		error = filp->f_op->setfl(filp, arg);
		if (error)
			return error;
	}
	if (((arg ^ filp->f_flags) & FASYNC) && filp->f_op->fasync) {
		error = filp->f_op->fasync(fd, filp, (arg & FASYNC) != 0);
		if (error < 0)
			return error;
	}
	spin_lock(&filp->f_lock);
	filp->f_flags = (arg & SETFL_MASK) | (filp->f_flags & ~SETFL_MASK);
	spin_unlock(&filp->f_lock);
	return 0;
}

static void f_modown(struct file *filp, struct pid *pid, int type)
{
	struct pid *old;

	spin_lock_irq(&filp->f_lock);
	old = filp->f_owner.pid;
	filp->f_owner.pid = get_pid(pid);
	filp->f_owner.pid_type = type;
	if (pid) {
		filp->f_owner.uid = current_uid();
		filp->f_owner.euid = current_euid();
	}
	spin_unlock_irq(&filp->f_lock);
	put_pid(old);
}

int f_setown(struct file *filp, unsigned long arg, int force)
{
	int who = arg, type = PIDTYPE_TGID, ret = 0;
	struct pid *pid = NULL;

	if (who < 0) {
		if (who == -2147483647 - 1)
			return -EINVAL;
		type = PIDTYPE_PGID;
		who = -who;
	}
	if (who) {
		pid = find_get_pid(who);
		if (!pid)
			ret = -ESRCH;
	}
	if (!ret)
		f_modown(filp, pid, type);
	put_pid(pid);
	return ret;
}

void f_delown(struct file *filp)
{
	f_modown(filp, NULL, PIDTYPE_TGID);
}

pid_t f_getown(struct file *filp)
{
	pid_t pid = 0;

	spin_lock_irq(&filp->f_lock);
	if (filp->f_owner.pid) {
		pid = pid_vnr(filp->f_owner.pid);
		if (filp->f_owner.pid_type == PIDTYPE_PGID)
			pid = -pid;
	}
	spin_unlock_irq(&filp->f_lock);
	return pid;
}

static int f_setown_ex(struct file *filp, unsigned long arg)
{
	static const int types[] = {PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID};
	struct f_owner_ex owner;
	struct pid *pid;

	if (copy_from_user(&owner, (void __user *)arg, sizeof(owner)))
		return -EFAULT;
	if (owner.type < F_OWNER_TID || owner.type > F_OWNER_PGRP)
		return -EINVAL;
	pid = find_get_pid(owner.pid);
	if (owner.pid && !pid)
		return -ESRCH;
	f_modown(filp, pid, types[owner.type]);
	put_pid(pid);
	return 0;
}

static int f_getown_ex(struct file *filp, unsigned long arg)
{
	struct f_owner_ex owner = {.pid = 0};

	spin_lock_irq(&filp->f_lock);
	if (filp->f_owner.pid)
		owner.pid = pid_vnr(filp->f_owner.pid);
	owner.type = filp->f_owner.pid_type == PIDTYPE_PID    ? F_OWNER_TID
		     : filp->f_owner.pid_type == PIDTYPE_PGID ? F_OWNER_PGRP
							      : F_OWNER_PID;
	spin_unlock_irq(&filp->f_lock);
	return copy_to_user((void __user *)arg, &owner, sizeof(owner)) ? -EFAULT : 0;
}

static int f_getowner_uids(struct file *filp, unsigned long arg)
{
	uid_t __user *dst = (void __user *)arg;
	uid_t src[2];

	spin_lock_irq(&filp->f_lock);
	src[0] = from_kuid(current_user_ns(), filp->f_owner.uid);
	src[1] = from_kuid(current_user_ns(), filp->f_owner.euid);
	spin_unlock_irq(&filp->f_lock);
	return put_user(src[0], &dst[0]) || put_user(src[1], &dst[1]) ? -EFAULT : 0;
}

/* Leases (fcntl(2)): a file that somebody has open for writing, or that is not ours, gets none. */
static long fcntl_setlease(struct file *filp, long arg)
{
	struct inode *inode = file_inode(filp);

	if (!uid_eq(current_fsuid(), inode->i_uid) && !capable(CAP_LEASE))
		return -EACCES;
	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	return arg == F_UNLCK ? -EAGAIN : -EINVAL;
}

static bool check_fcntl_cmd(unsigned int cmd)
{
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD || cmd == F_SETFD ||
	       cmd == F_GETFL;
}

static long do_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg, struct file *filp)
{
	switch (cmd) {
	case F_DUPFD:
		return f_dupfd(arg, filp, 0);
	case F_DUPFD_CLOEXEC:
		return f_dupfd(arg, filp, O_CLOEXEC);
	case F_GETFD:
		return get_close_on_exec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		set_close_on_exec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return filp->f_flags;
	case F_SETFL:
		return setfl(fd, filp, arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(fd, filp, cmd, (struct flock __user *)arg);
	case F_GETOWN:
		return f_getown(filp);
	case F_SETOWN:
		return f_setown(filp, arg, 1);
	case F_GETOWN_EX:
		return f_getown_ex(filp, arg);
	case F_SETOWN_EX:
		return f_setown_ex(filp, arg);
	case F_GETOWNER_UIDS:
		return f_getowner_uids(filp, arg);
	case F_GETSIG:
		return filp->f_owner.signum;
	case F_SETSIG:
		if (!valid_signal(arg))
			return -EINVAL;
		filp->f_owner.signum = arg;
		return 0;
	case F_GETLEASE:
		return F_UNLCK;
	case F_SETLEASE:
		return fcntl_setlease(filp, arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_fcntl(filp, cmd, arg);
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return memfd_fcntl(filp, cmd, arg);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE3(fcntl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct fd f = fdget_raw(fd);
	long err = -EBADF;

	if (!f.file)
		return -EBADF;
	if (!(f.file->f_mode & FMODE_PATH) || check_fcntl_cmd(cmd))
		err = do_fcntl(fd, cmd, arg, f.file);
	fdput(f);
	return err;
}

/* What si_code says, in the bits that poll(2) would. */
static const __poll_t band_table[6] = {
    EPOLLIN | EPOLLRDNORM,		  /* POLL_IN */
    EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND, /* POLL_OUT */
    EPOLLIN | EPOLLRDNORM | EPOLLMSG,	  /* POLL_MSG */
    EPOLLERR,				  /* POLL_ERR */
    EPOLLPRI | EPOLLRDBAND,		  /* POLL_PRI */
    EPOLLHUP | EPOLLERR,		  /* POLL_HUP */
};

static bool sigio_perm(struct task_struct *p, const struct fown_struct *fown)
{
	const struct cred *cred;
	bool ok;

	rcu_read_lock();
	cred = __task_cred(p);
	ok = uid_eq(fown->euid, GLOBAL_ROOT_UID) || uid_eq(fown->euid, cred->suid) ||
	     uid_eq(fown->euid, cred->uid) || uid_eq(fown->uid, cred->suid) ||
	     uid_eq(fown->uid, cred->uid);
	rcu_read_unlock();
	return ok;
}

static void send_sigio_to_task(struct task_struct *p, const struct fown_struct *fown, int fd,
			       int reason, enum pid_type type)
{
	int signum = READ_ONCE(fown->signum);
	kernel_siginfo_t si;

	if (!sigio_perm(p, fown))
		return;
	if (signum) {
		clear_siginfo(&si);
		si.si_signo = signum;
		si.si_code = reason;
		si.si_band = band_table[reason - POLL_IN];
		si.si_fd = fd;
		if (!do_send_sig_info(signum, &si, p, type))
			return;
	}
	/* No room in the queue, or none asked for: the plain signal. */
	do_send_sig_info(SIGIO, SEND_SIG_PRIV, p, type);
}

void send_sigio(struct fown_struct *fown, int fd, int band)
{
	struct task_struct *p;
	struct pid *pid = fown->pid;
	enum pid_type type = fown->pid_type;

	if (!pid)
		return;
	if (type <= PIDTYPE_TGID) {
		rcu_read_lock();
		p = pid_task(pid, PIDTYPE_PID);
		if (p)
			send_sigio_to_task(p, fown, fd, band, type);
		rcu_read_unlock();
		return;
	}
	read_lock(&tasklist_lock);
	do_each_pid_task(pid, type, p)
	{
		send_sigio_to_task(p, fown, fd, band, type);
	}
	while_each_pid_task(pid, type, p);
	read_unlock(&tasklist_lock);
}

int send_sigurg(struct fown_struct *fown)
{
	struct task_struct *p;

	if (!fown->pid)
		return 0;
	if (fown->pid_type > PIDTYPE_TGID) {
		kill_pgrp(fown->pid, SIGURG, 1);
		return 1;
	}
	rcu_read_lock();
	p = pid_task(fown->pid, PIDTYPE_PID);
	if (p && sigio_perm(p, fown))
		do_send_sig_info(SIGURG, SEND_SIG_PRIV, p, fown->pid_type);
	rcu_read_unlock();
	return 1;
}

static int fasync_remove(struct file *filp, struct fasync_struct **fapp)
{
	struct fasync_struct *fa;
	int result = 0;

	spin_lock_irq(&fasync_lock);
	for (; (fa = *fapp) != NULL; fapp = &fa->fa_next) {
		if (fa->fa_file != filp)
			continue;
		write_lock(&fa->fa_lock);
		fa->fa_file = NULL;
		write_unlock(&fa->fa_lock);
		WRITE_ONCE(*fapp, fa->fa_next);
		kfree_rcu(fa, fa_rcu);
		result = 1;
		break;
	}
	if (result) {
		spin_lock(&filp->f_lock);
		filp->f_flags &= ~FASYNC;
		spin_unlock(&filp->f_lock);
	}
	spin_unlock_irq(&fasync_lock);
	return result;
}

int fasync_helper(int fd, struct file *filp, int on, struct fasync_struct **fapp)
{
	struct fasync_struct *new, *fa;

	if (!on)
		return fasync_remove(filp, fapp);
	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	rwlock_init(&new->fa_lock);
	new->fa_file = filp;
	new->fa_fd = fd;
	spin_lock_irq(&fasync_lock);
	for (fa = *fapp; fa; fa = fa->fa_next) {
		if (fa->fa_file == filp) {
			fa->fa_fd = fd;
			break;
		}
	}
	if (!fa) {
		new->fa_next = *fapp;
		rcu_assign_pointer(*fapp, new);
	}
	spin_lock(&filp->f_lock);
	filp->f_flags |= FASYNC;
	spin_unlock(&filp->f_lock);
	spin_unlock_irq(&fasync_lock);
	if (!fa)
		return 1;
	kfree(new);
	return 0;
}

void kill_fasync(struct fasync_struct **fp, int sig, int band)
{
	struct fasync_struct *fa;

	if (!READ_ONCE(*fp))
		return;
	rcu_read_lock();
	for (fa = rcu_dereference(*fp); fa; fa = rcu_dereference(fa->fa_next)) {
		unsigned long flags;

		read_lock_irqsave(&fa->fa_lock, flags);
		/* SIGURG has a mechanism of its own. */
		if (fa->fa_file && !(sig == SIGURG && fa->fa_file->f_owner.signum == 0))
			send_sigio(&fa->fa_file->f_owner, fa->fa_fd, band);
		read_unlock_irqrestore(&fa->fa_lock, flags);
	}
	rcu_read_unlock();
}
