/* SPDX-License-Identifier: MIT */
/*
 * Programs and the kernel's log: /dev/kmsg (one record a read), syslog(2) and /proc/kmsg.
 * A reader's place is a record's number, kept per open file (f_lock is not needed: the file's
 * position lock or reader_lock orders its reads). syslog(2)'s one place is under syslog_lock.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/printk.h>
#include <jiffy/proc_fs.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <jiffy/sysctl.h>
#include <jiffy/uio.h>
#include "kmsg.h"

#define LINE_MAX_LEN 1024

enum {
	SYSLOG_CLOSE,
	SYSLOG_OPEN,
	SYSLOG_READ,
	SYSLOG_READ_ALL,
	SYSLOG_READ_CLEAR,
	SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF,
	SYSLOG_CONSOLE_ON,
	SYSLOG_CONSOLE_LEVEL,
	SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER
};
#define LOG_BUFFER_SIZE (64 * 1024) /* what a program is told to bring along */

static int dmesg_restrict; /* /proc/sys/kernel/dmesg_restrict */
/* current, default, minimum, default at boot: /proc/sys/kernel/printk */
static int console_printk[4] = {7, 4, 1, 7};

struct kmsg_reader {
	struct mutex lock;
	u64 seq;		 /* lock: next record to read */
	char text[LINE_MAX_LEN]; /* lock */
	char out[LINE_MAX_LEN * 2];
};

static DEFINE_MUTEX(syslog_lock);
static u64 syslog_seq;	   /* syslog_lock: what SYSLOG_READ comes to next */
static size_t syslog_part; /* syslog_lock: bytes of it already given */
static u64 clear_seq;	   /* syslog_lock: SYSLOG_CLEAR hides what is before */

int check_syslog_permission(bool all)
{
	if (!all && !READ_ONCE(dmesg_restrict))
		return 0;
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static int kmsg_open(struct inode *inode, struct file *file)
{
	struct kmsg_reader *r;
	int err;

	if ((file->f_flags & O_ACCMODE) == O_WRONLY)
		return 0;
	err = check_syslog_permission(false);
	if (err)
		return err;
	r = kvzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	r->seq = printk_first_seq();
	file->private_data = r;
	return 0;
}

static int kmsg_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

/* "6,17,1234567,-;text": level and facility, number, microseconds (dev-kmsg's own format). */
static int format_record(struct kmsg_reader *r, const struct printk_record *info, int len)
{
	int n = scnprintf(r->out, sizeof(r->out), "%u,%llu,%llu,-;", info->level,
			  (unsigned long long)info->seq,
			  (unsigned long long)(info->ts_ns / NSEC_PER_USEC));
	int i;

	for (i = 0; i < len && n < (int)sizeof(r->out) - 5; i++) {
		u8 c = r->text[i];

		if (c < ' ' || c >= 0x7f || c == '\\')
			n += scnprintf(r->out + n, sizeof(r->out) - n, "\\x%02x", c);
		else
			r->out[n++] = c;
	}
	r->out[n++] = '\n';
	return n;
}

static ssize_t read_record(struct kmsg_reader *r, struct iov_iter *to)
{
	struct printk_record info;
	u64 seq = r->seq;
	int len = printk_read(&seq, &info, r->text, sizeof(r->text));

	if (len < 0)
		return len;
	if (info.seq != r->seq) { /* overwritten meanwhile */
		r->seq = info.seq;
		return -EPIPE;
	}
	len = format_record(r, &info, min_t(int, len, sizeof(r->text)));
	if (len > iov_iter_count(to))
		return -EINVAL;
	if (copy_to_iter(r->out, len, to) != len)
		return -EFAULT;
	r->seq = seq;
	return len;
}

static ssize_t kmsg_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct kmsg_reader *r = iocb->ki_filp->private_data;
	ssize_t ret;

	if (!r)
		return -EBADF;
	for (;;) {
		if (mutex_lock_interruptible(&r->lock))
			return -ERESTARTSYS;
		ret = read_record(r, to);
		mutex_unlock(&r->lock);
		if (ret != -EAGAIN || (iocb->ki_filp->f_flags & O_NONBLOCK))
			return ret;
		if (wait_event_interruptible(printk_wait, printk_next_seq() > READ_ONCE(r->seq)))
			return -ERESTARTSYS;
	}
}

