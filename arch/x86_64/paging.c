/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own half of the address space: the direct map of all RAM at PAGE_OFFSET, the
 * image, device registers, and single pages in the vmalloc area; and every process's top-level
 * table, whose upper half is the same everywhere.
 *
 * Serialization rules: the top level's upper half is complete after paging_init() and never
 * changes; lower tables of the vmalloc area change under kernel_pgtable_lock (task context).
 */
#include <arch/pgtable.h>
#include <asm/setup.h>
#include <jiffy/mm.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>

#define TABLE_KERNEL (_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED)

extern pud_t kernel_pud[];

static DEFINE_SPINLOCK(kernel_pgtable_lock);
static u64 nx_mask __initdata = _PAGE_NX;
static int fixmap_used;
static struct kmem_cache *pgd_cache;

/* ---- boot: building the direct map and the image's map ---- */

static __init void *table_of(u64 *entry)
{
	if (!*entry)
		*entry = __pa(memblock_alloc(PAGE_SIZE, PAGE_SIZE)) | TABLE_KERNEL;
	return __va(*entry & PTE_PFN_MASK);
}

/*
 * Maps [phys, end) at virt below the given top-level entry's table with the largest pages that
 * fit, `largest` at most. prot without the PSE bit; 4 KiB entries keep it so.
 */
static __init void map_range(u64 *pud, unsigned long virt, phys_addr_t phys, phys_addr_t end,
			     u64 prot, unsigned long largest)
{
	while (phys < end) {
		u64 *pmd, *pte, *e = &pud[pud_index(virt)];
		unsigned long step = PAGE_SIZE;

		if (largest >= PUD_SIZE && !*e && IS_ALIGNED(virt | phys, PUD_SIZE) &&
		    end - phys >= PUD_SIZE) {
			*e = phys | prot | _PAGE_PSE;
			step = PUD_SIZE;
		} else {
			pmd = table_of(e);
			e = &pmd[pmd_index(virt)];
			if (largest >= PMD_SIZE && !*e && IS_ALIGNED(virt | phys, PMD_SIZE) &&
			    end - phys >= PMD_SIZE) {
				*e = phys | prot | _PAGE_PSE;
				step = PMD_SIZE;
			} else {
				pte = table_of(e);
				pte[pte_index(virt)] = phys | prot;
			}
		}
		virt += step;
		phys += step;
	}
}

/* The part [start, end) of the direct map, which may go over several top-level entries. */
static __init void map_direct(u64 *pgd, phys_addr_t start, phys_addr_t end, unsigned long largest)
{
	while (start < end) {
		unsigned long virt = (unsigned long)__va(start);
		phys_addr_t stop = min(end, start + (PGDIR_SIZE - (virt & ~PGDIR_MASK)));

		map_range(table_of(&pgd[pgd_index(virt)]), virt, start, stop,
			  __PAGE_KERNEL | nx_mask, largest);
		start = stop;
	}
}

/*
 * The new map is built beside the boot mapping, which still reaches the tables, and then takes
 * its place with one store for each top-level entry. What the image occupies is mapped by 4 KiB
 * pages in both places, so that arch_mark_rodata_ro() can set each page's rights.
 */
void __init paging_init(void)
{
	unsigned long largest = boot_cpu_has(X86_FEATURE_GBPAGES) ? PUD_SIZE : PMD_SIZE;
	phys_addr_t image = ALIGN_DOWN(__pa(_text), PMD_SIZE),
		    image_end = ALIGN(__pa(_end), PMD_SIZE);
	u64 *pgd = memblock_alloc(PAGE_SIZE, PAGE_SIZE), *live = (u64 *)init_pg_dir;
	u64 *pud = memblock_alloc(PAGE_SIZE, PAGE_SIZE);

	if (!boot_cpu_has(X86_FEATURE_NX))
		nx_mask = 0;
	for (int i = 0; i < boot_info.nr_mem; i++) {
		struct mem_region *m = &boot_info.mem[i];
		phys_addr_t a = clamp(image, m->start, m->end);
		phys_addr_t b = clamp(image_end, m->start, m->end);

		map_direct(pgd, m->start, a, largest);
		map_direct(pgd, a, b, PAGE_SIZE);
		map_direct(pgd, b, m->end, largest);
	}
	map_range(pud, (unsigned long)_text, __pa(_text), __pa(_end), __PAGE_KERNEL, PAGE_SIZE);
	for (unsigned long v = VMALLOC_START; v < VMALLOC_END; v += PGDIR_SIZE)
		live[pgd_index(v)] = __pa(memblock_alloc(PAGE_SIZE, PAGE_SIZE)) | TABLE_KERNEL;
	for (int i = USER_PTRS_PER_PGD; i < PTRS_PER_PGD; i++)
		if (pgd[i])
			live[i] = pgd[i];
	set_pud(&kernel_pud[pud_index(_text)], __pud(pud_val(((pud_t *)pud)[pud_index(_text)])));
	set_pgd(&init_pg_dir[0], __pgd(0)); /* the identity mapping: only head.S needed it */
	init_mm.pgd = init_pg_dir;
	write_cr4(read_cr4() & ~X86_CR4_PGE); /* global translations of the boot mapping go */
	write_cr4(read_cr4() | X86_CR4_PGE);
}

