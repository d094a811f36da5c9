/* SPDX-License-Identifier: MIT */
/*
 * The tree of control groups: making and removing them, and which controllers they have.
 * Rules in internal.h. Task context.
 */
#include <jiffy/init.h>
#include <jiffy/string.h>

#include "internal.h"

DEFINE_MUTEX(cgroup_mutex);
DEFINE_SPINLOCK(css_set_lock);

struct cgroup cgrp_root = {
    .ref = REFCOUNT_INIT(1),
    .id = 1,
    .name = "",
    .sibling = LIST_HEAD_INIT(cgrp_root.sibling),
    .children = LIST_HEAD_INIT(cgrp_root.children),
    .css_mask = ALL_CONTROLLERS,
    .dom_cgrp = &cgrp_root,
    .max_depth = INT32_MAX,
    .max_descendants = INT32_MAX,
    .tasks = LIST_HEAD_INIT(cgrp_root.tasks),
    .dying = LIST_HEAD_INIT(cgrp_root.dying),
    .prev_cputime = {.lock = __SPIN_LOCK_UNLOCKED(cgrp_root.prev_cputime.lock)},
    .poll_wait = __WAIT_QUEUE_HEAD_INITIALIZER(cgrp_root.poll_wait),
    .notify_entry = LIST_HEAD_INIT(cgrp_root.notify_entry),
};

const struct cgroup_subsys *const cgroup_subsys[NR_CGROUP_SUBSYS] = {
    [CPUSET_CGRP] = &cpuset_cgrp_subsys,
    [CPU_CGRP] = &cpu_cgrp_subsys,
    [PIDS_CGRP] = &pids_cgrp_subsys,
};

struct cgroup *cgroup_next_descendant(struct cgroup *pos, struct cgroup *root)
{
	if (!list_empty(&pos->children))
		return list_first_entry(&pos->children, struct cgroup, sibling);
	for (; pos != root; pos = pos->parent)
		if (!list_is_last(&pos->sibling, &pos->parent->children))
			return list_next_entry(pos, sibling);
	return NULL;
}

bool cgroup_is_descendant(struct cgroup *cgrp, struct cgroup *ancestor)
{
	while (cgrp && cgrp->level > ancestor->level)
		cgrp = cgrp->parent;
	return cgrp == ancestor;
}

struct cgroup *cgroup_by_name(struct cgroup *parent, const char *name, unsigned int len)
{
	struct cgroup *c;

	lockdep_assert_held(&cgroup_mutex);
	cgroup_for_each_child (c, parent)
		if (strlen(c->name) == len && !memcmp(c->name, name, len))
			return c;
	return NULL;
}

bool cgroup_is_populated(struct cgroup *cgrp)
{
	return cgrp->nr_tasks || cgrp->nr_populated_domain_children ||
	       cgrp->nr_populated_threaded_children;
}

void cgroup_update_populated(struct cgroup *cgrp, bool populated)
{
	int delta = populated ? 1 : -1;

	lockdep_assert_held(&css_set_lock);
	for (;;) {
		struct cgroup *parent = cgrp->parent;
		bool was;

		cgroup_file_notify(cgrp, cgroup_events_show);
		if (!parent)
			return;
		was = cgroup_is_populated(parent);
		if (cgroup_is_threaded(cgrp))
			parent->nr_populated_threaded_children += delta;
		else
			parent->nr_populated_domain_children += delta;
		if (cgroup_is_populated(parent) == was)
			return;
		cgrp = parent;
	}
}

static void free_css(struct cgroup *cgrp)
{
	int id;

	for (id = 0; id < NR_CGROUP_SUBSYS; id++)
		if (cgrp->subsys[id])
			cgroup_subsys[id]->css_free(cgrp->subsys[id]);
}

static void free_cgroup(struct cgroup *cgrp)
{
	free_css(cgrp);
	psi_group_free(cgrp->psi);
	kfree(cgrp->nodes);
	kfree(cgrp->name);
	kfree(cgrp);
}

/* Those that found the cgroup through a task under RCU may still look at it, and its css's. */
static void free_cgroup_work(struct work_struct *work)
{
	struct cgroup *cgrp = container_of(work, struct cgroup, free_work), *parent = cgrp->parent;
	struct cgroup *p;

	spin_lock_irq(&css_set_lock);
	cgroup_cputime_fold(cgrp);
	for (p = parent; p; p = p->parent)
		p->nr_dying_descendants--;
	spin_unlock_irq(&css_set_lock);
	synchronize_rcu();
	free_cgroup(cgrp);
	cgroup_put(parent);
}

