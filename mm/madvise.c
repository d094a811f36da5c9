/* SPDX-License-Identifier: MIT */
/*
 * madvise(2), process_madvise(2). mmap_lock for reading where only pages go, for writing where
 * flags change.
 */
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/syscalls.h>
#include <uapi/fcntl.h>
#include <uapi/mman.h>

#include "pgtable.h"
#include "vma.h"

static bool advice_is_known(int advice)
{
	switch (advice) {
	case MADV_NORMAL ... MADV_DONTNEED:
	case MADV_FREE ... MADV_DOFORK:
	case MADV_HUGEPAGE ... MADV_DONTNEED_LOCKED:
		return true;
	default:
		return false;
	}
}

/* Those that only take pages out or bring them in. */
static bool advice_reads(int advice)
{
	switch (advice) {
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default:
		return false;
	}
}

/* 0 and *flags what they become, or -EINVAL. */
static int new_flags(const struct vm_area_struct *vma, int advice, vm_flags_t *flags)
{
	vm_flags_t f = vma->vm_flags;

	switch (advice) {
	case MADV_NORMAL:
		f &= ~(VM_RAND_READ | VM_SEQ_READ);
		break;
	case MADV_SEQUENTIAL:
		f = (f & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_RANDOM:
		f = (f & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_DONTFORK:
		f |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		if (f & VM_IO)
			return -EINVAL;
		f &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (vma->vm_file || (f & VM_SHARED))
			return -EINVAL;
		f |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		f &= ~VM_WIPEONFORK;
		break;
	case MADV_DONTDUMP:
		f |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		if (f & VM_SPECIAL)
			return -EINVAL;
		f &= ~VM_DONTDUMP;
		break;
	case MADV_HUGEPAGE:
		f = (f & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
		break;
	case MADV_NOHUGEPAGE:
		f = (f & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
		break;
	}
	*flags = f;
	return 0;
}

static int change_flags(struct vm_area_struct **pvma, unsigned long start, unsigned long end,
			int advice)
{
	struct vm_area_struct *vma = *pvma;
	struct mm_struct *mm = vma->vm_mm;
	vm_flags_t flags;
	int err = new_flags(vma, advice, &flags);

	if (err || flags == vma->vm_flags)
		return err;
	err = start > vma->vm_start ? split_vma(mm, vma, start, true) : 0;
	if (!err && end < vma->vm_end)
		err = split_vma(mm, vma, end, false);
	if (err)
		return err == -ENOMEM ? -EAGAIN : err;
	vma->vm_flags = flags;
	*pvma = vma_join_neighbours(mm, vma);
	return 0;
}

static int dontneed(struct vm_area_struct *vma, unsigned long start, unsigned long end, int advice)
{
	vm_flags_t forbidden = VM_PFNMAP | (advice == MADV_DONTNEED_LOCKED ? 0 : VM_LOCKED);

	if (vma->vm_flags & forbidden)
		return -EINVAL;
	/* With nowhere to put them, MADV_FREE's pages go at once: it may be any time. */
	if (advice == MADV_FREE && !vma_is_anonymous(vma))
		return -EINVAL;
	zap_page_range(vma, start, end - start, NULL);
	return 0;
}

/* Punches a hole into the file behind a shared map. Drops mmap_lock meanwhile. */
static int remove_pages(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct file *file = vma->vm_file;
	struct mm_struct *mm = vma->vm_mm;
	loff_t offset = ((loff_t)vma->vm_pgoff << PAGE_SHIFT) + (start - vma->vm_start);
	int err;

	if (vma->vm_flags & VM_LOCKED)
		return -EINVAL;
	if (!file || !file->f_mapping || !file->f_mapping->host)
		return -EINVAL;
	if ((vma->vm_flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return -EACCES;
	if (!file->f_op->fallocate)
		return -EOPNOTSUPP;
	get_file(file);
	mmap_read_unlock(mm);
	err = file->f_op->fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
				    end - start);
	fput(file);
	mmap_read_lock(mm);
	return err;
}

/* Starts reading what a file's pages are not in memory; memory has nothing to read. */
static int willneed(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct address_space *mapping = vma->vm_file ? vma->vm_file->f_mapping : NULL;

	if (!mapping || !mapping->a_ops || !mapping->a_ops->readpage)
		return 0;
	for (; start < end; start += PAGE_SIZE) {
		unsigned long index = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
		struct page *page = read_mapping_page(mapping, index, vma->vm_file);

		if (IS_ERR(page))
			break;
		put_page(page);
	}
	return 0;
}

static int advise_vma(struct vm_area_struct **pvma, unsigned long start, unsigned long end,
		      int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return dontneed(*pvma, start, end, advice);
	case MADV_REMOVE:
		return remove_pages(*pvma, start, end);
	case MADV_WILLNEED:
		return willneed(*pvma, start, end);
	case MADV_COLD:
	case MADV_PAGEOUT:
		/* There is nowhere to page out to. */
		return (*pvma)->vm_flags & (VM_LOCKED | VM_PFNMAP) ? -EINVAL : 0;
	default:
		return change_flags(pvma, start, end, advice);
	}
}

/* Holes are skipped, but the answer is -ENOMEM then. mmap_lock held. */
static int advise_range(struct mm_struct *mm, unsigned long start, unsigned long end, int advice)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int unmapped = 0, err;

	while (start < end) {
		unsigned long stop;

		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (start < vma->vm_start) {
			unmapped = -ENOMEM;
			start = vma->vm_start;
		}
		stop = min(vma->vm_end, end);
		err = advise_vma(&vma, start, stop, advice);
		if (err)
			return err;
		start = stop;
		vma = find_vma(mm, start);
	}
	return unmapped;
}

static int do_madvise(struct mm_struct *mm, unsigned long start, size_t len_in, int advice)
{
	size_t len = PAGE_ALIGN(len_in);
	unsigned long end = start + len;
	int err;

	if ((start & ~PAGE_MASK) || !advice_is_known(advice) || (len_in && !len) || end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (!advice_reads(advice)) {
		if (mmap_write_lock_killable(mm))
			return -EINTR;
		err = advise_range(mm, start, end, advice);
		mmap_write_unlock(mm);
		return err;
	}
	mmap_read_lock(mm);
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		err = madvise_populate_range(mm, start, end, advice == MADV_POPULATE_WRITE);
	else
		err = advise_range(mm, start, end, advice);
	mmap_read_unlock(mm);
	return err;
}

SYSCALL_DEFINE3(madvise, unsigned long, start, size_t, len, int, advice)
{
	return do_madvise(current->mm, start, len, advice);
}
