/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/fd: a magic link for each open descriptor, and /proc/PID/fdinfo: its position,
 * flags, and what its kind of file adds. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/fdtable.h>
#include <jiffy/ptrace.h>
#include <jiffy/string.h>
#include "internal.h"
#include "../mount.h"

static int fd_link(struct inode *inode, struct task_struct *task, struct path *path)
{
	struct file *file = fget_task(task, PROC_I(inode)->fd);

	if (!file)
		return -ENOENT;
	*path = file->f_path;
	path_get(path);
	fput(file);
	return 0;
}

static const struct pid_entry fd_entry = {.name = "fd", .get_link = fd_link};

/* The link's own permission bits say how the file is open. */
static umode_t link_mode(const struct file *file)
{
	return S_IFLNK | S_IXUSR | (file->f_mode & FMODE_READ ? S_IRUSR : 0) |
	       (file->f_mode & FMODE_WRITE ? S_IWUSR : 0);
}

static int seq_show_fdinfo(struct seq_file *m, void *v)
{
	struct inode *inode = m->private;
	struct task_struct *task = get_proc_task(inode);
	unsigned int fd = PROC_I(inode)->fd, flags;
	struct file *file;
	bool cloexec;

	if (!task)
		return -ENOENT;
	file = fget_task(task, fd);
	cloexec = file && task_fd_cloexec(task, fd);
	if (!file) {
		put_task_struct(task);
		return -ENOENT;
	}
	flags = (file->f_flags & ~O_CLOEXEC) | (cloexec ? O_CLOEXEC : 0);
	seq_printf(m, "pos:\t%lli\nflags:\t0%o\nmnt_id:\t%i\nino:\t%lu\n", (long long)file->f_pos,
		   flags, real_mount(file->f_path.mnt)->mnt_id,
		   (unsigned long)file_inode(file)->i_ino);
	show_fd_locks(m, file, task->files);
	if (file->f_op->show_fdinfo)
		file->f_op->show_fdinfo(m, file);
	fput(file);
	put_task_struct(task);
	return 0;
}

/* What a process has open is shown to those who may look into it: 0, -EACCES or -ESRCH. */
static int may_see_fdinfo(struct inode *inode)
{
	struct task_struct *task = get_proc_task(inode);
	bool may;

	if (!task)
		return -ESRCH;
	may = ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
	put_task_struct(task);
	return may ? 0 : -EACCES;
}

static int fdinfo_open(struct inode *inode, struct file *file)
{
	int err = may_see_fdinfo(inode);

	return err ? err : single_open(file, seq_show_fdinfo, inode);
}

static const struct file_operations fdinfo_file_operations = {
    .open = fdinfo_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = single_release,
};

static struct inode *make_fd_inode(struct super_block *sb, struct task_struct *task,
				   unsigned int fd, bool info)
{
	struct file *file = fget_task(task, fd);
	struct inode *inode = NULL;

	if (!file)
		return NULL;
	inode = proc_pid_make_inode(sb, task, info ? S_IFREG | 0444 : link_mode(file));
	fput(file);
	if (!inode)
		return NULL;
	PROC_I(inode)->fd = fd;
	if (info) {
		inode->i_fop = &fdinfo_file_operations;
	} else {
		inode->i_op = &proc_pid_link_inode_operations;
		PROC_I(inode)->op = &fd_entry;
		i_size_write(inode, 64);
	}
	return inode;
}

static struct dentry *lookup_common(struct inode *dir, struct dentry *dentry, bool info)
{
	struct task_struct *task = get_proc_task(dir);
	struct inode *inode = NULL;
	unsigned int fd;

	if (!task)
		return ERR_PTR(-ENOENT);
	if (name_to_int(&dentry->d_name, &fd))
		inode = make_fd_inode(dir->i_sb, task, fd, info);
	put_task_struct(task);
	if (!inode)
		return ERR_PTR(-ENOENT);
	d_add(dentry, inode);
	return NULL;
}

static int readdir_common(struct file *dir, struct dir_context *ctx, bool info)
{
	struct task_struct *task = get_proc_task(file_inode(dir));
	struct file *file;
	unsigned int fd;
	char name[12];

	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(dir, ctx))
		goto out;
	for (fd = ctx->pos - 2; (file = task_lookup_next_fd(task, &fd)); fd++) {
		fput(file);
		ctx->pos = (loff_t)fd + 2;
		if (!dir_emit(ctx, name, snprintf(name, sizeof(name), "%u", fd), get_next_ino(),
			      (info ? S_IFREG : S_IFLNK) >> 12))
			goto out;
		cond_resched();
	}
	ctx->pos = (loff_t)fd + 2;
out:
	put_task_struct(task);
	return 0;
}

static struct dentry *proc_lookupfd(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	return lookup_common(dir, dentry, false);
}

static int proc_readfd(struct file *file, struct dir_context *ctx)
{
	return readdir_common(file, ctx, false);
}

static struct dentry *proc_lookupfdinfo(struct inode *dir, struct dentry *dentry,
					unsigned int flags)
{
	return lookup_common(dir, dentry, true);
}

static int proc_readfdinfo(struct file *file, struct dir_context *ctx)
{
	return readdir_common(file, ctx, true);
}

/* A process that has changed its identity may still list its own descriptors. */
static int proc_fd_permission(struct inode *inode, int mask)
{
	int err = generic_permission(inode, mask);
	struct task_struct *p;

	if (!err)
		return 0;
	rcu_read_lock();
	p = pid_task(PROC_I(inode)->pid, PIDTYPE_PID);
	if (p && same_thread_group(p, current))
		err = 0;
	rcu_read_unlock();
	return err;
}

static int proc_fdinfo_permission(struct inode *inode, int mask)
{
	int err = may_see_fdinfo(inode);

	return err ? err : generic_permission(inode, mask);
}

const struct inode_operations proc_fd_inode_operations = {
    .lookup = proc_lookupfd,
    .permission = proc_fd_permission,
    .getattr = pid_getattr,
    .setattr = proc_setattr,
};
const struct file_operations proc_fd_operations = {
    .read = generic_read_dir,
    .iterate_shared = proc_readfd,
    .llseek = generic_file_llseek,
};
const struct inode_operations proc_fdinfo_inode_operations = {
    .lookup = proc_lookupfdinfo,
    .permission = proc_fdinfo_permission,
    .getattr = pid_getattr,
    .setattr = proc_setattr,
};
const struct file_operations proc_fdinfo_operations = {
    .read = generic_read_dir,
    .iterate_shared = proc_readfdinfo,
    .llseek = generic_file_llseek,
};
