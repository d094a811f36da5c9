/* SPDX-License-Identifier: MIT */
/*
 * The link: frames over the guest's second serial port, through which it
 * reaches our standard input and output. A frame is
 *
 *	u8 type, u8 stream, u16 length (little-endian), then that many bytes.
 *
 * Guest to host:
 *	'W' stream 1 or 2: bytes for our standard output or error; 3: of the trace.
 *	'R' stream 0: u16, how many bytes of our standard input it wants at most. Input is read
 *	    only when asked for: what the program leaves unread stays for whoever reads next.
 *	'X': u32, the program's exit status, 0 to 255.
 * Host to guest:
 *	'D' stream 0: the answer to 'R'; no bytes mean the end of the file.
 *	'S': four u16, the terminal's rows, columns, width and height in pixels.
 *
 * This file is the decoder and the encoders: bytes in and out, no descriptors.
 */
#ifndef TOOLS_LINK_H
#define TOOLS_LINK_H

#include <stddef.h>
#include <sys/ioctl.h>

#define LINK_HEADER	  4
#define LINK_MAX_DATA	  0xffff
#define LINK_STREAM_TRACE 3

enum link_type {
	LINK_WRITE = 'W',
	LINK_READ = 'R',
	LINK_EXIT = 'X',
	LINK_DATA = 'D',
	LINK_WINDOW = 'S',
};

/* What the decoder calls with each whole frame. */
struct link_ops {
	void (*write)(void *arg, unsigned int stream, const void *data, size_t len);
	void (*read)(void *arg, unsigned int max);
	void (*exit)(void *arg, unsigned int status);
};

struct link_decoder {
	unsigned char header[LINK_HEADER];
	unsigned char data[LINK_MAX_DATA];
	size_t have; /* bytes of the frame under way, its header included */
};

/*
 * link_feed - decode @len bytes as they came.
 * Return 0, or -EPROTO for a frame that the guest may not send: nothing after it has a meaning.
 */
int link_feed(struct link_decoder *d, const void *bytes, size_t len, const struct link_ops *ops,
	      void *arg);

/* link_put_data - encode a 'D' of @len bytes at @data into @out; return its length in bytes. */
size_t link_put_data(unsigned char *out, const void *data, size_t len);

/* link_put_window - encode an 'S' into @out, of LINK_HEADER + 8 bytes at least; return its length.
 */
size_t link_put_window(unsigned char *out, const struct winsize *ws);

#endif
