/* SPDX-License-Identifier: MIT */
/* unit: tools/ldpath.c tools/file.c tools/util.c */
/* The linker's cache: this host's own, and caches that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/file.h"
#include "tools/ldpath.h"

#define HEADER 48
#define ENTRY  24

static unsigned char cache[HEADER + 2 * ENTRY + 32];

static void put32(size_t at, uint32_t v)
{
	memcpy(cache + at, &v, sizeof(v));
}

/* Two entries of one name: a variant for certain processors, and the plain one. */
static void build(void)
{
	memset(cache, 0, sizeof(cache));
	memcpy(cache, "glibc-ld.so.cache1.1", 20);
	put32(20, 2);
	for (int i = 0; i < 2; i++) {
		put32(HEADER + i * ENTRY, 0x303);
		put32(HEADER + i * ENTRY + 4, HEADER + 2 * ENTRY);
		put32(HEADER + i * ENTRY + 8, HEADER + 2 * ENTRY + (i ? 16 : 8));
	}
	put32(HEADER + 16, 1);
	memcpy(cache + HEADER + 2 * ENTRY, "libx\0\0\0\0/hw/x\0\0\0/lib/x", 22);
}

static bool keep(const char *path, void *arg)
{
	strncpy(arg, path, 63);
	return true;
}

static bool look(size_t size, char *found)
{
	unsigned char *copy = malloc(size ? size : 1);
	bool ok;

	memcpy(copy, cache, size);
	ok = ldcache_each(copy, size, "libx", keep, found);
	free(copy);
	return ok;
}

static void finds_the_plain_one(void **state)
{
	char found[64] = "";

	build();
	assert_true(look(sizeof(cache), found));
	assert_string_equal(found, "/lib/x");
}

static void survives_lies(void **state)
{
	static const uint32_t values[] = {0, 1, 0x7fffffff, 0xffffffff, sizeof(cache)};
	char found[64];

	for (size_t size = 0; size < sizeof(cache); size++) {
		build();
		look(size, found);
	}
	for (size_t at = 0; at + 4 <= sizeof(cache); at += 4) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			build();
			put32(at, values[i]);
			look(sizeof(cache), found);
		}
	}
}

static void survives_an_old_table(void **state)
{
	static const uint32_t counts[] = {0, 1, 0x10000000, 0xffffffff};
	char found[64];

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		build();
		memcpy(cache, "ld.so-1.7.0", 12);
		put32(12, counts[i]);
		assert_false(look(sizeof(cache), found));
	}
}

static void finds_this_hosts_libc(void **state)
{
	char found[64] = "";

	assert_true(ldpath_each("libc.so.6", keep, found));
	assert_int_equal(access(found, R_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_plain_one),
	    cmocka_unit_test(survives_lies),
	    cmocka_unit_test(survives_an_old_table),
	    cmocka_unit_test(finds_this_hosts_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
