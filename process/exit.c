/* SPDX-License-Identifier: MIT */
/*
 * The end of a task: do_exit(), what its relatives learn of it, and release_task(), which removes
 * the last of it. exit(2), exit_group(2), wait(2).
 *
 * The order matters to those who look on: PF_EXITING first, so that no signal is given to a task
 * that will not take it; then memory, semaphores, files, in which others may wait for us; then
 * the tree, where the zombie shows; the CPU last.
 */
#include <arch/task.h>
#include <jiffy/cgroup.h>
#include <jiffy/cputime.h>
#include <jiffy/fdtable.h>
#include <jiffy/fs_struct.h>
#include <jiffy/futex.h>
#include <jiffy/ipc.h>
#include <jiffy/kthread.h>
#include <jiffy/mm.h>
#include <jiffy/mutation.h>
#include <jiffy/nsproxy.h>
#include <jiffy/posix_timers.h>
#include <jiffy/ptrace.h>
#include <jiffy/seccomp.h>
#include <jiffy/syscalls.h>
#include <jiffy/tty.h>
#include <uapi/wait.h>

#include "task.h"

/* What the dead thread used goes on counting for its process. */
static void account_dead_thread(struct signal_struct *sig, struct task_struct *t)
{
	u64 utime, stime;

	task_cputime(t, &utime, &stime);
	write_seqlock(&sig->stats_lock);
	sig->utime += utime;
	sig->stime += stime;
	sig->gtime += t->gtime;
	sig->min_flt += t->min_flt;
	sig->maj_flt += t->maj_flt;
	sig->nvcsw += t->nvcsw;
	sig->nivcsw += t->nivcsw;
	sig->rchar += t->rchar;
	sig->wchar += t->wchar;
	sig->syscr += t->syscr;
	sig->syscw += t->syscw;
	sig->sum_sched_runtime += task_sched_runtime(t);
	sig->nr_threads--;
	write_sequnlock(&sig->stats_lock);
}

static void unhash_process(struct task_struct *t, bool group_dead)
{
	lockdep_assert_held(&tasklist_lock);
	nr_threads--;
	detach_pid(t, PIDTYPE_PID);
	if (group_dead) {
		detach_pid(t, PIDTYPE_TGID);
		detach_pid(t, PIDTYPE_PGID);
		detach_pid(t, PIDTYPE_SID);
		list_del_rcu(&t->tasks);
		list_del_init(&t->sibling);
		count_leader_gone();
	}
	list_del_rcu(&t->thread_node);
}

/* The task leaves its group; afterwards nobody can lock its sighand any more. */
static void __exit_signal(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	struct sighand_struct *sighand = t->sighand;
	bool group_dead = thread_group_leader(t);
	struct tty_struct *tty = NULL;

	spin_lock(&sighand->siglock);
	posix_cpu_timers_exit(t);
	if (group_dead) {
		posix_cpu_timers_exit_group(t);
		tty = sig->tty;
		sig->tty = NULL;
	} else {
		if (sig->notify_count > 0 && !--sig->notify_count)
			wake_up_process(sig->group_exec_task);
		if (t == sig->curr_target)
			sig->curr_target = next_thread(t);
	}
	if (!mutant(THREAD_TIMES_LOST) || group_dead)
		account_dead_thread(sig, t);
	else
		sig->nr_threads--;
	unhash_process(t, group_dead);
	flush_sigqueue(&t->pending);
	rcu_assign_pointer(t->sighand, NULL);
	if (group_dead)
		flush_sigqueue(&sig->shared_pending);
	spin_unlock(&sighand->siglock);
	__cleanup_sighand(sighand);
	clear_tsk_thread_flag(t, TIF_SIGPENDING);
	if (group_dead && tty)
		tty_kref_put(tty);
}

/*
 * Reaps t, a zombie that its parent knows of or one that nobody wants to. When t was the last
 * thread of a group whose leader is a zombie already, the leader's parent learns of it now, and
 * when that one does not care the leader goes as well.
 */
void release_task(struct task_struct *t)
{
	const struct cred *cred;
	struct task_struct *leader;
	bool zap_leader;

	do {
		/* A task that has ended keeps the ones it has. */
		cred = rcu_dereference_check(t->real_cred, t->exit_state);
		if (!mutant(USER_COUNT_LEAKED))
			atomic_dec(&cred->user->processes);
		cgroup_release(t);
		write_lock_irq(&tasklist_lock);
		ptrace_unlink(t);
		__exit_signal(t);
		zap_leader = false;
		leader = t->group_leader;
		if (leader != t && leader->signal->nr_threads == 1 &&
		    leader->exit_state == EXIT_ZOMBIE) {
			zap_leader = do_notify_parent(leader, leader->exit_signal);
			if (zap_leader)
				leader->exit_state = EXIT_DEAD;
		}
		write_unlock_irq(&tasklist_lock);
		seccomp_release(t);
		put_task_stack(t);
		if (!mutant(TASK_REF_LEAKED))
			put_task_struct_rcu_user(t);
		t = leader;
	} while (unlikely(zap_leader));
}

