/* SPDX-License-Identifier: MIT */
/*
 * mount(2), umount2(2), pivot_root(2), and the lists of mounts that /proc shows. Task context.
 * Every mount here is private: nothing propagates between mounts (mount_namespaces(7)), so
 * asking for MS_PRIVATE or MS_SLAVE changes nothing and MS_SHARED is refused.
 */
#include "mount_tree.h"
#include <arch/uaccess.h>
#include <jiffy/nsproxy.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

static bool may_mount(void)
{
	return ns_capable(current->nsproxy->mnt_ns->user_ns, CAP_SYS_ADMIN);
}

static bool check_mnt(const struct mount *mnt)
{
	return mnt->mnt_ns == current->nsproxy->mnt_ns;
}

/*
 * The place where a new mount goes: on top of what is already mounted at path. Takes
 * namespace_sem, which a successful caller gives back by namespace_unlock(); path moves up.
 */
static int lock_mount(struct path *path)
{
	for (;;) {
		struct vfsmount *top;

		down_write(&namespace_sem);
		if (d_unlinked(path->dentry) ||
		    (S_ISDIR(d_inode(path->dentry)->i_mode) && IS_DEADDIR(d_inode(path->dentry)))) {
			up_write(&namespace_sem);
			return -ENOENT;
		}
		top = lookup_mnt(path);
		if (!top)
			return 0;
		up_write(&namespace_sem);
		path_put(path);
		path->mnt = top;
		path->dentry = dget(top->mnt_root);
	}
}

/* Puts tree at path, which lock_mount() gave. */
static int graft_tree(struct mount *tree, const struct path *path)
{
	if (tree->mnt.mnt_sb->s_flags & SB_NOUSER)
		return -EINVAL;
	if (S_ISDIR(d_inode(path->dentry)->i_mode) != S_ISDIR(d_inode(tree->mnt.mnt_root)->i_mode))
		return -ENOTDIR;
	attach_recursive_mnt(tree, real_mount(path->mnt), path->dentry);
	return 0;
}

