/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's start: the choices (policy, load tracking, preemption), the run queues, the
 * idle tasks. Boot only, but for init_idle(), which hot-plug calls too.
 */
#include "internal.h"
#include "monitor.h"

struct sched_class *sched_classes[NR_CLASSES_MAX + 1];
enum sched_policy_choice sched_choice = SCHED_CFS;
enum load_choice load_choice = LOAD_PELT;
struct task_group root_task_group;

static int choose(const char *name, const char *const *names, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -EINVAL;
}

int sched_choose(char *name)
{
	static const char *const names[] = {"cfs", "eevdf", "goodness", "o1"};
	int i = choose(name, names, ARRAY_SIZE(names));

	if (i < 0)
		return i;
	sched_choice = i;
	return 0;
}

int load_choose(char *name)
{
	static const char *const names[] = {"pelt", "pelt-4.0"};
	int i = choose(name, names, ARRAY_SIZE(names));

	if (i < 0)
		return i;
	load_choice = i;
	return 0;
}

int preempt_choose(char *name)
{
	static const char *const names[] = {"none", "voluntary", "full"};
	int i = choose(name, names, ARRAY_SIZE(names));

	if (i < 0)
		return i;
	preempt_choice = i;
	preempt_voluntary = i == PREEMPT_VOLUNTARY;
	return 0;
}

/* The order of the classes is the order of their ranks; a policy may stand for two of them. */
static void fill_sched_classes(void)
{
	int n = 0;

	sched_classes[n++] = &stop_sched_class;
	sched_classes[n++] = &dl_sched_class;
	if (sched_choice == SCHED_GOODNESS) {
		sched_classes[n++] = &goodness_sched_class;
	} else if (sched_choice == SCHED_O1) {
		sched_classes[n++] = &o1_sched_class;
	} else {
		sched_classes[n++] = &rt_sched_class;
		sched_classes[n++] = &fair_sched_class;
	}
	sched_classes[n++] = &idle_sched_class;
	sched_classes[n] = NULL;
	/* A class that is left out gets a rank that no task's class compares below. */
	fair_sched_class.rank = rt_sched_class.rank = NR_CLASSES_MAX + 1;
	while (n--)
		sched_classes[n]->rank = n;
}

static void init_rq(struct rq *rq, int cpu)
{
	raw_spin_lock_init(&rq->lock);
	rq->cpu = cpu;
	rq->clock = rq->clock_task = sched_clock();
	init_cfs_rq(&rq->cfs);
	rq->cfs.rq = rq;
	rq->cfs.tg = &root_task_group;
	INIT_LIST_HEAD(&rq->leaf_cfs_rq_list);
	INIT_LIST_HEAD(&rq->cfs_tasks);
	init_rt_rq(&rq->rt);
	rq->rt.rq = rq;
	init_dl_rq(&rq->dl);
	init_o1_rq(&rq->o1);
	rq->cpu_capacity = rq->cpu_capacity_orig = sched_env_cpu_capacity(cpu);
	rq->util_scale = rq->cpu_capacity_orig;
	rq->uclamp[UCLAMP_MAX].value = SCHED_CAPACITY_SCALE;
	atomic_set(&rq->nr_iowait, 0);
	rq->calc_load_update = jiffies + 5 * HZ + 1;
	rq->avg_idle = 2 * (u64)sysctl_sched_migration_cost;
	rq->max_idle_balance_cost = sysctl_sched_migration_cost;
	rq->next_balance = jiffies;
	rq->online = true;
	INIT_LIST_HEAD(&rq->active_balance_work.list);
}

void init_idle(struct task_struct *idle, int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&idle->pi_lock, flags);
	rq_lock(rq);
	idle->__state = TASK_RUNNING;
	idle->se.exec_start = sched_clock();
	idle->flags |= PF_IDLE | PF_KTHREAD | PF_NO_SETAFFINITY;
	cpumask_clear(&idle->cpus_mask);
	cpumask_set_cpu(cpu, &idle->cpus_mask);
	idle->cpus_ptr = &idle->cpus_mask;
	idle->nr_cpus_allowed = 1;
	idle->sched_task_group = idle->cgroup_task_group = &root_task_group;
	sched_env_idle_mm(idle);
	uclamp_reset(idle);
	idle->sched_class = &idle_sched_class;
	snprintf(idle->comm, sizeof(idle->comm), "swapper/%d", cpu);
	idle->cpu = cpu;
	idle->wake_cpu = idle->recent_used_cpu = cpu;
	idle->on_rq = TASK_ON_RQ_QUEUED;
	idle->on_cpu = 1;
	rq->idle = idle;
	WRITE_ONCE(rq->curr, idle);
	rq_unlock(rq);
	raw_spin_unlock_irqrestore(&idle->pi_lock, flags);
	/* Whoever first switches away from it, or it itself, counts down from here. */
	per_cpu(__preempt_count, cpu) = PREEMPT_OFFSET;
}

void sched_init(void)
{
	static struct cfs_rq *root_cfs_rq[NR_CPUS];
	static struct sched_entity *root_se[NR_CPUS];
	unsigned int cpu;

	fill_sched_classes();
	sched_init_granularity();
	root_task_group.cfs_rq = root_cfs_rq;
	root_task_group.se = root_se;
	root_task_group.shares = NICE_0_LOAD;
	init_cfs_bandwidth(&root_task_group.cfs_bandwidth);
	init_rt_bandwidth(&root_task_group.rt_bandwidth);
	init_group_uclamp(&root_task_group);
	INIT_LIST_HEAD(&root_task_group.children);
	INIT_LIST_HEAD(&root_task_group.siblings);
	INIT_LIST_HEAD(&root_task_group.list);
	init_rootdomain(&def_root_domain);
	cpu_stopper_init();
	for_each_possible_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);

		init_rq(rq, cpu);
		root_cfs_rq[cpu] = &rq->cfs;
		rq_attach_root(rq, &def_root_domain);
		per_cpu(sd_llc_id, cpu) = cpu;
		per_cpu(sd_llc_size, cpu) = 1;
	}
	open_softirq(SCHED_SOFTIRQ, run_rebalance_domains);
	spin_lock_init(&current->pi_lock);
	set_load_weight(current, false);
	init_idle(current, smp_processor_id());
	sched_monitor_init();
}

void sched_init_smp(void)
{
	unsigned int cpu;
	int err;

	sched_init_granularity();
	sched_hotplug_init();
	rebuild_sched_domains();
	for_each_online_cpu (cpu) {
		err = sched_stopper_create(cpu);
		if (err)
			panic("no migration thread for CPU %u: error %d", cpu, err);
		sched_stopper_online(cpu);
	}
}
