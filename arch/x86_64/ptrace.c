/* SPDX-License-Identifier: MIT */
/*
 * A stopped task's registers as its tracer sees them: struct user of <sys/user.h> by words
 * (PTRACE_PEEKUSER), whole sets (GETREGS, GETREGSET), single step, debug registers. See
 * ptrace(2). The tracee is frozen in its stop, off its CPU; task context, no locks. What a
 * tracer writes can make the tracee fault, never the kernel.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <jiffy/errno.h>
#include <jiffy/ptrace.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/uio.h>

#define NT_PRSTATUS   1
#define NT_PRFPREG    2
#define NT_X86_XSTATE 0x202

/* struct user_regs_struct: pt_regs in its order, and six more words. */
enum {
	REG_R15,
	REG_ORIG_AX = 15,
	REG_IP,
	REG_CS,
	REG_FLAGS,
	REG_SP,
	REG_SS,
	REG_FS_BASE,
	REG_GS_BASE,
	REG_DS,
	REG_ES,
	REG_FS,
	REG_GS,
	NR_USER_REGS
};
#define USER_REGS_SIZE	 (NR_USER_REGS * 8)
#define USER_DEBUGREG	 848 /* offset of u_debugreg[8] in struct user */
#define USER_STRUCT_SIZE 912

#define TRACER_FLAGS                                                                     \
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | X86_EFLAGS_SF | \
	 X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_RF | X86_EFLAGS_AC | \
	 X86_EFLAGS_NT)

/* TF that single-stepping put there is not the program's, and not shown as such. */
static unsigned long shown_flags(struct task_struct *t)
{
	unsigned long flags = task_pt_regs(t)->flags;

	return test_tsk_thread_flag(t, TIF_SINGLESTEP) ? flags & ~X86_EFLAGS_TF : flags;
}

static unsigned long get_reg(struct task_struct *t, int n)
{
	const struct thread_struct *th = &t->thread;

	switch (n) {
	case REG_FLAGS:
		return shown_flags(t);
	case REG_FS_BASE:
		return th->fsbase;
	case REG_GS_BASE:
		return th->gsbase;
	case REG_DS:
		return th->ds;
	case REG_ES:
		return th->es;
	case REG_FS:
		return th->fsindex;
	case REG_GS:
		return th->gsindex;
	}
	return ((unsigned long *)task_pt_regs(t))[n];
}

/* Data selectors are loaded at the next switch, in the kernel, so only those that can be. */
static int put_data_selector(unsigned short *to, unsigned long v)
{
	if (v > 3 && v != __USER_DS)
		return -EIO;
	*to = v;
	return 0;
}

static int put_reg(struct task_struct *t, int n, unsigned long v)
{
	struct pt_regs *regs = task_pt_regs(t);
	struct thread_struct *th = &t->thread;

	switch (n) {
	case REG_FLAGS:
		if (test_tsk_thread_flag(t, TIF_SINGLESTEP))
			v |= X86_EFLAGS_TF;
		regs->flags = (regs->flags & ~TRACER_FLAGS) | (v & TRACER_FLAGS);
		return 0;
	case REG_CS:
	case REG_SS:
		if ((v & 3) != 3 || v > 0xffff)
			return -EIO;
		break;
	case REG_FS_BASE:
		if (v >= TASK_SIZE)
			return -EIO;
		th->fsbase = v;
		return 0;
	case REG_GS_BASE:
		if (v >= TASK_SIZE)
			return -EIO;
		th->gsbase = v;
		return 0;
	case REG_DS:
		return put_data_selector(&th->ds, v);
	case REG_ES:
		return put_data_selector(&th->es, v);
	case REG_FS:
		return put_data_selector(&th->fsindex, v);
	case REG_GS:
		return put_data_selector(&th->gsindex, v);
	}
	((unsigned long *)regs)[n] = v;
	return 0;
}

/* ---- debug registers ---- */

static unsigned long get_debugreg(struct task_struct *t, int n)
{
	if (n < 4)
		return t->thread.debugreg[n];
	return n == 6 ? t->thread.dr6 : n == 7 ? t->thread.dr7 : 0;
}

/* Bit 10 is fixed; general detect (13) and I/O breakpoints are not for programs. */
static int put_dr7(struct task_struct *t, unsigned long v)
{
	if (v & ~0xffff03ffUL & ~0x400UL)
		return -EINVAL;
	for (int i = 0; i < 4; i++) {
		unsigned int rw = v >> (16 + 4 * i) & 3, len = v >> (18 + 4 * i) & 3;

		if (!(v >> (2 * i) & 3))
			continue;
		if (rw == 2 || (rw == 0 && len != 0))
			return -EINVAL;
		if (t->thread.debugreg[i] >= TASK_SIZE)
			return -EINVAL;
	}
	t->thread.dr7 = v;
	thread_note_rare(&t->thread);
	return 0;
}

static int put_debugreg(struct task_struct *t, int n, unsigned long v)
{
	if (n < 4) {
		if (v >= TASK_SIZE)
			return -EINVAL;
		t->thread.debugreg[n] = v;
		return 0;
	}
	if (n == 6) {
		t->thread.dr6 = v;
		return 0;
	}
	return n == 7 ? put_dr7(t, v) : -EIO;
}

static int peek_user(struct task_struct *t, unsigned long addr, unsigned long __user *data)
{
	unsigned long v = 0;

	if ((addr & 7) || addr >= USER_STRUCT_SIZE)
		return -EIO;
	if (addr < USER_REGS_SIZE)
		v = get_reg(t, addr / 8);
	else if (addr >= USER_DEBUGREG)
		v = get_debugreg(t, (addr - USER_DEBUGREG) / 8);
	return put_user(v, data);
}

