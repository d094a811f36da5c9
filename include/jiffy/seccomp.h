/* SPDX-License-Identifier: MIT */
/*
 * Which system calls a task may make: seccomp(2). process/seccomp.c.
 *
 * Serialization rules: a task's mode and filters change only under its siglock: by itself, or by
 * another thread of its process that makes all threads alike (TSYNC). The task itself reads them
 * without a lock: filters are read-only, and a chain once set is a tail of each later one, so what
 * it read stays.
 */
#ifndef JIFFY_SECCOMP_H
#define JIFFY_SECCOMP_H

#include <jiffy/types.h>

struct task_struct;
struct pt_regs;
struct seq_file;

/*
 * TIF_SECCOMP is set and current is about to make the call that regs has. True: make it (its number
 * may have been changed by a tracer). False: skip it; the result is in regs. May not return.
 */
bool secure_computing(struct pt_regs *regs);
/* The new task p gets current's. current's siglock; p is in no list yet. */
void seccomp_fork(struct task_struct *p);
/* t is out of the process tree: its filters go. Any context. */
void seccomp_release(struct task_struct *t);
/* prctl(2): PR_GET_SECCOMP, PR_SET_SECCOMP. */
long prctl_get_seccomp(void);
long prctl_set_seccomp(unsigned long mode, unsigned long filter);
/*
 * SIGSYS to current, which has made the call that regs has: code SYS_SECCOMP or SYS_USER_DISPATCH
 * for si_code, reason for si_errno. Task context.
 */
void force_sigsys(const struct pt_regs *regs, int code, int reason);
/* The lines of /proc/PID/status. */
void proc_task_seccomp(struct seq_file *m, struct task_struct *t);

#endif
