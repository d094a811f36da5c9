/* SPDX-License-Identifier: MIT */
/*
 * The root of /proc: the registered entries, the processes of the mount's pid namespace, self
 * and thread-self. Every mount is an instance of its own, with its own options (proc(5)).
 */
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include "internal.h"

#define PROC_SUPER_MAGIC 0x9fa0
/* Places of the root's listing: the entries first, then the processes by number. */
#define FIRST_PROCESS_ENTRY 256

static int parse_hidepid(const char *value, int *hide)
{
	static const struct {
		const char *name;
		int value;
	} names[] = {{"0", HIDEPID_OFF},
		     {"off", HIDEPID_OFF},
		     {"1", HIDEPID_NO_ACCESS},
		     {"noaccess", HIDEPID_NO_ACCESS},
		     {"2", HIDEPID_INVISIBLE},
		     {"invisible", HIDEPID_INVISIBLE},
		     {"4", HIDEPID_NOT_PTRACEABLE},
		     {"ptraceable", HIDEPID_NOT_PTRACEABLE}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i].name, value)) {
			*hide = names[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

int proc_parse_options(struct super_block *sb, char *data)
{
	struct proc_fs_info *info = proc_sb_info(sb);
	unsigned int gid;
	char *opt, *value;
	int err = 0;

	while (!err && data && (opt = strsep(&data, ","))) {
		value = strchr(opt, '=');
		if (value)
			*value++ = '\0';
		if (!*opt)
			continue;
		if (value && !strcmp(opt, "hidepid"))
			err = parse_hidepid(value, &info->hide_pid);
		else if (value && !strcmp(opt, "gid") && !kstrtouint(value, 10, &gid))
			info->pid_gid = make_kgid(current_user_ns(), gid);
		else
			err = -EINVAL;
	}
	return err;
}

struct pid_namespace *proc_pid_ns(struct super_block *sb)
{
	return proc_sb_info(sb)->pid_ns;
}

static struct dentry *proc_root_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct dentry *res = proc_pid_lookup(dentry);

	return res == ERR_PTR(-ENOENT) ? proc_lookup_de(dir, dentry, &proc_root) : res;
}

static int proc_root_readdir(struct file *file, struct dir_context *ctx)
{
	if (ctx->pos < FIRST_PROCESS_ENTRY) {
		if (!proc_readdir_de(file, ctx, &proc_root))
			return 0;
		ctx->pos = FIRST_PROCESS_ENTRY;
	}
	return proc_pid_readdir(file, ctx);
}

/* The links' count is that of a directory with one subdirectory for each process. */
static int proc_root_getattr(const struct path *path, struct kstat *stat, u32 mask,
			     unsigned int flags)
{
	generic_fillattr(d_inode(path->dentry), stat);
	stat->nlink = READ_ONCE(proc_root.nlink) + nr_processes();
	return 0;
}

static const struct inode_operations proc_root_inode_operations = {
    .lookup = proc_root_lookup,
    .getattr = proc_root_getattr,
};
static const struct file_operations proc_root_operations = {
    .llseek = generic_file_llseek,
    .read = generic_read_dir,
    .iterate_shared = proc_root_readdir,
};

/* tid 0: the link is to the process. */
static const char *number_link(struct delayed_call *done, pid_t tgid, pid_t tid)
{
	char *name = kmalloc(32, GFP_KERNEL);

	if (!name)
		return ERR_PTR(-ENOMEM);
	if (tid)
		snprintf(name, 32, "%d/task/%d", tgid, tid);
	else
		snprintf(name, 32, "%d", tgid);
	set_delayed_call(done, kfree_link, name);
	return name;
}

static const char *self_get_link(struct dentry *dentry, struct inode *inode,
				 struct delayed_call *done)
{
	pid_t tgid;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	tgid = task_tgid_nr_ns(current, proc_pid_ns(inode->i_sb));
	return tgid ? number_link(done, tgid, 0) : ERR_PTR(-ENOENT);
}

static const char *thread_self_get_link(struct dentry *dentry, struct inode *inode,
					struct delayed_call *done)
{
	struct pid_namespace *ns = proc_pid_ns(inode->i_sb);
	pid_t tgid, tid;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	tgid = task_tgid_nr_ns(current, ns);
	tid = task_pid_nr_ns(current, ns);
	return tid ? number_link(done, tgid, tid) : ERR_PTR(-ENOENT);
}

static const struct inode_operations proc_self_inode_operations = {.get_link = self_get_link};
static const struct inode_operations proc_thread_self_inode_operations = {.get_link =
									      thread_self_get_link};

static int proc_fill_super(struct super_block *sb, void *data, int silent)
{
	struct proc_fs_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	int err;

	if (!info)
		return -ENOMEM;
	info->pid_ns = get_pid_ns(task_active_pid_ns(current));
	sb->s_fs_info = info;
	err = proc_parse_options(sb, data);
	if (!err)
		err = proc_fill_super_common(sb, PROC_SUPER_MAGIC, &proc_root);
	if (err)
		return err;
	d_inode(sb->s_root)->i_op = &proc_root_inode_operations;
	d_inode(sb->s_root)->i_fop = &proc_root_operations;
	return 0;
}

static struct dentry *proc_mount(struct file_system_type *type, int flags, const char *dev_name,
				 void *data)
{
	return mount_nodev(type, flags, data, proc_fill_super);
}

static void proc_kill_sb(struct super_block *sb)
{
	struct proc_fs_info *info = proc_sb_info(sb);

	kill_anon_super(sb);
	if (info)
		put_pid_ns(info->pid_ns);
	kfree(info);
}

static struct file_system_type proc_fs_type = {
    .name = "proc",
    .mount = proc_mount,
    .kill_sb = proc_kill_sb,
    .fs_flags = FS_USERNS_MOUNT,
};

static int __init proc_root_init(void)
{
	if (!proc_create_link("self", &proc_self_inode_operations) ||
	    !proc_create_link("thread-self", &proc_thread_self_inode_operations) ||
	    !proc_symlink("mounts", NULL, "self/mounts") || !proc_mkdir("fs", NULL) ||
	    !proc_mkdir("driver", NULL) || !proc_mkdir("bus", NULL))
		return -ENOMEM;
	return register_filesystem(&proc_fs_type);
}
core_initcall(proc_root_init);
