/* SPDX-License-Identifier: MIT */
/*
 * The radix tree behind struct xarray.
 *
 * A node of level L (0 for leaves) has 64 slots, each covering 64^L indices. The head is the
 * node that covers the whole index range in use: index i is inside when i >> 6*(level+1) is 0.
 * Each node knows which slots are used and, for the search of free numbers, which subtrees are
 * full, so finding a free index is one walk down, whatever the number of entries.
 *
 * Serialization rules: xa_lock for every change; readers walk under RCU. A node goes to readers
 * whole (release store) and is freed after a grace period. A reader that meets a node which a
 * writer is taking out sees empty slots or entries that were there when it began, both right.
 * The tree grows at the head (the old head becomes slot 0 of the new) and loses nodes that are
 * empty; heads that hold nothing but slot 0 stay for the next far index until xa_shrink(). A head
 * that is taken out keeps its slot 0, so a reader that starts at an old head still finds all of
 * that head's range that was there when it began.
 */
#include <jiffy/bitops.h>
#include <jiffy/err.h>
#include <jiffy/rcupdate.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/xarray.h>

#define XA_SHIFT 6
#define XA_SLOTS (1u << XA_SHIFT)

struct xa_node {
	u8 level;  /* 0: slots are entries */
	u8 offset; /* which slot of the parent this is */
	struct xa_node *parent;
	u64 used; /* slots that are not NULL; readers search by it */
	u64 full; /* slots under which no index is free; leaves: the same as used */
	void *slots[XA_SLOTS];
	struct rcu_head rcu;
};

static void node_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct xa_node, rcu));
}

static unsigned int slot_of(const struct xa_node *node, unsigned long index)
{
	return (index >> (node->level * XA_SHIFT)) & (XA_SLOTS - 1);
}

/* Level 10 covers 2^66 indices: everything. */
static bool covers(const struct xa_node *node, unsigned long index)
{
	unsigned int bits = (node->level + 1) * XA_SHIFT;

	return bits >= BITS_PER_LONG || index >> bits == 0;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	struct xa_node *node = smp_load_acquire(&xa->head);

	if (!node || !covers(node, index))
		return NULL;
	while (node && node->level)
		node = smp_load_acquire((struct xa_node **)&node->slots[slot_of(node, index)]);
	return node ? smp_load_acquire(&node->slots[slot_of(node, index)]) : NULL;
}

void xa_load_range(struct xarray *xa, unsigned long first, unsigned int n, void **entries)
{
	while (n) {
		struct xa_node *node = smp_load_acquire(&xa->head);
		unsigned int slot = first & (XA_SLOTS - 1), part = min(n, XA_SLOTS - slot);

		if (node && !covers(node, first))
			node = NULL;
		while (node && node->level)
			node =
			    smp_load_acquire((struct xa_node **)&node->slots[slot_of(node, first)]);
		for (unsigned int i = 0; i < part; i++)
			entries[i] = node ? smp_load_acquire(&node->slots[slot + i]) : NULL;
		entries += part;
		first += part;
		n -= part;
	}
}

static struct xa_node *node_new(u8 level, gfp_t gfp)
{
	struct xa_node *node = kzalloc(sizeof(*node), gfp);

	if (node)
		node->level = level;
	return node;
}

/* Upwards from a node whose slot bits changed: `full` of the parents follows. */
static void propagate_full(struct xa_node *node)
{
	for (; node->parent; node = node->parent) {
		u64 bit = 1ULL << node->offset;
		u64 old = node->parent->full;

		node->parent->full = node->full == ~0ULL ? old | bit : old & ~bit;
		if (node->parent->full == old)
			return;
	}
}

static u8 level_for(unsigned long index)
{
	u8 level = 0;

	while (index >>= XA_SHIFT)
		level++;
	return level;
}

/*
 * Makes the head cover index. 0 or -ENOMEM; a half-grown tree is a good tree: only a tree that
 * has entries grows step by step, so no empty node ends up below the new head.
 */
static int grow(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	while (!xa->head || !covers(xa->head, index)) {
		struct xa_node *old = xa->head;
		struct xa_node *node = node_new(old ? old->level + 1 : level_for(index), gfp);

		if (!node)
			return -ENOMEM;
		if (old) {
			node->slots[0] = old;
			node->used = 1;
			node->full = old->full == ~0ULL;
			old->parent = node;
		}
		smp_store_release(&xa->head, node);
	}
	return 0;
}

/* The leaf that index belongs to, made when it is missing. */
static struct xa_node *leaf_for(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	struct xa_node *node, *child;

	if (grow(xa, index, gfp))
		return NULL;
	for (node = xa->head; node->level; node = child) {
		unsigned int slot = slot_of(node, index);

		child = node->slots[slot];
		if (child)
			continue;
		child = node_new(node->level - 1, gfp);
		if (!child)
			return NULL;
		child->parent = node;
		child->offset = slot;
		WRITE_ONCE(node->used, node->used | 1ULL << slot);
		smp_store_release(&node->slots[slot], child);
	}
	return node;
}

