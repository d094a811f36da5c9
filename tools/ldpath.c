/* SPDX-License-Identifier: MIT */
/*
 * The dynamic linker's search; see ldpath.h. The layout of the cache is what
 * ldconfig(8) of the C library writes: one header, entries that point at
 * strings by their offset from that header, and perhaps an older table first.
 */
#include <glob.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "jiffy.h"
#include "ldpath.h"

#define CACHE_PATH	 "/etc/ld.so.cache"
#define CONF_PATH	 "/etc/ld.so.conf"
#define MAX_CONF_NESTING 8

static const char old_magic[] = "ld.so-1.7.0";
static const char new_magic[] = "glibc-ld.so.cache1.1";

/* ELF objects for the C library 6 (3) on x86-64 (0x300). */
#define CACHE_FLAGS_X86_64 0x303

struct old_header {
	char magic[sizeof(old_magic) - 1];
	uint8_t pad;
	uint32_t nlibs;
};

#define OLD_ENTRY_SIZE 12

struct new_header {
	char magic[sizeof(new_magic) - 1];
	uint32_t nlibs;
	uint32_t strings_size;
	uint8_t flags;
	uint8_t pad[3];
	uint32_t extension;
	uint32_t unused[3];
};

struct new_entry {
	int32_t flags;
	uint32_t name;
	uint32_t path;
	uint32_t os_version;
	uint64_t hwcap;
};

static const char *const builtin_dirs[] = {
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
};

static const char *cache_string(const char *base, size_t size, uint32_t at)
{
	if (at >= size || !memchr(base + at, '\0', size - at))
		return NULL;
	return base + at;
}

bool ldcache_each(const void *image, size_t size, const char *name,
		  bool (*try)(const char *path, void *arg), void *arg)
{
	const char *base = image, *found, *path;
	struct old_header old;
	struct new_header head;
	struct new_entry e;
	uint64_t skip;

	if (size >= sizeof(old) && !memcmp(base, old_magic, sizeof(old.magic))) {
		memcpy(&old, base, sizeof(old));
		skip = sizeof(old) + (uint64_t)old.nlibs * OLD_ENTRY_SIZE;
		skip = (skip + 7) & ~7ULL;
		if (skip > size)
			return false;
		base += skip;
		size -= skip;
	}
	if (size < sizeof(head))
		return false;
	memcpy(&head, base, sizeof(head));
	if (memcmp(head.magic, new_magic, sizeof(head.magic)) ||
	    head.nlibs > (size - sizeof(head)) / sizeof(e))
		return false;
	for (uint32_t i = 0; i < head.nlibs; i++) {
		memcpy(&e, base + sizeof(head) + i * sizeof(e), sizeof(e));
		/* A variant for certain processors is a choice the guest's own may not share. */
		if (e.flags != CACHE_FLAGS_X86_64 || e.hwcap)
			continue;
		found = cache_string(base, size, e.name);
		path = cache_string(base, size, e.path);
		if (found && path && !strcmp(found, name) && try(path, arg))
			return true;
	}
	return false;
}

struct lookup {
	const char *name;
	bool (*try)(const char *path, void *arg);
	void *arg;
};

static bool try_dir(const struct lookup *l, const char *dir)
{
	char *path = xasprintf("%s/%s", dir, l->name);
	bool found = l->try(path, l->arg);

	free(path);
	return found;
}

static bool search_conf(const struct lookup *l, const char *file, int nesting);

static bool include_conf(const struct lookup *l, const char *pattern, int nesting)
{
	bool found = false;
	char *whole;
	glob_t g;

	whole = pattern[0] == '/' ? xstrdup(pattern) : xasprintf("/etc/%s", pattern);
	if (!glob(whole, 0, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc && !found; i++)
			found = search_conf(l, g.gl_pathv[i], nesting + 1);
		globfree(&g);
	}
	free(whole);
	return found;
}

static bool search_conf(const struct lookup *l, const char *file, int nesting)
{
	char *line = NULL, *word, *save;
	bool found = false;
	size_t room = 0;
	FILE *f;

	f = nesting < MAX_CONF_NESTING ? fopen(file, "re") : NULL;
	if (!f)
		return false;
	while (!found && getline(&line, &room, f) >= 0) {
		line[strcspn(line, "#\n")] = '\0';
		word = strtok_r(line, " \t,:", &save);
		if (!word)
			continue;
		if (!strcmp(word, "include")) {
			while (!found && (word = strtok_r(NULL, " \t", &save)))
				found = include_conf(l, word, nesting);
		} else {
			for (; word && !found; word = strtok_r(NULL, " \t,:", &save))
				found = word[0] == '/' && try_dir(l, word);
		}
	}
	free(line);
	fclose(f);
	return found;
}

bool ldpath_each(const char *name, bool (*try)(const char *path, void *arg), void *arg)
{
	struct lookup l = {.name = name, .try = try, .arg = arg};
	struct mapped cache;
	bool found;

	if (map_file(CACHE_PATH, &cache)) {
		found = search_conf(&l, CONF_PATH, 0);
	} else {
		found = ldcache_each(cache.data, cache.size, name, try, arg);
		unmap_file(&cache);
	}
	for (size_t i = 0; i < sizeof(builtin_dirs) / sizeof(builtin_dirs[0]) && !found; i++)
		found = try_dir(&l, builtin_dirs[i]);
	return found;
}
