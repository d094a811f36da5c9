/* SPDX-License-Identifier: MIT */
/*
 * Timing and output. A row is warmed up, then run in batches long enough that the
 * clock's grain and the timer tick do not show; the median batch is the result.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define BATCHES	    7
#define BATCH_NS    (4 * NSEC_PER_MSEC)
#define MAX_OPS	    20000
#define WARM_ROUNDS 3

static const char *row_name, *row_param;

uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Where a profile begins and ends: the profiler watches for the addresses of these two. */
void profile_begin(void);
void profile_end(void);

__attribute__((noinline)) void profile_begin(void)
{
	asm volatile("nop");
}

__attribute__((noinline)) void profile_end(void)
{
	asm volatile("nop\n\tnop");
}

uint64_t clock_start(void)
{
	profile_begin();
	return now();
}

uint64_t clock_stop(uint64_t start)
{
	uint64_t ns = now() - start;

	profile_end();
	return ns;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void sort_samples(double *sample, size_t n)
{
	qsort(sample, n, sizeof(*sample), compare);
}

/* The nearest-rank quantile: always a value that was seen. */
double quantile(const double *sorted, size_t n, double q)
{
	size_t i = q * n;

	return sorted[i < n ? i : n - 1];
}

void row_begin(const char *row, const char *param)
{
	row_name = row;
	row_param = param;
	printf("begin %s %s\n", row, param);
	fflush(stdout);
}

noreturn void fail(const char *what)
{
	printf("failed %s %s %s%s%s\n", row_name, row_param, what, errno ? ": " : "",
	       errno ? strerror(errno) : "");
	fflush(stdout);
	_exit(1);
}

long bench_check(long ret, const char *what)
{
	if (ret == -1)
		fail(what);
	return ret;
}

void bench_check_error(int err, const char *what)
{
	errno = err;
	if (err)
		fail(what);
}

/*
 * One run may have several results: @suffix, when not NULL, is joined to the
 * parameter, or stands for it where the row has none.
 */
void emit(const char *suffix, const char *unit, double median, double min, double max, uint64_t ops)
{
	const char *param = row_param, *dash = "-";

	if (!suffix)
		suffix = dash = "";
	else if (!strcmp(param, "-"))
		param = dash = "";
	printf("result %s %s%s%s %.1f %s %.1f %.1f %llu\n", row_name, param, dash, suffix, median,
	       unit, min, max, (unsigned long long)ops);
	fflush(stdout);
}

static void emit_sorted(const char *suffix, const char *unit, double *sample, size_t n,
			uint64_t ops)
{
	sort_samples(sample, n);
	emit(suffix, unit, quantile(sample, n, 0.5), sample[0], sample[n - 1], ops);
}

void emit_samples(const char *suffix, const char *unit, double *sample, size_t n)
{
	emit_sorted(suffix, unit, sample, n, n);
}

/* The same for nanoseconds an operation, when a sample stands for many. */
void emit_ops(double *sample, size_t n, uint64_t ops)
{
	emit_sorted(NULL, "ns", sample, n, ops);
}

void measure(bench_op op, void *arg)
{
	double sample[BATCHES];
	uint64_t ns = 1, ops = 0;
	unsigned int n;

	for (int i = 0; i < WARM_ROUNDS; i++)
		ns = op(arg, 1);
	n = BATCH_NS / (ns ? ns : 1);
	n = n < 1 ? 1 : n > MAX_OPS ? MAX_OPS : n;
	for (int i = 0; i < BATCHES; i++) {
		sample[i] = (double)op(arg, n) / n;
		ops += n;
	}
	emit_ops(sample, BATCHES, ops + WARM_ROUNDS);
}
