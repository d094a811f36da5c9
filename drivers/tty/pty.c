/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-terminals (pty(7), pts(4)): what is written to one end is what the other receives.
 * The master, a file of /dev/ptmx, passes bytes through as they are; the slave, a node of the
 * file system in devpts.c, has the line discipline that a terminal has. Locks: <jiffy/tty.h>.
 */
#include <arch/uaccess.h>
#include <jiffy/bitops.h>
#include <jiffy/cdev.h>
#include <jiffy/device.h>
#include <jiffy/init.h>
#include <jiffy/pid.h>
#include <jiffy/poll.h>
#include <jiffy/signal.h>
#include <jiffy/sysctl.h>
#include "devpts.h"
#include "n_tty.h"
#include "tty.h"

#define PTY_MASTER_MAJOR 128
#define PTY_SLAVE_MAJOR	 136
#define NR_PTYS		 4096
#define PTMX_DEV	 MKDEV(5, 2)

static DECLARE_BITMAP(pty_indices, NR_PTYS); /* tty_mutex */
static int pty_limit = NR_PTYS, pty_count;   /* /proc/sys/kernel/pty; count: tty_mutex */
static const int pty_limit_max = NR_PTYS;

static struct tty_driver ptm_driver, pts_driver;

static bool is_master(const struct tty_struct *tty)
{
	return tty->driver->subtype == PTY_TYPE_MASTER;
}

static ssize_t pty_write(struct tty_struct *tty, const u8 *buf, size_t n)
{
	struct tty_struct *to = tty->link;

	if (READ_ONCE(tty->flow.stopped) || !n)
		return 0;
	n = tty_insert_flip_string(to, buf, n);
	if (n)
		tty_flip_buffer_push(to);
	return n;
}

static size_t pty_write_room(struct tty_struct *tty)
{
	return READ_ONCE(tty->flow.stopped) ? 0 : tty_buffer_space_avail(tty->link);
}

/* The other end has the bytes as soon as they are written. */
static size_t pty_chars_in_buffer(struct tty_struct *tty)
{
	return 0;
}

static void pty_flush_buffer(struct tty_struct *tty)
{
	struct tty_struct *to = tty->link;
	unsigned long flags;

	tty_buffer_discard(to);
	if (READ_ONCE(to->ctrl.packet)) {
		spin_lock_irqsave(&tty->ctrl.lock, flags);
		tty->ctrl.pktstatus |= TIOCPKT_FLUSHWRITE;
		spin_unlock_irqrestore(&tty->ctrl.lock, flags);
		wake_up_interruptible(&to->read_wait);
	}
}

static void pty_packet_event(struct tty_struct *tty, u8 set, u8 clear)
{
	struct tty_struct *link = tty->link;
	unsigned long flags;

	if (!READ_ONCE(link->ctrl.packet))
		return;
	spin_lock_irqsave(&tty->ctrl.lock, flags);
	tty->ctrl.pktstatus = (tty->ctrl.pktstatus & ~clear) | set;
	spin_unlock_irqrestore(&tty->ctrl.lock, flags);
	wake_up_interruptible_poll(&link->read_wait, EPOLLIN | EPOLLPRI);
}

static void pty_stop(struct tty_struct *tty)
{
	pty_packet_event(tty, TIOCPKT_STOP, TIOCPKT_START);
}

static void pty_start(struct tty_struct *tty)
{
	pty_packet_event(tty, TIOCPKT_START, TIOCPKT_STOP);
}

static bool stop_chars_usual(const struct ktermios *t)
{
	return (t->c_iflag & IXON) && t->c_cc[VSTOP] == 19 && t->c_cc[VSTART] == 17;
}

static void pty_set_termios(struct tty_struct *tty, const struct ktermios *old)
{
	bool was = stop_chars_usual(old), is = stop_chars_usual(&tty->termios);

	if (was != is)
		pty_packet_event(tty, is ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP,
				 is ? TIOCPKT_NOSTOP : TIOCPKT_DOSTOP);
	if ((old->c_lflag | tty->termios.c_lflag) & EXTPROC)
		pty_packet_event(tty, TIOCPKT_IOCTL, 0);
	tty->termios.c_cflag &= ~(CSIZE | PARENB);
	tty->termios.c_cflag |= CS8 | CREAD;
}

