/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of System V IPC objects share: tables, ids, permissions, wake-ups. Rules in
 * util.h. sysvipc(7).
 */
#include <jiffy/list.h>
#include <jiffy/sched.h>

#include "util.h"

void ipc_init_ids(struct ipc_ids *ids)
{
	init_rwsem(&ids->rwsem);
	xa_init(&ids->by_index);
	xa_init(&ids->by_key);
	ids->in_use = 0;
	ids->max_index = -1;
	ids->seq = 0;
}

void ipc_init_perm(struct kern_ipc_perm *new, const struct ipc_params *params)
{
	spin_lock_init(&new->lock);
	refcount_set(&new->refcount, 1);
	new->id = -1;
	new->deleted = true;
	new->key = params->key;
	new->mode = params->flg &S_IRWXUGO;
	new->uid = new->cuid = current_euid();
	new->gid = new->cgid = current_egid();
}

int ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *new, int limit)
{
	u32 index;
	int err;

	lockdep_assert_held(&ids->rwsem);
	if (ids->in_use >= min(limit, IPCMNI))
		return -ENOSPC;
	/* From here on it can be found, but it matches no id and counts as deleted. */
	err = xa_alloc(&ids->by_index, &index, new, XA_LIMIT(0, IPCMNI - 1), GFP_KERNEL);
	if (err)
		return err == -EBUSY ? -ENOSPC : err;
	if (new->key != IPC_PRIVATE) {
		err = xa_insert(&ids->by_key, (u32) new->key, new, GFP_KERNEL);
		if (err) {
			xa_erase(&ids->by_index, index);
			return err;
		}
	}
	ids->in_use++;
	ids->max_index = max(ids->max_index, (int)index);
	ipc_lock_object(new);
	new->seq = ids->seq++;
	new->deleted = false;
	WRITE_ONCE(new->id, new->seq << IPC_INDEX_BITS | index);
	return 0;
}

void ipc_forget_key(struct ipc_ids *ids, struct kern_ipc_perm *perm)
{
	lockdep_assert_held(&ids->rwsem);
	lockdep_assert_held(&perm->lock);
	if (perm->key != IPC_PRIVATE)
		xa_erase(&ids->by_key, (u32)perm->key);
	perm->key = IPC_PRIVATE;
}

void ipc_rmid(struct ipc_ids *ids, struct kern_ipc_perm *perm)
{
	int index = ipc_index(perm->id);

	lockdep_assert_held(&ids->rwsem);
	lockdep_assert_held(&perm->lock);
	ipc_forget_key(ids, perm);
	xa_erase(&ids->by_index, index);
	perm->deleted = true;
	ids->in_use--;
	if (index == ids->max_index)
		while (ids->max_index >= 0 && !xa_load(&ids->by_index, ids->max_index))
			ids->max_index--;
}

/* Locks what xa_load() found, unless it was removed meanwhile. Under rcu_read_lock(). */
static struct kern_ipc_perm *lock_found(struct kern_ipc_perm *perm)
{
	ipc_lock_object(perm);
	if (!perm->deleted)
		return perm;
	ipc_unlock_object(perm);
	return ERR_PTR(-EIDRM);
}

struct kern_ipc_perm *ipc_lock_id(struct ipc_ids *ids, int id)
{
	struct kern_ipc_perm *perm;

	if (id < 0)
		return ERR_PTR(-EINVAL);
	rcu_read_lock();
	perm = xa_load(&ids->by_index, ipc_index(id));
	/* The lock keeps the object once it is known to be there: no grace period ends under it. */
	perm = perm && READ_ONCE(perm->id) == id ? lock_found(perm) : ERR_PTR(-EINVAL);
	rcu_read_unlock();
	return perm;
}

struct kern_ipc_perm *ipc_lock_index(struct ipc_ids *ids, int id)
{
	struct kern_ipc_perm *perm;

	if (id < 0)
		return ERR_PTR(-EINVAL);
	rcu_read_lock();
	perm = xa_load(&ids->by_index, ipc_index(id));
	perm = perm ? lock_found(perm) : ERR_PTR(-EINVAL);
	rcu_read_unlock();
	return perm;
}

