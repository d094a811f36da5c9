/* SPDX-License-Identifier: MIT */
/*
 * Memory before the page allocator: ranges of physical memory handed out from the lowest address
 * up and never taken back, but for what the page allocator's own table does not need. Called by
 * arch_setup(), setup_per_cpu_areas() and mem_init(): one CPU, interrupts off, no locks. After
 * mem_init() has taken over, a call is a bug and panics.
 */
#include <arch/boot.h>
#include <jiffy/string.h>

#include "internal.h"

#define MAX_RESERVED 192
/* Firmware and CPU start-up code want the first MiB; it is left for the page allocator. */
#define LOWEST MIB(1)

struct range {
	phys_addr_t start, end;
};
/* Sorted, disjoint, neighbours merged: what boot_info reserves and what has been handed out. */
static struct range reserved[MAX_RESERVED];
static int nr_reserved = -1;
/* Boot maps at least this much; arch/ raises it once it has mapped the rest. */
static phys_addr_t limit = GIB(1);
static unsigned long allocated;
static bool closed;

void memblock_set_current_limit(phys_addr_t phys)
{
	limit = phys;
}

unsigned long memblock_allocated(void)
{
	return allocated;
}

static void reserve(phys_addr_t start, phys_addr_t end)
{
	int i = 0, n;

	while (i < nr_reserved && reserved[i].end < start)
		i++;
	/* reserved[i] is the first that touches the new range or lies behind it. */
	for (n = i; n < nr_reserved && reserved[n].start <= end; n++) {
		start = min(start, reserved[n].start);
		end = max(end, reserved[n].end);
	}
	if (n == i && nr_reserved == MAX_RESERVED)
		panic("memblock: more than %d reserved ranges", MAX_RESERVED);
	memmove(&reserved[i + 1], &reserved[n], (nr_reserved - n) * sizeof(reserved[0]));
	nr_reserved += 1 - (n - i);
	reserved[i] = (struct range){start, end};
}

static void collect_reserved(void)
{
	nr_reserved = 0;
	for (int i = 0; i < boot_info.nr_reserved; i++)
		reserve(ALIGN_DOWN(boot_info.reserved[i].start, PAGE_SIZE),
			ALIGN(boot_info.reserved[i].end, PAGE_SIZE));
}

/* The lowest fit in [lo, hi), or hi when there is none. */
static phys_addr_t find_in(phys_addr_t lo, phys_addr_t hi, size_t size, size_t align)
{
	phys_addr_t at = ALIGN(lo, align);

	for (int i = 0; i < nr_reserved; i++) {
		if (reserved[i].end <= at)
			continue;
		if (at + size <= reserved[i].start)
			break;
		at = ALIGN(reserved[i].end, align);
	}
	return at + size <= hi ? at : hi;
}

phys_addr_t memblock_find_alloc(size_t size, size_t align)
{
	if (nr_reserved < 0)
		collect_reserved();
	if (closed)
		panic("memblock: allocation after mem_init()");
	for (int i = 0; i < boot_info.nr_mem; i++) {
		phys_addr_t lo = max(boot_info.mem[i].start, (phys_addr_t)LOWEST);
		phys_addr_t hi = min(boot_info.mem[i].end, limit), at;

		if (lo >= hi)
			continue;
		at = find_in(lo, hi, size, align);
		if (at == hi)
			continue;
		reserve(at, at + size);
		allocated += size;
		return at;
	}
	panic("memblock: no room for %zu bytes; the machine has too little memory", size);
}

phys_addr_t memblock_phys_alloc(size_t size, size_t align)
{
	return memblock_find_alloc(ALIGN(size, PAGE_SIZE), max(align, (size_t)PAGE_SIZE));
}

void *memblock_alloc(size_t size, size_t align)
{
	void *p = __va(memblock_phys_alloc(size, align));

	memset(p, 0, ALIGN(size, PAGE_SIZE));
	return p;
}

void memblock_free_range(phys_addr_t start, phys_addr_t end)
{
	for (int i = 0; i < nr_reserved; i++) {
		struct range *r = &reserved[i], tail;

		if (start < r->start || end > r->end)
			continue;
		tail = (struct range){end, r->end};
		allocated -= end - start;
		r->end = start;
		if (r->start == r->end) {
			memmove(r, r + 1, (nr_reserved - i - 1) * sizeof(*r));
			nr_reserved--;
		}
		if (tail.start < tail.end)
			reserve(tail.start, tail.end);
		return;
	}
}

void memblock_for_each_free(void (*fn)(phys_addr_t start, phys_addr_t end, int nid))
{
	closed = true;
	for (int i = 0; i < boot_info.nr_mem; i++) {
		const struct mem_region *m = &boot_info.mem[i];
		phys_addr_t at = m->start;

		for (int r = 0; r < nr_reserved && reserved[r].start < m->end; r++) {
			if (reserved[r].end <= at)
				continue;
			if (reserved[r].start > at)
				fn(at, reserved[r].start, m->nid);
			at = reserved[r].end;
		}
		if (at < m->end)
			fn(at, m->end, m->nid);
	}
}
