/* SPDX-License-Identifier: MIT */
/*
 * Scheduling domains: for each CPU a chain of ever larger sets of CPUs (threads of a core, cores
 * of a cache, a package, near memory nodes, all nodes), each cut into groups between which load
 * is balanced. Built under sched_domains_mutex; readers walk under RCU.
 */
#include "internal.h"

DEFINE_PER_CPU(struct sched_domain *, sd_llc);
bool sched_smt_present;
DEFINE_PER_CPU(int, sd_llc_size);
DEFINE_PER_CPU(int, sd_llc_id);
struct root_domain def_root_domain;
cpumask_t sched_isolated_mask;
bool sched_asym_capacity;
static DEFINE_MUTEX(sched_domains_mutex);

int init_rootdomain(struct root_domain *rd)
{
	int i;

	refcount_set(&rd->refcount, 1);
	raw_spin_lock_init(&rd->dl_bw.lock);
	rd->dl_bw.bw = dl_global_bw();
	rd->dl_bw.most_cpus = NR_CPUS;
	rd->cpu_to_pri = sched_env_alloc(nr_cpu_ids * sizeof(int), true);
	if (!rd->cpu_to_pri)
		return -ENOMEM;
	for (i = 0; i < nr_cpu_ids; i++)
		rd->cpu_to_pri[i] = -1;
	return 0;
}

static void free_rootdomain(struct rcu_head *head)
{
	struct root_domain *rd = container_of(head, struct root_domain, rcu);

	sched_env_free(rd->cpu_to_pri);
	sched_env_free(rd);
}

/* Not the first one: it was born with one more than it is ever asked for. */
void put_rootdomain(struct root_domain *rd)
{
	if (refcount_dec_and_test(&rd->refcount))
		call_rcu(&rd->rcu, free_rootdomain);
}

/*
 * Whoever looks for a CPU of rq's root domain holds some run queue's lock or a pi_lock, and so
 * keeps the old one from being freed; at the worst it sees the CPU in neither of the two for a
 * moment.
 */
void rq_attach_root(struct rq *rq, struct root_domain *rd)
{
	struct root_domain *old;
	unsigned long flags;
	bool online;

	raw_spin_lock_irqsave(&rq->lock, flags);
	old = rq->rd;
	online = rq->online;
	if (old) {
		update_rq_clock(rq);
		set_rq_offline(rq);
		cpupri_remove(old, rq->cpu);
		cpumask_clear_cpu(rq->cpu, &old->span);
	}
	refcount_inc(&rd->refcount);
	WRITE_ONCE(rq->rd, rd);
	cpumask_set_cpu(rq->cpu, &rd->span);
	rq->online = false;
	if (online)
		set_rq_online(rq);
	raw_spin_unlock_irqrestore(&rq->lock, flags);
	if (old)
		put_rootdomain(old);
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
	/*
	 * Where a near b and b near c does not say that a is near c, which two are near the same
	 * ones. NULL: any two that belong together.
	 */
	bool (*alike)(int a, int b);
} sd_levels[] = {
    {"SMT", same_core,
     SD_SHARE_CPUCAPACITY | SD_SHARE_PKG_RESOURCES | SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC |
	 SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 110, 0, NULL},
    {"MC", same_llc,
     SD_SHARE_PKG_RESOURCES | SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK |
	 SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 117, 1, NULL},
    {"PKG", same_package,
     SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 117, 1, NULL},
    {"NODE", same_node,
     SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING,
     16, 117, 1, NULL},
    {"NUMA", near_node,
     SD_NUMA | SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE |
	 SD_SERIALIZE,
     16, 125, 2, same_node},
    {"ALL", all_nodes, SD_NUMA | SD_BALANCE_NEWIDLE | SD_SERIALIZE, 32, 125, 2, NULL},
};

static void put_ring(struct sched_group_ring *ring)
{
	struct sched_group *sg, *next;

	if (!refcount_dec_and_test(&ring->refcount))
		return;
	sg = ring->first;
	do {
		next = sg->next;
		if (sg->below)
			put_ring(sg->below);
		sched_env_free(sg);
		sg = next;
	} while (sg != ring->first);
	sched_env_free(ring);
}

