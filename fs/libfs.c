/* SPDX-License-Identifier: MIT */
/*
 * What file systems that live in the dcache share: each existing name is a persistent dentry, a
 * directory's entries are its children. Task context; the parent's i_rwsem held where a
 * directory_operations' rule says so.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/pagemap.h>
#include <jiffy/slab.h>
#include <uapi/dirent.h>

const struct dentry_operations simple_dentry_operations;

struct dentry *simple_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	if (dentry->d_name.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	d_add(dentry, NULL);
	return NULL;
}

int simple_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	generic_fillattr(inode, stat);
	if (inode->i_mapping)
		stat->blocks = inode->i_mapping->nrpages << (PAGE_SHIFT - 9);
	return 0;
}

int simple_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int error = setattr_prepare(dentry, attr);

	if (error)
		return error;
	if (attr->ia_valid & ATTR_SIZE) {
		if (inode->i_mapping)
			truncate_setsize(inode, attr->ia_size);
		else
			i_size_write(inode, attr->ia_size);
	}
	setattr_copy(inode, attr);
	return 0;
}

int simple_statfs(struct dentry *dentry, struct statfs *buf)
{
	buf->f_type = dentry->d_sb->s_magic;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	return 0;
}

int simple_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(old);

	inode->i_ctime = dir->i_ctime = dir->i_mtime = current_time(inode);
	inc_nlink(inode);
	ihold(inode);
	d_make_persistent(dentry, inode);
	return 0;
}

bool simple_empty(struct dentry *dentry)
{
	struct dentry *child;
	bool empty = true;

	spin_lock(&dentry->d_lock);
	list_for_each_entry (child, &dentry->d_subdirs, d_child) {
		if (READ_ONCE(child->d_flags) & DCACHE_PERSISTENT) {
			empty = false;
			break;
		}
	}
	spin_unlock(&dentry->d_lock);
	return empty;
}

int simple_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	inode->i_ctime = dir->i_ctime = dir->i_mtime = current_time(inode);
	drop_nlink(inode);
	d_make_discardable(dentry);
	return 0;
}

int simple_rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!simple_empty(dentry))
		return -ENOTEMPTY;
	drop_nlink(d_inode(dentry));
	simple_unlink(dir, dentry);
	drop_nlink(dir);
	return 0;
}

static void rename_exchange_nlink(struct inode *old_dir, struct inode *old, struct inode *new_dir,
				  struct inode *new)
{
	bool old_is_dir = S_ISDIR(old->i_mode), new_is_dir = S_ISDIR(new->i_mode);

	if (old_dir == new_dir || old_is_dir == new_is_dir)
		return;
	if (old_is_dir) {
		drop_nlink(old_dir);
		inc_nlink(new_dir);
	} else {
		drop_nlink(new_dir);
		inc_nlink(old_dir);
	}
}

int simple_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
		  struct dentry *new, unsigned int flags)
{
	struct inode *inode = d_inode(old);
	bool is_dir = S_ISDIR(inode->i_mode);

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE) {
		rename_exchange_nlink(old_dir, inode, new_dir, d_inode(new));
		d_inode(new)->i_ctime = current_time(inode);
	} else {
		if (!simple_empty(new))
			return -ENOTEMPTY;
		if (d_is_positive(new)) {
			if (is_dir) {
				drop_nlink(d_inode(new));
				drop_nlink(old_dir);
			}
			simple_unlink(new_dir, new);
		} else if (is_dir) {
			drop_nlink(old_dir);
			inc_nlink(new_dir);
		}
	}
	old_dir->i_ctime = old_dir->i_mtime = new_dir->i_ctime = new_dir->i_mtime = inode->i_ctime =
	    current_time(old_dir);
	return 0;
}

const char *simple_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done)
{
	return inode->i_link;
}

void kfree_link(void *p)
{
	kfree(p);
}

const struct inode_operations simple_symlink_inode_operations = {
    .get_link = simple_get_link,
};

/*
 * Reading a directory of dentries. Each entry's position is given when a listing first meets it,
 * and kept in d_time, so that entries made or removed between two calls neither
 * repeat nor hide others. 0 and 1 are `.` and `..`.
 */
static atomic64_t dir_cookie = ATOMIC64_INIT(2);