void cgroup_put(struct cgroup *cgrp)
{
	if (cgrp->parent && refcount_dec_and_test(&cgrp->ref))
		schedule_work(&cgrp->free_work);
}

/* A css of controller id for cgrp, unless one is hidden there. 0 or an errno. */
static int make_css(struct cgroup *cgrp, int id)
{
	struct cgroup_subsys_state *css = cgrp->subsys[id], *parent;

	if (css)
		return 0;
	parent = cgrp->parent ? cgrp->parent->subsys[id] : NULL;
	css = cgroup_subsys[id]->css_alloc(parent);
	if (IS_ERR(css))
		return PTR_ERR(css);
	css->cgroup = cgrp;
	css->parent = parent;
	WRITE_ONCE(cgrp->subsys[id], css);
	return 0;
}

/* Below parent by the limits that its ancestors set? */
static bool may_have_child(struct cgroup *parent)
{
	int depth = 1;

	for (; parent; parent = parent->parent, depth++)
		if (parent->nr_descendants >= parent->max_descendants || depth > parent->max_depth)
			return false;
	return true;
}

static u64 next_id = 1 + CGROUP_ID_STEP; /* cgroup_mutex; the root's is 1 */

static struct cgroup *alloc_cgroup(struct cgroup *parent, const char *name, umode_t mode)
{
	struct cgroup *cgrp = kzalloc(sizeof(*cgrp), GFP_KERNEL);

	if (!cgrp)
		return NULL;
	refcount_set(&cgrp->ref, 1);
	cgrp->parent = parent;
	cgrp->level = parent->level + 1;
	cgrp->id = next_id;
	next_id += CGROUP_ID_STEP;
	cgrp->css_mask = parent->subtree_control;
	cgrp->dom_cgrp = cgrp;
	cgrp->max_depth = cgrp->max_descendants = INT32_MAX;
	INIT_LIST_HEAD(&cgrp->sibling);
	INIT_LIST_HEAD(&cgrp->children);
	INIT_LIST_HEAD(&cgrp->tasks);
	INIT_LIST_HEAD(&cgrp->dying);
	INIT_LIST_HEAD(&cgrp->notify_entry);
	init_waitqueue_head(&cgrp->poll_wait);
	prev_cputime_init(&cgrp->prev_cputime);
	INIT_WORK(&cgrp->free_work, free_cgroup_work);
	cgrp->name = kstrdup(name, GFP_KERNEL);
	cgrp->psi = psi_group_create(parent->psi);
	if (IS_ERR(cgrp->psi))
		cgrp->psi = NULL;
	if (!cgrp->name || (psi_on && !cgrp->psi) || cgroup_make_nodes(cgrp, mode)) {
		free_cgroup(cgrp);
		return NULL;
	}
	return cgrp;
}

static void link_cgroup(struct cgroup *cgrp)
{
	struct cgroup *parent = cgrp->parent, *p;

	cgroup_get(parent);
	spin_lock_irq(&css_set_lock);
	list_add_tail(&cgrp->sibling, &parent->children);
	parent->nr_children++;
	/* Empty, it stands as still as its parent is told to. */
	cgrp->e_freeze = parent->e_freeze;
	if (cgrp->e_freeze) {
		cgrp->flags |= CGRP_FROZEN;
		parent->nr_frozen_children++;
	}
	spin_unlock_irq(&css_set_lock);
	for (p = parent; p; p = p->parent)
		p->nr_descendants++;
}

/*
 * mkdir(2): a cgroup called name below parent, its directory of that mode. The caller's reference
 * is that of the tree. ERR_PTR: -EAGAIN at a limit, -ENODEV (parent was removed), -ENOMEM.
 */
struct cgroup *cgroup_create(struct cgroup *parent, const char *name, umode_t mode)
{
	struct cgroup *cgrp;
	int id, err;

	lockdep_assert_held(&cgroup_mutex);
	if (cgroup_is_dead(parent))
		return ERR_PTR(-ENODEV);
	if (!may_have_child(parent))
		return ERR_PTR(-EAGAIN);
	cgrp = alloc_cgroup(parent, name, mode);
	if (!cgrp)
		return ERR_PTR(-ENOMEM);
	for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
		err = cgrp->css_mask & (1u << id) ? make_css(cgrp, id) : 0;
		if (err) {
			free_cgroup(cgrp);
			return ERR_PTR(err);
		}
	}
	link_cgroup(cgrp);
	for (id = 0; id < NR_CGROUP_SUBSYS; id++)
		if (cgroup_css(cgrp, id) && cgroup_subsys[id]->css_online)
			cgroup_subsys[id]->css_online(cgrp->subsys[id]);
	return cgrp;
}

