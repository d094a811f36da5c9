/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees, intrusive: the caller walks to the place, links the node there and asks for
 * the colours to be put right. The cached form keeps both ends at hand; the augmented form keeps a
 * value of each subtree true through rotations. lib/rbtree.c. The caller locks.
 */
#ifndef JIFFY_RBTREE_H
#define JIFFY_RBTREE_H

#include <jiffy/kernel.h>

struct rb_node {
	unsigned long __rb_parent_color; /* parent's address; bit 0 set: black */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __aligned(sizeof(long));

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
	struct rb_node *rb_rightmost; /* not of an augmented tree */
};

#define RB_ROOT		(struct rb_root) { NULL }
#define RB_ROOT_CACHED	(struct rb_root_cached) { { NULL }, NULL, NULL }
#define rb_parent(n)	((struct rb_node *)((n)->__rb_parent_color & ~3UL))
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member)                                                           \
	({                                                                                         \
		__typeof__(ptr) __rbe = (ptr);                                                     \
		__rbe ? rb_entry(__rbe, type, member) : NULL;                                      \
	})
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)
/* A node says that it is in no tree by being its own parent. */
#define RB_EMPTY_NODE(n) ((n)->__rb_parent_color == (unsigned long)(n))
#define RB_CLEAR_NODE(n) ((n)->__rb_parent_color = (unsigned long)(n))

/* In order; NULL at the ends. O(log n) worst, O(1) amortised over a walk. */
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	WRITE_ONCE(*link, node);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);
void rb_replace_node(struct rb_node *victim, struct rb_node *new, struct rb_root *root);

#define rb_first_cached(root) ((root)->rb_leftmost)

/* What is linked at an end becomes the end. */
static inline void rb_insert_color_cached(struct rb_node *node, struct rb_root_cached *root)
{
	struct rb_node *parent = rb_parent(node);

	if (parent == root->rb_leftmost && (!parent || parent->rb_left == node))
		root->rb_leftmost = node;
	if (parent == root->rb_rightmost && (!parent || parent->rb_right == node))
		root->rb_rightmost = node;
	rb_insert_color(node, &root->rb_root);
}

/*
 * An end has a child on one side at most, and by the rules of colour that child has none: it is
 * the next in order, or else the parent is.
 */
static inline void rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = node->rb_right ? node->rb_right : rb_parent(node);
	if (root->rb_rightmost == node)
		root->rb_rightmost = node->rb_left ? node->rb_left : rb_parent(node);
	rb_erase(node, &root->rb_root);
}

/*
 * Adds node behind all that are equal to it, so equal keys keep the order in which they came. The
 * ends are tried first: queues are mostly joined at one of them, and then the way there is saved.
 */
static __always_inline void rb_add_cached(struct rb_node *node, struct rb_root_cached *tree,
					  bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &tree->rb_root.rb_node, *parent = tree->rb_rightmost;

	if (!parent) {
		tree->rb_leftmost = tree->rb_rightmost = node;
	} else if (!less(node, parent)) {
		link = &parent->rb_right;
		tree->rb_rightmost = node;
	} else if (less(node, tree->rb_leftmost)) {
		parent = tree->rb_leftmost;
		link = &parent->rb_left;
		tree->rb_leftmost = node;
	} else {
		while (*link) {
			parent = *link;
			link = less(node, parent) ? &parent->rb_left : &parent->rb_right;
		}
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, &tree->rb_root);
}

/*
 * For augmented trees: propagate() makes the values true from node up to, not including, stop;
 * copy() gives new the value of old; rotate() does that and then computes old's anew.
 */
struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	void (*copy)(struct rb_node *old, struct rb_node *new);
	void (*rotate)(struct rb_node *old, struct rb_node *new);
};
/* The caller has made the values on node's way up true, node's own too, before it asks. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

static inline void rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
					      bool leftmost,
					      const struct rb_augment_callbacks *augment)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_augmented(node, &root->rb_root, augment);
}

static inline void rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
					     const struct rb_augment_callbacks *augment)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = node->rb_right ? node->rb_right : rb_parent(node);
	rb_erase_augmented(node, &root->rb_root, augment);
}

/*
 * Defines the three callbacks as `name` from one function: compute(node, exit) sets the node's
 * value from itself and its children, and says, when exit is true, that nothing changed.
 */
#define RB_DECLARE_CALLBACKS(name, type, member, value, compute)                                   \
	static void name##_propagate(struct rb_node *rb, struct rb_node *stop)                     \
	{                                                                                          \
		while (rb != stop) {                                                               \
			type *n = rb_entry(rb, type, member);                                      \
                                                                                                   \
			if (compute(n, true))                                                      \
				break;                                                             \
			rb = rb_parent(&n->member);                                                \
		}                                                                                  \
	}                                                                                          \
	static void name##_copy(struct rb_node *old, struct rb_node *new)                          \
	{                                                                                          \
		rb_entry(new, type, member)->value = rb_entry(old, type, member)->value;           \
	}                                                                                          \
	static void name##_rotate(struct rb_node *old, struct rb_node *new)                        \
	{                                                                                          \
		rb_entry(new, type, member)->value = rb_entry(old, type, member)->value;           \
		compute(rb_entry(old, type, member), false);                                       \
	}                                                                                          \
	static const struct rb_augment_callbacks name = { name##_propagate, name##_copy,           \
							  name##_rotate };

#endif
