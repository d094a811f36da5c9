/* SPDX-License-Identifier: MIT */
/*
 * Files under /proc (and /sys) that do not belong to one process. Any room makes its own, in an
 * initcall from fs_initcall on or earlier: the tree needs only the slab. Task context.
 * fs/proc/generic.c.
 */
#ifndef JIFFY_PROC_FS_H
#define JIFFY_PROC_FS_H

#include <jiffy/types.h>

struct file;
struct file_operations;
struct inode;
struct pid;
struct pid_namespace;
struct proc_dir_entry;
struct seq_file;
struct seq_operations;
struct super_block;
struct task_struct;

/* parent NULL: /proc itself. name may hold slashes: "sys/foo" below an existing directory. */
struct proc_dir_entry *proc_mkdir_mode(const char *name, umode_t mode,
				       struct proc_dir_entry *parent);
struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent);
struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent,
				    const char *target);
/* A file with operations of its own; mode 0 is 0444. NULL without memory or when it exists. */
struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					struct proc_dir_entry *parent,
					const struct file_operations *fops, void *data);
struct proc_dir_entry *proc_create(const char *name, umode_t mode, struct proc_dir_entry *parent,
				   const struct file_operations *fops);
/* A file that show() writes in one go; m->private is data. */
struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       int (*show)(struct seq_file *m, void *v),
					       void *data);
#define proc_create_single(name, mode, parent, show) \
	proc_create_single_data(name, mode, parent, show, NULL)
/* The same that may be written: one line (its newline cut), returns 0 or an errno. */
struct proc_dir_entry *proc_create_rw(const char *name, umode_t mode, struct proc_dir_entry *parent,
				      int (*show)(struct seq_file *m, void *v),
				      int (*write)(void *data, char *line), void *data);
/* A file of many records; the file's m->private is data unless state_size asks for an own one. */
struct proc_dir_entry *proc_create_seq_private(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       const struct seq_operations *ops,
					       unsigned int state_size, void *data);
#define proc_create_seq_data(name, mode, parent, ops, data) \
	proc_create_seq_private(name, mode, parent, ops, 0, data)
#define proc_create_seq(name, mode, parent, ops) \
	proc_create_seq_private(name, mode, parent, ops, 0, NULL)
void remove_proc_entry(const char *name, struct proc_dir_entry *parent);
void proc_remove(struct proc_dir_entry *de);
/* What the creator gave as data, from an inode of /proc. */
void *pde_data(const struct inode *inode);

/* The root of /sys, in which the same calls work as in /proc. */
extern struct proc_dir_entry sysfs_root;
/* The same of tracefs, and of debugfs, which has the directory sched. */
extern struct proc_dir_entry tracefs_root, debugfs_root;

/* fs/proc/base.c, for process/. */
/* The process is gone: its cached names under /proc need not stay. Task context. */
void proc_flush_pid(struct pid *pid);
/* The struct pid that a directory /proc/PID stands for (pidfd by directory), or NULL. */
struct pid *proc_pid(const struct inode *inode);
struct pid *tgid_pidfd_to_pid(const struct file *file);
/* The namespace that a mounted /proc shows. */
struct pid_namespace *proc_pid_ns(struct super_block *sb);

#endif
