/* SPDX-License-Identifier: MIT */
/*
 * tmpfs's files: their pages are the page cache and nothing else. What is not there reads as
 * zeros (filemap_read()); a page is made by a write, a fault or fallocate(2), and counts against
 * the mount's size until truncation or the inode's end takes it out of the cache (freepage).
 *
 * Locks: i_rwsem for size, data writes and seals; the page lock while a page is made or filled;
 * the mount's counts are atomic.
 */
#include "shmem.h"
#include <arch/uaccess.h>
#include <jiffy/mm.h>
#include <jiffy/slab.h>

static bool charge_block(struct super_block *sb)
{
	struct shmem_sb_info *info = SHMEM_SB(sb);

	if (atomic_long_add_return(1, &info->used_blocks) <= (long)info->max_blocks ||
	    !info->max_blocks)
		return true;
	atomic_long_dec(&info->used_blocks);
	return false;
}

static void account_page(struct inode *inode, int n)
{
	mod_shmem_pages(n);
	if (n > 0)
		inode_add_bytes(inode, PAGE_SIZE);
	else
		inode_sub_bytes(inode, PAGE_SIZE);
}

static void shmem_freepage(struct page *page)
{
	struct inode *inode = page->mapping->host;

	account_page(inode, -1);
	atomic_long_dec(&SHMEM_SB(inode->i_sb)->used_blocks);
}

/* The page at index, locked and referenced; zero: filled with zeros if it is new. */
static int get_locked_page(struct inode *inode, unsigned long index, bool zero, struct page **pagep)
{
	struct address_space *mapping = inode->i_mapping;
	struct page *page;
	int err;

	for (;;) {
		page = find_lock_page(mapping, index);
		if (page)
			break;
		if (!charge_block(inode->i_sb))
			return -ENOSPC;
		page = alloc_page(GFP_HIGHUSER | (zero ? __GFP_ZERO : 0));
		err = -ENOMEM;
		if (page) {
			SetPageSwapBacked(page);
			if (zero)
				SetPageUptodate(page);
			err = add_to_page_cache(page, mapping, index, GFP_KERNEL);
			if (!err) {
				account_page(inode, 1);
				break;
			}
			put_page(page);
		}
		atomic_long_dec(&SHMEM_SB(inode->i_sb)->used_blocks);
		if (err != -EEXIST)
			return err;
	}
	/* A write of a whole page that failed half-way may have left one like this. */
	if (zero && !PageUptodate(page)) {
		clear_highpage(page);
		SetPageUptodate(page);
	}
	*pagep = page;
	return 0;
}

int shmem_getpage(struct inode *inode, unsigned long index, struct page **pagep)
{
	int err = get_locked_page(inode, index, true, pagep);

	if (!err)
		unlock_page(*pagep);
	return err;
}

int shmem_adopt_page(struct inode *inode, unsigned long index, struct page *page)
{
	int err;

	if (!charge_block(inode->i_sb))
		return -ENOSPC;
	SetPageSwapBacked(page);
	SetPageUptodate(page);
	err = add_to_page_cache(page, inode->i_mapping, index, GFP_KERNEL);
	if (err) {
		atomic_long_dec(&SHMEM_SB(inode->i_sb)->used_blocks);
		return err;
	}
	account_page(inode, 1);
	unlock_page(page);
	put_page(page); /* the cache has its own */
	return 0;
}

static int shmem_write_begin(struct file *file, struct address_space *mapping, loff_t pos,
			     unsigned int len, struct page **pagep)
{
	struct inode *inode = mapping->host;
	unsigned int seals = SHMEM_I(inode)->seals;

	if (unlikely(seals & (F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))) {
		if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			return -EPERM;
		if ((seals & F_SEAL_GROW) && pos + len > inode->i_size)
			return -EPERM;
	}
	return get_locked_page(inode, pos >> PAGE_SHIFT, len < PAGE_SIZE, pagep);
}

