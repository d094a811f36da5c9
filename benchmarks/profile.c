/* SPDX-License-Identifier: MIT */
/*
 * `--profile ROW': where a row's instructions go. QEMU runs with the plugin of
 * benchmarks/plugin, which counts between the marks that the benchmark program sets
 * around what it times; here the counts get the names of the kernel's functions.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define KERNEL_HALF 0xffff800000000000ULL
#define SHOWN	    40
#define SHOWN_SHARE 0.001

struct symbol {
	uint64_t addr, count;
	char *name;
};

struct symbols {
	struct symbol *v;
	size_t n;
};

struct profile_run {
	struct symbols symbols;
	unsigned long long ops;
	double ns;
	char row[64], param[64], failed[256];
};

static int by_addr(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static int by_count(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static void add_symbol(struct symbols *s, uint64_t addr, const char *name)
{
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = (struct symbol){.addr = addr, .name = xstrdup(name)};
}

/* A line of nm or of /proc/kallsyms: "ADDRESS LETTER NAME". Only code counts. */
static void parse_symbol(struct symbols *s, const char *line)
{
	char letter, name[128];
	uint64_t addr;

	if (sscanf(line, "%" SCNx64 " %c %127s", &addr, &letter, name) == 3 &&
	    strchr("tTwW", letter))
		add_symbol(s, addr, name);
}

static void read_nm(struct symbols *s, const char *elf)
{
	char *command = xasprintf("nm '%s'", elf), line[256];
	FILE *in = popen(command, "re");

	if (!in)
		die(STATUS_HOST, "cannot run nm");
	while (fgets(line, sizeof(line), in))
		parse_symbol(s, line);
	if (pclose(in))
		die(STATUS_UNAVAILABLE, "nm could not read %s", elf);
	free(command);
}

static uint64_t address_of(const struct symbols *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return s->v[i].addr;
	die(STATUS_HOST, "the benchmark program has no %s", name);
}

/*
 * QEMU refuses a plugin that announces a version of the interface it does not know:
 * up to 8 it wants 1, from 9 on 2 or later.
 */
static char *write_wrapper(const struct options *o, const char *counts)
{
	struct symbols program = {0};
	char *path = xasprintf("%s/build/bench/qemu-profile", o->tree);
	char *bench = xasprintf("%s/build/bench/bench", o->tree);
	FILE *out = open_output(o, "qemu-profile");

	read_nm(&program, bench);
	fprintf(out,
		"#!/bin/sh\nexec '%s' -plugin '%s/build/bench/profile-v%d.so,begin=0x%" PRIx64
		",end=0x%" PRIx64 ",out=%s' \"$@\"\n",
		o->qemu ? o->qemu : "qemu-system-x86_64", o->tree, o->qemu_major < 9 ? 1 : 2,
		address_of(&program, "profile_begin"), address_of(&program, "profile_end"), counts);
	fclose(out);
	chmod(path, 0755);
	free(bench);
	return path;
}

static bool take_line(void *ctx, const char *text)
{
	struct profile_run *run = ctx;
	char row[64], param[64];
	unsigned long long ops;
	double ns;

	parse_symbol(&run->symbols, text);
	if (sscanf(text, "result %63s %63s %lf %*s %*f %*f %llu", row, param, &ns, &ops) == 4) {
		strcpy(run->row, row);
		strcpy(run->param, param);
		run->ns = ns;
		run->ops += ops;
	} else if (!strncmp(text, "failed ", 7)) {
		snprintf(run->failed, sizeof(run->failed), "%s", text + 7);
	}
	return true;
}

static struct symbol *symbol_at(struct symbols *s, uint64_t addr)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->v[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &s->v[low - 1] : NULL;
}

/* Return the sum of all counts; user code goes to the symbol at 0. */
static uint64_t read_counts(struct symbols *s, const char *path)
{
	uint64_t addr, count, sum = 0;
	FILE *in = fopen(path, "re");
	struct symbol *at;

	if (!in)
		die(STATUS_UNAVAILABLE, "QEMU wrote no profile: can it load plugins?");
	while (fscanf(in, "%" SCNx64 " %" SCNu64, &addr, &count) == 2) {
		at = symbol_at(s, addr < KERNEL_HALF ? 0 : addr);
		if (at)
			at->count += count;
		sum += count;
	}
	fclose(in);
	return sum;
}

