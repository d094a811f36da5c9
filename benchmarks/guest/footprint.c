/* SPDX-License-Identifier: MIT */
/*
 * Start-up and memory: what `first' noted when the kernel gave it the CPU, and
 * what a process and a thread cost the kernel.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define TASKS	      1000
#define SETTLE_ROUNDS 50

static void run_boot(const char *param)
{
	unsigned long long ticks, free_bytes;
	FILE *f = fopen(BENCH_BOOT_PATH, "re");

	if (!f || fscanf(f, "%llu %llu", &ticks, &free_bytes) != 2)
		fail(BENCH_BOOT_PATH);
	fclose(f);
	emit("tsc", "ticks", ticks, ticks, ticks, 1);
	emit("free", "bytes", free_bytes, free_bytes, free_bytes, 1);
}

static double free_memory(void)
{
	struct sysinfo info;

	check(sysinfo(&info));
	return (double)info.freeram * info.mem_unit;
}

/* Fork a process that sleeps with its memory as fork left it. */
static void fork_sleeper(int *word)
{
	if (check(fork()))
		return;
	while (!*(volatile int *)word)
		futex_wait(word, 0);
	_exit(0);
}

/* The same once what earlier rows left has been given back: when it no longer changes. */
static double settled_memory(void)
{
	double before, after = free_memory();

	for (int i = 0; i < SETTLE_ROUNDS; i++) {
		before = after;
		usleep(100 * 1000);
		after = free_memory();
		if (after == before)
			break;
	}
	return after;
}

static void run_memory(const char *param)
{
	int *word = shared_page();
	double before = settled_memory(), per_task;

	if (!strcmp(param, "process"))
		for (int i = 0; i < TASKS; i++)
			fork_sleeper(word);
	else
		sleepers_start(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				   CLONE_SYSVSEM,
			       TASKS, word);
	per_task = (before - settled_memory()) / TASKS;
	sleepers_end(word);
	emit(NULL, "bytes", per_task, per_task, per_task, TASKS);
}

const struct bench_row footprint_rows[] = {
    {"boot", PARAMS("-"), run_boot},
    {"memory_per", PARAMS("thread", "process"), run_memory},
    {NULL, NULL, NULL},
};
