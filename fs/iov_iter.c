/* SPDX-License-Identifier: MIT */
/*
 * iov_iter. Contracts: <jiffy/uio.h>. One loop, iterate(), visits the segments; what is done with
 * each piece is a small function that says how many bytes it did not manage.
 */
#include <arch/uaccess.h>
#include <jiffy/fs.h>
#include <jiffy/mm.h>
#include <jiffy/slab.h>

void iov_iter_init(struct iov_iter *i, unsigned int direction, const struct iovec *iov,
		   unsigned long nr_segs, size_t count)
{
	*i = (struct iov_iter){.iter_type = ITER_IOVEC,
			       .data_source = direction,
			       .iov = iov,
			       .nr_segs = nr_segs,
			       .count = count};
}

void iov_iter_kvec(struct iov_iter *i, unsigned int direction, const struct kvec *kvec,
		   unsigned long nr_segs, size_t count)
{
	*i = (struct iov_iter){.iter_type = ITER_KVEC,
			       .data_source = direction,
			       .kvec = kvec,
			       .nr_segs = nr_segs,
			       .count = count};
}

/* One piece: mem is the iterator's memory, data what is copied to or from it. Bytes not done. */
typedef size_t (*step_t)(void *mem, bool user, void *data, size_t len);

/* The piece at the front: its address, with *len cut to it. An iovec and a kvec look the same. */
static void *front(struct iov_iter *i, size_t *len)
{
	if (i->iter_type == ITER_UBUF)
		return (char *)i->ubuf + i->iov_offset;
	while (i->kvec->iov_len == i->iov_offset && i->nr_segs > 1) {
		i->kvec++;
		i->nr_segs--;
		i->iov_offset = 0;
	}
	*len = min(*len, i->kvec->iov_len - i->iov_offset);
	return (char *)i->kvec->iov_base + i->iov_offset;
}

/* Compiled for each step, which is no call then. */
static __always_inline size_t iterate(struct iov_iter *i, void *data, size_t bytes, step_t step)
{
	bool user = iter_is_user(i);
	size_t done = 0;

	bytes = min(bytes, i->count);
	while (done < bytes) {
		size_t len = bytes - done, left;
		void *mem = front(i, &len);

		left = step(mem, user, data ? (char *)data + done : NULL, len);
		len -= left;
		done += len;
		i->count -= len;
		i->iov_offset += len;
		if (left)
			break;
	}
	return done;
}

static size_t step_to(void *mem, bool user, void *data, size_t len)
{
	if (user)
		return copy_to_user(mem, data, len);
	memcpy(mem, data, len);
	return 0;
}

static size_t step_from(void *mem, bool user, void *data, size_t len)
{
	if (user)
		return copy_from_user(data, mem, len);
	memcpy(data, mem, len);
	return 0;
}

static size_t step_zero(void *mem, bool user, void *data, size_t len)
{
	if (user)
		return clear_user(mem, len);
	memset(mem, 0, len);
	return 0;
}

static size_t step_skip(void *mem, bool user, void *data, size_t len)
{
	return 0;
}

size_t copy_to_iter(const void *addr, size_t bytes, struct iov_iter *i)
{
	return iterate(i, (void *)addr, bytes, step_to);
}

size_t copy_from_iter(void *addr, size_t bytes, struct iov_iter *i)
{
	return iterate(i, addr, bytes, step_from);
}

bool copy_to_iter_full(const void *addr, size_t bytes, struct iov_iter *i)
{
	size_t n = copy_to_iter(addr, bytes, i);

	if (likely(n == bytes))
		return true;
	iov_iter_revert(i, n);
	return false;
}

bool copy_from_iter_full(void *addr, size_t bytes, struct iov_iter *i)
{
	size_t n = copy_from_iter(addr, bytes, i);

	if (likely(n == bytes))
		return true;
	iov_iter_revert(i, n);
	return false;
}

size_t iov_iter_zero(size_t bytes, struct iov_iter *i)
{
	return iterate(i, NULL, bytes, step_zero);
}

