/* SPDX-License-Identifier: MIT */
/*
 * The kernel's answers to sched/env.h, and the scheduler's boot parameters. kernel/sched/ is
 * where the scheduler meets the other rooms; sched/ itself knows none of them.
 */
#include <arch/pgtable.h>
#include <arch/task.h>
#include <arch/time.h>
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/futex.h>
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/mm.h>
#include <jiffy/pid.h>
#include <jiffy/resource.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <uapi/capability.h>
#include <uapi/signal.h>

#include "../../sched/internal.h"
#include "../../sched/monitor.h"

early_param("sched=", sched_choose);
early_param("load=", load_choose);
early_param("preempt=", preempt_choose);
early_param("noautogroup", noautogroup);

#ifdef JIFFY_CHECKED
static int set_sched_check(char *value)
{
	sched_check = *value != '0';
	return 0;
}
early_param("sched_check=", set_sched_check);

static int set_sched_monitor(char *value)
{
	sched_monitor = *value != '0';
	return 0;
}
early_param("sched_monitor=", set_sched_monitor);
#endif

/*
 * A kernel thread keeps using the tables that are loaded and holds a reference to their mm until
 * it is switched away from; from a kernel thread to a process the reference it held ends, but
 * only after the switch: until then the tables are in use.
 */
struct mm_struct *sched_env_switch_mm(struct task_struct *prev, struct task_struct *next)
{
	struct mm_struct *active = prev->active_mm, *drop = NULL;

	if (!next->mm) {
		next->active_mm = active;
		enter_lazy_tlb(active, next);
		if (prev->mm)
			mmgrab(active);
		else
			prev->active_mm = NULL;
		return NULL;
	}
	if (active != next->mm || !prev->mm) {
		membarrier_switch_mm(next->mm);
		switch_mm_irqs_off(active, next->mm, next);
	}
	if (!prev->mm) {
		drop = active;
		prev->active_mm = NULL;
	}
	return drop;
}

void sched_env_idle_mm(struct task_struct *idle)
{
	/* One that comes back with its CPU still has it. */
	if (idle != current && idle->active_mm == &init_mm)
		return;
	mmgrab(&init_mm);
	idle->active_mm = &init_mm;
}

void sched_env_mmdrop(struct mm_struct *mm)
{
	mmdrop(mm);
}

void sched_env_first_run(struct task_struct *t)
{
	/* A bad address is the program's own loss, as in Linux. */
	if (t->set_child_tid && put_user(task_pid_vnr(t), t->set_child_tid))
		t->set_child_tid = NULL;
}

/*
 * What counts is where p left user mode, not why it gives up the CPU now. Nobody makes a system
 * call inside a sequence, so there is none to abort; a trap or an interrupt may have stopped one,
 * and then a switch is one whether p was preempted, waits for its page or stops for its tracer.
 */
void sched_env_rseq_switched_out(struct task_struct *p)
{
	if (syscall_get_nr(p, task_pt_regs(p)) < 0)
		rseq_preempt(p);
}

void sched_env_rseq_migrated(struct task_struct *p)
{
	rseq_preempt(p);
}

void sched_env_task_dead(struct task_struct *p)
{
	put_task_stack(p);
	put_task_struct_rcu_user(p);
}

void *sched_env_alloc(size_t size, bool atomic)
{
	return kzalloc(size, atomic ? GFP_ATOMIC : GFP_KERNEL);
}

void sched_env_free(void *p)
{
	kfree(p);
}

void sched_env_for_each_task(void (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process_thread (p, t)
		fn(t, arg);
	rcu_read_unlock();
}

/* A migration thread: sleeps until there is work. */
static int cpu_stopper_thread(void *arg)
{
	unsigned int cpu = (unsigned long)arg;

	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!cpu_stopper_has_work(cpu))
			schedule();
		__set_current_state(TASK_RUNNING);
		cpu_stopper_run(cpu);
	}
	return 0;
}

int sched_env_start_stopper(unsigned int cpu)
{
	struct task_struct *k;

	k = kthread_create_on_cpu(cpu_stopper_thread, (void *)(unsigned long)cpu, cpu,
				  "migration/%u", cpu);
	if (IS_ERR(k))
		return PTR_ERR(k);
	sched_set_stop_task(cpu, k);
	return 0;
}

const struct cpu_topology *sched_env_topology(int cpu)
{
	return arch_cpu_topology(cpu);
}

int sched_env_node_distance(int a, int b)
{
	return boot_info.node_distance[a][b];
}

unsigned long sched_env_cpu_capacity(int cpu)
{
	return SCHED_CAPACITY_SCALE;
}

unsigned long sched_env_freq_scale(void)
{
	return arch_freq_scale();
}

const void *sched_env_task_mm(const struct task_struct *p)
{
	return p->mm;
}

unsigned long sched_env_rlimit_nice(const struct task_struct *p)
{
	return task_rlimit(p, RLIMIT_NICE);
}

unsigned long sched_env_rlimit_rtprio(const struct task_struct *p)
{
	return task_rlimit(p, RLIMIT_RTPRIO);
}

