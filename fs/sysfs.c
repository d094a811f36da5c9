/* SPDX-License-Identifier: MIT */
/*
 * sysfs: the part of /sys that programs look into: CPUs, their topology and caches, memory
 * nodes (sysfs(5)). Its entries are those of /proc's kind, below sysfs_root. Task context.
 */
#include <arch/boot.h>
#include <jiffy/bitops.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/cpumask.h>
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/kernel.h>
#include <jiffy/mm.h>
#include <jiffy/sched.h>
#include "proc/internal.h"

#define SYSFS_MAGIC 0x62656572

static int sysfs_fill_super(struct super_block *sb, void *data, int silent)
{
	return proc_fill_super_common(sb, SYSFS_MAGIC, &sysfs_root);
}

static struct dentry *sysfs_mount(struct file_system_type *type, int flags, const char *dev_name,
				  void *data)
{
	return mount_single(type, flags, data, sysfs_fill_super);
}

static struct file_system_type sysfs_type = {
    .name = "sysfs",
    .mount = sysfs_mount,
    .kill_sb = kill_anon_super,
    .fs_flags = FS_USERNS_MOUNT,
};

static void show_list(struct seq_file *m, const cpumask_t *mask)
{
	seq_bitmap_list(m, cpumask_bits(mask), nr_cpu_ids);
}

static void show_hex(struct seq_file *m, const cpumask_t *mask)
{
	char text[NR_CPUS] = "";

	bitmap_print_hex(text, sizeof(text), cpumask_bits(mask), nr_cpu_ids);
	seq_printf(m, "%s\n", text);
}

static int mask_show(struct seq_file *m, void *v)
{
	show_list(m, m->private);
	return 0;
}

static int offline_show(struct seq_file *m, void *v)
{
	cpumask_t off;

	cpumask_andnot(&off, cpu_possible_mask, cpu_online_mask);
	show_list(m, &off);
	return 0;
}

static int isolated_show(struct seq_file *m, void *v)
{
	show_list(m, cpu_isolated_mask);
	return 0;
}

static int kernel_max_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", NR_CPUS - 1);
	return 0;
}

static int cpu_online_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", cpu_online((long)m->private));
	return 0;
}

static int cpu_online_write(void *data, char *line)
{
	unsigned int cpu = (long)data;
	bool up;

	/* The words that the kernel takes for a truth value, told by their first letters. */
	line = strim(line);
	if (*line && strchr("1yYtT", *line))
		up = true;
	else if (*line && strchr("0nNfF", *line))
		up = false;
	else if ((line[0] | 32) == 'o' && ((line[1] | 32) == 'n' || (line[1] | 32) == 'f'))
		up = (line[1] | 32) == 'n';
	else
		return -EINVAL;
	if (up == cpu_online(cpu))
		return 0;
	return up ? cpu_up(cpu) : cpu_down(cpu);
}

static int hotplug_states_show(struct seq_file *m, void *v)
{
	const char *name;

	for (int state = 0; (name = cpuhp_state_name(state)); state++)
		seq_printf(m, "%3d: %s\n", state, name);
	return 0;
}

static int hotplug_state_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", cpuhp_state_of((long)m->private));
	return 0;
}

static int hotplug_fail_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", cpuhp_get_fail((long)m->private));
	return 0;
}

static int hotplug_fail_write(void *data, char *line)
{
	int state, err = kstrtoint(strim(line), 10, &state);

	return err ? err : cpuhp_set_fail((long)data, state);
}

/* The CPUs that share with cpu what same() says. */
static void siblings(int cpu,
		     bool (*same)(const struct cpu_topology *, const struct cpu_topology *),
		     cpumask_t *mask)
{
	int other;

	cpumask_clear(mask);
	for_each_online_cpu (other)
		if (same(arch_cpu_topology(cpu), arch_cpu_topology(other)))
			__cpumask_set_cpu(other, mask);
}

static bool same_package(const struct cpu_topology *a, const struct cpu_topology *b)
{
	return a->package_id == b->package_id;
}

