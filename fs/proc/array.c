/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/stat, statm, status and children: the formats of proc(5), field by field. Task
 * context.
 */
#include <jiffy/cputime.h>
#include <jiffy/cred.h>
#include <jiffy/fdtable.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/resource.h>
#include <jiffy/seccomp.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include <jiffy/tty.h>
#include "internal.h"

#define NSEC_PER_CLOCK_TICK (NSEC_PER_SEC / 100) /* sysconf(_SC_CLK_TCK) is 100 */

static u64 nsec_to_clock_t(u64 ns)
{
	return ns / NSEC_PER_CLOCK_TICK;
}

/* comm; escaped, a newline or a backslash in it cannot break the lines around it. */
void proc_task_name(struct seq_file *m, struct task_struct *t, bool escape)
{
	char comm[TASK_COMM_LEN];

	get_task_comm(comm, t);
	if (escape)
		seq_escape(m, comm, "\n\\");
	else
		seq_puts(m, comm);
}

static const char *get_task_state(struct task_struct *t)
{
	switch (task_state_to_char(t)) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 't':
		return "t (tracing stop)";
	case 'X':
		return "X (dead)";
	case 'Z':
		return "Z (zombie)";
	case 'P':
		return "P (parked)";
	default:
		return "I (idle)";
	}
}

static void seq_ids(struct seq_file *m, const char *what, const u32 ids[4])
{
	int i;

	seq_puts(m, what);
	for (i = 0; i < 4; i++)
		seq_printf(m, "\t%u", ids[i]);
}

static void show_creds(struct seq_file *m, struct task_struct *p)
{
	struct user_namespace *ns = current_user_ns();
	const struct cred *cred = get_task_cred(p);
	int i;

	seq_ids(m, "\nUid:",
		(u32[]){from_kuid_munged(ns, cred->uid), from_kuid_munged(ns, cred->euid),
			from_kuid_munged(ns, cred->suid), from_kuid_munged(ns, cred->fsuid)});
	seq_ids(m, "\nGid:",
		(u32[]){from_kgid_munged(ns, cred->gid), from_kgid_munged(ns, cred->egid),
			from_kgid_munged(ns, cred->sgid), from_kgid_munged(ns, cred->fsgid)});
	seq_printf(m, "\nFDSize:\t%u\nGroups:\t", task_max_fds(p));
	for (i = 0; i < cred->group_info->ngroups; i++)
		seq_printf(m, "%s%u", i ? " " : "", from_kgid_munged(ns, cred->group_info->gid[i]));
	seq_puts(m, " ");
	put_cred(cred);
}

/* The numbers of the process in each namespace from the mount's down to its own. */
static void show_ns_numbers(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			    struct task_struct *p)
{
	static const struct {
		const char *name;
		enum pid_type type;
	} rows[] = {{"\nNStgid:", PIDTYPE_TGID},
		    {"\nNSpid:", PIDTYPE_PID},
		    {"\nNSpgid:", PIDTYPE_PGID},
		    {"\nNSsid:", PIDTYPE_SID}};
	unsigned int i, g;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		seq_puts(m, rows[i].name);
		for (g = ns->level; g <= pid->level; g++)
			seq_printf(m, "\t%d",
				   __task_pid_nr_ns(p, rows[i].type, pid->numbers[g].ns));
	}
	seq_putc(m, '\n');
}

static pid_t tracer_nr(struct task_struct *p, struct pid_namespace *ns)
{
	struct task_struct *tracer = ptrace_parent(p);

	return tracer ? task_pid_nr_ns(tracer, ns) : 0;
}

static void show_state(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		       struct task_struct *p)
{
	pid_t ppid, tracer, tgid;
	int umask = -1;

	rcu_read_lock();
	ppid = pid_alive(p) ? task_tgid_nr_ns(rcu_dereference(p->real_parent), ns) : 0;
	tracer = tracer_nr(p, ns);
	tgid = task_tgid_nr_ns(p, ns);
	rcu_read_unlock();
	task_lock(p);
	if (p->fs)
		umask = p->fs->umask;
	task_unlock(p);
	if (umask >= 0)
		seq_printf(m, "Umask:\t%#04o\n", umask);
	seq_printf(m, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d",
		   get_task_state(p), tgid, pid_nr_ns(pid, ns), ppid, tracer);
	show_creds(m, p);
	show_ns_numbers(m, ns, pid, p);
}

static void seq_kb(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_printf(m, "%s%8lu kB\n", name, pages << (PAGE_SHIFT - 10));
}

