/* SPDX-License-Identifier: MIT */
/*
 * A timer whose interrupt nothing holds off: channel 0 of the 8254 (Intel's data sheet), whose
 * line goes to the boot CPU as an NMI. Nothing else uses the channel once the clock is measured.
 *
 * Mode 0 counts down once and then raises its output; each write of a count lowers it and starts
 * again. Only the count's upper byte is written, so that arming is one access: an NMI between two
 * would leave the chip waiting for a second byte.
 */
#include <arch/irq.h>
#include <asm/apic.h>
#include <asm/setup.h>
#include <jiffy/errno.h>
#include <jiffy/init.h>

#define PIT_CHANNEL0  0x40
#define PIT_COMMAND   0x43
#define PIT_MODE0_MSB 0x20 /* channel 0, upper byte only, mode 0 */
#define PIT_STATUS0   0xe2 /* read back the status of channel 0 */
#define PIT_SETTINGS  0x3f /* of the status: access, mode, BCD */
#define PIT_IRQ	      0

int __init arch_nmi_timer_init(void)
{
	outb(PIT_MODE0_MSB, PIT_COMMAND);
	outb(PIT_STATUS0, PIT_COMMAND);
	if ((inb(PIT_CHANNEL0) & PIT_SETTINGS) != PIT_MODE0_MSB)
		return -ENODEV;
	return ioapic_route_nmi(PIT_IRQ);
}

void arch_nmi_timer_arm(void)
{
	outb(0xff, PIT_CHANNEL0);
}