static int shmem_write_end(struct file *file, struct address_space *mapping, loff_t pos,
			   unsigned int len, unsigned int copied, struct page *page)
{
	struct inode *inode = mapping->host;

	if (pos + copied > inode->i_size)
		i_size_write(inode, pos + copied);
	if (!PageUptodate(page)) {
		/* Only a whole page is begun without zeros: clear what did not come. */
		memset((char *)page_address(page) + copied, 0, PAGE_SIZE - copied);
		SetPageUptodate(page);
	}
	set_page_dirty(page);
	unlock_page(page);
	put_page(page);
	return copied;
}

static const struct address_space_operations shmem_aops = {
    .write_begin = shmem_write_begin,
    .write_end = shmem_write_end,
    .freepage = shmem_freepage,
};

bool shmem_mapping(struct address_space *mapping)
{
	return mapping && mapping->a_ops == &shmem_aops;
}

static vm_fault_t shmem_fault(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	int err;

	if ((loff_t)vmf->pgoff << PAGE_SHIFT >= i_size_read(inode))
		return VM_FAULT_SIGBUS;
	err = get_locked_page(inode, vmf->pgoff, true, &vmf->page);
	if (err)
		return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	/* Truncation sets the size before it waits for page locks: this look is the last word. */
	if ((loff_t)vmf->pgoff << PAGE_SHIFT >= i_size_read(inode)) {
		delete_from_page_cache(vmf->page);
		unlock_page(vmf->page);
		put_page(vmf->page);
		return VM_FAULT_SIGBUS;
	}
	return VM_FAULT_LOCKED;
}

static const struct vm_operations_struct shmem_vm_ops = {
    .fault = shmem_fault,
    .map_pages = filemap_map_pages,
};

static int shmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (SHMEM_I(file_inode(file))->seals & F_SEAL_FUTURE_WRITE) {
		if ((vma->vm_flags & VM_SHARED) && (vma->vm_flags & VM_WRITE))
			return -EPERM;
		if (vma->vm_flags & VM_SHARED)
			vma->vm_flags &= ~VM_MAYWRITE;
	}
	file_accessed(file);
	vma->vm_ops = &shmem_vm_ops;
	return 0;
}

static ssize_t shmem_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return filemap_read(iocb->ki_filp, &iocb->ki_pos, to);
}

static ssize_t shmem_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file_inode(file);
	ssize_t ret;

	inode_lock(inode);
	ret = generic_write_checks(iocb, from);
	if (ret > 0) {
		ret = file_modified(file);
		if (!ret)
			ret = generic_perform_write(file, &iocb->ki_pos, from);
	}
	inode_unlock(inode);
	return ret;
}

static loff_t shmem_file_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);
	unsigned long last, found;
	loff_t size;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	inode_lock_shared(inode);
	size = i_size_read(inode);
	if (offset < 0 || offset >= size) {
		offset = -ENXIO;
		goto out;
	}
	last = (size - 1) >> PAGE_SHIFT;
	if (whence == SEEK_DATA)
		found = page_cache_next_data(inode->i_mapping, offset >> PAGE_SHIFT, last);
	else
		found = page_cache_next_hole(inode->i_mapping, offset >> PAGE_SHIFT, last);
	if (found > last)
		offset = whence == SEEK_DATA ? -ENXIO : size;
	else
		offset = max_t(loff_t, offset, (loff_t)found << PAGE_SHIFT);
	if (offset >= 0)
		offset = vfs_setpos(file, offset, MAX_LFS_FILESIZE);
out:
	inode_unlock_shared(inode);
	return offset;
}

/* i_rwsem held. Makes the pages of the range that are missing; on failure takes them out again. */
static int allocate_range(struct inode *inode, unsigned long start, unsigned long end)
{
	unsigned long index;
	struct page *page;
	int err = 0;

	for (index = start; index < end && !err; index++) {
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		err = shmem_getpage(inode, index, &page);
		if (!err)
			put_page(page);
		cond_resched();
	}
	return err;
}

