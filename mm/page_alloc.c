/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: free blocks of 2^order pages in buddy lists, one set for each zone, with a
 * stack of single pages for each CPU and zone before them. Knuth, The Art of Computer
 * Programming 1, 2.5 describes buddies: two blocks of order k that differ in bit k of their
 * frame number form one block of order k + 1.
 *
 * Which frames are heads of free blocks is told by a bit map of the zone and not by struct page,
 * so a frame's struct page need not be set up, or even cleared, before the frame is first
 * allocated or heads a block; boot touches one struct for each 4 MiB.
 *
 * Context: any but NMI, as the GFP flags say. Locks: zone->lock, interrupts off; the per-CPU
 * stacks belong to their CPU with interrupts off.
 */
#include <arch/boot.h>
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/rcupdate.h>
#include <jiffy/signal.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

#include "internal.h"

struct page *mem_map;
unsigned long pfn_base, max_pfn;
struct pglist_data *node_data[MAX_NUMNODES];
int nr_online_nodes;
struct zone *zone_table[MAX_ZONES];
int nr_zones;

/* Linked through page->lru.next; LIFO, so that the page whose lines are cached goes first. */
struct per_cpu_pages {
	struct page *first;
	int count;
};
static DEFINE_PER_CPU(struct per_cpu_pages[MAX_ZONES], zone_pcp);
DEFINE_PER_CPU(unsigned long[NR_VM_EVENT_ITEMS], vm_events);

/* How far below the watermark a request may go. */
enum alloc_depth { DEPTH_LOW, DEPTH_MIN, DEPTH_HIGH, DEPTH_ALL };

static inline unsigned long *free_bit(struct zone *z, unsigned long pfn, unsigned long *bit)
{
	*bit = pfn - z->zone_start_pfn;
	return z->free_map;
}

static void add_to_free_list(struct zone *z, struct page *page, unsigned long pfn,
			     unsigned int order)
{
	unsigned long bit, *map = free_bit(z, pfn, &bit);

	set_page_order(page, order);
	__set_bit(bit, map);
	list_add(&page->lru, &z->free_area[order].free_list);
	z->free_area[order].nr_free++;
}

static void del_from_free_list(struct zone *z, struct page *page, unsigned long pfn,
			       unsigned int order)
{
	unsigned long bit, *map = free_bit(z, pfn, &bit);

	__clear_bit(bit, map);
	list_del(&page->lru);
	z->free_area[order].nr_free--;
}

static bool is_free_block(struct zone *z, unsigned long pfn, unsigned int order)
{
	unsigned long bit = pfn - z->zone_start_pfn;

	return bit < z->spanned_pages && test_bit(bit, z->free_map) &&
	       page_order(pfn_to_page(pfn)) == order;
}

static void free_one_block(struct zone *z, unsigned long pfn, unsigned int order)
{
	lockdep_assert_held(&z->lock);
	z->nr_free += 1UL << order;
	while (order < MAX_ORDER) {
		unsigned long buddy = pfn ^ (1UL << order);

		if (!is_free_block(z, buddy, order))
			break;
		del_from_free_list(z, pfn_to_page(buddy), buddy, order);
		pfn &= ~(1UL << order);
		order++;
	}
	add_to_free_list(z, pfn_to_page(pfn), pfn, order);
}

/* The smallest block that is large enough, its upper halves put back. */
static struct page *take_block(struct zone *z, unsigned int order)
{
	unsigned int have;
	unsigned long pfn;
	struct page *page;

	lockdep_assert_held(&z->lock);
	for (have = order; have <= MAX_ORDER; have++)
		if (z->free_area[have].nr_free)
			break;
	if (have > MAX_ORDER)
		return NULL;
	page = list_first_entry(&z->free_area[have].free_list, struct page, lru);
	pfn = page_to_pfn(page);
	del_from_free_list(z, page, pfn, have);
	while (have > order) {
		unsigned long half = 1UL << --have;

		add_to_free_list(z, page + half, pfn + half, have);
	}
	z->nr_free -= 1UL << order;
	return page;
}

static void pcp_push(struct per_cpu_pages *pcp, struct page *page)
{
	page->lru.next = (struct list_head *)pcp->first;
	pcp->first = page;
	pcp->count++;
}

static struct page *pcp_pop(struct per_cpu_pages *pcp)
{
	struct page *page = pcp->first;

