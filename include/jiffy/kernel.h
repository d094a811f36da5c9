/* SPDX-License-Identifier: MIT */
/*
 * Small arithmetic that every room uses. No state, any context.
 */
#ifndef JIFFY_KERNEL_H
#define JIFFY_KERNEL_H

#include <jiffy/bug.h>
#include <jiffy/compiler.h>
#include <jiffy/printk.h>
#include <jiffy/types.h>

#define container_of(ptr, type, member)                                                            \
	((type *)((char *)(1 ? (ptr) : &((type *)0)->member) - offsetof(type, member)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define BIT(n)		(1UL << (n))
#define ALIGN(x, a)	(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d) (((n) + (d) / 2) / (d)) /* of unsigned numbers */
#define round_up(x, y)	   ALIGN(x, y)
#define round_down(x, y)   ALIGN_DOWN(x, y)

#define min(a, b)                                                                                  \
	({                                                                                         \
		__typeof__(a) __min1 = (a);                                                        \
		__typeof__(b) __min2 = (b);                                                        \
		__min1 < __min2 ? __min1 : __min2;                                                 \
	})
#define max(a, b)                                                                                  \
	({                                                                                         \
		__typeof__(a) __max1 = (a);                                                        \
		__typeof__(b) __max2 = (b);                                                        \
		__max1 > __max2 ? __max1 : __max2;                                                 \
	})
#define min_t(t, a, b)	  min((t)(a), (t)(b))
#define max_t(t, a, b)	  max((t)(a), (t)(b))
#define clamp(v, lo, hi)  min(max(v, lo), hi)
#define clamp_t(t, v, l, h) min_t(t, max_t(t, v, l), h)
#define swap(a, b)                                                                                 \
	do {                                                                                       \
		__typeof__(a) __swap = (a);                                                        \
		(a) = (b);                                                                         \
		(b) = __swap;                                                                      \
	} while (0)

#define KIB(n) ((unsigned long)(n) << 10)
#define MIB(n) ((unsigned long)(n) << 20)
#define GIB(n) ((unsigned long)(n) << 30)

#define NSEC_PER_SEC  1000000000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_USEC 1000L
#define USEC_PER_SEC  1000000L
#define MSEC_PER_SEC  1000L

static inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* Index of the highest set bit; n must not be 0. */
static inline int ilog2(unsigned long n)
{
	return 63 - __builtin_clzl(n);
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << (ilog2(n - 1) + 1);
}

/* a * b / c without losing the product's upper half; c must not be 0. */
static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	return (u64)((unsigned __int128)a * b / c);
}

#endif
