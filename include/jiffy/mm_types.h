/* SPDX-License-Identifier: MIT */
/*
 * The data of memory management: pages, zones, nodes, and a process's address space. Functions
 * are in <jiffy/mm.h>. Room mm/ owns every field here; others read what the comments allow.
 *
 * Serialization rules of room mm/, outermost lock first:
 *
 *   mm->mmap_lock	(rwsem)	the VMA tree and list, vm_flags, the layout fields. Read side:
 * faults. mapping->i_mmap_rwsem (rwsem) which VMAs map a file; taken inside mmap_lock
 *   mapping->i_pages.xa_lock (spin) which pages a file has in memory
 *   mm->page_table_lock (spin)	entries of pgd, pud and pmd; which pte table a pmd names
 *   page->ptl (spin)	the entries of one pte table, and its count of sharers
 *   zone->lock, a slab node's list_lock (spin, irqs off)	innermost
 *
 * Page-table locks never are taken with interrupts off, so a TLB shoot-down may be waited for
 * under them. A pte table may be shared by several mms after fork (page->pt_share > 1); then
 * each pmd that names it is read-only and nobody changes the table except to lose a sharer.
 */
#ifndef JIFFY_MM_TYPES_H
#define JIFFY_MM_TYPES_H

#include <arch/pgtable.h>
#include <jiffy/atomic.h>
#include <jiffy/cpumask.h>
#include <jiffy/list.h>
#include <jiffy/mutex.h>
#include <jiffy/rbtree.h>
#include <jiffy/refcount.h>
#include <jiffy/spinlock.h>
#include <jiffy/types.h>
#include <jiffy/wait.h>

struct address_space;
struct file;
struct kmem_cache;
struct mm_struct;
struct task_struct;
struct user_namespace;
struct vm_area_struct;
struct linux_binfmt;

/* Bits of page->flags; the upper bits hold the zone's number. */
enum pageflags {
	PG_locked,     /* contents are being read in or thrown out; wait_on_page_locked() */
	PG_uptodate,   /* contents are those of the file */
	PG_dirty,      /* contents are newer than the file's store */
	PG_referenced, /* used since reclaim last looked */
	PG_reserved,   /* never in the allocator: kernel image, firmware */
	PG_slab,       /* belongs to page_slab_cache() */
	PG_head,       /* first page of a compound block, page_order() */
	PG_tail,       /* later page of one: compound_head */
	PG_anon,       /* private to the processes that map it */
	PG_swapbacked, /* contents exist nowhere else: tmpfs, shared anonymous memory */
	PG_table,      /* a page table */
	PG_waiters,    /* somebody sleeps until PG_locked clears */
	PG_mlocked,
	NR_PAGEFLAGS,
};
#define ZONE_FLAG_SHIFT 56 /* index into zone_table[] */

/*
 * One for each page frame, in the array mem_map. It is meaningful only while the page is
 * allocated (or the head of a free block): set-up is done at allocation, so that boot does not
 * touch the frames of memory nobody uses yet.
 */
struct page {
	unsigned long flags; /* atomic bit operations once others may see the page */
	atomic_t _refcount;  /* 0: free */
	union {
		atomic_t _mapcount;    /* how many page-table entries name it */
		int pt_share;	       /* PG_table: how many pmd entries name it; ptl */
		struct {	       /* PG_slab; the slab node's list_lock */
			u16 free_head; /* first free object, in units of 8 bytes; SLAB_END: none */
			u16 inuse;
		};
	};
	union {
		struct { /* page cache: i_pages lock to write; others: the owner's */
			struct address_space *mapping;
			unsigned long index; /* in pages from the start of the file */
		};
		struct list_head lru;	    /* free blocks: zone->lock */
		struct list_head slab_list; /* PG_slab */
		struct rcu_head slab_rcu;   /* PG_slab, freed, on no list */
		struct page *compound_head; /* PG_tail */
		struct {		    /* PG_table, last level */
			spinlock_t ptl;
			unsigned long pt_lines; /* which eights of entries may be used; ptl */
		};
	};
};
#ifndef JIFFY_CHECKED
static_assert_size(struct page, 32);
#endif

