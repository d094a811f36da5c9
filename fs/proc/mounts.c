/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mounts, mountinfo and mountstats: the mount namespace that the process had when the
 * file was opened, as seen from its root. poll(2) tells of changes. Task context.
 */
#include <jiffy/mount.h>
#include <jiffy/nsproxy.h>
#include <jiffy/poll.h>
#include <jiffy/slab.h>
#include "internal.h"

struct proc_mounts {
	struct mnt_namespace *ns;
	struct path root;
	enum mounts_format format;
	u64 event; /* the last one that poll() told of */
};

static int mounts_show(struct seq_file *m, void *v)
{
	struct proc_mounts *p = m->private;

	return show_mounts(m, p->ns, &p->root, p->format);
}

static int get_task_mounts(struct task_struct *task, struct proc_mounts *p)
{
	int err = -EINVAL;

	task_lock(task);
	if (task->nsproxy && task->fs) {
		p->ns = task->nsproxy->mnt_ns;
		get_mnt_ns(p->ns);
		get_fs_root(task->fs, &p->root);
		err = 0;
	}
	task_unlock(task);
	return err;
}

static int mounts_open_common(struct inode *inode, struct file *file, enum mounts_format format)
{
	struct task_struct *task = get_proc_task(inode);
	struct proc_mounts *p;
	int err;

	if (!task)
		return -EINVAL;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	err = p ? get_task_mounts(task, p) : -ENOMEM;
	put_task_struct(task);
	if (err)
		goto free;
	p->format = format;
	p->event = mnt_ns_event(p->ns);
	err = single_open(file, mounts_show, p);
	if (!err)
		return 0;
	path_put(&p->root);
	put_mnt_ns(p->ns);
free:
	kfree(p);
	return err;
}

static int mounts_release(struct inode *inode, struct file *file)
{
	struct proc_mounts *p = ((struct seq_file *)file->private_data)->private;

	path_put(&p->root);
	put_mnt_ns(p->ns);
	kfree(p);
	return single_release(inode, file);
}

static __poll_t mounts_poll(struct file *file, struct poll_table_struct *wait)
{
	struct proc_mounts *p = ((struct seq_file *)file->private_data)->private;
	u64 event;

	poll_wait(file, mnt_ns_poll_queue(p->ns), wait);
	event = mnt_ns_event(p->ns);
	if (event == p->event)
		return EPOLLIN | EPOLLRDNORM;
	p->event = event;
	return EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLPRI;
}

static int mounts_open(struct inode *inode, struct file *file)
{
	return mounts_open_common(inode, file, MOUNTS_FSTAB);
}

static int mountinfo_open(struct inode *inode, struct file *file)
{
	return mounts_open_common(inode, file, MOUNTS_INFO);
}

static int mountstats_open(struct inode *inode, struct file *file)
{
	return mounts_open_common(inode, file, MOUNTS_STATS);
}

#define MOUNTS_FILE(what)                                         \
	const struct file_operations proc_##what##_operations = { \
	    .open = what##_open,                                  \
	    .read_iter = seq_read_iter,                           \
	    .llseek = seq_lseek,                                  \
	    .release = mounts_release,                            \
	    .poll = mounts_poll,                                  \
	}
MOUNTS_FILE(mounts);
MOUNTS_FILE(mountinfo);
MOUNTS_FILE(mountstats);
