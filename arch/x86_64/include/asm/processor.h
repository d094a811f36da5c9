/* SPDX-License-Identifier: MIT */
/*
 * The CPU's own instructions and registers by name: I/O ports, model-specific and control
 * registers, CPUID, descriptors. Private to arch/x86_64 and to drivers of this architecture's
 * devices (ports). Sources: Intel SDM volumes 2 to 4, AMD APM volume 2.
 */
#ifndef ASM_PROCESSOR_H
#define ASM_PROCESSOR_H

#include <asm/segment.h>
#include <arch/boot.h>
#include <asm/io.h>
#include <jiffy/bitops.h>
#include <jiffy/percpu.h>

#define X86_CR0_PE	   0x1UL
#define X86_CR0_MP	   0x2UL
#define X86_CR0_EM	   0x4UL
#define X86_CR0_TS	   0x8UL
#define X86_CR0_NE	   0x20UL
#define X86_CR0_WP	   0x10000UL
#define X86_CR0_PG	   0x80000000UL
#define X86_CR4_TSD	   0x4UL
#define X86_CR4_PAE	   0x20UL
#define X86_CR4_PGE	   0x80UL
#define X86_CR4_OSFXSR	   0x200UL
#define X86_CR4_OSXMMEXCPT 0x400UL
#define X86_CR4_UMIP	   0x800UL
#define X86_CR4_FSGSBASE   0x10000UL
#define X86_CR4_PCIDE	   0x20000UL
#define X86_CR4_OSXSAVE	   0x40000UL
#define X86_CR4_SMEP	   0x100000UL
#define X86_CR4_SMAP	   0x200000UL

#define X86_EFLAGS_CF	 0x1UL
#define X86_EFLAGS_FIXED 0x2UL
#define X86_EFLAGS_PF	 0x4UL
#define X86_EFLAGS_AF	 0x10UL
#define X86_EFLAGS_ZF	 0x40UL
#define X86_EFLAGS_SF	 0x80UL
#define X86_EFLAGS_TF	 0x100UL
#define X86_EFLAGS_DF	 0x400UL
#define X86_EFLAGS_OF	 0x800UL
#define X86_EFLAGS_IOPL	 0x3000UL
#define X86_EFLAGS_NT	 0x4000UL
#define X86_EFLAGS_RF	 0x10000UL
#define X86_EFLAGS_AC	 0x40000UL
#define X86_EFLAGS_ID	 0x200000UL

#define MSR_APIC_BASE	   0x1b
#define MSR_MPERF	   0xe7
#define MSR_APERF	   0xe8
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_X2APIC	   0x800
#define MSR_EFER	   MSR_EFER_NR
#define MSR_STAR	   0xc0000081
#define MSR_LSTAR	   0xc0000082
#define MSR_CSTAR	   0xc0000083
#define MSR_SYSCALL_MASK   0xc0000084
#define MSR_FS_BASE	   0xc0000100
#define MSR_GS_BASE	   MSR_GS_BASE_NR
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX	   0xc0000103
#define MSR_XSS		   0xda0
#define EFER_SCE	   0x1
#define EFER_LME	   0x100
#define EFER_NX		   0x800

/* word * 32 + bit; the words are the CPUID registers that cpu_identify() keeps. */
#define X86_FEATURE(word, bit) ((word)*32 + (bit))
enum {
	CPUID_1_EDX,
	CPUID_1_ECX,
	CPUID_7_EBX,
	CPUID_7_ECX,
	CPUID_7_EDX,
	CPUID_8_1_EDX,
	CPUID_8_1_ECX,
	CPUID_D_1_EAX,
	CPUID_8_7_EDX,
	CPUID_6_EAX,
	CPUID_6_ECX,
	NR_CPUID_WORDS
};
#define X86_FEATURE_APIC	 X86_FEATURE(CPUID_1_EDX, 9)
#define X86_FEATURE_PGE		 X86_FEATURE(CPUID_1_EDX, 13)
#define X86_FEATURE_FXSR	 X86_FEATURE(CPUID_1_EDX, 24)
#define X86_FEATURE_PCID	 X86_FEATURE(CPUID_1_ECX, 17)
#define X86_FEATURE_X2APIC	 X86_FEATURE(CPUID_1_ECX, 21)
#define X86_FEATURE_TSC_DEADLINE X86_FEATURE(CPUID_1_ECX, 24)
#define X86_FEATURE_XSAVE	 X86_FEATURE(CPUID_1_ECX, 26)
#define X86_FEATURE_RDRAND	 X86_FEATURE(CPUID_1_ECX, 30)
#define X86_FEATURE_HYPERVISOR	 X86_FEATURE(CPUID_1_ECX, 31)
#define X86_FEATURE_FSGSBASE	 X86_FEATURE(CPUID_7_EBX, 0)
#define X86_FEATURE_SMEP	 X86_FEATURE(CPUID_7_EBX, 7)
#define X86_FEATURE_INVPCID	 X86_FEATURE(CPUID_7_EBX, 10)
#define X86_FEATURE_RDSEED	 X86_FEATURE(CPUID_7_EBX, 18)
#define X86_FEATURE_SMAP	 X86_FEATURE(CPUID_7_EBX, 20)
#define X86_FEATURE_UMIP	 X86_FEATURE(CPUID_7_ECX, 2)
#define X86_FEATURE_RDPID	 X86_FEATURE(CPUID_7_ECX, 22)
#define X86_FEATURE_NX		 X86_FEATURE(CPUID_8_1_EDX, 20)
#define X86_FEATURE_GBPAGES	 X86_FEATURE(CPUID_8_1_EDX, 26)
#define X86_FEATURE_RDTSCP	 X86_FEATURE(CPUID_8_1_EDX, 27)
#define X86_FEATURE_XSAVEOPT	 X86_FEATURE(CPUID_D_1_EAX, 0)
#define X86_FEATURE_APERFMPERF	 X86_FEATURE(CPUID_6_ECX, 0)

