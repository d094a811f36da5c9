/* SPDX-License-Identifier: MIT */
/*
 * System calls that a program takes for itself: under PR_SET_SYSCALL_USER_DISPATCH of prctl(2) a
 * call from outside one range of code is not made but becomes SIGSYS, unless the byte that the
 * program named says otherwise. Emulators of other systems run foreign code this way. Own task
 * only, so there is nothing to lock; a child and the next program begin without it.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/seccomp.h>
#include <uapi/prctl.h>
#include <uapi/siginfo.h>

#include "internal.h"

void user_dispatch_off(struct task_struct *t)
{
	clear_tsk_thread_flag(t, TIF_SYSCALL_USER_DISPATCH);
	t->syscall_dispatch = (struct syscall_user_dispatch){.selector = NULL};
}

int prctl_user_dispatch(unsigned long mode, unsigned long offset, unsigned long len,
			const char __user *selector)
{
	if (mode == PR_SYS_DISPATCH_OFF) {
		if (offset || len || selector)
			return -EINVAL;
		user_dispatch_off(current);
		return 0;
	}
	/* The range may be empty at 0, and must not run over the end of the address space. */
	if (mode != PR_SYS_DISPATCH_ON || (offset && offset + len <= offset))
		return -EINVAL;
	if (selector && !access_ok(selector, 1))
		return -EFAULT;
	current->syscall_dispatch = (struct syscall_user_dispatch){
	    .selector = selector,
	    .offset = offset,
	    .len = len,
	};
	set_thread_flag(TIF_SYSCALL_USER_DISPATCH);
	return 0;
}

bool dispatch_to_user(struct pt_regs *regs)
{
	struct syscall_user_dispatch *d = &current->syscall_dispatch;
	char state;

	if (instruction_pointer(regs) - d->offset < d->len)
		return false;
	if (d->selector) {
		if (get_user(state, d->selector)) {
			force_fatal_sig(SIGSEGV);
			return true;
		}
		if (state == SYSCALL_DISPATCH_FILTER_ALLOW)
			return false;
		if (state != SYSCALL_DISPATCH_FILTER_BLOCK) {
			force_fatal_sig(SIGSYS);
			return true;
		}
	}
	d->on_dispatch = true;
	/* The handler sees the registers as they were before the call. */
	syscall_rollback(regs);
	force_sigsys(regs, SYS_USER_DISPATCH, 0);
	return true;
}
