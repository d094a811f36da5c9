/* SPDX-License-Identifier: MIT */
/*
 * Reaching a program's memory from outside: pinning its pages, populating a range, and moving
 * bytes to and from another task (ptrace, /proc/PID/mem, process_vm_readv(2)). Task context;
 * mmap_lock held for reading unless a function takes it.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/pid.h>
#include <jiffy/ptrace.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <jiffy/uio.h>
#include <uapi/mman.h>

#include "pgtable.h"
#include "vma.h"

/*
 * The page at addr with a reference, if the tables allow the access as it is. NULL: a fault is
 * needed. -EFAULT: a frame that is nobody's page, which no fault would make one. A forced write (a
 * debugger's) is content with a private copy that is read-only.
 */
static struct page *follow_page(struct vm_area_struct *vma, unsigned long addr,
				unsigned int gup_flags)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = find_pmd(mm, addr);
	struct page *page = NULL;
	spinlock_t *ptl;
	pte_t *pte, e;
	bool shared;

	pte = pte_lock_read(mm, pmd, addr, &ptl);
	if (!pte)
		return NULL;
	e = *pte;
	shared = ptl == &mm->page_table_lock;
	if (pte_none(e))
		goto out;
	if (gup_flags & FOLL_WRITE) {
		struct page *p = vm_normal_page(e);
		bool own_copy = (gup_flags & FOLL_FORCE) && !(vma->vm_flags & VM_WRITE) && p &&
				PageAnon(p) && page_count(p) == 1;

		if (shared || !(pte_write(e) || own_copy))
			goto out;
	}
	if (pte_special(e)) {
		page = pfn_valid(pte_pfn(e)) ? pfn_to_page(pte_pfn(e)) : NULL;
		if (!page || !PageReserved(page)) {
			page = ERR_PTR(-EFAULT);
			goto out;
		}
	} else {
		page = pfn_to_page(pte_pfn(e));
	}
	get_page(page);
out:
	pte_unlock(ptl);
	return page;
}

static int check_gup_vma(const struct vm_area_struct *vma, unsigned int gup_flags)
{
	vm_flags_t f = vma->vm_flags;

	if (f & VM_IO)
		return -EFAULT;
	if (gup_flags & FOLL_WRITE) {
		if (f & VM_WRITE)
			return 0;
		/* A debugger may write where the program may not, into a private copy. */
		return (gup_flags & FOLL_FORCE) && (f & VM_MAYWRITE) && !(f & VM_SHARED) ? 0
											 : -EFAULT;
	}
	if (f & VM_ACCESS_FLAGS)
		return 0;
	return (gup_flags & FOLL_FORCE) && (f & VM_MAYREAD) ? 0 : -EFAULT;
}

/* One page: 0 with *pagep set (a reference), or an errno. */
static int get_one_page(struct vm_area_struct *vma, unsigned long addr, unsigned int gup_flags,
			struct page **pagep)
{
	unsigned int fault_flags = FAULT_FLAG_REMOTE;

	if (gup_flags & FOLL_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	for (;;) {
		vm_fault_t ret;

		*pagep = follow_page(vma, addr, gup_flags);
		if (IS_ERR(*pagep))
			return PTR_ERR(*pagep);
		if (*pagep)
			return 0;
		if (gup_flags & FOLL_NOFAULT)
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = handle_mm_fault(vma, addr, fault_flags);
		if (ret & VM_FAULT_OOM)
			return -ENOMEM;
		if (ret & VM_FAULT_ERROR)
			return -EFAULT;
		if (ret & VM_FAULT_MAJOR)
			current->maj_flt++;
		else
			current->min_flt++;
		cond_resched();
	}
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr,
			   unsigned int gup_flags, struct page **pages,
			   struct vm_area_struct **vmas)
{
	struct vm_area_struct *vma = NULL;
	long done = 0;
	int err = 0;

