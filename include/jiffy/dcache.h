/* SPDX-License-Identifier: MIT */
/*
 * Dentries: the names that have been looked up, each bound to an inode or (negative) to none.
 *
 * A dentry is found by (parent, name) in a hash table that readers walk under rcu_read_lock().
 * d_count: users; below zero it is dying and nobody may take it. A dentry that nobody uses is
 * freed at once, so a file system that lives in the cache (tmpfs, and everything built on
 * simple_*) keeps one reference of its own for each name that exists.
 *
 * Serialization rules of the dcache
 *	d_lock		d_flags, d_subdirs (the list itself), the unlinking of the dentry
 *	hash bucket	d_hash; nests inside d_lock
 *	parent's d_lock	d_child
 *	inode->i_lock	d_alias
 *	d_seq		written, with d_lock held, when d_name, d_parent, d_inode or the hashing
 *			changes: a reader without references copies and then looks at it again
 *	rename_lock	(seqlock) held for writing while any dentry changes its parent or name;
 *			whoever walks up several parents retries when it changed
 * Order: i_rwsem (parent before child), rename_lock, parent's d_lock, child's d_lock, bucket;
 * i_lock before d_lock.
 */
#ifndef JIFFY_DCACHE_H
#define JIFFY_DCACHE_H

#include <jiffy/list.h>
#include <jiffy/rcupdate.h>
#include <jiffy/seqlock.h>
#include <jiffy/spinlock.h>

struct inode;
struct super_block;
struct vfsmount;
struct path;
struct kstat;

/* A name with its length and its hash, which depends on the parent too. */
struct qstr {
	u32 hash;
	u32 len;
	const char *name;
};
#define QSTR_INIT(n, l)                            \
	{                                          \
		.hash = 0, .len = (l), .name = (n) \
	}
#define QSTR(n)                                          \
	(struct qstr)                                    \
	{                                                \
		.hash = 0, .len = strlen(n), .name = (n) \
	}

#define DNAME_INLINE_LEN 40

struct dentry {
	/* what a walk without references reads */
	unsigned int d_flags; /* DCACHE_* */
	seqcount_t d_seq;
	struct hlist_node d_hash;
	struct dentry *d_parent; /* itself for a root */
	struct qstr d_name;
	struct inode *d_inode; /* NULL: negative */
	char d_iname[DNAME_INLINE_LEN];

	atomic_t d_count;
	spinlock_t d_lock;
	const struct dentry_operations *d_op;
	struct super_block *d_sb;
	unsigned long d_time; /* for the file system */
	void *d_fsdata;	      /* likewise */

	struct list_head d_child;
	struct list_head d_subdirs;
	union {
		struct hlist_node d_alias; /* in d_inode->i_dentry */
		struct rcu_head d_rcu;	   /* once dead */
	};
};

struct dentry_operations {
	/* 1: still right, 0: drop it and look up anew, -ECHILD: ask again with references. */
	int (*d_revalidate)(struct dentry *dentry, unsigned int flags);
	int (*d_delete)(
	    const struct dentry *dentry); /* kept for the field's sake: unused die anyway */
	void (*d_release)(struct dentry *dentry);
	void (*d_iput)(struct dentry *dentry, struct inode *inode);
	/* A name for d_path() of what has no place in a tree ("pipe:[17]"); see dynamic_dname(). */
	char *(*d_dname)(struct dentry *dentry, char *buf, int len);
};

#define DCACHE_MOUNTED	     0x0001 /* somewhere, in some namespace, a mount covers it */
#define DCACHE_OP_REVALIDATE 0x0002
#define DCACHE_CANT_MOUNT    0x0004 /* removed: nothing may be mounted here */
#define DCACHE_DISCONNECTED  0x0008 /* no parent: anonymous file */
#define DCACHE_DIRECTORY     0x0010 /* entry types, so that the walk need not touch the inode */
#define DCACHE_SYMLINK	     0x0020
#define DCACHE_PERSISTENT    0x0040 /* the file system's own reference (d_make_persistent) */

extern seqlock_t rename_lock;

/* The hash of a name below a parent. Any context. */
u32 full_name_hash(const void *salt, const char *name, unsigned int len);

/* A negative, unhashed dentry with one reference; NULL when memory is short. Task context. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_alloc_name(struct dentry *parent, const char *name);
/* The root dentry of a superblock for inode, whose reference it takes (also on failure). */
struct dentry *d_make_root(struct inode *root_inode);
/* A dentry without a place in any tree, named name: pipes, sockets, memfd. */
struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name);

