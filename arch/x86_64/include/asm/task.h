/* SPDX-License-Identifier: MIT */
/*
 * x86-64's part of contract 5: user registers as entry saves them, and what the switch keeps of
 * a task. See include/arch/task.h.
 */
#ifndef ASM_TASK_H
#define ASM_TASK_H

#include <jiffy/thread_info.h>
#include <jiffy/types.h>

/*
 * At the very top of the task's kernel stack while it is in the kernel; the order of the
 * general registers is that of struct user_regs_struct, which debuggers know. orig_ax: the
 * number of the system call, or -1 - vector for an interrupt, or an exception's error code.
 */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
	unsigned long ip, cs, flags, sp, ss;
};
static_assert_size(struct pt_regs, 168);

struct fpstate;

/* Own task, or a task that is off its CPU; fs and gs as of the last switch away. */
struct thread_struct {
	unsigned long sp; /* kernel stack pointer while it does not run */
	unsigned long fsbase, gsbase;
	union {
		struct {
			unsigned short fsindex, gsindex, es, ds;
		};
		unsigned long selectors; /* all four: mostly 0, as a 64-bit program has them */
	};
	unsigned int fpu_last_cpu; /* where its FPU registers were loaded last */
	struct fpstate *fpstate;   /* the FPU registers in memory; NULL: an idle task */
	unsigned long debugreg[4]; /* DR0..3 as the tracer set them */
	unsigned long dr6, dr7;
	unsigned long cr2, trap_nr, error_code; /* of the last fault, for signal frames */
	bool in_syscall;			/* stopped in or returning from a system call */
	bool no_tsc;				/* RDTSC is an error: PR_SET_TSC */
	bool rare; /* dr7 or no_tsc is set: the switch has more to do */
};

/* After each change of dr7 or no_tsc. */
static inline void thread_note_rare(struct thread_struct *t)
{
	t->rare = t->dr7 || t->no_tsc;
}

#define INIT_THREAD(stack_top)                         \
	{                                              \
		.sp = (stack_top), .fpu_last_cpu = -1U \
	}

static inline struct pt_regs *arch_stack_regs(const void *stack)
{
	return (struct pt_regs *)((unsigned long)stack + THREAD_SIZE) - 1;
}
#define task_pt_regs(t)	  arch_stack_regs((t)->stack)
#define current_pt_regs() task_pt_regs(current)

static inline bool user_mode(const struct pt_regs *regs)
{
	return regs->cs & 3;
}

static inline unsigned long user_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

static inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->ip;
}

static inline void instruction_pointer_set(struct pt_regs *regs, unsigned long ip)
{
	regs->ip = ip;
}

static __always_inline unsigned long arch_syscall_arg(const struct pt_regs *regs, int n)
{
	switch (n) {
	case 0:
		return regs->di;
	case 1:
		return regs->si;
	case 2:
		return regs->dx;
	case 3:
		return regs->r10;
	case 4:
		return regs->r8;
	default:
		return regs->r9;
	}
}

/* The call that a stopped task is in, -1 when it is in none. */
#define syscall_get_nr(t, regs) ((long)(int)(regs)->orig_ax)

static inline long syscall_get_return_value(const struct pt_regs *regs)
{
	return regs->ax;
}

static inline void syscall_set_return_value(struct pt_regs *regs, long v)
{
	regs->ax = v;
}

/* The call is to be made again as it was: its number goes back where its result would be. */
static inline void syscall_rollback(struct pt_regs *regs)
{
	regs->ax = regs->orig_ax;
}

#endif
