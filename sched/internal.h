/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's own structures; the one header that a scheduler file includes.
 *
 * Serialization rules
 *
 *   p->pi_lock (irq-safe)	who may wake p, boost it, change its policy or affinity.
 *   rq->lock (irq-safe)	a run queue, its classes' queues, and the scheduler's fields of
 *				each task that is on it.
 *   cpu_stopper.lock, task_group_lock, root_domain's dl_bw.lock, cfs_bandwidth.lock,
 *   goodness_lock: leaves. task_group_lock guards the tree of groups, whose readers walk it
 *   under RCU, which rq->lock implies.
 *
 * Order: pi_lock, rq->lock, leaves. Two run queues: the one of the lower address first
 * (double_rq_lock()); a holder that needs a second one out of order gives its own up first
 * (double_lock_balance()). stopper locks are taken inside pi_lock, never inside rq->lock.
 *
 * A task's CPU, policy, prio and affinity change under pi_lock and rq->lock, so either keeps
 * them still. task_cpu(p) of a waking task (on_rq 0) changes under pi_lock alone.
 *
 * p->__state: written by p itself, but for a waker, which holds pi_lock and turns it from asleep
 * to TASK_WAKING to TASK_RUNNING. p->on_rq: rq->lock. p->on_cpu: set before the switch to p
 * under rq->lock; cleared, with release order, after the switch away, when p's registers are
 * saved. A waker waits for that before it lets another CPU have p:
 *
 *	CPU 0, p goes to sleep			CPU 1 wakes p
 *	p->__state = asleep			condition = true
 *	full barrier				lock pi_lock; full barrier
 *	sees no condition: __schedule()		p->__state asleep? yes: it must be woken
 *	lock rq->lock				p->on_rq? with rq->lock: still 1: only the state
 *	p->on_rq = 0, dequeued			changes, p never leaves its queue. 0: go on
 *	switch; p->on_cpu = 0 (release)		wait for p->on_cpu == 0 (acquire)
 *						p->__state = TASK_WAKING; choose a CPU; queue p
 *
 * on_rq is read after the state and on_cpu after on_rq, the reverse of how they are written, so
 * no waker finds "not queued" and "not running" of a task that is about to be.
 */
#ifndef SCHED_INTERNAL_H
#define SCHED_INTERNAL_H

#include "env.h"
#include "mutation.h"
#include "domain.h"
#include "psi.h"
#include "uclamp.h"

#define TASK_ON_RQ_QUEUED    1
#define TASK_ON_RQ_MIGRATING 2

/* Weights carry 10 more bits than the nice table so that group shares divide finely. */
#define SCHED_FIXEDPOINT_SHIFT 10
#define SCHED_CAPACITY_SHIFT   10
#define SCHED_CAPACITY_SCALE   (1UL << SCHED_CAPACITY_SHIFT)
#define NICE_0_LOAD	       (1UL << 20)
#define scale_load(w)	       ((unsigned long)(w) << SCHED_FIXEDPOINT_SHIFT)
#define scale_load_down(w)                                           \
	({                                                           \
		unsigned long __sw = (w);                            \
		__sw ? max(2UL, __sw >> SCHED_FIXEDPOINT_SHIFT) : 0; \
	})
#define WEIGHT_IDLEPRIO 3
extern const int sched_prio_to_weight[NICE_WIDTH];
extern const u32 sched_prio_to_wmult[NICE_WIDTH];

/* Why a task enters or leaves a queue. The pairs carry the same bit. */
#define DEQUEUE_SLEEP		0x01
#define ENQUEUE_WAKEUP		0x01
#define DEQUEUE_SAVE		0x02 /* a change of parameters: it comes back at once */
#define ENQUEUE_RESTORE		0x02
#define DEQUEUE_MOVE		0x04 /* and may come back at another place */
#define ENQUEUE_MOVE		0x04
#define DEQUEUE_NOCLOCK		0x08 /* the rq's clock is fresh */
#define ENQUEUE_NOCLOCK		0x08
#define ENQUEUE_HEAD		0x10
#define ENQUEUE_REPLENISH	0x20
#define ENQUEUE_MIGRATED	0x40
#define ENQUEUE_INITIAL		0x80
#define DEQUEUE_DELAYED		0x200 /* eevdf: takes the delayed one really off */
#define ENQUEUE_DELAYED		0x200
#define DEQUEUE_SPECIAL		0x400 /* no delaying */
#define ENQUEUE_UNINTERRUPTIBLE 0x800 /* with ENQUEUE_WAKEUP: how it slept */

