/* SPDX-License-Identifier: MIT */
/*
 * Kernel memory mapped page by page: address ranges of the vmalloc area, in a list sorted by
 * address, found by first fit, with an unmapped page behind each. Kernel stacks have the upper
 * half of the area to themselves (kstack.c). Task context; vfree() defers itself elsewhere.
 *
 * Locks: vmap_lock guards the list; a range's pages belong to whoever allocated it.
 */
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/string.h>
#include <jiffy/vmalloc.h>

#include "kstack.h"

struct vmap_area {
	struct list_head list; /* vmap_lock */
	unsigned long start, end;
	struct page **pages;
	unsigned int nr_pages;
	bool owns_pages;
};

static DEFINE_SPINLOCK(vmap_lock);
static LIST_HEAD(vmap_areas);
static atomic_long_t nr_vmalloc_pages;

bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr >= VMALLOC_START && (unsigned long)addr < VMALLOC_END;
}

unsigned long vmalloc_nr_pages(void)
{
	return atomic_long_read(&nr_vmalloc_pages);
}

struct page *vmalloc_to_page(const void *addr)
{
	unsigned long a = (unsigned long)addr;
	pgd_t *pgd = init_pg_dir + pgd_index(a);
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;

	if (pgd_none(*pgd))
		return NULL;
	pud = pud_offset(pgd, a);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, a);
	if (pmd_none(*pmd))
		return NULL;
	pte = pte_offset(pmd, a);
	return pte_present(*pte) ? pfn_to_page(pte_pfn(*pte)) : NULL;
}

/* Puts va into the first hole of its size plus a guard page: 0 or -ENOMEM. */
static int place_area(struct vmap_area *va, unsigned long size)
{
	unsigned long at = VMALLOC_START;
	struct vmap_area *next;
	int err = -ENOMEM;

	spin_lock(&vmap_lock);
	list_for_each_entry (next, &vmap_areas, list) {
		if (next->start - at >= size + PAGE_SIZE)
			break;
		at = next->end + PAGE_SIZE;
	}
	if (at + size <= STACKS_START) {
		va->start = at;
		va->end = at + size;
		list_add_tail(&va->list, &next->list);
		err = 0;
	}
	spin_unlock(&vmap_lock);
	return err;
}

static struct vmap_area *take_area(const void *addr)
{
	struct vmap_area *va, *found = NULL;

	spin_lock(&vmap_lock);
	list_for_each_entry (va, &vmap_areas, list) {
		if (va->start == (unsigned long)addr) {
			found = va;
			break;
		}
	}
	spin_unlock(&vmap_lock);
	return found;
}

static void unmap_area(struct vmap_area *va)
{
	for (unsigned long a = va->start; a < va->end; a += PAGE_SIZE)
		arch_unmap_kernel_page(a);
	flush_tlb_kernel_range(va->start, va->end);
	/* Only now may the addresses be used again. */
	spin_lock(&vmap_lock);
	list_del(&va->list);
	spin_unlock(&vmap_lock);
}

static void free_area_pages(struct vmap_area *va)
{
	if (va->owns_pages) {
		for (unsigned int i = 0; i < va->nr_pages && va->pages[i]; i++)
			__free_page(va->pages[i]);
		atomic_long_sub(va->nr_pages, &nr_vmalloc_pages);
		kfree(va->pages);
	}
	kfree(va);
}

/* Maps va->pages; on failure what was mapped is gone again and va is off the list. */
static int map_area(struct vmap_area *va, pgprot_t prot)
{
	int err = place_area(va, (unsigned long)va->nr_pages << PAGE_SHIFT);

	if (err)
		return err;
	for (unsigned int i = 0; i < va->nr_pages; i++) {
		err = arch_map_kernel_page(va->start + i * PAGE_SIZE, page_to_phys(va->pages[i]),
					   prot);
		if (err) {
			unmap_area(va);
			return err;
		}
	}
	return 0;
}

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	unsigned long nr = PFN_UP(size);
	struct vmap_area *va;

	might_sleep();
	if (!size || size > totalram_pages() << PAGE_SHIFT)
		return NULL;
	va = kzalloc(sizeof(*va), GFP_KERNEL);
	if (!va)
		return NULL;
	va->nr_pages = nr;
	va->owns_pages = true;
	va->pages = kzalloc(nr * sizeof(struct page *), GFP_KERNEL);
	if (!va->pages) {
		kfree(va);
		return NULL;
	}
	atomic_long_add(nr, &nr_vmalloc_pages);
	if (alloc_pages_bulk(gfp, nr, va->pages) < nr || map_area(va, PAGE_KERNEL)) {
		free_area_pages(va);
		return NULL;
	}
	return (void *)va->start;
}

void *vmalloc(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL);
}

void *vzalloc(unsigned long size)
{
	return __vmalloc(size, GFP_KERNEL | __GFP_ZERO);
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	struct vmap_area *va = kzalloc(sizeof(*va), GFP_KERNEL);

	if (!va)
		return NULL;
	va->pages = pages;
	va->nr_pages = count;
	if (map_area(va, prot)) {
		kfree(va);
		return NULL;
	}
	return (void *)va->start;
}

/* Frees that came where a flush cannot be waited for; linked through the memory itself. */
static struct deferred {
	struct deferred *next;
} * deferred_frees;

static void vfree_now(const void *addr)
{
	struct vmap_area *va = take_area(addr);

	if (WARN(!va, "vfree: %p is not the start of an area", addr))
		return;
	unmap_area(va);
	free_area_pages(va);
}

static void vfree_deferred(struct work_struct *work)
{
	struct deferred *d = xchg(&deferred_frees, (struct deferred *)NULL), *next;

	for (; d; d = next) {
		next = d->next;
		vfree_now(d);
	}
}
static DECLARE_WORK(vfree_work, vfree_deferred);

void vfree(const void *addr)
{
	struct deferred *d = (struct deferred *)addr, *first;

	if (!addr)
		return;
	if (preemptible()) {
		vfree_now(addr);
		return;
	}
	first = READ_ONCE(deferred_frees);
	do {
		d->next = first;
	} while (!try_cmpxchg(&deferred_frees, &first, d));
	schedule_work(&vfree_work);
}

void vunmap(const void *addr)
{
	if (addr)
		vfree_now(addr);
}
