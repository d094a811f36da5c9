/* SPDX-License-Identifier: MIT */
/*
 * mmap(2), munmap(2), brk(2): choosing addresses, checking, and the changes to the set of VMAs.
 * Task context; mmap_lock for writing unless a function takes it.
 */
#include <jiffy/cred.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/mount.h>
#include <jiffy/mutation.h>
#include <jiffy/random.h>
#include <jiffy/resource.h>
#include <jiffy/shmem_fs.h>
#include <jiffy/syscalls.h>
#include <uapi/capability.h>
#include <uapi/mman.h>
#include <uapi/prctl.h>

#include "pgtable.h"
#include "vma.h"

int sysctl_max_map_count = 65530;

bool may_expand_vm(struct mm_struct *mm, vm_flags_t flags, unsigned long npages)
{
	if (mm->total_vm + npages > rlimit(RLIMIT_AS) >> PAGE_SHIFT && !mutant(AS_IGNORED))
		return false;
	return !is_data_mapping(flags) || mm->data_vm + npages <= rlimit(RLIMIT_DATA) >> PAGE_SHIFT;
}

/* 0, or -EAGAIN past RLIMIT_MEMLOCK. */
static int may_lock_more(struct mm_struct *mm, vm_flags_t flags, unsigned long len)
{
	if (!(flags & VM_LOCKED) || capable(CAP_IPC_LOCK))
		return 0;
	return mm->locked_vm + (len >> PAGE_SHIFT) > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ? -EAGAIN
											  : 0;
}

/* ---- addresses ---- */

static unsigned long search_area(struct mm_struct *mm, unsigned long len, unsigned long flags)
{
	unsigned long addr;

	if (flags & MAP_32BIT)
		return find_hole_bottomup(mm, len, 0x40000000UL, 0x80000000UL);
	if (mm->mmap_upwards)
		return find_hole_bottomup(mm, len, mm->mmap_base, TASK_SIZE);
	addr = find_hole_topdown(mm, len, MMAP_MIN_ADDR, mm->mmap_base);
	if (!IS_ERR_VALUE(addr))
		return addr;
	/* The area below the stack is full: what lies above it may have room. */
	return find_hole_bottomup(mm, len, mm->mmap_base, TASK_SIZE);
}

unsigned long get_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				unsigned long pgoff, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma, *prev;

	if (len > TASK_SIZE)
		return -ENOMEM;
	if (flags & MAP_FIXED) {
		if (addr > TASK_SIZE - len)
			return -ENOMEM;
		if (addr & ~PAGE_MASK)
			return -EINVAL;
		return addr < MMAP_MIN_ADDR && !capable(CAP_SYS_RAWIO) ? -EPERM : addr;
	}
	if (file && file->f_op->get_unmapped_area)
		return file->f_op->get_unmapped_area(file, addr, len, pgoff, flags);
	addr = PAGE_ALIGN(addr);
	if (addr >= MMAP_MIN_ADDR && addr <= TASK_SIZE - len) {
		vma = find_vma_prev(mm, addr, &prev);
		if ((!vma || addr + len <= vm_start_gap(vma)) && (!prev || addr >= prev->vm_end))
			return addr;
	}
	return search_area(mm, len, flags);
}

/*
 * Programs map downwards from below the stack: room for the stack's limit, its random offset and
 * the gap below it, at least 128 MiB and at most 5/6 of the space. 28 random bits of pages, as
 * Linux has. Under ADDR_COMPAT_LAYOUT of personality(2) they map upwards from a third of it.
 */
void arch_pick_mmap_layout(struct mm_struct *mm, unsigned long stack_limit)
{
	unsigned long gap = stack_limit, pad = STACK_GUARD_GAP, rnd = 0;

	if (current->flags & PF_RANDOMIZE) {
		rnd = (get_random_u64() & (BIT(28) - 1)) << PAGE_SHIFT;
		pad += 0x3fffffUL << PAGE_SHIFT;
	}
	/* No limit is the largest number: nothing can be added to it. */
	if (gap + pad > gap)
		gap += pad;
	gap = clamp(gap, MIB(128), TASK_SIZE / 6 * 5);
	mm->task_size = TASK_SIZE;
	mm->mmap_upwards = current->personality & ADDR_COMPAT_LAYOUT;
	if (mm->mmap_upwards) {
		mm->mmap_base = PAGE_ALIGN(TASK_SIZE / 3) + rnd;
		return;
	}
	mm->mmap_base = PAGE_ALIGN(TASK_SIZE - gap - rnd);
}

