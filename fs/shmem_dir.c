/* SPDX-License-Identifier: MIT */
/*
 * tmpfs's names, inodes and mounts (tmpfs(5)). A directory's entries are persistent dentries; its
 * size counts them, 20 bytes each, as Linux shows it.
 */
#include "shmem.h"
#include <jiffy/mm.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/xattr.h>

#define DIRENT_SIZE 20

static struct kmem_cache *shmem_inode_cachep;

static bool charge_inode(struct super_block *sb)
{
	struct shmem_sb_info *info = SHMEM_SB(sb);

	if (atomic_long_add_return(1, &info->used_inodes) <= (long)info->max_inodes ||
	    !info->max_inodes)
		return true;
	atomic_long_dec(&info->used_inodes);
	return false;
}

static const struct inode_operations shmem_symlink_inode_operations = {
    .get_link = simple_get_link,
    .setattr = shmem_setattr,
    .listxattr = shmem_listxattr,
};

static const struct inode_operations shmem_special_inode_operations = {
    .setattr = shmem_setattr,
    .listxattr = shmem_listxattr,
};

struct inode *shmem_get_inode(struct super_block *sb, const struct inode *dir, umode_t mode,
			      dev_t dev)
{
	struct inode *inode;

	if (!charge_inode(sb))
		return ERR_PTR(-ENOSPC);
	inode = new_inode(sb);
	if (!inode) {
		atomic_long_dec(&SHMEM_SB(sb)->used_inodes);
		return ERR_PTR(-ENOMEM);
	}
	simple_xattrs_init(&SHMEM_I(inode)->xattrs);
	SHMEM_I(inode)->seals = F_SEAL_SEAL;
	inode_init_owner(inode, dir, mode);
	inode->i_atime = inode->i_mtime = inode->i_ctime = inode->i_btime = current_time(inode);
	switch (mode & S_IFMT) {
	case S_IFREG:
		address_space_init(&SHMEM_I(inode)->mapping, inode);
		inode->i_mapping = &SHMEM_I(inode)->mapping;
		shmem_file_init(inode);
		break;
	case S_IFDIR:
		set_nlink(inode, 2);
		inode->i_size = 2 * DIRENT_SIZE;
		inode->i_op = &shmem_dir_inode_operations;
		inode->i_fop = &simple_dir_operations;
		break;
	case S_IFLNK:
		inode->i_op = &shmem_symlink_inode_operations;
		break;
	default:
		inode->i_op = &shmem_special_inode_operations;
		init_special_inode(inode, inode->i_mode, dev);
	}
	return inode;
}

static void dir_changed(struct inode *dir, int entries)
{
	dir->i_size += entries * DIRENT_SIZE;
	dir->i_ctime = dir->i_mtime = current_time(dir);
}

static int shmem_mknod(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev)
{
	struct inode *inode = shmem_get_inode(dir->i_sb, dir, mode, dev);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	d_make_persistent(dentry, inode);
	dir_changed(dir, 1);
	return 0;
}

static int shmem_create(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl)
{
	return shmem_mknod(dir, dentry, mode | S_IFREG, 0);
}

static int shmem_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	int error = shmem_mknod(dir, dentry, mode | S_IFDIR, 0);

	if (!error)
		inc_nlink(dir);
	return error;
}

static int shmem_tmpfile(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = shmem_get_inode(dir->i_sb, dir, mode, 0);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	d_tmpfile(dentry, inode);
	return 0;
}

static int shmem_symlink(struct inode *dir, struct dentry *dentry, const char *target)
{
	size_t len = strlen(target);
	struct inode *inode;
	char *copy;

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	copy = kmemdup(target, len + 1, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	inode = shmem_get_inode(dir->i_sb, dir, S_IFLNK | S_IRWXUGO, 0);
	if (IS_ERR(inode)) {
		kfree(copy);
		return PTR_ERR(inode);
	}
	inode->i_link = copy;
	inode->i_size = len;
	d_make_persistent(dentry, inode);
	dir_changed(dir, 1);
	return 0;
}

static int shmem_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	/* Each further name keeps a dentry in memory, so it counts as an inode does. */
	if (d_inode(old)->i_nlink && !charge_inode(d_inode(old)->i_sb))
		return -ENOSPC;
	simple_link(old, dir, dentry);
	dir_changed(dir, 1);
	return 0;
}

static int shmem_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	if (inode->i_nlink > 1 && !S_ISDIR(inode->i_mode))
		atomic_long_dec(&SHMEM_SB(inode->i_sb)->used_inodes);
	simple_unlink(dir, dentry);
	dir_changed(dir, -1);
	return 0;
}

static int shmem_rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!simple_empty(dentry))
		return -ENOTEMPTY;
	drop_nlink(d_inode(dentry));
	drop_nlink(dir);
	return shmem_unlink(dir, dentry);
}

