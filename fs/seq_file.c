/* SPDX-License-Identifier: MIT */
/*
 * seq_file. Contracts: <jiffy/seq_file.h>. m->lock guards the buffer and the position; buf[from..
 * from+count) is printed and not yet handed out.
 */
#include <arch/uaccess.h>
#include <jiffy/bitops.h>
#include <jiffy/fs.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>

static char *seq_buf_alloc(size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

int seq_open(struct file *file, const struct seq_operations *op)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	mutex_init(&m->lock);
	m->op = op;
	m->file = file;
	file->private_data = m;
	/* Made as it is read, so a position of another file's means nothing: no pwrite. */
	file->f_mode &= ~FMODE_PWRITE;
	return 0;
}

void *__seq_open_private(struct file *file, const struct seq_operations *op, int psize)
{
	void *private = kzalloc(psize, GFP_KERNEL);

	if (!private)
		return NULL;
	if (seq_open(file, op)) {
		kfree(private);
		return NULL;
	}
	((struct seq_file *)file->private_data)->private = private;
	return private;
}

int seq_open_private(struct file *file, const struct seq_operations *op, int psize)
{
	return __seq_open_private(file, op, psize) ? 0 : -ENOMEM;
}

int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kvfree(m->buf);
	kfree(m);
	return 0;
}

int seq_release_private(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kfree(m->private);
	return seq_release(inode, file);
}

/* A bigger, empty buffer in place of one that a record did not fit. */
static int grow(struct seq_file *m)
{
	kvfree(m->buf);
	m->count = 0;
	m->size <<= 1;
	m->buf = seq_buf_alloc(m->size);
	return m->buf ? 0 : -ENOMEM;
}

/* Prints records again from the start until read position `offset` is reached (lseek, pread). */
static int traverse(struct seq_file *m, loff_t offset)
{
	loff_t pos = 0;
	int error = 0;
	void *p;

	m->index = 0;
	m->count = m->from = 0;
	if (!offset)
		return 0;
	if (!m->buf) {
		m->size = PAGE_SIZE;
		m->buf = seq_buf_alloc(m->size);
		if (!m->buf)
			return -ENOMEM;
	}
	p = m->op->start(m, &m->index);
	while (p) {
		error = PTR_ERR_OR_ZERO(p);
		if (error)
			break;
		error = m->op->show(m, p);
		if (error < 0)
			break;
		if (unlikely(error)) {
			error = 0;
			m->count = 0;
		}
		if (seq_has_overflowed(m)) {
			m->op->stop(m, p);
			error = grow(m);
			if (error)
				return error;
			m->index = 0;
			pos = 0;
			p = m->op->start(m, &m->index);
			continue;
		}
		p = m->op->next(m, p, &m->index);
		if (pos + (loff_t)m->count > offset) {
			m->from = offset - pos;
			m->count -= m->from;
			break;
		}
		pos += m->count;
		m->count = 0;
		if (pos == offset)
			break;
	}
	m->op->stop(m, p);
	return error;
}

/* What is in the buffer goes out. Bytes, or -EFAULT when none could. */
static ssize_t hand_out(struct seq_file *m, struct iov_iter *iter)
{
	size_t want = min(m->count, iov_iter_count(iter)), n;

	n = copy_to_iter(m->buf + m->from, want, iter);
	m->count -= n;
	m->from += n;
	return n == 0 && want ? -EFAULT : (ssize_t)n;
}

/*
 * Prints the next record that has text into the empty buffer, and those after it as long as they
 * fit and are wanted. 0 with m->count == 0: the end.
 */
