/* SPDX-License-Identifier: MIT */
/* unit: lib/xarray.c lib/bitmap.c lib/string.c tests/unit/shim.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -Itests/unit */
/*
 * The xarray against a plain array, the search for free numbers, and every allocation failing.
 */
#include <jiffy/err.h>
#include <jiffy/slab.h>
#include <jiffy/xarray.h>
#include <stdlib.h>

#include <setjmp.h>
#include <cmocka.h>

#include "shim.h"

#define N 5000
static void *model[N];

static void *entry(unsigned long i)
{
	return (void *)(i * 8 + 8);
}

static void against_model(void **state)
{
	DEFINE_XARRAY(xa);
	unsigned long index;
	void *e;

	srand(3);
	for (int round = 0; round < 200000; round++) {
		unsigned long i = rand() % N;

		if (rand() % 2) {
			e = entry(rand());
			assert_ptr_equal(xa_store(&xa, i, e, GFP_KERNEL), model[i]);
			model[i] = e;
		} else {
			assert_ptr_equal(xa_erase(&xa, i), model[i]);
			model[i] = NULL;
		}
		assert_ptr_equal(xa_load(&xa, i), model[i]);
	}
	index = 0;
	for (unsigned long i = 0; i < N; i++) {
		if (!model[i])
			continue;
		e = xa_find(&xa, &index, ~0UL);
		assert_ptr_equal(e, model[i]);
		assert_int_equal(index, i);
		index++;
	}
	assert_null(xa_find(&xa, &index, ~0UL));
	for (unsigned long i = 0; i < N; i++)
		xa_erase(&xa, i);
	assert_true(xa_empty(&xa));
	assert_int_equal(shim_live, 0);
}

static void far_indices(void **state)
{
	static const unsigned long at[] = {0, 63, 64, 4095, 4096, 1UL << 32, 1UL << 62, ~0UL};
	DEFINE_XARRAY(xa);
	unsigned long index;
	unsigned int n = 0;
	void *e;

	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++)
		assert_null(xa_store(&xa, at[i], entry(i), GFP_KERNEL));
	xa_for_each(&xa, index, e)
	{
		assert_int_equal(index, at[n]);
		assert_ptr_equal(e, entry(n));
		n++;
	}
	assert_int_equal(n, ARRAY_SIZE(at));
	assert_null(xa_load(&xa, 65));
	xa_destroy(&xa);
	assert_int_equal(shim_live, 0);
}

/* An index that came and went leaves no node behind, whatever else the array holds. */
static void shrinks(void **state)
{
	static const unsigned long far[] = {64, 5000, 1UL << 40, ~0UL};
	DEFINE_XARRAY(xa);
	long live;

	xa_shrink(&xa);
	assert_true(xa_empty(&xa));
	assert_null(xa_store(&xa, 3, entry(3), GFP_KERNEL));
	live = shim_live;
	for (unsigned int i = 0; i < ARRAY_SIZE(far); i++) {
		assert_null(xa_store(&xa, far[i], entry(i), GFP_KERNEL));
		xa_shrink(&xa);
		assert_ptr_equal(xa_load(&xa, 3), entry(3));
		assert_ptr_equal(xa_erase(&xa, far[i]), entry(i));
		assert_true(shim_live > live);
		xa_shrink(&xa);
		assert_int_equal(shim_live, live);
		assert_ptr_equal(xa_load(&xa, 3), entry(3));
		assert_null(xa_load(&xa, far[i]));
	}
	xa_destroy(&xa);
	assert_int_equal(shim_live, 0);
}

static void free_numbers(void **state)
{
	DEFINE_XARRAY(xa);
	u32 id;

	for (u32 i = 1; i <= 300; i++) {
		assert_int_equal(xa_alloc(&xa, &id, entry(i), XA_LIMIT(1, 300), GFP_KERNEL), 0);
		assert_int_equal(id, i);
	}
	assert_int_equal(xa_alloc(&xa, &id, entry(1), XA_LIMIT(1, 300), GFP_KERNEL), -EBUSY);
	xa_erase(&xa, 77);
	xa_erase(&xa, 200);
	assert_int_equal(xa_alloc(&xa, &id, entry(1), XA_LIMIT(1, 300), GFP_KERNEL), 0);
	assert_int_equal(id, 77);
	assert_int_equal(xa_alloc(&xa, &id, entry(1), XA_LIMIT(1, 300), GFP_KERNEL), 0);
	assert_int_equal(id, 200);
	xa_destroy(&xa);
}

static void cyclic(void **state)
{
	DEFINE_XARRAY(xa);
	u32 id, last = 0;

	/* A number that was given back is not given out again before the turn is over. */
	for (int i = 0; i < 99; i++) {
		assert_int_equal(xa_alloc_cyclic(&xa, &id, entry(i), XA_LIMIT(2, 100), GFP_KERNEL),
				 0);
		assert_true(id > last);
		last = id;
		xa_erase(&xa, id);
	}
	assert_int_equal(xa_alloc_cyclic(&xa, &id, entry(1), XA_LIMIT(2, 100), GFP_KERNEL), 0);
	assert_int_equal(id, 2);
	xa_destroy(&xa);
}

static void every_failure(void **state)
{
	for (long n = 1;; n++) {
		DEFINE_XARRAY(xa);
		void *old;

		shim_allocations = 0;
		shim_fail_at = n;
		old = xa_store(&xa, 1UL << 40, entry(1), 0);
		shim_fail_at = 0;
		if (!IS_ERR(old)) {
			xa_destroy(&xa);
			assert_int_equal(shim_live, 0);
			assert_true(n > 5);
			break;
		}
		assert_int_equal(PTR_ERR(old), -ENOMEM);
		assert_true(xa_empty(&xa));
		assert_int_equal(shim_live, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(against_model), cmocka_unit_test(far_indices),
	    cmocka_unit_test(free_numbers),  cmocka_unit_test(cyclic),
	    cmocka_unit_test(every_failure), cmocka_unit_test(shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
