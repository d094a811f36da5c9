/* SPDX-License-Identifier: MIT */
/*
 * The virtual file system: inodes, superblocks, open files, and the operations that a file
 * system or a device provides. Room fs/. Task context unless said.
 *
 * Serialization rules of the room (dcache's own are in <jiffy/dcache.h>)
 *	namespace_sem	(rw) the mount tree; mount_lock (seqlock) inside it guards the hash of
 *			mounts, so that the path walk needs neither
 *	s_umount	(rw) a superblock's life and its options
 *	s_vfs_rename_mutex  one rename between directories at a time on a file system
 *	i_rwsem		(rw) a directory's entries, a file's size, attributes and data writes;
 *			classes I_MUTEX_*: parent before child, then by address
 *	i_lock		i_state, i_blocks, i_flctx, i_dentry, i_pipe; innermost but for d_lock
 *	f_pos_lock	f_pos of a file that several descriptors or tasks may share
 *	f_lock		f_flags, f_ep
 *	s_inode_list_lock   s_inodes
 * Order: f_pos_lock, s_umount, s_vfs_rename_mutex, i_rwsem, namespace_sem, mmap_lock (a copy
 * from user memory under i_rwsem may fault; a page fault never takes i_rwsem), page lock,
 * i_lock.
 */
#ifndef JIFFY_FS_H
#define JIFFY_FS_H

#include <jiffy/atomic.h>
#include <jiffy/dcache.h>
#include <jiffy/err.h>
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/fs_struct.h>
#include <jiffy/kdev_t.h>
#include <jiffy/kthread.h>
#include <jiffy/list.h>
#include <jiffy/mount.h>
#include <jiffy/mutex.h>
#include <jiffy/path.h>
#include <jiffy/rcupdate.h>
#include <jiffy/refcount.h>
#include <jiffy/sched.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>
#include <jiffy/uio.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>
#include <uapi/statfs.h>
#include <uapi/time.h>

struct address_space;
struct cred;
struct fasync_struct;
struct file_lock;
struct file_lock_context;
struct iattr;
struct inode;
struct kstat;
struct page;
struct pid;
struct pipe_inode_info;
struct poll_table_struct;
struct seq_file;
struct socket;
struct vm_area_struct;
struct vm_fault;
struct xattr_handler;
struct nameidata;
struct user_struct;

typedef unsigned int __poll_t;
typedef void *fl_owner_t;

#define READ		 0
#define WRITE		 1
#define MAX_RW_COUNT	 (0x7fffffff & ~0xfffUL) /* what one read or write may move */
#define MAX_LFS_FILESIZE 0x7fffffffffffffffLL

/* What is asked of inode_permission(). */
#define MAY_EXEC      0x01
#define MAY_WRITE     0x02
#define MAY_READ      0x04
#define MAY_APPEND    0x08
#define MAY_ACCESS    0x10
#define MAY_OPEN      0x20
#define MAY_CHDIR     0x40
#define MAY_NOT_BLOCK 0x80 /* under RCU: answer -ECHILD rather than sleep */

/* file.f_mode */
#define FMODE_READ	 0x1
#define FMODE_WRITE	 0x2
#define FMODE_LSEEK	 0x4
#define FMODE_PREAD	 0x8
#define FMODE_PWRITE	 0x10
#define FMODE_EXEC	 0x20 /* opened by exec(2) */
#define FMODE_NDELAY	 0x40
#define FMODE_PATH	 0x4000	 /* O_PATH: names a place, no more */
#define FMODE_ATOMIC_POS 0x8000	 /* f_pos changes under f_pos_lock */
#define FMODE_WRITER	 0x10000 /* holds a write count of inode and mount */
#define FMODE_CAN_READ	 0x20000
#define FMODE_CAN_WRITE	 0x40000
#define FMODE_OPENED	 0x80000
#define FMODE_CREATED	 0x100000
#define FMODE_STREAM	 0x200000 /* no position at all */
#define FMODE_NONOTIFY	 0x4000000
#define FMODE_NOACCOUNT	 0x20000000

