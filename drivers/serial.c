/* SPDX-License-Identifier: MIT */
/*
 * ttyS0: the terminal on COM1, which also is /dev/console, and, when the command line says
 * console=ttyS0, a place for the kernel's log. Locks: uart.h and <jiffy/tty.h>.
 */
#include <jiffy/device.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/printk.h>
#include <jiffy/string.h>
#include <jiffy/tty.h>
#include "drain.h"
#include "serial.h"
#include "tty/tty.h"
#include "uart.h"

#define TTY_MAJOR  4
#define TTYS_MINOR 64

/* The terminal while it is open. The interrupt uses it inside the lock, never beyond. */
static DEFINE_SPINLOCK(serial_tty_lock);
static struct tty_struct *serial_tty; /* serial_tty_lock */
static struct winsize window;	      /* serial_tty_lock */

/*
 * Two places are left for the marks of a bad byte. A full ring holds the sender back until the
 * feeder has made room; it is told so, and started, before this returns for the last time.
 */
static size_t serial_rx_room(struct uart_port *port)
{
	size_t room = UART_FIFO; /* nobody listens: the bytes are dropped */
	unsigned long flags;

	spin_lock_irqsave(&serial_tty_lock, flags);
	if (serial_tty) {
		room = tty_buffer_space_avail(serial_tty) / 2;
		if (!room) {
			set_bit(TTY_THROTTLED, &serial_tty->flags);
			tty_flip_buffer_push(serial_tty);
		}
	}
	spin_unlock_irqrestore(&serial_tty_lock, flags);
	return room;
}

static void serial_rx(struct uart_port *port, u8 c, u8 lsr)
{
	unsigned long flags;
	u8 flag = lsr & UART_LSR_BI   ? TTY_BREAK
		  : lsr & UART_LSR_PE ? TTY_PARITY
		  : lsr & UART_LSR_FE ? TTY_FRAME
				      : TTY_NORMAL;

	spin_lock_irqsave(&serial_tty_lock, flags);
	if (serial_tty && (serial_tty->termios.c_cflag & CREAD)) {
		if (lsr & UART_LSR_OE)
			tty_insert_flip_char(serial_tty, 0, TTY_OVERRUN);
		tty_insert_flip_char(serial_tty, c, flag);
	}
	spin_unlock_irqrestore(&serial_tty_lock, flags);
}

static void serial_rx_done(struct uart_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&serial_tty_lock, flags);
	if (serial_tty)
		tty_flip_buffer_push(serial_tty);
	spin_unlock_irqrestore(&serial_tty_lock, flags);
}

static void serial_tx_room(struct uart_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&serial_tty_lock, flags);
	if (serial_tty)
		tty_wakeup(serial_tty);
	spin_unlock_irqrestore(&serial_tty_lock, flags);
}

static struct uart_port com1 = {
    .name = "ttyS0",
    .base = 0x3f8,
    .direct = 0xeb,
    .irq = 4,
    .rx_room = serial_rx_room,
    .rx = serial_rx,
    .rx_done = serial_rx_done,
    .tx_room = serial_tx_room,
};

static void serial_set_termios(struct tty_struct *tty, const struct ktermios *old)
{
	tcflag_t cflag = tty->termios.c_cflag;
	u8 lcr = (cflag & CSIZE) >> 4; /* CS5..CS8 are 0..3 in the same two bits */

	if (cflag & CSTOPB)
		lcr |= UART_LCR_STOP2;
	if (cflag & PARENB)
		lcr |= UART_LCR_PARITY;
	if (!(cflag & PARODD))
		lcr |= UART_LCR_EVEN;
	if (cflag & CMSPAR)
		lcr |= UART_LCR_STICK;
	uart_set_line(&com1, tty_baud_rate(&tty->termios), lcr);
	uart_set_cts_flow(&com1, cflag & CRTSCTS);
}

static int serial_open(struct tty_struct *tty, struct file *file)
{
	if (!com1.present)
		return -EIO;
	if (tty->count > 1)
		return 0;
	serial_set_termios(tty, NULL);
	spin_lock_irq(&serial_tty_lock);
	serial_tty = tty;
	tty->winsize = window;
	spin_unlock_irq(&serial_tty_lock);
	return 0;
}

/* What the ring holds goes on leaving after the last close. */
static void serial_close(struct tty_struct *tty, struct file *file)
{
	if (tty->count > 1)
		return;
	spin_lock_irq(&serial_tty_lock);
	serial_tty = NULL;
	spin_unlock_irq(&serial_tty_lock);
	if (tty->termios.c_cflag & HUPCL)
		uart_set_mcr(&com1, 0, UART_MCR_DTR | UART_MCR_RTS);
	uart_resume_rx(&com1);
}

static ssize_t serial_write(struct tty_struct *tty, const u8 *buf, size_t n)
{
	return uart_write(&com1, buf, n);
}

static size_t serial_write_room(struct tty_struct *tty)
{
	return uart_room(&com1);
}

static size_t serial_chars_in_buffer(struct tty_struct *tty)
{
	return uart_pending(&com1);
}

static void serial_flush_buffer(struct tty_struct *tty)
{
	uart_flush(&com1);
	tty_wakeup(tty);
}

static void serial_stop(struct tty_struct *tty)
{
	uart_set_stopped(&com1, true);
}

static void serial_start(struct tty_struct *tty)
{
	uart_set_stopped(&com1, false);
}

static void serial_throttle(struct tty_struct *tty)
{
	if (tty->termios.c_iflag & IXOFF)
		uart_send_xchar(&com1, tty->termios.c_cc[VSTOP]);
	if (tty->termios.c_cflag & CRTSCTS)
		uart_set_mcr(&com1, 0, UART_MCR_RTS);
}

