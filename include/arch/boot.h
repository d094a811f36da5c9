/* SPDX-License-Identifier: MIT */
/*
 * Contract 7 of 8: from the loader to start_kernel(), the other CPUs, and the end.
 */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <jiffy/cpumask.h>
#include <jiffy/types.h>

/*
 * <asm/io.h>: inb(port), inw, inl, outb(value, port), outw, outl and outsb(port, buf, n) for
 * devices at I/O ports; a machine that has none maps them. Each access is done when it returns.
 */
#include <asm/io.h>

struct task_struct;

/*
 * The machine as the firmware told it; filled before start_kernel() calls arch_setup()'s
 * successors, read-only afterwards. Every value from the firmware has been checked for sense.
 */
#define MAX_MEM_REGIONS 128
#define MAX_NUMNODES	16
struct mem_region {
	phys_addr_t start, end; /* usable RAM, page-aligned inwards, sorted, not overlapping */
	int nid;
};
struct boot_info {
	struct mem_region mem[MAX_MEM_REGIONS];
	int nr_mem;
	struct mem_region reserved[16]; /* kernel image, initramfs, firmware's own tables */
	int nr_reserved;
	phys_addr_t initrd_start, initrd_end; /* 0, 0: none */
	int cpu_to_node[NR_CPUS];
	int nr_nodes;
	u8 node_distance[MAX_NUMNODES][MAX_NUMNODES]; /* ACPI SLIT units, 10 = local */
};
extern struct boot_info boot_info;

/*
 * First call of start_kernel(): one CPU, interrupts off, no allocator. Reads the loader's data,
 * fills boot_info, boot_command_line and cpu_possible/present_mask, and maps all RAM
 * at PAGE_OFFSET with the largest pages there are (taking table pages by memblock_alloc()).
 */
void arch_setup(void);
/* mm/: page-aligned, zeroed, from RAM below the limit that the boot mapping covers; panics. */
void *memblock_alloc(size_t size, size_t align);
phys_addr_t memblock_phys_alloc(size_t size, size_t align);

/* Exceptions and interrupts get their handlers; interrupts stay off. After per-CPU areas. */
void arch_trap_init(void);
void arch_irq_init(void);
/* This CPU's features checked and switched on (SMEP, SMAP, NX, FPU...). Each CPU. */
void arch_cpu_init(void);
/* After boot: applies W^X to the kernel's image. */
void arch_mark_rodata_ro(void);

/*
 * Starts CPU `cpu` on its idle task's stack at secondary_start_kernel(), provided that
 * secondary_may_start() says yes when the CPU comes to ask. arch_cpu_up() only kicks and does not
 * wait: many may be starting at once; kernel/cpu.c waits for them to come online. 0, -ENODEV,
 * -EIO. arch_smp_prepare() once before. Task context.
 */
void arch_smp_prepare(void);
int arch_cpu_up(int cpu, struct task_struct *idle);
/* The idle loop's rest: halts until an interrupt. Interrupts off on entry, on at return. */
void arch_cpu_idle(void);
/*
 * A CPU that has left for good, or until arch_cpu_up() starts it again from its reset: halts with
 * interrupts off. Its caches need no care (coherent); it owes nobody an answer any more.
 */
__attribute__((noreturn)) void arch_cpu_dead(void);

/* The end. status: see the host's protocol (power off, panic, restart). Any context. */
enum machine_end { MACHINE_POWER_OFF = 0x10, MACHINE_PANIC = 0x11, MACHINE_RESTART = 0x12 };
__attribute__((noreturn)) void arch_machine_end(enum machine_end how);

/*
 * Of checked builds: takes the kernel's stack away, so that the next fault cannot be delivered and
 * the machine's last resort for that has something to report. Task context.
 */
__attribute__((noreturn)) void arch_lose_stack(void);

/* /proc/cpuinfo's block for one CPU; topology for the scheduler's domains. */
struct seq_file;
void arch_show_cpuinfo(struct seq_file *m, int cpu);
struct cpu_topology {
	int core_id, package_id, llc_id, node;
};
const struct cpu_topology *arch_cpu_topology(int cpu);
/*
 * Cache number n of a CPU, from the narrowest; NULL: it has no more, or has never been up. CPUs
 * with the same type, level and id share one cache. line_size: bytes; ways x partitions x sets
 * lines are the whole of it.
 */
enum { CPU_CACHE_DATA = 1, CPU_CACHE_INSTRUCTION, CPU_CACHE_UNIFIED };
struct cpu_cache {
	u8 level, type;
	u32 line_size, partitions, ways, sets, id;
};
const struct cpu_cache *arch_cpu_cache(int cpu, unsigned int n);
static inline unsigned long cpu_cache_size(const struct cpu_cache *c)
{
	return (unsigned long)c->line_size * c->partitions * c->ways * c->sets;
}
/* AT_HWCAP, AT_HWCAP2 and AT_PLATFORM of the auxiliary vector. */
unsigned long arch_elf_hwcap(void);
unsigned long arch_elf_hwcap2(void);
const char *arch_elf_platform(void);

#endif
