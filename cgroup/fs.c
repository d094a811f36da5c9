/* SPDX-License-Identifier: MIT */
/*
 * The cgroup2 file system: directories are cgroups, and their files come from the table in
 * files.c. Names and inodes are made when they are looked up; what must last (owner, mode, the
 * count of changes) is in struct cgroup_node. There is one superblock at most, and the tree
 * lives on without it. cgroups(7). Task context.
 */
#include <jiffy/cred.h>
#include <jiffy/fsnotify.h>
#include <jiffy/init.h>
#include <jiffy/sched_group.h>
#include <jiffy/string.h>
#include <uapi/dirent.h>
#include <uapi/mount.h>

#include "file.h"

#define CGROUP2_SUPER_MAGIC 0x63677270

bool cgroup_nsdelegate; /* written at mount(2), read anywhere */
static DEFINE_SPINLOCK(node_lock);

static const struct cftype *node_cftype(const struct cgroup_node *node)
{
	return &cgroup_files[node->index - 1];
}

bool cgroup_file_visible(const struct cgroup *cgrp, const struct cftype *cft)
{
	if (cft->flags & (cgrp->parent ? CFTYPE_ONLY_ON_ROOT : CFTYPE_NOT_ON_ROOT))
		return false;
	if ((cft->flags & CFTYPE_GROUP_SCHED) && !sched_has_groups())
		return false;
	return cft->ss == CGROUP_CORE || (READ_ONCE(cgrp->css_mask) & (1u << cft->ss));
}

int cgroup_make_nodes(struct cgroup *cgrp, umode_t dir_mode)
{
	unsigned int i;

	cgrp->nodes = kcalloc(nr_cgroup_files + 1, sizeof(*cgrp->nodes), GFP_KERNEL);
	if (!cgrp->nodes)
		return -ENOMEM;
	cgrp->born = current_time(NULL);
	for (i = 0; i <= nr_cgroup_files; i++) {
		struct cgroup_node *node = &cgrp->nodes[i];

		node->cgrp = cgrp;
		node->index = i;
		node->uid = current_fsuid();
		node->gid = current_fsgid();
		/* One that was never read has news: see cgroup_file_poll(). */
		atomic_set(&node->event, 1);
		if (!i)
			node->mode = S_IFDIR | dir_mode;
		else
			node->mode = S_IFREG | (node_cftype(node)->show ? 0444 : 0) |
				     (node_cftype(node)->write ? 0200 : 0);
	}
	return 0;
}

struct cgroup_node *cgroup_node_by_show(struct cgroup *cgrp,
					int (*show)(struct seq_file *, struct cgroup *))
{
	unsigned int i;

	for (i = 1; i < nr_cgroup_files && cgroup_files[i - 1].show != show; i++)
		;
	return &cgrp->nodes[i];
}

static const struct inode_operations cgroup_dir_inode_operations, cgroup_file_inode_operations;
static const struct file_operations cgroup_dir_operations;

/* The inode of a node if there is one, referenced. */
static struct inode *grab_inode(struct cgroup_node *node)
{
	struct inode *inode;

	spin_lock(&node_lock);
	inode = node->inode ? igrab(node->inode) : NULL;
	spin_unlock(&node_lock);
	return inode;
}

static void fill_inode(struct inode *inode, struct cgroup_node *node)
{
	inode->i_ino = node->cgrp->id + node->index;
	inode->i_mode = node->mode;
	inode->i_uid = node->uid;
	inode->i_gid = node->gid;
	inode->i_private = node;
	inode->i_atime = inode->i_mtime = inode->i_ctime = inode->i_btime = node->cgrp->born;
	if (node->index) {
		inode->i_op = &cgroup_file_inode_operations;
		inode->i_fop = &cgroup_file_operations;
	} else {
		inode->i_op = &cgroup_dir_inode_operations;
		inode->i_fop = &cgroup_dir_operations;
		set_nlink(inode, 2);
	}
}

/* The one inode of node, referenced; NULL without memory. */
struct inode *cgroup_get_inode(struct super_block *sb, struct cgroup_node *node)
{
	struct inode *inode = grab_inode(node), *new, *other;

