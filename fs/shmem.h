/* SPDX-License-Identifier: MIT */
/*
 * tmpfs's own structures, for shmem.c (pages and files), shmem_dir.c (names and mounts) and
 * memfd.c.
 */
#ifndef FS_SHMEM_H
#define FS_SHMEM_H

#include "mount.h"
#include "simple_xattr.h"
#include <jiffy/pagemap.h>
#include <jiffy/shmem_fs.h>

struct shmem_inode_info {
	struct address_space mapping;
	struct simple_xattrs xattrs;
	unsigned int seals; /* F_SEAL_*; i_rwsem */
	struct inode vfs_inode;
};

struct shmem_sb_info {
	unsigned long max_blocks; /* pages; 0: no limit */
	atomic_long_t used_blocks;
	unsigned long max_inodes; /* 0: no limit */
	atomic_long_t used_inodes;
	umode_t mode;
	uid_t uid;
	gid_t gid;
};

static inline struct shmem_inode_info *SHMEM_I(struct inode *inode)
{
	return container_of(inode, struct shmem_inode_info, vfs_inode);
}

static inline struct shmem_sb_info *SHMEM_SB(struct super_block *sb)
{
	return sb->s_fs_info;
}

extern const struct inode_operations shmem_inode_operations;
extern const struct inode_operations shmem_dir_inode_operations;
extern const struct file_operations shmem_file_operations;
extern const struct super_operations shmem_ops;
extern struct file_system_type shmem_fs_type;

/* ERR_PTR(-ENOSPC, -ENOMEM). dir NULL: no owner directory. */
struct inode *shmem_get_inode(struct super_block *sb, const struct inode *dir, umode_t mode,
			      dev_t dev);
int shmem_setattr(struct dentry *dentry, struct iattr *attr);
ssize_t shmem_listxattr(struct dentry *dentry, char *buf, size_t size);
bool shmem_file(const struct file *file);
/* A regular file's operations, for shmem_get_inode(). */
void shmem_file_init(struct inode *inode);
/* The instance that unnamed files live on. Boot. */
void shmem_kern_mount(void);
/*
 * The initramfs: a page full of data, whose reference passes to the file on success, becomes page
 * `index` of a new file that nobody else sees yet.
 */
int shmem_adopt_page(struct inode *inode, unsigned long index, struct page *page);

#endif
