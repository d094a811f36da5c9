/* SPDX-License-Identifier: MIT */
/* What is timed from outside: `./run true' as a person waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define REPEATS 5

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Run `jiffy run true' and return the seconds it took, or a negative number. */
static double run_true(const struct options *o, enum kernel k, char *cpus)
{
	char *argv[16] = {xasprintf("%s/build/jiffy", o->tree),
			  "run",
			  "--timeout",
			  "120",
			  "--accel",
			  o->kvm ? "kvm" : "tcg",
			  "--cpus",
			  cpus};
	double begin = wall_seconds();
	int n = 8, status;
	pid_t pid;

	if (k == KERNEL_LINUX) {
		argv[n++] = "--kernel";
		argv[n++] = o->linux_kernel;
		argv[n++] = "--append";
		argv[n++] = linux_parameters(true);
	}
	if (o->qemu) {
		argv[n++] = "--qemu";
		argv[n++] = o->qemu;
	}
	argv[n++] = "true";
	argv[n] = NULL;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(STATUS_HOST, "cannot fork: %s", strerror(errno));
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		execv(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return status ? -1 : wall_seconds() - begin;
}

static bool wanted(const struct options *o, const char *row, const char *param,
		   const struct figures *f)
{
	const struct figure *have = figures_find(f, row, param);

	return selected(o, row, param) && (!have || have->why);
}

static void put_samples(struct figures *f, enum kernel k, struct figure fig, double *sample)
{
	qsort(sample, REPEATS, sizeof(*sample), compare);
	if (sample[0] < 0) {
		fig.why = "`jiffy run true' failed";
		fprintf(stderr, "bench: %s: %s %s failed\n", kernel_name(k), fig.row, fig.param);
	}
	fig.median = sample[REPEATS / 2];
	fig.min = sample[0];
	fig.max = sample[REPEATS - 1];
	fig.ops = REPEATS;
	figures_put(f, &fig);
}

/* The kernels take turns, so that what else the host does meets both. */
static void time_row(const struct options *o, const char *row, const char *param, char *cpus,
		     struct figures f[NR_KERNELS])
{
	struct figure fig = {
	    .row = (char *)row, .param = (char *)param, .unit = "ns", .wall = true};
	double sample[NR_KERNELS][REPEATS];
	bool want[NR_KERNELS];

	for (int k = 0; k < NR_KERNELS; k++)
		want[k] = (k == KERNEL_JIFFY || !o->jiffy_only) && wanted(o, row, param, &f[k]);
	for (int i = 0; i < REPEATS; i++)
		for (int k = 0; k < NR_KERNELS; k++)
			if (want[k])
				sample[k][i] = run_true(o, k, cpus) * 1e9;
	for (int k = 0; k < NR_KERNELS; k++)
		if (want[k])
			put_samples(&f[k], k, fig, sample[k]);
}

void run_host_rows(const struct options *o, struct figures f[NR_KERNELS])
{
	time_row(o, "run_true", "wall", "2", f);
	time_row(o, "boot_wall", "1cpu", "1", f);
	time_row(o, "boot_wall", "16cpu", "16", f);
}
