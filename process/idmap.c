/* SPDX-License-Identifier: MIT */
/*
 * Numbers and what they stand for: the tree behind <jiffy/idmap.h>.
 *
 * A node spans 64 slots of 64^level numbers each. `used` has a bit for every slot that holds a
 * child or, at the bottom, a number that is taken; `full` for every slot below which no number
 * is free. So the search for a free number never enters a full subtree, and steps over 64
 * numbers at once. Readers descend without a lock: a node leaves the tree only when it is empty,
 * and its memory stays for a grace period.
 */
#include <jiffy/bitops.h>
#include <jiffy/errno.h>
#include <jiffy/gfp.h>
#include <jiffy/idmap.h>
#include <jiffy/rcupdate.h>
#include <jiffy/slab.h>

#include "internal.h"

#define IDMAP_BITS  6
#define IDMAP_SLOTS 64
#define IDMAP_MASK  63

struct idmap_node {
	u64 used, full;
	u8 shift;	  /* of the number, to get this node's slot */
	u8 parent_offset; /* in parent */
	struct idmap_node *parent;
	struct rcu_head rcu;
	void *slot[IDMAP_SLOTS];
};

/* Nodes that an allocation may need before it knows how many; filled without the lock. */
struct spare_nodes {
	struct idmap_node *head;
};

static void spare_push(struct spare_nodes *spare, struct idmap_node *node)
{
	node->parent = spare->head;
	spare->head = node;
}

static struct idmap_node *spare_pop(struct spare_nodes *spare)
{
	struct idmap_node *node = spare->head;

	if (node) {
		spare->head = node->parent;
		node->parent = NULL;
	}
	return node;
}

static void spare_free(struct spare_nodes *spare)
{
	struct idmap_node *node;

	while ((node = spare_pop(spare)))
		kfree(node);
}

/* The first number past those that a tree with this root can hold. */
static u64 node_span(const struct idmap_node *node)
{
	return node ? 1ULL << (node->shift + IDMAP_BITS) : 0;
}

/*
 * The first free number >= start among those of node, all counted from the node's first; -1 when
 * there is none. Recursion ends with the tree's height, which 31 bits limit to 6.
 */
static s64 first_free_below(const struct idmap_node *node, u64 start)
{
	unsigned int i = start >> node->shift;
	u64 open = ~node->full & (~0ULL << i);

	if (node->shift == 0)
		return open ? __builtin_ctzll(open) : -1;
	for (; open; open &= open - 1) {
		unsigned int slot = __builtin_ctzll(open);
		u64 low = slot == i ? start & ((1ULL << node->shift) - 1) : 0;
		s64 below = low;

		if (node->slot[slot])
			below = first_free_below(node->slot[slot], low);
		if (below >= 0)
			return ((s64)slot << node->shift) + below;
	}
	return -1;
}

static u64 first_free(const struct idmap *map, u64 start)
{
	u64 span = node_span(map->root);
	s64 id;

	if (start >= span)
		return start;
	id = first_free_below(map->root, start);
	return id >= 0 ? (u64)id : span;
}

static void mark_full_upwards(struct idmap_node *node)
{
	while (node->full == ~0ULL && node->parent) {
		node->parent->full |= 1ULL << node->parent_offset;
		node = node->parent;
	}
}

/* Makes the tree high enough for id; false when spare nodes ran out. */
static bool grow(struct idmap *map, u64 id, struct spare_nodes *spare)
{
	while (!map->root || id >= node_span(map->root)) {
		struct idmap_node *top = spare_pop(spare), *old = map->root;

		if (!top)
			return false;
		if (old) {
			top->shift = old->shift + IDMAP_BITS;
			top->slot[0] = old;
			top->used = 1;
			top->full = old->full == ~0ULL;
			old->parent = top;
			old->parent_offset = 0;
		}
		rcu_assign_pointer(map->root, top);
	}
	return true;
}

/* Takes the free number id. False, with nothing lost, when spare nodes ran out. */
static bool take(struct idmap *map, u64 id, void *ptr, struct spare_nodes *spare)
{
	struct idmap_node *node;

	lockdep_assert_held(&map->lock);
	if (!grow(map, id, spare))
		return false;
	node = map->root;
	while (node->shift) {
		unsigned int i = (id >> node->shift) & IDMAP_MASK;
		struct idmap_node *child = node->slot[i];

		if (!child) {
			child = spare_pop(spare);
			if (!child)
				return false;
			child->shift = node->shift - IDMAP_BITS;
			child->parent = node;
			child->parent_offset = i;
			node->used |= 1ULL << i;
			rcu_assign_pointer(node->slot[i], child);
		}
		node = child;
	}
	node->used |= 1ULL << (id & IDMAP_MASK);
	node->full = node->used;
	rcu_assign_pointer(node->slot[id & IDMAP_MASK], ptr);
	mark_full_upwards(node);
	map->count++;
	return true;
}