	if (page) {
		pcp->first = (struct page *)page->lru.next;
		pcp->count--;
	}
	return page;
}

static void pcp_drain(struct zone *z, struct per_cpu_pages *pcp, int leave)
{
	lockdep_assert_irqs_disabled();
	if (pcp->count <= leave)
		return;
	spin_lock(&z->lock);
	while (pcp->count > leave)
		free_one_block(z, page_to_pfn(pcp_pop(pcp)), 0);
	spin_unlock(&z->lock);
}

static struct page *take_single(struct zone *z)
{
	struct per_cpu_pages *pcp;
	struct page *page;
	unsigned long flags;

	local_irq_save(flags);
	pcp = &(*this_cpu_ptr(&zone_pcp))[z->index];
	page = pcp_pop(pcp);
	if (unlikely(!page)) {
		spin_lock(&z->lock);
		for (int i = 0; i < z->pcp_batch; i++) {
			page = take_block(z, 0);
			if (!page)
				break;
			pcp_push(pcp, page);
		}
		spin_unlock(&z->lock);
		page = pcp_pop(pcp);
	}
	local_irq_restore(flags);
	return page;
}

static struct page *take_from_zone(struct zone *z, unsigned int order)
{
	struct page *page;
	unsigned long flags;

	if (likely(order == 0))
		return take_single(z);
	spin_lock_irqsave(&z->lock, flags);
	page = take_block(z, order);
	spin_unlock_irqrestore(&z->lock, flags);
	return page;
}

static bool zone_has_room(struct zone *z, unsigned int order, enum alloc_depth depth)
{
	long mark;

	switch (depth) {
	case DEPTH_LOW:
		mark = z->watermark[WMARK_LOW];
		break;
	case DEPTH_MIN:
		mark = z->watermark[WMARK_MIN];
		break;
	case DEPTH_HIGH:
		mark = z->watermark[WMARK_MIN] / 4;
		break;
	default:
		mark = 0;
	}
	return (long)READ_ONCE(z->nr_free) - (1L << order) >= mark;
}

static inline void set_up_page(struct page *page, unsigned long flags)
{
	page->flags = flags;
	atomic_set(&page->_mapcount, 0);
	page->mapping = NULL;
	page->index = 0;
}

static void prep_new_pages(struct page *page, struct zone *z, unsigned int order, gfp_t gfp)
{
	unsigned long flags = (unsigned long)z->index << ZONE_FLAG_SHIFT;

	set_up_page(page, flags);
	if (order) {
		for (unsigned long i = 1; i < 1UL << order; i++) {
			set_up_page(page + i, flags);
			atomic_set(&page[i]._refcount, 0);
			if (gfp & __GFP_COMP) {
				page[i].flags |= BIT(PG_tail);
				page[i].compound_head = page;
			}
		}
		if (gfp & __GFP_COMP) {
			page->flags |= BIT(PG_head);
			set_page_order(page, order);
		}
	}
	if (gfp & __GFP_ZERO)
		for (unsigned long i = 0; i < 1UL << order; i++)
			clear_page(page_address(page + i));
	smp_wmb(); /* a lock-free page cache look-up may take a reference from here on */
	atomic_set(&page->_refcount, 1);
}

static struct page *get_page_from_zones(struct zone **zones, gfp_t gfp, unsigned int order,
					enum alloc_depth depth)
{
	for (; *zones; zones++) {
		struct page *page;

		if (!zone_has_room(*zones, order, depth))
			continue;
		page = take_from_zone(*zones, order);
		if (likely(page)) {
			prep_new_pages(page, *zones, order, gfp);
			return page;
		}
	}
	return NULL;
}

static void reclaim_in_background(struct work_struct *work)
{
	for (int nid = 0; nid < nr_online_nodes; nid++)
		for (unsigned int priority = 12; priority > 8; priority--)
			if (!shrink_slab(GFP_KERNEL, nid, priority))
				break;
}
static DECLARE_WORK(reclaim_work, reclaim_in_background);

/* One round of direct reclaim; objects freed. The flag keeps reclaim from recursing. */
static unsigned long reclaim_directly(gfp_t gfp, unsigned int tries)
{
	unsigned int had = current->flags & PF_MEMALLOC;
	unsigned long freed;

	count_vm_event(ALLOCSTALL);
	current->flags |= PF_MEMALLOC;
	freed = shrink_slab(gfp, 0, tries >= 12 ? 0 : 12 - tries);
	current->flags = (current->flags & ~PF_MEMALLOC) | had;
	return freed;
}

