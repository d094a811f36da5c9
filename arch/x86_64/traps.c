/* SPDX-License-Identifier: MIT */
/*
 * Exceptions: a program's become signals, the kernel's are fixed up where the exception table
 * says so and end in a report otherwise. And the way back to user mode. Called from entry.S with
 * interrupts off; what came from user mode turns them on before it may sleep.
 */
#include <arch/irq.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/irq_stat.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <jiffy/interrupt.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/vmalloc.h>
#include <jiffy/watchdog.h>
#include <jiffy/syscalls.h>

BUILD_BUG_ON(offsetof(struct pt_regs, bp) != PT_BP);
BUILD_BUG_ON(offsetof(struct pt_regs, r11) != PT_R11);
BUILD_BUG_ON(offsetof(struct pt_regs, ax) != PT_AX);
BUILD_BUG_ON(offsetof(struct pt_regs, cx) != PT_CX);
BUILD_BUG_ON(offsetof(struct pt_regs, orig_ax) != PT_ORIG_AX);
BUILD_BUG_ON(offsetof(struct pt_regs, ip) != PT_IP);
BUILD_BUG_ON(offsetof(struct pt_regs, cs) != PT_CS);
BUILD_BUG_ON(offsetof(struct pt_regs, flags) != PT_FLAGS);
BUILD_BUG_ON(offsetof(struct pt_regs, sp) != PT_SP);
BUILD_BUG_ON(offsetof(struct pt_regs, ss) != PT_SS);
BUILD_BUG_ON(sizeof(struct pt_regs) != PT_SIZE);
BUILD_BUG_ON(offsetof(struct thread_info, flags) != THREAD_INFO_FLAGS);
BUILD_BUG_ON(THREAD_SIZE != CPU_STACK_SIZE);
BUILD_BUG_ON((_TIF_WORK_MASK | _TIF_NEED_FPU_LOAD) != 0x487);
BUILD_BUG_ON((_TIF_SYSCALL_WORK | _TIF_SINGLESTEP) != 0x1870);
BUILD_BUG_ON(NR_SYSCALLS != 512);

/* Page-fault error code. */
#define PF_PROT	 0x01
#define PF_WRITE 0x02
#define PF_USER	 0x04
#define PF_RSVD	 0x08
#define PF_INSTR 0x10

#define DR6_RESERVED 0xffff0ff0UL
#define DR_STEP	     0x4000UL
#define DR_TRAP_BITS 0xfUL

void entry_SYSCALL_64(void);

struct exception_table_entry {
	s32 insn, fixup; /* relative to where they stand */
};
extern struct exception_table_entry __start___ex_table[], __stop___ex_table[];

/* True, with the instruction pointer moved, when the faulting instruction has a fix-up. */
bool fixup_exception(struct pt_regs *regs)
{
	for (struct exception_table_entry *e = __start___ex_table; e < __stop___ex_table; e++)
		if ((unsigned long)&e->insn + e->insn == regs->ip) {
			regs->ip = (unsigned long)&e->fixup + e->fixup;
			return true;
		}
	return false;
}

/* Each CPU: where syscall goes, and which flags it clears on the way. */
void syscall_init_cpu(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (u64)__USER32_CS << 48 | (u64)__KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (unsigned long)entry_SYSCALL_64);
	wrmsr(MSR_SYSCALL_MASK, X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |
				    X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF |
				    X86_EFLAGS_OF | X86_EFLAGS_IOPL | X86_EFLAGS_NT |
				    X86_EFLAGS_RF | X86_EFLAGS_AC | X86_EFLAGS_ID);
}

static __noreturn void die(const char *what, struct pt_regs *regs, long error_code)
{
	debug_locks_off();
	arch_show_regs(regs);
	panic("%s in kernel mode at %pS, error code %lx, task %s/%d", what, (void *)regs->ip,
	      error_code, current->comm, current->pid);
}

/* ---- the way back ---- */