static int alloc_range(struct idmap *map, void *ptr, int start, int end, int wrap, bool cyclic,
		       gfp_t gfp)
{
	struct spare_nodes spare = {NULL};
	struct idmap_node *node;
	unsigned long flags;
	u64 id;
	int ret;

	for (;;) {
		spin_lock_irqsave(&map->lock, flags);
		id = first_free(map, cyclic ? max(start, map->next) : start);
		if (id >= (u64)end && cyclic)
			id = first_free(map, wrap);
		if (id >= (u64)end) {
			ret = -ENOSPC;
			break;
		}
		if (take(map, id, ptr, &spare)) {
			if (cyclic)
				map->next = id + 1;
			ret = id;
			break;
		}
		spin_unlock_irqrestore(&map->lock, flags);
		node = kzalloc(sizeof(*node), gfp);
		if (!node) {
			spare_free(&spare);
			return -ENOMEM;
		}
		spare_push(&spare, node);
	}
	spin_unlock_irqrestore(&map->lock, flags);
	spare_free(&spare);
	return ret;
}

int idmap_alloc(struct idmap *map, void *ptr, int start, int end, gfp_t gfp)
{
	return alloc_range(map, ptr, start, end, start, false, gfp);
}

int idmap_alloc_cyclic(struct idmap *map, void *ptr, int start, int end, int wrap, gfp_t gfp)
{
	return alloc_range(map, ptr, start, end, wrap, true, gfp);
}

static struct idmap_node *find_leaf(const struct idmap *map, u32 id)
{
	struct idmap_node *node = rcu_dereference(map->root);

	if (!node || id >= node_span(node))
		return NULL;
	while (node && node->shift)
		node = rcu_dereference(node->slot[(id >> node->shift) & IDMAP_MASK]);
	return node;
}

void *idmap_find(const struct idmap *map, int id)
{
	struct idmap_node *leaf = find_leaf(map, id);

	return leaf ? rcu_dereference(leaf->slot[id & IDMAP_MASK]) : NULL;
}

void idmap_replace(struct idmap *map, int id, void *ptr)
{
	struct idmap_node *leaf;
	unsigned long flags;

	spin_lock_irqsave(&map->lock, flags);
	leaf = find_leaf(map, id);
	ASSERT(leaf && (leaf->used & (1ULL << (id & IDMAP_MASK))));
	rcu_assign_pointer(leaf->slot[id & IDMAP_MASK], ptr);
	spin_unlock_irqrestore(&map->lock, flags);
}

/* Empty nodes go, from the leaf upwards, and nobody above is full any more. */
static void prune(struct idmap *map, struct idmap_node *node)
{
	lockdep_assert_held(&map->lock);
	while (node) {
		struct idmap_node *parent = node->parent;

		if (parent)
			parent->full &= ~(1ULL << node->parent_offset);
		if (node->used) {
			node = parent;
			continue;
		}
		if (parent) {
			parent->used &= ~(1ULL << node->parent_offset);
			WRITE_ONCE(parent->slot[node->parent_offset], NULL);
		} else {
			WRITE_ONCE(map->root, NULL);
		}
		kfree_rcu(node, rcu);
		node = parent;
	}
}

void *idmap_remove(struct idmap *map, int id)
{
	struct idmap_node *leaf;
	unsigned long flags;
	void *ptr = NULL;
	u64 bit = 1ULL << (id & IDMAP_MASK);

	spin_lock_irqsave(&map->lock, flags);
	leaf = find_leaf(map, id);
	if (leaf && (leaf->used & bit)) {
		ptr = leaf->slot[id & IDMAP_MASK];
		WRITE_ONCE(leaf->slot[id & IDMAP_MASK], NULL);
		leaf->used &= ~bit;
		leaf->full = leaf->used;
		map->count--;
		prune(map, leaf);
	}
	spin_unlock_irqrestore(&map->lock, flags);
	return ptr;
}

static void *next_below(const struct idmap_node *node, u64 start, u64 *found)
{
	unsigned int i = start >> node->shift;

	for (; i < IDMAP_SLOTS; i++) {
		void *p = rcu_dereference(node->slot[i]);
		u64 below = 0;

		if (p && node->shift)
			p = next_below(p, start & ((1ULL << node->shift) - 1), &below);
		if (p) {
			*found = ((u64)i << node->shift) + below;
			return p;
		}
		start = 0;
	}
	return NULL;
}

void *idmap_get_next(const struct idmap *map, int *id)
{
	struct idmap_node *root = rcu_dereference(map->root);
	u64 found;
	void *p;

	if (!root || (u32)*id >= node_span(root))
		return NULL;
	p = next_below(root, (u32)*id, &found);
	if (p)
		*id = found;
	return p;
}

void idmap_destroy(struct idmap *map)
{
	ASSERT(map->count == 0);
	if (map->root)
		kfree_rcu(map->root, rcu);
	map->root = NULL;
}
