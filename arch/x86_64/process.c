/* SPDX-License-Identifier: MIT */
/*
 * A task's registers: the switch from one task to the next, a new task's first ones, what exec
 * starts from, arch_prctl(2).
 */
#include <arch/irq.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <jiffy/err.h>
#include <jiffy/random.h>
#include <jiffy/sched.h>
#include <jiffy/string.h>

#define ARCH_SET_GS    0x1001
#define ARCH_SET_FS    0x1002
#define ARCH_GET_FS    0x1003
#define ARCH_GET_GS    0x1004
#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012

struct task_struct *__switch_stack(unsigned long *save_sp, unsigned long next_sp,
				   struct task_struct *prev, struct task_struct *next);
void ret_from_fork(void);

/* What __switch_stack() pushes, from the stack pointer upwards. */
struct switch_frame {
	unsigned long r15, r14, r13, r12, bx, bp, ret;
};

static bool have_fsgsbase(void)
{
	return boot_cpu_has(X86_FEATURE_FSGSBASE);
}

#define read_segment(reg)                                              \
	({                                                             \
		unsigned int __sel;                                    \
		__asm__ volatile("movl %%" #reg ", %0" : "=r"(__sel)); \
		(unsigned short)__sel;                                 \
	})
#define write_segment(reg, v) __asm__ volatile("movl %0, %%" #reg ::"r"((u32)(v)) : "memory")

/*
 * The user's GS.base, which waits behind swapgs while the kernel runs. Interrupts off; an NMI in
 * between finds its own base by the CPU's number.
 */
static unsigned long read_user_gsbase(void)
{
	unsigned long v;

	__asm__ volatile("swapgs; rdgsbase %0; swapgs" : "=r"(v)::"memory");
	return v;
}

static void write_user_gsbase(unsigned long v)
{
	if (have_fsgsbase())
		__asm__ volatile("swapgs; wrgsbase %0; swapgs" ::"r"(v) : "memory");
	else
		wrmsr(MSR_KERNEL_GS_BASE, v);
}

static void write_user_fsbase(unsigned long v)
{
	if (have_fsgsbase())
		wrfsbase(v);
	else
		wrmsr(MSR_FS_BASE, v);
}

/* Without FSGSBASE only the kernel sets a base, so memory knows it, unless a selector did. */
static __always_inline void save_segments(struct thread_struct *t)
{
	unsigned long ds = read_segment(ds), es = read_segment(es);
	unsigned long fs = read_segment(fs), gs = read_segment(gs);

	/* The order in memory. */
	t->selectors = fs | gs << 16 | es << 32 | ds << 48;
	if (have_fsgsbase()) {
		t->fsbase = rdfsbase();
		t->gsbase = read_user_gsbase();
	} else if (unlikely(t->selectors)) {
		if (fs > 3)
			t->fsbase = 0;
		if (gs > 3)
			t->gsbase = 0;
	}
}

/* Loading a selector changes the base, so that comes second. Interrupts off. */
static void load_segments(const struct thread_struct *p, const struct thread_struct *n)
{
	if (unlikely(p->selectors | n->selectors)) {
		write_segment(ds, n->ds);
		write_segment(es, n->es);
		write_segment(fs, n->fsindex);
		__asm__ volatile("swapgs; movl %0, %%gs; swapgs" ::"r"((u32)n->gsindex) : "memory");
		write_user_fsbase(n->fsbase);
		write_user_gsbase(n->gsbase);
		return;
	}
	if (p->fsbase != n->fsbase)
		write_user_fsbase(n->fsbase);
	if (p->gsbase != n->gsbase)
		write_user_gsbase(n->gsbase);
}

static void load_debugregs(const struct thread_struct *t)
{
	write_dr7(0);
	if (!t->dr7)
		return;
	write_dr0(t->debugreg[0]);
	write_dr1(t->debugreg[1]);
	write_dr2(t->debugreg[2]);
	write_dr3(t->debugreg[3]);
	write_dr7(t->dr7);
}

/* Whether programs on this CPU may read its counter. Interrupts or preemption off. */
static void load_tsc_mode(const struct thread_struct *t)
{
	unsigned long cr4 = read_cr4();

	if (!(cr4 & X86_CR4_TSD) == t->no_tsc)
		write_cr4(cr4 ^ X86_CR4_TSD);
}

struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next)
{
	struct thread_struct *p = &prev->thread, *n = &next->thread;

	lockdep_assert_irqs_disabled();
	fpu_switch_out(prev, smp_processor_id());
	fpu_switch_in(next);
	save_segments(p);
	load_segments(p, n);
	if (unlikely(p->rare | n->rare)) {
		if (p->dr7 | n->dr7)
			load_debugregs(n);
		load_tsc_mode(n);
	}
	this_cpu_write(cpu_tss.sp0, (unsigned long)next->stack + THREAD_SIZE);
	return __switch_stack(&p->sp, n->sp, prev, next);
}

/* ---- fork ---- */

void arch_dup_task_struct(struct task_struct *dst, struct task_struct *src)
{
	unsigned long flags;

	local_irq_save(flags);
	save_segments(&src->thread);
	local_irq_restore(flags);
	*dst = *src;
	dst->thread.fpstate = NULL;
	dst->thread.fpu_last_cpu = -1U;
}

