/* SPDX-License-Identifier: MIT */
/*
 * The cpuset controller: which CPUs and memory nodes tasks may use, and partitions of the CPUs
 * with load balancing of their own (root) or none (isolated). cgroups(7).
 *
 * All of it is computed anew from the top down when anything changes, each cpuset from its
 * parent's result: a parent first gives CPUs away to its children that are partitions, who must
 * qualify; what is left it shares with the others. Masks are of possible CPUs, so a CPU that
 * comes back is used again; whether a mask will do is judged by the active ones.
 *
 * Masks and states change under cgroup_mutex. A mask is one word, so a reader without the mutex
 * sees the old or the new one.
 */
#include <jiffy/bitops.h>
#include <jiffy/sched.h>
#include <jiffy/sched_group.h>
#include <jiffy/string.h>

#include "internal.h"

enum partition { PRS_MEMBER, PRS_ROOT, PRS_ISOLATED };

struct cpuset {
	struct cgroup_subsys_state css;
	cpumask_t cpus;		/* as written; empty: the parent's */
	cpumask_t pool;		/* what the parent lets it have */
	cpumask_t allowed;	/* the pool less what its own partitions took: its tasks' */
	cpumask_t old;		/* allowed before a change under way */
	cpumask_t effective;	/* of the allowed ones those that were active after the last */
	u64 mems, mems_allowed; /* a bit a node; as written, and in effect */
	enum partition wanted;
	const char *invalid; /* why wanted is not in effect; NULL: it is */
};

_Static_assert(sizeof(cpumask_t) == sizeof(long), "read without a lock");

static struct cpuset *cpuset_of(const struct cgroup *cgrp)
{
	return (struct cpuset *)cgroup_css(cgrp, CPUSET_CGRP);
}

static struct cpuset *root_cpuset(void)
{
	return (struct cpuset *)cgrp_root.subsys[CPUSET_CGRP];
}

/* In effect: the root of the tree, and valid partitions. */
static bool is_partition(const struct cpuset *cs)
{
	return !cs->css.parent || (cs->wanted != PRS_MEMBER && !cs->invalid);
}

/* Would tasks be without CPUs if cs kept none for itself? */
static bool needs_cpus(struct cpuset *cs)
{
	struct cgroup *c, *top = cs->css.cgroup;

	if (!top->parent)
		return true;
	cgroup_for_each_descendant (c, top) {
		struct cpuset *of = (struct cpuset *)cgroup_e_css(c, CPUSET_CGRP);

		if (of == cs && READ_ONCE(c->nr_tasks))
			return true;
		/* A member child lives on what its parent keeps. */
		if (of->css.parent == &cs->css && of->wanted == PRS_MEMBER && c->parent == top &&
		    cgroup_is_populated(c))
			return true;
	}
	return false;
}

/* Does another child of the same parent ask for one of cs's CPUs? */
static bool overlaps_sibling(struct cpuset *cs)
{
	struct cgroup *c, *me = cs->css.cgroup;

	cgroup_for_each_child (c, me->parent) {
		struct cpuset *other = cpuset_of(c);

		if (other && other != cs && cpumask_intersects(&other->cpus, &cs->cpus))
			return true;
	}
	return false;
}

/* Why cs cannot be a partition that takes CPUs out of `left`; NULL: it can. */
static const char *why_not(struct cpuset *cs, struct cpuset *parent, const cpumask_t *left)
{
	cpumask_t take, rest;

	if (!is_partition(parent))
		return "the parent is not a partition root";
	if (cpumask_empty(&cs->cpus))
		return "cpuset.cpus is empty";
	if (overlaps_sibling(cs))
		return "cpuset.cpus overlaps that of a sibling";
	/* Nothing balances those, whatever the partition says. */
	if (cs->wanted == PRS_ROOT && cpumask_intersects(&cs->cpus, cpu_isolated_mask))
		return "CPUs of cpuset.cpus were isolated at boot";
	cpumask_and(&take, &cs->cpus, left);
	if (!cpumask_intersects(&take, cpu_active_mask))
		return "no CPU of cpuset.cpus is available";
	cpumask_andnot(&rest, left, &take);
	if (!cpumask_intersects(&rest, cpu_active_mask) && needs_cpus(parent))
		return "the parent would have no CPU left";
	return NULL;
}

