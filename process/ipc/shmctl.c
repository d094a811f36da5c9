/* SPDX-License-Identifier: MIT */
/*
 * shmctl(2): segments are looked at, changed, locked and removed; their lines in
 * /proc/sysvipc/shm. Rules in util.h. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/pagemap.h>
#include <jiffy/resource.h>
#include <jiffy/seq_file.h>
#include <jiffy/syscalls.h>

#include "shm.h"

/* Pages of it that are in memory. */
static unsigned long shm_resident(const struct shmid_kernel *shp)
{
	return READ_ONCE(shp->shm_file->f_mapping->nrpages);
}

static long shmctl_ipc_info(struct ipc_namespace *ns, struct shminfo64 __user *arg)
{
	struct shminfo64 info = {
	    .shmmax = ns->shm_ctlmax,
	    .shmmin = SHMMIN,
	    .shmmni = ns->shm_ctlmni,
	    .shmseg = ns->shm_ctlmni,
	    .shmall = ns->shm_ctlall,
	};
	int max_index;

	down_read(&shm_ids(ns)->rwsem);
	max_index = ipc_max_index(shm_ids(ns));
	up_read(&shm_ids(ns)->rwsem);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : max_index;
}

/* Nothing is ever swapped out. */
static long shmctl_shm_info(struct ipc_namespace *ns, struct shm_info __user *arg)
{
	struct shm_info info = {};
	struct kern_ipc_perm *perm;
	unsigned long index;
	int max_index;

	down_read(&shm_ids(ns)->rwsem);
	info.used_ids = shm_ids(ns)->in_use;
	info.shm_tot = ns->shm_tot;
	xa_for_each(&shm_ids(ns)->by_index, index, perm) info.shm_rss += shm_resident(to_shm(perm));
	max_index = ipc_max_index(shm_ids(ns));
	up_read(&shm_ids(ns)->rwsem);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : max_index;
}

static long shmctl_stat(struct ipc_namespace *ns, int shmid, int cmd, struct shmid64_ds __user *arg)
{
	struct shmid64_ds ds = {};
	struct kern_ipc_perm *perm;
	struct shmid_kernel *shp;
	long ret = 0;

	perm =
	    cmd == IPC_STAT ? ipc_lock_id(shm_ids(ns), shmid) : ipc_lock_index(shm_ids(ns), shmid);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	shp = to_shm(perm);
	if (cmd != SHM_STAT_ANY)
		ret = ipcperms(ns, perm, S_IRUGO);
	if (!ret) {
		kernel_to_ipc64_perm(perm, &ds.shm_perm);
		ds.shm_segsz = shp->shm_segsz;
		ds.shm_atime = shp->shm_atim;
		ds.shm_dtime = shp->shm_dtim;
		ds.shm_ctime = shp->shm_ctim;
		ds.shm_cpid = pid_vnr(shp->shm_cprid);
		ds.shm_lpid = pid_vnr(shp->shm_lprid);
		ds.shm_nattch = shp->shm_nattch;
		ret = cmd == IPC_STAT ? 0 : perm->id;
	}
	ipc_unlock_object(perm);
	if (ret >= 0 && copy_to_user(arg, &ds, sizeof(ds)))
		ret = -EFAULT;
	return ret;
}

/* IPC_RMID and IPC_SET. User memory was read before, since a fault may not come under rwsem. */
static long shmctl_down(struct ipc_namespace *ns, int shmid, int cmd, const struct ipc64_perm *set)
{
	struct kern_ipc_perm *perm;
	long ret = 0;

	down_write(&shm_ids(ns)->rwsem);
	perm = ipcctl_obtain(ns, shm_ids(ns), shmid);
	if (IS_ERR(perm)) {
		ret = PTR_ERR(perm);
	} else if (cmd == IPC_RMID) {
		shm_remove(ns, perm);
	} else {
		ret = ipc_update_perm(set, perm);
		if (!ret)
			to_shm(perm)->shm_ctim = ktime_get_real_seconds();
		ipc_unlock_object(perm);
	}
	up_write(&shm_ids(ns)->rwsem);
	return ret;
}

