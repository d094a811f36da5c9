/* SPDX-License-Identifier: MIT */
/*
 * futex(2) as far as fork, exec and exit meet it; rseq(2) and membarrier(2) likewise.
 * process/futex*.c, process/rseq.c, process/membarrier.c. Task context, current.
 */
#ifndef JIFFY_FUTEX_H
#define JIFFY_FUTEX_H

#include <jiffy/mm_types.h>
#include <jiffy/sched.h>
#include <uapi/futex.h>

void futex_init_task(struct task_struct *t);
/* The mm is about to go: walks the robust list, gives up PI locks. */
void futex_exit_release(struct task_struct *t);
void futex_exec_release(struct task_struct *t);
/* op with everything already checked for the caller's own address space; in the kernel: wake. */
long do_futex(u32 __user *uaddr, int op, u32 val, ktime_t *timeout, u32 __user *uaddr2, u32 val2,
	      u32 val3);

/* arch/ calls rseq_signal_deliver() before it builds a frame. */
void rseq_signal_deliver(struct ksignal *ksig, struct pt_regs *regs);
void rseq_handle_notify_resume(struct pt_regs *regs);
void rseq_fork(struct task_struct *t, unsigned long clone_flags);
void rseq_execve(struct task_struct *t);
#define RSEQ_EVENT_PREEMPT 1UL
#define RSEQ_EVENT_SIGNAL  2UL
/* t's sequence, if it is in one, was torn: by a switch, a move or a barrier. */
static inline void rseq_preempt(struct task_struct *t)
{
	if (t->rseq) {
		__atomic_fetch_or(&t->rseq_event_mask, RSEQ_EVENT_PREEMPT, __ATOMIC_RELAXED);
		set_tsk_thread_flag(t, TIF_NOTIFY_RESUME);
	}
}
void membarrier_exec_mmap(struct mm_struct *mm); /* irqs off, before the switch to mm */
/* [irqs off] sched/: this CPU is about to switch to mm, by way of a full barrier. */
DECLARE_PER_CPU(int, membarrier_cpu_state);
static inline void membarrier_switch_mm(struct mm_struct *mm)
{
	this_cpu_write(membarrier_cpu_state, atomic_read(&mm->membarrier_state));
}

#endif
