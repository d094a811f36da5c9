/* SPDX-License-Identifier: MIT */
/*
 * The file system "mqueue" and the calls that work on its names: mq_open(2), mq_unlink(2).
 * mq_overview(7). Task context. Locks: util.h.
 */
#include <arch/uaccess.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/resource.h>
#include <jiffy/syscalls.h>

#include "mqueue.h"

#define MQUEUE_MAGIC 0x19800202
#define DIRENT_SIZE  20 /* what a name adds to the directory's size */

/*
 * What RLIMIT_MSGQUEUE counts for a message and for a priority, getrlimit(2): the size of Linux's
 * own records, so that a limit allows the same queues here as there.
 */
#define MQ_MSG_OVERHEAD	 48
#define MQ_PRIO_OVERHEAD 48

static DEFINE_SPINLOCK(mq_lock);
static struct kmem_cache *mqueue_inode_cachep;
static const struct inode_operations mqueue_dir_inode_operations;

/* The namespace of an instance with a reference, NULL when that has ended. */
static struct ipc_namespace *mq_get_ns(struct super_block *sb)
{
	struct ipc_namespace *ns;

	spin_lock(&mq_lock);
	ns = sb->s_fs_info;
	if (ns && !refcount_inc_not_zero(&ns->ns.count))
		ns = NULL;
	spin_unlock(&mq_lock);
	return ns;
}

/* ---- inodes ---- */

static struct inode *mqueue_alloc_inode(struct super_block *sb)
{
	struct mqueue_inode_info *info = kmem_cache_zalloc(mqueue_inode_cachep, GFP_KERNEL);

	return info ? &info->vfs_inode : NULL;
}

static void mqueue_free_inode(struct inode *inode)
{
	kmem_cache_free(mqueue_inode_cachep, MQUEUE_I(inode));
}

static void mqueue_evict_inode(struct inode *inode)
{
	struct mqueue_inode_info *info = MQUEUE_I(inode);
	struct ipc_namespace *ns;

	clear_inode(inode);
	if (!info->user)
		return;
	mq_free_messages(info);
	atomic_long_sub(info->charged, &info->user->mq_bytes);
	free_uid(info->user);
	ns = mq_get_ns(inode->i_sb);
	if (!ns)
		return;
	spin_lock(&mq_lock);
	ns->mq_queues_count--;
	spin_unlock(&mq_lock);
	put_ipc_ns(ns);
}

/* Counts the queue for current's user: 0 or -EMFILE (RLIMIT_MSGQUEUE). */
static int mq_charge(struct mqueue_inode_info *info)
{
	struct user_struct *user = current_user();
	unsigned long bytes, limit = rlimit(RLIMIT_MSGQUEUE);

	bytes = info->maxmsg * MQ_MSG_OVERHEAD +
		min(info->maxmsg, (long)MQ_PRIO_MAX) * MQ_PRIO_OVERHEAD +
		info->maxmsg * info->msgsize;
	if ((unsigned long)atomic_long_add_return(bytes, &user->mq_bytes) > limit) {
		atomic_long_sub(bytes, &user->mq_bytes);
		return -EMFILE;
	}
	info->user = get_uid(user);
	info->charged = bytes;
	return 0;
}

static struct inode *mqueue_new_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = new_inode(sb);
	struct mqueue_inode_info *info;

	if (!inode)
		return NULL;
	info = MQUEUE_I(inode);
	inode->i_mode = mode;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	spin_lock_init(&info->lock);
	init_waitqueue_head(&info->wait_q);
	info->messages = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&info->waiters[MQ_SEND]);
	INIT_LIST_HEAD(&info->waiters[MQ_RECV]);
	return inode;
}

/* 0 or -EINVAL: mq_open(3). */
static int mq_attr_ok(const struct ipc_namespace *ns, const struct mq_attr *attr)
{
	long maxmsg = HARD_MSGMAX, maxsize = HARD_MSGSIZEMAX;

	if (attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0)
		return -EINVAL;
	if (!capable(CAP_SYS_RESOURCE)) {
		maxmsg = ns->mq_msg_max;
		maxsize = ns->mq_msgsize_max;
	}
	return attr->mq_maxmsg > maxmsg || attr->mq_msgsize > maxsize ? -EINVAL : 0;
}

