/* SPDX-License-Identifier: MIT */
/*
 * Counting bits: what the compiler calls for __builtin_popcountl() where the CPU may lack POPCNT,
 * as the oldest x86-64 does. No state, any context.
 */
#include <jiffy/types.h>

int __popcountdi2(u64 w);

/* Sums of 2, then 4, then 8 bits side by side; the product adds the eight bytes at the top. */
int __popcountdi2(u64 w)
{
	w -= w >> 1 & 0x5555555555555555UL;
	w = (w & 0x3333333333333333UL) + (w >> 2 & 0x3333333333333333UL);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return w * 0x0101010101010101UL >> 56;
}
