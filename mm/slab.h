/* SPDX-License-Identifier: MIT */
/*
 * Inside the slab allocator: slab.c, slab_debug.c and kmalloc.c. Locks: see slab.c.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "internal.h"

#define SLAB_END 0xffff

/* One CPU's magazine; that CPU, interrupts off. */
struct kmem_cache_cpu {
	void *first;
	unsigned int count;
} ____cacheline_aligned_in_smp;

struct kmem_cache_node {
	spinlock_t list_lock;
	struct list_head partial; /* slabs with free objects, empty ones last */
	unsigned long nr_slabs, nr_empty;
	unsigned long inuse; /* objects out of their slabs: in use or in magazines */
};

struct kmem_cache {
	/* set at creation */
	unsigned int size;	  /* distance from object to object */
	unsigned int object_size; /* what the user asked for */
	unsigned int offset;	  /* of the link inside a free object */
	unsigned int limit, batch;
	unsigned int align, flags, order, per_slab, keep_empty;
	void (*ctor)(void *obj);
	const char *name;
	struct kmem_cache_node *node; /* an array behind cpu[] */
	struct list_head list;	      /* slab_mutex */
	struct kmem_cache_cpu cpu[];
};

extern struct mutex slab_mutex;
extern struct list_head slab_caches;

void kmalloc_init(void);

/* slab_debug.c: sets size and offset. */
void slab_layout(struct kmem_cache *s);

#ifdef JIFFY_CHECKED
void slab_debug_init(struct kmem_cache *s, void *obj);
void slab_debug_alloc(struct kmem_cache *s, void *obj, unsigned long ip);
void slab_debug_free(struct kmem_cache *s, void *obj, unsigned long ip);
#else
#define slab_debug_init(s, obj) \
	do {                    \
	} while (0)
#define slab_debug_alloc(s, obj, ip) \
	do {                         \
	} while (0)
#define slab_debug_free(s, obj, ip) \
	do {                        \
	} while (0)
#endif

#endif
