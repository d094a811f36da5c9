/* SPDX-License-Identifier: MIT */
/* ptrace(2): what a tracer asks of a stopped tracee. Task context. */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "internal.h"
#include "ptrace.h"

int generic_ptrace_peekdata(struct task_struct *t, unsigned long addr, unsigned long data)
{
	unsigned long word;

	if (access_process_vm(t, addr, &word, sizeof(word), FOLL_FORCE) != sizeof(word))
		return -EIO;
	return put_user(word, (unsigned long __user *)data);
}

int generic_ptrace_pokedata(struct task_struct *t, unsigned long addr, unsigned long data)
{
	int n = access_process_vm(t, addr, &data, sizeof(data), FOLL_FORCE | FOLL_WRITE);

	return n == sizeof(data) ? 0 : -EIO;
}

static int ptrace_siginfo(struct task_struct *child, kernel_siginfo_t *info, bool set)
{
	unsigned long flags;
	int ret = -ESRCH;

	if (!lock_task_sighand(child, &flags))
		return ret;
	ret = -EINVAL;
	if (likely(child->last_siginfo)) {
		if (set)
			*child->last_siginfo = *info;
		else
			*info = *child->last_siginfo;
		ret = 0;
	}
	unlock_task_sighand(child, &flags);
	return ret;
}

static int ptrace_getsetsiginfo(struct task_struct *child, siginfo_t __user *uinfo, bool set)
{
	kernel_siginfo_t info;
	int ret;

	if (set) {
		ret = copy_siginfo_from_user(&info, uinfo);
		return ret ? ret : ptrace_siginfo(child, &info, true);
	}
	ret = ptrace_siginfo(child, &info, false);
	return ret ? ret : copy_siginfo_to_user(uinfo, &info);
}

/* One entry of a queue by its place; false past the end. */
static bool peek_entry(struct task_struct *child, struct sigpending *q, u64 off,
		       kernel_siginfo_t *info)
{
	struct sigqueue *e;
	bool found = false;

	spin_lock_irq(&child->sighand->siglock);
	list_for_each_entry (e, &q->list, list) {
		if (!off--) {
			*info = e->info;
			found = true;
			break;
		}
	}
	spin_unlock_irq(&child->sighand->siglock);
	return found;
}

static int ptrace_peek_siginfo(struct task_struct *child, unsigned long addr, unsigned long data)
{
	struct ptrace_peeksiginfo_args arg;
	siginfo_t __user *to = (siginfo_t __user *)data;
	struct sigpending *q;
	kernel_siginfo_t info;
	int i;

	if (copy_from_user(&arg, (void __user *)addr, sizeof(arg)))
		return -EFAULT;
	if ((arg.flags & ~PTRACE_PEEKSIGINFO_SHARED) || arg.nr < 0)
		return -EINVAL;
	q = arg.flags & PTRACE_PEEKSIGINFO_SHARED ? &child->signal->shared_pending
						  : &child->pending;
	for (i = 0; i < arg.nr; i++) {
		if (!peek_entry(child, q, arg.off + i, &info))
			break;
		if (copy_siginfo_to_user(to + i, &info))
			return i ? i : -EFAULT;
		if (signal_pending(current))
			return i + 1;
		cond_resched();
	}
	return i;
}

static int ptrace_sigmask(struct task_struct *child, unsigned long size, u64 __user *umask,
			  bool set)
{
	sigset_t mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (!set) {
		mask = test_tsk_thread_flag(child, TIF_RESTORE_SIGMASK) ? child->saved_sigmask
									: child->blocked;
		return copy_to_user(umask, &mask, sizeof(mask)) ? -EFAULT : 0;
	}
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	spin_lock_irq(&child->sighand->siglock);
	child->blocked = mask & ~SIG_KERNEL_ONLY_MASK;
	spin_unlock_irq(&child->sighand->siglock);
	clear_tsk_thread_flag(child, TIF_RESTORE_SIGMASK);
	return 0;
}

static int ptrace_setoptions(struct task_struct *child, unsigned long data)
{
	if (data & ~(unsigned long)PTRACE_O_MASK)
		return -EINVAL;
	if (data & PTRACE_O_SUSPEND_SECCOMP)
		return -EPERM;
	child->ptrace =
	    (child->ptrace & ~(PTRACE_O_MASK << PT_OPT_FLAG_SHIFT)) | (data << PT_OPT_FLAG_SHIFT);
	return 0;
}

/* PTRACE_CONT and its kin: lets the child go on, with a signal or without. */
static int ptrace_resume(struct task_struct *child, long request, unsigned long data)
{
	bool step = request == PTRACE_SINGLESTEP || request == PTRACE_SYSEMU_SINGLESTEP;

	if (!valid_signal(data))
		return -EIO;
	if (request == PTRACE_SYSCALL)
		set_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
	else
		clear_tsk_thread_flag(child, TIF_SYSCALL_TRACE);
	if (request == PTRACE_SYSEMU || request == PTRACE_SYSEMU_SINGLESTEP)
		set_tsk_thread_flag(child, TIF_SYSCALL_EMU);
	else
		clear_tsk_thread_flag(child, TIF_SYSCALL_EMU);
	if (step)
		user_enable_single_step(child);
	else
		user_disable_single_step(child);
	spin_lock_irq(&child->sighand->siglock);
	child->exit_code = data;
	child->jobctl &= ~(JOBCTL_TRACED | JOBCTL_PTRACE_FROZEN);
	wake_up_state(child, __TASK_TRACED);
	spin_unlock_irq(&child->sighand->siglock);
	return 0;
}

