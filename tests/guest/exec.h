/* SPDX-License-Identifier: MIT */
/* What the programs that test execve(2) share: files to execute, and a child that does. */
#ifndef GUEST_EXEC_H
#define GUEST_EXEC_H

#include "harness.h"

static char *const no_env[] = {NULL};

/* The exit status of a program that a child executes; errno where it cannot. */
static inline int status_of(const char *path, char *const argv[])
{
	pid_t pid;

	CHILD(pid) {
		execve(path, argv, no_env);
		_exit(errno);
	}
	return wait_exit(pid);
}

static inline void make_executable(const char *path, const void *data, size_t size, int mode)
{
	int fd = OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700));

	CHECK_EQ(write(fd, data, size), (ssize_t)size);
	OK(fchmod(fd, mode));
	OK(close(fd));
}

static inline void make_script(const char *path, const char *text)
{
	make_executable(path, text, strlen(text), 0755);
}

#endif
