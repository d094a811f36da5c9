/* SPDX-License-Identifier: MIT */
/*
 * Atomic words and memory barriers, built on the compiler's own __atomic operations: every
 * compiler we build with turns them into the machine's best sequence, so this part of the
 * contract needs nothing from arch/.
 *
 * Ordering: an operation that returns a value orders everything before it before everything
 * after it, unless its name ends in _relaxed, _acquire or _release. One that returns nothing
 * orders nothing by itself (smp_mb__before_atomic() and smp_mb__after_atomic() add it).
 */
#ifndef JIFFY_ATOMIC_H
#define JIFFY_ATOMIC_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

#define smp_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define mb()	  smp_mb()
#define rmb()	  smp_rmb()
#define wmb()	  smp_wmb()
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic()	smp_mb()

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_store_mb(var, v)	__atomic_store_n(&(var), v, __ATOMIC_SEQ_CST)

#define xchg(p, v)	   __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define xchg_release(p, v) __atomic_exchange_n(p, v, __ATOMIC_RELEASE)

/* The value found; the store happened when that equals old. */
#define cmpxchg(p, old, new)                                                                       \
	({                                                                                         \
		__typeof__(*(p)) __cx_old = (old);                                                 \
		__atomic_compare_exchange_n(p, &__cx_old, new, false, __ATOMIC_SEQ_CST,            \
					    __ATOMIC_SEQ_CST);                                     \
		__cx_old;                                                                          \
	})
#define cmpxchg_acquire cmpxchg
#define cmpxchg_release cmpxchg
#define cmpxchg_relaxed cmpxchg

/* Like cmpxchg(), but says whether it stored, and leaves the value found in *oldp. */
#define try_cmpxchg(p, oldp, new)                                                                  \
	__atomic_compare_exchange_n(p, oldp, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define ATOMIC_INIT(i)	 { (i) }
#define ATOMIC64_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) { (i) }

#define JIFFY_ATOMIC_OPS(pfx, T, W)                                                                \
	static __always_inline W pfx##_read(const T *v)                                            \
	{                                                                                          \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);                             \
	}                                                                                          \
	static __always_inline W pfx##_read_acquire(const T *v)                                    \
	{                                                                                          \
		return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);                             \
	}                                                                                          \
	static __always_inline void pfx##_set(T *v, W i)                                           \
	{                                                                                          \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);                                \
	}                                                                                          \
	static __always_inline void pfx##_set_release(T *v, W i)                                   \
	{                                                                                          \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);                                \
	}                                                                                          \
	static __always_inline void pfx##_add(W i, T *v)                                           \
	{                                                                                          \
		__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static __always_inline void pfx##_sub(W i, T *v)                                           \
	{                                                                                          \
		__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static __always_inline void pfx##_inc(T *v)                                                \
	{                                                                                          \
		__atomic_fetch_add(&v->counter, 1, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static __always_inline void pfx##_dec(T *v)                                                \
	{                                                                                          \
		__atomic_fetch_sub(&v->counter, 1, __ATOMIC_RELAXED);                              \
	}                                                                                          \
	static __always_inline W pfx##_add_return(W i, T *v)                                       \
	{                                                                                          \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static __always_inline W pfx##_sub_return(W i, T *v)                                       \
	{                                                                                          \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static __always_inline W pfx##_fetch_add(W i, T *v)                                        \
	{                                                                                          \
		return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);                       \
	}                                                                                          \
	static __always_inline W pfx##_fetch_or(W i, T *v)                                         \
	{                                                                                          \
		return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);                        \
	}                                                                                          \
	static __always_inline W pfx##_fetch_andnot(W i, T *v)                                     \
	{                                                                                          \
		return __atomic_fetch_and(&v->counter, ~i, __ATOMIC_SEQ_CST);                      \
	}                                                                                          \
	static __always_inline W pfx##_inc_return(T *v)                                            \
	{                                                                                          \
		return pfx##_add_return(1, v);                                                     \
	}                                                                                          \
	static __always_inline W pfx##_dec_return(T *v)                                            \
	{                                                                                          \
		return pfx##_sub_return(1, v);                                                     \
	}                                                                                          \
	static __always_inline bool pfx##_dec_and_test(T *v)                                       \
	{                                                                                          \
		return pfx##_sub_return(1, v) == 0;                                                \
	}                                                                                          \
	static __always_inline bool pfx##_inc_and_test(T *v)                                       \
	{                                                                                          \
		return pfx##_add_return(1, v) == 0;                                                \
	}                                                                                          \
	static __always_inline bool pfx##_sub_and_test(W i, T *v)                                  \
	{                                                                                          \
		return pfx##_sub_return(i, v) == 0;                                                \
	}                                                                                          \
	static __always_inline W pfx##_xchg(T *v, W n)                                             \
	{                                                                                          \
		return xchg(&v->counter, n);                                                       \
	}                                                                                          \
	static __always_inline W pfx##_cmpxchg(T *v, W old, W new)                                 \
	{                                                                                          \
		return cmpxchg(&v->counter, old, new);                                             \
	}                                                                                          \
	static __always_inline bool pfx##_try_cmpxchg(T *v, W *old, W new)                         \
	{                                                                                          \
		return try_cmpxchg(&v->counter, old, new);                                         \
	}                                                                                          \
	/* Adds i unless the value is u; says whether it did. */                                   \
	static __always_inline bool pfx##_add_unless(T *v, W i, W u)                               \
	{                                                                                          \
		W c = pfx##_read(v);                                                               \
                                                                                                   \
		do {                                                                               \
			if (c == u)                                                                \
				return false;                                                      \
		} while (!pfx##_try_cmpxchg(v, &c, c + i));                                        \
		return true;                                                                       \
	}                                                                                          \
	static __always_inline bool pfx##_inc_not_zero(T *v)                                       \
	{                                                                                          \
		return pfx##_add_unless(v, 1, 0);                                                  \
	}

JIFFY_ATOMIC_OPS(atomic, atomic_t, int)
JIFFY_ATOMIC_OPS(atomic64, atomic64_t, s64)
#define atomic_long_read   atomic64_read
#define atomic_long_set	   atomic64_set
#define atomic_long_add	   atomic64_add
#define atomic_long_sub	   atomic64_sub
#define atomic_long_inc	   atomic64_inc
#define atomic_long_dec	   atomic64_dec
#define atomic_long_add_return atomic64_add_return
#define atomic_long_sub_return atomic64_sub_return
#define atomic_long_inc_return atomic64_inc_return

#endif
