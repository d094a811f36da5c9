/* SPDX-License-Identifier: MIT */
/*
 * mincore(2) and msync(2): what is in memory, and what must reach the file.
 */
#include <arch/uaccess.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/syscalls.h>
#include <uapi/mman.h>

#include "pgtable.h"

static bool page_in_core(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long index = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	spinlock_t *ptl;
	pte_t *pte = pte_lock_read(vma->vm_mm, find_pmd(vma->vm_mm, addr), addr, &ptl);
	struct page *page;
	bool there = false;

	if (pte) {
		there = !pte_none(*pte);
		pte_unlock(ptl);
	}
	if (there || !vma->vm_file || !vma->vm_file->f_mapping)
		return there;
	page = find_get_page(vma->vm_file->f_mapping, index);
	if (!page)
		return false;
	there = PageUptodate(page);
	put_page(page);
	return there;
}

/* Up to n pages from addr into vec: how many were looked at, or -ENOMEM. mmap_lock held. */
static long mincore_chunk(struct mm_struct *mm, unsigned long addr, unsigned long n,
			  unsigned char *vec)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	unsigned long i;

	if (!vma)
		return -ENOMEM;
	for (i = 0; i < n && addr < vma->vm_end; i++, addr += PAGE_SIZE)
		vec[i] = page_in_core(vma, addr);
	return i;
}

SYSCALL_DEFINE3(mincore, unsigned long, start, size_t, len, unsigned char __user *, vec)
{
	struct mm_struct *mm = current->mm;
	unsigned long pages = PFN_UP(len);
	unsigned char chunk[256];

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok((void __user *)start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	while (pages) {
		long n;

		mmap_read_lock(mm);
		n = mincore_chunk(mm, start, min(pages, sizeof(chunk)), chunk);
		mmap_read_unlock(mm);
		if (n < 0)
			return n;
		if (copy_to_user(vec, chunk, n))
			return -EFAULT;
		vec += n;
		start += (unsigned long)n << PAGE_SHIFT;
		pages -= n;
	}
	return 0;
}

/* Writes vma's part of the range back. Takes mmap_lock off and on. */
static int sync_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
		    unsigned long end)
{
	loff_t from = ((loff_t)vma->vm_pgoff << PAGE_SHIFT) + (start - vma->vm_start);
	struct file *file = get_file(vma->vm_file);
	int err = 0;

	mmap_read_unlock(mm);
	if (file->f_op->fsync)
		err = file->f_op->fsync(file, from, from + (end - start) - 1, 1);
	fput(file);
	mmap_read_lock(mm);
	return err;
}

SYSCALL_DEFINE3(msync, unsigned long, start, size_t, len, int, flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int unmapped = 0, err = 0;
	unsigned long end;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || (start & ~PAGE_MASK) ||
	    ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (end < start)
		return -ENOMEM;
	mmap_read_lock(mm);
	while (start < end && !err) {
		unsigned long stop;

		vma = find_vma(mm, start);
		if (!vma || vma->vm_start >= end) {
			unmapped = -ENOMEM;
			break;
		}
		if (start < vma->vm_start) {
			unmapped = -ENOMEM;
			start = vma->vm_start;
		}
		stop = min(end, vma->vm_end);
		if ((flags & MS_INVALIDATE) && (vma->vm_flags & VM_LOCKED))
			err = -EBUSY;
		else if ((flags & MS_SYNC) && vma->vm_file && (vma->vm_flags & VM_SHARED))
			err = sync_vma(mm, vma, start, stop);
		start = stop;
	}
	mmap_read_unlock(mm);
	return err ? err : unmapped;
}