static bool same_core(const struct cpu_topology *a, const struct cpu_topology *b)
{
	return same_package(a, b) && a->core_id == b->core_id;
}

static int core_id_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", arch_cpu_topology((long)m->private)->core_id);
	return 0;
}

static int package_id_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", arch_cpu_topology((long)m->private)->package_id);
	return 0;
}

static int thread_siblings_show(struct seq_file *m, void *v)
{
	cpumask_t mask;

	siblings((long)m->private, same_core, &mask);
	show_hex(m, &mask);
	return 0;
}

static int thread_siblings_list_show(struct seq_file *m, void *v)
{
	cpumask_t mask;

	siblings((long)m->private, same_core, &mask);
	show_list(m, &mask);
	return 0;
}

static int core_siblings_show(struct seq_file *m, void *v)
{
	cpumask_t mask;

	siblings((long)m->private, same_package, &mask);
	show_hex(m, &mask);
	return 0;
}

static int core_siblings_list_show(struct seq_file *m, void *v)
{
	cpumask_t mask;

	siblings((long)m->private, same_package, &mask);
	show_list(m, &mask);
	return 0;
}

/* ---- caches: a file remembers which CPU's and which of them ---- */

#define CACHE_OF(cpu, n) ((void *)(((long)(cpu) << 8) | (n)))

/* ERR_PTR(-ENODEV): the CPU has never been up, and nobody knows. */
static const struct cpu_cache *cache_of(struct seq_file *m)
{
	const struct cpu_cache *c = arch_cpu_cache((long)m->private >> 8, (long)m->private & 0xff);

	return c ? c : ERR_PTR(-ENODEV);
}

static int cache_type_show(struct seq_file *m, void *v)
{
	static const char *const names[] = {[CPU_CACHE_DATA] = "Data",
					    [CPU_CACHE_INSTRUCTION] = "Instruction",
					    [CPU_CACHE_UNIFIED] = "Unified"};
	const struct cpu_cache *c = cache_of(m);

	if (IS_ERR(c))
		return PTR_ERR(c);
	seq_printf(m, "%s\n", names[c->type]);
	return 0;
}

static int cache_size_show(struct seq_file *m, void *v)
{
	const struct cpu_cache *c = cache_of(m);

	if (IS_ERR(c))
		return PTR_ERR(c);
	seq_printf(m, "%luK\n", cpu_cache_size(c) >> 10);
	return 0;
}

#define CACHE_NUMBER(name, field)                                   \
	static int cache_##name##_show(struct seq_file *m, void *v) \
	{                                                           \
		const struct cpu_cache *c = cache_of(m);            \
                                                                    \
		if (IS_ERR(c))                                      \
			return PTR_ERR(c);                          \
		seq_printf(m, "%u\n", (unsigned int)c->field);      \
		return 0;                                           \
	}
CACHE_NUMBER(id, id)
CACHE_NUMBER(level, level)
CACHE_NUMBER(line, line_size)
CACHE_NUMBER(partition, partitions)
CACHE_NUMBER(sets, sets)
CACHE_NUMBER(ways, ways)

/* The CPUs online that have the cache of a file; 0, -ENODEV. */
static int cache_cpus(struct seq_file *m, cpumask_t *mask)
{
	const struct cpu_cache *c = cache_of(m), *other;
	int cpu, n;

	if (IS_ERR(c))
		return PTR_ERR(c);
	cpumask_clear(mask);
	for_each_online_cpu (cpu)
		for (n = 0; (other = arch_cpu_cache(cpu, n)); n++)
			if (other->level == c->level && other->type == c->type &&
			    other->id == c->id)
				__cpumask_set_cpu(cpu, mask);
	return 0;
}

static int cache_cpulist_show(struct seq_file *m, void *v)
{
	cpumask_t mask;
	int err = cache_cpus(m, &mask);

	if (!err)
		show_list(m, &mask);
	return err;
}