int ipcget(struct ipc_namespace *ns, struct ipc_ids *ids, const struct ipc_ops *ops,
	   const struct ipc_params *params)
{
	struct kern_ipc_perm *perm = NULL;
	int flg = params->flg, ret;

	down_write(&ids->rwsem);
	if (params->key != IPC_PRIVATE)
		perm = xa_load(&ids->by_key, (u32)params->key);
	if (!perm) {
		ret = params->key == IPC_PRIVATE || (flg & IPC_CREAT) ? ops->getnew(ns, params)
								      : -ENOENT;
	} else if ((flg & IPC_CREAT) && (flg & IPC_EXCL)) {
		ret = -EEXIST;
	} else {
		ipc_lock_object(perm);
		ret = ops->more_checks ? ops->more_checks(perm, params) : 0;
		if (!ret)
			ret = ipcperms(ns, perm, flg) ?: perm->id;
		ipc_unlock_object(perm);
	}
	up_write(&ids->rwsem);
	return ret;
}

int ipcperms(struct ipc_namespace *ns, struct kern_ipc_perm *perm, int flag)
{
	kuid_t euid = current_euid();
	int requested = flag >> 6 | flag >> 3 | flag, granted = perm->mode;

	lockdep_assert_held(&perm->lock);
	if (uid_eq(euid, perm->cuid) || uid_eq(euid, perm->uid))
		granted >>= 6;
	else if (in_group_p(perm->cgid) || in_group_p(perm->gid))
		granted >>= 3;
	if ((requested & ~granted & S_IRWXO) && !ns_capable(ns->user_ns, CAP_IPC_OWNER))
		return -EACCES;
	return 0;
}

int ipc_may_control(struct ipc_namespace *ns, const struct kern_ipc_perm *perm)
{
	kuid_t euid = current_euid();

	lockdep_assert_held(&perm->lock);
	if (uid_eq(euid, perm->cuid) || uid_eq(euid, perm->uid) ||
	    ns_capable(ns->user_ns, CAP_SYS_ADMIN))
		return 0;
	return -EPERM;
}

struct kern_ipc_perm *ipcctl_obtain(struct ipc_namespace *ns, struct ipc_ids *ids, int id)
{
	struct kern_ipc_perm *perm;
	int err;

	lockdep_assert_held(&ids->rwsem);
	perm = ipc_lock_id(ids, id);
	if (IS_ERR(perm))
		return perm;
	err = ipc_may_control(ns, perm);
	if (err) {
		ipc_unlock_object(perm);
		return ERR_PTR(err);
	}
	return perm;
}

void kernel_to_ipc64_perm(const struct kern_ipc_perm *in, struct ipc64_perm *out)
{
	struct user_namespace *ns = current_user_ns();

	lockdep_assert_held(&in->lock);
	out->key = in->key;
	out->uid = from_kuid_munged(ns, in->uid);
	out->gid = from_kgid_munged(ns, in->gid);
	out->cuid = from_kuid_munged(ns, in->cuid);
	out->cgid = from_kgid_munged(ns, in->cgid);
	out->mode = in->mode;
	out->seq = in->seq;
}

int ipc_update_perm(const struct ipc64_perm *in, struct kern_ipc_perm *out)
{
	kuid_t uid = make_kuid(current_user_ns(), in->uid);
	kgid_t gid = make_kgid(current_user_ns(), in->gid);

	lockdep_assert_held(&out->lock);
	if (!uid_valid(uid) || !gid_valid(gid))
		return -EINVAL;
	out->uid = uid;
	out->gid = gid;
	out->mode = (out->mode & ~S_IRWXUGO) | (in->mode & S_IRWXUGO);
	return 0;
}

void ipc_update_pid(struct pid **pos, struct pid *pid)
{
	struct pid *old = *pos;

	if (old == pid)
		return;
	*pos = get_pid(pid);
	put_pid(old);
}

int ipc_max_index(const struct ipc_ids *ids)
{
	lockdep_assert_held(&ids->rwsem);
	return max(ids->max_index, 0);
}

void ipc_free_all(struct ipc_namespace *ns, struct ipc_ids *ids,
		  void (*destroy)(struct ipc_namespace *ns, struct kern_ipc_perm *perm))
{
	struct kern_ipc_perm *perm;
	unsigned long index;

	down_write(&ids->rwsem);
	for (index = 0; (perm = xa_find(&ids->by_index, &index, IPCMNI - 1)); index++) {
		ipc_lock_object(perm);
		destroy(ns, perm);
	}
	up_write(&ids->rwsem);
	xa_destroy(&ids->by_index);
	xa_destroy(&ids->by_key);
}

void wake_batch_flush(struct wake_batch *batch)
{
	for (int i = 0; i < batch->nr; i++) {
		wake_up_process(batch->tasks[i]);
		put_task_struct(batch->tasks[i]);
	}
	batch->nr = 0;
}

void wake_batch_add(struct wake_batch *batch, struct task_struct *task)
{
	if (batch->nr == WAKE_BATCH)
		wake_batch_flush(batch);
	get_task_struct(task);
	batch->tasks[batch->nr++] = task;
}
