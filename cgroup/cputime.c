/* SPDX-License-Identifier: MIT */
/*
 * CPU time of a cgroup: cpu.stat's usage, user and system. Nothing is added while tasks run: what
 * a cgroup has used is what its tasks have used since they came to it, and the sum of what those
 * took with them that left, died, or whose cgroup was removed. So a reader pays for each task, and
 * the values are exact at the moment of reading. cgroups(7). Any context; css_set_lock.
 */
#include "internal.h"

static void times_of(struct task_struct *p, struct task_cputime *t)
{
	task_cputime(p, &t->utime, &t->stime);
	t->sum_exec_runtime = task_sched_runtime(p);
}

static void add_times(struct task_cputime *sum, const struct task_cputime *t)
{
	sum->utime += t->utime;
	sum->stime += t->stime;
	sum->sum_exec_runtime += t->sum_exec_runtime;
}

/* What p has used since it came to its cgroup. */
static struct task_cputime times_here(struct task_struct *p)
{
	struct task_cputime t;

	times_of(p, &t);
	t.utime -= p->cg_base.utime;
	t.stime -= p->cg_base.stime;
	t.sum_exec_runtime -= p->cg_base.sum_exec_runtime;
	return t;
}

void cgroup_cputime_enter(struct task_struct *p)
{
	lockdep_assert_held(&css_set_lock);
	times_of(p, &p->cg_base);
}

/* May be called again for what a dead task has run since; a removed cgroup's goes up. */
void cgroup_cputime_leave(struct task_struct *p, struct cgroup *cgrp)
{
	struct task_cputime t;

	lockdep_assert_held(&css_set_lock);
	while (cgrp->flags & CGRP_DEAD)
		cgrp = cgrp->parent;
	t = times_here(p);
	add_times(&cgrp->gone, &t);
	add_times(&p->cg_base, &t);
}

void cgroup_cputime_fold(struct cgroup *cgrp)
{
	struct cgroup *up = cgrp->parent;

	lockdep_assert_held(&css_set_lock);
	while (up->flags & CGRP_DEAD)
		up = up->parent;
	add_times(&up->gone, &cgrp->gone);
	cgrp->gone = (struct task_cputime){0};
}

static void sum_subtree(struct cgroup *cgrp, struct task_cputime *sum)
{
	struct task_struct *p;
	struct cgroup *c;

	spin_lock_irq(&css_set_lock);
	cgroup_for_each_descendant (c, cgrp) {
		add_times(sum, &c->gone);
		list_for_each_entry (p, &c->tasks, cg_list) {
			struct task_cputime t = times_here(p);

			add_times(sum, &t);
		}
	}
	spin_unlock_irq(&css_set_lock);
}

/* The root's is the whole system's, interrupts too. */
static void sum_system(u64 *user, u64 *system)
{
	int cpu;

	*user = *system = 0;
	for_each_possible_cpu (cpu) {
		const u64 *st = kcpustat_cpu(cpu).cpustat;

		*user += READ_ONCE(st[CPUTIME_USER]) + READ_ONCE(st[CPUTIME_NICE]);
		*system += READ_ONCE(st[CPUTIME_SYSTEM]) + READ_ONCE(st[CPUTIME_IRQ]) +
			   READ_ONCE(st[CPUTIME_SOFTIRQ]);
	}
}

int cgroup_cpu_stat_show(struct seq_file *m, struct cgroup *cgrp)
{
	struct cgroup_subsys_state *css = cgroup_css(cgrp, CPU_CGRP);
	struct task_cputime sum = {0};
	u64 usage, user, system;

	if (cgrp->parent) {
		sum_subtree(cgrp, &sum);
		cputime_adjust(&cgrp->prev_cputime, sum.sum_exec_runtime, sum.utime, sum.stime,
			       &user, &system);
		usage = user + system;
	} else {
		sum_system(&user, &system);
		usage = user + system;
	}
	seq_printf(m, "usage_usec %llu\nuser_usec %llu\nsystem_usec %llu\n",
		   (unsigned long long)(usage / NSEC_PER_USEC),
		   (unsigned long long)(user / NSEC_PER_USEC),
		   (unsigned long long)(system / NSEC_PER_USEC));
	if (css && cgrp->parent)
		cpu_cgrp_stat_show(m, css);
	return 0;
}
