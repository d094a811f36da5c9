/* SPDX-License-Identifier: MIT */
/* The bounded text; see ring.h. */
#include <stdlib.h>

#include "jiffy.h"
#include "ring.h"

void ring_init(struct ring *r, size_t size)
{
	r->data = xmalloc(size);
	r->size = size;
	r->next = r->count = 0;
}

void ring_put(struct ring *r, const char *data, size_t len)
{
	for (; len; len--) {
		r->data[r->next] = *data++;
		r->next = (r->next + 1) % r->size;
		if (r->count < r->size)
			r->count++;
	}
}

void ring_write(const struct ring *r, FILE *to)
{
	size_t at = (r->next + r->size - r->count) % r->size;

	for (size_t n = r->count; n; n--) {
		if (r->data[at] != '\r')
			fputc(r->data[at], to);
		at = (at + 1) % r->size;
	}
	fflush(to);
}

void ring_release(struct ring *r)
{
	free(r->data);
}
