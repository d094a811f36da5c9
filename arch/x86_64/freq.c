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
#include <asm/processor.h>
#include <jiffy/kernel.h>
#include <jiffy/percpu.h>

#define FULL_SPEED 1024UL

struct freq_reading {
	u64 aperf, mperf;
	unsigned long scale; /* by the last two readings; 0: there was none */
};
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

unsigned long arch_freq_scale(void)
{
	struct freq_reading *last = this_cpu_ptr(&freq_reading);
	u64 aperf, mperf, rated, highest;

	if (!boot_cpu_has(X86_FEATURE_APERFMPERF))
		return FULL_SPEED;
	aperf = rdmsr(MSR_APERF);
	mperf = rdmsr(MSR_MPERF);
	/* One that stood still, or that somebody has set back, says nothing. */
	if (last->scale && aperf > last->aperf && mperf > last->mperf) {
		rated_and_highest(&rated, &highest);
		last->scale = mul_u64_u64_div_u64(aperf - last->aperf, FULL_SPEED * rated,
						  (mperf - last->mperf) * highest);
	}
	last->scale = clamp(last->scale ? last->scale : FULL_SPEED, 1UL, FULL_SPEED);
	last->aperf = aperf;
	last->mperf = mperf;
	return last->scale;
}
