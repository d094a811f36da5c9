/* SPDX-License-Identifier: MIT */
/*
 * The path walk without references. Between rcu_read_lock() and rcu_read_unlock() no dentry,
 * inode or mount that the walk can see is freed; whether what it saw belongs together is
 * checked by sequence numbers:
 *
 *	walk					rename, unlink, mount
 *	seq = dir->d_seq			d_seq odd
 *	child = hash look-up under dir		change name, parent or inode
 *	child_seq = child->d_seq		d_seq even, another number
 *	dir->d_seq == seq? go on from child
 *
 * Only at the end are references taken, and the last number checked once more. Whatever is not
 * the plain case (a name not in the cache, a file system with its own say, a link whose text is
 * not in memory, `..` out of a mount) answers -ECHILD and the walk in namei.c begins anew. So
 * looking up cached names writes no memory that CPUs share but the counts of the last dentry and
 * of its mount.
 */
#include "namei.h"

#define RCU_LINKS 8

struct rcu_walk {
	struct vfsmount *mnt;
	struct dentry *dentry;
	struct inode *inode;
	unsigned int seq;   /* of dentry */
	unsigned int m_seq; /* of mount_lock */
	struct vfsmount *root_mnt;
	struct dentry *root_dentry;
	int links;
	const char *rest[RCU_LINKS]; /* what follows each link being walked */
	unsigned int depth;
};

static int enter(struct rcu_walk *w, struct vfsmount *mnt, struct dentry *dentry)
{
	w->mnt = mnt;
	w->dentry = dentry;
	w->seq = smp_load_acquire(&dentry->d_seq.sequence);
	w->inode = READ_ONCE(dentry->d_inode);
	if ((w->seq & 1) || !w->inode)
		return -ECHILD;
	return 0;
}

static void read_fs_root(struct rcu_walk *w)
{
	struct fs_struct *fs = current->fs;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&fs->seq);
		w->root_mnt = fs->root.mnt;
		w->root_dentry = fs->root.dentry;
	} while (read_seqcount_retry(&fs->seq, seq));
}

static int start(struct rcu_walk *w, int dfd, const char *name)
{
	struct fs_struct *fs = current->fs;
	struct vfsmount *mnt;
	struct dentry *dentry;
	unsigned int seq;

	read_fs_root(w);
	if (*name == '/')
		return enter(w, w->root_mnt, w->root_dentry);
	if (dfd == AT_FDCWD) {
		do {
			seq = read_seqcount_begin(&fs->seq);
			mnt = fs->pwd.mnt;
			dentry = fs->pwd.dentry;
		} while (read_seqcount_retry(&fs->seq, seq));
		return enter(w, mnt, dentry);
	}
	return -ECHILD;
}

static int cross_mounts(struct rcu_walk *w)
{
	while (unlikely(d_mountpoint(w->dentry))) {
		struct mount *m = __lookup_mnt(w->mnt, w->dentry);
		int err;

		if (!m)
			return read_seqretry(&mount_lock, w->m_seq) ? -ECHILD : 0;
		err = enter(w, &m->mnt, m->mnt.mnt_root);
		if (err)
			return err;
		if (read_seqretry(&mount_lock, w->m_seq))
			return -ECHILD;
	}
	return 0;
}

static int dotdot(struct rcu_walk *w)
{
	struct dentry *old = w->dentry, *parent;
	unsigned int old_seq = w->seq;
	int err;

	if (old == w->root_dentry && w->mnt == w->root_mnt)
		return 0;
	if (old == w->mnt->mnt_root || w->mnt->mnt_root != w->mnt->mnt_sb->s_root)
		return -ECHILD;
	parent = READ_ONCE(old->d_parent);
	err = enter(w, w->mnt, parent);
	if (err || read_seqcount_retry(&old->d_seq, old_seq))
		return -ECHILD;
	return cross_mounts(w);
}

/* The child by name; *link gets the text when it is a link to follow. */
static int step(struct rcu_walk *w, const struct qstr *name, bool follow, const char **link)
{
	struct dentry *dir = w->dentry, *dentry;
	unsigned int dir_seq = w->seq, seq;
	struct inode *inode;

	*link = NULL;
	dentry = __d_lookup_rcu(dir, name, &seq);
	if (!dentry)
		return -ECHILD;
	inode = READ_ONCE(dentry->d_inode);
	if (unlikely(dentry->d_flags & DCACHE_OP_REVALIDATE) || unlikely(!inode) ||
	    read_seqcount_retry(&dentry->d_seq, seq) || read_seqcount_retry(&dir->d_seq, dir_seq))
		return -ECHILD;
	if (unlikely(S_ISLNK(inode->i_mode)) && follow) {
		struct path path = {.mnt = w->mnt, .dentry = dentry};

		if (inode->i_op->get_link != simple_get_link || w->links++ >= RCU_LINKS ||
		    (w->mnt->mnt_flags & MNT_NOSYMFOLLOW))
			return -ECHILD;
		*link = READ_ONCE(inode->i_link);
		if (!*link || read_seqcount_retry(&dentry->d_seq, seq))
			return -ECHILD;
		touch_atime(&path);
		return 0;
	}
	w->dentry = dentry;
	w->seq = seq;
	w->inode = inode;
	return cross_mounts(w);
}

