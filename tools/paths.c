/* SPDX-License-Identifier: MIT */
/* Finding our own files; see paths.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "jiffy.h"
#include "paths.h"

/* The kernel tells each program the path it was started by: that works without /proc too. */
static char *own_directory(void)
{
	const char *started_as = (const char *)getauxval(AT_EXECFN);
	char *path = started_as ? realpath(started_as, NULL) : NULL;

	if (!path)
		die(STATUS_UNAVAILABLE, "cannot tell where this command lies");
	*strrchr(path, '/') = '\0';
	return path;
}

char *own_file(const char *built, const char *installed)
{
	char *dir = own_directory(), *path;

	path = xasprintf("%s/%s", dir, built);
	if (access(path, R_OK)) {
		free(path);
		path = xasprintf("%s/../lib/jiffy/%s", dir, installed);
		if (access(path, R_OK))
			die(STATUS_UNAVAILABLE,
			    "%s/%s is missing: run `make' in the source tree, or install again",
			    dir, built);
	}
	free(dir);
	return path;
}
