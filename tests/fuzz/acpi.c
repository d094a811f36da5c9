/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables: the input is the machine's memory from 0xe0000 on, in a block of its own, so that
 * the address sanitizer sees each byte read beside it. Sums are put right on the way, or no
 * damaged table would ever be looked into.
 */
#include "../../arch/x86_64/acpi.c"

#include "../unit/acpi_host.h"
#include "fuzz.h"

static void put_sum_right(u8 *p, size_t n, size_t at)
{
	p[at] = 0;
	for (size_t i = 0; i < n; i++)
		p[at] -= i == at ? 0 : p[i];
}

const void *boot_ptr(phys_addr_t phys, size_t n)
{
	u8 *p = mem_at(phys, n);

	if (!p)
		return NULL;
	if (n >= 20 && !__builtin_memcmp(p, "RSD PTR ", 8))
		put_sum_right(p, 20, 8);
	else if (n > sizeof(struct acpi_header))
		put_sum_right(p, n, 9);
	return p;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	__builtin_memset(&boot_info, 0, sizeof(boot_info));
	__builtin_memset(&acpi_info, 0, sizeof(acpi_info));
	__builtin_memset(node_domain, 0, sizeof(node_domain));
	nr_domains = 0;
	nr_apicids = 0;
	boot_info.nr_nodes = 1;
	mem = __builtin_malloc(size + 1);
	mem_size = size;
	__builtin_memcpy(mem, data, size);
	acpi_init(MEM_BASE);
	MUST(boot_info.nr_nodes >= 1 && boot_info.nr_nodes <= (int)ARRAY_SIZE(node_domain));
	MUST(acpi_info.nr_ioapics <= (int)ARRAY_SIZE(acpi_info.ioapic));
	MUST(acpi_info.nr_overrides <= (int)ARRAY_SIZE(acpi_info.override));
	__builtin_free(mem);
	return 0;
}

/* A table of zeros with its signature, at offset at and `space` bytes long. */
static void table(unsigned char *buf, size_t at, const char *signature, u32 length)
{
	__builtin_memcpy(buf + at, signature, 4);
	__builtin_memcpy(buf + at + 4, &length, 4);
}

size_t fuzz_seed(int n, unsigned char *buf, size_t room)
{
	static const struct {
		const char *signature;
		u32 length;
	} kinds[] = {{"APIC", 128}, {"FACP", 276}, {"HPET", 56}, {"SRAT", 200}, {"SLIT", 60}};
	/* MADT's and SRAT's entries: type, length, and what stands in front. */
	static const u8 madt[] = {0, 8, 0, 0, 1, 0,  0, 0, 1, 12, 0, 0, 0,   0, 0xc0, 0xfe,
				  0, 0, 0, 0, 2, 10, 0, 9, 9, 0,  0, 0, 0xd, 0, 9,    16,
				  0, 0, 1, 0, 0, 0,  1, 0, 0, 0,  0, 0, 0,   0};
	static const u8 srat[] = {0, 16, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 40, 0,
				  0, 0,	 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,  0,
				  0, 0,	 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	size_t at = 64 + sizeof(struct acpi_header) + 8 * ARRAY_SIZE(kinds);
	u64 address = MEM_BASE + 64;

	if (n > 1)
		return 0;
	__builtin_memset(buf, 0, 1024);
	__builtin_memcpy(buf, "RSD PTR ", 8);
	buf[15] = n ? 2 : 0;
	__builtin_memcpy(buf + 16, &address, 4);
	__builtin_memcpy(buf + 24, &address, 8);
	table(buf, 64, n ? "XSDT" : "RSDT",
	      sizeof(struct acpi_header) + (n ? 8 : 4) * ARRAY_SIZE(kinds));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		address = MEM_BASE + at;
		__builtin_memcpy(buf + 64 + sizeof(struct acpi_header) + (n ? 8 : 4) * i, &address,
				 n ? 8 : 4);
		table(buf, at, kinds[i].signature, kinds[i].length);
		if (i == 0)
			__builtin_memcpy(buf + at + 44, madt, sizeof(madt));
		if (i == 1) {
			address = MEM_BASE + 960;
			__builtin_memcpy(buf + at + 40, &address, 4);
		}
		if (i == 3)
			__builtin_memcpy(buf + at + 48, srat, sizeof(srat));
		if (i == 4)
			buf[at + 36] = 4;
		at += kinds[i].length;
	}
	table(buf, 960, "DSDT", 60);
	__builtin_memcpy(buf + 960 + sizeof(struct acpi_header), "_S5_\x12\x06\x04\x0a\x05", 9);
	return 1024;
}