/* cs's pool is known: what its children get, and what it keeps. */
static void distribute(struct cpuset *cs)
{
	struct cgroup *c;
	cpumask_t left;

	cpumask_copy(&left, &cs->pool);
	cgroup_for_each_child (c, cs->css.cgroup) {
		struct cpuset *child = cpuset_of(c);
		const char *why;

		if (!child || child->wanted == PRS_MEMBER)
			continue;
		why = why_not(child, cs, &left);
		if (!why != !child->invalid)
			cgroup_file_notify(c, cpuset_partition_show);
		child->invalid = why;
		if (why)
			continue;
		cpumask_and(&child->pool, &child->cpus, &left);
		cpumask_andnot(&left, &left, &child->pool);
	}
	cpumask_copy(&cs->allowed, &left);
	cgroup_for_each_child (c, cs->css.cgroup) {
		struct cpuset *child = cpuset_of(c);

		if (!child || (child->wanted != PRS_MEMBER && !child->invalid))
			continue;
		cpumask_and(&child->pool, &child->cpus, &left);
		if (!cpumask_intersects(&child->pool, cpu_active_mask))
			cpumask_copy(&child->pool, &left);
	}
}

static void distribute_nodes(struct cpuset *cs)
{
	struct cgroup *c;

	cgroup_for_each_child (c, cs->css.cgroup) {
		struct cpuset *child = cpuset_of(c);

		if (!child)
			continue;
		child->mems_allowed = child->mems & cs->mems_allowed;
		if (!child->mems_allowed)
			child->mems_allowed = cs->mems_allowed;
	}
}

static void bind_task(struct cpuset *cs, struct task_struct *p)
{
	p->mems_allowed = cs->mems_allowed;
	/* A CPU's own threads stay; a task that no CPU would be left for is where it was. */
	if (!(p->flags & PF_NO_SETAFFINITY))
		set_cpuset_cpus(p, &cs->allowed);
}

/* All tasks that cs binds follow it. [threadgroup for writing] */
static void bind_tasks(struct cpuset *cs)
{
	struct task_batch batch;
	unsigned int i;

	/* Without memory for the list they keep their CPUs until the next change. */
	if (cgroup_collect_tasks(cs->css.cgroup, &batch))
		return;
	for (i = 0; i < batch.n; i++)
		if (cgroup_e_css(batch.task[i]->cgroup, CPUSET_CGRP) == &cs->css)
			bind_task(cs, batch.task[i]);
	cgroup_drop_tasks(&batch);
}

/* Each valid partition balances by itself, isolated CPUs not at all. */
static void rebuild_domains(void)
{
	static int part[NR_CPUS];
	int cpu, n = 0;
	struct cgroup *c;

	memset(part, 0, sizeof(part));
	cgroup_for_each_descendant (c, &cgrp_root) {
		struct cpuset *cs = cpuset_of(c);

		if (!cs || !c->parent || !is_partition(cs))
			continue;
		n++;
		for_each_cpu (cpu, &cs->allowed)
			part[cpu] = cs->wanted == PRS_ISOLATED ? -1 : n;
	}
	sched_set_partitions(part);
}

/*
 * Must cs's tasks be told of their CPUs anew? Those of the root keep theirs when a CPU merely goes
 * or comes; others, that had to leave what they had asked for, go back.
 */
static bool has_changed(struct cpuset *cs)
{
	cpumask_t effective;
	bool same;

	cpumask_and(&effective, &cs->allowed, cpu_active_mask);
	same = !cs->css.parent || cpumask_equal(&effective, &cs->effective);
	cpumask_copy(&cs->effective, &effective);
	return !same || !cpumask_equal(&cs->old, &cs->allowed);
}

/* Everything anew, after a change of anything. Tasks move only where their CPUs changed. */
static void update_cpusets(void)
{
	struct cpuset *root = root_cpuset();
	struct cgroup *c;

	lockdep_assert_held(&cgroup_mutex);
	cpumask_copy(&root->pool, cpu_possible_mask);
	root->mems_allowed = (1ULL << nr_online_nodes) - 1;
	cgroup_for_each_descendant (c, &cgrp_root) {
		struct cpuset *cs = cpuset_of(c);

		if (!cs)
			continue;
		cpumask_copy(&cs->old, &cs->allowed);
		distribute(cs);
		distribute_nodes(cs);
	}
	rebuild_domains();
	cgroup_threadgroup_write_lock();
	cgroup_for_each_descendant (c, &cgrp_root) {
		struct cpuset *cs = cpuset_of(c);

		if (cs && has_changed(cs))
			bind_tasks(cs);
	}
	cgroup_threadgroup_write_unlock();
}

