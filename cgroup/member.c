/* SPDX-License-Identifier: MIT */
/*
 * Who is in which cgroup, along a task's life: it begins where its parent is (or where
 * CLONE_INTO_CGROUP says), leaves when it exits, and is forgotten when it is reaped. Contracts in
 * <jiffy/cgroup.h>. clone(2), cgroups(7).
 */
#include <jiffy/file.h>
#include <jiffy/signal.h>

#include "internal.h"

void cgroup_fork(struct task_struct *p)
{
	p->cgroup = NULL;
	INIT_LIST_HEAD(&p->cg_list);
	p->cg_frozen = false;
	p->jobctl &= ~JOBCTL_TRAP_FREEZE;
}

/* CLONE_INTO_CGROUP: the cgroup of that descriptor, referenced; cgroup_mutex held. ERR_PTR. */
static struct cgroup *cgroup_of_fd(int fd, u64 clone_flags)
{
	struct cgroup *dst;
	struct file *file = fget_raw(fd);
	struct inode *procs;
	int err;

	if (!file)
		return ERR_PTR(-EBADF);
	dst = cgroup_get_from_file(file);
	if (IS_ERR(dst)) {
		fput(file);
		return dst;
	}
	mutex_lock(&cgroup_mutex);
	err = cgroup_is_dead(dst) ? -ENODEV : 0;
	if (!err) {
		procs = cgroup_get_inode(file_dentry(file)->d_sb,
					 cgroup_node_by_show(dst, cgroup_procs_show));
		err = procs ? inode_permission(procs, MAY_WRITE) : -ENOMEM;
		iput(procs);
	}
	if (!err)
		err = cgroup_attach_permissions(current->cgroup, dst, file_dentry(file)->d_sb,
						current->nsproxy->cgroup_ns,
						!(clone_flags & CLONE_THREAD));
	if (err) {
		mutex_unlock(&cgroup_mutex);
		cgroup_put(dst);
		dst = ERR_PTR(err);
	}
	fput(file);
	return dst;
}

int cgroup_can_fork(struct task_struct *p, u64 clone_flags, int cgroup_fd)
{
	struct cgroup *cgrp;
	int id, err;

	if (unlikely(clone_flags & CLONE_INTO_CGROUP)) {
		cgrp = cgroup_of_fd(cgroup_fd, clone_flags);
		if (IS_ERR(cgrp))
			return PTR_ERR(cgrp);
		cgroup_threadgroup_read_lock();
	} else {
		cgroup_threadgroup_read_lock();
		cgrp = current->cgroup;
		cgroup_get(cgrp);
	}
	p->cgroup = cgrp;
	p->psi_group = cgrp->psi;
	err = pids_charge(cgrp);
	for (id = 0; id < NR_CGROUP_SUBSYS && !err && (clone_flags & CLONE_INTO_CGROUP); id++) {
		struct cgroup_subsys_state *css = cgroup_e_css(cgrp, id);

		if (css == cgroup_e_css(current->cgroup, id) || !cgroup_subsys[id]->can_attach)
			continue;
		err = cgroup_subsys[id]->can_attach(css, p);
		if (err)
			pids_uncharge(cgrp);
	}
	if (!err)
		return 0;
	p->cgroup = NULL;
	cgroup_put(cgrp);
	cgroup_threadgroup_read_unlock();
	if (clone_flags & CLONE_INTO_CGROUP)
		mutex_unlock(&cgroup_mutex);
	return err;
}

void cgroup_cancel_fork(struct task_struct *p, u64 clone_flags)
{
	struct cgroup *cgrp = p->cgroup;

	pids_uncharge(cgrp);
	p->cgroup = NULL;
	cgroup_put(cgrp);
	cgroup_threadgroup_read_unlock();
	if (clone_flags & CLONE_INTO_CGROUP)
		mutex_unlock(&cgroup_mutex);
}

