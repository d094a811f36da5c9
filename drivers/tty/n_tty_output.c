/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, output: post-processing (OPOST and its companions), echo, and write(2).
 *
 * A driver takes what fits and never waits, so the discipline first asks how much that is and
 * makes no more than that. Echo that finds no room is kept, already processed, and goes out
 * ahead of everything written later; so what a person sees has the order in which it was
 * made, and the column count, which is made at the same time, stays right.
 */
#include <jiffy/fs.h>
#include <jiffy/sched.h>
#include <jiffy/string.h>
#include "n_tty.h"

/* The most bytes that one byte can become: a tab. */
#define MAX_EXPANSION 8

static size_t tty_write_room(struct tty_struct *tty)
{
	return tty->ops->write_room ? tty->ops->write_room(tty) : N_TTY_OUT_SIZE;
}

static size_t out_newline(struct tty_struct *tty, u8 *out)
{
	struct n_tty_data *nd = tty->disc_data;

	if (O_FLAG(tty, ONLRET))
		nd->column = 0;
	if (O_FLAG(tty, ONLCR)) {
		nd->column = nd->canon_column = 0;
		out[0] = '\r';
		out[1] = '\n';
		return 2;
	}
	nd->canon_column = nd->column;
	out[0] = '\n';
	return 1;
}

static size_t out_return(struct tty_struct *tty, u8 *out)
{
	struct n_tty_data *nd = tty->disc_data;

	if (O_FLAG(tty, ONOCR) && nd->column == 0)
		return 0;
	out[0] = '\r';
	if (O_FLAG(tty, OCRNL)) {
		out[0] = '\n';
		if (!O_FLAG(tty, ONLRET))
			return 1;
	}
	nd->column = nd->canon_column = 0;
	return 1;
}

static size_t out_tab(struct tty_struct *tty, u8 *out)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int spaces = 8 - (nd->column & 7);

	nd->column += spaces;
	if (O_FLAG(tty, TABDLY) == XTABS) {
		memset(out, ' ', spaces);
		return spaces;
	}
	out[0] = '\t';
	return 1;
}

/* What c becomes on its way out, at most MAX_EXPANSION bytes; moves the column along. */
static size_t do_output_char(struct tty_struct *tty, u8 c, u8 *out)
{
	struct n_tty_data *nd = tty->disc_data;

	switch (c) {
	case '\n':
		return out_newline(tty, out);
	case '\r':
		return out_return(tty, out);
	case '\t':
		return out_tab(tty, out);
	case '\b':
		if (nd->column > 0)
			nd->column--;
		break;
	default:
		if (tty_iscntrl(c))
			break;
		if (O_FLAG(tty, OLCUC))
			c = tty_toupper(c);
		if (!is_continuation(tty, c))
			nd->column++;
	}
	out[0] = c;
	return 1;
}

static void echo_queue(struct n_tty_data *nd, const u8 *s, size_t n)
{
	while (n-- && nd->echo_head - nd->echo_tail < N_TTY_ECHO_SIZE)
		nd->echo[nd->echo_head++ % N_TTY_ECHO_SIZE] = *s++;
}

/* Sends s, keeping what the driver did not take. */
static ssize_t emit(struct tty_struct *tty, const u8 *s, size_t n)
{
	struct n_tty_data *nd = tty->disc_data;
	ssize_t done = n ? tty->ops->write(tty, s, n) : 0;

	if (done >= 0 && done < n)
		echo_queue(nd, s + done, n - done);
	return done < 0 ? done : n;
}

void process_echoes(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;

	lockdep_assert_held(&nd->output_lock);
	while (nd->echo_head != nd->echo_tail) {
		unsigned int at = nd->echo_tail % N_TTY_ECHO_SIZE;
		size_t n = min_t(size_t, nd->echo_head - nd->echo_tail, N_TTY_ECHO_SIZE - at);
		ssize_t done = tty->ops->write(tty, nd->echo + at, n);

		if (done <= 0)
			return;
		nd->echo_tail += done;
	}
}

