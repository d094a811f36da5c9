/* SPDX-License-Identifier: MIT */
/* A place: a dentry as seen through a mount. Both pinned together. */
#ifndef JIFFY_PATH_H
#define JIFFY_PATH_H

#include <jiffy/types.h>

struct dentry;
struct vfsmount;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

void path_get(const struct path *path);
void path_put(const struct path *path);

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}

#endif
