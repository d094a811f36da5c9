/* SPDX-License-Identifier: MIT */
/*
 * The set of VMAs: a red-black tree by address, in which every node knows the largest hole that
 * lies before a VMA of its subtree, so that finding a free range is one walk down; and a list in
 * the same order. Locks: mmap_lock for writing throughout, i_mmap_rwsem for what truncation
 * reads.
 */
#include <jiffy/fs.h>
#include <jiffy/file.h>
#include <jiffy/init.h>
#include <jiffy/string.h>

#include "vma.h"

static struct kmem_cache *vma_cache;

void __init vma_caches_init(void)
{
	vma_cache = KMEM_CACHE(vm_area_struct, SLAB_PANIC);
}

static unsigned long gap_before(const struct vm_area_struct *vma)
{
	unsigned long start = vm_start_gap(vma);
	unsigned long prev_end = vma->vm_prev ? vma->vm_prev->vm_end : 0;

	return start > prev_end ? start - prev_end : 0;
}

static inline unsigned long subtree_gap(const struct rb_node *n)
{
	return n ? rb_entry(n, struct vm_area_struct, vm_rb)->rb_subtree_gap : 0;
}

static bool compute_gap(struct vm_area_struct *vma, bool exit)
{
	unsigned long gap = gap_before(vma);

	gap = max(gap, subtree_gap(vma->vm_rb.rb_left));
	gap = max(gap, subtree_gap(vma->vm_rb.rb_right));
	if (exit && vma->rb_subtree_gap == gap)
		return true;
	vma->rb_subtree_gap = gap;
	return false;
}

RB_DECLARE_CALLBACKS(vma_gaps, struct vm_area_struct, vm_rb, rb_subtree_gap, compute_gap)

void vma_gap_changed(struct mm_struct *mm, struct vm_area_struct *vma)
{
	vma_gaps.propagate(&vma->vm_rb, NULL);
	if (vma->vm_next)
		vma_gaps.propagate(&vma->vm_next->vm_rb, NULL);
	else
		mm->highest_vm_end = vma->vm_end;
}

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kmem_cache_zalloc(vma_cache, GFP_KERNEL);

	if (vma) {
		vma->vm_mm = mm;
		INIT_LIST_HEAD(&vma->i_mmap_node);
	}
	return vma;
}

struct vm_area_struct *vm_area_dup(struct vm_area_struct *orig)
{
	struct vm_area_struct *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL);

	if (vma) {
		*vma = *orig;
		INIT_LIST_HEAD(&vma->i_mmap_node);
		vma->vm_next = vma->vm_prev = NULL;
	}
	return vma;
}

void vm_area_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vma_cache, vma);
}

void remove_vma(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	vm_area_free(vma);
}

void vma_set_page_prot(struct vm_area_struct *vma)
{
	vm_flags_t flags = vma->vm_flags;

	/* The first write to a page of such a file is to be noticed. */
	if ((flags & VM_SHARED) && vma->vm_ops && vma->vm_ops->page_mkwrite)
		flags &= ~VM_SHARED;
	WRITE_ONCE(vma->vm_page_prot, vm_get_page_prot(flags));
}

