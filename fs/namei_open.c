/* SPDX-License-Identifier: MIT */
/*
 * The walk that ends in an open file: open(2), creat(2), openat2(2), with O_CREAT's race between
 * look-up and creation settled under the directory's i_rwsem. Task context.
 */
#include "namei.h"
#include <jiffy/fsnotify.h>

/* The last name of an open: may be followed when it is a link, must not be when it was made now. */
static int may_open(const struct path *path, int acc_mode, int flag)
{
	struct inode *inode = d_inode(path->dentry);
	int error;

	switch (inode->i_mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (acc_mode & MAY_WRITE)
			return -EISDIR;
		if (acc_mode & MAY_EXEC)
			return -EACCES;
		break;
	case S_IFBLK:
	case S_IFCHR:
		if ((path->mnt->mnt_flags & MNT_NODEV) || (path->mnt->mnt_sb->s_flags & SB_NODEV))
			return -EACCES;
		fallthrough;
	case S_IFIFO:
	case S_IFSOCK:
		if (acc_mode & MAY_EXEC)
			return -EACCES;
		break;
	case S_IFREG:
		if ((acc_mode & MAY_EXEC) && path_noexec(path))
			return -EACCES;
		break;
	}
	error = inode_permission(inode, MAY_OPEN | acc_mode);
	if (error)
		return error;
	if (IS_APPEND(inode)) {
		if ((flag & O_ACCMODE) != O_RDONLY && !(flag & O_APPEND))
			return -EPERM;
		if (flag & O_TRUNC)
			return -EPERM;
	}
	if ((flag & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

static int handle_truncate(struct file *file)
{
	struct inode *inode = file_inode(file);
	int error = get_write_access(inode);

	if (error)
		return error;
	error = do_truncate(file_dentry(file), 0, ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file);
	put_write_access(inode);
	return error;
}

/* The name under the parent's lock; made when it is not there and O_CREAT says so. */
static struct dentry *lookup_open(struct nameidata *nd, struct file *file,
				  const struct open_flags *op, bool got_write)
{
	struct dentry *dir = nd->path.dentry, *dentry;
	struct inode *inode = d_inode(dir);
	umode_t mode;
	int error;

	dentry = lookup_hash(&nd->last, dir, nd->flags);
	if (IS_ERR(dentry) || d_is_positive(dentry) || !(op->open_flag & O_CREAT))
		return dentry;
	error = -EROFS;
	if (!got_write)
		goto out_dput;
	error = may_create(inode, dentry);
	if (error)
		goto out_dput;
	error = -EACCES;
	if (!inode->i_op->create)
		goto out_dput;
	mode = op->mode & ~current_umask();
	error = inode->i_op->create(inode, dentry, mode, op->open_flag & O_EXCL);
	if (error)
		goto out_dput;
	file->f_mode |= FMODE_CREATED;
	fsnotify_dir(inode, IN_CREATE, &dentry->d_name, 0);
	return dentry;
out_dput:
	dput(dentry);
	return ERR_PTR(error);
}

static const char *open_last_lookups(struct nameidata *nd, struct file *file,
				     const struct open_flags *op)
{
	int open_flag = op->open_flag;
	bool trailing, got_write = false;
	struct dentry *dentry;

	nd->flags |= op->intent;
	if (nd->last_type != LAST_NORM) {
		if (nd->depth) {
			do_delayed_call(&nd->stack[--nd->depth].done);
			path_put(&nd->stack[nd->depth].link);
		}
		return handle_dots(nd, nd->last_type);
	}
	trailing = nd->last.name[nd->last.len];
	if (trailing) {
		if (open_flag & O_CREAT)
			return ERR_PTR(-EISDIR);
		nd->flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	}
	/* What exists already needs no lock, unless O_EXCL wants to be sure that it did not. */
	dentry = lookup_fast(nd);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (dentry && d_is_negative(dentry) && (open_flag & O_CREAT)) {
		dput(dentry);
		dentry = NULL;
	}
	if (!dentry) {
		struct inode *dir = d_inode(nd->path.dentry);

		if (open_flag & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR))
			got_write = !mnt_want_write(nd->path.mnt);
		inode_lock_nested(dir, I_MUTEX_PARENT);
		dentry = lookup_open(nd, file, op, got_write);
		inode_unlock(dir);
		if (got_write)
			mnt_drop_write(nd->path.mnt);
		if (IS_ERR(dentry))
			return ERR_CAST(dentry);
	}
	if (file->f_mode & FMODE_CREATED)
		nd->flags &= ~LOOKUP_FOLLOW;
	if (nd->depth) {
		do_delayed_call(&nd->stack[--nd->depth].done);
		path_put(&nd->stack[nd->depth].link);
	}
	return step_into(nd, WALK_TRAILING, dentry);
}

/* fs.protected_regular and fs.protected_fifos are off, as in a kernel without sysctl.conf. */
static int do_open(struct nameidata *nd, struct file *file, const struct open_flags *op)
{
	int open_flag = op->open_flag, acc_mode = op->acc_mode, error;
	struct inode *inode;
	bool truncate = false;

	error = complete_walk(nd);
	if (error)
		return error;
	inode = d_inode(nd->path.dentry);
	if (open_flag & O_CREAT) {
		if ((open_flag & O_EXCL) && !(file->f_mode & FMODE_CREATED))
			return -EEXIST;
		if (S_ISDIR(inode->i_mode))
			return -EISDIR;
	}
	if ((nd->flags & LOOKUP_DIRECTORY) && !S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	if (file->f_mode & FMODE_CREATED) {
		open_flag &=
		    ~O_TRUNC; /* a new file is empty, and its mode does not bind its maker */
		acc_mode = 0;
	} else if (S_ISREG(inode->i_mode) && (open_flag & O_TRUNC)) {
		error = mnt_want_write(nd->path.mnt);
		if (error)
			return error;
		truncate = true;
	}
	error = may_open(&nd->path, acc_mode, open_flag);
	if (!error)
		error = vfs_open(&nd->path, file);
	if (!error && truncate)
		error = handle_truncate(file);
	if (truncate)
		mnt_drop_write(nd->path.mnt);
	return error;
}

void d_tmpfile(struct dentry *dentry, struct inode *inode)
{
	inode->i_nlink = 0;
	d_instantiate(dentry, inode);
}

/* O_TMPFILE: a file in no directory; linkat(2) may give it a name, unless O_EXCL. */
static int do_tmpfile(struct nameidata *nd, unsigned int flags, const struct open_flags *op,
		      struct file *file)
{
	static const struct qstr name = QSTR_INIT("/", 1);
	struct path path, child;
	struct inode *dir;
	int error = path_lookupat(nd, flags | LOOKUP_DIRECTORY, &path);

	if (error)
		return error;
	error = mnt_want_write(path.mnt);
	if (error)
		goto out_path;
	dir = d_inode(path.dentry);
	error = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (error)
		goto out_write;
	error = -EOPNOTSUPP;
	if (!dir->i_op->tmpfile)
		goto out_write;
	error = -ENOMEM;
	child.mnt = path.mnt;
	child.dentry = d_alloc(path.dentry, &name);
	if (!child.dentry)
		goto out_write;
	error = dir->i_op->tmpfile(dir, child.dentry, op->mode & ~current_umask());
	if (!error) {
		file->f_mode |= FMODE_CREATED;
		error = may_open(&child, 0, op->open_flag);
	}
	if (!error)
		error = vfs_open(&child, file);
	if (!error && !(op->open_flag & O_EXCL)) {
		spin_lock(&d_inode(child.dentry)->i_lock);
		d_inode(child.dentry)->i_state |= I_LINKABLE;
		spin_unlock(&d_inode(child.dentry)->i_lock);
	}
	dput(child.dentry);
out_write:
	mnt_drop_write(path.mnt);
out_path:
	path_put(&path);
	return error;
}

static int do_o_path(struct nameidata *nd, unsigned int flags, struct file *file)
{
	struct path path;
	int error = path_lookupat(nd, flags, &path);

	if (!error) {
		error = vfs_open(&path, file);
		path_put(&path);
	}
	return error;
}

static struct file *path_openat(struct nameidata *nd, const struct open_flags *op,
				unsigned int flags)
{
	struct file *file = alloc_empty_file(op->open_flag, current_cred());
	int error;

	if (IS_ERR(file))
		return file;
	if (unlikely(file->f_flags & __O_TMPFILE)) {
		error = do_tmpfile(nd, flags, op, file);
	} else if (unlikely(file->f_flags & O_PATH)) {
		error = do_o_path(nd, flags, file);
	} else {
		const char *s = path_init(nd, flags);

		while (!(error = link_path_walk(s, nd)) &&
		       (s = open_last_lookups(nd, file, op)) != NULL)
			;
		if (!error)
			error = do_open(nd, file, op);
		terminate_walk(nd);
	}
	if (likely(!error)) {
		if (likely(file->f_mode & FMODE_OPENED))
			return file;
		error = -EINVAL;
	}
	if (file->f_flags & O_PATH)
		file->f_mode &= ~FMODE_OPENED;
	__fput_sync(file);
	return ERR_PTR(error);
}

/*
 * An existing, cached, ordinary file without side effects of the open: the walk without
 * references finds it. NULL: not such a case.
 */
static struct file *open_cached(int dfd, struct filename *name, const struct open_flags *op)
{
	const int slow = O_CREAT | O_TRUNC | O_PATH | __O_TMPFILE;
	struct path path;
	struct file *file;
	int error;

	if (op->open_flag & slow)
		return NULL;
	if (rcu_path_lookup(dfd, name->name, op->lookup_flags, &path, NULL))
		return NULL;
	error = may_open(&path, op->acc_mode, op->open_flag);
	if (!error) {
		file = alloc_empty_file(op->open_flag, current_cred());
		error = PTR_ERR_OR_ZERO(file);
	}
	if (!error) {
		error = vfs_open(&path, file);
		if (error)
			__fput_sync(file);
	}
	path_put(&path);
	return error ? ERR_PTR(error) : file;
}

struct file *do_filp_open(int dfd, struct filename *name, const struct open_flags *op)
{
	struct nameidata nd;
	struct file *file;

	if (IS_ERR(name))
		return ERR_CAST(name);
	file = open_cached(dfd, name, op);
	if (file)
		return file;
	if (op->lookup_flags & LOOKUP_CACHED)
		return ERR_PTR(-EAGAIN);
	set_nameidata(&nd, dfd, name, NULL);
	file = path_openat(&nd, op, op->lookup_flags);
	if (unlikely(file == ERR_PTR(-ESTALE)))
		file = path_openat(&nd, op, op->lookup_flags | LOOKUP_REVAL);
	restore_nameidata();
	return file;
}

struct file *file_open_root(const struct path *root, const char *name, int flags, umode_t mode)
{
	struct open_how how;
	struct open_flags op;
	struct filename *filename;
	struct nameidata nd;
	struct file *file;
	int err = build_open_how(flags, mode, &how);

	if (!err)
		err = build_open_flags(&how, &op);
	if (err)
		return ERR_PTR(err);
	filename = getname_kernel(name);
	if (IS_ERR(filename))
		return ERR_CAST(filename);
	set_nameidata(&nd, -1, filename, root);
	file = path_openat(&nd, &op, op.lookup_flags);
	restore_nameidata();
	putname(filename);
	return file;
}
