/* SPDX-License-Identifier: MIT */
/*
 * The numbers of memory: for /proc/meminfo, /proc/vmstat, a process's statm and smaps, and the
 * leak checks. Task context.
 */
#include <arch/boot.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/init.h>
#include <jiffy/rcupdate.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>
#include <jiffy/vmalloc.h>

#include "pgtable.h"

const char *const vm_event_name[NR_VM_EVENT_ITEMS] = {
    [PGALLOC] = "pgalloc_normal",
    [PGFREE] = "pgfree",
    [PGFAULT] = "pgfault",
    [PGMAJFAULT] = "pgmajfault",
    [PGREUSE] = "pgreuse",
    [PTSHARE] = "pt_share",
    [PTUNSHARE] = "pt_unshare",
    [PTSPLIT_COPY] = "pt_copy_part",
    [OOM_KILL] = "oom_kill",
    [ALLOCSTALL] = "allocstall_normal",
    [SLABS_SCANNED] = "slabs_scanned",
};

void all_vm_events(unsigned long *sums)
{
	int cpu;

	memset(sums, 0, NR_VM_EVENT_ITEMS * sizeof(*sums));
	for_each_possible_cpu (cpu)
		for (int i = 0; i < NR_VM_EVENT_ITEMS; i++)
			sums[i] += (*per_cpu_ptr(&vm_events, cpu))[i];
}

/* Sums over all programs; pages that several map count once for each. */
static void sum_user_pages(unsigned long *anon, unsigned long *mapped)
{
	struct task_struct *p;

	rcu_read_lock();
	for_each_process (p) {
		task_lock(p);
		if (p->mm && !(p->flags & PF_KTHREAD)) {
			*anon += get_mm_counter(p->mm, MM_ANONPAGES);
			*mapped += get_mm_counter(p->mm, MM_FILEPAGES) +
				   get_mm_counter(p->mm, MM_SHMEMPAGES);
		}
		task_unlock(p);
	}
	rcu_read_unlock();
}

void si_meminfo(struct sysinfo_mem *val)
{
	unsigned long objects, reserve = 0;
	struct zone *z;

	memset(val, 0, sizeof(*val));
	val->totalram = totalram_pages();
	val->freeram = nr_free_pages();
	val->sharedram = nr_shmem_pages();
	val->cached = nr_file_pages();
	slab_totals(&objects, &val->slab_unreclaimable);
	val->kernel_stack = atomic_long_read(&nr_kernel_stack_pages);
	val->page_tables = atomic_long_read(&nr_pagetable_pages);
	val->vmalloc_used = vmalloc_nr_pages();
	val->percpu = memblock_allocated() >> PAGE_SHIFT;
	for (int i = 0; (z = populated_zone(i)); i++)
		reserve += z->watermark[WMARK_HIGH];
	/* What a new program could have: the page cache here cannot be dropped. */
	val->available = val->freeram > reserve ? val->freeram - reserve : 0;
	sum_user_pages(&val->anon, &val->mapped);
}

unsigned long get_mm_hiwater_rss(struct mm_struct *mm)
{
	return max(mm->hiwater_rss, get_mm_rss(mm));
}

unsigned long task_vsize(struct mm_struct *mm)
{
	return mm->total_vm << PAGE_SHIFT;
}

unsigned long task_statm(struct mm_struct *mm, unsigned long *shared, unsigned long *text,
			 unsigned long *data, unsigned long *resident)
{
	*shared = get_mm_counter(mm, MM_FILEPAGES) + get_mm_counter(mm, MM_SHMEMPAGES);
	*text = (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >> PAGE_SHIFT;
	*data = mm->data_vm + mm->stack_vm;
	*resident = *shared + get_mm_counter(mm, MM_ANONPAGES);
	return mm->total_vm;
}

static void smap_one_page(struct page *page, pte_t e, struct mem_size_stats *mss, bool locked)
{
	int sharers = max(page_mapcount(page), 1);
	bool dirty = pte_dirty(e) || PageDirty(page);

	mss->resident += PAGE_SIZE;
	mss->pss += ((u64)PAGE_SIZE << 12) / sharers;
	if (PageAnon(page))
		mss->anonymous += PAGE_SIZE;
	if (pte_young(e) || PageReferenced(page))
		mss->referenced += PAGE_SIZE;
	if (locked)
		mss->locked += PAGE_SIZE;
	if (sharers > 1)
		*(dirty ? &mss->shared_dirty : &mss->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &mss->private_dirty : &mss->private_clean) += PAGE_SIZE;
}

void smap_gather_stats(struct vm_area_struct *vma, struct mem_size_stats *mss)
{
	unsigned long addr, next;

	for (addr = vma->vm_start; addr < vma->vm_end; addr = next) {
		pmd_t *pmd = find_pmd(vma->vm_mm, addr);
		spinlock_t *ptl;
		pte_t *pte;

		next = min(pmd ? (addr & PMD_MASK) + PMD_SIZE : (addr & PUD_MASK) + PUD_SIZE,
			   vma->vm_end);
		pte = pte_lock_read(vma->vm_mm, pmd, addr, &ptl);
		if (!pte)
			continue;
		for (unsigned long a = addr; a < next; a += PAGE_SIZE, pte++)
			if (!pte_none(*pte) && vm_normal_page(*pte))
				smap_one_page(vm_normal_page(*pte), *pte, mss,
					      vma->vm_flags & VM_LOCKED);
		pte_unlock(ptl);
	}
}

struct find_cache {
	const char *name;
	unsigned long objects;
};

static void match_cache(const struct slabinfo *info, void *arg)
{
	struct find_cache *f = arg;

	if (!strcmp(info->name, f->name))
		f->objects = info->active_objs;
}

static unsigned long cache_objects(const char *name)
{
	struct find_cache f = {.name = name};

	for_each_slabinfo(match_cache, &f);
	return f.objects;
}

/* Pages last: the others free some. */
void mm_cpu_dead(unsigned int cpu)
{
	thread_stacks_cpu_dead(cpu);
	table_cache_cpu_dead(cpu);
	slab_cpu_dead(cpu);
	drain_cpu_pages(cpu);
}

void mm_drain_and_count(struct mm_counts *c)
{
	memset(c, 0, sizeof(*c));
	rcu_barrier();
	drain_thread_stacks();
	drain_table_caches();
	slab_shrink_all();
	/* Slabs whose memory waits for a grace period. */
	rcu_barrier();
	drain_all_pages();
	c->free_pages = nr_free_pages();
	slab_totals(&c->slab_objects, &c->slab_pages);
	c->vmas = cache_objects("vm_area_struct");
	c->mms = cache_objects("mm_struct");
	c->file_pages = nr_file_pages();
	c->committed = vm_committed();
}

/*
 * All of memory management, from memblock's last allocation on. zero_page is set up like a
 * reserved frame: its count never comes near zero.
 */
void __init mem_init(void)
{
	page_alloc_init();
	kmem_cache_init();
	filemap_init();
	zero_page = alloc_page(GFP_NOWAIT | __GFP_ZERO);
	if (!zero_page)
		panic("mm: not one free page after boot");
	zero_page->flags |= BIT(PG_reserved) | BIT(PG_uptodate);
	mm_caches_init();
	pr_info("Memory: %lu KiB of %lu KiB free", nr_free_pages() << (PAGE_SHIFT - 10),
		totalram_pages() << (PAGE_SHIFT - 10));
}
