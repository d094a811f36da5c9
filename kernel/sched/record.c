/* SPDX-License-Identifier: MIT */
/*
 * sched_record=SIZE at boot records the run into SIZE bytes of memory; reading
 * /sys/kernel/debug/sched/record ends the record and gives it out, for `jiffy sim --replay`.
 * Task context.
 */
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/sched_group.h>
#include <jiffy/string.h>
#include <jiffy/vmalloc.h>

#include "../../sched/internal.h"
#include "../../sched/record.h"

static void *record;

/* Boot, before the second task: from here on every task's life is in the record. */
static int set_sched_record(char *value)
{
	unsigned long long size = memparse(value, NULL);

	if (size < PAGE_SIZE)
		return -EINVAL;
	record = vmalloc(size);
	if (!record)
		return -ENOMEM;
	/* Shares of groups follow loads that other CPUs change at any moment: no groups. */
	noautogroup("");
	sched_record_start(record, size);
	return 0;
}
__setup("sched_record=", set_sched_record);

static ssize_t record_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return simple_read_from_buffer(buf, len, pos, record, sched_record_stop());
}

static const struct file_operations record_fops = {.read = record_read,
						   .llseek = generic_file_llseek};

static int __init sched_record_init(void)
{
	if (!record)
		return 0;
	return proc_create("sched/record", 0400, &debugfs_root, &record_fops) ? 0 : -ENOMEM;
}
device_initcall(sched_record_init);
