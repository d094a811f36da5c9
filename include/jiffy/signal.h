/* SPDX-License-Identifier: MIT */
/*
 * Signals: what is shared by the threads of a process (signal_struct), the handlers
 * (sighand_struct), sending, and what the way back to user space takes off the queues.
 * process/signal*.c, process/jobctl.c.
 *
 * Serialization rules: sighand->siglock guards the handlers, both queues of pending signals,
 * blocked, jobctl, and the parts of signal_struct so marked. It is taken with interrupts off,
 * inside tasklist_lock, outside alloc_lock's and run queues' locks. A task other than current is
 * locked with lock_task_sighand(), since its sighand goes away when it is reaped. The list of
 * threads and all pointers of the process tree belong to tasklist_lock.
 */
#ifndef JIFFY_SIGNAL_H
#define JIFFY_SIGNAL_H

#include <jiffy/mutex.h>
#include <jiffy/rwsem.h>
#include <jiffy/sched.h>
#include <jiffy/seqlock.h>
#include <uapi/resource.h>
#include <uapi/siginfo.h>
#include <uapi/signal.h>

struct user_struct;
struct tty_struct;
struct pid;
struct core_state;
struct xarray;

typedef struct kernel_siginfo {
	int si_signo, si_errno, si_code;
	union __sifields _sifields;
} kernel_siginfo_t;

/* In place of a kernel_siginfo pointer: the usual contents for a program's or the kernel's. */
#define SEND_SIG_NOINFO ((struct kernel_siginfo *)0)
#define SEND_SIG_PRIV	((struct kernel_siginfo *)1)
static inline bool is_si_special(const struct kernel_siginfo *info)
{
	return info <= SEND_SIG_PRIV;
}
static inline void clear_siginfo(struct kernel_siginfo *info)
{
	__builtin_memset(info, 0, sizeof(*info));
}
int copy_siginfo_to_user(siginfo_t __user *to, const struct kernel_siginfo *from);
int copy_siginfo_from_user(struct kernel_siginfo *to, const siginfo_t __user *from);

struct k_sigaction {
	struct sigaction sa;
};

struct sighand_struct {
	spinlock_t siglock;
	refcount_t count;
	wait_queue_head_t signalfd_wqh;
	struct k_sigaction action[_NSIG];
};

struct sigqueue {
	struct list_head list;
	int flags; /* SIGQUEUE_PREALLOC: a timer's own */
	struct kernel_siginfo info;
	struct user_struct *user; /* whose sigpending count it is in */
};
#define SIGQUEUE_PREALLOC 1

struct cpu_itimer {
	u64 expires, incr; /* ns; siglock */
};

struct signal_struct {
	refcount_t sigcnt;		 /* tasks and others that keep the structure */
	atomic_t live;			 /* threads that have not begun to exit */
	int nr_threads;			 /* tasklist_lock and siglock */
	struct list_head thread_head;	 /* tasklist_lock, RCU */
	wait_queue_head_t wait_chldexit; /* wait4(2) of any thread */

	/* siglock */
	struct task_struct *curr_target; /* where the last process-wide signal went */
	struct sigpending shared_pending;
	int group_exit_code;
	int notify_count; /* de_thread() waits until it is 0 */
	struct task_struct *group_exec_task;
	int group_stop_count;
	unsigned int flags; /* SIGNAL_* */
	struct core_state *core_state;

	bool is_child_subreaper, has_child_subreaper; /* siglock / tasklist_lock */

	/* timers; siglock */
	struct xarray *posix_timers_ids;
	struct hlist_head posix_timers;
	struct hrtimer real_timer; /* ITIMER_REAL */
	ktime_t it_real_incr;
	struct cpu_itimer it[2]; /* prof, virt */
	struct {
		u64 nextevt[3];
		struct list_head cpu_timers[3];
		unsigned int timers_active;
	} posix_cputimers;

	struct pid *pids[PIDTYPE_MAX]; /* tasklist_lock, RCU */
	struct pid *tty_old_pgrp;      /* siglock */
	bool leader;		       /* of its session */
	struct tty_struct *tty;	       /* siglock */