	if (inode)
		return inode;
	new = new_inode(sb);
	if (!new)
		return NULL;
	cgroup_get(node->cgrp);
	fill_inode(new, node);
	spin_lock(&node_lock);
	other = node->inode ? igrab(node->inode) : NULL;
	if (!other)
		node->inode = new;
	spin_unlock(&node_lock);
	if (!other)
		return new;
	iput(new);
	return other;
}

static void cgroup_evict_inode(struct inode *inode)
{
	struct cgroup_node *node = inode->i_private;

	clear_inode(inode);
	if (!node)
		return;
	spin_lock(&node_lock);
	if (node->inode == inode)
		node->inode = NULL;
	spin_unlock(&node_lock);
	cgroup_put(node->cgrp);
}

void cgroup_remove_inodes(struct cgroup *cgrp)
{
	unsigned int i;

	for (i = 1; i <= nr_cgroup_files; i++) {
		struct inode *inode = grab_inode(&cgrp->nodes[i]);

		if (!inode)
			continue;
		clear_nlink(inode);
		fsnotify_inode_delete(inode);
		iput(inode);
	}
}

/* Watchers are told by a worker: where something changes, spinlocks are held. */
static DEFINE_SPINLOCK(notify_lock);
static LIST_HEAD(notify_list);

static void tell_watchers(struct cgroup_node *node)
{
	struct inode *inode = grab_inode(node), *dir = grab_inode(&node->cgrp->nodes[0]);
	struct qstr name = QSTR(node_cftype(node)->name);

	if (inode)
		fsnotify_inode(inode, IN_MODIFY);
	if (dir)
		fsnotify_dir(dir, IN_MODIFY, &name, 0);
	iput(inode);
	iput(dir);
}

static void notify_cgroup(struct cgroup *cgrp)
{
	unsigned int i;

	for (i = 1; i <= nr_cgroup_files; i++)
		if (xchg(&cgrp->nodes[i].notify, false))
			tell_watchers(&cgrp->nodes[i]);
}

static void notify_work_fn(struct work_struct *work)
{
	struct cgroup *cgrp;

	for (;;) {
		spin_lock_irq(&notify_lock);
		cgrp = list_first_entry_or_null(&notify_list, struct cgroup, notify_entry);
		if (cgrp)
			list_del_init(&cgrp->notify_entry);
		spin_unlock_irq(&notify_lock);
		if (!cgrp)
			return;
		notify_cgroup(cgrp);
		cgroup_put(cgrp);
	}
}

static struct work_struct notify_work;

void cgroup_file_notify(struct cgroup *cgrp, int (*show)(struct seq_file *, struct cgroup *))
{
	struct cgroup_node *node;
	unsigned long flags;

	if (!cgrp->parent)
		return;
	node = cgroup_node_by_show(cgrp, show);
	atomic_inc(&node->event);
	wake_up_all(&cgrp->poll_wait);
	if (likely(!atomic_read(&inotify_nr_watches)))
		return;
	WRITE_ONCE(node->notify, true);
	spin_lock_irqsave(&notify_lock, flags);
	if (list_empty(&cgrp->notify_entry)) {
		cgroup_get(cgrp);
		list_add_tail(&cgrp->notify_entry, &notify_list);
	}
	spin_unlock_irqrestore(&notify_lock, flags);
	schedule_work(&notify_work);
}

static struct cgroup_node *find_node(struct cgroup *cgrp, const struct qstr *name)
{
	struct cgroup *child;
	unsigned int i;

	for (i = 0; i < nr_cgroup_files; i++)
		if (cgroup_file_visible(cgrp, &cgroup_files[i]) &&
		    strlen(cgroup_files[i].name) == name->len &&
		    !memcmp(cgroup_files[i].name, name->name, name->len))
			return &cgrp->nodes[i + 1];
	child = cgroup_by_name(cgrp, name->name, name->len);
	return child ? &child->nodes[0] : NULL;
}

static struct dentry *cgroup_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct cgroup *cgrp = ((struct cgroup_node *)dir->i_private)->cgrp;
	struct cgroup_node *node = NULL;
	struct inode *inode = NULL;

	if (dentry->d_name.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	mutex_lock(&cgroup_mutex);
	if (!cgroup_is_dead(cgrp))
		node = find_node(cgrp, &dentry->d_name);
	if (node)
		inode = cgroup_get_inode(dir->i_sb, node);
	mutex_unlock(&cgroup_mutex);
	if (node && !inode)
		return ERR_PTR(-ENOMEM);
	d_add(dentry, inode);
	return NULL;
}

