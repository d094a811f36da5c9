/* SPDX-License-Identifier: MIT */
/*
 * Kinds of file systems and their instances. super_lock guards both lists; a superblock's
 * s_umount guards its life: s_active counts mounts, s_count users of the structure.
 * Task context.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/fsnotify.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <jiffy/xarray.h>

static struct file_system_type *file_systems;
static DEFINE_RWLOCK(file_systems_lock);
static LIST_HEAD(super_blocks);
static DEFINE_SPINLOCK(super_lock);
static DEFINE_XARRAY(anon_minors);

int register_filesystem(struct file_system_type *fs)
{
	struct file_system_type **p;
	int res = 0;

	write_lock(&file_systems_lock);
	for (p = &file_systems; *p && strcmp((*p)->name, fs->name); p = &(*p)->next)
		;
	if (*p)
		res = -EBUSY;
	else
		*p = fs;
	write_unlock(&file_systems_lock);
	return res;
}

int unregister_filesystem(struct file_system_type *fs)
{
	struct file_system_type **p;
	int res = -EINVAL;

	write_lock(&file_systems_lock);
	for (p = &file_systems; *p; p = &(*p)->next) {
		if (*p == fs) {
			*p = fs->next;
			fs->next = NULL;
			res = 0;
			break;
		}
	}
	write_unlock(&file_systems_lock);
	return res;
}

struct file_system_type *get_fs_type(const char *name)
{
	struct file_system_type *fs;
	size_t len = strcspn(name, "."); /* "fuse.sshfs": the subtype does not count */

	read_lock(&file_systems_lock);
	for (fs = file_systems; fs; fs = fs->next)
		if (strlen(fs->name) == len && !strncmp(fs->name, name, len))
			break;
	read_unlock(&file_systems_lock);
	return fs;
}

void filesystems_show(struct seq_file *m)
{
	struct file_system_type *fs;

	read_lock(&file_systems_lock);
	for (fs = file_systems; fs; fs = fs->next)
		seq_printf(m, "%s\t%s\n", fs->fs_flags & FS_REQUIRES_DEV ? "" : "nodev", fs->name);
	read_unlock(&file_systems_lock);
}

SYSCALL_DEFINE3(sysfs, int, option, unsigned long, arg1, unsigned long, arg2)
{
	struct file_system_type *fs;
	char name[64];
	int index = 0;

	if (option == 1) {
		long n = strncpy_from_user(name, (const char __user *)arg1, sizeof(name));

		if (n < 0)
			return n;
		if (n == sizeof(name))
			return -EINVAL;
	} else if (option != 2 && option != 3) {
		return -EINVAL;
	}
	read_lock(&file_systems_lock);
	for (fs = file_systems; fs; fs = fs->next, index++) {
		if (option == 1 && !strcmp(fs->name, name))
			break;
		if (option == 2 && index == (int)arg1)
			break;
	}
	read_unlock(&file_systems_lock);
	if (option == 3)
		return index;
	if (!fs)
		return -EINVAL;
	if (option == 1)
		return index;
	return copy_to_user((char __user *)arg2, fs->name, strlen(fs->name) + 1) ? -EFAULT : 0;
}

static struct super_block *alloc_super(struct file_system_type *type, int flags)
{
	struct super_block *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->s_type = type;
	s->s_flags = flags;
	s->s_count = 1;
	atomic_set(&s->s_active, 1);
	init_rwsem(&s->s_umount);
	mutex_init(&s->s_vfs_rename_mutex);
	spin_lock_init(&s->s_inode_list_lock);
	INIT_LIST_HEAD(&s->s_inodes);
	s->s_maxbytes = MAX_LFS_FILESIZE;
	s->s_blocksize = PAGE_SIZE;
	s->s_blocksize_bits = PAGE_SHIFT;
	s->s_time_gran = 1;
	s->s_user_ns = get_user_ns(current_user_ns());
	down_write(&s->s_umount);
	return s;
}

static void destroy_super(struct super_block *s)
{
	put_user_ns(s->s_user_ns);
	kfree(s->s_subtype);
	kfree(s);
}

static void put_super(struct super_block *s)
{
	bool last;

	spin_lock(&super_lock);
	last = --s->s_count == 0;
	if (last)
		list_del(&s->s_list); /* not before: a walk over the list stands on it */
	spin_unlock(&super_lock);
	if (last)
		destroy_super(s);
}

