/* SPDX-License-Identifier: MIT */
/*
 * Restricting one's own system calls: strict mode, and filters written in classic BPF. seccomp(2).
 * Rules in <jiffy/seccomp.h>. Task context, current only unless said.
 *
 * A filter once installed stays, also in children and over exec; another one can only be put in
 * front. So a task's filters are the tail of a tree: each has one reference from each task whose
 * newest it is and one from each filter in front of it.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/bpf.h>
#include <jiffy/gfp.h>
#include <jiffy/ptrace.h>
#include <jiffy/seccomp.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <uapi/ptrace.h>
#include <uapi/seccomp.h>

#include "internal.h"

#define MAX_ERRNO_DATA 4095
/* Instructions that one call may cost, each filter counted as 4 more. */
#define MAX_INSNS_PER_PATH 32768
#define FILTER_PENALTY	   4

struct seccomp_filter {
	refcount_t usage;
	bool log;
	unsigned int len, total, depth; /* total and depth: with those behind it */
	struct seccomp_filter *prev;
	struct sock_filter insns[];
};

static void put_filter(struct seccomp_filter *f)
{
	while (f && refcount_dec_and_test(&f->usage)) {
		struct seccomp_filter *prev = f->prev;

		kvfree(f);
		f = prev;
	}
}

/* ---- a call ---- */

static void fill_data(struct seccomp_data *d, const struct pt_regs *regs)
{
	int i;

	d->nr = syscall_get_nr(current, regs);
	d->arch = AUDIT_ARCH_X86_64;
	d->instruction_pointer = instruction_pointer(regs);
	for (i = 0; i < 6; i++)
		d->args[i] = arch_syscall_arg(regs, i);
}

/* The strictest of what all filters say; *match: the one that said it. */
static u32 run_filters(const struct pt_regs *regs, const struct seccomp_filter **match)
{
	const struct seccomp_filter *f = smp_load_acquire(&current->seccomp_filter);
	u32 result = SECCOMP_RET_ALLOW;
	struct seccomp_data data;

	fill_data(&data, regs);
	for (; f; f = f->prev) {
		u32 r = bpf_run(f->insns, (const u32 *)&data, sizeof(data));

		if ((s32)(r & SECCOMP_RET_ACTION_FULL) < (s32)(result & SECCOMP_RET_ACTION_FULL)) {
			result = r;
			*match = f;
		}
	}
	return result;
}

static void log_call(const struct pt_regs *regs, u32 action)
{
	pr_info("seccomp: %s[%d]: system call %ld at %#lx: action %#x\n", current->comm,
		task_pid_nr(current), syscall_get_nr(current, regs), instruction_pointer(regs),
		action);
}

void force_sigsys(const struct pt_regs *regs, int code, int reason)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = SIGSYS;
	info.si_code = code;
	info.si_errno = reason;
	info.si_call_addr = (void __user *)instruction_pointer(regs);
	info.si_syscall = syscall_get_nr(current, regs);
	info.si_arch = AUDIT_ARCH_X86_64;
	force_sig_info(&info);
}

/* The last thread's end is the process's, with a core. */
static void kill_by_filter(u32 action)
{
	if (action == SECCOMP_RET_KILL_THREAD && atomic_read(&current->signal->live) > 1)
		do_exit(SIGSYS);
	force_fatal_sig(SIGSYS);
}

/* A tracer decides; it may have changed the call, which the filters then look at anew. */
static bool ask_tracer(struct pt_regs *regs, u32 data)
{
	const struct seccomp_filter *match = NULL;

	if (!ptrace_event_enabled(current, PTRACE_EVENT_SECCOMP)) {
		syscall_set_return_value(regs, -ENOSYS);
		return false;
	}
	syscall_set_return_value(regs, -ENOSYS);
	ptrace_event(PTRACE_EVENT_SECCOMP, data);
	if (fatal_signal_pending(current) || syscall_get_nr(current, regs) < 0)
		return false;
	if ((s32)(run_filters(regs, &match) & SECCOMP_RET_ACTION_FULL) >= (s32)SECCOMP_RET_TRACE)
		return true;
	return secure_computing(regs);
}