static struct xa_node *leaf_find(struct xarray *xa, unsigned long index)
{
	struct xa_node *node = xa->head;

	if (!node || !covers(node, index))
		return NULL;
	while (node && node->level)
		node = node->slots[slot_of(node, index)];
	return node;
}

/* Takes out node and its ancestors as long as they are empty. */
static void drop_empty(struct xarray *xa, struct xa_node *node)
{
	while (node && !node->used) {
		struct xa_node *parent = node->parent;

		if (parent) {
			WRITE_ONCE(parent->slots[node->offset], NULL);
			WRITE_ONCE(parent->used, parent->used & ~(1ULL << node->offset));
		} else {
			WRITE_ONCE(xa->head, NULL);
		}
		call_rcu(&node->rcu, node_free_rcu);
		node = parent;
	}
}

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	struct xa_node *node = leaf_find(xa, index);
	unsigned int slot;
	void *old;

	lockdep_assert_held(&xa->xa_lock);
	if (!node)
		return NULL;
	slot = slot_of(node, index);
	old = node->slots[slot];
	if (!old)
		return NULL;
	WRITE_ONCE(node->slots[slot], NULL);
	WRITE_ONCE(node->used, node->used & ~(1ULL << slot));
	node->full &= ~(1ULL << slot);
	propagate_full(node);
	drop_empty(xa, node);
	return old;
}

void xa_shrink(struct xarray *xa)
{
	struct xa_node *head;
	unsigned long flags;

	xa_lock_irqsave(xa, flags);
	while ((head = xa->head) && head->level && head->used == 1) {
		struct xa_node *child = head->slots[0];

		child->parent = NULL;
		WRITE_ONCE(xa->head, child);
		call_rcu(&head->rcu, node_free_rcu);
	}
	xa_unlock_irqrestore(xa, flags);
}

/* Removes the empty nodes that a failed leaf_for() has left on the way to index. */
static void trim(struct xarray *xa, unsigned long index)
{
	struct xa_node *node = xa->head;

	if (!node || !covers(node, index))
		return;
	while (node->level && node->slots[slot_of(node, index)])
		node = node->slots[slot_of(node, index)];
	drop_empty(xa, node);
}

void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	struct xa_node *node;
	unsigned int slot;
	void *old;

	lockdep_assert_held(&xa->xa_lock);
	if (!entry)
		return __xa_erase(xa, index);
	node = leaf_for(xa, index, gfp & ~__GFP_DIRECT_RECLAIM);
	if (!node) {
		trim(xa, index);
		return ERR_PTR(-ENOMEM);
	}
	slot = slot_of(node, index);
	old = node->slots[slot];
	smp_store_release(&node->slots[slot], entry);
	WRITE_ONCE(node->used, node->used | 1ULL << slot);
	node->full |= 1ULL << slot;
	propagate_full(node);
	return old;
}

/*
 * Under the lock nodes come from the reserve of atomic allocations. When that is dry and the
 * caller may sleep, one sleeping allocation outside the lock makes room for the next try.
 */
static bool refill(gfp_t gfp)
{
	void *p;

	if (!(gfp & __GFP_DIRECT_RECLAIM))
		return false;
	p = kmalloc(sizeof(struct xa_node), gfp);
	kfree(p);
	return p != NULL;
}

#define RETRY_SLEEPING(xa, gfp, result, failed, call)           \
	do {                                                    \
		unsigned long __f;                              \
		int __tries = 16;                               \
		do {                                            \
			xa_lock_irqsave(xa, __f);               \
			result = call;                          \
			xa_unlock_irqrestore(xa, __f);          \
		} while ((failed) && --__tries && refill(gfp)); \
	} while (0)

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	RETRY_SLEEPING(xa, gfp, old, old == ERR_PTR(-ENOMEM), __xa_store(xa, index, entry, gfp));
	return old;
}

int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	if (xa_load(xa, index))
		return -EBUSY;
	return PTR_ERR_OR_ZERO(__xa_store(xa, index, entry, gfp));
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int err;

	RETRY_SLEEPING(xa, gfp, err, err == -ENOMEM, __xa_insert(xa, index, entry, gfp));
	return err;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	unsigned long flags;
	void *old;

	xa_lock_irqsave(xa, flags);
	old = __xa_erase(xa, index);
	xa_unlock_irqrestore(xa, flags);
	return old;
}

