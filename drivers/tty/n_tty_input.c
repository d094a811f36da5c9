/* SPDX-License-Identifier: MIT */
/*
 * N_TTY, input: what becomes of each received byte (termios(3): input modes, canonical mode,
 * special characters), line editing and its echo. Runs in the feeder: tty->buf.work_lock held,
 * tty->termios_rwsem held for reading.
 */
#include <jiffy/fs.h>
#include <jiffy/pid.h>
#include <jiffy/poll.h>
#include <jiffy/signal.h>
#include "n_tty.h"

static unsigned int used(const struct n_tty_data *nd)
{
	return nd->head - nd->tail;
}

static u8 read_buf(const struct n_tty_data *nd, unsigned int pos)
{
	return nd->read_buf[pos & N_TTY_MASK];
}

/*
 * The last place is kept for what ends a line, so that a full buffer without a newline can
 * still become a line.
 */
static bool put_queue(struct n_tty_data *nd, u8 c)
{
	bool room;

	spin_lock(&nd->lock);
	room = used(nd) < N_TTY_BUF_SIZE - 1;
	if (room) {
		unsigned int at = nd->head & N_TTY_MASK;

		nd->read_buf[at] = c;
		__clear_bit(at, nd->line_end);
		__clear_bit(at, nd->line_eof);
		WRITE_ONCE(nd->head, nd->head + 1);
	}
	spin_unlock(&nd->lock);
	return room;
}

/* PARMRK makes a received \377 distinguishable from its own marks by doubling it. */
static void put_marked(struct tty_struct *tty, u8 c)
{
	if (c == 0xff && I_FLAG(tty, PARMRK) && !I_FLAG(tty, ISTRIP))
		put_queue(tty->disc_data, c);
	put_queue(tty->disc_data, c);
}

static void wake_readers(struct tty_struct *tty)
{
	kill_fasync(&tty->fasync, SIGIO, POLL_IN);
	wake_up_interruptible_poll(&tty->read_wait, EPOLLIN | EPOLLRDNORM);
}

static void finish_line(struct tty_struct *tty, u8 c, bool eof)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int at;

	spin_lock(&nd->lock);
	at = nd->head & N_TTY_MASK;
	nd->read_buf[at] = c;
	__set_bit(at, nd->line_end);
	if (eof)
		__set_bit(at, nd->line_eof);
	else
		__clear_bit(at, nd->line_eof);
	WRITE_ONCE(nd->head, nd->head + 1);
	WRITE_ONCE(nd->canon_head, nd->head);
	spin_unlock(&nd->lock);
	wake_readers(tty);
}

static void finish_erasing(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;

	if (nd->erasing) {
		echo_char_raw(tty, '/');
		nd->erasing = false;
	}
}

static void note_line_start(struct n_tty_data *nd)
{
	if (nd->canon_head == nd->head)
		nd->canon_column = nd->column;
}

static void send_signal_to_foreground(struct tty_struct *tty, int sig)
{
	struct pid *pgrp;
	unsigned long flags;

	spin_lock_irqsave(&tty->ctrl.lock, flags);
	pgrp = get_pid(tty->ctrl.pgrp);
	spin_unlock_irqrestore(&tty->ctrl.lock, flags);
	if (pgrp)
		kill_pgrp(pgrp, sig, 1);
	put_pid(pgrp);
}

/* Without NOFLSH a signal character also throws away what waits in either direction. */
static void isig(struct tty_struct *tty, int sig)
{
	struct n_tty_data *nd = tty->disc_data;

	send_signal_to_foreground(tty, sig);
	if (L_FLAG(tty, NOFLSH))
		return;
	mutex_lock(&nd->output_lock);
	nd->echo_tail = nd->echo_head;
	nd->erasing = false;
	if (tty->ops->flush_buffer)
		tty->ops->flush_buffer(tty);
	mutex_unlock(&nd->output_lock);
	spin_lock(&nd->lock);
	nd->tail = nd->canon_head = nd->head;
	spin_unlock(&nd->lock);
	n_tty_packet_mode_flush(tty);
}

