/* SPDX-License-Identifier: MIT */
/*
 * ioctl(2) on terminals: settings, speed, sizes, flow, flushing (ioctl_tty(2), termios(3)).
 * A request about the line made on a pseudo-terminal's master is about its slave.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/pid.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include "n_tty.h"
#include "tty.h"

static const speed_t baud_table[] = {0,	  50,	75,   110,  134,  150,	200,   300,
				     600, 1200, 1800, 2400, 4800, 9600, 19200, 38400};
static const speed_t baud_table_ex[] = {57600,	 115200,  230400,  460800,  500000,
					576000,	 921600,  1000000, 1152000, 1500000,
					2000000, 2500000, 3000000, 3500000, 4000000};

static speed_t decode_baud(tcflag_t code, speed_t other)
{
	if (code == BOTHER)
		return other;
	if (!(code & CBAUDEX))
		return baud_table[code];
	code = (code & 0xf) - 1;
	return code < ARRAY_SIZE(baud_table_ex) ? baud_table_ex[code] : 9600;
}

speed_t tty_baud_rate(const struct ktermios *t)
{
	return decode_baud(t->c_cflag & CBAUD, t->c_ospeed);
}

static speed_t input_baud_rate(const struct ktermios *t)
{
	tcflag_t code = (t->c_cflag >> IBSHIFT) & CBAUD;

	return code == B0 ? tty_baud_rate(t) : decode_baud(code, t->c_ispeed);
}

static struct tty_struct *tty_pair_get_tty(struct tty_struct *tty)
{
	bool master =
	    tty->driver->type == TTY_DRIVER_TYPE_PTY && tty->driver->subtype == PTY_TYPE_MASTER;

	return master ? tty->link : tty;
}

static bool output_left(struct tty_struct *tty)
{
	return tty->ops->chars_in_buffer && tty->ops->chars_in_buffer(tty) > 0;
}

int tty_wait_until_sent(struct tty_struct *tty, long timeout)
{
	long left = timeout ? timeout : MAX_SCHEDULE_TIMEOUT;

	left = wait_event_interruptible_timeout(tty->write_wait, !output_left(tty), left);
	if (left < 0)
		return -ERESTARTSYS;
	if (left > 0 && tty->ops->wait_until_sent)
		tty->ops->wait_until_sent(tty, left);
	return 0;
}

int tty_set_termios(struct tty_struct *tty, const struct ktermios *new)
{
	struct ktermios old;

	down_write(&tty->termios_rwsem);
	old = tty->termios;
	tty->termios = *new;
	/* The hardware's word size and speed are not a pty's to choose. */
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	n_tty_set_termios(tty, &old);
	up_write(&tty->termios_rwsem);
	return 0;
}

static void flush_input(struct tty_struct *tty)
{
	tty_buffer_flush(tty);
	n_tty_flush_input(tty);
}

static int tty_perform_flush(struct tty_struct *tty, unsigned long what)
{
	if (what != TCIFLUSH && what != TCOFLUSH && what != TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH)
		flush_input(tty);
	if (what != TCIFLUSH && tty->ops->flush_buffer) {
		tty->ops->flush_buffer(tty);
		tty_wakeup(tty);
	}
	return 0;
}

/* The forms that settings come in from a program. */
enum termios_form { FORM_TERMIO, FORM_TERMIOS, FORM_TERMIOS2 };

static int read_termio(struct ktermios *t, const void __user *arg)
{
	struct termio io;

	if (copy_from_user(&io, arg, sizeof(io)))
		return -EFAULT;
	t->c_iflag = (t->c_iflag & 0xffff0000u) | io.c_iflag;
	t->c_oflag = (t->c_oflag & 0xffff0000u) | io.c_oflag;
	t->c_cflag = (t->c_cflag & 0xffff0000u) | io.c_cflag;
	t->c_lflag = (t->c_lflag & 0xffff0000u) | io.c_lflag;
	t->c_line = io.c_line;
	memcpy(t->c_cc, io.c_cc, NCC);
	return 0;
}

static int read_termios(struct ktermios *t, enum termios_form form, const void __user *arg)
{
	int err = 0;

	if (form == FORM_TERMIO)
		err = read_termio(t, arg);
	else if (copy_from_user(t, arg, form == FORM_TERMIOS ? sizeof(struct termios) : sizeof(*t)))
		err = -EFAULT;
	if (!err) {
		t->c_ispeed = input_baud_rate(t);
		t->c_ospeed = tty_baud_rate(t);
	}
	return err;
}

