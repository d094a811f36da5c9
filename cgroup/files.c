/* SPDX-License-Identifier: MIT */
/*
 * The table of interface files, and the core's own: cgroup.procs to cgroup.stat. cgroups(7).
 * All show and write functions run under cgroup_mutex on a cgroup that exists.
 */
#include <jiffy/string.h>

#include "internal.h"

/* "max", or a number up to limit. *value ~0UL for "max". 0 or -EINVAL. */
int cgroup_parse_max(const char *text, unsigned long limit, unsigned long *value)
{
	if (!strcmp(text, "max")) {
		*value = ~0UL;
		return 0;
	}
	return kstrtoul(text, 0, value) || *value > limit ? -EINVAL : 0;
}

int cgroup_procs_show(struct seq_file *m, struct cgroup *cgrp)
{
	/* Processes belong to the thread domain's root; only threads are here. */
	return cgroup_is_threaded(cgrp) ? -EOPNOTSUPP : 0;
}

static int cgroup_threads_show(struct seq_file *m, struct cgroup *cgrp)
{
	return 0;
}

static void show_controllers(struct seq_file *m, unsigned int mask)
{
	const char *sep = "";
	int id;

	for (id = 0; id < NR_CGROUP_SUBSYS; id++) {
		if (!(mask & (1u << id)))
			continue;
		seq_printf(m, "%s%s", sep, cgroup_subsys[id]->name);
		sep = " ";
	}
	seq_putc(m, '\n');
}

static int cgroup_controllers_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_controllers(m, cgrp->css_mask);
	return 0;
}

static int subtree_control_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_controllers(m, cgrp->subtree_control);
	return 0;
}

static int controller_by_name(const char *name)
{
	int id;

	for (id = 0; id < NR_CGROUP_SUBSYS; id++)
		if (!strcmp(cgroup_subsys[id]->name, name))
			return id;
	return -1;
}

/* "+cpu -pids": the last word on a controller counts. 0 or -EINVAL. */
static int parse_controllers(char *text, unsigned int *enable, unsigned int *disable)
{
	char *word;

	*enable = *disable = 0;
	while ((word = strsep(&text, " "))) {
		int id;

		if (!*word)
			continue;
		id = controller_by_name(word + 1);
		if (id < 0 || (*word != '+' && *word != '-'))
			return -EINVAL;
		if (*word == '+') {
			*enable |= 1u << id;
			*disable &= ~(1u << id);
		} else {
			*disable |= 1u << id;
			*enable &= ~(1u << id);
		}
	}
	return 0;
}

static int subtree_control_write(struct cgroup_open *of, char *text)
{
	struct cgroup *cgrp = of->cgrp, *c;
	unsigned int enable, disable;
	int err = parse_controllers(text, &enable, &disable);

	if (err)
		return err;
	enable &= ~cgrp->subtree_control;
	disable &= cgrp->subtree_control;
	/* From the top down: only what the parent gives can be passed on. */
	if (enable & ~cgrp->css_mask)
		return -ENOENT;
	cgroup_for_each_child (c, cgrp)
		if (disable & c->subtree_control)
			return -EBUSY;
	err = cgroup_vet_control_enable(cgrp, enable);
	if (err || !(enable | disable))
		return err;
	return cgroup_change_control(cgrp, enable, disable);
}

int cgroup_events_show(struct seq_file *m, struct cgroup *cgrp)
{
	spin_lock_irq(&css_set_lock);
	seq_printf(m, "populated %d\nfrozen %d\n", cgroup_is_populated(cgrp),
		   !!(cgrp->flags & CGRP_FROZEN));
	spin_unlock_irq(&css_set_lock);
	return 0;
}

static void show_max(struct seq_file *m, int value)
{
	if (value == INT32_MAX)
		seq_puts(m, "max\n");
	else
		seq_printf(m, "%d\n", value);
}

static int write_max(int *field, const char *text)
{
	long value;

	if (!strcmp(text, "max")) {
		*field = INT32_MAX;
		return 0;
	}
	if (kstrtol(text, 0, &value))
		return -EINVAL;
	if (value < 0 || value > INT32_MAX)
		return -ERANGE;
	*field = value;
	return 0;
}

static int max_depth_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_max(m, cgrp->max_depth);
	return 0;
}

static int max_depth_write(struct cgroup_open *of, char *text)
{
	return write_max(&of->cgrp->max_depth, text);
}

static int max_descendants_show(struct seq_file *m, struct cgroup *cgrp)
{
	show_max(m, cgrp->max_descendants);
	return 0;
}

static int max_descendants_write(struct cgroup_open *of, char *text)
{
	return write_max(&of->cgrp->max_descendants, text);
}

static int cgroup_stat_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "nr_descendants %d\nnr_dying_descendants %d\n", cgrp->nr_descendants,
		   READ_ONCE(cgrp->nr_dying_descendants));
	return 0;
}

static int cpu_pressure_show(struct seq_file *m, struct cgroup *cgrp)
{
	if (!psi_on)
		return -EOPNOTSUPP;
	psi_show(m, cgrp->psi, PSI_CPU_SOME);
	return 0;
}

