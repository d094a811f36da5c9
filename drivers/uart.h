/* SPDX-License-Identifier: MIT */
/*
 * A 16550A serial port (National's PC16550D data sheet), as two drivers share it: serial.c
 * (COM1, the terminal ttyS0) and host.c (COM2, the link). A port has a ring of bytes to send;
 * what comes in goes straight to its owner. uart.c.
 *
 * Serialization rules: port->lock (spin, interrupts off) guards all that changes in the
 * structure and the order of register accesses. The owner's functions are called without it; the
 * three of the receiving side from the interrupt handler, of which one at a time runs.
 */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include <jiffy/interrupt.h>
#include <jiffy/spinlock.h>
#include <jiffy/types.h>

#define UART_TX_SIZE 8192
#define UART_FIFO    16

/* Line control: word length is data bits - 5. */
#define UART_LCR_STOP2	0x04
#define UART_LCR_PARITY 0x08
#define UART_LCR_EVEN	0x10
#define UART_LCR_STICK	0x20
#define UART_LCR_BREAK	0x40
/* Line status, the bits that come with a received byte. */
#define UART_LSR_OE 0x02
#define UART_LSR_PE 0x04
#define UART_LSR_FE 0x08
#define UART_LSR_BI 0x10
/* Modem control. */
#define UART_MCR_DTR  0x01
#define UART_MCR_RTS  0x02
#define UART_MCR_OUT1 0x04
#define UART_MCR_OUT2 0x08 /* gates the interrupt line on a PC */
#define UART_MCR_LOOP 0x10

struct uart_port {
	/* set once, by the owner */
	const char *name;
	u16 base;
	/*
	 * Where an emulator may have a debug console that takes this port's output in its place,
	 * and never refuses a byte: how soon the host reads is then no part of the guest's time. It
	 * is taken when reading the port gives the low byte of its own number.
	 */
	u16 direct;
	unsigned int irq;
	/* Interrupt context. How many bytes the owner can take; 0: until uart_resume_rx(). */
	size_t (*rx_room)(struct uart_port *port);
	void (*rx)(struct uart_port *port, u8 c, u8 lsr); /* a byte came, with these error bits */
	void (*rx_done)(struct uart_port *port);	  /* that was all for now */
	void (*tx_room)(struct uart_port *port); /* any context: much of the ring is free again */
	void *owner;

	bool present;
	bool use_direct;
	spinlock_t lock;
	/* lock */
	u8 tx[UART_TX_SIZE];
	unsigned int head, tail; /* free running */
	u8 ier, mcr, lcr;
	u8 x_char;			  /* goes ahead of the ring; 0: none */
	bool stopped;			  /* the ring rests */
	bool cts_flow;			  /* it also rests while CTS is off, ... */
	bool held;			  /* ... as it was when last looked at */
	struct tasklet_struct tx_tasklet; /* goes on sending where the interrupt left off */
};

/* Finds and starts the port: 0, -ENODEV, or request_irq()'s errors. Task context. */
int uart_startup(struct uart_port *port);
/* Takes what fits and sends it, at once as far as the port is ready. Any context. */
size_t uart_write(struct uart_port *port, const u8 *buf, size_t n);
size_t uart_room(struct uart_port *port);
size_t uart_pending(struct uart_port *port);
void uart_flush(struct uart_port *port); /* forgets what has not been sent */
void uart_set_stopped(struct uart_port *port, bool stopped);
/* Hardware flow control of what is sent, by the other side's CTS. */
void uart_set_cts_flow(struct uart_port *port, bool on);
/* Held back by the other side's CTS: what is pending may never leave. */
bool uart_held(struct uart_port *port);
void uart_send_xchar(struct uart_port *port, u8 c);
void uart_resume_rx(struct uart_port *port); /* after rx_room() was 0 */
/* baud 0: hang up the modem lines. lcr: word length, stop and parity bits. */
void uart_set_line(struct uart_port *port, unsigned int baud, u8 lcr);
void uart_set_break(struct uart_port *port, bool on);
u8 uart_get_msr(struct uart_port *port);
void uart_set_mcr(struct uart_port *port, u8 set, u8 clear);
/* Task context: until the last bit has left, at most timeout jiffies. */
void uart_wait_until_sent(struct uart_port *port, long timeout);
/*
 * For the end of the machine and for log messages: sends s (and first what the ring holds),
 * asking the port and not waiting for interrupts, with a bound on each byte's time. Any
 * context; a lock that a stopped CPU holds is not waited for.
 */
void uart_poll_write(struct uart_port *port, const u8 *s, size_t n);

#endif
