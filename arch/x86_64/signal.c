/* SPDX-License-Identifier: MIT */
/*
 * Signal frames as the x86-64 ABI and the C libraries know them (sigaction(2), sigreturn(2), System
 * V ABI AMD64 supplement 3.4.1). From the new stack pointer upwards: the return address (the
 * restorer), struct ucontext, siginfo; above them, aligned to 64, the FPU state; the 128 bytes
 * below the interrupted stack pointer are left alone. Task context, interrupts on; current only.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <jiffy/mm.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <uapi/unistd.h>

#define UC_FP_XSTATE	     0x1
#define UC_SIGCONTEXT_SS     0x2
#define UC_STRICT_RESTORE_SS 0x4
#define RED_ZONE	     128

/* The flags that a program may set for itself. */
#define FIX_EFLAGS                                                                       \
	(X86_EFLAGS_AC | X86_EFLAGS_OF | X86_EFLAGS_DF | X86_EFLAGS_TF | X86_EFLAGS_SF | \
	 X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | X86_EFLAGS_CF | X86_EFLAGS_RF)

struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15, di, si, bp, bx, dx, ax, cx, sp, ip, flags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	void __user *fpstate;
	u64 reserved[8];
};
static_assert_size(struct sigcontext, 256);

struct ucontext {
	u64 uc_flags;
	struct ucontext *uc_link;
	stack_t uc_stack;
	struct sigcontext uc_mcontext;
	sigset_t uc_sigmask;
};
static_assert_size(struct ucontext, 304);

struct rt_sigframe {
	void __user *pretcode;
	struct ucontext uc;
	siginfo_t info;
};

static void fill_sigcontext(struct sigcontext *sc, const struct pt_regs *r, void __user *fp,
			    u64 mask)
{
	const struct thread_struct *t = &current->thread;

	*sc = (struct sigcontext){
	    .r8 = r->r8,
	    .r9 = r->r9,
	    .r10 = r->r10,
	    .r11 = r->r11,
	    .r12 = r->r12,
	    .r13 = r->r13,
	    .r14 = r->r14,
	    .r15 = r->r15,
	    .di = r->di,
	    .si = r->si,
	    .bp = r->bp,
	    .bx = r->bx,
	    .dx = r->dx,
	    .ax = r->ax,
	    .cx = r->cx,
	    .sp = r->sp,
	    .ip = r->ip,
	    .flags = r->flags,
	    .cs = r->cs,
	    .ss = r->ss,
	    .err = t->error_code,
	    .trapno = t->trap_nr,
	    .oldmask = mask,
	    .cr2 = t->cr2,
	    .fpstate = fp,
	};
}

static u64 fpu_uc_flags(void)
{
	return fpu_state_size > sizeof(struct fxregs_state) ? UC_FP_XSTATE : 0;
}

/*
 * Where the frame goes. On the alternate stack it must fit: a handler that interrupts a
 * handler there and finds no room would overwrite what lies below.
 */
static struct rt_sigframe __user *frame_address(struct ksignal *ksig, const struct pt_regs *regs,
						u8 __user **fp)
{
	unsigned long sp = regs->sp - RED_ZONE;
	bool was_on = on_sig_stack(sp), entering;

	entering = (ksig->ka.sa.sa_flags & SA_ONSTACK) && !sas_ss_flags(sp);
	sp = sigsp(sp, ksig);
	sp = ALIGN_DOWN(sp - fpu_frame_size(), 64);
	*fp = (u8 __user *)sp;
	/* As after a call: 8 below a multiple of 16. */
	sp = ALIGN_DOWN(sp - sizeof(struct rt_sigframe), 16) - 8;
	if ((was_on || entering) &&
	    (sp < current->sas_ss_sp || sp >= current->sas_ss_sp + current->sas_ss_size))
		return NULL;
	return (struct rt_sigframe __user *)sp;
}

/* What frame_address() takes at the most, alignment and all, from the top of an alternate stack. */
unsigned long arch_min_sigstack(void)
{
	return ALIGN(fpu_frame_size() + 63 + sizeof(struct rt_sigframe) + 15 + 8, 16);
}

