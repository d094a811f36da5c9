/* SPDX-License-Identifier: MIT */
/*
 * Values under /proc/sys. Any room registers tables of its own, in an initcall or later.
 * Task context. fs/proc/sysctl.c, proc(5).
 */
#ifndef JIFFY_SYSCTL_H
#define JIFFY_SYSCTL_H

#include <jiffy/types.h>

struct ctl_table;
/*
 * Reads or writes the value as text. buffer: kernel memory; *lenp: its size, on return how much
 * was used; *ppos moves on. 0 or a negative errno (-EINVAL: no such value).
 */
typedef int proc_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			 loff_t *ppos);

struct ctl_table {
	const char *procname; /* NULL ends a table */
	void *data;
	int maxlen; /* bytes at data */
	umode_t mode;
	proc_handler *proc_handler;
	void *extra1, *extra2; /* lowest and highest value: pointers to data's type, or NULL */
};

/*
 * path: "kernel", "kernel/random": directories are made on the way. The table stays where it is
 * for good. 0 or -ENOMEM.
 */
int register_sysctl(const char *path, const struct ctl_table *table);

proc_handler proc_dostring;	    /* char[maxlen] */
proc_handler proc_dobool;	    /* bool */
proc_handler proc_dointvec;	    /* int[] */
proc_handler proc_douintvec;	    /* unsigned int[] */
proc_handler proc_dointvec_minmax;  /* int[], extra1 and extra2 to int */
proc_handler proc_douintvec_minmax; /* unsigned int[] */
proc_handler proc_dou8vec_minmax;   /* u8, extra1 and extra2 to unsigned int */
proc_handler proc_dointvec_jiffies; /* int[], seconds outside, jiffies inside */
proc_handler proc_doulongvec_minmax;
proc_handler proc_do_cpumask; /* cpumask_t, as a list */

/* For extra1 and extra2. */
extern const int sysctl_zero, sysctl_one, sysctl_two, sysctl_int_max;
#define SYSCTL_ZERO    ((void *)&sysctl_zero)
#define SYSCTL_ONE     ((void *)&sysctl_one)
#define SYSCTL_TWO     ((void *)&sysctl_two)
#define SYSCTL_INT_MAX ((void *)&sysctl_int_max)

#endif
