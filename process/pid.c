/* SPDX-License-Identifier: MIT */
/*
 * Pids: making and finding them, and the lists of the tasks that use them. Contract and rules in
 * <jiffy/pid.h>. pid_namespaces(7), credentials(7).
 */
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/mutation.h>
#include <jiffy/slab.h>
#include <jiffy/sysctl.h>

#include "internal.h"
#include "pidns.h"
#include "task.h"

int pid_max = PID_MAX_DEFAULT;

struct pid init_struct_pid = {
    .count = REFCOUNT_INIT(1),
    .lock = __SPIN_LOCK_UNLOCKED(init_struct_pid.lock),
    .wait_pidfd = __WAIT_QUEUE_HEAD_INITIALIZER(init_struct_pid.wait_pidfd),
    .numbers = {{.nr = 0, .ns = &init_pid_ns}},
};

/* What a number that is taken leads to until its pid is ready: for look-ups, to nothing. */
static struct pid taken;

static void free_pid_struct(struct rcu_head *head)
{
	struct pid *pid = container_of(head, struct pid, rcu);
	struct pid_namespace *ns = pid->numbers[pid->level].ns;

	kmem_cache_free(ns->pid_cachep, pid);
	put_pid_ns(ns);
}

/*
 * A look-up under RCU that found the pid before its numbers were given back may still try to take
 * a reference; hence the grace period before the memory goes.
 */
void put_pid(struct pid *pid)
{
	if (pid && refcount_dec_and_test(&pid->count))
		call_rcu(&pid->rcu, free_pid_struct);
}

/* Gives back the numbers of levels [from, to]. */
static void free_numbers(struct pid *pid, int from, int to)
{
	int i;

	rcu_read_lock();
	for (i = to; i >= from; i--) {
		struct upid *upid = &pid->numbers[i];

		xa_erase(&upid->ns->map, upid->nr);
		atomic_dec(&upid->ns->pid_allocated);
		pidns_number_freed(upid->ns);
	}
	rcu_read_unlock();
}

void free_pid(struct pid *pid)
{
	if (!mutant(PID_NUMBER_LEAKED))
		free_numbers(pid, 0, pid->level);
	put_pid(pid);
}

