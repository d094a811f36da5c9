/* SPDX-License-Identifier: MIT */
/*
 * Scaling: independent processes, one a CPU, each doing one thing in a loop for a
 * fixed time. The result is how many operations a second all of them did together.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define SLICE_NS    (200 * NSEC_PER_MSEC)
#define REPEATS	    5
#define FAULT_PAGES 64UL
#define ALLOC_SIZE  (256UL << 10)

/* Do a few operations and return how many; @state is the worker's own. */
typedef unsigned int (*scale_op)(void *state);

static unsigned int scale_fork(void *state)
{
	pid_t pid = check(fork());

	if (!pid)
		_exit(0);
	reap(pid);
	return 1;
}

static unsigned int scale_fault(void *state)
{
	char *p = mmap(NULL, FAULT_PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < FAULT_PAGES; i++)
		*(volatile char *)(p + i * PAGE) = 1;
	munmap(p, FAULT_PAGES * PAGE);
	return FAULT_PAGES;
}

/* A wake-up that finds nobody: the look-up in the hash and its lock. */
static unsigned int scale_futex(void *state)
{
	int *word = state;

	for (int i = 0; i < 16; i++) {
		futex_wake(word, 1);
		futex_wait(word, 1);
	}
	return 32;
}

static unsigned int scale_pipe(void *state)
{
	int *fd = state;
	char buf[64] = "";

	for (int i = 0; i < 16; i++)
		if (write(fd[0], buf, sizeof(buf)) != sizeof(buf) ||
		    read(fd[1], buf, sizeof(buf)) != sizeof(buf))
			fail("pipe");
	return 16;
}

static unsigned int scale_page(void *state)
{
	char *p = mmap(NULL, ALLOC_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	check(p);
	munmap(p, ALLOC_SIZE);
	return ALLOC_SIZE / PAGE;
}

static const struct {
	const char *name;
	scale_op op;
} operations[] = {
    {"fork", scale_fork}, {"fault", scale_fault}, {"futex", scale_futex},
    {"pipe", scale_pipe}, {"page", scale_page},
};

struct slot {
	uint64_t ops, ns;
} __attribute__((aligned(64)));

static void worker(scale_op op, int cpu, struct slot *slot, int *go)
{
	uint64_t start, ops = 0;
	int fd[2], word[16] = {0};

	pin(cpu);
	check(pipe(fd));
	while (!*(volatile int *)go)
		futex_wait(go, 0);
	start = now();
	/* futex words and pipe ends are the worker's own, in one array for either operation. */
	if (op == scale_pipe)
		memcpy(word, (int[]){fd[1], fd[0]}, sizeof(fd));
	do
		ops += op(word);
	while (now() - start < SLICE_NS);
	slot->ops = ops;
	slot->ns = now() - start;
	_exit(0);
}

static double throughput(scale_op op, int cpus)
{
	struct slot *slot = shared_page();
	int *go = shared_page();
	double sum = 0;

	for (int i = 0; i < cpus; i++)
		if (!check(fork()))
			worker(op, i, slot + i, go);
	*go = 1;
	futex_wake(go, cpus);
	for (int i = 0; i < cpus; i++)
		reap(-1);
	for (int i = 0; i < cpus; i++)
		sum += (double)slot[i].ops * NSEC_PER_SEC / slot[i].ns;
	munmap(slot, PAGE);
	munmap(go, PAGE);
	return sum;
}

static void run_scale(const char *param)
{
	double sample[REPEATS];
	size_t o = 0;

	while (o < ARRAY_SIZE(operations) && strcmp(operations[o].name, param))
		o++;
	if (o == ARRAY_SIZE(operations))
		fail("parameter");
	for (size_t i = 0; i < REPEATS; i++)
		sample[i] = throughput(operations[o].op, nr_cpus());
	emit_samples(NULL, "ops/s", sample, REPEATS);
}

const struct bench_row scale_rows[] = {
    {"scale", PARAMS("fork", "fault", "futex", "pipe", "page"), run_scale},
    {NULL, NULL, NULL},
};
