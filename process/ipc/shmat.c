/* SPDX-License-Identifier: MIT */
/*
 * shmat(2) and shmdt(2). Each attach opens the segment's memory anew as a file whose VMAs count
 * as attaches, wherever fork, munmap or mremap copy, split and remove them. Rules in util.h.
 * Task context.
 */
#include <jiffy/ktime.h>
#include <jiffy/mm.h>
#include <jiffy/pagemap.h>
#include <jiffy/syscalls.h>
#include <uapi/mman.h>

#include "shm.h"

/* file.private_data of an attach; fixed but for vm_ops, which mmap() sets before any fault. */
struct shm_file_data {
	int id;
	struct ipc_namespace *ns; /* a reference */
	struct file *file;	  /* the memory; a reference */
	const struct vm_operations_struct *vm_ops;
};

static struct shm_file_data *shm_data(const struct vm_area_struct *vma)
{
	return vma->vm_file->private_data;
}

/* One more VMA: 0, or an errno when the segment is gone. */
static int shm_attach(struct shm_file_data *sfd)
{
	struct kern_ipc_perm *perm = ipc_lock_id(shm_ids(sfd->ns), sfd->id);
	struct shmid_kernel *shp;

	if (IS_ERR(perm))
		return PTR_ERR(perm);
	shp = to_shm(perm);
	if (shp->shm_file != sfd->file) {
		ipc_unlock_object(perm); /* the id has been used again */
		return -EINVAL;
	}
	shp->shm_atim = ktime_get_real_seconds();
	ipc_update_pid(&shp->shm_lprid, task_tgid(current));
	shp->shm_nattch++;
	ipc_unlock_object(perm);
	return 0;
}

static bool shm_may_destroy(struct ipc_namespace *ns, struct shmid_kernel *shp)
{
	return !shp->shm_nattch && (ns->shm_rmid_forced || (shp->shm_perm.mode & SHM_DEST));
}

/* One attach less; the segment goes when it was the last and it has been removed. */
static void shm_detach(struct ipc_namespace *ns, int id, bool was_mapped)
{
	struct kern_ipc_perm *perm;
	struct shmid_kernel *shp;

	down_write(&shm_ids(ns)->rwsem);
	perm = ipc_lock_id(shm_ids(ns), id);
	if (!WARN_ON(IS_ERR(perm))) {
		shp = to_shm(perm);
		if (was_mapped) {
			ipc_update_pid(&shp->shm_lprid, task_tgid(current));
			shp->shm_dtim = ktime_get_real_seconds();
		}
		shp->shm_nattch--;
		if (shm_may_destroy(ns, shp))
			shm_destroy(ns, shp);
		else
			ipc_unlock_object(perm);
	}
	up_write(&shm_ids(ns)->rwsem);
}

/* A VMA was copied: it counts as attached already, so the segment is there. */
static void shm_open(struct vm_area_struct *vma)
{
	WARN_ON(shm_attach(shm_data(vma)));
}

static void shm_close(struct vm_area_struct *vma)
{
	struct shm_file_data *sfd = shm_data(vma);

	shm_detach(sfd->ns, sfd->id, true);
}

static vm_fault_t shm_fault(struct vm_fault *vmf)
{
	return shm_data(vmf->vma)->vm_ops->fault(vmf);
}

static vm_fault_t shm_map_pages(struct vm_fault *vmf, unsigned long start, unsigned long end)
{
	const struct vm_operations_struct *ops = shm_data(vmf->vma)->vm_ops;

	return ops->map_pages ? ops->map_pages(vmf, start, end) : 0;
}

static const struct vm_operations_struct shm_vm_ops = {
    .open = shm_open,
    .close = shm_close,
    .fault = shm_fault,
    .map_pages = shm_map_pages,
};

static int shm_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct shm_file_data *sfd = file->private_data;
	int err = shm_attach(sfd);

	if (err)
		return err;
	err = sfd->file->f_op->mmap(sfd->file, vma);
	if (err) {
		shm_detach(sfd->ns, sfd->id, true);
		return err;
	}
	sfd->vm_ops = vma->vm_ops;
	vma->vm_ops = &shm_vm_ops;
	return 0;
}

static int shm_release(struct inode *inode, struct file *file)
{
	struct shm_file_data *sfd = file->private_data;

	put_ipc_ns(sfd->ns);
	fput(sfd->file);
	kfree(sfd);
	return 0;
}

static const struct file_operations shm_file_operations = {
    .mmap = shm_mmap,
    .release = shm_release,
    .llseek = noop_llseek,
};

/* A file for one attach of the memory; ERR_PTR. Takes no references over. */
static struct file *shm_attach_file(struct ipc_namespace *ns, int id, struct file *memory,
				    int f_flags)
{
	struct shm_file_data *sfd = kzalloc(sizeof(*sfd), GFP_KERNEL);
	struct file *file;

	if (!sfd)
		return ERR_PTR(-ENOMEM);
	file = alloc_file_clone(memory, f_flags, &shm_file_operations);
	if (IS_ERR(file)) {
		kfree(sfd);
		return file;
	}
	sfd->id = id;
	sfd->ns = get_ipc_ns(ns);
	sfd->file = get_file(memory);
	file->private_data = sfd;
	return file;
}

