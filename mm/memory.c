/* SPDX-License-Identifier: MIT */
/*
 * Page faults: bringing a page to where a program touched, be it zeros, a file's contents or a
 * copy of its own. Task context, interrupts on; mmap_lock is held for reading, so two threads may
 * fault on one page at once: each looks at the entry again once it holds the table's lock, and
 * the slower one throws its page away.
 *
 * Locks: pgtable.h, *Serialization rules* in <jiffy/mm_types.h>.
 */
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/mutation.h>
#include <jiffy/signal.h>

#include "pgtable.h"
#include "vma.h"

struct page *zero_page;

static inline pte_t maybe_mkwrite(pte_t e, const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE ? pte_mkwrite(e) : e;
}

static struct page *alloc_user_page(gfp_t extra)
{
	return alloc_page(GFP_HIGHUSER | extra);
}

void do_set_pte(struct vm_area_struct *vma, pte_t *pte, struct page *page, bool write)
{
	pte_t e = mk_pte(page, vma->vm_page_prot);

	e = pte_mkyoung(e);
	if (write)
		e = maybe_mkwrite(pte_mkdirty(e), vma);
	atomic_inc(&page->_mapcount);
	add_mm_counter(vma->vm_mm, mm_counter(page), 1);
	set_new_pte(pte, e);
}

/* ---- anonymous memory ---- */

static vm_fault_t map_zero_page(struct vm_fault *vmf)
{
	spinlock_t *ptl;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &ptl);

	if (pte_none(*pte))
		set_new_pte(pte,
			    pte_mkspecial(pfn_pte(page_to_pfn(zero_page), vmf->vma->vm_page_prot)));
	pte_unlock(ptl);
	return 0;
}

static vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page;
	spinlock_t *ptl;
	pte_t *pte;

	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return map_zero_page(vmf);
	page = alloc_user_page(__GFP_ZERO);
	if (!page)
		return VM_FAULT_OOM;
	page->flags |= BIT(PG_anon) | BIT(PG_uptodate);
	page->index = vmf->pgoff;
	pte = pte_lock(vmf->pmd, vmf->address, &ptl);
	if (likely(pte_none(*pte))) {
		do_set_pte(vma, pte, page, true);
		page = NULL;
	}
	pte_unlock(ptl);
	if (page)
		put_page(page);
	return 0;
}

/* ---- copy on write ---- */

/* old NULL: of the zero page. The new page replaces what vmf->orig_pte names. */
static vm_fault_t copy_cow_page(struct vm_fault *vmf, struct page *old)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *new = alloc_user_page(old ? 0 : __GFP_ZERO);
	bool counted = !pte_special(vmf->orig_pte);
	spinlock_t *ptl;
	pte_t *pte;

	if (!new) {
		if (old)
			put_page(old);
		return VM_FAULT_OOM;
	}
	if (old)
		copy_highpage(new, old);
	new->flags |= BIT(PG_anon) | BIT(PG_uptodate);
	new->index = vmf->pgoff;
	pte = pte_lock(vmf->pmd, vmf->address, &ptl);
	if (likely(pte_same(*pte, vmf->orig_pte))) {
		/*
		 * Two CPUs must never see different pages, one of them through an old translation
		 * after the new entry is there: empty, flush, fill.
		 */
		ptep_get_and_clear(pte);
		flush_tlb_page(vma->vm_mm, vmf->address);
		if (counted) {
			atomic_dec(&old->_mapcount);
			add_mm_counter(vma->vm_mm, mm_counter(old), -1);
		}
		do_set_pte(vma, pte, new, true);
		new = NULL;
		pte_unlock(ptl);
		if (counted && !mutant(COW_OLD_PAGE_LEAKED))
			put_page(old); /* what the entry held */
	} else {
		pte_unlock(ptl);
		put_page(new);
	}
	if (old)
		put_page(old);
	return VM_FAULT_DONE_COW;
}

static vm_fault_t make_writable(struct vm_fault *vmf, pte_t *pte, spinlock_t *ptl)
{
	pte_t e = pte_mkyoung(pte_mkdirty(*pte));

	set_pte(pte, maybe_mkwrite(e, vmf->vma));
	pte_unlock(ptl);
	count_vm_event(PGREUSE);
	return 0;
}

