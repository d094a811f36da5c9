/* SPDX-License-Identifier: MIT */
/*
 * Segments of shared memory, made and destroyed: shmget(2), and what exit does to those that a
 * task has made. Each is a nameless tmpfs file. Rules in util.h; attaching is in shmat.c.
 * Task context.
 */
#include <jiffy/ktime.h>
#include <jiffy/mm.h>
#include <jiffy/resource.h>
#include <jiffy/sched.h>
#include <jiffy/shmem_fs.h>
#include <jiffy/syscalls.h>
#include <uapi/mman.h>

#include "shm.h"

/* Tasks' sysvshm_clist and what hangs on them; innermost, and held for a few pointers only. */
static DEFINE_SPINLOCK(shm_clist_lock);

static void shm_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct shmid_kernel, shm_perm.rcu));
}

/* Pages of 2 MiB and 1 GiB may be asked for, but none are set aside: as Linux without any. */
static int check_huge(int shmflg)
{
	int shift = (shmflg >> SHM_HUGE_SHIFT) & SHM_HUGE_MASK;

	if (shift && shift != 21 && shift != 30)
		return -EINVAL;
	return capable(CAP_IPC_LOCK) || in_group_p(GLOBAL_ROOT_GID) ? -ENOMEM : -EPERM;
}

/* The memory of a new segment; ERR_PTR. */
static struct file *shm_memory(const struct ipc_params *params)
{
	bool reserve =
	    !(params->flg & SHM_NORESERVE) || sysctl_overcommit_memory == OVERCOMMIT_NEVER;
	char name[16];

	snprintf(name, sizeof(name), "SYSV%08x", params->key);
	return shmem_file_setup(name, params->u.size, reserve ? 0 : VM_NORESERVE);
}

static struct shmid_kernel *shm_alloc(struct ipc_namespace *ns, const struct ipc_params *params)
{
	struct shmid_kernel *shp = kzalloc(sizeof(*shp), GFP_KERNEL);
	struct file *file;

	if (!shp)
		return ERR_PTR(-ENOMEM);
	file = shm_memory(params);
	if (IS_ERR(file)) {
		kfree(shp);
		return ERR_CAST(file);
	}
	ipc_init_perm(&shp->shm_perm, params);
	shp->ns = ns;
	shp->shm_file = file;
	shp->shm_segsz = params->u.size;
	shp->shm_ctim = ktime_get_real_seconds();
	shp->shm_cprid = get_pid(task_tgid(current));
	return shp;
}

static int newseg(struct ipc_namespace *ns, const struct ipc_params *params)
{
	size_t size = params->u.size, pages = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct shmid_kernel *shp;
	int id, err;

	lockdep_assert_held(&shm_ids(ns)->rwsem);
	if (size < SHMMIN || size > ns->shm_ctlmax)
		return -EINVAL;
	if (pages << PAGE_SHIFT < size || ns->shm_tot + pages < pages ||
	    ns->shm_tot + pages > ns->shm_ctlall)
		return -ENOSPC;
	if (params->flg & SHM_HUGETLB)
		return check_huge(params->flg);
	shp = shm_alloc(ns, params);
	if (IS_ERR(shp))
		return PTR_ERR(shp);
	err = ipc_addid(shm_ids(ns), &shp->shm_perm, ns->shm_ctlmni);
	if (err) {
		fput(shp->shm_file);
		put_pid(shp->shm_cprid);
		ipc_putref(&shp->shm_perm, shm_free_rcu);
		return err;
	}
	id = shp->shm_perm.id;
	/* What /proc/PID/maps shows as the inode is the segment's id. */
	file_inode(shp->shm_file)->i_ino = id;
	ns->shm_tot += pages;
	spin_lock(&shm_clist_lock);
	shp->shm_creator = current;
	list_add(&shp->shm_clist, &current->sysvshm_clist);
	spin_unlock(&shm_clist_lock);
	ipc_unlock_object(&shp->shm_perm);
	return id;
}

static int shm_more_checks(struct kern_ipc_perm *perm, const struct ipc_params *params)
{
	return to_shm(perm)->shm_segsz < params->u.size ? -EINVAL : 0;
}

SYSCALL_DEFINE3(shmget, key_t, key, size_t, size, int, shmflg)
{
	static const struct ipc_ops ops = {.getnew = newseg, .more_checks = shm_more_checks};
	struct ipc_namespace *ns = current_ipc_ns();
	struct ipc_params params = {.key = key, .flg = shmflg, .u.size = size};

	return ipcget(ns, shm_ids(ns), &ops, &params);
}

