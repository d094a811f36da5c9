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
#define PATIENCE	  (5 * HZ) /* jiffies, with one that is on its way out */
#define PATIENCE_AT_END	  (HZ / 2) /* before the machine is given up */

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
 * What there is to kill, and to wait for. Threads are referenced; NULL: none. put_scene() ends it.
 *
 *   victim	the worst that was not chosen before
 *   dying	a victim of before that has not given back all of its memory (TIF_MEMDIE goes when it
 *		has; that its mm is no longer its own comes long before that)
 *   leaving	one on the way out, killed or not, whose memory will be free
 */
struct oom_scene {
	struct task_struct *victim, *dying, *leaving;
};

/* What p's threads are to the scene; true: p was chosen before. RCU. */
static bool look_at_threads(struct task_struct *p, struct oom_scene *s)
{
	struct task_struct *t;
	bool chosen = false;

	for_each_thread (p, t) {
		if (READ_ONCE(t->exit_state))
			continue;
		if (test_ti_thread_flag(task_thread_info(t), TIF_MEMDIE)) {
			chosen = true;
			s->dying = t;
		}
		if (READ_ONCE(t->flags) & PF_EXITING)
			s->leaving = t;
	}
	return chosen;
}

static void look_around(unsigned long totalpages, struct oom_scene *s)
{
	struct task_struct *p;
	long most = 0, points;

	*s = (struct oom_scene){NULL};
	rcu_read_lock();
	for_each_process (p) {
		if (look_at_threads(p, s))
			continue;
		points = points_of(p, totalpages);
		if (points > most) {
			most = points;
			s->victim = p;
		}
	}
	if (s->victim)
		get_task_struct(s->victim);
	if (s->dying)
		get_task_struct(s->dying);
	if (s->leaving)
		get_task_struct(s->leaving);
	rcu_read_unlock();
}

static void put_scene(const struct oom_scene *s)
{
	if (s->victim)
		put_task_struct(s->victim);
	if (s->dying)
		put_task_struct(s->dying);
	if (s->leaving)
		put_task_struct(s->leaving);
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
	pr_err("Out of memory: Killed process %d (%s) anon-rss:%lukB oom_score_adj:%d", victim->pid,
	       victim->comm, rss << (PAGE_SHIFT - 10), victim->signal->oom_score_adj);
	count_vm_event(OOM_KILL);
	send_sig(SIGKILL, victim, 1);
}

/*
 * Whether to go on waiting for t, which is on its way out, or with NULL for memory that comes back
 * behind grace periods of those who left. Not for ever: what it waits for may be held by somebody
 * who waits for memory, or it stands still for a debugger. Who waits looks again each tick.
 */
static bool is_patient(const struct task_struct *t)
{
	static const struct task_struct *awaited;
	static unsigned long since, last_look; /* jiffies */
	unsigned long limit = t ? PATIENCE : PATIENCE_AT_END;

	lockdep_assert_held(&oom_lock);
	if (t != awaited || time_after(jiffies, last_look + PATIENCE_AT_END))
		since = jiffies;
	awaited = t;
	last_look = jiffies;
	return time_before(jiffies, since + limit);
}

/* A victim that does not end: it is waited for no longer, and not chosen again. */
static void give_up(struct task_struct *dying)
{
	struct task_struct *t;

	pr_err("Out of memory: process %d (%s) does not end, another one has to", dying->tgid,
	       dying->comm);
	rcu_read_lock();
	for_each_thread (dying, t)
		clear_ti_thread_flag(task_thread_info(t), TIF_MEMDIE);
	t = find_lock_task_mm(dying);
	if (t) {
		set_bit(MMF_OOM_SKIP, &t->mm->flags);
		task_unlock(t);
	}
	rcu_read_unlock();
}

/* Nothing is left to wait for: the victim of the scene goes, or the machine. */
static void act(const struct oom_scene *s, gfp_t gfp, unsigned int order)
{
	struct task_struct *victim = s->victim;

	pr_warn("%s invoked oom-killer: gfp_mask=0x%x, order=%u, oom_score_adj=%d", current->comm,
		gfp, order, current->signal->oom_score_adj);
	if (sysctl_panic_on_oom)
		panic("out of memory, and vm.panic_on_oom is set");
	if (!victim)
		panic("out of memory and no process can be killed");
	if (sysctl_oom_dump_tasks)
		dump_tasks();
	if (sysctl_oom_kill_allocating_task && current->mm && !unkillable(current) &&
	    current->signal->oom_score_adj != OOM_SCORE_ADJ_MIN)
		victim = current->group_leader;
	kill_victim(victim);
}

bool out_of_memory(gfp_t gfp, unsigned int order)
{
	struct oom_scene s;

	if (!mutex_trylock(&oom_lock))
		return true;
	/* Whoever is dying already gets the reserves, not a second victim. */
	if (fatal_signal_pending(current) || (current->flags & PF_EXITING)) {
		set_ti_thread_flag(task_thread_info(current), TIF_MEMDIE);
		mutex_unlock(&oom_lock);
		return true;
	}
	look_around(totalram_pages(), &s);
	if (s.dying) {
		if (!is_patient(s.dying))
			give_up(s.dying);
	} else if (s.victim || !is_patient(s.leaving)) {
		act(&s, gfp, order);
	}
	put_scene(&s);
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