/* From user mode, interrupts off before and after; entry.S calls it while there is work. */
void exit_to_user(struct pt_regs *regs)
{
	struct thread_info *ti = task_thread_info(current);
	unsigned long flags;

	while ((flags = READ_ONCE(ti->flags)) & _TIF_WORK_MASK) {
		local_irq_enable();
		exit_to_user_mode_work(regs, flags);
		local_irq_disable();
	}
	lockdep_check_no_locks("return to user mode");
	ASSERT(preempt_count() == 0);
	if (flags & _TIF_NEED_FPU_LOAD)
		fpu_return_to_user();
}

/* Back to kernel code that an interrupt or exception stopped; interrupts off. */
void exit_to_kernel(struct pt_regs *regs)
{
	if ((regs->flags & X86_EFLAGS_IF) && preempt_count() == 0 && need_resched())
		preempt_schedule_irq();
}

/*
 * A system call with a tracer; interrupts on. syscall clears TF, and the return brings it back
 * only for the instruction after the next: the stop after a stepped call is made here.
 */
void syscall_traced(struct pt_regs *regs)
{
	struct thread_info *ti = task_thread_info(current);
	long nr = (int)regs->orig_ax;
	unsigned long flags;

	if (READ_ONCE(ti->flags) & _TIF_SYSCALL_WORK)
		nr = syscall_trace_enter(regs);
	if (nr >= 0 && nr < NR_SYSCALLS)
		regs->ax = sys_call_table[nr](regs);
	else if (nr != -1)
		regs->ax = sys_ni_syscall(nr);
	flags = READ_ONCE(ti->flags);
	if ((flags & _TIF_SINGLESTEP) && !(flags & _TIF_SYSCALL_EMU))
		force_sig_fault(SIGTRAP, TRAP_BRKPT, (void __user *)regs->ip);
	else if (flags & _TIF_SYSCALL_WORK)
		syscall_trace_exit(regs);
}

void ret_from_fork_to_user(struct pt_regs *regs)
{
	if (READ_ONCE(task_thread_info(current)->flags) & _TIF_SYSCALL_WORK)
		syscall_trace_exit(regs);
}

/*
 * iretq itself faulted on the user's selectors. The general registers are those that the program
 * was to get, and the frame that iretq read still stands at the top of the stack: together
 * they are the user's registers, and the fault is made to look as if it came from there.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *bad)
{
	struct pt_regs *to = task_pt_regs(current), tmp = *bad;

	tmp.ip = to->ip;
	tmp.cs = to->cs | 3;
	tmp.flags = to->flags;
	tmp.sp = to->sp;
	tmp.ss = to->ss;
	*to = tmp;
	return to;
}

/* ---- simple ones ---- */

/* si_code 0: a signal that says no more than that the kernel sent it. */
static void do_trap(int trap, int sig, int code, unsigned long addr, struct pt_regs *regs,
		    long error_code, const char *what)
{
	if (!user_mode(regs)) {
		if (fixup_exception(regs))
			return;
		die(what, regs, error_code);
	}
	local_irq_enable();
	current->thread.trap_nr = trap;
	current->thread.error_code = error_code;
	if (code)
		force_sig_fault(sig, code, (void __user *)addr);
	else
		force_sig(sig);
}

#define DEFINE_TRAP(name, trap, sig, code, addr, what)                                       \
	void exc_##name(struct pt_regs *regs, long error_code)                               \
	{                                                                                    \
		do_trap(trap, sig, code, addr, regs, error_code < 0 ? 0 : error_code, what); \
	}
