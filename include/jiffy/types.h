/* SPDX-License-Identifier: MIT */
/*
 * The integer types every room speaks in.
 */
#ifndef JIFFY_TYPES_H
#define JIFFY_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/*
 * The unit tests and the simulator are hosted programs, whose C library has its own idea of
 * these; there they come from <sys/types.h> and are the same on the machines we build on.
 */
#ifdef JIFFY_HOSTED
#include <sys/types.h>
#else
typedef long ssize_t;
typedef s64 loff_t;
typedef s64 off_t;
typedef s32 pid_t;
typedef u32 uid_t;
typedef u32 gid_t;
typedef u32 mode_t;
typedef u64 dev_t;
typedef u64 ino_t;
typedef s64 time_t;
typedef s32 clockid_t;
#endif

typedef u16 umode_t;
typedef u32 gfp_t;
typedef u32 fmode_t;
typedef u64 sector_t;
typedef u64 phys_addr_t;
typedef u64 cputime_t; /* nanoseconds of CPU time */

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

/* Deferred by call_rcu(); embedded in what is to be freed. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

#endif
