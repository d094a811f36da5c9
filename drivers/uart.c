/* SPDX-License-Identifier: MIT */
/*
 * The 16550A itself. See uart.h.
 *
 * An emulated port is ready again as soon as it has taken a byte, so sending straight from
 * uart_write() saves an interrupt per 16 bytes; on a slow line the first test of the status
 * register hands the rest over to the transmit interrupt. No more than SEND_BURST bytes go out
 * under the lock at a time, since interrupts are off there.
 */
#include <arch/boot.h>
#include <jiffy/errno.h>
#include <jiffy/kernel.h>
#include <jiffy/ktime.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>
#include "uart.h"

#define UART_RBR 0 /* received; written: to send */
#define UART_DLL 0 /* divisor, with LCR_DLAB */
#define UART_IER 1
#define UART_DLM 1
#define UART_IIR 2 /* written: FIFO control */
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define UART_SCR 7

#define IER_RX	      0x01
#define IER_TX	      0x02
#define IER_LINE      0x04
#define IER_MODEM     0x08
#define MSR_CTS	      0x10
#define IIR_NONE      0x01
#define FCR_ON_CLEAR  0x07 /* FIFOs on, both emptied */
#define FCR_TRIGGER_8 0x80 /* an interrupt at 8 bytes or a short pause */
#define LCR_DLAB      0x80
#define LSR_DR	      0x01
#define LSR_THRE      0x20 /* the FIFO is empty */
#define LSR_TEMT      0x40 /* and so is the shift register */

#define BASE_BAUD  115200
#define SEND_BURST 64
#define IRQ_PASSES 64
#define RX_BUDGET  256
#define WAKE_BELOW (UART_TX_SIZE / 4)
#define POLL_SPINS 100000 /* longer than a byte takes at 300 baud on any machine */
#define LOCK_SPINS 1000000

static u8 reg(struct uart_port *port, int r)
{
	return inb(port->base + r);
}

static void set_reg(struct uart_port *port, int r, u8 v)
{
	outb(v, port->base + r);
}

static void set_ier(struct uart_port *port, u8 ier)
{
	lockdep_assert_held(&port->lock);
	if (ier != port->ier) {
		port->ier = ier;
		set_reg(port, UART_IER, ier);
	}
}

static bool ready_to_send(struct uart_port *port)
{
	return port->use_direct || (reg(port, UART_LSR) & LSR_THRE);
}

static void put_bytes(struct uart_port *port, const u8 *s, size_t n)
{
	outsb(port->use_direct ? port->direct : port->base + UART_RBR, s, n);
}

/* One FIFO's worth, if the FIFO is empty: how much. */
static size_t send_fifo(struct uart_port *port)
{
	size_t at = port->tail % UART_TX_SIZE, n;

	if (!ready_to_send(port))
		return 0;
	if (port->x_char) {
		put_bytes(port, &port->x_char, 1);
		port->x_char = 0;
		return 1;
	}
	n = min_t(size_t, port->head - port->tail, UART_TX_SIZE - at);
	n = min_t(size_t, n, UART_FIFO);
	if (port->stopped || port->held || !n)
		return 0;
	put_bytes(port, port->tx + at, n);
	port->tail += n;
	return n;
}

static bool something_to_send(struct uart_port *port)
{
	return port->x_char || (!port->stopped && !port->held && port->head != port->tail);
}

/* A change of CTS is told by an interrupt, except in the chip's loop, where it is our own RTS. */
static void look_at_cts(struct uart_port *port)
{
	lockdep_assert_held(&port->lock);
	port->held = port->cts_flow && !(reg(port, UART_MSR) & MSR_CTS);
}

/* Sends a burst; the transmit interrupt is on exactly while the port was not ready for more. */
static bool send_burst(struct uart_port *port)
{
	size_t sent = 0, n = 1;

	lockdep_assert_held(&port->lock);
	look_at_cts(port);
	while (something_to_send(port) && sent < SEND_BURST && (n = send_fifo(port)))
		sent += n;
	if (!something_to_send(port))
		set_ier(port, port->ier & ~IER_TX);
	else if (!n)
		set_ier(port, port->ier | IER_TX);
	return something_to_send(port) && n;
}

static void send_all(struct uart_port *port)
{
	unsigned long flags;
	bool more;

	do {
		spin_lock_irqsave(&port->lock, flags);
		more = send_burst(port);
		spin_unlock_irqrestore(&port->lock, flags);
	} while (more);
}