	/* what threads and children that are gone have used; stats_lock */
	seqlock_t stats_lock;
	u64 utime, stime, cutime, cstime, gtime, cgtime;
	struct prev_cputime prev_cputime; /* its own lock */
	unsigned long nvcsw, nivcsw, cnvcsw, cnivcsw;
	unsigned long min_flt, maj_flt, cmin_flt, cmaj_flt;
	unsigned long maxrss, cmaxrss; /* pages */
	u64 sum_sched_runtime;
	u64 rchar, wchar, syscr, syscw;

	struct rlimit rlim[RLIM_NLIMITS]; /* task_lock(group_leader) to write */

	bool oom_flag_origin;
	short oom_score_adj, oom_score_adj_min;
	struct mutex cred_guard_mutex; /* an exec against those that look at its credentials */
	struct rw_semaphore exec_update_lock; /* exec's exchange of mm and credentials */
	struct rcu_head rcu;
};

#define SIGNAL_STOP_STOPPED   0x01 /* the whole group is stopped */
#define SIGNAL_STOP_CONTINUED 0x02 /* SIGCONT since the last WCONTINUED wait */
#define SIGNAL_GROUP_EXIT     0x04
#define SIGNAL_CLD_STOPPED    0x10
#define SIGNAL_CLD_CONTINUED  0x20
#define SIGNAL_CLD_MASK	      (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)
#define SIGNAL_UNKILLABLE     0x40 /* a namespace's init: default actions do not end it */
#define SIGNAL_STOP_MASK      (SIGNAL_CLD_MASK | SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED)

/* task_struct.jobctl */
#define JOBCTL_STOP_SIGMASK  0xffff
#define JOBCTL_STOP_DEQUEUED BIT(16)
#define JOBCTL_STOP_PENDING  BIT(17)
#define JOBCTL_STOP_CONSUME  BIT(18)
#define JOBCTL_TRAP_STOP     BIT(19)
#define JOBCTL_TRAP_NOTIFY   BIT(20)
#define JOBCTL_TRAPPING	     BIT(21)
#define JOBCTL_LISTENING     BIT(22)
#define JOBCTL_TRAP_FREEZE   BIT(23) /* its cgroup is to be frozen; not of the group's stops */
#define JOBCTL_STOPPED	     BIT(26)
#define JOBCTL_TRACED	     BIT(27)
#define JOBCTL_PTRACE_FROZEN BIT(28)
#define JOBCTL_TRAP_MASK     (JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)
#define JOBCTL_PENDING_MASK  (JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK)

/* Sets of signals. */
#define sigmask(sig) (1ULL << ((sig)-1))
static inline void sigaddset(sigset_t *set, int sig)
{
	*set |= sigmask(sig);
}
static inline void sigdelset(sigset_t *set, int sig)
{
	*set &= ~sigmask(sig);
}
static inline bool sigismember(const sigset_t *set, int sig)
{
	return (*set >> (sig - 1)) & 1;
}
static inline void sigemptyset(sigset_t *set)
{
	*set = 0;
}
static inline void sigfillset(sigset_t *set)
{
	*set = ~0ULL;
}
static inline void siginitset(sigset_t *set, u64 mask)
{
	*set = mask;
}
static inline void siginitsetinv(sigset_t *set, u64 mask)
{
	*set = ~mask;
}
#define sigsetmask(set, mask) (*(set) |= (mask))
static inline void sigdelsetmask(sigset_t *set, u64 mask)
{
	*set &= ~mask;
}
static inline bool valid_signal(unsigned long sig)
{
	return sig <= _NSIG;
}
/* signal(7): what a signal does when nobody handles it. */
#define SIG_KERNEL_ONLY_MASK (sigmask(SIGKILL) | sigmask(SIGSTOP))
#define SIG_KERNEL_STOP_MASK \
	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIG_KERNEL_IGNORE_MASK \
	(sigmask(SIGCONT) | sigmask(SIGCHLD) | sigmask(SIGWINCH) | sigmask(SIGURG))
#define SIG_KERNEL_COREDUMP_MASK                                                    \
	(sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) | sigmask(SIGABRT) | \
	 sigmask(SIGFPE) | sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGSYS) |   \
	 sigmask(SIGXCPU) | sigmask(SIGXFSZ))
