/* SPDX-License-Identifier: MIT */
/*
 * thread_info stands at the lowest address of every kernel stack, which is THREAD_SIZE long and
 * aligned to it, so current_thread_info() is a mask of the stack pointer. Interrupt stacks have
 * one too: interrupt entry copies `task` into it, and nothing else may be used there; the flags
 * are always those of task_thread_info(current). `current` itself is a per-CPU word that only
 * the context switch writes, so it is right on every stack.
 */
#ifndef JIFFY_THREAD_INFO_H
#define JIFFY_THREAD_INFO_H

#include <arch/percpu.h>
#include <jiffy/bitops.h>

struct task_struct;

#define THREAD_SHIFT	14
#define THREAD_SIZE	(1UL << THREAD_SHIFT)
#define STACK_END_MAGIC 0x57ac6e9d

struct thread_info {
	struct task_struct *task;
	unsigned long flags; /* TIF_*, changed with atomic bit operations from any CPU */
	u32 magic;	     /* STACK_END_MAGIC: an overflow that a guard page missed changes it */
};

/* A kernel stack with the thread_info at its bottom. */
union thread_union {
	struct thread_info thread_info;
	unsigned long stack[THREAD_SIZE / sizeof(long)];
};

enum {
	TIF_NEED_RESCHED,    /* give up the CPU at the next chance */
	TIF_SIGPENDING,	     /* a signal may be deliverable */
	TIF_NOTIFY_RESUME,   /* task_work waits for the way back to user space */
	TIF_RESTORE_SIGMASK, /* put saved_sigmask back */
	TIF_SYSCALL_TRACE,   /* a tracer wants system call stops */
	TIF_SYSCALL_EMU,     /* PTRACE_SYSEMU */
	TIF_SINGLESTEP,	     /* PTRACE_SINGLESTEP */
	TIF_NEED_FPU_LOAD,   /* user FPU registers live in memory, not in the CPU */
	TIF_POLLING_NRFLAG,  /* idle and watching TIF_NEED_RESCHED: no IPI is needed */
	TIF_MEMDIE,	     /* the OOM killer chose it: may use the last pages */
	TIF_NOTIFY_SIGNAL,
	TIF_SECCOMP,		   /* seccomp(2): each call is looked at first */
	TIF_SYSCALL_USER_DISPATCH, /* prctl(2): some calls become signals */
};
#define _TIF_NEED_RESCHED	   BIT(TIF_NEED_RESCHED)
#define _TIF_SIGPENDING		   BIT(TIF_SIGPENDING)
#define _TIF_NOTIFY_RESUME	   BIT(TIF_NOTIFY_RESUME)
#define _TIF_SYSCALL_TRACE	   BIT(TIF_SYSCALL_TRACE)
#define _TIF_SYSCALL_EMU	   BIT(TIF_SYSCALL_EMU)
#define _TIF_SINGLESTEP		   BIT(TIF_SINGLESTEP)
#define _TIF_NEED_FPU_LOAD	   BIT(TIF_NEED_FPU_LOAD)
#define _TIF_NOTIFY_SIGNAL	   BIT(TIF_NOTIFY_SIGNAL)
#define _TIF_SECCOMP		   BIT(TIF_SECCOMP)
#define _TIF_SYSCALL_USER_DISPATCH BIT(TIF_SYSCALL_USER_DISPATCH)
/* What sends the way back to user space through its slow part. */
#define _TIF_WORK_MASK \
	(_TIF_NEED_RESCHED | _TIF_SIGPENDING | _TIF_NOTIFY_RESUME | _TIF_NOTIFY_SIGNAL)
#define _TIF_SYSCALL_WORK \
	(_TIF_SYSCALL_TRACE | _TIF_SYSCALL_EMU | _TIF_SECCOMP | _TIF_SYSCALL_USER_DISPATCH)

static __always_inline struct thread_info *current_thread_info(void)
{
	return (struct thread_info *)(arch_stack_pointer() & ~(THREAD_SIZE - 1));
}

#define current arch_current()

/* Bits of another task or of the current one; see <jiffy/sched.h> for task_thread_info(). */
#define set_ti_thread_flag(ti, f)	     set_bit(f, &(ti)->flags)
#define clear_ti_thread_flag(ti, f)	     clear_bit(f, &(ti)->flags)
#define test_ti_thread_flag(ti, f)	     test_bit(f, &(ti)->flags)
#define test_and_set_ti_thread_flag(ti, f)   test_and_set_bit(f, &(ti)->flags)
#define test_and_clear_ti_thread_flag(ti, f) test_and_clear_bit(f, &(ti)->flags)

#endif
