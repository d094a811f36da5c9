/* SPDX-License-Identifier: MIT */
/*
 * Device nodes: what a driver calls so that /dev has a node for what it drives. Task context.
 * Rooms: fs/devtmpfs, drivers/misc.c.
 */
#ifndef JIFFY_DEVICE_H
#define JIFFY_DEVICE_H

#include <jiffy/list.h>
#include <jiffy/types.h>

struct file_operations;

/*
 * A node called name ("host/stdin": directories are made on the way) in every mounted
 * devtmpfs. mode: S_IFCHR or S_IFBLK with permissions. Before the file system is up the node is
 * kept and made later. 0, -EEXIST, -ENOMEM.
 */
int devtmpfs_create(const char *name, umode_t mode, dev_t dev);
int devtmpfs_remove(const char *name); /* 0 or -ENOENT */
int devtmpfs_symlink(const char *name, const char *target);
int devtmpfs_mkdir(const char *name, umode_t mode);

/*
 * Before the machine ends (power-off, restart, panic): what the serial lines still hold is
 * sent, by polling, with a bound on the time. Any context. drivers/drain.c.
 */
void devices_drain(void);

#define MISC_MAJOR	   10
#define MISC_DYNAMIC_MINOR 255
struct miscdevice {
	int minor; /* MISC_DYNAMIC_MINOR: one is chosen */
	const char *name;
	const struct file_operations *fops; /* file->private_data is the miscdevice at open */
	umode_t mode;			    /* permissions; 0: 0600 */
	struct list_head list;
};
int misc_register(struct miscdevice *misc); /* 0, -EBUSY, -ENOMEM */
void misc_deregister(struct miscdevice *misc);

#endif