/* Device memory: single 4 KiB pages of the table that head.S linked in, handed out in order. */
void *arch_ioremap(phys_addr_t phys, size_t size)
{
	phys_addr_t start = ALIGN_DOWN(phys, PAGE_SIZE), end = ALIGN(phys + size, PAGE_SIZE);
	int first = fixmap_used, n = (end - start) / PAGE_SIZE;
	u64 prot = pgprot_val(PAGE_KERNEL_NOCACHE);

	if (!boot_cpu_has(X86_FEATURE_NX))
		prot &= ~_PAGE_NX;
	if (n > PTRS_PER_PTE - first)
		panic("paging: no room to map %zu bytes of device memory", size);
	fixmap_used += n;
	for (int i = 0; i < n; i++)
		set_pte(&fixmap_pte[first + i], __pte((start + i * PAGE_SIZE) | prot));
	return (void *)(FIXADDR_START + first * PAGE_SIZE + (phys - start));
}

/* ---- rights of the image ---- */

static pte_t *kernel_pte(unsigned long addr)
{
	pud_t *pud = pud_offset(pgd_offset_k(addr), addr);
	pmd_t *pmd;

	if (!pud_present(*pud) || pud_leaf(*pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	if (!pmd_present(*pmd) || pmd_leaf(*pmd))
		return NULL;
	return pte_offset(pmd, addr);
}

/* Sets and clears bits of the image's pages, in the image's map and in the direct map. */
static void protect(const char *start, const char *end, pgprot_t image, pgprot_t direct)
{
	u64 keep = boot_cpu_has(X86_FEATURE_NX) ? ~0UL : ~_PAGE_NX;

	for (; start < end; start += PAGE_SIZE) {
		phys_addr_t pa = __pa(start);
		pte_t *p = kernel_pte((unsigned long)start);

		set_pte(p, __pte((pa | pgprot_val(image)) & keep));
		p = kernel_pte((unsigned long)__va(pa));
		set_pte(p, __pte((pa | pgprot_val(direct)) & keep));
	}
}

void arch_mark_rodata_ro(void)
{
	protect(_text, __start_rodata, PAGE_KERNEL_EXEC, PAGE_KERNEL_RO);
	protect(__start_rodata, __end_rodata, PAGE_KERNEL_RO, PAGE_KERNEL_RO);
	protect(__end_rodata, __start_names, PAGE_KERNEL, PAGE_KERNEL);
	protect(__start_names, __end_names, PAGE_KERNEL_RO, PAGE_KERNEL_RO);
	protect(__end_names, _end, PAGE_KERNEL, PAGE_KERNEL);
	flush_tlb_kernel_range((unsigned long)_text, (unsigned long)_end);
}

/* ---- single pages of the vmalloc area ---- */

/* The table that *entry links to, made when there is none. The lock decides who links his. */
static u64 *kernel_table(u64 *entry)
{
	u64 e = READ_ONCE(*entry);
	unsigned long page;

	if (!e) {
		page = get_zeroed_page(GFP_KERNEL);
		if (!page)
			return NULL;
		spin_lock(&kernel_pgtable_lock);
		e = *entry;
		if (!e) {
			e = __pa(page) | TABLE_KERNEL;
			WRITE_ONCE(*entry, e);
			page = 0;
		}
		spin_unlock(&kernel_pgtable_lock);
		free_page(page);
	}
	return __va(e & PTE_PFN_MASK);
}

int arch_map_kernel_page(unsigned long addr, phys_addr_t phys, pgprot_t prot)
{
	u64 p = pgprot_val(prot), *t;

	ASSERT(addr >= VMALLOC_START && addr < VMALLOC_END);
	if (!boot_cpu_has(X86_FEATURE_NX))
		p &= ~_PAGE_NX;
	t = kernel_table((u64 *)pud_offset(pgd_offset_k(addr), addr));
	if (t)
		t = kernel_table(&t[pmd_index(addr)]);
	if (!t)
		return -ENOMEM;
	set_pte((pte_t *)&t[pte_index(addr)], __pte(phys | p));
	return 0;
}

void arch_unmap_kernel_page(unsigned long addr)
{
	pte_t *p = kernel_pte(addr);

	ASSERT(addr >= VMALLOC_START && addr < VMALLOC_END);
	if (p)
		set_pte(p, __pte(0));
}

/* ---- a process's top level ---- */

/*
 * Objects of the cache keep the kernel's half between uses, and the user's half is empty when
 * one comes back (free_pgtables() cleared what it took down), so that a fork neither clears nor
 * copies a page.
 */
static void pgd_ctor(void *obj)
{
	pgd_t *pgd = obj;

	memset(pgd, 0, USER_PTRS_PER_PGD * sizeof(*pgd));
	memcpy(pgd + USER_PTRS_PER_PGD, init_pg_dir + USER_PTRS_PER_PGD,
	       (PTRS_PER_PGD - USER_PTRS_PER_PGD) * sizeof(*pgd));
}

static int pgd_cache_init(void)
{
	pgd_cache = kmem_cache_create("pgd", PAGE_SIZE, PAGE_SIZE, SLAB_PANIC, pgd_ctor);
	return 0;
}
core_initcall(pgd_cache_init);

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	return kmem_cache_alloc(pgd_cache, GFP_KERNEL);
}

void pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	for (int i = 0; JIFFY_CHECKS && i < USER_PTRS_PER_PGD; i++)
		ASSERT(pgd_none(pgd[i]));
	kmem_cache_free(pgd_cache, pgd);
}

/*
 * A private page starts read-only even where writing is allowed: the first store must fault, to
 * be given its own copy. Without VM_READ, VM_WRITE and VM_EXEC the hardware sees no page at all.
 */
pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	u64 p = _PAGE_ACCESSED | _PAGE_USER;

	if (!(vm_flags & VM_ACCESS_FLAGS))
		return __pgprot(_PAGE_ACCESSED | _PAGE_PROTNONE);
	p |= _PAGE_PRESENT;
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		p |= _PAGE_RW;
	if (!(vm_flags & VM_EXEC) && boot_cpu_has(X86_FEATURE_NX))
		p |= _PAGE_NX;
	return __pgprot(p);
}
