/* SPDX-License-Identifier: MIT */
/*
 * Files that stand for namespaces: what /proc/PID/ns/NAME leads to. Each open file has an inode
 * whose number is the namespace's; a file (or a bind mount of it) keeps the namespace alive.
 * namespaces(7), ioctl_ns(2). Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/mount.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/stat.h>

#include "internal.h"
#include "ns.h"

#define NSFS_MAGIC	 0x6e736673
#define NS_GET_USERNS	 _IO(0xb7, 1)
#define NS_GET_PARENT	 _IO(0xb7, 2)
#define NS_GET_NSTYPE	 _IO(0xb7, 3)
#define NS_GET_OWNER_UID _IO(0xb7, 4)

static struct vfsmount *nsfs_mnt;

/* The mount namespace is the file systems' own kind of object: a handle makes it one of ours. */
struct mntns_handle {
	struct ns_common ns;
	struct mnt_namespace *mnt_ns;
};

static struct ns_common *mntns_get(struct task_struct *task)
{
	struct mntns_handle *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return ERR_PTR(-ENOMEM);
	task_lock(task);
	if (task->nsproxy && task->nsproxy->mnt_ns) {
		h->mnt_ns = task->nsproxy->mnt_ns;
		get_mnt_ns(h->mnt_ns);
	}
	task_unlock(task);
	if (!h->mnt_ns) {
		kfree(h);
		return NULL;
	}
	refcount_set(&h->ns.count, 1);
	h->ns.inum = mnt_ns_inum(h->mnt_ns);
	h->ns.ops = &mntns_operations;
	return &h->ns;
}

static void mntns_put(struct ns_common *ns)
{
	struct mntns_handle *h = container_of(ns, struct mntns_handle, ns);

	if (refcount_dec_and_test(&ns->count)) {
		put_mnt_ns(h->mnt_ns);
		kfree(h);
	}
}

static int mntns_setns(struct nsset *set, struct ns_common *ns)
{
	struct mntns_handle *h = container_of(ns, struct mntns_handle, ns);

	if (!cred_ns_capable(set->cred, mnt_ns_owner(h->mnt_ns), CAP_SYS_ADMIN) ||
	    !cred_ns_capable(set->cred, set->cred->user_ns, CAP_SYS_CHROOT) ||
	    !cred_ns_capable(set->cred, set->cred->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	/* Root and working directory move along when all else has succeeded: see sys_setns(). */
	if (set->fs->users != 1)
		return -EINVAL;
	get_mnt_ns(h->mnt_ns);
	put_mnt_ns(set->nsproxy->mnt_ns);
	set->nsproxy->mnt_ns = h->mnt_ns;
	return 0;
}

static struct user_namespace *mntns_owner(struct ns_common *ns)
{
	return mnt_ns_owner(container_of(ns, struct mntns_handle, ns)->mnt_ns);
}

const struct proc_ns_operations mntns_operations = {
    .name = "mnt",
    .type = CLONE_NEWNS,
    .get = mntns_get,
    .put = mntns_put,
    .install = mntns_setns,
    .owner = mntns_owner,
};

const struct proc_ns_operations *const ns_entries[] = {
    &netns_operations,
    &utsns_operations,
    &ipcns_operations,
    &pidns_operations,
    &pidns_for_children_operations,
    &userns_operations,
    &mntns_operations,
    &cgroupns_operations,
    &timens_operations,
    &timens_for_children_operations,
    NULL,
};

static const char *kind_name(const struct proc_ns_operations *ops)
{
	return ops->real_ns_name ? ops->real_ns_name : ops->name;
}

int ns_get_name(char *buf, size_t size, struct task_struct *task,
		const struct proc_ns_operations *ops)
{
	struct ns_common *ns = ops->get(task);
	int len;

	if (IS_ERR_OR_NULL(ns))
		return ns ? PTR_ERR(ns) : -ENOENT;
	len = snprintf(buf, size, "%s:[%u]", kind_name(ops), ns->inum);
	ops->put(ns);
	return len;
}

static struct file *open_ns(struct ns_common *ns);

static long ns_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct ns_common *ns = ns_of_file(file), *other;
	struct user_namespace *owner;
	struct file *f;
	int fd;

	switch (cmd) {
	case NS_GET_NSTYPE:
		return ns->ops->type;
	case NS_GET_OWNER_UID:
		if (ns->ops->type != CLONE_NEWUSER)
			return -EINVAL;
		owner = container_of(ns, struct user_namespace, ns);
		return put_user(from_kuid_munged(current_user_ns(), owner->owner),
				(uid_t __user *)arg);
	case NS_GET_PARENT:
		if (!ns->ops->get_parent)
			return -EINVAL;
		other = ns->ops->get_parent(ns);
		if (IS_ERR(other))
			return PTR_ERR(other);
		break;
	case NS_GET_USERNS:
		owner = ns->ops->owner(ns);
		if (!owner || !current_in_userns(owner))
			return -EPERM;
		other = &get_user_ns(owner)->ns;
		break;
	default:
		return -ENOTTY;
	}
	f = open_ns(other);
	if (IS_ERR(f))
		return PTR_ERR(f);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		fput(f);
		return fd;
	}
	fd_install(fd, f);
	return fd;
}

