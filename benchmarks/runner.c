/* SPDX-License-Identifier: MIT */
/*
 * `./bench': options, and the order of things: probe QEMU, measure jiffy, measure
 * Linux or take its figures from the last time, print, write the report.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define MAX_CPUS	 64
#define DEFAULT_MAX_CPUS 8
#define START_MEMORY	 (512ULL << 20)

/* The first QEMU whose CPUs share the instruction budget of -icount fairly. */
#define ICOUNT_SMP_MAJOR 8
#define ICOUNT_SMP_MINOR 1

enum option_key {
	OPT_ROWS = 256,
	OPT_JIFFY_ONLY,
	OPT_LINUX_CACHED,
	OPT_ACCEL,
	OPT_CPUS,
	OPT_PROFILE,
	OPT_PROFILE_KERNEL,
	OPT_QEMU,
	OPT_TREE,
	OPT_LINUX,
	OPT_HACKBENCH,
};

static const struct argp_option argp_options[] = {
    {"rows", OPT_ROWS, "ROW[:PARAMETER],...", 0, "Only these", 0},
    {"jiffy-only", OPT_JIFFY_ONLY, NULL, 0, "Leave Linux's column empty", 0},
    {"linux-cached", OPT_LINUX_CACHED, NULL, 0,
     "Take Linux's figures from an earlier run with the same QEMU, kernel and program, where "
     "there are any",
     0},
    {"accel", OPT_ACCEL, "tcg|kvm", 0,
     "tcg counts instructions; kvm takes wall time, where this host can (tcg)", 0},
    {"cpus", OPT_CPUS, "N", 0, "The most CPUs of the scaling part; 0 leaves it out (8)", 0},
    {"profile", OPT_PROFILE, "ROW[:PARAMETER]", 0,
     "Tell which functions of the kernel execute the row's instructions", 0},
    {"profile-kernel", OPT_PROFILE_KERNEL, "jiffy|linux", 0, "Whose (jiffy)", 0},
    {"qemu", OPT_QEMU, "FILE", 0, "Use this QEMU (qemu-system-x86_64)", 0},
    {"tree", OPT_TREE, "DIR", OPTION_HIDDEN, NULL, 0},
    {"linux", OPT_LINUX, "FILE", OPTION_HIDDEN, NULL, 0},
    {"hackbench", OPT_HACKBENCH, "FILE", OPTION_HIDDEN, NULL, 0},
    {0},
};

static const char doc[] =
    "Measure jiffy beside Debian's Linux kernel: the same static program on the same emulated "
    "machine, in executed instructions.\v"
    "The table goes to standard output and, with the raw figures and a page of plots, to "
    "build/bench/{table.md,raw.txt,report.html}. A `!' marks what misses its goal.";

static void parse_cpus(struct argp_state *state, const char *arg, struct options *o)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (end == arg || *end || *arg == '-' || n > MAX_CPUS)
		argp_error(state, "--cpus takes a number from 0 to %d, not `%s'", MAX_CPUS, arg);
	o->cpus = n;
}

/* Whether @arg is @yes; anything but @yes and @no is an error. */
static bool choose(struct argp_state *state, const char *arg, const char *yes, const char *no)
{
	if (strcmp(arg, yes) && strcmp(arg, no))
		argp_error(state, "%s or %s, not `%s'", no, yes, arg);
	return !strcmp(arg, yes);
}

