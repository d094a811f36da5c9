/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID and /proc/PID/task/TID: look-up, listing, owners and permissions; the tables of what
 * is in them. An inode holds the struct pid, never the task, so it keeps nothing alive; each
 * operation finds the task anew and answers ESRCH when it is gone. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include "internal.h"

/* Where the processes begin in the root's listing: see root.c. */
#define FIRST_PROCESS_ENTRY 256

/*
 * Who may dump a process may look at it, so its files are its own; another process's secrets
 * (it has changed its identity) are root's. Directories that everyone may list stay its own.
 */
void task_dump_owner(struct task_struct *task, umode_t mode, kuid_t *ruid, kgid_t *rgid)
{
	const struct cred *cred;
	struct mm_struct *mm;

	*ruid = GLOBAL_ROOT_UID;
	*rgid = GLOBAL_ROOT_GID;
	if (task->flags & PF_KTHREAD)
		return;
	rcu_read_lock();
	cred = __task_cred(task);
	*ruid = cred->euid;
	*rgid = cred->egid;
	rcu_read_unlock();
	if (mode == (S_IFDIR | 0555))
		return;
	task_lock(task);
	mm = task->mm;
	if (!mm) {
		*ruid = GLOBAL_ROOT_UID;
		*rgid = GLOBAL_ROOT_GID;
	} else if ((mm->flags & MMF_DUMPABLE_MASK) != SUID_DUMP_USER) {
		*ruid = make_kuid(mm->user_ns, 0);
		*rgid = make_kgid(mm->user_ns, 0);
		if (!uid_valid(*ruid))
			*ruid = GLOBAL_ROOT_UID;
		if (!gid_valid(*rgid))
			*rgid = GLOBAL_ROOT_GID;
	}
	task_unlock(task);
}

struct inode *proc_pid_make_inode(struct super_block *sb, struct task_struct *task, umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_mode = mode;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	PROC_I(inode)->pid = get_task_pid(task, PIDTYPE_PID);
	if (!PROC_I(inode)->pid) {
		iput(inode);
		return NULL;
	}
	task_dump_owner(task, mode, &inode->i_uid, &inode->i_gid);
	return inode;
}

int pid_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = d_inode(dentry);
	struct task_struct *task;

	if (flags & LOOKUP_RCU)
		return -ECHILD;
	task = get_proc_task(inode);
	if (!task)
		return 0;
	task_dump_owner(task, inode->i_mode, &inode->i_uid, &inode->i_gid);
	inode->i_mode &= ~(S_ISUID | S_ISGID);
	put_task_struct(task);
	return 1;
}

/* hidepid=: may current see more of task than least hide_pid hides? */
static bool has_pid_permissions(struct proc_fs_info *info, struct task_struct *task, int least)
{
	if (info->hide_pid == HIDEPID_NOT_PTRACEABLE)
		return ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
	if (info->hide_pid < least || in_group_p(info->pid_gid))
		return true;
	return ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
}

static int proc_pid_permission(struct inode *inode, int mask)
{
	struct proc_fs_info *info = proc_sb_info(inode->i_sb);
	struct task_struct *task;
	bool may;

	if (info->hide_pid == HIDEPID_OFF)
		return generic_permission(inode, mask);
	if (mask & MAY_NOT_BLOCK)
		return -ECHILD;
	task = get_proc_task(inode);
	if (!task)
		return -ESRCH;
	may = has_pid_permissions(info, task, HIDEPID_NO_ACCESS);
	put_task_struct(task);
	if (!may)
		return info->hide_pid == HIDEPID_INVISIBLE ? -ENOENT : -EPERM;
	return generic_permission(inode, mask);
}

int pid_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct proc_fs_info *info = proc_sb_info(inode->i_sb);
	struct task_struct *task = get_proc_task(inode);
	int err = 0;

	generic_fillattr(inode, stat);
	if (!task)
		return 0;
	if (!has_pid_permissions(info, task, HIDEPID_INVISIBLE))
		err = -ENOENT;
	else
		task_dump_owner(task, inode->i_mode, &stat->uid, &stat->gid);
	put_task_struct(task);
	return err;
}

static const struct inode_operations proc_def_inode_operations = {.setattr = proc_setattr};

/* Files that a function prints as a whole. */
static int proc_single_show(struct seq_file *m, void *v)
{
	struct inode *inode = m->private;
	struct task_struct *task = get_proc_task(inode);
	int err;

	if (!task)
		return -ESRCH;
	err = PROC_I(inode)->op->show(m, proc_pid_ns(inode->i_sb), PROC_I(inode)->pid, task);
	put_task_struct(task);
	return err;
}