static int fill(struct seq_file *m, size_t wanted)
{
	void *p = m->op->start(m, &m->index);
	int err = 0;

	m->from = 0;
	while (p) {
		size_t offs = m->count;
		loff_t pos = m->index;

		err = PTR_ERR_OR_ZERO(p);
		if (err)
			break;
		err = m->op->show(m, p);
		if (err < 0 || seq_has_overflowed(m)) {
			m->count = offs;
			if (err < 0 || offs)
				break; /* hand out what went before; this one again next time */
			m->op->stop(m, p);
			err = grow(m);
			if (err)
				return err;
			p = m->op->start(m, &m->index);
			continue;
		}
		if (err) {
			m->count = offs;
			err = 0;
		}
		p = m->op->next(m, p, &m->index);
		if (pos == m->index)
			m->index++; /* a next() that forgot: never the same record for ever */
		if (m->count >= wanted)
			break;
	}
	m->op->stop(m, p);
	return m->count ? 0 : err;
}

ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct seq_file *m = iocb->ki_filp->private_data;
	ssize_t copied = 0, n;
	int err = 0;

	if (!iov_iter_count(iter))
		return 0;
	mutex_lock(&m->lock);
	if (iocb->ki_pos == 0) {
		m->index = 0;
		m->count = 0;
	}
	if (unlikely(iocb->ki_pos != m->read_pos)) {
		while ((err = traverse(m, iocb->ki_pos)) == -EAGAIN)
			;
		if (err) {
			m->read_pos = 0;
			m->index = 0;
			m->count = 0;
			goto done;
		}
		m->read_pos = iocb->ki_pos;
	}
	if (!m->buf) {
		m->size = PAGE_SIZE;
		m->buf = seq_buf_alloc(m->size);
		err = -ENOMEM;
		if (!m->buf)
			goto done;
		err = 0;
	}
	if (m->count) {
		n = hand_out(m, iter);
		if (n < 0) {
			err = n;
			goto done;
		}
		copied = n;
		if (m->count || !iov_iter_count(iter))
			goto done;
	}
	err = fill(m, iov_iter_count(iter));
	if (err || !m->count)
		goto done;
	n = hand_out(m, iter);
	if (n < 0)
		err = n;
	else
		copied += n;
done:
	if (copied) {
		iocb->ki_pos += copied;
		m->read_pos += copied;
	}
	mutex_unlock(&m->lock);
	return copied ? copied : err;
}

ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *ppos)
{
	struct kiocb kiocb = {.ki_filp = file, .ki_pos = *ppos};
	struct iov_iter iter;
	ssize_t ret;

	iov_iter_ubuf(&iter, ITER_DEST, buf, size);
	ret = seq_read_iter(&kiocb, &iter);
	*ppos = kiocb.ki_pos;
	return ret;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *m = file->private_data;
	loff_t retval = -EINVAL;

	mutex_lock(&m->lock);
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	if ((whence == SEEK_SET || whence == SEEK_CUR) && offset >= 0) {
		retval = offset;
		if (offset != m->read_pos) {
			while ((retval = traverse(m, offset)) == -EAGAIN)
				;
			if (retval) {
				m->read_pos = 0;
				m->index = 0;
				m->count = 0;
			} else {
				m->read_pos = offset;
				retval = offset;
			}
		}
		if (retval >= 0)
			file->f_pos = offset;
	}
	mutex_unlock(&m->lock);
	return retval;
}

static void *single_start(struct seq_file *m, loff_t *ppos)
{
	return *ppos ? NULL : SEQ_START_TOKEN;
}

static void *single_next(struct seq_file *m, void *v, loff_t *ppos)
{
	++*ppos;
	return NULL;
}

static void single_stop(struct seq_file *m, void *v)
{
}

int single_open(struct file *file, int (*show)(struct seq_file *m, void *v), void *data)
{
	struct seq_operations *op = kmalloc(sizeof(*op), GFP_KERNEL);
	int res;

	if (!op)
		return -ENOMEM;
	op->start = single_start;
	op->next = single_next;
	op->stop = single_stop;
	op->show = show;
	res = seq_open(file, op);
	if (res)
		kfree(op);
	else
		((struct seq_file *)file->private_data)->private = data;
	return res;
}

int single_open_size(struct file *file, int (*show)(struct seq_file *m, void *v), void *data,
		     size_t size)
{
	char *buf = seq_buf_alloc(size);
	struct seq_file *m;
	int ret;

	if (!buf)
		return -ENOMEM;
	ret = single_open(file, show, data);
	if (ret) {
		kvfree(buf);
		return ret;
	}
	m = file->private_data;
	m->buf = buf;
	m->size = size;
	return 0;
}

int single_release(struct inode *inode, struct file *file)
{
	const struct seq_operations *op = ((struct seq_file *)file->private_data)->op;
	int res = seq_release(inode, file);

	kfree(op);
	return res;
}

static void seq_set_overflow(struct seq_file *m)
{
	m->count = m->size;
}

void seq_vprintf(struct seq_file *m, const char *fmt, va_list ap)
{
	if (m->count < m->size) {
		int len = vsnprintf(m->buf + m->count, m->size - m->count, fmt, ap);

		if (m->count + len < m->size) {
			m->count += len;
			return;
		}
	}
	seq_set_overflow(m);
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	seq_vprintf(m, fmt, ap);
	va_end(ap);
}

void seq_putc(struct seq_file *m, char c)
{
	if (m->count < m->size)
		m->buf[m->count++] = c;
}

