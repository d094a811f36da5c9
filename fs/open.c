/* SPDX-License-Identifier: MIT */
/*
 * open(2), openat2(2), access(2), chdir(2), chroot(2),
 * and what an open file starts with. Task context.
 */
#include "namei.h"
#include <arch/uaccess.h>
#include <jiffy/fsnotify.h>
#include <jiffy/resource.h>
#include <jiffy/syscalls.h>

#define VALID_OPEN_FLAGS                                                                      \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | \
	 FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | \
	 O_PATH | __O_TMPFILE)
#define O_PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define VALID_RESOLVE_FLAGS                                                                \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | \
	 RESOLVE_IN_ROOT | RESOLVE_CACHED)

/* open(2) ignores what it does not know; openat2(2) does not, see build_open_flags(). */
int build_open_how(int flags, umode_t mode, struct open_how *how)
{
	how->flags = flags & VALID_OPEN_FLAGS;
	how->mode = mode & S_IALLUGO;
	how->resolve = 0;
	if (how->flags & O_PATH)
		how->flags &= O_PATH_FLAGS;
	if (!(how->flags & (O_CREAT | __O_TMPFILE)))
		how->mode = 0;
	return 0;
}

static int resolve_to_lookup(u64 resolve)
{
	static const struct {
		unsigned int resolve, lookup;
	} map[] = {
	    {RESOLVE_NO_XDEV, LOOKUP_NO_XDEV},
	    {RESOLVE_NO_MAGICLINKS, LOOKUP_NO_MAGICLINKS},
	    {RESOLVE_NO_SYMLINKS, LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS},
	    {RESOLVE_BENEATH, LOOKUP_BENEATH},
	    {RESOLVE_IN_ROOT, LOOKUP_IN_ROOT},
	    {RESOLVE_CACHED, LOOKUP_CACHED},
	};
	unsigned int i;
	int lookup = 0;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (resolve & map[i].resolve)
			lookup |= map[i].lookup;
	return lookup;
}

int build_open_flags(const struct open_how *how, struct open_flags *op)
{
	static const u8 acc_modes[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				       MAY_READ | MAY_WRITE};
	u64 flags = how->flags;
	int acc_mode = acc_modes[flags & O_ACCMODE];

	if ((flags & ~(u64)VALID_OPEN_FLAGS) || (how->resolve & ~(u64)VALID_RESOLVE_FLAGS))
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (flags & (O_CREAT | __O_TMPFILE)) {
		if (how->mode & ~(u64)S_IALLUGO)
			return -EINVAL;
		op->mode = how->mode | S_IFREG;
	} else {
		if (how->mode)
			return -EINVAL;
		op->mode = 0;
	}
	/* O_TMPFILE holds O_DIRECTORY so that old kernels refuse it; O_CREAT does not go with it.
	 */
	if (flags & __O_TMPFILE) {
		if ((flags & (O_TMPFILE | O_CREAT)) != O_TMPFILE || !(acc_mode & MAY_WRITE))
			return -EINVAL;
	}
	if (flags & O_PATH) {
		if (flags & ~(u64)O_PATH_FLAGS)
			return -EINVAL;
		acc_mode = 0;
	}
	if (flags & __O_SYNC)
		flags |= O_DSYNC;
	op->open_flag = flags & ~(u64)O_CLOEXEC; /* the descriptor's, not the file's */
	if (flags & O_TRUNC)
		acc_mode |= MAY_WRITE;
	if (flags & O_APPEND)
		acc_mode |= MAY_APPEND;
	op->acc_mode = acc_mode;
	op->intent = flags & O_PATH ? 0 : LOOKUP_OPEN;
	if (flags & O_CREAT) {
		op->intent |= LOOKUP_CREATE;
		if (flags & O_EXCL) {
			op->intent |= LOOKUP_EXCL;
			flags |= O_NOFOLLOW;
		}
	}
	op->lookup_flags = resolve_to_lookup(how->resolve);
	if ((how->resolve & RESOLVE_CACHED) && (flags & (O_TRUNC | O_CREAT | __O_TMPFILE)))
		return -EAGAIN;
	if (flags & O_DIRECTORY)
		op->lookup_flags |= LOOKUP_DIRECTORY;
	if (!(flags & O_NOFOLLOW))
		op->lookup_flags |= LOOKUP_FOLLOW;
	return 0;
}