/*
 * What a scheduling class does. All under rq->lock, interrupts off, the rq's clock updated by
 * the core, unless said. A class that leaves a pointer NULL has nothing to do there.
 */
struct sched_class {
	const char *name;
	int rank; /* place in sched_classes[]: lower runs first */
	void (*enqueue_task)(struct rq *rq, struct task_struct *p, int flags);
	/* False: p sleeps but stays queued until its lag is used up. */
	bool (*dequeue_task)(struct rq *rq, struct task_struct *p, int flags);
	void (*yield_task)(struct rq *rq);
	/* p, of the same class as rq->curr, was woken: reschedule when it should run instead. */
	void (*check_preempt_curr)(struct rq *rq, struct task_struct *p, int wake_flags);
	struct task_struct *(*pick_task)(struct rq *rq); /* NULL: none here */
	void (*put_prev_task)(struct rq *rq, struct task_struct *p);
	/* p becomes rq->curr: by a pick (first), or by joining the class while it runs. */
	void (*set_next_task)(struct rq *rq, struct task_struct *p, bool first);
	/* Both at once, for two tasks of the class: what they have in common stays as it is. */
	void (*switch_task)(struct rq *rq, struct task_struct *prev, struct task_struct *next);
	/* Before a pick: bring work here; true when this class or a better one has some. May drop
	 * and retake rq->lock. */
	bool (*balance)(struct rq *rq, struct task_struct *prev);
	/* Of a class whose balance asks one queue of all CPUs: the best for rq's. NULL: nobody. */
	struct task_struct *(*find_task)(struct rq *rq);
	int (*select_task_rq)(struct task_struct *p, int cpu, int flags); /* [pi_lock] */
	void (*migrate_task_rq)(struct task_struct *p, int new_cpu); /* [pi_lock or rq->lock] */
	void (*task_woken)(struct rq *rq, struct task_struct *p);
	/* Of the class of real-time tasks: those that wait, to where less is run; and from elsewhere
	 * those that should run here. Both may drop rq->lock. */
	void (*push_tasks)(struct rq *rq);
	void (*pull_tasks)(struct rq *rq);
	void (*set_cpus_allowed)(struct task_struct *p, const cpumask_t *mask);
	void (*rq_online)(struct rq *rq);
	void (*rq_offline)(struct rq *rq);
	void (*task_tick)(struct rq *rq, struct task_struct *curr);
	void (*task_fork)(struct task_struct *p); /* [child's pi_lock, no rq->lock] */
	/* p ends, whom parent, of this class too, has forked. [rq: parent's] */
	void (*task_exit)(struct rq *rq, struct task_struct *parent, struct task_struct *p);
	void (*task_dead)(struct task_struct *p); /* [preempt off] after its last switch */
	void (*switched_from)(struct rq *rq, struct task_struct *p); /* p off the queue */
	void (*switching_to)(struct rq *rq, struct task_struct *p);  /* p off the queue */
	void (*switched_to)(struct rq *rq, struct task_struct *p);   /* p back on it */
	void (*prio_changed)(struct rq *rq, struct task_struct *p, int oldprio);
	u64 (*get_rr_interval)(struct rq *rq, struct task_struct *p); /* ns */
	void (*update_curr)(struct rq *rq);
	/* p, queued or not, gets this weight (scaled), and stays where it is. */
	void (*reweight_task)(struct rq *rq, struct task_struct *p, unsigned long weight);
	void (*task_change_group)(struct task_struct *p);
	bool (*check)(struct rq *rq, const char **rule); /* checked builds: false names the rule */
	/*
	 * Checked builds: fn for each task that is queued on rq, but for the current one, until it says
	 * true; those left out that wait for something else than a CPU.
	 */
	void (*any_waiting)(struct rq *rq, bool (*fn)(struct task_struct *p, void *arg), void *arg);
};

