/* SPDX-License-Identifier: MIT */
/*
 * Address spaces and pages: what room mm/ does for the others. Task context unless said.
 * Locks and their order: *Serialization rules* in <jiffy/mm_types.h>.
 */
#ifndef JIFFY_MM_H
#define JIFFY_MM_H

#include <jiffy/bitops.h>
#include <jiffy/err.h>
#include <jiffy/gfp.h>
#include <jiffy/mm_types.h>
#include <jiffy/sched.h>

struct seq_file;
struct list_head;

/* ---- frames and pages ---- */

static __always_inline unsigned long page_to_pfn(const struct page *page)
{
	return (unsigned long)(page - mem_map) + pfn_base;
}

static __always_inline struct page *pfn_to_page(unsigned long pfn)
{
	return mem_map + (pfn - pfn_base);
}

static __always_inline bool pfn_valid(unsigned long pfn)
{
	return pfn >= pfn_base && pfn < max_pfn;
}

#define page_to_phys(p)	  ((phys_addr_t)page_to_pfn(p) << PAGE_SHIFT)
#define page_address(p)	  ((void *)__va(page_to_phys(p)))
#define virt_to_page(v)	  pfn_to_page(__pa(v) >> PAGE_SHIFT)
#define phys_to_page(pa)  pfn_to_page((pa) >> PAGE_SHIFT)
#define PFN_UP(x)	  (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)	  ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x)	  ((phys_addr_t)(x) << PAGE_SHIFT)
#define PAGE_ALIGN(x)	  ALIGN(x, PAGE_SIZE)
#define PAGE_ALIGNED(x)	  IS_ALIGNED((unsigned long)(x), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
/* All memory is in the direct map, so these cost nothing. */
#define kmap(p)			page_address(p)
#define kunmap(p)		((void)(p))
#define kmap_local_page(p)	page_address(p)
#define kunmap_local(a)		((void)(a))
#define clear_highpage(p)	clear_page(page_address(p))
#define copy_highpage(to, from) copy_page(page_address(to), page_address(from))

#define __PAGE_FLAG(Name, bit)                              \
	static inline bool Page##Name(const struct page *p) \
	{                                                   \
		return test_bit(bit, &p->flags);            \
	}                                                   \
	static inline void SetPage##Name(struct page *p)    \
	{                                                   \
		set_bit(bit, &p->flags);                    \
	}                                                   \
	static inline void ClearPage##Name(struct page *p)  \
	{                                                   \
		clear_bit(bit, &p->flags);                  \
	}
__PAGE_FLAG(Locked, PG_locked)
__PAGE_FLAG(Dirty, PG_dirty)
__PAGE_FLAG(Referenced, PG_referenced)
__PAGE_FLAG(Reserved, PG_reserved)
__PAGE_FLAG(Slab, PG_slab)
__PAGE_FLAG(Head, PG_head)
__PAGE_FLAG(Tail, PG_tail)
__PAGE_FLAG(Anon, PG_anon)
__PAGE_FLAG(SwapBacked, PG_swapbacked)

/* Whoever sees the bit sees the contents. */
static inline bool PageUptodate(const struct page *p)
{
	return smp_load_acquire(&p->flags) & BIT(PG_uptodate);
}

static inline void SetPageUptodate(struct page *p)
{
	__atomic_fetch_or(&p->flags, BIT(PG_uptodate), __ATOMIC_RELEASE);
}

static inline void ClearPageUptodate(struct page *p)
{
	clear_bit(PG_uptodate, &p->flags);
}

static inline int page_count(const struct page *p)
{
	return atomic_read(&p->_refcount);
}

static inline int page_mapcount(const struct page *p)
{
	return atomic_read(&p->_mapcount);
}

static inline bool page_mapped(const struct page *p)
{
	return page_mapcount(p) > 0;
}

static inline struct page *compound_head(struct page *p)
{
	return unlikely(test_bit(PG_tail, &p->flags)) ? p->compound_head : p;
}
#define virt_to_head_page(v) compound_head(virt_to_page(v))

/* Any context. */
static inline void get_page(struct page *page)
{
	page = compound_head(page);
	ASSERT(page_count(page) > 0);
	atomic_inc(&page->_refcount);
}

static inline bool get_page_unless_zero(struct page *page)
{
	return atomic_inc_not_zero(&page->_refcount);
}

/* The last reference is gone: to the allocator. Any context. page_alloc.c. */
void __put_page(struct page *page);

