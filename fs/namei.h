/* SPDX-License-Identifier: MIT */
/*
 * A path walk under way, for namei.c, namei_rcu.c and namei_open.c.
 */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include "mount.h"

#define MAXSYMLINKS	40
#define EMBEDDED_LEVELS 2

enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };

/* A symbolic link whose text is being walked. */
struct saved {
	struct path link;	  /* held while the text is in use */
	struct delayed_call done; /* frees the text */
	const char *name;	  /* what followed the link in the text outside; NULL: nothing */
};

struct nameidata {
	struct path path;   /* where the walk is; references held */
	struct qstr last;   /* the last name, in the text being walked */
	struct path root;   /* mnt NULL: not looked at yet; references held */
	unsigned int flags; /* LOOKUP_* */
	enum last_type last_type;
	unsigned int m_seq, r_seq; /* scoped walks: mount_lock and rename_lock at the start */
	int total_link_count;
	unsigned int depth; /* links in stack[] */
	struct saved *stack, internal[EMBEDDED_LEVELS];
	struct filename *name;
	struct nameidata *saved; /* the walk inside which this one runs */
	int dfd;
	bool root_is_given; /* root was set by the caller, who keeps its references */
};

void set_nameidata(struct nameidata *nd, int dfd, struct filename *name, const struct path *root);
void restore_nameidata(void);
/* Begins; the text to walk, or ERR_PTR. */
const char *path_init(struct nameidata *nd, unsigned int flags);
/* Walks all names but the last, which goes to nd->last. name may be an ERR_PTR. */
int link_path_walk(const char *name, struct nameidata *nd);
void terminate_walk(struct nameidata *nd);
int path_lookupat(struct nameidata *nd, unsigned int flags, struct path *path);
int path_parentat(struct nameidata *nd, unsigned int flags, struct path *parent);
/* `.` and `..`: NULL or ERR_PTR. */
const char *handle_dots(struct nameidata *nd, enum last_type type);
/* The cached child by nd->last, revalidated; NULL: not cached; ERR_PTR. */
struct dentry *lookup_fast(struct nameidata *nd);
struct dentry *lookup_slow(const struct qstr *name, struct dentry *dir, unsigned int flags);
#define WALK_TRAILING 1 /* last name: a link is followed only with LOOKUP_FOLLOW */
/* Goes to dentry (whose reference it takes): NULL, the text of a link to walk, or ERR_PTR. */
const char *step_into(struct nameidata *nd, int flags, struct dentry *dentry);
int complete_walk(struct nameidata *nd);
/* The child of base, looked up anew when it is not cached; i_rwsem held. */
struct dentry *lookup_hash(struct qstr *name, struct dentry *base, unsigned int flags);
/* The length of the first component, with *hash set for parent. */
unsigned int hash_name(const struct dentry *parent, const char *name, u32 *hash);

/* namei_rcu.c: the whole walk without references; -ECHILD: do it with them. */
int rcu_path_lookup(int dfd, const char *name, unsigned int flags, struct path *path,
		    struct qstr *last);

/* namei_dir.c */
int may_delete(struct inode *dir, struct dentry *victim, bool isdir);
int may_create(struct inode *dir, struct dentry *child);
int filename_parentat(int dfd, struct filename *name, unsigned int flags, struct path *parent,
		      struct qstr *last, enum last_type *type);

#endif