static bool by_filter(struct pt_regs *regs)
{
	const struct seccomp_filter *match = NULL;
	u32 result = run_filters(regs, &match), data = result & SECCOMP_RET_DATA;
	u32 action = result & SECCOMP_RET_ACTION_FULL;

	if (action == SECCOMP_RET_ALLOW)
		return true;
	if (match && match->log)
		log_call(regs, action);
	switch (action) {
	case SECCOMP_RET_ERRNO:
		syscall_set_return_value(regs, -(long)min(data, (u32)MAX_ERRNO_DATA));
		return false;
	case SECCOMP_RET_TRAP:
		/* The handler sees the registers as they were before the call. */
		syscall_rollback(regs);
		force_sigsys(regs, SYS_SECCOMP, data);
		return false;
	case SECCOMP_RET_TRACE:
		return ask_tracer(regs, data);
	case SECCOMP_RET_LOG:
		log_call(regs, action);
		return true;
	default:
		/* The two that kill, and what nobody has heard of. */
		syscall_rollback(regs);
		kill_by_filter(action);
		return false;
	}
}

static bool strictly(const struct pt_regs *regs)
{
	switch (syscall_get_nr(current, regs)) {
	case __NR_read:
	case __NR_write:
	case __NR_exit:
	case __NR_rt_sigreturn:
		return true;
	default:
		do_exit(SIGKILL);
	}
}

bool secure_computing(struct pt_regs *regs)
{
	switch (READ_ONCE(current->seccomp_mode)) {
	case SECCOMP_MODE_STRICT:
		return strictly(regs);
	case SECCOMP_MODE_FILTER:
		return by_filter(regs);
	default:
		return true;
	}
}

/* ---- installing ---- */

static void set_mode(struct task_struct *t, int mode)
{
	WRITE_ONCE(t->seccomp_mode, mode);
	/* The mode before the flag: who sees the flag acts by the mode. */
	smp_mb();
	set_tsk_thread_flag(t, TIF_SECCOMP);
}

static long set_strict(void)
{
	long ret = -EINVAL;

	spin_lock_irq(&current->sighand->siglock);
	if (current->seccomp_mode != SECCOMP_MODE_FILTER) {
		set_mode(current, SECCOMP_MODE_STRICT);
		ret = 0;
	}
	spin_unlock_irq(&current->sighand->siglock);
	return ret;
}

static int check_program(struct seccomp_filter *f)
{
	u16 *written = kvmalloc(f->len * sizeof(*written), GFP_KERNEL);
	int ret;

	if (!written)
		return -ENOMEM;
	ret = bpf_check(f->insns, f->len, sizeof(struct seccomp_data), written);
	kvfree(written);
	return ret;
}

/* The user's program, copied and checked. ERR_PTR: EFAULT, EINVAL, EACCES, ENOMEM. */
static struct seccomp_filter *prepare_filter(const void __user *uprog)
{
	struct seccomp_filter *f;
	struct sock_fprog prog;
	int ret;

