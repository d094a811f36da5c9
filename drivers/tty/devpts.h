/* SPDX-License-Identifier: MIT */
/*
 * The file system of pseudo-terminals' slaves, for pty.c. Task context; tty_mutex held by the
 * first two.
 */
#ifndef DRIVERS_TTY_DEVPTS_H
#define DRIVERS_TTY_DEVPTS_H

#include <jiffy/types.h>

struct file;

/* The node of slave `index`, owned by the caller: 0 or -ENOMEM. And its removal. */
int devpts_pty_new(int index, dev_t dev);
void devpts_pty_kill(int index);
/* Opens it; flags as open(2). ERR_PTR. */
struct file *devpts_open_slave(int index, int flags);

#endif
