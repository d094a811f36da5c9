/* SPDX-License-Identifier: MIT */
/*
 * mremap(2), and the move of a stack that exec asks for. mmap_lock for writing.
 */
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/resource.h>
#include <jiffy/syscalls.h>
#include <jiffy/cred.h>
#include <uapi/capability.h>
#include <uapi/mman.h>

#include "pgtable.h"
#include "vma.h"

/*
 * Moves the entries of one stretch that crosses no table's border on either side. Both tables
 * are private; they may be one table. Locks of two are taken in the order of their addresses.
 */
static void move_entries(struct mm_struct *mm, pmd_t *opmd, unsigned long old, pmd_t *npmd,
			 unsigned long new, unsigned int n)
{
	struct page *a = pmd_pgtable(*opmd), *b = pmd_pgtable(*npmd);
	pte_t *from = pte_offset(opmd, old), *to = pte_offset(npmd, new);

	spin_lock(a < b ? &a->ptl : &b->ptl);
	if (a != b)
		spin_lock_nested(a < b ? &b->ptl : &a->ptl, SINGLE_DEPTH_NESTING);
	for (unsigned int i = 0; i < n; i++) {
		pte_t e = ptep_get(from + i);

		if (pte_none(e))
			continue;
		set_new_pte(to + i, ptep_get_and_clear(from + i));
	}
	/* Before the lock goes: nobody may free a page that an old translation still reaches. */
	flush_tlb_range(mm, old, old + ((unsigned long)n << PAGE_SHIFT));
	if (a != b)
		spin_unlock(a < b ? &b->ptl : &a->ptl);
	spin_unlock(a < b ? &a->ptl : &b->ptl);
}

/* How far it came: less than len when a table could not be had. */
static unsigned long move_page_tables(struct mm_struct *mm, unsigned long old, unsigned long new,
				      unsigned long len)
{
	unsigned long done = 0, step;

	for (; done < len; done += step) {
		unsigned long o = old + done, n = new + done;
		pmd_t *opmd = find_pmd(mm, o), *npmd;

		step = min(PMD_SIZE - (o & ~PMD_MASK), PMD_SIZE - (n & ~PMD_MASK));
		step = min(step, len - done);
		if (!opmd || pmd_none(*opmd))
			continue;
		if (private_pte_table(mm, opmd, o, GFP_KERNEL))
			break;
		npmd = alloc_pmd(mm, n);
		if (!npmd || private_pte_table(mm, npmd, n, GFP_KERNEL))
			break;
		move_entries(mm, opmd, o, npmd, n, step >> PAGE_SHIFT);
		cond_resched();
	}
	return done;
}

/* A second VMA like vma at another place, linked; NULL without memory. */
static struct vm_area_struct *copy_vma(struct vm_area_struct *vma, unsigned long addr,
				       unsigned long len, unsigned long pgoff)
{
	struct vm_area_struct *new = vm_area_dup(vma);

	if (!new)
		return NULL;
	new->vm_start = addr;
	new->vm_end = addr + len;
	new->vm_pgoff = pgoff;
	if (new->vm_file) {
		get_file(new->vm_file);
		if ((new->vm_flags &VM_SHARED) && new->vm_file->f_mapping)
			atomic_inc(&new->vm_file->f_mapping->i_mmap_writable);
	}
	if (new->vm_ops &&new->vm_ops->open)
		new->vm_ops->open(new);
	vma_link(vma->vm_mm, new);
	return new;
}

/* Takes a linked copy away again, with the entries that reached it put back. */
static unsigned long undo_move(struct vm_area_struct *vma, struct vm_area_struct *new,
			       unsigned long old_addr, unsigned long moved, unsigned long len)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long new_addr = new->vm_start;

	/* The tables on both sides exist and are private: this cannot fail. */
	move_page_tables(mm, new_addr, old_addr, moved);
	vm_stat_account(mm, new->vm_flags, len >> PAGE_SHIFT);
	new->vm_flags &= ~(VM_ACCOUNT | VM_LOCKED);
	do_munmap(mm, new_addr, len);
	return -ENOMEM;
}

/* The old range goes, but what it had accounted for went along to the new one. */
static void drop_old_range(struct vm_area_struct *vma, unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = vma->vm_mm;
	bool accounted = vma->vm_flags & VM_ACCOUNT;

	if (do_munmap(mm, addr, len))
		return;
	if (accounted)
		vm_enough_memory(NULL, len >> PAGE_SHIFT);
}