int setup_rt_frame(struct ksignal *ksig, u64 *oldset, struct pt_regs *regs)
{
	struct rt_sigframe __user *frame;
	struct {
		void __user *pretcode;
		u64 uc_flags;
		void *uc_link;
	} head = {NULL, fpu_uc_flags() | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, NULL};
	struct sigcontext sc;
	u8 __user *fp;

	frame = frame_address(ksig, regs, &fp);
	if (!frame)
		return -EFAULT;
	if (ksig->ka.sa.sa_flags & SA_RESTORER)
		head.pretcode = (void __user *)ksig->ka.sa.sa_restorer;
	else
		head.pretcode = (void __user *)arch_vdso_sigreturn(current->mm);
	if (!head.pretcode)
		return -EFAULT;
	fill_sigcontext(&sc, regs, fp, *oldset);
	if (copy_to_user(frame, &head, sizeof(head)) ||
	    save_altstack(&frame->uc.uc_stack, regs->sp) ||
	    copy_to_user(&frame->uc.uc_mcontext, &sc, sizeof(sc)) ||
	    put_user(*oldset, &frame->uc.uc_sigmask) || fpu_save_to_user(fp))
		return -EFAULT;
	if ((ksig->ka.sa.sa_flags & SA_SIGINFO) && copy_siginfo_to_user(&frame->info, &ksig->info))
		return -EFAULT;
	fpu_reset_current();
	regs->di = ksig->sig;
	regs->ax = 0;
	regs->si = (unsigned long)&frame->info;
	regs->dx = (unsigned long)&frame->uc;
	regs->ip = (unsigned long)ksig->ka.sa.sa_handler;
	regs->sp = (unsigned long)frame;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	return 0;
}

/* A selector that is none of the user's makes iretq fault, which ends in SIGSEGV. */
static int restore_sigcontext(struct pt_regs *r, const struct sigcontext *sc, u64 uc_flags)
{
	r->r8 = sc->r8;
	r->r9 = sc->r9;
	r->r10 = sc->r10;
	r->r11 = sc->r11;
	r->r12 = sc->r12;
	r->r13 = sc->r13;
	r->r14 = sc->r14;
	r->r15 = sc->r15;
	r->di = sc->di;
	r->si = sc->si;
	r->bp = sc->bp;
	r->bx = sc->bx;
	r->dx = sc->dx;
	r->ax = sc->ax;
	r->cx = sc->cx;
	r->sp = sc->sp;
	r->ip = sc->ip;
	r->cs = sc->cs | 3;
	/* Programs that do not know the field leave 0 there. */
	r->ss = (uc_flags & UC_STRICT_RESTORE_SS) || sc->ss ? sc->ss | 3 : __USER_DS;
	r->flags = (r->flags & ~FIX_EFLAGS) | (sc->flags & FIX_EFLAGS);
	r->orig_ax = -1; /* whatever call this was: it is not to be made again */
	return fpu_restore_from_user(sc->fpstate);
}

long arch_rt_sigreturn(struct pt_regs *regs)
{
	/* The handler's ret took the return address off the stack. */
	struct rt_sigframe __user *frame = (struct rt_sigframe __user *)(regs->sp - 8);
	struct sigcontext sc;
	sigset_t set;
	u64 uc_flags;

	if (get_user(uc_flags, &frame->uc.uc_flags) || get_user(set, &frame->uc.uc_sigmask) ||
	    copy_from_user(&sc, &frame->uc.uc_mcontext, sizeof(sc)))
		goto bad;
	set_current_blocked(&set);
	if (restore_sigcontext(regs, &sc, uc_flags) || restore_altstack(&frame->uc.uc_stack))
		goto bad;
	return regs->ax;
bad:
	force_sig(SIGSEGV);
	return 0;
}

/* syscall is two bytes long. */
void arch_restart_syscall(struct pt_regs *regs, bool by_restart_block)
{
	regs->ax = by_restart_block ? __NR_restart_syscall : regs->orig_ax;
	regs->ip -= 2;
}