static int proc_single_open(struct inode *inode, struct file *file)
{
	return single_open(file, proc_single_show, inode);
}

const struct file_operations proc_single_file_operations = {
    .open = proc_single_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = single_release,
};

/*
 * Magic links: they lead to the very object, whatever has become of its name. Who may not
 * trace the process may not follow them.
 */
static int follow_link(struct inode *inode, struct path *path)
{
	struct task_struct *task = get_proc_task(inode);
	int err = -EACCES;

	if (!task)
		return -ENOENT;
	if (ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		err = PROC_I(inode)->op->get_link(inode, task, path);
	put_task_struct(task);
	return err;
}

static const char *proc_pid_get_link(struct dentry *dentry, struct inode *inode,
				     struct delayed_call *done)
{
	struct path path;
	int err;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	err = follow_link(inode, &path);
	if (!err)
		err = nd_jump_link(&path);
	return ERR_PTR(err);
}

static int proc_pid_readlink(struct dentry *dentry, char __user *buf, int size)
{
	char *page, *name;
	struct path path;
	int len = follow_link(d_inode(dentry), &path);

	if (len)
		return len;
	page = (char *)__get_free_page(GFP_KERNEL);
	name = page ? d_path(&path, page, PAGE_SIZE) : ERR_PTR(-ENOMEM);
	len = PTR_ERR(name);
	if (!IS_ERR(name)) {
		len = min_t(int, strlen(name), size);
		if (copy_to_user(buf, name, len))
			len = -EFAULT;
	}
	if (page)
		free_page((unsigned long)page);
	path_put(&path);
	return len;
}

const struct inode_operations proc_pid_link_inode_operations = {
    .get_link = proc_pid_get_link,
    .readlink = proc_pid_readlink,
    .setattr = proc_setattr,
};

static int cwd_link(struct inode *inode, struct task_struct *task, struct path *path)
{
	int err = -ENOENT;

	task_lock(task);
	if (task->fs) {
		get_fs_pwd(task->fs, path);
		err = 0;
	}
	task_unlock(task);
	return err;
}

static int root_link(struct inode *inode, struct task_struct *task, struct path *path)
{
	int err = -ENOENT;

	task_lock(task);
	if (task->fs) {
		get_fs_root(task->fs, path);
		err = 0;
	}
	task_unlock(task);
	return err;
}

static int exe_link(struct inode *inode, struct task_struct *task, struct path *path)
{
	struct mm_struct *mm = get_task_mm(task);
	struct file *exe = mm ? get_mm_exe_file(mm) : NULL;

	if (mm)
		mmput(mm);
	if (!exe)
		return -ENOENT;
	*path = exe->f_path;
	path_get(path);
	fput(exe);
	return 0;
}

struct mm_struct *proc_mem_open(struct inode *inode, unsigned int mode)
{
	struct task_struct *task = get_proc_task(inode);
	struct mm_struct *mm = ERR_PTR(-ESRCH);

	if (!task)
		return mm;
	if (down_read_killable(&task->signal->exec_update_lock)) {
		mm = ERR_PTR(-EINTR);
	} else {
		mm = get_task_mm(task);
		if (mm && mm != current->mm &&
		    !ptrace_may_access(task, mode | PTRACE_MODE_FSCREDS)) {
			mmput(mm);
			mm = ERR_PTR(-EACCES);
		}
		up_read(&task->signal->exec_update_lock);
	}
	put_task_struct(task);
	return mm;
}

/*
 * The tables. DIR: a directory with operations of its own; REG: a file; ONE: show() prints
 * it; LNK: a magic link.
 */
#define DIR(nm, md, iops, fops)                                                \
	{                                                                      \
		.name = nm, .mode = S_IFDIR | (md), .iop = &iops, .fop = &fops \
	}
#define REG(nm, md, fops)                                        \
	{                                                        \
		.name = nm, .mode = S_IFREG | (md), .fop = &fops \
	}
#define ONE(nm, md, fn)                                                                  \
	{                                                                                \
		.name = nm, .mode = S_IFREG | (md), .fop = &proc_single_file_operations, \
		.show = fn                                                               \
	}
#define LNK(nm, fn)                                                                         \
	{                                                                                   \
		.name = nm, .mode = S_IFLNK | 0777, .iop = &proc_pid_link_inode_operations, \
		.get_link = fn                                                              \
	}

/* What a process and each of its threads have alike. */
#define COMMON_ENTRIES                                                                             \
	DIR("fd", 0500, proc_fd_inode_operations, proc_fd_operations),                             \
	    DIR("fdinfo", 0555, proc_fdinfo_inode_operations, proc_fdinfo_operations),             \
	    DIR("ns", 0511, proc_ns_dir_inode_operations, proc_ns_dir_operations),                 \
	    REG("environ", 0400, proc_environ_operations),                                         \
	    REG("auxv", 0400, proc_auxv_operations), ONE("status", 0444, proc_pid_status),         \
	    ONE("personality", 0400, proc_pid_personality), ONE("limits", 0444, proc_pid_limits),  \
	    REG("sched", 0644, proc_pid_sched_operations),                                         \
	    REG("comm", 0644, proc_pid_set_comm_operations),                                       \
	    ONE("syscall", 0400, proc_pid_syscall), REG("cmdline", 0444, proc_pid_cmdline_ops),    \
	    ONE("statm", 0444, proc_pid_statm), REG("maps", 0444, proc_pid_maps_operations),       \
	    REG("mem", 0600, proc_mem_operations), LNK("cwd", cwd_link), LNK("root", root_link),   \
	    LNK("exe", exe_link), REG("mounts", 0444, proc_mounts_operations),                     \
	    REG("mountinfo", 0444, proc_mountinfo_operations),                                     \
	    REG("smaps", 0444, proc_pid_smaps_operations),                                         \
	    REG("smaps_rollup", 0444, proc_pid_smaps_rollup_operations),                           \
	    ONE("wchan", 0444, proc_pid_wchan), ONE("stack", 0400, proc_pid_stack),                \
	    ONE("schedstat", 0444, proc_pid_schedstat), ONE("cgroup", 0444, proc_pid_cgroup),      \
	    ONE("oom_score", 0444, proc_oom_score), REG("oom_adj", 0644, proc_oom_adj_operations), \
	    REG("oom_score_adj", 0644, proc_oom_score_adj_operations),                             \
	    REG("loginuid", 0644, proc_loginuid_operations),                                       \
	    ONE("sessionid", 0444, proc_sessionid), REG("uid_map", 0644, proc_uid_map_operations), \
	    REG("gid_map", 0644, proc_gid_map_operations),                                         \
	    REG("setgroups", 0644, proc_setgroups_operations)

static struct dentry *proc_task_lookup(struct inode *dir, struct dentry *dentry,
				       unsigned int flags);
static int proc_task_readdir(struct file *file, struct dir_context *ctx);
static int proc_task_getattr(const struct path *path, struct kstat *stat, u32 mask,
			     unsigned int flags);

static const struct inode_operations proc_task_inode_operations = {
    .lookup = proc_task_lookup,
    .getattr = proc_task_getattr,
    .setattr = proc_setattr,
    .permission = proc_pid_permission,
};
static const struct file_operations proc_task_operations = {
    .read = generic_read_dir,
    .iterate_shared = proc_task_readdir,
    .llseek = generic_file_llseek,
};

static const struct pid_entry tgid_base_stuff[] = {
    DIR("task", 0555, proc_task_inode_operations, proc_task_operations),
    COMMON_ENTRIES,
    ONE("stat", 0444, proc_tgid_stat),
    ONE("io", 0400, proc_pid_io),
    REG("mountstats", 0400, proc_mountstats_operations),
    REG("coredump_filter", 0644, proc_coredump_filter_operations),
    REG("timerslack_ns", 0666, proc_timerslack_operations),
    REG("autogroup", 0644, proc_autogroup_operations),
    REG("fail-nth", 0644, proc_fail_nth_operations),
};

static const struct pid_entry tid_base_stuff[] = {
    COMMON_ENTRIES,
    ONE("stat", 0444, proc_tid_stat),
    ONE("io", 0400, proc_tid_io),
    ONE("children", 0444, proc_pid_children),
    REG("fail-nth", 0644, proc_fail_nth_operations),
};

static struct dentry *pident_instantiate(struct dentry *dentry, struct task_struct *task,
					 const struct pid_entry *p)
{
	struct inode *inode = proc_pid_make_inode(dentry->d_sb, task, p->mode);

	if (!inode)
		return ERR_PTR(-ENOENT);
	if (S_ISDIR(p->mode))
		set_nlink(inode, 2);
	inode->i_op = p->iop ? p->iop : &proc_def_inode_operations;
	if (p->fop)
		inode->i_fop = p->fop;
	PROC_I(inode)->op = p;
	d_add(dentry, inode);
	return NULL;
}

static struct dentry *pident_lookup(struct inode *dir, struct dentry *dentry,
				    const struct pid_entry *p, size_t n)
{
	struct task_struct *task = get_proc_task(dir);
	struct dentry *res = ERR_PTR(-ENOENT);
	const struct pid_entry *end = p + n;

	if (!task)
		return res;
	for (; p < end; p++) {
		if (strlen(p->name) == dentry->d_name.len &&
		    !memcmp(p->name, dentry->d_name.name, dentry->d_name.len)) {
			res = pident_instantiate(dentry, task, p);
			break;
		}
	}
	put_task_struct(task);
	return res;
}

static int pident_readdir(struct file *file, struct dir_context *ctx, const struct pid_entry *p,
			  size_t n)
{
	struct task_struct *task = get_proc_task(file_inode(file));

	if (!task)
		return -ENOENT;
	put_task_struct(task);
	if (!dir_emit_dots(file, ctx))
		return 0;
	for (; ctx->pos - 2 < n; ctx->pos++) {
		const struct pid_entry *e = &p[ctx->pos - 2];

		if (!dir_emit(ctx, e->name, strlen(e->name), get_next_ino(), e->mode >> 12))
			break;
	}
	return 0;
}

static struct dentry *tgid_base_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	return pident_lookup(dir, dentry, tgid_base_stuff, ARRAY_SIZE(tgid_base_stuff));
}

