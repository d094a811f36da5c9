/* SPDX-License-Identifier: MIT */
/*
 * semget(2) and semctl(2): semaphore sets are made, looked at, set and removed; their lines in
 * /proc/sysvipc/sem. Rules in util.h. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/seq_file.h>
#include <jiffy/syscalls.h>

#include "sem.h"

void sem_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct sem_array, sem_perm.rcu));
}

static struct sem_array *sem_alloc(const struct ipc_params *params)
{
	int nsems = params->u.nsems;
	struct sem_array *sma = kzalloc(sizeof(*sma), GFP_KERNEL);

	if (!sma)
		return NULL;
	sma->sems = kvmalloc_array(nsems, sizeof(*sma->sems), GFP_KERNEL | __GFP_ZERO);
	if (!sma->sems) {
		kfree(sma);
		return NULL;
	}
	sma->sem_nsems = nsems;
	for (int i = 0; i < nsems; i++) {
		INIT_LIST_HEAD(&sma->sems[i].pending_alter);
		INIT_LIST_HEAD(&sma->sems[i].pending_const);
	}
	INIT_LIST_HEAD(&sma->pending_alter);
	INIT_LIST_HEAD(&sma->pending_const);
	INIT_LIST_HEAD(&sma->list_id);
	sma->sem_ctime = ktime_get_real_seconds();
	ipc_init_perm(&sma->sem_perm, params);
	return sma;
}

static int newary(struct ipc_namespace *ns, const struct ipc_params *params)
{
	int nsems = params->u.nsems, id, err;
	struct sem_array *sma;

	lockdep_assert_held(&sem_ids(ns)->rwsem);
	if (!nsems)
		return -EINVAL;
	if ((long)ns->used_sems + nsems > ns->sc_semmns)
		return -ENOSPC;
	sma = sem_alloc(params);
	if (!sma)
		return -ENOMEM;
	err = ipc_addid(sem_ids(ns), &sma->sem_perm, ns->sc_semmni);
	if (err) {
		kvfree(sma->sems);
		sem_putref(sma);
		return err;
	}
	ns->used_sems += nsems;
	id = sma->sem_perm.id;
	ipc_unlock_object(&sma->sem_perm);
	return id;
}

static int sem_more_checks(struct kern_ipc_perm *perm, const struct ipc_params *params)
{
	return params->u.nsems > to_sem(perm)->sem_nsems ? -EINVAL : 0;
}

SYSCALL_DEFINE3(semget, key_t, key, int, nsems, int, semflg)
{
	static const struct ipc_ops ops = {.getnew = newary, .more_checks = sem_more_checks};
	struct ipc_namespace *ns = current_ipc_ns();
	struct ipc_params params = {.key = key, .flg = semflg, .u.nsems = nsems};

	if (nsems < 0 || nsems > ns->sc_semmsl)
		return -EINVAL;
	return ipcget(ns, sem_ids(ns), &ops, &params);
}

/* Removes a locked set: every waiting call ends with EIDRM. The lock is given back. */
static void freeary(struct ipc_namespace *ns, struct kern_ipc_perm *perm)
{
	struct sem_array *sma = to_sem(perm);
	struct wake_batch wakes = {.nr = 0};
	struct sem *sems = sma->sems;
	struct sem_undo *un, *n;
	LIST_HEAD(doomed);

	lockdep_assert_held(&sem_ids(ns)->rwsem);
	sem_undo_detach_all(sma, &doomed);
	sem_wake_all(sma, -EIDRM, &wakes);
	ipc_rmid(sem_ids(ns), perm);
	ns->used_sems -= sma->sem_nsems;
	sma->sems = NULL;
	ipc_unlock_object(perm);

	wake_batch_flush(&wakes);
	list_for_each_entry_safe (un, n, &doomed, list_id)
		sem_undo_free(un);
	for (int i = 0; i < sma->sem_nsems; i++)
		put_pid(sems[i].sempid);
	kvfree(sems);
	sem_putref(sma);
}

void sem_exit_ns(struct ipc_namespace *ns)
{
	ipc_free_all(ns, sem_ids(ns), freeary);
}

/* ---- semctl ---- */

static long semctl_info(struct ipc_namespace *ns, int cmd, struct seminfo __user *arg)
{
	struct seminfo info = {
	    .semmni = ns->sc_semmni,
	    .semmns = ns->sc_semmns,
	    .semmsl = ns->sc_semmsl,
	    .semopm = ns->sc_semopm,
	    .semvmx = SEMVMX,
	    .semmnu = SEMMNU,
	    .semmap = SEMMAP,
	    .semume = SEMUME,
	    .semusz = SEMUSZ,
	    .semaem = SEMAEM,
	};
	int max_index;

	down_read(&sem_ids(ns)->rwsem);
	if (cmd == SEM_INFO) {
		info.semusz = sem_ids(ns)->in_use;
		info.semaem = ns->used_sems;
	}
	max_index = ipc_max_index(sem_ids(ns));
	up_read(&sem_ids(ns)->rwsem);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : max_index;
}

