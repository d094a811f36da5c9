/* SPDX-License-Identifier: MIT */
/*
 * What arch/x86_64/acpi.c asks of the kernel, for the programs that feed it tables on the host:
 * memory from MEM_BASE on, and a list of the CPUs that it finds. Included once by a program, which
 * defines boot_ptr().
 */
#ifndef UNIT_ACPI_HOST_H
#define UNIT_ACPI_HOST_H

#include <asm/setup.h>

#define MEM_BASE 0xe0000UL

struct boot_info boot_info;
static u8 *mem; /* physical MEM_BASE.., mem_size bytes */
static size_t mem_size;
static u32 apicids[NR_CPUS];
static int nr_apicids;

/* The n bytes at a physical address, or NULL where they are not all memory. */
static inline u8 *mem_at(phys_addr_t phys, size_t n)
{
	if (phys < MEM_BASE || phys - MEM_BASE > mem_size || n > mem_size - (phys - MEM_BASE))
		return NULL;
	return mem + (phys - MEM_BASE);
}

void register_cpu(u32 apicid, bool enabled)
{
	if (enabled && nr_apicids < NR_CPUS)
		apicids[nr_apicids++] = apicid;
}

int cpu_of_apicid(u32 apicid)
{
	for (int i = 0; i < nr_apicids; i++)
		if (apicids[i] == apicid)
			return i;
	return -1;
}

int printk(const char *fmt, ...)
{
	return 0;
}

#endif
