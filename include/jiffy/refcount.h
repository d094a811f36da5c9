/* SPDX-License-Identifier: MIT */
/*
 * Counts of references: they saturate instead of wrapping, and say so when a count that has
 * reached zero is used again. refcount_dec_and_test() orders all earlier accesses before the
 * free that follows it.
 */
#ifndef JIFFY_REFCOUNT_H
#define JIFFY_REFCOUNT_H

#include <jiffy/atomic.h>
#include <jiffy/bug.h>

#define REFCOUNT_SATURATED (-0x40000000)

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n) { .refs = ATOMIC_INIT(n) }

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

static inline void refcount_add(int n, refcount_t *r)
{
	int old = __atomic_fetch_add(&r->refs.counter, n, __ATOMIC_RELAXED);

	if (unlikely(old <= 0)) {
		atomic_set(&r->refs, REFCOUNT_SATURATED);
		WARN(1, "refcount: %s", old ? "saturated" : "taken from zero (use after free)");
	}
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

static inline bool __must_check refcount_inc_not_zero(refcount_t *r)
{
	return atomic_inc_not_zero(&r->refs);
}

static inline bool __must_check refcount_sub_and_test(int n, refcount_t *r)
{
	int old = __atomic_fetch_sub(&r->refs.counter, n, __ATOMIC_RELEASE);

	if (old == n) {
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		return true;
	}
	if (unlikely(old < n)) {
		atomic_set(&r->refs, REFCOUNT_SATURATED);
		WARN(1, "refcount: dropped below zero");
	}
	return false;
}

static inline bool __must_check refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

#endif
