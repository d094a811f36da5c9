/* SPDX-License-Identifier: MIT */
/*
 * Where the dynamic linker looks for a library that no object names a place
 * for: /etc/ld.so.cache, or the directories of /etc/ld.so.conf where there is
 * no cache, and the built-in directories last. See ld.so(8) and ldconfig(8).
 */
#ifndef TOOLS_LDPATH_H
#define TOOLS_LDPATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * ldpath_each - offer candidate paths for the library @name, best first.
 * @try: called with each; returns true to stop.
 * Return true when @try did.
 */
bool ldpath_each(const char *name, bool (*try)(const char *path, void *arg), void *arg);

/*
 * ldcache_each - the same over one cache image of @size bytes, for which nothing is promised.
 */
bool ldcache_each(const void *image, size_t size, const char *name,
		  bool (*try)(const char *path, void *arg), void *arg);

#endif
