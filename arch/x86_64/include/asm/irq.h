/* SPDX-License-Identifier: MIT */
/*
 * x86-64's part of contract 2: the interrupt flag and the waiting instructions.
 * See include/arch/irq.h.
 */
#ifndef ASM_IRQ_H
#define ASM_IRQ_H

#define X86_EFLAGS_IF 0x200UL

static __always_inline void arch_local_irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static __always_inline void arch_local_irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static __always_inline unsigned long arch_local_save_flags(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=rm"(flags)::"memory");
	return flags;
}

static __always_inline bool arch_irqs_disabled(void)
{
	return !(arch_local_save_flags() & X86_EFLAGS_IF);
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();
	return flags;
}

/* popfq would also bring back what else changed (AC); only the interrupt flag is wanted. */
static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (flags & X86_EFLAGS_IF)
		arch_local_irq_enable();
}

static __always_inline void arch_cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* sti takes effect behind the instruction after it, so nothing comes between. */
static __always_inline void arch_safe_halt(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

#endif