	if (copy_from_user(&prog, uprog, sizeof(prog)))
		return ERR_PTR(-EFAULT);
	if (!prog.len || prog.len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	/* Else a set-user-ID program could be made to fail where nobody has expected it. */
	if (!current->no_new_privs && !ns_capable_noaudit(current_user_ns(), CAP_SYS_ADMIN))
		return ERR_PTR(-EACCES);
	f = kvmalloc(sizeof(*f) + prog.len * sizeof(f->insns[0]), GFP_KERNEL);
	if (!f)
		return ERR_PTR(-ENOMEM);
	*f = (struct seccomp_filter){.usage = REFCOUNT_INIT(1), .len = prog.len};
	ret = -EFAULT;
	if (!copy_from_user(f->insns, (const void __user *)prog.filter,
			    prog.len * sizeof(f->insns[0])))
		ret = check_program(f);
	if (!ret)
		return f;
	kvfree(f);
	return ERR_PTR(ret);
}

static bool is_behind(const struct seccomp_filter *f, const struct seccomp_filter *front)
{
	for (; front; front = front->prev)
		if (front == f)
			return true;
	return f == NULL;
}

/* 0: every thread's filters are a part of ours; else the number of one for which it is not so. */
static pid_t find_strayed_thread(void)
{
	struct task_struct *t;

	lockdep_assert_held(&current->sighand->siglock);
	for_each_thread (current, t) {
		if (t == current || t->exit_state)
			continue;
		if (t->seccomp_mode == SECCOMP_MODE_DISABLED ||
		    (t->seccomp_mode == SECCOMP_MODE_FILTER &&
		     is_behind(t->seccomp_filter, current->seccomp_filter)))
			continue;
		return task_pid_vnr(t);
	}
	return 0;
}

static void give_to_all_threads(void)
{
	struct task_struct *t;

	lockdep_assert_held(&current->sighand->siglock);
	for_each_thread (current, t) {
		struct seccomp_filter *old = t->seccomp_filter;

		if (t == current || t->exit_state)
			continue;
		refcount_inc(&current->seccomp_filter->usage);
		smp_store_release(&t->seccomp_filter, current->seccomp_filter);
		/* It is a part of the new ones: this is never its last reference. */
		put_filter(old);
		if (current->no_new_privs)
			t->no_new_privs = true;
		set_mode(t, SECCOMP_MODE_FILTER);
	}
}

/* Puts f in front of the caller's filters, which then count the reference. siglock. */
static long attach_filter(struct seccomp_filter *f, unsigned long flags)
{
	struct seccomp_filter *prev = current->seccomp_filter;
	pid_t strayed;

	lockdep_assert_held(&current->sighand->siglock);
	if (current->seccomp_mode == SECCOMP_MODE_STRICT)
		return -EINVAL;
	f->depth = 1 + (prev ? prev->depth : 0);
	f->total = f->len + FILTER_PENALTY + (prev ? prev->total : 0);
	if (f->total > MAX_INSNS_PER_PATH)
		return -ENOMEM;
	if (flags & SECCOMP_FILTER_FLAG_TSYNC) {
		strayed = find_strayed_thread();
		if (strayed)
			return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : strayed;
	}
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	f->prev = prev;
	smp_store_release(&current->seccomp_filter, f);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		give_to_all_threads();
	set_mode(current, SECCOMP_MODE_FILTER);
	return 0;
}

static long set_filter(unsigned long flags, const void __user *uprog)
{
	struct seccomp_filter *f;
	long ret;

	if (flags & ~(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG |
		      SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
		return -EINVAL;
	f = prepare_filter(uprog);
	if (IS_ERR(f))
		return PTR_ERR(f);
	spin_lock_irq(&current->sighand->siglock);
	ret = attach_filter(f, flags);
	spin_unlock_irq(&current->sighand->siglock);
	if (ret)
		put_filter(f);
	return ret;
}

static long action_available(const u32 __user *uaction)
{
	u32 action;

	if (get_user(action, uaction))
		return -EFAULT;
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

SYSCALL_DEFINE3(seccomp, unsigned int, op, unsigned int, flags, void __user *, args)
{
	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || args ? -EINVAL : set_strict();
	case SECCOMP_SET_MODE_FILTER:
		return set_filter(flags, args);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_available(args);
	default:
		return -EINVAL;
	}
}

long prctl_get_seccomp(void)
{
	return current->seccomp_mode;
}

long prctl_set_seccomp(unsigned long mode, unsigned long filter)
{
	switch (mode) {
	case SECCOMP_MODE_STRICT:
		return set_strict();
	case SECCOMP_MODE_FILTER:
		return set_filter(0, (const void __user *)filter);
	default:
		return -EINVAL;
	}
}

/* ---- life ---- */

void seccomp_fork(struct task_struct *p)
{
	lockdep_assert_held(&current->sighand->siglock);
	if (likely(current->seccomp_mode == SECCOMP_MODE_DISABLED))
		return;
	if (current->seccomp_filter)
		refcount_inc(&current->seccomp_filter->usage);
	p->seccomp_filter = current->seccomp_filter;
	p->no_new_privs = current->no_new_privs;
	set_mode(p, current->seccomp_mode);
}

void seccomp_release(struct task_struct *t)
{
	struct seccomp_filter *f = t->seccomp_filter;

	if (unlikely(f)) {
		t->seccomp_filter = NULL;
		put_filter(f);
	}
}

void proc_task_seccomp(struct seq_file *m, struct task_struct *t)
{
	unsigned int depth = 0;
	unsigned long flags;

	if (lock_task_sighand(t, &flags)) {
		depth = t->seccomp_filter ? t->seccomp_filter->depth : 0;
		unlock_task_sighand(t, &flags);
	}
	seq_printf(m, "Seccomp:\t%d\nSeccomp_filters:\t%u\n", READ_ONCE(t->seccomp_mode), depth);
}
