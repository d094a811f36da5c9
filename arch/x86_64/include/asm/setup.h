/* SPDX-License-Identifier: MIT */
/*
 * What the files of arch/x86_64 offer each other. Nobody else includes it.
 */
#ifndef ASM_SETUP_H
#define ASM_SETUP_H

#include <arch/boot.h>
#include <asm/processor.h>
#include <asm/pgtable.h>
#include <jiffy/init.h>

struct pt_regs;
struct task_struct;

/* Borders of the image (kernel.lds). */
extern char _text[], _etext[], __start_rodata[], __end_rodata[], _sdata[], _edata[];
extern char __init_begin[], __init_text_begin[], __init_text_end[], __init_end[];
extern char __start_names[], __end_names[], __bss_start[], _end[];
extern char __entry_text_start[], __entry_text_end[];

/* head.S, trampoline.S */
extern u32 pvh_start_info;
extern pgd_t trampoline_pgd[];
extern pmd_t fixmap_pmd[];
extern pte_t fixmap_pte[];
extern char trampoline_start[], trampoline_end[];
extern unsigned long secondary_stack[NR_CPUS];
extern u32 cpu_to_apicid[NR_CPUS];
/* The first C of a secondary CPU, from head.S. */
__noreturn void secondary_startup(int cpu);

/* cpu.c: fills *c for this CPU; switches this CPU's features on. */
void cpu_identify(struct cpuinfo_x86 *c);
void smap_patch_sites(void);

/*
 * cache.c: fills in c's caches and which last-level cache it has, after its names and numbers.
 * Below it the decoders, which need no machine: EAX to EDX of a leaf that describes one cache
 * (false: there is none), and of AMD's leaves 80000005H and 80000006H (the number of caches, at
 * most 4). apicid, core, package: numbers of the CPU, its core and its package, unique in the
 * machine.
 */
void identify_caches(struct cpuinfo_x86 *c);
bool cache_from_leaf(const u32 regs[4], u32 apicid, struct cpu_cache *cache);
unsigned int caches_from_old_leaves(const u32 l1[4], const u32 l2[4], u32 core, u32 package,
				    struct cpu_cache *caches);

/* desc.c: descriptor tables and stacks. */
void cpu_load_early_idt(void);
/* Descriptor tables of this CPU; its stacks are there already. Interrupts off. */
void cpu_load_descriptors(int cpu);
struct cpu_stacks {
	void *irq; /* CPU_STACK_SIZE, aligned to it, with a thread_info below */
	void *ist; /* IST_STACKS_SIZE */
};
#define IST_STACKS_SIZE (4 * 8192)
int cpu_stacks_alloc(int cpu);
void *cpu_stack_of(unsigned long addr, int cpu, const char **name, unsigned long *end);
DECLARE_PER_CPU(void *, irq_stack_top);

/* setup.c, acpi.c */
struct acpi_info {
	bool present;
	phys_addr_t lapic_base;
	struct {
		u8 id;
		u32 gsi_base;
		phys_addr_t addr;
	} ioapic[8];
	int nr_ioapics;
	struct {
		u8 irq;
		u16 flags;
		u32 gsi;
	} override[16];
	int nr_overrides;
	u16 pm_timer_port;
	bool pm_timer_32bit;
	phys_addr_t hpet_base;
	/* How to switch off and to reset; 0: this machine has no such register. */
	u16 pm1a_cnt, pm1b_cnt;
	u8 s5_type_a, s5_type_b;
	bool has_s5;
	phys_addr_t sleep_control; /* hardware-reduced machines; memory or port */
	bool sleep_control_is_io;
	phys_addr_t reset_reg;
	bool has_reset, reset_is_io;
	u8 reset_value;
};
/* n bytes at a physical address that firmware gave, NULL when the boot mapping has not all. */
const void *boot_ptr(phys_addr_t phys, size_t n);
extern struct acpi_info acpi_info;
/* Reads the tables whose root is at rsdp (0: search for it). Boot mapping, no allocator. */
void acpi_init(phys_addr_t rsdp);
/* The firmware named a CPU; enabled ones get a number in this order. */
void register_cpu(u32 apicid, bool enabled);
int cpu_of_apicid(u32 apicid);

/* paging.c */
void paging_init(void);
/* Device registers, not cached; from a small fixed area, for ever. Panics when it is used up. */
void *arch_ioremap(phys_addr_t phys, size_t size);

/* tsc.c: compares this CPU's counter with what others have read. Interrupts off or on. */
void tsc_check_sync(void);
void tsc_mark_boot(void);

/* debugcon.c: the log is heard from here on. */
void debugcon_init(void);

/* traps.c */
void syscall_init_cpu(void);
bool fixup_exception(struct pt_regs *regs);

/* process.c: the bases; those of current are brought into memory with its selectors first. */
unsigned long task_fsbase(struct task_struct *t, unsigned long *gsbase);

/* smp.c */
extern atomic_t stopping_cpu; /* the CPU that stops all others, -1: none */

#endif
