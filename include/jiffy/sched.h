/* SPDX-License-Identifier: MIT */
/*
 * task_struct, the states of a task, and what other rooms may ask of the scheduler.
 *
 * Lifetime: a task_struct lives until its last reference goes (put_task_struct); readers that
 * find it through an RCU-protected link (the tree of processes, a struct pid, rq->curr) may use it
 * inside rcu_read_lock(): put_task_struct_rcu_user(). The kernel stack goes when the task has left
 * its CPU for the last time.
 *
 * Locks named below: rq->lock (the run queue the task is on), pi_lock (who may wake and boost
 * it), tasklist_lock (the tree of processes), sighand->siglock, alloc_lock (task_lock(): mm, fs,
 * files, comm, nsproxy pointers). Order: tasklist_lock, siglock, alloc_lock, pi_lock, rq->lock.
 */
#ifndef JIFFY_SCHED_H
#define JIFFY_SCHED_H

#include <arch/task.h>
#include <jiffy/cpumask.h>
#include <jiffy/cputime.h>
#include <jiffy/err.h>
#include <jiffy/ktime.h>
#include <jiffy/lockdep.h>
#include <jiffy/refcount.h>
#include <jiffy/sched_entity.h>
#include <jiffy/spinlock.h>
#include <jiffy/smp.h>
#include <jiffy/stop_machine.h>
#include <jiffy/thread_info.h>
#include <jiffy/trace_sched.h>
#include <jiffy/wait.h>
#include <uapi/sched.h>

/* Task states: one at a time, but for the modifiers. "R" shows as the letter in /proc. */
#define TASK_RUNNING	     0x0000 /* R: runs or wants to */
#define TASK_INTERRUPTIBLE   0x0001 /* S: waits, a signal ends the wait */
#define TASK_UNINTERRUPTIBLE 0x0002 /* D */
#define __TASK_STOPPED	     0x0004 /* T: job control */
#define __TASK_TRACED	     0x0008 /* t: stopped for its tracer */
#define EXIT_DEAD	     0x0010 /* X, in exit_state */
#define EXIT_ZOMBIE	     0x0020 /* Z, in exit_state */
#define EXIT_TRACE	     (EXIT_ZOMBIE | EXIT_DEAD)
#define TASK_PARKED	     0x0040 /* P: a kernel thread put aside */
#define TASK_DEAD	     0x0080 /* has left for good; the next task frees it */
#define TASK_WAKEKILL	     0x0100 /* modifier: fatal signals wake it */
#define TASK_WAKING	     0x0200 /* between the choice of its CPU and that CPU's queue */
#define TASK_NOLOAD	     0x0400 /* modifier: not in the load average */
#define TASK_NEW	     0x0800 /* forked, not yet woken for the first time */
#define TASK_FROZEN	     0x8000
#define TASK_KILLABLE	     (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED	     (TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_TRACED	     (TASK_WAKEKILL | __TASK_TRACED)
#define TASK_IDLE	     (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL	     (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* task_struct.flags: changed only by the task itself unless said. */
#define PF_EXITING	0x00000004
#define PF_POSTCOREDUMP 0x00000008
#define PF_IDLE		0x00000010
#define PF_FORKNOEXEC	0x00000040 /* has not called exec since its fork */
#define PF_MCE_PROCESS	0x00000080 /* PR_MCE_KILL chose; when: PF_MCE_EARLY */
#define PF_SUPERPRIV	0x00000100
#define PF_DUMPCORE	0x00000200
#define PF_SIGNALED	0x00000400 /* a signal ended it */
#define PF_MEMALLOC	0x00000800
#define PF_NPROC_EXCEEDED 0x00001000
#define PF_NOFREEZE	0x00008000
#define PF_IO_FLUSHER	0x00080000 /* PR_SET_IO_FLUSHER; no reclaim here waits for I/O */
#define PF_KTHREAD	0x00200000
#define PF_RANDOMIZE	0x00400000
#define PF_NO_SETAFFINITY 0x04000000 /* user space may not move it */
#define PF_MCE_EARLY	0x08000000 /* at once when memory of it is lost, not at its first use */