/* super_lock held; drops it. An active reference with s_umount held, or false when it is dying. */
static bool grab_super(struct super_block *s)
{
	bool alive = atomic_inc_not_zero(&s->s_active);

	s->s_count++;
	spin_unlock(&super_lock);
	down_write(&s->s_umount);
	if (alive) {
		put_super(s);
		return true;
	}
	up_write(&s->s_umount);
	put_super(s);
	return false;
}

struct super_block *sget(struct file_system_type *type,
			 int (*test)(struct super_block *sb, void *data),
			 int (*set)(struct super_block *sb, void *data), int flags, void *data)
{
	struct super_block *s = NULL, *old;
	int err;

retry:
	spin_lock(&super_lock);
	if (test) {
		hlist_for_each_entry (old, &type->fs_supers, s_instances) {
			if (!test(old, data))
				continue;
			if (!grab_super(old))
				goto retry;
			if (s) {
				up_write(&s->s_umount);
				destroy_super(s);
			}
			return old;
		}
	}
	if (!s) {
		spin_unlock(&super_lock);
		s = alloc_super(type, flags);
		if (!s)
			return ERR_PTR(-ENOMEM);
		err = set(s, data);
		if (err) {
			up_write(&s->s_umount);
			destroy_super(s);
			return ERR_PTR(err);
		}
		goto retry;
	}
	strscpy(s->s_id, type->name, sizeof(s->s_id));
	list_add_tail(&s->s_list, &super_blocks);
	hlist_add_head(&s->s_instances, &type->fs_supers);
	spin_unlock(&super_lock);
	return s;
}

int set_anon_super(struct super_block *sb, void *data)
{
	u32 minor;
	int err = xa_alloc(&anon_minors, &minor, sb, XA_LIMIT(1, MINORMASK), GFP_KERNEL);

	if (err)
		return err == -EBUSY ? -EMFILE : err;
	sb->s_dev = MKDEV(0, minor);
	return 0;
}

/* Tears the instance down. s_umount held. */
static void generic_shutdown_super(struct super_block *sb)
{
	bool finished = sb->s_root; /* the shrinking below takes it away */

	if (finished) {
		fsnotify_sb_delete(sb);
		shrink_dcache_for_umount(sb);
		sb->s_flags &= ~SB_ACTIVE;
	}
	/* Inodes that wait to be freed look at their superblock then, those of a tree that was
	 * never finished too. */
	rcu_barrier();
	if (finished) {
		evict_inodes(sb);
		if (sb->s_op->put_super)
			sb->s_op->put_super(sb);
	}
	spin_lock(&super_lock);
	hlist_del_init(&sb->s_instances);
	spin_unlock(&super_lock);
	up_write(&sb->s_umount);
}

void kill_anon_super(struct super_block *sb)
{
	dev_t dev = sb->s_dev;

	generic_shutdown_super(sb);
	xa_erase(&anon_minors, MINOR(dev));
}

void kill_litter_super(struct super_block *sb)
{
	if (sb->s_root)
		d_genocide(sb->s_root);
	kill_anon_super(sb);
}

void deactivate_locked_super(struct super_block *sb)
{
	if (!atomic_dec_and_test(&sb->s_active)) {
		up_write(&sb->s_umount);
		return;
	}
	sb->s_type->kill_sb(sb);
	put_super(sb);
}

void deactivate_super(struct super_block *sb)
{
	if (atomic_add_unless(&sb->s_active, -1, 1))
		return;
	down_write(&sb->s_umount);
	deactivate_locked_super(sb);
}

struct mount_key {
	void *key;
};

static int test_keyed(struct super_block *sb, void *data)
{
	return sb->s_fs_info == ((struct mount_key *)data)->key;
}

static int set_keyed(struct super_block *sb, void *data)
{
	sb->s_fs_info = ((struct mount_key *)data)->key;
	return set_anon_super(sb, NULL);
}

static int test_single(struct super_block *sb, void *data)
{
	return 1;
}

/* Fills a new superblock; an existing one is used as it is. */
static struct dentry *finish_mount(struct super_block *s, void *data, int flags,
				   int (*fill)(struct super_block *sb, void *data, int silent))
{
	if (IS_ERR(s))
		return ERR_CAST(s);
	if (!s->s_root) {
		int err = fill(s, data, flags & MS_SILENT ? 1 : 0);

		if (err) {
			deactivate_locked_super(s);
			return ERR_PTR(err);
		}
		s->s_flags |= SB_ACTIVE;
	}
	return dget(s->s_root);
}

struct dentry *mount_nodev(struct file_system_type *type, int flags, void *data,
			   int (*fill)(struct super_block *sb, void *data, int silent))
{
	return finish_mount(sget(type, NULL, set_anon_super, flags, NULL), data, flags, fill);
}