#define SYNCHRONOUS_MASK                                                           \
	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | sigmask(SIGTRAP) | \
	 sigmask(SIGFPE) | sigmask(SIGSYS))
#define sig_kernel_only(s)     (((s) <= _NSIG) && (SIG_KERNEL_ONLY_MASK & sigmask(s)))
#define sig_kernel_stop(s)     (SIG_KERNEL_STOP_MASK & sigmask(s))
#define sig_kernel_ignore(s)   (SIG_KERNEL_IGNORE_MASK & sigmask(s))
#define sig_kernel_coredump(s) (SIG_KERNEL_COREDUMP_MASK & sigmask(s))

static inline void init_sigpending(struct sigpending *p)
{
	p->signal = 0;
	INIT_LIST_HEAD(&p->list);
}

/* A signal to be delivered by a handler, with what the frame needs. */
struct ksignal {
	struct k_sigaction ka;
	kernel_siginfo_t info;
	int sig;
};

/*
 * Locks t's sighand, unless t has been reaped (NULL): any context. unlock_task_sighand() undoes.
 */
struct sighand_struct *lock_task_sighand(struct task_struct *t, unsigned long *flags);
static inline void unlock_task_sighand(struct task_struct *t, unsigned long *flags)
{
	spin_unlock_irqrestore(&t->sighand->siglock, *flags);
}

/*
 * Sending. Any context, siglock not held. PIDTYPE_PID sends to the one thread, TGID to the
 * process. They return 0 (also when the signal is ignored), -ESRCH, -EAGAIN (RLIMIT_SIGPENDING)
 * or, where permission is checked, -EPERM. kill(2), sigqueue(3).
 */
int send_signal_locked(int sig, struct kernel_siginfo *info, struct task_struct *t,
		       enum pid_type type); /* siglock held */
int do_send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *t,
		     enum pid_type type);
int send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *t);
int send_sig(int sig, struct task_struct *t, int priv); /* priv: the kernel itself sends */
/* Checks that current may; sig 0 checks only. */
int group_send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *t,
			enum pid_type type);
int kill_pid_info(int sig, struct kernel_siginfo *info, struct pid *pid);
/* The same; type: PIDTYPE_TGID, or PIDTYPE_PID for the one thread that pid stands for. */
int kill_pid_info_type(int sig, struct kernel_siginfo *info, struct pid *pid, enum pid_type type);
int kill_pid(struct pid *pid, int sig, int priv);
int kill_pgrp(struct pid *pgrp, int sig, int priv);
int kill_pgrp_info(int sig, struct kernel_siginfo *info, struct pid *pgrp); /* tasklist_lock */
struct cred;
/* For SIGIO: sender's credentials decide instead of current's. */
int kill_pid_info_as_cred(int sig, struct kernel_siginfo *info, struct pid *pid,
			  const struct cred *cred);
/* A fault of current that it cannot put off: blocked or ignored signals are made to act. */
int force_sig_fault(int sig, int code, void __user *addr);
int force_sig_fault_to_task(int sig, int code, void __user *addr, struct task_struct *t);
void force_sig(int sig);
void force_fatal_sig(int sig); /* ends the process whatever it has arranged */
void force_sigsegv(int sig);   /* sig's frame could not be written */
int force_sig_info(struct kernel_siginfo *info);
int send_sig_fault(int sig, int code, void __user *addr, struct task_struct *t);

void signal_wake_up_state(struct task_struct *t, unsigned int state); /* siglock */
/* fatal: also out of a stop, unless its tracer is looking into it just now. siglock. */
void signal_wake_up(struct task_struct *t, bool fatal);

/* Receiving; current. */
bool get_signal(struct ksignal *ksig); /* true: run the handler; does stops, deaths, dumps */
void signal_setup_done(int failed, struct ksignal *ksig, bool stepping);
int dequeue_signal(struct task_struct *t, sigset_t *mask, struct kernel_siginfo *info,
		   enum pid_type *type); /* siglock; the number or 0 */
void recalc_sigpending(void);		 /* siglock */
void flush_signals(struct task_struct *t);
void flush_signal_handlers(struct task_struct *t, bool force_default);
void flush_sigqueue(struct sigpending *queue);
void flush_itimer_signals(void);
void set_current_blocked(sigset_t *set); /* SIGKILL and SIGSTOP are taken out */
void __set_current_blocked(const sigset_t *set);