static int set_termios(struct tty_struct *tty, enum termios_form form, const void __user *arg,
		       bool wait, bool flush)
{
	struct ktermios new;
	int err = tty_check_change(tty);

	if (err)
		return err;
	down_read(&tty->termios_rwsem);
	new = tty->termios;
	up_read(&tty->termios_rwsem);
	err = read_termios(&new, form, arg);
	if (err)
		return err;
	if (flush)
		flush_input(tty);
	if (wait) {
		err = tty_wait_until_sent(tty, 0);
		if (err)
			return err;
	}
	return tty_set_termios(tty, &new);
}

static int get_termios(struct tty_struct *tty, enum termios_form form, void __user *arg)
{
	struct ktermios t;
	struct termio io;

	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	if (form != FORM_TERMIO)
		return copy_to_user(arg, &t,
				    form == FORM_TERMIOS ? sizeof(struct termios) : sizeof(t))
			   ? -EFAULT
			   : 0;
	io = (struct termio){t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, t.c_line, {0}};
	memcpy(io.c_cc, t.c_cc, NCC);
	return copy_to_user(arg, &io, sizeof(io)) ? -EFAULT : 0;
}

/* TCXONC */
static int flow_change(struct tty_struct *tty, unsigned long what)
{
	u8 c;
	int err = tty_check_change(tty);

	if (err)
		return err;
	switch (what) {
	case TCOOFF:
		WRITE_ONCE(tty->flow.tco_stopped, true);
		stop_tty(tty);
		return 0;
	case TCOON:
		WRITE_ONCE(tty->flow.tco_stopped, false);
		start_tty(tty);
		return 0;
	case TCIOFF:
	case TCION:
		c = CC(tty, what == TCIOFF ? VSTOP : VSTART);
		if (c != __DISABLED_CHAR)
			tty->ops->write(tty, &c, 1);
		return 0;
	default:
		return -EINVAL;
	}
}

/* CLOCAL by itself: whether the line's carrier is to be taken no notice of. */
static int set_softcar(struct tty_struct *tty, const int __user *p)
{
	struct ktermios t;
	int on;

	if (get_user(on, p))
		return -EFAULT;
	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	t.c_cflag = (t.c_cflag & ~CLOCAL) | (on ? CLOCAL : 0);
	return tty_set_termios(tty, &t);
}

static long mode_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;
	int err;

	switch (cmd) {
	case TCGETA:
		return get_termios(tty, FORM_TERMIO, p);
	case TCGETS:
		return get_termios(tty, FORM_TERMIOS, p);
	case TCGETS2:
		return get_termios(tty, FORM_TERMIOS2, p);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return set_termios(tty, FORM_TERMIO, p, cmd != TCSETA, cmd == TCSETAF);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(tty, FORM_TERMIOS, p, cmd != TCSETS, cmd == TCSETSF);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_termios(tty, FORM_TERMIOS2, p, cmd != TCSETS2, cmd == TCSETSF2);
	case TCXONC:
		return flow_change(tty, arg);
	case TCFLSH:
		err = tty_check_change(tty);
		return err ? err : tty_perform_flush(tty, arg);
	case TIOCSSOFTCAR:
		return set_softcar(tty, (int __user *)p);
	case TIOCGSOFTCAR:
		return put_user((tty->termios.c_cflag & CLOCAL) ? 1 : 0, (int __user *)p);
	default:
		return -ENOIOCTLCMD;
	}
}

int tty_do_resize(struct tty_struct *tty, const struct winsize *ws)
{
	struct pid *pgrp;
	unsigned long flags;
	bool same;

	mutex_lock(&tty->winsize_mutex);
	same = !memcmp(ws, &tty->winsize, sizeof(*ws));
	tty->winsize = *ws;
	mutex_unlock(&tty->winsize_mutex);
	if (same)
		return 0;
	spin_lock_irqsave(&tty->ctrl.lock, flags);
	pgrp = get_pid(tty->ctrl.pgrp);
	spin_unlock_irqrestore(&tty->ctrl.lock, flags);
	if (pgrp)
		kill_pgrp(pgrp, SIGWINCH, 1);
	put_pid(pgrp);
	return 0;
}

static int get_winsize(struct tty_struct *tty, struct winsize __user *p)
{
	struct winsize ws;

	mutex_lock(&tty->winsize_mutex);
	ws = tty->winsize;
	mutex_unlock(&tty->winsize_mutex);
	return copy_to_user(p, &ws, sizeof(ws)) ? -EFAULT : 0;
}

static int set_winsize(struct tty_struct *tty, struct tty_struct *real_tty,
		       const struct winsize __user *p)
{
	struct winsize ws;

	if (copy_from_user(&ws, p, sizeof(ws)))
		return -EFAULT;
	return tty->ops->resize ? tty->ops->resize(tty, &ws) : tty_do_resize(real_tty, &ws);
}