static int do_loopback(struct path *path, const char *old_name, bool recurse)
{
	struct path old, at = *path;
	struct mount *mnt, *from;
	int err;

	if (!old_name || !*old_name)
		return -EINVAL;
	err = kern_path(old_name, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	path_get(&at);
	err = lock_mount(&at);
	if (err)
		goto out_put;
	from = real_mount(old.mnt);
	err = -EINVAL;
	if (from->mnt_unbindable || !check_mnt(real_mount(at.mnt)) || !check_mnt(from))
		goto out_unlock;
	mnt = recurse ? copy_tree(from, old.dentry, false) : clone_mnt(from, old.dentry);
	err = PTR_ERR_OR_ZERO(mnt);
	if (err)
		goto out_unlock;
	err = graft_tree(mnt, &at);
	if (err)
		umount_tree(mnt, true);
out_unlock:
	namespace_unlock();
out_put:
	path_put(&at);
	path_put(&old);
	return err;
}

static int do_move_mount(struct path *path, const char *old_name)
{
	struct path old, parent = {0}, at = *path;
	struct mount *mnt, *p;
	int err;

	if (!old_name || !*old_name)
		return -EINVAL;
	err = kern_path(old_name, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	path_get(&at);
	err = lock_mount(&at);
	if (err)
		goto out_put;
	mnt = real_mount(old.mnt);
	err = -EINVAL;
	if (!check_mnt(mnt) || !check_mnt(real_mount(at.mnt)) || !mnt_has_parent(mnt) ||
	    old.dentry != old.mnt->mnt_root ||
	    S_ISDIR(d_inode(at.dentry)->i_mode) != S_ISDIR(d_inode(old.dentry)->i_mode))
		goto out_unlock;
	err = -ELOOP;
	for (p = real_mount(at.mnt); mnt_has_parent(p); p = p->mnt_parent)
		if (p == mnt)
			goto out_unlock;
	if (p == mnt)
		goto out_unlock;
	detach_mnt(mnt, &parent);
	attach_recursive_mnt(mnt, real_mount(at.mnt), at.dentry);
	err = 0;
out_unlock:
	namespace_unlock();
	if (parent.mnt)
		path_put(&parent);
out_put:
	path_put(&at);
	path_put(&old);
	return err;
}

/* Nobody may be writing when a mount becomes read-only. */
static int change_mount_flags(struct mount *mnt, unsigned int flags)
{
	unsigned int keep = mnt->mnt.mnt_flags & ~MNT_USER_SETTABLE_MASK;

	if ((flags & MNT_READONLY) && !(mnt->mnt.mnt_flags & MNT_READONLY)) {
		WRITE_ONCE(mnt->mnt.mnt_flags, mnt->mnt.mnt_flags | MNT_READONLY);
		smp_mb(); /* pairs with mnt_want_write() */
		if (atomic_read(&mnt->mnt_writers)) {
			WRITE_ONCE(mnt->mnt.mnt_flags, mnt->mnt.mnt_flags & ~MNT_READONLY);
			return -EBUSY;
		}
	}
	WRITE_ONCE(mnt->mnt.mnt_flags, keep | flags);
	return 0;
}

static bool sb_has_writers(struct super_block *sb)
{
	struct mount *m;

	list_for_each_entry (m, &current->nsproxy->mnt_ns->list, mnt_list)
		if (m->mnt.mnt_sb == sb && atomic_read(&m->mnt_writers))
			return true;
	return false;
}

static int do_remount(struct path *path, unsigned long flags, unsigned int mnt_flags, void *data)
{
	struct mount *mnt = real_mount(path->mnt);
	struct super_block *sb = path->mnt->mnt_sb;
	int err;

	if (path->dentry != path->mnt->mnt_root || !check_mnt(mnt))
		return -EINVAL;
	if (flags & MS_BIND) {
		down_write(&namespace_sem);
		err = change_mount_flags(mnt, mnt_flags);
		namespace_unlock();
		return err;
	}
	down_write(&sb->s_umount);
	down_write(&namespace_sem);
	err = 0;
	if ((flags & SB_RDONLY) && !(sb->s_flags & SB_RDONLY) && sb_has_writers(sb))
		err = -EBUSY;
	if (!err)
		err = do_remount_sb(sb, flags, data);
	if (!err)
		err = change_mount_flags(mnt, mnt_flags);
	namespace_unlock();
	up_write(&sb->s_umount);
	return err;
}

static int do_change_type(struct path *path, unsigned long flags)
{
	unsigned long type = flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE);
	struct mount *mnt = real_mount(path->mnt), *m;

	if (path->dentry != path->mnt->mnt_root || !is_power_of_2(type) || (type & MS_SHARED) ||
	    (flags & ~(type | MS_REC | MS_SILENT)))
		return -EINVAL;
	down_write(&namespace_sem);
	for (m = mnt; m; m = (flags & MS_REC) ? next_mnt(m, mnt) : NULL)
		m->mnt_unbindable = type == MS_UNBINDABLE;
	namespace_unlock();
	return 0;
}

static int do_new_mount(struct path *path, const char *fstype, unsigned long flags,
			unsigned int mnt_flags, const char *name, void *data)
{
	struct file_system_type *type;
	struct path at = *path;
	struct vfsmount *mnt;
	int err;

	if (!fstype)
		return -EINVAL;
	type = get_fs_type(fstype);
	if (!type)
		return -ENODEV;
	mnt = vfs_kern_mount(type, flags & (SB_RDONLY | SB_SYNCHRONOUS | SB_DIRSYNC | MS_SILENT),
			     name, data);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	path_get(&at);
	err = lock_mount(&at);
	if (!err) {
		if (!check_mnt(real_mount(at.mnt)))
			err = -EINVAL;
		else if (at.mnt->mnt_sb == mnt->mnt_sb && at.mnt->mnt_root == at.dentry)
			err = -EBUSY; /* the same thing on itself */
		mnt->mnt_flags = mnt_flags;
		if (!err)
			err = graft_tree(real_mount(mnt), &at);
		namespace_unlock();
	}
	if (err)
		mntput(mnt);
	path_put(&at);
	return err;
}

static unsigned int mnt_flags_of(unsigned long flags, const struct path *path)
{
	static const struct {
		unsigned long ms;
		unsigned int mnt;
	} map[] = {
	    {MS_NOSUID, MNT_NOSUID},	       {MS_NODEV, MNT_NODEV},
	    {MS_NOEXEC, MNT_NOEXEC},	       {MS_NOATIME, MNT_NOATIME},
	    {MS_RDONLY, MNT_READONLY},	       {MS_NODIRATIME, MNT_NODIRATIME},
	    {MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW},
	};
	unsigned int i, res = 0;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (flags & map[i].ms)
			res |= map[i].mnt;
	if (!(flags & (MS_NOATIME | MS_STRICTATIME)))
		res |= MNT_RELATIME;
	/* A remount that says nothing about access times leaves them as they are. */
	if ((flags & MS_REMOUNT) &&
	    !(flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME))) {
		const unsigned int atime = MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME;

		res = (res & ~atime) | (path->mnt->mnt_flags & atime);
	}
	return res;
}

