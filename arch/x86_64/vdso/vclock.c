/* SPDX-License-Identifier: MIT */
/*
 * The functions of vdso(7): clock_gettime, gettimeofday, time, clock_getres, getcpu, in user mode
 * from the page of time data that the kernel keeps. Runs in programs: no kernel function, no
 * writable data. What it cannot answer it asks the system call.
 */
#include <arch/vdso.h>
#include <asm/segment.h>
#include <jiffy/compiler.h>
#include <uapi/time.h>
#include <uapi/unistd.h>

#define NSEC_PER_SEC 1000000000L
#define TICK_NSEC    4000000L
#define EXPORT	     __attribute__((visibility("default")))

/* Not const: the kernel writes it, and a compiler reads what is const only once. */
extern struct vdso_data vvar_page __attribute__((visibility("hidden")));

EXPORT
int __vdso_clock_gettime(clockid_t clock, struct __kernel_timespec *ts);
EXPORT
int __vdso_gettimeofday(struct __kernel_timeval *tv, struct timezone *tz);
EXPORT
int __vdso_clock_getres(clockid_t clock, struct __kernel_timespec *res);
EXPORT
time_t __vdso_time(time_t *t);
EXPORT
long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused);

static long system_call(long nr, long a, long b)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b) : "rcx", "r11", "memory");
	return ret;
}

static __always_inline u64 counter(void)
{
	u32 lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return lo | (u64)hi << 32;
}

static __always_inline u32 read_begin(const struct vdso_data *v)
{
	u32 seq;

	while ((seq = __atomic_load_n(&v->seq, __ATOMIC_ACQUIRE)) & 1)
		__asm__ volatile("pause");
	return seq;
}

static __always_inline bool read_retry(const struct vdso_data *v, u32 seq)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&v->seq, __ATOMIC_RELAXED) != seq;
}

/* nanoseconds may be several seconds' worth: subtracted, since dividing costs more. */
static __always_inline void split(struct __kernel_timespec *ts, u64 sec, u64 ns)
{
	while (ns >= NSEC_PER_SEC) {
		ns -= NSEC_PER_SEC;
		sec++;
	}
	ts->tv_sec = sec;
	ts->tv_nsec = ns;
}

/* A clock that moves with the counter; false when user mode may not read that. */
static __always_inline bool fine_time(const u64 *sec_at, const u64 *snsec_at, u64 add_sec,
				      struct __kernel_timespec *ts)
{
	const struct vdso_data *v = &vvar_page;
	u64 sec, snsec, now, last;
	u32 seq, mult, shift;

	do {
		seq = read_begin(v);
		if (unlikely(!v->clock_mode))
			return false;
		now = counter();
		last = v->cycle_last;
		mult = v->mult;
		shift = v->shift;
		sec = *sec_at;
		snsec = *snsec_at;
	} while (unlikely(read_retry(v, seq)));
	/* Another CPU's counter may be a little behind the one that was read at the update. */
	if (likely((s64)(now - last) > 0))
		snsec += (now - last) * mult;
	split(ts, sec + add_sec, snsec >> shift);
	return true;
}

static __always_inline void coarse_time(const u64 *sec, const u64 *nsec,
					struct __kernel_timespec *ts)
{
	const struct vdso_data *v = &vvar_page;
	u32 seq;

	do {
		seq = read_begin(v);
		ts->tv_sec = *sec;
		ts->tv_nsec = *nsec;
	} while (unlikely(read_retry(v, seq)));
}

int __vdso_clock_gettime(clockid_t clock, struct __kernel_timespec *ts)
{
	const struct vdso_data *v = &vvar_page;
	bool done = false;

	switch (clock) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
		done = fine_time(&v->mono_sec, &v->mono_snsec, 0, ts);
		break;
	case CLOCK_REALTIME:
		done = fine_time(&v->wall_sec, &v->wall_snsec, 0, ts);
		break;
	case CLOCK_BOOTTIME:
		done = fine_time(&v->boot_sec, &v->boot_snsec, 0, ts);
		break;
	case CLOCK_TAI:
		done = fine_time(&v->wall_sec, &v->wall_snsec, v->tai_offset, ts);
		break;
	case CLOCK_REALTIME_COARSE:
		coarse_time(&v->coarse_wall_sec, &v->coarse_wall_nsec, ts);
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		coarse_time(&v->coarse_mono_sec, &v->coarse_mono_nsec, ts);
		return 0;
	}
	return done ? 0 : (int)system_call(__NR_clock_gettime, clock, (long)ts);
}
EXPORT
int clock_gettime(clockid_t, struct __kernel_timespec *)
    __attribute__((weak, alias("__vdso_clock_gettime")));

int __vdso_gettimeofday(struct __kernel_timeval *tv, struct timezone *tz)
{
	const struct vdso_data *v = &vvar_page;
	struct __kernel_timespec ts;

	if (tv) {
		if (!fine_time(&v->wall_sec, &v->wall_snsec, 0, &ts))
			return system_call(__NR_gettimeofday, (long)tv, (long)tz);
		tv->tv_sec = ts.tv_sec;
		tv->tv_usec = (u64)ts.tv_nsec / 1000;
	}
	if (tz) {
		tz->tz_minuteswest = v->tz_minuteswest;
		tz->tz_dsttime = v->tz_dsttime;
	}
	return 0;
}
EXPORT
int gettimeofday(struct __kernel_timeval *, struct timezone *)
    __attribute__((weak, alias("__vdso_gettimeofday")));

int __vdso_clock_getres(clockid_t clock, struct __kernel_timespec *res)
{
	long ns;

	switch (clock) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		ns = 1;
		break;
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		ns = TICK_NSEC;
		break;
	default:
		return system_call(__NR_clock_getres, clock, (long)res);
	}
	if (res) {
		res->tv_sec = 0;
		res->tv_nsec = ns;
	}
	return 0;
}
EXPORT
int clock_getres(clockid_t, struct __kernel_timespec *)
    __attribute__((weak, alias("__vdso_clock_getres")));

/* The seconds of the tick: one aligned word, whole at any time. */
time_t __vdso_time(time_t *t)
{
	time_t now = __atomic_load_n(&vvar_page.coarse_wall_sec, __ATOMIC_RELAXED);

	if (t)
		*t = now;
	return now;
}
EXPORT
time_t time(time_t *) __attribute__((weak, alias("__vdso_time")));

/* The limit of a segment that each CPU has in its own table. */
long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused)
{
	u32 v;

	(void)unused;
	__asm__("lsl %1, %0" : "=r"(v) : "r"(__CPUNODE_SEG) : "cc");
	if (cpu)
		*cpu = v & 0xfff;
	if (node)
		*node = v >> 12;
	return 0;
}
EXPORT
long getcpu(unsigned int *, unsigned int *, void *) __attribute__((weak, alias("__vdso_getcpu")));