static int may_search(struct rcu_walk *w)
{
	if (unlikely(w->inode->i_op->permission))
		return -ECHILD;
	if (!S_ISDIR(w->inode->i_mode))
		return -ECHILD;
	/* A refusal may rest on a mode that a concurrent change tore: let the other walk say it. */
	return generic_permission(w->inode, MAY_EXEC | MAY_NOT_BLOCK) ? -ECHILD : 0;
}

/* A component of the path, and what of the path is behind it. */
struct component {
	struct qstr name;
	const char *next;
	bool slash; /* one or more stood behind it */
};

/* The component at name, which is not empty. */
static int next_component(struct rcu_walk *w, const char *name, struct component *c)
{
	int err = may_search(w);

	if (err)
		return err;
	c->name.name = name;
	c->name.len = hash_name(w->dentry, name, &c->name.hash);
	if (c->name.len > NAME_MAX)
		return -ECHILD;
	name += c->name.len;
	c->slash = *name == '/';
	while (*name == '/')
		name++;
	c->next = name;
	return 0;
}

/* `.` or `..` */
static bool is_dots(const struct qstr *name)
{
	return name->name[0] == '.' && (name->len == 1 || (name->len == 2 && name->name[1] == '.'));
}

/*
 * A link's text comes next, and what is behind the link after it. A slash behind a last link asks
 * for a directory: it is kept in view.
 */
static int enter_link(struct rcu_walk *w, const char *link, const struct component *c)
{
	if (*c->next || c->slash)
		w->rest[w->depth++] = *c->next ? c->next : "/";
	if (*link == '/')
		return enter(w, w->root_mnt, w->root_dentry);
	return *link ? 0 : -ECHILD;
}

/*
 * All of name but, for LOOKUP_PARENT, the last component, which goes to *last. A name that ends
 * in a slash, in `.` or `..` is left to the other walk in that case.
 */
static int walk(struct rcu_walk *w, const char *name, unsigned int flags, struct qstr *last)
{
	for (;;) {
		struct component c;
		const char *link = NULL;
		bool end;
		int err;

		while (*name == '/')
			name++;
		if (!*name)
			return last ? -ECHILD : 0;
		err = next_component(w, name, &c);
		if (err)
			return err;
		end = !*c.next && !w->depth;
		if (last && end) {
			*last = c.name;
			return c.slash || is_dots(&c.name) ? -ECHILD : 0;
		}
		if (is_dots(&c.name)) {
			err = c.name.len == 2 ? dotdot(w) : 0;
		} else {
			err = step(w, &c.name, !end || c.slash || (flags & LOOKUP_FOLLOW), &link);
			if (end && c.slash)
				flags |= LOOKUP_DIRECTORY;
		}
		if (!err && link)
			err = enter_link(w, link, &c);
		if (err)
			return err;
		name = c.next;
		if (link) {
			name = link;
			continue;
		}
		while (!*name && w->depth) {
			name = w->rest[--w->depth];
			if (name[0] == '/' && !name[1])
				flags |= LOOKUP_DIRECTORY;
		}
		if (!*name || (name[0] == '/' && !name[1]))
			break;
	}
	if ((flags & LOOKUP_DIRECTORY) && !S_ISDIR(w->inode->i_mode))
		return -ECHILD;
	return 0;
}

/* References for the place that was reached, if it still is what was seen. Drops the RCU lock. */
static int legitimize(struct rcu_walk *w, struct path *path)
{
	if (!legitimize_mnt(w->mnt, w->m_seq)) {
		rcu_read_unlock();
		return -ECHILD;
	}
	if (!dget_not_dead(w->dentry)) {
		rcu_read_unlock();
		mntput(w->mnt);
		return -ECHILD;
	}
	path->mnt = w->mnt;
	path->dentry = w->dentry;
	if (read_seqcount_retry(&w->dentry->d_seq, w->seq)) {
		rcu_read_unlock();
		path_put(path);
		return -ECHILD;
	}
	rcu_read_unlock();
	return 0;
}

int rcu_path_lookup(int dfd, const char *name, unsigned int flags, struct path *path,
		    struct qstr *last)
{
	const unsigned int special = LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS | LOOKUP_NO_XDEV |
				     LOOKUP_IS_SCOPED | LOOKUP_DOWN | LOOKUP_REVAL;
	struct rcu_walk w;
	int err;

	if (unlikely(flags & special) || !*name)
		return -ECHILD;
	w.links = 0;
	w.depth = 0;
	rcu_read_lock();
	w.m_seq = read_seqbegin(&mount_lock);
	err = start(&w, dfd, name);
	if (!err)
		err = walk(&w, name, flags, last);
	if (err) {
		rcu_read_unlock();
		return err;
	}
	return legitimize(&w, path);
}
