/* SPDX-License-Identifier: MIT */
/*
 * What each CPU is and can do: CPUID, the control bits that follow from it, /proc/cpuinfo's text,
 * the topology. cpu_data[n] is written by CPU n at its start and only read afterwards.
 */
#include <arch/boot.h>
#include <arch/time.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <jiffy/kernel.h>
#include <jiffy/seq_file.h>
#include <jiffy/string.h>

struct cpuinfo_x86 cpu_data[NR_CPUS];
static struct cpu_topology topology[NR_CPUS];

/* The names that Linux gives the bits in /proc/cpuinfo; programs look for them there. */
static const char *const flag_names[NR_CPUID_WORDS][32] = {
    [CPUID_1_EDX] = {"fpu",  "vme",   "de",   "pse",	 "tsc",	 "msr", "pae",	"mce",
		     "cx8",  "apic",  0,      "sep",	 "mtrr", "pge", "mca",	"cmov",
		     "pat",  "pse36", "pn",   "clflush", 0,	 "dts", "acpi", "mmx",
		     "fxsr", "sse",   "sse2", "ss",	 "ht",	 "tm",	"ia64", "pbe"},
    [CPUID_1_ECX] = {"pni",    "pclmulqdq", "dtes64", "monitor", "ds_cpl",
		     "vmx",    "smx",	    "est",    "tm2",	 "ssse3",
		     "cid",    "sdbg",	    "fma",    "cx16",	 "xtpr",
		     "pdcm",   0,	    "pcid",   "dca",	 "sse4_1",
		     "sse4_2", "x2apic",    "movbe",  "popcnt",	 "tsc_deadline_timer",
		     "aes",    "xsave",	    0,	      "avx",	 "f16c",
		     "rdrand", "hypervisor"},
    [CPUID_7_EBX] = {"fsgsbase", "tsc_adjust",
		     "sgx",	 "bmi1",
		     "hle",	 "avx2",
		     0,		 "smep",
		     "bmi2",	 "erms",
		     "invpcid",	 "rtm",
		     "cqm",	 0,
		     "mpx",	 "rdt_a",
		     "avx512f",	 "avx512dq",
		     "rdseed",	 "adx",
		     "smap",	 "avx512ifma",
		     0,		 "clflushopt",
		     "clwb",	 "intel_pt",
		     "avx512pf", "avx512er",
		     "avx512cd", "sha_ni",
		     "avx512bw", "avx512vl"},
    [CPUID_7_ECX] = {0,
		     "avx512vbmi",
		     "umip",
		     "pku",
		     0,
		     "waitpkg",
		     "avx512_vbmi2",
		     0,
		     "gfni",
		     "vaes",
		     "vpclmulqdq",
		     "avx512_vnni",
		     "avx512_bitalg",
		     "tme",
		     "avx512_vpopcntdq",
		     0,
		     "la57",
		     0,
		     0,
		     0,
		     0,
		     0,
		     "rdpid",
		     0,
		     "bus_lock_detect",
		     "cldemote",
		     0,
		     "movdiri",
		     "movdir64b"},
    [CPUID_7_EDX] = {[4] = "fsrm", [14] = "serialize"},
    [CPUID_8_1_EDX] = {[11] = "syscall",
		       [19] = "mp",
		       [20] = "nx",
		       [22] = "mmxext",
		       [25] = "fxsr_opt",
		       [26] = "pdpe1gb",
		       [27] = "rdtscp",
		       [29] = "lm",
		       [30] = "3dnowext",
		       [31] = "3dnow"},
    [CPUID_8_1_ECX] = {"lahf_lm", "cmp_legacy", "svm", "extapic", "cr8_legacy", "abm", "sse4a",
		       "misalignsse", "3dnowprefetch", "osvw", "ibs", "xop", "skinit",
		       "wdt", [16] = "fma4", [21] = "tbm", [22] = "topoext"},
    [CPUID_D_1_EAX] = {"xsaveopt", "xsavec", "xgetbv1", "xsaves"},
    [CPUID_8_7_EDX] = {[8] = "constant_tsc nonstop_tsc"},
    [CPUID_6_EAX] = {[2] = "arat"},
    [CPUID_6_ECX] = {"aperfmperf"},
};

static void identify_names(struct cpuinfo_x86 *c)
{
	u32 a, b, d, e;

	cpuid(0, 0, &c->cpuid_level, &b, &e, &d);
	memcpy(c->vendor, &b, 4);
	memcpy(c->vendor + 4, &d, 4);
	memcpy(c->vendor + 8, &e, 4);
	cpuid(0x80000000, 0, &c->extended_level, &b, &e, &d);
	if (c->extended_level >= 0x80000004)
		for (u32 i = 0; i < 3; i++) {
			cpuid(0x80000002 + i, 0, &a, &b, &e, &d);
			memcpy(c->model_name + i * 16, &a, 4);
			memcpy(c->model_name + i * 16 + 4, &b, 4);
			memcpy(c->model_name + i * 16 + 8, &e, 4);
			memcpy(c->model_name + i * 16 + 12, &d, 4);
		}
	memmove(c->model_name, skip_spaces(c->model_name), strlen(skip_spaces(c->model_name)) + 1);
}

