/* SPDX-License-Identifier: MIT */
/*
 * tmpfs, as other rooms use it. fs/shmem.c, task context.
 */
#ifndef JIFFY_SHMEM_FS_H
#define JIFFY_SHMEM_FS_H

#include <jiffy/types.h>

struct file;
struct page;
struct inode;
struct vm_area_struct;
struct address_space;
struct super_block;

/* Makes sb an instance of tmpfs (data: its mount options), for devtmpfs as well. 0 or an errno. */
int shmem_fill_super(struct super_block *sb, void *data, int silent);

/*
 * A file of `size` bytes without a name, for shared anonymous memory, memfd and SysV segments;
 * it shows as "/name (deleted)". flags: VM_NORESERVE or 0. ERR_PTR(-ENOMEM, -EINVAL).
 */
struct file *shmem_file_setup(const char *name, loff_t size, unsigned long flags);
/* mmap(MAP_SHARED | MAP_ANONYMOUS): gives the area such a file. 0 or a negative errno. */
int shmem_zero_setup(struct vm_area_struct *vma);
bool shmem_mapping(struct address_space *mapping);
/* The page at index, made when there is none (a referenced one in *pagep): 0, -ENOMEM, -ENOSPC. */
int shmem_getpage(struct inode *inode, unsigned long index, struct page **pagep);

#endif
