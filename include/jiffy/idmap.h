/* SPDX-License-Identifier: MIT */
/*
 * A map from small numbers to pointers that also hands out the numbers: a radix tree of 64-way
 * nodes, each with one bit a slot for "used" and one for "nothing free below". Look-up takes a
 * step for each 6 bits of the largest number, needs only rcu_read_lock(), and writes nothing;
 * finding the next free number takes at most two walks, however many are in use.
 * process/idmap.c. Any context with the map's lock not held; allocation with GFP_KERNEL sleeps.
 */
#ifndef JIFFY_IDMAP_H
#define JIFFY_IDMAP_H

#include <jiffy/spinlock.h>
#include <jiffy/types.h>

struct idmap_node;
struct idmap {
	spinlock_t lock;	 /* taken with interrupts off */
	struct idmap_node *root; /* under lock; RCU to read */
	int next;		 /* where the cyclic search begins; under lock */
	int count;		 /* numbers in use; under lock */
};
#define IDMAP_INIT(nm)                                \
	{                                             \
		.lock = __SPIN_LOCK_UNLOCKED(nm.lock) \
	}
#define idmap_init(m)                       \
	do {                                \
		spin_lock_init(&(m)->lock); \
		(m)->root = NULL;           \
		(m)->next = (m)->count = 0; \
	} while (0)

/*
 * The first free number in [start, end), its slot set to ptr (which may be NULL: the number is
 * taken but looks empty until idmap_replace()). -ENOSPC, -ENOMEM.
 */
int idmap_alloc(struct idmap *map, void *ptr, int start, int end, gfp_t gfp);
/* The same from after the last one it gave, and from wrap once end is reached. */
int idmap_alloc_cyclic(struct idmap *map, void *ptr, int start, int end, int wrap, gfp_t gfp);
void idmap_replace(struct idmap *map, int id, void *ptr); /* id is taken */
void *idmap_remove(struct idmap *map, int id);		  /* what was there */
void *idmap_find(const struct idmap *map, int id);	  /* RCU */
/* The pointer of the lowest used number that is at least *id, which is set to it. RCU. */
void *idmap_get_next(const struct idmap *map, int *id);
void idmap_destroy(struct idmap *map); /* frees the nodes; nobody uses the map any more */

#endif
