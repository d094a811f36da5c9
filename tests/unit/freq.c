/* SPDX-License-Identifier: MIT */
/* unit: arch/x86_64/freq.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/x86_64/include -fno-pie -no-pie */
/*
 * How fast a CPU ran, from made-up counters: emulators have neither APERF nor MPERF.
 */
#include <asm/freq.h>
#include <asm/processor.h>

#include <setjmp.h>
#include <cmocka.h>

/* What the part asks that is not called here. */
struct cpuinfo_x86 boot_cpu_data;
unsigned long this_cpu_off;

#define RATED	2100 /* MHz */
#define HIGHEST 3500

/* The share after two readings that are so far apart. */
static unsigned long after(u64 aperf, u64 mperf, u64 rated, u64 highest)
{
	struct freq_reading r = {0};

	assert_int_equal(freq_scale_of(&r, 1000, 2000, rated, highest), FULL_SPEED);
	return freq_scale_of(&r, 1000 + aperf, 2000 + mperf, rated, highest);
}

static void shares(void **state)
{
	/* As rated, where that is the highest; half of that; and where more is possible. */
	assert_int_equal(after(5000000, 5000000, 1, 1), FULL_SPEED);
	assert_int_equal(after(2500000, 5000000, 1, 1), FULL_SPEED / 2);
	assert_int_equal(after(2100, 2100, RATED, HIGHEST), FULL_SPEED * RATED / HIGHEST);
	assert_int_equal(after(3500, 2100, RATED, HIGHEST), FULL_SPEED);
	assert_int_equal(after(1750, 2100, RATED, HIGHEST), FULL_SPEED / 2);
	/* One third, rounded once. */
	assert_int_equal(after(1, 3, 1, 1), FULL_SPEED / 3);
	assert_int_equal(after(1, 1, 1, 3), FULL_SPEED / 3);
}

static void cut_off(void **state)
{
	assert_int_equal(after(6000, 5000, 1, 1), FULL_SPEED);
	assert_int_equal(after(6000, 2100, RATED, HIGHEST), FULL_SPEED);
	assert_int_equal(after(1, 5000000, 1, 1), 1);
	assert_int_equal(after(~0ULL >> 1, 1, 1, 1), FULL_SPEED);
	assert_int_equal(after(~0ULL >> 1, 1, RATED, HIGHEST), FULL_SPEED);
}

/* A day and more between two readings: products beyond 64 bits, one of them 2^64 itself. */
static void far_apart(void **state)
{
	assert_int_equal(after(1ULL << 62, 1ULL << 62, 1, 4), FULL_SPEED / 4);
	assert_int_equal(after(1ULL << 61, 1ULL << 62, 1, 4), FULL_SPEED / 8);
	assert_int_equal(after(3ULL << 60, 1ULL << 62, 2100, 4200), FULL_SPEED * 3 / 8);
}

/* Asleep, wrapped or set back: the share stays, and the next reading counts from there. */
static void says_nothing(void **state)
{
	struct freq_reading r = {0};

	assert_int_equal(freq_scale_of(&r, 100, 100, 1, 1), FULL_SPEED);
	assert_int_equal(freq_scale_of(&r, 1100, 2100, 1, 1), FULL_SPEED / 2);
	assert_int_equal(freq_scale_of(&r, 1100, 2100, 1, 1), FULL_SPEED / 2);
	assert_int_equal(freq_scale_of(&r, 1200, 2100, 1, 1), FULL_SPEED / 2);
	assert_int_equal(freq_scale_of(&r, 1200, 2200, 1, 1), FULL_SPEED / 2);
	assert_int_equal(freq_scale_of(&r, 5, 2300, 1, 1), FULL_SPEED / 2);
	assert_int_equal(freq_scale_of(&r, 10, 3, 1, 1), FULL_SPEED / 2);
	assert_int_equal(freq_scale_of(&r, 1034, 4099, 1, 1), FULL_SPEED / 4);
	assert_int_equal(freq_scale_of(&r, ~0ULL, ~0ULL, 1, 1), FULL_SPEED);
	assert_int_equal(freq_scale_of(&r, 8, 8, 1, 1), FULL_SPEED);
	assert_int_equal(freq_scale_of(&r, 264, 520, 1, 1), FULL_SPEED / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shares),
	    cmocka_unit_test(cut_off),
	    cmocka_unit_test(far_apart),
	    cmocka_unit_test(says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