/* inode.i_flags */
#define S_SYNC		0x001
#define S_NOATIME	0x002
#define S_APPEND	0x004
#define S_IMMUTABLE	0x008
#define S_DEAD		0x010 /* removed directory */
#define S_SWAPFILE	0x100
#define S_PRIVATE	0x200
#define IS_DEADDIR(i)	((i)->i_flags & S_DEAD)
#define IS_IMMUTABLE(i) ((i)->i_flags & S_IMMUTABLE)
#define IS_APPEND(i)	((i)->i_flags & S_APPEND)
#define IS_RDONLY(i)	((i)->i_sb->s_flags & SB_RDONLY)

/* inode.i_state */
#define I_NEW	   0x01
#define I_FREEING  0x02
#define I_CLEAR	   0x04
#define I_LINKABLE 0x08 /* O_TMPFILE: may be given a name */

enum inode_i_mutex_lock_class {
	I_MUTEX_NORMAL,
	I_MUTEX_PARENT,
	I_MUTEX_CHILD,
	I_MUTEX_XATTR,
	I_MUTEX_NONDIR2,
	I_MUTEX_PARENT2,
};

struct inode {
	/* read by every walk */
	umode_t i_mode;
	u16 i_opflags;
	uid_t i_uid;
	gid_t i_gid;
	unsigned int i_flags; /* S_*; i_rwsem */
	const struct inode_operations *i_op;
	struct super_block *i_sb;
	/* The page cache; NULL for what caches nothing. The file system embeds it. */
	struct address_space *i_mapping;
	ino_t i_ino;
	unsigned int i_nlink; /* i_rwsem of the parent; see set_nlink() */
	dev_t i_rdev;
	loff_t i_size; /* i_rwsem to write; i_size_read() */
	struct timespec64 i_atime, i_mtime, i_ctime, i_btime;
	const struct file_operations *i_fop; /* what open() starts with */

	spinlock_t i_lock;
	unsigned int i_state;		   /* i_lock */
	u64 i_blocks;			   /* of 512 bytes; i_lock */
	struct hlist_head i_dentry;	   /* aliases; i_lock */
	struct file_lock_context *i_flctx; /* set once */
	union {
		struct pipe_inode_info *i_pipe; /* i_lock */
		struct cdev *i_cdev;
		char *i_link; /* the target of a symlink kept in memory: fixed for life */
	};

	struct rw_semaphore i_rwsem;
	atomic_t i_count;
	atomic_t i_writecount; /* writers, or (negative) those that deny writing: exec */
	unsigned int i_blkbits;
	u32 i_generation;
	u32 i_fsnotify_mask;
	void *i_fsnotify_marks;	    /* inotify's own */
	struct list_head i_sb_list; /* sb->s_inode_list_lock */
	void *i_private;	    /* the file system's or the device's */
	struct rcu_head i_rcu;
};

static inline loff_t i_size_read(const struct inode *inode)
{
	return READ_ONCE(inode->i_size);
}

static inline void i_size_write(struct inode *inode, loff_t size)
{
	WRITE_ONCE(inode->i_size, size);
}

static inline void inode_lock(struct inode *inode)
{
	down_write(&inode->i_rwsem);
}

static inline void inode_unlock(struct inode *inode)
{
	up_write(&inode->i_rwsem);
}

static inline void inode_lock_nested(struct inode *inode, unsigned int subclass)
{
	down_write_nested(&inode->i_rwsem, subclass);
}

static inline void inode_lock_shared(struct inode *inode)
{
	down_read(&inode->i_rwsem);
}

static inline void inode_unlock_shared(struct inode *inode)
{
	up_read(&inode->i_rwsem);
}

static inline int inode_trylock(struct inode *inode)
{
	return down_write_trylock(&inode->i_rwsem);
}

static inline unsigned int iminor(const struct inode *inode)
{
	return MINOR(inode->i_rdev);
}

static inline unsigned int imajor(const struct inode *inode)
{
	return MAJOR(inode->i_rdev);
}

