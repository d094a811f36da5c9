/* SPDX-License-Identifier: MIT */
/*
 * From an interrupt's vector to its handler, on the right stack. By default interrupts run on a
 * stack of their own for each CPU; with irqstacks=shared they run on that of the task they
 * interrupt. Either way `current` is the interrupted task.
 */
#include <arch/irq.h>
#include <asm/apic.h>
#include <asm/irq_stat.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

DEFINE_PER_CPU(struct pt_regs *, irq_regs);
DEFINE_PER_CPU(struct irq_stats, irq_stats);
static bool irq_stacks_shared;

void call_on_stack(void *top, void (*fn)(void *), void *arg);

static int set_irqstacks(char *value)
{
	if (!strcmp(value, "shared"))
		irq_stacks_shared = true;
	else if (!strcmp(value, "separate"))
		irq_stacks_shared = false;
	else
		return -EINVAL;
	return 0;
}
early_param("irqstacks=", set_irqstacks);

struct pt_regs *arch_irq_regs(void)
{
	return this_cpu_read(irq_regs);
}

static bool on_irq_stack(void)
{
	return (unsigned long)this_cpu_read(irq_stack_top) - 1 - arch_stack_pointer() <
	       CPU_STACK_SIZE;
}

/* Interrupts off. The stack's thread_info says whose time it is. */
static void run_on_irq_stack(void (*fn)(void *), void *arg)
{
	char *top = this_cpu_read(irq_stack_top);

	if (irq_stacks_shared || on_irq_stack()) {
		fn(arg);
		return;
	}
	((struct thread_info *)(top - CPU_STACK_SIZE))->task = current;
	call_on_stack(top, fn, arg);
}

static void call_plain(void *fn)
{
	((void (*)(void))fn)();
}

void arch_do_softirq_own_stack(void (*fn)(void))
{
	run_on_irq_stack(call_plain, fn);
}

static void dispatch(int vector)
{
	int irq;

	switch (vector) {
	case LOCAL_TIMER_VECTOR:
		irq_stat_inc(IRQ_STAT_TIMER);
		apic_eoi();
		tick_handle_event();
		return;
	case RESCHEDULE_VECTOR:
		irq_stat_inc(IRQ_STAT_RESCHEDULE);
		apic_eoi();
		scheduler_ipi();
		return;
	case CALL_FUNCTION_VECTOR:
		irq_stat_inc(IRQ_STAT_CALL);
		apic_eoi();
		generic_smp_call_function_interrupt();
		return;
	case ERROR_APIC_VECTOR:
		irq_stat_inc(IRQ_STAT_ERROR);
		apic_report_error();
		apic_eoi();
		return;
	case SPURIOUS_APIC_VECTOR:
	case ISA_PIC_VECTOR + 7:
	case ISA_PIC_VECTOR + 15:
		irq_stat_inc(IRQ_STAT_SPURIOUS);
		return; /* raised by nobody; needs no acknowledgement */
	}
	irq = ioapic_vector_to_irq(vector);
	if (irq >= 0)
		generic_handle_irq(irq);
	else
		pr_warn("irq: vector %#x has no line", vector);
	apic_eoi();
}

static void interrupt_body(void *arg)
{
	struct pt_regs *regs = arg, *outer = this_cpu_read(irq_regs);

	this_cpu_write(irq_regs, regs);
	irq_enter();
	dispatch(~regs->orig_ax & 0xff);
	irq_exit();
	this_cpu_write(irq_regs, outer);
}

void handle_interrupt(struct pt_regs *regs)
{
	run_on_irq_stack(interrupt_body, regs);
}

static const struct {
	const char *name, *meaning;
} stat_names[IRQ_STAT_ERROR] = {
    [IRQ_STAT_NMI] = {"NMI", "Non-maskable interrupts"},
    [IRQ_STAT_TIMER] = {"LOC", "Local timer interrupts"},
    [IRQ_STAT_SPURIOUS] = {"SPU", "Spurious interrupts"},
    [IRQ_STAT_RESCHEDULE] = {"RES", "Rescheduling interrupts"},
    [IRQ_STAT_CALL] = {"CAL", "Function call interrupts"},
    [IRQ_STAT_TLB] = {"TLB", "TLB shootdowns"},
};

void arch_irq_show(struct seq_file *m)
{
	enum irq_stat kind;
	u32 errors = 0;
	int cpu;

	for (kind = 0; kind < IRQ_STAT_ERROR; kind++) {
		seq_printf(m, "%s:", stat_names[kind].name);
		for_each_online_cpu (cpu)
			seq_printf(m, " %10u ", READ_ONCE(per_cpu(irq_stats, cpu).count[kind]));
		seq_printf(m, "  %s\n", stat_names[kind].meaning);
	}
	for_each_possible_cpu (cpu)
		errors += READ_ONCE(per_cpu(irq_stats, cpu).count[IRQ_STAT_ERROR]);
	seq_printf(m, "ERR: %10u\n", errors);
}

u64 arch_irq_sum(void)
{
	enum irq_stat kind;
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu (cpu)
		for (kind = 0; kind < NR_IRQ_STATS; kind++)
			if (kind != IRQ_STAT_TLB)
				sum += READ_ONCE(per_cpu(irq_stats, cpu).count[kind]);
	return sum;
}