void echo_char_raw(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *nd = tty->disc_data;
	u8 out[MAX_EXPANSION] = {c};
	size_t n = 1;

	lockdep_assert_held(&nd->output_lock);
	if (O_FLAG(tty, OPOST))
		n = do_output_char(tty, c, out);
	echo_queue(nd, out, n);
}

void echo_char(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *nd = tty->disc_data;

	lockdep_assert_held(&nd->output_lock);
	if (L_FLAG(tty, ECHOCTL) && tty_iscntrl(c) && c != '\t') {
		u8 caret[2] = {'^', c ^ 0x40};

		nd->column += 2;
		echo_queue(nd, caret, 2);
	} else {
		echo_char_raw(tty, c);
	}
}

/*
 * A tab goes back to the column it was typed at. That is known from the characters before it:
 * those since the tab before (which ended at a multiple of eight), or, when there is none, since
 * the line began, whose column was noted.
 */
void echo_erase_tab(struct tty_struct *tty, unsigned int chars, bool from_line_start)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int back;

	lockdep_assert_held(&nd->output_lock);
	if (from_line_start)
		chars += nd->canon_column;
	for (back = 8 - (chars & 7); back > 0; back--) {
		echo_queue(nd, (const u8 *)"\b", 1);
		if (nd->column > 0)
			nd->column--;
	}
}

/*
 * Processes and sends as much of buf as the driver has room for: how many bytes of buf that
 * was, 0 when there is no room, or a negative errno.
 */
static ssize_t process_output_block(struct tty_struct *tty, const u8 *buf, size_t n)
{
	struct n_tty_data *nd = tty->disc_data;
	size_t room = min_t(size_t, tty_write_room(tty), N_TTY_OUT_SIZE);
	size_t used = 0, made = 0;
	ssize_t err;

	lockdep_assert_held(&nd->output_lock);
	if (!O_FLAG(tty, OPOST))
		return tty->ops->write(tty, buf, n);
	while (used < n && made + MAX_EXPANSION <= room)
		made += do_output_char(tty, buf[used++], nd->out + made);
	err = emit(tty, nd->out, made);
	return err < 0 ? err : used;
}

/* One attempt to send, pending echo first. */
static ssize_t write_some(struct tty_struct *tty, const u8 *buf, size_t n)
{
	struct n_tty_data *nd = tty->disc_data;
	ssize_t done = 0;

	mutex_lock(&nd->output_lock);
	process_echoes(tty);
	if (nd->echo_head == nd->echo_tail)
		done = process_output_block(tty, buf, n);
	mutex_unlock(&nd->output_lock);
	return done;
}

static int write_may_go_on(struct tty_struct *tty, struct file *file)
{
	if (tty_hung_up_p(file) || test_bit(TTY_OTHER_CLOSED, &tty->flags))
		return -EIO;
	return 0;
}

/*
 * tty->atomic_write_lock held. The bytes written, fewer than n when a signal, O_NONBLOCK or a
 * hang-up cut it short; or, with none written, -ERESTARTSYS, -EAGAIN or -EIO.
 */
ssize_t n_tty_write(struct tty_struct *tty, struct file *file, const u8 *buf, size_t n)
{
	DECLARE_WAITQUEUE(wait, current);
	size_t done = 0;
	ssize_t ret = 0;

	lockdep_assert_held(&tty->atomic_write_lock);
	add_wait_queue(&tty->write_wait, &wait);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		ret = write_may_go_on(tty, file);
		if (ret)
			break;
		__set_current_state(TASK_RUNNING);
		ret = write_some(tty, buf + done, n - done);
		if (ret < 0)
			break;
		done += ret;
		if (done == n)
			break;
		if (ret > 0)
			continue;
		/* Full. Whoever makes room from here on finds us on the queue. */
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (file->f_flags & O_NONBLOCK) {
			ret = -EAGAIN;
			break;
		}
		set_current_state(TASK_INTERRUPTIBLE);
		if (!write_may_go_on(tty, file) && tty_write_room(tty) < MAX_EXPANSION)
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&tty->write_wait, &wait);
	return done ? done : ret;
}