/*
 * The same with the siglock held. What current was woken for and now blocks is offered to the
 * other threads of its group: whoever sent it looks at no thread a second time.
 */
void change_blocked(const sigset_t *set);
int sigprocmask(int how, sigset_t *set, sigset_t *oldset);
/* For ppoll, pselect6, epoll_pwait, rt_sigsuspend: the caller's mask until the call ends. */
int set_user_sigmask(const sigset_t __user *umask, size_t sigsetsize);
void restore_saved_sigmask(void);
void restore_saved_sigmask_unless(bool interrupted);
sigset_t *sigmask_to_save(void); /* the mask that goes into a handler's frame */
/* The last user of the handlers goes: pollers of signalfd_wqh let go of it. fs/signalfd.c. */
void signalfd_cleanup(struct sighand_struct *sighand);
bool unhandled_signal(struct task_struct *t, int sig);
/* Is the signal ignored or blocked by current (SIGTTOU, SIGTTIN rules of a terminal)? */
bool is_ignored(int sig);
void kernel_sigaction(int sig, sighandler_t action);
#define allow_signal(sig)    kernel_sigaction(sig, (sighandler_t)2)
#define disallow_signal(sig) kernel_sigaction(sig, SIG_IGN)

/* Alternate stack: sigaltstack(2); the frame builder and rt_sigreturn(2) use these. */
int do_sigaltstack(const stack_t *ss, stack_t *oss, unsigned long sp, size_t min_size);
int restore_altstack(const stack_t __user *uss);
int save_altstack(stack_t __user *uss, unsigned long sp); /* 0 or -EFAULT */
int on_sig_stack(unsigned long sp);
int sas_ss_flags(unsigned long sp);
static inline unsigned long sigsp(unsigned long sp, struct ksignal *ksig)
{
	if ((ksig->ka.sa.sa_flags & SA_ONSTACK) && !sas_ss_flags(sp))
		return current->sas_ss_sp + current->sas_ss_size;
	return sp;
}

/* Preallocated signals of timers. */
struct sigqueue *sigqueue_alloc(void);
void sigqueue_free(struct sigqueue *q);
/* 0, 1 (ignored), -1 (no such task); an already queued one counts an overrun instead. */
int send_sigqueue(struct sigqueue *q, struct pid *pid, enum pid_type type);

/* Job control; process/jobctl.c. */
bool is_current_pgrp_orphaned(void);
void do_notify_parent_cldstop(struct task_struct *t, bool for_ptracer, int why); /* tasklist */
bool do_notify_parent(struct task_struct *t, int sig); /* tasklist_lock; true: reap it at once */
/* The sender of the two: the parent of an exiting leader or a tracer. */
void __wake_up_parent(struct task_struct *p, struct task_struct *parent);
int zap_other_threads(struct task_struct *p); /* siglock; how many were told to die */
void exit_signals(struct task_struct *t);
void task_clear_jobctl_pending(struct task_struct *t, unsigned long mask);
/* t, attached while it stood still, is in its trap or never will be: ptrace_attach() may return. */
void task_clear_jobctl_trapping(struct task_struct *t);
bool task_set_jobctl_pending(struct task_struct *t, unsigned long mask);
void task_join_group_stop(struct task_struct *t);
void set_special_pids(struct pid *pid);

static inline bool thread_group_empty(struct task_struct *p)
{
	return thread_group_leader(p) && p->signal->nr_threads <= 1;
}
static inline int get_nr_threads(struct task_struct *t)
{
	return t->signal->nr_threads;
}
static inline struct task_struct *next_thread(struct task_struct *p)
{
	struct list_head *n = READ_ONCE(p->thread_node.next);

	if (n == &p->signal->thread_head)
		n = READ_ONCE(n->next);
	return list_entry(n, struct task_struct, thread_node);
}
static inline void get_signal_struct(struct signal_struct *sig)
{
	refcount_inc(&sig->sigcnt);
}
void put_signal_struct(struct signal_struct *sig);
void __cleanup_sighand(struct sighand_struct *sighand);

extern int print_fatal_signals; /* /proc/sys/kernel/print-fatal-signals */

#endif