/* A name is right while its cgroup has that file; that there is none is never remembered. */
static int cgroup_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = READ_ONCE(dentry->d_inode);
	struct cgroup_node *node;

	if (!inode)
		return flags & LOOKUP_RCU ? -ECHILD : 0;
	node = inode->i_private;
	if (cgroup_is_dead(node->cgrp))
		return 0;
	return !node->index || cgroup_file_visible(node->cgrp, node_cftype(node));
}

static int cgroup_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct cgroup *parent = ((struct cgroup_node *)dir->i_private)->cgrp, *cgrp;
	struct inode *inode;

	/* It would make /proc/PID/cgroup ambiguous. */
	if (memchr(dentry->d_name.name, '\n', dentry->d_name.len))
		return -EINVAL;
	mutex_lock(&cgroup_mutex);
	cgrp = cgroup_create(parent, dentry->d_name.name, mode);
	if (IS_ERR(cgrp)) {
		mutex_unlock(&cgroup_mutex);
		return PTR_ERR(cgrp);
	}
	inode = cgroup_get_inode(dir->i_sb, &cgrp->nodes[0]);
	if (inode) {
		d_instantiate(dentry, inode);
	} else {
		cgroup_destroy(cgrp);
		cgroup_put(cgrp);
	}
	mutex_unlock(&cgroup_mutex);
	return inode ? 0 : -ENOMEM;
}

static int cgroup_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct cgroup *cgrp = ((struct cgroup_node *)inode->i_private)->cgrp;
	int err;

	mutex_lock(&cgroup_mutex);
	err = cgroup_destroy(cgrp);
	mutex_unlock(&cgroup_mutex);
	if (err)
		return err;
	cgroup_remove_inodes(cgrp);
	clear_nlink(inode);
	cgroup_put(cgrp);
	return 0;
}

static int cgroup_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct cgroup_node *node = inode->i_private;
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	setattr_copy(inode, attr);
	node->uid = inode->i_uid;
	node->gid = inode->i_gid;
	node->mode = inode->i_mode;
	return 0;
}

static int cgroup_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct cgroup_node *node = inode->i_private;

	if (!node->index && inode->i_nlink)
		set_nlink(inode, 2 + READ_ONCE(node->cgrp->nr_children));
	generic_fillattr(inode, stat);
	return 0;
}

/* Positions: 2 and on the files, by their place in the table; then a child cgroup's id. */
static int cgroup_readdir(struct file *file, struct dir_context *ctx)
{
	struct cgroup *cgrp = ((struct cgroup_node *)file_inode(file)->i_private)->cgrp, *c;

	if (!dir_emit_dots(file, ctx))
		return 0;
	mutex_lock(&cgroup_mutex);
	for (; ctx->pos - 2 < nr_cgroup_files && !cgroup_is_dead(cgrp); ctx->pos++) {
		const struct cftype *cft = &cgroup_files[ctx->pos - 2];

		if (cgroup_file_visible(cgrp, cft) &&
		    !dir_emit(ctx, cft->name, strlen(cft->name), cgrp->id + ctx->pos - 1, DT_REG))
			goto out;
	}
	cgroup_for_each_child (c, cgrp) {
		if (c->id < ctx->pos)
			continue;
		ctx->pos = c->id;
		if (!dir_emit(ctx, c->name, strlen(c->name), c->id, DT_DIR))
			goto out;
		ctx->pos++;
	}
out:
	mutex_unlock(&cgroup_mutex);
	return 0;
}

static const struct inode_operations cgroup_dir_inode_operations = {
    .lookup = cgroup_lookup,
    .mkdir = cgroup_mkdir,
    .rmdir = cgroup_rmdir,
    .setattr = cgroup_setattr,
    .getattr = cgroup_getattr,
};
static const struct inode_operations cgroup_file_inode_operations = {
    .setattr = cgroup_setattr,
    .getattr = cgroup_getattr,
};
static const struct file_operations cgroup_dir_operations = {
    .llseek = generic_file_llseek,
    .read = generic_read_dir,
    .iterate_shared = cgroup_readdir,
};
static const struct dentry_operations cgroup_dentry_operations = {
    .d_revalidate = cgroup_d_revalidate,
};

