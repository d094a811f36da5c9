/* SPDX-License-Identifier: MIT */
/*
 * Drives a fuzz target: PROGRAM [INPUTS [SEED]]. Inputs are mutated examples; one that reaches an
 * edge of the parser that none has reached before becomes an example itself (the compiler calls
 * __sanitizer_cov_trace_pc() at each edge). The same numbers give the same run. A crash leaves
 * its input in the file named on stderr.
 *
 * Why not libFuzzer: it comes with clang, half a gigabyte that nothing else here needs. The
 * targets have its interface, so that where clang is at hand `make fuzz-libfuzzer' builds them.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#include "fuzz.h"

#define MAX_SIZE 8192
#define MAX_POOL 4096
#define MAP_BITS 16

static struct example {
	unsigned char *data;
	size_t size;
} pool[MAX_POOL];
static int nr_pool;

static unsigned char edges[1 << MAP_BITS];
static uintptr_t last_pc;
static long new_edges, nr_edges;
static uint64_t rng_state;

static unsigned char input[MAX_SIZE];
static size_t input_size;

/* An edge is where we are together with where we were; of two that share a slot one is missed. */
__attribute__((no_sanitize("address", "undefined"))) void __sanitizer_cov_trace_pc(void)
{
	uintptr_t pc = (uintptr_t)__builtin_return_address(0);
	uintptr_t slot = ((pc ^ last_pc << 5) * 0x9e3779b97f4a7c15ULL) >> (64 - MAP_BITS);

	last_pc = pc;
	if (!edges[slot]) {
		edges[slot] = 1;
		new_edges++;
	}
}

static uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

static size_t below(size_t n)
{
	return n ? rng() % n : 0;
}

static void leave_input(void)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof(name), "/tmp/fuzz-crash.%d", getpid());
	f = fopen(name, "wb");
	if (f) {
		fwrite(input, 1, input_size, f);
		fclose(f);
	}
	fprintf(stderr, "the input is in %s\n", name);
}

void fuzz_broken(const char *rule)
{
	fprintf(stderr, "broken: %s\n", rule);
	abort();
}

static void on_abort(int sig)
{
	leave_input();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void keep(const unsigned char *data, size_t size)
{
	struct example *e = &pool[nr_pool < MAX_POOL ? nr_pool++ : (int)below(MAX_POOL)];

	free(e->data);
	e->data = malloc(size + 1);
	e->size = size;
	memcpy(e->data, data, size);
}

static void overwrite_number(void)
{
	static const uint64_t edge[] = {0,	    1,		0x7f,	    0x80,	0xff,
					0x7fff,	    0x8000,	0xffff,	    0x7fffffff, 0x80000000,
					0xffffffff, 1ULL << 47, 1ULL << 63, -1ULL,	-4096ULL};
	uint64_t v = edge[below(sizeof(edge) / sizeof(edge[0]))] + (rng() % 3) - 1;
	size_t width = (size_t)1 << below(4);

	if (input_size >= width)
		memcpy(input + below(input_size - width + 1), &v, width);
}

/* A piece of another example over a place of this one. */
static void cross(void)
{
	const struct example *e = &pool[below(nr_pool)];
	size_t from = below(e->size), n = below(e->size - from) + 1, to = below(input_size + 1);

	if (!e->size)
		return;
	if (n > MAX_SIZE - to)
		n = MAX_SIZE - to;
	memcpy(input + to, e->data + from, n);
	if (to + n > input_size)
		input_size = to + n;
}

static void move_piece(void)
{
	size_t at = below(input_size), n = below(64) + 1;

	if (!input_size)
		return;
	if (rng() % 2) { /* cut out */
		if (n > input_size - at)
			n = input_size - at;
		memmove(input + at, input + at + n, input_size - at - n);
		input_size -= n;
	} else if (input_size + n <= MAX_SIZE) { /* repeat */
		memmove(input + at + n, input + at, input_size - at);
		input_size += n;
	}
}

static void mutate(void)
{
	for (int i = 1 + below(4); i > 0; i--) {
		switch (below(6)) {
		case 0:
			if (input_size)
				input[below(input_size)] ^= 1 << below(8);
			break;
		case 1:
			if (input_size)
				input[below(input_size)] = rng();
			break;
		case 2:
			overwrite_number();
			break;
		case 3:
			cross();
			break;
		case 4:
			move_piece();
			break;
		default:
			if (rng() % 8 == 0)
				input_size = below(input_size + 1);
			else
				overwrite_number();
		}
	}
}

static void run_input(void)
{
	/* A block of its own, so that the sanitizer sees a look beside it. */
	unsigned char *copy = malloc(input_size ? input_size : 1);

	new_edges = 0;
	last_pc = 0;
	memcpy(copy, input, input_size);
	LLVMFuzzerTestOneInput(copy, input_size);
	free(copy);
	if (new_edges) {
		nr_edges += new_edges;
		keep(input, input_size);
	}
}

int main(int argc, char **argv)
{
	long inputs = argc > 1 ? strtol(argv[1], NULL, 0) : 100000;

	rng_state = (argc > 2 ? strtoull(argv[2], NULL, 0) : 1) * 0x2545f4914f6cdd1dULL | 1;
	signal(SIGABRT, on_abort);
	__sanitizer_set_death_callback(leave_input);
	for (int i = 0; (input_size = fuzz_seed(i, input, sizeof(input))); i++) {
		keep(input, input_size);
		run_input();
	}
	for (long i = 0; i < inputs; i++) {
		const struct example *e = &pool[below(nr_pool)];

		input_size = e->size;
		memcpy(input, e->data, e->size);
		mutate();
		run_input();
	}
	printf("%ld inputs, %ld edges, %d examples\n", inputs, nr_edges, nr_pool);
	return nr_edges < 8; /* a parser that was not even entered is no success */
}
