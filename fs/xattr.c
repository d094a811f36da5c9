/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes: setxattr(2), getxattr(2), listxattr(2), removexattr(2) with their l and f
 * forms, and attributes kept in memory. Rules: xattr(7).
 */
#include "mount.h"
#include "simple_xattr.h"
#include <arch/uaccess.h>
#include <jiffy/fsnotify.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <jiffy/xattr.h>

struct simple_xattr {
	struct list_head list;
	char *name;
	size_t size;
	char value[];
};

void simple_xattrs_init(struct simple_xattrs *xattrs)
{
	INIT_LIST_HEAD(&xattrs->head);
	spin_lock_init(&xattrs->lock);
}

static void free_simple_xattr(struct simple_xattr *x)
{
	if (x) {
		kfree(x->name);
		kvfree(x);
	}
}

void simple_xattrs_free(struct simple_xattrs *xattrs)
{
	struct simple_xattr *x, *n;

	list_for_each_entry_safe (x, n, &xattrs->head, list)
		free_simple_xattr(x);
}

static struct simple_xattr *find_simple(struct simple_xattrs *xattrs, const char *name)
{
	struct simple_xattr *x;

	lockdep_assert_held(&xattrs->lock);
	list_for_each_entry (x, &xattrs->head, list)
		if (!strcmp(x->name, name))
			return x;
	return NULL;
}

int simple_xattr_get(struct simple_xattrs *xattrs, const char *name, void *buffer, size_t size)
{
	struct simple_xattr *x;
	int ret = -ENODATA;

	spin_lock(&xattrs->lock);
	x = find_simple(xattrs, name);
	if (x) {
		ret = x->size;
		if (buffer) {
			if (size < x->size)
				ret = -ERANGE;
			else
				memcpy(buffer, x->value, x->size);
		}
	}
	spin_unlock(&xattrs->lock);
	return ret;
}

int simple_xattr_set(struct simple_xattrs *xattrs, const char *name, const void *value, size_t size,
		     int flags)
{
	struct simple_xattr *new = NULL, *old;
	int err = 0;

	if (value) {
		new = kvmalloc(sizeof(*new) + size, GFP_KERNEL);
		if (!new)
			return -ENOMEM;
		new->size = size;
		memcpy(new->value, value, size);
		new->name = kstrdup(name, GFP_KERNEL);
		if (!new->name) {
			free_simple_xattr(new);
			return -ENOMEM;
		}
	}
	spin_lock(&xattrs->lock);
	old = find_simple(xattrs, name);
	if (old && (flags & XATTR_CREATE)) {
		err = -EEXIST;
	} else if (!old && ((flags & XATTR_REPLACE) || !value)) {
		err = -ENODATA;
	} else {
		if (old)
			list_del(&old->list);
		if (new)
			list_add(&new->list, &xattrs->head);
	}
	spin_unlock(&xattrs->lock);
	free_simple_xattr(err ? new : old);
	return err;
}

ssize_t simple_xattr_list(struct simple_xattrs *xattrs, char *buffer, size_t size)
{
	bool trusted = capable(CAP_SYS_ADMIN);
	struct simple_xattr *x;
	size_t used = 0;

	spin_lock(&xattrs->lock);
	list_for_each_entry (x, &xattrs->head, list) {
		size_t len = strlen(x->name) + 1;

		if (!trusted &&
		    !strncmp(x->name, XATTR_TRUSTED_PREFIX, sizeof(XATTR_TRUSTED_PREFIX) - 1))
			continue;
		if (buffer && used + len <= size)
			memcpy(buffer + used, x->name, len);
		used += len;
	}
	spin_unlock(&xattrs->lock);
	return buffer && used > size ? -ERANGE : (ssize_t)used;
}

static const struct xattr_handler *find_handler(struct inode *inode, const char *name)
{
	const struct xattr_handler *const *h = inode->i_sb->s_xattr;

	for (; h && *h; h++) {
		size_t n = strlen((*h)->prefix);

		if (!strncmp(name, (*h)->prefix, n))
			return name[n] ? *h : ERR_PTR(-EINVAL);
	}
	return ERR_PTR(-EOPNOTSUPP);
}

