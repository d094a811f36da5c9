/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's tunables under /proc/sys/kernel, and its feature flags there and in debugfs. Task
 * context.
 */
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>

#include "../../sched/internal.h"

/*
 * Words, of which "NAME" sets a feature flag and "NO_NAME" clears it. 0 or -EINVAL. Several may write at
 * once, here and there: flags that a writer does not name are another's.
 */
static int set_features(char *text)
{
#define __FEAT_NAME(name, on) #name,
	static const char *const names[] = {SCHED_FEATURES(__FEAT_NAME)};
	unsigned int on = 0, off = 0, i, old;
	char *next;

	while ((next = strsep(&text, " \n\t"))) {
		bool clear = !strncmp(next, "NO_", 3);

		if (!*next)
			continue;
		for (i = 0; i < NR_SCHED_FEATURES; i++)
			if (!strcmp(next + 3 * clear, names[i]))
				break;
		if (i == NR_SCHED_FEATURES)
			return -EINVAL;
		on = clear ? on & ~(1u << i) : on | 1u << i;
		off = clear ? off | 1u << i : off & ~(1u << i);
	}
	old = READ_ONCE(sysctl_sched_features);
	while (!try_cmpxchg(&sysctl_sched_features, &old, (old & ~off) | on))
		;
	return 0;
}

static size_t features_text(char *text, size_t size)
{
#define __FEAT_WORD(name, on) "NO_" #name,
	static const char *const words[] = {SCHED_FEATURES(__FEAT_WORD)};
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < NR_SCHED_FEATURES; i++)
		len += scnprintf(text + len, size - len, "%s%c",
				 words[i] + 3 * !!(sysctl_sched_features & (1u << i)),
				 i + 1 < NR_SCHED_FEATURES ? ' ' : '\n');
	return len;
}

static int features_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	char text[768];
	size_t len;

	if (write) {
		len = min(*lenp, sizeof(text) - 1);
		memcpy(text, buffer, len);
		text[len] = 0;
		*ppos += *lenp;
		return set_features(text);
	}
	if (*ppos) {
		*lenp = 0;
		return 0;
	}
	len = min(features_text(text, sizeof(text)), *lenp);
	memcpy(buffer, text, len);
	*lenp = len;
	*ppos += len;
	return 0;
}

/* The same in debugfs, where Linux has it. */
static int features_show(struct seq_file *m, void *unused)
{
	char text[768];

	features_text(text, sizeof(text));
	seq_puts(m, text);
	return 0;
}

static int features_write(void *unused, char *line)
{
	return set_features(line);
}

static int __init features_init(void)
{
	return proc_create_rw("sched/features", 0644, &debugfs_root, features_show, features_write,
			      NULL)
		   ? 0
		   : -ENOMEM;
}
device_initcall(features_init);

/* The round-robin quantum: milliseconds outside, ticks inside; 0 or less is the default. */
static int rr_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
		      loff_t *ppos)
{
	int err = proc_dointvec(table, write, buffer, lenp, ppos);

	if (!err && write)
		sched_rr_timeslice = sysctl_sched_rr_timeslice_ms <= 0
					 ? RR_TIMESLICE
					 : (int)msecs_to_jiffies(sysctl_sched_rr_timeslice_ms);
	return err;
}

/* The real-time class's period or runtime: the scheduler refuses what would break a promise. */
static int rt_global_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos)
{
	bool period = table->data == &sysctl_sched_rt_period_us;
	int value = READ_ONCE(*(int *)table->data);
	struct ctl_table copy = *table;
	int err;

	copy.data = &value;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (!err && write)
		err = sched_rt_set_global(period ? &value : NULL, period ? NULL : &value);
	return err;
}

/* How many tasks the latency is enough for follows from the two. */
static int latency_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			   loff_t *ppos)
{
	int err = proc_doulongvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		sched_nr_latency =
		    DIV_ROUND_UP(sysctl_sched_latency, max(sysctl_sched_min_granularity, (u64)1));
	return err;
}

/* Another rule of growth with the CPUs: what was set by hand is scaled along. */
static int scaling_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			   loff_t *ppos)
{
	int err = proc_douintvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		sched_init_granularity();
	return err;
}

static const unsigned int linear = SCALING_LINEAR;
static const unsigned int clamp_scale = SCHED_CAPACITY_SCALE;
static const int minus_one = -1;
static const struct ctl_table sched_table[] = {
    {.procname = "sched_latency_ns",
     .data = &sysctl_sched_latency,
     .maxlen = sizeof(u64),
     .mode = 0644,
     .proc_handler = latency_handler},
    {.procname = "sched_min_granularity_ns",
     .data = &sysctl_sched_min_granularity,
     .maxlen = sizeof(u64),
     .mode = 0644,
     .proc_handler = latency_handler},
    {.procname = "sched_wakeup_granularity_ns",
     .data = &sysctl_sched_wakeup_granularity,
     .maxlen = sizeof(u64),
     .mode = 0644,
     .proc_handler = proc_doulongvec_minmax},
    {.procname = "sched_base_slice_ns",
     .data = &sysctl_sched_base_slice,
     .maxlen = sizeof(u64),
     .mode = 0644,
     .proc_handler = proc_doulongvec_minmax},
    {.procname = "sched_child_runs_first",
     .data = &sysctl_sched_child_runs_first,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec},
    {.procname = "sched_migration_cost_ns",
     .data = &sysctl_sched_migration_cost,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec},
    {.procname = "sched_nr_migrate",
     .data = &sysctl_sched_nr_migrate,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec},
    {.procname = "sched_tunable_scaling",
     .data = &sysctl_sched_tunable_scaling,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = scaling_handler,
     .extra2 = (void *)&linear},
    {.procname = "sched_rt_period_us",
     .data = &sysctl_sched_rt_period_us,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = rt_global_handler,
     .extra1 = SYSCTL_ONE,
     .extra2 = SYSCTL_INT_MAX},
    {.procname = "sched_rt_runtime_us",
     .data = &sysctl_sched_rt_runtime_us,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = rt_global_handler,
     .extra1 = (void *)&minus_one,
     .extra2 = SYSCTL_INT_MAX},
    {.procname = "sched_rr_timeslice_ms",
     .data = &sysctl_sched_rr_timeslice_ms,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = rr_handler},
    {.procname = "sched_cfs_bandwidth_slice_us",
     .data = &sysctl_sched_cfs_bandwidth_slice_us,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec_minmax,
     .extra1 = SYSCTL_ONE},
    {.procname = "sched_util_clamp_min",
     .data = &sysctl_sched_util_clamp[UCLAMP_MIN],
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec_minmax,
     .extra2 = (void *)&clamp_scale},
    {.procname = "sched_util_clamp_max",
     .data = &sysctl_sched_util_clamp[UCLAMP_MAX],
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec_minmax,
     .extra2 = (void *)&clamp_scale},
    {.procname = "sched_util_clamp_min_rt_default",
     .data = &sysctl_sched_util_clamp_min_rt_default,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec_minmax,
     .extra2 = (void *)&clamp_scale},
    {.procname = "sched_autogroup_enabled",
     .data = &sysctl_sched_autogroup_enabled,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_douintvec_minmax,
     .extra1 = SYSCTL_ZERO,
     .extra2 = SYSCTL_ONE},
    {.procname = "sched_features", .mode = 0644, .proc_handler = features_handler},
    {0},
};

static int sched_sysctl_init(void)
{
	return register_sysctl("kernel", sched_table);
}
subsys_initcall(sched_sysctl_init);
