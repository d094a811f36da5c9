/* SPDX-License-Identifier: MIT */
/*
 * Interrupt handlers, softirqs, and entering and leaving interrupt context. Room irq/.
 */
#ifndef JIFFY_INTERRUPT_H
#define JIFFY_INTERRUPT_H

#include <jiffy/preempt.h>
#include <jiffy/spinlock.h>

typedef enum { IRQ_NONE, IRQ_HANDLED } irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev);

#define NR_IRQS 256
#define IRQF_SHARED  0x1
#define IRQF_LEVEL   0x2 /* level triggered, as PCI lines are */
#define IRQF_ACTIVE_LOW 0x4

/*
 * irq: the global interrupt number (ISA lines through the firmware's overrides). The handler
 * runs in hard interrupt context, interrupts off. 0, -EBUSY, -EINVAL or -ENOMEM. Task context.
 */
int request_irq(unsigned int irq, irq_handler_t handler, unsigned int flags, const char *name,
		void *dev);
void free_irq(unsigned int irq, void *dev);
/* arch/ hands over a device interrupt, inside irq_enter(), interrupts off. */
void generic_handle_irq(unsigned int irq);

/* Bracket every hardware interrupt; irq_exit() runs pending softirqs. Interrupts off. */
void irq_enter(void);
void irq_exit(void);
void nmi_enter(void);
void nmi_exit(void);

enum { HI_SOFTIRQ, TIMER_SOFTIRQ, NET_SOFTIRQ, TASKLET_SOFTIRQ, SCHED_SOFTIRQ, HRTIMER_SOFTIRQ,
       RCU_SOFTIRQ, NR_SOFTIRQS };
/* action() runs on the CPU that raised it, interrupts on, softirqs off, preemption off. */
void open_softirq(int nr, void (*action)(void));
void raise_softirq(int nr);
void raise_softirq_irqoff(int nr);
void softirq_init(void);

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state;
	void (*func)(unsigned long data);
	unsigned long data;
};
void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data);
void tasklet_schedule(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);

/* Counts for /proc/interrupts and /proc/softirqs. */
struct seq_file;
void irq_show(struct seq_file *m);
void softirq_show(struct seq_file *m);
/* How often since boot, over all CPUs, for /proc/stat. Any context. */
u64 kstat_irq_sum(unsigned int irq);
u64 kstat_softirq_sum(int nr);

#endif
