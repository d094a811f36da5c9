/* SPDX-License-Identifier: MIT */
/*
 * Inodes of /proc and /sys: made at look-up, gone with the last user. Task context.
 */
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include "internal.h"

static struct kmem_cache *proc_inode_cachep;

static struct inode *proc_alloc_inode(struct super_block *sb)
{
	struct proc_inode *ei = kmem_cache_zalloc(proc_inode_cachep, GFP_KERNEL);

	return ei ? &ei->vfs_inode : NULL;
}

static void proc_free_inode(struct inode *inode)
{
	kmem_cache_free(proc_inode_cachep, PROC_I(inode));
}

static void proc_evict_inode(struct inode *inode)
{
	struct proc_inode *ei = PROC_I(inode);

	clear_inode(inode);
	put_pid(ei->pid);
	ei->pid = NULL;
	pde_put(ei->pde);
	ei->pde = NULL;
}

static int proc_show_options(struct seq_file *m, struct dentry *root)
{
	struct proc_fs_info *info = proc_sb_info(root->d_sb);

	if (!info)
		return 0;
	if (info->pid_gid)
		seq_printf(m, ",gid=%u", from_kgid_munged(&init_user_ns, info->pid_gid));
	if (info->hide_pid != HIDEPID_OFF)
		seq_printf(m, ",hidepid=%s",
			   info->hide_pid == HIDEPID_NO_ACCESS	 ? "noaccess"
			   : info->hide_pid == HIDEPID_INVISIBLE ? "invisible"
								 : "ptraceable");
	return 0;
}

static int proc_remount(struct super_block *sb, int *flags, char *data)
{
	return proc_sb_info(sb) ? proc_parse_options(sb, data) : 0;
}

const struct super_operations proc_sops = {
    .alloc_inode = proc_alloc_inode,
    .free_inode = proc_free_inode,
    .drop_inode = generic_delete_inode,
    .evict_inode = proc_evict_inode,
    .statfs = simple_statfs,
    .show_options = proc_show_options,
    .remount_fs = proc_remount,
};

int proc_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err;

	/* The mode of what belongs to a process is not a program's to change. */
	if ((attr->ia_valid & ATTR_MODE) && PROC_I(d_inode(dentry))->pid)
		return -EPERM;
	err = setattr_prepare(dentry, attr);
	if (!err)
		setattr_copy(d_inode(dentry), attr);
	return err;
}

static int proc_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	set_nlink(inode, READ_ONCE(PROC_I(inode)->pde->nlink));
	generic_fillattr(inode, stat);
	return 0;
}

static struct dentry *proc_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	return proc_lookup_de(dir, dentry, PROC_I(dir)->pde);
}

static int proc_readdir(struct file *file, struct dir_context *ctx)
{
	proc_readdir_de(file, ctx, PROC_I(file_inode(file))->pde);
	return 0;
}

static const struct inode_operations proc_dir_inode_operations = {
    .lookup = proc_lookup,
    .getattr = proc_getattr,
    .setattr = proc_setattr,
};
static const struct file_operations proc_dir_operations = {
    .llseek = generic_file_llseek,
    .read = generic_read_dir,
    .iterate_shared = proc_readdir,
};
static const struct inode_operations proc_file_inode_operations = {
    .setattr = proc_setattr,
};

/* Takes over the caller's reference to de when it succeeds. NULL: no memory. */
struct inode *proc_get_inode(struct super_block *sb, struct proc_dir_entry *de)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = de->ino;
	inode->i_mode = de->mode;
	inode->i_private = de->data;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	set_nlink(inode, de->nlink);
	if (S_ISDIR(de->mode)) {
		inode->i_op = &proc_dir_inode_operations;
		inode->i_fop = &proc_dir_operations;
	} else if (de->iop) {
		inode->i_op = de->iop;
	} else if (S_ISLNK(de->mode)) {
		inode->i_op = &simple_symlink_inode_operations;
		inode->i_link = (char *)de->target;
		i_size_write(inode, strlen(de->target));
	} else {
		inode->i_op = &proc_file_inode_operations;
		inode->i_fop = de->fops;
	}
	PROC_I(inode)->pde = de;
	return inode;
}

static int proc_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = READ_ONCE(dentry->d_inode);

	if (!inode)
		return 1;
	if (PROC_I(inode)->pid)
		return pid_revalidate(dentry, flags);
	return !PROC_I(inode)->pde || !READ_ONCE(PROC_I(inode)->pde->deleted);
}

const struct dentry_operations proc_dentry_operations = {
    .d_revalidate = proc_d_revalidate,
};

/* What the superblocks of /proc and /sys have in common. 0 or -ENOMEM. */
int proc_fill_super_common(struct super_block *sb, unsigned long magic, struct proc_dir_entry *root)
{
	struct inode *inode;

	sb->s_blocksize = 1024;
	sb->s_blocksize_bits = 10;
	sb->s_magic = magic;
	sb->s_op = &proc_sops;
	sb->s_d_op = &proc_dentry_operations;
	sb->s_time_gran = 1;
	refcount_inc(&root->refcnt);
	inode = proc_get_inode(sb, root);
	if (!inode) {
		pde_put(root);
		return -ENOMEM;
	}
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

static int __init proc_inode_init(void)
{
	proc_inode_cachep = KMEM_CACHE(proc_inode, SLAB_PANIC);
	return 0;
}
core_initcall(proc_inode_init);
