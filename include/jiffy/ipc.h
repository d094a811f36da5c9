/* SPDX-License-Identifier: MIT */
/*
 * System V IPC as far as fork, exec, exit and namespaces meet it. process/ipc/.
 */
#ifndef JIFFY_IPC_H
#define JIFFY_IPC_H

#include <jiffy/cred.h>
#include <jiffy/ns_common.h>
#include <jiffy/sched.h>

struct ipc_namespace;
extern struct ipc_namespace init_ipc_ns;
struct ipc_namespace *copy_ipcs(unsigned long flags, struct user_namespace *user_ns,
				struct ipc_namespace *ns);
void put_ipc_ns(struct ipc_namespace *ns);
struct ns_common *ipc_ns_common(struct ipc_namespace *ns);
struct user_namespace *ipc_ns_owner(struct ipc_namespace *ns);
/*
 * Semaphore adjustments are shared (CLONE_SYSVSEM) or begin empty, and t begins without segments
 * of its own; exit applies them. Who enters another namespace calls exit_sem() and exit_shm()
 * first. 0 or -ENOMEM.
 */
int copy_semundo(unsigned long clone_flags, struct task_struct *t);
void exit_sem(struct task_struct *t);
void exit_shm(struct task_struct *t);

#endif
