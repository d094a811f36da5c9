/* SPDX-License-Identifier: MIT */
/* unit: arch/x86_64/acpi.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/x86_64/include */
/*
 * The reader of ACPI tables: a small machine's tables are understood, and thousands of broken
 * ones never make it read outside the memory that it was given (the address sanitizer watches).
 */
#include "acpi_host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#define MEM_SIZE 0x20000UL

const void *boot_ptr(phys_addr_t phys, size_t n)
{
	return mem_at(phys, n);
}

static void put(phys_addr_t at, const void *data, size_t n)
{
	memcpy(mem + (at - MEM_BASE), data, n);
}

static void put32(phys_addr_t at, u32 v)
{
	put(at, &v, 4);
}

static void put64(phys_addr_t at, u64 v)
{
	put(at, &v, 8);
}

static void fix_sum(phys_addr_t at, size_t len, size_t sum_at)
{
	u8 *p = mem + (at - MEM_BASE), sum = 0;

	p[sum_at] = 0;
	for (size_t i = 0; i < len; i++)
		sum += p[i];
	p[sum_at] = -sum;
}

static void header(phys_addr_t at, const char *signature, u32 len)
{
	put(at, signature, 4);
	put32(at + 4, len);
}

#define RSDP 0xe0100UL
#define XSDT 0xe1000UL
#define MADT 0xe2000UL
#define SRAT 0xe3000UL
#define SLIT 0xe4000UL
#define FADT 0xe5000UL
#define DSDT 0xe6000UL

static const u64 tables[] = {SRAT, MADT, SLIT, FADT};

static void build_madt(void)
{
	static const u8 entries[] = {
	    0, 8,  0, 3, 1,  0, 0,    0,			       /* CPU, APIC number 3 */
	    0, 8,  1, 5, 0,  0, 0,    0,			       /* disabled */
	    9, 16, 0, 0, 0,  1, 0,    0,    1,	  0, 0, 0, 0, 0, 0, 0, /* x2APIC number 256 */
	    1, 12, 2, 0, 0,  0, 0xc0, 0xfe, 24,	  0, 0, 0,	       /* I/O APIC at 0xfec00000 */
	    2, 10, 0, 9, 20, 0, 0,    0,    0x0d, 0, /* line 9: input 20, level, high */
	};

	header(MADT, "APIC", 44 + sizeof(entries));
	put32(MADT + 36, 0xfee01000);
	put(MADT + 44, entries, sizeof(entries));
	fix_sum(MADT, 44 + sizeof(entries), 9);
}

static void build_srat_slit(void)
{
	u8 cpu[16] = {0, 16, 7, 3, 1}, memory[40] = {1, 40};
	static const u8 distances[] = {10, 21, 21, 10};

	header(SRAT, "SRAT", 48 + 16 + 40);
	put(SRAT + 48, cpu, 16);
	memory[2] = 9; /* domain */
	memory[28] = 1;
	put(SRAT + 64, memory, 40);
	put64(SRAT + 64 + 8, 0x4000000);
	put64(SRAT + 64 + 16, 0x4000000);
	fix_sum(SRAT, 48 + 16 + 40, 9);

	header(SLIT, "SLIT", 44 + 4);
	put64(SLIT + 36, 2);
	put(SLIT + 44, distances, 4);
	fix_sum(SLIT, 48, 9);
}

static void build_fadt(void)
{
	static const u8 aml[] = {0x10, 0x08, '_',  'S', '5', '_', 0x12,
				 0x06, 0x04, 0x0a, 5,	0,   0,	  0};

	header(DSDT, "DSDT", 36 + sizeof(aml));
	put(DSDT + 36, aml, sizeof(aml));
	fix_sum(DSDT, 36 + sizeof(aml), 9);
	header(FADT, "FACP", 276);
	put32(FADT + 40, DSDT);
	put32(FADT + 64, 0x604);
	put32(FADT + 76, 0x608);
	mem[FADT + 91 - MEM_BASE] = 4;
	put32(FADT + 112, 1u << 10);
	mem[FADT + 116 - MEM_BASE] = 1;
	put64(FADT + 120, 0xcf9);
	mem[FADT + 128 - MEM_BASE] = 0x0f;
	fix_sum(FADT, 276, 9);
}

static void build(void)
{
	memset(mem, 0, MEM_SIZE);
	put(RSDP, "RSD PTR ", 8);
	mem[RSDP + 15 - MEM_BASE] = 2;
	put64(RSDP + 24, XSDT);
	fix_sum(RSDP, 20, 8);
	header(XSDT, "XSDT", 36 + sizeof(tables));
	put(XSDT + 36, tables, sizeof(tables));
	fix_sum(XSDT, 36 + sizeof(tables), 9);
	build_madt();
	build_srat_slit();
	build_fadt();
}

