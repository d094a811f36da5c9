/* SPDX-License-Identifier: MIT */
/*
 * What a task does between the kernel's work for it and its own: gives the CPU to one that needs
 * it more, runs what others left for it, takes signals, puts a restartable sequence right. And
 * the second life of interrupted system calls. Contract with arch/ in <jiffy/sched.h>.
 */
#include <arch/task.h>
#include <jiffy/futex.h>
#include <jiffy/ptrace.h>
#include <jiffy/syscalls.h>

#include "internal.h"

/*
 * A call that a signal interrupted says by its result how it goes on. handler: one is about to
 * run, with these flags, and will see what we leave in the registers.
 */
static void settle_interrupted_call(struct pt_regs *regs, const struct ksignal *ksig)
{
	long ret;

	if (syscall_get_nr(current, regs) < 0)
		return;
	ret = syscall_get_return_value(regs);
	switch (ret) {
	case -ERESTART_RESTARTBLOCK:
		if (ksig)
			syscall_set_return_value(regs, -EINTR);
		else
			arch_restart_syscall(regs, true);
		break;
	case -ERESTARTNOHAND:
		if (ksig)
			syscall_set_return_value(regs, -EINTR);
		else
			arch_restart_syscall(regs, false);
		break;
	case -ERESTARTSYS:
		if (ksig && !(ksig->ka.sa.sa_flags & SA_RESTART)) {
			syscall_set_return_value(regs, -EINTR);
			break;
		}
		fallthrough;
	case -ERESTARTNOINTR:
		arch_restart_syscall(regs, false);
		break;
	}
}

static void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	bool stepping = test_thread_flag(TIF_SINGLESTEP);
	sigset_t *oldset = sigmask_to_save();
	int failed;

	settle_interrupted_call(regs, ksig);
	if (stepping)
		user_disable_single_step(current);
	rseq_signal_deliver(ksig, regs);
	failed = setup_rt_frame(ksig, oldset, regs);
	signal_setup_done(failed, ksig, stepping);
}

static void do_signal(struct pt_regs *regs)
{
	struct ksignal ksig;

	if (get_signal(&ksig)) {
		handle_signal(&ksig, regs);
		return;
	}
	settle_interrupted_call(regs, NULL);
	restore_saved_sigmask();
}

void exit_to_user_mode_work(struct pt_regs *regs, unsigned long ti_flags)
{
	do {
		if (ti_flags & _TIF_NEED_RESCHED)
			schedule();
		if (ti_flags & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
			do_signal(regs);
		if (ti_flags & _TIF_NOTIFY_RESUME) {
			clear_thread_flag(TIF_NOTIFY_RESUME);
			smp_mb__after_atomic();
			task_work_run();
			handle_posix_cpu_timers();
			rseq_handle_notify_resume(regs);
		}
		/* Each step may have been interrupted by what asks for another. */
		ti_flags = READ_ONCE(task_thread_info(current)->flags);
	} while (ti_flags & _TIF_WORK_MASK);
	lockdep_check_no_locks("return to user mode");
}

long do_no_restart_syscall(struct restart_block *rb)
{
	return -EINTR;
}

SYSCALL_DEFINE0(restart_syscall)
{
	struct restart_block *rb = &current->restart_block;

	return rb->fn(rb);
}

SYSCALL_DEFINE_REGS(rt_sigreturn, regs)
{
	current->restart_block.fn = do_no_restart_syscall;
	return arch_rt_sigreturn(regs);
}
