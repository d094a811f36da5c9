/* SPDX-License-Identifier: MIT */
/*
 * Changing directories: mkdir(2), mknod(2), symlink(2), link(2), unlink(2), rmdir(2), rename(2)
 * and their *at() forms; the vfs_ functions check permission and call the file system with the
 * parents' i_rwsem held. Lock order: parents (ancestor first), then victim and target.
 */
#include "namei.h"
#include <arch/uaccess.h>
#include <jiffy/fsnotify.h>
#include <jiffy/syscalls.h>

int may_create(struct inode *dir, struct dentry *child)
{
	if (d_is_positive(child))
		return -EEXIST;
	if (IS_DEADDIR(dir))
		return -ENOENT;
	if (!kuid_has_mapping(dir->i_sb->s_user_ns, current_fsuid()) ||
	    !kgid_has_mapping(dir->i_sb->s_user_ns, current_fsgid()))
		return -EOVERFLOW;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/* In a sticky directory only the owner of the entry or of the directory may remove it. */
static bool check_sticky(struct inode *dir, struct inode *inode)
{
	if (!(dir->i_mode & S_ISVTX) || uid_eq(inode->i_uid, current_fsuid()) ||
	    uid_eq(dir->i_uid, current_fsuid()))
		return false;
	return !ns_capable(current_user_ns(), CAP_FOWNER) ||
	       !kuid_has_mapping(current_user_ns(), inode->i_uid);
}

int may_delete(struct inode *dir, struct dentry *victim, bool isdir)
{
	struct inode *inode = d_inode(victim);
	int error;

	if (!inode)
		return -ENOENT;
	error = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (error)
		return error;
	if (IS_APPEND(dir) || check_sticky(dir, inode) || IS_APPEND(inode) || IS_IMMUTABLE(inode))
		return -EPERM;
	if (isdir) {
		if (!S_ISDIR(inode->i_mode))
			return -ENOTDIR;
		if (IS_ROOT(victim))
			return -EBUSY;
	} else if (S_ISDIR(inode->i_mode)) {
		return -EISDIR;
	}
	return IS_DEADDIR(dir) ? -ENOENT : 0;
}

int vfs_create(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl)
{
	int error = may_create(dir, dentry);

	if (error)
		return error;
	if (!dir->i_op->create)
		return -EACCES;
	error = dir->i_op->create(dir, dentry, (mode & S_IALLUGO) | S_IFREG, excl);
	if (!error)
		fsnotify_dir(dir, IN_CREATE, &dentry->d_name, 0);
	return error;
}

int vfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev)
{
	bool whiteout = S_ISCHR(mode) && dev == 0;
	int error = may_create(dir, dentry);

	if (error)
		return error;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !whiteout && !capable(CAP_MKNOD))
		return -EPERM;
	if (!dir->i_op->mknod)
		return -EPERM;
	error = dir->i_op->mknod(dir, dentry, mode, dev);
	if (!error)
		fsnotify_dir(dir, IN_CREATE, &dentry->d_name, 0);
	return error;
}

int vfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	int error = may_create(dir, dentry);

	if (error)
		return error;
	if (!dir->i_op->mkdir)
		return -EPERM;
	error = dir->i_op->mkdir(dir, dentry, mode & (S_IRWXUGO | S_ISVTX));
	if (!error)
		fsnotify_dir(dir, IN_CREATE | IN_ISDIR, &dentry->d_name, 0);
	return error;
}

int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *target)
{
	int error = may_create(dir, dentry);

	if (error)
		return error;
	if (!dir->i_op->symlink)
		return -EPERM;
	error = dir->i_op->symlink(dir, dentry, target);
	if (!error)
		fsnotify_dir(dir, IN_CREATE, &dentry->d_name, 0);
	return error;
}

int vfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode;
	int error = may_delete(dir, dentry, true);

	if (error)
		return error;
	if (!dir->i_op->rmdir)
		return -EPERM;
	inode = d_inode(dentry);
	dget(dentry);
	inode_lock_nested(inode, I_MUTEX_CHILD);
	error = is_local_mountpoint(dentry) ? -EBUSY : dir->i_op->rmdir(dir, dentry);
	if (!error)
		inode->i_flags |= S_DEAD;
	inode_unlock(inode);
	if (!error) {
		detach_mounts(dentry);
		d_delete(dentry);
		fsnotify_dir(dir, IN_DELETE | IN_ISDIR, &dentry->d_name, 0);
	}
	dput(dentry);
	return error;
}

int vfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int error = may_delete(dir, dentry, false);

	if (error)
		return error;
	if (!dir->i_op->unlink)
		return -EPERM;
	dget(dentry);
	inode_lock(inode);
	error = is_local_mountpoint(dentry) ? -EBUSY : dir->i_op->unlink(dir, dentry);
	inode_unlock(inode);
	if (!error) {
		detach_mounts(dentry);
		fsnotify_inode(inode, IN_ATTRIB);
		d_delete(dentry);
		fsnotify_dir(dir, IN_DELETE, &dentry->d_name, 0);
	}
	dput(dentry);
	return error;
}

int vfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = d_inode(old);
	int error;

	if (!inode)
		return -ENOENT;
	error = may_create(dir, new);
	if (error)
		return error;
	if (dir->i_sb != inode->i_sb)
		return -EXDEV;
	if (IS_APPEND(inode) || IS_IMMUTABLE(inode) || !dir->i_op->link || S_ISDIR(inode->i_mode))
		return -EPERM;
	inode_lock(inode);
	if (!inode->i_nlink && !(inode->i_state & I_LINKABLE))
		error = -ENOENT;
	else
		error = dir->i_op->link(old, dir, new);
	if (!error && (inode->i_state & I_LINKABLE)) {
		spin_lock(&inode->i_lock);
		inode->i_state &= ~I_LINKABLE;
		spin_unlock(&inode->i_lock);
	}
	inode_unlock(inode);
	if (!error) {
		fsnotify_inode(inode, IN_ATTRIB);
		fsnotify_dir(dir, IN_CREATE, &new->d_name, 0);
	}
	return error;
}

struct dentry *lock_rename(struct dentry *p1, struct dentry *p2)
{
	if (p1 == p2) {
		inode_lock_nested(d_inode(p1), I_MUTEX_PARENT);
		return NULL;
	}
	/* Only this mutex makes "is an ancestor of" stay true until the locks are taken. */
	mutex_lock(&p1->d_sb->s_vfs_rename_mutex);
	if (is_subdir(p1, p2)) {
		inode_lock_nested(d_inode(p2), I_MUTEX_PARENT);
		inode_lock_nested(d_inode(p1), I_MUTEX_PARENT2);
		for (; p1->d_parent != p2; p1 = p1->d_parent)
			if (IS_ROOT(p1))
				return NULL;
		return p1;
	}
	inode_lock_nested(d_inode(p1), I_MUTEX_PARENT);
	inode_lock_nested(d_inode(p2), I_MUTEX_PARENT2);
	if (!is_subdir(p2, p1))
		return NULL;
	for (; p2->d_parent != p1; p2 = p2->d_parent)
		if (IS_ROOT(p2))
			return NULL;
	return p2;
}

void unlock_rename(struct dentry *p1, struct dentry *p2)
{
	inode_unlock(d_inode(p1));
	if (p1 != p2) {
		inode_unlock(d_inode(p2));
		mutex_unlock(&p1->d_sb->s_vfs_rename_mutex);
	}
}

static int rename_permission(struct renamedata *rd, bool is_dir, bool new_is_dir)
{
	int error = may_delete(rd->old_dir, rd->old_dentry, is_dir);

	if (error)
		return error;
	if (d_is_negative(rd->new_dentry))
		error = may_create(rd->new_dir, rd->new_dentry);
	else if (rd->flags & RENAME_EXCHANGE)
		error = may_delete(rd->new_dir, rd->new_dentry, new_is_dir);
	else
		error = may_delete(rd->new_dir, rd->new_dentry, is_dir);
	if (error)
		return error;
	if (!rd->old_dir->i_op->rename)
		return -EPERM;
	/* A directory that changes its parent has its `..` written. */
	if (rd->new_dir != rd->old_dir) {
		if (is_dir)
			error = inode_permission(d_inode(rd->old_dentry), MAY_WRITE);
		if (!error && (rd->flags & RENAME_EXCHANGE) && new_is_dir)
			error = inode_permission(d_inode(rd->new_dentry), MAY_WRITE);
	}
	return error;
}