#define NR_CLASSES_MAX 5
extern struct sched_class *sched_classes[NR_CLASSES_MAX + 1]; /* NULL ends it */
#define for_each_class(i, class) for ((i) = 0; ((class) = sched_classes[i]); (i)++)

extern struct sched_class stop_sched_class, dl_sched_class, rt_sched_class, fair_sched_class,
    idle_sched_class, goodness_sched_class, o1_sched_class;

/* Chosen at boot (sched=, load=, preempt=) or for one simulation, before sched_init(). */
enum sched_policy_choice { SCHED_CFS, SCHED_EEVDF, SCHED_GOODNESS, SCHED_O1 };
enum load_choice { LOAD_PELT, LOAD_PELT_4_0 };
enum preempt_choice { PREEMPT_NONE, PREEMPT_VOLUNTARY, PREEMPT_FULL };
extern enum sched_policy_choice sched_choice;
extern enum load_choice load_choice;
extern enum preempt_choice preempt_choice;
int sched_choose(char *name);	/* "cfs", "eevdf", "goodness", "o1": 0 or -EINVAL */
int load_choose(char *name);	/* "pelt", "pelt-4.0" */
int preempt_choose(char *name); /* "none", "voluntary", "full" */

static inline bool fair_class_in_use(void)
{
	return sched_choice == SCHED_CFS || sched_choice == SCHED_EEVDF;
}

/* The fair class's run queue: the root one of a CPU, or a group's there. rq->lock. */
struct cfs_rq {
	struct load_weight load;
	unsigned int nr_running;	/* entities here, the current one too */
	unsigned int h_nr_running;	/* tasks here and below */
	unsigned int idle_h_nr_running; /* of those, of idle policy or of an idle group here */
	bool idle;			/* the group is like one idle task */
	s64 avg_vruntime; /* eevdf: sum of weight * (vruntime - min_vruntime) over the tree */
	u64 avg_load;
	u64 min_vruntime;
	struct rb_root_cached tasks_timeline;
	struct sched_entity *curr;		 /* not in the tree */
	struct sched_entity *next, *last, *skip; /* buddies */
	struct sched_avg avg;
	struct {
		raw_spinlock_t lock;
		int nr;
		unsigned long load_avg, util_avg, runnable_avg;
	} ____cacheline_aligned_in_smp removed; /* by wakers on other CPUs */
	/* load=pelt-4.0 */
	unsigned long runnable_load_avg, blocked_load_avg, last_decay;
	atomic64_t decay_counter;
	atomic_long_t removed_load;
	unsigned long tg_load_avg_contrib;
	struct rq *rq;
	struct task_group *tg;
	int on_list; /* of rq->leaf_cfs_rq_list */
	struct list_head leaf_cfs_rq_list;
	/* bandwidth */
	bool runtime_enabled, throttled;
	int throttle_count; /* throttled queues from here up */
	s64 runtime_remaining;
	u64 throttled_clock, throttled_clock_pelt, throttled_clock_pelt_time;
	u64 throttled_clock_self, throttled_self_time; /* here or above, with tasks: since, sum */
	struct list_head throttled_list;
#ifdef JIFFY_CHECKED
	s64 check_taken, check_used; /* ns: from the pool less what was given back; charged */
#endif
};

struct rt_prio_array {
	DECLARE_BITMAP(bitmap, MAX_RT_PRIO + 1); /* one more bit, always set: the end */
	struct list_head queue[MAX_RT_PRIO];
};

struct rt_rq {
	struct rt_prio_array active;
	unsigned int rt_nr_running, rr_nr_running;
	int highest_prio; /* of those queued; MAX_RT_PRIO when none */
	int next_prio;
	struct list_head pushable_tasks; /* those that may go elsewhere, best first */
	bool overloaded;
	bool rt_throttled;
	struct list_head parked; /* queued, but a group's budget is used up: sched/rt_group.c */
	u64 rt_time, rt_period_start; /* ns run in this period, and when that began */
	struct hrtimer period_timer;  /* armed while throttled */
	struct rq *rq;
};

struct dl_rq {
	struct rb_root_cached root; /* by deadline */
	unsigned int dl_nr_running;
	u64 earliest_deadline; /* 0: none */
	struct rb_root_cached pushable_dl_tasks_root;
	bool overloaded;
	u64 running_bw, this_bw; /* of the active tasks of this CPU, of all */
};

