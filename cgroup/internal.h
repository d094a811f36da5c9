/* SPDX-License-Identifier: MIT */
/*
 * Between the files of the room cgroup/: the tree of control groups, who is in them, and the
 * controllers. cgroups(7).
 *
 * A cgroup is a directory of the one cgroup2 hierarchy. Each task is in one cgroup (task->cgroup);
 * a controller that is enabled for a cgroup's children by its subtree_control keeps a css (the
 * controller's state of one cgroup) for each of them. What binds a task is the css of the
 * nearest cgroup, from its own upwards, that has the controller: e_css. A css is made when the
 * controller is first enabled for its cgroup, and lives as long as the cgroup does: disabling
 * resets and hides it, because tasks that are about to die may still run in its task group.
 *
 * Lifetime: a cgroup is kept by references: of its parent's list until rmdir(2), its children,
 * tasks (until the task_struct is freed, so that a zombie can still be asked for its cgroup),
 * inodes, open files, namespaces. The last one frees it after a grace period.
 *
 * Serialization rules
 *	cgroup_mutex	 the shape of the tree, subtree_control, css's, thread modes, all that is
 *			 configured; who holds it knows that no cgroup is made, removed or changed
 *	threadgroup	 (readers: forks; writer: migrations) who holds it for writing knows that no
 *			 task enters a cgroup and no new thread appears in a process
 *	css_set_lock	 (irq-safe) task->cgroup, the lists and counts of tasks, populated and
 *			 frozen counts, times; `children` and `sibling` change under it and
 *			 cgroup_mutex
 *	node_lock	 node->inode
 *	notify_lock	 (irq-safe) the list of files whose watchers are to be told
 *
 * Order: a directory's i_rwsem, cgroup_mutex, threadgroup, css_set_lock, siglock, pi_lock,
 * rq->lock. task->cgroup is read under RCU, or by current for itself while it has the threadgroup
 * for reading.
 */
#ifndef CGROUP_INTERNAL_H
#define CGROUP_INTERNAL_H

#include <jiffy/atomic.h>
#include <jiffy/cgroup.h>
#include <jiffy/cputime.h>
#include <jiffy/fs.h>
#include <jiffy/kthread.h>
#include <jiffy/mutex.h>
#include <jiffy/nsproxy.h>
#include <jiffy/psi.h>
#include <jiffy/rcupdate.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/wait.h>

/* A cgroup's id is its directory's inode number; its files have the numbers that follow. */
#define CGROUP_ID_STEP 64

/* In the order in which cgroup.controllers names them. */
enum cgroup_subsys_id { CPUSET_CGRP, CPU_CGRP, PIDS_CGRP, NR_CGROUP_SUBSYS, CGROUP_CORE = -1 };
#define ALL_CONTROLLERS ((1u << NR_CGROUP_SUBSYS) - 1)

struct cgroup_open;
struct cftype;

/* A controller's state of one cgroup; the controller's own structure begins with it. */
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent; /* of the parent cgroup; NULL for the root's */
};

/*
 * What a controller does. All under cgroup_mutex. Every controller here is a threaded one: it can
 * tell threads of one process apart.
 */
struct cgroup_subsys {
	const char *name;
	/* A state for cgrp below parent (NULL: the root's, at boot). ERR_PTR. */
	struct cgroup_subsys_state *(*css_alloc)(struct cgroup_subsys_state *parent);
	void (*css_online)(struct cgroup_subsys_state *css);  /* it binds from now on */
	void (*css_offline)(struct cgroup_subsys_state *css); /* without tasks, for good */
	void (*css_reset)(struct cgroup_subsys_state *css);   /* disabled: defaults again */
	void (*css_free)(struct cgroup_subsys_state *css);    /* no lock */
	/* May p come to css? threadgroup is held for writing. 0 or an errno. */
	int (*can_attach)(struct cgroup_subsys_state *css, struct task_struct *p);
	void (*attach)(struct cgroup_subsys_state *css, struct task_struct *p);
};
extern const struct cgroup_subsys *const cgroup_subsys[NR_CGROUP_SUBSYS];
extern const struct cgroup_subsys cpuset_cgrp_subsys, cpu_cgrp_subsys, pids_cgrp_subsys;

