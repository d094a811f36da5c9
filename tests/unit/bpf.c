/* SPDX-License-Identifier: MIT */
/* unit: lib/bpf.c lib/string.c tests/unit/shim.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -Itests/unit */
/*
 * Programs made at random: each is refused, or it ends and stays inside its data and memory, which
 * the sanitizers watch.
 */
#include <jiffy/bpf.h>
#include <jiffy/errno.h>
#include <stdlib.h>

#include <setjmp.h>
#include <cmocka.h>

#include "shim.h"

#define SIZE 64

static u16 written[BPF_MAXINSNS];

static int check(const struct sock_filter *prog, unsigned int n)
{
	return bpf_check(prog, n, SIZE, written);
}

static const u16 codes[] = {
    BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_IMM,
    BPF_LDX | BPF_IMM,
    BPF_LD | BPF_W | BPF_LEN,
    BPF_LD | BPF_MEM,
    BPF_LDX | BPF_MEM,
    BPF_ST,
    BPF_STX,
    BPF_ALU | BPF_DIV | BPF_X,
    BPF_ALU | BPF_DIV | BPF_K,
    BPF_ALU | BPF_LSH | BPF_X,
    BPF_ALU | BPF_RSH | BPF_K,
    BPF_ALU | BPF_NEG,
    BPF_ALU | BPF_MUL | BPF_X,
    BPF_JMP | BPF_JA,
    BPF_JMP | BPF_JEQ | BPF_X,
    BPF_JMP | BPF_JSET | BPF_K,
    BPF_RET | BPF_K,
    BPF_RET | BPF_A,
    BPF_MISC | BPF_TAX,
    BPF_MISC | BPF_TXA,
};

static struct sock_filter random_instruction(void)
{
	struct sock_filter f = {
	    .code = rand() % 16 ? codes[rand() % (sizeof(codes) / sizeof(codes[0]))] : rand(),
	    .jt = rand() % 8,
	    .jf = rand() % 8,
	    .k = rand() % 4 ? rand() % 20 : rand(),
	};

	if (f.code == codes[0])
		f.k = f.k / 4 * 4;
	return f;
}

/* In memory of its own length, so that a step too far is seen. */
static void random_programs(void **state)
{
	u32 data[SIZE / 4];
	int accepted = 0;

	srand(5);
	for (int round = 0; round < 300000; round++) {
		unsigned int n = 1 + rand() % 12;
		struct sock_filter *prog = malloc(n * sizeof(*prog));

		for (unsigned int i = 0; i < n; i++)
			prog[i] = random_instruction();
		if (rand() % 8)
			prog[n - 1] = (struct sock_filter){.code = BPF_RET | BPF_K, .k = 5};
		for (unsigned int i = 0; i < SIZE / 4; i++)
			data[i] = rand() % 3;
		if (!check(prog, n)) {
			accepted++;
			bpf_run(prog, data, SIZE);
		}
		free(prog);
	}
	assert_true(accepted > 3000);
}

static void a_computation(void **state)
{
	const u32 data[SIZE / 4] = {3, 4};
	struct sock_filter prog[] = {
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
	    {BPF_MISC | BPF_TAX, 0, 0, 0},
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
	    {BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0},
	    {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 11},
	    {BPF_RET | BPF_A, 0, 0, 0},
	    {BPF_RET | BPF_K, 0, 0, 0},
	};

	assert_int_equal(check(prog, 7), 0);
	assert_int_equal(bpf_run(prog, data, SIZE), 12);
	prog[4].k = 12;
	assert_int_equal(bpf_run(prog, data, SIZE), 0);
}

static void length(void **state)
{
	static struct sock_filter prog[BPF_MAXINSNS + 1];

	for (int i = 0; i <= BPF_MAXINSNS; i++)
		prog[i].code = BPF_RET | BPF_K;
	assert_int_equal(check(prog, 0), -EINVAL);
	assert_int_equal(check(prog, BPF_MAXINSNS), 0);
	assert_int_equal(check(prog, BPF_MAXINSNS + 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_programs),
	    cmocka_unit_test(a_computation),
	    cmocka_unit_test(length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
