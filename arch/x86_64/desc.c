/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables and the stacks that the CPU switches to by itself. One interrupt table for
 * all CPUs, written on the boot CPU before others run; a GDT, a TSS, an interrupt stack and four
 * IST stacks for each CPU, used by that CPU alone.
 */
#include <arch/boot.h>
#include <arch/percpu.h>
#include <asm/setup.h>
#include <jiffy/mm.h>
#include <jiffy/string.h>

#define GATE_INTERRUPT 0x8e
#define GATE_USER      0xee /* int3 and into may be executed by programs */

DEFINE_PER_CPU_ALIGNED(struct gdt_page, gdt_page);
DEFINE_PER_CPU_ALIGNED(struct tss, cpu_tss);
DEFINE_PER_CPU(void *, irq_stack_top);
DEFINE_PER_CPU(unsigned long, this_cpu_off);
DEFINE_PER_CPU(int, cpu_number);
DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;

static struct gate idt[256] __aligned(16);
static struct cpu_stacks cpu_stacks[NR_CPUS];
static char boot_irq_stack[CPU_STACK_SIZE] __aligned(CPU_STACK_SIZE);
static char boot_ist_stacks[IST_STACKS_SIZE] __aligned(16);

extern char irq_entries_start[];
#define ENTRY(name) extern char entry_##name[];
ENTRY(divide_error)
ENTRY(debug)
ENTRY(nmi)
ENTRY(int3)
ENTRY(overflow)
ENTRY(bounds)
ENTRY(invalid_op)
ENTRY(device_not_available)
ENTRY(double_fault)
ENTRY(invalid_tss)
ENTRY(segment_not_present)
ENTRY(stack_segment)
ENTRY(general_protection)
ENTRY(page_fault)
ENTRY(coprocessor_error)
ENTRY(alignment_check)
ENTRY(machine_check)
ENTRY(simd_error)
ENTRY(control_protection)
ENTRY(reserved)

static const struct {
	char *entry;
	u8 ist, type;
} exception_gates[32] = {
    /* no entry: reserved by the manual */
    [X86_TRAP_DE] = {entry_divide_error, 0, GATE_INTERRUPT},
    [X86_TRAP_DB] = {entry_debug, IST_DB, GATE_INTERRUPT},
    [X86_TRAP_NMI] = {entry_nmi, IST_NMI, GATE_INTERRUPT},
    [X86_TRAP_BP] = {entry_int3, 0, GATE_USER},
    [X86_TRAP_OF] = {entry_overflow, 0, GATE_USER},
    [X86_TRAP_BR] = {entry_bounds, 0, GATE_INTERRUPT},
    [X86_TRAP_UD] = {entry_invalid_op, 0, GATE_INTERRUPT},
    [X86_TRAP_NM] = {entry_device_not_available, 0, GATE_INTERRUPT},
    [X86_TRAP_DF] = {entry_double_fault, IST_DF, GATE_INTERRUPT},
    [X86_TRAP_TS] = {entry_invalid_tss, 0, GATE_INTERRUPT},
    [X86_TRAP_NP] = {entry_segment_not_present, 0, GATE_INTERRUPT},
    [X86_TRAP_SS] = {entry_stack_segment, 0, GATE_INTERRUPT},
    [X86_TRAP_GP] = {entry_general_protection, 0, GATE_INTERRUPT},
    [X86_TRAP_PF] = {entry_page_fault, 0, GATE_INTERRUPT},
    [X86_TRAP_MF] = {entry_coprocessor_error, 0, GATE_INTERRUPT},
    [X86_TRAP_AC] = {entry_alignment_check, 0, GATE_INTERRUPT},
    [X86_TRAP_MC] = {entry_machine_check, IST_MCE, GATE_INTERRUPT},
    [X86_TRAP_XF] = {entry_simd_error, 0, GATE_INTERRUPT},
    [X86_TRAP_CP] = {entry_control_protection, 0, GATE_INTERRUPT},
};

static void set_gate(int vector, const char *entry, u8 ist, u8 type)
{
	unsigned long a = (unsigned long)entry;

	idt[vector] = (struct gate){
	    .offset_low = a,
	    .offset_middle = a >> 16,
	    .offset_high = a >> 32,
	    .selector = __KERNEL_CS,
	    .ist = ist,
	    .type_attr = type,
	};
}

static void load_idt(void)
{
	struct desc_ptr p = {sizeof(idt) - 1, (unsigned long)idt};

	__asm__ volatile("lidt %0" ::"m"(p));
}

static void set_exception_gates(bool with_ist)
{
	for (int i = 0; i < 32; i++)
		if (exception_gates[i].entry)
			set_gate(i, exception_gates[i].entry, with_ist ? exception_gates[i].ist : 0,
				 exception_gates[i].type);
		else
			set_gate(i, entry_reserved, 0, GATE_INTERRUPT);
}