void vm_stat_account(struct mm_struct *mm, vm_flags_t flags, long npages)
{
	mm->total_vm += npages;
	if (is_data_mapping(flags))
		mm->data_vm += npages;
	else if ((flags & (VM_EXEC | VM_WRITE | VM_STACK)) == VM_EXEC)
		mm->exec_vm += npages;
	else if (flags & VM_STACK)
		mm->stack_vm += npages;
	if (mm->total_vm > mm->hiwater_vm)
		mm->hiwater_vm = mm->total_vm;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = READ_ONCE(mm->vmacache), *best = NULL;
	struct rb_node *n;

	mmap_assert_locked(mm);
	if (vma && vma->vm_start <= addr && addr < vma->vm_end)
		return vma;
	for (n = mm->mm_rb.rb_node; n;) {
		vma = rb_entry(n, struct vm_area_struct, vm_rb);
		if (vma->vm_end > addr) {
			best = vma;
			if (vma->vm_start <= addr)
				break;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	/*
	 * Readers race to write the hint; any of their values is a VMA that is in the tree, and a
	 * writer of mmap_lock takes it away before it frees that VMA.
	 */
	if (best)
		WRITE_ONCE(mm->vmacache, best);
	return best;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	struct rb_node *last;

	if (vma) {
		*pprev = vma->vm_prev;
	} else {
		last = rb_last(&mm->mm_rb);
		*pprev = rb_entry_safe(last, struct vm_area_struct, vm_rb);
	}
	return vma;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

static struct address_space *vma_mapping(const struct vm_area_struct *vma)
{
	return vma->vm_file ? vma->vm_file->f_mapping : NULL;
}

void vma_link_file(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (!mapping)
		return;
	down_write(&mapping->i_mmap_rwsem);
	list_add_tail(&vma->i_mmap_node, &mapping->i_mmap);
	up_write(&mapping->i_mmap_rwsem);
}

/* Copies of a VMA that fork made stay counted as writers like the first one. */
void vma_unlink_file(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (!mapping)
		return;
	down_write(&mapping->i_mmap_rwsem);
	if (vma->vm_flags & VM_SHARED)
		mapping_unmap_writable(mapping);
	list_del_init(&vma->i_mmap_node);
	up_write(&mapping->i_mmap_rwsem);
}

static void link_into_tree(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct rb_node **link = &mm->mm_rb.rb_node, *parent = NULL;
	struct vm_area_struct *prev = NULL, *next = NULL;

	while (*link) {
		struct vm_area_struct *v = rb_entry(*link, struct vm_area_struct, vm_rb);

		parent = *link;
		if (vma->vm_start < v->vm_start) {
			next = v;
			link = &parent->rb_left;
		} else {
			prev = v;
			link = &parent->rb_right;
		}
	}
	vma->vm_prev = prev;
	vma->vm_next = next;
	if (prev)
		prev->vm_next = vma;
	else
		mm->mmap = vma;
	if (next)
		next->vm_prev = vma;
	rb_link_node(&vma->vm_rb, parent, link);
	/* As small as can be, so that the walk up stops where it changes nothing. */
	vma->rb_subtree_gap = 0;
	vma_gaps.propagate(&vma->vm_rb, NULL);
	rb_insert_augmented(&vma->vm_rb, &mm->mm_rb, &vma_gaps);
	vma_gap_changed(mm, vma);
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	link_into_tree(mm, vma);
	vma_link_file(vma);
	mm->map_count++;
}

void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	rb_erase_augmented(&vma->vm_rb, &mm->mm_rb, &vma_gaps);
	if (prev)
		prev->vm_next = next;
	else
		mm->mmap = next;
	if (next) {
		next->vm_prev = prev;
		vma_gaps.propagate(&next->vm_rb, NULL);
	} else {
		mm->highest_vm_end = prev ? prev->vm_end : 0;
	}
	mm->vmacache = NULL;
	mm->map_count--;
}

void vma_set_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   unsigned long pgoff)
{
	struct address_space *mapping = vma_mapping(vma);

	if (mapping)
		down_write(&mapping->i_mmap_rwsem);
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = pgoff;
	if (mapping)
		up_write(&mapping->i_mmap_rwsem);
}

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr, bool new_below)
{
	struct vm_area_struct *new;
	unsigned long upper_pgoff = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	int err;

	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	if (vma->vm_ops && vma->vm_ops->may_split) {
		err = vma->vm_ops->may_split(vma, addr);
		if (err)
			return err;
	}
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	if (new->vm_file) {
		get_file(new->vm_file);
		if ((new->vm_flags &VM_SHARED) && vma_mapping(new))
			atomic_inc(&vma_mapping(new)->i_mmap_writable);
	}
	if (new->vm_ops &&new->vm_ops->open)
		new->vm_ops->open(new);
	if (new_below) {
		new->vm_end = addr;
		vma_set_range(vma, addr, vma->vm_end, upper_pgoff);
	} else {
		new->vm_start = addr;
		new->vm_pgoff = upper_pgoff;
		vma_set_range(vma, vma->vm_start, addr, vma->vm_pgoff);
	}
	vma_gap_changed(mm, vma);
	vma_link(mm, new);
	return 0;
}

/* May b, which begins where a ends, be one VMA with it? Private anonymous memory has no offset. */
static bool can_join(const struct vm_area_struct *a, vm_flags_t flags, const struct file *file,
		     unsigned long pgoff, const struct vm_operations_struct *ops, void *private)
{
	if (a->vm_flags != flags || a->vm_file != file || a->vm_ops != ops ||
	    a->vm_private_data != private)
		return false;
	if (flags & (VM_SPECIAL | VM_GROWSDOWN))
		return false;
	if (ops && ops->close)
		return false;
	return !file || a->vm_pgoff + vma_pages(a) == pgoff;
}

