/* SPDX-License-Identifier: MIT */
/*
 * Terminals: drivers and their tables, open, read, write and close of a terminal's file.
 * Locks: <jiffy/tty.h>. Task context unless said.
 *
 * Lifetime: a tty_struct's first reference is that of its driver's table, which ends when
 * nobody has it open any more (a pty's: neither end). Every process whose controlling terminal
 * it is has another. The two ends of a pty hold one another.
 */
#include <jiffy/cdev.h>
#include <jiffy/cred.h>
#include <jiffy/device.h>
#include <jiffy/init.h>
#include <jiffy/pid.h>
#include <jiffy/poll.h>
#include <jiffy/seq_file.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <jiffy/uio.h>
#include "n_tty.h"
#include "tty.h"

#define TTYAUX_MAJOR 5
#define TTY_DEV	     MKDEV(TTYAUX_MAJOR, 0)
#define CONSOLE_DEV  MKDEV(TTYAUX_MAJOR, 1)
#define WRITE_CHUNK  2048
#define CLOSE_WAIT   (30 * HZ) /* how long a last close waits for output to leave */

DEFINE_MUTEX(tty_mutex);
LIST_HEAD(tty_drivers);
static struct tty_driver *console_driver;
static int console_index;

const struct ktermios tty_std_termios = {
    .c_iflag = ICRNL | IXON,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = B38400 | CS8 | CREAD | HUPCL,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc = {[VINTR] = 3,
	     [VQUIT] = 28,
	     [VERASE] = 127,
	     [VKILL] = 21,
	     [VEOF] = 4,
	     [VMIN] = 1,
	     [VSTART] = 17,
	     [VSTOP] = 19,
	     [VSUSP] = 26,
	     [VREPRINT] = 18,
	     [VDISCARD] = 15,
	     [VWERASE] = 23,
	     [VLNEXT] = 22},
    .c_ispeed = 38400,
    .c_ospeed = 38400,
};

struct tty_struct *tty_kref_get(struct tty_struct *tty)
{
	if (tty)
		refcount_inc(&tty->kref);
	return tty;
}

void tty_kref_put(struct tty_struct *tty)
{
	if (!tty || !refcount_dec_and_test(&tty->kref))
		return;
	tty_buffer_free(tty);
	if (tty->ops->cleanup)
		tty->ops->cleanup(tty);
	put_pid(tty->ctrl.pgrp);
	put_pid(tty->ctrl.session);
	n_tty_close(tty);
	kfree(tty->write_buf);
	kfree(tty);
}

dev_t tty_devnum(const struct tty_struct *tty)
{
	return MKDEV(tty->driver->major, tty->driver->minor_start + tty->index);
}

static struct tty_file_private *file_private(struct file *file)
{
	return file->private_data;
}

static bool is_tty_fops(const struct file_operations *f_op);

struct tty_struct *file_tty(struct file *file)
{
	return is_tty_fops(file->f_op) && file->private_data ? file_private(file)->tty : NULL;
}

int tty_alloc_file(struct tty_struct *tty, struct file *file)
{
	struct tty_file_private *priv = kzalloc(sizeof(*priv), GFP_KERNEL);

	if (!priv)
		return -ENOMEM;
	priv->tty = tty;
	priv->file = file;
	file->private_data = priv;
	spin_lock(&tty->files_lock);
	list_add(&priv->list, &tty->tty_files);
	spin_unlock(&tty->files_lock);
	return 0;
}

void tty_free_file(struct file *file)
{
	struct tty_file_private *priv = file_private(file);

	spin_lock(&priv->tty->files_lock);
	list_del(&priv->list);
	spin_unlock(&priv->tty->files_lock);
	file->private_data = NULL;
	kfree(priv);
}

/* A terminal without settings, not in any table. */
static struct tty_struct *alloc_tty_struct(struct tty_driver *driver, int idx)
{
	struct tty_struct *tty = kzalloc(sizeof(*tty), GFP_KERNEL);

	if (!tty)
		return NULL;
	refcount_set(&tty->kref, 1);
	tty->driver = driver;
	tty->ops = driver->ops;
	tty->index = idx;
	snprintf(tty->name, sizeof(tty->name), "%s%d", driver->name, driver->name_base + idx);
	init_rwsem(&tty->termios_rwsem);
	mutex_init(&tty->winsize_mutex);
	mutex_init(&tty->atomic_write_lock);
	spin_lock_init(&tty->ctrl.lock);
	spin_lock_init(&tty->flow.lock);
	spin_lock_init(&tty->files_lock);
	init_waitqueue_head(&tty->read_wait);
	init_waitqueue_head(&tty->write_wait);
	INIT_LIST_HEAD(&tty->tty_files);
	if (tty_buffer_init(tty))
		goto free;
	if (n_tty_open(tty))
		goto free_buffer;
	return tty;
free_buffer:
	tty_buffer_free(tty);
free:
	kfree(tty);
	return NULL;
}