size_t uart_write(struct uart_port *port, const u8 *buf, size_t n)
{
	unsigned long flags;
	size_t done = 0, run, at;

	spin_lock_irqsave(&port->lock, flags);
	n = min_t(size_t, n, UART_TX_SIZE - (port->head - port->tail));
	while (done < n) {
		at = port->head % UART_TX_SIZE;
		run = min_t(size_t, n - done, UART_TX_SIZE - at);
		memcpy(port->tx + at, buf + done, run);
		port->head += run;
		done += run;
	}
	spin_unlock_irqrestore(&port->lock, flags);
	send_all(port);
	return n;
}

size_t uart_room(struct uart_port *port)
{
	return UART_TX_SIZE - uart_pending(port);
}

size_t uart_pending(struct uart_port *port)
{
	unsigned long flags;
	size_t n;

	spin_lock_irqsave(&port->lock, flags);
	n = port->head - port->tail;
	spin_unlock_irqrestore(&port->lock, flags);
	return n;
}

void uart_flush(struct uart_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->tail = port->head;
	spin_unlock_irqrestore(&port->lock, flags);
}

void uart_set_stopped(struct uart_port *port, bool stopped)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->stopped = stopped;
	spin_unlock_irqrestore(&port->lock, flags);
	send_all(port);
}

void uart_set_cts_flow(struct uart_port *port, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->cts_flow = on;
	set_ier(port, on ? port->ier | IER_MODEM : port->ier & ~IER_MODEM);
	spin_unlock_irqrestore(&port->lock, flags);
	send_all(port);
}

bool uart_held(struct uart_port *port)
{
	return READ_ONCE(port->held);
}

void uart_send_xchar(struct uart_port *port, u8 c)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->x_char = c;
	spin_unlock_irqrestore(&port->lock, flags);
	send_all(port);
}

void uart_resume_rx(struct uart_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	set_ier(port, port->ier | IER_RX | IER_LINE);
	spin_unlock_irqrestore(&port->lock, flags);
}

/*
 * Takes bytes out of the FIFO until it is empty or the owner has no room. Then the rest stays
 * where it is, with the interrupt off, and the full FIFO holds the sender back. True when
 * something was taken.
 */
static bool receive(struct uart_port *port)
{
	size_t room = min_t(size_t, port->rx_room(port), RX_BUDGET), taken = 0;
	unsigned long flags;
	u8 lsr;

	while (taken < room && ((lsr = reg(port, UART_LSR)) & LSR_DR)) {
		port->rx(port, reg(port, UART_RBR), lsr);
		taken++;
	}
	if (!room) {
		spin_lock_irqsave(&port->lock, flags);
		set_ier(port, port->ier & ~(IER_RX | IER_LINE));
		spin_unlock_irqrestore(&port->lock, flags);
	}
	return taken > 0;
}

static void tell_room(struct uart_port *port)
{
	if (READ_ONCE(port->head) - READ_ONCE(port->tail) < WAKE_BELOW && port->tx_room)
		port->tx_room(port);
}

/* With nothing to interrupt for the line falls; what there is raises it again. */
static void make_edge(struct uart_port *port)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	set_reg(port, UART_IER, 0);
	set_reg(port, UART_IER, port->ier);
	spin_unlock_irqrestore(&port->lock, flags);
}

static void tx_tasklet(unsigned long data)
{
	struct uart_port *port = (struct uart_port *)data;

	send_all(port);
	tell_room(port);
}

/*
 * The line is edge-triggered: leaving with a cause still pending would mean no interrupt ever
 * again. So it goes on until the port names none, or makes an edge of what is left for later; what a
 * port that is always ready would take is sent by the tasklet, with interrupts on, and the transmit
 * cause is off until then.
 */
static irqreturn_t uart_interrupt(int irq, void *dev)
{
	struct uart_port *port = dev;
	int passes = IRQ_PASSES;
	bool received = false, more;
	unsigned long flags;

	if (reg(port, UART_IIR) & IIR_NONE)
		return IRQ_NONE;
	do {
		if (READ_ONCE(port->ier) & IER_RX)
			received = receive(port) || received;
		reg(port, UART_MSR); /* reading it ends a modem interrupt */
		spin_lock_irqsave(&port->lock, flags);
		more = send_burst(port);
		if (more)
			set_ier(port, port->ier & ~IER_TX);
		spin_unlock_irqrestore(&port->lock, flags);
		if (more)
			tasklet_schedule(&port->tx_tasklet);
	} while (!(reg(port, UART_IIR) & IIR_NONE) && --passes);
	if (!passes)
		make_edge(port);
	if (received && port->rx_done)
		port->rx_done(port);
	tell_room(port);
	return IRQ_HANDLED;
}