static void reset(void)
{
	memset(&acpi_info, 0, sizeof(acpi_info));
	memset(&boot_info, 0, sizeof(boot_info));
	boot_info.nr_nodes = 1;
	boot_info.nr_mem = 1;
	boot_info.mem[0] = (struct mem_region){.start = 0x100000, .end = 0x8000000};
	nr_apicids = 0;
}

static void test_machine(void **state)
{
	build();
	reset();
	acpi_init(RSDP);
	assert_true(acpi_info.present);
	assert_int_equal(nr_apicids, 2);
	assert_int_equal(apicids[0], 3);
	assert_int_equal(apicids[1], 256);
	assert_int_equal(acpi_info.lapic_base, 0xfee01000);
	assert_int_equal(acpi_info.nr_ioapics, 1);
	assert_int_equal(acpi_info.ioapic[0].addr, 0xfec00000);
	assert_int_equal(acpi_info.ioapic[0].gsi_base, 24);
	assert_int_equal(acpi_info.override[0].irq, 9);
	assert_int_equal(acpi_info.override[0].gsi, 20);
	assert_int_equal(acpi_info.override[0].flags, 0x0d);
	assert_int_equal(acpi_info.pm1a_cnt, 0x604);
	assert_int_equal(acpi_info.pm_timer_port, 0x608);
	assert_true(acpi_info.has_s5);
	assert_int_equal(acpi_info.s5_type_a, 5);
	assert_true(acpi_info.has_reset && acpi_info.reset_is_io);
	assert_int_equal(acpi_info.reset_reg, 0xcf9);
}

static void test_nodes(void **state)
{
	assert_int_equal(boot_info.nr_nodes, 2);
	assert_int_equal(boot_info.cpu_to_node[0], 0);
	/* The memory of domain 9 begins in the middle of the region. */
	assert_int_equal(boot_info.nr_mem, 2);
	assert_int_equal(boot_info.mem[0].end, 0x4000000);
	assert_int_equal(boot_info.mem[0].nid, 0);
	assert_int_equal(boot_info.mem[1].nid, 1);
}

/* The root is searched for where the loader did not name it. */
static void test_search(void **state)
{
	build();
	reset();
	acpi_init(0);
	assert_true(acpi_info.present);
	mem[RSDP + 8 - MEM_BASE] ^= 1;
	reset();
	acpi_init(RSDP);
	assert_false(acpi_info.present);
}

static void test_wrong_checksum(void **state)
{
	build();
	reset();
	mem[MADT + 20 - MEM_BASE] ^= 0xff;
	acpi_init(RSDP);
	assert_int_equal(nr_apicids, 0);
	assert_true(acpi_info.has_s5);
}

/* Damaged bytes under a right checksum: lengths, counts, addresses, entries. */
static void test_damage(void **state)
{
	static const struct {
		u64 at;
		u32 len;
	} t[] = {{XSDT, 68}, {MADT, 98}, {SRAT, 104}, {SLIT, 48}, {FADT, 276}, {DSDT, 50}};

	srand(1);
	for (int round = 0; round < 20000; round++) {
		build();
		reset();
		for (int n = rand() % 4 + 1; n; n--) {
			int i = rand() % 6;
			u32 off = rand() % t[i].len, len;

			mem[t[i].at - MEM_BASE + off] = rand();
			memcpy(&len, mem + t[i].at - MEM_BASE + 4, 4);
			if (len >= 36 && t[i].at - MEM_BASE + len <= MEM_SIZE)
				fix_sum(t[i].at, len, 9);
		}
		acpi_init(RSDP);
		assert_true(boot_info.nr_mem <= MAX_MEM_REGIONS);
		assert_true(boot_info.nr_nodes <= MAX_NUMNODES);
	}
}

/* A table at the very end of what can be reached. */
static void test_edge(void **state)
{
	u64 last = MEM_BASE + MEM_SIZE - 36;

	build();
	reset();
	header(last, "APIC", 4096);
	put64(XSDT + 36, last);
	put64(XSDT + 44, MEM_BASE + MEM_SIZE - 4);
	put64(XSDT + 52, ~0UL);
	fix_sum(XSDT, 68, 9);
	acpi_init(RSDP);
	assert_int_equal(nr_apicids, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_machine), cmocka_unit_test(test_nodes),
	    cmocka_unit_test(test_search),  cmocka_unit_test(test_wrong_checksum),
	    cmocka_unit_test(test_damage),  cmocka_unit_test(test_edge),
	};

	mem = malloc(MEM_SIZE);
	mem_size = MEM_SIZE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