size_t copy_page_to_iter(struct page *page, size_t offset, size_t bytes, struct iov_iter *i)
{
	return copy_to_iter((char *)page_address(page) + offset, bytes, i);
}

size_t copy_page_from_iter(struct page *page, size_t offset, size_t bytes, struct iov_iter *i)
{
	return copy_from_iter((char *)page_address(page) + offset, bytes, i);
}

void iov_iter_advance(struct iov_iter *i, size_t bytes)
{
	iterate(i, NULL, bytes, step_skip);
}

void iov_iter_revert(struct iov_iter *i, size_t bytes)
{
	i->count += bytes;
	while (bytes > i->iov_offset) {
		bytes -= i->iov_offset;
		i->kvec--;
		i->nr_segs++;
		i->iov_offset = i->kvec->iov_len;
	}
	i->iov_offset -= bytes;
}

size_t fault_in_readable(const char __user *uaddr, size_t size)
{
	const char __user *p = uaddr, *end = uaddr + size;

	while (p < end) {
		char c __maybe_unused;

		if (get_user(c, p))
			return end - p;
		p = (const char __user *)ALIGN_DOWN((unsigned long)p + PAGE_SIZE, PAGE_SIZE);
	}
	return 0;
}

/* Writing a byte back would race with the program: a fault for writing is asked for instead. */
size_t fault_in_writeable(char __user *uaddr, size_t size)
{
	unsigned long p = (unsigned long)uaddr, end = p + size;
	size_t left = 0;

	if (!access_ok(uaddr, size))
		return size;
	mmap_read_lock(current->mm);
	for (; p < end; p = ALIGN_DOWN(p + PAGE_SIZE, PAGE_SIZE)) {
		if (fixup_user_fault(current->mm, p, FAULT_FLAG_WRITE)) {
			left = end - p;
			break;
		}
	}
	mmap_read_unlock(current->mm);
	return left;
}

size_t fault_in_iov_iter_readable(const struct iov_iter *i, size_t bytes)
{
	struct iov_iter copy = *i;
	size_t want = min(bytes, i->count), done = 0;

	if (!iter_is_user(i))
		return 0;
	while (done < want) {
		size_t len = want - done, left;
		char *mem = front(&copy, &len);

		left = fault_in_readable(mem, len);
		if (left)
			return want - done - (len - left);
		copy.iov_offset += len;
		done += len;
	}
	return 0;
}

int import_single_range(int direction, void __user *buf, size_t len, struct iov_iter *i)
{
	len = min(len, MAX_RW_COUNT);
	if (unlikely(!access_ok(buf, len)))
		return -EFAULT;
	iov_iter_ubuf(i, direction, buf, len);
	return 0;
}

ssize_t import_iovec(int direction, const struct iovec __user *uvec, unsigned int nr_segs,
		     unsigned int fast_segs, struct iovec **iovp, struct iov_iter *i)
{
	struct iovec *iov = *iovp;
	ssize_t total = 0;
	unsigned int seg;

	*iovp = NULL;
	if (nr_segs > UIO_MAXIOV)
		return -EINVAL;
	if (nr_segs > fast_segs) {
		iov = kmalloc_array(nr_segs, sizeof(*iov), GFP_KERNEL);
		if (!iov)
			return -ENOMEM;
	}
	if (copy_from_user(iov, uvec, nr_segs * sizeof(*iov))) {
		total = -EFAULT;
		goto out;
	}
	for (seg = 0; seg < nr_segs; seg++) {
		ssize_t len = (ssize_t)iov[seg].iov_len;

		if (len < 0) {
			total = -EINVAL;
			goto out;
		}
		if (!access_ok(iov[seg].iov_base, len)) {
			total = -EFAULT;
			goto out;
		}
		if (len > (ssize_t)MAX_RW_COUNT - total) {
			len = MAX_RW_COUNT - total;
			iov[seg].iov_len = len;
		}
		total += len;
	}
	iov_iter_init(i, direction, iov, nr_segs, total);
out:
	if (nr_segs > fast_segs) {
		if (total < 0)
			kfree(iov);
		else
			*iovp = iov;
	}
	return total;
}
