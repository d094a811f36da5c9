/* SPDX-License-Identifier: MIT */
/* Extended attributes kept in memory beside an inode. fs/xattr.c, task context. */
#ifndef FS_SIMPLE_XATTR_H
#define FS_SIMPLE_XATTR_H

#include <jiffy/list.h>
#include <jiffy/spinlock.h>

struct simple_xattrs {
	struct list_head head;
	spinlock_t lock;
};

void simple_xattrs_init(struct simple_xattrs *xattrs);
void simple_xattrs_free(struct simple_xattrs *xattrs);
/* As xattr_handler's get and set. */
int simple_xattr_get(struct simple_xattrs *xattrs, const char *name, void *buffer, size_t size);
int simple_xattr_set(struct simple_xattrs *xattrs, const char *name, const void *value, size_t size,
		     int flags);
/* Names with their NULs: the length, -ERANGE. trusted.* only for the privileged. */
ssize_t simple_xattr_list(struct simple_xattrs *xattrs, char *buffer, size_t size);

#endif
