/* SPDX-License-Identifier: MIT */
/*
 * Where the VFS tells inotify(7) what happened. Each hook costs one test of the inode's (and
 * its parent's) watch list head when nobody watches. fs/inotify.c, task context.
 */
#ifndef JIFFY_FSNOTIFY_H
#define JIFFY_FSNOTIFY_H

#include <jiffy/fs.h>
#include <uapi/inotify.h>

extern atomic_t inotify_nr_watches;

void __fsnotify_inode(struct inode *inode, u32 mask, const struct qstr *name, u32 cookie);
void __fsnotify_dentry(struct dentry *dentry, u32 mask);
void __fsnotify_inode_delete(struct inode *inode);
/* The superblock goes: watchers of its inodes get IN_UNMOUNT and IN_IGNORED. */
void fsnotify_sb_delete(struct super_block *sb);
u32 fsnotify_get_cookie(void);

/* An event on the directory about its entry `name`. */
static inline void fsnotify_dir(struct inode *dir, u32 mask, const struct qstr *name, u32 cookie)
{
	if (unlikely(dir->i_fsnotify_mask & mask))
		__fsnotify_inode(dir, mask, name, cookie);
}

/* An event on the inode itself. */
static inline void fsnotify_inode(struct inode *inode, u32 mask)
{
	if (unlikely(inode->i_fsnotify_mask & mask))
		__fsnotify_inode(inode, mask, NULL, 0);
}

/* An event on a file that both the watchers of the file and those of its directory want. */
static inline void fsnotify_dentry(struct dentry *dentry, u32 mask)
{
	if (unlikely(atomic_read(&inotify_nr_watches)))
		__fsnotify_dentry(dentry, mask);
}

static inline void fsnotify_file(struct file *file, u32 mask)
{
	if (unlikely(atomic_read(&inotify_nr_watches)) && !(file->f_mode & FMODE_NONOTIFY))
		__fsnotify_dentry(file->f_path.dentry, mask);
}

static inline void fsnotify_access(struct file *file)
{
	fsnotify_file(file, IN_ACCESS);
}

static inline void fsnotify_modify(struct file *file)
{
	fsnotify_file(file, IN_MODIFY);
}

/* The last link and the last user are gone: watchers get IN_DELETE_SELF and IN_IGNORED. */
static inline void fsnotify_inode_delete(struct inode *inode)
{
	if (unlikely(inode->i_fsnotify_marks))
		__fsnotify_inode_delete(inode);
}

#endif