/* rmdir(2): 0, -EBUSY while there are tasks or children, -ENODEV when it is gone already. */
int cgroup_destroy(struct cgroup *cgrp)
{
	struct cgroup *parent = cgrp->parent, *p;
	int id;

	lockdep_assert_held(&cgroup_mutex);
	if (cgroup_is_dead(cgrp))
		return -ENODEV;
	if (!list_empty(&cgrp->children))
		return -EBUSY;
	spin_lock_irq(&css_set_lock);
	if (cgroup_is_populated(cgrp)) {
		spin_unlock_irq(&css_set_lock);
		return -EBUSY;
	}
	cgrp->flags |= CGRP_DEAD;
	list_del_init(&cgrp->sibling);
	parent->nr_children--;
	if (cgrp->flags & CGRP_FROZEN)
		parent->nr_frozen_children--;
	cgroup_update_frozen(parent);
	cgroup_cputime_fold(cgrp);
	for (p = parent; p; p = p->parent)
		p->nr_dying_descendants++;
	spin_unlock_irq(&css_set_lock);
	for (p = parent; p; p = p->parent)
		p->nr_descendants--;
	if (cgroup_is_threaded(cgrp))
		parent->nr_threaded_children--;
	for (id = 0; id < NR_CGROUP_SUBSYS; id++)
		if (cgrp->subsys[id] && cgroup_subsys[id]->css_offline)
			cgroup_subsys[id]->css_offline(cgrp->subsys[id]);
	wake_up_all(&cgrp->poll_wait);
	return 0;
}

/* The tasks of root and below now have another css of each controller of the mask. */
static void attach_subtree(struct task_batch *batch, unsigned int mask)
{
	unsigned int i;
	int id;

	for (i = 0; i < batch->n; i++) {
		for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
			struct task_struct *p = batch->task[i];

			if ((mask & (1u << id)) && cgroup_subsys[id]->attach)
				cgroup_subsys[id]->attach(cgroup_e_css(p->cgroup, id), p);
		}
	}
}

/* Every child of cgrp has the css's of mask, hidden as yet. 0 or an errno. */
static int make_children_css(struct cgroup *cgrp, unsigned int mask)
{
	struct cgroup *c;
	int id, err;

	cgroup_for_each_child (c, cgrp) {
		for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
			err = mask & (1u << id) ? make_css(c, id) : 0;
			if (err)
				return err;
		}
	}
	return 0;
}

static void switch_child(struct cgroup *child, unsigned int enable, unsigned int disable)
{
	int id;

	WRITE_ONCE(child->css_mask, (child->css_mask | enable) & ~disable);
	for (id = 0; id < NR_CGROUP_SUBSYS; id++)
		if ((enable & (1u << id)) && cgroup_subsys[id]->css_online)
			cgroup_subsys[id]->css_online(child->subsys[id]);
}

/*
 * cgroup.subtree_control: the children of cgrp get the controllers `enable`, lose `disable`. Tasks
 * below go over to the css's that bind them then. Both were checked. 0 or -ENOMEM, nothing done.
 */
int cgroup_change_control(struct cgroup *cgrp, unsigned int enable, unsigned int disable)
{
	struct task_batch batch;
	struct cgroup *c;
	int id, err;

	lockdep_assert_held(&cgroup_mutex);
	err = make_children_css(cgrp, enable);
	if (err)
		return err;
	cgroup_threadgroup_write_lock();
	err = cgroup_collect_tasks(cgrp, &batch);
	if (!err) {
		cgrp->subtree_control = (cgrp->subtree_control | enable) & ~disable;
		cgroup_for_each_child (c, cgrp)
			switch_child(c, enable, disable);
		attach_subtree(&batch, enable | disable);
		cgroup_drop_tasks(&batch);
	}
	cgroup_threadgroup_write_unlock();
	if (err)
		return err;
	/* Now that they bind nobody. A partition that goes gives its CPUs to other tasks. */
	cgroup_for_each_child (c, cgrp)
		for (id = 0; id < NR_CGROUP_SUBSYS; id++)
			if ((disable & (1u << id)) && cgroup_subsys[id]->css_reset)
				cgroup_subsys[id]->css_reset(c->subsys[id]);
	return 0;
}

void __init cgroup_init(void)
{
	int id;

	if (cgroup_make_nodes(&cgrp_root, 0555))
		panic("no memory for the root cgroup");
	for (id = 0; id < NR_CGROUP_SUBSYS; id++)
		if (make_css(&cgrp_root, id))
			panic("no memory for the controller %s", cgroup_subsys[id]->name);
}
