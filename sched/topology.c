/* SPDX-License-Identifier: MIT */
/*
 * Scheduling domains: for each CPU a chain of ever larger sets of CPUs (threads of a core, cores
 * of a cache, a package, near memory nodes, all nodes), each cut into groups between which load
 * is balanced. Built under sched_domains_mutex; readers walk under RCU.
 */
#include "internal.h"

DEFINE_PER_CPU(struct sched_domain *, sd_llc);
DEFINE_PER_CPU(int, sd_llc_size);
DEFINE_PER_CPU(int, sd_llc_id);
struct root_domain def_root_domain;
static DEFINE_MUTEX(sched_domains_mutex);

int init_rootdomain(struct root_domain *rd)
{
	int i;

	refcount_set(&rd->refcount, 1);
	raw_spin_lock_init(&rd->dl_bw.lock);
	rd->dl_bw.bw = (1ULL << 20) * 95 / 100;
	rd->cpu_to_pri = sched_env_alloc(nr_cpu_ids * sizeof(int), true);
	if (!rd->cpu_to_pri)
		return -ENOMEM;
	for (i = 0; i < nr_cpu_ids; i++)
		rd->cpu_to_pri[i] = -1;
	return 0;
}

/* [boot, or every class of rq told that it is offline] */
void rq_attach_root(struct rq *rq, struct root_domain *rd)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&rq->lock, flags);
	rq->rd = rd;
	cpumask_set_cpu(rq->cpu, &rd->span);
	if (cpu_possible(rq->cpu))
		cpumask_set_cpu(rq->cpu, &rd->online);
	cpupri_set(rd, rq->cpu, rq->rt.highest_prio);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
}

/* The levels, from the narrowest. related(): do these two CPUs belong together there? */
static bool same_core(int a, int b)
{
	const struct cpu_topology *x = sched_env_topology(a), *y = sched_env_topology(b);

	return x->package_id == y->package_id && x->core_id == y->core_id;
}

static bool same_llc(int a, int b)
{
	const struct cpu_topology *x = sched_env_topology(a), *y = sched_env_topology(b);

	return x->package_id == y->package_id && x->llc_id == y->llc_id;
}

static bool same_package(int a, int b)
{
	return sched_env_topology(a)->package_id == sched_env_topology(b)->package_id;
}

static bool same_node(int a, int b)
{
	return sched_env_topology(a)->node == sched_env_topology(b)->node;
}

static bool near_node(int a, int b)
{
	return sched_env_node_distance(sched_env_topology(a)->node, sched_env_topology(b)->node) <=
	       20;
}

static bool all_nodes(int a, int b)
{
	return true;
}

static const struct sd_level {
	const char *name;
	bool (*related)(int a, int b);
	unsigned int flags, busy_factor, imbalance_pct, cache_nice_tries;
} sd_levels[] = {
    {"SMT", same_core,
     SD_SHARE_CPUCAPACITY | SD_SHARE_PKG_RESOURCES | SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC |
	 SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 110, 0},
    {"MC", same_llc,
     SD_SHARE_PKG_RESOURCES | SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK |
	 SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 117, 1},
    {"PKG", same_package,
     SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 117, 1},
    {"NODE", same_node,
     SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 117, 1},
    {"NUMA", near_node,
     SD_NUMA | SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE |
	 SD_SERIALIZE,
     16, 125, 2},
    {"ALL", all_nodes, SD_NUMA | SD_BALANCE_NEWIDLE | SD_SERIALIZE, 32, 125, 2},
};

static void free_sched_domain(struct rcu_head *head)
{
	struct sched_domain *sd = container_of(head, struct sched_domain, rcu);
	struct sched_group *sg = sd->groups, *next;

	if (sg) {
		do {
			next = sg->next;
			sched_env_free(sg);
			sg = next;
		} while (sg != sd->groups);
	}
	sched_env_free(sd);
}

static void destroy_domains(struct sched_domain *sd)
{
	while (sd) {
		struct sched_domain *parent = sd->parent;

		call_rcu(&sd->rcu, free_sched_domain);
		sd = parent;
	}
}