#define TASK_COMM_LEN 16

struct mm_struct;
struct files_struct;
struct fs_struct;
struct signal_struct;
struct sighand_struct;
struct nsproxy;
struct cred;
struct pid;
struct sched_class;
struct task_group;
struct autogroup;
struct rt_mutex_waiter;
struct io_context;
struct seccomp_filter;
struct sem_undo_list;
struct robust_list_head;
struct futex_pi_state;
struct kernel_siginfo;
struct cgroup;
struct callback_head;
struct kthread;
struct rseq;

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };

struct sigpending {
	struct list_head list; /* of struct sigqueue */
	u64 signal;	       /* bit n-1: signal n waits */
};

/* What restart_syscall(2) needs to go on. Own task only. */
struct restart_block {
	long (*fn)(struct restart_block *);
	union {
		struct {
			u32 __user *uaddr;
			u32 val, flags, bitset;
			u64 time;
		} futex;
		struct {
			clockid_t clockid;
			void __user *rmtp;
			u64 expires;
		} nanosleep;
		struct {
			void __user *ufds;
			int nfds, has_timeout;
			u64 expires;
		} poll;
	};
};

/* What was last reported as user and system time: neither may ever shrink. */
struct prev_cputime {
	spinlock_t lock;
	u64 utime, stime;
};

static inline void prev_cputime_init(struct prev_cputime *prev)
{
	prev->utime = prev->stime = 0;
	spin_lock_init(&prev->lock);
}

/* PR_SET_SYSCALL_USER_DISPATCH, see process/user_dispatch.c; own task. */
struct syscall_user_dispatch {
	const char __user *selector; /* the byte that decides; NULL: all calls are dispatched */
	unsigned long offset, len;   /* calls from here are always made */
	bool on_dispatch;	     /* the present call became a signal */
};

struct task_struct {
	unsigned int __state; /* own task, or pi_lock in a wake-up */
	unsigned int flags;   /* PF_* */
	void *stack;	      /* union thread_union; NULL once gone */
	refcount_t usage; /* those who hold it; rcu_users together are one of them */
	refcount_t rcu_users; /* the tree, and the CPU that runs it: a grace period after both */
	refcount_t stack_refcount; /* of stack: the CPU that runs it, and the process tree */
	unsigned int ptrace; /* PT_*; tasklist_lock */

	/* scheduling; rq->lock unless said */
	/*
	 * Where it runs or last ran; pi_lock and the run queue's lock. Not on the stack, which a task
	 * that was reaped no longer has: who holds a reference may still ask for its queue.
	 */
	u32 cpu;
	int on_cpu; /* 1 from before the switch to it until after the switch away */
	int on_rq;
	int wake_cpu, recent_used_cpu;
	unsigned int wakee_flips;
	unsigned long wakee_flip_decay_ts;
	struct task_struct *last_wakee;
	int prio, static_prio, normal_prio;
	unsigned int rt_priority, policy;
	const struct sched_class *sched_class;
	struct sched_entity se;
	struct sched_rt_entity rt;
	struct sched_dl_entity dl;
	struct sched_goodness_entity good;
	struct sched_o1_entity o1;
	struct task_group *sched_task_group;  /* where its entity is queued; pi_lock too */
	struct task_group *cgroup_task_group; /* of its control group; pi_lock */
	struct autogroup *autogroup;	      /* of its session, a reference; pi_lock */
	unsigned int uclamp_req[2], uclamp[2]; /* asked for; in effect when last queued */
	bool uclamp_active;		       /* uclamp is counted on its run queue */
	bool sched_reset_on_fork, sched_contributes_to_load, sched_remote_wakeup;
	bool in_iowait;
	int nr_cpus_allowed;
	unsigned short migration_disabled;
	const cpumask_t *cpus_ptr; /* what counts now: cpus_mask, or one CPU while pinned */
	cpumask_t cpus_mask;	   /* pi_lock and rq->lock to write */
	cpumask_t *user_cpus_ptr;
	struct list_head pushable_tasks_node; /* rt push: plist by priority */
	struct rb_node pushable_dl_tasks;
	struct sched_statistics stats;
	struct sched_info sched_info;
	struct psi_group *psi_group; /* sched/psi.c, like the next; NULL: in none */
	bool psi_queued;	     /* counted there as runnable */
	u8 monitor[2]; /* sched/monitor.c: states of its automata */
	u32 record_id, record_sum; /* sched/record.c: who it is in the record; its lock */