/* What chown(2) and chmod(2) may change of a directory or file, which outlives its inode. */
struct cgroup_node {
	struct cgroup *cgrp;
	struct inode *inode; /* not counted: cleared when the inode goes; node_lock */
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	u16 index;	/* 0: the directory, n: file n - 1 */
	atomic_t event; /* how often what it shows has changed, for poll(2) */
	bool notify;	/* inotify(7) is to be told; notify_lock */
};

#define CGRP_DEAD   0x1 /* removed; cgroup_mutex and css_set_lock */
#define CGRP_FROZEN 0x2 /* all of it stands still; css_set_lock */

struct cgroup {
	refcount_t ref;
	unsigned int flags;
	struct cgroup *parent;
	int level;
	u64 id; /* the directory's inode number */
	char *name;
	struct list_head sibling, children;
	struct timespec64 born;

	/* cgroup_mutex */
	u16 subtree_control;
	u16 css_mask; /* controllers that bind it: its parent's subtree_control; the root's: all */
	struct cgroup_subsys_state *subsys[NR_CGROUP_SUBSYS];
	struct psi_group *psi; /* NULL: the root's, or nobody counts */
	struct cgroup *dom_cgrp; /* itself, or when threaded the root of its thread domain */
	int nr_threaded_children;
	int max_depth, max_descendants; /* INT_MAX: no limit */
	int nr_descendants;

	/* css_set_lock */
	struct list_head tasks;
	struct list_head dying; /* leaders that are dead while other threads of theirs live */
	unsigned int nr_tasks;
	unsigned int nr_populated_domain_children, nr_populated_threaded_children;
	int nr_dying_descendants;
	bool freeze;  /* what cgroup.freeze says; cgroup_mutex too */
	int e_freeze; /* how many of it and its ancestors say so */
	unsigned int nr_frozen_tasks, nr_frozen_children, nr_children;
	struct task_cputime gone; /* used by tasks that left, or by cgroups that were removed */
	struct prev_cputime prev_cputime;

	atomic64_t nr_pids; /* tasks, zombies too, of it and all below; not kept for the root */
	wait_queue_head_t poll_wait;
	struct list_head notify_entry; /* notify_lock */
	struct cgroup_node *nodes;
	struct work_struct free_work;
	struct rcu_head rcu;
};

static inline struct cgroup *cgroup_parent(const struct cgroup *cgrp)
{
	return cgrp->parent;
}

static inline bool cgroup_is_dead(const struct cgroup *cgrp)
{
	return READ_ONCE(cgrp->flags) & CGRP_DEAD;
}

static inline void cgroup_get(struct cgroup *cgrp)
{
	if (cgrp->parent)
		refcount_inc(&cgrp->ref);
}
void cgroup_put(struct cgroup *cgrp); /* any context */

/* The css that cgrp has of its own, or NULL. */
static inline struct cgroup_subsys_state *cgroup_css(const struct cgroup *cgrp, int id)
{
	return READ_ONCE(cgrp->css_mask) & (1u << id) ? READ_ONCE(cgrp->subsys[id]) : NULL;
}

/* The css that binds cgrp's tasks: never NULL. [cgroup_mutex, threadgroup, or RCU] */
static inline struct cgroup_subsys_state *cgroup_e_css(const struct cgroup *cgrp, int id)
{
	struct cgroup_subsys_state *css;

	while (!(css = cgroup_css(cgrp, id)))
		cgrp = cgrp->parent;
	return css;
}

extern struct mutex cgroup_mutex;
extern spinlock_t css_set_lock;

/* The cgroup after pos in a walk of root and all below it, parents first. NULL: the end. */
struct cgroup *cgroup_next_descendant(struct cgroup *pos, struct cgroup *root);
#define cgroup_for_each_descendant(pos, root) \
	for ((pos) = (root); (pos); (pos) = cgroup_next_descendant(pos, root))
#define cgroup_for_each_child(pos, cgrp) list_for_each_entry (pos, &(cgrp)->children, sibling)

bool cgroup_is_descendant(struct cgroup *cgrp, struct cgroup *ancestor);

