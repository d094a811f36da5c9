/* SPDX-License-Identifier: MIT */
/*
 * The clock: the time-stamp counter, its rate from CPUID where that says it, else measured against
 * the best reference the machine has (HPET, ACPI timer, 8254). The APIC timer's rate is measured
 * in the same interval. Also the battery clock, and short waits.
 *
 * Serialization rules: arch_clock is written by the boot CPU before others run, and cleared of
 * usable_in_user_mode under warp_lock when counters are found to disagree.
 */
#include <arch/time.h>
#include <asm/apic.h>
#include <asm/setup.h>
#include <jiffy/kernel.h>
#include <jiffy/ktime.h>
#include <jiffy/smp.h>
#include <jiffy/spinlock.h>

#define PIT_HZ	   1193182UL
#define PM_HZ	   3579545UL
#define HPET_CAP   0x000
#define HPET_CONF  0x010
#define HPET_COUNT 0x0f0

/* A reference: a counter of known rate. read() goes round at mask + 1. */
struct reference {
	const char *name;
	u64 hz, mask;
	u64 (*read)(void);
};

/* Until it is measured the counter is taken for a fast one, so that log times only jump ahead. */
struct arch_clock arch_clock = {.freq_hz = 4 * NSEC_PER_SEC, .mult = 1u << 22, .shift = 24};
static u64 tsc_at_boot;
static volatile u32 *hpet __initdata;

u64 arch_clock_read(void)
{
	return rdtsc_ordered();
}

u64 arch_clock_cycles_to_ns(u64 cycles)
{
	return ((unsigned __int128)(cycles - tsc_at_boot) * arch_clock.mult) >> arch_clock.shift;
}

u64 arch_clock_ns(void)
{
	return arch_clock_cycles_to_ns(rdtsc_ordered());
}

void arch_udelay(unsigned long us)
{
	u64 start = rdtsc_ordered(), cycles = us * arch_clock.freq_hz / USEC_PER_SEC;

	while (rdtsc_ordered() - start < cycles)
		arch_cpu_relax();
}

/* Nanoseconds count from here: the first line of arch_setup(). */
void __init tsc_mark_boot(void)
{
	tsc_at_boot = rdtsc();
}

/* ---- references ---- */

static __init u64 hpet_read(void)
{
	return hpet[HPET_COUNT / 4];
}

static __init u64 pm_read(void)
{
	return inl(acpi_info.pm_timer_port);
}

/* Channel 0 counts down; latched first, since a reading takes two accesses. */
static __init u64 pit_read(void)
{
	u32 v;

	outb(0, 0x43);
	v = inb(0x40);
	v |= (u32)inb(0x40) << 8;
	return ~v;
}

static __init bool counts(const struct reference *r)
{
	u64 first = r->read(), end = rdtsc() + 100000;

	while (rdtsc() < end)
		if (r->read() != first)
			return true;
	return false;
}

static __init bool find_reference(struct reference *r)
{
	u32 period_fs;

	if (acpi_info.hpet_base) {
		hpet = arch_ioremap(acpi_info.hpet_base, PAGE_SIZE);
		period_fs = hpet[HPET_CAP / 4 + 1];
		if (period_fs >= 100000 && period_fs <= 100000000) {
			hpet[HPET_CONF / 4] |= 1;
			*r = (struct reference){"HPET", 1000000000000000UL / period_fs, 0xffffffff,
						hpet_read};
			if (counts(r))
				return true;
		}
	}
	if (acpi_info.pm_timer_port) {
		*r = (struct reference){"ACPI timer", PM_HZ,
					acpi_info.pm_timer_32bit ? 0xffffffff : 0xffffff, pm_read};
		if (counts(r))
			return true;
	}
	outb(0x34, 0x43); /* mode 2, from 65536 downwards */
	outb(0, 0x40);
	outb(0, 0x40);
	*r = (struct reference){"8254", PIT_HZ, 0xffff, pit_read};
	return counts(r);
}

/* ---- calibration ---- */

/*
 * The counter; and between which two looks at it the longest time went by. A hypervisor that gives
 * the CPU to somebody else shows there.
 */
static u64 last_look __initdata, widest_gap __initdata;

static __init u64 look(void)
{
	u64 now = rdtsc_ordered();

	widest_gap = max(widest_gap, now - last_look);
	last_look = now;
	return now;
}

/*
 * Waits for the reference to step. Its value, and when: halfway between the last look that saw
 * the old value and the first that saw the new one, *error apart.
 */
