/* SPDX-License-Identifier: MIT */
/*
 * Task groups: what a group is, its shares, its limits, sessions. A part of sched/internal.h, which
 * includes it behind the run queue. Owners: sched/group.c, autogroup.c, bandwidth.c, rt_group.c.
 *
 * The tree of groups changes under task_group_lock and is walked under RCU; a group's queues and
 * entities are under the lock of their CPU's rq, its pool of quota under cfs_bandwidth.lock.
 */
#ifndef SCHED_GROUP_H
#define SCHED_GROUP_H

#include "env.h"

struct rq;
struct cfs_rq;
struct rt_budget;

/* A group's quota, and the pool that its queues take their time from. */
struct cfs_bandwidth {
	raw_spinlock_t lock;
	u64 period, quota, runtime, burst; /* ns; quota -1: no limit */
	bool timer_active, slack_started;
	bool idle; /* nothing was taken in this period */
	struct hrtimer period_timer, slack_timer;
	struct list_head throttled_cfs_rq;
	unsigned int nr_periods, nr_throttled, nr_burst;
	u64 throttled_time, burst_time, runtime_snap;
#ifdef JIFFY_CHECKED
	s64 check_refilled, check_taken; /* ns: into the pool; by all queues less what came back */
#endif
};

#define RT_RUNTIME_INF (~0ULL)
struct rt_bandwidth {
	u64 period, runtime;	   /* ns; runtime RT_RUNTIME_INF: no limit of its own */
	struct rt_budget **budget; /* by CPU; NULL: there never was a limit */
};

/* One run queue and one entity a CPU. */
struct task_group {
	struct sched_entity **se; /* by CPU; NULL for the root group */
	struct cfs_rq **cfs_rq;
	unsigned long shares;
	bool idle;
	atomic_long_t load_avg ____cacheline_aligned_in_smp; /* sum of tg_load_avg_contrib */
	struct rcu_head rcu;
	struct list_head list, siblings, children; /* task_group_lock */
	struct task_group *parent;
	struct cfs_bandwidth cfs_bandwidth;
	struct rt_bandwidth rt_bandwidth;
	unsigned int uclamp_req[UCLAMP_CNT], uclamp[UCLAMP_CNT]; /* asked for, in effect */
};
/* sched/group.c, sched/autogroup.c; what others may call is in <jiffy/sched_group.h> */
extern spinlock_t task_group_lock;
/* p, whose cgroup or autogroup changed, goes to the group that it should be in. [both locks] */
void sched_update_group(struct rq *rq, struct task_struct *p);
/* Groups below top and top, parents first. [RCU] */
struct task_group *next_group(struct task_group *pos, struct task_group *top);
#define for_each_group_below(pos, top) for (pos = top; pos; pos = next_group(pos, top))
void list_add_leaf_cfs_rq(struct cfs_rq *cfs_rq); /* [rq->lock] */
/* What sleeps on rq counts less as time passes. [rq->lock, the clock updated] */
void update_blocked_averages(struct rq *rq);
struct task_group *autogroup_task_group(struct task_struct *p, struct task_group *tg);
/* p, a copy of current that nobody else knows, is of current's session; it is, still. */
void sched_autogroup_inherit(struct task_struct *p);
void sched_autogroup_follow(struct task_struct *p);
void sched_autogroup_put(struct task_struct *p);
int noautogroup(char *value); /* boot parameter */

/* sched/bandwidth.c; rq->lock unless said */
extern unsigned int sysctl_sched_cfs_bandwidth_slice_us;
void init_cfs_bandwidth(struct cfs_bandwidth *cfs_b);
void destroy_cfs_bandwidth(struct task_group *tg); /* [no locks] */
void sync_throttle(struct task_group *tg);	   /* [no locks] */
void cfs_bandwidth_online(struct rq *rq, bool online);
/* What ran on cfs_rq, ns, is charged to its group; what an empty one has left goes back. */
void account_cfs_rq_runtime(struct cfs_rq *cfs_rq, u64 delta);
void return_cfs_rq_runtime(struct cfs_rq *cfs_rq);
/* cfs_rq, about to be picked from, has no credit. False: it got some after all. */
bool throttle_cfs_rq(struct cfs_rq *cfs_rq);
#ifdef JIFFY_CHECKED
/* Do the books of the queue agree, and [nothing changes] those of the group with all its queues? */
bool check_queue_bandwidth(const struct cfs_rq *cfs_rq);
bool check_bandwidth(const struct task_group *tg);
#else
#define check_queue_bandwidth(cfs_rq) true
#define check_bandwidth(tg)	      true
#endif

/* sched/rt_group.c; rq->lock unless said */
void init_rt_bandwidth(struct rt_bandwidth *b); /* [any] */
void stop_rt_bandwidth(struct task_group *tg);	/* [task] tg gets no new tasks */
void free_rt_bandwidth(struct task_group *tg);	/* [any] */
bool rt_group_may_run(struct task_group *tg);	/* [any] false: a budget from tg up is 0 */
/* p, a real-time task, must wait on cpu for the next period of a group's budget. */
bool rt_group_throttled(struct task_struct *p, int cpu);
/* p ran there for delta ns. */
void rt_group_charge(struct rq *rq, struct task_struct *p, u64 delta);
void rt_release_parked(struct rq *rq); /* sched/rt.c: those that need not wait any more */

/* It, or one above it, waits for its group's next period. */
static inline bool throttled_hierarchy(const struct cfs_rq *cfs_rq)
{
	return unlikely(cfs_rq->throttle_count);
}

#endif