	/* priority inheritance; pi_lock */
	spinlock_t pi_lock;
	struct rb_root_cached pi_waiters;
	struct task_struct *pi_top_task; /* rq->lock too */
	struct rt_mutex_waiter *pi_blocked_on;
	struct list_head pi_state_list;
	struct futex_pi_state *pi_state_cache;

	struct list_head tasks; /* every group leader, from init_task; tasklist_lock, RCU */

	struct mm_struct *mm, *active_mm; /* alloc_lock; active_mm: own task, rq->lock at a switch */
	int exit_state;			  /* tasklist_lock */
	int exit_code, exit_signal;
	int pdeath_signal;
	unsigned long jobctl; /* siglock */
	unsigned int personality;
	bool did_exec, in_execve, no_new_privs;
	struct syscall_user_dispatch syscall_dispatch;
	u8 seccomp_mode;		       /* SECCOMP_MODE_*; siglock to write */
	struct seccomp_filter *seccomp_filter; /* the newest; siglock to write */
	u64 stack_canary;

	pid_t pid, tgid; /* in the initial namespace */
	/* the tree; tasklist_lock, readable under RCU */
	struct task_struct *real_parent, *parent;
	struct list_head children, sibling;
	struct task_struct *group_leader;
	struct list_head ptraced, ptrace_entry;
	struct pid *thread_pid;
	struct hlist_node pid_links[PIDTYPE_MAX];
	struct list_head thread_node; /* in signal->thread_head */

	struct wait_queue_entry *vfork_wait;
	struct completion *vfork_done; /* alloc_lock */
	int __user *set_child_tid, *clear_child_tid;

	/* accounting; own task and its tick, others read */
	u64 utime, stime, gtime;
	struct prev_cputime prev_cputime; /* its own lock */
	unsigned long nvcsw, nivcsw;
	u64 start_time, start_boottime; /* ns */
	unsigned long min_flt, maj_flt;
	u64 rchar, wchar, syscr, syscw;
	unsigned long last_switch_count, last_switch_time; /* hung task watchdog */

	struct {
		u64 nextevt[3];
		struct list_head cpu_timers[3]; /* prof, virt, sched; siglock */
		unsigned int timers_active;
	} posix_cputimers;

	const struct cred *real_cred; /* objective: how others see it; RCU */
	const struct cred *cred;      /* subjective: how it acts */
	char comm[TASK_COMM_LEN];     /* alloc_lock */
	struct fs_struct *fs;	      /* alloc_lock */
	struct files_struct *files;   /* alloc_lock */
	struct nameidata *nameidata;  /* the path walk under way; own task */
	struct nsproxy *nsproxy;      /* alloc_lock */

	struct signal_struct *signal;
	struct sighand_struct *sighand; /* RCU; gone (NULL) after __exit_signal() */
	u64 blocked, real_blocked;	/* own task and siglock to write */
	u64 saved_sigmask;		/* own task */
	struct sigpending pending;	/* siglock */
	unsigned long sas_ss_sp;
	size_t sas_ss_size;
	unsigned int sas_ss_flags;
	struct restart_block restart_block;
	struct kernel_siginfo *last_siginfo; /* for ptrace; siglock */
	unsigned long ptrace_message;
	const struct cred *ptracer_cred;

