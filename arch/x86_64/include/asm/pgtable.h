/* SPDX-License-Identifier: MIT */
/*
 * x86-64's part of contract 3: page-table entries (Intel SDM volume 3, 4.5 "4-level paging").
 * See include/arch/pgtable.h. Callers of the macros that speak of struct page include
 * <jiffy/mm.h>.
 *
 * Software bits: 9 marks an entry whose page is not counted (pte_special); an entry that is not
 * present for the hardware but has bit 8 set is a page whose VMA forbids every access
 * (PROT_NONE): the page stays, and pte_present() is true.
 */
#ifndef ASM_PGTABLE_H
#define ASM_PGTABLE_H

#include <jiffy/atomic.h>
#include <jiffy/cpumask.h>

#define PAGE_SHIFT  12
#define PAGE_SIZE   (1UL << PAGE_SHIFT)
#define PAGE_MASK   (~(PAGE_SIZE - 1))
#define PMD_SHIFT   21
#define PMD_SIZE    (1UL << PMD_SHIFT)
#define PMD_MASK    (~(PMD_SIZE - 1))
#define PUD_SHIFT   30
#define PUD_SIZE    (1UL << PUD_SHIFT)
#define PUD_MASK    (~(PUD_SIZE - 1))
#define PGDIR_SHIFT 39
#define PGDIR_SIZE  (1UL << PGDIR_SHIFT)
#define PGDIR_MASK  (~(PGDIR_SIZE - 1))

#define PTRS_PER_PTE	  512
#define PTRS_PER_PMD	  512
#define PTRS_PER_PUD	  512
#define PTRS_PER_PGD	  512
#define USER_PTRS_PER_PGD 256

/* One page short of the hole: a call on the last page returns to a canonical address. */
#define TASK_SIZE	   0x00007ffffffff000UL
#define PAGE_OFFSET	   0xffff888000000000UL
#define VMALLOC_START	   0xffffc90000000000UL
#define VMALLOC_END	   0xffffca0000000000UL
#define __START_KERNEL_map 0xffffffff80000000UL
#define FIXADDR_START	   0xffffffffff400000UL

typedef struct {
	u64 pte;
} pte_t;
typedef struct {
	u64 pmd;
} pmd_t;
typedef struct {
	u64 pud;
} pud_t;
typedef struct {
	u64 pgd;
} pgd_t;
typedef struct {
	u64 pgprot;
} pgprot_t;

/* Of one address space: which one it is, and how many flushes its translations have seen. */
typedef struct {
	u64 ctx_id;
	atomic64_t tlb_gen;
} mm_context_t;

#define _PAGE_PRESENT  0x001UL
#define _PAGE_RW       0x002UL
#define _PAGE_USER     0x004UL
#define _PAGE_PWT      0x008UL
#define _PAGE_PCD      0x010UL
#define _PAGE_ACCESSED 0x020UL
#define _PAGE_DIRTY    0x040UL
#define _PAGE_PSE      0x080UL
#define _PAGE_GLOBAL   0x100UL
#define _PAGE_PROTNONE 0x100UL
#define _PAGE_SPECIAL  0x200UL
#define _PAGE_NX       (1UL << 63)
#define PTE_PFN_MASK   0x000ffffffffff000UL
#define _PAGE_TABLE    (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED)
/* What pte_modify() leaves as it was. */
#define _PAGE_CHG_MASK (PTE_PFN_MASK | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_SPECIAL)

#define __pgprot(x)   ((pgprot_t){(x)})
#define pgprot_val(x) ((x).pgprot)
#define __pte(x)      ((pte_t){(x)})
#define pte_val(x)    ((x).pte)
#define __pmd(x)      ((pmd_t){(x)})
#define pmd_val(x)    ((x).pmd)
#define __pud(x)      ((pud_t){(x)})
#define pud_val(x)    ((x).pud)
#define __pgd(x)      ((pgd_t){(x)})
#define pgd_val(x)    ((x).pgd)

#define __PAGE_KERNEL	    (_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL)
#define PAGE_KERNEL	    __pgprot(__PAGE_KERNEL | _PAGE_NX)
#define PAGE_KERNEL_RO	    __pgprot((__PAGE_KERNEL & ~(_PAGE_RW | _PAGE_DIRTY)) | _PAGE_NX)
#define PAGE_KERNEL_EXEC    __pgprot(__PAGE_KERNEL & ~(_PAGE_RW | _PAGE_DIRTY))
#define PAGE_KERNEL_NOCACHE __pgprot(__PAGE_KERNEL | _PAGE_NX | _PAGE_PCD | _PAGE_PWT)

