/* SPDX-License-Identifier: MIT */
/* The table of operation, parameter, jiffy, Linux and ratio; its mean; the growth classes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define MAX_POINTS 16
#define GOAL_MEAN  0.4
#define GOAL_SHARE 2.0 /* points of a hundred between the two kernels' shares */

/* What single rows are held to, a row without a parameter whatever that is; all others to 1. */
static const struct {
	const char *row, *param;
	double ratio;
} goals[] = {
    {"boot", "-", 1.0 / 50},
    {"memory_at_init", "-", 1.0 / 6},
    {"run_true", "wall", 1.0 / 4},
    {"fork", "64MiB", 1.0 / 10},
    {"fork", "0MiB", 1.0 / 2},
    {"fork_place", NULL, 1.0 / 2},
    {"vfork_exec", "static", 1.0 / 2},
    {"vfork_exec", "dynamic", 1.0 / 2},
    {"thread", "-", 1.0 / 2},
    {"pipe_pingpong", NULL, 1.0 / 2},
    {"futex_pingpong", NULL, 1.0 / 2},
    {"yield", NULL, 1.0 / 2},
    {"wakeup", NULL, 1.0 / 2},
    {"fork_sleepers", NULL, 1.0 / 2},
};

static double goal(const struct row *row, const char *param)
{
	for (size_t i = 0; i < ARRAY_SIZE(goals); i++)
		if (!strcmp(goals[i].row, row->name) &&
		    (!goals[i].param || !strcmp(goals[i].param, param)))
			return goals[i].ratio;
	return 1;
}

/*
 * Of a rate, more is better: the ratio is turned so that below 1 jiffy always is. Of a share
 * neither is: it has no ratio.
 */
static double ratio_of(const struct figure *j, const struct figure *l)
{
	if (!j || !l || j->why || l->why || !(j->median > 0) || !(l->median > 0) ||
	    !strcmp(j->unit, "%"))
		return 0;
	return strcmp(j->unit, "ops/s") ? j->median / l->median : l->median / j->median;
}

static const struct figure *named(const struct figures *f, const char *row, const char *param)
{
	return f->n ? figures_find(f, row, param) : NULL;
}

static void add_line(struct line **lines, size_t *n, const struct row *row, const char *param,
		     const struct figures f[NR_KERNELS])
{
	struct line line = {.row = row};

	for (int k = 0; k < NR_KERNELS; k++)
		line.fig[k] = named(&f[k], row->name, param);
	if (!line.fig[KERNEL_JIFFY] && !line.fig[KERNEL_LINUX])
		return;
	line.ratio = ratio_of(line.fig[KERNEL_JIFFY], line.fig[KERNEL_LINUX]);
	*lines = xrealloc(*lines, (*n + 1) * sizeof(**lines));
	(*lines)[(*n)++] = line;
}

static bool has_line(const struct line *lines, size_t n, const char *row, const char *param)
{
	for (size_t i = 0; i < n; i++) {
		const struct figure *f = lines[i].fig[KERNEL_JIFFY] ?: lines[i].fig[KERNEL_LINUX];

		if (!strcmp(f->row, row) && !strcmp(f->param, param))
			return true;
	}
	return false;
}

/* The results of one run that has several: PARAMETER-p50, PARAMETER-2cpu. */
static void add_parts(struct line **lines, size_t *n, const struct row *row, const char *param,
		      const struct figures f[NR_KERNELS])
{
	size_t len = strlen(param);

	for (int k = 0; k < NR_KERNELS; k++)
		for (size_t i = 0; i < f[k].n; i++) {
			const struct figure *g = &f[k].v[i];

			if (!strcmp(g->row, row->name) && !strncmp(g->param, param, len) &&
			    g->param[len] == '-' && !has_line(*lines, *n, g->row, g->param))
				add_line(lines, n, row, g->param, f);
		}
}

/* All lines there are figures for, in the table's order. Return how many; *lines is the caller's.
 */
size_t make_lines(const struct figures f[NR_KERNELS], struct line **lines)
{
	size_t n = 0;

	*lines = NULL;
	for (const struct row *r = rows; r->name; r++) {
		const char *at = r->params;
		char param[64];
		int used;

		for (; sscanf(at, "%63s%n", param, &used) == 1; at += used) {
			add_line(lines, &n, r, param, f);
			if (r->machine == MACHINE_SCALE || !strcmp(r->name, "wakeup") ||
			    !strcmp(r->name, "shares"))
				add_parts(lines, &n, r, param, f);
		}
	}
	return n;
}

/* Of the rows on wall time, or of all others: what repeats is not mixed with what does not. */
double geometric_mean(const struct line *lines, size_t n, bool wall)
{
	double sum = 0;
	size_t counted = 0;

	for (size_t i = 0; i < n; i++)
		if (lines[i].ratio > 0 && lines[i].fig[KERNEL_JIFFY]->wall == wall) {
			sum += log(lines[i].ratio);
			counted++;
		}
	return counted ? exp(sum / counted) : 0;
}

