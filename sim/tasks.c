/* SPDX-License-Identifier: MIT */
/*
 * The simulated tasks: the table of them, how they are made, from a workload or as threads of the
 * kernel, and the groups that they are in. Called by the engine and by what they do (sim/ops.c).
 */
#include <stdlib.h>

#include "engine.h"

static struct sim_task **tasks;
static int nr_tasks, tasks_size;
static int next_pid = 1;
static const struct sim_program *programs;
static int nr_programs;

int sim_nr_tasks(void)
{
	return nr_tasks;
}

struct sim_task *sim_task(int number)
{
	return tasks[number];
}

void sim_init_task(struct sim_task *t, const char *name, int pid)
{
	struct task_struct *p = &t->task;

	p->stack = &t->info;
	t->info.task = p;
	t->info.magic = STACK_END_MAGIC;
	refcount_set(&p->usage, 1);
	p->pid = p->tgid = pid;
	snprintf(p->comm, sizeof(p->comm), "%s", name);
	p->exit_signal = 17;
	p->group_leader = p;
}

struct sim_task *sim_copy_task(const char *name, int pid)
{
	struct sim_task *t = calloc(1, sizeof(*t));

	BUG_ON(!t);
	/* As fork does: a copy of current, then what is its own. */
	t->task = *current;
	t->task.flags &= ~(PF_KTHREAD | PF_IDLE);
	t->task.real_parent = current;
	sim_init_task(t, name, pid);
	return t;
}

/* The workload's tasks by pid; kernel threads, which come first, are not among them. */
static struct sim_task **by_pid;
static int by_pid_size;

struct sim_task *sim_task_of_pid(int pid)
{
	return pid < by_pid_size ? by_pid[pid] : NULL;
}

static void set_task_of_pid(struct sim_task *t)
{
	int size = by_pid_size ? by_pid_size : 64;

	while (size <= t->task.pid)
		size *= 2;
	if (size > by_pid_size) {
		by_pid = realloc(by_pid, size * sizeof(*by_pid));
		BUG_ON(!by_pid);
		memset(by_pid + by_pid_size, 0, (size - by_pid_size) * sizeof(*by_pid));
		by_pid_size = size;
	}
	by_pid[t->task.pid] = t;
}

struct task_struct *sim_new_task(const char *name)
{
	struct task_struct *running = current;
	struct sim_task *t;

	sim_current = cpu_rq(0)->idle;
	t = sim_copy_task(name, next_pid++);
	BUG_ON(sched_fork(0, &t->task));
	__set_task_cpu(&t->task, 0);
	sim_current = running;
	return &t->task;
}

/* What somebody asked for is not to be had. */
static void refused(const char *name, const char *what)
{
	if (!sim_quiet)
		fprintf(stderr, "%s: the scheduler refuses its %s\n", name, what);
}

static void set_policy(struct task_struct *p, const struct sim_program *prog)
{
	struct sched_attr attr = {.size = sizeof(attr),
				  .sched_policy = prog->policy,
				  .sched_nice = prog->nice,
				  .sched_flags = prog->dl_flags,
				  .sched_priority = prog->rt_priority,
				  .sched_runtime = prog->dl_runtime,
				  .sched_deadline = prog->dl_deadline,
				  .sched_period = prog->dl_period};

	if (prog->slice)
		attr.sched_runtime = prog->slice;
	if (prog->util_max) {
		attr.sched_flags |= SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX;
		attr.sched_util_min = prog->util_min;
		attr.sched_util_max = prog->util_max;
	}
	if (sched_setattr(p, &attr, false))
		refused(prog->name, "policy");
}

void sim_set_cpus(struct task_struct *p, int first, int last)
{
	cpumask_t mask;
	int cpu;

	cpumask_clear(&mask);
	for (cpu = first; cpu <= last && cpu < (int)nr_cpu_ids; cpu++)
		cpumask_set_cpu(cpu, &mask);
	if (set_user_cpus(p, &mask, cpu_possible_mask))
		refused(p->comm, "CPUs");
}

struct sim_group sim_groups[SIM_MAX_GROUPS + 1] = {{.tg = &root_task_group}};
int sim_nr_groups;

