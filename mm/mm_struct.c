/* SPDX-License-Identifier: MIT */
/*
 * The life of an address space: made by exec, copied by fork, taken down when its last user
 * leaves, freed when its last reference goes (a kernel thread may borrow the tables longer than
 * any program uses the memory). Task context; mmdrop() in any.
 */
#include <jiffy/cred.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/mutation.h>
#include <jiffy/ptrace.h>
#include <jiffy/rcupdate.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>

#include "pgtable.h"
#include "vma.h"

struct mm_struct init_mm = {
    .mm_users = ATOMIC_INIT(2),
    .mm_count = ATOMIC_INIT(1),
    .pgd = init_pg_dir,
    .mm_rb = {NULL},
    .mmap_lock = __RWSEM_INITIALIZER(init_mm.mmap_lock),
    .page_table_lock = __SPIN_LOCK_UNLOCKED(init_mm.page_table_lock),
};

static struct kmem_cache *mm_cache;
static atomic_long_t nr_mms;

void __init mm_caches_init(void)
{
	vma_caches_init();
	mm_cache = KMEM_CACHE(mm_struct, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
}

/* What a fresh and a copied mm have in common: no memory, own locks. */
static struct mm_struct *mm_set_up(struct mm_struct *mm, struct task_struct *t)
{
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	init_rwsem(&mm->mmap_lock);
	spin_lock_init(&mm->page_table_lock);
	mm->mmap = NULL;
	mm->mm_rb = RB_ROOT;
	mm->vmacache = NULL;
	mm->highest_vm_end = 0;
	mm->map_count = 0;
	mm->total_vm = mm->locked_vm = mm->data_vm = mm->exec_vm = mm->stack_vm = 0;
	atomic_long_set(&mm->pgtables_bytes, 0);
	memset(mm->rss_stat, 0, sizeof(mm->rss_stat));
	memset(&mm->cpu_bitmap, 0, sizeof(mm->cpu_bitmap));
	mm->core_state = NULL;
	mm->owner = t;
	mm->pgd = pgd_alloc(mm);
	if (!mm->pgd)
		goto fail;
	if (init_new_context(t, mm))
		goto fail_pgd;
	mm->user_ns = get_user_ns(current_user_ns());
	atomic_long_inc(&nr_mms);
	return mm;

fail_pgd:
	pgd_free(mm, mm->pgd);
fail:
	kmem_cache_free(mm_cache, mm);
	return NULL;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_zalloc(mm_cache, GFP_KERNEL);

	if (!mm)
		return NULL;
	mm->flags = current->mm ? current->mm->flags & MMF_INIT_MASK
				: MMF_DUMP_FILTER_DEFAULT | SUID_DUMP_USER;
	mm->task_size = TASK_SIZE;
	mm->mmap_base = TASK_SIZE;
	return mm_set_up(mm, current);
}

void __mmdrop(struct mm_struct *mm)
{
	BUG_ON(mm == &init_mm);
	pgd_free(mm, mm->pgd);
	destroy_context(mm);
	put_user_ns(mm->user_ns);
	atomic_long_dec(&nr_mms);
	kmem_cache_free(mm_cache, mm);
}

static void last_user_gone(struct mm_struct *mm)
{
	exit_mmap(mm);
	set_mm_exe_file(mm, NULL);
	mmdrop(mm);
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	if (atomic_dec_and_test(&mm->mm_users))
		last_user_gone(mm);
}

/* mms that wait for a worker to take them down, linked through ->mmap_async. */
static struct mm_struct *async_mms;

static void mmput_async_work(struct work_struct *work)
{
	struct mm_struct *mm = xchg(&async_mms, (struct mm_struct *)NULL), *next;

	for (; mm; mm = next) {
		next = mm->async_next;
		last_user_gone(mm);
	}
}
static DECLARE_WORK(async_work, mmput_async_work);

void mmput_async(struct mm_struct *mm)
{
	struct mm_struct *first;

	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	first = READ_ONCE(async_mms);
	do {
		mm->async_next = first;
	} while (!try_cmpxchg(&async_mms, &first, mm));
	schedule_work(&async_work);
}

struct mm_struct *get_task_mm(struct task_struct *t)
{
	struct mm_struct *mm;

	task_lock(t);
	mm = t->mm;
	if (mm && !(t->flags & PF_KTHREAD))
		mmget(mm);
	else
		mm = NULL;
	task_unlock(t);
	return mm;
}

struct mm_struct *mm_access(struct task_struct *t, unsigned int mode)
{
	struct mm_struct *mm;

	/* An exec between the check and the use would show the new program to the old's friend. */
	if (down_read_killable(&t->signal->exec_update_lock))
		return ERR_PTR(-EINTR);
	mm = get_task_mm(t);
	if (mm && mm != current->mm && !ptrace_may_access(t, mode)) {
		mmput(mm);
		mm = ERR_PTR(-EACCES);
	}
	up_read(&t->signal->exec_update_lock);
	return mm;
}

struct file *get_mm_exe_file(struct mm_struct *mm)
{
	struct file *file;

	mmap_read_lock(mm);
	file = mm->exe_file ? get_file(mm->exe_file) : NULL;
	mmap_read_unlock(mm);
	return file;
}

int set_mm_exe_file(struct mm_struct *mm, struct file *new_file)
{
	struct file *old = mm->exe_file;
	int err;

	if (new_file) {
		err = deny_write_access(new_file);
		if (err)
			return err;
		get_file(new_file);
	}
	mm->exe_file = new_file;
	if (old) {
		allow_write_access(old);
		fput(old);
	}
	return 0;
}

/* ---- fork ---- */

/* The child's copy of one VMA, in its tree; ERR_PTR. */
static struct vm_area_struct *dup_vma(struct mm_struct *mm, struct vm_area_struct *old)
{
	struct vm_area_struct *vma;

	if ((old->vm_flags & VM_ACCOUNT) && vm_enough_memory(mm, vma_pages(old)))
		return ERR_PTR(-ENOMEM);
	vma = vm_area_dup(old);
	if (!vma) {
		if (old->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(old));
		return ERR_PTR(-ENOMEM);
	}
	vma->vm_mm = mm;
	vma->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (vma->vm_file) {
		get_file(vma->vm_file);
		if ((vma->vm_flags & VM_SHARED) && vma->vm_file->f_mapping)
			atomic_inc(&vma->vm_file->f_mapping->i_mmap_writable);
	}
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
	vma_link(mm, vma);
	vm_stat_account(mm, vma->vm_flags, vma_pages(vma));
	return vma;
}

static bool has_uninherited(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for_each_vma (mm, vma)
		if (vma->vm_flags & (VM_DONTCOPY | VM_WIPEONFORK))
			return true;
	return false;
}

static int dup_vmas(struct mm_struct *mm, struct mm_struct *oldmm, bool *need_flush)
{
	bool mixed = has_uninherited(oldmm);
	long less[NR_MM_COUNTERS] = {0};
	unsigned long done = 0;
	struct vm_area_struct *old, *vma;
	int err;

	for_each_vma (oldmm, old) {
		if ((old->vm_flags & VM_DONTCOPY) && !mutant(DONTFORK_IGNORED)) {
			count_vma_pages(old, less);
			continue;
		}
		vma = dup_vma(mm, old);
		if (IS_ERR(vma))
			return PTR_ERR(vma);
		if (old->vm_flags & VM_WIPEONFORK) {
			count_vma_pages(old, less);
			continue;
		}
		err = share_page_tables(mm, oldmm, old, mixed, &done, need_flush);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	for (int i = 0; i < NR_MM_COUNTERS; i++)
		atomic_long_set(&mm->rss_stat[i], get_mm_counter(oldmm, i) - less[i]);
	return 0;
}

int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	bool need_flush = false;
	int err;

	if (mmap_write_lock_killable(oldmm))
		return -EINTR;
	down_write_nested(&mm->mmap_lock, SINGLE_DEPTH_NESTING);
	err = dup_vmas(mm, oldmm, &need_flush);
	up_write(&mm->mmap_lock);
	if (need_flush && !mutant(FORK_TLB_STALE))
		flush_tlb_mm(oldmm);
	mmap_write_unlock(oldmm);
	return err;
}

struct mm_struct *dup_mm(struct task_struct *t, struct mm_struct *oldmm)
{
	struct mm_struct *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL);
	struct file *exe;

	if (!mm)
		return NULL;
	memcpy(mm, oldmm, sizeof(*mm));
	mm->exe_file = NULL;
	mm->def_flags = 0;
	mm->flags = oldmm->flags & MMF_INIT_MASK;
	if (!mm_set_up(mm, t))
		return NULL;
	exe = get_mm_exe_file(oldmm);
	if (exe) {
		/* Cannot fail: the parent denies writing already. */
		if (set_mm_exe_file(mm, exe))
			pr_warn("fork: the program file became writable");
		fput(exe);
	}
	if (dup_mmap(mm, oldmm)) {
		mmput(mm);
		return NULL;
	}
	mm->hiwater_rss = get_mm_rss(mm);
	mm->hiwater_vm = mm->total_vm;
	return mm;
}