static int tgid_base_readdir(struct file *file, struct dir_context *ctx)
{
	return pident_readdir(file, ctx, tgid_base_stuff, ARRAY_SIZE(tgid_base_stuff));
}

static struct dentry *tid_base_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	return pident_lookup(dir, dentry, tid_base_stuff, ARRAY_SIZE(tid_base_stuff));
}

static int tid_base_readdir(struct file *file, struct dir_context *ctx)
{
	return pident_readdir(file, ctx, tid_base_stuff, ARRAY_SIZE(tid_base_stuff));
}

static const struct inode_operations proc_tgid_base_inode_operations = {
    .lookup = tgid_base_lookup,
    .getattr = pid_getattr,
    .setattr = proc_setattr,
    .permission = proc_pid_permission,
};
static const struct file_operations proc_tgid_base_operations = {
    .read = generic_read_dir,
    .iterate_shared = tgid_base_readdir,
    .llseek = generic_file_llseek,
};
static const struct inode_operations proc_tid_base_inode_operations = {
    .lookup = tid_base_lookup,
    .getattr = pid_getattr,
    .setattr = proc_setattr,
    .permission = proc_pid_permission,
};
static const struct file_operations proc_tid_base_operations = {
    .read = generic_read_dir,
    .iterate_shared = tid_base_readdir,
    .llseek = generic_file_llseek,
};