/* Whom SIGIO goes to. f_lock of the file. */
struct fown_struct {
	struct pid *pid;
	int pid_type; /* enum pid_type */
	uid_t uid, euid;
	int signum; /* 0: SIGIO */
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	const struct file_operations *f_op;
	atomic64_t f_count;
	unsigned int f_flags; /* O_*; f_lock to change */
	fmode_t f_mode;
	loff_t f_pos; /* f_pos_lock */
	struct mutex f_pos_lock;
	void *private_data;
	struct address_space *f_mapping; /* may be NULL, see i_mapping */
	const struct cred *f_cred;
	spinlock_t f_lock;
	struct hlist_head f_ep; /* epoll's items on this file; f_lock */
	struct fown_struct f_owner;
	u64 f_version;
	union {
		struct callback_head f_task_work; /* put off by fput() */
		struct rcu_head f_rcuhead;
		struct file *f_next_delayed;
	};
};

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline struct dentry *file_dentry(const struct file *file)
{
	return file->f_path.dentry;
}

/* One transfer: ki_pos is where, and where it stopped. */
struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	int ki_flags; /* IOCB_* */
};
#define IOCB_HIPRI  0x01
#define IOCB_DSYNC  0x02
#define IOCB_SYNC   0x04
#define IOCB_NOWAIT 0x08
#define IOCB_APPEND 0x10
#define IOCB_DIRECT 0x20

/* getdents: actor() takes one entry, false when it wants no more. */
struct dir_context;
typedef bool (*filldir_t)(struct dir_context *ctx, const char *name, int namelen, loff_t pos,
			  u64 ino, unsigned int type);
struct dir_context {
	filldir_t actor;
	loff_t pos;
};

struct file_operations {
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *buf, size_t len, loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t len, loff_t *pos);
	ssize_t (*read_iter)(struct kiocb *iocb, struct iov_iter *to);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	int (*iterate_shared)(struct file *file, struct dir_context *ctx);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *pt);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	unsigned long (*get_unmapped_area)(struct file *file, unsigned long addr, unsigned long len,
					   unsigned long pgoff, unsigned long flags);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, fl_owner_t id);		/* each close(2) */
	int (*release)(struct inode *inode, struct file *file); /* the last reference */
	int (*fsync)(struct file *file, loff_t start, loff_t end, int datasync);
	int (*fasync)(int fd, struct file *file, int on);
	int (*lock)(struct file *file, int cmd, struct file_lock *fl);
	int (*flock)(struct file *file, int cmd, struct file_lock *fl);
	long (*fallocate)(struct file *file, int mode, loff_t offset, loff_t len);
	int (*setfl)(struct file *file, unsigned long flags);
	void (*show_fdinfo)(struct seq_file *m, struct file *file);
};

struct delayed_call {
	void (*fn)(void *arg);
	void *arg;
};

static inline void set_delayed_call(struct delayed_call *call, void (*fn)(void *), void *arg)
{
	call->fn = fn;
	call->arg = arg;
}

static inline void do_delayed_call(struct delayed_call *call)
{
	if (call->fn)
		call->fn(call->arg);
}

struct inode_operations {
	/* i_rwsem of dir held. NULL or a dentry to use instead of the one given, or ERR_PTR. */
	struct dentry *(*lookup)(struct inode *dir, struct dentry *dentry, unsigned int flags);
	/*
	 * The target's text. dentry NULL: under RCU, answer ERR_PTR(-ECHILD) if that cannot be.
	 * After nd_jump_link() the answer is NULL.
	 */
	const char *(*get_link)(struct dentry *dentry, struct inode *inode,
				struct delayed_call *done);
	int (*permission)(struct inode *inode, int mask);
	int (*readlink)(struct dentry *dentry, char __user *buf, int len);
	int (*create)(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *dentry);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*symlink)(struct inode *dir, struct dentry *dentry, const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, umode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *dentry);
	int (*mknod)(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev);
	int (*rename)(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
		      struct dentry *new, unsigned int flags);
	int (*setattr)(struct dentry *dentry, struct iattr *attr);
	int (*getattr)(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags);
	ssize_t (*listxattr)(struct dentry *dentry, char *buf, size_t size);
	/* O_TMPFILE: d_tmpfile() gives the dentry its inode. */
	int (*tmpfile)(struct inode *dir, struct dentry *dentry, umode_t mode);
};

