/* SPDX-License-Identifier: MIT */
/*
 * Pid namespaces: a process in one sees its own numbers from 1 on; every namespace above sees it
 * too, by numbers of its own. pid_namespaces(7). Task context unless said.
 */
#include <jiffy/gfp.h>
#include <jiffy/mutation.h>
#include <jiffy/nsproxy.h>
#include <jiffy/ptrace.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/prctl.h>
#include <uapi/wait.h>

#include "internal.h"
#include "pidns.h"

struct pid_namespace init_pid_ns = {
    .ns = {.count = REFCOUNT_INIT(2), .inum = PROC_PID_INIT_INO, .ops = &pidns_operations},
    .map = XARRAY_INIT(init_pid_ns.map),
    .child_reaper = &init_task,
    .user_ns = &init_user_ns,
};

/* One cache for each depth of nesting, since a struct pid has a number for each level. */
static struct kmem_cache *pid_cache[MAX_PID_NS_LEVEL + 1];
static DEFINE_MUTEX(pid_cache_mutex);

static struct kmem_cache *pid_cache_for(unsigned int level)
{
	struct kmem_cache *cache = smp_load_acquire(&pid_cache[level]);
	unsigned int size = sizeof(struct pid) + (level + 1) * sizeof(struct upid);

	if (cache)
		return cache;
	mutex_lock(&pid_cache_mutex);
	cache = pid_cache[level];
	if (!cache) {
		cache = kmem_cache_create("pid", size, 0, SLAB_HWCACHE_ALIGN, NULL);
		smp_store_release(&pid_cache[level], cache);
	}
	mutex_unlock(&pid_cache_mutex);
	return cache;
}

void pidns_init(void)
{
	pid_cache[0] = kmem_cache_create("pid", sizeof(struct pid) + sizeof(struct upid), 0,
					 SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	init_pid_ns.pid_cachep = pid_cache[0];
}

bool pidns_is_open(struct pid_namespace *ns)
{
	return !READ_ONCE(ns->closed);
}

void disable_pid_allocation(struct pid_namespace *ns)
{
	WRITE_ONCE(ns->closed, true);
	smp_mb();
}

void pidns_number_freed(struct pid_namespace *ns)
{
	struct task_struct *reaper = READ_ONCE(ns->child_reaper);

	/*
	 * At most the reaper's thread ids are left, which is what zap_pid_ns_processes() waits
	 * for. The reaper has not been reaped while any is left, and its memory lasts for the
	 * caller's RCU section.
	 */
	if (unlikely(READ_ONCE(ns->closed)) && atomic_read(&ns->pid_allocated) > 0)
		wake_up_process(reaper);
}

static struct pid_namespace *create_pid_namespace(struct user_namespace *user_ns,
						  struct pid_namespace *parent)
{
	struct pid_namespace *ns;
	unsigned int level = parent->level + 1;

	if (!in_userns(parent->user_ns, user_ns))
		return ERR_PTR(-EINVAL);
	if (level > MAX_PID_NS_LEVEL)
		return ERR_PTR(-ENOSPC);
	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return ERR_PTR(-ENOMEM);
	ns->pid_cachep = pid_cache_for(level);
	if (!ns->pid_cachep) {
		kfree(ns);
		return ERR_PTR(-ENOMEM);
	}
	xa_init(&ns->map);
	refcount_set(&ns->ns.count, 1);
	ns->ns.inum = ns_alloc_inum();
	ns->ns.ops = &pidns_operations;
	ns->level = level;
	ns->parent = get_pid_ns(parent);
	ns->user_ns = get_user_ns(user_ns);
	return ns;
}

struct pid_namespace *copy_pid_ns(unsigned long flags, struct user_namespace *user_ns,
				  struct pid_namespace *old)
{
	if (!(flags & CLONE_NEWPID))
		return get_pid_ns(old);
	/* Once unshare() chose a namespace for the children, that cannot be nested further. */
	if (task_active_pid_ns(current) != old)
		return ERR_PTR(-EINVAL);
	return create_pid_namespace(user_ns, old);
}

static void free_pid_namespace(struct rcu_head *head)
{
	kfree(container_of(head, struct pid_namespace, rcu));
}

void put_pid_ns(struct pid_namespace *ns)
{
	while (ns != &init_pid_ns && refcount_dec_and_test(&ns->ns.count)) {
		struct pid_namespace *parent = ns->parent;

		put_user_ns(ns->user_ns);
		ASSERT(xa_empty(&ns->map));
		call_rcu(&ns->rcu, free_pid_namespace);
		ns = parent;
	}
}

/* SIGKILL to every process of ns but the caller's own group. */
static void kill_all_in(struct pid_namespace *ns)
{
	struct task_struct *task;
	struct pid *pid;
	int nr = 2;

	rcu_read_lock();
	read_lock(&tasklist_lock);
	for (pid = find_ge_pid(nr, ns); pid; pid = find_ge_pid(nr + 1, ns)) {
		nr = pid_nr_ns(pid, ns);
		task = pid_task(pid, PIDTYPE_PID);
		if (task && !same_thread_group(task, current) && !mutant(PIDNS_OUTLIVES_INIT))
			do_send_sig_info(SIGKILL, SEND_SIG_PRIV, task, PIDTYPE_TGID);
	}
	read_unlock(&tasklist_lock);
	rcu_read_unlock();
}

/*
 * The init of ns is exiting as the last thread of its group. Nobody may be born any more; all
 * others are killed; those that are or become our children are reaped here, and the rest (whose
 * parents are outside, by setns()) are waited for until their numbers are free.
 */
void zap_pid_ns_processes(struct pid_namespace *ns)
{
	int mine = thread_group_leader(current) ? 1 : 2;

	disable_pid_allocation(ns);
	spin_lock_irq(&current->sighand->siglock);
	current->sighand->action[SIGCHLD - 1].sa.sa_handler = SIG_IGN;
	spin_unlock_irq(&current->sighand->siglock);
	kill_all_in(ns);
	for (;;) {
		clear_thread_flag(TIF_SIGPENDING);
		if (kernel_wait4(-1, NULL, __WALL, NULL) == -ECHILD)
			break;
	}
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (atomic_read(&ns->pid_allocated) <= mine)
			break;
		schedule();
		clear_thread_flag(TIF_SIGPENDING);
	}
	__set_current_state(TASK_RUNNING);
	if (ns->reboot)
		current->signal->group_exit_code = ns->reboot;
}

