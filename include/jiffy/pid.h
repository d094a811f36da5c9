/* SPDX-License-Identifier: MIT */
/*
 * struct pid: an identity that outlives its number. It has one number in its own pid namespace
 * and in every one above it, and heads the lists of the tasks that use it as thread, thread
 * group, process group or session. Nothing that keeps a struct pid can meet a later process that
 * got the same number. process/pid.c, process/pidns.c.
 *
 * Serialization rules: a namespace's map of numbers is guarded by the map's own lock, and read
 * under RCU; tasks[] and task_struct.pid_links are written under tasklist_lock, read under RCU
 * or that lock; pid.lock guards the pidfd inodes.
 */
#ifndef JIFFY_PID_H
#define JIFFY_PID_H

#include <jiffy/ns_common.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/xarray.h>

#define MAX_PID_NS_LEVEL 32
#define PID_MAX_LIMIT	 (4 * 1024 * 1024)
#define PID_MAX_DEFAULT	 32768
#define RESERVED_PIDS	 300 /* after the numbers wrapped, the first to be given out */

struct pid_namespace;
struct user_namespace;
struct kmem_cache;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	refcount_t count;
	unsigned int level; /* of the namespace it was made in; 0 is the initial one */
	spinlock_t lock;
	struct hlist_head tasks[PIDTYPE_MAX];
	wait_queue_head_t wait_pidfd; /* woken when the process becomes a zombie */
	struct rcu_head rcu;
	struct upid numbers[]; /* level + 1 of them */
};

struct pid_namespace {
	struct ns_common ns;
	struct xarray map;		  /* number -> struct pid */
	atomic_t pid_allocated;		  /* entries of map */
	bool closed;			  /* its init is dying: no new processes */
	struct task_struct *child_reaper; /* its init; tasklist_lock */
	struct kmem_cache *pid_cachep;
	unsigned int level;
	struct pid_namespace *parent;
	struct user_namespace *user_ns;
	int reboot; /* signal that its init dies of when it asked for a reboot */
	struct rcu_head rcu;
};

extern struct pid init_struct_pid; /* of every idle task */
extern struct pid_namespace init_pid_ns;
extern int pid_max; /* numbers stay below it; /proc/sys/kernel/pid_max */

static inline struct pid *get_pid(struct pid *pid)
{
	if (pid)
		refcount_inc(&pid->count);
	return pid;
}
void put_pid(struct pid *pid); /* any context; NULL is no pid */

/*
 * A pid with a free number in ns and each ancestor, the next in cyclic order, or the set_tid
 * numbers from ns upwards. ERR_PTR: -EAGAIN (none free), -EEXIST, -EINVAL, -EPERM, -ENOMEM. The
 * numbers cannot be found before the call ends. Task context.
 */
struct pid *alloc_pid(struct pid_namespace *ns, const pid_t *set_tid, size_t set_tid_size);
void free_pid(struct pid *pid); /* gives the numbers back; the struct lives on */
void disable_pid_allocation(struct pid_namespace *ns);

/* Under tasklist_lock, for writing. */
void attach_pid(struct task_struct *task, enum pid_type type);
void detach_pid(struct task_struct *task, enum pid_type type);
void change_pid(struct task_struct *task, enum pid_type type, struct pid *pid);
void transfer_pid(struct task_struct *old, struct task_struct *new, enum pid_type type);
void exchange_tids(struct task_struct *left, struct task_struct *right);

/* Is there a task of that number, or are there of that group? As it is at this moment. Any context. */
static inline bool pid_has_task(const struct pid *pid, enum pid_type type)
{
	return !hlist_empty(&pid->tasks[type]);
}

/* Look-ups under rcu_read_lock(); the find_get_ forms take their own and a reference. */
struct pid *find_pid_ns(int nr, struct pid_namespace *ns);
struct pid *find_vpid(int nr); /* in current's namespace */
struct pid *find_get_pid(int nr);
struct pid *find_ge_pid(int nr, struct pid_namespace *ns); /* nr or the next that is in use */
struct task_struct *pid_task(struct pid *pid, enum pid_type type);
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type);
struct task_struct *find_task_by_pid_ns(pid_t nr, struct pid_namespace *ns);
struct task_struct *find_task_by_vpid(pid_t nr);
struct task_struct *find_get_task_by_vpid(pid_t nr);
struct pid *get_task_pid(struct task_struct *task, enum pid_type type);

/* The pid's number seen from the initial namespace, from ns (0: not there), from current's. */
static inline pid_t pid_nr(struct pid *pid)
{
	return pid ? pid->numbers[0].nr : 0;
}
pid_t pid_nr_ns(struct pid *pid, struct pid_namespace *ns);
pid_t pid_vnr(struct pid *pid);
pid_t __task_pid_nr_ns(struct task_struct *task, enum pid_type type, struct pid_namespace *ns);

