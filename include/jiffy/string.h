/* SPDX-License-Identifier: MIT */
/*
 * The C library's memory and string functions (lib/string.c; memcpy, memset, memmove and
 * memcmp may come from arch/), and formatted printing into buffers (lib/vsprintf.c).
 */
#ifndef JIFFY_STRING_H
#define JIFFY_STRING_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

#ifdef JIFFY_HOSTED
#include <stdio.h>
#include <string.h>
#else
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);
char *strcpy(char *dst, const char *src);
char *strncpy(char *dst, const char *src, size_t n);
char *strcat(char *dst, const char *src);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strsep(char **s, const char *delim);

/*
 * As in C99, with these more: %pS an address as symbol+offset, %pe an errno in a pointer.
 * They return the length the whole text has, which may be more than fitted.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
#endif

/* Copies what fits, always terminates; the length copied, or -E2BIG when it was cut. */
ssize_t strscpy(char *dst, const char *src, size_t size);
/* Like snprintf(), but returns what was really written, without the NUL. */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);

/*
 * Whole-string numbers; base 0 takes 0x and 0 prefixes; one newline may end it.
 * 0, -EINVAL (no number, or more behind it) or -ERANGE.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int kstrtoll(const char *s, unsigned int base, long long *res);
int kstrtoul(const char *s, unsigned int base, unsigned long *res);
int kstrtol(const char *s, unsigned int base, long *res);
int kstrtoint(const char *s, unsigned int base, int *res);
int kstrtouint(const char *s, unsigned int base, unsigned int *res);
/* A number with an optional K, M, G or T behind it; *end is set past it when not NULL. */
unsigned long long memparse(const char *s, char **end);

/* 0 when equal, at the same cost wherever they differ. */
char *strim(char *s);
char *skip_spaces(const char *s);

#endif