long do_mount(const char *dev, const struct path *where, const char *type, unsigned long flags,
	      void *data)
{
	struct path path = *where;
	unsigned int mnt_flags;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~MS_MGC_MSK;
	if (flags & MS_NOUSER)
		return -EINVAL;
	if (!may_mount())
		return -EPERM;
	mnt_flags = mnt_flags_of(flags, &path);
	if (flags & MS_REMOUNT)
		return do_remount(&path, flags, mnt_flags, data);
	if (flags & MS_BIND)
		return do_loopback(&path, dev, flags & MS_REC);
	if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		return do_change_type(&path, flags);
	if (flags & MS_MOVE)
		return do_move_mount(&path, dev);
	return do_new_mount(&path, type, flags, mnt_flags, dev, data);
}

int do_mount_kern(const char *dev, const char *dir, const char *type, unsigned long flags,
		  void *data)
{
	struct path path;
	int err = kern_path(dir, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = do_mount(dev, &path, type, flags, data);
	path_put(&path);
	return err;
}

/* The option page: at most a page, perhaps less when the memory behind it ends. */
static void *copy_mount_options(const void __user *data)
{
	size_t left;
	char *copy;

	if (!data)
		return NULL;
	copy = (char *)get_zeroed_page(GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	left = copy_from_user(copy, data, PAGE_SIZE - 1);
	if (left == PAGE_SIZE - 1) {
		free_page((unsigned long)copy);
		return ERR_PTR(-EFAULT);
	}
	return copy;
}

static char *copy_mount_string(const void __user *s)
{
	return s ? strndup_user(s, PATH_MAX) : NULL;
}

SYSCALL_DEFINE5(mount, char __user *, dev_name, char __user *, dir_name, char __user *, type,
		unsigned long, flags, void __user *, data)
{
	char *ktype, *kdev;
	struct path path;
	void *options;
	long ret;

	ktype = copy_mount_string(type);
	if (IS_ERR(ktype))
		return PTR_ERR(ktype);
	kdev = copy_mount_string(dev_name);
	ret = PTR_ERR_OR_ZERO(kdev);
	if (ret)
		goto out_type;
	options = copy_mount_options(data);
	ret = PTR_ERR_OR_ZERO(options);
	if (ret)
		goto out_dev;
	ret = user_path_at(AT_FDCWD, dir_name, LOOKUP_FOLLOW, &path);
	if (!ret) {
		ret = do_mount(kdev, &path, ktype, flags, options);
		path_put(&path);
	}
	free_page((unsigned long)options);
out_dev:
	kfree(kdev);
out_type:
	kfree(ktype);
	return ret;
}

/* Uses beyond the tree's and the caller's own path. */
static bool mount_is_busy(struct mount *mnt)
{
	return !list_empty(&mnt->mnt_mounts) || atomic_read(&mnt->mnt_count) > 2;
}

static int do_umount(struct mount *mnt, int flags)
{
	struct super_block *sb = mnt->mnt.mnt_sb;
	int err = -EINVAL;

	/* The root itself cannot leave: it becomes read-only, as shutdown scripts expect. */
	if (&mnt->mnt == current->fs->root.mnt && !(flags & MNT_DETACH)) {
		down_write(&sb->s_umount);
		err = sb->s_flags & SB_RDONLY ? 0 : do_remount_sb(sb, SB_RDONLY, NULL);
		up_write(&sb->s_umount);
		return err;
	}
	down_write(&namespace_sem);
	if (!check_mnt(mnt) || !mnt_has_parent(mnt))
		goto out;
	err = -EBUSY;
	if ((flags & MNT_DETACH) || !mount_is_busy(mnt)) {
		umount_tree(mnt, flags & MNT_DETACH);
		err = 0;
	}
out:
	namespace_unlock();
	return err;
}

SYSCALL_DEFINE2(umount2, char __user *, name, int, flags)
{
	unsigned int lookup = LOOKUP_MOUNTPOINT;
	struct path path;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	if ((flags & MNT_EXPIRE) && (flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	if (!(flags & UMOUNT_NOFOLLOW))
		lookup |= LOOKUP_FOLLOW;
	err = user_path_at(AT_FDCWD, name, lookup, &path);
	if (err)
		return err;
	if (!may_mount())
		err = -EPERM;
	else if (path.dentry != path.mnt->mnt_root)
		err = -EINVAL;
	/* The path's dentry is the mount's root: only the mount's reference must stay for now. */
	dput(path.dentry);
	if (!err)
		err = do_umount(real_mount(path.mnt), flags);
	mntput(path.mnt);
	return err;
}

static bool is_path_reachable(struct mount *mnt, struct dentry *dentry, const struct path *root)
{
	while (&mnt->mnt != root->mnt && mnt_has_parent(mnt)) {
		dentry = mnt->mnt_mountpoint;
		mnt = mnt->mnt_parent;
	}
	return &mnt->mnt == root->mnt && is_subdir(dentry, root->dentry);
}

/* The rules of pivot_root(2), in the order of its ERRORS section. */
static int pivot_check(const struct path *new, const struct path *old, const struct path *root)
{
	struct mount *new_mnt = real_mount(new->mnt), *root_mnt = real_mount(root->mnt);
	struct mount *old_mnt = real_mount(old->mnt);

	if (!check_mnt(root_mnt) || !check_mnt(new_mnt))
		return -EINVAL;
	if (d_unlinked(new->dentry))
		return -ENOENT;
	if (new_mnt == root_mnt || old_mnt == root_mnt)
		return -EBUSY;
	if (root->mnt->mnt_root != root->dentry || !mnt_has_parent(root_mnt))
		return -EINVAL;
	if (new->mnt->mnt_root != new->dentry || !mnt_has_parent(new_mnt))
		return -EINVAL;
	if (!is_path_reachable(old_mnt, old->dentry, new) ||
	    !is_path_reachable(new_mnt, new->dentry, root))
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE2(pivot_root, const char __user *, new_root, const char __user *, put_old)
{
	struct path new, old, root, root_parent = {0}, new_parent = {0};
	int err;

	if (!may_mount())
		return -EPERM;
	err = user_path_at(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (err)
		return err;
	err = user_path_at(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (err)
		goto out_new;
	get_fs_root(current->fs, &root);
	err = lock_mount(&old);
	if (err)
		goto out_root;
	err = pivot_check(&new, &old, &root);
	if (!err) {
		detach_mnt(real_mount(new.mnt), &new_parent);
		detach_mnt(real_mount(root.mnt), &root_parent);
		attach_recursive_mnt(real_mount(root.mnt), real_mount(old.mnt), old.dentry);
		attach_recursive_mnt(real_mount(new.mnt), real_mount(root_parent.mnt),
				     root_parent.dentry);
	}
	namespace_unlock();
	if (!err) {
		chroot_fs_refs(&root, &new);
		path_put(&root_parent);
		path_put(&new_parent);
	}
out_root:
	path_put(&root);
	path_put(&old);
out_new:
	path_put(&new);
	return err;
}

static void show_sb_flags(struct seq_file *m, struct super_block *sb)
{
	if (sb->s_flags & SB_SYNCHRONOUS)
		seq_puts(m, ",sync");
	if (sb->s_flags & SB_DIRSYNC)
		seq_puts(m, ",dirsync");
}

static void show_mnt_flags(struct seq_file *m, const struct vfsmount *mnt)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} names[] = {
	    {MNT_NOSUID, ",nosuid"},	       {MNT_NODEV, ",nodev"},
	    {MNT_NOEXEC, ",noexec"},	       {MNT_NOATIME, ",noatime"},
	    {MNT_NODIRATIME, ",nodiratime"},   {MNT_RELATIME, ",relatime"},
	    {MNT_NOSYMFOLLOW, ",nosymfollow"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (mnt->mnt_flags & names[i].flag)
			seq_puts(m, names[i].text);
}

static void show_options(struct seq_file *m, struct super_block *sb, struct dentry *root)
{
	if (sb->s_op->show_options)
		sb->s_op->show_options(m, root);
}

static void show_one(struct seq_file *m, struct mount *mnt, const struct path *root,
		     enum mounts_format format)
{
	static const char esc[] = " \t\n\\";
	struct path path = {.mnt = &mnt->mnt, .dentry = mnt->mnt.mnt_root};
	struct super_block *sb = mnt->mnt.mnt_sb;
	size_t start = m->count;
	const char *ro = (mnt->mnt.mnt_flags & MNT_READONLY) ? "ro" : "rw";

	if (format == MOUNTS_INFO) {
		seq_printf(m, "%d %d %u:%u ", mnt->mnt_id, mnt->mnt_parent->mnt_id,
			   MAJOR(sb->s_dev), MINOR(sb->s_dev));
		seq_dentry(m, mnt->mnt.mnt_root, esc);
		seq_putc(m, ' ');
	} else {
		if (format == MOUNTS_STATS)
			seq_puts(m, "device ");
		seq_escape(m, mnt->mnt_devname, esc);
		seq_puts(m, format == MOUNTS_STATS ? " mounted on " : " ");
	}
	if (seq_path_root(m, &path, root, esc)) {
		m->count = start; /* not below this root: not shown */
		return;
	}
	switch (format) {
	case MOUNTS_INFO:
		seq_printf(m, " %s", ro);
		show_mnt_flags(m, &mnt->mnt);
		seq_puts(m, mnt->mnt_unbindable ? " unbindable - " : " - ");
		seq_puts(m, sb->s_type->name);
		seq_putc(m, ' ');
		seq_escape(m, mnt->mnt_devname, esc);
		seq_puts(m, sb->s_flags & SB_RDONLY ? " ro" : " rw");
		show_sb_flags(m, sb);
		show_options(m, sb, mnt->mnt.mnt_root);
		break;
	case MOUNTS_FSTAB:
		seq_printf(m, " %s %s", sb->s_type->name, sb->s_flags & SB_RDONLY ? "ro" : ro);
		show_sb_flags(m, sb);
		show_mnt_flags(m, &mnt->mnt);
		show_options(m, sb, mnt->mnt.mnt_root);
		seq_puts(m, " 0 0");
		break;
	case MOUNTS_STATS:
		seq_printf(m, " with fstype %s", sb->s_type->name);
		break;
	}
	seq_putc(m, '\n');
}

int show_mounts(struct seq_file *m, struct mnt_namespace *ns, const struct path *root,
		enum mounts_format format)
{
	struct mount *mnt;

	down_read(&namespace_sem);
	list_for_each_entry (mnt, &ns->list, mnt_list)
		show_one(m, mnt, root, format);
	up_read(&namespace_sem);
	return 0;
}
