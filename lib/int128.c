/* SPDX-License-Identifier: MIT */
/*
 * 128-bit division, which the compiler calls by these names and which a kernel that links no
 * library brings along: the machine's own division when both fit a word, else restoring
 * division, a bit at a time. No hot path divides such numbers.
 */
#include <jiffy/types.h>

#ifndef JIFFY_HOSTED

typedef unsigned __int128 u128;
typedef __int128 s128;

u128 __udivti3(u128 n, u128 d);
s128 __divti3(s128 n, s128 d);
u128 __umodti3(u128 n, u128 d);

static u128 divide_long(u128 n, u128 d, u128 *rest)
{
	u128 q = 0, r = 0;

	for (int i = 127; i >= 0; i--) {
		r = r << 1 | (n >> i & 1);
		if (r >= d) {
			r -= d;
			q |= (u128)1 << i;
		}
	}
	*rest = r;
	return q;
}

static u128 divide(u128 n, u128 d, u128 *rest)
{
	if (!(n >> 64) && !(d >> 64)) {
		*rest = (u64)n % (u64)d;
		return (u64)n / (u64)d;
	}
	return divide_long(n, d, rest);
}

u128 __udivti3(u128 n, u128 d)
{
	u128 rest;

	return divide(n, d, &rest);
}

u128 __umodti3(u128 n, u128 d)
{
	u128 rest;

	divide(n, d, &rest);
	return rest;
}

s128 __divti3(s128 n, s128 d)
{
	u128 q = __udivti3(n < 0 ? -(u128)n : (u128)n, d < 0 ? -(u128)d : (u128)d);

	return (n < 0) != (d < 0) ? -(s128)q : (s128)q;
}

#endif