bool name_to_int(const struct qstr *name, unsigned int *n)
{
	unsigned int i, v = 0;

	if (!name->len || (name->len > 1 && name->name[0] == '0'))
		return false;
	for (i = 0; i < name->len; i++) {
		unsigned int d = (unsigned char)name->name[i] - '0';

		if (d > 9 || v > (~0U - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*n = v;
	return true;
}

/* Puts task in the dentry, as a process (tgid) or as one of its threads. */
static struct dentry *task_instantiate(struct dentry *dentry, struct task_struct *task, bool tgid)
{
	struct inode *inode = proc_pid_make_inode(dentry->d_sb, task, S_IFDIR | 0555);

	if (!inode)
		return ERR_PTR(-ENOENT);
	inode->i_op = tgid ? &proc_tgid_base_inode_operations : &proc_tid_base_inode_operations;
	inode->i_fop = tgid ? &proc_tgid_base_operations : &proc_tid_base_operations;
	set_nlink(inode, tgid ? 6 : 5);
	d_add(dentry, inode);
	return NULL;
}

static struct task_struct *find_get_task_ns(unsigned int nr, struct pid_namespace *ns)
{
	struct task_struct *task;

	rcu_read_lock();
	task = find_task_by_pid_ns(nr, ns);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

/* A thread's number finds its directory too, though the listing shows processes alone. */
struct dentry *proc_pid_lookup(struct dentry *dentry)
{
	struct proc_fs_info *info = proc_sb_info(dentry->d_sb);
	struct dentry *res = ERR_PTR(-ENOENT);
	struct task_struct *task;
	unsigned int nr;

	if (!name_to_int(&dentry->d_name, &nr))
		return res;
	task = find_get_task_ns(nr, info->pid_ns);
	if (!task)
		return res;
	if (info->hide_pid != HIDEPID_NOT_PTRACEABLE ||
	    ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		res = task_instantiate(dentry, task, true);
	put_task_struct(task);
	return res;
}

/* The process with the lowest number from *nr on, with a reference; *nr gets its number. */
static struct task_struct *next_tgid(struct pid_namespace *ns, unsigned int *nr)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while ((pid = find_ge_pid(*nr, ns))) {
		*nr = pid_nr_ns(pid, ns);
		task = pid_task(pid, PIDTYPE_TGID);
		if (task && refcount_inc_not_zero(&task->usage))
			break;
		task = NULL;
		++*nr;
	}
	rcu_read_unlock();
	return task;
}

int proc_pid_readdir(struct file *file, struct dir_context *ctx)
{
	struct proc_fs_info *info = proc_sb_info(file_inode(file)->i_sb);
	unsigned int nr = ctx->pos - FIRST_PROCESS_ENTRY;
	struct task_struct *task;
	char name[12];
	bool more = true;

	for (; more && (task = next_tgid(info->pid_ns, &nr)); nr++) {
		ctx->pos = FIRST_PROCESS_ENTRY + nr;
		if (has_pid_permissions(info, task, HIDEPID_INVISIBLE))
			more = dir_emit(ctx, name, snprintf(name, sizeof(name), "%u", nr),
					get_next_ino(), S_IFDIR >> 12);
		put_task_struct(task);
		if (!more)
			return 0;
		cond_resched();
	}
	ctx->pos = FIRST_PROCESS_ENTRY + PID_MAX_LIMIT;
	return 0;
}

static struct dentry *proc_task_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct task_struct *leader = get_proc_task(dir), *task = NULL;
	struct dentry *res = ERR_PTR(-ENOENT);
	unsigned int tid;

	if (!leader)
		return res;
	if (name_to_int(&dentry->d_name, &tid))
		task = find_get_task_ns(tid, proc_pid_ns(dentry->d_sb));
	if (task && same_thread_group(leader, task))
		res = task_instantiate(dentry, task, false);
	if (task)
		put_task_struct(task);
	put_task_struct(leader);
	return res;
}

/* The n-th thread of the group, with a reference. */
static struct task_struct *nth_thread(struct task_struct *leader, loff_t n)
{
	struct task_struct *t, *found = NULL;

	rcu_read_lock();
	for_each_thread (leader, t) {
		if (n-- == 0) {
			if (refcount_inc_not_zero(&t->usage))
				found = t;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

static int proc_task_readdir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file_inode(file);
	struct task_struct *leader = get_proc_task(inode), *t;
	bool more = true;
	char name[12];
	pid_t tid;

	if (!leader)
		return -ENOENT;
	if (dir_emit_dots(file, ctx)) {
		while (more && (t = nth_thread(leader, ctx->pos - 2))) {
			tid = task_pid_nr_ns(t, proc_pid_ns(inode->i_sb));
			if (tid)
				more = dir_emit(ctx, name, snprintf(name, sizeof(name), "%d", tid),
						get_next_ino(), S_IFDIR >> 12);
			put_task_struct(t);
			if (more)
				ctx->pos++;
		}
	}
	put_task_struct(leader);
	return 0;
}

static int proc_task_getattr(const struct path *path, struct kstat *stat, u32 mask,
			     unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct task_struct *task = get_proc_task(inode);

	generic_fillattr(inode, stat);
	if (task) {
		stat->nlink += get_nr_threads(task);
		put_task_struct(task);
	}
	return 0;
}

/* Unused dentries do not stay in the cache, so a process leaves nothing behind. */
void proc_flush_pid(struct pid *pid)
{
}

struct pid *proc_pid(const struct inode *inode)
{
	return inode->i_sb->s_op == &proc_sops ? PROC_I(inode)->pid : NULL;
}

struct pid *tgid_pidfd_to_pid(const struct file *file)
{
	if (file->f_op != &proc_tgid_base_operations)
		return ERR_PTR(-EBADF);
	return proc_pid(file_inode(file));
}
