/* SPDX-License-Identifier: MIT */
/*
 * The system calls that make tasks: fork(2), vfork(2), clone(2), clone3; set_tid_address(2).
 */
#include <arch/uaccess.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "internal.h"

SYSCALL_DEFINE0(fork)
{
	struct kernel_clone_args args = {.exit_signal = SIGCHLD};

	return do_fork(&args);
}

SYSCALL_DEFINE0(vfork)
{
	struct kernel_clone_args args = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};

	return do_fork(&args);
}

/* x86-64's order of arguments. The old form puts a pidfd where the parent's tid would go. */
SYSCALL_DEFINE5(clone, unsigned long, clone_flags, unsigned long, newsp, int __user *, parent_tid,
		int __user *, child_tid, unsigned long, tls)
{
	struct kernel_clone_args args = {
	    .flags = (u32)clone_flags & ~CSIGNAL,
	    .pidfd = parent_tid,
	    .parent_tid = parent_tid,
	    .child_tid = child_tid,
	    .exit_signal = (u32)clone_flags & CSIGNAL,
	    .stack = newsp,
	    .tls = tls,
	};

	return do_fork(&args);
}

/* A structure of any size that has what we know; what we do not know must be zero. */
static int copy_clone_args(struct clone_args *ca, const struct clone_args __user *uargs,
			   size_t size)
{
	const char __user *rest = (const char __user *)uargs + sizeof(*ca);
	size_t i;
	char c;

	if (size > 4096)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	memset(ca, 0, sizeof(*ca));
	for (i = sizeof(*ca); i < size; i++) {
		if (get_user(c, rest++))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	return copy_from_user(ca, uargs, min(size, sizeof(*ca))) ? -EFAULT : 0;
}

/* What may not be said whatever the flags are; size: of the caller's structure. */
static int check_clone3_values(const struct clone_args *ca, size_t size)
{
	if (ca->set_tid_size > MAX_PID_NS_LEVEL || !ca->set_tid != !ca->set_tid_size)
		return -EINVAL;
	if (ca->exit_signal & ~(u64)CSIGNAL || !valid_signal(ca->exit_signal))
		return -EINVAL;
	/* A caller that knows of no cgroup cannot mean descriptor 0. */
	if ((ca->flags & CLONE_INTO_CGROUP) &&
	    (ca->cgroup > INT32_MAX || size < CLONE_ARGS_SIZE_VER2))
		return -EINVAL;
	return 0;
}

static int check_clone3_flags(const struct clone_args *ca)
{
	if (ca->flags & ~(u64)(0xffffffffULL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP))
		return -EINVAL;
	/* Bits of the old exit signal: CLONE_NEWTIME alone has a meaning here. */
	if (ca->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return -EINVAL;
	if ((ca->flags & (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND)) ==
	    (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((ca->flags & (CLONE_THREAD | CLONE_PARENT)) && ca->exit_signal)
		return -EINVAL;
	if (!ca->stack != !ca->stack_size)
		return -EINVAL;
	if (ca->stack && !access_ok((void __user *)ca->stack, ca->stack_size))
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE2(clone3, struct clone_args __user *, uargs, size_t, size)
{
	pid_t set_tid[MAX_PID_NS_LEVEL];
	struct kernel_clone_args args;
	struct clone_args ca;
	int ret = copy_clone_args(&ca, uargs, size);

	if (ret)
		return ret;
	ret = check_clone3_values(&ca, size);
	if (ret)
		return ret;
	if (ca.set_tid_size && copy_from_user(set_tid, (const void __user *)ca.set_tid,
					      ca.set_tid_size * sizeof(pid_t)))
		return -EFAULT;
	ret = check_clone3_flags(&ca);
	if (ret)
		return ret;
	args = (struct kernel_clone_args){
	    .flags = ca.flags,
	    .pidfd = (int __user *)ca.pidfd,
	    .child_tid = (int __user *)ca.child_tid,
	    .parent_tid = (int __user *)ca.parent_tid,
	    .exit_signal = ca.exit_signal,
	    .stack = ca.stack,
	    .stack_size = ca.stack_size,
	    .tls = ca.tls,
	    .set_tid = set_tid,
	    .set_tid_size = ca.set_tid_size,
	    .cgroup = ca.cgroup,
	};
	return do_fork(&args);
}

SYSCALL_DEFINE1(set_tid_address, int __user *, tidptr)
{
	current->clear_child_tid = tidptr;
	return task_pid_vnr(current);
}
