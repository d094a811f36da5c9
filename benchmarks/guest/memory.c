/* SPDX-License-Identifier: MIT */
/* Page faults and address-space calls. Huge pages are refused, so a fault is 4 KiB on every kernel.
 */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define FAULT_PAGES   512UL
#define STACK_PAGES   256UL
#define FAULT_SAMPLES 5
#define FAULT_ROUNDS  4
#define CHUNK	      (64UL << 10)

static char *map(size_t size, int flags, int fd)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags, fd, 0);

	check(p);
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static uint64_t touch_timed(char *p, size_t pages, int write)
{
	uint64_t start = clock_start();

	for (size_t i = 0; i < pages; i++) {
		if (write)
			*(volatile char *)(p + i * PAGE) = 1;
		else
			(void)*(volatile char *)(p + i * PAGE);
	}
	return clock_stop(start);
}

/* A round of faults: does @pages of them and returns the nanoseconds. */
typedef uint64_t (*fault_round)(void *arg, size_t pages);

/* Each sample is some rounds; the result is what one fault takes. */
static void measure_faults(fault_round round, void *arg, size_t pages)
{
	double sample[FAULT_SAMPLES];

	round(arg, pages);
	for (size_t i = 0; i < FAULT_SAMPLES; i++) {
		uint64_t ns = 0;

		for (int r = 0; r < FAULT_ROUNDS; r++)
			ns += round(arg, pages);
		sample[i] = (double)ns / FAULT_ROUNDS / pages;
	}
	emit_ops(sample, FAULT_SAMPLES, (1 + FAULT_SAMPLES * FAULT_ROUNDS) * pages);
}

static uint64_t fault_anon(void *arg, size_t pages)
{
	char *p = map(pages * PAGE, MAP_ANONYMOUS, -1);
	uint64_t ns = touch_timed(p, pages, 1);

	munmap(p, pages * PAGE);
	return ns;
}

static void run_fault_anon(const char *param)
{
	measure_faults(fault_anon, NULL, FAULT_PAGES);
}

static uint64_t fault_file(void *arg, size_t pages)
{
	char *p = map(pages * PAGE, 0, *(int *)arg);
	uint64_t ns = touch_timed(p, pages, 0);

	munmap(p, pages * PAGE);
	return ns;
}

static void run_fault_file(const char *param)
{
	static const char path[] = "/bench-file";
	static char page[PAGE];
	int fd = check(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));

	memset(page, 'x', sizeof(page));
	for (size_t i = 0; i < FAULT_PAGES; i++)
		check(write(fd, page, sizeof(page)));
	measure_faults(fault_file, &fd, FAULT_PAGES);
	unlink(path);
}

/* The parent breaks the sharing with a child that sleeps: each write copies a page. */
static uint64_t fault_cow(void *arg, size_t pages)
{
	char *p = touched(pages * PAGE);
	int *word = arg;
	uint64_t ns;
	pid_t pid;

	*word = 0;
	pid = check(fork());
	if (!pid) {
		while (!*(volatile int *)word)
			futex_wait(word, 0);
		_exit(0);
	}
	ns = touch_timed(p, pages, 1);
	*word = 1;
	futex_wake(word, 1);
	reap(pid);
	munmap(p, pages * PAGE);
	return ns;
}

static void run_fault_cow(const char *param)
{
	measure_faults(fault_cow, shared_page(), FAULT_PAGES);
}

/* Push @pages down the stack, touching each on the way. */
__attribute__((noinline)) static void grow_stack(unsigned long pages)
{
	volatile char frame[PAGE - 64];

	frame[0] = pages;
	if (pages > 1)
		grow_stack(pages - 1);
	/* The frame is live until here, so the call above cannot reuse it. */
	frame[0]++;
}

/* The stack of a process grows once; so each round is a child's. */
static uint64_t fault_stack(void *arg, size_t pages)
{
	volatile uint64_t *ns = arg;
	uint64_t start;
	pid_t pid = check(fork());

	if (!pid) {
		grow_stack(2);
		start = clock_start();
		grow_stack(pages);
		*ns = clock_stop(start);
		_exit(0);
	}
	reap(pid);
	return *ns;
}

static void run_stack(const char *param)
{
	measure_faults(fault_stack, shared_page(), STACK_PAGES);
}

static uint64_t op_mmap(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		munmap(
		    mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		    CHUNK);
	return clock_stop(start);
}

static uint64_t op_mmap_touched(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	char *p;

	while (n--) {
		p = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t i = 0; i < CHUNK; i += PAGE)
			*(volatile char *)(p + i) = 1;
		munmap(p, CHUNK);
	}
	return clock_stop(start);
}

static void run_mmap(const char *param)
{
	measure(strstr(param, "touched") ? op_mmap_touched : op_mmap, NULL);
}

static uint64_t op_mprotect(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--)
		if (mprotect(arg, CHUNK, PROT_READ) || mprotect(arg, CHUNK, PROT_READ | PROT_WRITE))
			fail("mprotect");
	return clock_stop(start);
}

static void run_mprotect(const char *param)
{
	/* From the middle of a mapping, so that it is split and merged. */
	measure(op_mprotect, (char *)touched(3 * CHUNK) + CHUNK);
}

/* Growing may move the mapping: @arg points to where it is. */
static uint64_t op_mremap(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	void **p = arg;

	while (n--) {
		*p = mremap(*p, CHUNK, 2 * CHUNK, MREMAP_MAYMOVE);
		check(*p);
		*p = mremap(*p, 2 * CHUNK, CHUNK, MREMAP_MAYMOVE);
		check(*p);
	}
	return clock_stop(start);
}

static uint64_t op_mremap_move(void *arg, unsigned int n)
{
	uint64_t start = clock_start();
	char *here = arg, *there = here + CHUNK, *swap;

	/* There and back: an even number of moves leaves the memory where it was. */
	for (n *= 2; n--; swap = here, here = there, there = swap)
		if (mremap(here, CHUNK, CHUNK, MREMAP_MAYMOVE | MREMAP_FIXED, there) != there)
			fail("mremap");
	return clock_stop(start);
}

static void run_mremap(const char *param)
{
	void *p = touched(2 * CHUNK);

	if (!strcmp(param, "move")) {
		measure(op_mremap_move, p);
		return;
	}
	check(munmap((char *)p + CHUNK, CHUNK));
	measure(op_mremap, &p);
}

static uint64_t op_brk(void *arg, unsigned int n)
{
	uint64_t start = clock_start();

	while (n--) {
		syscall(SYS_brk, (char *)arg + CHUNK);
		syscall(SYS_brk, arg);
	}
	return clock_stop(start);
}

static void run_brk(const char *param)
{
	measure(op_brk, (void *)syscall(SYS_brk, 0));
}

const struct bench_row memory_rows[] = {
    {"fault_anon", PARAMS("-"), run_fault_anon},
    {"fault_file", PARAMS("-"), run_fault_file},
    {"fault_cow", PARAMS("-"), run_fault_cow},
    {"stack_growth", PARAMS("-"), run_stack},
    {"mmap_munmap", PARAMS("64KiB", "64KiB-touched"), run_mmap},
    {"mprotect_pair", PARAMS("64KiB"), run_mprotect},
    {"mremap_pair", PARAMS("grow", "move"), run_mremap},
    {"brk_pair", PARAMS("64KiB"), run_brk},
    {NULL, NULL, NULL},
};
