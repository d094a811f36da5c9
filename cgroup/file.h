/* SPDX-License-Identifier: MIT */
/* Between fs.c and file.c: what an open interface file does. */
#ifndef CGROUP_FILE_H
#define CGROUP_FILE_H

#include "internal.h"

extern const struct file_operations cgroup_file_operations;

#endif
