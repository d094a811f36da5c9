/* SPDX-License-Identifier: MIT */
/*
 * What the loader says: memory map, initramfs, command line (PVH boot protocol, Xen's
 * docs/misc/pvh and public/arch-x86/hvm/start_info.h). Fills boot_info. Runs once, first, on the
 * boot CPU with interrupts off, on the boot mapping of 4 GiB; nothing here is locked.
 */
#include <arch/irq.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <jiffy/mm.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>

#define HVM_START_MAGIC 0x336ec578
#define BOOT_MAP_END	GIB(4)
#define MEMMAP_RAM	1
#define MEMMAP_MAX	4096 /* entries: more than that is nonsense */

struct hvm_start_info {
	u32 magic, version, flags, nr_modules;
	u64 modlist_paddr, cmdline_paddr, rsdp_paddr;
	u64 memmap_paddr; /* from version 1 */
	u32 memmap_entries, reserved;
};
struct hvm_modlist_entry {
	u64 paddr, size, cmdline_paddr, reserved;
};
struct hvm_memmap_entry {
	u64 addr, size;
	u32 type, reserved;
};

struct boot_info boot_info;
struct cpuinfo_x86 boot_cpu_data;
u32 cpu_to_apicid[NR_CPUS] = {[0 ... NR_CPUS - 1] = ~0u};
static int nr_cpus_found __initdata;

const void *__init boot_ptr(phys_addr_t phys, size_t n)
{
	if (!phys || phys >= BOOT_MAP_END || n > BOOT_MAP_END - phys)
		return NULL;
	return __va(phys);
}

/* Keeps mem[] sorted and merged; regions of different nodes come later (SRAT). */
static __init void add_ram(phys_addr_t start, phys_addr_t end)
{
	int i, j;

	start = max_t(phys_addr_t, ALIGN(start, PAGE_SIZE), PAGE_SIZE); /* not page 0 */
	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (start >= end || end > (1UL << boot_cpu_data.phys_bits))
		return;
	for (i = 0; i < boot_info.nr_mem && boot_info.mem[i].end < start; i++)
		;
	for (j = i; j < boot_info.nr_mem && boot_info.mem[j].start <= end; j++) {
		start = min(start, boot_info.mem[j].start);
		end = max(end, boot_info.mem[j].end);
	}
	if (j == i) {
		if (boot_info.nr_mem == MAX_MEM_REGIONS)
			return;
		memmove(&boot_info.mem[i + 1], &boot_info.mem[i],
			(boot_info.nr_mem - i) * sizeof(boot_info.mem[0]));
		boot_info.nr_mem++;
	} else if (j > i + 1) {
		memmove(&boot_info.mem[i + 1], &boot_info.mem[j],
			(boot_info.nr_mem - j) * sizeof(boot_info.mem[0]));
		boot_info.nr_mem -= j - i - 1;
	}
	boot_info.mem[i] = (struct mem_region){.start = start, .end = end};
}

static __init void add_reserved(phys_addr_t start, phys_addr_t end)
{
	if (boot_info.nr_reserved == ARRAY_SIZE(boot_info.reserved))
		panic("boot: more reserved memory regions than fit");
	boot_info.reserved[boot_info.nr_reserved++] = (struct mem_region){
	    .start = ALIGN_DOWN(start, PAGE_SIZE),
	    .end = ALIGN(end, PAGE_SIZE),
	};
}

static __init bool in_ram(phys_addr_t start, phys_addr_t end)
{
	for (int i = 0; i < boot_info.nr_mem; i++)
		if (start >= boot_info.mem[i].start && end <= boot_info.mem[i].end)
			return true;
	return false;
}

