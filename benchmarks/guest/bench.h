/* SPDX-License-Identifier: MIT */
/*
 * The benchmark program: what its files share.
 *
 * It is one static program that runs unchanged on jiffy and on Linux. Each row
 * (fork, pipe_pingpong, ...) takes one parameter a time and prints
 *
 *	begin ROW PARAMETER
 *	result ROW PARAMETER MEDIAN UNIT MIN MAX OPERATIONS
 *
 * or `failed ROW PARAMETER WHY'. Times are those of CLOCK_MONOTONIC, which under
 * QEMU's -icount shift=0 counts the instructions the machine has executed.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#define NSEC_PER_SEC	     1000000000ULL
#define NSEC_PER_MSEC	     1000000ULL
#define PAGE		     4096UL
#define ARRAY_SIZE(a)	     (sizeof(a) / sizeof((a)[0]))
#define check(expr)	     bench_check((long)(expr), #expr)
#define check_error(ret)     bench_check_error((ret), #ret)
#define PARAMS(...)	     ((const char *const[]){__VA_ARGS__, NULL})
#define BENCH_STATIC_ARG     "--do-nothing"
#define BENCH_DYNAMIC_PATH   "/bench/true"
#define BENCH_HACKBENCH_PATH "/bench/hackbench"
#define BENCH_BOOT_PATH	     "/bench-boot"

/* A row: run(param) measures one parameter and emits at least one result. */
struct bench_row {
	const char *name;
	const char *const *params; /* ends with NULL */
	void (*run)(const char *param);
};

/*
 * An operation to be timed: does @n of them and returns how many nanoseconds they
 * took, taken with clock_start() and clock_stop() so that a profile sees the same.
 */
typedef uint64_t (*bench_op)(void *arg, unsigned int n);

extern const struct bench_row process_rows[], ipc_rows[], memory_rows[], sched_rows[],
    shares_rows[], timer_rows[], footprint_rows[], scale_rows[];

/* measure.c */
uint64_t now(void);
uint64_t clock_start(void);
uint64_t clock_stop(uint64_t start);
void measure(bench_op op, void *arg);
void emit(const char *suffix, const char *unit, double median, double min, double max,
	  uint64_t ops);
void emit_samples(const char *suffix, const char *unit, double *sample, size_t n);
void emit_ops(double *sample, size_t n, uint64_t ops);
void row_begin(const char *row, const char *param);
noreturn void fail(const char *what);
long bench_check(long ret, const char *what);
void bench_check_error(int err, const char *what);
double quantile(const double *sorted, size_t n, double q);
void sort_samples(double *sample, size_t n);

/* common.c */
void raise_limits(void);
void pin(int cpu);
int nr_cpus(void);
void *shared_page(void);
void *touched(size_t size);
long number(const char *param);
pid_t sleepers_start(unsigned long flags, unsigned int n, int *word);
void sleepers_end(int *word);
void reap(pid_t pid);
void futex_wait(int *word, int value);
void futex_wake(int *word, int n);
const char *self_path(void);

#endif