static bool has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static int xattr_permission(struct inode *inode, const char *name, int mask)
{
	if ((mask & MAY_WRITE) && (IS_IMMUTABLE(inode) || IS_APPEND(inode)))
		return -EPERM;
	if (has_prefix(name, XATTR_SECURITY_PREFIX) || has_prefix(name, XATTR_SYSTEM_PREFIX)) {
		if ((mask & MAY_WRITE) && !capable(CAP_SYS_ADMIN))
			return -EPERM;
		return 0;
	}
	if (has_prefix(name, XATTR_TRUSTED_PREFIX)) {
		if (!capable(CAP_SYS_ADMIN))
			return mask & MAY_WRITE ? -EPERM : -ENODATA;
		return 0;
	}
	if (has_prefix(name, XATTR_USER_PREFIX)) {
		if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
			return mask & MAY_WRITE ? -EPERM : -ENODATA;
		if (S_ISDIR(inode->i_mode) && (inode->i_mode & S_ISVTX) && (mask & MAY_WRITE) &&
		    !inode_owner_or_capable(inode))
			return -EPERM;
	}
	return inode_permission(inode, mask);
}

static int copy_name(char *kname, const char __user *name)
{
	long len = strncpy_from_user(kname, name, XATTR_NAME_MAX + 1);

	if (len == 0 || len == XATTR_NAME_MAX + 1)
		return -ERANGE;
	return len < 0 ? len : 0;
}

/* value NULL: remove. */
static int change_xattr(const struct path *path, const char *name, const void *value, size_t size,
			int flags)
{
	struct inode *inode = d_inode(path->dentry);
	const struct xattr_handler *h;
	int error = mnt_want_write(path->mnt);

	if (error)
		return error;
	error = xattr_permission(inode, name, MAY_WRITE);
	if (!error) {
		h = find_handler(inode, name);
		error = PTR_ERR_OR_ZERO(h);
	}
	if (!error) {
		inode_lock(inode);
		error = h->set ? h->set(inode, name, value, size, flags) : -EOPNOTSUPP;
		if (!error)
			inode->i_ctime = current_time(inode);
		inode_unlock(inode);
	}
	if (!error)
		fsnotify_dentry(path->dentry, IN_ATTRIB);
	mnt_drop_write(path->mnt);
	return error;
}

static long setxattr(const struct path *path, const char __user *name, const void __user *value,
		     size_t size, int flags)
{
	char kname[XATTR_NAME_MAX + 1];
	void *kvalue;
	int error;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	error = copy_name(kname, name);
	if (error)
		return error;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	kvalue = kvmalloc(size + 1, GFP_KERNEL);
	if (!kvalue)
		return -ENOMEM;
	error = copy_from_user(kvalue, value, size) ? -EFAULT : 0;
	if (!error)
		error = change_xattr(path, kname, kvalue, size, flags);
	kvfree(kvalue);
	return error;
}

static long getxattr(const struct path *path, const char __user *name, void __user *value,
		     size_t size)
{
	struct inode *inode = d_inode(path->dentry);
	char kname[XATTR_NAME_MAX + 1];
	const struct xattr_handler *h;
	void *kvalue = NULL;
	long error = copy_name(kname, name);

	if (!error)
		error = xattr_permission(inode, kname, MAY_READ);
	if (error)
		return error;
	h = find_handler(inode, kname);
	if (IS_ERR(h))
		return PTR_ERR(h);
	size = min_t(size_t, size, XATTR_SIZE_MAX);
	if (size) {
		kvalue = kvmalloc(size, GFP_KERNEL);
		if (!kvalue)
			return -ENOMEM;
	}
	error = h->get(inode, kname, kvalue, size);
	if (error > 0 && size && copy_to_user(value, kvalue, error))
		error = -EFAULT;
	kvfree(kvalue);
	return error;
}