/* No TSS yet, so no IST: a fault this early is reported on the stack that it happened on. */
void __init cpu_load_early_idt(void)
{
	set_exception_gates(false);
	for (int i = 32; i < 256; i++)
		set_gate(i, irq_entries_start + (i - 32) * 16, 0, GATE_INTERRUPT);
	load_idt();
}

static void fill_gdt(u64 *gdt, struct tss *tss, int cpu)
{
	unsigned long base = (unsigned long)tss;
	u64 limit = cpu | (u64)boot_info.cpu_to_node[cpu] << 12;

	memset(gdt, 0, GDT_ENTRIES * sizeof(*gdt));
	gdt[__KERNEL_CS / 8] = 0x00af9b000000ffff;
	gdt[__KERNEL_DS / 8] = 0x00cf93000000ffff;
	gdt[__USER_DS / 8] = 0x00cff3000000ffff;
	gdt[__USER_CS / 8] = 0x00affb000000ffff;
	gdt[GDT_ENTRY_TSS] =
	    (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | 0x89UL << 40 | (base >> 24 & 0xff) << 56;
	gdt[GDT_ENTRY_TSS + 1] = base >> 32;
	/* Read-only data for programs, byte-granular. */
	gdt[GDT_ENTRY_CPUNODE] = (limit & 0xffff) | (limit >> 16 & 0xf) << 48 | 0x0040f1UL << 40;
}

void cpu_load_descriptors(int cpu)
{
	struct gdt_page *g = per_cpu_ptr(&gdt_page, cpu);
	struct tss *tss = per_cpu_ptr(&cpu_tss, cpu);
	struct cpu_stacks *s = &cpu_stacks[cpu];
	struct desc_ptr p = {sizeof(g->gdt) - 1, (unsigned long)g->gdt};

	memset(tss, 0, sizeof(*tss));
	for (int i = 0; i < 4; i++)
		tss->ist[i] = (unsigned long)s->ist + (i + 1) * (IST_STACKS_SIZE / 4);
	tss->io_bitmap_base = sizeof(*tss);
	tss->sp0 = (unsigned long)arch_current()->stack + THREAD_SIZE;
	fill_gdt(g->gdt, tss, cpu);
	this_cpu_write(irq_stack_top, (char *)s->irq + CPU_STACK_SIZE);
	__asm__ volatile("lgdt %0" ::"m"(p));
	/* No LDT: after reset its limit is 64 KiB at address 0, which a selector could reach. */
	__asm__ volatile("lldt %w0" ::"r"(0));
	__asm__ volatile("movl %0, %%ss" ::"r"(__KERNEL_DS));
	__asm__ volatile(
	    "pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::"i"(__KERNEL_CS)
	    : "rax", "memory");
	__asm__ volatile("ltr %w0" ::"r"(TSS_SELECTOR));
	load_idt();
}

void arch_set_percpu(int cpu, unsigned long offset)
{
	wrmsr(MSR_GS_BASE, offset);
	this_cpu_write(this_cpu_off, offset);
	this_cpu_write(cpu_number, cpu);
}

/* Boot CPU, from start_kernel(): from here on the four nasty ones have stacks of their own. */
void __init arch_trap_init(void)
{
	cpu_stacks[0] = (struct cpu_stacks){boot_irq_stack, boot_ist_stacks};
	cpu_load_descriptors(0);
	set_exception_gates(true);
}

/* Task context. 0 or -ENOMEM; a CPU that comes back keeps what it had. */
int cpu_stacks_alloc(int cpu)
{
	struct cpu_stacks *s = &cpu_stacks[cpu];

	BUILD_BUG_ON(CPU_STACK_SIZE != THREAD_SIZE);
	if (!s->irq)
		s->irq =
		    (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, THREAD_SHIFT - PAGE_SHIFT);
	if (!s->ist)
		s->ist = alloc_pages_exact(IST_STACKS_SIZE, GFP_KERNEL);
	return s->irq && s->ist ? 0 : -ENOMEM;
}

/* Which of a CPU's own stacks addr is on: its lowest address, name and end; NULL: on none. */
void *cpu_stack_of(unsigned long addr, int cpu, const char **name, unsigned long *end)
{
	struct cpu_stacks *s = &cpu_stacks[cpu];

	if (s->irq && addr - (unsigned long)s->irq < CPU_STACK_SIZE) {
		*name = "IRQ";
		*end = (unsigned long)s->irq + CPU_STACK_SIZE;
		return s->irq;
	}
	if (s->ist && addr - (unsigned long)s->ist < IST_STACKS_SIZE) {
		*name = "IST";
		*end = (unsigned long)s->ist + IST_STACKS_SIZE;
		return s->ist;
	}
	return NULL;
}
