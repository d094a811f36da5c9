/* SPDX-License-Identifier: MIT */
/*
 * Bytes on their way to a descriptor that may not take them yet. The session
 * puts in what it gets, polls for room, and stops reading at the source while
 * sink_full(): a slow reader slows the guest, it does not fill our memory.
 */
#ifndef TOOLS_SINK_H
#define TOOLS_SINK_H

#include <stdbool.h>
#include <stddef.h>

#define SINK_HIGH_WATER (64 * 1024)

struct sink {
	int fd;	      /* -1: nobody listens, bytes are dropped */
	size_t chunk; /* most bytes that one write may carry without blocking */
	char *data;
	size_t at;   /* first byte not yet written */
	size_t end;  /* one past the last byte */
	size_t room; /* allocated */
};

/* sink_put - append @len bytes. */
void sink_put(struct sink *s, const void *data, size_t len);

/* sink_drain - write what goes without blocking; return 0 or the negative errno of write(2). */
int sink_drain(struct sink *s);

static inline size_t sink_pending(const struct sink *s)
{
	return s->end - s->at;
}

static inline bool sink_full(const struct sink *s)
{
	return sink_pending(s) >= SINK_HIGH_WATER;
}

#endif