static void check_rows(struct argp_state *state, const char *list)
{
	char name[64];

	for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',') {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, ",:"), p);
		if (!row_find(name))
			argp_error(state, "there is no row `%s'", name);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case OPT_ROWS:
		check_rows(state, arg);
		o->rows = arg;
		break;
	case OPT_JIFFY_ONLY:
		o->jiffy_only = true;
		break;
	case OPT_LINUX_CACHED:
		o->linux_cached = true;
		break;
	case OPT_ACCEL:
		o->kvm = choose(state, arg, "kvm", "tcg");
		break;
	case OPT_CPUS:
		parse_cpus(state, arg, o);
		break;
	case OPT_PROFILE:
		check_rows(state, arg);
		o->profile = arg;
		break;
	case OPT_PROFILE_KERNEL:
		o->profile_linux = choose(state, arg, "linux", "jiffy");
		break;
	case OPT_QEMU:
		o->qemu = arg;
		break;
	case OPT_TREE:
		o->tree = arg;
		break;
	case OPT_LINUX:
		o->linux_kernel = arg;
		break;
	case OPT_HACKBENCH:
		o->hackbench = arg;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "`%s' is not an option; --rows %s?", arg, arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

char *qemu_version(const struct options *o)
{
	char *argv[] = {o->qemu ? o->qemu : "qemu-system-x86_64", "--version", NULL};
	char *line = first_line_of(argv), *at;

	at = line ? strstr(line, "version ") : NULL;
	if (!at)
		die(STATUS_UNAVAILABLE, "%s does not tell its version: is it QEMU?", argv[0]);
	at += strlen("version ");
	at[strcspn(at, " (")] = '\0';
	return at;
}

/*
 * A host without virtualization of its own may still have a /dev/kvm that opens and starts guests
 * which never run: better told than found out by their silence.
 */
static void require_kvm(void)
{
	FILE *cpuinfo = fopen("/proc/cpuinfo", "re");
	bool can = false;
	char line[4096];

	while (cpuinfo && !can && fgets(line, sizeof(line), cpuinfo))
		can = !strncmp(line, "flags", 5) && (strstr(line, " vmx") || strstr(line, " svm"));
	if (cpuinfo)
		fclose(cpuinfo);
	if (!can)
		die(STATUS_UNAVAILABLE,
		    "--accel kvm: this host's processor has neither vmx nor svm");
	if (access("/dev/kvm", R_OK | W_OK))
		die(STATUS_UNAVAILABLE, "--accel kvm: /dev/kvm cannot be opened");
}

static void probe_qemu(struct options *o)
{
	unsigned int major = 0, minor = 0;
	const char *version;

	if (o->kvm)
		require_kvm();
	version = qemu_version(o);
	sscanf(version, "%u.%u", &major, &minor);
	o->qemu_major = major;
	o->icount_smp =
	    major > ICOUNT_SMP_MAJOR || (major == ICOUNT_SMP_MAJOR && minor >= ICOUNT_SMP_MINOR);
	if (!o->kvm)
		measure_firmware(o);
}

/* From the counter and the free memory that `first' read to the two rows of the table. */
static void derive_start(const struct options *o, struct figures *f)
{
	struct figure *tsc = figures_find(f, "boot", "tsc");
	struct figure *left = figures_find(f, "boot", "free");
	struct figure boot = {.row = "boot", .param = "-", .unit = "ns", .ops = 1};
	struct figure memory = {.row = "memory_at_init", .param = "-", .unit = "bytes", .ops = 1};

	if (tsc && !o->kvm) {
		boot.median = boot.min = boot.max = tsc->median - o->firmware_ticks;
		if (selected(o, "boot", "-"))
			figures_put(f, &boot);
		/* The list may have moved. */
		left = figures_find(f, "boot", "free");
	}
	if (left && selected(o, "memory_at_init", "-")) {
		memory.median = memory.min = memory.max = START_MEMORY - left->median;
		figures_put(f, &memory);
	}
}

static void measure_kernel(const struct options *o, enum kernel k, struct figures *f)
{
	static const unsigned int cpus[NR_MACHINES] = {
	    [MACHINE_START] = 1, [MACHINE_ONE] = 1, [MACHINE_LARGE] = 1, [MACHINE_PAIR] = 2};

	for (int m = 0; m < NR_MACHINES; m++)
		if (cpus[m])
			run_rows(o, &(struct boot){.kernel = k, .machine = m, .cpus = cpus[m]}, f);
	/* What only one of the two can be asked for gets a machine each. */
	for (const struct row *r = rows; k == KERNEL_JIFFY && r->name; r++)
		if (r->append)
			run_rows(
			    o,
			    &(struct boot){
				.kernel = k, .machine = r->machine, .cpus = 1, .append = r->append},
			    f);
	derive_start(o, f);
}