/* ---- exit ---- */

/*
 * Nobody uses the memory any more, but CPUs may have the tables loaded, lazily. They are sent
 * away first, so the tables can be taken apart without a flush for each step.
 */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;
	unsigned long end = 0;
	struct mmu_gather tlb;

	preempt_disable();
	leave_mm_for_good(mm);
	preempt_enable();
	flush_tlb_mm(mm);
	mmap_write_lock(mm);
	for_each_vma (mm, vma) {
		if (vma->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(vma));
		vma_unlink_file(vma);
		end = vma->vm_end;
	}
	tlb_gather_mmu(&tlb, mm);
	tlb.fullmm = true;
	for_each_vma (mm, vma) {
		struct vm_area_struct *n = vma->vm_next;

		free_pgd_range(&tlb, vma->vm_start, vma->vm_end, 0, n ? n->vm_start : 0);
	}
	tlb_finish_mmu(&tlb);
	vma = mm->mmap;
	mm->mmap = NULL;
	mm->mm_rb = RB_ROOT;
	mm->vmacache = NULL;
	mm->map_count = 0;
	mmap_write_unlock(mm);
	for (; vma; vma = next) {
		next = vma->vm_next;
		remove_vma(vma);
		cond_resched();
	}
	WARN(end && atomic_long_read(&mm->pgtables_bytes),
	     "exit: %ld bytes of page tables are left",
	     (long)atomic_long_read(&mm->pgtables_bytes));
}
