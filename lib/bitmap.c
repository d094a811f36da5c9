/* SPDX-License-Identifier: MIT */
/*
 * Searches in and operations on arrays of bits, and their text forms. The caller locks. Bits
 * beyond nbits in the last word are 0 in every result, so words can be compared whole.
 */
#include <jiffy/bitops.h>
#include <jiffy/errno.h>
#include <jiffy/string.h>

/* The bits of the last word that belong to a map of n bits. */
static unsigned long last_mask(unsigned int n)
{
	return n % BITS_PER_LONG ? (1UL << (n % BITS_PER_LONG)) - 1 : ~0UL;
}

static unsigned long find_from(const unsigned long *addr, unsigned long nbits, unsigned long start,
			       unsigned long invert)
{
	unsigned long word, i;

	if (start >= nbits)
		return nbits;
	i = BIT_WORD(start);
	word = (addr[i] ^ invert) & (~0UL << (start % BITS_PER_LONG));
	while (!word) {
		if (++i >= BITS_TO_LONGS(nbits))
			return nbits;
		word = addr[i] ^ invert;
	}
	return min(i * BITS_PER_LONG + __ffs(word), nbits);
}

unsigned long find_next_bit(const unsigned long *addr, unsigned long nbits, unsigned long start)
{
	return find_from(addr, nbits, start, 0);
}

unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long nbits,
				 unsigned long start)
{
	return find_from(addr, nbits, start, ~0UL);
}

unsigned long find_last_bit(const unsigned long *addr, unsigned long nbits)
{
	unsigned long i = BITS_TO_LONGS(nbits);

	while (i--) {
		unsigned long w = addr[i];

		if (i == BITS_TO_LONGS(nbits) - 1)
			w &= last_mask(nbits);
		if (w)
			return i * BITS_PER_LONG + __fls(w);
	}
	return nbits;
}

void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0, BITS_TO_LONGS(nbits) * sizeof(long));
}

void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0xff, BITS_TO_LONGS(nbits) * sizeof(long));
	if (nbits)
		dst[BITS_TO_LONGS(nbits) - 1] &= last_mask(nbits);
}

void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	memcpy(dst, src, BITS_TO_LONGS(nbits) * sizeof(long));
}

bool bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		any |= dst[i] = a[i] & b[i];
	return any;
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b,
	       unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] | b[i];
}

void bitmap_xor(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] ^ b[i];
}

bool bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   unsigned int nbits)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		any |= dst[i] = a[i] & ~b[i];
	return any;
}

void bitmap_complement(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	unsigned int n = BITS_TO_LONGS(nbits);

	for (unsigned int i = 0; i < n; i++)
		dst[i] = ~src[i];
	if (n)
		dst[n - 1] &= last_mask(nbits);
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return !memcmp(a, b, BITS_TO_LONGS(nbits) * sizeof(long));
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		if (a[i] & b[i])
			return true;
	return false;
}

bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		if (a[i] & ~b[i])
			return false;
	return true;
}

bool bitmap_empty(const unsigned long *a, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		if (a[i])
			return false;
	return true;
}

unsigned int bitmap_weight(const unsigned long *a, unsigned int nbits)
{
	unsigned int n = BITS_TO_LONGS(nbits), sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += hweight_long(i + 1 == n ? a[i] & last_mask(nbits) : a[i]);
	return sum;
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int len)
{
	for (; len; len--)
		__set_bit(start++, map);
}

void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len)
{
	for (; len; len--)
		__clear_bit(start++, map);
}

int bitmap_print_list(char *buf, size_t size, const unsigned long *map, unsigned int nbits)
{
	unsigned long first, last;
	size_t n = 0;

	if (size)
		buf[0] = '\0';
	for (first = find_first_bit(map, nbits); first < nbits;
	     first = find_next_bit(map, nbits, last)) {
		const char *comma = n ? "," : "";
		size_t room = n < size ? size - n : 0;
		char *to = room ? buf + n : NULL;

		last = find_next_zero_bit(map, nbits, first);
		if (last - first == 1)
			n += snprintf(to, room, "%s%lu", comma, first);
		else
			n += snprintf(to, room, "%s%lu-%lu", comma, first, last - 1);
	}
	return n;
}

int bitmap_print_hex(char *buf, size_t size, const unsigned long *map, unsigned int nbits)
{
	int words = DIV_ROUND_UP(nbits, 32);
	size_t n = 0;

	for (int i = words - 1; i >= 0; i--) {
		u32 w = map[i / 2] >> (i % 2 * 32);
		/* The highest word shows only as many digits as it has bits for. */
		int digits = i == words - 1 ? DIV_ROUND_UP((nbits - 1) % 32 + 1, 4) : 8;
		size_t room = n < size ? size - n : 0;

		n += snprintf(room ? buf + n : NULL, room, "%s%0*x", n ? "," : "", digits, w);
	}
	return n;
}

/* One decimal number at *s, which moves behind it. */
static int list_number(const char **s, unsigned int *v)
{
	unsigned long n = 0;
	const char *p = *s;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + *p - '0';
		if (n > INT32_MAX)
			return -ERANGE;
	}
	*s = p;
	*v = n;
	return 0;
}

int bitmap_parse_list(const char *s, unsigned long *map, unsigned int nbits)
{
	bitmap_zero(map, nbits);
	s = skip_spaces(s);
	while (*s && *s != '\n') {
		unsigned int a, b;
		int err = list_number(&s, &a);

		if (err)
			return err;
		b = a;
		if (*s == '-') {
			s++;
			err = list_number(&s, &b);
			if (err)
				return err;
		}
		if (b < a)
			return -EINVAL;
		if (b >= nbits)
			return -ERANGE;
		bitmap_set(map, a, b - a + 1);
		if (*s == ',')
			s++;
		else if (*s && *s != '\n')
			return -EINVAL;
	}
	return 0;
}

int bitmap_parse_hex(const char *s, unsigned long *map, unsigned int nbits)
{
	const char *end = s + strcspn(s, "\n");
	unsigned int bit = 0;

	bitmap_zero(map, nbits);
	if (end == s)
		return -EINVAL;
	/* From the lowest digit up; a comma stands where a word of 32 bits is full. */
	while (end > s) {
		char c = *--end;
		unsigned int v;

		if (c == ',') {
			bit = round_up(bit, 32u);
			continue;
		}
		if (c >= '0' && c <= '9')
			v = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = (c | 0x20) - 'a' + 10;
		else
			return -EINVAL;
		for (int i = 0; i < 4; i++, bit++) {
			if (!(v & (1u << i)))
				continue;
			if (bit >= nbits)
				return -ERANGE;
			__set_bit(bit, map);
		}
	}
	return 0;
}