/* One level's number: the one wanted, or with 0 the next in turn. */
static int alloc_number(struct pid_namespace *ns, pid_t wanted)
{
	unsigned long next = READ_ONCE(ns->map.next);
	u32 nr;
	int err;

	if (mutant(PID_REUSED_EARLY))
		WRITE_ONCE(ns->map.next, 0);
	if (!wanted) {
		/* The first round begins at 1, later ones leave the low numbers to daemons. */
		err = xa_alloc_cyclic(
		    &ns->map, &nr, &taken,
		    XA_LIMIT(next > RESERVED_PIDS ? RESERVED_PIDS : 1, READ_ONCE(pid_max) - 1),
		    GFP_KERNEL);
		if (err)
			return err == -EBUSY ? -EAGAIN : err;
		atomic_inc(&ns->pid_allocated);
		return nr;
	}
	if (wanted >= READ_ONCE(pid_max))
		return -EINVAL;
	/* A namespace begins with its init. */
	if (wanted != 1 && !READ_ONCE(ns->child_reaper))
		return -EINVAL;
	if (!ns_capable(ns->user_ns, CAP_CHECKPOINT_RESTORE) &&
	    !ns_capable(ns->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	err = xa_insert(&ns->map, wanted, &taken, GFP_KERNEL);
	if (err)
		return err == -EBUSY ? -EEXIST : err;
	atomic_inc(&ns->pid_allocated);
	return wanted;
}

static int alloc_numbers(struct pid *pid, struct pid_namespace *ns, const pid_t *set_tid,
			 size_t set_tid_size)
{
	int i, nr;

	for (i = ns->level; i >= 0; i--, ns = ns->parent) {
		pid_t wanted = 0;

		if (set_tid_size) {
			wanted = set_tid[pid->level - i];
			set_tid_size--;
			nr = wanted > 0 ? alloc_number(ns, wanted) : -EINVAL;
		} else {
			nr = alloc_number(ns, 0);
		}
		if (nr < 0) {
			free_numbers(pid, i + 1, pid->level);
			return nr;
		}
		pid->numbers[i].nr = nr;
		pid->numbers[i].ns = ns;
	}
	return 0;
}

/* From here on look-ups find it. Fails when the namespace's init has begun to die meanwhile. */
static int publish(struct pid *pid, struct pid_namespace *ns)
{
	int i;

	if (!pidns_is_open(ns))
		return -ENOMEM;
	/* The places are there since their numbers were taken: nothing is allocated. */
	for (i = ns->level; i >= 0; i--)
		xa_store(&pid->numbers[i].ns->map, pid->numbers[i].nr, pid, GFP_NOWAIT);
	/* zap_pid_ns_processes() closes the namespace, then looks for pids: one of us sees it. */
	smp_mb();
	return pidns_is_open(ns) ? 0 : -ENOMEM;
}

struct pid *alloc_pid(struct pid_namespace *ns, const pid_t *set_tid, size_t set_tid_size)
{
	struct pid *pid;
	int type, ret;

	if (set_tid_size > ns->level + 1)
		return ERR_PTR(-EINVAL);
	pid = kmem_cache_alloc(ns->pid_cachep, GFP_KERNEL);
	if (!pid)
		return ERR_PTR(-ENOMEM);
	pid->level = ns->level;
	ret = alloc_numbers(pid, ns, set_tid, set_tid_size);
	if (ret)
		goto out_free;
	refcount_set(&pid->count, 1);
	spin_lock_init(&pid->lock);
	for (type = 0; type < PIDTYPE_MAX; type++)
		INIT_HLIST_HEAD(&pid->tasks[type]);
	init_waitqueue_head(&pid->wait_pidfd);
	get_pid_ns(ns);
	ret = publish(pid, ns);
	if (ret) {
		free_pid(pid);
		return ERR_PTR(ret);
	}
	return pid;
out_free:
	kmem_cache_free(ns->pid_cachep, pid);
	return ERR_PTR(ret);
}

/* Where task keeps its pid of this type: its own for a thread id, the group's for the rest. */
static struct pid **task_pid_ptr(struct task_struct *task, enum pid_type type)
{
	return type == PIDTYPE_PID ? &task->thread_pid : &task->signal->pids[type];
}

struct pid *task_pid_type(struct task_struct *task, enum pid_type type)
{
	return rcu_dereference_check(*task_pid_ptr(task, type), task == current);
}

void attach_pid(struct task_struct *task, enum pid_type type)
{
	struct pid *pid = *task_pid_ptr(task, type);

	hlist_add_head_rcu(&task->pid_links[type], &pid->tasks[type]);
}

static void __change_pid(struct task_struct *task, enum pid_type type, struct pid *new)
{
	struct pid **ptr = task_pid_ptr(task, type);
	struct pid *pid = *ptr;
	int t;

	hlist_del_rcu(&task->pid_links[type]);
	rcu_assign_pointer(*ptr, new);
	/* Reaped: a pidfd's poll(2) has one more thing to tell. */
	if (type == PIDTYPE_PID)
		wake_up_all(&pid->wait_pidfd);
	/* The numbers are free once nobody uses the pid in any role. */
	for (t = PIDTYPE_MAX; --t >= 0;)
		if (!hlist_empty(&pid->tasks[t]))
			return;
	free_pid(pid);
}

void detach_pid(struct task_struct *task, enum pid_type type)
{
	__change_pid(task, type, NULL);
}

void change_pid(struct task_struct *task, enum pid_type type, struct pid *pid)
{
	__change_pid(task, type, pid);
	attach_pid(task, type);
}

/* exec by a thread: the old leader and the new one exchange thread ids. */
void exchange_tids(struct task_struct *left, struct task_struct *right)
{
	struct pid *lpid = left->thread_pid, *rpid = right->thread_pid;

	lockdep_assert_held(&tasklist_lock);
	hlist_del_rcu(&left->pid_links[PIDTYPE_PID]);
	hlist_del_rcu(&right->pid_links[PIDTYPE_PID]);
	rcu_assign_pointer(left->thread_pid, rpid);
	rcu_assign_pointer(right->thread_pid, lpid);
	attach_pid(left, PIDTYPE_PID);
	attach_pid(right, PIDTYPE_PID);
	left->pid = pid_nr(rpid);
	right->pid = pid_nr(lpid);
}

void transfer_pid(struct task_struct *old, struct task_struct *new, enum pid_type type)
{
	lockdep_assert_held(&tasklist_lock);
	hlist_replace_rcu(&old->pid_links[type], &new->pid_links[type]);
}

struct pid *find_pid_ns(int nr, struct pid_namespace *ns)
{
	struct pid *pid = nr > 0 ? xa_load(&ns->map, nr) : NULL;

	return pid != &taken ? pid : NULL;
}

struct pid *find_vpid(int nr)
{
	return find_pid_ns(nr, task_active_pid_ns(current));
}

/* A pid found by number may be on its way out: no reference to be had any more. */
static struct pid *get_pid_live(struct pid *pid)
{
	return pid && refcount_inc_not_zero(&pid->count) ? pid : NULL;
}

struct pid *find_get_pid(int nr)
{
	struct pid *pid;

	rcu_read_lock();
	pid = get_pid_live(find_vpid(nr));
	rcu_read_unlock();
	return pid;
}

struct pid *find_ge_pid(int nr, struct pid_namespace *ns)
{
	unsigned long at = nr;
	struct pid *pid = xa_find(&ns->map, &at, INT32_MAX);

	while (pid == &taken)
		pid = xa_find_after(&ns->map, &at, INT32_MAX);
	return pid;
}

struct task_struct *pid_task(struct pid *pid, enum pid_type type)
{
	struct hlist_node *first;

	if (!pid)
		return NULL;
	first = rcu_dereference(pid->tasks[type].first);
	return first ? hlist_entry(first, struct task_struct, pid_links[type]) : NULL;
}

struct task_struct *get_pid_task(struct pid *pid, enum pid_type type)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(pid, type);
	if (task && !refcount_inc_not_zero(&task->usage))
		task = NULL;
	rcu_read_unlock();
	return task;
}

struct task_struct *find_task_by_pid_ns(pid_t nr, struct pid_namespace *ns)
{
	return pid_task(find_pid_ns(nr, ns), PIDTYPE_PID);
}

struct task_struct *find_task_by_vpid(pid_t nr)
{
	return pid_task(find_vpid(nr), PIDTYPE_PID);
}

struct task_struct *find_get_task_by_vpid(pid_t nr)
{
	struct task_struct *task;

	rcu_read_lock();
	task = get_pid_task(find_vpid(nr), PIDTYPE_PID);
	rcu_read_unlock();
	return task;
}

struct pid *get_task_pid(struct task_struct *task, enum pid_type type)
{
	struct pid *pid;

	rcu_read_lock();
	pid = get_pid_live(task_pid_type(task, type));
	rcu_read_unlock();
	return pid;
}

pid_t pid_nr_ns(struct pid *pid, struct pid_namespace *ns)
{
	struct upid *upid;

	if (!pid || ns->level > pid->level)
		return 0;
	upid = &pid->numbers[ns->level];
	return upid->ns == ns ? upid->nr : 0;
}

pid_t pid_vnr(struct pid *pid)
{
	return pid_nr_ns(pid, task_active_pid_ns(current));
}

pid_t __task_pid_nr_ns(struct task_struct *task, enum pid_type type, struct pid_namespace *ns)
{
	pid_t nr;

	rcu_read_lock();
	if (!ns)
		ns = task_active_pid_ns(current);
	nr = ns && pid_alive(task) ? pid_nr_ns(task_pid_type(task, type), ns) : 0;
	rcu_read_unlock();
	return nr;
}

pid_t task_ppid_nr_ns(struct task_struct *t, struct pid_namespace *ns)
{
	pid_t nr = 0;

	rcu_read_lock();
	if (pid_alive(t))
		nr = task_tgid_nr_ns(rcu_dereference(t->real_parent), ns);
	rcu_read_unlock();
	return nr;
}

unsigned long nr_pids(void)
{
	return atomic_read(&init_pid_ns.pid_allocated);
}

void shrink_pid_map(void)
{
	xa_shrink(&init_pid_ns.map);
}

void pid_init(void)
{
	/* As many numbers as make reuse rare: 1024 for each CPU there could be. */
	pid_max = min(PID_MAX_LIMIT, max(PID_MAX_DEFAULT, 1024 * (int)num_possible_cpus()));
	pidns_init();
}

/* The number given out last in the caller's namespace; who restores processes sets it. proc(5) */
static int proc_ns_last_pid(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	int last = READ_ONCE(ns->map.next) ? READ_ONCE(ns->map.next) - 1 : 0, ret;
	struct ctl_table copy = *table;

	if (write && !ns_capable(ns->user_ns, CAP_CHECKPOINT_RESTORE) &&
	    !ns_capable(ns->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	copy.data = &last;
	ret = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (!ret && write) {
		xa_lock_irq(&ns->map);
		ns->map.next = (unsigned long)last + 1;
		xa_unlock_irq(&ns->map);
	}
	return ret;
}

static const int pid_max_lowest = RESERVED_PIDS + 1, pid_max_highest = PID_MAX_LIMIT;
static const struct ctl_table pid_table[] = {
    {.procname = "pid_max",
     .data = &pid_max,
     .maxlen = sizeof(pid_max),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = (void *)&pid_max_lowest,
     .extra2 = (void *)&pid_max_highest},
    {.procname = "ns_last_pid",
     .maxlen = sizeof(int),
     .mode = 0666,
     .proc_handler = proc_ns_last_pid,
     .extra1 = SYSCTL_ZERO,
     .extra2 = (void *)&pid_max},
    {NULL},
};

static int __init pid_sysctl_init(void)
{
	return register_sysctl("kernel", pid_table);
}
device_initcall(pid_sysctl_init);
