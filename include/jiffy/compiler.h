/* SPDX-License-Identifier: MIT */
/*
 * What the compiler is asked for by name. No state, any context.
 */
#ifndef JIFFY_COMPILER_H
#define JIFFY_COMPILER_H

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#undef __always_inline /* hosted: the C library has its own */
#define __always_inline inline __attribute__((always_inline))
#define noinline	__attribute__((noinline))
#define __noreturn	__attribute__((noreturn))
#define __packed	__attribute__((packed))
#define __aligned(n)	__attribute__((aligned(n)))
#define __maybe_unused	__attribute__((unused))
#define __must_check	__attribute__((warn_unused_result))
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#define __section(s)	__attribute__((section(s)))
#define __used		__attribute__((used))
#define __weak		__attribute__((weak))
#define __cold		__attribute__((cold))
#define fallthrough	__attribute__((fallthrough))

/* Code and data that only boot uses; the pages are given back once init runs. */
#define __init	   __section(".init.text") __cold
#define __initdata __section(".init.data")

/* Marks a pointer into user space: only the uaccess routines may follow it. */
#define __user

#define L1_CACHE_BYTES		   64
#define ____cacheline_aligned_in_smp __aligned(L1_CACHE_BYTES)

/* Stops the compiler, and only the compiler, from moving memory accesses across. */
#define barrier() __asm__ __volatile__("" ::: "memory")

/* One access, whole, not repeated and not merged: for words that others change meanwhile. */
#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define BUILD_BUG_ON(cond)  _Static_assert(!(cond), "build-time check failed: " #cond)
#define static_assert_size(type, n) _Static_assert(sizeof(type) == (n), "size of " #type)

#define __stringify_1(x) #x
#define __stringify(x)	 __stringify_1(x)
#define ___PASTE(a, b)	 a##b
#define __PASTE(a, b)	 ___PASTE(a, b)
#define __UNIQUE_ID(p)	 __PASTE(p, __COUNTER__)

#endif
