/* SPDX-License-Identifier: MIT */
/*
 * The slab allocator: caches of objects of one size, after Bonwick's "The Slab Allocator: An
 * Object-Caching Kernel Memory Allocator" (USENIX Summer 1994) and, for the stacks of free
 * objects that each CPU keeps, Bonwick and Adams' "Magazines and Vmem" (USENIX 2001); here the
 * magazine is a chain through the free objects themselves, so it needs no memory.
 *
 * An object is in use, on the chain of one CPU, or on the chain of its slab. The fast paths turn
 * interrupts off on their CPU and take no lock; half a magazine at a time goes to or comes from
 * the slabs under the node's list_lock.
 *
 * Serialization rules: slab_mutex guards the list of caches; node->list_lock (interrupts off,
 * inside any lock a caller holds) guards that node's slabs: their chains, counts and lists; a
 * CPU's magazine belongs to that CPU with interrupts off.
 */
#include <arch/boot.h>
#include <jiffy/init.h>
#include <jiffy/rcupdate.h>
#include <jiffy/string.h>

#include "slab.h"

DEFINE_MUTEX(slab_mutex);
LIST_HEAD(slab_caches);
/* The cache of caches; its own structure comes from memblock. */
static struct kmem_cache *cache_cache;

static inline struct kmem_cache_cpu *cpu_cache(struct kmem_cache *s)
{
	return &s->cpu[smp_processor_id()];
}

static inline void **next_of(const struct kmem_cache *s, void *obj)
{
	return (void **)((char *)obj + s->offset);
}

static struct kmem_cache_node *node_of(struct kmem_cache *s, const struct page *slab)
{
	return &s->node[nr_online_nodes == 1 ? 0 : page_to_nid(slab)];
}

/* ---- slabs ---- */

static void slab_push(struct kmem_cache *s, struct page *slab, void *obj)
{
	*(u16 *)next_of(s, obj) = slab->free_head;
	slab->free_head = ((char *)obj - (char *)page_address(slab)) >> 3;
	slab->inuse--;
}

static void *slab_pop(struct kmem_cache *s, struct page *slab)
{
	void *obj = (char *)page_address(slab) + ((unsigned long)slab->free_head << 3);

	slab->free_head = *(u16 *)next_of(s, obj);
	slab->inuse++;
	return obj;
}

static struct page *new_slab(struct kmem_cache *s, gfp_t gfp)
{
	struct page *slab;
	char *base;

	gfp &= ~(__GFP_ZERO | __GFP_ACCOUNT);
	slab = alloc_pages(gfp | (s->order ? __GFP_COMP : 0), s->order);
	if (!slab)
		return NULL;
	slab->flags |= BIT(PG_slab);
	set_page_slab_cache(slab, s);
	slab->free_head = SLAB_END;
	slab->inuse = s->per_slab;
	base = page_address(slab);
	for (int i = s->per_slab - 1; i >= 0; i--) {
		void *obj = base + (unsigned long)i * s->size;

		slab_debug_init(s, obj);
		if (s->ctor)
			s->ctor(obj);
		slab_push(s, slab, obj);
	}
	return slab;
}

static void give_back_pages(struct kmem_cache *s, struct page *slab)
{
	slab->flags &= ~BIT(PG_slab);
	atomic_set(&slab->_mapcount, 0);
	__free_pages(slab, s->order);
}

static void rcu_free_slab(struct rcu_head *head)
{
	struct page *slab = container_of(head, struct page, slab_rcu);

	give_back_pages(page_slab_cache(slab), slab);
}

/* list: slabs that are on no other list and have no object in use. */
static void free_slab_list(struct kmem_cache *s, struct list_head *list)
{
	struct page *slab, *n;

	list_for_each_entry_safe (slab, n, list, slab_list) {
		list_del(&slab->slab_list);
		if (s->flags & SLAB_TYPESAFE_BY_RCU)
			call_rcu(&slab->slab_rcu, rcu_free_slab);
		else
			give_back_pages(s, slab);
	}
}

/* Takes one object out of a slab with free ones; n->list_lock held. */
static void *take_from_slab(struct kmem_cache *s, struct kmem_cache_node *n, struct page *slab)
{
	lockdep_assert_held(&n->list_lock);
	if (slab->inuse == 0)
		n->nr_empty--;
	n->inuse++;
	return slab_pop(s, slab);
}

