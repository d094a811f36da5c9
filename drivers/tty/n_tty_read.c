/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, read(2): lines in canonical mode; MIN and TIME otherwise (termios(3)); the control
 * byte in front in packet mode (ioctl_tty(2)).
 */
#include <jiffy/fs.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/uio.h>
#include "n_tty.h"

#define CHUNK 256

bool n_tty_input_available(struct tty_struct *tty, bool poll)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int least = 1;

	if (L_FLAG(tty, ICANON) && !L_FLAG(tty, EXTPROC))
		return READ_ONCE(nd->canon_head) != READ_ONCE(nd->tail);
	/* Without TIME a poller is not woken for less than MIN bytes. */
	if (poll && !CC(tty, VTIME) && CC(tty, VMIN))
		least = CC(tty, VMIN);
	return READ_ONCE(nd->head) - READ_ONCE(nd->tail) >= least;
}

/*
 * Takes from the queue up to max bytes of one line; *line_done says that the line's end was
 * taken. An end-of-file mark right behind a full buffer goes with it: the next read is to
 * wait for the next line, not to report the end of a line that was not empty.
 */
static size_t take_line(struct n_tty_data *nd, u8 *to, size_t max, bool last, bool *line_done)
{
	size_t n = 0;

	*line_done = false;
	spin_lock(&nd->lock);
	while (nd->tail != nd->canon_head) {
		unsigned int at = nd->tail & N_TTY_MASK;
		bool end = test_bit(at, nd->line_end), eof = test_bit(at, nd->line_eof);

		if (!eof && n == max)
			break;
		if (n == max && !last)
			break;
		WRITE_ONCE(nd->tail, nd->tail + 1);
		if (!eof)
			to[n++] = nd->read_buf[at];
		if (end) {
			*line_done = true;
			break;
		}
	}
	spin_unlock(&nd->lock);
	return n;
}

static size_t take_raw(struct n_tty_data *nd, u8 *to, size_t max)
{
	size_t n, i;

	spin_lock(&nd->lock);
	n = min_t(size_t, max, nd->head - nd->tail);
	for (i = 0; i < n; i++)
		to[i] = nd->read_buf[(nd->tail + i) & N_TTY_MASK];
	WRITE_ONCE(nd->tail, nd->tail + n);
	/* In canonical mode's absence canon_head only has to stay inside the buffer. */
	if ((int)(nd->canon_head - nd->tail) < 0)
		nd->canon_head = nd->tail;
	spin_unlock(&nd->lock);
	return n;
}

/* One line, or what the buffer holds of it. Bytes delivered or -EFAULT. */
static ssize_t copy_line(struct n_tty_data *nd, struct iov_iter *to)
{
	u8 buf[CHUNK];
	ssize_t total = 0;
	bool done = false;

	while (!done && iov_iter_count(to)) {
		size_t want = min_t(size_t, iov_iter_count(to), CHUNK);
		size_t n = take_line(nd, buf, want, want == iov_iter_count(to), &done);

		if (n && copy_to_iter(buf, n, to) != n)
			return total ? total : -EFAULT;
		total += n;
		if (!n)
			break;
	}
	return total;
}

static ssize_t copy_raw(struct n_tty_data *nd, struct iov_iter *to)
{
	u8 buf[CHUNK];
	ssize_t total = 0;
	size_t n;

	while (iov_iter_count(to)) {
		n = take_raw(nd, buf, min_t(size_t, iov_iter_count(to), CHUNK));
		if (!n)
			break;
		if (copy_to_iter(buf, n, to) != n)
			return total ? total : -EFAULT;
		total += n;
	}
	return total;
}

/* A background process is stopped by SIGTTIN rather than given what the foreground is sent. */
static int job_control(struct tty_struct *tty, struct file *file)
{
	if (file_is_console(file) || READ_ONCE(current->signal->tty) != tty)
		return 0;
	return __tty_check_change(tty, SIGTTIN);
}

/* The status byte of packet mode, when one waits: 1, 0 or -EFAULT. */
static ssize_t read_packet_status(struct tty_struct *tty, struct iov_iter *to)
{
	struct tty_struct *link = tty->link;
	unsigned long flags;
	u8 status;

	if (!link || !READ_ONCE(tty->ctrl.packet) || !READ_ONCE(link->ctrl.pktstatus))
		return 0;
	spin_lock_irqsave(&link->ctrl.lock, flags);
	status = link->ctrl.pktstatus;
	link->ctrl.pktstatus = 0;
	spin_unlock_irqrestore(&link->ctrl.lock, flags);
	if (!status)
		return 0;
	return copy_to_iter(&status, 1, to) == 1 ? 1 : -EFAULT;
}