static int shmem_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
			struct dentry *new, unsigned int flags)
{
	struct inode *target = d_inode(new);
	bool extra_name = target && !S_ISDIR(target->i_mode) && target->i_nlink > 1;
	int error = simple_rename(old_dir, old, new_dir, new, flags);

	if (error || (flags & RENAME_EXCHANGE))
		return error;
	if (extra_name)
		atomic_long_dec(&SHMEM_SB(target->i_sb)->used_inodes);
	old_dir->i_size -= DIRENT_SIZE;
	if (!target)
		new_dir->i_size += DIRENT_SIZE;
	return 0;
}

static int shmem_xattr_get(struct inode *inode, const char *name, void *value, size_t size)
{
	return simple_xattr_get(&SHMEM_I(inode)->xattrs, name, value, size);
}

static int shmem_xattr_set(struct inode *inode, const char *name, const void *value, size_t size,
			   int flags)
{
	return simple_xattr_set(&SHMEM_I(inode)->xattrs, name, value, size, flags);
}

ssize_t shmem_listxattr(struct dentry *dentry, char *buf, size_t size)
{
	return simple_xattr_list(&SHMEM_I(d_inode(dentry))->xattrs, buf, size);
}

static const struct xattr_handler shmem_user_xattr = {
    .prefix = XATTR_USER_PREFIX, .get = shmem_xattr_get, .set = shmem_xattr_set};
static const struct xattr_handler shmem_trusted_xattr = {
    .prefix = XATTR_TRUSTED_PREFIX, .get = shmem_xattr_get, .set = shmem_xattr_set};
static const struct xattr_handler shmem_security_xattr = {
    .prefix = XATTR_SECURITY_PREFIX, .get = shmem_xattr_get, .set = shmem_xattr_set};
static const struct xattr_handler *const shmem_xattr_handlers[] = {
    &shmem_user_xattr, &shmem_trusted_xattr, &shmem_security_xattr, NULL};

const struct inode_operations shmem_dir_inode_operations = {
    .create = shmem_create,
    .lookup = simple_lookup,
    .link = shmem_link,
    .unlink = shmem_unlink,
    .symlink = shmem_symlink,
    .mkdir = shmem_mkdir,
    .rmdir = shmem_rmdir,
    .mknod = shmem_mknod,
    .rename = shmem_rename,
    .tmpfile = shmem_tmpfile,
    .setattr = shmem_setattr,
    .listxattr = shmem_listxattr,
};

static struct inode *shmem_alloc_inode(struct super_block *sb)
{
	struct shmem_inode_info *info = kmem_cache_alloc(shmem_inode_cachep, GFP_KERNEL);

	return info ? &info->vfs_inode : NULL;
}

static void shmem_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	kmem_cache_free(shmem_inode_cachep, SHMEM_I(inode));
}

static void shmem_evict_inode(struct inode *inode)
{
	if (inode->i_mapping) {
		truncate_inode_pages_final(inode->i_mapping);
		xa_destroy(&inode->i_mapping->i_pages);
	}
	simple_xattrs_free(&SHMEM_I(inode)->xattrs);
	atomic_long_dec(&SHMEM_SB(inode->i_sb)->used_inodes);
	clear_inode(inode);
}

static int shmem_statfs(struct dentry *dentry, struct statfs *buf)
{
	struct shmem_sb_info *info = SHMEM_SB(dentry->d_sb);

	buf->f_type = TMPFS_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	if (info->max_blocks) {
		buf->f_blocks = info->max_blocks;
		buf->f_bavail = buf->f_bfree =
		    info->max_blocks - atomic_long_read(&info->used_blocks);
	}
	if (info->max_inodes) {
		buf->f_files = info->max_inodes;
		buf->f_ffree = info->max_inodes - atomic_long_read(&info->used_inodes);
	}
	return 0;
}

static unsigned long default_max_blocks(void)
{
	return totalram_pages() / 2;
}

static int shmem_show_options(struct seq_file *m, struct dentry *root)
{
	struct shmem_sb_info *info = SHMEM_SB(root->d_sb);

	if (info->max_blocks != default_max_blocks())
		seq_printf(m, ",size=%luk", info->max_blocks << (PAGE_SHIFT - 10));
	if (info->max_inodes != default_max_blocks())
		seq_printf(m, ",nr_inodes=%lu", info->max_inodes);
	if (info->mode != (S_IRWXUGO | S_ISVTX))
		seq_printf(m, ",mode=%03o", info->mode);
	if (info->uid)
		seq_printf(m, ",uid=%u", from_kuid_munged(&init_user_ns, info->uid));
	if (info->gid)
		seq_printf(m, ",gid=%u", from_kgid_munged(&init_user_ns, info->gid));
	return 0;
}

/* A share of memory ("50%") or a size with a unit, in pages. */
static int parse_size(const char *s, unsigned long *pages)
{
	char *rest;
	unsigned long long size = memparse(s, &rest);

	if (rest == s)
		return -EINVAL;
	if (*rest == '%') {
		size = (size << PAGE_SHIFT) * totalram_pages() / 100;
		rest++;
	}
	if (*rest)
		return -EINVAL;
	*pages = DIV_ROUND_UP(size, PAGE_SIZE);
	return 0;
}