void cpuset_update_active_cpus(void)
{
	mutex_lock(&cgroup_mutex);
	update_cpusets();
	mutex_unlock(&cgroup_mutex);
}

void cpuset_cpus_allowed(struct task_struct *p, cpumask_t *mask)
{
	rcu_read_lock();
	*mask = ((struct cpuset *)cgroup_e_css(rcu_dereference(p->cgroup), CPUSET_CGRP))->allowed;
	rcu_read_unlock();
}

static struct cgroup_subsys_state *cpuset_css_alloc(struct cgroup_subsys_state *parent)
{
	struct cpuset *cs = kzalloc(sizeof(*cs), GFP_KERNEL), *up = (struct cpuset *)parent;

	if (!cs)
		return ERR_PTR(-ENOMEM);
	cpumask_copy(&cs->pool, up ? &up->allowed : cpu_possible_mask);
	cpumask_copy(&cs->allowed, &cs->pool);
	cpumask_and(&cs->effective, &cs->allowed, cpu_active_mask);
	cs->mems_allowed = up ? up->mems_allowed : (1ULL << nr_online_nodes) - 1;
	return &cs->css;
}

/* Shown for the first time, or again: as its parent is by now. */
static void cpuset_css_online(struct cgroup_subsys_state *css)
{
	struct cpuset *cs = (struct cpuset *)css, *up = (struct cpuset *)css->parent;

	cpumask_copy(&cs->pool, &up->allowed);
	cpumask_copy(&cs->allowed, &cs->pool);
	cpumask_and(&cs->effective, &cs->allowed, cpu_active_mask);
	cs->mems_allowed = up->mems_allowed;
}

static void clear_cpuset(struct cpuset *cs)
{
	cpumask_clear(&cs->cpus);
	cs->mems = 0;
	cs->wanted = PRS_MEMBER;
	cs->invalid = NULL;
}

/* A partition that goes gives its CPUs back. */
static void cpuset_css_offline(struct cgroup_subsys_state *css)
{
	struct cpuset *cs = (struct cpuset *)css;
	bool gave = cs->wanted != PRS_MEMBER || !cpumask_empty(&cs->cpus);

	clear_cpuset(cs);
	if (gave)
		update_cpusets();
}

static void cpuset_css_free(struct cgroup_subsys_state *css)
{
	kfree(css);
}

static int cpuset_can_attach(struct cgroup_subsys_state *css, struct task_struct *p)
{
	struct cpuset *cs = (struct cpuset *)css;

	if (!cpumask_intersects(&cs->allowed, cpu_active_mask))
		return -ENOSPC;
	return p->flags & PF_NO_SETAFFINITY ? -EINVAL : sched_dl_can_move(p, &cs->allowed);
}

static void cpuset_attach(struct cgroup_subsys_state *css, struct task_struct *p)
{
	bind_task((struct cpuset *)css, p);
}

const struct cgroup_subsys cpuset_cgrp_subsys = {
    .name = "cpuset",
    .css_alloc = cpuset_css_alloc,
    .css_online = cpuset_css_online,
    .css_offline = cpuset_css_offline,
    .css_reset = cpuset_css_offline,
    .css_free = cpuset_css_free,
    .can_attach = cpuset_can_attach,
    .attach = cpuset_attach,
};

static void show_cpus(struct seq_file *m, const cpumask_t *mask)
{
	seq_bitmap_list(m, cpumask_bits(mask), nr_cpu_ids);
}

static void show_nodes(struct seq_file *m, u64 nodes)
{
	unsigned long bits[1] = {nodes};

	seq_bitmap_list(m, bits, 64);
}

int cpuset_cpus_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_cpus(m, &cpuset_of(cgrp)->cpus);
	return 0;
}