static void free_sched_domain(struct rcu_head *head)
{
	struct sched_domain *sd = container_of(head, struct sched_domain, rcu);

	if (sd->ring)
		put_ring(sd->ring);
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

/* The chains under construction, by CPU: the narrowest domain and, so far, the widest. */
struct chains {
	const cpumask_t *map;
	struct sched_domain **first, **last;
};

static struct sched_group *build_group(struct chains *ch, unsigned int cpu, int level,
				       const cpumask_t *left)
{
	struct sched_group *sg = sched_env_alloc(sizeof(*sg), false);
	struct sched_domain *below = ch->last[cpu];
	unsigned int c;

	if (!sg)
		return NULL;
	/* Where domains overlap, another CPU's may have been made before. */
	if (below && below->level == level)
		below = below->child;
	if (below) {
		cpumask_and(&sg->span, left, &below->span);
		sg->below = below->ring;
		refcount_inc(&sg->below->refcount);
	} else {
		__cpumask_set_cpu(cpu, &sg->span);
	}
	sg->group_weight = cpumask_weight(&sg->span);
	sg->sgc.min_capacity = ~0UL;
	for_each_cpu (c, &sg->span) {
		unsigned long cap = cpu_rq(c)->cpu_capacity_orig;

		sg->sgc.capacity += cap;
		sg->sgc.min_capacity = min(sg->sgc.min_capacity, cap);
		sg->sgc.max_capacity = max(sg->sgc.max_capacity, cap);
	}
	return sg;
}

/*
 * One group for each narrower domain inside span, or each CPU. All CPUs of a domain share them,
 * each beginning at its own, for n CPUs of n groups each would be n * n.
 */
static struct sched_group_ring *build_ring(struct chains *ch, int level, const cpumask_t *span)
{
	struct sched_group_ring *ring = sched_env_alloc(sizeof(*ring), false);
	struct sched_group *last = NULL;
	cpumask_t left;
	unsigned int i;

	if (!ring)
		return NULL;
	refcount_set(&ring->refcount, 1);
	atomic_set(&ring->shared.nr_busy_cpus, cpumask_weight(span));
	ring->shared.has_idle_cores = true;
	cpumask_copy(&left, span);
	while ((i = cpumask_first(&left)) < nr_cpu_ids) {
		struct sched_group *sg = build_group(ch, i, level, &left);

		if (!sg)
			break;
		cpumask_andnot(&left, &left, &sg->span);
		if (last)
			last->next = sg;
		else
			ring->first = sg;
		sg->next = ring->first;
		last = sg;
	}
	if (i < nr_cpu_ids) {
		if (ring->first)
			put_ring(ring);
		else
			sched_env_free(ring);
		return NULL;
	}
	return ring;
}

static struct sched_domain *alloc_domain(const cpumask_t *span, int level)
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

/* cpu's domain over span: the next wider one of its chain. */
static int add_domain(struct chains *ch, unsigned int cpu, const cpumask_t *span, int level,
		      struct sched_group_ring *ring, struct sched_group *own)
{
	struct sched_domain *sd = alloc_domain(span, level);

	if (!sd)
		return -ENOMEM;
	refcount_inc(&ring->refcount);
	sd->ring = ring;
	sd->groups = own;
	sd->child = ch->last[cpu];
	if (sd->child)
		sd->child->parent = sd;
	else
		ch->first[cpu] = sd;
	ch->last[cpu] = sd;
	return 0;
}

static unsigned int chain_weight(const struct chains *ch, unsigned int cpu)
{
	return ch->last[cpu] ? ch->last[cpu]->span_weight : 1;
}

/* Which part of the machine each CPU is of, -1: of none but itself. sched_domains_mutex */
static int part_of[NR_CPUS];

static bool same_part(unsigned int a, unsigned int b)
{
	return a == b || (part_of[a] >= 0 && part_of[a] == part_of[b]);
}

/*
 * The CPUs that belong together with cpu at a level get their domain, or, where "together" is not
 * the same set for each of them, those do for which it is. A level that adds no CPU to the narrower
 * one says nothing new and is left out. The CPUs that were dealt with are added to done.
 */
static int build_domain(struct chains *ch, unsigned int cpu, int level, cpumask_t *done)
{
	const struct sd_level *l = &sd_levels[level];
	struct sched_group_ring *ring;
	struct sched_group *sg;
	unsigned int c, weight;
	cpumask_t span, alike;
	int err = 0;

	cpumask_clear(&span);
	cpumask_clear(&alike);
	for_each_cpu (c, ch->map) {
		if (!l->related(cpu, c) || !same_part(cpu, c))
			continue;
		__cpumask_set_cpu(c, &span);
		if (!l->alike || l->alike(cpu, c))
			__cpumask_set_cpu(c, &alike);
	}
	weight = cpumask_weight(&span);
	if (weight == chain_weight(ch, cpu)) {
		for_each_cpu (c, &alike)
			if (chain_weight(ch, c) == weight)
				__cpumask_set_cpu(c, done);
		return 0;
	}
	cpumask_or(done, done, &alike);
	ring = build_ring(ch, level, &span);
	if (!ring)
		return -ENOMEM;
	/* Groups first, for a CPU's widest domain so far is what its group was made from. */
	sg = ring->first;
	do {
		for_each_cpu_and (c, &sg->span, &alike)
			if (!err && chain_weight(ch, c) < weight)
				err = add_domain(ch, c, &span, level, ring, sg);
	} while (sg = sg->next, sg != ring->first);
	put_ring(ring);
	return err;
}

static int build_chains(struct chains *ch)
{
	unsigned int level, cpu;
	int err;

	for (level = 0; level < ARRAY_SIZE(sd_levels); level++) {
		cpumask_t done;

		cpumask_clear(&done);
		for_each_cpu (cpu, ch->map) {
			if (cpumask_test_cpu(cpu, &done))
				continue;
			err = build_domain(ch, cpu, level, &done);
			if (err)
				return err;
		}
	}
	return 0;
}

const cpumask_t *cpu_smt_mask(int cpu)
{
	const struct sched_domain *sd = rcu_dereference(cpu_rq(cpu)->sd);

	return sd && (sd->flags & SD_SHARE_CPUCAPACITY) ? &sd->span : NULL;
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
	/* A CPU that stops idling clears its mark first: here it is seen, or there the new domain. */
	smp_mb();
	if (READ_ONCE(rq->nohz_tick_stopped))
		nohz_count_idle(llc);
	destroy_domains(old);
}

/*
 * Domains for the CPUs of map; those of others go. Without memory each CPU stays alone.
 * [sched_domains_mutex]
 */
static void init_sched_domains(const cpumask_t *map)
{
	struct chains ch = {.map = map};
	unsigned int cpu;

	ch.first = sched_env_alloc(2 * nr_cpu_ids * sizeof(*ch.first), false);
	ch.last = ch.first ? ch.first + nr_cpu_ids : NULL;
	if (!ch.first || build_chains(&ch)) {
		pr_warn("sched: no memory for the domains\n");
		for (cpu = 0; ch.first && cpu < nr_cpu_ids; cpu++) {
			destroy_domains(ch.first[cpu]);
			ch.first[cpu] = NULL;
		}
	}
	for_each_possible_cpu (cpu) {
		cpu_attach_domain(cpu, ch.first ? ch.first[cpu] : NULL);
		if (cpu_rq(cpu)->cpu_capacity_orig != cpu_rq(0)->cpu_capacity_orig)
			sched_asym_capacity = true;
		rcu_read_lock();
		if (cpu_smt_mask(cpu))
			sched_smt_present = true;
		rcu_read_unlock();
	}
	sched_env_free(ch.first);
}

void rebuild_sched_domains(void)
{
	cpumask_t map;

	mutex_lock(&sched_domains_mutex);
	/* Read here: of two that rebuild at the same time the second has the mask as it is then. */
	cpumask_andnot(&map, cpu_active_mask, &sched_isolated_mask);
	init_sched_domains(&map);
	mutex_unlock(&sched_domains_mutex);
}

/* A root domain for cpu, the first one of its part. The CPUs of part 0 have the one of boot. */
static struct root_domain *root_for(unsigned int cpu)
{
	struct root_domain *rd;

	if (!part_of[cpu]) {
		refcount_inc(&def_root_domain.refcount);
		return &def_root_domain;
	}
	rd = sched_env_alloc(sizeof(*rd), false);
	if (rd && init_rootdomain(rd)) {
		sched_env_free(rd);
		rd = NULL;
	}
	return rd;
}

static void follow_cpu(struct task_struct *p, void *unused)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	dl_bw_follow(p, dl_root_of(p));
	task_rq_unlock(rq, p, &flags);
}

