/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions, and numbers out of text. No state, any context. The four that
 * move memory are weak: an architecture with better instructions brings its own.
 */
#include <jiffy/errno.h>
#include <jiffy/kernel.h>
#include <jiffy/string.h>

#ifndef JIFFY_HOSTED

/* The compiler would turn these loops into calls of the very functions they define. */
#define __plain_loops __attribute__((optimize("no-tree-loop-distribute-patterns")))

/* May alias anything: the buffers hold whatever the caller put there. */
typedef unsigned long __attribute__((may_alias, aligned(1))) word_t;

__weak __plain_loops void *memcpy(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
		*(word_t *)d = *(const word_t *)s;
		d += sizeof(word_t);
		s += sizeof(word_t);
	}
	while (n--)
		*d++ = *s++;
	return dst;
}

__weak __plain_loops void *memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);
	for (; n >= sizeof(word_t); n -= sizeof(word_t))
		*(word_t *)(d + n - sizeof(word_t)) = *(const word_t *)(s + n - sizeof(word_t));
	while (n--)
		d[n] = s[n];
	return dst;
}

__weak __plain_loops void *memset(void *dst, int c, size_t n)
{
	char *d = dst;
	word_t w = (unsigned char)c * 0x0101010101010101UL;

	for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
		*(word_t *)d = w;
		d += sizeof(word_t);
	}
	while (n--)
		*d++ = c;
	return dst;
}

__weak __plain_loops int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
		if (*(const word_t *)p != *(const word_t *)q)
			break;
		p += sizeof(word_t);
		q += sizeof(word_t);
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

__plain_loops size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return p - s;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

int strcasecmp(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return lower((unsigned char)*a) - lower((unsigned char)*b);
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)last;
	}
}

char *strstr(const char *hay, const char *needle)
{
	size_t n = strlen(needle);

	for (;; hay++) {
		if (!strncmp(hay, needle, n))
			return (char *)hay;
		if (!*hay)
			return NULL;
	}
}

char *strcpy(char *dst, const char *src)
{
	memcpy(dst, src, strlen(src) + 1);
	return dst;
}

char *strncpy(char *dst, const char *src, size_t n)
{
	size_t len = strnlen(src, n);

	memcpy(dst, src, len);
	memset(dst + len, 0, n - len);
	return dst;
}

char *strcat(char *dst, const char *src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

size_t strspn(const char *s, const char *accept)
{
	size_t n = 0;

	while (s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

size_t strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] && !strchr(reject, s[n]))
		n++;
	return n;
}

char *strsep(char **s, const char *delim)
{
	char *start = *s, *end;

	if (!start)
		return NULL;
	end = start + strcspn(start, delim);
	if (*end)
		*end++ = '\0';
	else
		end = NULL;
	*s = end;
	return start;
}

#endif /* !JIFFY_HOSTED */

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t n;

	if (!size)
		return -E2BIG;
	n = strnlen(src, size);
	if (n == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return n;
}

char *skip_spaces(const char *s)
{
	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	return (char *)s;
}

char *strim(char *s)
{
	char *end;

	s = skip_spaces(s);
	end = s + strlen(s);
	while (end > s && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r')))
		end--;
	*end = '\0';
	return s;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/* Digits from s on into *res; where they end, NULL on overflow; *base 0 is found out. */
static const char *parse_digits(const char *s, unsigned int *base, unsigned long long *res)
{
	unsigned long long v = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && (*base == 0 || *base == 16) &&
	    digit_value(s[2]) < 16) {
		*base = 16;
		s += 2;
	} else if (*base == 0) {
		*base = s[0] == '0' ? 8 : 10;
	}
	for (; digit_value(*s) < (int)*base; s++)
		if (__builtin_mul_overflow(v, *base, &v) ||
		    __builtin_add_overflow(v, (unsigned long long)digit_value(*s), &v))
			return NULL;
	*res = v;
	return s;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	const char *end;

	if (*s == '+')
		s++;
	if (digit_value(*s) >= (base ? (int)base : 10))
		return -EINVAL;
	end = parse_digits(s, &base, res);
	if (!end)
		return -ERANGE;
	if (*end == '\n')
		end++;
	return *end ? -EINVAL : 0;
}

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	bool negative = *s == '-';
	unsigned long long v;
	int err = kstrtoull(s + negative, base, &v);

	if (err)
		return err;
	if (v > (unsigned long long)INT64_MAX + negative)
		return -ERANGE;
	*res = negative ? -v : v;
	return 0;
}

int kstrtoul(const char *s, unsigned int base, unsigned long *res)
{
	unsigned long long v;
	int err = kstrtoull(s, base, &v);

	if (!err)
		*res = v;
	return err;
}

int kstrtol(const char *s, unsigned int base, long *res)
{
	long long v;
	int err = kstrtoll(s, base, &v);

	if (!err)
		*res = v;
	return err;
}

int kstrtoint(const char *s, unsigned int base, int *res)
{
	long long v;
	int err = kstrtoll(s, base, &v);

	if (err)
		return err;
	if (v != (int)v)
		return -ERANGE;
	*res = v;
	return 0;
}

int kstrtouint(const char *s, unsigned int base, unsigned int *res)
{
	unsigned long long v;
	int err = kstrtoull(s, base, &v);

	if (err)
		return err;
	if (v != (unsigned int)v)
		return -ERANGE;
	*res = v;
	return 0;
}

unsigned long long memparse(const char *s, char **end)
{
	static const char suffixes[] = "KMGTPE";
	unsigned long long v = 0;
	unsigned int base = 0;
	const char *p = parse_digits(s, &base, &v);
	const char *suffix;

	if (!p) {
		v = ~0ULL;
		p = s + strspn(s, "0123456789abcdefxABCDEFX");
	} else if (*p && (suffix = strchr(suffixes, *p >= 'a' ? *p - 32 : *p))) {
		v <<= 10 * (suffix - suffixes + 1);
		p++;
	}
	if (end)
		*end = (char *)p;
	return v;
}