static void identify_features(struct cpuinfo_x86 *c)
{
	u32 a, b, e, d, *w = c->words;

	cpuid(1, 0, &c->signature, &b, &w[CPUID_1_ECX], &w[CPUID_1_EDX]);
	c->initial_apicid = b >> 24;
	c->clflush_size = (b >> 8 & 0xff) * 8;
	c->siblings = w[CPUID_1_EDX] & BIT(28) ? b >> 16 & 0xff : 1;
	c->stepping = c->signature & 0xf;
	c->family = c->signature >> 8 & 0xf;
	c->model = c->signature >> 4 & 0xf;
	if (c->family >= 6)
		c->model |= c->signature >> 12 & 0xf0;
	if (c->family == 0xf)
		c->family += c->signature >> 20 & 0xff;
	if (c->cpuid_level >= 6)
		cpuid(6, 0, &w[CPUID_6_EAX], &b, &w[CPUID_6_ECX], &d);
	if (c->cpuid_level >= 7)
		cpuid(7, 0, &a, &w[CPUID_7_EBX], &w[CPUID_7_ECX], &w[CPUID_7_EDX]);
	if (c->cpuid_level >= 0xb) {
		cpuid(0xb, 0, &a, &b, &e, &d);
		if (b)
			c->initial_apicid = d;
	}
	if (c->cpuid_level >= 0xd)
		cpuid(0xd, 1, &w[CPUID_D_1_EAX], &b, &e, &d);
	if (c->extended_level >= 0x80000001)
		cpuid(0x80000001, 0, &a, &b, &w[CPUID_8_1_ECX], &w[CPUID_8_1_EDX]);
	if (c->extended_level >= 0x80000006) {
		cpuid(0x80000006, 0, &a, &b, &e, &d);
		c->cache_kib = e >> 16;
	}
	if (c->extended_level >= 0x80000007)
		cpuid(0x80000007, 0, &a, &b, &e, &w[CPUID_8_7_EDX]);
	c->phys_bits = 36;
	c->virt_bits = 48;
	if (c->extended_level >= 0x80000008) {
		cpuid(0x80000008, 0, &a, &b, &e, &d);
		c->phys_bits = a & 0xff;
		c->virt_bits = a >> 8 & 0xff;
	}
	/* What stays switched off is not shown: programs would take the line's word for it. */
	w[CPUID_7_EBX] &= ~BIT(14);	       /* MPX */
	w[CPUID_7_ECX] &= ~(BIT(3) | BIT(16)); /* protection keys, five levels */
	c->virt_bits = min(c->virt_bits, 48u);
	if (c->phys_bits > 46)
		c->phys_bits = 46; /* what the direct map has room for */
}

/* Widths of the thread and core fields of the APIC number: leaf 0xb, else one core a package. */
static void identify_topology(struct cpuinfo_x86 *c)
{
	u32 a, b, e, d, package_bits = 0, threads = 1, logical = 1;

	c->thread_bits = 0;
	for (u32 sub = 0; c->cpuid_level >= 0xb && sub < 4; sub++) {
		cpuid(0xb, sub, &a, &b, &e, &d);
		if (!b)
			break;
		if ((e >> 8 & 0xff) == 1) {
			c->thread_bits = a & 0x1f;
			threads = b & 0xffff;
		} else {
			package_bits = a & 0x1f;
			logical = b & 0xffff;
		}
	}
	if (!package_bits) {
		logical = c->siblings ? c->siblings : 1;
		package_bits = logical > 1 ? ilog2(roundup_pow_of_two(logical)) : 0;
	}
	c->package_id = c->initial_apicid >> package_bits;
	c->core_id = (c->initial_apicid & (BIT(package_bits) - 1)) >> c->thread_bits;
	c->siblings = max(logical, 1u);
	c->cores = max(c->siblings / max(threads, 1u), 1u);
}

void cpu_identify(struct cpuinfo_x86 *c)
{
	identify_names(c);
	identify_features(c);
	identify_topology(c);
	identify_caches(c);
	c->apicid = c->initial_apicid;
}

/* stac and clac are three bytes each, and so is this no-op. Boot CPU, text still writable. */
void __init smap_patch_sites(void)
{
	extern s32 __start_smap_sites[], __stop_smap_sites[];

	if (boot_cpu_has(X86_FEATURE_SMAP))
		return;
	for (s32 *s = __start_smap_sites; s < __stop_smap_sites; s++)
		memcpy((char *)s + *s, "\x0f\x1f\x00", 3);
}