static void show_mem(struct seq_file *m, struct mm_struct *mm)
{
	unsigned long text =
	    (round_up(mm->end_code, PAGE_SIZE) - round_down(mm->start_code, PAGE_SIZE)) >>
	    PAGE_SHIFT;
	unsigned long anon = get_mm_counter(mm, MM_ANONPAGES);
	unsigned long file = get_mm_counter(mm, MM_FILEPAGES);
	unsigned long shmem = get_mm_counter(mm, MM_SHMEMPAGES);
	unsigned long rss = anon + file + shmem;

	text = min(text, mm->exec_vm);
	seq_kb(m, "VmPeak:\t", max(mm->hiwater_vm, mm->total_vm));
	seq_kb(m, "VmSize:\t", mm->total_vm);
	seq_kb(m, "VmLck:\t", mm->locked_vm);
	seq_kb(m, "VmPin:\t", 0);
	seq_kb(m, "VmHWM:\t", max(get_mm_hiwater_rss(mm), rss));
	seq_kb(m, "VmRSS:\t", rss);
	seq_kb(m, "RssAnon:\t", anon);
	seq_kb(m, "RssFile:\t", file);
	seq_kb(m, "RssShmem:\t", shmem);
	seq_kb(m, "VmData:\t", mm->data_vm);
	seq_kb(m, "VmStk:\t", mm->stack_vm);
	seq_kb(m, "VmExe:\t", text);
	seq_kb(m, "VmLib:\t", mm->exec_vm - text);
	seq_kb(m, "VmPTE:\t", atomic_long_read(&mm->pgtables_bytes) >> PAGE_SHIFT);
	seq_kb(m, "VmSwap:\t", 0);
	seq_printf(m, "HugetlbPages:\t%8lu kB\nCoreDumping:\t%d\nTHP_enabled:\t0\n", 0UL,
		   READ_ONCE(mm->core_state) ? 1 : 0);
}

struct signal_sets {
	sigset_t pending, shared, blocked, ignored, caught;
	unsigned int threads, queued;
	unsigned long limit;
};

static void collect_signals(struct task_struct *p, struct signal_sets *s)
{
	unsigned long flags;
	int i;

	memset(s, 0, sizeof(*s));
	if (!lock_task_sighand(p, &flags))
		return;
	s->pending = p->pending.signal;
	s->shared = p->signal->shared_pending.signal;
	s->blocked = p->blocked;
	for (i = 1; i <= _NSIG; i++) {
		sighandler_t h = p->sighand->action[i - 1].sa.sa_handler;

		if (h == SIG_IGN)
			sigaddset(&s->ignored, i);
		else if (h != SIG_DFL)
			sigaddset(&s->caught, i);
	}
	s->threads = get_nr_threads(p);
	rcu_read_lock();
	s->queued = atomic_read(&__task_cred(p)->user->sigpending);
	rcu_read_unlock();
	s->limit = task_rlimit(p, RLIMIT_SIGPENDING);
	unlock_task_sighand(p, &flags);
}

static void show_signals(struct seq_file *m, struct task_struct *p)
{
	struct signal_sets s;

	collect_signals(p, &s);
	seq_printf(m, "Threads:\t%u\nSigQ:\t%u/%lu\n", s.threads, s.queued, s.limit);
	seq_printf(m, "SigPnd:\t%016llx\nShdPnd:\t%016llx\n", (unsigned long long)s.pending,
		   (unsigned long long)s.shared);
	seq_printf(m, "SigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n",
		   (unsigned long long)s.blocked, (unsigned long long)s.ignored,
		   (unsigned long long)s.caught);
}

static void show_caps(struct seq_file *m, struct task_struct *p)
{
	const struct cred *cred = get_task_cred(p);

	seq_printf(m, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
		   (unsigned long long)cred->cap_inheritable,
		   (unsigned long long)cred->cap_permitted,
		   (unsigned long long)cred->cap_effective);
	seq_printf(m, "CapBnd:\t%016llx\nCapAmb:\t%016llx\n", (unsigned long long)cred->cap_bset,
		   (unsigned long long)cred->cap_ambient);
	put_cred(cred);
	seq_printf(m, "NoNewPrivs:\t%d\n", p->no_new_privs);
	proc_task_seccomp(m, p);
	seq_puts(m, "Speculation_Store_Bypass:\tnot vulnerable\n"
		    "SpeculationIndirectBranch:\tnot affected\n");
}

