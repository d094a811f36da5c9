/* SPDX-License-Identifier: MIT */
/*
 * The end of the machine: first the emulator's exit device, whose value the host understands;
 * then, on other machines, ACPI's registers, the keyboard controller, and a triple fault.
 */
#include <arch/irq.h>
#include <arch/time.h>
#include <asm/setup.h>

#define EXIT_DEVICE_PORT 0xf4
#define SLP_EN		 BIT(13) /* PM1 control */
#define SLP_TYPE_SHIFT	 10
#define SLEEP_EN	 BIT(5) /* sleep control register of hardware-reduced machines */
#define SLEEP_TYPE_SHIFT 2

/* Byte registers in memory above the direct map's end were mapped at boot. */
static volatile u8 *sleep_mmio, *reset_mmio;

static int map_end_registers(void)
{
	if (acpi_info.sleep_control && !acpi_info.sleep_control_is_io)
		sleep_mmio = arch_ioremap(acpi_info.sleep_control, 1);
	if (acpi_info.has_reset && !acpi_info.reset_is_io && acpi_info.reset_reg)
		reset_mmio = arch_ioremap(acpi_info.reset_reg, 1);
	return 0;
}
device_initcall(map_end_registers);

static void acpi_power_off(void)
{
	u8 sleep = acpi_info.s5_type_a << SLEEP_TYPE_SHIFT | SLEEP_EN;

	if (!acpi_info.has_s5)
		return;
	if (sleep_mmio)
		*sleep_mmio = sleep;
	else if (acpi_info.sleep_control_is_io && acpi_info.sleep_control)
		outb(sleep, acpi_info.sleep_control);
	if (acpi_info.pm1a_cnt)
		outw(acpi_info.s5_type_a << SLP_TYPE_SHIFT | SLP_EN, acpi_info.pm1a_cnt);
	if (acpi_info.pm1b_cnt)
		outw(acpi_info.s5_type_b << SLP_TYPE_SHIFT | SLP_EN, acpi_info.pm1b_cnt);
}

static void reset(void)
{
	struct desc_ptr none = {0, 0};

	if (reset_mmio)
		*reset_mmio = acpi_info.reset_value;
	else if (acpi_info.has_reset && acpi_info.reset_is_io)
		outb(acpi_info.reset_value, acpi_info.reset_reg);
	for (int i = 0; i < 1000 && (inb(0x64) & 2); i++)
		arch_udelay(10);
	outb(0xfe, 0x64);
	arch_udelay(1000);
	__asm__ volatile("lidt %0; int3" ::"m"(none));
}

void arch_machine_end(enum machine_end how)
{
	arch_local_irq_disable();
	outl(how, EXIT_DEVICE_PORT);
	if (how == MACHINE_RESTART)
		reset();
	if (how == MACHINE_POWER_OFF)
		acpi_power_off();
	arch_cpu_dead();
}