static bool packet_waits(struct tty_struct *tty)
{
	struct tty_struct *link = tty->link;

	return READ_ONCE(tty->ctrl.packet) && link && READ_ONCE(link->ctrl.pktstatus);
}

/*
 * Sleeps until there is something to read or *timeout (jiffies) is over: 1 there is, 0 the
 * file is at its end or the time is over, or a negative errno.
 */
static int wait_for_input(struct tty_struct *tty, struct file *file, long *timeout)
{
	DECLARE_WAITQUEUE(wait, current);
	int ret = 1;

	add_wait_queue(&tty->read_wait, &wait);
	for (;;) {
		bool closed = test_bit(TTY_OTHER_CLOSED, &tty->flags);

		set_current_state(TASK_INTERRUPTIBLE);
		if (n_tty_input_available(tty, false) || packet_waits(tty))
			break;
		if (closed) {
			/* Its last words may still be on their way to us. */
			__set_current_state(TASK_RUNNING);
			up_read(&tty->termios_rwsem);
			tty_buffer_flush_work(tty);
			down_read(&tty->termios_rwsem);
			ret = n_tty_input_available(tty, false) ? 1 : -EIO;
			break;
		}
		ret = 0;
		if (tty_hung_up_p(file) || !*timeout)
			break;
		ret = -EAGAIN;
		if (file->f_flags & O_NONBLOCK)
			break;
		ret = -ERESTARTSYS;
		if (signal_pending(current))
			break;
		ret = 1;
		up_read(&tty->termios_rwsem);
		*timeout = schedule_timeout(*timeout);
		down_read(&tty->termios_rwsem);
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&tty->read_wait, &wait);
	return ret;
}

/* MIN and TIME: what must have come before read(2) returns, and how long it waits (jiffies). */
static void read_limits(struct tty_struct *tty, size_t *minimum, long *first, long *between)
{
	long tenths = (long)CC(tty, VTIME) * (HZ / 10);

	*minimum = 1;
	*first = MAX_SCHEDULE_TIMEOUT;
	*between = 0;
	if (L_FLAG(tty, ICANON))
		return;
	if (CC(tty, VMIN)) {
		*minimum = CC(tty, VMIN);
		*between = tenths;
	} else {
		*first = tenths;
	}
}

static ssize_t read_locked(struct tty_struct *tty, struct file *file, struct iov_iter *to)
{
	struct n_tty_data *nd = tty->disc_data;
	size_t minimum, got = 0;
	long timeout, between;
	ssize_t ret = 0;
	bool canon;

	read_limits(tty, &minimum, &timeout, &between);
	while (iov_iter_count(to)) {
		if (!got) {
			ret = read_packet_status(tty, to);
			if (ret)
				return ret;
		}
		ret = wait_for_input(tty, file, &timeout);
		if (ret <= 0)
			break;
		if (packet_waits(tty)) {
			if (got)
				break;
			continue;
		}
		if (READ_ONCE(tty->ctrl.packet) && !got) {
			u8 data = TIOCPKT_DATA;

			if (copy_to_iter(&data, 1, to) != 1)
				return -EFAULT;
			got = 1;
		}
		canon = L_FLAG(tty, ICANON) && !L_FLAG(tty, EXTPROC);
		ret = canon ? copy_line(nd, to) : copy_raw(nd, to);
		tty_buffer_restart_work(tty);
		if (ret < 0)
			break;
		got += ret;
		if (canon || got >= minimum)
			return got;
		if (between)
			timeout = between;
	}
	return got ? got : ret;
}

ssize_t n_tty_read(struct tty_struct *tty, struct file *file, struct iov_iter *to)
{
	struct n_tty_data *nd = tty->disc_data;
	ssize_t ret = job_control(tty, file);

	if (ret < 0)
		return ret;
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&nd->read_lock))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&nd->read_lock)) {
		return -ERESTARTSYS;
	}
	down_read(&tty->termios_rwsem);
	ret = read_locked(tty, file, to);
	up_read(&tty->termios_rwsem);
	mutex_unlock(&nd->read_lock);
	return ret;
}
