/* SPDX-License-Identifier: MIT */
/*
 * IPC namespaces: each has tables of System V objects, a file system of POSIX queues, and
 * tunables of its own. ipc_namespaces(7). Task context.
 */
#include <jiffy/bug.h>
#include <jiffy/init.h>
#include <uapi/msg.h>
#include <uapi/sem.h>
#include <uapi/shm.h>

#include "mqueue.h"
#include "util.h"

struct ipc_namespace init_ipc_ns = {
    .ns = {.count = REFCOUNT_INIT(1), .inum = PROC_IPC_INIT_INO, .ops = &ipcns_operations},
    .user_ns = &init_user_ns,
};

static void init_ns_fields(struct ipc_namespace *ns)
{
	for (int kind = 0; kind < IPC_KINDS; kind++)
		ipc_init_ids(&ns->ids[kind]);
	ns->sc_semmsl = SEMMSL;
	ns->sc_semmns = SEMMNS;
	ns->sc_semopm = SEMOPM;
	ns->sc_semmni = SEMMNI;
	ns->msg_ctlmax = MSGMAX;
	ns->msg_ctlmnb = MSGMNB;
	ns->msg_ctlmni = MSGMNI;
	ns->shm_ctlmax = SHMMAX;
	ns->shm_ctlall = SHMALL;
	ns->shm_ctlmni = SHMMNI;
	ns->mq_queues_max = DFLT_QUEUESMAX;
	ns->mq_msg_max = DFLT_MSGMAX;
	ns->mq_msg_default = DFLT_MSG;
	ns->mq_msgsize_max = DFLT_MSGSIZEMAX;
	ns->mq_msgsize_default = DFLT_MSGSIZE;
}

static int ipc_init(void)
{
	init_ns_fields(&init_ipc_ns);
	return 0;
}
core_initcall(ipc_init);

static struct ipc_namespace *create_ipc_ns(struct user_namespace *user_ns)
{
	struct ipc_namespace *ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	int err;

	if (!ns)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ns->ns.count, 1);
	ns->ns.inum = ns_alloc_inum();
	ns->ns.ops = &ipcns_operations;
	ns->user_ns = get_user_ns(user_ns);
	init_ns_fields(ns);
	err = mq_init_ns(ns);
	if (err) {
		put_user_ns(ns->user_ns);
		kfree(ns);
		return ERR_PTR(err);
	}
	return ns;
}

struct ipc_namespace *copy_ipcs(unsigned long flags, struct user_namespace *user_ns,
				struct ipc_namespace *ns)
{
	return flags & CLONE_NEWIPC ? create_ipc_ns(user_ns) : get_ipc_ns(ns);
}

void put_ipc_ns(struct ipc_namespace *ns)
{
	if (!refcount_dec_and_test(&ns->ns.count))
		return;
	mq_detach_ns(ns);
	sem_exit_ns(ns);
	msg_exit_ns(ns);
	shm_exit_ns(ns);
	put_user_ns(ns->user_ns);
	kfree(ns);
}

struct ns_common *ipc_ns_common(struct ipc_namespace *ns)
{
	return &ns->ns;
}

struct user_namespace *ipc_ns_owner(struct ipc_namespace *ns)
{
	return ns->user_ns;
}

static struct ipc_namespace *to_ipc_ns(struct ns_common *ns)
{
	return container_of(ns, struct ipc_namespace, ns);
}

static struct ns_common *ipcns_get(struct task_struct *task)
{
	struct ipc_namespace *ns = NULL;

	task_lock(task);
	if (task->nsproxy)
		ns = get_ipc_ns(task->nsproxy->ipc_ns);
	task_unlock(task);
	return ns ? &ns->ns : NULL;
}

static void ipcns_put(struct ns_common *ns)
{
	put_ipc_ns(to_ipc_ns(ns));
}

static int ipcns_install(struct nsset *nsset, struct ns_common *common)
{
	struct ipc_namespace *new = to_ipc_ns(common), *old = nsset->nsproxy->ipc_ns;

	if (!ns_capable(new->user_ns, CAP_SYS_ADMIN) ||
	    !cred_ns_capable(nsset->cred, nsset->cred->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	nsset->nsproxy->ipc_ns = get_ipc_ns(new);
	put_ipc_ns(old);
	return 0;
}

static struct user_namespace *ipcns_owner(struct ns_common *ns)
{
	return to_ipc_ns(ns)->user_ns;
}

const struct proc_ns_operations ipcns_operations = {
    .name = "ipc",
    .type = CLONE_NEWIPC,
    .get = ipcns_get,
    .put = ipcns_put,
    .install = ipcns_install,
    .owner = ipcns_owner,
};