void uart_set_line(struct uart_port *port, unsigned int baud, u8 lcr)
{
	unsigned int divisor = baud ? clamp(BASE_BAUD / baud, 1U, 0xffffU) : 1;
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	set_reg(port, UART_LCR, lcr | LCR_DLAB);
	set_reg(port, UART_DLL, divisor & 0xff);
	set_reg(port, UART_DLM, divisor >> 8);
	port->lcr = lcr;
	set_reg(port, UART_LCR, lcr);
	port->mcr = baud ? port->mcr | UART_MCR_DTR | UART_MCR_RTS
			 : port->mcr & ~(UART_MCR_DTR | UART_MCR_RTS);
	set_reg(port, UART_MCR, port->mcr);
	spin_unlock_irqrestore(&port->lock, flags);
}

void uart_set_break(struct uart_port *port, bool on)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->lcr = on ? port->lcr | UART_LCR_BREAK : port->lcr & ~UART_LCR_BREAK;
	set_reg(port, UART_LCR, port->lcr);
	spin_unlock_irqrestore(&port->lock, flags);
}

u8 uart_get_msr(struct uart_port *port)
{
	return reg(port, UART_MSR);
}

void uart_set_mcr(struct uart_port *port, u8 set, u8 clear)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	port->mcr = (port->mcr & ~clear) | set;
	set_reg(port, UART_MCR, port->mcr);
	spin_unlock_irqrestore(&port->lock, flags);
	if (READ_ONCE(port->cts_flow))
		send_all(port);
}

void uart_wait_until_sent(struct uart_port *port, long timeout)
{
	unsigned long end = jiffies + timeout;

	while (!(reg(port, UART_LSR) & LSR_TEMT) && time_before(jiffies, end))
		schedule_timeout_interruptible(1);
}

/* A port that is not there reads as all ones, and remembers nothing. */
static bool uart_exists(struct uart_port *port)
{
	set_reg(port, UART_SCR, 0x5a);
	if (reg(port, UART_SCR) != 0x5a)
		return false;
	set_reg(port, UART_SCR, 0xa5);
	return reg(port, UART_SCR) == 0xa5;
}

int uart_startup(struct uart_port *port)
{
	int err;

	if (port->present)
		return 0;
	if (!uart_exists(port))
		return -ENODEV;
	spin_lock_init(&port->lock);
	tasklet_init(&port->tx_tasklet, tx_tasklet, (unsigned long)port);
	set_reg(port, UART_IER, 0);
	set_reg(port, UART_IIR, FCR_ON_CLEAR | FCR_TRIGGER_8);
	port->use_direct = port->direct && inb(port->direct) == (port->direct & 0xff);
	port->mcr = UART_MCR_OUT2;
	uart_set_line(port, BASE_BAUD, 3);
	reg(port, UART_LSR);
	reg(port, UART_RBR);
	reg(port, UART_IIR);
	reg(port, UART_MSR);
	port->present = true;
	err = request_irq(port->irq, uart_interrupt, 0, port->name, port);
	if (err) {
		port->present = false;
		return err;
	}
	uart_resume_rx(port);
	return 0;
}

/* False when the port does not get ready: nobody takes what it sends. */
static bool poll_byte(struct uart_port *port, u8 c)
{
	int spins = POLL_SPINS;

	while (!ready_to_send(port)) {
		if (!spins--)
			return false;
		cpu_relax();
	}
	put_bytes(port, &c, 1);
	return true;
}

void uart_poll_write(struct uart_port *port, const u8 *s, size_t n)
{
	unsigned long flags;
	int spins = LOCK_SPINS;
	bool locked, ready = true;

	if (!port->present)
		return;
	local_irq_save(flags);
	while (!(locked = spin_trylock(&port->lock)) && spins--)
		cpu_relax();
	while (ready && port->head != port->tail)
		ready = poll_byte(port, port->tx[port->tail++ % UART_TX_SIZE]);
	while (ready && n--)
		ready = poll_byte(port, *s++);
	for (spins = POLL_SPINS; !(reg(port, UART_LSR) & LSR_TEMT) && spins; spins--)
		cpu_relax();
	if (locked)
		spin_unlock(&port->lock);
	local_irq_restore(flags);
}
