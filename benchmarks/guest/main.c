/* SPDX-License-Identifier: MIT */
/*
 * The benchmark program's entry: `bench ROW[:PARAMETER]...' measures these, in that
 * order; `bench --list' prints every row with its parameters.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static const struct bench_row *const groups[] = {
    process_rows, ipc_rows,   memory_rows,    sched_rows,
    shares_rows,  timer_rows, footprint_rows, scale_rows,
};

static const struct bench_row *find_row(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (const struct bench_row *r = groups[i]; r->name; r++)
			if (strlen(r->name) == len && !memcmp(r->name, name, len))
				return r;
	return NULL;
}

/*
 * Each measurement is a process of its own: its memory, descriptors and signal
 * handlers are gone with it, and a row that dies leaves the others alone.
 */
static void run_one(const struct bench_row *row, const char *param)
{
	int status;
	pid_t pid;

	row_begin(row->name, param);
	pid = check(fork());
	if (!pid) {
		row->run(param);
		_exit(0);
	}
	check(waitpid(pid, &status, 0));
	if (WIFSIGNALED(status)) {
		printf("failed %s %s killed by signal %d\n", row->name, param, WTERMSIG(status));
		fflush(stdout);
	}
}

static void list(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		for (const struct bench_row *r = groups[i]; r->name; r++) {
			printf("%s", r->name);
			for (size_t p = 0; r->params[p]; p++)
				printf(" %s", r->params[p]);
			putchar('\n');
		}
}

static int run_named(const char *arg)
{
	const char *colon = strchrnul(arg, ':');
	const struct bench_row *row = find_row(arg, colon - arg);

	if (!row) {
		fprintf(stderr, "bench: no row `%s'; see --list\n", arg);
		return 1;
	}
	if (*colon) {
		run_one(row, colon + 1);
		return 0;
	}
	for (size_t i = 0; row->params[i]; i++)
		run_one(row, row->params[i]);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc == 2 && !strcmp(argv[1], BENCH_STATIC_ARG))
		return 0;
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list();
		return 0;
	}
	raise_limits();
	for (int i = 1; i < argc; i++)
		status |= run_named(argv[i]);
	return status;
}
