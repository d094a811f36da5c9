/* SPDX-License-Identifier: MIT */
/*
 * seq_file: text files whose content is made as it is read, record by record. start() takes
 * the locks and finds the record at *pos, next() steps on, show() prints, stop() lets go. A
 * record that does not fit is printed again into a bigger buffer. fs/seq_file.c, task context.
 */
#ifndef JIFFY_SEQ_FILE_H
#define JIFFY_SEQ_FILE_H

#include <jiffy/fs.h>
#include <jiffy/list.h>
#include <jiffy/mutex.h>
#include <jiffy/string.h>

struct seq_operations;
struct iov_iter;

struct seq_file {
	char *buf;
	size_t size;
	size_t from;  /* first byte not yet handed out */
	size_t count; /* bytes in buf not yet handed out */
	size_t pad_until;
	loff_t index;	   /* of the next record */
	loff_t read_pos;   /* file position that index and from stand for */
	struct mutex lock; /* one reader at a time */
	const struct seq_operations *op;
	int poll_event;
	const struct file *file;
	void *private;
};

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

#define SEQ_SKIP	1 /* show(): leave this record out */
#define SEQ_START_TOKEN ((void *)1)

int seq_open(struct file *file, const struct seq_operations *op);
/* Also allocates m->private, psize bytes zeroed; seq_release_private() frees it. */
void *__seq_open_private(struct file *file, const struct seq_operations *op, int psize);
int seq_open_private(struct file *file, const struct seq_operations *op, int psize);
int seq_release_private(struct inode *inode, struct file *file);
ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *ppos);
ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);
int seq_release(struct inode *inode, struct file *file);
/* One record in all: show(m, NULL) with m->private = data. */
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v), void *data);
int single_open_size(struct file *file, int (*show)(struct seq_file *m, void *v), void *data,
		     size_t size);
int single_release(struct inode *inode, struct file *file);

/* Printing: what does not fit marks the buffer as overflowed; nothing is lost. */
void seq_printf(struct seq_file *m, const char *fmt, ...) __printf(2, 3);
void seq_vprintf(struct seq_file *m, const char *fmt, va_list ap) __printf(2, 0);
void seq_putc(struct seq_file *m, char c);
void seq_puts(struct seq_file *m, const char *s);
int seq_write(struct seq_file *m, const void *data, size_t len);
/* delimiter and the number, fast. */
void seq_put_decimal_ull(struct seq_file *m, const char *delimiter, unsigned long long num);
void seq_put_decimal_ll(struct seq_file *m, const char *delimiter, long long num);
void seq_put_hex_ll(struct seq_file *m, const char *delimiter, unsigned long long num,
		    unsigned int width);
/* The set bits as ranges, "0-2,5", and a newline. */
void seq_bitmap_list(struct seq_file *m, const unsigned long *map, unsigned int nbits);
/* Pads with spaces (from seq_setwidth()'s point) and ends with c if it is not 0. */
void seq_setwidth(struct seq_file *m, size_t size);
void seq_pad(struct seq_file *m, char c);
/* The string with the characters of esc and unprintable ones as \ooo. */
void seq_escape(struct seq_file *m, const char *s, const char *esc);
char *mangle_path(char *s, const char *p, const char *esc);
int seq_path(struct seq_file *m, const struct path *path, const char *esc);
int seq_file_path(struct seq_file *m, struct file *file, const char *esc);
/* From root; SEQ_SKIP when it is not below. */
int seq_path_root(struct seq_file *m, const struct path *path, const struct path *root,
		  const char *esc);
int seq_dentry(struct seq_file *m, struct dentry *dentry, const char *esc);

static inline bool seq_has_overflowed(struct seq_file *m)
{
	return m->count == m->size;
}

/* Space that may be written directly, then what was used (-1: it did not suffice). */
static inline size_t seq_get_buf(struct seq_file *m, char **bufp)
{
	*bufp = m->count < m->size ? m->buf + m->count : NULL;
	return m->size - m->count;
}

static inline void seq_commit(struct seq_file *m, int num)
{
	if (num < 0)
		m->count = m->size;
	else
		m->count += num;
}

struct list_head *seq_list_start(struct list_head *head, loff_t pos);
struct list_head *seq_list_start_head(struct list_head *head, loff_t pos);
struct list_head *seq_list_next(void *v, struct list_head *head, loff_t *ppos);

#define DEFINE_SHOW_ATTRIBUTE(nm)                                      \
	static int nm##_open(struct inode *inode, struct file *file)   \
	{                                                              \
		return single_open(file, nm##_show, inode->i_private); \
	}                                                              \
	static const struct file_operations nm##_fops = {              \
	    .open = nm##_open,                                         \
	    .read_iter = seq_read_iter,                                \
	    .llseek = seq_lseek,                                       \
	    .release = single_release,                                 \
	}

#endif