/*
 * Bits 16 to 47 of the flags are a number whose meaning depends on the page: the order of a free
 * or compound block, or the place of a slab's cache in the direct map in units of 64 bytes, which
 * reaches over 256 GiB. They change only while the page is nobody else's.
 */
#define PAGE_EXTRA_SHIFT 16
#define PAGE_EXTRA_MASK	 (0xffffffffUL << PAGE_EXTRA_SHIFT)

static inline u32 page_extra(const struct page *page)
{
	return page->flags >> PAGE_EXTRA_SHIFT;
}

static inline void set_page_extra(struct page *page, u32 extra)
{
	page->flags = (page->flags & ~PAGE_EXTRA_MASK) | (unsigned long)extra << PAGE_EXTRA_SHIFT;
}

#define page_order(page)	    page_extra(page)
#define set_page_order(page, order) set_page_extra(page, order)

extern struct page *mem_map; /* mem_map[0] is the frame pfn_base */
extern unsigned long pfn_base, max_pfn;

#define MAX_ORDER 10
enum zone_type { ZONE_DMA32, ZONE_NORMAL, MAX_NR_ZONES };
enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

struct free_area {
	struct list_head free_list;
	unsigned long nr_free; /* blocks */
};

struct pglist_data;
struct zone {
	/* set at boot */
	const char *name;
	struct pglist_data *zone_pgdat;
	unsigned long zone_start_pfn, spanned_pages, present_pages;
	unsigned long watermark[NR_WMARK]; /* pages; min_free_kbytes changes them */
	unsigned long *free_map; /* bit set: that frame is the head of a free block; lock */
	u8 index;		 /* in zone_table[] */
	int pcp_batch, pcp_high;

	spinlock_t lock ____cacheline_aligned_in_smp;
	struct free_area free_area[MAX_ORDER + 1]; /* lock */
	unsigned long nr_free;			   /* pages in free_area; lock, read freely */
	unsigned long managed_pages;		   /* lock */
};

#define MAX_ZONES (16 * MAX_NR_ZONES)
struct pglist_data {
	int node_id;
	struct zone node_zones[MAX_NR_ZONES];
	/* Zones of all nodes, nearest first, ends with NULL; [1] only those below 4 GiB. */
	struct zone *zonelist[2][MAX_ZONES + 1];
};
extern struct pglist_data *node_data[];
#define NODE_DATA(nid) (node_data[nid])
extern int nr_online_nodes;

/* vm_area_struct.vm_flags; mmap_lock for writing to change. */
typedef unsigned long vm_flags_t;
#define VM_NONE		0x00000000UL
#define VM_READ		0x00000001UL
#define VM_WRITE	0x00000002UL
#define VM_EXEC		0x00000004UL
#define VM_SHARED	0x00000008UL
#define VM_MAYREAD	0x00000010UL /* mprotect() may set VM_READ, and so on */
#define VM_MAYWRITE	0x00000020UL
#define VM_MAYEXEC	0x00000040UL
#define VM_MAYSHARE	0x00000080UL
#define VM_GROWSDOWN	0x00000100UL
#define VM_PFNMAP	0x00000400UL /* frames without a counted struct page */
#define VM_LOCKED	0x00002000UL
#define VM_IO		0x00004000UL
#define VM_SEQ_READ	0x00008000UL
#define VM_RAND_READ	0x00010000UL
#define VM_DONTCOPY	0x00020000UL /* not inherited by fork */
#define VM_DONTEXPAND	0x00040000UL
#define VM_LOCKONFAULT	0x00080000UL
#define VM_ACCOUNT	0x00100000UL /* counted against the commit limit */
#define VM_NORESERVE	0x00200000UL
#define VM_WIPEONFORK	0x02000000UL
#define VM_DONTDUMP	0x04000000UL
#define VM_MIXEDMAP	0x10000000UL
#define VM_HUGEPAGE	0x20000000UL
#define VM_NOHUGEPAGE	0x40000000UL
#define VM_MERGEABLE	0x80000000UL
#define VM_STACK	VM_GROWSDOWN
#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)
#define VM_SPECIAL	(VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#define VM_DATA_DEFAULT_FLAGS \
	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_ACCOUNT)
