/* SPDX-License-Identifier: MIT */
/*
 * /sys/kernel/debug/sched/domains/cpuN/domainM: the scheduling domains of each CPU, from the
 * narrowest, as Linux shows them. The directories are made once, for the machine as it booted; a
 * domain that is no more, because a CPU has gone or a cpuset has cut the machine up, has no values.
 * Task context; a chain of domains is read under RCU.
 */
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>

#include "../../sched/internal.h"

enum field {
	NAME,
	FLAGS,
	LEVEL,
	SPAN,
	MIN_INTERVAL,
	MAX_INTERVAL,
	BUSY_FACTOR,
	IMBALANCE_PCT,
	CACHE_NICE_TRIES,
	MAX_NEWIDLE_LB_COST,
	NR_FIELDS
};
static const char *const field_names[NR_FIELDS] = {"name",
						   "flags",
						   "level",
						   "span",
						   "min_interval",
						   "max_interval",
						   "busy_factor",
						   "imbalance_pct",
						   "cache_nice_tries",
						   "max_newidle_lb_cost"};

/* Which value of which domain a file shows, in what it remembers. */
#define FILE_OF(cpu, level, field) ((void *)(((unsigned long)(cpu) << 16) | (level) << 8 | (field)))

static void show_flags(struct seq_file *m, unsigned int flags)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} names[] = {{SD_BALANCE_NEWIDLE, "SD_BALANCE_NEWIDLE"},
		     {SD_BALANCE_EXEC, "SD_BALANCE_EXEC"},
		     {SD_BALANCE_FORK, "SD_BALANCE_FORK"},
		     {SD_BALANCE_WAKE, "SD_BALANCE_WAKE"},
		     {SD_WAKE_AFFINE, "SD_WAKE_AFFINE"},
		     {SD_SHARE_CPUCAPACITY, "SD_SHARE_CPUCAPACITY"},
		     {SD_SHARE_PKG_RESOURCES, "SD_SHARE_PKG_RESOURCES"},
		     {SD_PREFER_SIBLING, "SD_PREFER_SIBLING"},
		     {SD_NUMA, "SD_NUMA"},
		     {SD_SERIALIZE, "SD_SERIALIZE"}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

static void show_span(struct seq_file *m, const cpumask_t *span)
{
	char text[NR_CPUS * 4];

	bitmap_print_list(text, sizeof(text), cpumask_bits(span), nr_cpu_ids);
	seq_printf(m, "%s\n", text);
}

static void show_field(struct seq_file *m, const struct sched_domain *sd, enum field field)
{
	const u64 numbers[NR_FIELDS] = {
	    [LEVEL] = sd->level,
	    [MIN_INTERVAL] = sd->min_interval,
	    [MAX_INTERVAL] = sd->max_interval,
	    [BUSY_FACTOR] = sd->busy_factor,
	    [IMBALANCE_PCT] = sd->imbalance_pct,
	    [CACHE_NICE_TRIES] = sd->cache_nice_tries,
	    [MAX_NEWIDLE_LB_COST] = sd->max_newidle_lb_cost,
	};

	if (field == NAME)
		seq_printf(m, "%s\n", sd->name);
	else if (field == FLAGS)
		show_flags(m, sd->flags);
	else if (field == SPAN)
		show_span(m, &sd->span);
	else
		seq_printf(m, "%llu\n", (unsigned long long)numbers[field]);
}

static int domain_show(struct seq_file *m, void *unused)
{
	unsigned long file = (unsigned long)m->private;
	unsigned int cpu = file >> 16, level = file >> 8 & 0xff;
	struct sched_domain *sd;

	rcu_read_lock();
	for_each_domain (cpu, sd)
		if (!level--)
			break;
	if (sd)
		show_field(m, sd, file & 0xff);
	rcu_read_unlock();
	return sd ? 0 : -ENODEV;
}

static int __init make_domain(unsigned int cpu, unsigned int level)
{
	struct proc_dir_entry *dir;
	enum field field;
	char name[64];

	snprintf(name, sizeof(name), "sched/domains/cpu%u/domain%u", cpu, level);
	dir = proc_mkdir(name, &debugfs_root);
	if (!dir)
		return -ENOMEM;
	for (field = 0; field < NR_FIELDS; field++)
		if (!proc_create_single_data(field_names[field], 0444, dir, domain_show,
					     FILE_OF(cpu, level, field)))
			return -ENOMEM;
	return 0;
}

/* A CPU that is not here yet will have as many as the one that boots. */
static unsigned int __init nr_domains(unsigned int cpu)
{
	struct sched_domain *sd;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_domain (cpu_online(cpu) ? cpu : smp_processor_id(), sd)
		n++;
	rcu_read_unlock();
	return n;
}

static int __init domains_init(void)
{
	unsigned int cpu, level;
	char name[32];
	int err = 0;

	if (!proc_mkdir("sched/domains", &debugfs_root))
		return -ENOMEM;
	for_each_possible_cpu (cpu) {
		snprintf(name, sizeof(name), "sched/domains/cpu%u", cpu);
		if (!proc_mkdir(name, &debugfs_root))
			return -ENOMEM;
		for (level = 0; !err && level < nr_domains(cpu); level++)
			err = make_domain(cpu, level);
	}
	return err;
}
device_initcall(domains_init);