static loff_t dentry_cookie(struct dentry *dentry)
{
	lockdep_assert_held(&dentry->d_parent->d_lock);
	if (!dentry->d_time)
		dentry->d_time = atomic64_inc_return(&dir_cookie);
	return dentry->d_time;
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, file_inode(file)->i_ino, DT_DIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		struct dentry *parent = dget_parent(file_dentry(file));
		ino_t ino = d_inode(parent)->i_ino;

		dput(parent);
		if (!dir_emit(ctx, "..", 2, ino, DT_DIR))
			return false;
		ctx->pos = 2;
	}
	return true;
}

/*
 * The entry behind prev (NULL: the first with a cookie of at least pos), referenced. Children are
 * put at the front of the list and cookies are given from its end, in passes over all of it: so
 * they rise from the end to the front. The directory's i_rwsem is held, so that only nameless
 * leftovers of look-ups leave the list meanwhile, and prev, which is referenced, does not.
 */
static struct dentry *next_positive(struct dentry *parent, struct dentry *prev, loff_t pos)
{
	struct list_head *p = prev ? &prev->d_child : &parent->d_subdirs;
	struct dentry *found = NULL;

	spin_lock(&parent->d_lock);
	for (p = p->prev; p != &parent->d_subdirs; p = p->prev) {
		struct dentry *child = list_entry(p, struct dentry, d_child);

		if (!(READ_ONCE(child->d_flags) & DCACHE_PERSISTENT) || d_unhashed(child))
			continue;
		if (dentry_cookie(child) >= pos && dget_not_dead(child)) {
			found = child;
			break;
		}
	}
	spin_unlock(&parent->d_lock);
	return found;
}

int dcache_dir_open(struct inode *inode, struct file *file)
{
	return 0;
}

int dcache_dir_close(struct inode *inode, struct file *file)
{
	return 0;
}

loff_t dcache_dir_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	return vfs_setpos(file, offset, OFFSET_MAX);
}

int dcache_readdir(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file_dentry(file), *prev = NULL, *child;

	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((child = next_positive(dir, prev, ctx->pos))) {
		struct inode *inode = d_inode(child);

		dput(prev);
		prev = child;
		ctx->pos = child->d_time;
		if (!dir_emit(ctx, child->d_name.name, child->d_name.len, inode->i_ino,
			      fs_umode_to_dtype(inode->i_mode)))
			break;
		ctx->pos++;
	}
	dput(prev);
	return 0;
}

ssize_t generic_read_dir(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return -EISDIR;
}

const struct file_operations simple_dir_operations = {
    .open = dcache_dir_open,
    .release = dcache_dir_close,
    .llseek = dcache_dir_lseek,
    .read = generic_read_dir,
    .iterate_shared = dcache_readdir,
    .fsync = noop_fsync,
};

const struct inode_operations simple_dir_inode_operations = {
    .lookup = simple_lookup,
};

int simple_open(struct inode *inode, struct file *file)
{
	if (inode->i_private)
		file->private_data = inode->i_private;
	return 0;
}

ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos, const void *from,
				size_t available)
{
	loff_t pos = *ppos;
	size_t left;

	if (pos < 0)
		return -EINVAL;
	if (pos >= (loff_t)available || !count)
		return 0;
	count = min(count, (size_t)(available - pos));
	left = copy_to_user(to, (const char *)from + pos, count);
	if (left == count)
		return -EFAULT;
	count -= left;
	*ppos = pos + count;
	return count;
}

ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos, const void __user *from,
			       size_t count)
{
	loff_t pos = *ppos;
	size_t left;

	if (pos < 0)
		return -EINVAL;
	if (pos >= (loff_t)available || !count)
		return 0;
	count = min(count, (size_t)(available - pos));
	left = copy_from_user((char *)to + pos, from, count);
	if (left == count)
		return -EFAULT;
	count -= left;
	*ppos = pos + count;
	return count;
}

static struct inode *simple_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_mode = mode;
	inode->i_atime = inode->i_mtime = inode->i_ctime = inode->i_btime = current_time(inode);
	if (S_ISDIR(mode)) {
		inode->i_op = &simple_dir_inode_operations;
		inode->i_fop = &simple_dir_operations;
		set_nlink(inode, 2);
	}
	return inode;
}