/* A line that a program logs: "<level>" may lead it. */
static ssize_t kmsg_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	unsigned int level = 4;
	char *line, *text, *end;

	if (len > LINE_MAX_LEN)
		return -EINVAL;
	line = kzalloc(len + 1, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	if (copy_from_iter(line, len, from) != len) {
		kfree(line);
		return -EFAULT;
	}
	text = line;
	end = line[0] == '<' ? strchr(line, '>') : NULL;
	if (end) {
		*end = '\0';
		if (!kstrtouint(line + 1, 10, &level)) {
			level &= 7; /* the rest is the facility, which the log does not keep */
			text = end + 1;
		} else {
			*end = '>';
		}
	}
	if (strlen(text) && text[strlen(text) - 1] == '\n')
		text[strlen(text) - 1] = '\0';
	printk("\001%c%s", '0' + (int)level, text);
	kfree(line);
	return len;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg_reader *r = file->private_data;

	if (!r)
		return -EBADF;
	if (offset)
		return -ESPIPE;
	mutex_lock(&r->lock);
	switch (whence) {
	case SEEK_SET:
		r->seq = printk_first_seq();
		break;
	case SEEK_DATA: /* behind the last SYSLOG_CLEAR */
		r->seq = max(READ_ONCE(clear_seq), printk_first_seq());
		break;
	case SEEK_END:
		r->seq = printk_next_seq();
		break;
	default:
		mutex_unlock(&r->lock);
		return -EINVAL;
	}
	mutex_unlock(&r->lock);
	return 0;
}

static __poll_t kmsg_poll(struct file *file, struct poll_table_struct *wait)
{
	struct kmsg_reader *r = file->private_data;

	if (!r)
		return EPOLLERR | EPOLLNVAL;
	poll_wait(file, &printk_wait, wait);
	if (printk_next_seq() <= READ_ONCE(r->seq))
		return 0;
	return printk_first_seq() > READ_ONCE(r->seq) ? EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLPRI
						      : EPOLLIN | EPOLLRDNORM;
}

const struct file_operations kmsg_fops = {
    .open = kmsg_open,
    .release = kmsg_release,
    .read_iter = kmsg_read,
    .write_iter = kmsg_write,
    .llseek = kmsg_llseek,
    .poll = kmsg_poll,
};

/* A record as syslog(2) shows it, "<6>[    1.234567] text": its length. *seq moves on. */
static int syslog_line(u64 *seq, char *out, size_t size)
{
	struct printk_record info;
	char *text = kmalloc(LINE_MAX_LEN, GFP_KERNEL);
	int len;

	if (!text)
		return -ENOMEM;
	len = printk_read(seq, &info, text, LINE_MAX_LEN);
	if (len >= 0)
		len = scnprintf(out, size, "<%u>[%5llu.%06llu] %.*s\n", info.level,
				(unsigned long long)(info.ts_ns / NSEC_PER_SEC),
				(unsigned long long)(info.ts_ns % NSEC_PER_SEC / NSEC_PER_USEC),
				min_t(int, len, LINE_MAX_LEN), text);
	kfree(text);
	return len;
}

static bool unread(void)
{
	return READ_ONCE(syslog_seq) < printk_next_seq();
}

/* SYSLOG_READ: waits for something, then gives what fits, records cut where buf ends. */
static long syslog_read(char __user *buf, int size)
{
	char *line = kmalloc(LINE_MAX_LEN + 64, GFP_KERNEL);
	long done = 0;

	if (!line)
		return -ENOMEM;
	if (wait_event_interruptible(printk_wait, unread())) {
		kfree(line);
		return -ERESTARTSYS;
	}
	mutex_lock(&syslog_lock);
	while (done < size) {
		u64 seq = syslog_seq;
		int len = syslog_line(&seq, line, LINE_MAX_LEN + 64), n;

		if (len < 0)
			break;
		syslog_part = min_t(size_t, syslog_part, len);
		n = min_t(long, len - syslog_part, size - done);
		if (copy_to_user(buf + done, line + syslog_part, n)) {
			done = done ? done : -EFAULT;
			break;
		}
		done += n;
		syslog_part += n;
		if (syslog_part == len) {
			syslog_seq = seq;
			syslog_part = 0;
		}
	}
	mutex_unlock(&syslog_lock);
	kfree(line);
	return done;
}