static void put_into_slab(struct kmem_cache *s, struct kmem_cache_node *n, struct page *slab,
			  void *obj, struct list_head *to_free)
{
	lockdep_assert_held(&n->list_lock);
	if (slab->free_head == SLAB_END)
		list_add(&slab->slab_list, &n->partial);
	slab_push(s, slab, obj);
	n->inuse--;
	if (slab->inuse)
		return;
	if (n->nr_empty >= s->keep_empty) {
		list_move(&slab->slab_list, to_free);
		n->nr_slabs--;
	} else {
		list_move_tail(&slab->slab_list, &n->partial);
		n->nr_empty++;
	}
}

/* ---- magazines ---- */

static void magazine_push(struct kmem_cache *s, struct kmem_cache_cpu *c, void *obj)
{
	*next_of(s, obj) = c->first;
	c->first = obj;
	c->count++;
}

static void *magazine_pop(struct kmem_cache *s, struct kmem_cache_cpu *c)
{
	void *obj = c->first;

	if (obj) {
		c->first = *next_of(s, obj);
		c->count--;
	}
	return obj;
}

/* irqs off. Empties the magazine down to `leave`. */
static void flush_magazine(struct kmem_cache *s, struct kmem_cache_cpu *c, unsigned int leave)
{
	struct kmem_cache_node *locked = NULL;
	LIST_HEAD(to_free);

	lockdep_assert_irqs_disabled();
	while (c->count > leave) {
		void *obj = magazine_pop(s, c);
		struct page *slab = virt_to_head_page(obj);
		struct kmem_cache_node *n = node_of(s, slab);

		if (n != locked) {
			if (locked)
				spin_unlock(&locked->list_lock);
			spin_lock(&n->list_lock);
			locked = n;
		}
		put_into_slab(s, n, slab, obj, &to_free);
	}
	if (locked)
		spin_unlock(&locked->list_lock);
	free_slab_list(s, &to_free);
}

/* irqs off. One object for the caller and up to a batch for the magazine; NULL: no slab has any. */
static void *refill_from_node(struct kmem_cache *s, struct kmem_cache_node *n)
{
	struct kmem_cache_cpu *c = cpu_cache(s);
	unsigned int want = s->batch;
	void *obj = NULL;

	lockdep_assert_irqs_disabled();
	spin_lock(&n->list_lock);
	while (want && !list_empty(&n->partial)) {
		struct page *slab = list_first_entry(&n->partial, struct page, slab_list);

		while (want && slab->free_head != SLAB_END) {
			void *o = take_from_slab(s, n, slab);

			if (obj)
				magazine_push(s, c, o);
			else
				obj = o;
			want--;
		}
		if (slab->free_head == SLAB_END)
			list_del(&slab->slab_list);
	}
	spin_unlock(&n->list_lock);
	return obj;
}

static void *refill_from_any(struct kmem_cache *s, int first)
{
	void *obj = refill_from_node(s, &s->node[first]);

	for (int nid = 0; !obj && nid < nr_online_nodes; nid++)
		obj = refill_from_node(s, &s->node[nid]);
	return obj;
}

static noinline void *alloc_slowly(struct kmem_cache *s, gfp_t gfp)
{
	unsigned long flags;
	struct page *slab;
	void *obj;
	int nid;

	local_irq_save(flags);
	nid = nr_online_nodes == 1 ? 0 : boot_info.cpu_to_node[smp_processor_id()];
	obj = refill_from_node(s, &s->node[nid]);
	local_irq_restore(flags);
	if (obj)
		return obj;
	slab = new_slab(s, gfp);
	local_irq_save(flags);
	if (slab) {
		struct kmem_cache_node *n = node_of(s, slab);

		spin_lock(&n->list_lock);
		n->nr_slabs++;
		n->nr_empty++;
		obj = take_from_slab(s, n, slab);
		if (slab->free_head != SLAB_END)
			list_add(&slab->slab_list, &n->partial);
		spin_unlock(&n->list_lock);
	} else {
		obj = refill_from_any(s, nid);
	}
	local_irq_restore(flags);
	return obj;
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	struct kmem_cache_cpu *c;
	unsigned long flags;
	void *obj;

	if (should_fail_alloc(gfp))
		return NULL;
	local_irq_save(flags);
	c = cpu_cache(s);
	obj = magazine_pop(s, c);
	local_irq_restore(flags);
	if (unlikely(!obj)) {
		obj = alloc_slowly(s, gfp);
		if (!obj)
			return NULL;
	}
	slab_debug_alloc(s, obj, (unsigned long)__builtin_return_address(0));
	if (gfp & __GFP_ZERO)
		memset(obj, 0, s->object_size);
	return obj;
}

