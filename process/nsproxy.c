/* SPDX-License-Identifier: MIT */
/*
 * Namespaces of a task together: inheriting them in clone(2), leaving some with unshare(2),
 * entering others with setns(2). namespaces(7). Rules in <jiffy/nsproxy.h>. Task context.
 */
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/fs_struct.h>
#include <jiffy/gfp.h>
#include <jiffy/ipc.h>
#include <jiffy/mm.h>
#include <jiffy/mount.h>
#include <jiffy/nsproxy.h>
#include <jiffy/ptrace.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#include "ns.h"
#include "task.h"

#define CLONE_NS_FLAGS                                                             \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | \
	 CLONE_NEWCGROUP | CLONE_NEWTIME)

static struct kmem_cache *nsproxy_cachep;

struct nsproxy init_nsproxy = {
    .count = REFCOUNT_INIT(1),
    .uts_ns = &init_uts_ns,
    .ipc_ns = &init_ipc_ns,
    .pid_ns_for_children = &init_pid_ns,
    .net_ns = &init_net,
    .time_ns = &init_time_ns,
    .time_ns_for_children = &init_time_ns,
    .cgroup_ns = &init_cgroup_ns,
};

void nsproxy_init(void)
{
	nsproxy_cachep = KMEM_CACHE(nsproxy, SLAB_PANIC);
}

unsigned int ns_alloc_inum(void)
{
	static atomic_t last = ATOMIC_INIT(PROC_DYNAMIC_FIRST + 0x200);

	return atomic_inc_return(&last);
}

void free_nsproxy(struct nsproxy *ns)
{
	if (ns->mnt_ns)
		put_mnt_ns(ns->mnt_ns);
	if (ns->uts_ns)
		put_uts_ns(ns->uts_ns);
	if (ns->ipc_ns)
		put_ipc_ns(ns->ipc_ns);
	if (ns->pid_ns_for_children)
		put_pid_ns(ns->pid_ns_for_children);
	if (ns->time_ns)
		put_time_ns(ns->time_ns);
	if (ns->time_ns_for_children)
		put_time_ns(ns->time_ns_for_children);
	if (ns->cgroup_ns)
		put_cgroup_ns(ns->cgroup_ns);
	if (ns->net_ns)
		put_net(ns->net_ns);
	kmem_cache_free(nsproxy_cachep, ns);
}

/* Stores what a copy function gave, or leaves NULL and says what went wrong. */
#define TAKE_NS(field, expr)                          \
	do {                                          \
		__typeof__(new->field) __ns = (expr); \
		if (IS_ERR(__ns)) {                   \
			free_nsproxy(new);            \
			return ERR_CAST(__ns);        \
		}                                     \
		new->field = __ns;                    \
	} while (0)

/* A proxy with new namespaces where flags ask for them, else with references to t's. */
static struct nsproxy *create_new_namespaces(unsigned long flags, struct task_struct *t,
					     struct user_namespace *user_ns, struct fs_struct *fs)
{
	struct nsproxy *old = t->nsproxy, *new = kmem_cache_zalloc(nsproxy_cachep, GFP_KERNEL);

	if (!new)
		return ERR_PTR(-ENOMEM);
	refcount_set(&new->count, 1);
	TAKE_NS(mnt_ns, copy_mnt_ns(flags, old->mnt_ns, user_ns, fs));
	TAKE_NS(uts_ns, copy_utsname(flags, user_ns, old->uts_ns));
	TAKE_NS(ipc_ns, copy_ipcs(flags, user_ns, old->ipc_ns));
	TAKE_NS(pid_ns_for_children, copy_pid_ns(flags, user_ns, old->pid_ns_for_children));
	TAKE_NS(cgroup_ns, copy_cgroup_ns(flags, user_ns, old->cgroup_ns));
	TAKE_NS(net_ns, copy_net_ns(flags, user_ns, old->net_ns));
	TAKE_NS(time_ns_for_children, copy_time_ns(flags, user_ns, old->time_ns_for_children));
	TAKE_NS(time_ns, get_time_ns(old->time_ns));
	return new;
}

/* The child of a task that chose another time namespace for its children enters it. */
static void enter_time_ns(struct nsproxy *ns)
{
	if (ns->time_ns != ns->time_ns_for_children) {
		put_time_ns(ns->time_ns);
		ns->time_ns = get_time_ns(ns->time_ns_for_children);
	}
}

