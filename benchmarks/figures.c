/* SPDX-License-Identifier: MIT */
/*
 * The figures: a list in the order of arrival, and its file. A line of the file is
 *
 *	ROW PARAMETER MEDIAN UNIT MIN MAX OPERATIONS virtual|wall
 *	ROW PARAMETER failed WHY
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench.h"

struct figure *figures_find(const struct figures *f, const char *row, const char *param)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].row, row) && !strcmp(f->v[i].param, param))
			return &f->v[i];
	return NULL;
}

/* Add @fig, or let it take the place of the one with its row and parameter. Strings are copied. */
void figures_put(struct figures *f, const struct figure *fig)
{
	struct figure *at = figures_find(f, fig->row, fig->param);

	if (!at) {
		f->v = xrealloc(f->v, (f->n + 1) * sizeof(*f->v));
		at = &f->v[f->n++];
	} else {
		free(at->row);
		free(at->param);
		free(at->unit);
		free(at->why);
	}
	*at = *fig;
	at->row = xstrdup(fig->row);
	at->param = xstrdup(fig->param);
	at->unit = xstrdup(fig->unit ? fig->unit : "");
	at->why = fig->why ? xstrdup(fig->why) : NULL;
}

/* A file that does not exist holds no figures. */
void figures_read(struct figures *f, const char *path)
{
	char row[64], param[64], unit[16], kind[16], line[256];
	FILE *in = fopen(path, "re");
	struct figure fig;

	if (!in)
		return;
	while (fgets(line, sizeof(line), in)) {
		fig = (struct figure){.row = row, .param = param, .unit = unit};
		if (sscanf(line, "%63s %63s %lf %15s %lf %lf %llu %15s", row, param, &fig.median,
			   unit, &fig.min, &fig.max, &fig.ops, kind) != 8)
			continue;
		fig.wall = !strcmp(kind, "wall");
		figures_put(f, &fig);
	}
	fclose(in);
}

void figures_write(const struct figures *f, FILE *out, const char *prefix)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct figure *g = &f->v[i];

		fprintf(out, "%s%s %s ", prefix, g->row, g->param);
		if (g->why)
			fprintf(out, "failed %s\n", g->why);
		else
			fprintf(out, "%.1f %s %.1f %.1f %llu %s\n", g->median, g->unit, g->min,
				g->max, g->ops, g->wall ? "wall" : "virtual");
	}
}

/* 64-bit FNV-1a of a file: tells one benchmark program from another. */
static uint64_t file_hash(const char *path)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	FILE *in = fopen(path, "re");
	int c;

	if (!in)
		die(STATUS_HOST, "%s: %s", path, strerror(errno));
	while ((c = getc(in)) != EOF)
		hash = (hash ^ c) * 0x100000001b3ULL;
	fclose(in);
	return hash;
}

/* Where Linux's figures are kept: they hold for one QEMU, one kernel, one program, one clock. */
char *cache_path(const struct options *o)
{
	const char *kernel = strrchr(o->linux_kernel, '-');
	char *program = xasprintf("%s/build/bench/bench", o->tree), *path;

	kernel = strstr(o->linux_kernel, "vmlinuz-") ?: kernel;
	path = xasprintf("%s/build/bench/linux-%s-qemu-%s%s-%016llx.txt", o->tree,
			 kernel ? strchr(kernel, '-') + 1 : "unknown", qemu_version(o),
			 o->kvm ? "-kvm" : "", (unsigned long long)file_hash(program));
	free(program);
	return path;
}