static void init_termios(struct tty_struct *tty)
{
	const struct tty_driver *driver = tty->driver;
	const struct ktermios *kept = driver->termios ? driver->termios[tty->index] : NULL;

	tty->termios = kept ? *kept : driver->init_termios;
}

/* A closed terminal of a real line keeps its settings. */
static void save_termios(struct tty_struct *tty)
{
	struct ktermios **kept = tty->driver->termios ? &tty->driver->termios[tty->index] : NULL;

	if (!kept)
		return;
	if (!*kept)
		*kept = kmalloc(sizeof(**kept), GFP_KERNEL);
	if (*kept)
		**kept = tty->termios;
}

/*
 * A new terminal in its driver's table. ops->install() may make a pair of it (tty->link). Not
 * open yet; tty_release_struct() undoes it. ERR_PTR(-ENOMEM) or what install() says.
 */
struct tty_struct *tty_init_dev(struct tty_driver *driver, int idx)
{
	struct tty_struct *tty;
	int err;

	lockdep_assert_held(&tty_mutex);
	if (!driver->ttys) {
		driver->ttys = kvzalloc(driver->num * sizeof(*driver->ttys), GFP_KERNEL);
		if (!driver->ttys)
			return ERR_PTR(-ENOMEM);
	}
	tty = alloc_tty_struct(driver, idx);
	if (!tty)
		return ERR_PTR(-ENOMEM);
	init_termios(tty);
	err = driver->ops->install ? driver->ops->install(driver, tty) : 0;
	if (err) {
		tty_kref_put(tty);
		return ERR_PTR(err);
	}
	driver->ttys[idx] = tty;
	return tty;
}

static void remove_from_table(struct tty_struct *tty)
{
	struct tty_driver *driver = (struct tty_driver *)tty->driver;

	save_termios(tty);
	if (driver->ttys)
		driver->ttys[tty->index] = NULL;
	if (driver->ops->remove)
		driver->ops->remove(driver, tty);
}

void tty_release_struct(struct tty_struct *tty)
{
	struct tty_struct *link = tty->link;

	lockdep_assert_held(&tty_mutex);
	remove_from_table(tty);
	if (link) {
		/*
		 * Each end's feeder wakes writers at the other end, so neither may run when the
		 * first end is freed. The slave's, first, may have echoed to the master.
		 */
		flush_work(&link->buf.work);
		flush_work(&tty->buf.work);
		flush_work(&link->buf.work);
		remove_from_table(link);
		tty_kref_put(link); /* the table's, then that of the other end */
		tty_kref_put(link);
		tty_kref_put(tty);
	}
	tty_kref_put(tty);
}

static struct tty_driver *get_tty_driver(dev_t dev, int *index)
{
	struct tty_driver *d;

	list_for_each_entry (d, &tty_drivers, tty_drivers) {
		int idx = (int)MINOR(dev) - d->minor_start;

		if (d->major == MAJOR(dev) && idx >= 0 && idx < d->num) {
			*index = idx;
			return d;
		}
	}
	return NULL;
}

void tty_set_console(struct tty_driver *driver, int index)
{
	console_driver = driver;
	console_index = index;
}

int tty_console_resize(const struct winsize *ws)
{
	struct tty_struct *tty = NULL;
	int err = -ENXIO;

	mutex_lock(&tty_mutex);
	if (console_driver && console_driver->ttys)
		tty = console_driver->ttys[console_index];
	if (tty)
		err = tty->ops->resize ? tty->ops->resize(tty, ws) : tty_do_resize(tty, ws);
	mutex_unlock(&tty_mutex);
	return err;
}

/* The terminal that a device number stands for, made when it is not in use yet. */
static struct tty_struct *lookup_or_make(dev_t dev)
{
	struct tty_driver *driver = console_driver;
	int idx = console_index;
	struct tty_struct *tty;

