/* SPDX-License-Identifier: MIT */
/*
 * Small per-process values that may be written: comm, oom_score_adj and oom_adj,
 * coredump_filter, timerslack_ns, autogroup, the user namespace's maps, sched, loginuid. Task
 * context.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/sched_group.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include "internal.h"

#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000
#define OOM_DISABLE	  (-17)
#define OOM_ADJUST_MAX	  15

/* Copies what a program wrote as a line without its newline. ERR_PTR. */
static char *line_from_user(const char __user *buf, size_t count)
{
	char *s;

	if (count >= PAGE_SIZE)
		return ERR_PTR(-EINVAL);
	s = memdup_user_nul(buf, count);
	if (!IS_ERR(s) && count && s[count - 1] == '\n')
		s[count - 1] = '\0';
	return s;
}

/* A decimal number; it may have spaces round it. */
static int int_from_user(const char __user *buf, size_t count, int *res)
{
	char text[32] = "";

	count = min(count, sizeof(text) - 1);
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	return kstrtoint(strim(text), 0, res);
}

static int comm_show(struct seq_file *m, void *v)
{
	struct task_struct *p = get_proc_task(m->private);

	if (!p)
		return -ESRCH;
	proc_task_name(m, p, false);
	seq_putc(m, '\n');
	put_task_struct(p);
	return 0;
}

static int comm_open(struct inode *inode, struct file *file)
{
	return single_open(file, comm_show, inode);
}

/* Only a thread of the same process gives a name. */
static ssize_t comm_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	char name[TASK_COMM_LEN] = "";
	struct task_struct *p;
	ssize_t ret = count;

	if (copy_from_user(name, buf, min(count, sizeof(name) - 1)))
		return -EFAULT;
	p = get_proc_task(file_inode(file));
	if (!p)
		return -ESRCH;
	if (same_thread_group(current, p))
		set_task_comm(p, name);
	else
		ret = -EINVAL;
	put_task_struct(p);
	return ret;
}

const struct file_operations proc_pid_set_comm_operations = {
    .open = comm_open,
    .read_iter = seq_read_iter,
    .write = comm_write,
    .llseek = seq_lseek,
    .release = single_release,
};

static ssize_t give_number(char __user *buf, size_t count, loff_t *pos, const char *fmt, long v)
{
	char text[32];

	return simple_read_from_buffer(buf, count, pos, text, snprintf(text, sizeof(text), fmt, v));
}

static ssize_t oom_score_adj_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct task_struct *p = get_proc_task(file_inode(file));
	short adj;

	if (!p)
		return -ESRCH;
	adj = READ_ONCE(p->signal->oom_score_adj);
	put_task_struct(p);
	return give_number(buf, count, pos, "%ld\n", adj);
}

/* Making a process less likely to be chosen than it has been is a privilege. */
static int set_oom_adj(struct file *file, int adj)
{
	struct task_struct *p = get_proc_task(file_inode(file));
	int err = 0;

	if (!p)
		return -ESRCH;
	task_lock(p);
	if (adj < p->signal->oom_score_adj_min && !capable(CAP_SYS_RESOURCE)) {
		err = -EACCES;
	} else {
		WRITE_ONCE(p->signal->oom_score_adj, adj);
		if (capable(CAP_SYS_RESOURCE))
			p->signal->oom_score_adj_min = adj;
	}
	task_unlock(p);
	put_task_struct(p);
	return err;
}

static ssize_t oom_score_adj_write(struct file *file, const char __user *buf, size_t count,
				   loff_t *pos)
{
	int adj, err = int_from_user(buf, count, &adj);

	if (!err && (adj < OOM_SCORE_ADJ_MIN || adj > OOM_SCORE_ADJ_MAX))
		err = -EINVAL;
	if (!err)
		err = set_oom_adj(file, adj);
	return err ? err : count;
}