/*
 * The first entry of node's subtree at or after *index; *index is moved there. A reader may meet
 * a slot that `used` has and that is empty (an entry on its way in or out), or miss one on its way
 * in; who is ordered after the writer sees both as the writer left them.
 */
static void *find_under(struct xa_node *node, unsigned long *index)
{
	unsigned int shift = node->level * XA_SHIFT;
	unsigned int first = slot_of(node, *index);
	u64 left = READ_ONCE(node->used) & ~0ULL << first;

	for (; left; left &= left - 1) {
		unsigned int slot = __ffs(left);
		void *p = smp_load_acquire(&node->slots[slot]);

		if (!p)
			continue;
		/* Slots after the first are looked at from their own beginning. */
		if (slot != first) {
			unsigned long low = shift + XA_SHIFT >= BITS_PER_LONG
						? 0
						: *index >> (shift + XA_SHIFT)
								<< (shift + XA_SHIFT);
			*index = low | (unsigned long)slot << shift;
		}
		if (!node->level)
			return p;
		p = find_under(p, index);
		if (p)
			return p;
	}
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max)
{
	unsigned long at = *index;
	struct xa_node *node;
	void *entry = NULL;

	rcu_read_lock();
	node = smp_load_acquire(&xa->head);
	if (node && covers(node, at))
		entry = find_under(node, &at);
	rcu_read_unlock();
	if (!entry || at > max)
		return NULL;
	*index = at;
	return entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max)
{
	unsigned long at = *index + 1;
	void *entry;

	if (at == 0 || at > max)
		return NULL;
	entry = xa_find(xa, &at, max);
	if (entry)
		*index = at;
	return entry;
}

/* The lowest index >= from that no entry has, in node's subtree; false when it is full. */
static bool free_under(const struct xa_node *node, unsigned long *from)
{
	unsigned int shift = node->level * XA_SHIFT;
	unsigned int first = slot_of(node, *from);
	unsigned long base = shift + XA_SHIFT >= BITS_PER_LONG
				 ? 0
				 : *from >> (shift + XA_SHIFT) << (shift + XA_SHIFT);

	for (u64 open = ~node->full & ~0ULL << first; open; open &= open - 1) {
		unsigned int slot = __ffs(open);
		const struct xa_node *child = node->slots[slot];

		if (slot != first)
			*from = base | (unsigned long)slot << shift;
		if (!node->level || !child || free_under(child, from))
			return true;
	}
	return false;
}

/* The lowest free index within [lo, hi]; false when there is none. */
static bool find_free(struct xarray *xa, unsigned long lo, unsigned long hi, unsigned long *at)
{
	struct xa_node *node = xa->head;

	*at = lo;
	if (node && covers(node, lo) && !free_under(node, at))
		*at = 1UL << ((node->level + 1) * XA_SHIFT);
	return *at <= hi;
}

static int alloc_at(struct xarray *xa, u32 *id, void *entry, unsigned long lo, unsigned long hi,
		    gfp_t gfp)
{
	unsigned long at;
	int err;

	if (lo > hi || !find_free(xa, lo, hi, &at))
		return -EBUSY;
	err = PTR_ERR_OR_ZERO(__xa_store(xa, at, entry, gfp));
	if (!err)
		*id = at;
	return err;
}

int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	lockdep_assert_held(&xa->xa_lock);
	return alloc_at(xa, id, entry, limit.min, limit.max, gfp);
}

int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	int err;

	RETRY_SLEEPING(xa, gfp, err, err == -ENOMEM, __xa_alloc(xa, id, entry, limit, gfp));
	return err;
}

int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	unsigned long start =
	    clamp_t(unsigned long, xa->next, limit.min, (unsigned long)limit.max + 1);
	int err;

	lockdep_assert_held(&xa->xa_lock);
	err = alloc_at(xa, id, entry, start, limit.max, gfp);
	if (err == -EBUSY && start > limit.min)
		err = alloc_at(xa, id, entry, limit.min, start - 1, gfp);
	if (!err)
		xa->next = (unsigned long)*id + 1;
	return err;
}

int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	int err;

	RETRY_SLEEPING(xa, gfp, err, err == -ENOMEM, __xa_alloc_cyclic(xa, id, entry, limit, gfp));
	return err;
}

bool xa_empty(const struct xarray *xa)
{
	return !READ_ONCE(xa->head);
}

static void destroy_under(struct xa_node *node)
{
	if (node->level)
		for (unsigned int slot = 0; slot < XA_SLOTS; slot++)
			if (node->slots[slot])
				destroy_under(node->slots[slot]);
	call_rcu(&node->rcu, node_free_rcu);
}

void xa_destroy(struct xarray *xa)
{
	struct xa_node *head = xa->head;

	if (!head)
		return;
	WRITE_ONCE(xa->head, NULL);
	destroy_under(head);
}