#define VM_STACK_DEFAULT_FLAGS \
	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_GROWSDOWN | VM_ACCOUNT)

/* What a fault came to; bits, several may be set. */
typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM	  0x0001u
#define VM_FAULT_SIGBUS	  0x0002u
#define VM_FAULT_MAJOR	  0x0004u
#define VM_FAULT_SIGSEGV  0x0040u
#define VM_FAULT_NOPAGE	  0x0100u /* the handler set the entry itself */
#define VM_FAULT_LOCKED	  0x0200u /* vmf->page comes back locked */
#define VM_FAULT_RETRY	  0x0400u /* mmap_lock was dropped: begin again */
#define VM_FAULT_DONE_COW 0x1000u
#define VM_FAULT_ERROR	  (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

#define FAULT_FLAG_WRITE       0x01u
#define FAULT_FLAG_INSTRUCTION 0x02u
#define FAULT_FLAG_USER	       0x04u /* the access came from user mode */
#define FAULT_FLAG_REMOTE      0x08u /* for another task's mm */
#define FAULT_FLAG_KILLABLE    0x10u
#define FAULT_FLAG_TRIED       0x20u
#define FAULT_FLAG_UNSHARE     0x40u

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned int flags;    /* FAULT_FLAG_* */
	unsigned long address; /* page-aligned */
	unsigned long pgoff;   /* in the file */
	pmd_t *pmd;
	pte_t orig_pte;
	struct page *page; /* ->fault() leaves the page here, with a reference */
	struct page *cow_page;
};

struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);  /* a copy was made: fork, split, mremap */
	void (*close)(struct vm_area_struct *vma); /* mmap_lock held for writing */
	int (*may_split)(struct vm_area_struct *vma, unsigned long addr);
	int (*mremap)(struct vm_area_struct *vma);
	/* mmap_lock held for reading; may sleep. */
	vm_fault_t (*fault)(struct vm_fault *vmf);
	/* Maps what is in memory of pages start..end around a read fault; must not sleep. */
	vm_fault_t (*map_pages)(struct vm_fault *vmf, unsigned long start, unsigned long end);
	/* A shared page is about to become writable; page locked or VM_FAULT_* . */
	vm_fault_t (*page_mkwrite)(struct vm_fault *vmf);
	/* For access_remote_vm() to memory without struct pages. Bytes done or errno. */
	int (*access)(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
		      int write);
	const char *(*name)(struct vm_area_struct *vma); /* in /proc/PID/maps */
};

/* One range of an address space with one set of properties. mmap_lock guards it. */
struct vm_area_struct {
	unsigned long vm_start, vm_end; /* first byte, first byte behind */
	struct vm_area_struct *vm_next, *vm_prev;
	struct rb_node vm_rb;
	unsigned long rb_subtree_gap; /* largest hole before a VMA of this subtree */
	struct mm_struct *vm_mm;
	pgprot_t vm_page_prot;
	unsigned long vm_flags;
	struct list_head detached;    /* out of the tree: unmap_region()'s */
	struct list_head i_mmap_node; /* in vm_file's mapping; i_mmap_rwsem */
	const struct vm_operations_struct *vm_ops;
	unsigned long vm_pgoff; /* in pages; of an anonymous VMA its first address / PAGE_SIZE */
	struct file *vm_file;
	void *vm_private_data;
};

enum rss_type { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };
#define AT_VECTOR_SIZE 48

