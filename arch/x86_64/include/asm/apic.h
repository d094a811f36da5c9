/* SPDX-License-Identifier: MIT */
/*
 * The local APIC (Intel SDM volume 3, chapter 10) and the I/O APICs, as irq.c, smp.c and tsc.c use
 * them. Private to arch/x86_64.
 */
#ifndef ASM_APIC_H
#define ASM_APIC_H

#include <jiffy/types.h>

#define APIC_DM_FIXED	   0x000u
#define APIC_DM_NMI	   0x400u
#define APIC_DM_INIT	   0x500u
#define APIC_DM_STARTUP	   0x600u
#define APIC_INT_ASSERT	   0x4000u
#define APIC_INT_LEVELTRIG 0x8000u

void apic_init_boot(void); /* finds it, switches it on; boot CPU, irqs off */
void apic_init_cpu(void);  /* every CPU */
void apic_eoi(void);
void apic_report_error(void);
/* One interrupt to one CPU, by its APIC number. Any context, NMI only with APIC_DM_NMI. */
void apic_send(u32 apicid, u32 command);
bool apic_present(void);
u32 apic_id(void);

/* The count-down timer, for calibration: runs freely from 2^32-1. */
void apic_timer_start(void);
u32 apic_timer_read(void);
void apic_timer_set_rate(u64 counts_per_second);

void ioapic_init(void);
void pic_disable(void);
int ioapic_vector_to_irq(int vector); /* -1: none */
/* From now on a rising edge of the line irq is an NMI for the boot CPU. -EINVAL: no such line. */
int ioapic_route_nmi(unsigned int irq);

#endif
