/* SPDX-License-Identifier: MIT */
/*
 * devpts: /dev/pts, with a node for the slave of each pseudo-terminal. One instance, mounted
 * inside the kernel from boot on, so that pairs can be made whether or not a program mounts it
 * too. Options of mount(2): uid=, gid= (of new nodes, else their maker's), mode= (0600),
 * ptmxmode= (0000); newinstance is accepted and means nothing.
 */
#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/seq_file.h>
#include <jiffy/string.h>
#include "devpts.h"

#define DEVPTS_SUPER_MAGIC 0x1cd1
#define PTMX_INO	   2
#define FIRST_SLAVE_INO	   3

/* s_umount for writing; read without a lock, each on its own. */
static struct {
	bool setuid, setgid;
	uid_t uid;
	gid_t gid;
	umode_t mode, ptmxmode;
} opts = {.mode = 0600};
static struct vfsmount *devpts_mnt; /* set at boot */

static int parse_option(char *opt)
{
	char *value = strchr(opt, '=');
	unsigned int n = 0;

	if (value)
		*value++ = '\0';
	if (!*opt || !strcmp(opt, "newinstance"))
		return 0;
	if (!value || kstrtouint(value, strstr(opt, "mode") ? 8 : 0, &n))
		return -EINVAL;
	if (!strcmp(opt, "uid")) {
		opts.uid = make_kuid(current_user_ns(), n);
		opts.setuid = true;
	} else if (!strcmp(opt, "gid")) {
		opts.gid = make_kgid(current_user_ns(), n);
		opts.setgid = true;
	} else if (!strcmp(opt, "mode")) {
		opts.mode = n & 0777;
	} else if (!strcmp(opt, "ptmxmode")) {
		opts.ptmxmode = n & 0777;
	} else if (strcmp(opt, "max")) {
		return -EINVAL;
	}
	return 0;
}

static int parse_options(char *data)
{
	char *opt;
	int err = 0;

	while (!err && data && (opt = strsep(&data, ",")))
		err = parse_option(opt);
	return err;
}

static int devpts_show_options(struct seq_file *m, struct dentry *root)
{
	if (opts.setuid)
		seq_printf(m, ",uid=%u", from_kuid_munged(&init_user_ns, opts.uid));
	if (opts.setgid)
		seq_printf(m, ",gid=%u", from_kgid_munged(&init_user_ns, opts.gid));
	seq_printf(m, ",mode=%03o,ptmxmode=%03o", opts.mode, opts.ptmxmode);
	return 0;
}

static struct inode *node_inode(struct super_block *sb, ino_t ino, umode_t mode, dev_t dev)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	init_special_inode(inode, S_IFCHR | mode, dev);
	return inode;
}

/* i_rwsem of the root held. */
static int add_node(struct dentry *root, const char *name, struct inode *inode)
{
	struct dentry *dentry = inode ? d_alloc_name(root, name) : NULL;

	if (!dentry) {
		iput(inode);
		return -ENOMEM;
	}
	d_make_persistent(dentry, inode);
	dput(dentry);
	return 0;
}

static int devpts_remount(struct super_block *sb, int *flags, char *data)
{
	int err = parse_options(data);
	struct dentry *ptmx;

	ptmx = err ? NULL : d_hash_and_lookup(sb->s_root, &QSTR("ptmx"));
	if (ptmx) {
		d_inode(ptmx)->i_mode = S_IFCHR | opts.ptmxmode;
		dput(ptmx);
	}
	return err;
}

static const struct super_operations devpts_sops = {
    .statfs = simple_statfs,
    .drop_inode = generic_delete_inode,
    .remount_fs = devpts_remount,
    .show_options = devpts_show_options,
};

static int devpts_fill_super(struct super_block *sb, void *data, int silent)
{
	struct inode *inode;

	sb->s_blocksize = 1024;
	sb->s_blocksize_bits = 10;
	sb->s_magic = DEVPTS_SUPER_MAGIC;
	sb->s_op = &devpts_sops;
	sb->s_time_gran = 1;
	inode = new_inode(sb);
	if (!inode)
		return -ENOMEM;
	inode->i_ino = 1;
	inode->i_mode = S_IFDIR | 0755;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	inode->i_op = &simple_dir_inode_operations;
	inode->i_fop = &simple_dir_operations;
	set_nlink(inode, 2);
	sb->s_root = d_make_root(inode);
	if (!sb->s_root)
		return -ENOMEM;
	return add_node(sb->s_root, "ptmx", node_inode(sb, PTMX_INO, opts.ptmxmode, MKDEV(5, 2)));
}

static struct dentry *devpts_mount(struct file_system_type *type, int flags, const char *dev_name,
				   void *data)
{
	struct dentry *root = mount_single(type, flags, NULL, devpts_fill_super);
	int err;

	if (IS_ERR(root) || !data)
		return root;
	err = devpts_remount(root->d_sb, &flags, data);
	if (err) {
		struct super_block *sb = root->d_sb;

		dput(root);
		deactivate_locked_super(sb);
		return ERR_PTR(err);
	}
	return root;
}

static struct file_system_type devpts_type = {
    .name = "devpts",
    .mount = devpts_mount,
    .kill_sb = kill_litter_super,
    .fs_flags = FS_USERNS_MOUNT,
};

int devpts_pty_new(int index, dev_t dev)
{
	struct dentry *root = devpts_mnt->mnt_root;
	struct inode *inode = node_inode(root->d_sb, FIRST_SLAVE_INO + index, opts.mode, dev);
	char name[12];
	int err;

	if (!inode)
		return -ENOMEM;
	inode->i_uid = opts.setuid ? opts.uid : current_fsuid();
	inode->i_gid = opts.setgid ? opts.gid : current_fsgid();
	snprintf(name, sizeof(name), "%d", index);
	inode_lock(d_inode(root));
	err = add_node(root, name, inode);
	inode_unlock(d_inode(root));
	return err;
}

static struct dentry *slave_dentry(int index)
{
	char name[12];

	snprintf(name, sizeof(name), "%d", index);
	return d_hash_and_lookup(devpts_mnt->mnt_root, &QSTR(name));
}

void devpts_pty_kill(int index)
{
	struct dentry *dentry = slave_dentry(index);

	if (!dentry)
		return;
	simple_remove(dentry);
	dput(dentry);
}

/* Seen at /dev/pts when it is mounted there, so that ttyname(3) finds the name. */
static struct vfsmount *visible_mount(void)
{
	struct vfsmount *mnt = mntget(devpts_mnt);
	struct path path;

	if (kern_path("/dev/pts", LOOKUP_FOLLOW, &path))
		return mnt;
	if (path.mnt->mnt_sb == devpts_mnt->mnt_sb) {
		mntput(mnt);
		mnt = mntget(path.mnt);
	}
	path_put(&path);
	return mnt;
}

struct file *devpts_open_slave(int index, int flags)
{
	struct path path = {.dentry = slave_dentry(index)};
	struct file *file;

	if (!path.dentry)
		return ERR_PTR(-EIO);
	path.mnt = visible_mount();
	file = dentry_open(&path, flags, current_cred());
	path_put(&path);
	return file;
}

static int __init devpts_init(void)
{
	int err = register_filesystem(&devpts_type);

	if (err)
		return err;
	devpts_mnt = kern_mount(&devpts_type);
	return PTR_ERR_OR_ZERO(devpts_mnt);
}
fs_initcall(devpts_init);