static unsigned long move_vma(struct vm_area_struct *vma, unsigned long old_addr,
			      unsigned long old_len, unsigned long new_len, unsigned long new_addr,
			      unsigned long flags)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long pgoff = vma->vm_pgoff + ((old_addr - vma->vm_start) >> PAGE_SHIFT);
	vm_flags_t vm_flags = vma->vm_flags;
	struct vm_area_struct *new;
	unsigned long moved;
	long extra = (new_len - old_len) >> PAGE_SHIFT;

	/* Room for the split that taking out the middle of a VMA needs. */
	if (mm->map_count >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if (flags & MREMAP_DONTUNMAP)
		extra = new_len >> PAGE_SHIFT;
	if ((vm_flags & VM_ACCOUNT) && extra > 0 && vm_enough_memory(mm, extra))
		return -ENOMEM;
	new = copy_vma(vma, new_addr, new_len, pgoff);
	if (!new) {
		if ((vm_flags & VM_ACCOUNT) && extra > 0)
			vm_unacct_memory(extra);
		return -ENOMEM;
	}
	moved = move_page_tables(mm, old_addr, new_addr, old_len);
	if (moved < old_len || (vma->vm_ops && vma->vm_ops->mremap && vma->vm_ops->mremap(new))) {
		if ((vm_flags & VM_ACCOUNT) && extra > 0)
			vm_unacct_memory(extra);
		return undo_move(vma, new, old_addr, moved, new_len);
	}
	vm_stat_account(mm, vm_flags, new_len >> PAGE_SHIFT);
	if (vm_flags & VM_LOCKED)
		mm->locked_vm += new_len >> PAGE_SHIFT;
	if (flags & MREMAP_DONTUNMAP) {
		vma->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
		if (vm_flags & VM_LOCKED)
			mm->locked_vm -= vma_pages(vma);
	} else {
		drop_old_range(vma, old_addr, old_len);
	}
	return new_addr;
}

/* The VMA that a resize from old_len to new_len concerns, or an errno. */
static struct vm_area_struct *vma_to_resize(unsigned long addr, unsigned long old_len,
					    unsigned long new_len, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	unsigned long pgoff;

	if (!vma)
		return ERR_PTR(-EFAULT);
	/* Size 0 asks for a second map of shared memory. */
	if (!old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return ERR_PTR(-EINVAL);
	if ((flags & MREMAP_DONTUNMAP) && (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP)))
		return ERR_PTR(-EINVAL);
	if (old_len > vma->vm_end - addr)
		return ERR_PTR(-EFAULT);
	if (new_len == old_len)
		return vma;
	pgoff = ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
	if (pgoff + (new_len >> PAGE_SHIFT) < pgoff)
		return ERR_PTR(-EINVAL);
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EFAULT);
	if ((vma->vm_flags & VM_LOCKED) && !capable(CAP_IPC_LOCK) &&
	    mm->locked_vm + ((new_len - old_len) >> PAGE_SHIFT) > rlimit(RLIMIT_MEMLOCK) >>
		PAGE_SHIFT)
		return ERR_PTR(-EAGAIN);
	if (new_len > old_len &&
	    !may_expand_vm(mm, vma->vm_flags, (new_len - old_len) >> PAGE_SHIFT))
		return ERR_PTR(-ENOMEM);
	return vma;
}

static unsigned long mremap_to(unsigned long addr, unsigned long old_len, unsigned long new_addr,
			       unsigned long new_len, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long map_flags = 0, ret;
	int err;

	if ((new_addr & ~PAGE_MASK) || new_len > TASK_SIZE || new_addr > TASK_SIZE - new_len)
		return -EINVAL;
	if (addr + old_len > new_addr && new_addr + new_len > addr)
		return -EINVAL;
	if (flags & MREMAP_FIXED) {
		err = do_munmap(mm, new_addr, new_len);
		if (err)
			return err;
		map_flags = MAP_FIXED;
	}
	if (old_len > new_len) {
		err = do_munmap(mm, addr + new_len, old_len - new_len);
		if (err)
			return err;
		old_len = new_len;
	}
	vma = vma_to_resize(addr, old_len, new_len, flags);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	if (vma->vm_flags & VM_MAYSHARE)
		map_flags |= MAP_SHARED;
	ret = get_unmapped_area(vma->vm_file, new_addr, new_len,
				vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT), map_flags);
	if (IS_ERR_VALUE(ret))
		return ret;
	return move_vma(vma, addr, old_len, new_len, ret, flags);
}

