/* SPDX-License-Identifier: MIT */
/*
 * What the host link asks of the serial terminal.
 */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

struct winsize;

/* The window that shows ttyS0 has this size from now on: SIGWINCH. Task context. */
void serial_resize(const struct winsize *ws);
/* Sleeps until everything written has been sent, or a signal comes. */
void serial_wait_sent(void);

#endif