/* Of VM_READ, VM_WRITE, VM_EXEC, VM_SHARED: private pages start read-only, for copy-on-write. */
pgprot_t vm_get_page_prot(unsigned long vm_flags);

static __always_inline void *__va(phys_addr_t phys)
{
	return (void *)(phys + PAGE_OFFSET);
}

/* The image is mapped a second time, at __START_KERNEL_map + its physical address. */
static __always_inline phys_addr_t __pa(const volatile void *virt)
{
	unsigned long v = (unsigned long)virt;

	return v >= __START_KERNEL_map ? v - __START_KERNEL_map : v - PAGE_OFFSET;
}
#define __pa(x) __pa((const volatile void *)(x))

#define pgd_index(a) (((unsigned long)(a) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
#define pud_index(a) (((unsigned long)(a) >> PUD_SHIFT) & (PTRS_PER_PUD - 1))
#define pmd_index(a) (((unsigned long)(a) >> PMD_SHIFT) & (PTRS_PER_PMD - 1))
#define pte_index(a) (((unsigned long)(a) >> PAGE_SHIFT) & (PTRS_PER_PTE - 1))

#define pgd_page_vaddr(e) ((unsigned long)__va(pgd_val(e) & PTE_PFN_MASK))
#define pud_page_vaddr(e) ((unsigned long)__va(pud_val(e) & PTE_PFN_MASK))
#define pmd_page_vaddr(e) ((unsigned long)__va(pmd_val(e) & PTE_PFN_MASK))

#define pgd_offset(mm, a)  ((mm)->pgd + pgd_index(a))
#define pgd_offset_k(a)	   (init_pg_dir + pgd_index(a))
#define pud_offset(pgd, a) ((pud_t *)pgd_page_vaddr(*(pgd)) + pud_index(a))
#define pmd_offset(pud, a) ((pmd_t *)pud_page_vaddr(*(pud)) + pmd_index(a))
#define pte_offset(pmd, a) ((pte_t *)pmd_page_vaddr(*(pmd)) + pte_index(a))
#define pte_offset_kernel  pte_offset

/* [addr, end) cut at the next border of the level. end - 1: end may be 0 at the very top. */
#define __level_addr_end(a, end, size, mask)                 \
	({                                                   \
		unsigned long __b = ((a) + (size)) & (mask); \
		__b - 1 < (end)-1 ? __b : (end);             \
	})
#define pgd_addr_end(a, end) __level_addr_end(a, end, PGDIR_SIZE, PGDIR_MASK)
#define pud_addr_end(a, end) __level_addr_end(a, end, PUD_SIZE, PUD_MASK)
#define pmd_addr_end(a, end) __level_addr_end(a, end, PMD_SIZE, PMD_MASK)

#define pgd_none(e)    (pgd_val(e) == 0)
#define pud_none(e)    (pud_val(e) == 0)
#define pmd_none(e)    (pmd_val(e) == 0)
#define pgd_present(e) ((pgd_val(e) & _PAGE_PRESENT) != 0)
#define pud_present(e) ((pud_val(e) & _PAGE_PRESENT) != 0)
#define pmd_present(e) ((pmd_val(e) & _PAGE_PRESENT) != 0)
#define pud_leaf(e)    ((pud_val(e) & _PAGE_PSE) != 0)
#define pmd_leaf(e)    ((pmd_val(e) & _PAGE_PSE) != 0)
/* Neither empty nor a link to a table. The write bit may be off: a shared table. */
#define __level_bad(v) \
	(((v) & ~(PTE_PFN_MASK | _PAGE_RW | _PAGE_USER)) != (_PAGE_PRESENT | _PAGE_ACCESSED))
#define pgd_bad(e) __level_bad(pgd_val(e))
#define pud_bad(e) __level_bad(pud_val(e))
#define pmd_bad(e) __level_bad(pmd_val(e))

#define set_pte(p, e)		   WRITE_ONCE(*(u64 *)(p), pte_val(e))
#define set_pmd(p, e)		   WRITE_ONCE(*(u64 *)(p), pmd_val(e))
#define set_pud(p, e)		   WRITE_ONCE(*(u64 *)(p), pud_val(e))
#define set_pgd(p, e)		   WRITE_ONCE(*(u64 *)(p), pgd_val(e))
#define set_pte_at(mm, addr, p, e) set_pte(p, e)
#define pte_clear(mm, addr, p)	   set_pte(p, __pte(0))
#define pmd_clear(p)		   set_pmd(p, __pmd(0))
#define pud_clear(p)		   set_pud(p, __pud(0))
#define pgd_clear(p)		   set_pgd(p, __pgd(0))

/*
 * Linking a table in. The release order is what makes its zeroes visible to a walker that sees
 * the link; on this machine every store has it.
 */