struct address_space_operations {
	/* Fills a locked, not up-to-date page that was just put in the cache, and unlocks it. */
	int (*readpage)(struct file *file, struct page *page);
	/* The page at index for writing [pos, pos + len), locked; then what was copied is told. */
	int (*write_begin)(struct file *file, struct address_space *mapping, loff_t pos,
			   unsigned int len, struct page **pagep);
	int (*write_end)(struct file *file, struct address_space *mapping, loff_t pos,
			 unsigned int len, unsigned int copied, struct page *page);
	int (*writepage)(struct page *page);
	/* A page leaves the cache: the owner's accounting. The page is locked. */
	void (*freepage)(struct page *page);
};

struct super_operations {
	struct inode *(*alloc_inode)(struct super_block *sb);
	void (*free_inode)(struct inode *inode);  /* after a grace period */
	int (*drop_inode)(struct inode *inode);	  /* nonzero: do not keep an unused one */
	void (*evict_inode)(struct inode *inode); /* truncate, then clear_inode() */
	void (*put_super)(struct super_block *sb);
	int (*sync_fs)(struct super_block *sb, int wait);
	int (*statfs)(struct dentry *dentry, struct statfs *buf);
	int (*remount_fs)(struct super_block *sb, int *flags, char *data);
	int (*show_options)(struct seq_file *m, struct dentry *root);
};

/* super_block.s_flags: the MS_ values that concern the file system as a whole. */
#define SB_RDONLY      1
#define SB_NOSUID      2
#define SB_NODEV       4
#define SB_NOEXEC      8
#define SB_SYNCHRONOUS 16
#define SB_DIRSYNC     128
#define SB_KERNMOUNT   (1 << 22)
#define SB_ACTIVE      (1 << 30)
#define SB_NOUSER      (1u << 31)

struct super_block {
	struct list_head s_list; /* super_lock */
	dev_t s_dev;
	unsigned long s_blocksize;
	unsigned char s_blocksize_bits;
	loff_t s_maxbytes;
	struct file_system_type *s_type;
	const struct super_operations *s_op;
	const struct dentry_operations *s_d_op; /* what new dentries get */
	const struct xattr_handler *const *s_xattr;
	unsigned long s_flags; /* s_umount to write */
	unsigned long s_magic;
	struct dentry *s_root;
	struct rw_semaphore s_umount;
	int s_count;	   /* super_lock: the structure's users */
	atomic_t s_active; /* mounts; the last one shuts it down */
	void *s_fs_info;
	u32 s_time_gran; /* ns */
	char s_id[32];
	char *s_subtype;
	struct mutex s_vfs_rename_mutex;
	spinlock_t s_inode_list_lock;
	struct list_head s_inodes;
	struct hlist_node s_instances; /* super_lock */
	struct user_namespace *s_user_ns;
};

struct file_system_type {
	const char *name;
	int fs_flags; /* FS_* */
	/* data: the option string or NULL. The root, referenced, its superblock's s_umount held. */
	struct dentry *(*mount)(struct file_system_type *type, int flags, const char *dev_name,
				void *data);
	void (*kill_sb)(struct super_block *sb);
	struct file_system_type *next; /* file_systems_lock */
	struct hlist_head fs_supers;   /* super_lock */
};
#define FS_REQUIRES_DEV 1
#define FS_HAS_SUBTYPE	4
#define FS_USERNS_MOUNT 8

int register_filesystem(struct file_system_type *fs); /* -EBUSY */
int unregister_filesystem(struct file_system_type *fs);
struct file_system_type *get_fs_type(const char *name);
void filesystems_show(struct seq_file *m); /* /proc/filesystems */

/* Superblocks. fs/super.c */
struct super_block *sget(struct file_system_type *type,
			 int (*test)(struct super_block *sb, void *data),
			 int (*set)(struct super_block *sb, void *data), int flags, void *data);
int set_anon_super(struct super_block *sb, void *data); /* a device number of its own */
void deactivate_locked_super(struct super_block *sb);
void deactivate_super(struct super_block *sb);
/* mount() in three kinds: a new instance each time, one for all, one for each key. */
struct dentry *mount_nodev(struct file_system_type *type, int flags, void *data,
			   int (*fill)(struct super_block *sb, void *data, int silent));