DEFINE_TRAP(divide_error, X86_TRAP_DE, SIGFPE, FPE_INTDIV, regs->ip, "divide error")
DEFINE_TRAP(int3, X86_TRAP_BP, SIGTRAP, 0, 0, "breakpoint")
DEFINE_TRAP(overflow, X86_TRAP_OF, SIGSEGV, 0, 0, "overflow")
DEFINE_TRAP(bounds, X86_TRAP_BR, SIGSEGV, 0, 0, "bounds")
DEFINE_TRAP(invalid_op, X86_TRAP_UD, SIGILL, ILL_ILLOPN, regs->ip, "invalid opcode")
DEFINE_TRAP(device_not_available, X86_TRAP_NM, SIGILL, ILL_COPROC, regs->ip, "FPU use")
DEFINE_TRAP(invalid_tss, X86_TRAP_TS, SIGSEGV, 0, 0, "invalid TSS")
DEFINE_TRAP(segment_not_present, X86_TRAP_NP, SIGBUS, 0, 0, "segment not present")
DEFINE_TRAP(stack_segment, X86_TRAP_SS, SIGBUS, 0, 0, "stack segment fault")
DEFINE_TRAP(general_protection, X86_TRAP_GP, SIGSEGV, 0, 0, "general protection fault")
DEFINE_TRAP(alignment_check, X86_TRAP_AC, SIGBUS, BUS_ADRALN, 0, "alignment check")
DEFINE_TRAP(control_protection, X86_TRAP_CP, SIGSEGV, 0, 0, "control protection fault")
DEFINE_TRAP(reserved, 0, SIGSEGV, 0, 0, "reserved exception")

static void math_error(struct pt_regs *regs, int trap, const char *what)
{
	int code;

	if (!user_mode(regs))
		die(what, regs, 0);
	local_irq_enable();
	code = fpu_exception_code(trap);
	current->thread.trap_nr = trap;
	current->thread.error_code = 0;
	if (code)
		force_sig_fault(SIGFPE, code, (void __user *)regs->ip);
}

void exc_coprocessor_error(struct pt_regs *regs, long error_code)
{
	math_error(regs, X86_TRAP_MF, "x87 exception");
}

void exc_simd_error(struct pt_regs *regs, long error_code)
{
	math_error(regs, X86_TRAP_XF, "SIMD exception");
}

/*
 * Single step, or a debug register matched. The kernel never steps itself: TF can only have
 * come along from user mode, and a watched user address may be touched by a copy routine; the
 * tracer finds that in DR6 at the next stop.
 */
void exc_debug(struct pt_regs *regs, long error_code)
{
	unsigned long dr6 = read_dr6() ^ DR6_RESERVED;
	struct thread_struct *th = &current->thread;

	write_dr6(DR6_RESERVED);
	if (!user_mode(regs)) {
		regs->flags &= ~X86_EFLAGS_TF;
		th->dr6 |= dr6 & DR_TRAP_BITS;
		return;
	}
	th->dr6 = (th->dr6 & ~DR_TRAP_BITS) | (dr6 & (DR_STEP | DR_TRAP_BITS));
	th->trap_nr = X86_TRAP_DB;
	th->error_code = 0;
	local_irq_enable();
	if (dr6 & DR_STEP)
		force_sig_fault(SIGTRAP, TRAP_TRACE, (void __user *)regs->ip);
	else if (dr6 & DR_TRAP_BITS)
		force_sig_fault(SIGTRAP, TRAP_HWBKPT, (void __user *)regs->ip);
	local_irq_disable();
}

/* ---- with stacks of their own ---- */

void exc_nmi(struct pt_regs *regs, long error_code)
{
	nmi_enter();
	irq_stat_inc(IRQ_STAT_NMI);
	if (atomic_read(&stopping_cpu) >= 0 &&
	    atomic_read(&stopping_cpu) != arch_smp_processor_id())
		arch_cpu_dead();
	nmi_handler(regs);
	nmi_exit();
}

/*
 * Mostly a kernel stack that has run into its guard page: the CPU could not even push the page
 * fault's frame there. CR2 tells.
 */
void exc_double_fault(struct pt_regs *regs, long error_code)
{
	unsigned long addr = read_cr2();

	arch_show_regs(regs);
	if (in_stack_guard(addr) || in_stack_guard(regs->sp))
		panic("kernel stack overflow of task %s/%d at %pS (stack %lx, touched %lx)",
		      current->comm, current->pid, (void *)regs->ip, (unsigned long)current->stack,
		      addr);
	panic("double fault at %pS, CR2 %lx", (void *)regs->ip, addr);
}

#ifdef JIFFY_CHECKED
/* There is no memory where nothing can be canonical: neither for the push nor for its fault. */
void arch_lose_stack(void)
{
	__asm__ volatile("movq %0, %%rsp; pushq %%rax" ::"r"(1UL << 63) : "memory");
	__builtin_unreachable();
}
#endif

