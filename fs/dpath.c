/* SPDX-License-Identifier: MIT */
/*
 * From a place back to its name: d_path() and getcwd(2). The way up is read without locks, under
 * RCU, and done again when rename_lock or mount_lock show that something moved meanwhile.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

struct prepend {
	char *buf; /* begin of the text so far */
	int len;   /* room before it; below 0: did not fit */
};

static void prepend(struct prepend *p, const char *s, int n)
{
	p->len -= n;
	if (p->len >= 0) {
		p->buf -= n;
		memcpy(p->buf, s, n);
	}
}

/* "/name". The name may be changing: copy byte by byte, a NUL ends it early and the seqlock tells.
 */
static void prepend_name(struct prepend *p, const struct dentry *dentry)
{
	const char *name = READ_ONCE(dentry->d_name.name);
	int len = READ_ONCE(dentry->d_name.len);
	char *to;

	p->len -= len + 1;
	if (p->len < 0)
		return;
	p->buf -= len + 1;
	to = p->buf;
	*to++ = '/';
	while (len--) {
		char c = *name++;

		if (!c)
			break;
		*to++ = c;
	}
}

enum way_end { REACHED_ROOT, REACHED_GLOBAL_ROOT, REACHED_OUTSIDE };

/* Prepends everything between path and root. */
static enum way_end walk_up(struct dentry *dentry, struct mount *mnt, const struct path *root,
			    struct prepend *p)
{
	while (dentry != root->dentry || &mnt->mnt != root->mnt) {
		struct dentry *parent = READ_ONCE(dentry->d_parent);

		if (dentry == mnt->mnt.mnt_root) {
			struct mount *up = READ_ONCE(mnt->mnt_parent);

			if (mnt == up)
				return READ_ONCE(mnt->mnt_ns) ? REACHED_GLOBAL_ROOT
							      : REACHED_OUTSIDE;
			dentry = READ_ONCE(mnt->mnt_mountpoint);
			mnt = up;
			continue;
		}
		if (dentry == parent)
			return REACHED_OUTSIDE;
		prepend_name(p, dentry);
		if (p->len < 0)
			break;
		dentry = parent;
	}
	return REACHED_ROOT;
}

static enum way_end prepend_path(const struct path *path, const struct path *root,
				 struct prepend *p)
{
	struct prepend start = *p;
	unsigned int rseq, mseq;
	enum way_end end;

	do {
		*p = start;
		mseq = read_seqbegin(&mount_lock);
		rseq = read_seqbegin(&rename_lock);
		rcu_read_lock();
		end = walk_up(path->dentry, real_mount(path->mnt), root, p);
		rcu_read_unlock();
	} while (read_seqretry(&rename_lock, rseq) || read_seqretry(&mount_lock, mseq));
	if (p->len == start.len && p->len > 0)
		prepend(p, "/", 1);
	return end;
}

static char *prepend_result(const struct prepend *p)
{
	return p->len < 0 ? ERR_PTR(-ENAMETOOLONG) : p->buf;
}

static void prepend_begin(struct prepend *p, char *buf, int buflen)
{
	p->buf = buf + buflen;
	p->len = buflen;
	prepend(p, "", 1);
}

char *__d_path(const struct path *path, const struct path *root, char *buf, int buflen)
{
	struct prepend p;

	prepend_begin(&p, buf, buflen);
	if (prepend_path(path, root, &p) != REACHED_ROOT)
		return NULL;
	return prepend_result(&p);
}

char *d_absolute_path(const struct path *path, char *buf, int buflen)
{
	static const struct path none;
	struct prepend p;

	prepend_begin(&p, buf, buflen);
	if (prepend_path(path, &none, &p) == REACHED_OUTSIDE)
		return ERR_PTR(-EINVAL);
	return prepend_result(&p);
}

char *d_path(const struct path *path, char *buf, int buflen)
{
	struct path root;
	struct prepend p;

	if (path->dentry->d_op && path->dentry->d_op->d_dname &&
	    (!IS_ROOT(path->dentry) || path->dentry != path->mnt->mnt_root))
		return path->dentry->d_op->d_dname(path->dentry, buf, buflen);
	get_fs_root(current->fs, &root);
	prepend_begin(&p, buf, buflen);
	if (d_unlinked(path->dentry))
		prepend(&p, " (deleted)", 10);
	prepend_path(path, &root, &p);
	path_put(&root);
	return prepend_result(&p);
}

char *dentry_path_raw(struct dentry *dentry, char *buf, int buflen)
{
	struct prepend start, p;
	struct dentry *d;
	unsigned int seq;

	prepend_begin(&start, buf, buflen);
	do {
		p = start;
		seq = read_seqbegin(&rename_lock);
		rcu_read_lock();
		for (d = dentry; !IS_ROOT(d) && p.len >= 0; d = READ_ONCE(d->d_parent))
			prepend_name(&p, d);
		rcu_read_unlock();
	} while (read_seqretry(&rename_lock, seq));
	if (p.len == start.len)
		prepend(&p, "/", 1);
	return prepend_result(&p);
}

char *dynamic_dname(char *buf, int buflen, const char *fmt, ...)
{
	char text[64];
	struct prepend p = {.buf = buf + buflen, .len = buflen};
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap) + 1;
	va_end(ap);
	if (n > (int)sizeof(text))
		return ERR_PTR(-ENAMETOOLONG);
	prepend(&p, text, n);
	return prepend_result(&p);
}

/* What an anonymous file of shared memory shows as: "/name (deleted)". */
char *simple_dname(struct dentry *dentry, char *buf, int buflen)
{
	struct prepend p;

	prepend_begin(&p, buf, buflen);
	prepend(&p, " (deleted)", 10);
	prepend(&p, dentry->d_name.name, dentry->d_name.len);
	prepend(&p, "/", 1);
	return prepend_result(&p);
}

SYSCALL_DEFINE2(getcwd, char __user *, buf, unsigned long, size)
{
	struct path root, pwd;
	struct prepend p;
	char *page = kmalloc(PATH_MAX, GFP_KERNEL);
	long error = -ENOENT;

	if (!page)
		return -ENOMEM;
	get_fs_root(current->fs, &root);
	get_fs_pwd(current->fs, &pwd);
	if (!d_unlinked(pwd.dentry)) {
		long len;

		prepend_begin(&p, page, PATH_MAX);
		if (prepend_path(&pwd, &root, &p) != REACHED_ROOT)
			prepend(&p, "(unreachable)", 13);
		len = page + PATH_MAX - p.buf;
		if (p.len < 0)
			error = -ENAMETOOLONG;
		else if ((unsigned long)len > size)
			error = -ERANGE;
		else
			error = copy_to_user(buf, p.buf, len) ? -EFAULT : len;
	}
	path_put(&pwd);
	path_put(&root);
	kfree(page);
	return error;
}