/* What CPUID says of one CPU. Written by that CPU at its start, then read-only. */
#define MAX_CPU_CACHES 8

struct cpuinfo_x86 {
	u32 words[NR_CPUID_WORDS];
	char vendor[16], model_name[52];
	u32 cpuid_level, extended_level, signature;
	u32 family, model, stepping, cache_kib, clflush_size, phys_bits, virt_bits;
	u32 apicid, initial_apicid;
	u32 siblings, cores, thread_bits;
	int core_id, package_id, llc_id;
	u32 nr_caches;
	struct cpu_cache caches[MAX_CPU_CACHES];
};
extern struct cpuinfo_x86 boot_cpu_data;
extern struct cpuinfo_x86 cpu_data[NR_CPUS];

static __always_inline bool boot_cpu_has(unsigned int feature)
{
	return boot_cpu_data.words[feature / 32] & (1u << (feature % 32));
}

static __always_inline void cpuid(u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c, u32 *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(sub));
}

static __always_inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return lo | (u64)hi << 32;
}

static __always_inline void wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

static __always_inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return lo | (u64)hi << 32;
}

/* Not before the loads ahead of it: two CPUs' readings order as the program did. */
static __always_inline u64 rdtsc_ordered(void)
{
	u32 lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return lo | (u64)hi << 32;
}

#define __X86_REG(name, reg)                                                \
	static __always_inline unsigned long read_##name(void)              \
	{                                                                   \
		unsigned long v;                                            \
		__asm__ volatile("movq %%" reg ", %0" : "=r"(v)::"memory"); \
		return v;                                                   \
	}                                                                   \
	static __always_inline void write_##name(unsigned long v)           \
	{                                                                   \
		__asm__ volatile("movq %0, %%" reg ::"r"(v) : "memory");    \
	}
__X86_REG(cr0, "cr0")
__X86_REG(cr2, "cr2")
__X86_REG(cr3, "cr3")
__X86_REG(cr4, "cr4")
__X86_REG(dr0, "dr0")
__X86_REG(dr1, "dr1")
__X86_REG(dr2, "dr2")
__X86_REG(dr3, "dr3")
__X86_REG(dr6, "dr6")
__X86_REG(dr7, "dr7")

static __always_inline void native_halt(void)
{
	__asm__ volatile("hlt" ::: "memory");
}

static __always_inline unsigned long rdfsbase(void)
{
	unsigned long v;

	__asm__ volatile("rdfsbase %0" : "=r"(v)::"memory");
	return v;
}

static __always_inline void wrfsbase(unsigned long v)
{
	__asm__ volatile("wrfsbase %0" ::"r"(v) : "memory");
}

struct desc_ptr {
	u16 size;
	u64 address;
} __packed;

/* Intel SDM volume 3, figure 8-11. io_bitmap behind the limit: no port is user's. */
struct tss {
	u32 reserved0;
	u64 sp0, sp1, sp2;
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, io_bitmap_base;
} __packed;

struct gate {
	u16 offset_low, selector;
	u8 ist, type_attr;
	u16 offset_middle;
	u32 offset_high, reserved;
};

struct gdt_page {
	u64 gdt[GDT_ENTRIES];
} __aligned(64);

DECLARE_PER_CPU(struct tss, cpu_tss);
DECLARE_PER_CPU(struct gdt_page, gdt_page);

#endif
