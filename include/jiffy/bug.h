/* SPDX-License-Identifier: MIT */
/*
 * What to do when the kernel finds itself wrong. panic() never returns: it stops the other
 * CPUs, prints the rule broken, CPU, task and a symbolised backtrace, and ends the machine.
 * Any context. kernel/panic.c.
 */
#ifndef JIFFY_BUG_H
#define JIFFY_BUG_H

#include <jiffy/compiler.h>

__noreturn __cold void panic(const char *fmt, ...) __printf(1, 2);
__cold void warn_slowpath(const char *file, int line, const char *fmt, ...) __printf(3, 4);
/* This CPU's call chain, symbolised, to the log. */
void dump_stack(void);

#define BUG() panic("BUG at %s:%d", __FILE__, __LINE__)
#define BUG_ON(cond)                                                                               \
	do {                                                                                       \
		if (unlikely(cond))                                                                \
			panic("BUG at %s:%d: %s", __FILE__, __LINE__, #cond);                      \
	} while (0)

#define WARN(cond, fmt, ...)                                                                       \
	({                                                                                         \
		bool __warned = !!(cond);                                                          \
		if (unlikely(__warned))                                                            \
			warn_slowpath(__FILE__, __LINE__, fmt, ##__VA_ARGS__);                     \
		unlikely(__warned);                                                                \
	})
#define WARN_ON(cond) WARN(cond, "%s", #cond)
#define WARN_ON_ONCE(cond)                                                                         \
	({                                                                                         \
		static bool __once;                                                                \
		bool __hit = !!(cond);                                                             \
		if (unlikely(__hit && !__once)) {                                                  \
			__once = true;                                                             \
			warn_slowpath(__FILE__, __LINE__, "%s", #cond);                            \
		}                                                                                  \
		unlikely(__hit);                                                                   \
	})

/* A precondition, checked in checked builds and free elsewhere. */
#ifdef JIFFY_CHECKED
#define JIFFY_CHECKS 1
#else
#define JIFFY_CHECKS 0
#endif
#define ASSERT(cond)                                                                               \
	do {                                                                                       \
		if (JIFFY_CHECKS && unlikely(!(cond)))                                             \
			panic("%s:%d: %s() needs %s", __FILE__, __LINE__, __func__, #cond);        \
	} while (0)

#endif