struct core_thread {
	struct task_struct *task;
	struct core_thread *next;
};
/* A core dump in progress; signal->siglock. */
struct core_state {
	atomic_t nr_threads;
	struct core_thread dumper;
	wait_queue_head_t startup;
	bool started;
};

/* mm->flags */
#define MMF_DUMPABLE_MASK	0x3UL /* SUID_DUMP_* */
#define SUID_DUMP_DISABLE	0
#define SUID_DUMP_USER		1
#define SUID_DUMP_ROOT		2
#define MMF_DUMP_ANON_PRIVATE	2
#define MMF_DUMP_ANON_SHARED	3
#define MMF_DUMP_MAPPED_PRIVATE 4
#define MMF_DUMP_MAPPED_SHARED	5
#define MMF_DUMP_ELF_HEADERS	6
#define MMF_DUMP_HUGETLB	7
#define MMF_DUMP_FILTER_SHIFT	2
#define MMF_DUMP_FILTER_BITS	9
#define MMF_DUMP_FILTER_MASK	(((1UL << MMF_DUMP_FILTER_BITS) - 1) << MMF_DUMP_FILTER_SHIFT)
#define MMF_DUMP_FILTER_DEFAULT                                           \
	((1UL << MMF_DUMP_ANON_PRIVATE) | (1UL << MMF_DUMP_ANON_SHARED) | \
	 (1UL << MMF_DUMP_ELF_HEADERS) | (1UL << MMF_DUMP_HUGETLB))
#define MMF_OOM_SKIP   21 /* memory already gone: choose another victim */
#define MMF_DISABLE_THP 24 /* PR_SET_THP_DISABLE; there are no huge pages to withhold */
#define MMF_OOM_VICTIM 25
#define MMF_INIT_MASK  (MMF_DUMPABLE_MASK | MMF_DUMP_FILTER_MASK | BIT(MMF_DISABLE_THP))

struct mm_struct {
	atomic_t mm_users; /* tasks and others that use the user memory; 0: exit_mmap() */
	atomic_t mm_count; /* references to the structure; all mm_users together are one */
	pgd_t *pgd;
	unsigned long flags; /* MMF_*, atomic bits */
	atomic_t membarrier_state;
	cpumask_t cpu_bitmap; /* CPUs that may hold translations; arch/ */
	mm_context_t context; /* arch/ */

	struct rw_semaphore mmap_lock;
	/* mmap_lock */
	struct vm_area_struct *mmap; /* by address */
	struct rb_root mm_rb;
	struct vm_area_struct *vmacache; /* last found; any reader writes it, see find_vma() */
	unsigned long highest_vm_end;
	unsigned long mmap_base; /* top of the area for new mappings, or its bottom: */
	bool mmap_upwards;	 /* ADDR_COMPAT_LAYOUT */
	unsigned long task_size;
	int map_count;
	unsigned long def_flags; /* VM_LOCKED after mlockall(MCL_FUTURE) */
	unsigned long total_vm, locked_vm, data_vm, exec_vm, stack_vm; /* pages */
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	unsigned long vdso_base;

	spinlock_t page_table_lock;
	atomic_long_t pgtables_bytes;
	atomic_long_t rss_stat[NR_MM_COUNTERS]; /* pages */
	unsigned long hiwater_rss, hiwater_vm;	/* pages; written without a lock: a hint */

	unsigned long saved_auxv[AT_VECTOR_SIZE]; /* written by exec and PR_SET_MM */
	struct linux_binfmt *binfmt;
	struct core_state *core_state; /* mmap_lock, siglock */
	struct file *exe_file;	       /* RCU; mmap_lock to replace */
	struct task_struct *owner;     /* RCU */
	struct user_namespace *user_ns;
	struct mm_struct *async_next; /* mmput_async()'s chain */
};
extern struct mm_struct init_mm; /* the kernel's own half, on init_pg_dir */

#define mm_cpumask(mm) (&(mm)->cpu_bitmap)

#endif
