/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory inside. For shm.c (segments and attaching) and shmctl.c.
 */
#ifndef PROCESS_IPC_SHM_H
#define PROCESS_IPC_SHM_H

#include <jiffy/fs.h>
#include <uapi/shm.h>

#include "util.h"

struct shmid_kernel {
	struct kern_ipc_perm shm_perm;
	struct ipc_namespace *ns; /* fixed; the namespace outlives it */
	size_t shm_segsz;	  /* fixed; bytes */
	struct file *shm_file;	  /* fixed until it is destroyed: the memory */

	/* shm_perm.lock */
	unsigned long shm_nattch; /* VMAs, and attaches under way */
	time_t shm_atim, shm_dtim, shm_ctim;
	struct pid *shm_cprid, *shm_lprid;
	struct user_struct *mlock_user; /* whose locked_vm it is in; NULL: not locked */

	/* shm_clist_lock */
	struct task_struct *shm_creator; /* NULL once that exited */
	struct list_head shm_clist;	 /* in its sysvshm_clist */
};

#define shm_ids(ns)  (&(ns)->ids[IPC_SHM_IDS])
#define to_shm(perm) container_of(perm, struct shmid_kernel, shm_perm)

static inline unsigned long shm_pages(const struct shmid_kernel *shp)
{
	return (shp->shm_segsz + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Removes a locked segment that nobody has attached, and its memory. Unlocks. rwsem to write. */
void shm_destroy(struct ipc_namespace *ns, struct shmid_kernel *shp);
/* IPC_RMID: at once, or with the last detach. The same. */
void shm_remove(struct ipc_namespace *ns, struct kern_ipc_perm *perm);
/* SHM_LOCK's accounting in whole pages: 0 or -ENOMEM (RLIMIT_MEMLOCK); undone by _unlock. */
int user_shm_lock(unsigned long pages, struct user_struct *user);
void user_shm_unlock(unsigned long pages, struct user_struct *user);

#endif
