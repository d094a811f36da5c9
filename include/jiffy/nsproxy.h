/* SPDX-License-Identifier: MIT */
/*
 * The namespaces of a task but for its user namespace, which its credentials have, and its own
 * pid namespace, which its pid has. process/nsproxy.c, process/utsname.c.
 *
 * task->nsproxy is changed by the task itself under task_lock(), read by others under it; the
 * structure never changes once a task points to it.
 */
#ifndef JIFFY_NSPROXY_H
#define JIFFY_NSPROXY_H

#include <jiffy/cred.h>
#include <jiffy/ns_common.h>
#include <jiffy/rwsem.h>
#include <uapi/time.h>
#include <uapi/utsname.h>

struct mnt_namespace;
struct ipc_namespace;
struct pid_namespace;
struct fs_struct;

struct uts_namespace {
	struct ns_common ns;
	struct new_utsname name; /* uts_sem */
	struct user_namespace *user_ns;
};
/* What its sockets can reach: one interface, lo. network_namespaces(7). */
struct net {
	struct ns_common ns;
	struct user_namespace *user_ns;
	bool lo_up; /* one word, no lock: whoever looked before may still act upon it */
};
struct net *get_net(struct net *net);
void put_net(struct net *net); /* [any context] */
struct cgroup_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
	struct cgroup *root_cgrp; /* fixed; its members' "/" */
};
struct time_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
	struct timespec64 monotonic, boottime; /* offsets; fixed once a task is inside */
	bool frozen_offsets;
};

struct nsproxy {
	refcount_t count;
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns, *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
};
extern struct nsproxy init_nsproxy;
extern struct uts_namespace init_uts_ns;
extern struct net init_net;
extern struct cgroup_namespace init_cgroup_ns;
extern struct time_namespace init_time_ns;
extern struct rw_semaphore uts_sem;
struct new_utsname *utsname(void); /* current's; down_read(&uts_sem) to use it */

/* What setns(2) gathers before it changes anything. */
struct nsset {
	unsigned int flags;
	struct nsproxy *nsproxy;
	struct fs_struct *fs;
	const struct cred *cred;
};

int copy_namespaces(unsigned long flags, struct task_struct *p);
void exit_task_namespaces(struct task_struct *p);
void switch_task_namespaces(struct task_struct *p, struct nsproxy *new);
void free_nsproxy(struct nsproxy *ns);
static inline void put_nsproxy(struct nsproxy *ns)
{
	if (refcount_dec_and_test(&ns->count))
		free_nsproxy(ns);
}
int unshare_nsproxy_namespaces(unsigned long flags, struct nsproxy **new, struct cred *new_cred,
			       struct fs_struct *new_fs);

#endif
