/* SPDX-License-Identifier: MIT */
/* unit: tools/archive.c tools/util.c */
/* The cpio writer: the format's own rules, page-aligned data, and the same bytes each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/archive.h"

#define HEADER 110

struct image {
	char *data;
	size_t size;
};

/* Write @a out and be done with it. */
static struct image write_out(struct archive *a)
{
	int fd = memfd_create("archive", 0);
	struct image im;

	assert_true(fd >= 0);
	archive_write(a, fd);
	archive_free(a);
	im.size = lseek(fd, 0, SEEK_END);
	im.data = malloc(im.size);
	assert_int_equal(pread(fd, im.data, im.size, 0), im.size);
	close(fd);
	return im;
}

static unsigned long field(const char *header, int n)
{
	char digits[9] = "";

	memcpy(digits, header + 6 + n * 8, 8);
	return strtoul(digits, NULL, 16);
}

/* Walk the archive by the format's rules; return the offset of @name's header, or -1. */
static long find(const struct image *im, const char *name, size_t *data, size_t *size)
{
	size_t at = 0, namesize, filesize, body;

	for (;;) {
		assert_true(at + HEADER <= im->size);
		assert_memory_equal(im->data + at, "070701", 6);
		namesize = field(im->data + at, 11);
		filesize = field(im->data + at, 6);
		assert_in_range(namesize, 2, 4096);
		assert_int_equal(im->data[at + HEADER + namesize - 1], '\0');
		assert_int_equal(field(im->data + at, 5), 0); /* mtime */
		body = (at + HEADER + namesize + 3) & ~3UL;
		if (filesize && S_ISREG(field(im->data + at, 1)))
			assert_int_equal(body % 4096, 0);
		if (!strcmp(im->data + at + HEADER, name)) {
			*data = body;
			*size = filesize;
			return at;
		}
		if (!strcmp(im->data + at + HEADER, "TRAILER!!!"))
			return -1;
		at = (body + filesize + 3) & ~3UL;
	}
}

static struct archive *example(void)
{
	struct archive *a = archive_new();

	archive_dir(a, "/usr/bin", 0755, 0, 0);
	archive_symlink(a, "/bin", "usr/bin");
	archive_mem(a, "/bin/tool", 0755, "contents", 8);
	archive_symlink(a, "/abs", "/usr");
	archive_mem(a, "/abs/bin/../lib/x", 0644, "y", 1);
	archive_dir(a, "/tmp", 01777, 0, 0);
	return a;
}

static void links_are_followed(void **state)
{
	struct image im = write_out(example());
	size_t data, size;

	assert_true(find(&im, "usr/bin/tool", &data, &size) >= 0);
	assert_int_equal(size, 8);
	assert_memory_equal(im.data + data, "contents", 8);
	assert_true(find(&im, "usr/lib/x", &data, &size) >= 0);
	assert_true(find(&im, "bin", &data, &size) >= 0);
	assert_memory_equal(im.data + data, "usr/bin", 7);
	assert_int_equal(find(&im, "bin/tool", &data, &size), -1);
	free(im.data);
}

static void first_claim_wins(void **state)
{
	struct archive *a = example();
	struct image im;
	size_t data, size;

	assert_false(archive_mem(a, "/usr/bin/tool", 0644, "other", 5));
	assert_false(archive_symlink(a, "/bin/tool", "busybox"));
	assert_true(archive_dir(a, "/usr", 0755, 0, 0));
	assert_false(archive_dir(a, "/bin/tool", 0755, 0, 0));
	assert_true(archive_has(a, "/bin/tool"));
	assert_false(archive_has(a, "/bin/none"));
	im = write_out(a);
	find(&im, "usr/bin/tool", &data, &size);
	assert_memory_equal(im.data + data, "contents", 8);
	free(im.data);
}

static void same_bytes_each_time(void **state)
{
	struct image one = write_out(example()), two = write_out(example());

	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.data, two.data, one.size);
	free(one.data);
	free(two.data);
}

/* Files of every size around a page's, long names among them: alignment holds for each. */
static void data_begins_on_pages(void **state)
{
	struct archive *a = archive_new();
	char name[600], *bytes = calloc(1, 8192);
	struct image im;
	size_t data, size;

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "/%03d", i);
		memset(name + 4, 'n', i);
		name[4 + i] = '\0';
		archive_mem(a, name, 0644, bytes, 4096 - 150 + i);
	}
	im = write_out(a);
	assert_int_equal(find(&im, "nothing", &data, &size), -1);
	assert_int_equal(im.size % 4096, 0);
	free(im.data);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links_are_followed),
	    cmocka_unit_test(first_claim_wins),
	    cmocka_unit_test(same_bytes_each_time),
	    cmocka_unit_test(data_begins_on_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
