/* SPDX-License-Identifier: MIT */
/*
 * /proc files about the machine's activity: stat, uptime, loadavg, interrupts, softirqs,
 * schedstat, sched_debug, version, cmdline, cpuinfo and their like (proc(5)). Task context.
 */
#include <arch/boot.h>
#include <arch/irq.h>
#include <jiffy/cdev.h>
#include <jiffy/cputime.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/nsproxy.h>
#include <jiffy/pid.h>
#include "internal.h"

#define NSEC_PER_CLOCK_TICK (NSEC_PER_SEC / 100)

static void add_cpu(u64 *sum, int cpu)
{
	int i;

	for (i = 0; i < NR_STATS; i++)
		sum[i] += READ_ONCE(kcpustat_cpu(cpu).cpustat[i]);
	/* An idle CPU has no tick that would keep these two up to date. */
	sum[CPUTIME_IDLE] +=
	    get_cpu_idle_time(cpu) - READ_ONCE(kcpustat_cpu(cpu).cpustat[CPUTIME_IDLE]);
	sum[CPUTIME_IOWAIT] +=
	    get_cpu_iowait_time(cpu) - READ_ONCE(kcpustat_cpu(cpu).cpustat[CPUTIME_IOWAIT]);
}

static void show_cpu(struct seq_file *m, const u64 *t)
{
	int i;

	for (i = 0; i < NR_STATS; i++)
		seq_put_decimal_ull(m, " ", t[i] / NSEC_PER_CLOCK_TICK);
	seq_putc(m, '\n');
}

static void show_counts(struct seq_file *m)
{
	u64 sum = arch_irq_sum(), n;
	int i;

	for (i = 0; i < NR_IRQS; i++)
		sum += kstat_irq_sum(i);
	seq_put_decimal_ull(m, "intr ", sum);
	for (i = 0; i < NR_IRQS; i++)
		seq_put_decimal_ull(m, " ", kstat_irq_sum(i));
	seq_printf(m, "\nctxt %llu\nbtime %lld\nprocesses %lu\n", nr_context_switches(),
		   (long long)((ktime_get_real() - ktime_get_boottime()) / NSEC_PER_SEC),
		   total_forks);
	seq_printf(m, "procs_running %lu\nprocs_blocked %lu\n", nr_running(), nr_iowait());
	for (sum = 0, i = 0; i < NR_SOFTIRQS; i++)
		sum += kstat_softirq_sum(i);
	seq_put_decimal_ull(m, "softirq ", sum);
	for (i = 0; i < NR_SOFTIRQS; i++) {
		n = kstat_softirq_sum(i);
		seq_put_decimal_ull(m, " ", n);
	}
	seq_putc(m, '\n');
}

static int stat_show(struct seq_file *m, void *v)
{
	u64 all[NR_STATS] = {0};
	int cpu;

	for_each_possible_cpu (cpu)
		add_cpu(all, cpu);
	seq_puts(m, "cpu ");
	show_cpu(m, all);
	for_each_online_cpu (cpu) {
		u64 one[NR_STATS] = {0};

		add_cpu(one, cpu);
		seq_printf(m, "cpu%d", cpu);
		show_cpu(m, one);
	}
	show_counts(m);
	return 0;
}

static int uptime_show(struct seq_file *m, void *v)
{
	u64 up = ktime_get_boottime(), idle = 0;
	int cpu;

	for_each_possible_cpu (cpu)
		idle += get_cpu_idle_time(cpu);
	seq_printf(m, "%llu.%02llu %llu.%02llu\n", (unsigned long long)(up / NSEC_PER_SEC),
		   (unsigned long long)(up % NSEC_PER_SEC / NSEC_PER_CLOCK_TICK),
		   (unsigned long long)(idle / NSEC_PER_SEC),
		   (unsigned long long)(idle % NSEC_PER_SEC / NSEC_PER_CLOCK_TICK));
	return 0;
}

/* Rounded to the nearest hundredth. */
static void show_load(struct seq_file *m, unsigned long load)
{
	load += (1UL << FSHIFT) / 200;
	seq_printf(m, "%lu.%02lu ", load >> FSHIFT,
		   ((load & ((1UL << FSHIFT) - 1)) * 100) >> FSHIFT);
}

static int loadavg_show(struct seq_file *m, void *v)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	int i;

	for (i = 0; i < 3; i++)
		show_load(m, READ_ONCE(avenrun[i]));
	seq_printf(m, "%lu/%d %lu\n", nr_running(), READ_ONCE(nr_threads),
		   READ_ONCE(ns->map.next) - 1);
	return 0;
}

static int version_show(struct seq_file *m, void *v)
{
	struct new_utsname *u;

	down_read(&uts_sem);
	u = utsname();
	seq_printf(m, "%s version %s (jiffy) (gcc %s) %s\n", u->sysname, u->release, __VERSION__,
		   u->version);
	up_read(&uts_sem);
	return 0;
}

static int cmdline_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s\n", boot_command_line);
	return 0;
}

static int cpuinfo_show(struct seq_file *m, void *v)
{
	int cpu;

	for_each_online_cpu (cpu)
		arch_show_cpuinfo(m, cpu);
	return 0;
}

static int interrupts_show(struct seq_file *m, void *v)
{
	irq_show(m);
	return 0;
}

static int softirqs_show(struct seq_file *m, void *v)
{
	softirq_show(m);
	return 0;
}

static int proc_schedstat_show(struct seq_file *m, void *v)
{
	schedstat_show(m);
	return 0;
}

static int proc_sched_debug_show(struct seq_file *m, void *v)
{
	sched_debug_show(m);
	return 0;
}

static int devices_show(struct seq_file *m, void *v)
{
	seq_puts(m, "Character devices:\n");
	chrdev_show(m);
	seq_puts(m, "\nBlock devices:\n");
	return 0;
}

static int filesystems_file_show(struct seq_file *m, void *v)
{
	filesystems_show(m);
	return 0;
}

static int locks_show(struct seq_file *m, void *v)
{
	show_locks(m);
	return 0;
}

static int partitions_show(struct seq_file *m, void *v)
{
	seq_puts(m, "major minor  #blocks  name\n\n");
	return 0;
}

static int swaps_show(struct seq_file *m, void *v)
{
	seq_puts(m, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int diskstats_show(struct seq_file *m, void *v)
{
	return 0; /* no disks: an empty file */
}

static const struct {
	const char *name;
	int (*show)(struct seq_file *m, void *v);
} files[] = {
    {"stat", stat_show},
    {"uptime", uptime_show},
    {"loadavg", loadavg_show},
    {"version", version_show},
    {"cmdline", cmdline_show},
    {"cpuinfo", cpuinfo_show},
    {"interrupts", interrupts_show},
    {"softirqs", softirqs_show},
    {"schedstat", proc_schedstat_show},
    {"sched_debug", proc_sched_debug_show},
    {"devices", devices_show},
    {"filesystems", filesystems_file_show},
    {"locks", locks_show},
    {"partitions", partitions_show},
    {"swaps", swaps_show},
    {"diskstats", diskstats_show},
};

static int __init proc_stat_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!proc_create_single(files[i].name, 0, NULL, files[i].show))
			return -ENOMEM;
	return 0;
}
fs_initcall(proc_stat_init);
