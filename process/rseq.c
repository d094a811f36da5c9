/* SPDX-License-Identifier: MIT */
/*
 * Restartable sequences: rseq(2). A thread shows the kernel a structure in which the kernel keeps
 * the CPU that the thread runs on, and in which the thread may name a stretch of code that must
 * not be interrupted: when it was preempted, moved or given a signal inside, it goes on at the
 * stretch's abort address. Current, on the way to user space, may fault.
 *
 * Serialization rules: task->rseq, rseq_len and rseq_sig are the task's own. rseq_event_mask is
 * set when the task, stopped in user mode by a trap or an interrupt, loses its CPU, when it is
 * moved or first woken, by a barrier's interrupt on its CPU and by itself, each time followed by
 * TIF_NOTIFY_RESUME; taken by the task after it cleared that flag. A switch inside a system call,
 * which no sequence may make, is no event; and while no event was noted, nothing in the structure
 * can be out of date.
 */
#include <arch/boot.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/futex.h>
#include <jiffy/mm.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "internal.h"

/* Registered just now: what the structure says about CPU and node is the program's. */
#define RSEQ_EVENT_NEW 8UL

static int write_ids(struct rseq __user *r, u32 start, u32 cpu, u32 node)
{
	if (put_user(start, &r->cpu_id_start) || put_user(cpu, &r->cpu_id) ||
	    put_user(node, &r->node_id))
		return -EFAULT;
	return 0;
}

/* Most returns find the CPU that they left: then there is nothing to write. */
static int rseq_update_ids(struct task_struct *t, unsigned long events)
{
	u32 cpu = raw_smp_processor_id(), seen;

	if (get_user(seen, &t->rseq->cpu_id))
		return -EFAULT;
	if (likely(seen == cpu && !(events & RSEQ_EVENT_NEW)))
		return 0;
	return write_ids(t->rseq, cpu, cpu, boot_info.cpu_to_node[cpu]);
}

/* Reads the stretch's description and distrusts all of it. 0, -EFAULT, -EINVAL. */
static int rseq_get_cs(struct task_struct *t, u64 ptr, struct rseq_cs *cs)
{
	u32 sig, flags;

	if (!access_ok((void __user *)ptr, sizeof(*cs)) ||
	    copy_from_user(cs, (void __user *)ptr, sizeof(*cs)))
		return -EFAULT;
	if (cs->version || cs->start_ip >= TASK_SIZE || cs->abort_ip >= TASK_SIZE ||
	    cs->post_commit_offset >= TASK_SIZE - cs->start_ip)
		return -EINVAL;
	/* An abort handler inside its own stretch would be aborted for ever. */
	if (cs->abort_ip - cs->start_ip < cs->post_commit_offset || cs->abort_ip < sizeof(sig))
		return -EINVAL;
	/* The signature in front of it shows that this is no jump to just anywhere. */
	if (get_user(sig, (u32 __user *)(cs->abort_ip - sizeof(sig))) ||
	    get_user(flags, &t->rseq->flags))
		return -EFAULT;
	if (sig != t->rseq_sig)
		return -EINVAL;
	/* The flags once chose events that do not abort; no value but 0 is good any more. */
	return cs->flags || flags ? -EINVAL : 0;
}

/* An event came: aborts the sequence, if the thread is in one. */
static int rseq_ip_fixup(struct task_struct *t, struct pt_regs *regs)
{
	unsigned long ip = instruction_pointer(regs);
	struct rseq_cs cs;
	u64 ptr;
	int ret;

	if (get_user(ptr, &t->rseq->rseq_cs))
		return -EFAULT;
	if (likely(!ptr))
		return 0;
	ret = rseq_get_cs(t, ptr, &cs);
	if (ret)
		return ret;
	/* Inside or left behind, the stretch is over. */
	if (put_user(0UL, &t->rseq->rseq_cs))
		return -EFAULT;
	if (ip - cs.start_ip < cs.post_commit_offset)
		instruction_pointer_set(regs, cs.abort_ip);
	return 0;
}

static void rseq_handle_events(struct pt_regs *regs, int sig)
{
	struct task_struct *t = current;
	unsigned long events = __atomic_exchange_n(&t->rseq_event_mask, 0, __ATOMIC_RELAXED);

	if (events && (rseq_ip_fixup(t, regs) || rseq_update_ids(t, events)))
		force_sigsegv(sig);
}

void rseq_handle_notify_resume(struct pt_regs *regs)
{
	if (current->rseq && likely(!(current->flags & PF_EXITING)))
		rseq_handle_events(regs, 0);
}

/* The frame that is about to be built must hold the abort address. */
void rseq_signal_deliver(struct ksignal *ksig, struct pt_regs *regs)
{
	if (!current->rseq)
		return;
	__atomic_fetch_or(&current->rseq_event_mask, RSEQ_EVENT_SIGNAL, __ATOMIC_RELAXED);
	rseq_handle_events(regs, ksig->sig);
}

/*
 * A thread registers anew. A process has a copy of the structure, which tells of the CPU of its
 * parent until its first wake-up notes an event.
 */
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
	if (!current->rseq || current->rseq != rseq || len != current->rseq_len)
		return -EINVAL;
	if (sig != current->rseq_sig)
		return -EPERM;
	if (write_ids(rseq, 0, RSEQ_CPU_ID_UNINITIALIZED, 0))
		return -EFAULT;
	rseq_execve(current);
	return 0;
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
	/* The first form of the structure has 32 bytes and that alignment; later ones are longer.
	 */
	if (len < RSEQ_ORIG_SIZE || !IS_ALIGNED((unsigned long)rseq, __alignof__(*rseq)))
		return -EINVAL;
	if (!access_ok(rseq, len))
		return -EFAULT;
	current->rseq = rseq;
	current->rseq_len = len;
	current->rseq_sig = sig;
	/* The first numbers are written before the thread sees user space again. */
	__atomic_fetch_or(&current->rseq_event_mask, RSEQ_EVENT_NEW, __ATOMIC_RELAXED);
	set_thread_flag(TIF_NOTIFY_RESUME);
	return 0;
}
