/* SPDX-License-Identifier: MIT */
/*
 * Page tables: making them, locking them, and sharing their last level copy-on-write after
 * fork. fork links the parent's pte tables into the child and makes the pmd entries on both
 * sides read-only; the cost is one step for each 2 MiB region in use. Whoever first changes a
 * shared table gets a copy of it (private_pte_table()), and the last sharer gets the table back
 * by making its pmd writable again. McMahon et al. describe the idea for whole page tables
 * ("Shared page tables", Linux Symposium 2003); here it is done for anonymous memory as well,
 * since the entries of private pages are write-protected at the time of the copy.
 *
 * Rules for locks: pgtable.h.
 */
#include <jiffy/bitops.h>
#include <jiffy/mutation.h>
#include <jiffy/smp.h>

#include "pgtable.h"

#define TABLE_CACHE 16

/* Cleared tables, linked through page->lru.next; the CPU with interrupts off. */
struct table_cache {
	struct page *first;
	int count;
};
static DEFINE_PER_CPU(struct table_cache, table_cache);
atomic_long_t nr_pagetable_pages;

/* [irqs off, or c is a dead CPU's] */
static struct page *pop_table(struct table_cache *c)
{
	struct page *table = c->first;

	if (table) {
		c->first = (struct page *)table->lru.next;
		c->count--;
	}
	return table;
}

static struct page *take_cached_table(void)
{
	struct page *table;
	unsigned long flags;

	local_irq_save(flags);
	table = pop_table(this_cpu_ptr(&table_cache));
	local_irq_restore(flags);
	return table;
}

struct page *alloc_table(gfp_t gfp)
{
	struct page *table;

	if (should_fail_alloc(gfp))
		return NULL;
	table = take_cached_table();
	if (!table) {
		table = alloc_page(gfp | __GFP_ZERO);
		if (!table)
			return NULL;
		table->flags |= BIT(PG_table);
		atomic_long_inc(&nr_pagetable_pages);
	}
	table->pt_share = 1;
	table->pt_lines = 0;
	spin_lock_init(&table->ptl);
	return table;
}

static void free_table_page(struct page *table)
{
	table->pt_share = 0;
	atomic_long_dec(&nr_pagetable_pages);
	__free_page(table);
}

void free_clear_table(struct page *table)
{
	struct table_cache *c;
	unsigned long flags;

	table->pt_share = 0;
	if (JIFFY_CHECKS)
		for (int i = 0; i < PTRS_PER_PTE; i++)
			ASSERT(((u64 *)page_address(table))[i] == 0);
	local_irq_save(flags);
	c = this_cpu_ptr(&table_cache);
	if (c->count < TABLE_CACHE) {
		table->lru.next = (struct list_head *)c->first;
		c->first = table;
		c->count++;
		table = NULL;
	}
	local_irq_restore(flags);
	if (table)
		free_table_page(table);
}

static void drain_this_cpu(void *unused)
{
	struct page *table;

	while ((table = take_cached_table()))
		free_table_page(table);
}

void table_cache_cpu_dead(unsigned int cpu)
{
	struct page *table;

	while ((table = pop_table(per_cpu_ptr(&table_cache, cpu))))
		free_table_page(table);
}

void drain_table_caches(void)
{
	on_each_cpu(drain_this_cpu, NULL, true);
}

pmd_t *find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	pud = pud_offset(pgd, addr);
	return pud_none(*pud) ? NULL : pmd_offset(pud, addr);
}

/* Links a new table in unless another thread was faster. */
#define LINK_TABLE(mm, entry, none, populate)                                      \
	({                                                                         \
		struct page *__t = alloc_table(GFP_KERNEL);                        \
		if (__t) {                                                         \
			spin_lock(&(mm)->page_table_lock);                         \
			if (none(*(entry))) {                                      \
				populate(mm, entry, page_address(__t));            \
				atomic_long_add(PAGE_SIZE, &(mm)->pgtables_bytes); \
				__t = NULL;                                        \
			}                                                          \
			spin_unlock(&(mm)->page_table_lock);                       \
			if (__t)                                                   \
				free_clear_table(__t);                             \
		}                                                                  \
		!none(*(entry));                                                   \
	})

pmd_t *alloc_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;

	if (unlikely(pgd_none(*pgd)) && !LINK_TABLE(mm, pgd, pgd_none, pgd_populate))
		return NULL;
	pud = pud_offset(pgd, addr);
	if (unlikely(pud_none(*pud)) && !LINK_TABLE(mm, pud, pud_none, pud_populate))
		return NULL;
	return pmd_offset(pud, addr);
}