/* A shared page's first write: the file system is asked, then the entry looked at again. */
static vm_fault_t write_shared_page(struct vm_fault *vmf, pte_t *pte, spinlock_t *ptl)
{
	const struct vm_operations_struct *ops = vmf->vma->vm_ops;
	struct page *page = vm_normal_page(*pte);
	vm_fault_t ret;

	if (!page || !ops || !ops->page_mkwrite)
		return make_writable(vmf, pte, ptl);
	get_page(page);
	pte_unlock(ptl);
	vmf->page = page;
	ret = ops->page_mkwrite(vmf);
	if (!(ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))) {
		pte = pte_lock(vmf->pmd, vmf->address, &ptl);
		if (pte_same(*pte, vmf->orig_pte))
			make_writable(vmf, pte, ptl);
		else
			pte_unlock(ptl);
	}
	if (ret & VM_FAULT_LOCKED)
		unlock_page(page);
	put_page(page);
	return ret & VM_FAULT_ERROR;
}

/* The kernel's own page behind an uncounted entry (the vDSO): NULL for a device's frame. */
static struct page *reserved_frame(pte_t e)
{
	struct page *page = pfn_valid(pte_pfn(e)) ? pfn_to_page(pte_pfn(e)) : NULL;

	return page && PageReserved(page) ? page : NULL;
}

/* A write to a page that the entry has read-only. */
static vm_fault_t do_wp_page(struct vm_fault *vmf)
{
	struct page *page;
	spinlock_t *ptl;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &ptl);

	if (!pte_same(*pte, vmf->orig_pte)) {
		pte_unlock(ptl);
		return 0;
	}
	if (vmf->vma->vm_flags & VM_SHARED)
		return write_shared_page(vmf, pte, ptl);
	page = vm_normal_page(*pte);
	/* The only reference is this entry's: nobody else can come to have the page. */
	if (page && PageAnon(page) && (page_count(page) == 1 || mutant(COW_PAGE_STOLEN)))
		return make_writable(vmf, pte, ptl);
	if (page) {
		get_page(page);
	} else if (pte_pfn(*pte) != page_to_pfn(zero_page)) {
		page = reserved_frame(*pte);
		if (!page) {
			pte_unlock(ptl);
			return VM_FAULT_SIGBUS;
		}
		get_page(page);
	}
	pte_unlock(ptl);
	return copy_cow_page(vmf, page);
}

/* ---- files ---- */

static vm_fault_t call_fault(struct vm_fault *vmf)
{
	const struct vm_operations_struct *ops = vmf->vma->vm_ops;

	return ops->fault ? ops->fault(vmf) : VM_FAULT_SIGBUS;
}

static void drop_fault_page(struct page *page, vm_fault_t ret)
{
	if (ret & VM_FAULT_LOCKED)
		unlock_page(page);
	put_page(page);
}

/* vmf->page goes into the empty entry, its reference with it. False: somebody was faster. */
static bool map_fault_page(struct vm_fault *vmf, struct page *page, bool write)
{
	spinlock_t *ptl;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &ptl);
	bool empty = pte_none(*pte);

	if (empty)
		do_set_pte(vmf->vma, pte, page, write);
	pte_unlock(ptl);
	return empty;
}

/* The aligned 64 KiB round the address, cut to the VMA and the table. */
static vm_fault_t fault_around(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long span = FAULT_AROUND_PAGES << PAGE_SHIFT;
	unsigned long lo = max(vmf->address & ~(span - 1), vma->vm_start);
	unsigned long hi = min((vmf->address & ~(span - 1)) + span, vma->vm_end);
	unsigned long first = vmf->pgoff - ((vmf->address - lo) >> PAGE_SHIFT);

	return vma->vm_ops->map_pages(vmf, first, first + ((hi - lo) >> PAGE_SHIFT) - 1);
}

