/* SPDX-License-Identifier: MIT */
/*
 * What the scheduler shows of itself: the text of /proc/PID/sched and schedstat,
 * /proc/sched_debug and /proc/schedstat, a task's state letter, tasks in the log. Kernel only.
 * Task context unless said; values are read without the run queues' locks and may be a moment
 * apart from each other.
 */
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>
#include <jiffy/signal.h>

#include "../../sched/internal.h"

/* As in /proc/PID/stat (proc(5)). */
char task_state_to_char(struct task_struct *t)
{
	static const struct {
		unsigned int bit;
		char letter;
	} states[] = {{TASK_INTERRUPTIBLE, 'S'},
		      {TASK_UNINTERRUPTIBLE, 'D'},
		      {__TASK_STOPPED, 'T'},
		      {__TASK_TRACED, 't'},
		      {TASK_PARKED, 'P'}};
	unsigned int state = READ_ONCE(t->__state), exit = READ_ONCE(t->exit_state), i;

	if (exit)
		return exit & EXIT_ZOMBIE ? 'Z' : 'X';
	if ((state & TASK_IDLE) == TASK_IDLE)
		return 'I';
	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (state & states[i].bit)
			return states[i].letter;
	return state & TASK_DEAD ? 'X' : 'R';
}

unsigned int sched_passes(void)
{
	return sched_count(this_rq());
}

/* [any] */
void sched_show_task(struct task_struct *t)
{
	if (!t->stack)
		return;
	pr_info("task %s: state %c, pid %d, tgid %d, cpu %d, flags %#x, prio %d\n", t->comm,
		task_state_to_char(t), t->pid, t->tgid, task_cpu(t), t->flags, t->prio);
	arch_show_stack(t);
}

/* Every task whose state is in the mask (0: all of them). [any] */
void show_state_filter(unsigned int state)
{
	struct task_struct *g, *p;

	rcu_read_lock();
	for_each_process_thread (g, p)
		if (!state || (READ_ONCE(p->__state) & state))
			sched_show_task(p);
	rcu_read_unlock();
}

/* Nanoseconds as milliseconds with six digits behind the point, as these files have them. */
static void show_ms(struct seq_file *m, const char *name, s64 ns)
{
	u64 abs = ns < 0 ? -(u64)ns : (u64)ns;

	seq_printf(m, "%-45s:%s%14llu.%06llu\n", name, ns < 0 ? "-" : " ",
		   (unsigned long long)(abs / 1000000), (unsigned long long)(abs % 1000000));
}

static void show_number(struct seq_file *m, const char *name, long long v)
{
	seq_printf(m, "%-45s:%21lld\n", name, v);
}

void proc_sched_show_task(struct task_struct *p, struct seq_file *m)
{
	unsigned long nr_switches = p->nvcsw + p->nivcsw;

	seq_printf(m, "%s (%d, #threads: %d)\n", p->comm, p->pid,
		   p->signal ? p->signal->nr_threads : 1);
	seq_puts(m, "-------------------------------------------------------------------\n");
	show_ms(m, "se.exec_start", p->se.exec_start);
	show_ms(m, "se.vruntime", p->se.vruntime);
	show_ms(m, "se.sum_exec_runtime", task_sched_runtime(p));
	show_number(m, "se.nr_migrations", p->se.nr_migrations);
	show_ms(m, "sum_sleep_runtime", p->stats.sum_sleep_runtime);
	show_ms(m, "sum_block_runtime", p->stats.sum_block_runtime);
	show_ms(m, "sleep_max", p->stats.sleep_max);
	show_ms(m, "block_max", p->stats.block_max);
	show_ms(m, "exec_max", p->stats.exec_max);
	show_ms(m, "wait_sum", p->sched_info.run_delay);
	show_number(m, "wait_count", p->sched_info.pcount);
	show_number(m, "nr_switches", nr_switches);
	show_number(m, "nr_voluntary_switches", p->nvcsw);
	show_number(m, "nr_involuntary_switches", p->nivcsw);
	show_number(m, "se.load.weight", p->se.load.weight);
	show_number(m, "se.avg.load_sum", p->se.avg.load_sum);
	show_number(m, "se.avg.runnable_sum", p->se.avg.runnable_sum);
	show_number(m, "se.avg.util_sum", p->se.avg.util_sum);
	show_number(m, "se.avg.load_avg", p->se.avg.load_avg);
	show_number(m, "se.avg.runnable_avg", p->se.avg.runnable_avg);
	show_number(m, "se.avg.util_avg", p->se.avg.util_avg);
	show_number(m, "se.avg.last_update_time", p->se.avg.last_update_time);
	show_number(m, "policy", p->policy);
	show_number(m, "prio", p->prio);
	if (dl_policy(p->policy)) {
		show_number(m, "dl.runtime", p->dl.runtime);
		show_number(m, "dl.deadline", p->dl.deadline);
	}
	show_number(m, "clock-delta", 0);
}

void proc_sched_set_task(struct task_struct *p)
{
	memset(&p->stats, 0, sizeof(p->stats));
}

void proc_schedstat_show_task(struct task_struct *p, struct seq_file *m)
{
	seq_printf(m, "%llu %llu %lu\n", (unsigned long long)task_sched_runtime(p),
		   (unsigned long long)p->sched_info.run_delay, p->sched_info.pcount);
}