	struct callback_head *task_works;
	spinlock_t alloc_lock; /* task_lock() */

	struct sem_undo_list *sysvsem_undo;
	struct list_head sysvshm_clist;
	struct io_context *io_context;
	struct robust_list_head __user *robust_list;
	unsigned int futex_state;
	struct rseq __user *rseq;
	u32 rseq_len, rseq_sig;
	unsigned long rseq_event_mask;
	u64 timer_slack_ns, default_timer_slack_ns;

	/* control groups: cgroup/internal.h */
	struct cgroup *cgroup; /* css_set_lock, RCU */
	struct list_head cg_list;
	struct task_cputime cg_base; /* used before it came to its cgroup */
	bool cg_frozen;		     /* counts as standing still; css_set_lock */
	u32 mems_allowed;	     /* nodes, a bit each */
	struct kthread *kthread; /* kernel threads only; own task and kthread.c */
	void *journal_info;
	unsigned int fail_nth, in_syscall_nr;

	int pagefault_disabled;
	unsigned long oom_score_adj_min;
#ifdef JIFFY_CHECKED
	int lockdep_depth;
	struct held_lock held_locks[MAX_LOCK_DEPTH];
#endif
	struct rcu_head rcu;
	/* last: its size is the CPU's business */
	struct thread_struct thread;
};

extern struct task_struct init_task; /* pid 0, CPU 0's idle; process/init_task.c */
extern union thread_union init_thread_union;
extern rwlock_t tasklist_lock;

static inline struct thread_info *task_thread_info(const struct task_struct *t)
{
	return (struct thread_info *)t->stack;
}

static inline int task_cpu(const struct task_struct *t)
{
	return READ_ONCE(t->cpu);
}

#define set_tsk_thread_flag(t, f)	   set_bit(f, &task_thread_info(t)->flags)
#define clear_tsk_thread_flag(t, f)	   clear_bit(f, &task_thread_info(t)->flags)
#define test_tsk_thread_flag(t, f)	   test_bit(f, &task_thread_info(t)->flags)
#define test_and_clear_tsk_thread_flag(t, f) test_and_clear_bit(f, &task_thread_info(t)->flags)
#define set_thread_flag(f)		   set_tsk_thread_flag(current, f)
#define clear_thread_flag(f)		   clear_tsk_thread_flag(current, f)
#define test_thread_flag(f)		   test_tsk_thread_flag(current, f)
#define test_and_clear_thread_flag(f)	   test_and_clear_tsk_thread_flag(current, f)
/* For the running task: it goes through the scheduler as soon as it may. */
#define set_tsk_need_resched(t)		   set_tsk_thread_flag(t, TIF_NEED_RESCHED)
#define test_tsk_need_resched(t)	   test_tsk_thread_flag(t, TIF_NEED_RESCHED)
#define signal_pending(t)		   unlikely(test_tsk_thread_flag(t, TIF_SIGPENDING))
/* A signal that will end the task waits: the only reason to end a killable sleep. */
bool fatal_signal_pending(struct task_struct *t);

static inline bool signal_pending_state(unsigned int state, struct task_struct *t)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) || !signal_pending(t))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(t);
}

/* set_current_state() orders the store before the condition that the caller looks at next. */
#define __set_current_state(s)                     \
	do {                                       \
		if (JIFFY_CHECKS)                  \
			trace_sched_set_state(s);  \
		WRITE_ONCE(current->__state, (s)); \
	} while (0)
#define set_current_state(s)                         \
	do {                                         \
		if (JIFFY_CHECKS)                    \
			trace_sched_set_state(s);    \
		smp_store_mb(current->__state, (s)); \
	} while (0)
#define get_current_state()    READ_ONCE(current->__state)

static inline bool task_is_running(struct task_struct *t)
{
	return READ_ONCE(t->__state) == TASK_RUNNING;
}

