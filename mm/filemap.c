/* SPDX-License-Identifier: MIT */
/*
 * The page cache: look-up, read, write, and the faults of mapped files. Task context.
 *
 * Locks, outermost first: inode->i_rwsem (the file system's, for writes), mmap_lock,
 * mapping->invalidate_lock (truncation against faults), the page's own lock (PG_locked),
 * i_pages.xa_lock, pte tables' locks.
 */
#include <jiffy/err.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include <jiffy/uio.h>
#include <arch/uaccess.h>

#include "pgtable.h"

static atomic_long_t file_pages;
static atomic_long_t shmem_pages;

unsigned long nr_file_pages(void)
{
	return atomic_long_read(&file_pages);
}

unsigned long nr_shmem_pages(void)
{
	return atomic_long_read(&shmem_pages);
}

void mod_shmem_pages(long delta)
{
	atomic_long_add(delta, &shmem_pages);
}

void address_space_init(struct address_space *mapping, struct inode *host)
{
	*mapping = (struct address_space){.host = host, .gfp_mask = GFP_KERNEL};
	xa_init(&mapping->i_pages);
	init_rwsem(&mapping->i_mmap_rwsem);
	INIT_LIST_HEAD(&mapping->i_mmap);
	init_rwsem(&mapping->invalidate_lock);
}

int mapping_deny_writable(struct address_space *mapping)
{
	int c = atomic_read(&mapping->i_mmap_writable);

	do {
		if (c > 0)
			return -EBUSY;
	} while (!atomic_try_cmpxchg(&mapping->i_mmap_writable, &c, c - 1));
	return 0;
}

void mapping_allow_writable(struct address_space *mapping)
{
	atomic_inc(&mapping->i_mmap_writable);
}

int mapping_map_writable(struct address_space *mapping)
{
	int c = atomic_read(&mapping->i_mmap_writable);

	do {
		if (c < 0)
			return -EPERM;
	} while (!atomic_try_cmpxchg(&mapping->i_mmap_writable, &c, c + 1));
	return 0;
}

void mapping_unmap_writable(struct address_space *mapping)
{
	atomic_dec(&mapping->i_mmap_writable);
}

/* ---- page locks: a table of wait queues by the page's address ---- */

#define PAGE_WAIT_BITS 6
static wait_queue_head_t page_waits[1 << PAGE_WAIT_BITS];

void __init filemap_init(void)
{
	for (int i = 0; i < ARRAY_SIZE(page_waits); i++)
		init_waitqueue_head(&page_waits[i]);
}

static wait_queue_head_t *page_waitqueue(struct page *page)
{
	unsigned long h = page_to_pfn(page) * 0x9e3779b97f4a7c15UL;

	return &page_waits[h >> (64 - PAGE_WAIT_BITS)];
}

bool trylock_page(struct page *page)
{
	return !test_and_set_bit(PG_locked, &page->flags);
}

/*
 * The waiter sets PG_waiters before it looks at PG_locked a last time; unlock_page() clears
 * PG_locked before it looks at PG_waiters: one of the two sees the other.
 */
static bool wait_step(struct page *page, bool take)
{
	set_bit(PG_waiters, &page->flags);
	smp_mb__after_atomic();
	return take ? trylock_page(page) : !PageLocked(page);
}

static noinline void wait_for_page(struct page *page, bool take)
{
	wait_queue_head_t *wq = page_waitqueue(page);

	might_sleep();
	wait_event(*wq, wait_step(page, take));
}

void lock_page(struct page *page)
{
	if (unlikely(!trylock_page(page)))
		wait_for_page(page, true);
}

void wait_on_page_locked(struct page *page)
{
	if (PageLocked(page))
		wait_for_page(page, false);
}

void unlock_page(struct page *page)
{
	unsigned long old = __atomic_fetch_and(&page->flags, ~BIT(PG_locked), __ATOMIC_SEQ_CST);

	ASSERT(old & BIT(PG_locked));
	if (likely(!(old & BIT(PG_waiters))))
		return;
	/* Waiters that find the page locked again set the bit again. */
	clear_bit(PG_waiters, &page->flags);
	smp_mb__after_atomic();
	wake_up_all(page_waitqueue(page));
}

bool set_page_dirty(struct page *page)
{
	return !test_bit(PG_dirty, &page->flags) && !test_and_set_bit(PG_dirty, &page->flags);
}