static void receive_signal_char(struct tty_struct *tty, int sig, u8 c)
{
	struct n_tty_data *nd = tty->disc_data;

	isig(tty, sig);
	if (I_FLAG(tty, IXON))
		start_tty(tty);
	mutex_lock(&nd->output_lock);
	if (L_FLAG(tty, ECHO))
		echo_char(tty, c);
	process_echoes(tty);
	mutex_unlock(&nd->output_lock);
}

/* Characters on the line before `from` back to the tab before, or to the line's start. */
static unsigned int columns_before(struct tty_struct *tty, unsigned int from, bool *line_start)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int chars = 0;

	*line_start = true;
	while (from != nd->canon_head) {
		u8 c = read_buf(nd, --from);

		if (c == '\t') {
			*line_start = false;
			break;
		}
		if (tty_iscntrl(c))
			chars += L_FLAG(tty, ECHOCTL) ? 2 : 0;
		else if (!is_continuation(tty, c))
			chars++;
	}
	return chars;
}

static void rub_out(struct tty_struct *tty)
{
	echo_char_raw(tty, '\b');
	echo_char_raw(tty, ' ');
	echo_char_raw(tty, '\b');
}

/* Echoes the removal of the character whose first byte is c; n bytes from head on. */
static void echo_erased(struct tty_struct *tty, int what, u8 c, unsigned int n)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int i, chars;
	bool line_start;

	if (L_FLAG(tty, ECHOPRT)) {
		if (!nd->erasing) {
			echo_char_raw(tty, '\\');
			nd->erasing = true;
		}
		echo_char(tty, c);
		for (i = 1; i < n; i++)
			echo_char_raw(tty, read_buf(nd, nd->head + i));
	} else if (what == VERASE && !L_FLAG(tty, ECHOE)) {
		echo_char(tty, CC(tty, VERASE));
	} else if (c == '\t') {
		chars = columns_before(tty, nd->head, &line_start);
		echo_erase_tab(tty, chars, line_start);
	} else {
		if (tty_iscntrl(c) && L_FLAG(tty, ECHOCTL))
			rub_out(tty);
		if (!tty_iscntrl(c) || L_FLAG(tty, ECHOCTL))
			rub_out(tty);
	}
}

static void set_head(struct n_tty_data *nd, unsigned int head)
{
	spin_lock(&nd->lock);
	WRITE_ONCE(nd->head, head);
	spin_unlock(&nd->lock);
}

/* KILL where the terminal cannot rub out: true when that was all there is to do. */
static bool kill_plainly(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;

	if (L_FLAG(tty, ECHO) && L_FLAG(tty, ECHOK) && L_FLAG(tty, ECHOKE) && L_FLAG(tty, ECHOE))
		return false;
	set_head(nd, nd->canon_head);
	if (!L_FLAG(tty, ECHO))
		return true;
	finish_erasing(tty);
	echo_char(tty, CC(tty, VKILL));
	if (L_FLAG(tty, ECHOK))
		echo_char_raw(tty, '\n');
	return true;
}

static bool is_word_char(u8 c)
{
	return (c >= '0' && c <= '9') || tty_isupper(c) || tty_islower(c) || c == '_';
}

/* what: VERASE, VWERASE or VKILL. output_lock held. */
static void eraser(struct tty_struct *tty, int what)
{
	struct n_tty_data *nd = tty->disc_data;
	bool in_word = false;

	if (nd->head == nd->canon_head || (what == VKILL && kill_plainly(tty)))
		return;
	while (nd->head != nd->canon_head) {
		unsigned int old = nd->head, to = old;
		u8 c;

		do {
			c = read_buf(nd, --to);
		} while (is_continuation(tty, c) && to != nd->canon_head);
		if (is_continuation(tty, c))
			break; /* half a character: leave it */
		if (what == VWERASE) {
			if (is_word_char(c))
				in_word = true;
			else if (in_word)
				break;
		}
		set_head(nd, to);
		if (L_FLAG(tty, ECHO))
			echo_erased(tty, what, c, old - to);
		if (what == VERASE)
			break;
	}
	if (nd->head == nd->canon_head && L_FLAG(tty, ECHO))
		finish_erasing(tty);
}

static void reprint(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *nd = tty->disc_data;
	unsigned int i;

	finish_erasing(tty);
	echo_char(tty, c);
	echo_char_raw(tty, '\n');
	for (i = nd->canon_head; i != nd->head; i++)
		echo_char(tty, read_buf(nd, i));
}