static int cache_cpumap_show(struct seq_file *m, void *v)
{
	cpumask_t mask;
	int err = cache_cpus(m, &mask);

	if (!err)
		show_hex(m, &mask);
	return err;
}

static void node_cpus(int node, cpumask_t *mask)
{
	int cpu;

	cpumask_clear(mask);
	for_each_online_cpu (cpu)
		if (arch_cpu_topology(cpu)->node == node)
			__cpumask_set_cpu(cpu, mask);
}

static int node_cpulist_show(struct seq_file *m, void *v)
{
	cpumask_t mask;

	node_cpus((long)m->private, &mask);
	show_list(m, &mask);
	return 0;
}

static int node_cpumap_show(struct seq_file *m, void *v)
{
	cpumask_t mask;

	node_cpus((long)m->private, &mask);
	show_hex(m, &mask);
	return 0;
}

static int node_distance_show(struct seq_file *m, void *v)
{
	int i, node = (long)m->private;

	for (i = 0; i < nr_online_nodes; i++)
		seq_printf(m, "%s%d", i ? " " : "", boot_info.node_distance[node][i]);
	seq_putc(m, '\n');
	return 0;
}

static int node_meminfo_show(struct seq_file *m, void *v)
{
	unsigned long total = 0, free = 0;
	int i, node = (long)m->private;
	struct zone *z;

	for (i = 0; (z = populated_zone(i)); i++) {
		if (z->zone_pgdat->node_id != node)
			continue;
		total += READ_ONCE(z->managed_pages);
		free += READ_ONCE(z->nr_free);
	}
	seq_printf(m, "Node %d MemTotal:       %8lu kB\nNode %d MemFree:        %8lu kB\n", node,
		   total << (PAGE_SHIFT - 10), node, free << (PAGE_SHIFT - 10));
	seq_printf(m, "Node %d MemUsed:        %8lu kB\n", node,
		   (total - free) << (PAGE_SHIFT - 10));
	return 0;
}

static int nodes_show(struct seq_file *m, void *v)
{
	if (nr_online_nodes > 1)
		seq_printf(m, "0-%d\n", nr_online_nodes - 1);
	else
		seq_puts(m, "0\n");
	return 0;
}

struct attribute_file {
	const char *name;
	int (*show)(struct seq_file *m, void *v);
};

/* All files of a table below dir, each with data. */
static int make_files(struct proc_dir_entry *dir, const struct attribute_file *f, size_t n,
		      void *data)
{
	for (; dir && n--; f++)
		if (!proc_create_single_data(f->name, 0444, dir, f->show, data))
			return -ENOMEM;
	return dir ? 0 : -ENOMEM;
}

static const struct attribute_file topology_files[] = {
    {"core_id", core_id_show},
    {"physical_package_id", package_id_show},
    {"thread_siblings", thread_siblings_show},
    {"thread_siblings_list", thread_siblings_list_show},
    {"core_cpus", thread_siblings_show},
    {"core_cpus_list", thread_siblings_list_show},
    {"core_siblings", core_siblings_show},
    {"core_siblings_list", core_siblings_list_show},
    {"package_cpus", core_siblings_show},
    {"package_cpus_list", core_siblings_list_show},
};
static const struct attribute_file cache_files[] = {
    {"coherency_line_size", cache_line_show},
    {"id", cache_id_show},
    {"level", cache_level_show},
    {"number_of_sets", cache_sets_show},
    {"physical_line_partition", cache_partition_show},
    {"shared_cpu_list", cache_cpulist_show},
    {"shared_cpu_map", cache_cpumap_show},
    {"size", cache_size_show},
    {"type", cache_type_show},
    {"ways_of_associativity", cache_ways_show},
};
static const struct attribute_file cpu_files[] = {
    {"offline", offline_show},
    {"isolated", isolated_show},
    {"kernel_max", kernel_max_show},
};
static const struct attribute_file node_files[] = {
    {"cpulist", node_cpulist_show},
    {"cpumap", node_cpumap_show},
    {"distance", node_distance_show},
    {"meminfo", node_meminfo_show},
};
static const struct attribute_file nodes_files[] = {
    {"online", nodes_show},
    {"possible", nodes_show},
    {"has_cpu", nodes_show},
    {"has_memory", nodes_show},
};