bool drop_table_share(struct page *table)
{
	bool last;

	spin_lock(&table->ptl);
	last = !mutant(TABLE_SHARE_LEAKED) && --table->pt_share == 0;
	spin_unlock(&table->ptl);
	return last;
}

/*
 * Entries of a table that goes on being used by others, or by the parent of a fork. A private
 * page loses write permission on both sides; that of a shared mapping keeps it.
 */
static void copy_entries(pte_t *dst, pte_t *src, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		pte_t e = ptep_get(src + i);
		struct page *page;

		if (pte_none(e))
			continue;
		page = vm_normal_page(e);
		if (page) {
			if (!mutant(PAGE_REF_MISSED))
				atomic_inc(&page->_refcount);
			atomic_inc(&page->_mapcount);
			if (pte_write(e) && PageAnon(page) && !mutant(COW_WRITE_KEPT)) {
				ptep_set_wrprotect(src + i);
				e = pte_wrprotect(e);
			}
		}
		set_pte(dst + i, e);
	}
}

static void copy_whole_table(struct page *dst, struct page *src)
{
	pte_t *d = page_address(dst), *s = page_address(src);

	dst->pt_lines = src->pt_lines;
	for (unsigned long lines = src->pt_lines; lines; lines &= lines - 1) {
		unsigned int i = __ffs(lines) * PTES_PER_LINE;

		copy_entries(d + i, s + i, PTES_PER_LINE);
	}
}

/*
 * page_table_lock held. True when *pmd is private now; false when a spare table is needed.
 * The flush comes before the old table's lock is given back: after it, the last sharer may free
 * the table, and no walker of ours may still look there.
 */
static bool unshare_locked(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			   struct page **spare)
{
	struct page *old = pmd_pgtable(*pmd);

	lockdep_assert_held(&mm->page_table_lock);
	spin_lock(&old->ptl);
	if (old->pt_share == 1) {
		set_pmd(pmd, pmd_mkwrite(*pmd));
		spin_unlock(&old->ptl);
		return true;
	}
	if (!*spare) {
		spin_unlock(&old->ptl);
		return false;
	}
	copy_whole_table(*spare, old);
	smp_wmb();
	pmd_populate(mm, pmd, *spare);
	*spare = NULL;
	old->pt_share--;
	flush_tlb_page(mm, addr);
	spin_unlock(&old->ptl);
	count_vm_event(PTUNSHARE);
	return true;
}

int private_pte_table(struct mm_struct *mm, pmd_t *pmd, unsigned long addr, gfp_t gfp)
{
	struct page *spare = NULL;
	bool done;

	for (;;) {
		pmd_t e = pmdp_get(pmd);

		if (likely(pmd_present(e) && !pmd_shared(e)))
			break;
		if (pmd_none(e) && !spare) {
			spare = alloc_table(gfp);
			if (!spare)
				return -ENOMEM;
		}
		spin_lock(&mm->page_table_lock);
		if (pmd_none(*pmd)) {
			done = spare != NULL;
			if (done) {
				smp_wmb();
				pmd_populate(mm, pmd, spare);
				atomic_long_add(PAGE_SIZE, &mm->pgtables_bytes);
				spare = NULL;
			}
		} else {
			done = !pmd_shared(*pmd) || unshare_locked(mm, pmd, addr, &spare);
		}
		spin_unlock(&mm->page_table_lock);
		if (done)
			break;
		if (!spare) {
			spare = alloc_table(gfp);
			if (!spare)
				return -ENOMEM;
		}
	}
	if (spare)
		free_clear_table(spare);
	return 0;
}

pte_t *pte_lock(pmd_t *pmd, unsigned long addr, spinlock_t **ptlp)
{
	struct page *table = pmd_pgtable(*pmd);

	ASSERT(pmd_present(*pmd) && !pmd_shared(*pmd));
	spin_lock(&table->ptl);
	*ptlp = &table->ptl;
	return pte_offset(pmd, addr);
}

pte_t *pte_lock_read(struct mm_struct *mm, pmd_t *pmd, unsigned long addr, spinlock_t **ptlp)
{
	if (!pmd || pmd_none(pmdp_get(pmd)))
		return NULL;
	spin_lock(&mm->page_table_lock);
	if (pmd_none(*pmd)) {
		spin_unlock(&mm->page_table_lock);
		return NULL;
	}
	if (pmd_shared(*pmd)) {
		*ptlp = &mm->page_table_lock;
	} else {
		struct page *table = pmd_pgtable(*pmd);

		spin_lock(&table->ptl);
		spin_unlock(&mm->page_table_lock);
		*ptlp = &table->ptl;
	}
	return pte_offset(pmd, addr);
}

/* ---- fork ---- */

