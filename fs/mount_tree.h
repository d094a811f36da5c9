/* SPDX-License-Identifier: MIT */
/*
 * Between namespace.c (the tree) and mount_calls.c (what programs may do to it). All of these
 * want namespace_sem held for writing.
 */
#ifndef FS_MOUNT_TREE_H
#define FS_MOUNT_TREE_H

#include "mount.h"

extern struct list_head unmounted;

void mnt_set_mountpoint(struct mount *parent, struct dentry *dentry, struct mount *mnt);
void detach_mnt(struct mount *mnt, struct path *old);
struct mount *next_mnt(struct mount *p, struct mount *root);
void attach_recursive_mnt(struct mount *tree, struct mount *parent, struct dentry *dentry);
struct mount *clone_mnt(struct mount *old, struct dentry *root);
/* ERR_PTR; whole_ns: unbindable mounts are copied too. */
struct mount *copy_tree(struct mount *mnt, struct dentry *root, bool whole_ns);
void umount_tree(struct mount *mnt, bool lazy);
/* Drops namespace_sem and then puts what umount_tree() took out. */
void namespace_unlock(void);

#endif