struct dentry *mount_single(struct file_system_type *type, int flags, void *data,
			    int (*fill)(struct super_block *sb, void *data, int silent));
struct dentry *mount_keyed(struct file_system_type *type, int flags, void *data, void *key,
			   int (*fill)(struct super_block *sb, void *data, int silent));
void kill_anon_super(struct super_block *sb);
void kill_litter_super(struct super_block *sb); /* and all its persistent dentries */
/* The common beginning of pipefs, sockfs…: no tree, only inodes. */
struct dentry *mount_pseudo(struct file_system_type *type, const struct super_operations *ops,
			    const struct dentry_operations *dops, unsigned long magic);
void iterate_supers(void (*fn)(struct super_block *sb, void *arg), void *arg);
struct super_block *user_get_super(dev_t dev);
int vfs_statfs(const struct path *path, struct statfs *buf);

/* Inodes. fs/inode.c */
struct inode *new_inode(struct super_block *sb);	/* one reference, own i_ino; NULL */
struct inode *new_inode_pseudo(struct super_block *sb); /* not on s_inodes */
void inode_init_once(struct inode *inode); /* slab constructor of a file system's own inodes */
ino_t get_next_ino(void);
void ihold(struct inode *inode);
void iput(struct inode *inode);		  /* NULL is nothing; the last one may sleep */
struct inode *igrab(struct inode *inode); /* NULL when it is on its way out */
void clear_inode(struct inode *inode);
int generic_delete_inode(struct inode *inode);
void evict_inodes(struct super_block *sb);
/* uid, gid (setgid directories), mode for a new inode below dir (NULL: none). */
void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode);
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);
bool inode_owner_or_capable(const struct inode *inode);
struct timespec64 current_time(const struct inode *inode);
void touch_atime(const struct path *path); /* relatime and the mount's flags decide */
static inline void file_accessed(struct file *file)
{
	if (!(file->f_flags & O_NOATIME))
		touch_atime(&file->f_path);
}
int file_update_time(struct file *file);  /* mtime and ctime */
int file_remove_privs(struct file *file); /* a write clears setuid and setgid; i_rwsem held */
int file_modified(struct file *file);
void set_nlink(struct inode *inode, unsigned int nlink);
void inc_nlink(struct inode *inode);
void drop_nlink(struct inode *inode);
void clear_nlink(struct inode *inode);
void inode_add_bytes(struct inode *inode, loff_t bytes);
void inode_sub_bytes(struct inode *inode, loff_t bytes);
void lock_two_nondirectories(struct inode *a, struct inode *b);
void unlock_two_nondirectories(struct inode *a, struct inode *b);
unsigned long nr_inodes(void);

/* exec(2) against writers: 0 or -ETXTBSY. */
int get_write_access(struct inode *inode);
void put_write_access(struct inode *inode);
int deny_write_access(struct file *file);
void allow_write_access(struct file *file);

/* Attributes. fs/attr.c, fs/stat.c */
struct iattr {
	unsigned int ia_valid; /* ATTR_* */
	umode_t ia_mode;
	uid_t ia_uid;
	gid_t ia_gid;
	loff_t ia_size;
	struct timespec64 ia_atime, ia_mtime, ia_ctime;
	struct file *ia_file;
};
#define ATTR_MODE      0x0001
#define ATTR_UID       0x0002
#define ATTR_GID       0x0004
#define ATTR_SIZE      0x0008
#define ATTR_ATIME     0x0010
#define ATTR_MTIME     0x0020
#define ATTR_CTIME     0x0040
#define ATTR_ATIME_SET 0x0080
#define ATTR_MTIME_SET 0x0100
#define ATTR_FORCE     0x0200
#define ATTR_KILL_SUID 0x0800
#define ATTR_KILL_SGID 0x1000
#define ATTR_FILE      0x2000
#define ATTR_OPEN      0x8000
#define ATTR_TIMES_SET 0x10000
#define ATTR_TOUCH     0x20000

