/* SPDX-License-Identifier: MIT */
/*
 * The link: COM2 as a channel to the program that runs this machine. Frames both ways are a
 * type, a stream, the payload's length (16 bits, little-endian) and the payload:
 *
 *	to the host	'W' stream 1 or 2	data for its standard output or error; 3: a trace
 *			'R' stream 0		u16: how many bytes of its standard input are wanted
 *			'X'			u32: the exit status
 *	from the host	'D' stream 0		the answer to 'R'; empty: end of file, for good
 *			'S'			4 x u16: rows, columns, pixels of ttyS0's window
 *
 * Input is asked for only when somebody reads or polls, and no more than was asked for comes,
 * so what the program does not read stays with the host. /dev/host/{stdin,stdout,stderr,trace,ctl}.
 *
 * Serialization rules, outermost first: link.tx_mutex: one frame at a time is put together, and
 * its sender alone uses up room in the port's ring. link.lock (spin, interrupts off): the
 * receiving side. The parser's own state belongs to the interrupt handler.
 */
#include <arch/uaccess.h>
#include <jiffy/device.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/string.h>
#include <jiffy/uio.h>
#include <uapi/termios.h>
#include "drain.h"
#include "serial.h"
#include "uart.h"

#define HEADER	  4
#define MAX_CHUNK 1024 /* of data in one frame to the host */
#define RX_SIZE	  4096 /* the most that is ever asked for */

static size_t link_rx_room(struct uart_port *port);
static void link_rx(struct uart_port *port, u8 c, u8 lsr);
static void link_rx_done(struct uart_port *port);
static void link_tx_room(struct uart_port *port);

static struct uart_port com2 = {
    .name = "host",
    .base = 0x2f8,
    .direct = 0xea,
    .irq = 3,
    .rx_room = link_rx_room,
    .rx = link_rx,
    .rx_done = link_rx_done,
    .tx_room = link_tx_room,
};

static struct {
	struct mutex tx_mutex;
	u8 tx_buf[MAX_CHUNK]; /* tx_mutex */
	wait_queue_head_t tx_wait, rx_wait;

	spinlock_t lock;
	u8 rx[RX_SIZE];		 /* lock */
	unsigned int head, tail; /* lock; free running */
	bool asked;		 /* lock: an 'R' is out */
	bool eof;		 /* lock */
	struct winsize window;	 /* lock */

	/* the interrupt handler's */
	u8 header[HEADER], payload[8];
	unsigned int got; /* bytes of the current frame, its header too */
	struct work_struct resize_work;
} link = {
    .tx_mutex = __MUTEX_INITIALIZER(link.tx_mutex),
    .tx_wait = __WAIT_QUEUE_HEAD_INITIALIZER(link.tx_wait),
    .rx_wait = __WAIT_QUEUE_HEAD_INITIALIZER(link.rx_wait),
    .lock = __SPIN_LOCK_UNLOCKED(link.lock),
};

static size_t link_rx_room(struct uart_port *port)
{
	return RX_SIZE; /* no more comes than was asked for */
}

static u16 get_le16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static void link_resize(struct work_struct *work)
{
	struct winsize ws;

	spin_lock_irq(&link.lock);
	ws = link.window;
	spin_unlock_irq(&link.lock);
	serial_resize(&ws);
}

static void frame_done(void)
{
	unsigned long flags;
	u16 len = get_le16(link.header + 2);

	spin_lock_irqsave(&link.lock, flags);
	if (link.header[0] == 'D') {
		link.asked = false;
		link.eof = link.eof || !len;
	} else if (link.header[0] == 'S' && len == 8) {
		link.window =
		    (struct winsize){get_le16(link.payload), get_le16(link.payload + 2),
				     get_le16(link.payload + 4), get_le16(link.payload + 6)};
		schedule_work(&link.resize_work);
	}
	spin_unlock_irqrestore(&link.lock, flags);
	link.got = 0;
}

static void payload_byte(u8 c)
{
	unsigned int at = link.got - HEADER;
	unsigned long flags;

	if (link.header[0] != 'D') {
		if (at < sizeof(link.payload))
			link.payload[at] = c;
		return;
	}
	spin_lock_irqsave(&link.lock, flags);
	if (link.head - link.tail < RX_SIZE)
		link.rx[link.head++ % RX_SIZE] = c;
	spin_unlock_irqrestore(&link.lock, flags);
}

static void link_rx(struct uart_port *port, u8 c, u8 lsr)
{
	if (link.got < HEADER)
		link.header[link.got] = c;
	else
		payload_byte(c);
	link.got++;
	if (link.got >= HEADER && link.got == HEADER + get_le16(link.header + 2))
		frame_done();
}