	mmap_assert_locked(mm);
	start &= PAGE_MASK;
	for (; nr; nr--, done++, start += PAGE_SIZE) {
		struct page *page;

		if (!vma || start >= vma->vm_end) {
			vma = find_extend_vma(mm, start);
			err = vma ? check_gup_vma(vma, gup_flags) : -EFAULT;
			if (err)
				break;
		}
		err = get_one_page(vma, start, gup_flags, &page);
		if (err)
			break;
		if (pages)
			pages[done] = page;
		else
			put_page(page);
		if (vmas)
			vmas[done] = vma;
	}
	return done ? done : err;
}

long get_user_pages(unsigned long start, unsigned long nr, unsigned int gup_flags,
		    struct page **pages)
{
	return get_user_pages_remote(current->mm, start, nr, gup_flags, pages, NULL);
}

long get_user_pages_unlocked(unsigned long start, unsigned long nr, struct page **pages,
			     unsigned int gup_flags)
{
	struct mm_struct *mm = current->mm;
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages(start, nr, gup_flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

/* Faults in [start, end) of one VMA as a program's own accesses would: 0 or an errno. */
static long populate_vma(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			 bool write)
{
	for (; start < end; start += PAGE_SIZE) {
		struct page *page;
		int err = get_one_page(vma, start, write ? FOLL_WRITE : 0, &page);

		if (err)
			return err;
		put_page(page);
	}
	return 0;
}

/* After mmap(MAP_POPULATE) or mlock(): what cannot be brought in is left out. */
void mm_populate(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = addr + len;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	for (vma = find_vma(mm, addr); vma && vma->vm_start < end; vma = vma->vm_next) {
		bool write = (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;

		if ((vma->vm_flags & (VM_IO | VM_PFNMAP | VM_LOCKONFAULT)) ||
		    !(vma->vm_flags & VM_ACCESS_FLAGS))
			continue;
		if (populate_vma(vma, max(addr, vma->vm_start), min(end, vma->vm_end), write))
			break;
	}
	mmap_read_unlock(mm);
}

/* madvise(MADV_POPULATE_READ and _WRITE): mmap_lock held; every page must come. */
int madvise_populate_range(struct mm_struct *mm, unsigned long start, unsigned long end, bool write)
{
	struct vm_area_struct *vma;
	long err;

	for (; start < end; start = vma->vm_end) {
		vma = vma_lookup(mm, start);
		if (!vma)
			return -ENOMEM;
		if ((vma->vm_flags & (VM_IO | VM_PFNMAP)) ||
		    !(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
			return -EINVAL;
		err = populate_vma(vma, start, min(end, vma->vm_end), write);
		if (err)
			return err;
	}
	return 0;
}

int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf, int len,
		     unsigned int gup_flags)
{
	int done = 0;

	if (mmap_read_lock_killable(mm))
		return 0;
	while (done < len) {
		unsigned int off = offset_in_page(addr);
		int n = min_t(int, len - done, PAGE_SIZE - off);
		struct vm_area_struct *vma;
		struct page *page;
		char *kaddr;

		if (get_user_pages_remote(mm, addr, 1, gup_flags, &page, NULL) != 1) {
			vma = vma_lookup(mm, addr);
			if (!vma || !vma->vm_ops || !vma->vm_ops->access)
				break;
			n = vma->vm_ops->access(vma, addr, (char *)buf + done, len - done,
						gup_flags & FOLL_WRITE);
			if (n <= 0)
				break;
		} else {
			kaddr = (char *)page_address(page) + off;
			if (gup_flags & FOLL_WRITE) {
				memcpy(kaddr, (char *)buf + done, n);
				set_page_dirty(page);
			} else {
				memcpy((char *)buf + done, kaddr, n);
			}
			put_page(page);
		}
		done += n;
		addr += n;
	}
	mmap_read_unlock(mm);
	return done;
}

int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf, int len,
		      unsigned int gup_flags)
{
	struct mm_struct *mm = get_task_mm(tsk);
	int n;

	if (!mm)
		return 0;
	n = access_remote_vm(mm, addr, buf, len, gup_flags | FOLL_REMOTE);
	mmput(mm);
	return n;
}

/* ---- process_vm_readv(2), process_vm_writev(2) ---- */

/* One remote range against the local iterator: bytes moved, or an errno when none were. */
static ssize_t move_range(struct mm_struct *mm, unsigned long addr, size_t len,
			  struct iov_iter *iter, bool write)
{
	ssize_t done = 0;

	while (done < len && iov_iter_count(iter)) {
		unsigned int off = offset_in_page(addr);
		size_t n =
		    min_t(size_t, min(len - (size_t)done, iov_iter_count(iter)), PAGE_SIZE - off);
		struct page *page;
		size_t moved;
		long got;

		mmap_read_lock(mm);
		got = get_user_pages_remote(mm, addr, 1, write ? FOLL_WRITE : 0, &page, NULL);
		mmap_read_unlock(mm);
		if (got != 1)
			return done ? done : got;
		if (write) {
			moved = copy_page_from_iter(page, off, n, iter);
			set_page_dirty(page);
		} else {
			moved = copy_page_to_iter(page, off, n, iter);
		}
		put_page(page);
		done += moved;
		addr += moved;
		if (moved < n)
			return done ? done : -EFAULT;
	}
	return done;
}

static ssize_t process_vm_rw(pid_t pid, const struct iovec __user *lvec, unsigned long liovcnt,
			     const struct iovec __user *rvec, unsigned long riovcnt,
			     unsigned long flags, bool write)
{
	struct iovec lstack[UIO_FASTIOV], *liov = lstack, *riov;
	struct task_struct *task;
	struct mm_struct *mm;
	struct iov_iter iter;
	ssize_t ret, done = 0;

	if (flags || riovcnt > UIO_MAXIOV)
		return -EINVAL;
	ret =
	    import_iovec(write ? ITER_SOURCE : ITER_DEST, lvec, liovcnt, UIO_FASTIOV, &liov, &iter);
	if (ret < 0)
		return ret;
	riov = memdup_user(rvec, riovcnt * sizeof(*riov));
	if (IS_ERR(riov)) {
		kfree(liov);
		return PTR_ERR(riov);
	}
	task = find_get_task_by_vpid(pid);
	ret = -ESRCH;
	if (!task)
		goto out;
	mm = mm_access(task, PTRACE_MODE_ATTACH_REALCREDS);
	put_task_struct(task);
	if (IS_ERR_OR_NULL(mm)) {
		ret = mm ? PTR_ERR(mm) : -ESRCH;
		if (ret == -EACCES)
			ret = -EPERM;
		goto out;
	}
	ret = 0;
	for (unsigned long i = 0; i < riovcnt && iov_iter_count(&iter); i++) {
		ret =
		    move_range(mm, (unsigned long)riov[i].iov_base, riov[i].iov_len, &iter, write);
		if (ret > 0)
			done += ret;
		if (ret < 0 || ret < riov[i].iov_len)
			break;
	}
	mmput(mm);
	if (done)
		ret = done;
out:
	kfree(riov);
	kfree(liov);
	return ret;
}

SYSCALL_DEFINE6(process_vm_readv, pid_t, pid, const struct iovec __user *, lvec, unsigned long,
		liovcnt, const struct iovec __user *, rvec, unsigned long, riovcnt, unsigned long,
		flags)
{
	return process_vm_rw(pid, lvec, liovcnt, rvec, riovcnt, flags, false);
}

SYSCALL_DEFINE6(process_vm_writev, pid_t, pid, const struct iovec __user *, lvec, unsigned long,
		liovcnt, const struct iovec __user *, rvec, unsigned long, riovcnt, unsigned long,
		flags)
{
	return process_vm_rw(pid, lvec, liovcnt, rvec, riovcnt, flags, true);
}