static bool join_with_next(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma->vm_next;

	if (!next || vma->vm_end != next->vm_start ||
	    !can_join(vma, next->vm_flags, next->vm_file, next->vm_pgoff, next->vm_ops,
		      next->vm_private_data))
		return false;
	vma_unlink(mm, next);
	vma_unlink_file(next);
	vma_set_range(vma, vma->vm_start, next->vm_end, vma->vm_pgoff);
	vma_gap_changed(mm, vma);
	remove_vma(next);
	return true;
}

struct vm_area_struct *vma_extend_prev(struct mm_struct *mm, struct vm_area_struct *prev,
				       unsigned long addr, unsigned long end, vm_flags_t flags,
				       struct file *file, unsigned long pgoff)
{
	const struct vm_operations_struct *ops = prev ? prev->vm_ops : NULL;

	if (!prev || prev->vm_end != addr)
		return NULL;
	/* Which operations a file gives its VMAs is known only once it has mapped one. */
	if (!file && ops)
		return NULL;
	if (!can_join(prev, flags, file, pgoff, ops, prev->vm_private_data) ||
	    (!file && prev->vm_private_data))
		return NULL;
	vma_set_range(prev, prev->vm_start, end, prev->vm_pgoff);
	vma_gap_changed(mm, prev);
	join_with_next(mm, prev);
	return prev;
}

struct vm_area_struct *vma_join_neighbours(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev;

	join_with_next(mm, vma);
	if (prev && join_with_next(mm, prev))
		return prev;
	return vma;
}

int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	mmap_assert_write_locked(mm);
	if (find_vma_intersection(mm, vma->vm_start, vma->vm_end))
		return -ENOMEM;
	if ((vma->vm_flags & VM_ACCOUNT) && vm_enough_memory(mm, vma_pages(vma)))
		return -ENOMEM;
	if (vma_is_anonymous(vma))
		vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma_set_page_prot(vma);
	vma_link(mm, vma);
	return 0;
}

/* ---- holes ---- */

struct hole_search {
	unsigned long len, low, high, found;
};

/* The part of the hole before vma that the search may use, as *start..*end. */
static bool usable_hole(const struct vm_area_struct *vma, const struct hole_search *hs,
			unsigned long *start, unsigned long *end)
{
	*start = max(vma->vm_prev ? vma->vm_prev->vm_end : 0, hs->low);
	*end = min(vm_start_gap(vma), hs->high);
	return *end > *start && *end - *start >= hs->len;
}

/* Depth: the tree's height, at most twice the logarithm of the number of VMAs. */
static bool search_down(struct rb_node *n, struct hole_search *hs)
{
	struct vm_area_struct *vma;
	unsigned long start, end;

	if (subtree_gap(n) < hs->len)
		return false;
	vma = rb_entry(n, struct vm_area_struct, vm_rb);
	if (vma->vm_end < hs->high && search_down(n->rb_right, hs))
		return true;
	if (usable_hole(vma, hs, &start, &end)) {
		hs->found = end - hs->len;
		return true;
	}
	return vma->vm_start > hs->low && search_down(n->rb_left, hs);
}

static bool search_up(struct rb_node *n, struct hole_search *hs)
{
	struct vm_area_struct *vma;
	unsigned long start, end;

	if (subtree_gap(n) < hs->len)
		return false;
	vma = rb_entry(n, struct vm_area_struct, vm_rb);
	if (vma->vm_start > hs->low && search_up(n->rb_left, hs))
		return true;
	if (usable_hole(vma, hs, &start, &end)) {
		hs->found = start;
		return true;
	}
	return vma->vm_end < hs->high && search_up(n->rb_right, hs);
}

unsigned long find_hole_topdown(struct mm_struct *mm, unsigned long len, unsigned long low,
				unsigned long high)
{
	struct hole_search hs = {.len = len, .low = low, .high = high};
	unsigned long top = max(mm->highest_vm_end, low);

	if (high > top && high - top >= len)
		return high - len;
	return search_down(mm->mm_rb.rb_node, &hs) ? hs.found : (unsigned long)-ENOMEM;
}

unsigned long find_hole_bottomup(struct mm_struct *mm, unsigned long len, unsigned long low,
				 unsigned long high)
{
	struct hole_search hs = {.len = len, .low = low, .high = high};
	unsigned long top = max(mm->highest_vm_end, low);

	if (search_up(mm->mm_rb.rb_node, &hs))
		return hs.found;
	return high > top && high - top >= len ? top : (unsigned long)-ENOMEM;
}
