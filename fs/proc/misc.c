/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID: limits, io, wchan, stack, syscall, schedstat, oom_score, personality, cgroup,
 * sessionid. Task context.
 */
#include <arch/task.h>
#include <jiffy/cgroup.h>
#include <jiffy/cred.h>
#include <jiffy/kallsyms.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/resource.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include "internal.h"

#define MAX_STACK 64

static const struct {
	const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = {"Max cpu time", "seconds"},
    [RLIMIT_FSIZE] = {"Max file size", "bytes"},
    [RLIMIT_DATA] = {"Max data size", "bytes"},
    [RLIMIT_STACK] = {"Max stack size", "bytes"},
    [RLIMIT_CORE] = {"Max core file size", "bytes"},
    [RLIMIT_RSS] = {"Max resident set", "bytes"},
    [RLIMIT_NPROC] = {"Max processes", "processes"},
    [RLIMIT_NOFILE] = {"Max open files", "files"},
    [RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
    [RLIMIT_AS] = {"Max address space", "bytes"},
    [RLIMIT_LOCKS] = {"Max file locks", "locks"},
    [RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
    [RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
    [RLIMIT_NICE] = {"Max nice priority", NULL},
    [RLIMIT_RTPRIO] = {"Max realtime priority", NULL},
    [RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
};

static void show_limit(struct seq_file *m, unsigned long value)
{
	if (value == RLIM_INFINITY)
		seq_printf(m, "%-20s ", "unlimited");
	else
		seq_printf(m, "%-20lu ", value);
}

int proc_pid_limits(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task)
{
	unsigned int i;

	seq_puts(
	    m, "Limit                     Soft Limit           Hard Limit           Units     \n");
	for (i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(m, "%-25s ", limit_names[i].name);
		show_limit(m, task_rlimit(task, i));
		show_limit(m, task_rlimit_max(task, i));
		if (limit_names[i].unit)
			seq_printf(m, "%-10s\n", limit_names[i].unit);
		else
			seq_putc(m, '\n');
	}
	return 0;
}

struct io_counts {
	u64 rchar, wchar, syscr, syscw;
};

static void add_io(struct io_counts *c, u64 rchar, u64 wchar, u64 syscr, u64 syscw)
{
	c->rchar += rchar;
	c->wchar += wchar;
	c->syscr += syscr;
	c->syscw += syscw;
}

static int show_io(struct seq_file *m, struct task_struct *task, bool whole)
{
	struct signal_struct *sig = task->signal;
	struct io_counts c = {0};
	struct task_struct *t;

	if (!ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		return -EACCES;
	if (whole) {
		add_io(&c, sig->rchar, sig->wchar, sig->syscr, sig->syscw);
		rcu_read_lock();
		for_each_thread (task, t)
			add_io(&c, t->rchar, t->wchar, t->syscr, t->syscw);
		rcu_read_unlock();
	} else {
		add_io(&c, task->rchar, task->wchar, task->syscr, task->syscw);
	}
	seq_printf(m, "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\n",
		   (unsigned long long)c.rchar, (unsigned long long)c.wchar,
		   (unsigned long long)c.syscr, (unsigned long long)c.syscw);
	/* No file system has a disk under it. */
	seq_puts(m, "read_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
	return 0;
}

int proc_pid_io(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		struct task_struct *task)
{
	return show_io(m, task, true);
}

int proc_tid_io(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		struct task_struct *task)
{
	return show_io(m, task, false);
}

/* The call chain of a sleeping task; 0 entries when its stack is gone. */
static int stack_of(struct task_struct *task, unsigned long *entries, int max)
{
	int n = 0;

	if (try_get_task_stack(task)) {
		n = arch_stack_trace(task, entries, max);
		put_task_stack(task);
	}
	return n;
}

/* Functions that say only that the task sleeps, not what for. */
static bool is_sleep_function(const char *name)
{
	static const char *const prefixes[] = {"schedule",    "__schedule",    "preempt_schedule",
					       "arch_switch", "do_nanosleep",  "wait_task_inactive",
					       "io_schedule", "context_switch"};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

int proc_pid_wchan(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	unsigned long entries[16], offset, size;
	const char *name = NULL;
	int i, n;

	if (!ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		goto none;
	if (task == current || task_is_running(task))
		goto none;
	n = stack_of(task, entries, ARRAY_SIZE(entries));
	for (i = 0; i < n; i++) {
		name = kallsyms_lookup(entries[i], &offset, &size);
		if (name && !is_sleep_function(name)) {
			seq_puts(m, name);
			return 0;
		}
	}
none:
	seq_putc(m, '0');
	return 0;
}

int proc_pid_stack(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	unsigned long entries[MAX_STACK];
	char name[128];
	int i, n;

	/* Kernel addresses and what they say of the task: for root. */
	if (!file_ns_capable(m->file, &init_user_ns, CAP_SYS_ADMIN))
		return -EACCES;
	n = stack_of(task, entries, MAX_STACK);
	for (i = 0; i < n; i++) {
		sprint_symbol(name, sizeof(name), entries[i]);
		seq_printf(m, "[<0>] %s\n", name);
	}
	return 0;
}

int proc_pid_syscall(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		     struct task_struct *task)
{
	struct pt_regs *regs;
	long nr;
	int i;

	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	if (task->flags & PF_KTHREAD) {
		seq_puts(m, "0 0 0\n");
		return 0;
	}
	if (task != current && !wait_task_inactive(task, READ_ONCE(task->__state))) {
		seq_puts(m, "running\n");
		return 0;
	}
	if (!try_get_task_stack(task))
		return 0;
	regs = task_pt_regs(task);
	nr = syscall_get_nr(task, regs);
	seq_printf(m, "%ld", nr);
	for (i = 0; nr >= 0 && i < 6; i++)
		seq_printf(m, " 0x%lx", arch_syscall_arg(regs, i));
	seq_printf(m, " 0x%lx 0x%lx\n", user_stack_pointer(regs), instruction_pointer(regs));
	put_task_stack(task);
	return 0;
}

int proc_pid_schedstat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		       struct task_struct *task)
{
	proc_schedstat_show_task(task, m);
	return 0;
}

int proc_oom_score(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	unsigned long total = totalram_pages();
	unsigned long badness = oom_badness(task, total);

	seq_printf(m, "%lu\n", badness);
	return 0;
}

int proc_pid_personality(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			 struct task_struct *task)
{
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	seq_printf(m, "%08x\n", task->personality);
	return 0;
}

int proc_pid_cgroup(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task)
{
	return proc_cgroup_show(m, task);
}

int proc_sessionid(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	seq_printf(m, "%u", ~0u); /* see loginuid */
	return 0;
}
