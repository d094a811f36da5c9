/* SPDX-License-Identifier: MIT */
/*
 * Tracing another task: ptrace(2). process/ptrace.c. task->ptrace and the links to the tracer
 * are written under tasklist_lock; a tracee is looked into only while ptrace_check_attach() has
 * frozen it in its stop.
 */
#ifndef JIFFY_PTRACE_H
#define JIFFY_PTRACE_H

#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <uapi/ptrace.h>

/* task_struct.ptrace: the options, shifted, above the kind of tracing. */
#define PT_PTRACED	  0x00000001
#define PT_SEIZED	  0x00010000
#define PT_OPT_FLAG_SHIFT 3
#define PT_EVENT_FLAG(e)  (1U << (PT_OPT_FLAG_SHIFT + (e)))
#define PT_TRACESYSGOOD	  PT_EVENT_FLAG(0)
#define PT_TRACE_EXEC	  PT_EVENT_FLAG(PTRACE_EVENT_EXEC)
#define PT_TRACE_EXIT	  PT_EVENT_FLAG(PTRACE_EVENT_EXIT)
#define PT_EXITKILL	  (PTRACE_O_EXITKILL << PT_OPT_FLAG_SHIFT)

/* How current wants to look at a task; FSCREDS: a file operation, REALCREDS: a system call. */
#define PTRACE_MODE_READ	     0x01
#define PTRACE_MODE_ATTACH	     0x02
#define PTRACE_MODE_NOAUDIT	     0x04
#define PTRACE_MODE_FSCREDS	     0x08
#define PTRACE_MODE_REALCREDS	     0x10
#define PTRACE_MODE_READ_FSCREDS     (PTRACE_MODE_READ | PTRACE_MODE_FSCREDS)
#define PTRACE_MODE_READ_REALCREDS   (PTRACE_MODE_READ | PTRACE_MODE_REALCREDS)
#define PTRACE_MODE_ATTACH_FSCREDS   (PTRACE_MODE_ATTACH | PTRACE_MODE_FSCREDS)
#define PTRACE_MODE_ATTACH_REALCREDS (PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS)
bool ptrace_may_access(struct task_struct *task, unsigned int mode);

/*
 * System call stops. arch/ calls them when a _TIF_SYSCALL_WORK bit is set, interrupts on. enter
 * returns the number to call, -1 for none (the return value stands in the registers).
 */
long syscall_trace_enter(struct pt_regs *regs);
void syscall_trace_exit(struct pt_regs *regs);

/* Stops current for its tracer; message is what PTRACE_GETEVENTMSG answers. */
void ptrace_event(int event, unsigned long message);
bool ptrace_event_enabled(struct task_struct *task, int event);
int ptrace_notify(int exit_code, unsigned long message);
/* siglock held on entry and return, dropped while stopped; the signal the tracer lets through. */
int ptrace_stop(int exit_code, int why, unsigned long message, kernel_siginfo_t *info);
void ptrace_init_task(struct task_struct *child, bool ptrace);
void __ptrace_link(struct task_struct *child, struct task_struct *tracer, const struct cred *cred);
void __ptrace_unlink(struct task_struct *child);		      /* tasklist_lock */
void exit_ptrace(struct task_struct *tracer, struct list_head *dead); /* tasklist_lock */
static inline struct task_struct *ptrace_parent(struct task_struct *t)
{
	return unlikely(t->ptrace) ? t->parent : NULL;
}
static inline void ptrace_unlink(struct task_struct *child)
{
	if (unlikely(child->ptrace))
		__ptrace_unlink(child);
}
/* What an arch_ptrace() hands back to. */
int ptrace_request(struct task_struct *child, long request, unsigned long addr, unsigned long data);
int generic_ptrace_peekdata(struct task_struct *t, unsigned long addr, unsigned long data);
int generic_ptrace_pokedata(struct task_struct *t, unsigned long addr, unsigned long data);

#endif