/* A new persistent entry of parent, whose lock is taken here. ERR_PTR. */
static struct dentry *simple_add(struct dentry *parent, const char *name, struct inode *inode)
{
	struct inode *dir = d_inode(parent);
	struct dentry *dentry;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode_lock_nested(dir, I_MUTEX_PARENT);
	dentry = lookup_one_len(name, parent, strlen(name));
	if (!IS_ERR(dentry) && d_is_positive(dentry)) {
		dput(dentry);
		dentry = ERR_PTR(-EEXIST);
	}
	if (IS_ERR(dentry)) {
		iput(inode);
	} else {
		d_make_persistent(dentry, inode);
		if (S_ISDIR(inode->i_mode))
			inc_nlink(dir);
		dir->i_mtime = dir->i_ctime = inode->i_ctime;
		dput(dentry); /* the file system's own reference stays */
	}
	inode_unlock(dir);
	return dentry;
}

struct dentry *simple_create_file(struct dentry *parent, const char *name, umode_t mode,
				  const struct file_operations *fops, void *data)
{
	struct inode *inode = simple_inode(parent->d_sb, mode & S_IFMT ? mode : mode | S_IFREG);

	if (inode) {
		inode->i_fop = fops;
		inode->i_private = data;
	}
	return simple_add(parent, name, inode);
}

struct dentry *simple_create_dir(struct dentry *parent, const char *name, umode_t mode)
{
	return simple_add(parent, name, simple_inode(parent->d_sb, (mode & ~S_IFMT) | S_IFDIR));
}

struct dentry *simple_create_symlink(struct dentry *parent, const char *name, const char *target)
{
	struct inode *inode = simple_inode(parent->d_sb, S_IFLNK | 0777);

	if (inode) {
		inode->i_op = &simple_symlink_inode_operations;
		inode->i_link = (char *)target;
		inode->i_size = strlen(target);
	}
	return simple_add(parent, name, inode);
}

int simple_remove(struct dentry *dentry)
{
	struct dentry *parent = dget_parent(dentry);
	struct inode *dir = d_inode(parent);

	dget(dentry);
	inode_lock_nested(dir, I_MUTEX_PARENT);
	if (d_is_positive(dentry) && !d_unhashed(dentry)) {
		struct inode *inode = d_inode(dentry);

		if (S_ISDIR(inode->i_mode)) {
			d_genocide(dentry);
			inode_lock_nested(inode, I_MUTEX_CHILD);
			inode->i_flags |= S_DEAD;
			inode_unlock(inode);
			clear_nlink(inode);
			drop_nlink(dir);
		} else {
			drop_nlink(inode);
		}
		dir->i_mtime = dir->i_ctime = current_time(dir);
		d_invalidate(dentry);
		d_make_discardable(dentry);
	}
	inode_unlock(dir);
	dput(dentry);
	dput(parent);
	return 0;
}

int simple_fill_super(struct super_block *sb, unsigned long magic, const struct tree_descr *files)
{
	static const struct super_operations s_ops = {.statfs = simple_statfs};
	struct inode *root;

	sb->s_magic = magic;
	sb->s_op = &s_ops;
	root = simple_inode(sb, S_IFDIR | 0755);
	sb->s_root = d_make_root(root);
	if (!sb->s_root)
		return -ENOMEM;
	for (; files && files->name && files->name[0]; files++) {
		struct dentry *d = simple_create_file(sb->s_root, files->name,
						      S_IFREG | files->mode, files->ops, NULL);

		if (IS_ERR(d))
			return PTR_ERR(d);
	}
	return 0;
}

static DEFINE_MUTEX(pin_fs_lock);

int simple_pin_fs(struct file_system_type *type, struct vfsmount **mount, int *count)
{
	int err = 0;

	mutex_lock(&pin_fs_lock);
	if (!*mount) {
		struct vfsmount *mnt = vfs_kern_mount(type, SB_KERNMOUNT, type->name, NULL);

		if (IS_ERR(mnt))
			err = PTR_ERR(mnt);
		else
			*mount = mnt;
	}
	if (!err)
		(*count)++;
	mutex_unlock(&pin_fs_lock);
	return err;
}

void simple_release_fs(struct vfsmount **mount, int *count)
{
	struct vfsmount *mnt = NULL;

	mutex_lock(&pin_fs_lock);
	if (!--*count) {
		mnt = *mount;
		*mount = NULL;
	}
	mutex_unlock(&pin_fs_lock);
	mntput(mnt);
}
