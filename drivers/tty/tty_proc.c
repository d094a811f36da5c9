/* SPDX-License-Identifier: MIT */
/*
 * /proc/tty/drivers: which device numbers are terminals of which name. ps(1) reads it. Task
 * context.
 */
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>
#include <jiffy/string.h>
#include "tty.h"

static void driver_line(struct seq_file *m, const char *driver, const char *node, int major,
			int first, int num, const char *type)
{
	char range[24];

	if (num > 1)
		snprintf(range, sizeof(range), "%d-%d", first, first + num - 1);
	else
		snprintf(range, sizeof(range), "%d", first);
	seq_printf(m, "%-20s /dev/%-8s %3d %7s %s\n", driver, node, major, range, type);
}

static const char *type_name(const struct tty_driver *d)
{
	if (d->type == TTY_DRIVER_TYPE_PTY)
		return d->subtype == PTY_TYPE_MASTER ? "pty:master" : "pty:slave";
	return d->type == TTY_DRIVER_TYPE_SERIAL ? "serial" : "system";
}

static int tty_drivers_show(struct seq_file *m, void *v)
{
	struct tty_driver *d;

	driver_line(m, "/dev/tty", "tty", 5, 0, 1, "system:/dev/tty");
	driver_line(m, "/dev/console", "console", 5, 1, 1, "system:console");
	driver_line(m, "/dev/ptmx", "ptmx", 5, 2, 1, "system");
	mutex_lock(&tty_mutex);
	list_for_each_entry (d, &tty_drivers, tty_drivers)
		driver_line(m, d->driver_name, d->name, d->major, d->minor_start, d->num,
			    type_name(d));
	mutex_unlock(&tty_mutex);
	return 0;
}

static int __init proc_tty_init(void)
{
	struct proc_dir_entry *dir = proc_mkdir("tty", NULL);

	if (!dir || !proc_create_single("drivers", 0, dir, tty_drivers_show))
		return -ENOMEM;
	return 0;
}
fs_initcall(proc_tty_init);