int reboot_pid_ns(struct pid_namespace *ns, int cmd)
{
	if (ns == &init_pid_ns)
		return 0;
	switch ((unsigned int)cmd) {
	case LINUX_REBOOT_CMD_RESTART2:
	case LINUX_REBOOT_CMD_RESTART:
		ns->reboot = SIGHUP;
		break;
	case LINUX_REBOOT_CMD_POWER_OFF:
	case LINUX_REBOOT_CMD_HALT:
		ns->reboot = SIGINT;
		break;
	default:
		return -EINVAL;
	}
	read_lock(&tasklist_lock);
	send_sig(SIGKILL, ns->child_reaper, 1);
	read_unlock(&tasklist_lock);
	do_exit(0);
}

static struct pid_namespace *to_pid_ns(struct ns_common *ns)
{
	return container_of(ns, struct pid_namespace, ns);
}

static struct ns_common *pidns_get(struct task_struct *task)
{
	struct pid_namespace *ns;

	rcu_read_lock();
	ns = task_active_pid_ns(task);
	if (ns)
		get_pid_ns(ns);
	rcu_read_unlock();
	return ns ? &ns->ns : NULL;
}

static struct ns_common *pidns_for_children_get(struct task_struct *task)
{
	struct pid_namespace *ns = NULL;

	task_lock(task);
	if (task->nsproxy)
		ns = get_pid_ns(task->nsproxy->pid_ns_for_children);
	task_unlock(task);
	/* Chosen, but without a first process: there is nothing to show or to join yet. */
	if (ns && !READ_ONCE(ns->child_reaper)) {
		put_pid_ns(ns);
		ns = NULL;
	}
	return ns ? &ns->ns : NULL;
}

static void pidns_put(struct ns_common *ns)
{
	put_pid_ns(to_pid_ns(ns));
}

/* One may go down into a descendant, never up and out; the caller's children then live there. */
static int pidns_install(struct nsset *nsset, struct ns_common *common)
{
	struct pid_namespace *active = task_active_pid_ns(current), *new = to_pid_ns(common), *up;
	struct pid_namespace *old = nsset->nsproxy->pid_ns_for_children;

	if (!ns_capable(new->user_ns, CAP_SYS_ADMIN) ||
	    !cred_ns_capable(nsset->cred, nsset->cred->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	if (new->level < active->level)
		return -EINVAL;
	for (up = new; up->level > active->level; up = up->parent)
		;
	if (up != active)
		return -EINVAL;
	nsset->nsproxy->pid_ns_for_children = get_pid_ns(new);
	put_pid_ns(old);
	return 0;
}

static struct user_namespace *pidns_owner(struct ns_common *ns)
{
	return to_pid_ns(ns)->user_ns;
}

static struct ns_common *pidns_get_parent(struct ns_common *ns)
{
	struct pid_namespace *active = task_active_pid_ns(current), *up, *parent;

	parent = up = to_pid_ns(ns)->parent;
	for (; up; up = up->parent)
		if (up == active)
			return &get_pid_ns(parent)->ns;
	return ERR_PTR(-EPERM);
}

const struct proc_ns_operations pidns_operations = {
    .name = "pid",
    .type = CLONE_NEWPID,
    .get = pidns_get,
    .put = pidns_put,
    .install = pidns_install,
    .owner = pidns_owner,
    .get_parent = pidns_get_parent,
};

const struct proc_ns_operations pidns_for_children_operations = {
    .name = "pid_for_children",
    .real_ns_name = "pid",
    .type = CLONE_NEWPID,
    .get = pidns_for_children_get,
    .put = pidns_put,
    .install = pidns_install,
    .owner = pidns_owner,
    .get_parent = pidns_get_parent,
};