struct cgroup *cgroup_get_from_file(struct file *file)
{
	struct inode *inode = file_inode(file);
	struct cgroup *cgrp;

	if (inode->i_op != &cgroup_dir_inode_operations)
		return ERR_PTR(-EBADF);
	cgrp = ((struct cgroup_node *)inode->i_private)->cgrp;
	cgroup_get(cgrp);
	return cgrp;
}

/* The options; those about memory and statistics are about controllers that are not here. */
static int parse_options(char *data, bool *nsdelegate)
{
	static const char *const others[] = {"favordynmods", "memory_localevents",
					     "memory_recursiveprot", "pids_localevents"};
	char *word;

	*nsdelegate = false;
	while (data && (word = strsep(&data, ","))) {
		unsigned int i;

		if (!*word)
			continue;
		if (!strcmp(word, "nsdelegate")) {
			*nsdelegate = true;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(others) && strcmp(word, others[i]); i++)
			;
		if (i == ARRAY_SIZE(others))
			return -EINVAL;
	}
	return 0;
}

static int apply_options(void *data)
{
	bool nsdelegate;
	int err = parse_options(data, &nsdelegate);

	/* Options are the whole system's; a container's mount does not change them. */
	if (!err && current->nsproxy->cgroup_ns == &init_cgroup_ns)
		cgroup_nsdelegate = nsdelegate;
	return err;
}

static int cgroup_remount(struct super_block *sb, int *flags, char *data)
{
	return apply_options(data);
}

static int cgroup_show_options(struct seq_file *m, struct dentry *root)
{
	if (cgroup_nsdelegate)
		seq_puts(m, ",nsdelegate");
	return 0;
}

static const struct super_operations cgroup_super_operations = {
    .drop_inode = generic_delete_inode,
    .evict_inode = cgroup_evict_inode,
    .statfs = simple_statfs,
    .show_options = cgroup_show_options,
    .remount_fs = cgroup_remount,
};

static int cgroup_fill_super(struct super_block *sb, void *data, int silent)
{
	struct inode *root;

	sb->s_magic = CGROUP2_SUPER_MAGIC;
	sb->s_op = &cgroup_super_operations;
	sb->s_d_op = &cgroup_dentry_operations;
	sb->s_time_gran = 1;
	root = cgroup_get_inode(sb, &cgrp_root.nodes[0]);
	if (!root)
		return -ENOMEM;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

/* The directory of cgrp, from its file system's root down; takes and gives references to it. */
static struct dentry *walk_to(struct dentry *dir, struct cgroup *cgrp)
{
	int level;

	for (level = 1; !IS_ERR(dir) && level <= cgrp->level; level++) {
		struct cgroup *c = cgrp;
		struct dentry *child;

		while (c->level > level)
			c = c->parent;
		inode_lock(d_inode(dir));
		child = lookup_one_len(c->name, dir, strlen(c->name));
		inode_unlock(d_inode(dir));
		if (!IS_ERR(child) && d_is_negative(child)) {
			dput(child);
			child = ERR_PTR(-ENOENT);
		}
		dput(dir);
		dir = child;
	}
	return dir;
}

static struct dentry *cgroup_mount(struct file_system_type *type, int flags, const char *dev_name,
				   void *data)
{
	struct cgroup_namespace *ns = current->nsproxy->cgroup_ns;
	struct super_block *sb;
	struct dentry *root;
	int err = 0;

	if (!ns_capable(ns->user_ns, CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	err = apply_options(data);
	if (err)
		return ERR_PTR(err);
	root = mount_single(type, flags, NULL, cgroup_fill_super);
	if (IS_ERR(root))
		return root;
	sb = root->d_sb;
	root = walk_to(root, ns->root_cgrp);
	if (IS_ERR(root))
		deactivate_locked_super(sb);
	return root;
}

static struct file_system_type cgroup2_type = {
    .name = "cgroup2",
    .mount = cgroup_mount,
    .kill_sb = kill_anon_super,
    .fs_flags = FS_USERNS_MOUNT,
};

static int __init cgroup_fs_init(void)
{
	INIT_WORK(&notify_work, notify_work_fn);
	return register_filesystem(&cgroup2_type);
}
fs_initcall(cgroup_fs_init);