bool sched_env_capable_nice(void)
{
	return capable(CAP_SYS_NICE);
}

bool sched_env_same_owner(struct task_struct *p)
{
	const struct cred *cred = current_cred(), *pcred;
	bool same;

	rcu_read_lock();
	pcred = __task_cred(p);
	same = uid_eq(cred->euid, pcred->euid) || uid_eq(cred->euid, pcred->uid);
	rcu_read_unlock();
	return same;
}

/*
 * RLIMIT_RTTIME is microseconds: SIGXCPU at the soft limit, which then moves on by a second, and
 * SIGKILL at the hard one. getrlimit(2)
 */
void sched_env_rt_watchdog(struct task_struct *p, unsigned long ticks)
{
	unsigned long soft, hard, us = ticks * (USEC_PER_SEC / HZ);

	if (!p->signal)
		return;
	soft = task_rlimit(p, RLIMIT_RTTIME);
	hard = task_rlimit_max(p, RLIMIT_RTTIME);
	if (soft == RLIM_INFINITY)
		return;
	if (hard != RLIM_INFINITY && us >= hard) {
		do_send_sig_info(SIGKILL, SEND_SIG_PRIV, p, PIDTYPE_TGID);
	} else if (us >= soft) {
		WRITE_ONCE(p->signal->rlim[RLIMIT_RTTIME].rlim_cur, soft + USEC_PER_SEC);
		do_send_sig_info(SIGXCPU, SEND_SIG_PRIV, p, PIDTYPE_TGID);
	}
}

/* sched(7): SCHED_FLAG_DL_OVERRUN. */
void sched_env_dl_overrun(struct task_struct *p)
{
	do_send_sig_info(SIGXCPU, SEND_SIG_PRIV, p, PIDTYPE_TGID);
}

struct prev_cputime *sched_env_group_prev_cputime(struct task_struct *p)
{
	return &p->signal->prev_cputime;
}

/* Threads that are gone added their sums to signal_struct, under its sequence lock. */
void thread_group_cputime(struct task_struct *p, struct task_cputime *times)
{
	struct signal_struct *sig = p->signal;
	struct task_struct *t;
	unsigned int seq;

	/* The running thread's own span is charged, so that its sum is exact. */
	if (same_thread_group(current, p))
		task_sched_runtime(current);
	rcu_read_lock();
	do {
		seq = read_seqbegin(&sig->stats_lock);
		times->utime = sig->utime;
		times->stime = sig->stime;
		times->sum_exec_runtime = sig->sum_sched_runtime;
		for_each_thread (p, t) {
			times->utime += READ_ONCE(t->utime);
			times->stime += READ_ONCE(t->stime);
			times->sum_exec_runtime += task_sched_runtime(t);
		}
	} while (read_seqretry(&sig->stats_lock, seq));
	rcu_read_unlock();
}

u64 thread_group_sched_runtime(struct task_struct *p)
{
	struct task_cputime t;

	thread_group_cputime(p, &t);
	return t.sum_exec_runtime;
}

unsigned long wait_task_inactive(struct task_struct *p, unsigned int match)
{
	for (;;) {
		bool running, queued;
		unsigned long flags, switches = 0;
		struct rq *rq;

		/* Without the lock while it runs: it may do so for long. */
		while (READ_ONCE(p->on_cpu)) {
			if (match && !(READ_ONCE(p->__state) & match))
				return 0;
			cpu_relax();
		}
		rq = task_rq_lock(p, &flags);
		running = p->on_cpu;
		queued = task_on_rq_queued(p) && !p->se.sched_delayed;
		if (!match || (READ_ONCE(p->__state) & match))
			switches = p->nvcsw | (1UL << 63);
		task_rq_unlock(rq, p, &flags);
		if (!switches)
			return 0;
		if (running) {
			cpu_relax();
			continue;
		}
		if (!queued)
			return switches;
		/* Preempted on its way to sleep: give it time to get there. */
		schedule_timeout_uninterruptible(1);
	}
}

static void drop_lazy_mm(void *unused)
{
	struct task_struct *t = current;
	struct mm_struct *mm = t->active_mm;

	if (t->mm || mm == &init_mm)
		return;
	mmgrab(&init_mm);
	switch_mm_irqs_off(mm, &init_mm, t);
	t->active_mm = &init_mm;
	mmdrop(mm);
}

/* An interrupt cannot come in the middle of a switch, so active_mm is what it says. */
void drop_lazy_mms(void)
{
	on_each_cpu(drop_lazy_mm, NULL, true);
}

void sched_env_prio_changed(struct task_struct *p)
{
	rt_mutex_adjust_pi(p);
}

void sched_env_for_each_thread(struct task_struct *p, void (*fn)(struct task_struct *t, void *arg),
			       void *arg)
{
	struct task_struct *t;

	read_lock(&tasklist_lock);
	for_each_thread (p, t)
		fn(t, arg);
	read_unlock(&tasklist_lock);
}