void exc_machine_check(struct pt_regs *regs, long error_code)
{
	arch_show_regs(regs);
	panic("machine check: the hardware reports an error it cannot correct");
}

/* ---- page faults ---- */

static __noreturn void kernel_fault(struct pt_regs *regs, unsigned long error_code,
				    unsigned long addr)
{
	const char *what = "bad access";

	if (in_stack_guard(addr))
		panic("kernel stack overflow of task %s/%d at %pS (touched %lx)", current->comm,
		      current->pid, (void *)regs->ip, addr);
	if (addr < PAGE_SIZE)
		what = "NULL pointer";
	else if (addr < TASK_SIZE && (error_code & PF_PROT))
		what = error_code & PF_INSTR ? "execution of user memory (SMEP)"
					     : "user memory touched outside the uaccess routines";
	else if ((error_code & (PF_PROT | PF_INSTR)) == (PF_PROT | PF_INSTR))
		what = "execution of data";
	else if ((error_code & (PF_PROT | PF_WRITE)) == (PF_PROT | PF_WRITE))
		what = "write to read-only memory";
	arch_show_regs(regs);
	panic("page fault: %s: %s of %lx by %pS, error code %lx, task %s/%d", what,
	      error_code & PF_INSTR   ? "fetch"
	      : error_code & PF_WRITE ? "write"
				      : "read",
	      addr, (void *)regs->ip, error_code, current->comm, current->pid);
}

static bool has_fixup(const struct pt_regs *regs)
{
	struct pt_regs probe = *regs;

	return fixup_exception(&probe);
}

/* The signal that a program's bad access ends in. Interrupts on. */
static void user_fault(struct pt_regs *regs, unsigned long error_code, unsigned long addr, int sig,
		       int code)
{
	struct thread_struct *th = &current->thread;

	th->cr2 = addr;
	/* A program must not learn which kernel addresses are mapped. */
	th->error_code = error_code | (addr >= TASK_SIZE ? PF_PROT : 0);
	th->trap_nr = X86_TRAP_PF;
	force_sig_fault(sig, code, (void __user *)addr);
}

/* Interrupts as in the code that faulted. */
void do_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long addr)
{
	unsigned int flags = 0;
	int si_code = SEGV_MAPERR;
	bool user = user_mode(regs);
	vm_fault_t fault;

	if (addr >= TASK_SIZE) {
		if (user)
			user_fault(regs, error_code, addr, SIGSEGV, SEGV_MAPERR);
		else if (!fixup_exception(regs))
			kernel_fault(regs, error_code, addr);
		return;
	}
	if (!user) {
		/* Only the uaccess routines, with AC set, may have done this. */
		if (!has_fixup(regs) || (error_code & (PF_RSVD | PF_INSTR)))
			kernel_fault(regs, error_code, addr);
		if (!current->mm || current->pagefault_disabled || preempt_count() ||
		    !(regs->flags & X86_EFLAGS_IF)) {
			fixup_exception(regs);
			return;
		}
	}
	if (error_code & PF_RSVD)
		panic("page table of %s/%d is corrupt: reserved bit set for %lx", current->comm,
		      current->pid, addr);
	if (user)
		flags |= FAULT_FLAG_USER;
	if (error_code & PF_WRITE)
		flags |= FAULT_FLAG_WRITE;
	if (error_code & PF_INSTR)
		flags |= FAULT_FLAG_INSTRUCTION;
	fault = mm_fault(current->mm, addr, flags, &si_code);
	if (likely(!(fault & VM_FAULT_ERROR)))
		return;
	if (!user)
		fixup_exception(regs);
	else if (fault & VM_FAULT_SIGSEGV)
		user_fault(regs, error_code, addr, SIGSEGV, si_code);
	else if (fault & VM_FAULT_SIGBUS)
		user_fault(regs, error_code, addr, SIGBUS, BUS_ADRERR);
}

/* CR2 first: the next fault, of an interrupt handler's too, overwrites it. */
void exc_page_fault(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long addr = read_cr2();

	if (regs->flags & X86_EFLAGS_IF)
		local_irq_enable();
	do_page_fault(regs, error_code, addr);
}
