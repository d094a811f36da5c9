/* SPDX-License-Identifier: MIT */
/*
 * Contract 5 of 8: a task's registers, its first and its next steps, its signal frames, its
 * tracer's view.
 *
 * <asm/task.h> defines struct pt_regs (user registers at the top of the kernel stack, saved by
 * entry), struct thread_struct (what the switch keeps per task), and inline:
 *   unsigned long arch_syscall_arg(const struct pt_regs *regs, int n)   n = 0..5
 *   unsigned long user_stack_pointer(regs), instruction_pointer(regs)
 *   bool user_mode(const struct pt_regs *regs)
 *   struct pt_regs *task_pt_regs(task), long syscall_get_nr(task, regs) (-1: not in a call)
 *   syscall_get_return_value(regs), syscall_set_return_value(regs, v), syscall_rollback()
 */
#ifndef ARCH_TASK_H
#define ARCH_TASK_H

#include <jiffy/types.h>

struct task_struct;
struct mm_struct;
struct linux_binprm;
struct ksignal;
struct pt_regs;

#include <asm/task.h>

/*
 * Leaves prev's stack and registers for next's; returns, on next's stack, the task that ran
 * before it on this CPU. Interrupts off, preempt count 1, rq->lock held and handed over.
 * Sets arch_current(). Saves prev's extended (FPU) registers only when they are in the CPU, and
 * marks next for loading on the way to user space. A full barrier by way of rq->lock.
 */
struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next);

/*
 * The child's first registers. fn NULL: a copy of the parent's user registers with return value
 * 0, stack pointer sp when not 0, thread pointer tls under CLONE_SETTLS. fn: a kernel thread
 * that calls fn(arg) and, should fn return, goes to user mode by the registers fn prepared
 * (kernel_execve). The first switch to it lands in arch's ret_from_fork, which calls
 * schedule_tail(prev) first. 0 or -ENOMEM, -EINVAL.
 */
int copy_thread(struct task_struct *p, unsigned long clone_flags, unsigned long sp,
		int (*fn)(void *), void *arg, unsigned long tls);
/* sched/: finishes the switch on the new task's side; preemption is on when it returns. */
void schedule_tail(struct task_struct *prev);
/*
 * *dst = *src, with those of src's registers that live in the CPU saved first, and nothing of the
 * architecture's owned by dst yet (copy_thread() allocates). src is current. Task context.
 */
void arch_dup_task_struct(struct task_struct *dst, struct task_struct *src);
void exit_thread(struct task_struct *t); /* gives back what copy_thread() and use took */
void flush_thread(void);		 /* exec: thread pointer, FPU, debug registers anew */
void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp); /* exec's end */
void arch_release_task_struct(struct task_struct *t);
unsigned long arch_align_stack(unsigned long sp);

/*
 * Signals. setup_rt_frame(): pushes siginfo, context and extended registers to the user stack (or
 * the alternate one) and points regs at the handler; 0 or -EFAULT. restore: the way back, from
 * rt_sigreturn(2); returns what the return register gets, having validated every value.
 * Task context, no locks. arch_min_sigstack(): the bytes that one frame may need, for
 * AT_MINSIGSTKSZ; the same from boot on.
 */
unsigned long arch_min_sigstack(void);
int setup_rt_frame(struct ksignal *ksig, u64 *oldset, struct pt_regs *regs);
long arch_rt_sigreturn(struct pt_regs *regs);
/* Puts the call number back and the instruction pointer before the call instruction. */
void arch_restart_syscall(struct pt_regs *regs, bool by_restart_block);

/*
 * May current's program read the CPU's cycle counter? When not, the instruction that does is
 * SIGSEGV. Children and the next program inherit it. PR_GET_TSC, PR_SET_TSC. Task context.
 */
bool arch_tsc_readable(void);
void arch_set_tsc_readable(bool readable);

/* prctl-like calls of the architecture: arch_prctl(2). */
long arch_prctl(struct task_struct *t, int option, unsigned long arg2);

/* Tracer's view of a stopped task. arch_ptrace(): requests the portable part does not know. */
long arch_ptrace(struct task_struct *child, long request, unsigned long addr, unsigned long data);
void user_enable_single_step(struct task_struct *t);
void user_disable_single_step(struct task_struct *t);
/*
 * Core dumps: fills a general register set (NT_PRSTATUS), and the image of the extended ones,
 * which begins with the FPU set (NT_PRFPREG); the bytes of it, at most size.
 */
size_t arch_core_regs(struct task_struct *t, void *buf, size_t size);
size_t arch_core_fpregs(struct task_struct *t, void *buf, size_t size);

/* This CPU refetches its instructions: what others wrote as code is what runs. Any context. */
void arch_sync_core(void);

/* Symbolised call chain of t (NULL: current) to the log. Any context. */
void arch_show_stack(struct task_struct *t);
void arch_show_regs(const struct pt_regs *regs);
/* Return addresses of current or of a task that sleeps, innermost first; how many were found. */
int arch_stack_trace(struct task_struct *t, unsigned long *entries, int max);

#endif
