/* SPDX-License-Identifier: MIT */
/*
 * SEM_UNDO: what a process owes to semaphore sets, and pays when it exits. semop(2). Rules in
 * util.h: the set's lock outside that of the process's list. Task context.
 */
#include <jiffy/mutation.h>
#include <jiffy/sched.h>
#include <jiffy/string.h>

#include "sem.h"

struct sem_undo_list *sem_undo_list_get(void)
{
	struct sem_undo_list *ulp = current->sysvsem_undo;

	if (ulp)
		return ulp;
	ulp = kmalloc(sizeof(*ulp), GFP_KERNEL);
	if (!ulp)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ulp->refcnt, 1);
	spin_lock_init(&ulp->lock);
	INIT_LIST_HEAD(&ulp->list_proc);
	current->sysvsem_undo = ulp;
	return ulp;
}

struct sem_undo *sem_undo_alloc(struct ipc_namespace *ns, struct sem_array *sma,
				struct sem_undo_list *ulp)
{
	struct sem_undo *un;

	un = kvzalloc(sizeof(*un) + sma->sem_nsems * sizeof(un->semadj[0]), GFP_KERNEL);
	if (!un)
		return NULL;
	un->sma = sma;
	un->ns = get_ipc_ns(ns);
	un->ulp = ulp;
	un->semid = sma->sem_perm.id;
	return un;
}

void sem_undo_free(struct sem_undo *un)
{
	put_ipc_ns(un->ns);
	kvfree(un);
}

struct sem_undo *sem_undo_find(struct sem_array *sma, struct sem_undo_list *ulp)
{
	struct sem_undo *un, *found = NULL;

	lockdep_assert_held(&sma->sem_perm.lock);
	spin_lock(&ulp->lock);
	list_for_each_entry (un, &ulp->list_proc, list_proc) {
		if (un->sma == sma) {
			found = un;
			break;
		}
	}
	spin_unlock(&ulp->lock);
	return found;
}

void sem_undo_insert(struct sem_array *sma, struct sem_undo *un)
{
	lockdep_assert_held(&sma->sem_perm.lock);
	list_add(&un->list_id, &sma->list_id);
	spin_lock(&un->ulp->lock);
	list_add(&un->list_proc, &un->ulp->list_proc);
	spin_unlock(&un->ulp->lock);
}

static void undo_detach(struct sem_undo *un)
{
	lockdep_assert_held(&un->sma->sem_perm.lock);
	list_del(&un->list_id);
	spin_lock(&un->ulp->lock);
	list_del(&un->list_proc);
	spin_unlock(&un->ulp->lock);
}

void sem_undo_detach_all(struct sem_array *sma, struct list_head *doomed)
{
	struct sem_undo *un, *n;

	lockdep_assert_held(&sma->sem_perm.lock);
	list_for_each_entry_safe (un, n, &sma->list_id, list_id) {
		undo_detach(un);
		list_add(&un->list_id, doomed);
	}
}

void sem_undo_forget(struct sem_array *sma, int semnum)
{
	struct sem_undo *un;

	lockdep_assert_held(&sma->sem_perm.lock);
	list_for_each_entry (un, &sma->list_id, list_id) {
		if (semnum >= 0)
			un->semadj[semnum] = 0;
		else
			memset(un->semadj, 0, sma->sem_nsems * sizeof(un->semadj[0]));
	}
}

int copy_semundo(unsigned long clone_flags, struct task_struct *t)
{
	struct sem_undo_list *ulp;

	INIT_LIST_HEAD(&t->sysvshm_clist);
	t->sysvsem_undo = NULL;
	if (!(clone_flags & CLONE_SYSVSEM))
		return 0;
	ulp = sem_undo_list_get();
	if (IS_ERR(ulp))
		return PTR_ERR(ulp);
	refcount_inc(&ulp->refcnt);
	t->sysvsem_undo = ulp;
	return 0;
}

/* Pays what un says. A value cannot leave its range: the rest of the debt is forgotten. */
static void apply_undo(struct sem_array *sma, struct sem_undo *un, struct wake_batch *wakes)
{
	struct pid *pid = task_tgid(current);

	lockdep_assert_held(&sma->sem_perm.lock);
	for (int i = 0; i < sma->sem_nsems; i++) {
		struct sem *sem = &sma->sems[i];

		if (!un->semadj[i])
			continue;
		sem->semval = clamp(sem->semval + un->semadj[i], 0, SEMVMX);
		ipc_update_pid(&sem->sempid, pid);
	}
	sem_update(sma, NULL, 0, true, wakes);
}

/*
 * Nobody adds to the list any more, but sets may be removed while we work:
 *
 *	exit_sem()			semctl(IPC_RMID)
 *	first record of the list
 *					set's lock: takes the record away, deletes the set
 *	set by its id: not there;
 *	begins again, and does not
 *	find the record
 */
void exit_sem(struct task_struct *t)
{
	struct sem_undo_list *ulp = t->sysvsem_undo;

	t->sysvsem_undo = NULL;
	if (!ulp || mutant(SEM_UNDO_LOST) || !refcount_dec_and_test(&ulp->refcnt))
		return;
	for (;;) {
		struct wake_batch wakes = {.nr = 0};
		struct ipc_namespace *ns = NULL;
		struct kern_ipc_perm *perm;
		struct sem_undo *un;
		int semid = -1;

		spin_lock(&ulp->lock);
		un = list_first_entry_or_null(&ulp->list_proc, struct sem_undo, list_proc);
		if (un) {
			semid = un->semid;
			ns = get_ipc_ns(un->ns);
		}
		spin_unlock(&ulp->lock);
		if (!ns)
			break;
		perm = ipc_lock_id(sem_ids(ns), semid);
		if (!IS_ERR(perm)) {
			un = sem_undo_find(to_sem(perm), ulp);
			if (un) {
				undo_detach(un);
				apply_undo(to_sem(perm), un, &wakes);
			}
			ipc_unlock_object(perm);
			wake_batch_flush(&wakes);
			if (un)
				sem_undo_free(un);
		}
		put_ipc_ns(ns);
	}
	kfree_rcu(ulp, rcu);
}