static struct task_struct *find_alive_thread(struct task_struct *p)
{
	struct task_struct *t;

	for_each_thread (p, t)
		if (!(t->flags & PF_EXITING))
			return t;
	return NULL;
}

/*
 * The namespace's init dies: another of its threads takes over, or else the namespace ends. The
 * caller holds tasklist_lock, which is dropped while the others are killed.
 */
static struct task_struct *find_child_reaper(struct task_struct *father, struct list_head *dead)
{
	struct pid_namespace *ns = task_active_pid_ns(father);
	struct task_struct *reaper = ns->child_reaper, *p, *n;

	lockdep_assert_held(&tasklist_lock);
	if (likely(reaper != father))
		return reaper;
	reaper = find_alive_thread(father);
	if (reaper) {
		ns->child_reaper = reaper;
		return reaper;
	}
	write_unlock_irq(&tasklist_lock);
	list_for_each_entry_safe (p, n, dead, ptrace_entry) {
		list_del_init(&p->ptrace_entry);
		release_task(p);
	}
	zap_pid_ns_processes(ns);
	write_lock_irq(&tasklist_lock);
	return father;
}

/* A sibling thread; else the nearest subreaper above in our namespace; else the namespace's init.
 */
static struct task_struct *find_new_reaper(struct task_struct *father,
					   struct task_struct *child_reaper)
{
	struct task_struct *reaper = find_alive_thread(father), *thread;

	if (reaper)
		return reaper;
	if (!father->signal->has_child_subreaper || mutant(SUBREAPER_SKIPPED))
		return child_reaper;
	for (reaper = father->real_parent; !same_thread_group(reaper, child_reaper);
	     reaper = reaper->real_parent) {
		if (reaper == &init_task ||
		    task_active_pid_ns(reaper) != task_active_pid_ns(father))
			break;
		if (!reaper->signal->is_child_subreaper)
			continue;
		thread = find_alive_thread(reaper);
		if (thread)
			return thread;
	}
	return child_reaper;
}

/* A child that changed hands: its new parent may have to learn that it is dead. */
static void reparent_leader(struct task_struct *father, struct task_struct *p,
			    struct list_head *dead)
{
	if (unlikely(p->exit_state == EXIT_DEAD))
		return;
	p->exit_signal = SIGCHLD;
	if (!p->ptrace && p->exit_state == EXIT_ZOMBIE && thread_group_empty(p)) {
		if (do_notify_parent(p, p->exit_signal)) {
			p->exit_state = EXIT_DEAD;
			list_add(&p->ptrace_entry, dead);
		}
	}
	kill_orphaned_pgrp(p, father);
}

static void forget_original_parent(struct task_struct *father, struct list_head *dead)
{
	struct task_struct *p, *t, *reaper;

	if (unlikely(!list_empty(&father->ptraced)))
		exit_ptrace(father, dead);
	reaper = find_child_reaper(father, dead);
	if (list_empty(&father->children) || mutant(CHILD_NOT_REPARENTED))
		return;
	reaper = find_new_reaper(father, reaper);
	list_for_each_entry (p, &father->children, sibling) {
		for_each_thread (p, t) {
			rcu_assign_pointer(t->real_parent, reaper);
			if (likely(!t->ptrace))
				t->parent = t->real_parent;
			if (t->pdeath_signal && !mutant(DEATH_SIGNAL_LOST))
				group_send_sig_info(t->pdeath_signal, SEND_SIG_NOINFO, t,
						    PIDTYPE_TGID);
		}
		/* Inside one group nothing changed for the child's job control or its death. */
		if (!same_thread_group(reaper, father))
			reparent_leader(father, p, dead);
	}
	list_splice_tail_init(&father->children, &reaper->children);
}

/* The zombie appears. autoreap: nobody will wait for it, so it goes at once. */
static void exit_notify(struct task_struct *t, bool group_dead)
{
	struct task_struct *p, *n;
	bool autoreap;
	LIST_HEAD(dead);

	write_lock_irq(&tasklist_lock);
	forget_original_parent(t, &dead);
	if (group_dead)
		kill_orphaned_pgrp(t->group_leader, NULL);
	t->exit_state = EXIT_ZOMBIE;
	/* A pidfd of this thread alone; do_notify_parent() tells those of the process. */
	if (!thread_group_leader(t) || !thread_group_empty(t))
		wake_up_all(&t->thread_pid->wait_pidfd);
	if (unlikely(t->ptrace)) {
		int sig = thread_group_leader(t) && thread_group_empty(t) && !ptrace_reparented(t)
			      ? t->exit_signal
			      : SIGCHLD;
		autoreap = do_notify_parent(t, sig);
	} else if (thread_group_leader(t)) {
		autoreap = thread_group_empty(t) && do_notify_parent(t, t->exit_signal);
	} else {
		autoreap = true;
	}
	if (autoreap) {
		t->exit_state = EXIT_DEAD;
		list_add(&t->ptrace_entry, &dead);
	}
	/* de_thread() waits for the old leader to become a zombie. */
	if (unlikely(t->signal->notify_count < 0))
		wake_up_process(t->signal->group_exec_task);
	write_unlock_irq(&tasklist_lock);
	list_for_each_entry_safe (p, n, &dead, ptrace_entry) {
		list_del_init(&p->ptrace_entry);
		release_task(p);
	}
}

