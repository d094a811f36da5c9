/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of System V IPC objects share, and the IPC namespace that holds them. For the
 * files of process/ipc/ only; task context unless said.
 *
 * Serialization rules, outermost first:
 *
 *   mmap_lock			an attach or detach of shared memory comes from inside it, so no
 *				lock below may be held while user memory is copied
 *   ipc_ids.rwsem		a namespace's tables of one kind: which objects exist, their keys.
 *				Written to create, remove, and find by key; read to list
 *   kern_ipc_perm.lock		one object: its permissions, its contents, its waiting tasks
 *   sem_undo_list.lock		the adjustments that one process (or several) owe
 *   shm_clist_lock		which segments a task has created; innermost
 *
 *   i_rwsem of the mqueue root	which queues exist
 *   mqueue_inode_info.lock	one queue
 *   mq_lock			super_block.s_fs_info of mqueue, and counts of queues; innermost
 *
 * An object is found by its id under rcu_read_lock() alone and then locked. `deleted`, set under
 * both rwsem and lock, tells those who come too late. Whoever sleeps on an object keeps a
 * reference, so that the lock is there to be taken again.
 */
#ifndef PROCESS_IPC_UTIL_H
#define PROCESS_IPC_UTIL_H

#include <jiffy/cred.h>
#include <jiffy/err.h>
#include <jiffy/gfp.h>
#include <jiffy/ipc.h>
#include <jiffy/kernel.h>
#include <jiffy/mutex.h>
#include <jiffy/nsproxy.h>
#include <jiffy/pid.h>
#include <jiffy/rcupdate.h>
#include <jiffy/rwsem.h>
#include <jiffy/slab.h>
#include <jiffy/xarray.h>
#include <uapi/ipc.h>
#include <uapi/stat.h>

struct seq_file;
struct super_block;
struct vfsmount;

/* An id is (sequence number << IPC_INDEX_BITS) | index, so that an old id finds no new object. */
#define IPC_INDEX_BITS 15
#define IPCMNI	       (1 << IPC_INDEX_BITS)
#define ipc_index(id)  ((id) & (IPCMNI - 1))

/* How each object begins. */
struct kern_ipc_perm {
	int id; /* fixed once it can be found */
	key_t key;
	u16 seq;
	refcount_t refcount;

	spinlock_t lock;
	/* lock */
	bool deleted;
	kuid_t uid, cuid;
	kgid_t gid, cgid;
	umode_t mode;

	struct rcu_head rcu;
};

struct ipc_ids {
	struct rw_semaphore rwsem;
	/* rwsem */
	struct xarray by_index; /* read under RCU too */
	struct xarray by_key;	/* all but IPC_PRIVATE */
	int in_use, max_index;	/* max_index -1: empty */
	u16 seq;		/* of the next object */
};
enum { IPC_SEM_IDS, IPC_MSG_IDS, IPC_SHM_IDS, IPC_KINDS };

struct ipc_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
	struct ipc_ids ids[IPC_KINDS];

	/* tunables: one word each, changed through /proc/sys */
	int sem_ctls[4]; /* semmsl, semmns, semopm, semmni */
	unsigned int msg_ctlmax, msg_ctlmnb, msg_ctlmni;
	unsigned long shm_ctlmax, shm_ctlall; /* bytes; pages */
	int shm_ctlmni, shm_rmid_forced;
	unsigned int mq_queues_max, mq_msg_max, mq_msgsize_max, mq_msg_default, mq_msgsize_default;

	int used_sems;	       /* rwsem of the semaphores */
	unsigned long shm_tot; /* pages; rwsem of the segments */
	atomic_long_t msg_bytes, msg_hdrs;
	unsigned int mq_queues_count; /* mq_lock */
	struct vfsmount *mq_mnt;      /* fixed */
};
#define sc_semmsl sem_ctls[0]
#define sc_semmns sem_ctls[1]
#define sc_semopm sem_ctls[2]
#define sc_semmni sem_ctls[3]

#define current_ipc_ns() (current->nsproxy->ipc_ns)

static inline struct ipc_namespace *get_ipc_ns(struct ipc_namespace *ns)
{
	refcount_inc(&ns->ns.count);
	return ns;
}

/* ---- objects ---- */

struct ipc_params {
	key_t key;
	int flg;
	union {
		size_t size; /* bytes */
		int nsems;
	} u;
};

struct ipc_ops {
	/* Makes an object: its id or a negative errno. rwsem held for writing. */
	int (*getnew)(struct ipc_namespace *ns, const struct ipc_params *params);
	/* May an existing one stand for what is asked? 0 or an errno. Its lock is held. */
	int (*more_checks)(struct kern_ipc_perm *perm, const struct ipc_params *params);
};

void ipc_init_ids(struct ipc_ids *ids);
/* The body of the *get() calls: an id or -ENOENT, -EEXIST, -EACCES, -ENOSPC, … */
int ipcget(struct ipc_namespace *ns, struct ipc_ids *ids, const struct ipc_ops *ops,
	   const struct ipc_params *params);