static inline struct pid_namespace *ns_of_pid(struct pid *pid)
{
	return pid ? pid->numbers[pid->level].ns : NULL;
}
/* The namespace the task's own pid was made in; NULL once it is reaped. */
static inline struct pid_namespace *task_active_pid_ns(struct task_struct *task)
{
	return ns_of_pid(task->thread_pid);
}
static inline bool is_child_reaper(struct pid *pid)
{
	return pid->numbers[pid->level].nr == 1;
}

/* Under rcu_read_lock() or tasklist_lock unless task is current. */
struct pid *task_pid_type(struct task_struct *task, enum pid_type type);
static inline struct pid *task_pid(struct task_struct *task)
{
	return task->thread_pid;
}
static inline struct pid *task_tgid(struct task_struct *task)
{
	return task_pid_type(task, PIDTYPE_TGID);
}
static inline struct pid *task_pgrp(struct task_struct *task)
{
	return task_pid_type(task, PIDTYPE_PGID);
}
static inline struct pid *task_session(struct task_struct *task)
{
	return task_pid_type(task, PIDTYPE_SID);
}

static inline pid_t task_pid_nr(struct task_struct *t)
{
	return t->pid;
}
static inline pid_t task_tgid_nr(struct task_struct *t)
{
	return t->tgid;
}
/* _vnr: as current's namespace numbers it. _nr_ns: as ns does; NULL is current's. */
static inline pid_t task_pid_nr_ns(struct task_struct *t, struct pid_namespace *ns)
{
	return __task_pid_nr_ns(t, PIDTYPE_PID, ns);
}
static inline pid_t task_tgid_nr_ns(struct task_struct *t, struct pid_namespace *ns)
{
	return __task_pid_nr_ns(t, PIDTYPE_TGID, ns);
}
static inline pid_t task_pgrp_nr_ns(struct task_struct *t, struct pid_namespace *ns)
{
	return __task_pid_nr_ns(t, PIDTYPE_PGID, ns);
}
static inline pid_t task_session_nr_ns(struct task_struct *t, struct pid_namespace *ns)
{
	return __task_pid_nr_ns(t, PIDTYPE_SID, ns);
}
#define task_pid_vnr(t)	    __task_pid_nr_ns(t, PIDTYPE_PID, NULL)
#define task_tgid_vnr(t)    __task_pid_nr_ns(t, PIDTYPE_TGID, NULL)
#define task_pgrp_vnr(t)    __task_pid_nr_ns(t, PIDTYPE_PGID, NULL)
#define task_session_vnr(t) __task_pid_nr_ns(t, PIDTYPE_SID, NULL)
/* The parent's tgid, 0 when it is outside ns or gone. */
pid_t task_ppid_nr_ns(struct task_struct *t, struct pid_namespace *ns);

static inline bool pid_alive(const struct task_struct *t)
{
	return READ_ONCE(t->thread_pid) != NULL;
}

/* Each task that has pid as its `type`. The second form visits every thread of each. */
#define do_each_pid_task(pid, type, task) \
	do {                              \
		if ((pid) != NULL)        \
			hlist_for_each_entry_rcu (task, &(pid)->tasks[type], pid_links[type]) {
#define while_each_pid_task(pid, type, task) \
	}                                    \
	}                                    \
	while (0)
#define do_each_pid_thread(pid, type, task)       \
	do_each_pid_task(pid, type, task)         \
	{                                         \
		struct task_struct *tg___ = task; \
		for_each_thread (tg___, task) {
#define while_each_pid_thread(pid, type, task) \
	}                                      \
	task = tg___;                          \
	}                                      \
	while_each_pid_task(pid, type, task)

/* Process counts for threads-max, /proc and sysinfo. */
extern int nr_threads;	/* tasklist_lock */
extern int max_threads; /* /proc/sys/kernel/threads-max */
extern unsigned long total_forks;
int nr_processes(void);
unsigned long nr_pids(void); /* numbers in use in the initial namespace */
/* Gives back what high numbers of the initial namespace, free by now, have left. */
void shrink_pid_map(void);

/* pid namespaces */
struct pid_namespace *copy_pid_ns(unsigned long flags, struct user_namespace *user_ns,
				  struct pid_namespace *ns);
void put_pid_ns(struct pid_namespace *ns);
static inline struct pid_namespace *get_pid_ns(struct pid_namespace *ns)
{
	if (ns != &init_pid_ns)
		refcount_inc(&ns->ns.count);
	return ns;
}
/* Kills and reaps all of a namespace whose init exits. Task context, its init. */
void zap_pid_ns_processes(struct pid_namespace *ns);
int reboot_pid_ns(struct pid_namespace *ns, int cmd);

/* pidfds: process/pidfd.c */
struct file;
struct pid *pidfd_pid(const struct file *file); /* ERR_PTR(-EBADF) when it is no pidfd */
struct pid *pidfd_get_pid(unsigned int fd, unsigned int *flags);
/*
 * Reserves a close-on-exec descriptor and makes its file; the caller installs both or undoes.
 * flags: O_NONBLOCK, PIDFD_THREAD (it stands for one thread, not for the process).
 */
int pidfd_prepare(struct pid *pid, unsigned int flags, struct file **ret);

#endif