/* cgroup.c */
struct cgroup *cgroup_create(struct cgroup *parent, const char *name, umode_t mode);
int cgroup_destroy(struct cgroup *cgrp);
int cgroup_change_control(struct cgroup *cgrp, unsigned int enable, unsigned int disable);
/* Counts of populated children up the tree, after cgrp itself (dis)appears as one. css_set_lock */
void cgroup_update_populated(struct cgroup *cgrp, bool populated);
bool cgroup_is_populated(struct cgroup *cgrp);
struct cgroup *cgroup_by_name(struct cgroup *parent, const char *name, unsigned int len);

/* threaded.c */
static inline bool cgroup_is_threaded(const struct cgroup *cgrp)
{
	return cgrp->dom_cgrp != cgrp;
}
bool cgroup_is_thread_root(struct cgroup *cgrp);
bool cgroup_is_valid_domain(struct cgroup *cgrp);
int cgroup_enable_threaded(struct cgroup *cgrp);
int cgroup_vet_control_enable(struct cgroup *cgrp, unsigned int enable);
int cgroup_vet_destination(struct cgroup *cgrp);
int cgroup_type_show(struct seq_file *m, struct cgroup *cgrp);
int cgroup_type_write(struct cgroup_open *of, char *text);

/* threadgroup.c */
void cgroup_threadgroup_read_lock(void);
void cgroup_threadgroup_read_unlock(void);
void cgroup_threadgroup_write_lock(void);
void cgroup_threadgroup_write_unlock(void);

/* member.c */
struct task_batch {
	struct task_struct **task; /* referenced */
	unsigned int n;
};
/* All tasks of root and below. [threadgroup for writing] 0 or -ENOMEM. */
int cgroup_collect_tasks(struct cgroup *root, struct task_batch *batch);
void cgroup_drop_tasks(struct task_batch *batch);

/* migrate.c */
int cgroup_procs_write(struct cgroup_open *of, char *text);
int cgroup_threads_write(struct cgroup_open *of, char *text);
/* May one with `of`'s rights move tasks from src to dst? Threads alone, or whole processes. */
int cgroup_attach_permissions(struct cgroup *src, struct cgroup *dst, struct super_block *sb,
			      struct cgroup_namespace *ns, bool whole);

/* freezer.c */
int cgroup_freeze_show(struct seq_file *m, struct cgroup *cgrp);
int cgroup_freeze_write(struct cgroup_open *of, char *text);
int cgroup_kill_write(struct cgroup_open *of, char *text);
/* After counts of cgrp's tasks or children changed. css_set_lock */
void cgroup_update_frozen(struct cgroup *cgrp);
/* p, no kernel thread, came from src (NULL: it is new) to its cgroup. css_set_lock */
void cgroup_freezer_enter(struct task_struct *p, struct cgroup *src);

/* pids.c: 0 or -EAGAIN; uncharge and move never fail. */
int pids_charge(struct cgroup *cgrp);
void pids_uncharge(struct cgroup *cgrp);
void pids_move(struct cgroup *src, struct cgroup *dst);

#define CGROUP_FILE(nm)                                         \
	int nm##_show(struct seq_file *m, struct cgroup *cgrp); \
	int nm##_write(struct cgroup_open *of, char *text)
CGROUP_FILE(pids_max);
int pids_current_show(struct seq_file *m, struct cgroup *cgrp);
int pids_peak_show(struct seq_file *m, struct cgroup *cgrp);
int pids_events_show(struct seq_file *m, struct cgroup *cgrp);
int pids_local_events_show(struct seq_file *m, struct cgroup *cgrp);

/* cputime.c; css_set_lock */
void cgroup_cputime_enter(struct task_struct *p);
void cgroup_cputime_leave(struct task_struct *p, struct cgroup *cgrp);
void cgroup_cputime_fold(struct cgroup *cgrp); /* into the nearest one alive */
int cgroup_cpu_stat_show(struct seq_file *m, struct cgroup *cgrp);

