/* SPDX-License-Identifier: MIT */
/*
 * mlock(2), mlock2(2), munlock(2), mlockall(2), munlockall(2). Nothing is ever paged out here, so
 * to lock memory is to bring it in, to keep count and to keep MADV_DONTNEED off it.
 * mmap_lock for writing.
 */
#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/resource.h>
#include <jiffy/syscalls.h>
#include <uapi/capability.h>
#include <uapi/mman.h>

#include "pgtable.h"
#include "vma.h"

#define LOCK_FLAGS (VM_LOCKED | VM_LOCKONFAULT)

static bool can_do_mlock(void)
{
	return rlimit(RLIMIT_MEMLOCK) || capable(CAP_IPC_LOCK);
}

static int lock_vma(struct vm_area_struct **pvma, unsigned long start, unsigned long end,
		    vm_flags_t lock)
{
	struct vm_area_struct *vma = *pvma;
	struct mm_struct *mm = vma->vm_mm;
	vm_flags_t flags = (vma->vm_flags & ~LOCK_FLAGS) | lock;
	long pages = (end - start) >> PAGE_SHIFT;
	int err;

	if (flags == vma->vm_flags || (vma->vm_flags & VM_SPECIAL))
		return 0;
	err = start > vma->vm_start ? split_vma(mm, vma, start, true) : 0;
	if (!err && end < vma->vm_end)
		err = split_vma(mm, vma, end, false);
	if (err)
		return err;
	if (!(vma->vm_flags & VM_LOCKED) && (flags & VM_LOCKED))
		mm->locked_vm += pages;
	else if ((vma->vm_flags & VM_LOCKED) && !(flags & VM_LOCKED))
		mm->locked_vm -= pages;
	vma->vm_flags = flags;
	*pvma = vma_join_neighbours(mm, vma);
	return 0;
}

static int lock_range(struct mm_struct *mm, unsigned long start, unsigned long end, vm_flags_t lock)
{
	while (start < end) {
		struct vm_area_struct *vma = vma_lookup(mm, start);
		unsigned long stop;
		int err;

		if (!vma)
			return -ENOMEM;
		stop = min(end, vma->vm_end);
		err = lock_vma(&vma, start, stop, lock);
		if (err)
			return err;
		start = stop;
	}
	return 0;
}

static unsigned long locked_pages_in(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	unsigned long n = 0;

	for (vma = find_vma(mm, start); vma && vma->vm_start < end; vma = vma->vm_next)
		if (vma->vm_flags & VM_LOCKED)
			n += (min(end, vma->vm_end) - max(start, vma->vm_start)) >> PAGE_SHIFT;
	return n;
}

static int do_mlock(unsigned long start, size_t len, vm_flags_t lock)
{
	struct mm_struct *mm = current->mm;
	unsigned long locked, limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	int err = -ENOMEM;

	if (!can_do_mlock())
		return -EPERM;
	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	if (start + len < start)
		return -EINVAL;
	if (!len)
		return 0;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	locked = mm->locked_vm + (len >> PAGE_SHIFT);
	if (locked > limit && !capable(CAP_IPC_LOCK))
		locked -= locked_pages_in(mm, start, start + len);
	if (locked <= limit || capable(CAP_IPC_LOCK))
		err = lock_range(mm, start, start + len, lock);
	mmap_write_unlock(mm);
	if (!err && !(lock & VM_LOCKONFAULT))
		mm_populate(start, len);
	return err;
}

SYSCALL_DEFINE2(mlock, unsigned long, start, size_t, len)
{
	return do_mlock(start, len, VM_LOCKED);
}

SYSCALL_DEFINE3(mlock2, unsigned long, start, size_t, len, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, VM_LOCKED | (flags & MLOCK_ONFAULT ? VM_LOCKONFAULT : 0));
}

SYSCALL_DEFINE2(munlock, unsigned long, start, size_t, len)
{
	struct mm_struct *mm = current->mm;
	int err;

	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	if (start + len < start)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = lock_range(mm, start, start + len, 0);
	mmap_write_unlock(mm);
	return err;
}

/* mmap_lock held. What cannot be locked is passed over, as the call promises nothing for it. */
static void lock_all(struct mm_struct *mm, vm_flags_t lock)
{
	struct vm_area_struct *vma = mm->mmap;

	while (vma) {
		lock_vma(&vma, vma->vm_start, vma->vm_end, lock);
		vma = vma->vm_next;
	}
}

SYSCALL_DEFINE1(mlockall, int, flags)
{
	struct mm_struct *mm = current->mm;
	vm_flags_t lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);
	int err = -ENOMEM;

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (!(flags & MCL_CURRENT) || mm->total_vm <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ||
	    capable(CAP_IPC_LOCK)) {
		mm->def_flags = (mm->def_flags & ~LOCK_FLAGS) | (flags & MCL_FUTURE ? lock : 0);
		if (flags & MCL_CURRENT)
			lock_all(mm, lock);
		err = 0;
	}
	mmap_write_unlock(mm);
	if (!err && (flags & MCL_CURRENT))
		mm_populate(0, TASK_SIZE);
	return err;
}

SYSCALL_DEFINE0(munlockall)
{
	struct mm_struct *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	mm->def_flags &= ~LOCK_FLAGS;
	lock_all(mm, 0);
	mmap_write_unlock(mm);
	return 0;
}