static int parse_one(struct shmem_sb_info *info, const char *key, const char *val)
{
	unsigned int n;
	unsigned long long count;
	char *rest;

	if (!strcmp(key, "size"))
		return parse_size(val, &info->max_blocks);
	if (!strcmp(key, "nr_blocks") || !strcmp(key, "nr_inodes")) {
		count = memparse(val, &rest);
		if (*rest || rest == val)
			return -EINVAL;
		*(key[3] == 'b' ? &info->max_blocks : &info->max_inodes) = count;
		return 0;
	}
	if (!strcmp(key, "mode")) {
		if (kstrtouint(val, 8, &n))
			return -EINVAL;
		info->mode = n & 07777;
		return 0;
	}
	if (!strcmp(key, "uid") || !strcmp(key, "gid")) {
		if (kstrtouint(val, 10, &n))
			return -EINVAL;
		if (key[0] == 'u')
			info->uid = make_kuid(current_user_ns(), n);
		else
			info->gid = make_kgid(current_user_ns(), n);
		return uid_valid(key[0] == 'u' ? info->uid : info->gid) ? 0 : -EINVAL;
	}
	/* Where memory comes from and huge pages: accepted, as there is one answer only. */
	if (!strcmp(key, "huge") || !strcmp(key, "mpol") || !strcmp(key, "inode32") ||
	    !strcmp(key, "inode64"))
		return 0;
	pr_err("tmpfs: unknown option '%s'\n", key);
	return -EINVAL;
}

static int shmem_parse_options(struct shmem_sb_info *info, char *options)
{
	char *opt, *val;
	int err;

	while ((opt = strsep(&options, ",")) != NULL) {
		if (!*opt)
			continue;
		val = strchr(opt, '=');
		if (val)
			*val++ = 0;
		err = parse_one(info, opt, val ? val : "");
		if (err)
			return err;
	}
	return 0;
}

static int shmem_remount_fs(struct super_block *sb, int *flags, char *data)
{
	struct shmem_sb_info *info = SHMEM_SB(sb), new = *info;
	int error = shmem_parse_options(&new, data);

	if (error)
		return error;
	if (new.max_blocks && atomic_long_read(&info->used_blocks) > (long)new.max_blocks)
		return -EINVAL;
	if (new.max_inodes && atomic_long_read(&info->used_inodes) > (long)new.max_inodes)
		return -EINVAL;
	info->max_blocks = new.max_blocks;
	info->max_inodes = new.max_inodes;
	return 0;
}

static void shmem_put_super(struct super_block *sb)
{
	kfree(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

const struct super_operations shmem_ops = {
    .alloc_inode = shmem_alloc_inode,
    .free_inode = shmem_free_inode,
    .evict_inode = shmem_evict_inode,
    .put_super = shmem_put_super,
    .statfs = shmem_statfs,
    .remount_fs = shmem_remount_fs,
    .show_options = shmem_show_options,
};

int shmem_fill_super(struct super_block *sb, void *data, int silent)
{
	struct shmem_sb_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	struct inode *inode;
	int err;

	if (!info)
		return -ENOMEM;
	info->mode = S_IRWXUGO | S_ISVTX;
	info->uid = current_fsuid();
	info->gid = current_fsgid();
	/* The kernel's own instance has no limit but memory. */
	if (!(sb->s_flags & SB_KERNMOUNT))
		info->max_blocks = info->max_inodes = default_max_blocks();
	err = shmem_parse_options(info, data);
	if (err) {
		kfree(info);
		return err;
	}
	sb->s_fs_info = info;
	sb->s_magic = TMPFS_MAGIC;
	sb->s_op = &shmem_ops;
	sb->s_xattr = shmem_xattr_handlers;
	inode = shmem_get_inode(sb, NULL, S_IFDIR | info->mode, 0);
	if (!IS_ERR(inode)) {
		inode->i_uid = info->uid;
		inode->i_gid = info->gid;
		sb->s_root = d_make_root(inode);
		if (sb->s_root)
			return 0;
	}
	kfree(info);
	sb->s_fs_info = NULL;
	return -ENOMEM;
}

static struct dentry *shmem_mount(struct file_system_type *type, int flags, const char *dev_name,
				  void *data)
{
	return mount_nodev(type, flags, data, shmem_fill_super);
}

struct file_system_type shmem_fs_type = {
    .name = "tmpfs",
    .fs_flags = FS_USERNS_MOUNT,
    .mount = shmem_mount,
    .kill_sb = kill_litter_super,
};

void shmem_init(void)
{
	shmem_inode_cachep = KMEM_CACHE(shmem_inode_info, SLAB_PANIC | SLAB_HWCACHE_ALIGN);
	if (register_filesystem(&shmem_fs_type))
		panic("tmpfs: registered twice");
	shmem_kern_mount();
}
