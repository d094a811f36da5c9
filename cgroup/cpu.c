/* SPDX-License-Identifier: MIT */
/*
 * The cpu controller: each cgroup that has it is a task group of the scheduler's
 * (<jiffy/sched_group.h>); here are the files that set its weight, bandwidth and clamps.
 * cgroups(7).
 */
#include <jiffy/string.h>

#include "cpu.h"

#define WEIGHT_MIN 1
#define WEIGHT_DFL 100
#define WEIGHT_MAX 10000
#define SHARES_DFL 1024 /* the shares of WEIGHT_DFL: a task's of nice 0 */

static struct task_group *tg_of(struct cgroup *cgrp)
{
	return cpu_of(cgrp)->tg;
}

static struct cgroup_subsys_state *cpu_css_alloc(struct cgroup_subsys_state *parent)
{
	struct cpu_css *cpu = kzalloc(sizeof(*cpu), GFP_KERNEL);

	if (!cpu)
		return ERR_PTR(-ENOMEM);
	cpu->tg = &root_task_group;
	if (parent)
		cpu->tg = sched_create_group(((struct cpu_css *)parent)->tg);
	if (IS_ERR(cpu->tg)) {
		long err = PTR_ERR(cpu->tg);

		kfree(cpu);
		return ERR_PTR(err);
	}
	return &cpu->css;
}

static void cpu_css_online(struct cgroup_subsys_state *css)
{
	struct cpu_css *cpu = (struct cpu_css *)css;

	if (!cpu->online)
		sched_online_group(cpu->tg);
	cpu->online = true;
}

static void cpu_css_offline(struct cgroup_subsys_state *css)
{
	struct cpu_css *cpu = (struct cpu_css *)css;

	if (cpu->online)
		sched_offline_group(cpu->tg);
	cpu->online = false;
}

/* Hidden, it binds nobody; when it is shown again it begins anew. */
static void cpu_css_reset(struct cgroup_subsys_state *css)
{
	struct cpu_css *cpu = (struct cpu_css *)css;

	sched_group_set_idle(cpu->tg, false);
	sched_group_set_shares(cpu->tg, SHARES_DFL);
	cpu_reset_limits(cpu);
	cpu_reset_clamps(cpu);
}

static void cpu_css_free(struct cgroup_subsys_state *css)
{
	struct cpu_css *cpu = (struct cpu_css *)css;

	if (cpu->tg != &root_task_group)
		sched_destroy_group(cpu->tg);
	kfree(cpu);
}

static int cpu_can_attach(struct cgroup_subsys_state *css, struct task_struct *p)
{
	return sched_group_can_attach(((struct cpu_css *)css)->tg, p) ? 0 : -EINVAL;
}

static void cpu_attach(struct cgroup_subsys_state *css, struct task_struct *p)
{
	sched_move_task(p, ((struct cpu_css *)css)->tg);
}

const struct cgroup_subsys cpu_cgrp_subsys = {
    .name = "cpu",
    .css_alloc = cpu_css_alloc,
    .css_online = cpu_css_online,
    .css_offline = cpu_css_offline,
    .css_reset = cpu_css_reset,
    .css_free = cpu_css_free,
    .can_attach = cpu_can_attach,
    .attach = cpu_attach,
};

int cpu_weight_show(struct seq_file *m, struct cgroup *cgrp)
{
	struct task_group *tg = tg_of(cgrp);
	unsigned long weight = DIV_ROUND_CLOSEST(sched_group_shares(tg) * WEIGHT_DFL, SHARES_DFL);

	/* An idle group's is less than any that can be set. */
	seq_printf(m, "%lu\n",
		   sched_group_idle(tg)
		       ? 0
		       : clamp(weight, (unsigned long)WEIGHT_MIN, (unsigned long)WEIGHT_MAX));
	return 0;
}

int cpu_weight_write(struct cgroup_open *of, char *text)
{
	unsigned long weight;
	int err = kstrtoul(text, 0, &weight);

	if (err)
		return err;
	if (weight < WEIGHT_MIN || weight > WEIGHT_MAX)
		return -ERANGE;
	return sched_group_set_shares(tg_of(of->cgrp),
				      DIV_ROUND_CLOSEST(weight * SHARES_DFL, WEIGHT_DFL));
}

/* The nice value whose weight is nearest to the group's. */
int cpu_weight_nice_show(struct seq_file *m, struct cgroup *cgrp)
{
	long shares = sched_group_shares(tg_of(cgrp)), best = INT64_MAX;
	int i, nice = 0;

	for (i = 0; i < NICE_WIDTH; i++) {
		long delta = shares - sched_prio_to_weight[i];

		if (delta < 0)
			delta = -delta;
		if (delta < best) {
			best = delta;
			nice = i + MIN_NICE;
		}
	}
	seq_printf(m, "%d\n", nice);
	return 0;
}

int cpu_weight_nice_write(struct cgroup_open *of, char *text)
{
	int nice, err = kstrtoint(text, 0, &nice);

	if (err)
		return err;
	if (nice < MIN_NICE || nice > MAX_NICE)
		return -ERANGE;
	return sched_group_set_shares(tg_of(of->cgrp), sched_prio_to_weight[nice - MIN_NICE]);
}

int cpu_idle_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "%d\n", sched_group_idle(tg_of(cgrp)));
	return 0;
}

int cpu_idle_write(struct cgroup_open *of, char *text)
{
	int idle, err = kstrtoint(text, 0, &idle);

	if (err)
		return err;
	if (idle < 0 || idle > 1)
		return -EINVAL;
	return sched_group_set_idle(tg_of(of->cgrp), idle);
}