static __init u64 reference_edge(const struct reference *r, u64 *tsc, u64 *error)
{
	u64 old = r->read() & r->mask, before = look(), now, after;

	for (;;) {
		now = r->read() & r->mask;
		after = look();
		if (now != old)
			break;
		before = after;
	}
	*tsc = before + (after - before) / 2;
	*error = after - before;
	return now;
}

/* The sharpest of a few: the first ones are slow, on cold caches or untranslated code. */
static __init u64 sharp_edge(const struct reference *r, u64 *tsc, u64 *error)
{
	u64 value = 0, v, t, e;

	*tsc = 0;
	*error = ~0UL;
	for (int i = 0; i < 4; i++) {
		v = reference_edge(r, &t, &e);
		if (e < *error) {
			value = v;
			*tsc = t;
			*error = e;
		}
	}
	return value;
}

/* The APIC timer's count, and when. */
static __init u32 apic_sample(u64 *tsc)
{
	u64 best = ~0UL, before, after;
	u32 value = 0, v;

	for (int i = 0; i < 4; i++) {
		before = rdtsc_ordered();
		v = apic_timer_read();
		after = rdtsc_ordered();
		if (after - before < best) {
			best = after - before;
			*tsc = before + best / 2;
			value = v;
		}
	}
	return value;
}

/*
 * Two edges and what lies between. The longer the interval, the less the uncertainty of the edges
 * weighs: it ends when they are 1/20,000 of it, at 10 ms at the latest. A virtual counter is read
 * in no time, and half a millisecond does.
 *
 * False when the CPU was away for most of it. The 8254 counts to 65,536 in 55 ms: who was away for
 * longer sees too few of its ticks, and the rate comes out too high, never too low.
 */
static __init bool measure(const struct reference *r, u64 *tsc_hz, u64 *apic_hz)
{
	u64 t0, t1, e0, e1, start, stop, ticks, a0, a1;
	u64 max_ticks = r->hz / 100;
	u32 apic0, apic1;

	last_look = rdtsc_ordered();
	widest_gap = 0;
	apic_timer_start();
	start = sharp_edge(r, &t0, &e0);
	apic0 = apic_sample(&a0);
	do {
		stop = reference_edge(r, &t1, &e1);
		ticks = (stop - start) & r->mask;
	} while (ticks < max_ticks && (e0 + e1) * 20000 > t1 - t0);
	stop = sharp_edge(r, &t1, &e1);
	ticks = (stop - start) & r->mask;
	apic1 = apic_sample(&a1);
	if (!ticks)
		return false;
	*tsc_hz = mul_u64_u64_div_u64(t1 - t0, r->hz, ticks);
	*apic_hz = mul_u64_u64_div_u64(apic0 - apic1, *tsc_hz, a1 - a0);
	return widest_gap < (t1 - t0) / 2;
}

/* The lowest of what was measured, until one time the CPU was there throughout. */
static __init u64 calibrate(const struct reference *r, u64 *apic_hz)
{
	u64 best = ~0UL, apic = 0;
	bool whole = false;

	for (int i = 0; i < 10 && !whole; i++) {
		u64 tsc_hz = ~0UL;

		whole = measure(r, &tsc_hz, &apic);
		if (tsc_hz < best) {
			best = tsc_hz;
			*apic_hz = apic;
		}
	}
	if (best == ~0UL)
		panic("clock: %s stands still", r->name);
	return best;
}

/* Exact where CPUID states it: the crystal's rate and ratio, or a hypervisor's leaf (in kHz). */
static __init u64 tsc_hz_from_cpuid(void)
{
	u32 a, b, c, d;

	if (boot_cpu_data.cpuid_level >= 0x15) {
		cpuid(0x15, 0, &a, &b, &c, &d);
		if (a && b && c)
			return (u64)c * b / a;
	}
	if (boot_cpu_has(X86_FEATURE_HYPERVISOR)) {
		cpuid(0x40000000, 0, &a, &b, &c, &d);
		if (a >= 0x40000010 && a < 0x40010000) {
			cpuid(0x40000010, 0, &a, &b, &c, &d);
			return (u64)a * 1000;
		}
	}
	return 0;
}

/* An emulator's counter of virtual time runs at a round rate: so near is no accident. */
static __init u64 snap(u64 hz, u64 round)
{
	u64 off = hz > round ? hz - round : round - hz;

	return boot_cpu_has(X86_FEATURE_HYPERVISOR) && off < round / 1000 ? round : hz;
}

