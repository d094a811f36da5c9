/* SPDX-License-Identifier: MIT */
/*
 * The cpu controller's limits: cpu.max and its burst, what cpu.stat tells of them, and
 * cpu.rt_runtime_us and cpu.rt_period_us, the budget of real-time tasks, which cgroups v1 have.
 * cgroups(7). Task context, cgroup_mutex.
 */
#include <jiffy/string.h>

#include "cpu.h"

static struct task_group *tg_of(struct cgroup *cgrp)
{
	return cpu_of(cgrp)->tg;
}

void cpu_reset_limits(struct cpu_css *cpu)
{
	static const struct sched_bandwidth none = {.quota_us = SCHED_QUOTA_INF,
						    .period_us = USEC_PER_SEC / 10};

	tg_set_cfs_bandwidth(cpu->tg, &none);
	sched_group_set_rt(cpu->tg, -1, USEC_PER_SEC);
}

int cpu_max_show(struct seq_file *m, struct cgroup *cgrp)
{
	struct sched_bandwidth bw;

	tg_get_cfs_bandwidth(tg_of(cgrp), &bw);
	if (bw.quota_us == SCHED_QUOTA_INF)
		seq_puts(m, "max");
	else
		seq_printf(m, "%llu", (unsigned long long)bw.quota_us);
	seq_printf(m, " %llu\n", (unsigned long long)bw.period_us);
	return 0;
}

/* "QUOTA" or "QUOTA PERIOD", microseconds; QUOTA may be "max". */
int cpu_max_write(struct cgroup_open *of, char *text)
{
	struct task_group *tg = tg_of(of->cgrp);
	char *quota = strsep(&text, " \t"), *period = text ? strim(text) : NULL;
	struct sched_bandwidth bw;
	unsigned long long value;

	tg_get_cfs_bandwidth(tg, &bw);
	if (period && *period) {
		if (kstrtoull(period, 10, &value))
			return -EINVAL;
		bw.period_us = value;
	}
	if (!strcmp(quota, "max")) {
		bw.quota_us = SCHED_QUOTA_INF;
	} else {
		if (kstrtoull(quota, 10, &value) || value == SCHED_QUOTA_INF)
			return -EINVAL;
		bw.quota_us = value;
	}
	return tg_set_cfs_bandwidth(tg, &bw);
}

int cpu_max_burst_show(struct seq_file *m, struct cgroup *cgrp)
{
	struct sched_bandwidth bw;

	tg_get_cfs_bandwidth(tg_of(cgrp), &bw);
	seq_printf(m, "%llu\n", (unsigned long long)bw.burst_us);
	return 0;
}

int cpu_max_burst_write(struct cgroup_open *of, char *text)
{
	struct sched_bandwidth bw;
	unsigned long long burst;
	int err = kstrtoull(text, 0, &burst);

	if (err)
		return err;
	tg_get_cfs_bandwidth(tg_of(of->cgrp), &bw);
	bw.burst_us = burst;
	return tg_set_cfs_bandwidth(tg_of(of->cgrp), &bw);
}

int cpu_rt_runtime_show(struct seq_file *m, struct cgroup *cgrp)
{
	s64 runtime;
	u64 period;

	sched_group_get_rt(tg_of(cgrp), &runtime, &period);
	seq_printf(m, "%lld\n", (long long)runtime);
	return 0;
}

int cpu_rt_runtime_write(struct cgroup_open *of, char *text)
{
	long long value;
	s64 runtime;
	u64 period;
	int err = kstrtoll(text, 0, &value);

	if (err)
		return err;
	sched_group_get_rt(tg_of(of->cgrp), &runtime, &period);
	return sched_group_set_rt(tg_of(of->cgrp), value, period);
}

int cpu_rt_period_show(struct seq_file *m, struct cgroup *cgrp)
{
	s64 runtime;
	u64 period;

	sched_group_get_rt(tg_of(cgrp), &runtime, &period);
	seq_printf(m, "%llu\n", (unsigned long long)period);
	return 0;
}

int cpu_rt_period_write(struct cgroup_open *of, char *text)
{
	unsigned long long value;
	s64 runtime;
	u64 period;
	int err = kstrtoull(text, 0, &value);

	if (err)
		return err;
	sched_group_get_rt(tg_of(of->cgrp), &runtime, &period);
	return sched_group_set_rt(tg_of(of->cgrp), runtime, value);
}

void cpu_cgrp_stat_show(struct seq_file *m, struct cgroup_subsys_state *css)
{
	struct sched_bandwidth_stat st;

	tg_get_cfs_stat(((struct cpu_css *)css)->tg, &st);
	seq_printf(m,
		   "nr_periods %llu\nnr_throttled %llu\nthrottled_usec %llu\n"
		   "nr_bursts %llu\nburst_usec %llu\n",
		   (unsigned long long)st.nr_periods, (unsigned long long)st.nr_throttled,
		   (unsigned long long)st.throttled_usec, (unsigned long long)st.nr_bursts,
		   (unsigned long long)st.burst_usec);
}

int cpu_stat_local_show(struct seq_file *m, struct cgroup *cgrp)
{
	struct sched_bandwidth_stat st;

	tg_get_cfs_stat(tg_of(cgrp), &st);
	seq_printf(m, "throttled_usec %llu\n", (unsigned long long)st.local_throttled_usec);
	return 0;
}