static long shmem_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	unsigned int seals;
	long error;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	seals = SHMEM_I(inode)->seals;
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		error = -EPERM;
		if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			goto out;
		truncate_pagecache_range(inode, offset, offset + len - 1);
		error = 0;
		goto changed;
	}
	error = inode_newsize_ok(inode, offset + len);
	if (error)
		goto out;
	error = -EPERM;
	if ((seals & F_SEAL_GROW) && offset + len > inode->i_size)
		goto out;
	error = allocate_range(inode, offset >> PAGE_SHIFT,
			       (offset + len + PAGE_SIZE - 1) >> PAGE_SHIFT);
	if (error)
		goto out;
	if (!(mode & FALLOC_FL_KEEP_SIZE) && offset + len > inode->i_size)
		i_size_write(inode, offset + len);
changed:
	inode->i_mtime = inode->i_ctime = current_time(inode);
out:
	inode_unlock(inode);
	return error;
}

int shmem_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int error = setattr_prepare(dentry, attr);

	if (error)
		return error;
	if (S_ISREG(inode->i_mode) && (attr->ia_valid & ATTR_SIZE)) {
		unsigned int seals = SHMEM_I(inode)->seals;
		loff_t new = attr->ia_size, old = inode->i_size;

		if ((new < old && (seals & F_SEAL_SHRINK)) || (new > old && (seals & F_SEAL_GROW)))
			return -EPERM;
		if (new != old) {
			truncate_setsize(inode, new);
			inode->i_ctime = inode->i_mtime = current_time(inode);
		}
	}
	setattr_copy(inode, attr);
	return 0;
}

const struct file_operations shmem_file_operations = {
    .mmap = shmem_mmap,
    .llseek = shmem_file_llseek,
    .read_iter = shmem_read_iter,
    .write_iter = shmem_write_iter,
    .fsync = noop_fsync,
    .fallocate = shmem_fallocate,
};

const struct inode_operations shmem_inode_operations = {
    .setattr = shmem_setattr,
    .listxattr = shmem_listxattr,
};

bool shmem_file(const struct file *file)
{
	return file->f_op == &shmem_file_operations;
}

static struct vfsmount *shm_mnt;

static const struct dentry_operations shm_dentry_operations = {
    .d_dname = simple_dname,
};

struct file *shmem_file_setup(const char *name, loff_t size, unsigned long flags)
{
	struct inode *inode;
	struct file *file;

	if (IS_ERR(shm_mnt))
		return ERR_CAST(shm_mnt);
	if (size < 0 || size > MAX_LFS_FILESIZE)
		return ERR_PTR(-EINVAL);
	inode = shmem_get_inode(shm_mnt->mnt_sb, NULL, S_IFREG | S_IRWXUGO, 0);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	inode->i_size = size;
	clear_nlink(inode);
	file = alloc_file_pseudo(inode, shm_mnt, name, O_RDWR, &shmem_file_operations);
	if (IS_ERR(file)) {
		iput(inode);
		return file;
	}
	file->f_mode |= FMODE_PREAD | FMODE_PWRITE | FMODE_LSEEK | FMODE_ATOMIC_POS;
	return file;
}

int shmem_zero_setup(struct vm_area_struct *vma)
{
	struct file *file =
	    shmem_file_setup("dev/zero", vma->vm_end - vma->vm_start, vma->vm_flags);

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (vma->vm_file)
		fput(vma->vm_file);
	vma->vm_file = file;
	vma->vm_ops = &shmem_vm_ops;
	return 0;
}

void shmem_file_init(struct inode *inode)
{
	inode->i_op = &shmem_inode_operations;
	inode->i_fop = &shmem_file_operations;
	inode->i_mapping->a_ops = &shmem_aops;
	inode->i_mapping->flags |= BIT(AS_UNEVICTABLE);
}

void shmem_kern_mount(void)
{
	shm_mnt = kern_mount(&shmem_fs_type);
	if (IS_ERR(shm_mnt))
		panic("tmpfs: cannot mount: %ld", PTR_ERR(shm_mnt));
	shm_mnt->mnt_sb->s_d_op = &shm_dentry_operations;
}