void __init arch_time_init(void)
{
	struct reference r = {.name = "CPUID"};
	u64 tsc_hz = tsc_hz_from_cpuid(), apic_hz = 0, measured;

	if (!tsc_hz || !boot_cpu_has(X86_FEATURE_TSC_DEADLINE)) {
		if (!find_reference(&r))
			panic("no clock to measure the time-stamp counter against");
		measured = calibrate(&r, &apic_hz);
		if (!tsc_hz)
			tsc_hz = snap(measured, NSEC_PER_SEC);
		apic_hz = snap(apic_hz, NSEC_PER_SEC);
	}
	arch_clock.freq_hz = tsc_hz;
	/* 24 fractional bits: 0.06 ppm, and 18 minutes at 1 GHz before a 64-bit product is full. */
	arch_clock.shift = 24;
	arch_clock.mult = mul_u64_u64_div_u64(NSEC_PER_SEC, 1UL << arch_clock.shift, tsc_hz);
	arch_clock.usable_in_user_mode = true;
	apic_timer_set_rate(apic_hz);
	arch_time_init_secondary();
	pr_info("clock: TSC %llu kHz, APIC timer %llu kHz, by %s",
		(unsigned long long)(tsc_hz / 1000), (unsigned long long)(apic_hz / 1000), r.name);
}

/* ---- do the CPUs agree? ---- */

static DEFINE_SPINLOCK(warp_lock);
static u64 last_tsc;

/*
 * Each CPU, as it comes up, writes down the time under one lock several times. A reading that is
 * below one written before it, by whichever CPU, shows that their counters are apart: time would
 * run back for a task that moves.
 */
void tsc_check_sync(void)
{
	u64 now, warp = 0;
	unsigned long flags;

	for (int i = 0; i < 20; i++) {
		spin_lock_irqsave(&warp_lock, flags);
		now = rdtsc_ordered();
		if (now < last_tsc)
			warp = max(warp, last_tsc - now);
		last_tsc = max(now, last_tsc);
		if (warp)
			arch_clock.usable_in_user_mode = false;
		spin_unlock_irqrestore(&warp_lock, flags);
	}
	if (warp)
		pr_warn("clock: TSC of CPU %d is %llu cycles behind", smp_processor_id(),
			(unsigned long long)warp);
}

/* ---- the battery clock: MC146818, IBM's layout ---- */

static __init u8 cmos(u8 reg)
{
	outb(reg, 0x70);
	return inb(0x71);
}

static __init u32 from_bcd(u32 v, bool binary)
{
	return binary ? v : (v >> 4) * 10 + (v & 15);
}

/* Days since 1970-01-01 in the Gregorian calendar; the year begins in March, so that the day
 * that is sometimes missing is its last. */
static __init s64 days_from_date(s64 y, u32 m, u32 d)
{
	u32 month = (m + 9) % 12;

	y -= m <= 2;
	return y * 365 + y / 4 - y / 100 + y / 400 + (month * 153 + 2) / 5 + d - 1 - 719468;
}

s64 __init arch_read_persistent_clock(void)
{
	u8 now[7], again[7];
	static const u8 regs[7] = {0, 2, 4, 7, 8, 9, 0x32};
	bool binary, same = false;
	u32 hour, year;

	if (cmos(0x0d) == 0xff)
		return 0; /* nothing answers */
	for (int try = 0; try < 10 && !same; try++) {
		while (cmos(0x0a) & 0x80)
			arch_cpu_relax(); /* being updated: less than 2 ms */
		for (int i = 0; i < 7; i++)
			now[i] = cmos(regs[i]);
		same = true;
		for (int i = 0; i < 7; i++) {
			again[i] = cmos(regs[i]);
			same = same && again[i] == now[i];
		}
	}
	binary = cmos(0x0b) & 4;
	hour = from_bcd(now[2] & 0x7f, binary);
	if (!(cmos(0x0b) & 2)) /* 12-hour clock, bit 7: afternoon */
		hour = hour % 12 + (now[2] & 0x80 ? 12 : 0);
	year = from_bcd(now[5], binary);
	year += now[6] >= 0x19 && now[6] <= 0x21 ? from_bcd(now[6], binary) * 100
		: year < 70			 ? 2000
						 : 1900;
	return days_from_date(year, from_bcd(now[4], binary), from_bcd(now[3], binary)) * 86400 +
	       hour * 3600 + from_bcd(now[1], binary) * 60 + from_bcd(now[0], binary);
}
