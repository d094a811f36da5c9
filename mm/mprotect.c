/* SPDX-License-Identifier: MIT */
/*
 * mprotect(2). mmap_lock for writing.
 */
#include <jiffy/fs.h>
#include <jiffy/mount.h>
#include <jiffy/syscalls.h>
#include <uapi/mman.h>
#include <uapi/prctl.h>

#include "pgtable.h"
#include "vma.h"

static void change_entries(struct vm_area_struct *vma, pte_t *pte, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		pte_t e = ptep_get(pte + i);
		struct page *page;
		bool keep_write;

		if (pte_none(e))
			continue;
		e = ptep_get_and_clear(pte + i);
		page = vm_normal_page(e);
		/* A page that was written already need not fault once more to be written again. */
		keep_write = (vma->vm_flags & VM_WRITE) && pte_write(e) && page &&
			     (vma->vm_flags & VM_SHARED || PageAnon(page));
		e = pte_modify(e, vma->vm_page_prot);
		if (!(vma->vm_flags & VM_SHARED))
			e = pte_wrprotect(e);
		if (keep_write)
			e = pte_mkwrite(e);
		set_pte(pte + i, e);
	}
}

/* Every entry of [start, end) gets vma's protection. 0 or -ENOMEM, with a part done. */
static int change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr, next;
	bool changed = false;
	int err = 0;

	for (addr = start; addr < end && !err; addr = next) {
		pmd_t *pmd = find_pmd(mm, addr);
		spinlock_t *ptl;
		pte_t *pte;

		next = pmd ? (addr & PMD_MASK) + PMD_SIZE : (addr & PUD_MASK) + PUD_SIZE;
		if (!pmd || pmd_none(*pmd))
			continue;
		err = private_pte_table(mm, pmd, addr, GFP_KERNEL);
		if (err)
			break;
		pte = pte_lock(pmd, addr, &ptl);
		change_entries(vma, pte, (min(next, end) - addr) >> PAGE_SHIFT);
		pte_unlock(ptl);
		changed = true;
	}
	if (changed)
		flush_tlb_range(mm, start, end);
	return err;
}

int mprotect_fixup(struct vm_area_struct *vma, struct vm_area_struct **pprev, unsigned long start,
		   unsigned long end, unsigned long newflags)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long oldflags = vma->vm_flags;
	long nr = (end - start) >> PAGE_SHIFT, charged = 0;
	int err;

	*pprev = vma;
	if (newflags == oldflags)
		return 0;
	/* Private memory that becomes writable may come to need pages of its own. */
	if (newflags & VM_WRITE) {
		if (!may_expand_vm(mm, newflags, nr) && may_expand_vm(mm, oldflags, nr))
			return -ENOMEM;
		if (!(oldflags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))) {
			charged = nr;
			if (vm_enough_memory(mm, charged))
				return -ENOMEM;
			newflags |= VM_ACCOUNT;
		}
	}
	err = start > vma->vm_start ? split_vma(mm, vma, start, true) : 0;
	if (!err && end < vma->vm_end)
		err = split_vma(mm, vma, end, false);
	if (err) {
		vm_unacct_memory(charged);
		return err;
	}
	vm_stat_account(mm, oldflags, -nr);
	vm_stat_account(mm, newflags, nr);
	vma->vm_flags = newflags;
	vma_set_page_prot(vma);
	err = change_protection(vma, start, end);
	*pprev = vma_join_neighbours(mm, vma);
	return err;
}

/* One VMA's part of the range. */
static int protect_vma(struct vm_area_struct *vma, struct vm_area_struct **pprev,
		       unsigned long start, unsigned long end, unsigned long prot)
{
	vm_flags_t flags = vma->vm_flags & ~VM_ACCESS_FLAGS;

	if ((current->personality & READ_IMPLIES_EXEC) && (prot & PROT_READ) &&
	    (vma->vm_flags & VM_MAYEXEC))
		prot |= PROT_EXEC;
	flags |= prot & PROT_READ ? VM_READ : 0;
	flags |= prot & PROT_WRITE ? VM_WRITE : 0;
	flags |= prot & PROT_EXEC ? VM_EXEC : 0;
	/* VM_MAY* stand four bits above. */
	if ((flags & ~(flags >> 4)) & VM_ACCESS_FLAGS)
		return -EACCES;
	return mprotect_fixup(vma, pprev, start, end, flags);
}

/* Where the range begins after PROT_GROWSDOWN has been taken into account; or an errno. */
static long grown_start(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			bool growsdown)
{
	if (growsdown) {
		if (vma->vm_start >= end)
			return -ENOMEM;
		return vma->vm_flags & VM_GROWSDOWN ? (long)vma->vm_start : -EINVAL;
	}
	return vma->vm_start > start ? -ENOMEM : (long)start;
}

static int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long end,
		       unsigned long prot, bool growsdown)
{
	struct vm_area_struct *vma = find_vma(mm, start), *prev;
	long first;
	int err = 0;

	if (!vma)
		return -ENOMEM;
	first = grown_start(vma, start, end, growsdown);
	if (first < 0)
		return first;
	for (start = first; start < end;) {
		unsigned long stop = min(end, vma->vm_end);

		err = protect_vma(vma, &prev, start, stop, prot);
		if (err)
			break;
		start = stop;
		vma = prev->vm_end > start ? prev : prev->vm_next;
		if (start < end && (!vma || vma->vm_start > start)) {
			err = -ENOMEM;
			break;
		}
	}
	return err;
}

SYSCALL_DEFINE3(mprotect, unsigned long, start, size_t, len, unsigned long, prot)
{
	struct mm_struct *mm = current->mm;
	bool growsdown = prot & PROT_GROWSDOWN;
	unsigned long end;
	int err;

	prot &= ~(PROT_GROWSDOWN | PROT_SEM);
	if ((start & ~PAGE_MASK) || (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC)))
		return -EINVAL;
	if (!len)
		return 0;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (end <= start)
		return -ENOMEM;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_mprotect(mm, start, end, prot, growsdown);
	mmap_write_unlock(mm);
	return err;
}
