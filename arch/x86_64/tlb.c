/* SPDX-License-Identifier: MIT */
/*
 * Address spaces in the CPU: which one each has loaded, and how translations are forgotten
 * everywhere.
 *
 * Each mm counts its flushes (context.tlb_gen). Each CPU knows, for what it has loaded (and, with
 * PCID, for the few spaces whose translations it keeps), up to which flush it is clean. A
 * flush raises the count, then tells the CPUs of mm_cpumask(); a CPU that comes to the mm reads
 * the count after it has put itself into the mask. One of the two always sees the other:
 *
 *   flusher				CPU that switches to the mm
 *   page-table entry changed		cpumask_set_cpu(mm)
 *   tlb_gen + 1 (full barrier)		(full barrier)
 *   reads mm_cpumask			reads tlb_gen, flushes when behind
 *
 * A CPU that runs a kernel thread keeps the last mm's tables loaded ("lazy"). When a single page
 * changes it is not disturbed, for it uses no user address; it looks at the count when it comes
 * back. When tables may be freed it must leave, since the walker may follow them speculatively:
 * it is told once, goes to init_mm's tables, and is out of the mask.
 *
 * Serialization rules: struct tlb_state is written by its CPU alone, interrupts off; others read
 * is_lazy. mm_cpumask() bits: set and cleared by the CPU they stand for.
 */
#include <arch/pgtable.h>
#include <asm/irq_stat.h>
#include <asm/setup.h>
#include <jiffy/mm.h>
#include <jiffy/smp.h>

#define NR_ASIDS    6 /* spaces kept per CPU: more than that are cold anyhow */
#define CR3_NOFLUSH (1UL << 63)
#define FLUSH_ALL   (~0UL)
#define INVLPG_MAX  33 /* pages; beyond, dropping everything is cheaper than one by one */

struct tlb_context {
	u64 ctx_id, tlb_gen;
};
struct tlb_state {
	struct mm_struct *loaded_mm;
	bool is_lazy;
	u16 asid, next_asid;
	struct tlb_context ctx[NR_ASIDS];
};
struct flush_info {
	struct mm_struct *mm;
	unsigned long start, end; /* end FLUSH_ALL: everything */
	u64 new_gen;
};

static DEFINE_PER_CPU_ALIGNED(struct tlb_state, tlb_state) = {.loaded_mm = &init_mm};
static atomic64_t last_ctx_id = ATOMIC64_INIT(0);

static bool use_pcid(void)
{
	return boot_cpu_has(X86_FEATURE_PCID);
}

/* PCID 0 stays init_mm's, so that address space numbers start at 1. */
static void load_cr3(pgd_t *pgd, u16 pcid, bool keep)
{
	write_cr3(__pa(pgd) | pcid | (keep ? CR3_NOFLUSH : 0));
}

static void load_mm(struct tlb_state *t, struct mm_struct *mm, u64 gen)
{
	u64 id = mm->context.ctx_id;
	u16 asid;

	if (!use_pcid()) {
		t->asid = 0;
		t->ctx[0] = (struct tlb_context){id, gen};
		load_cr3(mm->pgd, 0, false);
		return;
	}
	for (asid = 0; asid < NR_ASIDS; asid++)
		if (t->ctx[asid].ctx_id == id)
			break;
	if (asid < NR_ASIDS) {
		load_cr3(mm->pgd, asid + 1, t->ctx[asid].tlb_gen == gen);
	} else {
		asid = t->next_asid;
		t->next_asid = asid + 1 == NR_ASIDS ? 0 : asid + 1;
		t->ctx[asid].ctx_id = id;
		load_cr3(mm->pgd, asid + 1, false);
	}
	t->ctx[asid].tlb_gen = gen;
	t->asid = asid;
}

static void leave_mm(struct tlb_state *t)
{
	if (t->loaded_mm == &init_mm)
		return;
	cpumask_clear_cpu(smp_processor_id(), mm_cpumask(t->loaded_mm));
	t->loaded_mm = &init_mm;
	t->is_lazy = false;
	load_cr3(init_pg_dir, 0, false);
}

void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk)
{
	struct tlb_state *t = this_cpu_ptr(&tlb_state);
	bool was_lazy = t->is_lazy;
	int cpu = smp_processor_id();
	u64 gen;

	lockdep_assert_irqs_disabled();
	WRITE_ONCE(t->is_lazy, false);
	if (t->loaded_mm == next) {
		smp_mb(); /* the barrier promised, and is_lazy before tlb_gen */
		if (!was_lazy)
			return;
		gen = atomic64_read(&next->context.tlb_gen);
		if (t->ctx[t->asid].tlb_gen != gen && next != &init_mm) {
			t->ctx[t->asid].tlb_gen = gen;
			load_cr3(next->pgd, use_pcid() ? t->asid + 1 : 0, false);
		}
		return;
	}
	if (next == &init_mm) {
		leave_mm(t);
		return;
	}
	if (t->loaded_mm != &init_mm)
		cpumask_clear_cpu(cpu, mm_cpumask(t->loaded_mm));
	cpumask_set_cpu(cpu, mm_cpumask(next));
	smp_mb();
	gen = atomic64_read(&next->context.tlb_gen);
	t->loaded_mm = next;
	load_mm(t, next, gen);
}

