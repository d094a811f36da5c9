/* SPDX-License-Identifier: MIT */
/* The report: one page without scripts or outside references; the plots are SVG. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define MAX_POINTS 16
#define WIDTH	   560.0
#define HEIGHT	   260.0
#define LEFT	   70.0
#define BOTTOM	   30.0
#define TOP	   10.0

static const char *const colour[NR_KERNELS] = {"#0b7285", "#e8590c"};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>jiffy beside Linux"
    "</title>\n<style>body{font:15px/1.45 system-ui,sans-serif;max-width:70em;margin:2em auto;"
    "padding:0 1em;color:#222}table{border-collapse:collapse}td,th{padding:.15em .7em;"
    "border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}.bad{color:#c92a2a}svg{background:#fafafa;"
    "border:1px solid #eee}svg text{font:11px system-ui,sans-serif;fill:#444}"
    ".curves{display:grid;grid-template-columns:repeat(auto-fit,minmax(35em,1fr));gap:1em}"
    "</style></head><body>\n";

static void escape(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '"')
			fputs("&quot;", out);
		else
			putc(*s, out);
	}
}

static void table_cell(FILE *out, const struct figure *f)
{
	char value[32];

	if (!f) {
		fputs("<td class=\"n\">–</td>", out);
		return;
	}
	if (f->why) {
		fputs("<td class=\"n bad\" title=\"", out);
		escape(out, f->why);
		fputs("\">failed</td>", out);
		return;
	}
	format_value(value, sizeof(value), f->median);
	fprintf(out, "<td class=\"n\" title=\"%.1f, from %.1f to %.1f, %llu operations\">%s</td>",
		f->median, f->min, f->max, f->ops, value);
}

/* A bar on a logarithmic scale from 1/100 to 10; the line in it is at 1. */
static void ratio_bar(FILE *out, double ratio)
{
	const double low = -2, high = 1;
	double at = fmin(fmax((log10(ratio) - low) / (high - low), 0.005), 1) * 160;

	fprintf(out,
		"<td class=\"n%s\">%.3f</td><td><svg width=\"162\" height=\"12\"><rect x=\"0\" "
		"y=\"1\" height=\"10\" width=\"%.1f\" fill=\"%s\"/><line x1=\"%.1f\" x2=\"%.1f\" "
		"y1=\"0\" y2=\"12\" stroke=\"#222\"/></svg></td>",
		ratio > 1 ? " bad" : "", ratio, at, ratio > 1 ? "#c92a2a" : colour[0],
		-low / (high - low) * 160, -low / (high - low) * 160);
}

static void write_table(FILE *out, const struct line *lines, size_t n)
{
	fputs("<table><tr><th>operation</th><th>parameter</th><th>jiffy</th><th>Linux</th>"
	      "<th>unit</th><th>ratio</th><th>0.01 … 10</th><th>what</th></tr>\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		const struct line *l = &lines[i];
		const struct figure *any = l->fig[KERNEL_JIFFY] ?: l->fig[KERNEL_LINUX];
		const struct figure *unit =
		    any->why && l->fig[KERNEL_LINUX] ? l->fig[KERNEL_LINUX] : any;

		fprintf(out, "<tr><td>%s</td><td>%s</td>", l->row->name, any->param);
		table_cell(out, l->fig[KERNEL_JIFFY]);
		table_cell(out, l->fig[KERNEL_LINUX]);
		fprintf(out, "<td>%s</td>", unit->why ? "" : unit_name(unit));
		if (l->ratio > 0)
			ratio_bar(out, l->ratio);
		else
			fputs("<td></td><td></td>", out);
		fprintf(out, "<td>%s</td></tr>\n", l->row->what);
	}
	fputs("</table>\n", out);
}

/* Both axes are logarithmic, and 0 on the x axis stands where 1/2 would. */
struct scale {
	double x0, x1, y0, y1;
};

static double log_x(double x)
{
	return log10(x > 0 ? x : 0.5);
}

static double place_x(const struct scale *s, double x)
{
	return LEFT + (log_x(x) - s->x0) / (s->x1 - s->x0) * (WIDTH - LEFT - 15);
}

static double place_y(const struct scale *s, double y)
{
	return HEIGHT - BOTTOM - (log10(y) - s->y0) / (s->y1 - s->y0) * (HEIGHT - BOTTOM - TOP);
}

static void set_scale(struct scale *s, const struct point p[][MAX_POINTS],
		      const size_t n[NR_KERNELS], size_t kernels)
{
	*s = (struct scale){INFINITY, -INFINITY, INFINITY, -INFINITY};
	for (size_t k = 0; k < kernels; k++)
		for (size_t i = 0; i < n[k]; i++) {
			s->x0 = fmin(s->x0, log_x(p[k][i].x));
			s->x1 = fmax(s->x1, log_x(p[k][i].x));
			s->y0 = fmin(s->y0, floor(log10(p[k][i].y)));
			s->y1 = fmax(s->y1, ceil(log10(p[k][i].y) + 1e-9));
		}
	if (!(s->x1 > s->x0))
		s->x1 = s->x0 + 1;
	if (!(s->y1 > s->y0))
		s->y1 = s->y0 + 1;
}

