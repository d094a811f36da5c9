/* SPDX-License-Identifier: MIT */
/*
 * kmalloc(): a cache for each of a row of sizes, whole pages above; and what is made of it:
 * copies of strings and of user memory. Context: as the GFP flags say; memdup_user() and its
 * kin may sleep.
 */
#include <arch/uaccess.h>
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/string.h>
#include <jiffy/vmalloc.h>

#include "slab.h"

/* Powers of two, and the middle between them where many structures lie. */
static const struct {
	const char *name;
	unsigned int size;
} sizes[] = {
    {"kmalloc-8", 8},	  {"kmalloc-16", 16},	{"kmalloc-32", 32},   {"kmalloc-64", 64},
    {"kmalloc-96", 96},	  {"kmalloc-128", 128}, {"kmalloc-192", 192}, {"kmalloc-256", 256},
    {"kmalloc-512", 512}, {"kmalloc-1k", 1024}, {"kmalloc-2k", 2048}, {"kmalloc-4k", 4096},
    {"kmalloc-8k", 8192},
};
#define MAX_SMALL  192
#define MAX_CACHED 8192
static struct kmem_cache *caches[ARRAY_SIZE(sizes)];
/* (size - 1) / 8 to index, for sizes up to MAX_SMALL. */
static u8 small_index[MAX_SMALL / 8];

void __init kmalloc_init(void)
{
	unsigned int i = 0;

	for (unsigned int n = 0; n < MAX_SMALL / 8; n++) {
		if ((n + 1) * 8 > sizes[i].size)
			i++;
		small_index[n] = i;
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		caches[i] = kmem_cache_create(sizes[i].name, sizes[i].size,
					      sizes[i].size % 64 ? 8 : 64, SLAB_PANIC, NULL);
}

static inline struct kmem_cache *cache_for(size_t size)
{
	if (size <= MAX_SMALL)
		return caches[small_index[(size - 1) / 8]];
	/* 193..256 is entry 7, 257..512 entry 8, and so on. */
	return caches[ilog2(size - 1)];
}

static unsigned int order_for(size_t size)
{
	return ilog2((size - 1) >> PAGE_SHIFT) + 1;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	struct page *page;

	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	if (likely(size <= MAX_CACHED))
		return kmem_cache_alloc(cache_for(size), gfp);
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	page = alloc_pages(gfp | __GFP_COMP, order_for(size));
	return page ? page_address(page) : NULL;
}

void kfree(const void *p)
{
	struct page *page;

	if (unlikely(ZERO_OR_NULL_PTR(p)))
		return;
	page = virt_to_head_page(p);
	if (likely(PageSlab(page))) {
		kmem_cache_free(page_slab_cache(page), (void *)p);
		return;
	}
	if (!PageHead(page))
		panic("kfree: %p was never allocated", p);
	__free_pages(page, page_order(page));
}

size_t ksize(const void *p)
{
	struct page *page;

	if (ZERO_OR_NULL_PTR(p))
		return 0;
	page = virt_to_head_page(p);
	return PageSlab(page) ? page_slab_cache(page)->object_size : PAGE_SIZE << page_order(page);
}

void *krealloc(const void *p, size_t size, gfp_t gfp)
{
	size_t have = ksize(p);
	void *new;

	if (!size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	if (size <= have && have)
		return (void *)p;
	new = kmalloc(size, gfp);
	if (new &&have) {
		memcpy(new, p, have);
		kfree(p);
	}
	return new;
}

void kfree_sensitive(const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	memset((void *)p, 0, ksize(p));
	barrier();
	kfree(p);
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t len;
	char *p;

	if (!s)
		return NULL;
	len = strnlen(s, max);
	p = kmalloc(len + 1, gfp);
	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kstrndup(s, ~0UL, gfp);
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}

char *kvasprintf(gfp_t gfp, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	p = kmalloc(len + 1, gfp);
	if (p)
		vsnprintf(p, len + 1, fmt, ap);
	return p;
}

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = kvasprintf(gfp, fmt, ap);
	va_end(ap);
	return p;
}

/* extra bytes of zeros behind it. */
static void *dup_user(const void __user *src, size_t len, size_t extra)
{
	char *p = kmalloc(len + extra, GFP_USER);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kfree(p);
		return ERR_PTR(-EFAULT);
	}
	if (extra)
		memset(p + len, 0, extra);
	return p;
}

void *memdup_user(const void __user *src, size_t len)
{
	return dup_user(src, len, 0);
}

void *memdup_user_nul(const void __user *src, size_t len)
{
	return dup_user(src, len, 1);
}

char *strndup_user(const char __user *s, long n)
{
	long len = strnlen_user(s, n);
	char *p;

	if (!len)
		return ERR_PTR(-EFAULT);
	if (len > n)
		return ERR_PTR(-EINVAL);
	p = memdup_user(s, len);
	if (!IS_ERR(p))
		p[len - 1] = '\0';
	return p;
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	void *p = kmalloc(size, size > PAGE_SIZE ? gfp | __GFP_NOWARN | __GFP_NORETRY : gfp);

	if (p || size <= PAGE_SIZE)
		return p;
	return __vmalloc(size, gfp);
}

void kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}
