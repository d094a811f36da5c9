/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes (xattr(7)). A superblock's s_xattr lists handlers by prefix.
 */
#ifndef JIFFY_XATTR_H
#define JIFFY_XATTR_H

#include <jiffy/types.h>
#include <uapi/fcntl.h>

struct dentry;
struct inode;

struct xattr_handler {
	const char *prefix; /* "user." */
	/* value NULL: only the size is wanted. The size, -ENODATA, -ERANGE. name with prefix. */
	int (*get)(struct inode *inode, const char *name, void *value, size_t size);
	/* value NULL removes. XATTR_CREATE: -EEXIST, XATTR_REPLACE: -ENODATA. i_rwsem held. */
	int (*set)(struct inode *inode, const char *name, const void *value, size_t size,
		   int flags);
};

#define XATTR_USER_PREFIX     "user."
#define XATTR_TRUSTED_PREFIX  "trusted."
#define XATTR_SECURITY_PREFIX "security."
#define XATTR_SYSTEM_PREFIX   "system."

#endif