void seq_bitmap_list(struct seq_file *m, const unsigned long *map, unsigned int nbits)
{
	char *buf;
	size_t room = seq_get_buf(m, &buf), n = bitmap_print_list(buf, room, map, nbits);

	seq_commit(m, n < room ? (int)n : -1);
	seq_putc(m, '\n');
}

int seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (m->count + len < m->size) {
		memcpy(m->buf + m->count, data, len);
		m->count += len;
		return 0;
	}
	seq_set_overflow(m);
	return -1;
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_put_decimal_ull(struct seq_file *m, const char *delimiter, unsigned long long num)
{
	char digits[20];
	int n = sizeof(digits);

	if (delimiter)
		seq_puts(m, delimiter);
	do {
		digits[--n] = '0' + num % 10;
		num /= 10;
	} while (num);
	seq_write(m, digits + n, sizeof(digits) - n);
}

void seq_put_decimal_ll(struct seq_file *m, const char *delimiter, long long num)
{
	if (delimiter)
		seq_puts(m, delimiter);
	if (num < 0)
		seq_putc(m, '-');
	seq_put_decimal_ull(m, NULL, num < 0 ? -(unsigned long long)num : (unsigned long long)num);
}

void seq_put_hex_ll(struct seq_file *m, const char *delimiter, unsigned long long v,
		    unsigned int width)
{
	char digits[16];
	unsigned int n = sizeof(digits);

	if (delimiter)
		seq_puts(m, delimiter);
	width = min_t(unsigned int, width, sizeof(digits));
	do {
		digits[--n] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v || sizeof(digits) - n < width);
	seq_write(m, digits + n, sizeof(digits) - n);
}

void seq_setwidth(struct seq_file *m, size_t size)
{
	m->pad_until = m->count + size;
}

void seq_pad(struct seq_file *m, char c)
{
	while (m->count < m->pad_until && m->count < m->size)
		seq_putc(m, ' ');
	if (c)
		seq_putc(m, c);
}

void seq_escape(struct seq_file *m, const char *s, const char *esc)
{
	for (; *s; s++) {
		u8 c = *s;

		if (strchr(esc, c))
			seq_printf(m, "\\%03o", c);
		else
			seq_putc(m, c);
	}
}

/* In place towards lower addresses is impossible with escapes, so s lies before p in the buffer. */
char *mangle_path(char *s, const char *p, const char *esc)
{
	while (s <= p) {
		u8 c = *p++;

		if (!c)
			return s;
		if (!strchr(esc, c)) {
			*s++ = c;
		} else if (s + 4 > p) {
			break;
		} else {
			*s++ = '\\';
			*s++ = '0' + (c >> 6);
			*s++ = '0' + ((c >> 3) & 7);
			*s++ = '0' + (c & 7);
		}
	}
	return NULL;
}

/* p: a path built at the end of the buffer, or an error. */
static int commit_path(struct seq_file *m, char *buf, char *p, const char *esc)
{
	int res = -1;

	if (!IS_ERR_OR_NULL(p)) {
		char *end = mangle_path(buf, p, esc);

		if (end)
			res = end - buf;
	}
	seq_commit(m, res);
	return res;
}

int seq_path(struct seq_file *m, const struct path *path, const char *esc)
{
	char *buf;
	size_t size = seq_get_buf(m, &buf);

	return size ? commit_path(m, buf, d_path(path, buf, size), esc) : -1;
}

int seq_file_path(struct seq_file *m, struct file *file, const char *esc)
{
	return seq_path(m, &file->f_path, esc);
}

int seq_path_root(struct seq_file *m, const struct path *path, const struct path *root,
		  const char *esc)
{
	char *buf, *p;
	size_t size = seq_get_buf(m, &buf);

	if (!size)
		return 0;
	p = __d_path(path, root, buf, size);
	if (!p)
		return SEQ_SKIP;
	commit_path(m, buf, p, esc);
	return 0;
}

int seq_dentry(struct seq_file *m, struct dentry *dentry, const char *esc)
{
	char *buf;
	size_t size = seq_get_buf(m, &buf);

	return size ? commit_path(m, buf, dentry_path_raw(dentry, buf, size), esc) : -1;
}

struct list_head *seq_list_start(struct list_head *head, loff_t pos)
{
	struct list_head *p;

	list_for_each (p, head)
		if (pos-- == 0)
			return p;
	return NULL;
}

struct list_head *seq_list_start_head(struct list_head *head, loff_t pos)
{
	return pos ? seq_list_start(head, pos - 1) : head;
}

struct list_head *seq_list_next(void *v, struct list_head *head, loff_t *ppos)
{
	struct list_head *p = ((struct list_head *)v)->next;

	++*ppos;
	return p == head ? NULL : p;
}