/* Owner, key, mode and lock of a new object; it belongs to the caller, with one reference. */
void ipc_init_perm(struct kern_ipc_perm *new, const struct ipc_params *params);
/*
 * Makes it findable; limit: how many there may be. On success it comes back locked and 0 is
 * returned; -ENOSPC, -ENOMEM. rwsem held for writing.
 */
int ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *new, int limit);
/* Takes it out of the tables and marks it deleted. rwsem held for writing, and its lock. */
void ipc_rmid(struct ipc_ids *ids, struct kern_ipc_perm *perm);
/* From now on no *get() finds it; its id still does. The same locks. */
void ipc_forget_key(struct ipc_ids *ids, struct kern_ipc_perm *perm);
/* By id (index only, for the *_STAT commands): locked, or ERR_PTR(-EINVAL, -EIDRM). */
struct kern_ipc_perm *ipc_lock_id(struct ipc_ids *ids, int id);
struct kern_ipc_perm *ipc_lock_index(struct ipc_ids *ids, int id);

static inline void ipc_lock_object(struct kern_ipc_perm *perm)
{
	spin_lock(&perm->lock);
}

static inline void ipc_unlock_object(struct kern_ipc_perm *perm)
{
	spin_unlock(&perm->lock);
}

static inline void ipc_getref(struct kern_ipc_perm *perm)
{
	refcount_inc(&perm->refcount);
}

/* The last reference hands it to func after a grace period. */
static inline void ipc_putref(struct kern_ipc_perm *perm, void (*func)(struct rcu_head *head))
{
	if (refcount_dec_and_test(&perm->refcount))
		call_rcu(&perm->rcu, func);
}

/* 0 or -EACCES: do the bits of flag (0444, 0222, …) allow it? sysvipc(7). The lock is held. */
int ipcperms(struct ipc_namespace *ns, struct kern_ipc_perm *perm, int flag);
/* May current change or remove it (owner, creator, CAP_SYS_ADMIN)? 0 or -EPERM. Lock held. */
int ipc_may_control(struct ipc_namespace *ns, const struct kern_ipc_perm *perm);
/* As programs see it, and IPC_SET: 0 or -EINVAL (no such user). The lock is held. */
void kernel_to_ipc64_perm(const struct kern_ipc_perm *in, struct ipc64_perm *out);
int ipc_update_perm(const struct ipc64_perm *in, struct kern_ipc_perm *out);
/* IPC_RMID and IPC_SET: locked object that current may control, by id. rwsem held for writing. */
struct kern_ipc_perm *ipcctl_obtain(struct ipc_namespace *ns, struct ipc_ids *ids, int id);
/* *pos becomes pid, with a reference of its own. The object's lock is held. */
void ipc_update_pid(struct pid **pos, struct pid *pid);
/* Highest index in use, or 0: what the *_INFO commands return. rwsem held. */
int ipc_max_index(const struct ipc_ids *ids);
/* Calls destroy() on every object, which takes it out; the namespace ends. Locked objects. */
void ipc_free_all(struct ipc_namespace *ns, struct ipc_ids *ids,
		  void (*destroy)(struct ipc_namespace *ns, struct kern_ipc_perm *perm));

/* Of each kind: its namespace's tables end. */
void sem_exit_ns(struct ipc_namespace *ns);
void msg_exit_ns(struct ipc_namespace *ns);
void shm_exit_ns(struct ipc_namespace *ns);
/* shm_rmid_forced was set: segments that nobody attached and whose creator is gone, go. */
void shm_destroy_orphaned(struct ipc_namespace *ns);
/* The mount that mq_open(3) looks names up in: 0 or an errno; and its end. */
int mq_init_ns(struct ipc_namespace *ns);
/* The count of references is zero: inodes no longer find ns. */
void mq_detach_ns(struct ipc_namespace *ns);

/* ---- waking ---- */

/*
 * Tasks to be woken once the object's lock is free. A waiter's own record lies on its stack and
 * is gone as soon as it sees its result, so the task is remembered, with a reference. When the
 * batch is full it is woken at once, under the lock, which is slower and just as right.
 */
#define WAKE_BATCH 16
struct wake_batch {
	int nr;
	struct task_struct *tasks[WAKE_BATCH];
};
void wake_batch_add(struct wake_batch *batch, struct task_struct *task); /* any context */
void wake_batch_flush(struct wake_batch *batch);

/* ---- /proc/sysvipc ---- */

struct ipc_proc_iter {
	struct ipc_namespace *ns;
	struct pid_namespace *pid_ns;
	const struct ipc_proc_iface *iface;
};
struct ipc_proc_iface {
	const char *header;
	int kind; /* IPC_*_IDS */
	void (*show)(struct seq_file *m, struct ipc_proc_iter *iter, struct kern_ipc_perm *perm);
};
extern const struct ipc_proc_iface sem_proc_iface, msg_proc_iface, shm_proc_iface;

#endif
