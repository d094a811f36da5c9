/* SPDX-License-Identifier: MIT */
/*
 * Where a task's paths begin: its root, its working directory, and its umask. Tasks that were
 * made with CLONE_FS share one. fs/fs_struct.c.
 */
#ifndef JIFFY_FS_STRUCT_H
#define JIFFY_FS_STRUCT_H

#include <jiffy/path.h>
#include <jiffy/seqlock.h>
#include <jiffy/spinlock.h>

struct task_struct;

struct fs_struct {
	int users;	 /* lock */
	spinlock_t lock; /* guards all here; nests inside task_lock() */
	seqcount_t seq;	 /* written with lock held: a walk without references checks it */
	int umask;
	int in_exec; /* somebody sharing it is in exec: clone(CLONE_FS) answers EAGAIN */
	struct path root, pwd;
};

extern struct fs_struct init_fs; /* of init_task; root and pwd set by vfs_caches_init() */

struct fs_struct *copy_fs_struct(struct fs_struct *old); /* NULL: no memory */
void free_fs_struct(struct fs_struct *fs);
void exit_fs(struct task_struct *task);
int unshare_fs_struct(void);
void set_fs_root(struct fs_struct *fs, const struct path *path);
void set_fs_pwd(struct fs_struct *fs, const struct path *path);
void get_fs_root(struct fs_struct *fs, struct path *root);
void get_fs_pwd(struct fs_struct *fs, struct path *pwd);
/* Every task whose root or pwd is old_root gets new_root: pivot_root(2). */
void chroot_fs_refs(const struct path *old_root, const struct path *new_root);
int current_umask(void);

#endif