/* ---- unmapping ---- */

/* Takes the VMAs from first to the last below end out of the tree, into a list. */
static void detach_vmas(struct mm_struct *mm, struct vm_area_struct *first, unsigned long end,
			struct list_head *detached)
{
	struct vm_area_struct *vma = first, *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma->vm_next;
		if (vma->vm_flags & VM_LOCKED)
			mm->locked_vm -= vma_pages(vma);
		vm_stat_account(mm, vma->vm_flags, -(long)vma_pages(vma));
		if (vma->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(vma));
		vma_unlink(mm, vma);
		list_add_tail(&vma->detached, detached);
	}
}

static void unmap_region(struct mm_struct *mm, struct list_head *detached, unsigned long start,
			 unsigned long end)
{
	struct vm_area_struct *vma, *n, *prev, *next = find_vma_prev(mm, start, &prev);
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, mm);
	list_for_each_entry (vma, detached, detached)
		unmap_page_range(&tlb, vma, vma->vm_start, vma->vm_end, NULL);
	/* From here on truncation does not find them, and so not their tables. */
	list_for_each_entry (vma, detached, detached)
		vma_unlink_file(vma);
	free_pgd_range(&tlb, start, end, prev ? prev->vm_end : 0, next ? next->vm_start : 0);
	tlb_finish_mmu(&tlb);
	list_for_each_entry_safe (vma, n, detached, detached)
		remove_vma(vma);
}

int do_munmap(struct mm_struct *mm, unsigned long start, size_t len)
{
	struct vm_area_struct *vma;
	unsigned long end;
	LIST_HEAD(detached);
	int err;

	mmap_assert_write_locked(mm);
	if ((start & ~PAGE_MASK) || start > TASK_SIZE || len > TASK_SIZE - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (!len)
		return -EINVAL;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	if (start > vma->vm_start) {
		if (end < vma->vm_end && mm->map_count >= sysctl_max_map_count)
			return -ENOMEM;
		err = split_vma(mm, vma, start, true);
		if (err)
			return err;
	}
	vma = find_vma(mm, end - 1);
	if (vma && vma->vm_start < end && end < vma->vm_end) {
		err = split_vma(mm, vma, end, true);
		if (err)
			return err;
	}
	vma = find_vma(mm, start);
	detach_vmas(mm, vma, end, &detached);
	unmap_region(mm, &detached, start, end);
	return 0;
}

int vm_munmap(unsigned long start, size_t len)
{
	struct mm_struct *mm = current->mm;
	int err = mmap_write_lock_killable(mm);

	if (err)
		return err;
	err = do_munmap(mm, start, len);
	mmap_write_unlock(mm);
	return err;
}

/* ---- mapping ---- */

static vm_flags_t calc_vm_flags(unsigned long prot, unsigned long flags)
{
	vm_flags_t f = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

	f |= prot & PROT_READ ? VM_READ : 0;
	f |= prot & PROT_WRITE ? VM_WRITE : 0;
	f |= prot & PROT_EXEC ? VM_EXEC : 0;
	f |= flags & MAP_GROWSDOWN ? VM_GROWSDOWN : 0;
	f |= flags & MAP_LOCKED ? VM_LOCKED : 0;
	return f;
}

#define KNOWN_MAP_FLAGS                                                                          \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT | MAP_GROWSDOWN | MAP_DENYWRITE |      \
	 MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | \
	 MAP_HUGETLB | MAP_UNINITIALIZED | MAP_FIXED_NOREPLACE)

/* What the open file lets one do with a mapping: changes *vm_flags. */
static int check_file_mapping(struct file *file, unsigned long prot, unsigned long flags,
			      vm_flags_t *vm_flags)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (flags & ~KNOWN_MAP_FLAGS)
			return -EOPNOTSUPP;
		fallthrough;
	case MAP_SHARED:
		if ((prot & PROT_WRITE) && !(file->f_mode & FMODE_WRITE))
			return -EACCES;
		if (IS_APPEND(file_inode(file)) && (file->f_mode & FMODE_WRITE))
			return -EACCES;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		if (!(file->f_mode & FMODE_WRITE))
			*vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
		fallthrough;
	case MAP_PRIVATE:
		if (!(file->f_mode & FMODE_READ))
			return -EACCES;
		if (path_noexec(&file->f_path)) {
			if (*vm_flags & VM_EXEC)
				return -EPERM;
			*vm_flags &= ~VM_MAYEXEC;
		}
		if (!file->f_op->mmap)
			return -ENODEV;
		return *vm_flags & VM_GROWSDOWN ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static int check_anon_mapping(unsigned long flags, vm_flags_t *vm_flags)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		if (*vm_flags & VM_GROWSDOWN)
			return -EINVAL;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* The file's part of a new VMA that is in no tree yet. On failure nothing is left behind. */
