/* SPDX-License-Identifier: MIT */
/* Between ptrace.c and ptrace_requests.c. */
#ifndef PROCESS_PTRACE_H
#define PROCESS_PTRACE_H

#include <jiffy/sched.h>

int ptrace_traceme(void);
int ptrace_attach(struct task_struct *task, bool seize, unsigned long addr, unsigned long options);
int ptrace_detach(struct task_struct *child, unsigned int data);
int ptrace_check_attach(struct task_struct *child, bool ignore_state);
void ptrace_unfreeze_traced(struct task_struct *task);
bool __ptrace_detach(struct task_struct *tracer, struct task_struct *p);

#endif