struct kstat {
	u32 result_mask;
	umode_t mode;
	unsigned int nlink;
	u32 blksize;
	u64 attributes, attributes_mask;
	u64 ino;
	dev_t dev, rdev;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec64 atime, mtime, ctime, btime;
	u64 blocks;
	u64 mnt_id;
};

int setattr_prepare(struct dentry *dentry, struct iattr *attr); /* may the caller do that? */
void setattr_copy(struct inode *inode, const struct iattr *attr);
int notify_change(struct dentry *dentry, struct iattr *attr); /* i_rwsem held */
int inode_newsize_ok(const struct inode *inode, loff_t size);
int do_truncate(struct dentry *dentry, loff_t length, unsigned int time_attrs, struct file *file);
int vfs_truncate(const struct path *path, loff_t length);
long vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len);
void generic_fillattr(struct inode *inode, struct kstat *stat);
int vfs_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags);

/* Permission. fs/permission.c */
int inode_permission(struct inode *inode, int mask);   /* 0, -EACCES, -EROFS, -EPERM */
int generic_permission(struct inode *inode, int mask); /* mode bits and capabilities */
static inline int path_permission(const struct path *path, int mask)
{
	return inode_permission(d_inode(path->dentry), mask);
}
static inline int file_permission(struct file *file, int mask)
{
	return inode_permission(file_inode(file), mask);
}

/* Paths. fs/namei.c */
#define LOOKUP_FOLLOW	     0x0001
#define LOOKUP_DIRECTORY     0x0002
#define LOOKUP_AUTOMOUNT     0x0004
#define LOOKUP_EMPTY	     0x4000
#define LOOKUP_DOWN	     0x8000
#define LOOKUP_MOUNTPOINT    0x0080
#define LOOKUP_REVAL	     0x0020
#define LOOKUP_RCU	     0x0040
#define LOOKUP_OPEN	     0x0100
#define LOOKUP_CREATE	     0x0200
#define LOOKUP_EXCL	     0x0400
#define LOOKUP_RENAME_TARGET 0x0800
#define LOOKUP_PARENT	     0x0010
#define LOOKUP_NO_SYMLINKS   0x010000
#define LOOKUP_NO_MAGICLINKS 0x020000
#define LOOKUP_NO_XDEV	     0x040000
#define LOOKUP_BENEATH	     0x080000
#define LOOKUP_IN_ROOT	     0x100000
#define LOOKUP_CACHED	     0x200000
#define LOOKUP_IS_SCOPED     (LOOKUP_BENEATH | LOOKUP_IN_ROOT)

/* A path name copied in from a program. */
struct filename {
	const char *name;
	const char __user *uptr;
	refcount_t refcnt;
	char iname[];
};
struct filename *
getname(const char __user *filename); /* ERR_PTR(-EFAULT, -ENOENT, -ENAMETOOLONG) */
struct filename *getname_flags(const char __user *filename, int lookup_flags);
struct filename *getname_kernel(const char *filename);
void putname(struct filename *name); /* ERR_PTR and NULL are nothing */

int kern_path(const char *name, unsigned int flags, struct path *path);
int user_path_at(int dfd, const char __user *name, unsigned int flags, struct path *path);
int filename_lookup(int dfd, struct filename *name, unsigned int flags, struct path *path,
		    const struct path *root);
int vfs_path_lookup(struct dentry *dentry, struct vfsmount *mnt, const char *name,
		    unsigned int flags, struct path *path);
/* The parent locked and a negative dentry for the last name; done_path_create() ends it. */
struct dentry *kern_path_create(int dfd, const char *name, struct path *path, unsigned int flags);
struct dentry *user_path_create(int dfd, const char __user *name, struct path *path,
				unsigned int flags);
void done_path_create(struct path *path, struct dentry *dentry);
/* One name below base, whose i_rwsem is held; the dentry may be negative. */
struct dentry *lookup_one_len(const char *name, struct dentry *base, int len);
/* From get_link(): the walk goes on at path, whose references it takes over. */
int nd_jump_link(const struct path *path);
int follow_up(struct path *path);
int follow_down(struct path *path);