static long semctl_stat(struct ipc_namespace *ns, int semid, int cmd, struct semid64_ds __user *arg)
{
	struct semid64_ds ds = {};
	struct kern_ipc_perm *perm;
	struct sem_array *sma;
	long ret = 0;

	perm =
	    cmd == IPC_STAT ? ipc_lock_id(sem_ids(ns), semid) : ipc_lock_index(sem_ids(ns), semid);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	sma = to_sem(perm);
	if (cmd != SEM_STAT_ANY)
		ret = ipcperms(ns, perm, S_IRUGO);
	if (!ret) {
		kernel_to_ipc64_perm(perm, &ds.sem_perm);
		ds.sem_otime = sma->sem_otime;
		ds.sem_ctime = sma->sem_ctime;
		ds.sem_nsems = sma->sem_nsems;
		ret = cmd == IPC_STAT ? 0 : perm->id;
	}
	ipc_unlock_object(perm);
	if (ret >= 0 && copy_to_user(arg, &ds, sizeof(ds)))
		ret = -EFAULT;
	return ret;
}

/* IPC_RMID and IPC_SET. User memory was read before, since a fault may not come under rwsem. */
static long semctl_down(struct ipc_namespace *ns, int semid, int cmd, const struct ipc64_perm *set)
{
	struct kern_ipc_perm *perm;
	long ret = 0;

	down_write(&sem_ids(ns)->rwsem);
	perm = ipcctl_obtain(ns, sem_ids(ns), semid);
	if (IS_ERR(perm)) {
		ret = PTR_ERR(perm);
	} else if (cmd == IPC_RMID) {
		freeary(ns, perm);
	} else {
		ret = ipc_update_perm(set, perm);
		if (!ret)
			to_sem(perm)->sem_ctime = ktime_get_real_seconds();
		ipc_unlock_object(perm);
	}
	up_write(&sem_ids(ns)->rwsem);
	return ret;
}

static long semctl_setval(struct ipc_namespace *ns, int semid, int semnum, int val)
{
	struct wake_batch wakes = {.nr = 0};
	struct kern_ipc_perm *perm;
	struct sem_array *sma;
	long ret = -EINVAL;

	if (val < 0 || val > SEMVMX)
		return -ERANGE;
	perm = ipc_lock_id(sem_ids(ns), semid);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	sma = to_sem(perm);
	if (semnum >= 0 && semnum < sma->sem_nsems)
		ret = ipcperms(ns, perm, S_IWUGO);
	if (!ret) {
		sem_undo_forget(sma, semnum);
		sma->sems[semnum].semval = val;
		ipc_update_pid(&sma->sems[semnum].sempid, task_tgid(current));
		sma->sem_ctime = ktime_get_real_seconds();
		sem_update(sma, NULL, 0, false, &wakes);
	}
	ipc_unlock_object(perm);
	wake_batch_flush(&wakes);
	return ret;
}

/* GETVAL, GETPID, GETNCNT, GETZCNT. */
static long semctl_get(struct ipc_namespace *ns, int semid, int semnum, int cmd)
{
	struct kern_ipc_perm *perm = ipc_lock_id(sem_ids(ns), semid);
	struct sem_array *sma;
	long ret;

	if (IS_ERR(perm))
		return PTR_ERR(perm);
	sma = to_sem(perm);
	ret = ipcperms(ns, perm, S_IRUGO);
	if (!ret && (semnum < 0 || semnum >= sma->sem_nsems))
		ret = -EINVAL;
	if (!ret) {
		switch (cmd) {
		case GETVAL:
			ret = sma->sems[semnum].semval;
			break;
		case GETPID:
			ret = pid_vnr(sma->sems[semnum].sempid);
			break;
		default:
			ret = sem_count_waiting(sma, semnum, cmd == GETZCNT);
		}
	}
	ipc_unlock_object(perm);
	return ret;
}

/* The set, referenced and unlocked, when the caller has the permission flag; or ERR_PTR. */
static struct sem_array *semctl_ref(struct ipc_namespace *ns, int semid, int flag)
{
	struct kern_ipc_perm *perm = ipc_lock_id(sem_ids(ns), semid);
	int err;