/*
 * May cs have these CPUs in place of those it has? Tasks need some. A partition, whose CPUs stand for
 * what its deadline tasks were promised, must keep as many as that takes: of the new ones it would
 * have those that it has or its parent keeps, less those of its own partitions.
 */
static int may_become(struct cpuset *cs, const cpumask_t *cpus)
{
	struct cgroup *c;
	cpumask_t left;

	if (cpumask_empty(cpus) && !cpumask_empty(&cs->cpus) && cgroup_is_populated(cs->css.cgroup))
		return -ENOSPC;
	if (!is_partition(cs))
		return 0;
	cpumask_or(&left, &cs->pool, &((struct cpuset *)cs->css.parent)->allowed);
	cpumask_and(&left, &left, cpus);
	cgroup_for_each_child (c, cs->css.cgroup) {
		struct cpuset *child = cpuset_of(c);

		if (child && is_partition(child))
			cpumask_andnot(&left, &left, &child->pool);
	}
	return sched_dl_shrink(&cs->allowed, &left, cs->wanted == PRS_ISOLATED);
}

int cpuset_cpus_write(struct cgroup_open *of, char *text)
{
	struct cpuset *cs = cpuset_of(of->cgrp);
	cpumask_t cpus;
	int err = bitmap_parse_list(text, cpumask_bits(&cpus), NR_CPUS);

	if (err)
		return err;
	if (!cpumask_subset(&cpus, cpu_possible_mask))
		return -EINVAL;
	err = may_become(cs, &cpus);
	if (err)
		return err;
	cpumask_copy(&cs->cpus, &cpus);
	update_cpusets();
	return 0;
}

int cpuset_cpus_effective_show(struct seq_file *m, struct cgroup *cgrp)
{
	cpumask_t effective;

	cpumask_and(&effective, &cpuset_of(cgrp)->allowed, cpu_active_mask);
	show_cpus(m, &effective);
	return 0;
}

int cpuset_mems_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_nodes(m, cpuset_of(cgrp)->mems);
	return 0;
}

int cpuset_mems_write(struct cgroup_open *of, char *text)
{
	struct cpuset *cs = cpuset_of(of->cgrp);
	unsigned long bits[1];
	struct cgroup *c;
	int err = bitmap_parse_list(text, bits, 64);

	if (err)
		return err;
	if (bits[0] & ~root_cpuset()->mems_allowed)
		return -EINVAL;
	cs->mems = bits[0];
	update_cpusets();
	cgroup_threadgroup_write_lock();
	cgroup_for_each_descendant (c, of->cgrp)
		if (cpuset_of(c))
			bind_tasks(cpuset_of(c));
	cgroup_threadgroup_write_unlock();
	return 0;
}

int cpuset_mems_effective_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_nodes(m, cpuset_of(cgrp)->mems_allowed);
	return 0;
}

int cpuset_partition_show(struct seq_file *m, struct cgroup *cgrp)
{
	static const char *const names[] = {"member", "root", "isolated"};
	struct cpuset *cs = cpuset_of(cgrp);

	seq_puts(m, names[cs->wanted]);
	if (cs->wanted != PRS_MEMBER && cs->invalid)
		seq_printf(m, " invalid (%s)", cs->invalid);
	seq_putc(m, '\n');
	return 0;
}

int cpuset_partition_write(struct cgroup_open *of, char *text)
{
	struct cpuset *cs = cpuset_of(of->cgrp);

	if (!strcmp(text, "member"))
		cs->wanted = PRS_MEMBER;
	else if (!strcmp(text, "root"))
		cs->wanted = PRS_ROOT;
	else if (!strcmp(text, "isolated"))
		cs->wanted = PRS_ISOLATED;
	else
		return -EINVAL;
	cs->invalid = NULL;
	update_cpusets();
	return 0;
}

int cpuset_isolated_show(struct seq_file *m, struct cgroup *cgrp)
{
	struct cgroup *c;
	cpumask_t isolated;

	cpumask_copy(&isolated, cpu_isolated_mask);
	cgroup_for_each_descendant (c, &cgrp_root) {
		struct cpuset *cs = cpuset_of(c);

		if (cs && cs->wanted == PRS_ISOLATED && !cs->invalid)
			cpumask_or(&isolated, &isolated, &cs->allowed);
	}
	show_cpus(m, &isolated);
	return 0;
}