static void fork_user_regs(struct task_struct *p, struct pt_regs *regs, unsigned long sp)
{
	*regs = *task_pt_regs(current);
	regs->ax = 0;
	if (sp)
		regs->sp = sp;
}

int copy_thread(struct task_struct *p, unsigned long clone_flags, unsigned long sp,
		int (*fn)(void *), void *arg, unsigned long tls)
{
	struct pt_regs *regs = task_pt_regs(p);
	struct switch_frame *f = (struct switch_frame *)regs - 1;
	struct thread_struct *t = &p->thread;
	int err = fpu_alloc(p);

	if (err)
		return err;
	*f = (struct switch_frame){.ret = (unsigned long)ret_from_fork};
	t->sp = (unsigned long)f;
	/* Watched addresses are the tracer's business with the parent. */
	memset(t->debugreg, 0, sizeof(t->debugreg));
	t->dr6 = t->dr7 = 0;
	thread_note_rare(t);
	clear_tsk_thread_flag(p, TIF_NEED_FPU_LOAD);
	if (fn) {
		memset(regs, 0, sizeof(*regs));
		f->bx = (unsigned long)fn;
		f->r12 = (unsigned long)arg;
		t->fsbase = t->gsbase = 0;
		t->fsindex = t->gsindex = t->ds = t->es = 0;
		return 0;
	}
	if ((clone_flags & CLONE_SETTLS) && tls >= TASK_SIZE) {
		fpu_free(p);
		return -EPERM;
	}
	fork_user_regs(p, regs, sp);
	fpu_copy(p, current);
	if (clone_flags & CLONE_SETTLS) {
		t->fsindex = 0;
		t->fsbase = tls;
	}
	return 0;
}

/* The debug registers are the CPU's; all else goes with the structure. */
void exit_thread(struct task_struct *t)
{
	preempt_disable();
	if (t == current && t->thread.dr7)
		write_dr7(0);
	t->thread.dr7 = 0;
	thread_note_rare(&t->thread);
	preempt_enable();
}

void arch_release_task_struct(struct task_struct *t)
{
	fpu_free(t);
}

/* ---- exec ---- */

void flush_thread(void)
{
	struct thread_struct *t = &current->thread;
	unsigned long flags;

	local_irq_save(flags);
	if (t->dr7)
		write_dr7(0);
	memset(t->debugreg, 0, sizeof(t->debugreg));
	t->dr6 = t->dr7 = 0;
	thread_note_rare(t);
	write_segment(fs, 0);
	__asm__ volatile("swapgs; movl %0, %%gs; swapgs" ::"r"(0) : "memory");
	write_user_fsbase(0);
	write_user_gsbase(0);
	t->fsbase = t->gsbase = 0;
	t->fsindex = t->gsindex = 0;
	local_irq_restore(flags);
	fpu_reset_current();
}

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->ip = ip;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	regs->orig_ax = -1;
	write_segment(ds, 0);
	write_segment(es, 0);
}

/* Up to 8 KiB lower at random, and aligned as the ABI wants the stack at a program's start. */
unsigned long arch_align_stack(unsigned long sp)
{
	if (current->flags & PF_RANDOMIZE)
		sp -= get_random_below(8192);
	return sp & ~0xfUL;
}

/* ---- arch_prctl(2), and the part of prctl(2) that is the machine's ---- */

bool arch_tsc_readable(void)
{
	return !current->thread.no_tsc;
}

void arch_set_tsc_readable(bool readable)
{
	struct thread_struct *t = &current->thread;

	preempt_disable();
	t->no_tsc = !readable;
	thread_note_rare(t);
	load_tsc_mode(t);
	preempt_enable();
}

unsigned long task_fsbase(struct task_struct *t, unsigned long *gsbase)
{
	unsigned long flags;

	if (t == current) {
		local_irq_save(flags);
		save_segments(&t->thread);
		local_irq_restore(flags);
	}
	*gsbase = t->thread.gsbase;
	return t->thread.fsbase;
}

/* t: current, or a task stopped off its CPU. Selector 0, as the base is set by hand. */
static void task_set_base(struct task_struct *t, bool gs, unsigned long base)
{
	unsigned long flags;

	local_irq_save(flags);
	if (gs) {
		t->thread.gsindex = 0;
		t->thread.gsbase = base;
		if (t == current) {
			__asm__ volatile("swapgs; movl %0, %%gs; swapgs" ::"r"(0) : "memory");
			write_user_gsbase(base);
		}
	} else {
		t->thread.fsindex = 0;
		t->thread.fsbase = base;
		if (t == current) {
			write_segment(fs, 0);
			write_user_fsbase(base);
		}
	}
	local_irq_restore(flags);
}

long arch_prctl(struct task_struct *t, int option, unsigned long arg2)
{
	unsigned long fs, gs;

	switch (option) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (arg2 >= TASK_SIZE)
			return -EPERM;
		task_set_base(t, option == ARCH_SET_GS, arg2);
		return 0;
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		fs = task_fsbase(t, &gs);
		return put_user(option == ARCH_GET_FS ? fs : gs, (unsigned long __user *)arg2);
	case ARCH_GET_CPUID:
		return 1; /* the instruction is never made to fault */
	case ARCH_SET_CPUID:
		return -ENODEV;
	}
	return -EINVAL;
}
