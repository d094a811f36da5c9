/* SPDX-License-Identifier: MIT */
/* Between cpu.c, cpu_limits.c and cpu_clamps.c: the cpu controller's state. cgroup_mutex. */
#ifndef CGROUP_CPU_H
#define CGROUP_CPU_H

#include <jiffy/sched_group.h>

#include "internal.h"

struct cpu_css {
	struct cgroup_subsys_state css;
	struct task_group *tg;
	bool online;
	unsigned int uclamp_percent[UCLAMP_CNT]; /* as written, in hundredths of a percent */
};

static inline struct cpu_css *cpu_of(struct cgroup *cgrp)
{
	return (struct cpu_css *)cgroup_css(cgrp, CPU_CGRP);
}

/* No bandwidth limit any more. */
void cpu_reset_limits(struct cpu_css *cpu);
/* No clamps any more. */
void cpu_reset_clamps(struct cpu_css *cpu);

#endif
