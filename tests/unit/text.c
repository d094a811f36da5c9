/* SPDX-License-Identifier: MIT */
/* unit: lib/string.c lib/vsprintf.c lib/bitmap.c tests/unit/shim.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -Itests/unit */
/*
 * Numbers and CPU lists out of text and back, good ones and bad ones.
 */
#include <jiffy/bitops.h>
#include <jiffy/err.h>
#include <jiffy/string.h>

#include <setjmp.h>
#include <cmocka.h>

static void numbers(void **state)
{
	unsigned long long u;
	long long l;
	int i;

	assert_int_equal(kstrtoull("18446744073709551615\n", 10, &u), 0);
	assert_true(u == ~0ULL);
	assert_int_equal(kstrtoull("18446744073709551616", 10, &u), -ERANGE);
	assert_int_equal(kstrtoull("0x1F", 0, &u), 0);
	assert_int_equal(u, 31);
	assert_int_equal(kstrtoull("017", 0, &u), 0);
	assert_int_equal(u, 15);
	assert_int_equal(kstrtoull("", 0, &u), -EINVAL);
	assert_int_equal(kstrtoull("12x", 0, &u), -EINVAL);
	assert_int_equal(kstrtoull("-1", 0, &u), -EINVAL);
	assert_int_equal(kstrtoll("-9223372036854775808", 0, &l), 0);
	assert_true(l == INT64_MIN);
	assert_int_equal(kstrtoll("9223372036854775808", 0, &l), -ERANGE);
	assert_int_equal(kstrtoint("-2147483648", 0, &i), 0);
	assert_int_equal(kstrtoint("2147483648", 0, &i), -ERANGE);
}

static void sizes(void **state)
{
	char *end;

	assert_true(memparse("512M,", &end) == 512ULL << 20);
	assert_int_equal(*end, ',');
	assert_true(memparse("0x10k", NULL) == 16384);
	assert_true(memparse("7", &end) == 7);
	assert_int_equal(*end, '\0');
	assert_true(memparse("99999999999999999999", NULL) == ~0ULL);
}

static void lists(void **state)
{
	static const char *const good[] = {"", "0", "0-3", "0-1,3,5-7,63", "64,127"};
	static const char *const bad[] = {"a", "1-", "-1", "3-1", "1,,2", "1 2"};
	DECLARE_BITMAP(map, 128);
	char text[256];

	for (unsigned int i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(bitmap_parse_list(good[i], map, 128), 0);
		bitmap_print_list(text, sizeof(text), map, 128);
		assert_string_equal(text, good[i]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(bitmap_parse_list(bad[i], map, 128), -EINVAL);
	assert_int_equal(bitmap_parse_list("128", map, 128), -ERANGE);
	assert_int_equal(bitmap_parse_list("99999999999", map, 128), -ERANGE);
}

static void hex(void **state)
{
	DECLARE_BITMAP(map, 68);
	char text[64];

	assert_int_equal(bitmap_parse_hex("f,00000000,00000001\n", map, 68), 0);
	assert_int_equal(bitmap_weight(map, 68), 5);
	bitmap_print_hex(text, sizeof(text), map, 68);
	assert_string_equal(text, "f,00000000,00000001");
	assert_int_equal(bitmap_parse_hex("1f,00000000,00000000", map, 68), -ERANGE);
	assert_int_equal(bitmap_parse_hex("g", map, 68), -EINVAL);
	assert_int_equal(bitmap_parse_hex("", map, 68), -EINVAL);
}

static void searches(void **state)
{
	DECLARE_BITMAP(map, 130);

	bitmap_zero(map, 130);
	assert_int_equal(find_first_bit(map, 130), 130);
	assert_int_equal(find_last_bit(map, 130), 130);
	__set_bit(129, map);
	assert_int_equal(find_first_bit(map, 130), 129);
	assert_int_equal(find_last_bit(map, 130), 129);
	assert_int_equal(find_next_bit(map, 129, 0), 129);
	bitmap_fill(map, 130);
	assert_int_equal(find_first_zero_bit(map, 130), 130);
	__clear_bit(64, map);
	assert_int_equal(find_next_zero_bit(map, 130, 3), 64);
	assert_int_equal(bitmap_weight(map, 130), 129);
}

static void copies(void **state)
{
	char b[4];

	assert_int_equal(strscpy(b, "abc", 4), 3);
	assert_int_equal(strscpy(b, "abcd", 4), -E2BIG);
	assert_string_equal(b, "abc");
	assert_int_equal(scnprintf(b, 4, "%d", 12345), 3);
	assert_string_equal(b, "123");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers), cmocka_unit_test(sizes),	   cmocka_unit_test(lists),
	    cmocka_unit_test(hex),     cmocka_unit_test(searches), cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