static struct proc_dir_entry *numbered(const char *name, long n, struct proc_dir_entry *parent)
{
	char text[24];

	snprintf(text, sizeof(text), "%s%ld", name, n);
	return proc_mkdir(text, parent);
}

/* As many as the boot CPU has: others may come up later. */
static int make_caches(struct proc_dir_entry *cpu_dir, long cpu)
{
	struct proc_dir_entry *dir;
	int n, err = 0;

	if (!arch_cpu_cache(0, 0))
		return 0;
	dir = proc_mkdir("cache", cpu_dir);
	for (n = 0; dir && !err && arch_cpu_cache(0, n); n++)
		err = make_files(numbered("index", n, dir), cache_files, ARRAY_SIZE(cache_files),
				 CACHE_OF(cpu, n));
	return dir ? err : -ENOMEM;
}

static int make_cpu(struct proc_dir_entry *parent, long cpu)
{
	struct proc_dir_entry *dir = numbered("cpu", cpu, parent), *top;

	if (!dir)
		return -ENOMEM;
	/* The boot CPU cannot be taken out, so it has no switch. */
	if (cpu &&
	    !proc_create_rw("online", 0644, dir, cpu_online_show, cpu_online_write, (void *)cpu))
		return -ENOMEM;
	top = proc_mkdir("hotplug", dir);
	if (!top || !proc_create_single_data("state", 0444, top, hotplug_state_show, (void *)cpu) ||
	    !proc_create_rw("fail", 0644, top, hotplug_fail_show, hotplug_fail_write, (void *)cpu))
		return -ENOMEM;
	if (make_caches(dir, cpu))
		return -ENOMEM;
	top = proc_mkdir("topology", dir);
	return make_files(top, topology_files, ARRAY_SIZE(topology_files), (void *)cpu);
}

static int make_cpus(struct proc_dir_entry *system)
{
	struct proc_dir_entry *dir = proc_mkdir("cpu", system);
	int cpu, err = make_files(dir, cpu_files, ARRAY_SIZE(cpu_files), NULL);

	if (err ||
	    !proc_create_single_data("online", 0444, dir, mask_show, (void *)cpu_online_mask) ||
	    !proc_create_single_data("possible", 0444, dir, mask_show, (void *)cpu_possible_mask) ||
	    !proc_create_single_data("present", 0444, dir, mask_show, (void *)cpu_present_mask))
		return -ENOMEM;
	if (!proc_create_single("states", 0444, proc_mkdir("hotplug", dir), hotplug_states_show))
		return -ENOMEM;
	for_each_present_cpu (cpu) {
		err = make_cpu(dir, cpu);
		if (err)
			return err;
	}
	return 0;
}

static int make_nodes(struct proc_dir_entry *system)
{
	struct proc_dir_entry *dir = proc_mkdir("node", system);
	int err = make_files(dir, nodes_files, ARRAY_SIZE(nodes_files), NULL);
	long n;

	for (n = 0; n < nr_online_nodes && !err; n++)
		err = make_files(numbered("node", n, dir), node_files, ARRAY_SIZE(node_files),
				 (void *)n);
	return err;
}

static int __init sysfs_init(void)
{
	static const char *const dirs[] = {
	    "devices", "devices/system", "kernel", "kernel/mm", "fs",	    "fs/cgroup", "class",
	    "bus",     "block",		 "dev",	   "module",	"firmware", "power"};
	struct proc_dir_entry *system = NULL, *d;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		d = proc_mkdir(dirs[i], &sysfs_root);
		if (!d)
			return -ENOMEM;
		if (i == 1)
			system = d;
	}
	err = make_cpus(system);
	if (!err)
		err = make_nodes(system);
	return err ? err : register_filesystem(&sysfs_type);
}
fs_initcall(sysfs_init);
