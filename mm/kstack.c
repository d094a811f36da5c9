/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks. Each has a slot of addresses with a guard page below the stack, so that an
 * overflow faults. Mapping one costs page-table writes, and unmapping a TLB shoot-down, so a CPU
 * keeps a few free ones, still mapped, for its next forks; what is more goes to a common list
 * that is unmapped, with one shoot-down for all, when it has grown to a batch.
 *
 * Serialization rules: the per-CPU stack of stacks: its CPU with interrupts off; stacks_lock
 * (interrupts off): the slot map and the common list.
 */
#include <jiffy/interrupt.h>
#include <jiffy/kthread.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>
#include <jiffy/vmalloc.h>

#include "kstack.h"

#define CPU_STACKS  4
#define PURGE_BATCH 32

/* A free stack holds the link in its first word. */
struct free_stack {
	struct free_stack *next;
};
struct cpu_stacks {
	struct free_stack *first;
	int count;
};
static DEFINE_PER_CPU(struct cpu_stacks, cpu_stacks);

static DEFINE_SPINLOCK(stacks_lock);
static unsigned long slot_map[NR_STACK_SLOTS / BITS_PER_LONG];
static unsigned long slot_hint; /* no free slot lies below */
static struct free_stack *common;
static int nr_common;

atomic_long_t nr_kernel_stack_pages;

static unsigned long slot_address(unsigned long slot)
{
	return STACKS_START + slot * STACK_SLOT + THREAD_SIZE;
}

bool in_stack_guard(unsigned long addr)
{
	unsigned long off = addr - STACKS_START;

	return off < NR_STACK_SLOTS * STACK_SLOT && off % STACK_SLOT < THREAD_SIZE &&
	       off % STACK_SLOT >= THREAD_SIZE - PAGE_SIZE;
}

static long take_slot(void)
{
	unsigned long slot, flags;

	spin_lock_irqsave(&stacks_lock, flags);
	slot = find_next_zero_bit(slot_map, NR_STACK_SLOTS, slot_hint);
	slot_hint = slot;
	if (slot < NR_STACK_SLOTS)
		__set_bit(slot, slot_map);
	spin_unlock_irqrestore(&stacks_lock, flags);
	return slot < NR_STACK_SLOTS ? (long)slot : -ENOMEM;
}

static void give_slot(unsigned long slot)
{
	unsigned long flags;

	spin_lock_irqsave(&stacks_lock, flags);
	__clear_bit(slot, slot_map);
	slot_hint = min(slot_hint, slot);
	spin_unlock_irqrestore(&stacks_lock, flags);
}

/* Takes the pages out of the tables into pages[]; the caller flushes, then frees them. */
static unsigned int unmap_stack(unsigned long base, struct page **pages)
{
	unsigned int n = 0;

	for (unsigned long a = base; a < base + THREAD_SIZE; a += PAGE_SIZE) {
		struct page *page = vmalloc_to_page((void *)a);

		if (!page)
			continue;
		pages[n++] = page;
		arch_unmap_kernel_page(a);
	}
	return n;
}

static void release_stacks(struct free_stack *list)
{
	while (list) {
		struct page *pages[8 * STACK_PAGES];
		unsigned long slots[8], lo = ~0UL, hi = 0;
		unsigned int n = 0, stacks = 0;

		while (list && stacks < 8) {
			unsigned long base = (unsigned long)list;

			list = list->next;
			slots[stacks++] = (base - STACKS_START) / STACK_SLOT;
			lo = min(lo, base);
			hi = max(hi, base + THREAD_SIZE);
			n += unmap_stack(base, pages + n);
		}
		flush_tlb_kernel_range(lo, hi);
		for (unsigned int i = 0; i < n; i++)
			__free_page(pages[i]);
		for (unsigned int i = 0; i < stacks; i++)
			give_slot(slots[i]);
		atomic_long_sub(n, &nr_kernel_stack_pages);
	}
}

static struct free_stack *take_common(void)
{
	struct free_stack *list;
	unsigned long flags;

	spin_lock_irqsave(&stacks_lock, flags);
	list = common;
	common = NULL;
	nr_common = 0;
	spin_unlock_irqrestore(&stacks_lock, flags);
	return list;
}

static void purge(struct work_struct *work)
{
	release_stacks(take_common());
}
static DECLARE_WORK(purge_work, purge);

static void *map_new_stack(gfp_t gfp)
{
	struct page *pages[STACK_PAGES];
	unsigned int n, mapped = 0;
	long slot = take_slot();
	unsigned long base;

	if (slot < 0)
		return NULL;
	base = slot_address(slot);
	n = alloc_pages_bulk(gfp, STACK_PAGES, pages);
	while (mapped < n && n == STACK_PAGES) {
		if (arch_map_kernel_page(base + mapped * PAGE_SIZE, page_to_phys(pages[mapped]),
					 PAGE_KERNEL))
			break;
		mapped++;
	}
	if (mapped == STACK_PAGES) {
		atomic_long_add(STACK_PAGES, &nr_kernel_stack_pages);
		return (void *)base;
	}
	if (mapped) {
		for (unsigned int i = 0; i < mapped; i++)
			arch_unmap_kernel_page(base + i * PAGE_SIZE);
		flush_tlb_kernel_range(base, base + THREAD_SIZE);
	}
	for (unsigned int i = 0; i < n; i++)
		__free_page(pages[i]);
	give_slot(slot);
	return NULL;
}

void *alloc_thread_stack_node(struct task_struct *task, int node)
{
	struct free_stack *s;
	struct cpu_stacks *c;
	unsigned long flags;

	if (should_fail_alloc(GFP_KERNEL))
		return NULL;
	local_irq_save(flags);
	c = this_cpu_ptr(&cpu_stacks);
	s = c->first;
	if (s) {
		c->first = s->next;
		c->count--;
	}
	local_irq_restore(flags);
	if (s)
		return s;
	spin_lock_irqsave(&stacks_lock, flags);
	s = common;
	if (s) {
		common = s->next;
		nr_common--;
	}
	spin_unlock_irqrestore(&stacks_lock, flags);
	return s ? (void *)s : map_new_stack(GFP_KERNEL);
}

void free_thread_stack(void *stack)
{
	struct free_stack *s = stack;
	struct cpu_stacks *c;
	unsigned long flags;
	bool full = false;

	local_irq_save(flags);
	c = this_cpu_ptr(&cpu_stacks);
	if (c->count < CPU_STACKS) {
		s->next = c->first;
		c->first = s;
		c->count++;
	} else {
		spin_lock(&stacks_lock);
		s->next = common;
		common = s;
		full = ++nr_common >= PURGE_BATCH;
		spin_unlock(&stacks_lock);
	}
	local_irq_restore(flags);
	if (full)
		schedule_work(&purge_work);
}

/* [cpu is this one or dead] */
static void drain_cpu(unsigned int cpu)
{
	struct cpu_stacks *c = per_cpu_ptr(&cpu_stacks, cpu);
	struct free_stack *s;
	unsigned long flags;

	local_irq_save(flags);
	spin_lock(&stacks_lock);
	while ((s = c->first)) {
		c->first = s->next;
		s->next = common;
		common = s;
		nr_common++;
	}
	c->count = 0;
	spin_unlock(&stacks_lock);
	local_irq_restore(flags);
}

static void drain_this_cpu(void *unused)
{
	drain_cpu(smp_processor_id());
}

void thread_stacks_cpu_dead(unsigned int cpu)
{
	drain_cpu(cpu);
}

void drain_thread_stacks(void)
{
	on_each_cpu(drain_this_cpu, NULL, true);
	release_stacks(take_common());
}