void sim_make_groups(void)
{
	int i;

	for (i = 1; i <= sim_nr_groups; i++) {
		struct sim_group *g = &sim_groups[i];

		BUG_ON(g->parent >= i);
		g->tg = sched_create_group(sim_groups[g->parent].tg);
		BUG_ON(IS_ERR(g->tg));
		sched_online_group(g->tg);
		if (g->shares)
			BUG_ON(sched_group_set_shares(g->tg, g->shares));
		if (g->idle)
			BUG_ON(sched_group_set_idle(g->tg, true));
		if (g->bandwidth.period_us && tg_set_cfs_bandwidth(g->tg, &g->bandwidth))
			refused(g->name, "limit");
		if (g->rt_period_us && sched_group_set_rt(g->tg, g->rt_runtime_us, g->rt_period_us))
			refused(g->name, "budget");
	}
}

/* The first task of a session makes its autogroup; the others get it like forked ones. */
static void join_groups(struct task_struct *p, const struct sim_program *prog)
{
	static struct task_struct *leaders[SIM_MAX_GROUPS];

	sched_move_task(p, sim_groups[prog->group].tg);
	if (!prog->session)
		return;
	if (!leaders[prog->session]) {
		leaders[prog->session] = p;
		sched_autogroup_create_attach(p);
	} else {
		struct task_struct *running = sim_current;

		sim_current = leaders[prog->session];
		sched_autogroup_follow(p);
		sim_current = running;
	}
}

void sim_start_task(const struct sim_program *prog, struct task_struct *parent)
{
	struct task_struct *p, *running = current;
	struct sim_task *t;

	sim_current = parent;
	t = sim_copy_task(prog->name, next_pid++);
	p = &t->task;

	t->program = prog;
	t->number = nr_tasks;
	if (nr_tasks == tasks_size) {
		tasks_size = tasks_size ? 2 * tasks_size : 64;
		tasks = realloc(tasks, tasks_size * sizeof(*tasks));
		BUG_ON(!tasks);
	}
	tasks[nr_tasks++] = t;
	set_task_of_pid(t);
	BUG_ON(sched_fork(0, p));
	sched_cgroup_fork(p);
	sched_post_fork(p);
	sim_current = running;
	if (prog->first_cpu >= 0)
		sim_set_cpus(p, prog->first_cpu, prog->last_cpu);
	set_policy(p, prog);
	join_groups(p, prog);
	t->started = true;
	t->runnable_since = t->release = sim_now;
	wake_up_new_task(p);
}

static void begin_program(void *arg, u64 tag)
{
	sim_start_task(arg, this_rq()->idle);
}

void sim_add_workload(const struct sim_program *progs, int n)
{
	int i, k;

	programs = progs;
	nr_programs = n;
	for (i = 0; i < n; i++)
		for (k = 0; k < progs[i].count; k++)
			sim_post(sim_now + progs[i].start, 0, begin_program, (void *)&progs[i], 0);
}

const struct sim_program *sim_program(s64 number)
{
	return &programs[number % nr_programs];
}

static struct sim_task *kernel_task(const char *name, int cpu)
{
	struct sim_task *t = sim_copy_task(name, next_pid++);

	t->task.flags |= PF_KTHREAD;
	BUG_ON(sched_fork(0, &t->task));
	t->task.flags |= PF_KTHREAD;
	sched_cgroup_fork(&t->task);
	__set_task_cpu(&t->task, cpu);
	return t;
}

int sched_env_start_stopper(unsigned int cpu)
{
	struct sim_task *t = kernel_task("migration", cpu);

	cpumask_clear(&t->task.cpus_mask);
	cpumask_set_cpu(cpu, &t->task.cpus_mask);
	t->task.flags |= PF_NO_SETAFFINITY;
	t->task.nr_cpus_allowed = 1;
	t->task.__state = TASK_INTERRUPTIBLE;
	sched_set_stop_task(cpu, &t->task);
	return 0;
}

void sched_env_for_each_task(void (*fn)(struct task_struct *p, void *arg), void *arg)
{
	int i;

	for (i = 0; i < nr_tasks; i++)
		if (!tasks[i]->exited)
			fn(&tasks[i]->task, arg);
}