static void rename_notify(struct renamedata *rd, struct inode *source, struct inode *target,
			  const struct qstr *old_name)
{
	u32 cookie = fsnotify_get_cookie(), dir = S_ISDIR(source->i_mode) ? IN_ISDIR : 0;

	fsnotify_dir(rd->old_dir, IN_MOVED_FROM | dir, old_name, cookie);
	fsnotify_dir(rd->new_dir, IN_MOVED_TO | dir, &rd->old_dentry->d_name, cookie);
	fsnotify_inode(source, IN_MOVE_SELF);
	if (target && !(rd->flags & RENAME_EXCHANGE))
		fsnotify_inode(target, IN_ATTRIB);
	else if (target)
		fsnotify_inode(target, IN_MOVE_SELF);
}

int vfs_rename(struct renamedata *rd)
{
	struct dentry *old = rd->old_dentry, *new = rd->new_dentry;
	struct inode *source = d_inode(old), *target = d_inode(new);
	bool is_dir = S_ISDIR(source->i_mode), new_is_dir = target && S_ISDIR(target->i_mode);
	char name_copy[NAME_MAX + 1];
	struct qstr old_name;
	int error;

	if (source == target)
		return 0;
	error = rename_permission(rd, is_dir, new_is_dir);
	if (error)
		return error;
	memcpy(name_copy, old->d_name.name, old->d_name.len + 1);
	old_name = (struct qstr){.len = old->d_name.len, .name = name_copy};
	dget(new);
	if (target && new_is_dir)
		inode_lock_nested(target, I_MUTEX_CHILD);
	lock_two_nondirectories(is_dir ? NULL : source, new_is_dir ? NULL : target);
	error = -EBUSY;
	if (is_local_mountpoint(old) || is_local_mountpoint(new))
		goto out;
	error = rd->old_dir->i_op->rename(rd->old_dir, old, rd->new_dir, new, rd->flags);
	if (error)
		goto out;
	if (target && !(rd->flags & RENAME_EXCHANGE) && is_dir)
		target->i_flags |= S_DEAD;
	if (rd->flags & RENAME_EXCHANGE)
		d_exchange(old, new);
	else
		d_move(old, new);
out:
	unlock_two_nondirectories(is_dir ? NULL : source, new_is_dir ? NULL : target);
	if (target && new_is_dir)
		inode_unlock(target);
	if (!error) {
		if (target && !(rd->flags & RENAME_EXCHANGE))
			detach_mounts(new);
		rename_notify(rd, source, target, &old_name);
	}
	dput(new);
	return error;
}

/* The parent locked for writing and a negative dentry for the last name. */
static struct dentry *filename_create(int dfd, struct filename *name, struct path *path,
				      unsigned int flags)
{
	bool is_dir = flags & LOOKUP_DIRECTORY;
	struct dentry *dentry = ERR_PTR(-EEXIST);
	enum last_type type;
	struct qstr last;
	int error, ro;

	error = filename_parentat(dfd, name, flags & LOOKUP_REVAL, path, &last, &type);
	if (error)
		return ERR_PTR(error);
	if (unlikely(type != LAST_NORM))
		goto out;
	ro = mnt_want_write(path->mnt);
	inode_lock_nested(d_inode(path->dentry), I_MUTEX_PARENT);
	dentry = lookup_hash(&last, path->dentry, LOOKUP_CREATE | LOOKUP_EXCL);
	if (IS_ERR(dentry))
		goto unlock;
	error = -EEXIST;
	if (d_is_positive(dentry))
		goto fail;
	/* A trailing slash is right for a directory only. */
	error = -ENOENT;
	if (unlikely(!is_dir && last.name[last.len]))
		goto fail;
	error = ro;
	if (unlikely(error))
		goto fail;
	return dentry;
fail:
	dput(dentry);
	dentry = ERR_PTR(error);
unlock:
	inode_unlock(d_inode(path->dentry));
	if (!ro)
		mnt_drop_write(path->mnt);
out:
	path_put(path);
	return dentry;
}