/* Changing directories: permission checked, i_rwsem of dir held by the caller. */
int vfs_create(struct inode *dir, struct dentry *dentry, umode_t mode, bool excl);
int vfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode);
int vfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev);
int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *target);
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *dentry);
int vfs_unlink(struct inode *dir, struct dentry *dentry);
int vfs_rmdir(struct inode *dir, struct dentry *dentry);
struct renamedata {
	struct inode *old_dir, *new_dir;
	struct dentry *old_dentry, *new_dentry;
	unsigned int flags;
};
int vfs_rename(struct renamedata *rd);
struct dentry *lock_rename(struct dentry *p1, struct dentry *p2);
void unlock_rename(struct dentry *p1, struct dentry *p2);
int vfs_readlink(struct dentry *dentry, char __user *buf, int len);
/* From inside the kernel (initramfs, /dev): 0 or a negative errno, paths from the caller's root. */
int do_mkdir_kern(const char *name, umode_t mode);
int do_mknod_kern(const char *name, umode_t mode, dev_t dev);
int do_symlink_kern(const char *target, const char *name);
int do_unlink_kern(const char *name);
int do_chdir_kern(const char *name);
int do_chroot_kern(const char *name);

/* Opening. fs/open.c, fs/namei_open.c */
struct open_flags {
	int open_flag;
	umode_t mode;
	int acc_mode;
	int intent;
	int lookup_flags;
};
struct file *do_filp_open(int dfd, struct filename *name, const struct open_flags *op);
struct file *filp_open(const char *name, int flags, umode_t mode);
struct file *file_open_name(struct filename *name, int flags, umode_t mode);
struct file *dentry_open(const struct path *path, int flags, const struct cred *cred);
struct file *file_open_root(const struct path *root, const char *name, int flags, umode_t mode);
int vfs_open(const struct path *path, struct file *file);
int do_dentry_open(struct file *file, int (*open)(struct inode *, struct file *));
int filp_close(struct file *file, fl_owner_t id);
int stream_open(struct inode *inode, struct file *file);
int nonseekable_open(struct inode *inode, struct file *file);
int generic_file_open(struct inode *inode, struct file *file);
/* From an open() method: the file goes on as another kind. */
void replace_fops(struct file *file, const struct file_operations *fops);

/* Data. fs/read_write.c */
ssize_t vfs_read(struct file *file, char __user *buf, size_t count, loff_t *pos);
ssize_t vfs_write(struct file *file, const char __user *buf, size_t count, loff_t *pos);
ssize_t vfs_iter_read(struct file *file, struct iov_iter *iter, loff_t *pos, int flags);
ssize_t vfs_iter_write(struct file *file, struct iov_iter *iter, loff_t *pos, int flags);
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t count, loff_t *pos);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
loff_t no_llseek(struct file *file, loff_t offset, int whence);
loff_t default_llseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence, loff_t maxsize,
				loff_t eof);
loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size);
loff_t vfs_setpos(struct file *file, loff_t offset, loff_t maxsize);
int rw_verify_area(int read_write, struct file *file, const loff_t *ppos, size_t count);
/* Append position, RLIMIT_FSIZE, s_maxbytes: the bytes that may be written, or an errno. */
ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from);
int vfs_fsync(struct file *file, int datasync);
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync);
int noop_fsync(struct file *file, loff_t start, loff_t end, int datasync);
int iterate_dir(struct file *file, struct dir_context *ctx);
long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
ssize_t do_splice_direct(struct file *in, loff_t *ppos, struct file *out, loff_t *opos, size_t len,
			 unsigned int flags);

static inline bool dir_emit(struct dir_context *ctx, const char *name, int namelen, u64 ino,
			    unsigned int type)
{
	return ctx->actor(ctx, name, namelen, ctx->pos, ino, type);
}
bool dir_emit_dots(struct file *file, struct dir_context *ctx);

