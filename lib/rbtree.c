/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees after Guibas and Sedgewick as told in Cormen et al., chapter 13:
 *
 *   1. the root is black;
 *   2. a red node has no red child;
 *   3. every way from a node down to a missing child passes the same number of black nodes.
 *
 * No way is then more than twice as long as another. A missing child counts as black. The
 * caller locks; no state of its own.
 *
 * For augmented trees every rotation is told to the callbacks, which then recompute the node
 * that moved down; the way up to the root is propagated before the colours are mended, so a
 * rotation always finds true values below it.
 */
#include <jiffy/rbtree.h>

#define RB_RED	 0UL
#define RB_BLACK 1UL

static inline bool is_red(const struct rb_node *n)
{
	return n && (n->__rb_parent_color & 1) == RB_RED;
}

static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->__rb_parent_color = (n->__rb_parent_color & 1) | (unsigned long)parent;
}

static inline void set_color(struct rb_node *n, unsigned long color)
{
	n->__rb_parent_color = (n->__rb_parent_color & ~1UL) | color;
}

/* Of a red one: RB_RED is 0, so the word is the address. */
static inline struct rb_node *red_parent(const struct rb_node *n)
{
	return (struct rb_node *)n->__rb_parent_color;
}

/* The mending is written once and compiled for each side: right is a constant wherever it is asked. */
static __always_inline struct rb_node **child_of(struct rb_node *n, const bool right)
{
	return right ? &n->rb_right : &n->rb_left;
}

/* Puts new where old hangs, under parent or as the root. */
static inline void change_child(struct rb_node *old, struct rb_node *new, struct rb_node *parent,
				struct rb_root *root)
{
	if (!parent)
		WRITE_ONCE(root->rb_node, new);
	else if (parent->rb_left == old)
		WRITE_ONCE(parent->rb_left, new);
	else
		WRITE_ONCE(parent->rb_right, new);
}

/* up, down's child on the right or left, gets down's place and colour, and down, of color, below it. */
static __always_inline void rotate(struct rb_node *down, struct rb_node *up, const bool right,
				   unsigned long color, struct rb_root *root,
				   const struct rb_augment_callbacks *augment)
{
	struct rb_node *middle = *child_of(up, !right), *parent = rb_parent(down);

	WRITE_ONCE(*child_of(down, right), middle);
	WRITE_ONCE(*child_of(up, !right), down);
	if (middle)
		set_parent(middle, down);
	up->__rb_parent_color = down->__rb_parent_color;
	down->__rb_parent_color = (unsigned long)up | color;
	change_child(down, up, parent, root);
	if (augment)
		augment->rotate(down, up);
}

/*
 * node and parent are red, grand's child on the side `right' is parent. Returns the red node that
 * may now be in node's situation; NULL when there is none.
 */
static __always_inline struct rb_node *insert_step(struct rb_node *node, struct rb_node *parent,
						   struct rb_node *grand, const bool right,
						   struct rb_root *root,
						   const struct rb_augment_callbacks *augment)
{
	struct rb_node *uncle = *child_of(grand, !right);

	if (is_red(uncle)) {
		uncle->__rb_parent_color = (unsigned long)grand | RB_BLACK;
		parent->__rb_parent_color = (unsigned long)grand | RB_BLACK;
		set_color(grand, RB_RED);
		return grand;
	}
	/* An inner grandchild first becomes an outer one. */
	if (*child_of(parent, !right) == node) {
		rotate(parent, node, !right, RB_RED, root, augment);
		parent = node;
	}
	rotate(grand, parent, right, RB_RED, root, augment);
	return NULL;
}

/* node is red and just linked; only rules 1 and 2 may be broken, at it. */
static __always_inline void insert_fixup(struct rb_node *node, struct rb_root *root,
					 const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grand;

	do {
		parent = red_parent(node);
		if (!parent) {
			set_color(node, RB_BLACK);
			return;
		}
		if (!is_red(parent))
			return;
		grand = red_parent(parent); /* a red parent is not the root */
		if (grand->rb_right == parent)
			node = insert_step(node, parent, grand, true, root, augment);
		else
			node = insert_step(node, parent, grand, false, root, augment);
	} while (node);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert_fixup(node, root, NULL);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	insert_fixup(node, root, augment);
}

