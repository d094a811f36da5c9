/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, the rest: set-up and tear-down, changes of the settings, poll and the ioctls that ask
 * about the queue. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/fs.h>
#include <jiffy/poll.h>
#include <jiffy/slab.h>
#include <jiffy/vmalloc.h>
#include "n_tty.h"

int n_tty_open(struct tty_struct *tty)
{
	struct n_tty_data *nd = kvzalloc(sizeof(*nd), GFP_KERNEL);

	if (!nd)
		return -ENOMEM;
	mutex_init(&nd->read_lock);
	mutex_init(&nd->output_lock);
	spin_lock_init(&nd->lock);
	tty->disc_data = nd;
	return 0;
}

void n_tty_close(struct tty_struct *tty)
{
	kvfree(tty->disc_data);
	tty->disc_data = NULL;
}

void n_tty_packet_mode_flush(struct tty_struct *tty)
{
	unsigned long flags;

	if (!tty->link || !READ_ONCE(tty->link->ctrl.packet))
		return;
	spin_lock_irqsave(&tty->ctrl.lock, flags);
	tty->ctrl.pktstatus |= TIOCPKT_FLUSHREAD;
	spin_unlock_irqrestore(&tty->ctrl.lock, flags);
	wake_up_interruptible(&tty->link->read_wait);
}

void n_tty_flush_input(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;

	spin_lock(&nd->lock);
	WRITE_ONCE(nd->tail, nd->head);
	WRITE_ONCE(nd->canon_head, nd->head);
	spin_unlock(&nd->lock);
	n_tty_packet_mode_flush(tty);
	tty_buffer_restart_work(tty);
}

/* Everybody who sleeps here finds the file hung up and leaves. */
void n_tty_hangup(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;

	tty_buffer_flush(tty);
	n_tty_flush_input(tty);
	mutex_lock(&nd->output_lock);
	nd->echo_tail = nd->echo_head;
	nd->column = nd->canon_column = 0;
	mutex_unlock(&nd->output_lock);
	wake_up_interruptible_poll(&tty->write_wait, EPOLLOUT | EPOLLWRNORM | EPOLLHUP);
	wake_up_interruptible_poll(&tty->read_wait, EPOLLIN | EPOLLRDNORM | EPOLLHUP);
}

/*
 * What was typed before ICANON was set becomes one line that is complete as it stands; what
 * was lines before ICANON was cleared becomes plain bytes.
 */
static void change_mode(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;

	spin_lock(&nd->lock);
	bitmap_zero(nd->line_end, N_TTY_BUF_SIZE);
	bitmap_zero(nd->line_eof, N_TTY_BUF_SIZE);
	if (L_FLAG(tty, ICANON) && nd->head != nd->tail) {
		__set_bit((nd->head - 1) & N_TTY_MASK, nd->line_end);
		WRITE_ONCE(nd->canon_head, nd->head);
	} else {
		WRITE_ONCE(nd->canon_head, nd->tail);
	}
	spin_unlock(&nd->lock);
	nd->lnext = false;
	nd->erasing = false;
}

void n_tty_set_termios(struct tty_struct *tty, const struct ktermios *old)
{
	lockdep_assert_held(&tty->termios_rwsem);
	if (!old || ((old->c_lflag ^ tty->termios.c_lflag) & (ICANON | EXTPROC)))
		change_mode(tty);
	/* Output that XOFF stopped would rest for ever once XON is no longer looked for. */
	if (old && (old->c_iflag & IXON) && !I_FLAG(tty, IXON) && !tty->flow.tco_stopped)
		start_tty(tty);
	wake_up_interruptible(&tty->write_wait);
	wake_up_interruptible(&tty->read_wait);
}

/* FIONREAD in canonical mode: the bytes of whole lines, without the end-of-file marks. */
static unsigned int bytes_readable(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int n, i;

	spin_lock(&nd->lock);
	if (L_FLAG(tty, ICANON) && !L_FLAG(tty, EXTPROC)) {
		n = nd->canon_head - nd->tail;
		for (i = nd->tail; i != nd->canon_head; i++)
			n -= test_bit(i & N_TTY_MASK, nd->line_eof);
	} else {
		n = nd->head - nd->tail;
	}
	spin_unlock(&nd->lock);
	return n;
}

/* TIOCOUTQ and FIONREAD; -ENOIOCTLCMD for anything else. */
int n_tty_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
	int value;

	switch (cmd) {
	case TIOCOUTQ:
		value = tty->ops->chars_in_buffer ? tty->ops->chars_in_buffer(tty) : 0;
		break;
	case TIOCINQ:
		down_read(&tty->termios_rwsem);
		value = bytes_readable(tty);
		up_read(&tty->termios_rwsem);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(value, (int __user *)arg);
}

__poll_t n_tty_poll(struct tty_struct *tty, struct file *file, struct poll_table_struct *wait)
{
	__poll_t mask = 0;

	poll_wait(file, &tty->read_wait, wait);
	poll_wait(file, &tty->write_wait, wait);
	if (!n_tty_input_available(tty, true))
		tty_buffer_flush_work(tty);
	if (n_tty_input_available(tty, true))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(tty->ctrl.packet) && READ_ONCE(tty->link->ctrl.pktstatus))
		mask |= EPOLLPRI | EPOLLIN | EPOLLRDNORM;
	if (test_bit(TTY_OTHER_CLOSED, &tty->flags) || tty_hung_up_p(file))
		mask |= EPOLLHUP;
	if (!mutex_is_locked(&tty->atomic_write_lock) &&
	    (!tty->ops->chars_in_buffer || tty->ops->chars_in_buffer(tty) < WAKEUP_CHARS) &&
	    tty->ops->write_room(tty) > 0)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}
