/* SPDX-License-Identifier: MIT */
/* eventfd(2) counters for use inside the kernel. fs/eventfd.c. */
#ifndef JIFFY_EVENTFD_H
#define JIFFY_EVENTFD_H

#include <jiffy/types.h>

struct file;
struct eventfd_ctx;

struct eventfd_ctx *eventfd_ctx_fdget(int fd); /* ERR_PTR(-EBADF, -EINVAL) */
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
/* Adds n and wakes; any context. What was really added (less when the counter is full). */
u64 eventfd_signal(struct eventfd_ctx *ctx, u64 n);

#endif
