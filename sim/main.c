/* SPDX-License-Identifier: MIT */
/*
 * `jiffy sim`: a workload on a simulated machine, and what came of it.
 */
#include <argp.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "../sched/record.h"
#include "timeline.h"

#define MAX_PROGRAMS 1024
#define RECORD_BYTES (1UL << 30) /* room that is only used as far as it is written */

static struct sim_config config = {
    .cpus = 4, .threads_per_core = 1, .cores_per_llc = 8, .llcs_per_node = 1, .ipi_ns = 1000};
static u64 duration = 1000000000, seed = 1;
static struct selftest_plan selftest = {.first = 1};
static bool measure;
static unsigned int columns; /* of the timeline; 0: none */
static const char *workload, *page, *replay_file, *record_file;

static unsigned long capacity[NR_CPUS], frequency[NR_CPUS];

enum {
	KEY_CAPACITY = 512,
	KEY_FREQUENCY,
	KEY_THREADS = 256,
	KEY_CORES,
	KEY_LLCS,
	KEY_SCHED,
	KEY_LOAD,
	KEY_SELFTEST,
	KEY_ONLY,
	KEY_SEED,
	KEY_MEASURE,
	KEY_ISOLATE,
	KEY_MUTATE,
	KEY_MUTATIONS,
	KEY_TIMELINE,
	KEY_PAGE,
	KEY_REPLAY,
	KEY_RECORD,
};

static const struct argp_option options[] = {
    {"cpus", 'c', "N", 0, "CPUs of the machine, 1 to 4096 (4)", 0},
    {"threads", KEY_THREADS, "N", 0, "hardware threads a core (1)", 0},
    {"cores", KEY_CORES, "N", 0, "cores a last-level cache (8)", 0},
    {"caches", KEY_LLCS, "N", 0, "last-level caches a package and memory node (1)", 0},
    {"capacity", KEY_CAPACITY, "N[,N...]", 0,
     "how fast each CPU is, of 1024; the last one stands for the rest (1024)", 0},
    {"frequency", KEY_FREQUENCY, "hint|N[,N...]", 0,
     "how fast each runs, of its own 1024: fixed, or as the scheduler hints (1024)", 0},
    {"sched", KEY_SCHED, "POLICY", 0, "cfs, eevdf, goodness or o1 (cfs; of the self-test, all)", 0},
    {"load", KEY_LOAD, "FORM", 0, "load tracking: pelt or pelt-4.0 (pelt)", 0},
    {"time", 't', "MS", 0, "simulated milliseconds (1000)", 0},
    {"seed", KEY_SEED, "N", 0, "of the random generator (1)", 0},
    {"trace", 'T', NULL, 0, "print every event", 0},
    {"timeline", KEY_TIMELINE, "COLUMNS", OPTION_ARG_OPTIONAL,
     "draw who ran where and who waited, for a terminal (72)", 0},
    {"page", KEY_PAGE, "FILE", 0, "draw it as a page of HTML, with the reasons", 0},
    {"mutate", KEY_MUTATE, "NAME", 0, "break the scheduler in this way (checked build)", 0},
    {"mutations", KEY_MUTATIONS, NULL, 0, "list the ways to break it", 0},
    {"measure", KEY_MEASURE, NULL, 0, "say how fast the simulator itself was", 0},
    {"isolcpus", KEY_ISOLATE, "LIST", 0, "CPUs of no scheduling domain, like 1,4-7", 0},
    {"verbose", 'v', NULL, 0, "say what is being done", 0},
    {"record", KEY_RECORD, "FILE", 0, "record what the scheduler is told (no groups)", 0},
    {"replay", KEY_REPLAY, "FILE", 0, "do a recorded run again, of the kernel or of this", 0},
    {"selftest", KEY_SELFTEST, "SEEDS", 0, "check the scheduler on so many random workloads", 0},
    {"only", KEY_ONLY, "PROPERTY", 0, "of the self-test this property alone", 0},
    {0},
};

