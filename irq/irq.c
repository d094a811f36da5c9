/* SPDX-License-Identifier: MIT */
/*
 * Device interrupts: who handles which line, and how often.
 *
 * Serialization rules: desc->lock (interrupts off) guards the list of actions; the handlers run
 * outside it, and free_irq() waits until none runs. The two counts are the CPU's that the line goes
 * to.
 */
#include <arch/irq.h>
#include <jiffy/err.h>
#include <jiffy/interrupt.h>
#include <jiffy/list.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/smp.h>

struct irqaction {
	irq_handler_t handler;
	void *dev;
	const char *name;
	unsigned int flags;
	struct irqaction *next;
};

static struct irq_desc {
	spinlock_t lock;
	struct irqaction *actions; /* RCU-like: freed only when `running` was 0 */
	atomic_t running;
	u32 seen, unhandled; /* of the present LOOK_EVERY */
} descs[NR_IRQS];

/*
 * A device whose driver is not there, or does not know what it wants, interrupts for ever, and the
 * machine would do nothing else. But some that nobody claims are in order: what a serial port asks
 * for, another CPU has often done by the time the handler looks. So a line is switched off when of
 * LOOK_EVERY in a row all but a few were nobody's, and not for what they add up to over days.
 */
#define LOOK_EVERY     100000
#define MOST_UNHANDLED 99900

static DEFINE_PER_CPU(u32[NR_IRQS], irq_counts);

int request_irq(unsigned int irq, irq_handler_t handler, unsigned int flags, const char *name,
		void *dev)
{
	struct irqaction *a;
	struct irq_desc *d;
	unsigned long f;
	int err = 0;

	if (irq >= NR_IRQS || !handler)
		return -EINVAL;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	*a = (struct irqaction){.handler = handler, .dev = dev, .name = name, .flags = flags};
	d = &descs[irq];
	spin_lock_irqsave(&d->lock, f);
	if (!d->actions)
		err = arch_irq_setup(irq, flags);
	else if (!(flags & d->actions->flags & IRQF_SHARED))
		err = -EBUSY;
	if (!err) {
		a->next = d->actions;
		smp_store_release(&d->actions, a);
		if (!a->next)
			arch_irq_unmask(irq);
	}
	spin_unlock_irqrestore(&d->lock, f);
	if (err)
		kfree(a);
	return err;
}

void free_irq(unsigned int irq, void *dev)
{
	struct irq_desc *d = &descs[irq];
	struct irqaction **p, *a;
	unsigned long f;

	spin_lock_irqsave(&d->lock, f);
	for (p = &d->actions; (a = *p) && a->dev != dev; p = &a->next)
		;
	if (a)
		WRITE_ONCE(*p, a->next);
	if (!d->actions)
		arch_irq_mask(irq);
	spin_unlock_irqrestore(&d->lock, f);
	while (atomic_read_acquire(&d->running))
		cpu_relax();
	kfree(a);
}

static void count_unhandled(struct irq_desc *d, unsigned int irq, bool handled)
{
	d->unhandled += !handled;
	if (++d->seen < LOOK_EVERY)
		return;
	if (d->unhandled > MOST_UNHANDLED) {
		pr_err("irq %u: nobody cared, switched off", irq);
		arch_irq_mask(irq);
	}
	d->seen = d->unhandled = 0;
}

void generic_handle_irq(unsigned int irq)
{
	struct irq_desc *d = &descs[irq];
	irqreturn_t ret = IRQ_NONE;

	(*this_cpu_ptr(&irq_counts))[irq]++;
	atomic_inc_return(&d->running);
	for (struct irqaction *a = smp_load_acquire(&d->actions); a; a = READ_ONCE(a->next))
		if (a->handler(irq, a->dev) == IRQ_HANDLED)
			ret = IRQ_HANDLED;
	atomic_dec_return(&d->running);
	count_unhandled(d, irq, ret == IRQ_HANDLED);
}

u64 kstat_irq_sum(unsigned int irq)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu (cpu)
		sum += per_cpu(irq_counts, cpu)[irq];
	return sum;
}

void irq_show(struct seq_file *m)
{
	int cpu;

	seq_printf(m, "    ");
	for_each_online_cpu (cpu)
		seq_printf(m, "       CPU%-3d", cpu);
	seq_printf(m, "\n");
	for (int irq = 0; irq < NR_IRQS; irq++) {
		struct irqaction *a = READ_ONCE(descs[irq].actions);

		if (!a)
			continue;
		seq_printf(m, "%3d:", irq);
		for_each_online_cpu (cpu)
			seq_printf(m, " %10u ", per_cpu(irq_counts, cpu)[irq]);
		seq_printf(m, "  IO-APIC  %s\n", a->name);
	}
	arch_irq_show(m);
}