/*
 * The ways through parent's child on the side `right' have one black too few. True when that is
 * mended; else it is now so for those through parent.
 */
static __always_inline bool erase_step(struct rb_node *parent, const bool right,
				       struct rb_root *root,
				       const struct rb_augment_callbacks *augment)
{
	struct rb_node *sib = *child_of(parent, !right), *inner, *outer;

	if (is_red(sib)) {
		rotate(parent, sib, !right, RB_RED, root, augment);
		sib = *child_of(parent, !right);
	}
	inner = *child_of(sib, right);
	outer = *child_of(sib, !right);
	if (!is_red(outer)) {
		if (!is_red(inner)) {
			set_color(sib, RB_RED);
			if (!is_red(parent))
				return false;
			set_color(parent, RB_BLACK);
			return true;
		}
		rotate(sib, inner, right, RB_RED, root, augment);
		outer = sib;
		sib = inner;
	}
	rotate(parent, sib, !right, RB_BLACK, root, augment);
	set_color(outer, RB_BLACK);
	return true;
}

/* The ways through node (at first NULL), parent's black child, have one black too few. */
static __always_inline void erase_fixup(struct rb_node *parent, struct rb_root *root,
					const struct rb_augment_callbacks *augment)
{
	struct rb_node *node = NULL;
	bool done;

	for (; parent; node = parent, parent = rb_parent(node)) {
		/* The other child is there: its ways have more than the black that is missing. */
		if (parent->rb_right == node)
			done = erase_step(parent, true, root, augment);
		else
			done = erase_step(parent, false, root, augment);
		if (done)
			return;
	}
}

/* node has two children: its successor next, which has no left one, takes its place and colour. */
static __always_inline struct rb_node *replace_by_next(struct rb_node *node, struct rb_root *root,
						       const struct rb_augment_callbacks *augment)
{
	struct rb_node *next = node->rb_right, *parent, *child;

	while (next->rb_left)
		next = next->rb_left;
	child = next->rb_right;
	parent = next;
	if (next != node->rb_right) {
		parent = rb_parent(next);
		WRITE_ONCE(parent->rb_left, child);
		WRITE_ONCE(next->rb_right, node->rb_right);
		set_parent(node->rb_right, next);
	}
	if (child)
		child->__rb_parent_color = (unsigned long)parent | RB_BLACK;
	else if (is_red(next))
		child = next;
	WRITE_ONCE(next->rb_left, node->rb_left);
	set_parent(node->rb_left, next);
	next->__rb_parent_color = node->__rb_parent_color;
	change_child(node, next, rb_parent(node), root);
	if (augment) {
		augment->copy(node, next);
		/* next's old place up to next, and then next's own way up. */
		augment->propagate(parent, NULL);
		if (parent != next)
			augment->propagate(next, NULL);
	}
	return child ? NULL : parent;
}

/*
 * What leaves its place has at most one child. By rule 3 that child is red and childless, and the
 * one that leaves black: the child takes its place and colour, and nothing is to be mended.
 */
static __always_inline void erase(struct rb_node *node, struct rb_root *root,
				  const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = rb_parent(node), *child = node->rb_left;

	if (child && node->rb_right) {
		parent = replace_by_next(node, root, augment);
	} else {
		if (!child)
			child = node->rb_right;
		change_child(node, child, parent, root);
		if (augment)
			augment->propagate(parent, NULL);
		if (child)
			child->__rb_parent_color = node->__rb_parent_color;
		if (child || is_red(node))
			return;
	}
	erase_fixup(parent, root, augment);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	erase(node, root, augment);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_left)
		n = n->rb_left;
	return n;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_right)
		n = n->rb_right;
	return n;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_right) {
		node = node->rb_right;
		while (node->rb_left)
			node = node->rb_left;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && node == parent->rb_right)
		node = parent;
	return parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_left) {
		node = node->rb_left;
		while (node->rb_right)
			node = node->rb_right;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && node == parent->rb_left)
		node = parent;
	return parent;
}

void rb_replace_node(struct rb_node *victim, struct rb_node *new, struct rb_root *root)
{
	*new = *victim;
	if (victim->rb_left)
		set_parent(victim->rb_left, new);
	if (victim->rb_right)
		set_parent(victim->rb_right, new);
	change_child(victim, new, rb_parent(victim), root);
}