static inline bool put_page_testzero(struct page *page)
{
	ASSERT(page_count(page) > 0);
	return atomic_dec_and_test(&page->_refcount);
}

static inline void put_page(struct page *page)
{
	page = compound_head(page);
	if (put_page_testzero(page))
		__put_page(page);
}

extern struct page *zero_page; /* reads of untouched anonymous memory; reserved, not counted */
#define ZERO_PAGE(addr) (zero_page)

/* ---- boot ---- */

/* arch/: RAM below phys may be touched now; memblock_alloc() stays below it. Boot. */
void memblock_set_current_limit(phys_addr_t phys);
/* Bytes that memblock handed out. */
unsigned long memblock_allocated(void);
/*
 * The page allocator, the slab caches and vmalloc, in that order; memblock ends. After
 * arch_setup() and setup_per_cpu_areas(), before the first kmalloc(). One CPU, irqs off.
 */
void mem_init(void);
/*
 * Pages of a reserved region (initramfs, .init sections) become ordinary free memory.
 * Addresses in the direct map, inward-rounded. How many pages.
 */
unsigned long free_reserved_area(void *start, void *end, const char *what);
/* One page of a reserved region becomes an allocated page with one reference: the caller's. */
struct page *adopt_reserved_page(void *addr);

/* ---- address spaces ---- */

struct mm_struct *mm_alloc(void); /* empty, one user; NULL without memory */
/* The same for exec's new program: mm of task p's user namespace. */
static inline void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}
void __mmdrop(struct mm_struct *mm);
/* CPUs that run a kernel thread let go of the mm that it borrowed. Task context. */
void drop_lazy_mms(void);
/* Any context with preemption off or on; a full barrier before the free (membarrier needs it). */
static inline void mmdrop(struct mm_struct *mm)
{
	if (unlikely(atomic_dec_and_test(&mm->mm_count)))
		__mmdrop(mm);
}
static inline void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}
static inline bool mmget_not_zero(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}
void mmput(struct mm_struct *mm);	/* may sleep: the last one runs exit_mmap() */
void mmput_async(struct mm_struct *mm); /* any context: from a worker when it is the last */
/* t's mm with a user reference, NULL for kernel threads and the dead. */
struct mm_struct *get_task_mm(struct task_struct *t);
/*
 * Another task's mm for someone who wants to look or write (mode: PTRACE_MODE_*): a user
 * reference, NULL when it has none, ERR_PTR(-EACCES, -EINTR).
 */
struct mm_struct *mm_access(struct task_struct *t, unsigned int mode);
/*
 * fork's copy: a new mm like oldmm with the memory shared copy-on-write. NULL without memory,
 * or past RLIMIT or commit limits. dup_mm() is mm_alloc() and dup_mmap() and the small fields.
 */
struct mm_struct *dup_mm(struct task_struct *t, struct mm_struct *oldmm);
int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm);
void exit_mmap(struct mm_struct *mm);
/* exe_file with a reference, or NULL; and its replacement. */
struct file *get_mm_exe_file(struct mm_struct *mm);
int set_mm_exe_file(struct mm_struct *mm, struct file *new_file);
void mm_caches_init(void);

static inline void mmap_read_lock(struct mm_struct *mm)
{
	down_read(&mm->mmap_lock);
}
static inline int __must_check mmap_read_lock_killable(struct mm_struct *mm)
{
	return down_read_killable(&mm->mmap_lock);
}
static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	return down_read_trylock(&mm->mmap_lock);
}
static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_lock);
}
static inline void mmap_write_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}
static inline int __must_check mmap_write_lock_killable(struct mm_struct *mm)
{
	return down_write_killable(&mm->mmap_lock);
}
static inline void mmap_write_unlock(struct mm_struct *mm)
{
	up_write(&mm->mmap_lock);
}
#define mmap_assert_locked(mm)	     lockdep_assert_held(&(mm)->mmap_lock)
#define mmap_assert_write_locked(mm) lockdep_assert_held(&(mm)->mmap_lock)

/* The first VMA that ends above addr (it may begin above it), or NULL. mmap_lock held. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev);
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end);
static inline struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && addr >= vma->vm_start ? vma : NULL;
}
#define for_each_vma(mm, vma) for (vma = (mm)->mmap; vma; vma = vma->vm_next)

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}
static inline bool vma_is_anonymous(const struct vm_area_struct *vma)
{
	return !vma->vm_ops;
}

/* A VMA outside any tree, for exec's first stack; insert_vm_struct() puts it in. */
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);
struct vm_area_struct *vm_area_dup(struct vm_area_struct *orig);
void vm_area_free(struct vm_area_struct *vma);
/* 0 or -ENOMEM (something is there already, or the commit limit). mmap_lock for writing. */
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);
/*
 * Moves the stack VMA of a program being built down (or up) by shift bytes; grows it to hold
 * stack_expand more below. mmap_lock for writing. exec's setup_arg_pages() uses them.
 */
