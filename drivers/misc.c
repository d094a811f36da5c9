/* SPDX-License-Identifier: MIT */
/*
 * Devices of a kind of their own, which share major number 10. See <jiffy/device.h>.
 * misc_lock guards the list; an open finds its device under it. Task context.
 */
#include <jiffy/bitops.h>
#include <jiffy/cdev.h>
#include <jiffy/device.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>

#define DYNAMIC_FIRST 128
#define NR_MINORS     256

static DEFINE_MUTEX(misc_lock);
static LIST_HEAD(misc_list);		       /* misc_lock */
static DECLARE_BITMAP(misc_minors, NR_MINORS); /* misc_lock */

static int take_minor(int wanted)
{
	int minor = wanted;

	if (wanted == MISC_DYNAMIC_MINOR)
		minor = find_next_zero_bit(misc_minors, NR_MINORS - 1, DYNAMIC_FIRST);
	if (minor < 0 || minor >= NR_MINORS - 1 || test_bit(minor, misc_minors))
		return -EBUSY;
	__set_bit(minor, misc_minors);
	return minor;
}

int misc_register(struct miscdevice *misc)
{
	int minor, err;

	mutex_lock(&misc_lock);
	minor = take_minor(misc->minor);
	if (minor >= 0) {
		misc->minor = minor;
		list_add(&misc->list, &misc_list);
	}
	mutex_unlock(&misc_lock);
	if (minor < 0)
		return minor;
	err = devtmpfs_create(misc->name, S_IFCHR | (misc->mode ? misc->mode : 0600),
			      MKDEV(MISC_MAJOR, minor));
	if (err)
		misc_deregister(misc);
	return err;
}

void misc_deregister(struct miscdevice *misc)
{
	devtmpfs_remove(misc->name);
	mutex_lock(&misc_lock);
	list_del(&misc->list);
	__clear_bit(misc->minor, misc_minors);
	mutex_unlock(&misc_lock);
}

static int misc_open(struct inode *inode, struct file *file)
{
	const struct file_operations *fops = NULL;
	struct miscdevice *m;

	mutex_lock(&misc_lock);
	list_for_each_entry (m, &misc_list, list) {
		if (m->minor == iminor(inode)) {
			fops = m->fops;
			file->private_data = m;
			break;
		}
	}
	mutex_unlock(&misc_lock);
	if (!fops)
		return -ENODEV;
	replace_fops(file, fops);
	return fops->open ? fops->open(inode, file) : 0;
}

static const struct file_operations misc_fops = {
    .open = misc_open,
    .llseek = noop_llseek,
};

static int misc_show(struct seq_file *m, void *v)
{
	struct miscdevice *d;

	mutex_lock(&misc_lock);
	list_for_each_entry (d, &misc_list, list)
		seq_printf(m, "%3d %s\n", d->minor, d->name);
	mutex_unlock(&misc_lock);
	return 0;
}

static int __init misc_init(void)
{
	int err = register_chrdev(MISC_MAJOR, "misc", &misc_fops);

	if (!err && !proc_create_single("misc", 0, NULL, misc_show))
		err = -ENOMEM;
	return err;
}
fs_initcall(misc_init);
