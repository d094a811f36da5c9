/* SPDX-License-Identifier: MIT */
/*
 * A reader for the few ACPI tables that a kernel without an AML interpreter can use (ACPI
 * specification 6.4, chapter 5): MADT (CPUs, I/O APICs, overrides), SRAT and SLIT (nodes), FADT
 * (timer, power off, reset), HPET. Every length and address is checked before it is followed;
 * a table that is wrong is left out with a warning. Runs once from arch_setup(), on the boot
 * mapping; the result is read-only afterwards.
 */
#include <asm/setup.h>
#include <jiffy/string.h>

#define TABLE_MAX	   MIB(1)
#define GAS_MEMORY	   0
#define GAS_IO		   1
#define FADT_TMR_VAL_EXT   BIT(8)
#define FADT_RESET_REG_SUP BIT(10)
#define FADT_HW_REDUCED	   BIT(20)

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem_id[6], oem_table_id[8];
	u32 oem_revision, creator_id, creator_revision;
} __packed;

struct acpi_rsdp {
	char signature[8];
	u8 checksum;
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	/* revision 2 */
	u32 length;
	u64 xsdt;
	u8 ext_checksum, reserved[3];
} __packed;

struct acpi_info acpi_info = {.lapic_base = 0xfee00000};

static __init bool checksum_ok(const void *p, size_t n)
{
	const u8 *b = p;
	u8 sum = 0;

	while (n--)
		sum += *b++;
	return sum == 0;
}

/* Fields that lie inside the table, 0 when they do not: tables have grown over the years. */
static __init u64 field(const struct acpi_header *t, size_t off, size_t width)
{
	u64 v = 0;

	if (off + width <= t->length)
		memcpy(&v, (const u8 *)t + off, width);
	return v;
}

static __init const struct acpi_header *table_at(phys_addr_t phys)
{
	const struct acpi_header *t = boot_ptr(phys, sizeof(*t));

	if (!t || t->length < sizeof(*t) || t->length > TABLE_MAX || !boot_ptr(phys, t->length))
		return NULL;
	if (!checksum_ok(t, t->length)) {
		pr_warn("acpi: table %.4s at %#llx has a wrong checksum; left out\n", t->signature,
			(unsigned long long)phys);
		return NULL;
	}
	return t;
}

/* ---- MADT: 5.2.12 ---- */

static __init void madt_entry(const u8 *e, u8 len)
{
	u32 v32, flags;
	u64 v64;

	switch (e[0]) {
	case 0: /* local APIC: number at 3, flags at 4; bit 0 enabled */
		if (len >= 8) {
			memcpy(&flags, e + 4, 4);
			register_cpu(e[3], flags & 1);
		}
		break;
	case 1: /* I/O APIC */
		if (len >= 12 && acpi_info.nr_ioapics < (int)ARRAY_SIZE(acpi_info.ioapic)) {
			acpi_info.ioapic[acpi_info.nr_ioapics].id = e[2];
			memcpy(&v32, e + 4, 4);
			acpi_info.ioapic[acpi_info.nr_ioapics].addr = v32;
			memcpy(&acpi_info.ioapic[acpi_info.nr_ioapics].gsi_base, e + 8, 4);
			acpi_info.nr_ioapics++;
		}
		break;
	case 2: /* an ISA line that is not wired one to one */
		if (len >= 10 && acpi_info.nr_overrides < (int)ARRAY_SIZE(acpi_info.override)) {
			acpi_info.override[acpi_info.nr_overrides].irq = e[3];
			memcpy(&acpi_info.override[acpi_info.nr_overrides].gsi, e + 4, 4);
			memcpy(&acpi_info.override[acpi_info.nr_overrides].flags, e + 8, 2);
			acpi_info.nr_overrides++;
		}
		break;
	case 5: /* local APIC address, 64 bits */
		if (len >= 12) {
			memcpy(&v64, e + 4, 8);
			acpi_info.lapic_base = v64;
		}
		break;
	case 9: /* x2APIC: number at 4, flags at 8 */
		if (len >= 16) {
			memcpy(&v32, e + 4, 4);
			memcpy(&flags, e + 8, 4);
			register_cpu(v32, flags & 1);
		}
		break;
	}
}

