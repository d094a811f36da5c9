/* SPDX-License-Identifier: MIT */
/*
 * What the programs that test control groups share: the tree's place, a cgroup for the case, and
 * its files. Included once by a program; a path or text given out lives until the fourth call after.
 */
#ifndef GUEST_CGROUP_H
#define GUEST_CGROUP_H

#include "harness.h"
#include <sys/vfs.h>

#define CGROUP2_SUPER_MAGIC 0x63677270

static char base[256]; /* where cgroup2 is mounted */
static char own[320];  /* the case's own cgroup */

static inline bool is_cgroup2(const char *path)
{
	struct statfs st;

	return !statfs(path, &st) && st.f_type == CGROUP2_SUPER_MAGIC;
}

static inline const char *at(const char *dir, const char *name)
{
	static char buf[4][512];
	static int n;
	char *b = buf[n++ % 4];

	if (snprintf(b, 512, "%s/%s", dir, name) >= 512)
		FAIL("%s/%s is too long a path", dir, name);
	return b;
}

/* What a file holds, its last newline cut. */
static inline const char *text_of(const char *dir, const char *name)
{
	static char buf[4][4096];
	static int n;
	char *b = buf[n++ % 4];

	if (slurp(at(dir, name), b, 4096) < 0)
		FAIL("%s/%s cannot be read: %s", dir, name, strerror(errno));
	if (*b && b[strlen(b) - 1] == '\n')
		b[strlen(b) - 1] = 0;
	return b;
}

static inline int put(const char *dir, const char *name, const char *text)
{
	return poke(at(dir, name), text);
}

static inline int put_pid(const char *dir, const char *name, pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	return put(dir, name, text);
}

static inline long long stat_of(const char *dir, const char *file, const char *key)
{
	return proc_field(at(dir, file), key);
}

/* A cgroup for this case below the mounted root; removed behind it by each case itself. */
static inline void begin(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places) && !is_cgroup2(places[i]); i++)
		;
	if (i == ARRAY_SIZE(places))
		SKIP("cgroup2 is not mounted here");
	snprintf(base, sizeof(base), "%s", places[i]);
	snprintf(own, sizeof(own), "%s/guest-test-%d", base, getpid());
	NEED(mkdir(own, 0755));
}

static inline void end(void)
{
	OK(rmdir(own));
}

/* The controller for the children of the root, or a skip. */
static inline void need_controller(const char *name)
{
	char text[32];

	snprintf(text, sizeof(text), "+%s", name);
	if (!strstr(text_of(base, "cgroup.controllers"), name))
		SKIP("no controller %s in this machine's cgroup2 hierarchy", name);
	OK(put(base, "cgroup.subtree_control", text));
}

/* A file of a controller that this kernel may do without. */
static inline void need_file(const char *dir, const char *name)
{
	if (access(at(dir, name), F_OK))
		SKIP("no %s here", name);
}

static inline void reap(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

#endif