/*
 * Each part gets a root domain of its own, an isolated CPU too; what was promised goes along with
 * the tasks. Without memory a part stays in the one where it is. [sched_domains_mutex]
 */
static void divide_roots(void)
{
	unsigned int cpu, other;
	cpumask_t left;

	cpumask_copy(&left, cpu_possible_mask);
	for_each_possible_cpu (cpu) {
		struct root_domain *rd;

		if (!cpumask_test_cpu(cpu, &left))
			continue;
		rd = root_for(cpu);
		for_each_possible_cpu (other) {
			if (!same_part(cpu, other))
				continue;
			__cpumask_clear_cpu(other, &left);
			if (rd && cpu_rq(other)->rd != rd)
				rq_attach_root(cpu_rq(other), rd);
		}
		if (rd)
			put_rootdomain(rd);
		else
			pr_warn("sched: no memory for the root domain of CPU %u\n", cpu);
	}
	sched_env_for_each_task(follow_cpu, NULL);
}

void sched_set_partitions(const int *part)
{
	bool changed = false;
	unsigned int cpu;

	mutex_lock(&sched_domains_mutex);
	for_each_possible_cpu (cpu) {
		changed |= part_of[cpu] != part[cpu];
		part_of[cpu] = part[cpu];
	}
	if (changed) {
		/* A new root domain begins with the limits, and hears of changes once attached. */
		rt_limits_lock();
		divide_roots();
		rt_limits_unlock();
	}
	dl_bw_shrunk(cpu_possible_mask);
	mutex_unlock(&sched_domains_mutex);
	if (changed)
		rebuild_sched_domains();
}