static inline void get_task_struct(struct task_struct *t)
{
	refcount_inc(&t->usage);
}
void put_task_struct(struct task_struct *t); /* any context; process/task.c */
/*
 * Ends one of the two uses by which a task is found without a reference: its place in the process
 * tree (release_task()), and a run queue's curr (its last switch away). When both have ended the
 * tree's reference goes after a grace period. Any context.
 */
void put_task_struct_rcu_user(struct task_struct *t);
/*
 * The stack (and the thread_info on it) of another task may only be looked at with a reference,
 * unless the task cannot have been reaped: false when it is gone. finish_task_switch() puts the
 * one of a task that has left its CPU for good (TASK_DEAD), before put_task_struct(). Any context.
 */
bool try_get_task_stack(struct task_struct *t);
void put_task_stack(struct task_struct *t);

static inline void task_lock(struct task_struct *t)
{
	spin_lock(&t->alloc_lock);
}

static inline void task_unlock(struct task_struct *t)
{
	spin_unlock(&t->alloc_lock);
}

static inline bool thread_group_leader(struct task_struct *t)
{
	return t->exit_signal >= 0;
}

static inline bool same_thread_group(struct task_struct *a, struct task_struct *b)
{
	return a->signal == b->signal;
}

static inline bool is_idle_task(const struct task_struct *t)
{
	return t->flags & PF_IDLE;
}

static inline bool is_global_init(struct task_struct *t)
{
	return t->tgid == 1;
}

/* Under tasklist_lock (read) or rcu_read_lock(). */
#define for_each_process(p)                                                                        \
	for (p = &init_task; (p = list_entry_rcu(p->tasks.next, struct task_struct, tasks)) !=     \
			     &init_task;)
#define for_each_thread(p, t) list_for_each_entry_rcu(t, &(p)->signal->thread_head, thread_node)
#define for_each_process_thread(p, t) for_each_process(p) for_each_thread(p, t)

/*
 * The scheduler, for everybody else. Context in brackets.
 */
void schedule(void);		    /* [task, preemption on] gives up the CPU */
void schedule_preempt_disabled(void); /* [preempt count 1] */
int io_schedule_prepare(void);
void io_schedule_finish(int token);
long io_schedule_timeout(long timeout);
void io_schedule(void);
bool cond_resched(void);	    /* [task] true when it let another run */
void sched_yield_current(void);	    /* sched_yield(2) */
static inline void yield(void)
{
	sched_yield_current();
}
/* [any] wake t when its state is in the mask; 1 when that changed its state. */
int try_to_wake_up(struct task_struct *t, unsigned int state, int wake_flags);
int wake_up_process(struct task_struct *t);
int wake_up_state(struct task_struct *t, unsigned int state);
void wake_up_new_task(struct task_struct *t); /* [task] its first wake-up */
#define WF_SYNC 0x01 /* the waker is about to sleep */
#define WF_FORK 0x02
#define WF_EXEC 0x04
#define WF_TTWU 0x08
/*
 * The steps of copy_process(). sched_fork() initialises every scheduler field of p, a byte copy
 * of current (prio, policy, class, entities, affinity, counters): 0 or -EAGAIN (a deadline
 * parent without SCHED_RESET_ON_FORK). sched_cgroup_fork() puts p on a CPU and into current's
 * group, before p can be found by others and while current cannot be moved to another group;
 * sched_post_fork() when no step can fail any more; sched_cancel_fork() when a later step failed.
 */
int sched_fork(unsigned long clone_flags, struct task_struct *p);
void sched_cgroup_fork(struct task_struct *p);
void sched_post_fork(struct task_struct *p);
void sched_cancel_fork(struct task_struct *p);
void sched_exec(void);		 /* [task] exec is the cheapest moment to move */
void sched_exit(struct task_struct *p); /* [task] p will not fork or wake anybody again */
__noreturn void do_task_dead(void); /* [task, exiting] the last schedule() of a task */
void scheduler_tick(void);	 /* [hardirq] from the tick */
/*
 * [boot CPU, irqs off, per-CPU areas laid out] makes init_task CPU 0's idle task. From here the
 * boot CPU runs with preempt count 1 until its idle loop.
 */
