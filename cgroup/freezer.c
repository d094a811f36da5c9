/* SPDX-License-Identifier: MIT */
/*
 * cgroup.freeze and cgroup.kill. A cgroup is frozen when it or an ancestor was told to freeze and
 * each of its tasks stands still, at the point where it would take a signal; so a frozen task
 * can still be killed, and holds no lock of the kernel's. cgroups(7).
 *
 *	freezing CPU				a task of the cgroup
 *	css_set_lock: e_freeze++
 *	siglock: JOBCTL_TRAP_FREEZE, wake	get_signal(): siglock: sees the bit, sleeps
 *						enter_frozen(): css_set_lock: nr_frozen_tasks++
 *						all of them? frozen 1, watchers are told
 *	thawing: bit cleared, woken		leave_frozen(): counts down, goes on
 *
 * A task that is stopped by job control or its tracer counts as frozen for as long as it is.
 */
#include <jiffy/signal.h>
#include <jiffy/string.h>

#include "internal.h"

void cgroup_update_frozen(struct cgroup *cgrp)
{
	lockdep_assert_held(&css_set_lock);
	for (; cgrp->parent; cgrp = cgrp->parent) {
		bool frozen = cgrp->e_freeze && cgrp->nr_frozen_tasks == cgrp->nr_tasks &&
			      cgrp->nr_frozen_children == cgrp->nr_children;

		if (frozen == !!(cgrp->flags & CGRP_FROZEN))
			return;
		cgrp->flags ^= CGRP_FROZEN;
		/* Removed, it is no child of its parent's any more. */
		if (cgrp->flags & CGRP_DEAD)
			return;
		cgrp->parent->nr_frozen_children += frozen ? 1 : -1;
		cgroup_file_notify(cgrp, cgroup_events_show);
	}
}

/* p is to stop at its next chance, or may go on. css_set_lock. */
static void freeze_task(struct task_struct *p, bool freeze)
{
	unsigned long flags;

	if (!lock_task_sighand(p, &flags))
		return;
	if (freeze) {
		p->jobctl |= JOBCTL_TRAP_FREEZE;
		signal_wake_up(p, false);
	} else {
		p->jobctl &= ~JOBCTL_TRAP_FREEZE;
		/* On its way to the trap's sleep or in it; a group stop or a tracer's goes on. */
		wake_up_process(p);
	}
	unlock_task_sighand(p, &flags);
}

void cgroup_freezer_enter(struct task_struct *p, struct cgroup *src)
{
	struct cgroup *dst = p->cgroup;
	bool was = src && src->e_freeze;

	lockdep_assert_held(&css_set_lock);
	if (p->cg_frozen && src) {
		src->nr_frozen_tasks--;
		dst->nr_frozen_tasks++;
	}
	if (was != !!dst->e_freeze)
		freeze_task(p, dst->e_freeze);
}

void cgroup_enter_frozen(void)
{
	struct task_struct *t = current;

	if (t->cg_frozen || (t->flags & PF_KTHREAD))
		return;
	spin_lock_irq(&css_set_lock);
	t->cg_frozen = true;
	t->cgroup->nr_frozen_tasks++;
	if (t->cgroup->e_freeze)
		cgroup_update_frozen(t->cgroup);
	spin_unlock_irq(&css_set_lock);
}

void cgroup_leave_frozen(bool always)
{
	struct task_struct *t = current;

	if (!t->cg_frozen)
		return;
	spin_lock_irq(&css_set_lock);
	/* While its cgroup is frozen the trap's bit is set: get_signal() will stop it again. */
	if (always || !t->cgroup->e_freeze) {
		t->cg_frozen = false;
		t->cgroup->nr_frozen_tasks--;
		cgroup_update_frozen(t->cgroup);
	}
	spin_unlock_irq(&css_set_lock);
}

int cgroup_freeze_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "%d\n", cgrp->freeze);
	return 0;
}

/* c's own or an ancestor's wish to freeze comes or goes. css_set_lock. */
static void change_e_freeze(struct cgroup *c, int delta)
{
	bool was = c->e_freeze, is;
	struct task_struct *p;

	c->e_freeze += delta;
	is = c->e_freeze;
	if (was == is)
		return;
	list_for_each_entry (p, &c->tasks, cg_list)
		if (!(p->flags & PF_KTHREAD))
			freeze_task(p, is);
}

int cgroup_freeze_write(struct cgroup_open *of, char *text)
{
	struct cgroup *cgrp = of->cgrp, *c;
	int freeze;

	if (kstrtoint(text, 0, &freeze))
		return -EINVAL;
	if (freeze < 0 || freeze > 1)
		return -ERANGE;
	if (cgrp->freeze == freeze)
		return 0;
	spin_lock_irq(&css_set_lock);
	cgrp->freeze = freeze;
	cgroup_for_each_descendant (c, cgrp)
		change_e_freeze(c, freeze ? 1 : -1);
	/* Those without tasks froze or thawed just now; the walk up ends where nothing changes. */
	cgroup_for_each_descendant (c, cgrp)
		cgroup_update_frozen(c);
	spin_unlock_irq(&css_set_lock);
	return 0;
}

/*
 * Every process of the cgroup and below gets SIGKILL. Forks are held off: a child either is in
 * the list already, or its parent, which has the signal, will not get that far.
 */
int cgroup_kill_write(struct cgroup_open *of, char *text)
{
	struct task_batch batch;
	unsigned int i;
	int kill, err;

	if (kstrtoint(text, 0, &kill))
		return -EINVAL;
	if (kill != 1)
		return -ERANGE;
	/* Killing threads kills processes, which the domain has, not its parts. */
	if (cgroup_is_threaded(of->cgrp))
		return -EOPNOTSUPP;
	cgroup_threadgroup_write_lock();
	err = cgroup_collect_tasks(of->cgrp, &batch);
	if (!err) {
		for (i = 0; i < batch.n; i++)
			if (!(batch.task[i]->flags & PF_KTHREAD))
				send_sig(SIGKILL, batch.task[i], 0);
		cgroup_drop_tasks(&batch);
	}
	cgroup_threadgroup_write_unlock();
	return err;
}