struct dentry *kern_path_create(int dfd, const char *name, struct path *path, unsigned int flags)
{
	struct filename *filename = getname_kernel(name);
	struct dentry *res = filename_create(dfd, filename, path, flags);

	putname(filename);
	return res;
}

struct dentry *user_path_create(int dfd, const char __user *name, struct path *path,
				unsigned int flags)
{
	struct filename *filename = getname(name);
	struct dentry *res = filename_create(dfd, filename, path, flags);

	putname(filename);
	return res;
}

void done_path_create(struct path *path, struct dentry *dentry)
{
	dput(dentry);
	inode_unlock(d_inode(path->dentry));
	mnt_drop_write(path->mnt);
	path_put(path);
}

static int may_mknod(umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
	case 0:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

static int do_mknodat(int dfd, struct filename *name, umode_t mode, dev_t dev)
{
	struct dentry *dentry;
	struct path path;
	int error = may_mknod(mode);

	if (error)
		goto out;
	dentry = filename_create(dfd, name, &path, 0);
	error = PTR_ERR_OR_ZERO(dentry);
	if (error)
		goto out;
	mode &= ~current_umask();
	if (S_ISREG(mode) || !(mode & S_IFMT))
		error = vfs_create(d_inode(path.dentry), dentry, mode, true);
	else
		error = vfs_mknod(d_inode(path.dentry), dentry, mode,
				  S_ISCHR(mode) || S_ISBLK(mode) ? dev : 0);
	done_path_create(&path, dentry);
out:
	putname(name);
	return error;
}

SYSCALL_DEFINE4(mknodat, int, dfd, const char __user *, filename, umode_t, mode, unsigned int, dev)
{
	return do_mknodat(dfd, getname(filename), mode, dev);
}

SYSCALL_DEFINE3(mknod, const char __user *, filename, umode_t, mode, unsigned int, dev)
{
	return do_mknodat(AT_FDCWD, getname(filename), mode, dev);
}

int do_mknod_kern(const char *name, umode_t mode, dev_t dev)
{
	return do_mknodat(AT_FDCWD, getname_kernel(name), mode, dev);
}

static int do_mkdirat(int dfd, struct filename *name, umode_t mode)
{
	struct path path;
	struct dentry *dentry = filename_create(dfd, name, &path, LOOKUP_DIRECTORY);
	int error = PTR_ERR_OR_ZERO(dentry);

	if (!error) {
		error = vfs_mkdir(d_inode(path.dentry), dentry, mode & ~current_umask());
		done_path_create(&path, dentry);
	}
	putname(name);
	return error;
}

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, pathname, umode_t, mode)
{
	return do_mkdirat(dfd, getname(pathname), mode);
}

SYSCALL_DEFINE2(mkdir, const char __user *, pathname, umode_t, mode)
{
	return do_mkdirat(AT_FDCWD, getname(pathname), mode);
}

int do_mkdir_kern(const char *name, umode_t mode)
{
	return do_mkdirat(AT_FDCWD, getname_kernel(name), mode);
}

static int do_symlinkat(struct filename *from, int dfd, struct filename *to)
{
	struct dentry *dentry;
	struct path path;
	int error = PTR_ERR_OR_ZERO(from);

	if (!error) {
		dentry = filename_create(dfd, to, &path, 0);
		error = PTR_ERR_OR_ZERO(dentry);
	}
	if (!error) {
		error = vfs_symlink(d_inode(path.dentry), dentry, from->name);
		done_path_create(&path, dentry);
	}
	putname(from);
	putname(to);
	return error;
}

SYSCALL_DEFINE3(symlinkat, const char __user *, target, int, dfd, const char __user *, linkpath)
{
	return do_symlinkat(getname(target), dfd, getname(linkpath));
}

SYSCALL_DEFINE2(symlink, const char __user *, target, const char __user *, linkpath)
{
	return do_symlinkat(getname(target), AT_FDCWD, getname(linkpath));
}