static enum alloc_depth allowed_depth(gfp_t gfp)
{
	if (gfp & __GFP_NOMEMALLOC)
		return DEPTH_MIN;
	if (gfp & __GFP_MEMALLOC)
		return DEPTH_ALL;
	if (in_task() && system_state >= SYSTEM_SCHEDULING &&
	    ((current->flags & PF_MEMALLOC) ||
	     test_ti_thread_flag(task_thread_info(current), TIF_MEMDIE)))
		return DEPTH_ALL;
	return gfp & __GFP_HIGH ? DEPTH_HIGH : DEPTH_MIN;
}

/* Orders above this are not worth killing a process for. */
#define COSTLY_ORDER 3

/* What to do after a failed look: true to look again. */
static bool make_room(gfp_t gfp, unsigned int order, unsigned int tries)
{
	bool must = gfp & __GFP_NOFAIL;
	unsigned long freed;

	if (!(gfp & __GFP_DIRECT_RECLAIM) || system_state < SYSTEM_SCHEDULING)
		return false;
	if ((current->flags & PF_MEMALLOC) && !must)
		return false;
	might_sleep();
	freed = reclaim_directly(gfp, tries);
	if (tries == 0) {
		drain_all_pages();
		return true;
	}
	if (freed && tries < 16)
		return true;
	if ((gfp & __GFP_NORETRY) && !must)
		return false;
	if (order > COSTLY_ORDER && !must)
		return false;
	if (fatal_signal_pending(current) && !must)
		return false;
	out_of_memory(gfp, order);
	schedule_timeout_uninterruptible(1);
	return true;
}

static struct page *alloc_slowly(struct zone **zones, gfp_t gfp, unsigned int order)
{
	struct page *page;

	if ((gfp & __GFP_KSWAPD_RECLAIM) && system_state == SYSTEM_RUNNING)
		schedule_work(&reclaim_work);
	rcu_hurry();
	for (unsigned int tries = 0;; tries++) {
		page = get_page_from_zones(zones, gfp, order, allowed_depth(gfp));
		if (page)
			return page;
		if (!make_room(gfp, order, tries))
			break;
	}
	if (!(gfp & __GFP_NOWARN))
		pr_warn("page allocation failed: order %u, gfp 0x%x, %lu pages free", order, gfp,
			nr_free_pages());
	return NULL;
}

/*
 * The node to try first when the caller has no wish: this CPU's, or if the task's cpuset does not
 * have that one, the nearest that it has. The others stay the last resort before a process dies.
 */
static int node_for_current(void)
{
	int nid = boot_info.cpu_to_node[raw_smp_processor_id()], best = nid, n;
	u32 allowed = in_task() ? current->mems_allowed : ~0u;

	if (likely(allowed & (1u << nid)))
		return nid;
	for (n = 0; n < nr_online_nodes; n++)
		if ((allowed & (1u << n)) &&
		    (best == nid ||
		     boot_info.node_distance[nid][n] < boot_info.node_distance[nid][best]))
			best = n;
	return best;
}

struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	struct zone **zones;
	struct page *page;

	if (unlikely(order > MAX_ORDER) || should_fail_alloc(gfp))
		return NULL;
	if (nr_online_nodes == 1)
		nid = 0;
	else if (nid == NUMA_NO_NODE)
		nid = node_for_current();
	zones = node_data[nid]->zonelist[(gfp & __GFP_DMA32) != 0];
	page = get_page_from_zones(zones, gfp, order, DEPTH_LOW);
	if (unlikely(!page))
		page = alloc_slowly(zones, gfp, order);
	count_vm_event(PGALLOC);
	return page;
}

/* A page that is freed while something still uses it is caught here and not much later. */
static void check_free_page(struct page *page)
{
	if (unlikely(page_mapcount(page) && !PageSlab(page) && !test_bit(PG_table, &page->flags)))
		panic("freeing page %#lx that is mapped %d times", page_to_pfn(page),
		      page_mapcount(page));
	if (unlikely(page->flags & (BIT(PG_locked) | BIT(PG_reserved))))
		panic("freeing page %#lx with flags %#lx", page_to_pfn(page), page->flags);
	if (JIFFY_CHECKS)
		memset(page_address(page), 0xaa, PAGE_SIZE);
}

