/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU areas: a copy of the image's section for each CPU, and behind it spare room from which
 * objects are given out at run time, at the same offset in every area.
 *
 * Serialization rules: alloc_lock guards the map of the spare room.
 */
#include <arch/boot.h>
#include <jiffy/init.h>
#include <arch/pgtable.h>
#include <jiffy/percpu.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>

#define UNIT	 16UL
#define SPARE	 (16UL << 10)
#define NR_UNITS (SPARE / UNIT)

extern char __start_percpu_data[], __stop_percpu_data[];

unsigned long __per_cpu_offset[NR_CPUS];
DEFINE_PER_CPU(int, __preempt_count) = PREEMPT_OFFSET; /* off until CPU 0's idle task schedules */

static DECLARE_BITMAP(used, NR_UNITS);
static u16 length[NR_UNITS]; /* of the object that begins at a unit, in units */
static DEFINE_SPINLOCK(alloc_lock);
static unsigned long spare_base; /* link address at which the spare room would lie */

void __init setup_per_cpu_areas(void)
{
	size_t image = ALIGN((size_t)(__stop_percpu_data - __start_percpu_data), L1_CACHE_BYTES);
	int cpu;

	spare_base = (unsigned long)__start_percpu_data + image;
	for_each_possible_cpu (cpu) {
		char *area = memblock_alloc(image + SPARE, PAGE_SIZE);

		memcpy(area, __start_percpu_data, __stop_percpu_data - __start_percpu_data);
		__per_cpu_offset[cpu] = area - __start_percpu_data;
	}
	arch_set_percpu(0, __per_cpu_offset[0]);
}

void *__alloc_percpu(size_t size, size_t align)
{
	unsigned long units = DIV_ROUND_UP(size, UNIT), step = max(align / UNIT, 1UL), at, flags;
	void *ptr = NULL;
	int cpu;

	spin_lock_irqsave(&alloc_lock, flags);
	for (at = 0; at + units <= NR_UNITS; at = ALIGN(at + 1, step)) {
		unsigned long next = find_next_bit(used, NR_UNITS, at);

		if (next - at < units) {
			at = next;
			continue;
		}
		bitmap_set(used, at, units);
		length[at] = units;
		ptr = (void *)(spare_base + at * UNIT);
		break;
	}
	spin_unlock_irqrestore(&alloc_lock, flags);
	if (ptr)
		for_each_possible_cpu (cpu)
			memset(per_cpu_ptr(ptr, cpu), 0, size);
	return ptr;
}

void free_percpu(void *ptr)
{
	unsigned long at = ((unsigned long)ptr - spare_base) / UNIT, flags;

	if (!ptr)
		return;
	BUG_ON(at >= NR_UNITS || !length[at]);
	spin_lock_irqsave(&alloc_lock, flags);
	bitmap_clear(used, at, length[at]);
	length[at] = 0;
	spin_unlock_irqrestore(&alloc_lock, flags);
}
