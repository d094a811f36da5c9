/* SPDX-License-Identifier: MIT */
/*
 * Control groups, version 2 (cgroups(7)), for the other rooms: the steps of a task's life that
 * membership follows, the freezer's part in stopping a task, what /proc shows, and the cgroup
 * namespace. Room cgroup/; its locks are in cgroup/internal.h. Task context unless said.
 */
#ifndef JIFFY_CGROUP_H
#define JIFFY_CGROUP_H

#include <jiffy/cpumask.h>
#include <jiffy/sched.h>

struct cgroup;
struct cgroup_namespace;
struct seq_file;
struct user_namespace;

extern struct cgroup cgrp_root; /* where every task begins; never freed */

void cgroup_init(void); /* boot, before the first fork */

/*
 * The steps of copy_process(). cgroup_fork() makes the fields of p, a byte copy of current,
 * empty. cgroup_can_fork() chooses the child's cgroup (current's, or the one that
 * CLONE_INTO_CGROUP names) and counts p in it: 0, -EAGAIN at pids.max, or the errors of
 * clone3(2) with CLONE_INTO_CGROUP. From then on nobody migrates between cgroups until
 * cgroup_cancel_fork(), when a later step failed, or cgroup_post_fork(), when p is in the tree
 * but has not run.
 */
void cgroup_fork(struct task_struct *p);
int cgroup_can_fork(struct task_struct *p, u64 clone_flags, int cgroup_fd);
void cgroup_cancel_fork(struct task_struct *p, u64 clone_flags);
void cgroup_post_fork(struct task_struct *p, u64 clone_flags);
/* p, current, leaves its cgroup's tasks: it is populated by the others alone. */
void cgroup_exit(struct task_struct *p);
/* p is reaped: pids.current no longer counts it. No lock held. */
void cgroup_release(struct task_struct *p);
/* The last of p goes. [any] */
void cgroup_free(struct task_struct *p);

/*
 * The freezer. A task of a frozen cgroup stops on its way to user mode, in get_signal(), with
 * JOBCTL_TRAP_FREEZE set; one that is stopped or traced anyway, or waits for its vfork child,
 * counts as frozen where it is, between enter and leave. siglock must not be held.
 */
void cgroup_enter_frozen(void);
/* always: it will run whatever the cgroup says; else a cgroup still frozen traps it again. */
void cgroup_leave_frozen(bool always);
static inline bool cgroup_task_frozen(const struct task_struct *t)
{
	return t->cg_frozen;
}

/* "0::/path" as the reader's cgroup namespace sees it; /proc/PID/cgroup. */
int proc_cgroup_show(struct seq_file *m, struct task_struct *task);

/* The namespaces; see namespaces(7). copy: a reference to old, or a new one rooted here. */
struct cgroup_namespace *copy_cgroup_ns(unsigned long flags, struct user_namespace *user_ns,
					struct cgroup_namespace *old);
void put_cgroup_ns(struct cgroup_namespace *ns);

/*
 * The CPUs that p's cpuset lets it have now; never empty. sched_setaffinity(2) is cut down to
 * these, and once more if they changed meanwhile.
 */
void cpuset_cpus_allowed(struct task_struct *p, cpumask_t *mask);
/* A CPU came or went: every cpuset's CPUs, their tasks and the scheduling domains follow. */
void cpuset_update_active_cpus(void);

#endif