static void show_cpus(struct seq_file *m, struct task_struct *p)
{
	unsigned long nodes[1] = {READ_ONCE(p->mems_allowed) & ((1UL << nr_online_nodes) - 1)};
	char text[NR_CPUS * 4];
	cpumask_t mask = p->cpus_mask;

	bitmap_print_hex(text, sizeof(text), cpumask_bits(&mask), nr_cpu_ids);
	seq_printf(m, "Cpus_allowed:\t%s\n", text);
	seq_puts(m, "Cpus_allowed_list:\t");
	seq_bitmap_list(m, cpumask_bits(&mask), nr_cpu_ids);
	seq_printf(m, "Mems_allowed:\t%lx\nMems_allowed_list:\t", nodes[0]);
	seq_bitmap_list(m, nodes, nr_online_nodes);
	seq_printf(m, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n", p->nvcsw,
		   p->nivcsw);
}

int proc_pid_status(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);

	seq_puts(m, "Name:\t");
	proc_task_name(m, task, true);
	seq_putc(m, '\n');
	show_state(m, ns, pid, task);
	if (mm) {
		show_mem(m, mm);
		mmput(mm);
	}
	show_signals(m, task);
	show_caps(m, task);
	show_cpus(m, task);
	return 0;
}

/* What /proc/PID/stat takes from the thread group. */
struct stat_group {
	pid_t ppid, pgid, sid, tpgid;
	dev_t tty;
	unsigned long cmin_flt, cmaj_flt, min_flt, maj_flt, rsslim;
	u64 cutime, cstime, cgtime, utime, stime;
	int num_threads, exit_code;
};

static void sum_threads(struct task_struct *task, struct stat_group *g)
{
	struct task_struct *t;

	g->min_flt = task->signal->min_flt;
	g->maj_flt = task->signal->maj_flt;
	rcu_read_lock();
	for_each_thread (task, t) {
		g->min_flt += t->min_flt;
		g->maj_flt += t->maj_flt;
	}
	rcu_read_unlock();
	thread_group_cputime_adjusted(task, &g->utime, &g->stime);
}

static void collect_group(struct pid_namespace *ns, struct task_struct *task, bool whole,
			  struct stat_group *g)
{
	struct pid *pgrp;
	unsigned long flags;

	memset(g, 0, sizeof(*g));
	g->tpgid = -1;
	g->tty = task_tty_nr(task, &pgrp);
	if (g->tty)
		g->tpgid = pid_nr_ns(pgrp, ns);
	put_pid(pgrp);
	if (lock_task_sighand(task, &flags)) {
		struct signal_struct *sig = task->signal;

		g->num_threads = get_nr_threads(task);
		g->cmin_flt = sig->cmin_flt;
		g->cmaj_flt = sig->cmaj_flt;
		g->cutime = sig->cutime;
		g->cstime = sig->cstime;
		g->cgtime = sig->cgtime;
		g->rsslim = READ_ONCE(sig->rlim[RLIMIT_RSS].rlim_cur);
		if (sig->flags & (SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED))
			g->exit_code = sig->group_exit_code;
		g->sid = task_session_nr_ns(task, ns);
		g->pgid = task_pgrp_nr_ns(task, ns);
		g->ppid = task_ppid_nr_ns(task, ns);
		unlock_task_sighand(task, &flags);
	}
	if (whole) {
		sum_threads(task, g);
	} else {
		g->min_flt = task->min_flt;
		g->maj_flt = task->maj_flt;
		task_cputime_adjusted(task, &g->utime, &g->stime);
	}
}

/* Fields 24 to 30: sizes and addresses, the latter for those who may trace the process. */
static void stat_memory(struct seq_file *m, struct task_struct *task, struct mm_struct *mm,
			bool permitted, const struct stat_group *g)
{
	bool dying = permitted && (task->flags & (PF_EXITING | PF_DUMPCORE)) && mm &&
		     try_get_task_stack(task);

	seq_put_decimal_ull(m, " ", mm ? task_vsize(mm) : 0);
	seq_put_decimal_ull(m, " ", mm ? get_mm_rss(mm) : 0);
	seq_put_decimal_ull(m, " ", g->rsslim);
	seq_put_decimal_ull(m, " ", mm ? (permitted ? mm->start_code : 1) : 0);
	seq_put_decimal_ull(m, " ", mm ? (permitted ? mm->end_code : 1) : 0);
	seq_put_decimal_ull(m, " ", permitted && mm ? mm->start_stack : 0);
	seq_put_decimal_ull(m, " ", dying ? user_stack_pointer(task_pt_regs(task)) : 0);
	seq_put_decimal_ull(m, " ", dying ? instruction_pointer(task_pt_regs(task)) : 0);
	if (dying)
		put_task_stack(task);
}

