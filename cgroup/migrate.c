/* SPDX-License-Identifier: MIT */
/*
 * Moving processes and threads between cgroups: writes to cgroup.procs and cgroup.threads.
 * cgroups(7). Task context, cgroup_mutex held.
 */
#include <jiffy/cred.h>
#include <jiffy/pid.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>

#include "internal.h"

static struct cgroup *common_ancestor(struct cgroup *a, struct cgroup *b)
{
	while (!cgroup_is_descendant(b, a))
		a = a->parent;
	return a;
}

/* Who may write cgroup.procs of the nearest common ancestor may move tasks between its parts. */
static int may_write_procs(struct cgroup *cgrp, struct super_block *sb)
{
	struct inode *inode = cgroup_get_inode(sb, cgroup_node_by_show(cgrp, cgroup_procs_show));
	int err = inode ? inode_permission(inode, MAY_WRITE) : -ENOMEM;

	iput(inode);
	return err;
}

int cgroup_attach_permissions(struct cgroup *src, struct cgroup *dst, struct super_block *sb,
			      struct cgroup_namespace *ns, bool whole)
{
	int err;

	lockdep_assert_held(&cgroup_mutex);
	err = may_write_procs(common_ancestor(src, dst), sb);
	if (err)
		return err;
	/* A namespace is a border for those inside it. */
	if (cgroup_nsdelegate && (!cgroup_is_descendant(src, ns->root_cgrp) ||
				  !cgroup_is_descendant(dst, ns->root_cgrp)))
		return -ENOENT;
	err = cgroup_vet_destination(dst);
	if (!err && !whole && src->dom_cgrp != dst->dom_cgrp)
		err = -EOPNOTSUPP;
	return err;
}

/* The threads to move, referenced. [threadgroup for writing] 0 or -ENOMEM. */
static int collect_threads(struct task_struct *p, bool whole, struct task_batch *batch)
{
	unsigned int max = whole ? READ_ONCE(p->signal->nr_threads) : 1;
	struct task_struct *t;

	batch->n = 0;
	batch->task = kvmalloc_array(max + 1, sizeof(*batch->task), GFP_KERNEL);
	if (!batch->task)
		return -ENOMEM;
	rcu_read_lock();
	spin_lock_irq(&css_set_lock);
	for_each_thread (p, t) {
		if ((!whole && t != p) || batch->n == max)
			continue;
		/* One that has left its cgroup's tasks by cgroup_exit() stays where it was. */
		if (list_empty(&t->cg_list) || (t->flags & PF_EXITING))
			continue;
		get_task_struct(t);
		batch->task[batch->n++] = t;
	}
	spin_unlock_irq(&css_set_lock);
	rcu_read_unlock();
	return 0;
}

/* p, whose cgroup is src, becomes one of dst's; false: it has exited meanwhile. css_set_lock. */
static bool move_member(struct task_struct *p, struct cgroup *src, struct cgroup *dst)
{
	lockdep_assert_held(&css_set_lock);
	if (list_empty(&p->cg_list) || (p->flags & PF_EXITING))
		return false;
	cgroup_cputime_leave(p, src);
	cgroup_get(dst);
	rcu_assign_pointer(p->cgroup, dst);
	list_move_tail(&p->cg_list, &dst->tasks);
	if (!dst->nr_tasks++ && !dst->nr_populated_domain_children &&
	    !dst->nr_populated_threaded_children)
		cgroup_update_populated(dst, true);
	if (!--src->nr_tasks && !src->nr_populated_domain_children &&
	    !src->nr_populated_threaded_children)
		cgroup_update_populated(src, false);
	cgroup_cputime_enter(p);
	if (!(p->flags & PF_KTHREAD))
		cgroup_freezer_enter(p, src);
	cgroup_update_frozen(src);
	cgroup_update_frozen(dst);
	pids_move(src, dst);
	return true;
}

static void migrate_one(struct task_struct *p, struct cgroup *dst)
{
	struct cgroup *src = p->cgroup;
	bool moved;
	int id;

	if (src == dst)
		return;
	spin_lock_irq(&css_set_lock);
	moved = move_member(p, src, dst);
	spin_unlock_irq(&css_set_lock);
	if (!moved)
		return;
	psi_move_task(p, dst->psi);
	for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
		struct cgroup_subsys_state *css = cgroup_e_css(dst, id);

		if (css != cgroup_e_css(src, id) && cgroup_subsys[id]->attach)
			cgroup_subsys[id]->attach(css, p);
	}
	cgroup_put(src);
}

static int can_attach(struct task_batch *batch, struct cgroup *dst)
{
	unsigned int i;
	int id, err = 0;

	for (i = 0; i < batch->n && !err; i++) {
		struct task_struct *p = batch->task[i];

		for (id = 0; id < NR_CGROUP_SUBSYS && !err; id++) {
			struct cgroup_subsys_state *css = cgroup_e_css(dst, id);

			if (css != cgroup_e_css(p->cgroup, id) && cgroup_subsys[id]->can_attach)
				err = cgroup_subsys[id]->can_attach(css, p);
		}
	}
	return err;
}

/* p, referenced, goes to dst, with the rest of its process when whole. */
static int attach_task(struct cgroup_open *of, struct task_struct *p, bool whole)
{
	const struct cred *saved;
	struct task_batch batch;
	unsigned int i;
	int err;

	cgroup_threadgroup_write_lock();
	/* The rights are those of who opened the file, not of who was talked into writing it. */
	saved = override_creds(of->file->f_cred);
	err = cgroup_attach_permissions(p->cgroup, of->cgrp, file_dentry(of->file)->d_sb, of->ns,
					whole);
	revert_creds(saved);
	if (!err)
		err = collect_threads(p, whole, &batch);
	if (!err) {
		err = can_attach(&batch, of->cgrp);
		for (i = 0; i < batch.n && !err; i++)
			migrate_one(batch.task[i], of->cgrp);
		cgroup_drop_tasks(&batch);
	}
	cgroup_threadgroup_write_unlock();
	return err;
}

static int write_pid(struct cgroup_open *of, const char *text, bool whole)
{
	struct task_struct *p;
	int pid, err;

	if (kstrtoint(text, 0, &pid) || pid < 0)
		return -EINVAL;
	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (p && whole)
		p = p->group_leader;
	if (p)
		get_task_struct(p);
	rcu_read_unlock();
	if (!p)
		return -ESRCH;
	/* Threads bound to a CPU, and the one that makes the others, are the kernel's own. */
	if ((p->flags & PF_KTHREAD) && ((p->flags & PF_NO_SETAFFINITY) || p->pid == 2))
		err = -EINVAL;
	else
		err = attach_task(of, p, whole);
	put_task_struct(p);
	return err;
}

int cgroup_procs_write(struct cgroup_open *of, char *text)
{
	return write_pid(of, text, true);
}

int cgroup_threads_write(struct cgroup_open *of, char *text)
{
	return write_pid(of, text, false);
}
