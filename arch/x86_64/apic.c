/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: by memory (xAPIC), or by model-specific registers (x2APIC) where firmware has
 * switched that on, a CPU's number needs it, or a hypervisor makes it the cheap way. Interrupts
 * to other CPUs, and the one-shot timer: by TSC deadline where there is, else by its counter.
 *
 * Each CPU touches its own APIC only; no locks. Sending needs interrupts off around the two
 * halves of the xAPIC command register.
 */
#include <arch/irq.h>
#include <arch/time.h>
#include <asm/apic.h>
#include <asm/setup.h>
#include <jiffy/kernel.h>
#include <jiffy/smp.h>

#define APIC_ID	       0x020
#define APIC_TPR       0x080
#define APIC_EOI       0x0b0
#define APIC_SPIV      0x0f0
#define APIC_ESR       0x280
#define APIC_ICR       0x300
#define APIC_ICR2      0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TMICT     0x380
#define APIC_TMCCT     0x390
#define APIC_TDCR      0x3e0

#define APIC_SPIV_ENABLED 0x100
#define APIC_LVT_MASKED	  0x10000
#define APIC_LVT_DEADLINE 0x40000
#define APIC_ICR_BUSY	  0x1000
#define APIC_TDCR_DIV1	  0xb
#define APIC_BASE_ENABLE  0x800
#define APIC_BASE_X2APIC  0x400

static volatile u32 *apic_regs;
static bool x2apic, deadline;
static u64 counts_per_ns_32; /* timer counts in a nanosecond, << 32 */
static u64 max_delta_ns;

static u32 apic_read(u32 reg)
{
	return x2apic ? (u32)rdmsr(MSR_X2APIC + (reg >> 4)) : apic_regs[reg / 4];
}

static void apic_write(u32 reg, u32 v)
{
	if (x2apic)
		wrmsr(MSR_X2APIC + (reg >> 4), v);
	else
		apic_regs[reg / 4] = v;
}

bool apic_present(void)
{
	return x2apic || apic_regs;
}

u32 apic_id(void)
{
	u32 v = apic_read(APIC_ID);

	return x2apic ? v : v >> 24;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* The register holds what has happened since the last write to it. */
void apic_report_error(void)
{
	apic_write(APIC_ESR, 0);
	pr_warn("apic: CPU %d reports error %#x", smp_processor_id(), apic_read(APIC_ESR));
}

static bool want_x2apic(void)
{
	if (!boot_cpu_has(X86_FEATURE_X2APIC))
		return false;
	if ((rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC) || boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return true;
	for (unsigned int i = 0; i < nr_cpu_ids; i++)
		if (cpu_to_apicid[i] >= 0xff)
			return true;
	return false;
}

void __init apic_init_boot(void)
{
	if (!boot_cpu_has(X86_FEATURE_APIC))
		panic("this CPU has no local APIC");
	x2apic = want_x2apic();
	deadline = boot_cpu_has(X86_FEATURE_TSC_DEADLINE);
	if (!x2apic)
		apic_regs = arch_ioremap(acpi_info.lapic_base, PAGE_SIZE);
	apic_init_cpu();
}

void apic_init_cpu(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | LOCAL_TIMER_VECTOR);
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT1, smp_processor_id() ? APIC_LVT_MASKED : APIC_DM_NMI);
	apic_write(APIC_LVT_ERROR, ERROR_APIC_VECTOR);
	apic_write(APIC_SPIV, APIC_SPIV_ENABLED | SPURIOUS_APIC_VECTOR);
	apic_write(APIC_ESR, 0);
	apic_eoi();
}

/*
 * The x2APIC's register write may pass earlier stores, so a fence holds it back; the xAPIC's
 * goes to uncached memory, which nothing passes.
 */
void apic_send(u32 apicid, u32 command)
{
	unsigned long flags;

	if (x2apic) {
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2APIC + (APIC_ICR >> 4), (u64)apicid << 32 | command);
		return;
	}
	flags = arch_local_irq_save();
	while (apic_read(APIC_ICR) & APIC_ICR_BUSY)
		arch_cpu_relax();
	apic_write(APIC_ICR2, apicid << 24);
	apic_write(APIC_ICR, command);
	arch_local_irq_restore(flags);
}

void arch_send_reschedule(int cpu)
{
	apic_send(cpu_to_apicid[cpu], APIC_DM_FIXED | APIC_INT_ASSERT | RESCHEDULE_VECTOR);
}

void arch_send_call_function(const cpumask_t *mask)
{
	int cpu;

	for_each_cpu (cpu, mask)
		apic_send(cpu_to_apicid[cpu],
			  APIC_DM_FIXED | APIC_INT_ASSERT | CALL_FUNCTION_VECTOR);
}

void arch_send_nmi(const cpumask_t *mask)
{
	int cpu;

	for_each_cpu (cpu, mask)
		apic_send(cpu_to_apicid[cpu], APIC_DM_NMI | APIC_INT_ASSERT);
}

/*
 * ---- timer ----
 *
 * The bus clock undivided: an alarm is late by a count at most, and at a rate of 1 GHz that is a
 * nanosecond instead of the 16 that the usual divisor would make of it. The longest delay is then
 * 4 s, which whoever sleeps longer hardly notices.
 */

void apic_timer_start(void)
{
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | LOCAL_TIMER_VECTOR);
	apic_write(APIC_TDCR, APIC_TDCR_DIV1);
	apic_write(APIC_TMICT, ~0u);
}

u32 apic_timer_read(void)
{
	return apic_read(APIC_TMCCT);
}

void apic_timer_set_rate(u64 counts_per_second)
{
	if (deadline) {
		counts_per_second = arch_clock.freq_hz;
		max_delta_ns = 1UL << 36; /* a minute; keeps the product below in range */
	} else {
		max_delta_ns = 0xfffffff0UL * NSEC_PER_SEC / max_t(u64, counts_per_second, 1);
	}
	counts_per_ns_32 = mul_u64_u64_div_u64(counts_per_second, 1UL << 32, NSEC_PER_SEC);
	apic_write(APIC_TMICT, 0);
}

/* On each CPU, once the rate is known. */
void arch_time_init_secondary(void)
{
	apic_write(APIC_TDCR, APIC_TDCR_DIV1);
	apic_write(APIC_LVT_TIMER, LOCAL_TIMER_VECTOR | (deadline ? APIC_LVT_DEADLINE : 0));
	if (deadline) /* the mode must be in force before the deadline is written */
		__asm__ volatile("mfence" ::: "memory");
}

void arch_timer_program(u64 delta_ns)
{
	u64 counts;

	delta_ns = min(delta_ns, max_delta_ns);
	counts = (u64)(((unsigned __int128)delta_ns * counts_per_ns_32) >> 32) + 1;
	if (deadline)
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + counts);
	else
		apic_write(APIC_TMICT, counts);
}

void arch_timer_stop(void)
{
	if (deadline)
		wrmsr(MSR_TSC_DEADLINE, 0);
	else
		apic_write(APIC_TMICT, 0);
}