#define pgd_populate(mm, p, pud)	set_pgd(p, __pgd(__pa(pud) | _PAGE_TABLE))
#define pud_populate(mm, p, pmd)	set_pud(p, __pud(__pa(pmd) | _PAGE_TABLE))
#define pmd_populate_kernel(mm, p, pte) set_pmd(p, __pmd(__pa(pte) | _PAGE_TABLE))
#define pmd_populate(mm, p, page) \
	set_pmd(p, __pmd(((u64)page_to_pfn(page) << PAGE_SHIFT) | _PAGE_TABLE))
#define pmd_pgtable(e) pfn_to_page(pmd_pfn(e))
#define pmd_pfn(e)     ((pmd_val(e) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pmd_page(e)    pmd_pgtable(e)
#define pud_page(e)    pfn_to_page((pud_val(e) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pgd_page(e)    pfn_to_page((pgd_val(e) & PTE_PFN_MASK) >> PAGE_SHIFT)

static __always_inline bool pmd_write(pmd_t e)
{
	return e.pmd & _PAGE_RW;
}

static __always_inline pmd_t pmd_wrprotect(pmd_t e)
{
	return __pmd(e.pmd & ~_PAGE_RW);
}

static __always_inline pmd_t pmd_mkwrite(pmd_t e)
{
	return __pmd(e.pmd | _PAGE_RW);
}

#define pte_none(e)    (pte_val(e) == 0)
#define pte_present(e) ((pte_val(e) & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0)
#define pte_write(e)   ((pte_val(e) & _PAGE_RW) != 0)
#define pte_dirty(e)   ((pte_val(e) & _PAGE_DIRTY) != 0)
#define pte_young(e)   ((pte_val(e) & _PAGE_ACCESSED) != 0)
#define pte_exec(e)    ((pte_val(e) & _PAGE_NX) == 0)
#define pte_special(e) ((pte_val(e) & _PAGE_SPECIAL) != 0)
#define pte_pfn(e)     ((pte_val(e) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pte_page(e)    pfn_to_page(pte_pfn(e))
#define pte_same(a, b) (pte_val(a) == pte_val(b))
/* The hardware can use it: not merely kept under PROT_NONE. */
#define pte_accessible(e) ((pte_val(e) & _PAGE_PRESENT) != 0)

#define pte_mkwrite(e)	 __pte(pte_val(e) | _PAGE_RW)
#define pte_wrprotect(e) __pte(pte_val(e) & ~_PAGE_RW)
#define pte_mkdirty(e)	 __pte(pte_val(e) | _PAGE_DIRTY)
#define pte_mkclean(e)	 __pte(pte_val(e) & ~_PAGE_DIRTY)
#define pte_mkyoung(e)	 __pte(pte_val(e) | _PAGE_ACCESSED)
#define pte_mkold(e)	 __pte(pte_val(e) & ~_PAGE_ACCESSED)
#define pte_mkspecial(e) __pte(pte_val(e) | _PAGE_SPECIAL)

static __always_inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte(((u64)pfn << PAGE_SHIFT) | pgprot_val(prot));
}
#define mk_pte(page, prot) pfn_pte(page_to_pfn(page), prot)

static __always_inline pte_t pte_modify(pte_t e, pgprot_t prot)
{
	return __pte((e.pte & _PAGE_CHG_MASK) | (pgprot_val(prot) & ~_PAGE_CHG_MASK));
}

/* Atomic, since another CPU's walker may set the accessed and dirty bits meanwhile. */
static __always_inline pte_t ptep_get(const pte_t *p)
{
	return __pte(READ_ONCE(*(const u64 *)p));
}

static __always_inline pmd_t pmdp_get(const pmd_t *p)
{
	return __pmd(READ_ONCE(*(const u64 *)p));
}

static __always_inline pte_t ptep_get_and_clear(pte_t *p)
{
	return __pte(__atomic_exchange_n(&p->pte, 0, __ATOMIC_SEQ_CST));
}

static __always_inline void ptep_set_wrprotect(pte_t *p)
{
	__atomic_fetch_and(&p->pte, ~_PAGE_RW, __ATOMIC_RELAXED);
}

static __always_inline bool ptep_test_and_clear_young(pte_t *p)
{
	return __atomic_fetch_and(&p->pte, ~_PAGE_ACCESSED, __ATOMIC_RELAXED) & _PAGE_ACCESSED;
}

static __always_inline void clear_page(void *kaddr)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+D"(kaddr), "+c"(n) : "a"(0) : "memory");
}

static __always_inline void copy_page(void *to, const void *from)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n)::"memory");
}

#endif