/* Gives a negative dentry its inode (whose reference it takes over; NULL leaves it negative). */
void d_instantiate(struct dentry *dentry, struct inode *inode);
/* The same, and hashes it: what ->lookup() ends with. */
void d_add(struct dentry *dentry, struct inode *inode);
void d_rehash(struct dentry *dentry);
/* Takes the dentry out of the hash: the next look-up will not find it. */
void d_drop(struct dentry *dentry);
/* The name is gone: makes the dentry negative if nobody else uses it, else unhashes it. */
void d_delete(struct dentry *dentry);
/* d_drop() for it and all below it, with the file system's references put. rmdir-like races. */
void d_invalidate(struct dentry *dentry);
/* dentry takes the place and the name of target, or (exchange) they swap. Both i_rwsem held. */
void d_move(struct dentry *dentry, struct dentry *target);
void d_exchange(struct dentry *a, struct dentry *b);
/* True when p1 is p2 or an ancestor of it. */
bool is_subdir(struct dentry *dentry, struct dentry *ancestor);
/* The child with a reference, or NULL. Any task context; no lock needed. */
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name);
/* The same with the hash computed. */
struct dentry *d_hash_and_lookup(struct dentry *parent, struct qstr *name);
/* No reference is taken and *seqp must be checked afterwards. Inside rcu_read_lock(). */
struct dentry *__d_lookup_rcu(struct dentry *parent, const struct qstr *name, unsigned int *seqp);
/* Some hashed or root dentry of the inode, with a reference, or NULL. */
struct dentry *d_find_alias(struct inode *inode);
/* Hash and positive, for a dcache file system: adds (drops) the file system's reference. */
void d_make_persistent(struct dentry *dentry, struct inode *inode);
void d_make_discardable(struct dentry *dentry);
/* The whole tree of a superblock goes, at the end of its life. */
void d_genocide(struct dentry *root);
void shrink_dcache_for_umount(struct super_block *sb);

static inline struct dentry *dget(struct dentry *dentry)
{
	if (dentry)
		atomic_inc(&dentry->d_count);
	return dentry;
}
/* The last one frees it: may sleep. NULL is nothing. */
void dput(struct dentry *dentry);
struct dentry *dget_parent(struct dentry *dentry);
/* Takes a reference unless it is dying. Under RCU. */
bool dget_not_dead(struct dentry *dentry);

static inline bool d_unhashed(const struct dentry *dentry)
{
	return hlist_unhashed(&dentry->d_hash);
}

#define IS_ROOT(d) ((d) == (d)->d_parent)

static inline bool d_unlinked(const struct dentry *dentry)
{
	return d_unhashed(dentry) && !IS_ROOT(dentry);
}

static inline struct inode *d_inode(const struct dentry *dentry)
{
	return dentry->d_inode;
}

static inline bool d_is_negative(const struct dentry *dentry)
{
	return !READ_ONCE(dentry->d_inode);
}

static inline bool d_is_positive(const struct dentry *dentry)
{
	return READ_ONCE(dentry->d_inode);
}
#define d_really_is_negative d_is_negative
#define d_really_is_positive d_is_positive
#define d_backing_inode	     d_inode

static inline bool d_mountpoint(const struct dentry *dentry)
{
	return READ_ONCE(dentry->d_flags) & DCACHE_MOUNTED;
}

/*
 * The path's name from the caller's root, built backwards from the end of buf; " (deleted)"
 * is appended when the name is gone. ERR_PTR(-ENAMETOOLONG). d_absolute_path() goes to the root
 * of the namespace and answers ERR_PTR(-EINVAL) for what is not in it.
 */
char *d_path(const struct path *path, char *buf, int buflen);
char *d_absolute_path(const struct path *path, char *buf, int buflen);
/* From root; NULL when path is not below root. */
char *__d_path(const struct path *path, const struct path *root, char *buf, int buflen);
/* The name inside its file system, mounts not crossed. */
char *dentry_path_raw(struct dentry *dentry, char *buf, int buflen);
char *dynamic_dname(char *buf, int buflen, const char *fmt, ...) __printf(3, 4);
char *simple_dname(struct dentry *dentry, char *buf, int buflen);

void dcache_init(void);	    /* boot, once the slab allocator is up */
void vfs_caches_init(void); /* all of the room's caches, then the root mount; before any task */
unsigned long nr_dentries(void);

#endif
