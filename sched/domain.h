/* SPDX-License-Identifier: MIT */
/*
 * Domains: the machine as the scheduler divides it for balancing, and what is done with them, in
 * sched/topology.c, balance.c, cpupri.c, hotplug.c. A part of sched/internal.h, which includes it.
 *
 * A CPU's chain of domains, rq->sd, is read under RCU and replaced as a whole; so is rq->rd, under
 * rq->lock. What they contain is changed under the lock that is named, or by single stores.
 */
#ifndef SCHED_DOMAIN_H
#define SCHED_DOMAIN_H

#include "env.h"

struct rq;

struct dl_bandwidth {
	raw_spinlock_t lock;
	u64 bw, total_bw;	/* of a CPU, promised to all tasks: 20 bits of fraction */
	unsigned int most_cpus; /* that stand for it, while a partition is about to shrink */
};

/* CPUs between which real-time and deadline tasks move: all of them, or an exclusive cpuset. */
struct root_domain {
	refcount_t refcount; /* its run queues, and the deadline tasks that it counts */
	cpumask_t span, online;
	bool overload;	    /* some CPU has more than one runnable task; a hint */
	cpumask_t rto_mask; /* CPUs with more than one RT task, one of which may move */
	atomic_t rto_count;
	cpumask_t dlo_mask;
	atomic_t dlo_count;
	struct dl_bandwidth dl_bw;
	/* For each CPU the priority class it runs now, and for each class its CPUs. */
	atomic_t pri_count[MAX_RT_PRIO + 2];
	cpumask_t pri_mask[MAX_RT_PRIO + 2];
	int *cpu_to_pri;
	struct rcu_head rcu;
};

/* Domains: sched/topology.c. */
enum sched_domain_flags {
	SD_BALANCE_NEWIDLE = 0x001,
	SD_BALANCE_EXEC = 0x002,
	SD_BALANCE_FORK = 0x004,
	SD_BALANCE_WAKE = 0x008,
	SD_WAKE_AFFINE = 0x010,
	SD_SHARE_CPUCAPACITY = 0x080,	/* hardware threads of one core */
	SD_SHARE_PKG_RESOURCES = 0x100, /* a shared last-level cache */
	SD_PREFER_SIBLING = 0x200,
	SD_NUMA = 0x400,
	SD_SERIALIZE = 0x800,
};

struct sched_group_capacity {
	unsigned long capacity, min_capacity, max_capacity;
};

struct sched_group {
	struct sched_group *next; /* circular */
	unsigned int group_weight;
	struct sched_group_capacity sgc;
	struct sched_group_ring *below; /* of the narrower domain that it is; NULL: a CPU */
	cpumask_t span;
};

/* What the CPUs of a cache domain tell each other: hints, without a lock. */
struct sched_domain_shared {
	atomic_t nr_busy_cpus; /* whose tick is not stopped for idling: sched/nohz.c */
	bool has_idle_cores;   /* all threads of some core idle, or did lately: fair_select.c */
};

/*
 * The groups of one domain, for all chains of which it is a link, and for groups of wider ones that it
 * is; freed with the last.
 */
struct sched_group_ring {
	refcount_t refcount;
	struct sched_group *first;
	bool stuck; /* affinity keeps it out of balance: wider domains take it for overloaded */
	struct sched_domain_shared shared;
};

struct sched_domain {
	struct sched_domain *parent, *child;
	struct sched_group *groups;		  /* first: the one with this CPU */
	struct sched_group_ring *ring;		  /* holds them */
	unsigned long min_interval, max_interval; /* ms */
	unsigned int busy_factor, imbalance_pct, cache_nice_tries;
	unsigned int flags;
	int level;
	unsigned long last_balance; /* jiffies */
	unsigned int balance_interval, nr_balance_failed;
	u64 max_newidle_lb_cost;
	unsigned long last_decay_max_lb_cost;
	const char *name;
	unsigned int span_weight;
	bool nohz_idle; /* of a CPU's cache domain: counted as idle */
	/* /proc/schedstat, by kind of idleness */
	unsigned int lb_count[3], lb_failed[3], lb_balanced[3], lb_imbalance[3], lb_gained[3];
	unsigned int lb_hot_gained[3], lb_nobusyq[3], lb_nobusyg[3];
	unsigned int alb_count, alb_failed, alb_pushed, ttwu_wake_remote, ttwu_move_affine;
	struct rcu_head rcu;
	cpumask_t span;
};
#define for_each_domain(__cpu, __sd) \
	for ((__sd) = rcu_dereference(cpu_rq(__cpu)->sd); (__sd); (__sd) = (__sd)->parent)

/* CPU priorities of a root domain (rt's push): sched/cpupri.c */
int cpupri_find(struct root_domain *rd, struct task_struct *p, cpumask_t *lowest);
void cpupri_set(struct root_domain *rd, int cpu, int prio);
void cpupri_remove(struct root_domain *rd, int cpu); /* [rq->lock] cpu is none of rd's any more */

/* sched/topology.c, sched/balance.c */
extern struct root_domain def_root_domain;
int init_rootdomain(struct root_domain *rd);
void rq_attach_root(struct rq *rq, struct root_domain *rd);
void put_rootdomain(struct root_domain *rd); /* [any] */
/* [task] As the CPUs are that take tasks now, but for the isolated ones. */
void rebuild_sched_domains(void);
/* isolcpus=: CPUs of no domain, to which nothing is moved but by affinity. Set at boot. */
extern cpumask_t sched_isolated_mask;
/* sched/hotplug.c */
void sched_hotplug_init(void);
/* [rq->lock] rq's CPU is (no longer) one between which real-time and deadline tasks move. */
void set_rq_online(struct rq *rq);
void set_rq_offline(struct rq *rq);
DECLARE_PER_CPU(struct sched_domain *, sd_llc);
DECLARE_PER_CPU(int, sd_llc_size);
DECLARE_PER_CPU(int, sd_llc_id);
static inline bool cpus_share_cache(int a, int b)
{
	return a == b || per_cpu(sd_llc_id, a) == per_cpu(sd_llc_id, b);
}
const cpumask_t *cpu_smt_mask(int cpu); /* [rcu] the threads of its core, NULL when it has one */
extern bool sched_smt_present;		/* some core has several threads */
void update_idle_core(struct rq *rq);	/* [rq->lock] rq's CPU begins to idle */

enum idle_type { NOT_IDLE, IDLE, NEWLY_IDLE };
void trigger_load_balance(struct rq *rq);
/* [softirq] Every domain of rq's CPU that is due. */
void rebalance_domains(struct rq *rq, enum idle_type idle);
int newidle_balance(struct rq *this_rq);
/* sched/nohz.c */
void nohz_balance_enter_idle(int cpu);	/* [that CPU, interrupts off] */
void nohz_balance_exit_idle(int cpu);	/* [its tick, or the hot-plug ladder] */
void nohz_balancer_kick(struct rq *rq); /* [tick of rq's CPU] */
void nohz_kick(int cpu); /* to look, where it idles, for what it could run; any context */
void nohz_count_idle(struct sched_domain *llc);
void run_rebalance_domains(void);
unsigned long cpu_load(struct rq *rq);
unsigned long capacity_of(int cpu);

#endif
