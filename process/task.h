/* SPDX-License-Identifier: MIT */
/* Between task.c, fork.c and exit.c: the memory of a task. */
#ifndef PROCESS_TASK_H
#define PROCESS_TASK_H

#include "internal.h"

struct task_struct *dup_task_struct(struct task_struct *orig, int node);
struct signal_struct *alloc_signal_struct(void);
void free_signal_struct(struct signal_struct *sig);
struct sighand_struct *alloc_sighand_struct(void);

/* Boot, called by fork_init(). */
void user_init(void);
void cred_init(void);
void pid_init(void);
void signals_init(void);
void nsproxy_init(void);

#endif
