/* SPDX-License-Identifier: MIT */
/*
 * Starting the other CPUs (Intel SDM volume 3, 8.4 "Multiple-processor initialization"), stopping
 * them, and the idle CPU's halt. arch_cpu_up() waits for nothing: each CPU finds its own way by
 * its APIC number, so all may be starting at once.
 */
#include <arch/boot.h>
#include <arch/irq.h>
#include <arch/time.h>
#include <asm/apic.h>
#include <asm/setup.h>
#include <jiffy/errno.h>
#include <jiffy/sched.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

unsigned long secondary_stack[NR_CPUS];
atomic_t stopping_cpu = ATOMIC_INIT(-1);
static bool cpu_alive[NR_CPUS];
static bool trampoline_ready;
extern u32 tr_efer;

void arch_smp_prepare(void)
{
	char *page = __va(TRAMPOLINE_BASE);
	bool in_ram = false;
	u32 *efer;

	for (int i = 0; i < boot_info.nr_mem; i++)
		if (boot_info.mem[i].start <= TRAMPOLINE_BASE &&
		    boot_info.mem[i].end >= TRAMPOLINE_BASE + PAGE_SIZE)
			in_ram = true;
	if (!in_ram)
		return;
	memcpy(page, trampoline_start, trampoline_end - trampoline_start);
	efer = (u32 *)(page + ((char *)&tr_efer - trampoline_start));
	*efer = EFER_LME | EFER_SCE | (boot_cpu_has(X86_FEATURE_NX) ? EFER_NX : 0);
	trampoline_ready = true;
	tsc_check_sync();
}

int arch_cpu_up(int cpu, struct task_struct *idle)
{
	u32 apicid = cpu_to_apicid[cpu];

	if (!trampoline_ready || apicid == ~0u)
		return -ENODEV;
	if (cpu_stacks_alloc(cpu))
		return -EIO;
	secondary_stack[cpu] = (unsigned long)task_pt_regs(idle);
	per_cpu(current_task, cpu) = idle;
	cpu_alive[cpu] = false;
	tsc_check_sync();
	smp_mb();
	apic_send(apicid, APIC_DM_INIT | APIC_INT_LEVELTRIG | APIC_INT_ASSERT);
	apic_send(apicid, APIC_DM_INIT | APIC_INT_LEVELTRIG);
	/* Twice, as the manual says: the first may be lost on the way out of INIT. */
	for (int i = 0; i < 2 && !READ_ONCE(cpu_alive[cpu]); i++) {
		arch_udelay(10);
		apic_send(apicid, APIC_DM_STARTUP | TRAMPOLINE_BASE >> PAGE_SHIFT);
	}
	return 0;
}

/* On the idle task's stack, GS.base set; interrupts off. */
void secondary_startup(int cpu)
{
	arch_set_percpu(cpu, __per_cpu_offset[cpu]);
	if (!secondary_may_start(cpu))
		arch_cpu_dead();
	WRITE_ONCE(cpu_alive[cpu], true);
	cpu_load_descriptors(cpu);
	arch_cpu_init();
	apic_init_cpu();
	tsc_check_sync();
	secondary_start_kernel();
}

void arch_cpu_idle(void)
{
	arch_safe_halt();
}

void arch_cpu_dead(void)
{
	for (;;) {
		arch_local_irq_disable();
		native_halt();
	}
}

/*
 * By NMI, since a CPU that has hung with interrupts off must be stopped as well. The first CPU
 * to come stops the others; one that comes second is stopped here, for two may panic at once.
 */
void arch_stop_other_cpus(void)
{
	int me = arch_smp_processor_id(), was = atomic_cmpxchg(&stopping_cpu, -1, me);
	cpumask_t others;

	if (was == me)
		return;
	if (was >= 0)
		arch_cpu_dead();
	if (!apic_present())
		return;
	cpumask_copy(&others, cpu_online_mask);
	__cpumask_clear_cpu(me, &others);
	arch_send_nmi(&others);
}
