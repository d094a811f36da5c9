/* SPDX-License-Identifier: MIT */
/*
 * Who a task is: users, groups, capabilities; user namespaces and what is counted per user.
 * process/cred.c, process/capability.c, process/user.c, process/user_namespace.c.
 *
 * Serialization rules: a struct cred that a task points to never changes. Only the task itself
 * replaces its two pointers (commit_creds(), override_creds()); others read real_cred under RCU
 * and may take a reference. So the task's own look at its credentials takes no lock and no
 * reference.
 *
 * A kuid_t is a user as the kernel sees it, one number in the whole system; a uid_t is what a
 * program in some user namespace calls it. make_kuid() and from_kuid() translate.
 */
#ifndef JIFFY_CRED_H
#define JIFFY_CRED_H

#include <jiffy/ns_common.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <uapi/capability.h>

typedef uid_t kuid_t;
typedef gid_t kgid_t;
#define GLOBAL_ROOT_UID	    ((kuid_t)0)
#define GLOBAL_ROOT_GID	    ((kgid_t)0)
#define INVALID_UID	    ((kuid_t)-1)
#define INVALID_GID	    ((kgid_t)-1)
#define KUIDT_INIT(v)	    ((kuid_t)(v))
#define KGIDT_INIT(v)	    ((kgid_t)(v))
#define __kuid_val(u)	    (u)
#define __kgid_val(g)	    (g)
#define uid_eq(a, b)	    ((a) == (b))
#define gid_eq(a, b)	    ((a) == (b))
#define uid_valid(u)	    ((u) != INVALID_UID)
#define gid_valid(g)	    ((g) != INVALID_GID)
#define DEFAULT_OVERFLOWUID 65534
extern int overflowuid, overflowgid;

typedef u64 kernel_cap_t; /* bit n: capability n */
#define CAP_FULL_SET	   ((1ULL << (CAP_LAST_CAP + 1)) - 1)
#define CAP_EMPTY_SET	   0ULL
#define cap_raised(s, c)   (((s) >> (c)) & 1)
#define cap_raise(s, c)	   ((s) |= 1ULL << (c))
#define cap_lower(s, c)	   ((s) &= ~(1ULL << (c)))
#define cap_issubset(a, b) (((a) & ~(b)) == 0)

/* What is counted for each user in the whole system. Found by number; process/user.c. */
struct user_struct {
	refcount_t count;
	kuid_t uid;
	struct hlist_node node;	 /* in the hash, under its bucket's lock */
	atomic_t processes;	 /* RLIMIT_NPROC */
	atomic_t sigpending;	 /* RLIMIT_SIGPENDING */
	atomic_long_t locked_vm; /* pages; RLIMIT_MEMLOCK of what outlives an mm */
	atomic_long_t mq_bytes;	 /* RLIMIT_MSGQUEUE */
	atomic_long_t unix_inflight;
	atomic_long_t pipe_bufs;
	atomic_long_t epoll_watches;
	atomic_t inotify_instances;
	struct rcu_head rcu;
};
extern struct user_struct root_user;
struct user_struct *alloc_uid(kuid_t uid); /* finds or makes; NULL without memory. Task context. */
struct user_struct *find_user(kuid_t uid); /* with a reference, or NULL */
void free_uid(struct user_struct *up);	   /* any context */
static inline struct user_struct *get_uid(struct user_struct *up)
{
	refcount_inc(&up->count);
	return up;
}

struct group_info {
	refcount_t usage;
	int ngroups;
	kgid_t gid[]; /* ascending */
};
#define NGROUPS_MAX 65536
extern struct group_info init_groups;
struct group_info *groups_alloc(int n);
void groups_free(struct group_info *gi); /* drops a reference */
void groups_sort(struct group_info *gi);
static inline struct group_info *get_group_info(struct group_info *gi)
{
	refcount_inc(&gi->usage);
	return gi;
}
#define put_group_info(gi) groups_free(gi)
bool groups_search(const struct group_info *gi, kgid_t gid);