/* ---- look-up ---- */

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	rcu_read_lock();
	for (;;) {
		page = xa_load(&mapping->i_pages, index);
		if (!page)
			break;
		if (get_page_unless_zero(page)) {
			if (likely(page == xa_load(&mapping->i_pages, index)))
				break;
			put_page(page);
		}
		arch_cpu_relax();
	}
	rcu_read_unlock();
	return page;
}

struct page *find_lock_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	while ((page = find_get_page(mapping, index))) {
		lock_page(page);
		if (likely(page->mapping == mapping && page->index == index))
			break;
		unlock_page(page);
		put_page(page);
	}
	return page;
}

int add_to_page_cache(struct page *page, struct address_space *mapping, unsigned long index,
		      gfp_t gfp)
{
	int err;

	page->flags |= BIT(PG_locked);
	page->mapping = mapping;
	page->index = index;
	get_page(page);
	err = xa_insert(&mapping->i_pages, index, page, gfp);
	if (err) {
		page->mapping = NULL;
		unlock_page(page);
		put_page(page);
		return err == -EBUSY ? -EEXIST : err;
	}
	__atomic_fetch_add(&mapping->nrpages, 1, __ATOMIC_RELAXED);
	atomic_long_inc(&file_pages);
	return 0;
}

void delete_from_page_cache(struct page *page)
{
	struct address_space *mapping = page->mapping;

	ASSERT(PageLocked(page));
	xa_erase(&mapping->i_pages, page->index);
	__atomic_fetch_sub(&mapping->nrpages, 1, __ATOMIC_RELAXED);
	atomic_long_dec(&file_pages);
	if (mapping->a_ops && mapping->a_ops->freepage)
		mapping->a_ops->freepage(page);
	page->mapping = NULL;
	put_page(page);
}

struct page *find_or_create_page(struct address_space *mapping, unsigned long index, gfp_t gfp)
{
	struct page *page;
	int err;

	for (;;) {
		page = find_lock_page(mapping, index);
		if (page)
			return page;
		page = alloc_page(gfp);
		if (!page)
			return NULL;
		err = add_to_page_cache(page, mapping, index, gfp);
		if (!err)
			return page;
		put_page(page);
		if (err != -EEXIST)
			return NULL;
	}
}

unsigned int find_get_pages_range(struct address_space *mapping, unsigned long *start,
				  unsigned long end, unsigned int nr, struct page **pages)
{
	unsigned int n = 0;
	unsigned long index = *start;
	struct page *page;

	rcu_read_lock();
	xa_for_each_range(&mapping->i_pages, index, page, *start, end)
	{
		if (!get_page_unless_zero(page))
			continue;
		if (page != xa_load(&mapping->i_pages, index)) {
			put_page(page);
			continue;
		}
		pages[n++] = page;
		if (n == nr)
			break;
	}
	rcu_read_unlock();
	*start = n == nr ? index + 1 : end + 1;
	return n;
}

unsigned long page_cache_next_data(struct address_space *m, unsigned long start, unsigned long max)
{
	unsigned long index = start;
	bool found;

	rcu_read_lock();
	found = xa_find(&m->i_pages, &index, max) != NULL;
	rcu_read_unlock();
	return found ? index : max + 1;
}

unsigned long page_cache_next_hole(struct address_space *m, unsigned long start, unsigned long max)
{
	unsigned long index = start;

	rcu_read_lock();
	while (index <= max && xa_load(&m->i_pages, index))
		index++;
	rcu_read_unlock();
	return index;
}

/* A locked page that is not up to date gets its contents; comes back unlocked. */
static int fill_page(struct address_space *mapping, struct page *page, struct file *file)
{
	int err;

	if (!mapping->a_ops || !mapping->a_ops->readpage) {
		clear_highpage(page);
		SetPageUptodate(page);
		unlock_page(page);
		return 0;
	}
	err = mapping->a_ops->readpage(file, page);
	if (err)
		return err;
	wait_on_page_locked(page);
	return PageUptodate(page) ? 0 : -EIO;
}

struct page *read_mapping_page(struct address_space *mapping, unsigned long index,
			       struct file *file)
{
	struct page *page = find_get_page(mapping, index);
	int err;

	if (likely(page && PageUptodate(page)))
		return page;
	for (;;) {
		if (page)
			put_page(page);
		page = find_or_create_page(mapping, index, mapping->gfp_mask);
		if (!page)
			return ERR_PTR(-ENOMEM);
		if (PageUptodate(page)) {
			unlock_page(page);
			return page;
		}
		err = fill_page(mapping, page, file);
		if (!err)
			return page;
		put_page(page);
		return ERR_PTR(err);
	}
}

