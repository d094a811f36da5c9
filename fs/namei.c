/* SPDX-License-Identifier: MIT */
/*
 * From a name to a place: the path walk (path_resolution(7)), with references on each directory
 * it stands in. namei_rcu.c does the common case without; this is what it falls back on.
 *
 * Symbolic links are walked without recursion. Meeting one in the middle of a text, the walk puts
 * what is left of that text on nd->stack and goes on in the link's. The last name of a link's text
 * lets the link go before it is itself followed, so a chain of links needs one level only.
 */
#include "namei.h"
#include <arch/uaccess.h>
#include <jiffy/slab.h>

#define EMBEDDED_NAME_MAX (PATH_MAX - sizeof(struct filename))

static struct kmem_cache *names_cachep;

static struct kmem_cache *names_cache(void)
{
	struct kmem_cache *s = smp_load_acquire(&names_cachep), *old = NULL;

	if (likely(s))
		return s;
	s = kmem_cache_create("names_cache", PATH_MAX, 0, SLAB_PANIC, NULL);
	if (try_cmpxchg(&names_cachep, &old, s))
		return s;
	kmem_cache_destroy(s);
	return old;
}

struct filename *getname_flags(const char __user *uname, int lookup_flags)
{
	struct filename *result = kmem_cache_alloc(names_cache(), GFP_KERNEL);
	long len;

	if (unlikely(!result))
		return ERR_PTR(-ENOMEM);
	result->name = result->iname;
	len = strncpy_from_user(result->iname, uname, EMBEDDED_NAME_MAX);
	if (unlikely(len < 0))
		goto fail;
	if (unlikely(len == EMBEDDED_NAME_MAX)) {
		/* A name of nearly PATH_MAX: kept beside the header instead of behind it. */
		char *text = kmem_cache_alloc(names_cache(), GFP_KERNEL);

		len = -ENOMEM;
		if (!text)
			goto fail;
		result->name = text;
		len = strncpy_from_user(text, uname, PATH_MAX);
		if (len == PATH_MAX)
			len = -ENAMETOOLONG;
		if (len < 0) {
			kmem_cache_free(names_cache(), text);
			goto fail;
		}
	}
	len = !len && !(lookup_flags & LOOKUP_EMPTY) ? -ENOENT : 0;
	if (len)
		goto fail;
	refcount_set(&result->refcnt, 1);
	result->uptr = uname;
	return result;
fail:
	kmem_cache_free(names_cache(), result);
	return ERR_PTR(len);
}

struct filename *getname(const char __user *filename)
{
	return getname_flags(filename, 0);
}

struct filename *getname_kernel(const char *filename)
{
	size_t len = strlen(filename) + 1;
	struct filename *result;

