/* SPDX-License-Identifier: MIT */
/*
 * How a cost grows with its parameter. Each class is a function g, and a + b g(x) is
 * fitted by least squares on relative errors (weights 1/y²), since the costs of one
 * curve may lie decades apart. The first class that is good enough is the answer, or
 * else the one with the smallest error: a steeper one always bends itself around a
 * last point that stands out. One whose greatest cost is less than a quarter above
 * its least is called flat.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define FLAT_RATIO  1.25
#define GOOD_ENOUGH (0.12 * 0.12) /* mean squared relative error */

static double log_of(double x)
{
	return log2(x + 1);
}

static double identity(double x)
{
	return x;
}

static double n_log_n(double x)
{
	return x * log2(x + 1);
}

static double square(double x)
{
	return x * x;
}

static const struct {
	const char *class;
	double (*g)(double x);
} classes[] = {
    {"logarithmic", log_of}, {"linear", identity}, {"n log n", n_log_n}, {"quadratic", square}};

/* Solve the 2×2 normal equations; return the mean squared relative error. */
static double fit_class(const struct point *p, size_t n, double (*g)(double), double *a, double *b)
{
	double sw = 0, swg = 0, swgg = 0, swy = 0, swgy = 0, det, err = 0;

	for (size_t i = 0; i < n; i++) {
		double w = 1 / (p[i].y * p[i].y), gx = g(p[i].x);

		sw += w;
		swg += w * gx;
		swgg += w * gx * gx;
		swy += w * p[i].y;
		swgy += w * gx * p[i].y;
	}
	det = sw * swgg - swg * swg;
	if (!(fabs(det) > 0))
		return INFINITY;
	*a = (swgg * swy - swg * swgy) / det;
	*b = (sw * swgy - swg * swy) / det;
	for (size_t i = 0; i < n; i++) {
		double e = (*a + *b * g(p[i].x)) / p[i].y - 1;

		err += e * e;
	}
	return err / n;
}

/* @p: at least one point, all y above 0. */
void fit_curve(const struct point *p, size_t n, struct fit *fit)
{
	double least = p[0].y, most = p[0].y, sum = 0, best = INFINITY;

	for (size_t i = 0; i < n; i++) {
		least = fmin(least, p[i].y);
		most = fmax(most, p[i].y);
		sum += p[i].y;
	}
	*fit = (struct fit){.class = "flat", .a = sum / n};
	if (most < FLAT_RATIO * least)
		return;
	for (size_t c = 0; c < ARRAY_SIZE(classes); c++) {
		double a = 0, b = 0, err = fit_class(p, n, classes[c].g, &a, &b);

		if (err >= best || b < 0)
			continue;
		best = err;
		*fit = (struct fit){.class = classes[c].class, .a = a, .b = b};
		if (err < GOOD_ENOUGH)
			break;
	}
}

double fit_value(const struct fit *fit, double x)
{
	for (size_t c = 0; c < ARRAY_SIZE(classes); c++)
		if (!strcmp(classes[c].class, fit->class))
			return fit->a + fit->b * classes[c].g(x);
	return fit->a;
}

/* The figures of @row that did not fail, as points; the parameter's leading number is x. */
size_t curve_points(const struct row *row, const struct figures *f, struct point *p, size_t max)
{
	const char *at = row->params;
	char param[64];
	size_t n = 0;
	int used;

	for (; n < max && sscanf(at, "%63s%n", param, &used) == 1; at += used) {
		const struct figure *fig = figures_find(f, row->name, param);

		if (fig && !fig->why && fig->median > 0)
			p[n++] = (struct point){strtod(param, NULL), fig->median};
	}
	return n;
}