void cgroup_post_fork(struct task_struct *p, u64 clone_flags)
{
	struct cgroup *cgrp = p->cgroup;
	int id;

	spin_lock_irq(&css_set_lock);
	list_add_tail(&p->cg_list, &cgrp->tasks);
	cgroup_cputime_enter(p);
	if (!cgrp->nr_tasks++ && !cgrp->nr_populated_domain_children &&
	    !cgrp->nr_populated_threaded_children)
		cgroup_update_populated(cgrp, true);
	if (unlikely(cgrp->e_freeze)) {
		if (!(p->flags & PF_KTHREAD))
			cgroup_freezer_enter(p, NULL);
		cgroup_update_frozen(cgrp);
	}
	spin_unlock_irq(&css_set_lock);
	if (unlikely(clone_flags & CLONE_INTO_CGROUP)) {
		for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
			struct cgroup_subsys_state *css = cgroup_e_css(cgrp, id);

			if (css != cgroup_e_css(current->cgroup, id) && cgroup_subsys[id]->attach)
				cgroup_subsys[id]->attach(css, p);
		}
	}
	/* The cpuset changed since p was copied from current, before forks were held off. */
	if (unlikely(!cpumask_equal(&p->cpus_mask, &current->cpus_mask) ||
		     p->mems_allowed != current->mems_allowed) &&
	    !is_idle_task(current) && !(clone_flags & CLONE_INTO_CGROUP))
		cgroup_subsys[CPUSET_CGRP]->attach(cgroup_e_css(cgrp, CPUSET_CGRP), p);
	cgroup_threadgroup_read_unlock();
	if (clone_flags & CLONE_INTO_CGROUP)
		mutex_unlock(&cgroup_mutex);
}

void cgroup_exit(struct task_struct *p)
{
	struct cgroup *cgrp;

	spin_lock_irq(&css_set_lock);
	cgrp = p->cgroup;
	list_del_init(&p->cg_list);
	cgroup_cputime_leave(p, cgrp);
	/* A dead leader still stands for its process while other threads live. */
	if (thread_group_leader(p) && atomic_read(&p->signal->live) > 0)
		list_add_tail(&p->cg_list, &cgrp->dying);
	if (!--cgrp->nr_tasks && !cgrp->nr_populated_domain_children &&
	    !cgrp->nr_populated_threaded_children)
		cgroup_update_populated(cgrp, false);
	if (p->cg_frozen) {
		p->cg_frozen = false;
		cgrp->nr_frozen_tasks--;
	}
	if (unlikely(cgrp->e_freeze))
		cgroup_update_frozen(cgrp);
	spin_unlock_irq(&css_set_lock);
}

void cgroup_release(struct task_struct *p)
{
	pids_uncharge(p->cgroup);
	if (list_empty(&p->cg_list))
		return;
	spin_lock_irq(&css_set_lock);
	list_del_init(&p->cg_list);
	spin_unlock_irq(&css_set_lock);
}

void cgroup_free(struct task_struct *p)
{
	unsigned long flags;

	if (!p->cgroup)
		return;
	/* What it ran after cgroup_exit(), to its last switch away. */
	spin_lock_irqsave(&css_set_lock, flags);
	cgroup_cputime_leave(p, p->cgroup);
	spin_unlock_irqrestore(&css_set_lock, flags);
	cgroup_put(p->cgroup);
}

int cgroup_collect_tasks(struct cgroup *root, struct task_batch *batch)
{
	struct task_struct *p;
	unsigned int count = 0;
	struct cgroup *c;

	lockdep_assert_held(&cgroup_mutex);
	batch->n = 0;
	spin_lock_irq(&css_set_lock);
	cgroup_for_each_descendant (c, root)
		count += c->nr_tasks;
	spin_unlock_irq(&css_set_lock);
	/* From here on tasks can only leave. */
	batch->task = kvmalloc_array(count + 1, sizeof(*batch->task), GFP_KERNEL);
	if (!batch->task)
		return -ENOMEM;
	spin_lock_irq(&css_set_lock);
	cgroup_for_each_descendant (c, root) {
		list_for_each_entry (p, &c->tasks, cg_list) {
			get_task_struct(p);
			batch->task[batch->n++] = p;
		}
	}
	spin_unlock_irq(&css_set_lock);
	return 0;
}

void cgroup_drop_tasks(struct task_batch *batch)
{
	while (batch->n)
		put_task_struct(batch->task[--batch->n]);
	kvfree(batch->task);
}