int do_dentry_open(struct file *f, int (*open)(struct inode *, struct file *))
{
	struct inode *inode = d_inode(f->f_path.dentry);
	int error;

	path_get(&f->f_path);
	f->f_inode = inode;
	f->f_mapping = inode->i_mapping;
	if (unlikely(f->f_mode & FMODE_PATH)) {
		static const struct file_operations empty_fops;

		f->f_mode = FMODE_PATH | FMODE_OPENED;
		f->f_op = &empty_fops;
		return 0;
	}
	if ((f->f_mode & FMODE_WRITE) && !(S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode) ||
					   S_ISFIFO(inode->i_mode) || S_ISSOCK(inode->i_mode))) {
		error = get_write_access(inode);
		if (error)
			goto cleanup_path;
		error = mnt_want_write(f->f_path.mnt);
		if (error) {
			put_write_access(inode);
			goto cleanup_path;
		}
		f->f_mode |= FMODE_WRITER;
	}
	if (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode))
		f->f_mode |= FMODE_ATOMIC_POS;
	f->f_op = inode->i_fop;
	f->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	if (!open)
		open = f->f_op->open;
	if (open) {
		error = open(inode, f);
		if (error)
			goto cleanup_all;
	}
	f->f_mode |= FMODE_OPENED;
	if ((f->f_mode & FMODE_READ) && (f->f_op->read || f->f_op->read_iter))
		f->f_mode |= FMODE_CAN_READ;
	if ((f->f_mode & FMODE_WRITE) && (f->f_op->write || f->f_op->write_iter))
		f->f_mode |= FMODE_CAN_WRITE;
	if (!f->f_op->llseek)
		f->f_mode &= ~FMODE_LSEEK;
	f->f_flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
	return 0;
cleanup_all:
	if (f->f_mode & FMODE_WRITER) {
		put_write_access(inode);
		mnt_drop_write(f->f_path.mnt);
		f->f_mode &= ~FMODE_WRITER;
	}
cleanup_path:
	path_put(&f->f_path);
	f->f_path.mnt = NULL;
	f->f_path.dentry = NULL;
	f->f_inode = NULL;
	return error;
}

int vfs_open(const struct path *path, struct file *file)
{
	int error;

	file->f_path = *path;
	error = do_dentry_open(file, NULL);
	if (!error && !(file->f_mode & FMODE_PATH))
		fsnotify_file(file, IN_OPEN);
	return error;
}

struct file *dentry_open(const struct path *path, int flags, const struct cred *cred)
{
	struct file *f = alloc_empty_file(flags, cred);
	int error;

	if (IS_ERR(f))
		return f;
	error = vfs_open(path, f);
	if (error) {
		f->f_mode &= ~FMODE_OPENED;
		fput(f);
		return ERR_PTR(error);
	}
	return f;
}

void replace_fops(struct file *file, const struct file_operations *fops)
{
	file->f_op = fops;
}

struct file *file_open_name(struct filename *name, int flags, umode_t mode)
{
	struct open_how how;
	struct open_flags op;
	int err = build_open_how(flags, mode, &how);

	if (!err)
		err = build_open_flags(&how, &op);
	if (err)
		return ERR_PTR(err);
	return do_filp_open(AT_FDCWD, name, &op);
}

struct file *filp_open(const char *name, int flags, umode_t mode)
{
	struct filename *filename = getname_kernel(name);
	struct file *file = file_open_name(filename, flags, mode);

	putname(filename);
	return file;
}

static long do_sys_openat2(int dfd, const char __user *name, const struct open_how *how)
{
	struct filename *filename;
	struct open_flags op;
	int fd = build_open_flags(how, &op);
	struct file *f;

	if (fd)
		return fd;
	filename = getname(name);
	if (IS_ERR(filename))
		return PTR_ERR(filename);
	fd = get_unused_fd_flags(how->flags);
	if (fd >= 0) {
		f = do_filp_open(dfd, filename, &op);
		if (IS_ERR(f)) {
			put_unused_fd(fd);
			fd = PTR_ERR(f);
		} else {
			fd_install(fd, f);
		}
	}
	putname(filename);
	return fd;
}

static long do_sys_open(int dfd, const char __user *name, int flags, umode_t mode)
{
	struct open_how how;

	build_open_how(flags, mode, &how);
	if (!(how.flags & O_PATH))
		how.flags |= O_LARGEFILE;
	return do_sys_openat2(dfd, name, &how);
}

SYSCALL_DEFINE3(open, const char __user *, filename, int, flags, umode_t, mode)
{
	return do_sys_open(AT_FDCWD, filename, flags, mode);
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user *, filename, int, flags, umode_t, mode)
{
	return do_sys_open(dfd, filename, flags, mode);
}

