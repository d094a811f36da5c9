/* SPDX-License-Identifier: MIT */
/*
 * The page cache: the pages that a file has in memory, and how they come there, are read,
 * written, mapped and thrown out. Room mm/ (filemap.c, truncate.c); file systems give the
 * operations (struct address_space_operations in <jiffy/fs.h>). Task context unless said.
 *
 * A page that a file has is held by one reference of the cache's own. Look-up takes no lock:
 * it finds the page under RCU, takes a reference unless the count is 0, and looks again.
 *
 *	reader				remover
 *	p = xa_load()			erase from i_pages
 *	count != 0 ? count + 1		drop the cache's reference, free at 0
 *	xa_load() == p ? mine
 */
#ifndef JIFFY_PAGEMAP_H
#define JIFFY_PAGEMAP_H

#include <jiffy/gfp.h>
#include <jiffy/mm_types.h>
#include <jiffy/mutex.h>
#include <jiffy/xarray.h>

struct inode;
struct file;
struct iov_iter;
struct address_space_operations;

struct address_space {
	struct inode *host;
	struct xarray i_pages;	  /* struct page *, by page number */
	unsigned long nrpages;	  /* i_pages.xa_lock */
	gfp_t gfp_mask;		  /* for the pages */
	unsigned long flags;	  /* AS_*, atomic bits */
	atomic_t i_mmap_writable; /* VMAs that may write; below 0: writing maps are refused */
	struct rw_semaphore i_mmap_rwsem;
	struct list_head i_mmap;	     /* i_mmap_rwsem: VMAs by i_mmap_node */
	struct rw_semaphore invalidate_lock; /* truncation against faults and reads */
	const struct address_space_operations *a_ops;
	int wb_err;
	void *private_data;
};
#define AS_UNEVICTABLE 3 /* contents exist nowhere else */

/* A new inode's; host may be NULL. gfp_mask starts as GFP_KERNEL. */
void address_space_init(struct address_space *mapping, struct inode *host);
/* Refuses further writable shared maps (-EBUSY when there are some): seals, running programs. */
int mapping_deny_writable(struct address_space *mapping);
void mapping_allow_writable(struct address_space *mapping);
/* Counts one more writable shared map: 0 or -EPERM. */
int mapping_map_writable(struct address_space *mapping);
void mapping_unmap_writable(struct address_space *mapping);

static inline bool mapping_writably_mapped(struct address_space *mapping)
{
	return atomic_read(&mapping->i_mmap_writable) > 0;
}

static inline bool mapping_mapped(struct address_space *mapping)
{
	return !list_empty(&mapping->i_mmap);
}

/* index in pages. The page with a reference for the caller, or NULL. Any context. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);
/* The same, locked. */
struct page *find_lock_page(struct address_space *mapping, unsigned long index);
/* Makes the page when there is none (not uptodate): locked and referenced, NULL: no memory. */
struct page *find_or_create_page(struct address_space *mapping, unsigned long index, gfp_t gfp);
/* Up to nr pages at *start..end, with references; *start moves past the last. How many. */
unsigned int find_get_pages_range(struct address_space *mapping, unsigned long *start,
				  unsigned long end, unsigned int nr, struct page **pages);
/* 0, -EEXIST, -ENOMEM. The page comes out locked and with the cache's own reference. */
int add_to_page_cache(struct page *page, struct address_space *mapping, unsigned long index,
		      gfp_t gfp);
/* Page locked. Takes it out and drops the cache's reference. */
void delete_from_page_cache(struct page *page);
/*
 * A page with the file's contents, unlocked and uptodate; reads it by a_ops->readpage, or, when
 * there is none, makes an empty one. ERR_PTR(-EIO, -ENOMEM, a_ops's error).
 */
struct page *read_mapping_page(struct address_space *mapping, unsigned long index,
			       struct file *file);
/* First page at or after start that is there (data) or is not (hole); max + 1 when none. */
unsigned long page_cache_next_data(struct address_space *m, unsigned long start, unsigned long max);
unsigned long page_cache_next_hole(struct address_space *m, unsigned long start, unsigned long max);

void lock_page(struct page *page);
bool trylock_page(struct page *page);
void unlock_page(struct page *page);
void wait_on_page_locked(struct page *page);

/*
 * Throws out the pages of bytes lstart..lend (inclusive; -1: to the end), clears the parts of
 * pages at both ends. The size is already the new one. truncate_setsize() does it all, i_rwsem
 * held: new size, maps, pages. truncate_pagecache_range() punches a hole.
 */
void truncate_inode_pages_range(struct address_space *mapping, loff_t lstart, loff_t lend);
void truncate_inode_pages(struct address_space *mapping, loff_t lstart);
void truncate_inode_pages_final(struct address_space *mapping); /* the inode goes */
void truncate_pagecache(struct inode *inode, loff_t newsize);
void truncate_setsize(struct inode *inode, loff_t newsize);
void truncate_pagecache_range(struct inode *inode, loff_t lstart, loff_t lend);
/*
 * Takes pages first..last of the file (bytes for unmap_mapping_range, holelen 0: to the end)
 * out of every address space; even_cows: private copies too.
 */
void unmap_mapping_pages(struct address_space *mapping, unsigned long first, unsigned long nr,
			 bool even_cows);
void unmap_mapping_range(struct address_space *mapping, loff_t holebegin, loff_t holelen,
			 int even_cows);
/* Drops clean pages that are not in use. How many went. */
unsigned long invalidate_mapping_pages(struct address_space *mapping, unsigned long start,
				       unsigned long end);

/*
 * The bodies of ->read_iter and ->write_iter for files in the page cache: bytes moved (0 at the
 * end of the file) or a negative errno; *ppos moves along. Holes read as zeros and stay holes.
 * generic_perform_write() wants i_rwsem held by the caller and extends i_size.
 */
ssize_t filemap_read(struct file *file, loff_t *ppos, struct iov_iter *iter);
ssize_t generic_perform_write(struct file *file, loff_t *ppos, struct iov_iter *iter);

/* ->mmap of such a file, and its VMA operations. */
int generic_file_mmap(struct file *file, struct vm_area_struct *vma);
int generic_file_readonly_mmap(struct file *file, struct vm_area_struct *vma);
extern const struct vm_operations_struct generic_file_vm_ops;
vm_fault_t filemap_fault(struct vm_fault *vmf);
vm_fault_t filemap_map_pages(struct vm_fault *vmf, unsigned long start, unsigned long end);
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf);

bool set_page_dirty(struct page *page);

/* Pages in all page caches, and those of them that live in memory only, for /proc/meminfo. */
unsigned long nr_file_pages(void);
unsigned long nr_shmem_pages(void);
void mod_shmem_pages(long delta);

#endif