void sched_init(void);
void sched_init_smp(void); /* [kernel_init, every CPU up] domains, migration threads */
/* idle, a forked task that never ran, becomes cpu's idle task; its preempt count starts at 1. */
void init_idle(struct task_struct *idle, int cpu);
__noreturn void cpu_startup_entry(void); /* [idle task, preempt count 1] the idle loop */
/*
 * Hot-plug; sched/hotplug.c. cpu takes tasks from now on; it is sent none any more (-EBUSY: the
 * last one that takes tasks, or deadline tasks need it). [task]
 */
int sched_cpu_activate(unsigned int cpu);
int sched_cpu_deactivate(unsigned int cpu);
/* [task] cpu, deactivated, gives its tasks away; -EAGAIN: some must first get off by themselves. */
int sched_cpu_drain(unsigned int cpu);
/* [this CPU's migration thread, all CPUs stopped] it goes now; -EAGAIN: not empty. */
int sched_cpu_dying(void);
/* [task] cpu has a migration thread, -ENOMEM, -EINTR; cpu is online, the thread takes work. */
int sched_stopper_create(unsigned int cpu);
void sched_stopper_online(unsigned int cpu);
/* isolcpus=: CPUs of no scheduling domain. kernel/sched/isolation.c. */
extern const struct cpumask *const cpu_isolated_mask;
void resched_cpu(int cpu);
void kick_process(struct task_struct *t); /* [any] makes it enter the kernel if it runs */
/* [task] until t is off its CPU (in state match when not 0); its switch count, 0 on mismatch. */
unsigned long wait_task_inactive(struct task_struct *t, unsigned int match);
bool task_curr(const struct task_struct *t);
bool idle_cpu(int cpu);
struct task_struct *idle_task(int cpu);
unsigned long nr_running(void);
unsigned long nr_iowait(void);
unsigned long long nr_context_switches(void);
/* Fixed point 11 bits; calc_global_load() from the tick of the CPU that keeps time. */
#define FSHIFT 11
extern unsigned long avenrun[3];
void calc_global_load(void);
/* ns on CPU of t in all, the running span too. */
u64 task_sched_runtime(struct task_struct *t);
u64 thread_group_sched_runtime(struct task_struct *t);

struct sched_param;
struct sched_attr;
void set_user_nice(struct task_struct *t, long nice);
int task_nice(const struct task_struct *t);
int task_prio(const struct task_struct *t);
bool can_nice(const struct task_struct *t, int nice);
/* [task] 0 or the errors of sched_setscheduler(2). nocheck: without asking for permission. */
int sched_setscheduler(struct task_struct *t, int policy, const struct sched_param *p);
int sched_setscheduler_nocheck(struct task_struct *t, int policy, const struct sched_param *p);
void sched_set_fifo(struct task_struct *t);	   /* a kernel thread that must run soon */
void sched_set_normal(struct task_struct *t, int nice);
int sched_setattr(struct task_struct *t, const struct sched_attr *attr, bool check);
int set_cpus_allowed_ptr(struct task_struct *t, const cpumask_t *mask);
/*
 * As sched_setaffinity(2), for one task already found and permitted: what is of mask and within
 * (possible CPUs that its cpuset has). 0, -EINVAL or -ENOMEM.
 */
int set_user_cpus(struct task_struct *t, const cpumask_t *mask, const cpumask_t *within);
/*
 * t's cpuset lets it have `allowed`: of these the CPUs that sched_setaffinity(2) chose, if any is
 * active, else all. 0, or -EINVAL when none is active.
 */