SYSCALL_DEFINE2(creat, const char __user *, pathname, umode_t, mode)
{
	return do_sys_open(AT_FDCWD, pathname, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* A longer structure is from a newer program: fine as long as what we do not know is zero. */
static int check_zeroed_user(const u8 __user *p, size_t n)
{
	for (; n; n--, p++) {
		u8 c;

		if (get_user(c, p))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	return 0;
}

SYSCALL_DEFINE4(openat2, int, dfd, const char __user *, filename, struct open_how __user *, how,
		size_t, usize)
{
	struct open_how tmp;
	int err;

	if (usize < OPEN_HOW_SIZE_VER0)
		return -EINVAL;
	if (usize > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_user(&tmp, how, sizeof(tmp)))
		return -EFAULT;
	err = check_zeroed_user((const u8 __user *)how + sizeof(tmp), usize - sizeof(tmp));
	if (err)
		return err;
	return do_sys_openat2(dfd, filename, &tmp);
}

int filp_close(struct file *file, fl_owner_t id)
{
	int retval = 0;

	if (file->f_op && file->f_op->flush)
		retval = file->f_op->flush(file, id);
	if (likely(!(file->f_mode & FMODE_PATH)))
		locks_remove_posix(file, id);
	fput(file);
	return retval;
}

int generic_file_open(struct inode *inode, struct file *file)
{
	return 0;
}

int nonseekable_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

int stream_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	return 0;
}

/* access(2) asks for the real user, who has capabilities only if he is root. */
static const struct cred *access_override_creds(void)
{
	const struct cred *old;
	struct cred *new = prepare_creds();

	if (!new)
		return NULL;
	new->fsuid = new->uid;
	new->fsgid = new->gid;
	if (uid_eq(new->uid, make_kuid(new->user_ns, 0)))
		new->cap_effective = new->cap_permitted;
	else
		new->cap_effective = CAP_EMPTY_SET;
	old = override_creds(new);
	put_cred(new);
	return old;
}

static bool access_needs_override(const struct cred *c)
{
	if (!uid_eq(c->fsuid, c->uid) || !gid_eq(c->fsgid, c->gid))
		return true;
	if (uid_eq(c->uid, make_kuid(c->user_ns, 0)))
		return c->cap_effective != c->cap_permitted;
	return c->cap_effective != CAP_EMPTY_SET;
}

static long do_faccessat(int dfd, const char __user *filename, int mode, int flags)
{
	const struct cred *old = NULL;
	unsigned int lookup;
	struct inode *inode;
	struct path path;
	int res;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	res = at_lookup_flags(flags, AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &lookup);
	if (res)
		return res;
	if (!(flags & AT_EACCESS) && access_needs_override(current_cred())) {
		old = access_override_creds();
		if (!old)
			return -ENOMEM;
	}
	res = user_path_at(dfd, filename, lookup, &path);
	if (res)
		goto out;
	inode = d_inode(path.dentry);
	if ((mode & X_OK) && S_ISREG(inode->i_mode) && path_noexec(&path))
		res = -EACCES;
	else
		res = inode_permission(inode, mode | MAY_ACCESS);
	if (!res && (mode & W_OK) &&
	    !(S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode) || S_ISFIFO(inode->i_mode) ||
	      S_ISSOCK(inode->i_mode)) &&
	    (path.mnt->mnt_flags & MNT_READONLY))
		res = -EROFS;
	path_put(&path);
out:
	if (old)
		revert_creds(old);
	return res;
}

SYSCALL_DEFINE3(faccessat, int, dfd, const char __user *, filename, int, mode)
{
	return do_faccessat(dfd, filename, mode, 0);
}

SYSCALL_DEFINE4(faccessat2, int, dfd, const char __user *, filename, int, mode, int, flags)
{
	return do_faccessat(dfd, filename, mode, flags);
}

SYSCALL_DEFINE2(access, const char __user *, filename, int, mode)
{
	return do_faccessat(AT_FDCWD, filename, mode, 0);
}

static int change_dir(const struct path *path)
{
	int error = path_permission(path, MAY_EXEC | MAY_CHDIR);

	if (!error)
		set_fs_pwd(current->fs, path);
	return error;
}

static int change_root(const struct path *path)
{
	int error = path_permission(path, MAY_EXEC | MAY_CHDIR);

	if (error)
		return error;
	if (!ns_capable(current_user_ns(), CAP_SYS_CHROOT))
		return -EPERM;
	set_fs_root(current->fs, path);
	return 0;
}

static int at_directory(struct filename *name, int (*fn)(const struct path *path))
{
	struct path path;
	int error = filename_lookup(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path, NULL);

	if (!error) {
		error = fn(&path);
		path_put(&path);
	}
	putname(name);
	return error;
}

SYSCALL_DEFINE1(chdir, const char __user *, filename)
{
	return at_directory(getname(filename), change_dir);
}

SYSCALL_DEFINE1(chroot, const char __user *, filename)
{
	return at_directory(getname(filename), change_root);
}

int do_chdir_kern(const char *name)
{
	return at_directory(getname_kernel(name), change_dir);
}

int do_chroot_kern(const char *name)
{
	return at_directory(getname_kernel(name), change_root);
}

SYSCALL_DEFINE1(fchdir, unsigned int, fd)
{
	struct fd f = fdget_raw(fd);
	int error = -EBADF;

	if (f.file) {
		error = -ENOTDIR;
		if (S_ISDIR(file_inode(f.file)->i_mode))
			error = change_dir(&f.file->f_path);
	}
	fdput(f);
	return error;
}