/* PTRACE_INTERRUPT: a seized tracee stops wherever it is. */
static int ptrace_interrupt(struct task_struct *child)
{
	unsigned long flags;

	if (!(child->ptrace & PT_SEIZED) || !lock_task_sighand(child, &flags))
		return -EIO;
	if (likely(task_set_jobctl_pending(child, JOBCTL_TRAP_STOP)))
		signal_wake_up(child, false);
	unlock_task_sighand(child, &flags);
	return 0;
}

/* PTRACE_LISTEN: stays in its group stop, but tells the tracer of what comes. */
static int ptrace_listen(struct task_struct *child)
{
	unsigned long flags;
	int ret = -EIO;

	if (!(child->ptrace & PT_SEIZED) || !lock_task_sighand(child, &flags))
		return -EIO;
	if (child->last_siginfo && child->last_siginfo->si_code >> 8 == PTRACE_EVENT_STOP) {
		child->jobctl |= JOBCTL_LISTENING;
		/* Something came while it stood in the trap: the next one follows at once. */
		if (child->jobctl & JOBCTL_TRAP_NOTIFY)
			ptrace_trap_notify(child);
		ret = 0;
	}
	unlock_task_sighand(child, &flags);
	return ret;
}

static void fill_syscall_entry(struct ptrace_syscall_info *info, struct task_struct *child,
			       struct pt_regs *regs)
{
	int i;

	info->op = PTRACE_SYSCALL_INFO_ENTRY;
	info->entry.nr = syscall_get_nr(child, regs);
	for (i = 0; i < 6; i++)
		info->entry.args[i] = arch_syscall_arg(regs, i);
}

static int ptrace_get_syscall_info(struct task_struct *child, unsigned long size, void __user *data)
{
	struct pt_regs *regs = task_pt_regs(child);
	struct ptrace_syscall_info info = {
	    .op = PTRACE_SYSCALL_INFO_NONE,
	    .arch = AUDIT_ARCH_X86_64,
	    .instruction_pointer = instruction_pointer(regs),
	    .stack_pointer = user_stack_pointer(regs),
	};
	size_t actual = offsetof(struct ptrace_syscall_info, entry);
	int code = child->last_siginfo ? child->last_siginfo->si_code : 0;

	if (code == (SIGTRAP | 0x80)) {
		if (child->ptrace_message == PTRACE_EVENTMSG_SYSCALL_ENTRY) {
			fill_syscall_entry(&info, child, regs);
			actual = offsetof(struct ptrace_syscall_info, entry) + sizeof(info.entry);
		} else if (child->ptrace_message == PTRACE_EVENTMSG_SYSCALL_EXIT) {
			info.op = PTRACE_SYSCALL_INFO_EXIT;
			info.exit.rval = syscall_get_return_value(regs);
			info.exit.is_error = IS_ERR_VALUE(info.exit.rval);
			actual = offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
		}
	} else if (code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
		/* What a filter says stands behind the call, which is laid out as at its entry. */
		fill_syscall_entry(&info, child, regs);
		info.op = PTRACE_SYSCALL_INFO_SECCOMP;
		info.seccomp.ret_data = child->ptrace_message;
		actual = offsetof(struct ptrace_syscall_info, seccomp.ret_data) + sizeof(u32);
	}
	if (copy_to_user(data, &info, min(actual, size)))
		return -EFAULT;
	return actual;
}

int ptrace_request(struct task_struct *child, long request, unsigned long addr, unsigned long data)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return generic_ptrace_peekdata(child, addr, data);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return generic_ptrace_pokedata(child, addr, data);
	case PTRACE_SETOPTIONS:
		return ptrace_setoptions(child, data);
	case PTRACE_GETEVENTMSG:
		return put_user(child->ptrace_message, (unsigned long __user *)data);
	case PTRACE_GETSIGINFO:
		return ptrace_getsetsiginfo(child, (siginfo_t __user *)data, false);
	case PTRACE_SETSIGINFO:
		return ptrace_getsetsiginfo(child, (siginfo_t __user *)data, true);
	case PTRACE_PEEKSIGINFO:
		return ptrace_peek_siginfo(child, addr, data);
	case PTRACE_GETSIGMASK:
		return ptrace_sigmask(child, addr, (u64 __user *)data, false);
	case PTRACE_SETSIGMASK:
		return ptrace_sigmask(child, addr, (u64 __user *)data, true);
	case PTRACE_INTERRUPT:
		return ptrace_interrupt(child);
	case PTRACE_LISTEN:
		return ptrace_listen(child);
	case PTRACE_DETACH:
		return ptrace_detach(child, data);
	case PTRACE_GET_SYSCALL_INFO:
		return ptrace_get_syscall_info(child, addr, (void __user *)data);
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		return ptrace_resume(child, request, data);
	case PTRACE_KILL:
		send_sig_info(SIGKILL, SEND_SIG_NOINFO, child);
		return 0;
	default:
		return -EIO;
	}
}

SYSCALL_DEFINE4(ptrace, long, request, long, pid, unsigned long, addr, unsigned long, data)
{
	struct task_struct *child;
	long ret;

	if (request == PTRACE_TRACEME)
		return ptrace_traceme();
	child = find_get_task_by_vpid(pid);
	if (!child)
		return -ESRCH;
	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE) {
		ret = ptrace_attach(child, request == PTRACE_SEIZE, addr, data);
		goto out;
	}
	ret = ptrace_check_attach(child, request == PTRACE_KILL || request == PTRACE_INTERRUPT);
	if (ret < 0)
		goto out;
	ret = arch_ptrace(child, request, addr, data);
	if (ret || request != PTRACE_DETACH)
		ptrace_unfreeze_traced(child);
out:
	put_task_struct(child);
	return ret;
}
