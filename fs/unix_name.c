/* SPDX-License-Identifier: MIT */
/*
 * Names of unix domain sockets: paths, abstract names, names that the kernel picks. unix(7),
 * "Address format". Task context; bindlock guards the change, the table's buckets the sight.
 */
#include "unix.h"
#include <jiffy/random.h>
#include <jiffy/slab.h>

#define PATH_AT ((int)offsetof(struct sockaddr_un, sun_path))

void unix_address_put(struct unix_address *addr)
{
	if (addr && refcount_dec_and_test(&addr->refcnt))
		kfree(addr);
}

int unix_validate_addr(const struct sockaddr_storage *addr, int len)
{
	if (len <= PATH_AT || len > (int)sizeof(struct sockaddr_un) || addr->ss_family != AF_UNIX)
		return -EINVAL;
	return 0;
}

/* The name that was given, in the form in which it is kept and compared. */
static void unix_mkname(struct unix_address *a, const struct sockaddr_storage *addr, int len)
{
	refcount_set(&a->refcnt, 1);
	memset(&a->name, 0, sizeof(a->name));
	memcpy(&a->name, addr, len);
	a->end = 0;
	a->abstract = !a->name.sun_path[0];
	/* A path ends at its NUL, which counts; an abstract name is all that was given. */
	a->len = a->abstract ? len : PATH_AT + 1 + (int)strnlen(a->name.sun_path, UNIX_PATH_MAX);
	a->hash = a->abstract ? full_name_hash(NULL, a->name.sun_path, len - PATH_AT) : 0;
	a->hash ^= a->hash >> 16;
	a->hash ^= a->hash >> 8;
}

/* A socket's node in the file system; *res is where it is, referenced. */
static int unix_mknod(struct socket *sock, const struct unix_address *addr, struct path *res)
{
	umode_t mode = S_IFSOCK | (S_IRWXUGO & ~current_umask());
	struct dentry *dentry;
	struct path parent;
	int err;

	dentry = kern_path_create(AT_FDCWD, addr->name.sun_path, &parent, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry) == -EEXIST ? -EADDRINUSE : PTR_ERR(dentry);
	err = vfs_mknod(d_inode(parent.dentry), dentry, mode, 0);
	if (!err) {
		res->mnt = mntget(parent.mnt);
		res->dentry = dget(dentry);
	}
	done_path_create(&parent, dentry);
	return err == -EEXIST ? -EADDRINUSE : err;
}

int unix_autobind(struct unix_sock *u)
{
	u32 first = get_random_u32() & 0xfffff, n = first;
	struct unix_address *a;
	int err = 0;

	mutex_lock(&u->bindlock);
	if (u->addr)
		goto out;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	err = -ENOMEM;
	if (!a)
		goto out;
	do {
		struct sockaddr_storage name = {.ss_family = AF_UNIX};

		snprintf(name.__data + 1, 6, "%05x", n);
		unix_mkname(a, &name, PATH_AT + 6);
		err = unix_set_name(u, a);
		n = (n + 1) & 0xfffff;
	} while (err && n != first);
	if (err) {
		kfree(a);
		err = -ENOSPC;
	}
out:
	mutex_unlock(&u->bindlock);
	return err;
}

int unix_bind(struct socket *sock, struct sockaddr_storage *addr, int len)
{
	struct unix_sock *u = unix_sk(sock);
	struct unix_address *a;
	struct path path = {0};
	int err;

	if (len == PATH_AT && addr->ss_family == AF_UNIX)
		return unix_autobind(u);
	err = unix_validate_addr(addr, len);
	if (err)
		return err;
	a = kmalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	unix_mkname(a, addr, len);
	mutex_lock(&u->bindlock);
	err = u->addr ? -EINVAL : 0;
	if (!err && !a->abstract)
		err = unix_mknod(sock, a, &path);
	if (!err) {
		u->path = path;
		err = unix_set_name(u, a);
	}
	mutex_unlock(&u->bindlock);
	if (err)
		kfree(a);
	return err;
}

int unix_copy_addr(struct unix_sock *u, struct sockaddr_storage *addr)
{
	const struct unix_address *a = smp_load_acquire(&u->addr);

	if (!a) {
		addr->ss_family = AF_UNIX;
		return PATH_AT;
	}
	/* A path of the greatest length brings the NUL that the program left out. */
	memcpy(addr, &a->name, min(a->len, (int)sizeof(a->name)));
	if (a->len > (int)sizeof(a->name))
		addr->__data[sizeof(a->name.sun_path)] = 0;
	return a->len;
}

int unix_getname(struct socket *sock, struct sockaddr_storage *addr, int peer)
{
	struct unix_sock *u = unix_sk(sock), *other;
	int len;

	if (!peer)
		return unix_copy_addr(u, addr);
	spin_lock(&u->lock);
	other = u->peer;
	len = other ? unix_copy_addr(other, addr) : -ENOTCONN;
	spin_unlock(&u->lock);
	return len;
}

static struct unix_sock *find_path(const struct unix_address *a, short type)
{
	struct unix_sock *u;
	struct path path;
	int err = kern_path(a->name.sun_path, LOOKUP_FOLLOW, &path);

	if (err)
		return ERR_PTR(err);
	err = path_permission(&path, MAY_WRITE);
	u = NULL;
	if (!err && S_ISSOCK(d_inode(path.dentry)->i_mode))
		u = unix_find_inode(d_inode(path.dentry));
	if (!err && !u)
		err = -ECONNREFUSED;
	if (u && u->type != type) {
		unix_put(u);
		err = -EPROTOTYPE;
	}
	if (!err)
		touch_atime(&path);
	path_put(&path);
	return err ? ERR_PTR(err) : u;
}

struct unix_sock *unix_find_other(const struct unix_sock *u, const struct sockaddr_storage *addr,
				  int len)
{
	struct unix_address a;

	unix_mkname(&a, addr, len);
	if (!a.abstract)
		return find_path(&a, u->type);
	return unix_find_abstract(u, &a) ?: ERR_PTR(-ECONNREFUSED);
}
