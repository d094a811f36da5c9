/* SPDX-License-Identifier: MIT */
/* Output buffers; see sink.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "jiffy.h"
#include "sink.h"

void sink_put(struct sink *s, const void *data, size_t len)
{
	if (s->fd < 0)
		return;
	if (s->at == s->end)
		s->at = s->end = 0;
	if (s->end + len > s->room) {
		if (s->at)
			memmove(s->data, s->data + s->at, s->end - s->at);
		s->end -= s->at;
		s->at = 0;
		if (s->end + len > s->room) {
			s->room = (s->end + len) * 2;
			s->data = xrealloc(s->data, s->room);
		}
	}
	memcpy(s->data + s->end, data, len);
	s->end += len;
}

int sink_drain(struct sink *s)
{
	size_t n = sink_pending(s) < s->chunk ? sink_pending(s) : s->chunk;
	ssize_t done;

	if (!n)
		return 0;
	done = write(s->fd, s->data + s->at, n);
	if (done < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	s->at += done;
	return 0;
}
