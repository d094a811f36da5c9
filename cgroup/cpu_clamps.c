/* SPDX-License-Identifier: MIT */
/*
 * The cpu controller's utilisation clamps: cpu.uclamp.min and cpu.uclamp.max, in percent with two
 * decimals, between which the scheduler takes the group's tasks to load a CPU (sched/uclamp.c).
 * What is shown is what was written; what is in effect, an ancestor may lower. Task context,
 * cgroup_mutex.
 */
#include <jiffy/string.h>

#include "cpu.h"

#define HUNDRED_PERCENT 10000 /* in hundredths of a percent */
#define FULL_UTIL	1024

/* "max" or a percentage, rounded to hundredths, in hundredths. 0, -EINVAL, -ERANGE. */
static int parse_percent(char *text, unsigned int *percent)
{
	char *whole = strsep(&text, "."), *p;
	unsigned int value, hundredths = 0, scale = 100;
	int err;

	if (!strcmp(whole, "max") && !text) {
		*percent = HUNDRED_PERCENT;
		return 0;
	}
	err = kstrtouint(whole, 10, &value);
	if (err)
		return err;
	for (p = text; p && *p; p++, scale /= 10) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		/* Behind the second decimal only the third one counts, for rounding. */
		if (scale)
			hundredths += (*p - '0') * scale;
	}
	if (value > 100)
		return -ERANGE;
	*percent = value * 100 + DIV_ROUND_CLOSEST(hundredths, 10);
	return *percent > HUNDRED_PERCENT ? -ERANGE : 0;
}

static int show(struct seq_file *m, struct cgroup *cgrp, enum uclamp_id id)
{
	struct cpu_css *cpu = cpu_of(cgrp);

	if (sched_group_uclamp(cpu->tg, id) == FULL_UTIL)
		seq_puts(m, "max\n");
	else
		seq_printf(m, "%u.%02u\n", cpu->uclamp_percent[id] / 100,
			   cpu->uclamp_percent[id] % 100);
	return 0;
}

static int set(struct cpu_css *cpu, enum uclamp_id id, unsigned int percent)
{
	unsigned int util = DIV_ROUND_CLOSEST(percent * FULL_UTIL, HUNDRED_PERCENT);
	int err = sched_group_set_uclamp(cpu->tg, id, util);

	if (!err)
		cpu->uclamp_percent[id] = percent;
	return err;
}

static int write(struct cgroup_open *of, char *text, enum uclamp_id id)
{
	unsigned int percent;
	int err = parse_percent(text, &percent);

	return err ? err : set(cpu_of(of->cgrp), id, percent);
}

void cpu_reset_clamps(struct cpu_css *cpu)
{
	set(cpu, UCLAMP_MIN, 0);
	set(cpu, UCLAMP_MAX, HUNDRED_PERCENT);
}

int cpu_uclamp_min_show(struct seq_file *m, struct cgroup *cgrp)
{
	return show(m, cgrp, UCLAMP_MIN);
}

int cpu_uclamp_min_write(struct cgroup_open *of, char *text)
{
	return write(of, text, UCLAMP_MIN);
}

int cpu_uclamp_max_show(struct seq_file *m, struct cgroup *cgrp)
{
	return show(m, cgrp, UCLAMP_MAX);
}

int cpu_uclamp_max_write(struct cgroup_open *of, char *text)
{
	return write(of, text, UCLAMP_MAX);
}
