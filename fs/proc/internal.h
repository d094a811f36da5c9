/* SPDX-License-Identifier: MIT */
/*
 * Inside of /proc: the entries that rooms register, and the files of each process.
 *
 * Serialization rules: proc_subdir_lock (rwlock) guards the tree of proc_dir_entry: children,
 * nlink, deleted. All else in an entry is fixed once it is in the tree, and the entry lives as
 * long as an inode refers to it. A proc_inode's fields are fixed before the inode is found.
 */
#ifndef FS_PROC_INTERNAL_H
#define FS_PROC_INTERNAL_H

#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/pid.h>
#include <jiffy/proc_fs.h>
#include <jiffy/refcount.h>
#include <jiffy/seq_file.h>

struct ctl_table;
struct proc_ns_operations;

struct proc_dir_entry {
	const char *name;
	unsigned int namelen;
	umode_t mode;
	unsigned int nlink; /* proc_subdir_lock */
	ino_t ino;
	refcount_t refcnt; /* the tree and each inode */
	bool deleted;	   /* proc_subdir_lock */
	struct proc_dir_entry *parent;
	struct list_head subdir; /* children in the order they were made; proc_subdir_lock */
	struct list_head child;	 /* in parent->subdir */

	/* what it is */
	const char *target; /* a symbolic link; one that iop makes up as it is followed has none */
	const struct inode_operations *iop;
	const struct file_operations *fops;
	int (*show)(struct seq_file *m, void *v);
	int (*write)(void *data, char *line);
	const struct seq_operations *seq_ops;
	unsigned int state_size;
	void *data;
};

/* One kind of file below /proc/PID. */
struct pid_entry {
	const char *name;
	umode_t mode;
	const struct inode_operations *iop;
	const struct file_operations *fop;
	int (*show)(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task);
	/* Where a magic link leads: references taken. 0 or an errno. */
	int (*get_link)(struct inode *inode, struct task_struct *task, struct path *path);
};

struct proc_inode {
	struct inode vfs_inode;
	struct pid *pid;	    /* of the process; NULL outside /proc/PID */
	unsigned int fd;	    /* below fd/ and fdinfo/ */
	struct proc_dir_entry *pde; /* else */
	const struct pid_entry *op;
	const struct proc_ns_operations *ns_ops; /* below ns/ */
};

/* hidepid= of proc(5). */
enum { HIDEPID_OFF, HIDEPID_NO_ACCESS, HIDEPID_INVISIBLE, HIDEPID_NOT_PTRACEABLE = 4 };
struct proc_fs_info {
	struct pid_namespace *pid_ns;
	int hide_pid; /* s_umount to write */
	kgid_t pid_gid;
};

static inline struct proc_inode *PROC_I(const struct inode *inode)
{
	return container_of((struct inode *)inode, struct proc_inode, vfs_inode);
}

static inline struct proc_fs_info *proc_sb_info(struct super_block *sb)
{
	return sb->s_fs_info;
}

/* A decimal number without a leading zero, as /proc names things; false for any other name. */
bool name_to_int(const struct qstr *name, unsigned int *n);

/* With a reference; NULL when the process or thread is gone. */
static inline struct task_struct *get_proc_task(const struct inode *inode)
{
	return get_pid_task(PROC_I(inode)->pid, PIDTYPE_PID);
}

/* generic.c */
extern struct proc_dir_entry proc_root;
struct dentry *proc_lookup_de(struct inode *dir, struct dentry *dentry, struct proc_dir_entry *de);
/* True when the listing came to its end. */
bool proc_readdir_de(struct file *file, struct dir_context *ctx, struct proc_dir_entry *de);
struct proc_dir_entry *proc_create_link(const char *name, const struct inode_operations *iop);
void pde_put(struct proc_dir_entry *de);
/* Directories of a path, made where they are missing; the last one, or NULL. */
struct proc_dir_entry *proc_mkdir_path(const char *path, struct proc_dir_entry *parent);

/* inode.c */
extern const struct super_operations proc_sops;
extern const struct dentry_operations proc_dentry_operations;
struct inode *proc_get_inode(struct super_block *sb, struct proc_dir_entry *de);
int proc_fill_super_common(struct super_block *sb, unsigned long magic,
			   struct proc_dir_entry *root);

/* root.c */
int proc_parse_options(struct super_block *sb, char *data);

/* base.c */
extern const struct inode_operations proc_pid_link_inode_operations;
extern const struct file_operations proc_single_file_operations;
struct dentry *proc_pid_lookup(struct dentry *dentry);
int proc_pid_readdir(struct file *file, struct dir_context *ctx);
/* The inode of a file of task: owner and permissions by dumpability. NULL: no memory, gone. */
struct inode *proc_pid_make_inode(struct super_block *sb, struct task_struct *task, umode_t mode);
void task_dump_owner(struct task_struct *task, umode_t mode, kuid_t *uid, kgid_t *gid);
int pid_revalidate(struct dentry *dentry, unsigned int flags);
int proc_setattr(struct dentry *dentry, struct iattr *attr);
int pid_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags);
/* The task's memory, if the opener may look at it: ERR_PTR(-ESRCH, -EACCES), NULL: it has none. */
struct mm_struct *proc_mem_open(struct inode *inode, unsigned int mode);

/* array.c */
int proc_pid_status(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_tid_stat(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_tgid_stat(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_statm(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_children(struct seq_file *, struct pid_namespace *, struct pid *,
		      struct task_struct *);
void proc_task_name(struct seq_file *m, struct task_struct *t, bool escape);

/* task_mmu.c */
extern const struct file_operations proc_pid_maps_operations, proc_pid_smaps_operations,
    proc_pid_smaps_rollup_operations;

/* mem.c: what is read out of the process's memory */
extern const struct file_operations proc_pid_cmdline_ops, proc_environ_operations,
    proc_auxv_operations, proc_mem_operations;

/* attr.c: small values that may be written */
extern const struct file_operations proc_pid_set_comm_operations, proc_oom_score_adj_operations,
    proc_oom_adj_operations, proc_coredump_filter_operations, proc_timerslack_operations,
    proc_autogroup_operations, proc_uid_map_operations, proc_gid_map_operations,
    proc_setgroups_operations, proc_pid_sched_operations, proc_loginuid_operations,
    proc_fail_nth_operations;

/* misc.c */
int proc_pid_limits(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_io(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_tid_io(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_wchan(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_stack(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_syscall(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_schedstat(struct seq_file *, struct pid_namespace *, struct pid *,
		       struct task_struct *);
int proc_oom_score(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_pid_personality(struct seq_file *, struct pid_namespace *, struct pid *,
			 struct task_struct *);
int proc_pid_cgroup(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);
int proc_sessionid(struct seq_file *, struct pid_namespace *, struct pid *, struct task_struct *);

/* fd.c, namespaces.c, mounts.c */
extern const struct file_operations proc_fd_operations, proc_fdinfo_operations,
    proc_ns_dir_operations;
extern const struct inode_operations proc_fd_inode_operations, proc_fdinfo_inode_operations,
    proc_ns_dir_inode_operations;
extern const struct file_operations proc_mounts_operations, proc_mountinfo_operations,
    proc_mountstats_operations;

#endif
