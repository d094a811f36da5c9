/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's part of a task: what each class keeps per task. Fields are under the run
 * queue's lock unless said otherwise. Owned by sched/.
 */
#ifndef JIFFY_SCHED_ENTITY_H
#define JIFFY_SCHED_ENTITY_H

#include <jiffy/ktime.h>
#include <jiffy/list.h>
#include <jiffy/rbtree.h>

struct cfs_rq;
struct rt_rq;
struct task_group;
struct o1_prio_array;

struct load_weight {
	unsigned long weight;
	u32 inv_weight; /* 2^32 / weight, 0 when not computed */
};

/* PELT of Linux 4.4 and later, and, beside it, the sums of the form up to 4.2. */
struct sched_avg {
	u64 last_update_time;
	u64 load_sum, runnable_sum;
	u32 util_sum, period_contrib;
	unsigned long load_avg, runnable_avg, util_avg;
	/* load=pelt-4.0 */
	u32 runnable_avg_sum, runnable_avg_period;
	u64 last_runnable_update;
	s64 decay_count;
	unsigned long load_avg_contrib;
};

struct sched_entity {
	struct load_weight load;
	struct rb_node run_node;
	struct list_head group_node;
	unsigned int on_rq;
	u64 exec_start;		   /* ns, the rq's task clock */
	u64 sum_exec_runtime;	   /* ns on a CPU in all */
	u64 prev_sum_exec_runtime; /* the same when last picked */
	u64 vruntime;
	s64 vlag; /* eevdf */
	u64 deadline, min_vruntime, slice;
	u8 sched_delayed, rel_deadline, custom_slice;
	u64 nr_migrations;
	int depth;
	struct sched_entity *parent;
	struct cfs_rq *cfs_rq; /* the queue it is on */
	struct cfs_rq *my_q;   /* the queue it stands for, when a group */
	unsigned long runnable_weight;
	struct sched_avg avg;
};

struct sched_rt_entity {
	struct list_head run_list;
	unsigned long timeout;
	unsigned int time_slice; /* ticks */
	unsigned short on_rq, on_list;
	bool parked; /* queued, but waiting for a group's budget */
	struct sched_rt_entity *back, *parent;
	struct rt_rq *rt_rq, *my_q;
};

struct sched_dl_entity {
	struct rb_node rb_node;
	u64 dl_runtime, dl_deadline, dl_period; /* as sched_setattr(2) gave them, ns */
	u64 dl_bw, dl_density;
	s64 runtime;
	u64 deadline;
	unsigned int flags;
	unsigned int dl_throttled : 1, dl_yielded : 1, dl_non_contending : 1, dl_overrun : 1,
	    dl_attached : 1, dl_active : 1; /* bandwidth counted: in this_bw, in running_bw */
	struct hrtimer dl_timer, inactive_timer;
	struct sched_dl_entity *pi_se;
	struct root_domain *dl_rd; /* which counts dl_bw as promised, and is held; NULL: none */
};

/* The O(n) policy and the O(1) policy, which keep their own small state. */
struct sched_goodness_entity {
	struct list_head run_list; /* of those that wait */
	s64 place;		   /* in the queue: the lower the earlier */
	long counter;		   /* ticks left */
	unsigned long epoch; /* how many times all counters were refilled, as far as it knows */
	unsigned int on_rq;
	int last_cpu;
	bool yielded;
};

struct sched_o1_entity {
	struct list_head run_list;
	struct o1_prio_array *array;
	unsigned long sleep_avg; /* ns */
	u64 timestamp;
	/* Ticks left; it is still what its parent gave it. A fork and a child's end may meet. */
	unsigned int time_slice, first_time_slice;
	unsigned int wait_credit; /* percent of the wait since it was woken, until it runs */
	/* When it last left a queue: had it had its turn in that queue's round, and since when was
	   that under way? */
	bool expired;
	u64 round_began;
};

struct sched_statistics {
	u64 wait_start, wait_max, wait_count, wait_sum;
	u64 sleep_start, sleep_max, sum_sleep_runtime;
	u64 block_start, block_max, sum_block_runtime;
	u64 exec_max, slice_max;
	u64 nr_migrations_cold, nr_forced_migrations;
	u64 nr_wakeups, nr_wakeups_sync, nr_wakeups_migrate, nr_wakeups_local, nr_wakeups_remote,
	    nr_wakeups_affine;
};

/* /proc/PID/schedstat: time waiting to run, how often picked. */
struct sched_info {
	unsigned long pcount;
	u64 run_delay, last_arrival, last_queued;
};

#endif
