/* SPDX-License-Identifier: MIT */
/* Small helpers of the runner. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

void die(int status, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("bench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		die(STATUS_HOST, "out of memory");
	va_end(ap);
	return s;
}

char *xstrdup(const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		die(STATUS_HOST, "out of memory");
	return copy;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		die(STATUS_HOST, "out of memory");
	return p;
}

/* Run @argv and return the first line that it prints, or NULL when it prints none. */
char *first_line_of(char *const argv[])
{
	char buf[512], *end;
	int out[2];
	ssize_t n;
	pid_t pid;

	if (pipe(out))
		die(STATUS_HOST, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die(STATUS_HOST, "cannot fork: %s", strerror(errno));
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	n = read(out[0], buf, sizeof(buf) - 1);
	close(out[0]);
	waitpid(pid, NULL, 0);
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	end = strchr(buf, '\n');
	if (end)
		*end = '\0';
	return xstrdup(buf);
}

double wall_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Open build/bench/@name to be written anew. */
FILE *open_output(const struct options *o, const char *name)
{
	char *path = xasprintf("%s/build/bench/%s", o->tree, name);
	FILE *f = fopen(path, "we");

	if (!f)
		die(STATUS_HOST, "cannot write %s: %s", path, strerror(errno));
	free(path);
	return f;
}

const char *kernel_name(enum kernel k)
{
	return k == KERNEL_JIFFY ? "jiffy" : "linux";
}
