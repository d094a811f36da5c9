/* SPDX-License-Identifier: MIT */
/*
 * Throwing pages out of files. The size of the file is set first; then its pages leave the maps,
 * then the cache, then the maps again, since a private copy may have been made between. A fault
 * that looked at the old size holds the page's lock while it maps it, and truncation waits for
 * that lock; one that comes later sees the new size. Task context, i_rwsem held by the caller.
 */
#include <jiffy/fs.h>
#include <jiffy/string.h>

#include "pgtable.h"

#define BATCH 16

/* Page locked. Out of the maps and the cache; the caller's reference stays. */
static void truncate_page(struct address_space *mapping, struct page *page)
{
	if (page_mapped(page))
		unmap_mapping_pages(mapping, page->index, 1, false);
	clear_bit(PG_dirty, &page->flags);
	delete_from_page_cache(page);
}

static void truncate_whole_pages(struct address_space *mapping, unsigned long start,
				 unsigned long last)
{
	struct page *pages[BATCH];
	unsigned int n;

	while (start <= last) {
		n = find_get_pages_range(mapping, &start, last, BATCH, pages);
		for (unsigned int i = 0; i < n; i++) {
			lock_page(pages[i]);
			if (pages[i]->mapping == mapping)
				truncate_page(mapping, pages[i]);
			unlock_page(pages[i]);
			put_page(pages[i]);
		}
		if (!n || !start)
			break;
		cond_resched();
	}
}

/* Bytes from..to of the page at index, when it is in memory, become zeros. */
static void clear_part(struct address_space *mapping, unsigned long index, unsigned int from,
		       unsigned int to)
{
	struct page *page = find_lock_page(mapping, index);

	if (!page)
		return;
	memset((char *)page_address(page) + from, 0, to - from);
	set_page_dirty(page);
	unlock_page(page);
	put_page(page);
}

void truncate_inode_pages_range(struct address_space *mapping, loff_t lstart, loff_t lend)
{
	unsigned long first = (lstart + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned long behind = lend == -1 ? ~0UL : (unsigned long)(lend + 1) >> PAGE_SHIFT;
	unsigned int head = offset_in_page(lstart),
		     tail = lend == -1 ? 0 : offset_in_page(lend + 1);

	if (!READ_ONCE(mapping->nrpages))
		return;
	if (behind > first)
		truncate_whole_pages(mapping, first, behind - 1);
	if (head && lend != -1 && lstart >> PAGE_SHIFT == lend >> PAGE_SHIFT) {
		clear_part(mapping, lstart >> PAGE_SHIFT, head, head + (lend - lstart) + 1);
		return;
	}
	if (head)
		clear_part(mapping, lstart >> PAGE_SHIFT, head, PAGE_SIZE);
	if (tail && behind >= first)
		clear_part(mapping, behind, 0, tail);
}

void truncate_inode_pages(struct address_space *mapping, loff_t lstart)
{
	truncate_inode_pages_range(mapping, lstart, -1);
}

void truncate_inode_pages_final(struct address_space *mapping)
{
	truncate_inode_pages(mapping, 0);
	xa_destroy(&mapping->i_pages);
}

void truncate_pagecache(struct inode *inode, loff_t newsize)
{
	struct address_space *mapping = inode->i_mapping;
	loff_t hole = (newsize + PAGE_SIZE - 1) & ~(loff_t)(PAGE_SIZE - 1);

	if (!mapping)
		return;
	unmap_mapping_range(mapping, hole, 0, 1);
	truncate_inode_pages(mapping, newsize);
	unmap_mapping_range(mapping, hole, 0, 1);
}

void truncate_setsize(struct inode *inode, loff_t newsize)
{
	loff_t old = inode->i_size;

	i_size_write(inode, newsize);
	if (newsize < old)
		truncate_pagecache(inode, newsize);
}

void truncate_pagecache_range(struct inode *inode, loff_t lstart, loff_t lend)
{
	struct address_space *mapping = inode->i_mapping;
	loff_t start = (lstart + PAGE_SIZE - 1) & ~(loff_t)(PAGE_SIZE - 1);
	loff_t behind = (lend + 1) & ~(loff_t)(PAGE_SIZE - 1);

	if (!mapping)
		return;
	/* Private copies are the processes' own and stay. */
	if (behind > start)
		unmap_mapping_range(mapping, start, behind - start, 0);
	truncate_inode_pages_range(mapping, lstart, lend);
}

void unmap_mapping_pages(struct address_space *mapping, unsigned long first, unsigned long nr,
			 bool even_cows)
{
	struct zap_details details = {.keep_cows = !even_cows, .remote = true};
	unsigned long last = nr ? first + nr - 1 : ~0UL;
	struct vm_area_struct *vma;

	if (last < first)
		last = ~0UL;
	if (!mapping_mapped(mapping))
		return;
	down_read(&mapping->i_mmap_rwsem);
	list_for_each_entry (vma, &mapping->i_mmap, i_mmap_node) {
		unsigned long v_first = vma->vm_pgoff, v_last = v_first + vma_pages(vma) - 1;
		unsigned long a = max(first, v_first), b = min(last, v_last);

		if (a > b)
			continue;
		zap_page_range(vma, vma->vm_start + ((a - v_first) << PAGE_SHIFT),
			       (b - a + 1) << PAGE_SHIFT, &details);
	}
	up_read(&mapping->i_mmap_rwsem);
}

void unmap_mapping_range(struct address_space *mapping, loff_t holebegin, loff_t holelen,
			 int even_cows)
{
	unsigned long first = holebegin >> PAGE_SHIFT;
	unsigned long nr = (holelen + PAGE_SIZE - 1) >> PAGE_SHIFT;

	unmap_mapping_pages(mapping, first, nr, even_cows);
}

unsigned long invalidate_mapping_pages(struct address_space *mapping, unsigned long start,
				       unsigned long end)
{
	struct page *pages[BATCH];
	unsigned long gone = 0;
	unsigned int n;

	if (test_bit(AS_UNEVICTABLE, &mapping->flags))
		return 0;
	while (start <= end) {
		n = find_get_pages_range(mapping, &start, end, BATCH, pages);
		for (unsigned int i = 0; i < n; i++) {
			struct page *page = pages[i];

			if (trylock_page(page)) {
				if (page->mapping == mapping && !page_mapped(page) &&
				    !PageDirty(page) && !PageSwapBacked(page) &&
				    page_count(page) == 2) {
					delete_from_page_cache(page);
					gone++;
				}
				unlock_page(page);
			}
			put_page(page);
		}
		if (!n || !start)
			break;
		cond_resched();
	}
	return gone;
}
