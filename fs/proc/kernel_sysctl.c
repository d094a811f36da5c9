/* SPDX-License-Identifier: MIT */
/*
 * Values of /proc/sys that no other room owns: names of the system, limits that are constants,
 * the random generator's files, files' limits. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/init.h>
#include <jiffy/nsproxy.h>
#include <jiffy/pipe_fs.h>
#include <jiffy/random.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>
#include "internal.h"

#define UUID_LEN 36

/* data is the offset of the field in the reader's own namespace's names. */
static int proc_do_uts(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
		       loff_t *ppos)
{
	struct ctl_table copy = *t;
	int err;

	if (write)
		down_write(&uts_sem);
	else
		down_read(&uts_sem);
	copy.data = (char *)utsname() + (unsigned long)t->data;
	err = write && !ns_capable(current->nsproxy->uts_ns->user_ns, CAP_SYS_ADMIN)
		  ? -EPERM
		  : proc_dostring(&copy, write, buffer, lenp, ppos);
	if (write)
		up_write(&uts_sem);
	else
		up_read(&uts_sem);
	return err;
}

#define UTS(nm, field, md)                                                              \
	{                                                                               \
		nm, (void *)offsetof(struct new_utsname, field), __NEW_UTS_LEN + 1, md, \
		    proc_do_uts, NULL, NULL                                             \
	}

/* A random (version 4) UUID. boot_id is made once. */
static void make_uuid(char *text)
{
	u8 b[16];
	int i, n = 0;

	get_random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (i = 0; i < 16; i++)
		n += snprintf(text + n, UUID_LEN + 1 - n, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

static char boot_id[UUID_LEN + 1];

static int proc_do_uuid(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
			loff_t *ppos)
{
	char uuid[UUID_LEN + 1];
	struct ctl_table copy = *t;

	if (write)
		return -EPERM;
	make_uuid(uuid);
	copy.data = uuid;
	return proc_dostring(&copy, 0, buffer, lenp, ppos);
}

static int ngroups_max = NGROUPS_MAX, cap_last_cap = CAP_LAST_CAP;
static int poolsize = 256, entropy_avail = 256; /* bits */

static const struct ctl_table kernel_table[] = {
    UTS("ostype", sysname, 0444),
    UTS("osrelease", release, 0444),
    UTS("version", version, 0444),
    UTS("hostname", nodename, 0644),
    UTS("domainname", domainname, 0644),
    {"ngroups_max", &ngroups_max, sizeof(int), 0444, proc_dointvec, NULL, NULL},
    {"cap_last_cap", &cap_last_cap, sizeof(int), 0444, proc_dointvec, NULL, NULL},
    {}};

static const struct ctl_table random_table[] = {
    {"poolsize", &poolsize, sizeof(int), 0444, proc_dointvec, NULL, NULL},
    {"entropy_avail", &entropy_avail, sizeof(int), 0444, proc_dointvec, NULL, NULL},
    {"boot_id", boot_id, sizeof(boot_id), 0444, proc_dostring, NULL, NULL},
    {"uuid", NULL, UUID_LEN + 1, 0444, proc_do_uuid, NULL, NULL},
    {}};

/* files: allocated, free (none are kept), the limit. */
static int proc_nr_files(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
			 loff_t *ppos)
{
	unsigned long v[3] = {nr_files(), 0, sysctl_file_max};
	struct ctl_table copy = *t;

	copy.data = v;
	copy.maxlen = sizeof(v);
	return write ? -EPERM : proc_doulongvec_minmax(&copy, 0, buffer, lenp, ppos);
}

static int proc_nr_dentries(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	unsigned long v[6] = {nr_dentries(), 0, 45, 0, 0, 0};
	struct ctl_table copy = *t;

	copy.data = v;
	copy.maxlen = sizeof(v);
	return write ? -EPERM : proc_doulongvec_minmax(&copy, 0, buffer, lenp, ppos);
}

static int proc_nr_inodes(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
			  loff_t *ppos)
{
	unsigned long v[2] = {nr_inodes(), 0};
	struct ctl_table copy = *t;

	copy.data = v;
	copy.maxlen = sizeof(v);
	return write ? -EPERM : proc_doulongvec_minmax(&copy, 0, buffer, lenp, ppos);
}

/* A pipe's size is a power of two of at least a page. */
static int proc_pipe_max(const struct ctl_table *t, int write, void *buffer, size_t *lenp,
			 loff_t *ppos)
{
	unsigned int v = READ_ONCE(pipe_max_size);
	struct ctl_table copy = *t;
	int err;

	copy.data = &v;
	err = proc_douintvec(&copy, write, buffer, lenp, ppos);
	if (!err && write) {
		if (!v || v > 1U << 31)
			return -EINVAL;
		WRITE_ONCE(pipe_max_size, max_t(unsigned long, roundup_pow_of_two(v), PAGE_SIZE));
	}
	return err;
}

static const unsigned int nr_open_min = BITS_PER_LONG, nr_open_max = 1U << 30;

static const struct ctl_table fs_table[] = {
    {"file-max", &sysctl_file_max, sizeof(unsigned long), 0644, proc_doulongvec_minmax, NULL, NULL},
    {"file-nr", NULL, 0, 0444, proc_nr_files, NULL, NULL},
    {"inode-nr", NULL, 0, 0444, proc_nr_inodes, NULL, NULL},
    {"dentry-state", NULL, 0, 0444, proc_nr_dentries, NULL, NULL},
    {"nr_open", &sysctl_nr_open, sizeof(unsigned int), 0644, proc_douintvec_minmax,
     (void *)&nr_open_min, (void *)&nr_open_max},
    {"pipe-max-size", NULL, sizeof(unsigned int), 0644, proc_pipe_max, NULL, NULL},
    {}};

static int __init kernel_sysctl_init(void)
{
	int err;

	make_uuid(boot_id);
	err = register_sysctl("kernel", kernel_table);
	if (!err)
		err = register_sysctl("kernel/random", random_table);
	if (!err)
		err = register_sysctl("fs", fs_table);
	return err;
}
subsys_initcall(kernel_sysctl_init);
