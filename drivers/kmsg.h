/* SPDX-License-Identifier: MIT */
/* /dev/kmsg; kmsg.c. */
#ifndef DRIVERS_KMSG_H
#define DRIVERS_KMSG_H

#include <jiffy/types.h>

struct file_operations;
extern const struct file_operations kmsg_fops;
/* 0, or -EPERM: may current read (all: also change) the kernel's log? /proc/kmsg too. */
int check_syslog_permission(bool all);

#endif
