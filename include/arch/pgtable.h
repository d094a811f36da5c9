/* SPDX-License-Identifier: MIT */
/*
 * Contract 3 of 8: page tables, the translation caches, physical memory's mapping.
 *
 * Page size 4 KiB, four levels named as in the literature: pgd, pud, pmd, pte (a machine with a
 * fifth folds it). <asm/pgtable.h> defines the types pgd_t, pud_t, pmd_t, pte_t, pgprot_t
 * (structs around one word) and, inline:
 *
 *   PAGE_SHIFT, PAGE_SIZE, PAGE_MASK, PMD_SHIFT/SIZE/MASK, PUD_*, PGDIR_*, PTRS_PER_{PTE,PMD,PUD,PGD}
 *   TASK_SIZE (first address that is not user's), PAGE_OFFSET (start of the direct map),
 *   VMALLOC_START, VMALLOC_END
 *   void *__va(phys), phys_addr_t __pa(virt)  direct map and kernel image alike
 *   pgd_offset(mm, addr), pud_offset(pgd, addr), pmd_offset(pud, addr), pte_offset(pmd, addr),
 *   pgd_index().. pte_index(); {pgd,pud,pmd}_none/present/bad/populate/clear, pmd_page_vaddr,
 *   pmd_leaf, pmd_pgtable (struct page of the pte table)
 *   pte_none, pte_present, pte_write, pte_dirty, pte_young, pte_exec, pte_pfn, pte_special
 *   pte_mkwrite, pte_wrprotect, pte_mkdirty, pte_mkclean, pte_mkyoung, pte_mkold, pte_mkspecial,
 *   pfn_pte(pfn, prot), pte_modify(pte, prot), pte_same
 *   pmd_wrprotect, pmd_mkwrite, pmd_write: a whole pte table made read-only at once (tables
 *	shared copy-on-write after fork)
 *   set_pte(ptep, pte), ptep_get_and_clear(ptep), ptep_set_wrprotect(ptep),
 *   ptep_test_and_clear_young(ptep): atomic against the hardware walker's accessed/dirty updates
 *   vm_get_page_prot(vm_flags) -> pgprot_t, PAGE_KERNEL, PAGE_KERNEL_RO, PAGE_KERNEL_EXEC
 *   clear_page(kaddr), copy_page(to, from)
 *
 * Making an entry present or more permissive needs no flush (a spurious fault is retried);
 * everything else is followed by a flush below before the page is used for anything else.
 */
#ifndef ARCH_PGTABLE_H
#define ARCH_PGTABLE_H

#include <jiffy/cpumask.h>
#include <jiffy/types.h>

struct mm_struct;
struct task_struct;
struct page;

#include <asm/pgtable.h>

/*
 * Every CPU that may hold translations of mm drops those of [start, end) (all of them for
 * flush_tlb_mm); when it returns nobody uses an old one. The caller's page-table stores come
 * before the invalidation everywhere. CPUs in lazy mode may be told to leave the mm instead.
 * Task context, interrupts on, page-table locks may be held (they never are taken with
 * interrupts off).
 */
void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end);
void flush_tlb_page(struct mm_struct *mm, unsigned long addr);
void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);
/* This CPU forgets every translation, the kernel's too. Interrupts off. */
void arch_flush_tlb_local(void);

/*
 * Address spaces on this CPU. switch_mm() makes next's tables current; prev may be NULL.
 * Interrupts off, run queue locked or at exec. It orders: membership in next's cpumask before
 * the first use of its tables (against a concurrent flush), and is a full barrier.
 * enter_lazy_tlb(): a kernel thread goes on with the tables of active_mm; the CPU is marked so
 * that flushes can skip or evict it.
 */
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk);
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk);
/* Room for the hardware's per-address-space state (ASID) in mm->context. 0 or -ENOMEM. */
int init_new_context(struct task_struct *tsk, struct mm_struct *mm);
void destroy_context(struct mm_struct *mm);
/* The last thread of mm leaves: this CPU must not keep its tables. Preemption off. */
void leave_mm_for_good(struct mm_struct *mm);

/* A top-level table with the kernel's half in place; NULL without memory. Task context. */
pgd_t *pgd_alloc(struct mm_struct *mm);
void pgd_free(struct mm_struct *mm, pgd_t *pgd);
extern pgd_t init_pg_dir[];

/*
 * Kernel mappings outside the direct map (kernel stacks, vmalloc): one page. May allocate tables
 * (-ENOMEM); the top level is filled at boot, so no process's table ever misses one.
 */
int arch_map_kernel_page(unsigned long addr, phys_addr_t phys, pgprot_t prot);
void arch_unmap_kernel_page(unsigned long addr);

#endif