static void free_block(struct page *page, unsigned int order)
{
	struct zone *z = page_zone(page);
	unsigned long flags;

	check_free_page(page);
	count_vm_event(PGFREE);
	local_irq_save(flags);
	if (likely(order == 0)) {
		struct per_cpu_pages *pcp = &(*this_cpu_ptr(&zone_pcp))[z->index];

		pcp_push(pcp, page);
		if (unlikely(pcp->count >= z->pcp_high))
			pcp_drain(z, pcp, z->pcp_high - z->pcp_batch);
	} else {
		spin_lock(&z->lock);
		free_one_block(z, page_to_pfn(page), order);
		spin_unlock(&z->lock);
	}
	local_irq_restore(flags);
}

void __put_page(struct page *page)
{
	free_block(page, PageHead(page) && !PageSlab(page) ? page_order(page) : 0);
}

void __free_pages(struct page *page, unsigned int order)
{
	if (put_page_testzero(page))
		free_block(page, order);
}

unsigned int alloc_pages_bulk(gfp_t gfp, unsigned int nr, struct page **array)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		array[i] = alloc_page(gfp);
		if (!array[i])
			break;
	}
	return i;
}

void free_pages_bulk(struct page **array, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		__put_page(array[i]);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page(addr), order);
}

static unsigned int order_of(size_t size)
{
	return size <= PAGE_SIZE ? 0 : ilog2((size - 1) >> PAGE_SHIFT) + 1;
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned int order = order_of(size);
	unsigned long nr = PFN_UP(size);
	struct page *page = alloc_pages(gfp & ~__GFP_COMP, order);

	if (!page)
		return NULL;
	for (unsigned long i = 1; i < 1UL << order; i++) {
		atomic_set(&page[i]._refcount, 1);
		if (i >= nr)
			__free_page(page + i);
	}
	return page_address(page);
}

void free_pages_exact(void *addr, size_t size)
{
	for (unsigned long i = 0; i < PFN_UP(size); i++)
		free_page((unsigned long)addr + i * PAGE_SIZE);
}

void drain_cpu_pages(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	for (int i = 0; i < nr_zones; i++)
		pcp_drain(zone_table[i], &(*per_cpu_ptr(&zone_pcp, cpu))[i], 0);
	local_irq_restore(flags);
}

static void drain_this_cpu(void *unused)
{
	drain_cpu_pages(smp_processor_id());
}

void drain_all_pages(void)
{
	on_each_cpu(drain_this_cpu, NULL, true);
}

unsigned long nr_free_pages(void)
{
	unsigned long sum = 0;
	int cpu;

	for (int i = 0; i < nr_zones; i++) {
		sum += READ_ONCE(zone_table[i]->nr_free);
		for_each_possible_cpu (cpu)
			sum += READ_ONCE((*per_cpu_ptr(&zone_pcp, cpu))[i].count);
	}
	return sum;
}

unsigned long totalram_pages(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < nr_zones; i++)
		sum += READ_ONCE(zone_table[i]->managed_pages);
	return sum;
}

struct zone *populated_zone(int i)
{
	return i >= 0 && i < nr_zones ? zone_table[i] : NULL;
}

static struct zone *zone_of_pfn(unsigned long pfn, int nid)
{
	return &node_data[nid]->node_zones[pfn < GIB(4) >> PAGE_SHIFT ? ZONE_DMA32 : ZONE_NORMAL];
}

static int nid_of_phys(phys_addr_t pa)
{
	for (int i = 0; i < boot_info.nr_mem; i++)
		if (pa >= boot_info.mem[i].start && pa < boot_info.mem[i].end)
			return boot_info.mem[i].nid;
	return 0;
}

struct page *adopt_reserved_page(void *addr)
{
	struct page *page = virt_to_page(addr);
	struct zone *z = zone_of_pfn(page_to_pfn(page), nid_of_phys(page_to_phys(page)));
	unsigned long flags;

	set_up_page(page, (unsigned long)z->index << ZONE_FLAG_SHIFT);
	atomic_set(&page->_refcount, 1);
	spin_lock_irqsave(&z->lock, flags);
	z->managed_pages++;
	spin_unlock_irqrestore(&z->lock, flags);
	return page;
}