/* The older scale, -17 to 15, of the same value. */
static ssize_t oom_adj_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct task_struct *p = get_proc_task(file_inode(file));
	long adj;

	if (!p)
		return -ESRCH;
	adj = READ_ONCE(p->signal->oom_score_adj);
	put_task_struct(p);
	adj = adj == OOM_SCORE_ADJ_MAX ? OOM_ADJUST_MAX : adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX;
	return give_number(buf, count, pos, "%ld\n", adj);
}

static ssize_t oom_adj_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	int adj, err = int_from_user(buf, count, &adj);

	if (!err && (adj < OOM_DISABLE || adj > OOM_ADJUST_MAX))
		err = -EINVAL;
	if (!err)
		err = set_oom_adj(file, adj == OOM_ADJUST_MAX
					    ? OOM_SCORE_ADJ_MAX
					    : adj * OOM_SCORE_ADJ_MAX / -OOM_DISABLE);
	return err ? err : count;
}

const struct file_operations proc_oom_score_adj_operations = {
    .read = oom_score_adj_read,
    .write = oom_score_adj_write,
    .llseek = default_llseek,
};
const struct file_operations proc_oom_adj_operations = {
    .read = oom_adj_read,
    .write = oom_adj_write,
    .llseek = default_llseek,
};

static struct mm_struct *file_mm(struct file *file)
{
	struct task_struct *p = get_proc_task(file_inode(file));
	struct mm_struct *mm;

	if (!p)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(p);
	put_task_struct(p);
	return mm;
}

static ssize_t coredump_filter_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct mm_struct *mm = file_mm(file);
	unsigned long filter;

	if (IS_ERR_OR_NULL(mm))
		return PTR_ERR(mm);
	filter = (READ_ONCE(mm->flags) & MMF_DUMP_FILTER_MASK) >> MMF_DUMP_FILTER_SHIFT;
	mmput(mm);
	return give_number(buf, count, pos, "%08lx\n", filter);
}

static ssize_t coredump_filter_write(struct file *file, const char __user *buf, size_t count,
				     loff_t *pos)
{
	int value, i, err = int_from_user(buf, count, &value);
	struct mm_struct *mm;

	if (err)
		return err;
	mm = file_mm(file);
	if (IS_ERR_OR_NULL(mm))
		return mm ? PTR_ERR(mm) : count;
	for (i = 0; i < MMF_DUMP_FILTER_BITS; i++) {
		if (value & (1 << i))
			set_bit(i + MMF_DUMP_FILTER_SHIFT, &mm->flags);
		else
			clear_bit(i + MMF_DUMP_FILTER_SHIFT, &mm->flags);
	}
	mmput(mm);
	return count;
}

const struct file_operations proc_coredump_filter_operations = {
    .read = coredump_filter_read,
    .write = coredump_filter_write,
    .llseek = generic_file_llseek,
};

/* Another's slack is for those who may change how it is scheduled. */
static bool may_slack(struct task_struct *p)
{
	return p == current || ns_capable(&init_user_ns, CAP_SYS_NICE);
}

static int timerslack_show(struct seq_file *m, void *v)
{
	struct task_struct *p = get_proc_task(m->private);
	int err = 0;

	if (!p)
		return -ESRCH;
	if (may_slack(p))
		seq_printf(m, "%llu\n", (unsigned long long)p->timer_slack_ns);
	else
		err = -EPERM;
	put_task_struct(p);
	return err;
}

static int timerslack_open(struct inode *inode, struct file *file)
{
	return single_open(file, timerslack_show, inode);
}

static ssize_t timerslack_write(struct file *file, const char __user *buf, size_t count,
				loff_t *pos)
{
	char *line = line_from_user(buf, count);
	unsigned long long slack;
	struct task_struct *p;
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = kstrtoull(line, 10, &slack);
	kfree(line);
	p = err ? NULL : get_proc_task(file_inode(file));
	if (!p)
		return err ? err : -ESRCH;
	if (may_slack(p))
		p->timer_slack_ns = slack ? slack : p->default_timer_slack_ns;
	else
		err = -EPERM;
	put_task_struct(p);
	return err ? err : count;
}

