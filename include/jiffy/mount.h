/* SPDX-License-Identifier: MIT */
/*
 * Mounts and the namespaces that hold their trees, as other rooms see them; fs/mount.h has the
 * inside. Task context.
 */
#ifndef JIFFY_MOUNT_H
#define JIFFY_MOUNT_H

#include <jiffy/list.h>
#include <jiffy/types.h>
#include <uapi/mount.h>

struct super_block;
struct dentry;
struct file_system_type;
struct fs_struct;
struct user_namespace;
struct mnt_namespace;
struct seq_file;
struct path;

/* vfsmount.mnt_flags; the first ones are those that statfs(2) and mountinfo show. */
#define MNT_NOSUID	       0x01
#define MNT_NODEV	       0x02
#define MNT_NOEXEC	       0x04
#define MNT_NOATIME	       0x08
#define MNT_NODIRATIME	       0x10
#define MNT_RELATIME	       0x20
#define MNT_READONLY	       0x40
#define MNT_NOSYMFOLLOW	       0x80
#define MNT_USER_SETTABLE_MASK 0xff
#define MNT_INTERNAL	       0x4000 /* kern_mount(): in no namespace */
#define MNT_UMOUNT	       0x8000 /* has left its tree */

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	unsigned int mnt_flags; /* namespace_sem to write */
};

/* Any context; NULL is nothing. mntput() of the last one may sleep. */
struct vfsmount *mntget(struct vfsmount *mnt);
void mntput(struct vfsmount *mnt);
/* Permission to write through the mount: 0, or -EROFS. Balanced by mnt_drop_write(). */
int mnt_want_write(struct vfsmount *mnt);
void mnt_drop_write(struct vfsmount *mnt);
bool mnt_may_suid(struct vfsmount *mnt);
bool path_noexec(const struct path *path);

/* A mount in no tree, for the kernel's own use; ERR_PTR. */
struct vfsmount *kern_mount(struct file_system_type *type);
void kern_unmount(struct vfsmount *mnt);
struct vfsmount *vfs_kern_mount(struct file_system_type *type, int flags, const char *name,
				void *data);
/* mount(2) from inside the kernel: data is a NUL-ended option string or NULL. */
int do_mount_kern(const char *dev, const char *dir, const char *type, unsigned long flags,
		  void *data);

/* For clone(2) and unshare(2): a reference to ns, or (CLONE_NEWNS) a copy of its tree, into
 * which new_fs's root and pwd are moved. ERR_PTR(-ENOMEM, -EPERM). */
struct mnt_namespace *copy_mnt_ns(unsigned long flags, struct mnt_namespace *ns,
				  struct user_namespace *user_ns, struct fs_struct *new_fs);
void put_mnt_ns(struct mnt_namespace *ns);
void get_mnt_ns(struct mnt_namespace *ns);
/* setns(2) part: the caller's root and pwd become those of ns. Nobody may share fs. */
void mntns_enter(struct fs_struct *fs, struct mnt_namespace *ns);
/* The user namespace whose capabilities count in ns; lives as long as ns. */
struct user_namespace *mnt_ns_owner(struct mnt_namespace *ns);
u64 mnt_ns_inum(struct mnt_namespace *ns);
extern struct mnt_namespace *init_mnt_ns; /* set by vfs_caches_init() */

/* One line per mount of the namespace that root sees: /proc/PID/{mounts,mountinfo,mountstats}. */
enum mounts_format { MOUNTS_FSTAB, MOUNTS_INFO, MOUNTS_STATS };
int show_mounts(struct seq_file *m, struct mnt_namespace *ns, const struct path *root,
		enum mounts_format format);
/* Changes each time a mount of the namespace does, for poll(2) on those files. */
u64 mnt_ns_event(struct mnt_namespace *ns);
struct wait_queue_head;
void *mnt_ns_poll_queue(struct mnt_namespace *ns); /* a wait_queue_head_t */

#endif