/* ---- read and write ---- */

/* The page to read from: NULL for a hole of a file that is nowhere but in memory. */
static struct page *page_to_read(struct address_space *mapping, unsigned long index,
				 struct file *file)
{
	struct page *page = find_get_page(mapping, index);

	if (page && PageUptodate(page))
		return page;
	if (!page && (!mapping->a_ops || !mapping->a_ops->readpage))
		return NULL;
	if (page)
		put_page(page);
	return read_mapping_page(mapping, index, file);
}

ssize_t filemap_read(struct file *file, loff_t *ppos, struct iov_iter *iter)
{
	struct address_space *mapping = file->f_mapping;
	struct inode *inode = mapping->host;
	ssize_t done = 0;
	int err = 0;

	while (iov_iter_count(iter)) {
		loff_t pos = *ppos, size = i_size_read(inode);
		size_t off = offset_in_page(pos), n, copied;
		struct page *page;

		if (pos >= size)
			break;
		n = min_t(size_t, PAGE_SIZE - off, iov_iter_count(iter));
		n = min_t(loff_t, n, size - pos);
		page = page_to_read(mapping, pos >> PAGE_SHIFT, file);
		if (IS_ERR(page)) {
			err = PTR_ERR(page);
			break;
		}
		if (page) {
			copied = copy_page_to_iter(page, off, n, iter);
			put_page(page);
		} else {
			copied = iov_iter_zero(n, iter);
		}
		*ppos += copied;
		done += copied;
		if (copied < n) {
			err = -EFAULT;
			break;
		}
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		cond_resched();
	}
	if (done)
		file_accessed(file);
	return done ? done : err;
}

/* Without operations of the file system's own: a page of a file that lives in memory. */
static int simple_begin(struct file *file, struct address_space *mapping, loff_t pos,
			unsigned int len, struct page **pagep)
{
	struct page *page = find_or_create_page(mapping, pos >> PAGE_SHIFT, mapping->gfp_mask);

	if (!page)
		return -ENOMEM;
	if (!PageUptodate(page) && len < PAGE_SIZE) {
		clear_highpage(page);
		SetPageUptodate(page);
	}
	*pagep = page;
	return 0;
}

static int simple_end(struct address_space *mapping, loff_t pos, unsigned int len,
		      unsigned int copied, struct page *page)
{
	size_t off = offset_in_page(pos);

	if (!PageUptodate(page)) {
		if (copied < len)
			memset((char *)page_address(page) + off + copied, 0, len - copied);
		SetPageUptodate(page);
	}
	set_page_dirty(page);
	if (pos + copied > i_size_read(mapping->host))
		i_size_write(mapping->host, pos + copied);
	unlock_page(page);
	put_page(page);
	return copied;
}

/* One page's worth: bytes written, 0 when the program's memory faults, or an errno. */
static ssize_t write_one_page(struct file *file, loff_t pos, unsigned int n, struct iov_iter *iter)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	struct page *page;
	size_t copied;
	int err;

	if (ops && ops->write_begin)
		err = ops->write_begin(file, mapping, pos, n, &page);
	else
		err = simple_begin(file, mapping, pos, n, &page);
	if (err)
		return err;
	/*
	 * With the page locked a fault on the program's buffer could want this very page, so none
	 * is taken: the buffer was touched before and is copied without faults.
	 */
	pagefault_disable();
	copied = copy_page_from_iter(page, offset_in_page(pos), n, iter);
	pagefault_enable();
	if (ops && ops->write_end)
		err = ops->write_end(file, mapping, pos, n, copied, page);
	else
		err = simple_end(mapping, pos, n, copied, page);
	if (err >= 0 && err < copied)
		iov_iter_revert(iter, copied - err);
	return err;
}

ssize_t generic_perform_write(struct file *file, loff_t *ppos, struct iov_iter *iter)
{
	ssize_t done = 0, n = 0;

	while (iov_iter_count(iter)) {
		size_t len = min_t(size_t, PAGE_SIZE - offset_in_page(*ppos), iov_iter_count(iter));

		n = fault_in_iov_iter_readable(iter, len);
		if (n == len) {
			n = -EFAULT;
			break;
		}
		len -= n;
		if (fatal_signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = write_one_page(file, *ppos, len, iter);
		if (n < 0)
			break;
		*ppos += n;
		done += n;
		cond_resched();
	}
	return done ? done : n;
}

/* ---- mapped files ---- */

int generic_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	file_accessed(file);
	vma->vm_ops = &generic_file_vm_ops;
	return 0;
}

