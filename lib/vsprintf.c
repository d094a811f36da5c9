/* SPDX-License-Identifier: MIT */
/*
 * Formatted printing: C99's conversions without floating point, %pS (symbol and offset), %ps
 * (symbol) and %pe (errno). No state, any context, so panics may print.
 */
#include <jiffy/kallsyms.h>
#include <jiffy/kernel.h>
#include <jiffy/string.h>

#ifndef JIFFY_HOSTED

struct out {
	char *buf;
	size_t size; /* with the NUL */
	size_t len;  /* of the whole text */
};

struct spec {
	bool left, plus, space, alt, zero, upper, is_signed;
	int width, precision; /* -1: none */
	unsigned int base;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const char *s, const struct spec *sp)
{
	size_t max = sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision;
	size_t n;

	if (!s)
		s = "(null)";
	n = strnlen(s, max);
	if (!sp->left)
		pad(o, ' ', sp->width - (int)n);
	for (size_t i = 0; i < n; i++)
		put(o, s[i]);
	if (sp->left)
		pad(o, ' ', sp->width - (int)n);
}

static void put_number(struct out *o, unsigned long long v, const struct spec *sp)
{
	const char *digits = sp->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24], prefix[3] = "";
	int n = 0, np = 0, zeros, spaces;

	if (sp->is_signed && (long long)v < 0) {
		prefix[np++] = '-';
		v = -v;
	} else if (sp->is_signed && sp->plus) {
		prefix[np++] = '+';
	} else if (sp->is_signed && sp->space) {
		prefix[np++] = ' ';
	}
	if (sp->alt && sp->base == 16 && v) {
		prefix[np++] = '0';
		prefix[np++] = sp->upper ? 'X' : 'x';
	}
	if (v == 0 && sp->precision != 0)
		tmp[n++] = '0';
	for (; v; v /= sp->base)
		tmp[n++] = digits[v % sp->base];
	if (sp->alt && sp->base == 8 && (n == 0 || tmp[n - 1] != '0'))
		tmp[n++] = '0';
	zeros = sp->precision - n;
	if (sp->zero && !sp->left && sp->precision < 0)
		zeros = sp->width - n - np;
	zeros = max(zeros, 0);
	spaces = sp->width - n - np - zeros;
	if (!sp->left)
		pad(o, ' ', spaces);
	for (int i = 0; i < np; i++)
		put(o, prefix[i]);
	pad(o, '0', zeros);
	while (n)
		put(o, tmp[--n]);
	if (sp->left)
		pad(o, ' ', spaces);
}

/* fmt is past the 'p'; returns how many letters of it belong to the conversion. */
static int put_pointer(struct out *o, const void *ptr, const char *fmt, struct spec *sp)
{
	char sym[128];

	if (*fmt == 'S' || *fmt == 's') {
		sprint_symbol(sym, sizeof(sym), (unsigned long)ptr);
		if (*fmt == 's')
			sym[strcspn(sym, "+")] = '\0';
		put_string(o, sym, sp);
		return 1;
	}
	if (*fmt == 'e') {
		sp->is_signed = true;
		sp->base = 10;
		put_number(o, (long)ptr, sp);
		return 1;
	}
	sp->base = 16;
	sp->precision = 16;
	put_number(o, (unsigned long)ptr, sp);
	return 0;
}

static const char *parse_flags(const char *fmt, struct spec *sp)
{
	for (;; fmt++) {
		if (*fmt == '-')
			sp->left = true;
		else if (*fmt == '+')
			sp->plus = true;
		else if (*fmt == ' ')
			sp->space = true;
		else if (*fmt == '#')
			sp->alt = true;
		else if (*fmt == '0')
			sp->zero = true;
		else
			return fmt;
	}
}

static const char *parse_digits10(const char *fmt, int *v)
{
	*v = 0;
	while (*fmt >= '0' && *fmt <= '9')
		*v = *v * 10 + *fmt++ - '0';
	return fmt;
}

/* The integer argument in the width its length modifier names: -2 hh, -1 h, 0, 1 l, 2 ll/z/t/j. */
static unsigned long long sized_value(long long v, int len, bool is_signed)
{
	switch (len) {
	case -2:
		return is_signed ? (unsigned long long)(signed char)v : (unsigned char)v;
	case -1:
		return is_signed ? (unsigned long long)(short)v : (unsigned short)v;
	case 0:
		return is_signed ? (unsigned long long)(int)v : (unsigned int)v;
	default:
		return v;
	}
}

static const char *parse_length(const char *fmt, int *len)
{
	*len = 0;
	for (;; fmt++) {
		if (*fmt == 'h')
			--*len;
		else if (*fmt == 'l')
			++*len;
		else if (*fmt == 'z' || *fmt == 't' || *fmt == 'j')
			*len = 2;
		else
			return fmt;
	}
}

/* How a conversion letter prints an integer; false when it is none. */
static bool integer_spec(char c, struct spec *sp)
{
	switch (c) {
	case 'd':
	case 'i':
		sp->is_signed = true;
		sp->base = 10;
		return true;
	case 'u':
		sp->base = 10;
		return true;
	case 'o':
		sp->base = 8;
		return true;
	case 'X':
		sp->upper = true;
		sp->base = 16;
		return true;
	case 'x':
		sp->base = 16;
		return true;
	default:
		return false;
	}
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = {.buf = buf, .size = size};
	va_list args;

	va_copy(args, ap);
	for (; *fmt; fmt++) {
		struct spec sp = {.precision = -1};
		int len;

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_flags(fmt + 1, &sp);
		if (*fmt == '*') {
			sp.width = va_arg(args, int);
			fmt++;
		} else {
			fmt = parse_digits10(fmt, &sp.width);
		}
		if (sp.width < 0) {
			sp.left = true;
			sp.width = -sp.width;
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				sp.precision = va_arg(args, int);
				fmt++;
			} else {
				fmt = parse_digits10(fmt, &sp.precision);
			}
		}
		fmt = parse_length(fmt, &len);
		if (integer_spec(*fmt, &sp)) {
			long long v = len >= 1 ? va_arg(args, long long) : va_arg(args, int);

			put_number(&o, sized_value(v, len, sp.is_signed), &sp);
		} else if (*fmt == 'c') {
			char c[2] = {va_arg(args, int), 0};

			pad(&o, ' ', sp.left ? 0 : sp.width - 1);
			put(&o, c[0]);
			pad(&o, ' ', sp.left ? sp.width - 1 : 0);
		} else if (*fmt == 's') {
			put_string(&o, va_arg(args, const char *), &sp);
		} else if (*fmt == 'p') {
			fmt += put_pointer(&o, va_arg(args, void *), fmt + 1, &sp);
		} else if (*fmt == '%') {
			put(&o, '%');
		} else if (!*fmt) {
			break;
		}
	}
	va_end(args);
	if (size)
		buf[min(o.len, size - 1)] = '\0';
	return o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

#endif /* !JIFFY_HOSTED */

int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(buf, size, fmt, ap);

	if (!size)
		return 0;
	return (size_t)n < size ? n : (int)size - 1;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vscnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