/* Grows in place when nothing stands behind: 0, or an errno (-ENOMEM: it must move). */
static int expand_in_place(struct vm_area_struct *vma, unsigned long addr, unsigned long old_len,
			   unsigned long new_len)
{
	struct mm_struct *mm = vma->vm_mm;
	long pages = (new_len - old_len) >> PAGE_SHIFT;
	unsigned long end = vma->vm_end + (new_len - old_len);

	if (old_len != vma->vm_end - addr || end < vma->vm_end || end > TASK_SIZE)
		return -ENOMEM;
	if (vma->vm_next && end > vm_start_gap(vma->vm_next))
		return -ENOMEM;
	if ((vma->vm_flags & VM_ACCOUNT) && vm_enough_memory(mm, pages))
		return -EAGAIN;
	vma_set_range(vma, vma->vm_start, end, vma->vm_pgoff);
	vma_gap_changed(mm, vma);
	vm_stat_account(mm, vma->vm_flags, pages);
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm += pages;
	return 0;
}

static unsigned long do_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
			       unsigned long flags, unsigned long new_addr)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, addr);
	unsigned long to;
	int err;

	if (!vma)
		return -EFAULT;
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return mremap_to(addr, old_len, new_addr, new_len, flags);
	if (old_len >= new_len) {
		if (old_len != new_len) {
			err = do_munmap(current->mm, addr + new_len, old_len - new_len);
			if (err)
				return err;
		}
		return addr;
	}
	vma = vma_to_resize(addr, old_len, new_len, flags);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	err = expand_in_place(vma, addr, old_len, new_len);
	if (!err)
		return addr;
	if (err != -ENOMEM || !(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = get_unmapped_area(vma->vm_file, 0, new_len,
			       vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT),
			       vma->vm_flags & VM_MAYSHARE ? MAP_SHARED : 0);
	if (IS_ERR_VALUE(to))
		return to;
	return move_vma(vma, addr, old_len, new_len, to, flags);
}

SYSCALL_DEFINE5(mremap, unsigned long, addr, unsigned long, old_len, unsigned long, new_len,
		unsigned long, flags, unsigned long, new_addr)
{
	struct mm_struct *mm = current->mm;
	unsigned long ret;
	bool populate;

	if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && old_len != new_len)
		return -EINVAL;
	if (addr & ~PAGE_MASK)
		return -EINVAL;
	old_len = PAGE_ALIGN(old_len);
	new_len = PAGE_ALIGN(new_len);
	if (!new_len)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mremap(addr, old_len, new_len, flags, new_addr);
	populate = !IS_ERR_VALUE(ret) && new_len > old_len && vma_lookup(mm, ret) &&
		   (vma_lookup(mm, ret)->vm_flags & VM_LOCKED);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(ret + old_len, new_len - old_len);
	return ret;
}

/*
 * exec builds the stack at the top of the address space and learns only later where it is to
 * lie: the VMA and its pages move down together. The two ranges may overlap.
 */
int relocate_vma_down(struct vm_area_struct *vma, unsigned long shift)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long old_start = vma->vm_start, old_end = vma->vm_end, len = old_end - old_start;
	struct vm_area_struct *below = vma->vm_prev, *above = vma->vm_next;
	struct mmu_gather tlb;

	mmap_assert_write_locked(mm);
	if (old_start - shift > old_start || (below && below->vm_end > old_start - shift))
		return -ENOMEM;
	/* Wide enough for both places while the pages are under way. */
	vma_set_range(vma, old_start - shift, old_end, vma->vm_pgoff - (shift >> PAGE_SHIFT));
	vma_gap_changed(mm, vma);
	if (move_page_tables(mm, old_start, old_start - shift, len) != len)
		return -ENOMEM;
	vma_set_range(vma, old_start - shift, old_end - shift, vma->vm_pgoff);
	vma_gap_changed(mm, vma);
	tlb_gather_mmu(&tlb, mm);
	free_pgd_range(&tlb, max(old_start, old_end - shift), old_end, old_end - shift,
		       above ? above->vm_start : 0);
	tlb_finish_mmu(&tlb);
	return 0;
}
