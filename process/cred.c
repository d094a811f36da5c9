/* SPDX-License-Identifier: MIT */
/*
 * Credentials: copying, changing and sharing them. Rules in <jiffy/cred.h>; the calls that change
 * users and groups are in cred_calls.c. credentials(7).
 */
#include <jiffy/fs.h>
#include <jiffy/binfmts.h>
#include <jiffy/gfp.h>
#include <jiffy/mm.h>
#include <jiffy/mutation.h>
#include <jiffy/slab.h>

#include "task.h"

static struct kmem_cache *cred_jar;

struct group_info init_groups = {.usage = REFCOUNT_INIT(2)};

struct cred init_cred = {
    .usage = REFCOUNT_INIT(4),
    .cap_permitted = CAP_FULL_SET,
    .cap_effective = CAP_FULL_SET,
    .cap_bset = CAP_FULL_SET,
    .user = &root_user,
    .user_ns = &init_user_ns,
    .group_info = &init_groups,
};

void cred_init(void)
{
	cred_jar = KMEM_CACHE(cred, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
}

static void free_cred_rcu(struct rcu_head *head)
{
	struct cred *cred = container_of(head, struct cred, rcu);

	put_group_info(cred->group_info);
	free_uid(cred->user);
	put_user_ns(cred->user_ns);
	kmem_cache_free(cred_jar, cred);
}

void put_cred(const struct cred *_cred)
{
	struct cred *cred = (struct cred *)_cred;

	if (cred && refcount_dec_and_test(&cred->usage))
		call_rcu(&cred->rcu, free_cred_rcu);
}

const struct cred *get_task_cred(struct task_struct *task)
{
	const struct cred *cred;

	rcu_read_lock();
	do {
		cred = __task_cred(task);
	} while (!refcount_inc_not_zero(&((struct cred *)cred)->usage));
	rcu_read_unlock();
	return cred;
}

static struct cred *dup_cred(const struct cred *old)
{
	struct cred *new = kmem_cache_alloc(cred_jar, GFP_KERNEL);

	if (!new)
		return NULL;
	*new = *old;
	refcount_set(&new->usage, 1);
	get_group_info(new->group_info);
	get_uid(new->user);
	get_user_ns(new->user_ns);
	return new;
}

struct cred *prepare_creds(void)
{
	return dup_cred(current->cred);
}

struct cred *prepare_kernel_cred(void)
{
	return dup_cred(&init_cred);
}

void abort_creds(struct cred *new)
{
	put_cred(new);
}

/* May a process that was `old` before be looked into by those who could look into it as `new`? */
static bool cred_cap_issubset(const struct cred *set, const struct cred *subset)
{
	const struct user_namespace *ns = subset->user_ns;

	if (set->user_ns == ns)
		return cap_issubset(subset->cap_permitted, set->cap_permitted);
	for (; ns != &init_user_ns; ns = ns->parent)
		if (set->user_ns == ns->parent && uid_eq(ns->owner, set->euid))
			return true;
	return false;
}

int commit_creds(struct cred *new)
{
	struct task_struct *task = current;
	const struct cred *old = task->real_cred;

	ASSERT(task->cred == old);
	ASSERT(refcount_read(&new->usage) >= 1);
	get_cred(new); /* the caller's reference becomes cred's, this one real_cred's */
	if (!uid_eq(old->euid, new->euid) || !gid_eq(old->egid, new->egid) ||
	    !uid_eq(old->fsuid, new->fsuid) || !gid_eq(old->fsgid, new->fsgid) ||
	    !cred_cap_issubset(old, new)) {
		if (task->mm && !mutant(CHANGED_CRED_DUMPABLE))
			set_dumpable(task->mm, suid_dumpable);
		task->pdeath_signal = 0;
		/* Those that look at credentials first and dumpable then see the new one. */
		smp_wmb();
	}
	if (new->user != old->user) {
		atomic_inc(&new->user->processes);
		atomic_dec(&old->user->processes);
	}
	rcu_assign_pointer(task->real_cred, new);
	rcu_assign_pointer(task->cred, new);
	put_cred(old);
	put_cred(old);
	return 0;
}

const struct cred *override_creds(const struct cred *new)
{
	const struct cred *old = current->cred;

	get_cred(new);
	rcu_assign_pointer(current->cred, new);
	return old;
}

void revert_creds(const struct cred *old)
{
	const struct cred *override = current->cred;

	rcu_assign_pointer(current->cred, old);
	put_cred(override);
}

/* Credentials never change in place, so parent and child share them until one commits others. */
int copy_creds(struct task_struct *p, unsigned long clone_flags)
{
	struct cred *new;
	int ret;

	if (!(clone_flags & CLONE_NEWUSER)) {
		p->real_cred = get_cred(current->cred);
		p->cred = get_cred(p->real_cred);
		atomic_inc(&p->cred->user->processes);
		return 0;
	}
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	ret = create_user_ns(new);
	if (ret) {
		abort_creds(new);
		return ret;
	}
	p->cred = p->real_cred = get_cred(new);
	atomic_inc(&new->user->processes);
	return 0;
}

void exit_creds(struct task_struct *p)
{
	put_cred(p->real_cred);
	put_cred(p->cred);
	put_cred(p->ptracer_cred);
	p->real_cred = p->cred = p->ptracer_cred = NULL;
}