static void link_rx_done(struct uart_port *port)
{
	wake_up_interruptible_poll(&link.rx_wait, EPOLLIN | EPOLLRDNORM);
}

static void link_tx_room(struct uart_port *port)
{
	wake_up_interruptible_poll(&link.tx_wait, EPOLLOUT | EPOLLWRNORM);
}

/* Waits for room for a frame of n payload bytes. tx_mutex held. 0, -EAGAIN, -ERESTARTSYS. */
static int wait_room(size_t n, bool nonblock)
{
	lockdep_assert_held(&link.tx_mutex);
	if (uart_room(&com2) >= n + HEADER)
		return 0;
	if (nonblock)
		return -EAGAIN;
	return wait_event_interruptible(link.tx_wait, uart_room(&com2) >= n + HEADER);
}

static void put_frame(u8 type, u8 stream, const void *data, u16 n)
{
	u8 header[HEADER] = {type, stream, n & 0xff, n >> 8};

	lockdep_assert_held(&link.tx_mutex);
	uart_write(&com2, header, HEADER);
	uart_write(&com2, data, n);
}

static int lock_tx(bool nonblock)
{
	if (nonblock)
		return mutex_trylock(&link.tx_mutex) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&link.tx_mutex) ? -ERESTARTSYS : 0;
}

/* tx_mutex held. */
static ssize_t write_frames(u8 stream, struct iov_iter *from, bool nonblock)
{
	ssize_t done = 0;

	while (iov_iter_count(from)) {
		size_t n = min_t(size_t, iov_iter_count(from), MAX_CHUNK);
		int err = wait_room(n, nonblock);

		if (err)
			return done ? done : err;
		if (copy_from_iter(link.tx_buf, n, from) != n)
			return done ? done : -EFAULT;
		put_frame('W', stream, link.tx_buf, n);
		done += n;
	}
	return done;
}

static ssize_t write_stream(u8 stream, struct kiocb *iocb, struct iov_iter *from)
{
	bool nonblock = iocb->ki_filp->f_flags & O_NONBLOCK;
	ssize_t ret = lock_tx(nonblock);

	if (ret)
		return ret;
	ret = write_frames(stream, from, nonblock);
	mutex_unlock(&link.tx_mutex);
	return ret;
}

static ssize_t host_stdout_write(struct kiocb *iocb, struct iov_iter *from)
{
	return write_stream(1, iocb, from);
}

static ssize_t host_stderr_write(struct kiocb *iocb, struct iov_iter *from)
{
	return write_stream(2, iocb, from);
}

static ssize_t host_trace_write(struct kiocb *iocb, struct iov_iter *from)
{
	return write_stream(3, iocb, from);
}

static __poll_t host_out_poll(struct file *file, struct poll_table_struct *wait)
{
	poll_wait(file, &link.tx_wait, wait);
	return uart_room(&com2) >= HEADER + MAX_CHUNK ? EPOLLOUT | EPOLLWRNORM : 0;
}

static bool input_ready(void)
{
	return READ_ONCE(link.head) != READ_ONCE(link.tail) || READ_ONCE(link.eof);
}

/* Sees to it that a request for input is out, unless there is some. 0 or lock_tx()'s errors. */
static int ask_for_input(size_t n, bool nonblock)
{
	u8 want[2];
	bool ask;
	int err;

	if (input_ready() || READ_ONCE(link.asked))
		return 0;
	err = lock_tx(nonblock);
	if (err)
		return err;
	err = wait_room(sizeof(want), nonblock);
	if (!err) {
		spin_lock_irq(&link.lock);
		ask = !link.asked && !link.eof && link.head == link.tail;
		link.asked = link.asked || ask;
		spin_unlock_irq(&link.lock);
		n = min_t(size_t, n, RX_SIZE);
		want[0] = n & 0xff;
		want[1] = n >> 8;
		if (ask)
			put_frame('R', 0, want, sizeof(want));
	}
	mutex_unlock(&link.tx_mutex);
	return err;
}

static size_t take_input(u8 *buf, size_t n)
{
	size_t i;

	spin_lock_irq(&link.lock);
	n = min_t(size_t, n, link.head - link.tail);
	for (i = 0; i < n; i++)
		buf[i] = link.rx[link.tail++ % RX_SIZE];
	spin_unlock_irq(&link.lock);
	return n;
}