	if (dev == TTY_DEV) {
		tty = get_current_tty();
		if (!tty)
			return ERR_PTR(-ENXIO);
		tty_kref_put(tty); /* in its table as long as tty_mutex is held, if count says so */
		return tty->count ? tty : ERR_PTR(-EIO);
	}
	if (dev != CONSOLE_DEV)
		driver = get_tty_driver(dev, &idx);
	if (!driver)
		return ERR_PTR(-ENODEV);
	tty = driver->ttys ? driver->ttys[idx] : NULL;
	if (tty)
		return tty;
	if (driver->type == TTY_DRIVER_TYPE_PTY)
		return ERR_PTR(-EIO); /* a slave comes with its master */
	return tty_init_dev(driver, idx);
}

static int tty_may_reopen(struct tty_struct *tty)
{
	if (tty->driver->type == TTY_DRIVER_TYPE_PTY && tty->driver->subtype == PTY_TYPE_MASTER)
		return -EIO;
	if (test_bit(TTY_EXCLUSIVE, &tty->flags) && !capable(CAP_SYS_ADMIN))
		return -EBUSY;
	return 0;
}

/* tty_mutex held. */
static struct tty_struct *tty_open_locked(dev_t dev, struct file *file)
{
	struct tty_struct *tty = lookup_or_make(dev);
	int err;

	if (IS_ERR(tty))
		return tty;
	err = tty_may_reopen(tty);
	if (!err)
		err = tty_alloc_file(tty, file);
	if (!err) {
		tty->count++;
		err = tty->ops->open ? tty->ops->open(tty, file) : 0;
		if (!err) {
			clear_bit(TTY_HUPPED, &tty->flags);
			return tty;
		}
		tty->count--;
		tty_free_file(file);
	}
	if (!tty->count && !tty->link)
		tty_release_struct(tty);
	return ERR_PTR(err);
}

static int tty_open(struct inode *inode, struct file *file)
{
	dev_t dev = inode->i_rdev;
	struct tty_struct *tty;

	mutex_lock(&tty_mutex);
	tty = tty_open_locked(dev, file);
	mutex_unlock(&tty_mutex);
	if (IS_ERR(tty))
		return PTR_ERR(tty);
	if (!(file->f_flags & O_NOCTTY) && dev != CONSOLE_DEV && dev != TTY_DEV)
		tty_open_proc_set_tty(file, tty);
	return 0;
}

static int tty_fasync(int fd, struct file *file, int on)
{
	struct tty_struct *tty = file_tty(file);
	int ret;

	if (!tty)
		return -ENXIO;
	ret = fasync_helper(fd, file, on, &tty->fasync);
	return ret < 0 ? ret : 0;
}

/*
 * Closes one file. The last close of a line waits, outside tty_mutex, for its output to
 * leave; should somebody else open it meanwhile, this is no longer the last one, and the wait
 * did no harm.
 */
int tty_release(struct inode *inode, struct file *file)
{
	struct tty_struct *tty = file_private(file)->tty, *link = tty->link;

	fasync_helper(-1, file, 0, &tty->fasync);
	if (READ_ONCE(tty->count) == 1 && !tty_hung_up_p(file) && !link)
		tty_wait_until_sent(tty, CLOSE_WAIT);
	mutex_lock(&tty_mutex);
	if (tty->ops->close)
		tty->ops->close(tty, file);
	tty->count--;
	tty_free_file(file);
	if (!tty->count) {
		tty_clear_session(tty);
		if (link)
			tty_clear_session(link);
		if (!link || !link->count)
			tty_release_struct(tty);
	}
	mutex_unlock(&tty_mutex);
	return 0;
}

static ssize_t tty_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct tty_struct *tty = file_tty(file);

	if (!tty || test_bit(TTY_IO_ERROR, &tty->flags))
		return -EIO;
	return n_tty_read(tty, file, to);
}

/* Other writers of the same terminal do not come between the parts of one write(2). */
static int tty_write_lock(struct tty_struct *tty, bool nonblock)
{
	if (!mutex_trylock(&tty->atomic_write_lock)) {
		if (nonblock)
			return -EAGAIN;
		if (mutex_lock_interruptible(&tty->atomic_write_lock))
			return -ERESTARTSYS;
	}
	if (!tty->write_buf) {
		tty->write_buf = kmalloc(WRITE_CHUNK, GFP_KERNEL);
		if (!tty->write_buf) {
			mutex_unlock(&tty->atomic_write_lock);
			return -ENOMEM;
		}
	}
	return 0;
}