/* cpu.c, cpuset.c */
CGROUP_FILE(cpu_weight);
CGROUP_FILE(cpu_weight_nice);
CGROUP_FILE(cpu_idle);
CGROUP_FILE(cpu_max);
CGROUP_FILE(cpu_max_burst);
CGROUP_FILE(cpu_rt_runtime);
CGROUP_FILE(cpu_rt_period);
CGROUP_FILE(cpu_uclamp_min);
CGROUP_FILE(cpu_uclamp_max);
int cpu_stat_local_show(struct seq_file *m, struct cgroup *cgrp);
CGROUP_FILE(cpuset_cpus);
CGROUP_FILE(cpuset_mems);
CGROUP_FILE(cpuset_partition);
int cpuset_cpus_effective_show(struct seq_file *m, struct cgroup *cgrp);
int cpuset_mems_effective_show(struct seq_file *m, struct cgroup *cgrp);
int cpuset_isolated_show(struct seq_file *m, struct cgroup *cgrp);
void cpu_cgrp_stat_show(struct seq_file *m, struct cgroup_subsys_state *css);

/* namespace.c */
extern struct cgroup_namespace init_cgroup_ns;
/* cgrp's path as ns sees it, "/.." for each step above its root. [cgroup_mutex or RCU] */
void cgroup_path_ns(struct cgroup *cgrp, struct cgroup_namespace *ns, char *buf, size_t size);

/* files.c */
#define CFTYPE_NOT_ON_ROOT    0x1
#define CFTYPE_ONLY_ON_ROOT   0x2
#define CFTYPE_NS_DELEGATABLE 0x4 /* who owns the namespace may write it in the root of that */
#define CFTYPE_GROUP_SCHED    0x8 /* only where the scheduler knows groups */
struct cftype {
	const char *name;
	int ss; /* CGROUP_CORE, or the controller without which it is not there */
	unsigned int flags;
	/* cgroup_mutex is held and cgrp alive. NULL: cannot be read (written): -EINVAL. */
	int (*show)(struct seq_file *m, struct cgroup *cgrp);
	int (*write)(struct cgroup_open *of, char *text); /* blanks at both ends cut; 0, errno */
	/* Own answer to poll(2), in place of "has changed since it was read". */
	__poll_t (*poll)(struct cgroup_open *of, struct poll_table_struct *pt);
	enum { LISTS_NO_TASKS, LISTS_PROCESSES, LISTS_THREADS } lists; /* show: may it? */
};
extern const struct cftype cgroup_files[];
extern const unsigned int nr_cgroup_files; /* below CGROUP_ID_STEP */
int cgroup_parse_max(const char *text, unsigned long limit, unsigned long *value);

/* fs.c */
struct cgroup_open {
	struct cgroup *cgrp; /* referenced, like ns */
	const struct cftype *cft;
	struct cgroup_node *node;
	struct cgroup_namespace *ns;
	struct file *file;
	int event;
	pid_t *pids; /* cgroup.procs and cgroup.threads: as the reading began */
	unsigned int nr_pids;
	struct psi_trigger *trigger; /* cpu.pressure: what was asked for through this file */
};
extern bool cgroup_nsdelegate;
/* What a file of cgrp shows has changed: pollers and watchers hear of it. [any] */
void cgroup_file_notify(struct cgroup *cgrp, int (*show)(struct seq_file *, struct cgroup *));
void cgroup_remove_inodes(struct cgroup *cgrp); /* [task] it was removed */
struct inode *cgroup_get_inode(struct super_block *sb, struct cgroup_node *node);
struct cgroup_node *cgroup_node_by_show(struct cgroup *cgrp,
					int (*show)(struct seq_file *, struct cgroup *));
/* The cgroup of an open directory of cgroup2, referenced. ERR_PTR(-EBADF). */
struct cgroup *cgroup_get_from_file(struct file *file);
int cgroup_events_show(struct seq_file *m, struct cgroup *cgrp); /* files.c, like the next */
int cgroup_procs_show(struct seq_file *m, struct cgroup *cgrp);
bool cgroup_file_visible(const struct cgroup *cgrp, const struct cftype *cft);
/* Owned by who makes it, as chosen by his fsuid and fsgid. 0 or -ENOMEM. */
int cgroup_make_nodes(struct cgroup *cgrp, umode_t dir_mode);

#endif