unsigned long free_reserved_area(void *start, void *end, const char *what)
{
	unsigned long a = PAGE_ALIGN((unsigned long)start), e = (unsigned long)end & PAGE_MASK;
	unsigned long nr = 0;

	for (; a < e; a += PAGE_SIZE, nr++)
		__free_page(adopt_reserved_page((void *)a));
	if (what && nr)
		pr_info("%s: %lu KiB given back", what, nr << (PAGE_SHIFT - 10));
	return nr;
}

unsigned long min_free_pages(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < nr_zones; i++)
		sum += zone_table[i]->watermark[WMARK_MIN];
	return sum;
}

void set_min_free_pages(unsigned long pages)
{
	unsigned long total = max(totalram_pages(), 1UL);

	pages = min(pages, total / 4);
	for (int i = 0; i < nr_zones; i++) {
		struct zone *z = zone_table[i];
		unsigned long w = pages * z->managed_pages / total;

		WRITE_ONCE(z->watermark[WMARK_MIN], w);
		WRITE_ONCE(z->watermark[WMARK_LOW], w + w / 4);
		WRITE_ONCE(z->watermark[WMARK_HIGH], w + w / 2);
	}
}

/* ---- boot ---- */

static void __init seed_block_range(phys_addr_t start, phys_addr_t end, int nid)
{
	unsigned long pfn = PFN_UP(start), last = PFN_DOWN(end);

	while (pfn < last) {
		struct zone *z = zone_of_pfn(pfn, nid);
		unsigned long stop = last;
		unsigned int order = MAX_ORDER;

		if (pfn < GIB(4) >> PAGE_SHIFT)
			stop = min(last, GIB(4) >> PAGE_SHIFT);
		if (pfn)
			order = min((unsigned int)MAX_ORDER, (unsigned int)__ffs(pfn));
		while (pfn + (1UL << order) > stop)
			order--;
		spin_lock(&z->lock);
		add_to_free_list(z, pfn_to_page(pfn), pfn, order);
		z->nr_free += 1UL << order;
		z->managed_pages += 1UL << order;
		spin_unlock(&z->lock);
		pfn += 1UL << order;
	}
}

static void __init grow_zone_span(struct zone *z, unsigned long start, unsigned long end)
{
	unsigned long old_end = z->zone_start_pfn + z->spanned_pages;

	if (start >= end)
		return;
	z->present_pages += end - start;
	if (!z->spanned_pages) {
		z->zone_start_pfn = start;
		z->spanned_pages = end - start;
		return;
	}
	z->zone_start_pfn = min(z->zone_start_pfn, start);
	z->spanned_pages = max(old_end, end) - z->zone_start_pfn;
}

static void __init init_nodes(void)
{
	static const char *const names[MAX_NR_ZONES] = {"DMA32", "Normal"};
	unsigned long border = GIB(4) >> PAGE_SHIFT;

	nr_online_nodes = max(boot_info.nr_nodes, 1);
	for (int nid = 0; nid < nr_online_nodes; nid++) {
		struct pglist_data *pgdat = memblock_alloc(sizeof(*pgdat), PAGE_SIZE);

		node_data[nid] = pgdat;
		pgdat->node_id = nid;
		for (int t = 0; t < MAX_NR_ZONES; t++) {
			struct zone *z = &pgdat->node_zones[t];

			z->name = names[t];
			z->zone_pgdat = pgdat;
			spin_lock_init(&z->lock);
			for (int o = 0; o <= MAX_ORDER; o++)
				INIT_LIST_HEAD(&z->free_area[o].free_list);
		}
	}
	for (int i = 0; i < boot_info.nr_mem; i++) {
		const struct mem_region *m = &boot_info.mem[i];
		unsigned long s = PFN_UP(m->start), e = PFN_DOWN(m->end);
		struct zone *z = node_data[m->nid]->node_zones;

		grow_zone_span(&z[ZONE_DMA32], s, min(e, border));
		grow_zone_span(&z[ZONE_NORMAL], max(s, border), e);
	}
	for (int nid = 0; nid < nr_online_nodes; nid++)
		for (int t = 0; t < MAX_NR_ZONES; t++) {
			struct zone *z = &node_data[nid]->node_zones[t];

			if (!z->spanned_pages)
				continue;
			z->index = nr_zones;
			zone_table[nr_zones++] = z;
			z->free_map = memblock_alloc(BITS_TO_LONGS(z->spanned_pages) * 8, 8);
		}
}

