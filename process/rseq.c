/* SPDX-License-Identifier: MIT */
/*
 * Restartable sequences: rseq(2). A thread shows the kernel a structure in which it keeps the CPU
 * it runs on up to date, and which may name a stretch of code that must not be interrupted: when
 * it was preempted, moved or given a signal inside, it goes on at the stretch's abort address.
 * Current, on the way to user space; events are noted by the scheduler (rseq_preempt()...).
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/futex.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "internal.h"

static int update_cpu_id(struct task_struct *t)
{
	u32 cpu = raw_smp_processor_id();

	if (put_user(cpu, &t->rseq->cpu_id_start) || put_user(cpu, &t->rseq->cpu_id))
		return -EFAULT;
	return 0;
}

static int reset_cpu_id(struct task_struct *t)
{
	if (put_user(0U, &t->rseq->cpu_id_start) ||
	    put_user(RSEQ_CPU_ID_UNINITIALIZED, &t->rseq->cpu_id))
		return -EFAULT;
	return 0;
}

/* The stretch that the thread says it is in; start_ip 0: none. */
static int get_rseq_cs(struct task_struct *t, struct rseq_cs *cs)
{
	u64 ptr;
	u32 sig;

	memset(cs, 0, sizeof(*cs));
	if (get_user(ptr, &t->rseq->rseq_cs))
		return -EFAULT;
	if (!ptr)
		return 0;
	if (!access_ok((void __user *)ptr, sizeof(*cs)) ||
	    copy_from_user(cs, (void __user *)ptr, sizeof(*cs)))
		return -EFAULT;
	if (!access_ok((void __user *)cs->start_ip, cs->post_commit_offset) ||
	    !access_ok((void __user *)cs->abort_ip, 1) || cs->version)
		return -EINVAL;
	/* The abort handler is not inside, and bears our signature: no jump to anywhere. */
	if (cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (get_user(sig, (u32 __user *)(cs->abort_ip - sizeof(u32))))
		return -EFAULT;
	return sig == t->rseq_sig ? 0 : -EINVAL;
}

/* What happened meanwhile aborts the sequence, if the thread is in one. */
static int rseq_ip_fixup(struct task_struct *t, struct pt_regs *regs)
{
	unsigned long ip = instruction_pointer(regs);
	struct rseq_cs cs;
	u64 events;
	int ret = get_rseq_cs(t, &cs);

	if (ret || !cs.start_ip)
		return ret;
	if (ip - cs.start_ip >= cs.post_commit_offset)
		return put_user(0UL, (u64 __user *)&t->rseq->rseq_cs); /* left it: forget it */
	events = __atomic_exchange_n(&t->rseq_event_mask, 0, __ATOMIC_RELAXED);
	if (!events)
		return 0;
	if (put_user(0UL, (u64 __user *)&t->rseq->rseq_cs))
		return -EFAULT;
	instruction_pointer_set(regs, cs.abort_ip);
	return 0;
}

void rseq_handle_notify_resume(struct pt_regs *regs)
{
	struct task_struct *t = current;

	if (likely(!t->rseq) || unlikely(t->flags & PF_EXITING))
		return;
	if (rseq_ip_fixup(t, regs) || update_cpu_id(t))
		force_sigsegv(0);
}

void rseq_signal_deliver(struct ksignal *ksig, struct pt_regs *regs)
{
	if (!current->rseq)
		return;
	__atomic_fetch_or(&current->rseq_event_mask, RSEQ_EVENT_SIGNAL, __ATOMIC_RELAXED);
	if (rseq_ip_fixup(current, regs) || update_cpu_id(current))
		force_sigsegv(ksig->sig);
}

/* A thread registers anew; a process keeps what its copied memory says. */
void rseq_fork(struct task_struct *t, unsigned long clone_flags)
{
	if (clone_flags & CLONE_VM)
		rseq_execve(t);
}

void rseq_execve(struct task_struct *t)
{
	t->rseq = NULL;
	t->rseq_len = 0;
	t->rseq_sig = 0;
	t->rseq_event_mask = 0;
}

static int rseq_unregister(struct rseq __user *rseq, u32 len, u32 sig)
{
	int ret;

	if (current->rseq != rseq || !current->rseq)
		return -EINVAL;
	if (len != current->rseq_len)
		return -EINVAL;
	if (sig != current->rseq_sig)
		return -EPERM;
	ret = reset_cpu_id(current);
	if (!ret)
		rseq_execve(current);
	return ret;
}

SYSCALL_DEFINE4(rseq, struct rseq __user *, rseq, u32, len, int, flags, u32, sig)
{
	if (flags & RSEQ_FLAG_UNREGISTER)
		return flags & ~RSEQ_FLAG_UNREGISTER ? -EINVAL : rseq_unregister(rseq, len, sig);
	if (flags)
		return -EINVAL;
	if (current->rseq) {
		if (current->rseq != rseq || len != current->rseq_len)
			return -EINVAL;
		return sig != current->rseq_sig ? -EPERM : -EBUSY;
	}
	if ((unsigned long)rseq % __alignof__(*rseq) || len != RSEQ_ORIG_SIZE)
		return -EINVAL;
	if (!access_ok(rseq, len))
		return -EFAULT;
	current->rseq = rseq;
	current->rseq_len = len;
	current->rseq_sig = sig;
	/* The first numbers are written before the thread sees user space again. */
	__atomic_fetch_or(&current->rseq_event_mask, RSEQ_EVENT_PREEMPT, __ATOMIC_RELAXED);
	set_thread_flag(TIF_NOTIFY_RESUME);
	return 0;
}
