/* SPDX-License-Identifier: MIT */
/*
 * Inodes: made, counted, thrown away. An inode lives as long as a dentry or a file names it;
 * nothing here keeps unused ones, since every file system of ours has its truth in memory.
 * Task context; locks as in <jiffy/fs.h>.
 */
#include "mount.h"
#include <jiffy/cdev.h>
#include <jiffy/pagemap.h>
#include <jiffy/percpu.h>
#include <jiffy/pipe_fs.h>
#include <jiffy/slab.h>

static struct kmem_cache *inode_cachep;
static atomic64_t nr_inode;
static atomic64_t last_ino_batch;
static DEFINE_PER_CPU(u64, next_ino);

#define INO_BATCH 1024

unsigned long nr_inodes(void)
{
	return atomic64_read(&nr_inode);
}

/* Each CPU takes numbers in batches, so that making files shares no cache line. */
ino_t get_next_ino(void)
{
	u64 *p = get_cpu_ptr(&next_ino), ino = *p;

	if (ino % INO_BATCH == 0)
		ino = atomic64_fetch_add(INO_BATCH, &last_ino_batch);
	ino++;
	*p = ino;
	put_cpu_ptr(&next_ino);
	return ino;
}

void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
	spin_lock_init(&inode->i_lock);
	init_rwsem(&inode->i_rwsem);
	INIT_HLIST_HEAD(&inode->i_dentry);
	INIT_LIST_HEAD(&inode->i_sb_list);
}

struct inode *new_inode_pseudo(struct super_block *sb)
{
	static const struct inode_operations empty_iops;
	static const struct file_operations no_open_fops;
	struct inode *inode;

	if (sb->s_op->alloc_inode)
		inode = sb->s_op->alloc_inode(sb);
	else
		inode = kmem_cache_alloc(inode_cachep, GFP_KERNEL);
	if (!inode)
		return NULL;
	inode_init_once(inode);
	inode->i_sb = sb;
	inode->i_op = &empty_iops;
	inode->i_fop = &no_open_fops;
	inode->i_nlink = 1;
	inode->i_blkbits = sb->s_blocksize_bits;
	atomic_set(&inode->i_count, 1);
	atomic64_inc(&nr_inode);
	return inode;
}

struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode = new_inode_pseudo(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	spin_lock(&sb->s_inode_list_lock);
	list_add(&inode->i_sb_list, &sb->s_inodes);
	spin_unlock(&sb->s_inode_list_lock);
	return inode;
}

void ihold(struct inode *inode)
{
	atomic_inc(&inode->i_count);
}

struct inode *igrab(struct inode *inode)
{
	struct inode *got = NULL;

	spin_lock(&inode->i_lock);
	if (!(inode->i_state & (I_FREEING | I_CLEAR))) {
		atomic_inc(&inode->i_count);
		got = inode;
	}
	spin_unlock(&inode->i_lock);
	return got;
}

void clear_inode(struct inode *inode)
{
	inode->i_state |= I_CLEAR;
}

int generic_delete_inode(struct inode *inode)
{
	return 1;
}

static void free_inode_rcu(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	if (inode->i_sb->s_op->free_inode)
		inode->i_sb->s_op->free_inode(inode);
	else
		kmem_cache_free(inode_cachep, inode);
}

/* Nobody can find the inode any more. */
static void evict(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;

	if (!list_empty(&inode->i_sb_list)) {
		spin_lock(&sb->s_inode_list_lock);
		list_del_init(&inode->i_sb_list);
		spin_unlock(&sb->s_inode_list_lock);
	}
	if (sb->s_op->evict_inode) {
		sb->s_op->evict_inode(inode);
	} else {
		if (inode->i_mapping)
			truncate_inode_pages_final(inode->i_mapping);
		clear_inode(inode);
	}
	locks_free_context(inode);
	atomic64_dec(&nr_inode);
	call_rcu(&inode->i_rcu, free_inode_rcu);
}

void iput(struct inode *inode)
{
	if (!inode || atomic_add_unless(&inode->i_count, -1, 1))
		return;
	spin_lock(&inode->i_lock);
	if (!atomic_dec_and_test(&inode->i_count)) {
		spin_unlock(&inode->i_lock);
		return;
	}
	inode->i_state |= I_FREEING;
	spin_unlock(&inode->i_lock);
	evict(inode);
}

/* At the end of a superblock every inode must be gone: one that is not is a leak. */
void evict_inodes(struct super_block *sb)
{
	struct inode *inode;

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry (inode, &sb->s_inodes, i_sb_list)
		pr_err("%s: inode %llu still has %d users at unmount\n", sb->s_id,
		       (unsigned long long)inode->i_ino, atomic_read(&inode->i_count));
	spin_unlock(&sb->s_inode_list_lock);
}

void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode)
{
	inode->i_uid = current_fsuid();
	if (dir && (dir->i_mode & S_ISGID)) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			 !in_group_p(inode->i_gid) && !capable(CAP_FSETID))
			mode &= ~S_ISGID;
	} else {
		inode->i_gid = current_fsgid();
	}
	inode->i_mode = mode;
}

/* A socket's node cannot be opened: open(2) says ENXIO. */
static int no_open(struct inode *inode, struct file *file)
{
	return -ENXIO;
}

static const struct file_operations bad_special_fops = {
    .open = no_open,
};