static void show_tasks_of(struct seq_file *m, int cpu)
{
	struct task_struct *g, *p;

	seq_puts(m, "\nrunnable tasks:\n S            task   PID         vruntime   switches  prio"
		    "         sum-exec\n");
	rcu_read_lock();
	for_each_process_thread (g, p) {
		if (task_cpu(p) != cpu)
			continue;
		seq_printf(m, "%c%c %15s %5d %16llu %10lu %5d %16llu\n",
			   cpu_curr(cpu) == p ? '>' : ' ', task_state_to_char(p), p->comm, p->pid,
			   (unsigned long long)p->se.vruntime, p->nvcsw + p->nivcsw, p->prio,
			   (unsigned long long)p->se.sum_exec_runtime);
	}
	rcu_read_unlock();
}

static void show_rq(struct seq_file *m, struct rq *rq)
{
	struct task_struct *curr = READ_ONCE(rq->curr);

	seq_printf(m, "\ncpu#%d\n", rq->cpu);
	show_number(m, "  .nr_running", rq->nr_running);
	show_number(m, "  .nr_switches", rq->nr_switches);
	show_number(m, "  .nr_uninterruptible", rq->nr_uninterruptible);
	show_number(m, "  .next_balance", rq->next_balance);
	show_number(m, "  .curr->pid", curr ? curr->pid : -1);
	show_ms(m, "  .clock", rq->clock);
	show_ms(m, "  .clock_task", rq->clock_task);
	show_number(m, "  .avg_idle", rq->avg_idle);
	seq_printf(m, "\ncfs_rq[%d]:\n", rq->cpu);
	show_ms(m, "  .min_vruntime", rq->cfs.min_vruntime);
	show_number(m, "  .nr_running", rq->cfs.nr_running);
	show_number(m, "  .h_nr_running", rq->cfs.h_nr_running);
	show_number(m, "  .load", rq->cfs.load.weight);
	show_number(m, "  .load_avg", rq->cfs.avg.load_avg);
	show_number(m, "  .util_avg", rq->cfs.avg.util_avg);
	seq_printf(m, "\nrt_rq[%d]:\n", rq->cpu);
	show_number(m, "  .rt_nr_running", rq->rt.rt_nr_running);
	show_number(m, "  .rt_throttled", rq->rt.rt_throttled);
	show_ms(m, "  .rt_time", rq->rt.rt_time);
	seq_printf(m, "\ndl_rq[%d]:\n", rq->cpu);
	show_number(m, "  .dl_nr_running", rq->dl.dl_nr_running);
	show_number(m, "  .dl_bw->total_bw", rq->rd->dl_bw.total_bw);
	show_tasks_of(m, rq->cpu);
}

void sched_debug_show(struct seq_file *m)
{
	static const char *const policies[] = {"cfs", "eevdf", "goodness", "o1"};
	unsigned int cpu;

	seq_printf(m, "Sched Debug Version: v0.11, jiffy, sched=%s load=%s\n",
		   policies[sched_choice], load_choice == LOAD_PELT ? "pelt" : "pelt-4.0");
	show_ms(m, "ktime", ktime_get());
	show_number(m, "jiffies", jiffies);
	show_ms(m, "  .sysctl_sched_latency", sysctl_sched_latency);
	show_ms(m, "  .sysctl_sched_min_granularity", sysctl_sched_min_granularity);
	show_ms(m, "  .sysctl_sched_wakeup_granularity", sysctl_sched_wakeup_granularity);
	show_number(m, "  .sysctl_sched_child_runs_first", sysctl_sched_child_runs_first);
	show_number(m, "  .sysctl_sched_features", sysctl_sched_features);
	for_each_online_cpu (cpu)
		show_rq(m, cpu_rq(cpu));
}

static int debug_show(struct seq_file *m, void *v)
{
	sched_debug_show(m);
	return 0;
}

/* The same as /proc/sched_debug, at the place where Linux 5.13 and later have it. */
static int __init sched_debugfs_init(void)
{
	return proc_create_single("sched/debug", 0444, &debugfs_root, debug_show) ? 0 : -ENOMEM;
}
device_initcall(sched_debugfs_init);

static void show_domain_stats(struct seq_file *m, struct sched_domain *sd, int n)
{
	char text[NR_CPUS / 4 + NR_CPUS / 32 + 2];
	int i;

	bitmap_print_hex(text, sizeof(text), cpumask_bits(&sd->span), nr_cpu_ids);
	seq_printf(m, "domain%d %s", n, text);
	for (i = 0; i < 3; i++)
		seq_printf(m, " %u %u %u %u %u %u %u %u", sd->lb_count[i], sd->lb_balanced[i],
			   sd->lb_failed[i], sd->lb_imbalance[i], sd->lb_gained[i],
			   sd->lb_hot_gained[i], sd->lb_nobusyq[i], sd->lb_nobusyg[i]);
	/* The seven zeroes count what Linux has long done in other ways, and shows as zero. */
	seq_printf(m, " %u %u %u 0 0 0 0 0 0 %u %u 0\n", sd->alb_count, sd->alb_failed,
		   sd->alb_pushed, sd->ttwu_wake_remote, sd->ttwu_move_affine);
}

/* Version 15 of the format. */
void schedstat_show(struct seq_file *m)
{
	struct sched_domain *sd;
	unsigned int cpu;

	seq_printf(m, "version 15\ntimestamp %lu\n", jiffies);
	for_each_online_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);
		int n = 0;

		seq_printf(m, "cpu%u %u 0 %u %u %u %u %llu %llu %lu\n", cpu, rq->yld_count,
			   sched_count(rq), rq->sched_goidle, rq->ttwu_count, rq->ttwu_local,
			   (unsigned long long)rq->rq_cpu_time,
			   (unsigned long long)rq->rq_sched_info.run_delay,
			   rq->rq_sched_info.pcount);
		rcu_read_lock();
		for_each_domain (cpu, sd)
			show_domain_stats(m, sd, n++);
		rcu_read_unlock();
	}
}