/* Each CPU, interrupts off, after its descriptor tables. */
void arch_cpu_init(void)
{
	int cpu = arch_smp_processor_id();
	unsigned long cr4 = X86_CR4_PAE | X86_CR4_PGE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;

	cpu_identify(&cpu_data[cpu]);
	topology[cpu] = (struct cpu_topology){
	    .core_id = cpu_data[cpu].core_id,
	    .package_id = cpu_data[cpu].package_id,
	    .llc_id = cpu_data[cpu].llc_id,
	    .node = boot_info.cpu_to_node[cpu],
	};
	if (boot_cpu_has(X86_FEATURE_SMEP))
		cr4 |= X86_CR4_SMEP;
	if (boot_cpu_has(X86_FEATURE_SMAP))
		cr4 |= X86_CR4_SMAP;
	if (boot_cpu_has(X86_FEATURE_UMIP))
		cr4 |= X86_CR4_UMIP;
	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		cr4 |= X86_CR4_FSGSBASE;
	if (boot_cpu_has(X86_FEATURE_PCID))
		cr4 |= X86_CR4_PCIDE;
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		cr4 |= X86_CR4_OSXSAVE;
	write_cr4(cr4);
	write_cr0((read_cr0() | X86_CR0_WP | X86_CR0_NE | X86_CR0_MP) & ~(X86_CR0_EM | X86_CR0_TS));
	if (boot_cpu_has(X86_FEATURE_RDTSCP) || boot_cpu_has(X86_FEATURE_RDPID))
		wrmsr(MSR_TSC_AUX, cpu | boot_info.cpu_to_node[cpu] << 12);
	fpu_init_cpu();
	syscall_init_cpu();
}

/* CPUID is among the few instructions behind which nothing fetched earlier is left to run. */
void arch_sync_core(void)
{
	u32 a, b, c, d;

	cpuid(0, 0, &a, &b, &c, &d);
}

static void show_flags(struct seq_file *m, const struct cpuinfo_x86 *c)
{
	seq_puts(m, "flags\t\t:");
	for (int w = 0; w < NR_CPUID_WORDS; w++)
		for (int b = 0; b < 32; b++)
			if ((c->words[w] & (1u << b)) && flag_names[w][b])
				seq_printf(m, " %s", flag_names[w][b]);
	seq_puts(m, "\n");
}

void arch_show_cpuinfo(struct seq_file *m, int cpu)
{
	const struct cpuinfo_x86 *c = &cpu_data[cpu];
	u64 khz = arch_clock.freq_hz / 1000;

	seq_printf(m, "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu,
		   c->vendor, c->family, c->model);
	seq_printf(m, "model name\t: %s\nstepping\t: %u\n", c->model_name, c->stepping);
	seq_printf(m, "cpu MHz\t\t: %u.%03u\ncache size\t: %u KB\n", (u32)(khz / 1000),
		   (u32)(khz % 1000), c->cache_kib);
	seq_printf(m, "physical id\t: %d\nsiblings\t: %u\ncore id\t\t: %d\ncpu cores\t: %u\n",
		   c->package_id, c->siblings, c->core_id, c->cores);
	seq_printf(m, "apicid\t\t: %u\ninitial apicid\t: %u\n", c->apicid, c->initial_apicid);
	seq_printf(m, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\n",
		   c->cpuid_level);
	show_flags(m, c);
	seq_printf(m, "bugs\t\t:\nbogomips\t: %u.%02u\n", (u32)(khz / 500), (u32)(khz / 5 % 100));
	seq_printf(m, "clflush size\t: %u\ncache_alignment\t: %u\n", c->clflush_size,
		   c->clflush_size);
	seq_printf(m, "address sizes\t: %u bits physical, %u bits virtual\n", c->phys_bits,
		   c->virt_bits);
	seq_puts(m, "power management:\n\n");
}

const struct cpu_topology *arch_cpu_topology(int cpu)
{
	return &topology[cpu];
}

const struct cpu_cache *arch_cpu_cache(int cpu, unsigned int n)
{
	return n < cpu_data[cpu].nr_caches ? &cpu_data[cpu].caches[n] : NULL;
}

unsigned long arch_elf_hwcap(void)
{
	return boot_cpu_data.words[CPUID_1_EDX];
}

/* Bit 1: programs may use the FSGSBASE instructions. */
unsigned long arch_elf_hwcap2(void)
{
	return boot_cpu_has(X86_FEATURE_FSGSBASE) ? BIT(1) : 0;
}

const char *arch_elf_platform(void)
{
	return "x86_64";
}

/* RDSEED where there is one, as it is meant for seeding; both may be dry for a moment. */
bool arch_get_random(u64 *v)
{
	bool ok = false;

	for (int i = 0; i < 10 && !ok; i++) {
		if (boot_cpu_has(X86_FEATURE_RDSEED))
			__asm__ volatile("rdseed %0" : "=r"(*v), "=@ccc"(ok));
		else if (boot_cpu_has(X86_FEATURE_RDRAND))
			__asm__ volatile("rdrand %0" : "=r"(*v), "=@ccc"(ok));
	}
	return ok;
}
