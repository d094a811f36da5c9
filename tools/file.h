/* SPDX-License-Identifier: MIT */
/* Files of the host's: their full names, and whole ones mapped for reading. */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <stddef.h>

struct mapped {
	const void *data;
	size_t size;
};

/*
 * map_file - map the regular file @path.
 * Return 0, or a negative errno: those of open(2) and mmap(2), -EISDIR, and -EINVAL for what is
 * neither file nor directory. An empty file maps as no bytes at a valid address.
 */
int map_file(const char *path, struct mapped *m);

void unmap_file(struct mapped *m);

/*
 * absolute_path - @path itself, or put after the current directory when it is relative. Links
 * and dots stay as they are. The caller frees the result.
 */
char *absolute_path(const char *path);

#endif
