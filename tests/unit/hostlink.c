/* SPDX-License-Identifier: MIT */
/* unit: tools/link.c */
/* The link's frames: whole, in pieces of every size, and broken. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tools/link.h"

static char heard[512];

static void heard_write(void *arg, unsigned int stream, const void *data, size_t len)
{
	size_t n = strlen(heard);

	snprintf(heard + n, sizeof(heard) - n, "W%u:%.*s ", stream, (int)len, (const char *)data);
}

static void heard_read(void *arg, unsigned int max)
{
	size_t n = strlen(heard);

	snprintf(heard + n, sizeof(heard) - n, "R%u ", max);
}

static void heard_exit(void *arg, unsigned int status)
{
	size_t n = strlen(heard);

	snprintf(heard + n, sizeof(heard) - n, "X%u ", status);
}

static const struct link_ops ops = {heard_write, heard_read, heard_exit};

static const unsigned char talk[] = "W\1\3\0outW\2\0\0R\0\2\0\0\20W\2\3\0errX\0\4\0\377\0\0\0";

static void in_pieces_of_any_size(void **state)
{
	static struct link_decoder d;

	for (size_t piece = 1; piece < sizeof(talk); piece++) {
		memset(&d, 0, sizeof(d));
		heard[0] = '\0';
		for (size_t at = 0; at < sizeof(talk) - 1; at += piece) {
			size_t left = sizeof(talk) - 1 - at;

			assert_int_equal(
			    link_feed(&d, talk + at, left < piece ? left : piece, &ops, NULL), 0);
		}
		assert_string_equal(heard, "W1:out W2: R4096 W2:err X255 ");
		assert_int_equal(d.have, 0);
	}
}

static void refuse(const void *bytes, size_t len)
{
	static struct link_decoder d;

	memset(&d, 0, sizeof(d));
	assert_int_equal(link_feed(&d, bytes, len, &ops, NULL), -EPROTO);
}

static void broken_frames(void **state)
{
	refuse("Q\0\0\0", 4);
	refuse("W\0\0\0", 4);
	refuse("W\4\0\0", 4);
	refuse("R\0\1\0x", 5);
	refuse("X\0\2\0xx", 6);
	refuse("X\0\4\0\0\1\0\0", 8);
	refuse("D\0\0\0", 4);
}

static void largest_frame(void **state)
{
	static struct link_decoder d;
	static unsigned char frame[LINK_HEADER + LINK_MAX_DATA];

	frame[0] = 'W';
	frame[1] = 1;
	frame[2] = frame[3] = 0xff;
	heard[0] = '\0';
	assert_int_equal(link_feed(&d, frame, sizeof(frame), &ops, NULL), 0);
	assert_string_equal(heard, "W1: ");
}

static void encoders(void **state)
{
	struct winsize ws = {.ws_row = 24, .ws_col = 0x150, .ws_xpixel = 1, .ws_ypixel = 0xffff};
	unsigned char out[32];

	assert_int_equal(link_put_data(out, "ab", 2), 6);
	assert_memory_equal(out, "D\0\2\0ab", 6);
	assert_int_equal(link_put_data(out, "", 0), 4);
	assert_memory_equal(out, "D\0\0\0", 4);
	assert_int_equal(link_put_window(out, &ws), 12);
	assert_memory_equal(out, "S\0\10\0\30\0\120\1\1\0\377\377", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_pieces_of_any_size),
	    cmocka_unit_test(broken_frames),
	    cmocka_unit_test(largest_frame),
	    cmocka_unit_test(encoders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