static void draw_axes(FILE *out, const struct scale *s, const struct point *p, size_t n)
{
	char label[32];

	for (double e = s->y0; e <= s->y1; e++) {
		double y = place_y(s, pow(10, e));

		format_value(label, sizeof(label), pow(10, e));
		fprintf(out,
			"<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
			"<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			LEFT, WIDTH - 15, y, y, LEFT - 6, y + 4, label);
	}
	for (size_t i = 0; i < n; i++)
		fprintf(out, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.0f</text>\n",
			place_x(s, p[i].x), HEIGHT - 10, p[i].x);
}

/* Points, joined, and the fitted class as a dashed line through the parameters' places. */
static void draw_series(FILE *out, const struct scale *s, const struct point *p, size_t n,
			const char *stroke, const struct fit *fit)
{
	fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", stroke);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%.1f,%.1f ", place_x(s, p[i].x), place_y(s, p[i].y));
	fputs("\"/>\n", out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
			place_x(s, p[i].x), place_y(s, p[i].y), stroke);
	if (!fit)
		return;
	fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-dasharray=\"3 4\" points=\"",
		stroke);
	for (size_t i = 0; i < n; i++)
		if (fit_value(fit, p[i].x) > 0)
			fprintf(out, "%.1f,%.1f ", place_x(s, p[i].x),
				place_y(s, fit_value(fit, p[i].x)));
	fputs("\"/>\n", out);
}

static void write_plot(FILE *out, const char *title, const char *text,
		       const struct point p[][MAX_POINTS], const size_t n[NR_KERNELS], bool fitted)
{
	struct fit fit[NR_KERNELS];
	struct scale s;

	set_scale(&s, p, n, NR_KERNELS);
	fprintf(out, "<figure><figcaption><b>%s</b>: %s", title, text);
	for (int k = 0; k < NR_KERNELS; k++) {
		if (!n[k])
			continue;
		fit_curve(p[k], n[k], &fit[k]);
		fprintf(out, "; <span style=\"color:%s\">%s</span>", colour[k], kernel_name(k));
		if (fitted)
			fprintf(out, " %s", fit[k].class);
	}
	fprintf(out, "</figcaption><svg width=\"%.0f\" height=\"%.0f\">\n", WIDTH, HEIGHT);
	draw_axes(out, &s, n[0] ? p[0] : p[1], n[0] ? n[0] : n[1]);
	for (int k = 0; k < NR_KERNELS; k++)
		if (n[k])
			draw_series(out, &s, p[k], n[k], colour[k], fitted ? &fit[k] : NULL);
	fputs("</svg></figure>\n", out);
}

static void write_curves(FILE *out, const struct figures f[NR_KERNELS])
{
	struct point p[NR_KERNELS][MAX_POINTS];
	size_t n[NR_KERNELS];

	fputs("<h2>Growth</h2><p>Both axes are logarithmic; the dashed line is the fitted class."
	      "</p><div class=\"curves\">\n",
	      out);
	for (const struct row *r = rows; r->name; r++) {
		if (!r->curve)
			continue;
		for (int k = 0; k < NR_KERNELS; k++)
			n[k] = curve_points(r, &f[k], p[k], MAX_POINTS);
		if (n[0] || n[1])
			write_plot(out, r->name, r->what, p, n, true);
	}
	fputs("</div>\n", out);
}

/* The points (CPUs, operations a second) of one operation of the row `scale'. */
static size_t scale_points(const struct figures *f, const char *op, struct point *p)
{
	size_t n = 0, len = strlen(op);
	unsigned int cpus;

	for (size_t i = 0; i < f->n && n < MAX_POINTS; i++) {
		const struct figure *g = &f->v[i];

		if (!strcmp(g->row, "scale") && !g->why && !strncmp(g->param, op, len) &&
		    sscanf(g->param + len, "-%ucpu", &cpus) == 1 && g->median > 0)
			p[n++] = (struct point){cpus, g->median};
	}
	return n;
}

static void write_scaling(FILE *out, const struct figures f[NR_KERNELS])
{
	struct point p[NR_KERNELS][MAX_POINTS];
	size_t n[NR_KERNELS];
	const char *at = row_find("scale")->params;
	char op[64];
	int used;

	fputs("<h2>Scaling</h2><p>Operations a second against CPUs, independent processes, "
	      "multi-threaded emulation, wall time.</p><div class=\"curves\">\n",
	      out);
	for (; sscanf(at, "%63s%n", op, &used) == 1; at += used) {
		for (int k = 0; k < NR_KERNELS; k++)
			n[k] = scale_points(&f[k], op, p[k]);
		if (n[0] || n[1])
			write_plot(out, op, "operations a second", p, n, false);
	}
	fputs("</div>\n", out);
}

void write_report(const struct options *o, const struct figures f[NR_KERNELS])
{
	FILE *out = open_output(o, "report.html");
	struct line *lines;
	size_t n = make_lines(f, &lines);
	time_t t = time(NULL);
	char date[32];

	strftime(date, sizeof(date), "%Y-%m-%d", gmtime(&t));
	fputs(head, out);
	fprintf(out,
		"<h1>jiffy beside Linux</h1><p>%s, QEMU %s, %s. The same static program on the "
		"same machine; %s. Below 1, jiffy is better.</p>\n",
		date, qemu_version(o),
		o->linux_kernel ? strrchr(o->linux_kernel, '/') + 1 : "no Linux kernel",
		o->kvm ? "wall time under KVM"
		       : "an instruction is one virtual nanosecond, and figures repeat exactly");
	if (geometric_mean(lines, n, o->kvm) > 0)
		fprintf(out, "<p>Geometric mean of the ratios%s: <b>%.3f</b></p>\n",
			o->kvm ? "" : " but those on wall time", geometric_mean(lines, n, o->kvm));
	write_table(out, lines, n);
	write_curves(out, f);
	write_scaling(out, f);
	fputs("</body></html>\n", out);
	fclose(out);
	free(lines);
}
