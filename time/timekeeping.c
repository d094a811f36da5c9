/* SPDX-License-Identifier: MIT */
/*
 * What time it is. The monotonic clock is the counter itself, scaled (arch_clock_ns()): reading
 * it takes no lock and no shared line. Real time is the monotonic clock plus an offset that only
 * clock_settime(2) changes. The tick's count, jiffies, is derived from the clock too, so no tick
 * can be lost while a CPU sleeps.
 *
 * Serialization rules: tk_lock (interrupts off) for writers of the offset and of the vDSO's data;
 * readers of the offset take one 64-bit load.
 */
#include <arch/time.h>
#include <arch/vdso.h>
#include <jiffy/err.h>
#include <jiffy/ktime.h>
#include <jiffy/smp.h>
#include <jiffy/spinlock.h>
#include <jiffy/time_private.h>

/* Jiffies start five minutes before they wrap at 32 bits, so that code which forgets is found. */
#define INITIAL_JIFFIES ((u64)(u32)(-300 * HZ))

volatile unsigned long jiffies = INITIAL_JIFFIES;
u64 jiffies_64 = INITIAL_JIFFIES;

static atomic64_t real_offset; /* ns from monotonic to real */
static DEFINE_SPINLOCK(tk_lock);
static s64 tai_seconds = 0;

ktime_t ktime_get(void)
{
	return arch_clock_ns();
}

ktime_t ktime_get_boottime(void)
{
	return arch_clock_ns();
}

ktime_t ktime_get_real(void)
{
	return arch_clock_ns() + atomic64_read(&real_offset);
}

ktime_t ktime_real_offset(void)
{
	return atomic64_read(&real_offset);
}

ktime_t ktime_get_coarse(void)
{
	return (jiffies_64 - INITIAL_JIFFIES) * TICK_NSEC;
}

ktime_t ktime_get_coarse_real(void)
{
	return ktime_get_coarse() + atomic64_read(&real_offset);
}

ktime_t ktime_get_clocktai(void)
{
	return ktime_get_real() + tai_seconds * NSEC_PER_SEC;
}

u64 sched_clock(void)
{
	return arch_clock_ns();
}

void ktime_get_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get());
}

void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get_real());
}

time_t ktime_get_real_seconds(void)
{
	return ktime_get_real() / NSEC_PER_SEC;
}

struct timespec64 current_time_ts(void)
{
	return ns_to_timespec64(ktime_get_coarse_real());
}

/* seconds.fraction for the vDSO: nanoseconds are kept shifted, as the scaled counter is. */
static void split(s64 ns, u64 *sec, u64 *snsec)
{
	struct timespec64 ts = ns_to_timespec64(ns);

	*sec = ts.tv_sec;
	*snsec = (u64)ts.tv_nsec << arch_clock.shift;
}

static void update_vdso_locked(void)
{
	struct vdso_data *v = vdso_data;
	u64 cycles = arch_clock_read();
	s64 mono = arch_clock_cycles_to_ns(cycles), real = mono + atomic64_read(&real_offset);
	struct timespec64 cm = ns_to_timespec64(ktime_get_coarse());
	struct timespec64 cr = ns_to_timespec64(ktime_get_coarse_real());

	WRITE_ONCE(v->seq, v->seq + 1);
	smp_wmb();
	v->clock_mode = arch_clock.usable_in_user_mode;
	v->cycle_last = cycles;
	v->mask = ~0ULL;
	v->mult = arch_clock.mult;
	v->shift = arch_clock.shift;
	split(mono, &v->mono_sec, &v->mono_snsec);
	split(mono, &v->boot_sec, &v->boot_snsec);
	split(real, &v->wall_sec, &v->wall_snsec);
	v->tai_offset = tai_seconds;
	v->coarse_mono_sec = cm.tv_sec;
	v->coarse_mono_nsec = cm.tv_nsec;
	v->coarse_wall_sec = cr.tv_sec;
	v->coarse_wall_nsec = cr.tv_nsec;
	smp_wmb();
	WRITE_ONCE(v->seq, v->seq + 1);
}

void timekeeping_update_vdso(void)
{
	unsigned long flags;

	spin_lock_irqsave(&tk_lock, flags);
	update_vdso_locked();
	spin_unlock_irqrestore(&tk_lock, flags);
}

/* Brings jiffies up to the clock; whichever CPU comes first does it. True when it moved. */
bool update_jiffies(void)
{
	u64 now = INITIAL_JIFFIES + arch_clock_ns() / TICK_NSEC;
	u64 old = READ_ONCE(jiffies_64);

	if (now <= old || !try_cmpxchg(&jiffies_64, &old, now))
		return false;
	jiffies = now;
	return true;
}

int do_settimeofday64(const struct timespec64 *ts)
{
	unsigned long flags;
	s64 mono;

	if (!timespec64_valid(ts) || ts->tv_sec > KTIME_MAX / NSEC_PER_SEC - 1)
		return -EINVAL;
	spin_lock_irqsave(&tk_lock, flags);
	mono = arch_clock_ns();
	/* Real time cannot be before the machine was started: monotonic would be negative. */
	if (timespec64_to_ktime(*ts) < mono) {
		spin_unlock_irqrestore(&tk_lock, flags);
		return -EINVAL;
	}
	atomic64_set(&real_offset, timespec64_to_ktime(*ts) - mono);
	update_vdso_locked();
	spin_unlock_irqrestore(&tk_lock, flags);
	clock_was_set();
	return 0;
}

void set_time_zone(int minuteswest, int dsttime)
{
	vdso_data->tz_minuteswest = minuteswest;
	vdso_data->tz_dsttime = dsttime;
}

void get_time_zone(int *minuteswest, int *dsttime)
{
	*minuteswest = vdso_data->tz_minuteswest;
	*dsttime = vdso_data->tz_dsttime;
}

s64 get_tai_offset(void)
{
	return tai_seconds;
}

void set_tai_offset(s64 seconds)
{
	tai_seconds = seconds;
}

void time_init(void)
{
	arch_time_init();
	atomic64_set(&real_offset, arch_read_persistent_clock() * NSEC_PER_SEC - arch_clock_ns());
	update_jiffies();
	update_vdso_locked();
	hrtimers_init();
	timers_init();
	tick_init();
}

void time_init_secondary(void)
{
	arch_time_init_secondary();
	tick_init();
}
