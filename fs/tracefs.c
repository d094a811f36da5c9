/* SPDX-License-Identifier: MIT */
/*
 * tracefs and debugfs: file systems whose files rooms make by the calls of <jiffy/proc_fs.h>,
 * below tracefs_root and debugfs_root. Only root may enter. Task context.
 */
#include <jiffy/init.h>
#include "proc/internal.h"

#define TRACEFS_MAGIC 0x74726163
#define DEBUGFS_MAGIC 0x64626720

static int tracefs_fill_super(struct super_block *sb, void *data, int silent)
{
	return proc_fill_super_common(sb, TRACEFS_MAGIC, &tracefs_root);
}

static int debugfs_fill_super(struct super_block *sb, void *data, int silent)
{
	return proc_fill_super_common(sb, DEBUGFS_MAGIC, &debugfs_root);
}

static struct dentry *tracefs_mount(struct file_system_type *type, int flags, const char *dev_name,
				    void *data)
{
	return mount_single(type, flags, data, tracefs_fill_super);
}

static struct dentry *debugfs_mount(struct file_system_type *type, int flags, const char *dev_name,
				    void *data)
{
	return mount_single(type, flags, data, debugfs_fill_super);
}

static struct file_system_type tracefs_type = {
    .name = "tracefs", .mount = tracefs_mount, .kill_sb = kill_anon_super};
static struct file_system_type debugfs_type = {
    .name = "debugfs", .mount = debugfs_mount, .kill_sb = kill_anon_super};

static int __init tracefs_init(void)
{
	int err;

	/* Where they are mounted by custom; tracefs has a place in debugfs, too. */
	if (!proc_mkdir("kernel/tracing", &sysfs_root) ||
	    !proc_mkdir("kernel/debug", &sysfs_root) || !proc_mkdir("tracing", &debugfs_root) ||
	    !proc_mkdir("sched", &debugfs_root))
		return -ENOMEM;
	err = register_filesystem(&tracefs_type);
	return err ? err : register_filesystem(&debugfs_type);
}
/* After sysfs has its directories. */
rootfs_initcall(tracefs_init);
