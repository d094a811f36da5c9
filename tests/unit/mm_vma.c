/* SPDX-License-Identifier: MIT */
/* unit: mm/vma.c lib/rbtree.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/x86_64/include -Imm */
/*
 * The set of VMAs against a map of pages in an array: linking, cutting, joining, and the search
 * for holes in both directions, thousands of times with one seed.
 */
#include "vma.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#define PAGES 512
#define BASE  0x10000000UL

int sysctl_max_map_count = 65530;
static long live;
static struct mm_struct mm;
static unsigned char model[PAGES]; /* 0: hole, else the VMA's flags + 1 */

/* What vma.c asks of the rest of the kernel. */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *obj))
{
	return (struct kmem_cache *)8;
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	live++;
	return calloc(1, sizeof(struct vm_area_struct));
}

void kmem_cache_free(struct kmem_cache *s, void *obj)
{
	live--;
	free(obj);
}

void panic(const char *fmt, ...)
{
	fail_msg("%s", fmt);
	abort();
}

void warn_slowpath(const char *file, int line, const char *fmt, ...)
{
	panic("%s", fmt);
}

pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	return __pgprot(vm_flags);
}

int vm_enough_memory(struct mm_struct *m, long pages)
{
	return 0;
}

struct file *get_file(struct file *file)
{
	return file;
}

void fput(struct file *file)
{
}

void mapping_unmap_writable(struct address_space *mapping)
{
}

void down_write_nested(struct rw_semaphore *sem, int subclass)
{
}

void up_write(struct rw_semaphore *sem)
{
}

/* ---- the test ---- */

static unsigned long rnd(unsigned long n)
{
	static unsigned long long x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

static void check(void)
{
	struct vm_area_struct *vma, *prev = NULL;
	unsigned char seen[PAGES] = {0};
	int n = 0;

	for_each_vma (&mm, vma) {
		assert_ptr_equal(vma->vm_prev, prev);
		assert_true(!prev || prev->vm_end <= vma->vm_start);
		for (unsigned long a = vma->vm_start; a < vma->vm_end; a += PAGE_SIZE)
			seen[(a - BASE) / PAGE_SIZE] = vma->vm_flags + 1;
		prev = vma;
		n++;
	}
	assert_int_equal(n, mm.map_count);
	assert_int_equal(n, live);
	assert_memory_equal(seen, model, PAGES);
	for (int i = 0; i < PAGES; i++) {
		vma = find_vma(&mm, BASE + i * PAGE_SIZE);
		if (model[i])
			assert_true(vma && vma->vm_start <= BASE + i * PAGE_SIZE);
		else
			assert_true(!vma || vma->vm_start > BASE + i * PAGE_SIZE);
	}
}

static bool fits(int at, int len)
{
	for (int i = at; i < at + len; i++)
		if (i >= PAGES || model[i])
			return false;
	return true;
}

static void check_holes(void)
{
	int len = 1 + rnd(24), lo = rnd(PAGES / 2), hi = lo + rnd(PAGES - lo), want;
	unsigned long low = BASE + lo * PAGE_SIZE, high = BASE + hi * PAGE_SIZE, got;

	for (want = hi - len; want >= lo && !fits(want, len); want--)
		;
	got = find_hole_topdown(&mm, len * PAGE_SIZE, low, high);
	if (want >= lo)
		assert_int_equal(got, BASE + want * PAGE_SIZE);
	else
		assert_int_equal(got, (unsigned long)-ENOMEM);
	for (want = lo; want + len <= hi && !fits(want, len); want++)
		;
	got = find_hole_bottomup(&mm, len * PAGE_SIZE, low, high);
	if (want + len <= hi)
		assert_int_equal(got, BASE + want * PAGE_SIZE);
	else
		assert_int_equal(got, (unsigned long)-ENOMEM);
}

static void cut_at(unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(&mm, addr);

	if (vma && vma->vm_start < addr)
		assert_int_equal(split_vma(&mm, vma, addr, rnd(2)), 0);
}

static void unmap(int at, int len)
{
	unsigned long start = BASE + at * PAGE_SIZE, end = start + len * PAGE_SIZE;
	struct vm_area_struct *vma;

	cut_at(start);
	cut_at(end);
	while ((vma = find_vma_intersection(&mm, start, end))) {
		vma_unlink(&mm, vma);
		remove_vma(vma);
	}
	memset(model + at, 0, len);
}

static void map(int at, int len, vm_flags_t flags)
{
	unsigned long start = BASE + at * PAGE_SIZE, end = start + len * PAGE_SIZE;
	struct vm_area_struct *vma, *prev;

	unmap(at, len);
	find_vma_prev(&mm, start, &prev);
	if (!vma_extend_prev(&mm, prev, start, end, flags, NULL, start >> PAGE_SHIFT)) {
		vma = vm_area_alloc(&mm);
		vma->vm_start = start;
		vma->vm_end = end;
		vma->vm_flags = flags;
		vma_link(&mm, vma);
		vma_join_neighbours(&mm, vma);
	}
	memset(model + at, flags + 1, len);
}

static void random_operations(void **state)
{
	vma_caches_init();
	mm.mm_rb = RB_ROOT;
	for (int i = 0; i < 20000; i++) {
		int at = rnd(PAGES), len = 1 + rnd(i % 3 ? 12 : 60);

		len = at + len > PAGES ? PAGES - at : len;
		if (rnd(3))
			map(at, len, rnd(2) ? VM_READ : VM_READ | VM_WRITE);
		else
			unmap(at, len);
		check();
		check_holes();
	}
	unmap(0, PAGES);
	check();
	assert_int_equal(live, 0);
	assert_int_equal(mm.highest_vm_end, 0);
}

/* Neighbours with the same properties are one VMA: what mmap() in pieces leaves behind. */
static void joins_neighbours(void **state)
{
	map(10, 2, VM_READ);
	map(14, 2, VM_READ);
	assert_int_equal(mm.map_count, 2);
	map(12, 2, VM_READ);
	assert_int_equal(mm.map_count, 1);
	map(12, 1, VM_READ | VM_WRITE);
	assert_int_equal(mm.map_count, 3);
	unmap(0, PAGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_operations),
	    cmocka_unit_test(joins_neighbours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