static vm_fault_t do_read_fault(struct vm_fault *vmf)
{
	vm_fault_t ret;

	if (vmf->vma->vm_ops->map_pages) {
		ret = fault_around(vmf);
		if (ret)
			return ret & ~VM_FAULT_NOPAGE;
	}
	ret = call_fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))
		return ret & ~VM_FAULT_NOPAGE;
	if (ret & VM_FAULT_LOCKED)
		unlock_page(vmf->page);
	if (!map_fault_page(vmf, vmf->page, false))
		put_page(vmf->page);
	return ret & VM_FAULT_MAJOR;
}

static vm_fault_t do_cow_fault(struct vm_fault *vmf)
{
	struct page *copy = alloc_user_page(0);
	vm_fault_t ret;

	if (!copy)
		return VM_FAULT_OOM;
	ret = call_fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY)) {
		put_page(copy);
		return ret & ~VM_FAULT_NOPAGE;
	}
	copy_highpage(copy, vmf->page);
	copy->flags |= BIT(PG_anon) | BIT(PG_uptodate);
	copy->index = vmf->pgoff;
	if (!map_fault_page(vmf, copy, true))
		put_page(copy);
	drop_fault_page(vmf->page, ret);
	return ret & VM_FAULT_MAJOR;
}

static vm_fault_t do_shared_fault(struct vm_fault *vmf)
{
	const struct vm_operations_struct *ops = vmf->vma->vm_ops;
	struct page *page;
	vm_fault_t ret = call_fault(vmf), mk;

	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))
		return ret & ~VM_FAULT_NOPAGE;
	page = vmf->page;
	if (ops->page_mkwrite) {
		if (ret & VM_FAULT_LOCKED)
			unlock_page(page);
		mk = ops->page_mkwrite(vmf);
		if (mk & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)) {
			put_page(page);
			return mk & VM_FAULT_ERROR;
		}
		ret = (ret & ~VM_FAULT_LOCKED) | (mk & VM_FAULT_LOCKED);
	}
	set_page_dirty(page);
	if (ret & VM_FAULT_LOCKED)
		unlock_page(page);
	if (!map_fault_page(vmf, page, true))
		put_page(page);
	return ret & VM_FAULT_MAJOR;
}

static vm_fault_t do_fault(struct vm_fault *vmf)
{
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return do_read_fault(vmf);
	return vmf->vma->vm_flags & VM_SHARED ? do_shared_fault(vmf) : do_cow_fault(vmf);
}

/* ---- the way in ---- */

static vm_fault_t touch_present(struct vm_fault *vmf)
{
	spinlock_t *ptl;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &ptl);

	/* Another thread's fault or an old translation; the access will go through now. */
	if (pte_same(*pte, vmf->orig_pte) && !pte_young(*pte))
		set_pte(pte, pte_mkyoung(*pte));
	pte_unlock(ptl);
	return 0;
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_fault vmf = {.vma = vma, .flags = flags, .address = address & PAGE_MASK};
	vm_fault_t ret;

	mmap_assert_locked(mm);
	vmf.pgoff = vma->vm_pgoff + ((vmf.address - vma->vm_start) >> PAGE_SHIFT);
	vmf.pmd = alloc_pmd(mm, vmf.address);
	if (!vmf.pmd || private_pte_table(mm, vmf.pmd, vmf.address, GFP_KERNEL))
		return VM_FAULT_OOM;
	vmf.orig_pte = ptep_get(pte_offset(vmf.pmd, vmf.address));
	if (pte_none(vmf.orig_pte))
		ret = vma_is_anonymous(vma) ? do_anonymous_page(&vmf) : do_fault(&vmf);
	else if ((flags & FAULT_FLAG_WRITE) && !pte_write(vmf.orig_pte))
		ret = do_wp_page(&vmf);
	else
		ret = touch_present(&vmf);
	return ret & (VM_FAULT_ERROR | VM_FAULT_MAJOR | VM_FAULT_RETRY);
}

static bool access_allowed(const struct vm_area_struct *vma, unsigned int flags)
{
	if (flags & FAULT_FLAG_WRITE)
		return vma->vm_flags & VM_WRITE;
	if (flags & FAULT_FLAG_INSTRUCTION)
		return vma->vm_flags & VM_EXEC;
	return vma->vm_flags & VM_ACCESS_FLAGS;
}

