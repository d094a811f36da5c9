/* SPDX-License-Identifier: MIT */
/*
 * How much an allocation may do to get its memory, and the page allocator's own calls.
 * Room mm/ (page_alloc.c) defines them; any room calls them. A request with
 * __GFP_DIRECT_RECLAIM may sleep and so needs task context without spinlocks; all others may be
 * made in any context but NMI.
 */
#ifndef JIFFY_GFP_H
#define JIFFY_GFP_H

#include <jiffy/mm_types.h>
#include <jiffy/types.h>

#define __GFP_DMA32	     0x0004u /* below 4 GiB */
#define __GFP_HIGH	     0x0020u /* may take from the reserve below the watermark */
#define __GFP_IO	     0x0040u
#define __GFP_FS	     0x0080u  /* reclaim may call into file systems */
#define __GFP_ZERO	     0x0100u  /* contents cleared */
#define __GFP_DIRECT_RECLAIM 0x0400u  /* the caller may sleep and reclaim itself */
#define __GFP_KSWAPD_RECLAIM 0x0800u  /* the background reclaimer may be woken */
#define __GFP_NOWARN	     0x2000u  /* failure is expected: no report */
#define __GFP_NOFAIL	     0x8000u  /* never NULL: tries for ever */
#define __GFP_NORETRY	     0x10000u /* one round of reclaim, no OOM killer */
#define __GFP_MEMALLOC	     0x20000u /* may take the very last pages */
#define __GFP_COMP	     0x40000u /* tail pages point to the head page */
#define __GFP_NOMEMALLOC     0x80000u
#define __GFP_ACCOUNT	     0x400000u
#define __GFP_RECLAIM	     (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

#define GFP_KERNEL	     (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_NOFS	     (__GFP_RECLAIM | __GFP_IO)
#define GFP_NOIO	     (__GFP_RECLAIM)
#define GFP_ATOMIC	     (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT	     (__GFP_KSWAPD_RECLAIM)
#define GFP_USER	     GFP_KERNEL
#define GFP_HIGHUSER	     GFP_KERNEL
#define GFP_HIGHUSER_MOVABLE GFP_KERNEL
#define GFP_KERNEL_ACCOUNT   (GFP_KERNEL | __GFP_ACCOUNT)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

/*
 * 2^order pages, contiguous and aligned to their size; the first page's struct with one
 * reference, or NULL. order 0..MAX_ORDER. nid: the node to prefer, NUMA_NO_NODE for this CPU's.
 */
struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order);
#define NUMA_NO_NODE		(-1)
#define alloc_pages(gfp, order) alloc_pages_node(NUMA_NO_NODE, gfp, order)
#define alloc_page(gfp)		alloc_pages(gfp, 0)
/* Takes back pages whose only reference is the caller's; order as at allocation. */
void __free_pages(struct page *page, unsigned int order);
#define __free_page(page) __free_pages(page, 0)
/* The same by address in the direct map; 0 is ignored by free_pages(). */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
void free_pages(unsigned long addr, unsigned int order);
#define __get_free_page(gfp) __get_free_pages(gfp, 0)
#define free_page(addr)	     free_pages(addr, 0)
/* size bytes rounded up to whole pages (not to a power of two). */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *addr, size_t size);
/* Up to nr single pages into array, how many there were. GFP as for alloc_page(). */
unsigned int alloc_pages_bulk(gfp_t gfp, unsigned int nr, struct page **array);
/* Single pages whose last reference the caller has dropped. */
void free_pages_bulk(struct page **array, unsigned int nr);
/* Puts every page that per-CPU lists hold back into the zones. Task context. */
void drain_all_pages(void);

#endif