/* A newline that ICRNL made of a return moves the cursor; one that was typed shows as ^J. */
static void echo_typed(struct tty_struct *tty, u8 c, bool made)
{
	struct n_tty_data *nd = tty->disc_data;

	if (!L_FLAG(tty, ECHO))
		return;
	finish_erasing(tty);
	if (c == '\n' && made) {
		echo_char_raw(tty, c);
	} else {
		note_line_start(nd);
		echo_char(tty, c);
	}
}

static void receive_plain(struct tty_struct *tty, u8 c, bool made)
{
	echo_typed(tty, c, made);
	put_marked(tty, c);
}

/* ICANON's editing and line-ending characters: true when c was one. output_lock held. */
static bool receive_canon(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *nd = tty->disc_data;
	bool iexten = L_FLAG(tty, IEXTEN);

	if (is_cc(tty, VERASE, c) || is_cc(tty, VKILL, c) || (is_cc(tty, VWERASE, c) && iexten)) {
		eraser(tty, is_cc(tty, VERASE, c)  ? VERASE
			    : is_cc(tty, VKILL, c) ? VKILL
						   : VWERASE);
	} else if (is_cc(tty, VLNEXT, c) && iexten) {
		nd->lnext = true;
		if (L_FLAG(tty, ECHO)) {
			finish_erasing(tty);
			if (L_FLAG(tty, ECHOCTL)) {
				echo_char_raw(tty, '^');
				echo_char_raw(tty, '\b');
			}
		}
	} else if (is_cc(tty, VREPRINT, c) && L_FLAG(tty, ECHO) && iexten) {
		reprint(tty, c);
	} else if (c == '\n') {
		if (L_FLAG(tty, ECHO | ECHONL))
			echo_char_raw(tty, c);
		finish_line(tty, c, false);
	} else if (is_cc(tty, VEOF, c)) {
		finish_line(tty, __DISABLED_CHAR, true); /* as raw bytes it reads as this */
	} else if (is_cc(tty, VEOL, c) || (is_cc(tty, VEOL2, c) && iexten)) {
		if (L_FLAG(tty, ECHO)) {
			note_line_start(nd);
			echo_char(tty, c);
		}
		if (c == 0xff && I_FLAG(tty, PARMRK))
			put_queue(nd, c);
		finish_line(tty, c, false);
	} else {
		return false;
	}
	return true;
}

/* IXON and ISIG: true when c was a character of theirs. No output_lock. */
static bool receive_control(struct tty_struct *tty, u8 c)
{
	bool signal = L_FLAG(tty, ISIG);

	if (I_FLAG(tty, IXON) && (is_cc(tty, VSTART, c) || is_cc(tty, VSTOP, c))) {
		if (is_cc(tty, VSTART, c))
			start_tty(tty);
		else
			stop_tty(tty);
		return true;
	}
	if (signal && is_cc(tty, VINTR, c))
		receive_signal_char(tty, SIGINT, c);
	else if (signal && is_cc(tty, VQUIT, c))
		receive_signal_char(tty, SIGQUIT, c);
	else if (signal && is_cc(tty, VSUSP, c))
		receive_signal_char(tty, SIGTSTP, c);
	else
		return false;
	return true;
}

static u8 strip(struct tty_struct *tty, u8 c)
{
	if (I_FLAG(tty, ISTRIP))
		c &= 0x7f;
	if (I_FLAG(tty, IUCLC) && L_FLAG(tty, IEXTEN))
		c = tty_tolower(c);
	return c;
}

static void receive_normal(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *nd = tty->disc_data;
	bool made = false;

	c = strip(tty, c);
	if (L_FLAG(tty, EXTPROC)) {
		put_queue(nd, c);
		return;
	}
	if (nd->lnext) {
		nd->lnext = false;
		mutex_lock(&nd->output_lock);
		receive_plain(tty, c, false);
		mutex_unlock(&nd->output_lock);
		return;
	}
	if (READ_ONCE(tty->flow.stopped) && !READ_ONCE(tty->flow.tco_stopped) &&
	    I_FLAG(tty, IXON) && I_FLAG(tty, IXANY) && !is_cc(tty, VSTOP, c))
		start_tty(tty);
	if (receive_control(tty, c))
		return;
	if (c == '\r') {
		if (I_FLAG(tty, IGNCR))
			return;
		made = I_FLAG(tty, ICRNL);
		if (made)
			c = '\n';
	} else if (c == '\n' && I_FLAG(tty, INLCR)) {
		c = '\r';
	}
	mutex_lock(&nd->output_lock);
	if (!L_FLAG(tty, ICANON) || !receive_canon(tty, c))
		receive_plain(tty, c, made);
	mutex_unlock(&nd->output_lock);
}

