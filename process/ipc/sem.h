/* SPDX-License-Identifier: MIT */
/*
 * System V semaphores inside: a set, its waiting calls, and what processes owe to it. For sem.c
 * (the calls that operate), semctl.c (the calls that manage) and sem_undo.c.
 */
#ifndef PROCESS_IPC_SEM_H
#define PROCESS_IPC_SEM_H

#include <uapi/sem.h>

#include "util.h"

struct sem {
	int semval;
	struct pid *sempid; /* who changed it last; NULL: nobody */
	/* Waiting calls of one operation, on this semaphore: those that would change it (but see
	 * sem_array.pending_alter), and those that wait for zero. First come, first served. */
	struct list_head pending_alter, pending_const;
};

struct sem_array {
	struct kern_ipc_perm sem_perm;
	int sem_nsems; /* fixed */

	/* sem_perm.lock */
	struct sem *sems; /* NULL once the set is removed */
	time_t sem_otime, sem_ctime;
	/*
	 * Waiting calls of several operations. While there is one (complex_count), calls of one
	 * operation that would change something queue up in pending_alter too, so that first come,
	 * first served holds between the two sorts.
	 */
	struct list_head pending_alter, pending_const;
	int complex_count;
	struct list_head list_id; /* of struct sem_undo */
};

/* The adjustments that the tasks of one list owe to one set. sem_perm.lock but for list_proc. */
struct sem_undo {
	struct list_head list_id;
	struct list_head list_proc; /* ulp->lock */
	struct sem_array *sma;	    /* fixed */
	struct ipc_namespace *ns;   /* fixed; a reference */
	struct sem_undo_list *ulp;  /* fixed */
	int semid;		    /* fixed */
	s16 semadj[];		    /* added to each semaphore in the end */
};

/* Shared by the tasks that were cloned with CLONE_SYSVSEM. */
struct sem_undo_list {
	refcount_t refcnt;
	spinlock_t lock;
	struct list_head list_proc; /* of struct sem_undo; lock */
	struct rcu_head rcu;
};

/* One call that waits (or is tried): on its task's stack. sem_perm.lock. */
#define SEMOP_WAITS 1
struct sem_queue {
	struct list_head list;
	struct task_struct *task;
	struct pid *pid;
	struct sem_undo *undo; /* NULL: no operation has SEM_UNDO */
	struct sembuf *sops;
	struct sembuf *blocking; /* the operation that cannot be done now */
	int nsops;
	bool alter;
	int status; /* SEMOP_WAITS, then the result */
};

#define sem_ids(ns)  (&(ns)->ids[IPC_SEM_IDS])
#define to_sem(perm) container_of(perm, struct sem_array, sem_perm)

void sem_free_rcu(struct rcu_head *head); /* for ipc_putref() */

static inline void sem_putref(struct sem_array *sma)
{
	ipc_putref(&sma->sem_perm, sem_free_rcu);
}

/*
 * Values have changed: by the operations sops, or (NULL) anyhow. Completes every waiting call
 * that can be done now. happened: something was done already, so otime moves. Lock held.
 */
void sem_update(struct sem_array *sma, const struct sembuf *sops, int nsops, bool happened,
		struct wake_batch *wakes);
/* All waiting calls end with error. The lock is held. */
void sem_wake_all(struct sem_array *sma, int error, struct wake_batch *wakes);
/* How many calls wait for semaphore semnum to grow, or (zero) to become zero. Lock held. */
int sem_count_waiting(const struct sem_array *sma, int semnum, bool zero);

/* sem_undo.c */
/* Current's list, made when there is none: ERR_PTR(-ENOMEM). */
struct sem_undo_list *sem_undo_list_get(void);
/* A record for sma that is in no list yet, or NULL; and its end. Neither lock is held. */
struct sem_undo *sem_undo_alloc(struct ipc_namespace *ns, struct sem_array *sma,
				struct sem_undo_list *ulp);
void sem_undo_free(struct sem_undo *un);
/* What ulp owes to sma, or NULL; and a new record put where both find it. The lock is held. */
struct sem_undo *sem_undo_find(struct sem_array *sma, struct sem_undo_list *ulp);
void sem_undo_insert(struct sem_array *sma, struct sem_undo *un);
/* The set is removed: its records, now in nobody's lists, are moved to doomed. Lock held. */
void sem_undo_detach_all(struct sem_array *sma, struct list_head *doomed);
/* A value was set: nobody owes anything to semaphore semnum (-1: to any). The lock is held. */
void sem_undo_forget(struct sem_array *sma, int semnum);

#endif