/* O(1) policy: two of these a CPU, 140 lists each. */
struct o1_prio_array {
	unsigned int nr_active;
	DECLARE_BITMAP(bitmap, MAX_PRIO + 1);
	struct list_head queue[MAX_PRIO];
};
struct o1_rq {
	struct o1_prio_array *active, *expired;
	struct o1_prio_array arrays[2];
	unsigned int nr_running;
	bool crowded; /* its CPU is among those that the others look at for work */
	bool rt_left; /* and here for real-time tasks: sched/urgent.c */
	int best_expired_prio;
	u64 round_began; /* ns of rq->clock: the arrays changed roles, or were both empty */
};

/* A CPU's run queue. Its lock guards all, but for what is said. */
struct rq {
	raw_spinlock_t lock;
	unsigned int nr_running;
	int cpu;
	struct task_struct *curr; /* read without the lock under RCU */
	struct task_struct *idle, *stop;
	u64 clock;	  /* ns, sched_clock() when last updated */
	u64 clock_task;	  /* the same without what interrupts took */
	bool clock_fresh; /* a wake-up that preempts has just updated them */
	u64 nr_switches;
	struct mm_struct *prev_mm;
	bool need_tick_balance, online;
	unsigned int nr_pinned; /* tasks between migrate_disable() and migrate_enable() */

	struct cfs_rq cfs;
	struct list_head leaf_cfs_rq_list;
	struct list_head cfs_tasks; /* fair tasks queued here, latest run first */
	struct rt_rq rt;
	struct dl_rq dl;
	struct o1_rq o1;
	unsigned int rt_queued; /* real-time tasks, where goodness or o1 has them */

	struct uclamp_rq uclamp[UCLAMP_CNT];
	unsigned int nr_uclamp; /* tasks counted there */

	struct sched_avg avg_rt, avg_dl; /* how much real-time, deadline tasks run: sched/load.c */
	u64 rt_since, dl_since;		 /* ns: one of them got the CPU, last */
	long nr_uninterruptible;	 /* may be negative: only the sum over CPUs counts */
	atomic_t nr_iowait;		 /* any context */
	unsigned long calc_load_update;
	long calc_load_active;

	/* balancing */
	struct root_domain *rd;
	struct sched_domain *sd;		       /* RCU */
	unsigned long cpu_capacity, cpu_capacity_orig; /* for fair tasks, read by all; for any */
	unsigned long util_scale;   /* that at the present frequency: what running counts */
	unsigned long next_balance; /* jiffies */
	bool active_balance;
	int push_cpu;
	struct cpu_stop_work active_balance_work;
	unsigned int nr_idle_passes; /* of a balancer, while this CPU idled */
	u64 idle_stamp, avg_idle, max_idle_balance_cost;
	bool nohz_tick_stopped, nohz_kick; /* this CPU; who pokes it */

	/* Pushes or pulls that wait until the switch is done; run before the lock is given up. */
	void (*balance_callback)(struct rq *rq);

	/* /proc/schedstat, /proc/sched_debug */
	struct sched_info rq_sched_info;
	u64 rq_cpu_time;
	unsigned int yld_count, nr_unswitched, sched_goidle, ttwu_count, ttwu_local;

	struct psi_cpu psi;

	/* checker: what it saw last */
	u64 check_min_vruntime;
};

DECLARE_PER_CPU(struct rq, runqueues);
#define cpu_rq(cpu)   (&per_cpu(runqueues, cpu))
#define this_rq()     this_cpu_ptr(&runqueues)
#define task_rq(p)    cpu_rq(task_cpu(p))
#define cpu_curr(cpu) (READ_ONCE(cpu_rq(cpu)->curr))

#include "group.h"

/* Entities: a task's, or a group's on one CPU. */
#define entity_is_task(se)	  (!(se)->my_q)
#define for_each_sched_entity(se) for (; (se); (se) = (se)->parent)
#define task_of(se)		  container_of(se, struct task_struct, se)
#define cfs_rq_of(se)		  ((se)->cfs_rq)
#define group_cfs_rq(grp)	  ((grp)->my_q)
#define rq_of(c)		  ((c)->rq)

static inline bool task_on_rq_queued(const struct task_struct *p)
{
	return p->on_rq == TASK_ON_RQ_QUEUED;
}