static int attach_file(struct vm_area_struct *vma, struct file *file, vm_flags_t vm_flags)
{
	struct address_space *mapping = file->f_mapping;
	int err;

	if ((vm_flags & VM_SHARED) && mapping) {
		err = mapping_map_writable(mapping);
		if (err)
			return err;
	}
	vma->vm_file = get_file(file);
	err = file->f_op->mmap(file, vma);
	if (err) {
		if ((vm_flags & VM_SHARED) && mapping)
			mapping_unmap_writable(mapping);
		vma->vm_file = NULL;
		fput(file);
	}
	return err;
}

static int attach_shared_memory(struct vm_area_struct *vma)
{
	int err = shmem_zero_setup(vma);

	if (err || !vma->vm_file->f_mapping)
		return err;
	return mapping_map_writable(vma->vm_file->f_mapping);
}

static struct vm_area_struct *new_vma(struct mm_struct *mm, struct file *file, unsigned long addr,
				      unsigned long end, vm_flags_t vm_flags, unsigned long pgoff)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err = 0;

	if (!vma)
		return ERR_PTR(-ENOMEM);
	vma->vm_start = addr;
	vma->vm_end = end;
	vma->vm_flags = vm_flags;
	vma->vm_pgoff = pgoff;
	vma->vm_page_prot = vm_get_page_prot(vm_flags);
	if (file)
		err = attach_file(vma, file, vm_flags);
	else if (vm_flags & VM_SHARED)
		err = attach_shared_memory(vma);
	if (err) {
		if (!file && vma->vm_file)
			fput(vma->vm_file);
		vm_area_free(vma);
		return ERR_PTR(err);
	}
	vma_set_page_prot(vma);
	vma_link(mm, vma);
	return vma;
}

static unsigned long mmap_region(struct file *file, unsigned long addr, unsigned long len,
				 vm_flags_t vm_flags, unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma, *prev;
	unsigned long end = addr + len;
	long charged = 0;
	int err;

	if (find_vma_intersection(mm, addr, end)) {
		err = do_munmap(mm, addr, len);
		if (err)
			return err;
	}
	if (!may_expand_vm(mm, vm_flags, len >> PAGE_SHIFT))
		return -ENOMEM;
	if (accountable_mapping(file, vm_flags)) {
		charged = len >> PAGE_SHIFT;
		if (vm_enough_memory(mm, charged))
			return -ENOMEM;
		vm_flags |= VM_ACCOUNT;
	}
	find_vma_prev(mm, addr, &prev);
	vma = NULL;
	if (!(vm_flags & VM_SHARED))
		vma = vma_extend_prev(mm, prev, addr, end, vm_flags, file, pgoff);
	if (!vma) {
		vma = new_vma(mm, file, addr, end, vm_flags, pgoff);
		if (IS_ERR(vma)) {
			vm_unacct_memory(charged);
			return PTR_ERR(vma);
		}
		/* A device's ->mmap() may have said that its pages are special. */
		vm_flags = vma->vm_flags;
		if (vma_is_anonymous(vma))
			vma_join_neighbours(mm, vma);
	}
	vm_stat_account(mm, vm_flags, len >> PAGE_SHIFT);
	if (vm_flags & VM_LOCKED)
		mm->locked_vm += len >> PAGE_SHIFT;
	return addr;
}

/* Readable means executable to old programs: personality(2), READ_IMPLIES_EXEC. */
static unsigned long implied_prot(struct file *file, unsigned long prot)
{
	if ((prot & PROT_READ) && (current->personality & READ_IMPLIES_EXEC) &&
	    !(file && path_noexec(&file->f_path)))
		prot |= PROT_EXEC;
	return prot;
}

unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long vm_flags, unsigned long pgoff,
		      unsigned long *populate)
{
	struct mm_struct *mm = current->mm;
	int err;

	mmap_assert_write_locked(mm);
	*populate = 0;
	if (!len)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len || mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (flags & MAP_HUGETLB)
		return -ENOMEM; /* the pool of huge pages is empty */
	prot = implied_prot(file, prot);
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	if (!(flags & MAP_FIXED))
		addr = addr && addr < MMAP_MIN_ADDR ? MMAP_MIN_ADDR : addr & PAGE_MASK;
	addr = get_unmapped_area(file, addr, len, pgoff, flags);
	if (IS_ERR_VALUE(addr))
		return addr;
	if ((flags & MAP_FIXED_NOREPLACE) && find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;
	vm_flags |= calc_vm_flags(prot, flags) | mm->def_flags;
	if ((flags & MAP_LOCKED) && !capable(CAP_IPC_LOCK) && !rlimit(RLIMIT_MEMLOCK))
		return -EPERM;
	err = may_lock_more(mm, vm_flags, len);
	if (!err)
		err = file ? check_file_mapping(file, prot, flags, &vm_flags)
			   : check_anon_mapping(flags, &vm_flags);
	if (err)
		return err;
	if (!file)
		pgoff = vm_flags & VM_SHARED ? 0 : addr >> PAGE_SHIFT;
	if ((flags & MAP_NORESERVE) && sysctl_overcommit_memory != OVERCOMMIT_NEVER)
		vm_flags |= VM_NORESERVE;
	addr = mmap_region(file, addr, len, vm_flags, pgoff);
	if (!IS_ERR_VALUE(addr) &&
	    ((vm_flags & VM_LOCKED) || (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE))
		*populate = len;
	return addr;
}

static unsigned long mmap_pgoff(struct file *file, unsigned long addr, unsigned long len,
				unsigned long prot, unsigned long flags, unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	unsigned long ret, populate;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mmap(file, addr, len, prot, flags, 0, pgoff, &populate);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(ret, populate);
	return ret;
}

unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long offset)
{
	if ((offset & ~PAGE_MASK) || offset + PAGE_ALIGN(len) < offset)
		return -EINVAL;
	return mmap_pgoff(file, addr, len, prot, flags, offset >> PAGE_SHIFT);
}

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len, unsigned long, prot, unsigned long,
		flags, unsigned long, fd, unsigned long, off)
{
	struct file *file = NULL;
	unsigned long ret;

	if (off & ~PAGE_MASK)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		file = fget(fd);
		if (!file)
			return -EBADF;
	}
	ret = mmap_pgoff(file, addr, len, prot, flags, off >> PAGE_SHIFT);
	if (file)
		fput(file);
	return ret;
}

SYSCALL_DEFINE2(munmap, unsigned long, addr, size_t, len)
{
	return vm_munmap(addr, len);
}

/* ---- brk ---- */

/* Anonymous private memory at a fixed place; what was there is replaced. */
static int do_brk_flags(unsigned long addr, unsigned long len, vm_flags_t flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long ret;
	int err;

	flags |= VM_DATA_DEFAULT_FLAGS | mm->def_flags;
	if (current->personality & READ_IMPLIES_EXEC)
		flags |= VM_EXEC;
	ret = get_unmapped_area(NULL, addr, len, 0, MAP_FIXED);
	if (IS_ERR_VALUE(ret))
		return ret;
	err = may_lock_more(mm, flags, len);
	if (err)
		return err;
	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	/* mmap_region() decides about VM_ACCOUNT itself. */
	ret = mmap_region(NULL, addr, len, flags & ~VM_ACCOUNT, addr >> PAGE_SHIFT);
	return IS_ERR_VALUE(ret) ? (int)ret : 0;
}

int vm_brk_flags(unsigned long addr, unsigned long request, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long len = PAGE_ALIGN(request);
	bool populate;
	int err;

	if (len < request)
		return -ENOMEM;
	if (!len)
		return 0;
	if (flags & ~VM_EXEC)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_brk_flags(addr, len, flags);
	populate = !err && (mm->def_flags & VM_LOCKED);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(addr, len);
	return err;
}

/* True when the break may lie at brk: the data segment stays within its limit. */
static bool data_limit_allows(struct mm_struct *mm, unsigned long brk)
{
	unsigned long lim = rlimit(RLIMIT_DATA);

	return lim == RLIM_INFINITY ||
	       (brk - mm->start_brk) + (mm->end_data - mm->start_data) <= lim;
}

