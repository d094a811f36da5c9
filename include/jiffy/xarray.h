/* SPDX-License-Identifier: MIT */
/*
 * An array of pointers indexed by an unsigned long, kept as a radix tree of 64-way nodes, so a
 * sparse one costs little and a look-up at most eleven steps. Look-ups need rcu_read_lock() or
 * the lock; changes take xa_lock (the __ forms want it held). Entries are pointers aligned to 4.
 * lib/xarray.c.
 */
#ifndef JIFFY_XARRAY_H
#define JIFFY_XARRAY_H

#include <jiffy/spinlock.h>
#include <jiffy/types.h>

struct xa_node;
struct xarray {
	spinlock_t xa_lock;
	struct xa_node *head; /* RCU; written under xa_lock */
	unsigned long next;   /* where xa_alloc_cyclic() goes on */
};

#define XARRAY_INIT(nm) { .xa_lock = __SPIN_LOCK_UNLOCKED(nm.xa_lock), .head = NULL, .next = 0 }
#define DEFINE_XARRAY(nm) struct xarray nm = XARRAY_INIT(nm)
#define xa_init(xa)                                                                                \
	do {                                                                                       \
		spin_lock_init(&(xa)->xa_lock);                                                    \
		(xa)->head = NULL;                                                                 \
		(xa)->next = 0;                                                                    \
	} while (0)
#define xa_lock(xa)		      spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa)		      spin_unlock(&(xa)->xa_lock)
#define xa_lock_irq(xa)		      spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa)	      spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, f)	      spin_lock_irqsave(&(xa)->xa_lock, f)
#define xa_unlock_irqrestore(xa, f)   spin_unlock_irqrestore(&(xa)->xa_lock, f)

struct xa_limit {
	u32 max, min;
};
#define XA_LIMIT(lo, hi) (struct xa_limit) { .max = (hi), .min = (lo) }

/* The entry at index, NULL when there is none. */
void *xa_load(struct xarray *xa, unsigned long index);
/* The n entries from index first on, NULL where there is none; one walk for each leaf. */
void xa_load_range(struct xarray *xa, unsigned long first, unsigned int n, void **entries);
/*
 * Puts entry there (NULL erases); the old entry, or ERR_PTR(-ENOMEM). gfp is for tree nodes; the
 * plain form may sleep when gfp lets it, the __ form (lock held) never does.
 */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
/* Only when it is empty: 0, -EBUSY or -ENOMEM. */
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
/* Takes it out; what was there. */
void *xa_erase(struct xarray *xa, unsigned long index);
void *__xa_erase(struct xarray *xa, unsigned long index);
/* The first entry at or after *index, up to max; *index is set to its place. NULL: none. */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max);
/* A free index within the limit, the lowest (or the next one round): 0, -EBUSY, -ENOMEM. */
int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);
int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);
int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);
int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);
bool xa_empty(const struct xarray *xa);
/*
 * Makes the tree as low as its entries allow. Far indices that come and go leave it high, so that
 * the next one finds its way made; any context, takes xa_lock.
 */
void xa_shrink(struct xarray *xa);
/* Gives back the tree's nodes; the entries are the caller's. No reader may be left. */
void xa_destroy(struct xarray *xa);

#define xa_for_each_range(xa, index, entry, start, last)                                           \
	for (index = (start), entry = xa_find(xa, &index, last); entry;                            \
	     entry = xa_find_after(xa, &index, last))
#define xa_for_each_start(xa, index, entry, start) xa_for_each_range(xa, index, entry, start, ~0UL)
#define xa_for_each(xa, index, entry)		   xa_for_each_start(xa, index, entry, 0)

#endif