int do_symlink_kern(const char *target, const char *name)
{
	return do_symlinkat(getname_kernel(target), AT_FDCWD, getname_kernel(name));
}

static int do_linkat(int olddfd, struct filename *old, int newdfd, struct filename *new, int flags)
{
	struct path old_path, new_path;
	struct dentry *dentry;
	unsigned int lookup = 0;
	int error = -EINVAL;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		goto out;
	if (flags & AT_EMPTY_PATH) {
		error = -ENOENT;
		if (!capable(CAP_DAC_READ_SEARCH))
			goto out;
		lookup |= LOOKUP_EMPTY;
	}
	if (flags & AT_SYMLINK_FOLLOW)
		lookup |= LOOKUP_FOLLOW;
	error = filename_lookup(olddfd, old, lookup, &old_path, NULL);
	if (error)
		goto out;
	dentry = filename_create(newdfd, new, &new_path, 0);
	error = PTR_ERR_OR_ZERO(dentry);
	if (!error) {
		error = -EXDEV;
		if (old_path.mnt == new_path.mnt)
			error = vfs_link(old_path.dentry, d_inode(new_path.dentry), dentry);
		done_path_create(&new_path, dentry);
	}
	path_put(&old_path);
out:
	putname(old);
	putname(new);
	return error;
}

