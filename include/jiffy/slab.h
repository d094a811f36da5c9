/* SPDX-License-Identifier: MIT */
/*
 * Small objects: caches of one size (kmem_cache_*), and sizes on demand (kmalloc). Room mm/
 * (slab.c). Context: as the GFP flags say; freeing works in any context but NMI. Checked builds
 * put red zones round each object, poison free ones, remember who allocated and who freed, and
 * panic with both names at a double free, an overrun or a write after free.
 */
#ifndef JIFFY_SLAB_H
#define JIFFY_SLAB_H

#include <jiffy/gfp.h>
#include <jiffy/list.h>
#include <jiffy/types.h>

#define SLAB_HWCACHE_ALIGN   0x00002000u /* objects start on a cache line */
#define SLAB_PANIC	     0x00040000u /* no cache, no kernel */
#define SLAB_TYPESAFE_BY_RCU 0x00080000u /* memory stays this type for a grace period */
#define SLAB_ACCOUNT	     0x04000000u
#define SLAB_RECLAIM_ACCOUNT 0x00020000u

/* What kmalloc(0) gives: not NULL, may be freed, must not be followed. */
#define ZERO_SIZE_PTR	      ((void *)16)
#define ZERO_OR_NULL_PTR(p)   ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
#define KMALLOC_MAX_SIZE      (PAGE_SIZE << MAX_ORDER)
#define ARCH_KMALLOC_MINALIGN 8

/*
 * size and align in bytes (align 0: 8); ctor runs once for each object when its memory comes
 * from the page allocator, and the object must be freed in that state. Task context.
 * NULL (or panic, with SLAB_PANIC) without memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *obj));
#define KMEM_CACHE(type, flags) \
	kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), flags, NULL)
/* Every object must have been freed; one that has not is reported and the cache stays. */
void kmem_cache_destroy(struct kmem_cache *s);
/* Gives back what is free. 0 when nothing is left. Task context. */
int kmem_cache_shrink(struct kmem_cache *s);
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
#define kmem_cache_alloc_node(s, gfp, node) kmem_cache_alloc(s, gfp)
#define kmem_cache_zalloc(s, gfp)	    kmem_cache_alloc(s, (gfp) | __GFP_ZERO)
void kmem_cache_free(struct kmem_cache *s, void *obj);
unsigned int kmem_cache_size(const struct kmem_cache *s);

/* size bytes; aligned to 8, and from 64 bytes on to 64 when it is a multiple. NULL without memory.
 */
void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *p); /* NULL does nothing */
size_t ksize(const void *p);
void *krealloc(const void *p, size_t size, gfp_t gfp);
#define kmalloc_node(size, gfp, node) kmalloc(size, gfp)
#define kzalloc_node(size, gfp, node) kmalloc(size, (gfp) | __GFP_ZERO)

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kmalloc(bytes, gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

/* Cleared before it is freed: keys. */
void kfree_sensitive(const void *p);
/* Copies; NULL without memory, or for a NULL string. */
char *kstrdup(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t max, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);
char *kasprintf(gfp_t gfp, const char *fmt, ...) __printf(2, 3);
char *kvasprintf(gfp_t gfp, const char *fmt, va_list ap) __printf(2, 0);
/* len bytes of user memory (with a NUL added: memdup_user_nul); ERR_PTR(-EFAULT, -ENOMEM). */
void *memdup_user(const void __user *src, size_t len);
void *memdup_user_nul(const void __user *src, size_t len);
/* A user string of at most n bytes with its NUL; ERR_PTR(-EFAULT, -ENOMEM, -EINVAL). */
char *strndup_user(const char __user *s, long n);

/* Large ones fall back to pages that are contiguous only virtually. Task context. */
void *kvmalloc(size_t size, gfp_t gfp);
void kvfree(const void *p);

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kvmalloc(bytes, gfp);
}

/* One line of /proc/slabinfo. fn is called for each cache, under the list's mutex. */
struct slabinfo {
	const char *name;
	unsigned long active_objs, num_objs, active_slabs, num_slabs;
	unsigned int object_size, objects_per_slab, pages_per_slab;
};
void for_each_slabinfo(void (*fn)(const struct slabinfo *info, void *arg), void *arg);

/*
 * Caches of other rooms that can give memory back. count says how many objects could go, scan
 * tries to free nr of them and says how many went; either may be called from any allocation
 * that has __GFP_DIRECT_RECLAIM, so they must not wait for locks that such a caller may hold
 * (look at sc->gfp_mask). SHRINK_STOP: cannot now.
 */
struct shrink_control {
	gfp_t gfp_mask;
	int nid;
	unsigned long nr_to_scan;
};
#define SHRINK_STOP  (~0UL)
#define SHRINK_EMPTY (~0UL - 1)
struct shrinker {
	unsigned long (*count_objects)(struct shrinker *s, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *s, struct shrink_control *sc);
	const char *name;
	struct list_head list;
};
int register_shrinker(struct shrinker *s);
void unregister_shrinker(struct shrinker *s);

#endif
