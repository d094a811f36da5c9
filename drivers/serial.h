/* SPDX-License-Identifier: MIT */
/*
 * What the host link asks of the serial terminal.
 */
#ifndef DRIVERS_SERIAL_H
#define DRIVERS_SERIAL_H

struct winsize;

/* The window that shows ttyS0 has another size: SIGWINCH. -ENXIO while nobody has it open. */
int serial_resize(const struct winsize *ws);
/* Sends, by polling, what is still in the ring. Any context. */
void serial_drain(void);

#endif