struct dentry *mount_single(struct file_system_type *type, int flags, void *data,
			    int (*fill)(struct super_block *sb, void *data, int silent))
{
	return finish_mount(sget(type, test_single, set_anon_super, flags, NULL), data, flags,
			    fill);
}

struct dentry *mount_keyed(struct file_system_type *type, int flags, void *data, void *key,
			   int (*fill)(struct super_block *sb, void *data, int silent))
{
	struct mount_key k = {.key = key};

	return finish_mount(sget(type, test_keyed, set_keyed, flags, &k), data, flags, fill);
}

struct pseudo_args {
	const struct super_operations *ops;
	const struct dentry_operations *dops;
	unsigned long magic;
};

static int pseudo_fill_super(struct super_block *sb, void *data, int silent)
{
	static const struct super_operations default_ops = {.statfs = simple_statfs};
	struct pseudo_args *args = data;
	struct inode *root;

	sb->s_magic = args->magic;
	sb->s_op = args->ops ? args->ops : &default_ops;
	sb->s_d_op = args->dops;
	sb->s_flags |= SB_NOUSER;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_ino = 1;
	root->i_mode = S_IFDIR | S_IRUSR | S_IWUSR;
	root->i_atime = root->i_mtime = root->i_ctime = current_time(root);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

struct dentry *mount_pseudo(struct file_system_type *type, const struct super_operations *ops,
			    const struct dentry_operations *dops, unsigned long magic)
{
	struct pseudo_args args = {.ops = ops, .dops = dops, .magic = magic};

	return mount_nodev(type, SB_KERNMOUNT, &args, pseudo_fill_super);
}

/* The root with its reference and an active one of its superblock, s_umount given back. */
struct dentry *mount_fs(struct file_system_type *type, int flags, const char *name, void *data)
{
	struct dentry *root = type->mount(type, flags, name, data);

	if (!IS_ERR(root))
		up_write(&root->d_sb->s_umount);
	return root;
}

int do_remount_sb(struct super_block *sb, int flags, void *data)
{
	const int mask = SB_RDONLY | SB_SYNCHRONOUS | SB_DIRSYNC;
	int err = 0;

	lockdep_assert_held(&sb->s_umount);
	if (sb->s_op->remount_fs)
		err = sb->s_op->remount_fs(sb, &flags, data);
	if (!err)
		sb->s_flags = (sb->s_flags & ~(unsigned long)mask) | (flags & mask);
	return err;
}

void iterate_supers(void (*fn)(struct super_block *sb, void *arg), void *arg)
{
	struct super_block *sb, *prev = NULL;

	spin_lock(&super_lock);
	list_for_each_entry (sb, &super_blocks, s_list) {
		if (hlist_unhashed(&sb->s_instances))
			continue;
		sb->s_count++;
		spin_unlock(&super_lock);
		down_read(&sb->s_umount);
		if (sb->s_root && (sb->s_flags & SB_ACTIVE))
			fn(sb, arg);
		up_read(&sb->s_umount);
		if (prev)
			put_super(prev);
		prev = sb;
		spin_lock(&super_lock);
	}
	spin_unlock(&super_lock);
	if (prev)
		put_super(prev);
}

struct super_block *user_get_super(dev_t dev)
{
	struct super_block *sb;

	spin_lock(&super_lock);
	list_for_each_entry (sb, &super_blocks, s_list) {
		if (sb->s_dev != dev || hlist_unhashed(&sb->s_instances))
			continue;
		if (!grab_super(sb))
			return NULL;
		up_write(&sb->s_umount);
		return sb;
	}
	spin_unlock(&super_lock);
	return NULL;
}

static void sync_one_sb(struct super_block *sb, void *arg)
{
	if (!(sb->s_flags & SB_RDONLY) && sb->s_op->sync_fs)
		sb->s_op->sync_fs(sb, 1);
}

void ksys_sync(void)
{
	iterate_supers(sync_one_sb, NULL);
}

void emergency_sync(void)
{
	ksys_sync();
}

SYSCALL_DEFINE0(sync)
{
	ksys_sync();
	return 0;
}

SYSCALL_DEFINE1(syncfs, int, fd)
{
	struct fd f = fdget(fd);
	struct super_block *sb;
	int ret = 0;

	if (!f.file)
		return -EBADF;
	sb = file_dentry(f.file)->d_sb;
	down_read(&sb->s_umount);
	if (sb->s_op->sync_fs)
		ret = sb->s_op->sync_fs(sb, 1);
	up_read(&sb->s_umount);
	fdput(f);
	return ret;
}