static void print_profile(const struct profile_run *run, uint64_t sum)
{
	uint64_t shown = 0, kernel = sum;

	/* A row whose program spins beside what it measures would hide the kernel. */
	for (size_t i = 0; i < run->symbols.n; i++)
		if (!run->symbols.v[i].addr)
			kernel -= run->symbols.v[i].count;
	printf("%s %s: %llu operations, %" PRIu64 " instructions, %.1f each\n\n", run->row,
	       run->param, run->ops, sum, (double)sum / run->ops);
	printf("%8s %14s  %s\n", "share", "each", "function");
	for (size_t i = 0; i < run->symbols.n && i < SHOWN; i++) {
		const struct symbol *s = &run->symbols.v[i];

		if (s->count < SHOWN_SHARE * kernel || !s->count)
			break;
		printf("%7.2f%% %14.1f  %s\n", 100.0 * s->count / sum, (double)s->count / run->ops,
		       s->name);
		shown += s->count;
	}
	printf("%7.2f%% %14.1f  %s\n", 100.0 * (sum - shown) / sum,
	       (double)(sum - shown) / run->ops, "all others");
}

static bool has_param(const struct row *r, const char *param)
{
	char one[64];
	int used;

	for (const char *at = r->params; sscanf(at, "%63s%n", one, &used) == 1; at += used)
		if (!strcmp(one, param))
			return true;
	return false;
}

/* The row without a parameter means its first one. */
static const struct row *profiled_row(const char *name, char **spec)
{
	size_t len = strcspn(name, ":");
	char param[64] = "";

	for (const struct row *r = rows; r->name; r++) {
		if (strlen(r->name) != len || memcmp(r->name, name, len) ||
		    r->machine == MACHINE_HOST || r->machine == MACHINE_START)
			continue;
		if (name[len] && !has_param(r, name + len + 1))
			continue;
		sscanf(r->params, "%63s", param);
		*spec = name[len] ? xstrdup(name) : xasprintf("%s:%s", name, param);
		return r;
	}
	die(STATUS_USAGE, "`%s' cannot be profiled: nothing in the guest times it", name);
}

/* A row of two CPUs keeps them, where they can be counted; one of many is looked at on one. */
static struct boot profiled_machine(const struct options *o, const struct row *row)
{
	struct boot b = {.kernel = o->profile_linux ? KERNEL_LINUX : KERNEL_JIFFY,
			 .machine = row->machine,
			 .cpus = 1,
			 .append = row->append};

	if (o->profile_linux && row->append)
		die(STATUS_USAGE, "Linux has no %s", row->append);
	if (row->machine == MACHINE_PAIR && o->icount_smp)
		b.cpus = 2;
	else if (row->machine != MACHINE_LARGE)
		b.machine = MACHINE_ONE;
	return b;
}

int profile(const struct options *o)
{
	struct profile_run run = {.ops = 0};
	char *spec, *counts = xasprintf("%s/build/bench/profile.txt", o->tree);
	const struct row *row = profiled_row(o->profile, &spec);
	struct boot b = profiled_machine(o, row);
	char *shell = xasprintf("%sexec /bench/bench %s",
				o->profile_linux ? "cat /proc/kallsyms; " : "", spec);
	char *bench = xasprintf("%s/build/bench/bench:/bench/bench", o->tree);
	char *program[] = {"--add", bench, "busybox", "sh", "-c", shell, NULL};
	char *elf = xasprintf("%s/build/jiffy.elf", o->tree);
	uint64_t sum;
	int status;

	unlink(counts);
	b.qemu = write_wrapper(o, counts);
	/* Debian strips its kernel; there the guest tells the names. */
	if (!o->profile_linux)
		read_nm(&run.symbols, elf);
	add_symbol(&run.symbols, 0, "(user)");
	status = run_guest(o, &b, program, take_line, &run);
	if (run.failed[0])
		die(STATUS_UNAVAILABLE, "%s", run.failed);
	if (status || !run.ops)
		die(STATUS_UNAVAILABLE,
		    "the machine ended with status %d; see "
		    "build/bench/guest.log",
		    status);
	qsort(run.symbols.v, run.symbols.n, sizeof(*run.symbols.v), by_addr);
	sum = read_counts(&run.symbols, counts);
	qsort(run.symbols.v, run.symbols.n, sizeof(*run.symbols.v), by_count);
	print_profile(&run, sum);
	return 0;
}