void kmem_cache_free(struct kmem_cache *s, void *obj)
{
	struct kmem_cache_cpu *c;
	unsigned long flags;

	if (unlikely(!obj))
		return;
	slab_debug_free(s, obj, (unsigned long)__builtin_return_address(0));
	local_irq_save(flags);
	c = cpu_cache(s);
	magazine_push(s, c, obj);
	if (unlikely(c->count > s->limit))
		flush_magazine(s, c, s->limit / 2);
	local_irq_restore(flags);
}

unsigned int kmem_cache_size(const struct kmem_cache *s)
{
	return s->object_size;
}

/* ---- caches ---- */

static size_t cache_struct_size(void)
{
	return ALIGN(sizeof(struct kmem_cache) + nr_cpu_ids * sizeof(struct kmem_cache_cpu) +
			 nr_online_nodes * sizeof(struct kmem_cache_node),
		     L1_CACHE_BYTES);
}

/*
 * The lowest order that holds four objects and wastes at most an eighth; failing that, the
 * highest one. Small slabs keep few objects idle.
 */
static void choose_order(struct kmem_cache *s)
{
	for (s->order = 0; s->order < 3; s->order++) {
		unsigned long bytes = PAGE_SIZE << s->order;

		if (bytes / s->size >= 4 && bytes % s->size <= bytes / 8)
			break;
	}
	s->per_slab = (PAGE_SIZE << s->order) / s->size;
	s->batch = clamp(2048 / s->size, 2U, 16U);
	s->limit = 2 * s->batch;
	s->keep_empty = 1;
}

static void set_up_cache(struct kmem_cache *s, const char *name, unsigned int size,
			 unsigned int align, unsigned int flags, void (*ctor)(void *))
{
	align = max(align, 8U);
	if ((flags & SLAB_HWCACHE_ALIGN) && size > L1_CACHE_BYTES / 2)
		align = max(align, (unsigned int)L1_CACHE_BYTES);
	s->name = name;
	s->object_size = size;
	s->align = align;
	s->flags = flags;
	s->ctor = ctor;
	slab_layout(s);
	choose_order(s);
	if (!s->per_slab)
		panic("slab: %s: objects of %u bytes are too large for a cache", name, size);
	s->node = (struct kmem_cache_node *)&s->cpu[nr_cpu_ids];
	for (int nid = 0; nid < nr_online_nodes; nid++) {
		spin_lock_init(&s->node[nid].list_lock);
		INIT_LIST_HEAD(&s->node[nid].partial);
	}
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *obj))
{
	struct kmem_cache *s = kmem_cache_zalloc(cache_cache, GFP_KERNEL);

	if (!s) {
		if (flags & SLAB_PANIC)
			panic("slab: no memory for the cache %s", name);
		return NULL;
	}
	set_up_cache(s, name, size, align, flags, ctor);
	if (system_state < SYSTEM_SCHEDULING) {
		list_add_tail(&s->list, &slab_caches);
		return s;
	}
	mutex_lock(&slab_mutex);
	list_add_tail(&s->list, &slab_caches);
	mutex_unlock(&slab_mutex);
	return s;
}

static void flush_one_cache(void *cache)
{
	struct kmem_cache *s = cache;
	unsigned long flags;

	local_irq_save(flags);
	flush_magazine(s, cpu_cache(s), 0);
	local_irq_restore(flags);
}

static unsigned long free_empty_slabs(struct kmem_cache *s)
{
	unsigned long left = 0;

	for (int nid = 0; nid < nr_online_nodes; nid++) {
		struct kmem_cache_node *n = &s->node[nid];
		struct page *slab, *next;
		LIST_HEAD(to_free);
		unsigned long flags;

		spin_lock_irqsave(&n->list_lock, flags);
		list_for_each_entry_safe (slab, next, &n->partial, slab_list) {
			if (slab->inuse)
				continue;
			list_move(&slab->slab_list, &to_free);
			n->nr_slabs--;
			n->nr_empty--;
		}
		left += n->nr_slabs;
		spin_unlock_irqrestore(&n->list_lock, flags);
		free_slab_list(s, &to_free);
	}
	return left;
}