static void __init build_zonelist(struct pglist_data *pgdat)
{
	DECLARE_BITMAP(done, MAX_NUMNODES) = {0};
	int n[2] = {0, 0};

	for (int k = 0; k < nr_online_nodes; k++) {
		int best = -1;

		for (int nid = 0; nid < nr_online_nodes; nid++) {
			const u8 *d = boot_info.node_distance[pgdat->node_id];

			if (test_bit(nid, done))
				continue;
			if (best < 0 || nid == pgdat->node_id ||
			    (best != pgdat->node_id && d[nid] < d[best]))
				best = nid;
		}
		__set_bit(best, done);
		for (int t = MAX_NR_ZONES - 1; t >= 0; t--) {
			struct zone *z = &node_data[best]->node_zones[t];

			if (!z->spanned_pages)
				continue;
			pgdat->zonelist[0][n[0]++] = z;
			if (t == ZONE_DMA32)
				pgdat->zonelist[1][n[1]++] = z;
		}
	}
}

/*
 * mem_map spans the holes in the memory map too; the part of it that describes nothing but a
 * hole goes back before anyone writes it.
 */
static void __init give_back_hole_frames(void)
{
	for (int i = 1; i < boot_info.nr_mem; i++) {
		unsigned long from = PFN_UP(boot_info.mem[i - 1].end);
		unsigned long to = PFN_DOWN(boot_info.mem[i].start);
		phys_addr_t s, e;

		if (to < from + 32768)
			continue;
		s = ALIGN(__pa(pfn_to_page(from)), PAGE_SIZE);
		e = ALIGN_DOWN(__pa(pfn_to_page(to)), PAGE_SIZE);
		memblock_free_range(s, e);
	}
}

/* Frames of the kernel's image and the loader's data: never free until given back. */
static void __init init_reserved_frames(void)
{
	for (int i = 0; i < boot_info.nr_reserved; i++) {
		unsigned long pfn =
		    max((unsigned long)PFN_DOWN(boot_info.reserved[i].start), pfn_base);
		unsigned long end = min((unsigned long)PFN_UP(boot_info.reserved[i].end), max_pfn);

		for (; pfn < end; pfn++) {
			set_up_page(pfn_to_page(pfn), BIT(PG_reserved));
			atomic_set(&pfn_to_page(pfn)->_refcount, 1);
		}
	}
}

static unsigned long __init int_sqrt(unsigned long x)
{
	unsigned long r = 0;

	for (int bit = 31; bit >= 0; bit--)
		if ((r | BIT(bit)) * (r | BIT(bit)) <= x)
			r |= BIT(bit);
	return r;
}

/*
 * The reserve grows with the square root of memory: what must be free to get through a burst of
 * atomic allocations grows more slowly than the machine. 4 * sqrt(KiB), shared out by size.
 */
static void __init init_watermarks(void)
{
	unsigned long total = totalram_pages();

	set_min_free_pages(clamp(4 * int_sqrt(total * 4), 128UL, 65536UL) / 4);
	for (int i = 0; i < nr_zones; i++) {
		struct zone *z = zone_table[i];

		z->pcp_batch = clamp((int)(z->managed_pages / 1024), 1, 31);
		z->pcp_high = 6 * z->pcp_batch;
	}
}

void __init page_alloc_init(void)
{
	phys_addr_t top = 0;

	memblock_set_current_limit(~(phys_addr_t)0);
	for (int i = 0; i < boot_info.nr_mem; i++)
		top = max(top, boot_info.mem[i].end);
	pfn_base = PFN_DOWN(boot_info.mem[0].start);
	max_pfn = PFN_DOWN(top);
	init_nodes();
	mem_map = __va(memblock_phys_alloc((max_pfn - pfn_base) * sizeof(struct page), PAGE_SIZE));
	give_back_hole_frames();
	for (int nid = 0; nid < nr_online_nodes; nid++)
		build_zonelist(node_data[nid]);
	init_reserved_frames();
	memblock_for_each_free(seed_block_range);
	init_watermarks();
}