SYSCALL_DEFINE1(brk, unsigned long, brk)
{
	struct mm_struct *mm = current->mm;
	unsigned long new, old, result;
	struct vm_area_struct *next;
	bool populate = false;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	result = mm->brk;
	if (brk < mm->start_brk || brk > TASK_SIZE || !data_limit_allows(mm, brk))
		goto out;
	new = PAGE_ALIGN(brk);
	old = PAGE_ALIGN(mm->brk);
	if (new < old) {
		if (do_munmap(mm, new, old - new))
			goto out;
	} else if (new > old) {
		next = find_vma(mm, old);
		if (next && new + PAGE_SIZE > vm_start_gap(next))
			goto out;
		if (do_brk_flags(old, new - old, 0))
			goto out;
		populate = mm->def_flags & VM_LOCKED;
	}
	mm->brk = result = brk;
out:
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(old, new - old);
	return result;
}

/* ---- stacks ---- */

static int account_stack_growth(struct vm_area_struct *vma, unsigned long size, unsigned long grow)
{
	struct mm_struct *mm = vma->vm_mm;

	if (!may_expand_vm(mm, vma->vm_flags, grow) || size > rlimit(RLIMIT_STACK))
		return -ENOMEM;
	if (may_lock_more(mm, vma->vm_flags, grow << PAGE_SHIFT))
		return -ENOMEM;
	return vma->vm_flags & VM_ACCOUNT ? vm_enough_memory(mm, grow) : 0;
}

/*
 * mmap_lock may be held for reading only: page_table_lock keeps two growing threads apart, and a
 * reader of the tree sees the old or the new start, both of which are right.
 */
int expand_stack(struct vm_area_struct *vma, unsigned long address)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *prev = vma->vm_prev;
	unsigned long grow;
	int err = 0;

	mmap_assert_locked(mm);
	address &= PAGE_MASK;
	if (!(vma->vm_flags & VM_GROWSDOWN) || address < MMAP_MIN_ADDR)
		return -EPERM;
	if (prev && !(prev->vm_flags & VM_GROWSDOWN) && (prev->vm_flags & VM_ACCESS_FLAGS) &&
	    address - prev->vm_end < STACK_GUARD_GAP)
		return -ENOMEM;
	if (prev && address < prev->vm_end)
		return -ENOMEM;
	spin_lock(&mm->page_table_lock);
	if (address < vma->vm_start) {
		grow = (vma->vm_start - address) >> PAGE_SHIFT;
		err = account_stack_growth(vma, vma->vm_end - address, grow);
		if (!err) {
			if (vma->vm_flags & VM_LOCKED)
				mm->locked_vm += grow;
			vm_stat_account(mm, vma->vm_flags, grow);
			vma->vm_start = address;
			vma->vm_pgoff -= grow;
			vma_gap_changed(mm, vma);
		}
	}
	spin_unlock(&mm->page_table_lock);
	return err;
}

struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (!vma || addr >= vma->vm_start)
		return vma;
	return expand_stack(vma, addr) ? NULL : vma;
}

/* ---- the kernel's pages in a program ---- */

static const char *special_name(struct vm_area_struct *vma)
{
	return ((const struct vm_special_mapping *)vma->vm_private_data)->name;
}

static vm_fault_t special_fault(struct vm_fault *vmf)
{
	const struct vm_special_mapping *sm = vmf->vma->vm_private_data;
	unsigned long n = vmf->pgoff;

	if (sm->fault)
		return sm->fault(sm, vmf->vma, vmf);
	for (struct page **p = sm->pages; p && *p; p++) {
		if (n--)
			continue;
		return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(*p));
	}
	return VM_FAULT_SIGBUS;
}

static int special_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static const struct vm_operations_struct special_vm_ops = {
    .fault = special_fault,
    .name = special_name,
    .may_split = special_may_split,
};

bool vma_is_special_mapping(const struct vm_area_struct *vma, const struct vm_special_mapping *sm)
{
	return vma->vm_ops == &special_vm_ops && vma->vm_private_data == sm;
}

struct vm_area_struct *_install_special_mapping(struct mm_struct *mm, unsigned long addr,
						unsigned long len, unsigned long vm_flags,
						const struct vm_special_mapping *spec)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	mmap_assert_write_locked(mm);
	if (!vma)
		return ERR_PTR(-ENOMEM);
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = vm_flags | VM_DONTEXPAND | VM_PFNMAP;
	vma->vm_ops = &special_vm_ops;
	vma->vm_private_data = (void *)spec;
	err = insert_vm_struct(mm, vma);
	if (err) {
		vm_area_free(vma);
		return ERR_PTR(err);
	}
	vm_stat_account(mm, vma->vm_flags, len >> PAGE_SHIFT);
	return vma;
}

const char *vma_special_name(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_ops && vma->vm_ops->name)
		return vma->vm_ops->name(vma);
	if (vma->vm_file)
		return NULL;
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	return NULL;
}