static bool region_is_mixed(struct mm_struct *src, unsigned long addr)
{
	unsigned long start = addr & PMD_MASK, end = start + PMD_SIZE;
	struct vm_area_struct *v;

	for (v = find_vma(src, start); v && v->vm_start < end; v = v->vm_next)
		if (v->vm_flags & (VM_DONTCOPY | VM_WIPEONFORK))
			return true;
	return false;
}

static void share_one_table(struct mm_struct *dst, struct mm_struct *src, pmd_t *dpmd, pmd_t *spmd,
			    bool *need_flush)
{
	struct page *table;

	spin_lock(&src->page_table_lock);
	table = pmd_pgtable(*spmd);
	spin_lock(&table->ptl);
	table->pt_share++;
	if (!pmd_shared(*spmd) && !mutant(TABLE_WRITABLE)) {
		set_pmd(spmd, pmd_wrprotect(*spmd));
		*need_flush = true;
	}
	set_pmd(dpmd, *spmd);
	spin_unlock(&table->ptl);
	spin_unlock(&src->page_table_lock);
	atomic_long_add(PAGE_SIZE, &dst->pgtables_bytes);
	count_vm_event(PTSHARE);
}

/* A region that the child gets only in part: entry by entry, into a table of its own. */
static int copy_part_of_table(struct mm_struct *dst, struct mm_struct *src, pmd_t *dpmd,
			      pmd_t *spmd, unsigned long addr, unsigned long end, bool *need_flush)
{
	spinlock_t *sptl;
	pte_t *s;

	if (private_pte_table(src, spmd, addr, GFP_KERNEL) ||
	    private_pte_table(dst, dpmd, addr, GFP_KERNEL))
		return -ENOMEM;
	s = pte_lock(spmd, addr, &sptl);
	pmd_pgtable(*dpmd)->pt_lines |= pmd_pgtable(*spmd)->pt_lines;
	copy_entries(pte_offset(dpmd, addr), s, (end - addr) >> PAGE_SHIFT);
	pte_unlock(sptl);
	*need_flush = true;
	count_vm_event(PTSPLIT_COPY);
	return 0;
}

static unsigned long next_pud_addr(struct mm_struct *mm, unsigned long addr)
{
	return pgd_none(*pgd_offset(mm, addr)) ? (addr & PGDIR_MASK) + PGDIR_SIZE
					       : (addr & PUD_MASK) + PUD_SIZE;
}

int share_page_tables(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma,
		      bool has_uninherited, unsigned long *done, bool *need_flush)
{
	unsigned long addr = vma->vm_start, next;

	for (; addr < vma->vm_end; addr = next) {
		pmd_t *spmd = find_pmd(src, addr), *dpmd;
		int err;

		if (!spmd) {
			next = next_pud_addr(src, addr);
			if (!next)
				break;
			continue;
		}
		next = (addr & PMD_MASK) + PMD_SIZE;
		if (pmd_none(*spmd))
			continue;
		dpmd = alloc_pmd(dst, addr);
		if (!dpmd)
			return -ENOMEM;
		if (has_uninherited && region_is_mixed(src, addr)) {
			err = copy_part_of_table(dst, src, dpmd, spmd, addr, min(next, vma->vm_end),
						 need_flush);
			if (err)
				return err;
		} else if ((addr & PMD_MASK) >= *done) {
			/* Else the VMA before began this region and shared it whole. */
			share_one_table(dst, src, dpmd, spmd, need_flush);
			*done = next;
		}
	}
	return 0;
}

void count_table_pages(const pte_t *pte, unsigned int n, long *rss)
{
	unsigned long lines = virt_to_page(pte)->pt_lines;

	for (unsigned int i = 0; i < n; i++) {
		struct page *page;

		if (!(lines & 1UL << pte_line(pte + i)))
			continue;
		page = pte_none(ptep_get(pte + i)) ? NULL : vm_normal_page(ptep_get(pte + i));
		if (page)
			rss[mm_counter(page)]++;
	}
}

void count_vma_pages(struct vm_area_struct *vma, long *rss)
{
	unsigned long addr, next;

	for (addr = vma->vm_start; addr < vma->vm_end; addr = next) {
		pmd_t *pmd = find_pmd(vma->vm_mm, addr);
		spinlock_t *ptl;
		pte_t *pte;

		next = pmd ? (addr & PMD_MASK) + PMD_SIZE : next_pud_addr(vma->vm_mm, addr);
		if (!next)
			break;
		pte = pte_lock_read(vma->vm_mm, pmd, addr, &ptl);
		if (!pte)
			continue;
		next = min(next, vma->vm_end);
		count_table_pages(pte, (next - addr) >> PAGE_SHIFT, rss);
		pte_unlock(ptl);
	}
}