int relocate_vma_down(struct vm_area_struct *vma, unsigned long shift);
int expand_stack(struct vm_area_struct *vma, unsigned long address);
struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long addr);
int mprotect_fixup(struct vm_area_struct *vma, struct vm_area_struct **pprev, unsigned long start,
		   unsigned long end, unsigned long newflags);

/*
 * Addresses, lengths and offsets in bytes. do_mmap() and do_munmap() want mmap_lock for writing,
 * the vm_ forms take current's. The address, or a negative errno as in mmap(2).
 */
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long vm_flags, unsigned long pgoff,
		      unsigned long *populate);
unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long offset);
int do_munmap(struct mm_struct *mm, unsigned long start, size_t len);
int vm_munmap(unsigned long start, size_t len);
/* Anonymous memory at a fixed place, as for a program's BSS; flags VM_EXEC or 0. */
int vm_brk_flags(unsigned long addr, unsigned long len, unsigned long flags);
#define vm_brk(addr, len) vm_brk_flags(addr, len, 0)
unsigned long get_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				unsigned long pgoff, unsigned long flags);
/* Chooses mmap_base below the stack by its limit and random offset. Exec. */
void arch_pick_mmap_layout(struct mm_struct *mm, unsigned long stack_limit);
void mm_populate(unsigned long addr, unsigned long len);

/*
 * Pages of the kernel shown to a program (the vDSO): pages[] covers len bytes and ends the map
 * for ever mapped. name shows in /proc/PID/maps. The VMA or ERR_PTR. mmap_lock for writing.
 */
struct vm_special_mapping {
	const char *name; /* "[vdso]" */
	struct page **pages;
	vm_fault_t (*fault)(const struct vm_special_mapping *sm, struct vm_area_struct *vma,
			    struct vm_fault *vmf);
};
struct vm_area_struct *_install_special_mapping(struct mm_struct *mm, unsigned long addr,
						unsigned long len, unsigned long vm_flags,
						const struct vm_special_mapping *spec);
bool vma_is_special_mapping(const struct vm_area_struct *vma, const struct vm_special_mapping *sm);
/* ->mmap and ->fault helpers: one page, or frames without counted pages, at a user address. */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page);
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
		    unsigned long size, pgprot_t prot);
vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn);

/*
 * A user access faulted. mm_fault() is all of it: takes mmap_lock, finds (or grows the stack's)
 * VMA, checks that the access is allowed, handles, tries again, counts. flags: FAULT_FLAG_WRITE,
 * _INSTRUCTION, _USER. 0 or VM_FAULT_MAJOR: return to the access. VM_FAULT_SIGSEGV: *si_code
 * says SEGV_MAPERR (1) or SEGV_ACCERR (2); VM_FAULT_SIGBUS: BUS_ADRERR; VM_FAULT_OOM: already
 * dealt with when the access was from user mode (try again, the killer has chosen); -EFAULT else.
 * Interrupts on, no spinlocks.
 */
vm_fault_t mm_fault(struct mm_struct *mm, unsigned long address, unsigned int flags, int *si_code);
/* One page; the caller has found the VMA and checked it. mmap_lock held for reading. */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags);

/* Pins: pages[i] (may be NULL) with references; how many, or errno when none. mmap_lock held. */
#define FOLL_WRITE   0x01u /* break copy-on-write */
#define FOLL_GET     0x04u
#define FOLL_FORCE   0x10u /* write through read-only private maps: ptrace */
#define FOLL_NOFAULT 0x20u
#define FOLL_REMOTE  0x2000u
#define FOLL_ANON    0x8000u
long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr,
			   unsigned int gup_flags, struct page **pages,
			   struct vm_area_struct **vmas);
long get_user_pages(unsigned long start, unsigned long nr, unsigned int gup_flags,
		    struct page **pages);
/* Takes mmap_lock itself. */
long get_user_pages_unlocked(unsigned long start, unsigned long nr, struct page **pages,
			     unsigned int gup_flags);
/* Resolves one fault on the caller's behalf (futexes): 0, -EFAULT, -ENOMEM. mmap_lock held. */
int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags);
/* Another task's memory, as ptrace and /proc see it: bytes moved, fewer at a hole. */
int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf, int len,
		      unsigned int gup_flags);
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf, int len,
		     unsigned int gup_flags);

