/* SPDX-License-Identifier: MIT */
/* prctl(2). */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/binfmts.h>
#include <jiffy/mm.h>
#include <jiffy/seccomp.h>
#include <jiffy/syscalls.h>
#include <uapi/prctl.h>

#include "internal.h"

static int prctl_set_name(const char __user *name)
{
	char comm[TASK_COMM_LEN];

	comm[TASK_COMM_LEN - 1] = '\0';
	if (strncpy_from_user(comm, name, TASK_COMM_LEN - 1) < 0)
		return -EFAULT;
	set_task_comm(current, comm);
	return 0;
}

static int prctl_get_name(char __user *name)
{
	char comm[TASK_COMM_LEN];

	get_task_comm(comm, current);
	return copy_to_user(name, comm, sizeof(comm)) ? -EFAULT : 0;
}

static int prctl_ambient(unsigned long op, unsigned long cap, unsigned long arg4,
			 unsigned long arg5)
{
	struct cred *new;

	if (arg4 | arg5)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (cap)
			return -EINVAL;
	} else if (cap > CAP_LAST_CAP) {
		return -EINVAL;
	}
	if (op == PR_CAP_AMBIENT_IS_SET)
		return cap_raised(current_cred()->cap_ambient, cap);
	if (op != PR_CAP_AMBIENT_RAISE && op != PR_CAP_AMBIENT_LOWER &&
	    op != PR_CAP_AMBIENT_CLEAR_ALL)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_RAISE &&
	    (!cap_raised(current_cred()->cap_permitted & current_cred()->cap_inheritable, cap) ||
	     (current_cred()->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (op == PR_CAP_AMBIENT_CLEAR_ALL)
		new->cap_ambient = 0;
	else if (op == PR_CAP_AMBIENT_RAISE)
		cap_raise(new->cap_ambient, cap);
	else
		cap_lower(new->cap_ambient, cap);
	return commit_creds(new);
}

static int prctl_capbset_drop(unsigned long cap)
{
	struct cred *new;

	if (!ns_capable(current_user_ns(), CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	cap_lower(new->cap_bset, cap);
	return commit_creds(new);
}

/* capabilities(7), "The securebits flags". */
static int prctl_set_securebits(unsigned long bits)
{
	const struct cred *old = current_cred();
	unsigned long locked = (old->securebits & SECURE_ALL_LOCKS) >> 1;
	struct cred *new;

	if ((locked & (old->securebits ^ bits)) || (old->securebits & SECURE_ALL_LOCKS & ~bits) ||
	    (bits & ~(unsigned long)(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) ||
	    !ns_capable(current_user_ns(), CAP_SETPCAP))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->securebits = bits;
	return commit_creds(new);
}

static int prctl_set_keepcaps(unsigned long on)
{
	struct cred *new;

	if (on > 1)
		return -EINVAL;
	if (current_cred()->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (on)
		new->securebits |= SECBIT_KEEP_CAPS;
	else
		new->securebits &= ~SECBIT_KEEP_CAPS;
	return commit_creds(new);
}

/* Is `above` among those from which p descends? tasklist_lock. */
static bool descends_from(struct task_struct *p, struct task_struct *above)
{
	for (; p != &init_task; p = p->real_parent)
		if (same_thread_group(p->real_parent, above))
			return true;
	return false;
}

/* Descendants look for a subreaper when their parents die; children to come inherit the mark. */
static void mark_descendants(struct task_struct *leader)
{
	struct task_struct *p;

	lockdep_assert_held(&tasklist_lock);
	for_each_process (p)
		if (descends_from(p, leader))
			p->signal->has_child_subreaper = true;
}

static int prctl_set_child_subreaper(unsigned long on)
{
	current->signal->is_child_subreaper = on != 0;
	if (!on)
		return 0;
	write_lock_irq(&tasklist_lock);
	mark_descendants(current->group_leader);
	write_unlock_irq(&tasklist_lock);
	return 0;
}

static int prctl_set_tsc(unsigned long mode)
{
	if (mode != PR_TSC_ENABLE && mode != PR_TSC_SIGSEGV)
		return -EINVAL;
	arch_set_tsc_readable(mode == PR_TSC_ENABLE);
	return 0;
}

/* No memory is ever found broken here; what the program chose is kept and inherited. */
static int prctl_mce_kill(unsigned long op, unsigned long when)
{
	unsigned int flags = PF_MCE_PROCESS | PF_MCE_EARLY;

	if (op == PR_MCE_KILL_CLEAR ? when : op != PR_MCE_KILL_SET || when > PR_MCE_KILL_DEFAULT)
		return -EINVAL;
	current->flags &= ~flags;
	if (op == PR_MCE_KILL_SET && when != PR_MCE_KILL_DEFAULT)
		current->flags |= when == PR_MCE_KILL_EARLY ? flags : PF_MCE_PROCESS;
	return 0;
}

static int prctl_mce_kill_get(void)
{
	if (!(current->flags & PF_MCE_PROCESS))
		return PR_MCE_KILL_DEFAULT;
	return current->flags & PF_MCE_EARLY ? PR_MCE_KILL_EARLY : PR_MCE_KILL_LATE;
}

static int prctl_io_flusher(int option, unsigned long on)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (option == PR_GET_IO_FLUSHER)
		return on ? -EINVAL : !!(current->flags & PF_IO_FLUSHER);
	if (on > 1)
		return -EINVAL;
	current->flags &= ~PF_IO_FLUSHER;
	if (on)
		current->flags |= PF_IO_FLUSHER;
	return 0;
}

/* The CPU speculates as it likes, and no program can tell it otherwise. */
static int prctl_speculation(int option, unsigned long which)
{
	if (which != PR_SPEC_STORE_BYPASS && which != PR_SPEC_INDIRECT_BRANCH &&
	    which != PR_SPEC_L1D_FLUSH)
		return -ENODEV;
	return option == PR_GET_SPECULATION_CTRL ? PR_SPEC_ENABLE : -ENXIO;
}

static int prctl_set_thp_disable(unsigned long on)
{
	if (on)
		set_bit(MMF_DISABLE_THP, &current->mm->flags);
	else
		clear_bit(MMF_DISABLE_THP, &current->mm->flags);
	return 0;
}

/* What a program asks of the machine and of memory. */
static int prctl_machine(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4,
			 unsigned long arg5)
{
	switch (option) {
	case PR_GET_TSC:
		return put_user(arch_tsc_readable() ? PR_TSC_ENABLE : PR_TSC_SIGSEGV,
				(int __user *)arg2);
	case PR_SET_TSC:
		return prctl_set_tsc(arg2);
	case PR_MCE_KILL:
		return arg4 || arg5 ? -EINVAL : prctl_mce_kill(arg2, arg3);
	case PR_MCE_KILL_GET:
		return arg2 || arg3 || arg4 || arg5 ? -EINVAL : prctl_mce_kill_get();
	case PR_SET_IO_FLUSHER:
	case PR_GET_IO_FLUSHER:
		return arg3 || arg4 || arg5 ? -EINVAL : prctl_io_flusher(option, arg2);
	case PR_GET_SPECULATION_CTRL:
		return arg3 || arg4 || arg5 ? -EINVAL : prctl_speculation(option, arg2);
	case PR_SET_SPECULATION_CTRL:
		return arg4 || arg5 ? -EINVAL : prctl_speculation(option, arg2);
	case PR_SET_THP_DISABLE:
		return arg3 || arg4 || arg5 ? -EINVAL : prctl_set_thp_disable(arg2);
	case PR_GET_THP_DISABLE:
		return arg2 || arg3 || arg4 || arg5
			   ? -EINVAL
			   : test_bit(MMF_DISABLE_THP, &current->mm->flags);
	case PR_SET_MM:
		return prctl_set_mm(arg2, arg3, arg4, arg5);
	case PR_SET_SYSCALL_USER_DISPATCH:
		return prctl_user_dispatch(arg2, arg3, arg4, (const char __user *)arg5);
	default:
		return -EINVAL;
	}
}

static int prctl_credentials(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4,
			     unsigned long arg5)
{
	switch (option) {
	case PR_GET_KEEPCAPS:
		return !!(current_cred()->securebits & SECBIT_KEEP_CAPS);
	case PR_SET_KEEPCAPS:
		return prctl_set_keepcaps(arg2);
	case PR_CAPBSET_READ:
		return arg2 > CAP_LAST_CAP ? -EINVAL
					   : (int)cap_raised(current_cred()->cap_bset, arg2);
	case PR_CAPBSET_DROP:
		return prctl_capbset_drop(arg2);
	case PR_GET_SECUREBITS:
		return current_cred()->securebits;
	case PR_SET_SECUREBITS:
		return prctl_set_securebits(arg2);
	case PR_CAP_AMBIENT:
		return prctl_ambient(arg2, arg3, arg4, arg5);
	case PR_SET_NO_NEW_PRIVS:
		if (arg2 != 1 || arg3 || arg4 || arg5)
			return -EINVAL;
		current->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return arg2 || arg3 || arg4 || arg5 ? -EINVAL : current->no_new_privs;
	default:
		return prctl_machine(option, arg2, arg3, arg4, arg5);
	}
}

SYSCALL_DEFINE5(prctl, int, option, unsigned long, arg2, unsigned long, arg3, unsigned long, arg4,
		unsigned long, arg5)
{
	struct task_struct *me = current;

	switch (option) {
	case PR_SET_PDEATHSIG:
		if (!valid_signal(arg2))
			return -EINVAL;
		me->pdeath_signal = arg2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(me->pdeath_signal, (int __user *)arg2);
	case PR_GET_DUMPABLE:
		return get_dumpable(me->mm);
	case PR_SET_DUMPABLE:
		if (arg2 != SUID_DUMP_DISABLE && arg2 != SUID_DUMP_USER)
			return -EINVAL;
		set_dumpable(me->mm, arg2);
		return 0;
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_SET_TIMING:
		return arg2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_SET_NAME:
		return prctl_set_name((const char __user *)arg2);
	case PR_GET_NAME:
		return prctl_get_name((char __user *)arg2);
	case PR_SET_TIMERSLACK:
		me->timer_slack_ns = (long)arg2 <= 0 ? me->default_timer_slack_ns : arg2;
		return 0;
	case PR_GET_TIMERSLACK:
		return me->timer_slack_ns;
	case PR_SET_CHILD_SUBREAPER:
		return prctl_set_child_subreaper(arg2);
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)me->signal->is_child_subreaper, (int __user *)arg2);
	case PR_GET_TID_ADDRESS:
		return put_user(me->clear_child_tid, (int __user *__user *)arg2);
	case PR_GET_SECCOMP:
		return prctl_get_seccomp();
	case PR_SET_SECCOMP:
		return prctl_set_seccomp(arg2, arg3);
	default:
		return prctl_credentials(option, arg2, arg3, arg4, arg5);
	}
}
