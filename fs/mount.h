/* SPDX-License-Identifier: MIT */
/*
 * The inside of a mount, for the files of fs/ alone. Locks: *Serialization rules* below.
 *
 *	namespace_sem	every change of the tree: mnt_parent, mnt_mountpoint, mnt_mounts,
 *			mnt_list, mnt_ns, mnt_flags. Sleeps; taken for reading to list mounts.
 *	mount_lock	(seqlock) taken inside it for writing while the two hashes change, so that
 *			a walk, which takes neither, can see that it met a change
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/ns_common.h>

struct mount {
	struct hlist_node mnt_hash;    /* by (parent, mountpoint); RCU */
	struct hlist_node mnt_mp_hash; /* by mountpoint alone; mount_lock */
	struct mount *mnt_parent;      /* itself for a root; each mount holds its parent */
	struct dentry *mnt_mountpoint; /* in the parent */
	struct vfsmount mnt;
	atomic_t mnt_count;
	atomic_t mnt_writers; /* mnt_want_write() outstanding */
	struct list_head mnt_mounts, mnt_child;
	struct list_head mnt_list; /* in the namespace, in the order of mounting */
	struct mnt_namespace *mnt_ns;
	char *mnt_devname;
	int mnt_id;
	bool mnt_unbindable;
	union {
		struct callback_head mnt_work;
		struct rcu_head mnt_rcu;
	};
};

struct mnt_namespace {
	struct ns_common ns;
	struct mount *root;
	struct list_head list; /* of mounts; namespace_sem */
	struct user_namespace *user_ns;
	u64 seq; /* against loops of namespaces inside namespaces */
	u64 event;
	wait_queue_head_t poll;
	unsigned int nr_mounts;
};

extern struct rw_semaphore namespace_sem;
extern seqlock_t mount_lock;

static inline struct mount *real_mount(struct vfsmount *mnt)
{
	return container_of(mnt, struct mount, mnt);
}

static inline bool mnt_has_parent(const struct mount *mnt)
{
	return mnt != mnt->mnt_parent;
}

/* Inside rcu_read_lock(); check mount_lock's sequence afterwards. No reference. */
struct mount *__lookup_mnt(struct vfsmount *mnt, struct dentry *dentry);
/* The mount that covers path, referenced, or NULL. */
struct vfsmount *lookup_mnt(const struct path *path);
/* A reference to a mount found under RCU: false when it is going or seq has moved on. */
bool legitimize_mnt(struct vfsmount *mnt, unsigned int seq);
/* Some mount of the caller's namespace sits on dentry: it may not be removed. */
bool is_local_mountpoint(struct dentry *dentry);
/* Whatever is mounted on a dentry that is going away leaves its tree. */
void __detach_mounts(struct dentry *dentry);
static inline void detach_mounts(struct dentry *dentry)
{
	if (d_mountpoint(dentry))
		__detach_mounts(dentry);
}
bool current_chrooted(void);

/* fs/super.c, fs/inode.c, fs/file.c …: set-up, in this order, by vfs_caches_init(). */
void inode_init(void);
void files_init(void);
void files_struct_init(void);
void shmem_init(void);
int do_remount_sb(struct super_block *sb, int flags, void *data);
struct dentry *mount_fs(struct file_system_type *type, int flags, const char *name, void *data);

/* fs/namei.c, for the files that use the walk. */
long do_mount(const char *dev, const struct path *path, const char *type, unsigned long flags,
	      void *data);
struct file *alloc_empty_file(int flags, const struct cred *cred);
int build_open_how(int flags, umode_t mode, struct open_how *how);
int build_open_flags(const struct open_how *how, struct open_flags *op);

/* fs/locks.c: fcntl(2)'s F_*LK* commands. */
long fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd, struct flock __user *arg);
/* fs/shmem.c: memfd_create(2)'s seals. */
long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg);

/* One entry of the *at() families: follows or not, empty path or not; -EINVAL on other bits. */
static inline int at_lookup_flags(int flags, int allowed, unsigned int *lookup)
{
	if (flags & ~allowed)
		return -EINVAL;
	*lookup = (flags & AT_SYMLINK_NOFOLLOW) ? 0 : LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		*lookup |= LOOKUP_EMPTY;
	return 0;
}

#endif