static struct inode *mqueue_make_queue(struct super_block *sb, struct ipc_namespace *ns,
				       umode_t mode, const struct mq_attr *attr)
{
	struct mqueue_inode_info *info;
	struct inode *inode;
	int err;

	if (attr) {
		err = mq_attr_ok(ns, attr);
		if (err)
			return ERR_PTR(err);
	}
	inode = mqueue_new_inode(sb, mode);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	info = MQUEUE_I(inode);
	inode->i_fop = &mqueue_file_operations;
	inode->i_size = 80; /* the longest line that read(2) gives */
	info->maxmsg = attr ? attr->mq_maxmsg : min(ns->mq_msg_max, ns->mq_msg_default);
	info->msgsize = attr ? attr->mq_msgsize : min(ns->mq_msgsize_max, ns->mq_msgsize_default);
	err = mq_charge(info);
	if (err) {
		iput(inode);
		return ERR_PTR(err);
	}
	return inode;
}

/* ---- the directory ---- */

static bool mq_count_queue(struct ipc_namespace *ns)
{
	bool may_exceed = capable(CAP_SYS_RESOURCE), ok;

	spin_lock(&mq_lock);
	ok = ns->mq_queues_count < ns->mq_queues_max || may_exceed;
	if (ok)
		ns->mq_queues_count++;
	spin_unlock(&mq_lock);
	return ok;
}

/* d_fsdata: the struct mq_attr that mq_open() was given; creat(2) has none. */
static int mqueue_create(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl)
{
	struct ipc_namespace *ns = mq_get_ns(dir->i_sb);
	struct inode *inode;
	int err = 0;

	if (!ns)
		return -EACCES;
	if (!mq_count_queue(ns)) {
		err = -ENOSPC;
		goto out;
	}
	inode = mqueue_make_queue(dir->i_sb, ns, mode, dentry->d_fsdata);
	if (IS_ERR(inode)) {
		spin_lock(&mq_lock);
		ns->mq_queues_count--;
		spin_unlock(&mq_lock);
		err = PTR_ERR(inode);
		goto out;
	}
	dir->i_size += DIRENT_SIZE;
	dir->i_atime = dir->i_mtime = dir->i_ctime = current_time(dir);
	d_make_persistent(dentry, inode);
out:
	put_ipc_ns(ns);
	return err;
}

static int mqueue_unlink(struct inode *dir, struct dentry *dentry)
{
	dir->i_size -= DIRENT_SIZE;
	return simple_unlink(dir, dentry);
}

static const struct inode_operations mqueue_dir_inode_operations = {
    .lookup = simple_lookup,
    .create = mqueue_create,
    .unlink = mqueue_unlink,
};

static const struct super_operations mqueue_super_ops = {
    .alloc_inode = mqueue_alloc_inode,
    .free_inode = mqueue_free_inode,
    .evict_inode = mqueue_evict_inode,
    .statfs = simple_statfs,
};