static inline bool task_on_rq_migrating(const struct task_struct *p)
{
	return READ_ONCE(p->on_rq) == TASK_ON_RQ_MIGRATING;
}

/* Bound to its CPU for good: it stays, and sleeps, when that goes. */
static inline bool kthread_is_per_cpu(const struct task_struct *p)
{
	return (p->flags & PF_KTHREAD) && (p->flags & PF_NO_SETAFFINITY) && p->nr_cpus_allowed == 1;
}

static inline bool task_current(const struct rq *rq, const struct task_struct *p)
{
	return rq->curr == p;
}

static inline bool fair_policy(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

static inline bool rt_policy(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static inline bool dl_policy(int policy)
{
	return policy == SCHED_DEADLINE;
}

static inline bool valid_policy(int policy)
{
	return fair_policy(policy) || rt_policy(policy) || dl_policy(policy);
}

static inline bool task_has_idle_policy(const struct task_struct *p)
{
	return p->policy == SCHED_IDLE;
}

/* se is an idle task, or stands for an idle group. */
static inline bool se_is_idle(const struct sched_entity *se)
{
	return entity_is_task(se) ? task_has_idle_policy(task_of(se)) : group_cfs_rq(se)->idle;
}

static inline bool dl_prio(int prio)
{
	return prio < MAX_DL_PRIO;
}

static inline bool dl_time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* The clock as the last update_rq_clock() found it. */
static inline u64 rq_clock(const struct rq *rq)
{
	return rq->clock;
}

/* How often rq's CPU looked for whom to run. */
static inline unsigned int sched_count(const struct rq *rq)
{
	return (unsigned int)rq->nr_switches + rq->nr_unswitched;
}

static inline u64 rq_clock_task(const struct rq *rq)
{
	return rq->clock_task;
}

/* What load tracking of a queue's entities counts by: it stands still while throttled. */
static inline u64 cfs_rq_clock_pelt(const struct cfs_rq *cfs_rq)
{
	u64 now = throttled_hierarchy(cfs_rq) ? cfs_rq->throttled_clock_pelt
					      : rq_clock_task(rq_of(cfs_rq));

	return now - cfs_rq->throttled_clock_pelt_time;
}

static __always_inline void update_rq_clock(struct rq *rq)
{
	u64 now = sched_clock();

	lockdep_assert_held(&rq->lock);
	/* Another CPU's clock may be a little behind the one that looked last. */
	if (likely((s64)(now - rq->clock) > 0)) {
		rq->clock = now;
		rq->clock_task = now;
	}
}

static inline void rq_lock(struct rq *rq)
{
	raw_spin_lock(&rq->lock);
}

static inline void rq_unlock(struct rq *rq)
{
	raw_spin_unlock(&rq->lock);
}

/* sched/core.c */
extern unsigned int sysctl_sched_features;
void resched_curr(struct rq *rq);
void activate_task(struct rq *rq, struct task_struct *p, int flags);
void deactivate_task(struct rq *rq, struct task_struct *p, int flags);
void enqueue_task(struct rq *rq, struct task_struct *p, int flags);
bool dequeue_task(struct rq *rq, struct task_struct *p, int flags);
void check_preempt_curr(struct rq *rq, struct task_struct *p, int flags);
/* Locks the queue that p is on; pi_lock held (__task_rq_lock) or taken too (task_rq_lock). */
struct rq *__task_rq_lock(struct task_struct *p);
struct rq *task_rq_lock(struct task_struct *p, unsigned long *flags);
void task_rq_unlock(struct rq *rq, struct task_struct *p, unsigned long *flags);
struct rq *lock_this_rq_irq(void);
void double_rq_lock(struct rq *a, struct rq *b);
void double_rq_unlock(struct rq *a, struct rq *b);
/* Holding this_rq's lock, get busiest's too; true when this_rq's was dropped meanwhile. */
bool double_lock_balance(struct rq *this_rq, struct rq *busiest);
void double_unlock_balance(struct rq *this_rq, struct rq *busiest);
void schedule_idle(void);

static inline void put_prev_task(struct rq *rq, struct task_struct *p)
{
	p->sched_class->put_prev_task(rq, p);
}

static inline void set_next_task(struct rq *rq, struct task_struct *p)
{
	p->sched_class->set_next_task(rq, p, false);
}

/* [rq->lock, which it may drop and retake] */
static inline void run_balance_callback(struct rq *rq)
{
	void (*fn)(struct rq * rq) = rq->balance_callback;

	if (unlikely(fn)) {
		rq->balance_callback = NULL;
		fn(rq);
	}
}

static inline void add_nr_running(struct rq *rq, unsigned int n)
{
	WRITE_ONCE(rq->nr_running, rq->nr_running + n);
	psi_change(rq);
	if (rq->nr_running > 1 && !READ_ONCE(rq->rd->overload))
		WRITE_ONCE(rq->rd->overload, true);
}

static inline void sub_nr_running(struct rq *rq, unsigned int n)
{
	WRITE_ONCE(rq->nr_running, rq->nr_running - n);
	psi_change(rq);
}

/* sched/wakeup.c, sched/affinity.c */
void set_task_cpu(struct task_struct *p, unsigned int new_cpu);
int select_task_rq(struct task_struct *p, int cpu, int flags);
void __set_task_cpu(struct task_struct *p, unsigned int cpu);
/* For classes without load tracking: where it was, or an idle CPU. [pi_lock] */
int select_task_rq_idle(struct task_struct *p, int cpu, int flags);
/* eevdf: p sleeps but is still queued to pay its lag; that ends here. [rq->lock] */
void finish_delayed(struct rq *rq, struct task_struct *p);
/* p has left its queue to sleep: counted, and from the last store on a waker may have it. */
void __block_task(struct rq *rq, struct task_struct *p);
void set_cpus_allowed_common(struct task_struct *p, const cpumask_t *mask);
static inline bool is_cpu_allowed(struct task_struct *p, int cpu)
{
	if (sched_mutant(AFFINITY_IGNORED))
		return cpu_active(cpu);
	if (p->migration_disabled)
		return cpu == task_cpu(p);
	if (!cpumask_test_cpu(cpu, p->cpus_ptr))
		return false;
	/* A CPU that goes down still runs its own kernel threads, and only those. */
	return kthread_is_per_cpu(p) ? cpu_online(cpu) : cpu_active(cpu);
}
/* Tasks may go from one to the other by the balancer: an isolated CPU's stay, and it fetches none. */
static inline bool balances_with(const struct rq *a, const struct rq *b)
{
	return READ_ONCE(a->sd) && READ_ONCE(b->sd) && READ_ONCE(a->rd) == READ_ONCE(b->rd);
}
/* p's CPU is lost: another one that it may use, by force when there is none. [pi_lock] */
int select_fallback_rq(int cpu, struct task_struct *p);
/* p, which waits on `from', waits on `to'. [both queues] */
void move_task(struct rq *from, struct task_struct *p, struct rq *to);
struct rq *move_queued_task(struct rq *rq, struct task_struct *p, int new_cpu);

/* sched/policy.c */
const struct sched_class *class_of_prio(int prio);
void set_load_weight(struct task_struct *p, bool update_load);
int effective_prio(struct task_struct *p);
int __sched_setscheduler(struct task_struct *p, const struct sched_attr *attr, bool user, bool pi);
void sched_getattr_of(struct task_struct *p, struct sched_attr *attr);

/* sched/stop.c */
void sched_set_stop_task(int cpu, struct task_struct *stop);
void cpu_stopper_init(void);
void cpu_stopper_run(unsigned int cpu); /* [its migration thread] all work that is queued */
bool cpu_stopper_has_work(unsigned int cpu);
/* Whether cpu's migration thread takes new work; what it has it does in any case. */
void cpu_stopper_enable(unsigned int cpu, bool on);
bool cpu_stopper_exists(unsigned int cpu);

#include "fair.h"
#include "load.h"

/* sched/rt.c, sched/deadline.c; rq->lock */
void rt_note_deadline(struct rq *rq); /* its first deadline task came, or the last one left */
void init_rt_rq(struct rt_rq *rt_rq);
void init_dl_rq(struct dl_rq *dl_rq);
void init_dl_task_timer(struct sched_dl_entity *dl_se);
void __dl_clear_params(struct task_struct *p);
int sched_dl_overflow(struct task_struct *p, int policy, const struct sched_attr *attr);
void __setparam_dl(struct task_struct *p, const struct sched_attr *attr);
void __getparam_dl(struct task_struct *p, struct sched_attr *attr);
bool __checkparam_dl(const struct sched_attr *attr);
#define DL_BW_INF (~0ULL)
/* What sched_rt_runtime_us and its period leave of a CPU for deadline tasks; DL_BW_INF: no limit. */
u64 dl_global_bw(void);
/* That becomes bw in every root domain. -EBUSY: more is promised. [rt_group_mutex] */
int dl_set_global_bw(u64 bw);
/* The root domain of the CPUs that p may use. [pi_lock, rq->lock] */
struct root_domain *dl_root_of(struct task_struct *p);
/* What p was promised, if anything, is rd's to keep from now on. [pi_lock or rq->lock] */
void dl_bw_follow(struct task_struct *p, struct root_domain *rd);
/* May p, which asks for it or has it, be a deadline task on these CPUs? [rq->lock] */
bool dl_affinity_ok(struct task_struct *p, const cpumask_t *cpus);
bool dl_bw_give_up_cpu(struct root_domain *rd, unsigned int cpu);
/* No root domain of these CPUs is about to shrink any more: see sched_dl_shrink(). [any] */
void dl_bw_shrunk(const cpumask_t *cpus);
bool dl_param_changed(struct task_struct *p, const struct sched_attr *attr);
extern int sysctl_sched_rr_timeslice_ms, sysctl_sched_rt_period_us, sysctl_sched_rt_runtime_us;
/*
 * Both sysctls, microseconds; NULL: as it is. What real-time groups and deadline tasks were
 * promised must still fit. 0, -EINVAL, -EBUSY. [task]
 */
int sched_rt_set_global(const int *period_us, const int *runtime_us);
/* Meanwhile neither changes. Inside sched_domains_mutex. [task] */
void rt_limits_lock(void);
void rt_limits_unlock(void);
#define RR_TIMESLICE (100 * HZ / 1000) /* ticks */
extern int sched_rr_timeslice;

/* sched/o1.c, sched/goodness.c */
void init_o1_rq(struct o1_rq *o1);
void o1_rebalance(struct rq *rq); /* a busy CPU's turn to look for more, when it is due */

/* sched/urgent.c: of the same two; rq->lock */
void rt_task_left(struct rq *rq); /* was dequeued: counts it, as whoever enqueued it did */
/*
 * The CPU that runs the least urgent task of those that p may go to, and less than p; -1: none. Its
 * lock is not held: a hint.
 */
int cpu_to_preempt(struct task_struct *p);
/* o1: what waits on rq's CPU goes to where less is run; what waits elsewhere comes here, when nothing
 * as urgent is queued. Both may drop rq->lock. */
void push_tasks_o1(struct rq *rq);
void pull_rt_tasks_o1(struct rq *rq);
/* o1: nothing that is queued is as urgent as prev, a real-time or deadline task that goes, was. */
bool runs_less_urgent(const struct rq *rq, const struct task_struct *prev);

/* sched/loadavg.c */
void calc_global_load_tick(struct rq *this_rq);
long calc_load_fold_active(struct rq *this_rq, long adjust);
void calc_load_nohz_start(void);

/* Of n lists by priority: is each bit of the map set when its list has something? */
static inline bool lists_agree(const struct list_head *queue, const unsigned long *map,
			       unsigned int n)
{
	unsigned int i, k;

	for (i = 0; i < n; i += BITS_PER_LONG) {
		unsigned int here = min(n - i, (unsigned int)BITS_PER_LONG);
		unsigned long full = 0, mask = ~0UL >> (BITS_PER_LONG - here);

		/* No branch: all lists are looked at each time. */
		for (k = 0; k < here; k++)
			full |= (unsigned long)(queue[i + k].next != &queue[i + k]) << k;
		if (full != (map[i / BITS_PER_LONG] & mask))
			return false;
	}
	return true;
}

/* sched/check.c: panics when the run queue is not whole. [rq->lock] */
#ifdef JIFFY_CHECKED
extern bool sched_check;
void check_rq(struct rq *rq, const char *where);
#else
#define check_rq(rq, where) \
	do {                \
	} while (0)
#endif

#endif