/* Four significant digits with a unit of thousands. */
void format_value(char *buf, size_t size, double v)
{
	static const char *const units[] = {"", " k", " M", " G"};
	size_t u = 0;

	while (fabs(v) >= 99999.5 && u < ARRAY_SIZE(units) - 1) {
		v /= 1000;
		u++;
	}
	snprintf(buf, size, fabs(v) < 100 && (u || v != floor(v)) ? "%.1f%s" : "%.0f%s", v,
		 units[u]);
}

/* Virtual nanoseconds are instructions. */
const char *unit_name(const struct figure *fig)
{
	if (strcmp(fig->unit, "ns"))
		return fig->unit;
	return fig->wall ? "ns" : "instructions";
}

static void cell(char *buf, size_t size, const struct figure *f)
{
	if (!f)
		snprintf(buf, size, "-");
	else if (f->why)
		snprintf(buf, size, "failed");
	else
		format_value(buf, size, f->median);
}

static void print_line(FILE *out, const struct line *l, bool markdown)
{
	const struct figure *any = l->fig[KERNEL_JIFFY] ?: l->fig[KERNEL_LINUX];
	const struct figure *good = any->why && l->fig[KERNEL_LINUX] ? l->fig[KERNEL_LINUX] : any;
	char value[NR_KERNELS][32], ratio[32] = "-";
	const char *mark = "";

	for (int k = 0; k < NR_KERNELS; k++)
		cell(value[k], sizeof(value[k]), l->fig[k]);
	if (l->ratio > 0) {
		snprintf(ratio, sizeof(ratio), "%.3f", l->ratio);
		mark = l->ratio > goal(l->row, any->param) ? " !" : "";
	} else if (l->fig[KERNEL_JIFFY] && l->fig[KERNEL_LINUX] && !good->why &&
		   !strcmp(good->unit, "%")) {
		double off = l->fig[KERNEL_JIFFY]->median - l->fig[KERNEL_LINUX]->median;

		snprintf(ratio, sizeof(ratio), "%+.2f", off);
		mark = fabs(off) > GOAL_SHARE ? " !" : "";
	}
	fprintf(out,
		markdown ? "| %s | %s | %s | %s | %s | %s%s |\n"
			 : "%-16s %-19s %12s %12s  %-12s %8s%s\n",
		l->row->name, any->param, value[KERNEL_JIFFY], value[KERNEL_LINUX],
		good->why ? "" : unit_name(good), ratio, mark);
}

static void print_curves(FILE *out, const struct figures f[NR_KERNELS], bool markdown)
{
	struct point p[MAX_POINTS];
	bool any = false;
	struct fit fit;
	char a[32], b[32];
	size_t n;

	for (const struct row *r = rows; r->name; r++) {
		for (int k = 0; r->curve && k < NR_KERNELS; k++) {
			n = curve_points(r, &f[k], p, MAX_POINTS);
			if (n < 3)
				continue;
			if (!any)
				fprintf(out, "\nGrowth with the parameter:\n\n");
			any = true;
			fit_curve(p, n, &fit);
			format_value(a, sizeof(a), fit.a);
			snprintf(b, sizeof(b), "%.3g", fit.b);
			fprintf(out, markdown ? "- %s, %s: %s" : "%-16s %-6s %-12s", r->name,
				kernel_name(k), fit.class);
			fprintf(out, fit.b ? " (%s + %s g(n))\n" : " (%s)\n", a, b);
		}
	}
}

/* @markdown: for the README. A `!' marks what misses its goal. */
void print_table(FILE *out, const struct figures f[NR_KERNELS], bool markdown)
{
	struct line *lines;
	size_t n = make_lines(f, &lines);
	double mean = geometric_mean(lines, n, false), wall = geometric_mean(lines, n, true);

	if (markdown)
		fputs("| operation | parameter | jiffy | Linux | unit | ratio |\n"
		      "| --- | --- | ---: | ---: | --- | ---: |\n",
		      out);
	else
		fprintf(out, "%-16s %-19s %12s %12s  %-12s %8s\n", "operation", "parameter",
			"jiffy", "Linux", "unit", "ratio");
	for (size_t i = 0; i < n; i++)
		print_line(out, &lines[i], markdown);
	if (mean > 0)
		fprintf(out, "\nGeometric mean of the ratios: %.3f%s\n", mean,
			mean > GOAL_MEAN ? " !" : "");
	if (wall > 0)
		fprintf(out, "\nOf those on wall time, which vary: %.3f%s\n", wall,
			wall > GOAL_MEAN ? " !" : "");
	print_curves(out, f, markdown);
	free(lines);
}
