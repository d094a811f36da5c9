/* SPDX-License-Identifier: MIT */
/*
 * signalfd(2): the caller's pending signals of a mask, read as records. The file holds only the
 * mask; whoever reads or polls it gets its own signals.
 *
 * Serialization rules: the mask is read with one load; signals are dequeued under siglock, and
 * senders wake sighand->signalfd_wqh, whose life ends with signalfd_cleanup().
 */
#include <arch/uaccess.h>
#include <jiffy/anon_inodes.h>
#include <jiffy/err.h>
#include <jiffy/file.h>
#include <jiffy/poll.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <uapi/eventfd.h>

#define POLLFREE 0x4000U

struct signalfd_ctx {
	sigset_t sigmask; /* the signals that are NOT wanted, as dequeue_signal() takes them */
};

/* The last user of the handlers goes: pollers let go of the queue. process/exit.c. */
void signalfd_cleanup(struct sighand_struct *sighand)
{
	if (waitqueue_active(&sighand->signalfd_wqh))
		__wake_up(&sighand->signalfd_wqh, TASK_NORMAL, 0, poll_to_key(EPOLLHUP | POLLFREE));
}

static int signalfd_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static bool wanted_pending(const struct sigpending *p, const sigset_t *unwanted)
{
	return p->signal & ~*unwanted;
}

static __poll_t signalfd_poll(struct file *file, poll_table *pt)
{
	struct signalfd_ctx *ctx = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &current->sighand->signalfd_wqh, pt);
	spin_lock_irq(&current->sighand->siglock);
	if (wanted_pending(&current->pending, &ctx->sigmask) ||
	    wanted_pending(&current->signal->shared_pending, &ctx->sigmask))
		events = EPOLLIN;
	spin_unlock_irq(&current->sighand->siglock);
	return events;
}

static void fill_record(struct signalfd_siginfo *r, const kernel_siginfo_t *k)
{
	memset(r, 0, sizeof(*r));
	r->ssi_signo = k->si_signo;
	r->ssi_errno = k->si_errno;
	r->ssi_code = k->si_code;
	if (k->si_code == SI_TIMER) {
		r->ssi_tid = k->si_tid;
		r->ssi_overrun = k->si_overrun;
		r->ssi_ptr = (u64)k->_sifields.timer.sigval.sival_ptr;
		r->ssi_int = k->_sifields.timer.sigval.sival_int;
	} else if (k->si_code <= 0 || k->si_code == SI_KERNEL || k->si_signo >= SIGRTMIN) {
		r->ssi_pid = k->si_pid;
		r->ssi_uid = k->si_uid;
		r->ssi_ptr = (u64)k->si_ptr;
		r->ssi_int = k->si_int;
	} else if (k->si_signo == SIGCHLD) {
		r->ssi_pid = k->si_pid;
		r->ssi_uid = k->si_uid;
		r->ssi_status = k->si_status;
		r->ssi_utime = k->si_utime;
		r->ssi_stime = k->si_stime;
	} else if (k->si_signo == SIGPOLL) {
		r->ssi_band = k->si_band;
		r->ssi_fd = k->si_fd;
	} else if (k->si_signo == SIGSYS) {
		r->ssi_call_addr = (u64)k->si_call_addr;
		r->ssi_syscall = k->si_syscall;
		r->ssi_arch = k->si_arch;
	} else {
		r->ssi_addr = (u64)k->si_addr;
		r->ssi_addr_lsb = k->si_addr_lsb;
	}
}

/* The next wanted signal: its number, 0 when nonblock and none, -ERESTARTSYS. */
static int next_signal(struct signalfd_ctx *ctx, kernel_siginfo_t *info, bool nonblock)
{
	struct sighand_struct *sighand = current->sighand;
	DECLARE_WAITQUEUE(wait, current);
	enum pid_type type;
	int sig;

	spin_lock_irq(&sighand->siglock);
	sig = dequeue_signal(current, &ctx->sigmask, info, &type);
	if (sig || nonblock) {
		spin_unlock_irq(&sighand->siglock);
		return sig ? sig : -EAGAIN;
	}
	add_wait_queue(&sighand->signalfd_wqh, &wait);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		sig = dequeue_signal(current, &ctx->sigmask, info, &type);
		if (sig)
			break;
		if (signal_pending(current)) {
			sig = -ERESTARTSYS;
			break;
		}
		spin_unlock_irq(&sighand->siglock);
		schedule();
		spin_lock_irq(&sighand->siglock);
	}
	spin_unlock_irq(&sighand->siglock);
	remove_wait_queue(&sighand->signalfd_wqh, &wait);
	__set_current_state(TASK_RUNNING);
	return sig;
}

static ssize_t signalfd_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct signalfd_ctx *ctx = file->private_data;
	bool nonblock = file->f_flags & O_NONBLOCK;
	struct signalfd_siginfo record;
	kernel_siginfo_t info;
	ssize_t done = 0;

	if (len < sizeof(record))
		return -EINVAL;
	for (; len - done >= sizeof(record); done += sizeof(record)) {
		/* After the first, only what is there already. */
		int sig = next_signal(ctx, &info, nonblock || done);

		if (sig < 0)
			return done ? done : sig;
		fill_record(&record, &info);
		if (copy_to_user(buf + done, &record, sizeof(record)))
			return done ? done : -EFAULT;
	}
	return done;
}

static void signalfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct signalfd_ctx *ctx = file->private_data;

	seq_printf(m, "sigmask:\t%016llx\n", (unsigned long long)~ctx->sigmask);
}

static const struct file_operations signalfd_fops = {
    .read = signalfd_read,
    .poll = signalfd_poll,
    .release = signalfd_release,
    .llseek = noop_llseek,
    .show_fdinfo = signalfd_show_fdinfo,
};

static int signalfd_change(int fd, u64 unwanted)
{
	struct fd f = fdget(fd);
	int ret = fd;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op == &signalfd_fops) {
		struct signalfd_ctx *ctx = f.file->private_data;

		WRITE_ONCE(ctx->sigmask, unwanted);
		wake_up(&current->sighand->signalfd_wqh);
	} else {
		ret = -EINVAL;
	}
	fdput(f);
	return ret;
}

static int do_signalfd(int fd, const sigset_t __user *user_mask, size_t size, int flags)
{
	struct signalfd_ctx *ctx;
	sigset_t mask;

	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, user_mask, sizeof(mask)))
		return -EFAULT;
	sigdelset(&mask, SIGKILL);
	sigdelset(&mask, SIGSTOP);
	if (fd != -1)
		return signalfd_change(fd, ~mask);
	ctx = kmalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	ctx->sigmask = ~mask;
	fd = anon_inode_getfd("[signalfd]", &signalfd_fops, ctx,
			      O_RDWR | (flags & (SFD_CLOEXEC | SFD_NONBLOCK)));
	if (fd < 0)
		kfree(ctx);
	return fd;
}

SYSCALL_DEFINE4(signalfd4, int, fd, const sigset_t __user *, mask, size_t, size, int, flags)
{
	return do_signalfd(fd, mask, size, flags);
}

SYSCALL_DEFINE3(signalfd, int, fd, const sigset_t __user *, mask, size_t, size)
{
	return do_signalfd(fd, mask, size, 0);
}
