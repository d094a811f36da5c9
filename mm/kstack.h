/* SPDX-License-Identifier: MIT */
/*
 * Where kernel stacks lie: the upper half of the vmalloc area, in slots of twice their size, of
 * which the upper half is the stack and the page below it never is mapped.
 */
#ifndef MM_KSTACK_H
#define MM_KSTACK_H

#include <jiffy/thread_info.h>

#include "internal.h"

#define STACKS_START   (VMALLOC_START + (VMALLOC_END - VMALLOC_START) / 2)
#define STACK_SLOT     (2 * THREAD_SIZE)
#define NR_STACK_SLOTS (1UL << 18)
#define STACK_PAGES    (THREAD_SIZE / PAGE_SIZE)

#endif