static u64 number(struct argp_state *state, const char *arg, u64 low, u64 high)
{
	char *end;
	u64 v = strtoull(arg, &end, 10);

	if (end == arg || *end || v < low || v > high)
		argp_error(state, "%s: not a number from %llu to %llu", arg,
			   (unsigned long long)low, (unsigned long long)high);
	return v;
}

static const unsigned long *parse_speeds(struct argp_state *state, char *arg, unsigned long *speed)
{
	unsigned int i = 0;
	char *word;

	for (word = strtok(arg, ","); word && i < NR_CPUS; word = strtok(NULL, ","))
		speed[i++] = number(state, word, 1, SCHED_CAPACITY_SCALE);
	for (; i && i < NR_CPUS; i++)
		speed[i] = speed[i - 1];
	return speed;
}

/* The machine, and what schedules it. */
static error_t set_scheduler_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'c':
		config.cpus = number(state, arg, 1, NR_CPUS);
		break;
	case KEY_THREADS:
		config.threads_per_core = number(state, arg, 1, NR_CPUS);
		break;
	case KEY_CORES:
		config.cores_per_llc = number(state, arg, 1, NR_CPUS);
		break;
	case KEY_LLCS:
		config.llcs_per_node = number(state, arg, 1, NR_CPUS);
		break;
	case KEY_CAPACITY:
		config.capacity = parse_speeds(state, arg, capacity);
		break;
	case KEY_FREQUENCY:
		config.governor = !strcmp(arg, "hint");
		config.frequency = config.governor ? NULL : parse_speeds(state, arg, frequency);
		break;
	case KEY_SCHED:
		if (sched_choose(arg))
			argp_error(state, "%s: no such policy", arg);
		selftest.policy = arg;
		break;
	case KEY_LOAD:
		if (load_choose(arg))
			argp_error(state, "%s: no such form of load tracking", arg);
		break;
	case KEY_ISOLATE:
		if (bitmap_parse_list(arg, cpumask_bits(&sched_isolated_mask), NR_CPUS))
			argp_error(state, "%s: not a list of CPUs", arg);
		break;
	case KEY_MUTATE:
		if (!JIFFY_CHECKS || sched_mutate(arg))
			argp_error(state, "%s: no such mutation in this build", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 't':
		duration = number(state, arg, 1, 1000000000) * 1000000;
		break;
	case KEY_SEED:
		seed = selftest.first = number(state, arg, 0, UINT32_MAX);
		break;
	case 'T':
		config.trace = true;
		break;
	case KEY_TIMELINE:
		columns = arg ? number(state, arg, 1, 10000) : 72;
		break;
	case KEY_PAGE:
		page = arg;
		break;
	case KEY_MUTATIONS:
		for (int i = 1; sched_mutation_name(i); i++)
			puts(sched_mutation_name(i));
		exit(0);
	case KEY_MEASURE:
		measure = selftest.measure = true;
		break;
	case 'v':
		selftest.verbose = true;
		break;
	case KEY_SELFTEST:
		selftest.seeds = number(state, arg, 1, 100000000);
		break;
	case KEY_ONLY:
		selftest.only = arg;
		break;
	case KEY_REPLAY:
		replay_file = arg;
		break;
	case KEY_RECORD:
		record_file = arg;
		break;
	case ARGP_KEY_ARG:
		if (workload)
			argp_error(state, "%s: one workload is enough", arg);
		workload = arg;
		break;
	case ARGP_KEY_END:
		if (!workload && !selftest.seeds && !replay_file)
			argp_error(state, "a workload file is wanted, or --selftest or --replay");
		break;
	default:
		return set_scheduler_option(key, arg, state);
	}
	return 0;
}