/* May current lock (or unlock) it? The segment is locked. */
static int may_mlock(struct ipc_namespace *ns, const struct kern_ipc_perm *perm, int cmd)
{
	kuid_t euid = current_euid();

	if (ns_capable(ns->user_ns, CAP_IPC_LOCK))
		return 0;
	if (!uid_eq(euid, perm->uid) && !uid_eq(euid, perm->cuid))
		return -EPERM;
	return cmd == SHM_LOCK && !rlimit(RLIMIT_MEMLOCK) ? -EPERM : 0;
}

/* Without swap all memory stays where it is: what is left is the flag and the accounting. */
static long shmctl_lock(struct ipc_namespace *ns, int shmid, int cmd)
{
	struct kern_ipc_perm *perm = ipc_lock_id(shm_ids(ns), shmid);
	struct user_struct *user = NULL;
	struct shmid_kernel *shp;
	long ret;

	if (IS_ERR(perm))
		return PTR_ERR(perm);
	shp = to_shm(perm);
	ret = may_mlock(ns, perm, cmd);
	if (!ret && cmd == SHM_LOCK && !(perm->mode & SHM_LOCKED)) {
		ret = user_shm_lock(shm_pages(shp), current_user());
		if (!ret) {
			perm->mode |= SHM_LOCKED;
			shp->mlock_user = current_user();
		}
	} else if (!ret && cmd == SHM_UNLOCK && (perm->mode & SHM_LOCKED)) {
		perm->mode &= ~SHM_LOCKED;
		user = shp->mlock_user;
		shp->mlock_user = NULL;
	}
	if (user)
		user_shm_unlock(shm_pages(shp), user);
	ipc_unlock_object(perm);
	return ret;
}

SYSCALL_DEFINE3(shmctl, int, shmid, int, cmd, struct shmid64_ds __user *, buf)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct shmid64_ds ds;

	if (cmd < 0 || shmid < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return shmctl_ipc_info(ns, (struct shminfo64 __user *)buf);
	case SHM_INFO:
		return shmctl_shm_info(ns, (struct shm_info __user *)buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return shmctl_stat(ns, shmid, cmd, buf);
	case IPC_SET:
		if (copy_from_user(&ds, buf, sizeof(ds)))
			return -EFAULT;
		return shmctl_down(ns, shmid, cmd, &ds.shm_perm);
	case IPC_RMID:
		return shmctl_down(ns, shmid, cmd, NULL);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shmctl_lock(ns, shmid, cmd);
	default:
		return -EINVAL;
	}
}

static void shm_proc_show(struct seq_file *m, struct ipc_proc_iter *iter,
			  struct kern_ipc_perm *perm)
{
	struct user_namespace *uns = m->file->f_cred->user_ns;
	struct shmid_kernel *shp = to_shm(perm);

	seq_printf(m,
		   "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10llu %10llu %10llu %21lu "
		   "%21lu\n",
		   perm->key, perm->id, perm->mode, shp->shm_segsz,
		   pid_nr_ns(shp->shm_cprid, iter->pid_ns), pid_nr_ns(shp->shm_lprid, iter->pid_ns),
		   shp->shm_nattch, from_kuid_munged(uns, perm->uid),
		   from_kgid_munged(uns, perm->gid), from_kuid_munged(uns, perm->cuid),
		   from_kgid_munged(uns, perm->cgid), (unsigned long long)shp->shm_atim,
		   (unsigned long long)shp->shm_dtim, (unsigned long long)shp->shm_ctim,
		   shm_resident(shp) << PAGE_SHIFT, 0UL);
}

const struct ipc_proc_iface shm_proc_iface = {
    .header = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  "
	      "cuid  cgid      atime      dtime      ctime                   rss                  "
	      "swap\n",
    .kind = IPC_SHM_IDS,
    .show = shm_proc_show,
};