int generic_file_readonly_mmap(struct file *file, struct vm_area_struct *vma)
{
	if ((vma->vm_flags & VM_SHARED) && (vma->vm_flags & VM_MAYWRITE))
		return -EINVAL;
	return generic_file_mmap(file, vma);
}

static bool past_end(struct address_space *mapping, unsigned long index)
{
	return index >= ((unsigned long)i_size_read(mapping->host) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* The page comes back locked and inside the file, so that truncation waits for the mapping. */
vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct address_space *mapping = file->f_mapping;
	vm_fault_t ret = 0;
	struct page *page;

	for (;;) {
		if (past_end(mapping, vmf->pgoff))
			return VM_FAULT_SIGBUS;
		page = find_get_page(mapping, vmf->pgoff);
		if (!page || !PageUptodate(page)) {
			if (page)
				put_page(page);
			if (mapping->a_ops && mapping->a_ops->readpage)
				ret = VM_FAULT_MAJOR;
			page = read_mapping_page(mapping, vmf->pgoff, file);
			if (IS_ERR(page))
				return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
		}
		lock_page(page);
		if (likely(page->mapping == mapping && PageUptodate(page)))
			break;
		unlock_page(page);
		put_page(page);
	}
	if (past_end(mapping, vmf->pgoff)) {
		unlock_page(page);
		put_page(page);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = page;
	return ret | VM_FAULT_LOCKED;
}

/*
 * The page comes back locked, with a reference, when it is page `index` of the file and at peace.
 * Truncation takes a page out of the cache first and then, or before that, out of every table,
 * under the table's lock: what it has begun on is told by looking again after locking.
 */
static bool take_page_to_map(struct address_space *mapping, struct page *page, unsigned long index)
{
	if (PageLocked(page) || !PageUptodate(page) || !get_page_unless_zero(page))
		return false;
	if (trylock_page(page)) {
		if (page->mapping == mapping && page->index == index && !past_end(mapping, index))
			return true;
		unlock_page(page);
	}
	put_page(page);
	return false;
}

/*
 * Maps those pages start..end that are there and at peace. One that truncation has locked, or
 * that lies past the end of the file, is left to the slow way. Not to sleep: the table is locked.
 */
vm_fault_t filemap_map_pages(struct vm_fault *vmf, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = vmf->vma;
	struct address_space *mapping = vma->vm_file->f_mapping;
	unsigned long base = vmf->address - ((vmf->pgoff - start) << PAGE_SHIFT), index = start;
	struct page *pages[FAULT_AROUND_PAGES];
	pgprot_t prot = vma->vm_page_prot;
	long rss[NR_MM_COUNTERS] = {0};
	vm_fault_t ret = 0;
	spinlock_t *ptl;
	pte_t *pte;

	ASSERT(end - start < FAULT_AROUND_PAGES);
	pte = pte_lock(vmf->pmd, base, &ptl);
	rcu_read_lock();
	xa_load_range(&mapping->i_pages, start, end - start + 1, (void **)pages);
	for (; index <= end; index++, pte++) {
		struct page *page = pages[index - start];

		if (!page || !pte_none(ptep_get(pte)) || !take_page_to_map(mapping, page, index))
			continue;
		atomic_inc(&page->_mapcount);
		rss[mm_counter(page)]++;
		set_new_pte(pte, pte_mkyoung(mk_pte(page, prot)));
		unlock_page(page);
		if (index == vmf->pgoff)
			ret = VM_FAULT_NOPAGE;
	}
	rcu_read_unlock();
	add_mm_counters(vma->vm_mm, rss);
	pte_unlock(ptl);
	return ret;
}

vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf)
{
	struct page *page = vmf->page;

	file_update_time(vmf->vma->vm_file);
	lock_page(page);
	if (page->mapping != vmf->vma->vm_file->f_mapping) {
		unlock_page(page);
		return VM_FAULT_NOPAGE;
	}
	set_page_dirty(page);
	return VM_FAULT_LOCKED;
}

const struct vm_operations_struct generic_file_vm_ops = {
    .fault = filemap_fault,
    .map_pages = filemap_map_pages,
};