void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_mode = mode;
	if (S_ISCHR(mode)) {
		inode->i_fop = &def_chr_fops;
		inode->i_rdev = rdev;
	} else if (S_ISBLK(mode)) {
		inode->i_fop = &bad_special_fops;
		inode->i_rdev = rdev;
	} else if (S_ISFIFO(mode)) {
		inode->i_fop = &pipefifo_fops;
	} else {
		inode->i_fop = &bad_special_fops;
	}
}

bool inode_owner_or_capable(const struct inode *inode)
{
	if (uid_eq(current_fsuid(), inode->i_uid))
		return true;
	return kuid_has_mapping(current_user_ns(), inode->i_uid) &&
	       ns_capable(current_user_ns(), CAP_FOWNER);
}

struct timespec64 current_time(const struct inode *inode)
{
	return current_time_ts();
}

static int timespec64_cmp(const struct timespec64 *a, const struct timespec64 *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec;
}

/* relatime (mount(8)): only when the file changed since, or once a day. */
static bool relatime_need_update(struct vfsmount *mnt, struct inode *inode,
				 const struct timespec64 *now)
{
	if (!(mnt->mnt_flags & MNT_RELATIME))
		return true;
	return timespec64_cmp(&inode->i_mtime, &inode->i_atime) >= 0 ||
	       timespec64_cmp(&inode->i_ctime, &inode->i_atime) >= 0 ||
	       now->tv_sec - inode->i_atime.tv_sec >= 24 * 60 * 60;
}

void touch_atime(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	struct vfsmount *mnt = path->mnt;
	struct timespec64 now;

	if ((inode->i_flags & S_NOATIME) || IS_RDONLY(inode) ||
	    (mnt->mnt_flags & (MNT_NOATIME | MNT_READONLY)) ||
	    ((mnt->mnt_flags & MNT_NODIRATIME) && S_ISDIR(inode->i_mode)))
		return;
	now = current_time(inode);
	if (!relatime_need_update(mnt, inode, &now) || !timespec64_cmp(&now, &inode->i_atime))
		return;
	inode->i_atime = now;
}

int file_update_time(struct file *file)
{
	struct inode *inode = file_inode(file);
	struct timespec64 now = current_time(inode);

	if (timespec64_cmp(&inode->i_mtime, &now))
		inode->i_mtime = now;
	if (timespec64_cmp(&inode->i_ctime, &now))
		inode->i_ctime = now;
	return 0;
}

int file_remove_privs(struct file *file)
{
	struct inode *inode = file_inode(file);
	struct iattr attr = {.ia_valid = ATTR_FORCE};

	if (!S_ISREG(inode->i_mode))
		return 0;
	if (inode->i_mode & S_ISUID)
		attr.ia_valid |= ATTR_KILL_SUID;
	if ((inode->i_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		attr.ia_valid |= ATTR_KILL_SGID;
	if (attr.ia_valid == ATTR_FORCE || capable(CAP_FSETID))
		return 0;
	return notify_change(file_dentry(file), &attr);
}

int file_modified(struct file *file)
{
	int error = file_remove_privs(file);

	return error ? error : file_update_time(file);
}

void set_nlink(struct inode *inode, unsigned int nlink)
{
	inode->i_nlink = nlink;
}

void inc_nlink(struct inode *inode)
{
	inode->i_nlink++;
}

void drop_nlink(struct inode *inode)
{
	WARN_ON(inode->i_nlink == 0);
	inode->i_nlink--;
}

void clear_nlink(struct inode *inode)
{
	inode->i_nlink = 0;
}

void inode_add_bytes(struct inode *inode, loff_t bytes)
{
	spin_lock(&inode->i_lock);
	inode->i_blocks += bytes >> 9;
	spin_unlock(&inode->i_lock);
}

void inode_sub_bytes(struct inode *inode, loff_t bytes)
{
	spin_lock(&inode->i_lock);
	inode->i_blocks -= bytes >> 9;
	spin_unlock(&inode->i_lock);
}

void lock_two_nondirectories(struct inode *a, struct inode *b)
{
	if (a > b)
		swap(a, b);
	if (a && !S_ISDIR(a->i_mode))
		inode_lock(a);
	if (b && !S_ISDIR(b->i_mode) && a != b)
		inode_lock_nested(b, I_MUTEX_NONDIR2);
}

void unlock_two_nondirectories(struct inode *a, struct inode *b)
{
	if (a && !S_ISDIR(a->i_mode))
		inode_unlock(a);
	if (b && !S_ISDIR(b->i_mode) && a != b)
		inode_unlock(b);
}

/*
 * i_writecount: writers count up, those that deny writing (a running program's file) count down;
 * neither may cross zero.
 */
int get_write_access(struct inode *inode)
{
	int c = atomic_read(&inode->i_writecount);

	do {
		if (c < 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->i_writecount, &c, c + 1));
	return 0;
}

void put_write_access(struct inode *inode)
{
	atomic_dec(&inode->i_writecount);
}

int deny_write_access(struct file *file)
{
	struct inode *inode = file_inode(file);
	int c = atomic_read(&inode->i_writecount);

	do {
		if (c > 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->i_writecount, &c, c - 1));
	return 0;
}

void allow_write_access(struct file *file)
{
	if (file)
		atomic_inc(&file_inode(file)->i_writecount);
}

void inode_init(void)
{
	inode_cachep = KMEM_CACHE(inode, SLAB_PANIC | SLAB_HWCACHE_ALIGN);
}