SYSCALL_DEFINE5(linkat, int, olddfd, const char __user *, oldname, int, newdfd, const char __user *,
		newname, int, flags)
{
	return do_linkat(olddfd, getname_flags(oldname, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			 newdfd, getname(newname), flags);
}

SYSCALL_DEFINE2(link, const char __user *, oldname, const char __user *, newname)
{
	return do_linkat(AT_FDCWD, getname(oldname), AT_FDCWD, getname(newname), 0);
}

/* rmdir(2) and unlink(2) up to the file system's part. */
static int do_remove(int dfd, struct filename *name, bool is_dir)
{
	struct inode *inode = NULL;
	struct dentry *dentry;
	enum last_type type;
	struct path path;
	struct qstr last;
	int error = filename_parentat(dfd, name, 0, &path, &last, &type);

	if (error)
		goto out_name;
	if (type != LAST_NORM) {
		error = -EISDIR;
		if (is_dir)
			error = type == LAST_DOTDOT ? -ENOTEMPTY
				: type == LAST_DOT  ? -EINVAL
						    : -EBUSY;
		goto out_path;
	}
	error = mnt_want_write(path.mnt);
	if (error)
		goto out_path;
	inode_lock_nested(d_inode(path.dentry), I_MUTEX_PARENT);
	dentry = lookup_hash(&last, path.dentry, 0);
	error = PTR_ERR_OR_ZERO(dentry);
	if (error)
		goto out_unlock;
	inode = d_inode(dentry);
	if (!inode) {
		error = -ENOENT;
	} else if (!is_dir && last.name[last.len]) {
		error = S_ISDIR(inode->i_mode) ? -EISDIR : -ENOTDIR;
	} else {
		/* The inode's end, perhaps a long truncation, comes after the lock. */
		ihold(inode);
		error = is_dir ? vfs_rmdir(d_inode(path.dentry), dentry)
			       : vfs_unlink(d_inode(path.dentry), dentry);
		dput(dentry);
		inode_unlock(d_inode(path.dentry));
		iput(inode);
		goto out_write;
	}
	dput(dentry);
out_unlock:
	inode_unlock(d_inode(path.dentry));
out_write:
	mnt_drop_write(path.mnt);
out_path:
	path_put(&path);
out_name:
	putname(name);
	return error;
}

SYSCALL_DEFINE1(rmdir, const char __user *, pathname)
{
	return do_remove(AT_FDCWD, getname(pathname), true);
}

SYSCALL_DEFINE1(unlink, const char __user *, pathname)
{
	return do_remove(AT_FDCWD, getname(pathname), false);
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, pathname, int, flag)
{
	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	return do_remove(dfd, getname(pathname), flag & AT_REMOVEDIR);
}

int do_unlink_kern(const char *name)
{
	return do_remove(AT_FDCWD, getname_kernel(name), false);
}

/* Both names looked up, both parents locked: the checks that need the two dentries. */
static int rename_check(struct dentry *old, struct dentry *new, const struct qstr *old_last,
			const struct qstr *new_last, unsigned int flags, struct dentry *trap)
{
	bool exchange = flags & RENAME_EXCHANGE;

	if (d_is_negative(old))
		return -ENOENT;
	if ((flags & RENAME_NOREPLACE) && d_is_positive(new))
		return -EEXIST;
	if (exchange && d_is_negative(new))
		return -ENOENT;
	if (exchange && !S_ISDIR(d_inode(new)->i_mode) && new_last->name[new_last->len])
		return -ENOTDIR;
	if (!S_ISDIR(d_inode(old)->i_mode)) {
		if (old_last->name[old_last->len])
			return -ENOTDIR;
		if (!exchange && new_last->name[new_last->len])
			return -ENOTDIR;
	}
	if (old == trap) /* into its own subtree */
		return -EINVAL;
	if (new == trap) /* onto an ancestor, which is not empty */
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

static int rename_in(struct path *old_path, struct qstr *old_last, struct path *new_path,
		     struct qstr *new_last, unsigned int flags)
{
	struct dentry *old, *new, *trap = lock_rename(new_path->dentry, old_path->dentry);
	struct renamedata rd;
	int error;

	old = lookup_hash(old_last, old_path->dentry, 0);
	error = PTR_ERR_OR_ZERO(old);
	if (error)
		goto unlock;
	new = lookup_hash(new_last, new_path->dentry, LOOKUP_RENAME_TARGET);
	error = PTR_ERR_OR_ZERO(new);
	if (error)
		goto put_old;
	error = rename_check(old, new, old_last, new_last, flags, trap);
	if (!error) {
		rd = (struct renamedata){.old_dir = d_inode(old_path->dentry),
					 .old_dentry = old,
					 .new_dir = d_inode(new_path->dentry),
					 .new_dentry = new,
					 .flags = flags};
		error = vfs_rename(&rd);
	}
	dput(new);
put_old:
	dput(old);
unlock:
	unlock_rename(new_path->dentry, old_path->dentry);
	return error;
}

static int do_renameat2(int olddfd, struct filename *from, int newdfd, struct filename *to,
			unsigned int flags)
{
	enum last_type old_type, new_type;
	struct path old_path, new_path;
	struct qstr old_last, new_last;
	int error = -EINVAL;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    ((flags & RENAME_NOREPLACE) && (flags & RENAME_EXCHANGE)))
		goto out_names;
	error = filename_parentat(olddfd, from, 0, &old_path, &old_last, &old_type);
	if (error)
		goto out_names;
	error = filename_parentat(newdfd, to, 0, &new_path, &new_last, &new_type);
	if (error)
		goto out_old;
	error = -EXDEV;
	if (old_path.mnt != new_path.mnt)
		goto out_new;
	error = -EBUSY;
	if (old_type != LAST_NORM)
		goto out_new;
	if (flags & RENAME_NOREPLACE)
		error = -EEXIST;
	if (new_type != LAST_NORM)
		goto out_new;
	error = mnt_want_write(old_path.mnt);
	if (error)
		goto out_new;
	error = rename_in(&old_path, &old_last, &new_path, &new_last, flags);
	mnt_drop_write(old_path.mnt);
out_new:
	path_put(&new_path);
out_old:
	path_put(&old_path);
out_names:
	putname(from);
	putname(to);
	return error;
}

SYSCALL_DEFINE5(renameat2, int, olddfd, const char __user *, oldname, int, newdfd,
		const char __user *, newname, unsigned int, flags)
{
	return do_renameat2(olddfd, getname(oldname), newdfd, getname(newname), flags);
}

SYSCALL_DEFINE4(renameat, int, olddfd, const char __user *, oldname, int, newdfd,
		const char __user *, newname)
{
	return do_renameat2(olddfd, getname(oldname), newdfd, getname(newname), 0);
}

SYSCALL_DEFINE2(rename, const char __user *, oldname, const char __user *, newname)
{
	return do_renameat2(AT_FDCWD, getname(oldname), AT_FDCWD, getname(newname), 0);
}
