/* SPDX-License-Identifier: MIT */
/*
 * What the files of room mm/ share among themselves and nobody else uses.
 * Locks: *Serialization rules* in <jiffy/mm_types.h>.
 */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <jiffy/mm.h>
#include <jiffy/pagemap.h>
#include <jiffy/slab.h>

/* memblock.c: boot's ranges, sorted; end of it. */
phys_addr_t memblock_find_alloc(size_t size, size_t align);
void memblock_free_range(phys_addr_t start, phys_addr_t end);
void memblock_for_each_free(void (*fn)(phys_addr_t start, phys_addr_t end, int nid));

/* page_alloc.c */
extern struct zone *zone_table[MAX_ZONES];
extern int nr_zones;
void page_alloc_init(void);
/* The reserve below which only urgent requests go, shared out to the zones by size. */
unsigned long min_free_pages(void);
void set_min_free_pages(unsigned long pages);
static inline struct zone *page_zone(const struct page *page)
{
	return zone_table[page->flags >> ZONE_FLAG_SHIFT];
}
static inline int page_to_nid(const struct page *page)
{
	return page_zone(page)->zone_pgdat->node_id;
}
DECLARE_PER_CPU(unsigned long[NR_VM_EVENT_ITEMS], vm_events);
static inline void count_vm_event(enum vm_event_item item)
{
	this_cpu_inc(vm_events[item]);
}

/* fail_nth.c: remembers who is on current's stack, of which the allocation is made to fail. */
void note_failed_allocation(void);

/*
 * Fault injection: the n-th allocation that task `current` makes fails when current->fail_nth
 * is n; counts down to 0. Task context only; __GFP_NOFAIL is never failed.
 */
static inline bool should_fail_alloc(gfp_t gfp)
{
	if (likely(!current->fail_nth) || !in_task() || (gfp & __GFP_NOFAIL) ||
	    --current->fail_nth != 0)
		return false;
	if (JIFFY_CHECKS)
		note_failed_allocation();
	return true;
}

/* slab.c */
void kmem_cache_init(void);
void slab_cpu_dead(unsigned int cpu);
void drain_cpu_pages(unsigned int cpu); /* cpu is this one, or dead */
void slab_drain_cpu(void *unused); /* this CPU's free objects back to their slabs; irqs off */
void slab_shrink_all(void);
void slab_totals(unsigned long *objects, unsigned long *pages);
/* filemap.c */
void filemap_init(void);

/* gup.c: MADV_POPULATE_READ and _WRITE; mmap_lock held. 0, -ENOMEM, -EINVAL, -EFAULT. */
int madvise_populate_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			   bool write);

/* vmscan.c: asks shrinkers for about nr pages' worth; objects freed. */
unsigned long shrink_slab(gfp_t gfp, int nid, unsigned int priority);

/* Fixed-size statistics that many CPUs change: page tables, stacks. */
extern atomic_long_t nr_pagetable_pages, nr_kernel_stack_pages;

/* The cache that a slab belongs to. Caches are objects of a cache, aligned to a cache line. */
static inline struct kmem_cache *page_slab_cache(const struct page *slab)
{
	return (struct kmem_cache *)(PAGE_OFFSET + ((unsigned long)page_extra(slab) << 6));
}

static inline void set_page_slab_cache(struct page *slab, const struct kmem_cache *s)
{
	set_page_extra(slab, ((unsigned long)s - PAGE_OFFSET) >> 6);
}

#endif