/* A break of that many milliseconds, once what was written before has left. */
static int send_break(struct tty_struct *tty, unsigned int ms)
{
	int err = tty_check_change(tty);

	if (!err)
		err = tty_wait_until_sent(tty, 0);
	if (err || !ms || !tty->ops->break_ctl)
		return err;
	err = tty->ops->break_ctl(tty, -1);
	if (!err) {
		msleep(ms);
		err = tty->ops->break_ctl(tty, 0);
	}
	return err;
}

static int modem_ioctl(struct tty_struct *tty, unsigned int cmd, int __user *p)
{
	unsigned int bits, known = TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | TIOCM_LOOP;
	int val;

	if (!tty->ops->tiocmget)
		return -ENOTTY;
	if (cmd == TIOCMGET) {
		val = tty->ops->tiocmget(tty);
		return val < 0 ? val : put_user(val, p);
	}
	if (get_user(bits, (unsigned int __user *)p))
		return -EFAULT;
	bits &= known;
	switch (cmd) {
	case TIOCMBIS:
		return tty->ops->tiocmset(tty, bits, 0);
	case TIOCMBIC:
		return tty->ops->tiocmset(tty, 0, bits);
	default:
		return tty->ops->tiocmset(tty, bits, ~bits & known);
	}
}

static int set_ldisc(struct tty_struct *tty, int __user *p)
{
	int disc, err = tty_check_change(tty);

	if (err)
		return err;
	if (get_user(disc, p))
		return -EFAULT;
	return disc == N_TTY ? 0 : -EINVAL; /* there is one */
}

/* A byte as if typed: one's own terminal, or CAP_SYS_ADMIN. ioctl_tty(2), "Faking input". */
static int simulate_input(struct tty_struct *tty, const u8 __user *p)
{
	u8 c;

	if (READ_ONCE(current->signal->tty) != tty && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, p))
		return -EFAULT;
	mutex_lock(&tty->buf.work_lock);
	down_read(&tty->termios_rwsem);
	n_tty_receive_buf(tty, &c, NULL, 1);
	up_read(&tty->termios_rwsem);
	mutex_unlock(&tty->buf.work_lock);
	return 0;
}

/* What is not about job control, settings or the driver. */
static long general_ioctl(struct tty_struct *tty, struct tty_struct *real_tty, unsigned int cmd,
			  unsigned long arg)
{
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case TIOCGWINSZ:
		return get_winsize(real_tty, p);
	case TIOCSWINSZ:
		return set_winsize(tty, real_tty, p);
	case TIOCEXCL:
		set_bit(TTY_EXCLUSIVE, &tty->flags);
		return 0;
	case TIOCNXCL:
		clear_bit(TTY_EXCLUSIVE, &tty->flags);
		return 0;
	case TIOCGEXCL:
		return put_user((int)test_bit(TTY_EXCLUSIVE, &tty->flags), (int __user *)p);
	case TIOCGETD:
		return put_user(N_TTY, (int __user *)p);
	case TIOCSETD:
		return set_ldisc(tty, p);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_vhangup(tty);
		return 0;
	case TIOCGDEV:
		return put_user((unsigned int)tty_devnum(real_tty), (unsigned int __user *)p);
	case TIOCSTI:
		return simulate_input(tty, p);
	case TIOCSBRK:
	case TIOCCBRK:
		return tty->ops->break_ctl ? tty->ops->break_ctl(tty, cmd == TIOCSBRK ? -1 : 0) : 0;
	case TCSBRK: /* nonzero is tcdrain(3) */
		return send_break(tty, arg ? 0 : 250);
	case TCSBRKP:
		return send_break(tty, arg ? arg * 100 : 250);
	case TIOCMGET:
	case TIOCMBIS:
	case TIOCMBIC:
	case TIOCMSET:
		return modem_ioctl(tty, cmd, p);
	default:
		return -ENOIOCTLCMD;
	}
}

long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tty_struct *tty = file_tty(file), *real_tty;
	long ret;

	if (!tty)
		return -EIO;
	real_tty = tty_pair_get_tty(tty);
	ret = general_ioctl(tty, real_tty, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = tty_jobctrl_ioctl(tty, real_tty, file, cmd, arg);
	if (ret == -ENOIOCTLCMD && tty->driver->type == TTY_DRIVER_TYPE_PTY)
		ret = pty_ioctl(tty, file, cmd, arg);
	if (ret == -ENOIOCTLCMD && tty->ops->ioctl)
		ret = tty->ops->ioctl(tty, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = mode_ioctl(real_tty, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = n_tty_ioctl(tty, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}
