/* SPDX-License-Identifier: MIT */
/*
 * /sys/class/net/lo: the interface as files. What can change is that of the reader's own network
 * namespace; nothing passes the interface, so its counts are zero. Task context.
 */
#include "inet.h"
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <uapi/if.h>

/* m->private is the text. */
static int text_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s\n", (const char *)m->private);
	return 0;
}

static int number_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%ld\n", (long)m->private);
	return 0;
}

static int flags_show(struct seq_file *m, void *v)
{
	unsigned int flags = loopback_flags(current->nsproxy->net_ns);

	seq_printf(m, "0x%x\n", flags & (IFF_UP | IFF_LOOPBACK));
	return 0;
}

static int operstate_show(struct seq_file *m, void *v)
{
	seq_puts(m, READ_ONCE(current->nsproxy->net_ns->lo_up) ? "unknown\n" : "down\n");
	return 0;
}

/* Of an interface that is down there is nothing to tell. */
static int carrier_show(struct seq_file *m, void *v)
{
	if (!READ_ONCE(current->nsproxy->net_ns->lo_up))
		return -EINVAL;
	seq_puts(m, "1\n");
	return 0;
}

static const struct {
	const char *name;
	int (*show)(struct seq_file *m, void *v);
	const char *text;
	long number;
} files[] = {
    {"address", text_show, "00:00:00:00:00:00", 0},
    {"broadcast", text_show, "00:00:00:00:00:00", 0},
    {"operstate", operstate_show, NULL, 0},
    {"dev_id", text_show, "0x0", 0},
    {"uevent", text_show, "INTERFACE=lo\nIFINDEX=1", 0},
    {"flags", flags_show, NULL, 0},
    {"carrier", carrier_show, NULL, 0},
    {"mtu", number_show, NULL, LOOPBACK_MTU},
    {"ifindex", number_show, NULL, LOOPBACK_IFINDEX},
    {"iflink", number_show, NULL, LOOPBACK_IFINDEX},
    {"type", number_show, NULL, ARPHRD_LOOPBACK},
    {"addr_len", number_show, NULL, 6},
    {"tx_queue_len", number_show, NULL, LOOPBACK_TXQLEN},
    {"name_assign_type", number_show, NULL, 2 /* by the kernel, for good */},
    {"addr_assign_type", number_show, NULL, 0},
    {"link_mode", number_show, NULL, 0},
    {"dormant", number_show, NULL, 0},
    {"netdev_group", number_show, NULL, 0},
    {"statistics/rx_bytes", number_show, NULL, 0},
    {"statistics/tx_bytes", number_show, NULL, 0},
    {"statistics/rx_packets", number_show, NULL, 0},
    {"statistics/tx_packets", number_show, NULL, 0},
    {"statistics/rx_errors", number_show, NULL, 0},
    {"statistics/tx_errors", number_show, NULL, 0},
    {"statistics/rx_dropped", number_show, NULL, 0},
    {"statistics/tx_dropped", number_show, NULL, 0},
    {"statistics/collisions", number_show, NULL, 0},
    {"statistics/multicast", number_show, NULL, 0},
};

static int inet_sysfs_init(void)
{
	static const char *const dirs[] = {"devices/virtual", "devices/virtual/net",
					   "devices/virtual/net/lo",
					   "devices/virtual/net/lo/statistics", "class/net"};
	struct proc_dir_entry *lo = NULL, *d;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		d = proc_mkdir(dirs[i], &sysfs_root);
		if (!d)
			return -ENOMEM;
		if (i == 2)
			lo = d;
	}
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		void *data = files[i].text ? (void *)files[i].text : (void *)files[i].number;

		if (!proc_create_single_data(files[i].name, 0, lo, files[i].show, data))
			return -ENOMEM;
	}
	/* d is the last directory made. */
	return proc_symlink("lo", d, "../../devices/virtual/net/lo") ? 0 : -ENOMEM;
}
late_initcall(inet_sysfs_init);