int set_cpuset_cpus(struct task_struct *t, const cpumask_t *allowed);
/*
 * t is about to be given these CPUs: -EBUSY when it is a deadline task and their part of the machine
 * cannot promise what it was promised where it is. [task]
 */
int sched_dl_can_move(struct task_struct *t, const cpumask_t *cpus);
/*
 * The CPUs of a part, `from`, are about to become `to`; apart: each of them is a part by itself.
 * -EBUSY: deadline tasks were promised more there than those of `to` that are active hold. Else no
 * more than that is promised from now on until sched_set_partitions() is called, as must be. [task]
 */
int sched_dl_shrink(const cpumask_t *from, const cpumask_t *to, bool apart);
/*
 * Cuts the scheduling domains: CPUs of one number balance among each other, those of -1 not at
 * all; real-time and deadline tasks move, and deadline tasks are admitted, in each part by itself.
 * part: nr_cpu_ids numbers. [task]
 */
void sched_set_partitions(const int *part);
extern const int sched_prio_to_weight[]; /* from nice -20 on; nice 0's is 1,024 */
void sched_task_free(struct task_struct *t); /* free_task(): what the scheduler kept for t */
/* Priority inheritance: t runs at least as pi_task would; NULL ends it. [pi_lock of t] */
void rt_mutex_setprio(struct task_struct *t, struct task_struct *pi_task);
/* process/: what t waits for must know that its own priority changed. [task, no locks] */
void rt_mutex_adjust_pi(struct task_struct *t);
void migrate_disable(void);
void migrate_enable(void);
/* The state's letter in /proc, and the reason for a backtrace of one task. */
char task_state_to_char(struct task_struct *t);
void sched_show_task(struct task_struct *t);
void show_state_filter(unsigned int state);
/* How often this CPU has been through the scheduler, going round at 2^32. [preemption off] */
unsigned int sched_passes(void);
/* Text of /proc/PID/sched, /proc/PID/schedstat, /proc/sched_debug, /proc/schedstat. [task] */
struct seq_file;
void proc_sched_show_task(struct task_struct *t, struct seq_file *m);
void proc_sched_set_task(struct task_struct *t); /* a write to /proc/PID/sched: counters to 0 */
void proc_schedstat_show_task(struct task_struct *t, struct seq_file *m);
void sched_debug_show(struct seq_file *m);
void schedstat_show(struct seq_file *m);

/* Process life: room process/. */
__noreturn void do_exit(long code);
__noreturn void do_group_exit(int code);
void free_task(struct task_struct *t);
void release_task(struct task_struct *t);
void fork_init(void);
struct task_struct *fork_idle(int cpu);
char *get_task_comm(char *buf, struct task_struct *t);
void set_task_comm(struct task_struct *t, const char *name);
/* task_work: func runs in the task on its way to user space (or at exit). */
struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
};
int task_work_add(struct task_struct *t, struct callback_head *work, bool notify);
void task_work_run(void);
/* arch/ calls it with irqs on, when _TIF_WORK_MASK bits are set, before user mode. */
void exit_to_user_mode_work(struct pt_regs *regs, unsigned long ti_flags);

/* Prio arithmetic: 0-99 real-time, 100-139 nice -20..19. */
#define MAX_RT_PRIO	 100
#define MAX_DL_PRIO	 0
#define NICE_WIDTH	 40
#define MAX_PRIO	 (MAX_RT_PRIO + NICE_WIDTH)
#define DEFAULT_PRIO	 (MAX_RT_PRIO + NICE_WIDTH / 2)
#define MIN_NICE	 (-20)
#define MAX_NICE	 19
#define NICE_TO_PRIO(n)	 ((n) + DEFAULT_PRIO)
#define PRIO_TO_NICE(p)	 ((p) - DEFAULT_PRIO)

static inline bool rt_prio(int prio)
{
	return prio < MAX_RT_PRIO;
}

static inline bool rt_task(const struct task_struct *t)
{
	return rt_prio(t->prio);
}

#endif
