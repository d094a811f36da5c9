/* SPDX-License-Identifier: MIT */
/*
 * Character devices by number. The registry is read under RCU at open; chrdevs_lock guards
 * changes. Contracts: <jiffy/cdev.h>.
 */
#include "mount.h"
#include <jiffy/cdev.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>

#define CHRDEV_MAJOR_DYN_FIRST 254
#define CHRDEV_MAJOR_DYN_LAST  234

static LIST_HEAD(chrdevs);
static DEFINE_MUTEX(chrdevs_lock);

/* Numbers that somebody claimed, in ascending order, for /proc/devices. */
struct char_device_region {
	struct list_head list; /* chrdevs_lock */
	unsigned int major;
	dev_t first;
	unsigned int count;
	const char *name;
	struct cdev *cdev; /* made by register_chrdev() */
};
static LIST_HEAD(regions);

static bool in_cdev(const struct cdev *cdev, dev_t dev)
{
	return MAJOR(dev) == MAJOR(cdev->dev) && MINOR(dev) >= MINOR(cdev->dev) &&
	       MINOR(dev) - MINOR(cdev->dev) < cdev->count;
}

static struct cdev *find_cdev(dev_t dev)
{
	struct cdev *c;

	list_for_each_entry_rcu (c, &chrdevs, list)
		if (in_cdev(c, dev))
			return c;
	return NULL;
}

void cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	memset(cdev, 0, sizeof(*cdev));
	INIT_LIST_HEAD(&cdev->list);
	cdev->ops = fops;
}

int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count)
{
	struct cdev *c;
	int err = 0;

	cdev->dev = dev;
	cdev->count = count;
	mutex_lock(&chrdevs_lock);
	list_for_each_entry (c, &chrdevs, list)
		if (in_cdev(c, dev) || in_cdev(cdev, c->dev))
			err = -EBUSY;
	if (!err)
		list_add_rcu(&cdev->list, &chrdevs);
	mutex_unlock(&chrdevs_lock);
	return err;
}

void cdev_del(struct cdev *cdev)
{
	mutex_lock(&chrdevs_lock);
	list_del_rcu(&cdev->list);
	mutex_unlock(&chrdevs_lock);
	synchronize_rcu();
}

static bool major_in_use(unsigned int major)
{
	struct char_device_region *r;

	list_for_each_entry (r, &regions, list)
		if (r->major == major)
			return true;
	return false;
}

/* chrdevs_lock held. major 0: a free one from the dynamic range. */
static struct char_device_region *add_region(unsigned int major, unsigned int minor,
					     unsigned int count, const char *name)
{
	struct char_device_region *r, *pos;

	if (!major) {
		for (major = CHRDEV_MAJOR_DYN_FIRST; major_in_use(major); major--)
			if (major == CHRDEV_MAJOR_DYN_LAST)
				return ERR_PTR(-EBUSY);
	}
	list_for_each_entry (pos, &regions, list)
		if (pos->major == major && MINOR(pos->first) < minor + count &&
		    minor < MINOR(pos->first) + pos->count)
			return ERR_PTR(-EBUSY);
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return ERR_PTR(-ENOMEM);
	r->major = major;
	r->first = MKDEV(major, minor);
	r->count = count;
	r->name = name;
	list_for_each_entry (pos, &regions, list)
		if (pos->major > major)
			break;
	list_add_tail(&r->list, &pos->list);
	return r;
}

int register_chrdev_region(dev_t first, unsigned int count, const char *name)
{
	struct char_device_region *r;

	mutex_lock(&chrdevs_lock);
	r = add_region(MAJOR(first), MINOR(first), count, name);
	mutex_unlock(&chrdevs_lock);
	return PTR_ERR_OR_ZERO(r);
}

static void drop_region(struct char_device_region *r)
{
	mutex_lock(&chrdevs_lock);
	list_del(&r->list);
	mutex_unlock(&chrdevs_lock);
	kfree(r);
}

int register_chrdev(unsigned int major, const char *name, const struct file_operations *fops)
{
	struct cdev *cdev = kmalloc(sizeof(*cdev), GFP_KERNEL);
	struct char_device_region *r;
	int err;

	if (!cdev)
		return -ENOMEM;
	mutex_lock(&chrdevs_lock);
	r = add_region(major, 0, 256, name);
	mutex_unlock(&chrdevs_lock);
	err = PTR_ERR_OR_ZERO(r);
	if (err)
		goto out_cdev;
	cdev_init(cdev, fops);
	cdev->name = name;
	err = cdev_add(cdev, r->first, 256);
	if (err)
		goto out_region;
	r->cdev = cdev;
	return major ? 0 : (int)r->major;
out_region:
	drop_region(r);
out_cdev:
	kfree(cdev);
	return err;
}

void unregister_chrdev(unsigned int major, const char *name)
{
	struct char_device_region *r, *found = NULL;

	mutex_lock(&chrdevs_lock);
	list_for_each_entry (r, &regions, list)
		if (r->major == major && r->cdev && !strcmp(r->name, name))
			found = r;
	mutex_unlock(&chrdevs_lock);
	if (!found)
		return;
	cdev_del(found->cdev);
	kfree(found->cdev);
	drop_region(found);
}

static int chrdev_open(struct inode *inode, struct file *file)
{
	const struct file_operations *fops = NULL;
	struct cdev *cdev;

	rcu_read_lock();
	cdev = find_cdev(inode->i_rdev);
	if (cdev)
		fops = cdev->ops;
	rcu_read_unlock();
	if (!fops)
		return -ENXIO;
	replace_fops(file, fops);
	return fops->open ? fops->open(inode, file) : 0;
}

const struct file_operations def_chr_fops = {
    .open = chrdev_open,
    .llseek = noop_llseek,
};

void chrdev_show(struct seq_file *m)
{
	struct char_device_region *r;

	mutex_lock(&chrdevs_lock);
	list_for_each_entry (r, &regions, list)
		seq_printf(m, "%3u %s\n", r->major, r->name);
	mutex_unlock(&chrdevs_lock);
}