/* One group for each child domain inside sd, or each CPU: sd's own CPU's first. */
static int build_groups(struct sched_domain *sd, int cpu, const struct sd_level *below)
{
	struct sched_group *last = NULL;
	cpumask_t left;
	unsigned int i, c;

	cpumask_copy(&left, &sd->span);
	for (i = cpu; i < nr_cpu_ids; i = cpumask_first(&left)) {
		struct sched_group *sg = sched_env_alloc(sizeof(*sg), false);

		if (!sg)
			return -ENOMEM;
		if (below) {
			for_each_cpu (c, &left)
				if (below->related(i, c))
					__cpumask_set_cpu(c, &sg->span);
		} else {
			__cpumask_set_cpu(i, &sg->span);
		}
		cpumask_andnot(&left, &left, &sg->span);
		sg->group_weight = cpumask_weight(&sg->span);
		sg->sgc.min_capacity = ~0UL;
		for_each_cpu (c, &sg->span) {
			unsigned long cap = cpu_rq(c)->cpu_capacity_orig;

			sg->sgc.capacity += cap;
			sg->sgc.min_capacity = min(sg->sgc.min_capacity, cap);
			sg->sgc.max_capacity = max(sg->sgc.max_capacity, cap);
		}
		if (last)
			last->next = sg;
		else
			sd->groups = sg;
		sg->next = sd->groups;
		last = sg;
	}
	return 0;
}

static struct sched_domain *alloc_domain(int cpu, const cpumask_t *span, int level)
{
	const struct sd_level *l = &sd_levels[level];
	struct sched_domain *sd = sched_env_alloc(sizeof(*sd), false);

	if (!sd)
		return NULL;
	sd->name = l->name;
	sd->level = level;
	sd->flags = l->flags;
	sd->busy_factor = l->busy_factor;
	sd->imbalance_pct = l->imbalance_pct;
	sd->cache_nice_tries = l->cache_nice_tries;
	cpumask_copy(&sd->span, span);
	sd->span_weight = cpumask_weight(span);
	sd->min_interval = sd->balance_interval = sd->span_weight;
	sd->max_interval = 2 * sd->span_weight;
	sd->last_balance = sd->last_decay_max_lb_cost = jiffies;
	return sd;
}

/*
 * cpu's chain over the CPUs of map. A level that adds no CPU to the one below says nothing new
 * and is left out. NULL with *err 0: the CPU is alone.
 */
static struct sched_domain *build_chain(int cpu, const cpumask_t *map, int *err)
{
	struct sched_domain *first = NULL, *last = NULL;
	const struct sd_level *below = NULL;
	unsigned int weight = 1, i, c;

	*err = 0;
	for (i = 0; i < ARRAY_SIZE(sd_levels); i++) {
		struct sched_domain *sd;
		cpumask_t span;

		cpumask_clear(&span);
		for_each_cpu (c, map)
			if (sd_levels[i].related(cpu, c))
				__cpumask_set_cpu(c, &span);
		if (cpumask_weight(&span) == weight)
			continue;
		sd = alloc_domain(cpu, &span, i);
		if (!sd || build_groups(sd, cpu, below)) {
			if (sd)
				free_sched_domain(&sd->rcu);
			destroy_domains(first);
			*err = -ENOMEM;
			return NULL;
		}
		sd->child = last;
		if (last)
			last->parent = sd;
		else
			first = sd;
		last = sd;
		below = &sd_levels[i];
		weight = sd->span_weight;
	}
	return first;
}

static void cpu_attach_domain(int cpu, struct sched_domain *sd)
{
	struct rq *rq = cpu_rq(cpu);
	struct sched_domain *old = rq->sd, *llc = NULL, *s;

	for (s = sd; s; s = s->parent)
		if (s->flags & SD_SHARE_PKG_RESOURCES)
			llc = s;
	per_cpu(sd_llc_id, cpu) = llc ? (int)cpumask_first(&llc->span) : cpu;
	per_cpu(sd_llc_size, cpu) = llc ? (int)llc->span_weight : 1;
	rcu_assign_pointer(per_cpu(sd_llc, cpu), llc);
	rcu_assign_pointer(rq->sd, sd);
	destroy_domains(old);
}

/* [task] Domains for the CPUs of map; those of others go. Without memory a CPU stays alone. */
void init_sched_domains(const cpumask_t *map)
{
	unsigned int cpu;
	int err;

	mutex_lock(&sched_domains_mutex);
	for_each_possible_cpu (cpu) {
		struct sched_domain *sd = NULL;

		if (cpumask_test_cpu(cpu, map)) {
			sd = build_chain(cpu, map, &err);
			if (err)
				pr_warn("sched: no memory for the domains of CPU %u\n", cpu);
		}
		cpu_attach_domain(cpu, sd);
	}
	mutex_unlock(&sched_domains_mutex);
}

void detach_sched_domains(void)
{
	cpumask_t none;

	cpumask_clear(&none);
	init_sched_domains(&none);
}
