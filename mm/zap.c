/* SPDX-License-Identifier: MIT */
/*
 * Taking pages and page tables out of an address space. Pages are gathered and freed only after
 * one flush has made sure that no CPU's translations reach them any more.
 *
 * Locks: pgtable.h. Task context.
 */
#include <jiffy/bitops.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

#include "pgtable.h"

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	tlb->mm = mm;
	tlb->start = ~0UL;
	tlb->end = 0;
	tlb->nr = 0;
	tlb->max = GATHER_LOCAL;
	tlb->fullmm = false;
	tlb->pages = tlb->local;
}

static void tlb_flush_gathered(struct mmu_gather *tlb)
{
	if (tlb->start < tlb->end && !tlb->fullmm)
		flush_tlb_range(tlb->mm, tlb->start, tlb->end);
	for (unsigned int i = 0; i < tlb->nr; i++) {
		if (test_bit(PG_table, &tlb->pages[i]->flags))
			atomic_long_dec(&nr_pagetable_pages);
		put_page(tlb->pages[i]);
	}
	tlb->nr = 0;
	tlb->start = ~0UL;
	tlb->end = 0;
}

void tlb_finish_mmu(struct mmu_gather *tlb)
{
	tlb_flush_gathered(tlb);
	if (tlb->pages != tlb->local)
		free_page((unsigned long)tlb->pages);
}

/* A large unmap earns a page of pointers, so that it needs fewer flushes. */
static void grow_batch(struct mmu_gather *tlb)
{
	struct page **more;

	if (tlb->pages != tlb->local)
		return;
	more = (struct page **)__get_free_page(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC);
	if (!more)
		return;
	memcpy(more, tlb->local, tlb->nr * sizeof(*more));
	tlb->pages = more;
	tlb->max = PAGE_SIZE / sizeof(*more);
}

void tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	if (tlb->fullmm) {
		put_page(page);
		return;
	}
	if (tlb->nr == tlb->max)
		grow_batch(tlb);
	if (tlb->nr == tlb->max) {
		unsigned long start = tlb->start, end = tlb->end;

		tlb_flush_gathered(tlb);
		/* The caller is inside its range still and may add pages to it. */
		tlb->start = start;
		tlb->end = end;
	}
	tlb->pages[tlb->nr++] = page;
}

/* One entry of a table that is locked, or whose address space has no user left. */
static __always_inline void zap_entry(struct mmu_gather *tlb, pte_t *pte, bool fullmm,
				      bool keep_cows, long *rss)
{
	pte_t e = ptep_get(pte);
	struct page *page;

	if (pte_none(e))
		return;
	page = vm_normal_page(e);
	if (keep_cows && page && PageAnon(page))
		return;
	if (fullmm)
		set_pte(pte, __pte(0));
	else
		e = ptep_get_and_clear(pte);
	if (!page)
		return;
	if (pte_dirty(e) && !PageAnon(page))
		set_page_dirty(page);
	atomic_dec(&page->_mapcount);
	if (fullmm) {
		put_page(page);
	} else {
		rss[mm_counter(page)]--;
		tlb_remove_page(tlb, page);
	}
}

/* n entries of a table that is locked. */
static void zap_entries(struct mmu_gather *tlb, pte_t *pte, unsigned int n, bool keep_cows)
{
	struct page *table = virt_to_page(pte);
	long rss[NR_MM_COUNTERS] = {0};
	pte_t *end = pte + n, *next;

	for (; pte < end; pte = next) {
		unsigned long line = 1UL << pte_line(pte);
		unsigned int in_line = ((unsigned long)pte / sizeof(*pte)) % PTES_PER_LINE;

		next = min(end, pte + PTES_PER_LINE - in_line);
		if (!(table->pt_lines & line))
			continue;
		if (next - pte == PTES_PER_LINE && !keep_cows)
			table->pt_lines &= ~line;
		for (; pte < next; pte++)
			zap_entry(tlb, pte, false, keep_cows, rss);
	}
	add_mm_counters(tlb->mm, rss);
}

/* All of a table of an address space that nobody uses any more. */
static void empty_table(struct mmu_gather *tlb, struct page *table)
{
	pte_t *base = page_address(table);

	for (unsigned long lines = table->pt_lines; lines; lines &= lines - 1) {
		pte_t *pte = base + __ffs(lines) * PTES_PER_LINE;

		for (int i = 0; i < PTES_PER_LINE; i++)
			zap_entry(tlb, pte + i, true, false, NULL);
	}
}

