/* SPDX-License-Identifier: MIT */
/*
 * devtmpfs: the tmpfs that has a node for each device of which a driver has told. One instance;
 * programs may add to it and remove from it as from any other. See <jiffy/device.h>.
 *
 * nodes_lock guards the list of nodes that were asked for before the file system was there. The
 * tree itself is guarded by the VFS. Task context.
 */
#include <jiffy/cred.h>
#include <jiffy/device.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/shmem_fs.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>

#define NAME_SIZE 64

struct dev_node {
	struct list_head list;
	char name[NAME_SIZE];
	umode_t mode;
	dev_t dev;
	const char *target; /* of a symbolic link */
};

static DEFINE_MUTEX(nodes_lock);
static LIST_HEAD(early_nodes);	      /* nodes_lock */
static struct vfsmount *devtmpfs_mnt; /* nodes_lock to set; then for good */

static struct dentry *devtmpfs_mount(struct file_system_type *type, int flags, const char *dev_name,
				     void *data)
{
	char options[] = "mode=0755"; /* of the one instance, made at boot; others find it there */

	return mount_single(type, flags, options, shmem_fill_super);
}

static struct file_system_type devtmpfs_type = {
    .name = "devtmpfs",
    .mount = devtmpfs_mount,
    .kill_sb = kill_litter_super,
};

/* The directory that holds the last part of *name, made where it is missing; referenced. */
static struct dentry *parent_of(const char **name)
{
	struct dentry *dir = dget(devtmpfs_mnt->mnt_root), *child;
	const char *slash;
	int err = 0;

	while ((slash = strchr(*name, '/'))) {
		inode_lock(d_inode(dir));
		child = lookup_one_len(*name, dir, slash - *name);
		if (!IS_ERR(child) && d_is_negative(child))
			err = vfs_mkdir(d_inode(dir), child, 0755);
		inode_unlock(d_inode(dir));
		dput(dir);
		if (IS_ERR(child))
			return child;
		if (err) {
			dput(child);
			return ERR_PTR(err);
		}
		dir = child;
		*name = slash + 1;
	}
	return dir;
}

static int make_entry(struct inode *dir, struct dentry *dentry, const struct dev_node *n)
{
	if (d_is_positive(dentry))
		return -EEXIST;
	if (S_ISLNK(n->mode))
		return vfs_symlink(dir, dentry, n->target);
	if (S_ISDIR(n->mode))
		return vfs_mkdir(dir, dentry, n->mode & 07777);
	return vfs_mknod(dir, dentry, n->mode, n->dev);
}

/* The driver's mode counts, whatever umask the maker has. */
static void set_mode(struct dentry *dentry, umode_t mode)
{
	struct iattr attr = {.ia_valid = ATTR_MODE, .ia_mode = mode};

	if (S_ISLNK(mode))
		return;
	inode_lock(d_inode(dentry));
	setattr_copy(d_inode(dentry), &attr);
	inode_unlock(d_inode(dentry));
}

static int make_node(const struct dev_node *n)
{
	const struct cred *old = override_creds(&init_cred);
	const char *name = n->name;
	struct dentry *dir = parent_of(&name), *dentry;
	int err = PTR_ERR_OR_ZERO(dir);

	if (err)
		goto revert;
	inode_lock_nested(d_inode(dir), I_MUTEX_PARENT);
	dentry = lookup_one_len(name, dir, strlen(name));
	err = PTR_ERR_OR_ZERO(dentry);
	if (!err) {
		err = make_entry(d_inode(dir), dentry, n);
		if (!err)
			set_mode(dentry, n->mode);
		dput(dentry);
	}
	inode_unlock(d_inode(dir));
	dput(dir);
revert:
	revert_creds(old);
	return err;
}

static int add_node(const char *name, umode_t mode, dev_t dev, const char *target)
{
	struct dev_node *n = kzalloc(sizeof(*n), GFP_KERNEL);
	int err = 0;

	if (!n)
		return -ENOMEM;
	strscpy(n->name, name, sizeof(n->name));
	n->mode = mode;
	n->dev = dev;
	n->target = target;
	mutex_lock(&nodes_lock);
	if (!devtmpfs_mnt) {
		list_add_tail(&n->list, &early_nodes);
		n = NULL;
	} else {
		err = make_node(n);
	}
	mutex_unlock(&nodes_lock);
	kfree(n);
	return err;
}

int devtmpfs_create(const char *name, umode_t mode, dev_t dev)
{
	return add_node(name, mode, dev, NULL);
}

int devtmpfs_symlink(const char *name, const char *target)
{
	return add_node(name, S_IFLNK | 0777, 0, target);
}

int devtmpfs_mkdir(const char *name, umode_t mode)
{
	return add_node(name, S_IFDIR | mode, 0, NULL);
}

int devtmpfs_remove(const char *name)
{
	const struct cred *old = override_creds(&init_cred);
	struct dentry *dir = parent_of(&name), *dentry;
	int err = PTR_ERR_OR_ZERO(dir);

	if (!err) {
		inode_lock_nested(d_inode(dir), I_MUTEX_PARENT);
		dentry = lookup_one_len(name, dir, strlen(name));
		err = PTR_ERR_OR_ZERO(dentry);
		if (!err) {
			err = d_is_negative(dentry) ? -ENOENT : vfs_unlink(d_inode(dir), dentry);
			dput(dentry);
		}
		inode_unlock(d_inode(dir));
		dput(dir);
	}
	revert_creds(old);
	return err;
}

static void make_early_nodes(void)
{
	struct dev_node *n, *next;

	list_for_each_entry_safe (n, next, &early_nodes, list) {
		int err = make_node(n);

		if (err)
			pr_warn("devtmpfs: %s: error %d", n->name, err);
		list_del(&n->list);
		kfree(n);
	}
}

static int __init devtmpfs_init(void)
{
	struct vfsmount *mnt;
	int err = register_filesystem(&devtmpfs_type);

	if (err)
		return err;
	mnt = kern_mount(&devtmpfs_type);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	mutex_lock(&nodes_lock);
	devtmpfs_mnt = mnt;
	make_early_nodes();
	mutex_unlock(&nodes_lock);
	devtmpfs_symlink("fd", "/proc/self/fd");
	devtmpfs_symlink("stdin", "/proc/self/fd/0");
	devtmpfs_symlink("stdout", "/proc/self/fd/1");
	devtmpfs_symlink("stderr", "/proc/self/fd/2");
	devtmpfs_mkdir("pts", 0755);
	return devtmpfs_mkdir("shm", 01777);
}
rootfs_initcall(devtmpfs_init);