static int cpu_pressure_write(struct cgroup_open *of, char *text)
{
	struct psi_trigger *t;

	if (!psi_on)
		return -EOPNOTSUPP;
	if (of->trigger)
		return -EBUSY;
	t = psi_trigger_create(of->cgrp->psi, PSI_CPU_SOME, text);
	if (IS_ERR(t))
		return PTR_ERR(t);
	WRITE_ONCE(of->trigger, t);
	return 0;
}

static __poll_t cpu_pressure_poll(struct cgroup_open *of, struct poll_table_struct *pt)
{
	return psi_trigger_poll(READ_ONCE(of->trigger), of->file, pt);
}

const struct cftype cgroup_files[] = {
    {.name = "cgroup.type",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cgroup_type_show,
     .write = cgroup_type_write},
    {.name = "cgroup.procs",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NS_DELEGATABLE,
     .show = cgroup_procs_show,
     .write = cgroup_procs_write,
     .lists = LISTS_PROCESSES},
    {.name = "cgroup.threads",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NS_DELEGATABLE,
     .show = cgroup_threads_show,
     .write = cgroup_threads_write,
     .lists = LISTS_THREADS},
    {.name = "cgroup.controllers", .ss = CGROUP_CORE, .show = cgroup_controllers_show},
    {.name = "cgroup.subtree_control",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NS_DELEGATABLE,
     .show = subtree_control_show,
     .write = subtree_control_write},
    {.name = "cgroup.events",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cgroup_events_show},
    {.name = "cgroup.max.descendants",
     .ss = CGROUP_CORE,
     .show = max_descendants_show,
     .write = max_descendants_write},
    {.name = "cgroup.max.depth",
     .ss = CGROUP_CORE,
     .show = max_depth_show,
     .write = max_depth_write},
    {.name = "cgroup.stat", .ss = CGROUP_CORE, .show = cgroup_stat_show},
    {.name = "cgroup.freeze",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cgroup_freeze_show,
     .write = cgroup_freeze_write},
    {.name = "cgroup.kill",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NOT_ON_ROOT,
     .write = cgroup_kill_write},
    {.name = "cpu.stat", .ss = CGROUP_CORE, .show = cgroup_cpu_stat_show},
    {.name = "cpu.pressure",
     .ss = CGROUP_CORE,
     .flags = CFTYPE_NS_DELEGATABLE,
     .show = cpu_pressure_show,
     .write = cpu_pressure_write,
     .poll = cpu_pressure_poll},
    {.name = "cpuset.cpus",
     .ss = CPUSET_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cpuset_cpus_show,
     .write = cpuset_cpus_write},
    {.name = "cpuset.mems",
     .ss = CPUSET_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cpuset_mems_show,
     .write = cpuset_mems_write},
    {.name = "cpuset.cpus.effective", .ss = CPUSET_CGRP, .show = cpuset_cpus_effective_show},
    {.name = "cpuset.mems.effective", .ss = CPUSET_CGRP, .show = cpuset_mems_effective_show},
    {.name = "cpuset.cpus.partition",
     .ss = CPUSET_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cpuset_partition_show,
     .write = cpuset_partition_write},
    {.name = "cpuset.cpus.isolated",
     .ss = CPUSET_CGRP,
     .flags = CFTYPE_ONLY_ON_ROOT,
     .show = cpuset_isolated_show},
    {.name = "cpu.weight",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_weight_show,
     .write = cpu_weight_write},
    {.name = "cpu.weight.nice",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_weight_nice_show,
     .write = cpu_weight_nice_write},
    {.name = "cpu.idle",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_idle_show,
     .write = cpu_idle_write},
    {.name = "cpu.max",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_max_show,
     .write = cpu_max_write},
    {.name = "cpu.max.burst",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_max_burst_show,
     .write = cpu_max_burst_write},
    {.name = "cpu.rt_runtime_us",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_rt_runtime_show,
     .write = cpu_rt_runtime_write},
    {.name = "cpu.rt_period_us",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_rt_period_show,
     .write = cpu_rt_period_write},
    {.name = "cpu.uclamp.min",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cpu_uclamp_min_show,
     .write = cpu_uclamp_min_write},
    {.name = "cpu.uclamp.max",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = cpu_uclamp_max_show,
     .write = cpu_uclamp_max_write},
    {.name = "cpu.stat.local",
     .ss = CPU_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT | CFTYPE_GROUP_SCHED,
     .show = cpu_stat_local_show},
    {.name = "pids.max",
     .ss = PIDS_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = pids_max_show,
     .write = pids_max_write},
    {.name = "pids.current",
     .ss = PIDS_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = pids_current_show},
    {.name = "pids.peak", .ss = PIDS_CGRP, .flags = CFTYPE_NOT_ON_ROOT, .show = pids_peak_show},
    {.name = "pids.events", .ss = PIDS_CGRP, .flags = CFTYPE_NOT_ON_ROOT, .show = pids_events_show},
    {.name = "pids.events.local",
     .ss = PIDS_CGRP,
     .flags = CFTYPE_NOT_ON_ROOT,
     .show = pids_local_events_show},
};
const unsigned int nr_cgroup_files = ARRAY_SIZE(cgroup_files);
_Static_assert(ARRAY_SIZE(cgroup_files) < CGROUP_ID_STEP, "a file's number is its own");