/*
 * The whole region goes and its table is shared: leave the table to the others. False when it is
 * not shared after all. page_table_lock held.
 */
static bool leave_shared_table(struct mmu_gather *tlb, pmd_t *pmd, unsigned long addr)
{
	struct page *table = pmd_pgtable(*pmd);
	pte_t *pte = page_address(table);
	long rss[NR_MM_COUNTERS] = {0};

	lockdep_assert_held(&tlb->mm->page_table_lock);
	spin_lock(&table->ptl);
	if (table->pt_share == 1) {
		set_pmd(pmd, pmd_mkwrite(*pmd));
		spin_unlock(&table->ptl);
		return false;
	}
	count_table_pages(pte, PTRS_PER_PTE, rss);
	for (int i = 0; i < NR_MM_COUNTERS; i++)
		rss[i] = -rss[i];
	add_mm_counters(tlb->mm, rss);
	pmd_clear(pmd);
	table->pt_share--;
	atomic_long_sub(PAGE_SIZE, &tlb->mm->pgtables_bytes);
	/* Before the lock is given back, as in unshare_locked(): the table may be freed then. */
	flush_tlb_range(tlb->mm, addr, addr + PMD_SIZE);
	spin_unlock(&table->ptl);
	return true;
}

/* One region under mmap_lock. */
static void zap_region(struct mmu_gather *tlb, pmd_t *pmd, unsigned long addr, unsigned long end,
		       bool keep_cows)
{
	spinlock_t *ptl;
	pte_t *pte;

	if (pmd_shared(*pmd) && end - addr == PMD_SIZE && !keep_cows) {
		bool left = true;

		spin_lock(&tlb->mm->page_table_lock);
		if (pmd_shared(*pmd))
			left = leave_shared_table(tlb, pmd, addr);
		else
			left = false;
		spin_unlock(&tlb->mm->page_table_lock);
		if (left)
			return;
	}
	/* An unmap cannot fail half-way. */
	private_pte_table(tlb->mm, pmd, addr, GFP_KERNEL | __GFP_NOFAIL);
	pte = pte_lock(pmd, addr, &ptl);
	zap_entries(tlb, pte, (end - addr) >> PAGE_SHIFT, keep_cows);
	tlb_note_range(tlb, addr, end);
	pte_unlock(ptl);
}

/*
 * The same from truncation, which holds i_mmap_rwsem but not this mm's mmap_lock: fork may turn a
 * private table into a shared one at any moment, so page_table_lock is held over all of it.
 */
static void zap_region_remote(struct mmu_gather *tlb, pmd_t *pmd, unsigned long addr,
			      unsigned long end, bool keep_cows)
{
	struct mm_struct *mm = tlb->mm;

	for (;;) {
		struct page *table;

		spin_lock(&mm->page_table_lock);
		if (pmd_none(*pmd)) {
			spin_unlock(&mm->page_table_lock);
			return;
		}
		if (pmd_shared(*pmd)) {
			spin_unlock(&mm->page_table_lock);
			private_pte_table(mm, pmd, addr, GFP_KERNEL | __GFP_NOFAIL);
			continue;
		}
		table = pmd_pgtable(*pmd);
		spin_lock(&table->ptl);
		zap_entries(tlb, pte_offset(pmd, addr), (end - addr) >> PAGE_SHIFT, keep_cows);
		tlb_note_range(tlb, addr, end);
		spin_unlock(&table->ptl);
		spin_unlock(&mm->page_table_lock);
		return;
	}
}

void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
		      unsigned long end, const struct zap_details *details)
{
	bool keep_cows = details && details->keep_cows, remote = details && details->remote;
	unsigned long addr, next;

	for (addr = start; addr < end; addr = next) {
		pmd_t *pmd = find_pmd(tlb->mm, addr);

		if (!pmd) {
			next = pgd_none(*pgd_offset(tlb->mm, addr))
				   ? (addr & PGDIR_MASK) + PGDIR_SIZE
				   : (addr & PUD_MASK) + PUD_SIZE;
			if (!next)
				return;
			continue;
		}
		next = min((addr & PMD_MASK) + PMD_SIZE, end);
		if (pmd_none(pmdp_get(pmd)))
			continue;
		if (remote)
			zap_region_remote(tlb, pmd, addr, next, keep_cows);
		else
			zap_region(tlb, pmd, addr, next, keep_cows);
	}
}

