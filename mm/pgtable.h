/* SPDX-License-Identifier: MIT */
/*
 * A process's page tables, inside room mm/: pgtable.c, zap.c, memory.c and their callers.
 *
 * A pte table belongs to one mm, or is shared copy-on-write by several after fork. Shared, it is
 * named by read-only pmd entries and its contents stand still. While mmap_lock is held (either
 * way) a pmd only goes from empty to private and from shared to private, since fork, which goes
 * the other way, and munmap hold it for writing; so under mmap_lock a private pmd stays private
 * and its table's ptl can be taken at once. Those who come without mmap_lock (truncation, by way
 * of i_mmap_rwsem) hold page_table_lock from the look at the pmd to the end.
 */
#ifndef MM_PGTABLE_H
#define MM_PGTABLE_H

#include "internal.h"

static inline bool pmd_shared(pmd_t e)
{
	return !pmd_write(e);
}

/* The counted page behind an entry; NULL for the zero page and for frames of devices. */
static inline struct page *vm_normal_page(pte_t e)
{
	return pte_special(e) ? NULL : pfn_to_page(pte_pfn(e));
}

static inline int mm_counter(const struct page *page)
{
	if (PageAnon(page))
		return MM_ANONPAGES;
	return PageSwapBacked(page) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static inline void add_mm_counter(struct mm_struct *mm, int member, long v)
{
	atomic_long_add(v, &mm->rss_stat[member]);
}

/* The sum of a loop's work, each counter once. */
static inline void add_mm_counters(struct mm_struct *mm, const long rss[NR_MM_COUNTERS])
{
	for (int i = 0; i < NR_MM_COUNTERS; i++)
		if (rss[i])
			add_mm_counter(mm, i, rss[i]);
}

/*
 * A table's 512 entries are 64 cache lines of eight. pt_lines has a bit for each line that may
 * have an entry in it, so that copying and emptying a table costs what is in the table. It errs
 * on the side of set bits: every empty entry is filled by set_new_pte(), and a bit is cleared only
 * with all of its line.
 */
#define PTES_PER_LINE 8

static inline unsigned int pte_line(const pte_t *pte)
{
	return offset_in_page(pte) / (PTES_PER_LINE * sizeof(*pte));
}

/* Fills an entry that was empty. The table's ptl is held, or the table is nobody else's yet. */
static inline void set_new_pte(pte_t *pte, pte_t e)
{
	struct page *table = virt_to_page(pte);

	table->pt_lines |= 1UL << pte_line(pte);
	set_pte(pte, e);
}

/* ---- pgtable.c ---- */

/* The pmd entry for addr, NULL when no table reaches that far down. */
pmd_t *find_pmd(struct mm_struct *mm, unsigned long addr);
/* Makes the tables above on the way; NULL without memory. mmap_lock held. */
pmd_t *alloc_pmd(struct mm_struct *mm, unsigned long addr);
/*
 * Makes the table that *pmd names exist and be this mm's alone: every change of ptes begins
 * here. 0 or -ENOMEM. mmap_lock held, or page_table_lock is taken by the caller (locked form).
 */
int private_pte_table(struct mm_struct *mm, pmd_t *pmd, unsigned long addr, gfp_t gfp);
/* The entry for addr with the table locked; *pmd is private. mmap_lock held. */
pte_t *pte_lock(pmd_t *pmd, unsigned long addr, spinlock_t **ptlp);
/* The same to read only, shared tables too: NULL when there is no table. */
pte_t *pte_lock_read(struct mm_struct *mm, pmd_t *pmd, unsigned long addr, spinlock_t **ptlp);
static inline void pte_unlock(spinlock_t *ptl)
{
	spin_unlock(ptl);
}

struct page *alloc_table(gfp_t gfp);
/* Back to the CPU's cache of cleared tables; it must be all zeros. */
void free_clear_table(struct page *table);
void drain_table_caches(void);
void table_cache_cpu_dead(unsigned int cpu);
/* One sharer less: true when it was the last and the caller must empty and free the table. */
bool drop_table_share(struct page *table);

/*
 * fork: dst gets what src has in vma. *need_flush is set when src lost write permission
 * somewhere. skip_mixed: src has VMAs that are not inherited. *done: where the last call
 * stopped. 0 or -ENOMEM. Both mmap_locks held for writing.
 */
int share_page_tables(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma,
		      bool has_uninherited, unsigned long *done, bool *need_flush);
/* Pages of each kind behind n entries, added to rss[]; ptl held, or the table is shared. */
void count_table_pages(const pte_t *pte, unsigned int n, long *rss);
/* Pages of each kind that vma has, into rss[]. */
void count_vma_pages(struct vm_area_struct *vma, long *rss);

/* ---- zap.c ---- */

#define GATHER_LOCAL 64
/* Pages taken out of the tables, freed only after no CPU can reach them any more. */
struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end; /* translations that may be cached */
	unsigned int nr, max;
	bool fullmm; /* nobody uses the mm: no flush needed */
	struct page **pages;
	struct page *local[GATHER_LOCAL];
};
void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_finish_mmu(struct mmu_gather *tlb);
void tlb_remove_page(struct mmu_gather *tlb, struct page *page);
static inline void tlb_note_range(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	tlb->start = min(tlb->start, start);
	tlb->end = max(tlb->end, end);
}

struct zap_details {
	bool keep_cows; /* leave private copies */
	bool remote;	/* no mmap_lock: page_table_lock is held throughout */
};
/* Takes [start, end) of vma out of the tables. mmap_lock held, or i_mmap_rwsem and remote. */
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
		      unsigned long end, const struct zap_details *details);
/* With a gather of its own. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long size,
		    const struct zap_details *details);
/*
 * Frees the tables that lie wholly in [floor, ceiling) (0: to the top) and reach into
 * [addr, end). mmap_lock for writing; no VMA and no entry is left there.
 */
void free_pgd_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end,
		    unsigned long floor, unsigned long ceiling);

/* ---- memory.c ---- */
/* At most so many pages, the page of the fault among them, are asked of ->map_pages. */
#define FAULT_AROUND_PAGES 16
/* Maps page (a reference is passed on) at addr; for ->map_pages. ptl held. */
void do_set_pte(struct vm_area_struct *vma, pte_t *pte, struct page *page, bool write);

#endif