static void serial_unthrottle(struct tty_struct *tty)
{
	if (tty->termios.c_iflag & IXOFF)
		uart_send_xchar(&com1, tty->termios.c_cc[VSTART]);
	if (tty->termios.c_cflag & CRTSCTS)
		uart_set_mcr(&com1, UART_MCR_RTS, 0);
	uart_resume_rx(&com1);
}

static void serial_wait_until_sent(struct tty_struct *tty, long timeout)
{
	uart_wait_until_sent(&com1, timeout);
}

static int serial_break_ctl(struct tty_struct *tty, int state)
{
	uart_set_break(&com1, state);
	return 0;
}

/* Bits of the modem control and status registers, and what TIOCMGET calls them. */
static const struct {
	u8 reg;
	unsigned int tiocm;
} mcr_bits[] = {{UART_MCR_DTR, TIOCM_DTR},
		{UART_MCR_RTS, TIOCM_RTS},
		{UART_MCR_OUT1, TIOCM_OUT1},
		{UART_MCR_OUT2, TIOCM_OUT2},
		{UART_MCR_LOOP, TIOCM_LOOP}},
  msr_bits[] = {{0x10, TIOCM_CTS}, {0x20, TIOCM_DSR}, {0x40, TIOCM_RNG}, {0x80, TIOCM_CAR}};

static int serial_tiocmget(struct tty_struct *tty)
{
	u8 msr = uart_get_msr(&com1), mcr = READ_ONCE(com1.mcr);
	unsigned int i, bits = 0;

	for (i = 0; i < ARRAY_SIZE(mcr_bits); i++)
		if (mcr & mcr_bits[i].reg)
			bits |= mcr_bits[i].tiocm;
	for (i = 0; i < ARRAY_SIZE(msr_bits); i++)
		if (msr & msr_bits[i].reg)
			bits |= msr_bits[i].tiocm;
	return bits;
}

/* OUT2 stays: without it there are no interrupts. */
static int serial_tiocmset(struct tty_struct *tty, unsigned int set, unsigned int clear)
{
	u8 on = 0, off = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mcr_bits); i++) {
		if (set & mcr_bits[i].tiocm)
			on |= mcr_bits[i].reg;
		if (clear & mcr_bits[i].tiocm)
			off |= mcr_bits[i].reg;
	}
	uart_set_mcr(&com1, on, off & ~UART_MCR_OUT2);
	return 0;
}

static const struct tty_operations serial_ops = {
    .open = serial_open,
    .close = serial_close,
    .write = serial_write,
    .write_room = serial_write_room,
    .chars_in_buffer = serial_chars_in_buffer,
    .flush_buffer = serial_flush_buffer,
    .set_termios = serial_set_termios,
    .stop = serial_stop,
    .start = serial_start,
    .throttle = serial_throttle,
    .unthrottle = serial_unthrottle,
    .wait_until_sent = serial_wait_until_sent,
    .break_ctl = serial_break_ctl,
    .tiocmget = serial_tiocmget,
    .tiocmset = serial_tiocmset,
};

static struct ktermios *serial_termios[1];
static struct tty_driver serial_driver = {
    .driver_name = "serial",
    .name = "ttyS",
    .major = TTY_MAJOR,
    .minor_start = TTYS_MINOR,
    .num = 1,
    .type = TTY_DRIVER_TYPE_SERIAL,
    .subtype = 1,
    .ops = &serial_ops,
    .termios = serial_termios,
};

/* The window may have got its size before anybody opened the terminal. */
void serial_resize(const struct winsize *ws)
{
	spin_lock_irq(&serial_tty_lock);
	window = *ws;
	spin_unlock_irq(&serial_tty_lock);
	tty_console_resize(ws);
}

void serial_wait_sent(void)
{
	while (com1.present && uart_pending(&com1) && !uart_held(&com1) && !signal_pending(current))
		schedule_timeout_interruptible(1);
	if (com1.present)
		uart_wait_until_sent(&com1, HZ);
}

void serial_drain(void)
{
	uart_poll_write(&com1, NULL, 0);
}

static void serial_console_write(struct console *con, const char *s, size_t n)
{
	size_t run;

	while (n) {
		run = strnlen(s, n);
		if (memchr(s, '\n', n))
			run = (const char *)memchr(s, '\n', n) - s;
		uart_poll_write(&com1, (const u8 *)s, run);
		s += run;
		n -= run;
		if (n) {
			uart_poll_write(&com1, (const u8 *)"\r\n", 2);
			s++;
			n--;
		}
	}
}

static struct console serial_console = {.name = "ttyS0", .write = serial_console_write};
static bool want_log;

/* console=ttyS0[,options]: the log goes there too. Other names are other consoles'. */
static int __init setup_console(char *value)
{
	want_log = want_log || !strncmp(value, "ttyS0", 5);
	return 0;
}
__setup("console=", setup_console);

static int __init serial_init(void)
{
	int err = uart_startup(&com1);

	if (err && err != -ENODEV)
		return err;
	serial_driver.init_termios = tty_std_termios;
	serial_driver.init_termios.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL;
	serial_driver.init_termios.c_ispeed = serial_driver.init_termios.c_ospeed = 115200;
	serial_driver.init_termios.c_iflag |= IUTF8;
	tty_set_console(&serial_driver, 0);
	err = tty_register_driver(&serial_driver);
	if (!err && want_log && com1.present)
		register_console(&serial_console);
	return err;
}
device_initcall(serial_init);