/* SYSLOG_READ_ALL: the last records that fit as a whole. */
static long syslog_read_all(char __user *buf, int size, bool clear)
{
	char *line = kmalloc(LINE_MAX_LEN + 64, GFP_KERNEL);
	u64 seq, first;
	long total = 0, done = 0;
	int len;

	if (!line)
		return -ENOMEM;
	mutex_lock(&syslog_lock);
	first = seq = max(clear_seq, printk_first_seq());
	while ((len = syslog_line(&seq, line, LINE_MAX_LEN + 64)) >= 0)
		total += len;
	for (seq = first; total > size && (len = syslog_line(&seq, line, LINE_MAX_LEN + 64)) >= 0;)
		total -= len;
	while ((len = syslog_line(&seq, line, LINE_MAX_LEN + 64)) >= 0 && done + len <= size) {
		if (copy_to_user(buf + done, line, len)) {
			done = -EFAULT;
			break;
		}
		done += len;
	}
	if (clear && done >= 0)
		WRITE_ONCE(clear_seq, seq);
	mutex_unlock(&syslog_lock);
	kfree(line);
	return done;
}

static long syslog_unread_size(void)
{
	char *line = kmalloc(LINE_MAX_LEN + 64, GFP_KERNEL);
	long total = 0;
	u64 seq;
	int len;

	if (!line)
		return -ENOMEM;
	mutex_lock(&syslog_lock);
	seq = syslog_seq;
	while ((len = syslog_line(&seq, line, LINE_MAX_LEN + 64)) >= 0)
		total += len;
	total -= min_t(long, total, syslog_part);
	mutex_unlock(&syslog_lock);
	kfree(line);
	return total;
}

static long syslog_console(int type, int level)
{
	static int saved = -1;
	long ret = 0;

	mutex_lock(&syslog_lock);
	if (type == SYSLOG_CONSOLE_OFF) {
		saved = saved < 0 ? console_printk[0] : saved;
		console_printk[0] = console_printk[2];
	} else if (type == SYSLOG_CONSOLE_ON) {
		console_printk[0] = saved < 0 ? console_printk[0] : saved;
		saved = -1;
	} else if (level < 1 || level > 8) {
		ret = -EINVAL;
	} else {
		console_printk[0] = max(level, console_printk[2]);
		saved = -1;
	}
	mutex_unlock(&syslog_lock);
	return ret;
}

SYSCALL_DEFINE3(syslog, int, type, char __user *, buf, int, len)
{
	int err = check_syslog_permission(type != SYSLOG_READ_ALL && type != SYSLOG_SIZE_BUFFER);

	if (err)
		return err;
	switch (type) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		if (!buf || len < 0)
			return -EINVAL;
		if (!len)
			return 0;
		if (type == SYSLOG_READ)
			return syslog_read(buf, len);
		return syslog_read_all(buf, len, type == SYSLOG_READ_CLEAR);
	case SYSLOG_CLEAR:
		mutex_lock(&syslog_lock);
		WRITE_ONCE(clear_seq, printk_next_seq());
		mutex_unlock(&syslog_lock);
		return 0;
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
	case SYSLOG_CONSOLE_LEVEL:
		return syslog_console(type, len);
	case SYSLOG_SIZE_UNREAD:
		return syslog_unread_size();
	case SYSLOG_SIZE_BUFFER:
		return LOG_BUFFER_SIZE;
	default:
		return -EINVAL;
	}
}

static const struct ctl_table log_table[] = {
    {"dmesg_restrict", &dmesg_restrict, sizeof(int), 0644, proc_dointvec_minmax, SYSCTL_ZERO,
     SYSCTL_ONE},
    {"printk", &console_printk, sizeof(console_printk), 0644, proc_dointvec, NULL, NULL},
    {}};

/* /proc/kmsg: syslog(2)'s own reader as a file. */
static int proc_kmsg_open(struct inode *inode, struct file *file)
{
	return check_syslog_permission(true);
}

static ssize_t proc_kmsg_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	if ((file->f_flags & O_NONBLOCK) && !unread())
		return -EAGAIN;
	return syslog_read(buf, min_t(size_t, count, LOG_BUFFER_SIZE));
}

static __poll_t proc_kmsg_poll(struct file *file, struct poll_table_struct *wait)
{
	poll_wait(file, &printk_wait, wait);
	return unread() ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations proc_kmsg_operations = {
    .open = proc_kmsg_open,
    .read = proc_kmsg_read,
    .poll = proc_kmsg_poll,
    .llseek = no_llseek,
};

static int __init kmsg_init(void)
{
	if (!proc_create("kmsg", 0400, NULL, &proc_kmsg_operations))
		return -ENOMEM;
	return register_sysctl("kernel", log_table);
}
fs_initcall(kmsg_init);