	if (IS_ERR(perm))
		return ERR_CAST(perm);
	err = ipcperms(ns, perm, flag);
	if (!err)
		ipc_getref(perm);
	ipc_unlock_object(perm);
	return err ? ERR_PTR(err) : to_sem(perm);
}

static long semctl_getall(struct ipc_namespace *ns, int semid, u16 __user *array)
{
	struct sem_array *sma = semctl_ref(ns, semid, S_IRUGO);
	long ret = -ENOMEM;
	u16 *values;

	if (IS_ERR(sma))
		return PTR_ERR(sma);
	values = kvmalloc_array(sma->sem_nsems, sizeof(*values), GFP_KERNEL);
	if (values) {
		ipc_lock_object(&sma->sem_perm);
		ret = sma->sem_perm.deleted ? -EIDRM : 0;
		for (int i = 0; !ret && i < sma->sem_nsems; i++)
			values[i] = sma->sems[i].semval;
		ipc_unlock_object(&sma->sem_perm);
		if (!ret && copy_to_user(array, values, sma->sem_nsems * sizeof(*values)))
			ret = -EFAULT;
		kvfree(values);
	}
	sem_putref(sma);
	return ret;
}

static long set_all(struct sem_array *sma, const u16 *values)
{
	struct wake_batch wakes = {.nr = 0};
	long ret = 0;

	ipc_lock_object(&sma->sem_perm);
	if (sma->sem_perm.deleted) {
		ret = -EIDRM;
	} else {
		for (int i = 0; i < sma->sem_nsems; i++) {
			sma->sems[i].semval = values[i];
			ipc_update_pid(&sma->sems[i].sempid, task_tgid(current));
		}
		sem_undo_forget(sma, -1);
		sma->sem_ctime = ktime_get_real_seconds();
		sem_update(sma, NULL, 0, false, &wakes);
	}
	ipc_unlock_object(&sma->sem_perm);
	wake_batch_flush(&wakes);
	return ret;
}

static long semctl_setall(struct ipc_namespace *ns, int semid, const u16 __user *array)
{
	struct sem_array *sma = semctl_ref(ns, semid, S_IWUGO);
	long ret = 0;
	u16 *values;

	if (IS_ERR(sma))
		return PTR_ERR(sma);
	values = kvmalloc_array(sma->sem_nsems, sizeof(*values), GFP_KERNEL);
	if (!values)
		ret = -ENOMEM;
	else if (copy_from_user(values, array, sma->sem_nsems * sizeof(*values)))
		ret = -EFAULT;
	for (int i = 0; !ret && i < sma->sem_nsems; i++)
		if (values[i] > SEMVMX)
			ret = -ERANGE;
	if (!ret)
		ret = set_all(sma, values);
	kvfree(values);
	sem_putref(sma);
	return ret;
}

SYSCALL_DEFINE4(semctl, int, semid, int, semnum, int, cmd, unsigned long, arg)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct semid64_ds ds;

	if (semid < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		return semctl_info(ns, cmd, (struct seminfo __user *)arg);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return semctl_stat(ns, semid, cmd, (struct semid64_ds __user *)arg);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return semctl_get(ns, semid, semnum, cmd);
	case GETALL:
		return semctl_getall(ns, semid, (u16 __user *)arg);
	case SETALL:
		return semctl_setall(ns, semid, (const u16 __user *)arg);
	case SETVAL:
		return semctl_setval(ns, semid, semnum, (int)arg);
	case IPC_SET:
		if (copy_from_user(&ds, (const void __user *)arg, sizeof(ds)))
			return -EFAULT;
		return semctl_down(ns, semid, cmd, &ds.sem_perm);
	case IPC_RMID:
		return semctl_down(ns, semid, cmd, NULL);
	default:
		return -EINVAL;
	}
}

static void sem_proc_show(struct seq_file *m, struct ipc_proc_iter *iter,
			  struct kern_ipc_perm *perm)
{
	struct user_namespace *uns = m->file->f_cred->user_ns;
	struct sem_array *sma = to_sem(perm);

	seq_printf(m, "%10d %10d  %4o %10u %5u %5u %5u %5u %10llu %10llu\n", perm->key, perm->id,
		   perm->mode, sma->sem_nsems, from_kuid_munged(uns, perm->uid),
		   from_kgid_munged(uns, perm->gid), from_kuid_munged(uns, perm->cuid),
		   from_kgid_munged(uns, perm->cgid), (unsigned long long)sma->sem_otime,
		   (unsigned long long)sma->sem_ctime);
}

const struct ipc_proc_iface sem_proc_iface = {
    .header = "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      "
	      "ctime\n",
    .kind = IPC_SEM_IDS,
    .show = sem_proc_show,
};
