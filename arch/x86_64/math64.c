/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls for arithmetic that is no single instruction here: 128-bit division,
 * and counting bits on a CPU that may lack POPCNT. The compiler's own library is not linked: it
 * uses the red zone, which an interrupt on the same stack would overwrite. No state, any context.
 */
#include <jiffy/types.h>

typedef unsigned __int128 u128;

u128 __udivmodti4(u128 n, u128 d, u128 *rem);
u128 __udivti3(u128 n, u128 d);
u128 __umodti3(u128 n, u128 d);
int __popcountdi2(u64 w);

/* One machine division; hi must be below d, so that the quotient fits. */
static u64 div_128_64(u64 hi, u64 lo, u64 d, u64 *rem)
{
	u64 q;

	__asm__("divq %4" : "=a"(q), "=d"(*rem) : "a"(lo), "d"(hi), "rm"(d) : "cc");
	return q;
}

/* d = 0 faults, as the machine's own division does. */
u128 __udivmodti4(u128 n, u128 d, u128 *rem)
{
	u64 n_hi = n >> 64, n_lo = n, d_hi = d >> 64, q_hi, q_lo, r;
	u128 q = 0;

	if (!d_hi) {
		q_hi = n_hi / (u64)d;
		q_lo = div_128_64(n_hi % (u64)d, n_lo, d, &r);
		*rem = r;
		return (u128)q_hi << 64 | q_lo;
	}
	/* The quotient has at most 64 bits; one after the other, from the highest possible. */
	for (int shift = __builtin_clzl(d_hi) - (n_hi ? __builtin_clzl(n_hi) : 64); shift >= 0;
	     shift--)
		if (n >= d << shift) {
			n -= d << shift;
			q |= (u128)1 << shift;
		}
	*rem = n;
	return q;
}

u128 __udivti3(u128 n, u128 d)
{
	u128 rem;

	return __udivmodti4(n, d, &rem);
}

u128 __umodti3(u128 n, u128 d)
{
	u128 rem;

	__udivmodti4(n, d, &rem);
	return rem;
}

/* Sums of 2, then 4, then 8 bits side by side; the product adds the eight bytes at the top. */
int __popcountdi2(u64 w)
{
	w -= w >> 1 & 0x5555555555555555UL;
	w = (w & 0x3333333333333333UL) + (w >> 2 & 0x3333333333333333UL);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return w * 0x0101010101010101UL >> 56;
}
