/* SPDX-License-Identifier: MIT */
/* The last bytes of a text that may grow without end. */
#ifndef TOOLS_RING_H
#define TOOLS_RING_H

#include <stddef.h>
#include <stdio.h>

struct ring {
	char *data;
	size_t size;  /* bytes it can hold */
	size_t next;  /* where the next byte goes */
	size_t count; /* bytes it holds */
};

void ring_init(struct ring *r, size_t size);

/* ring_put - append @len bytes, over the oldest ones when there is no room. */
void ring_put(struct ring *r, const char *data, size_t len);

/* ring_write - write what is held, oldest first, to @to; carriage returns are left out. */
void ring_write(const struct ring *r, FILE *to);

void ring_release(struct ring *r);

#endif