static void shm_clist_del(struct shmid_kernel *shp)
{
	spin_lock(&shm_clist_lock);
	if (shp->shm_creator) {
		list_del(&shp->shm_clist);
		shp->shm_creator = NULL;
	}
	spin_unlock(&shm_clist_lock);
}

void shm_destroy(struct ipc_namespace *ns, struct shmid_kernel *shp)
{
	struct file *file = shp->shm_file;

	lockdep_assert_held(&shm_ids(ns)->rwsem);
	lockdep_assert_held(&shp->shm_perm.lock);
	ns->shm_tot -= shm_pages(shp);
	ipc_rmid(shm_ids(ns), &shp->shm_perm);
	shm_clist_del(shp);
	shp->shm_file = NULL;
	ipc_unlock_object(&shp->shm_perm);

	if (shp->mlock_user)
		user_shm_unlock(shm_pages(shp), shp->mlock_user);
	fput(file);
	put_pid(shp->shm_cprid);
	put_pid(shp->shm_lprid);
	ipc_putref(&shp->shm_perm, shm_free_rcu);
}

void shm_remove(struct ipc_namespace *ns, struct kern_ipc_perm *perm)
{
	struct shmid_kernel *shp = to_shm(perm);

	lockdep_assert_held(&shm_ids(ns)->rwsem);
	if (!shp->shm_nattch) {
		shm_destroy(ns, shp);
		return;
	}
	perm->mode |= SHM_DEST;
	ipc_forget_key(shm_ids(ns), perm);
	ipc_unlock_object(perm);
}

/* Attached memory keeps its namespace, so none is attached here. */
void shm_exit_ns(struct ipc_namespace *ns)
{
	ipc_free_all(ns, shm_ids(ns), shm_remove);
}

int user_shm_lock(unsigned long pages, struct user_struct *user)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK);
	long locked = atomic_long_add_return(pages, &user->locked_vm);

	if (limit != RLIM_INFINITY && locked > (long)(limit >> PAGE_SHIFT) &&
	    !capable(CAP_IPC_LOCK)) {
		atomic_long_sub(pages, &user->locked_vm);
		return -ENOMEM;
	}
	get_uid(user);
	return 0;
}

void user_shm_unlock(unsigned long pages, struct user_struct *user)
{
	atomic_long_sub(pages, &user->locked_vm);
	free_uid(user);
}

/* ---- shm_rmid_forced: a segment does not outlive its creator and its attaches ---- */

static void shm_destroy_if_orphan(struct ipc_namespace *ns, struct shmid_kernel *shp)
{
	lockdep_assert_held(&shm_ids(ns)->rwsem);
	ipc_lock_object(&shp->shm_perm);
	if (!shp->shm_perm.deleted && !READ_ONCE(shp->shm_creator) && !shp->shm_nattch)
		shm_destroy(ns, shp);
	else
		ipc_unlock_object(&shp->shm_perm);
}

void shm_destroy_orphaned(struct ipc_namespace *ns)
{
	struct kern_ipc_perm *perm;
	unsigned long index;

	down_write(&shm_ids(ns)->rwsem);
	xa_for_each(&shm_ids(ns)->by_index, index, perm) shm_destroy_if_orphan(ns, to_shm(perm));
	up_write(&shm_ids(ns)->rwsem);
}

/*
 * One segment after the other loses its creator. It lives until shm_clist_lock is free, since it
 * leaves the list before it is freed; the references keep it, and its namespace, from then on.
 */
void exit_shm(struct task_struct *t)
{
	while (!list_empty(&t->sysvshm_clist)) {
		struct ipc_namespace *ns = NULL;
		struct shmid_kernel *shp;

		spin_lock(&shm_clist_lock);
		shp = list_first_entry_or_null(&t->sysvshm_clist, struct shmid_kernel, shm_clist);
		if (!shp) {
			spin_unlock(&shm_clist_lock);
			return;
		}
		list_del(&shp->shm_clist);
		shp->shm_creator = NULL;
		/* The namespace may be on its way out, and take the segment with it. */
		if (refcount_inc_not_zero(&shp->ns->ns.count)) {
			ns = shp->ns;
			ipc_getref(&shp->shm_perm);
		}
		spin_unlock(&shm_clist_lock);
		if (!ns)
			continue;
		if (ns->shm_rmid_forced) {
			down_write(&shm_ids(ns)->rwsem);
			shm_destroy_if_orphan(ns, shp);
			up_write(&shm_ids(ns)->rwsem);
		}
		ipc_putref(&shp->shm_perm, shm_free_rcu);
		put_ipc_ns(ns);
	}
}
