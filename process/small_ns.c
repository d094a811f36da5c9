/* SPDX-License-Identifier: MIT */
/*
 * Namespaces of networks, whose sockets know theirs (ports, abstract names and netlink ports are of
 * one namespace), and of time, whose offsets stay zero. One macro makes the common part of both.
 * namespaces(7).
 */
#include <jiffy/gfp.h>
#include <jiffy/slab.h>

#include "internal.h"
#include "ns.h"

struct net init_net = {
    .ns = {.count = REFCOUNT_INIT(2), .inum = PROC_NET_INIT_INO, .ops = &netns_operations},
    .user_ns = &init_user_ns,
    .lo_up = true,
};
struct time_namespace init_time_ns = {
    .ns = {.count = REFCOUNT_INIT(3), .inum = PROC_TIME_INIT_INO, .ops = &timens_operations},
    .user_ns = &init_user_ns,
    .frozen_offsets = true,
};

/* type: the structure; nm: the prefix of its functions; flag: CLONE_NEW*; field: in nsproxy. */
#define DEFINE_SMALL_NS(type, nm, flag, field, copy_fn, put_fn)                     \
	static struct type *nm##_hold(struct type *ns)                              \
	{                                                                           \
		refcount_inc(&ns->ns.count);                                        \
		return ns;                                                          \
	}                                                                           \
	void put_fn(struct type *ns)                                                \
	{                                                                           \
		if (refcount_dec_and_test(&ns->ns.count)) {                         \
			put_user_ns(ns->user_ns);                                   \
			kfree(ns);                                                  \
		}                                                                   \
	}                                                                           \
	struct type *copy_fn(unsigned long flags, struct user_namespace *user_ns,   \
			     struct type *old)                                      \
	{                                                                           \
		struct type *ns;                                                    \
                                                                                    \
		if (!(flags & (flag)))                                              \
			return nm##_hold(old);                                      \
		ns = kzalloc(sizeof(*ns), GFP_KERNEL);                              \
		if (!ns)                                                            \
			return ERR_PTR(-ENOMEM);                                    \
		refcount_set(&ns->ns.count, 1);                                     \
		ns->ns.inum = ns_alloc_inum();                                      \
		ns->ns.ops = old->ns.ops;                                           \
		ns->user_ns = get_user_ns(user_ns);                                 \
		return ns;                                                          \
	}                                                                           \
	static struct ns_common *nm##_get(struct task_struct *task)                 \
	{                                                                           \
		struct type *ns = NULL;                                             \
                                                                                    \
		task_lock(task);                                                    \
		if (task->nsproxy)                                                  \
			ns = nm##_hold(task->nsproxy->field);                       \
		task_unlock(task);                                                  \
		return ns ? &ns->ns : NULL;                                         \
	}                                                                           \
	static void nm##_put(struct ns_common *ns)                                  \
	{                                                                           \
		put_fn(container_of(ns, struct type, ns));                          \
	}                                                                           \
	static struct user_namespace *nm##_owner(struct ns_common *ns)              \
	{                                                                           \
		return container_of(ns, struct type, ns)->user_ns;                  \
	}                                                                           \
	static int nm##_install(struct nsset *set, struct ns_common *common)        \
	{                                                                           \
		struct type *ns = container_of(common, struct type, ns);            \
                                                                                    \
		if (!ns_capable(ns->user_ns, CAP_SYS_ADMIN) ||                      \
		    !cred_ns_capable(set->cred, set->cred->user_ns, CAP_SYS_ADMIN)) \
			return -EPERM;                                              \
		nm##_hold(ns);                                                      \
		put_fn(set->nsproxy->field);                                        \
		set->nsproxy->field = ns;                                           \
		return 0;                                                           \
	}

DEFINE_SMALL_NS(net, netns, CLONE_NEWNET, net_ns, copy_net_ns, put_net)
DEFINE_SMALL_NS(time_namespace, timens_children, CLONE_NEWTIME, time_ns_for_children, copy_time_ns,
		put_time_ns)

struct net *get_net(struct net *net)
{
	return netns_hold(net);
}

struct time_namespace *get_time_ns(struct time_namespace *ns)
{
	return timens_children_hold(ns);
}

static struct ns_common *timens_get(struct task_struct *task)
{
	struct time_namespace *ns = NULL;

	task_lock(task);
	if (task->nsproxy)
		ns = get_time_ns(task->nsproxy->time_ns);
	task_unlock(task);
	return ns ? &ns->ns : NULL;
}

/* setns(2): a process alone moves itself and its children to come. */
static int timens_install(struct nsset *set, struct ns_common *common)
{
	struct time_namespace *ns = container_of(common, struct time_namespace, ns);
	int ret;

	if (current->signal->nr_threads > 1)
		return -EUSERS;
	ret = timens_children_install(set, common);
	if (ret)
		return ret;
	get_time_ns(ns);
	put_time_ns(set->nsproxy->time_ns);
	set->nsproxy->time_ns = ns;
	return 0;
}

const struct proc_ns_operations netns_operations = {
    .name = "net",
    .type = CLONE_NEWNET,
    .get = netns_get,
    .put = netns_put,
    .install = netns_install,
    .owner = netns_owner,
};
const struct proc_ns_operations timens_operations = {
    .name = "time",
    .type = CLONE_NEWTIME,
    .get = timens_get,
    .put = timens_children_put,
    .install = timens_install,
    .owner = timens_children_owner,
};
const struct proc_ns_operations timens_for_children_operations = {
    .name = "time_for_children",
    .real_ns_name = "time",
    .type = CLONE_NEWTIME,
    .get = timens_children_get,
    .put = timens_children_put,
    .install = timens_install,
    .owner = timens_children_owner,
};
