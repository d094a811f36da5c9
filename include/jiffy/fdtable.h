/* SPDX-License-Identifier: MIT */
/*
 * The table of open files of a process. Look-up takes no lock: the table and the files in it
 * are freed after an RCU grace period, and a reader that got a reference looks once more
 * whether the slot still holds that file. fs/file.c.
 *
 * file_lock guards every change of the table. Order: task_lock before file_lock.
 */
#ifndef JIFFY_FDTABLE_H
#define JIFFY_FDTABLE_H

#include <jiffy/bitops.h>
#include <jiffy/rcupdate.h>
#include <jiffy/spinlock.h>

struct file;
struct task_struct;

#define NR_OPEN_DEFAULT 64

struct fdtable {
	unsigned int max_fds; /* a multiple of BITS_PER_LONG */
	struct file **fd;     /* RCU */
	unsigned long *close_on_exec;
	unsigned long *open_fds;
	struct rcu_head rcu;
};

struct files_struct {
	atomic_t count;	     /* tasks that share it */
	struct fdtable *fdt; /* RCU; file_lock to change */
	struct fdtable fdtab;

	spinlock_t file_lock ____cacheline_aligned_in_smp;
	unsigned int next_fd; /* no free descriptor below it */
	unsigned long close_on_exec_init[1];
	unsigned long open_fds_init[1];
	struct file *fd_array[NR_OPEN_DEFAULT];
};

extern struct files_struct init_files;
extern unsigned int sysctl_nr_open; /* RLIMIT_NOFILE cannot pass it: /proc/sys/fs/nr_open */

/* A copy for fork(2); NULL with *errp = -ENOMEM, -EMFILE. */
struct files_struct *dup_fd(struct files_struct *old, int *errp);
void put_files_struct(struct files_struct *files);
void exit_files(struct task_struct *task);
/* exec(2): a table of its own first, then the FD_CLOEXEC ones are closed. */
int unshare_files(void);
void do_close_on_exec(struct files_struct *files);
/* For unshare(2): *new gets a copy when flags has CLONE_FILES and the table is shared. */
int unshare_fd(unsigned long flags, struct files_struct **new);
/* Calls fn for each open descriptor from `from` on until it answers nonzero. */
int iterate_fd(struct files_struct *files, unsigned int from,
	       int (*fn)(const void *arg, struct file *file, unsigned int fd), const void *arg);
/* The next open descriptor of task at or after *fd, with a reference; NULL: none. For /proc. */
struct file *task_lookup_next_fd(struct task_struct *task, unsigned int *fd);
/* A given one; NULL when it is not open. */
struct file *fget_task(struct task_struct *task, unsigned int fd);
bool task_fd_cloexec(struct task_struct *task, unsigned int fd);
unsigned int task_max_fds(struct task_struct *task); /* size of the table: FDSize */

#endif
