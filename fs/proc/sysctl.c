/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys: tables of values as files, and the handlers that turn the common types into text
 * and back (proc(5), <jiffy/sysctl.h>). Task context.
 *
 * A value that is one word is read and written as one; values of several words are changed
 * under sysctl_lock, so that a writer does not mix with another.
 */
#include <arch/uaccess.h>
#include <jiffy/cpumask.h>
#include <jiffy/init.h>
#include <jiffy/ktime.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>
#include "internal.h"

#define MAX_VALUE_SIZE 4096

const int sysctl_zero, sysctl_one = 1, sysctl_two = 2, sysctl_int_max = 0x7fffffff;

static DEFINE_MUTEX(sysctl_lock);

/* The whole text is made each time and a piece of it given, so that any read size will do. */
static ssize_t sysctl_read(struct file *file, char __user *ubuf, size_t count, loff_t *pos)
{
	const struct ctl_table *t = pde_data(file_inode(file));
	size_t len = MAX_VALUE_SIZE;
	loff_t start = 0;
	ssize_t ret;
	char *buf;

	if (!t->proc_handler)
		return -EINVAL;
	buf = kzalloc(len + 1, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	mutex_lock(&sysctl_lock);
	ret = t->proc_handler(t, 0, buf, &len, &start);
	mutex_unlock(&sysctl_lock);
	if (!ret)
		ret = simple_read_from_buffer(ubuf, count, pos, buf, len);
	kfree(buf);
	return ret;
}

static ssize_t sysctl_write(struct file *file, const char __user *ubuf, size_t count, loff_t *pos)
{
	const struct ctl_table *t = pde_data(file_inode(file));
	size_t len = count;
	char *buf;
	int err;

	if (!t->proc_handler || count >= MAX_VALUE_SIZE)
		return -EINVAL;
	buf = memdup_user_nul(ubuf, count);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mutex_lock(&sysctl_lock);
	err = t->proc_handler(t, 1, buf, &len, pos);
	mutex_unlock(&sysctl_lock);
	kfree(buf);
	return err ? err : len;
}

static const struct file_operations proc_sys_file_operations = {
    .read = sysctl_read,
    .write = sysctl_write,
    .llseek = default_llseek,
};

static struct proc_dir_entry *sys_dir;

int register_sysctl(const char *path, const struct ctl_table *table)
{
	struct proc_dir_entry *dir;

	if (!sys_dir)
		sys_dir = proc_mkdir("sys", NULL);
	dir = proc_mkdir_path(path, sys_dir);
	if (!dir)
		return -ENOMEM;
	for (; table->procname; table++)
		if (!proc_create_data(table->procname, table->mode, dir, &proc_sys_file_operations,
				      (void *)table))
			return -ENOMEM;
	return 0;
}

/* A read past the value's text is at its end; a value is written from position 0. */
static bool at_end(int write, size_t *lenp, loff_t *ppos)
{
	if (*lenp && (write || !*ppos))
		return false;
	*lenp = 0;
	return true;
}

static void text_done(size_t *lenp, loff_t *ppos, size_t used)
{
	*lenp = used;
	*ppos += used;
}

int proc_dostring(const struct ctl_table *t, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	char *data = t->data, *buf = buffer;
	size_t len, max = t->maxlen;

	if (!data || !max || at_end(write, lenp, ppos))
		return 0;
	if (write) {
		len = strcspn(buf, "\n");
		len = min_t(size_t, len, max - 1);
		memcpy(data, buf, len);
		data[len] = '\0';
		*ppos += *lenp;
		return 0;
	}
	len = min_t(size_t, strnlen(data, max), *lenp);
	memcpy(buf, data, len);
	if (len < *lenp)
		buf[len++] = '\n';
	text_done(lenp, ppos, len);
	return 0;
}

/*
 * The vectors of numbers. A number is carried as a sign and a magnitude; conv() moves it into
 * (write) or out of the place at data, or refuses it with -EINVAL.
 */
typedef int (*conv_fn)(bool *neg, unsigned long *val, void *data, int write,
		       const struct ctl_table *t);

/* The next number in *s: 1, 0 when there is none, -EINVAL when it is not one. */
static int next_number(char **s, bool *neg, unsigned long *val)
{
	char token[24];
	size_t len;

	*s += strspn(*s, " \t\n");
	if (!**s)
		return 0;
	*neg = **s == '-';
	*s += *neg;
	len = strcspn(*s, " \t\n");
	if (!len || len >= sizeof(token))
		return -EINVAL;
	memcpy(token, *s, len);
	token[len] = '\0';
	*s += len;
	return kstrtoul(token, 0, val) ? -EINVAL : 1;
}

static int write_vector(const struct ctl_table *t, char *s, size_t size, conv_fn conv)
{
	char *data = t->data, *end = data + t->maxlen;
	unsigned long val;
	int got = 0, n = 0;
	bool neg;

	for (; data + size <= end; data += size, n++) {
		got = next_number(&s, &neg, &val);
		if (got <= 0)
			break;
		if (conv(&neg, &val, data, 1, t))
			return -EINVAL;
	}
	return got < 0 || !n ? -EINVAL : 0;
}

static int do_vector(const struct ctl_table *t, int write, void *buffer, size_t *lenp, loff_t *ppos,
		     size_t size, conv_fn conv)
{
	char *data = t->data, *end = data + t->maxlen;
	size_t used = 0;
	unsigned long val;
	bool neg;
	int err;

	if (!data || at_end(write, lenp, ppos))
		return 0;
	if (write) {
		err = write_vector(t, buffer, size, conv);
		*ppos += *lenp;
		return err;
	}
	for (; data + size <= end; data += size) {
		neg = false;
		if (conv(&neg, &val, data, 0, t))
			return -EINVAL;
		used += scnprintf((char *)buffer + used, *lenp - used, "%s%s%lu",
				  data == (char *)t->data ? "" : "\t", neg ? "-" : "", val);
	}
	used += scnprintf((char *)buffer + used, *lenp - used + 1, "\n");
	text_done(lenp, ppos, used);
	return 0;
}

static void int_out(bool *neg, unsigned long *val, int v)
{
	*neg = v < 0;
	*val = v < 0 ? -(unsigned long)v : v;
}

static int conv_int(bool *neg, unsigned long *val, void *data, int write, const struct ctl_table *t)
{
	int *p = data;

	if (!write) {
		int_out(neg, val, READ_ONCE(*p));
		return 0;
	}
	if (*val > (unsigned long)sysctl_int_max + *neg)
		return -EINVAL;
	WRITE_ONCE(*p, *neg ? -(int)*val : (int)*val);
	return 0;
}

static int conv_int_minmax(bool *neg, unsigned long *val, void *data, int write,
			   const struct ctl_table *t)
{
	const int *min = t->extra1, *max = t->extra2;
	int v, err;

	if (!write)
		return conv_int(neg, val, data, 0, t);
	err = conv_int(neg, val, &v, 1, t);
	if (err || (min && v < *min) || (max && v > *max))
		return -EINVAL;
	WRITE_ONCE(*(int *)data, v);
	return 0;
}

static int conv_uint_minmax(bool *neg, unsigned long *val, void *data, int write,
			    const struct ctl_table *t)
{
	const unsigned int *min = t->extra1, *max = t->extra2;
	unsigned int *p = data;

	if (!write) {
		*val = READ_ONCE(*p);
		return 0;
	}
	if (*neg || *val > ~0U || (min && *val < *min) || (max && *val > *max))
		return -EINVAL;
	WRITE_ONCE(*p, *val);
	return 0;
}

static int conv_uint(bool *neg, unsigned long *val, void *data, int write,
		     const struct ctl_table *t)
{
	unsigned int *p = data;

	if (!write)
		*val = READ_ONCE(*p);
	else if (*neg || *val > ~0U)
		return -EINVAL;
	else
		WRITE_ONCE(*p, *val);
	return 0;
}

static int conv_u8_minmax(bool *neg, unsigned long *val, void *data, int write,
			  const struct ctl_table *t)
{
	const unsigned int *min = t->extra1, *max = t->extra2;
	u8 *p = data;

	if (!write) {
		*val = READ_ONCE(*p);
		return 0;
	}
	if (*neg || *val > 0xff || (min && *val < *min) || (max && *val > *max))
		return -EINVAL;
	WRITE_ONCE(*p, *val);
	return 0;
}

static int conv_bool(bool *neg, unsigned long *val, void *data, int write,
		     const struct ctl_table *t)
{
	bool *p = data;

	if (!write)
		*val = READ_ONCE(*p);
	else if (*neg || *val > 1)
		return -EINVAL;
	else
		WRITE_ONCE(*p, *val);
	return 0;
}

static int conv_ulong_minmax(bool *neg, unsigned long *val, void *data, int write,
			     const struct ctl_table *t)
{
	const unsigned long *min = t->extra1, *max = t->extra2;
	unsigned long *p = data;

	if (!write) {
		*val = READ_ONCE(*p);
		return 0;
	}
	if (*neg || (min && *val < *min) || (max && *val > *max))
		return -EINVAL;
	WRITE_ONCE(*p, *val);
	return 0;
}

static int conv_jiffies(bool *neg, unsigned long *val, void *data, int write,
			const struct ctl_table *t)
{
	int *p = data, v;

	if (!write) {
		int_out(neg, val, READ_ONCE(*p) / HZ);
		return 0;
	}
	if (conv_int(neg, val, &v, 1, t) || v > sysctl_int_max / HZ || v < -(sysctl_int_max / HZ))
		return -EINVAL;
	WRITE_ONCE(*p, v * HZ);
	return 0;
}

#define VECTOR_HANDLER(handler, type, conv)                                           \
	int handler(const struct ctl_table *t, int write, void *buffer, size_t *lenp, \
		    loff_t *ppos)                                                     \
	{                                                                             \
		return do_vector(t, write, buffer, lenp, ppos, sizeof(type), conv);   \
	}
VECTOR_HANDLER(proc_dointvec, int, conv_int)
VECTOR_HANDLER(proc_douintvec, unsigned int, conv_uint)
VECTOR_HANDLER(proc_dointvec_minmax, int, conv_int_minmax)
VECTOR_HANDLER(proc_douintvec_minmax, unsigned int, conv_uint_minmax)
VECTOR_HANDLER(proc_dou8vec_minmax, u8, conv_u8_minmax)
VECTOR_HANDLER(proc_dobool, bool, conv_bool)
VECTOR_HANDLER(proc_doulongvec_minmax, unsigned long, conv_ulong_minmax)
VECTOR_HANDLER(proc_dointvec_jiffies, int, conv_jiffies)

int proc_do_cpumask(const struct ctl_table *t, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	cpumask_t *mask = t->data, new;
	int n;

	if (at_end(write, lenp, ppos))
		return 0;
	if (write) {
		*ppos += *lenp;
		if (bitmap_parse_list(strim(buffer), cpumask_bits(&new), nr_cpu_ids))
			return -EINVAL;
		cpumask_copy(mask, &new);
		return 0;
	}
	n = bitmap_print_list(buffer, *lenp, cpumask_bits(mask), nr_cpu_ids);
	n = min_t(int, n, *lenp);
	if (n < *lenp)
		((char *)buffer)[n++] = '\n';
	text_done(lenp, ppos, n);
	return 0;
}

static int __init sysctl_init(void)
{
	if (!sys_dir)
		sys_dir = proc_mkdir("sys", NULL);
	return sys_dir ? 0 : -ENOMEM;
}
core_initcall(sysctl_init);