/* Record locks (fcntl(2)) and flock(2). fs/locks.c */
#define FL_POSIX   1
#define FL_FLOCK   2
#define FL_ACCESS  8
#define FL_CLOSE   64
#define FL_SLEEP   128
#define FL_OFDLCK  1024
#define OFFSET_MAX 0x7fffffffffffffffLL
struct file_lock {
	struct list_head fl_list;  /* on the inode's list; flc_lock */
	struct list_head fl_block; /* in the blocker's fl_blocked; blocked_lock */
	struct list_head fl_blocked;
	struct file_lock *fl_blocker;
	fl_owner_t fl_owner;
	unsigned int fl_flags;
	unsigned char fl_type;
	pid_t fl_pid;
	wait_queue_head_t fl_wait;
	struct file *fl_file;
	loff_t fl_start, fl_end;
};
void locks_remove_posix(struct file *file, fl_owner_t owner); /* a close(2) */
void locks_remove_file(struct file *file);		      /* the last one */
void locks_free_context(struct inode *inode);
int posix_lock_file(struct file *file, struct file_lock *fl);
void show_fd_locks(struct seq_file *m, struct file *file, struct files_struct *files);
void show_locks(struct seq_file *m); /* /proc/locks */

/* Asynchronous notice (F_SETOWN, O_ASYNC). fs/fcntl.c */
struct fasync_struct {
	rwlock_t fa_lock;
	int fa_fd;
	struct fasync_struct *fa_next;
	struct file *fa_file;
	struct rcu_head fa_rcu;
};
int fasync_helper(int fd, struct file *file, int on, struct fasync_struct **fapp);
void kill_fasync(struct fasync_struct **fp, int sig, int band); /* any context */
void send_sigio(struct fown_struct *fown, int fd, int band);
int send_sigurg(struct fown_struct *fown);
int f_setown(struct file *file, unsigned long arg, int force);
void f_delown(struct file *file);
pid_t f_getown(struct file *file);

/* For file systems that live in the dcache, and for pseudo file systems. fs/libfs.c */
extern const struct file_operations simple_dir_operations;
extern const struct inode_operations simple_dir_inode_operations;
extern const struct inode_operations simple_symlink_inode_operations; /* i_link */
extern const struct inode_operations page_symlink_inode_operations;
extern const struct dentry_operations simple_dentry_operations;
struct dentry *simple_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags);
int simple_getattr(const struct path *path, struct kstat *stat, u32 mask, unsigned int flags);
int simple_setattr(struct dentry *dentry, struct iattr *attr);
int simple_statfs(struct dentry *dentry, struct statfs *buf);
int simple_link(struct dentry *old, struct inode *dir, struct dentry *dentry);
int simple_unlink(struct inode *dir, struct dentry *dentry);
int simple_rmdir(struct inode *dir, struct dentry *dentry);
int simple_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
		  struct dentry *new, unsigned int flags);
bool simple_empty(struct dentry *dentry);
const char *simple_get_link(struct dentry *dentry, struct inode *inode, struct delayed_call *done);
void kfree_link(void *p); /* for set_delayed_call() */
int dcache_dir_open(struct inode *inode, struct file *file);
int dcache_dir_close(struct inode *inode, struct file *file);
loff_t dcache_dir_lseek(struct file *file, loff_t offset, int whence);
int dcache_readdir(struct file *file, struct dir_context *ctx);
ssize_t generic_read_dir(struct file *file, char __user *buf, size_t len, loff_t *pos);
int simple_open(struct inode *inode, struct file *file);
ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos, const void *from,
				size_t available);
ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos, const void __user *from,
			       size_t count);
struct tree_descr {
	const char *name;
	const struct file_operations *ops;
	int mode;
};
int simple_fill_super(struct super_block *sb, unsigned long magic, const struct tree_descr *files);
/* Ready-made entries for a pseudo file system: dentry persistent; ERR_PTR. */
struct dentry *simple_create_file(struct dentry *parent, const char *name, umode_t mode,
				  const struct file_operations *fops, void *data);
struct dentry *simple_create_dir(struct dentry *parent, const char *name, umode_t mode);
struct dentry *simple_create_symlink(struct dentry *parent, const char *name, const char *target);
int simple_remove(struct dentry *dentry); /* with everything below */
int simple_pin_fs(struct file_system_type *type, struct vfsmount **mount, int *count);
void simple_release_fs(struct vfsmount **mount, int *count);
void d_tmpfile(struct dentry *dentry, struct inode *inode);

static inline unsigned char fs_umode_to_dtype(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}

void emergency_sync(void);
void ksys_sync(void);

#endif
