/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/ns: a magic link for each namespace of the process (namespaces(7)). Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/ns_common.h>
#include <jiffy/ptrace.h>
#include <jiffy/string.h>
#include "internal.h"

static int ns_link(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	int err = -EACCES;

	if (!task)
		return -EACCES;
	if (ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		err = ns_get_path(path, task, PROC_I(inode)->ns_ops);
	put_task_struct(task);
	return err;
}

static const char *proc_ns_get_link(struct dentry *dentry, struct inode *inode,
				    struct delayed_call *done)
{
	struct path path;
	int err;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	err = ns_link(inode, &path);
	if (!err)
		err = nd_jump_link(&path);
	return ERR_PTR(err);
}

static int proc_ns_readlink(struct dentry *dentry, char __user *buf, int size)
{
	struct inode *inode = d_inode(dentry);
	struct task_struct *task = get_proc_task(inode);
	char name[50];
	int len = -EACCES;

	if (!task)
		return len;
	if (ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		len = ns_get_name(name, sizeof(name), task, PROC_I(inode)->ns_ops);
	put_task_struct(task);
	if (len < 0)
		return len;
	len = min(len, size);
	return copy_to_user(buf, name, len) ? -EFAULT : len;
}

static const struct inode_operations proc_ns_link_inode_operations = {
    .readlink = proc_ns_readlink,
    .get_link = proc_ns_get_link,
    .setattr = proc_setattr,
};

static struct dentry *proc_ns_dir_lookup(struct inode *dir, struct dentry *dentry,
					 unsigned int flags)
{
	struct task_struct *task = get_proc_task(dir);
	const struct proc_ns_operations *const *e;
	struct inode *inode = NULL;

	if (!task)
		return ERR_PTR(-ENOENT);
	for (e = ns_entries; *e; e++) {
		if (strlen((*e)->name) != dentry->d_name.len ||
		    memcmp((*e)->name, dentry->d_name.name, dentry->d_name.len))
			continue;
		inode = proc_pid_make_inode(dir->i_sb, task, S_IFLNK | 0777);
		break;
	}
	put_task_struct(task);
	if (!inode)
		return ERR_PTR(-ENOENT);
	inode->i_op = &proc_ns_link_inode_operations;
	PROC_I(inode)->ns_ops = *e;
	d_add(dentry, inode);
	return NULL;
}

static int proc_ns_dir_readdir(struct file *file, struct dir_context *ctx)
{
	const struct proc_ns_operations *const *e;
	loff_t i;

	if (!dir_emit_dots(file, ctx))
		return 0;
	for (e = ns_entries, i = 2; *e; e++, i++) {
		if (i < ctx->pos)
			continue;
		if (!dir_emit(ctx, (*e)->name, strlen((*e)->name), get_next_ino(), S_IFLNK >> 12))
			return 0;
		ctx->pos++;
	}
	return 0;
}

const struct inode_operations proc_ns_dir_inode_operations = {
    .lookup = proc_ns_dir_lookup,
    .getattr = pid_getattr,
    .setattr = proc_setattr,
};
const struct file_operations proc_ns_dir_operations = {
    .read = generic_read_dir,
    .iterate_shared = proc_ns_dir_readdir,
    .llseek = generic_file_llseek,
};
