/* SPDX-License-Identifier: MIT */
/*
 * What every namespace begins with, and how /proc/PID/ns, setns(2) and pidfds meet its kind.
 * process/nsproxy.c, process/nsfs.c.
 */
#ifndef JIFFY_NS_COMMON_H
#define JIFFY_NS_COMMON_H

#include <jiffy/refcount.h>

struct task_struct;
struct user_namespace;
struct nsset;
struct ns_common;
struct path;
struct file;

struct proc_ns_operations {
	const char *name;	  /* in /proc/PID/ns */
	const char *real_ns_name; /* before ":[inode]"; NULL: name */
	int type;		  /* CLONE_NEW* */
	/* A reference to the task's namespace of this kind, or NULL. Task context. */
	struct ns_common *(*get)(struct task_struct *task);
	void (*put)(struct ns_common *ns);
	int (*install)(struct nsset *nsset, struct ns_common *ns);
	struct user_namespace *(*owner)(struct ns_common *ns);
	struct ns_common *(*get_parent)(struct ns_common *ns);
};

struct ns_common {
	refcount_t count;
	unsigned int inum; /* the inode number that names it */
	const struct proc_ns_operations *ops;
};

/* The initial namespaces' numbers, as every Linux has them. */
enum {
	PROC_IPC_INIT_INO = 0xeffffffeu,
	PROC_UTS_INIT_INO = 0xefffffffu,
	PROC_USER_INIT_INO = 0xeffffffdu,
	PROC_PID_INIT_INO = 0xeffffffcu,
	PROC_CGROUP_INIT_INO = 0xeffffffbu,
	PROC_TIME_INIT_INO = 0xeffffffau,
	PROC_NET_INIT_INO = 0xf0000098u,
	PROC_MNT_INIT_INO = 0xf0000000u,
	PROC_DYNAMIC_FIRST = 0xf0000001u,
};
unsigned int ns_alloc_inum(void); /* a number no other namespace has had */

/* The kinds of namespaces; each is defined where its namespaces are made. */
extern const struct proc_ns_operations pidns_operations, pidns_for_children_operations,
    utsns_operations, userns_operations, mntns_operations, ipcns_operations, netns_operations,
    cgroupns_operations, timens_operations, timens_for_children_operations;
/* NULL-terminated: net, uts, ipc, pid, pid_for_children, user, mnt, cgroup, time, … */
extern const struct proc_ns_operations *const ns_entries[];
/* "pid:[4026531836]" for readlink; its length, or -ENOENT when the task has none. */
int ns_get_name(char *buf, size_t size, struct task_struct *task,
		const struct proc_ns_operations *ops);
/* An open nsfs file for the task's namespace, as following /proc/PID/ns/NAME gives. ERR_PTR. */
struct file *ns_open_file(struct task_struct *task, const struct proc_ns_operations *ops);
/* The same as a path for a magic link's get_link(); 0 or an errno. The path holds references. */
int ns_get_path(struct path *path, struct task_struct *task, const struct proc_ns_operations *ops);

#endif