/* A range of numbers inside the namespace and where it lies outside. */
#define UID_GID_MAP_MAX_EXTENTS 340
struct uid_gid_extent {
	u32 first, lower_first, count;
};
struct uid_gid_map {
	u32 nr_extents; /* written once, last, with release order; extents never change then */
	struct uid_gid_extent *extents; /* sorted by first */
	struct uid_gid_extent one;	/* where a map of one line lies */
};
struct user_namespace {
	struct ns_common ns;
	struct uid_gid_map uid_map, gid_map;
	struct user_namespace *parent;
	int level;
	kuid_t owner;
	kgid_t group;
	unsigned long flags; /* USERNS_SETGROUPS_ALLOWED; under userns_state_mutex */
	bool parent_could_setfcap;
	struct rcu_head rcu;
};
#define USERNS_SETGROUPS_ALLOWED 1UL
extern struct user_namespace init_user_ns;
static inline struct user_namespace *get_user_ns(struct user_namespace *ns)
{
	if (ns != &init_user_ns)
		refcount_inc(&ns->ns.count);
	return ns;
}
void put_user_ns(struct user_namespace *ns);
bool in_userns(const struct user_namespace *ancestor, const struct user_namespace *child);
bool current_in_userns(const struct user_namespace *target);
/* INVALID_UID / (uid_t)-1 where there is no mapping; _munged gives overflowuid instead. */
kuid_t make_kuid(struct user_namespace *ns, uid_t uid);
kgid_t make_kgid(struct user_namespace *ns, gid_t gid);
uid_t from_kuid(struct user_namespace *ns, kuid_t uid);
gid_t from_kgid(struct user_namespace *ns, kgid_t gid);
uid_t from_kuid_munged(struct user_namespace *ns, kuid_t uid);
gid_t from_kgid_munged(struct user_namespace *ns, kgid_t gid);
#define kuid_has_mapping(ns, u) (from_kuid(ns, u) != (uid_t)-1)
#define kgid_has_mapping(ns, g) (from_kgid(ns, g) != (gid_t)-1)
/* /proc/PID/uid_map, gid_map, setgroups: text in and out. seq_file's printer is the caller's. */
struct file;
ssize_t userns_map_write(struct file *opener, struct user_namespace *ns, bool gid, const char *text,
			 size_t len);
ssize_t userns_setgroups_write(struct file *opener, struct user_namespace *ns, const char *text,
			       size_t len);
bool userns_may_setgroups(const struct user_namespace *ns);

struct cred {
	refcount_t usage;
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	unsigned int securebits;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective, cap_bset, cap_ambient;
	struct user_struct *user; /* of uid */
	struct user_namespace *user_ns;
	struct group_info *group_info;
	struct rcu_head rcu;
};
extern struct cred init_cred;

static inline const struct cred *get_cred(const struct cred *cred)
{
	refcount_inc(&((struct cred *)cred)->usage);
	return cred;
}
const struct cred *get_task_cred(struct task_struct *task); /* real_cred, with a reference */
void put_cred(const struct cred *cred);			    /* any context */

#define current_cred()	    (current->cred)
#define current_real_cred() (current->real_cred)
#define current_uid()	    (current_cred()->uid)
#define current_gid()	    (current_cred()->gid)
#define current_euid()	    (current_cred()->euid)
#define current_egid()	    (current_cred()->egid)
#define current_suid()	    (current_cred()->suid)
#define current_sgid()	    (current_cred()->sgid)
#define current_fsuid()	    (current_cred()->fsuid)
#define current_fsgid()	    (current_cred()->fsgid)
#define current_user()	    (current_cred()->user)
#define current_user_ns()   (current_cred()->user_ns)
#define get_current_cred()  get_cred(current_cred())
/* Under rcu_read_lock(). */
#define __task_cred(t) rcu_dereference((t)->real_cred)
#define task_cred_xxx(t, field)                               \
	({                                                    \
		__typeof__(((struct cred *)NULL)->field) __v; \
		rcu_read_lock();                              \
		__v = __task_cred(t)->field;                  \
		rcu_read_unlock();                            \
		__v;                                          \
	})
#define task_uid(t)  task_cred_xxx(t, uid)
#define task_euid(t) task_cred_xxx(t, euid)

/*
 * Change one's credentials: prepare a copy (NULL without memory), change it, commit it (which
 * takes the reference and returns 0) or abort it. Task context.
 */
struct cred *prepare_creds(void);
struct cred *prepare_kernel_cred(void);
int commit_creds(struct cred *new);
void abort_creds(struct cred *new);
/* Act with other credentials for a while: the subjective pointer alone is changed. */
const struct cred *override_creds(const struct cred *new);
void revert_creds(const struct cred *old);
int copy_creds(struct task_struct *p, unsigned long clone_flags);
void exit_creds(struct task_struct *p);

/* Does the current task act with the capability, over the namespace? Marks PF_SUPERPRIV. */
bool capable(int cap);
bool ns_capable(struct user_namespace *ns, int cap);
bool ns_capable_noaudit(struct user_namespace *ns, int cap);
bool has_capability(struct task_struct *t, int cap);
bool has_ns_capability(struct task_struct *t, struct user_namespace *ns, int cap);
bool cred_ns_capable(const struct cred *cred, struct user_namespace *ns, int cap);
/* The opener of a file, whatever current has become since. */
bool file_ns_capable(const struct file *file, struct user_namespace *ns, int cap);
/* Is gid the fsgid (in_group_p) or egid (in_egroup_p) or a supplementary group of current? */
int in_group_p(kgid_t gid);
int in_egroup_p(kgid_t gid);

#endif
