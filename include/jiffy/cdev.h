/* SPDX-License-Identifier: MIT */
/*
 * Character devices: which file_operations a device number stands for. fs/char_dev.c.
 */
#ifndef JIFFY_CDEV_H
#define JIFFY_CDEV_H

#include <jiffy/fs.h>
#include <jiffy/kdev_t.h>

struct cdev {
	const char *name;
	const struct file_operations *ops;
	dev_t dev; /* the first number */
	unsigned int count;
	struct list_head list; /* by the registry's lock; readers under RCU */
};

void cdev_init(struct cdev *cdev, const struct file_operations *fops);
/* From now on opens of dev .. dev+count-1 come here: 0, -EBUSY. */
int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count);
void cdev_del(struct cdev *cdev);
/* All minors (0-255) of a major; 0 picks a free major and returns it. 0 or a negative errno. */
int register_chrdev(unsigned int major, const char *name, const struct file_operations *fops);
void unregister_chrdev(unsigned int major, const char *name);
int register_chrdev_region(dev_t first, unsigned int count, const char *name);
/* The character part of /proc/devices. */
struct seq_file;
void chrdev_show(struct seq_file *m);
extern const struct file_operations def_chr_fops;

#endif
