/* SPDX-License-Identifier: MIT */
/*
 * Device lines: the I/O APICs (82093AA data sheet), and the two 8259A, which are only put out
 * of the way. Each global line has a vector of its own, FIRST_DEVICE_VECTOR + line, and goes to the
 * boot CPU.
 *
 * Serialization rules: ioapic_lock (spin, irqs off) guards the select/data pair of registers
 * and the lines' settings. vector_irq[] is written before a line is unmasked.
 */
#include <arch/irq.h>
#include <asm/apic.h>
#include <asm/setup.h>
#include <jiffy/errno.h>
#include <jiffy/interrupt.h>
#include <jiffy/spinlock.h>

#define IOAPIC_VERSION	 1
#define IOAPIC_REDIR(n)	 (0x10 + 2 * (n))
#define REDIR_ACTIVE_LOW BIT(13)
#define REDIR_LEVEL	 BIT(15)
#define REDIR_MASKED	 BIT(16)
#define NR_LINES	 (LAST_DEVICE_VECTOR - FIRST_DEVICE_VECTOR + 1)
#define NR_ISA_IRQS	 16

/* Interrupt flags of ACPI's overrides: bits 0-1 polarity, 2-3 trigger; 0 is the bus's own. */
#define MPS_POLARITY(f) ((f)&3)
#define MPS_TRIGGER(f)	((f) >> 2 & 3)

static struct ioapic {
	volatile u32 *regs;
	u32 gsi_base, lines;
} ioapics[8];
static int nr_ioapics;
static DEFINE_SPINLOCK(ioapic_lock);
static s16 vector_irq[256] = {[0 ... 255] = -1};

static u32 ioapic_read(struct ioapic *a, u32 reg)
{
	a->regs[0] = reg;
	return a->regs[4];
}

static void ioapic_write(struct ioapic *a, u32 reg, u32 v)
{
	a->regs[0] = reg;
	a->regs[4] = v;
}

/* Both are initialised, so that a spurious interrupt has a vector that is known, and masked. */
void __init pic_disable(void)
{
	outb(0x11, 0x20);
	outb(0x11, 0xa0);
	outb(ISA_PIC_VECTOR, 0x21);
	outb(ISA_PIC_VECTOR + 8, 0xa1);
	outb(4, 0x21);
	outb(2, 0xa1);
	outb(1, 0x21);
	outb(1, 0xa1);
	outb(0xff, 0x21);
	outb(0xff, 0xa1);
}

void __init ioapic_init(void)
{
	for (int i = 0; i < acpi_info.nr_ioapics; i++) {
		struct ioapic *a = &ioapics[nr_ioapics];

		a->regs = arch_ioremap(acpi_info.ioapic[i].addr, 0x20);
		a->gsi_base = acpi_info.ioapic[i].gsi_base;
		a->lines = (ioapic_read(a, IOAPIC_VERSION) >> 16 & 0xff) + 1;
		if (a->lines > 240 || a->gsi_base >= NR_LINES)
			continue;
		a->lines = min(a->lines, NR_LINES - a->gsi_base);
		for (u32 n = 0; n < a->lines; n++)
			ioapic_write(a, IOAPIC_REDIR(n), REDIR_MASKED);
		nr_ioapics++;
	}
}

static struct ioapic *ioapic_of(u32 gsi)
{
	for (int i = 0; i < nr_ioapics; i++)
		if (gsi - ioapics[i].gsi_base < ioapics[i].lines)
			return &ioapics[i];
	return NULL;
}

/* An ISA line may be wired to another input, with another polarity or trigger. */
static u32 irq_to_gsi(u32 irq, u16 *flags)
{
	*flags = 0;
	for (int i = 0; irq < NR_ISA_IRQS && i < acpi_info.nr_overrides; i++)
		if (acpi_info.override[i].irq == irq) {
			*flags = acpi_info.override[i].flags;
			return acpi_info.override[i].gsi;
		}
	return irq;
}

int ioapic_vector_to_irq(int vector)
{
	return READ_ONCE(vector_irq[vector]);
}

int arch_irq_setup(unsigned int irq, unsigned int flags)
{
	u16 mps;
	u32 gsi = irq_to_gsi(irq, &mps), low;
	struct ioapic *a = ioapic_of(gsi);
	unsigned long irqflags;

	if (!a)
		return -EINVAL;
	low = (FIRST_DEVICE_VECTOR + gsi) | REDIR_MASKED;
	if (MPS_TRIGGER(mps) == 3 || (!MPS_TRIGGER(mps) && (flags & IRQF_LEVEL)))
		low |= REDIR_LEVEL;
	if (MPS_POLARITY(mps) == 3 || (!MPS_POLARITY(mps) && (flags & IRQF_ACTIVE_LOW)))
		low |= REDIR_ACTIVE_LOW;
	spin_lock_irqsave(&ioapic_lock, irqflags);
	WRITE_ONCE(vector_irq[FIRST_DEVICE_VECTOR + gsi], irq);
	ioapic_write(a, IOAPIC_REDIR(gsi - a->gsi_base) + 1, cpu_to_apicid[0] << 24);
	ioapic_write(a, IOAPIC_REDIR(gsi - a->gsi_base), low);
	spin_unlock_irqrestore(&ioapic_lock, irqflags);
	return 0;
}

static int route_nmi(u32 gsi)
{
	struct ioapic *a = ioapic_of(gsi);
	unsigned long flags;

	if (!a)
		return -EINVAL;
	spin_lock_irqsave(&ioapic_lock, flags);
	ioapic_write(a, IOAPIC_REDIR(gsi - a->gsi_base) + 1, cpu_to_apicid[0] << 24);
	ioapic_write(a, IOAPIC_REDIR(gsi - a->gsi_base), APIC_DM_NMI);
	spin_unlock_irqrestore(&ioapic_lock, flags);
	return 0;
}

/*
 * The timer's line 0, where firmware says nothing of it, is at input 0 or, on most machines, at
 * input 2, which no other line can use: ISA's 2 is the way to the second 8259A.
 */
int ioapic_route_nmi(unsigned int irq)
{
	u16 mps;
	u32 gsi = irq_to_gsi(irq, &mps);
	int err = route_nmi(gsi);

	return err || gsi ? err : route_nmi(2);
}

static void change_mask(unsigned int irq, u32 mask)
{
	u16 mps;
	u32 gsi = irq_to_gsi(irq, &mps), reg;
	struct ioapic *a = ioapic_of(gsi);
	unsigned long flags;

	if (!a)
		return;
	reg = IOAPIC_REDIR(gsi - a->gsi_base);
	spin_lock_irqsave(&ioapic_lock, flags);
	ioapic_write(a, reg, (ioapic_read(a, reg) & ~(u32)REDIR_MASKED) | mask);
	spin_unlock_irqrestore(&ioapic_lock, flags);
}

void arch_irq_unmask(unsigned int irq)
{
	change_mask(irq, 0);
}

void arch_irq_mask(unsigned int irq)
{
	change_mask(irq, REDIR_MASKED);
}

/* Boot CPU, interrupts off. */
void __init arch_irq_init(void)
{
	pic_disable();
	apic_init_boot();
	ioapic_init();
}
