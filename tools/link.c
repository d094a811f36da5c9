/* SPDX-License-Identifier: MIT */
/* The link's frames; see link.h. */
#include <errno.h>
#include <string.h>

#include "link.h"

static unsigned int get_le16(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

static void put_le16(unsigned char *p, unsigned int v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static int deliver(struct link_decoder *d, const struct link_ops *ops, void *arg)
{
	unsigned int stream = d->header[1];
	size_t len = get_le16(d->header + 2);

	switch (d->header[0]) {
	case LINK_WRITE:
		if (stream < 1 || stream > LINK_STREAM_TRACE)
			return -EPROTO;
		ops->write(arg, stream, d->data, len);
		return 0;
	case LINK_READ:
		if (stream || len != 2)
			return -EPROTO;
		ops->read(arg, get_le16(d->data));
		return 0;
	case LINK_EXIT:
		if (len != 4 || d->data[1] || d->data[2] || d->data[3])
			return -EPROTO;
		ops->exit(arg, d->data[0]);
		return 0;
	default:
		return -EPROTO;
	}
}

int link_feed(struct link_decoder *d, const void *bytes, size_t len, const struct link_ops *ops,
	      void *arg)
{
	const unsigned char *p = bytes;
	size_t whole, n;
	int err;

	while (len) {
		if (d->have < LINK_HEADER) {
			d->header[d->have++] = *p++;
			len--;
		} else {
			whole = LINK_HEADER + get_le16(d->header + 2);
			n = whole - d->have < len ? whole - d->have : len;
			memcpy(d->data + d->have - LINK_HEADER, p, n);
			d->have += n;
			p += n;
			len -= n;
		}
		if (d->have < LINK_HEADER ||
		    d->have < LINK_HEADER + (size_t)get_le16(d->header + 2))
			continue;
		d->have = 0;
		err = deliver(d, ops, arg);
		if (err)
			return err;
	}
	return 0;
}

size_t link_put_data(unsigned char *out, const void *data, size_t len)
{
	out[0] = LINK_DATA;
	out[1] = 0;
	put_le16(out + 2, len);
	memcpy(out + LINK_HEADER, data, len);
	return LINK_HEADER + len;
}

size_t link_put_window(unsigned char *out, const struct winsize *ws)
{
	out[0] = LINK_WINDOW;
	out[1] = 0;
	put_le16(out + 2, 8);
	put_le16(out + 4, ws->ws_row);
	put_le16(out + 6, ws->ws_col);
	put_le16(out + 8, ws->ws_xpixel);
	put_le16(out + 10, ws->ws_ypixel);
	return LINK_HEADER + 8;
}
