/* SPDX-License-Identifier: MIT */
/* unit: lib/rbtree.c tests/unit/shim.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -Itests/unit */
/*
 * The red-black rules, the order and the augmented value after every one of many random changes.
 */
#include <jiffy/rbtree.h>
#include <stdlib.h>

#include <setjmp.h>
#include <cmocka.h>

struct item {
	struct rb_node node;
	unsigned int key;
	unsigned int subtree_max;
	bool in;
};

#define N 400
static struct item items[N];

static unsigned int node_max(struct item *it)
{
	unsigned int m = it->key;

	if (it->node.rb_left)
		m = max(m, rb_entry(it->node.rb_left, struct item, node)->subtree_max);
	if (it->node.rb_right)
		m = max(m, rb_entry(it->node.rb_right, struct item, node)->subtree_max);
	return m;
}

static bool compute(struct item *it, bool exit)
{
	unsigned int m = node_max(it);

	if (exit && it->subtree_max == m)
		return true;
	it->subtree_max = m;
	return false;
}
RB_DECLARE_CALLBACKS(augment, struct item, node, subtree_max, compute)

static bool red(struct rb_node *n)
{
	return n && !(n->__rb_parent_color & 1);
}

/* The black height of a subtree that keeps every rule. */
static int check(struct rb_node *n, struct rb_node *parent, bool augmented)
{
	int left, right;

	if (!n)
		return 1;
	assert_ptr_equal(rb_parent(n), parent);
	assert_false(red(n) && red(parent));
	if (augmented)
		assert_int_equal(rb_entry(n, struct item, node)->subtree_max,
				 node_max(rb_entry(n, struct item, node)));
	left = check(n->rb_left, n, augmented);
	right = check(n->rb_right, n, augmented);
	assert_int_equal(left, right);
	return left + !red(n);
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, node)->key < rb_entry(b, struct item, node)->key;
}

static void check_tree(struct rb_root_cached *t, int count, bool augmented)
{
	struct rb_node *n, *prev = NULL;
	int seen = 0;

	assert_false(red(t->rb_root.rb_node));
	check(t->rb_root.rb_node, NULL, augmented);
	for (n = rb_first(&t->rb_root); n; prev = n, n = rb_next(n), seen++) {
		assert_ptr_equal(rb_prev(n), prev);
		if (prev)
			assert_false(less(n, prev));
	}
	assert_int_equal(seen, count);
	assert_ptr_equal(rb_first_cached(t), rb_first(&t->rb_root));
	assert_ptr_equal(rb_last(&t->rb_root), prev);
	if (!augmented)
		assert_ptr_equal(t->rb_rightmost, prev);
}

static void plain(void **state)
{
	struct rb_root_cached t = RB_ROOT_CACHED;
	int count = 0;

	srand(1);
	for (int round = 0; round < 20000; round++) {
		struct item *it = &items[rand() % N];

		if (it->in) {
			rb_erase_cached(&it->node, &t);
			count--;
		} else {
			it->key = rand() % 100;
			rb_add_cached(&it->node, &t, less);
			count++;
		}
		it->in = !it->in;
		check_tree(&t, count, false);
	}
	for (int i = 0; i < N; i++)
		items[i].in = false;
}

/* Queues: who comes goes to an end, and so does who leaves. */
static void ends(void **state)
{
	struct rb_root_cached t = RB_ROOT_CACHED;
	unsigned int first = 1000000, last = first;
	int count = 0;

	srand(3);
	for (int round = 0; round < 20000; round++) {
		struct item *it = &items[rand() % N];

		if (it->in) {
			struct rb_node *n = rand() % 4 ? rb_first_cached(&t) : t.rb_rightmost;

			rb_erase_cached(n, &t);
			rb_entry(n, struct item, node)->in = false;
			count--;
		} else {
			it->key = rand() % 8 ? last++ : first--;
			it->in = true;
			rb_add_cached(&it->node, &t, less);
			count++;
		}
		check_tree(&t, count, false);
	}
	for (int i = 0; i < N; i++)
		items[i].in = false;
}

static void insert_augmented(struct item *it, struct rb_root_cached *t)
{
	struct rb_node **link = &t->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	it->subtree_max = it->key;
	while (*link) {
		struct item *p = rb_entry(*link, struct item, node);

		parent = *link;
		p->subtree_max = max(p->subtree_max, it->key);
		if (it->key < p->key) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&it->node, parent, link);
	rb_insert_augmented_cached(&it->node, t, leftmost, &augment);
}

static void augmented(void **state)
{
	struct rb_root_cached t = RB_ROOT_CACHED;
	int count = 0;

	srand(2);
	for (int round = 0; round < 20000; round++) {
		struct item *it = &items[rand() % N];

		if (it->in) {
			rb_erase_augmented_cached(&it->node, &t, &augment);
			count--;
		} else {
			it->key = rand() % 100000;
			insert_augmented(it, &t);
			count++;
		}
		it->in = !it->in;
		check_tree(&t, count, true);
	}
}

static void replace(void **state)
{
	struct rb_root_cached t = RB_ROOT_CACHED;
	struct item a = {.key = 1}, b = {.key = 2}, c = {.key = 3}, other = {.key = 2};

	rb_add_cached(&a.node, &t, less);
	rb_add_cached(&b.node, &t, less);
	rb_add_cached(&c.node, &t, less);
	rb_replace_node(&b.node, &other.node, &t.rb_root);
	check_tree(&t, 3, false);
	assert_ptr_equal(rb_next(&a.node), &other.node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain),
	    cmocka_unit_test(ends),
	    cmocka_unit_test(augmented),
	    cmocka_unit_test(replace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