/* The last fields: where the program's data and strings lie. */
static void stat_layout(struct seq_file *m, struct mm_struct *mm)
{
	unsigned long v[7] = {0};
	unsigned int i;

	if (mm) {
		v[0] = mm->start_data;
		v[1] = mm->end_data;
		v[2] = mm->start_brk;
		v[3] = mm->arg_start;
		v[4] = mm->arg_end;
		v[5] = mm->env_start;
		v[6] = mm->env_end;
	}
	for (i = 0; i < ARRAY_SIZE(v); i++)
		seq_put_decimal_ull(m, " ", v[i]);
}

static void stat_signals(struct seq_file *m, struct task_struct *task)
{
	struct signal_sets s;

	collect_signals(task, &s);
	/* Historic: 31 signals, one word. */
	seq_put_decimal_ull(m, " ", s.pending & 0x7fffffffUL);
	seq_put_decimal_ull(m, " ", s.blocked & 0x7fffffffUL);
	seq_put_decimal_ull(m, " ", s.ignored & 0x7fffffffUL);
	seq_put_decimal_ull(m, " ", s.caught & 0x7fffffffUL);
}

/* Where it runs or last ran, which is noted on its stack; a reaped task has none. */
static int last_cpu(struct task_struct *task)
{
	int cpu = 0;

	if (try_get_task_stack(task)) {
		cpu = task_cpu(task);
		put_task_stack(task);
	}
	return cpu;
}

static int do_task_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
			struct task_struct *task, bool whole)
{
	bool permitted = ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS | PTRACE_MODE_NOAUDIT);
	char state = task_state_to_char(task);
	struct mm_struct *mm = get_task_mm(task);
	struct stat_group g;

	collect_group(ns, task, whole, &g);
	seq_put_decimal_ull(m, "", pid_nr_ns(pid, ns));
	seq_puts(m, " (");
	proc_task_name(m, task, false);
	seq_printf(m, ") %c %d %d %d %d %d %u", state, g.ppid, g.pgid, g.sid, (int)g.tty, g.tpgid,
		   task->flags);
	seq_printf(m, " %lu %lu %lu %lu", g.min_flt, g.cmin_flt, g.maj_flt, g.cmaj_flt);
	seq_put_decimal_ull(m, " ", nsec_to_clock_t(g.utime));
	seq_put_decimal_ull(m, " ", nsec_to_clock_t(g.stime));
	seq_put_decimal_ll(m, " ", nsec_to_clock_t(g.cutime));
	seq_put_decimal_ll(m, " ", nsec_to_clock_t(g.cstime));
	seq_printf(m, " %d %d %d 0", task_prio(task), task_nice(task), g.num_threads);
	seq_put_decimal_ull(m, " ", nsec_to_clock_t(task->start_boottime));
	stat_memory(m, task, mm, permitted, &g);
	stat_signals(m, task);
	/* wchan: whether it sleeps is told, where not. nswap, cnswap: not kept. */
	seq_printf(m, " %d 0 0 %d %d %u %u 0", permitted && state != 'R', task->exit_signal,
		   last_cpu(task), task->rt_priority, task->policy);
	seq_put_decimal_ull(m, " ", nsec_to_clock_t(task->gtime));
	seq_put_decimal_ll(m, " ", nsec_to_clock_t(g.cgtime));
	stat_layout(m, permitted ? mm : NULL);
	seq_printf(m, " %d\n", permitted ? (g.exit_code ? g.exit_code : task->exit_code) : 0);
	if (mm)
		mmput(mm);
	return 0;
}

int proc_tid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		  struct task_struct *task)
{
	return do_task_stat(m, ns, pid, task, false);
}

int proc_tgid_stat(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	return do_task_stat(m, ns, pid, task, true);
}

int proc_pid_statm(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		   struct task_struct *task)
{
	unsigned long size = 0, resident = 0, shared = 0, text = 0, data = 0;
	struct mm_struct *mm = get_task_mm(task);

	if (mm) {
		size = task_statm(mm, &shared, &text, &data, &resident);
		mmput(mm);
	}
	seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", size, resident, shared, text, data);
	return 0;
}

int proc_pid_children(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		      struct task_struct *task)
{
	struct task_struct *child;

	read_lock(&tasklist_lock);
	list_for_each_entry (child, &task->children, sibling)
		seq_printf(m, "%d ", task_pid_nr_ns(child, ns));
	read_unlock(&tasklist_lock);
	return 0;
}