/* The size is one for both ends, and both foreground groups hear of it. */
static int pty_resize(struct tty_struct *tty, const struct winsize *ws)
{
	struct tty_struct *master = is_master(tty) ? tty : tty->link;

	tty_do_resize(master, ws);
	return tty_do_resize(master->link, ws);
}

/* tty_mutex held. */
static int pty_open(struct tty_struct *tty, struct file *file)
{
	if (test_bit(TTY_OTHER_CLOSED, &tty->flags))
		return -EIO;
	if (!is_master(tty)) {
		if (test_bit(TTY_PTY_LOCK, &tty->flags) || tty->link->count != 1)
			return -EIO;
		clear_bit(TTY_OTHER_CLOSED, &tty->link->flags);
	}
	return 0;
}

/* tty_mutex held; count still has this file. */
static void pty_close(struct tty_struct *tty, struct file *file)
{
	struct tty_struct *link = tty->link;

	if (tty->count > 1)
		return;
	wake_up_interruptible(&tty->read_wait);
	wake_up_interruptible(&tty->write_wait);
	spin_lock_irq(&tty->ctrl.lock);
	tty->ctrl.packet = false;
	spin_unlock_irq(&tty->ctrl.lock);
	set_bit(TTY_OTHER_CLOSED, &link->flags);
	wake_up_interruptible_poll(&link->read_wait, EPOLLIN | EPOLLHUP);
	wake_up_interruptible_poll(&link->write_wait, EPOLLOUT | EPOLLHUP);
	if (is_master(tty)) {
		devpts_pty_kill(tty->index);
		tty_vhangup_locked(link);
	}
}

/*
 * A reader that caught up: the writer at the other end is told by the feeder. Nothing is to be
 * done here, but a master whose slave rests on a full queue must hear of the room as well.
 */
static void pty_unthrottle(struct tty_struct *tty)
{
	tty_wakeup(tty->link);
}

static int pty_install(struct tty_driver *driver, struct tty_struct *tty);

static void pty_remove(struct tty_driver *driver, struct tty_struct *tty)
{
	if (driver == &ptm_driver) {
		__clear_bit(tty->index, pty_indices);
		pty_count--;
	}
}

#define PTY_OPERATIONS                                                                          \
	.open = pty_open, .close = pty_close, .write = pty_write, .write_room = pty_write_room, \
	.chars_in_buffer = pty_chars_in_buffer, .flush_buffer = pty_flush_buffer,               \
	.unthrottle = pty_unthrottle, .remove = pty_remove, .resize = pty_resize

static const struct tty_operations ptm_ops = {PTY_OPERATIONS, .install = pty_install};
static const struct tty_operations pts_ops = {PTY_OPERATIONS, .stop = pty_stop, .start = pty_start,
					      .set_termios = pty_set_termios};

static struct tty_driver ptm_driver = {
    .driver_name = "pty_master",
    .name = "ptm",
    .major = PTY_MASTER_MAJOR,
    .num = NR_PTYS,
    .type = TTY_DRIVER_TYPE_PTY,
    .subtype = PTY_TYPE_MASTER,
    .ops = &ptm_ops,
    .other = &pts_driver,
    .no_node = true,
};

static struct tty_driver pts_driver = {
    .driver_name = "pty_slave",
    .name = "pts",
    .major = PTY_SLAVE_MAJOR,
    .num = NR_PTYS,
    .type = TTY_DRIVER_TYPE_PTY,
    .subtype = PTY_TYPE_SLAVE,
    .ops = &pts_ops,
    .other = &ptm_driver,
    .no_node = true,
};

/* The master's install: the slave is made beside it, and each holds the other. */
static int pty_install(struct tty_driver *driver, struct tty_struct *tty)
{
	struct tty_struct *slave = tty_init_dev(driver->other, tty->index);

	if (IS_ERR(slave))
		return PTR_ERR(slave);
	tty->link = tty_kref_get(slave);
	slave->link = tty_kref_get(tty);
	set_bit(TTY_PTY_LOCK, &slave->flags);
	return 0;
}

static int alloc_index(void)
{
	int idx;

	lockdep_assert_held(&tty_mutex);
	if (pty_count >= READ_ONCE(pty_limit))
		return -ENOSPC;
	idx = find_first_zero_bit(pty_indices, NR_PTYS);
	if (idx >= NR_PTYS)
		return -ENOSPC;
	__set_bit(idx, pty_indices);
	pty_count++;
	return idx;
}