static void report(void)
{
	unsigned int cpu;
	u64 switches = 0;
	int i;

	printf("%-16s %6s %5s %12s %7s %10s %10s %10s %10s\n", "task", "number", "nice", "cpu ms",
	       "share", "runs done", "switches", "moves", "delay us");
	for (i = 0; i < sim_nr_tasks(); i++) {
		struct sim_task *t = sim_task(i);
		u64 ran = task_sched_runtime(&t->task);

		printf("%-16s %6d %5d %8llu.%03llu %6.2f%% %10llu %10lu %10llu %10llu\n",
		       t->task.comm, i, task_nice(&t->task), (unsigned long long)(ran / 1000000),
		       (unsigned long long)(ran / 1000 % 1000),
		       100.0 * (double)ran / (double)sim_now, (unsigned long long)t->done,
		       t->task.nvcsw + t->task.nivcsw, (unsigned long long)t->task.se.nr_migrations,
		       (unsigned long long)(t->max_delay / 1000));
	}
	for_each_online_cpu (cpu)
		switches += cpu_rq(cpu)->nr_switches;
	if (uclamp_used || sched_asym_capacity || config.frequency || config.governor)
		for_each_online_cpu (cpu)
			printf("cpu %u: capacity %lu, frequency %lu, frequency hint at the end "
			       "%lu\n",
			       cpu, cpu_rq(cpu)->cpu_capacity_orig, sim_frequency(cpu),
			       sched_frequency_hint(cpu_rq(cpu)));
	printf("%u CPUs, %llu ms, %llu events, %llu switches, trace hash %016llx\n", nr_cpu_ids,
	       (unsigned long long)(sim_now / 1000000), (unsigned long long)sim_events,
	       (unsigned long long)switches, (unsigned long long)sim_trace_hash);
}

/* In processor time, so that other programs of the host do not count. */
static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void report_speed(double boot, double run)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("boot %.3f s, run %.3f s, %.0f events/s, %.0f ns an event, %zu bytes a task, "
	       "%ld KiB in all\n",
	       boot, run, (double)sim_events / run, run * 1e9 / (double)sim_events,
	       sizeof(struct sim_task), usage.ru_maxrss);
}

/* 0, or -errno with a message. */
static int draw(void)
{
	const struct timeline *line;
	int err = 0;

	if (!columns && !page)
		return 0;
	line = timeline_end();
	if (columns)
		timeline_print(line, columns);
	if (page)
		err = timeline_page(line, page);
	if (err)
		fprintf(stderr, "%s: %s\n", page, strerror(-err));
	return err;
}

static bool save_record(void)
{
	size_t len = sched_record_stop();
	FILE *f = fopen(record_file, "wb");

	if (!f || fwrite(config.record, 1, len, f) != len || fclose(f)) {
		perror(record_file);
		return false;
	}
	return true;
}

int sim_main(int argc, char **argv)
{
	static const struct argp argp = {options,
					 parse_option,
					 "WORKLOAD",
					 "Runs a workload under jiffy's scheduler on a simulated "
					 "machine. The form of a workload is described in "
					 "sim/workload.c.",
					 NULL,
					 NULL,
					 NULL};
	static struct sim_program programs[MAX_PROGRAMS];
	double begin, booted;
	int n;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (replay_file)
		return sim_replay(replay_file);
	if (selftest.seeds)
		return sim_selftest(&selftest);
	n = sim_parse_workload(workload, programs, MAX_PROGRAMS);
	if (n < 0)
		return 2;
	sim_seed(seed);
	if (record_file) {
		config.record_size = RECORD_BYTES;
		config.record = malloc(RECORD_BYTES);
		BUG_ON(!config.record);
	}
	begin = cpu_seconds();
	sim_boot(&config);
	sim_make_groups();
	if (columns || page)
		timeline_start();
	booted = cpu_seconds();
	sim_add_workload(programs, n);
	if (!sim_run_until(duration)) {
		fflush(stdout);
		fprintf(stderr, "at %llu ns: %s\n", (unsigned long long)sim_now, sim_broken);
		return 3;
	}
	report();
	if (draw())
		return 4;
	if (measure)
		report_speed(booted - begin, cpu_seconds() - booted);
	return record_file && !save_record() ? 2 : 0;
}