const struct file_operations proc_timerslack_operations = {
    .open = timerslack_open,
    .read_iter = seq_read_iter,
    .write = timerslack_write,
    .llseek = seq_lseek,
    .release = single_release,
};

/* sched(7), "The autogroup feature". */
static int autogroup_show(struct seq_file *m, void *v)
{
	struct task_struct *p = get_proc_task(m->private);
	unsigned long id;
	int nice;

	if (!p)
		return -ESRCH;
	if (sched_autogroup_get(p, &id, &nice))
		seq_printf(m, "/autogroup-%lu nice %d\n", id, nice);
	put_task_struct(p);
	return 0;
}

static int autogroup_open(struct inode *inode, struct file *file)
{
	return single_open(file, autogroup_show, inode);
}

/*
 * A change touches every CPU's queue, so of those without privilege one is let through in a tenth
 * of a second; all of them together, for it is the machine that is to be spared.
 */
static int set_autogroup_nice(struct task_struct *p, int nice)
{
	static unsigned long next; /* jiffies */

	if (nice < MIN_NICE || nice > MAX_NICE)
		return -EINVAL;
	if (nice < 0 && !can_nice(current, nice))
		return -EPERM;
	if (!capable(CAP_SYS_ADMIN)) {
		if (time_before(jiffies, READ_ONCE(next)))
			return -EAGAIN;
		WRITE_ONCE(next, jiffies + HZ / 10);
	}
	return sched_autogroup_set_nice(p, nice);
}

static ssize_t autogroup_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct task_struct *p;
	int nice, err = int_from_user(buf, count, &nice);

	if (err)
		return err;
	p = get_proc_task(file_inode(file));
	if (!p)
		return -ESRCH;
	err = set_autogroup_nice(p, nice);
	put_task_struct(p);
	return err ? err : count;
}

const struct file_operations proc_autogroup_operations = {
    .open = autogroup_open,
    .read_iter = seq_read_iter,
    .write = autogroup_write,
    .llseek = seq_lseek,
    .release = single_release,
};

static struct user_namespace *task_user_ns(const struct inode *inode)
{
	struct task_struct *p = get_proc_task(inode);
	struct user_namespace *ns;

	if (!p)
		return NULL;
	rcu_read_lock();
	ns = get_user_ns(__task_cred(p)->user_ns);
	rcu_read_unlock();
	put_task_struct(p);
	return ns;
}

/* The namespace's map as its reader's own namespace numbers things. */
static int show_id_map(struct seq_file *m, bool gid)
{
	struct user_namespace *ns = task_user_ns(m->private);
	struct user_namespace *seen = m->file->f_cred->user_ns;
	const struct uid_gid_map *map;
	unsigned int i, n;

	if (!ns)
		return -ESRCH;
	if (seen == ns && seen->parent)
		seen = seen->parent;
	map = gid ? &ns->gid_map : &ns->uid_map;
	n = smp_load_acquire(&map->nr_extents);
	for (i = 0; i < n; i++) {
		const struct uid_gid_extent *e = &map->extents[i];

		seq_printf(m, "%10u %10u %10u\n", e->first,
			   gid ? from_kgid(seen, e->lower_first) : from_kuid(seen, e->lower_first),
			   e->count);
	}
	put_user_ns(ns);
	return 0;
}

static int uid_map_show(struct seq_file *m, void *v)
{
	return show_id_map(m, false);
}

static int gid_map_show(struct seq_file *m, void *v)
{
	return show_id_map(m, true);
}

static int setgroups_show(struct seq_file *m, void *v)
{
	struct user_namespace *ns = task_user_ns(m->private);

	if (!ns)
		return -ESRCH;
	seq_printf(m, "%s\n", userns_may_setgroups(ns) ? "allow" : "deny");
	put_user_ns(ns);
	return 0;
}

