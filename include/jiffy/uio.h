/* SPDX-License-Identifier: MIT */
/*
 * iov_iter: one view of the memory that a read or write works on, be it one user buffer, an
 * array of them, or kernel memory. It is consumed from the front. Task context; the user forms
 * may fault. fs/iov_iter.c.
 */
#ifndef JIFFY_UIO_H
#define JIFFY_UIO_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>
#include <uapi/uio.h>

struct page;

struct kvec {
	void *iov_base;
	size_t iov_len;
};

enum iter_type { ITER_UBUF, ITER_IOVEC, ITER_KVEC };

struct iov_iter {
	u8 iter_type;
	bool data_source;  /* the memory is read from (a write), else written to (a read) */
	size_t iov_offset; /* into the first segment */
	size_t count;	   /* bytes left in all */
	union {
		void __user *ubuf;
		const struct iovec *iov;
		const struct kvec *kvec;
	};
	unsigned long nr_segs;
};

#define ITER_DEST   0 /* read(2): the iterator is filled */
#define ITER_SOURCE 1 /* write(2): the iterator is emptied */

static inline size_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

static inline void iov_iter_truncate(struct iov_iter *i, size_t count)
{
	if (i->count > count)
		i->count = count;
}

/* After a truncate: as many bytes as really remain. */
static inline void iov_iter_reexpand(struct iov_iter *i, size_t count)
{
	i->count = count;
}

static inline bool iter_is_user(const struct iov_iter *i)
{
	return i->iter_type != ITER_KVEC;
}

static inline void iov_iter_ubuf(struct iov_iter *i, unsigned int direction, void __user *buf,
				 size_t count)
{
	*i = (struct iov_iter){.iter_type = ITER_UBUF,
			       .data_source = direction,
			       .ubuf = buf,
			       .count = count,
			       .nr_segs = 1};
}
void iov_iter_init(struct iov_iter *i, unsigned int direction, const struct iovec *iov,
		   unsigned long nr_segs, size_t count);
void iov_iter_kvec(struct iov_iter *i, unsigned int direction, const struct kvec *kvec,
		   unsigned long nr_segs, size_t count);

/* Bytes copied, short when the iterator ends or its memory faults; it advances by that much. */
size_t copy_to_iter(const void *addr, size_t bytes, struct iov_iter *i);
size_t copy_from_iter(void *addr, size_t bytes, struct iov_iter *i);
/* All or nothing. */
bool copy_to_iter_full(const void *addr, size_t bytes, struct iov_iter *i);
bool copy_from_iter_full(void *addr, size_t bytes, struct iov_iter *i);
size_t iov_iter_zero(size_t bytes, struct iov_iter *i);
size_t copy_page_to_iter(struct page *page, size_t offset, size_t bytes, struct iov_iter *i);
size_t copy_page_from_iter(struct page *page, size_t offset, size_t bytes, struct iov_iter *i);
void iov_iter_advance(struct iov_iter *i, size_t bytes);
/* Takes back the last `bytes` that were consumed. */
void iov_iter_revert(struct iov_iter *i, size_t bytes);
/*
 * Touches the next `bytes` of user memory, so that a copy with page faults off has a chance.
 * The number of bytes that cannot be reached: 0 is success.
 */
size_t fault_in_iov_iter_readable(const struct iov_iter *i, size_t bytes);
size_t fault_in_readable(const char __user *uaddr, size_t size);
size_t fault_in_writeable(char __user *uaddr, size_t size);

/*
 * Checks and copies a program's iovec array. *iovp is the caller's array of fast_segs on entry;
 * on return what the caller must kfree() (NULL when its own array did). The byte count, cut at
 * MAX_RW_COUNT, or -EINVAL, -EFAULT, -ENOMEM.
 */
ssize_t import_iovec(int direction, const struct iovec __user *uvec, unsigned int nr_segs,
		     unsigned int fast_segs, struct iovec **iovp, struct iov_iter *i);
int import_single_range(int direction, void __user *buf, size_t len, struct iov_iter *i);

#endif