/* The rows on wall time come last, kernel after kernel for each, close together in time. */
static void measure(const struct options *o, struct figures f[NR_KERNELS])
{
	int kernels = o->jiffy_only ? 1 : NR_KERNELS;

	for (int k = 0; k < kernels; k++)
		measure_kernel(o, k, &f[k]);
	for (unsigned int n = 1; n <= o->cpus; n *= 2)
		for (int k = 0; k < kernels; k++)
			run_rows(o,
				 &(struct boot){.kernel = k, .machine = MACHINE_SCALE, .cpus = n},
				 &f[k]);
	run_host_rows(o, f);
}

/* What was measured joins the figures that the file has. */
static void keep_linux(const struct figures *f, const char *path)
{
	struct figures all = {0};
	FILE *out;

	figures_read(&all, path);
	for (size_t i = 0; i < f->n; i++)
		if (!f->v[i].why)
			figures_put(&all, &f->v[i]);
	out = fopen(path, "we");
	if (!out)
		die(STATUS_HOST, "cannot write %s", path);
	figures_write(&all, out, "");
	fclose(out);
}

/* Cached figures of rows that were not asked for stay out of the table. */
static void drop_unselected(const struct options *o, struct figures *f)
{
	size_t kept = 0;

	for (size_t i = 0; o->rows && i < f->n; i++) {
		const struct row *r = rows;
		bool want = false;

		for (; r->name && !want; r++) {
			const char *at = r->params;
			char param[64];
			int used;

			for (; !strcmp(r->name, f->v[i].row) &&
			       sscanf(at, "%63s%n", param, &used) == 1 && !want;
			     at += used)
				want = selected(o, r->name, param) &&
				       !strncmp(f->v[i].param, param, strlen(param));
		}
		if (want)
			f->v[kept++] = f->v[i];
	}
	if (o->rows)
		f->n = kept;
}

static void write_outputs(const struct options *o, const struct figures f[NR_KERNELS])
{
	FILE *out = open_output(o, "raw.txt");

	for (int k = 0; k < NR_KERNELS; k++) {
		char *prefix = xasprintf("%s ", kernel_name(k));

		figures_write(&f[k], out, prefix);
		free(prefix);
	}
	fclose(out);
	out = open_output(o, "table.md");
	print_table(out, f, true);
	fclose(out);
	write_report(o, f);
	print_table(stdout, f, false);
	printf("\nThe raw figures, this table and the plots: %s/build/bench/{raw.txt,table.md,"
	       "report.html}\n",
	       o->tree);
}

static bool any_failed(const struct figures *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].why)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse, NULL, doc, NULL, NULL, NULL};
	struct options o = {.tree = ".", .cpus = DEFAULT_MAX_CPUS};
	struct figures f[NR_KERNELS] = {0};
	char *path = NULL;

	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.linux_kernel && (!o.jiffy_only || o.profile_linux))
		die(STATUS_USAGE, "start ./bench, which finds Linux's kernel");
	probe_qemu(&o);
	if (o.profile)
		return profile(&o);
	if (!o.jiffy_only)
		path = cache_path(&o);
	if (path && o.linux_cached)
		figures_read(&f[KERNEL_LINUX], path);
	measure(&o, f);
	if (path) {
		keep_linux(&f[KERNEL_LINUX], path);
		drop_unselected(&o, &f[KERNEL_LINUX]);
	}
	write_outputs(&o, f);
	return any_failed(&f[KERNEL_JIFFY]) || any_failed(&f[KERNEL_LINUX]);
}