static ssize_t deliver_input(struct iov_iter *to)
{
	ssize_t done = 0;
	u8 buf[256];
	size_t n;

	while (iov_iter_count(to)) {
		n = take_input(buf, min_t(size_t, iov_iter_count(to), sizeof(buf)));
		if (!n)
			break;
		if (copy_to_iter(buf, n, to) != n)
			return done ? done : -EFAULT;
		done += n;
	}
	return done;
}

static ssize_t host_stdin_read(struct kiocb *iocb, struct iov_iter *to)
{
	bool nonblock = iocb->ki_filp->f_flags & O_NONBLOCK;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	for (;;) {
		ret = ask_for_input(iov_iter_count(to), nonblock);
		if (ret)
			return ret;
		ret = deliver_input(to);
		if (ret)
			return ret;
		if (READ_ONCE(link.eof) && !READ_ONCE(link.asked))
			return 0;
		if (nonblock)
			return -EAGAIN;
		/* Another reader may have been faster: then ask again. */
		ret =
		    wait_event_interruptible(link.rx_wait, input_ready() || !READ_ONCE(link.asked));
		if (ret)
			return ret;
	}
}

static __poll_t host_stdin_poll(struct file *file, struct poll_table_struct *wait)
{
	poll_wait(file, &link.rx_wait, wait);
	if (!input_ready())
		ask_for_input(RX_SIZE, false);
	return input_ready() ? EPOLLIN | EPOLLRDNORM : 0;
}

/* "exit N": everything written before has left, on either line, when the status does. */
static int send_exit(unsigned int status)
{
	u8 le[4] = {status, status >> 8, status >> 16, status >> 24};
	int err;

	serial_wait_sent();
	err = lock_tx(false);
	if (err)
		return err;
	err = wait_room(sizeof(le), false);
	if (!err)
		put_frame('X', 0, le, sizeof(le));
	mutex_unlock(&link.tx_mutex);
	if (!err)
		err = wait_event_interruptible(link.tx_wait, !uart_pending(&com2));
	if (!err)
		uart_wait_until_sent(&com2, HZ);
	return err;
}

static ssize_t host_ctl_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t n = iov_iter_count(from);
	char line[32] = "";
	unsigned int status;
	int err;

	if (n >= sizeof(line))
		return -EINVAL;
	if (copy_from_iter(line, n, from) != n)
		return -EFAULT;
	if (strncmp(line, "exit ", 5) || kstrtouint(line + 5, 10, &status))
		return -EINVAL;
	err = send_exit(status);
	return err ? err : n;
}

void host_drain(void)
{
	uart_poll_write(&com2, NULL, 0);
}

static const struct file_operations stdin_fops = {
    .open = stream_open,
    .llseek = no_llseek,
    .read_iter = host_stdin_read,
    .poll = host_stdin_poll,
};
static const struct file_operations stdout_fops = {
    .open = stream_open,
    .llseek = no_llseek,
    .write_iter = host_stdout_write,
    .poll = host_out_poll,
};
static const struct file_operations stderr_fops = {
    .open = stream_open,
    .llseek = no_llseek,
    .write_iter = host_stderr_write,
    .poll = host_out_poll,
};
static const struct file_operations trace_fops = {
    .open = stream_open,
    .llseek = no_llseek,
    .write_iter = host_trace_write,
    .poll = host_out_poll,
};
static const struct file_operations ctl_fops = {
    .open = stream_open,
    .llseek = no_llseek,
    .write_iter = host_ctl_write,
};

static struct miscdevice host_devices[] = {
    {.minor = MISC_DYNAMIC_MINOR, .name = "host/stdin", .fops = &stdin_fops, .mode = 0666},
    {.minor = MISC_DYNAMIC_MINOR, .name = "host/stdout", .fops = &stdout_fops, .mode = 0666},
    {.minor = MISC_DYNAMIC_MINOR, .name = "host/stderr", .fops = &stderr_fops, .mode = 0666},
    {.minor = MISC_DYNAMIC_MINOR, .name = "host/trace", .fops = &trace_fops, .mode = 0600},
    {.minor = MISC_DYNAMIC_MINOR, .name = "host/ctl", .fops = &ctl_fops, .mode = 0600},
};

static int __init host_init(void)
{
	unsigned int i;
	int err;

	INIT_WORK(&link.resize_work, link_resize);
	err = uart_startup(&com2);
	if (err == -ENODEV)
		return 0; /* a machine without a link has no /dev/host */
	for (i = 0; i < ARRAY_SIZE(host_devices) && !err; i++)
		err = misc_register(&host_devices[i]);
	return err;
}
device_initcall(host_init);