static const struct file_operations ns_file_operations = {
    .unlocked_ioctl = ns_ioctl,
    .llseek = no_llseek,
};

struct ns_common *ns_of_file(const struct file *file)
{
	return file->f_op == &ns_file_operations ? file_inode(file)->i_private : NULL;
}

static void nsfs_evict(struct inode *inode)
{
	struct ns_common *ns = inode->i_private;

	clear_inode(inode);
	if (ns)
		ns->ops->put(ns);
}

static const struct super_operations nsfs_ops = {
    .statfs = simple_statfs,
    .evict_inode = nsfs_evict,
};

/* Takes over the reference to ns. */
static struct file *open_ns(struct ns_common *ns)
{
	struct inode *inode = new_inode_pseudo(nsfs_mnt->mnt_sb);
	struct file *file;
	char name[32];

	if (!inode) {
		ns->ops->put(ns);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = ns->inum;
	inode->i_mode = S_IFREG | 0444;
	inode->i_fop = &ns_file_operations;
	inode->i_private = ns;
	snprintf(name, sizeof(name), "%s:[%u]", kind_name(ns->ops), ns->inum);
	file = alloc_file_pseudo(inode, nsfs_mnt, name, O_RDONLY, &ns_file_operations);
	if (IS_ERR(file))
		iput(inode);
	return file;
}

struct file *ns_open_file(struct task_struct *task, const struct proc_ns_operations *ops)
{
	struct ns_common *ns = ops->get(task);

	if (IS_ERR_OR_NULL(ns))
		return ns ? ERR_CAST(ns) : ERR_PTR(-ENOENT);
	return open_ns(ns);
}

int ns_get_path(struct path *path, struct task_struct *task, const struct proc_ns_operations *ops)
{
	struct file *file = ns_open_file(task, ops);

	if (IS_ERR(file))
		return PTR_ERR(file);
	*path = file->f_path;
	path_get(path);
	fput(file);
	return 0;
}

static struct dentry *nsfs_mount(struct file_system_type *type, int flags, const char *dev_name,
				 void *data)
{
	return mount_pseudo(type, &nsfs_ops, NULL, NSFS_MAGIC);
}

static struct file_system_type nsfs_type = {
    .name = "nsfs",
    .mount = nsfs_mount,
    .kill_sb = kill_anon_super,
};

static int __init nsfs_init(void)
{
	nsfs_mnt = kern_mount(&nsfs_type);
	return PTR_ERR_OR_ZERO(nsfs_mnt);
}
fs_initcall(nsfs_init);
