/* SPDX-License-Identifier: MIT */
/*
 * Kernel memory that is contiguous only virtually, and kernel stacks, which live there so that
 * an unmapped guard page stands below each. Room mm/ (vmalloc.c, kstack.c). Task context unless
 * said.
 */
#ifndef JIFFY_VMALLOC_H
#define JIFFY_VMALLOC_H

#include <jiffy/gfp.h>
#include <jiffy/types.h>

#define VM_MAP 0x4u /* vmap() of the caller's pages */

/* size in bytes, rounded up to pages; NULL without memory. */
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *__vmalloc(unsigned long size, gfp_t gfp);
void vfree(const void *addr); /* NULL does nothing; any context but NMI */
/* The caller's pages at one stretch of addresses; the pages stay the caller's. */
void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
void vunmap(const void *addr);
bool is_vmalloc_addr(const void *addr);
struct page *vmalloc_to_page(const void *addr);
unsigned long vmalloc_nr_pages(void);

/*
 * A kernel stack of THREAD_SIZE bytes, aligned to that, not cleared, with a guard page below.
 * free_thread_stack() may be called from any context but NMI; it keeps a few stacks per CPU,
 * so that a fork finds one that is mapped already.
 */
void *alloc_thread_stack_node(struct task_struct *task, int node);
void free_thread_stack(void *stack);
/* True when addr lies in the guard page below a kernel stack. Any context. */
bool in_stack_guard(unsigned long addr);
/* Unmaps the stacks kept back. */
void drain_thread_stacks(void);
void thread_stacks_cpu_dead(unsigned int cpu);

#endif