/* A new pair, its master open as file. tty_mutex held. */
static int open_pair(struct file *file, int idx)
{
	struct tty_struct *tty = tty_init_dev(&ptm_driver, idx);
	int err;

	if (IS_ERR(tty)) {
		__clear_bit(idx, pty_indices);
		pty_count--;
		return PTR_ERR(tty);
	}
	err = tty_alloc_file(tty, file);
	if (err)
		goto release;
	tty->count = 1;
	err = devpts_pty_new(idx, MKDEV(PTY_SLAVE_MAJOR, idx));
	if (!err)
		return 0;
	tty->count = 0;
	tty_free_file(file);
release:
	tty_release_struct(tty);
	return err;
}

/* /dev/ptmx and the node of that name in every mounted devpts. */
int ptmx_open(struct inode *inode, struct file *file)
{
	int idx, err;

	nonseekable_open(inode, file);
	mutex_lock(&tty_mutex);
	idx = alloc_index();
	err = idx < 0 ? idx : open_pair(file, idx);
	mutex_unlock(&tty_mutex);
	return err;
}

static int set_pty_lock(struct tty_struct *slave, int __user *arg)
{
	int locked;

	if (get_user(locked, arg))
		return -EFAULT;
	if (locked)
		set_bit(TTY_PTY_LOCK, &slave->flags);
	else
		clear_bit(TTY_PTY_LOCK, &slave->flags);
	return 0;
}

static int set_packet_mode(struct tty_struct *tty, int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	spin_lock_irq(&tty->ctrl.lock);
	if (on && !tty->ctrl.packet) {
		spin_lock_nested(&tty->link->ctrl.lock, SINGLE_DEPTH_NESTING);
		tty->link->ctrl.pktstatus = 0;
		spin_unlock(&tty->link->ctrl.lock);
	}
	tty->ctrl.packet = on;
	spin_unlock_irq(&tty->ctrl.lock);
	return 0;
}

/* TIOCGPTPEER: the slave, opened without a path, so that no mount can be in the way. */
static int open_peer(struct tty_struct *master, int flags)
{
	struct file *file;
	int fd = get_unused_fd_flags(flags & O_CLOEXEC);

	if (fd < 0)
		return fd;
	file = devpts_open_slave(master->index, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

long pty_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd, unsigned long arg)
{
	int __user *p = (int __user *)arg;

	if (!is_master(tty))
		return -ENOIOCTLCMD;
	switch (cmd) {
	case TIOCSPTLCK:
		return set_pty_lock(tty->link, p);
	case TIOCGPTLCK:
		return put_user((int)test_bit(TTY_PTY_LOCK, &tty->link->flags), p);
	case TIOCPKT:
		return set_packet_mode(tty, p);
	case TIOCGPKT:
		return put_user((int)READ_ONCE(tty->ctrl.packet), p);
	case TIOCGPTN:
		return put_user(tty->index, p);
	case TIOCGPTPEER:
		return open_peer(tty, (int)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static const struct ctl_table pty_table[] = {
    {"max", &pty_limit, sizeof(int), 0644, proc_dointvec_minmax, SYSCTL_ZERO,
     (void *)&pty_limit_max},
    {"nr", &pty_count, sizeof(int), 0444, proc_dointvec, NULL, NULL},
    {}};

static struct cdev ptmx_cdev;

static int __init pty_init(void)
{
	int err;

	ptm_driver.init_termios = tty_std_termios;
	ptm_driver.init_termios.c_iflag = ptm_driver.init_termios.c_oflag = 0;
	ptm_driver.init_termios.c_lflag = 0;
	pts_driver.init_termios = tty_std_termios;
	err = tty_register_driver(&ptm_driver);
	if (!err)
		err = tty_register_driver(&pts_driver);
	if (err)
		return err;
	cdev_init(&ptmx_cdev, &ptmx_fops);
	ptmx_cdev.name = "/dev/ptmx";
	err = cdev_add(&ptmx_cdev, PTMX_DEV, 1);
	if (!err)
		err = devtmpfs_create("ptmx", S_IFCHR | 0666, PTMX_DEV);
	if (!err)
		err = register_sysctl("kernel/pty", pty_table);
	return err;
}
device_initcall(pty_init);