/*
 * A core dump wants all threads to stand still: wait for its end, with the memory in place. One
 * that was exiting anyway is counted, but is no part of the dump. The dumper takes siglock
 * before it goes on, so core, on its stack, is there until we let go of that lock.
 */
static void coredump_task_exit(struct task_struct *t)
{
	struct core_thread self = {.task = t};
	struct core_state *core;
	bool dumped;

	spin_lock_irq(&t->sighand->siglock);
	t->flags |= PF_POSTCOREDUMP;
	core = t->signal->core_state;
	if (likely(!core) || core->dumper.task == t) {
		spin_unlock_irq(&t->sighand->siglock);
		return;
	}
	dumped = t->flags & PF_SIGNALED;
	if (dumped) {
		self.next = core->dumper.next;
		core->dumper.next = &self;
	}
	if (atomic_dec_and_test(&core->nr_threads))
		wake_up_all(&core->startup);
	spin_unlock_irq(&t->sighand->siglock);
	while (dumped) {
		set_current_state(TASK_IDLE);
		if (!smp_load_acquire(&self.task)) /* see coredump_finish() */
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* The task goes on, as kernel threads do, on an address space that it only borrows. */
static void exit_mm(struct task_struct *t)
{
	struct mm_struct *mm = t->mm;

	exit_mm_release(t, mm);
	if (!mm)
		return;
	mmgrab(mm); /* active_mm's reference, which the next switch drops */
	task_lock(t);
	local_irq_disable();
	t->mm = NULL;
	enter_lazy_tlb(mm, t);
	local_irq_enable();
	task_unlock(t);
	if (!mutant(MM_LEAKED))
		mmput(mm);
	if (test_thread_flag(TIF_MEMDIE))
		clear_thread_flag(TIF_MEMDIE);
}

/* The last thread to enter do_exit() does what concerns the process as a whole. */
static void exit_group_last(struct task_struct *t, long code)
{
	struct signal_struct *sig = t->signal;
	unsigned long rss;

	if (unlikely(is_global_init(t)))
		panic("Attempted to kill init! exitcode=0x%08x",
		      sig->group_exit_code ? sig->group_exit_code : (int)code);
	exit_real_itimer(sig);
	exit_itimers(t);
	if (t->mm) {
		rss = max(get_mm_hiwater_rss(t->mm), get_mm_rss(t->mm));
		sig->maxrss = max(sig->maxrss, rss);
	}
}

__noreturn void do_exit(long code)
{
	struct task_struct *t = current;
	bool group_dead;

	if (unlikely(in_interrupt()))
		panic("Fatal exception in interrupt");
	if (unlikely(is_idle_task(t)))
		panic("Attempted to kill the idle task!");
	if (unlikely(preempt_count())) {
		pr_warn("%s[%d] exits with preempt count %d\n", t->comm, t->pid, preempt_count());
		preempt_count_set(0);
	}
	kthread_exit_notify(t, code);
	if (unlikely(t->ptrace))
		ptrace_event(PTRACE_EVENT_EXIT, code);
	coredump_task_exit(t);
	exit_signals(t);
	group_dead = atomic_dec_and_test(&t->signal->live);
	if (group_dead)
		exit_group_last(t, code);
	t->exit_code = code;
	exit_mm(t);
	exit_sem(t);
	exit_shm(t);
	exit_files(t);
	exit_fs(t);
	exit_io_context(t);
	if (group_dead)
		disassociate_ctty(1);
	exit_task_namespaces(t);
	exit_task_work(t);
	exit_thread(t);
	cgroup_exit(t);
	sched_exit(t);
	lockdep_task_exit(); /* while the parent still waits: it may be init, and the last to run */
	exit_notify(t, group_dead);
	do_task_dead();
}

/* Ends all threads of the process with this code, unless an end is under way that has its own. */
__noreturn void do_group_exit(int code)
{
	struct signal_struct *sig = current->signal;
	struct sighand_struct *sighand = current->sighand;

	if (sig->flags & SIGNAL_GROUP_EXIT) {
		code = sig->group_exit_code;
	} else if (sig->group_exec_task) {
		code = 0;
	} else {
		spin_lock_irq(&sighand->siglock);
		if (sig->flags & SIGNAL_GROUP_EXIT) {
			code = sig->group_exit_code;
		} else if (sig->group_exec_task) {
			code = 0;
		} else {
			sig->group_exit_code = code;
			sig->flags = SIGNAL_GROUP_EXIT;
			zap_other_threads(current);
		}
		spin_unlock_irq(&sighand->siglock);
	}
	do_exit(code);
}

SYSCALL_DEFINE1(exit, int, error_code)
{
	do_exit((error_code & 0xff) << 8);
}

SYSCALL_DEFINE1(exit_group, int, error_code)
{
	do_group_exit((error_code & 0xff) << 8);
}
