/* SPDX-License-Identifier: MIT */
/*
 * The simulator has no memory management; these are the types that headers of other rooms name.
 */
#ifndef ASM_SIM_PGTABLE_H
#define ASM_SIM_PGTABLE_H

#define PAGE_SHIFT  12
#define PAGE_SIZE   (1UL << PAGE_SHIFT)
#define PAGE_MASK   (~(PAGE_SIZE - 1))
#define PAGE_OFFSET 0UL
#define PMD_SHIFT   21
#define PMD_SIZE    (1UL << PMD_SHIFT)

typedef struct {
	unsigned long v;
} pgd_t, pud_t, pmd_t, pte_t, pgprot_t;

typedef struct {
	int unused;
} mm_context_t;

#endif