static void receive_break(struct tty_struct *tty)
{
	if (I_FLAG(tty, IGNBRK))
		return;
	if (I_FLAG(tty, BRKINT)) {
		isig(tty, SIGINT);
		return;
	}
	if (I_FLAG(tty, PARMRK)) {
		put_queue(tty->disc_data, 0xff);
		put_queue(tty->disc_data, 0);
	}
	put_queue(tty->disc_data, 0);
}

static void receive_bad(struct tty_struct *tty, u8 c)
{
	if (!I_FLAG(tty, INPCK)) {
		receive_normal(tty, c);
	} else if (!I_FLAG(tty, IGNPAR)) {
		if (I_FLAG(tty, PARMRK)) {
			put_queue(tty->disc_data, 0xff);
			put_queue(tty->disc_data, 0);
			put_queue(tty->disc_data, c);
		} else {
			put_queue(tty->disc_data, 0);
		}
	}
}

static void receive_char(struct tty_struct *tty, u8 c, u8 flag)
{
	switch (flag) {
	case TTY_NORMAL:
		receive_normal(tty, c);
		break;
	case TTY_BREAK:
		receive_break(tty);
		break;
	case TTY_PARITY:
	case TTY_FRAME:
		receive_bad(tty, c);
		break;
	default: /* bytes were lost before this one, which itself does not exist */
		break;
	}
}

/*
 * How many more bytes may be looked at. A line that is being edited takes any number (the
 * excess is dropped, but editing and signal characters in it count); everything else is held
 * back until a reader makes room.
 */
static size_t receive_room(struct tty_struct *tty)
{
	struct n_tty_data *nd = tty->disc_data;
	size_t room;

	spin_lock(&nd->lock);
	room = N_TTY_BUF_SIZE - 1 - min_t(unsigned int, used(nd), N_TTY_BUF_SIZE - 1);
	if (I_FLAG(tty, PARMRK))
		room /= 3;
	if (!room && L_FLAG(tty, ICANON) && nd->canon_head == nd->tail)
		room = 1;
	spin_unlock(&nd->lock);
	return room;
}

/* Nothing but the queue to look at: whole runs of bytes are copied. */
static bool is_real_raw(const struct tty_struct *tty)
{
	return !L_FLAG(tty, ICANON | ECHO | ISIG) &&
	       !I_FLAG(tty, IXON | ISTRIP | IUCLC | IGNCR | ICRNL | INLCR | PARMRK | INPCK |
				BRKINT | IGNBRK) &&
	       !tty->disc_data->lnext;
}

static size_t receive_raw(struct tty_struct *tty, const u8 *data, size_t n)
{
	struct n_tty_data *nd = tty->disc_data;
	size_t i;

	spin_lock(&nd->lock);
	for (i = 0; i < n; i++) {
		unsigned int at = (nd->head + i) & N_TTY_MASK;

		nd->read_buf[at] = data[i];
	}
	WRITE_ONCE(nd->head, nd->head + n);
	spin_unlock(&nd->lock);
	return n;
}

size_t n_tty_receive_buf(struct tty_struct *tty, const u8 *data, const u8 *flags, size_t n)
{
	struct n_tty_data *nd = tty->disc_data;
	size_t done = 0, room;

	lockdep_assert_held(&tty->buf.work_lock);
	while (done < n && (room = receive_room(tty)) > 0) {
		room = min_t(size_t, room, n - done);
		if (is_real_raw(tty) && !flags) {
			done += receive_raw(tty, data + done, room);
		} else {
			receive_char(tty, data[done], flags ? flags[done] : TTY_NORMAL);
			done++;
		}
	}
	mutex_lock(&nd->output_lock);
	process_echoes(tty);
	mutex_unlock(&nd->output_lock);
	if (n_tty_input_available(tty, false))
		wake_readers(tty);
	return done;
}