void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long size,
		    const struct zap_details *details)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, vma->vm_mm);
	unmap_page_range(&tlb, vma, start, start + size, details);
	tlb_finish_mmu(&tlb);
}

/* ---- tables ---- */

/*
 * The table under `entry` covers [base, base + size). It goes when it lies in [floor, ceiling)
 * with nothing but the caller's range in it; ceiling 0 is the top of memory.
 */
static bool table_goes(unsigned long base, unsigned long size, unsigned long floor,
		       unsigned long ceiling)
{
	return base >= floor && base + size - 1 <= ceiling - 1;
}

static void free_table(struct mmu_gather *tlb, struct page *table)
{
	atomic_long_sub(PAGE_SIZE, &tlb->mm->pgtables_bytes);
	if (tlb->fullmm) {
		free_clear_table(table);
		return;
	}
	table->pt_share = 0;
	tlb_remove_page(tlb, table);
}

/* At exit entries may still be there; else the range has been unmapped before. */
static void free_pte_table(struct mmu_gather *tlb, pmd_t *pmd, unsigned long base)
{
	struct page *table;

	spin_lock(&tlb->mm->page_table_lock);
	table = pmd_pgtable(*pmd);
	pmd_clear(pmd);
	spin_unlock(&tlb->mm->page_table_lock);
	tlb_note_range(tlb, base, base + PMD_SIZE);
	/* Once the share is given up the others may free the table: no walker may look there. */
	if (!tlb->fullmm && READ_ONCE(table->pt_share) > 1)
		flush_tlb_range(tlb->mm, base, base + PMD_SIZE);
	if (!drop_table_share(table)) {
		atomic_long_sub(PAGE_SIZE, &tlb->mm->pgtables_bytes);
		return;
	}
	if (tlb->fullmm)
		empty_table(tlb, table);
	free_table(tlb, table);
}

static void free_pmd_range(struct mmu_gather *tlb, pud_t *pud, unsigned long addr,
			   unsigned long end, unsigned long floor, unsigned long ceiling)
{
	unsigned long base = addr & PUD_MASK, a, next;
	struct page *table;

	for (a = addr; a < end; a = next) {
		pmd_t *pmd = pmd_offset(pud, a);

		next = min((a & PMD_MASK) + PMD_SIZE, end);
		if (!pmd_none(*pmd) && table_goes(a & PMD_MASK, PMD_SIZE, floor, ceiling))
			free_pte_table(tlb, pmd, a & PMD_MASK);
	}
	if (!table_goes(base, PUD_SIZE, floor, ceiling))
		return;
	table = pud_page(*pud);
	pud_clear(pud);
	tlb_note_range(tlb, addr, end);
	free_table(tlb, table);
}

static void free_pud_range(struct mmu_gather *tlb, pgd_t *pgd, unsigned long addr,
			   unsigned long end, unsigned long floor, unsigned long ceiling)
{
	unsigned long base = addr & PGDIR_MASK, a, next;
	struct page *table;

	for (a = addr; a < end; a = next) {
		pud_t *pud = pud_offset(pgd, a);

		next = min((a & PUD_MASK) + PUD_SIZE, end);
		if (!pud_none(*pud))
			free_pmd_range(tlb, pud, a, next, floor, ceiling);
	}
	if (!table_goes(base, PGDIR_SIZE, floor, ceiling))
		return;
	table = pgd_page(*pgd);
	pgd_clear(pgd);
	tlb_note_range(tlb, addr, end);
	free_table(tlb, table);
}

void free_pgd_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end,
		    unsigned long floor, unsigned long ceiling)
{
	unsigned long a, next;

	for (a = addr; a < end; a = next) {
		pgd_t *pgd = pgd_offset(tlb->mm, a);

		next = min((a & PGDIR_MASK) + PGDIR_SIZE, end);
		if (!pgd_none(*pgd))
			free_pud_range(tlb, pgd, a, next, floor, ceiling);
	}
}