/* What the flags of shmat() come to. */
struct attach {
	unsigned long addr, prot, map_flags;
	int acc, f_flags;
};

static int parse_flags(struct attach *a, unsigned long addr, int shmflg)
{
	a->map_flags = MAP_SHARED;
	if (addr) {
		if (!PAGE_ALIGNED(addr)) {
			if (!(shmflg & SHM_RND))
				return -EINVAL;
			addr &= PAGE_MASK;
			if (!addr && (shmflg & SHM_REMAP))
				return -EINVAL;
		}
		a->map_flags |= MAP_FIXED;
	} else if (shmflg & SHM_REMAP) {
		return -EINVAL;
	}
	a->addr = addr;
	a->prot = PROT_READ;
	a->acc = S_IRUGO;
	a->f_flags = O_RDONLY;
	if (!(shmflg & SHM_RDONLY)) {
		a->prot |= PROT_WRITE;
		a->acc |= S_IWUGO;
		a->f_flags = O_RDWR;
	}
	if (shmflg & SHM_EXEC) {
		a->prot |= PROT_EXEC;
		a->acc |= S_IXUGO;
	}
	return 0;
}

/* Takes mmap_lock. The address, or a negative errno. */
static unsigned long map_segment(struct file *file, const struct attach *a, bool remap)
{
	unsigned long size = i_size_read(file_inode(file)), ret, populate = 0;
	struct mm_struct *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (a->addr && !remap &&
	    (a->addr + size < a->addr || find_vma_intersection(mm, a->addr, a->addr + size)))
		ret = -EINVAL;
	else
		ret = do_mmap(file, a->addr, size, a->prot, a->map_flags, 0, 0, &populate);
	mmap_write_unlock(mm);
	if (populate && !IS_ERR_VALUE(ret))
		mm_populate(ret, populate);
	return ret;
}

/* Finds the segment and counts an attach that is under way: its memory, referenced. */
static struct file *begin_attach(struct ipc_namespace *ns, int shmid, int acc)
{
	struct kern_ipc_perm *perm = ipc_lock_id(shm_ids(ns), shmid);
	struct file *memory;
	int err;

	if (IS_ERR(perm))
		return ERR_CAST(perm);
	err = ipcperms(ns, perm, acc);
	if (err) {
		memory = ERR_PTR(err);
	} else {
		to_shm(perm)->shm_nattch++;
		memory = get_file(to_shm(perm)->shm_file);
	}
	ipc_unlock_object(perm);
	return memory;
}

SYSCALL_DEFINE3(shmat, int, shmid, char __user *, shmaddr, int, shmflg)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct file *memory, *file;
	struct attach a;
	long ret;

	if (shmid < 0)
		return -EINVAL;
	ret = parse_flags(&a, (unsigned long)shmaddr, shmflg);
	if (ret)
		return ret;
	memory = begin_attach(ns, shmid, a.acc);
	if (IS_ERR(memory))
		return PTR_ERR(memory);
	file = shm_attach_file(ns, shmid, memory, a.f_flags);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
	} else {
		ret = map_segment(file, &a, shmflg & SHM_REMAP);
		fput(file);
	}
	shm_detach(ns, shmid, false);
	fput(memory);
	return ret;
}

/* Was the VMA, at that place, part of an attach at addr? */
static bool belongs_to_attach(const struct vm_area_struct *vma, unsigned long addr)
{
	return vma->vm_ops == &shm_vm_ops && (vma->vm_start - addr) >> PAGE_SHIFT == vma->vm_pgoff;
}

/*
 * Undoes the attach whose first byte was at addr: parts of it may have been unmapped or moved,
 * and other memory may lie in between. The first VMA that fits tells which segment it is.
 */
SYSCALL_DEFINE1(shmdt, char __user *, shmaddr)
{
	unsigned long addr = (unsigned long)shmaddr, size = 0;
	struct vm_area_struct *vma, *next;
	struct mm_struct *mm = current->mm;
	struct file *file = NULL;
	long ret = -EINVAL;

	if (!PAGE_ALIGNED(addr))
		return ret;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	for (vma = find_vma(mm, addr); vma; vma = next) {
		next = vma->vm_next;
		if (file && vma->vm_end - addr > size)
			break;
		if (!belongs_to_attach(vma, addr) || (file && vma->vm_file != file))
			continue;
		if (!file) {
			file = vma->vm_file;
			size = PAGE_ALIGN(i_size_read(file_inode(file)));
			ret = 0;
		}
		do_munmap(mm, vma->vm_start, vma->vm_end - vma->vm_start);
	}
	mmap_write_unlock(mm);
	return ret;
}
