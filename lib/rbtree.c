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

static inline bool is_black(const struct rb_node *n)
{
	return !n || (n->__rb_parent_color & 1) == RB_BLACK;
}

static inline bool is_red(const struct rb_node *n)
{
	return !is_black(n);
}

static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->__rb_parent_color = (n->__rb_parent_color & 1) | (unsigned long)parent;
}

static inline void set_color(struct rb_node *n, unsigned long color)
{
	n->__rb_parent_color = (n->__rb_parent_color & ~1UL) | color;
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

static inline void rotate(struct rb_node *down, struct rb_node *up, struct rb_root *root,
			  const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = rb_parent(down), *middle;

	if (down->rb_right == up) {
		middle = up->rb_left;
		WRITE_ONCE(down->rb_right, middle);
		WRITE_ONCE(up->rb_left, down);
	} else {
		middle = up->rb_right;
		WRITE_ONCE(down->rb_left, middle);
		WRITE_ONCE(up->rb_right, down);
	}
	if (middle)
		set_parent(middle, down);
	set_parent(up, parent);
	change_child(down, up, parent, root);
	set_parent(down, up);
	if (augment)
		augment->rotate(down, up);
}

/* node is red and just linked; only rule 2, between it and its parent, may be broken. */
static __always_inline void insert_fixup(struct rb_node *node, struct rb_root *root,
					 const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grand, *uncle;

	while ((parent = rb_parent(node)) && is_red(parent)) {
		grand = rb_parent(parent); /* a red parent is not the root */
		uncle = grand->rb_left == parent ? grand->rb_right : grand->rb_left;
		if (is_red(uncle)) {
			set_color(parent, RB_BLACK);
			set_color(uncle, RB_BLACK);
			set_color(grand, RB_RED);
			node = grand;
			continue;
		}
		/* An inner grandchild first becomes an outer one. */
		if ((grand->rb_left == parent) != (parent->rb_left == node)) {
			rotate(parent, node, root, augment);
			swap(parent, node);
		}
		set_color(parent, RB_BLACK);
		set_color(grand, RB_RED);
		rotate(grand, parent, root, augment);
		break;
	}
	set_color(root->rb_node, RB_BLACK);
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

/* The ways through node (maybe NULL) under parent have one black too few. */
static __always_inline void erase_fixup(struct rb_node *node, struct rb_node *parent,
					struct rb_root *root,
					const struct rb_augment_callbacks *augment)
{
	while (parent && is_black(node)) {
		bool left = parent->rb_left == node;
		struct rb_node *sib = left ? parent->rb_right : parent->rb_left;
		struct rb_node *inner, *outer;

		if (is_red(sib)) {
			set_color(sib, RB_BLACK);
			set_color(parent, RB_RED);
			rotate(parent, sib, root, augment);
			sib = left ? parent->rb_right : parent->rb_left;
		}
		inner = left ? sib->rb_left : sib->rb_right;
		outer = left ? sib->rb_right : sib->rb_left;
		if (is_black(inner) && is_black(outer)) {
			set_color(sib, RB_RED);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (is_black(outer)) {
			set_color(inner, RB_BLACK);
			set_color(sib, RB_RED);
			rotate(sib, inner, root, augment);
			outer = sib;
			sib = inner;
		}
		set_color(sib, parent->__rb_parent_color & 1);
		set_color(parent, RB_BLACK);
		set_color(outer, RB_BLACK);
		rotate(parent, sib, root, augment);
		return;
	}
	if (node)
		set_color(node, RB_BLACK);
}

static __always_inline void erase(struct rb_node *node, struct rb_root *root,
				  const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = rb_parent(node), *child;
	bool black = is_black(node);

	if (node->rb_left && node->rb_right) {
		/* The successor takes the node's place and colour; its own old place loses one. */
		struct rb_node *next = node->rb_right;

		while (next->rb_left)
			next = next->rb_left;
		child = next->rb_right;
		black = is_black(next);
		if (next == node->rb_right) {
			parent = next;
		} else {
			parent = rb_parent(next);
			WRITE_ONCE(parent->rb_left, child);
			if (child)
				set_parent(child, parent);
			WRITE_ONCE(next->rb_right, node->rb_right);
			set_parent(node->rb_right, next);
		}
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
	} else {
		child = node->rb_left ? node->rb_left : node->rb_right;
		change_child(node, child, parent, root);
		if (child)
			set_parent(child, parent);
		if (augment)
			augment->propagate(parent, NULL);
	}
	if (black)
		erase_fixup(child, parent, root, augment);
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
