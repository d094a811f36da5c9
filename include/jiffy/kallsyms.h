/* SPDX-License-Identifier: MIT */
/*
 * Names of the kernel's functions, from a table that the build links in. kernel/kallsyms.c.
 */
#ifndef JIFFY_KALLSYMS_H
#define JIFFY_KALLSYMS_H

#include <jiffy/types.h>

/* The function that addr is in, and how far; NULL when it is in none. Any context. */
const char *kallsyms_lookup(unsigned long addr, unsigned long *offset, unsigned long *size);
/* "name+0x12/0x40" or "0xffff..."; returns the length. */
int sprint_symbol(char *buf, size_t size, unsigned long addr);
bool kernel_text_address(unsigned long addr);

#endif
