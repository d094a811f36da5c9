/* SPDX-License-Identifier: MIT */
/*
 * The runner: boots both kernels with the benchmark program, keeps the figures,
 * prints the table and writes the report. An ordinary single-threaded program of
 * the host; it starts the machine through `jiffy run' only.
 */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Exit statuses, those of `jiffy run'. */
enum { STATUS_USAGE = 64, STATUS_UNAVAILABLE = 69, STATUS_HOST = 71 };

enum kernel { KERNEL_JIFFY, KERNEL_LINUX, NR_KERNELS };

/* The machine a row runs on. */
enum machine {
	MACHINE_START, /* 512 MiB, 1 CPU, straight after start-up */
	MACHINE_ONE,   /* 512 MiB, 1 CPU */
	MACHINE_LARGE, /* 6 GiB, 1 CPU: many tasks or timers */
	MACHINE_PAIR,  /* 512 MiB, 2 CPUs */
	MACHINE_SCALE, /* 1 GiB, 1, 2, 4 and 8 CPUs, on wall time */
	MACHINE_HOST,  /* timed from outside */
	NR_MACHINES,
};

/* A row of the table; the guest program's row of the same name, or the host's. */
struct row {
	const char *name;
	const char *params; /* separated by blanks */
	enum machine machine;
	bool curve; /* the parameter is a size: show how the cost grows */
	const char *what;
	const char *append; /* a parameter of jiffy's that Linux has no equal of: jiffy alone */
};

extern const struct row rows[];
const struct row *row_find(const char *name);

/* One result. @why is set, and nothing else, where it failed. */
struct figure {
	char *row, *param, *unit, *why;
	double median, min, max;
	unsigned long long ops;
	bool wall; /* not of virtual time: it does not repeat exactly */
};

struct figures {
	struct figure *v;
	size_t n;
};

struct options {
	char *tree;	    /* the source tree */
	char *linux_kernel; /* Debian's vmlinuz */
	char *hackbench;    /* Debian's; NULL: its row fails */
	char *qemu;	    /* NULL: the one on PATH */
	char *rows;	    /* NULL: all; else ROW or ROW:PARAM, separated by commas */
	char *profile;	    /* a row to profile */
	unsigned int qemu_major;
	unsigned int cpus; /* the most CPUs of the scaling part */
	bool jiffy_only, linux_cached, kvm, profile_linux, icount_smp;
	unsigned long long firmware_ticks; /* from reset to the kernel's first instruction */
};

/* util.c */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xstrdup(const char *s);
void *xrealloc(void *p, size_t size);
void die(int status, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
char *first_line_of(char *const argv[]);
double wall_seconds(void);
FILE *open_output(const struct options *o, const char *name);
const char *kernel_name(enum kernel k);

/* figures.c */
struct figure *figures_find(const struct figures *f, const char *row, const char *param);
void figures_put(struct figures *f, const struct figure *fig);
void figures_read(struct figures *f, const char *path);
void figures_write(const struct figures *f, FILE *out, const char *prefix);
char *cache_path(const struct options *o);

/* machine.c */
struct boot {
	enum kernel kernel;
	enum machine machine;
	unsigned int cpus;
	const char *qemu;   /* in place of that of the options */
	const char *append; /* one more kernel parameter, or NULL */
};
char *linux_parameters(bool wall);
bool machine_wall(const struct options *o, enum machine m);
bool selected(const struct options *o, const char *row, const char *param);
void run_rows(const struct options *o, const struct boot *b, struct figures *f);
void measure_firmware(struct options *o);
int run_guest(const struct options *o, const struct boot *b, char *const program[],
	      bool (*line)(void *ctx, const char *text), void *ctx);

/* host.c */
void run_host_rows(const struct options *o, struct figures f[NR_KERNELS]);

/* fit.c */
struct point {
	double x, y;
};
struct fit {
	const char *class; /* flat, logarithmic, linear, steeper than linear */
	double a, b;	   /* y = a + b g(x), where g is the class's function */
};
void fit_curve(const struct point *p, size_t n, struct fit *fit);
size_t curve_points(const struct row *row, const struct figures *f, struct point *p, size_t max);
double fit_value(const struct fit *fit, double x);

/* table.c */
struct line {
	const struct row *row;
	const struct figure *fig[NR_KERNELS]; /* NULL: not measured */
	double ratio;			      /* 0: there is none; below 1: jiffy is better */
};
size_t make_lines(const struct figures f[NR_KERNELS], struct line **lines);
double geometric_mean(const struct line *lines, size_t n, bool wall);
void format_value(char *buf, size_t size, double v);
const char *unit_name(const struct figure *fig);
void print_table(FILE *out, const struct figures f[NR_KERNELS], bool markdown);

/* report.c */
void write_report(const struct options *o, const struct figures f[NR_KERNELS]);

/* runner.c */
char *qemu_version(const struct options *o);

/* profile.c */
int profile(const struct options *o);

#endif