static ssize_t write_chunks(struct tty_struct *tty, struct file *file, struct iov_iter *from)
{
	ssize_t written = 0, ret = 0;

	while (iov_iter_count(from)) {
		size_t size = min_t(size_t, iov_iter_count(from), WRITE_CHUNK);

		ret = -EFAULT;
		if (copy_from_iter(tty->write_buf, size, from) != size)
			break;
		ret = n_tty_write(tty, file, tty->write_buf, size);
		if (ret <= 0)
			break;
		written += ret;
		if (ret != size)
			iov_iter_revert(from, size - ret);
		ret = -ERESTARTSYS;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return written ? written : ret;
}

static ssize_t tty_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct tty_struct *tty = file_tty(file);
	ssize_t ret;

	if (!tty || test_bit(TTY_IO_ERROR, &tty->flags))
		return -EIO;
	if (L_FLAG(tty, TOSTOP) && !file_is_console(file)) {
		ret = tty_check_change(tty);
		if (ret)
			return ret;
	}
	ret = tty_write_lock(tty, file->f_flags & O_NONBLOCK);
	if (ret)
		return ret;
	ret = write_chunks(tty, file, from);
	mutex_unlock(&tty->atomic_write_lock);
	/* A poller was told "not writable" while we held the lock. */
	wake_up_interruptible_poll(&tty->write_wait, EPOLLOUT | EPOLLWRNORM);
	return ret;
}

static __poll_t tty_poll(struct file *file, struct poll_table_struct *wait)
{
	return n_tty_poll(file_tty(file), file, wait);
}

static void tty_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct tty_struct *tty = file_tty(file);

	if (tty && tty->driver->type == TTY_DRIVER_TYPE_PTY &&
	    tty->driver->subtype == PTY_TYPE_MASTER)
		seq_printf(m, "tty-index:\t%d\n", tty->index);
}

#define TTY_FILE_OPERATIONS(how)                                                                \
	.llseek = no_llseek, .read_iter = tty_read, .write_iter = tty_write, .poll = tty_poll,  \
	.unlocked_ioctl = tty_ioctl, .open = how, .release = tty_release, .fasync = tty_fasync, \
	.show_fdinfo = tty_show_fdinfo

const struct file_operations tty_fops = {TTY_FILE_OPERATIONS(tty_open)};
/* A table of its own, so that a file tells whether it was opened as the console. */
static const struct file_operations console_fops = {TTY_FILE_OPERATIONS(tty_open)};
const struct file_operations ptmx_fops = {TTY_FILE_OPERATIONS(ptmx_open)};

/* A hung-up terminal: at its end for readers, gone for all others. */
static ssize_t hung_up_read(struct kiocb *iocb, struct iov_iter *to)
{
	return 0;
}

static ssize_t hung_up_write(struct kiocb *iocb, struct iov_iter *from)
{
	return -EIO;
}

static __poll_t hung_up_poll(struct file *file, struct poll_table_struct *wait)
{
	return EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDNORM | EPOLLWRNORM;
}

static long hung_up_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
}

static int hung_up_fasync(int fd, struct file *file, int on)
{
	return -ENOTTY;
}

static const struct file_operations hung_up_tty_fops = {
    .llseek = no_llseek,
    .read_iter = hung_up_read,
    .write_iter = hung_up_write,
    .poll = hung_up_poll,
    .unlocked_ioctl = hung_up_ioctl,
    .release = tty_release,
    .fasync = hung_up_fasync,
};

static bool is_tty_fops(const struct file_operations *f_op)
{
	return f_op == &tty_fops || f_op == &console_fops || f_op == &hung_up_tty_fops ||
	       f_op == &ptmx_fops;
}

bool tty_hung_up_p(struct file *file)
{
	return READ_ONCE(file->f_op) == &hung_up_tty_fops;
}

bool file_is_console(struct file *file)
{
	return READ_ONCE(file->f_op) == &console_fops;
}

/* Any context. */
void tty_wakeup(struct tty_struct *tty)
{
	wake_up_interruptible_poll(&tty->write_wait, EPOLLOUT | EPOLLWRNORM);
}

/*
 * Turns every open file of the terminal (but those of /dev/console, which is the kernel's and
 * not the session's) into one that is at its end. Nobody can have it as the controlling
 * terminal afterwards.
 */