	if (len > EMBEDDED_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	result = kmem_cache_alloc(names_cache(), GFP_KERNEL);
	if (!result)
		return ERR_PTR(-ENOMEM);
	memcpy(result->iname, filename, len);
	result->name = result->iname;
	result->uptr = NULL;
	refcount_set(&result->refcnt, 1);
	return result;
}

void putname(struct filename *name)
{
	if (IS_ERR_OR_NULL(name) || !refcount_dec_and_test(&name->refcnt))
		return;
	if (unlikely(name->name != name->iname))
		kmem_cache_free(names_cache(), (void *)name->name);
	kmem_cache_free(names_cache(), name);
}

void set_nameidata(struct nameidata *nd, int dfd, struct filename *name, const struct path *root)
{
	nd->stack = nd->internal;
	nd->depth = 0;
	nd->dfd = dfd;
	nd->name = name;
	nd->path.mnt = NULL;
	nd->path.dentry = NULL;
	nd->root.mnt = NULL;
	nd->root.dentry = NULL;
	nd->root_is_given = root != NULL;
	if (root)
		nd->root = *root;
	nd->total_link_count = 0;
	nd->saved = current->nameidata;
	current->nameidata = nd;
}

void restore_nameidata(void)
{
	struct nameidata *nd = current->nameidata;

	current->nameidata = nd->saved;
	if (nd->stack != nd->internal)
		kfree(nd->stack);
}

static void put_link(struct nameidata *nd)
{
	struct saved *last = &nd->stack[--nd->depth];

	do_delayed_call(&last->done);
	path_put(&last->link);
}

void terminate_walk(struct nameidata *nd)
{
	while (nd->depth)
		put_link(nd);
	if (nd->path.dentry)
		path_put(&nd->path);
	nd->path.mnt = NULL;
	nd->path.dentry = NULL;
	if (nd->root.mnt && !nd->root_is_given)
		path_put(&nd->root);
	if (!nd->root_is_given)
		nd->root.mnt = NULL;
}

static void set_root(struct nameidata *nd)
{
	if (!nd->root.mnt)
		get_fs_root(current->fs, &nd->root);
}

static int nd_jump_root(struct nameidata *nd)
{
	if (unlikely(nd->flags & LOOKUP_BENEATH))
		return -EXDEV;
	set_root(nd);
	if (unlikely(nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt && nd->path.mnt != nd->root.mnt)
		return -EXDEV;
	path_get(&nd->root);
	if (nd->path.dentry)
		path_put(&nd->path);
	nd->path = nd->root;
	return 0;
}

int nd_jump_link(const struct path *path)
{
	struct nameidata *nd = current->nameidata;
	int error = -ELOOP;

	if (unlikely(nd->flags & LOOKUP_NO_MAGICLINKS))
		goto err;
	error = -EXDEV;
	if (unlikely((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt != path->mnt))
		goto err;
	if (unlikely(nd->flags & LOOKUP_IS_SCOPED))
		goto err;
	path_put(&nd->path);
	nd->path = *path;
	return 0;
err:
	path_put(path);
	return error;
}

/* Keeps the walk's root, which the paths given back do not need. */
int complete_walk(struct nameidata *nd)
{
	struct dentry *dentry = nd->path.dentry;
	int status;

	if (unlikely(nd->flags & LOOKUP_IS_SCOPED) && nd->root.mnt) {
		/* `..` was checked step by step; a mount or rename meanwhile could cheat that. */
		if (nd->path.mnt == nd->root.mnt && !is_subdir(dentry, nd->root.dentry))
			return -EXDEV;
	}
	if (likely(!(dentry->d_flags & DCACHE_OP_REVALIDATE)) || nd->last_type == LAST_NORM)
		return 0;
	status = dentry->d_op->d_revalidate(dentry, nd->flags);
	if (status > 0)
		return 0;
	return status ? status : -ESTALE;
}

int follow_up(struct path *path)
{
	struct mount *mnt = real_mount(path->mnt), *parent;
	struct dentry *mountpoint;

	down_read(&namespace_sem);
	parent = mnt->mnt_parent;
	if (parent == mnt) {
		up_read(&namespace_sem);
		return 0;
	}
	mntget(&parent->mnt);
	mountpoint = dget(mnt->mnt_mountpoint);
	up_read(&namespace_sem);
	path_put(path);
	path->dentry = mountpoint;
	path->mnt = &parent->mnt;
	return 1;
}

int follow_down(struct path *path)
{
	struct vfsmount *mounted;

	if (!d_mountpoint(path->dentry))
		return 0;
	mounted = lookup_mnt(path);
	if (!mounted)
		return 0;
	path_put(path);
	path->mnt = mounted;
	path->dentry = dget(mounted->mnt_root);
	return 1;
}

/* Onto whatever is mounted here, mount upon mount. */
static int traverse_mounts(struct nameidata *nd, struct path *path)
{
	struct vfsmount *start = path->mnt;

	while (follow_down(path) > 0)
		;
	if (unlikely(nd->flags & LOOKUP_NO_XDEV) && path->mnt != start)
		return -EXDEV;
	return 0;
}

/* Where the mount that path is the root of is mounted, climbing stacked roots. */
static bool choose_mountpoint(struct nameidata *nd, struct path *path)
{
	while (path->dentry == path->mnt->mnt_root) {
		if (path_equal(path, &nd->root) || !follow_up(path))
			return false;
	}
	return true;
}

static const char *follow_dotdot(struct nameidata *nd)
{
	struct path path = nd->path;
	struct dentry *parent;
	int err;

	set_root(nd);
	if (path_equal(&nd->path, &nd->root))
		goto in_root;
	path_get(&path);
	if (unlikely(path.dentry == path.mnt->mnt_root)) {
		struct vfsmount *was = path.mnt;

		if (!choose_mountpoint(nd, &path) || path_equal(&path, &nd->root)) {
			bool at_root = path_equal(&path, &nd->root);

			if (!at_root || path.mnt == was) {
				path_put(&path);
				goto in_root;
			}
		}
		if (unlikely(nd->flags & LOOKUP_NO_XDEV) && path.mnt != was) {
			path_put(&path);
			return ERR_PTR(-EXDEV);
		}
		if (path_equal(&path, &nd->root)) {
			path_put(&nd->path);
			nd->path = path;
			goto up;
		}
	}
	parent = dget_parent(path.dentry);
	/* A directory that was moved out of a bind mount has no way up inside it. */
	if (unlikely(path.mnt->mnt_root != path.mnt->mnt_sb->s_root) &&
	    !is_subdir(parent, path.mnt->mnt_root)) {
		dput(parent);
		path_put(&path);
		return ERR_PTR(-ENOENT);
	}
	dput(path.dentry);
	path.dentry = parent;
	path_put(&nd->path);
	nd->path = path;
up:
	err = traverse_mounts(nd, &nd->path);
	return ERR_PTR(err);
in_root:
	if (unlikely(nd->flags & LOOKUP_BENEATH))
		return ERR_PTR(-EXDEV);
	/* `..` of the root is the root, or what is mounted over it. */
	err = traverse_mounts(nd, &nd->path);
	return ERR_PTR(err);
}

const char *handle_dots(struct nameidata *nd, enum last_type type)
{
	const char *error;

	if (type != LAST_DOTDOT)
		return NULL;
	error = follow_dotdot(nd);
	if (error)
		return error;
	if (unlikely(nd->flags & LOOKUP_IS_SCOPED)) {
		/* A rename or mount at the same time could have moved us out: the caller retries.
		 */
		if (read_seqretry(&mount_lock, nd->m_seq) || read_seqretry(&rename_lock, nd->r_seq))
			return ERR_PTR(-EAGAIN);
	}
	return NULL;
}

/* A name that its file system does not vouch for any more is dropped: look it up again. */
static int d_revalidate(struct dentry *dentry, unsigned int flags)
{
	if (unlikely(dentry->d_flags & DCACHE_OP_REVALIDATE))
		return dentry->d_op->d_revalidate(dentry, flags);
	return 1;
}

struct dentry *lookup_fast(struct nameidata *nd)
{
	struct dentry *dentry = d_lookup(nd->path.dentry, &nd->last);
	int status;

	if (!dentry)
		return NULL;
	status = d_revalidate(dentry, nd->flags);
	if (likely(status > 0))
		return dentry;
	if (!status)
		d_invalidate(dentry);
	dput(dentry);
	return ERR_PTR(status);
}

struct dentry *lookup_hash(struct qstr *name, struct dentry *base, unsigned int flags)
{
	struct inode *dir = d_inode(base);
	struct dentry *dentry, *old;

	dentry = d_lookup(base, name);
	if (dentry) {
		int status = d_revalidate(dentry, flags);

		if (likely(status > 0))
			return dentry;
		if (!status)
			d_invalidate(dentry);
		dput(dentry);
		if (status)
			return ERR_PTR(status);
	}
	if (unlikely(IS_DEADDIR(dir)))
		return ERR_PTR(-ENOENT);
	dentry = d_alloc(base, name);
	if (unlikely(!dentry))
		return ERR_PTR(-ENOMEM);
	old = dir->i_op->lookup(dir, dentry, flags);
	if (unlikely(old)) {
		dput(dentry);
		dentry = old;
	}
	return dentry;
}

struct dentry *lookup_slow(const struct qstr *name, struct dentry *dir, unsigned int flags)
{
	struct inode *inode = d_inode(dir);
	struct qstr last = *name;
	struct dentry *res;

	inode_lock_nested(inode, I_MUTEX_PARENT);
	res = lookup_hash(&last, dir, flags);
	inode_unlock(inode);
	return res;
}

static int nd_alloc_stack(struct nameidata *nd)
{
	struct saved *p;

	if (likely(nd->depth < EMBEDDED_LEVELS) || nd->stack != nd->internal)
		return 0;
	p = kmalloc_array(MAXSYMLINKS, sizeof(struct saved), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	memcpy(p, nd->internal, sizeof(nd->internal));
	nd->stack = p;
	return 0;
}

/* link's references are taken over. The text to walk, NULL when the link jumped, ERR_PTR. */
static const char *pick_link(struct nameidata *nd, struct path *link, struct inode *inode)
{
	const char *res;
	struct saved *last;
	int error = -ELOOP;

	if (unlikely(nd->total_link_count++ >= MAXSYMLINKS) ||
	    unlikely(nd->flags & LOOKUP_NO_SYMLINKS) ||
	    unlikely(link->mnt->mnt_flags & MNT_NOSYMFOLLOW))
		goto fail;
	error = nd_alloc_stack(nd);
	if (error)
		goto fail;
	last = &nd->stack[nd->depth++];
	last->link = *link;
	last->done.fn = NULL;
	last->name = NULL;
	touch_atime(link);
	res = inode->i_op->get_link == simple_get_link
		  ? inode->i_link
		  : inode->i_op->get_link(link->dentry, inode, &last->done);
	if (!res)
		goto all_done;
	if (IS_ERR(res))
		return res;
	if (*res == '/') {
		error = nd_jump_root(nd);
		if (unlikely(error))
			return ERR_PTR(error);
		while (unlikely(*++res == '/'))
			;
	}
	if (*res)
		return res;
all_done:
	put_link(nd);
	return NULL;
fail:
	path_put(link);
	return ERR_PTR(error);
}

const char *step_into(struct nameidata *nd, int flags, struct dentry *dentry)
{
	struct path path = {.mnt = nd->path.mnt, .dentry = dentry};
	struct inode *inode;
	int err;

	mntget(path.mnt);
	err = traverse_mounts(nd, &path);
	if (unlikely(err)) {
		path_put(&path);
		return ERR_PTR(err);
	}
	inode = d_inode(path.dentry);
	if (unlikely(!inode)) {
		path_put(&path);
		return ERR_PTR(-ENOENT);
	}
	if (unlikely(S_ISLNK(inode->i_mode)) &&
	    (!(flags & WALK_TRAILING) || (nd->flags & LOOKUP_FOLLOW)))
		return pick_link(nd, &path, inode);
	path_put(&nd->path);
	nd->path = path;
	return NULL;
}

static const char *walk_component(struct nameidata *nd, int flags, bool more)
{
	struct dentry *dentry;

	if (unlikely(nd->last_type != LAST_NORM)) {
		if (!more && nd->depth)
			put_link(nd);
		return handle_dots(nd, nd->last_type);
	}
	dentry = lookup_fast(nd);
	if (!dentry)
		dentry = lookup_slow(&nd->last, nd->path.dentry, nd->flags);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (!more && nd->depth)
		put_link(nd);
	return step_into(nd, flags, dentry);
}

unsigned int hash_name(const struct dentry *parent, const char *name, u32 *hash)
{
	u64 h = (unsigned long)parent >> 6;
	const char *p = name;

	for (; *p && *p != '/'; p++)
		h = (h ^ (u8)*p) * 0x100000001b3ULL;
	*hash = h ^ (h >> 32);
	return p - name;
}

static enum last_type name_type(const char *name, unsigned int len)
{
	if (unlikely(name[0] == '.')) {
		if (len == 1)
			return LAST_DOT;
		if (len == 2 && name[1] == '.')
			return LAST_DOTDOT;
	}
	return LAST_NORM;
}

int link_path_walk(const char *name, struct nameidata *nd)
{
	unsigned int depth = 0;

	nd->last_type = LAST_ROOT;
	nd->flags |= LOOKUP_PARENT;
	if (IS_ERR(name))
		return PTR_ERR(name);
	while (*name == '/')
		name++;
	if (!*name)
		return 0;
	for (;;) {
		const char *link;
		int err = inode_permission(d_inode(nd->path.dentry), MAY_EXEC);

		if (unlikely(err))
			return err;
		nd->last.len = hash_name(nd->path.dentry, name, &nd->last.hash);
		nd->last.name = name;
		if (unlikely(nd->last.len > NAME_MAX))
			return -ENAMETOOLONG;
		nd->last_type = name_type(name, nd->last.len);
		name += nd->last.len;
		while (*name == '/')
			name++;
		if (*name) {
			link = walk_component(nd, 0, true);
		} else {
			/* The end of a text: the caller's, or a link's whose last name this is. */
			if (!depth)
				return 0;
			name = nd->stack[--depth].name;
			link = walk_component(nd, 0, false);
		}
		if (unlikely(link)) {
			if (IS_ERR(link))
				return PTR_ERR(link);
			nd->stack[depth++].name = name;
			name = link;
			continue;
		}
		if (unlikely(!(nd->path.dentry->d_flags & DCACHE_DIRECTORY)))
			return -ENOTDIR;
	}
}

const char *path_init(struct nameidata *nd, unsigned int flags)
{
	const char *s = nd->name->name;
	int error;

	nd->flags = flags & ~LOOKUP_RCU;
	nd->m_seq = read_seqbegin(&mount_lock);
	nd->r_seq = read_seqbegin(&rename_lock);
	if (nd->root_is_given) {
		if (*s && !(nd->root.dentry->d_flags & DCACHE_DIRECTORY))
			return ERR_PTR(-ENOTDIR);
		nd->path = nd->root;
		path_get(&nd->path);
		return s;
	}
	if (*s == '/' && !(flags & LOOKUP_IN_ROOT)) {
		error = nd_jump_root(nd);
		return unlikely(error) ? ERR_PTR(error) : s;
	}
	if (nd->dfd == AT_FDCWD) {
		get_fs_pwd(current->fs, &nd->path);
	} else {
		struct fd f = fdget_raw(nd->dfd);

		if (!f.file)
			return ERR_PTR(-EBADF);
		if (*s && !(f.file->f_path.dentry->d_flags & DCACHE_DIRECTORY)) {
			fdput(f);
			return ERR_PTR(-ENOTDIR);
		}
		nd->path = f.file->f_path;
		path_get(&nd->path);
		fdput(f);
	}
	if (flags & LOOKUP_IS_SCOPED) {
		nd->root = nd->path;
		path_get(&nd->root);
	}
	return s;
}

static const char *lookup_last(struct nameidata *nd)
{
	if (nd->last_type == LAST_NORM && nd->last.name[nd->last.len])
		nd->flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	return walk_component(nd, WALK_TRAILING, false);
}

int path_lookupat(struct nameidata *nd, unsigned int flags, struct path *path)
{
	const char *s = path_init(nd, flags);
	int err;

	while (!(err = link_path_walk(s, nd)) && (s = lookup_last(nd)) != NULL)
		;
	if (!err)
		err = complete_walk(nd);
	if (!err && (nd->flags & LOOKUP_DIRECTORY) &&
	    !(nd->path.dentry->d_flags & DCACHE_DIRECTORY))
		err = -ENOTDIR;
	if (!err) {
		*path = nd->path;
		nd->path.mnt = NULL;
		nd->path.dentry = NULL;
	}
	terminate_walk(nd);
	return err;
}

int path_parentat(struct nameidata *nd, unsigned int flags, struct path *parent)
{
	const char *s = path_init(nd, flags);
	int err = link_path_walk(s, nd);

	if (!err)
		err = complete_walk(nd);
	if (!err) {
		*parent = nd->path;
		nd->path.mnt = NULL;
		nd->path.dentry = NULL;
	}
	terminate_walk(nd);
	return err;
}

int filename_lookup(int dfd, struct filename *name, unsigned int flags, struct path *path,
		    const struct path *root)
{
	struct nameidata nd;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	if (likely(!root)) {
		err = rcu_path_lookup(dfd, name->name, flags, path, NULL);
		if (likely(err != -ECHILD))
			return err;
	}
	if (flags & LOOKUP_CACHED)
		return -EAGAIN;
	set_nameidata(&nd, dfd, name, root);
	err = path_lookupat(&nd, flags, path);
	if (unlikely(err == -ESTALE))
		err = path_lookupat(&nd, flags | LOOKUP_REVAL, path);
	restore_nameidata();
	return err;
}

int filename_parentat(int dfd, struct filename *name, unsigned int flags, struct path *parent,
		      struct qstr *last, enum last_type *type)
{
	struct nameidata nd;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	set_nameidata(&nd, dfd, name, NULL);
	err = path_parentat(&nd, flags, parent);
	*last = nd.last;
	*type = nd.last_type;
	restore_nameidata();
	return err;
}

int kern_path(const char *name, unsigned int flags, struct path *path)
{
	struct filename *filename = getname_kernel(name);
	int err = filename_lookup(AT_FDCWD, filename, flags, path, NULL);

	putname(filename);
	return err;
}

int vfs_path_lookup(struct dentry *dentry, struct vfsmount *mnt, const char *name,
		    unsigned int flags, struct path *path)
{
	struct path root = {.mnt = mnt, .dentry = dentry};
	struct filename *filename = getname_kernel(name);
	int err = filename_lookup(AT_FDCWD, filename, flags, path, &root);

	putname(filename);
	return err;
}

int user_path_at(int dfd, const char __user *name, unsigned int flags, struct path *path)
{
	struct filename *filename = getname_flags(name, flags);
	int err = filename_lookup(dfd, filename, flags, path, NULL);

	putname(filename);
	return err;
}

struct dentry *lookup_one_len(const char *name, struct dentry *base, int len)
{
	struct qstr this = QSTR_INIT(name, len);
	int err;

	lockdep_assert_held(&d_inode(base)->i_rwsem);
	if (!len || name_type(name, len) != LAST_NORM || memchr(name, '/', len))
		return ERR_PTR(-EACCES);
	err = inode_permission(d_inode(base), MAY_EXEC);
	if (err)
		return ERR_PTR(err);
	this.hash = full_name_hash(base, name, len);
	return lookup_hash(&this, base, 0);
}
