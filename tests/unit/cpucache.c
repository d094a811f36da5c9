/* SPDX-License-Identifier: MIT */
/* unit: arch/x86_64/cache.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/x86_64/include */
/*
 * A processor's caches and who shares them, from what CPUID may say; the values are those of
 * processors that exist, and of some that do not.
 */
#include <asm/setup.h>

#include <setjmp.h>
#include <cmocka.h>

/* EAX of a leaf that describes a cache for so many APIC numbers. */
static u32 eax(int type, int level, u32 sharers)
{
	return type | level << 5 | (sharers - 1) << 14;
}

static struct cpu_cache decoded(u32 a, u32 b, u32 sets, u32 apicid)
{
	const u32 regs[4] = {a, b, sets - 1, 0};
	struct cpu_cache c;

	assert_true(cache_from_leaf(regs, apicid, &c));
	return c;
}

static void geometry(void **state)
{
	/* 48 KiB of data for the core's two threads, and 1.25 MiB behind them. */
	struct cpu_cache c = decoded(0x121 | 1 << 14, 0x02c0003f, 64, 5);

	assert_int_equal(c.type, CPU_CACHE_DATA);
	assert_int_equal(c.level, 1);
	assert_int_equal(c.line_size, 64);
	assert_int_equal(c.partitions, 1);
	assert_int_equal(c.ways, 12);
	assert_int_equal(c.sets, 64);
	assert_int_equal(cpu_cache_size(&c), 48 << 10);
	assert_int_equal(c.id, 2);
	c = decoded(0x143, 0x04c0003f, 1024, 5);
	assert_int_equal(c.type, CPU_CACHE_UNIFIED);
	assert_int_equal(c.level, 2);
	assert_int_equal(cpu_cache_size(&c), 1280 << 10);
	assert_int_equal(c.id, 5);
	/* The widest fields. */
	c = decoded(eax(CPU_CACHE_UNIFIED, 3, 4096), ~0U, 1U << 20, 0x12345);
	assert_int_equal(c.line_size, 4096);
	assert_int_equal(c.partitions, 1024);
	assert_int_equal(c.ways, 1024);
	assert_true(cpu_cache_size(&c) == 1UL << 52);
	assert_int_equal(c.id, 0x12);
}

/* Sharers of which there is no power of two have room for one. */
static void sharers(void **state)
{
	static const struct {
		u32 sharers, shift;
	} rooms[] = {{1, 0}, {2, 1}, {3, 2}, {4, 2}, {6, 3}, {8, 3}, {12, 4}, {17, 5}, {128, 7}};

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		for (u32 apicid = 0; apicid < 300; apicid++)
			assert_int_equal(
			    decoded(eax(CPU_CACHE_UNIFIED, 3, rooms[i].sharers), 63, 64, apicid).id,
			    apicid >> rooms[i].shift);
}

static void no_cache(void **state)
{
	const u32 nothing[4] = {0}, beyond[4] = {0x1e4, 63, 63, 0};
	struct cpu_cache c;

	assert_false(cache_from_leaf(nothing, 1, &c));
	assert_false(cache_from_leaf(beyond, 1, &c));
}

/* 64 KiB twice, of two ways; 512 KiB of 16 ways; 6 MiB of 48 ways for the package. */
static void old_leaves(void **state)
{
	const u32 l1[4] = {0, 0, 64 << 24 | 2 << 16 | 1 << 8 | 64,
			   64 << 24 | 2 << 16 | 1 << 8 | 64};
	const u32 l2[4] = {0, 0, 512 << 16 | 8 << 12 | 1 << 8 | 64,
			   12 << 18 | 0xb << 12 | 1 << 8 | 64};
	static const u32 sizes[] = {64 << 10, 64 << 10, 512 << 10, 6 << 20}, ids[] = {7, 7, 7, 1},
			 ways[] = {2, 2, 16, 48}, sets[] = {512, 512, 512, 2048};
	struct cpu_cache c[MAX_CPU_CACHES];

	assert_int_equal(caches_from_old_leaves(l1, l2, 7, 1, c), 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(cpu_cache_size(&c[i]), sizes[i]);
		assert_int_equal(c[i].id, ids[i]);
		assert_int_equal(c[i].ways, ways[i]);
		assert_int_equal(c[i].sets, sets[i]);
		assert_int_equal(c[i].line_size, 64);
	}
	assert_int_equal(c[0].type, CPU_CACHE_DATA);
	assert_int_equal(c[1].type, CPU_CACHE_INSTRUCTION);
	assert_int_equal(c[3].type, CPU_CACHE_UNIFIED);
	assert_int_equal(c[3].level, 3);
}

/* All lines in one set; caches that are off or not there; a line of no length. */
static void odd_old_leaves(void **state)
{
	const u32 all[4] = {0, 0, 32 << 24 | 0xff << 16 | 64, 0}, none[4] = {0};
	const u32 off[4] = {0, 0, 512 << 16 | 0 << 12 | 64, 12 << 18 | 0xf << 12};
	struct cpu_cache c[MAX_CPU_CACHES];

	assert_int_equal(caches_from_old_leaves(none, none, 7, 1, c), 0);
	assert_int_equal(caches_from_old_leaves(all, off, 7, 1, c), 2);
	assert_int_equal(c[0].ways, 512);
	assert_int_equal(c[0].sets, 1);
	assert_int_equal(c[1].level, 3);
	assert_int_equal(cpu_cache_size(&c[1]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(geometry),	      cmocka_unit_test(sharers),
	    cmocka_unit_test(no_cache),	      cmocka_unit_test(old_leaves),
	    cmocka_unit_test(odd_old_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