int copy_namespaces(unsigned long flags, struct task_struct *p)
{
	struct nsproxy *old = current->nsproxy, *new;
	struct user_namespace *user_ns = p->cred->user_ns;

	if (likely(!(flags & CLONE_NS_FLAGS) &&
		   ((flags & CLONE_VM) || old->time_ns == old->time_ns_for_children))) {
		refcount_inc(&old->count);
		return 0;
	}
	if ((flags & CLONE_NS_FLAGS) && !ns_capable(user_ns, CAP_SYS_ADMIN) &&
	    !cred_ns_capable(p->cred, user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	/* A new semaphore namespace and an undo list of the old one cannot go together. */
	if ((flags & (CLONE_NEWIPC | CLONE_SYSVSEM)) == (CLONE_NEWIPC | CLONE_SYSVSEM))
		return -EINVAL;
	new = create_new_namespaces(flags, current, user_ns, p->fs);
	if (IS_ERR(new))
		return PTR_ERR(new);
	if (!(flags & CLONE_VM))
		enter_time_ns(new);
	p->nsproxy = new;
	return 0;
}

void switch_task_namespaces(struct task_struct *p, struct nsproxy *new)
{
	struct nsproxy *old;

	task_lock(p);
	old = p->nsproxy;
	p->nsproxy = new;
	task_unlock(p);
	if (old)
		put_nsproxy(old);
}

void exit_task_namespaces(struct task_struct *p)
{
	switch_task_namespaces(p, NULL);
}

int unshare_nsproxy_namespaces(unsigned long flags, struct nsproxy **new, struct cred *new_cred,
			       struct fs_struct *new_fs)
{
	struct user_namespace *user_ns = new_cred ? new_cred->user_ns : current_user_ns();
	const struct cred *cred = new_cred ? new_cred : current_cred();

	if (!(flags & CLONE_NS_FLAGS))
		return 0;
	if (!cred_ns_capable(cred, user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	*new = create_new_namespaces(flags, current, user_ns, new_fs ? new_fs : current->fs);
	return PTR_ERR_OR_ZERO(*new);
}

/* What unshare(2) must come with what else, and what only a lone thread may ask for. */
static int check_unshare(unsigned long *flags)
{
	if (*flags & CLONE_NEWUSER)
		*flags |= CLONE_THREAD | CLONE_FS;
	if (*flags & CLONE_VM)
		*flags |= CLONE_SIGHAND;
	if (*flags & CLONE_SIGHAND)
		*flags |= CLONE_THREAD;
	if (*flags & CLONE_NEWNS)
		*flags |= CLONE_FS;
	if (*flags & ~(CLONE_THREAD | CLONE_FS | CLONE_NEWNS | CLONE_SIGHAND | CLONE_VM |
		       CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
		       CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWCGROUP | CLONE_NEWTIME))
		return -EINVAL;
	if ((*flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) && current->signal->nr_threads > 1)
		return -EINVAL;
	if ((*flags & (CLONE_SIGHAND | CLONE_VM)) && refcount_read(&current->sighand->count) > 1)
		return -EINVAL;
	if ((*flags & CLONE_VM) && current->mm && atomic_read(&current->mm->mm_users) > 1)
		return -EINVAL;
	return 0;
}

/* Everything that unshare(2) makes before it changes anything. */
struct unshared {
	struct fs_struct *fs;
	struct files_struct *files;
	struct cred *cred;
	struct nsproxy *nsproxy;
};

static int prepare_unshare(unsigned long flags, struct unshared *u)
{
	int ret;

	if ((flags & CLONE_FS) && current->fs->users > 1) {
		u->fs = copy_fs_struct(current->fs);
		if (!u->fs)
			return -ENOMEM;
	}
	ret = unshare_fd(flags, &u->files);
	if (ret)
		return ret;
	if (flags & CLONE_NEWUSER) {
		u->cred = prepare_creds();
		if (!u->cred)
			return -ENOMEM;
		ret = create_user_ns(u->cred);
		if (ret)
			return ret;
	}
	ret = unshare_nsproxy_namespaces(flags, &u->nsproxy, u->cred, u->fs);
	if (ret)
		u->nsproxy = NULL;
	return ret;
}

/* The new ones become current's; u keeps the old ones, to be given back. */
static void apply_unshare(unsigned long flags, struct unshared *u)
{
	struct task_struct *me = current;

	if (flags & (CLONE_SYSVSEM | CLONE_NEWIPC))
		exit_sem(me);
	if (flags & CLONE_NEWIPC)
		exit_shm(me);
	if (u->nsproxy) {
		switch_task_namespaces(me, u->nsproxy);
		u->nsproxy = NULL;
	}
	task_lock(me);
	if (u->fs) {
		struct fs_struct *old = me->fs;

		spin_lock(&old->lock);
		me->fs = u->fs;
		u->fs = --old->users ? NULL : old;
		spin_unlock(&old->lock);
	}
	if (u->files)
		swap(me->files, u->files);
	task_unlock(me);
	if (u->cred) {
		commit_creds(u->cred);
		u->cred = NULL;
	}
}

SYSCALL_DEFINE1(unshare, unsigned long, flags)
{
	struct unshared u = {NULL};
	int ret = check_unshare(&flags);

	if (ret)
		return ret;
	ret = prepare_unshare(flags, &u);
	if (!ret)
		apply_unshare(flags, &u);
	if (u.nsproxy)
		put_nsproxy(u.nsproxy);
	if (u.cred)
		abort_creds(u.cred);
	if (u.files)
		put_files_struct(u.files);
	if (u.fs)
		free_fs_struct(u.fs);
	return ret;
}

static int install_one(struct nsset *set, struct ns_common *ns)
{
	return ns->ops->install(set, ns);
}

static int install_kind_of_task(struct nsset *set, struct task_struct *t,
				const struct proc_ns_operations *ops)
{
	struct ns_common *ns = ops->get(t);
	int ret;

	if (!ns)
		return -ESRCH;
	ret = install_one(set, ns);
	ops->put(ns);
	return ret;
}

/*
 * setns(2) with a pidfd: all the kinds asked for, of that process. The user namespace is first:
 * it may be what gives the right to the others.
 */
static int install_of_task(struct nsset *set, struct task_struct *t, unsigned int flags)
{
	const struct proc_ns_operations *const *ops;
	int ret = 0;

	if (flags & CLONE_NEWUSER)
		ret = install_kind_of_task(set, t, &userns_operations);
	flags &= ~CLONE_NEWUSER;
	for (ops = ns_entries; *ops && !ret; ops++)
		if (((*ops)->type & flags) && !(*ops)->real_ns_name)
			ret = install_kind_of_task(set, t, *ops);
	return ret;
}

static int prepare_nsset(unsigned int flags, struct nsset *set)
{
	set->flags = flags;
	set->fs = current->fs;
	set->nsproxy = create_new_namespaces(0, current, current_user_ns(), current->fs);
	if (IS_ERR(set->nsproxy))
		return PTR_ERR(set->nsproxy);
	set->cred = flags & CLONE_NEWUSER ? prepare_creds() : current_cred();
	if (!set->cred) {
		put_nsproxy(set->nsproxy);
		return -ENOMEM;
	}
	return 0;
}

static int setns_by_pid(struct nsset *set, struct pid *pid, unsigned int flags)
{
	struct task_struct *t = get_pid_task(pid, PIDTYPE_PID);
	int ret;

	if (!t)
		return -ESRCH;
	ret = -EPERM;
	if (ptrace_may_access(t, PTRACE_MODE_READ_REALCREDS))
		ret = install_of_task(set, t, flags);
	put_task_struct(t);
	return ret;
}

SYSCALL_DEFINE2(setns, int, fd, int, flags)
{
	struct fd f = fdget(fd);
	struct nsset set;
	struct ns_common *ns;
	struct pid *pid;
	int ret;

	if (!f.file)
		return -EBADF;
	ns = ns_of_file(f.file);
	pid = pidfd_pid(f.file);
	ret = -EINVAL;
	if (ns) {
		if (flags && ns->ops->type != flags)
			goto out;
		flags = ns->ops->type;
	} else if (IS_ERR(pid) || !flags || (flags & ~(CLONE_NS_FLAGS | CLONE_NEWUSER))) {
		goto out;
	}
	ret = prepare_nsset(flags, &set);
	if (ret)
		goto out;
	ret = ns ? install_one(&set, ns) : setns_by_pid(&set, pid, flags);
	if (!ret) {
		if (flags & CLONE_NEWNS)
			mntns_enter(set.fs, set.nsproxy->mnt_ns);
		switch_task_namespaces(current, set.nsproxy);
		if (flags & CLONE_NEWUSER)
			commit_creds((struct cred *)set.cred);
	} else {
		put_nsproxy(set.nsproxy);
		if (flags & CLONE_NEWUSER)
			abort_creds((struct cred *)set.cred);
	}
out:
	fdput(f);
	return ret;
}
