/* SPDX-License-Identifier: MIT */
/*
 * From descriptors to files and back, in task context. fs/file.c, fs/file_table.c.
 */
#ifndef JIFFY_FILE_H
#define JIFFY_FILE_H

#include <jiffy/types.h>

struct file;
struct inode;
struct path;
struct vfsmount;
struct file_operations;

/* A file with the duty that goes with it: FDPUT_FPUT: fdput() drops a reference. */
struct fd {
	struct file *file; /* NULL: not open */
	unsigned int flags;
};
#define FDPUT_FPUT	 1
#define FDPUT_POS_UNLOCK 2

/* A reference to the open file, not one opened with O_PATH (fget_raw() takes those too). */
struct file *fget(unsigned int fd);
struct file *fget_raw(unsigned int fd);
/*
 * The light form for one system call: when nobody shares the table no other task can close the
 * descriptor meanwhile, so no reference is needed. Put in the same call.
 */
struct fd fdget(unsigned int fd);
struct fd fdget_raw(unsigned int fd);
/* Also locks the file position if it could be shared. */
struct fd fdget_pos(unsigned int fd);
void fdput_pos(struct fd f);
/* Any task context, spinlocks not held; the last one runs when the task leaves the kernel. */
void fput(struct file *file);
/* The last one is done with at once: no lock held that release() could take. */
void __fput_sync(struct file *file);
/* Everything that fput() put off so far has been done. */
void flush_delayed_fput(void);
struct file *get_file(struct file *file);

static inline void fdput(struct fd f)
{
	if (f.flags & FDPUT_FPUT)
		fput(f.file);
}

/* The lowest free descriptor (at or above start, below end), reserved: fd, -EMFILE, -ENOMEM. */
int get_unused_fd_flags(unsigned int flags); /* O_CLOEXEC or 0 */
int alloc_fd(unsigned int start, unsigned int end, unsigned int flags);
void put_unused_fd(unsigned int fd);
/* Puts the file, whose reference it takes over, into a reserved slot. */
void fd_install(unsigned int fd, struct file *file);
int close_fd(unsigned int fd); /* -EBADF, or what flush() said */
/* Moves file into descriptor fd, whatever was there: dup2(2). A reference is taken. */
int replace_fd(unsigned int fd, struct file *file, unsigned int flags);
/* Reserves a descriptor for a received file and installs a reference to it. */
int receive_fd(struct file *file, unsigned int o_flags);
int f_dupfd(unsigned int from, struct file *file, unsigned int flags);
void set_close_on_exec(unsigned int fd, bool on);
bool get_close_on_exec(unsigned int fd);

/* A file for path (whose references it takes over): ERR_PTR(-ENFILE, -ENOMEM). */
struct file *alloc_file(const struct path *path, int flags, const struct file_operations *fops);
/* A file on a new dentry named name in mnt for inode, whose reference it takes on success. */
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt, const char *name,
			       int flags, const struct file_operations *fops);
struct file *alloc_file_clone(struct file *base, int flags, const struct file_operations *fops);
unsigned long nr_files(void);
extern unsigned long sysctl_file_max; /* /proc/sys/fs/file-max */

#endif