static __init void read_memmap(const struct hvm_start_info *si)
{
	const struct hvm_memmap_entry *e;
	u32 n = si->memmap_entries;

	if (si->version < 1 || !n || n > MEMMAP_MAX)
		panic("boot: the loader gave no memory map");
	e = boot_ptr(si->memmap_paddr, n * sizeof(*e));
	if (!e)
		panic("boot: memory map at %#llx is out of reach",
		      (unsigned long long)si->memmap_paddr);
	for (u32 i = 0; i < n; i++)
		if (e[i].type == MEMMAP_RAM && e[i].addr + e[i].size > e[i].addr)
			add_ram(e[i].addr, e[i].addr + e[i].size);
	if (!in_ram(__pa(_text), __pa(_end)))
		panic("boot: the kernel's own image is not in the memory map");
}

static __init void read_modules(const struct hvm_start_info *si)
{
	const struct hvm_modlist_entry *m;

	if (!si->nr_modules)
		return;
	m = boot_ptr(si->modlist_paddr, sizeof(*m));
	if (!m || !m->size)
		return;
	if (m->paddr + m->size < m->paddr || !in_ram(m->paddr, m->paddr + m->size)) {
		pr_err("boot: initramfs at %#llx is not in memory; ignored\n",
		       (unsigned long long)m->paddr);
		return;
	}
	boot_info.initrd_start = m->paddr;
	boot_info.initrd_end = m->paddr + m->size;
	add_reserved(m->paddr, m->paddr + m->size);
}

static __init void read_command_line(const struct hvm_start_info *si)
{
	const char *s;
	size_t max = sizeof(boot_command_line);

	if (!si->cmdline_paddr || si->cmdline_paddr >= BOOT_MAP_END)
		return;
	max = min_t(u64, max, BOOT_MAP_END - si->cmdline_paddr);
	s = boot_ptr(si->cmdline_paddr, max);
	if (s && strscpy(boot_command_line, s, max) < 0)
		pr_warn("boot: command line cut to %zu bytes\n", max - 1);
}

int cpu_of_apicid(u32 apicid)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (cpu_to_apicid[cpu] == apicid)
			return cpu;
	return -1;
}

/* CPU 0 is the one that boots, whatever place the firmware gives it in its list. */
void __init register_cpu(u32 apicid, bool enabled)
{
	if (!enabled)
		return;
	for (int i = 0; i < nr_cpus_found; i++)
		if (cpu_to_apicid[i] == apicid)
			return;
	if (nr_cpus_found == NR_CPUS) {
		pr_warn("smp: CPU with APIC number %u is beyond the %d supported\n", apicid,
			NR_CPUS);
		return;
	}
	cpu_to_apicid[nr_cpus_found++] = apicid;
	nr_cpu_ids = nr_cpus_found;
}

static __init void publish_cpus(void)
{
	for (int cpu = 0; cpu < nr_cpus_found; cpu++) {
		__cpumask_set_cpu(cpu, &__cpu_possible_mask);
		__cpumask_set_cpu(cpu, &__cpu_present_mask);
	}
	nr_cpu_ids = nr_cpus_found;
}

static __init void default_numa(void)
{
	boot_info.nr_nodes = 1;
	for (int i = 0; i < MAX_NUMNODES; i++)
		for (int j = 0; j < MAX_NUMNODES; j++)
			boot_info.node_distance[i][j] = i == j ? 10 : 20;
}

void __init arch_setup(void)
{
	const struct hvm_start_info *si = boot_ptr(pvh_start_info, sizeof(*si));

	tsc_mark_boot();
	debugcon_init();
	cpu_load_early_idt();
	cpu_identify(&boot_cpu_data);
	smap_patch_sites();
	spin_unfair = boot_cpu_has(X86_FEATURE_HYPERVISOR);
	if (!si || si->magic != HVM_START_MAGIC)
		panic("boot: not started through the PVH protocol");
	read_command_line(si);
	read_memmap(si);
	add_reserved(__pa(_text), __pa(_end));
	add_reserved(TRAMPOLINE_BASE, TRAMPOLINE_BASE + PAGE_SIZE);
	read_modules(si);
	default_numa();
	register_cpu(boot_cpu_data.initial_apicid, true);
	acpi_init(si->rsdp_paddr);
	publish_cpus();
	fpu_init_boot();
	memblock_set_current_limit(BOOT_MAP_END);
	paging_init();
	memblock_set_current_limit(~0UL);
}