/* ---- shared anonymous memory; fs/ has the file, mm/ maps it ---- */
struct file *shmem_file_setup(const char *name, loff_t size, unsigned long vm_flags);
int shmem_zero_setup(struct vm_area_struct *vma); /* /dev/zero and MAP_SHARED | MAP_ANONYMOUS */

/* ---- accounting and limits ---- */
static inline long get_mm_counter(struct mm_struct *mm, int member)
{
	long v = atomic_long_read(&mm->rss_stat[member]);

	return v < 0 ? 0 : v;
}
static inline unsigned long get_mm_rss(struct mm_struct *mm)
{
	return get_mm_counter(mm, MM_FILEPAGES) + get_mm_counter(mm, MM_ANONPAGES) +
	       get_mm_counter(mm, MM_SHMEMPAGES);
}
unsigned long get_mm_hiwater_rss(struct mm_struct *mm);
bool may_expand_vm(struct mm_struct *mm, vm_flags_t flags, unsigned long npages);
/* pages more committed: 0 or -ENOMEM, by vm.overcommit_memory; and given back. */
int vm_enough_memory(struct mm_struct *mm, long pages);
void vm_unacct_memory(long pages);
unsigned long vm_commit_limit(void);
unsigned long vm_committed(void);
extern int sysctl_overcommit_memory, sysctl_overcommit_ratio, sysctl_max_map_count;
extern unsigned long sysctl_overcommit_kbytes;

/* ---- numbers for /proc, all in pages unless said ---- */
struct sysinfo_mem {
	unsigned long totalram, freeram, sharedram, bufferram, cached, available;
	unsigned long slab_reclaimable, slab_unreclaimable, kernel_stack, page_tables;
	unsigned long anon, mapped, vmalloc_used, percpu;
};
void si_meminfo(struct sysinfo_mem *val);
unsigned long nr_free_pages(void);
unsigned long totalram_pages(void);
/* /proc/PID/statm: sizes in pages; resident is the result's second, as the file shows it. */
unsigned long task_vsize(struct mm_struct *mm); /* bytes */
unsigned long task_statm(struct mm_struct *mm, unsigned long *shared, unsigned long *text,
			 unsigned long *data, unsigned long *resident);
/* What a VMA's part of the page tables holds, for smaps; bytes. mmap_lock held. */
struct mem_size_stats {
	unsigned long resident, shared_clean, shared_dirty, private_clean, private_dirty;
	unsigned long referenced, anonymous, locked;
	u64 pss; /* bytes << 12 */
};
void smap_gather_stats(struct vm_area_struct *vma, struct mem_size_stats *mss);
/* "[heap]", "[stack]", "[vdso]" or NULL. mmap_lock held. */
const char *vma_special_name(struct vm_area_struct *vma);
/* /proc/buddyinfo: free blocks of each order. Zone i of those with memory, NULL behind the last. */
struct zone *populated_zone(int i);
/* Events for /proc/vmstat. */
enum vm_event_item {
	PGALLOC,
	PGFREE,
	PGFAULT,
	PGMAJFAULT,
	PGREUSE,
	PTSHARE,
	PTUNSHARE,
	PTSPLIT_COPY,
	OOM_KILL,
	ALLOCSTALL,
	SLABS_SCANNED,
	NR_VM_EVENT_ITEMS
};
extern const char *const vm_event_name[NR_VM_EVENT_ITEMS];
void all_vm_events(unsigned long *sums);

/* ---- out of memory ---- */
/* Chooses and kills a process by size and oom_score_adj; true when there was one. */
bool out_of_memory(gfp_t gfp, unsigned int order);
/* 0..1000-ish points, 0: not to be killed. /proc/PID/oom_score. */
unsigned long oom_badness(struct task_struct *p, unsigned long totalpages);

/* ---- leak checks ---- */
struct mm_counts {
	unsigned long free_pages, slab_objects, slab_pages, vmas, mms, file_pages, committed;
};
/* Empties every per-CPU list and cache of mm/, waits for RCU, and counts. Task context. */
void mm_drain_and_count(struct mm_counts *c);
/*
 * A return address that was on the stack when fail-nth made an allocation fail, 0 at the end.
 * *pos: 0 at first. Checked kernels alone remember any. /proc/jiffy/failed-allocations.
 */
unsigned long next_failed_allocation(unsigned int *pos);

#endif