int kmem_cache_shrink(struct kmem_cache *s)
{
	on_each_cpu(flush_one_cache, s, true);
	return free_empty_slabs(s) != 0;
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	if (!s)
		return;
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		rcu_barrier();
	if (WARN(kmem_cache_shrink(s), "slab: cache %s is destroyed with objects in use", s->name))
		return;
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		rcu_barrier();
	mutex_lock(&slab_mutex);
	list_del(&s->list);
	mutex_unlock(&slab_mutex);
	kmem_cache_free(cache_cache, s);
}

static void drain_cpu(unsigned int cpu)
{
	struct kmem_cache *s;
	unsigned long flags;

	local_irq_save(flags);
	list_for_each_entry (s, &slab_caches, list)
		flush_magazine(s, &s->cpu[cpu], 0);
	local_irq_restore(flags);
}

void slab_drain_cpu(void *unused)
{
	drain_cpu(smp_processor_id());
}

void slab_cpu_dead(unsigned int cpu)
{
	mutex_lock(&slab_mutex);
	drain_cpu(cpu);
	mutex_unlock(&slab_mutex);
}

void slab_shrink_all(void)
{
	struct kmem_cache *s;

	mutex_lock(&slab_mutex);
	on_each_cpu(slab_drain_cpu, NULL, true);
	list_for_each_entry (s, &slab_caches, list)
		free_empty_slabs(s);
	mutex_unlock(&slab_mutex);
}

static void fill_slabinfo(struct kmem_cache *s, struct slabinfo *info)
{
	unsigned long idle = 0;
	int cpu;

	*info = (struct slabinfo){.name = s->name,
				  .object_size = s->object_size,
				  .objects_per_slab = s->per_slab,
				  .pages_per_slab = 1U << s->order};
	for (int nid = 0; nid < nr_online_nodes; nid++) {
		info->num_slabs += READ_ONCE(s->node[nid].nr_slabs);
		info->active_objs += READ_ONCE(s->node[nid].inuse);
		idle += READ_ONCE(s->node[nid].nr_empty);
	}
	info->active_slabs = info->num_slabs - min(idle, info->num_slabs);
	info->num_objs = info->num_slabs * s->per_slab;
	idle = 0;
	for_each_possible_cpu (cpu)
		idle += READ_ONCE(s->cpu[cpu].count);
	info->active_objs -= min(idle, info->active_objs);
}

void for_each_slabinfo(void (*fn)(const struct slabinfo *info, void *arg), void *arg)
{
	struct kmem_cache *s;

	mutex_lock(&slab_mutex);
	list_for_each_entry (s, &slab_caches, list) {
		struct slabinfo info;

		fill_slabinfo(s, &info);
		fn(&info, arg);
	}
	mutex_unlock(&slab_mutex);
}

void slab_totals(unsigned long *objects, unsigned long *pages)
{
	struct kmem_cache *s;

	*objects = *pages = 0;
	mutex_lock(&slab_mutex);
	list_for_each_entry (s, &slab_caches, list) {
		struct slabinfo info;

		fill_slabinfo(s, &info);
		*objects += info.active_objs;
		*pages += info.num_slabs * info.pages_per_slab;
	}
	mutex_unlock(&slab_mutex);
}

/* Boot, after the page allocator: the cache of caches, then kmalloc's. */
void __init kmem_cache_init(void)
{
	/* With many CPUs the structure is larger than a page. */
	cache_cache = (void *)__get_free_pages(
	    GFP_NOWAIT | __GFP_ZERO,
	    ilog2(roundup_pow_of_two(DIV_ROUND_UP(cache_struct_size(), PAGE_SIZE))));
	if (!cache_cache)
		panic("slab: no memory for the cache of caches");
	set_up_cache(cache_cache, "kmem_cache", cache_struct_size(), L1_CACHE_BYTES,
		     SLAB_HWCACHE_ALIGN, NULL);
	list_add(&cache_cache->list, &slab_caches);
	kmalloc_init();
}