static int poke_user(struct task_struct *t, unsigned long addr, unsigned long v)
{
	if ((addr & 7) || addr >= USER_STRUCT_SIZE)
		return -EIO;
	if (addr < USER_REGS_SIZE)
		return put_reg(t, addr / 8, v);
	if (addr >= USER_DEBUGREG)
		return put_debugreg(t, (addr - USER_DEBUGREG) / 8, v);
	return -EIO;
}

/* ---- whole sets ---- */

static void all_regs(struct task_struct *t, unsigned long *regs)
{
	for (int i = 0; i < NR_USER_REGS; i++)
		regs[i] = get_reg(t, i);
}

static int set_all_regs(struct task_struct *t, const unsigned long *regs, size_t bytes)
{
	/* Selectors before bases: a selector's load would overwrite the base. */
	for (int i = NR_USER_REGS - 1; i >= 0; i--)
		if ((i + 1) * 8 <= (int)bytes && put_reg(t, i, regs[i]))
			return -EIO;
	return 0;
}

/* The image of the extended registers, at most fpu_state_size bytes; the length. */
static size_t xstate_of(struct task_struct *t, void *buf, size_t size)
{
	size_t n = min_t(size_t, size, fpu_state_size);

	return t->thread.fpstate ? fpu_get_regs(t, buf, n) : 0;
}

static size_t regset_size(unsigned long type)
{
	switch (type) {
	case NT_PRSTATUS:
		return USER_REGS_SIZE;
	case NT_PRFPREG:
		return sizeof(struct fxregs_state);
	case NT_X86_XSTATE:
		return fpu_state_size > sizeof(struct fxregs_state) ? fpu_state_size : 0;
	}
	return 0;
}

static int get_regset(struct task_struct *t, unsigned long type, void __user *to, size_t *len)
{
	size_t size = regset_size(type);
	void *buf;
	int err = 0;

	if (!size)
		return -EINVAL;
	buf = kzalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (type == NT_PRSTATUS)
		all_regs(t, buf);
	else
		xstate_of(t, buf, size);
	*len = min(*len, size);
	if (copy_to_user(to, buf, *len))
		err = -EFAULT;
	kfree(buf);
	return err;
}

static int set_regset(struct task_struct *t, unsigned long type, const void __user *from,
		      size_t *len)
{
	size_t size = regset_size(type);
	void *buf;
	int err;

	if (!size || *len % 8)
		return -EINVAL;
	*len = min(*len, size);
	if (type != NT_PRSTATUS && *len < size)
		return -EINVAL;
	buf = kmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (copy_from_user(buf, from, *len))
		err = -EFAULT;
	else if (type == NT_PRSTATUS)
		err = set_all_regs(t, buf, *len);
	else
		err = fpu_set_regs(t, buf, *len);
	kfree(buf);
	return err;
}

static int regset_request(struct task_struct *t, long request, unsigned long type,
			  struct iovec __user *uiov)
{
	struct iovec iov;
	size_t len;
	int err;

	if (copy_from_user(&iov, uiov, sizeof(iov)))
		return -EFAULT;
	len = iov.iov_len;
	if (request == PTRACE_GETREGSET)
		err = get_regset(t, type, iov.iov_base, &len);
	else
		err = set_regset(t, type, iov.iov_base, &len);
	return err ? err : put_user(len, &uiov->iov_len);
}

long arch_ptrace(struct task_struct *child, long request, unsigned long addr, unsigned long data)
{
	void __user *user = (void __user *)data;
	size_t regs = USER_REGS_SIZE, fx = sizeof(struct fxregs_state);

	switch (request) {
	case PTRACE_PEEKUSR:
		return peek_user(child, addr, user);
	case PTRACE_POKEUSR:
		return poke_user(child, addr, data);
	case PTRACE_GETREGS:
		return get_regset(child, NT_PRSTATUS, user, &regs);
	case PTRACE_SETREGS:
		return set_regset(child, NT_PRSTATUS, user, &regs);
	case PTRACE_GETFPREGS:
		return get_regset(child, NT_PRFPREG, user, &fx);
	case PTRACE_SETFPREGS:
		return set_regset(child, NT_PRFPREG, user, &fx);
	case PTRACE_GETREGSET:
	case PTRACE_SETREGSET:
		return regset_request(child, request, addr, user);
	case PTRACE_ARCH_PRCTL:
		return arch_prctl(child, data, addr);
	}
	return ptrace_request(child, request, addr, data);
}

void user_enable_single_step(struct task_struct *t)
{
	set_tsk_thread_flag(t, TIF_SINGLESTEP);
	task_pt_regs(t)->flags |= X86_EFLAGS_TF;
}

void user_disable_single_step(struct task_struct *t)
{
	if (test_and_clear_tsk_thread_flag(t, TIF_SINGLESTEP))
		task_pt_regs(t)->flags &= ~X86_EFLAGS_TF;
}

size_t arch_core_regs(struct task_struct *t, void *buf, size_t size)
{
	unsigned long regs[NR_USER_REGS], gs;
	size_t n = min_t(size_t, size, sizeof(regs));

	if (t == current)
		task_fsbase(t, &gs); /* brings bases and selectors into memory */
	all_regs(t, regs);
	memcpy(buf, regs, n);
	return n;
}

size_t arch_core_fpregs(struct task_struct *t, void *buf, size_t size)
{
	return xstate_of(t, buf, size);
}
