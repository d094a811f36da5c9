/* SPDX-License-Identifier: MIT */
/*
 * What the files of process/ share with one another and with nobody else.
 *
 * Serialization rules of the room, outermost first:
 *
 *   signal->cred_guard_mutex	one exec of the process, against PTRACE_ATTACH
 *   signal->exec_update_lock	exec's exchange of mm and credentials, against those that look
 *   tasklist_lock (irqs off to write)	parent, children, sibling, ptraced, thread lists, pid
 *				links, exit_state, signal->pids, nr_threads
 *   sighand->siglock (irqs off)	see <jiffy/signal.h>
 *   task->alloc_lock		task_lock(): mm, fs, files, nsproxy, io_context, comm, vfork_done
 *   task->pi_lock, run queue	the scheduler's
 *   pid_namespace.map (irqs off)	its numbers; innermost
 *   user hash bucket		innermost
 *
 * tasklist_lock guards the tree only and is held for a few pointer changes. Looking a task up by
 * its number, sending it a signal, its credentials and its limits need RCU alone or that task's
 * own siglock.
 */
#ifndef PROCESS_INTERNAL_H
#define PROCESS_INTERNAL_H

#include <jiffy/cred.h>
#include <jiffy/pid.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>

struct file;
struct linux_binprm;
struct fs_struct;

/* What fork, clone and clone3 come down to. fork.c */
struct kernel_clone_args {
	u64 flags; /* CLONE_*, without the exit signal */
	int __user *pidfd, *child_tid, *parent_tid;
	int exit_signal;
	unsigned long stack, stack_size, tls;
	const pid_t *set_tid; /* kernel memory, innermost namespace first */
	size_t set_tid_size;
	int cgroup;
	bool idle, kthread, traced;
	int (*fn)(void *); /* a kernel thread's function */
	void *fn_arg;
};
pid_t do_fork(struct kernel_clone_args *args);
struct task_struct *copy_process(struct kernel_clone_args *args, int node);
/* The mm is left by exec or exit: CLEARTID, robust futexes, the vfork parent. */
void exit_mm_release(struct task_struct *t, struct mm_struct *mm);
void exec_mm_release(struct task_struct *t, struct mm_struct *mm);
void count_leader_gone(void); /* tasklist_lock */
/* io_context.c: current's for p, which nobody can find yet. 0, -ENOMEM. */
int copy_io(u64 flags, struct task_struct *p);
void exit_io_context(struct task_struct *t);
long do_no_restart_syscall(struct restart_block *rb);

/* jobctl.c: tasklist_lock held for reading at least. */
bool will_become_orphaned_pgrp(struct pid *pgrp, struct task_struct *ignored);
bool has_stopped_jobs(struct pid *pgrp);
void kill_orphaned_pgrp(struct task_struct *t, struct task_struct *parent);
bool do_signal_stop(int signr); /* siglock; drops it when it slept */
bool prepare_signal(int sig, struct task_struct *t, bool force);
void do_jobctl_trap(void);
void do_freezer_trap(void); /* siglock, which it drops */
void ptrace_trap_notify(struct task_struct *t);
bool task_participate_group_stop(struct task_struct *t);
bool notify_cont(struct sighand_struct *sighand);

/* signal queue pieces, siglock held. signal_queue.c */
struct sigqueue *sigqueue_take(struct task_struct *t, int sig, bool must);
void sigqueue_give(struct sigqueue *q);
void flush_sigqueue_mask(u64 mask, struct sigpending *queue);
bool recalc_sigpending_tsk(struct task_struct *t);
void recalc_sigpending_and_wake(struct task_struct *t);
bool sig_ignored(struct task_struct *t, int sig, bool force);
bool sig_task_ignored(struct task_struct *t, int sig, bool force);
int next_signal(struct sigpending *pending, u64 mask);
void collect_signal(int sig, struct sigpending *list, kernel_siginfo_t *info, bool *resched_timer);
void fill_siginfo_user(kernel_siginfo_t *info, int sig, int code);

/* wait.c */
struct rusage;
long kernel_wait4(pid_t upid, int *stat, int options, struct rusage *ru);

/* user_namespace.c: a namespace below new's, in which new has all capabilities. */
int create_user_ns(struct cred *new);

void exit_task_work(struct task_struct *t); /* task_work.c */
/* kthread.c */
void kthread_exit_notify(struct task_struct *t, long code);
void free_kthread_struct(struct task_struct *t);

/* ptrace.c */
bool ptrace_reparented(struct task_struct *child);
bool thread_group_traced_by_other(struct task_struct *p);

/* exec.c: the other threads are gone when it returns 0. */
int de_thread(struct task_struct *t);

/*
 * prctl_mm.c: PR_SET_MM. address is an address, a pointer or a descriptor as opt wants it; size,
 * in bytes, is for those that take a pointer. 0, -EINVAL, -EPERM, -EFAULT, -EBUSY, -EACCES, -EBADF.
 */
int prctl_set_mm(unsigned long opt, unsigned long address, unsigned long size, unsigned long zero);

/*
 * user_dispatch.c. prctl: PR_SET_SYSCALL_USER_DISPATCH; 0, -EINVAL or -EFAULT. dispatch_to_user():
 * under TIF_SYSCALL_USER_DISPATCH, before a call is made: true when it is not to be made, and
 * SIGSYS is on its way instead. user_dispatch_off(): for a new task or program.
 */
int prctl_user_dispatch(unsigned long mode, unsigned long offset, unsigned long len,
			const char __user *selector);
bool dispatch_to_user(struct pt_regs *regs);
void user_dispatch_off(struct task_struct *t);

/* cpu_timers.c: on the way to user space, when the tick found one expired. */
void handle_posix_cpu_timers(void);

#endif
