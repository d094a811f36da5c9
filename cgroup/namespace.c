/* SPDX-License-Identifier: MIT */
/*
 * Cgroup namespaces: the cgroup that its makers were in is the root of all paths that its members
 * see. cgroup_namespaces(7). And what /proc shows of cgroups. Task context.
 */
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/string.h>

#include "internal.h"

struct cgroup_namespace init_cgroup_ns = {
    .ns = {.count = REFCOUNT_INIT(2), .inum = PROC_CGROUP_INIT_INO, .ops = &cgroupns_operations},
    .user_ns = &init_user_ns,
    .root_cgrp = &cgrp_root,
};

static struct cgroup_namespace *hold(struct cgroup_namespace *ns)
{
	refcount_inc(&ns->ns.count);
	return ns;
}

void put_cgroup_ns(struct cgroup_namespace *ns)
{
	if (refcount_dec_and_test(&ns->ns.count)) {
		cgroup_put(ns->root_cgrp);
		put_user_ns(ns->user_ns);
		kfree(ns);
	}
}

struct cgroup_namespace *copy_cgroup_ns(unsigned long flags, struct user_namespace *user_ns,
					struct cgroup_namespace *old)
{
	struct cgroup_namespace *ns;

	if (!(flags & CLONE_NEWCGROUP))
		return hold(old);
	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ns->ns.count, 1);
	ns->ns.inum = ns_alloc_inum();
	ns->ns.ops = old->ns.ops;
	ns->user_ns = get_user_ns(user_ns);
	spin_lock_irq(&css_set_lock);
	ns->root_cgrp = current->cgroup;
	cgroup_get(ns->root_cgrp);
	spin_unlock_irq(&css_set_lock);
	return ns;
}

static struct ns_common *cgroupns_get(struct task_struct *task)
{
	struct cgroup_namespace *ns = NULL;

	task_lock(task);
	if (task->nsproxy)
		ns = hold(task->nsproxy->cgroup_ns);
	task_unlock(task);
	return ns ? &ns->ns : NULL;
}

static void cgroupns_put(struct ns_common *ns)
{
	put_cgroup_ns(container_of(ns, struct cgroup_namespace, ns));
}

static struct user_namespace *cgroupns_owner(struct ns_common *ns)
{
	return container_of(ns, struct cgroup_namespace, ns)->user_ns;
}

static int cgroupns_install(struct nsset *set, struct ns_common *common)
{
	struct cgroup_namespace *ns = container_of(common, struct cgroup_namespace, ns);

	if (!ns_capable(ns->user_ns, CAP_SYS_ADMIN) ||
	    !cred_ns_capable(set->cred, set->cred->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	hold(ns);
	put_cgroup_ns(set->nsproxy->cgroup_ns);
	set->nsproxy->cgroup_ns = ns;
	return 0;
}

const struct proc_ns_operations cgroupns_operations = {
    .name = "cgroup",
    .type = CLONE_NEWCGROUP,
    .get = cgroupns_get,
    .put = cgroupns_put,
    .install = cgroupns_install,
    .owner = cgroupns_owner,
};

/* One "/.." for each level that the walk goes up, then "/name" for each down to cgrp. */
static void show_path(struct seq_file *m, struct cgroup *cgrp, struct cgroup *root)
{
	struct cgroup *common = root, *c;
	int level;

	while (!cgroup_is_descendant(cgrp, common)) {
		seq_puts(m, "/..");
		common = common->parent;
	}
	if (common == cgrp) {
		if (common == root)
			seq_putc(m, '/');
		return;
	}
	for (level = common->level + 1; level <= cgrp->level; level++) {
		for (c = cgrp; c->level > level;)
			c = c->parent;
		seq_printf(m, "/%s", c->name);
	}
}

int proc_cgroup_show(struct seq_file *m, struct task_struct *task)
{
	struct cgroup *cgrp;

	/* Names and parents never change; RCU keeps the cgroup, and it its parents. */
	rcu_read_lock();
	cgrp = rcu_dereference(task->cgroup);
	seq_puts(m, "0::");
	show_path(m, cgrp, current->nsproxy->cgroup_ns->root_cgrp);
	seq_puts(m, cgroup_is_dead(cgrp) ? " (deleted)\n" : "\n");
	rcu_read_unlock();
	return 0;
}

/* /proc/cgroups: no controller is in a hierarchy of version 1, so that number is 0. */
static int proc_cgroups_show(struct seq_file *m, void *v)
{
	struct cgroup *c;
	int id;

	seq_puts(m, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	mutex_lock(&cgroup_mutex);
	for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
		int n = 0;

		cgroup_for_each_descendant (c, &cgrp_root)
			n += !!cgroup_css(c, id);
		seq_printf(m, "%s\t0\t%d\t1\n", cgroup_subsys[id]->name, n);
	}
	mutex_unlock(&cgroup_mutex);
	return 0;
}

static int __init cgroup_proc_init(void)
{
	return proc_create_single("cgroups", 0444, NULL, proc_cgroups_show) ? 0 : -ENOMEM;
}
fs_initcall(cgroup_proc_init);
