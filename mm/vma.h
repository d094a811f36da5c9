/* SPDX-License-Identifier: MIT */
/*
 * The set of VMAs of an address space, inside room mm/. Everything here wants mmap_lock for
 * writing unless said. vma.c.
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "internal.h"

/* Lowest address a program may map; and the room kept free below a growing stack. */
#define MMAP_MIN_ADDR	65536UL
#define STACK_GUARD_GAP (256UL << PAGE_SHIFT)

static inline unsigned long vm_start_gap(const struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > STACK_GUARD_GAP ? vma->vm_start - STACK_GUARD_GAP : 0;
}

static inline bool is_data_mapping(vm_flags_t flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_STACK)) == VM_WRITE;
}

/* Pages whose number counts against the commit limit. */
static inline bool accountable_mapping(struct file *file, vm_flags_t flags)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

void vma_caches_init(void); /* boot */
void vma_set_page_prot(struct vm_area_struct *vma);
void vm_stat_account(struct mm_struct *mm, vm_flags_t flags, long npages);
/* Into tree, list and file; and out again (not freed). */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma);
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma);
void vma_link_file(struct vm_area_struct *vma);
void vma_unlink_file(struct vm_area_struct *vma);
/* After vm_start or vm_end of vma changed in place: the holes before it and behind it. */
void vma_gap_changed(struct mm_struct *mm, struct vm_area_struct *vma);
/* New bounds, with the file's list locked against truncation. */
void vma_set_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   unsigned long pgoff);
/* Cuts at addr; the part below (or above) is a new VMA. 0, -ENOMEM, ->may_split()'s error. */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr, bool new_below);
/*
 * A new stretch [addr, end) with these properties would continue prev: prev grows over it (and
 * joins what follows). The VMA that covers it, or NULL.
 */
struct vm_area_struct *vma_extend_prev(struct mm_struct *mm, struct vm_area_struct *prev,
				       unsigned long addr, unsigned long end, vm_flags_t flags,
				       struct file *file, unsigned long pgoff);
/* vma's properties changed: joins it with its neighbours where they match now. What it is now. */
struct vm_area_struct *vma_join_neighbours(struct mm_struct *mm, struct vm_area_struct *vma);
/* Drops what vma holds (->close(), file, memory itself). vma is in no tree. */
void remove_vma(struct vm_area_struct *vma);
/* A hole of len bytes in [low, high), the highest (or lowest) one; -ENOMEM. */
unsigned long find_hole_topdown(struct mm_struct *mm, unsigned long len, unsigned long low,
				unsigned long high);
unsigned long find_hole_bottomup(struct mm_struct *mm, unsigned long len, unsigned long low,
				 unsigned long high);

#endif