/* Calls fn for each of the variable-length entries behind the table's fixed part. */
static __init void for_each_entry(const struct acpi_header *t, size_t fixed,
				  void (*fn)(const u8 *e, u8 len))
{
	const u8 *e = (const u8 *)t + fixed, *end = (const u8 *)t + t->length;

	while (e + 2 <= end && e[1] >= 2 && e + e[1] <= end) {
		fn(e, e[1]);
		e += e[1];
	}
}

static __init void parse_madt(const struct acpi_header *t)
{
	if (field(t, 36, 4))
		acpi_info.lapic_base = field(t, 36, 4);
	for_each_entry(t, 44, madt_entry);
}

/* ---- SRAT, SLIT: 5.2.16, 5.2.17 ---- */

static u32 node_domain[MAX_NUMNODES] __initdata;
static int nr_domains __initdata;

/* Nodes are numbered in the order in which the table first names their domains. */
static __init int domain_to_node(u32 domain)
{
	for (int i = 0; i < nr_domains; i++)
		if (node_domain[i] == domain)
			return i;
	if (nr_domains == MAX_NUMNODES)
		return 0;
	node_domain[nr_domains] = domain;
	return nr_domains++;
}

/* [start, end) is on node nid: cuts the regions that it only partly covers. */
static __init void assign_memory(phys_addr_t start, phys_addr_t end, int nid)
{
	struct mem_region *m = boot_info.mem;

	for (int i = 0; i < boot_info.nr_mem; i++) {
		phys_addr_t cut = 0;

		if (m[i].end <= start || m[i].start >= end)
			continue;
		if (m[i].start < start)
			cut = start;
		else if (m[i].end > end)
			cut = end;
		if (cut && boot_info.nr_mem < MAX_MEM_REGIONS) {
			memmove(&m[i + 1], &m[i], (boot_info.nr_mem - i) * sizeof(*m));
			boot_info.nr_mem++;
			m[i].end = m[i + 1].start = cut;
		}
		if (m[i].start >= start)
			m[i].nid = nid;
	}
}

static __init void srat_entry(const u8 *e, u8 len)
{
	u32 domain, apicid, flags;
	u64 base, size;
	int cpu = -1;

	if (e[0] == 0 && len >= 16) { /* CPU by 8-bit number */
		memcpy(&flags, e + 4, 4);
		domain = e[2] | (u32)e[9] << 8 | (u32)e[10] << 16 | (u32)e[11] << 24;
		if (flags & 1)
			cpu = cpu_of_apicid(e[3]);
	} else if (e[0] == 2 && len >= 24) { /* by x2APIC number */
		memcpy(&domain, e + 4, 4);
		memcpy(&apicid, e + 8, 4);
		memcpy(&flags, e + 12, 4);
		if (flags & 1)
			cpu = cpu_of_apicid(apicid);
	} else if (e[0] == 1 && len >= 40) { /* memory */
		memcpy(&domain, e + 2, 4);
		memcpy(&base, e + 8, 8);
		memcpy(&size, e + 16, 8);
		memcpy(&flags, e + 28, 4);
		if ((flags & 1) && base + size > base)
			assign_memory(ALIGN(base, PAGE_SIZE), ALIGN_DOWN(base + size, PAGE_SIZE),
				      domain_to_node(domain));
		return;
	}
	if (cpu >= 0)
		boot_info.cpu_to_node[cpu] = domain_to_node(domain);
}

static __init void parse_srat(const struct acpi_header *t)
{
	for_each_entry(t, 48, srat_entry);
	if (nr_domains)
		boot_info.nr_nodes = nr_domains;
}

static __init void parse_slit(const struct acpi_header *t)
{
	u64 n = field(t, 36, 8);

	if (!n || n > 1024 || 44 + n * n > t->length)
		return;
	for (int i = 0; i < boot_info.nr_nodes; i++)
		for (int j = 0; j < boot_info.nr_nodes; j++) {
			u64 a = i < nr_domains ? node_domain[i] : 0;
			u64 b = j < nr_domains ? node_domain[j] : 0;
			u8 d = a < n && b < n ? field(t, 44 + a * n + b, 1) : 0;

			if (d >= 10)
				boot_info.node_distance[i][j] = d;
		}
}

/* ---- FADT: 5.2.9, and the name \_S5 of the DSDT ---- */