static int mqueue_fill_super(struct super_block *sb, void *data, int silent)
{
	struct inode *inode;

	sb->s_magic = MQUEUE_MAGIC;
	sb->s_op = &mqueue_super_ops;
	sb->s_flags |= SB_NOEXEC | SB_NODEV;
	inode = mqueue_new_inode(sb, S_IFDIR | S_ISVTX | S_IRWXUGO);
	if (!inode)
		return -ENOMEM;
	inc_nlink(inode);
	inode->i_size = 2 * DIRENT_SIZE;
	inode->i_op = &mqueue_dir_inode_operations;
	inode->i_fop = &simple_dir_operations;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

/* The kernel's own mount names the namespace; a program mounts that of its own. */
static struct dentry *mqueue_mount(struct file_system_type *type, int flags, const char *dev_name,
				   void *data)
{
	struct ipc_namespace *ns = flags & SB_KERNMOUNT ? data : current_ipc_ns();

	return mount_keyed(type, flags, NULL, ns, mqueue_fill_super);
}

static struct file_system_type mqueue_fs_type = {
    .name = "mqueue",
    .mount = mqueue_mount,
    .kill_sb = kill_litter_super,
    .fs_flags = FS_USERNS_MOUNT,
};

int mq_init_ns(struct ipc_namespace *ns)
{
	struct vfsmount *mnt = vfs_kern_mount(&mqueue_fs_type, SB_KERNMOUNT, "mqueue", ns);

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	ns->mq_mnt = mnt;
	return 0;
}

void mq_detach_ns(struct ipc_namespace *ns)
{
	spin_lock(&mq_lock);
	ns->mq_mnt->mnt_sb->s_fs_info = NULL;
	spin_unlock(&mq_lock);
	kern_unmount(ns->mq_mnt);
}

static int mqueue_init(void)
{
	int err;

	mqueue_inode_cachep = KMEM_CACHE(mqueue_inode_info, SLAB_HWCACHE_ALIGN);
	if (!mqueue_inode_cachep)
		return -ENOMEM;
	err = register_filesystem(&mqueue_fs_type);
	return err ?: mq_init_ns(&init_ipc_ns);
}
fs_initcall(mqueue_init);

/* ---- mq_open, mq_unlink ---- */

/* The queue of that name may be opened so, or is made. The directory is locked. */
static int mq_prepare_open(struct dentry *dentry, int oflag, int readonly, umode_t mode,
			   struct mq_attr *attr)
{
	static const int acc[O_ACCMODE + 1] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE};
	int err;

	if (d_is_negative(dentry)) {
		if (!(oflag & O_CREAT))
			return -ENOENT;
		if (readonly)
			return readonly;
		dentry->d_fsdata = attr;
		err = vfs_create(d_inode(dentry->d_parent), dentry, mode & ~current_umask(), true);
		dentry->d_fsdata = NULL;
		return err;
	}
	if ((oflag & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if ((oflag & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission(d_inode(dentry), acc[oflag & O_ACCMODE]);
}

static struct file *mq_open_file(const char *name, int oflag, umode_t mode, struct mq_attr *attr)
{
	struct vfsmount *mnt = current_ipc_ns()->mq_mnt;
	int readonly = mnt_want_write(mnt), err;
	struct inode *dir = d_inode(mnt->mnt_root);
	struct path path = {.mnt = mnt};
	struct file *file;

	inode_lock(dir);
	path.dentry = lookup_one_len(name, mnt->mnt_root, strlen(name));
	if (IS_ERR(path.dentry)) {
		file = ERR_CAST(path.dentry);
	} else {
		err = mq_prepare_open(path.dentry, oflag, readonly, mode, attr);
		file = err ? ERR_PTR(err) : dentry_open(&path, oflag, current_cred());
		dput(path.dentry);
	}
	inode_unlock(dir);
	if (!readonly)
		mnt_drop_write(mnt);
	return file;
}

SYSCALL_DEFINE4(mq_open, const char __user *, u_name, int, oflag, umode_t, mode,
		const struct mq_attr __user *, u_attr)
{
	struct filename *name;
	struct mq_attr attr;
	struct file *file;
	int fd;

	if (u_attr && copy_from_user(&attr, u_attr, sizeof(attr)))
		return -EFAULT;
	name = getname(u_name);
	if (IS_ERR(name))
		return PTR_ERR(name);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd >= 0) {
		file = mq_open_file(name->name, oflag, mode & S_IALLUGO, u_attr ? &attr : NULL);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	putname(name);
	return fd;
}

SYSCALL_DEFINE1(mq_unlink, const char __user *, u_name)
{
	struct vfsmount *mnt = current_ipc_ns()->mq_mnt;
	struct inode *dir = d_inode(mnt->mnt_root), *inode = NULL;
	struct filename *name = getname(u_name);
	struct dentry *dentry;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = mnt_want_write(mnt);
	if (err)
		goto out_name;
	inode_lock_nested(dir, I_MUTEX_PARENT);
	dentry = lookup_one_len(name->name, mnt->mnt_root, strlen(name->name));
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
	} else {
		inode = d_inode(dentry);
		if (inode)
			ihold(inode); /* its end, which frees messages, waits for the unlock */
		err = inode ? vfs_unlink(dir, dentry) : -ENOENT;
		dput(dentry);
	}
	inode_unlock(dir);
	iput(inode);
	mnt_drop_write(mnt);
out_name:
	putname(name);
	return err;
}