static ssize_t write_ns(struct file *file, const char __user *buf, size_t count, loff_t *pos,
			int what)
{
	struct user_namespace *ns;
	ssize_t ret;
	char *text;

	if (*pos || count >= PAGE_SIZE)
		return -EINVAL;
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	ns = task_user_ns(file_inode(file));
	ret = -ESRCH;
	if (ns) {
		ret = what == 2 ? userns_setgroups_write(file, ns, text, count)
				: userns_map_write(file, ns, what, text, count);
		put_user_ns(ns);
	}
	kfree(text);
	return ret;
}

static ssize_t uid_map_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	return write_ns(file, buf, count, pos, 0);
}

static ssize_t gid_map_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	return write_ns(file, buf, count, pos, 1);
}

static ssize_t setgroups_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	return write_ns(file, buf, count, pos, 2);
}

static int uid_map_open(struct inode *inode, struct file *file)
{
	return single_open(file, uid_map_show, inode);
}

static int gid_map_open(struct inode *inode, struct file *file)
{
	return single_open(file, gid_map_show, inode);
}

static int setgroups_open(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_WRITE) {
		struct user_namespace *ns = task_user_ns(inode);
		bool may;

		if (!ns)
			return -ESRCH;
		may = ns_capable(ns, CAP_SYS_ADMIN);
		put_user_ns(ns);
		if (!may)
			return -EACCES;
	}
	return single_open(file, setgroups_show, inode);
}

#define NS_FILE(what)                                             \
	const struct file_operations proc_##what##_operations = { \
	    .open = what##_open,                                  \
	    .read_iter = seq_read_iter,                           \
	    .write = what##_write,                                \
	    .llseek = seq_lseek,                                  \
	    .release = single_release,                            \
	}
NS_FILE(uid_map);
NS_FILE(gid_map);
NS_FILE(setgroups);

static int sched_show(struct seq_file *m, void *v)
{
	struct task_struct *p = get_proc_task(m->private);

	if (!p)
		return -ESRCH;
	proc_sched_show_task(p, m);
	put_task_struct(p);
	return 0;
}

static int sched_open(struct inode *inode, struct file *file)
{
	return single_open(file, sched_show, inode);
}

static ssize_t sched_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct task_struct *p = get_proc_task(file_inode(file));

	if (!p)
		return -ESRCH;
	proc_sched_set_task(p);
	put_task_struct(p);
	return count;
}

const struct file_operations proc_pid_sched_operations = {
    .open = sched_open,
    .read_iter = seq_read_iter,
    .write = sched_write,
    .llseek = seq_lseek,
    .release = single_release,
};

/* Nobody logged in: there is no audit subsystem that would keep who it was. */
static ssize_t loginuid_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	return give_number(buf, count, pos, "%lu", (long)(uid_t)-1);
}

static ssize_t loginuid_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	return -EPERM;
}

const struct file_operations proc_loginuid_operations = {
    .read = loginuid_read,
    .write = loginuid_write,
    .llseek = generic_file_llseek,
};

/* Which of the task's next allocations is to fail; each task sets its own. 0: none. */
static ssize_t fail_nth_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct task_struct *p = get_proc_task(file_inode(file));
	unsigned int nth;

	if (!p)
		return -ESRCH;
	nth = READ_ONCE(p->fail_nth);
	put_task_struct(p);
	return give_number(buf, count, pos, "%ld\n", nth);
}

static ssize_t fail_nth_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	int nth, err = int_from_user(buf, count, &nth);
	struct task_struct *p;

	if (err)
		return err;
	if (nth < 0)
		return -EINVAL;
	p = get_proc_task(file_inode(file));
	if (!p)
		return -ESRCH;
	WRITE_ONCE(p->fail_nth, nth);
	put_task_struct(p);
	return count;
}

const struct file_operations proc_fail_nth_operations = {
    .read = fail_nth_read,
    .write = fail_nth_write,
    .llseek = default_llseek,
};