/* One integer of an AML package: Zero, One, or a byte behind 0x0a. */
static __init const u8 *aml_byte(const u8 *p, const u8 *end, u8 *v)
{
	if (p < end && (*p == 0 || *p == 1)) {
		*v = *p;
		return p + 1;
	}
	if (p + 1 < end && *p == 0x0a) {
		*v = p[1];
		return p + 2;
	}
	return end;
}

/* Name (_S5_, Package () { a, b, ... }): the values that switch the machine off. */
static __init void find_s5(const struct acpi_header *dsdt)
{
	const u8 *p = (const u8 *)dsdt + sizeof(*dsdt), *end = (const u8 *)dsdt + dsdt->length;

	for (; p + 8 <= end; p++) {
		if (memcmp(p, "_S5_\x12", 5))
			continue;
		p += 5;
		p += (*p >> 6) + 1; /* the package's own length */
		p++;		    /* how many elements */
		p = aml_byte(p, end, &acpi_info.s5_type_a);
		aml_byte(p, end, &acpi_info.s5_type_b);
		acpi_info.has_s5 = true;
		return;
	}
}

static __init void parse_fadt(const struct acpi_header *t)
{
	u32 flags = field(t, 112, 4);
	phys_addr_t dsdt = field(t, 140, 8);
	const struct acpi_header *d;

	if (!dsdt)
		dsdt = field(t, 40, 4);
	d = table_at(dsdt);
	if (d)
		find_s5(d);
	if (flags & FADT_HW_REDUCED) {
		acpi_info.sleep_control = field(t, 244 + 4, 8);
		acpi_info.sleep_control_is_io = field(t, 244, 1) == GAS_IO;
	} else {
		acpi_info.pm1a_cnt = field(t, 64, 4);
		acpi_info.pm1b_cnt = field(t, 68, 4);
		if (field(t, 91, 1) == 4) {
			acpi_info.pm_timer_port = field(t, 76, 4);
			acpi_info.pm_timer_32bit = flags & FADT_TMR_VAL_EXT;
		}
	}
	if ((flags & FADT_RESET_REG_SUP) && field(t, 116, 1) <= GAS_IO) {
		acpi_info.has_reset = true;
		acpi_info.reset_is_io = field(t, 116, 1) == GAS_IO;
		acpi_info.reset_reg = field(t, 120, 8);
		acpi_info.reset_value = field(t, 128, 1);
	}
}

static __init void parse_hpet(const struct acpi_header *t)
{
	if (field(t, 40, 1) == GAS_MEMORY)
		acpi_info.hpet_base = field(t, 44, 8);
}

/* ---- the root ---- */

static __init const struct acpi_rsdp *find_rsdp(phys_addr_t hint)
{
	const struct acpi_rsdp *r = boot_ptr(hint, sizeof(*r));

	if (r && !memcmp(r->signature, "RSD PTR ", 8) && checksum_ok(r, 20))
		return r;
	for (phys_addr_t p = 0xe0000; p < 0x100000; p += 16) {
		r = boot_ptr(p, sizeof(*r));
		if (r && !memcmp(r->signature, "RSD PTR ", 8) && checksum_ok(r, 20))
			return r;
	}
	return NULL;
}

/* Tables that use what others found come behind them. */
static const struct {
	char signature[5];
	void (*parse)(const struct acpi_header *t);
} parsers[] = {
    {"APIC", parse_madt}, {"FACP", parse_fadt}, {"HPET", parse_hpet},
    {"SRAT", parse_srat}, {"SLIT", parse_slit},
};

void __init acpi_init(phys_addr_t rsdp)
{
	const struct acpi_rsdp *r = find_rsdp(rsdp);
	const struct acpi_header *root = NULL;
	size_t width = 8, n;

	if (!r)
		return;
	if (r->revision >= 2 && r->xsdt)
		root = table_at(r->xsdt);
	if (!root) {
		root = table_at(r->rsdt);
		width = 4;
	}
	if (!root)
		return;
	acpi_info.present = true;
	n = (root->length - sizeof(*root)) / width;
	for (size_t i = 0; i < ARRAY_SIZE(parsers); i++)
		for (size_t j = 0; j < n; j++) {
			phys_addr_t pa = field(root, sizeof(*root) + j * width, width);
			const struct acpi_header *t = boot_ptr(pa, sizeof(*t));

			if (!t || memcmp(t->signature, parsers[i].signature, 4))
				continue;
			t = table_at(pa);
			if (t)
				parsers[i].parse(t);
		}
}