static void __tty_hangup(struct tty_struct *tty, bool exit_session)
{
	struct tty_file_private *priv;
	bool console = false;
	int refs;

	lockdep_assert_held(&tty_mutex);
	if (test_and_set_bit(TTY_HUPPED, &tty->flags))
		return;
	spin_lock(&tty->files_lock);
	list_for_each_entry (priv, &tty->tty_files, list) {
		if (file_is_console(priv->file))
			console = true;
		else
			WRITE_ONCE(priv->file->f_op, &hung_up_tty_fops);
	}
	spin_unlock(&tty->files_lock);
	refs = tty_signal_session_leader(tty, exit_session);
	while (refs-- > 0)
		tty_kref_put(tty);
	n_tty_hangup(tty);
	spin_lock_irq(&tty->ctrl.lock);
	put_pid(tty->ctrl.session);
	put_pid(tty->ctrl.pgrp);
	tty->ctrl.session = tty->ctrl.pgrp = NULL;
	tty->ctrl.pktstatus = 0;
	spin_unlock_irq(&tty->ctrl.lock);
	clear_bit(TTY_THROTTLED, &tty->flags);
	if (console)
		clear_bit(TTY_HUPPED, &tty->flags); /* it goes on for those */
	else if (tty->ops->hangup)
		tty->ops->hangup(tty);
}

void tty_vhangup_locked(struct tty_struct *tty)
{
	__tty_hangup(tty, false);
}

void tty_vhangup(struct tty_struct *tty)
{
	mutex_lock(&tty_mutex);
	__tty_hangup(tty, false);
	mutex_unlock(&tty_mutex);
}

/*
 * A session's end is not a line that broke: its last output is to be seen, so it gets the time
 * that a close would have given it.
 */
void tty_vhangup_session(struct tty_struct *tty)
{
	tty_wait_until_sent(tty, CLOSE_WAIT);
	mutex_lock(&tty_mutex);
	__tty_hangup(tty, true);
	mutex_unlock(&tty_mutex);
}

/* Any context. XOFF and TCOOFF. */
void stop_tty(struct tty_struct *tty)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->flow.lock, flags);
	if (!tty->flow.stopped) {
		tty->flow.stopped = true;
		if (tty->ops->stop)
			tty->ops->stop(tty);
	}
	spin_unlock_irqrestore(&tty->flow.lock, flags);
}

void start_tty(struct tty_struct *tty)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->flow.lock, flags);
	if (tty->flow.stopped && !tty->flow.tco_stopped) {
		tty->flow.stopped = false;
		if (tty->ops->start)
			tty->ops->start(tty);
		tty_wakeup(tty);
	}
	spin_unlock_irqrestore(&tty->flow.lock, flags);
}

/* vhangup(2). */
SYSCALL_DEFINE0(vhangup)
{
	struct tty_struct *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = get_current_tty();
	if (tty) {
		tty_vhangup(tty);
		tty_kref_put(tty);
	}
	return 0;
}

static int make_nodes(struct tty_driver *driver)
{
	char name[32];
	int i, err = 0;

	for (i = 0; i < driver->num && !err && !driver->no_node; i++) {
		snprintf(name, sizeof(name), "%s%d", driver->name, driver->name_base + i);
		err = devtmpfs_create(name, S_IFCHR | 0620,
				      MKDEV(driver->major, driver->minor_start + i));
	}
	return err;
}

int tty_register_driver(struct tty_driver *driver)
{
	struct cdev *cdev = kzalloc(sizeof(*cdev), GFP_KERNEL);
	int err;

	if (!cdev)
		return -ENOMEM;
	cdev_init(cdev, &tty_fops);
	cdev->name = driver->driver_name;
	err = cdev_add(cdev, MKDEV(driver->major, driver->minor_start), driver->num);
	if (err) {
		kfree(cdev);
		return err;
	}
	mutex_lock(&tty_mutex);
	list_add_tail(&driver->tty_drivers, &tty_drivers);
	mutex_unlock(&tty_mutex);
	return make_nodes(driver);
}

static struct cdev tty_cdev, console_cdev;

static int __init tty_aux_init(void)
{
	int err;

	cdev_init(&tty_cdev, &tty_fops);
	tty_cdev.name = "/dev/tty";
	cdev_init(&console_cdev, &console_fops);
	console_cdev.name = "/dev/console";
	err = cdev_add(&tty_cdev, TTY_DEV, 1);
	if (!err)
		err = cdev_add(&console_cdev, CONSOLE_DEV, 1);
	if (!err)
		err = devtmpfs_create("tty", S_IFCHR | 0666, TTY_DEV);
	if (!err)
		err = devtmpfs_create("console", S_IFCHR | 0600, CONSOLE_DEV);
	return err;
}
fs_initcall(tty_aux_init);
