/* SPDX-License-Identifier: MIT */
/*
 * How fast a CPU runs, by two counters that stand still while it sleeps: MPERF goes at the
 * frequency that the processor is rated for, APERF at the one it has (Intel's manual, volume 3,
 * "Power and thermal management"). CPUID leaf 16H tells the rated one and the highest; without it
 * the rated one counts as the highest, and what goes beyond is cut off.
 *
 * Each CPU has its own counters and remembers its own readings; interrupts are off.
 */
#include <arch/time.h>
#include <asm/freq.h>
#include <asm/processor.h>
#include <jiffy/percpu.h>

static DEFINE_PER_CPU(struct freq_reading, freq_reading);

/* MHz. */
static void rated_and_highest(u64 *rated, u64 *highest)
{
	u32 base = 0, max = 0, c, d;

	if (boot_cpu_data.cpuid_level >= 0x16)
		cpuid(0x16, 0, &base, &max, &c, &d);
	*rated = base && max > base ? base : 1;
	*highest = base && max > base ? max : 1;
}

/* In 128 bits: after a day without a sleep the product of mperf and highest passes 64. */
unsigned long freq_scale_of(struct freq_reading *last, u64 aperf, u64 mperf, u64 rated, u64 highest)
{
	unsigned __int128 scale = last->scale ? last->scale : FULL_SPEED;

	if (last->scale && aperf > last->aperf && mperf > last->mperf)
		scale = (unsigned __int128)(aperf - last->aperf) * FULL_SPEED * rated /
			((unsigned __int128)(mperf - last->mperf) * highest);
	scale = scale < FULL_SPEED ? scale : FULL_SPEED;
	*last = (struct freq_reading){aperf, mperf, scale ? scale : 1};
	return last->scale;
}

unsigned long arch_freq_scale(void)
{
	u64 rated, highest;

	if (!boot_cpu_has(X86_FEATURE_APERFMPERF))
		return FULL_SPEED;
	rated_and_highest(&rated, &highest);
	return freq_scale_of(this_cpu_ptr(&freq_reading), rdmsr(MSR_APERF), rdmsr(MSR_MPERF), rated,
			     highest);
}
