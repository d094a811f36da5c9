/* SPDX-License-Identifier: MIT */
/*
 * struct file: made, counted, ended. The last fput() may come from deep inside (an unmap under
 * mmap_lock), where release() must not run; so it is put off until the task is on its way to user
 * space, or to a worker when there is no such way. close(2) itself, which holds no lock, ends
 * files at once. The memory waits for a grace period, since look-ups take no lock.
 */
#include "mount.h"
#include <jiffy/fsnotify.h>
#include <jiffy/interrupt.h>
#include <jiffy/mm.h>
#include <jiffy/pid.h>
#include <jiffy/poll.h>
#include <jiffy/slab.h>

static struct kmem_cache *filp_cachep;
static atomic64_t nr_file;
unsigned long sysctl_file_max;

unsigned long nr_files(void)
{
	return atomic64_read(&nr_file);
}

static void file_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(filp_cachep, container_of(head, struct file, f_rcuhead));
}

static void file_free(struct file *f)
{
	put_cred(f->f_cred);
	atomic64_dec(&nr_file);
	call_rcu(&f->f_rcuhead, file_free_rcu);
}

struct file *alloc_empty_file(int flags, const struct cred *cred)
{
	struct file *f;

	if (unlikely(atomic64_inc_return(&nr_file) > (s64)sysctl_file_max) &&
	    !capable(CAP_SYS_ADMIN)) {
		atomic64_dec(&nr_file);
		return ERR_PTR(-ENFILE);
	}
	f = kmem_cache_zalloc(filp_cachep, GFP_KERNEL);
	if (unlikely(!f)) {
		atomic64_dec(&nr_file);
		return ERR_PTR(-ENOMEM);
	}
	f->f_cred = get_cred(cred);
	atomic64_set(&f->f_count, 1);
	spin_lock_init(&f->f_lock);
	mutex_init(&f->f_pos_lock);
	f->f_flags = flags;
	f->f_mode = flags & O_PATH ? FMODE_PATH | FMODE_OPENED : (flags + 1) & O_ACCMODE;
	return f;
}

struct file *alloc_file(const struct path *path, int flags, const struct file_operations *fops)
{
	struct file *f = alloc_empty_file(flags, current_cred());

	if (IS_ERR(f))
		return f;
	f->f_path = *path;
	f->f_inode = d_inode(path->dentry);
	f->f_mapping = f->f_inode->i_mapping;
	f->f_op = fops;
	if (fops->llseek)
		f->f_mode |= FMODE_LSEEK;
	if ((f->f_mode & FMODE_READ) && (fops->read || fops->read_iter))
		f->f_mode |= FMODE_CAN_READ;
	if ((f->f_mode & FMODE_WRITE) && (fops->write || fops->write_iter))
		f->f_mode |= FMODE_CAN_WRITE;
	f->f_mode |= FMODE_OPENED;
	return f;
}

struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt, const char *name,
			       int flags, const struct file_operations *fops)
{
	struct qstr q = QSTR(name);
	struct path path;
	struct file *f;

	path.dentry = d_alloc_pseudo(mnt->mnt_sb, &q);
	if (!path.dentry)
		return ERR_PTR(-ENOMEM);
	path.mnt = mntget(mnt);
	d_instantiate(path.dentry, inode);
	f = alloc_file(&path, flags, fops);
	if (IS_ERR(f)) {
		ihold(inode); /* on failure the caller keeps it */
		path_put(&path);
	}
	return f;
}

struct file *alloc_file_clone(struct file *base, int flags, const struct file_operations *fops)
{
	struct file *f = alloc_file(&base->f_path, flags, fops);

	if (!IS_ERR(f))
		path_get(&f->f_path);
	return f;
}

struct file *get_file(struct file *file)
{
	atomic64_inc(&file->f_count);
	return file;
}

/* The last reference is gone. */
static void __fput(struct file *file)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = file->f_inode;
	struct vfsmount *mnt = file->f_path.mnt;

	if (unlikely(!(file->f_mode & FMODE_OPENED))) {
		file_free(file);
		return;
	}
	might_sleep();
	if (!(file->f_mode & FMODE_PATH))
		fsnotify_file(file, file->f_mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	eventpoll_release(file);
	locks_remove_file(file);
	if (unlikely(file->f_flags & FASYNC) && file->f_op->fasync)
		file->f_op->fasync(-1, file, 0);
	if (file->f_op && file->f_op->release)
		file->f_op->release(inode, file);
	if (file->f_owner.pid)
		put_pid(file->f_owner.pid);
	if (file->f_mode & FMODE_WRITER) {
		put_write_access(inode);
		mnt_drop_write(mnt);
	}
	dput(dentry);
	mntput(mnt);
	file_free(file);
}

static void ____fput(struct callback_head *work)
{
	__fput(container_of(work, struct file, f_task_work));
}

static struct file *delayed_fput_list;

static struct file *take_delayed_list(void)
{
	return xchg(&delayed_fput_list, NULL);
}

static void delayed_fput(struct work_struct *unused)
{
	struct file *f = take_delayed_list(), *next;

	for (; f; f = next) {
		next = f->f_next_delayed;
		__fput(f);
	}
}
static DECLARE_WORK(delayed_fput_work, delayed_fput);

void flush_delayed_fput(void)
{
	delayed_fput(NULL);
	flush_work(&delayed_fput_work);
}

void fput(struct file *file)
{
	struct file *head;

	if (!atomic64_dec_and_test(&file->f_count))
		return;
	if (likely(!in_interrupt() && !(current->flags & PF_KTHREAD))) {
		file->f_task_work.func = ____fput;
		if (likely(!task_work_add(current, &file->f_task_work, true)))
			return;
	}
	head = READ_ONCE(delayed_fput_list);
	do {
		file->f_next_delayed = head;
	} while (!try_cmpxchg(&delayed_fput_list, &head, file));
	schedule_work(&delayed_fput_work);
}

void __fput_sync(struct file *file)
{
	if (atomic64_dec_and_test(&file->f_count))
		__fput(file);
}

void files_init(void)
{
	filp_cachep = kmem_cache_create("filp", sizeof(struct file), 0,
					SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	/* Files may take a tenth of memory, at about 1 KiB each with dentry and inode. */
	sysctl_file_max = max_t(unsigned long, totalram_pages() * (PAGE_SIZE / KIB(1)) / 10, 8192);
}