#define SI_MAPERR 1
#define SI_ACCERR 2

static vm_fault_t fault_locked(struct mm_struct *mm, unsigned long address, unsigned int flags,
			       int *si_code)
{
	struct vm_area_struct *vma = find_vma(mm, address);

	*si_code = SI_MAPERR;
	if (!vma)
		return VM_FAULT_SIGSEGV;
	if (address < vma->vm_start &&
	    (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, address)))
		return VM_FAULT_SIGSEGV;
	*si_code = SI_ACCERR;
	if (!access_allowed(vma, flags))
		return VM_FAULT_SIGSEGV;
	return handle_mm_fault(vma, address, flags);
}

vm_fault_t mm_fault(struct mm_struct *mm, unsigned long address, unsigned int flags, int *si_code)
{
	vm_fault_t ret;

	count_vm_event(PGFAULT);
	if (address >= TASK_SIZE) {
		*si_code = SI_MAPERR;
		return VM_FAULT_SIGSEGV;
	}
	do {
		if (mmap_read_lock_killable(mm))
			return flags & FAULT_FLAG_USER ? 0 : VM_FAULT_OOM;
		ret = fault_locked(mm, address, flags, si_code);
		mmap_read_unlock(mm);
	} while (ret & VM_FAULT_RETRY);
	if (ret & VM_FAULT_MAJOR) {
		current->maj_flt++;
		count_vm_event(PGMAJFAULT);
	} else {
		current->min_flt++;
	}
	/*
	 * Memory failed only because this task is being killed, or an injected fault: from user
	 * mode the access is simply tried again, with the signal first.
	 */
	if ((ret & VM_FAULT_OOM) && (flags & FAULT_FLAG_USER))
		return 0;
	return ret;
}

int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags)
{
	struct vm_area_struct *vma = find_extend_vma(mm, address);
	vm_fault_t ret;

	if (!vma || !access_allowed(vma, fault_flags))
		return -EFAULT;
	ret = handle_mm_fault(vma, address, fault_flags | FAULT_FLAG_REMOTE);
	if (ret & VM_FAULT_OOM)
		return -ENOMEM;
	return ret & VM_FAULT_ERROR ? -EFAULT : 0;
}

/* ---- entries made by drivers ---- */

/* An empty entry gets e: 0, -EBUSY when it was not empty, -ENOMEM. mmap_lock held. */
static int set_new_entry(struct vm_area_struct *vma, unsigned long addr, pte_t e)
{
	pmd_t *pmd = alloc_pmd(vma->vm_mm, addr);
	spinlock_t *ptl;
	pte_t *pte;
	int err = -EBUSY;

	if (!pmd || private_pte_table(vma->vm_mm, pmd, addr, GFP_KERNEL))
		return -ENOMEM;
	pte = pte_lock(pmd, addr, &ptl);
	if (pte_none(*pte)) {
		set_new_pte(pte, e);
		err = 0;
	}
	pte_unlock(ptl);
	return err;
}

int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page)
{
	int err;

	if (addr < vma->vm_start || addr >= vma->vm_end)
		return -EFAULT;
	get_page(page);
	atomic_inc(&page->_mapcount);
	err = set_new_entry(vma, addr, mk_pte(page, vma->vm_page_prot));
	if (err) {
		atomic_dec(&page->_mapcount);
		put_page(page);
		return err;
	}
	add_mm_counter(vma->vm_mm, mm_counter(page), 1);
	return 0;
}

vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn)
{
	int err = set_new_entry(vma, addr, pte_mkspecial(pfn_pte(pfn, vma->vm_page_prot)));

	return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_NOPAGE;
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
		    unsigned long size, pgprot_t prot)
{
	unsigned long end = addr + PAGE_ALIGN(size);

	if (addr < vma->vm_start || end > vma->vm_end)
		return -EINVAL;
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	for (; addr < end; addr += PAGE_SIZE, pfn++) {
		int err = set_new_entry(vma, addr, pte_mkspecial(pfn_pte(pfn, prot)));

		if (err)
			return err;
	}
	return 0;
}