static long listxattr(const struct path *path, char __user *list, size_t size)
{
	struct inode *inode = d_inode(path->dentry);
	char *klist = NULL;
	ssize_t error;

	if (!inode->i_op->listxattr)
		return inode->i_sb->s_xattr ? 0 : -EOPNOTSUPP;
	size = min_t(size_t, size, XATTR_LIST_MAX);
	if (size) {
		klist = kvmalloc(size, GFP_KERNEL);
		if (!klist)
			return -ENOMEM;
	}
	error = inode->i_op->listxattr(path->dentry, klist, size);
	if (error > 0 && size && copy_to_user(list, klist, error))
		error = -EFAULT;
	kvfree(klist);
	return error;
}

static long removexattr(const struct path *path, const char __user *name)
{
	char kname[XATTR_NAME_MAX + 1];
	int error = copy_name(kname, name);

	return error ? error : change_xattr(path, kname, NULL, 0, XATTR_REPLACE);
}

/* Each of the four comes in three forms: by path, by path without following, by descriptor. */
#define WITH_PATH(pathname, lookup, call)                                     \
	({                                                                    \
		struct path path;                                             \
		long __err = user_path_at(AT_FDCWD, pathname, lookup, &path); \
                                                                              \
		if (!__err) {                                                 \
			__err = call;                                         \
			path_put(&path);                                      \
		}                                                             \
		__err;                                                        \
	})
#define WITH_FD(fd, call)                                    \
	({                                                   \
		struct fd __f = fdget(fd);                   \
		long __err = -EBADF;                         \
                                                             \
		if (__f.file) {                              \
			struct path path = __f.file->f_path; \
                                                             \
			__err = call;                        \
			fdput(__f);                          \
		}                                            \
		__err;                                       \
	})

SYSCALL_DEFINE5(setxattr, const char __user *, pathname, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return WITH_PATH(pathname, LOOKUP_FOLLOW, setxattr(&path, name, value, size, flags));
}

SYSCALL_DEFINE5(lsetxattr, const char __user *, pathname, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return WITH_PATH(pathname, 0, setxattr(&path, name, value, size, flags));
}

SYSCALL_DEFINE5(fsetxattr, int, fd, const char __user *, name, const void __user *, value, size_t,
		size, int, flags)
{
	return WITH_FD(fd, setxattr(&path, name, value, size, flags));
}

SYSCALL_DEFINE4(getxattr, const char __user *, pathname, const char __user *, name, void __user *,
		value, size_t, size)
{
	return WITH_PATH(pathname, LOOKUP_FOLLOW, getxattr(&path, name, value, size));
}

SYSCALL_DEFINE4(lgetxattr, const char __user *, pathname, const char __user *, name, void __user *,
		value, size_t, size)
{
	return WITH_PATH(pathname, 0, getxattr(&path, name, value, size));
}

SYSCALL_DEFINE4(fgetxattr, int, fd, const char __user *, name, void __user *, value, size_t, size)
{
	return WITH_FD(fd, getxattr(&path, name, value, size));
}

SYSCALL_DEFINE3(listxattr, const char __user *, pathname, char __user *, list, size_t, size)
{
	return WITH_PATH(pathname, LOOKUP_FOLLOW, listxattr(&path, list, size));
}

SYSCALL_DEFINE3(llistxattr, const char __user *, pathname, char __user *, list, size_t, size)
{
	return WITH_PATH(pathname, 0, listxattr(&path, list, size));
}

SYSCALL_DEFINE3(flistxattr, int, fd, char __user *, list, size_t, size)
{
	return WITH_FD(fd, listxattr(&path, list, size));
}

SYSCALL_DEFINE2(removexattr, const char __user *, pathname, const char __user *, name)
{
	return WITH_PATH(pathname, LOOKUP_FOLLOW, removexattr(&path, name));
}

SYSCALL_DEFINE2(lremovexattr, const char __user *, pathname, const char __user *, name)
{
	return WITH_PATH(pathname, 0, removexattr(&path, name));
}

SYSCALL_DEFINE2(fremovexattr, int, fd, const char __user *, name)
{
	return WITH_FD(fd, removexattr(&path, name));
}
