/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: the process that gains most is killed. The points are its resident pages and
 * page tables, and oom_score_adj per mille of all memory, as proc(5) describes. The victim may
 * use the last reserves to die (TIF_MEMDIE). Task context.
 *
 * Locks: oom_lock, tried and not waited for: one killer at a time is enough; the rest wait for
 * what it frees. tasklist walk under RCU.
 */
#include <jiffy/init.h>
#include <jiffy/rcupdate.h>
#include <jiffy/signal.h>
#include <jiffy/sysctl.h>

#include "internal.h"

#define OOM_SCORE_ADJ_MIN (-1000)
#define PATIENCE	  100 /* looks, a tick apart */

static DEFINE_MUTEX(oom_lock);
static int sysctl_panic_on_oom, sysctl_oom_kill_allocating_task;
static int sysctl_oom_dump_tasks = 1;

/* A thread of p's group that has the mm still, with its alloc_lock held; NULL. RCU. */
static struct task_struct *find_lock_task_mm(struct task_struct *p)
{
	struct task_struct *t;

	for_each_thread (p, t) {
		task_lock(t);
		if (t->mm)
			return t;
		task_unlock(t);
	}
	return NULL;
}

static bool unkillable(struct task_struct *p)
{
	return is_global_init(p) || (p->flags & PF_KTHREAD) || !p->signal;
}

/* Points may be negative in the sum; 0 means "not this one". */
static long points_of(struct task_struct *p, unsigned long totalpages)
{
	struct task_struct *t;
	long points, adj;

	if (unkillable(p))
		return 0;
	adj = p->signal->oom_score_adj;
	if (adj == OOM_SCORE_ADJ_MIN)
		return 0;
	t = find_lock_task_mm(p);
	if (!t)
		return 0;
	if (test_bit(MMF_OOM_SKIP, &t->mm->flags)) {
		task_unlock(t);
		return 0;
	}
	points = get_mm_rss(t->mm) + (atomic_long_read(&t->mm->pgtables_bytes) >> PAGE_SHIFT);
	task_unlock(t);
	points += adj * (long)totalpages / 1000;
	return max(points, 1L);
}

unsigned long oom_badness(struct task_struct *p, unsigned long totalpages)
{
	long points;

	rcu_read_lock();
	points = points_of(p, totalpages);
	rcu_read_unlock();
	return points;
}

/*
 * The worst one with a reference, or NULL. *dying: a victim of before has not given back all of its
 * memory (TIF_MEMDIE goes when it has; that its mm is no longer its own comes long before that).
 * *leaving: somebody is on the way out, killed or not, and what it holds will be free.
 */
static struct task_struct *choose_victim(unsigned long totalpages, bool *dying, bool *leaving)
{
	struct task_struct *p, *t, *worst = NULL;
	long most = 0, points;

	*dying = *leaving = false;
	rcu_read_lock();
	for_each_process (p) {
		for_each_thread (p, t) {
			if (READ_ONCE(t->exit_state))
				continue;
			if (test_ti_thread_flag(task_thread_info(t), TIF_MEMDIE))
				*dying = true;
			if (READ_ONCE(t->flags) & PF_EXITING)
				*leaving = true;
		}
		points = points_of(p, totalpages);
		if (points > most) {
			most = points;
			worst = p;
		}
	}
	if (worst)
		get_task_struct(worst);
	rcu_read_unlock();
	return worst;
}

static void dump_tasks(void)
{
	struct task_struct *p, *t;

	pr_info("[  pid  ]  tgid total_vm      rss oom_score_adj name");
	rcu_read_lock();
	for_each_process (p) {
		t = unkillable(p) ? NULL : find_lock_task_mm(p);
		if (!t)
			continue;
		pr_info("[%7d] %5d %8lu %8lu %13d %s", t->pid, t->tgid, t->mm->total_vm,
			get_mm_rss(t->mm), t->signal->oom_score_adj, t->comm);
		task_unlock(t);
	}
	rcu_read_unlock();
}

static void kill_victim(struct task_struct *victim)
{
	struct task_struct *t;
	unsigned long rss = 0;

	rcu_read_lock();
	t = find_lock_task_mm(victim);
	if (t) {
		rss = get_mm_rss(t->mm);
		set_bit(MMF_OOM_VICTIM, &t->mm->flags);
		task_unlock(t);
	}
	for_each_thread (victim, t)
		set_ti_thread_flag(task_thread_info(t), TIF_MEMDIE);
	rcu_read_unlock();
	pr_err("Out of memory: Killed process %d (%s) anon-rss:%lukB oom_score_adj:%d",
	       victim->pid, victim->comm, rss << (PAGE_SHIFT - 10), victim->signal->oom_score_adj);
	count_vm_event(OOM_KILL);
	send_sig(SIGKILL, victim, 1);
}

/*
 * Whether there is a victim, or none and waiting will not help either: that is the end, but not
 * at once, as memory of those who left comes back behind grace periods. The caller sleeps for a
 * tick between two looks.
 */
static bool must_act(const struct task_struct *victim, bool leaving)
{
	static int looks; /* in a row, without a victim and with nobody leaving */

	lockdep_assert_held(&oom_lock);
	looks = victim || leaving ? 0 : looks + 1;
	return victim || (!leaving && looks > PATIENCE);
}

bool out_of_memory(gfp_t gfp, unsigned int order)
{
	unsigned long total = totalram_pages();
	struct task_struct *victim;
	bool dying, leaving;

	if (!mutex_trylock(&oom_lock))
		return true;
	/* Whoever is dying already gets the reserves, not a second victim. */
	if (fatal_signal_pending(current) || (current->flags & PF_EXITING)) {
		set_ti_thread_flag(task_thread_info(current), TIF_MEMDIE);
		mutex_unlock(&oom_lock);
		return true;
	}
	victim = choose_victim(total, &dying, &leaving);
	if (dying || !must_act(victim, leaving)) {
		if (victim)
			put_task_struct(victim);
		mutex_unlock(&oom_lock);
		return true;
	}
	pr_warn("%s invoked oom-killer: gfp_mask=0x%x, order=%u, oom_score_adj=%d", current->comm,
		gfp, order, current->signal->oom_score_adj);
	if (sysctl_panic_on_oom)
		panic("out of memory, and vm.panic_on_oom is set");
	if (!victim)
		panic("out of memory and no process can be killed");
	if (sysctl_oom_dump_tasks)
		dump_tasks();
	if (sysctl_oom_kill_allocating_task && current->mm && !unkillable(current) &&
	    current->signal->oom_score_adj != OOM_SCORE_ADJ_MIN) {
		put_task_struct(victim);
		victim = current->group_leader;
		get_task_struct(victim);
	}
	kill_victim(victim);
	put_task_struct(victim);
	mutex_unlock(&oom_lock);
	return true;
}

static const struct ctl_table oom_table[] = {
    {.procname = "panic_on_oom",
     .data = &sysctl_panic_on_oom,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO,
     .extra2 = SYSCTL_TWO},
    {.procname = "oom_kill_allocating_task",
     .data = &sysctl_oom_kill_allocating_task,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {.procname = "oom_dump_tasks",
     .data = &sysctl_oom_dump_tasks,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {},
};

static int register_oom_table(void)
{
	return register_sysctl("vm", oom_table);
}
device_initcall(register_oom_table);
