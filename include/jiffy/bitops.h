/* SPDX-License-Identifier: MIT */
/*
 * Bits in arrays of longs. The plain names are atomic; the __ names are not and want the
 * array's lock. test_and_*() orders like a value-returning atomic.
 */
#ifndef JIFFY_BITOPS_H
#define JIFFY_BITOPS_H

#include <jiffy/atomic.h>
#include <jiffy/kernel.h>

#define BITS_PER_LONG	 64
#define BIT_MASK(n)	 (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n)	 ((n) / BITS_PER_LONG)
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static __always_inline void set_bit(unsigned long n, unsigned long *addr)
{
	__atomic_fetch_or(addr + BIT_WORD(n), BIT_MASK(n), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit(unsigned long n, unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit_unlock(unsigned long n, unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_RELEASE);
}

static __always_inline void change_bit(unsigned long n, unsigned long *addr)
{
	__atomic_fetch_xor(addr + BIT_WORD(n), BIT_MASK(n), __ATOMIC_RELAXED);
}

static __always_inline bool test_bit(unsigned long n, const unsigned long *addr)
{
	return READ_ONCE(addr[BIT_WORD(n)]) & BIT_MASK(n);
}

static __always_inline bool test_and_set_bit(unsigned long n, unsigned long *addr)
{
	return __atomic_fetch_or(addr + BIT_WORD(n), BIT_MASK(n), __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static __always_inline bool test_and_clear_bit(unsigned long n, unsigned long *addr)
{
	return __atomic_fetch_and(addr + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static __always_inline void __set_bit(unsigned long n, unsigned long *addr)
{
	addr[BIT_WORD(n)] |= BIT_MASK(n);
}

static __always_inline void __clear_bit(unsigned long n, unsigned long *addr)
{
	addr[BIT_WORD(n)] &= ~BIT_MASK(n);
}

static __always_inline bool __test_and_set_bit(unsigned long n, unsigned long *addr)
{
	bool was = test_bit(n, addr);

	__set_bit(n, addr);
	return was;
}

static __always_inline bool __test_and_clear_bit(unsigned long n, unsigned long *addr)
{
	bool was = test_bit(n, addr);

	__clear_bit(n, addr);
	return was;
}

/* Lowest set bit; word must not be 0. */
static __always_inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static __always_inline int ffs(int x)
{
	return __builtin_ffs(x);
}

/* Highest set bit; word must not be 0. */
static __always_inline unsigned long __fls(unsigned long word)
{
	return 63 - __builtin_clzl(word);
}

static __always_inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static __always_inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzl(x) : 0;
}

static __always_inline unsigned int hweight_long(unsigned long w)
{
	return __builtin_popcountl(w);
}

/* First bit at or after start that is set (clear); nbits when there is none. lib/bitmap.c. */
unsigned long find_next_bit(const unsigned long *addr, unsigned long nbits, unsigned long start);
unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long nbits,
				 unsigned long start);
unsigned long find_last_bit(const unsigned long *addr, unsigned long nbits);
#define find_first_bit(a, n)	  find_next_bit(a, n, 0)
#define find_first_zero_bit(a, n) find_next_zero_bit(a, n, 0)

#define for_each_set_bit(bit, addr, n)                                                             \
	for ((bit) = find_first_bit(addr, n); (bit) < (n); (bit) = find_next_bit(addr, n, (bit) + 1))
#define for_each_clear_bit(bit, addr, n)                                                           \
	for ((bit) = find_first_zero_bit(addr, n); (bit) < (n);                                    \
	     (bit) = find_next_zero_bit(addr, n, (bit) + 1))

/* Whole maps of nbits bits; bits past the end are kept 0. lib/bitmap.c. */
void bitmap_zero(unsigned long *dst, unsigned int nbits);
void bitmap_fill(unsigned long *dst, unsigned int nbits);
void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned int nbits);
bool bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits);
void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b,
	       unsigned int nbits);
void bitmap_xor(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits);
bool bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   unsigned int nbits);
void bitmap_complement(unsigned long *dst, const unsigned long *src, unsigned int nbits);
bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int nbits);
bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int nbits);
bool bitmap_empty(const unsigned long *a, unsigned int nbits);
unsigned int bitmap_weight(const unsigned long *a, unsigned int nbits);
void bitmap_set(unsigned long *map, unsigned int start, unsigned int len);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len);

/*
 * Text forms of a map: "0-3,8" (list) and "ff,00000001" (hexadecimal words of 32 bits), as
 * /proc and the cpuset files show them. Printing returns the length that the text has, cut to
 * size; parsing returns 0, -EINVAL or -ERANGE.
 */
int bitmap_print_list(char *buf, size_t size, const unsigned long *map, unsigned int nbits);
int bitmap_print_hex(char *buf, size_t size, const unsigned long *map, unsigned int nbits);
int bitmap_parse_list(const char *s, unsigned long *map, unsigned int nbits);
int bitmap_parse_hex(const char *s, unsigned long *map, unsigned int nbits);

#endif
