/* SPDX-License-Identifier: MIT */
/*
 * Groups of tasks, for those that make them: control groups and sessions. The scheduler's part
 * (sched/group.c, bandwidth.c, uclamp.c, autogroup.c) knows no hierarchy but its own.
 *
 * A group's life: sched_create_group(), sched_online_group() when it may be seen, tasks come and
 * go, sched_offline_group() when nobody can come any more, sched_destroy_group(). A group must
 * outlive every task that is in it, dead ones that are not yet reaped too: a zombie's nice value
 * may still be changed. Its parent must outlive it.
 *
 * Context: task context, and may sleep, unless said. Locks taken inside: a task's pi_lock,
 * rq->lock, and below them the leaves of sched/internal.h, so a caller may hold tasklist_lock,
 * siglock, or any lock that is taken outside pi_lock.
 */
#ifndef JIFFY_SCHED_GROUP_H
#define JIFFY_SCHED_GROUP_H

#include <jiffy/types.h>

struct task_group;
struct task_struct;

/* The group that all others are in. Weight, bandwidth and clamps of it cannot be set. */
extern struct task_group root_task_group;

/*
 * A group below parent without tasks, of nice 0's weight and without limits. Unlike Linux's it
 * is not yet in parent's list of children. ERR_PTR(-ENOMEM).
 */
struct task_group *sched_create_group(struct task_group *parent);
/* tg counts as a child of its parent from now on: limits of a parent bind it. */
void sched_online_group(struct task_group *tg);
/* tg has no children and gets no new tasks: it loses its limits. Those that exit run to their end. */
void sched_offline_group(struct task_group *tg);
/*
 * Frees tg, after sched_offline_group() or when it never was online, when no CPU can look at it.
 * None of its tasks exists any more: until its last switch a task that exits may be moved to
 * another CPU, whose lists lead to tg's queue from then on, and a limit of a parent binds it.
 */
void sched_destroy_group(struct task_group *tg);
/* Both: for groups of which nobody else has to be told. */
void sched_release_group(struct task_group *tg);

/*
 * p's control group is tg from now on: its tasks' group, unless p is in the root group, has an
 * autogroup and autogroups are on, which then is its group. p may run, sleep, be new (between
 * sched_cgroup_fork() and wake_up_new_task(): how CLONE_INTO_CGROUP gets there) or dead. A new
 * task starts in its parent's group.
 */
void sched_move_task(struct task_struct *p, struct task_group *tg);

/* Do weights and limits of groups bind anybody? Not where goodness or o1 stands for fair and rt. */
bool sched_has_groups(void);

/*
 * Weight: shares are 2 to 262,144, clamped, and 1,024 is a task's of nice 0; cpu.weight w is
 * w * 1024 / 100. -EINVAL: the root group, or an idle one.
 */
int sched_group_set_shares(struct task_group *tg, unsigned long shares);
unsigned long sched_group_shares(const struct task_group *tg);
/*
 * cpu.idle: the whole group is like one SCHED_IDLE task: least weight, and any wake-up outside
 * preempts it. Off: weight 1,024 again. -EINVAL: the root group.
 */
int sched_group_set_idle(struct task_group *tg, bool idle);
bool sched_group_idle(const struct task_group *tg);

/*
 * cpu.max and cpu.max.burst: tasks of the group together run quota us in each period us; of what
 * was not used, up to burst us are kept for later periods. SCHED_QUOTA_INF: no limit.
 * -EINVAL: the root group; a quota or period below 1 ms, a period above 1 s, a quota above some
 * days, a burst above the quota, or both together too much.
 */
#define SCHED_QUOTA_INF (~0ULL)
struct sched_bandwidth {
	u64 quota_us, period_us, burst_us;
};
int tg_set_cfs_bandwidth(struct task_group *tg, const struct sched_bandwidth *bw);
void tg_get_cfs_bandwidth(struct task_group *tg, struct sched_bandwidth *bw);

/* What cpu.stat shows of it. throttled_usec sums over CPUs; so does that of cpu.stat.local. */
struct sched_bandwidth_stat {
	u64 nr_periods, nr_throttled, throttled_usec, nr_bursts, burst_usec;
	u64 local_throttled_usec; /* that queues of this group were throttled, for whatever reason
				   */
};
void tg_get_cfs_stat(struct task_group *tg, struct sched_bandwidth_stat *st);

/*
 * Budget of the group's FIFO and RR tasks, those of groups below included, on each CPU: runtime us
 * in each period us (1 to 4,000,000); runtime -1: none of its own, 0: there can be no such task.
 * -EINVAL: the root group, runtime above period, or more than the next group above that has a
 * budget, or sched_rt_runtime_us, has left; -EBUSY: 0, and there is such a task; -ENOMEM.
 */
int sched_group_set_rt(struct task_group *tg, s64 runtime_us, u64 period_us);
void sched_group_get_rt(struct task_group *tg, s64 *runtime_us, u64 *period_us);
/* May p, by its policy, be in tg? */
bool sched_group_can_attach(struct task_group *tg, struct task_struct *p);

/*
 * cpu.uclamp.min and .max, 0 to 1,024 (= 100 %): what is asked of tg. In effect is what its
 * ancestors let it have. -EINVAL: the root group; -ERANGE.
 */
enum uclamp_id { UCLAMP_MIN, UCLAMP_MAX, UCLAMP_CNT };
int sched_group_set_uclamp(struct task_group *tg, enum uclamp_id id, unsigned int value);
unsigned int sched_group_uclamp(const struct task_group *tg, enum uclamp_id id);
unsigned int sched_group_uclamp_effective(const struct task_group *tg, enum uclamp_id id);

/*
 * Autogroups: the tasks of a session share one weight. setsid(2) makes one for the caller's
 * process; forked tasks inherit it, and keep it alive.
 */
extern unsigned int sysctl_sched_autogroup_enabled; /* counts at the next fork, move or setsid */
/* p's process begins a session: its threads go to a new group. Without memory they stay. */
void sched_autogroup_create_attach(struct task_struct *p);
/* /proc/PID/autogroup; who may do it, and how often, is the caller's to ask. -EINVAL: no nice
 * value, or p has no autogroup. */
int sched_autogroup_set_nice(struct task_struct *p, int nice);
/* Number and nice value of p's autogroup; false: it has none. */
bool sched_autogroup_get(struct task_struct *p, unsigned long *id, int *nice);

#endif
