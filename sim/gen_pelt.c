/* SPDX-License-Identifier: MIT */
/*
 * Writes sched/pelt_tables.h: powers of y, where y^32 = 1/2, in 32 bits of fraction, and the
 * sums that the form of load tracking up to Linux 4.2 looks up. Run by hand when the half-life
 * changes; sim/selftest_load.c compares the file with the formula.
 */
#include <math.h>
#include <stdio.h>

int main(void)
{
	double y = pow(0.5, 1.0 / 32);
	unsigned long long inv[32];
	unsigned int n, sum = 0;

	printf("/* SPDX-License-Identifier: MIT */\n"
	       "/* Made by sim/gen_pelt.c: do not edit. The formulas are in sched/load.c. */\n"
	       "#ifndef SCHED_PELT_TABLES_H\n#define SCHED_PELT_TABLES_H\n\n"
	       "/* floor(2^32 * y^n), the first just below 2^32 so that it fits. */\n"
	       "static const u32 runnable_avg_yN_inv[32] __maybe_unused = {");
	for (n = 0; n < 32; n++) {
		inv[n] = n ? (unsigned long long)floor(pow(y, n) * 4294967296.0) : 0xffffffffull;
		printf("%s0x%08llx,", n % 6 ? " " : "\n\t", inv[n]);
	}
	printf("\n};\n\n"
	       "/* 1024 * (y + ... + y^n), each term rounded down as it is added. */\n"
	       "static const u32 runnable_avg_yN_sum[33] __maybe_unused = {");
	for (n = 0; n <= 32; n++) {
		if (n)
			sum = (unsigned int)(sum * y + 1024 * y);
		printf("%s%u,", n % 8 ? " " : "\n\t", sum);
	}
	printf("\n};\n\n#endif\n");
	return 0;
}