void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk)
{
	struct tlb_state *t = this_cpu_ptr(&tlb_state);

	if (t->loaded_mm != &init_mm)
		WRITE_ONCE(t->is_lazy, true);
}

int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
	mm->context.ctx_id = atomic64_inc_return(&last_ctx_id);
	atomic64_set(&mm->context.tlb_gen, 1);
	cpumask_clear(mm_cpumask(mm));
	return 0;
}

/* Its number is never used again, so translations that a CPU still keeps under it are dead. */
void destroy_context(struct mm_struct *mm)
{
	ASSERT(cpumask_empty(mm_cpumask(mm)));
}

void leave_mm_for_good(struct mm_struct *mm)
{
	struct tlb_state *t = this_cpu_ptr(&tlb_state);
	unsigned long flags;

	local_irq_save(flags);
	if (t->loaded_mm == mm)
		leave_mm(t);
	local_irq_restore(flags);
}

/* On a CPU of the mask, interrupts off. */
static void flush_tlb_func(void *info)
{
	const struct flush_info *f = info;
	struct tlb_state *t = this_cpu_ptr(&tlb_state);
	struct tlb_context *c = &t->ctx[t->asid];
	u64 gen;

	if (t->loaded_mm != f->mm)
		return;
	if (t->is_lazy) {
		leave_mm(t);
		return;
	}
	gen = atomic64_read(&f->mm->context.tlb_gen);
	if (c->tlb_gen == gen)
		return; /* a later flusher's call has been here first */
	if (f->end != FLUSH_ALL && c->tlb_gen + 1 == f->new_gen && f->new_gen == gen) {
		for (unsigned long a = f->start; a < f->end; a += PAGE_SIZE)
			__asm__ volatile("invlpg (%0)" ::"r"(a) : "memory");
	} else {
		load_cr3(f->mm->pgd, use_pcid() ? t->asid + 1 : 0, false);
	}
	c->tlb_gen = gen;
}

static void flush_tlb_called(void *info)
{
	irq_stat_inc(IRQ_STAT_TLB);
	flush_tlb_func(info);
}

static void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			       bool lazy_may_wait)
{
	struct flush_info f = {.mm = mm, .start = start, .end = end};
	cpumask_t others;
	unsigned int cpu, this;

	if (end != FLUSH_ALL && end - start > INVLPG_MAX * PAGE_SIZE)
		f.end = FLUSH_ALL;
	this = get_cpu();
	f.new_gen = atomic64_inc_return(&mm->context.tlb_gen);
	if (this_cpu_ptr(&tlb_state)->loaded_mm == mm) {
		unsigned long flags;

		local_irq_save(flags);
		flush_tlb_func(&f);
		local_irq_restore(flags);
	}
	cpumask_copy(&others, mm_cpumask(mm));
	__cpumask_clear_cpu(this, &others);
	if (!cpumask_empty(&others)) {
		for_each_cpu (cpu, &others)
			if (lazy_may_wait && READ_ONCE(per_cpu(tlb_state, cpu).is_lazy))
				__cpumask_clear_cpu(cpu, &others);
		smp_call_function_many(&others, flush_tlb_called, &f, true);
	}
	put_cpu();
}

void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	flush_tlb_mm_range(mm, start & PAGE_MASK, ALIGN(end, PAGE_SIZE), false);
}

void flush_tlb_page(struct mm_struct *mm, unsigned long addr)
{
	flush_tlb_mm_range(mm, addr & PAGE_MASK, (addr & PAGE_MASK) + PAGE_SIZE, true);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	flush_tlb_mm_range(mm, 0, FLUSH_ALL, false);
}

/* Any change of the bit drops all, global ones and those of every PCID. */
void arch_flush_tlb_local(void)
{
	unsigned long cr4 = read_cr4();

	write_cr4(cr4 ^ X86_CR4_PGE);
	write_cr4(cr4);
}

/* Kernel translations are global: they outlive CR3 loads, and belong to every space at once. */
static void flush_kernel_func(void *info)
{
	const struct flush_info *f = info;

	if (f->end - f->start <= INVLPG_MAX * PAGE_SIZE) {
		for (unsigned long a = f->start; a < f->end; a += PAGE_SIZE)
			__asm__ volatile("invlpg (%0)" ::"r"(a) : "memory");
		return;
	}
	unsigned long flags;

	local_irq_save(flags);
	arch_flush_tlb_local();
	local_irq_restore(flags);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	struct flush_info f = {.start = start & PAGE_MASK, .end = ALIGN(end, PAGE_SIZE)};

	if (num_online_cpus() <= 1)
		flush_kernel_func(&f);
	else
		on_each_cpu(flush_kernel_func, &f, true);
}
